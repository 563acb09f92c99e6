/* code: V0106
 * real: yes
 * kind: packet bounds
 * The header is of variable length; behind it nothing was checked. */
#include "bpf.h"

SEC("tc")
int http(struct __sk_buff *skb)
{
	void *data = data_of(skb), *data_end = end_of(skb);
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct tcphdr *tcp = (void *)(ip + 1);
	u8 *payload;
	u32 hlen;

	if ((void *)(tcp + 1) > data_end)
		return TC_ACT_OK;
	if (ip->protocol != IPPROTO_TCP)
		return TC_ACT_OK;
	hlen = tcp->doff * 4;
	payload = (u8 *)tcp + hlen;
#ifdef FIXED
	if ((void *)(payload + 4) > data_end)
		return TC_ACT_OK;
#endif
	if (payload[0] == 'G' && payload[1] == 'E' && payload[2] == 'T') // root
		return TC_ACT_SHOT;
	return TC_ACT_OK;
}

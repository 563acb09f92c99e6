/* code: V0101
 * real: yes
 * kind: bounds lost
 * Replacing a checksum may copy the packet. */
#include "bpf.h"

SEC("tc")
int rewrite(struct __sk_buff *skb)
{
	void *data = data_of(skb), *data_end = end_of(skb);
	struct iphdr *ip = data + sizeof(struct ethhdr);
	u32 old, new = bpf_htonl(0x0a000001);

	if ((void *)(ip + 1) > data_end)
		return TC_ACT_OK;
	old = ip->daddr;
	bpf_l3_csum_replace(skb, sizeof(struct ethhdr) + 10, old, new, 4);
#ifdef FIXED
	data = data_of(skb);
	data_end = end_of(skb);
	ip = data + sizeof(struct ethhdr);
	if ((void *)(ip + 1) > data_end)
		return TC_ACT_OK;
#endif
	ip->daddr = new; // root
	return TC_ACT_OK;
}

/* code: V0101
 * real: yes
 * kind: bounds lost
 * Making room in front moves the packet. */
#include "bpf.h"

SEC("tc")
int encap(struct __sk_buff *skb)
{
	void *data = data_of(skb), *data_end = end_of(skb);
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > data_end)
		return TC_ACT_OK;
	if (bpf_skb_change_head(skb, 14, 0))
		return TC_ACT_SHOT;
#ifdef FIXED
	data = data_of(skb);
	data_end = end_of(skb);
	eth = data;
	if ((void *)(eth + 1) > data_end)
		return TC_ACT_OK;
#endif
	eth->h_proto = bpf_htons(ETH_P_IP); // root
	return TC_ACT_OK;
}

/* code: V0106
 * real: no
 * kind: packet bounds
 * The length is right, but the verifier learns from comparing pointers, not lengths. */
#include "bpf.h"

SEC("tc")
int classify(struct __sk_buff *skb)
{
	void *data = data_of(skb), *data_end = end_of(skb);
	struct iphdr *ip = data + sizeof(struct ethhdr);

#ifdef FIXED
	if (data + sizeof(struct ethhdr) + sizeof(struct iphdr) > data_end)
		return TC_ACT_OK;
#else
	if (data_end - data < sizeof(struct ethhdr) + sizeof(struct iphdr))
		return TC_ACT_OK;
#endif
	skb->mark = ip->tos; // root
	return TC_ACT_OK;
}

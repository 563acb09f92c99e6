/* code: V0106
 * real: yes
 * kind: packet bounds
 * The helper function checks the Ethernet header, its caller reads the next one. */
#include "bpf.h"

static __always_inline void *after_eth(void *data, void *end)
{
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return NULL;
	return eth + 1;
}

SEC("tc")
int ttl(struct __sk_buff *skb)
{
	void *end = end_of(skb);
	struct iphdr *ip = after_eth(data_of(skb), end);

#ifdef FIXED
	if (!ip || (void *)(ip + 1) > end)
#else
	if (!ip)
#endif
		return TC_ACT_OK;
	return ip->ttl == 1 ? TC_ACT_SHOT : TC_ACT_OK; // root
}

/* code: V0106
 * real: no
 * kind: bounds lost
 * The start of the packet is read again from the context after the check. */
#include "bpf.h"

SEC("xdp")
int twice(struct xdp_md *ctx)
{
	volatile struct xdp_md *c = ctx;
	void *data_end = end_of(c);
	struct ethhdr *eth;

	if (data_of(c) + sizeof(*eth) > data_end)
		return XDP_PASS;
#ifdef FIXED
	eth = data_of(c);
	if ((void *)(eth + 1) > data_end)
		return XDP_PASS;
#else
	eth = data_of(c);
#endif
	return eth->h_proto == bpf_htons(ETH_P_IPV6) ? XDP_DROP : XDP_PASS; // root
}

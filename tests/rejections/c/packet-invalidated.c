/* code: V0101
 * real: yes
 * kind: bounds lost
 * Growing the head moves the packet: pointers from before are worth nothing. */
#include "bpf.h"

SEC("xdp")
int encap(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *end = end_of(ctx);
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > end)
		return XDP_PASS;
	if (bpf_xdp_adjust_head(ctx, -4))
		return XDP_DROP;
#ifdef FIXED
	data = data_of(ctx);
	end = end_of(ctx);
	eth = data;
	if ((void *)(eth + 1) > end)
		return XDP_DROP;
#endif
	eth->h_proto = bpf_htons(ETH_P_8021Q); // root
	return XDP_TX;
}

/* code: V0502
 * real: no
 * kind: not available here
 * XDP has no socket buffer: what works on one is not for it. */
#include "bpf.h"

SEC("xdp")
int pull(struct xdp_md *ctx)
{
#ifndef FIXED
	if (bpf_skb_pull_data(ctx, 64)) // root
		return XDP_DROP;
#endif
	return XDP_PASS;
}

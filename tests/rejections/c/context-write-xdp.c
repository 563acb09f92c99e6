/* code: V0202
 * real: no
 * kind: read-only
 * The start of the packet cannot be set by hand. */
#include "bpf.h"

SEC("xdp")
int strip(struct xdp_md *ctx)
{
#ifdef FIXED
	return bpf_xdp_adjust_head(ctx, 14) ? XDP_DROP : XDP_PASS;
#else
	ctx->data += 14; // root
	return XDP_PASS;
#endif
}

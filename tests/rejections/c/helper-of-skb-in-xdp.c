/* code: V0502
 * real: no
 * kind: not available here
 * A helper for socket buffers in an XDP program. */
#include "bpf.h"

static long (*bpf_xdp_load_bytes)(void *ctx, u32 off, void *buf, u32 len) = (void *)189;

SEC("xdp")
int ttl(struct xdp_md *ctx)
{
	u8 b = 0;

#ifdef FIXED
	if (bpf_xdp_load_bytes(ctx, 22, &b, 1))
		return XDP_PASS;
#else
	if (bpf_skb_load_bytes(ctx, 22, &b, 1)) // root
		return XDP_PASS;
#endif
	return b < 2 ? XDP_DROP : XDP_PASS;
}

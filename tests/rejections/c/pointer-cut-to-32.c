/* code: V0159
 * real: no
 * kind: pointer arithmetic
 * A pointer is kept in 32 bits to compute with it. */
#include "bpf.h"

SEC("xdp")
int align(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *data_end = end_of(ctx);
	u8 *p = data;

	if (p + 64 > (u8 *)data_end)
		return XDP_PASS;
#ifdef FIXED
	return p[4] ? XDP_DROP : XDP_PASS;
#else
	p = (u8 *)(((long)p + 3) & ~3L); // root
	return *p ? XDP_DROP : XDP_PASS;
#endif
}

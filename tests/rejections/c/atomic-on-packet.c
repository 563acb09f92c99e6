/* code: V0151
 * real: no
 * kind: read-only
 * Atomic operations are for maps and memory, not packets. */
#include "bpf.h"

SEC("xdp")
int bump(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *data_end = end_of(ctx);
	u32 *seq = data;

	if ((void *)(seq + 1) > data_end)
		return XDP_PASS;
#ifdef FIXED
	*seq += 1;
#else
	__sync_fetch_and_add(seq, 1); // root
#endif
	return XDP_TX;
}

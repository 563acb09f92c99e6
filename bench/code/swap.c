/* SPDX-License-Identifier: MIT */
#include "bpf.h"
SEC("xdp") int swap(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 to_hi, from_hi;
	__u16 to_lo, from_lo;

	if (data + 14 > end)
		return XDP_PASS;
	to_hi = *(__u32 *)data, to_lo = *(__u16 *)(data + 4);
	from_hi = *(__u32 *)(data + 6), from_lo = *(__u16 *)(data + 10);
	*(__u32 *)data = from_hi, *(__u16 *)(data + 4) = from_lo;
	*(__u32 *)(data + 6) = to_hi, *(__u16 *)(data + 10) = to_lo;
	return XDP_TX;
}

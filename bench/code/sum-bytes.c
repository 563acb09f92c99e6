/* SPDX-License-Identifier: MIT */
#include "bpf.h"
MAP(sums, BPF_MAP_TYPE_ARRAY, __u32, __u64, 1);
SEC("xdp") int sum_bytes(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 sum = 0;
	__u32 key = 0;

#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < 64; i++) {
		if (data + i + 1 > end)
			return XDP_PASS;
		sum += *(__u8 *)(data + i);
	}
	map_update(&sums, &key, &sum, BPF_ANY);
	return XDP_PASS;
}

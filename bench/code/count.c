/* SPDX-License-Identifier: MIT */
#include "bpf.h"
MAP(packets, BPF_MAP_TYPE_ARRAY, __u32, __u64, 1);
SEC("xdp") int count(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *n = map_lookup(&packets, &key);

	if (n)
		__sync_fetch_and_add(n, 1);
	return XDP_PASS;
}

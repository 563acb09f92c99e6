/* SPDX-License-Identifier: MIT */
#include "bpf.h"
MAP(since, BPF_MAP_TYPE_HASH, __u32, __u64, 10240);
MAP(hist, BPF_MAP_TYPE_ARRAY, __u32, __u64, 64);
static inline __u32 log2(__u64 v)
{
	__u32 r = 0, x;

	x = (v > 0xffffffff) << 5, v >>= x, r |= x;
	x = (v > 0xffff) << 4, v >>= x, r |= x;
	x = (v > 0xff) << 3, v >>= x, r |= x;
	x = (v > 0xf) << 2, v >>= x, r |= x;
	x = (v > 0x3) << 1, v >>= x, r |= x;
	return r | v >> 1;
}
SEC("raw_tracepoint/sys_enter") int latency(void *ctx)
{
	__u64 now = ktime_get_ns(), *then, *n;
	__u32 tid = get_current_pid_tgid(), slot;

	then = map_lookup(&since, &tid);
	if (then) {
		slot = log2(now - *then);
		n = map_lookup(&hist, &slot);
		if (n)
			__sync_fetch_and_add(n, 1);
	}
	map_update(&since, &tid, &now, BPF_ANY);
	return 0;
}

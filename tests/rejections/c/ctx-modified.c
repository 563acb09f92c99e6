/* code: V0113
 * real: no
 * kind: context wrong size or modified
 * The context is walked like an array and handed to the helper from its middle. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __type(key, u32); __type(value, u32);
	 __uint(max_entries, 4); } out SEC(".maps");

SEC("raw_tp/sys_enter")
int send(struct bpf_raw_tracepoint_args *ctx)
{
	u64 stamp = bpf_ktime_get_ns();

#ifdef FIXED
	bpf_perf_event_output(ctx, &out, 0xffffffff, &stamp, sizeof stamp);
#else
	bpf_perf_event_output(&ctx->args[1], &out, 0xffffffff, &stamp, sizeof stamp); // root
#endif
	return 0;
}

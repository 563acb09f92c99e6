/* code: V0816
 * real: no
 * kind: map not usable here
 * Events are sent through a map that holds values. */
#include "bpf.h"

struct event { u64 ts; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, u32);
	 __uint(max_entries, 128); } not_events SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __uint(key_size, 4);
	 __uint(value_size, 4); } events SEC(".maps");

SEC("raw_tp/sys_enter")
int emit(void *ctx)
{
	struct event e = {.ts = bpf_ktime_get_ns()};

#ifdef FIXED
	bpf_perf_event_output(ctx, &events, 0xffffffffULL, &e, sizeof(e));
#else
	bpf_perf_event_output(ctx, &not_events, 0xffffffffULL, &e, sizeof(e)); // root
#endif
	return 0;
}

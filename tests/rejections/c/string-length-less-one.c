/* code: V0108
 * real: yes
 * kind: offset or size not bounded
 * The length a string helper returns may be an error: its last byte is not at length - 1. */
#include "bpf.h"

struct event { u32 pid; char name[64]; };
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __type(key, u32); __type(value, struct event);
	 __uint(max_entries, 1); } heap SEC(".maps");

SEC("raw_tp/sys_enter")
int open_name(struct bpf_raw_tracepoint_args *ctx)
{
	u32 zero = 0;
	struct event *e = bpf_map_lookup_elem(&heap, &zero);
	int n;

	if (!e)
		return 0;
	n = bpf_probe_read_user_str(e->name, sizeof(e->name), (void *)ctx->args[1]);
#ifdef FIXED
	if (n < 1 || n > 64)
		return 0;
#endif
	e->name[n - 1] = '/'; // root
	return 0;
}

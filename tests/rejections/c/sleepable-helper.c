/* code: V0505
 * real: no
 * kind: not available here
 * Reading user memory that may have to be paged in first: not from here. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, u64);
	 __uint(max_entries, 1); } last SEC(".maps");

SEC("raw_tp/sys_enter")
int peek(struct bpf_raw_tracepoint_args *ctx)
{
	u32 zero = 0;
	u64 word = 0;

#ifdef FIXED
	bpf_probe_read_user(&word, sizeof word, (void *)ctx->args[1]);
#else
	bpf_copy_from_user(&word, sizeof word, (void *)ctx->args[1]); // root
#endif
	bpf_map_update_elem(&last, &zero, &word, BPF_ANY);
	return 0;
}

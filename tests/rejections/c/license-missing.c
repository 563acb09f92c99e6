/* code: V0504
 * real: no
 * kind: not available here
 * The license line says MIT; kernel memory is read under the GPL. */
#define LICENSE own
#include "bpf.h"

#ifdef FIXED
char _license[] SEC("license") = "GPL";
#else
char _license[] SEC("license") = "MIT";
#endif

struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, u64);
	 __uint(max_entries, 1); } last SEC(".maps");

SEC("raw_tp/sys_enter")
int peek(struct bpf_raw_tracepoint_args *ctx)
{
	u32 zero = 0;
	u64 word = 0;

	bpf_probe_read_kernel(&word, sizeof word, (void *)ctx->args[0]); // root
	bpf_map_update_elem(&last, &zero, &word, BPF_ANY);
	return 0;
}

/* code: V0105
 * real: yes
 * kind: map value bounds
 * The mask fits a power of two that the buffer is not. */
#include "bpf.h"

struct line { char text[100]; };
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __type(key, u32); __type(value, struct line);
	 __uint(max_entries, 1); } lines SEC(".maps");

SEC("raw_tp/sys_enter")
int copy(struct bpf_raw_tracepoint_args *ctx)
{
	u32 zero = 0;
	u64 len = ctx->args[1];
	struct line *l = bpf_map_lookup_elem(&lines, &zero);

	if (!l)
		return 0;
#ifdef FIXED
	len &= 63;
#else
	len &= 127;
#endif
	bpf_probe_read_user(l->text, len, (void *)ctx->args[0]); // root
	return 0;
}

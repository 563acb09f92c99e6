/* code: V0510
 * real: yes
 * kind: offset or size not bounded
 * The difference of two lengths is signed and may be below 0. */
#include "bpf.h"

struct buf { char b[512]; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, struct buf);
	 __uint(max_entries, 1); } bufs SEC(".maps");

SEC("raw_tp/sys_enter")
int copy_args(struct bpf_raw_tracepoint_args *ctx)
{
	u32 zero = 0;
	struct buf *b = bpf_map_lookup_elem(&bufs, &zero);
	s64 start = ctx->args[0], end = ctx->args[1], len = end - start;

	if (!b)
		return 0;
	if (len > 512)
		len = 512;
#ifdef FIXED
	if (len < 0)
		return 0;
#endif
	bpf_probe_read_user(b->b, len, (void *)start); // root
	return 0;
}

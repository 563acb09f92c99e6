/* code: V0313
 * real: yes
 * kind: tail call
 * The record is open when the program jumps away. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } events SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __type(key, u32); __type(value, u32);
	 __uint(max_entries, 4); } next SEC(".maps");

SEC("xdp")
int first(struct xdp_md *ctx)
{
	u64 *e = bpf_ringbuf_reserve(&events, 8, 0);

	if (!e)
		return XDP_PASS;
	*e = bpf_ktime_get_ns();
#ifdef FIXED
	bpf_ringbuf_submit(e, 0);
	bpf_tail_call(ctx, &next, 1);
#else
	bpf_tail_call(ctx, &next, 1); // root
	bpf_ringbuf_submit(e, 0);
#endif
	return XDP_PASS;
}

/* code: V0520
 * real: no
 * kind: wrong argument
 * A record of variable size. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } rb SEC(".maps");

SEC("raw_tp/sys_enter")
int reserve(struct bpf_raw_tracepoint_args *ctx)
{
	u64 len = ctx->args[0] & 0xff;
	u32 *rec;

#ifdef FIXED
	rec = bpf_ringbuf_reserve(&rb, 256 + 4, 0);
#else
	rec = bpf_ringbuf_reserve(&rb, len + 4, 0); // root
#endif
	if (!rec)
		return 0;
	*rec = len;
	bpf_ringbuf_submit(rec, 0);
	return 0;
}

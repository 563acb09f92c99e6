/* code: V0512
 * real: no
 * The size is kept in a signed int: the test for "too large" lets negative ones pass. */
#include "bpf.h"

struct event { u32 len; char text[64]; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } events SEC(".maps");

SEC("raw_tp/sys_enter")
int copy_text(struct bpf_raw_tracepoint_args *ctx)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof *e, 0);
	long len;

	if (!e)
		return 0;
	len = (long)ctx->args[1];
#ifndef FIXED
	if (len > 64)
#else
	if (len < 0 || len > 64)
#endif
		len = 64;
	bpf_probe_read_user(e->text, len, (void *)ctx->args[0]); // root
	e->len = len;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* code: V0512
 * real: yes
 * kind: offset or size not bounded
 * The size is signed: the test for "too large" lets negative ones pass. */
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
	if (len > 64)
		len = 64;
#ifdef FIXED
	len &= 63;
#endif
	bpf_probe_read_user(e->text, len, (void *)ctx->args[0]); // root
	e->len = len;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

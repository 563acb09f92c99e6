/* code: V0520
 * real: no
 * kind: wrong argument
 * A record of a head and as many bytes as there are. */
#include "bpf.h"

struct head { u32 pid, len; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } rb SEC(".maps");

SEC("raw_tp/sys_enter")
int on_write(struct bpf_raw_tracepoint_args *ctx)
{
	u64 count = ctx->args[1];
	struct head *e;

	if (count > 1024)
		count = 1024;
#ifdef FIXED
	e = bpf_ringbuf_reserve(&rb, sizeof(*e) + 1024, 0);
#else
	e = bpf_ringbuf_reserve(&rb, sizeof(*e) + count, 0); // root
#endif
	if (!e)
		return 0;
	e->pid = bpf_get_current_pid_tgid() >> 32;
	e->len = count;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

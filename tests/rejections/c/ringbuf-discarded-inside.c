/* code: V0155
 * real: yes
 * kind: released twice
 * A function gives the record back when it fails, and so does its caller. */
#include "bpf.h"

struct event { u32 pid; char comm[16]; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } rb SEC(".maps");

static int fill(struct event *e)
{
	e->pid = bpf_get_current_pid_tgid() >> 32;
	if (!e->pid) {
#ifndef FIXED
		bpf_ringbuf_discard(e, 0);
#endif
		return -1;
	}
	return bpf_get_current_comm(e->comm, sizeof(e->comm));
}

SEC("kprobe/do_exit")
int on_exit(void *ctx)
{
	struct event *e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);

	if (!e)
		return 0;
	if (fill(e) < 0)
		goto out;
	bpf_ringbuf_submit(e, 0);
	return 0;
out:
	bpf_ringbuf_discard(e, 0); // root
	return 0;
}

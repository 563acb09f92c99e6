/* code: V0313
 * real: yes
 * kind: not released
 * A macro makes the program around its body: all paths leave by a line that is none of it. */
#include "bpf.h"

struct event { u32 pid; int ret; char comm[16]; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } events SEC(".maps");

SEC("kretprobe/do_sys_openat2")
int BPF_KRETPROBE(opened, int fd)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof *e, 0);
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (!e)
		return 0;
	if (fd >= 0 && pid == 1) {
#ifdef FIXED
		bpf_ringbuf_discard(e, 0);
#endif
		return 0; // root
	}
	if (bpf_get_current_comm(e->comm, sizeof e->comm))
		goto out;
	e->pid = pid;
	e->ret = fd;
	bpf_ringbuf_submit(e, 0);
	return 0;
out:
	bpf_ringbuf_discard(e, 0);
	return 0;
}

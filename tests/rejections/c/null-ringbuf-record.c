/* code: V0101
 * real: yes
 * kind: possible null
 * The ring buffer may be full. */
#include "bpf.h"

struct event { u64 ts; u32 pid; char comm[16]; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 256 * 1024); } rb SEC(".maps");

SEC("tp/sched/sched_process_exec")
int handle_exec(void *ctx)
{
	struct event *e;

	e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);
#ifdef FIXED
	if (!e)
		return 0;
#endif
	e->pid = bpf_get_current_pid_tgid() >> 32; // root
	e->ts = bpf_ktime_get_ns();
	bpf_get_current_comm(&e->comm, sizeof(e->comm));
	bpf_ringbuf_submit(e, 0);
	return 0;
}

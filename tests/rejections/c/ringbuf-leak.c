/* code: V0313
 * real: yes
 * kind: not released
 * The comm cannot be read: off we go, with the record still reserved. */
#include "bpf.h"

struct event { u32 pid; char comm[16]; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } events SEC(".maps");

SEC("raw_tp/sched_process_exec")
int on_exec(void *ctx)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof *e, 0);

	if (!e)
		return 0;
	e->pid = bpf_get_current_pid_tgid() >> 32;
	if (bpf_get_current_comm(e->comm, sizeof e->comm)) { // also
#ifdef FIXED
		bpf_ringbuf_discard(e, 0);
#endif
		return 0; // root
	}
	bpf_ringbuf_submit(e, 0);
	return 0;
}

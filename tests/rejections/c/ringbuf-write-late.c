/* code: V0101
 * real: yes
 * kind: used after release
 * One more field is filled in after the record was submitted. */
#include "bpf.h"

struct event { u32 pid; u32 cpu; u64 when; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } events SEC(".maps");

SEC("raw_tp/sched_process_exec")
int on_exec(void *ctx)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof *e, 0);

	if (!e)
		return 0;
	e->pid = bpf_get_current_pid_tgid() >> 32;
	e->cpu = bpf_get_smp_processor_id();
#ifdef FIXED
	e->when = bpf_ktime_get_ns();
	bpf_ringbuf_submit(e, 0);
#else
	bpf_ringbuf_submit(e, 0);
	e->when = bpf_ktime_get_ns(); // root
#endif
	return 0;
}

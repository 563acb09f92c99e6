/* code: V0155
 * real: yes
 * kind: released twice
 * Discarded when the comm is empty, and submitted after. */
#include "bpf.h"

struct event { char comm[16]; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } events SEC(".maps");

SEC("raw_tp/sched_process_exec")
int on_exec(void *ctx)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof *e, 0);

	if (!e)
		return 0;
	bpf_get_current_comm(e->comm, sizeof e->comm);
	if (!e->comm[0]) {
		bpf_ringbuf_discard(e, 0);
#ifdef FIXED
		return 0;
#endif
	}
	bpf_ringbuf_submit(e, 0); // root
	return 0;
}

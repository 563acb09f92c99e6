/* code: V0107
 * real: yes
 * kind: map value bounds
 * The record was reserved with the size of the pointer. */
#include "bpf.h"

struct event { u32 pid, uid; char comm[16]; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } rb SEC(".maps");

SEC("raw_tp/sys_enter")
int put(void *ctx)
{
	struct event *e;

#ifdef FIXED
	e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);
#else
	e = bpf_ringbuf_reserve(&rb, sizeof(e), 0);
#endif
	if (!e)
		return 0;
	e->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(e->comm, sizeof(e->comm)); // root
	bpf_ringbuf_submit(e, 0);
	return 0;
}

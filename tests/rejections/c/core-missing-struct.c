/* code: K0026
 * real: no
 * kind: missing in the kernel
 * A struct of a module that this kernel does not have. */
#include "bpf.h"

struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

struct nowhere_session {
	u32 id;
} __attribute__((preserve_access_index));

struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, u64);
	 __uint(max_entries, 1024); } sessions SEC(".maps");

SEC("raw_tp/sched_switch")
int on_switch(u64 *ctx)
{
	u32 id = 0;
	u64 one = 1;

#ifdef FIXED
	struct task_struct *s = (void *)ctx[1];

	bpf_probe_read_kernel(&id, sizeof id, &s->pid);
#else
	struct nowhere_session *s = (void *)ctx[1];

	bpf_probe_read_kernel(&id, sizeof id, &s->id); // root
#endif
	bpf_map_update_elem(&sessions, &id, &one, BPF_ANY);
	return 0;
}

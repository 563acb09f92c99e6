/* code: K0026
 * real: no
 * kind: missing in the kernel
 * A field that newer kernels renamed: read as if it were still there. */
#include "bpf.h"

struct task_struct {
	int pid;
#ifndef FIXED
	long state_of_old;
#endif
} __attribute__((preserve_access_index));

struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, u64);
	 __uint(max_entries, 1024); } states SEC(".maps");

SEC("raw_tp/sched_switch")
int on_switch(u64 *ctx)
{
	struct task_struct *prev = (void *)ctx[1];
	u32 pid = 0;
	u64 state = 0;

	bpf_probe_read_kernel(&pid, sizeof pid, &prev->pid);
#ifndef FIXED
	bpf_probe_read_kernel(&state, sizeof state, &prev->state_of_old); // root
#endif
	bpf_map_update_elem(&states, &pid, &state, BPF_ANY);
	return 0;
}

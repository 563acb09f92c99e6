/* code: V0101
 * real: no
 * kind: number as pointer
 * bpf_get_current_task gives a number; the task is read through probe-read. */
#include "bpf.h"

struct task { u64 flags; u32 state; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, u32);
	 __uint(max_entries, 1); } last SEC(".maps");

SEC("raw_tp/sys_enter")
int state(void *ctx)
{
	struct task *task = (void *)bpf_get_current_task();
	u32 zero = 0, now;

#ifdef FIXED
	if (bpf_probe_read_kernel(&now, sizeof now, &task->state))
		return 0;
#else
	now = task->state; // root
#endif
	bpf_map_update_elem(&last, &zero, &now, BPF_ANY);
	return 0;
}

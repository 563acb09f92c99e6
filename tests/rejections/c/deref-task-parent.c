/* code: V0101
 * real: yes
 * kind: number as pointer
 * From the task to its parent by plain loads. */
#include "bpf.h"

struct task_struct { char pad[1400]; int pid, tgid; struct task_struct *real_parent; };
int ppid;

SEC("tp/sched/sched_process_fork")
int fork(void *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
#ifdef FIXED
	struct task_struct *parent = 0;

	bpf_probe_read_kernel(&parent, sizeof(parent), &task->real_parent);
	bpf_probe_read_kernel(&ppid, sizeof(ppid), &parent->tgid);
#else
	ppid = task->real_parent->tgid; // root
#endif
	return 0;
}

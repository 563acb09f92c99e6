/* code: V0101
 * real: yes
 * kind: possible null
 * No task may have this number. */
#include "bpf.h"

struct task_struct { int pid, tgid; } __attribute__((preserve_access_index));
extern struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;

int last;

SEC("syscall")
int look(void *ctx)
{
	struct task_struct *task = bpf_task_from_pid(1);

#ifdef FIXED
	if (!task)
		return 0;
#endif
	last = task->tgid; // root
	bpf_task_release(task);
	return 0;
}

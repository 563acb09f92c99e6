/* code: V0313
 * real: yes
 * kind: not released
 * The task is used and never given back. */
#include "bpf.h"

struct task_struct { int pid, tgid; } __attribute__((preserve_access_index));
extern struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;
int tgid;

SEC("syscall")
int find(void *ctx)
{
	struct task_struct *t = bpf_task_from_pid(1); // root

	if (!t)
		return 1;
	tgid = t->tgid;
#ifdef FIXED
	bpf_task_release(t);
#endif
	return 0;
}

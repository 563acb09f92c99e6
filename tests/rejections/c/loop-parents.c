/* code: V0301
 * real: yes
 * kind: loop not shown to end
 * Up the tree of tasks until the first. */
#include "bpf.h"

struct task_struct { char pad[1400]; int pid, tgid; struct task_struct *real_parent; };
u32 depth;

SEC("raw_tp/sys_enter")
int ancestors(void *ctx)
{
	struct task_struct *t = (void *)bpf_get_current_task();
	int pid = 0;

#ifdef FIXED
	for (int i = 0; i < 16; i++) {
#else
	for (;;) { // root
#endif
		bpf_probe_read_kernel(&pid, sizeof(pid), &t->tgid);
		if (pid <= 1)
			break;
		bpf_probe_read_kernel(&t, sizeof(t), &t->real_parent);
	}
	depth = pid;
	return 0;
}

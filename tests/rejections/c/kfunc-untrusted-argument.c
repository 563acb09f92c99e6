/* code: V0624
 * real: no
 * kind: wrong argument
 * A pointer that was read with a helper is a number to the kernel function. */
#include "bpf.h"

struct task_struct { int pid; struct task_struct *real_parent; } __attribute__((preserve_access_index));
extern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;

SEC("tp_btf/sched_wakeup")
int keep(u64 *ctx)
{
#ifdef FIXED
	struct task_struct *t = (void *)ctx[0];
#else
	struct task_struct *t = (void *)bpf_get_current_task();
#endif
	struct task_struct *ref = bpf_task_acquire(t); // root

	if (ref)
		bpf_task_release(ref);
	return 0;
}

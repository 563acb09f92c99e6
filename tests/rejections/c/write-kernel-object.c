/* code: V0711
 * real: no
 * kind: kernel object
 * Tracing programs may look at the kernel's objects, not change them. */
#include "bpf.h"

struct task_struct { int prio; } __attribute__((preserve_access_index));
int prio;

SEC("tp_btf/sched_wakeup")
int boost(u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];

#ifdef FIXED
	prio = task->prio;
#else
	task->prio = 1; // root
#endif
	return 0;
}

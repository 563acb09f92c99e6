/* code: K0026
 * real: no
 * kind: missing in the kernel
 * A field that this kernel's struct does not have. */
#include "bpf.h"

struct task_struct { int pid; long state_of_old; } __attribute__((preserve_access_index));
long state;

SEC("tp_btf/sched_wakeup")
int on_wake(u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];

#ifdef FIXED
	state = task->pid;
#else
	state = task->state_of_old; // root
#endif
	return 0;
}

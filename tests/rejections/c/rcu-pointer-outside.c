/* code: V0611
 * real: no
 * kind: RCU and other sections
 * A pointer that is only good inside the read section goes to a kernel function outside. */
#include "bpf.h"

struct task_struct { struct task_struct *real_parent; } __attribute__((preserve_access_index));
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
extern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;

SEC("syscall")
int parent(void *ctx)
{
	struct task_struct *t = bpf_get_current_task_btf(), *p, *ref;

#ifdef FIXED
	bpf_rcu_read_lock();
	p = t->real_parent;
	ref = p ? bpf_task_acquire(p) : 0;
	bpf_rcu_read_unlock();
#else
	bpf_rcu_read_lock();
	p = t->real_parent;
	bpf_rcu_read_unlock();
	ref = p ? bpf_task_acquire(p) : 0; // root
#endif
	if (ref)
		bpf_task_release(ref);
	return 0;
}

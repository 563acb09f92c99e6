/* SPDX-License-Identifier: MIT */
/* kernel.c: what of the kernel a program can name depends on how it was built, and which of
 * its types pass for one another on the names they have. */
#include "bpf.h"

extern const int bpf_prog_active __ksym;
extern const void bpf_prog_put __ksym;

struct crypto_params;
struct crypto_ctx;
extern struct crypto_ctx *bpf_crypto_ctx_create(const struct crypto_params *p, u32 size,
						int *err) __ksym __weak;
extern void bpf_crypto_ctx_release(struct crypto_ctx *ctx) __ksym __weak;

struct bpf_iter_task {
	u64 opaque[3];
} __attribute__((aligned(8)));
struct task_struct;
extern int bpf_iter_task_new(struct bpf_iter_task *it, struct task_struct *task,
			     u32 flags) __ksym;
extern struct task_struct *bpf_iter_task_next(struct bpf_iter_task *it) __ksym;
extern void bpf_iter_task_destroy(struct bpf_iter_task *it) __ksym;
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

/* Without CONFIG_KALLSYMS_ALL no variable has an address. */
SEC("tc")
int reject_variable(void *ctx)
{
	return *(volatile const int *)&bpf_prog_active;
}

SEC("tc")
int accept_function(void *ctx)
{
	return &bpf_prog_put != 0;
}

SEC("lirc_mode2")
int reject_type(void *ctx)
{
	return 0;
}

/* A function that makes a reference wants trusted arguments: no null. */
SEC("syscall")
int reject_null(void *ctx)
{
	int err = 0;
	struct crypto_ctx *c;

	if (!bpf_crypto_ctx_create)
		return *(int *)0;
	c = bpf_crypto_ctx_create(0, 0, &err);
	if (c)
		bpf_crypto_ctx_release(c);
	return 0;
}

/* A function without a result leaves none. */
SEC("tc")
int reject_no_result(void *ctx)
{
	int r;

	asm volatile("call %1\n%0 = r0" : "=r"(r) : "i"(bpf_rcu_read_lock)
		     : "r0", "r1", "r2", "r3", "r4", "r5");
	bpf_rcu_read_unlock();
	return r;
}

/* What RCU protects is walked in its sections; a program that sleeps is not in one. */
SEC("lsm.s/file_open")
int reject_iterator_outside(void *ctx)
{
	struct bpf_iter_task it;

	bpf_iter_task_new(&it, 0, 0);
	bpf_iter_task_destroy(&it);
	return 0;
}

SEC("lsm.s/file_open")
int reject_iterator_left(void *ctx)
{
	struct bpf_iter_task it;

	bpf_rcu_read_lock();
	bpf_iter_task_new(&it, 0, 0);
	bpf_rcu_read_unlock();
	bpf_iter_task_next(&it);
	bpf_iter_task_destroy(&it);
	return 0;
}

SEC("lsm.s/file_open")
int accept_iterator_inside(void *ctx)
{
	struct bpf_iter_task it;

	bpf_rcu_read_lock();
	bpf_iter_task_new(&it, 0, 0);
	bpf_iter_task_next(&it);
	bpf_iter_task_destroy(&it);
	bpf_rcu_read_unlock();
	return 0;
}

char _license[] SEC("license") = "GPL";

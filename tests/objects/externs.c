/* SPDX-License-Identifier: MIT */
/* externs.c: kernel functions, kernel variables, configuration. */
#include "bpf.h"

extern int LINUX_KERNEL_VERSION __kconfig;
extern _Bool CONFIG_BPF_SYSCALL __kconfig __weak;
extern u64 CONFIG_HZ __kconfig __weak;
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
extern void no_such_kfunc(void) __ksym __weak;
extern const void no_such_symbol __ksym __weak;

volatile u64 version, hz, syscall_on;

SEC("tc")
int config(void *ctx)
{
	version = (u32)LINUX_KERNEL_VERSION;
	hz = CONFIG_HZ;
	syscall_on = CONFIG_BPF_SYSCALL;
	return 0;
}

SEC("tc")
int locks(void *ctx)
{
	bpf_rcu_read_lock();
	bpf_rcu_read_unlock();
	return 0;
}

SEC("tc")
int calls_nothing(void *ctx)
{
	no_such_kfunc();
	return 0;
}

char _license[] SEC("license") = "GPL";

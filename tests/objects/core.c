/* SPDX-License-Identifier: MIT */
/* core.c: CO-RE accesses that resolve, that do not, and tests for both. */
#include "bpf.h"

struct task_struct {
	int pid, tgid;
	char comm[16];
	struct task_struct *group_leader;
	int no_such_field_anywhere;
} __core;

struct task_struct___old {
	int only_long_ago;
} __core;

struct no_such_type {
	int x;
} __core;

enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 77,		/* the kernel says 1 */
	BPF_MAP_TYPE_NEVER = 5,
};

struct {
	__uint(type, MAP_ARRAY);
	__uint(max_entries, 16);
	__type(key, u32);
	__type(value, u64);
} out SEC(".maps");

static __noinline void
put(u32 i, u64 v)
{
	map_update(&out, &i, &v, 0);
}

SEC("raw_tp/sys_enter")
int resolve(void *ctx)
{
	struct task_struct *t = (void *)current_task();
	struct task_struct *leader = 0;
	int pid = 0;

	probe_read_kernel(&pid, sizeof pid, _(&t->tgid));
	put(0, (u32)pid);
	probe_read_kernel(&leader, sizeof leader, _(&t->group_leader));
	probe_read_kernel(&pid, sizeof pid, _(&leader->pid));
	put(1, (u32)pid);
	put(2, field_exists(t->comm));
	put(3, field_exists(t->no_such_field_anywhere));
	put(4, field_exists(((struct task_struct___old *)t)->only_long_ago));
	put(5, field_size(t->comm));
	put(6, field_offset(t->comm));
	put(7, type_exists(struct task_struct));
	put(8, type_exists(struct no_such_type));
	put(9, type_size(struct task_struct) > 1000);
	put(10, enum_value(enum bpf_map_type, BPF_MAP_TYPE_HASH));
	put(11, enum_exists(enum bpf_map_type, BPF_MAP_TYPE_NEVER));
	put(12, pid_tgid() >> 32);
	if (field_exists(t->no_such_field_anywhere))	/* never reached: may stay */
		put(13, (u64)t->no_such_field_anywhere);
	put(14, 1);
	return 0;
}

SEC("raw_tp/sys_exit")
int poisoned(void *ctx)
{
	struct task_struct *t = (void *)current_task();
	int x = 0;

	probe_read_kernel(&x, sizeof x, _(&t->no_such_field_anywhere));
	return x & 0;
}

char _license[] SEC("license") = "GPL";

/* SPDX-License-Identifier: MIT */
/* newer.c: what came with Linux 7.2 and 7.3. With 7.3 the first word of a name is the verdict;
 * 6.18 rejects all of them. */
#include "bpf.h"

static long (*strncmp_)(const char *a, u32 n, const char *b) = (void *)182;
static u64 (*get_func_ret)(void *ctx, u64 *value) = (void *)184;
static long (*copy_from_user)(void *dst, u32 size, const void *user) = (void *)148;

u64 hits SEC(".percpu") = 7;
u32 table[6] SEC(".percpu.table");
const char word[] SEC(".percpu.word") = "word";

SEC("raw_tp/sys_enter")
int accept_percpu(u64 *ctx)
{
	hits += table[3];
	return 0;
}

SEC("kprobe/vfs_read")
int reject_percpu_text(void *ctx)
{
	return strncmp_("text", 5, word);
}

SEC("fentry.multi/vfs_*")
int accept_many(u64 *ctx)
{
	return 0;
}

SEC("fentry.multi")
int reject_argument_of_many(u64 *ctx)
{
	hits = ctx[0];
	return 0;
}

SEC("fexit.multi/vfs_read,vfs_write")
int accept_result_of_many(u64 *ctx)
{
	u64 value = 0;

	get_func_ret(ctx, &value);
	hits += value;
	return 0;
}

SEC("fexit.multi")
int reject_result_read_directly(u64 *ctx)
{
	hits = ctx[0];
	return 0;
}

SEC("fsession.multi.s/vfs_*")
int reject_number_of_many(u64 *ctx)
{
	return 1;
}

SEC("tp_btf.s/sys_enter")
int accept_sleepable(u64 *ctx)
{
	u64 value = 0;

	copy_from_user(&value, sizeof value, (void *)ctx[1]);
	return 0;
}

SEC("tp_btf.s/sched_switch")
int reject_sleepable(u64 *ctx)
{
	return 0;
}

SEC("raw_tp.s/sys_enter")
int accept_raw(u64 *ctx)
{
	return 0;
}

SEC("tp.s/syscalls/sys_enter_getcwd")
int accept_event(u64 *ctx)
{
	return 0;
}

char _license[] SEC("license") = "GPL";

/* SPDX-License-Identifier: MIT */
/* recent.c: what 6.14 to 6.18 brought. What the verifier says of a program is the first word
 * of its name. */
#include "bpf.h"

struct __sk_buff { u32 len; };
struct bpf_dynptr { u64 hidden[2]; } __attribute__((aligned(8)));
struct task_struct {
	int prio;
	const char *nothing_of_this_name;
	struct nameidata *nameidata;
} __core;
struct nameidata { const char *pathname; } __core;

extern int bpf_dynptr_from_skb(struct __sk_buff *skb, u64 flags, struct bpf_dynptr *p) __ksym;
extern int bpf_dynptr_from_skb_meta(struct __sk_buff *skb, u64 flags, struct bpf_dynptr *p) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *p, u64 off, void *buf, u64 size) __ksym;

static struct task_struct *(*current_task_btf)(void) = (void *)158;
static long (*dynptr_write)(const struct bpf_dynptr *p, u32 off, void *src, u32 len, u64 flags) =
	(void *)202;

struct {
	__uint(type, MAP_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} one SEC(".maps");

struct inner {
	__uint(type, MAP_ARRAY);
	__uint(map_flags, 0x1000);	/* BPF_F_INNER_MAP: of any length */
	__uint(max_entries, 4);
	__type(key, u32);
	__type(value, u64);
} of_any_length SEC(".maps");

struct {
	__uint(type, MAP_HASH_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, u32);
	__array(values, struct inner);
} outer SEC(".maps") = {.values = {&of_any_length}};

/* A write to the bytes before the packet may move the packet: its slices are gone. */
SEC("tc")
int reject_slice_after_meta(struct __sk_buff *skb)
{
	struct bpf_dynptr data, meta;
	char byte = 1, *d;

	bpf_dynptr_from_skb(skb, 0, &data);
	bpf_dynptr_from_skb_meta(skb, 0, &meta);
	d = bpf_dynptr_slice(&data, 0, 0, 1);
	if (!d)
		return 0;
	dynptr_write(&meta, 0, &byte, 1, 0);
	return *d;
}

SEC("tc")
int reject_meta_slice_after_data(struct __sk_buff *skb)
{
	struct bpf_dynptr data, meta;
	char byte = 1, *m;

	bpf_dynptr_from_skb(skb, 0, &data);
	bpf_dynptr_from_skb_meta(skb, 0, &meta);
	m = bpf_dynptr_slice(&meta, 0, 0, 1);
	if (!m)
		return 0;
	dynptr_write(&data, 0, &byte, 1, 0);
	return *m;
}

SEC("tc")
int accept_meta_slice(struct __sk_buff *skb)
{
	struct bpf_dynptr meta;
	char *m;

	bpf_dynptr_from_skb_meta(skb, 0, &meta);
	m = bpf_dynptr_slice(&meta, 0, 0, 1);
	return m ? *m : 0;
}

/* A kernel pointer to bytes may be followed; what is read is only a number. */
SEC("tp_btf/sys_enter")
int accept_string_of_kernel(void *ctx)
{
	struct nameidata *n = current_task_btf()->nameidata;
	const char *path = n->pathname;

	return *path;
}

__noinline __weak int
writes(int *p)
{
	if (p)
		*p = 42;
	return 0;
}

SEC("tp_btf/sys_enter")
int reject_object_as_memory(void *ctx)
{
	return writes(&current_task_btf()->prio);
}

/* An index that the template has, another inner map may lack. */
SEC("tc")
int reject_inner_without_test(void *ctx)
{
	u32 key = 0, in_range = 3;
	void *map = map_lookup(&outer, &key);
	u64 *v = map ? map_lookup(map, &in_range) : 0;

	if (!map)
		return 0;
	return *v;
}

SEC("tc")
int accept_index_in_range(void *ctx)
{
	u32 key = 0;
	u64 *v = map_lookup(&one, &key);

	return *v;
}

/* An address in an arena plus anything is one, whichever stands first. */
struct {
	__uint(type, 33);
	__uint(map_flags, 1024);
	__uint(max_entries, 2);
} arena SEC(".maps");

SEC("syscall")
int accept_arena_sums(void *ctx)
{
	void *m = &arena;
	u64 sum;

	asm volatile("r1 = 4096\n"
		     ".byte 0xbf, 0x11, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00\n"
		     "r2 = 12\n"
		     "r2 += r1\n"
		     "r2 ^= r1\n"
		     "%0 = *(u64 *)(r2 + 0)\n" : "=r"(sum) : "r"(m) : "r1", "r2");
	return 0;
}

char _license[] SEC("license") = "GPL";

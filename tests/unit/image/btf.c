/* SPDX-License-Identifier: MIT */
/* btf.c: tests of core/image/btf.c and btf_build.c, on BTF made here and on the running
 * kernel's. */
#include "image/btf.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "syscalls/bpf.h"

static struct arena arena;

static void
setup(void)
{
	arena_init(&arena);
}

static void
teardown(void)
{
	arena_free(&arena);
}

TestSuite(btf, .init = setup, .fini = teardown);

/* struct event { u32 pid; char comm[16]; union { u64 a; s32 b; }; u32 x:3, y:5; } */
static struct btf_builder *
sample(uint32_t *event)
{
	struct btf_builder *bb = btf_builder_new(&arena);
	uint32_t u32 = btf_add_int(bb, "unsigned int", 4, 0);
	uint32_t s32 = btf_add_int(bb, "int", 4, BTF_INT_SIGNED);
	uint32_t u64 = btf_add_int(bb, "unsigned long", 8, 0);
	uint32_t c = btf_add_int(bb, "char", 1, BTF_INT_SIGNED);
	uint32_t comm = btf_add_array(bb, c, u32, 16);
	uint32_t u = btf_add_composite(bb, BTF_KIND_UNION, NULL, 8);

	btf_add_member(bb, "a", u64, 0);
	btf_add_member(bb, "b", s32, 0);
	*event = btf_add_composite(bb, BTF_KIND_STRUCT, "event", 40);
	btf_add_member(bb, "pid", u32, 0);
	btf_add_member(bb, "comm", comm, 32);
	btf_add_member(bb, NULL, u, 192);
	btf_add_bitfield(bb, "x", u32, 256, 3);
	btf_add_bitfield(bb, "y", u32, 259, 5);
	return bb;
}

static struct btf *
reopen(const struct btf_builder *bb)
{
	uint32_t size;
	const void *raw = btf_serialise(bb, &size);
	const char *why;
	struct btf *b = btf_open(&arena, raw, size, NULL, &why);

	cr_assert_not_null(b, "%s", why);
	return b;
}

static const char *
type_text(const struct btf *b, uint32_t id)
{
	struct buf out = buf_new(&arena);

	btf_write_type(b, id, &out);
	return out.at;
}

Test(btf, members_come_back)
{
	uint32_t event;
	struct btf *b = reopen(sample(&event));
	struct btf_field f;

	cr_assert_eq(btf_find(b, STR("event"), BTF_KIND_STRUCT), event);
	cr_assert_eq(btf_find(b, STR("event"), BTF_KIND_UNION), 0);
	cr_assert_eq(btf_find(b, STR("even"), BTF_KIND_UNKN), 0);
	cr_assert_eq(btf_size(b, event), 40);
	cr_assert(btf_find_member(b, event, STR("comm"), &f));
	cr_assert_eq(f.bit_offset, 32);
	cr_assert_eq(btf_size(b, f.type), 16);
	cr_assert(btf_find_member(b, event, STR("b"), &f), "through the anonymous union");
	cr_assert_eq(f.bit_offset, 192);
	cr_assert(btf_is_signed(b, f.type));
	cr_assert(btf_find_member(b, event, STR("y"), &f));
	cr_assert_eq(f.bit_offset, 259);
	cr_assert_eq(f.bit_size, 5);
	cr_assert_not(btf_find_member(b, event, STR("z"), &f));
}

Test(btf, plain_records_are_kept_once)
{
	struct btf_builder *bb = btf_builder_new(&arena);
	uint32_t i = btf_add_int(bb, "int", 4, BTF_INT_SIGNED);
	uint32_t p = btf_add_ref(bb, BTF_KIND_PTR, i);

	cr_assert_eq(btf_add_int(bb, "int", 4, BTF_INT_SIGNED), i);
	cr_assert_eq(btf_add_ref(bb, BTF_KIND_PTR, i), p);
	cr_assert_neq(btf_add_ref(bb, BTF_KIND_CONST, i), p);
	cr_assert_neq(btf_add_int(bb, "unsigned int", 4, 0), i);
	cr_assert_eq(btf_add_str(bb, "abc"), btf_add_str(bb, "abc"));
}

Test(btf, types_as_text)
{
	struct btf_builder *bb = btf_builder_new(&arena);
	uint32_t i = btf_add_int(bb, "int", 4, BTF_INT_SIGNED);
	uint32_t cptr = btf_add_ref(bb, BTF_KIND_PTR, btf_add_ref(bb, BTF_KIND_CONST, i));
	uint32_t constptr = btf_add_ref(bb, BTF_KIND_CONST, btf_add_ref(bb, BTF_KIND_PTR, i));
	uint32_t arr = btf_add_array(bb, btf_add_array(bb, i, i, 3), i, 2);
	uint32_t parr = btf_add_ref(bb, BTF_KIND_PTR, arr);
	uint32_t fwd = btf_add_ref(bb, BTF_KIND_PTR, btf_add_fwd(bb, "sock", false));
	uint32_t proto = btf_add_func_proto(bb, i);

	btf_add_param(bb, "sk", fwd);
	btf_add_param(bb, NULL, 0);

	uint32_t callback = btf_add_ref(bb, BTF_KIND_PTR, proto);
	uint32_t func = btf_add_func(bb, "f", proto, BTF_FUNC_GLOBAL);
	struct btf *b = reopen(bb);

	cr_assert_str_eq(type_text(b, 0), "void");
	cr_assert_str_eq(type_text(b, cptr), "const int *");
	cr_assert_str_eq(type_text(b, constptr), "int * const");
	cr_assert_str_eq(type_text(b, arr), "int[2][3]");
	cr_assert_str_eq(type_text(b, parr), "int (*)[2][3]");
	cr_assert_str_eq(type_text(b, callback), "int (*)(struct sock *, ...)");
	cr_assert_str_eq(type_text(b, func), "int f(struct sock *, ...)");
}

Test(btf, enums)
{
	struct btf_builder *bb = btf_builder_new(&arena);
	uint32_t e = btf_add_enum(bb, "verdict", 4, true), e64;
	int64_t v;

	btf_add_enumerator(bb, "DROP", -1);
	btf_add_enumerator(bb, "PASS", 2);
	e64 = btf_add_enum(bb, "wide", 8, false);
	btf_add_enumerator(bb, "TOP", INT64_MIN);

	struct btf *b = reopen(bb);

	cr_assert(btf_find_enum_value(b, e, STR("DROP"), &v) && v == -1);
	cr_assert(btf_find_enum_value(b, e64, STR("TOP"), &v) && v == INT64_MIN);
	cr_assert(btf_find_enumerator(b, STR("PASS"), &v) && v == 2);
	cr_assert(btf_find_enumerator(b, STR("TOP"), &v) && v == INT64_MIN);
	cr_assert_not(btf_find_enumerator(b, STR("PAS"), &v));
	cr_assert(btf_is_signed(b, e));
	cr_assert_not(btf_is_signed(b, e64));
}

Test(btf, cycles_end)
{
	struct btf_builder *bb = btf_builder_new(&arena);
	uint32_t a = btf_add_typedef(bb, "a", 2);

	btf_add_typedef(bb, "b", a);
	btf_add_array(bb, 3, 3, 2);
	btf_add_ref(bb, BTF_KIND_PTR, 4);
	btf_add_composite(bb, BTF_KIND_STRUCT, NULL, 8);
	btf_add_member(bb, NULL, 5, 0);

	struct btf *b = reopen(bb);
	struct btf_field f;

	cr_assert_eq(btf_resolve(b, a), 0);
	cr_assert_eq(btf_size(b, a), -1);
	cr_assert_eq(btf_size(b, 3), -1);
	cr_assert_not(btf_find_member(b, 5, STR("x"), &f));
	cr_assert_not_null(strstr(type_text(b, 3), "..."));
	cr_assert_not_null(strstr(type_text(b, 4), "..."));
}

/* Every truncation and every single-byte change is read without a fault. */
Test(btf, hostile_bytes)
{
	uint32_t event, size;
	const void *raw = btf_serialise(sample(&event), &size);
	const char *why;

	for (uint32_t n = 0; n < size; n++) {
		char *copy = arena_alloc(&arena, n + 1);

		memcpy(copy, raw, n);
		cr_assert_null(btf_open(&arena, copy, n, NULL, &why));
		cr_assert_not_null(why);
	}
	for (uint32_t i = 0; i < size * 8; i++) {
		char *copy = arena_alloc(&arena, size);
		struct btf_field f;

		memcpy(copy, raw, size);
		copy[i / 8] = (char)(copy[i / 8] ^ 1 << i % 8);

		struct btf *b = btf_open(&arena, copy, size, NULL, &why);

		for (uint32_t id = 0; b && id < btf_count(b); id++) {
			type_text(b, id);
			btf_size(b, id);
			btf_find_member(b, id, STR("nosuch"), &f);
			btf_find(b, str_of(btf_name(b, id)), BTF_KIND_UNKN);
		}
	}
}

Test(btf, split_knows_its_base)
{
	uint32_t event, size;
	struct btf_builder *bb = sample(&event);
	struct btf *base = reopen(bb), *b;
	const char *why;

	/* A split part numbers on from its base, so offset its strings and ids by hand. */
	struct {
		struct btf_header h;
		struct btf_type t;
		char strings[8];
	} raw = {{.magic = BTF_MAGIC, .version = 1, .hdr_len = sizeof raw.h,
		  .type_len = sizeof raw.t, .str_off = sizeof raw.t, .str_len = 8},
		 {0, BTF_KIND_TYPEDEF << 24, {event}}, "ev_t\0xy"};
	const struct btf_header *h = btf_serialise(bb, &size);

	raw.t.name_off = h->str_len;
	b = btf_open(&arena, &raw, sizeof raw, base, &why);
	cr_assert_not_null(b, "%s", why);
	cr_assert_eq(btf_first(b), btf_count(base));
	cr_assert_eq(btf_find(b, STR("ev_t"), BTF_KIND_TYPEDEF), btf_count(base));
	cr_assert_eq(btf_find(b, STR("event"), BTF_KIND_STRUCT), event);
	cr_assert_eq(btf_resolve(b, btf_first(b)), event);
}

Test(btf, ext_comes_back)
{
	struct bpf_func_info f[2] = {{0, 5}, {16, 6}};
	struct bpf_line_info l[3] = {{0, 1, 2, 3}, {8, 1, 2, 4}, {16, 1, 2, 5}};
	struct btf_ext_section s[2] = {
		{.name = 7, .funcs = f, .nfuncs = 1, .lines = l, .nlines = 2},
		{.name = 9, .funcs = f + 1, .nfuncs = 1, .lines = l + 2, .nlines = 1},
	};
	uint32_t size, cursor = 0;
	const void *raw = btf_ext_serialise(&arena, s, 2, &size);
	struct btf_ext_block block;
	const char *why;

	cr_assert(btf_ext_next(raw, size, BTF_EXT_LINE, &cursor, &block, &why));
	cr_assert(block.section == 7 && block.count == 2);
	cr_assert_arr_eq(block.records, l, 2 * sizeof l[0]);
	cr_assert(btf_ext_next(raw, size, BTF_EXT_LINE, &cursor, &block, &why));
	cr_assert(block.section == 9 && block.count == 1);
	cr_assert_not(btf_ext_next(raw, size, BTF_EXT_LINE, &cursor, &block, &why));
	cr_assert_null(why);
	cursor = 0;
	cr_assert_not(btf_ext_next(raw, size, BTF_EXT_CORE, &cursor, &block, &why));
	cr_assert_null(why);
	for (uint32_t n = 0; n < size; n++) {
		char *copy = arena_alloc(&arena, n + 1);

		memcpy(copy, raw, n);
		for (cursor = 0; btf_ext_next(copy, n, BTF_EXT_LINE, &cursor, &block, &why);)
			cr_assert((const char *)block.records + block.count *
				  block.record_size <= copy + n);
	}
}

/* ---- against the kernel ---------------------------------------------------------------- */

Test(btf, the_kernel_takes_what_is_built)
{
	uint32_t event, size;
	struct btf_builder *bb = sample(&event);
	uint32_t pointer = btf_add_ref(bb, BTF_KIND_PTR, event);
	uint32_t proto = btf_add_func_proto(bb, 1);

	btf_add_param(bb, "e", pointer);
	btf_add_typedef(bb, "event_t", event);
	btf_add_float(bb, "double", 8);
	btf_add_type_tag(bb, "user", event);
	btf_add_enum(bb, "small", 4, false);
	btf_add_enumerator(bb, "ONE", 1);
	btf_add_enum(bb, "large", 8, true);
	btf_add_enumerator(bb, "BIG", INT64_MAX);

	uint32_t func = btf_add_func(bb, "prog", proto, BTF_FUNC_GLOBAL);

	btf_add_decl_tag(bb, "arg", func, 0);

	uint32_t var = btf_add_var(bb, "counter", 1, BTF_VAR_GLOBAL_ALLOCATED);

	btf_add_datasec(bb, ".data", 4);
	btf_add_datasec_var(bb, var, 0, 4);

	struct sys_log log = {0};
	const void *raw = btf_serialise(bb, &size);
	int fd = sys_btf_load(raw, size, &log);

	if (fd == -EPERM)
		cr_skip_test("needs CAP_BPF");
	cr_assert_geq(fd, 0, "errno %d: %s", -fd, log.text);
	close(fd);
}

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

Test(btf, vmlinux)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		cr_skip_test("needs /sys/kernel/btf/vmlinux");

	char *raw = arena_alloc(&arena, (size_t)st.st_size);
	const char *why;

	/* sysfs gives a page at a time. */
	for (off_t got = 0; got < st.st_size;) {
		ssize_t n = read(fd, raw + got, (size_t)(st.st_size - got));

		cr_assert_gt(n, 0);
		got += n;
	}
	close(fd);

	uint64_t t0 = now();
	struct btf *b = btf_open(&arena, raw, (size_t)st.st_size, NULL, &why);
	uint64_t t1 = now();
	uint32_t task = btf_find(b, STR("task_struct"), BTF_KIND_STRUCT);
	uint64_t t2 = now();
	uint32_t skb = btf_find(b, STR("sk_buff"), BTF_KIND_STRUCT);
	uint64_t t3 = now();
	struct btf_field f;
	int64_t v;

	cr_log_info("%u types: open %lu us, first lookup %lu us, second %lu ns", btf_count(b),
		    (t1 - t0) / 1000, (t2 - t1) / 1000, t3 - t2);
	cr_assert_gt(skb, 0);
	cr_assert(btf_find_member(b, task, STR("tgid"), &f));
	cr_assert_eq(btf_size(b, f.type), 4);
	cr_assert(btf_is_signed(b, f.type));
	cr_assert(btf_find_member(b, task, STR("comm"), &f));
	cr_assert_eq(btf_size(b, f.type), 16);
	cr_assert_str_eq(btf_name(b, btf_find(b, STR("pid_t"), BTF_KIND_TYPEDEF)), "pid_t");
	cr_assert(btf_find_enumerator(b, STR("BPF_PROG_TYPE_XDP"), &v) && v == 6);
	/* Every name is found again, as the first of its kind. */
	for (uint32_t id = 1; id < btf_count(b); id++) {
		const char *name = btf_name(b, id);

		if (name[0])
			cr_assert_leq(btf_find(b, str_of(name), btf_kind(btf_type(b, id))),
				      id);
	}
}

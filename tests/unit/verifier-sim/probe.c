/* SPDX-License-Identifier: MIT */
/* probe.c: against the running kernel: which programs may call which kernel functions, and
 * which of those want to sleep; what the arguments of its tracepoints are. Every function of
 * the table in every kind of program, every tracepoint. */
#include "facts/facts.h"
#include "image/btf.h"
#include "syscalls/bpf.h"
#include "verifier-sim/verify.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { SLEEPS = 16 /* BPF_F_SLEEPABLE */ };

static const struct caller {
	const char *name;
	uint32_t type, attach, flags;
	const char *target;	/* as the simulator is told */
	const char *btf;	/* the same in the kernel's BTF, of this kind */
	uint32_t kind;
} callers[] = {
	{"socket_filter", FACT_PROG_SOCKET_FILTER, 0, 0, 0, 0, 0},
	{"kprobe", FACT_PROG_KPROBE, 0, 0, 0, 0, 0},
	{"kprobe, session", FACT_PROG_KPROBE, FACT_ATTACH_TRACE_KPROBE_SESSION, 0, 0, 0, 0},
	{"sched_cls", FACT_PROG_SCHED_CLS, 0, 0, 0, 0, 0},
	{"sched_act", FACT_PROG_SCHED_ACT, 0, 0, 0, 0, 0},
	{"tracepoint", FACT_PROG_TRACEPOINT, 0, 0, 0, 0, 0},
	{"xdp", FACT_PROG_XDP, 0, 0, 0, 0, 0},
	{"perf_event", FACT_PROG_PERF_EVENT, 0, 0, 0, 0, 0},
	{"cgroup_skb", FACT_PROG_CGROUP_SKB, 0, 0, 0, 0, 0},
	{"cgroup_sock", FACT_PROG_CGROUP_SOCK, FACT_ATTACH_CGROUP_INET_SOCK_CREATE, 0, 0, 0, 0},
	{"lwt_xmit", FACT_PROG_LWT_XMIT, 0, 0, 0, 0, 0},
	{"sock_ops", FACT_PROG_SOCK_OPS, FACT_ATTACH_CGROUP_SOCK_OPS, 0, 0, 0, 0},
	{"sk_skb", FACT_PROG_SK_SKB, FACT_ATTACH_SK_SKB_STREAM_PARSER, 0, 0, 0, 0},
	{"cgroup_device", FACT_PROG_CGROUP_DEVICE, FACT_ATTACH_CGROUP_DEVICE, 0, 0, 0, 0},
	{"sk_msg", FACT_PROG_SK_MSG, FACT_ATTACH_SK_MSG_VERDICT, 0, 0, 0, 0},
	{"raw_tracepoint", FACT_PROG_RAW_TRACEPOINT, 0, 0, 0, 0, 0},
	{"cgroup_sock_addr", FACT_PROG_CGROUP_SOCK_ADDR, FACT_ATTACH_CGROUP_INET4_CONNECT, 0,
	 0, 0, 0},
	{"sk_reuseport", FACT_PROG_SK_REUSEPORT, FACT_ATTACH_SK_REUSEPORT_SELECT, 0, 0, 0, 0},
	{"flow_dissector", FACT_PROG_FLOW_DISSECTOR, FACT_ATTACH_FLOW_DISSECTOR, 0, 0, 0, 0},
	{"cgroup_sysctl", FACT_PROG_CGROUP_SYSCTL, FACT_ATTACH_CGROUP_SYSCTL, 0, 0, 0, 0},
	{"cgroup_sockopt", FACT_PROG_CGROUP_SOCKOPT, FACT_ATTACH_CGROUP_GETSOCKOPT, 0, 0, 0, 0},
	{"sk_lookup", FACT_PROG_SK_LOOKUP, FACT_ATTACH_SK_LOOKUP, 0, 0, 0, 0},
	{"netfilter", FACT_PROG_NETFILTER, FACT_ATTACH_NETFILTER, 0, 0, 0, 0},
	{"syscall", FACT_PROG_SYSCALL, 0, SLEEPS, 0, 0, 0},
	{"tp_btf", FACT_PROG_TRACING, FACT_ATTACH_TRACE_RAW_TP, 0, "sched_switch",
	 "btf_trace_sched_switch", BTF_KIND_TYPEDEF},
	{"iter", FACT_PROG_TRACING, FACT_ATTACH_TRACE_ITER, 0, "bpf_map", "bpf_iter_bpf_map",
	 BTF_KIND_FUNC},
	{"fentry", FACT_PROG_TRACING, FACT_ATTACH_TRACE_FENTRY, 0, "do_nanosleep", "do_nanosleep",
	 BTF_KIND_FUNC},
	{"lsm", FACT_PROG_LSM, FACT_ATTACH_LSM_MAC, 0, "file_open", "bpf_lsm_file_open",
	 BTF_KIND_FUNC},
	{"lsm.s", FACT_PROG_LSM, FACT_ATTACH_LSM_MAC, SLEEPS, "file_open", "bpf_lsm_file_open",
	 BTF_KIND_FUNC},
	/* The attach type is the member's number: found out. */
	{"congestion control", FACT_PROG_STRUCT_OPS, 0, 0, "tcp_congestion_ops.ssthresh",
	 "tcp_congestion_ops", BTF_KIND_STRUCT},
	{"enqueue of a qdisc", FACT_PROG_STRUCT_OPS, 0, 0, "Qdisc_ops.enqueue", "Qdisc_ops",
	 BTF_KIND_STRUCT},
	{"reset of a qdisc", FACT_PROG_STRUCT_OPS, 0, 0, "Qdisc_ops.reset", "Qdisc_ops",
	 BTF_KIND_STRUCT},
	{"dispatch of a scheduler", FACT_PROG_STRUCT_OPS, 0, 0, "sched_ext_ops.dispatch",
	 "sched_ext_ops", BTF_KIND_STRUCT},
	{"tick of a scheduler", FACT_PROG_STRUCT_OPS, 0, 0, "sched_ext_ops.tick",
	 "sched_ext_ops", BTF_KIND_STRUCT},
	{"init of a scheduler", FACT_PROG_STRUCT_OPS, 0, SLEEPS, "sched_ext_ops.init",
	 "sched_ext_ops", BTF_KIND_STRUCT},
	{"init of a scheduler by cid", FACT_PROG_STRUCT_OPS, 0, SLEEPS,
	 "sched_ext_ops_cid.init_cids", "sched_ext_ops_cid", BTF_KIND_STRUCT},
	{"enqueue of a scheduler by cid", FACT_PROG_STRUCT_OPS, 0, 0,
	 "sched_ext_ops_cid.enqueue", "sched_ext_ops_cid", BTF_KIND_STRUCT},
	{"load of a binary format", FACT_PROG_STRUCT_OPS, 0, SLEEPS, "binfmt_misc_ops.load",
	 "binfmt_misc_ops", BTF_KIND_STRUCT},
	{"match of a binary format", FACT_PROG_STRUCT_OPS, 0, SLEEPS, "binfmt_misc_ops.match",
	 "binfmt_misc_ops", BTF_KIND_STRUCT},
};

/* The number of the member that the target names; -1: this kernel has none. */
static int
member(struct btf *b, const struct caller *c)
{
	uint32_t id = btf_find(b, str_of(c->btf), BTF_KIND_STRUCT);
	struct btf_field m;

	for (uint32_t i = 0; btf_member(b, id, i, &m); i++)
		if (!strcmp(m.name, strchr(c->target, '.') + 1))
			return (int)i;
	return -1;
}

enum answer { MAY, MAY_NOT, MUST_SLEEP, CANNOT_TELL };

static const char *const words[] = {"may", "may not", "must be sleepable to"};

static enum answer
ask(const struct caller *c, const struct bpf_insn *insns, uint32_t target)
{
	static char log[65536];
	struct sys_prog_load_attr attr = {
		.prog_type = c->type, .insns = (uintptr_t)insns, .insn_cnt = 3,
		.license = (uintptr_t)"GPL", .log_buf = (uintptr_t)log, .log_size = sizeof log,
		.log_level = 1, .expected_attach_type = c->attach, .prog_flags = c->flags,
		.attach_btf_id = target,
	};
	int fd;

	log[0] = 0;
	fd = sys_prog_load(&attr);
	if (fd >= 0) {
		close(fd);
		return MAY;
	}
	if (strstr(log, "calling kernel function") && strstr(log, "is not allowed"))
		return MAY_NOT;
	if (strstr(log, "program must be sleepable"))
		return MUST_SLEEP;
	/* It has come as far as the call when it names the function or an argument. */
	return strstr(log, "call ") ? MAY : CANNOT_TELL;
}

static enum answer
foretell(const struct caller *c, struct bpf_insn *insns, const struct verify_opts *o)
{
	struct image_prog p = {.name = "p", .license = "GPL", .type = c->type, .insns = insns,
			       .ninsns = 3, .expected_attach = c->attach, .flags = c->flags,
			       .sleepable = c->flags & SLEEPS, .attach_target = c->target};
	struct verify_result r = {0};
	enum answer a = MAY;
	struct arena mem;

	arena_init(&mem);
	verify_prog(&(struct image){.arena = &mem}, &p, o, &mem, &r);
	if (r.kernel_message && strstr(r.kernel_message, "calling kernel function"))
		a = MAY_NOT;
	else if (r.kernel_message && strstr(r.kernel_message, "must be sleepable"))
		a = MUST_SLEEP;
	arena_free(&mem);
	return a;
}

static int
compare(const char *name, struct btf *b, const struct verify_opts *o, uint32_t *pairs)
{
	uint32_t id = btf_find(b, str_of(name), BTF_KIND_FUNC);
	struct bpf_insn insns[] = {
		{.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_KFUNC_CALL, .imm = (__s32)id},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int wrong = 0;

	for (size_t i = 0; id && i < sizeof callers / sizeof *callers; i++) {
		struct caller c = callers[i];
		uint32_t target = c.btf ? btf_find(b, str_of(c.btf), c.kind) : 0;
		int at = c.type == FACT_PROG_STRUCT_OPS ? member(b, &c) : (int)c.attach;
		enum answer kernel, ours;

		if ((c.btf && !target) || at < 0)
			continue;
		c.attach = (uint32_t)at;
		kernel = ask(&c, insns, target);
		if (kernel == CANNOT_TELL)
			continue;
		++*pairs;
		ours = foretell(&c, insns, o);
		if (kernel == ours)
			continue;
		cr_log_error("%s %s call %s, not: %s", c.name, words[kernel], name, words[ours]);
		wrong++;
	}
	return wrong;
}

/* A function that needs a device, and one that needs a kernel with signatures. */
static bool
skipped(const char *name)
{
	return !strncmp(name, "bpf_xdp_metadata_", 17) ||
	       !strcmp(name, "bpf_verify_pkcs7_signature");
}

/* The running kernel and its types. */
struct machine {
	struct arena mem;
	struct verify_opts o;
};

static bool
open_machine(struct machine *m)
{
	unsigned major = 0, minor = 0, patch = 0;
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	struct utsname u;
	uint8_t *bytes;

	if (size <= 0 || sys_prog_load(&(struct sys_prog_load_attr){0}) == -EPERM)
		return false;
	uname(&u);
	sscanf(u.release, "%u.%u.%u", &major, &minor, &patch);
	arena_init(&m->mem);
	bytes = arena_array(&m->mem, uint8_t, (size_t)size);
	for (off_t at = 0, n; at < size; at += n) {
		n = pread(fd, bytes + at, (size_t)(size - at), at);
		cr_assert_gt(n, 0);
	}
	close(fd);
	m->o = (struct verify_opts){
		.caps = VCAP_DEFAULT | VCAP_SYS_ADMIN, .kernel = (uint16_t)KVER(major, minor),
		.patch = (uint16_t)patch, .vmlinux_btf = bytes, .vmlinux_btf_size = (size_t)size,
		.vmlinux = btf_open(&m->mem, bytes, (size_t)size, NULL, NULL),
	};
	return true;
}

Test(probe, kernel_functions_by_program, .timeout = 120)
{
	const struct fact_kfunc *f, *before = NULL;
	struct machine m = {0};
	uint32_t pairs = 0;
	int wrong = 0;

	if (!open_machine(&m))
		cr_skip_test("needs the kernel's BTF and CAP_BPF");
	for (uint32_t i = 0; (f = fact_kfunc_at(i)); before = f, i++)
		if ((!before || strcmp(before->name, f->name)) && !skipped(f->name))
			wrong += compare(f->name, m.o.vmlinux, &m.o, &pairs);
	if (!pairs)
		cr_skip_test("needs CAP_BPF");
	cr_assert_eq(wrong, 0, "%d of %u pairs differ", wrong, pairs);
	arena_free(&m.mem);
}

/* ---- arguments of what programs are attached to ------------------------------------- */

static bool
is_iterator(const struct caller *c, struct btf *b)
{
	char name[128];

	snprintf(name, sizeof name, "bpf_iter__%s", c->target);
	return c->attach == FACT_ATTACH_TRACE_ITER &&
	       btf_find(b, str_of(name), BTF_KIND_STRUCT);
}

/* 1 the kernel says the same of a program, 0 something else, -1 nothing. */
static int
compare_verdict(const struct caller *c, uint32_t target, struct bpf_insn *insns, uint32_t n,
		const struct verify_opts *o)
{
	static char log[65536];
	struct sys_prog_load_attr attr = {
		.prog_type = c->type, .insns = (uintptr_t)insns, .insn_cnt = n,
		.license = (uintptr_t)"GPL", .log_buf = (uintptr_t)log, .log_size = sizeof log,
		.log_level = 1, .expected_attach_type = c->attach, .prog_flags = c->flags,
		.attach_btf_id = target,
	};
	struct image_prog p = {.name = "p", .license = "GPL", .type = c->type, .insns = insns,
			       .ninsns = n, .attach_target = c->target, .flags = c->flags,
			       .sleepable = c->flags & SLEEPS, .expected_attach = c->attach};
	struct verify_result r = {0};
	struct arena mem;
	bool same;
	int fd;

	log[0] = 0;
	fd = sys_prog_load(&attr);
	if (fd >= 0)
		close(fd);
	else if (!log[0] || (!strncmp(log, "processed 0", 11) && is_iterator(c, o->vmlinux)))
		return -1;	/* left out of this kernel */
	arena_init(&mem);
	verify_prog(&(struct image){.arena = &mem}, &p, o, &mem, &r);
	same = fd >= 0 ? r.verdict == VERDICT_ACCEPT
		       : r.kernel_message && strstr(log, r.kernel_message);
	if (!same)
		cr_log_error("%s %s, instruction %u: kernel %s, not: %s", c->name, c->target,
			     r.insn, fd < 0 ? log : "accepts", r.kernel_message ? r.kernel_message
			     : r.verdict == VERDICT_ACCEPT ? "accepted" : r.unknown);
	arena_free(&mem);
	return same;
}

struct tally {
	struct machine *m;
	uint32_t tried, wrong;
	bool *seen;		/* structs, by BTF id */
};

static void
count(struct tally *t, int same)
{
	t->tried += same >= 0;
	t->wrong += same == 0;
}

/* Reads an argument, and through it when it can be read through. */
static void
read_argument(struct tally *t, const struct caller *c, uint32_t target, uint32_t arg)
{
	struct bpf_insn insns[] = {
		{.code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = 2, .src_reg = 1,
		 .off = (__s16)(8 * arg)},
		{.code = BPF_LDX | BPF_MEM | BPF_B, .dst_reg = 2, .src_reg = 2},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K},
		{.code = BPF_JMP | BPF_EXIT},
	};

	count(t, compare_verdict(c, target, insns, 4, &t->m->o));
}

/* Adds what may be any number to each pointer in the struct that an argument points to, if it
 * is the first of that type: the refusal says what the pointer is. */
static void
add_to_members(struct tally *t, const struct caller *c, uint32_t target, uint32_t arg)
{
	struct btf *b = t->m->o.vmlinux;
	uint32_t proto = btf_target(b, target), id;
	struct btf_param_of p = {0};
	struct btf_field f;

	if (c->kind == BTF_KIND_TYPEDEF)
		proto = btf_target(b, proto);
	if (!btf_param(b, proto, arg + (c->kind == BTF_KIND_TYPEDEF), &p))
		return;
	id = btf_resolve(b, p.type);
	id = btf_kind(btf_type(b, id)) == BTF_KIND_PTR ? btf_resolve(b, btf_target(b, id)) : 0;
	if (t->seen[id])
		return;
	t->seen[id] = true;
	for (uint32_t i = 0; btf_member(b, id, i, &f); i++) {
		struct bpf_insn insns[] = {
			{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 6, .src_reg = 1},
			{.code = BPF_JMP | BPF_CALL, .imm = FACT_FN_ktime_get_ns},
			{.code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = 2, .src_reg = 6,
			 .off = (__s16)(8 * arg)},
			{.code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = 2, .src_reg = 2,
			 .off = (__s16)(f.bit_offset / 8)},
			{.code = BPF_ALU64 | BPF_ADD | BPF_X, .dst_reg = 2, .src_reg = 0},
			{.code = BPF_ALU64 | BPF_MOV | BPF_K},
			{.code = BPF_JMP | BPF_EXIT},
		};

		if (btf_kind(btf_type(b, btf_resolve(b, f.type))) == BTF_KIND_PTR)
			count(t, compare_verdict(c, target, insns, 7, &t->m->o));
	}
}

/* All that begins like that in the kernel's types, each argument and one more. */
static void
compare_targets(struct caller c, struct tally *t,
		void (*each)(struct tally *, const struct caller *, uint32_t, uint32_t))
{
	struct btf *b = t->m->o.vmlinux;
	size_t n = strlen(c.btf);

	t->seen = arena_array(&t->m->mem, bool, btf_count(b));
	for (uint32_t id = 1; id < btf_count(b); id++) {
		uint32_t proto = btf_target(b, id), args;

		if (btf_kind(btf_type(b, id)) != c.kind || strncmp(btf_name(b, id), c.btf, n))
			continue;
		if (c.kind == BTF_KIND_TYPEDEF)	/* of a pointer; the first is not handed out */
			proto = btf_target(b, proto);
		args = btf_param_count(b, proto) - (c.kind == BTF_KIND_TYPEDEF);
		c.target = btf_name(b, id) + n;
		for (uint32_t arg = 0; arg <= args && arg < 12; arg++)
			each(t, &c, id, arg);
	}
}

static void
expect_none(const struct tally *t)
{
	if (!t->tried)
		cr_skip_test("needs a kernel that lets programs be attached there");
	cr_assert_eq(t->wrong, 0, "%u of %u differ", t->wrong, t->tried);
}

static const struct caller tracepoint = {"tp_btf", FACT_PROG_TRACING, FACT_ATTACH_TRACE_RAW_TP,
					 0, "", "btf_trace_", BTF_KIND_TYPEDEF};
static const struct caller iterator = {"iter", FACT_PROG_TRACING, FACT_ATTACH_TRACE_ITER, 0, "",
				       "bpf_iter_", BTF_KIND_FUNC};
static const struct caller lsm = {"lsm", FACT_PROG_LSM, FACT_ATTACH_LSM_MAC, 0, "", "bpf_lsm_",
				  BTF_KIND_FUNC};
static const struct caller lsm_sleeps = {"lsm.s", FACT_PROG_LSM, FACT_ATTACH_LSM_MAC, SLEEPS, "",
					 "bpf_lsm_", BTF_KIND_FUNC};

Test(probe, arguments_of_tracepoints, .timeout = 300)
{
	struct machine m = {0};
	struct tally t = {.m = &m};

	if (!open_machine(&m))
		cr_skip_test("needs the kernel's BTF and CAP_BPF");
	compare_targets(tracepoint, &t, read_argument);
	expect_none(&t);
	arena_free(&m.mem);
}

Test(probe, arguments_of_iterators, .timeout = 300)
{
	struct machine m = {0};
	struct tally t = {.m = &m};

	if (!open_machine(&m))
		cr_skip_test("needs the kernel's BTF and CAP_BPF");
	compare_targets(iterator, &t, read_argument);
	expect_none(&t);
	arena_free(&m.mem);
}

/* May the program be loaded at all, may it sleep there. */
Test(probe, lsm_hooks, .timeout = 300)
{
	struct machine m = {0};
	struct tally t = {.m = &m};

	if (!open_machine(&m))
		cr_skip_test("needs the kernel's BTF and CAP_BPF");
	compare_targets(lsm, &t, read_argument);
	compare_targets(lsm_sleeps, &t, read_argument);
	expect_none(&t);
	arena_free(&m.mem);
}

/* How far the pointers in kernel objects are trusted. */
Test(probe, pointers_in_objects, .timeout = 300)
{
	struct machine m = {0};
	struct tally t = {.m = &m};

	if (!open_machine(&m))
		cr_skip_test("needs the kernel's BTF and CAP_BPF");
	compare_targets(tracepoint, &t, add_to_members);
	compare_targets(lsm, &t, add_to_members);
	compare_targets(lsm_sleeps, &t, add_to_members);
	expect_none(&t);
	arena_free(&m.mem);
}

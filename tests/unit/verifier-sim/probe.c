/* SPDX-License-Identifier: MIT */
/* probe.c: which programs may call which kernel functions, and which of those want to sleep,
 * against the running kernel: every function of the table in every kind of program. */
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

Test(probe, kernel_functions_by_program, .timeout = 120)
{
	struct verify_opts o = {.caps = VCAP_DEFAULT | VCAP_SYS_ADMIN};
	unsigned major = 0, minor = 0, patch = 0;
	const struct fact_kfunc *f, *before = NULL;
	struct arena mem;
	struct utsname u;
	uint32_t pairs = 0;
	int wrong = 0, fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	uint8_t *bytes;

	if (size <= 0 || sys_prog_load(&(struct sys_prog_load_attr){0}) == -EPERM)
		cr_skip_test("needs the kernel's BTF and CAP_BPF");
	uname(&u);
	sscanf(u.release, "%u.%u.%u", &major, &minor, &patch);
	arena_init(&mem);
	bytes = arena_array(&mem, uint8_t, (size_t)size);
	for (off_t at = 0, n; at < size; at += n) {
		n = pread(fd, bytes + at, (size_t)(size - at), at);
		cr_assert_gt(n, 0);
	}
	close(fd);
	o.kernel = (uint16_t)KVER(major, minor);
	o.patch = (uint16_t)patch;
	o.vmlinux_btf = bytes;
	o.vmlinux_btf_size = (size_t)size;
	o.vmlinux = btf_open(&mem, bytes, (size_t)size, NULL, NULL);
	for (uint32_t i = 0; (f = fact_kfunc_at(i)); before = f, i++)
		if ((!before || strcmp(before->name, f->name)) && !skipped(f->name))
			wrong += compare(f->name, o.vmlinux, &o, &pairs);
	if (!pairs)
		cr_skip_test("needs CAP_BPF");
	cr_assert_eq(wrong, 0, "%d of %u pairs differ", wrong, pairs);
	arena_free(&mem);
}

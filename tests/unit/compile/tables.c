/* SPDX-License-Identifier: MIT */
/* tables.c: rows of the language that are uniform: section names, helpers with their argument
 * counts, context fields. Each row is compiled, and judged by what the image or the error
 * says. The expectations stand here, not in core/facts. */
#include "base/buf.h"
#include "compile/compile.h"
#include "facts/facts.h"

#include <criterion/criterion.h>
#include <linux/bpf.h>

static struct arena arena;
static struct sources sources;
static struct lisp *l;
static struct kenv *k;

static void
setup(void)
{
	arena_init(&arena);
	sources_init(&sources);
	l = lisp_new(&sources, NULL);
	k = kenv_new(l, &(struct compile_host){0});
}

static void
teardown(void)
{
	kenv_free(k);
	lisp_free(l);
	sources_free(&sources);
	arena_free(&arena);
}

TestSuite(tables, .init = setup, .fini = teardown);

static struct diags ds;

/* The program in `text`, or null with what is wrong in `ds`. */
static const struct image_prog *
compiled(const char *text)
{
	struct image *im = arena_new(&arena, struct image);
	struct reader r = {.file = sources_add(&sources, "row", str_of(text))};
	value form;

	*im = (struct image){.arena = &arena, .sources = &sources};
	diags_init(&ds, &arena);
	cr_assert_eq(lisp_read(l, &r, &form, &ds), READ_FORM, "%s", text);
	return compile_prog(k, form, &arena, im, NULL, NULL, &ds) ? im->progs.at[0] : NULL;
}

static bool
helps_with(const char *phrase)
{
	for (uint32_t i = 0; i < ds.all.n; i++)
		for (uint32_t j = 0; j < ds.all.at[i]->helps.n; j++)
			if (strstr(ds.all.at[i]->helps.at[j], phrase))
				return true;
	return false;
}

static const struct {
	const char *section;
	uint32_t type, attach;
} sections[] = {
	{"xdp", BPF_PROG_TYPE_XDP, BPF_XDP},
	{"xdp/name", BPF_PROG_TYPE_XDP, BPF_XDP},
	{"kprobe/f", BPF_PROG_TYPE_KPROBE, 0},
	{"kretprobe/f", BPF_PROG_TYPE_KPROBE, 0},
	{"uprobe//bin/sh:main", BPF_PROG_TYPE_KPROBE, 0},
	{"uretprobe//bin/sh:main", BPF_PROG_TYPE_KPROBE, 0},
	{"kprobe.multi/f*", BPF_PROG_TYPE_KPROBE, 42},
	{"kretprobe.multi/f*", BPF_PROG_TYPE_KPROBE, 42},
	{"tracepoint/sched/sched_switch", BPF_PROG_TYPE_TRACEPOINT, 0},
	{"raw_tp/sys_enter", BPF_PROG_TYPE_RAW_TRACEPOINT, 0},
	{"tc", BPF_PROG_TYPE_SCHED_CLS, 0},
	{"tc/name", BPF_PROG_TYPE_SCHED_CLS, 0},
	{"tcx/ingress", BPF_PROG_TYPE_SCHED_CLS, 46},
	{"classifier", BPF_PROG_TYPE_SCHED_CLS, 0},
	{"cgroup_skb", BPF_PROG_TYPE_CGROUP_SKB, 0},
	{"cgroup_skb/ingress", BPF_PROG_TYPE_CGROUP_SKB, 0},
	{"cgroup_skb/egress", BPF_PROG_TYPE_CGROUP_SKB, 1},
	{"cgroup/sock_create", BPF_PROG_TYPE_CGROUP_SOCK, 2},
	{"cgroup/sock_release", BPF_PROG_TYPE_CGROUP_SOCK, 34},
	{"cgroup/post_bind4", BPF_PROG_TYPE_CGROUP_SOCK, 12},
	{"cgroup/post_bind6", BPF_PROG_TYPE_CGROUP_SOCK, 13},
	{"cgroup/bind4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, 8},
	{"cgroup/bind6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, 9},
	{"cgroup/connect4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, 10},
	{"cgroup/connect6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, 11},
	{"cgroup/sendmsg4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, 14},
	{"cgroup/sendmsg6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, 15},
	{"cgroup/recvmsg4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, 19},
	{"sockops", BPF_PROG_TYPE_SOCK_OPS, 3},
	{"socket", BPF_PROG_TYPE_SOCKET_FILTER, 0},
	{"perf_event", BPF_PROG_TYPE_PERF_EVENT, 0},
	{"lsm/file_open", BPF_PROG_TYPE_LSM, 27},
	{"fentry/f", BPF_PROG_TYPE_TRACING, 24},
	{"fexit/f", BPF_PROG_TYPE_TRACING, 25},
	{"sk_lookup", BPF_PROG_TYPE_SK_LOOKUP, 36},
	{"sk_lookup/name", BPF_PROG_TYPE_SK_LOOKUP, 36},
	{"interval/s:1", BPF_PROG_TYPE_PERF_EVENT, 0},
	{"profile/hz:99", BPF_PROG_TYPE_PERF_EVENT, 0},
	{"test_run/name", BPF_PROG_TYPE_RAW_TRACEPOINT, 0},
};

Test(tables, sections)
{
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
		const char *s = sections[i].section;
		const struct image_prog *p = compiled(arena_printf(&arena,
			"(defprog p (:section \"%s\") (return 1))", s));

		/* fentry and the like take 0 alone. */
		if (!p)
			p = compiled(arena_printf(&arena, "(defprog p (:section \"%s\") 0)", s));
		cr_assert(p, "%s: %s", s, ds.all.n ? ds.all.at[0]->message : "?");
		cr_expect_eq(p->type, sections[i].type, "%s: type %u", s, p->type);
		cr_expect_eq(p->expected_attach, sections[i].attach, "%s: attach type %u", s,
			     p->expected_attach);
	}
}

/* Every section name with a letter too much, except where anything may follow. */
Test(tables, sections_with_a_slip)
{
	const struct fact_section *s;
	unsigned seen = 0;

	for (uint32_t i = 0; (s = fact_section_at(i)); i++) {
		const char *bad = arena_printf(&arena, "%.*sq%s", (int)strlen(s->prefix) - 1,
					       s->prefix, s->prefix + strlen(s->prefix) - 1);

		if (fact_section(str_of(bad), NULL))
			continue;
		cr_expect_null(compiled(arena_printf(&arena,
			"(defprog p (:section \"%s\") 0)", bad)), "%s", bad);
		cr_expect_str_eq(ds.all.at[0]->code, "C0016", "%s", bad);
		cr_expect(helps_with("did you mean"), "%s: no suggestion", bad);
		seen++;
	}
	cr_expect_gt(seen, 60);
}

/* The kernel lets them pass, so they are no errors. */
Test(tables, return_codes_of_xdp)
{
	cr_expect(compiled("(defprog p (:type :xdp) (return 5))"));
	cr_assert_eq(ds.all.n, 1);
	cr_expect_eq(ds.all.at[0]->severity, DIAG_WARNING);
	cr_expect_str_eq(ds.all.at[0]->code, "C0024");
	cr_expect(compiled("(defprog p (:type :xdp) (return XDP_REDIRECT))"));
	cr_expect_eq(ds.all.n, 0);
}

/* The helpers of the inventory: number in the kernel, least and most arguments. */
static const struct {
	const char *name;
	uint32_t id;
	int least, most;
} helpers[] = {
	{"map-lookup-elem", 1, 2, 2}, {"map-update-elem", 2, 4, 4}, {"map-delete-elem", 3, 2, 2},
	{"probe-read", 4, 3, 3}, {"ktime-get-ns", 5, 0, 0}, {"trace-printk", 6, 2, 5},
	{"get-prandom-u32", 7, 0, 0}, {"get-smp-processor-id", 8, 0, 0}, {"tail-call", 12, 2, 3},
	{"get-current-pid-tgid", 14, 0, 0}, {"get-current-uid-gid", 15, 0, 0},
	{"get-current-comm", 16, 2, 2}, {"redirect", 23, 2, 2}, {"perf-event-output", 25, 5, 5},
	{"skb-load-bytes", 26, 4, 4}, {"get-stackid", 27, 2, 3}, {"get-current-task", 35, 0, 0},
	{"probe-read-str", 45, 3, 3}, {"get-socket-cookie", 46, 1, 1}, {"override-return", 58, 2, 2},
	{"get-current-cgroup-id", 80, 0, 0}, {"sk-lookup-tcp", 84, 5, 5}, {"sk-lookup-udp", 85, 5, 5},
	{"sk-release", 86, 1, 1}, {"send-signal", 109, 1, 1}, {"probe-read-user", 112, 3, 3},
	{"probe-read-kernel", 113, 3, 3}, {"probe-read-user-str", 114, 3, 3},
	{"probe-read-kernel-str", 115, 3, 3}, {"jiffies64", 118, 0, 0}, {"sk-assign", 124, 3, 3},
	{"ktime-get-boot-ns", 125, 0, 0}, {"ringbuf-output", 130, 3, 4},
	{"ringbuf-reserve", 131, 2, 3}, {"ringbuf-submit", 132, 1, 2}, {"ringbuf-discard", 133, 1, 2},
	{"d-path", 147, 3, 3}, {"per-cpu-ptr", 153, 2, 2}, {"get-current-task-btf", 158, 0, 0},
	{"ktime-get-coarse-ns", 160, 0, 0}, {"ktime-get-tai-ns", 208, 0, 0},
};

static const char *
call_of(const char *name, int args)
{
	struct buf b = buf_new(&arena);

	buf_printf(&b, "(defprog p (:type :kprobe) (%s", name);
	for (int i = 0; i < args; i++)
		buf_puts(&b, " 0");
	buf_puts(&b, ") 0)");
	return arena_strndup(&arena, b.at, b.n);
}

static bool
says_count(void)
{
	for (uint32_t i = 0; i < ds.all.n; i++)
		if (strcmp(ds.all.at[i]->code, "C0004") == 0 &&
		    strstr(ds.all.at[i]->message, "takes"))
			return true;
	return false;
}

Test(tables, helpers_and_their_argument_counts)
{
	for (size_t i = 0; i < sizeof helpers / sizeof *helpers; i++) {
		const struct fact_helper *h = fact_helper_named(str_of(helpers[i].name));

		cr_assert(h, "%s", helpers[i].name);
		cr_expect_eq(h->id, helpers[i].id, "%s is %u", helpers[i].name, h->id);
		for (int n = 0; n <= helpers[i].most + 1; n++) {
			bool fits = n >= helpers[i].least && n <= helpers[i].most;

			compiled(call_of(helpers[i].name, n));
			cr_expect_eq(says_count(), !fits, "%s with %d arguments", helpers[i].name,
				     n);
		}
	}
}

/* What takes no argument compiles to one call. */
Test(tables, helpers_without_arguments)
{
	for (size_t i = 0; i < sizeof helpers / sizeof *helpers; i++) {
		const struct image_prog *p;

		if (helpers[i].most)
			continue;
		p = compiled(call_of(helpers[i].name, 0));
		cr_assert(p, "%s: %s", helpers[i].name, ds.all.n ? ds.all.at[0]->message : "?");
		cr_expect_eq(p->insns[0].code, BPF_JMP | BPF_CALL, "%s", helpers[i].name);
		cr_expect_eq(p->insns[0].imm, (int)helpers[i].id, "%s", helpers[i].name);
	}
}

/* Fields of every context, each by its name: a load of that size at that place. */
static void
context_fields(const struct fact_prog_type *t, unsigned *seen)
{
	uint32_t n = 0;
	const struct fact_ctx_field *f = fact_ctx_fields(t->ctx, &n);

	for (uint32_t i = 0; i < n; i++) {
		char *name = arena_strdup(&arena, f[i].name);
		const struct image_prog *p;
		bool loads = false;

		for (char *c = name; *c; c++)
			*c = *c == '_' ? '-' : *c;
		p = compiled(arena_printf(&arena, "(defprog p (:type :%s) (let ((v (ctx %s%s))) "
					  "(return (if v 1 0))))", t->name, name,
					  f[i].count > 1 ? " 0" : ""));
		cr_assert(p, "%s %s: %s", t->name, name, ds.all.n ? ds.all.at[0]->message : "?");
		for (uint32_t j = 0; j < p->ninsns; j++)
			loads |= (p->insns[j].code & 7) == BPF_LDX && p->insns[j].off == f[i].offset;
		cr_expect(loads, "%s %s", t->name, name);
		++*seen;
	}
}

Test(tables, context_fields)
{
	unsigned seen = 0;

	for (uint32_t id = 1; id < FACT_PROG_END; id++)
		if (fact_prog_type(id) && fact_prog_type(id)->ctx)
			context_fields(fact_prog_type(id), &seen);
	cr_expect_gt(seen, 300);
}

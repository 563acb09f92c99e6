/* SPDX-License-Identifier: MIT */
/* explain.c: what an explanation says, on small programs in assembly: the headline and the
 * facts name memory and numbers, the steps are those that matter, in order. Programs with
 * names and source are in tests/rejections. */
#include "facts/facts.h"
#include "image/asm.h"
#include "verifier-sim/explain/explain.h"

#include <criterion/criterion.h>

#define LOOKUP "*(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map m\ncall map_lookup_elem\n"

struct told {
	struct arena a;
	struct image im;
	struct image_prog p;
	struct verify_result r;
	struct vs_explanation x;
};

static struct verify_opts options = {.kernel = KVER(6, 18), .caps = VCAP_DEFAULT};

static struct told
assembled(uint32_t type, const char *text)
{
	static struct image_map map = {.name = "m", .type = BPF_MAP_TYPE_HASH, .key_size = 4,
				       .value_size = 16, .max_entries = 4};
	struct told t = {.p = {.name = "p", .license = "GPL", .type = type}};
	struct asm_out out;

	arena_init(&t.a);
	cr_assert(asm_text(str_of(text), &t.a, &out), "line %u: %s", out.line, out.error);
	vec_push(&t.a, &t.im.maps, &map);
	t.p.insns = out.insns.at;
	t.p.ninsns = out.insns.n;
	for (uint32_t i = 0; i < out.refs.n; i++) {
		struct image_reloc rel = {.insn = out.refs.at[i].insn,
					  .kind = out.refs.at[i].kind,
					  .name = out.refs.at[i].name};

		vec_push(&t.a, &t.p.relocs, rel);
	}
	return t;
}

static void
judge(struct told *t)
{
	verify_prog(&t->im, &t->p, &options, &t->a, &t->r);
	cr_assert_eq(t->r.verdict, VERDICT_REJECT, "%s", t->r.unknown ? t->r.unknown : "accepted");
	verify_explain(&t->im, &t->p, &options, &t->r, &t->a, &t->x);
}

static struct told
explain(uint32_t type, const char *text)
{
	struct told t = assembled(type, text);

	judge(&t);
	return t;
}

static bool
has_step(const struct told *t, enum vs_step_kind kind, uint32_t insn)
{
	for (uint32_t i = 0; i < t->x.steps.n; i++)
		if (t->x.steps.at[i].kind == kind && t->x.steps.at[i].insn == insn)
			return true;
	return false;
}

Test(explain, possible_null)
{
	struct told t = explain(BPF_PROG_TYPE_XDP, LOOKUP "r1 = *(u64 *)(r0 +0)\nr0 = 1\nexit");

	cr_expect_str_eq(t.x.headline, "the result of bpf_map_lookup_elem() may be null here");
	cr_expect_eq(t.x.root, 6);
	cr_expect_eq(t.x.needs.at[0].kind, NEED_NOT_NULL);
	cr_expect_eq(t.x.needs.at[0].made, 5);
	cr_expect(has_step(&t, STEP_MADE, 5));
	arena_free(&t.a);
}

Test(explain, packet_bytes_short_check)
{
	struct told t = explain(BPF_PROG_TYPE_XDP,
		"r2 = *(u32 *)(r1 +0)\nr3 = *(u32 *)(r1 +4)\nr4 = r2\nr4 += 14\nr0 = 1\n"
		"if r4 > r3 goto out\nr5 = *(u32 *)(r2 +26)\nout: exit");

	cr_expect_str_eq(t.x.headline, "reads bytes 26 to 29 of the packet that may not be there");
	cr_expect_str_eq(t.x.facts.at[0],
			 "the packet is known to hold 14 bytes here; this touches bytes 26 to 29");
	cr_expect(has_step(&t, STEP_NARROWED, 5));
	cr_expect_eq(t.x.needs.at[0].lo, 26);
	cr_expect_eq(t.x.needs.at[0].hi, 30);
	arena_free(&t.a);
}

Test(explain, index_beyond_value)
{
	struct told t = explain(BPF_PROG_TYPE_XDP, "r6 = *(u32 *)(r1 +12)\n" LOOKUP
		"if r0 == 0 goto out\nif r6 > 100 goto out\nr0 += r6\n*(u8 *)(r0 +0) = 1\n"
		"out: r0 = 1\nexit");

	cr_expect(strstr(t.x.headline, "may be up to 100 here: past the end of the value of `m`"),
		  "%s", t.x.headline);
	cr_expect(has_step(&t, STEP_NARROWED, 8));
	cr_expect_eq(t.x.needs.at[0].kind, NEED_RANGE);
	cr_expect_eq(t.x.needs.at[0].hi, 15);
	cr_expect_eq(t.x.needs.at[0].have_hi, 100);
	arena_free(&t.a);
}

/* The check is made on a sum; the number itself is what is used. */
Test(explain, check_on_a_relative)
{
	struct told t = explain(BPF_PROG_TYPE_XDP, "r6 = *(u32 *)(r1 +12)\n" LOOKUP
		"if r0 == 0 goto out\nr7 = r6\nr7 &= 15\nif r7 > 8 goto out\nr0 += r6\n"
		"*(u8 *)(r0 +0) = 1\nout: r0 = 1\nexit");

	cr_expect(has_step(&t, STEP_MISSED, 10));
	arena_free(&t.a);
}

Test(explain, packet_moved)
{
	struct told t = explain(BPF_PROG_TYPE_XDP,
		"r6 = *(u32 *)(r1 +0)\nr3 = *(u32 *)(r1 +4)\nr4 = r6\nr4 += 14\n"
		"if r4 > r3 goto out\nr2 = 4\ncall xdp_adjust_head\nr5 = *(u8 *)(r6 +0)\n"
		"out: r0 = 1\nexit");

	cr_expect(has_step(&t, STEP_LOST, 6));
	cr_expect(strstr(t.x.headline, "bpf_xdp_adjust_head()"), "%s", t.x.headline);
	arena_free(&t.a);
}

Test(explain, value_returned)
{
	struct told t = explain(BPF_PROG_TYPE_CGROUP_SKB, "r0 = 7\nr1 = 0\nexit");

	cr_expect_eq(t.x.root, 0);
	cr_expect_eq(t.x.at, 2);
	cr_expect_eq(t.x.needs.at[0].lo, 0);
	arena_free(&t.a);
}

Test(explain, sizes_that_fit_nowhere)
{
	struct told t = explain(BPF_PROG_TYPE_XDP, LOOKUP
		"if r0 == 0 goto out\nr1 = r0\nr2 = -8\nr3 = 0\ncall probe_read_kernel\n"
		"out: r0 = 1\nexit");

	cr_expect_str_eq(t.x.headline,
			 "bpf_probe_read_kernel() is given a size of -8 bytes: it must not be negative");
	arena_free(&t.a);
	t = explain(BPF_PROG_TYPE_XDP, LOOKUP "if r0 == 0 goto out\nr1 = r0\nr2 = 0\n"
		    "call trace_printk\nout: r0 = 1\nexit");
	cr_expect_str_eq(t.x.headline,
			 "bpf_trace_printk() is given a size of 0 bytes: there must be at least 1");
	arena_free(&t.a);
}

Test(explain, what_this_kernel_lacks)
{
	struct told t = assembled(BPF_PROG_TYPE_TRACING, "r0 = 0\nexit");

	t.p.expected_attach = FACT_ATTACH_TRACE_FEXIT_MULTI;
	judge(&t);
	cr_expect_str_eq(t.x.headline, "this kernel has no attach type trace_fexit_multi");
	cr_expect_str_eq(t.x.helps.at[0], "it exists since Linux 7.2; this is 6.18");
	arena_free(&t.a);
	t = assembled(BPF_PROG_TYPE_XDP, "call ktime_get_ns\nr0 = 0\nexit");
	t.p.insns[0].imm = 2002000000;	/* loaders put it where a weak function is absent */
	judge(&t);
	cr_expect_str_eq(t.x.headline, "this kernel does not have the kernel function called here");
	cr_expect(strstr(t.x.helps.at[0], "bpf_ksym_exists"));
	arena_free(&t.a);
}

/* The path is the one that failed, not the ones walked before. */
/* Since 7.1 a function that leads back to itself is told as that, not as deep calls. */
Test(explain, recursion)
{
	static const struct {
		const char *text, *headline;
	} circles[] = {
		{"call f\nexit\nf: call f\nexit", "function 1 calls itself"},
		{"call f\nexit\nf: call g\nexit\ng: call f\nexit",
		 "function 1 is called by a function it called"},
	};

	options.kernel = KVER(7, 3);
	for (size_t i = 0; i < sizeof circles / sizeof *circles; i++) {
		struct told t = explain(BPF_PROG_TYPE_XDP, circles[i].text);

		cr_expect_str_eq(t.r.code, "V0349");
		cr_expect_str_eq(t.x.headline, circles[i].headline);
		arena_free(&t.a);
	}
	options.kernel = KVER(6, 18);
}

Test(explain, path)
{
	static const uint32_t want[] = {0, 1, 3, 4};
	struct told t = explain(BPF_PROG_TYPE_XDP,
		"r0 = *(u32 *)(r1 +12)\nif r0 > 5 goto bad\nexit\nbad: r2 = 0\n"
		"r0 = *(u8 *)(r2 +0)\nexit");

	cr_assert_eq(t.x.npath, 4);
	cr_expect_eq(memcmp(t.x.path, want, sizeof want), 0);
	arena_free(&t.a);
}

Test(explain, every_code_has_words)
{
	for (uint32_t i = 0; verify_code_at(i); i++)
		cr_expect(verify_headline(verify_code_at(i)), "%s", verify_code_at(i));
}

/* SPDX-License-Identifier: MIT */
/* verify.c: the verdict on small programs, each with the words the kernel ends with. The
 * kernel's own tests and random programs are in tests/conformance and tests/fuzz; what stands
 * here must hold without them. */
#include "facts/facts.h"
#include "image/asm.h"
#include "verifier-sim/verify.h"

#include <criterion/criterion.h>
#include <errno.h>

struct verdict_case {
	const char *text;
	const char *message;	/* null: accepted */
	uint32_t insn;
};

static void
judge_with(const char *text, struct verify_opts o, struct arena *a, struct verify_result *r)
{
	struct image_map map = {.name = "m", .type = BPF_MAP_TYPE_HASH, .key_size = 4,
				.value_size = 16, .max_entries = 4};
	struct image im = {.arena = a};
	struct image_prog p = {.name = "p", .license = "GPL", .type = o.caps == VCAP_DEFAULT
			       ? BPF_PROG_TYPE_XDP : BPF_PROG_TYPE_SOCKET_FILTER};
	struct asm_out out;

	cr_assert(asm_text(str_of(text), a, &out), "line %u: %s", out.line, out.error);
	vec_push(a, &im.maps, &map);
	p.insns = out.insns.at;
	p.ninsns = out.insns.n;
	for (uint32_t i = 0; i < out.refs.n; i++) {
		struct image_reloc rel = {.insn = out.refs.at[i].insn, .kind = out.refs.at[i].kind,
					  .name = out.refs.at[i].name};

		vec_push(a, &p.relocs, rel);
	}
	verify_prog(&im, &p, &o, a, r);
}

static void
judge(const char *text, uint32_t caps, uint16_t kernel, struct arena *a,
      struct verify_result *r)
{
	judge_with(text, (struct verify_opts){.kernel = kernel, .caps = caps}, a, r);
}

static const struct verdict_case cases[] = {
	{"r0 = 0\nexit", NULL, 0},
	{"exit", "R0 !read_ok", 0},
	{"r0 = r11\nexit", "R11 is invalid", 0},
	{"r10 = 0\nexit", "frame pointer is read only", 0},
	{"goto pc+5\nexit", "jump out of range from insn 0 to 6", 0},
	{"r0 = 0", "last insn is not an exit or jmp", 0},
	{"exit\nr0 = 0\nexit", "unreachable insn 1", 1},
	{"r0 = 0\nr0 /= 0\nexit", "div by zero", 1},
	{"r0 = 0\nr0 <<= 64\nexit", "invalid shift 64", 1},
	{"r0 = *(u64 *)(r10 -520)\nexit", "invalid read from stack R10 off=-520 size=8", 0},
	{"*(u64 *)(r10 -4) = 1\nr0 = 0\nexit", "misaligned stack access off 0+0+-4 size 8", 0},
	{"r0 = 0\nl: goto l", "infinite loop detected at insn 1", 1},
	/* found on arriving there, whatever was walked last */
	{"r0 = r1\nl: r2 = r0\nr3 = r0\nif r1 == 0 goto l\nr0 = 0\nexit",
	 "infinite loop detected at insn 3", 3},
	/* a counted loop ends */
	{"r1 = 0\nl: r1 += 1\nif r1 < 100 goto l\nr0 = 0\nexit", NULL, 0},
	/* packet bytes need a comparison with the end */
	{"r2 = *(u32 *)(r1 +0)\nr0 = *(u8 *)(r2 +0)\nexit",
	 "R2 offset is outside of the packet", 1},
	{"r2 = *(u32 *)(r1 +0)\nr3 = *(u32 *)(r1 +4)\nr4 = r2\nr4 += 14\nr0 = 1\n"
	 "if r4 > r3 goto out\nr5 = *(u16 *)(r2 +12)\nout: exit", NULL, 0},
	/* map values may be null, and have a size */
	{"*(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map m\ncall map_lookup_elem\n"
	 "r1 = *(u64 *)(r0 +0)\nr0 = 1\nexit", "R0 invalid mem access 'map_value_or_null'", 6},
	{"*(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map m\ncall map_lookup_elem\n"
	 "if r0 == 0 goto out\nr1 = *(u64 *)(r0 +16)\nout: r0 = 1\nexit",
	 "R0 min value is outside of the allowed memory range", 7},
	/* a function's frame is its own */
	{"r1 = r10\ncall f\nr0 = 0\nexit\nf: *(u64 *)(r1 -8) = 5\nr0 = 0\nexit", NULL, 0},
	{"call f\nr0 = *(u64 *)(r0 +0)\nexit\nf: r0 = r10\nexit",
	 "cannot return stack pointer to the caller", 4},
	/* JSET that falls through leaves the bits and no ranges: 126 rather than 100 */
	{"r0 = *(u32 *)(r1 +12)\nif r0 > 100 goto out\nif r0 & 1 goto out\nr2 = r10\n"
	 "r2 += r0\n*(u8 *)(r2 -102) = 0\nout: r0 = 0\nexit",
	 "invalid variable-offset write to stack R2 var_off=(0x0; 0x7e) off=-102 size=1", 5},
	/* a register compared with itself falls through too, in 6.18, with ranges forgotten */
	{"call get_smp_processor_id\nif w0 >= w0 goto big\nr0 &= 1\ngoto test\n"
	 "big: r0 = -544740420\ntest: if w0 < 25 goto use\nr0 = 0\nexit\nuse: r2 = r10\n"
	 "r2 += r0\nr5 = *(u32 *)(r2 -32)\nr0 = 0\nexit",
	 "misaligned stack access off (0x0; 0x1)+0+-32 size 4", 10},
	/* a helper that fills what it is handed: the zero that stood there is gone */
	{"r3 = 0\n*(u64 *)(r10 -64) = r3\n*(u64 *)(r10 -56) = r3\n*(u64 *)(r10 -48) = r3\n"
	 "*(u64 *)(r10 -40) = r3\n*(u64 *)(r10 -32) = r3\n*(u64 *)(r10 -24) = r3\n"
	 "*(u64 *)(r10 -16) = r3\n*(u64 *)(r10 -8) = r3\nr2 = r10\nr2 += -64\nr3 = 64\n"
	 "r4 = 0\ncall fib_lookup\nr1 = *(u8 *)(r10 -64)\nif r1 == 0 goto out\n"
	 "r0 = *(u64 *)(r0 +0)\nout: r0 = 0\nexit", "R0 invalid mem access 'scalar'", 16},
	{"r0 = 0\n.raw 0xff 0 0 0 0\nexit", "unknown opcode ff", 1},
};

Test(verify, small_programs)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct verdict_case *c = &cases[i];
		struct verify_result r;
		struct arena a;

		arena_init(&a);
		judge(c->text, VCAP_DEFAULT, KVER(6, 18), &a, &r);
		cr_assert_null(r.unknown, "%s: %s", c->text, r.unknown);
		cr_assert_eq(r.verdict, c->message ? VERDICT_REJECT : VERDICT_ACCEPT, "%s: %s",
			     c->text, r.kernel_message ? r.kernel_message : "accepted");
		if (c->message) {
			cr_assert_str_eq(r.kernel_message, c->message);
			cr_assert_not_null(verify_headline(r.code));
			cr_assert_eq(r.insn, c->insn, "%s: at %u", c->text, r.insn);
		}
		arena_free(&a);
	}
}

/* What newer kernels learn of numbers: accepted from one version on. */
static const struct {
	const char *text;
	uint16_t before, from;
} learnt[] = {
	/* `x < 0 ? -8 : 0` is walked for both of its values */
	{"r1 = *(u32 *)(r1 +12)\nr1 <<= 32\nr1 s>>= 63\nr1 &= -8\nr2 = r10\nr2 += r1\n"
	 "*(u64 *)(r2 -8) = 0\nr0 = 0\nexit", KVER(6, 10), KVER(6, 12)},
	/* a copy less a constant is bounded with its original, in 64 and 32 bits */
	{"r1 = *(u32 *)(r1 +12)\nr2 = r1\nr2 -= 8\nif r2 > 7 goto out\nr3 = r10\nr3 += r1\n"
	 "*(u8 *)(r3 -16) = 0\nout: r0 = 0\nexit", KVER(6, 12), KVER(6, 18)},
	{"r1 = *(u32 *)(r1 +12)\nr2 = r1\nw2 += -8\nif w2 > 7 goto out\nr3 = r10\nr3 += r1\n"
	 "*(u8 *)(r3 -16) = 0\nout: r0 = 0\nexit", KVER(6, 12), KVER(6, 18)},
	/* before 5.10 the stack has constant offsets only */
	{"r1 = *(u32 *)(r1 +12)\nr1 &= 7\nr2 = r10\nr2 += r1\n*(u8 *)(r2 -8) = 0\nr0 = 0\nexit",
	 KVER(5, 4), KVER(5, 10)},
	/* unwritten stack may be read, first only above what was written */
	{"*(u64 *)(r10 -16) = 0\nr1 = *(u64 *)(r10 -8)\nr0 = 0\nexit", KVER(5, 4), KVER(5, 10)},
	{"r1 = *(u64 *)(r10 -8)\nr0 = 0\nexit", KVER(5, 10), KVER(6, 1)},
	/* half of a saved number */
	{"r4 = 8\n*(u64 *)(r10 -8) = r4\nr5 = *(u32 *)(r10 -8)\nr5 -= 24\n"
	 "r2 = r10\nr2 += r5\n*(u8 *)(r2 +0) = 0\nr0 = 0\nexit", KVER(6, 1), KVER(6, 12)},
	/* half of a pointer counts as the pointer when compared with 0 */
	{"*(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map m\ncall map_lookup_elem\n"
	 "if r0 == 0 goto out\nif w0 == 0 goto bad\nout: r0 = 0\nexit\n"
	 "bad: r0 = *(u64 *)(r3 +0)\nexit", 0, KVER(5, 10)},
	/* nothing is below 0, whichever side it stands on */
	{"r1 = *(u32 *)(r1 +12)\nr2 = 0\nif r2 > r1 goto bad\nr0 = 0\nexit\n"
	 "bad: r0 = *(u64 *)(r3 +0)\nexit", KVER(6, 1), KVER(6, 6)},
	/* a 32-bit half has ranges of its own since 5.7 */
	{"*(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map m\ncall map_lookup_elem\n"
	 "if r0 == 0 goto out\nr7 = r0\ncall ktime_get_ns\nif w0 > 7 goto out\nw0 = w0\n"
	 "r7 += r0\nr1 = *(u8 *)(r7 +0)\nout: r0 = 0\nexit", KVER(5, 4), KVER(5, 10)},
	/* multiples of 16 between 1 and 31 are 16 */
	{"r1 = *(u32 *)(r1 +12)\nr1 &= 240\nif r1 < 1 goto out\nif r1 > 31 goto out\n"
	 "r2 = r10\nr2 += r1\n*(u64 *)(r2 -24) = 0\nr1 = *(u64 *)(r10 -8)\nout: r0 = 0\nexit",
	 0, KVER(6, 18)},
	/* quotients and remainders by a constant */
	{"r1 = *(u32 *)(r1 +12)\nr1 &= 255\nr1 %= 8\nr2 = r10\nr2 += r1\n*(u8 *)(r2 -8) = 0\nr0 = 0\n"
	 "exit", KVER(6, 18), KVER(7, 0)},
	{"r1 = *(u32 *)(r1 +12)\nr1 &= 255\nw1 /= 32\nr2 = r10\nr2 += r1\n"
	 "*(u8 *)(r2 -8) = 0\nr0 = 0\nexit", KVER(6, 18), KVER(7, 0)},
	{"r1 = *(u32 *)(r1 +12)\nr1 &= 255\nr1 -= 128\nr1 s%= 8\nr2 = r10\nr2 += r1\n"
	 "*(u8 *)(r2 -8) = 0\nr0 = 0\nexit", KVER(6, 18), KVER(7, 0)},
};

Test(verify, newer_kernels_learn_more_of_numbers)
{
	for (size_t i = 0; i < sizeof learnt / sizeof *learnt; i++) {
		struct verify_result r;
		struct arena a;

		arena_init(&a);
		judge(learnt[i].text, VCAP_DEFAULT, learnt[i].from, &a, &r);
		cr_assert_eq(r.verdict, VERDICT_ACCEPT, "%s: %s", learnt[i].text,
			     r.kernel_message);
		if (learnt[i].before) {
			judge(learnt[i].text, VCAP_DEFAULT, learnt[i].before, &a, &r);
			cr_assert_eq(r.verdict, VERDICT_REJECT, "%s", learnt[i].text);
		}
		arena_free(&a);
	}
}

#define LOOKUP "*(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map m\ncall map_lookup_elem\n"

/* What 7.x says and does in other ways, from one version on. */
static const struct {
	const char *text;
	uint16_t kernel;
	const char *message;	/* null: accepted */
} newest[] = {
	/* a function that calls itself is found before the walk */
	{"call f\nexit\nf: call f\nexit", KVER(6, 18), "the call stack of 9 frames is too deep"},
	{"call f\nexit\nf: call f\nexit", KVER(7, 3), "recursive call from () to ()"},
	/* nine functions deep */
	{"call a\nexit\na: call b\nexit\nb: call c\nexit\nc: call d\nexit\nd: call e\nexit\n"
	 "e: call f\nexit\nf: call g\nexit\ng: call h\nexit\nh: r0 = 0\nexit", KVER(6, 18),
	 "the call stack of 9 frames is too deep"},
	{"call a\nexit\na: call b\nexit\nb: call c\nexit\nc: call d\nexit\nd: call e\nexit\n"
	 "e: call f\nexit\nf: call g\nexit\ng: call h\nexit\nh: r0 = 0\nexit", KVER(7, 3), NULL},
	/* a pointer's offset is one number, and small ones are written with a sign */
	{"*(u64 *)(r10 -4) = 1\nr0 = 0\nexit", KVER(7, 3),
	 "misaligned stack access off 0+-4 size 8"},
	{"r2 = r10\nr2 += -12\n*(u64 *)(r2 +0) = 1\nr0 = 0\nexit", KVER(7, 3),
	 "misaligned stack access off -12+0 size 8"},
	{LOOKUP "if r0 == 0 goto out\nr0 += -4\nr1 = *(u32 *)(r0 +0)\nout: r0 = 0\nexit", KVER(6, 18),
	 "R0 min value is outside of the allowed memory range"},
	{LOOKUP "if r0 == 0 goto out\nr0 += -4\nr1 = *(u32 *)(r0 +0)\nout: r0 = 0\nexit", KVER(7, 3),
	 "R0 min value is negative, either use unsigned index or do a if (index >=0) check."},
	/* below the value's start: refused even where the access itself is inside */
	{LOOKUP "if r0 == 0 goto out\nr0 += -4\nr1 = *(u32 *)(r0 +4)\nout: r0 = 0\nexit",
	 KVER(6, 18), NULL},
	{LOOKUP "if r0 == 0 goto out\nr0 += -4\nr1 = *(u32 *)(r0 +4)\nout: r0 = 0\nexit",
	 KVER(7, 3), "R0 unbounded memory access, make sure to bounds check any such access"},
	/* a register that holds 0 will do for a null test */
	{LOOKUP "r1 = 0\nif r0 == r1 goto out\nr1 = *(u32 *)(r0 +4)\nout: r0 = 0\nexit",
	 KVER(6, 18), "R0 invalid mem access 'map_value_or_null'"},
	{LOOKUP "r1 = 0\nif r0 == r1 goto out\nr1 = *(u32 *)(r0 +4)\nout: r0 = 0\nexit",
	 KVER(7, 3), NULL},
	/* half of a pointer may be 0 */
	{LOOKUP "if r0 == 0 goto out\nif w0 != 0 goto out\nr1 = *(u32 *)(r0 +32)\nout: r0 = 0\nexit",
	 KVER(6, 18), NULL},
	{LOOKUP "if r0 == 0 goto out\nif w0 != 0 goto out\nr1 = *(u32 *)(r0 +32)\nout: r0 = 0\nexit",
	 KVER(6, 12), "R0 min value is outside of the allowed memory range"},
	/* products: of negative numbers since 6.14, to the bit since 6.18 */
	{"r1 = *(u32 *)(r1 +12)\nr1 &= 3\nr1 -= 2\nr1 *= 4\nr1 += 8\nif r1 s< 0 goto bad\nr0 = 0\n"
	 "exit\nbad: r0 = *(u64 *)(r3 +0)\nexit", KVER(6, 12), "R3 !read_ok"},
	{"r1 = *(u32 *)(r1 +12)\nr1 &= 3\nr1 -= 2\nr1 *= 4\nr1 += 8\nif r1 s< 0 goto bad\nr0 = 0\n"
	 "exit\nbad: r0 = *(u64 *)(r3 +0)\nexit", KVER(6, 18), NULL},
	/* may_goto to what comes next anyway */
	{".raw 0xe5 0 0 0 0\nr0 = 0\nexit", KVER(6, 12), "invalid may_goto off 0 imm 0"},
	{".raw 0xe5 0 0 0 0\nr0 = 0\nexit", KVER(6, 18), NULL},
	/* registers that are none come before what is wrong with the instruction */
	{".raw 0x61 0 11 0 1\nexit", KVER(6, 18), "BPF_LDX uses reserved fields"},
	{".raw 0x61 0 12 0 1\nexit", KVER(7, 3), "R12 is invalid"},
};

Test(verify, words_and_rules_of_7)
{
	for (size_t i = 0; i < sizeof newest / sizeof *newest; i++) {
		struct verify_result r;
		struct arena a;

		arena_init(&a);
		judge(newest[i].text, VCAP_DEFAULT, newest[i].kernel, &a, &r);
		cr_expect_eq(r.verdict, newest[i].message ? VERDICT_REJECT : VERDICT_ACCEPT,
			     "%s: %s", newest[i].text, r.unknown ? r.unknown : r.kernel_message);
		if (newest[i].message && r.kernel_message)
			cr_expect_str_eq(r.kernel_message, newest[i].message);
		arena_free(&a);
	}
}

/* Constants decide branches before the walk, in 64 and in 32 bits, on every path alike. */
Test(verify, constant_branches_become_jumps)
{
	static const struct {
		const char *text, *in_log;
	} branches[] = {
		{"r1 = 1\nif r1 == 1 goto out\nr0 = 1\nexit\nout: r0 = 0\nexit", "1: (05) goto pc+2"},
		{"r1 = 1\nif r1 == 2 goto out\nr0 = 1\nexit\nout: r0 = 0\nexit", "1: (05) goto pc+0"},
		{"w1 = -1\nif w1 s< 0 goto out\nr0 = 1\nexit\nout: r0 = 0\nexit",
		 "1: (05) goto pc+2"},
		{"r1 = -1\nif r1 s< 0 goto out\nr0 = 1\nexit\nout: r0 = 0\nexit",
		 "1: (c5) if r1 s< 0x0 goto pc+2"},	/* more than 32 bits */
		{"r1 = 6\nr1 += 3\nr1 &= 1\nif r1 != 0 goto out\nr0 = 1\nexit\nout: r0 = 0\nexit",
		 "3: (05) goto pc+2"},
		{"r2 = *(u32 *)(r1 +0)\nr1 = 1\nif r2 == 0 goto in\nr1 = 2\nin: if r1 == 1 goto out\n"
		 "r0 = 1\nexit\nout: r0 = 0\nexit", "4: (15) if r1 == 0x1 goto pc+2"},
	};

	for (size_t i = 0; i < sizeof branches / sizeof *branches; i++) {
		struct verify_opts o = {.kernel = KVER(7, 3), .caps = VCAP_DEFAULT, .log_level = 2};
		struct verify_result r;
		struct arena a;

		arena_init(&a);
		judge_with(branches[i].text, o, &a, &r);
		cr_expect(strstr(r.log.p, branches[i].in_log), "%s: %s", branches[i].text, r.log.p);
		o.kernel = KVER(6, 18);
		judge_with(branches[i].text, o, &a, &r);
		cr_expect(!strstr(r.log.p, "(05) goto"), "%s: %s", branches[i].text, r.log.p);
		arena_free(&a);
	}
}

/* What is left open at the end: older kernels say only what, newer ones where as well. */
Test(verify, left_open_at_exit)
{
	static const char leak[] = "r1 = map m\nr2 = 8\nr3 = 0\ncall ringbuf_reserve\n"
				   "if r0 == 0 goto out\nout: r0 = 0\nexit";
	static const struct {
		uint16_t kernel;
		const char *message;
	} said[] = {
		{KVER(6, 12), "Unreleased reference id=2 alloc_insn=4"},
		{KVER(6, 18), "BPF_EXIT instruction in main prog would lead to reference leak"},
	};

	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		struct image_map map = {.name = "m", .type = BPF_MAP_TYPE_RINGBUF,
					.max_entries = 4096};
		struct image_prog p = {.name = "p", .license = "GPL", .type = BPF_PROG_TYPE_XDP};
		struct verify_opts o = {.kernel = said[i].kernel, .caps = VCAP_DEFAULT};
		struct image im = {0};
		struct verify_result r;
		struct asm_out out;
		struct arena a;

		arena_init(&a);
		cr_assert(asm_text(str_of(leak), &a, &out), "%s", out.error);
		vec_push(&a, &im.maps, &map);
		vec_push(&a, &p.relocs, ((struct image_reloc){.kind = RELOC_MAP}));
		p.insns = out.insns.at;
		p.ninsns = out.insns.n;
		verify_prog(&im, &p, &o, &a, &r);
		cr_assert_eq(r.verdict, VERDICT_REJECT, "%s", r.unknown);
		cr_expect_str_eq(r.kernel_message, said[i].message);
		arena_free(&a);
	}
}

Test(verify, capabilities_and_kernels_decide)
{
	static const char leak[] = "r0 = r10\nexit";
	static const char loop[] = "r1 = 0\nl: r1 += 1\nif r1 < 9 goto l\nr0 = 0\nexit";
	static const char movsx[] = "r1 = 0\nr0 = (s8)r1\nexit";
	struct verify_result r;
	struct arena a;

	arena_init(&a);
	judge(leak, 0, KVER(6, 18), &a, &r);
	cr_assert_eq(r.verdict, VERDICT_REJECT);
	judge(loop, 0, KVER(6, 18), &a, &r);
	cr_assert_eq(r.verdict, VERDICT_REJECT);
	cr_assert_str_eq(r.kernel_message, "back-edge from insn 2 to 1");
	judge(movsx, VCAP_DEFAULT, KVER(6, 1), &a, &r);
	cr_assert_eq(r.verdict, VERDICT_REJECT);
	judge(movsx, VCAP_DEFAULT, KVER(6, 18), &a, &r);
	cr_assert_eq(r.verdict, VERDICT_ACCEPT);
	arena_free(&a);
}

/* What is refused before the first instruction, and helpers that are none. */
static const struct {
	const char *text;
	uint32_t type, attach;
	uint16_t kernel;
	int err;
	const char *message;	/* null: accepted */
} typed[] = {
	{"r0 = 0\nexit", BPF_PROG_TYPE_SYSCALL, 0, KVER(6, 18), EINVAL,
	 "Syscall programs can only be sleepable"},
	{"r0 = 0\nexit", BPF_PROG_TYPE_SYSCALL, BPF_CGROUP_DEVICE, KVER(6, 18), EINVAL, ""},
	{".raw 0x85 0 0 0 0\nr0 = 0\nexit", BPF_PROG_TYPE_XDP, 0, KVER(6, 18), EINVAL,
	 "program of this type cannot use helper bpf_unspec#0"},
	{".raw 0x85 0 0 0 0\nr0 = 0\nexit", BPF_PROG_TYPE_XDP, 0, KVER(6, 1), EINVAL,
	 "unknown func bpf_unspec#0"},
	/* how often to loop may be anything: the second argument is at fault */
	{"r1 = r10\nr2 = 0\nr3 = 0\nr4 = 0\ncall loop\nr0 = 0\nexit", BPF_PROG_TYPE_XDP, 0, KVER(6, 18),
	 EACCES, "R2 type=scalar expected=func"},
	/* what a program gives back on behalf of the kernel */
	{"r1 = 1\ncall set_retval\nr0 = 1\nexit", BPF_PROG_TYPE_CGROUP_DEVICE, BPF_CGROUP_DEVICE,
	 KVER(6, 18), 0, NULL},
	{"r1 = 1\ncall set_retval\nr0 = 1\nexit", BPF_PROG_TYPE_CGROUP_DEVICE, BPF_CGROUP_DEVICE,
	 KVER(7, 3), EINVAL,
	 "At bpf_set_retval the register R1 has smin=1 smax=1 should have been in [-4095, 0]"},
	{"call get_retval\nr1 = r0\ncall set_retval\nr0 = 1\nexit", BPF_PROG_TYPE_CGROUP_DEVICE,
	 BPF_CGROUP_DEVICE, KVER(7, 3), 0, NULL},
	/* attached to no function */
	{"call get_func_ip\nr0 = 0\nexit", BPF_PROG_TYPE_RAW_TRACEPOINT, 0, KVER(6, 18), 524,
	 "func bpf_get_func_ip#173 not supported for program type 17"},
};

Test(verify, program_types_and_helpers_that_are_none)
{
	for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
		struct image_prog p = {.name = "p", .license = "GPL", .type = typed[i].type,
				       .expected_attach = typed[i].attach};
		struct verify_opts o = {.kernel = typed[i].kernel, .caps = VCAP_DEFAULT};
		struct verify_result r;
		struct asm_out out;
		struct arena a;

		arena_init(&a);
		cr_assert(asm_text(str_of(typed[i].text), &a, &out), "%s: %s", typed[i].text,
			  out.error);
		p.insns = out.insns.at;
		p.ninsns = out.insns.n;
		verify_prog(&(struct image){.arena = &a}, &p, &o, &a, &r);
		cr_expect_eq(r.verdict, typed[i].message ? VERDICT_REJECT : VERDICT_ACCEPT,
			     "%s: %s", typed[i].text, r.unknown ? r.unknown : r.kernel_message);
		cr_expect_eq(r.err, -typed[i].err, "%s: %d", typed[i].text, r.err);
		if (typed[i].message && r.kernel_message)
			cr_expect_str_eq(r.kernel_message, typed[i].message);
		arena_free(&a);
	}
}

/* Without CAP_PERFMON, what a mispredicting CPU might do counts. */
static const struct {
	const char *text;
	uint32_t caps;
	uint16_t kernel;
	const char *message;	/* null: accepted */
} restricted[] = {
	{"r0 = r10\nexit", VCAP_BPF, KVER(6, 18), "R0 leaks addr as return value"},
	{"r0 = *(u64 *)(r10 -8)\nexit", VCAP_BPF, KVER(6, 18),
	 "invalid read from stack R10 off=-8 size=8"},
	/* the side that is not taken is walked: up to 6.16 its faults count */
	{"r2 = 1\nr0 = 0\nif r2 != 1 goto bad\nexit\nbad: r0 = *(u64 *)(r2 +0)\nexit",
	 VCAP_BPF, KVER(6, 12), "R2 invalid mem access 'scalar'"},
	{"r2 = 1\nr0 = 0\nif r2 != 1 goto bad\nexit\nbad: r0 = *(u64 *)(r2 +0)\nexit",
	 VCAP_BPF, KVER(6, 18), NULL},
	/* an instruction is masked one way, whatever path leads there */
	{"r6 = r1\n*(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map m\n"
	 "call map_lookup_elem\nif r0 == 0 goto out\nr7 = r0\ncall get_prandom_u32\nr1 = 1\n"
	 "if r0 == 7 goto add\nr1 = 2\nadd: r7 += r1\nout: r0 = 0\nexit", VCAP_BPF,
	 KVER(6, 18), "R7 tried to add from different maps, paths or scalars, pointer "
	 "arithmetic with it prohibited for !root"},
	/* where the pointer could go counts, not what is read there */
	{"r1 = r10\nr2 = 0\nr1 += r2\nr0 = 0\nexit", VCAP_BPF, KVER(6, 18),
	 "R1 stack pointer arithmetic goes out of range, prohibited for !root; off=0"},
	/* before 5.8 there is no CAP_BPF */
	{"r1 = 0\nl: r1 += 1\nif r1 < 9 goto l\nr0 = 0\nexit", VCAP_BPF, KVER(5, 4),
	 "back-edge from insn 2 to 1"},
};

Test(verify, speculation_without_perfmon)
{
	for (size_t i = 0; i < sizeof restricted / sizeof *restricted; i++) {
		struct verify_result r;
		struct arena a;

		arena_init(&a);
		judge(restricted[i].text, restricted[i].caps, restricted[i].kernel, &a, &r);
		cr_expect_eq(r.verdict, restricted[i].message ? VERDICT_REJECT : VERDICT_ACCEPT,
			     "%s: %s", restricted[i].text,
			     r.kernel_message ? r.kernel_message : "accepted");
		if (restricted[i].message && r.kernel_message)
			cr_expect_str_eq(r.kernel_message, restricted[i].message);
		judge(restricted[i].text, VCAP_DEFAULT | VCAP_SYS_ADMIN, restricted[i].kernel, &a,
		      &r);
		cr_expect_eq(r.verdict, VERDICT_ACCEPT, "%s", restricted[i].text);
		arena_free(&a);
	}
}

Test(verify, codes_are_unique_and_documented)
{
	for (uint32_t i = 0; verify_code_at(i); i++) {
		cr_assert_not_null(verify_headline(verify_code_at(i)));
		for (uint32_t j = 0; j < i; j++)
			cr_assert_str_neq(verify_code_at(i), verify_code_at(j));
	}
}

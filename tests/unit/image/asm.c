/* SPDX-License-Identifier: MIT */
/* asm.c: the assembler reads every text the disassembler prints, and gives the bytes back. */
#include "image/asm.h"
#include "image/disasm.h"

#include <criterion/criterion.h>

static const char listing[] =
	"(b7) r0 = 0\n(bf) r6 = r1\n(b4) w2 = -1\n(07) r1 += -8\n(0f) r1 += r2\n"
	"(1c) w3 -= w4\n(37) r1 s/= 5\n(9f) r1 s%= r2\n(c7) r1 s>>= 63\n(87) r3 = -r3\n"
	"(84) w3 = -w3\n(dc) r1 = be16 r1\n(d4) r1 = le64 r1\n(d7) r2 = bswap32 r2\n"
	"(bf) r1 = (s8)r2\n(bc) w1 = (s16)w2\n(bf) r1 = (s32)r2\n"
	"(61) r2 = *(u32 *)(r1 +76)\n(79) r2 = *(u64 *)(r10 -8)\n(91) r2 = *(s8 *)(r1 +1)\n"
	"(7b) *(u64 *)(r10 -8) = r1\n(62) *(u32 *)(r10 -4) = 7\n(6b) *(u16 *)(r10 +0) = r3\n"
	"(db) lock *(u64 *)(r10 -8) += r1\n(c3) lock *(u32 *)(r1 +0) ^= r2\n"
	"(db) r1 = atomic64_fetch_add((u64 *)(r10 -8), r1)\n"
	"(c3) r3 = atomic_xchg((u32 *)(r10 -8), r3)\n"
	"(db) r0 = atomic64_cmpxchg((u64 *)(r10 -8), r0, r4)\n"
	"(c3) r1 = load_acquire((u32 *)(r2 +4))\n(db) store_release((u64 *)(r2 -8), r1)\n"
	"(05) goto pc+2\n(06) gotol pc-70000\n(e5) may_goto pc+1\n"
	"(15) if r1 == 0x0 goto pc+3\n(2d) if r3 > r2 goto pc-1\n(66) if w1 s> 0xffffffff goto pc+0\n"
	"(45) if r1 & 0x8 goto pc+1\n(d5) if r1 s<= 0x7fffffff goto pc+1\n"
	"(18) r1 = 0x123456789abcdef0\n(20) r0 = *(u32 *)skb[14]\n(50) r0 = *(u8 *)skb[r7 + 4]\n"
	"(85) call pc+4\n(85) call unknown#100000\n(95) exit\n";

Test(asm, reads_what_the_disassembler_prints)
{
	struct arena a;
	struct asm_out out;
	struct buf b;
	const char *want = listing;

	arena_init(&a);
	b = buf_new(&a);
	cr_assert(asm_text(STR(listing), &a, &out), "line %u: %s", out.line, out.error);
	for (uint32_t i = 0; i < out.insns.n; i++) {
		disasm_insn(&b, &out.insns.at[i], NULL);
		buf_putc(&b, '\n');
		i += insn_is_wide(&out.insns.at[i]);
	}
	cr_assert_str_eq(b.at, want);
	arena_free(&a);
}

Test(asm, labels_and_references)
{
	static const char text[] =
		"start: r1 = map counts\n"
		" r2 = map counts[8] // value\n"
		" if r1 == 0 goto done ; comment\n"
		" call sub\n"
		" goto start\n"
		"done: exit\n"
		"sub: r0 = func sub\n"
		"exit\n";
	struct arena a;
	struct asm_out out;

	arena_init(&a);
	cr_assert(asm_text(STR(text), &a, &out), "line %u: %s", out.line, out.error);
	cr_assert_eq(out.insns.n, 11);
	cr_assert_eq(out.insns.at[4].off, 2);
	cr_assert_eq(out.insns.at[5].imm, 2);
	cr_assert_eq(out.insns.at[6].off, -7);
	cr_assert_eq(out.insns.at[8].imm, -1);
	cr_assert_eq(out.refs.n, 3);
	cr_assert_eq(out.refs.at[1].addend, 8);
	cr_assert_str_eq(out.refs.at[1].name, "counts");
	arena_free(&a);
}

Test(asm, says_what_is_wrong)
{
	struct arena a;
	struct asm_out out;

	arena_init(&a);
	cr_assert_not(asm_text(STR("r0 = 0\nfrobnicate\n"), &a, &out));
	cr_assert_eq(out.line, 2);
	cr_assert_not(asm_text(STR("goto nowhere\n"), &a, &out));
	cr_assert_not(asm_text(STR("r0 = 5 6\n"), &a, &out));
	cr_assert_not(asm_text(STR("r1 = 0x1fffffffff + \n"), &a, &out));
	arena_free(&a);
}

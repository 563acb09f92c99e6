/* SPDX-License-Identifier: MIT */
/* fill.c: the conformance programs that are too long to be written down as arrays.
 *
 * Shapes and sizes are those of the kernel's test_verifier, so that verdict, failing
 * instruction and amount of work can be compared. "Random" constants come from a fixed seed:
 * cached kernel results must stay valid. */
#include "selftest.h"

struct out {
	struct bpf_insn *at;
	int n;
};

static void
put(struct out *o, struct bpf_insn in)
{
	o->at[o->n++] = in;
}

#define PUT(o, ...) put((o), (struct bpf_insn)__VA_ARGS__)

static uint64_t
next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* One conditional jump to `target` from where we are. */
static void
jump_to(struct out *o, struct bpf_insn in, int target)
{
	in.off = (__s16)(target - o->n - 1);
	put(o, in);
}

/* Five rounds of 51 x {load a byte, push a vlan tag}, 51 x {load a byte, pop it}; whatever
 * fails goes to the end. Each load may grow six-fold in the kernel, hence the length. */
void
bpf_fill_ld_abs_vlan_push_pop(struct bpf_test *t)
{
	enum { PUSHES = 51, ROUNDS = 5, LEN = (1 << 15) - PUSHES * 2 * 5 * 6, FAIL = LEN - 2 };
	struct out o = {t->fill_insns, 0};

	PUT(&o, BPF_MOV64_REG(BPF_REG_6, BPF_REG_1));
	for (int k = 0; k < ROUNDS * 2 * PUSHES; k++) {
		bool push = k / PUSHES % 2 == 0;

		PUT(&o, BPF_LD_ABS(BPF_B, 0));
		jump_to(&o, (struct bpf_insn)BPF_JMP32_IMM(BPF_JNE, BPF_REG_0, 0x34, 0), FAIL);
		PUT(&o, BPF_MOV64_REG(BPF_REG_1, BPF_REG_6));
		if (push) {
			PUT(&o, BPF_MOV64_IMM(BPF_REG_2, 1));
			PUT(&o, BPF_MOV64_IMM(BPF_REG_3, 2));
		}
		PUT(&o, BPF_EMIT_CALL(push ? BPF_FUNC_skb_vlan_push : BPF_FUNC_skb_vlan_pop));
		jump_to(&o, (struct bpf_insn)BPF_JMP_IMM(BPF_JNE, BPF_REG_0, 0, 0), FAIL);
	}
	while (o.n < LEN - 3)
		PUT(&o, BPF_MOV64_IMM(BPF_REG_0, 0xbef));
	PUT(&o, BPF_JMP_A(1));
	PUT(&o, BPF_MOV32_IMM(BPF_REG_0, 0));
	PUT(&o, BPF_EXIT_INSN());
	t->prog_len = o.n;
}

/* One jump over thousands of packet loads. */
void
bpf_fill_jump_around_ld_abs(struct bpf_test *t)
{
	enum { LEN = (1 << 15) / 7 };
	struct out o = {t->fill_insns, 0};

	PUT(&o, BPF_MOV64_REG(BPF_REG_6, BPF_REG_1));
	PUT(&o, BPF_LD_ABS(BPF_B, 0));
	jump_to(&o, (struct bpf_insn)BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 10, 0), LEN - 1);
	while (o.n < LEN - 1)
		PUT(&o, BPF_LD_ABS(BPF_B, 1));
	PUT(&o, BPF_EXIT_INSN());
	t->prog_len = o.n;
}

/* retval: below how many slots to go on xoring wide constants. */
void
bpf_fill_rand_ld_dw(struct bpf_test *t)
{
	struct out o = {t->fill_insns, 0};
	uint64_t seed = 0x9e3779b97f4a7c15u + t->retval;

	PUT(&o, BPF_MOV32_IMM(BPF_REG_0, 0));
	while (o.n < (int)t->retval) {
		struct bpf_insn wide[] = {BPF_LD_IMM64(BPF_REG_1, next_random(&seed))};

		put(&o, wide[0]);
		put(&o, wide[1]);
		PUT(&o, BPF_ALU64_REG(BPF_XOR, BPF_REG_0, BPF_REG_1));
	}
	PUT(&o, BPF_MOV64_REG(BPF_REG_1, BPF_REG_0));
	PUT(&o, BPF_ALU64_IMM(BPF_RSH, BPF_REG_1, 32));
	PUT(&o, BPF_ALU64_REG(BPF_XOR, BPF_REG_0, BPF_REG_1));
	PUT(&o, BPF_EXIT_INSN());
	t->prog_len = o.n;
}

/* The longest sequence of jumps that is allowed, padded to nearly a million instructions;
 * variant 2 does it at the bottom of eight frames. */
void
bpf_fill_scale(struct bpf_test *t)
{
	enum { JUMPS = 8192, NEST = 7 };
	struct out o = {t->fill_insns, 0};
	uint64_t seed = 0x2545f4914f6cdd1du;
	int slots = t->retval == 2 ? 64 - 4 * NEST : 64;

	for (int i = 0; t->retval == 2 && i < NEST; i++) {
		PUT(&o, BPF_CALL_REL(1));
		PUT(&o, BPF_EXIT_INSN());
	}
	PUT(&o, BPF_MOV64_REG(BPF_REG_6, BPF_REG_1));
	for (int i = 1; i <= JUMPS; i++) {
		PUT(&o, BPF_EMIT_CALL(BPF_FUNC_get_prandom_u32));
		PUT(&o, BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, next_random(&seed), 2));
		PUT(&o, BPF_MOV64_REG(BPF_REG_1, BPF_REG_10));
		PUT(&o, BPF_STX_MEM(BPF_DW, BPF_REG_1, BPF_REG_6, -8 * (i % slots + 1)));
	}
	while (o.n < MAX_TEST_INSNS - JUMPS * 4)
		PUT(&o, BPF_MOV64_IMM(BPF_REG_0, 42));
	PUT(&o, BPF_EXIT_INSN());
	t->prog_len = o.n;
}

/* Each of 128 conditional jumps lands on its own long jump to the end. */
static void
ladder_short(struct out *o)
{
	enum { HALF = 128 };

	PUT(o, BPF_EMIT_CALL(BPF_FUNC_get_prandom_u32));
	for (int i = 1; i <= HALF; i++)
		PUT(o, BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, i, HALF));
	for (int i = 1; i <= HALF; i++)
		PUT(o, BPF_JMP_A(HALF - i));
	PUT(o, BPF_MOV64_IMM(BPF_REG_0, 1));
	PUT(o, BPF_EXIT_INSN());
}

/* 2048 conditional jumps into groups of sixteen short ones. */
static void
ladder_long(struct out *o)
{
	enum { HALF = 2048 };

	PUT(o, BPF_EMIT_CALL(BPF_FUNC_get_prandom_u32));
	for (int i = 1; i <= HALF; i++)
		PUT(o, BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, i, HALF));
	PUT(o, BPF_JMP_A(HALF));
	for (int i = 0; i < HALF; i++)
		PUT(o, BPF_JMP_A(15 - i % 16));
	PUT(o, BPF_MOV64_IMM(BPF_REG_0, 2));
	PUT(o, BPF_EXIT_INSN());
}

void
bpf_fill_torturous_jumps(struct bpf_test *t)
{
	struct out o = {t->fill_insns, 0};

	switch (t->retval) {
	case 1:
		ladder_short(&o);
		break;
	case 2:
		ladder_long(&o);
		break;
	case 3:
		PUT(&o, BPF_CALL_REL(4));
		PUT(&o, BPF_CALL_REL(262));
		PUT(&o, BPF_ST_MEM(BPF_B, BPF_REG_10, -32, 0));
		PUT(&o, BPF_MOV64_IMM(BPF_REG_0, 3));
		PUT(&o, BPF_EXIT_INSN());
		ladder_short(&o);
		ladder_long(&o);
		break;
	}
	t->prog_len = o.n;
}

/* bpf_loop() in a program that almost fills a page of instructions. */
void
bpf_fill_big_prog_with_loop_1(struct bpf_test *t)
{
	enum { LEN = 4096 - 25, CALLBACK = LEN - 2 };
	struct out o = {t->fill_insns, 0};

	PUT(&o, BPF_MOV64_IMM(BPF_REG_1, 1));
	PUT(&o, BPF_RAW_INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_2, BPF_PSEUDO_FUNC, 0,
			     CALLBACK - 2));
	PUT(&o, BPF_RAW_INSN(0, 0, 0, 0, 0));
	PUT(&o, BPF_MOV64_IMM(BPF_REG_3, 0));
	PUT(&o, BPF_MOV64_IMM(BPF_REG_4, 0));
	PUT(&o, BPF_EMIT_CALL(BPF_FUNC_loop));
	while (o.n < LEN - 3)
		PUT(&o, BPF_MOV64_IMM(BPF_REG_0, 0));
	PUT(&o, BPF_EXIT_INSN());
	PUT(&o, BPF_MOV64_IMM(BPF_REG_0, 0));
	PUT(&o, BPF_EXIT_INSN());
	t->func_info[1].insn_off = CALLBACK;
	t->prog_len = o.n;
}

/* SPDX-License-Identifier: MIT */
/* loop.c: loops that go round for ever, shown rather than timed.
 *
 * Between two visits of the same instruction lies one turn: a straight run of instructions.
 * What its branches depend on is found by following registers backwards through it, round
 * and round until nothing is added. When those registers are the same at both visits, and no
 * memory or call has a part in them, the next turn is the same again, and so are all others. */
#include "origin.h"

enum { MAX_TURN = 4096 };

/* Adds what `in` needs when what it makes is needed; false when it cannot be followed. */
static bool
follow_back(const struct bpf_insn *in, uint16_t *need)
{
	uint16_t dst = (uint16_t)(1u << in->dst_reg), src = (uint16_t)(1u << in->src_reg);
	bool x = BPF_SRC(in->code) == BPF_X;

	switch (BPF_CLASS(in->code)) {
	case BPF_ALU: case BPF_ALU64:
		if (!(*need & dst))
			return true;
		if (BPF_OP(in->code) == BPF_MOV)
			*need &= (uint16_t)~dst;
		if (x && BPF_OP(in->code) != BPF_END)
			*need |= src;
		return true;
	case BPF_JMP: case BPF_JMP32:
		if (BPF_OP(in->code) == BPF_CALL)
			return in->src_reg == 0 && !(*need & 1);
		if (BPF_OP(in->code) == BPF_EXIT || BPF_OP(in->code) == BPF_JCOND)
			return false;
		if (BPF_OP(in->code) != BPF_JA)
			*need |= dst | (x ? src : 0);
		return true;
	case BPF_LDX:
		return !(*need & dst);
	case BPF_LD:
		if (insn_is_wide(in))
			*need &= (uint16_t)~dst;
		return insn_is_wide(in);
	case BPF_STX:
		return BPF_MODE(in->code) != BPF_ATOMIC;
	}
	return true;
}

/* The registers that decide a turn; false when it cannot be told. */
static bool
deciders(const struct turns *t, const struct image_prog *p, uint16_t *need)
{
	uint16_t before;

	*need = 0;
	do {
		before = *need;
		for (uint32_t i = t->n; i-- > 0;)
			if (!follow_back(&p->insns[t->trace[i]], need))
				return false;
		*need |= before;
	} while (*need != before);
	return true;
}

bool
turns_step(struct turns *t, const struct image_prog *p, const struct run_step *s)
{
	uint16_t need;

	if (s->insn == t->head && t->begun && s->frame == t->frame && t->n < MAX_TURN &&
	    deciders(t, p, &need)) {
		t->endless = true;
		for (int i = 0; i < 11; i++)
			if ((need >> i & 1) && s->regs[i] != t->regs[i])
				t->endless = false;
	}
	if (s->insn == t->head) {
		memcpy(t->regs, s->regs, sizeof t->regs);
		t->frame = s->frame;
		t->begun = true;
		t->n = 0;
	}
	if (t->n < MAX_TURN)
		t->trace[t->n++] = s->insn;
	return t->endless;
}

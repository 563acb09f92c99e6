/* SPDX-License-Identifier: MIT */
/* live_reg.c: which registers may still be read at each instruction.
 *
 * needs: postorder; writes: fact.live_before. The usual backward fixed point, per function:
 * live before = (live after, without what is written) and what is read. */
#include "verifier-sim/env.h"

enum { CALLER_SAVED = 0x3f, ARGS = 0x3e };

struct effect {
	uint16_t use, def;
};

static uint16_t
bit(uint32_t reg)
{
	return (uint16_t)(1u << reg);
}

static struct effect
store_effect(const struct bpf_insn *in)
{
	uint16_t d = bit(in->dst_reg), s = bit(in->src_reg);

	if (BPF_CLASS(in->code) == BPF_ST)
		return (struct effect){d, 0};
	if (BPF_MODE(in->code) != BPF_ATOMIC || in->imm == BPF_STORE_REL)
		return (struct effect){d | s, 0};
	if (in->imm == BPF_CMPXCHG)
		return (struct effect){d | s | bit(0), bit(0)};
	if (in->imm == BPF_LOAD_ACQ)
		return (struct effect){s, d};
	return (struct effect){d | s, in->imm & BPF_FETCH ? s : 0};
}

static struct effect
jump_effect(struct vs_env *env, const struct bpf_insn *in)
{
	uint16_t d = bit(in->dst_reg), s = bit(in->src_reg);
	int n;

	switch (BPF_OP(in->code)) {
	case BPF_JA: case BPF_JCOND:
		return (struct effect){0, 0};
	case BPF_EXIT:
		return (struct effect){bit(0), 0};
	case BPF_CALL:
		n = vs_call_nargs(env, in);
		return (struct effect){n < 0 ? ARGS : (uint16_t)(((1u << n) - 1) << 1),
				       CALLER_SAVED};
	}
	return (struct effect){BPF_SRC(in->code) == BPF_X ? d | s : d, 0};
}

static struct effect
effect(struct vs_env *env, const struct bpf_insn *in)
{
	uint16_t d = bit(in->dst_reg), s = bit(in->src_reg);

	switch (BPF_CLASS(in->code)) {
	case BPF_LD:
		return insn_is_wide(in) ? (struct effect){0, d} : (struct effect){0xffff, 0};
	case BPF_LDX:
		return (struct effect){s, d};
	case BPF_ST: case BPF_STX:
		return store_effect(in);
	case BPF_ALU: case BPF_ALU64:
		if (BPF_OP(in->code) == BPF_END)
			return (struct effect){d, d};
		if (BPF_OP(in->code) == BPF_MOV)
			return (struct effect){BPF_SRC(in->code) == BPF_X ? s : 0, d};
		return (struct effect){BPF_SRC(in->code) == BPF_X ? d | s : d, d};
	}
	return jump_effect(env, in);
}

void
vs_live_regs(struct vs_env *env)
{
	struct effect *e = arena_array(env->tmp, struct effect, env->n);
	uint32_t out[2];
	bool changed;

	for (uint32_t k = 0; k < env->npostorder; k++)
		e[env->postorder[k]] = effect(env, &env->insns[env->postorder[k]]);
	do {
		changed = false;
		for (uint32_t k = 0; k < env->npostorder; k++) {
			uint32_t i = env->postorder[k], n = vs_successors(env, i, out);
			uint16_t after = 0, before;

			for (uint32_t j = 0; j < n; j++)
				after |= env->fact[out[j]].live_before;
			before = (uint16_t)((after & ~e[i].def) | e[i].use);
			changed |= before != env->fact[i].live_before;
			env->fact[i].live_before = before;
		}
	} while (changed);
}

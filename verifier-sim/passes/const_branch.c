/* SPDX-License-Identifier: MIT */
/* const_branch.c: branches that constants decide become jumps before anything is walked.
 *
 * needs: postorder, maps of wide loads; writes: env->insns, postorder. Since 7.1 the kernel
 * follows constants through each function (kernel/bpf/const_fold.c): numbers that are loaded,
 * moved, added to or masked, and what frozen maps hold. A value is one constant on all paths
 * to an instruction, or unknown. Only values of 32 bits decide a branch. */
#include "verifier-sim/env.h"

enum kind { UNVISITED, UNKNOWN, CONST, MAP_VALUE };

struct value {
	uint8_t kind;		/* enum kind */
	const struct vs_map *map;
	uint64_t v;		/* the number, or an offset into the map's value */
};

struct regs {
	struct value at[VS_REGS];
};

static const struct value unknown = {.kind = UNKNOWN};

static struct value
number(uint64_t v)
{
	return (struct value){.kind = CONST, .v = v};
}

static struct value
moved(struct value src, int16_t off)
{
	if (!off)
		return src;
	if (src.kind != CONST)
		return unknown;
	switch (off) {
	case 8: return number((uint64_t)(int8_t)src.v);
	case 16: return number((uint64_t)(int16_t)src.v);
	case 32: return number((uint64_t)(int32_t)src.v);
	default: return unknown;
	}
}

static struct value
masked(struct value a, struct value b)
{
	bool zero = (a.kind == CONST && !a.v) || (b.kind == CONST && !b.v);

	if (zero)
		return number(0);
	return a.kind == CONST && b.kind == CONST ? number(a.v & b.v) : unknown;
}

static struct value
after_alu(const struct regs *r, const struct bpf_insn *in)
{
	struct value dst = r->at[in->dst_reg], src = r->at[in->src_reg];
	struct value imm = number((uint64_t)(int64_t)in->imm);
	bool reg = BPF_SRC(in->code) == BPF_X;

	switch (BPF_OP(in->code)) {
	case BPF_MOV:
		return reg ? moved(src, in->off) : imm;
	case BPF_ADD: case BPF_SUB:
		if (reg || (dst.kind != CONST && dst.kind != MAP_VALUE))
			return unknown;
		dst.v = BPF_OP(in->code) == BPF_ADD ? dst.v + imm.v : dst.v - imm.v;
		return dst;
	case BPF_AND:
		return masked(dst, reg ? src : imm);
	default:
		return unknown;
	}
}

static struct value
after_wide_load(const struct vs_env *env, uint32_t i)
{
	const struct bpf_insn *in = &env->insns[i];
	const struct vs_operand *op = env->fact[i].op;

	switch (in->src_reg) {
	case 0:
		return number((uint32_t)in->imm | (uint64_t)(uint32_t)in[1].imm << 32);
	case BPF_PSEUDO_MAP_VALUE: case BPF_PSEUDO_MAP_IDX_VALUE:
		if (op && op->map)
			return (struct value){MAP_VALUE, op->map, op->map_off};
	}
	return unknown;
}

static struct value
after_load(const struct regs *r, const struct bpf_insn *in)
{
	static const uint8_t bytes[] = {[BPF_W >> 3] = 4, [BPF_H >> 3] = 2, [BPF_B >> 3] = 1,
					[BPF_DW >> 3] = 8};
	const struct value *src = &r->at[in->src_reg];
	uint64_t v;

	if (src->kind != MAP_VALUE ||
	    !vs_frozen_value(src->map, (int32_t)src->v + in->off, bytes[BPF_SIZE(in->code) >> 3],
			     BPF_MODE(in->code) == BPF_MEMSX, &v))
		return unknown;
	return number(v);
}

static void
clobber_args(struct regs *r)
{
	for (uint32_t i = 0; i <= 5; i++)
		r->at[i] = unknown;
}

static void
transfer(const struct vs_env *env, uint32_t i, struct regs *r)
{
	const struct bpf_insn *in = &env->insns[i];
	struct value *dst = &r->at[in->dst_reg];

	switch (BPF_CLASS(in->code)) {
	case BPF_ALU:
		*dst = after_alu(r, in);
		*dst = dst->kind == CONST ? number((uint32_t)dst->v) : unknown;
		return;
	case BPF_ALU64:
		*dst = after_alu(r, in);
		return;
	case BPF_LD:
		if (insn_is_wide(in))
			*dst = after_wide_load(env, i);
		else
			clobber_args(r);
		return;
	case BPF_LDX:
		*dst = after_load(r, in);
		return;
	case BPF_JMP:
		if (BPF_OP(in->code) == BPF_CALL)
			clobber_args(r);
		return;
	case BPF_STX:
		if (BPF_MODE(in->code) != BPF_ATOMIC)
			return;
		if (in->imm == BPF_CMPXCHG)
			r->at[0] = unknown;
		else if (in->imm == BPF_LOAD_ACQ)
			*dst = unknown;
		else if (in->imm & BPF_FETCH)
			r->at[in->src_reg] = unknown;
	}
}

static bool
join(struct regs *into, const struct regs *from)
{
	bool changed = false;

	for (uint32_t i = 0; i < VS_REGS; i++) {
		struct value *old = &into->at[i];
		const struct value *now = &from->at[i];

		if (old->kind == UNVISITED && now->kind != UNVISITED) {
			*old = *now;
			changed = true;
		} else if (old->kind > UNKNOWN && (now->kind != old->kind || now->v != old->v ||
						   now->map != old->map)) {
			*old = unknown;
			changed = true;
		}
	}
	return changed;
}

static struct regs *
follow(struct vs_env *env)
{
	struct regs *at = arena_array(env->tmp, struct regs, env->n);
	bool changed = true;

	for (uint32_t s = 0; s < env->nsub; s++)
		for (uint32_t i = 0; i < VS_REGS; i++)
			at[env->subprogs[s].start].at[i] = unknown;
	while (changed) {
		changed = false;
		for (uint32_t k = env->npostorder; k-- > 0;) {
			uint32_t i = env->postorder[k], out[2];
			struct regs r = at[i];
			uint32_t n = vs_successors(env, i, out);

			transfer(env, i, &r);
			for (uint32_t j = 0; j < n; j++)
				changed |= join(&at[out[j]], &r);
		}
	}
	return at;
}

static bool
taken(uint8_t op, uint64_t a, uint64_t b)
{
	switch (op) {
	case BPF_JEQ: return a == b;
	case BPF_JNE: return a != b;
	case BPF_JGT: return a > b;
	case BPF_JGE: return a >= b;
	case BPF_JLT: return a < b;
	case BPF_JLE: return a <= b;
	case BPF_JSGT: return (int64_t)a > (int64_t)b;
	case BPF_JSGE: return (int64_t)a >= (int64_t)b;
	case BPF_JSLT: return (int64_t)a < (int64_t)b;
	case BPF_JSLE: return (int64_t)a <= (int64_t)b;
	default: return a & b;		/* BPF_JSET */
	}
}

static bool
fits(const struct value *v)
{
	return v->kind == CONST && v->v == (uint32_t)v->v;
}

static bool
is_branch(const struct bpf_insn *in)
{
	uint8_t class = BPF_CLASS(in->code), op = BPF_OP(in->code);

	return (class == BPF_JMP || class == BPF_JMP32) && op != BPF_JA && op != BPF_CALL &&
	       op != BPF_EXIT && op != BPF_JCOND;
}

void
vs_fold_branches(struct vs_env *env)
{
	struct regs *at;
	bool any = false;

	if (!env->prof.folds_branches)
		return;
	for (uint32_t i = 0; i < env->n && !any; i++)
		any = is_branch(&env->insns[i]);
	if (!any)
		return;
	at = follow(env);
	any = false;
	for (uint32_t k = 0; k < env->npostorder; k++) {
		uint32_t i = env->postorder[k];
		struct bpf_insn *in = &env->insns[i];
		const struct value *dst = &at[i].at[in->dst_reg], *src = &at[i].at[in->src_reg];
		bool reg = BPF_SRC(in->code) == BPF_X;
		uint64_t a = dst->v, b = reg ? src->v : (uint64_t)(int64_t)in->imm;

		if (!is_branch(in) || !fits(dst) || (reg && !fits(src)))
			continue;
		if (BPF_CLASS(in->code) == BPF_JMP32) {
			a = (uint64_t)(int32_t)a;
			b = (uint64_t)(int32_t)b;
		}
		*in = (struct bpf_insn){.code = BPF_JMP | BPF_JA,
					.off = taken(BPF_OP(in->code), a, b) ? in->off : 0};
		any = true;
	}
	if (any)
		vs_postorder(env);
}

/* SPDX-License-Identifier: MIT */
/* spec.c: what a mispredicting CPU might do, for programs without CAP_PERFMON.
 *
 * Two things are walked beside what the program does. The side of a decided branch that cannot
 * be taken is walked all the same, with the compared registers unknown. And an instruction that
 * moves a pointer by a register is masked by the kernel at run time, so that a wrong guess adds
 * nothing: the state in which it added nothing is walked on, too. The mask is one constant per
 * instruction, so every path must agree on it: direction, kind of pointer and limit.
 *
 * What goes wrong on such a speculative path rejected the program up to 6.16. Since 6.17 the
 * kernel puts a barrier before the instruction and the path ends there; a store that may be
 * read back before it happened gets one behind it. */
#include "verifier-sim/env.h"

enum { NOT_POINTER = 1, NEGATIVE = 2, KNOWN = 4, MASK_SRC = 8, MASK_DST = 16 };

struct vs_spec {		/* per instruction */
	uint8_t state;		/* how its operand is masked; 0: not walked yet */
	bool barrier, barrier_after;
	uint32_t limit;
};

static const char with_it[] = "pointer arithmetic with it prohibited for !root";

void
vs_spec_init(struct vs_env *env)
{
	if (!env->bypass_spec_v1 || !env->bypass_spec_v4)
		env->spec = arena_array(env->tmp, struct vs_spec, env->n + 1);
}

/* ---- barriers ---------------------------------------------------------------------------- */

bool
vs_spec_blocked(const struct vs_env *env)
{
	return env->spec && env->cur->speculative && env->spec[env->insn_idx].barrier;
}

bool
vs_spec_ends(const struct vs_env *env)
{
	return env->spec && env->cur->speculative && env->spec[env->insn_idx].barrier_after;
}

bool
vs_spec_forgives(struct vs_env *env, int err)
{
	struct vs_spec *s;

	if (!env->spec || !env->cur->speculative || !env->prof.barriers ||
	    env->r->verdict != VERDICT_REJECT ||
	    (err != -EPERM && err != -EACCES && err != -EINVAL))
		return false;
	s = &env->spec[env->insn_idx];
	s->barrier = true;
	s->state = 0;
	env->failed = false;
	env->r->err = 0;
	env->r->code = env->r->kernel_message = NULL;
	return true;
}

/* A pointer saved, or anything saved over what was never written: a load that overtakes the
 * store would see what lay there before. */
void
vs_spec_store(struct vs_env *env, const struct vs_slot *s, int size, bool pointer,
	      uint32_t insn_idx)
{
	bool exposed = pointer;

	if (env->bypass_spec_v4 || !env->prof.barriers)
		return;
	for (int i = 0; i < size && !exposed; i++)
		exposed = s->type[i] != SLOT_MISC && s->type[i] != SLOT_ZERO;
	if (exposed)
		env->spec[insn_idx].barrier_after = true;
}

/* ---- branches ------------------------------------------------------------------------------ */

int
vs_spec_branch(struct vs_env *env, const struct bpf_insn *in, uint32_t to)
{
	struct vs_state *st;
	struct vs_reg *regs;

	if (env->bypass_spec_v1)
		return 0;
	st = vs_push_branch(env, to, env->insn_idx, true);
	if (!st)
		return env->r->err;
	regs = st->frame[st->curframe]->regs;
	vs_reg_unknown(env, &regs[in->dst_reg]);
	if (BPF_SRC(in->code) == BPF_X)
		vs_reg_unknown(env, &regs[in->src_reg]);
	return 0;
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

static bool
unmasked(const struct vs_env *env, const struct bpf_insn *in)
{
	uint8_t op = BPF_OP(in->code);

	return env->bypass_spec_v1 || BPF_SRC(in->code) == BPF_K ||
		(op != BPF_ADD && op != BPF_SUB) || env->spec[env->insn_idx].barrier;
}

static int
masked_as(struct vs_env *env, const struct bpf_insn *in, uint8_t state, uint32_t limit)
{
	struct vs_spec *s = &env->spec[env->insn_idx];

	if (s->state && (s->state != state || s->limit != limit))
		return vs_reject(env, VS_E_SPEC_DIRECTION, in->dst_reg,
				 BPF_OP(in->code) == BPF_ADD ? "add" : "sub", with_it);
	s->state = state;
	s->limit = limit;
	return 0;
}

int
vs_spec_number(struct vs_env *env, const struct bpf_insn *in)
{
	return unmasked(env, in) ? 0 : masked_as(env, in, NOT_POINTER, 0);
}

/* How far the pointer may still move in its direction. */
static int
room(struct vs_env *env, const struct bpf_insn *in, const struct vs_reg *ptr,
     const struct vs_mask *m, uint32_t *limit)
{
	uint32_t max;

	if (ptr->type == RT_STACK) {
		max = VS_STACK + m->left;
		*limit = (uint32_t)-(int64_t)(ptr->var.value + (uint64_t)(int64_t)ptr->off);
	} else if (ptr->type == RT_MAP_VALUE) {
		max = ptr->map->value_size;
		*limit = (uint32_t)((m->left ? (uint64_t)ptr->smin : ptr->umax) +
				    (uint64_t)(int64_t)ptr->off);
	} else {
		return vs_reject(env, VS_E_SPEC_POINTER,
				 m->off_is_dst ? in->src_reg : in->dst_reg, with_it);
	}
	if (*limit >= max)
		return vs_reject(env, VS_E_SPEC_BEYOND, in->dst_reg,
				 BPF_OP(in->code) == BPF_ADD ? "add" : "sub", with_it);
	return 0;
}

int
vs_spec_pointer(struct vs_env *env, const struct bpf_insn *in, const struct vs_reg *ptr,
		const struct vs_reg *off, struct vs_mask *m)
{
	struct vs_reg *dst = &vs_cur_regs(env)[in->dst_reg], sum = *dst;
	bool known = tnum_is_const(off->var), negative = off->smin < 0;
	struct vs_state *st;

	if (unmasked(env, in))
		return 0;
	if (!env->cur->speculative) {
		if (!known && negative != (off->smax < 0))
			return vs_reject(env, VS_E_SPEC_UNKNOWN_SIGN,
					 m->off_is_dst ? in->dst_reg : in->src_reg, with_it);
		m->left = (BPF_OP(in->code) == BPF_ADD) == negative;
		if (room(env, in, ptr, m, &m->room) < 0)
			return env->r->err;
		m->state = (uint8_t)((negative ? NEGATIVE : 0) | (known ? KNOWN : 0) |
				     (m->off_is_dst ? MASK_DST : MASK_SRC));
		/* Limits may differ where numbers do: states are told apart more strictly. */
		env->exact_numbers |= !known;
	}
	if (known)
		return 0;
	if (m->off_is_dst)
		*dst = *ptr;
	st = vs_push_branch(env, env->insn_idx + 1, env->insn_idx, true);
	if (!st)
		return env->r->err;
	*dst = sum;
	return 0;
}

int
vs_spec_moved(struct vs_env *env, const struct bpf_insn *in, const struct vs_reg *dst,
	      const struct vs_mask *m)
{
	uint32_t left;

	if (unmasked(env, in) || env->cur->speculative)
		return 0;
	if (room(env, in, dst, m, &left) < 0)
		return env->r->err;
	return masked_as(env, in, m->state, m->room > left ? m->room - left : left - m->room);
}

/* SPDX-License-Identifier: MIT */
/* alu.c: moves, and arithmetic on numbers.
 *
 * Each operation maps the ranges of its operands to ranges of the result, once for 64 and once
 * for 32 bits, and the known bits by tnum.c; vs_bounds_sync() then reconciles them. Where an
 * operation may overflow in some cases and not in others, the range is given up. */
#include "verifier-sim/env.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))

static void
s64_unknown(struct vs_reg *r)
{
	r->smin = INT64_MIN;
	r->smax = INT64_MAX;
}

static void
s32_unknown(struct vs_reg *r)
{
	r->s32min = INT32_MIN;
	r->s32max = INT32_MAX;
}

static void
u64_unknown(struct vs_reg *r)
{
	r->umin = 0;
	r->umax = UINT64_MAX;
}

static void
u32_unknown(struct vs_reg *r)
{
	r->u32min = 0;
	r->u32max = UINT32_MAX;
}

void
vs_add_ranges(struct vs_reg *d, const struct vs_reg *s)
{
	int64_t lo, hi;
	int32_t lo32, hi32;
	bool a, b;

	if (__builtin_add_overflow(d->smin, s->smin, &lo) ||
	    __builtin_add_overflow(d->smax, s->smax, &hi))
		s64_unknown(d);
	else
		d->smin = lo, d->smax = hi;
	/* All sums wrap or none does: the order is kept. */
	a = __builtin_add_overflow(d->umin, s->umin, &d->umin);
	b = __builtin_add_overflow(d->umax, s->umax, &d->umax);
	if (!a && b)
		u64_unknown(d);
	if (__builtin_add_overflow(d->s32min, s->s32min, &lo32) ||
	    __builtin_add_overflow(d->s32max, s->s32max, &hi32))
		s32_unknown(d);
	else
		d->s32min = lo32, d->s32max = hi32;
	a = __builtin_add_overflow(d->u32min, s->u32min, &d->u32min);
	b = __builtin_add_overflow(d->u32max, s->u32max, &d->u32max);
	if (!a && b)
		u32_unknown(d);
	d->var = tnum_add(d->var, s->var);
}

static void
sub_ranges(struct vs_reg *d, const struct vs_reg *s)
{
	int64_t lo, hi;
	int32_t lo32, hi32;
	bool a, b;

	if (__builtin_sub_overflow(d->smin, s->smax, &lo) ||
	    __builtin_sub_overflow(d->smax, s->smin, &hi))
		s64_unknown(d);
	else
		d->smin = lo, d->smax = hi;
	a = __builtin_sub_overflow(d->umin, s->umax, &d->umin);
	b = __builtin_sub_overflow(d->umax, s->umin, &d->umax);
	if (a && !b)
		u64_unknown(d);
	if (__builtin_sub_overflow(d->s32min, s->s32max, &lo32) ||
	    __builtin_sub_overflow(d->s32max, s->s32min, &hi32))
		s32_unknown(d);
	else
		d->s32min = lo32, d->s32max = hi32;
	a = __builtin_sub_overflow(d->u32min, s->u32max, &d->u32min);
	b = __builtin_sub_overflow(d->u32max, s->u32min, &d->u32max);
	if (a && !b)
		u32_unknown(d);
	d->var = tnum_sub(d->var, s->var);
}

static void
mul64(struct vs_reg *d, const struct vs_reg *s)
{
	int64_t p[4];

	if (__builtin_mul_overflow(d->umax, s->umax, &d->umax) ||
	    __builtin_mul_overflow(d->umin, s->umin, &d->umin))
		u64_unknown(d);
	if (__builtin_mul_overflow(d->smin, s->smin, &p[0]) ||
	    __builtin_mul_overflow(d->smin, s->smax, &p[1]) ||
	    __builtin_mul_overflow(d->smax, s->smin, &p[2]) ||
	    __builtin_mul_overflow(d->smax, s->smax, &p[3])) {
		s64_unknown(d);
		return;
	}
	d->smin = MIN(MIN(p[0], p[1]), MIN(p[2], p[3]));
	d->smax = MAX(MAX(p[0], p[1]), MAX(p[2], p[3]));
}

static void
mul32(struct vs_reg *d, const struct vs_reg *s)
{
	int32_t p[4];

	if (__builtin_mul_overflow(d->u32max, s->u32max, &d->u32max) ||
	    __builtin_mul_overflow(d->u32min, s->u32min, &d->u32min))
		u32_unknown(d);
	if (__builtin_mul_overflow(d->s32min, s->s32min, &p[0]) ||
	    __builtin_mul_overflow(d->s32min, s->s32max, &p[1]) ||
	    __builtin_mul_overflow(d->s32max, s->s32min, &p[2]) ||
	    __builtin_mul_overflow(d->s32max, s->s32max, &p[3])) {
		s32_unknown(d);
		return;
	}
	d->s32min = MIN(MIN(p[0], p[1]), MIN(p[2], p[3]));
	d->s32max = MAX(MAX(p[0], p[1]), MAX(p[2], p[3]));
}

/* Up to 6.13: only products of numbers that are not negative and fit half a register. */
static void
mul_positive(struct vs_reg *d, const struct vs_reg *s)
{
	if (s->s32min < 0 || d->s32min < 0 || s->u32max > UINT16_MAX || d->u32max > UINT16_MAX) {
		s32_unknown(d);
		u32_unknown(d);
	} else {
		d->u32min *= s->u32min;
		d->u32max *= s->u32max;
		d->s32min = d->u32max > INT32_MAX ? INT32_MIN : (int32_t)d->u32min;
		d->s32max = d->u32max > INT32_MAX ? INT32_MAX : (int32_t)d->u32max;
	}
	if (s->smin < 0 || d->smin < 0 || s->umax > UINT32_MAX || d->umax > UINT32_MAX) {
		s64_unknown(d);
		u64_unknown(d);
	} else {
		d->umin *= s->umin;
		d->umax *= s->umax;
		d->smin = d->umax > INT64_MAX ? INT64_MIN : (int64_t)d->umin;
		d->smax = d->umax > INT64_MAX ? INT64_MAX : (int64_t)d->umax;
	}
}

/* An unsigned range that does not cross the sign is the signed range too. */
static void
signed_from_unsigned(struct vs_reg *r)
{
	if ((int64_t)r->umin <= (int64_t)r->umax)
		r->smin = (int64_t)r->umin, r->smax = (int64_t)r->umax;
	else
		s64_unknown(r);
}

static void
signed_from_unsigned32(struct vs_reg *r)
{
	if ((int32_t)r->u32min <= (int32_t)r->u32max)
		r->s32min = (int32_t)r->u32min, r->s32max = (int32_t)r->u32max;
	else
		s32_unknown(r);
}

static void
known32(struct vs_reg *r, uint32_t v)
{
	r->s32min = r->s32max = (int32_t)v;
	r->u32min = r->u32max = v;
}

static void
bitwise(struct vs_reg *d, const struct vs_reg *s, uint8_t op)
{
	bool both = tnum_is_const(d->var) && tnum_is_const(s->var);
	bool both32 = tnum_is_const(tnum_subreg(d->var)) && tnum_is_const(tnum_subreg(s->var));
	tnum v = op == BPF_AND ? tnum_and(d->var, s->var)
		: op == BPF_OR ? tnum_or(d->var, s->var) : tnum_xor(d->var, s->var);
	uint32_t value = (uint32_t)v.value, mask = (uint32_t)v.mask;

	d->var = v;
	if (both32) {
		known32(d, value);
	} else {
		d->u32min = op == BPF_OR ? MAX(d->u32min, s->u32min) : value;
		d->u32max = op == BPF_AND ? MIN(d->u32max, s->u32max) : value | mask;
		signed_from_unsigned32(d);
	}
	if (both) {
		vs_mark_known(d, v.value);
		return;
	}
	d->umin = op == BPF_OR ? MAX(d->umin, s->umin) : v.value;
	d->umax = op == BPF_AND ? MIN(d->umax, s->umax) : v.value | v.mask;
	signed_from_unsigned(d);
}

static void
lsh32_ranges(struct vs_reg *d, uint8_t n)
{
	s32_unknown(d);
	if (n > 31 || d->u32max > 1u << (31 - n))
		u32_unknown(d);
	else
		d->u32min <<= n, d->u32max <<= n;
}

static void
lsh64_ranges(struct vs_reg *d, uint8_t n)
{
	/* Shifting by 32 makes the signed low half the signed whole. */
	if (n == 32) {
		d->smax = (int64_t)((uint64_t)(int64_t)d->s32max << 32);
		d->smin = (int64_t)((uint64_t)(int64_t)d->s32min << 32);
	} else {
		s64_unknown(d);
	}
	if (d->umax > (uint64_t)1 << (63 - n))
		u64_unknown(d);
	else
		d->umin <<= n, d->umax <<= n;
}

/* Shifts by a constant n below the width. */
static void
shift64(struct vs_reg *d, uint8_t n, uint8_t op)
{
	if (op == BPF_LSH) {
		lsh64_ranges(d, n);
		lsh32_ranges(d, n);
		d->var = tnum_lsh(d->var, n);
		return;
	}
	d->u32min = 0;
	d->u32max = UINT32_MAX;
	s32_unknown(d);
	if (op == BPF_RSH) {
		s64_unknown(d);
		d->var = tnum_rsh(d->var, n);
		d->umin >>= n;
		d->umax >>= n;
		return;
	}
	d->smin >>= n;
	d->smax >>= n;
	d->var = tnum_arsh(d->var, n, 64);
	u64_unknown(d);
}

static void
shift32(struct vs_reg *d, uint8_t n, uint8_t op)
{
	tnum low = tnum_subreg(d->var);

	if (op == BPF_LSH) {
		lsh32_ranges(d, n);
		d->var = tnum_subreg(tnum_lsh(low, n));
	} else if (op == BPF_RSH) {
		s32_unknown(d);
		d->var = tnum_rsh(low, n);
		d->u32min >>= n;
		d->u32max >>= n;
	} else {
		d->s32min >>= n;
		d->s32max >>= n;
		d->var = tnum_arsh(low, n, 32);
		u32_unknown(d);
	}
	s64_unknown(d);
	u64_unknown(d);
	/* What the bits say of the low half, before it is extended. */
	d->s32min = MAX(d->s32min, (int32_t)((uint32_t)d->var.value |
					     ((uint32_t)d->var.mask & 0x80000000u)));
	d->s32max = MIN(d->s32max, (int32_t)((uint32_t)d->var.value |
					     ((uint32_t)d->var.mask & 0x7fffffffu)));
	d->u32min = MAX(d->u32min, (uint32_t)d->var.value);
	d->u32max = MIN(d->u32max, (uint32_t)(d->var.value | d->var.mask));
}

/* Can anything be said of the result? Shifts need a known count, divisions a divisor. */
static bool
computable(const struct vs_env *env, const struct vs_reg *s, uint8_t op, bool alu32)
{
	bool fixed = alu32 ? tnum_is_const(tnum_subreg(s->var)) && s->s32min == s->s32max &&
				s->u32min == s->u32max
			   : tnum_is_const(s->var) && s->smin == s->smax && s->umin == s->umax;

	switch (op) {
	case BPF_ADD: case BPF_SUB: case BPF_NEG: case BPF_AND: case BPF_XOR: case BPF_OR:
	case BPF_MUL:
		return true;
	case BPF_DIV: case BPF_MOD:
		return fixed && env->prof.div_ranges;
	case BPF_LSH: case BPF_RSH: case BPF_ARSH:
		return fixed && s->umax < (alu32 ? 32 : 64);
	}
	return false;
}

/* A number that is 0 or -1 before it meets a constant mask is a choice of two constants, as
 * compilers make of `x < 0 ? a : b`: both are walked. */
static int
fork_mask(struct vs_env *env, const struct bpf_insn *in, struct vs_reg *dst)
{
	bool wide = dst->smin == -1 && dst->smax == 0;
	struct vs_state *other;
	struct vs_reg *r;

	if (!wide && !(dst->s32min == -1 && dst->s32max == 0))
		return 0;
	other = vs_push_branch(env, env->insn_idx, env->insn_idx, false);
	if (!other)
		return env->r->err;
	r = &other->frame[other->curframe]->regs[in->dst_reg];
	if (wide) {
		vs_mark_known(r, 0);
		vs_mark_known(dst, UINT64_MAX);
	} else {
		known32(r, 0);
		r->var = tnum_clear_subreg(r->var);
		known32(dst, UINT32_MAX);
		dst->var = tnum_with_subreg(dst->var, tnum_const(UINT32_MAX));
	}
	return 0;
}

int
vs_alu_scalar(struct vs_env *env, const struct bpf_insn *in, struct vs_reg *dst,
	      struct vs_reg src)
{
	bool alu32 = BPF_CLASS(in->code) == BPF_ALU;
	uint8_t op = BPF_OP(in->code);
	struct vs_reg old;

	if (!computable(env, &src, op, alu32)) {
		vs_reg_unknown(env, dst);
		return 0;
	}
	if (vs_spec_number(env, in) < 0)
		return env->r->err;
	switch (op) {
	case BPF_ADD:
		vs_add_ranges(dst, &src);
		break;
	case BPF_SUB:
		sub_ranges(dst, &src);
		break;
	case BPF_NEG:
		old = *dst;
		vs_mark_known(dst, 0);
		sub_ranges(dst, &old);
		break;
	case BPF_MUL:
		dst->var = env->prof.mul_bits ? tnum_mul(dst->var, src.var)
			: tnum_mul_sums(dst->var, src.var);
		if (!env->prof.mul_signed) {
			mul_positive(dst, &src);
			break;
		}
		mul32(dst, &src);
		mul64(dst, &src);
		break;
	case BPF_DIV: case BPF_MOD:
		vs_div_ranges(in, dst, &src);
		break;
	case BPF_AND: case BPF_OR:
		if (env->prof.forks_masks && tnum_is_const(src.var) &&
		    fork_mask(env, in, dst) < 0)
			return env->r->err;
		bitwise(dst, &src, op);
		break;
	case BPF_XOR:
		bitwise(dst, &src, op);
		break;
	default:
		if (alu32)
			shift32(dst, (uint8_t)src.u32min, op);
		else
			shift64(dst, (uint8_t)src.umin, op);
	}
	if (alu32)
		vs_zext_32(dst);
	vs_bounds_sync(env, dst);
	return 0;
}

/* ---- moves ----------------------------------------------------------------------------------- */

static bool
fits32(const struct vs_reg *r)
{
	return r->umax <= UINT32_MAX;
}

static void
copy(struct vs_env *env, struct vs_reg *dst, struct vs_reg *src, bool same_value)
{
	if (same_value)
		vs_scalar_id(env, src);
	*dst = *src;
	if (!same_value) {
		dst->id = 0;
		dst->off = 0;
	}
}

static int
move_reg(struct vs_env *env, const struct bpf_insn *in)
{
	struct vs_reg *regs = vs_cur_regs(env), *dst = &regs[in->dst_reg];
	struct vs_reg *src = &regs[in->src_reg];
	bool alu32 = BPF_CLASS(in->code) == BPF_ALU;
	bool scalar = src->type == RT_SCALAR;

	if (!alu32 && in->imm) {		/* arena address space cast */
		vs_reg_unknown(env, dst);
		if (in->imm == 1)
			dst->type = RT_ARENA;
		return 0;
	}
	if (!alu32 && !in->off) {
		copy(env, dst, src, true);
		return 0;
	}
	if (vs_is_pointer_value(env, in->src_reg))
		return alu32 ? vs_reject(env, VS_E_PARTIAL_COPY, in->src_reg)
			: vs_reject(env, VS_E_SX_POINTER, in->src_reg);
	if (!scalar) {
		vs_reg_unknown(env, dst);
	} else if (!in->off) {
		copy(env, dst, src, fits32(src) && env->prof.mov32_links);
	} else {
		copy(env, dst, src, src->umax < (uint64_t)1 << (in->off - 1));
		vs_coerce_size_sx(dst, in->off >> 3, alu32);
	}
	if (alu32)
		vs_zext_32(dst);
	if (alu32 || scalar)
		vs_bounds_sync(env, dst);
	return 0;
}

static int
check_move(struct vs_env *env, const struct bpf_insn *in)
{
	struct vs_reg *dst;
	int err = 0;

	if (in->code == (BPF_ALU64 | BPF_MOV | BPF_X) && in->imm && !vs_has_arena(env))
		return vs_reject(env, VS_E_ADDR_SPACE_ARENA);
	if (BPF_SRC(in->code) == BPF_X)
		err = vs_check_reg_arg(env, in->src_reg, VS_READ);
	if (err >= 0)
		err = vs_check_reg_arg(env, in->dst_reg, VS_WRITE_KEEP);
	if (err < 0)
		return err;
	if (BPF_SRC(in->code) == BPF_X)
		return move_reg(env, in);
	dst = &vs_cur_regs(env)[in->dst_reg];
	vs_reg_unknown(env, dst);
	vs_mark_known(dst, BPF_CLASS(in->code) == BPF_ALU ? (uint32_t)in->imm
		      : (uint64_t)(int64_t)in->imm);
	return 0;
}

/* Byte order: bits move as they are known; ranges are found anew from them. An order that
 * is the machine's already only cuts off what is above. */
static void
swap_bytes(const struct vs_env *env, struct vs_reg *r, const struct bpf_insn *in)
{
	bool swap = BPF_CLASS(in->code) == BPF_ALU64 || BPF_SRC(in->code) == BPF_TO_BE;

	if (swap) {
		r->var = tnum_bswap(r->var, in->imm);
		vs_bounds_unknown(r);
	}
	if (swap || in->imm < 64) {
		r->id = 0;
		r->off = 0;
	}
	if (in->imm < 64)
		vs_coerce_size(env, r, in->imm / 8);
	else
		vs_bounds_sync(env, r);
}

static int
check_unary(struct vs_env *env, const struct bpf_insn *in)
{
	struct vs_reg *dst = &vs_cur_regs(env)[in->dst_reg];
	int err = vs_check_reg_arg(env, in->dst_reg, VS_READ);

	if (err < 0)
		return err;
	if (vs_is_pointer_value(env, in->dst_reg))
		return vs_reject(env, VS_E_PTR_ARITH, in->dst_reg);
	if (dst->type == RT_SCALAR &&
	    (BPF_OP(in->code) == BPF_NEG ? env->prof.neg_ranges : env->prof.end_ranges)) {
		err = vs_check_reg_arg(env, in->dst_reg, VS_WRITE_KEEP);
		if (err < 0)
			return err;
		if (BPF_OP(in->code) == BPF_NEG) {
			dst->id = 0;
			dst->off = 0;
			return vs_alu_scalar(env, in, dst, *dst);
		}
		swap_bytes(env, dst, in);
		return 0;
	}
	return vs_check_reg_arg(env, in->dst_reg, VS_WRITE);
}

/* ---- two operands ----------------------------------------------------------------------------- */

/* Adding a constant keeps the bond to copies of the register, with the distance noted. In 32
 * bits it does for a number that fits them (`fits`, before the sum). */
static void
relink(struct vs_env *env, const struct bpf_insn *in, struct vs_reg *dst,
       const struct vs_reg *src, bool fits)
{
	bool alu32 = BPF_CLASS(in->code) == BPF_ALU, subs = env->prof.linked_subs;
	bool sub = BPF_OP(in->code) == BPF_SUB;
	uint32_t link = alu32 ? VS_ADD_CONST32 : VS_ADD_CONST64;
	int64_t delta;

	if (!env->bpf_capable || !env->prof.linked_scalars || src == dst || !dst->id ||
	    (dst->id & VS_ADD_CONST) || !vs_is_const(src, alu32) ||
	    !(BPF_OP(in->code) == BPF_ADD || (sub && subs)) || (alu32 && !(subs && fits)))
		goto alone;
	delta = alu32 ? (int32_t)src->var.value : (int64_t)src->var.value;
	if (delta > INT32_MAX || delta < (subs ? INT32_MIN + sub : 0))
		goto alone;
	dst->id |= link;
	dst->off = (int32_t)(sub ? -delta : delta);
	return;
alone:
	dst->id = 0;
	dst->off = 0;
}

/* 64-bit arithmetic on addresses in an arena is made one of 32 bits: numbers need another. */
static int
note_arena(struct vs_env *env, const struct bpf_insn *in, bool arena)
{
	struct vs_fact *f = &env->fact[env->insn_idx];
	uint32_t as = arena ? RT_ARENA : RT_SCALAR;

	if (!env->prof.arena_types || BPF_CLASS(in->code) != BPF_ALU64 || !vs_has_arena(env))
		return 0;
	if (f->ptr_type != RT_NOT_INIT && f->ptr_type != as)
		return vs_reject(env, VS_E_ARENA_MIXED);
	f->ptr_type = as;
	return 0;
}

static int
combine(struct vs_env *env, const struct bpf_insn *in)
{
	struct vs_reg *regs = vs_cur_regs(env), *dst = &regs[in->dst_reg];
	struct vs_reg *src = &regs[in->src_reg], imm;
	bool ptr = dst->type != RT_SCALAR, fits;
	int err = 0;

	bool arena = dst->type == RT_ARENA ||
		(BPF_SRC(in->code) == BPF_X && src->type == RT_ARENA);

	if (note_arena(env, in, arena) < 0)
		return env->r->err;
	if (arena) {	/* any arithmetic with an address in an arena gives one */
		if (dst->type != RT_ARENA)
			*dst = *src;
		return 0;
	}
	if (BPF_SRC(in->code) == BPF_K) {
		memset(&imm, 0, sizeof imm);
		imm.type = RT_SCALAR;
		vs_mark_known(&imm, (uint64_t)(int64_t)in->imm);
		src = &imm;
	} else if (src->type != RT_SCALAR) {
		if (!ptr) {	/* number + pointer */
			err = vs_mark_precise(env, in->dst_reg);
			return err < 0 ? err : vs_adjust_pointer(env, in, src, dst);
		}
		if (BPF_OP(in->code) == BPF_SUB && env->allow_ptr_leaks) {
			vs_reg_unknown(env, dst);
			return 0;
		}
		return vs_reject(env, VS_E_PTR_PTR, in->dst_reg,
				 disasm_alu[BPF_OP(in->code) >> 4]);
	} else if (ptr || dst->precise) {
		err = vs_mark_precise(env, in->src_reg);
	}
	if (err < 0)
		return err;
	if (ptr)
		return vs_adjust_pointer(env, in, dst, src);
	fits = fits32(dst);
	err = vs_alu_scalar(env, in, dst, *src);
	if (err < 0)
		return err;
	relink(env, in, dst, src, fits);
	return 0;
}

int
vs_check_alu(struct vs_env *env, const struct bpf_insn *in)
{
	uint8_t op = BPF_OP(in->code);
	int width = BPF_CLASS(in->code) == BPF_ALU64 ? 64 : 32, err = 0;

	if (op == BPF_NEG || op == BPF_END)
		return check_unary(env, in);
	if (op == BPF_MOV)
		return check_move(env, in);
	if (BPF_SRC(in->code) == BPF_X)
		err = vs_check_reg_arg(env, in->src_reg, VS_READ);
	if (err >= 0)
		err = vs_check_reg_arg(env, in->dst_reg, VS_READ);
	if (err < 0)
		return err;
	if ((op == BPF_MOD || op == BPF_DIV) && BPF_SRC(in->code) == BPF_K && !in->imm)
		return vs_reject(env, VS_E_DIV_ZERO);
	if ((op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH) && BPF_SRC(in->code) == BPF_K &&
	    (in->imm < 0 || in->imm >= width))
		return vs_reject(env, VS_E_SHIFT, in->imm);
	err = vs_check_reg_arg(env, in->dst_reg, VS_WRITE_KEEP);
	return err < 0 ? err : combine(env, in);
}

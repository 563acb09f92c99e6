/* SPDX-License-Identifier: MIT */
/* scalar.c: the ranges of one register, and how they teach each other.
 *
 * A register's value is known in five ways at once: bits (tnum), signed and unsigned range of
 * all 64 bits, signed and unsigned range of the low 32. Whatever one of them learns, the
 * others may conclude from: that is vs_bounds_sync(). The order of the conclusions is the
 * kernel's, since it decides which facts are found: sync is not a fixed point. */
#include "verifier-sim/env.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))

void
vs_bounds_unknown(struct vs_reg *r)
{
	r->smin = INT64_MIN;
	r->smax = INT64_MAX;
	r->umin = 0;
	r->umax = UINT64_MAX;
	r->s32min = INT32_MIN;
	r->s32max = INT32_MAX;
	r->u32min = 0;
	r->u32max = UINT32_MAX;
}

/* What the known bits say. */
static void
from_bits(struct vs_reg *r)
{
	tnum v = r->var;
	uint32_t value = (uint32_t)v.value, mask = (uint32_t)v.mask;
	const uint64_t sign = (uint64_t)1 << 63;

	r->s32min = MAX(r->s32min, (int32_t)(value | (mask & 0x80000000u)));
	r->s32max = MIN(r->s32max, (int32_t)(value | (mask & 0x7fffffffu)));
	r->u32min = MAX(r->u32min, value);
	r->u32max = MIN(r->u32max, value | mask);
	r->smin = MAX(r->smin, (int64_t)(v.value | (v.mask & sign)));
	r->smax = MIN(r->smax, (int64_t)(v.value | (v.mask & ~sign)));
	r->umin = MAX(r->umin, v.value);
	r->umax = MIN(r->umax, v.value | v.mask);
}

/* 64-bit ranges that stay within one upper half, or cross into the next by going through the
 * sign of the lower, bound the lower half. */
static void
low_from_wide(struct vs_reg *r)
{
	int32_t ulo = (int32_t)r->umin, uhi = (int32_t)r->umax;
	int32_t slo = (int32_t)r->smin, shi = (int32_t)r->smax;

	if (r->umin >> 32 == r->umax >> 32) {
		r->u32min = MAX(r->u32min, (uint32_t)r->umin);
		r->u32max = MIN(r->u32max, (uint32_t)r->umax);
		if (ulo <= uhi) {
			r->s32min = MAX(r->s32min, ulo);
			r->s32max = MIN(r->s32max, uhi);
		}
	}
	if (r->smin >> 32 == r->smax >> 32) {
		if ((uint32_t)slo <= (uint32_t)shi) {
			r->u32min = MAX(r->u32min, (uint32_t)slo);
			r->u32max = MIN(r->u32max, (uint32_t)shi);
		}
		if (slo <= shi) {
			r->s32min = MAX(r->s32min, slo);
			r->s32max = MIN(r->s32max, shi);
		}
	}
	if ((uint32_t)(r->umin >> 32) + 1 == (uint32_t)(r->umax >> 32) && ulo < 0 && uhi >= 0) {
		r->s32min = MAX(r->s32min, ulo);
		r->s32max = MIN(r->s32max, uhi);
	}
	if ((uint32_t)(r->smin >> 32) + 1 == (uint32_t)(r->smax >> 32) && slo < 0 && shi >= 0) {
		r->s32min = MAX(r->s32min, slo);
		r->s32max = MIN(r->s32max, shi);
	}
}

static void
low_signs(struct vs_reg *r)
{
	if ((int32_t)r->u32min <= (int32_t)r->u32max) {
		r->s32min = MAX(r->s32min, (int32_t)r->u32min);
		r->s32max = MIN(r->s32max, (int32_t)r->u32max);
	}
	if ((uint32_t)r->s32min <= (uint32_t)r->s32max) {
		r->u32min = MAX(r->u32min, (uint32_t)r->s32min);
		r->u32max = MIN(r->u32max, (uint32_t)r->s32max);
	} else if (r->u32max < (uint32_t)r->s32min) {
		r->s32min = (int32_t)r->u32min;
		r->u32max = MIN(r->u32max, (uint32_t)r->s32max);
	} else if ((uint32_t)r->s32max < r->u32min) {
		r->s32max = (int32_t)r->u32max;
		r->u32min = MAX(r->u32min, (uint32_t)r->s32min);
	}
}

/* Signed and unsigned range of the same number: where the signed one crosses zero and the
 * unsigned one meets only one of its two parts, that part is the answer. */
static void
wide_signs(struct vs_reg *r)
{
	if ((int64_t)r->umin <= (int64_t)r->umax) {
		r->smin = MAX(r->smin, (int64_t)r->umin);
		r->smax = MIN(r->smax, (int64_t)r->umax);
	}
	if ((uint64_t)r->smin <= (uint64_t)r->smax) {
		r->umin = MAX(r->umin, (uint64_t)r->smin);
		r->umax = MIN(r->umax, (uint64_t)r->smax);
	} else if (r->umax < (uint64_t)r->smin) {
		r->smin = (int64_t)r->umin;
		r->umax = MIN(r->umax, (uint64_t)r->smax);
	} else if ((uint64_t)r->smax < r->umin) {
		r->smax = (int64_t)r->umax;
		r->umin = MAX(r->umin, (uint64_t)r->smin);
	}
}

/* Replace the low halves of the 64-bit bounds by 32-bit bounds where that tightens them. */
static void
wide_from_low(struct vs_reg *r, uint32_t lo, uint32_t hi)
{
	const uint64_t upper = 0xffffffff00000000u;

	r->umin = MAX(r->umin, (r->umin & upper) | lo);
	r->umax = MIN(r->umax, (r->umax & upper) | hi);
	r->smin = MAX(r->smin, (int64_t)(((uint64_t)r->smin & upper) | lo));
	r->smax = MIN(r->smax, (int64_t)(((uint64_t)r->smax & upper) | hi));
}

static void
deduce(struct vs_reg *r)
{
	low_from_wide(r);
	low_signs(r);
	wide_signs(r);
	wide_from_low(r, r->u32min, r->u32max);
	if ((uint32_t)r->s32min <= (uint32_t)r->s32max)
		wide_from_low(r, (uint32_t)r->s32min, (uint32_t)r->s32max);
	/* A number that fits 32 signed bits, and whose low half is not negative. */
	if (r->s32min >= 0 && r->smin >= INT32_MIN && r->smax <= INT32_MAX) {
		r->smin = r->s32min;
		r->smax = r->s32max;
		r->umin = (uint64_t)r->s32min;
		r->umax = (uint64_t)r->s32max;
		r->var = tnum_intersect(r->var, tnum_range(r->umin, r->umax));
	}
}

/* Where the unsigned range holds a single member of the bits, the value is known. */
static void
only_member(struct vs_reg *r)
{
	tnum v = r->var;
	uint64_t next = tnum_step(v, r->umin);
	bool first_fits = (r->umin & ~v.mask) == v.value;

	if (first_fits ? next > r->umax
		       : next == (v.value | v.mask) ||
				 (next <= r->umax && tnum_step(v, next) > r->umax))
		vs_mark_known(r, first_fits ? r->umin : next);
}

/* All five ways name one number: nothing is left to conclude. */
static bool
settled(const struct vs_reg *r)
{
	uint64_t v = r->var.value;

	return !r->var.mask && r->umin == v && r->umax == v && r->smin == (int64_t)v &&
		r->smax == (int64_t)v && r->u32min == (uint32_t)v && r->u32max == (uint32_t)v &&
		r->s32min == (int32_t)v && r->s32max == (int32_t)v;
}

/* What deduce() reads and writes. */
struct bounds {
	tnum var;
	int64_t smin, smax;
	uint64_t umin, umax;
	int32_t s32min, s32max;
	uint32_t u32min, u32max;
};

static struct bounds
bounds_of(const struct vs_reg *r)
{
	return (struct bounds){r->var, r->smin, r->smax, r->umin, r->umax,
			       r->s32min, r->s32max, r->u32min, r->u32max};
}

/* Three times, as the kernel; a round that finds nothing is the last to look. */
static void
deduce_all(struct vs_reg *r)
{
	for (int round = 0; round < 3; round++) {
		struct bounds was = bounds_of(r), is;

		deduce(r);
		is = bounds_of(r);
		if (!memcmp(&was, &is, sizeof was))
			return;
	}
}

/* Old kernels know of the low half what the bits say, and the whole number when it fits. */
static void
forget_half(struct vs_reg *r)
{
	uint64_t most = r->var.value | r->var.mask;

	r->u32min = (uint32_t)r->var.value;
	r->u32max = (uint32_t)most;
	r->s32min = INT32_MIN;
	r->s32max = INT32_MAX;
	if (r->umax > UINT32_MAX)
		return;
	r->u32min = (uint32_t)r->umin > r->u32min ? (uint32_t)r->umin : r->u32min;
	r->u32max = (uint32_t)r->umax < r->u32max ? (uint32_t)r->umax : r->u32max;
	if (r->u32max <= INT32_MAX) {
		r->s32min = (int32_t)r->u32min;
		r->s32max = (int32_t)r->u32max;
	}
}

void
vs_bounds_sync(const struct vs_env *env, struct vs_reg *r)
{
	bool steps = env->prof.tnum_steps;
	tnum wide, low;

	if (settled(r))
		return;
	from_bits(r);
	if (steps)
		only_member(r);
	deduce_all(r);
	if (!env->prof.ranges32)
		forget_half(r);
	wide = tnum_intersect(r->var, tnum_range(r->umin, r->umax));
	low = tnum_intersect(tnum_subreg(wide), tnum_range(r->u32min, r->u32max));
	r->var = tnum_or(tnum_clear_subreg(wide), low);
	from_bits(r);
	if (steps)
		only_member(r);
}

bool
vs_bounds_broken(const struct vs_reg *r)
{
	tnum low = tnum_subreg(r->var);
	uint64_t v = r->var.value;

	if (r->umin > r->umax || r->smin > r->smax || r->u32min > r->u32max ||
	    r->s32min > r->s32max)
		return true;
	if (tnum_is_const(r->var) && (r->umin != v || r->umax != v || r->smin != (int64_t)v ||
				      r->smax != (int64_t)v))
		return true;
	return tnum_is_const(low) &&
		(r->u32min != (uint32_t)v || r->u32max != (uint32_t)v ||
		 r->s32min != (int32_t)v || r->s32max != (int32_t)v);
}

void
vs_mark_known(struct vs_reg *r, uint64_t v)
{
	r->var = tnum_const(v);
	r->smin = r->smax = (int64_t)v;
	r->umin = r->umax = v;
	r->s32min = r->s32max = (int32_t)v;
	r->u32min = r->u32max = (uint32_t)v;
}

void
vs_mark_known_zero(struct vs_reg *r)
{
	vs_mark_known(r, 0);
}

static void
reset(struct vs_reg *r, uint32_t type)
{
	bool precise = r->precise;

	memset(r, 0, sizeof *r);
	r->type = type;
	r->precise = precise;
}

void
vs_mark_const_zero(struct vs_env *env, struct vs_reg *r)
{
	memset(r, 0, sizeof *r);
	r->type = RT_SCALAR;
	r->precise = !env->bpf_capable;
}

void
vs_reg_unknown(struct vs_env *env, struct vs_reg *r)
{
	reset(r, RT_SCALAR);
	r->var = TNUM_UNKNOWN;
	r->precise = !env->bpf_capable;
	vs_bounds_unknown(r);
}

void
vs_reg_not_init(struct vs_env *env, struct vs_reg *r)
{
	vs_reg_unknown(env, r);
	r->type = RT_NOT_INIT;
}

bool
vs_is_const(const struct vs_reg *r, bool low32)
{
	return r->type == RT_SCALAR &&
		tnum_is_const(low32 ? tnum_subreg(r->var) : r->var);
}

uint64_t
vs_const_value(const struct vs_reg *r, bool low32)
{
	return low32 ? tnum_subreg(r->var).value : r->var.value;
}

void
vs_zext_32(struct vs_reg *r)
{
	r->var = tnum_subreg(r->var);
	r->umin = r->u32min;
	r->umax = r->u32max;
	/* The signed range of the low half bounds the whole only when it is not negative. */
	if (r->s32min >= 0 && r->s32max >= 0) {
		r->smin = r->s32min;
		r->smax = r->s32max;
	} else {
		r->smin = 0;
		r->smax = UINT32_MAX;
	}
}

void
vs_coerce_size(const struct vs_env *env, struct vs_reg *r, int size)
{
	uint64_t mask = size >= 8 ? ~(uint64_t)0 : ((uint64_t)1 << size * 8) - 1;

	r->var = tnum_cast(r->var, (uint8_t)size);
	if ((r->umin & ~mask) == (r->umax & ~mask)) {
		r->umin &= mask;
		r->umax &= mask;
	} else {
		r->umin = 0;
		r->umax = mask;
	}
	r->smin = (int64_t)r->umin;
	r->smax = (int64_t)r->umax;
	/* Below four bytes the 32-bit ranges do not survive either. */
	if (size < 4) {
		r->u32min = 0;
		r->u32max = UINT32_MAX;
		r->s32min = INT32_MIN;
		r->s32max = INT32_MAX;
	}
	vs_bounds_sync(env, r);
}

/* Sign extension of an unknown number. */
static void
sx_unknown(struct vs_reg *r, int size, bool to32)
{
	int64_t lo = -((int64_t)1 << (size * 8 - 1)), hi = -(lo + 1);

	if (to32) {
		r->s32min = (int32_t)lo;
		r->s32max = (int32_t)hi;
		r->u32min = 0;
		r->u32max = UINT32_MAX;
		r->var = tnum_subreg(TNUM_UNKNOWN);
		return;
	}
	r->smin = lo;
	r->smax = hi;
	r->s32min = (int32_t)lo;
	r->s32max = (int32_t)hi;
	r->umin = 0;
	r->umax = UINT64_MAX;
	r->u32min = 0;
	r->u32max = UINT32_MAX;
	r->var = TNUM_UNKNOWN;
}

static int64_t
extend(uint64_t v, int size)
{
	return size == 1 ? (int8_t)v : size == 2 ? (int16_t)v : (int32_t)v;
}

void
vs_coerce_size_sx(struct vs_reg *r, int size, bool to32)
{
	int64_t max, min, a, b;
	int bits = size * 8;

	if (to32 ? tnum_is_const(tnum_subreg(r->var)) : tnum_is_const(r->var)) {
		int64_t v = extend(r->var.value, size);

		if (to32) {
			r->s32min = r->s32max = (int32_t)v;
			r->u32min = r->u32max = (uint32_t)v;
			r->var = tnum_const((uint32_t)v);
		} else {
			vs_mark_known(r, (uint64_t)v);
		}
		return;
	}
	/* Both ends must agree above the part that is kept, or anything may come out. */
	a = to32 ? r->s32max : r->smax;
	b = to32 ? r->s32min : r->smin;
	if (a >> bits != b >> bits) {
		sx_unknown(r, size, to32);
		return;
	}
	a = extend((uint64_t)a, size);
	b = extend((uint64_t)b, size);
	max = MAX(a, b);
	min = MIN(a, b);
	if ((min >= 0) != (max >= 0)) {
		sx_unknown(r, size, to32);
		return;
	}
	r->s32min = (int32_t)min;
	r->s32max = (int32_t)max;
	r->u32min = (uint32_t)min;
	r->u32max = (uint32_t)max;
	if (to32) {
		r->var = tnum_subreg(tnum_range((uint64_t)min, (uint64_t)max));
		return;
	}
	r->smin = min;
	r->smax = max;
	r->umin = (uint64_t)min;
	r->umax = (uint64_t)max;
	r->var = tnum_range((uint64_t)min, (uint64_t)max);
}

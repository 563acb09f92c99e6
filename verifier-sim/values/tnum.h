/* SPDX-License-Identifier: MIT */
/* tnum.h: tristate numbers: a 64-bit value of which some bits are unknown.
 *
 * `mask` has a 1 for every unknown bit; a known bit has its value in `value`; no bit is set in
 * both. All operations return a tnum that contains every result of the operation on members of
 * the operands (tests/unit/verifier-sim/tnum.c proves it for all 8-bit tnums). */
#ifndef VEERY_TNUM_H
#define VEERY_TNUM_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
	uint64_t value, mask;
} tnum;

#define TNUM(v, m) ((tnum){(v), (m)})
#define TNUM_UNKNOWN TNUM(0, ~(uint64_t)0)

static inline tnum tnum_const(uint64_t v) { return TNUM(v, 0); }
static inline bool tnum_is_const(tnum a) { return !a.mask; }
static inline bool tnum_is_const_of(tnum a, uint64_t v) { return !a.mask && a.value == v; }
static inline bool tnum_is_unknown(tnum a) { return !~a.mask; }

tnum tnum_lsh(tnum a, uint8_t n);
tnum tnum_rsh(tnum a, uint8_t n);
tnum tnum_arsh(tnum a, uint8_t n, uint8_t bits);	/* of a `bits`-wide number */
tnum tnum_sub(tnum a, tnum b);
tnum tnum_neg(tnum a);
tnum tnum_xor(tnum a, tnum b);
tnum tnum_mul(tnum a, tnum b);
tnum tnum_mul_sums(tnum a, tnum b);	/* the same, less exact: up to 6.17 */
tnum tnum_bswap(tnum a, int bits);
tnum tnum_union(tnum a, tnum b);
bool tnum_overlap(tnum a, tnum b);	/* some number is in both */
bool tnum_is_aligned(tnum a, uint64_t size);	/* size is a power of two */

/* ---- what every instruction needs, in line ------------------------------------------------- */

/* The smallest that contains min..max. */
static inline tnum
tnum_range(uint64_t min, uint64_t max)
{
	uint64_t diff = min ^ max, mask;

	if (!diff)
		return tnum_const(min);
	if (diff >> 63)
		return TNUM_UNKNOWN;
	mask = ((uint64_t)2 << (63 - __builtin_clzll(diff))) - 1;
	return TNUM(min & ~mask, mask);
}

static inline tnum
tnum_add(tnum a, tnum b)
{
	uint64_t low = a.value + b.value;
	uint64_t high = low + a.mask + b.mask;
	uint64_t unknown = (low ^ high) | a.mask | b.mask;

	return TNUM(low & ~unknown, unknown);
}

static inline tnum
tnum_and(tnum a, tnum b)
{
	uint64_t ones = a.value & b.value;
	uint64_t maybe = (a.value | a.mask) & (b.value | b.mask);

	return TNUM(ones, maybe & ~ones);
}

static inline tnum
tnum_or(tnum a, tnum b)
{
	uint64_t ones = a.value | b.value;

	return TNUM(ones, (a.mask | b.mask) & ~ones);
}

/* Of numbers known to be in both. */
static inline tnum
tnum_intersect(tnum a, tnum b)
{
	uint64_t unknown = a.mask & b.mask;

	return TNUM((a.value | b.value) & ~unknown, unknown);
}

/* The low bytes, zero-extended. */
static inline tnum
tnum_cast(tnum a, uint8_t bytes)
{
	uint64_t keep = bytes >= 8 ? ~(uint64_t)0 : ((uint64_t)1 << bytes * 8) - 1;

	return TNUM(a.value & keep, a.mask & keep);
}

/* The low 32 bits. */
static inline tnum
tnum_subreg(tnum a)
{
	return tnum_cast(a, 4);
}

static inline tnum
tnum_clear_subreg(tnum a)
{
	return TNUM(a.value >> 32 << 32, a.mask >> 32 << 32);
}

static inline tnum
tnum_with_subreg(tnum a, tnum low)
{
	return tnum_or(tnum_clear_subreg(a), tnum_subreg(low));
}

/* b is a subset of a. */
static inline bool
tnum_in(tnum a, tnum b)
{
	return !(b.mask & ~a.mask) && (b.value & ~a.mask) == a.value;
}

/* The least member above z, for z below the greatest. Members are value plus a selection of the
 * mask's bits: count that selection up by one. With every other bit set, a carry runs straight
 * through them. Where z differs from all members in a bit that is known, what z has below that
 * bit does not matter: those are set too. */
static inline uint64_t
tnum_step(tnum t, uint64_t z)
{
	uint64_t past = z - t.value, odd = past & ~t.mask;

	if (z < t.value)
		return t.value;
	if (z >= (t.value | t.mask))
		return t.value | t.mask;
	if (odd)
		past |= ~(uint64_t)0 >> __builtin_clzll(odd);
	return t.value | (((past | ~t.mask) + 1) & t.mask);
}

#endif

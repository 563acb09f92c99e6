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

tnum tnum_range(uint64_t min, uint64_t max);	/* smallest that contains min..max */
tnum tnum_lsh(tnum a, uint8_t n);
tnum tnum_rsh(tnum a, uint8_t n);
tnum tnum_arsh(tnum a, uint8_t n, uint8_t bits);	/* of a `bits`-wide number */
tnum tnum_add(tnum a, tnum b);
tnum tnum_sub(tnum a, tnum b);
tnum tnum_neg(tnum a);
tnum tnum_and(tnum a, tnum b);
tnum tnum_or(tnum a, tnum b);
tnum tnum_xor(tnum a, tnum b);
tnum tnum_mul(tnum a, tnum b);
tnum tnum_bswap(tnum a, int bits);
tnum tnum_intersect(tnum a, tnum b);	/* of numbers known to be in both */
tnum tnum_union(tnum a, tnum b);
bool tnum_overlap(tnum a, tnum b);	/* some number is in both */
tnum tnum_cast(tnum a, uint8_t bytes);	/* the low bytes, zero-extended */
tnum tnum_subreg(tnum a);		/* the low 32 bits */
tnum tnum_clear_subreg(tnum a);
tnum tnum_with_subreg(tnum a, tnum low);
bool tnum_is_aligned(tnum a, uint64_t size);	/* size is a power of two */
bool tnum_in(tnum a, tnum b);		/* b is a subset of a */
uint64_t tnum_step(tnum t, uint64_t z);	/* least member above z, for z below the greatest */

#endif

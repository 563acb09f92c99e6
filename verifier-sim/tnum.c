/* SPDX-License-Identifier: MIT */
/* tnum.c: arithmetic on numbers with unknown bits.
 *
 * The one idea: a carry out of bit i is certain when the sum of the values makes it and
 * impossible when the sum of the largest members does not; where the two sums differ, the bit
 * is unknown. Addition, subtraction and everything built on them follow from that. */
#include "tnum.h"

tnum
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

tnum
tnum_lsh(tnum a, uint8_t n)
{
	return TNUM(a.value << n, a.mask << n);
}

tnum
tnum_rsh(tnum a, uint8_t n)
{
	return TNUM(a.value >> n, a.mask >> n);
}

tnum
tnum_arsh(tnum a, uint8_t n, uint8_t bits)
{
	if (bits == 32)
		return TNUM((uint32_t)((int32_t)a.value >> n), (uint32_t)((int32_t)a.mask >> n));
	return TNUM((uint64_t)((int64_t)a.value >> n), (uint64_t)((int64_t)a.mask >> n));
}

tnum
tnum_add(tnum a, tnum b)
{
	uint64_t low = a.value + b.value;
	uint64_t high = low + a.mask + b.mask;
	uint64_t unknown = (low ^ high) | a.mask | b.mask;

	return TNUM(low & ~unknown, unknown);
}

tnum
tnum_sub(tnum a, tnum b)
{
	uint64_t d = a.value - b.value;
	uint64_t unknown = ((d + a.mask) ^ (d - b.mask)) | a.mask | b.mask;

	return TNUM(d & ~unknown, unknown);
}

tnum
tnum_neg(tnum a)
{
	return tnum_sub(tnum_const(0), a);
}

tnum
tnum_and(tnum a, tnum b)
{
	uint64_t ones = a.value & b.value;
	uint64_t maybe = (a.value | a.mask) & (b.value | b.mask);

	return TNUM(ones, maybe & ~ones);
}

tnum
tnum_or(tnum a, tnum b)
{
	uint64_t ones = a.value | b.value;

	return TNUM(ones, (a.mask | b.mask) & ~ones);
}

tnum
tnum_xor(tnum a, tnum b)
{
	uint64_t unknown = a.mask | b.mask;

	return TNUM((a.value ^ b.value) & ~unknown, unknown);
}

tnum
tnum_union(tnum a, tnum b)
{
	uint64_t unknown = a.mask | b.mask | (a.value ^ b.value);

	return TNUM(a.value & b.value & ~unknown, unknown);
}

/* Long multiplication; where a bit of `a` is unknown, the sum with and without the addend. */
tnum
tnum_mul(tnum a, tnum b)
{
	tnum sum = tnum_const(0);

	for (; a.value | a.mask; a = tnum_rsh(a, 1), b = tnum_lsh(b, 1)) {
		if (a.value & 1)
			sum = tnum_add(sum, b);
		else if (a.mask & 1)
			sum = tnum_union(sum, tnum_add(sum, b));
	}
	return sum;
}

static uint64_t
swap(uint64_t v, int bits)
{
	return bits == 16 ? __builtin_bswap16((uint16_t)v)
	       : bits == 32 ? __builtin_bswap32((uint32_t)v) : __builtin_bswap64(v);
}

tnum
tnum_bswap(tnum a, int bits)
{
	return TNUM(swap(a.value, bits), swap(a.mask, bits));
}

tnum
tnum_intersect(tnum a, tnum b)
{
	uint64_t unknown = a.mask & b.mask;

	return TNUM((a.value | b.value) & ~unknown, unknown);
}

bool
tnum_overlap(tnum a, tnum b)
{
	return !((a.value ^ b.value) & ~(a.mask | b.mask));
}

tnum
tnum_cast(tnum a, uint8_t bytes)
{
	uint64_t keep = bytes >= 8 ? ~(uint64_t)0 : ((uint64_t)1 << bytes * 8) - 1;

	return TNUM(a.value & keep, a.mask & keep);
}

tnum
tnum_subreg(tnum a)
{
	return tnum_cast(a, 4);
}

tnum
tnum_clear_subreg(tnum a)
{
	return TNUM(a.value >> 32 << 32, a.mask >> 32 << 32);
}

tnum
tnum_with_subreg(tnum a, tnum low)
{
	return tnum_or(tnum_clear_subreg(a), tnum_subreg(low));
}

bool
tnum_is_aligned(tnum a, uint64_t size)
{
	return !size || !((a.value | a.mask) & (size - 1));
}

bool
tnum_in(tnum a, tnum b)
{
	return !(b.mask & ~a.mask) && (b.value & ~a.mask) == a.value;
}

/* Members are value plus a selection of the mask's bits: count that selection up by one. With
 * every other bit set, a carry runs straight through them. Where z differs from all members in
 * a bit that is known, what z has below that bit does not matter: those are set too. */
uint64_t
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

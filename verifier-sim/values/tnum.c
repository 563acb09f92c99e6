/* SPDX-License-Identifier: MIT */
/* tnum.c: arithmetic on numbers with unknown bits.
 *
 * The one idea: a carry out of bit i is certain when the sum of the values makes it and
 * impossible when the sum of the largest members does not; where the two sums differ, the bit
 * is unknown. Addition, subtraction and everything built on them follow from that. */
#include "tnum.h"

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

/* Known and unknown bits apart: the product of the known ones, and the sum of all that unknown
 * ones may add. */
tnum
tnum_mul_sums(tnum a, tnum b)
{
	uint64_t known = a.value * b.value;
	tnum sum = tnum_const(0);

	for (; a.value | a.mask; a = tnum_rsh(a, 1), b = tnum_lsh(b, 1)) {
		if (a.value & 1)
			sum = tnum_add(sum, TNUM(0, b.mask));
		else if (a.mask & 1)
			sum = tnum_add(sum, TNUM(0, b.value | b.mask));
	}
	return tnum_add(tnum_const(known), sum);
}

/* Long multiplication; where a bit of `a` is unknown, the sum with and without the addend. */
tnum
tnum_mul(tnum a, tnum b)
{
	tnum sum = tnum_const(0);

	if (!(a.mask | b.mask))
		return tnum_const(a.value * b.value);
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

bool
tnum_overlap(tnum a, tnum b)
{
	return !((a.value ^ b.value) & ~(a.mask | b.mask));
}

bool
tnum_is_aligned(tnum a, uint64_t size)
{
	return !size || !((a.value | a.mask) & (size - 1));
}

/* SPDX-License-Identifier: MIT */
/* tnum.c: every operation on all tnums of a few bits contains every result on their members. */
#include "verifier-sim/values/tnum.h"

#include <criterion/criterion.h>

enum { BITS = 5, SPAN = 1 << BITS, MASK = SPAN - 1 };

static bool
contains(tnum t, uint64_t v)
{
	return (v & ~t.mask) == t.value;
}

static bool
next(tnum *t)	/* all tnums of BITS bits, from (0, 0) */
{
	do {
		if (++t->value == SPAN) {
			t->value = 0;
			if (++t->mask == SPAN)
				return false;
		}
	} while (t->value & t->mask);
	return true;
}

typedef tnum op(tnum a, tnum b);

static uint64_t
concrete(op *f, uint64_t x, uint64_t y)
{
	return f == tnum_add ? x + y : f == tnum_sub ? x - y : f == tnum_mul || f == tnum_mul_sums ? x * y
		: f == tnum_and ? (x & y) : f == tnum_or ? (x | y) : x ^ y;
}

static void
sound(op *f, const char *name)
{
	tnum a = TNUM(0, 0), b, r;

	do {
		b = TNUM(0, 0);
		do {
			r = f(a, b);
			cr_assert_eq(r.value & r.mask, 0, "%s: malformed", name);
			for (uint64_t x = 0; x < SPAN; x++)
				for (uint64_t y = 0; contains(a, x) && y < SPAN; y++)
					if (contains(b, y))
						cr_assert(contains(r, concrete(f, x, y)), "%s", name);
		} while (next(&b));
	} while (next(&a));
}

Test(tnum, operations_contain_their_results)
{
	sound(tnum_add, "add");
	sound(tnum_sub, "sub");
	sound(tnum_mul, "mul");
	sound(tnum_mul_sums, "mul by sums");
	sound(tnum_and, "and");
	sound(tnum_or, "or");
	sound(tnum_xor, "xor");
}

Test(tnum, range_and_set_operations)
{
	for (uint64_t lo = 0; lo < 64; lo++)
		for (uint64_t hi = lo; hi < 64; hi++)
			for (uint64_t v = lo; v <= hi; v++)
				cr_assert(contains(tnum_range(lo, hi), v));
	tnum a = TNUM(0, 0), b;

	do {
		b = TNUM(0, 0);
		do {
			bool meet = false, inside = true;

			for (uint64_t v = 0; v < SPAN; v++) {
				bool x = contains(a, v), y = contains(b, v);

				meet |= x && y;
				inside &= x || !y;
				if (x && y)
					cr_assert(contains(tnum_intersect(a, b), v));
				if (x || y)
					cr_assert(contains(tnum_union(a, b), v));
			}
			cr_assert_eq(tnum_overlap(a, b), meet);
			cr_assert_eq(tnum_in(a, b), inside);
		} while (next(&b));
	} while (next(&a));
}

Test(tnum, step_finds_the_next_member)
{
	tnum t = TNUM(0, 0);

	do {
		for (uint64_t z = 0; z < (t.value | t.mask); z++) {
			uint64_t want = z + 1;

			while (!contains(t, want))
				want++;
			if (z < t.value)
				want = t.value;
			cr_assert_eq(tnum_step(t, z), want, "(%llx;%llx) after %llx",
				     (unsigned long long)t.value, (unsigned long long)t.mask,
				     (unsigned long long)z);
		}
	} while (next(&t));
}

Test(tnum, shifts_casts_and_swaps)
{
	tnum a = TNUM(0x0f00, 0x00f0);

	cr_assert_eq(tnum_lsh(a, 4).mask, 0x0f00);
	cr_assert_eq(tnum_rsh(a, 4).value, 0x00f0);
	cr_assert_eq(tnum_cast(a, 1).value, 0);
	cr_assert_eq(tnum_bswap(a, 16).value, 0x000f);
	cr_assert_eq(tnum_arsh(TNUM(0x80000000u, 0), 31, 32).value, 0xffffffffu);
	cr_assert(tnum_is_aligned(TNUM(8, 16), 8));
	cr_assert_not(tnum_is_aligned(TNUM(8, 4), 8));
}

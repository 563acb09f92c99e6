/* SPDX-License-Identifier: MIT */
/* fn_number.c: arithmetic functions: + and its kin on any number of arguments, division in
 * its variants, comparison, bits. `/` is exact on integers that divide and a float else. */
#include "lang/fn.h"

#include <math.h>

static bool
number_arg(struct lisp *l, struct lisp_args a, uint32_t i)
{
	return is_number(a.at[i]) || fn_wrong(l, a, i, "a number");
}

static bool
integer_arg(struct lisp *l, struct lisp_args a, uint32_t i, __int128 *out)
{
	return as_int128(a.at[i], out) || fn_wrong(l, a, i, "an integer");
}

static bool
division_by_zero(struct lisp *l, span at)
{
	return lisp_raise(l, l->s_division_by_zero, at, "division by zero");
}

typedef bool (*binary_fn)(struct lisp *l, value a, value b, value *out);

static bool
divide(struct lisp *l, value a, value b, value *out)
{
	__int128 x, y;

	if (!is_number(a) || !is_number(b))
		return lisp_raise_value(l, l->s_type_error, vm_span(l), is_number(a) ? b : a,
					"is not a number");
	if (as_int128(a, &x) && as_int128(b, &y)) {
		if (y == 0)
			return division_by_zero(l, vm_span(l));
		if (y != -1 && x % y == 0) {
			*out = make_int128(l, x / y);
			return true;
		}
		if (y == -1)
			return num_sub(l, make_fixnum(0), a, out);
	}
	if (num_double(b) == 0)
		return division_by_zero(l, vm_span(l));
	*out = make_float(l, num_double(a) / num_double(b));
	return true;
}

/* + * with their neutral element in bit 0 of ud; - / when bit 1 is set */
FN(fn_arith)
{
	uintptr_t how = (uintptr_t)ud;
	binary_fn f = (how & 3) == 0 ? num_add : (how & 3) == 1 ? num_mul :
		      (how & 3) == 2 ? num_sub : divide;

	if (a.n == 0) {
		*out = make_fixnum(how & 1);
		return true;
	}
	if (!number_arg(l, a, 0))
		return false;
	*out = a.at[0];
	if (a.n == 1 && how & 2)
		return f(l, make_fixnum(how & 1), a.at[0], out);
	for (uint32_t i = 1; i < a.n; i++)
		if (!f(l, *out, a.at[i], out))
			return false;
	return true;
}

enum { LT = 1, EQ = 2, GT = 4 };

FN(fn_compare)
{
	*out = T;
	if (a.n == 1 && !number_arg(l, a, 0))
		return false;
	for (uint32_t i = 0; i + 1 < a.n; i++) {
		int r;

		if (!num_compare(l, a.at[i], a.at[i + 1], &r))
			return false;
		if (!((uintptr_t)ud & (r == NUM_UNORDERED ? 0 : r < 0 ? LT : r == 0 ? EQ : GT)))
			*out = NIL;
	}
	return true;
}

FN(fn_not_equal)
{
	*out = T;
	for (uint32_t i = 0; i < a.n; i++)
		for (uint32_t j = i + 1; j < a.n; j++) {
			int r;

			if (!num_compare(l, a.at[i], a.at[j], &r))
				return false;
			if (r == 0)
				*out = NIL;
		}
	return true;
}

FN(fn_step)
{
	return num_add(l, a.at[0], make_fixnum((intptr_t)ud), out);
}

/* zerop plusp minusp: which order to 0 */
FN(fn_sign_is)
{
	int r;

	if (!num_compare(l, a.at[0], make_fixnum(0), &r))
		return false;
	*out = make_bool((uintptr_t)ud & (r == NUM_UNORDERED ? 0 : r < 0 ? LT : r == 0 ? EQ : GT));
	return true;
}

FN(fn_parity)
{
	__int128 n;

	if (!integer_arg(l, a, 0, &n))
		return false;
	*out = make_bool((n & 1) == (intptr_t)ud);
	return true;
}

FN(fn_min_max)
{
	if (!number_arg(l, a, 0))
		return false;
	*out = a.at[0];
	for (uint32_t i = 1; i < a.n; i++) {
		int r;

		if (!num_compare(l, a.at[i], *out, &r))
			return false;
		if (r == (intptr_t)ud)
			*out = a.at[i];
	}
	return true;
}

FN(fn_abs)
{
	int r;

	if (!num_compare(l, a.at[0], make_fixnum(0), &r))
		return false;
	*out = a.at[0];
	return r >= 0 || num_sub(l, make_fixnum(0), a.at[0], out);
}

/* ---- division ----------------------------------------------------------------------- */

enum rounding { ROUND_FLOOR, ROUND_CEILING, ROUND_TRUNCATE, ROUND_NEAREST };

static __int128
divide_round(__int128 x, __int128 y, enum rounding how)
{
	__int128 q = x / y, r = x % y, twice;

	if (r == 0)
		return q;
	switch (how) {
	case ROUND_FLOOR:
		return (r < 0) != (y < 0) ? q - 1 : q;
	case ROUND_CEILING:
		return (r < 0) == (y < 0) ? q + 1 : q;
	case ROUND_NEAREST:
		twice = (r < 0 ? -r : r) * 2 - (y < 0 ? -y : y);
		if (twice > 0 || (twice == 0 && q & 1))
			return (r < 0) == (y < 0) ? q + 1 : q - 1;
		return q;
	default:
		return q;
	}
}

static double
round_double(double d, enum rounding how)
{
	switch (how) {
	case ROUND_FLOOR: return floor(d);
	case ROUND_CEILING: return ceil(d);
	case ROUND_TRUNCATE: return trunc(d);
	default: return nearbyint(d);
	}
}

/* Quotient and remainder of a.at[0] by the second argument or 1. */
static bool
quotient(struct lisp *l, struct lisp_args a, enum rounding how, value *q, value *rem)
{
	value b = a.n > 1 ? a.at[1] : make_fixnum(1);
	__int128 x, y, n;
	double d;

	if (!number_arg(l, a, 0) || (a.n > 1 && !number_arg(l, a, 1)))
		return false;
	if (as_int128(a.at[0], &x) && as_int128(b, &y)) {
		if (y == 0)
			return division_by_zero(l, a.call);
		if (y == -1) {		/* the one quotient that can overflow */
			*rem = make_fixnum(0);
			return num_sub(l, make_fixnum(0), a.at[0], q);
		}
		n = divide_round(x, y, how);
		*q = make_int128(l, n);
		*rem = make_int128(l, x - n * y);
		return true;
	}
	if (num_double(b) == 0)
		return division_by_zero(l, a.call);
	d = round_double(num_double(a.at[0]) / num_double(b), how);
	if (!(d > -1.7e38 && d < 1.7e38))
		return lisp_raise(l, l->s_arithmetic_error, a.call,
				  "the quotient is no integer of 128 bits");
	*q = make_int128(l, (__int128)d);
	*rem = make_float(l, num_double(a.at[0]) - d * num_double(b));
	return true;
}

FN(fn_floor)
{
	value rem;

	if (!quotient(l, a, (enum rounding)(intptr_t)ud & 3, out, &rem))
		return false;
	if ((intptr_t)ud & 4)		/* ffloor and kin give a float */
		*out = make_float(l, num_double(*out));
	l->values[1] = rem;
	l->nvalues = 2;
	return true;
}

/* mod, rem */
FN(fn_mod)
{
	value q;

	if (is_fixnum(a.at[0]) && is_fixnum(a.at[1]) && fixnum(a.at[1]) > 0) {
		int64_t r = fixnum(a.at[0]) % fixnum(a.at[1]);

		if (r < 0 && (intptr_t)ud == ROUND_FLOOR)
			r += fixnum(a.at[1]);
		*out = make_fixnum(r);
		return true;
	}
	return quotient(l, a, (enum rounding)(intptr_t)ud, &q, out);
}

/* The interpreter's way to the functions above and below. */
#define FROM_VM(name, fn, ud) \
bool \
name(struct lisp *l, value x, value y, value *out) \
{ \
	value args[2] = {x, y}; \
	return fn(l, (void *)(intptr_t)(ud), (struct lisp_args){args, 2, vm_span(l)}, out); \
}

FROM_VM(num_mod, fn_mod, ROUND_FLOOR)

FN(fn_gcd)
{
	__int128 x, g = (intptr_t)ud;

	for (uint32_t i = 0; i < a.n; i++) {
		__int128 y = g;

		if (!integer_arg(l, a, i, &x))
			return false;
		if (ud && x == 0) {
			*out = make_fixnum(0);
			return true;
		}
		for (__int128 p = x; p; ) {
			__int128 t = y % p;

			y = p;
			p = t;
		}
		y = y < 0 ? -y : y;
		if (ud && __builtin_mul_overflow(g / y, x, &y))
			return lisp_raise(l, l->s_arithmetic_error, a.call,
					  "the result does not fit in 128 bits");
		g = y < 0 ? -y : y;
	}
	*out = make_int128(l, g);
	return true;
}

/* ---- bits --------------------------------------------------------------------------- */

FN(fn_logop)
{
	__int128 r, x;

	r = (intptr_t)ud == 0 ? -1 : 0;
	for (uint32_t i = 0; i < a.n; i++) {
		if (!integer_arg(l, a, i, &x))
			return false;
		r = (intptr_t)ud == 0 ? r & x : (intptr_t)ud == 1 ? r | x : r ^ x;
	}
	*out = make_int128(l, r);
	return true;
}

FN(fn_lognot)
{
	__int128 x;

	if (!integer_arg(l, a, 0, &x))
		return false;
	*out = make_int128(l, ~x);
	return true;
}

FN(fn_logandc)
{
	__int128 x, y;

	if (!integer_arg(l, a, 0, &x) || !integer_arg(l, a, 1, &y))
		return false;
	*out = make_int128(l, x & ~y);
	return true;
}

/* (ash n count), also << and >> with ud 1 and -1 */
FN(fn_ash)
{
	__int128 n, count, r;

	if (!integer_arg(l, a, 0, &n) || !integer_arg(l, a, 1, &count))
		return false;
	if ((intptr_t)ud < 0)
		count = -count;
	if (count < 0) {
		*out = make_int128(l, count < -126 ? (n < 0 ? -1 : 0) : n >> (int)-count);
		return true;
	}
	if (count > 126 || (r = (__int128)((unsigned __int128)n << (int)count)) >> (int)count != n) {
		if (n != 0)
			return lisp_raise(l, l->s_arithmetic_error, a.call,
					  "the result does not fit in 128 bits");
		r = 0;
	}
	*out = make_int128(l, r);
	return true;
}

FROM_VM(num_logand, fn_logop, 0)
FROM_VM(num_logior, fn_logop, 1)
FROM_VM(num_logxor, fn_logop, 2)
FROM_VM(num_ash, fn_ash, 1)

FN(fn_logcount)
{
	__int128 n;
	unsigned __int128 u;

	if (!integer_arg(l, a, 0, &n))
		return false;
	u = (unsigned __int128)(n < 0 ? ~n : n);
	*out = make_fixnum(__builtin_popcountll((uint64_t)u) +
			   __builtin_popcountll((uint64_t)(u >> 64)));
	return true;
}

FN(fn_integer_length)
{
	__int128 n;
	int bits = 0;

	if (!integer_arg(l, a, 0, &n))
		return false;
	for (n = n < 0 ? ~n : n; n; n >>= 1)
		bits++;
	*out = make_fixnum(bits);
	return true;
}

FN(fn_logbitp)
{
	__int128 i, n;

	if (!integer_arg(l, a, 0, &i) || !integer_arg(l, a, 1, &n))
		return false;
	*out = make_bool(i < 0 ? false : i > 126 ? n < 0 : (n >> (int)i) & 1);
	return true;
}

FN(fn_logtest)
{
	__int128 x, y;

	if (!integer_arg(l, a, 0, &x) || !integer_arg(l, a, 1, &y))
		return false;
	*out = make_bool(x & y);
	return true;
}

static const struct fn_row rows[] = {
	{"+", 0, -1, fn_arith, 0, "(+ n...)"}, {"*", 0, -1, fn_arith, 1, "(* n...)"},
	{"-", 1, -1, fn_arith, 2, "(- n...): difference, or the negative of one"},
	{"/", 1, -1, fn_arith, 3, "(/ n...): exact on integers that divide, else a float"},
	{"<", 1, -1, fn_compare, LT, "(< n...)"}, {">", 1, -1, fn_compare, GT, "(> n...)"},
	{"<=", 1, -1, fn_compare, LT | EQ, "(<= n...)"},
	{">=", 1, -1, fn_compare, GT | EQ, "(>= n...)"},
	{"=", 1, -1, fn_compare, EQ, "(= n...)"}, {"/=", 1, -1, fn_not_equal, 0, "(/= n...)"},
	{"1+", 1, 1, fn_step, 1, "(1+ n)"}, {"1-", 1, 1, fn_step, -1, "(1- n)"},
	{"zerop", 1, 1, fn_sign_is, EQ, NULL}, {"plusp", 1, 1, fn_sign_is, GT, NULL},
	{"minusp", 1, 1, fn_sign_is, LT, NULL},
	{"evenp", 1, 1, fn_parity, 0, NULL}, {"oddp", 1, 1, fn_parity, 1, NULL},
	{"min", 1, -1, fn_min_max, -1, NULL}, {"max", 1, -1, fn_min_max, 1, NULL},
	{"abs", 1, 1, fn_abs, 0, NULL},
	{"floor", 1, 2, fn_floor, ROUND_FLOOR, "(floor n [d]): quotient and remainder"},
	{"ceiling", 1, 2, fn_floor, ROUND_CEILING, NULL},
	{"truncate", 1, 2, fn_floor, ROUND_TRUNCATE, NULL},
	{"round", 1, 2, fn_floor, ROUND_NEAREST, NULL},
	{"ffloor", 1, 2, fn_floor, ROUND_FLOOR | 4, NULL},
	{"fround", 1, 2, fn_floor, ROUND_NEAREST | 4, NULL},
	{"mod", 2, 2, fn_mod, ROUND_FLOOR, "(mod n d): the remainder, of d's sign"},
	{"rem", 2, 2, fn_mod, ROUND_TRUNCATE, "(rem n d): the remainder, of n's sign"},
	{"gcd", 0, -1, fn_gcd, 0, NULL}, {"lcm", 0, -1, fn_gcd, 1, NULL},
	{"logand", 0, -1, fn_logop, 0, NULL}, {"logior", 0, -1, fn_logop, 1, NULL},
	{"logxor", 0, -1, fn_logop, 2, NULL}, {"lognot", 1, 1, fn_lognot, 0, NULL},
	{"logandc2", 2, 2, fn_logandc, 0, NULL},
	{"ash", 2, 2, fn_ash, 1, "(ash n count): shift left, right when negative"},
	{"<<", 2, 2, fn_ash, 1, NULL}, {">>", 2, 2, fn_ash, -1, NULL},
	{"logcount", 1, 1, fn_logcount, 0, NULL},
	{"integer-length", 1, 1, fn_integer_length, 0, NULL},
	{"logbitp", 2, 2, fn_logbitp, 0, NULL}, {"logtest", 2, 2, fn_logtest, 0, NULL},
};

void
fn_number_init(struct lisp *l)
{
	FN_DEFINE(l, rows);
}

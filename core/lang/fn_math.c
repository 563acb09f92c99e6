/* SPDX-License-Identifier: MIT */
/* fn_math.c: floats, roots, powers, random numbers. */
#include "lang/fn.h"

#include <math.h>

static bool
double_arg(struct lisp *l, struct lisp_args a, uint32_t i, double *out)
{
	*out = 0;
	if (!is_number(a.at[i]))
		return fn_wrong(l, a, i, "a number");
	*out = num_double(a.at[i]);
	return true;
}

enum math { M_SIN, M_COS, M_TAN, M_ASIN, M_ACOS, M_SINH, M_COSH, M_TANH, M_EXP };

FN(fn_math)
{
	double x;

	if (!double_arg(l, a, 0, &x))
		return false;
	switch ((enum math)(uintptr_t)ud) {
	case M_SIN: x = sin(x); break;
	case M_COS: x = cos(x); break;
	case M_TAN: x = tan(x); break;
	case M_ASIN: x = asin(x); break;
	case M_ACOS: x = acos(x); break;
	case M_SINH: x = sinh(x); break;
	case M_COSH: x = cosh(x); break;
	case M_TANH: x = tanh(x); break;
	case M_EXP: x = exp(x); break;
	}
	*out = make_float(l, x);
	return true;
}

FN(fn_atan)
{
	double y, x = 1;

	if (!double_arg(l, a, 0, &y) || (a.n > 1 && !double_arg(l, a, 1, &x)))
		return false;
	*out = make_float(l, a.n > 1 ? atan2(y, x) : atan(y));
	return true;
}

FN(fn_log)
{
	double x, base = 1;

	if (!double_arg(l, a, 0, &x) || (a.n > 1 && !double_arg(l, a, 1, &base)))
		return false;
	if (x <= 0)
		return fn_wrong(l, a, 0, "a positive number");
	/* Powers of two come out exact. */
	*out = make_float(l, a.n == 1 ? log(x) : base == 2 ? log2(x) : log(x) / log(base));
	return true;
}

/* (log2 n): the integer part, as on the kernel's side */
FN(fn_log2)
{
	__int128 n;
	int bits = -1;

	if (!as_int128(a.at[0], &n))
		return fn_wrong(l, a, 0, "an integer");
	for (; n > 0; n >>= 1)
		bits++;
	*out = make_fixnum(bits < 0 ? 0 : bits);
	return true;
}

FN(fn_sqrt)
{
	double x;

	if (!double_arg(l, a, 0, &x))
		return false;
	if (x < 0)
		return fn_wrong(l, a, 0, "a number of 0 or more");
	*out = make_float(l, sqrt(x));
	return true;
}

FN(fn_isqrt)
{
	__int128 n, r;

	if (!as_int128(a.at[0], &n) || n < 0)
		return fn_wrong(l, a, 0, "an integer of 0 or more");
	r = (__int128)sqrt((double)n);
	while (r > 0 && r > n / r)
		r--;
	while ((r + 1) <= n / (r + 1))
		r++;
	*out = make_int128(l, r);
	return true;
}

/* (expt base power): exact for an integer power of an integer */
FN(fn_expt)
{
	__int128 n;
	double x, y;

	if (!double_arg(l, a, 0, &x) || !double_arg(l, a, 1, &y))
		return false;
	if (is_integer(a.at[0]) && as_int128(a.at[1], &n) && n >= 0) {
		value base = a.at[0], r = make_fixnum(1);

		if (n > 200 && x != 0 && x != 1 && x != -1)
			return lisp_raise(l, l->s_arithmetic_error, a.call,
					  "the result does not fit in 128 bits");
		/* Powers of 0, 1 and -1 depend on no more than whether n is odd. */
		if (n > 255)
			n = 254 + (n & 1);
		for (; n > 0; n >>= 1) {
			if (n & 1 && !num_mul(l, r, base, &r))
				return false;
			if (n > 1 && !num_mul(l, base, base, &base))
				return false;
		}
		*out = r;
		return true;
	}
	*out = make_float(l, pow(x, y));
	return true;
}

FN(fn_float)
{
	double x;

	if (!double_arg(l, a, 0, &x))
		return false;
	*out = make_float(l, x);
	return true;
}

FN(fn_signum)
{
	double x;

	if (!double_arg(l, a, 0, &x))
		return false;
	*out = is_float(a.at[0]) ? make_float(l, (x > 0) - (x < 0)) :
	       make_fixnum((x > 0) - (x < 0));
	return true;
}

/* xorshift64*; seeded the same in every session, so that runs can be repeated */
static uint64_t
next_random(struct lisp *l)
{
	l->random ^= l->random >> 12;
	l->random ^= l->random << 25;
	l->random ^= l->random >> 27;
	return l->random * 0x2545f4914f6cdd1du;
}

FN(fn_random)
{
	__int128 n;

	if (is_float(a.at[0])) {
		*out = make_float(l, (double)(next_random(l) >> 11) * 0x1p-53 * as_float(a.at[0]));
		return true;
	}
	if (!as_int128(a.at[0], &n) || n <= 0)
		return fn_wrong(l, a, 0, "a positive number");
	*out = make_int128(l, (__int128)((((unsigned __int128)next_random(l) << 62) ^
					  next_random(l)) % (unsigned __int128)n));
	return true;
}

static const struct fn_row rows[] = {
	{"sin", 1, 1, fn_math, M_SIN, NULL}, {"cos", 1, 1, fn_math, M_COS, NULL},
	{"tan", 1, 1, fn_math, M_TAN, NULL}, {"asin", 1, 1, fn_math, M_ASIN, NULL},
	{"acos", 1, 1, fn_math, M_ACOS, NULL}, {"sinh", 1, 1, fn_math, M_SINH, NULL},
	{"cosh", 1, 1, fn_math, M_COSH, NULL}, {"tanh", 1, 1, fn_math, M_TANH, NULL},
	{"exp", 1, 1, fn_math, M_EXP, NULL}, {"atan", 1, 2, fn_atan, 0, NULL},
	{"log", 1, 2, fn_log, 0, "(log x [base])"}, {"log2", 1, 1, fn_log2, 0, NULL},
	{"sqrt", 1, 1, fn_sqrt, 0, NULL}, {"isqrt", 1, 1, fn_isqrt, 0, NULL},
	{"expt", 2, 2, fn_expt, 0, "(expt base power)"},
	{"float", 1, 2, fn_float, 0, NULL}, {"signum", 1, 1, fn_signum, 0, NULL},
	{"random", 1, 2, fn_random, 0, "(random n): from 0 to below n"},
};

void
fn_math_init(struct lisp *l)
{
	as_symbol(symbol_intern(l, STR("pi"), false))->global = make_float(l, 3.14159265358979312);
	as_symbol(symbol_intern(l, STR("pi"), false))->header |= FLAG_CONST;
	FN_DEFINE(l, rows);
}

/* SPDX-License-Identifier: MIT */
/* number.c: arithmetic where the interpreter's fast path ends: 128-bit integers, floats and
 * complaints. An integer result beyond 128 bits is an error, never a wrap. */
#include "lang/vm.h"

#include <math.h>

bool
is_number(value v)
{
	return is_integer(v) || is_float(v);
}

double
num_double(value v)
{
	__int128 n = 0;

	if (is_float(v))
		return as_float(v);
	as_int128(v, &n);
	return (double)n;
}

static bool
not_a_number(struct lisp *l, value v)
{
	return lisp_raise_value(l, l->s_type_error, vm_span(l), v, "is not a number");
}

static bool
overflow(struct lisp *l)
{
	return lisp_raise(l, l->s_arithmetic_error, vm_span(l),
			  "the result does not fit in 128 bits");
}

#define ARITHMETIC(name, builtin, op) \
bool \
name(struct lisp *l, value a, value b, value *out) \
{ \
	__int128 x, y, r; \
	if (as_int128(a, &x) && as_int128(b, &y)) { \
		if (builtin(x, y, &r)) \
			return overflow(l); \
		*out = make_int128(l, r); \
		return true; \
	} \
	if (!is_number(a) || !is_number(b)) \
		return not_a_number(l, is_number(a) ? b : a); \
	*out = make_float(l, num_double(a) op num_double(b)); \
	return true; \
}

ARITHMETIC(num_add, __builtin_add_overflow, +)
ARITHMETIC(num_sub, __builtin_sub_overflow, -)
ARITHMETIC(num_mul, __builtin_mul_overflow, *)

bool
num_compare(struct lisp *l, value a, value b, int *r)
{
	__int128 x, y;
	double p, q;

	if (as_int128(a, &x) && as_int128(b, &y)) {
		*r = x < y ? -1 : x > y;
		return true;
	}
	if (!is_number(a) || !is_number(b))
		return not_a_number(l, is_number(a) ? b : a);
	p = num_double(a);
	q = num_double(b);
	*r = isnan(p) || isnan(q) ? NUM_UNORDERED : p < q ? -1 : p > q;
	return true;
}

bool
vm_eql(value a, value b)
{
	__int128 x, y;

	if (a == b)
		return true;
	if (is_object(a, OBJ_INT128) && is_object(b, OBJ_INT128))
		return as_int128(a, &x) && as_int128(b, &y) && x == y;
	return is_float(a) && is_float(b) && as_float(a) == as_float(b);
}

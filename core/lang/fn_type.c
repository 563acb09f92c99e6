/* SPDX-License-Identifier: MIT */
/* fn_type.c: types as predicates, and records (defstruct, define-condition). */
#include "lang/fn.h"

#include <stdio.h>

enum kind {
	K_NULL, K_CONS, K_LIST, K_ATOM, K_SYMBOL, K_KEYWORD, K_INTEGER, K_FLOAT, K_NUMBER,
	K_STRING, K_CHARACTER, K_VECTOR, K_SEQUENCE, K_FUNCTION, K_TABLE, K_STREAM, K_T, K_NIL,
	K_ARRAY, K_BOOLEAN, K_FIXNUM, K_UNSIGNED,
};

static bool
has_kind(value v, enum kind k)
{
	switch (k) {
	case K_NULL: return v == NIL;
	case K_CONS: return is_cons(v);
	case K_LIST: return v == NIL || is_cons(v);
	case K_ATOM: return !is_cons(v);
	case K_SYMBOL: return is_symbol(v);
	case K_KEYWORD: return is_keyword(v);
	case K_INTEGER: return is_integer(v);
	case K_FIXNUM: return is_fixnum(v);
	case K_FLOAT: return is_float(v);
	case K_NUMBER: return is_number(v);
	case K_STRING: return is_string(v);
	case K_CHARACTER: return is_char(v);
	case K_VECTOR: return is_vector(v) || is_string(v);
	case K_ARRAY: return is_vector(v) || is_string(v) || is_object(v, OBJ_ARRAY);
	case K_SEQUENCE: return is_sequence(v);
	case K_FUNCTION: return is_object(v, OBJ_CLOSURE) || is_object(v, OBJ_BUILTIN);
	case K_TABLE: return is_object(v, OBJ_TABLE);
	case K_STREAM: return is_object(v, OBJ_STREAM);
	case K_BOOLEAN: return v == T || v == NIL;
	case K_UNSIGNED: {
		__int128 n;

		return as_int128(v, &n) && n >= 0;
	}
	case K_T: return true;
	default: return false;
	}
}

static const struct { const char *name; enum kind kind; } types[] = {
	{"null", K_NULL}, {"cons", K_CONS}, {"list", K_LIST}, {"atom", K_ATOM},
	{"symbol", K_SYMBOL}, {"keyword", K_KEYWORD}, {"integer", K_INTEGER},
	{"fixnum", K_FIXNUM}, {"bignum", K_INTEGER}, {"rational", K_INTEGER},
	{"unsigned-byte", K_UNSIGNED}, {"signed-byte", K_INTEGER}, {"bit", K_UNSIGNED},
	{"float", K_FLOAT}, {"double-float", K_FLOAT}, {"single-float", K_FLOAT},
	{"real", K_NUMBER}, {"number", K_NUMBER}, {"string", K_STRING},
	{"simple-string", K_STRING}, {"character", K_CHARACTER}, {"base-char", K_CHARACTER},
	{"standard-char", K_CHARACTER}, {"vector", K_VECTOR}, {"simple-vector", K_VECTOR},
	{"array", K_ARRAY}, {"simple-array", K_ARRAY}, {"sequence", K_SEQUENCE},
	{"function", K_FUNCTION}, {"compiled-function", K_FUNCTION}, {"hash-table", K_TABLE},
	{"stream", K_STREAM}, {"boolean", K_BOOLEAN}, {"t", K_T}, {"nil", K_NIL},
};

static bool type_holds(struct lisp *l, value v, value type, span at, bool *yes);

static bool
limit_holds(value v, value low, value high)
{
	__int128 n, m;

	if (!as_int128(v, &n))
		return !is_integer(low) && !is_integer(high);
	return (!as_int128(low, &m) || n >= m) && (!as_int128(high, &m) || n <= m);
}

/* (or ...), (and ...), (not t), (member ...), (eql x), (integer lo hi), (satisfies f),
 * (unsigned-byte n), (signed-byte n), (mod n), and compound array types */
static bool
compound_holds(struct lisp *l, value v, value type, span at, bool *yes)
{
	value head = car(type), arg = car(cdr(type)), r;
	str name = is_symbol(head) ? as_symbol(head)->name : STR("");
	__int128 n;

	*yes = false;
	if (head == l->s_or || head == l->s_and) {
		*yes = head == l->s_and;
		for (value t = cdr(type); is_cons(t) && *yes == (head == l->s_and); t = cdr(t))
			if (!type_holds(l, v, car(t), at, yes))
				return false;
		return true;
	}
	if (head == l->s_not) {
		if (!type_holds(l, v, arg, at, yes))
			return false;
		*yes = !*yes;
	} else if (head == l->s_member || head == l->s_eql) {
		for (value t = cdr(type); is_cons(t) && !*yes; t = cdr(t))
			*yes = vm_eql(v, car(t));
	} else if (str_is(name, "satisfies")) {
		if (!fn_call1(l, arg, v, &r))
			return false;
		*yes = r != NIL;
	} else if (str_is(name, "mod")) {
		*yes = as_int128(v, &n) && n >= 0 && limit_holds(v, NIL, arg) && !vm_eql(v, arg);
	} else if (str_is(name, "unsigned-byte")) {
		*yes = as_int128(v, &n) && n >= 0 && (!is_fixnum(arg) || n >> fixnum(arg) == 0);
	} else if (str_is(name, "signed-byte")) {
		*yes = as_int128(v, &n) && (!is_fixnum(arg) ||
					    (n < 0 ? ~n : n) >> (fixnum(arg) - 1) == 0);
	} else {
		if (!type_holds(l, v, head, at, yes))
			return false;
		if (*yes && is_number(v))
			*yes = limit_holds(v, arg, car(cdr(cdr(type))));
	}
	return true;
}

static bool
type_holds(struct lisp *l, value v, value type, span at, bool *yes)
{
	value expansion;

	if (is_cons(type))
		return compound_holds(l, v, type, at, yes);
	if (!is_symbol(type))
		return lisp_raise_value(l, l->s_type_error, at, type, "is not a type");
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (str_is(as_symbol(type)->name, types[i].name)) {
			*yes = has_kind(v, types[i].kind);
			return true;
		}
	if (lisp_is_condition(l, type)) {
		*yes = lisp_type_matches(l, v, type);
		return true;
	}
	expansion = lisp_get_property(l, type, symbol_intern(l, STR("%type"), false));
	if (expansion != NIL)
		return type_holds(l, v, expansion, at, yes);
	*yes = false;
	if (lisp_get_property(l, type, l->s_slots) != NIL) {
		value t = is_object(v, OBJ_RECORD) ? OBJ(record, v)->type : NIL;

		for (int i = 0; i < 100 && t != NIL && !*yes; i++) {
			*yes = t == type;
			t = lisp_get_property(l, t, l->s_struct_parent);
		}
		return true;
	}
	return lisp_raise_value(l, l->s_type_error, at, type, "is not a type");
}

FN(fn_typep)
{
	bool yes;

	if (!type_holds(l, a.at[0], a.at[1], a.call, &yes))
		return false;
	*out = make_bool(yes);
	return true;
}

FN(fn_is_kind)
{
	*out = make_bool(has_kind(a.at[0], (enum kind)(uintptr_t)ud));
	return true;
}

FN(fn_not)
{
	*out = make_bool(a.at[0] == NIL);
	return true;
}

FN(fn_type_of)
{
	static const enum kind order[] = {K_NULL, K_BOOLEAN, K_KEYWORD, K_SYMBOL, K_CONS,
		K_INTEGER, K_FLOAT, K_STRING, K_CHARACTER, K_VECTOR, K_ARRAY, K_FUNCTION,
		K_TABLE, K_STREAM};

	if (is_object(a.at[0], OBJ_RECORD)) {
		*out = OBJ(record, a.at[0])->type;
		return true;
	}
	*out = T;
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		if (!has_kind(a.at[0], order[i]))
			continue;
		for (size_t j = 0; j < sizeof types / sizeof *types; j++)
			if (types[j].kind == order[i]) {
				*out = symbol_intern(l, str_of(types[j].name), false);
				return true;
			}
	}
	return true;
}

/* ---- records ------------------------------------------------------------------------ */

/* (%make-record type value...) */
FN(fn_make_record)
{
	*out = record_new(l, a.at[0], a.n - 1);
	if (*out == NIL)
		return lisp_error(l, a.call, "a structure of %u slots is too large", a.n - 1);
	for (uint32_t i = 1; i < a.n; i++)
		OBJ(record, *out)->slots[i - 1] = a.at[i];
	return true;
}

/* Is record r of the type, or of one that includes it? */
static bool
record_is(struct lisp *l, value v, value type)
{
	value t = is_object(v, OBJ_RECORD) ? OBJ(record, v)->type : NIL;

	for (int i = 0; i < 100 && t != NIL; i++) {
		if (t == type)
			return true;
		t = lisp_get_property(l, t, l->s_struct_parent);
	}
	return lisp_is_condition(l, type) && lisp_type_matches(l, v, type);
}

/* (%record-ref record type i); (%record-set value record type i) with ud */
FN(fn_record_ref)
{
	uint32_t k = ud != NULL, i;
	struct record *r = OBJ(record, a.at[k]);
	char what[80];

	if (!fn_count(l, a, k + 2, 0, &i))
		return false;
	if (!record_is(l, a.at[k], a.at[k + 1]) || i >= r->n) {
		snprintf(what, sizeof what, "a `%.*s`",
			 STR_ARG(as_symbol(a.at[k + 1])->name));
		return fn_wrong(l, a, k, what);
	}
	if (ud)
		r->slots[i] = a.at[0];
	*out = r->slots[i];
	return true;
}

FN(fn_record_p)
{
	*out = make_bool(record_is(l, a.at[0], a.at[1]));
	return true;
}

FN(fn_copy_record)
{
	struct record *r = OBJ(record, a.at[0]);

	if (!is_object(a.at[0], OBJ_RECORD))
		return fn_wrong(l, a, 0, "a structure");
	*out = record_new(l, r->type, r->n);
	memcpy(OBJ(record, *out)->slots, r->slots, r->n * sizeof(value));
	return true;
}

/* (%set-property symbol name value), for types: known by names that start with % */
FN(fn_set_property)
{
	if (!is_symbol(a.at[0]))
		return fn_wrong(l, a, 0, "a symbol");
	lisp_set_property(l, a.at[0], a.at[1], a.at[2]);
	*out = a.at[2];
	return true;
}

static const struct fn_row rows[] = {
	{"typep", 2, 2, fn_typep, 0, "(typep x type)"}, {"type-of", 1, 1, fn_type_of, 0, NULL},
	{"null", 1, 1, fn_not, 0, NULL}, {"not", 1, 1, fn_not, 0, NULL},
	{"endp", 1, 1, fn_not, 0, NULL}, {"consp", 1, 1, fn_is_kind, K_CONS, NULL},
	{"atom", 1, 1, fn_is_kind, K_ATOM, NULL}, {"listp", 1, 1, fn_is_kind, K_LIST, NULL},
	{"symbolp", 1, 1, fn_is_kind, K_SYMBOL, NULL},
	{"keywordp", 1, 1, fn_is_kind, K_KEYWORD, NULL},
	{"integerp", 1, 1, fn_is_kind, K_INTEGER, NULL},
	{"rationalp", 1, 1, fn_is_kind, K_INTEGER, NULL},
	{"floatp", 1, 1, fn_is_kind, K_FLOAT, NULL},
	{"numberp", 1, 1, fn_is_kind, K_NUMBER, NULL}, {"realp", 1, 1, fn_is_kind, K_NUMBER, NULL},
	{"stringp", 1, 1, fn_is_kind, K_STRING, NULL},
	{"characterp", 1, 1, fn_is_kind, K_CHARACTER, NULL},
	{"vectorp", 1, 1, fn_is_kind, K_VECTOR, NULL}, {"arrayp", 1, 1, fn_is_kind, K_ARRAY, NULL},
	{"simple-vector-p", 1, 1, fn_is_kind, K_VECTOR, NULL},
	{"functionp", 1, 1, fn_is_kind, K_FUNCTION, NULL},
	{"hash-table-p", 1, 1, fn_is_kind, K_TABLE, NULL},
	{"streamp", 1, 1, fn_is_kind, K_STREAM, NULL},
	{"%make-record", 1, -1, fn_make_record, 0, NULL},
	{"%record-ref", 3, 3, fn_record_ref, 0, NULL},
	{"%record-set", 4, 4, fn_record_ref, 1, NULL},
	{"%record-p", 2, 2, fn_record_p, 0, NULL}, {"copy-structure", 1, 1, fn_copy_record, 0, NULL},
	{"%set-property", 3, 3, fn_set_property, 0, NULL},
};

void
fn_type_init(struct lisp *l)
{
	FN_DEFINE(l, rows);
}

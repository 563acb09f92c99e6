/* SPDX-License-Identifier: MIT */
/* print.c: values as text. Depth and length are bounded, so that circular structure prints
 * (cut off) instead of never ending. */
#include "lang/machine.h"

#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PRINT_DEPTH = 400, PRINT_BYTES = 4 << 20 };

static void print_in(struct lisp *l, struct buf *b, value v, bool escape, int depth);

static void
print_int128(struct buf *b, __int128 n)
{
	unsigned __int128 u = n < 0 ? -(unsigned __int128)n : (unsigned __int128)n;
	char text[48];
	size_t i = sizeof text;

	do
		text[--i] = (char)('0' + (int)(u % 10));
	while (u /= 10);
	if (n < 0)
		text[--i] = '-';
	buf_bytes(b, text + i, sizeof text - i);
}

/* The shortest decimal that reads back as the same double. */
/* 1.5e10; as few digits as tell the number when places < 0, at least one; plus: e+10. */
void
print_exponent(struct buf *b, double d, int places, bool plus)
{
	char text[400], *e;
	int digits = places < 0 ? 1 : places;

	do {
		snprintf(text, sizeof text, "%.*e", digits, d);
	} while (places < 0 && digits++ < 17 && strtod(text, NULL) != d);
	e = strchr(text, 'e');
	*e++ = 0;
	buf_printf(b, "%se%s%d", text, plus && *e != '-' ? "+" : "", atoi(e));
}

static void
print_float(struct buf *b, double d)
{
	char text[40];

	if (isnan(d)) {
		buf_puts(b, "nan");
		return;
	}
	if (isinf(d)) {
		buf_puts(b, d < 0 ? "-infinity" : "infinity");
		return;
	}
	/* In full from a thousandth up to ten million, else with an exponent. */
	if (d == 0 || (fabs(d) >= 1e-3 && fabs(d) < 1e7)) {
		for (int places = 1; places <= 20; places++) {
			snprintf(text, sizeof text, "%.*f", places, d);
			if (strtod(text, NULL) == d)
				break;
		}
		buf_puts(b, text);
		return;
	}
	print_exponent(b, d, -1, false);
}

static void
print_string(struct buf *b, str s)
{
	buf_putc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_putc(b, '\\');
		buf_putc(b, s.p[i]);
	}
	buf_putc(b, '"');
}

static void
print_char(struct buf *b, uint32_t cp, bool escape)
{
	const char *name = lisp_char_name(cp);
	char text[4];

	if (escape) {
		buf_puts(b, "#\\");
		if (name) {
			buf_putc(b, (char)(name[0] - 32));
			buf_puts(b, name + 1);
			return;
		}
		if (cp < 32) {
			buf_printf(b, "U%04X", cp);
			return;
		}
	}
	buf_bytes(b, text, utf8_encode(cp, text));
}

static bool
plain_name(str s)
{
	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c == 0x7f || (c >= 'A' && c <= 'Z') ||
		    memchr("()'\"`,;|\\", c, 9))
			return false;
	}
	return true;
}

static void
print_symbol(struct buf *b, const struct symbol *s, bool escape)
{
	bool bars = escape && !plain_name(s->name);

	if (escape && s->keyword)
		buf_putc(b, ':');
	else if (escape && !s->interned)
		buf_puts(b, "#:");
	if (bars)
		buf_putc(b, '|');
	buf_str(b, s->name);
	if (bars)
		buf_putc(b, '|');
}

/* 'x, #'x, `x, ,x, ,@x */
static bool
print_prefix(struct lisp *l, struct buf *b, value v, bool escape, int depth)
{
	value head = car(v);
	const char *prefix = NULL;

	if (!is_cons(cdr(v)) || cdr(cdr(v)) != NIL)
		return false;
	if (head == l->s_quote)
		prefix = "'";
	else if (head == l->s_function)
		prefix = "#'";
	else if (head == l->s_quasiquote)
		prefix = "`";
	else if (head == l->s_unquote)
		prefix = ",";
	else if (head == l->s_unquote_splicing)
		prefix = ",@";
	if (!prefix)
		return false;
	buf_puts(b, prefix);
	print_in(l, b, car(cdr(v)), escape, depth + 1);
	return true;
}

static void
print_list(struct lisp *l, struct buf *b, value v, bool escape, int depth)
{
	if (print_prefix(l, b, v, escape, depth))
		return;
	buf_putc(b, '(');
	for (;;) {
		print_in(l, b, car(v), escape, depth + 1);
		v = cdr(v);
		if (!is_cons(v))
			break;
		buf_putc(b, ' ');
		if (b->n > PRINT_BYTES) {
			buf_puts(b, "...");
			v = NIL;
			break;
		}
	}
	if (v != NIL) {
		buf_puts(b, " . ");
		print_in(l, b, v, escape, depth + 1);
	}
	buf_putc(b, ')');
}

/* As the structure's :print-function or :print-object says. */
static bool
print_by_function(struct lisp *l, struct buf *b, const struct record *r, int depth)
{
	value f = lisp_get_property(l, r->type, l->s_print_function), out, args[3];
	uint32_t mark;
	bool ok;

	if (f == NIL || l->pending != PENDING_NONE)
		return false;
	args[0] = (value)(uintptr_t)r;
	args[1] = lisp_string_output(l);
	args[2] = make_fixnum(depth);
	mark = lisp_root(l, args[0]);
	lisp_root(l, args[1]);
	ok = lisp_apply(l, f, args, 3, &out);
	if (ok)
		buf_str(b, as_string(OBJ(stream, args[1])->text));
	lisp_unroot(l, mark);
	return ok;
}

static void
print_record(struct lisp *l, struct buf *b, const struct record *r, bool escape, int depth)
{
	value names;

	if (lisp_is_condition(l, r->type)) {
		if (!escape)
			lisp_condition_text(l, b, (value)(uintptr_t)r);
		else
			buf_printf(b, "#<%.*s>", STR_ARG(as_symbol(r->type)->name));
		return;
	}
	if (print_by_function(l, b, r, depth))
		return;
	names = lisp_get_property(l, r->type, l->s_slots);
	buf_puts(b, "#S(");
	print_in(l, b, r->type, escape, depth + 1);
	for (uint32_t i = 0; i < r->n; i++) {
		buf_putc(b, ' ');
		if (is_cons(names)) {
			buf_putc(b, ':');
			print_in(l, b, car(names), false, depth + 1);
			buf_putc(b, ' ');
		}
		print_in(l, b, r->slots[i], escape, depth + 1);
		names = cdr(names);
	}
	buf_putc(b, ')');
}

/* #2A((1 2) (3 4)): the elements from *at on, in as many dimensions as are left. */
static void
print_rows(struct lisp *l, struct buf *b, const struct array_obj *o, uint32_t d, uint32_t *at,
	   bool escape, int depth)
{
	if (d == o->rank) {
		print_in(l, b, as_vec(o->data)->at[(*at)++], escape, depth + 1);
		return;
	}
	buf_putc(b, '(');
	for (uint32_t i = 0; i < o->dims[d]; i++) {
		if (i)
			buf_putc(b, ' ');
		if (b->n > PRINT_BYTES) {
			buf_puts(b, "...");
			break;
		}
		print_rows(l, b, o, d + 1, at, escape, depth);
	}
	buf_putc(b, ')');
}

static void
print_array(struct lisp *l, struct buf *b, const struct array_obj *o, bool escape, int depth)
{
	uint32_t at = 0;

	buf_printf(b, "#%uA", o->rank);
	print_rows(l, b, o, 0, &at, escape, depth);
}

static void
print_object(struct lisp *l, struct buf *b, value v, bool escape, int depth)
{
	switch (OBJ(object, v)->header & 0xff) {
	case OBJ_INT128: {
		__int128 n;

		as_int128(v, &n);
		print_int128(b, n);
		break;
	}
	case OBJ_FLOAT:
		print_float(b, as_float(v));
		break;
	case OBJ_STRING:
		if (escape)
			print_string(b, as_string(v));
		else
			buf_str(b, as_string(v));
		break;
	case OBJ_VECTOR:
		buf_puts(b, "#(");
		for (uint32_t i = 0; i < as_vec(v)->n; i++) {
			if (i)
				buf_putc(b, ' ');
			if (b->n > PRINT_BYTES) {
				buf_puts(b, "...");
				break;
			}
			print_in(l, b, as_vec(v)->at[i], escape, depth + 1);
		}
		buf_putc(b, ')');
		break;
	case OBJ_ARRAY:
		print_array(l, b, OBJ(array_obj, v), escape, depth);
		break;
	case OBJ_TABLE:
		buf_printf(b, "#<hash-table of %u>", OBJ(table_obj, v)->n);
		break;
	case OBJ_CLOSURE:
		buf_puts(b, "#<function");
		if (OBJ(closure, v)->code->name != NIL) {
			buf_putc(b, ' ');
			print_in(l, b, OBJ(closure, v)->code->name, false, depth + 1);
		}
		buf_putc(b, '>');
		break;
	case OBJ_BUILTIN:
		buf_printf(b, "#<builtin %s>", OBJ(builtin, v)->name);
		break;
	case OBJ_RECORD:
		print_record(l, b, OBJ(record, v), escape, depth);
		break;
	case OBJ_STREAM:
		buf_puts(b, "#<stream>");
		break;
	default:
		buf_puts(b, "#<object>");
		break;
	}
}

static void
print_in(struct lisp *l, struct buf *b, value v, bool escape, int depth)
{
	if (depth > PRINT_DEPTH || b->n > PRINT_BYTES)
		buf_puts(b, "...");
	else if (is_fixnum(v))
		print_int128(b, fixnum(v));
	else if (is_cons(v))
		print_list(l, b, v, escape, depth);
	else if (is_symbol(v))
		print_symbol(b, as_symbol(v), escape);
	else if (is_char(v))
		print_char(b, char_code(v), escape);
	else if ((v & 7) == 0 && v)
		print_object(l, b, v, escape, depth);
	else
		buf_puts(b, "#<unbound>");
}

void
print_value(struct lisp *l, struct buf *b, value v, bool escape)
{
	print_in(l, b, v, escape, 0);
}

str
lisp_print(struct lisp *l, struct arena *a, value v, bool escape)
{
	struct buf b = buf_new(a);

	print_in(l, &b, v, escape, 0);
	return buf_text(&b);
}

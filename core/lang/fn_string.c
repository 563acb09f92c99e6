/* SPDX-License-Identifier: MIT */
/* fn_string.c: strings and characters. Case is that of ASCII. */
#include "lang/fn.h"

#include <stdio.h>

#include "base/utf8.h"

static bool
text_arg(struct lisp *l, struct lisp_args a, uint32_t i, char buf[4], str *out)
{
	return fn_text(a.at[i], buf, out) || fn_wrong(l, a, i, "a string");
}

static bool
new_string(struct lisp *l, str s, span at, value *out)
{
	*out = make_string(l, s);
	return *out != NIL || lisp_raise(l, l->s_storage_condition, at, "the string is too long");
}

FN(fn_string)
{
	char buf[4];
	str s;

	if (is_string(a.at[0])) {
		*out = a.at[0];
		return true;
	}
	return text_arg(l, a, 0, buf, &s) && new_string(l, s, a.call, out);
}

/* (make-string n [:initial-element c]) */
FN(fn_make_string)
{
	value init = fn_key(a, 1, "initial-element", make_char(' '));
	char text[4];
	uint32_t n;
	unsigned len;

	if (!fn_count(l, a, 0, 0, &n))
		return false;
	if (!is_char(init))
		return lisp_raise_value(l, l->s_type_error, a.call, init, "is not a character");
	len = utf8_encode(char_code(init), text);
	*out = n < UINT32_MAX / 8 ? string_new(l, (str){0}, n * len) : NIL;
	if (*out == NIL)
		return lisp_raise(l, l->s_storage_condition, a.call, "the string is too long");
	if (len == 1) {
		memset(as_str_obj(*out)->p, text[0], n);
		as_str_obj(*out)->n = n;
		return true;
	}
	for (uint32_t i = 0; i < n; i++)
		string_append(l, *out, (str){text, len});
	return true;
}

static int
lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static int
compare(str x, str y, bool fold)
{
	size_t n = x.n < y.n ? x.n : y.n;

	for (size_t i = 0; i < n; i++) {
		int p = (unsigned char)x.p[i], q = (unsigned char)y.p[i];

		if (fold)
			p = lower(p), q = lower(q);
		if (p != q)
			return p - q;
	}
	return x.n < y.n ? -1 : x.n > y.n;
}

enum { CMP_EQ = 1, CMP_LT = 2, CMP_GT = 4, CMP_FOLD = 8 };

static bool
part(struct lisp_args a, uint32_t first, const char *start, const char *end, str *s)
{
	value from = fn_key(a, first, start, NIL), to = fn_key(a, first, end, NIL);
	size_t i = is_fixnum(from) ? (size_t)fixnum(from) : 0;
	size_t j = is_fixnum(to) ? (size_t)fixnum(to) : s->n;

	if (i > j || j > s->n)
		return false;
	*s = (str){s->p + i, j - i};
	return true;
}

/* string= string< string-equal ...: ud tells which orders are wanted */
FN(fn_string_compare)
{
	uintptr_t how = (uintptr_t)ud;
	char b1[4], b2[4];
	str x, y;
	int r;

	if (!text_arg(l, a, 0, b1, &x) || !text_arg(l, a, 1, b2, &y))
		return false;
	if (a.n > 2 && (!part(a, 2, "start1", "end1", &x) || !part(a, 2, "start2", "end2", &y)))
		return lisp_raise(l, l->s_type_error, a.call, "the part is not within the string");
	r = compare(x, y, how & CMP_FOLD);
	*out = make_bool((r == 0 && how & CMP_EQ) || (r < 0 && how & CMP_LT) ||
			 (r > 0 && how & CMP_GT));
	if (*out == T && !(how & CMP_EQ && !(how & (CMP_LT | CMP_GT)))) {
		size_t i = 0;		/* the order functions give the first difference */

		while (i < x.n && i < y.n && compare((str){x.p + i, 1}, (str){y.p + i, 1},
						     how & CMP_FOLD) == 0)
			i++;
		*out = make_fixnum((int64_t)i);
	}
	return true;
}

enum { CASE_UP, CASE_DOWN, CASE_TITLE };

static void
change_case(char *p, size_t n, int how)
{
	bool start = true;

	for (size_t i = 0; i < n; i++) {
		bool alpha = (p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z');

		if (alpha && (how == CASE_UP || (how == CASE_TITLE && start)))
			p[i] = (char)(p[i] & ~32);
		else if (alpha)
			p[i] = (char)(p[i] | 32);
		start = !alpha && !(p[i] >= '0' && p[i] <= '9');
	}
}

FN(fn_string_case)
{
	char buf[4];
	str s;

	if (!text_arg(l, a, 0, buf, &s) || !new_string(l, s, a.call, out))
		return false;
	s = as_string(*out);
	if (a.n > 1 && !part(a, 1, "start", "end", &s))
		return lisp_raise(l, l->s_type_error, a.call, "the part is not within the string");
	change_case(as_str_obj(*out)->p + (s.p - as_string(*out).p), s.n, (int)(intptr_t)ud);
	return true;
}

/* (string-trim bag string), left, right: ud 3, 1, 2 */
FN(fn_trim)
{
	char buf[4];
	str s;
	struct arena ar;
	struct buf bag;
	struct seq_iter it = seq_start(a.at[0]);
	value c;

	if (!text_arg(l, a, 1, buf, &s))
		return false;
	if (!is_sequence(a.at[0]))
		return fn_wrong(l, a, 0, "a sequence of characters");
	arena_init(&ar);
	bag = buf_new(&ar);
	while (seq_next(&it, &c))
		buf_putc(&bag, is_char(c) ? (char)char_code(c) : 0);
	while ((uintptr_t)ud & 1 && s.n && bag.n && memchr(bag.at, s.p[0], bag.n))
		s.p++, s.n--;
	while ((uintptr_t)ud & 2 && s.n && bag.n && memchr(bag.at, s.p[s.n - 1], bag.n))
		s.n--;
	arena_free(&ar);
	return new_string(l, s, a.call, out);
}

/* (parse-integer string [:start :end :radix :junk-allowed]) */
FN(fn_parse_integer)
{
	value start = fn_key(a, 1, "start", NIL), end = fn_key(a, 1, "end", NIL);
	value radix = fn_key(a, 1, "radix", make_fixnum(10));
	bool junk = fn_key(a, 1, "junk-allowed", NIL) != NIL, minus = false, any = false;
	char buf[4];
	str s;
	size_t i, n;
	__int128 v = 0;

	if (!text_arg(l, a, 0, buf, &s))
		return false;
	n = is_fixnum(end) && (size_t)fixnum(end) < s.n ? (size_t)fixnum(end) : s.n;
	i = is_fixnum(start) ? (size_t)fixnum(start) : 0;
	while (i < n && (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\n'))
		i++;
	if (i < n && (s.p[i] == '-' || s.p[i] == '+'))
		minus = s.p[i++] == '-';
	for (; i < n; i++, any = true) {
		int c = lower((unsigned char)s.p[i]);
		int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;

		if (d >= fixnum(radix) || v >> 120)
			break;
		v = v * fixnum(radix) + d;
	}
	if (!junk)
		while (i < n && (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\n'))
			i++;
	if ((!any || i < n) && !junk)
		return lisp_raise(l, symbol_intern(l, STR("parse-error"), false), a.call,
				  "\"%.*s\" is not an integer", s.n > 60 ? 60 : (int)s.n, s.p);
	*out = any ? make_int128(l, minus ? -v : v) : NIL;
	l->values[1] = make_fixnum((int64_t)i);
	l->nvalues = 2;
	return true;
}

/* ---- characters --------------------------------------------------------------------- */

static bool
char_arg(struct lisp *l, struct lisp_args a, uint32_t i)
{
	return is_char(a.at[i]) || fn_wrong(l, a, i, "a character");
}

FN(fn_char_code)
{
	*out = is_char(a.at[0]) ? make_fixnum(char_code(a.at[0])) : NIL;
	return char_arg(l, a, 0);
}

FN(fn_code_char)
{
	uint32_t n;

	if (!fn_count(l, a, 0, 0, &n))
		return false;
	*out = n < 0x110000 ? make_char(n) : NIL;
	return true;
}

FN(fn_char_case)
{
	char c = (char)char_code(a.at[0]);

	if (!char_arg(l, a, 0))
		return false;
	*out = a.at[0];
	if (char_code(a.at[0]) < 128) {
		change_case(&c, 1, (int)(intptr_t)ud);
		*out = make_char((unsigned char)c);
	}
	return true;
}

enum { IS_ALPHA = 1, IS_DIGIT = 2, IS_UPPER = 4, IS_LOWER = 8, IS_GRAPHIC = 16 };

FN(fn_char_is)
{
	uint32_t c = char_code(a.at[0]);
	uintptr_t want = (uintptr_t)ud;
	bool up = c >= 'A' && c <= 'Z', low = c >= 'a' && c <= 'z';

	if (!char_arg(l, a, 0))
		return false;
	*out = make_bool((want & IS_ALPHA && (up || low || c >= 128)) || (want & IS_UPPER && up) ||
			 (want & IS_LOWER && low) ||
			 (want & IS_DIGIT && c >= '0' && c <= '9') ||
			 (want & IS_GRAPHIC && c >= 32 && c != 127));
	return true;
}

/* (digit-char-p c [radix]): its weight or nil */
FN(fn_digit_char_p)
{
	uint32_t radix;
	int c, d;

	if (!char_arg(l, a, 0) || !fn_count(l, a, 1, 10, &radix))
		return false;
	c = lower((int)char_code(a.at[0]));
	d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
	*out = d < (int)radix ? make_fixnum(d) : NIL;
	return true;
}

FN(fn_digit_char)
{
	uint32_t d, radix;

	if (!fn_count(l, a, 0, 0, &d) || !fn_count(l, a, 1, 10, &radix))
		return false;
	*out = d < radix && d < 36 ? make_char((unsigned char)"0123456789ABCDEFGHIJKLMNOPQRSTUV"
					       "WXYZ"[d]) : NIL;
	return true;
}

FN(fn_char_compare)
{
	uintptr_t how = (uintptr_t)ud;

	*out = T;
	for (uint32_t i = 0; i + 1 < a.n; i++) {
		int x, y, r;

		if (!char_arg(l, a, i) || !char_arg(l, a, i + 1))
			return false;
		x = (int)char_code(a.at[i]);
		y = (int)char_code(a.at[i + 1]);
		if (how & CMP_FOLD)
			x = lower(x), y = lower(y);
		r = x < y ? -1 : x > y;
		if (!((r == 0 && how & CMP_EQ) || (r < 0 && how & CMP_LT) ||
		      (r > 0 && how & CMP_GT)))
			*out = NIL;
	}
	return true;
}

FN(fn_char_name)
{
	const char *name;

	if (!char_arg(l, a, 0))
		return false;
	name = lisp_char_name(char_code(a.at[0]));
	*out = name ? make_string(l, str_of(name)) : NIL;
	if (name)
		change_case(as_str_obj(*out)->p, 1, CASE_UP);
	return true;
}

static const struct fn_row rows[] = {
	{"string", 1, 1, fn_string, 0, "(string x): a string of a symbol or character"},
	{"make-string", 1, -1, fn_make_string, 0, NULL},
	{"string=", 2, -1, fn_string_compare, CMP_EQ, "(string= a b)"},
	{"string/=", 2, -1, fn_string_compare, CMP_LT | CMP_GT, NULL},
	{"string<", 2, -1, fn_string_compare, CMP_LT, "(string< a b)"},
	{"string>", 2, -1, fn_string_compare, CMP_GT, NULL},
	{"string<=", 2, -1, fn_string_compare, CMP_LT | CMP_EQ, NULL},
	{"string>=", 2, -1, fn_string_compare, CMP_GT | CMP_EQ, NULL},
	{"string-equal", 2, -1, fn_string_compare, CMP_EQ | CMP_FOLD, NULL},
	{"string-lessp", 2, -1, fn_string_compare, CMP_LT | CMP_FOLD, NULL},
	{"string-greaterp", 2, -1, fn_string_compare, CMP_GT | CMP_FOLD, NULL},
	{"string-upcase", 1, -1, fn_string_case, CASE_UP, NULL},
	{"string-downcase", 1, -1, fn_string_case, CASE_DOWN, NULL},
	{"string-capitalize", 1, -1, fn_string_case, CASE_TITLE, NULL},
	{"nstring-upcase", 1, -1, fn_string_case, CASE_UP, NULL},
	{"nstring-downcase", 1, -1, fn_string_case, CASE_DOWN, NULL},
	{"string-trim", 2, 2, fn_trim, 3, "(string-trim bag string)"},
	{"string-left-trim", 2, 2, fn_trim, 1, NULL},
	{"string-right-trim", 2, 2, fn_trim, 2, NULL},
	{"parse-integer", 1, -1, fn_parse_integer, 0,
	 "(parse-integer string [:start i] [:end j] [:radix r] [:junk-allowed t])"},
	{"char-code", 1, 1, fn_char_code, 0, NULL}, {"char-int", 1, 1, fn_char_code, 0, NULL},
	{"code-char", 1, 1, fn_code_char, 0, NULL},
	{"char-upcase", 1, 1, fn_char_case, CASE_UP, NULL},
	{"char-downcase", 1, 1, fn_char_case, CASE_DOWN, NULL},
	{"alpha-char-p", 1, 1, fn_char_is, IS_ALPHA, NULL},
	{"alphanumericp", 1, 1, fn_char_is, IS_ALPHA | IS_DIGIT, NULL},
	{"upper-case-p", 1, 1, fn_char_is, IS_UPPER, NULL},
	{"lower-case-p", 1, 1, fn_char_is, IS_LOWER, NULL},
	{"both-case-p", 1, 1, fn_char_is, IS_UPPER | IS_LOWER, NULL},
	{"graphic-char-p", 1, 1, fn_char_is, IS_GRAPHIC, NULL},
	{"digit-char-p", 1, 2, fn_digit_char_p, 0, NULL},
	{"digit-char", 1, 2, fn_digit_char, 0, NULL},
	{"char=", 1, -1, fn_char_compare, CMP_EQ, NULL},
	{"char/=", 1, -1, fn_char_compare, CMP_LT | CMP_GT, NULL},
	{"char<", 1, -1, fn_char_compare, CMP_LT, NULL},
	{"char>", 1, -1, fn_char_compare, CMP_GT, NULL},
	{"char<=", 1, -1, fn_char_compare, CMP_LT | CMP_EQ, NULL},
	{"char>=", 1, -1, fn_char_compare, CMP_GT | CMP_EQ, NULL},
	{"char-equal", 1, -1, fn_char_compare, CMP_EQ | CMP_FOLD, NULL},
	{"char-name", 1, 1, fn_char_name, 0, NULL},
};

void
fn_string_init(struct lisp *l)
{
	FN_DEFINE(l, rows);
}

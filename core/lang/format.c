/* SPDX-License-Identifier: MIT */
/* format.c: format's directives.
 *
 * A control string is walked once; ~{ ~[ ~( and ~< call the walk again on their part of it.
 * Parameters are numbers, 'c, v (from the arguments) and # (how many are left). */
#include "lang/fn.h"

#include <stdio.h>

#include "base/utf8.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_PARAMS = 7, MAX_DEPTH = 20 };

struct format {
	struct lisp *l;
	struct buf *b;
	const value *args;
	uint32_t n, i;		/* arguments, next one */
	uint32_t column;	/* of the output before b */
	span at;
	int depth;
	bool stop;		/* ~^ ended this level */
	uint32_t line;		/* byte of b where the current line starts, for ~t */
};

struct directive {
	char name;
	bool colon, at;
	uint32_t nparams;
	int64_t params[MAX_PARAMS];
	bool given[MAX_PARAMS];
};

static bool run(struct format *f, str control);

static bool __attribute__((format(printf, 2, 3)))
complain(struct format *f, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return lisp_error(f->l, f->at, "format: %s", text);
}

static bool
next_arg(struct format *f, value *out)
{
	*out = NIL;
	if (f->i >= f->n)
		return complain(f, "more directives than arguments");
	*out = f->args[f->i++];
	return true;
}

static int64_t
param(const struct directive *d, uint32_t i, int64_t otherwise)
{
	return i < d->nparams && d->given[i] ? d->params[i] : otherwise;
}

static uint32_t
width_of(str s)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += (s.p[i] & 0xc0) != 0x80;
	return n;
}

/* Text padded to width; `left` puts the padding before it. */
static void
pad(struct format *f, str s, int64_t width, char c, bool left)
{
	uint32_t n = width_of(s);
	size_t fill = width > n ? (size_t)(width < 4096 ? width : 4096) - n : 0;

	if (left)
		buf_fill(f->b, c, fill);
	buf_str(f->b, s);
	if (!left)
		buf_fill(f->b, c, fill);
}

/* ---- the directives ----------------------------------------------------------------- */

/* ~mincol,colinc,minpad,padcharA and S; @ pads on the left */
static bool
d_aesthetic(struct format *f, const struct directive *d)
{
	struct buf b = buf_new(f->b->arena);
	value v;

	if (!next_arg(f, &v))
		return false;
	if (v == NIL && d->colon)
		buf_puts(&b, "()");
	else
		print_value(f->l, &b, v, d->name != 'a');
	buf_fill(&b, (char)param(d, 3, ' '), d->at ? 0 : (size_t)param(d, 2, 0) & 0xfff);
	pad(f, buf_text(&b), param(d, 0, 0), (char)param(d, 3, ' '), d->at);
	return true;
}

static str
digits(struct buf *b, unsigned __int128 u, unsigned radix)
{
	char text[130];
	size_t i = sizeof text;

	do
		text[--i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(unsigned)(u % radix)];
	while (u /= radix);
	buf_bytes(b, text + i, sizeof text - i);
	return buf_text(b);
}

/* What most numbers are: small, and wanted as they are. */
static void
plain_integer(struct buf *b, int64_t n, unsigned radix)
{
	uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	char text[66];
	size_t i = sizeof text;

	do
		text[--i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[u % radix];
	while (u /= radix);
	if (n < 0)
		text[--i] = '-';
	buf_bytes(b, text + i, sizeof text - i);
}

/* ~mincol,padchar,commachar,intervalD with : commas and @ sign, at any radix */
static bool
integer(struct format *f, const struct directive *d, unsigned radix, uint32_t first)
{
	struct buf b = buf_new(f->b->arena), c = buf_new(f->b->arena);
	__int128 n;
	value v;
	str s;
	int64_t interval = param(d, first + 3, 3);

	if (!next_arg(f, &v))
		return false;
	if (is_fixnum(v) && !d->colon && !d->at && d->nparams <= first + 1 &&
	    !param(d, first, 0)) {
		plain_integer(f->b, fixnum(v), radix);
		return true;
	}
	if (!as_int128(v, &n)) {
		print_value(f->l, &b, v, false);
		pad(f, buf_text(&b), param(d, first, 0), (char)param(d, first + 1, ' '), true);
		return true;
	}
	s = digits(&b, n < 0 ? -(unsigned __int128)n : (unsigned __int128)n, radix);
	if (n < 0 || d->at)
		buf_putc(&c, n < 0 ? '-' : '+');
	for (size_t i = 0; i < s.n; i++) {
		if (d->colon && i && interval > 0 && (int64_t)(s.n - i) % interval == 0)
			buf_putc(&c, (char)param(d, first + 2, ','));
		buf_putc(&c, s.p[i]);
	}
	pad(f, buf_text(&c), param(d, first, 0), (char)param(d, first + 1, ' '), true);
	return true;
}

static const char *const ones[] = {
	"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
	"eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
	"eighteen", "nineteen"
};
static const char *const tens[] = {
	"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"
};

static void
english(struct buf *b, uint64_t n)
{
	static const struct { uint64_t v; const char *name; } big[] = {
		{1000000000000, "trillion"}, {1000000000, "billion"}, {1000000, "million"},
		{1000, "thousand"}, {100, "hundred"},
	};

	for (size_t i = 0; i < sizeof big / sizeof *big; i++)
		if (n >= big[i].v) {
			english(b, n / big[i].v);
			buf_printf(b, " %s", big[i].name);
			n %= big[i].v;
			if (!n)
				return;
			buf_putc(b, ' ');
		}
	if (n < 20) {
		buf_puts(b, ones[n]);
		return;
	}
	buf_puts(b, tens[n / 10]);
	if (n % 10)
		buf_printf(b, "-%s", ones[n % 10]);
}

/* "third", "twenty-first": the last word changes. */
static void
ordinal(struct buf *b, uint64_t n)
{
	static const struct { const char *cardinal, *ordinal; } odd[] = {
		{"one", "first"}, {"two", "second"}, {"three", "third"}, {"five", "fifth"},
		{"eight", "eighth"}, {"nine", "ninth"}, {"twelve", "twelfth"},
	};
	size_t start = b->n;
	const char *last;

	english(b, n);
	last = b->at + start;
	for (size_t i = start; i < b->n; i++)
		if (b->at[i] == ' ' || b->at[i] == '-')
			last = b->at + i + 1;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		size_t len = strlen(odd[i].cardinal);

		if (len == (size_t)(b->at + b->n - last) && memcmp(last, odd[i].cardinal, len) == 0) {
			b->n -= (uint32_t)len;
			buf_puts(b, odd[i].ordinal);
			return;
		}
	}
	if (b->at[b->n - 1] == 'y') {
		b->n--;
		buf_puts(b, "ie");
	}
	buf_puts(b, "th");
}

static bool
roman(struct format *f, int64_t n, bool old)
{
	static const struct { int v; const char *s; } rows[] = {
		{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"},
		{50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"},
	};

	if (n < 1 || n > (old ? 4999 : 3999))
		return complain(f, "~@r takes 1 to 3999");
	/* The old way does not subtract: IIII. */
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i += old ? 2 : 1)
		for (; n >= rows[i].v; n -= rows[i].v)
			buf_puts(f->b, rows[i].s);
	return true;
}

/* ~radix...R; ~R in words, ~@R roman */
static bool
d_radix(struct format *f, const struct directive *d)
{
	value v;

	if (d->nparams && d->given[0] && d->params[0] >= 2 && d->params[0] <= 36)
		return integer(f, d, (unsigned)d->params[0], 1);
	if (!next_arg(f, &v))
		return false;
	if (!is_fixnum(v))
		return complain(f, "~r takes an integer");
	if (d->at)
		return roman(f, fixnum(v), d->colon);
	if (fixnum(v) < 0)
		buf_puts(f->b, "minus ");
	(d->colon ? ordinal : english)(f->b, (uint64_t)(fixnum(v) < 0 ? -fixnum(v) : fixnum(v)));
	return true;
}

/* Exactly between two decimals, digits are rounded away from zero, which printf does not. */
static void
fixed(char *text, size_t size, int places, double x)
{
	char more[800];
	size_t n = (size_t)snprintf(more, sizeof more, "%.*f", places + 25, x), cut;

	cut = n - 25;
	if (places > 80 || more[cut] != '5' || strspn(more + cut + 1, "0") != 24)
		snprintf(text, size, "%.*f", places, x);
	else
		snprintf(text, size, "%.*f", places, x + copysign(pow(10, -places) / 2, x));
	if (!places && strlen(text) + 1 < size)
		strcat(text, ".");
}

/* The fewest digits that read back as x, never with an exponent. */
static void
shortest(struct format *f, char *text, size_t size, double x)
{
	struct buf b = buf_new(f->b->arena);

	print_value(f->l, &b, make_float(f->l, x), false);
	snprintf(text, size, "%.*s", STR_ARG(buf_text(&b)));
	for (int n = 1; strchr(text, 'e') && n <= 20; n++) {
		char full[400];

		snprintf(full, sizeof full, "%.*f", n, x);
		if (n == 20 || strtod(full, NULL) == x)
			snprintf(text, size, "%s", full);
	}
}

/* Without a count of places, as many as the width has room for. */
static void
fitted(struct format *f, char *text, size_t size, double x, int64_t w)
{
	size_t whole;

	shortest(f, text, size, x);
	whole = strcspn(text, ".");
	if (w > 0 && strlen(text) > (size_t)w) {
		int places = (int)w - (int)whole - 1;

		fixed(text, size, places > 0 ? places : 0, x);
	}
}

/* ~w,d,k,overflow,padF */
static void
fixed_point(struct format *f, const struct directive *d, double x)
{
	int64_t w = param(d, 0, 0), places = param(d, 1, -1);
	char text[400], *p = text + 1;

	x *= pow(10, (double)param(d, 2, 0));
	if (places < 0)
		fitted(f, p, sizeof text - 1, x, d->at && x >= 0 ? w - 1 : w);
	else
		fixed(p, sizeof text - 1, places > 100 ? 100 : (int)places, x);
	if (d->at && x >= 0)
		*--p = '+';
	/* A zero in front of the point goes first when there is no room. */
	if (w > 0 && strlen(p) > (size_t)w && p[0] == '0' && p[1] == '.' && p[2])
		p++;
	if (w > 0 && strlen(p) > (size_t)w && d->nparams > 3 && d->given[3])
		buf_fill(f->b, (char)d->params[3], (size_t)w & 0xfff);
	else
		pad(f, str_of(p), w, (char)param(d, 4, ' '), true);
}

/* ~w,d,e,k,overflow,padE */
static void
exponential(struct format *f, const struct directive *d, double x)
{
	struct buf b = buf_new(f->b->arena);
	int64_t places = param(d, 1, -1);

	if (d->at && x >= 0)
		buf_putc(&b, '+');
	print_exponent(&b, x, places > 100 ? 100 : (int)places, true);
	pad(f, buf_text(&b), param(d, 0, 0), (char)param(d, 5, ' '), true);
}

/* ~w,d,e,k,overflow,padG: fixed, with blanks where the exponent would be, while the digits
 * asked for show the number */
static void
general(struct format *f, const struct directive *d, double x)
{
	int64_t n = x == 0 ? 0 : (int64_t)floor(log10(fabs(x))) + 1, places = param(d, 1, -1);
	struct directive fix = *d;
	char text[400];

	if (places < 0) {
		int64_t q;

		shortest(f, text, sizeof text, fabs(x));
		q = (int64_t)strcspn(text, ".") - (text[0] == '0') + (int64_t)strlen(strchr(text, '.') + 1);
		places = n < 7 ? n : 7;
		places = q > places ? q : places;
		if (n > 0 && strtod(text, NULL) == floor(fabs(x)) && n <= 7)
			places = n + 1;
	}
	if (n > places || n < 0) {
		exponential(f, d, x);
		return;
	}
	fix.nparams = MAX_PARAMS;
	fix.given[0] = d->given[0];
	fix.params[0] = d->params[0] - 4;
	fix.given[1] = true;
	fix.params[1] = places - n;
	fix.given[2] = fix.given[3] = false;
	fixed_point(f, &fix, x);
	buf_fill(f->b, ' ', 4);
}

/* ~d,n,w,pad$: n digits at least in front of the point; : puts the sign before the padding */
static void
monetary(struct format *f, const struct directive *d, double x)
{
	int64_t places = param(d, 0, 2), least = param(d, 1, 1), w = param(d, 2, 0);
	struct buf b = buf_new(f->b->arena);
	const char *sign = x < 0 ? "-" : d->at ? "+" : "";
	char text[400];
	size_t whole;

	fixed(text, sizeof text, places > 100 ? 100 : (int)places, fabs(x));
	whole = strcspn(text, ".");
	if (d->colon)
		buf_puts(f->b, sign);
	else
		buf_puts(&b, sign);
	buf_fill(&b, '0', least > (int64_t)whole && least < 100 ? (size_t)least - whole : 0);
	buf_puts(&b, text);
	pad(f, buf_text(&b), d->colon ? w - (int64_t)strlen(sign) : w, (char)param(d, 3, ' '), true);
}

static bool
d_float(struct format *f, const struct directive *d)
{
	value v;
	double x;

	if (!next_arg(f, &v))
		return false;
	x = is_number(v) ? num_double(v) : 0;
	if (!is_number(v) || !isfinite(x)) {
		struct buf b = buf_new(f->b->arena);

		print_value(f->l, &b, v, false);
		pad(f, buf_text(&b), param(d, d->name == '$' ? 2 : 0, 0), ' ', true);
		return true;
	}
	switch (d->name) {
	case 'f': fixed_point(f, d, x); break;
	case 'e': exponential(f, d, x); break;
	case 'g': general(f, d, x); break;
	default: monetary(f, d, x); break;
	}
	return true;
}

/* ~c, ~:c by name, ~@c as read */
static bool
d_char(struct format *f, const struct directive *d)
{
	char text[4];
	value v;

	if (!next_arg(f, &v))
		return false;
	if (!is_char(v))
		return complain(f, "~c takes a character");
	if (d->at || (d->colon && lisp_char_name(char_code(v)))) {
		struct buf b = buf_new(f->b->arena);
		str s;

		print_value(f->l, &b, v, true);
		s = buf_text(&b);
		buf_str(f->b, d->at ? s : (str){s.p + 2, s.n - 2});
		return true;
	}
	buf_bytes(f->b, text, utf8_encode(char_code(v), text));
	return true;
}

/* ~p: an s unless the argument is 1; : backs up, @ y or ies */
static bool
d_plural(struct format *f, const struct directive *d)
{
	value v;
	bool one;

	if (d->colon && f->i)
		f->i--;
	if (!next_arg(f, &v))
		return false;
	one = v == make_fixnum(1);
	buf_puts(f->b, d->at ? (one ? "y" : "ies") : one ? "" : "s");
	return true;
}

static uint32_t
column(const struct format *f)
{
	str s = buf_text(f->b);
	size_t i = s.n;

	while (i > 0 && s.p[i - 1] != '\n')
		i--;
	return width_of((str){s.p + i, s.n - i}) + (i == 0 ? f->column : 0);
}

/* ~column,incrementT; ~@T relative */
static void
d_tab(struct format *f, const struct directive *d)
{
	int64_t to = param(d, 0, 1), inc = param(d, 1, 1), now = column(f), n;

	if (d->at) {
		n = to;
		if (inc > 0)
			n += (inc - (now + n) % inc) % inc;
	} else if (now < to) {
		n = to - now;
	} else {
		n = inc > 0 ? inc - (now - to) % inc : 0;
	}
	buf_fill(f->b, ' ', n > 0 && n < 4096 ? (size_t)n : 0);
}

/* ~*: skip; : back; @ to the nth */
static bool
d_skip(struct format *f, const struct directive *d)
{
	int64_t n = param(d, 0, d->at ? 0 : 1), to = d->at ? n : d->colon ? f->i - n : f->i + n;

	if (to < 0 || to > f->n)
		return complain(f, "~* leaves the arguments");
	f->i = (uint32_t)to;
	return true;
}

/* ---- the walk ----------------------------------------------------------------------- */

/* A sign and digits; the text need not end in a null. Saturates far above any width. */
static int64_t
parse_number(const char **p, const char *end)
{
	const char *q = *p;
	bool minus = *q == '-';
	int64_t n = 0;

	if (*q == '-' || *q == '+')
		q++;
	for (; q < end && *q >= '0' && *q <= '9'; q++)
		if (n < INT32_MAX)
			n = n * 10 + (*q - '0');
	*p = q;
	return minus ? -n : n;
}

/* Reads parameters and modifiers after '~'; p ends after the directive's name. */
static bool
parse_directive(struct format *f, const char **p, const char *end, struct directive *d)
{
	const char *q = *p;

	*d = (struct directive){0};
	for (;;) {
		uint32_t i = d->nparams < MAX_PARAMS ? d->nparams : MAX_PARAMS - 1;

		if (q < end && (*q == '-' || *q == '+' || (*q >= '0' && *q <= '9'))) {
			d->params[i] = parse_number(&q, end);
			d->given[i] = true;
		} else if (q + 1 < end && *q == '\'') {
			d->params[i] = (unsigned char)q[1];
			d->given[i] = true;
			q += 2;
		} else if (q < end && (*q == 'v' || *q == 'V')) {
			value v;

			if (!next_arg(f, &v))
				return false;
			d->given[i] = v != NIL;
			d->params[i] = is_fixnum(v) ? fixnum(v) : is_char(v) ? char_code(v) : 0;
			q++;
		} else if (q < end && *q == '#') {
			d->params[i] = f->n - f->i;
			d->given[i] = true;
			q++;
		}
		if (q >= end || *q != ',')
			break;
		d->nparams = i + 1;
		q++;
	}
	d->nparams = d->nparams < MAX_PARAMS ? d->nparams + 1 : MAX_PARAMS;
	for (; q < end && (*q == ':' || *q == '@'); q++)
		*(*q == ':' ? &d->colon : &d->at) = true;
	if (q >= end)
		return complain(f, "the control string ends in a directive");
	d->name = (char)(*q >= 'A' && *q <= 'Z' ? *q + 32 : *q);
	*p = q + 1;
	return true;
}

/* From after an opening directive to its end: the clauses between ~; and the place after
 * the closing directive. */
struct clauses {
	str at[32];
	uint32_t n;
	bool last_is_default;	/* ~:; before the last */
	const char *after;
	bool end_colon;
};

/* What ends a directive that encloses others; 0: it encloses none. */
static char
closer(char name)
{
	switch (name) {
	case '{': return '}';
	case '[': return ']';
	case '(': return ')';
	case '<': return '>';
	default: return 0;
	}
}

static bool
find_clauses(struct format *f, const char *p, const char *end, char open, struct clauses *c)
{
	char close = closer(open);
	const char *start = p;
	char stack[MAX_DEPTH];
	int depth = 0;

	*c = (struct clauses){0};
	while (p < end) {
		struct directive d;
		const char *tilde = p;
		uint32_t saved = f->i;

		if (*p++ != '~')
			continue;
		/* Only its extent matters here: v takes no argument yet. */
		while (p < end && strchr("0123456789+-,#vV:@'", *p)) {
			if (*p == '\'' && p + 1 < end)
				p++;
			p++;
		}
		if (p >= end)
			break;
		d.name = *p++;
		f->i = saved;
		if (closer(d.name)) {
			if (depth == MAX_DEPTH)
				return complain(f, "nested too deeply");
			stack[depth++] = closer(d.name);
		} else if (depth && d.name == stack[depth - 1]) {
			depth--;
		} else if (!depth && d.name == ';' && c->n < 31) {
			c->at[c->n++] = (str){start, (size_t)(tilde - start)};
			c->last_is_default = memchr(tilde, ':', (size_t)(p - tilde)) != NULL;
			start = p;
		} else if (!depth && d.name == close) {
			c->at[c->n++] = (str){start, (size_t)(tilde - start)};
			c->end_colon = memchr(tilde, ':', (size_t)(p - tilde)) != NULL;
			c->after = p;
			return true;
		}
	}
	return complain(f, "~%c is never closed", open);
}

static bool
sub_run(struct format *f, str control, const value *args, uint32_t n)
{
	struct format g = *f;
	bool ok;

	g.args = args;
	g.n = n;
	g.i = 0;
	g.stop = false;
	if (++g.depth > MAX_DEPTH)
		return complain(f, "nested too deeply");
	ok = run(&g, control);
	return ok;
}

/* A list's elements as an array in the buffer's arena. */
static value *
elements(struct format *f, value list, uint32_t *n)
{
	value *at = arena_array(f->b->arena, value, list_length(list) + 1);

	*n = 0;
	for (; is_cons(list); list = cdr(list))
		at[(*n)++] = car(list);
	return at;
}

/* ~{...~}: over a list; ~:{ over a list of lists; ~@{ over the remaining arguments */
static bool
d_iterate(struct format *f, const struct directive *d, const struct clauses *c)
{
	int64_t max = param(d, 0, INT32_MAX);
	const value *args = f->args + f->i;
	uint32_t n = f->n - f->i;
	struct format g = *f;
	value v;

	if (!d->at) {
		if (!next_arg(f, &v))
			return false;
		if (list_length(v) < 0)
			return complain(f, "~{ takes a list");
		args = elements(f, v, &n);
	} else {
		f->i = f->n;
	}
	if (++g.depth > MAX_DEPTH)
		return complain(f, "nested too deeply");
	g.args = args;
	g.n = n;
	g.i = 0;
	g.stop = false;
	for (int64_t round = 0; round < max; round++) {
		uint32_t before = g.i;

		if (g.i >= n && !(c->end_colon && round == 0))
			break;
		if (d->colon) {
			uint32_t m;
			value *sub = elements(f, args[g.i++], &m);

			if (!sub_run(&g, c->at[0], sub, m))
				return false;
			continue;
		}
		if (!run(&g, c->at[0]))
			return false;
		if (g.stop || (g.i == before && !(d->nparams && d->given[0])))
			break;
	}
	return true;
}

/* ~[...~;...~]: by number; ~:[ false and true; ~@[ when not nil */
static bool
d_choose(struct format *f, const struct directive *d, const struct clauses *c)
{
	value v;
	int64_t i;

	if (d->nparams && d->given[0]) {
		i = d->params[0];
	} else if (!next_arg(f, &v)) {
		return false;
	} else if (d->at) {
		if (v == NIL)
			return true;
		f->i--;
		i = 0;
	} else if (d->colon) {
		i = v != NIL;
	} else {
		i = is_fixnum(v) ? fixnum(v) : -1;
	}
	if (i < 0 || i >= c->n) {
		if (!c->last_is_default)
			return true;
		i = c->n - 1;
	}
	return run(f, c->at[i]);
}

/* ~mincol,colinc,minpad,padchar<...~;...~>: the parts with the padding between them; : also
 * before the first, @ also after the last */
static bool
d_justify(struct format *f, const struct directive *d, const struct clauses *c)
{
	struct buf b = buf_new(f->b->arena), *outer = f->b;
	uint32_t gaps = c->n - 1 + d->colon + d->at, ends[32], from = 0;
	int64_t width = param(d, 0, 0), inc = param(d, 1, 1), least = param(d, 2, 0), fill;
	bool before = d->colon || (gaps == 0);
	bool ok = true;

	buf_puts(&b, "");
	f->b = &b;
	for (uint32_t i = 0; i < c->n && ok; i++) {
		ok = run(f, c->at[i]);
		ends[i] = (uint32_t)b.n;
	}
	f->b = outer;
	if (!ok)
		return false;
	gaps = gaps ? gaps : 1;
	fill = least * gaps;
	width = width < 4096 ? width : 4096;
	while ((int64_t)width_of(buf_text(&b)) + fill < width)
		fill += inc > 0 ? inc : 1;
	for (uint32_t i = 0, g = 0; i < c->n; i++) {
		if (i || before) {
			buf_fill(outer, (char)param(d, 3, ' '),
				 (size_t)(fill * (g + 1) / gaps - fill * g / gaps));
			g++;
		}
		buf_bytes(outer, b.at + from, ends[i] - from);
		from = ends[i];
		if (i + 1 == c->n && g < gaps)
			buf_fill(outer, (char)param(d, 3, ' '),
				 (size_t)(fill - fill * g / gaps));
	}
	return true;
}

/* ~?: a control string and a list of its arguments; ~@? takes them from ours */
static bool
d_recurse(struct format *f, const struct directive *d)
{
	value control, list = NIL;
	uint32_t n;
	bool ok;

	if (!next_arg(f, &control) || (!d->at && !next_arg(f, &list)))
		return false;
	if (!is_string(control) || list_length(list) < 0)
		return complain(f, "~? takes a control string and a list");
	if (!d->at) {
		value *at = elements(f, list, &n);

		return sub_run(f, as_string(control), at, n);
	}
	if (++f->depth > MAX_DEPTH)
		return complain(f, "nested too deeply");
	ok = run(f, as_string(control));
	f->depth--;
	f->stop = false;
	return ok;
}

/* ~(...~): lower case; : Capitals, @ First, both UPPER */
static bool
d_case(struct format *f, const struct directive *d, const struct clauses *c)
{
	struct buf b = buf_new(f->b->arena), *outer = f->b;
	bool start = true, ok;

	buf_puts(&b, "");
	f->b = &b;
	ok = run(f, c->at[0]);
	f->b = outer;
	for (uint32_t i = 0; i < b.n; i++) {
		char ch = b.at[i];
		bool alpha = (ch | 32) >= 'a' && (ch | 32) <= 'z';
		bool up = d->colon && d->at ? true : d->colon || d->at ? start : false;

		if (alpha)
			b.at[i] = (char)(up ? ch & ~32 : ch | 32);
		start = d->at && !d->colon ? start && !alpha : !alpha;
	}
	buf_str(outer, buf_text(&b));
	return ok;
}

static bool
simple(struct format *f, const struct directive *d, const char **p, const char *end)
{
	size_t n = (size_t)(param(d, 0, 1) < 0 ? 0 : param(d, 0, 1) & 0xffff);

	switch (d->name) {
	case 'a': case 's': case 'w': return d_aesthetic(f, d);
	case 'd': return integer(f, d, 10, 0);
	case 'x': return integer(f, d, 16, 0);
	case 'o': return integer(f, d, 8, 0);
	case 'b': return integer(f, d, 2, 0);
	case 'r': return d_radix(f, d);
	case 'f': case 'e': case 'g': case '$': return d_float(f, d);
	case 'c': return d_char(f, d);
	case 'p': return d_plural(f, d);
	case '*': return d_skip(f, d);
	case '?': return d_recurse(f, d);
	case 't': d_tab(f, d); return true;
	case '%': buf_fill(f->b, '\n', n); return true;
	case '~': buf_fill(f->b, '~', n); return true;
	case '|': buf_fill(f->b, '\f', n); return true;
	case '&':
		if (column(f))
			buf_putc(f->b, '\n');
		return true;
	case '\n':
		while (*p < end && (**p == ' ' || **p == '\t'))
			++*p;
		return true;
	default:
		return complain(f, "no directive ~%c", d->name);
	}
}

static bool
run(struct format *f, str control)
{
	const char *p = control.p, *end = control.p + control.n;

	while (p < end) {
		const char *tilde = memchr(p, '~', (size_t)(end - p));
		struct directive d;
		struct clauses c;
		bool ok;

		buf_bytes(f->b, p, (size_t)((tilde ? tilde : end) - p));
		if (!tilde)
			return true;
		p = tilde + 1;
		if (!parse_directive(f, &p, end, &d))
			return false;
		if (d.name == '^') {
			if (f->i >= f->n) {
				f->stop = true;
				return true;
			}
			continue;
		}
		if (!closer(d.name)) {
			if (!simple(f, &d, &p, end))
				return false;
			continue;
		}
		if (!find_clauses(f, p, end, d.name, &c))
			return false;
		ok = d.name == '{' ? d_iterate(f, &d, &c) : d.name == '[' ? d_choose(f, &d, &c) :
		     d.name == '<' ? d_justify(f, &d, &c) : d_case(f, &d, &c);
		if (!ok)
			return false;
		if (f->stop && d.name != '{')
			return true;
		p = c.after;
	}
	return true;
}

bool
format_into(struct lisp *l, struct buf *b, str control, const value *args, uint32_t n,
	    uint32_t start_column, span at)
{
	struct format f = {.l = l, .b = b, .args = args, .n = n, .column = start_column,
			   .at = at};
	bool ok;

	/* Printing may run code (reports of conditions): nothing is collected meanwhile. */
	l->gc_off++;
	buf_puts(b, "");
	ok = run(&f, control);
	l->gc_off--;
	return ok;
}

/* SPDX-License-Identifier: MIT */
/* reader.c: text to forms.
 *
 * Common Lisp's reader for what the language needs. Nothing recurses: open lists, vectors
 * and prefixes ('x, #'x, `x ...) stand on a stack in an arena, so that nesting is bounded by a
 * number and not by the C stack.
 *
 * Places: every cons gets a pair of spans (see source.h). The first of the pair, the list
 * from there on, is completed when the list is closed. Packages are read and dropped, but
 * for `bpf:`, which stays part of the name (bpf:map is not Lisp's map).
 *
 * Error codes: R0001 list never closed, R0002 stray closing parenthesis, R0003 unknown
 * dispatch, R0004 stray byte, R0005 nesting, R0006 number, R0007 string or comment never
 * closed, R0008 misplaced dot, R0009 unknown character name, R0010 prefix with nothing
 * after it, R0011 #. failed. */
#include "lang/machine.h"

#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_DEPTH = 10000 };

enum open_kind { OPEN_LIST, OPEN_VECTOR, OPEN_PREFIX, OPEN_SKIP, OPEN_DOT_EVAL };

/* A list, vector or prefix not yet complete. */
struct open {
	enum open_kind kind;
	uint32_t start;
	value first, last;	/* conses so far */
	value prefix;		/* symbol of a prefix */
	bool dotted;		/* a dot was read: one more element, then ')' */
	bool tail;		/* and that element was read */
};

struct scan {
	struct lisp *l;
	struct diags *ds;
	const char *text, *p, *end;
	uint32_t file;
	VEC(struct open) open;
	struct arena *arena;
	bool incomplete;	/* the error is that the text ends */
};

enum char_class { C_OTHER, C_SPACE, C_TERM, C_BAD };

/* Constituents are C_OTHER; terminating macro characters C_TERM. */
static enum char_class
class_of(unsigned char c)
{
	switch (c) {
	case ' ': case '\t': case '\n': case '\r': case '\f': return C_SPACE;
	case '(': case ')': case '\'': case '"': case ';': case '`': case ',': return C_TERM;
	default: return c < 0x20 || c == 0x7f ? C_BAD : C_OTHER;
	}
}

static uint32_t
offset(const struct scan *s, const char *p)
{
	return (uint32_t)(p - s->text);
}

static span
span_at(struct scan *s, const char *from, const char *to)
{
	return span_new(s->l->sources, s->file, offset(s, from), offset(s, to));
}

/* One error; returns false so that callers can return it. */
static bool __attribute__((format(printf, 4, 5)))
complain(struct scan *s, const char *code, span at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_error(s->ds, code, at, "%s", arena_vprintf(s->ds->arena, fmt, ap));
	va_end(ap);
	return false;
}

/* ---- building lists ----------------------------------------------------------------- */

/* A cons for an element that spans from..to; the pair's first span ends where the list will. */
static value
element(struct scan *s, value v, uint32_t from, uint32_t to)
{
	struct sources *src = s->l->sources;
	uint32_t n = src->places.n;

	vec_reserve(&src->arena, &src->places, n + 2);
	src->places.at[n] = (struct place){.file = s->file, .start = from, .end = to};
	src->places.at[n + 1] = (struct place){.file = s->file, .start = from, .end = to};
	src->places.n = n + 2;
	return cons_at(s->l, v, NIL, n);
}

static bool
add(struct scan *s, value v, uint32_t from, uint32_t to)
{
	struct open *o = vec_last(&s->open);
	value c;

	if (o->dotted) {
		if (o->tail || o->first == NIL)
			return complain(s, "R0008", span_new(s->l->sources, s->file, from, to),
					"more than one form after the dot");
		as_cons(o->last)->cdr = v;
		o->tail = true;
		return true;
	}
	c = element(s, v, from, to);
	if (o->first == NIL)
		o->first = c;
	else
		as_cons(o->last)->cdr = c;
	o->last = c;
	return true;
}

/* The list is closed just before byte `end`: complete its spans. */
static value
close_list(struct scan *s, const struct open *o, uint32_t end)
{
	struct place *places = s->l->sources->places.at;

	if (o->first == NIL)
		return NIL;
	places[form_span(o->first)].start = o->start;
	for (value v = o->first; ; v = as_cons(v)->cdr) {
		places[form_span(v)].end = end;
		if (v == o->last)
			break;
	}
	return o->first;
}

/* ---- tokens ------------------------------------------------------------------------- */

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'Z' ? c - 'A' + 10 : 99;
}

/* Digits of a radix with an optional sign. 1 integer, 0 not a number, -1 out of range. */
static int
parse_integer(str t, int radix, __int128 *out)
{
	__int128 n = 0;
	size_t i = t.n && (t.p[0] == '-' || t.p[0] == '+');
	bool over = false;

	if (i == t.n)
		return 0;
	for (; i < t.n; i++) {
		int d = digit(t.p[i]);

		if (d >= radix)
			return 0;
		if (n >> 65)
			over = true;
		else
			n = n * radix + d;
	}
	if (t.p[0] == '-')
		n = -n;
	*out = n;
	return over || n > (__int128)UINT64_MAX || n < (__int128)INT64_MIN ? -1 : 1;
}

/* digits . digits exponent, with e, d, f, s or l; at least a point or an exponent. */
static bool
looks_float(str t)
{
	size_t i = t.n && (t.p[0] == '-' || t.p[0] == '+'), digits = 0, after = 0;
	bool point = false, exponent = false;

	for (; i < t.n && digit(t.p[i]) < 10; i++)
		digits++;
	if (i < t.n && t.p[i] == '.') {
		point = true;
		for (i++; i < t.n && digit(t.p[i]) < 10; i++)
			after++;
	}
	if (digits + after == 0)
		return false;
	if (i < t.n && memchr("eEdDfFsSlL", t.p[i], 10)) {
		size_t n = 0;

		i++;
		if (i < t.n && (t.p[i] == '-' || t.p[i] == '+'))
			i++;
		for (; i < t.n && digit(t.p[i]) < 10; i++)
			n++;
		if (n == 0)
			return false;
		exponent = true;
	}
	return i == t.n && ((point && after) || exponent);
}

double
lisp_strtod(str t, bool *ok)
{
	char text[128];

	*ok = t.n < sizeof text && looks_float(t);
	if (!*ok)
		return 0;
	for (size_t i = 0; i < t.n; i++)
		text[i] = memchr("dDfFsSlL", t.p[i], 8) ? 'e' : t.p[i];
	text[t.n] = 0;
	return strtod(text, NULL);
}

/* 1/2, as / gives it: there are no ratios. */
static bool
ratio(struct scan *s, str t, value *out)
{
	const char *slash = memchr(t.p, '/', t.n);
	__int128 n, d;

	if (!slash || parse_integer((str){t.p, (size_t)(slash - t.p)}, 10, &n) != 1 ||
	    parse_integer((str){slash + 1, t.n - (size_t)(slash - t.p) - 1}, 10, &d) != 1 || d <= 0)
		return false;
	*out = n % d ? make_float(s->l, (double)n / (double)d) : make_int128(s->l, n / d);
	return true;
}

/* A token that starts like a number; false when it is a symbol after all. */
static bool
number(struct scan *s, str t, value *out, bool *failed)
{
	__int128 n;
	int r;
	bool ok;
	double d;

	if (t.n > 1 && t.p[t.n - 1] == '.')	/* 10. is decimal ten */
		r = parse_integer((str){t.p, t.n - 1}, 10, &n);
	else
		r = parse_integer(t, 10, &n);
	if (r == 1) {
		*out = make_int128(s->l, n);
		return true;
	}
	if (r < 0) {
		*failed = true;
		complain(s, "R0006", span_at(s, t.p, t.p + t.n),
			 "%.*s does not fit: integers are -2^63 to 2^64-1", STR_ARG(t));
		return true;
	}
	d = lisp_strtod(t, &ok);
	if (ok)
		*out = make_float(s->l, d);
	return ok || ratio(s, t, out);
}

/* Drops the package of a token unless it is `bpf`. */
static str
drop_package(str t)
{
	for (size_t i = t.n; i-- > 0; ) {
		if (t.p[i] != ':')
			continue;
		if (t.n > 4 && i == 3 && memcmp(t.p, "bpf", 3) == 0)
			return t;
		return (str){t.p + i + 1, t.n - i - 1};
	}
	return t;
}

/* Reads constituents, |...| and \x into `buf`, folded. Most tokens need no buffer beyond
 * the one on the C stack of the caller. */
struct token {
	str text;		/* folded */
	bool quoted;		/* had | or \: never a number */
	bool package;		/* had a colon outside quotes */
};

static bool
scan_token(struct scan *s, struct token *t, char *out, size_t cap)
{
	const char *start = s->p;
	size_t n = 0;
	bool bar = false;

	*t = (struct token){0};
	for (; s->p < s->end && n < cap; s->p++) {
		unsigned char c = (unsigned char)*s->p;

		if (c == '|') {
			bar = !bar;
			t->quoted = true;
			continue;
		}
		if (c == '\\' && s->p + 1 < s->end) {
			out[n++] = *++s->p;
			t->quoted = true;
			continue;
		}
		if (!bar && (class_of(c) != C_OTHER))
			break;
		t->package |= c == ':' && !bar;
		out[n++] = (char)(c >= 'A' && c <= 'Z' && !bar ? c + 32 : c);
	}
	if (bar) {
		s->incomplete = true;
		return complain(s, "R0007", span_at(s, start, s->end), "| is never closed");
	}
	if (n == cap)
		return complain(s, "R0004", span_at(s, start, s->p),
				"a name longer than %zu bytes", cap);
	t->text = (str){out, n};
	return true;
}

static bool
read_atom(struct scan *s, value *out)
{
	const char *start = s->p;
	char text[1024];
	struct token t;
	bool failed = false;
	str name;

	if (!scan_token(s, &t, text, sizeof text))
		return false;
	if (s->p == start) {
		unsigned char c = (unsigned char)*s->p++;

		return complain(s, "R0004", span_at(s, start, s->p), c ? "stray byte 0x%02x" :
				"a NUL byte in the source (0x%02x)", c);
	}
	if (!t.quoted) {
		char c = t.text.p[0];

		if ((digit(c) < 10 || c == '-' || c == '+' || c == '.') &&
		    number(s, (str){start, (size_t)(s->p - start)}, out, &failed))
			return !failed;
		if (t.text.n < 4 && memcmp(t.text.p, "...", t.text.n) == 0)
			return complain(s, "R0008", span_at(s, start, s->p), "misplaced dots");
	}
	name = t.text;
	if (t.package && name.p[0] == ':' && name.n > 1) {
		*out = symbol_intern(s->l, drop_package(name), true);
		return true;
	}
	if (t.package)
		name = drop_package(name);
	if (name.n == 0 && !t.quoted)
		return complain(s, "R0004", span_at(s, start, s->p), "a colon without a name");
	*out = symbol_intern(s->l, name, false);
	return true;
}

/* ---- strings and characters --------------------------------------------------------- */

static bool
read_string(struct scan *s, value *out)
{
	const char *start = s->p++;
	const char *p = s->p;
	struct buf b = buf_new(s->arena);

	while (p < s->end && *p != '"' && *p != '\\')
		p++;
	if (p < s->end && *p == '"') {
		*out = make_string(s->l, (str){s->p, (size_t)(p - s->p)});
		s->p = p + 1;
		return true;
	}
	for (p = s->p; p < s->end && *p != '"'; p++) {
		if (*p == '\\' && p + 1 < s->end)
			p++;
		buf_putc(&b, *p);
	}
	if (p >= s->end) {
		s->p = s->end;
		s->incomplete = true;
		return complain(s, "R0007", span_at(s, start, start + 1),
				"this string is never closed");
	}
	s->p = p + 1;
	*out = make_string(s->l, buf_text(&b));
	return true;
}

static const struct { const char *name; uint32_t code; } char_names[] = {
	{"newline", 10}, {"linefeed", 10}, {"space", 32}, {"tab", 9}, {"return", 13},
	{"nul", 0}, {"null", 0}, {"backspace", 8}, {"rubout", 127}, {"delete", 127},
	{"escape", 27}, {"esc", 27}, {"page", 12},
};

const char *
lisp_char_name(uint32_t cp)
{
	for (size_t i = 0; i < sizeof char_names / sizeof *char_names; i++)
		if (char_names[i].code == cp)
			return char_names[i].name;
	return NULL;
}

/* After "#\". */
static bool
read_char(struct scan *s, const char *start, value *out)
{
	const char *p = s->p;
	char name[16];
	unsigned len;
	size_t n;

	if (p >= s->end) {
		s->incomplete = true;
		return complain(s, "R0010", span_at(s, start, s->end), "#\\ at the end");
	}
	len = utf8_len(p, (size_t)(s->end - p));
	if (!len)
		len = 1;
	s->p += len;
	while (s->p < s->end && class_of((unsigned char)*s->p) == C_OTHER)
		s->p++;
	n = (size_t)(s->p - p);
	if (n == len) {
		*out = make_char(len == 1 ? (unsigned char)*p : utf8_decode(p, len));
		return true;
	}
	if (n < sizeof name) {
		for (size_t i = 0; i < n; i++)
			name[i] = (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] + 32 : p[i]);
		name[n] = 0;
		for (size_t i = 0; i < sizeof char_names / sizeof *char_names; i++)
			if (strcmp(name, char_names[i].name) == 0) {
				*out = make_char(char_names[i].code);
				return true;
			}
		if ((name[0] == 'u' || name[0] == 'x') && n <= 7) {
			__int128 code;

			if (parse_integer((str){name + 1, n - 1}, 16, &code) == 1 &&
			    code >= 0 && code < 0x110000) {
				*out = make_char((uint32_t)code);
				return true;
			}
		}
	}
	return complain(s, "R0009", span_at(s, start, s->p), "no character is named %.*s",
			(int)n, p);
}

/* ---- skipping ----------------------------------------------------------------------- */

static bool
skip_block_comment(struct scan *s)
{
	const char *start = s->p;
	int depth = 1;

	for (s->p += 2; s->p + 1 < s->end; s->p++) {
		if (s->p[0] == '|' && s->p[1] == '#') {
			s->p++;
			if (--depth == 0) {
				s->p++;
				return true;
			}
		} else if (s->p[0] == '#' && s->p[1] == '|') {
			s->p++;
			depth++;
		}
	}
	s->p = s->end;
	s->incomplete = true;
	return complain(s, "R0007", span_at(s, start, start + 2), "#| is never closed by |#");
}

static bool
skip_space(struct scan *s)
{
	while (s->p < s->end) {
		unsigned char c = (unsigned char)*s->p;

		if (class_of(c) == C_SPACE) {
			s->p++;
		} else if (c == ';') {
			const char *nl = memchr(s->p, '\n', (size_t)(s->end - s->p));

			s->p = nl ? nl + 1 : s->end;
		} else if (c == '#' && s->p + 1 < s->end && s->p[1] == '|') {
			if (!skip_block_comment(s))
				return false;
		} else {
			break;
		}
	}
	return true;
}

/* ---- the # forms -------------------------------------------------------------------- */

static bool
push_open(struct scan *s, enum open_kind kind, value prefix, const char *start)
{
	struct open *o;

	if (s->open.n >= MAX_DEPTH)
		return complain(s, "R0005", span_at(s, start, start + 1),
				"forms nested more than %d deep", MAX_DEPTH);
	o = vec_add(s->arena, &s->open);
	o->kind = kind;
	o->start = offset(s, start);
	o->first = o->last = NIL;
	o->prefix = prefix;
	return true;
}

/* A feature expression: a name, or (and ...), (or ...), (not x). */
static bool
feature(value v)
{
	value head = car(v);
	str name;

	if (is_symbol(v)) {
		name = as_symbol(v)->name;
		return str_is(name, "veery") || str_is(name, "linux") || str_is(name, "unix") ||
		       str_is(name, "64-bit") || str_is(name, "little-endian") ||
#if defined(__x86_64__)
		       str_is(name, "x86-64");
#else
		       str_is(name, "arm64") || str_is(name, "aarch64");
#endif
	}
	if (!is_symbol(head))
		return false;
	name = as_symbol(head)->name;
	if (str_is(name, "not"))
		return !feature(car(cdr(v)));
	if (str_is(name, "and")) {
		for (v = cdr(v); is_cons(v); v = cdr(v))
			if (!feature(car(v)))
				return false;
		return true;
	}
	for (v = cdr(v); str_is(name, "or") && is_cons(v); v = cdr(v))
		if (feature(car(v)))
			return true;
	return false;
}

static bool
read_radix(struct scan *s, const char *start, int radix, value *out)
{
	const char *p = s->p;
	__int128 n;
	str t;
	int r;

	while (s->p < s->end && class_of((unsigned char)*s->p) == C_OTHER)
		s->p++;
	t = (str){p, (size_t)(s->p - p)};
	r = parse_integer(t, radix, &n);
	if (r == 1) {
		*out = make_int128(s->l, n);
		return true;
	}
	return complain(s, "R0006", span_at(s, start, s->p),
			r < 0 ? "%.*s does not fit: integers are -2^63 to 2^64-1" :
			"%.*s is no number of this radix", STR_ARG(t));
}

enum step { STEP_VALUE, STEP_MORE, STEP_ERROR };

/* At '#'. STEP_MORE: something was opened or skipped. */
static enum step
read_hash(struct scan *s, value *out)
{
	const char *start = s->p;
	char c = s->p + 1 < s->end ? s->p[1] : 0;
	char text[1024];
	struct token t;

	s->p += 2;
	switch (c) {
	case '\'':
		return push_open(s, OPEN_PREFIX, s->l->s_function, start) ? STEP_MORE : STEP_ERROR;
	case '(':
		return push_open(s, OPEN_VECTOR, NIL, start) ? STEP_MORE : STEP_ERROR;
	case '\\':
		return read_char(s, start, out) ? STEP_VALUE : STEP_ERROR;
	case 'x': case 'X':
		return read_radix(s, start, 16, out) ? STEP_VALUE : STEP_ERROR;
	case 'b': case 'B':
		return read_radix(s, start, 2, out) ? STEP_VALUE : STEP_ERROR;
	case 'o': case 'O':
		return read_radix(s, start, 8, out) ? STEP_VALUE : STEP_ERROR;
	case ':':
		if (!scan_token(s, &t, text, sizeof text))
			return STEP_ERROR;
		*out = make_uninterned(s->l, t.text);
		return STEP_VALUE;
	case '+': case '-':
		/* The feature, then the form it guards, are read as elements of a list. */
		if (!push_open(s, OPEN_SKIP, make_bool(c == '+'), start))
			return STEP_ERROR;
		return STEP_MORE;
	case 'p': case 'P':	/* a path is its name */
		if (s->p < s->end && *s->p == '"')
			return STEP_MORE;
		break;
	case '.':
		return push_open(s, OPEN_DOT_EVAL, NIL, start) ? STEP_MORE : STEP_ERROR;
	default:
		break;
	}
	if (s->p > s->end)
		s->p = s->end;
	if (!c && start + 1 >= s->end)
		s->incomplete = true;
	complain(s, "R0003", span_at(s, start, s->p), "#%c is not understood here", c ? c : ' ');
	return STEP_ERROR;
}

/* ---- the main loop ------------------------------------------------------------------ */

/* At ')'. */
static enum step
read_close(struct scan *s, value *out, uint32_t *from)
{
	struct open *o;

	if (!s->open.n) {
		s->p++;
		complain(s, "R0002", span_at(s, s->p - 1, s->p),
			 "nothing is open that this parenthesis could close");
		return STEP_ERROR;
	}
	o = vec_last(&s->open);
	if (o->kind != OPEN_LIST && o->kind != OPEN_VECTOR) {
		s->p++;
		complain(s, "R0010", span_new(s->l->sources, s->file, o->start, o->start + 1),
			 "nothing follows this");
		return STEP_ERROR;
	}
	s->p++;
	if (o->dotted && !o->tail) {
		complain(s, "R0008", span_at(s, s->p - 1, s->p), "nothing follows the dot");
		return STEP_ERROR;
	}
	*out = close_list(s, o, offset(s, s->p));
	if (o->kind == OPEN_VECTOR) {
		value list = *out;

		*out = make_vector(s->l, NULL, (uint32_t)list_length(list));
		for (uint32_t i = 0; is_cons(list); list = cdr(list))
			as_vec(*out)->at[i++] = car(list);
	}
	*from = o->start;
	s->open.n--;
	return STEP_VALUE;
}

/* Something starts here: an atom's value, or STEP_MORE after opening or skipping. */
static enum step
read_step(struct scan *s, value *out, uint32_t *from)
{
	const char *start = s->p;
	value prefix;

	*from = offset(s, start);
	switch (*s->p) {
	case '(':
		s->p++;
		return push_open(s, OPEN_LIST, NIL, start) ? STEP_MORE : STEP_ERROR;
	case ')':
		return read_close(s, out, from);
	case '"':
		return read_string(s, out) ? STEP_VALUE : STEP_ERROR;
	case '#':
		return read_hash(s, out);
	case '\'': prefix = s->l->s_quote; break;
	case '`': prefix = s->l->s_quasiquote; break;
	case ',':
		prefix = s->l->s_unquote;
		if (s->p + 1 < s->end && (s->p[1] == '@' || s->p[1] == '.')) {
			prefix = s->l->s_unquote_splicing;
			s->p++;
		}
		break;
	case '.':
		if (s->open.n && vec_last(&s->open)->kind == OPEN_LIST &&
		    (s->p + 1 == s->end || class_of((unsigned char)s->p[1]) != C_OTHER)) {
			struct open *o = vec_last(&s->open);

			s->p++;
			if (o->dotted || o->first == NIL) {
				complain(s, "R0008", span_at(s, start, s->p), "misplaced dot");
				return STEP_ERROR;
			}
			o->dotted = true;
			return STEP_MORE;
		}
		return read_atom(s, out) ? STEP_VALUE : STEP_ERROR;
	default:
		return read_atom(s, out) ? STEP_VALUE : STEP_ERROR;
	}
	s->p++;
	return push_open(s, OPEN_PREFIX, prefix, start) ? STEP_MORE : STEP_ERROR;
}

/* A complete form v from byte `from` to here: give it to what is open. True when it is a
 * top-level form, then in *out. */
static enum step
deliver(struct scan *s, value v, uint32_t from, value *out)
{
	uint32_t to = offset(s, s->p);

	while (s->open.n) {
		struct open *o = vec_last(&s->open);

		if (o->kind == OPEN_LIST || o->kind == OPEN_VECTOR)
			return add(s, v, from, to) ? STEP_MORE : STEP_ERROR;
		if (o->kind == OPEN_PREFIX) {
			struct open list = *o;
			value arg = element(s, v, from, to);

			list.first = element(s, o->prefix, o->start, from);
			as_cons(list.first)->cdr = arg;
			list.last = arg;
			from = o->start;
			v = close_list(s, &list, to);
			s->open.n--;
			continue;
		}
		if (o->kind == OPEN_SKIP) {
			if (!o->dotted) {	/* that was the feature */
				o->dotted = true;
				o->tail = feature(v) == (o->prefix == T);
				return STEP_MORE;
			}
			s->open.n--;
			if (!o->tail)
				return STEP_MORE;
			continue;
		}
		from = o->start;
		s->open.n--;
		if (!lisp_eval_sealed(s->l, v, &v, s->ds))
			return STEP_ERROR;
	}
	*out = v;
	return STEP_VALUE;
}

static enum read_status
at_end(struct scan *s, const struct reader *r)
{
	struct open *o;
	struct diag *d;
	span at;

	if (!s->open.n)
		return READ_END;
	if (r->interactive)
		return READ_INCOMPLETE;
	o = vec_last(&s->open);
	at = span_new(s->l->sources, s->file, o->start, o->start + 1);
	if (o->kind != OPEN_LIST && o->kind != OPEN_VECTOR) {
		complain(s, "R0010", at, "nothing follows this before the end");
		return READ_ERROR;
	}
	d = diag_error(s->ds, "R0001", at, "this form is never closed");
	if (o->first != NIL && is_symbol(car(o->first)))
		diag_here(s->ds, d, "`%.*s` opens here",
			  STR_ARG(as_symbol(car(o->first))->name));
	else
		diag_here(s->ds, d, "opens here");
	diag_label(s->ds, d, span_at(s, s->end, s->end), "the text ends here, %u missing",
		   s->open.n);
	o = &s->open.at[0];
	if (s->open.n > 1)
		diag_label(s->ds, d, span_new(s->l->sources, s->file, o->start, o->start + 1),
			   "the outermost form that is open");
	return READ_ERROR;
}

static enum read_status
read_loop(struct scan *s, struct reader *r, value *out)
{
	for (;;) {
		uint32_t from = 0;
		enum step step;
		value v = NIL;

		if (!skip_space(s))
			return s->incomplete && r->interactive ? READ_INCOMPLETE : READ_ERROR;
		if (s->p >= s->end)
			return at_end(s, r);
		step = read_step(s, &v, &from);
		if (step == STEP_VALUE)
			step = deliver(s, v, from, out);
		else if (step == STEP_MORE)
			continue;
		if (step == STEP_VALUE)
			return READ_FORM;
		if (step == STEP_ERROR)
			return s->incomplete && r->interactive ? READ_INCOMPLETE : READ_ERROR;
	}
}

/* After an error reading goes on at the next line that starts with a parenthesis. */
static void
resynchronise(struct scan *s)
{
	while (s->p < s->end) {
		const char *nl = memchr(s->p, '\n', (size_t)(s->end - s->p));

		s->p = nl ? nl + 1 : s->end;
		if (s->p < s->end && *s->p == '(')
			break;
	}
}

enum read_status
lisp_read(struct lisp *l, struct reader *r, value *out, struct diags *ds)
{
	str text = l->sources->files.at[r->file].text;
	struct arena scratch;
	struct open room[32];
	uint32_t errors = ds->errors;
	struct scan s = {
		.l = l, .ds = ds, .text = text.p, .p = text.p + r->pos, .end = text.p + text.n,
		.file = r->file, .arena = &scratch,
	};
	enum read_status status;

	arena_init(&scratch);
	s.open.at = (void *)room;
	s.open.cap = sizeof room / sizeof *room;
	*out = NIL;
	l->gc_off++;
	status = read_loop(&s, r, out);
	l->gc_off--;
	if (status == READ_ERROR && s.p < s.end)
		resynchronise(&s);
	if (status == READ_INCOMPLETE && ds->errors > errors) {
		/* The complaint was only that the text ends: more is to come. */
		ds->all.n -= ds->errors - errors;
		ds->errors = errors;
	} else if (status != READ_INCOMPLETE) {
		r->pos = offset(&s, s.p);
	}
	arena_free(&scratch);
	return status;
}

/* SPDX-License-Identifier: MIT */
/* match.c: which row of errors.def a line of a log is, and register states in words.
 *
 * The rows' own formats are the patterns, so that reader and writer cannot drift: a
 * conversion stands for what printf could have put there, all else is literal. Of several
 * rows that fit, the one with the most literal text is meant. Texts of other kernels, and second
 * lines that mean what the first does, have a table of their own, texts.def. */
#include "read.h"

#include "base/buf.h"
#include "verifier-sim/verify.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_STEPS = 4000, LEAST_LITERAL = 8 };

struct pattern {
	const char *line, *end;
	unsigned steps;
	struct log_match *m;
};

struct conversion {
	char type;		/* d, x, s, c or % */
	bool reg;		/* "R%d" */
	const char *after;
};

static struct conversion
conversion_at(const char *fmt, const char *start)
{
	struct conversion c = {.reg = fmt > start && fmt[-1] == 'R'};

	fmt++;
	fmt += strspn(fmt, "0123456789.-+# l");
	c.type = *fmt == 'u' ? 'd' : *fmt;
	c.after = *fmt ? fmt + 1 : fmt;
	return c;
}

static bool match_from(struct pattern *p, const char *fmt, const char *start, const char *at);

static bool
match_number(struct pattern *p, struct conversion c, const char *start, const char *at)
{
	struct log_match *m = p->m;
	uint32_t slot = m->nargs;
	char *past;
	int64_t v;

	if (at == p->end || (c.type == 'd' && !isdigit((unsigned char)*at) && *at != '-'))
		return false;
	if (c.type == 'x' && !isxdigit((unsigned char)*at))
		return false;
	v = c.type == 'x' ? (int64_t)strtoull(at, &past, 16)
	    : *at == '-' ? strtoll(at, &past, 10) : (int64_t)strtoull(at, &past, 10);
	if (past == at || past > p->end)
		return false;
	if (slot < 8)
		m->args[m->nargs++] = v;
	if (c.reg && m->reg < 0 && v >= 0 && v <= 10)
		m->reg = (int)v;
	if (match_from(p, c.after, start, past))
		return true;
	m->nargs = slot;
	return false;
}

/* `at` may lie inside [line, end]; the whole rest has to fit. */
static bool
match_from(struct pattern *p, const char *fmt, const char *start, const char *at)
{
	if (++p->steps > MAX_STEPS)
		return false;
	while (*fmt && *fmt != '%') {
		if (at == p->end || *at != *fmt)
			return false;
		p->m->literal += *fmt != ' ';
		at++, fmt++;
	}
	if (!*fmt)
		return at == p->end;

	struct conversion c = conversion_at(fmt, start);

	if (c.type == '%')
		return at < p->end && *at == '%' && match_from(p, c.after, start, at + 1);
	if (c.type != 's')
		return match_number(p, c, start, at);
	for (const char *past = at; past <= p->end; past++) {
		uint32_t literal = p->m->literal, nargs = p->m->nargs;
		int reg = p->m->reg;

		if (match_from(p, c.after, start, past))
			return true;
		p->m->literal = literal;
		p->m->nargs = nargs;
		p->m->reg = reg;
	}
	return false;
}

static void
try_text(str line, uint32_t from, const char *code, str text, struct log_match *best)
{
	struct log_match m = {.code = code, .from = from, .reg = -1};
	struct pattern p = {line.p + from, line.p + line.n, 0, &m};
	char fmt[256];

	if (!text.n || text.n >= sizeof fmt)
		return;
	memcpy(fmt, text.p, text.n);
	fmt[text.n] = 0;
	/* A row that begins with any text has it from the line's beginning. */
	if (from && fmt[0] == '%' && fmt[1] == 's')
		return;
	if (match_from(&p, fmt, fmt, p.line) && m.literal >= LEAST_LITERAL &&
	    m.literal > best->literal)
		*best = m;
}

static const struct {
	const char *code, *text;
} older[] = {
#define TEXT(code, text) {code, text},
#include "texts.def"
#undef TEXT
};

static void
try_all(str line, uint32_t from, struct log_match *best)
{
	const char *code;

	for (size_t i = 0; i < sizeof older / sizeof *older; i++)
		try_text(line, from, older[i].code, str_of(older[i].text), best);
	for (uint32_t i = 0; (code = verify_code_at(i)); i++) {
		const char *text = verify_text(code);

		while (*text) {		/* rows of several lines: each of them will do */
			size_t n = strcspn(text, "\n");

			try_text(line, from, code, (str){text, n}, best);
			text += n + (text[n] == '\n');
		}
	}
}

bool
log_match(str line, struct log_match *out)
{
	*out = (struct log_match){.reg = -1};
	while (line.n && isspace((unsigned char)line.p[line.n - 1]))
		line.n--;
	if (line.n > 1024)
		return false;
	/* Loaders put words before a message, and end them with a colon. A text that begins with
	 * "%s" would take them for its own: of all beginnings the one that most is known of. */
	for (uint32_t from = 0; from < line.n; from++)
		if (from == 0 || (from >= 2 && line.p[from - 1] == ' ' &&
				  (line.p[from - 2] == ':' || line.p[from - 2] == ']')) ||
		    line.p[from - 1] == '"' || line.p[from - 1] == '\t' || line.p[from - 1] == '=')
			try_all(line, from, out);
	return out->code != NULL;
}

/* ---- states in words ---------------------------------------------------------------------- */

static const struct {
	const char *type, *words;
} types[] = {	/* as logs name them; a longer name before its beginning */
#define TYPE(type, words) {type, words},
#include "types.def"
#undef TYPE
};

/* The text of register `reg` in a state line, from after the '='; .p null. */
static str
state_of(const char *state, int reg)
{
	char name[8];
	size_t n = (size_t)snprintf(name, sizeof name, "R%d", reg), len = 0;
	int depth = 0;

	for (const char *p = state; (p = strstr(p, name)); p += n) {
		const char *v = p + n;

		if (p > state && p[-1] != ' ')
			continue;
		if (*v == '_')
			v += strspn(v, "_rwPD");
		if (*v != '=')
			continue;
		for (v++; v[len] && (depth || v[len] != ' '); len++)
			depth += (v[len] == '(') - (v[len] == ')');
		return (str){v, len};
	}
	return (str){0};
}

/* "umax=5" and "umax_value=5", also as one of "smax=umax=5". */
static bool
field(str s, const char *name, int64_t *out)
{
	size_t n = strlen(name);

	for (size_t i = 0; i + n < s.n; i++) {
		const char *v = s.p + i + n, *end = s.p + s.n;

		if (memcmp(s.p + i, name, n) || (i && isalnum((unsigned char)s.p[i - 1])) ||
		    (i && s.p[i - 1] == '_'))
			continue;
		if (end - v > 6 && !memcmp(v, "_value", 6))
			v += 6;
		if (v == end || *v != '=')
			continue;
		while (v < end && !isdigit((unsigned char)*v) && *v != '-' && *v != ')' && *v != ' ')
			v++;	/* past the names of equal bounds */
		if (v == end || *v == ')' || *v == ' ')
			continue;
		*out = *v == '-' ? strtoll(v, NULL, 0) : (int64_t)strtoull(v, NULL, 0);
		return true;
	}
	return false;
}

static void
range_words(struct buf *b, str s)
{
	int64_t lo = 0, hi = 0;
	bool has_lo = field(s, "smin", &lo) || field(s, "umin", &lo);
	bool has_hi = field(s, "umax", &hi) || field(s, "smax", &hi);

	if (!has_hi && field(s, "umax32", &hi))
		has_hi = true;
	if (!has_lo && has_hi && hi >= 0 && !field(s, "smax", &lo))
		has_lo = true, lo = 0;
	if (has_lo && has_hi)
		buf_printf(b, "a number from %lld to %lld", (long long)lo, (long long)hi);
	else if (has_hi)
		buf_printf(b, "a number of at most %lld, maybe negative", (long long)hi);
	else if (has_lo)
		buf_printf(b, "a number of at least %lld", (long long)lo);
	else
		buf_puts(b, "a number nothing is known about");
}

static void
pointer_words(struct buf *b, str s)
{
	int64_t v;

	if (field(s, "off", &v) && v)
		buf_printf(b, ", %lld bytes from its start", (long long)v);
	if (field(s, "vs", &v))
		buf_printf(b, "; the value has %lld bytes", (long long)v);
	if (field(s, "sz", &v) || field(s, "mem_size", &v))
		buf_printf(b, "; there are %lld bytes", (long long)v);
	if (field(s, "r", &v))
		buf_printf(b, "; %lld bytes of the packet are known to be there", (long long)v);
	if (field(s, "umax", &v))
		buf_printf(b, "; up to %lld more are added to it", (long long)v);
}

static const char *
state_words(struct arena *a, str s)
{
	struct buf b = buf_new(a);
	char *end;

	while (s.n && *s.p == 'P')	/* precise */
		s.p++, s.n--;
	if (str_starts(s, "inv") || str_starts(s, "scalar") || isdigit((unsigned char)*s.p) ||
	    *s.p == '-') {
		const char *digits = s.p + (str_starts(s, "invP") ? 4 : str_starts(s, "inv") ? 3 : 0);
		long long v = strtoll(digits, &end, 0);

		if (end > digits && *digits != '(')
			buf_printf(&b, "the number %lld", v);
		else
			range_words(&b, s);
		return b.at;
	}
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (!str_starts(s, types[i].type))
			continue;
		buf_puts(&b, types[i].words);
		pointer_words(&b, s);
		return b.at;
	}
	return arena_strndup(a, s.p, s.n);
}

const char *
log_register(struct arena *a, const struct log_event *events, uint32_t n, int reg)
{
	for (uint32_t i = n; i-- > 0;) {
		const char *const states[] = {i + 1 < n ? events[i].after : NULL, events[i].before};

		for (int k = 0; k < 2; k++) {
			str s = states[k] ? state_of(states[k], reg) : (str){0};

			if (s.n)
				return state_words(a, s);
		}
	}
	return NULL;
}

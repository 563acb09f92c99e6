/* SPDX-License-Identifier: MIT */
/* read.c: see read.h.
 *
 * A log is what the verifier tried, path after path. Each line is one of: an instruction
 * ("12: (bf) r6 = r1", from 6.x on with the new state after a ';'), a state ("12: R0=..."), a
 * source line ("; ..."), the start of another path ("from 3 to 12: ..."), notes and
 * statistics, and at the end the words of the refusal, which may be several lines. A path
 * shares its beginning with the one it branched from: so the path that failed is kept as a
 * stack, cut back to where the new one left. */
#include "read.h"

#include "base/buf.h"
#include "verifier-sim/verify.h"

#include <ctype.h>
#include <stdlib.h>

struct parse {
	struct arena *a;
	struct log_read *out;
	const char *state;	/* printed last, for the next instruction */
	uint32_t source;	/* the last one, plus 1 */
	uint32_t line;
	bool ended;		/* statistics were seen: what follows is not of this log */
	bool in_report;
	const char **section;	/* of the report that goes on; or null */
	/* The words that may be the refusal: those after the last instruction. */
	VEC(str) words;
	VEC(uint32_t) word_lines;
};

static bool
number_at(str *s, uint32_t *n)
{
	size_t i = 0;
	uint64_t v = 0;

	while (i < s->n && i < 9 && isdigit((unsigned char)s->p[i]))
		v = v * 10 + (uint64_t)(s->p[i++] - '0');
	*n = (uint32_t)v;
	*s = (str){s->p + i, s->n - i};
	return i > 0;
}

static str
trim(str s)
{
	while (s.n && isspace((unsigned char)*s.p))
		s.p++, s.n--;
	while (s.n && isspace((unsigned char)s.p[s.n - 1]))
		s.n--;
	return s;
}

static bool
skip(str *s, const char *text)
{
	if (!str_starts(*s, text))
		return false;
	s->p += strlen(text);
	s->n -= strlen(text);
	return true;
}

/* ---- the kinds of lines ------------------------------------------------------------------- */

static void
forget_words(struct parse *p)
{
	p->words.n = 0;
	p->word_lines.n = 0;
}

/* "12: (bf) r6 = r1                ; R1=ctx() R6=ctx()" */
static bool
take_insn(struct parse *p, str s)
{
	uint32_t insn;
	struct log_event *e;
	const char *semi, *colon;
	char hex[3] = {0};

	if (!number_at(&s, &insn) || !skip(&s, ": (") || s.n < 3 ||
	    !isxdigit((unsigned char)s.p[0]) || !isxdigit((unsigned char)s.p[1]) || s.p[2] != ')')
		return false;
	memcpy(hex, s.p, 2);
	s = trim((str){s.p + 3, s.n - 3});
	forget_words(p);
	if (p->ended)		/* another program's log begins: the last one counts */
		p->out->path.n = 0;
	p->ended = false;
	e = vec_add(p->a, &p->out->path);
	*e = (struct log_event){.insn = insn, .opcode = (uint8_t)strtoul(hex, NULL, 16),
				.before = p->state, .source = p->source, .at = p->line};
	p->state = NULL;
	/* Summaries go on with the refusal on the same line; no instruction has ": " in it. */
	colon = memmem(s.p, s.n, ": ", 2);
	semi = memmem(s.p, s.n, "; ", 2);
	if (colon && !semi) {
		str words = {colon + 2, (size_t)(s.p + s.n - colon) - 2};

		vec_push(p->a, &p->words, words);
		vec_push(p->a, &p->word_lines, p->line);
		s.n = (size_t)(colon - s.p);
	}
	if (semi) {
		str after = trim((str){semi + 1, (size_t)(s.p + s.n - semi) - 1});

		e->after = arena_strndup(p->a, after.p, after.n);
		s = trim((str){s.p, (size_t)(semi - s.p)});
	}
	e->text = arena_strndup(p->a, s.p, s.n);
	return true;
}

static bool
is_state(str s)
{
	size_t n = 1;

	s = trim(s);
	while (skip(&s, "frame") || (s.n && (isdigit((unsigned char)*s.p) || *s.p == ':' || *s.p == ' ')))
		if (s.n && (isdigit((unsigned char)*s.p) || *s.p == ':' || *s.p == ' '))
			s.p++, s.n--;
	if (s.n < 3 || *s.p != 'R' || !isdigit((unsigned char)s.p[1]))
		return false;
	/* "R2=", "R2_rw="; messages have words behind the register, and may have a '=' later. */
	while (n < s.n && isdigit((unsigned char)s.p[n]))
		n++;
	while (n < s.n && strchr("_rwPD", s.p[n]))
		n++;
	return n < s.n && s.p[n] == '=';
}

/* "12: R0=..." before an instruction (5.x) or after the one before it (6.x): for the path it
 * is what was known at 12. */
static bool
take_state(struct parse *p, str s)
{
	uint32_t insn;
	str rest = s;

	if (number_at(&rest, &insn)) {
		if (!skip(&rest, ":"))
			return false;
	}
	if (!is_state(rest))
		return false;
	p->state = arena_strndup(p->a, rest.p, rest.n);
	/* A state printed on its own by newer kernels belongs after the last instruction. */
	if (p->out->path.n && vec_last(&p->out->path)->insn == insn && rest.p != s.p) {
		vec_last(&p->out->path)->after = p->state;
		p->state = NULL;
	}
	return true;
}

/* "from 3 to 12: R0=...", "12: safe", "from 3 to 12: safe" */
static bool
take_branch(struct parse *p, str s)
{
	uint32_t from, to;
	struct log_read *o = p->out;
	uint32_t i;

	if (!skip(&s, "from ") || !number_at(&s, &from) || !skip(&s, " to ") ||
	    !number_at(&s, &to))
		return false;
	while (s.n && *s.p != ':')	/* " (speculative execution)" */
		s.p++, s.n--;
	forget_words(p);
	for (i = o->path.n; i > 0 && o->path.at[i - 1].insn != from; i--)
		;
	o->path.n = i;
	p->state = NULL;
	if (s.n && is_state((str){s.p + 1, s.n - 1}))
		p->state = arena_strndup(p->a, s.p + 1, s.n - 1);
	return true;
}

/* "; if (x) @ file.c:12" */
static bool
take_source(struct parse *p, str s)
{
	struct log_source x = {.at = p->line};
	const char *at = NULL;

	if (!skip(&s, "; "))
		return false;
	for (size_t i = 0; i + 3 < s.n; i++)
		if (!memcmp(s.p + i, " @ ", 3))
			at = s.p + i;
	if (at) {
		str file = {at + 3, (size_t)(s.p + s.n - at) - 3};
		size_t colon = file.n;

		while (colon && file.p[colon - 1] != ':')
			colon--;
		if (colon > 1 && colon < file.n) {
			x.file = arena_strndup(p->a, file.p, colon - 1);
			x.line = (uint32_t)strtoul(file.p + colon, NULL, 10);
			s.n = (size_t)(at - s.p);
		}
	}
	x.text = arena_strndup(p->a, s.p, s.n);
	vec_push(p->a, &p->out->sources, x);
	p->source = p->out->sources.n;
	return true;
}

/* What says nothing about the refusal. */
static bool
is_noise(str s)
{
	static const char *const starts[] = {
		"verification time", "stack depth", "max_states", "last_idx", "first_idx", "regs=",
		"parent ", "mark_precise", "propagating ", "func#", "Live regs", "Validating ",
		"Func#", "caller:", "callee:", "returning from callee", "to caller at",
		"-- BEGIN", "-- END", "insns processed", "frame ", "arg#0 type",
		"subprog#", "mark_read",
	};

	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (str_starts(s, starts[i]))
			return true;
	return s.n > 6 && !memcmp(s.p + s.n - 6, ": safe", 6);
}

/* Kernels before 6.2 try every function as a global one first: what they say then, "R1 type=ctx
 * expected=fp" and this, is no refusal. */
static bool
take_attempt(struct parse *p, str s)
{
	str last;

	if (!str_starts(s, "reg type unsupported for arg#"))
		return false;
	last = p->words.n ? p->words.at[p->words.n - 1] : (str){0};
	if (last.n && memmem(last.p, last.n, "type=ctx expected=fp", 20)) {
		p->words.n--;
		p->word_lines.n--;
	}
	return true;
}

static bool
take_stats(struct parse *p, str s)
{
	uint32_t n;

	if (!skip(&s, "processed ") || !number_at(&s, &n) || !skip(&s, " insns"))
		return false;
	p->out->processed = n;
	p->ended = true;
	return true;
}

/* "libbpf: prog 'x': BPF program load failed: ...", and field names that CO-RE missed. */
static bool
take_loader(struct parse *p, str s)
{
	const char *core = memmem(s.p, s.n, "failed to resolve CO-RE relocation", 34);
	str words = s;

	if (core) {
		words = (str){core, (size_t)(s.p + s.n - core)};
		p->out->core = arena_strndup(p->a, words.p, words.n);
		p->out->at = p->line;
		return true;
	}
	if (!skip(&words, "libbpf: ") && !str_starts(words, "prog '"))
		return false;
	if (skip(&words, "prog '")) {
		const char *quote = memchr(words.p, '\'', words.n);

		if (quote)
			p->out->program = arena_strndup(p->a, words.p, (size_t)(quote - words.p));
	}
	return true;
}

static bool
raw_is_flush(str s)
{
	return s.n && *s.p != ' ' && *s.p != '\t';
}

/* The report of 7.3: sections whose text is indented below their names. */
static bool
take_report(struct parse *p, str s)
{
	static const struct { const char *head; size_t offset; } sections[] = {
		{"Reason:", offsetof(struct log_read, reason)},
		{"Suggestion:", offsetof(struct log_read, suggestion)},
	};
	struct log_read *o = p->out;
	struct log_match m;
	str t = trim(s);

	if (skip(&t, "Verification failed: ")) {
		o->problem = arena_strndup(p->a, t.p, t.n);
		p->in_report = true;
		return true;
	}
	if (!p->in_report)
		return false;
	/* Sections are indented; the log's own words may go on behind them. */
	if (raw_is_flush(s) && log_match(t, &m)) {
		p->in_report = false;
		return false;
	}
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
		if (skip(&t, sections[i].head)) {
			p->section = (const char **)(void *)((char *)o + sections[i].offset);
			t = trim(t);
		}
	}
	if (str_starts(t, "At:") || str_starts(t, "Causal path:"))
		p->section = NULL;
	if (t.n && p->section) {
		const char *old = *p->section;

		*p->section = old ? arena_printf(p->a, "%s %.*s", old, STR_ARG(t))
				  : arena_strndup(p->a, t.p, t.n);
	}
	return true;
}

static void
take_line(struct parse *p, str raw)
{
	str s = trim(raw);

	p->line++;
	if (take_stats(p, s)) {
		p->in_report = false;
		return;
	}
	if (!s.n || take_report(p, raw) || take_insn(p, s) || take_branch(p, s) ||
	    take_state(p, s) || take_source(p, s) || take_loader(p, s) || take_attempt(p, s) ||
	    is_noise(s) || p->ended)
		return;
	vec_push(p->a, &p->words, s);
	vec_push(p->a, &p->word_lines, p->line);
}

/* ---- the refusal ---------------------------------------------------------------------------- */

/* Go's loader joins the last lines with ": " and ends with how many it left out. */
static str
without_omission(str s)
{
	const char *p = memmem(s.p, s.n, "line(s) omitted)", 16);

	if (p) {
		while (p > s.p && *p != '(')
			p--;
		s.n = (size_t)(p - s.p);
	}
	return trim(s);
}

/* The first of two messages on such a line: what stands before ": R2 max value is ...". */
static bool
match_joined(struct parse *p, str s, struct log_match *m)
{
	for (size_t i = s.n; i-- > 3;) {
		str first;

		if (!isdigit((unsigned char)s.p[i]) || memcmp(s.p + i - 3, ": R", 3))
			continue;
		first = str_of(arena_strndup(p->a, s.p, i - 3));
		return log_match(first, m);
	}
	return false;
}

static void
take_code(struct log_read *o, const struct log_match *m)
{
	if (!o->code) {
		o->code = m->code;
		o->nargs = m->nargs;
		memcpy(o->args, m->args, sizeof o->args);
	}
	if (o->reg < 0)
		o->reg = m->reg;
}

/* Of the lines after the last instruction the first that is a row's text gives the code, and
 * the last the kernel's final words. */
static void
find_refusal(struct parse *p)
{
	struct log_read *o = p->out;

	o->insn = LOG_NO_INSN;
	o->reg = -1;
	for (uint32_t i = 0; i < p->words.n; i++) {
		str line = p->words.at[i], s = without_omission(line);
		struct log_match m, first;

		if (!log_match(s, &m))
			continue;
		o->message = arena_strndup(p->a, s.p + m.from, s.n - m.from);
		o->at = p->word_lines.at[i];
		if (s.n < trim(line).n && match_joined(p, s, &first))
			take_code(o, &first);
		take_code(o, &m);
	}
	/* Words that no row has are still the kernel's, where a log surely ended with them. */
	if (!o->message && p->words.n && o->path.n) {
		str s = p->words.at[p->words.n - 1];

		o->message = arena_strndup(p->a, s.p, s.n);
		o->at = p->word_lines.at[p->words.n - 1];
	}
	if (o->path.n && o->message)
		o->insn = vec_last(&o->path)->insn;
	o->cut_end = o->path.n && !o->message;
	o->cut_start = o->path.n && o->path.at[0].insn != 0;
}

/* A summary of one line: "...: 12: (71) r0 = *(u8 *)(r1 +3): R1 invalid mem access 'inv'". */
static void
take_summary(struct parse *p)
{
	for (uint32_t i = 0; i < p->words.n && !p->out->path.n; i++) {
		str s = p->words.at[i];

		p->line = p->word_lines.at[i];
		for (size_t k = 2; k + 8 < s.n; k++)
			if (s.p[k - 1] == ' ' && isdigit((unsigned char)s.p[k]) &&
			    take_insn(p, (str){s.p + k, s.n - k}))
				return;
	}
}

/* Does "12: (bf) " stand here? */
static bool
is_insn_at(str s, size_t at)
{
	size_t k = at;

	while (k < s.n && isdigit((unsigned char)s.p[k]))
		k++;
	return k > at && k + 6 < s.n && s.p[k] == ':' && s.p[k + 1] == ' ' && s.p[k + 2] == '(' &&
		isxdigit((unsigned char)s.p[k + 3]) && s.p[k + 5] == ')';
}

/* Go's loader joins the last lines by ": ": the instructions among them are taken one by one.
 * What stands behind the last of them is found in the line as a whole. */
static void
take_joined(struct parse *p, str s)
{
	p->line++;
	for (size_t k = 0; k + 8 < s.n; k++) {
		size_t end = k + 1;

		if ((k && s.p[k - 1] != ' ') || !is_insn_at(s, k))
			continue;
		while (end + 2 < s.n && !(s.p[end] == ':' && s.p[end + 1] == ' ' && end > k + 8))
			end++;
		take_insn(p, (str){s.p + k, end + 2 < s.n ? end - k : s.n - k});
	}
	vec_push(p->a, &p->words, s);
	vec_push(p->a, &p->word_lines, p->line);
}

/* One message of the kernel's has no line end: the statistics stand right behind it. */
static void
take_both(struct parse *p, str s)
{
	const char *at = memmem(s.p, s.n, "processed ", 10);
	size_t n = at ? (size_t)(at - s.p) : 0;

	if (is_insn_at(s, 0) && memmem(s.p, s.n, "line(s) omitted)", 16)) {
		take_joined(p, s);
		return;
	}
	if (n && isalpha((unsigned char)at[-1]) && memmem(at, s.n - n, " insns (limit ", 14)) {
		const char *tail = memmem(at, s.n - n, "line(s) omitted)", 16);

		while (tail && *tail != '(')
			tail--;
		take_line(p, str_of(arena_printf(p->a, "%.*s%s%.*s", (int)n, s.p, tail ? " " : "",
						 tail ? (int)(s.p + s.n - tail) : 0, tail ? tail : "")));
		s = (str){at, s.n - n};
	}
	take_line(p, s);
}

void
log_parse(const char *text, size_t n, struct arena *a, struct log_read *out)
{
	struct parse p = {.a = a, .out = out};
	/* A copy, so that a null ends it: numbers are read by strtoll(). */
	str rest = log_unwrap((str){arena_strndup(a, text, n), n}, a);

	*out = (struct log_read){.text = rest, .insn = LOG_NO_INSN, .reg = -1};
	while (rest.n) {
		const char *nl = memchr(rest.p, '\n', rest.n);
		size_t len = nl ? (size_t)(nl - rest.p) : rest.n;

		take_both(&p, (str){rest.p, len});
		rest.p += len + (nl != NULL);
		rest.n -= len + (nl != NULL);
	}
	take_summary(&p);
	find_refusal(&p);
}

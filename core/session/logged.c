/* SPDX-License-Identifier: MIT */
/* logged.c: see logged.h.
 *
 * What the simulator would know by walking the program has to be read off the log: where a
 * register's value came from is followed back through the instructions printed on the path
 * (copies, arithmetic, loads, calls), and what was known of it is the last state printed. */
#include "logged.h"

#include "base/buf.h"
#include "image/btf.h"
#include "object/core_relo.h"
#include "verifier-sim/verify.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_STEPS = 6 };

struct report {
	const struct logged *l;
	struct diags *ds;
	struct diag *d;
};

/* ---- places -------------------------------------------------------------------------- */

/* The file a log quotes, put together from the lines it quotes. */
static uint32_t
quoted_file(const struct logged *l, struct arena *a, const char *name)
{
	const struct log_read *log = l->log;
	struct buf text = buf_new(a);
	uint32_t line = 1, next = 0;

	for (uint32_t i = 1; i < l->sources->files.n; i++)
		if (!strcmp(l->sources->files.at[i].name, name))
			return i;
	do {	/* by rising line; the log has them in the order of execution */
		const struct log_source *found = NULL;

		next = UINT32_MAX;
		for (uint32_t i = 0; i < log->sources.n; i++) {
			const struct log_source *s = &log->sources.at[i];

			if (s->file && !strcmp(s->file, name) && s->line >= line &&
			    s->line < next && s->line < 1 << 16) {
				next = s->line;
				found = s;
			}
		}
		if (found) {
			buf_fill(&text, '\n', next - line);
			buf_printf(&text, "%s\n", found->text);
			line = next + 1;
		}
	} while (next != UINT32_MAX);
	return sources_add(l->sources, name, buf_text(&text));
}

/* A line of the log itself, without what stands before it. */
static span
log_line(const struct logged *l, uint32_t line)
{
	str text = source_line(l->sources, l->file, line);
	uint32_t start;

	if (!text.p)
		return span_line(l->sources, l->file, line, 0);
	start = (uint32_t)(text.p - l->sources->files.at[l->file].text.p);
	return span_new(l->sources, l->file, start, start + (uint32_t)text.n);
}

static span
event_place(const struct logged *l, struct arena *a, const struct log_event *e)
{
	const struct log_source *s = e->source ? &l->log->sources.at[e->source - 1] : NULL;

	if (l->prog && l->prog->src && e->insn < l->prog->ninsns)
		return l->prog->src[e->insn];
	if (s && s->file && s->line) {
		uint32_t file = quoted_file(l, a, s->file);
		str line = source_line(l->sources, file, s->line);
		uint32_t start;

		if (!line.p)
			return span_line(l->sources, file, s->line, 0);
		start = (uint32_t)(line.p - l->sources->files.at[file].text.p);
		return span_new(l->sources, file, start, start + (uint32_t)line.n);
	}
	return log_line(l, e->at);
}

/* ---- where a value came from --------------------------------------------------------- */

struct effect {			/* of one printed instruction */
	int dst;		/* register written; -1 */
	int src;		/* register it is a copy of; -1 */
	bool adds;		/* changes dst rather than replacing it */
	bool call;
};

static int
register_at(const char *s)
{
	if ((*s != 'r' && *s != 'w') || !isdigit((unsigned char)s[1]))
		return -1;
	return atoi(s + 1);
}

static struct effect
effect_of(const char *text)
{
	struct effect e = {.dst = register_at(text), .src = -1};
	const char *op = strchr(text, ' ');

	if (!strncmp(text, "call ", 5))
		return (struct effect){.dst = 0, .src = -1, .call = true};
	if (e.dst < 0 || !op)
		return (struct effect){.dst = -1, .src = -1};
	if (!strncmp(op, " = ", 3)) {
		const char *v = op + 3;
		size_t digits = strspn(v + 1, "0123456789");

		if (register_at(v) >= 0 && v[1 + digits] == 0)
			e.src = register_at(v);
	} else {
		e.adds = true;
	}
	return e;
}

static bool
mentions(const char *text, int reg)
{
	char name[8];

	for (int k = 0; k < 2; k++) {
		size_t n = (size_t)snprintf(name, sizeof name, "%c%d", k ? 'w' : 'r', reg);

		for (const char *p = text; (p = strstr(p, name)); p++)
			if (!isdigit((unsigned char)p[n]) &&
			    (p == text || !isalnum((unsigned char)p[-1])))
				return true;
	}
	return false;
}

static void
label(struct report *r, const struct log_event *e, const char *text)
{
	span at = event_place(r->l, r->ds->arena, e);
	struct line_col x = span_line_col(r->l->sources, at), y;

	for (uint32_t i = 0; i < r->d->labels.n; i++) {
		y = span_line_col(r->l->sources, r->d->labels.at[i].at);
		if (x.line == y.line && x.col == y.col)
			return;
	}
	y = span_line_col(r->l->sources, r->d->at);
	if (x.line != y.line || x.col != y.col)
		diag_label(r->ds, r->d, at, "%s", text);
}

/* "the result of bpf_map_lookup_elem", "read here: r2 = *(u32 *)(r1 +4)" */
static const char *
made_words(struct arena *a, const struct effect *f, const char *text)
{
	if (f->call) {
		const char *name = text + 5, *hash = strchr(name, '#');

		return arena_printf(a, "the result of %.*s",
				    (int)(hash ? hash - name : (long)strlen(name)), name);
	}
	return arena_printf(a, "%s here (%s)", strstr(text, "*(") ? "read" : "made", text);
}

static void
trace_back(struct report *r, int reg)
{
	const struct log_read *log = r->l->log;
	unsigned steps = 0;

	if (!log->path.n)
		return;
	for (uint32_t i = log->path.n - 1; i-- > 0 && reg >= 0 && steps < MAX_STEPS;) {
		const struct log_event *e = &log->path.at[i];
		struct effect f = effect_of(e->text);

		if (!strncmp(e->text, "if ", 3) && mentions(e->text, reg)) {
			label(r, e, "compared here");
			steps++;
		}
		if (f.dst != reg)
			continue;
		if (f.src >= 0) {
			reg = f.src;
		} else if (!f.adds) {
			label(r, e, made_words(r->ds->arena, &f, e->text));
			return;
		}
	}
}

/* ---- words --------------------------------------------------------------------------- */

static const char *
name_of(const struct report *r, int reg)
{
	const struct image_prog *p = r->l->prog;
	uint32_t insn = r->l->log->insn;

	for (uint32_t i = 0; p && i < p->vars.n; i++) {
		const struct image_var *v = &p->vars.at[i];

		if (v->reg == reg && v->from <= insn && insn < v->to)
			return arena_printf(r->ds->arena, "`%s`", v->name);
	}
	return arena_printf(r->ds->arena, "r%d", reg);
}

/* Rows whose numbers say more than the register's state. */
static bool
say_numbers(struct report *r)
{
	static const struct { const char *code, *what; int size, off, bytes; } rows[] = {
		{"V0106", "the packet is known to hold", 5, 0, 1},
		{"V0105", "the value has", 0, 1, 2},
		{"V0107", "the memory has", 0, 1, 2},
	};
	const struct log_read *log = r->l->log;
	long long x[6] = {0};

	for (uint32_t i = 0; i < log->nargs && i < 6; i++)
		x[i] = (long long)log->args[i];
	for (size_t i = 0; log->code && i < sizeof rows / sizeof *rows; i++) {
		long long size = x[rows[i].size], off = x[rows[i].off], n = x[rows[i].bytes];

		if (strcmp(log->code, rows[i].code) != 0 || (int)log->nargs <= rows[i].size ||
		    (int)log->nargs <= rows[i].bytes)
			continue;
		if (n > 1)
			diag_note(r->ds, r->d, "%s %lld bytes here; this touches bytes %lld to %lld",
				  rows[i].what, size, off, off + n - 1);
		else
			diag_note(r->ds, r->d, "%s %lld bytes here; this touches byte %lld",
				  rows[i].what, size, off);
		return true;
	}
	return false;
}

static void
say_register(struct report *r, bool state)
{
	const struct log_read *log = r->l->log;
	const char *words;

	if (log->reg < 0)
		return;
	words = state ? log_register(r->ds->arena, log->path.at, log->path.n, log->reg) : NULL;
	/* What a call ends is not printed at the call: only the refusal shows it. */
	if (words && strstr(words, "pointer into") && log->message &&
	    (strstr(log->message, "'scalar'") || strstr(log->message, "'inv'"))) {
		diag_note(r->ds, r->d, "%s was %.*s; a call since has ended that", name_of(r, log->reg),
			  (int)strcspn(words, ";"), words);
		diag_help(r->ds, r->d, "calls that may move the packet end all pointers into it: take "
				       "them from the context again, and repeat the check");
	} else if (words) {
		diag_note(r->ds, r->d, "%s is %s", name_of(r, log->reg), words);
		if (strstr(words, "or null"))
			r->d->message = arena_printf(r->ds->arena, "%s may be null here: %.*s",
						     name_of(r, log->reg), (int)strcspn(words, ";"),
						     words);
	}
	trace_back(r, log->reg);
}

static void
say_limits(struct report *r)
{
	const struct log_read *log = r->l->log;

	if (log->cut_start)
		diag_note(r->ds, r->d, "the log lacks its beginning: the first instruction shown is %u",
			  log->path.at[0].insn);
	if (log->cut_end)
		diag_note(r->ds, r->d, "the log lacks its end, where the reason stands: load with a "
				       "larger log buffer, or name the object to have it judged");
	if (log->reason)
		diag_note(r->ds, r->d, "the kernel's report: %s", log->reason);
	if (log->suggestion)
		diag_help(r->ds, r->d, "the kernel suggests: %s", log->suggestion);
	if (log->core)
		diag_note(r->ds, r->d, "%s", log->core);
}

/* ---- what CO-RE left behind ---------------------------------------------------------- */

const char *
logged_core_missing(struct arena *a, const struct image *im, const struct image_prog *p,
		    uint32_t insn)
{
	struct btf *btf;

	if (insn >= p->ninsns || p->insns[insn].code != (BPF_JMP | BPF_CALL) ||
	    p->insns[insn].imm != CORE_POISON || !im->btf)
		return NULL;
	btf = btf_open(a, im->btf, im->btf_size, NULL, NULL);
	for (uint32_t i = 0; btf && i < p->cores.n; i++)
		if (p->cores.at[i].insn == insn)
			return core_name(a, btf, p->cores.at[i].type_id, p->cores.at[i].access,
					 p->cores.at[i].kind);
	return NULL;
}

static bool
is_poison(const struct log_read *log)
{
	return log->core || (log->message && strstr(log->message, "unknown#195896080"));
}

static struct diag *
report_core(struct report *r, span at)
{
	const struct logged *l = r->l;
	const char *what = l->prog ? logged_core_missing(r->ds->arena, l->image, l->prog,
							 l->log->insn) : NULL;
	const char *named = l->log->core ? strstr(l->log->core, "] ") : NULL;

	if (!what && named)
		what = arena_strndup(r->ds->arena, named + 2, strcspn(named + 2, "(") - 1);
	r->d = diag_error(r->ds, "K0026", at, "the kernel has no %s",
			  what ? arena_printf(r->ds->arena, "`%s`", what)
			       : "field, type or enumerator that the program asks for here");
	diag_note(r->ds, r->d, "this is no fault of the code: CO-RE found no match in the kernel's "
			       "types and left a call that cannot be verified");
	diag_help(r->ds, r->d, "guard it: bpf_core_field_exists() or bpf_core_type_exists() makes the "
			       "branch dead where it is missing");
	return r->d;
}

/* ---- failures before the verifier ---------------------------------------------------- */

static const struct failure {
	const char *text, *code, *headline, *help;
} failures[] = {
#define FAILURE(text, code, headline, help) {text, code, headline, help},
#include "failures.def"
#undef FAILURE
};

static str
line_around(str text, const char *at)
{
	const char *from = at, *to = at;

	while (from > text.p && from[-1] != '\n')
		from--;
	while (to < text.p + text.n && *to != '\n')
		to++;
	return (str){from, (size_t)(to - from)};
}

static struct diag *
report_failure(struct report *r)
{
	str text = r->l->log->text;
	char *copy = arena_strndup(r->ds->arena, text.p, text.n);

	for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
		const struct failure *f = &failures[i];
		const char *at = strcasestr(copy, f->text);
		uint32_t line = 1;
		str words;

		if (!at)
			continue;
		for (const char *p = copy; p < at; p++)
			line += *p == '\n';
		words = line_around((str){copy, text.n}, at);
		r->d = diag_error(r->ds, f->code, log_line(r->l, line),
				  "%s", f->headline);
		diag_help(r->ds, r->d, "%s", f->help);
		r->d->kernel = arena_strndup(r->ds->arena, words.p, words.n);
		return r->d;
	}
	return NULL;
}

/* ---- all of it ----------------------------------------------------------------------- */

struct diag *
logged_report(struct diags *ds, const struct logged *l)
{
	const struct log_read *log = l->log;
	struct report r = {.l = l, .ds = ds};
	const char *headline = log->code ? verify_headline(log->code) : NULL;
	const char *help = log->code ? verify_help(log->code) : NULL;
	struct log_event last;
	span at;

	if (log->message && log->code && !strcmp(log->code, "V0101") &&
	    strstr(log->message, "_or_null")) {
		headline = "the pointer may be null here";
		help = "test it for null between the call that made it and this";
	}
	if (!log->message && !log->path.n && !is_poison(log))
		return report_failure(&r);
	last = log->path.n ? *vec_last(&log->path)
	     : (struct log_event){LOG_NO_INSN, .source = log->sources.n, .at = log->at};
	if (!log->path.n && log->sources.n)
		last.at = vec_last(&log->sources)->at;
	at = event_place(l, ds->arena, &last);
	if (is_poison(log)) {
		r.d = report_core(&r, at);
	} else {
		if (!headline)
			headline = log->problem ? log->problem : log->message;
		r.d = diag_error(ds, log->code ? log->code : "K0020", at, "%s",
				 headline ? headline : "the log ends before the verdict");
		say_register(&r, !say_numbers(&r));
		if (help)
			diag_help(ds, r.d, "%s", help);
	}
	if (log->path.n)
		diag_here(ds, r.d, "%s %s", log->message ? "refused:" : "the last instruction shown:",
			  last.text);
	say_limits(&r);
	if (log->message)
		r.d->kernel = arena_strdup(ds->arena, log->message);
	return r.d;
}

bool
logged_matches(const struct log_read *log, const struct image_prog *p)
{
	if (log->program && (!strcmp(log->program, p->name) ||
			     (p->lisp_name && !strcmp(log->program, p->lisp_name))))
		return true;
	for (uint32_t i = 0; i < log->path.n; i++) {
		const struct log_event *e = &log->path.at[i];

		if (e->insn >= p->ninsns || p->insns[e->insn].code != e->opcode)
			return false;
	}
	return log->path.n > 0;
}

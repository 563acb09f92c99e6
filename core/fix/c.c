/* SPDX-License-Identifier: MIT */
/* c.c: what to write in C, for programs that came as objects: see c.h. */
#include "c.h"

#include <stdarg.h>

/* ---- places and words -------------------------------------------------------------------- */

uint32_t
cfix_token(struct cfix *f, uint32_t insn)
{
	const struct image_prog *p = f->rq->prog;
	struct place at;
	str line;

	if (!p->src || insn >= p->ninsns)
		return CT_NONE;
	at = span_place(f->s, p->src[insn]);
	if (!at.by_line || at.file != f->file || !at.end)
		return CT_NONE;
	line = source_line(f->s, f->file, at.start);
	if (!line.p || at.end > line.n)
		return CT_NONE;
	return ct_at(&f->c, (uint32_t)(line.p - f->c.text.p) + at.end - 1);
}

void
cfix_place(struct cfix *f, uint32_t tok)
{
	uint32_t line = 1, col = 1;

	for (uint32_t i = 0; i < f->c.toks.at[tok].start; i++) {
		col = f->c.text.p[i] == '\n' ? 1 : col + 1;
		line += f->c.text.p[i] == '\n';
	}
	f->d->at = span_line(f->s, f->file, line, col);
}

const char *
cfix_plain(struct cfix *f, const char *quoted)
{
	size_t n = quoted ? strlen(quoted) : 0;

	if (!n)
		return NULL;
	if (n > 2 && *quoted == '`' && quoted[n - 1] == '`' && !memchr(quoted + 1, '`', n - 2))
		return arena_strndup(f->a, quoted + 1, n - 2);
	return strpbrk(quoted, " `") ? NULL : quoted;
}

bool
cfix_has_statement(const struct cfix *f)
{
	return f->st.first != CT_NONE;
}

bool
cfix_is_path(const char *text)
{
	for (; *text; text++)
		if (!((*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'z') ||
		      (*text >= 'A' && *text <= 'Z') || *text == '_' || *text == '.' ||
		      (*text == '-' && text[1] == '>') || (*text == '>' && text[-1] == '-')))
			return false;
	return true;
}

const char *
cfix_text(struct cfix *f, struct ct_range r)
{
	return r.first == CT_NONE ? NULL : ct_print(&f->c, r, f->a);
}

static uint32_t
line_start(const struct cfix *f, uint32_t byte)
{
	while (byte && f->c.text.p[byte - 1] != '\n')
		byte--;
	return byte;
}

const char *
cfix_indent(struct cfix *f, uint32_t tok)
{
	uint32_t from = line_start(f, f->c.toks.at[tok].start), to = from;

	while (to < f->c.text.n && (f->c.text.p[to] == ' ' || f->c.text.p[to] == '\t'))
		to++;
	return arena_strndup(f->a, f->c.text.p + from, to - from);
}

/* What one more level is in this file: the indentation of the function's first line. */
static const char *
one_level(struct cfix *f)
{
	const char *own = cfix_indent(f, f->fn.body + 1);

	return *own && strlen(own) <= 8 ? own : "\t";
}

static const char *
harmless(const struct image_prog *p)
{
	switch (p->type) {
	case BPF_PROG_TYPE_XDP: return "return XDP_PASS;";
	case BPF_PROG_TYPE_SCHED_CLS: case BPF_PROG_TYPE_SCHED_ACT: return "return TC_ACT_OK;";
	case BPF_PROG_TYPE_CGROUP_SKB: case BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
	case BPF_PROG_TYPE_CGROUP_SOCK: case BPF_PROG_TYPE_SK_MSG: case BPF_PROG_TYPE_SK_SKB:
		return "return 1;";
	}
	return "return 0;";
}

/* "return X;" guarded by an if, X a constant. */
static bool
is_early_return(struct cfix *f, uint32_t i)
{
	struct ct_statement s;
	uint32_t n = i + 1 + ct_is(&f->c, i + 1, "-"), up;

	if (!ct_is(&f->c, i, "return") || !ct_is(&f->c, n + 1, ";") ||
	    f->c.toks.at[n].kind == CT_PUNCT || !ct_statement(&f->c, i, &s))
		return false;
	if (ct_is_word(&f->c, n) && ct_declaration(&f->c, i, ct_str(&f->c, n)) != CT_NONE)
		return false;
	up = f->c.toks.at[i].up;
	return s.is_bare || (up != f->fn.body && up != CT_NONE && ct_is(&f->c, up - 1, ")"));
}

const char *
cfix_leave(struct cfix *f)
{
	uint32_t end = f->c.toks.at[f->fn.body].match;
	bool is_void = false, is_entry;
	str name = ct_str(&f->c, f->fn.name);

	for (uint32_t i = f->fn.body; end != CT_NONE && i < end; i++)
		if (is_early_return(f, i))
			return arena_printf(f->a, "%s;", cfix_text(f, (struct ct_range){
				i, i + 1 + ct_is(&f->c, i + 1, "-")}));
	for (uint32_t i = f->fn.first; i < f->fn.name; i++) {
		is_void |= ct_is(&f->c, i, "void");
		if (ct_is(&f->c, i, "*"))
			return "return 0;";
	}
	is_entry = str_is(name, f->rq->prog->name) ||
		(f->rq->prog->lisp_name && str_is(name, f->rq->prog->lisp_name));
	return is_void ? "return;" : is_entry ? harmless(f->rq->prog) : "return 0;";
}

bool
cfix_loop_around(struct cfix *f, struct ct_statement *s)
{
	uint32_t tok = f->at;

	while (tok != CT_NONE && ct_statement(&f->c, tok, s)) {
		if (ct_is(&f->c, s->first, "switch"))
			return false;
		if (ct_is(&f->c, s->first, "for") || ct_is(&f->c, s->first, "while"))
			return true;
		tok = s->is_bare ? s->first - 1 : f->c.toks.at[s->first].up;
	}
	return false;
}

bool
cfix_is_in_loop(struct cfix *f)
{
	struct ct_statement s;

	return cfix_loop_around(f, &s);
}

const char *
cfix_leave_loop(struct cfix *f)
{
	struct ct_range r = ct_access(&f->c, f->at);
	bool walks = r.first != CT_NONE && (ct_is(&f->c, r.first, "*") || ct_is(&f->c, r.last, "]"));
	struct ct_statement s;

	if (!cfix_loop_around(f, &s))
		return cfix_leave(f);
	for (uint32_t i = s.first; i < s.last && !walks; i++)
		walks = ct_is(&f->c, i, "break");
	return walks ? "break;" : cfix_leave(f);
}

bool
cfix_uses(struct cfix *f, const char *word)
{
	uint32_t end = f->c.toks.at[f->fn.body].match;

	for (uint32_t i = f->fn.first; end != CT_NONE && i < end; i++)
		if (ct_is(&f->c, i, word))
			return true;
	return false;
}

bool
cfix_in_loop_head(struct cfix *f, uint32_t tok, const struct ct_statement *s)
{
	return (ct_is(&f->c, s->first, "for") || ct_is(&f->c, s->first, "while")) &&
		f->c.toks.at[s->first + 1].match != CT_NONE &&
		tok < f->c.toks.at[s->first + 1].match;
}

const char *
cfix_fresh(struct cfix *f, str wanted)
{
	const char *name = arena_strndup(f->a, wanted.p, wanted.n);

	while (cfix_uses(f, name))
		name = arena_printf(f->a, "%s_", name);
	return name;
}

uint32_t
cfix_call(struct cfix *f)
{
	/* A macro that defines the program, as BPF_PROG(), is no call. */
	return cfix_has_statement(f) && ct_is_word(&f->c, f->at) && ct_is(&f->c, f->at + 1, "(")
		? f->at : CT_NONE;
}

uint32_t
cfix_step(struct cfix *f, enum vs_step_kind kind)
{
	uint32_t tok = CT_NONE;

	for (uint32_t i = 0; i < f->why->steps.n; i++)
		if (f->why->steps.at[i].kind == kind)
			tok = cfix_token(f, f->why->steps.at[i].insn);
	return tok;
}

/* ---- edits ---------------------------------------------------------------------------------- */

struct diag_fix *
cfix_new(struct cfix *f, const char *fmt, ...)
{
	va_list ap;
	const char *title;

	va_start(ap, fmt);
	title = arena_vprintf(f->a, fmt, ap);
	va_end(ap);
	return diag_fix(f->ds, f->d, "%s", title);
}

static void
edit(struct cfix *f, struct diag_fix *x, uint32_t start, uint32_t end, const char *text)
{
	diag_edit(f->ds, x, span_new(f->s, f->file, start, end), "%s", text);
}

void
cfix_replace(struct cfix *f, struct diag_fix *x, struct ct_range r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	edit(f, x, f->c.toks.at[r.first].start, f->c.toks.at[r.last].end,
	     arena_vprintf(f->a, fmt, ap));
	va_end(ap);
}

/* Each line of a text with this indentation, and a newline behind it. */
static const char *
indented(struct cfix *f, const char *text, const char *indent)
{
	struct buf b = buf_new(f->a);

	for (;;) {
		size_t n = strcspn(text, "\n");

		if (n)
			buf_printf(&b, "%s%.*s", indent, (int)n, text);
		buf_putc(&b, '\n');
		if (!text[n])
			return b.at;
		text += n + 1;
	}
}

const char *
cfix_indented(struct cfix *f, const char *text, uint32_t tok)
{
	const char *rest = strchr(text, '\n');
	const char *lines = rest ? indented(f, rest + 1, cfix_indent(f, tok)) : "";

	return rest ? arena_printf(f->a, "%.*s\n%.*s", (int)(rest - text), text,
				   (int)strlen(lines) - 1, lines) : text;
}

/* Braces around a statement that has none. */
static void
brace(struct cfix *f, struct diag_fix *x, const struct ct_statement *s, bool open)
{
	uint32_t head = s->first - 1, at;
	struct ct_statement outer;

	if (open) {
		at = f->c.toks.at[head].end;
		edit(f, x, at, at, " {");
		return;
	}
	at = f->c.toks.at[s->last].end;
	while (at < f->c.text.n && f->c.text.p[at] != '\n' &&	/* a comment belongs to it */
	       (s->last + 1 >= f->c.toks.n || at < f->c.toks.at[s->last + 1].start))
		at++;
	while (at > f->c.toks.at[s->last].end && f->c.text.p[at - 1] == ' ')
		at--;
	if (!ct_statement(&f->c, head, &outer))
		outer.first = head;
	edit(f, x, at, at, arena_printf(f->a, "\n%s}", cfix_indent(f, outer.first)));
}

void
cfix_before(struct cfix *f, struct diag_fix *x, const struct ct_statement *s,
	    const char *fmt, ...)
{
	uint32_t first = f->c.toks.at[s->first].start, at = line_start(f, first);
	const char *indent = cfix_indent(f, s->first), *text;
	bool own_line = strlen(indent) == first - at;
	va_list ap;

	va_start(ap, fmt);
	text = arena_vprintf(f->a, fmt, ap);
	va_end(ap);
	if (s->is_bare)
		brace(f, x, s, true);
	if (own_line) {
		edit(f, x, at, at, indented(f, text, indent));
	} else {	/* behind something on its line */
		indent = arena_printf(f->a, "%s%s", indent, one_level(f));
		text = arena_printf(f->a, "\n%s%s", indented(f, text, indent), indent);
		edit(f, x, first, first, text);
	}
	if (s->is_bare)
		brace(f, x, s, false);
}

void
cfix_after(struct cfix *f, struct diag_fix *x, const struct ct_statement *s,
	   const char *fmt, ...)
{
	uint32_t at = f->c.toks.at[s->last].end;
	const char *text;
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	text = indented(f, arena_vprintf(f->a, fmt, ap), cfix_indent(f, s->first));
	va_end(ap);
	n = strlen(text);
	edit(f, x, at, at, arena_printf(f->a, "\n%.*s", (int)n - 1, text));
}

void
cfix_remove(struct cfix *f, struct diag_fix *x, const struct ct_statement *s)
{
	uint32_t from = line_start(f, f->c.toks.at[s->first].start), to = f->c.toks.at[s->last].end;

	while (to < f->c.text.n && f->c.text.p[to] != '\n')
		to++;
	edit(f, x, from, to < f->c.text.n ? to + 1 : to, "");
}

void
cfix_guard(struct cfix *f, struct diag_fix *x, const struct ct_statement *s, const char *cond,
	   const char *leave)
{
	cfix_before(f, x, s, "if (%s)\n%s%s", cond, one_level(f), leave);
}

void
cfix_around(struct cfix *f, struct diag_fix *x, const struct ct_statement *s, const char *cond)
{
	uint32_t at = f->c.toks.at[s->first].start;

	edit(f, x, at, at, arena_printf(f->a, "if (%s)\n%s%s", cond, cfix_indent(f, s->first),
					one_level(f)));
}

/* ---- which idea for which fault ------------------------------------------------------------ */

static bool
says(const struct cfix *f, const char *words)
{
	return strstr(f->kernel, words) != NULL;
}

static bool
by_need(struct cfix *f)
{
	switch (f->need->kind) {
	case NEED_NOT_NULL: return cfix_null(f);
	case NEED_BYTES:
		return cfix_packet(f) || cfix_larger(f) || cfix_size(f);
	case NEED_RANGE:
		if (says(f, "At program exit") || says(f, "callback return"))
			return cfix_returned(f);
		return cfix_array(f) || cfix_constant(f) || cfix_size(f) || cfix_bound(f) ||
			cfix_range(f);
	case NEED_INIT: return cfix_pointer_unset(f) || cfix_uninit(f) || cfix_larger(f);
	case NEED_POINTER:
		return cfix_moved(f) || cfix_ended(f) || cfix_task(f) || cfix_probe(f);
	case NEED_RELEASE:
		if (says(f, "while holding a lock") && ct_is(&f->c, f->at, "bpf_spin_lock"))
			return true;	/* which of the two comes first is for the author to say */
		return cfix_hoist(f) || cfix_left_open(f);
	case NEED_BOUND: return cfix_loop(f);
	default: return false;
	}
}

static void
suggest(struct cfix *f)
{
	if (cfix_license(f) || cfix_context(f) || cfix_atomic(f) || cfix_callee(f) ||
	    cfix_static(f) || cfix_field(f) || cfix_map(f) || cfix_substitute(f) || cfix_stack(f))
		return;
	if (!by_need(f))
		cfix_ended(f);
}

static bool
is_c(const char *name)
{
	static const char *const ends[] = {".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".C"};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof ends / sizeof *ends; i++)
		if (!strcmp(dot, ends[i]))
			return true;
	return false;
}

/* A load or store whose place is a macro's name, as of a bpf_printk(): the only access among
 * the arguments. */
static uint32_t
access_in_macro(struct cfix *f)
{
	uint8_t class = BPF_CLASS(f->rq->prog->insns[f->why->at].code);
	uint32_t close, found = CT_NONE;

	if (cfix_call(f) == CT_NONE || (class != BPF_LDX && class != BPF_ST && class != BPF_STX) ||
	    str_starts(ct_str(&f->c, f->at), "__sync") ||
	    str_starts(ct_str(&f->c, f->at), "__builtin") ||
	    str_starts(ct_str(&f->c, f->at), "__atomic"))
		return f->at;
	close = f->c.toks.at[f->at + 1].match;
	for (uint32_t i = f->at + 2; close != CT_NONE && i < close; i++) {
		bool deref = ct_is(&f->c, i, "*") && (ct_is(&f->c, i - 1, ",") ||
						      ct_is(&f->c, i - 1, "("));

		if (!deref && !ct_is(&f->c, i, "->") && !ct_is(&f->c, i, "["))
			continue;
		if (ct_is(&f->c, i, "*") && (ct_is(&f->c, i + 1, ")") || ct_is(&f->c, i + 1, ",")))
			continue;	/* of a type */
		if (found != CT_NONE)
			return f->at;
		found = ct_is(&f->c, i, "->") ? i + 1 : ct_is(&f->c, i, "[") ? i - 1 : i;
	}
	return found == CT_NONE ? f->at : found;
}

/* Sets up the text and the places; false when there is no source to edit. */
static bool
open_source(struct cfix *f)
{
	const struct image_prog *p = f->rq->prog;
	struct place at, root;
	uint32_t insn = f->why->at;
	str line;

	if (!f->s || !p->src || insn >= p->ninsns)
		return false;
	at = span_place(f->s, p->src[insn]);
	if (!at.by_line || at.file >= f->s->files.n || !f->s->files.at[at.file].text.p ||
	    f->s->files.at[at.file].is_quoted || !is_c(f->s->files.at[at.file].name))
		return false;
	f->file = at.file;
	ctext_read(&f->c, f->s->files.at[at.file].text, f->a);
	f->at = cfix_token(f, insn);
	f->root = cfix_token(f, f->why->root);
	root = span_place(f->s, f->d->at);
	if (f->why->root_line && root.file == f->file &&
	    (line = source_line(f->s, f->file, f->why->root_line)).p)
		f->root = ct_at(&f->c, (uint32_t)(line.p - f->c.text.p) + f->why->root_col - 1);
	if (f->at == CT_NONE)
		f->at = f->root;
	line = source_line(f->s, f->file, at.start);
	if (f->at == CT_NONE && line.p)	/* the beginning of a function has a line only */
		f->at = ct_at(&f->c, (uint32_t)(line.p - f->c.text.p) +
			      (uint32_t)strspn(line.p, " \t"));
	return f->at != CT_NONE && ct_function(&f->c, f->at, &f->fn) &&
		f->c.toks.at[f->fn.body].match != CT_NONE;
}

/* Edits as they come in the text; those at one place as they were made. */
static void
in_order(struct cfix *f, struct diag_fix *x)
{
	for (uint32_t i = 1; i < x->edits.n; i++) {
		for (uint32_t k = i; k > 0; k--) {
			struct diag_edit *a = &x->edits.at[k - 1], *b = &x->edits.at[k], t = *a;

			if (span_place(f->s, a->at).start <= span_place(f->s, b->at).start)
				break;
			*a = *b;
			*b = t;
		}
	}
}

void
fix_suggest_c(const struct fix_request *rq, struct diags *ds, struct diag *d)
{
	struct cfix *f;

	if (rq->result->verdict != VERDICT_REJECT || !rq->why->needs.n)
		return;
	f = arena_new(ds->arena, struct cfix);
	*f = (struct cfix){.rq = rq, .why = rq->why, .need = &rq->why->needs.at[0], .ds = ds,
			   .d = d, .a = ds->arena, .s = rq->im->sources,
			   .kernel = rq->result->kernel_message ? rq->result->kernel_message : ""};
	if (!open_source(f))
		return;
	f->at = access_in_macro(f);
	if (!ct_statement(&f->c, f->at, &f->st))
		f->st = (struct ct_statement){CT_NONE, CT_NONE, false, false};
	suggest(f);
	if (d->fixes.n)
		in_order(f, vec_last(&d->fixes));
}

/* SPDX-License-Identifier: MIT */
/* try.c: a candidate applied to a copy of the source, compiled and judged.
 *
 * Only the top-level forms that the edits touch are read again. Declarations among them
 * (maps, functions, structs) are declared for the length of the attempt; then the user's own
 * are declared again, read from the place where they stand. */
#include "work.h"

#include <stdio.h>

enum {
	TRY_LIMIT = 300000,	/* instructions walked in judging one attempt */
	MAX_TRIES = 96,
	COMPILED = 8,			/* what compiling an instruction costs, in walked ones */
};

/* ---- candidates ---------------------------------------------------------------------------- */

struct fix_candidate
fix_new(struct fix *f, const char *fmt, ...)
{
	struct fix_candidate c = {0};
	va_list ap;

	va_start(ap, fmt);
	c.title = arena_vprintf(f->a, fmt, ap);
	va_end(ap);
	return c;
}

void
fix_replace(struct fix *f, struct fix_candidate *c, uint32_t start, uint32_t end,
	    const char *fmt, ...)
{
	unsigned i = c->n;
	va_list ap;

	if (c->n == FIX_MAX_EDITS) {
		c->title = NULL;	/* never offered */
		return;
	}
	for (; i > 0 && c->edits[i - 1].start > start; i--)
		c->edits[i] = c->edits[i - 1];
	va_start(ap, fmt);
	c->edits[i] = (struct fix_edit){start, end, arena_vprintf(f->a, fmt, ap)};
	va_end(ap);
	c->n++;
}

void
fix_around(struct fix *f, struct fix_candidate *c, uint32_t node, const char *before,
	   const char *after)
{
	const struct fix_node *n = fix_at(f, node);
	const char *nl = strrchr(before, '\n');
	int delta = nl ? (int)strlen(nl + 1) - (int)fix_column(f, n->start) : (int)strlen(before);

	fix_replace(f, c, n->start, n->end, "%s%s%s", before, fix_shifted(f, node, delta), after);
}

/* ---- the changed text ------------------------------------------------------------------------ */

static str
changed(struct fix *f, const struct fix_candidate *c)
{
	struct buf b = buf_new(&f->scratch);
	uint32_t at = 0;

	for (unsigned i = 0; i < c->n; i++) {
		if (c->edits[i].start < at)
			return (str){0};	/* they overlap */
		buf_bytes(&b, f->tree.text.p + at, c->edits[i].start - at);
		buf_puts(&b, c->edits[i].text);
		at = c->edits[i].end;
	}
	buf_bytes(&b, f->tree.text.p + at, f->tree.text.n - at);
	return buf_text(&b);
}

/* Where a byte of the old text is in the new one; what is inserted there comes after it when
 * `before`, ahead of it otherwise. */
static uint32_t
moved(const struct fix_candidate *c, uint32_t pos, bool before)
{
	int64_t at = pos;

	for (unsigned i = 0; i < c->n; i++) {
		const struct fix_edit *e = &c->edits[i];

		if (e->end < pos || (e->end == pos && (!before || e->start < e->end)))
			at += (int64_t)strlen(e->text) - (e->end - e->start);
	}
	return (uint32_t)at;
}

/* The other way: the old place of a byte of the new text; false inside what was put in. */
static bool
unmoved(const struct fix_candidate *c, uint32_t pos, uint32_t *old)
{
	int64_t shift = 0;

	for (unsigned i = 0; i < c->n; i++) {
		const struct fix_edit *e = &c->edits[i];
		int64_t start = e->start + shift, n = (int64_t)strlen(e->text);

		if (pos < start)
			break;
		if (pos < start + n) {
			*old = e->start;
			return false;
		}
		shift += n - (e->end - e->start);
	}
	*old = (uint32_t)(pos - shift);
	return true;
}

/* ---- compiling ---------------------------------------------------------------------------------- */

struct attempt {
	struct fix *f;
	struct arena arena;
	struct image image;
	struct diags ds;
	bool compiled;
};

static void take_form(struct attempt *t, value form, unsigned depth);

static void
take_list(struct attempt *t, value list, unsigned depth)
{
	for (; is_cons(list); list = cdr(list))
		take_form(t, car(list), depth);
}

/* What a top-level form declares; of programs, only the one that is being mended. */
static void
take_form(struct attempt *t, value form, unsigned depth)
{
	struct lisp *l = session_lisp(t->f->rq->session);
	struct kenv *k = session_kenv(t->f->rq->session);
	const struct symbol *head;
	bool expanded = false;
	uint32_t mark;
	value next;

	if (!is_cons(form) || !is_symbol(car(form)) || depth > 16)
		return;
	head = as_symbol(car(form));
	if (kenv_is_declaration(head)) {
		kenv_declare(k, form, &t->ds);
	} else if (str_is(head->name, "defprog")) {
		value name = car(cdr(form));

		if (is_symbol(name) && str_is(as_symbol(name)->name, t->f->rq->prog->lisp_name))
			t->compiled = compile_prog(k, form, &t->arena, &t->image, NULL, NULL,
						   &t->ds);
	} else if (str_is(head->name, "defmacro") || str_is(head->name, "defun")) {
		lisp_eval(l, form, &next, &t->ds);
	} else if (str_is(head->name, "progn")) {
		take_list(t, cdr(form), depth + 1);
	} else if (lisp_expand1(l, form, NIL, &next, &expanded, &t->ds) && expanded) {
		mark = lisp_root(l, next);
		take_form(t, next, depth + 1);
		lisp_unroot(l, mark);
	}
}

/* The forms of a file between two bytes. */
static void
take_region(struct attempt *t, uint32_t file, uint32_t start, uint32_t end)
{
	struct lisp *l = session_lisp(t->f->rq->session);
	struct reader r = {.file = file, .pos = start};
	value form;

	while (r.pos < end && lisp_read(l, &r, &form, &t->ds) == READ_FORM) {
		uint32_t mark = lisp_root(l, form);

		take_form(t, form, 0);
		lisp_unroot(l, mark);
	}
}

static bool
touches(const struct fix *f, const struct fix_candidate *c, uint32_t top)
{
	for (unsigned i = 0; i < c->n; i++)
		if (c->edits[i].start <= fix_at(f, top)->end &&
		    c->edits[i].end >= fix_at(f, top)->start)
			return true;
	return false;
}

/* Declarations stand before the program that uses them; the program itself comes last. */
static void
compile_changed(struct attempt *t, const struct fix_candidate *c, uint32_t file)
{
	struct fix *f = t->f;

	for (uint32_t top = fix_child(f, 0, 0); top; top = fix_at(f, top)->next)
		if (top != f->top && touches(f, c, top))
			take_region(t, file, moved(c, fix_at(f, top)->start, true),
				    moved(c, fix_at(f, top)->end, false));
	take_region(t, file, moved(c, fix_at(f, f->top)->start, true),
		    moved(c, fix_at(f, f->top)->end, false));
}

static void
restore(struct attempt *t, const struct fix_candidate *c)
{
	struct fix *f = t->f;

	for (uint32_t top = fix_child(f, 0, 0); top; top = fix_at(f, top)->next)
		if (top != f->top && touches(f, c, top))
			take_region(t, f->file, fix_at(f, top)->start, fix_at(f, top)->end);
}

/* ---- judging -------------------------------------------------------------------------------------- */

enum outcome { TRY_BROKEN, TRY_SAME, TRY_OTHER, TRY_ACCEPTED };

/* A rejection of the changed program: is it a fault beyond the one that was to be mended? */
static enum outcome
compare(struct fix *f, const struct fix_candidate *c, const struct image_prog *p,
	const struct verify_result *r)
{
	span at = p->src && r->insn < p->ninsns ? span_user(f->s, p->src[r->insn]) : 0;
	uint32_t old;

	if (!at || !unmoved(c, span_place(f->s, at).start, &old) || !r->code)
		return TRY_SAME;
	if (old < fix_at(f, f->at)->start)
		return TRY_SAME;
	if (strcmp(r->code, f->code) != 0)
		return old == 0 ? TRY_SAME : TRY_OTHER;
	return old > fix_at(f, f->at)->start ? TRY_OTHER : TRY_SAME;
}

static enum outcome
attempt(struct fix *f, const struct fix_candidate *c, struct verify_result *r)
{
	struct attempt t = {.f = f};
	struct verify_opts o = *f->rq->opts;
	uint32_t files = f->s->files.n, places = f->s->places.n;
	enum outcome out = TRY_BROKEN;
	str text = changed(f, c);

	if (!text.p)
		return TRY_BROKEN;
	arena_init(&t.arena);
	diags_init(&t.ds, &t.arena);
	t.image = (struct image){.arena = &t.arena, .sources = f->s};
	compile_changed(&t, c, sources_add(f->s, "<fix>", text));
	if (t.compiled && !t.ds.errors) {
		const struct image_prog *p = t.image.progs.at[0];

		uint64_t limit = f->work < TRY_LIMIT ? f->work : TRY_LIMIT;

		o.log_level = 0;
		o.insn_limit = limit;
		verify_prog(&t.image, p, &o, &t.arena, r);
		if (r->processed > limit)	/* nobody knows what would have come */
			r->verdict = VERDICT_UNKNOWN;
		out = r->verdict == VERDICT_ACCEPT ? TRY_ACCEPTED
		      : r->verdict == VERDICT_REJECT ? compare(f, c, p, r) : TRY_BROKEN;
	}
	f->s->files.n = files;
	f->s->places.n = places;
	restore(&t, c);
	arena_free(&t.arena);
	return out;
}

bool
fix_try(struct fix *f, const struct fix_candidate *c)
{
	struct verify_result r = {0};
	enum outcome out;
	uint64_t cost;

	if (f->tried >= MAX_TRIES || !f->work)
		return true;
	if (!c->title || !c->n)
		return false;
	f->tried++;
	out = attempt(f, c, &r);
	cost = r.processed + (uint64_t)COMPILED * f->rq->prog->ninsns;
	f->work -= cost < f->work ? cost : f->work;
	switch (out) {
	case TRY_ACCEPTED:
		if (!f->probing)
			fix_add(f, c, true, NULL);
		return true;
	case TRY_OTHER:
		if (!f->second.n) {
			f->second = *c;
			f->second_fault = r.code ? verify_headline(r.code) : NULL;
		}
		return false;
	default:
		return false;
	}
}

void
fix_add(struct fix *f, const struct fix_candidate *c, bool verified, const char *note)
{
	struct diag_fix *x = note ? diag_fix(f->ds, f->d, "%s; %s", c->title, note)
				  : diag_fix(f->ds, f->d, "%s", c->title);

	x->verified = verified;
	for (unsigned i = 0; i < c->n; i++)
		diag_edit(f->ds, x, span_new(f->s, f->file, c->edits[i].start, c->edits[i].end),
			  "%s", c->edits[i].text);
}

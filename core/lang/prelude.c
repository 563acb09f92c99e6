/* SPDX-License-Identifier: MIT */
/* prelude.c: definitions written in Lisp, read and compiled when they are first needed.
 *
 * At start the text is only scanned for lines that begin with "(def": what stands there is
 * one definition, known by its name. A form that defines other names than the one after its
 * head says so in the line before it:
 *   ;;; provides: name name ...
 * A symbol with something to load carries FLAG_INDEXED; whoever misses a function, macro,
 * variable or setf function of a symbol calls prelude_require. */
#include "lang/compiler.h"
#include "lang/vm.h"

#include <stdio.h>

#include <ctype.h>

struct prelude_file {
	const char *name, *text;
	size_t size;
};

extern const struct prelude_file prelude_files[];

struct entry {
	uint32_t symbol;	/* id */
	uint32_t file, pos;
	bool function;		/* a function or macro; else a variable, place or type */
	bool defun;		/* plain function: needed only when it is called */
	bool loaded;
	uint32_t next;		/* entry of the same symbol + 1 */
};

struct prelude {
	VEC(struct entry) entries;
	uint32_t *first;	/* by symbol id: entry + 1 */
	uint32_t nfirst;
	uint32_t *sources;	/* by file: index in sources + 1, once used */
	uint32_t nfiles;
};

static void
index_name(struct lisp *l, struct prelude *p, str name, struct entry e)
{
	struct symbol *s = as_symbol(make_symbol(l, name));

	s->header |= FLAG_INDEXED;
	e.symbol = s->id;
	vec_push(&l->arena, &p->entries, e);
}

static str
word(const char **p, const char *end)
{
	const char *q = *p;
	str w;

	while (q < end && (*q == ' ' || *q == '('))
		q++;
	w.p = q;
	while (q < end && !isspace((unsigned char)*q) && *q != '(' && *q != ')')
		q++;
	w.n = (size_t)(q - w.p);
	*p = q;
	return w;
}

/* One "(def..." line. */
static void
index_form(struct lisp *l, struct prelude *p, const char *line, const char *end,
	   struct entry e)
{
	const char *q = line;
	str head = word(&q, end), name;
	bool setf = false;
	char text[200];
	int n;

	while (q < end && *q == ' ')
		q++;
	if (end - q > 6 && memcmp(q, "(setf ", 6) == 0) {
		setf = true;
		q += 6;
	}
	name = word(&q, end);
	if (!name.n)
		return;
	e.defun = str_is(head, "defun");
	e.function = !str_is(head, "defvar") && !str_is(head, "defparameter") &&
		     !str_is(head, "defconstant") && !str_is(head, "define-setf-expander") &&
		     !str_is(head, "deftype") && !str_is(head, "defsetf");
	if (setf || str_is(head, "defsetf")) {
		n = snprintf(text, sizeof text, "(setf %.*s)", STR_ARG(name));
		name = (str){text, (size_t)n};
	}
	index_name(l, p, name, e);
}

static void
index_file(struct lisp *l, struct prelude *p, uint32_t file)
{
	const struct prelude_file *f = &prelude_files[file];
	const char *line = f->text, *end = f->text + f->size;
	const char *provides = NULL, *provides_end = NULL;

	while (line < end) {
		const char *nl = memchr(line, '\n', (size_t)(end - line));
		struct entry e = {.file = file, .pos = (uint32_t)(line - f->text),
				  .function = true};

		nl = nl ? nl : end;
		if (nl - line > 13 && memcmp(line, ";;; provides:", 13) == 0) {
			provides = line + 13;
			provides_end = nl;
		} else if (*line == '(') {
			if (nl - line > 4 && memcmp(line, "(def", 4) == 0)
				index_form(l, p, line, nl, e);
			while (provides) {
				str w = word(&provides, provides_end);

				if (!w.n)
					provides = NULL;
				else
					index_name(l, p, w, e);
			}
		}
		line = nl + 1;
	}
}

void
prelude_init(struct lisp *l)
{
	struct prelude *p = arena_new(&l->arena, struct prelude);

	for (uint32_t i = 0; prelude_files[i].text; i++) {
		index_file(l, p, i);
		p->nfiles++;
	}
	p->sources = arena_array(&l->arena, uint32_t, p->nfiles + 1);
	p->nfirst = l->nsymbols;
	p->first = arena_array(&l->arena, uint32_t, p->nfirst);
	for (uint32_t i = p->entries.n; i-- > 0; ) {
		p->entries.at[i].next = p->first[p->entries.at[i].symbol];
		p->first[p->entries.at[i].symbol] = i + 1;
	}
	l->prelude = p;
}

bool
lisp_in_prelude(const struct lisp *l, span at)
{
	uint32_t file = span_place(l->sources, at).file;

	if (!at)
		return true;
	for (uint32_t i = 0; i < l->prelude->nfiles; i++)
		if (l->prelude->sources[i] == file + 1)
			return true;
	return false;
}

static bool
load_entry(struct lisp *l, struct entry *e)
{
	const struct prelude_file *f = &prelude_files[e->file];
	struct prelude *p = l->prelude;
	struct reader r = {.pos = e->pos};
	struct arena a;
	struct diags ds;
	value form, out;
	bool ok;

	if (!p->sources[e->file])
		p->sources[e->file] = 1 + sources_add(l->sources, f->name,
						      (str){f->text, f->size});
	r.file = p->sources[e->file] - 1;
	arena_init(&a);
	diags_init(&ds, &a);
	/* The same form may be indexed under several names. */
	for (uint32_t i = 0; i < p->entries.n; i++)
		if (p->entries.at[i].file == e->file && p->entries.at[i].pos == e->pos)
			p->entries.at[i].loaded = true;
	ok = lisp_read(l, &r, &form, &ds) == READ_FORM;
	arena_free(&a);
	return ok && lisp_eval_form(l, form, 0, &out);
}

bool
prelude_load(struct lisp *l, struct symbol *s)
{
	struct prelude *p = l->prelude;

	if (!(s->header & FLAG_INDEXED) || !p || s->id >= p->nfirst)
		return true;
	s->header &= ~(uint64_t)FLAG_INDEXED;
	for (uint32_t i = p->first[s->id]; i; i = p->entries.at[i - 1].next) {
		struct entry *e = &p->entries.at[i - 1];

		/* What the host or the program defined stays; a macro may stand before a
		 * builtin function, which it then calls itself. */
		bool taken = s->macro != UNBOUND ||
			     (s->function != UNBOUND &&
			      (e->defun || !is_object(s->function, OBJ_BUILTIN)));

		if (e->loaded || (e->function && taken))
			continue;
		if (!load_entry(l, e))
			return false;
	}
	return true;
}

/* For the compiler, which must know macros, places and types, while functions can wait until
 * they are called. A definition of the prelude that fails is ours to mend; here it is as if
 * it were missing. */
void
prelude_require(struct lisp *l, struct symbol *s)
{
	const struct prelude *p = l->prelude;
	bool functions = true;

	if (!(s->header & FLAG_INDEXED) || !p || s->id >= p->nfirst)
		return;
	for (uint32_t i = p->first[s->id]; i; i = p->entries.at[i - 1].next)
		functions &= p->entries.at[i - 1].defun;
	if (!functions)
		prelude_demand(l, s);
}

static bool
indexed_as(const struct lisp *l, const struct symbol *s, bool defun)
{
	const struct prelude *p = l->prelude;

	if (!(s->header & FLAG_INDEXED) || !p || s->id >= p->nfirst)
		return false;
	for (uint32_t i = p->first[s->id]; i; i = p->entries.at[i - 1].next)
		if (p->entries.at[i - 1].function && p->entries.at[i - 1].defun == defun)
			return true;
	return false;
}

bool
lisp_has_macro(const struct lisp *l, const struct symbol *s)
{
	return s->macro != UNBOUND || indexed_as(l, s, false);
}

bool
lisp_is_macro(const struct lisp *l, const struct symbol *s)
{
	const struct form_row *row = form_row(s->uform);

	return lisp_has_macro(l, s) || (row && row->macro);
}

bool
lisp_has_function(const struct lisp *l, const struct symbol *s)
{
	return s->function != UNBOUND || indexed_as(l, s, true);
}

void
prelude_demand(struct lisp *l, struct symbol *s)
{
	if (!prelude_load(l, s) && l->pending == PENDING_RAISE)
		lisp_find_handler(l);
}

/* ---- documentation ---------------------------------------------------------------------- */

/* The lines of comment that end before `at`, without their semicolons. */
static void
comment_above(const char *text, const char *at, struct buf *out)
{
	const char *first = at;

	for (const char *line = at; line > text; first = line) {
		for (line--; line > text && line[-1] != '\n'; line--)
			;
		if (memcmp(line, ";;; ", 4) != 0 || memcmp(line, ";;; provides:", 13) == 0)
			break;
	}
	for (; first < at; first += strcspn(first, "\n") + 1) {
		buf_putc(out, '\n');
		buf_bytes(out, first + 4, strcspn(first + 4, "\n"));
	}
}

/* From a parenthesis to behind the one that closes it. */
static const char *
end_of_list(const char *p)
{
	int depth = 0;

	do {
		depth += (*p == '(') - (*p == ')');
		p++;
	} while (depth && *p);
	return p;
}

void
prelude_doc(struct lisp *l, const struct symbol *s, struct buf *out)
{
	const struct prelude *p = l->prelude;

	if (!p || s->id >= p->nfirst)
		return;
	for (uint32_t i = p->first[s->id]; i; i = p->entries.at[i - 1].next) {
		const struct entry *e = &p->entries.at[i - 1];
		const char *text = prelude_files[e->file].text, *at = text + e->pos;
		const char *q = at, *end = at + strcspn(at, "\n");
		str name;

		word(&q, end);
		name = word(&q, end);
		q += strspn(q, " ");
		/* A line that defines other names than its own says nothing of how they are called. */
		if (!e->function || *q != '(' || !str_eq(name, s->name))
			continue;
		buf_printf(out, "%s(%.*s%s", out->n ? "\n" : "", STR_ARG(name),
			   q[1] == ')' ? "" : " ");
		end = end_of_list(q);
		for (q++; q < end; q++) {	/* what is broken over lines is one here */
			if (*q == '\n')
				q += strspn(q, "\n\t ") - 1;
			buf_putc(out, *q == '\t' ? ' ' : *q);
		}
		comment_above(text, at, out);
		return;
	}
}

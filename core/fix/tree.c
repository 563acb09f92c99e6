/* SPDX-License-Identifier: MIT */
/* tree.c: the source as a tree of places, and what stands where in it. */
#include "work.h"

#include <stdlib.h>
#include <strings.h>

/* ---- reading --------------------------------------------------------------------------- */

static uint32_t
add_node(struct fix *f, uint32_t parent, uint32_t last, uint32_t start, uint32_t end, bool list)
{
	struct fix_node n = {.start = start, .end = end, .parent = parent, .list = list};
	uint32_t id = f->tree.nodes.n;

	if (last)
		n.index = f->tree.nodes.at[last].index + 1;
	vec_push(&f->scratch, &f->tree.nodes, n);
	if (last)
		f->tree.nodes.at[last].next = id;
	else
		f->tree.nodes.at[parent].first = id;
	return id;
}

/* The list behind a backquote, which is what edits are about; else the place as it was. */
static struct place
template_of(const struct fix *f, value quoted, struct place whole, value *form)
{
	value list = is_cons(cdr(quoted)) ? car(cdr(quoted)) : NIL;
	struct place p = is_cons(list) ? span_place(f->s, form_span(list)) : whole;

	if (!is_cons(list) || p.end <= p.start || p.start < whole.start || p.end > whole.end)
		return whole;
	*form = list;
	return p;
}

static void
add_children(struct fix *f, uint32_t parent, value list)
{
	uint32_t last = 0;

	for (value c = list; is_cons(c); c = cdr(c)) {
		bool sub = is_cons(car(c));
		value form = car(c);
		struct place p = span_place(f->s, sub && form_span(car(c)) ? form_span(car(c))
									    : car_span(c));
		struct fix_node up = f->tree.nodes.at[parent];

		if (p.end <= p.start || p.start < up.start || p.end > up.end)
			continue;	/* made by a reader macro: it has no text of its own */
		if (sub && f->tree.text.p[p.start] == '`')	/* a template: what it will be */
			p = template_of(f, car(c), p, &form);
		sub = sub && f->tree.text.p[p.start] == '(';
		last = add_node(f, parent, last, p.start, p.end, sub);
		if (sub)
			add_children(f, last, form);
	}
}

/* The file is read once more, for its shape; what reading adds to the sources is dropped. */
bool
fix_tree_read(struct fix *f)
{
	struct sources *s = f->s;
	struct lisp *l = session_lisp(f->rq->session);
	uint32_t files = s->files.n, places = s->places.n, last = 0;
	struct reader r = {0};
	struct diags ignored;
	value form;

	f->tree.text = s->files.at[f->file].text;
	if (!f->tree.text.p)
		return false;
	diags_init(&ignored, &f->scratch);
	vec_push(&f->scratch, &f->tree.nodes,
		 ((struct fix_node){.end = (uint32_t)f->tree.text.n, .list = true}));
	r.file = sources_add(s, "<fix>", f->tree.text);
	while (lisp_read(l, &r, &form, &ignored) == READ_FORM) {
		struct place p = span_place(s, form_span(form));

		if (!is_cons(form) || p.end <= p.start || f->tree.text.p[p.start] != '(')
			continue;
		last = add_node(f, 0, last, p.start, p.end, true);
		add_children(f, last, form);
	}
	s->files.n = files;
	s->places.n = places;
	return f->tree.nodes.n > 1;
}

/* ---- looking ----------------------------------------------------------------------------- */

uint32_t
fix_node_at(const struct fix_tree *t, uint32_t start, uint32_t end)
{
	uint32_t best = 0;

	for (uint32_t i = t->nodes.at[0].first; i;) {
		const struct fix_node *n = &t->nodes.at[i];

		if (n->start <= start && n->end >= end) {
			best = i;
			i = n->first;
		} else {
			i = n->next;
		}
	}
	return best;
}

str
fix_text(const struct fix *f, uint32_t node)
{
	const struct fix_node *n = fix_at(f, node);

	return (str){f->tree.text.p + n->start, n->end - n->start};
}

const char *
fix_copy(struct fix *f, uint32_t node)
{
	return arena_strndup(f->a, fix_text(f, node).p, fix_text(f, node).n);
}

uint32_t
fix_child(const struct fix *f, uint32_t node, uint32_t i)
{
	uint32_t c = node || f->tree.nodes.n > 1 ? fix_at(f, node)->first : 0;

	while (c && i--)
		c = fix_at(f, c)->next;
	return c;
}

uint32_t
fix_count(const struct fix *f, uint32_t node)
{
	uint32_t n = 0;

	for (uint32_t c = fix_at(f, node)->first; c; c = fix_at(f, c)->next)
		n++;
	return n;
}

bool
fix_is(const struct fix *f, uint32_t node, const char *name)
{
	str t = fix_text(f, node);
	size_t n = strlen(name);

	if (fix_at(f, node)->list || t.n < n || (n && strncasecmp(t.p + t.n - n, name, n) != 0))
		return false;
	return t.n == n || (t.p[t.n - n - 1] == ':' && t.n > n + 1);
}

bool
fix_head_is(const struct fix *f, uint32_t list, const char *name)
{
	uint32_t head = fix_at(f, list)->first;

	return list && head && fix_is(f, head, name);
}

bool
fix_head_in(const struct fix *f, uint32_t list, const char *const *names)
{
	for (; *names; names++)
		if (fix_head_is(f, list, *names))
			return true;
	return false;
}

bool
fix_is_symbol(const struct fix *f, uint32_t node)
{
	str t = fix_text(f, node);

	return !fix_at(f, node)->list && t.n && !strchr("0123456789\"#'`,:", t.p[0]) &&
	       !(t.n > 1 && (t.p[0] == '-' || t.p[0] == '+') && t.p[1] >= '0' && t.p[1] <= '9');
}

/* An integer as written: decimal or #x. */
bool
fix_number(const struct fix *f, uint32_t node, int64_t *out)
{
	char text[32], *end;
	str t = fix_text(f, node);
	bool hex = t.n > 2 && t.p[0] == '#' && (t.p[1] | 32) == 'x';

	if (fix_at(f, node)->list || !t.n || t.n >= sizeof text)
		return false;
	memcpy(text, t.p, t.n);
	text[t.n] = '\0';
	*out = strtoll(text + (hex ? 2 : 0), &end, hex ? 16 : 10);
	return !*end && end != text;
}

bool
fix_inside(const struct fix *f, uint32_t node, uint32_t outer)
{
	while (node && node != outer)
		node = fix_at(f, node)->parent;
	return node == outer;
}

uint32_t
fix_find(const struct fix *f, uint32_t root, uint32_t after, const char *name)
{
	/* Nodes are numbered in document order. */
	for (uint32_t i = after ? after + 1 : root; i < f->tree.nodes.n; i++) {
		if (fix_at(f, i)->start >= fix_at(f, root)->end)
			break;
		if (fix_is(f, i, name))
			return i;
	}
	return 0;
}

/* ---- what stands where --------------------------------------------------------------------- */

/* Forms with a body: where it begins. What begins with "with-" or "find-" is taken for a
 * macro of that shape. */
static const struct { const char *head; uint32_t body; } bodies[] = {
	{"progn", 1}, {"locally", 1}, {"prog1", 2}, {"let", 2}, {"let*", 2}, {"when", 2},
	{"unless", 2}, {"when-let", 2}, {"when-let*", 2}, {"dotimes", 2}, {"while", 2},
	{"macrolet", 2}, {"symbol-macrolet", 2}, {"defprog", 3}, {"defn", 3}, {"do-user-ptrs", 2},
	{"do-user-array", 2}, {"for-each-entry", 2}, {"do-range", 2}, {"dolist", 2}, {"lambda", 2},
};

uint32_t
fix_body(const struct fix *f, uint32_t list)
{
	uint32_t head = fix_at(f, list)->first;

	if (!list || !head || !fix_is_symbol(f, head))
		return 0;
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
		if (fix_is(f, head, bodies[i].head))
			return bodies[i].body;
	return str_starts(fix_text(f, head), "with-") || str_starts(fix_text(f, head), "find-") ||
	       str_starts(fix_text(f, head), "do-") ? 2 : 0;
}

/* Of an element of a cond or case clause: 1 the test or keys, 2 the body, 0 neither. */
static int
in_clause(const struct fix *f, uint32_t node)
{
	uint32_t clause = fix_at(f, node)->parent, form = clause ? fix_at(f, clause)->parent : 0;
	bool is_cond = form && fix_head_is(f, form, "cond");
	bool is_case = form && fix_head_is(f, form, "case");

	if (!fix_at(f, clause)->list || !((is_cond && fix_at(f, clause)->index >= 1) ||
					  (is_case && fix_at(f, clause)->index >= 2)))
		return 0;
	return fix_at(f, node)->index ? 2 : is_cond ? 1 : 0;
}

static bool
is_let(const struct fix *f, uint32_t list)
{
	static const char *const heads[] = {"let", "let*", "when-let", "when-let*", NULL};

	return fix_head_in(f, list, heads);
}

/* Is `list` one (name [type] init) of a let's or an if-let's? */
static bool
is_binding(const struct fix *f, uint32_t list)
{
	uint32_t up = fix_at(f, list)->parent, form = up ? fix_at(f, up)->parent : 0;

	if (up && fix_head_is(f, up, "if-let"))
		return fix_at(f, list)->index == 1;
	return form && is_let(f, form) && fix_at(f, up)->index == 1;
}

enum fix_position
fix_position(const struct fix *f, uint32_t node)
{
	static const char *const tests[] = {"when", "unless", "if", "while", NULL};
	const struct fix_node *n = fix_at(f, node);
	uint32_t up = n->parent, body = up ? fix_body(f, up) : 0;
	int clause = up ? in_clause(f, node) : 0;

	if (!node || !up || is_binding(f, node))
		return FIX_OTHER;
	if (is_binding(f, up))
		return n->index && !n->next ? FIX_BINDING : FIX_OTHER;
	if (clause)
		return clause == 1 ? FIX_TEST : n->next ? FIX_STATEMENT : FIX_LAST;
	if (n->index == 1 && fix_head_in(f, up, tests))
		return FIX_TEST;
	if ((fix_head_is(f, up, "if") || fix_head_is(f, up, "if-let")) && n->index >= 2)
		return FIX_BRANCH;
	if (body && n->index >= body)
		return n->next ? FIX_STATEMENT : FIX_LAST;
	if (body || n->index == 0 || fix_head_is(f, up, "cond") || fix_head_is(f, up, "case"))
		return FIX_OTHER;
	return FIX_OPERAND;
}

uint32_t
fix_statement(const struct fix *f, uint32_t node)
{
	for (; node; node = fix_at(f, node)->parent) {
		enum fix_position p = fix_position(f, node);

		if (p == FIX_STATEMENT || p == FIX_LAST || p == FIX_BRANCH)
			return node;
	}
	return 0;
}

/* The name bound by element `i` of a list of bindings. */
static uint32_t
bound_in(const struct fix *f, uint32_t list, const char *name)
{
	for (uint32_t b = fix_at(f, list)->first; b; b = fix_at(f, b)->next) {
		uint32_t n = fix_at(f, b)->list ? fix_at(f, b)->first : b;

		if (n && fix_is(f, n, name))
			return n;
	}
	return 0;
}

uint32_t
fix_binding(const struct fix *f, uint32_t node, const char *name)
{
	for (; node && fix_at(f, node)->parent; node = fix_at(f, node)->parent) {
		uint32_t up = fix_at(f, node)->parent, list, found = 0;

		if (fix_head_is(f, up, "if-let"))
			found = fix_is(f, fix_child(f, fix_child(f, up, 1), 0), name)
					? fix_child(f, fix_child(f, up, 1), 0) : 0;
		else if (fix_body(f, up) && (list = fix_child(f, up, fix_body(f, up) - 1)) &&
			 fix_at(f, list)->list)
			found = bound_in(f, list, name);
		if (found)
			return found;
	}
	return 0;
}

uint32_t
fix_scope(const struct fix *f, uint32_t binding)
{
	uint32_t n = fix_at(f, binding)->parent;

	while (n && !fix_body(f, n) && !fix_head_is(f, n, "if-let"))
		n = fix_at(f, n)->parent;
	return n;
}

uint32_t
fix_initial(const struct fix *f, uint32_t binding)
{
	uint32_t list = fix_at(f, binding)->parent, last = 0;

	if (!list || !is_binding(f, list))
		return 0;
	for (uint32_t c = fix_at(f, list)->first; c; c = fix_at(f, c)->next)
		last = c;
	return last == binding ? 0 : last;
}

/* ---- layout ---------------------------------------------------------------------------------- */

uint32_t
fix_column(const struct fix *f, uint32_t pos)
{
	uint32_t col = 0;

	while (pos > col && f->tree.text.p[pos - col - 1] != '\n')
		col++;
	return col;
}

const char *
fix_shifted(struct fix *f, uint32_t node, int delta)
{
	str t = fix_text(f, node);
	struct buf b = buf_new(f->a);
	bool quoted = false;

	buf_puts(&b, "");
	for (size_t i = 0; i < t.n; i++) {
		buf_putc(&b, t.p[i]);
		if (quoted && t.p[i] == '\\' && i + 1 < t.n)
			buf_putc(&b, t.p[++i]);
		else if (t.p[i] == '"')
			quoted = !quoted;
		else if (t.p[i] == '\n' && !quoted && delta > 0 && i + 1 < t.n && t.p[i + 1] != '\n')
			buf_fill(&b, ' ', (size_t)delta);
		else if (t.p[i] == '\n' && !quoted)
			for (int k = delta; k < 0 && i + 1 < t.n && t.p[i + 1] == ' '; k++)
				i++;
	}
	return buf_text(&b).p;
}

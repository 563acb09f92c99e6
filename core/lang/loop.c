/* SPDX-License-Identifier: MIT */
/* loop.c: the extended loop. Its clauses are read from left to right and become
 *
 *   (block NAME
 *     (let* (variables...)
 *       (tagbody initially... %loop-top steps... body... advances... (go %loop-top)
 *                %loop-end finally...)
 *       result))
 *
 * A clause may add to each part. In C because nearly every program uses it at once. */
#include "lang/fn.h"

#include "lang/compiler.h"

#include <stdarg.h>

struct list {
	value head, tail;
};

/* What `collect into x`, or collect without a name, gathers in. */
struct gathered {
	value into;		/* name given; or nil */
	int kind;
	value var, tail;
};

enum { GATHER_LIST = 1, GATHER_SUM, GATHER_EXTREME };

struct loop {
	struct compiler *c;
	struct lisp *l;
	span at;
	value forms;		/* what is still to be read */
	struct list bindings, pre, body, post, initially, finally;
	value name, result, value;
	bool has_result;
	struct gathered gathered[16];
	uint32_t ngathered;
	value it;		/* variable of the test around; nil: none */
	bool it_used;
	bool parallel;		/* clauses joined by `and`: assign all at once */
	struct list assigns;	/* then: variable, value, ... */
};

/* ---- words and forms -------------------------------------------------------------------- */

static void
add(struct loop *p, struct list *to, value v)
{
	fn_append(p->l, &to->head, &to->tail, v);
}

static value
form(struct loop *p, const char *head, int n, ...)
{
	struct list f = {NIL, NIL};
	va_list ap;
	value v;

	add(p, &f, symbol_intern(p->l, str_of(head), false));
	va_start(ap, n);
	while (n-- > 0)
		add(p, &f, va_arg(ap, value));
	va_end(ap);
	v = cons_at(p->l, car(f.head), cdr(f.head), p->at);
	as_cons(v)->header |= FLAG_PLAIN;
	return v;
}

static value
end_when(struct loop *p, value test)
{
	return form(p, "if", 2, test, form(p, "go", 1, make_symbol(p->l, STR("%loop-end"))));
}

/* Is the next element one of these words, space between them? Packages do not matter. */
static bool
at_word(const struct loop *p, const char *words)
{
	value v = car(p->forms);
	str name;

	if (!is_cons(p->forms) || !is_symbol(v) || v == NIL)
		return false;
	name = as_symbol(v)->name;
	for (const char *w = words; *w; ) {
		size_t n = strcspn(w, " ");

		if (n == name.n && memcmp(w, name.p, n) == 0)
			return true;
		w += n + (w[n] == ' ');
	}
	return false;
}

static bool
accept(struct loop *p, const char *words)
{
	if (!at_word(p, words))
		return false;
	p->forms = cdr(p->forms);
	return true;
}

static value
take(struct loop *p)
{
	value v = car(p->forms);

	if (!is_cons(p->forms))
		comp_error(p->c, p->at, "`loop` ends where a clause goes on");
	p->forms = cdr(p->forms);
	return v;
}

/* A value, which may be the one the test around has found. */
static value
take_value(struct loop *p)
{
	if (p->it != NIL && accept(p, "it")) {
		p->it_used = true;
		return p->it;
	}
	return take(p);
}

/* Forms up to the next word, as one. */
static value
take_body(struct loop *p)
{
	struct list f = {NIL, NIL};

	while (is_cons(car(p->forms)))
		add(p, &f, take(p));
	return cons(p->l, p->l->s_progn, f.head);
}

/* ---- variables -------------------------------------------------------------------------- */

static void
bind(struct loop *p, value var, value init)
{
	add(p, &p->bindings, list_of(p->l, p->at, 2, var, init));
}

static value
temp(struct loop *p, value init)
{
	value g = gensym(p->l, "l");

	bind(p, g, init);
	return g;
}

static void
bind_pattern(struct loop *p, value pattern)
{
	for (; is_cons(pattern); pattern = cdr(pattern))
		bind_pattern(p, car(pattern));
	if (pattern != NIL && !is_symbol(pattern))
		comp_error(p->c, p->at, "`loop` needs a variable or a list of them here");
	if (pattern != NIL)
		bind(p, pattern, NIL);
}

/* Setting the variables of a pattern to the parts of a value. */
static void
assign(struct loop *p, struct list *to, value pattern, value from)
{
	value g;

	if (pattern == NIL)
		return;
	if (!is_cons(pattern)) {
		add(p, to, form(p, "setq", 2, pattern, from));
		return;
	}
	g = temp(p, NIL);
	add(p, to, form(p, "setq", 2, g, from));
	for (; is_cons(pattern); pattern = cdr(pattern)) {
		assign(p, to, car(pattern), form(p, "car", 1, g));
		if (cdr(pattern) != NIL)
			add(p, to, form(p, "setq", 2, g, form(p, "cdr", 1, g)));
	}
	assign(p, to, pattern, g);
}

/* The pattern with variables of its own, which the others are set to afterwards. */
static value
stand_in(struct loop *p, value pattern)
{
	value g;

	if (is_cons(pattern))
		return cons(p->l, stand_in(p, car(pattern)), stand_in(p, cdr(pattern)));
	if (pattern == NIL)
		return NIL;
	g = gensym(p->l, "p");
	bind(p, pattern, NIL);
	add(p, &p->assigns, pattern);
	add(p, &p->assigns, g);
	return g;
}

/* ---- for -------------------------------------------------------------------------------- */

static void
for_list(struct loop *p, value var, bool elements)
{
	value list = temp(p, take(p)), step = accept(p, "by") ? take(p) : NIL;

	bind_pattern(p, var);
	add(p, &p->pre, end_when(p, form(p, "atom", 1, list)));
	assign(p, &p->pre, var, elements ? form(p, "car", 1, list) : list);
	add(p, &p->pre, form(p, "setq", 2, list, step == NIL ? form(p, "cdr", 1, list) :
			     form(p, "funcall", 2, step, list)));
}

/* for x = first [then next]. Where nothing steps before it the variable starts with its value
 * and goes on at the end of a round; else a flag tells the first round. */
static void
for_equals(struct loop *p, value var)
{
	value first = take(p), flag, next;
	struct list once = {NIL, NIL}, again = {NIL, NIL};

	if (!accept(p, "then")) {
		bind_pattern(p, var);
		assign(p, &p->pre, var, first);
		return;
	}
	next = take(p);
	if (p->pre.head == NIL && !p->parallel && is_symbol(var) && var != NIL) {
		bind(p, var, first);
		add(p, &p->post, form(p, "setq", 2, var, next));
		return;
	}
	bind_pattern(p, var);
	flag = temp(p, T);
	assign(p, &once, var, first);
	add(p, &once, form(p, "setq", 2, flag, NIL));
	assign(p, &again, var, next);
	add(p, &p->pre, form(p, "if", 3, flag, cons(p->l, p->l->s_progn, once.head),
			     cons(p->l, p->l->s_progn, again.head)));
}

static void
for_across(struct loop *p, value var)
{
	value vec = temp(p, take(p)), i = temp(p, make_fixnum(0));
	value n = temp(p, form(p, "length", 1, vec));

	bind_pattern(p, var);
	add(p, &p->pre, end_when(p, form(p, "not", 1, form(p, "<", 2, i, n))));
	assign(p, &p->pre, var, form(p, "aref", 2, vec, i));
	add(p, &p->pre, form(p, "setq", 2, i, form(p, "1+", 1, i)));
}

/* for k being the hash-keys of table [using (hash-value v)] */
static void
for_being(struct loop *p, value var)
{
	value pairs, pair = temp(p, NIL), other = NIL;
	bool keys;

	accept(p, "the each");
	keys = at_word(p, "hash-key hash-keys");
	if (!accept(p, "hash-key hash-keys hash-value hash-values"))
		comp_error(p->c, p->at, "`loop` goes through hash-keys or hash-values");
	if (!accept(p, "of in"))
		comp_error(p->c, p->at, "`loop` needs `of` and a hash table here");
	pairs = temp(p, form(p, "hash-table-pairs", 1, take(p)));
	if (accept(p, "using"))
		other = car(cdr(take(p)));
	bind_pattern(p, var);
	bind_pattern(p, other);
	add(p, &p->pre, end_when(p, form(p, "null", 1, pairs)));
	add(p, &p->pre, form(p, "setq", 4, pair, form(p, "car", 1, pairs), pairs,
			     form(p, "cdr", 1, pairs)));
	assign(p, &p->pre, var, form(p, keys ? "car" : "cdr", 1, pair));
	assign(p, &p->pre, other, form(p, keys ? "cdr" : "car", 1, pair));
}

static void
for_number(struct loop *p, value var)
{
	value from = make_fixnum(0), to = UNBOUND, by = make_fixnum(1);
	const char *test = NULL, *step = "+";
	bool any = false;

	for (;; any = true) {
		if (at_word(p, "downfrom downto above"))
			step = "-";
		if (accept(p, "from upfrom downfrom")) {
			from = take(p);
		} else if (at_word(p, "to upto downto below above")) {
			test = at_word(p, "below above") ? "=" : "";
			p->forms = cdr(p->forms);
			to = take(p);
		} else if (accept(p, "by")) {
			by = take(p);
		} else {
			break;
		}
	}
	if (!any)
		comp_error(p->c, p->at, "`loop` needs in, on, =, across, being, from or to here");
	if (!is_symbol(var) || var == NIL)
		comp_error(p->c, p->at, "`loop` counts in one variable");
	bind(p, var, from);
	if (to != UNBOUND && !is_integer(to))
		to = temp(p, to);
	if (!is_integer(by))
		by = temp(p, by);
	if (test) {
		bool down = *step == '-';
		const char *past = *test ? (down ? "<=" : ">=") : down ? "<" : ">";

		add(p, &p->pre, end_when(p, form(p, past, 2, var, to)));
	}
	add(p, &p->post, form(p, "setq", 2, var, form(p, step, 2, var, by)));
}

static void
for_clause(struct loop *p)
{
	value var = take(p);

	if (p->parallel)
		var = stand_in(p, var);
	if (accept(p, "of-type"))
		take(p);
	else
		accept(p, "fixnum float");
	if (accept(p, "in"))
		for_list(p, var, true);
	else if (accept(p, "on"))
		for_list(p, var, false);
	else if (accept(p, "="))
		for_equals(p, var);
	else if (accept(p, "across"))
		for_across(p, var);
	else if (accept(p, "being"))
		for_being(p, var);
	else
		for_number(p, var);
}

/* Forget what was added since. */
static void
cut(struct list *now, struct list then)
{
	*now = then;
	if (then.tail != NIL)
		as_cons(then.tail)->cdr = NIL;
}

/* for ... [and ...]: whether several go together is known after the first. */
static void
for_clauses(struct loop *p)
{
	struct loop before = *p;

	for_clause(p);
	if (!at_word(p, "and"))
		return;
	cut(&p->bindings, before.bindings);
	cut(&p->pre, before.pre);
	cut(&p->post, before.post);
	p->forms = before.forms;
	p->parallel = true;
	p->assigns = (struct list){NIL, NIL};
	do {
		accept(p, "for as");
		for_clause(p);
	} while (accept(p, "and"));
	add(p, &p->pre, cons(p->l, p->l->s_setq, p->assigns.head));
	p->parallel = false;
}

/* with x = 1 [and y = 2] */
static void
with_clauses(struct loop *p)
{
	value vars[16], values[16];
	uint32_t n = 0;

	do {
		if (n == 16)
			comp_error(p->c, p->at, "`loop` joins at most 16 variables by `and`");
		vars[n] = take(p);
		if (accept(p, "of-type"))
			take(p);
		values[n++] = accept(p, "=") ? take(p) : NIL;
	} while (accept(p, "and"));
	for (uint32_t i = 0; i < n; i++)
		if (n > 1 || is_cons(vars[i]))
			values[i] = temp(p, values[i]);
	for (uint32_t i = 0; i < n; i++) {
		if (is_symbol(vars[i]) && vars[i] != NIL) {
			bind(p, vars[i], values[i]);
			continue;
		}
		bind_pattern(p, vars[i]);
		assign(p, &p->initially, vars[i], values[i]);
	}
}

/* ---- the body --------------------------------------------------------------------------- */

static struct gathered *
gather(struct loop *p, int kind)
{
	value into = accept(p, "into") ? take(p) : NIL;
	struct gathered *g;

	for (uint32_t i = 0; i < p->ngathered; i++)
		if (p->gathered[i].into == into && (into != NIL || p->gathered[i].kind == kind))
			return &p->gathered[i];
	if (p->ngathered == sizeof p->gathered / sizeof *p->gathered)
		comp_error(p->c, p->at, "`loop` gathers in at most 16 variables");
	g = &p->gathered[p->ngathered++];
	*g = (struct gathered){into, kind, into == NIL ? gensym(p->l, "acc") : into, NIL};
	bind(p, g->var, kind == GATHER_SUM ? make_fixnum(0) : NIL);
	if (kind == GATHER_LIST)
		g->tail = temp(p, NIL);
	if (into == NIL)
		p->value = g->var;
	return g;
}

/* A cell, or the cells of a list, behind what is there. */
static value
collect(struct loop *p, const char *copy, bool many)
{
	value x = take_value(p), cell = gensym(p->l, "cell"), link;
	const struct gathered *g = gather(p, GATHER_LIST);

	link = form(p, "if", 3, g->tail, form(p, "rplacd", 2, g->tail, cell),
		    form(p, "setq", 2, g->var, cell));
	link = form(p, "progn", 2, link, form(p, "setq", 2, g->tail, many ?
					     form(p, "last", 1, cell) : cell));
	if (many)
		link = form(p, "if", 2, cell, link);
	x = copy ? form(p, copy, 1, x) : x;
	return form(p, "let", 2, list_of(p->l, p->at, 1, list_of(p->l, p->at, 2, cell, x)), link);
}

static value
extreme(struct loop *p, const char *f)
{
	value x = take_value(p), g = gensym(p->l, "x");
	value var = gather(p, GATHER_EXTREME)->var;

	return form(p, "let", 2, list_of(p->l, p->at, 1, list_of(p->l, p->at, 2, g, x)),
		    form(p, "setq", 2, var, form(p, "if", 3, var, form(p, f, 2, var, g), g)));
}

static value
leave(struct loop *p, value v)
{
	return form(p, "return-from", 2, p->name, v);
}

static value clause(struct loop *p);

static value
clauses(struct loop *p)
{
	struct list f = {NIL, NIL};

	do
		add(p, &f, clause(p));
	while (accept(p, "and"));
	return cons(p->l, p->l->s_progn, f.head);
}

static value
conditional(struct loop *p, bool negated)
{
	value test = take(p), it = p->it, then, otherwise, g = gensym(p->l, "it"), v;
	bool used = p->it_used;

	p->it = g;
	p->it_used = false;
	then = clauses(p);
	otherwise = accept(p, "else") ? clauses(p) : NIL;
	accept(p, "end");
	v = p->it_used ? g : test;
	v = negated ? form(p, "if", 3, v, otherwise, then) : form(p, "if", 3, v, then, otherwise);
	if (p->it_used)
		v = form(p, "let", 2, list_of(p->l, p->at, 1, list_of(p->l, p->at, 2, g, test)), v);
	p->it = it;
	p->it_used = used;
	return v;
}

static value
clause(struct loop *p)
{
	value x, g;

	if (accept(p, "do doing"))
		return take_body(p);
	if (accept(p, "collect collecting"))
		return collect(p, "list", false);
	if (accept(p, "append appending"))
		return collect(p, "copy-list", true);
	if (accept(p, "nconc nconcing"))
		return collect(p, NULL, true);
	if (accept(p, "sum summing")) {
		x = take_value(p);
		g = gather(p, GATHER_SUM)->var;
		return form(p, "setq", 2, g, form(p, "+", 2, g, x));
	}
	if (accept(p, "count counting")) {
		x = take_value(p);
		g = gather(p, GATHER_SUM)->var;
		return form(p, "if", 2, x, form(p, "setq", 2, g, form(p, "1+", 1, g)));
	}
	if (accept(p, "maximize maximizing"))
		return extreme(p, "max");
	if (accept(p, "minimize minimizing"))
		return extreme(p, "min");
	if (accept(p, "return"))
		return leave(p, take_value(p));
	if (accept(p, "when if"))
		return conditional(p, false);
	if (accept(p, "unless"))
		return conditional(p, true);
	if (accept(p, "while"))
		return end_when(p, form(p, "not", 1, take(p)));
	if (accept(p, "until"))
		return end_when(p, take(p));
	if (at_word(p, "always never")) {
		bool always = accept(p, "always");

		if (!always)
			take(p);
		p->has_result = true;
		x = take(p);
		return form(p, "if", 2, always ? form(p, "not", 1, x) : x, leave(p, NIL));
	}
	if (accept(p, "thereis")) {
		g = gensym(p->l, "x");
		return form(p, "let", 2,
			    list_of(p->l, p->at, 1, list_of(p->l, p->at, 2, g, take(p))),
			    form(p, "if", 2, g, leave(p, g)));
	}
	comp_error(p->c, p->at, "no clause of `loop` starts with %s", is_cons(p->forms) &&
		   is_symbol(car(p->forms)) ? arena_strndup(p->c->a,
							    as_symbol(car(p->forms))->name.p,
							    as_symbol(car(p->forms))->name.n) :
		   "that");
}

/* ---- the whole -------------------------------------------------------------------------- */

static void
read_clauses(struct loop *p)
{
	while (is_cons(p->forms)) {
		if (accept(p, "named")) {
			p->name = take(p);
		} else if (accept(p, "for as")) {
			/* What stands in front of a later for is done before it steps. */
			for (value v = p->body.head; is_cons(v); v = cdr(v))
				add(p, &p->pre, car(v));
			p->body = (struct list){NIL, NIL};
			for_clauses(p);
		} else if (accept(p, "with")) {
			with_clauses(p);
		} else if (accept(p, "repeat")) {
			value n = temp(p, take(p));

			add(p, &p->pre, end_when(p, form(p, "<=", 2, n, make_fixnum(0))));
			add(p, &p->pre, form(p, "setq", 2, n, form(p, "1-", 1, n)));
		} else if (accept(p, "initially")) {
			accept(p, "do doing");
			add(p, &p->initially, take_body(p));
		} else if (accept(p, "finally")) {
			if (accept(p, "return")) {
				add(p, &p->finally, leave(p, take(p)));
			} else {
				accept(p, "do doing");
				add(p, &p->finally, take_body(p));
			}
		} else {
			add(p, &p->body, clause(p));
		}
	}
}

static void
join(struct loop *p, struct list *to, value from)
{
	for (; is_cons(from); from = cdr(from))
		add(p, to, car(from));
}

/* (loop body...) without words: for ever. */
static value
simple_loop(struct loop *p)
{
	value top = gensym(p->l, "top"), tags = p->forms;
	struct list f = {NIL, NIL};

	add(p, &f, p->l->s_tagbody);
	add(p, &f, top);
	add(p, &f, cons(p->l, p->l->s_progn, tags));
	add(p, &f, form(p, "go", 1, top));
	return form(p, "block", 2, NIL, f.head);
}

value
m_loop(struct compiler *c, value whole, span at)
{
	struct loop p = {.c = c, .l = c->l, .at = at, .forms = cdr(whole), .name = NIL,
			 .value = NIL, .it = NIL, .assigns = {NIL, NIL}};
	struct list *lists[] = {&p.bindings, &p.pre, &p.body, &p.post, &p.initially, &p.finally};
	struct list tags = {NIL, NIL};
	value top = make_symbol(c->l, STR("%loop-top"));

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		*lists[i] = (struct list){NIL, NIL};
	if (p.forms == NIL || is_cons(car(p.forms)))
		return simple_loop(&p);
	read_clauses(&p);
	add(&p, &tags, c->l->s_tagbody);
	join(&p, &tags, p.initially.head);
	add(&p, &tags, top);
	join(&p, &tags, p.pre.head);
	join(&p, &tags, p.body.head);
	join(&p, &tags, p.post.head);
	add(&p, &tags, form(&p, "go", 1, top));
	add(&p, &tags, make_symbol(c->l, STR("%loop-end")));
	join(&p, &tags, p.finally.head);
	return form(&p, "block", 2, p.name,
		    form(&p, "let*", 3, p.bindings.head, tags.head,
			 p.has_result ? T : p.value));
}

/* SPDX-License-Identifier: MIT */
/* analyse.c: names, calls, atoms and backquote; special forms are in forms.c. */
#include "lang/compiler.h"

enum { MAX_NESTING = 3000 };

/* ---- errors ------------------------------------------------------------------------- */

void
comp_fail(struct compiler *c)
{
	longjmp(c->fail, 1);
}

void
comp_error(struct compiler *c, span at, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = arena_vprintf(c->a, fmt, ap);
	va_end(ap);
	lisp_raise(c->l, c->l->s_program_error, at, "%s", text);
	longjmp(c->fail, 1);
}

/* ---- nodes and environments --------------------------------------------------------- */

struct node *
node_new(struct compiler *c, enum node_kind kind, span at, uint32_t nkids)
{
	struct node *n = arena_new(c->a, struct node);

	n->kind = kind;
	n->at = at;
	n->nkids = nkids;
	if (nkids)
		n->kids = arena_array(c->a, struct node *, nkids);
	return n;
}

static void
mark_quoted(value v, int depth)
{
	for (; is_cons(v) && !(as_cons(v)->header & FLAG_QUOTED); v = cdr(v)) {
		as_cons(v)->header |= FLAG_QUOTED;
		if (depth < MAX_NESTING)
			mark_quoted(car(v), depth + 1);
	}
}

struct node *
node_const(struct compiler *c, value v, span at)
{
	struct node *n = node_new(c, N_CONST, at, 0);

	mark_quoted(v, 0);
	n->v = v;
	return n;
}

struct node *
node_callg(struct compiler *c, const char *name, span at, uint32_t nargs)
{
	struct node *n = node_new(c, N_CALLG, at, nargs);

	n->v = symbol_intern(c->l, str_of(name), false);
	return n;
}

struct var *
var_new(struct compiler *c, value name)
{
	struct var *v = arena_new(c->a, struct var);

	v->sym = name;
	v->owner = c->fn;
	v->special = is_special(name);
	return v;
}

bool
is_special(value sym)
{
	return is_symbol(sym) && sym != NIL && sym != T &&
	       (as_symbol(sym)->header & FLAG_BOUND);
}

struct env *
env_push(struct compiler *c, enum env_kind kind, value name)
{
	struct env *e = arena_new(c->a, struct env);

	e->up = c->env;
	e->kind = kind;
	e->name = name;
	c->env = e;
	return e;
}

void
env_variable(struct compiler *c, struct var *v)
{
	env_push(c, ENV_VAR, v->sym)->var = v->special ? NULL : v;
}

/* Symbol macros share the name space of variables, macros that of functions. */
struct env *
env_find(struct compiler *c, value name, enum env_kind kind)
{
	for (struct env *e = c->env; e; e = e->up) {
		if (e->name != name)
			continue;
		if (e->kind == kind || (kind == ENV_VAR && e->kind == ENV_SYMBOL_MACRO) ||
		    (kind == ENV_FUNCTION && e->kind == ENV_MACRO))
			return e;
	}
	return NULL;
}

value
env_macros(struct compiler *c)
{
	value list = NIL, last = NIL;

	for (struct env *e = c->env; e; e = e->up) {
		value entry;

		if (e->kind != ENV_MACRO && e->kind != ENV_FUNCTION)
			continue;
		/* A local function hides a macro: its expander is nil. */
		entry = cons(c->l, cons(c->l, e->name, e->kind == ENV_MACRO ? e->v : NIL), NIL);
		if (last == NIL)
			list = entry;
		else
			as_cons(last)->cdr = entry;
		last = entry;
	}
	return list;
}

/* A variable of the current function or one around it; then every function between
 * captures it. */
static void
capture(struct compiler *c, struct var *v)
{
	if (v->owner == c->fn)
		return;
	v->captured = true;
	for (struct func *f = c->fn; f != v->owner; f = f->parent) {
		bool known = false;

		for (uint32_t i = 0; i < f->caps.n && !known; i++)
			known = f->caps.at[i] == v;
		if (!known)
			vec_push(c->a, &f->caps, v);
	}
}

struct node *
local_ref(struct compiler *c, struct var *v, span at)
{
	struct node *n = node_new(c, N_LOCAL, at, 0);

	capture(c, v);
	n->var = v;
	return n;
}

/* ---- atoms -------------------------------------------------------------------------- */

static struct node *
analyse_symbol(struct compiler *c, value sym, span at)
{
	struct env *e;
	struct node *n;
	struct symbol *s = as_symbol(sym);

	if (sym == NIL || sym == T || s->keyword)
		return node_const(c, sym, at);
	e = env_find(c, sym, ENV_VAR);
	if (e && e->kind == ENV_SYMBOL_MACRO)
		return analyse(c, e->v, at);
	if (e && e->var)
		return local_ref(c, e->var, at);
	prelude_require(c->l, s);
	if ((s->header & FLAG_CONST) && !is_cons(s->global))
		return node_const(c, s->global, at);
	if (s->header & FLAG_MACRO)
		return analyse(c, lisp_get_property(c->l, sym, c->l->s_symbol_macro), at);
	n = node_new(c, N_GLOBAL, at, 0);
	n->v = sym;
	return n;
}

/* ---- calls -------------------------------------------------------------------------- */

static const struct prim {
	const char *name;
	enum op op;
	uint32_t nargs;
} prims[] = {
	{"car", OP_CAR, 1}, {"cdr", OP_CDR, 1}, {"cons", OP_CONS, 2}, {"not", OP_NOT, 1},
	{"null", OP_NOT, 1}, {"first", OP_CAR, 1}, {"rest", OP_CDR, 1}, {"eq", OP_EQ, 2},
	{"eql", OP_JEQL, 2}, {"+", OP_ADD, 2}, {"-", OP_SUB, 2}, {"*", OP_MUL, 2},
	{"aref", OP_AREF, 2}, {"svref", OP_AREF, 2}, {"elt", OP_COUNT, 2},
	{"mod", OP_MOD, 2}, {"ash", OP_ASH, 2}, {"logand", OP_LOGAND, 2},
	{"logior", OP_LOGIOR, 2}, {"logxor", OP_LOGXOR, 2}, {"gethash", OP_GETHASH, 2},
	{"gethash", OP_GETHASH, 3}, {"(setf gethash)", OP_PUTHASH, 3},
	{"(setf gethash)", OP_PUTHASH, 4},
	{"<", OP_JLT, 2}, {">", OP_JGT, 2}, {"<=", OP_JLE, 2}, {">=", OP_JGE, 2},
	{"=", OP_JNUMEQ, 2}, {"/=", OP_JNUMNE, 2}, {"1+", OP_ADDI, 1}, {"1-", OP_ADDI, 1},
	{"consp", OP_JCONS, 1}, {"atom", OP_JNCONS, 1},
};

/* The primitive a builtin stands for when called with n arguments. */
static const struct prim *
find_prim(const struct symbol *s, uint32_t n)
{
	if (!is_object(s->function, OBJ_BUILTIN) || s->name.n > 14)
		return NULL;
	for (size_t i = 0; i < sizeof prims / sizeof *prims; i++)
		if (prims[i].nargs == n && prims[i].op != OP_COUNT && str_is(s->name, prims[i].name))
			return &prims[i];
	return NULL;
}

static struct node *
prim_node(struct compiler *c, enum op op, struct node *a, struct node *b, span at)
{
	struct node *n = node_new(c, N_PRIM, at, b ? 2 : 1);

	n->op = (uint16_t)op;
	n->kids[0] = a;
	if (b)
		n->kids[1] = b;
	return n;
}

static struct node *
analyse_prim(struct compiler *c, const struct prim *p, value form, span at)
{
	struct node *a = analyse_car(c, cdr(form), at), *b = NULL;

	if (p->nargs > 2) {
		struct node *n = node_new(c, N_PRIM, at, p->nargs);

		n->op = (uint16_t)p->op;
		n->kids[0] = a;
		form = cdr(cdr(form));
		for (uint32_t i = 1; i < p->nargs; i++, form = cdr(form))
			n->kids[i] = analyse_car(c, form, at);
		return n;
	}
	if (p->nargs == 2)
		b = analyse_car(c, cdr(cdr(form)), at);
	if (p->op == OP_ADDI)
		return prim_node(c, OP_ADD, a,
				 node_const(c, make_fixnum(p->name[1] == '+' ? 1 : -1), at), at);
	return prim_node(c, p->op, a, b, at);
}

/* (+ a b c ...) and (* ...) as nested pairs, (+) and (+ a) left to the builtin. */
static struct node *
analyse_fold(struct compiler *c, enum op op, value form, span at)
{
	value rest = cdr(form);
	struct node *n = analyse_car(c, rest, at);

	for (rest = cdr(rest); is_cons(rest); rest = cdr(rest))
		n = prim_node(c, op, n, analyse_car(c, rest, at), at);
	return n;
}

static void
analyse_args(struct compiler *c, struct node *n, uint32_t first, value args, span at)
{
	for (uint32_t i = first; i < n->nkids; i++, args = cdr(args))
		n->kids[i] = analyse_car(c, args, at);
}

static struct node *
call_global(struct compiler *c, value head, value form, uint32_t nargs, span at)
{
	const struct prim *p = find_prim(as_symbol(head), nargs);
	struct node *n;

	if (p)
		return analyse_prim(c, p, form, at);
	if (nargs > 2 && (p = find_prim(as_symbol(head), 2)) != NULL &&
	    (p->op == OP_ADD || p->op == OP_SUB || p->op == OP_MUL ||
	     p->op == OP_LOGAND || p->op == OP_LOGIOR || p->op == OP_LOGXOR))
		return analyse_fold(c, p->op, form, at);
	prelude_require(c->l, as_symbol(head));
	if (as_symbol(head)->macro != UNBOUND)	/* the prelude had a macro */
		return analyse(c, form, at);
	n = node_new(c, N_CALLG, at, nargs);
	n->v = head;
	analyse_args(c, n, 0, cdr(form), at);
	return n;
}

static struct node *
call_local(struct compiler *c, struct node *fn, value args, uint32_t nargs, span at)
{
	struct node *n = node_new(c, N_CALL, at, nargs + 1);

	n->kids[0] = fn;
	analyse_args(c, n, 1, args, at);
	return n;
}

static struct node *
host_form(struct compiler *c, value builtin, value form, span at)
{
	struct node *n = node_new(c, N_HOST, at, 0);

	n->v = cons(c->l, builtin, form);
	return n;
}

static void
check_arity(struct compiler *c, const struct form_row *r, int n, span at)
{
	if (n < r->min)
		comp_error(c, at, "`%s` needs at least %d argument%s, here %s %d", r->name, r->min,
			   r->min == 1 ? "" : "s", n == 1 ? "is" : "are", n);
	if (r->max >= 0 && n > r->max)
		comp_error(c, at, "`%s` takes at most %d argument%s, here are %d", r->name, r->max,
			   r->max == 1 ? "" : "s", n);
}

static struct node *
expand_global(struct compiler *c, value expander, value form, span at)
{
	value out;

	if (!expand_with(c->l, expander, form, env_macros(c), at, &out))
		comp_fail(c);
	return analyse(c, out, at);
}

static struct node *
analyse_form(struct compiler *c, value form, span at)
{
	value head = car(form);
	int nargs = list_length(form) - 1;
	const struct form_row *row;
	struct symbol *s;
	struct env *e;

	if (nargs < 0)
		comp_error(c, at, "a form must be a proper list");
	if (is_cons(head) && car(head) == c->l->s_lambda)
		return call_local(c, analyse(c, head, car_span(form)), cdr(form),
				  (uint32_t)nargs, at);
	if (!is_symbol(head) || is_keyword(head) || head == T || head == NIL) {
		str text = lisp_print(c->l, c->a, head, true);

		comp_error(c, car_span(form), "%.*s cannot be called",
			   text.n > 60 ? 60 : (int)text.n, text.p);
	}
	s = as_symbol(head);
	e = env_find(c, head, ENV_FUNCTION);
	if (e && e->kind == ENV_MACRO)
		return expand_global(c, e->v, form, at);
	if (e)
		return call_local(c, local_ref(c, e->var, at), cdr(form), (uint32_t)nargs, at);
	if (s->macro == UNBOUND && !s->uform && s->function == UNBOUND)
		prelude_require(c->l, s);
	if (is_object(s->macro, OBJ_BUILTIN))
		return host_form(c, s->macro, form, at);
	if (s->macro != UNBOUND)
		return expand_global(c, s->macro, form, at);
	row = form_row(s->uform);
	if (row) {
		check_arity(c, row, nargs, at);
		if (row->form)
			return row->form(c, form, at);
		return analyse(c, row->macro(c, form, at), at);
	}
	return call_global(c, head, form, (uint32_t)nargs, at);
}

struct node *
analyse(struct compiler *c, value form, span at)
{
	struct node *n;

	if (is_symbol(form))
		return analyse_symbol(c, form, at);
	if (!is_cons(form))
		return node_const(c, form, at);
	if (form_span(form))
		at = form_span(form);
	if (++c->depth > MAX_NESTING)
		comp_error(c, at, "forms nested too deeply");
	n = analyse_form(c, form, at);
	c->depth--;
	return n;
}

struct node *
analyse_car(struct compiler *c, value cell, span at)
{
	span s = car_span(cell);

	return analyse(c, car(cell), s ? s : at);
}

struct node *
analyse_body(struct compiler *c, value forms, span at)
{
	int n = list_length(forms);
	struct node *p;

	if (n < 0)
		comp_error(c, at, "a body must be a proper list");
	if (n == 0)
		return node_const(c, NIL, at);
	if (n == 1)
		return analyse_car(c, forms, at);
	p = node_new(c, N_PROGN, at, (uint32_t)n);
	for (int i = 0; i < n; i++, forms = cdr(forms))
		p->kids[i] = analyse_car(c, forms, at);
	return p;
}

/* (declare (special x)) makes x dynamic from here on; other declarations mean nothing. */
value
skip_declarations(struct compiler *c, value body, bool doc)
{
	for (; is_cons(body); body = cdr(body)) {
		value f = car(body);

		if (doc && is_string(f) && is_cons(cdr(body))) {
			doc = false;
			continue;
		}
		if (!is_cons(f) || car(f) != c->l->s_declare)
			break;
		for (value d = cdr(f); is_cons(d); d = cdr(d))
			for (value v = cdr(car(d)); car(car(d)) == c->l->s_special &&
			     is_cons(v); v = cdr(v))
				env_push(c, ENV_VAR, car(v));
	}
	return body;
}

/* ---- backquote ---------------------------------------------------------------------- */

static bool
has_unquote(struct compiler *c, value v, int depth, int nest)
{
	if (nest > MAX_NESTING)
		return true;
	for (; is_cons(v); v = cdr(v)) {
		value head = car(v);

		if (head == c->l->s_unquote || head == c->l->s_unquote_splicing) {
			if (depth == 1)
				return true;
			return has_unquote(c, cdr(v), depth - 1, nest + 1);
		}
		if (head == c->l->s_quasiquote)
			return has_unquote(c, cdr(v), depth + 1, nest + 1);
		if (has_unquote(c, head, depth, nest + 1))
			return true;
	}
	if (is_vector(v))
		for (uint32_t i = 0; i < as_vec(v)->n; i++)
			if (has_unquote(c, as_vec(v)->at[i], depth, nest + 1))
				return true;
	return false;
}

static struct node *
template_vector(struct compiler *c, value v, int depth, span at)
{
	struct node *n = node_new(c, N_APPLY, at, 2);
	value list = NIL;

	for (uint32_t i = as_vec(v)->n; i-- > 0; )
		list = cons(c->l, as_vec(v)->at[i], list);
	n->kids[0] = node_new(c, N_FUNCTION, at, 0);
	n->kids[0]->v = symbol_intern(c->l, STR("vector"), false);
	n->kids[1] = node_template(c, list, depth, at);
	return n;
}

/* A list whose elements are templates; (unquote x) as its tail is x spliced in at the end. */
static struct node *
template_list(struct compiler *c, value form, int depth, span at)
{
	struct lisp *l = c->l;
	uint32_t n = 0;
	struct node *t;
	value v;

	for (v = form; is_cons(v) && !(v != form && (car(v) == l->s_unquote ||
						      car(v) == l->s_quasiquote)); v = cdr(v))
		n++;
	t = node_new(c, N_TEMPLATE, at, n + 1);
	t->splice = arena_array(c->a, bool, n + 1);
	t->spans = arena_array(c->a, span, n + 1);
	v = form;
	for (uint32_t i = 0; i < n; i++, v = cdr(v)) {
		value e = car(v);
		int d = depth;

		t->spans[i] = form_span(v);
		at = car_span(v) ? car_span(v) : at;
		if (is_cons(e) && car(e) == l->s_unquote_splicing) {
			if (depth == 1) {
				t->splice[i] = true;
				t->kids[i] = analyse_car(c, cdr(e), at);
				continue;
			}
			d--;
			t->kids[i] = template_list(c, e, d, at);
			continue;
		}
		t->kids[i] = node_template(c, e, d, at);
	}
	if (v != NIL)
		t->kids[n] = node_template(c, v, depth, at);
	return t;
}

struct node *
node_template(struct compiler *c, value form, int depth, span at)
{
	value head = car(form);

	if (++c->depth > MAX_NESTING)
		comp_error(c, at, "forms nested too deeply");
	at = form_span(form) ? form_span(form) : at;
	c->depth--;
	if (!has_unquote(c, form, depth, 0))
		return node_const(c, form, at);
	if (is_vector(form))
		return template_vector(c, form, depth, at);
	if (head == c->l->s_unquote) {
		if (depth == 1)
			return analyse_car(c, cdr(form), at);
		return template_list(c, form, depth - 1, at);
	}
	if (head == c->l->s_quasiquote)
		return template_list(c, form, depth + 1, at);
	if (head == c->l->s_unquote_splicing && depth == 1)
		comp_error(c, at, ",@ must stand inside a list");
	return template_list(c, form, depth, at);
}

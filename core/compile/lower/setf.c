/* SPDX-License-Identifier: MIT */
/* setf.c: places of the program's own: (defsetf NAME ...), (define-setf-expander NAME
 * ...), and (defn (setf NAME) (value argument...) ...). Assigning to one becomes
 *
 *     (let* ((argument form)...) (let ((new value)) store))
 *
 * which is lowered like any other form, so the place's subforms are evaluated once. */
#include "compile/lower/lower.h"

static value
list2(struct cg *c, value a, value b, span at)
{
	return cons_at(c->l, a, cons_at(c->l, b, NIL, at), at);
}

static value
word(struct cg *c, const char *name)
{
	return make_symbol(c->l, str_of(name));
}

/* Five values for a place whose setter is a function of the program's own. */
static value
function_place(struct cg *c, value place, value setter, span at)
{
	value vars = NIL, vals = cdr(place), new = gensym(c->l, "new"), rest = NIL;
	value read, five;

	for (value v = vals; is_cons(v); v = cdr(v))
		vars = cons_at(c->l, gensym(c->l, "a"), vars, at);
	for (value v = vars; is_cons(v); v = cdr(v))
		rest = cons_at(c->l, car(v), rest, at);
	read = cons_at(c->l, car(place), rest, at);
	five = list2(c, cons_at(c->l, setter, cons_at(c->l, new, rest, at), at), read, at);
	five = cons_at(c->l, cons_at(c->l, new, NIL, at), five, at);
	return cons_at(c->l, rest, cons_at(c->l, vals, five, at), at);
}

bool
cg_user_place(struct cg *c, value place, span at, value *five)
{
	const struct ksym *k;
	value setter;

	*five = NIL;
	if (!is_cons(place) || !is_symbol(car(place)))
		return true;
	setter = lisp_setf_name(c->l, car(place));
	k = kenv_peek(c->k, as_symbol(setter));
	if (k && k->fn == KF_DEFN) {
		*five = function_place(c, place, setter, at);
		return true;
	}
	return lisp_setf_expansion(c->l, place, c->env, five, c->ds);
}

/* (let* ((var val)...) (let ((new v)) store)) */
static struct kval
lower_store(struct cg *c, value five, value v, span at)
{
	value bindings = NIL, vars = car(five), vals = nth(five, 1), new = car(nth(five, 2)), form;
	VEC(value) pairs = {0};

	for (; is_cons(vars); vars = cdr(vars), vals = cdr(vals))
		vec_push(c->a, &pairs, list2(c, car(vars), car(vals), at));
	for (uint32_t i = pairs.n; i-- > 0;)
		bindings = cons_at(c->l, pairs.at[i], bindings, at);
	form = cons_at(c->l, list2(c, new, v, at), NIL, at);
	form = cons_at(c->l, word(c, "let"), list2(c, form, nth(five, 3), at), at);
	form = cons_at(c->l, word(c, "let*"), list2(c, bindings, form, at), at);
	return lower_at(c, form, at);
}

struct kval
cg_set_user_place(struct cg *c, value five, value v, span at)
{
	return lower_store(c, five, v, at);
}

/* The place read, and `delta` (1 when null) added or taken away. */
struct kval
cg_add_user_place(struct cg *c, value five, value delta, bool negate, span at)
{
	value sum = list2(c, nth(five, 4), delta, at);

	return lower_store(c, five, cons_at(c->l, word(c, negate ? "-" : "+"), sum, at), at);
}

/* SPDX-License-Identifier: MIT */
/* setf.c: places. A place is split into temporaries for its subforms, a form that reads it
 * and a way to store; setf, incf, push and pop are written over that, so each subform is
 * evaluated once. Stores call the function named (setf NAME), which builtins, defsetf and
 * (defun (setf name) ...) all define. */
#include "lang/compiler.h"

#include <stdio.h>

#define ARG1(form) car(cdr(form))
#define ARG2(form) car(cdr(cdr(form)))
#define ARG3(form) car(cdr(cdr(cdr(form))))

/* A place taken apart. */
struct place_parts {
	value bindings;		/* of let* */
	value read;		/* form */
	value store_var;	/* stands for the new value in `store` */
	value store;		/* form */
};

/* The symbol that names the setter of `name`. */
value
lisp_setf_name(struct lisp *l, value name)
{
	char text[300];
	str s = is_symbol(name) ? as_symbol(name)->name : STR("?");
	int n = snprintf(text, sizeof text, "(setf %.*s)", STR_ARG(s));

	return symbol_intern(l, (str){text, (size_t)n < sizeof text ? (size_t)n :
				      sizeof text - 1}, false);
}

static value
form_of(struct compiler *c, value head, value rest, span at)
{
	value v = cons_at(c->l, head, rest, at);

	as_cons(v)->header |= FLAG_PLAIN;
	return v;
}

static bool
is_simple(struct compiler *c, value v)
{
	return (!is_cons(v) && !(is_symbol(v) && env_find(c, v, ENV_VAR) &&
				 env_find(c, v, ENV_VAR)->kind == ENV_SYMBOL_MACRO)) ||
	       car(v) == c->l->s_quote || car(v) == c->l->s_function;
}

/* A temporary for a subform, unless evaluating it again costs and does nothing. */
static value
temporary(struct compiler *c, struct place_parts *p, value form, span at)
{
	value g;

	if (is_simple(c, form))
		return form;
	g = gensym(c->l, "t");
	p->bindings = cons(c->l, FORM2(g, form), p->bindings);
	return g;
}

static value
reversed(struct lisp *l, value list)
{
	value r = NIL;

	for (; is_cons(list); list = cdr(list))
		r = cons(l, car(list), r);
	return r;
}

static void split(struct compiler *c, value place, struct place_parts *p, span at);

/* (getf place key [default]): stores into the inner place. */
static void
split_getf(struct compiler *c, value place, struct place_parts *p, span at)
{
	struct lisp *l = c->l;
	struct place_parts inner = {.bindings = p->bindings};
	value key, list = gensym(l, "plist");

	split(c, ARG1(place), &inner, at);
	p->bindings = inner.bindings;
	key = temporary(c, p, ARG2(place), at);
	p->bindings = cons(l, FORM2(list, inner.read), p->bindings);
	p->read = FORM4(car(place), list, key, ARG3(place));
	p->store = FORM3(l->s_progn,
			 form_of(c, l->s_let, FORM3(list_of(l, at, 1, FORM2(inner.store_var,
				 FORM4(symbol_intern(l, STR("%put-property"), false), list, key,
				       p->store_var))), inner.store, NIL), at), p->store_var);
}

/* Five values of an expander made by define-setf-expander. */
static bool
split_expander(struct compiler *c, value place, value fn, struct place_parts *p, span at)
{
	struct lisp *l = c->l;
	value out, vars, vals;

	if (!expand_with(l, fn, place, env_macros(c), at, &out))
		comp_fail(c);
	/* The expander returns its five values as a list. */
	vars = car(out);
	vals = ARG1(out);
	for (; is_cons(vars); vars = cdr(vars), vals = cdr(vals))
		p->bindings = cons(l, FORM2(car(vars), car(vals)), p->bindings);
	p->store_var = car(ARG2(out));
	p->store = ARG3(out);
	p->read = car(cdr(cdr(cdr(cdr(out)))));
	return true;
}

static void
split_call(struct compiler *c, value place, struct place_parts *p, span at)
{
	struct lisp *l = c->l;
	value head = car(place), args = NIL, setter = lisp_setf_name(l, head), last;
	struct symbol *s = as_symbol(setter);
	struct env *e = env_find(c, setter, ENV_FUNCTION);

	for (value v = cdr(place); is_cons(v); v = cdr(v))
		args = cons(l, temporary(c, p, car(v), car_span(v) ? car_span(v) : at), args);
	args = reversed(l, args);
	p->read = form_of(c, head, args, at);
	prelude_demand(l, s);
	last = lisp_get_property(l, setter, l->s_setf_expander);
	if (last != NIL) {		/* defsetf: (update args... value) */
		value tail = list_of(l, at, 1, p->store_var);

		for (value v = reversed(l, args); is_cons(v); v = cdr(v))
			tail = cons(l, car(v), tail);
		p->store = form_of(c, last, tail, at);
		return;
	}
	if (s->function == UNBOUND && !e)
		comp_error(c, at, "(%.*s ...) is not a place that can be set",
			   STR_ARG(as_symbol(head)->name));
	p->store = form_of(c, setter, form_of(c, p->store_var, args, at), at);
}

static void
split(struct compiler *c, value place, struct place_parts *p, span at)
{
	struct lisp *l = c->l;
	value head = car(place), out, fn;
	bool expanded;

	if (form_span(place))
		at = form_span(place);
	p->store_var = gensym(l, "new");
	if (is_symbol(place)) {
		struct env *e = env_find(c, place, ENV_VAR);

		if (place == NIL || place == T || is_keyword(place))
			comp_error(c, at, "`%.*s` is not a place that can be set",
				   STR_ARG(as_symbol(place)->name));
		if (e && e->kind == ENV_SYMBOL_MACRO) {
			split(c, e->v, p, at);
			return;
		}
		if (!e && as_symbol(place)->header & FLAG_MACRO) {
			split(c, lisp_get_property(l, place, l->s_symbol_macro), p, at);
			return;
		}
		p->read = place;
		p->store = FORM3(l->s_setq, place, p->store_var);
		return;
	}
	if (!is_cons(place) || !is_symbol(head))
		comp_error(c, at, "this is not a place that can be set");
	prelude_require(l, as_symbol(head));
	prelude_demand(l, as_symbol(lisp_setf_name(l, head)));
	fn = lisp_get_property(l, head, l->s_setf_expander);
	if (fn != NIL && split_expander(c, place, fn, p, at))
		return;
	if (str_is(as_symbol(head)->name, "getf")) {
		split_getf(c, place, p, at);
		return;
	}
	if (str_is(as_symbol(head)->name, "the")) {
		split(c, ARG2(place), p, at);
		return;
	}
	if (as_symbol(lisp_setf_name(l, head))->function == UNBOUND) {
		if (!expand_macro(l, place, env_macros(c), at, &out, &expanded))
			comp_fail(c);
		if (expanded) {
			split(c, out, p, at);
			return;
		}
	}
	split_call(c, place, p, at);
}

/* (let* bindings (let ((store-var v)) store)) */
static value
store_form(struct compiler *c, struct place_parts *p, value v, span at)
{
	struct lisp *l = c->l;
	value body;

	body = FORM3(l->s_let, list_of(l, at, 1, FORM2(p->store_var, v)), p->store);
	if (car(p->store) == l->s_setq && ARG2(p->store) == p->store_var)
		body = FORM3(l->s_setq, ARG1(p->store), v);
	if (p->bindings == NIL)
		return body;
	return FORM3(l->s_let_star, reversed(l, p->bindings), body);
}

value
setf_expand(struct compiler *c, value place, value v, span at)
{
	struct place_parts p = {.bindings = NIL};

	split(c, place, &p, at);
	return store_form(c, &p, v, at);
}

/* (setf (values place...) form) */
static value
setf_values(struct compiler *c, value places, value form, span at)
{
	struct lisp *l = c->l;
	value names = NIL, sets = NIL;

	for (value p = places; is_cons(p); p = cdr(p)) {
		value g = gensym(l, "v");

		names = cons(l, g, names);
		sets = cons(l, FORM3(l->s_setf, car(p), g), sets);
	}
	sets = cons(l, form_of(c, symbol_intern(l, STR("values"), false),
			       reversed(l, names), at), sets);
	return form_of(c, symbol_intern(l, STR("multiple-value-bind"), false),
		       form_of(c, reversed(l, names),
			       form_of(c, form, reversed(l, sets), at), at), at);
}

/* (setf place value ...) */
value
m_setf(struct compiler *c, value form, span at)
{
	struct lisp *l = c->l;
	int n = list_length(cdr(form));
	value sets = NIL;

	if (n & 1)
		comp_error(c, at, "`setf` needs a value for every place");
	for (value v = cdr(form); is_cons(v); v = cdr(cdr(v))) {
		value place = car(v), one;
		span s = car_span(v) ? car_span(v) : at;

		if (car(place) == symbol_intern(l, STR("values"), false))
			one = setf_values(c, cdr(place), ARG1(v), s);
		else
			one = setf_expand(c, place, ARG1(v), n == 2 ? at : s);
		if (n == 2)
			return one;
		sets = cons(l, one, sets);
	}
	return form_of(c, l->s_progn, reversed(l, sets), at);
}

/* (incf place [delta]), (decf place [delta]) */
value
m_incf(struct compiler *c, value form, span at)
{
	struct place_parts p = {.bindings = NIL};
	bool minus = str_is(as_symbol(car(form))->name, "decf");
	value delta = is_cons(cdr(cdr(form))) ? ARG2(form) : make_fixnum(1);

	split(c, ARG1(form), &p, at);
	delta = temporary(c, &p, delta, at);
	return store_form(c, &p, FORM3(symbol_intern(c->l, minus ? STR("-") : STR("+"), false),
				       p.read, delta), at);
}

/* (push item place) */
value
m_push(struct compiler *c, value form, span at)
{
	struct place_parts p = {.bindings = NIL};
	value item = temporary(c, &p, ARG1(form), at);

	split(c, ARG2(form), &p, at);
	return store_form(c, &p, FORM3(symbol_intern(c->l, STR("cons"), false), item, p.read),
			  at);
}

/* (pop place) */
value
m_pop(struct compiler *c, value form, span at)
{
	struct lisp *l = c->l;
	struct place_parts p = {.bindings = NIL};
	value g = gensym(l, "list"), body;

	split(c, ARG1(form), &p, at);
	p.bindings = cons(l, FORM2(g, p.read), p.bindings);
	body = FORM3(l->s_let, list_of(l, at, 1, FORM2(p.store_var,
			FORM2(symbol_intern(l, STR("cdr"), false), g))), p.store);
	return FORM4(l->s_let_star, reversed(l, p.bindings), body,
		     FORM2(symbol_intern(l, STR("car"), false), g));
}

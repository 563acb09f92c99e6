/* SPDX-License-Identifier: MIT */
/* lambda.c: lambda lists: of functions (checked by the machine at the call), of macros and
 * of destructuring-bind (taken apart by generated code). */
#include "lang/compiler.h"

value
list_of(struct lisp *l, span at, int n, ...)
{
	value items[16], list = NIL;
	va_list ap;

	va_start(ap, n);
	for (int i = 0; i < n; i++)
		items[i] = va_arg(ap, value);
	va_end(ap);
	while (n-- > 0) {
		list = cons_at(l, items[n], list, at);
		as_cons(list)->header |= FLAG_PLAIN;
	}
	return list;
}

/* ---- functions ---------------------------------------------------------------------- */

enum section { S_REQUIRED, S_OPTIONAL, S_REST, S_KEY, S_AUX, S_AFTER };

static bool
lambda_keyword(struct lisp *l, value v, enum section *s)
{
	if (v == l->s_optional)
		*s = S_OPTIONAL;
	else if (v == l->s_rest || v == l->s_body)
		*s = S_REST;
	else if (v == l->s_key)
		*s = S_KEY;
	else if (v == l->s_aux)
		*s = S_AUX;
	else
		return false;
	return true;
}

/* A parameter's variable. A special one arrives in a lexical variable and is bound from it
 * when the body starts: (let ((name temporary)) ...). */
struct specials {
	value bindings;
};

static struct var *
parameter(struct compiler *c, struct specials *sp, value name, span at)
{
	struct var *v;

	if (!is_symbol(name) || name == NIL || name == T || is_keyword(name))
		comp_error(c, at, "a parameter must be a symbol");
	if (is_special(name)) {
		value tmp = gensym(c->l, "p");

		sp->bindings = cons(c->l, FORM2(name, tmp), sp->bindings);
		name = tmp;
	}
	v = var_new(c, name);
	env_variable(c, v);
	return v;
}

static void
optional_parameter(struct compiler *c, struct specials *sp, value cell, bool key, span at)
{
	value spec = car(cell), name = spec, keyword = NIL;
	struct param *p;
	struct param q = {0};

	at = car_span(cell) ? car_span(cell) : at;
	if (is_cons(spec)) {
		name = car(spec);
		if (cdr(spec) != NIL)
			q.init = analyse_car(c, cdr(spec), at);
	}
	if (key && is_cons(name)) {
		keyword = car(name);
		name = car(cdr(name));
	}
	q.var = parameter(c, sp, name, at);
	if (is_cons(spec) && is_cons(cdr(cdr(spec))))
		q.supplied = parameter(c, sp, car(cdr(cdr(spec))), at);
	if (key) {
		q.key = keyword != NIL ? keyword : make_keyword(c->l, as_symbol(name)->name);
		p = vec_add(c->a, &c->fn->key);
	} else {
		p = vec_add(c->a, &c->fn->opt);
	}
	*p = q;
}

/* Reads the parameters into c->fn; returns the &aux bindings as a list for let*. */
static value
parameters(struct compiler *c, struct specials *sp, value params, span at)
{
	enum section s = S_REQUIRED;
	value aux = NIL;

	for (value p = params; p != NIL; p = cdr(p)) {
		value v = is_cons(p) ? car(p) : p;

		if (!is_cons(p))
			comp_error(c, at, "a parameter list must be a proper list");
		if (lambda_keyword(c->l, v, &s)) {
			c->fn->has_keys |= s == S_KEY;
			continue;
		}
		if (v == c->l->s_allow_other_keys) {
			c->fn->allow_other = true;
			continue;
		}
		switch (s) {
		case S_REQUIRED:
			vec_push(c->a, &c->fn->req, parameter(c, sp, v, at));
			break;
		case S_OPTIONAL: case S_KEY:
			optional_parameter(c, sp, p, s == S_KEY, at);
			break;
		case S_REST:
			c->fn->rest = parameter(c, sp, v, at);
			s = S_AFTER;
			break;
		case S_AUX:
			aux = cons(c->l, v, aux);
			break;
		case S_AFTER:
			comp_error(c, at, "only &key or &aux may follow the &rest parameter");
		}
	}
	return aux;
}

static value
reversed(struct lisp *l, value list)
{
	value r = NIL;

	for (; is_cons(list); list = cdr(list))
		r = cons(l, car(list), r);
	return r;
}

struct node *
analyse_lambda(struct compiler *c, value name, value params, value body, span at)
{
	struct func *f = arena_new(c->a, struct func);
	struct specials sp = {NIL};
	struct env *env = c->env;
	struct node *n = node_new(c, N_LAMBDA, at, 0);
	value aux;

	f->parent = c->fn;
	f->name = name;
	f->at = at;
	c->fn = f;
	aux = reversed(c->l, parameters(c, &sp, params, at));
	body = skip_declarations(c, body, true);
	if (sp.bindings != NIL)
		body = list_of(c->l, at, 1, cons(c->l, c->l->s_let,
						 cons(c->l, sp.bindings, body)));
	if (aux != NIL)
		body = list_of(c->l, at, 1, cons(c->l, c->l->s_let_star,
						 cons(c->l, aux, body)));
	f->body = analyse_body(c, body, at);
	c->fn = f->parent;
	c->env = env;
	n->fn = f;
	return n;
}

/* ---- destructuring ------------------------------------------------------------------ */

/* Builds let* bindings, newest first. `who` is quoted for complaints. */
struct pattern {
	struct lisp *l;
	value bindings, who;
	span at;
};

static value
call(struct pattern *p, const char *name, value a, value b, value d)
{
	struct lisp *l = p->l;
	value f = symbol_intern(l, str_of(name), false);

	if (d == UNBOUND)
		return b == UNBOUND ? list_of(l, p->at, 2, f, a) : list_of(l, p->at, 3, f, a, b);
	return list_of(l, p->at, 4, f, a, b, d);
}

static void
bind(struct pattern *p, value var, value init)
{
	p->bindings = cons(p->l, list_of(p->l, p->at, 2, var, init), p->bindings);
}

static void take_apart(struct pattern *p, value pattern, value list);

/* Bind a variable or a nested pattern to the value of a form. */
static void
bind_part(struct pattern *p, value part, value init)
{
	if (is_cons(part)) {
		value tmp = gensym(p->l, "d");

		bind(p, tmp, init);
		take_apart(p, part, tmp);
	} else if (part != NIL) {
		bind(p, part, init);
	} else {
		bind(p, gensym(p->l, "d"), init);
	}
}

static void
optional_part(struct pattern *p, value spec, value list, int i)
{
	struct lisp *l = p->l;
	value var = is_cons(spec) ? car(spec) : spec;
	value init = is_cons(spec) ? car(cdr(spec)) : NIL;
	value rest = call(p, "nthcdr", make_fixnum(i), list, UNBOUND);

	bind_part(p, var, list_of(l, p->at, 4, l->s_if_, rest,
				  call(p, "nth", make_fixnum(i), list, UNBOUND), init));
	if (is_cons(spec) && is_cons(cdr(cdr(spec))))
		bind(p, car(cdr(cdr(spec))),
		     call(p, "not", call(p, "not", rest, UNBOUND, UNBOUND), UNBOUND, UNBOUND));
}

static value
key_part(struct pattern *p, value spec, value rest)
{
	struct lisp *l = p->l;
	value var = is_cons(spec) ? car(spec) : spec, key, tmp = gensym(l, "k");
	value init = is_cons(spec) ? car(cdr(spec)) : NIL;

	if (is_cons(var)) {
		key = car(var);
		var = car(cdr(var));
	} else {
		key = make_keyword(l, is_symbol(var) ? as_symbol(var)->name : STR("?"));
	}
	bind(p, tmp, call(p, "%key-tail", rest, key, UNBOUND));
	bind_part(p, var, list_of(l, p->at, 4, l->s_if_, tmp,
				  call(p, "car", tmp, UNBOUND, UNBOUND), init));
	if (is_cons(spec) && is_cons(cdr(cdr(spec))))
		bind(p, car(cdr(cdr(spec))),
		     call(p, "not", call(p, "not", tmp, UNBOUND, UNBOUND), UNBOUND, UNBOUND));
	return key;
}

static void
take_apart(struct pattern *p, value pattern, value list)
{
	struct lisp *l = p->l;
	enum section s = S_REQUIRED;
	value rest = NIL, keys = NIL, v;
	bool has_rest = false, has_keys = false, allow = false;
	int i = 0;

	if (car(pattern) == l->s_whole) {
		bind(p, car(cdr(pattern)), list);
		pattern = cdr(cdr(pattern));
	}
	for (v = pattern; is_cons(v); v = cdr(v)) {
		value part = car(v);

		if (lambda_keyword(l, part, &s)) {
			if (s == S_KEY) {
				has_keys = true;
				rest = gensym(l, "r");
				bind(p, rest, call(p, "nthcdr", make_fixnum(i), list, UNBOUND));
			}
			continue;
		}
		if (part == l->s_allow_other_keys) {
			allow = true;
		} else if (s == S_REQUIRED) {
			bind_part(p, part, call(p, "%required", list, make_fixnum(i++), p->who));
		} else if (s == S_OPTIONAL) {
			optional_part(p, part, list, i++);
		} else if (s == S_REST) {
			has_rest = true;
			bind_part(p, part, call(p, "nthcdr", make_fixnum(i), list, UNBOUND));
		} else if (s == S_KEY) {
			keys = cons(l, key_part(p, part, rest), keys);
		} else if (s == S_AUX) {
			p->bindings = cons(l, part, p->bindings);
		}
	}
	if (v != NIL)
		bind(p, v, call(p, "nthcdr", make_fixnum(i), list, UNBOUND));
	else if (has_keys && !allow)
		bind(p, gensym(l, "c"), call(p, "%check-keys", rest,
					     list_of(l, p->at, 2, l->s_quote, keys), p->who));
	else if (!has_rest && !has_keys)
		bind(p, gensym(l, "c"), call(p, "%no-more", list, make_fixnum(i), p->who));
}

value
destructure(struct lisp *l, value pattern, value list, value who, value body, span at)
{
	struct pattern p = {.l = l, .bindings = NIL, .at = at};
	value form;

	p.who = list_of(l, at, 2, l->s_quote, who);
	take_apart(&p, pattern, list);
	form = cons_at(l, l->s_let_star, cons(l, reversed(l, p.bindings), body), at);
	as_cons(form)->header |= FLAG_PLAIN;
	return form;
}

/* Takes `&environment v` out of a macro's lambda list. */
static value
without_environment(struct lisp *l, value params, value *env)
{
	value out = NIL;

	for (; is_cons(params); params = cdr(params)) {
		if (car(params) == l->s_environment) {
			params = cdr(params);
			*env = car(params);
			continue;
		}
		out = cons(l, car(params), out);
	}
	out = reversed(l, out);
	if (params != NIL) {		/* dotted */
		value last = out;

		if (out == NIL)
			return params;
		while (is_cons(cdr(last)))
			last = cdr(last);
		as_cons(last)->cdr = params;
	}
	return out;
}

value
macro_lambda(struct lisp *l, value name, value params, value body, span at)
{
	value env = gensym(l, "env"), form = gensym(l, "form"), args = gensym(l, "args");
	value who = cons(l, name, params), inner, whole = NIL;
	span p = at;

	params = without_environment(l, params, &env);
	if (car(params) == l->s_whole) {
		whole = car(cdr(params));
		params = cdr(cdr(params));
	}
	inner = list_of(l, p, 2, l->s_let,
			list_of(l, p, 1, list_of(l, p, 2, args,
				list_of(l, p, 2, symbol_intern(l, STR("cdr"), false), form))));
	as_cons(cdr(inner))->cdr = list_of(l, p, 1, destructure(l, params, args, who, body, at));
	if (whole != NIL)
		inner = list_of(l, p, 3, l->s_let,
				list_of(l, p, 1, list_of(l, p, 2, whole, form)), inner);
	return list_of(l, p, 3, l->s_lambda, list_of(l, p, 2, form, env), inner);
}

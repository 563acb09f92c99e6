/* SPDX-License-Identifier: MIT */
/* macros.c: the macros everything else is written with, as form to form in C; the larger and
 * rarer ones (psetf, defstruct, with-...) are Lisp, in prelude/lisp.lisp. */
#include "lang/compiler.h"

#define ARG1(form) car(cdr(form))
#define ARG2(form) car(cdr(cdr(form)))
#define REST1(form) cdr(cdr(form))
#define REST2(form) cdr(cdr(cdr(form)))

static value
symbol(struct compiler *c, const char *name)
{
	return symbol_intern(c->l, str_of(name), false);
}

/* (head . rest) with the span of the user's form. */
static value
form_of(struct compiler *c, value head, value rest, span at)
{
	value v = cons_at(c->l, head, rest, at);

	as_cons(v)->header |= FLAG_PLAIN;
	return v;
}

value
make_let_form(struct compiler *c, value bindings, value body, span at)
{
	return form_of(c, c->l->s_let, form_of(c, bindings, body, at), at);
}

static value
progn_of(struct compiler *c, value body, span at)
{
	if (is_cons(body) && cdr(body) == NIL)
		return car(body);
	return form_of(c, c->l->s_progn, body, at);
}

/* A copy of list with one more element. */
static value
append1(struct compiler *c, value list, value last)
{
	value tail = cons(c->l, last, NIL), head = tail, end = NIL;

	for (; is_cons(list); list = cdr(list)) {
		value cell = cons(c->l, car(list), tail);

		if (end == NIL)
			head = cell;
		else
			as_cons(end)->cdr = cell;
		end = cell;
	}
	return head;
}

/* (when test body...), (unless test body...) */
value
m_when(struct compiler *c, value form, span at)
{
	value test = ARG1(form);
	value body = REST1(form) == NIL ? NIL : progn_of(c, REST1(form), at);

	if (str_is(as_symbol(car(form))->name, "unless"))
		return FORM4(c->l->s_if_, test, NIL, body);
	return FORM3(c->l->s_if_, test, body);
}

/* (cond (test body...)...) */
value
m_cond(struct compiler *c, value form, span at)
{
	value clause = car(cdr(form)), rest;
	span s;

	if (cdr(form) == NIL)
		return NIL;
	s = form_span(clause) ? form_span(clause) : at;
	if (!is_cons(clause))
		comp_error(c, s, "a clause of `cond` is (test body...)");
	if (car(clause) == T && cdr(clause) != NIL)
		return progn_of(c, cdr(clause), s);
	rest = cdr(cdr(form)) == NIL ? NIL :
	       form_of(c, c->l->s_cond, cdr(cdr(form)), at);
	if (cdr(clause) == NIL)
		return list_of(c->l, s, 3, c->l->s_or, car(clause), rest);
	return list_of(c->l, s, 4, c->l->s_if_, car(clause), progn_of(c, cdr(clause), s), rest);
}

/* The test of one clause of case on the variable g. */
static value
case_test(struct compiler *c, value keys, value g, span at)
{
	struct lisp *l = c->l;
	value test = NIL;

	if (!is_cons(keys))
		return FORM3(l->s_eql, g, FORM2(l->s_quote, keys));
	for (value k = keys; is_cons(k); k = cdr(k))
		test = append1(c, test, FORM3(l->s_eql, g, FORM2(l->s_quote, car(k))));
	return form_of(c, l->s_or, test, at);
}

/* (case key (keys body...)... [(t body...)]), ecase, and typecase with types */
static value
case_of(struct compiler *c, value form, span at, bool types)
{
	struct lisp *l = c->l;
	value g = gensym(l, "key"), clauses = NIL, v = REST1(form), bind;
	bool must = !str_is(as_symbol(car(form))->name, types ? "typecase" : "case");

	for (; is_cons(v); v = cdr(v)) {
		value clause = car(v), keys = car(clause), test;
		span s = form_span(clause) ? form_span(clause) : at;

		if (!is_cons(clause))
			comp_error(c, car_span(v), "a clause is (%s body...)",
				   types ? "type" : "keys");
		if ((keys == T || keys == l->s_otherwise) && cdr(v) == NIL)
			test = T;
		else if (types)
			test = list_of(l, s, 3, l->s_typep, g,
				       list_of(l, s, 2, l->s_quote, keys));
		else
			test = keys == NIL ? NIL : case_test(c, keys, g, s);
		clauses = append1(c, clauses, form_of(c, test, cdr(clause) == NIL ?
					list_of(l, s, 1, NIL) : cdr(clause), s));
	}
	if (must)
		clauses = append1(c, clauses, FORM2(T, FORM3(symbol(c, "%no-case"), g,
				FORM2(l->s_quote, car(form)))));
	bind = list_of(l, at, 1, FORM2(g, ARG1(form)));
	return make_let_form(c, bind, list_of(l, at, 1, form_of(c, l->s_cond, clauses, at)), at);
}

value
m_case(struct compiler *c, value form, span at)
{
	return case_of(c, form, at, false);
}

value
m_typecase(struct compiler *c, value form, span at)
{
	return case_of(c, form, at, true);
}

/* (return [value]) */
value
m_return(struct compiler *c, value form, span at)
{
	return FORM3(c->l->s_return_from, NIL, ARG1(form));
}

/* ---- loops -------------------------------------------------------------------------- */

/* (block nil (let bindings (tagbody (go test) top body... step test (if test (go top)))
 * result)) */
static value
loop_of(struct compiler *c, value let, value bindings, value body, value step, value test,
	value result, span at)
{
	struct lisp *l = c->l;
	value top = gensym(l, "top"), check = gensym(l, "test"), tags, decls = NIL, inner;

	for (; is_cons(body) && car(car(body)) == l->s_declare; body = cdr(body))
		decls = cons(l, car(body), decls);
	tags = cons(l, step, list_of(l, at, 2, check,
				     FORM3(l->s_if_, test, FORM2(l->s_go, top))));
	tags = cons(l, top, cons(l, cons(l, l->s_tagbody, body), tags));
	tags = form_of(c, l->s_tagbody, cons(l, FORM2(l->s_go, check), tags), at);
	inner = list_of(l, at, 2, tags, result);
	for (; is_cons(decls); decls = cdr(decls))
		inner = cons(l, car(decls), inner);
	inner = form_of(c, let, form_of(c, bindings, inner, at), at);
	return FORM3(l->s_block, NIL, inner);
}

/* (dotimes (var count [result]) body...) */
value
m_dotimes(struct compiler *c, value form, span at)
{
	struct lisp *l = c->l;
	value spec = ARG1(form), var = car(spec), n = ARG1(spec), bindings;

	if (!is_cons(spec) || !is_symbol(var) || !is_cons(cdr(spec)))
		comp_error(c, at, "`dotimes` starts with (variable count [result])");
	bindings = list_of(l, at, 1, FORM2(var, make_fixnum(0)));
	if (!is_fixnum(n)) {
		value g = gensym(l, "n");

		bindings = cons(l, FORM2(g, n), bindings);
		n = g;
	}
	return loop_of(c, l->s_let_star, bindings, REST1(form),
		       FORM3(l->s_setq, var, FORM2(symbol(c, "1+"), var)),
		       FORM3(symbol(c, "<"), var, n), ARG2(spec), at);
}

/* (dolist (var list [result]) body...) */
value
m_dolist(struct compiler *c, value form, span at)
{
	struct lisp *l = c->l;
	value spec = ARG1(form), var = car(spec), g = gensym(l, "list"), body, bindings;

	if (!is_cons(spec) || !is_symbol(var) || !is_cons(cdr(spec)))
		comp_error(c, at, "`dolist` starts with (variable list [result])");
	bindings = list_of(l, at, 2, FORM2(g, ARG1(spec)), FORM2(var, NIL));
	body = REST1(form);
	/* declarations, then (setq var (car g)), then the body */
	if (is_cons(body) && car(car(body)) == l->s_declare)
		body = cdr(body);
	body = list_of(l, at, 1, FORM3(l->s_let, NIL, form_of(c, l->s_tagbody, body, at)));
	body = cons(l, FORM3(l->s_setq, var, FORM2(symbol(c, "car"), g)), body);
	return loop_of(c, l->s_let_star, bindings, body,
		       FORM3(l->s_setq, g, FORM2(symbol(c, "cdr"), g)),
		       FORM2(symbol(c, "consp"), g),
		       ARG2(spec) == NIL ? NIL :
		       FORM3(l->s_progn, FORM3(l->s_setq, var, NIL), ARG2(spec)), at);
}

/* (do ((var [init [step]])...) (test result...) body...), do* */
value
m_do(struct compiler *c, value form, span at)
{
	struct lisp *l = c->l;
	bool star = str_is(as_symbol(car(form))->name, "do*");
	value bindings = NIL, steps = NIL, end = ARG2(form), step;

	if (!is_cons(end))
		comp_error(c, at, "`do` needs (end-test result...) second");
	for (value b = ARG1(form); is_cons(b); b = cdr(b)) {
		value v = car(b);

		if (!is_cons(v)) {
			bindings = append1(c, bindings, v);
			continue;
		}
		bindings = append1(c, bindings, FORM2(car(v), ARG1(v)));
		if (is_cons(REST1(v))) {
			steps = append1(c, steps, car(v));
			steps = append1(c, steps, ARG2(v));
		}
	}
	step = form_of(c, star ? l->s_setq : symbol(c, "psetq"), steps, at);
	return loop_of(c, star ? l->s_let_star : l->s_let, bindings, REST2(form), step,
		       FORM2(l->s_not, car(end)), progn_of(c, cdr(end), at), at);
}

/* (psetq name value ...) */
value
m_psetq(struct compiler *c, value form, span at)
{
	struct lisp *l = c->l;
	value bindings = NIL, sets = NIL, v = cdr(form);

	if (is_cons(v) && cdr(cdr(v)) == NIL)
		return FORM3(l->s_setq, car(v), ARG1(v));
	for (; is_cons(v); v = cdr(cdr(v))) {
		value g = gensym(l, "v");

		bindings = append1(c, bindings, FORM2(g, ARG1(v)));
		sets = append1(c, sets, FORM3(l->s_setq, car(v), g));
	}
	return make_let_form(c, bindings, append1(c, sets, NIL), at);
}

/* (prog bindings {tag | form}...), prog* */
value
m_prog(struct compiler *c, value form, span at)
{
	struct lisp *l = c->l;
	bool star = str_is(as_symbol(car(form))->name, "prog*");
	value body = form_of(c, l->s_tagbody, REST1(form), at);

	body = form_of(c, star ? l->s_let_star : l->s_let,
		       list_of(l, at, 2, ARG1(form), body), at);
	return FORM3(l->s_block, NIL, body);
}

/* (prog1 form body...), (prog2 first form body...) */
value
m_prog1(struct compiler *c, value form, span at)
{
	value g = gensym(c->l, "v");

	return make_let_form(c, list_of(c->l, at, 1, FORM2(g, ARG1(form))),
			append1(c, REST1(form), g), at);
}

value
m_prog2(struct compiler *c, value form, span at)
{
	return FORM3(c->l->s_progn, ARG1(form),
		     form_of(c, symbol(c, "prog1"), REST1(form), at));
}

/* ---- values and conditions ---------------------------------------------------------- */

/* (multiple-value-call function form...) */
value
m_multiple_value_call(struct compiler *c, value form, span at)
{
	value lists = NIL;

	for (value v = REST1(form); is_cons(v); v = cdr(v))
		lists = append1(c, lists, FORM2(symbol(c, "multiple-value-list"), car(v)));
	return FORM3(symbol(c, "apply"), ARG1(form),
		     form_of(c, symbol(c, "append"), lists, at));
}

/* (multiple-value-setq (name...) form) */
value
m_multiple_value_setq(struct compiler *c, value form, span at)
{
	struct lisp *l = c->l;
	value names = NIL, sets = NIL;

	for (value v = ARG1(form); is_cons(v); v = cdr(v)) {
		value g = gensym(l, "v");

		names = append1(c, names, g);
		sets = append1(c, sets, FORM3(l->s_setq, car(v), g));
	}
	return form_of(c, symbol(c, "multiple-value-bind"),
		       form_of(c, names, form_of(c, ARG2(form), append1(c, sets, car(names)),
						 at), at), at);
}

/* (nth-value n form) */
value
m_nth_value(struct compiler *c, value form, span at)
{
	return FORM3(symbol(c, "nth"), ARG1(form),
		     FORM2(symbol(c, "multiple-value-list"), ARG2(form)));
}

/* (ignore-errors body...) */
value
m_ignore_errors(struct compiler *c, value form, span at)
{
	struct lisp *l = c->l;
	value e = gensym(l, "e");

	return FORM3(symbol(c, "handler-case"), progn_of(c, cdr(form), at),
		     FORM3(l->s_error, list_of(l, at, 1, e),
			   FORM3(symbol(c, "values"), NIL, e)));
}

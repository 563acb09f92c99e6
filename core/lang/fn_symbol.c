/* SPDX-License-Identifier: MIT */
/* fn_symbol.c: symbols, and the definitions that defun, defmacro and their like make. */
#include "lang/fn.h"

#include <stdio.h>

static bool
symbol_arg(struct lisp *l, struct lisp_args a, uint32_t i)
{
	return is_symbol(a.at[i]) || fn_wrong(l, a, i, "a symbol");
}

/* One that can be given a value or function. */
static bool
plain_symbol(struct lisp *l, struct lisp_args a, uint32_t i)
{
	return (is_symbol(a.at[i]) && a.at[i] != NIL && a.at[i] != T && !is_keyword(a.at[i])) ||
	       fn_wrong(l, a, i, "a symbol that can be defined");
}

/* Of what the prelude defines its text is at hand. */
static void
keep_doc(struct lisp *l, struct lisp_args a)
{
	if (!lisp_in_prelude(l, a.call))
		lisp_set_property(l, a.at[0], l->s_doc, a.at[2]);
}

/* (%define-function symbol closure doc), doc as the compiler makes it */
FN(fn_define_function)
{
	struct symbol *s = as_symbol(a.at[0]);

	s->function = a.at[1];
	/* A function that was a macro until now is one no more; the host's forms give way to the
	 * program's functions. */
	if (!is_object(s->macro, OBJ_BUILTIN) || !lisp_in_prelude(l, a.call))
		s->macro = UNBOUND;
	keep_doc(l, a);
	*out = a.at[0];
	return true;
}

FN(fn_define_macro)
{
	as_symbol(a.at[0])->macro = a.at[1];
	keep_doc(l, a);
	*out = a.at[0];
	return true;
}

FN(fn_define_constant)
{
	struct symbol *s = as_symbol(a.at[0]);

	if (!plain_symbol(l, a, 0))
		return false;
	s->global = a.at[1];
	s->header |= FLAG_CONST | (lisp_in_prelude(l, a.call) ? 0 : FLAG_OURS);
	*out = a.at[0];
	return true;
}

/* (%define-symbol-macro name form) */
FN(fn_define_symbol_macro)
{
	if (!plain_symbol(l, a, 0))
		return false;
	lisp_set_property(l, a.at[0], l->s_symbol_macro, a.at[1]);
	as_symbol(a.at[0])->header |= FLAG_MACRO;
	*out = a.at[0];
	return true;
}

/* (%define-setter name update): (setf (name args) v) calls (update args v).
 * (%define-expander name function): the place goes to the function, which returns the five
 * values of a setf expansion as a list. */
FN(fn_define_setter)
{
	value name = ud ? a.at[0] : lisp_setf_name(l, a.at[0]);

	if (!symbol_arg(l, a, 0))
		return false;
	lisp_set_property(l, name, l->s_setf_expander, a.at[1]);
	*out = a.at[0];
	return true;
}

FN(fn_symbol_name)
{
	*out = is_symbol(a.at[0]) ? make_string(l, as_symbol(a.at[0])->name) : NIL;
	return symbol_arg(l, a, 0);
}

FN(fn_symbol_value)
{
	struct symbol *s = as_symbol(a.at[0]);

	if (!symbol_arg(l, a, 0))
		return false;
	prelude_demand(l, s);
	*out = s->global;
	return s->global != UNBOUND || vm_unbound_variable(l, s, out);
}

FN(fn_set)
{
	bool setf = ud != NULL;

	if (!plain_symbol(l, a, setf))
		return false;
	as_symbol(a.at[setf])->global = *out = a.at[!setf];
	return true;
}

FN(fn_boundp)
{
	*out = make_bool(is_symbol(a.at[0]) && as_symbol(a.at[0])->global != UNBOUND);
	return symbol_arg(l, a, 0);
}

FN(fn_fboundp)
{
	struct symbol *s;

	if (!symbol_arg(l, a, 0))
		return false;
	s = as_symbol(a.at[0]);
	prelude_demand(l, s);
	*out = make_bool(s->function != UNBOUND || s->macro != UNBOUND || s->uform);
	return true;
}

FN(fn_makunbound)
{
	if (!plain_symbol(l, a, 0))
		return false;
	if (ud)
		as_symbol(a.at[0])->function = as_symbol(a.at[0])->macro = UNBOUND;
	else
		as_symbol(a.at[0])->global = UNBOUND;
	*out = a.at[0];
	return true;
}

/* symbol-function, fdefinition; (setf symbol-function) with ud */
FN(fn_symbol_function)
{
	struct symbol *s;

	if (ud) {
		if (!plain_symbol(l, a, 1))
			return false;
		as_symbol(a.at[1])->function = *out = a.at[0];
		return true;
	}
	if (!symbol_arg(l, a, 0))
		return false;
	s = as_symbol(a.at[0]);
	prelude_demand(l, s);
	*out = s->function;
	return s->function != UNBOUND || vm_undefined_function(l, s);
}

FN(fn_macro_function)
{
	struct symbol *s;

	if (!symbol_arg(l, a, 0))
		return false;
	s = as_symbol(a.at[0]);
	prelude_demand(l, s);
	*out = s->macro == UNBOUND ? make_bool(s->uform != 0) : s->macro;
	return true;
}

bool
lisp_user_constant(const struct symbol *s)
{
	return (s->header & (FLAG_CONST | FLAG_OURS)) == (FLAG_CONST | FLAG_OURS);
}

FN(fn_constantp)
{
	value v = a.at[0];

	*out = make_bool((!is_cons(v) && !is_symbol(v)) || v == NIL || v == T || is_keyword(v) ||
			 (is_symbol(v) && as_symbol(v)->header & FLAG_CONST) ||
			 car(v) == l->s_quote);
	return true;
}

FN(fn_gensym)
{
	char text[64] = "g";

	if (a.n && is_string(a.at[0])) {
		str s = as_string(a.at[0]);

		snprintf(text, sizeof text, "%.*s", s.n > 40 ? 40 : (int)s.n, s.p);
		for (char *p = text; *p; p++)
			*p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
	}
	*out = gensym(l, text);
	return true;
}

FN(fn_make_symbol)
{
	char buf[4];
	str s;

	if (!fn_text(a.at[0], buf, &s))
		return fn_wrong(l, a, 0, "a string");
	*out = make_uninterned(l, s);
	return true;
}

/* (intern name [package]): the package matters only when it is :keyword */
FN(fn_intern)
{
	char buf[4];
	str s;
	bool keyword = a.n > 1 && is_symbol(a.at[1]) &&
		       str_is(as_symbol(a.at[1])->name, "keyword");

	if (!fn_text(a.at[0], buf, &s) || s.n > 500)
		return fn_wrong(l, a, 0, "a name");
	*out = keyword ? make_keyword(l, s) : make_symbol(l, s);
	return true;
}

FN(fn_symbol_package)
{
	*out = NIL;
	if (!symbol_arg(l, a, 0))
		return false;
	if (is_keyword(a.at[0]))
		*out = make_symbol(l, STR("keyword"));
	else if (as_symbol(a.at[0])->interned)
		*out = make_symbol(l, STR("veery"));
	return true;
}

/* get, (setf get) with ud */
FN(fn_get)
{
	bool setf = ud != NULL;

	if (!symbol_arg(l, a, setf))
		return false;
	if (setf) {
		lisp_set_property(l, a.at[1], a.at[2], a.at[0]);
		*out = a.at[0];
		return true;
	}
	*out = lisp_get_property(l, a.at[0], a.at[1]);
	if (*out == NIL && a.n > 2)
		*out = a.at[2];
	return true;
}

/* symbol-plist, a place */
FN(fn_symbol_plist)
{
	bool setf = ud != NULL;

	if (!symbol_arg(l, a, setf))
		return false;
	if (setf)
		as_symbol(a.at[1])->plist = a.at[0];
	*out = setf ? a.at[0] : as_symbol(a.at[0])->plist;
	return true;
}

/* (documentation name kind): the docstring of a function or macro of the program's own */
FN(fn_documentation)
{
	value doc = is_symbol(a.at[0]) ? lisp_get_property(l, a.at[0], l->s_doc) : NIL;

	*out = is_cons(doc) && is_string(cdr(doc)) ? cdr(doc) : NIL;
	return symbol_arg(l, a, 0);
}

static const struct fn_row rows[] = {
	{"%define-function", 3, 3, fn_define_function, 0, NULL},
	{"%define-macro", 3, 3, fn_define_macro, 0, NULL},
	{"%define-constant", 2, 2, fn_define_constant, 0, NULL},
	{"%define-symbol-macro", 2, 2, fn_define_symbol_macro, 0, NULL},
	{"%define-setter", 2, 2, fn_define_setter, 0, NULL},
	{"%define-expander", 2, 2, fn_define_setter, 1, NULL},
	{"symbol-name", 1, 1, fn_symbol_name, 0, NULL},
	{"symbol-value", 1, 1, fn_symbol_value, 0, NULL},
	{"set", 2, 2, fn_set, 0, NULL}, {"(setf symbol-value)", 2, 2, fn_set, 1, NULL},
	{"boundp", 1, 1, fn_boundp, 0, NULL}, {"fboundp", 1, 1, fn_fboundp, 0, NULL},
	{"makunbound", 1, 1, fn_makunbound, 0, NULL},
	{"fmakunbound", 1, 1, fn_makunbound, 1, NULL},
	{"symbol-function", 1, 1, fn_symbol_function, 0, NULL},
	{"fdefinition", 1, 1, fn_symbol_function, 0, NULL},
	{"(setf symbol-function)", 2, 2, fn_symbol_function, 1, NULL},
	{"(setf fdefinition)", 2, 2, fn_symbol_function, 1, NULL},
	{"macro-function", 1, 2, fn_macro_function, 0, NULL},
	{"constantp", 1, 2, fn_constantp, 0, NULL},
	{"gensym", 0, 1, fn_gensym, 0, "(gensym [prefix]): a fresh symbol"},
	{"gentemp", 0, 2, fn_gensym, 0, NULL}, {"make-symbol", 1, 1, fn_make_symbol, 0, NULL},
	{"intern", 1, 2, fn_intern, 0, "(intern name): the symbol of that name"},
	{"find-symbol", 1, 2, fn_intern, 0, NULL},
	{"symbol-package", 1, 1, fn_symbol_package, 0, NULL},
	{"get", 2, 3, fn_get, 0, NULL}, {"(setf get)", 3, 4, fn_get, 1, NULL},
	{"symbol-plist", 1, 1, fn_symbol_plist, 0, NULL},
	{"(setf symbol-plist)", 2, 2, fn_symbol_plist, 1, NULL},
	{"documentation", 1, 2, fn_documentation, 0, NULL},
};

void
fn_symbol_init(struct lisp *l)
{
	FN_DEFINE(l, rows);
}

/* SPDX-License-Identifier: MIT */
/* builtins.c: the builtin functions, family by family, and what their code shares. */
#include "lang/fn.h"

#include "base/utf8.h"

#include <stdio.h>

void
fn_define(struct lisp *l, const struct fn_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		lisp_define(l, rows[i].name, rows[i].min, rows[i].max, rows[i].fn,
			    (void *)rows[i].ud, rows[i].doc);
}

void
builtins_init(struct lisp *l)
{
	for (uint32_t i = 1; form_row(i); i++) {
		value s = symbol_intern(l, str_of(form_row(i)->name), false);

		as_symbol(s)->uform = (uint16_t)i;
	}
	conditions_init(l);
	fn_list_init(l);
	fn_map_init(l);
	fn_seq_init(l);
	fn_array_init(l);
	fn_sort_init(l);
	fn_string_init(l);
	fn_symbol_init(l);
	fn_number_init(l);
	fn_math_init(l);
	fn_table_init(l);
	fn_io_init(l);
	fn_file_init(l);
	fn_type_init(l);
	fn_system_init(l);
}

bool
fn_wrong(struct lisp *l, struct lisp_args a, uint32_t i, const char *what)
{
	char text[160];

	snprintf(text, sizeof text, "is not %s", what);
	return lisp_raise_value(l, l->s_type_error, a.call, a.at[i], text);
}

bool
fn_count(struct lisp *l, struct lisp_args a, uint32_t i, uint32_t otherwise, uint32_t *out)
{
	*out = otherwise;
	if (i >= a.n || a.at[i] == NIL)
		return true;
	if (!is_fixnum(a.at[i]) || fixnum(a.at[i]) < 0 || fixnum(a.at[i]) > INT32_MAX)
		return fn_wrong(l, a, i, "a count from 0 up");
	*out = (uint32_t)fixnum(a.at[i]);
	return true;
}

bool
fn_text(value v, char text[4], str *out)
{
	if (is_string(v))
		*out = as_string(v);
	else if (is_symbol(v))
		*out = as_symbol(v)->name;
	else if (is_char(v))
		*out = (str){text, utf8_encode(char_code(v), text)};
	else
		return false;
	return true;
}

value
fn_key(struct lisp_args a, uint32_t first, const char *name, value otherwise)
{
	for (uint32_t i = first; i + 1 < a.n; i += 2)
		if (is_keyword(a.at[i]) && str_is(as_symbol(a.at[i])->name, name))
			return a.at[i + 1];
	return otherwise;
}

/* ---- calling back ------------------------------------------------------------------- */

/* A builtin is called directly, its arguments on the stack. */
static bool
call(struct lisp *l, value f, const value *args, uint32_t n, value *out)
{
	value *window = l->top;

	if (is_symbol(f) && f != NIL && as_symbol(f)->function != UNBOUND)
		f = as_symbol(f)->function;
	if (is_object(f, OBJ_BUILTIN) && window + 64 < l->stack_soft) {
		const struct builtin *b = OBJ(builtin, f);
		bool ok;

		if ((int)n >= b->min && (b->max < 0 || (int)n <= b->max)) {
			for (uint32_t i = 0; i < n; i++)
				window[i + 1] = args[i];
			l->top = window + n + 1;
			ok = b->fn(l, b->ud, (struct lisp_args){window + 1, n, vm_span(l)},
				   window);
			l->top = window;
			*out = window[0];
			return ok;
		}
	}
	return lisp_apply(l, f, args, n, out);
}

bool
fn_call1(struct lisp *l, value f, value x, value *out)
{
	return call(l, f, &x, 1, out);
}

bool
fn_call2(struct lisp *l, value f, value x, value y, value *out)
{
	value args[2] = {x, y};

	return call(l, f, args, 2, out);
}

bool
fn_test_opts(struct lisp *l, struct lisp_args a, uint32_t first, struct test_opts *o)
{
	*o = (struct test_opts){NIL, NIL, false};
	if ((a.n - first) & 1)
		return lisp_raise(l, l->s_program_error, a.call,
				  "a keyword argument without a value");
	for (uint32_t i = first; i + 1 < a.n; i += 2) {
		str k = is_keyword(a.at[i]) ? as_symbol(a.at[i])->name : STR("");

		if (str_is(k, "test") || str_is(k, "test-not")) {
			o->test = a.at[i + 1];
			o->negate = k.n > 4;
		} else if (str_is(k, "key")) {
			o->key = a.at[i + 1];
		} else if (!str_is(k, "start") && !str_is(k, "end") && !str_is(k, "count") &&
			   !str_is(k, "from-end") && !str_is(k, "initial-value") &&
			   !str_is(k, "start1") && !str_is(k, "start2") &&
			   !str_is(k, "end1") && !str_is(k, "end2")) {
			return fn_wrong(l, a, i, "a keyword this function knows");
		}
	}
	/* eql is what happens without a test */
	if (is_object(o->test, OBJ_BUILTIN) && !strcmp(OBJ(builtin, o->test)->name, "eql"))
		o->test = NIL;
	return true;
}

bool
fn_apply_key(struct lisp *l, const struct test_opts *o, value v, value *out)
{
	*out = v;
	return o->key == NIL || fn_call1(l, o->key, v, out);
}

bool
fn_matches(struct lisp *l, const struct test_opts *o, value item, value v, bool *yes)
{
	value r;

	if (o->key != NIL && !fn_call1(l, o->key, v, &v))
		return false;
	if (o->test == NIL) {
		*yes = vm_eql(item, v) != o->negate;
		return true;
	}
	if (!fn_call2(l, o->test, item, v, &r))
		return false;
	*yes = (r != NIL) != o->negate;
	return true;
}

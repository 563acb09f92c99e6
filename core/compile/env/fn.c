/* SPDX-License-Identifier: MIT */
/* fn.c: functions, kernel functions and global variables.
 *
 * (defn NAME (ARG...) [:returns T] BODY...), an ARG being NAME, (NAME TYPE) or, for a pointer
 * to one, (NAME (struct S)), is kept as it was written; a program that calls it gets it as a
 * subprogram of its own.
 *
 * (defglobal NAME TYPE [INIT] [:const t]) is an array map of one entry, which the program
 * addresses directly. Each global has its own, so that declaring another leaves the earlier
 * ones and their contents alone. */
#include "compile/env/kenv.h"
#include "compile/forms.h"

#include "base/suggest.h"

/* (struct S): a pointer to a declared one. */
static bool
is_struct_type(struct kenv *k, value type, span at, struct diags *ds)
{
	const struct symbol *name;

	if (list_length(type) != 2 || !is_symbol(car(type)) || !is_symbol(car(cdr(type))) ||
	    !str_is(as_symbol(car(type))->name, "struct"))
		return false;
	name = as_symbol(car(cdr(type)));
	if (!kenv_struct_named(k, name->name) && !kenv_excused(k, name->name, ds))
		diag_error(ds, "C0020", at, "no such struct: %.*s", STR_ARG(name->name));
	return true;
}

static bool
check_args(struct kenv *k, value args, struct diags *ds)
{
	uint32_t errors = ds->errors;
	kty ty;
	int n = 0;

	for (; is_cons(args); args = cdr(args), n++) {
		value a = car(args);
		bool plain = is_symbol(a) && !is_nil(a) && !is_keyword(a);
		value type = list_length(a) == 2 && is_symbol(car(a)) ? car(cdr(a)) : NIL;
		bool typed = is_symbol(type) ? type != NIL && kty_named(as_symbol(type)->name, &ty) :
			     is_struct_type(k, type, car_span(args), ds);

		if (is_symbol(type) && type != NIL && !typed) {
			diag_error(ds, "C0006", car_span(args), "no such type: %.*s",
				   STR_ARG(as_symbol(type)->name));
			return false;
		}
		if (!plain && !typed) {
			diag_error(ds, "C0001", car_span(args),
				   "an argument is NAME, (NAME TYPE) or (NAME (struct S))");
			return false;
		}
	}
	if (n <= 5)
		return ds->errors == errors;
	diag_error(ds, "C0004", 0, "a function has at most 5 arguments, found %d", n);
	return false;
}

bool
kenv_defn(struct kenv *k, value form, struct diags *ds)
{
	value name = nth(form, 1);
	struct kfunction f = {.form = form, .at = form_span(form)};
	struct ksym *s;

	if (list_length(name) == 2 && is_symbol(car(name)) && is_symbol(car(cdr(name))) &&
	    str_is(as_symbol(car(name))->name, "setf"))	/* (defn (setf NAME) ...) */
		name = lisp_setf_name(k->l, car(cdr(name)));
	if (list_length(form) < 3 || !is_symbol(name) || is_nil(name) ||
	    list_length(nth(form, 2)) < 0) {
		diag_error(ds, "C0001", form_span(form),
			   "a function is (defn NAME (ARG...) BODY...)");
		return false;
	}
	if (!check_args(k, nth(form, 2), ds))
		return false;
	f.name = as_symbol(name);
	s = kenv_sym(k, f.name);
	/* A function of the user's may be called like an aggregation. */
	if (s->fn != KF_NONE && s->fn != KF_DEFN && s->fn != KF_HELPER &&
	    !(s->fn == KF_FORM && kforms[s->index].lower == form_agg)) {
		diag_error(ds, "C0022", arg_span(form, 1),
			   "`%.*s` has a meaning of its own already", STR_ARG(f.name->name));
		return false;
	}
	lisp_keep(k->l, form);
	if (s->fn == KF_DEFN) {
		k->functions.at[s->index] = f;
	} else {
		vec_push(&k->arena, &k->functions, f);
		s->fn = KF_DEFN;
		s->index = k->functions.n - 1;
	}
	s->at = f.at;
	return true;
}

/* ---- globals ---------------------------------------------------------------------------- */

static bool
global_options(struct kenv *k, value rest, int64_t *init, bool *constant, struct diags *ds)
{
	if (is_cons(rest) && !is_keyword(car(rest))) {
		if (!kenv_integer(k, car(rest), car_span(rest), init, ds))
			return false;
		rest = cdr(rest);
	}
	for (; is_cons(rest); rest = cdr(cdr(rest))) {
		if (!is_keyword(car(rest)) || !str_is(as_symbol(car(rest))->name, "const")) {
			diag_error(ds, "C0007", car_span(rest),
				   "defglobal has the option :const");
			return false;
		}
		*constant = !is_nil(car(cdr(rest)));
	}
	return true;
}

/* The name means the map and, in expressions, what is in it. */
static void
publish(struct kenv *k, struct kglobal *g, struct kmap *m)
{
	struct ksym *s = kenv_sym(k, g->name);

	kenv_add_map(k, m);
	g->map = s->map - 1;
	if (s->global) {
		k->globals.at[s->global - 1] = *g;
	} else {
		vec_push(&k->arena, &k->globals, *g);
		s->global = k->globals.n;
	}
}

bool
kenv_defglobal(struct kenv *k, value form, struct diags *ds)
{
	value name = nth(form, 1);
	struct kenv_field f = {0};
	struct kglobal g = {0};
	struct kmap *m = arena_new(&k->arena, struct kmap);
	uint32_t align, size;
	int64_t init = 0;
	bool constant = false;
	char *data;

	if (list_length(form) < 3 || !is_symbol(name) || is_nil(name)) {
		diag_error(ds, "C0001", form_span(form),
			   "a global is (defglobal NAME TYPE [INIT] [:const t])");
		return false;
	}
	if (!kenv_data_type(k, nth(form, 2), arg_span(form, 2), &f, &align, ds) ||
	    !global_options(k, cdr(cdr(cdr(form))), &init, &constant, ds))
		return false;
	size = f.size * f.count;
	data = arena_alloc(&k->arena, size);
	memcpy(data, &init, f.size < 8 ? f.size : 8);
	g.name = as_symbol(name);
	g.is_object = f.is_array || f.struct_name;
	g.type = g.is_object ? TY_PTR(0) : TY_INT((uint8_t)f.size, f.is_signed);
	if (f.struct_name)
		g.type.of = (uint16_t)kenv_struct_index(
			k, make_symbol(k->l, str_of(f.struct_name)));
	m->name = g.name;
	m->spec = (struct image_map){
		.lisp_name = arena_strndup(&k->arena, g.name->name.p, g.name->name.n),
		.name = arena_printf(&k->arena, "%s.%s", constant ? ".rodata" : ".data",
				     kenv_c_name(&k->arena, g.name->name)),
		.type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = size,
		.max_entries = 1,
		.flags = constant ? BPF_F_RDONLY_PROG : 0,
		.data = data,
		.data_size = size,
		.read_only = constant,
		.value_signed = f.is_signed,
		.at = form_span(form),
	};
	m->key = TY_INT(4, false);
	m->value = g.is_object ? TY_VOID : g.type;
	publish(k, &g, m);
	return true;
}

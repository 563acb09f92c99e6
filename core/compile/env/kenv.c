/* SPDX-License-Identifier: MIT */
/* kenv.c: the environment of declarations. */
#include "compile/env/kenv.h"
#include "compile/forms.h"

#include "base/suggest.h"
#include "facts/facts.h"

#include <stdlib.h>

struct ksym *
kenv_sym(struct kenv *k, const struct symbol *s)
{
	if (s->id >= k->syms.n) {
		vec_reserve(&k->arena, &k->syms, s->id + 64);
		memset(k->syms.at + k->syms.n, 0,
		       (k->syms.cap - k->syms.n) * sizeof *k->syms.at);
		k->syms.n = k->syms.cap;
	}
	return &k->syms.at[s->id];
}

const struct ksym *
kenv_peek(const struct kenv *k, const struct symbol *s)
{
	return s->id < k->syms.n ? &k->syms.at[s->id] : NULL;
}

bool
kenv_constant(struct kenv *k, const struct symbol *s, int64_t *out)
{
	struct ksym *y = kenv_sym(k, s);

	if (!y->has_const && !y->no_const) {
		y->has_const = fact_constant(s->name, &y->constant);
		y->no_const = !y->has_const;
	}
	*out = y->constant;
	return y->has_const;
}

struct symbol *
kenv_intern(struct kenv *k, const char *name)
{
	return as_symbol(make_symbol(k->l, str_of(name)));
}

const char *
kenv_suggest(struct kenv *k, str wanted, bool (*is)(const struct ksym *))
{
	struct suggest s = suggest_start(wanted);

	for (uint32_t id = 1; id < k->syms.n; id++) {
		const struct symbol *y;

		if (!is(&k->syms.at[id]) || !(y = lisp_symbol_at(k->l, id)))
			continue;
		suggest_offer(&s, y->name);
	}
	return s.best.p ? arena_strndup(&k->arena, s.best.p, s.best.n) : NULL;
}

char *
kenv_dashed(struct arena *a, str name)
{
	char *s = arena_strndup(a, name.p, name.n);

	for (char *p = s; *p; p++)
		if (*p == '_')
			*p = '-';
	return s;
}

void
kenv_list_name(struct buf *list, str name)
{
	enum { LONGEST_LIST = 600 };

	if (list->n > LONGEST_LIST) {
		if (list->at[list->n - 1] != '.')
			buf_puts(list, "...");
		return;
	}
	if (list->n)
		buf_puts(list, ", ");
	for (size_t i = 0; i < name.n; i++)
		buf_putc(list, name.p[i] == '_' ? '-' : name.p[i]);
}

const char *
kenv_c_name(struct arena *a, str lisp)
{
	char *s = arena_strndup(a, lisp.p, lisp.n);

	for (char *p = s; *p; p++) {
		bool word = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			    (*p >= '0' && *p <= '9') || *p == '_' || *p == '.';

		if (!word)
			*p = '_';
	}
	return s;
}

value
nth(value form, unsigned i)
{
	while (i--)
		form = cdr(form);
	return car(form);
}

span
arg_span(value form, unsigned i)
{
	value at = form;

	while (i-- && is_cons(cdr(at)))
		at = cdr(at);
	return is_cons(at) ? car_span(at) : 0;
}

static void
define_constant(struct kenv *k, const struct symbol *s, int64_t v)
{
	struct ksym *y = kenv_sym(k, s);

	y->has_const = true;
	y->constant = v;
}

static const struct { const char *name; int64_t v; } protocol_constants[] = {
#define CONST(name, v) {name, v},
#include "compile/protocols.def"
};

struct kenv *
kenv_new(struct lisp *l, const struct compile_host *host)
{
	struct kenv *k = calloc(1, sizeof *k);

	if (!k)
		return NULL;
	arena_init(&k->arena);
	arena_init(&k->work);
	k->l = l;
	if (host)
		k->host = *host;
	vec_push(&k->arena, &k->structs, NULL);
	for (uint32_t i = 0; i < nkforms; i++) {
		struct ksym *s = kenv_sym(k, kenv_intern(k, kforms[i].name));

		s->fn = KF_FORM;
		s->index = i;
	}
	kenv_builtin_headers(k);
	kenv_builtin_structs(k);
	for (size_t i = 0; i < sizeof protocol_constants / sizeof *protocol_constants; i++)
		define_constant(k, kenv_intern(k, protocol_constants[i].name),
				protocol_constants[i].v);
	return k;
}

void
kenv_free(struct kenv *k)
{
	if (!k)
		return;
	arena_free(&k->arena);
	arena_free(&k->work);
	free(k);
}

/* (defconstant NAME VALUE): the Lisp machine keeps the value; bodies may use integers. */
static bool
defconstant(struct kenv *k, value form, struct diags *ds)
{
	value name = car(cdr(form)), out;
	__int128 v;

	if (!lisp_eval(k->l, form, &out, ds))
		return false;
	if (!is_symbol(name))
		return true;
	if (as_int128(as_symbol(name)->global, &v) && v >= INT64_MIN && v <= UINT64_MAX)
		define_constant(k, as_symbol(name), (int64_t)v);
	return true;
}

static const struct {
	const char *name;
	bool (*declare)(struct kenv *k, value form, struct diags *ds);
} declarations[] = {
	{"defmap", kenv_defmap},
	{"defstruct", kenv_defstruct},
	{"defunion", kenv_defunion},
	{"defheader", kenv_defheader},
	{"defconstant", defconstant},
	{"deftracepoint", kenv_deftracepoint},
	{"defn", kenv_defn},
	{"defglobal", kenv_defglobal},
	{"import-kernel-struct", kenv_import_struct},
	{"defkfunc", kenv_defkfunc},
};

bool
kenv_is_declaration(const struct symbol *head)
{
	for (size_t i = 0; i < sizeof declarations / sizeof *declarations; i++)
		if (str_is(head->name, declarations[i].name))
			return true;
	return false;
}

/* ---- declarations that failed --------------------------------------------------------------- */

static const char *
declared_name(struct kenv *k, const struct symbol *head, value form)
{
	value name = car(cdr(form));

	if (str_is(head->name, "deftracepoint"))
		return "tp";
	if (is_cons(name))
		name = car(name);
	return is_symbol(name) && !is_nil(name)
		? kenv_lisp_name(k, kenv_c_name(&k->arena, as_symbol(name)->name)) : NULL;
}

static bool
would_declare(const struct kfailed *f, str name)
{
	size_t n = strlen(f->name);

	if (name.n == n + 3 && memcmp(name.p, "as-", 3) == 0)
		name = (str){name.p + 3, n};
	else if (name.n == n + 5 && memcmp(name.p, "make-", 5) == 0)
		name = (str){name.p + 5, n};
	return name.n >= n && memcmp(name.p, f->name, n) == 0 && (name.n == n || name.p[n] == '-');
}

static const struct kfailed *
failed_declaration(const struct kenv *k, str name)
{
	for (uint32_t i = k->failed.n; i-- > 0;)
		if (would_declare(&k->failed.at[i], name))
			return &k->failed.at[i];
	return NULL;
}

static void
remember_outcome(struct kenv *k, const struct symbol *head, value form, bool ok)
{
	const char *name = k->failed.n || !ok ? declared_name(k, head, form) : NULL;
	uint32_t n = 0;

	if (!name)
		return;
	for (uint32_t i = 0; i < k->failed.n; i++)
		if (strcmp(k->failed.at[i].name, name) != 0)
			k->failed.at[n++] = k->failed.at[i];
	k->failed.n = n;
	if (!ok)
		vec_push(&k->arena, &k->failed, ((struct kfailed){name, form_span(form)}));
}

bool
kenv_excused(struct kenv *k, str name, struct diags *ds)
{
	if (!ds->errors || !failed_declaration(k, name))
		return false;
	ds->errors++;
	return true;
}

void
kenv_blame(struct kenv *k, str name, struct diags *ds, struct diag *d)
{
	const struct kfailed *f = failed_declaration(k, name);

	if (f)
		diag_label(ds, d, f->at, "this declaration of it failed");
}

static bool
declare(struct kenv *k, const struct symbol *head, value form, struct diags *ds)
{
	bool ok = false;

	/* A constant's value is a computation as any other: its garbage can go. */
	if (str_is(head->name, "defconstant"))
		return defconstant(k, form, ds);
	lisp_hold(k->l);
	for (size_t i = 0; i < sizeof declarations / sizeof *declarations; i++)
		if (str_is(head->name, declarations[i].name))
			ok = declarations[i].declare(k, form, ds);
	lisp_release(k->l);
	return ok;
}

bool
kenv_declare(struct kenv *k, value form, struct diags *ds)
{
	const struct symbol *head = as_symbol(car(form));
	bool ok = declare(k, head, form, ds);

	remember_outcome(k, head, form, ok);
	return ok;
}

bool
kenv_integer(struct kenv *k, value form, span at, int64_t *out, struct diags *ds)
{
	__int128 v;
	value r = form;

	if (is_symbol(form) && !is_nil(form) && kenv_constant(k, as_symbol(form), out))
		return true;
	if (!as_int128(form, &v)) {
		if (!lisp_eval_sealed(k->l, form, &r, ds))
			return false;
		if (!as_int128(r, &v)) {
			diag_error(ds, "C0010", at, "an integer is needed here");
			return false;
		}
	}
	if (v < INT64_MIN || v > UINT64_MAX) {
		diag_error(ds, "C0009", at, "this number does not fit in 64 bits");
		return false;
	}
	*out = (int64_t)v;
	return true;
}

static void
no_such_option(const char *what, value list, const char *const *names, int n, struct diags *ds)
{
	struct suggest s = suggest_start(is_symbol(car(list)) ? as_symbol(car(list))->name
							      : STR(""));
	struct diag *d = diag_error(ds, "C0007", car_span(list), "%s has no such option", what);

	for (int i = 0; i < n; i++)
		suggest_offer(&s, str_of(names[i]));
	if (s.best.p)
		diag_help(ds, d, "did you mean `:%.*s`?", STR_ARG(s.best));
}

bool
kenv_options(const char *what, value list, const char *const *names, int n,
	     struct koptions *o, struct diags *ds)
{
	bool ok = true;

	for (; is_cons(list); list = cdr(cdr(list))) {
		int i = 0;

		while (i < n && (!is_keyword(car(list)) ||
				 !str_is(as_symbol(car(list))->name, names[i])))
			i++;
		if (i == n) {
			no_such_option(what, list, names, n, ds);
			ok = false;
		} else if (!is_cons(cdr(list))) {
			diag_error(ds, "C0007", car_span(list), "option `:%s` lacks its value",
				   names[i]);
			return false;
		} else {
			o->v[i] = car(cdr(list));
			o->at[i] = car_span(cdr(list));
			o->given[i] = true;
		}
	}
	return ok;
}

const struct image_map *
kenv_map(const struct kenv *k, uint32_t i)
{
	return i < k->maps.n ? &k->maps.at[i]->spec : NULL;
}

const struct image_map *
kenv_map_named(const struct kenv *k, str name)
{
	for (uint32_t i = 0; i < k->maps.n; i++)
		if (str_is(name, k->maps.at[i]->spec.lisp_name) ||
		    str_is(name, k->maps.at[i]->spec.name))
			return &k->maps.at[i]->spec;
	return NULL;
}

const struct kenv_struct *
kenv_struct_at(const struct kenv *k, uint32_t i)
{
	for (uint32_t j = 1; j < k->structs.n; j++) {
		const struct kstruct *st = k->structs.at[j];

		/* What we make ourselves has no place in the source. */
		if (!st->is_kernel && st->at && i-- == 0)
			return &st->pub;
	}
	return NULL;
}

const struct kenv_struct *
kenv_struct_named(const struct kenv *k, str name)
{
	for (uint32_t i = 1; i < k->structs.n; i++)
		if (str_is(name, k->structs.at[i]->pub.name))
			return &k->structs.at[i]->pub;
	return NULL;
}

uint32_t
kenv_sizeof(const struct kenv *k, str name)
{
	const struct kenv_struct *s = kenv_struct_named(k, name);
	kty ty;

	return s ? s->size : kty_named(name, &ty) ? ty.size : 0;
}

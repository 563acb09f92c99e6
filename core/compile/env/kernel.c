/* SPDX-License-Identifier: MIT */
/* kernel.c: what programs take from the running kernel's BTF.
 *
 * (import-kernel-struct NAME [FIELD...]) makes (NAME-FIELD pointer [index]) for the fields,
 * through anonymous members too, (as-NAME expression), which says what a pointer points to,
 * and the constant +NAME-size+. Offsets are those of the BTF the host gave.
 *
 * (defkfunc NAME ((ARG TYPE)...) RETURNS [FLAG...]) declares a kernel function that the tables
 * do not have; FLAGs are :acquire, :release, :ret-null, :trusted and :sleepable. */
#include "compile/env/kenv.h"

#include "base/suggest.h"
#include "facts/facts.h"
#include "image/btf.h"

/* Opened on first need; null after saying why not. */
struct btf *
kenv_vmlinux(struct kenv *k, span at, struct diags *ds)
{
	const void *data;
	size_t size;
	const char *why = "the kernel offers no BTF";

	if (k->vmlinux)
		return k->vmlinux;
	if (k->host.vmlinux_btf && k->host.vmlinux_btf(k->host.ud, &data, &size))
		k->vmlinux = btf_open(&k->arena, data, size, NULL, &why);
	if (!k->vmlinux)
		diag_error(ds, "C0029", at, "kernel types are not known: %s", why);
	return k->vmlinux;
}

static const char *
size_name(struct kenv *k, const struct kstruct *st)
{
	return arena_printf(&k->arena, "+%s-size+", st->pub.name);
}

void
kenv_reset_vmlinux(struct kenv *k)
{
	struct btf *old = k->vmlinux, *b;
	struct diags quiet = {.arena = &k->arena};

	k->vmlinux = NULL;
	b = old ? kenv_vmlinux(k, 0, &quiet) : NULL;
	for (uint32_t i = 1; i < k->structs.n; i++) {
		struct kstruct *st = k->structs.at[i];

		if (!st->is_kernel || !st->btf_id)
			continue;
		st->btf_id = b ? btf_find(b, str_of(btf_name(old, st->btf_id)),
					  btf_kind(btf_type(old, st->btf_id))) : 0;
		st->pub.size = st->btf_id ? (uint32_t)btf_size(b, st->btf_id) : 0;
		kenv_sym(k, kenv_intern(k, size_name(k, st)))->constant = st->pub.size;
	}
}

/* How large a field is, for those who show the struct: integers and enums, pointers, embedded
 * structs, arrays of these. */
static bool
kernel_field(struct btf *b, const struct btf_field *in, struct kenv_field *f)
{
	uint32_t t = kenv_extent(b, in->type, f);

	f->offset = in->bit_offset / 8;
	if (t && btf_is_composite(btf_type(b, t)))
		f->struct_name = *btf_name(b, t) ? btf_name(b, t) : "anonymous";
	return t;
}

const char *
kenv_lisp_name(struct kenv *k, const char *c)
{
	char *s = arena_strdup(&k->arena, c);

	for (char *p = s; *p; p++)
		*p = *p == '_' ? '-' : (*p >= 'A' && *p <= 'Z') ? (char)(*p + 32) : *p;
	return s;
}

static void
define_accessor(struct kenv *k, const struct kstruct *st, uint32_t index, uint32_t i, span at)
{
	const char *name = arena_printf(&k->arena, "%s-%s", st->pub.name,
					st->fields.at[i].name);
	struct ksym *s = kenv_sym(k, kenv_intern(k, name));

	s->fn = KF_FIELD;
	s->index = index;
	s->sub = i;
	s->at = at;
	s = kenv_sym(k, kenv_intern(k, arena_printf(&k->arena, "%s-ptr", name)));
	s->fn = KF_FIELD_PTR;
	s->index = index;
	s->sub = i;
	s->at = at;
}

static bool
add_field(struct kenv *k, struct btf *b, uint32_t id, struct kstruct *st, value name, span at,
	  struct diags *ds)
{
	struct suggest near;
	struct buf list = buf_new(ds->arena);
	struct btf_field bf;
	struct kenv_field f = {0};
	struct diag *d;
	const char *c_name;

	if (!is_symbol(name)) {
		diag_error(ds, "C0001", at, "a field name is needed");
		return false;
	}
	c_name = kenv_c_name(&k->arena, as_symbol(name)->name);
	if (btf_find_member(b, id, str_of(c_name), &bf)) {
		if (!kernel_field(b, &bf, &f)) {
			diag_error(ds, "C0008", at, "the type of `%s` cannot be read", c_name);
			return false;
		}
		f.name = kenv_lisp_name(k, c_name);
		vec_push(&k->arena, &st->fields, f);
		return true;
	}
	d = diag_error(ds, "C0008", at, "struct `%s` has no field `%.*s`", st->pub.name,
		       STR_ARG(as_symbol(name)->name));
	near = suggest_start(str_of(c_name));
	for (uint32_t i = 0; btf_member(b, id, i, &bf); i++) {
		suggest_offer(&near, str_of(bf.name));
		if (*bf.name)
			kenv_list_name(&list, str_of(bf.name));
	}
	if (near.best.p)
		diag_help(ds, d, "did you mean `%.*s`?", STR_ARG(near.best));
	diag_note(ds, d, "it has %.*s", STR_ARG(buf_text(&list)));
	return false;
}

static bool
add_fields(struct kenv *k, struct btf *b, uint32_t id, struct kstruct *st, value list,
	   struct diags *ds)
{
	bool ok = true;

	if (!is_nil(list)) {
		for (; is_cons(list); list = cdr(list))
			ok &= add_field(k, b, id, st, car(list), car_span(list), ds);
		return ok;
	}
	for (uint32_t i = 0; ; i++) {
		struct kenv_field f = {0};
		struct btf_field bf;

		if (!btf_member(b, id, i, &bf))
			return true;
		if (!*bf.name || !kernel_field(b, &bf, &f))
			continue;
		f.name = kenv_lisp_name(k, bf.name);
		vec_push(&k->arena, &st->fields, f);
	}
}

static struct kstruct *
new_kernel_struct(struct kenv *k, uint32_t id)
{
	struct kstruct *st = arena_new(&k->arena, struct kstruct);

	st->pub.name = kenv_lisp_name(k, btf_name(k->vmlinux, id));
	st->pub.size = (uint32_t)btf_size(k->vmlinux, id);
	st->align = 8;
	st->is_kernel = true;
	st->btf_id = id;
	return st;
}

uint32_t
kenv_kernel_struct(struct kenv *k, uint32_t id)
{
	struct kstruct *st;

	for (uint32_t i = 1; i < k->structs.n; i++)
		if (k->structs.at[i]->is_kernel && k->structs.at[i]->btf_id == id)
			return i;
	if (k->structs.n > UINT16_MAX)
		return 0;
	st = new_kernel_struct(k, id);
	vec_push(&k->arena, &k->structs, st);
	return k->structs.n - 1;
}

uint32_t
kenv_pointee(const struct btf *b, uint32_t id, const char **tag)
{
	uint32_t t;

	*tag = "";
	if (btf_kind(btf_type(b, id)) != BTF_KIND_PTR)
		return 0;
	for (t = btf_target(b, id); btf_kind(btf_type(b, t)) == BTF_KIND_TYPE_TAG;
	     t = btf_target(b, t))
		*tag = btf_name(b, t);
	t = btf_resolve(b, t);
	return btf_is_composite(btf_type(b, t)) ? t : 0;
}

static void
define_kernel_struct(struct kenv *k, const struct symbol *name, struct kstruct *st)
{
	struct ksym *s = kenv_sym(k, name), *y;
	uint32_t index = kenv_kernel_struct(k, st->btf_id);

	st->pub.fields = st->fields.at;
	st->pub.nfields = st->fields.n;
	k->structs.at[index] = st;
	s->strukt = index;
	kenv_sym(k, kenv_intern(k, st->pub.name))->strukt = index;
	for (uint32_t i = 0; i < st->fields.n; i++)
		define_accessor(k, st, index, i, st->at);
	y = kenv_sym(k, kenv_intern(k, arena_printf(&k->arena, "as-%s", st->pub.name)));
	y->fn = KF_AS;
	y->index = index;
	y->at = st->at;
	y = kenv_sym(k, kenv_intern(k, size_name(k, st)));
	y->has_const = true;
	y->constant = st->pub.size;
}

bool
kenv_import_struct(struct kenv *k, value form, struct diags *ds)
{
	value name = nth(form, 1);
	struct kstruct *st;
	struct btf *b;
	uint32_t id;
	const char *c_name;

	if (!is_symbol(name) || is_nil(name)) {
		diag_error(ds, "C0001", form_span(form),
			   "import-kernel-struct needs a struct's name");
		return false;
	}
	b = kenv_vmlinux(k, form_span(form), ds);
	if (!b)
		return false;
	c_name = kenv_c_name(&k->arena, as_symbol(name)->name);
	id = btf_find(b, str_of(c_name), BTF_KIND_STRUCT);
	if (!id)
		id = btf_find(b, str_of(c_name), BTF_KIND_UNION);
	if (!id) {
		diag_error(ds, "C0020", arg_span(form, 1), "the kernel has no struct `%s`",
			   c_name);
		return false;
	}
	st = new_kernel_struct(k, id);
	st->at = form_span(form);
	if (!add_fields(k, b, id, st, cdr(cdr(form)), ds))
		return false;
	define_kernel_struct(k, as_symbol(name), st);
	return true;
}

/* ---- kernel functions ------------------------------------------------------------------- */

/* The last two are the verifier's to enforce. */
static bool
kfunc_flag(value v, uint16_t *flags)
{
	static const struct { const char *name; uint16_t flag; } known[] = {
		{"acquire", FACT_KF_ACQUIRE}, {"release", FACT_KF_RELEASE},
		{"ret-null", FACT_KF_RET_NULL}, {"trusted", 0}, {"sleepable", 0},
	};

	for (size_t i = 0; is_keyword(v) && i < sizeof known / sizeof *known; i++)
		if (str_is(as_symbol(v)->name, known[i].name)) {
			*flags |= known[i].flag;
			return true;
		}
	return false;
}

/* An integer, void, STRUCT or (ptr STRUCT); a pointer, whatever else is said. */
static kty
declared_result(struct kenv *k, value ret, span at)
{
	struct diags quiet = {.arena = &k->arena};
	value name = is_cons(ret) ? nth(ret, 1) : ret;
	struct btf *b;
	uint32_t id;
	kty ty;

	if (!is_symbol(name))
		return TY_PTR(0);
	if (name == ret && kty_named(as_symbol(name)->name, &ty))
		return ty;
	if (name == ret && str_is(as_symbol(name)->name, "void"))
		return TY_VOID;
	b = kenv_vmlinux(k, at, &quiet);
	id = b ? btf_find(b, str_of(kenv_c_name(&k->arena, as_symbol(name)->name)),
			  BTF_KIND_STRUCT) : 0;
	return TY_PTR(id ? kenv_kernel_struct(k, id) : 0);
}

bool
kenv_defkfunc(struct kenv *k, value form, struct diags *ds)
{
	value name = nth(form, 1), args = nth(form, 2), ret = nth(form, 3);
	struct kkfunc f = {.at = form_span(form), .ret = TY_U64};
	struct ksym *s;

	if (list_length(form) < 4 || !is_symbol(name) || is_nil(name) ||
	    list_length(args) < 0 || list_length(args) > 5) {
		diag_error(ds, "C0001", form_span(form),
			   "a kernel function is (defkfunc NAME ((ARG TYPE)...) RETURNS)");
		return false;
	}
	f.name = kenv_c_name(&k->arena, as_symbol(name)->name);
	if (strncmp(f.name, "bpf_", 4) != 0 && fact_kfunc_named(str_of(arena_printf(&k->arena,
								"bpf_%s", f.name))))
		f.name = arena_printf(&k->arena, "bpf_%s", f.name);
	f.nargs = (uint8_t)list_length(args);
	for (value rest = cdr(cdr(cdr(cdr(form)))); is_cons(rest); rest = cdr(rest))
		if (!kfunc_flag(car(rest), &f.flags)) {
			diag_error(ds, "C0007", car_span(rest), "defkfunc has the flags :acquire, "
				   ":release, :ret-null, :trusted and :sleepable");
			return false;
		}
	f.ret = declared_result(k, ret, f.at);
	s = kenv_sym(k, as_symbol(name));
	vec_push(&k->arena, &k->kfuncs, f);
	s->fn = KF_KFUNC;
	s->index = k->kfuncs.n - 1;
	s->at = f.at;
	return true;
}

bool
kenv_kernel_function(struct kenv *k, const struct symbol *name, span at, struct diags *ds)
{
	const char *c_name = kenv_c_name(&k->arena, name->name);
	struct kkfunc f = {.ret = TY_U64, .at = at, .name = c_name};
	struct btf *b = kenv_vmlinux(k, at, ds);
	struct btf_param_of p;
	struct ksym *s;
	uint32_t id, ret;
	const char *tag;

	if (!b)
		return false;
	id = btf_find(b, str_of(c_name), BTF_KIND_FUNC);
	if (!id) {
		diag_error(ds, "C0025", at, "this kernel has no function %s", c_name);
		return false;
	}
	f.nargs = (uint8_t)btf_param_count(b, id);
	while (f.nargs && btf_param(b, id, f.nargs - 1u, &p) && strstr(p.name, "__ign"))
		f.nargs--;
	ret = btf_resolve(b, btf_return_type(b, id));
	if (!ret)
		f.ret = TY_VOID;
	else if (btf_kind(btf_type(b, ret)) == BTF_KIND_PTR)
		f.ret = TY_PTR(kenv_pointee(b, ret, &tag)
			       ? kenv_kernel_struct(k, kenv_pointee(b, ret, &tag)) : 0);
	s = kenv_sym(k, name);
	vec_push(&k->arena, &k->kfuncs, f);
	s->fn = KF_KFUNC;
	s->index = k->kfuncs.n - 1;
	return true;
}

/* One of the tables, with or without "bpf-"; false when it is none. */
bool
kenv_known_kfunc(struct kenv *k, const struct symbol *name, span at, struct diags *ds)
{
	const char *c_name = kenv_c_name(&k->arena, name->name);
	const struct fact_kfunc *fact = fact_kfunc_named(str_of(c_name));
	const struct symbol *full = name;

	if (!fact) {
		c_name = arena_printf(&k->arena, "bpf_%s", c_name);
		fact = fact_kfunc_named(str_of(c_name));
		full = kenv_intern(k, c_name);
	}
	if (!fact || !kenv_kernel_function(k, full, at, ds))
		return false;
	if (full != name) {
		struct ksym known = *kenv_sym(k, full), *s = kenv_sym(k, name);

		s->fn = known.fn;
		s->index = known.index;
	}
	return true;
}

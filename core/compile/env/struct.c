/* SPDX-License-Identifier: MIT */
/* struct.c: defstruct, defunion and defheader.
 *
 * Structs are laid out as C would: every field at the next multiple of its alignment, the
 * whole padded to the largest alignment. A field's type is an integer type, another struct,
 * (array T N), or (bits T N) for a bit field. Each struct defines (make-NAME), (NAME-FIELD
 * p [index]) and (NAME-FIELD-ptr p). */
#include "compile/env/kenv.h"

uint32_t
kenv_struct_index(struct kenv *k, value name)
{
	const struct ksym *s = is_symbol(name) ? kenv_peek(k, as_symbol(name)) : NULL;

	return s ? s->strukt : 0;
}

static const char *
keep(struct kenv *k, str s)
{
	return arena_strndup(&k->arena, s.p, s.n);
}

/* "a-b" interned. */
static struct symbol *
joined(struct kenv *k, const char *a, const char *b)
{
	return kenv_intern(k, arena_printf(&k->arena, "%s-%s", a, b));
}

static bool
is_head(value form, const char *name)
{
	return is_cons(form) && is_symbol(car(form)) &&
	       str_is(as_symbol(car(form))->name, name);
}

/* TYPE: u8 .. i64 | STRUCT | (struct STRUCT) | (array TYPE N) | (bits TYPE N) */
bool
kenv_data_type(struct kenv *k, value form, span at, struct kenv_field *f, uint32_t *align,
	   struct diags *ds)
{
	kty ty;
	int64_t n;
	uint32_t s;

	f->count = 1;
	if (is_head(form, "array")) {
		if (list_length(form) != 3 ||
		    !kenv_integer(k, car(cdr(cdr(form))), at, &n, ds) || n < 0 ||
		    n > 1 << 20) {
			diag_error(ds, "C0006", at, "an array is (array TYPE COUNT)");
			return false;
		}
		if (!kenv_data_type(k, car(cdr(form)), at, f, align, ds))
			return false;
		f->count = (uint32_t)n;
		f->is_array = true;
		return true;
	}
	if (is_head(form, "bits")) {
		if (list_length(form) != 3 ||
		    !kenv_data_type(k, car(cdr(form)), at, f, align, ds) ||
		    !kenv_integer(k, car(cdr(cdr(form))), at, &n, ds) || n < 1 ||
		    n > f->size * 8 || f->struct_name) {
			diag_error(ds, "C0006", at, "a bit field is (bits TYPE WIDTH)");
			return false;
		}
		f->bit_size = (uint8_t)n;
		return true;
	}
	if (is_head(form, "struct"))
		form = car(cdr(form));
	if (is_symbol(form) && kty_named(as_symbol(form)->name, &ty)) {
		f->size = ty.size;
		f->is_signed = ty.is_signed;
		*align = ty.size;
		return true;
	}
	s = kenv_struct_index(k, form);
	if (!s) {
		diag_error(ds, "C0006", at, "no such type")->at_label =
			"u8 to u64, i8 to i64, (array TYPE COUNT) or a struct";
		return false;
	}
	f->size = k->structs.at[s]->pub.size;
	f->struct_name = k->structs.at[s]->pub.name;
	*align = k->structs.at[s]->align;
	return true;
}

static void
place_field(struct kstruct *st, struct kenv_field *f, uint32_t align, uint32_t *bits)
{
	uint32_t unit = f->size * 8;

	if (f->bit_size) {
		/* As C: into the current unit when it fits, never across two. */
		if (*bits / unit != (*bits + f->bit_size - 1) / unit)
			*bits = (*bits + unit - 1) / unit * unit;
		f->offset = *bits / unit * f->size;
		f->bit_offset = (uint8_t)(*bits % unit);
		*bits += f->bit_size;
	} else {
		uint32_t at = (*bits + 7) / 8;

		f->offset = (at + align - 1) / align * align;
		*bits = (f->offset + f->size * f->count) * 8;
	}
	if (align > st->align)
		st->align = align;
}

void
kenv_add_struct(struct kenv *k, const struct symbol *name, struct kstruct *st)
{
	struct ksym *s = kenv_sym(k, name), *y;
	uint32_t index;

	st->pub.fields = st->fields.at;
	st->pub.nfields = st->fields.n;
	if (s->strukt) {
		k->structs.at[s->strukt] = st;
	} else {
		vec_push(&k->arena, &k->structs, st);
		s->strukt = k->structs.n - 1;
	}
	index = s->strukt;
	y = kenv_sym(k, kenv_intern(k, arena_printf(&k->arena, "make-%s", st->pub.name)));
	*y = (struct ksym){.fn = KF_MAKE, .index = index, .at = st->at, .map = y->map,
			   .strukt = y->strukt};
	if (st->is_union)
		return;
	for (uint32_t i = 0; i < st->fields.n; i++) {
		struct symbol *acc = joined(k, st->pub.name, st->fields.at[i].name);

		y = kenv_sym(k, acc);
		y->fn = KF_FIELD;
		y->index = index;
		y->sub = i;
		y->at = st->at;
		y = kenv_sym(k, joined(k, arena_strndup(&k->arena, acc->name.p, acc->name.n),
				       "ptr"));
		y->fn = KF_FIELD_PTR;
		y->index = index;
		y->sub = i;
		y->at = st->at;
	}
}

static const struct symbol *
struct_name(value form, const char *what, struct diags *ds)
{
	value name = car(cdr(form));

	if (is_cons(name))
		name = car(name);
	if (is_symbol(name) && !is_nil(name))
		return as_symbol(name);
	diag_error(ds, "C0001", form_span(form), "%s needs a name", what);
	return NULL;
}

bool
kenv_defstruct(struct kenv *k, value form, struct diags *ds)
{
	const struct symbol *name = struct_name(form, "defstruct", ds);
	struct kstruct *st = arena_new(&k->arena, struct kstruct);
	uint32_t bits = 0;
	value rest;

	if (!name)
		return false;
	st->pub.name = keep(k, name->name);
	st->at = form_span(form);
	st->align = 1;
	rest = cdr(cdr(form));
	if (is_string(car(rest)))
		rest = cdr(rest);
	for (; is_cons(rest); rest = cdr(rest)) {
		struct kenv_field f = {0};
		value field = car(rest);
		uint32_t align = 1;

		if (!is_cons(field) || !is_symbol(car(field)) || list_length(field) != 2) {
			diag_error(ds, "C0001", car_span(rest), "a field is (NAME TYPE)");
			return false;
		}
		f.name = keep(k, as_symbol(car(field))->name);
		if (!kenv_data_type(k, car(cdr(field)), car_span(cdr(field)), &f, &align, ds))
			return false;
		for (uint32_t i = 0; i < st->fields.n; i++) {
			if (strcmp(st->fields.at[i].name, f.name) == 0) {
				diag_error(ds, "C0022", car_span(rest),
					   "field `%s` is there twice", f.name);
				return false;
			}
		}
		place_field(st, &f, align, &bits);
		vec_push(&k->arena, &st->fields, f);
	}
	st->pub.size = ((bits + 7) / 8 + st->align - 1) / st->align * st->align;
	kenv_add_struct(k, name, st);
	return true;
}

bool
kenv_defunion(struct kenv *k, value form, struct diags *ds)
{
	const struct symbol *name = struct_name(form, "defunion", ds);
	struct kstruct *st = arena_new(&k->arena, struct kstruct);

	if (!name)
		return false;
	st->pub.name = keep(k, name->name);
	st->at = form_span(form);
	st->align = 1;
	st->is_union = true;
	for (value rest = cdr(cdr(form)); is_cons(rest); rest = cdr(rest)) {
		uint32_t i = kenv_struct_index(k, car(rest));
		const struct kstruct *m;
		struct kenv_field f = {0};

		if (!i) {
			diag_error(ds, "C0020", car_span(rest),
				   "a union's members are structs");
			return false;
		}
		m = k->structs.at[i];
		f = (struct kenv_field){.name = m->pub.name, .size = m->pub.size, .count = 1,
					.struct_name = m->pub.name};
		vec_push(&k->arena, &st->fields, f);
		if (m->pub.size > st->pub.size)
			st->pub.size = m->pub.size;
		if (m->align > st->align)
			st->align = m->align;
	}
	st->pub.size = (st->pub.size + st->align - 1) / st->align * st->align;
	kenv_add_struct(k, name, st);
	return true;
}

static void
define_header_field(struct kenv *k, struct symbol *acc, struct kheader_field f, span at)
{
	struct ksym *s = kenv_sym(k, acc);

	vec_push(&k->arena, &k->headers, f);
	s->fn = KF_HEADER;
	s->index = k->headers.n - 1;
	s->at = at;
}

/* (NAME :offset N :type T [:net-order BOOL]) */
static bool
header_field(struct kenv *k, const char *header, value field, span at, struct diags *ds)
{
	struct kheader_field f = {0};
	bool type = false;
	int64_t off = -1;
	kty ty = TY_U64;

	if (!is_cons(field) || !is_symbol(car(field))) {
		diag_error(ds, "C0001", at, "a field is (NAME :offset N :type T)");
		return false;
	}
	for (value o = cdr(field); is_cons(o); o = cdr(cdr(o))) {
		str key = is_keyword(car(o)) ? as_symbol(car(o))->name : STR("");
		value v = car(cdr(o));

		if (str_is(key, "offset")) {
			if (!kenv_integer(k, v, at, &off, ds))
				return false;
		} else if (str_is(key, "type")) {
			type = is_symbol(v) && kty_named(as_symbol(v)->name, &ty);
		} else if (str_is(key, "net-order")) {
			f.net = !is_nil(v);
		} else {
			diag_error(ds, "C0007", car_span(o),
				   "defheader fields have :offset, :type and :net-order");
			return false;
		}
	}
	if (off < 0 || off > INT16_MAX || !type) {
		diag_error(ds, "C0019", at, "a header field needs :offset and :type");
		return false;
	}
	f.name = keep(k, as_symbol(car(field))->name);
	f.off = (uint16_t)off;
	f.size = ty.size;
	define_header_field(k, joined(k, header, f.name), f, at);
	return true;
}

bool
kenv_defheader(struct kenv *k, value form, struct diags *ds)
{
	const struct symbol *name = struct_name(form, "defheader", ds);

	if (!name)
		return false;
	for (value rest = cdr(cdr(form)); is_cons(rest); rest = cdr(rest))
		if (!header_field(k, keep(k, name->name), car(rest), car_span(rest), ds))
			return false;
	return true;
}

/* Structs the kernel gives a meaning to when a map's values hold them. */
void
kenv_builtin_structs(struct kenv *k)
{
	static const struct { const char *name; uint32_t size, count, align; } known[] = {
		{"bpf-spin-lock", 4, 1, 4}, {"bpf-timer", 8, 2, 8}, {"bpf-wq", 8, 2, 8},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		struct kstruct *st = arena_new(&k->arena, struct kstruct);
		struct kenv_field f = {.name = i ? "__opaque" : "val",
				       .size = known[i].size,
				       .count = known[i].count,
				       .is_array = known[i].count > 1};

		st->pub.name = known[i].name;
		st->pub.size = known[i].size * known[i].count;
		st->align = known[i].align;
		vec_push(&k->arena, &st->fields, f);
		kenv_add_struct(k, kenv_intern(k, known[i].name), st);
	}
}

void
kenv_builtin_headers(struct kenv *k)
{
#define HEADER(h, f, o, s, n) \
	define_header_field(k, kenv_intern(k, #h "-" f), \
			    (struct kheader_field){f, o, s, n}, 0);
#include "compile/protocols.def"
}

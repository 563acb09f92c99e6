/* SPDX-License-Identifier: MIT */
/* btf.c: types and maps that were defined elsewhere, in C or Rust, and are known by their
 * BTF: compiled objects, maps that exist already. Their structs become structs of the language
 * with C's layout, fields with '-' for '_'; the variables of a data section are the fields of
 * one. Members of anonymous structs are the outer struct's; a union is its largest member,
 * since one value cannot be written twice. */
#include "compile/env/kenv.h"

#include "image/btf.h"

#include <stdlib.h>

enum { MAX_NESTING = 8, MAX_FIELDS = 4096 };

struct import {
	struct kenv *k;
	struct btf *b;
	const char *spare;	/* for what has no name, or one that means something else here */
};

static const char *import_struct(const struct import *im, uint32_t type, const char *spare,
				 unsigned depth);

/* A char array is text. */
static bool
is_char(const struct btf *b, uint32_t type)
{
	uint32_t bits, encoding;

	return btf_int(b, type, &bits, &encoding) && bits == 8 &&
	       (encoding & BTF_INT_CHAR || strcmp(btf_name(b, btf_resolve(b, type)), "char") == 0);
}

uint32_t
kenv_extent(const struct btf *b, uint32_t type, struct kenv_field *f)
{
	const struct btf_array *array;
	int64_t size;

	type = btf_resolve(b, type);
	f->count = 1;
	while ((array = btf_array_of(b, type))) {	/* of arrays: one of all elements */
		if (array->nelems && f->count > UINT32_MAX / array->nelems)
			return 0;
		f->is_array = true;
		f->count *= array->nelems;
		type = btf_resolve(b, array->type);
	}
	size = btf_size(b, type);
	if (size <= 0 || size > UINT32_MAX)
		return 0;
	f->size = (uint32_t)size;
	f->is_signed = btf_is_signed(b, type);
	f->is_text = f->is_array && is_char(b, type);
	return type;
}

/* Where it lies, in units of its declared type; what has no size is left out. */
static bool
import_field(const struct import *im, const struct btf_field *in, uint32_t base,
	     struct kenv_field *f, unsigned depth)
{
	uint32_t type = kenv_extent(im->b, in->type, f);

	if (!type)
		return false;
	f->offset = base + in->bit_offset / 8;
	if (in->bit_size) {
		uint32_t unit = f->size * 8, first = in->bit_offset / unit;

		f->offset = base + first * f->size;
		f->bit_offset = (uint8_t)(in->bit_offset - first * unit);
		f->bit_size = (uint8_t)in->bit_size;
		return in->bit_offset - first * unit + in->bit_size <= unit && f->size <= 8;
	}
	if (btf_is_composite(btf_type(im->b, type)))
		f->struct_name = import_struct(im, type, arena_printf(&im->k->arena, "%s-%s",
							       im->spare, f->name), depth + 1);
	else if (!f->is_array && f->size != 1 && f->size != 2 && f->size != 4 && f->size != 8)
		*f = (struct kenv_field){.name = f->name, .offset = f->offset, .size = 1,
					 .count = f->size, .is_array = true};
	return true;
}

static bool
has_field(const struct kstruct *st, const char *name)
{
	for (uint32_t i = 0; i < st->fields.n; i++)
		if (strcmp(st->fields.at[i].name, name) == 0)
			return true;
	return false;
}

/* The members that can be shown: all of a struct, the largest of a union. */
static void
import_members(const struct import *im, uint32_t type, uint32_t base, struct kstruct *st,
	       unsigned depth)
{
	bool is_union = btf_kind(btf_type(im->b, type)) == BTF_KIND_UNION;
	uint32_t only = UINT32_MAX;
	int64_t largest = -1;
	struct btf_field in;

	for (uint32_t i = 0; is_union && btf_member(im->b, type, i, &in); i++) {
		if (btf_size(im->b, in.type) > largest) {
			largest = btf_size(im->b, in.type);
			only = i;
		}
	}
	for (uint32_t i = 0; btf_member(im->b, type, i, &in) && st->fields.n < MAX_FIELDS; i++) {
		struct kenv_field f = {.name = kenv_lisp_name(im->k, in.name)};

		if (is_union && i != only)
			continue;
		if (!*in.name && btf_is_composite(btf_type(im->b, btf_resolve(im->b, in.type))) &&
		    depth < MAX_NESTING)
			import_members(im, btf_resolve(im->b, in.type), base + in.bit_offset / 8, st,
				       depth + 1);
		else if (*in.name && !has_field(st, f.name) && import_field(im, &in, base, &f, depth))
			vec_push(&im->k->arena, &st->fields, f);
	}
}

static void
import_variables(const struct import *im, uint32_t section, struct kstruct *st)
{
	uint32_t n = 0;
	const struct btf_var_secinfo *v = btf_secinfos(im->b, section, &n);

	for (uint32_t i = 0; i < n && i < MAX_FIELDS; i++) {
		struct btf_field in = {.name = btf_name(im->b, v[i].type),
				       .type = btf_target(im->b, v[i].type),
				       .bit_offset = v[i].offset * 8};
		struct kenv_field f = {.name = kenv_lisp_name(im->k, in.name)};

		if (v[i].offset < UINT32_MAX / 8 && !has_field(st, f.name) &&
		    import_field(im, &in, 0, &f, 0))
			vec_push(&im->k->arena, &st->fields, f);
	}
}

static bool
same_layout(const struct kenv_struct *a, const struct kstruct *b)
{
	bool same = a->size == b->pub.size && a->nfields == b->fields.n;

	for (uint32_t i = 0; same && i < a->nfields; i++) {
		const struct kenv_field *x = &a->fields[i], *y = &b->fields.at[i];

		same = strcmp(x->name, y->name) == 0 && x->offset == y->offset &&
		       x->size == y->size && x->count == y->count &&
		       x->bit_offset == y->bit_offset && x->bit_size == y->bit_size &&
		       x->is_signed == y->is_signed;
	}
	return same;
}

/* The name under which the type is known from now on; null when it is no struct. */
static const char *
import_struct(const struct import *im, uint32_t type, const char *spare, unsigned depth)
{
	uint32_t id = btf_resolve(im->b, type), kind = btf_kind(btf_type(im->b, id));
	const struct kenv_struct *there;
	struct import inner = *im;
	struct kstruct *st;
	int64_t size = btf_size(im->b, id);

	if ((!btf_is_composite(btf_type(im->b, id)) && kind != BTF_KIND_DATASEC) || size <= 0 ||
	    size > UINT32_MAX || depth > MAX_NESTING)
		return NULL;
	st = arena_new(&im->k->arena, struct kstruct);
	st->pub.size = (uint32_t)size;
	st->align = 8;
	st->pub.name = *btf_name(im->b, id) && kind != BTF_KIND_DATASEC
			       ? kenv_lisp_name(im->k, btf_name(im->b, id)) : spare;
	inner.spare = st->pub.name;
	if (kind == BTF_KIND_DATASEC)
		import_variables(&inner, id, st);
	else
		import_members(&inner, id, 0, st, depth);
	there = kenv_struct_named(im->k, str_of(st->pub.name));
	if (there && same_layout(there, st))
		return there->name;
	if (there)
		st->pub.name = spare;
	kenv_add_struct(im->k, as_symbol(make_symbol(im->k->l, str_of(st->pub.name))), st);
	return st->pub.name;
}

void
kenv_adopt_types(struct kenv *k, struct btf *b, struct image_map *m)
{
	struct import im = {.k = k, .b = b, .spare = m->lisp_name};

	if (m->key_type_id && !m->key_struct)
		m->key_struct = import_struct(&im, m->key_type_id,
					      arena_printf(&k->arena, "%s-key", m->lisp_name), 0);
	if (m->value_type_id && !m->value_struct)
		m->value_struct = import_struct(&im, m->value_type_id,
						arena_printf(&k->arena, "%s-value", m->lisp_name),
						0);
	if (m->value_type_id && !m->value_struct)
		m->value_signed = btf_is_signed(b, m->value_type_id);
}

static kty
type_of(const struct kenv *k, const char *strukt, uint32_t size, bool is_signed, uint16_t *index)
{
	for (uint32_t i = 1; strukt && i < k->structs.n && i <= UINT16_MAX; i++)
		if (strcmp(k->structs.at[i]->pub.name, strukt) == 0)
			*index = (uint16_t)i;
	if (*index || (size != 1 && size != 2 && size != 4 && size != 8))
		return TY_VOID;
	return TY_INT((uint8_t)size, is_signed);
}

void
kenv_adopt_map(struct kenv *k, const struct image_map *spec)
{
	struct kmap *m = arena_new(&k->arena, struct kmap);
	str name = str_of(spec->lisp_name);

	m->spec = *spec;
	m->name = as_symbol(make_symbol(k->l, name));
	m->key = type_of(k, spec->key_struct, spec->key_size, false, &m->key_struct);
	m->value = type_of(k, spec->value_struct, spec->value_size, spec->value_signed,
			   &m->value_struct);
	kenv_add_map(k, m);
}

/* SPDX-License-Identifier: MIT */
/* map.c: (defmap NAME :type T :key-size N :value-size N :max-entries E ...).
 *
 * Sizes may be given directly, by :value-type STRUCT as Whistler has it, or by :key TYPE and
 * :value TYPE, where TYPE is an integer type, a struct's name or (struct NAME). */
#include "compile/env/kenv.h"

#include "base/suggest.h"
#include "facts/facts.h"

enum map_option {
	MO_TYPE,
	MO_KEY_SIZE,
	MO_VALUE_SIZE,
	MO_VALUE_TYPE,
	MO_KEY_TYPE,
	MO_KEY,
	MO_VALUE,
	MO_MAX,
	MO_FLAGS,
	MO_PIN,
	MO_INNER,
	MO_EXTRA,
	MO_COUNT
};
_Static_assert((int)MO_COUNT <= (int)MAX_OPTIONS, "koptions");

static const char *const option_names[MO_COUNT] = {
	"type", "key-size", "value-size", "value-type", "key-type", "key", "value",
	"max-entries", "map-flags", "pin", "inner", "map-extra",
};

/* An integer type, a struct's name, or (struct NAME); *strukt is 0 for integers. */
static bool
data_type(struct kenv *k, value form, span at, kty *ty, uint16_t *strukt, uint32_t *size,
	  struct diags *ds)
{
	if (is_cons(form) && is_symbol(car(form)) &&
	    str_is(as_symbol(car(form))->name, "struct"))
		form = car(cdr(form));
	*strukt = 0;
	if (is_symbol(form) && kty_named(as_symbol(form)->name, ty)) {
		*size = ty->size;
		return true;
	}
	*strukt = (uint16_t)kenv_struct_index(k, form);
	if (!*strukt) {
		diag_error(ds, "C0006", at, "neither an integer type nor a struct");
		return false;
	}
	*ty = TY_VOID;
	*size = k->structs.at[*strukt]->pub.size;
	return true;
}

static bool
map_type(const struct koptions *o, span at, uint32_t *type, struct diags *ds)
{
	const struct fact_map_type *t;
	struct buf list = buf_new(ds->arena);
	struct diag *d;

	if (!o->given[MO_TYPE]) {
		diag_error(ds, "C0019", at, "defmap needs :type");
		return false;
	}
	t = is_symbol(o->v[MO_TYPE]) ? fact_map_type_named(as_symbol(o->v[MO_TYPE])->name)
				     : NULL;
	if (!t && is_symbol(o->v[MO_TYPE])) {
		str name = as_symbol(o->v[MO_TYPE])->name;

		if (str_is(name, "perf-event-array"))
			t = fact_map_type_named(STR("perf_event_array"));
	}
	if (t) {
		*type = t->id;
		return true;
	}
	d = diag_error(ds, "C0006", o->at[MO_TYPE], "no such map type");
	if (is_symbol(o->v[MO_TYPE])) {
		struct suggest s = suggest_start(as_symbol(o->v[MO_TYPE])->name);

		for (uint32_t i = 1; fact_map_type(i); i++)
			suggest_offer(&s, str_of(fact_map_type(i)->name));
		if (s.best.p)
			diag_help(ds, d, "did you mean `:%s`?", kenv_dashed(ds->arena, s.best));
	}
	for (uint32_t i = 1; fact_map_type(i); i++)
		kenv_list_name(&list, str_of(fact_map_type(i)->name));
	diag_note(ds, d, "map types are %.*s", STR_ARG(buf_text(&list)));
	return false;
}

static bool
take_integer(struct kenv *k, const struct koptions *o, enum map_option which, uint32_t *out,
	     struct diags *ds)
{
	int64_t v;

	if (!o->given[which])
		return true;
	if (!kenv_integer(k, o->v[which], o->at[which], &v, ds))
		return false;
	if (v < 0 || v > UINT32_MAX) {
		diag_error(ds, "C0009", o->at[which], "%lld does not fit option `:%s`",
			   (long long)v, option_names[which]);
		return false;
	}
	*out = (uint32_t)v;
	return true;
}

static kty
scalar_of_size(uint32_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8 ? TY_INT((uint8_t)size, false)
								: TY_VOID;
}

static bool
sizes(struct kenv *k, const struct koptions *o, struct kmap *m, struct diags *ds)
{
	struct image_map *s = &m->spec;
	enum map_option key = o->given[MO_KEY] ? MO_KEY : MO_KEY_TYPE;
	enum map_option val = o->given[MO_VALUE] ? MO_VALUE : MO_VALUE_TYPE;

	if (!take_integer(k, o, MO_KEY_SIZE, &s->key_size, ds) ||
	    !take_integer(k, o, MO_VALUE_SIZE, &s->value_size, ds) ||
	    !take_integer(k, o, MO_MAX, &s->max_entries, ds) ||
	    !take_integer(k, o, MO_FLAGS, &s->flags, ds))
		return false;
	m->key = scalar_of_size(s->key_size);
	m->value = scalar_of_size(s->value_size);
	if (o->given[key] && !data_type(k, o->v[key], o->at[key], &m->key, &m->key_struct,
					&s->key_size, ds))
		return false;
	if (o->given[val] && !data_type(k, o->v[val], o->at[val], &m->value, &m->value_struct,
					&s->value_size, ds))
		return false;
	if (m->key_struct)
		s->key_struct = k->structs.at[m->key_struct]->pub.name;
	if (m->value_struct)
		s->value_struct = k->structs.at[m->value_struct]->pub.name;
	s->value_signed = m->value.kind == KT_INT && m->value.is_signed;
	return true;
}

/* Types whose maps hold file descriptors or ids of 4 bytes: sizes need not be given. */
static void
implied_sizes(struct kmap *m)
{
	struct image_map *s = &m->spec;

	switch (s->type) {
	case BPF_MAP_TYPE_PROG_ARRAY: case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
	case BPF_MAP_TYPE_CGROUP_ARRAY: case BPF_MAP_TYPE_ARRAY_OF_MAPS:
		if (!s->key_size)
			s->key_size = 4;
		if (!s->value_size)
			s->value_size = 4;
		break;
	case BPF_MAP_TYPE_HASH_OF_MAPS:
		if (!s->value_size)
			s->value_size = 4;
		break;
	case BPF_MAP_TYPE_ARRAY: case BPF_MAP_TYPE_PERCPU_ARRAY:
		if (!s->key_size)
			s->key_size = 4;
		break;
	default: return;
	}
	if (m->key.kind == KT_VOID && !m->key_struct)
		m->key = scalar_of_size(s->key_size);
	if (m->value.kind == KT_VOID && !m->value_struct)
		m->value = scalar_of_size(s->value_size);
}

static bool
complete(struct kmap *m, span at, struct diags *ds)
{
	const struct image_map *s = &m->spec;
	const struct fact_map_type *t = fact_map_type(s->type);
	bool ring = s->type == BPF_MAP_TYPE_RINGBUF || s->type == FACT_MAP_USER_RINGBUF;
	const char *missing = NULL;

	/* :value (struct NAME) says what its records are. */
	if (ring && (s->key_size || (s->value_size && !s->value_struct))) {
		diag_warning(ds, "C0007", at, "a ring buffer has neither key nor value size; "
			     "they are ignored");
	}
	if (ring)
		m->spec.key_size = m->spec.value_size = 0;
	if (!ring && !t->no_key && !s->key_size)
		missing = ":key-size (or :key TYPE)";
	else if (!ring && !s->value_size)
		missing = ":value-size (or :value TYPE)";
	else if (!s->max_entries && s->type != BPF_MAP_TYPE_SK_STORAGE &&
		 s->type != BPF_MAP_TYPE_TASK_STORAGE &&
		 s->type != BPF_MAP_TYPE_INODE_STORAGE && s->type != FACT_MAP_CGRP_STORAGE)
		missing = ":max-entries";
	if (!missing)
		return true;
	diag_error(ds, "C0019", at, "this map needs %s", missing);
	return false;
}

static bool
inner_map(struct kenv *k, const struct koptions *o, struct kmap *m, struct diags *ds)
{
	if (!o->given[MO_INNER])
		return true;
	m->spec.inner = is_symbol(o->v[MO_INNER]) ?
		kenv_map_named(k, as_symbol(o->v[MO_INNER])->name) : NULL;
	if (m->spec.inner)
		return true;
	diag_error(ds, "C0005", o->at[MO_INNER], ":inner must name a map declared before");
	return false;
}

void
kenv_add_map(struct kenv *k, struct kmap *m)
{
	struct ksym *s = kenv_sym(k, m->name);

	if (s->map) {
		k->maps.at[s->map - 1] = m;
	} else {
		vec_push(&k->arena, &k->maps, m);
		s->map = k->maps.n;
	}
}

bool
kenv_defmap(struct kenv *k, value form, struct diags *ds)
{
	struct koptions o = {0};
	struct kmap *m;
	value name = car(cdr(form));
	span at = form_span(form);

	if (!is_symbol(name) || is_nil(name)) {
		diag_error(ds, "C0001", at, "defmap needs a name: (defmap NAME :type T ...)");
		return false;
	}
	if (!kenv_options("defmap", cdr(cdr(form)), option_names, MO_COUNT, &o, ds))
		return false;
	m = arena_new(&k->arena, struct kmap);
	if (!map_type(&o, at, &m->spec.type, ds) || !sizes(k, &o, m, ds) ||
	    !inner_map(k, &o, m, ds))
		return false;
	implied_sizes(m);
	if (!complete(m, at, ds))
		return false;
	if (o.given[MO_PIN] && is_string(o.v[MO_PIN])) {
		str pin = as_string(o.v[MO_PIN]);

		m->spec.pin = arena_strndup(&k->arena, pin.p, pin.n);
	}
	m->name = as_symbol(name);
	m->spec.lisp_name = arena_strndup(&k->arena, m->name->name.p, m->name->name.n);
	m->spec.name = kenv_c_name(&k->arena, m->name->name);
	m->spec.at = at;
	kenv_add_map(k, m);
	return true;
}

/* SPDX-License-Identifier: MIT */
/* elf_maps.c: map definitions.
 *
 * `.maps` describes each map by the type of a variable: a struct whose members carry numbers
 * as array lengths (`int (*max_entries)[1024]`), enumerators, or types by pointers (`u64 *key`),
 * and inner maps as `values`, an array of pointers. `maps` holds plain words in the order
 * type, key size, value size, entries, flags. */
#include "elf_private.h"

struct image_map *
elf_add_map(struct reader *r, const char *name, uint32_t type)
{
	struct image_map *m = arena_new(r->a, struct image_map);

	m->name = name;
	m->lisp_name = name;
	m->type = type;
	m->at = r->at;
	vec_push(r->a, &r->im->maps, m);
	return m;
}

const struct map_place *
elf_map_of(const struct reader *r, const struct elf_symbol *sym, uint64_t addend)
{
	uint64_t offset = sym->value + (sym->type == STT_SECTION ? addend : 0);

	for (uint32_t i = 0; i < r->places.n; i++)
		if (r->places.at[i].section == sym->section && r->places.at[i].offset == offset)
			return &r->places.at[i];
	return NULL;
}

/* ---- .maps ------------------------------------------------------------------------------ */

/* The number a member stands for. */
static bool
member_number(const struct reader *r, uint32_t type, uint64_t *v)
{
	uint32_t id = btf_resolve(r->btf, type);
	const struct btf_array *arr;
	const char *name;
	int64_t value;

	if (btf_enumerator(r->btf, id, 0, &name, &value)) {
		*v = (uint64_t)value;
		return true;
	}
	if (btf_kind(btf_type(r->btf, id)) != BTF_KIND_PTR)
		return false;
	arr = btf_array_of(r->btf, btf_resolve(r->btf, btf_target(r->btf, id)));
	*v = arr ? arr->nelems : 0;
	return arr;
}

/* What a pointer member points to, and its size. */
static bool
member_type(const struct reader *r, uint32_t type, uint32_t *id, uint32_t *size)
{
	int64_t n;

	type = btf_resolve(r->btf, type);
	if (btf_kind(btf_type(r->btf, type)) != BTF_KIND_PTR)
		return false;
	*id = btf_target(r->btf, type);
	n = btf_size(r->btf, *id);
	*size = (uint32_t)n;
	return n >= 0 && n <= UINT32_MAX;
}

static bool read_definition(struct reader *r, uint32_t type, struct image_map *m, int depth);

/* `values`: pointers to a map definition, or to functions (programs of a prog array). */
static bool
read_values(struct reader *r, uint32_t type, struct image_map *m, int depth)
{
	const struct btf_array *arr = btf_array_of(r->btf, btf_resolve(r->btf, type));
	struct image_map *inner;
	uint32_t target;

	if (!arr)
		return false;
	target = btf_resolve(r->btf, arr->type);
	if (btf_kind(btf_type(r->btf, target)) == BTF_KIND_PTR)
		target = btf_resolve(r->btf, btf_target(r->btf, target));
	m->value_size = 4;
	if (btf_kind(btf_type(r->btf, target)) == BTF_KIND_FUNC_PROTO)
		return true;
	inner = arena_new(r->a, struct image_map);
	inner->name = arena_printf(r->a, "%s.inner", m->name);
	inner->lisp_name = inner->name;
	inner->at = m->at;
	m->inner = inner;
	return depth == 0 && read_definition(r, target, inner, depth + 1);
}

static bool
read_member(struct reader *r, const struct btf_field *f, struct image_map *m, int depth)
{
	uint64_t v = 0;

	if (!strcmp(f->name, "key"))
		return member_type(r, f->type, &m->key_type_id, &m->key_size);
	if (!strcmp(f->name, "value"))
		return member_type(r, f->type, &m->value_type_id, &m->value_size);
	if (!strcmp(f->name, "values"))
		return read_values(r, f->type, m, depth);
	if (!member_number(r, f->type, &v))
		return false;
	if (!strcmp(f->name, "map_extra")) {
		m->extra = v;
		return true;
	}
	if (v > UINT32_MAX)
		return false;
	if (!strcmp(f->name, "type"))
		m->type = (uint32_t)v;
	else if (!strcmp(f->name, "key_size"))
		m->key_size = (uint32_t)v;
	else if (!strcmp(f->name, "value_size"))
		m->value_size = (uint32_t)v;
	else if (!strcmp(f->name, "max_entries"))
		m->max_entries = (uint32_t)v;
	else if (!strcmp(f->name, "map_flags"))
		m->flags = (uint32_t)v;
	else if (!strcmp(f->name, "pinning"))
		m->pin = v == 1 ? arena_printf(r->a, "/sys/fs/bpf/%s", m->name) : NULL;
	else
		return !strcmp(f->name, "numa_node");
	return true;
}

static void
bad_member(struct reader *r, const struct btf_field *f, const struct image_map *m)
{
	uint32_t bits, encoding;
	struct diag *d = diag_error(r->ds, "O0012", r->at,
				    "`%s` of map `%s` cannot be understood", f->name, m->name);

	if (!btf_int(r->btf, btf_resolve(r->btf, f->type), &bits, &encoding))
		return;
	diag_note(r->ds, d, "it is a number in memory; only the types of members are looked at");
	diag_help(r->ds, d, "write __uint(%s, VALUE): a pointer to an array of that many elements",
		  f->name);
}

static bool
read_definition(struct reader *r, uint32_t type, struct image_map *m, int depth)
{
	struct btf_field f;

	for (uint32_t i = 0; btf_member(r->btf, type, i, &f); i++) {
		if (read_member(r, &f, m, depth))
			continue;
		bad_member(r, &f, m);
		return false;
	}
	return true;
}

static void
read_btf_maps(struct reader *r, uint32_t section)
{
	const struct btf_var_secinfo *v;
	uint32_t id = elf_btf_datasec(r, ".maps"), n = 0;

	v = id ? btf_secinfos(r->btf, id, &n) : NULL;
	if (!v)
		diag_error(r->ds, "O0011", r->at, "its maps are defined by types, but it has "
						  "no BTF");
	for (uint32_t i = 0; i < n; i++) {
		const struct btf_var *var = btf_var_of(r->btf, v[i].type);
		uint32_t type = var ? btf_resolve(r->btf, btf_target(r->btf, v[i].type)) : 0;
		struct image_map *m;

		if (!btf_is_composite(btf_type(r->btf, type)))
			continue;
		m = elf_add_map(r, btf_name(r->btf, v[i].type), 0);
		vec_push(r->a, &r->places,
			 ((struct map_place){section, v[i].offset, r->im->maps.n - 1,
					     !read_definition(r, type, m, 0)}));
	}
}

/* ---- maps ---------------------------------------------------------------------------------- */

static void
read_legacy_maps(struct reader *r, uint32_t section)
{
	const struct elf_section *s = &r->elf.sections[section];
	uint32_t count = 0;
	uint64_t stride;

	for (uint32_t i = 0; i < r->elf.nsymbols; i++)
		count += r->elf.symbols[i].section == section &&
			 r->elf.symbols[i].type == STT_OBJECT;
	stride = count ? s->size / count : 0;
	for (uint32_t i = 0; s->data && stride >= 20 && i < r->elf.nsymbols; i++) {
		const struct elf_symbol *sym = &r->elf.symbols[i];
		uint32_t w[7] = {0};
		struct image_map *m;

		if (sym->section != section || sym->type != STT_OBJECT ||
		    sym->value > s->size - stride)
			continue;
		memcpy(w, s->data + sym->value, stride < sizeof w ? stride : sizeof w);
		m = elf_add_map(r, sym->name, w[0]);
		m->key_size = w[1];
		m->value_size = w[2];
		m->max_entries = w[3];
		m->flags = w[4];
		vec_push(r->a, &r->places, ((struct map_place){section, sym->value,
							       r->im->maps.n - 1, false}));
	}
}

void
elf_read_maps(struct reader *r)
{
	for (uint32_t i = 1; i < r->elf.nsections; i++) {
		if (r->roles[i] == ROLE_MAPS)
			read_legacy_maps(r, i);
		else if (r->roles[i] == ROLE_BTF_MAPS)
			read_btf_maps(r, i);
	}
}

/* SPDX-License-Identifier: MIT */
/* elf_btf.c: what an object file says in .BTF and .BTF.ext.
 *
 * A map is a variable in the data section .maps whose type, a struct, tells the map's shape
 * (libbpf's convention): a member `int (*NAME)[N]` says that attribute NAME is N; `key` and
 * `value` are pointers to the types themselves; `values` is an array of pointers to the
 * inner map's struct. */
#include "elf_out.h"

#include <elf.h>

enum { MAX_ATTRS = 12, MEMBER = 8, PIN_BY_NAME = 1 };

struct attrs {
	struct {
		const char *name;
		uint32_t type;
	} at[MAX_ATTRS];
	uint32_t n;
};

bool
elf_out_open_btf(struct elf_out *o)
{
	const struct image *im = o->image;
	const char *why = NULL;

	if (!im->btf) {
		o->builder = btf_builder_new(o->arena);
		return true;
	}
	o->btf = btf_open(o->arena, im->btf, im->btf_size, NULL, &why);
	o->builder = o->btf ? btf_builder_from(o->arena, im->btf, im->btf_size, &why) : NULL;
	if (!o->builder)
		diag_bug(o->ds, 0, "the image's types are malformed: %s", why);
	return o->builder != NULL;
}

/* ---- maps ------------------------------------------------------------------------------ */

static void
attr_type(struct attrs *a, const char *name, uint32_t type)
{
	a->at[a->n].name = name;
	a->at[a->n++].type = type;
}

static void
attr_number(struct elf_out *o, struct attrs *a, const char *name, uint32_t value)
{
	uint32_t i = btf_add_int(o->builder, "int", 4, BTF_INT_SIGNED);

	if (value)
		attr_type(a, name, btf_add_ref(o->builder, BTF_KIND_PTR,
					       btf_add_array(o->builder, i, i, value)));
}

/* libbpf pins where it likes, by the map's name; other paths it cannot be told. */
static void
attr_pin(struct elf_out *o, struct attrs *a, const struct image_map *m, const char *name)
{
	const char *slash = m->pin ? strrchr(m->pin, '/') : NULL;

	if (slash && strcmp(slash + 1, name) == 0)
		attr_number(o, a, "pinning", PIN_BY_NAME);
	else if (m->pin)
		diag_warning(o->ds, "O0034", m->at,
			     "map `%s` will not be pinned at %s by those who load the object: "
			     "it can only ask for its own name", m->name, m->pin);
}

/* The struct that tells a map's shape, and its size in bytes. */
static uint32_t
map_struct(struct elf_out *o, const struct image_map *m, const char *name, uint32_t *size)
{
	struct btf_builder *bb = o->builder;
	struct attrs a = {.n = 0};

	attr_number(o, &a, "type", m->type);
	attr_number(o, &a, "max_entries", m->max_entries);
	attr_number(o, &a, "map_flags", m->flags);
	attr_number(o, &a, "map_extra", (uint32_t)m->extra);
	if (m->key_type_id)
		attr_type(&a, "key", btf_add_ref(bb, BTF_KIND_PTR, m->key_type_id));
	else
		attr_number(o, &a, "key_size", m->key_size);
	if (m->inner) {
		uint32_t inner = map_struct(o, m->inner, m->inner->name, size);
		uint32_t i = btf_add_int(bb, "int", 4, BTF_INT_SIGNED);

		inner = btf_add_ref(bb, BTF_KIND_PTR, inner);
		attr_type(&a, "values", btf_add_array(bb, inner, i, 0));
	} else if (m->value_type_id) {
		attr_type(&a, "value", btf_add_ref(bb, BTF_KIND_PTR, m->value_type_id));
	} else {
		attr_number(o, &a, "value_size", m->value_size);
	}
	attr_pin(o, &a, m, name);

	/* `values` is the only one with no size, and stands where nothing may follow. */
	*size = (a.n - (m->inner != NULL)) * MEMBER;

	uint32_t id = btf_add_composite(bb, BTF_KIND_STRUCT, NULL, *size), bits = 0;

	for (int unsized = 0; unsized < 2; unsized++) {
		for (uint32_t i = 0; i < a.n; i++) {
			if ((strcmp(a.at[i].name, "values") == 0) != unsized)
				continue;
			btf_add_member(bb, a.at[i].name, a.at[i].type, bits);
			bits += MEMBER * 8;
		}
	}
	return id;
}

static void
map_symbol(struct elf_out *o, uint32_t map, uint32_t section, const char *name,
	   const struct btf_var_secinfo *at)
{
	struct buf *data = &o->sections.at[section].data;

	o->maps[map].symbol = elf_out_symbol(o, (struct out_symbol){
		.name = name, .section = section, .type = STT_OBJECT, .global = true,
		.value = at->offset, .size = at->size});
	if (data->n < at->offset + at->size)
		buf_fill(data, 0, at->offset + at->size - data->n);
}

/* An image that was read from an object file brings its .maps along. */
static bool
keep_maps(struct elf_out *o, uint32_t datasec, uint32_t section)
{
	const struct image *im = o->image;
	uint32_t n;
	const struct btf_var_secinfo *v = btf_secinfos(o->btf, datasec, &n);

	for (uint32_t i = 0; i < im->maps.n; i++) {
		const char *name = im->maps.at[i]->name;
		uint32_t j = 0;

		if (o->maps[i].is_data)
			continue;
		while (j < n && strcmp(btf_name(o->btf, v[j].type), name) != 0)
			j++;
		if (j == n) {
			diag_error(o->ds, "O0033", im->maps.at[i]->at,
				   "map `%s` is not among the maps its object file declares",
				   name);
			return false;
		}
		map_symbol(o, i, section, name, &v[j]);
	}
	return true;
}

bool
elf_out_describe_maps(struct elf_out *o)
{
	const struct image *im = o->image;
	uint32_t known = o->btf ? btf_find(o->btf, STR(".maps"), BTF_KIND_DATASEC) : 0;
	VEC(struct btf_var_secinfo) vars = {0};
	uint32_t offset = 0, section = 0;

	for (uint32_t i = 0; i < im->maps.n; i++) {
		const struct image_map *m = im->maps.at[i];

		if (o->maps[i].is_data)
			continue;
		section = elf_out_section(o, ".maps", SHF_ALLOC | SHF_WRITE);
		o->sections.at[section].align = 8;
		if (known)
			return keep_maps(o, known, section);

		const char *name = btf_identifier(o->arena, m->name);
		struct btf_var_secinfo v = {.offset = offset};
		uint32_t type = map_struct(o, m, name, &v.size);

		v.type = btf_add_var(o->builder, name, type, BTF_VAR_GLOBAL_ALLOCATED);
		map_symbol(o, i, section, name, &v);
		vec_push(o->arena, &vars, v);
		offset += v.size;
	}
	if (vars.n == 0)
		return true;
	btf_add_datasec(o->builder, ".maps", offset);
	for (uint32_t i = 0; i < vars.n; i++)
		btf_add_datasec_var(o->builder, vars.at[i].type, vars.at[i].offset,
				    vars.at[i].size);
	return true;
}

/* ---- kernel functions and variables ---------------------------------------------------- */

/* The kernel takes no extern functions or variables in BTF, so in an image those of its types
 * that stand for kernel symbols count as the program's own; an object must say extern. Of
 * variables only the address is used: `const void` asks for no type. */
static bool
add_ksym(struct elf_out *o, const struct image_prog *p, const struct image_reloc *r,
	 uint32_t *id)
{
	uint32_t kind = r->kind == RELOC_KFUNC ? BTF_KIND_FUNC : BTF_KIND_VAR;
	uint32_t any = btf_add_ref(o->builder, BTF_KIND_CONST, 0);

	*id = o->btf ? btf_find(o->btf, str_of(r->name), kind) : 0;
	if (*id) {
		btf_make_extern(o->builder, *id, any);
		return true;
	}
	if (r->kind == RELOC_KFUNC) {
		diag_error(o->ds, "O0035", p->at,
			   "`%s` calls the kernel function %s, whose type the object would "
			   "have to state and the program's types do not contain",
			   p->name, r->name);
		return false;
	}
	*id = btf_add_var(o->builder, r->name, any, BTF_VAR_GLOBAL_EXTERN);
	return true;
}

static bool
describe_ksyms(struct elf_out *o)
{
	const struct image *im = o->image;
	VEC(uint32_t) ids = {0};
	VEC(const char *) names = {0};

	for (uint32_t i = 0; i < im->progs.n; i++) {
		const struct image_prog *p = im->progs.at[i];

		for (uint32_t j = 0; j < p->relocs.n; j++) {
			const struct image_reloc *r = &p->relocs.at[j];
			uint32_t k = 0, id;

			if (r->kind != RELOC_KFUNC && r->kind != RELOC_KSYM)
				continue;
			while (k < names.n && strcmp(names.at[k], r->name) != 0)
				k++;
			if (k < names.n)
				continue;
			if (!add_ksym(o, p, r, &id))
				return false;
			vec_push(o->arena, &names, r->name);
			vec_push(o->arena, &ids, id);
		}
	}
	if (ids.n)
		btf_add_datasec(o->builder, ".ksyms", 0);
	for (uint32_t i = 0; i < ids.n; i++)
		btf_add_datasec_var(o->builder, ids.at[i], 0, 0);
	return true;
}

/* ---- .BTF.ext -------------------------------------------------------------------------- */

/* Records count instructions from the program's start in an image, bytes from the section's
 * start in an object. */
static void
place_infos(struct elf_out *o, const struct out_prog *op)
{
	const struct image_prog *p = op->prog;
	uint32_t section, offset;

	for (uint32_t i = 0; i < p->nfunc_info; i++) {
		struct bpf_func_info f = p->func_info[i];

		if (!elf_out_place(op, f.insn_off, &section, &offset))
			continue;
		f.insn_off = offset;
		vec_push(o->arena, &o->sections.at[section].funcs, f);
	}
	for (uint32_t i = 0; i < p->nline_info; i++) {
		struct bpf_line_info l = p->line_info[i];

		if (!elf_out_place(op, l.insn_off, &section, &offset))
			continue;
		l.insn_off = offset;
		vec_push(o->arena, &o->sections.at[section].lines, l);
	}
	for (uint32_t i = 0; i < p->cores.n; i++) {
		const struct image_core *c = &p->cores.at[i];

		if (!elf_out_place(op, c->insn, &section, &offset))
			continue;

		struct bpf_core_relo r = {offset, c->type_id,
					  btf_add_str(o->builder, c->access),
					  (enum bpf_core_relo_kind)c->kind};

		vec_push(o->arena, &o->sections.at[section].cores, r);
	}
}

static void
write_ext(struct elf_out *o)
{
	VEC(struct btf_ext_section) all = {0};
	uint32_t size, at;
	const void *raw;

	for (uint32_t i = 0; i < o->sections.n; i++) {
		const struct out_section *s = &o->sections.at[i];

		if (s->funcs.n + s->lines.n + s->cores.n == 0)
			continue;
		vec_push(o->arena, &all, ((struct btf_ext_section){
			.name = btf_add_str(o->builder, s->name),
			.funcs = s->funcs.at, .nfuncs = s->funcs.n,
			.lines = s->lines.at, .nlines = s->lines.n,
			.cores = s->cores.at, .ncores = s->cores.n}));
	}
	if (all.n == 0)
		return;
	raw = btf_ext_serialise(o->arena, all.at, all.n, &size);
	at = elf_out_section(o, ".BTF.ext", 0);
	o->sections.at[at].align = 4;
	buf_bytes(&o->sections.at[at].data, raw, size);
}

bool
elf_out_write_btf(struct elf_out *o)
{
	uint32_t size, at;
	const void *raw;

	if (!describe_ksyms(o))
		return false;
	for (uint32_t i = 0; i < o->image->progs.n; i++)
		place_infos(o, &o->progs[i]);
	write_ext(o);
	raw = btf_serialise(o->builder, &size);
	if (size == sizeof(struct btf_header) + 1)
		return true;
	at = elf_out_section(o, ".BTF", 0);
	o->sections.at[at].align = 4;
	buf_bytes(&o->sections.at[at].data, raw, size);
	return true;
}

/* SPDX-License-Identifier: MIT */
/* core.c: CO-RE records, and the kernel's types as the program's BTF has them.
 *
 * A struct of the kernel is described with the members the program uses, each where this
 * kernel has it and as if it stood directly in the struct: loaders look for a member by its
 * name, through anonymous structs and unions. Members stand in order of their offsets, as the
 * kernel wants them; what a pointer leads to does not matter to anybody. */
#include "compile/emit/btf.h"
#include "compile/emit/emit.h"
#include "compile/lower/kfield.h"

#include <stdlib.h>

static uint32_t composite(struct cg *c, const struct btf *b, struct core_type *t);

static uint32_t
local_type(struct cg *c, const struct btf *b, uint32_t id)
{
	struct btf_builder *bb = c->image->builder;
	uint32_t t = btf_resolve(b, id), bits, encoding;
	const struct btf_array *arr = btf_array_of(b, t);
	uint32_t size = (uint32_t)btf_size(b, t);

	if (arr) {
		uint32_t elem = local_type(c, b, arr->type);

		return btf_add_array(bb, elem, btf_add_int(bb, "u32", 4, 0), arr->nelems);
	}
	switch (btf_kind(btf_type(b, t))) {
	case BTF_KIND_STRUCT: case BTF_KIND_UNION: 
		return composite(c, b, &c->core_types.at[kfield_core_type(c, b, t)]);
	case BTF_KIND_PTR: return btf_add_ref(bb, BTF_KIND_PTR, 0);
	case BTF_KIND_FLOAT: return btf_add_float(bb, btf_name(b, t), size);
	case BTF_KIND_ENUM: case BTF_KIND_ENUM64:
		return btf_add_enum(bb, btf_name(b, t), size, btf_is_signed(b, t));
	default:
		if (!btf_int(b, t, &bits, &encoding))
			return btf_add_int(bb, "u64", 8, 0);
		return btf_add_int(bb, btf_name(b, t), size, encoding);
	}
}

static uint32_t
absent_int(struct cg *c, uint32_t size)
{
	return btf_add_int(c->image->builder, arena_printf(c->a, "u%u", size * 8), size, 0);
}

static int
by_offset(const void *a, const void *b)
{
	const struct core_member *x = *(struct core_member *const *)a;
	const struct core_member *y = *(struct core_member *const *)b;

	if (x->bit_offset != y->bit_offset)
		return x->bit_offset < y->bit_offset ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void
add_members(struct cg *c, struct core_member *const *sorted, const uint32_t *types, uint32_t n)
{
	struct btf_builder *bb = c->image->builder;

	for (uint32_t i = 0; i < n; i++) {
		const struct core_member *m = sorted[i];

		if (m->bit_size)
			btf_add_bitfield(bb, m->name, types[i], m->bit_offset, m->bit_size);
		else
			btf_add_member(bb, m->name, types[i], m->bit_offset);
	}
}

static uint32_t
composite(struct cg *c, const struct btf *b, struct core_type *t)
{
	uint32_t n = t->members.n, index = (uint32_t)(t - c->core_types.at), id;
	struct core_member **sorted = arena_array(c->a, struct core_member *, n + 1);
	uint32_t *types = arena_array(c->a, uint32_t, n + 1);

	if (t->local)
		return t->local;
	for (uint32_t i = 0; i < n; i++)
		sorted[i] = &t->members.at[i];
	if (n)
		qsort(sorted, n, sizeof *sorted, by_offset);
	for (uint32_t i = 0; i < n; i++) {
		sorted[i]->place = i;
		types[i] = sorted[i]->absent ? absent_int(c, sorted[i]->size)
					     : local_type(c, b, sorted[i]->type);
	}
	t = &c->core_types.at[index];	/* others may have been added */
	id = btf_add_composite(c->image->builder, t->kind, *t->name ? t->name : NULL,
			       t->size ? t->size : n ? 8 : 0);
	add_members(c, sorted, types, n);
	return t->local = id;
}

static uint32_t
enumeration(struct cg *c, struct core_type *t)
{
	struct btf_builder *bb = c->image->builder;

	if (t->local)
		return t->local;
	t->local = btf_add_enum(bb, t->name, t->size ? t->size : 4, false);
	for (uint32_t i = 0; i < t->members.n; i++) {
		t->members.at[i].place = i;
		btf_add_enumerator(bb, t->members.at[i].name, t->members.at[i].value);
	}
	return t->local;
}

static uint32_t
local_root(struct cg *c, const struct btf *b, uint32_t root)
{
	struct core_type *t = &c->core_types.at[root];

	return t->kind == BTF_KIND_STRUCT || t->kind == BTF_KIND_UNION ? composite(c, b, t)
								       : enumeration(c, t);
}

/* "0:1:2": the first number counts whole structs; of an enumerator there is but one. */
static const char *
access_text(struct cg *c, const struct core_path *p)
{
	struct buf out = buf_new(c->image->arena);
	uint32_t kind = c->core_types.at[p->root].kind;
	bool composite_root = kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION;

	if (composite_root || !p->steps.n)
		buf_puts(&out, "0");
	for (uint32_t i = 0; i < p->steps.n; i++) {
		const struct core_step *s = &p->steps.at[i];
		uint32_t at = s->element
			? s->member : c->core_types.at[s->type].members.at[s->member].place;

		buf_printf(&out, composite_root ? ":%u" : "%u", at);
	}
	return arena_strndup(c->image->arena, out.at, out.n);
}

void
cg_btf_cores(struct cg *c)
{
	struct diags quiet = {.arena = c->a};
	struct btf *b;

	if (!c->cores.n)
		return;
	b = kenv_vmlinux(c->k, c->prog->at, &quiet);
	for (uint32_t i = 0; i < c->cores.n; i++)	/* members have their places then */
		local_root(c, b, c->cores.at[i].core.path->root);
	for (uint32_t i = 0; i < c->cores.n; i++) {
		const struct ir_core *core = &c->cores.at[i].core;
		struct image_core r = {.insn = c->cores.at[i].insn, .kind = core->kind,
				       .type_id = local_root(c, b, core->path->root),
				       .access = access_text(c, core->path)};

		vec_push(c->image->arena, &c->prog->cores, r);
	}
}

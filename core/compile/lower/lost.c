/* SPDX-License-Identifier: MIT */
/* lost.c: what had no room is counted: lines of printf when its ring is full, events of an
 * aggregation when its map is. The counts are words of one map's only value, one for each map
 * of the session by its number; whoever reads the maps says what is missing. */
#include "compile/lower/lower.h"

static const struct kmap *
lost_map(struct cg *c)
{
	struct kenv *k = c->k;
	struct symbol *name = kenv_intern(k, LOST_MAP);
	struct kmap *m;

	if (kenv_sym(k, name)->map)
		return k->maps.at[kenv_sym(k, name)->map - 1];
	m = arena_new(&k->arena, struct kmap);
	m->name = name;
	m->key = TY_INT(4, false);
	m->spec = (struct image_map){.lisp_name = LOST_MAP, .name = "lost",
				     .type = BPF_MAP_TYPE_ARRAY, .key_size = 4,
				     .value_size = LOST_SLOTS * 8, .max_entries = 1};
	kenv_add_map(k, m);
	return m;
}

uint32_t
kenv_lost_slot(const struct kenv *k, str name)
{
	uint32_t i = 0;

	while (i < k->maps.n && i < LOST_SLOTS - 1 && !str_is(name, k->maps.at[i]->spec.lisp_name))
		i++;
	return i;
}

void
cg_lost(struct cg *c, const struct kmap *m)
{
	uint32_t slot = kenv_lost_slot(c->k, str_of(m->spec.lisp_name));
	ref map = cg_map_ref(c, lost_map(c)), count;

	count = ir_leaf(c->f, IR_MAPVAL, ir_at(c->f, map)->imm, (int32_t)slot * 8, PV_MAP_VALUE);
	cg_describe(c, count, "what found no room in ", m->spec.lisp_name);
	cg_atomic(c, count, 0, 8, ir_const(c->f, 1), BPF_ADD);
}

/* SPDX-License-Identifier: MIT */
/* lock.c: locks, saved interrupt flags, and other fields that the kernel owns inside a
 * value of the program's: timers and work items.
 *
 * A lock is told from others by the pointer's id (which lookup, which object) and by what it
 * lies in (the map, or the program's types). Ordinary spin locks are taken one at a time;
 * resilient ones nest, are released in the reverse order, and taking one may fail. */
#include "rules.h"

struct lock {
	const char *name;	/* "bpf_spin": of the lock, with _lock or _unlock behind */
	uint8_t field;		/* enum vs_field_kind */
	uint8_t kind;		/* REF_LOCK... */
};

static const void *
owner_of(const struct vs_env *env, const struct vs_reg *r)
{
	return r->type == RT_MAP_VALUE ? (const void *)r->map : (const void *)env->btf;
}

bool
vs_record_has_lock(const struct vs_record *rec)
{
	return vs_record_find(rec, FIELD_SPIN_LOCK) || vs_record_find(rec, FIELD_RES_SPIN_LOCK);
}

static bool
has_btf(const struct vs_env *env, const struct vs_map *map)
{
	return env->btf && map->im->value_type_id;
}

/* The register points to the lock of its value or object. */
static int
check_place(struct vs_env *env, uint32_t regno, const struct lock *l)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];
	const struct vs_record *rec = vs_reg_record(env, r);
	const struct vs_field *f = vs_record_find(rec, l->field);
	const struct vs_map *map = r->type == RT_MAP_VALUE ? r->map : NULL;
	const char *name = vs_field_name(l->field);

	if (r->var.mask)
		return vs_reject(env, VS_E_LOCK_CONST, regno, name);
	if (map && !has_btf(env, map))
		return vs_reject(env, VS_E_MAP_NO_BTF, map->im->name, name);
	if (!f)
		return vs_reject(env, VS_E_LOCK_MISSING, map ? "map" : "local",
				 map ? map->im->name : "kptr", name);
	if (f->off != r->var.value + (uint64_t)(int64_t)r->off)
		return vs_reject(env, VS_E_LOCK_OFF, (long long)(r->var.value + r->off), name,
				 f->off);
	return 0;
}

static int
take(struct vs_env *env, const struct vs_reg *r, const struct lock *l)
{
	const void *owner = owner_of(env, r);

	if (l->kind == REF_LOCK) {
		for (uint32_t i = 0; i < env->cur->nrefs; i++)
			if (env->cur->refs[i].kind == REF_LOCK)
				return vs_reject(env, VS_E_LOCK_TWO);
	} else if (vs_find_lock(env->cur, REF_RES_LOCK | REF_RES_LOCK_IRQ, r->id, owner)) {
		return vs_reject(env, VS_E_LOCK_AGAIN);
	}
	vs_acquire_lock(env, l->kind, r->id, owner);
	return 0;
}

static int
give_back(struct vs_env *env, const struct vs_reg *r, const struct lock *l)
{
	const struct vs_state *st = env->cur;
	const void *owner = owner_of(env, r);

	if (!st->active_locks)
		return vs_reject(env, VS_E_UNLOCK_NONE, l->name);
	if (!vs_find_lock(env->cur, l->kind, r->id, owner))
		return vs_reject(env, VS_E_UNLOCK_OTHER, l->name);
	if (r->id != st->active_lock_id || owner != st->active_lock_ptr)
		return vs_reject(env, VS_E_UNLOCK_ORDER, l->name);
	vs_release_lock(env, l->kind, r->id, owner);
	vs_invalidate_non_owning(env);
	return 0;
}

int
vs_check_spin_lock(struct vs_env *env, uint32_t regno, bool lock)
{
	static const struct lock spin = {"bpf_spin", FIELD_SPIN_LOCK, REF_LOCK};
	int err;

	if (vs_in_tree_callback(env))
		return vs_reject(env, VS_E_LOCK_CB);
	err = check_place(env, regno, &spin);
	if (err)
		return err;
	return lock ? take(env, &vs_cur_regs(env)[regno], &spin)
		    : give_back(env, &vs_cur_regs(env)[regno], &spin);
}

int
vs_check_res_lock(struct vs_env *env, const struct kcall *k, uint32_t regno)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];
	bool irq = strstr(k->name, "irq"), unlock = strstr(k->name, "unlock");
	struct lock res = {"bpf_res_spin", FIELD_RES_SPIN_LOCK,
			   irq ? REF_RES_LOCK_IRQ : REF_RES_LOCK};
	int err;

	if (vs_in_tree_callback(env))
		return vs_reject(env, VS_E_RES_LOCK_CB);
	if (r->type != RT_MAP_VALUE && r->type != (RT_BTF_ID | TF_ALLOC))
		return vs_reject(env, VS_E_ARG_NO_LOCK, regno - 1, regno);
	err = check_place(env, regno, &res);
	if (err)
		return err;
	return unlock ? give_back(env, r, &res) : take(env, r, &res);
}

/* ---- saved interrupt flags ---------------------------------------------------------- */

int
vs_check_irq_flag(struct vs_env *env, const struct kcall *k, uint32_t regno)
{
	struct vs_reg *r = &vs_cur_regs(env)[regno];
	uint8_t kind = strstr(k->name, "spin") ? IRQ_LOCK : IRQ_NATIVE;
	size_t n = strlen(k->name);
	int err;

	if (r->type != RT_STACK)
		return vs_reject(env, VS_E_ARG_NO_FLAG, regno - 1, regno);
	if (n > 4 && !strcmp(k->name + n - 4, "save")) {
		if (!vs_irq_uninit_ok(env, r))
			return vs_reject(env, VS_E_IRQ_UNINIT, regno - 1, regno);
		err = vs_check_mem_access(env, env->insn_idx, regno, 0, 8, true, -1, false,
					  false);
		return err ? err : vs_mark_irq(env, r, env->insn_idx, kind);
	}
	if (!vs_irq_init_ok(env, r))
		return vs_reject(env, VS_E_IRQ_INIT, regno - 1, regno);
	return vs_unmark_irq(env, r, kind);
}

/* ---- timers and work items ---------------------------------------------------------- */

int
vs_check_map_field(struct vs_env *env, uint32_t regno, uint8_t kind)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];
	const struct vs_map *map = r->map;
	const struct vs_field *f = vs_record_find(&map->record, kind);
	const char *name = vs_field_name(kind);

	if (r->var.mask)
		return vs_reject(env, VS_E_LOCK_CONST, regno, name);
	if (!has_btf(env, map))
		return vs_reject(env, VS_E_MAP_NO_BTF, map->im->name, name);
	if (!f)
		return vs_reject(env, VS_E_FIELD_MISSING, map->im->name, name);
	if (f->off != r->var.value + (uint64_t)(int64_t)r->off)
		return vs_reject(env, VS_E_LOCK_OFF, (long long)(r->var.value + r->off), name,
				 f->off);
	return 0;
}

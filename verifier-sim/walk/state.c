/* SPDX-License-Identifier: MIT */
/* state.c: memory of states, frames and references.
 *
 * The walk makes and drops states by the hundred thousand, so nothing is allocated twice:
 * dropped frames, stacks, lists and states go to free lists by size and come back from there.
 * All of it lives in env->tmp, which ends with the verification. */
#include "verifier-sim/env.h"

enum { STACK_UNIT = 4, STACK_CLASSES = VS_SLOTS / STACK_UNIT + 1, LIST_CLASSES = 24 };

struct link {
	struct link *next;
};

struct vs_pools {
	struct vs_state *states;	/* linked by parent */
	struct link *frames;
	struct link *stacks[STACK_CLASSES];	/* by slots / STACK_UNIT */
	struct link *spills;
	struct link *lists[LIST_CLASSES];	/* byte arrays of 64 << class */
};

void
vs_pools_init(struct vs_env *env)
{
	env->pools = arena_new(env->tmp, struct vs_pools);
}

static void *
take(struct link **list)
{
	struct link *l = *list;

	if (l)
		*list = l->next;
	return l;
}

static void
give(struct link **list, void *p)
{
	struct link *l = p;

	l->next = *list;
	*list = l;
}

static uint32_t
list_class(size_t bytes)
{
	uint32_t c = 0;

	while (c < LIST_CLASSES - 1 && ((size_t)64 << c) < bytes)
		c++;
	return c;
}

static void *
list_new(struct vs_env *env, size_t bytes)
{
	uint32_t c = list_class(bytes);
	void *p = take(&env->pools->lists[c]);

	return p ? p : arena_alloc(env->tmp, (size_t)64 << c);
}

static void
list_free(struct vs_env *env, void *p, size_t bytes)
{
	if (p)
		give(&env->pools->lists[list_class(bytes)], p);
}

/* Make room for `need` elements in a list whose contents are kept. */
static void *
list_reserve(struct vs_env *env, void *old, uint32_t n, uint32_t *cap, uint32_t need, size_t size)
{
	uint32_t want;
	void *p;

	if (need <= *cap)
		return old;
	want = (uint32_t)(((size_t)64 << list_class(need * size)) / size);
	p = list_new(env, want * size);
	if (n)
		memcpy(p, old, n * size);
	list_free(env, old, *cap * size);
	*cap = want;
	return p;
}

static uint32_t
stack_class(uint32_t nslots)
{
	return (nslots + STACK_UNIT - 1) / STACK_UNIT;
}

void
vs_frame_grow(struct vs_env *env, struct vs_frame *f, uint32_t nslots)
{
	struct vs_slot *s;
	uint32_t c;

	if (nslots <= f->nslots || nslots > VS_SLOTS)
		return;
	if (nslots > f->cap) {
		c = stack_class(nslots);
		s = take(&env->pools->stacks[c]);
		if (!s)
			s = arena_array(env->tmp, struct vs_slot, c * STACK_UNIT);
		if (f->nslots)
			memcpy(s, f->stack, f->nslots * sizeof *s);
		if (f->cap)
			give(&env->pools->stacks[stack_class(f->cap)], f->stack);
		f->stack = s;
		f->cap = c * STACK_UNIT;
	}
	memset(&f->stack[f->nslots], 0, (nslots - f->nslots) * sizeof *s);
	f->nslots = nslots;
}

/* To be copied over at once: only the stack it owns must be right. */
static struct vs_frame *
frame_raw(struct vs_env *env)
{
	struct vs_frame *f = take(&env->pools->frames);

	if (!f)
		return arena_new(env->tmp, struct vs_frame);
	f->stack = NULL;
	f->nslots = f->cap = 0;
	return f;
}

struct vs_frame *
vs_frame_new(struct vs_env *env)
{
	struct vs_frame *f = take(&env->pools->frames);

	if (!f)
		return arena_new(env->tmp, struct vs_frame);
	memset(f, 0, sizeof *f);
	return f;
}

/* ---- saved registers ------------------------------------------------------------------------ */

const struct vs_reg vs_never_written;

static struct vs_spill *
spill_new(struct vs_env *env, const struct vs_reg *r)
{
	struct vs_spill *s = take(&env->pools->spills);

	if (!s)
		s = arena_alloc(env->tmp, sizeof *s);
	s->reg = *r;
	s->refs = 1;
	return s;
}

void
vs_slot_drop(struct vs_env *env, struct vs_slot *s)
{
	if (s->spill && !--s->spill->refs)
		give(&env->pools->spills, s->spill);
	s->spill = NULL;
}

struct vs_reg *
vs_slot_edit(struct vs_env *env, struct vs_slot *s)
{
	struct vs_spill *was = s->spill;

	if (!was || was->refs > 1) {
		s->spill = spill_new(env, vs_slot_reg(s));
		if (was)
			was->refs--;
	}
	return &s->spill->reg;
}

void
vs_slot_set(struct vs_env *env, struct vs_slot *s, const struct vs_reg *r)
{
	if (s->spill && s->spill->refs == 1) {
		s->spill->reg = *r;
		return;
	}
	vs_slot_drop(env, s);
	s->spill = spill_new(env, r);
}

static void
drop_slots(struct vs_env *env, struct vs_frame *f)
{
	for (uint32_t i = 0; i < f->nslots; i++)
		vs_slot_drop(env, &f->stack[i]);
}

void
vs_frame_free(struct vs_env *env, struct vs_frame *f)
{
	if (!f)
		return;
	drop_slots(env, f);
	if (f->cap)
		give(&env->pools->stacks[stack_class(f->cap)], f->stack);
	give(&env->pools->frames, f);
}

static void
frame_copy(struct vs_env *env, struct vs_frame *dst, const struct vs_frame *src)
{
	struct vs_slot *stack = dst->stack;
	uint32_t cap = dst->cap;

	drop_slots(env, dst);
	if (src->nslots > cap) {
		dst->nslots = 0;
		vs_frame_grow(env, dst, src->nslots);
		stack = dst->stack;
		cap = dst->cap;
	}
	*dst = *src;
	dst->stack = stack;
	dst->cap = cap;
	for (uint32_t i = 0; i < src->nslots; i++) {
		stack[i] = src->stack[i];
		if (stack[i].spill)
			stack[i].spill->refs++;
	}
}

struct vs_state *
vs_state_new(struct vs_env *env)
{
	struct vs_state *st = env->pools->states;

	if (!st)
		return arena_new(env->tmp, struct vs_state);
	env->pools->states = st->parent;
	memset(st, 0, sizeof *st);
	return st;
}

static void
release_parts(struct vs_env *env, struct vs_state *st)
{
	for (uint32_t i = 0; i < VS_FRAMES; i++) {
		vs_frame_free(env, st->frame[i]);
		st->frame[i] = NULL;
	}
	list_free(env, st->refs, st->refs_cap * sizeof *st->refs);
	list_free(env, st->jmps, st->jmps_cap * sizeof *st->jmps);
	st->refs = NULL;
	st->jmps = NULL;
	st->nrefs = st->refs_cap = st->njmps = st->jmps_cap = 0;
}

void
vs_state_free(struct vs_env *env, struct vs_state *st, bool self)
{
	release_parts(env, st);
	if (self) {
		st->parent = env->pools->states;
		env->pools->states = st;
	}
}

void
vs_state_copy(struct vs_env *env, struct vs_state *dst, const struct vs_state *src)
{
	struct vs_state old = *dst;

	*dst = *src;
	memcpy(dst->frame, old.frame, sizeof old.frame);
	for (uint32_t i = src->curframe + 1; i < VS_FRAMES; i++) {
		vs_frame_free(env, dst->frame[i]);
		dst->frame[i] = NULL;
	}
	for (uint32_t i = 0; i <= src->curframe; i++) {
		if (!dst->frame[i])
			dst->frame[i] = frame_raw(env);
		frame_copy(env, dst->frame[i], src->frame[i]);
	}
	dst->refs_cap = old.refs_cap;
	dst->refs = list_reserve(env, old.refs, 0, &dst->refs_cap, src->nrefs,
				 sizeof *dst->refs);
	if (src->nrefs)
		memcpy(dst->refs, src->refs, src->nrefs * sizeof *dst->refs);
	dst->jmps_cap = old.jmps_cap;
	dst->jmps = list_reserve(env, old.jmps, 0, &dst->jmps_cap, src->njmps,
				 sizeof *dst->jmps);
	if (src->njmps)
		memcpy(dst->jmps, src->jmps, src->njmps * sizeof *dst->jmps);
}

/* ---- the path's history ----------------------------------------------------------------- */

void
vs_push_history(struct vs_env *env, uint32_t flags, uint64_t linked)
{
	struct vs_state *st = env->cur;
	struct vs_jmp *j;

	/* One entry per instruction: what else is learned of it is added. */
	if (env->cur_jmp) {
		j = &st->jmps[env->cur_jmp - 1];
		j->flags = (j->flags | flags) & 0x1fff;
		if (!j->linked)
			j->linked = linked;
		return;
	}
	st->jmps = list_reserve(env, st->jmps, st->njmps, &st->jmps_cap, st->njmps + 1,
				sizeof *st->jmps);
	j = &st->jmps[st->njmps++];
	*j = (struct vs_jmp){.idx = env->insn_idx & 0xfffff, .prev = env->prev_insn_idx & 0xfffff,
			     .flags = flags & 0x1fff, .linked = linked};
	env->cur_jmp = st->njmps;
}

/* ---- registers of a state ---------------------------------------------------------------- */

/* Shared registers are tried on a copy: most stay as they are. */
static void
on_slot(struct vs_env *env, struct vs_slot *s, void (*fn)(void *user, struct vs_reg *r),
	void *user)
{
	struct vs_reg r;

	if (s->spill && s->spill->refs == 1) {
		fn(user, &s->spill->reg);
		return;
	}
	r = *vs_slot_reg(s);
	fn(user, &r);
	if (!vs_regs_identical(&r, vs_slot_reg(s)))
		vs_slot_set(env, s, &r);
}

void
vs_each_reg(struct vs_env *env, struct vs_state *st, void (*fn)(void *user, struct vs_reg *r), void *user)
{
	for (uint32_t i = 0; i <= st->curframe; i++) {
		struct vs_frame *f = st->frame[i];

		for (uint32_t j = 0; j < VS_REGS; j++)
			fn(user, &f->regs[j]);
		for (uint32_t j = 0; j < f->nslots; j++)
			if (f->stack[j].type[7] == SLOT_SPILL)
				on_slot(env, &f->stack[j], fn, user);
	}
}

void
vs_invalidate_reg(struct vs_env *env, struct vs_reg *r)
{
	/* Without the right to see pointers, what is left of one must not be read at all. */
	if (env->allow_ptr_leaks)
		vs_reg_unknown(env, r);
	else
		vs_reg_not_init(env, r);
}

struct walk_env {
	struct vs_env *env;
	uint32_t id;
};

bool
vs_is_packet(const struct vs_reg *r)
{
	uint32_t base = vs_base(r->type);

	if (base == RT_MEM)
		return r->dynptr_id &&
			(r->type & (TF_DYNPTR_SKB | TF_DYNPTR_XDP | TF_DYNPTR_SKB_META));
	return base == RT_PACKET || base == RT_PACKET_META || base == RT_PACKET_END;
}

static void
drop_pkt(void *user, struct vs_reg *r)
{
	struct walk_env *w = user;

	if (vs_is_packet(r))
		vs_invalidate_reg(w->env, r);
}

void
vs_clear_pkt_pointers(struct vs_env *env)
{
	struct walk_env w = {env, 0};

	vs_each_reg(env, env->cur, drop_pkt, &w);
}

static void
drop_non_owning(void *user, struct vs_reg *r)
{
	struct walk_env *w = user;

	if (vs_is_alloc_type(r->type) && (r->type & TF_NON_OWN))
		vs_invalidate_reg(w->env, r);
}

void
vs_invalidate_non_owning(struct vs_env *env)
{
	struct walk_env w = {env, 0};

	vs_each_reg(env, env->cur, drop_non_owning, &w);
}

/* ---- references --------------------------------------------------------------------------- */

static struct vs_ref *
add_ref(struct vs_env *env, uint8_t kind, uint32_t id, uint32_t insn, const void *ptr)
{
	struct vs_state *st = env->cur;

	st->refs = list_reserve(env, st->refs, st->nrefs, &st->refs_cap, st->nrefs + 1,
				sizeof *st->refs);
	st->refs[st->nrefs] = (struct vs_ref){kind, id, insn, ptr};
	return &st->refs[st->nrefs++];
}

static void
remove_ref(struct vs_state *st, uint32_t i)
{
	/* Order matters for interrupt sections, and for how states compare. */
	memmove(&st->refs[i], &st->refs[i + 1], (st->nrefs - i - 1) * sizeof *st->refs);
	st->nrefs--;
}

uint32_t
vs_acquire_ref(struct vs_env *env, uint32_t insn_idx)
{
	return add_ref(env, REF_PTR, ++env->next_id, insn_idx, NULL)->id;
}

bool
vs_release_ref_nomark(struct vs_state *st, uint32_t ref_id)
{
	for (uint32_t i = 0; i < st->nrefs; i++)
		if (st->refs[i].kind == REF_PTR && st->refs[i].id == ref_id) {
			remove_ref(st, i);
			return true;
		}
	return false;
}

static void
drop_ref(void *user, struct vs_reg *r)
{
	struct walk_env *w = user;

	if (r->ref_id == w->id)
		vs_invalidate_reg(w->env, r);
}

int
vs_release_ref(struct vs_env *env, uint32_t ref_id)
{
	struct walk_env w = {env, ref_id};

	if (!vs_release_ref_nomark(env->cur, ref_id))
		return -EINVAL;
	vs_each_reg(env, env->cur, drop_ref, &w);
	return 0;
}

void
vs_acquire_lock(struct vs_env *env, uint8_t kind, uint32_t id, const void *ptr)
{
	add_ref(env, kind, id, env->insn_idx, ptr);
	env->cur->active_locks++;
	env->cur->active_lock_id = id;
	env->cur->active_lock_ptr = ptr;
}

int
vs_release_lock(struct vs_env *env, uint8_t kind, uint32_t id, const void *ptr)
{
	struct vs_state *st = env->cur;
	const void *prev_ptr = NULL;
	uint32_t prev_id = 0;

	for (uint32_t i = 0; i < st->nrefs; i++) {
		struct vs_ref *r = &st->refs[i];

		if (r->kind == kind && r->id == id && r->ptr == ptr) {
			remove_ref(st, i);
			st->active_locks--;
			st->active_lock_id = prev_id;
			st->active_lock_ptr = prev_ptr;
			return 0;
		}
		if (r->kind & REF_ANY_LOCK) {
			prev_id = r->id;
			prev_ptr = r->ptr;
		}
	}
	return -EINVAL;
}

const struct vs_ref *
vs_find_lock(struct vs_state *st, uint8_t kinds, uint32_t id, const void *ptr)
{
	for (uint32_t i = 0; i < st->nrefs; i++)
		if ((st->refs[i].kind & kinds) && st->refs[i].id == id && st->refs[i].ptr == ptr)
			return &st->refs[i];
	return NULL;
}

uint32_t
vs_acquire_irq(struct vs_env *env, uint32_t insn_idx)
{
	env->cur->active_irq_id = add_ref(env, REF_IRQ, ++env->next_id, insn_idx, NULL)->id;
	return env->cur->active_irq_id;
}

int
vs_release_irq(struct vs_env *env, uint32_t id)
{
	struct vs_state *st = env->cur;
	uint32_t prev = 0;

	if (id != st->active_irq_id)
		return -EACCES;
	for (uint32_t i = 0; i < st->nrefs; i++) {
		if (st->refs[i].kind != REF_IRQ)
			continue;
		if (st->refs[i].id == id) {
			remove_ref(st, i);
			st->active_irq_id = prev;
			return 0;
		}
		prev = st->refs[i].id;
	}
	return -EINVAL;
}

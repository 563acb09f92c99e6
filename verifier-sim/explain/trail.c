/* SPDX-License-Identifier: MIT */
/* trail.c: see trail.h. Recording happens only in a verification that is watched. */
#include "trail.h"

/* Beyond this many records the older half is forgotten: enough for every path a person could
 * follow, and little memory for those of a million instructions. */
enum { MAX_RECS = 1 << 17 };

void
vs_trail_init(struct vs_env *env)
{
	env->trail = arena_new(env->tmp, struct vs_trail);
	env->trail->visits = arena_array(env->tmp, uint32_t, env->n + 1);
	env->trail->forks = arena_array(env->tmp, uint32_t, env->n + 1);
}

static struct tr_step *
add_step(struct vs_env *env, uint32_t insn)
{
	struct vs_trail *t = env->trail;
	struct tr_step *s = vec_add(env->tmp, &t->steps);

	s->insn = insn;
	s->recs = t->recs.n;
	s->frame = s->frame_after = (uint8_t)env->cur->curframe;
	return s;
}

static void
add_rec(struct vs_env *env, uint16_t loc, const struct vs_reg *reg, const uint8_t *slot,
	bool only_id)
{
	struct vs_trail *t = env->trail;
	struct tr_rec *r = vec_add(env->tmp, &t->recs);

	r->step = t->steps.n - 1;
	r->prev = t->last[loc];
	r->loc = loc;
	r->only_id = only_id;
	if (slot)
		memcpy(r->slot, slot, sizeof r->slot);
	if (reg)
		r->reg = *reg;
	t->last[loc] = t->recs.n;
}

/* 0: the same; 1: only the id differs; 2: another value. */
static int
differs(const struct vs_reg *old, const struct vs_reg *cur)
{
	if (old->type == RT_NOT_INIT && cur->type == RT_NOT_INIT)
		return 0;
	if (memcmp(old, cur, offsetof(struct vs_reg, id)) || old->ref_id != cur->ref_id ||
	    old->frameno != cur->frameno)
		return 2;
	return old->id != cur->id;
}

static void
note_reg(struct vs_env *env, uint16_t loc, const struct vs_reg *cur)
{
	static const struct vs_reg nothing;
	const struct vs_trail *t = env->trail;
	const struct vs_reg *old = t->last[loc] ? &t->recs.at[t->last[loc] - 1].reg : &nothing;
	int d = differs(old, cur);

	if (d)
		add_rec(env, loc, cur, NULL, d == 1);
}

static bool
holds_reg(const uint8_t *type)
{
	return type[7] != SLOT_INVALID && type[7] != SLOT_MISC && type[7] != SLOT_ZERO;
}

static void
note_slot(struct vs_env *env, uint16_t loc, const struct vs_slot *cur)
{
	static const uint8_t nothing[8];
	const struct vs_trail *t = env->trail;
	const struct tr_rec *old = t->last[loc] ? &t->recs.at[t->last[loc] - 1] : NULL;
	const uint8_t *type = cur ? cur->type : nothing;
	int d = 2;

	if (!memcmp(old ? old->slot : nothing, type, 8))
		d = old && holds_reg(type) ? differs(&old->reg, vs_slot_reg(cur)) : 0;
	if (d)
		add_rec(env, loc, cur && holds_reg(type) ? vs_slot_reg(cur) : NULL, type, d == 1);
}

static void
note_frame(struct vs_env *env, uint32_t i, bool slots)
{
	const struct vs_frame *f = env->cur->frame[i];
	uint32_t *high = &env->trail->high[i];

	for (uint32_t r = 0; r < VS_FP; r++)
		note_reg(env, tr_reg(i, r), &f->regs[r]);
	if (!slots)
		return;
	if (f->nslots > *high)
		*high = f->nslots;
	for (uint32_t s = 0; s < *high && s < VS_SLOTS; s++)
		note_slot(env, tr_slot(i, s), s < f->nslots ? &f->stack[s] : NULL);
}

static bool
held(const uint32_t *ids, uint32_t n, uint32_t id)
{
	for (uint32_t i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* References taken and given back, against what was held before. */
static void
note_refs(struct vs_env *env, struct tr_step *s)
{
	const struct vs_state *st = env->cur;
	struct vs_trail *t = env->trail;
	uint32_t now[64], n = 0;

	for (uint32_t i = 0; i < st->nrefs && n < 64; i++)
		now[n++] = st->refs[i].id;
	for (uint32_t i = 0; i < n; i++)
		if (!held(t->refs, t->nref, now[i]))
			s->acquired = now[i];
	for (uint32_t i = 0; i < t->nref; i++)
		if (!held(now, n, t->refs[i]))
			s->released = t->refs[i];
	memcpy(t->refs, now, sizeof *now * n);
	t->nref = n;
}

static void
note_state(struct vs_env *env, bool all)
{
	struct tr_step *s = vec_last(&env->trail->steps);
	const struct vs_state *st = env->cur;

	s->frame_after = (uint8_t)st->curframe;
	s->locks = (uint8_t)st->active_locks;
	s->rcu = (uint8_t)st->active_rcu;
	s->preempt = (uint8_t)st->active_preempt;
	if (st->nrefs || env->trail->nref) {
		env->trail->acquires = true;
		note_refs(env, s);
	}
	for (uint32_t i = all ? 0 : st->curframe; i <= st->curframe; i++)
		note_frame(env, i, all);
}

/* The path before here is forgotten: start a new one from what is known now. */
static void
restart(struct vs_env *env)
{
	struct vs_trail *t = env->trail;

	t->steps.n = t->recs.n = 0;
	t->nref = 0;
	memset(t->last, 0, sizeof t->last);
	memset(t->high, 0, sizeof t->high);
	add_step(env, TR_NONE);
	note_state(env, true);
}

void
vs_trail_entry(struct vs_env *env)
{
	env->trail->cut = 0;
	restart(env);
}

void
vs_trail_step(struct vs_env *env)
{
	struct vs_trail *t = env->trail;

	t->visits[env->insn_idx]++;
	if (t->recs.n >= MAX_RECS) {
		t->cut += t->steps.n;
		restart(env);
		t->cut--;	/* the entry it begins with stands for the last one forgotten */
	}
	add_step(env, env->insn_idx);
}

void
vs_trail_effect(struct vs_env *env)
{
	const struct bpf_insn *in = &env->insns[vec_last(&env->trail->steps)->insn];

	switch (BPF_CLASS(in->code)) {
	case BPF_ALU: case BPF_ALU64: case BPF_LD: case BPF_LDX:
		note_state(env, false);
		return;
	}
	note_state(env, true);
}

uint32_t
vs_trail_mark(struct vs_env *env)
{
	if (!env->trail)
		return 0;
	if (env->insn_idx < env->n)
		env->trail->forks[env->insn_idx]++;
	return env->trail->cut + env->trail->steps.n;
}

/* What was held before the last step: told from all steps before it. */
static void
refs_before(struct vs_trail *t)
{
	t->nref = 0;
	for (uint32_t i = 0; i + 1 < t->steps.n; i++) {
		const struct tr_step *b = &t->steps.at[i];

		for (uint32_t k = 0; b->released && k < t->nref; k++)
			if (t->refs[k] == b->released)
				t->refs[k] = t->refs[--t->nref];
		if (b->acquired && t->nref < 64)
			t->refs[t->nref++] = b->acquired;
	}
}

/* Cut back to the branch's own step, and say anew what that changed: on this side of the
 * branch other things are known. */
void
vs_trail_rewind(struct vs_env *env, uint32_t mark)
{
	struct vs_trail *t = env->trail;
	struct tr_step *s;

	if (mark <= t->cut + 1) {
		t->cut = mark ? mark - 1 : 0;
		restart(env);
		return;
	}
	t->steps.n = mark - t->cut;
	s = vec_last(&t->steps);
	while (t->recs.n > s->recs) {
		const struct tr_rec *r = &t->recs.at[--t->recs.n];

		t->last[r->loc] = r->prev;
	}
	if (t->acquires)
		refs_before(t);
	s->acquired = s->released = 0;
	note_state(env, true);
}

const struct tr_rec *
tr_before(const struct vs_trail *t, uint16_t loc, uint32_t step)
{
	uint32_t i = t->last[loc];

	while (i && t->recs.at[i - 1].step >= step)
		i = t->recs.at[i - 1].prev;
	return i ? &t->recs.at[i - 1] : NULL;
}

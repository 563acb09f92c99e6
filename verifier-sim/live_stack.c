/* SPDX-License-Identifier: MIT */
/* live_stack.c: which stack slots may still be read.
 *
 * The walk reports, for every instruction and every chain of calls it is reached by, which
 * slots of which frame were read and which were fully written. From these marks a backward
 * fixed point per function instance gives the slots that are live before each instruction.
 * What a callee reads of a caller's frame counts as read by the call. Marks only grow in what
 * is read, so instances are recomputed when asked after a change. */
#include "env.h"

struct masks {
	uint64_t read, write, live;
	bool seen;		/* `write` is what every visit wrote */
};

struct instance {		/* a function as called from one chain of call sites */
	uint32_t sites[VS_FRAMES];
	uint32_t depth, subprog;
	struct masks *of[VS_FRAMES];	/* per frame, per instruction of the function */
	bool changed;
	struct instance *next, *outer;
};

enum { BUCKETS = 256 };

struct vs_live {
	struct instance *hash[BUCKETS];
	bool changed;
	VEC(struct instance *) list;
};

void
vs_live_stack_init(struct vs_env *env)
{
	env->live = arena_new(env->tmp, struct vs_live);
}

static struct instance *
instance_of(struct vs_env *env, const struct vs_state *st, uint32_t depth)
{
	uint32_t sites[VS_FRAMES] = {0}, h, sub = st->frame[depth]->subprog;
	struct vs_live *l = env->live;
	struct instance *in;

	h = sub * 31;
	for (uint32_t i = 0; i < depth; i++) {
		sites[i] = st->frame[i + 1]->callsite;
		h = h * 0x9e3779b1u + sites[i];
	}
	h = (h ^ h >> 16) % BUCKETS;
	for (in = l->hash[h]; in; in = in->next)
		if (in->depth == depth && in->subprog == sub &&
		    !memcmp(in->sites, sites, sizeof sites))
			return in;
	in = arena_new(env->tmp, struct instance);
	memcpy(in->sites, sites, sizeof sites);
	in->depth = depth;
	in->subprog = sub;
	in->next = l->hash[h];
	l->hash[h] = in;
	in->outer = depth ? instance_of(env, st, depth - 1) : NULL;
	vec_push(env->tmp, &l->list, in);
	return in;
}

static struct masks *
masks_at(struct vs_env *env, struct instance *in, uint32_t frame, uint32_t insn, bool make)
{
	const struct vs_subprog *s = &env->subprogs[in->subprog];

	if (!in->of[frame]) {
		if (!make)
			return NULL;
		in->of[frame] = arena_array(env->tmp, struct masks, s->end - s->start);
	}
	return insn < s->start || insn >= s->end ? NULL : &in->of[frame][insn - s->start];
}

/* Reads and writes belong to the instruction being walked. */
void
vs_live_stack_read(struct vs_env *env, uint32_t frameno, uint32_t slot)
{
	struct instance *in = instance_of(env, env->cur, env->cur->curframe);
	struct masks *m = frameno > in->depth ? NULL
		: masks_at(env, in, frameno, env->insn_idx, true);
	uint64_t bit = (uint64_t)1 << (slot & 63);

	if (m && !(m->read & bit)) {
		m->read |= bit;
		in->changed = env->live->changed = true;
	}
}

/* A slot counts as written by an instruction when every visit wrote it; an instruction that
 * writes at one constant offset always does. */
void
vs_live_stack_write(struct vs_env *env, uint32_t frameno, uint32_t slot)
{
	struct instance *in = instance_of(env, env->cur, env->cur->curframe);
	struct masks *m = frameno > in->depth ? NULL
		: masks_at(env, in, frameno, env->insn_idx, true);
	uint64_t bit = (uint64_t)1 << (slot & 63), next;

	if (!m)
		return;
	next = m->seen ? m->write & bit : bit;
	if (!m->seen || next != m->write)
		in->changed = env->live->changed = true;
	m->seen = true;
	m->write = next;
}

static void
settle_frame(struct vs_env *env, struct instance *in, uint32_t frame)
{
	const struct vs_subprog *s = &env->subprogs[in->subprog];
	struct masks *m = in->of[frame];
	uint32_t out[2];
	bool changed;

	do {
		changed = false;
		for (uint32_t k = 0; k < s->postorder_n; k++) {
			uint32_t i = env->postorder[s->postorder_start + k];
			uint32_t n = vs_successors(env, i, out);
			struct masks *at = &m[i - s->start];
			uint64_t after = 0, live;

			for (uint32_t j = 0; j < n; j++)
				after |= m[out[j] - s->start].live;
			live = (after & ~at->write) | at->read;
			changed |= live != at->live;
			at->live = live;
		}
	} while (changed);
}

static void
settle(struct vs_env *env, struct instance *in)
{
	uint32_t entry = env->subprogs[in->subprog].start;

	in->changed = false;
	for (uint32_t f = 0; f <= in->depth; f++) {
		struct masks *m, *at;

		if (!in->of[f])
			continue;
		settle_frame(env, in, f);
		if (f == in->depth || !in->outer)
			continue;
		m = masks_at(env, in, f, entry, false);
		if (!m || !m->live)
			continue;
		at = masks_at(env, in->outer, f, in->sites[in->depth - 1], true);
		if (at && (m->live & ~at->read)) {
			at->read |= m->live;
			in->outer->changed = true;
		}
	}
}

/* Innermost first: what they read counts for those around them. */
void
vs_live_stack_update(struct vs_env *env)
{
	struct vs_live *l = env->live;

	if (!l->changed)
		return;
	for (uint32_t d = VS_FRAMES; d-- > 0;)
		for (uint32_t i = 0; i < l->list.n; i++)
			if (l->list.at[i]->depth == d && l->list.at[i]->changed)
				settle(env, l->list.at[i]);
	l->changed = false;
}

bool
vs_live_stack_alive(struct vs_env *env, const struct vs_state *st, uint32_t frameno,
		    uint32_t slot)
{
	uint64_t bit = (uint64_t)1 << (slot & 63);
	struct masks *m;

	vs_live_stack_update(env);
	m = masks_at(env, instance_of(env, st, st->curframe), frameno, st->insn_idx, false);
	if (m && (m->live & bit))
		return true;
	for (uint32_t f = frameno; f < st->curframe; f++) {
		uint32_t site = st->frame[f + 1]->callsite;

		/* A call that runs a callback may run it again. */
		if (!env->fact[site].calls_callback)
			site++;
		m = masks_at(env, instance_of(env, st, f), frameno, site, false);
		if (m && (m->live & bit))
			return true;
	}
	return false;
}

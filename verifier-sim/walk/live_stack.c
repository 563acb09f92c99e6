/* SPDX-License-Identifier: MIT */
/* live_stack.c: which stack slots may still be read.
 *
 * The walk reports, for every instruction and every chain of calls it is reached by, which
 * slots of which frame were read and which were fully written. From these marks a backward
 * fixed point per function instance gives the slots that are live before each instruction.
 * What a callee reads of a caller's frame counts as read by the call. Marks only grow in what
 * is read, so instances are recomputed when asked after a change. */
#include "verifier-sim/env.h"

struct masks {
	uint64_t read, write, live;
	bool seen;		/* `write` is what every visit wrote */
};

struct vs_instance {		/* a function as called from one chain of call sites */
	uint32_t sites[VS_FRAMES];
	uint32_t depth, subprog;
	struct masks *of[VS_FRAMES];	/* per frame, per instruction of the function */
	uint64_t *stale[VS_FRAMES];	/* per frame: what to look at again, a bit for each */
					/* place in the function's postorder */
	bool changed;
	struct vs_instance *next, *outer, *next_changed;
};

enum { BUCKETS = 256 };

struct succs {
	uint32_t n, to[2];
};

struct vs_live {
	struct vs_instance *hash[BUCKETS];
	struct vs_instance *changed[VS_FRAMES];	/* by depth */
	bool any_changed;
	/* The edges of the program, and where in postorder an instruction comes. */
	uint32_t *place, *first_pred, *preds;
	struct succs *succs;
};

void
vs_live_stack_init(struct vs_env *env)
{
	env->live = arena_new(env->tmp, struct vs_live);
}

/* Made when a program first asks: many use no stack. */
static void
list_edges(struct vs_env *env)
{
	struct vs_live *l = env->live;
	uint32_t *fill;

	l->place = arena_array(env->tmp, uint32_t, env->n);
	l->succs = arena_array(env->tmp, struct succs, env->n);
	l->first_pred = fill = arena_array(env->tmp, uint32_t, env->n + 2);
	l->preds = arena_array(env->tmp, uint32_t, (size_t)env->npostorder * 2);
	for (uint32_t k = 0; k < env->npostorder; k++) {
		struct succs *s = &l->succs[env->postorder[k]];

		s->n = vs_successors(env, env->postorder[k], s->to);
		for (uint32_t j = 0; j < s->n; j++)
			fill[s->to[j] + 2]++;
	}
	/* Counts become places one entry further on, where filling in moves them to. */
	for (uint32_t i = 1; i < env->n; i++)
		fill[i + 1] += fill[i];
	fill++;
	for (uint32_t k = 0; k < env->npostorder; k++) {
		const struct succs *s = &l->succs[env->postorder[k]];

		for (uint32_t j = 0; j < s->n; j++)
			l->preds[fill[s->to[j]]++] = env->postorder[k];
	}
	for (uint32_t s = 0; s < env->nsub; s++)
		for (uint32_t k = 0; k < env->subprogs[s].postorder_n; k++)
			l->place[env->postorder[env->subprogs[s].postorder_start + k]] = k;
}

static struct vs_instance *
find_instance(struct vs_env *env, const struct vs_state *st, uint32_t depth)
{
	uint32_t sites[VS_FRAMES] = {0}, h, sub = st->frame[depth]->subprog;
	struct vs_live *l = env->live;
	struct vs_instance *in;

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
	in = arena_new(env->tmp, struct vs_instance);
	memcpy(in->sites, sites, sizeof sites);
	in->depth = depth;
	in->subprog = sub;
	in->next = l->hash[h];
	l->hash[h] = in;
	in->outer = depth ? find_instance(env, st, depth - 1) : NULL;
	return in;
}

/* A frame keeps its answer: what it was called from never changes. */
static struct vs_instance *
instance_of(struct vs_env *env, const struct vs_state *st, uint32_t depth)
{
	struct vs_frame *f = st->frame[depth];

	if (!f->instance)
		f->instance = find_instance(env, st, depth);
	return f->instance;
}

static struct masks *
masks_at(struct vs_env *env, struct vs_instance *in, uint32_t frame, uint32_t insn, bool make)
{
	const struct vs_subprog *s = &env->subprogs[in->subprog];

	if (!in->of[frame]) {
		if (!make)
			return NULL;
		in->of[frame] = arena_array(env->tmp, struct masks, s->end - s->start);
		in->stale[frame] = arena_array(env->tmp, uint64_t, (s->end - s->start) / 64 + 1);
	}
	return insn < s->start || insn >= s->end ? NULL : &in->of[frame][insn - s->start];
}

static void
set_stale(struct vs_env *env, struct vs_instance *in, uint32_t frame, uint32_t insn)
{
	struct vs_live *l = env->live;

	if (!l->place)
		list_edges(env);
	in->stale[frame][l->place[insn] / 64] |= (uint64_t)1 << l->place[insn] % 64;
	if (!in->changed) {
		in->changed = l->any_changed = true;
		in->next_changed = l->changed[in->depth];
		l->changed[in->depth] = in;
	}
}

/* Reads and writes belong to the instruction being walked. */
void
vs_live_stack_read(struct vs_env *env, uint32_t frameno, uint32_t slot)
{
	struct vs_instance *in = instance_of(env, env->cur, env->cur->curframe);
	struct masks *m = frameno > in->depth ? NULL
		: masks_at(env, in, frameno, env->insn_idx, true);
	uint64_t bit = (uint64_t)1 << (slot & 63);

	if (m && !(m->read & bit)) {
		m->read |= bit;
		set_stale(env, in, frameno, env->insn_idx);
	}
}

/* A slot counts as written by an instruction when every visit wrote it; an instruction that
 * writes at one constant offset always does. */
void
vs_live_stack_write(struct vs_env *env, uint32_t frameno, uint32_t slot)
{
	struct vs_instance *in = instance_of(env, env->cur, env->cur->curframe);
	struct masks *m = frameno > in->depth ? NULL
		: masks_at(env, in, frameno, env->insn_idx, true);
	uint64_t bit = (uint64_t)1 << (slot & 63), next;

	if (!m)
		return;
	next = m->seen ? m->write & bit : bit;
	if (!m->seen || next != m->write)
		set_stale(env, in, frameno, env->insn_idx);
	m->seen = true;
	m->write = next;
}

/* The first bit at or after `from` below `n`, or n. */
static uint32_t
next_bit(const uint64_t *bits, uint32_t from, uint32_t n)
{
	uint64_t word;

	for (; from < n; from = (from / 64 + 1) * 64) {
		word = bits[from / 64] >> from % 64;
		if (word)
			return from + (uint32_t)__builtin_ctzll(word);
	}
	return n;
}

/* As if all of the function were gone through in postorder until nothing changes: what no
 * change can reach is left out. */
static void
settle_frame(struct vs_env *env, struct vs_instance *in, uint32_t frame)
{
	const struct vs_subprog *s = &env->subprogs[in->subprog];
	const struct vs_live *l = env->live;
	const uint32_t *order = env->postorder + s->postorder_start;
	struct masks *m = in->of[frame];
	uint64_t *stale = in->stale[frame];

	for (uint32_t k; (k = next_bit(stale, 0, s->postorder_n)) < s->postorder_n;) {
		for (; k < s->postorder_n; k = next_bit(stale, k + 1, s->postorder_n)) {
			uint32_t i = order[k];
			struct masks *at = &m[i - s->start];
			uint64_t after = 0, live;

			stale[k / 64] &= ~((uint64_t)1 << k % 64);
			for (uint32_t j = 0; j < l->succs[i].n; j++)
				after |= m[l->succs[i].to[j] - s->start].live;
			live = (after & ~at->write) | at->read;
			if (live == at->live)
				continue;
			at->live = live;
			for (uint32_t j = l->first_pred[i]; j < l->first_pred[i + 1]; j++) {
				uint32_t p = l->place[l->preds[j]];

				stale[p / 64] |= (uint64_t)1 << p % 64;
			}
		}
	}
}

static void
settle(struct vs_env *env, struct vs_instance *in)
{
	uint32_t entry = env->subprogs[in->subprog].start;

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
			set_stale(env, in->outer, f, in->sites[in->depth - 1]);
		}
	}
}

/* Innermost first: what they read counts for those around them. */
static void
update(struct vs_env *env)
{
	struct vs_live *l = env->live;

	for (uint32_t d = VS_FRAMES; d-- > 0;)
		while (l->changed[d]) {
			struct vs_instance *in = l->changed[d];

			l->changed[d] = in->next_changed;
			in->changed = false;
			settle(env, in);
		}
	l->any_changed = false;
}

uint64_t
vs_live_stack(struct vs_env *env, const struct vs_state *st, uint32_t frameno)
{
	struct masks *m;
	uint64_t live;

	if (env->live->any_changed)
		update(env);
	m = masks_at(env, instance_of(env, st, st->curframe), frameno, st->insn_idx, false);
	live = m ? m->live : 0;
	for (uint32_t f = frameno; f < st->curframe; f++) {
		uint32_t site = st->frame[f + 1]->callsite;

		/* A call that runs a callback may run it again. */
		if (!env->fact[site].calls_callback)
			site++;
		m = masks_at(env, instance_of(env, st, f), frameno, site, false);
		if (m)
			live |= m->live;
	}
	return live;
}

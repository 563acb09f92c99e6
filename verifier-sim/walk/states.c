/* SPDX-License-Identifier: MIT */
/* states.c: when has this been seen before?
 *
 * At prune points the walk leaves checkpoints: copies of its state. When it comes to the same
 * instruction again with a state that an old one covers, the path can end: whatever happens
 * from here was already found safe. "Covers" is regs_cover() and stack_covers(): registers
 * that are dead do not count, numbers whose exact value never mattered (not precise) cover any
 * number, others must contain the new range; ids must pair up one to one.
 *
 * A checkpoint whose own paths are not finished (branches > 0) lies on the current path: seen
 * again unchanged, the program loops for ever, unless the loop is one that ends by itself
 * (iterators, may_goto, callbacks), where an equal state means that it has converged. What
 * such a state will still find precise is unknown at that point, so the arriving state is kept
 * as a back edge, and precision is carried along the back edges when the whole loop (strongly
 * connected component, per chain of calls) has been walked.
 *
 * When to leave checkpoints and when to drop useless ones is heuristics, and the kernel's: the
 * number of instructions walked depends on it. */
#include "verifier-sim/env.h"

enum exactness { COVERS, EXACT, WITHIN };

enum { ID_MAP = 600, MAX_ROUNDS = 64 };

struct chain {			/* identifies one visit of a component */
	uint32_t scc;
	uint32_t callsites[VS_FRAMES];
};

struct backedge {
	struct vs_state st;
	struct backedge *next;
};

struct visit {
	struct chain chain;
	struct vs_state *entry;		/* checkpoint at which the component was entered */
	struct backedge *edges;
	uint32_t nedges;
	struct visit *next;
};

struct id_pair {
	uint32_t old, cur;
};

struct vs_loops {
	struct visit **visits;		/* by component */
	struct vs_explored *free_list;	/* dropped, but parents of live paths */
	struct vs_explored *pool;
	uint32_t nexplored, nfree, nedges;
	struct id_pair ids[ID_MAP];
	uint32_t nids, tmp_id;
	struct vs_reg unbound;
};

void
vs_states_init(struct vs_env *env)
{
	env->loops = arena_new(env->tmp, struct vs_loops);
	env->loops->visits = arena_array(env->tmp, struct visit *, env->nscc + 1);
	vs_reg_unknown(env, &env->loops->unbound);
	env->loops->unbound.precise = false;
}

static void
explored_free(struct vs_env *env, struct vs_explored *e)
{
	vs_state_free(env, &e->st, false);
	e->next = env->loops->pool;
	env->loops->pool = e;
}

void
vs_states_reset(struct vs_env *env)
{
	struct vs_loops *l = env->loops;

	for (uint32_t i = 0; i < env->n; i++) {
		for (struct vs_explored *e = env->fact[i].states, *next; e; e = next) {
			next = e->next;
			explored_free(env, e);
		}
		env->fact[i].states = NULL;
	}
	for (struct vs_explored *e = l->free_list, *next; e; e = next) {
		next = e->next;
		explored_free(env, e);
	}
	l->free_list = NULL;
	memset(l->visits, 0, (env->nscc + 1) * sizeof *l->visits);
	l->nexplored = l->nfree = l->nedges = 0;
	if (env->cur)
		vs_state_free(env, env->cur, true);
	env->cur = NULL;
}

static void
update_peak(struct vs_env *env)
{
	const struct vs_loops *l = env->loops;
	uint32_t now = l->nexplored + l->nfree + l->nedges;

	if (now > env->peak_states)
		env->peak_states = now;
}

/* ---- loops ----------------------------------------------------------------------------------- */

static uint32_t
insn_of_frame(const struct vs_state *st, uint32_t frame)
{
	return frame == st->curframe ? st->insn_idx : st->frame[frame + 1]->callsite;
}

/* The outermost component on the chain of calls. False when there is none. */
static bool
chain_of(struct vs_env *env, const struct vs_state *st, struct chain *c)
{
	memset(c, 0, sizeof *c);
	for (uint32_t f = 0; f <= st->curframe; f++) {
		uint32_t i = insn_of_frame(st, f);

		if (env->fact[i].scc) {
			c->scc = env->fact[i].scc;
			return true;
		}
		c->callsites[f] = i;
	}
	return false;
}

static struct visit *
visit_of(struct vs_env *env, const struct vs_state *st)
{
	struct chain c;

	if (!chain_of(env, st, &c))
		return NULL;
	for (struct visit *v = env->loops->visits[c.scc]; v; v = v->next)
		if (!memcmp(&v->chain, &c, sizeof c))
			return v;
	return NULL;
}

static void
log_loop(struct vs_env *env, const char *what, const struct chain *c)
{
	if (!vs_logs_all(env) || !env->prof.logs_loops)
		return;
	buf_printf(&env->log, "SCC %s (", what);
	for (uint32_t f = 0; f < VS_FRAMES && c->callsites[f]; f++)
		buf_printf(&env->log, "%u,", c->callsites[f]);
	buf_printf(&env->log, "%u)\n", c->scc);
}

static void
enter_loop(struct vs_env *env, struct vs_state *st)
{
	struct visit *v = visit_of(env, st);
	struct chain c;

	if (!v) {
		if (!chain_of(env, st, &c))
			return;
		v = arena_new(env->tmp, struct visit);
		v->chain = c;
		v->next = env->loops->visits[c.scc];
		env->loops->visits[c.scc] = v;
	}
	if (v->entry)
		return;
	v->entry = st;
	log_loop(env, "enter", &v->chain);
}

/* The loop is done: what the states that ended it led to find precise, is precise in what
 * arrived there, and so on until nothing changes. */
static int
propagate_edges(struct vs_env *env, struct visit *v)
{
	bool changed = true;

	for (int round = 0; changed; round++) {
		changed = false;
		for (struct backedge *b = v->edges; b; b = b->next) {
			if (round >= MAX_ROUNDS) {
				vs_mark_all_precise(env, &b->st);
				continue;
			}
			if (vs_propagate_precision(env, b->st.equal_state, &b->st, &changed) < 0)
				return env->r->err;
		}
	}
	for (struct backedge *b = v->edges; b; b = b->next)
		vs_state_free(env, &b->st, false);
	v->edges = NULL;
	return 0;
}

static int
exit_loop(struct vs_env *env, struct vs_state *st)
{
	struct visit *v = visit_of(env, st);

	if (!v || v->entry != st)
		return 0;
	log_loop(env, "exit", &v->chain);
	v->entry = NULL;
	env->loops->nedges -= v->nedges;
	v->nedges = 0;
	return v->edges ? propagate_edges(env, v) : 0;
}

static int
add_edge(struct vs_env *env, struct vs_state *old, uint32_t insn_idx)
{
	struct visit *v = visit_of(env, old);
	struct backedge *b;

	if (!v)
		return vs_bug(env, "a converged loop at %u is in no loop", insn_idx);
	b = arena_new(env->tmp, struct backedge);
	vs_state_copy(env, &b->st, env->cur);
	b->st.equal_state = old;
	b->st.insn_idx = insn_idx;
	b->next = v->edges;
	v->edges = b;
	v->nedges++;
	env->loops->nedges++;
	update_peak(env);
	return 0;
}

static bool
incomplete(struct vs_env *env, const struct vs_state *st)
{
	struct visit *v = visit_of(env, st);

	return v && v->edges;
}

static void
drop(struct vs_env *env, struct vs_explored *e)
{
	struct vs_explored **list = &env->loops->free_list;

	e->next = *list;
	e->dropped_from = list;
	if (e->next)
		e->next->dropped_from = &e->next;
	*list = e;
	env->loops->nfree++;
	env->loops->nexplored--;
}

/* A dropped checkpoint is kept while paths or back edges still need it. */
static void
maybe_free(struct vs_env *env, struct vs_explored *e)
{
	if (!e->dropped_from || e->st.branches || incomplete(env, &e->st))
		return;
	*e->dropped_from = e->next;
	if (e->next)
		e->next->dropped_from = e->dropped_from;
	env->loops->nfree--;
	explored_free(env, e);
}

/* Every parent is a checkpoint. */
static struct vs_explored *
explored_of(struct vs_state *st)
{
	return st ? (void *)((char *)st - offsetof(struct vs_explored, st)) : NULL;
}

int
vs_update_branches(struct vs_env *env, struct vs_state *st)
{
	struct vs_explored *e = NULL;

	while (st) {
		struct vs_state *parent = st->parent;

		if (!st->branches)
			return vs_bug(env, "a state has fewer paths than were finished");
		if (--st->branches)
			return 0;
		env->fact[st->insn_idx].unclean = true;
		if (exit_loop(env, st) < 0)
			return env->r->err;
		if (e)
			maybe_free(env, e);
		e = explored_of(parent);
		st = parent;
	}
	return 0;
}

/* ---- equality ----------------------------------------------------------------------------------- */

/* Type, offsets and ranges: what stands before the ids. Whole words, and no call: this is
 * asked more often than anything else. */
static inline bool
same_value(const struct vs_reg *a, const struct vs_reg *b)
{
	uint64_t diff = (a->type ^ b->type) | (uint32_t)(a->off ^ b->off);

	diff |= (a->raw[0] ^ b->raw[0]) | (a->raw[1] ^ b->raw[1]);
	diff |= (a->var.value ^ b->var.value) | (a->var.mask ^ b->var.mask);
	diff |= (uint64_t)(a->smin ^ b->smin) | (uint64_t)(a->smax ^ b->smax);
	diff |= (a->umin ^ b->umin) | (a->umax ^ b->umax);
	diff |= (uint32_t)(a->s32min ^ b->s32min) | (uint32_t)(a->s32max ^ b->s32max);
	diff |= (a->u32min ^ b->u32min) | (a->u32max ^ b->u32max);
	return !diff;
}

bool
vs_regs_identical(const struct vs_reg *a, const struct vs_reg *b)
{
	return same_value(a, b) && a->id == b->id && a->ref_id == b->ref_id;
}

/* One old id stands for one new id and the other way round. */
static bool
same_id(struct vs_loops *l, uint32_t old, uint32_t cur)
{
	if (!old != !cur)
		return false;
	if (!old)
		return true;
	for (uint32_t i = 0; i < l->nids; i++) {
		if (l->ids[i].old == old)
			return l->ids[i].cur == cur;
		if (l->ids[i].cur == cur)
			return false;
	}
	if (l->nids == ID_MAP)
		return false;
	l->ids[l->nids++] = (struct id_pair){old, cur};
	return true;
}

/* Ids of numbers: a new one that is alone is as good as none. An old one that is alone asks
 * nothing, on kernels that know it (`free_ids`). Of a sum, what it was added to counts too. */
static bool
same_scalar_id(const struct vs_env *env, uint32_t old, uint32_t cur)
{
	struct vs_loops *l = env->loops;

	if (!old && env->prof.free_ids)
		return true;
	if (!old)
		old = ++l->tmp_id;
	if (!cur)
		cur = ++l->tmp_id;
	if (!same_id(l, old, cur))
		return false;
	return !(old & VS_ADD_CONST) || !env->prof.free_ids ||
		same_id(l, old & ~(uint32_t)VS_ADD_CONST, cur & ~(uint32_t)VS_ADD_CONST);
}

static bool
exact(struct vs_loops *l, const struct vs_reg *old, const struct vs_reg *cur)
{
	return same_value(old, cur) && same_id(l, old->id, cur->id) &&
		same_id(l, old->ref_id, cur->ref_id);
}

static bool
range_within(const struct vs_reg *old, const struct vs_reg *cur)
{
	return old->umin <= cur->umin && old->umax >= cur->umax && old->smin <= cur->smin &&
		old->smax >= cur->smax && old->u32min <= cur->u32min &&
		old->u32max >= cur->u32max && old->s32min <= cur->s32min &&
		old->s32max >= cur->s32max && tnum_in(old->var, cur->var);
}

static bool
scalar_covers(const struct vs_env *env, const struct vs_reg *old, const struct vs_reg *cur,
	      enum exactness how)
{
	if (env->exact_numbers)
		return !memcmp(old, cur, offsetof(struct vs_reg, id)) &&
			same_scalar_id(env, old->id, cur->id);
	if (!old->precise && how == COVERS)
		return true;
	if ((old->id || !env->prof.free_ids) &&
	    (old->id & VS_ADD_CONST) != (cur->id & VS_ADD_CONST))
		return false;
	if ((old->id & VS_ADD_CONST) && old->off != cur->off)
		return false;
	return range_within(old, cur) && same_scalar_id(env, old->id, cur->id);
}

static bool
packet_covers(struct vs_loops *l, const struct vs_reg *old, const struct vs_reg *cur)
{
	if (old->range < 0 || cur->range < 0) {
		if (old->range != cur->range)
			return false;
	} else if (old->range > cur->range) {
		return false;
	}
	return old->off == cur->off && same_id(l, old->id, cur->id) && range_within(old, cur);
}

static bool
reg_covers(const struct vs_env *env, const struct vs_reg *old, const struct vs_reg *cur,
	   enum exactness how)
{
	struct vs_loops *l = env->loops;

	if (how == EXACT)
		return exact(l, old, cur);
	if (old->type == RT_NOT_INIT)
		return true;
	if (old->type != cur->type)
		return false;
	switch (vs_base(old->type)) {
	case RT_SCALAR:
		return scalar_covers(env, old, cur, how);
	case RT_MAP_KEY: case RT_MAP_VALUE: case RT_MEM: case RT_BUF: case RT_TP_BUFFER:
		return old->off == cur->off && old->raw[0] == cur->raw[0] &&
			old->raw[1] == cur->raw[1] && range_within(old, cur) &&
			same_id(l, old->id, cur->id) && same_id(l, old->ref_id, cur->ref_id);
	case RT_PACKET: case RT_PACKET_META:
		return packet_covers(l, old, cur);
	case RT_STACK:
		return exact(l, old, cur) && old->frameno == cur->frameno;
	case RT_ARENA:
		return true;
	}
	return exact(l, old, cur);
}

/* A whole spilled number, or eight bytes of anything, seen as a register; else null. */
static const struct vs_reg *
slot_scalar(struct vs_env *env, const struct vs_slot *s)
{
	if (s->type[0] == SLOT_SPILL)
		return vs_slot_reg(s)->type == RT_SCALAR ? vs_slot_reg(s) : NULL;
	for (int b = 0; b < 8; b++)
		if (s->type[b] != SLOT_MISC &&
		    !(s->type[b] == SLOT_INVALID && env->allow_uninit_stack))
			return NULL;
	return &env->loops->unbound;
}

static bool
object_covers(const struct vs_env *env, const struct vs_slot *old, const struct vs_slot *cur,
	      enum exactness how)
{
	struct vs_loops *l = env->loops;
	const struct vs_reg *a = vs_slot_reg(old), *b = vs_slot_reg(cur);

	switch (old->type[7]) {
	case SLOT_SPILL:
		return reg_covers(env, a, b, how);
	case SLOT_DYNPTR:
		return a->dynptr_type == b->dynptr_type && a->first_slot == b->first_slot &&
			same_id(l, a->ref_id, b->ref_id);
	case SLOT_ITER:		/* the round does not matter */
		if (env->prof.iter_trust && ((a->type ^ b->type) & TF_UNTRUSTED))
			return false;
		return a->iter_btf_id == b->iter_btf_id && a->iter_space == b->iter_space &&
			a->iter_state == b->iter_state && same_id(l, a->ref_id, b->ref_id);
	case SLOT_IRQ:
		return same_id(l, a->ref_id, b->ref_id) && a->irq_kind == b->irq_kind;
	}
	return true;
}

static bool
holds_object(const struct vs_slot *s)
{
	return s->type[7] == SLOT_DYNPTR || s->type[7] == SLOT_ITER || s->type[7] == SLOT_IRQ;
}

static bool
slot_covers(struct vs_env *env, const struct vs_slot *old, const struct vs_slot *cur,
	    enum exactness how)
{
	const struct vs_reg *a, *b;
	bool same = cur && !memcmp(old->type, cur->type, 8);

	if (how == EXACT && !same)
		return false;
	/* The common case: bytes that are no part of a register or an object. */
	if (same && old->type[7] != SLOT_SPILL && !holds_object(old))
		return true;
	for (int i = 0; i < 8; i++) {
		uint8_t t = old->type[i];

		if (t == SLOT_INVALID || (t == SLOT_MISC && env->allow_uninit_stack))
			continue;
		if (!cur)
			return false;
		a = slot_scalar(env, old);
		b = a ? slot_scalar(env, cur) : NULL;
		if (a && b)
			return reg_covers(env, a, b, how);
		if (t == SLOT_MISC && cur->type[i] == SLOT_ZERO)
			continue;
		if (t != cur->type[i])
			return false;
		if (i == 7)
			return object_covers(env, old, cur, how);
	}
	return true;
}

static bool
frame_covers(struct vs_env *env, const struct vs_frame *old, const struct vs_frame *cur,
	     uint32_t insn, enum exactness how)
{
	uint16_t live = env->fact[insn].live_before;

	if (old->callback_depth > cur->callback_depth)
		return false;
	for (uint32_t i = 0; i < VS_REGS; i++)
		if ((live >> i & 1) && !reg_covers(env, &old->regs[i], &cur->regs[i], how))
			return false;
	for (uint32_t i = 0; i < old->nslots; i++)
		if (!slot_covers(env, &old->stack[i], i < cur->nslots ? &cur->stack[i] : NULL,
				 how))
			return false;
	return true;
}

static bool
refs_cover(struct vs_loops *l, const struct vs_state *old, const struct vs_state *cur)
{
	if (old->nrefs != cur->nrefs || old->active_locks != cur->active_locks ||
	    old->active_preempt != cur->active_preempt || old->active_rcu != cur->active_rcu ||
	    !same_id(l, old->active_irq_id, cur->active_irq_id) ||
	    !same_id(l, old->active_lock_id, cur->active_lock_id) ||
	    old->active_lock_ptr != cur->active_lock_ptr)
		return false;
	for (uint32_t i = 0; i < old->nrefs; i++) {
		const struct vs_ref *a = &old->refs[i], *b = &cur->refs[i];

		if (!same_id(l, a->id, b->id) || a->kind != b->kind ||
		    ((a->kind & REF_ANY_LOCK) && a->ptr != b->ptr))
			return false;
	}
	return true;
}

static bool
state_covers(struct vs_env *env, const struct vs_state *old, const struct vs_state *cur,
	     enum exactness how)
{
	struct vs_loops *l = env->loops;

	if (old->curframe != cur->curframe)
		return false;
	l->nids = 0;
	l->tmp_id = env->next_id;
	if ((old->speculative && !cur->speculative) || old->in_sleepable != cur->in_sleepable ||
	    !refs_cover(l, old, cur))
		return false;
	for (uint32_t f = 0; f <= old->curframe; f++)
		if (old->frame[f]->callsite != cur->frame[f]->callsite ||
		    !frame_covers(env, old->frame[f], cur->frame[f], insn_of_frame(old, f), how))
			return false;
	return true;
}

static bool
maybe_looping(const struct vs_state *old, const struct vs_state *cur)
{
	const struct vs_frame *a = old->frame[old->curframe], *b = cur->frame[cur->curframe];

	if (old->curframe != cur->curframe)
		return false;
	for (uint32_t i = 0; i < VS_REGS; i++)
		if (!vs_regs_identical(&a->regs[i], &b->regs[i]))
			return false;
	return true;
}

static bool
iter_depths_differ(const struct vs_state *old, const struct vs_state *cur)
{
	for (uint32_t f = 0; f <= old->curframe; f++)
		for (uint32_t i = 0; i < old->frame[f]->nslots; i++) {
			const struct vs_slot *s = &old->frame[f]->stack[i];

			if (s->type[0] == SLOT_ITER &&
			    vs_slot_reg(s)->iter_state == ITER_ACTIVE &&
			    vs_slot_reg(&cur->frame[f]->stack[i])->iter_depth !=
				    vs_slot_reg(s)->iter_depth)
				return true;
		}
	return false;
}

static uint32_t
callsite(const struct vs_state *st)
{
	return st->frame[st->curframe]->callsite;
}

/* ---- cleaning -------------------------------------------------------------------------------------- */

static void
clean(struct vs_env *env, struct vs_state *st)
{
	for (uint32_t f = 0; f <= st->curframe; f++) {
		struct vs_frame *fr = st->frame[f];
		uint16_t live = env->fact[insn_of_frame(st, f)].live_before;
		uint64_t slots;

		for (uint32_t i = 0; i < VS_FP; i++)
			if (!(live >> i & 1))
				vs_reg_not_init(env, &fr->regs[i]);
		slots = fr->nslots ? vs_live_stack(env, st, f) : 0;
		for (uint32_t i = 0; i < fr->nslots; i++)
			if (!(slots >> i & 1)) {
				vs_slot_drop(env, &fr->stack[i]);
				memset(fr->stack[i].type, SLOT_INVALID, 8);
			}
	}
	st->cleaned = true;
}

static void
clean_finished(struct vs_env *env, uint32_t insn_idx)
{
	uint32_t site = callsite(env->cur);
	bool left = false;

	if (!env->fact[insn_idx].unclean)
		return;
	for (struct vs_explored *e = env->fact[insn_idx].states; e; e = e->next) {
		bool same = e->st.curframe == env->cur->curframe && e->callsite == site;

		if (e->st.branches || e->st.cleaned)
			continue;
		same = same && !incomplete(env, &e->st);
		for (uint32_t f = 0; f <= e->st.curframe && same; f++)
			same = e->st.frame[f]->callsite == env->cur->frame[f]->callsite;
		if (same)
			clean(env, &e->st);
		else
			left = true;
	}
	env->fact[insn_idx].unclean = left;
}

/* ---- the question ------------------------------------------------------------------------------------ */

static void
reset_precise(struct vs_env *env, struct vs_frame *f)
{
	for (uint32_t i = 0; i < VS_FP; i++)
		if (f->regs[i].type == RT_SCALAR)
			f->regs[i].precise = false;
	for (uint32_t i = 0; i < f->nslots; i++)
		if (vs_slot_is_spilled_scalar(&f->stack[i]) &&
		    vs_slot_reg(&f->stack[i])->precise)
			vs_slot_edit(env, &f->stack[i])->precise = false;
}

static int
leave_checkpoint(struct vs_env *env, uint32_t insn_idx)
{
	struct vs_explored *e = env->loops->pool, **head = &env->fact[insn_idx].states;
	struct vs_state *cur = env->cur;

	env->total_states++;
	env->loops->nexplored++;
	update_peak(env);
	env->prev_jmps_processed = env->jmps_processed;
	env->prev_insn_processed = env->processed;
	/* Precision is asked anew from here: this state has no followers yet. */
	if (env->bpf_capable)
		for (uint32_t f = 0; f <= cur->curframe; f++)
			reset_precise(env, cur->frame[f]);
	if (e) {
		env->loops->pool = e->next;
		memset(e, 0, sizeof *e);
	} else {
		e = arena_new(env->tmp, struct vs_explored);
	}
	vs_state_copy(env, &e->st, cur);
	e->st.insn_idx = insn_idx;
	e->callsite = callsite(cur);
	enter_loop(env, &e->st);
	cur->parent = &e->st;
	cur->first_insn = insn_idx;
	cur->dfs_depth = e->st.dfs_depth + 1;
	cur->njmps = 0;
	e->next = *head;
	*head = e;
	return 0;
}

enum found { MISS, HIT, LOOP_HIT, STOP };

/* A checkpoint on the current path. */
static enum found
compare_open(struct vs_env *env, struct vs_state *old, uint32_t insn_idx)
{
	const struct vs_fact *f = &env->fact[insn_idx];
	struct vs_state *cur = env->cur;
	const struct vs_frame *of = old->frame[old->curframe];
	const struct vs_reg *r1;
	int slot;

	if (of->in_async_callback &&
	    of->async_entry != cur->frame[cur->curframe]->async_entry)
		return MISS;
	if (f->iter_next) {
		if (!state_covers(env, old, cur, WITHIN))
			return MISS;
		r1 = &vs_cur_regs(env)[1];
		slot = vs_iter_slot(env, r1, 1);
		return slot >= 0 &&
			vs_slot_reg(&vs_frame_of(env, r1)->stack[slot])->iter_state == ITER_ACTIVE
			? LOOP_HIT : MISS;
	}
	if (env->insns[insn_idx].code == (BPF_JMP | BPF_JCOND) &&
	    old->may_goto_depth != cur->may_goto_depth && state_covers(env, old, cur, WITHIN))
		return LOOP_HIT;
	if (f->calls_callback && !env->prof.callbacks_once)
		return state_covers(env, old, cur, WITHIN) ? LOOP_HIT : MISS;
	if (maybe_looping(old, cur) &&
	    state_covers(env, old, cur, env->prof.exact_loops ? EXACT : COVERS) &&
	    !iter_depths_differ(old, cur) && old->may_goto_depth == cur->may_goto_depth &&
	    old->callback_unroll == cur->callback_unroll) {
		vs_log_line(env, insn_idx, "; ");
		vs_reject(env, VS_E_INFINITE_LOOP, insn_idx);
		if (vs_logs(env)) {
			vs_log(env, "cur state:");
			vs_log_state(env, cur, cur->curframe, true);
			vs_log(env, "old state:");
			vs_log_state(env, old, old->curframe, true);
		}
		return STOP;
	}
	return MISS;
}

static int
hit(struct vs_env *env, struct vs_explored *e, uint32_t insn_idx, bool loop)
{
	int err;

	e->hit++;
	/* What mattered after the old state matters on this path too. */
	if (env->fact[insn_idx].jump_point)
		vs_push_history(env, 0, 0);
	err = vs_propagate_precision(env, &e->st, env->cur, NULL);
	if (err >= 0 && loop)
		err = add_edge(env, &e->st, insn_idx);
	return err < 0 ? err : 1;
}

int
vs_is_visited(struct vs_env *env, uint32_t insn_idx)
{
	uint32_t jmps = env->jmps_processed - env->prev_jmps_processed, states = 0, n;
	uint64_t insns = env->processed - env->prev_insn_processed;
	bool force = env->test_state_freq || env->fact[insn_idx].force_checkpoint ||
		env->cur->njmps > 40, add = force || (jmps >= 2 && insns >= 8), loop;
	struct vs_explored *e, **p;
	uint32_t site;
	enum found found;

	if (env->opts->no_prune)
		return 0;
	clean_finished(env, insn_idx);
	site = callsite(env->cur);
	for (p = &env->fact[insn_idx].states; (e = *p);) {
		if (e->callsite != site) {
			p = &e->next;
			continue;
		}
		states++;
		if (e->st.branches) {
			found = compare_open(env, &e->st, insn_idx);
			if (found == MISS && !force && jmps < 20 && insns < 100)
				add = false;
		} else {
			loop = incomplete(env, &e->st);
			found = !state_covers(env, &e->st, env->cur, loop ? WITHIN : COVERS)
				? MISS : loop ? LOOP_HIT : HIT;
		}
		if (found == STOP)
			return env->r->err;
		if (found != MISS)
			return hit(env, e, insn_idx, found == LOOP_HIT);
		if (add)
			e->miss++;
		n = env->fact[insn_idx].force_checkpoint && e->st.branches ? 64 : 3;
		if (e->miss <= e->hit * n + n) {
			p = &e->next;
			continue;
		}
		*p = e->next;
		drop(env, e);
		maybe_free(env, e);
	}
	if (env->max_states_per_insn < states)
		env->max_states_per_insn = states;
	if ((!env->bpf_capable && states > env->prof.states_limit) || !add)
		return 0;
	return leave_checkpoint(env, insn_idx);
}

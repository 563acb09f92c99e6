/* SPDX-License-Identifier: MIT */
/* live.c: which values are live where, as intervals over instruction positions.
 *
 * Live-in sets are found value by value, walking from each use up to the definition (SSA has
 * one), which costs the size of the sets and needs no bit matrices. Intervals are then built
 * in one walk backwards over the blocks. The same walk collects hints: the argument register
 * a value will be passed in, r0 for what is returned, the register of a phi for what flows
 * into it. */
#include "compile/regs/ra.h"

#include <linux/bpf.h>
#include <stdlib.h>

/* Operands that need no register: they are only moved. */
static bool
only_moved(const struct ir_ins *in, unsigned k)
{
	switch (in->op) {
	case IR_CALL: case IR_KCALL: case IR_FCALL: case IR_ASM: case IR_RET: case IR_PHI: return true;
	case IR_CMPXCHG: return k == 1;
	default: return false;
	}
}

/* Operands that must still be there when the result is written: a two-address operation
 * first moves its left operand into the destination. */
static bool
is_late(const struct ir_ins *in, unsigned k)
{
	if (in->op == IR_SET || in->op == IR_CMPXCHG)
		return true;
	if (in->op == IR_ATOMIC)
		return k == 0;
	return k == 1 && (ir_ops[in->op].flags & (IRF_P | IRF_K)) == IRF_P;
}

static void
number(struct ra *ra)
{
	struct ir_fn *f = ra->f;
	uint32_t n = 1;

	for (uint32_t i = 0; i < f->rpo.n; i++) {
		uint32_t b = f->rpo.at[i];

		ra->blk[b].from = 2 * n;
		for (ref r = f->blk.at[b].first; r; r = ir_at(f, r)->next) {
			const struct ir_ins *in = ir_at(f, r);

			if (in->op == IR_PHI || in->op == IR_PARAM) {
				ra->pos[r] = ra->blk[b].from;
				continue;
			}
			ra->pos[r] = 2 * n++;
			if (ir_ops[in->op].flags & IRF_C)
				vec_push(ra->arena, &ra->calls, ra->pos[r] + 1);
			else if (in->op == IR_CMPXCHG)
				vec_push(ra->arena, &ra->r0, ra->pos[r] + 1);
		}
		ra->blk[b].to = 2 * n;
	}
}

static void
live_at_end(struct ra *ra, ref v, uint32_t b, uint32_t *work)
{
	struct ir_fn *f = ra->f;
	uint32_t n = 0;

	work[n++] = b;
	while (n) {
		const struct ir_blk *x;
		uint32_t k = work[--n];
		struct ra_block *rb = &ra->blk[k];

		if (ir_at(f, v)->blk == k || (rb->in.n && *vec_last(&rb->in) == v))
			continue;
		vec_push(ra->arena, &rb->in, v);
		x = &f->blk.at[k];
		for (uint32_t i = 0; i < x->pred.n; i++)
			work[n++] = x->pred.at[i];
	}
}

struct use_site {
	uint32_t blk;		/* where the value must be live at the end, or in */
	bool at_end;		/* used by a phi of a successor */
};

/* All uses grouped by value, so that the newest entry of a live-in set tells whether the
 * value at hand is in it already. */
static void
live_sets(struct ra *ra)
{
	struct ir_fn *f = ra->f;
	uint32_t *start = arena_array(ra->arena, uint32_t, f->ins.n + 1), total = 0, edges = 1;
	struct use_site *sites;
	uint32_t *work;

	ir_count_uses(f);
	for (ref r = 1; r < f->ins.n; r++) {
		start[r] = total;
		if (!ir_is_leaf(f, r))
			total += f->ins.at[r].uses;
	}
	start[f->ins.n] = total;
	sites = arena_array(ra->arena, struct use_site, total + 1);
	for (uint32_t i = 0; i < f->rpo.n; i++) {
		uint32_t b = f->rpo.at[i];

		edges += f->blk.at[b].pred.n;
		for (ref r = f->blk.at[b].first; r; r = ir_at(f, r)->next) {
			struct ir_ins *in = ir_at(f, r);
			const ref *args = ir_args(in);

			for (uint32_t k = 0; k < in->nargs; k++) {
				bool phi = in->op == IR_PHI;

				if (in->op == IR_MAKE || ir_is_leaf(f, args[k]))
					continue;
				sites[start[args[k]]++] = (struct use_site){
					phi ? f->blk.at[b].pred.at[k] : b, phi};
			}
		}
	}
	work = arena_array(ra->arena, uint32_t, edges + 1);
	for (ref r = 1; r < f->ins.n; r++) {
		uint32_t first = r == 1 ? 0 : start[r - 1];

		for (uint32_t s = first; s < start[r]; s++)
			live_at_end(ra, r, sites[s].blk, work);
	}
}

static struct ra_ival *
ival_of(struct ra *ra, ref v)
{
	struct ra_value *x = &ra->val[v];

	if (!x->first) {
		x->first = arena_new(ra->arena, struct ra_ival);
		x->first->v = v;
		x->first->reg = RA_NONE;
	}
	return x->first;
}

/* Built backwards: a new range comes before, or runs into, the first. */
static void
add_range(struct ra *ra, ref v, uint32_t from, uint32_t to)
{
	struct ra_ival *iv = ival_of(ra, v);
	struct ra_range *r = iv->ranges;

	if (r && r->from <= to) {
		if (from < r->from)
			r->from = from;
		if (to > r->to)
			r->to = to;
		return;
	}
	r = arena_new(ra->arena, struct ra_range);
	*r = (struct ra_range){from, to, iv->ranges};
	if (!iv->ranges)
		iv->last = r;
	iv->ranges = r;
}

static void
add_use(struct ra *ra, ref v, uint32_t pos, bool must)
{
	struct ra_ival *iv = ival_of(ra, v);
	struct ra_use *u;

	if (iv->uses && iv->uses->pos == pos) {
		iv->uses->must |= must;
		return;
	}
	u = arena_new(ra->arena, struct ra_use);
	*u = (struct ra_use){pos, must, iv->uses};
	iv->uses = u;
}

static void
live_out(struct ra *ra, uint32_t b)
{
	struct ir_fn *f = ra->f;
	const struct ir_blk *x = &f->blk.at[b];
	uint32_t from = ra->blk[b].from, to = ra->blk[b].to;

	for (uint32_t i = 0; i < x->nsucc; i++) {
		const struct ir_blk *s = &f->blk.at[x->succ[i]];
		const struct ra_block *rs = &ra->blk[x->succ[i]];
		uint32_t k = 0;

		for (uint32_t j = 0; j < rs->in.n; j++)
			add_range(ra, rs->in.at[j], from, to);
		while (s->pred.at[k] != b)
			k++;
		for (ref r = s->first; r && ir_at(f, r)->op == IR_PHI; r = ir_at(f, r)->next) {
			ref v = ir_at(f, r)->u.args[k];

			if (ir_is_leaf(f, v))
				continue;
			add_range(ra, v, from, to);
			add_use(ra, v, to - 1, false);
			if (!ra->val[v].like)
				ra->val[v].like = r;
			if (ra->val[v].hint == RA_NONE)
				ra->val[v].hint = ra->val[r].hint;
		}
	}
}

static void
define(struct ra *ra, ref r, uint32_t pos)
{
	struct ra_ival *iv = ra->val[r].first;

	if (!iv) {
		/* Written though never read (a call's result is simply left in r0). */
		if (ir_ops[ir_at(ra->f, r)->op].flags & IRF_C ||
		    ir_at(ra->f, r)->op == IR_PARAM ||
		    (ir_at(ra->f, r)->op == IR_ATOMIC && !(ir_at(ra->f, r)->imm & BPF_FETCH)))
			return;
		add_range(ra, r, pos, pos + 1);
		iv = ra->val[r].first;
	}
	if (iv->ranges->from < pos)
		iv->ranges->from = pos;
	ra->val[r].def = pos;
}

static void
hint_operand(struct ra *ra, ref v, int reg)
{
	if (!ir_is_leaf(ra->f, v) && ra->val[v].hint == RA_NONE)
		ra->val[v].hint = (int8_t)reg;
}

static void
hints(struct ra *ra, ref r)
{
	const struct ir_ins *in = ir_at(ra->f, r);
	const ref *args = ir_args(ir_at(ra->f, r));

	if (ir_ops[in->op].flags & IRF_C) {
		for (uint32_t k = 0; k < in->nargs; k++)
			hint_operand(ra, args[k], 1 + (int)k);
	} else if (in->op == IR_RET) {
		hint_operand(ra, args[0], 0);
	} else if (in->op == IR_CMPXCHG) {
		hint_operand(ra, args[1], 0);
	} else if ((ir_ops[in->op].flags & IRF_P) && in->nargs && in->op != IR_SET &&
		   ra->val[r].hint != RA_NONE) {
		hint_operand(ra, args[0], ra->val[r].hint);
	}
}

static void
uses_of(struct ra *ra, uint32_t b, ref r)
{
	struct ir_ins *in = ir_at(ra->f, r);
	const ref *args = ir_args(in);
	uint32_t pos = ra->pos[r];

	if (in->op == IR_MAKE)
		return;
	for (uint32_t k = 0; k < in->nargs; k++) {
		if (ir_is_leaf(ra->f, args[k]))
			continue;
		add_range(ra, args[k], ra->blk[b].from, pos + (is_late(in, k) ? 2 : 1));
		add_use(ra, args[k], pos, !only_moved(in, k));
	}
}

/* Where the result of an instruction appears: after the call for what comes in r0. */
static uint32_t
result_at(const struct ir_ins *in, uint32_t pos)
{
	if ((ir_ops[in->op].flags & IRF_C) || in->op == IR_CMPXCHG)
		return pos + 2;
	return pos + 1;
}

static void
build_block(struct ra *ra, uint32_t b)
{
	struct ir_fn *f = ra->f;

	live_out(ra, b);
	for (ref r = f->blk.at[b].last; r; r = ir_at(f, r)->prev) {
		const struct ir_ins *in = ir_at(f, r);

		if (in->op == IR_PHI || in->op == IR_PARAM) {
			define(ra, r, ra->blk[b].from);
			if (in->op == IR_PARAM && ra->val[r].hint == RA_NONE)
				ra->val[r].hint = (int8_t)(1 + in->imm);
			continue;
		}
		if (ir_has_value(in)) {
			define(ra, r, result_at(in, ra->pos[r]));
			if (ra->val[r].first)
				add_use(ra, r, result_at(in, ra->pos[r]), true);
			if (result_at(in, ra->pos[r]) == ra->pos[r] + 2 &&
			    ra->val[r].hint == RA_NONE)
				ra->val[r].hint = 0;
		}
		hints(ra, r);
		uses_of(ra, b, r);
	}
}

static int
by_start(const void *a, const void *b)
{
	const struct ra_ival *x = *(struct ra_ival *const *)a,
			     *y = *(struct ra_ival *const *)b;

	if (ra_from(x) != ra_from(y))
		return ra_from(x) < ra_from(y) ? -1 : 1;
	return x->v < y->v ? -1 : x->v > y->v;
}

void
ra_live(struct ra *ra)
{
	struct ir_fn *f = ra->f;
	bool sorted = true;

	ra->val = arena_array(ra->arena, struct ra_value, f->ins.n);
	ra->blk = arena_array(ra->arena, struct ra_block, f->blk.n);
	ra->pos = arena_array(ra->arena, uint32_t, f->ins.n);
	for (ref r = 0; r < f->ins.n; r++)
		ra->val[r].hint = RA_NONE;
	number(ra);
	live_sets(ra);
	for (uint32_t i = f->rpo.n; i-- > 0; )
		build_block(ra, f->rpo.at[i]);
	for (uint32_t i = 0; i < f->rpo.n; i++) {
		for (ref r = f->blk.at[f->rpo.at[i]].first; r; r = ir_at(f, r)->next) {
			struct ra_ival *iv = ra->val[r].first;

			if (!iv)
				continue;
			sorted &=
				!ra->order.n || ra_from(*vec_last(&ra->order)) <= ra_from(iv);
			vec_push(ra->arena, &ra->order, iv);
			iv->cursor = iv->ranges;
		}
	}
	if (!sorted)
		qsort(ra->order.at, ra->order.n, sizeof *ra->order.at, by_start);
}

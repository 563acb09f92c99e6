/* SPDX-License-Identifier: MIT */
/* returns.c: constants returned early share one exit.
 *
 * Guards at the start of a program all return the same: a block that puts a constant in r0 and
 * leaves. Where r0 is free from before the first of those tests to the last, the constant goes
 * there before the first, and the tests branch to an exit that is there anyway: one instruction
 * less for every such constant.
 *
 * Only in front of the first call: behind it something may be held (a reference, a lock), and
 * a fault found at an exit must be found at the return that the user wrote. */
#include "compile/emit/fn.h"

enum { MOST_BLOCKS = 64 };	/* between the first test and the last */

struct early {
	struct fn_em *e;
	uint32_t first_call;	/* position */
	bool *used, *held;	/* by block: r0 is used in it; used or wanted at its end */
	uint32_t at[MOST_BLOCKS], n;	/* blocks that branch to the return, and those between */
};

static uint32_t
block_end(const struct early *x, uint32_t b)
{
	return x->e->ra->pos[x->e->f->blk.at[b].last];
}

/* Blocks in the order of positions: the first that ends behind pos, as an index of rpo. */
static uint32_t
block_at(const struct early *x, uint32_t pos)
{
	const struct ir_fn *f = x->e->f;
	uint32_t lo = 0, hi = f->rpo.n;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (x->e->ra->blk[f->rpo.at[mid]].to <= pos)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void
note_range(struct early *x, const struct ra_range *r)
{
	const struct ir_fn *f = x->e->f;

	for (uint32_t i = block_at(x, r->from); i < f->rpo.n; i++) {
		uint32_t b = f->rpo.at[i];

		if (x->e->ra->blk[b].from > r->to)
			return;
		x->used[b] = true;
		if (r->to >= block_end(x, b))
			x->held[b] = true;
	}
}

static void
note_r0(struct early *x)
{
	const struct ra *ra = x->e->ra;

	for (uint32_t i = 0; i < ra->order.n; i++)
		for (const struct ra_ival *iv = ra->val[ra->order.at[i]->v].first; iv;
		     iv = iv->next)
			for (const struct ra_range *r = iv->reg ? NULL : iv->ranges; r;
			     r = r->next)
				if (r->from < x->first_call)
					note_range(x, r);
}

static bool
early_enough(const struct early *x, uint32_t b)
{
	return !x->e->f->blk.at[b].depth && x->e->ra->blk[b].to <= x->first_call;
}

static bool
add(struct early *x, uint32_t b)
{
	for (uint32_t i = 0; i < x->n; i++)
		if (x->at[i] == b)
			return true;
	if (x->n == MOST_BLOCKS || x->e->blk[b].same_as || !early_enough(x, b))
		return false;
	x->at[x->n++] = b;
	return true;
}

/* The blocks that branch to b, seen through empty ones; false when one does anything else. */
static bool
find_tests(struct early *x, uint32_t b)
{
	const struct ir_blk *blk = x->e->f->blk.at;
	uint32_t empty[MOST_BLOCKS] = {b}, n = 1;

	x->n = 0;
	while (n) {
		const struct ir_blk *to = &blk[empty[--n]];

		for (uint32_t k = 0; k < to->pred.n; k++) {
			uint32_t p = to->pred.at[k];

			if (x->e->blk[p].empty && n < MOST_BLOCKS)
				empty[n++] = p;
			else if (blk[p].nsucc != 2 || !add(x, p))
				return false;
		}
	}
	return x->n > 0;
}

static uint32_t
dominator(const struct early *x)
{
	const struct ir_blk *blk = x->e->f->blk.at;
	uint32_t d = x->at[0];

	for (uint32_t i = 1; i < x->n; i++)
		for (uint32_t b = x->at[i]; b != d; )
			if (blk[b].order > blk[d].order)
				b = blk[b].idom;
			else
				d = blk[d].idom;
	return d;
}

/* Every block on a way from d to a test, d itself left out: r0 must be free in all of it. */
static bool
free_between(struct early *x, uint32_t d)
{
	for (uint32_t i = 0; i < x->n; i++) {
		const struct ir_blk *b = &x->e->f->blk.at[x->at[i]];

		if (x->at[i] == d)
			continue;
		if (x->used[x->at[i]])
			return false;
		for (uint32_t k = 0; k < b->pred.n; k++)
			if (!add(x, b->pred.at[k]))
				return false;
	}
	return early_enough(x, d) && !x->held[d];
}

static bool
returns_constant(const struct fn_em *e, uint32_t b)
{
	const struct ir_blk *blk = &e->f->blk.at[b];
	int64_t c;

	return b != 1 && blk->first == blk->last && ir_at(e->f, blk->last)->op == IR_RET &&
	       !e->blk[b].in.n && ir_is_const(e->f, ir_at(e->f, blk->last)->u.arg[0], &c) &&
	       c == (int32_t)c;
}

static bool
return_early(struct early *x, uint32_t b)
{
	uint32_t d;

	if (!returns_constant(x->e, b) || !find_tests(x, b))
		return false;
	d = dominator(x);
	if (!free_between(x, d))
		return false;
	for (uint32_t i = 0; i < x->n; i++)
		if (x->at[i] != d)
			x->used[x->at[i]] = x->held[x->at[i]] = true;
	x->held[d] = true;
	x->e->blk[d].early = x->e->f->blk.at[b].last;
	x->e->blk[b].gone = x->e->r0_held = true;
	return true;
}

void
em_early_returns(struct fn_em *e)
{
	const struct ir_fn *f = e->f;
	struct early x = {.e = e, .first_call = UINT32_MAX};
	uint32_t exits = 0;

	if (e->ra->calls.n)
		x.first_call = e->ra->calls.at[0];
	if (e->ra->r0.n && e->ra->r0.at[0] < x.first_call)
		x.first_call = e->ra->r0.at[0];
	for (uint32_t i = 0; i < f->rpo.n; i++)
		exits += ir_at(f, f->blk.at[f->rpo.at[i]].last)->op == IR_RET;
	if (exits < 2)
		return;
	x.used = arena_array(f->arena, bool, f->blk.n);
	x.held = arena_array(f->arena, bool, f->blk.n);
	note_r0(&x);
	for (uint32_t i = 0; i < f->rpo.n && exits > 1; i++)
		exits -= return_early(&x, f->rpo.at[i]);
}

/* SPDX-License-Identifier: MIT */
/* scan.c: linear scan over SSA intervals with splitting.
 *
 * After Wimmer and Franz, "Linear Scan Register Allocation on SSA Form" (2010). Intervals are
 * taken in order of their start. One that fits into a free register for all of its life gets
 * it; one that fits for a while is split where the register ends being free. When none is
 * free, the interval whose next use is farthest goes to memory until just before that use.
 *
 * Calls overwrite r0..r5, so whatever lives across one needs r6..r9 or memory: r0..r5 count
 * as occupied at every call. A value that is in memory anywhere is stored once, right where
 * it is defined (SSA: nowhere else), so going to memory costs no further instruction. Only
 * coming back does. */
#include "compile/regs/ra.h"

#define NEVER UINT32_MAX

struct scan {
	struct ra *ra;
	struct ra_ival *active[RA_NREGS];
	struct ra_ival *inactive;
	VEC(struct ra_ival *) heap;	/* split-off parts still to do, by start */
	uint32_t next;			/* in ra->order */
};

/* ---- intervals -------------------------------------------------------------------------- */

/* Positions asked for never decrease, so uses that are behind are dropped. */
static uint32_t
next_use(struct ra_ival *iv, uint32_t pos, bool must)
{
	while (iv->uses && iv->uses->pos < pos)
		iv->uses = iv->uses->next;
	for (const struct ra_use *u = iv->uses; u; u = u->next)
		if (u->pos >= pos && (u->must || !must))
			return u->pos;
	return NEVER;
}

/* First position both cover, at or after `pos`. */
static uint32_t
intersection(const struct ra_ival *a, const struct ra_ival *b)
{
	const struct ra_range *x = a->cursor, *y = b->cursor;

	while (x && y) {
		uint32_t from = x->from > y->from ? x->from : y->from;

		if (from < x->to && from < y->to)
			return from;
		if (x->to < y->to)
			x = x->next;
		else
			y = y->next;
	}
	return NEVER;
}

/* First entry of the sorted array inside the interval. */
static uint32_t
first_within(const uint32_t *at, uint32_t n, const struct ra_ival *iv)
{
	for (const struct ra_range *r = iv->ranges; r; r = r->next) {
		uint32_t lo = 0, hi = n;

		while (lo < hi) {
			uint32_t mid = (lo + hi) / 2;

			if (at[mid] < r->from)
				lo = mid + 1;
			else
				hi = mid;
		}
		if (lo < n && at[lo] < r->to)
			return at[lo];
	}
	return NEVER;
}

/* Cut `iv` so that it ends before `pos`; returns the part from there on. pos lies strictly
 * inside. */
static struct ra_ival *
split(struct scan *s, struct ra_ival *iv, uint32_t pos)
{
	struct ra_ival *tail = arena_new(s->ra->arena, struct ra_ival);
	struct ra_range **r = &iv->ranges, *before = NULL;
	struct ra_use **u = &iv->uses;

	tail->v = iv->v;
	tail->reg = RA_NONE;
	while ((*r)->to <= pos) {
		before = *r;
		r = &(*r)->next;
	}
	if ((*r)->from < pos) {
		struct ra_range *rest = arena_new(s->ra->arena, struct ra_range);

		*rest = (struct ra_range){pos, (*r)->to, (*r)->next};
		(*r)->to = pos;
		before = *r;
		tail->last = rest->next ? iv->last : rest;
		tail->ranges = rest;
		(*r)->next = NULL;
	} else {
		tail->ranges = *r;
		tail->last = iv->last;
		*r = NULL;
	}
	iv->last = before;
	while (*u && (*u)->pos < pos)
		u = &(*u)->next;
	tail->uses = *u;
	*u = NULL;
	tail->cursor = tail->ranges;
	tail->next = iv->next;
	tail->prev = iv;
	if (tail->next)
		tail->next->prev = tail;
	iv->next = tail;
	return tail;
}

/* ---- the work list ---------------------------------------------------------------------- */

static void
push(struct scan *s, struct ra_ival *iv)
{
	uint32_t i = s->heap.n;

	vec_push(s->ra->arena, &s->heap, iv);
	while (i && ra_from(s->heap.at[(i - 1) / 2]) > ra_from(iv)) {
		s->heap.at[i] = s->heap.at[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	s->heap.at[i] = iv;
}

static struct ra_ival *
pop(struct scan *s)
{
	struct ra_ival *top = s->heap.at[0], *last = s->heap.at[--s->heap.n];
	uint32_t i = 0, n = s->heap.n;

	for (;;) {
		uint32_t c = 2 * i + 1;

		if (c >= n)
			break;
		if (c + 1 < n && ra_from(s->heap.at[c + 1]) < ra_from(s->heap.at[c]))
			c++;
		if (ra_from(s->heap.at[c]) >= ra_from(last))
			break;
		s->heap.at[i] = s->heap.at[c];
		i = c;
	}
	if (n)
		s->heap.at[i] = last;
	return top;
}

static struct ra_ival *
next_interval(struct scan *s)
{
	const struct ra *ra = s->ra;

	if (s->next < ra->order.n &&
	    (!s->heap.n || ra_from(ra->order.at[s->next]) <= ra_from(s->heap.at[0])))
		return ra->order.at[s->next++];
	return s->heap.n ? pop(s) : NULL;
}

/* Move intervals between active, inactive and done as the scan reaches `pos`. */
static void
advance(struct scan *s, uint32_t pos)
{
	struct ra_ival **p = &s->inactive;
	struct ra_ival *wake = NULL;

	while (*p) {
		struct ra_ival *iv = *p;

		while (iv->cursor && iv->cursor->to <= pos)
			iv->cursor = iv->cursor->next;
		if (iv->cursor && iv->cursor->from > pos) {
			p = &iv->chain;
			continue;
		}
		*p = iv->chain;
		if (iv->cursor) {
			iv->chain = wake;
			wake = iv;
		}
	}
	for (int r = 0; r < RA_NREGS; r++) {
		struct ra_ival *iv = s->active[r];

		if (!iv)
			continue;
		while (iv->cursor && iv->cursor->to <= pos)
			iv->cursor = iv->cursor->next;
		if (iv->cursor && iv->cursor->from <= pos)
			continue;
		s->active[r] = NULL;
		if (iv->cursor) {
			iv->chain = s->inactive;
			s->inactive = iv;
		}
	}
	while (wake) {
		struct ra_ival *iv = wake;

		wake = iv->chain;
		s->active[iv->reg] = iv;
	}
}

/* ---- choosing --------------------------------------------------------------------------- */

static void
blocked_by_calls(const struct scan *s, const struct ra_ival *cur, uint32_t *until)
{
	uint32_t call = first_within(s->ra->calls.at, s->ra->calls.n, cur);

	for (int r = 0; r <= 5; r++)
		if (call < until[r])
			until[r] = call;
	if (s->ra->r0.n) {
		uint32_t r0 = first_within(s->ra->r0.at, s->ra->r0.n, cur);

		if (r0 < until[0])
			until[0] = r0;
	}
}

/* The part of `v` that covers `pos`, or the one before. Asked in rising order mostly. */
static struct ra_ival *
part_at(const struct ra *ra, ref v, uint32_t pos)
{
	struct ra_value *x = &ra->val[v];
	struct ra_ival *iv = x->near && ra_from(x->near) <= pos ? x->near : x->first;

	while (iv && iv->next && ra_from(iv->next) <= pos)
		iv = iv->next;
	return x->near = iv;
}

/* The register of `v` at or shortly before `pos`. */
static int
reg_near(const struct ra *ra, ref v, uint32_t pos)
{
	const struct ra_ival *iv = part_at(ra, v, pos);

	if (iv && iv->reg == RA_NONE)
		iv = iv->prev;
	return iv ? iv->reg : RA_NONE;
}

static int
try_hint(int reg, const uint32_t *until, uint32_t end)
{
	return reg != RA_NONE && until[reg] >= end ? reg : RA_NONE;
}

/* A register that saves a move and is free long enough. */
static int
hinted(const struct ra *ra, const struct ra_ival *cur, const uint32_t *until)
{
	struct ir_ins *in = ir_at(ra->f, cur->v);
	const struct ra_value *x = &ra->val[cur->v];
	uint32_t end = ra_to(cur), pos = ra_from(cur);
	int reg = RA_NONE;

	if (cur->prev)
		reg = try_hint(reg_near(ra, cur->v, pos), until, end);
	if (reg == RA_NONE && in->op == IR_PHI && !cur->prev) {
		for (uint32_t k = 0; k < in->nargs && reg == RA_NONE; k++)
			if (!ir_is_leaf(ra->f, in->u.args[k]))
				reg = try_hint(reg_near(ra, in->u.args[k], pos), until, end);
	} else if (reg == RA_NONE && (ir_ops[in->op].flags & IRF_P) && in->nargs &&
		   !cur->prev) {
		ref a = in->u.arg[0];

		if (!ir_is_leaf(ra->f, a) && in->op != IR_SET)
			reg = try_hint(reg_near(ra, a, pos), until, end);
		a = in->u.arg[1];
		if (reg == RA_NONE && (ir_ops[in->op].flags & IRF_K) && !ir_is_leaf(ra->f, a))
			reg = try_hint(reg_near(ra, a, pos), until, end);
	}
	if (reg == RA_NONE && x->like)
		reg = try_hint(reg_near(ra, x->like, NEVER), until, end);
	if (reg == RA_NONE)
		reg = try_hint(x->hint, until, end);
	return reg;
}

static void
assign(struct scan *s, struct ra_ival *cur, int reg)
{
	cur->reg = (int8_t)reg;
	s->active[reg] = cur;
}

static bool
try_free(struct scan *s, struct ra_ival *cur)
{
	static const uint8_t order[RA_NREGS] = {1, 2, 3, 4, 5, 0, 6, 7, 8, 9};
	uint32_t until[RA_NREGS], end = ra_to(cur);
	int best = 0, reg;

	for (int r = 0; r < RA_NREGS; r++)
		until[r] = s->active[r] ? 0 : NEVER;
	for (struct ra_ival *iv = s->inactive; iv; iv = iv->chain) {
		uint32_t at;

		if (until[iv->reg] == 0)
			continue;
		at = intersection(iv, cur);
		if (at < until[iv->reg])
			until[iv->reg] = at;
	}
	blocked_by_calls(s, cur, until);
	reg = hinted(s->ra, cur, until);
	for (int i = 0; i < RA_NREGS && reg == RA_NONE; i++)
		if (until[order[i]] >= end)
			reg = order[i];
	if (reg != RA_NONE) {
		assign(s, cur, reg);
		return true;
	}
	for (int r = 1; r < RA_NREGS; r++)
		if (until[r] > until[best])
			best = r;
	if (try_hint(s->ra->val[cur->v].hint, until, until[best]) != RA_NONE)
		best = s->ra->val[cur->v].hint;
	/* The part before the split must be worth having, and begin between instructions. */
	if (until[best] <= ra_from(cur) + 1 ||
	    next_use(cur, ra_from(cur), true) >= until[best])
		return false;
	push(s, split(s, cur, until[best] & ~1u));
	assign(s, cur, best);
	return true;
}

/* `iv` stays in memory until the next use that needs a register. An argument read at the
 * very place where it leaves its register is still read from there. */
static void
to_memory(struct scan *s, struct ra_ival *iv)
{
	uint32_t from = ra_from(iv), use;
	struct ra_ival *before = iv->prev;

	iv->reg = RA_NONE;
	s->ra->val[iv->v].spilled = true;
	use = next_use(iv, from, true);
	if (use != NEVER && (use & ~1u) > from)
		push(s, split(s, iv, use & ~1u));
	if (before && before->reg != RA_NONE && ra_to(before) == from && !(from & 1) &&
	    iv->uses && iv->uses->pos == from && !s->active[before->reg] &&
	    iv->ranges->to > from + 1) {
		struct ra_use *u = iv->uses, **end = &before->uses;

		iv->uses = u->next;
		u->next = NULL;
		while (*end)
			end = &(*end)->next;
		*end = u;
		before->last->to = from + 1;
		iv->ranges->from = from + 1;
		before->cursor = before->last;
		s->active[before->reg] = before;
	}
}

static void
evict(struct scan *s, struct ra_ival *victim, uint32_t pos)
{
	if (ra_from(victim) < pos)
		victim = split(s, victim, pos);
	to_memory(s, victim);
}

static void
evict_all(struct scan *s, const struct ra_ival *cur, int reg)
{
	uint32_t pos = ra_from(cur);
	struct ra_ival **p = &s->inactive;

	if (s->active[reg]) {
		struct ra_ival *victim = s->active[reg];

		s->active[reg] = NULL;
		evict(s, victim, pos);
	}
	while (*p) {
		struct ra_ival *iv = *p;
		uint32_t at = iv->reg == reg ? intersection(iv, cur) : NEVER;

		if (at == NEVER) {
			p = &iv->chain;
			continue;
		}
		*p = iv->chain;
		evict(s, iv, at);
	}
}

static void
take_from_another(struct scan *s, struct ra_ival *cur)
{
	uint32_t uses[RA_NREGS], block[RA_NREGS], pos = ra_from(cur);
	uint32_t own = next_use(cur, pos, true);
	int best = -1;

	for (int r = 0; r < RA_NREGS; r++) {
		uses[r] = block[r] = NEVER;
		if (s->active[r])
			uses[r] = next_use(s->active[r], pos & ~1u, false);
	}
	for (struct ra_ival *iv = s->inactive; iv; iv = iv->chain) {
		if (intersection(iv, cur) != NEVER) {
			uint32_t use = next_use(iv, pos, false);

			if (use < uses[iv->reg])
				uses[iv->reg] = use;
		}
	}
	blocked_by_calls(s, cur, block);
	for (int r = 0; r < RA_NREGS; r++) {
		if (block[r] <= pos + 1)
			continue;
		if (best < 0 || uses[r] > uses[best] ||
		    (uses[r] == uses[best] && block[r] > block[best]))
			best = r;
	}
	if (best < 0 || own > uses[best] || own == NEVER) {
		to_memory(s, cur);
		return;
	}
	if (block[best] < ra_to(cur))
		push(s, split(s, cur, block[best] & ~1u));
	evict_all(s, cur, best);
	assign(s, cur, best);
}

void
ra_scan(struct ra *ra)
{
	struct scan s = {.ra = ra};
	struct ra_ival *cur;

	while ((cur = next_interval(&s)) != NULL) {
		advance(&s, ra_from(cur));
		if (!try_free(&s, cur))
			take_from_another(&s, cur);
	}
}

int
ra_where(const struct ra *ra, ref v, uint32_t pos)
{
	const struct ra_ival *iv = part_at(ra, v, pos);

	return iv ? iv->reg : RA_NONE;
}

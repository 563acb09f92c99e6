/* SPDX-License-Identifier: MIT */
/* flow.c: block order, dominators and loops.
 *
 * Reverse post-order by an iterative depth-first walk that enters the false branch first, so
 * that the true branch follows its test. Dominators after Cooper, Harvey and Kennedy, "A
 * Simple, Fast Dominance Algorithm": intersect the predecessors along the tree until nothing
 * changes; with structured control flow that is one round and one to confirm. */
#include "compile/ir/ir.h"

struct walk {
	uint32_t blk, next;
};

static void
post_order(struct ir_fn *f, uint32_t *post, uint32_t *n)
{
	struct walk *stack = arena_array(f->arena, struct walk, f->blk.n);
	uint8_t *seen = arena_array(f->arena, uint8_t, f->blk.n);
	uint32_t top = 0;

	*n = 0;
	stack[top++] = (struct walk){1, 0};
	seen[1] = 1;
	while (top) {
		struct walk *w = &stack[top - 1];
		const struct ir_blk *b = &f->blk.at[w->blk];

		if (w->next < b->nsucc) {
			uint32_t s = b->succ[b->nsucc - 1 - w->next++];

			if (!seen[s]) {
				seen[s] = 1;
				stack[top++] = (struct walk){s, 0};
			}
		} else {
			post[(*n)++] = w->blk;
			top--;
		}
	}
}

static void
drop_unreachable(struct ir_fn *f, const uint8_t *reached)
{
	for (uint32_t b = 1; b < f->blk.n; b++) {
		struct ir_blk *x = &f->blk.at[b];

		if (reached[b] || x->dead)
			continue;
		for (uint32_t i = 0; i < x->nsucc; i++)
			if (reached[x->succ[i]])
				ir_drop_pred(f, x->succ[i], b);
		x->dead = true;
		x->first = x->last = 0;
		x->nsucc = 0;
		x->pred.n = 0;
	}
}

static uint32_t
intersect(const struct ir_fn *f, uint32_t a, uint32_t b)
{
	while (a != b) {
		while (f->blk.at[a].order > f->blk.at[b].order)
			a = f->blk.at[a].idom;
		while (f->blk.at[b].order > f->blk.at[a].order)
			b = f->blk.at[b].idom;
	}
	return a;
}

static void
dominators(struct ir_fn *f)
{
	bool changed = true;

	f->blk.at[1].idom = 1;
	while (changed) {
		changed = false;
		for (uint32_t i = 1; i < f->rpo.n; i++) {
			struct ir_blk *b = &f->blk.at[f->rpo.at[i]];
			uint32_t idom = 0;

			for (uint32_t k = 0; k < b->pred.n; k++) {
				uint32_t p = b->pred.at[k];

				if (f->blk.at[p].idom)
					idom = idom ? intersect(f, idom, p) : p;
			}
			if (idom != b->idom) {
				b->idom = idom;
				changed = true;
			}
		}
	}
}

bool
ir_dominates(const struct ir_fn *f, uint32_t a, uint32_t b)
{
	while (f->blk.at[b].order > f->blk.at[a].order)
		b = f->blk.at[b].idom;
	return a == b;
}

/* Give every block of the natural loop of `head` its header, walking up from the latch.
 * Loops are met outermost first, so the last header written is the innermost. */
static void
mark_loop(struct ir_fn *f, uint32_t head, uint32_t latch, uint32_t *stack)
{
	uint32_t top = 0;

	if (f->blk.at[head].loop != head) {
		f->blk.at[head].loop = head;
		f->blk.at[head].depth++;
	}
	stack[top++] = latch;
	while (top) {
		struct ir_blk *b = &f->blk.at[stack[--top]];

		if (b->loop == head)
			continue;
		b->loop = head;
		b->depth++;
		for (uint32_t k = 0; k < b->pred.n; k++)
			if (f->blk.at[b->pred.at[k]].loop != head)
				stack[top++] = b->pred.at[k];
	}
}

static void
loops(struct ir_fn *f)
{
	uint32_t edges = 0, *stack;

	for (uint32_t i = 0; i < f->rpo.n; i++)
		edges += f->blk.at[f->rpo.at[i]].pred.n;
	stack = arena_array(f->arena, uint32_t, edges + 1);
	for (uint32_t i = 0; i < f->rpo.n; i++) {
		uint32_t h = f->rpo.at[i];

		for (uint32_t k = 0; k < f->blk.at[h].pred.n; k++) {
			uint32_t p = f->blk.at[h].pred.at[k];

			if (f->blk.at[p].order >= f->blk.at[h].order && ir_dominates(f, h, p))
				mark_loop(f, h, p, stack);
		}
	}
}

void
ir_flow(struct ir_fn *f)
{
	uint32_t *post = arena_array(f->arena, uint32_t, f->blk.n), n;
	uint8_t *reached = arena_array(f->arena, uint8_t, f->blk.n);
	bool back = false;

	post_order(f, post, &n);
	for (uint32_t i = 0; i < n; i++)
		reached[post[i]] = 1;
	drop_unreachable(f, reached);
	f->rpo.n = 0;
	vec_reserve(f->arena, &f->rpo, n);
	while (n-- > 0) {
		struct ir_blk *b = &f->blk.at[post[n]];

		b->order = f->rpo.n;
		b->idom = b->loop = b->depth = 0;
		f->rpo.at[f->rpo.n++] = post[n];
	}
	for (uint32_t i = 0; i < f->rpo.n && !back; i++)
		for (uint32_t k = 0; k < f->blk.at[f->rpo.at[i]].pred.n; k++)
			back |= f->blk.at[f->blk.at[f->rpo.at[i]].pred.at[k]].order >= i;
	dominators(f);
	if (back)
		loops(f);
}

void
ir_split_critical(struct ir_fn *f)
{
	uint32_t n = f->blk.n;

	for (uint32_t b = 1; b < n; b++) {
		if (f->blk.at[b].nsucc < 2)
			continue;
		for (uint32_t i = 0; i < 2; i++) {
			uint32_t to = f->blk.at[b].succ[i], mid, k;

			if (f->blk.at[to].pred.n < 2)
				continue;
			mid = ir_blk_new(f);
			f->at = ir_at(f, f->blk.at[b].last)->at;
			ir_add(f, mid, IR_JMP, 0, 0);
			f->blk.at[mid].succ[f->blk.at[mid].nsucc++] = to;
			vec_push(f->arena, &f->blk.at[mid].pred, b);
			f->blk.at[b].succ[i] = mid;
			for (k = 0; f->blk.at[to].pred.at[k] != b; k++)
				;
			f->blk.at[to].pred.at[k] = mid;
		}
	}
}

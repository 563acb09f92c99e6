/* SPDX-License-Identifier: MIT */
/* branch.c: simplify control flow.
 *
 * Decided branches lose an edge; a branch on a phi of constants in a block of its own is
 * threaded, each predecessor jumping where its constant leads; blocks that only jump are
 * bypassed; a block joins its only predecessor when that has no other successor. */
#include "compile/passes/passes.h"

static void
retarget(struct ir_fn *f, uint32_t b, uint32_t i, uint32_t to)
{
	f->blk.at[b].succ[i] = to;
	vec_push(f->arena, &f->blk.at[to].pred, b);
}

/* The branch of `b` becomes a jump to its successor `keep` (0 or 1). */
static void
drop_edge(struct ir_fn *f, uint32_t b, unsigned keep)
{
	struct ir_blk *x = &f->blk.at[b];
	uint32_t gone = x->succ[!keep];
	struct ir_ins *in = ir_at(f, x->last);

	ir_drop_pred(f, gone, b);
	x->succ[0] = x->succ[keep];
	x->nsucc = 1;
	in->op = IR_JMP;
	in->nargs = 0;
}

static void
decide_branch(struct ir_fn *f, uint32_t b)
{
	struct ir_blk *x = &f->blk.at[b];
	const struct ir_ins *in = ir_at(f, x->last);
	int64_t p, q;

	if (in->op != IR_BR)
		return;
	if (ir_is_const(f, in->u.arg[0], &p) && ir_is_const(f, in->u.arg[1], &q) &&
	    !(in->flags & IR_W32))
		drop_edge(f, b, !opt_fold_cc(in->cc, (uint64_t)p, (uint64_t)q));
	else if (x->succ[0] == x->succ[1] &&
		 (!f->blk.at[x->succ[0]].first ||
		  ir_at(f, f->blk.at[x->succ[0]].first)->op != IR_PHI))
		drop_edge(f, b, 0);
}

static bool
has_phi(const struct ir_fn *f, uint32_t b)
{
	ref first = f->blk.at[b].first;

	return first && ir_at(f, first)->op == IR_PHI;
}

/* Give the phis of `to` an operand for its new predecessor: what `via` brought them. */
static void
copy_phi_operands(struct ir_fn *f, uint32_t to, uint32_t via, uint32_t pred_in_via)
{
	uint32_t k = 0;

	while (f->blk.at[to].pred.at[k] != via)
		k++;
	for (ref r = f->blk.at[to].first; r && ir_at(f, r)->op == IR_PHI;
	     r = ir_at(f, r)->next) {
		struct ir_ins *in = ir_at(f, r);
		ref v = in->u.args[k];
		ref *args = arena_array(f->arena, ref, in->nargs + 1u);

		if (ir_at(f, v)->op == IR_PHI && ir_at(f, v)->blk == via)
			v = ir_at(f, v)->u.args[pred_in_via];
		if (in->nargs)
			memcpy(args, in->u.args, in->nargs * sizeof *args);
		args[in->nargs++] = v;
		in->u.args = args;
	}
}

/* Predecessor k of b has two edges to it: which of them an operand belongs to is not told. */
static bool
comes_twice(const struct ir_fn *f, uint32_t b, uint32_t k)
{
	const struct ir_blk *p = &f->blk.at[f->blk.at[b].pred.at[k]];

	return p->nsucc == 2 && p->succ[0] == p->succ[1];
}

/* Predecessor k of b goes on to b's successor `to` directly. */
static void
pass_by(struct ir_fn *f, uint32_t b, uint32_t k, uint32_t to)
{
	uint32_t p = f->blk.at[b].pred.at[k], i = 0;

	copy_phi_operands(f, to, b, k);
	while (f->blk.at[p].succ[i] != b)
		i++;
	ir_drop_pred(f, b, p);
	retarget(f, p, i, to);
}

/* The block is `phi` and its terminator, and things nobody uses. */
static bool
only_phi(struct ir_fn *f, uint32_t b, ref phi)
{
	for (ref r = f->blk.at[b].first; r != f->blk.at[b].last; r = ir_at(f, r)->next) {
		const struct ir_ins *in = ir_at(f, r);

		if (r != phi && (in->uses || !(ir_ops[in->op].flags & IRF_P)))
			return false;
	}
	return true;
}

/* `b` holds only phis and a branch that compares one of them with a constant, and nothing
 * outside uses its phis but phis of its successors: predecessors that bring a constant can
 * go on directly. */
static bool
thread_phi_branch(struct ir_fn *f, uint32_t b)
{
	struct ir_ins *br = ir_at(f, f->blk.at[b].last);
	ref phi = br->op == IR_BR ? br->u.arg[0] : 0;
	bool changed = false;
	int64_t limit;

	if (!phi || ir_at(f, phi)->op != IR_PHI || ir_at(f, phi)->blk != b ||
	    !only_phi(f, b, phi) ||
	    ir_at(f, phi)->uses != 1 || !ir_is_const(f, br->u.arg[1], &limit) ||
	    (br->flags & IR_W32))
		return false;
	for (uint32_t k = 0; k < f->blk.at[b].pred.n; ) {
		int64_t v;

		if (!ir_is_const(f, ir_at(f, phi)->u.args[k], &v) || comes_twice(f, b, k)) {
			k++;
			continue;
		}
		pass_by(f, b, k, f->blk.at[b].succ[!opt_fold_cc(br->cc, (uint64_t)v,
								(uint64_t)limit)]);
		changed = true;
	}
	return changed;
}

/* Nothing but its terminator; what nobody uses is dropped on the way. */
static bool
hollow(struct ir_fn *f, uint32_t b)
{
	ref next;

	for (ref r = f->blk.at[b].first; r != f->blk.at[b].last; r = next) {
		const struct ir_ins *in = ir_at(f, r);

		next = in->next;
		if (in->uses || !(ir_ops[in->op].flags & IRF_P))
			return false;
		ir_remove(f, r);
	}
	return true;
}

/* What the path by the edge p -> b says about `cc`: 1 holds, 0 does not, -1 nothing. Looks up
 * through blocks with one predecessor for a branch on the same comparison. */
static int
known_on_edge(const struct ir_fn *f, uint32_t p, uint32_t b, const struct ir_ins *br)
{
	for (int hops = 0; hops < 16; hops++) {
		const struct ir_blk *x = &f->blk.at[p];
		const struct ir_ins *in = ir_at(f, x->last);

		if (in->op == IR_BR && x->succ[0] != x->succ[1] &&
		    in->u.arg[0] == br->u.arg[0] && in->u.arg[1] == br->u.arg[1] &&
		    (in->flags & IR_W32) == (br->flags & IR_W32) &&
		    (in->cc | 1) == (br->cc | 1)) {
			bool taken = x->succ[0] == b;

			return taken == (in->cc == br->cc);
		}
		if (x->pred.n != 1)
			return -1;
		b = p;
		p = x->pred.at[0];
	}
	return -1;
}

/* `b` holds nothing but a branch whose outcome the way here decides: go on directly. The
 * verifier, which keeps no inequalities, would otherwise follow a path that cannot happen. */
static bool
thread_known_branch(struct ir_fn *f, uint32_t b)
{
	const struct ir_blk *x = &f->blk.at[b];
	bool changed = false;

	if (b == 1 || ir_at(f, x->last)->op != IR_BR || !hollow(f, b))
		return false;
	for (uint32_t k = 0; k < f->blk.at[b].pred.n; ) {
		uint32_t p = f->blk.at[b].pred.at[k], to;
		int known = known_on_edge(f, p, b, ir_at(f, f->blk.at[b].last));

		if (known < 0 || p == b || comes_twice(f, b, k)) {
			k++;
			continue;
		}
		to = f->blk.at[b].succ[!known];
		if ((f->blk.at[p].succ[0] == to || (f->blk.at[p].nsucc == 2 &&
		     f->blk.at[p].succ[1] == to)) && has_phi(f, to)) {
			k++;
			continue;
		}
		pass_by(f, b, k, to);
		changed = true;
	}
	return changed;
}

/* `b` only jumps: its predecessors can jump there themselves, unless a phi in the target
 * would then get two operands from one predecessor. */
static bool
bypass(struct ir_fn *f, uint32_t b)
{
	struct ir_blk *x = &f->blk.at[b];
	uint32_t to;
	bool changed = false;

	if (b == 1 || x->nsucc != 1 || x->succ[0] == b || !hollow(f, b))
		return false;
	to = x->succ[0];
	for (uint32_t k = 0; k < f->blk.at[b].pred.n; ) {
		uint32_t p = f->blk.at[b].pred.at[k];
		bool twice = false;

		for (uint32_t i = 0; i < f->blk.at[p].nsucc; i++)
			twice |= f->blk.at[p].succ[i] == to;
		if (p == b || (twice && has_phi(f, to)) || comes_twice(f, b, k)) {
			k++;
			continue;
		}
		pass_by(f, b, k, to);
		changed = true;
	}
	if (f->blk.at[b].pred.n == 0) {
		ir_drop_pred(f, to, b);
		f->blk.at[b].dead = true;
		f->blk.at[b].nsucc = 0;
		f->blk.at[b].first = f->blk.at[b].last = 0;
	}
	return changed;
}

/* b -> s with no other edge at either end: append s to b. */
static bool
merge(struct ir_fn *f, uint32_t b)
{
	struct ir_blk *x = &f->blk.at[b], *y;
	uint32_t s;

	if (x->nsucc != 1)
		return false;
	s = x->succ[0];
	y = &f->blk.at[s];
	if (s == b || s == 1 || y->pred.n != 1 || y->dead)
		return false;
	while (has_phi(f, s)) {
		ref phi = y->first;

		ir_forward(f, phi, ir_at(f, phi)->u.args[0]);
	}
	ir_remove(f, x->last);
	for (ref r = y->first; r; r = ir_at(f, r)->next)
		ir_at(f, r)->blk = b;
	if (!x->first)
		x->first = y->first;
	else
		ir_at(f, x->last)->next = y->first;
	ir_at(f, y->first)->prev = x->last;
	x->last = y->last;
	x->nsucc = y->nsucc;
	for (uint32_t i = 0; i < y->nsucc; i++) {
		struct ir_blk *t = &f->blk.at[y->succ[i]];

		x->succ[i] = y->succ[i];
		for (uint32_t k = 0; k < t->pred.n; k++)
			if (t->pred.at[k] == s)
				t->pred.at[k] = b;
	}
	y->dead = true;
	y->first = y->last = 0;
	y->nsucc = 0;
	y->pred.n = 0;
	return true;
}

void
opt_branch(struct ir_fn *f)
{
	ir_count_uses(f);
	for (uint32_t i = 0; i < f->rpo.n; i++) {
		uint32_t b = f->rpo.at[i];

		if (!f->blk.at[b].dead)
			decide_branch(f, b);
	}
	/* Later blocks first, so that chains of jumps collapse in one walk. */
	for (uint32_t i = f->rpo.n; i-- > 0; ) {
		uint32_t b = f->rpo.at[i];

		if (!f->blk.at[b].dead && !thread_phi_branch(f, b) &&
		    !thread_known_branch(f, b))
			bypass(f, b);
	}
	for (uint32_t i = 0; i < f->rpo.n; i++) {
		uint32_t b = f->rpo.at[i];

		if (f->blk.at[b].dead)
			continue;
		while (merge(f, b))
			;
	}
	ir_flow(f);
}

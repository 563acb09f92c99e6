/* SPDX-License-Identifier: MIT */
/* check.c: is the IR well formed? Run after every pass in debug builds and by tests.
 *
 * Chains and edges agree in both directions, blocks end in exactly one terminator, phis stand
 * first with one operand per predecessor, and every use is dominated by its definition. */
#include "compile/ir/ir.h"

struct check {
	struct ir_fn *f;
	struct arena *a;
	uint32_t *number;	/* order of instructions in their block */
};

static const char *
bad(struct check *c, uint32_t b, ref r, const char *what)
{
	return arena_printf(c->a, "%s: block %u, value %u: %s", c->f->name, b, r, what);
}

static const char *
check_edges(struct check *c, uint32_t b)
{
	const struct ir_blk *x = &c->f->blk.at[b];
	const struct ir_ins *last = ir_at(c->f, x->last);
	uint32_t want = last->op == IR_JMP ? 1 : last->op == IR_BR ? 2 : 0;

	if (x->nsucc != want)
		return bad(c, b, x->last, "number of successors");
	for (uint32_t i = 0; i < x->nsucc; i++) {
		const struct ir_blk *s = &c->f->blk.at[x->succ[i]];
		uint32_t k = 0;

		while (k < s->pred.n && s->pred.at[k] != b)
			k++;
		if (k == s->pred.n)
			return bad(c, b, 0, "not among its successor's predecessors");
	}
	for (uint32_t k = 0; k < x->pred.n; k++) {
		const struct ir_blk *p = &c->f->blk.at[x->pred.at[k]];

		if (p->dead || (p->succ[0] != b && (p->nsucc < 2 || p->succ[1] != b)))
			return bad(c, b, 0, "predecessor does not lead here");
	}
	return NULL;
}

static const char *
check_use(struct check *c, uint32_t b, ref r, unsigned k, ref v)
{
	const struct ir_ins *in = ir_at(c->f, r), *def;
	uint32_t at = in->op == IR_PHI ? c->f->blk.at[b].pred.at[k] : b;

	if (!v || v >= c->f->ins.n)
		return bad(c, b, r, "operand is no value");
	v = ir_val(c->f, v);
	def = ir_at(c->f, v);
	if (ir_is_leaf(c->f, v))
		return NULL;
	if (!def->blk)
		return bad(c, b, r, "operand was removed");
	if (def->blk == at && in->op != IR_PHI && c->number[v] >= c->number[r])
		return bad(c, b, r, "used before it is defined");
	if (!ir_dominates(c->f, def->blk, at))
		return bad(c, b, r, "definition does not dominate use");
	return NULL;
}

static const char *
check_block(struct check *c, uint32_t b)
{
	struct ir_fn *f = c->f;
	bool body = false;
	const char *why;

	if (!f->blk.at[b].first || !ir_finished(f, b))
		return bad(c, b, 0, "no terminator");
	for (ref r = f->blk.at[b].first; r; r = ir_at(f, r)->next) {
		struct ir_ins *in = ir_at(f, r);
		const ref *args = ir_args(in);

		if (in->blk != b)
			return bad(c, b, r, "belongs to another block");
		if (in->next && ir_at(f, in->next)->prev != r)
			return bad(c, b, r, "broken chain");
		if ((ir_ops[in->op].flags & IRF_T) && in->next)
			return bad(c, b, r, "terminator in the middle");
		if (in->op == IR_PHI && body)
			return bad(c, b, r, "phi after other instructions");
		if (in->op == IR_PHI && in->nargs != f->blk.at[b].pred.n)
			return bad(c, b, r, "phi operands do not match predecessors");
		body |= in->op != IR_PHI;
		for (uint32_t k = 0; k < in->nargs; k++)
			if (in->op != IR_COPY &&
			    (why = check_use(c, b, r, k, args[k])) != NULL)
				return why;
	}
	return check_edges(c, b);
}

const char *
ir_check(struct ir_fn *f, struct arena *a)
{
	struct check c = {f, a, arena_array(a, uint32_t, f->ins.n)};
	const char *why;

	ir_flow(f);
	for (uint32_t i = 0; i < f->rpo.n; i++) {
		uint32_t n = 0;

		for (ref r = f->blk.at[f->rpo.at[i]].first; r; r = ir_at(f, r)->next)
			c.number[r] = ++n;
	}
	for (uint32_t i = 0; i < f->rpo.n; i++)
		if ((why = check_block(&c, f->rpo.at[i])) != NULL)
			return why;
	return NULL;
}

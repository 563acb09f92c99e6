/* SPDX-License-Identifier: MIT */
/* dce.c: drop instructions whose value nobody uses.
 *
 * Blocks and instructions are visited backwards, so a whole chain goes in one walk; phis that
 * only feed each other around a loop are found by marking from the instructions that act. */
#include "compile/passes/passes.h"

static void
mark(uint8_t *live, ref *work, uint32_t *n, ref r)
{
	if (live[r])
		return;
	live[r] = 1;
	work[(*n)++] = r;
}

/* Has an effect of its own. Loads have none here: a fault is the verifier's business. */
static bool
acts(const struct ir_ins *in)
{
	return (ir_ops[in->op].flags & (IRF_W | IRF_C | IRF_T)) || in->flags & IR_VOLATILE;
}

void
opt_dce(struct ir_fn *f)
{
	uint8_t *live = arena_array(f->arena, uint8_t, f->ins.n);
	ref *work = arena_array(f->arena, ref, f->ins.n), next;
	uint32_t n = 0;

	for (uint32_t i = 0; i < f->rpo.n; i++)
		for (ref r = f->blk.at[f->rpo.at[i]].first; r; r = ir_at(f, r)->next)
			if (acts(ir_at(f, r)))
				mark(live, work, &n, r);
	while (n) {
		struct ir_ins *in = ir_at(f, work[--n]);
		ref *args = ir_args(in);

		for (uint32_t i = 0; i < in->nargs; i++) {
			args[i] = ir_val(f, args[i]);
			mark(live, work, &n, args[i]);
		}
	}
	for (uint32_t i = 0; i < f->rpo.n; i++) {
		for (ref r = f->blk.at[f->rpo.at[i]].first; r; r = next) {
			next = ir_at(f, r)->next;
			if (!live[r] && ir_at(f, r)->op != IR_PARAM)
				ir_remove(f, r);
		}
	}
	ir_count_uses(f);
}

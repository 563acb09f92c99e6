/* SPDX-License-Identifier: MIT */
/* check_stack.c: the frames of functions that call each other share 512 bytes. The deepest chain
 * is found and named before the verifier adds it up. Callbacks count, but not those of timers,
 * which start with a stack of their own. */
#include "lower.h"

#include <linux/bpf.h>

enum { LIMIT = 512, GRAIN = 16 };

struct depths {
	struct cg *c;
	const uint32_t *frames;
	uint32_t *deepest;	/* of a function with what it calls; 0: not known yet */
	uint32_t *next;		/* the callee of that chain, 0 none */
};

static uint32_t depth_of(struct depths *d, uint32_t fn);

static void
try_callee(struct depths *d, uint32_t fn, uint32_t callee, uint32_t *below)
{
	uint32_t depth = depth_of(d, callee);

	if (depth > *below) {
		*below = depth;
		d->next[fn] = callee;
	}
}

static uint32_t
depth_of(struct depths *d, uint32_t fn)
{
	const struct ir_fn *f = d->c->ir->fns.at[fn];
	uint32_t below = 0;

	if (d->deepest[fn])
		return d->deepest[fn];
	for (ref r = 1; r < f->ins.n; r++) {
		struct ir_ins *in = ir_at(f, r);
		const ref *args = ir_args(in);

		if (!in->blk)
			continue;
		if (in->op == IR_FCALL)
			try_callee(d, fn, (uint32_t)in->imm, &below);
		for (uint32_t k = 0; in->op == IR_CALL && k < in->nargs; k++)
			if (ir_at(f, args[k])->op == IR_FUNC &&
			    in->imm != BPF_FUNC_timer_set_callback)
				try_callee(d, fn, (uint32_t)ir_at(f, args[k])->imm, &below);
	}
	return d->deepest[fn] = (d->frames[fn] + GRAIN - 1) / GRAIN * GRAIN + below + !d->frames[fn];
}

/* Since 6.13 their functions can have stacks of their own. */
static bool
may_have_private_stacks(uint32_t type)
{
	return type == BPF_PROG_TYPE_KPROBE || type == BPF_PROG_TYPE_TRACEPOINT ||
	       type == BPF_PROG_TYPE_PERF_EVENT || type == BPF_PROG_TYPE_RAW_TRACEPOINT ||
	       type == BPF_PROG_TYPE_TRACING;
}

void
cg_check_stack(struct cg *c, const uint32_t *frames)
{
	uint32_t n = c->ir->fns.n;
	struct depths d = {c, frames, arena_array(c->a, uint32_t, n), arena_array(c->a, uint32_t, n)};
	struct diag *diag;

	if (n < 2 || depth_of(&d, 0) <= LIMIT)
		return;
	for (uint32_t i = 0; i < n; i++)
		if (frames[i] > LIMIT)
			return;		/* that is said already */
	diag = diag_add(c->ds, may_have_private_stacks(c->prog->type) ? DIAG_WARNING : DIAG_ERROR,
			"C0015", c->prog->at, "this chain of calls needs %u bytes of stack; it has %u",
			d.deepest[0], LIMIT);
	for (uint32_t fn = 0; ; fn = d.next[fn]) {
		if (fn)
			diag_label(c->ds, diag, c->fns.at[fn - 1]->at, "`%s`: %u bytes",
				   c->ir->fns.at[fn]->name, frames[fn]);
		else
			diag_note(c->ds, diag, "`%s`: %u bytes", c->prog->lisp_name, frames[0]);
		if (!d.next[fn])
			break;
	}
	diag_help(c->ds, diag, "keep large objects in a per-CPU array map of one entry");
	if (diag->severity == DIAG_WARNING)
		diag_note(c->ds, diag, "kernels before 6.13 refuse it");
}

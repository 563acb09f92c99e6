/* SPDX-License-Identifier: MIT */
/* calls.c: functions that call each other go in no circle, and their frames share 512 bytes. The
 * deepest chain is found and named before the verifier adds it up. Callbacks count, but not
 * those of timers, which start with a stack of their own. */
#include "compile/check/check.h"

#include <linux/bpf.h>

enum { LIMIT = 512, GRAIN = 16 };

static const char instead[] = "keep large objects in a per-CPU array map of one entry";

/* 0 not seen, 1 under way, 2 done. */
static bool
calls_itself(const struct ir_prog *ir, uint32_t fn, uint8_t *seen)
{
	const struct ir_fn *f = ir->fns.at[fn];

	if (seen[fn])
		return seen[fn] == 1;
	seen[fn] = 1;
	for (ref r = 1; r < f->ins.n; r++)
		if (ir_at(f, r)->op == IR_FCALL && ir_at(f, r)->blk &&
		    calls_itself(ir, (uint32_t)ir_at(f, r)->imm, seen))
			return true;
	seen[fn] = 2;
	return false;
}

bool
cg_check_recursion(struct cg *c)
{
	uint8_t *seen = arena_array(c->a, uint8_t, c->ir->fns.n);

	for (uint32_t i = 1; i < c->ir->fns.n; i++) {
		if (calls_itself(c->ir, i, seen)) {
			cg_error(c, "C0028", c->fns.at[i - 1]->at,
				 "functions call each other in a circle");
			return false;
		}
	}
	return true;
}

/* ---- the stack -------------------------------------------------------------------------- */

void
cg_check_frame(struct cg *c, const struct ir_fn *f, uint32_t bytes)
{
	uint32_t named = 0;
	struct diag *d;

	if (bytes <= LIMIT)
		return;
	d = diag_error(c->ds, "C0015", c->prog->at,
		       "this needs %u bytes of stack; a program has %u", bytes, LIMIT);
	for (uint32_t i = 0; i < f->slots.n; i++) {
		const struct ir_slot *s = &f->slots.at[i];

		if (s->dead)
			continue;
		named += s->size;
		if (s->at)
			diag_label(c->ds, d, s->at, "`%s`: %u bytes", s->name, s->size);
		else
			diag_note(c->ds, d, "`%s`: %u bytes", s->name, s->size);
	}
	if (bytes > named)
		diag_note(c->ds, d, "%u bytes hold values for which there is no register",
			  bytes - named);
	diag_help(c->ds, d, instead);
}

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
	diag_help(c->ds, diag, instead);
	if (diag->severity == DIAG_WARNING)
		diag_note(c->ds, diag, "kernels before 6.13 refuse it");
}

/* SPDX-License-Identifier: MIT */
/* refs.c: slips with kernel functions that can be told without following paths, said at
 * their form instead of by the verifier: a reference that is given back nowhere, and a result
 * that may be null but is tested nowhere. What depends on the path is the verifier's. */
#include "compile/check/check.h"

struct use {
	bool released, escapes, tested;
	span used;		/* where it is gone through or passed on */
};

static uint32_t
flags_of(const struct cg *c, const struct ir_fn *f, const struct ir_ins *in)
{
	const char *name = f->names.at[in->imm];
	const struct fact_kfunc *fact = fact_kfunc_named(str_of(name));

	for (uint32_t i = c->k->kfuncs.n; i-- > 0;)
		if (c->k->kfuncs.at[i].flags && strcmp(c->k->kfuncs.at[i].name, name) == 0)
			return c->k->kfuncs.at[i].flags;
	return fact ? fact->flags : 0;
}

static void
look_at_use(const struct cg *c, const struct ir_fn *f, const struct ir_ins *in, struct use *u)
{
	int64_t k;

	switch (in->op) {
	case IR_BR: case IR_SET:
		if ((ir_is_const(f, ir_val(f, in->u.arg[1]), &k) && k == 0) ||
		    (ir_is_const(f, ir_val(f, in->u.arg[0]), &k) && k == 0))
			u->tested = true;
		break;
	case IR_KCALL:
		/* Others may take null; those that release do not. */
		if (flags_of(c, f, in) & FACT_KF_RELEASE) {
			u->released = true;
			u->used = in->at;
		}
		break;
	case IR_LOAD: u->used = in->at; break;
	case IR_COPY: break;
	default: u->escapes = true;	/* stored, returned, passed to a helper, joined */
	}
}

static void
check_result(struct cg *c, struct ir_fn *f, ref r, uint32_t flags)
{
	const char *name = f->names.at[ir_at(f, r)->imm];
	struct use u = {0};
	struct diag *d;

	for (ref i = 1; i < f->ins.n; i++) {
		struct ir_ins *in = ir_at(f, i);
		const ref *args = ir_args(in);

		for (uint32_t k = 0; in->blk && k < in->nargs; k++)
			if (args[k] && ir_val(f, args[k]) == r)
				look_at_use(c, f, in, &u);
	}
	if (u.escapes)
		return;
	if (flags & FACT_KF_ACQUIRE && !u.released) {
		d = cg_error(c, "C0031", ir_at(f, r)->at, "what %s acquires is never given back", name);
		diag_help(c->ds, d, "call its release function on every path, as in "
			  "(bpf-task-release p)");
	}
	if (flags & FACT_KF_RET_NULL && u.used && !u.tested) {
		d = cg_error(c, "C0031", u.used, "the result of %s may be null here", name);
		diag_label(c->ds, d, ir_at(f, r)->at, "from here");
		diag_help(c->ds, d, "test it first: (when-let ((p (...))) ...)");
	}
}

void
cg_check_references(struct cg *c, struct ir_fn *f)
{
	for (ref r = 1; r < f->ins.n; r++) {
		const struct ir_ins *in = ir_at(f, r);
		uint32_t flags;

		if (in->op != IR_KCALL || !in->blk)
			continue;
		flags = flags_of(c, f, in);
		if (flags & (FACT_KF_ACQUIRE | FACT_KF_RET_NULL))
			check_result(c, f, r, flags);
	}
}

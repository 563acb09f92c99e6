/* SPDX-License-Identifier: MIT */
/* global.c: arguments of global functions. Such a function is verified on its own, by
 * its prototype; its callers only have to hand over what the prototype says. So what is wrong
 * is told with both sides: the parameter as it is declared, and what the caller has. */
#include "explaining.h"

static const char *
subject(const struct vx *e)
{
	return vx_value(e, tr_reg(e->frame, (uint32_t)e->reg), e->step);
}

/* "argument 2 of `sum` (`struct stats *s`)" */
static const char *
argument(const struct vx *e, const char *callee)
{
	const char *text = vx_c_parameter(e, vx_insn(e, e->step), (uint32_t)e->reg);

	return arena_printf(e->a, "argument %d of %s%s%s%s", e->reg, callee, text ? " (" : "",
			    text ? text : "", text ? ")" : "");
}

/* Messages about the context or the stack do not always name a register. */
static void
find_argument(struct vx *e, const struct vs_subprog *s)
{
	for (uint32_t r = 1; e->reg < 1 && r <= s->nargs && r <= 5; r++) {
		const struct vs_reg *v = vx_reg(e, r);

		if (!v || s->args[r - 1].kind != ARGK_MEM || v->type != RT_CTX)
			continue;
		e->reg = (int)r;
		e->val = v;
		tr_follow(e->env, tr_reg(e->frame, r), e->step, &e->sl);
	}
}

static void
tell_context(struct vx *e, const char *callee)
{
	const struct fact_prog_type *t = fact_prog_type(e->env->type);

	vx_headline(e, "%s is not what %s have as context, but is given the context",
		    argument(e, callee), vx_program(e));
	if (t && t->ctx)
		vx_fact(e, "the context of %s is a `struct %s *`", vx_program(e), t->ctx);
	vx_fact(e, "%s is global: it is verified by its prototype, and takes any other type as plain "
		   "memory", callee);
	vx_help(e, "give the parameter the type of the context, or make the function static: then it "
		   "is verified where it is called");
	vx_need(e, NEED_SCALAR);
	e->x->is_prototype = true;
}

static void
tell_size(struct vx *e, const char *callee, int64_t want)
{
	int64_t off = e->val->off + (int64_t)e->val->var.value, have = vx_object_size(e, e->val);
	struct vs_need *n;

	have = e->val->type == RT_STACK ? -off : have - off;
	vx_headline(e, "%s needs %s, but %s has %lld", argument(e, callee), vx_bytes(e, want),
		    subject(e), (long long)(have < 0 ? 0 : have));
	vx_fact(e, "%s is global: whoever calls it has to hand over all of what its prototype names",
		callee);
	vx_history(e, &e->sl);
	vx_help(e, "hand over an object of the parameter's type, or give the parameter the type that "
		   "is handed over");
	n = vx_need(e, NEED_BYTES);
	n->hi = want;
	n->size = have;
}

bool
vx_global(struct vx *e)
{
	const struct vs_subprog *s;
	const struct vs_arg *arg;
	const char *callee;
	int i;

	if (!e->in || e->in->code != (BPF_JMP | BPF_CALL) || e->in->src_reg != BPF_PSEUDO_CALL)
		return false;
	i = vs_subprog_at(e->env, (uint32_t)((int64_t)vx_insn(e, e->step) + e->in->imm + 1));
	s = i < 0 ? NULL : &e->env->subprogs[i];
	if (!s || !s->global)
		return false;
	find_argument(e, s);
	if (e->reg < 1 || e->reg > s->nargs || e->reg > 5 || !e->val ||
	    vs_may_be_null(e->val->type))
		return false;
	arg = &s->args[e->reg - 1];
	callee = vx_callee(e, vx_insn(e, e->step));
	vx_at(e, "%s is given %s", callee, vx_kind(e, e->val));
	if (arg->kind == ARGK_MEM && e->val->type == RT_CTX) {
		tell_context(e, callee);
		return true;
	}
	if (arg->kind == ARGK_MEM && tnum_is_const(e->val->var) &&
	    (e->f->kind == VK_STACK || (e->f->kind == VK_BOUNDS && !vs_is_pkt_type(e->val->type) &&
					e->val->type != RT_SCALAR))) {
		tell_size(e, callee, arg->mem_size);
		return true;
	}
	if (arg->kind == ARGK_MEM && vs_is_pkt_type(e->val->type))
		vx_fact(e, "%s has %s", argument(e, callee), vx_bytes(e, arg->mem_size));
	if (arg->kind == ARGK_CTX && e->val->type != RT_CTX) {
		vx_headline(e, "%s must be the context, but %s is %s", argument(e, callee), subject(e),
			    vx_kind(e, e->val));
		vx_history(e, &e->sl);
		vx_need(e, NEED_POINTER);
		return true;
	}
	return false;
}

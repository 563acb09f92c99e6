/* SPDX-License-Identifier: MIT */
/* life.c: objects that live on the stack (dynptrs, iterators, saved interrupt flags):
 * where this one was made, where it ended, and what was done with it after.
 *
 * The trail knows what each stack slot held after every instruction, so the life of the object
 * at a place is the list of the moments at which the place began or ceased to hold one. */
#include "explaining.h"

enum { MOST_MOMENTS = 4 };

static bool
is_call(const struct bpf_insn *in)
{
	return in && in->code == (BPF_JMP | BPF_CALL);
}

static uint8_t
object_in(const struct tr_rec *r)
{
	uint8_t t = r->slot[7];

	return t == SLOT_DYNPTR || t == SLOT_ITER || t == SLOT_IRQ ? t : SLOT_INVALID;
}

static const char *
thing(const struct vx *e)
{
	return e->f->kind == VK_ITER ? "iterator" : "dynptr";
}

/* What an instruction did that made an object begin or end. */
static const char *
deed(struct vx *e, uint32_t insn, bool begins)
{
	const struct bpf_insn *in = &e->env->insns[insn];

	if (is_call(in))
		return arena_printf(e->a, begins ? "%s makes it here" : "%s ends it here",
				    vx_callee(e, insn));
	return begins ? "made here" : "overwritten here: it is no more";
}

/* The stack slot that the operand points to; false: it points elsewhere. */
static bool
slot_of_operand(const struct vx *e, uint16_t *loc)
{
	int64_t off;

	if (e->reg < 0 || !e->val || e->val->type != RT_STACK || !tnum_is_const(e->val->var))
		return false;
	off = e->val->off + (int64_t)e->val->var.value;
	if (off >= 0 || off < -VS_STACK)
		return false;
	*loc = tr_slot(e->val->frameno, vs_slot_of((int32_t)off));
	return true;
}

/* Steps for each beginning and end. Returns what is there now; *ever: was there one at all. */
static uint8_t
tell_life(struct vx *e, uint16_t loc, bool *ever)
{
	uint8_t now = SLOT_INVALID;
	unsigned said = 0;

	for (uint32_t i = 0; i < e->t->recs.n; i++) {
		const struct tr_rec *r = &e->t->recs.at[i];
		uint8_t is = object_in(r);

		if (r->loc != loc || is == now || r->step >= e->step)
			continue;
		if (vx_insn(e, r->step) != TR_NONE && said++ < MOST_MOMENTS)
			vx_step(e, r->step, is ? STEP_ACQUIRED : STEP_RELEASED, "%s",
				deed(e, vx_insn(e, r->step), is != SLOT_INVALID));
		now = is;
		*ever |= is != SLOT_INVALID;
	}
	return now;
}

static bool
take_operand(struct vx *e, int64_t reg)
{
	if (reg < 1 || reg > 5)
		return false;
	e->reg = (int)reg;
	e->val = vx_reg(e, (uint32_t)reg);
	tr_follow(e->env, tr_reg(e->frame, (uint32_t)reg), e->step, &e->sl);
	return true;
}

/* The argument meant: messages end with its number, counted from 0; those that have none are
 * about a place of the stack where an object is. */
static void
find_operand(struct vx *e)
{
	uint32_t n = e->f->nargs;
	uint16_t loc;

	if (n && !e->f->texts[n - 1] && take_operand(e, e->f->args[n - 1] + 1))
		return;
	for (int reg = 5; reg > 0; reg--) {
		const struct tr_rec *r;

		take_operand(e, reg);
		r = slot_of_operand(e, &loc) ? tr_before(e->t, loc, e->step) : NULL;
		if (r && object_in(r))
			return;
	}
	e->reg = -1;
	e->val = NULL;
}

bool
vx_life(struct vx *e)
{
	const char *name, *callee = is_call(e->in) ? vx_callee(e, vx_insn(e, e->step)) : NULL;
	bool ever = false;
	uint16_t loc;
	uint8_t now;

	if (callee && e->reg < 0)
		find_operand(e);
	if (!callee || !slot_of_operand(e, &loc))
		return vx_arg(e);
	now = tell_life(e, loc, &ever);
	name = vx_var(e, loc, e->step);
	if (!name)
		name = vx_value_var(e, tr_reg(e->frame, (uint32_t)e->reg), e->step);
	if (!name)
		name = arena_printf(e->a, "this %s", thing(e));
	vx_need(e, now ? NEED_RELEASE : NEED_INIT)->name = name;
	if (now && (e->f->first == VS_E_DYN_UNINIT || e->f->first == VS_E_ITER_UNINIT ||
		    e->f->first == VS_E_DYNPTR_REF || e->f->first == VS_E_DYNPTR_OVERWRITE)) {
		vx_headline(e, "%s holds %s %s already", name, now == SLOT_ITER ? "an" : "a", thing(e));
		vx_at(e, "%s would overwrite it", callee);
		vx_help(e, "end the old one first, or use other memory");
	} else if (now) {
		vx_headline(e, "argument %d of %s, %s: %s", e->reg, callee, name,
			    verify_headline(e->env->r->code));
		vx_at(e, "%s is given it", callee);
	} else if (ever) {
		vx_headline(e, "%s is used after its end", name);
		vx_at(e, "%s is given what is no %s any more", callee, thing(e));
		vx_help(e, "use it before it ends, or make it anew");
	} else {
		vx_headline(e, "%s is no %s yet: nothing made it on this path", name, thing(e));
		vx_at(e, "%s is given it", callee);
		vx_help(e, e->f->kind == VK_ITER
			? "begin it once, with the function that makes such an iterator, before the first "
			  "element is asked for"
			: "make it first: reserve a record, or take it from the packet or from memory");
	}
	return true;
}

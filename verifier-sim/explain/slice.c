/* SPDX-License-Identifier: MIT */
/* slice.c: a value followed backwards through the trail.
 *
 * From a location at a step, the newest record that is not merely a condition's says which
 * instruction made the contents; its operands before that instruction are followed in turn:
 * copies, arithmetic, saves to the stack and back, arguments into functions and results out
 * of them. It ends at loads from memory, results of helpers, constants and the entry. The
 * conditions passed over on the way are kept: they are what was known of the value. */
#include "trail.h"

bool
tr_is_test(const struct bpf_insn *in)
{
	uint8_t class = BPF_CLASS(in->code), op = BPF_OP(in->code);

	return (class == BPF_JMP || class == BPF_JMP32) && op != BPF_JA && op != BPF_CALL &&
		op != BPF_EXIT && op != BPF_JCOND;
}

bool
tr_jumped(const struct vs_env *env, uint32_t step)
{
	const struct vs_trail *t = env->trail;
	uint32_t next = step + 1 < t->steps.n ? t->steps.at[step + 1].insn : env->insn_idx;

	return next != t->steps.at[step].insn + 1;
}

/* The stack slot a load or store with this base register touches, or TR_NONE. */
static uint32_t
slot_touched(const struct vs_env *env, uint32_t step, uint32_t base, int32_t off)
{
	const struct tr_step *s = &env->trail->steps.at[step];
	const struct tr_rec *r;
	int32_t at = off;
	uint32_t frame = s->frame;

	if (base != VS_FP) {
		r = tr_before(env->trail, tr_reg(s->frame, base), step);
		if (!r || r->reg.type != RT_STACK || !tnum_is_const(r->reg.var))
			return TR_NONE;
		at += r->reg.off + (int32_t)r->reg.var.value;
		frame = r->reg.frameno;
	}
	if (at >= 0 || at < -VS_STACK)
		return TR_NONE;
	return tr_slot(frame, vs_slot_of(at));
}

struct made {			/* how, and from what (locations before the step) */
	enum tr_how how;
	uint32_t from[2];
	uint32_t n;
};

static struct made
from_one(enum tr_how how, uint32_t loc)
{
	return (struct made){how, {loc}, 1};
}

static struct made
made_by_alu(const struct tr_step *s, const struct bpf_insn *in, uint16_t loc)
{
	struct made m = {HOW_ALU, {loc}, 1};
	uint32_t src = tr_reg(s->frame, in->src_reg);

	if (BPF_OP(in->code) != BPF_MOV) {
		if (BPF_SRC(in->code) == BPF_X && BPF_OP(in->code) != BPF_NEG &&
		    BPF_OP(in->code) != BPF_END)
			m.from[m.n++] = src;
		return m;
	}
	if (BPF_SRC(in->code) == BPF_K)
		return (struct made){.how = HOW_CONST};
	if (in->src_reg == VS_FP)
		return (struct made){.how = HOW_CONST};
	return from_one(BPF_CLASS(in->code) == BPF_ALU || in->off ? HOW_CUT : HOW_COPY, src);
}

static struct made
made_by_load(const struct vs_env *env, const struct tr_rec *r, const struct bpf_insn *in)
{
	uint32_t slot = slot_touched(env, r->step, in->src_reg, in->off);
	const struct tr_rec *held;

	if (slot != TR_NONE) {
		held = tr_before(env->trail, (uint16_t)slot, r->step);
		if (held && held->slot[7] == SLOT_SPILL)
			return from_one(HOW_FILL, slot);
	}
	return from_one(HOW_LOAD, tr_reg(env->trail->steps.at[r->step].frame, in->src_reg));
}

static struct made
made_by_call(const struct vs_env *env, const struct tr_rec *r, const struct tr_step *s)
{
	const struct bpf_insn *in = &env->insns[s->insn];
	uint32_t frame = r->loc / TR_FRAME, reg = r->loc % TR_FRAME;

	if (s->frame_after > s->frame && frame == s->frame_after) {
		if (in->src_reg == BPF_PSEUDO_CALL && !tr_is_slot(r->loc) && reg >= 1 && reg <= 5)
			return from_one(HOW_ARG, tr_reg(s->frame, reg));
		return (struct made){.how = tr_is_slot(r->loc) ? HOW_NEVER : HOW_ENTRY};
	}
	if (tr_is_slot(r->loc))
		return (struct made){.how = r->slot[7] == SLOT_SPILL ? HOW_LOST : HOW_STORE};
	if (reg == 0)
		return (struct made){.how = HOW_CALL};
	return (struct made){.how = reg <= 5 && frame == s->frame ? HOW_GONE : HOW_LOST};
}

static struct made
made_by_jump(const struct vs_env *env, const struct tr_rec *r, const struct tr_step *s)
{
	const struct bpf_insn *in = &env->insns[s->insn];

	if (BPF_OP(in->code) == BPF_CALL)
		return made_by_call(env, r, s);
	if (BPF_OP(in->code) == BPF_EXIT && s->frame_after < s->frame &&
	    r->loc == tr_reg(s->frame_after, 0))
		return from_one(HOW_RETURN, tr_reg(s->frame, 0));
	return (struct made){.how = HOW_ENTRY};
}

/* What the step of a record did to its location. */
static struct made
made_by(const struct vs_env *env, const struct tr_rec *r)
{
	const struct tr_step *s = &env->trail->steps.at[r->step];
	const struct bpf_insn *in;

	if (s->insn == TR_NONE)
		return (struct made){.how = HOW_ENTRY};
	in = &env->insns[s->insn];
	switch (BPF_CLASS(in->code)) {
	case BPF_ALU: case BPF_ALU64:
		return made_by_alu(s, in, r->loc);
	case BPF_LDX:
		return made_by_load(env, r, in);
	case BPF_STX:
		if (BPF_MODE(in->code) == BPF_ATOMIC && !tr_is_slot(r->loc))
			return from_one(HOW_LOAD, tr_reg(s->frame, in->dst_reg));
		return from_one(HOW_STORE, tr_reg(s->frame, in->src_reg));
	case BPF_ST:
		return (struct made){.how = HOW_STORE};
	case BPF_LD:
		if (BPF_MODE(in->code) == BPF_IMM)
			return (struct made){.how = HOW_CONST};
		return (struct made){.how = r->loc % TR_FRAME ? HOW_GONE : HOW_CALL};
	}
	return made_by_jump(env, r, s);
}

/* The record came from a condition on this or a linked value, not from a new value. */
static bool
is_condition(const struct vs_env *env, const struct tr_rec *r)
{
	const struct tr_step *s = &env->trail->steps.at[r->step];
	const struct bpf_insn *in;

	if (r->only_id)
		return true;
	if (s->insn == TR_NONE)
		return false;
	in = &env->insns[s->insn];
	switch (BPF_CLASS(in->code)) {
	case BPF_ALU: case BPF_ALU64:
		return r->loc != tr_reg(s->frame, in->dst_reg);
	case BPF_LDX:
		return r->loc != tr_reg(s->frame, in->dst_reg);
	case BPF_JMP: case BPF_JMP32:
		if (BPF_OP(in->code) == BPF_EXIT)
			return r->loc != tr_reg(s->frame_after, 0) || s->frame_after == s->frame;
		return BPF_OP(in->code) != BPF_CALL;
	}
	return false;
}

static const struct tr_rec *
older(const struct vs_env *env, const struct tr_rec *r)
{
	return r->prev ? &env->trail->recs.at[r->prev - 1] : NULL;
}

static void
note_narrow(struct tr_slice *s, const struct tr_node *of, const struct tr_rec *r)
{
	struct tr_node *n;

	if (s->nnarrow == TR_NARROWS)
		return;
	n = &s->narrow[s->nnarrow++];
	*n = *of;
	n->def = r->step;
	n->rec = r;
}

/* Fill a node's def, how, rec; `s` may be null: conditions are then not kept. */
static struct made
define(const struct vs_env *env, struct tr_node *n, struct tr_slice *s)
{
	const struct tr_rec *r = tr_before(env->trail, n->loc, n->at);
	struct made m = {.how = HOW_NEVER};

	while (r && is_condition(env, r)) {
		if (s && !r->only_id && tr_is_test(&env->insns[env->trail->steps.at[r->step].insn]))
			note_narrow(s, n, r);
		r = older(env, r);
	}
	n->rec = r;
	n->def = r ? r->step : 0;
	if (r)
		m = made_by(env, r);
	n->how = m.how;
	return m;
}

struct tr_node
tr_origin(const struct vs_env *env, uint16_t loc, uint32_t step)
{
	struct tr_node n = {.loc = loc, .at = step, .same = true};

	define(env, &n, NULL);
	return n;
}

static void
add_node(struct tr_slice *s, uint32_t by, uint32_t loc, uint32_t at, bool same, bool index)
{
	if (s->n == TR_NODES)
		return;
	for (uint32_t i = 0; i < s->n; i++)
		if (s->nodes[i].loc == loc && s->nodes[i].at == at)
			return;
	s->nodes[s->n++] = (struct tr_node){.loc = (uint16_t)loc, .at = at, .used_by = by,
					    .same = same, .index = index};
}

static bool
is_number_before(const struct vs_env *env, uint32_t loc, uint32_t step)
{
	const struct tr_rec *r = tr_before(env->trail, (uint16_t)loc, step);

	return r && r->reg.type == RT_SCALAR;
}

void
tr_follow(const struct vs_env *env, uint16_t loc, uint32_t step, struct tr_slice *s)
{
	s->n = s->nnarrow = 0;
	add_node(s, TR_NONE, loc, step, true, false);
	for (uint32_t i = 0; i < s->n; i++) {
		struct made m = define(env, &s->nodes[i], s);
		struct tr_node n = s->nodes[i];
		bool pointer = n.rec && n.rec->reg.type != RT_SCALAR &&
			n.rec->reg.type != RT_NOT_INIT;

		if (n.how == HOW_LOAD)
			continue;
		for (uint32_t k = 0; k < m.n; k++) {
			bool alu = n.how == HOW_ALU, cut = n.how == HOW_CUT;

			add_node(s, i, m.from[k], n.def, n.same && !alu && !cut,
				 n.index || (alu && pointer &&
					     is_number_before(env, m.from[k], n.def)));
		}
	}
}

bool
tr_meet(const struct tr_slice *a, const struct tr_slice *b, uint32_t *ia, uint32_t *ib)
{
	for (uint32_t i = 0; i < a->n; i++)
		for (uint32_t k = 0; k < b->n; k++)
			if (a->nodes[i].rec && a->nodes[i].rec == b->nodes[k].rec &&
			    a->nodes[i].how != HOW_CONST) {
				*ia = i;
				*ib = k;
				return true;
			}
	return false;
}

static const struct tr_rec *
base_of(const struct vs_env *env, const struct tr_node *n, const struct bpf_insn **in)
{
	const struct tr_step *s = &env->trail->steps.at[n->def];

	*in = &env->insns[s->insn];
	return tr_before(env->trail, tr_reg(s->frame, (*in)->src_reg), n->def);
}

bool
tr_same_place(const struct vs_env *env, const struct tr_node *load, uint32_t step)
{
	const struct tr_step *s = &env->trail->steps.at[step];
	const struct bpf_insn *x, *y = &env->insns[s->insn];
	const struct tr_rec *p = base_of(env, load, &x);
	const struct tr_rec *q = tr_before(env->trail, tr_reg(s->frame, y->dst_reg), step);

	return p && q && BPF_CLASS(x->code) == BPF_LDX && p->reg.type == q->reg.type &&
		p->reg.type != RT_SCALAR && tnum_is_const(p->reg.var) && tnum_is_const(q->reg.var) &&
		p->reg.off + x->off == q->reg.off + y->off &&
		p->reg.var.value == q->reg.var.value && p->reg.raw[0] == q->reg.raw[0];
}

bool
tr_same_load(const struct vs_env *env, const struct tr_node *a, const struct tr_node *b)
{
	const struct bpf_insn *x, *y;
	const struct tr_rec *p, *q;

	if (a->how != HOW_LOAD || b->how != HOW_LOAD || !a->rec || !b->rec || a->rec == b->rec)
		return false;
	p = base_of(env, a, &x);
	q = base_of(env, b, &y);
	if (!p || !q || BPF_CLASS(x->code) != BPF_LDX || BPF_CLASS(y->code) != BPF_LDX)
		return false;
	return vs_base(p->reg.type) == vs_base(q->reg.type) && p->reg.type != RT_SCALAR &&
		p->reg.off + x->off == q->reg.off + y->off &&
		p->reg.var.value == q->reg.var.value && p->reg.var.mask == q->reg.var.mask &&
		(vs_base(p->reg.type) == RT_PACKET || p->reg.raw[0] == q->reg.raw[0]) &&
		(tnum_is_const(p->reg.var) || p->reg.id == q->reg.id);
}

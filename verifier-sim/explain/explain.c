/* SPDX-License-Identifier: MIT */
/* explain.c: see explain.h.
 *
 * The verification is repeated with the trail on (trail.c). At its end, while states and
 * types still stand, the family of the fault (kinds.def) chooses who explains it. What an
 * explainer does not say is filled from the row of errors.def: an explanation is never
 * empty. */
#include "explaining.h"

#include <stdlib.h>

enum { MAX_STEPS = 10, MAX_PATH = 1 << 16 };

/* ---- saying things ---------------------------------------------------------------------- */

void
vx_headline(struct vx *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	e->x->headline = arena_vprintf(e->a, fmt, ap);
	va_end(ap);
}

void
vx_at(struct vx *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	e->x->at_label = arena_vprintf(e->a, fmt, ap);
	va_end(ap);
}

void
vx_root(struct vx *e, uint32_t step, const char *fmt, ...)
{
	uint32_t insn = vx_insn(e, step);
	va_list ap;

	if (insn == TR_NONE)
		return;
	va_start(ap, fmt);
	e->x->root = insn;
	e->x->root_label = arena_vprintf(e->a, fmt, ap);
	va_end(ap);
}

void
vx_step(struct vx *e, uint32_t step, enum vs_step_kind kind, const char *fmt, ...)
{
	uint32_t insn = vx_insn(e, step);
	struct vx_step *s;
	va_list ap;

	if (insn == TR_NONE || step >= e->t->steps.n)
		return;
	s = vec_add(e->a, &e->steps);
	s->step = step;
	s->s.kind = kind;
	s->s.insn = insn;
	va_start(ap, fmt);
	s->s.label = arena_vprintf(e->a, fmt, ap);
	va_end(ap);
}

void
vx_step_at(struct vx *e, uint32_t insn, enum vs_step_kind kind, const char *fmt, ...)
{
	struct vx_step *s = vec_add(e->a, &e->steps);
	va_list ap;

	s->step = insn;
	s->s.kind = kind;
	s->s.insn = insn;
	va_start(ap, fmt);
	s->s.label = arena_vprintf(e->a, fmt, ap);
	va_end(ap);
}

void
vx_fact(struct vx *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vec_push(e->a, &e->x->facts, arena_vprintf(e->a, fmt, ap));
	va_end(ap);
}

void
vx_help(struct vx *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vec_push(e->a, &e->x->helps, arena_vprintf(e->a, fmt, ap));
	va_end(ap);
}

void
vx_rule(struct vx *e)
{
	e->x->rule = true;
}

void
vx_unseen(struct vx *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	e->x->unseen = arena_vprintf(e->a, fmt, ap);
	va_end(ap);
}

struct vs_need *
vx_need(struct vx *e, enum vs_need_kind kind)
{
	struct vs_need *n = vec_add(e->a, &e->x->needs);
	uint32_t i = 0;

	n->kind = kind;
	n->reg = e->reg;
	n->size = -1;
	n->made = e->x->at;
	if (e->reg < 0 || !e->val)
		return n;
	n->name = e->lisp ? vx_value_var(e, tr_reg(e->frame, (uint32_t)e->reg), e->step)
		: vx_value(e, tr_reg(e->frame, (uint32_t)e->reg), e->step);
	while (i + 1 < e->sl.n && e->sl.nodes[i + 1].same)
		i++;
	if (e->sl.n && e->sl.nodes[i].rec && vx_insn(e, e->sl.nodes[i].def) != TR_NONE)
		n->made = vx_insn(e, e->sl.nodes[i].def);
	if (e->val->type == RT_SCALAR) {
		n->have_lo = e->val->smin;
		n->have_hi = e->val->smax;
		n->is_bounded = e->val->smin > INT64_MIN || e->val->smax < INT64_MAX;
	} else {
		n->object = vx_object(e, e->val);
		n->size = vx_object_size(e, e->val);
	}
	return n;
}

const struct vs_reg *
vx_reg(const struct vx *e, uint32_t reg)
{
	const struct tr_rec *r;

	if (reg == VS_FP) {	/* never changes, so no record has it */
		struct vs_reg *fp = arena_new(e->a, struct vs_reg);

		fp->type = RT_STACK;
		fp->frameno = e->frame;
		return fp;
	}
	r = tr_before(e->t, tr_reg(e->frame, reg), e->step);
	return r ? &r->reg : NULL;
}

/* ---- the access ------------------------------------------------------------------------- */

int
vx_access_size(const struct vx *e)
{
	static const uint8_t sizes[4] = {4, 2, 1, 8};

	return e->in ? sizes[BPF_SIZE(e->in->code) >> 3] : 0;
}

const char *
vx_access(const struct vx *e)
{
	const char *n = vx_bytes(e, vx_access_size(e));

	switch (e->in ? BPF_CLASS(e->in->code) : BPF_JMP) {
	case BPF_LDX:
		return arena_printf(e->a, "reads %s", n);
	case BPF_STX:
		if (BPF_MODE(e->in->code) == BPF_ATOMIC)
			return arena_printf(e->a, "updates %s", n);
		/* fall through */
	case BPF_ST:
		return arena_printf(e->a, "writes %s", n);
	}
	return "uses it";
}

/* ---- histories -------------------------------------------------------------------------- */

static void
tell_made(struct vx *e, const struct tr_node *n)
{
	const struct vs_reg *r = &n->rec->reg;
	bool null = vs_may_be_null(r->type);

	switch (n->how) {
	case HOW_CALL:
		if (vs_base(r->type) == RT_MAP_VALUE && null &&
		    (r->map->im->type == BPF_MAP_TYPE_ARRAY ||
		     r->map->im->type == BPF_MAP_TYPE_PERCPU_ARRAY))
			vx_step(e, n->def, STEP_MADE, "null when the index is not below %u",
				r->map->im->max_entries);
		else if (vs_base(r->type) == RT_MAP_VALUE && null)
			vx_step(e, n->def, STEP_MADE, "null when the key is not in %s",
				vx_map_name(e, r->map));
		else if (null)
			vx_step(e, n->def, STEP_MADE, "null when %s fails",
				vx_callee(e, vx_insn(e, n->def)));
		else if (r->type == RT_SCALAR)
			vx_step(e, n->def, STEP_MADE, "made here: %s", vx_range(e, r));
		else
			vx_step(e, n->def, STEP_MADE, "%s", vx_kind(e, r));
		return;
	case HOW_LOAD:
		if (r->type == RT_SCALAR)
			vx_step(e, n->def, STEP_MADE, "loaded here: %s", vx_range(e, r));
		else
			vx_step(e, n->def, STEP_MADE, "%s", vx_kind(e, r));
		return;
	case HOW_LOST:
		vx_step(e, n->def, STEP_LOST, "%s ends here",
			n->used_by == TR_NONE ? "it" : "what was known of it");
		return;
	default:
		return;
	}
}

void
vx_history(struct vx *e, const struct tr_slice *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (s->nodes[i].rec)
			tell_made(e, &s->nodes[i]);
	for (uint32_t i = 0; i < s->nnarrow; i++) {
		const struct tr_node *n = &s->narrow[i];
		const char *name;

		const struct tr_rec *was = tr_before(e->t, n->loc, n->def);

		if (n->rec->reg.type != RT_SCALAR || !was || was->reg.type != RT_SCALAR)
			continue;
		name = vx_value_var(e, n->loc, n->def + 1);
		vx_step(e, n->def, STEP_NARROWED, "%s is %s from here", name ? name : "it",
			vx_range(e, &n->rec->reg));
	}
}

static bool
narrowed_at(const struct tr_slice *s, uint32_t step)
{
	for (uint32_t i = 0; i < s->nnarrow; i++)
		if (s->narrow[i].def == step)
			return true;
	return false;
}

static bool
same_place(const struct vx *e, const struct tr_slice *a, const struct tr_slice *b)
{
	for (uint32_t i = 0; i < a->n; i++)
		for (uint32_t k = 0; k < b->n; k++)
			if (tr_same_load(e->env, &a->nodes[i], &b->nodes[k]))
				return true;
	return false;
}

/* Was the tested operand a relative of the value? Says how it differs. */
static bool
tell_missed(struct vx *e, const struct tr_slice *s, uint32_t step, uint16_t loc)
{
	struct tr_slice o;
	uint32_t is, io;
	const char *tested, *used;

	tr_follow(e->env, loc, step, &o);
	tested = vx_value(e, loc, step);
	used = vx_value(e, s->nodes[0].loc, s->nodes[0].at);
	if (tr_meet(s, &o, &is, &io)) {
		if (!strcmp(tested, used) || s->nodes[is].rec->reg.type != RT_SCALAR)
			vx_step(e, step, STEP_MISSED, "this checks a copy, made before");
		else
			vx_step(e, step, STEP_MISSED, "this checks %s, not %s", tested, used);
		return true;
	}
	if (!same_place(e, s, &o))
		return false;
	vx_step(e, step, STEP_MISSED, "this checks an earlier load of the same place; what is "
		"used was loaded again");
	return true;
}

/* What a load reads was stored by the program itself: the value that was. */
static bool
stored_value(const struct vx *e, const struct tr_node *load, struct tr_slice *out)
{
	for (uint32_t i = load->def; i-- > 1;) {
		const struct tr_step *st = &e->t->steps.at[i];
		const struct bpf_insn *in;

		if (st->insn == TR_NONE)
			continue;
		in = &e->env->insns[st->insn];
		if (BPF_CLASS(in->code) != BPF_STX || BPF_MODE(in->code) != BPF_MEM ||
		    !tr_same_place(e->env, load, i))
			continue;
		tr_follow(e->env, tr_reg(st->frame, in->src_reg), i, out);
		return true;
	}
	return false;
}

/* Tests of what was stored where the value was loaded from later. */
static uint32_t
tell_stored(struct vx *e, const struct tr_slice *s)
{
	struct tr_slice stored, o;
	uint32_t is, io, from = TR_NONE;

	for (uint32_t i = 0; i < s->n && from == TR_NONE; i++)
		if (s->nodes[i].how == HOW_LOAD && s->nodes[i].rec && s->nodes[i].def)
			from = i;
	if (from == TR_NONE || !stored_value(e, &s->nodes[from], &stored))
		return 0;
	for (uint32_t i = e->step; i-- > 1;) {
		const struct tr_step *st = &e->t->steps.at[i];

		if (st->insn == TR_NONE || !tr_is_test(&e->env->insns[st->insn]))
			continue;
		tr_follow(e->env, tr_reg(st->frame, e->env->insns[st->insn].dst_reg), i, &o);
		if (!tr_meet(&stored, &o, &is, &io))
			continue;
		vx_step(e, i, STEP_MISSED, "this checks what was stored there; what is used was loaded "
			"again");
		return 1;
	}
	return 0;
}

uint32_t
vx_missed(struct vx *e, const struct tr_slice *s)
{
	enum { MOST_TESTS = 200, MOST_SAID = 3 };
	uint32_t said = 0, tests = 0;

	for (uint32_t i = e->step; i-- > 1 && tests < MOST_TESTS && said < MOST_SAID;) {
		const struct tr_step *st = &e->t->steps.at[i];
		const struct bpf_insn *in;

		if (st->insn == TR_NONE || !tr_is_test(in = &e->env->insns[st->insn]))
			continue;
		tests++;
		if (narrowed_at(s, i))
			continue;
		if (tell_missed(e, s, i, tr_reg(st->frame, in->dst_reg)) ||
		    (BPF_SRC(in->code) == BPF_X && in->src_reg != VS_FP &&
		     tell_missed(e, s, i, tr_reg(st->frame, in->src_reg))))
			said++;
	}
	return said ? said : tell_stored(e, s);
}

/* ---- putting it together ---------------------------------------------------------------- */

static int
compare_steps(const void *a, const void *b)
{
	const struct vx_step *x = a, *y = b;

	return (x->step > y->step) - (x->step < y->step);
}

static bool
said_already(const struct vx *e, const struct vs_step *s)
{
	const struct image_prog *p = e->env->prog;

	for (uint32_t i = 0; i < e->x->steps.n; i++) {
		const struct vs_step *o = &e->x->steps.at[i];
		bool same_src = p->src && s->insn < p->ninsns && o->insn < p->ninsns &&
			p->src[s->insn] == p->src[o->insn];

		if ((o->insn == s->insn || same_src) && !strcmp(o->label, s->label))
			return true;
	}
	return false;
}

static void
order_steps(struct vx *e)
{
	uint32_t first;

	if (!e->steps.n)
		return;
	qsort(e->steps.at, e->steps.n, sizeof *e->steps.at, compare_steps);
	first = e->steps.n > MAX_STEPS ? e->steps.n - MAX_STEPS : 0;
	for (uint32_t i = 0; i < e->steps.n; i++) {
		const struct vx_step *s = &e->steps.at[i];

		/* Of too many, where the value was made and the latest. */
		if (i < first && s->s.kind != STEP_MADE)
			continue;
		if (!said_already(e, &s->s))
			vec_push(e->a, &e->x->steps, s->s);
	}
}

static void
keep_path(struct vx *e)
{
	uint32_t n = e->t->steps.n, from = n > MAX_PATH ? n - MAX_PATH : 0;
	uint32_t *path = arena_array(e->a, uint32_t, n - from + 1);

	for (uint32_t i = from; i < n; i++)
		if (e->t->steps.at[i].insn != TR_NONE)
			path[e->x->npath++] = e->t->steps.at[i].insn;
	e->x->path = path;
}

/* The user's variables at the failing instruction, each with what is known of it. */
static void
fill_state(struct vx *e)
{
	const struct image_prog *p = e->env->prog;

	for (uint32_t i = 0; i < p->vars.n && e->in; i++) {
		const struct image_var *v = &p->vars.at[i];
		bool slot = v->reg < 0 && v->stack_off < 0 && v->stack_off >= -VS_STACK;
		uint16_t loc = v->reg >= 0 ? tr_reg(e->frame, (uint32_t)v->reg)
			: tr_slot(e->frame, slot ? vs_slot_of(v->stack_off) : 0);
		const struct tr_rec *r;
		const char *name;

		if (e->x->at < v->from || e->x->at >= v->to || (v->reg < 0 && !slot) || v->reg >= VS_FP)
			continue;
		r = tr_before(e->t, loc, e->step);
		name = r ? vx_var(e, loc, e->step) : NULL;
		if (!name || (slot && r->slot[7] != SLOT_SPILL))
			continue;
		vec_push(e->a, &e->x->state, arena_printf(e->a, "%s is %s", name,
			 r->reg.type == RT_SCALAR ? vx_range(e, &r->reg) : vx_kind(e, &r->reg)));
	}
}

/* If no input fails here, why does the verifier think one might? By what was lost on the way,
 * else by what was needed. */
static void
fill_unseen(struct vx *e)
{
	const struct vs_need *n = e->x->needs.n ? &e->x->needs.at[0] : NULL;

	if (e->x->unseen || !n)
		return;
	for (uint32_t i = e->x->steps.n; i-- > 0;) {
		if (e->x->steps.at[i].kind == STEP_MISSED) {
			vx_unseen(e, "a check counts for the value that was compared and for copies made "
				     "of it, not for another that happens to be the same");
			return;
		}
		if (e->x->steps.at[i].kind == STEP_LOST) {
			vx_unseen(e, "what was known before is forgotten where %s",
				  e->x->steps.at[i].label);
			return;
		}
	}
	switch (n->kind) {
	case NEED_NOT_NULL:
		vx_unseen(e, "only a test of the pointer on this path tells the verifier that it is "
			     "not null");
		break;
	case NEED_BYTES:
		if (e->val && vs_is_pkt_type(e->val->type))
			vx_unseen(e, "only comparing a pointer with the packet's end tells the verifier how "
				     "long the packet is");
		break;
	case NEED_RANGE:
		vx_unseen(e, "only masks and comparisons on this path tell the verifier what a number "
			     "can be");
		break;
	case NEED_INIT: case NEED_RELEASE:
		vx_unseen(e, "a way through the program counts even if your data never takes it");
		break;
	default:
		break;
	}
}

/* The operand at fault: named by the message, or the pointer of the load or store. */
static int
operand(const struct vx *e)
{
	if (e->f->reg >= 0 || !e->in)
		return e->f->reg;
	switch (BPF_CLASS(e->in->code)) {
	case BPF_LDX: return e->in->src_reg;
	case BPF_ST: case BPF_STX: return e->in->dst_reg;
	}
	return -1;
}

static bool
dispatch(struct vx *e)
{
	if (vx_global(e))
		return true;
	switch (e->f->kind) {
#define KIND(name, words, where, explain, no_page) case VK_##name: return explain(e);
#include "kinds.def"
#undef KIND
	}
	return false;
}

/* Does place `in` lie inside place `out`, and is smaller? */
static bool
lies_inside(const struct sources *s, span in, span out)
{
	struct place a = span_place(s, in), b = span_place(s, out);

	return !a.by_line && !b.by_line && a.file == b.file && !a.parent == !b.parent &&
		a.end > a.start && a.start > b.start && a.end <= b.end;
}

/* A call that was given a wrong argument: the form of the argument is the place, when the
 * value was computed there and then. */
static void
point_at_argument(struct vx *e)
{
	const struct image_prog *p = e->env->prog;

	if (!e->lisp || !e->in || e->in->code != (BPF_JMP | BPF_CALL) || e->reg < 1 ||
	    e->reg > 5 || e->x->root != e->x->at)
		return;
	for (uint32_t i = 0; i < e->sl.n; i++) {
		const struct tr_node *n = &e->sl.nodes[i];
		uint32_t insn = n->rec ? vx_insn(e, n->def) : TR_NONE;

		if (!n->same || insn == TR_NONE || insn >= p->ninsns ||
		    !lies_inside(e->env->im->sources, p->src[insn], p->src[e->x->at]))
			continue;
		e->x->root = insn;
		e->x->root_label = e->x->at_label;
		e->x->at_label = "in this call";
		return;
	}
}

/* Is anything acquired and not given back on the path that failed? */
static bool
is_holding(const struct vx *e)
{
	const struct tr_step *last = e->t->steps.n ? vec_last(&e->t->steps) : NULL;
	uint32_t made = e->sl.n ? e->sl.nodes[e->sl.n - 1].def : TR_NONE;
	int held = 0;

	for (uint32_t i = 0; i < e->t->steps.n; i++)
		/* What may be null need not be given back where it is. */
		held += (e->t->steps.at[i].acquired &&
			 !(i == made && e->val && vs_may_be_null(e->val->type))) -
			(e->t->steps.at[i].released != 0);
	return held > 0 || (last && (last->locks || last->rcu || last->preempt));
}

static void
told(struct vs_env *env, void *user)
{
	struct vx *e = user;
	const struct verify_result *r = env->r;

	if (r->verdict != VERDICT_REJECT || !env->trail)
		return;
	e->env = env;
	e->t = env->trail;
	e->f = &env->fault;
	e->a = env->a;
	e->lisp = env->im->sources && env->prog->src && env->prog->ninsns &&
		!span_place(env->im->sources, env->prog->at).by_line;
	if (e->t->steps.n) {
		e->step = e->t->steps.n - 1;
		e->frame = vec_last(&e->t->steps)->frame;
		if (vec_last(&e->t->steps)->insn == r->insn)
			e->in = &env->insns[r->insn];
		keep_path(e);
	}
	e->reg = operand(e);
	if (e->reg >= 0 && e->in) {
		e->val = vx_reg(e, (uint32_t)e->reg);
		if (e->reg != VS_FP)
			tr_follow(env, tr_reg(e->frame, (uint32_t)e->reg), e->step, &e->sl);
	}
	e->x->is_holding = is_holding(e);
	dispatch(e);
	point_at_argument(e);
	order_steps(e);
	fill_state(e);
	fill_unseen(e);
}

void
verify_explain(const struct image *im, const struct image_prog *p, const struct verify_opts *o,
	       const struct verify_result *r, struct arena *a, struct vs_explanation *x)
{
	const char *headline = r->code ? verify_headline(r->code) : NULL;
	const char *help = r->code ? verify_help(r->code) : NULL;
	struct vx *e = arena_new(a, struct vx);
	struct vs_watch watch = {.end = told, .user = e};
	struct verify_opts again = *o;
	struct verify_result r2;

	memset(x, 0, sizeof *x);
	x->code = r->code;
	e->source = vx_source_new(a);
	x->at = x->root = r->insn < p->ninsns ? r->insn : 0;
	x->kernel_message = r->kernel_message;
	e->x = x;
	e->reg = -1;
	again.log_level = 0;
	if (r->verdict == VERDICT_REJECT)
		vs_verify(im, p, &again, &watch, a, &r2);
	if (!x->headline)
		x->headline = headline ? headline : "the verifier would reject this";
	if (help && !x->helps.n)
		vec_push(a, &x->helps, help);
	if (!x->needs.n)
		*vec_add(a, &x->needs) = (struct vs_need){.reg = -1, .size = -1};
}

/* SPDX-License-Identifier: MIT */
/* branch.c: conditional jumps: which way they can go, and what each way teaches.
 *
 * decide() says when only one way is possible. Otherwise both are walked: refine() narrows the
 * ranges of both operands on each side, linked registers (equal ids) follow, a comparison with
 * zero settles whether a pointer is null, and one of packet pointers with the packet's end
 * says how many bytes are there. */
#include "verifier-sim/env.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))

enum { JSET_CLEAR = BPF_JSET | BPF_X };	/* the untaken side of JSET */

static uint8_t
flip(uint8_t op)	/* a op b is b flip(op) a */
{
	switch (op) {
	case BPF_JGE: return BPF_JLE;
	case BPF_JGT: return BPF_JLT;
	case BPF_JLE: return BPF_JGE;
	case BPF_JLT: return BPF_JGT;
	case BPF_JSGE: return BPF_JSLE;
	case BPF_JSGT: return BPF_JSLT;
	case BPF_JSLE: return BPF_JSGE;
	case BPF_JSLT: return BPF_JSGT;
	}
	return op;
}

static uint8_t
negate(uint8_t op)
{
	switch (op) {
	case BPF_JEQ: return BPF_JNE;
	case BPF_JNE: return BPF_JEQ;
	case BPF_JSET: return JSET_CLEAR;
	case BPF_JGE: return BPF_JLT;
	case BPF_JGT: return BPF_JLE;
	case BPF_JLE: return BPF_JGT;
	case BPF_JLT: return BPF_JGE;
	case BPF_JSGE: return BPF_JSLT;
	case BPF_JSGT: return BPF_JSLE;
	case BPF_JSLE: return BPF_JSGT;
	case BPF_JSLT: return BPF_JSGE;
	}
	return op;
}

/* ---- can it be decided? -------------------------------------------------------------------- */

struct view {		/* one operand at the width of the comparison */
	tnum t;
	uint64_t umin, umax;
	int64_t smin, smax;
};

static struct view
view_of(const struct vs_reg *r, bool w32)
{
	if (w32)
		return (struct view){tnum_subreg(r->var), r->u32min, r->u32max, r->s32min,
				     r->s32max};
	return (struct view){r->var, r->umin, r->umax, r->smin, r->smax};
}

static int
decide_equal(const struct vs_reg *a, const struct vs_reg *b, bool w32)
{
	struct view x = view_of(a, w32), y = view_of(b, w32);

	if (tnum_is_const(x.t) && tnum_is_const(y.t))
		return x.t.value == y.t.value;
	if (!tnum_overlap(x.t, y.t) || x.umin > y.umax || x.umax < y.umin || x.smin > y.smax ||
	    x.smax < y.smin)
		return 0;
	if (!w32 && (a->u32min > b->u32max || a->u32max < b->u32min || a->s32min > b->s32max ||
		     a->s32max < b->s32min))
		return 0;
	return -1;
}

static int
decide_bits(const struct vs_reg *a, const struct vs_reg *b, bool w32)
{
	tnum x, y;

	if (!vs_is_const(b, w32)) {
		const struct vs_reg *t = a;

		a = b;
		b = t;
	}
	if (!vs_is_const(b, w32))
		return -1;
	x = view_of(a, w32).t;
	y = view_of(b, w32).t;
	if (~x.mask & x.value & y.value)
		return 1;
	return (x.mask | x.value) & y.value ? -1 : 0;
}

/* Two numbers: 1 the jump is taken, 0 it is not, -1 it may be. */
static int
decide_scalars(const struct vs_reg *a, const struct vs_reg *b, uint8_t op, bool w32)
{
	struct view x = view_of(a, w32), y = view_of(b, w32);
	int r;

	switch (op) {
	case BPF_JEQ:
		return decide_equal(a, b, w32);
	case BPF_JNE:
		r = decide_equal(a, b, w32);
		return r < 0 ? r : !r;
	case BPF_JSET:
		return decide_bits(a, b, w32);
	case BPF_JGT:
		return x.umin > y.umax ? 1 : x.umax <= y.umin ? 0 : -1;
	case BPF_JSGT:
		return x.smin > y.smax ? 1 : x.smax <= y.smin ? 0 : -1;
	case BPF_JLT:
		return x.umax < y.umin ? 1 : x.umin >= y.umax ? 0 : -1;
	case BPF_JSLT:
		return x.smax < y.smin ? 1 : x.smin >= y.smax ? 0 : -1;
	case BPF_JGE:
		return x.umin >= y.umax ? 1 : x.umax < y.umin ? 0 : -1;
	case BPF_JSGE:
		return x.smin >= y.smax ? 1 : x.smax < y.smin ? 0 : -1;
	case BPF_JLE:
		return x.umax <= y.umin ? 1 : x.umin > y.umax ? 0 : -1;
	case BPF_JSLE:
		return x.smax <= y.smin ? 1 : x.smin > y.smax ? 0 : -1;
	}
	return -1;
}

/* A number compared with itself. */
static int
decide_same(const struct vs_reg *r, uint8_t op, bool w32)
{
	struct view x = view_of(r, w32);

	switch (op) {
	case BPF_JEQ: case BPF_JGE: case BPF_JLE: case BPF_JSGE: case BPF_JSLE:
		return 1;
	case BPF_JSET:
		return vs_is_const(r, w32) ? vs_const_value(r, w32) != 0
					   : x.smin <= 0 && x.smax >= 0 ? -1 : 1;
	}
	return 0;
}

static bool
is_pkt_any(const struct vs_reg *r)
{
	return vs_is_pkt_type(r->type) || r->type == RT_PACKET_END;
}

/* A packet pointer that was compared with the end before. */
static int
decide_pkt(const struct vs_reg *a, const struct vs_reg *b, uint8_t op)
{
	const struct vs_reg *pkt = a;

	if (a->type == RT_PACKET_END) {
		pkt = b;
		op = flip(op);
	} else if (b->type != RT_PACKET_END) {
		return -1;
	}
	if (pkt->range >= 0)
		return -1;
	if ((op == BPF_JLE || op == BPF_JGT) && pkt->range == VS_BEYOND_PKT_END)
		return op == BPF_JGT;
	if (op == BPF_JLT || op == BPF_JGE)
		return op == BPF_JGE;
	return -1;
}

static int
decide(struct vs_env *env, const struct vs_reg *a, const struct vs_reg *b, uint8_t op, bool w32)
{
	if (is_pkt_any(a) && is_pkt_any(b) && !w32)
		return decide_pkt(a, b, op);
	if (w32 && env->prof.ptr_halves && (a->type != RT_SCALAR || b->type != RT_SCALAR))
		return -1;
	if (!vs_is_const(b, w32)) {
		const struct vs_reg *t = a;

		if (!env->prof.const_left)
			return -1;
		a = b;
		b = t;
		op = flip(op);
	}
	if (a->type == RT_SCALAR && b->type == RT_SCALAR) {
		if (!env->prof.const_left && (op == BPF_JEQ || op == BPF_JNE) &&
		    !vs_is_const(a, w32))
			return -1;
		if (a == b && env->prof.same_register)
			return decide_same(a, op, w32);
		if (!env->prof.range_vs_range && !vs_is_const(b, w32))
			return -1;
		return decide_scalars(a, b, op, w32);
	}
	/* A pointer that cannot be null, compared with zero. */
	if (a->type == RT_SCALAR || !vs_is_const(b, w32) || vs_const_value(b, w32) ||
	    !vs_not_null(env, a))
		return -1;
	return op == BPF_JEQ ? 0 : op == BPF_JNE ? 1 : -1;
}

/* ---- what a comparison teaches ---------------------------------------------------------------- */

static void
refine_equal(struct vs_reg *a, struct vs_reg *b, bool w32)
{
	tnum t;

	a->u32min = b->u32min = MAX(a->u32min, b->u32min);
	a->u32max = b->u32max = MIN(a->u32max, b->u32max);
	a->s32min = b->s32min = MAX(a->s32min, b->s32min);
	a->s32max = b->s32max = MIN(a->s32max, b->s32max);
	if (w32) {
		t = tnum_intersect(tnum_subreg(a->var), tnum_subreg(b->var));
		a->var = tnum_with_subreg(a->var, t);
		b->var = tnum_with_subreg(b->var, t);
		return;
	}
	a->umin = b->umin = MAX(a->umin, b->umin);
	a->umax = b->umax = MIN(a->umax, b->umax);
	a->smin = b->smin = MAX(a->smin, b->smin);
	a->smax = b->smax = MIN(a->smax, b->smax);
	a->var = b->var = tnum_intersect(a->var, b->var);
}

/* Unequal to a constant: that helps when it is an end of the range. */
static void
refine_unequal(struct vs_reg *a, uint64_t v, bool w32)
{
	if (w32) {
		a->u32min += a->u32min == (uint32_t)v;
		a->u32max -= a->u32max == (uint32_t)v;
		if (a->s32min == (int32_t)v)
			a->s32min = (int32_t)((uint32_t)a->s32min + 1);
		if (a->s32max == (int32_t)v)
			a->s32max = (int32_t)((uint32_t)a->s32max - 1);
		return;
	}
	a->umin += a->umin == v;
	a->umax -= a->umax == v;
	if (a->smin == (int64_t)v)
		a->smin = (int64_t)((uint64_t)a->smin + 1);
	if (a->smax == (int64_t)v)
		a->smax = (int64_t)((uint64_t)a->smax - 1);
}

static void
refine_bits(struct vs_reg *a, uint64_t v, bool w32, bool set)
{
	tnum t = w32 ? tnum_subreg(a->var) : a->var;

	if (set && (v & (v - 1)))
		return;		/* some bit of several: which one is unknown */
	if (!set)
		vs_bounds_unknown(a);	/* the kernel keeps only the bits here */
	t = set ? tnum_or(t, tnum_const(v)) : tnum_and(t, tnum_const(~v));
	a->var = w32 ? tnum_with_subreg(a->var, t) : t;
}

/* a <= b, or a < b. */
static void
refine_order(struct vs_reg *a, struct vs_reg *b, bool is_signed, bool strict, bool w32)
{
	uint64_t one = strict;

	if (w32 && is_signed) {
		a->s32max = MIN(a->s32max, (int32_t)((uint32_t)b->s32max - (uint32_t)one));
		b->s32min = MAX((int32_t)((uint32_t)a->s32min + (uint32_t)one), b->s32min);
	} else if (w32) {
		a->u32max = MIN(a->u32max, b->u32max - (uint32_t)one);
		b->u32min = MAX(a->u32min + (uint32_t)one, b->u32min);
	} else if (is_signed) {
		a->smax = MIN(a->smax, (int64_t)((uint64_t)b->smax - one));
		b->smin = MAX((int64_t)((uint64_t)a->smin + one), b->smin);
	} else {
		a->umax = MIN(a->umax, b->umax - one);
		b->umin = MAX(a->umin + one, b->umin);
	}
}

/* Up to 6.7 what equals a constant is that constant, whatever its ranges said before. */
static void
equals(struct vs_reg *a, uint64_t v, bool w32)
{
	if (!w32) {
		vs_mark_known(a, v);
		return;
	}
	a->u32min = a->u32max = (uint32_t)v;
	a->s32min = a->s32max = (int32_t)v;
	a->var = tnum_with_subreg(a->var, tnum_const((uint32_t)v));
	a->smin = a->var.mask ? INT64_MIN : (int64_t)a->var.value;
	a->smax = a->var.mask ? INT64_MAX : (int64_t)a->var.value;
	a->umin = a->var.mask ? 0 : a->var.value;
	a->umax = a->var.mask ? UINT64_MAX : a->var.value;
}

static void
refine(const struct vs_env *env, struct vs_reg *a, struct vs_reg *b, uint8_t op, bool w32)
{
	switch (op) {
	case BPF_JEQ:
		if (!env->prof.range_vs_range && (vs_is_const(a, w32) || vs_is_const(b, w32)))
			equals(vs_is_const(b, w32) ? a : b,
			       vs_const_value(vs_is_const(b, w32) ? b : a, w32), w32);
		else
			refine_equal(a, b, w32);
		return;
	case BPF_JNE: case BPF_JSET: case JSET_CLEAR:
		if (!vs_is_const(b, w32)) {
			struct vs_reg *t = a;

			a = b;
			b = t;
		}
		if (!vs_is_const(b, w32))
			return;
		if (op == BPF_JNE)
			refine_unequal(a, vs_const_value(b, w32), w32);
		else
			refine_bits(a, vs_const_value(b, w32), w32, op == BPF_JSET);
		return;
	case BPF_JLE: case BPF_JLT:
		refine_order(a, b, false, op == BPF_JLT, w32);
		return;
	case BPF_JSLE: case BPF_JSLT:
		refine_order(a, b, true, op == BPF_JSLT, w32);
		return;
	case BPF_JGE: case BPF_JGT:
		refine_order(b, a, false, op == BPF_JGT, w32);
		return;
	case BPF_JSGE: case BPF_JSGT:
		refine_order(b, a, true, op == BPF_JSGT, w32);
		return;
	}
}

/* On a side that no run can reach, ranges may come out empty. Kernels that check this keep
 * the bits and forget the ranges. */
static void
settle(struct vs_env *env, struct vs_reg *r)
{
	if (env->prof.checks_bounds && vs_bounds_broken(r))
		vs_bounds_unknown(r);
}

/* Both sides of the comparison. Registers of the taken side and of the other; the second may
 * be a constant's stand-in, of which each side needs its own. */
static void
refine_sides(struct vs_env *env, struct vs_reg *t1, struct vs_reg *t2, struct vs_reg *f1,
	     struct vs_reg *f2, uint8_t op, bool w32)
{
	if (f1->type != RT_SCALAR || f2->type != RT_SCALAR)
		return;
	if (f1 == f2 && env->prof.same_register)
		return;
	if (!env->prof.range_vs_range && !vs_is_const(f2, w32) && !vs_is_const(f1, w32) &&
	    op != BPF_JEQ && op != BPF_JNE)
		return;
	refine(env, f1, f2, negate(op), w32);
	vs_bounds_sync(env, f1);
	vs_bounds_sync(env, f2);
	refine(env, t1, t2, op, w32);
	vs_bounds_sync(env, t1);
	vs_bounds_sync(env, t2);
	settle(env, t1);
	settle(env, t2);
	settle(env, f1);
	settle(env, f2);
}

/* ---- pointers ---------------------------------------------------------------------------------- */

void
vs_mark_not_null(struct vs_env *env, struct vs_reg *r)
{
	if (vs_base(r->type) != RT_MAP_VALUE) {
		r->type &= ~(uint32_t)TF_MAYBE_NULL;
		return;
	}
	r->type = RT_MAP_VALUE;
	if (!env->prof.lookups_refined)
		vs_refine_lookup(env, r);
}

void
vs_refine_lookup(struct vs_env *env, struct vs_reg *r)
{
	const struct vs_map *inner = r->map->inner;
	uint32_t null = vs_flags(r->type) & TF_MAYBE_NULL;

	if (inner) {
		r->type = RT_CONST_MAP | null;
		r->map = inner;
		/* Two lookups give different maps: what pairs a map with its timer must know. */
		if (env->prof.lookups_refined || vs_record_find(&inner->record, FIELD_TIMER) ||
		    vs_record_find(&inner->record, FIELD_WORKQUEUE) ||
		    vs_record_find(&inner->record, FIELD_TASK_WORK))
			r->map_uid = r->id;
	} else if (r->map->type == BPF_MAP_TYPE_XSKMAP) {
		r->type = RT_XDP_SOCK | null;
	} else if (r->map->type == BPF_MAP_TYPE_SOCKMAP ||
		   r->map->type == BPF_MAP_TYPE_SOCKHASH) {
		r->type = RT_SOCKET | null;
	}
}

struct null_mark {
	struct vs_env *env;
	uint32_t id;
	bool is_null;
};

static void
mark_null(void *user, struct vs_reg *r)
{
	struct null_mark *m = user;
	const struct vs_record *rec;

	if (!vs_may_be_null(r->type) || r->id != m->id || !(r->id || (r->type & TF_RCU)))
		return;
	if (m->is_null) {
		r->type = RT_SCALAR;
		r->id = r->ref_id = 0;
		r->off = 0;
		vs_mark_known(r, 0);
		return;
	}
	vs_mark_not_null(m->env, r);
	rec = vs_reg_record(m->env, r);
	/* A lock is known by the id of the pointer that leads to it. */
	if (!vs_record_find(rec, FIELD_SPIN_LOCK) && !vs_record_find(rec, FIELD_RES_SPIN_LOCK))
		r->id = 0;
}

static void
mark_ptr(struct vs_env *env, struct vs_state *st, uint32_t regno, bool is_null)
{
	struct vs_reg *r = &st->frame[st->curframe]->regs[regno];
	struct null_mark m = {env, r->id, is_null};

	if (is_null && r->ref_id && r->ref_id == r->id)
		vs_release_ref_nomark(st, r->id);
	vs_each_reg(env, st, mark_null, &m);
}

void
vs_mark_ptr_null(struct vs_env *env, struct vs_state *st, uint32_t id, bool is_null)
{
	struct null_mark m = {env, id, is_null};

	vs_each_reg(env, st, mark_null, &m);
}

struct pkt_mark {
	uint32_t type, id;
	int32_t range;
};

static void
mark_range(void *user, struct vs_reg *r)
{
	struct pkt_mark *m = user;

	if (r->type == m->type && r->id == m->id && r->range < m->range)
		r->range = m->range;
}

/* On this side `pkt` (plus one byte, when `open`) lies inside the packet: so does everything
 * below it in the same family. */
static void
found_bytes(struct vs_env *env, struct vs_state *st, const struct vs_reg *pkt, bool open)
{
	struct pkt_mark m = {pkt->type, pkt->id, pkt->off + open};
	struct vs_span at = vs_span(env, pkt);

	if (env->prof.whole_offset) {	/* counted from where the packet begins */
		if (at.lo < 0 || at.hi > VS_MAX_PACKET_OFF || (!at.hi && open))
			return;
		m.range = (int32_t)at.hi + open;
		vs_each_reg(env, st, mark_range, &m);
		return;
	}
	if (pkt->off < 0 || (!pkt->off && open))
		return;
	if (pkt->umax > VS_MAX_PACKET_OFF || pkt->umax + (uint64_t)pkt->off > VS_MAX_PACKET_OFF)
		return;
	vs_each_reg(env, st, mark_range, &m);
}

static void
mark_end(struct vs_state *st, uint32_t regno, bool beyond)
{
	struct vs_reg *r = &st->frame[st->curframe]->regs[regno];

	if (r->type == RT_PACKET)
		r->range = beyond ? VS_BEYOND_PKT_END : VS_AT_PKT_END;
}

static bool
is_pkt_start(const struct vs_reg *r)
{
	return r->type == RT_PACKET && !r->id && !r->off && tnum_is_const_of(r->var, 0);
}

/* `p op end` with the pointer on the left: on the side where p <= end, its bytes exist. */
static bool
match_packet(struct vs_env *env, const struct bpf_insn *in, struct vs_reg *dst,
	     struct vs_reg *src, struct vs_state *fall, struct vs_state *taken)
{
	uint8_t op = BPF_OP(in->code);
	struct vs_state *good, *bad;
	uint32_t regno = in->dst_reg;
	struct vs_reg *pkt = dst;
	bool open;

	if (BPF_SRC(in->code) != BPF_X || BPF_CLASS(in->code) == BPF_JMP32)
		return false;
	if ((dst->type == RT_PACKET_END && src->type == RT_PACKET) ||
	    (is_pkt_start(dst) && src->type == RT_PACKET_META)) {
		pkt = src;
		regno = in->src_reg;
		op = flip(op);
	} else if (!(dst->type == RT_PACKET && src->type == RT_PACKET_END) &&
		   !(dst->type == RT_PACKET_META && is_pkt_start(src))) {
		return false;
	}
	switch (op) {
	case BPF_JGT: good = fall, bad = taken, open = false; break;
	case BPF_JLT: good = taken, bad = fall, open = true; break;
	case BPF_JGE: good = fall, bad = taken, open = true; break;
	case BPF_JLE: good = taken, bad = fall, open = false; break;
	default: return false;
	}
	found_bytes(env, good, pkt, open);
	mark_end(bad, regno, !open);
	return true;
}

/* ---- the jump ------------------------------------------------------------------------------------ */

/* Equal pointers of which one is not null. */
static void
lift_null(struct vs_env *env, const struct bpf_insn *in, struct vs_reg *dst, struct vs_reg *src,
	  struct vs_reg *other_regs)
{
	uint8_t op = BPF_OP(in->code);
	struct vs_reg *eq = op == BPF_JEQ ? other_regs
		: op == BPF_JNE ? vs_cur_regs(env) : NULL;

	if (!env->prof.pointers_compared || BPF_SRC(in->code) != BPF_X ||
	    BPF_CLASS(in->code) == BPF_JMP32 || !eq ||
	    src->type == RT_SCALAR || dst->type == RT_SCALAR ||
	    vs_may_be_null(src->type) == vs_may_be_null(dst->type) ||
	    vs_base(src->type) == RT_BTF_ID || vs_base(dst->type) == RT_BTF_ID)
		return;
	if (env->prof.bounded_not_null &&
	    !vs_not_null(env, vs_may_be_null(src->type) ? dst : src))
		return;
	vs_mark_not_null(env, vs_may_be_null(src->type) ? &eq[in->src_reg] : &eq[in->dst_reg]);
}

static bool
tests_zero(const struct vs_env *env, const struct bpf_insn *in, const struct vs_reg *src)
{
	if (BPF_SRC(in->code) == BPF_K)
		return !in->imm;
	return env->prof.zero_register && vs_reg_is_null(src);
}

static int
both_ways(struct vs_env *env, const struct bpf_insn *in, uint32_t idx, struct vs_reg *src)
{
	struct vs_state *cur = env->cur, *other;
	struct vs_reg *regs = vs_cur_regs(env), *dst = &regs[in->dst_reg], *oregs;
	struct vs_reg fake = *src;
	bool x = BPF_SRC(in->code) == BPF_X, w32 = BPF_CLASS(in->code) == BPF_JMP32;
	uint8_t op = BPF_OP(in->code);
	struct vs_links links = {0};

	if (x && src->type == RT_SCALAR && src->id)
		vs_collect_links(env, cur, src->id, &links);
	if (dst->type == RT_SCALAR && dst->id)
		vs_collect_links(env, cur, dst->id, &links);
	if (links.n > 1)
		vs_push_history(env, 0, vs_pack_links(env, &links));
	other = vs_push_branch(env, (uint32_t)((int64_t)idx + in->off + 1), idx, false);
	if (!other)
		return env->r->err;
	oregs = other->frame[other->curframe]->regs;
	refine_sides(env, &oregs[in->dst_reg], x ? &oregs[in->src_reg] : &fake, dst, src, op, w32);
	if (x && src->type == RT_SCALAR && src->id) {
		vs_sync_links(env, cur, src, &links);
		vs_sync_links(env, other, &oregs[in->src_reg], &links);
	}
	if (dst->type == RT_SCALAR && dst->id) {
		vs_sync_links(env, cur, dst, &links);
		vs_sync_links(env, other, &oregs[in->dst_reg], &links);
	}
	lift_null(env, in, dst, src, oregs);
	if (!w32 && tests_zero(env, in, src) && (op == BPF_JEQ || op == BPF_JNE) &&
	    vs_may_be_null(dst->type)) {
		if (x && vs_mark_precise(env, in->src_reg) < 0)
			return env->r->err;
		mark_ptr(env, cur, in->dst_reg, op == BPF_JNE);
		mark_ptr(env, other, in->dst_reg, op == BPF_JEQ);
	} else if (!match_packet(env, in, dst, src, cur, other) &&
		   vs_is_pointer_value(env, in->dst_reg)) {
		return vs_reject(env, VS_E_PTR_COMPARE, in->dst_reg);
	}
	if (vs_logs(env))
		vs_log_insn_state(env, cur, cur->curframe);
	return 0;
}

int
vs_check_jump(struct vs_env *env, const struct bpf_insn *in, uint32_t *insn_idx)
{
	struct vs_reg *regs = vs_cur_regs(env), *dst = &regs[in->dst_reg], *src, imm;
	bool x = BPF_SRC(in->code) == BPF_X;
	uint32_t stacks;
	int err, way;

	err = vs_check_reg_arg(env, in->dst_reg, VS_READ);
	if (err >= 0 && x)
		err = vs_check_reg_arg(env, in->src_reg, VS_READ);
	if (err < 0)
		return err;
	if (x) {
		src = &regs[in->src_reg];
		if (!(is_pkt_any(dst) && is_pkt_any(src)) &&
		    vs_is_pointer_value(env, in->src_reg))
			return vs_reject(env, VS_E_PTR_COMPARE, in->src_reg);
	} else {
		memset(&imm, 0, sizeof imm);
		imm.type = RT_SCALAR;
		vs_mark_known(&imm, (uint64_t)(int64_t)in->imm);
		src = &imm;
	}
	stacks = (dst->type == RT_STACK ? JMP_DST_STACK : 0u) |
		(x && src->type == RT_STACK ? JMP_SRC_STACK : 0u);
	if (stacks)
		vs_push_history(env, stacks, 0);
	way = decide(env, dst, src, BPF_OP(in->code), BPF_CLASS(in->code) == BPF_JMP32);
	if (way < 0)
		return both_ways(env, in, *insn_idx, src);
	/* The decision rests on these values. */
	if (dst->type == RT_SCALAR)
		err = vs_mark_precise(env, in->dst_reg);
	if (err >= 0 && x && src->type == RT_SCALAR)
		err = vs_mark_precise(env, in->src_reg);
	if (err >= 0)
		err = vs_spec_branch(env, in, *insn_idx + 1 + (way ? 0 : (uint32_t)in->off));
	if (err < 0)
		return err;
	if (vs_logs(env))
		vs_log_insn_state(env, env->cur, env->cur->curframe);
	if (way)
		*insn_idx = (uint32_t)((int64_t)*insn_idx + in->off);
	return 0;
}

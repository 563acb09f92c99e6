/* SPDX-License-Identifier: MIT */
/* bounds.c: accesses outside of what they may touch: packets, map values, memory, the
 * stack, sizes of arguments, the context.
 *
 * The facts are always the same three: what is touched, what is known to be there, and what
 * is known of the number that decides (index, offset, size). When that number was checked,
 * but not this very value of it, the check is shown as the step that missed. */
#include "explaining.h"
#include "verifier-sim/rules/rules.h"

static const char *
subject(const struct vx *e)
{
	return vx_value(e, tr_reg(e->frame, (uint32_t)e->reg), e->step);
}

static bool
is_call(const struct vx *e)
{
	return e->in && BPF_OP(e->in->code) == BPF_CALL &&
		(BPF_CLASS(e->in->code) == BPF_JMP || BPF_CLASS(e->in->code) == BPF_JMP32);
}

/* How many bytes a call touches behind its argument in the operand's register. */
static int64_t
call_size(const struct vx *e)
{
	const struct fact_proto *p = e->in->src_reg || e->reg < 1 || e->reg > 5 ? NULL
		: fact_helper_proto((uint32_t)e->in->imm, e->env->type);
	const struct vs_reg *next = e->reg < 5 ? vx_reg(e, (uint32_t)e->reg + 1) : NULL;
	const struct vs_map *map = NULL;

	for (uint32_t r = 1; p && r < (uint32_t)e->reg && !map; r++)
		map = vx_reg(e, r) && vx_reg(e, r)->type == RT_CONST_MAP ? vx_reg(e, r)->map : NULL;
	switch (p ? p->arg[e->reg - 1] : FACT_ARG_ANY) {
	case FACT_ARG_KEY: return map ? map->key_size : 1;
	case FACT_ARG_VALUE: case FACT_ARG_VALUE_NULL: case FACT_ARG_VALUE_OUT:
		return map ? map->value_size : 1;
	case FACT_ARG_MEM: case FACT_ARG_MEM_RO: case FACT_ARG_MEM_RO_NULL:
	case FACT_ARG_MEM_RW: case FACT_ARG_MEM_RW_NULL: case FACT_ARG_MEM_OUT:
		return next && next->type == RT_SCALAR && next->umax && next->umax <= VS_MAX_VAR_OFF
			? (int64_t)next->umax : 1;
	case FACT_ARG_IN20: return 20;
	case FACT_ARG_IN40: return 40;
	case FACT_ARG_INOUT4: return 4;
	case FACT_ARG_OUT8: return 8;
	}
	return 1;
}

static const char *
access_words(const struct vx *e, int64_t size)
{
	uint8_t class = e->in ? BPF_CLASS(e->in->code) : BPF_JMP;

	if (is_call(e))
		return arena_printf(e->a, "%s uses %s from here",
				    vx_callee(e, vx_insn(e, e->step)), vx_bytes(e, size));
	return class == BPF_LDX ? "reads" : "writes";
}

/* ---- the number that decides ------------------------------------------------------------ */

struct deciding {
	uint16_t loc;
	uint32_t step;
	int64_t scale;		/* bytes per unit of it */
	const struct vs_reg *reg;
};

/* An index is often shifted or multiplied before it is added: go back to the number the user
 * knows. */
static void
unscale(const struct vx *e, struct deciding *d)
{
	for (int hop = 0; hop < 8 && !vx_var(e, d->loc, d->step); hop++) {
		struct tr_node n = tr_origin(e->env, d->loc, d->step);
		const struct tr_rec *r;
		const struct bpf_insn *in;
		int64_t by = 1;
		uint16_t loc = d->loc;

		if (!n.rec || vx_insn(e, n.def) == TR_NONE)
			return;
		in = &e->env->insns[vx_insn(e, n.def)];
		if (n.how == HOW_COPY || n.how == HOW_CUT)
			loc = tr_reg(e->t->steps.at[n.def].frame, in->src_reg);
		else if (n.how != HOW_ALU || BPF_SRC(in->code) != BPF_K)
			return;
		else if (BPF_OP(in->code) == BPF_LSH && in->imm < 32 && in->imm >= 0)
			by = (int64_t)1 << in->imm;
		else if (BPF_OP(in->code) == BPF_MUL && in->imm > 0)
			by = in->imm;
		else
			return;
		r = tr_before(e->t, loc, n.def);
		if (!r || r->reg.type != RT_SCALAR)
			return;
		/* The copy knows as much as what was copied, or more. */
		if (n.how == HOW_ALU && d->scale > (1 << 20) / by)
			return;
		d->loc = loc;
		d->step = n.def;
		d->scale *= by;
		d->reg = &r->reg;
	}
}

/* The number added to the pointer that is not a constant, or false. */
static bool
find_index(const struct vx *e, struct deciding *d)
{
	for (uint32_t i = 1; i < e->sl.n; i++) {
		const struct tr_node *n = &e->sl.nodes[i];
		const struct tr_rec *r = tr_before(e->t, n->loc, n->at);

		if (!n->index || e->sl.nodes[n->used_by].index || !r ||
		    tnum_is_const(r->reg.var))
			continue;
		*d = (struct deciding){n->loc, n->at, 1, &r->reg};
		unscale(e, d);
		return true;
	}
	return false;
}

/* What the number is called: its variable, what the source has between brackets, or where it
 * came from. */
static const char *
index_words(const struct vx *e, const struct deciding *d)
{
	const char *name = vx_value_var(e, d->loc, d->step);

	if (!name && !e->lisp)
		name = vx_c_index(e, vx_insn(e, e->step));
	return name ? name : vx_value(e, d->loc, d->step);
}

static void
need_index(struct vx *e, const struct deciding *d, int64_t most)
{
	struct vs_need *n = vx_need(e, NEED_RANGE);
	struct tr_node o = tr_origin(e->env, d->loc, d->step);

	n->name = e->lisp ? vx_value_var(e, d->loc, d->step) : index_words(e, d);
	n->made = o.rec && vx_insn(e, o.def) != TR_NONE ? vx_insn(e, o.def) : n->made;
	n->lo = 0;
	n->hi = most < 0 ? 0 : most / (d->scale ? d->scale : 1);
	n->have_lo = d->reg->smin;
	n->have_hi = d->reg->smin < 0 ? d->reg->smax : (int64_t)d->reg->umax;
	n->is_bounded = d->reg->umax < UINT64_MAX;
}

/* ---- packets ---------------------------------------------------------------------------- */

/* The verifier does not follow positions that far. */
static bool
is_too_far(const struct vs_reg *r)
{
	int64_t off = r->off > 0 ? r->off : 0;

	return r->umax > VS_MAX_PACKET_OFF ||
		(!tnum_is_const(r->var) && (int64_t)r->umax + off > VS_MAX_PACKET_OFF);
}

/* Comparisons of packet pointers with the packet's end on the path. *covered: one was made
 * with a pointer at or behind `end`, counted from the position that varies. */
static uint32_t
tell_packet_checks(struct vx *e, int64_t end, bool *covered)
{
	uint32_t said = 0;

	for (uint32_t i = e->step; i-- > 1 && said < 3;) {
		const struct tr_step *st = &e->t->steps.at[i];
		const struct tr_rec *d, *s, *pkt;
		const struct bpf_insn *in;

		if (st->insn == TR_NONE || !tr_is_test(in = &e->env->insns[st->insn]) ||
		    BPF_SRC(in->code) != BPF_X)
			continue;
		d = tr_before(e->t, tr_reg(st->frame, in->dst_reg), i);
		s = tr_before(e->t, tr_reg(st->frame, in->src_reg), i);
		if (!d || !s || (d->reg.type != RT_PACKET_END && s->reg.type != RT_PACKET_END))
			continue;
		pkt = d->reg.type == RT_PACKET_END ? s : d;
		if (!vs_is_pkt_type(pkt->reg.type))
			continue;
		said++;
		*covered |= pkt->reg.id == e->val->id && pkt->reg.off >= end;
		if (pkt->reg.id != e->val->id) {
			vx_step(e, i, STEP_MISSED, "this checks another position in the packet");
		} else if (is_too_far(&pkt->reg)) {
			vx_step(e, i, STEP_MISSED, "this check tells nothing: the position may be "
				"up to %llu bytes in", (unsigned long long)pkt->reg.umax +
				(unsigned long long)(pkt->reg.off > 0 ? pkt->reg.off : 0));
		} else if (e->val->range <= 0) {
			vx_step(e, i, STEP_MISSED, "this tells nothing: what must be compared with the "
				"end is where the bytes end, not where they begin");
			vx_unseen(e, "only the bytes before the pointer that is compared with the packet's "
				     "end are known to be there");
		} else {
			vx_step(e, i, STEP_NARROWED, "from here %s are known to be there",
				vx_bytes(e, e->val->range > 0 ? e->val->range : 0));
		}
	}
	return said;
}

/* For a check to be written: a variable that holds a position not far before the access, one
 * that holds the packet's end, and the number a position must be bounded by. */
static void
name_positions(struct vx *e, struct vs_need *n, int64_t end)
{
	uint32_t insn = vx_insn(e, e->step);

	for (uint32_t i = 0; i < e->env->prog->vars.n; i++) {
		const struct image_var *v = &e->env->prog->vars.at[i];
		const struct tr_rec *r = v->reg >= 0
			? tr_before(e->t, tr_reg(e->frame, (uint32_t)v->reg), e->step) : NULL;
		int64_t reach;

		if (insn < v->from || insn >= v->to || !r || r->reg.type != e->val->type ||
		    r->reg.id != e->val->id)
			continue;
		reach = end - r->reg.off - (tnum_is_const(r->reg.var) ? (int64_t)r->reg.var.value : 0);
		if (reach > 0 && (!n->base || reach < n->reach)) {
			n->base = v->name;
			n->reach = reach;
		}
	}
	for (uint32_t i = e->t->recs.n; i-- > 0 && !e->x->packet_end;) {
		const struct tr_rec *r = &e->t->recs.at[i];

		if (r->reg.type == RT_PACKET_END && !tr_is_slot(r->loc) &&
		    r->loc / TR_FRAME == e->frame)
			e->x->packet_end = vx_var(e, r->loc, r->step + 1);
	}
}

/* A call that is given a number as the size of packet memory: the verifier knows constant
 * distances only, so the largest there may be has to be checked. */
static void
tell_varying_size(struct vx *e, struct vs_need *need)
{
	const struct vs_reg *next = is_call(e) && e->reg < 5 ? vx_reg(e, (uint32_t)e->reg + 1) : NULL;
	const char *name;

	if (!next || next->type != RT_SCALAR || tnum_is_const(next->var) ||
	    next->umax != (uint64_t)(need->hi - need->lo))
		return;
	name = vx_value(e, tr_reg(e->frame, (uint32_t)e->reg + 1), e->step);
	need->varying = name;
	e->x->helps.n = 0;
	vx_fact(e, "%s is %s here, and counts as its largest: a check of a distance that varies tells "
		   "nothing", name, vx_range(e, next));
	vx_help(e, "bound %s by a constant and check that many bytes, go through the bytes in a loop "
		   "with a check for each, or copy them out with bpf_%s_load_bytes()", name,
		e->env->type == BPF_PROG_TYPE_XDP ? "xdp" : "skb");
}

static bool
tell_packet(struct vx *e)
{
	bool is_var = !tnum_is_const(e->val->var), has_args = e->f->nargs >= 2;
	int64_t size = has_args ? e->f->args[1] : vx_access_size(e);
	int64_t off = e->val->off + (is_call(e) || !e->in ? 0 : e->in->off);
	int64_t known = e->val->range > 0 ? e->val->range : 0;
	struct vs_need *need;
	struct deciding d;
	struct vs_reg end = *e->val;
	uint32_t checks;
	bool far = false, covered = false;

	if (!is_var)
		off += (int64_t)e->val->var.value;
	vx_headline(e, "%s %s of the packet that may not be there", access_words(e, size),
		    is_var ? vx_bytes(e, size) : vx_span(e, off, size));
	if (is_call(e))
		vx_headline(e, "%s is given %s of the packet that may not be there",
			    vx_callee(e, vx_insn(e, e->step)), vx_bytes(e, size));
	vx_at(e, "%s %s%s", is_call(e) ? "uses" : access_words(e, size),
	      is_var ? vx_bytes(e, size) : vx_span(e, off, size),
	      is_var ? " at an offset that varies" : "");
	end.off = (int32_t)(off + size);
	checks = tell_packet_checks(e, off + size, &covered);
	if (!is_var)
		vx_fact(e, "the packet is known to hold %s here; this touches %s",
			vx_bytes(e, known), vx_span(e, off, size));
	else if (known)
		vx_fact(e, "%s are known to be there from the variable position on; this touches %s "
			   "after it", vx_bytes(e, known), vx_span(e, off, size));
	else
		vx_fact(e, "nothing is known to be there from the variable position on");
	if (is_var && find_index(e, &d)) {
		struct tr_slice s;

		tr_follow(e->env, d.loc, d.step, &s);
		vx_fact(e, "the position depends on %s, which is %s", vx_value(e, d.loc, d.step),
			vx_range(e, d.reg));
		if (is_too_far(&end)) {
			vx_fact(e, "offsets above %d are not followed: such a check tells nothing",
				VS_MAX_PACKET_OFF);
			vx_history(e, &s);
			far = true;
		}
	}
	need = vx_need(e, NEED_BYTES);
	if (!e->lisp)
		name_positions(e, need, off + size);
	need->lo = off;
	need->hi = off + size;
	need->size = known;
	need->is_checked = covered;
	need->have_lo = e->val->smin;
	need->have_hi = e->val->smax;
	if (checks && !is_var && known)
		vx_help(e, "check %s against the packet's end instead of %lld",
			vx_bytes(e, off + size), (long long)known);
	else if (far)
		vx_help(e, "bound the number that moves the pointer by a constant first: then the check "
			   "against the packet's end counts");
	else if (is_var)
		vx_help(e, "after the variable offset is added, compare the end of what is touched "
			   "with the packet's end, and leave when it is larger");
	else
		vx_help(e, "before it compare the packet's start + %lld with its end, and leave when "
			   "that is larger", (long long)(off + size));
	tell_varying_size(e, need);
	if (far)
		need_index(e, &d, VS_MAX_PACKET_OFF / 2);
	return true;
}

/* ---- map values, memory ----------------------------------------------------------------- */

/* The size a call is given for the memory in the operand's register, when it varies; or null. */
static const char *
varying_size(const struct vx *e, int64_t size)
{
	const struct vs_reg *next = is_call(e) && !e->in->src_reg && e->reg >= 1 && e->reg < 5
		? vx_reg(e, (uint32_t)e->reg + 1) : NULL;

	if (!next || next->type != RT_SCALAR || tnum_is_const(next->var) || size < 2 ||
	    next->umax != (uint64_t)size)
		return NULL;
	return vx_value(e, tr_reg(e->frame, (uint32_t)e->reg + 1), e->step);
}

/* An index that takes an access out of the object `ptr` points to. */
static bool
tell_index(struct vx *e, const struct vs_reg *ptr, const struct deciding *d, int64_t off,
	   int64_t size)
{
	const char *name = index_words(e, d), *object = vx_object(e, ptr), *where = object;
	const char *varying = varying_size(e, size);
	struct vx_part part = vx_part(e, ptr, off, d->scale);
	int64_t most = part.size >= 0 ? part.start + part.size - off - size : -1;
	struct tr_slice s;

	if (part.name)
		where = vs_base(ptr->type) == RT_MAP_VALUE && !strchr(object, '.')
			? arena_printf(e->a, "%s in %s", part.name, object) : part.name;
	tr_follow(e->env, d->loc, d->step, &s);
	if (d->reg->smin < 0 && d->reg->smin > INT64_MIN)
		vx_headline(e, "%s may be negative here: before the start of %s", name, where);
	else if (d->reg->umax > UINT32_MAX)
		vx_headline(e, "nothing bounds %s, which decides what of %s is touched", name, where);
	else
		vx_headline(e, "%s may be up to %llu here: past the end of %s", name,
			    (unsigned long long)d->reg->umax, where);
	vx_history(e, &s);
	vx_missed(e, &s);
	vx_fact(e, "%s is %s here", name, vx_range(e, d->reg));
	if (varying && part.size >= 0)
		vx_fact(e, "%s has %s, and %s may be up to %lld as well: the largest of both count "
			   "together", where, vx_bytes(e, part.size), varying, (long long)size);
	else if (most >= 0 && part.elem)
		vx_fact(e, "%s has %lld elements: %s may be at most %lld", where,
			(long long)(part.size / part.elem), name, (long long)(most / d->scale));
	else if (most >= 0)
		vx_fact(e, "%s has %s: %s may be at most %lld", where, vx_bytes(e, part.size), name,
			(long long)(most / d->scale));
	need_index(e, d, most);
	e->x->needs.at[0].varying = varying;
	e->x->needs.at[0].size = part.size;
	if (varying)
		vx_help(e, "bound %s and %s so that both together fit", name, varying);
	else
		vx_help(e, d->reg->smin < 0 && d->reg->smin > INT64_MIN
			? "check %s on both sides before this, or mask it"
			: "check %s before this: leave when it is larger, or mask it", name);
	return true;
}

bool
vx_added(struct vx *e, uint32_t added)
{
	const struct vs_reg *ptr = e->val, *other = vx_reg(e, added);
	struct deciding d = {tr_reg(e->frame, added), e->step, 1, other};
	uint32_t base = vs_base(ptr->type);
	const char *name;

	if (!other || other->type != RT_SCALAR)
		return false;
	unscale(e, &d);
	name = index_words(e, &d);
	vx_at(e, "%s is added to %s here", name, vx_kind(e, ptr));
	if ((base == RT_MAP_VALUE || base == RT_MEM) && !tnum_is_const(other->var) &&
	    tnum_is_const(ptr->var))
		return tell_index(e, ptr, &d, ptr->off + (int64_t)ptr->var.value, d.scale);
	tr_follow(e->env, d.loc, d.step, &e->sl);
	vx_history(e, &e->sl);
	vx_missed(e, &e->sl);
	vx_headline(e, "%s may be %s: too much to add to %s", name, vx_range(e, d.reg),
		    vx_kind(e, ptr));
	need_index(e, &d, VS_MAX_VAR_OFF - 1);
	if (vs_is_pkt_type(ptr->type)) {
		e->x->needs.at[0].hi = VS_MAX_PACKET_OFF / 2;
		vx_fact(e, "offsets above %d are not followed in packets", VS_MAX_PACKET_OFF);
	}
	vx_help(e, "bound %s on both sides before it is added: compare it with constants, or mask it",
		name);
	return true;
}

/* The index that the source has there, without a step behind it: "`n`" of `a[n++]`; null for
 * constants. */
static const char *
written_index(const struct vx *e)
{
	const char *index = e->lisp || is_call(e) ? NULL : vx_c_index(e, vx_insn(e, e->step));
	size_t len = index ? strlen(index) : 0;

	if (len > 4 && (!strcmp(index + len - 3, "++`") || !strcmp(index + len - 3, "--`")))
		index = arena_printf(e->a, "%.*s`", (int)len - 3, index);
	return index && index[1 + strspn(index + 1, "0123456789")] == '`' ? NULL : index;
}

/* `a[i]` where the verifier has followed `i` turn by turn, up to one that is too many. */
static bool
tell_counted(struct vx *e, int64_t off, int64_t size)
{
	const char *index = written_index(e), *where = vx_object(e, e->val);
	struct vx_part part = vx_part(e, e->val, off - size, size);
	int64_t elem = part.elem ? part.elem : size, at;
	struct vs_need *n;

	if (!index || off < size || part.size <= 0 || part.start + part.size > off || elem <= 0)
		return false;
	at = (off - part.start) / elem;
	if (part.name)
		where = strchr(where, '.') ? part.name : arena_printf(e->a, "%s in %s", part.name, where);
	vx_headline(e, "%s is %lld here: past the end of %s", index, (long long)at, where);
	vx_at(e, "%s past its end", access_words(e, size));
	vx_fact(e, "%s has %lld elements: %s may be at most %lld", where,
		(long long)(part.size / elem), index, (long long)(part.size / elem - 1));
	vx_help(e, "end the loop, or leave, before %s is %lld", index, (long long)(part.size / elem));
	n = vx_need(e, NEED_RANGE);
	n->name = index;
	n->lo = 0;
	n->hi = part.size / elem - 1;
	n->size = part.size;
	n->have_lo = n->have_hi = at;
	n->is_bounded = true;
	return true;
}

/* A map whose keys or values have no size yet: the object leaves it to its loader. */
static bool
tell_no_size(struct vx *e)
{
	const struct vs_reg *map = is_call(e) && !e->in->src_reg ? vx_reg(e, 1) : NULL;
	bool key;

	if (!map || map->type != RT_CONST_MAP || e->reg < 2 || e->reg > 5)
		return false;
	key = fact_helper_proto((uint32_t)e->in->imm, e->env->type)->arg[e->reg - 1] == FACT_ARG_KEY;
	vx_headline(e, "the %s of %s have 0 bytes in this object: their size is not set",
		    key ? "keys" : "values", vx_map_name(e, map->map));
	vx_at(e, "used here");
	vx_need(e, NEED_ABSENT);
	vx_help(e, "set it in the map's definition; a loader that sets it before loading gets another "
		   "verdict");
	return true;
}

bool
vx_bounds(struct vx *e)
{
	const char *object, *name;
	int64_t size, have, off;
	struct deciding d;
	struct vs_need *n;

	if (e->reg < 0 || !e->val || vs_base(e->val->type) == RT_SCALAR)
		return e->reg >= 0 && e->val && is_call(e) ? vx_size(e) : false;
	if (vs_is_pkt_type(e->val->type) && e->f->first != VS_E_MIN_NEGATIVE)
		return tell_packet(e);
	object = vx_object(e, e->val);
	have = vx_object_size(e, e->val);
	/* Of a call it is often the size that is too large, not the place. */
	if (is_call(e) && call_size(e) && e->reg < 5 && tnum_is_const(e->val->var)) {
		const struct vs_reg *next = vx_reg(e, (uint32_t)e->reg + 1);

		if (next && next->type == RT_SCALAR && e->f->nargs >= 3 &&
		    next->umax == (uint64_t)e->f->args[2]) {
			e->reg++;
			e->val = next;
			tr_follow(e->env, tr_reg(e->frame, (uint32_t)e->reg), e->step, &e->sl);
			return vx_size(e);
		}
	}
	size = e->f->nargs >= 3 ? e->f->args[2] : is_call(e) ? call_size(e) : vx_access_size(e);
	off = e->val->off + (is_call(e) || !e->in ? 0 : e->in->off);
	if (!find_index(e, &d)) {
		off += (int64_t)e->val->var.value;
		if (tell_counted(e, off, size) || (!size && tell_no_size(e)))
			return true;
		vx_headline(e, "%s %s of %s%s", is_call(e)
			    ? arena_printf(e->a, "%s needs", vx_callee(e, vx_insn(e, e->step)))
			    : access_words(e, size), vx_span(e, off, size), object, have < 0 ? ""
			    : arena_printf(e->a, ", which has %s", vx_bytes(e, have)));
		vx_at(e, "%s", off < 0 ? "before its start" : "past its end");
		vx_history(e, &e->sl);
		n = vx_need(e, NEED_BYTES);
		n->lo = off;
		n->hi = off + size;
		return true;
	}
	name = index_words(e, &d);
	vx_at(e, "%s %s at an offset that depends on %s", is_call(e) ? "uses" :
	      access_words(e, size), vx_bytes(e, size), name);
	if (tnum_is_const(e->val->var))
		off += (int64_t)e->val->var.value;
	return tell_index(e, e->val, &d, off, size);
}

/* ---- sizes of arguments ----------------------------------------------------------------- */

/* A map without keys given to a helper that wants one. */
static bool
tell_no_keys(struct vx *e)
{
	const struct vs_reg *map = is_call(e) && !e->in->src_reg ? vx_reg(e, 1) : NULL;

	if (e->f->first != VS_E_ZERO_READ || !map || map->type != RT_CONST_MAP || map->map->key_size)
		return false;
	vx_headline(e, "%s has no keys: %s does not work on it", vx_map_name(e, map->map),
		    vx_callee(e, vx_insn(e, e->step)));
	vx_at(e, "reads a key of 0 bytes");
	vx_need(e, NEED_ABSENT);
	return true;
}

/* Known sizes that fit nowhere. */
static bool
tell_bad_size(struct vx *e, const char *callee)
{
	int64_t size = (int64_t)e->val->var.value;

	if (size > 0 && size <= INT32_MAX)
		return false;
	if (size && size <= UINT32_MAX)
		size = (int32_t)size;
	vx_headline(e, "%s is given a size of %s: %s", callee, vx_bytes(e, size),
		    size ? "it must not be negative" : "there must be at least 1");
	vx_need(e, NEED_RANGE)->lo = !size;
	vx_help(e, "give the size of what is there");
	return true;
}

bool
vx_size(struct vx *e)
{
	const char *name, *callee, *where;
	const struct vs_reg *mem;
	struct vx_part part = {0};
	int64_t room = -1, off;
	struct vs_need *n;

	if (tell_no_keys(e))
		return true;
	if (e->reg < 1 || !e->val || !is_call(e) || e->val->type != RT_SCALAR)
		return false;
	name = subject(e);
	callee = vx_callee(e, vx_insn(e, e->step));
	mem = vx_reg(e, (uint32_t)e->reg - 1);
	where = mem ? vx_object(e, mem) : "the memory";
	if (mem && mem->type == RT_STACK) {
		room = -(mem->off + (int64_t)mem->var.value);
	} else if (mem && mem->type != RT_SCALAR && mem->type != RT_NOT_INIT &&
		   mem->type != RT_CONST_MAP) {
		part = vx_part(e, mem, mem->off + (int64_t)mem->var.value, 1);
		room = part.size < 0 ? -1
			: part.start + part.size - mem->off - (int64_t)mem->var.value;
		if (part.name)
			where = strchr(where, '.') ? part.name
				: arena_printf(e->a, "%s in %s", part.name, where);
	}
	vx_history(e, &e->sl);
	vx_missed(e, &e->sl);
	vx_at(e, "%s is given %s as a size", callee, name);
	if (!tnum_is_const(e->val->var))
		vx_fact(e, "%s is %s here", name, vx_range(e, e->val));
	if (mem && room >= 0)
		vx_fact(e, "%s has room for %s", where, vx_bytes(e, room));
	if (tnum_is_const(e->val->var) && tell_bad_size(e, callee))
		return true;
	if (tnum_is_const(e->val->var) && room >= 0) {
		off = part.name || mem->type == RT_STACK ? 0 : mem->off + (int64_t)mem->var.value;
		vx_headline(e, "%s is given a size of %s, but %s has only %s%s", callee,
			    vx_bytes(e, (int64_t)e->val->var.value), where, vx_bytes(e, room + off),
			    off ? arena_printf(e->a, ", and %lld lie before", (long long)off) : "");
		n = vx_need(e, NEED_RANGE);
		n->hi = n->size = room;
		n->object = where;
		n->is_array = part.elem && part.start == mem->off + (int64_t)mem->var.value;
		vx_help(e, "give the size of what is there, or make it larger");
		return true;
	}
	if (e->f->first == VS_E_ALLOC_CONST)
		vx_headline(e, "%s must be a constant: %s takes no size that varies", name, callee);
	else if (e->val->smin < 0 && e->val->smax > INT32_MAX)
		vx_headline(e, "nothing bounds %s, the size given to %s", name, callee);
	else if (e->val->smin < 0)
		vx_headline(e, "%s may be negative here, and %s takes it as a size", name, callee);
	else if (!e->val->umin && e->f->kind == VK_SIZE && e->f->first != VS_E_SIZE_UNBOUNDED)
		vx_headline(e, "%s may be 0 here, and %s needs at least 1", name, callee);
	else if (e->val->umax > 1 << 29)
		vx_headline(e, "nothing bounds %s, the size given to %s", name, callee);
	else
		vx_headline(e, "%s may be up to %llu here, more than %s has room for", name,
			    (unsigned long long)e->val->umax, where);
	n = vx_need(e, NEED_RANGE);
	n->lo = e->f->first == VS_E_ZERO_SIZE;
	n->hi = room;
	n->size = room;
	n->is_array = part.elem && part.start == mem->off + (int64_t)mem->var.value;
	if (mem && mem->type != RT_SCALAR && !tnum_is_const(mem->var)) {
		n->varying = name;
		vx_fact(e, "where it begins varies as well: the largest of both count together");
	}
	if (e->f->first == VS_E_ALLOC_CONST)
		vx_help(e, "give the largest size there may be");
	else if (n->lo && e->val->umax <= (uint64_t)room)
		vx_help(e, "before the call leave when %s is 0", name);
	else if (room >= 0)
		vx_help(e, "before the call leave when %s is %slarger than %lld; use an unsigned type",
			name, n->lo ? "0 or " : "", (long long)room);
	else
		vx_help(e, "bound it before the call");
	return true;
}

/* ---- the stack -------------------------------------------------------------------------- */

/* `name[n++] = c` that has come to the end of the stack by constant steps, turn by turn. */
static bool
tell_array_end(struct vx *e, int64_t off)
{
	uint32_t insn = vx_insn(e, e->step), turns = 0;
	const char *access = e->lisp || is_call(e) ? NULL : vx_c_access(e, insn);
	const char *index = access ? written_index(e) : NULL;
	struct vs_need *n;

	if (!index)
		return false;
	for (uint32_t i = 0; i < e->t->steps.n; i++)
		turns += e->t->steps.at[i].insn == insn;
	vx_headline(e, "%s is past the end of the stack: nothing ends %s there", access, index);
	vx_at(e, "%s at stack offset %lld", vx_access(e), (long long)off);
	if (turns > 1)
		vx_fact(e, "this is walked the %uth time on this path, with another %s each time", turns,
			index);
	n = vx_need(e, NEED_RANGE);
	n->name = index;
	n->object = "the stack";
	vx_help(e, "check %s against the size of the array before this", index);
	return true;
}

bool
vx_stack(struct vx *e)
{
	struct deciding d;
	struct tr_slice s;
	int64_t size = vx_access_size(e), off;
	struct vs_need *n;

	if (e->reg < 0 || !e->val || e->val->type != RT_STACK)
		return false;
	off = e->val->off + (is_call(e) || !e->in ? 0 : e->in->off);
	if (e->reg != VS_FP && find_index(e, &d)) {
		const char *name = index_words(e, &d);

		tr_follow(e->env, d.loc, d.step, &s);
		if (d.reg->umax > UINT32_MAX || d.reg->smin < 0)
			vx_headline(e, "nothing bounds %s, which decides what of the stack is touched",
				    name);
		else
			vx_headline(e, "%s may be up to %llu here: outside the variable on the stack",
				    name, (unsigned long long)d.reg->umax);
		vx_history(e, &s);
		vx_missed(e, &s);
		vx_at(e, "at an offset that depends on %s", name);
		vx_fact(e, "%s is %s here", name, vx_range(e, d.reg));
		need_index(e, &d, -off - size);
		vx_help(e, "check %s against the size of the variable, or mask it", name);
		return true;
	}
	off += (int64_t)e->val->var.value;
	if (is_call(e) && e->f->nargs >= 4)
		size = e->f->args[3];
	if (tell_array_end(e, off))
		return true;
	if (off >= 0)
		vx_headline(e, "%s past the end of the stack variables", is_call(e) ? "reaches" :
			    access_words(e, size));
	else if (off < -VS_STACK)
		vx_headline(e, "%s before the start of the stack, which has 512 bytes",
			    is_call(e) ? "reaches" : access_words(e, size));
	else
		vx_headline(e, "needs %s of the stack where only %lld are left", vx_bytes(e, size),
			    (long long)-off);
	vx_at(e, "%s at stack offset %lld", vx_bytes(e, size), (long long)off);
	vx_history(e, &e->sl);
	n = vx_need(e, NEED_BYTES);
	n->hi = size;
	n->size = off < 0 ? -off : -1;
	return true;
}

/* Which of the bytes were never written, as text: "bytes 12 to 15". */
static const char *
unwritten(const struct vx *e, uint32_t frame, int64_t off, int64_t size, uint32_t *count)
{
	struct buf b = buf_new(e->a);
	int64_t from = -1;

	*count = 0;
	for (int64_t i = 0; i <= size; i++) {
		int64_t at = off + i;
		const struct tr_rec *r;
		bool missing = false;

		if (i < size && at < 0 && at >= -VS_STACK) {
			r = tr_before(e->t, tr_slot(frame, vs_slot_of((int32_t)at)), e->step);
			missing = !r || r->slot[(-at - 1) % 8] == SLOT_INVALID;
		}
		*count += missing;
		if (missing && from < 0)
			from = i;
		if (missing || from < 0)
			continue;
		buf_printf(&b, "%s%s", b.n ? ", " : "", vx_span(e, from, i - from));
		from = -1;
	}
	return b.n ? b.at : "some bytes";
}

bool
vx_stack_init(struct vx *e)
{
	int64_t off, size;
	uint32_t frame = e->frame, missing, slot;
	const char *name = NULL, *bytes;
	bool call = is_call(e);
	struct vs_need *n;

	if (e->f->first == VS_E_STACK_UNINIT) {
		off = e->f->args[0];
		size = e->f->args[2];
	} else if (e->f->first == VS_E_STACK_INDIRECT) {
		off = e->f->args[2];
		size = e->f->args[4];
	} else {
		return false;
	}
	if (e->val && e->val->type == RT_STACK)
		frame = e->val->frameno;
	for (slot = vs_slot_of((int32_t)off) + 1; !name && slot-- > 0 &&
	     (int64_t)slot * 8 >= -(off + size) - 7;)
		name = vx_var(e, tr_slot(frame, slot), e->step);
	bytes = unwritten(e, frame, off, size, &missing);
	if ((int64_t)missing >= size)
		vx_headline(e, "%s has not been written on this path",
			    name ? name : "the stack memory read here");
	else
		vx_headline(e, "%s of the %lld in %s %s not been written on this path", bytes,
			    (long long)size, name ? name : "this stack memory",
			    missing == 1 ? "has" : "have");
	if (call)
		vx_at(e, "%s reads all %s", vx_callee(e, vx_insn(e, e->step)), vx_bytes(e, size));
	else
		vx_at(e, "reads %s", vx_bytes(e, size));
	for (uint32_t i = 0; i < e->t->recs.n; i++) {
		const struct tr_rec *r = &e->t->recs.at[i];
		uint32_t sl = r->loc % TR_FRAME - VS_REGS;
		uint32_t insn = vx_insn(e, r->step);

		if (r->loc / TR_FRAME != frame || !tr_is_slot(r->loc) || insn == TR_NONE ||
		    sl > vs_slot_of((int32_t)off) || sl < vs_slot_of((int32_t)(off + size - 1)))
			continue;
		if (BPF_CLASS(e->env->insns[insn].code) == BPF_ST ||
		    BPF_CLASS(e->env->insns[insn].code) == BPF_STX)
			vx_step(e, r->step, STEP_MADE, "writes part of it");
	}
	vx_fact(e, "%s: %s never written", vx_bytes(e, size), bytes);
	n = vx_need(e, NEED_INIT);
	n->name = name;
	n->lo = off;
	n->hi = off + size;
	vx_help(e, "fill it with zeroes where it is made, padding included");
	return true;
}

bool
vx_align(struct vx *e)
{
	const struct vs_reg *r = e->val;
	int size = vx_access_size(e);

	if (!r || !e->in || is_call(e) || r->type == RT_SCALAR)
		return false;
	vx_at(e, "%s", vx_access(e));
	vx_need(e, NEED_BYTES)->size = size;
	if (tnum_is_const(r->var)) {
		vx_headline(e, "%s of %s at offset %lld, which is not a multiple of %d",
			    vx_access(e), vx_object(e, r),
			    (long long)r->off + (long long)r->var.value + e->in->off, size);
	} else {
		vx_headline(e, "%s of %s at an offset that may not be a multiple of %d",
			    vx_access(e), vx_object(e, r), size);
		vx_fact(e, "the offset is %s", vx_range(e, r));
	}
	vx_help(e, "align it to its size, or access the bytes one by one");
	return true;
}

/* ---- the context ------------------------------------------------------------------------ */

static bool
is_power_of_two(int64_t n)
{
	return n > 0 && !(n & (n - 1));
}

/* Contexts that are the arguments of a function. */
static void
no_argument(struct vx *e, int64_t off, int64_t size)
{
	const struct vs_rules *r = e->env->rules;
	const struct btf *b = vs_vmlinux(e->env);
	uint32_t n;

	if (r->many) {
		vx_headline(e, "the context has nothing to read where a program is attached to many "
			       "functions at once");
		vx_help(e, "arguments by number: bpf_get_func_arg(ctx, 0, &value); the result: "
			   "bpf_get_func_ret(ctx, &value)");
		return;
	}
	if (!b || !r->attach_proto || off < 0)
		return;
	n = btf_param_count(b, r->attach_proto);
	n = n > r->first_arg ? n - r->first_arg : 0;
	if (off >= 8 * (int64_t)n) {
		vx_headline(e, "`%s` has %u argument%s: there is none at offset %lld of the context",
			    r->attach_name, n, n == 1 ? "" : "s", (long long)off);
		vx_fact(e, "arguments are 8 bytes each, from offset 0 on");
	} else if (size != 8 && off % 8 == 0) {
		vx_headline(e, "argument %u of `%s` is a pointer: it is read whole, 8 bytes, not %lld",
			    (unsigned)off / 8 + 1, r->attach_name, (long long)size);
	}
}

bool
vx_ctx(struct vx *e)
{
	const struct fact_prog_type *t = fact_prog_type(e->env->type);
	uint32_t nf = 0;
	const struct fact_ctx_field *f = t && t->ctx ? fact_ctx_fields(t->ctx, &nf) : NULL;
	const struct fact_ctx_field *hit = NULL;
	int64_t off, size;
	bool write;

	if (e->f->first != VS_E_CTX_ACCESS || !e->in)
		return false;
	off = e->f->args[0];
	size = e->f->args[1];
	write = BPF_CLASS(e->in->code) != BPF_LDX;
	for (uint32_t i = 0; i < nf; i++)
		if (off >= f[i].offset && off < f[i].offset + f[i].size * f[i].count)
			hit = &f[i];
	vx_at(e, "%s %s", write ? "writes" : "reads", vx_span(e, off, size));
	vx_need(e, NEED_ABSENT);
	if (!hit) {
		vx_headline(e, "the context of %s has no field at offset %lld", vx_program(e),
			    (long long)off);
		if (t && t->ctx && fact_ctx_size(t->ctx))
			vx_fact(e, "`struct %s` has %s; this touches %s", t->ctx,
				vx_bytes(e, fact_ctx_size(t->ctx)), vx_span(e, off, size));
		no_argument(e, off, size);
		return true;
	}
	vx_c_root_member(e, hit->name);
	if (size != hit->size || (off - hit->offset) % hit->size) {
		vx_headline(e, "`%s` of the context cannot be %s as %s at offset %lld", hit->name,
			    write ? "written" : "read", vx_bytes(e, size), (long long)off);
		vx_fact(e, "`%s` is %s at offset %u%s", hit->name, vx_bytes(e, hit->size),
			hit->offset, hit->count > 1 ? ", several times" : "");
		vx_help(e, is_power_of_two(hit->size) && !write
			? "%s it with its own size, %s" : "%s it whole, %s",
			write ? "write" : "read", vx_bytes(e, hit->size));
		return true;
	}
	if (write) {
		vx_headline(e, "`%s` of the context cannot be written by %s", hit->name,
			    vx_program(e));
		vx_help(e, "keep the value in a variable of your own");
	} else {
		vx_headline(e, "`%s` of the context cannot be read by %s", hit->name, vx_program(e));
		vx_help(e, "the field exists, but not for this program or attach type, or not in this "
			   "kernel");
	}
	return true;
}

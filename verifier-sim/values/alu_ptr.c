/* SPDX-License-Identifier: MIT */
/* alu_ptr.c: a pointer and a number.
 *
 * Constants go into the pointer's fixed offset; everything else into its variable part, whose
 * ranges are those of a number. A packet pointer moved by an unknown amount becomes a new
 * family (id): what is known of its range starts again. */
#include "verifier-sim/rules/rules.h"

static int
sane_offset(struct vs_env *env, const struct vs_reg *r, uint32_t type)
{
	int64_t v = (int64_t)r->var.value;
	struct vs_span at = vs_span(env, r);
	const char *name;

	if (env->prof.whole_offset && r->type != RT_SCALAR) {
		if (at.lo < VS_MAX_VAR_OFF && at.lo > -VS_MAX_VAR_OFF)
			return 0;
		return vs_reject(env, VS_E_OFF_RANGE, vs_type_name(env, type), (long long)at.lo);
	}

	if (r->smin != INT64_MIN && r->smin < VS_MAX_VAR_OFF && r->smin > -VS_MAX_VAR_OFF &&
	    r->off < VS_MAX_VAR_OFF && r->off > -VS_MAX_VAR_OFF)
		return 0;
	name = vs_type_name(env, type);
	if (tnum_is_const(r->var) && (v >= VS_MAX_VAR_OFF || v <= -VS_MAX_VAR_OFF))
		return vs_reject(env, VS_E_MATH_PTR_OFF, name, (long long)v);
	if (r->off >= VS_MAX_VAR_OFF || r->off <= -VS_MAX_VAR_OFF)
		return vs_reject(env, VS_E_OFF_RANGE, name, (long long)r->off);
	if (r->smin == INT64_MIN)
		return vs_reject(env, VS_E_MATH_PTR_UNBOUNDED, name);
	return vs_reject(env, VS_E_PTR_VALUE_OFF, (long long)r->smin, name);
}

static int
type_allows(struct vs_env *env, const struct bpf_insn *in, const struct vs_reg *ptr,
	    const struct vs_reg *off)
{
	bool known = tnum_is_const(off->var);

	switch (vs_base(ptr->type)) {
	case RT_CTX: case RT_MAP_VALUE: case RT_MAP_KEY: case RT_STACK: case RT_PACKET_META:
	case RT_PACKET: case RT_TP_BUFFER: case RT_BTF_ID: case RT_MEM: case RT_BUF:
	case RT_FUNC: case RT_CONST_DYNPTR:
		return 0;
	case RT_FLOW_KEYS:
		if (known)
			return 0;
		break;
	case RT_CONST_MAP:
		if (known && !off->smin && BPF_OP(in->code) == BPF_ADD)
			return 0;
		break;
	}
	return vs_reject(env, VS_E_PTR_ARITH_TYPE, in->dst_reg, vs_type_name(env, ptr->type));
}

/* One byte there could be read: no special field covers it, either. */
static bool
inside_value(struct vs_env *env, uint32_t regno, const struct vs_reg *r)
{
	const struct vs_field *f = NULL;

	return vs_check_map_access(env, regno, r->off, 1, false, false) >= 0 &&
		vs_map_fields(env, r, r->off, 1, false, &f) >= 0;
}

static int
check_result(struct vs_env *env, const struct bpf_insn *in, const struct vs_reg *dst)
{
	int64_t off;

	if (env->bypass_spec_v1)
		return 0;
	off = dst->off + (int64_t)dst->var.value;
	if (dst->type == RT_STACK) {
		if (!tnum_is_const(dst->var))
			return vs_reject(env, VS_E_STACK_ARITH_VAR, in->dst_reg,
					 vs_tnum_text(env, dst->var), (int)off);
		if (off >= 0 || off < -VS_STACK)
			return vs_reject(env, VS_E_STACK_ARITH_RANGE, in->dst_reg, (int)off);
	} else if (dst->type == RT_MAP_VALUE && !inside_value(env, in->dst_reg, dst)) {
		return vs_reject(env, VS_E_MAP_ARITH_RANGE, in->dst_reg);
	}
	return 0;
}

static void
fixed(const struct vs_env *env, struct vs_reg *dst, const struct vs_reg *ptr, int32_t off)
{
	dst->smin = ptr->smin;
	dst->smax = ptr->smax;
	dst->umin = ptr->umin;
	dst->umax = ptr->umax;
	dst->var = ptr->var;
	dst->off = off;
	dst->raw[0] = ptr->raw[0];
	dst->raw[1] = ptr->raw[1];
	if (env->prof.end_forgotten && vs_is_pkt_type(dst->type) && dst->range < 0)
		dst->raw[0] = dst->raw[1] = 0;
}

static void
new_family(struct vs_env *env, struct vs_reg *dst, bool keep_range)
{
	if (!vs_is_pkt_type(dst->type))
		return;
	dst->id = ++env->next_id;
	if (!keep_range || (env->prof.end_forgotten && dst->range < 0))
		dst->raw[0] = dst->raw[1] = 0;
}

static void
add(struct vs_env *env, struct vs_reg *dst, const struct vs_reg *ptr, const struct vs_reg *off)
{
	int64_t sum = ptr->off + off->smin;

	if (tnum_is_const(off->var) && sum == (int32_t)sum) {
		fixed(env, dst, ptr, (int32_t)sum);
		return;
	}
	if (__builtin_add_overflow(ptr->smin, off->smin, &dst->smin) ||
	    __builtin_add_overflow(ptr->smax, off->smax, &dst->smax)) {
		dst->smin = INT64_MIN;
		dst->smax = INT64_MAX;
	}
	if (__builtin_add_overflow(ptr->umin, off->umin, &dst->umin) ||
	    __builtin_add_overflow(ptr->umax, off->umax, &dst->umax)) {
		dst->umin = 0;
		dst->umax = UINT64_MAX;
	}
	dst->var = tnum_add(ptr->var, off->var);
	dst->off = ptr->off;
	dst->raw[0] = ptr->raw[0];
	dst->raw[1] = ptr->raw[1];
	new_family(env, dst, false);
}

static void
sub(struct vs_env *env, struct vs_reg *dst, const struct vs_reg *ptr, const struct vs_reg *off)
{
	int64_t diff = ptr->off - off->smin;
	bool forward = off->smin >= 0;

	if (tnum_is_const(off->var) && diff == (int32_t)diff) {
		fixed(env, dst, ptr, (int32_t)diff);
		return;
	}
	if (__builtin_sub_overflow(ptr->smin, off->smax, &dst->smin) ||
	    __builtin_sub_overflow(ptr->smax, off->smin, &dst->smax)) {
		dst->smin = INT64_MIN;
		dst->smax = INT64_MAX;
	}
	if (ptr->umin < off->umax) {
		dst->umin = 0;
		dst->umax = UINT64_MAX;
	} else {
		dst->umin = ptr->umin - off->umax;
		dst->umax = ptr->umax - off->umin;
	}
	dst->var = tnum_sub(ptr->var, off->var);
	dst->off = ptr->off;
	dst->raw[0] = ptr->raw[0];
	dst->raw[1] = ptr->raw[1];
	/* Moving back by a number that is not negative keeps what was known beyond. */
	new_family(env, dst, forward);
}

int
vs_adjust_pointer(struct vs_env *env, const struct bpf_insn *in, const struct vs_reg *ptr_in,
		  const struct vs_reg *off_in)
{
	struct vs_reg *dst = &vs_cur_regs(env)[in->dst_reg];
	struct vs_reg ptr = *ptr_in, off = *off_in;	/* dst is one of them */
	struct vs_mask mask = {.off_is_dst = off_in == dst};
	uint8_t op = BPF_OP(in->code);
	const char *sign = disasm_alu[op >> 4];

	if ((tnum_is_const(off.var) && (off.smin != off.smax || off.umin != off.umax)) ||
	    off.smin > off.smax || off.umin > off.umax) {
		vs_reg_unknown(env, dst);	/* only on a path that cannot happen */
		return 0;
	}
	if (BPF_CLASS(in->code) != BPF_ALU64) {
		if (op != BPF_SUB || !env->allow_ptr_leaks)
			return vs_reject(env, VS_E_PTR_ARITH32, in->dst_reg);
		vs_reg_unknown(env, dst);
		return 0;
	}
	if (vs_may_be_null(ptr.type))
		return vs_reject(env, VS_E_PTR_ARITH_NULL, in->dst_reg,
				 vs_type_name(env, ptr.type));
	if (vs_base(ptr.type) == RT_MEM && (ptr.type & TF_UNTRUSTED)) {
		if (env->prof.commuted_whole)
			*dst = ptr;
		return 0;
	}
	if (type_allows(env, in, &ptr, &off) < 0)
		return env->r->err;
	if (env->prof.commuted_whole)
		*dst = ptr;
	dst->type = ptr.type;	/* of number += pointer older kernels copy no more than this */
	dst->id = ptr.id;
	if (sane_offset(env, &off, ptr.type) < 0 || sane_offset(env, &ptr, ptr.type) < 0)
		return env->r->err;
	dst->s32min = INT32_MIN;
	dst->s32max = INT32_MAX;
	dst->u32min = 0;
	dst->u32max = UINT32_MAX;
	if (vs_spec_pointer(env, in, &ptr, &off, &mask) < 0)
		return env->r->err;
	if (op == BPF_ADD) {
		add(env, dst, &ptr, &off);
	} else if (op == BPF_SUB) {
		if (mask.off_is_dst)
			return vs_reject(env, VS_E_SUB_FROM_SCALAR, in->dst_reg);
		if (ptr.type == RT_STACK)
			return vs_reject(env, VS_E_SUB_FROM_STACK, in->dst_reg);
		sub(env, dst, &ptr, &off);
	} else if (op == BPF_AND || op == BPF_OR || op == BPF_XOR) {
		return vs_reject(env, VS_E_PTR_BITWISE, in->dst_reg, sign);
	} else {
		return vs_reject(env, VS_E_PTR_OPERATOR, in->dst_reg, sign);
	}
	if (sane_offset(env, dst, ptr.type) < 0)
		return env->r->err;
	vs_bounds_sync(env, dst);
	if (check_result(env, in, dst) < 0)
		return env->r->err;
	return vs_spec_moved(env, in, dst, &mask);
}

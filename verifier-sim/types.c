/* SPDX-License-Identifier: MIT */
/* types.c: names of register types as the kernel prints them, and questions about types. */
#include "verifier-sim/rules/rules.h"

static const char *const base_names[RT_LAST] = {	/* ORDER reg_type */
	[RT_NOT_INIT] = "?", [RT_SCALAR] = "scalar", [RT_CTX] = "ctx", [RT_CONST_MAP] = "map_ptr",
	[RT_MAP_VALUE] = "map_value", [RT_MAP_KEY] = "map_key", [RT_STACK] = "fp",
	[RT_PACKET_META] = "pkt_meta", [RT_PACKET] = "pkt", [RT_PACKET_END] = "pkt_end",
	[RT_FLOW_KEYS] = "flow_keys", [RT_SOCKET] = "sock", [RT_SOCK_COMMON] = "sock_common",
	[RT_TCP_SOCK] = "tcp_sock", [RT_TP_BUFFER] = "tp_buffer", [RT_XDP_SOCK] = "xdp_sock",
	[RT_BTF_ID] = "ptr_", [RT_MEM] = "mem", [RT_ARENA] = "arena", [RT_BUF] = "buf",
	[RT_FUNC] = "func", [RT_CONST_DYNPTR] = "dynptr_ptr",
};

const char *
vs_type_name(struct vs_env *env, uint32_t type)
{
	uint32_t base = vs_base(type);
	bool btf = base == RT_BTF_ID;
	const char *name = base == RT_SCALAR && env->prof.scalar_is_inv ? "inv"
		: base < RT_LAST ? base_names[base] : "?";
	const char *record = env->prof.record_is_alloc ? "alloc_" : "ringbuf_";

	return arena_printf(env->tmp, "%s%s%s%s%s%s%s%s%s",
		type & TF_RDONLY ? "rdonly_" : "", type & TF_RINGBUF ? record : "",
		type & TF_USER ? "user_" : "", type & TF_PERCPU ? "percpu_" : "",
		type & TF_RCU ? "rcu_" : "", type & TF_UNTRUSTED ? "untrusted_" : "",
		type & TF_TRUSTED ? "trusted_" : "",
		name,
		!vs_may_be_null(type) ? "" : btf ? "or_null_" : "_or_null");
}

bool
vs_is_pkt_type(uint32_t type)
{
	return vs_base(type) == RT_PACKET || vs_base(type) == RT_PACKET_META;
}

bool
vs_is_sk_type(uint32_t type)
{
	return type == RT_SOCKET || type == RT_SOCK_COMMON || type == RT_TCP_SOCK ||
		type == RT_XDP_SOCK;
}

bool
vs_is_alloc_type(uint32_t type)
{
	return vs_base(type) == RT_BTF_ID && (type & TF_ALLOC);
}

bool
vs_is_trusted(const struct vs_reg *reg)
{
	uint32_t f = vs_flags(reg->type);

	if (reg->ref_id)
		return true;
	/* Types the kernel itself vouches for, and pointers marked so; any other mark on them
	 * (null, user, rcu, ...) takes it back. */
	if (f & ~(uint32_t)(TF_ALLOC | TF_TRUSTED | TF_NON_OWN))
		return false;
	switch (vs_base(reg->type)) {
	case RT_SOCKET: case RT_SOCK_COMMON: case RT_TCP_SOCK: case RT_CONST_MAP:
		return true;
	}
	return f;
}

bool
vs_reg_is_null(const struct vs_reg *r)
{
	return r->type == RT_SCALAR && vs_is_const(r, false) && vs_const_value(r, false) == 0;
}

struct vs_span
vs_span(const struct vs_env *env, const struct vs_reg *r)
{
	struct vs_span s = {r->smin, r->smax};

	if (!env->prof.whole_offset)
		return s;
	if (__builtin_add_overflow(s.lo, (int64_t)r->off, &s.lo) ||
	    __builtin_add_overflow(s.hi, (int64_t)r->off, &s.hi))
		s = (struct vs_span){INT64_MIN, INT64_MAX};
	return s;
}

bool
vs_not_null(struct vs_env *env, const struct vs_reg *reg)
{
	uint32_t type = reg->type;
	struct vs_span at = vs_span(env, reg);

	if (env->prof.bounded_not_null && (at.lo <= -VS_MAX_VAR_OFF || at.hi >= VS_MAX_VAR_OFF))
		return false;
	if (env->prof.bounded_not_null && type == RT_XDP_SOCK)
		return true;
	switch (type) {
	case RT_SOCKET: case RT_TCP_SOCK: case RT_MAP_VALUE: case RT_MAP_KEY: case RT_SOCK_COMMON:
		return true;
	}
	if (vs_may_be_null(type) || !env->prof.more_not_null)
		return false;
	if (env->prof.bounded_not_null && vs_base(type) == RT_BUF)
		return true;
	switch (vs_base(type)) {
	case RT_SOCKET: case RT_TCP_SOCK: case RT_MAP_VALUE: case RT_MAP_KEY: case RT_SOCK_COMMON:
	case RT_CONST_MAP:
		return true;
	case RT_MEM:
		return !(type & TF_UNTRUSTED);
	case RT_BTF_ID:
		return vs_is_trusted(reg);
	}
	return false;
}

const struct vs_field *
vs_record_find(const struct vs_record *rec, uint8_t kind)
{
	for (uint32_t i = 0; rec && i < rec->n; i++)
		if (rec->fields[i].kind == kind)
			return &rec->fields[i];
	return NULL;
}

bool
vs_is_pointer_value(struct vs_env *env, uint32_t regno)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];

	return !env->allow_ptr_leaks && r->type != RT_SCALAR;
}

const struct vs_record *
vs_reg_record(struct vs_env *env, const struct vs_reg *reg)
{
	if (reg->type == RT_MAP_VALUE)
		return &reg->map->record;
	if (vs_is_alloc_type(reg->type) && reg->btf_space == BTF_SPACE_PROG)
		return vs_prog_struct_record(env, reg->btf_id);
	return NULL;
}

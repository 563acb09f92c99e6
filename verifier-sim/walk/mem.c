/* SPDX-License-Identifier: MIT */
/* mem.c: loads and stores, by what the pointer points to.
 *
 * vs_check_mem_access() is the one entry; it checks alignment, then asks the rule of the
 * pointer's type, and gives the loaded register what is known of it. */
#include "verifier-sim/env.h"

struct access {
	uint32_t insn, regno;
	int32_t off;		/* with the pointer's fixed offset */
	int size, value;	/* value: register stored or loaded into, or -1 */
	bool write, sx;
};

static struct vs_reg *
reg_of(struct vs_env *env, uint32_t regno)
{
	return &vs_cur_regs(env)[regno];
}

static void
result_unknown(struct vs_env *env, const struct access *a)
{
	if (a->value >= 0)
		vs_reg_unknown(env, reg_of(env, (uint32_t)a->value));
}

static bool
leaks(struct vs_env *env, const struct access *a)
{
	return a->write && a->value >= 0 && vs_is_pointer_value(env, (uint32_t)a->value);
}

/* ---- regions ------------------------------------------------------------------------------ */

static int
in_region(struct vs_env *env, uint32_t regno, int64_t off, int size, uint32_t mem_size,
	  bool zero_ok)
{
	const struct vs_reg *r = reg_of(env, regno);

	off = (int32_t)off;
	if (off >= 0 && (size > 0 || (!size && zero_ok)) &&
	    (uint64_t)off + (uint64_t)size <= mem_size)
		return 0;
	switch (r->type) {
	case RT_MAP_KEY:
		return vs_reject(env, VS_E_MAP_KEY_OOB, mem_size, (long long)off, size);
	case RT_MAP_VALUE:
		return vs_reject(env, VS_E_MAP_VALUE_OOB, mem_size, (long long)off, size);
	case RT_PACKET: case RT_PACKET_META: case RT_PACKET_END:
		return vs_reject(env, VS_E_PACKET_OOB, (long long)off, size, regno, r->id, off,
				 mem_size);
	}
	return vs_reject(env, VS_E_MEM_OOB, mem_size, (long long)off, size);
}

/* Old kernels see a fixed offset and, beside it, a range; newer ones their sum. */
int
vs_check_region(struct vs_env *env, uint32_t regno, int32_t off, int size, uint32_t mem_size,
		bool zero_ok)
{
	const struct vs_reg *r = reg_of(env, regno);
	struct vs_span at = vs_span(env, r);
	int32_t rest = env->prof.whole_offset ? off - r->off : off;
	uint64_t top = !env->prof.whole_offset ? r->umax : at.lo < 0 ? UINT64_MAX : (uint64_t)at.hi;
	int64_t low;

	if (at.lo < 0) {
		low = at.lo == INT64_MIN ? INT64_MIN : rest + at.lo;
		if (low != (int32_t)low || low < 0)
			return vs_reject(env, VS_E_MIN_NEGATIVE, regno);
	}
	if (in_region(env, regno, at.lo + rest, size, mem_size, zero_ok) < 0)
		return vs_reject(env, VS_E_MIN_OUTSIDE, regno);
	if (top >= VS_MAX_VAR_OFF)
		return vs_reject(env, VS_E_UNBOUNDED, regno);
	if (in_region(env, regno, (int64_t)top + rest, size, mem_size, zero_ok) < 0)
		return vs_reject(env, VS_E_MAX_OUTSIDE, regno);
	return 0;
}

int
vs_check_map_access(struct vs_env *env, uint32_t regno, int32_t off, int size, bool zero_ok,
		    bool direct)
{
	const struct vs_reg *r = reg_of(env, regno);

	(void)direct;	/* what special fields allow differs: rules/map_compat.c asks */
	return vs_check_region(env, regno, off, size, r->map->value_size, zero_ok);
}

int
vs_map_check_rw(struct vs_env *env, uint32_t regno, int32_t off, int size, bool write)
{
	const struct vs_reg *r = reg_of(env, regno);

	if (write && (r->map->flags & BPF_F_RDONLY_PROG))
		return vs_reject(env, VS_E_MAP_WRITE_FORBIDDEN, r->map->value_size,
				 (long long)(r->smin + off), size);
	if (!write && (r->map->flags & BPF_F_WRONLY_PROG))
		return vs_reject(env, VS_E_MAP_READ_FORBIDDEN, r->map->value_size,
				 (long long)(r->smin + off), size);
	return 0;
}

int
vs_check_packet_access(struct vs_env *env, uint32_t regno, int32_t off, int size, bool zero_ok)
{
	const struct vs_reg *r = reg_of(env, regno);
	int err;

	/* A range that counts from the packet's start makes it a region like any other. */
	if (env->prof.whole_offset && r->range >= 0)
		return vs_check_region(env, regno, off, size, (uint32_t)r->range, zero_ok);
	/* The variable part was added to the pointer before the bounds check that gave it its
	 * range, so the range speaks of what lies beyond it: only `off` counts. */
	if (r->smin < 0)
		return vs_reject(env, VS_E_MIN_NEGATIVE, regno);
	err = r->range < 0 ? -EINVAL
		: in_region(env, regno, off, size, (uint32_t)r->range, zero_ok);
	if (err >= 0)
		return 0;
	return vs_reject(env, VS_E_PACKET_OFFSET, regno);
}

int
vs_check_ptr_off(struct vs_env *env, const struct vs_reg *r, uint32_t regno, bool fixed_ok)
{
	if (r->off < 0)
		return vs_reject(env, VS_E_NEGATIVE_OFF, vs_type_name(env, r->type), regno, r->off);
	if (!fixed_ok && r->off)
		return vs_reject(env, VS_E_MODIFIED_PTR, vs_type_name(env, r->type), regno,
				 r->off);
	if (!tnum_is_const_of(r->var, 0))
		return vs_reject(env, VS_E_VAR_OFF, vs_type_name(env, r->type),
				 vs_tnum_text(env, r->var));
	return 0;
}

int
vs_check_ptr_off_zero(struct vs_env *env, const struct vs_reg *r, uint32_t regno)
{
	return vs_check_ptr_off(env, r, regno, false);
}

int
vs_check_buffer(struct vs_env *env, const struct vs_reg *r, uint32_t regno, int32_t off, int size,
		bool zero_ok)
{
	const char *what = r->type == RT_TP_BUFFER ? "tracepoint"
		: r->type & TF_RDONLY ? "rdonly" : "rdwr";

	(void)zero_ok;
	if (env->prof.whole_offset && tnum_is_const(r->var)) {
		if (off + (int64_t)r->var.value >= 0)
			return 0;
		return vs_reject(env, VS_E_BUFFER_NEGATIVE, regno, what, off - r->off,
				 (long long)(r->off + (int64_t)r->var.value));
	}
	if (!env->prof.whole_offset && off < 0)
		return vs_reject(env, VS_E_BUFFER_OFF, regno, what, off, size);
	if (!tnum_is_const(r->var) || r->var.value)
		return vs_reject(env, VS_E_BUFFER_VAR, regno, off, vs_tnum_text(env, r->var));
	return 0;
}

bool
vs_may_access_direct_pkt(struct vs_env *env, bool write, bool is_helper)
{
	switch (env->type) {
	case BPF_PROG_TYPE_LWT_IN: case BPF_PROG_TYPE_LWT_OUT: case BPF_PROG_TYPE_LWT_SEG6LOCAL:
	case BPF_PROG_TYPE_SK_REUSEPORT: case BPF_PROG_TYPE_FLOW_DISSECTOR:
	case BPF_PROG_TYPE_CGROUP_SKB:
		return !write;
	case BPF_PROG_TYPE_SCHED_CLS: case BPF_PROG_TYPE_SCHED_ACT: case BPF_PROG_TYPE_XDP:
	case BPF_PROG_TYPE_LWT_XMIT: case BPF_PROG_TYPE_SK_SKB: case BPF_PROG_TYPE_SK_MSG:
		return true;
	case BPF_PROG_TYPE_CGROUP_SOCKOPT:
		return true;
	}
	(void)is_helper;
	return false;
}

/* Is the context something else to the kernel, which rewrites each access to it? */
static bool
ctx_is_rewritten(const struct vs_env *env)
{
	switch (env->type) {
	case BPF_PROG_TYPE_KPROBE: case BPF_PROG_TYPE_TRACEPOINT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT: case BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
	case BPF_PROG_TYPE_TRACING: case BPF_PROG_TYPE_LSM: case BPF_PROG_TYPE_STRUCT_OPS:
	case BPF_PROG_TYPE_SYSCALL: case BPF_PROG_TYPE_CGROUP_DEVICE:
	case BPF_PROG_TYPE_LIRC_MODE2: case FACT_PROG_NETFILTER:
		return false;
	}
	return true;
}

/* The context takes constant offsets only; from 7.0 on programs may move the pointer, where it
 * points at what they see. */
int
vs_check_ptr_off_ctx(struct vs_env *env, const struct vs_reg *r, uint32_t regno)
{
	return vs_check_ptr_off(env, r, regno,
				env->prof.ctx_fixed_off && !ctx_is_rewritten(env));
}

/* ---- alignment ---------------------------------------------------------------------------- */

/* The variable part of a pointer's offset; since 7.0 the fixed part is in it. */
static const char *
offset_text(struct vs_env *env, const struct vs_reg *r)
{
	int32_t fixed = env->prof.ctx_fixed_off ? r->off : 0;

	return vs_tnum_text(env, tnum_add(r->var, tnum_const((uint64_t)(int64_t)fixed)));
}

static int
pkt_align(struct vs_env *env, const struct vs_reg *r, int32_t off, int size)
{
	enum { IP_ALIGN = 2 };
	tnum t = tnum_add(r->var, tnum_const((uint64_t)(int64_t)(IP_ALIGN + r->off + off)));

	if (tnum_is_aligned(t, (uint64_t)size))
		return 0;
	return vs_reject(env, VS_E_MISALIGNED_PKT, IP_ALIGN, offset_text(env, r), r->off, off,
			 size);
}

int
vs_check_ptr_align(struct vs_env *env, const struct vs_reg *r, int32_t off, int size,
		   bool strict_once)
{
	bool strict = env->strict_alignment || strict_once;
	const char *what = "";
	tnum t;

	switch (r->type) {
	case RT_PACKET: case RT_PACKET_META:
		return strict && size > 1 ? pkt_align(env, r, off, size) : 0;
	case RT_FLOW_KEYS: what = "flow keys "; break;
	case RT_MAP_KEY: what = "key "; break;
	case RT_MAP_VALUE: what = "value "; break;
	case RT_CTX: what = "context "; break;
	case RT_SOCKET: what = "sock "; break;
	case RT_SOCK_COMMON: what = "sock_common "; break;
	case RT_TCP_SOCK: what = "tcp_sock "; break;
	case RT_XDP_SOCK: what = "xdp_sock "; break;
	case RT_ARENA: return 0;
	case RT_STACK:
		/* Spills and fills are recognised by their alignment. */
		what = "stack ";
		strict = true;
		break;
	}
	if (!strict || size == 1)
		return 0;
	t = tnum_add(r->var, tnum_const((uint64_t)(int64_t)(r->off + off)));
	if (tnum_is_aligned(t, (uint64_t)size))
		return 0;
	return vs_reject(env, VS_E_MISALIGNED, what, offset_text(env, r), r->off, off, size);
}

/* ---- by type -------------------------------------------------------------------------------- */

bool
vs_frozen_value(const struct vs_map *map, int64_t off, int size, bool sx, uint64_t *v)
{
	const struct image_map *im = map->im;

	if (!map->read_only || map->type != BPF_MAP_TYPE_ARRAY || map->max_entries != 1 ||
	    off < 0 || off + size > map->value_size)
		return false;
	*v = 0;
	if (im->data && off + size <= im->data_size)
		memcpy(v, (const char *)im->data + off, (size_t)size);
	else if (im->data)
		return false;
	if (sx)
		*v = (uint64_t)(size == 1 ? (int8_t)*v : size == 2 ? (int16_t)*v : (int32_t)*v);
	return true;
}

static bool
direct_read(struct vs_env *env, const struct vs_reg *r, const struct access *a)
{
	struct vs_reg *dst = reg_of(env, (uint32_t)a->value);
	uint64_t v;

	if (!tnum_is_const(r->var) ||
	    !vs_frozen_value(r->map, a->off + (int64_t)r->var.value, a->size, a->sx, &v))
		return false;
	vs_reg_unknown(env, dst);
	vs_mark_known(dst, v);
	return true;
}

static int
map_value(struct vs_env *env, const struct access *a)
{
	const struct vs_reg *r = reg_of(env, a->regno);
	int err;

	if (leaks(env, a))
		return vs_reject(env, VS_E_LEAK_MAP, a->value);
	if (vs_map_check_rw(env, a->regno, a->off, a->size, a->write) < 0 ||
	    vs_check_map_access(env, a->regno, a->off, a->size, false, true) < 0)
		return env->r->err;
	err = vs_map_field_access(env, a->regno, a->off, a->size, a->write, a->value, a->insn);
	if (err)
		return err < 0 ? err : 0;
	if (!a->write && a->value >= 0 && !direct_read(env, r, a))
		result_unknown(env, a);
	return 0;
}

static int
memory(struct vs_env *env, const struct access *a)
{
	const struct vs_reg *r = reg_of(env, a->regno);
	bool ro = r->type & TF_RDONLY, untrusted = ro && (r->type & TF_UNTRUSTED);

	if (vs_may_be_null(r->type))
		return vs_reject(env, VS_E_MEM_ACCESS, a->regno, vs_type_name(env, r->type));
	if (a->write && ro)
		return vs_reject(env, VS_E_CANNOT_WRITE, a->regno, vs_type_name(env, r->type));
	if (leaks(env, a))
		return vs_reject(env, VS_E_LEAK_MEM, a->value);
	/* Reads of untrusted memory are probed and cannot fault. */
	if (!untrusted &&
	    vs_check_region(env, a->regno, a->off, a->size, r->mem_size, false) < 0)
		return env->r->err;
	if (!a->write || ro)
		result_unknown(env, a);
	return 0;
}

static void
ctx_result(struct vs_env *env, const struct access *a, const struct vs_ctx_info *info)
{
	struct vs_reg *dst = reg_of(env, (uint32_t)a->value);

	vs_reg_unknown(env, dst);
	if (info->reg_type == RT_SCALAR) {
		if (info->has_range) {
			dst->smin = dst->s32min = info->min;
			dst->smax = dst->s32max = info->max;
			vs_bounds_sync(env, dst);
		}
		return;
	}
	vs_mark_known_zero(dst);
	dst->type = info->reg_type;
	if (vs_may_be_null(info->reg_type))
		dst->id = ++env->next_id;
	if (vs_base(info->reg_type) == RT_BTF_ID) {
		dst->btf_id = info->btf_id;
		dst->btf_space = info->btf_space;
		dst->ref_id = info->ref_id;
	} else if (vs_base(info->reg_type) == RT_MEM) {
		dst->mem_size = info->mem_size;
	}
}

static int
context(struct vs_env *env, const struct access *a)
{
	struct vs_ctx_info info = {.reg_type = RT_SCALAR, .sx = a->sx};
	const struct vs_reg *r = reg_of(env, a->regno);
	int32_t off = a->off;
	int err;

	if (leaks(env, a))
		return vs_reject(env, VS_E_LEAK_CTX, a->value);
	if (vs_ctx_is_memory(env)) {
		err = vs_check_region(env, a->regno, off, a->size, UINT16_MAX, false);
		off += (int32_t)(vs_span(env, r).hi - r->off);
	} else {
		err = vs_check_ptr_off_ctx(env, r, a->regno);
	}
	if (err < 0)
		return env->r->err;
	err = vs_ctx_access(env, a->insn, off, a->size, a->write, &info);
	if (err == -EACCES && !env->failed) {
		vs_reject(env, VS_E_CTX_ACCESS, off, a->size);
		vs_log_line(env, a->insn, "; ");
		return env->r->err;
	}
	if (err < 0)
		return err;
	if (!a->write && a->value >= 0)
		ctx_result(env, a, &info);
	return 0;
}

static int
stack(struct vs_env *env, const struct access *a)
{
	if (vs_stack_access_in_bounds(env, a->regno, a->off, a->size, false, a->write) < 0)
		return env->r->err;
	if (!a->write)
		return vs_stack_read(env, a->regno, a->off, a->size, a->value);
	return vs_stack_write(env, a->regno, a->off, a->size, a->value, a->insn);
}

static int
packet(struct vs_env *env, const struct access *a)
{
	if (a->write && !vs_may_access_direct_pkt(env, true, false))
		return vs_reject(env, VS_E_PACKET_WRITE);
	if (leaks(env, a))
		return vs_reject(env, VS_E_LEAK_PACKET, a->value);
	if (vs_check_packet_access(env, a->regno, a->off, a->size, false) < 0)
		return env->r->err;
	if (!a->write)
		result_unknown(env, a);
	return 0;
}

static int
flow_keys(struct vs_env *env, const struct access *a)
{
	int err;

	if (leaks(env, a))
		return vs_reject(env, VS_E_LEAK_FLOW, a->value);
	err = vs_flow_keys_access(env, a->off, a->size, a->write);
	if (err < 0)
		return env->failed ? err : vs_reject(env, VS_E_FLOW_KEYS, a->off, a->size);
	if (!a->write)
		result_unknown(env, a);
	return 0;
}

static int
socket(struct vs_env *env, const struct access *a)
{
	const struct vs_reg *r = reg_of(env, a->regno);
	struct vs_ctx_info info = {.reg_type = RT_SCALAR, .sx = a->sx};
	int err;

	if (a->write)
		return vs_reject(env, VS_E_CANNOT_WRITE, a->regno, vs_type_name(env, r->type));
	if (r->smin < 0)
		return vs_reject(env, VS_E_MIN_NEGATIVE, a->regno);
	err = vs_sock_access(env, r, a->off, a->size, a->write, &info);
	if (err < 0)
		return env->failed ? err : vs_reject(env, VS_E_SOCK_ACCESS, a->regno,
						     vs_type_name(env, r->type), a->off, a->size);
	if (a->value >= 0)
		ctx_result(env, a, &info);
	return 0;
}

static int
buffer(struct vs_env *env, const struct access *a)
{
	const struct vs_reg *r = reg_of(env, a->regno);

	if (a->write && (r->type & TF_RDONLY))
		return vs_reject(env, VS_E_CANNOT_WRITE, a->regno, vs_type_name(env, r->type));
	if (vs_check_buffer(env, r, a->regno, a->off, a->size, false) < 0)
		return env->r->err;
	if (!a->write)
		result_unknown(env, a);
	return 0;
}

static int
map_key(struct vs_env *env, const struct access *a)
{
	if (a->write)
		return vs_reject(env, VS_E_MAP_KEY_WRITE, a->regno);
	if (vs_check_region(env, a->regno, a->off, a->size, reg_of(env, a->regno)->map->key_size,
			    false) < 0)
		return env->r->err;
	result_unknown(env, a);
	return 0;
}

static int
by_type(struct vs_env *env, const struct access *a)
{
	const struct vs_reg *r = reg_of(env, a->regno);
	bool null = vs_may_be_null(r->type);

	switch (r->type) {
	case RT_MAP_KEY: return map_key(env, a);
	case RT_MAP_VALUE: return map_value(env, a);
	case RT_CTX: return context(env, a);
	case RT_STACK: return stack(env, a);
	case RT_PACKET: case RT_PACKET_META: return packet(env, a);
	case RT_FLOW_KEYS: return flow_keys(env, a);
	case RT_SOCKET: case RT_SOCK_COMMON: case RT_TCP_SOCK: case RT_XDP_SOCK:
		return socket(env, a);
	case RT_TP_BUFFER:
		if (vs_check_buffer(env, r, a->regno, a->off, a->size, false) < 0)
			return env->r->err;
		if (!a->write)
			result_unknown(env, a);
		return 0;
	case RT_CONST_MAP:
		return vs_map_ptr_access(env, a->regno, a->off, a->size, a->write, a->value);
	case RT_ARENA:
		if (!a->write)
			result_unknown(env, a);
		return 0;
	}
	if (vs_base(r->type) == RT_MEM)
		return memory(env, a);
	if (vs_base(r->type) == RT_BTF_ID && !null)
		return vs_btf_access(env, a->insn, a->regno, a->off, a->size, a->write, a->value);
	/* What may be null was taken for a buffer for years. */
	if (vs_base(r->type) == RT_BUF &&
	    (!null || (env->prof.kernel >= KVER(5, 17) && !env->prof.late_fixes)))
		return buffer(env, a);
	return vs_reject(env, VS_E_MEM_ACCESS, a->regno, vs_type_name(env, r->type));
}

int
vs_check_mem_access(struct vs_env *env, uint32_t insn_idx, uint32_t regno, int32_t off, int size,
		    bool write, int value_regno, bool strict_once, bool sx)
{
	const struct vs_reg *r = reg_of(env, regno);
	struct access a = {insn_idx, regno, off + r->off, size, value_regno, write, sx};
	struct vs_reg *dst;
	bool same;
	int err = vs_check_ptr_align(env, r, off, size, strict_once);

	if (err < 0)
		return err;
	err = by_type(env, &a);
	if (err < 0 || write || value_regno < 0 || size == 8)
		return err;
	dst = reg_of(env, (uint32_t)value_regno);
	if (dst->type != RT_SCALAR)
		return 0;
	if (!sx) {
		vs_coerce_size(env, dst, size);
		return 0;
	}
	same = dst->umax < (uint64_t)1 << (size * 8 - 1);
	vs_coerce_size_sx(dst, size, false);
	if (!same && env->prof.unlinks_sign) {
		dst->id = 0;
		dst->off = 0;
	}
	return 0;
}

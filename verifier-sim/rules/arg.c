/* SPDX-License-Identifier: MIT */
/* arg.c: one argument of a helper call.
 *
 * An argument is checked in three steps, as the kernel does: the register's type must be among
 * those the argument accepts; its offset must suit that type; then comes what is particular to
 * the argument (memory of a size, a lock, a reference to give up). What later arguments or the
 * return value need is left in call_meta. */
#include "rules.h"

enum base {		/* what an argument accepts: ORDER base: accepts[] */
	B_NONE, B_ANY, B_SCALAR, B_MAP, B_KEY, B_VALUE, B_MEM, B_SIZE, B_SIZE0, B_ALLOC,
	B_CTX, B_BTF, B_PERCPU, B_SOCK, B_SOCKET, B_BTF_SOCK, B_STACK, B_FUNC, B_TIMER,
	B_LOCK, B_KPTR, B_STR, B_RECORD, B_DYN, B_COUNT,
};

struct arg {
	uint8_t base;
	uint8_t size;		/* of fixed-size memory */
	uint32_t flags;		/* TF_* */
};

#define OUT (TF_UNINIT | TF_WRITE)
static const struct arg args[] = {
	[FACT_ARG__] = {B_NONE},
	[FACT_ARG_OPT] = {B_NONE},
	[FACT_ARG_ANY] = {B_ANY},
	[FACT_ARG_SCALAR] = {B_SCALAR},
	[FACT_ARG_MAP] = {B_MAP},
	[FACT_ARG_KEY] = {B_KEY},
	[FACT_ARG_VALUE] = {B_VALUE},
	[FACT_ARG_VALUE_NULL] = {B_VALUE, 0, TF_MAYBE_NULL},
	[FACT_ARG_VALUE_OUT] = {B_VALUE, 0, OUT},
	[FACT_ARG_MEM] = {B_MEM, 0, 0},
	[FACT_ARG_MEM_RO] = {B_MEM, 0, TF_RDONLY},
	[FACT_ARG_MEM_RO_NULL] = {B_MEM, 0, TF_RDONLY | TF_MAYBE_NULL},
	[FACT_ARG_MEM_RW] = {B_MEM, 0, TF_WRITE},
	[FACT_ARG_MEM_RW_NULL] = {B_MEM, 0, TF_WRITE | TF_MAYBE_NULL},
	[FACT_ARG_MEM_OUT] = {B_MEM, 0, OUT},
	[FACT_ARG_SIZE] = {B_SIZE},
	[FACT_ARG_SIZE0] = {B_SIZE0},
	[FACT_ARG_ALLOC_SIZE] = {B_ALLOC},
	[FACT_ARG_IN20] = {B_MEM, 20, TF_FIXED_SIZE},
	[FACT_ARG_IN40] = {B_MEM, 40, TF_FIXED_SIZE},
	[FACT_ARG_INOUT4] = {B_MEM, 4, TF_FIXED_SIZE | TF_WRITE | TF_ALIGNED},
	[FACT_ARG_OUT8] = {B_MEM, 8, TF_FIXED_SIZE | OUT | TF_ALIGNED},
	[FACT_ARG_CTX] = {B_CTX},
	[FACT_ARG_CTX_NULL] = {B_CTX, 0, TF_MAYBE_NULL},
	[FACT_ARG_BTF] = {B_BTF},
	[FACT_ARG_BTF_NULL] = {B_BTF, 0, TF_MAYBE_NULL},
	[FACT_ARG_BTF_NULL_FREE] = {B_BTF, 0, TF_MAYBE_NULL | TF_RELEASE},
	[FACT_ARG_PERCPU_BTF] = {B_PERCPU},
	[FACT_ARG_SOCK] = {B_SOCK},
	[FACT_ARG_SOCKET_NULL] = {B_SOCKET, 0, TF_MAYBE_NULL},
	[FACT_ARG_BTF_SOCK] = {B_BTF_SOCK},
	[FACT_ARG_BTF_SOCK_NULL] = {B_BTF_SOCK, 0, TF_MAYBE_NULL},
	[FACT_ARG_BTF_SOCK_FREE] = {B_BTF_SOCK, 0, TF_RELEASE},
	[FACT_ARG_STACK_NULL] = {B_STACK, 0, TF_MAYBE_NULL},
	[FACT_ARG_FUNC] = {B_FUNC},
	[FACT_ARG_TIMER] = {B_TIMER},
	[FACT_ARG_LOCK] = {B_LOCK},
	[FACT_ARG_KPTR] = {B_KPTR},
	[FACT_ARG_STR] = {B_STR},
	[FACT_ARG_RECORD_FREE] = {B_RECORD, 0, TF_RELEASE},
	[FACT_ARG_DYN] = {B_DYN, 0, TF_RDONLY},
	[FACT_ARG_DYN_LOCAL] = {B_DYN, 0, OUT | TF_DYNPTR_LOCAL},
	[FACT_ARG_DYN_RING] = {B_DYN, 0, OUT | TF_DYNPTR_RINGBUF},
	[FACT_ARG_DYN_RING_FREE] = {B_DYN, 0, TF_RELEASE | TF_DYNPTR_RINGBUF},
};
#undef OUT

/* The register types each kind accepts, in the order the kernel lists them. */
#define BTF_TRUSTED (RT_BTF_ID | TF_TRUSTED)
#define MEM_TYPES RT_STACK, RT_PACKET, RT_PACKET_META, RT_MAP_KEY, RT_MAP_VALUE
static const uint32_t accepts[B_COUNT][10] = {
	[B_SCALAR] = {RT_SCALAR},
	[B_MAP] = {RT_CONST_MAP},
	[B_KEY] = {MEM_TYPES, RT_MEM, RT_MEM | TF_RINGBUF, RT_BUF, BTF_TRUSTED, RT_CTX},
	[B_VALUE] = {MEM_TYPES, RT_MEM, RT_MEM | TF_RINGBUF, RT_BUF, BTF_TRUSTED, RT_CTX},
	[B_MEM] = {MEM_TYPES, RT_MEM, RT_MEM | TF_RINGBUF, RT_BUF, BTF_TRUSTED, RT_CTX},
	[B_SIZE] = {RT_SCALAR},
	[B_SIZE0] = {RT_SCALAR},
	[B_ALLOC] = {RT_SCALAR},
	[B_CTX] = {RT_CTX},
	[B_BTF] = {RT_BTF_ID, BTF_TRUSTED, RT_BTF_ID | TF_RCU},
	[B_PERCPU] = {RT_BTF_ID | TF_PERCPU, RT_BTF_ID | TF_PERCPU | TF_RCU,
		      BTF_TRUSTED | TF_PERCPU},
	[B_SOCK] = {RT_SOCK_COMMON, RT_SOCKET, RT_TCP_SOCK, RT_XDP_SOCK},
	[B_SOCKET] = {RT_SOCKET},
	[B_BTF_SOCK] = {RT_SOCK_COMMON, RT_SOCKET, RT_TCP_SOCK, RT_XDP_SOCK, RT_BTF_ID,
			BTF_TRUSTED},
	[B_STACK] = {RT_STACK},
	[B_FUNC] = {RT_FUNC},
	[B_TIMER] = {RT_MAP_VALUE},
	[B_LOCK] = {RT_MAP_VALUE, RT_BTF_ID | TF_ALLOC},
	[B_KPTR] = {RT_MAP_VALUE, RT_BTF_ID | TF_ALLOC},
	[B_STR] = {RT_MAP_VALUE},
	[B_RECORD] = {RT_MEM | TF_RINGBUF},
	[B_DYN] = {RT_STACK, RT_CONST_DYNPTR},
};

const char *
vs_helper_name(uint32_t id)
{
	const struct fact_helper *h = fact_helper(id);

	return h ? h->name : id ? "unknown" : "unspec";
}

/* ---- memory that a helper reads or writes ------------------------------------------- */

static int
reject_type(struct vs_env *env, uint32_t regno, const char *expected)
{
	return vs_reject(env, VS_E_STACK_TYPE, regno,
			 vs_type_name(env, vs_cur_regs(env)[regno].type), expected);
}

/* Types whose context accesses are not rewritten: byte n of the context may be passed on. */
static bool
ctx_is_plain(const struct vs_env *env)
{
	static const uint64_t plain = FACT_T(SYSCALL) | FACT_T(TRACEPOINT) | FACT_T(KPROBE) |
		FACT_T(RAW_TRACEPOINT) | FACT_T(RAW_TRACEPOINT_WRITABLE) | FACT_T(TRACING) |
		FACT_T(LSM) | FACT_T(STRUCT_OPS) | FACT_T(NETFILTER) | FACT_T(LIRC_MODE2);

	if (env->prof.whole_offset)
		return vs_ctx_is_memory(env);
	return env->type < 64 && (plain >> env->type & 1);
}

static int
ctx_mem(struct vs_env *env, uint32_t regno, int size, bool write, bool zero_ok)
{
	if (vs_ctx_is_memory(env))
		return vs_check_region(env, regno, vs_cur_regs(env)[regno].off, size, UINT16_MAX,
				       zero_ok);
	if (size == 0)
		return zero_ok ? 0 : -EACCES;
	return vs_check_mem_access(env, env->insn_idx, regno, size - 1, 1, write, -1, false,
				   false);
}

static int
stack_mem(struct vs_env *env, uint32_t regno, int size, bool write, bool zero_ok,
	  struct call_meta *m)
{
	struct vs_stack_args s = {
		.regno = regno, .off = vs_cur_regs(env)[regno].off, .size = (uint32_t)size,
		.zero_ok = zero_ok, .write = write, .helper = true,
	};

	if (m) {
		s.raw = &m->raw;
		s.raw_size = &m->raw_size;
		s.raw_regno = &m->raw_regno;
	}
	return vs_check_stack_range(env, &s);
}

static int
cannot_write(struct vs_env *env, uint32_t regno)
{
	return vs_reject(env, VS_E_CANNOT_WRITE, regno,
			 vs_type_name(env, vs_cur_regs(env)[regno].type));
}

int
vs_check_helper_mem(struct vs_env *env, uint32_t regno, int size, bool write, bool zero_ok,
		    struct call_meta *m)
{
	struct vs_reg *r = &vs_cur_regs(env)[regno];

	switch (vs_base(r->type)) {
	case RT_PACKET:
	case RT_PACKET_META:
		return vs_check_packet_access(env, regno, r->off, size, zero_ok);
	case RT_MAP_KEY:
		if (write)
			return cannot_write(env, regno);
		return vs_check_region(env, regno, r->off, size, r->map->key_size, false);
	case RT_MAP_VALUE:
		if (vs_map_check_rw(env, regno, r->off, size, write) ||
		    vs_check_map_access(env, regno, r->off, size, zero_ok, false))
			return -EACCES;
		return vs_map_fields(env, r, r->off, size, false, NULL);
	case RT_MEM:
		if ((r->type & TF_RDONLY) && write)
			return cannot_write(env, regno);
		return vs_check_region(env, regno, r->off, size, r->mem_size, zero_ok);
	case RT_BUF:
		if ((r->type & TF_RDONLY) && write)
			return cannot_write(env, regno);
		return vs_check_buffer(env, r, regno, r->off, size, zero_ok);
	case RT_STACK:
		return stack_mem(env, regno, size, write, zero_ok, m);
	case RT_BTF_ID:
		if (!env->prof.objects_as_memory)
			break;
		return vs_btf_access(env, env->insn_idx, regno, r->off, size,
				     write && env->prof.objects_written, -1);
	case RT_CTX:
		if (ctx_is_plain(env))
			return ctx_mem(env, regno, size, write, zero_ok);
		break;
	default:
		break;
	}
	if (zero_ok && size == 0 && vs_reg_is_null(r))
		return 0;
	return reject_type(env, regno, vs_type_name(env, RT_STACK));
}

/* Old kernels ask for zero bytes instead of naming the bounds. */
static int
zero_size(struct vs_env *env, uint32_t regno, bool zero_ok, struct call_meta *m)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];

	if (r->umin != 0)
		return 0;
	if (env->prof.kernel >= KVER(6, 8))
		return zero_ok ? 0 : vs_reject(env, VS_E_ZERO_SIZE, regno,
					       (long long)r->umin, (long long)r->umax);
	return vs_check_helper_mem(env, regno - 1, 0, false, zero_ok, m);
}

int
vs_check_mem_size(struct vs_env *env, uint32_t regno, bool write, bool zero_ok,
		  struct call_meta *m)
{
	struct vs_reg *r = &vs_cur_regs(env)[regno];
	int err;

	m->size_max = r->umax;
	/* Not even the least of a varying size is known to be filled. */
	if (!vs_is_const(r, false))
		m = NULL;
	if (r->smin < 0)
		return vs_reject(env, VS_E_SIZE_NEGATIVE, regno);
	err = zero_size(env, regno, zero_ok, m);
	if (err)
		return err;
	if (r->umax >= VS_MAX_VAR_OFF)
		return vs_reject(env, VS_E_SIZE_UNBOUNDED, regno);
	err = vs_check_helper_mem(env, regno - 1, (int)r->umax, write, zero_ok, m);
	return err ? err : vs_mark_precise(env, regno);
}

/* Memory of a known size that a function may read and write. */
int
vs_check_mem_reg(struct vs_env *env, uint32_t regno, uint32_t size)
{
	struct vs_reg *r = &vs_cur_regs(env)[regno], saved;
	bool maybe_null = vs_may_be_null(r->type);
	int err;

	if (vs_reg_is_null(r))
		return 0;
	saved = *r;
	if (maybe_null)
		vs_mark_not_null(env, r);
	err = vs_check_helper_mem(env, regno, (int)size, false, true, NULL);
	if (!err)
		err = vs_check_helper_mem(env, regno, (int)size, true, true, NULL);
	if (maybe_null)
		vs_cur_regs(env)[regno] = saved;
	return err;
}

/* ---- the register's type ------------------------------------------------------------ */

static int
reject_arg_type(struct vs_env *env, uint32_t regno, uint8_t base, uint32_t count)
{
	struct buf b = buf_new(env->tmp);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t t = accepts[base][i];

		if (env->prof.kernel < KVER(5, 13) && (t == RT_MAP_KEY || t == (RT_MEM | TF_RINGBUF)))
			continue;
		buf_printf(&b, "%s%s", i ? ", " : "", t == RT_BUF && env->prof.kernel < KVER(5, 17)
			   ? "rdonly_buf, rdwr_buf" : vs_type_name(env, t));
	}
	return reject_type(env, regno, buf_text(&b).p);
}

/* How many types a kind accepts on this kernel. */
static uint32_t
accepted_count(const struct vs_env *env, uint8_t base)
{
	uint32_t n = 0;

	while (n < 10 && accepts[base][n] != RT_NOT_INIT)
		n++;
	if (env->prof.kernel < KVER(6, 2) && (base == B_KEY || base == B_VALUE))
		return 5;
	if (!env->prof.whole_offset && accepts[base][0] == RT_STACK && accepts[base][n - 1] == RT_CTX)
		n--;	/* the context of syscall programs, as memory */
	if (env->prof.kernel < KVER(6, 3) && accepts[base][n - 1] == BTF_TRUSTED)
		n--;
	return n;
}

/* A kernel object: the struct must be the one asked for. */
static int
check_btf_id(struct vs_env *env, uint32_t regno, struct arg a, const struct call_meta *m)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];
	const char *want = a.base == B_BTF_SOCK ? "sock_common" : m->proto->arg_btf;
	bool strict = (a.flags & TF_RELEASE) && m->id != FACT_FN_sk_release;
	uint32_t id;

	if (vs_may_be_null(r->type) &&
	    (!(a.flags & TF_MAYBE_NULL) || (a.flags & TF_RELEASE)))
		return vs_reject(env, VS_E_HELPER_NULL, regno);
	if (m->id == FACT_FN_kptr_xchg && m->kptr)
		return vs_check_kptr_match(env, m->kptr, regno);
	if (m->id == FACT_FN_kptr_xchg)		/* the place itself: check_kptr() */
		return 0;
	if (r->type & TF_ALLOC)
		return a.base == B_LOCK ? 0 : vs_unknown(env, "program object as argument");
	if (r->type & TF_PERCPU)
		return 0;
	id = want ? vs_kernel_struct(env, want) : 0;
	if (!id)
		return vs_unknown(env, "struct %s, which is not in the kernel's BTF,",
				  want ? want : "?");
	if (!vs_btf_ids_match(env, r->btf_space, r->btf_id, r->off, BTF_SPACE_VMLINUX, id,
			      strict))
		return vs_reject(env, VS_E_BTF_EXPECTED, regno,
				 btf_name(vs_btf_of(env, r->btf_space), r->btf_id), want);
	return 0;
}

static int
check_type(struct vs_env *env, uint32_t regno, struct arg a, const struct call_meta *m)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];
	uint32_t type = r->type, n = accepted_count(env, a.base), i;
	bool kptr_xchg = m->id == FACT_FN_kptr_xchg;

	if (a.flags & TF_RDONLY)
		type &= ~(uint32_t)TF_RDONLY;
	if (a.flags & TF_MAYBE_NULL)
		type &= ~(uint32_t)TF_MAYBE_NULL;
	if (a.base == B_MEM)
		type &= ~(uint32_t)TF_DYNPTR_ANY;
	if (kptr_xchg && regno == 2 && (type & TF_ALLOC))
		type &= ~(uint32_t)(TF_ALLOC | TF_PERCPU);
	for (i = 0; i < n && accepts[a.base][i] != type; i++)
		;
	if (i == n)
		return reject_arg_type(env, regno, a.base, n);
	if (vs_base(r->type) != RT_BTF_ID)
		return 0;
	if (a.base == B_MEM || a.base == B_KEY || a.base == B_VALUE) {
		if (!(a.flags & TF_RDONLY))
			return vs_reject(env, VS_E_MAY_WRITE, vs_helper_name(m->id), regno,
					 vs_type_name(env, r->type));
		return 0;
	}
	return check_btf_id(env, regno, a, m);
}

/* ---- the register's offset ---------------------------------------------------------- */

int
vs_check_arg_off(struct vs_env *env, uint32_t regno, bool release, bool wants_ctx)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];

	if (release) {
		if (r->off)
			return vs_reject(env, VS_E_RELEASE_OFF, regno);
		return vs_check_ptr_off(env, r, regno, false);
	}
	switch (vs_base(r->type)) {
	case RT_STACK:
	case RT_PACKET:
	case RT_PACKET_META:
	case RT_MAP_KEY:
	case RT_MAP_VALUE:
	case RT_ARENA:
	case RT_SCALAR:
	case RT_MEM:
	case RT_BUF:
		if (!(r->type & TF_MAYBE_NULL))
			return 0;
		return vs_check_ptr_off(env, r, regno, false);
	case RT_BTF_ID:
		return vs_check_ptr_off(env, r, regno, !(r->type & TF_MAYBE_NULL));
	case RT_CTX:
		if (vs_ctx_is_memory(env) && !wants_ctx)
			return 0;
		break;
	}
	return vs_check_ptr_off(env, r, regno, false);
}

static int
check_offset(struct vs_env *env, uint32_t regno, struct arg a)
{
	bool release = a.flags & TF_RELEASE;

	if (release && ((a.base == B_DYN && vs_cur_regs(env)[regno].type == RT_STACK) ||
			env->prof.kernel < KVER(5, 17)))
		return 0;
	return vs_check_arg_off(env, regno, release, a.base == B_CTX);
}

/* ---- what is particular to an argument ---------------------------------------------- */

static int
note_release(struct vs_env *env, uint32_t regno, struct arg a, struct call_meta *m)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];

	if (!(a.flags & TF_RELEASE))
		return 0;
	if (a.base == B_DYN) {
		if (r->type != RT_STACK)
			return vs_reject(env, VS_E_DYN_CONST_FREE);
		if (vs_dynptr_slot(env, r) < 0 || !vs_dynptr_ref(env, r))
			return vs_reject(env, VS_E_DYN_UNACQUIRED, regno);
	} else if (!r->ref_id && !vs_reg_is_null(r)) {
		return vs_reject(env, VS_E_RELEASE_NO_REF, regno, vs_helper_name(m->id), m->id);
	}
	m->release_regno = regno;
	return 0;
}

static int
check_timer(struct vs_env *env, uint32_t regno, struct call_meta *m)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];

	m->map = r->map;
	m->map_uid = r->map_uid;
	return vs_check_map_field(env, regno, FIELD_TIMER);
}

static int
check_kptr(struct vs_env *env, uint32_t regno, struct call_meta *m)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];
	const struct vs_record *rec = vs_reg_record(env, r);
	uint32_t off = (uint32_t)(r->off + (int64_t)r->var.value);
	bool any = false;

	if (r->type == RT_MAP_VALUE) {
		if (!env->btf || !r->map->im->value_type_id)
			return vs_reject(env, VS_E_MAP_NO_BTF, r->map->im->name,
					 "bpf_kptr_xchg");
		m->map = r->map;
	}
	if (r->var.mask)
		return vs_reject(env, VS_E_KPTR_CONST, regno);
	for (uint32_t i = 0; rec && i < rec->n; i++) {
		const struct vs_field *f = &rec->fields[i];

		if (f->kind != FIELD_KPTR_UNREF && f->kind != FIELD_KPTR_REF &&
		    f->kind != FIELD_KPTR_PERCPU)
			continue;
		any = true;
		if (f->off == off)
			m->kptr = f;
	}
	if (!any)
		return vs_reject(env, VS_E_KPTR_NONE, regno);
	if (!m->kptr)
		return vs_reject(env, VS_E_KPTR_OFF, off);
	if (m->kptr->kind == FIELD_KPTR_UNREF)
		return vs_reject(env, VS_E_KPTR_UNREF, off);
	return 0;
}

int
vs_check_const_str(struct vs_env *env, uint32_t regno)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];
	const struct vs_map *map = r->map;
	uint64_t off = (uint64_t)(int64_t)r->off + r->var.value;
	int err;

	if (map->type == FACT_MAP_PERCPU_ARRAY && env->prof.percpu_data)
		return vs_reject(env, VS_E_STR_PERCPU, regno);
	if (!map->read_only)
		return vs_reject(env, VS_E_STR_RDONLY, regno);
	if (r->var.mask)
		return vs_reject(env, VS_E_STR_CONST, regno);
	if (map->type != FACT_MAP_ARRAY)
		return vs_reject(env, VS_E_STR_MAP);
	err = vs_check_map_access(env, regno, r->off, (int)map->value_size - r->off, false,
				  false);
	if (err)
		return err;
	if (off >= map->value_size)
		return vs_reject(env, VS_E_STR_DIRECT);
	/* What the map's contents do not cover is zero. */
	if (map->im->data && map->im->data_size >= map->value_size &&
	    !memchr((const char *)map->im->data + off, 0, map->value_size - off))
		return vs_reject(env, VS_E_STR_END);
	return 0;
}

static const char *
dynptr_kind(uint32_t flags)
{
	return flags & TF_DYNPTR_LOCAL ? "local" : flags & TF_DYNPTR_RINGBUF ? "ringbuf" :
	       flags & TF_DYNPTR_SKB ? "skb" : flags & TF_DYNPTR_XDP ? "xdp" : "<unknown>";
}

static int
make_dynptr(struct vs_env *env, uint32_t regno, uint32_t flags)
{
	struct vs_reg *r = &vs_cur_regs(env)[regno];
	int err = 0;

	if (!vs_dynptr_reg_uninit_ok(env, r))
		return vs_reject(env, VS_E_DYN_UNINIT);
	for (int i = 0; i < 16 && !err; i += 8)
		err = vs_check_mem_access(env, env->insn_idx, regno, i, 8, true, -1, false,
					  false);
	if (err)
		return err;
	return vs_mark_dynptr(env, r, flags & TF_DYNPTR_LOCAL ? DYNPTR_LOCAL : DYNPTR_RINGBUF,
			      env->insn_idx, 0);
}

static int
check_dynptr(struct vs_env *env, uint32_t regno, uint32_t flags)
{
	struct vs_reg *r = &vs_cur_regs(env)[regno];

	if (r->type != RT_STACK && r->type != RT_CONST_DYNPTR)
		return vs_reject(env, VS_E_DYN_POINTER, regno - 1, regno);
	if (flags & TF_UNINIT)
		return make_dynptr(env, regno, flags);
	if (r->type == RT_CONST_DYNPTR && !(flags & TF_RDONLY))
		return vs_reject(env, VS_E_DYN_CONST);
	if (!vs_dynptr_reg_init(env, r))
		return vs_reject(env, VS_E_DYN_INIT, regno - 1, regno);
	if (!vs_dynptr_type_ok(env, r, flags & TF_DYNPTR_ANY))
		return vs_reject(env, VS_E_DYN_TYPE, dynptr_kind(flags), regno - 1);
	return 0;
}

/* The number a key on the stack is known to be, for arrays; -1 when it is not known. */
static int64_t
constant_key(struct vs_env *env, const struct vs_reg *key, uint32_t size)
{
	const struct vs_frame *f;
	const struct vs_slot *s;
	int32_t off;
	uint32_t n = 0, byte;

	if (!env->bpf_capable || key->type != RT_STACK || key->var.mask ||
	    env->prof.kernel < KVER(6, 14))
		return -1;
	f = vs_frame_of(env, key);
	off = key->off + (int32_t)key->var.value;
	if (off >= 0 || vs_slot_of(off) >= f->nslots)
		return -1;
	s = &f->stack[vs_slot_of(off)];
	byte = (uint32_t)(-off - 1) % 8;
	while (n <= byte && s->type[byte - n] == SLOT_ZERO)
		n++;
	if (n >= size)
		return 0;
	if (!vs_slot_is_spilled_scalar(s))
		return -1;
	for (n = 0; n <= byte && s->type[byte - n] == SLOT_SPILL; n++)
		;
	if (n != size || vs_slot_reg(s)->var.mask)
		return -1;
	return (int64_t)vs_slot_reg(s)->var.value;
}

static int
check_map_arg(struct vs_env *env, uint32_t regno, struct call_meta *m)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];

	if (m->map && (m->map != r->map || m->map_uid != r->map_uid))
		return vs_reject(env, VS_E_TIMER_MAP, m->map_uid, r->map_uid);
	m->map = r->map;
	m->map_uid = r->map_uid;
	return 0;
}

static int
check_mem_arg(struct vs_env *env, uint32_t regno, struct arg a, struct call_meta *m)
{
	struct vs_reg *r = &vs_cur_regs(env)[regno];
	int err;

	m->raw = (a.flags & TF_UNINIT) != 0;
	if (!(a.flags & TF_FIXED_SIZE))
		return 0;	/* with its size, the next argument */
	/* Integers a helper writes had to be initialised once. */
	if (env->prof.kernel < KVER(6, 1))
		m->raw = false;
	err = vs_check_helper_mem(env, regno, a.size, (a.flags & TF_WRITE) != 0, false, m);
	if (!err && (a.flags & TF_ALIGNED))
		err = vs_check_ptr_align(env, r, 0, a.size, true);
	return err;
}

static int
check_particular(struct vs_env *env, uint32_t n, struct arg a, struct call_meta *m)
{
	uint32_t regno = n + 1;
	struct vs_reg *r = &vs_cur_regs(env)[regno];
	bool write = n && (args[m->proto->arg[n - 1]].flags & TF_WRITE);

	switch ((enum base)a.base) {
	case B_MAP:
		return check_map_arg(env, regno, m);
	case B_KEY:
		if (!m->map)
			return vs_reject(env, VS_E_NO_MAP_KEY);
		m->const_key = constant_key(env, r, m->map->key_size);
		return vs_check_helper_mem(env, regno, (int)m->map->key_size, false, false,
					   NULL);
	case B_VALUE:
		if ((a.flags & TF_MAYBE_NULL) && vs_reg_is_null(r))
			return 0;
		if (!m->map)
			return vs_reject(env, VS_E_NO_MAP_VALUE);
		m->raw = (a.flags & TF_UNINIT) != 0;
		return vs_check_helper_mem(env, regno, (int)m->map->value_size,
					   (a.flags & TF_WRITE) != 0, false, m);
	case B_MEM:
		return check_mem_arg(env, regno, a, m);
	case B_SIZE:
	case B_SIZE0:
		return vs_check_mem_size(env, regno, write, a.base == B_SIZE0, m);
	case B_ALLOC:
		if (!vs_is_const(r, false))
			return vs_reject(env, VS_E_ALLOC_CONST, regno);
		m->mem_size = vs_const_value(r, false);
		return vs_mark_precise(env, regno);
	case B_PERCPU:
		if (!r->btf_id)
			return vs_reject(env, VS_E_PERCPU_ID, regno);
		m->btf_id = r->btf_id;
		m->btf_space = r->btf_space;
		return 0;
	case B_LOCK:
		return vs_check_spin_lock(env, regno, m->id == FACT_FN_spin_lock);
	case B_TIMER:
		return check_timer(env, regno, m);
	case B_FUNC:
		m->subprog = r->subprog;
		return 0;
	case B_DYN:
		return check_dynptr(env, regno, a.flags);
	case B_STR:
		return vs_check_const_str(env, regno);
	case B_KPTR:
		return check_kptr(env, regno, m);
	default:
		return 0;
	}
}

/* Values of socket maps are sockets; a bloom filter is asked with a value, not for one. */
static int
resolve_value(struct vs_env *env, struct arg *a, const struct call_meta *m)
{
	if (a->base != B_VALUE)
		return 0;
	if (!m->map)
		return vs_reject(env, VS_E_NO_MAP_TYPE);
	if (m->map->type == FACT_MAP_SOCKMAP || m->map->type == FACT_MAP_SOCKHASH) {
		if (a->flags)
			return vs_reject(env, VS_E_SOCKMAP_ARG);
		a->base = B_BTF_SOCK;
	} else if (m->map->type == FACT_MAP_BLOOM_FILTER &&
		   m->id == FACT_FN_map_peek_elem) {
		a->flags = 0;
	}
	return 0;
}

/* Whether a null stands in for the pointer; then nothing else is asked of it. */
static int
check_type_and_offset(struct vs_env *env, uint32_t regno, struct arg a,
		      const struct call_meta *m)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];
	int err;

	if (vs_reg_is_null(r) && (a.flags & TF_MAYBE_NULL))
		return env->prof.null_precise ? vs_mark_precise(env, regno) : 0;
	err = check_type(env, regno, a, m);
	return err ? err : check_offset(env, regno, a);
}

/* Option values of sockopt programs look like packets, and any helper may have them. */
static bool
may_pass_packet(struct vs_env *env, const struct call_meta *m)
{
	return vs_may_access_direct_pkt(env, false, true) &&
	       (m->pkt_access || env->type == FACT_PROG_CGROUP_SOCKOPT);
}

int
vs_check_arg(struct vs_env *env, uint32_t n, struct call_meta *m)
{
	uint32_t regno = n + 1;
	struct arg a = args[m->proto->arg[n]];
	struct vs_reg *r = &vs_cur_regs(env)[regno];
	int err;

	if (a.base == B_NONE)
		return 0;
	err = vs_check_reg_arg(env, regno, false);
	if (err)
		return err;
	if (a.base == B_ANY) {
		if (vs_is_pointer_value(env, regno))
			return vs_reject(env, VS_E_STACK_ARG_LEAK, regno);
		return 0;
	}
	if (vs_is_pkt_type(r->type) && !may_pass_packet(env, m))
		return vs_reject(env, VS_E_HELPER_PACKET);
	err = resolve_value(env, &a, m);
	if (!err)
		err = check_type_and_offset(env, regno, a, m);
	if (!err)
		err = note_release(env, regno, a, m);
	if (err)
		return err;
	if (r->ref_id && a.base != B_KPTR) {
		if (m->ref_id)
			return vs_reject(env, VS_E_TWO_REFS, regno, r->ref_id, m->ref_id);
		m->ref_id = r->ref_id;
	}
	return check_particular(env, n, a, m);
}

/* ---- the same for global functions -------------------------------------------------- */

int
vs_check_plain_offset(struct vs_env *env, uint32_t regno)
{
	return check_offset(env, regno, (struct arg){B_NONE});
}

int
vs_check_dynptr_arg(struct vs_env *env, uint32_t regno)
{
	int err = check_offset(env, regno, (struct arg){B_DYN});

	return err ? err : check_dynptr(env, regno, TF_RDONLY);
}

int
vs_check_object_arg(struct vs_env *env, uint32_t regno, const struct vs_arg *arg)
{
	struct arg a = {B_BTF, 0, arg->type_flags & TF_MAYBE_NULL};
	struct fact_proto proto = {.arg_btf = btf_name(vs_vmlinux(env), arg->btf_id)};
	struct call_meta m = {.proto = &proto, .const_key = -1};
	int err;

	if (a.flags && vs_reg_is_null(&vs_cur_regs(env)[regno]))
		return 0;
	err = check_type(env, regno, a, &m);
	return err ? err : check_offset(env, regno, a);
}

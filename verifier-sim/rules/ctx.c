/* SPDX-License-Identifier: MIT */
/* ctx.c: what a program may read and write in its context, and through the pointers to
 * sockets and flow keys it finds there.
 *
 * Ordinary contexts are described row by row in ctx_access.def. Programs that attach to kernel
 * functions, tracepoints with BTF, LSM hooks and iterators get the arguments of their target
 * as an array of 64-bit words; what each word is says the target's prototype. */
#include "rules.h"

enum sizes {
	SZ_NO, SZ_EX1, SZ_EX4, SZ_EX8, SZ_CAP_EX8, SZ_N2, SZ_N4, SZ_N8, SZ_N2_4, SZ_N2UP,
	SZ_N4W, SZ_W4, SZ_AT4, SZ_ANY, SZ_ANYWHERE,
};

enum yields {
	Y_S, Y_PKT, Y_PKT_END, Y_PKT_META, Y_CAP_PKT, Y_CAP_PKT_END, Y_SOCK_COMMON0,
	Y_SOCKET, Y_SOCKET0, Y_FLOW_KEYS, Y_TP_BUF,
};

struct row {
	uint16_t from, end;
	uint8_t read, write;	/* enum sizes */
	uint8_t yields;
	uint16_t since;
	uint64_t attach;
};

#ifdef __aarch64__
enum { PT_REGS_SIZE = 272 };
#else
enum { PT_REGS_SIZE = 168 };
#endif
#define ANY_A (~UINT64_C(0))
#define A(NAME) (UINT64_C(1) << FACT_ATTACH_##NAME)

#define TABLE(name, bytes) static const struct row name##_rows[] = {
#define ROW(first, past, r, w, y, attach_types, since_kernel) \
	{(first), (past), SZ_##r, SZ_##w, Y_##y, (since_kernel), (attach_types)},
#define END_TABLE };
#include "ctx_access.def"

struct table {
	const struct row *rows;
	uint32_t n, size;
};

enum table_id {
#define TABLE(name, bytes) TB_##name,
#define ROW(...)
#define END_TABLE
#include "ctx_access.def"
	TB_COUNT
};

static const struct table tables[TB_COUNT] = {
#define TABLE(name, bytes) \
	[TB_##name] = {name##_rows, sizeof name##_rows / sizeof *name##_rows, (bytes)},
#define ROW(...)
#define END_TABLE
#include "ctx_access.def"
};

/* The table of each program type; -1 for those whose context has BTF. */
static int
table_of(uint32_t prog_type)
{
	switch (prog_type) {
	case FACT_PROG_SOCKET_FILTER: return TB_socket_filter;
	case FACT_PROG_KPROBE: return TB_kprobe;
	case FACT_PROG_SCHED_CLS:
	case FACT_PROG_SCHED_ACT: return TB_tc;
	case FACT_PROG_TRACEPOINT: return TB_tracepoint;
	case FACT_PROG_XDP: return TB_xdp;
	case FACT_PROG_PERF_EVENT: return TB_perf_event;
	case FACT_PROG_CGROUP_SKB: return TB_cgroup_skb;
	case FACT_PROG_CGROUP_SOCK: return TB_cgroup_sock;
	case FACT_PROG_LWT_IN:
	case FACT_PROG_LWT_OUT:
	case FACT_PROG_LWT_XMIT:
	case FACT_PROG_LWT_SEG6LOCAL: return TB_lwt;
	case FACT_PROG_SOCK_OPS: return TB_sock_ops;
	case FACT_PROG_SK_SKB: return TB_sk_skb;
	case FACT_PROG_CGROUP_DEVICE: return TB_cgroup_dev;
	case FACT_PROG_SK_MSG: return TB_sk_msg;
	case FACT_PROG_RAW_TRACEPOINT: return TB_raw_tp;
	case FACT_PROG_RAW_TRACEPOINT_WRITABLE: return TB_raw_tp_writable;
	case FACT_PROG_CGROUP_SOCK_ADDR: return TB_sock_addr;
	case FACT_PROG_LIRC_MODE2: return TB_lirc;
	case FACT_PROG_SK_REUSEPORT: return TB_sk_reuseport;
	case FACT_PROG_FLOW_DISSECTOR: return TB_flow_dissector;
	case FACT_PROG_CGROUP_SYSCTL: return TB_sysctl;
	case FACT_PROG_CGROUP_SOCKOPT: return TB_sockopt;
	case FACT_PROG_SK_LOOKUP: return TB_sk_lookup;
	case FACT_PROG_SYSCALL: return TB_syscall;
	default: return -1;
	}
}

static bool
is_power_of_2(int n)
{
	return n > 0 && (n & (n - 1)) == 0;
}

/* An aligned access of two words of a 4-byte array, all inside the row. */
static bool
two_words(const struct row *row, int32_t off, int size)
{
	return size == 8 && off + 8 <= row->end;
}

static bool
size_ok(const struct vs_env *env, const struct row *row, uint8_t sizes, int32_t off, int size)
{
	switch ((enum sizes)sizes) {
	case SZ_NO: return false;
	case SZ_EX1: return size == 1;
	case SZ_EX4: return size == 4;
	case SZ_EX8: return size == 8;
	case SZ_CAP_EX8: return size == 8 && env->bpf_capable;
	case SZ_N2: return size <= 2;
	case SZ_N4: return size <= 4 && is_power_of_2(size);
	case SZ_N8: return size <= 8 && is_power_of_2(size);
	case SZ_N2_4: return size <= 2 || size == 4;
	case SZ_N2UP: return size == 2 || size == 4;
	case SZ_N4W: return (size <= 4 && is_power_of_2(size)) || two_words(row, off, size);
	case SZ_W4: return size == 4 || two_words(row, off, size);
	case SZ_AT4: return off % 4 == 0 && size <= 4 && is_power_of_2(size);
	case SZ_ANY: return off + size <= row->end;
	case SZ_ANYWHERE: return true;
	}
	return false;
}

static uint32_t
yielded_type(uint8_t yields)
{
	switch ((enum yields)yields) {
	case Y_S: return RT_SCALAR;
	case Y_PKT: case Y_CAP_PKT: return RT_PACKET;
	case Y_PKT_END: case Y_CAP_PKT_END: return RT_PACKET_END;
	case Y_PKT_META: return RT_PACKET_META;
	case Y_SOCK_COMMON0: return RT_SOCK_COMMON | TF_MAYBE_NULL;
	case Y_SOCKET: return RT_SOCKET;
	case Y_SOCKET0: return RT_SOCKET | TF_MAYBE_NULL;
	case Y_FLOW_KEYS: return RT_FLOW_KEYS;
	case Y_TP_BUF: return RT_TP_BUFFER;
	}
	return RT_SCALAR;
}

static int
table_access(struct vs_env *env, const struct table *t, int32_t off, int size, bool write,
	     struct vs_ctx_info *info)
{
	if (off < 0 || (uint32_t)off >= t->size || size <= 0 ||
	    (off % size && !vs_ctx_is_memory(env)))
		return -EACCES;
	for (uint32_t i = 0; i < t->n; i++) {
		const struct row *row = &t->rows[i];

		if (off < row->from || off >= row->end || env->prof.kernel < row->since ||
		    env->attach >= 64 || !(row->attach >> env->attach & 1))
			continue;
		if (!size_ok(env, row, write ? row->write : row->read, off, size))
			return -EACCES;
		if (write)
			return 0;
		if ((row->yields == Y_CAP_PKT || row->yields == Y_CAP_PKT_END) &&
		    !env->bpf_capable)
			return -EACCES;
		if (row->yields != Y_S && info->sx)
			return -EACCES;
		info->reg_type = yielded_type(row->yields);
		return 0;
	}
	return -EACCES;
}

/* ---- contexts that are the arguments of a kernel function --------------------------- */

enum { TRACING_ARGS = 12 };

static int
kernel_object(struct vs_env *env, const char *name, int size, struct vs_ctx_info *info)
{
	uint32_t id = vs_kernel_struct(env, name);

	if (size != 8)
		return -EACCES;
	if (!id)
		return vs_unknown(env, "struct %s, which is not in the kernel's BTF,", name);
	info->reg_type = RT_BTF_ID | (env->prof.trusted_types ? TF_TRUSTED : 0);
	info->btf_id = id;
	info->btf_space = BTF_SPACE_VMLINUX;
	return 0;
}

/* bpf_nf_ctx: two pointers, both known. */
static int
netfilter_access(struct vs_env *env, int32_t off, int size, bool write,
		 struct vs_ctx_info *info)
{
	if (off < 0 || off >= 16 || off % size || write)
		return -EACCES;
	return kernel_object(env, off < 8 ? "nf_hook_state" : "sk_buff", size, info);
}

static bool
is_small_int(const struct vs_env *env, uint32_t id)
{
	const struct btf *b = vs_vmlinux(env);
	uint32_t kind = btf_kind(btf_type(b, id));

	return (kind == BTF_KIND_INT && btf_size(b, id) <= 8) || kind == BTF_KIND_ENUM ||
	       kind == BTF_KIND_ENUM64 ||
	       (kind == BTF_KIND_STRUCT && env->prof.kernel >= KVER(6, 0)) ||
	       (kind == BTF_KIND_UNION && env->prof.kernel >= KVER(6, 13));
}

static bool
args_trusted(const struct vs_env *env)
{
	if (env->prof.kernel < KVER(6, 2))
		return false;
	if (env->type == FACT_PROG_LSM)
		return !vs_lsm_untrusted(env);
	return env->type == FACT_PROG_STRUCT_OPS || env->attach == FACT_ATTACH_TRACE_RAW_TP ||
	       env->attach == FACT_ATTACH_TRACE_ITER;
}

/* Keys and values that iterators over maps hand out: their size is known when the iterator is
 * attached. */
static bool
iterator_buffer(const struct vs_env *env, const char *pname, struct vs_ctx_info *info)
{
	static const struct {
		const char *iterator, *arg;
		uint32_t flags;
	} buffers[] = {
		{"bpf_map_elem", "key", TF_RDONLY}, {"bpf_map_elem", "value", 0},
		{"bpf_sk_storage_map", "value", 0}, {"sockmap", "key", TF_RDONLY},
	};

	for (size_t i = 0; env->attach == FACT_ATTACH_TRACE_ITER && i < 4; i++) {
		if (strcmp(buffers[i].iterator, env->rules->attach_name) ||
		    strcmp(buffers[i].arg, pname))
			continue;
		info->reg_type = RT_BUF | TF_MAYBE_NULL | buffers[i].flags;
		return true;
	}
	return false;
}

/* Iterators end with a call whose elements are null; not all vouch for what they hand out. */
static void
iterator_arg(const struct vs_env *env, const char *pname, struct vs_ctx_info *info)
{
	static const struct {
		const char *iterator, *arg;
		bool trusted;
	} elements[] = {
		{"bpf_map", "map", true}, {"bpf_prog", "prog", false},
		{"bpf_link", "link", false}, {"cgroup", "cgroup", true},
		{"task", "task", true}, {"task_file", "task", false},
		{"task_file", "file", false}, {"task_vma", "task", false},
		{"task_vma", "vma", false}, {"tcp", "sk_common", true},
		{"udp", "udp_sk", true}, {"unix", "unix_sk", false},
		{"netlink", "sk", false}, {"ipv6_route", "rt", false},
		{"bpf_sk_storage_map", "sk", false}, {"sockmap", "sk", false},
		{"kmem_cache", "s", true}, {"dmabuf", "dmabuf", false}, {"ksym", "ksym", false},
	};

	for (size_t i = 0; i < sizeof elements / sizeof *elements; i++) {
		if (strcmp(elements[i].iterator, env->rules->attach_name) ||
		    strcmp(elements[i].arg, pname))
			continue;
		info->reg_type |= TF_MAYBE_NULL;
		if (!elements[i].trusted || env->prof.kernel < KVER(6, 4))
			info->reg_type &= ~(uint32_t)TF_TRUSTED;
	}
}

static const struct {
	const char *name;
	uint16_t since;		/* 0: where prof.late_fixes says so */
	uint64_t args;
} tp_args[] = {
#define TP_ARGS(tracepoint, major, minor, mask) {#tracepoint, KVER(major, minor), (mask)},
#define TP_ARGS_LATE(tracepoint, mask) {#tracepoint, 0, (mask)},
#include "tp_args.def"
#undef TP_ARGS
#undef TP_ARGS_LATE
};

/* What the kernel knows of a tracepoint's argument beyond its type. */
static void
tracepoint_arg(struct vs_env *env, uint32_t arg, struct vs_ctx_info *info)
{
	uint64_t known = 0;

	for (size_t i = 0; i < sizeof tp_args / sizeof *tp_args; i++)
		if ((tp_args[i].since ? tp_args[i].since : KVER(6, 12)) <= env->prof.kernel &&
		    (tp_args[i].since || env->prof.late_fixes) &&
		    !strcmp(tp_args[i].name, env->rules->attach_name))
			known = tp_args[i].args >> 4 * arg;
	if (known & 1)
		info->reg_type |= TF_MAYBE_NULL;
	if (known & 2) {
		vs_log(env, "marking pointer arg%u as scalar as it may encode error", arg);
		info->reg_type = RT_SCALAR;
	}
}

/* A pointer that is a number to the program: nothing is known of where it points. */
static bool
points_to_number(const struct vs_env *env, uint32_t to)
{
	const struct btf *b = vs_vmlinux(env);
	const struct btf_type *t = btf_type(b, btf_resolve(b, to));

	if (env->prof.kernel >= KVER(7, 1))
		return !btf_is_composite(t);
	if (btf_kind(t) == BTF_KIND_UNKN)	/* void; const void only later */
		return to == 0 || env->prof.kernel >= KVER(6, 16);
	/* At first, of a text only. */
	return btf_kind(t) == BTF_KIND_INT && (t->size == 1 || env->prof.kernel >= KVER(5, 17));
}

/* A pointer argument of type `id` (the pointer itself). */
static int
pointer_arg(struct vs_env *env, uint32_t id, uint32_t arg, int size, const char *pname,
	    struct vs_ctx_info *info)
{
	const struct btf *b = vs_vmlinux(env);
	uint32_t to = btf_target(b, id), flags = 0;
	size_t n = strlen(pname);
	const char *nullable = "__nullable";

	if (size != 8 && env->prof.kernel >= KVER(6, 6))	/* 6.13, and in stable kernels */
		return vs_say(env, VS_E_FUNC_ARG_SIZE, env->rules->attach_name, size), -EACCES;
	if (iterator_buffer(env, pname, info))
		return 0;
	if (points_to_number(env, to))
		return 0;
	if (btf_kind(btf_type(b, to)) == BTF_KIND_TYPE_TAG) {
		if (!strcmp(btf_name(b, to), "user"))
			flags |= TF_USER;
		if (!strcmp(btf_name(b, to), "percpu"))
			flags |= TF_PERCPU;
	}
	to = btf_resolve(b, to);
	if (!btf_is_composite(btf_type(b, to)))
		return vs_say(env, VS_E_FUNC_ARG_STRUCT, env->rules->attach_name, arg),
		       -EACCES;
	vs_log(env, "func '%s' arg%u has btf_id %u type %s '%s'\n", env->rules->attach_name, arg,
	       to, btf_kind(btf_type(b, to)) == BTF_KIND_UNION ? "UNION" : "STRUCT",
	       btf_name(b, to));
	info->reg_type = RT_BTF_ID | flags;
	if (env->prof.trusted_types && args_trusted(env))
		info->reg_type |= TF_TRUSTED;
	if (n > strlen(nullable) && !strcmp(pname + n - strlen(nullable), nullable))
		info->reg_type |= TF_MAYBE_NULL;
	info->btf_id = to;
	info->btf_space = BTF_SPACE_VMLINUX;
	if (env->type == FACT_PROG_TRACING && env->attach == FACT_ATTACH_TRACE_RAW_TP)
		tracepoint_arg(env, arg, info);
	if (env->type == FACT_PROG_TRACING && env->attach == FACT_ATTACH_TRACE_ITER)
		iterator_arg(env, pname, info);
	if (env->type == FACT_PROG_STRUCT_OPS)
		vs_ops_arg(env, arg, info);
	return 0;
}

/* Past the last argument lies the return value, for programs that run after the function. */
static int
return_access(struct vs_env *env, uint32_t arg, uint32_t *type)
{
	switch (env->attach) {
	case FACT_ATTACH_LSM_MAC:
	case FACT_ATTACH_LSM_CGROUP:
	case FACT_ATTACH_TRACE_FEXIT:
	case FACT_ATTACH_MODIFY_RETURN:
	case FACT_ATTACH_TRACE_FSESSION:
		*type = btf_return_type(vs_vmlinux(env), env->rules->attach_proto);
		return 0;
	default:
		vs_say(env, VS_E_FUNC_NO_ARG, env->rules->attach_name, arg + 1);
		return -EACCES;
	}
}

static int
btf_ctx_access(struct vs_env *env, int32_t off, int size, bool write, struct vs_ctx_info *info)
{
	struct vs_rules *r = env->rules;
	const struct btf *b = vs_vmlinux(env);
	uint32_t arg = (uint32_t)off / 8, nargs, type;
	struct btf_param_of p = {.name = ""};

	if (off < 0 || off >= TRACING_ARGS * 8 || write || off % size)
		return -EACCES;
	if (!r->many && (!b || !r->attach_proto))
		return vs_unknown(env, "an argument of %s, whose BTF is not known,",
				  r->attach_name ? r->attach_name : "the attach target");
	if (off % 8)
		return vs_say(env, VS_E_FUNC_OFFSET, r->attach_name, off), -EACCES;
	if (r->many)		/* nothing that all of the functions have */
		return vs_say(env, VS_E_FUNC_NO_ARG, r->attach_name, arg + 1), -EACCES;
	nargs = btf_param_count(b, r->attach_proto) - r->first_arg;
	if (arg > nargs)
		return vs_say(env, VS_E_FUNC_NO_ARG, r->attach_name, arg + 1), -EACCES;
	if (arg == nargs) {
		int err = return_access(env, arg, &type);

		if (err)
			return err;
		/* Hooks that come after the LSM's own verdict see one it may give. */
		if (env->attach == FACT_ATTACH_LSM_MAC && env->prof.kernel >= KVER(6, 12)) {
			info->has_range = true;
			vs_lsm_range(env, &info->min, &info->max);
		}
	} else {
		btf_param(b, r->attach_proto, arg + r->first_arg, &p);
		type = p.type;
	}
	type = btf_resolve(b, type);
	if (is_small_int(env, type))
		return 0;
	if (btf_kind(btf_type(b, type)) != BTF_KIND_PTR)
		return vs_say(env, VS_E_FUNC_ARG_KIND, r->attach_name, arg), -EACCES;
	return pointer_arg(env, type, arg, size, p.name ? p.name : "", info);
}

/* ---- the cast to the kernel's own type ------------------------------------------------ */

/* The kernel's own struct behind the context. */
static const char *
kernel_ctx(const struct vs_env *env)
{
	static const char *const names[] = {
		[FACT_PROG_XDP] = "xdp_buff", [FACT_PROG_SOCK_OPS] = "bpf_sock_ops_kern",
		[FACT_PROG_SK_MSG] = "sk_msg", [FACT_PROG_SOCKET_FILTER] = "sk_buff",
		[FACT_PROG_SCHED_CLS] = "sk_buff", [FACT_PROG_SCHED_ACT] = "sk_buff",
		[FACT_PROG_CGROUP_SKB] = "sk_buff", [FACT_PROG_SK_SKB] = "sk_buff",
		[FACT_PROG_LWT_IN] = "sk_buff", [FACT_PROG_LWT_OUT] = "sk_buff",
		[FACT_PROG_LWT_XMIT] = "sk_buff", [FACT_PROG_LWT_SEG6LOCAL] = "sk_buff",
		[FACT_PROG_KPROBE] = "pt_regs", [FACT_PROG_CGROUP_SOCK] = "sock",
		[FACT_PROG_CGROUP_SOCK_ADDR] = "bpf_sock_addr_kern",
		[FACT_PROG_CGROUP_DEVICE] = "bpf_cgroup_dev_ctx",
		[FACT_PROG_CGROUP_SYSCTL] = "bpf_sysctl_kern",
		[FACT_PROG_CGROUP_SOCKOPT] = "bpf_sockopt_kern",
		[FACT_PROG_FLOW_DISSECTOR] = "bpf_flow_dissector",
		[FACT_PROG_PERF_EVENT] = "bpf_perf_event_data_kern",
		[FACT_PROG_SK_REUSEPORT] = "sk_reuseport_kern",
		[FACT_PROG_SK_LOOKUP] = "bpf_sk_lookup_kern",
		[FACT_PROG_NETFILTER] = "bpf_nf_ctx",
	};

	return env->type < sizeof names / sizeof *names ? names[env->type] : NULL;
}

/* The type the kernel has on record for contexts of this program type; 0: not known. */
static uint32_t
recorded_ctx(struct vs_env *env)
{
	struct btf *b = vs_vmlinux(env);
	uint32_t id = btf_find(b, STR("bpf_ctx_convert"), BTF_KIND_STRUCT);
	const struct fact_prog_type *t = fact_prog_type(env->type);
	const char *name = arena_printf(env->tmp, "BPF_PROG_TYPE_%s_kern", t ? t->name : "");
	struct btf_field m;

	for (uint32_t i = 0; btf_member(b, id, i, &m); i++)
		if (!strcmp(m.name, name))
			return m.type;
	return 0;
}

int
vs_kernel_ctx(struct vs_env *env, struct vs_reg *r0)
{
	const char *name = kernel_ctx(env);

	if (!name)
		return vs_reject(env, VS_E_CAST_CTX, recorded_ctx(env));
	r0->type = RT_BTF_ID | TF_TRUSTED;
	r0->btf_id = vs_kernel_struct(env, name);
	r0->btf_space = BTF_SPACE_VMLINUX;
	return 0;
}

/* ---- the seams ---------------------------------------------------------------------- */

int
vs_ctx_access(struct vs_env *env, uint32_t insn_idx, int32_t off, int size, bool write,
	      struct vs_ctx_info *info)
{
	int table = table_of(env->type);

	(void)insn_idx;
	info->reg_type = RT_SCALAR;
	if (table >= 0)
		return table_access(env, &tables[table], off, size, write, info);
	switch (env->type) {
	case FACT_PROG_NETFILTER:
		return netfilter_access(env, off, size, write, info);
	case FACT_PROG_TRACING:
	case FACT_PROG_LSM:
	case FACT_PROG_STRUCT_OPS:
		return btf_ctx_access(env, off, size, write, info);
	default:
		return vs_unknown(env, "context of program type %s",
				  fact_prog_type(env->type) ? fact_prog_type(env->type)->name
							    : "?");
	}
}

int
vs_sock_access(struct vs_env *env, const struct vs_reg *r, int32_t off, int size, bool write,
	       struct vs_ctx_info *info)
{
	int t;

	switch (r->type) {
	case RT_SOCK_COMMON: t = TB_sock_common; break;
	case RT_SOCKET: t = TB_socket; break;
	case RT_TCP_SOCK: t = TB_tcp_sock; break;
	case RT_XDP_SOCK: t = TB_xdp_sock; break;
	default: return -EACCES;
	}
	return table_access(env, &tables[t], off, size, write, info);
}

int
vs_flow_keys_access(struct vs_env *env, int32_t off, int size, bool write)
{
	(void)env;
	(void)write;
	return off < 0 || size < 0 || off + size > 56 ? -EACCES : 0;
}

/* SPDX-License-Identifier: MIT */
/* prog.c: what follows from the program's type and attach type: whether it may be loaded
 * at all, what it may return, and the old packet loads. */
#include "rules.h"

enum { MAX_UNPRIVILEGED = 4096 };	/* instructions */

/* ---- attach target ------------------------------------------------------------------ */

const struct btf *
vs_btf_of(const struct vs_env *env, uint32_t space)
{
	return space == BTF_SPACE_VMLINUX ? vs_vmlinux(env) :
	       space == BTF_SPACE_PROG ? env->btf : NULL;
}

/* Names are indexed at the first look-up, inside the struct: the kernel's types themselves
 * stay as they are. */
static uint32_t
find(const struct btf *b, const char *name, uint32_t kind)
{
	return b ? btf_find((struct btf *)(uintptr_t)b, str_of(name), kind) : 0;
}

uint32_t
vs_kernel_struct(struct vs_env *env, const char *name)
{
	return find(vs_vmlinux(env), name, BTF_KIND_STRUCT);
}

static uint32_t
proto_of_func(const struct btf *b, uint32_t func)
{
	return func ? btf_target(b, func) : 0;
}

/* To the verifier many functions are all one of its own, which has no arguments. */
static bool
attached_to_many(const struct vs_env *env)
{
	return env->type == FACT_PROG_TRACING && fact_attach_many(env->attach);
}

static bool
has_attach_type(const struct vs_env *env)
{
	const struct fact_attach_type *at = fact_attach_type(env->attach);

	return at && at->since <= env->prof.kernel;
}

/* Tracepoints: btf_trace_NAME is a typedef of a pointer to the prototype. */
static void
find_target(struct vs_env *env, struct vs_rules *r)
{
	const struct btf *b = vs_vmlinux(env);
	const char *name = env->prog->attach_target;

	r->many = attached_to_many(env) && has_attach_type(env);
	if (r->many)
		r->attach_name = "bpf_multi_func";
	if (r->many || !b || !name || !*name)
		return;
	r->attach_name = name;
	if (env->type == FACT_PROG_LSM) {
		r->attach_btf_id = find(b, arena_printf(env->a, "bpf_lsm_%s", name),
					BTF_KIND_FUNC);
		r->attach_proto = proto_of_func(b, r->attach_btf_id);
	} else if (env->attach == FACT_ATTACH_TRACE_RAW_TP) {
		r->attach_btf_id = find(b, arena_printf(env->a, "btf_trace_%s", name),
					BTF_KIND_TYPEDEF);
		if (r->attach_btf_id)
			r->attach_proto = btf_target(b, btf_target(b, r->attach_btf_id));
		r->first_arg = 1;
	} else if (env->attach == FACT_ATTACH_TRACE_ITER) {
		r->attach_btf_id = find(b, arena_printf(env->a, "bpf_iter_%s", name),
					BTF_KIND_FUNC);
		r->attach_proto = proto_of_func(b, r->attach_btf_id);
	} else {
		r->attach_btf_id = find(b, name, BTF_KIND_FUNC);
		r->attach_proto = proto_of_func(b, r->attach_btf_id);
	}
	if (r->attach_proto && !btf_return_type(b, r->attach_proto))
		r->attach_void = true;
}

int
vs_rules_init(struct vs_env *env)
{
	env->rules = arena_alloc(env->tmp, sizeof *env->rules);
	/* What 0 means for types that are older than their attach types. */
	if (env->type == FACT_PROG_CGROUP_SOCK && !env->attach)
		env->attach = FACT_ATTACH_CGROUP_INET_SOCK_CREATE;
	if (env->type == FACT_PROG_SK_REUSEPORT && !env->attach &&
	    env->prof.kernel >= KVER(5, 14))
		env->attach = FACT_ATTACH_SK_REUSEPORT_SELECT;
	if (env->type == FACT_PROG_TRACING || env->type == FACT_PROG_LSM)
		find_target(env, env->rules);
	if (env->type == FACT_PROG_STRUCT_OPS && env->prog->attach_target)
		vs_find_ops(env, env->prog->attach_target);
	return 0;
}

/* ---- may it be loaded --------------------------------------------------------------- */

#define A(NAME) (UINT64_C(1) << FACT_ATTACH_##NAME)

/* The expected attach types a program type accepts; 0: the kernel does not look. */
static uint64_t
attach_types(const struct vs_env *env)
{
	switch (env->type) {
	case FACT_PROG_CGROUP_SOCK:
		return A(CGROUP_INET_SOCK_CREATE) | A(CGROUP_INET_SOCK_RELEASE) |
		       A(CGROUP_INET4_POST_BIND) | A(CGROUP_INET6_POST_BIND);
	case FACT_PROG_CGROUP_SOCK_ADDR:
		return A(CGROUP_INET4_BIND) | A(CGROUP_INET6_BIND) | A(CGROUP_INET4_CONNECT) |
		       A(CGROUP_INET6_CONNECT) | A(CGROUP_UNIX_CONNECT) |
		       A(CGROUP_INET4_GETPEERNAME) | A(CGROUP_INET6_GETPEERNAME) |
		       A(CGROUP_UNIX_GETPEERNAME) | A(CGROUP_INET4_GETSOCKNAME) |
		       A(CGROUP_INET6_GETSOCKNAME) | A(CGROUP_UNIX_GETSOCKNAME) |
		       A(CGROUP_UDP4_SENDMSG) | A(CGROUP_UDP6_SENDMSG) |
		       A(CGROUP_UNIX_SENDMSG) | A(CGROUP_UDP4_RECVMSG) |
		       A(CGROUP_UDP6_RECVMSG) | A(CGROUP_UNIX_RECVMSG);
	case FACT_PROG_CGROUP_SKB:
		return A(CGROUP_INET_INGRESS) | A(CGROUP_INET_EGRESS);
	case FACT_PROG_CGROUP_SOCKOPT:
		return A(CGROUP_SETSOCKOPT) | A(CGROUP_GETSOCKOPT);
	case FACT_PROG_SK_LOOKUP:
		return A(SK_LOOKUP);
	case FACT_PROG_SK_REUSEPORT:
		if (env->prof.kernel < KVER(5, 14))
			return 0;
		return A(SK_REUSEPORT_SELECT) | A(SK_REUSEPORT_SELECT_OR_MIGRATE);
	case FACT_PROG_NETFILTER:
		return A(NETFILTER);
	case FACT_PROG_SYSCALL:
	case FACT_PROG_EXT:
		return A(CGROUP_INET_INGRESS);	/* 0: nothing was said */
	default:
		return 0;
	}
}

/* What programs of type tracing and lsm are attached to: a kernel's function, in these ways. */
static bool
is_tracing_attach(const struct vs_env *env)
{
	static const uint64_t ways = A(TRACE_RAW_TP) | A(TRACE_ITER) | A(MODIFY_RETURN) |
		A(LSM_MAC) | A(LSM_CGROUP) | A(TRACE_FENTRY) | A(TRACE_FEXIT) |
		A(TRACE_FSESSION);

	return has_attach_type(env) && ways >> env->attach & 1;
}

/* Types that only privileged processes may load, and the capability each asks for. */
static uint32_t
caps_needed(uint32_t prog_type)
{
	static const uint64_t net = FACT_T(SCHED_CLS) | FACT_T(SCHED_ACT) | FACT_T(XDP) |
		FACT_T(LWT_IN) | FACT_T(LWT_OUT) | FACT_T(LWT_XMIT) | FACT_T(LWT_SEG6LOCAL) |
		FACT_T(SK_SKB) | FACT_T(SK_MSG) | FACT_T(FLOW_DISSECTOR) |
		FACT_T(CGROUP_DEVICE) | FACT_T(CGROUP_SOCK) | FACT_T(CGROUP_SOCK_ADDR) |
		FACT_T(CGROUP_SOCKOPT) | FACT_T(CGROUP_SYSCTL) | FACT_T(SOCK_OPS) |
		FACT_T(EXT) | FACT_T(NETFILTER);
	static const uint64_t perf = FACT_T(KPROBE) | FACT_T(TRACEPOINT) |
		FACT_T(PERF_EVENT) | FACT_T(RAW_TRACEPOINT) |
		FACT_T(RAW_TRACEPOINT_WRITABLE) | FACT_T(TRACING) | FACT_T(LSM) |
		FACT_T(STRUCT_OPS) | FACT_T(EXT);
	uint32_t need = 0;

	if (prog_type != FACT_PROG_SOCKET_FILTER && prog_type != FACT_PROG_CGROUP_SKB)
		need |= VCAP_BPF;
	if (net >> prog_type & 1)
		need |= VCAP_NET_ADMIN;
	if (perf >> prog_type & 1)
		need |= VCAP_PERFMON;
	return need;
}

static bool
sleepable_tracepoints(const struct vs_env *env)
{
	return env->prof.kernel >= fact_feature_since(FACT_HAS_SLEEPABLE_TRACEPOINTS);
}

static bool
can_be_sleepable(const struct vs_env *env)
{
	if (env->prof.kernel < KVER(5, 10))
		return false;
	switch (env->type) {
	case FACT_PROG_TRACING:
		return env->rules->many || env->attach == FACT_ATTACH_TRACE_FENTRY ||
		       (env->attach == FACT_ATTACH_TRACE_RAW_TP && sleepable_tracepoints(env)) ||
		       env->attach == FACT_ATTACH_TRACE_FEXIT ||
		       env->attach == FACT_ATTACH_MODIFY_RETURN ||
		       env->attach == FACT_ATTACH_TRACE_FSESSION ||
		       env->attach == FACT_ATTACH_TRACE_ITER;
	case FACT_PROG_LSM:
		return env->attach != FACT_ATTACH_LSM_CGROUP;
	case FACT_PROG_KPROBE:
		return env->prof.kernel >= KVER(6, 0);
	case FACT_PROG_STRUCT_OPS:
		return true;
	case FACT_PROG_RAW_TRACEPOINT:
	case FACT_PROG_TRACEPOINT:
		return sleepable_tracepoints(env);
	default:
		return false;
	}
}

static int
check_target(struct vs_env *env)
{
	if (env->type == FACT_PROG_STRUCT_OPS)
		return vs_check_ops(env);
	if (env->type == FACT_PROG_EXT)
		return vs_unknown(env, "the program that an extension replaces");
	if (env->type != FACT_PROG_TRACING && env->type != FACT_PROG_LSM)
		return 0;
	if (env->rules->many)
		return 0;
	if (attached_to_many(env))	/* older kernels miss the one function that they know */
		return vs_reject(env, VS_E_NO_TARGET);
	if (!has_attach_type(env))
		return vs_reject(env, VS_E_ATTACH_TYPE);
	if (!vs_vmlinux(env))
		return vs_unknown(env, "a program of type %s without the kernel's BTF",
				  fact_prog_type(env->type)->name);
	if (!env->rules->attach_btf_id && !env->prog->attach_target)
		return vs_reject(env, VS_E_NO_TARGET);
	if (!env->rules->attach_btf_id)
		return vs_reject(env, VS_E_TARGET_MISSING, env->prog->attach_target);
	if (!is_tracing_attach(env))
		return vs_reject(env, VS_E_ATTACH_TYPE);
	return vs_check_hook(env);
}

const char *
vs_prog_option(uint32_t prog_type)
{
	static const struct {
		uint32_t type;
		const char *option;
	} optional[] = {
		{FACT_PROG_LIRC_MODE2, "CONFIG_BPF_LIRC_MODE2"},
		{FACT_PROG_NETFILTER, "CONFIG_NETFILTER_BPF_LINK"},
		{FACT_PROG_LSM, "CONFIG_BPF_LSM"},
	};

	for (size_t i = 0; i < sizeof optional / sizeof *optional; i++)
		if (prog_type == optional[i].type)
			return optional[i].option;
	return NULL;
}

static bool
is_left_out(const struct vs_env *env)
{
	const char *option = vs_prog_option(env->type);

	return option && vs_configured(env, option) == 0;
}

/* What bpf(2) looks at before it asks the verifier. */

/* What prog_flags of BPF_PROG_LOAD may hold (include/uapi/linux/bpf.h). */
static bool
flags_known(const struct vs_env *env)
{
	static const struct {
		uint32_t flag;
		uint16_t since;
	} flags[] = {
		{BPF_F_STRICT_ALIGNMENT, KVER(4, 12)}, {BPF_F_ANY_ALIGNMENT, KVER(5, 0)},
		{BPF_F_TEST_RND_HI32, KVER(5, 3)}, {BPF_F_TEST_STATE_FREQ, KVER(5, 4)},
		{BPF_F_SLEEPABLE, KVER(5, 10)}, {BPF_F_XDP_HAS_FRAGS, KVER(5, 18)},
		{VS_F_XDP_DEV_BOUND, KVER(6, 3)}, {1u << 7, KVER(6, 8)},	/* TEST_REG_INVARIANTS */
		{1u << 16, KVER(6, 9)},						/* TOKEN_FD */
	};
	uint32_t known = 0;

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		known |= env->prof.kernel >= flags[i].since ? flags[i].flag : 0;
	return !(env->flags & ~known);
}

int
vs_check_load(struct vs_env *env)
{
	const struct fact_prog_type *t = fact_prog_type(env->type);
	const struct fact_attach_type *at = fact_attach_type(env->attach);
	uint32_t missing = caps_needed(env->type) & ~env->caps;
	uint64_t want = attach_types(env);

	if (!flags_known(env))
		return vs_reject(env, VS_E_PROG_FLAGS);
	if (!env->bpf_capable && env->n > MAX_UNPRIVILEGED)
		return vs_reject(env, VS_E_EMPTY);
	if (missing && !(env->caps & VCAP_SYS_ADMIN))
		return vs_reject(env, VS_E_PROG_CAPS);
	if (!t || t->since > env->prof.kernel || is_left_out(env))
		return vs_reject(env, VS_E_PROG_TYPE);
	if (want && (env->attach >= 64 || !(want >> env->attach & 1) ||
		     at->since > env->prof.kernel))
		return vs_reject(env, VS_E_ATTACH_TYPE);
	return 0;
}

int
vs_check_attach(struct vs_env *env)
{
	if (env->type == FACT_PROG_SYSCALL)
		return env->sleepable ? 0 : vs_reject(env, VS_E_SYSCALL_SLEEP);
	if (env->sleepable && !can_be_sleepable(env))
		return vs_reject(env, VS_E_SLEEPABLE);
	return check_target(env);
}

int
vs_entry_ctx(struct vs_env *env, struct vs_reg *r1)
{
	r1->type = RT_CTX;
	vs_mark_known_zero(r1);
	if (env->type == FACT_PROG_STRUCT_OPS)
		vs_ops_entry(env);
	return 0;
}

/* ---- the value a program returns ---------------------------------------------------- */

struct returns {
	bool any;
	bool unsupported;	/* the kernel has no rule, and refuses */
	bool low32;
	int32_t min, max;
};

static struct returns
sock_addr_returns(const struct vs_env *env)
{
	uint64_t one = A(CGROUP_UDP4_RECVMSG) | A(CGROUP_UDP6_RECVMSG) |
		       A(CGROUP_UNIX_RECVMSG) | A(CGROUP_INET4_GETPEERNAME) |
		       A(CGROUP_INET6_GETPEERNAME) | A(CGROUP_UNIX_GETPEERNAME) |
		       A(CGROUP_INET4_GETSOCKNAME) | A(CGROUP_INET6_GETSOCKNAME) |
		       A(CGROUP_UNIX_GETSOCKNAME);
	uint64_t bind = A(CGROUP_INET4_BIND) | A(CGROUP_INET6_BIND);

	if (one >> env->attach & 1)
		return (struct returns){.min = 1, .max = 1};
	if ((bind >> env->attach & 1) && env->prof.kernel >= KVER(5, 13))
		return (struct returns){.max = 3};
	return (struct returns){.max = 1};
}

static struct returns
tracing_returns(const struct vs_env *env)
{
	switch (env->attach) {
	case FACT_ATTACH_TRACE_FENTRY:
	case FACT_ATTACH_TRACE_FEXIT:
	case FACT_ATTACH_TRACE_FSESSION:
	case FACT_ATTACH_TRACE_FENTRY_MULTI:
	case FACT_ATTACH_TRACE_FEXIT_MULTI:
	case FACT_ATTACH_TRACE_FSESSION_MULTI:
		return (struct returns){.max = 0};
	case FACT_ATTACH_TRACE_ITER:
		return (struct returns){.max = 1};
	case FACT_ATTACH_TRACE_RAW_TP:
	case FACT_ATTACH_MODIFY_RETURN:
		return (struct returns){.any = true};
	default:
		return (struct returns){.unsupported = true};
	}
}

void
vs_lsm_range(const struct vs_env *env, int32_t *min, int32_t *max)
{
	bool yes_no = vs_lsm_yes_or_no(env);

	*min = yes_no ? 0 : -4095;
	*max = yes_no;
}

static struct returns
lsm_returns(const struct vs_env *env)
{
	struct returns r = {.low32 = true};

	if (env->attach == FACT_ATTACH_LSM_CGROUP)
		return (struct returns){.min = env->rules->attach_void, .max = 1};
	if (env->prof.kernel < KVER(6, 12) || !env->rules->attach_name)
		return (struct returns){.any = true};
	vs_lsm_range(env, &r.min, &r.max);
	return r;
}

static bool
returns_pointer(const struct vs_env *env)
{
	const struct btf *b = vs_vmlinux(env);

	return env->rules->attach_proto && env->prof.kernel >= KVER(6, 15) &&
	       btf_kind(btf_type(b, btf_resolve(b, btf_return_type(
				     b, env->rules->attach_proto)))) == BTF_KIND_PTR;
}

static struct returns
returns_of(const struct vs_env *env)
{
	switch (env->type) {
	case FACT_PROG_CGROUP_SOCK_ADDR:
		return sock_addr_returns(env);
	case FACT_PROG_CGROUP_SKB:
		return (struct returns){
			.max = env->attach == FACT_ATTACH_CGROUP_INET_EGRESS ? 3 : 1};
	case FACT_PROG_CGROUP_SOCK:
	case FACT_PROG_SOCK_OPS:
	case FACT_PROG_CGROUP_DEVICE:
	case FACT_PROG_CGROUP_SYSCTL:
	case FACT_PROG_CGROUP_SOCKOPT:
	case FACT_PROG_SK_LOOKUP:
	case FACT_PROG_NETFILTER:
		return (struct returns){.max = 1};
	case FACT_PROG_TRACING:
		return tracing_returns(env);
	case FACT_PROG_KPROBE:
		if ((env->attach == FACT_ATTACH_TRACE_KPROBE_SESSION &&
		     env->prof.kernel >= KVER(6, 10)) ||
		    (env->attach == FACT_ATTACH_TRACE_UPROBE_SESSION &&
		     env->prof.kernel >= KVER(6, 13)))
			return (struct returns){.max = 1};
		return (struct returns){.any = true};
	case FACT_PROG_LSM:
		return lsm_returns(env);
	case FACT_PROG_STRUCT_OPS:
		/* Where the kernel expects a pointer, none is the only number. */
		return returns_pointer(env) ? (struct returns){.max = 0}
					    : (struct returns){.any = true};
	default:
		return (struct returns){.any = true};
	}
}

/* How the kernel describes a value that is out of range: newer ones by its signed bounds,
 * older ones by its tnum. */
static int
reject_range(struct vs_env *env, const struct vs_reg *r, const char *when,
	     const char *reg_name, int32_t min, int32_t max)
{
	struct buf b = buf_new(env->tmp);
	tnum want;

	if (env->prof.return_ranges) {
		if (r->smin > INT64_MIN)
			buf_printf(&b, " smin=%lld", (long long)r->smin);
		if (r->smax < INT64_MAX)
			buf_printf(&b, " smax=%lld", (long long)r->smax);
		if (r->smin == INT64_MIN && r->smax == INT64_MAX)
			buf_puts(&b, " unknown scalar value");
		return vs_reject(env, VS_E_RETURN_RANGE, when, reg_name, buf_text(&b).p, min,
				 max);
	}
	want = tnum_range((uint64_t)min, (uint64_t)max);
	if (r->var.mask == UINT64_MAX)
		buf_puts(&b, "unknown scalar value");
	else
		buf_printf(&b, "value (0x%llx; 0x%llx)", (unsigned long long)r->var.value,
			   (unsigned long long)r->var.mask);
	return vs_reject(env, VS_E_RETURN_RANGE_OLD, when, reg_name, buf_text(&b).p,
			 (unsigned long long)want.value, (unsigned long long)want.mask);
}

static bool
within(const struct vs_env *env, const struct vs_reg *r, struct returns want)
{
	if (!env->prof.return_ranges) {
		tnum t = tnum_range((uint64_t)want.min, (uint64_t)want.max);

		return tnum_in(t, r->var);
	}
	if (want.low32)
		return r->s32min >= want.min && r->s32max <= want.max;
	return r->smin >= want.min && r->smax <= want.max;
}

/* An object with its reference, where the kernel expects one of its type. */
bool
vs_returns_object(struct vs_env *env, const struct vs_reg *r)
{
	const struct btf *b;

	if (env->type != FACT_PROG_STRUCT_OPS || !r->ref_id || vs_base(r->type) != RT_BTF_ID ||
	    r->btf_space != BTF_SPACE_VMLINUX || !returns_pointer(env))
		return false;
	b = vs_vmlinux(env);	/* only now: opening it takes longer than most programs */
	return r->btf_id == btf_resolve(b, btf_target(b, btf_resolve(
				b, btf_return_type(b, env->rules->attach_proto))));
}

int
vs_check_return(struct vs_env *env, uint32_t regno, const char *reg_name)
{
	const struct vs_frame *f = vs_cur_frame(env), *first = env->cur->frame[0];
	bool sub = first->subprog != 0;
	const char *when = "At program exit";
	struct returns want;
	struct vs_reg *r;
	int err;

	if ((!sub || f->in_exception_callback) && env->rules->attach_void &&
	    ((env->type == FACT_PROG_LSM && env->attach != FACT_ATTACH_LSM_CGROUP) ||
	     env->type == FACT_PROG_STRUCT_OPS))
		return 0;
	if (sub && !f->in_async_callback && !f->in_exception_callback &&
	    vs_returns_void(env, first->subprog))
		return 0;
	err = vs_check_reg_arg(env, regno, false);
	if (err)
		return err;
	if (vs_is_pointer_value(env, regno))
		return vs_reject(env, VS_E_RETURN_LEAK, regno);
	r = &vs_cur_regs(env)[regno];
	if (!sub && !f->in_exception_callback && vs_returns_object(env, r))
		return vs_check_ptr_off(env, r, regno, false);
	if (f->in_async_callback) {
		when = "At async callback return";
		want = (struct returns){.min = f->callback_ret.min,
					.max = f->callback_ret.max};
	} else if (sub && !f->in_exception_callback) {
		if (r->type != RT_SCALAR)
			return vs_reject(env, VS_E_SUB_RET_SCALAR, regno,
					 vs_type_name(env, r->type));
		return 0;
	} else {
		want = returns_of(env);
	}
	if (want.unsupported)
		return vs_reject(env, VS_E_RETURN_ATTACH);
	if (want.any)
		return 0;
	if (r->type != RT_SCALAR)
		return vs_reject(env, VS_E_RETURN_UNKNOWN, when, regno,
				 vs_type_name(env, r->type));
	err = vs_mark_precise(env, regno);
	if (err)
		return err;
	if (!within(env, r, want)) {
		err = reject_range(env, r, when, reg_name, want.min, want.max);
		if (!sub && env->type == FACT_PROG_LSM && env->rules->attach_void)
			err = vs_reject(env, VS_E_LSM_VOID);
		return err;
	}
	return 0;
}

/* The verdict that bpf_get_retval and bpf_set_retval speak of: an error or 0, since 7.2
 * (kernel/bpf/verifier.c). False: anything. */
bool
vs_retval_range(const struct vs_env *env, int32_t *min, int32_t *max)
{
	bool lsm = env->type == FACT_PROG_LSM && env->attach == FACT_ATTACH_LSM_CGROUP;

	if (!env->prof.retval_ranges || (env->type == FACT_PROG_CGROUP_SOCKOPT &&
					 env->attach == FACT_ATTACH_CGROUP_GETSOCKOPT) ||
	    (lsm && env->rules->attach_void))
		return false;
	*min = -4095;
	*max = 0;
	if (lsm)
		vs_lsm_range(env, min, max);
	return true;
}

int
vs_check_set_retval(struct vs_env *env)
{
	const struct vs_reg *r = &vs_cur_regs(env)[1];
	struct returns want = {.low32 = true};
	int err;

	if (env->type == FACT_PROG_LSM && env->attach == FACT_ATTACH_LSM_CGROUP &&
	    env->rules->attach_void)
		return vs_reject(env, VS_E_LSM_SET_RETVAL);
	if (!vs_retval_range(env, &want.min, &want.max))
		return 0;
	if (r->type != RT_SCALAR)
		return vs_reject(env, VS_E_ARG_SCALAR, 1);
	err = vs_mark_precise(env, 1);
	if (err < 0 || within(env, r, want))
		return err;
	return reject_range(env, r, "At bpf_set_retval", "R1", want.min, want.max);
}

/* ---- BPF_LD | BPF_ABS and BPF_IND --------------------------------------------------- */

static int
check_ld_abs_form(struct vs_env *env, const struct bpf_insn *in)
{
	bool abs = BPF_MODE(in->code) == BPF_ABS;

	if (env->type != FACT_PROG_SOCKET_FILTER && env->type != FACT_PROG_SCHED_CLS &&
	    env->type != FACT_PROG_SCHED_ACT)
		return vs_reject(env, VS_E_LD_ABS_TYPE);
	for (uint32_t i = env->cur->curframe; i && env->prof.kernel >= KVER(6, 12); i--) {
		if (env->cur->frame[i]->in_callback)
			return vs_reject(env, VS_E_LD_ABS_CB);
	}
	if (in->dst_reg || in->off || BPF_SIZE(in->code) == BPF_DW || (abs && in->src_reg))
		return vs_reject(env, VS_E_LD_ABS_RESERVED);
	return 0;
}

static int
check_ld_abs_state(struct vs_env *env)
{
	int err;

	if (env->prof.kernel >= KVER(6, 13))
		return vs_check_resource_leak(env, false, true, "BPF_LD_[ABS|IND]");
	err = vs_check_ref_leak(env, false);
	if (err)
		return vs_reject(env, VS_E_LD_ABS_REFS);
	if (env->cur->active_locks)
		return vs_reject(env, VS_E_LOCK_EXIT, "BPF_LD_[ABS|IND]");
	if (env->cur->active_rcu)
		return vs_reject(env, VS_E_RCU_EXIT, "BPF_LD_[ABS|IND]");
	if (env->cur->active_preempt)
		return vs_reject(env, VS_E_PREEMPT_EXIT, "BPF_LD_[ABS|IND]");
	return 0;
}

int
vs_check_ld_abs(struct vs_env *env, const struct bpf_insn *in)
{
	struct vs_reg *regs = vs_cur_regs(env);
	int err = check_ld_abs_form(env, in);

	if (!err)
		err = vs_check_reg_arg(env, 6, false);
	if (!err)
		err = check_ld_abs_state(env);
	if (err)
		return err;
	if (regs[6].type != RT_CTX)
		return vs_reject(env, VS_E_LD_ABS_R6);
	if (BPF_MODE(in->code) == BPF_IND) {
		err = vs_check_reg_arg(env, in->src_reg, false);
		if (err)
			return err;
	}
	err = vs_check_ptr_off(env, &regs[6], 6, false);
	if (err)
		return err;
	vs_clobber_args(env);
	vs_check_reg_arg(env, 0, true);
	vs_reg_unknown(env, &regs[0]);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* ops.c: programs that implement a member of a kernel struct (struct_ops), and stores
 * into kernel objects, which most programs may not do at all.
 *
 * The context is the member's arguments, as BTF has them; a stub function STRUCT__MEMBER in
 * the kernel says by suffixes of its argument names which may be null and which are handed
 * over with a reference. The rest each struct decides by itself: those decisions are tables. */
#include "rules.h"

/* ---- the member ------------------------------------------------------------------------- */

/* Members the kernel has but lets no program implement. */
static const struct {
	const char *ops, *member;
} unsupported[] = {
	{"tcp_congestion_ops", "get_info"},
	{"sched_ext_ops", "dump_task_"},
};

#define SCHEDULER_SLEEPS " init_task cgroup_init cgroup_exit cgroup_prep_move " \
	"cgroup_set_bandwidth cpu_online cpu_offline init_cids init exit sub_attach sub_detach "

/* Structs whose members may sleep only where it says so; the others do not care. */
static const struct {
	const char *ops, *members;	/* with a space around each */
} sleepers[] = {
	{"bpf_dummy_ops", " test_sleepable "},
	{"sched_ext_ops", SCHEDULER_SLEEPS}, {"sched_ext_ops_cid", SCHEDULER_SLEEPS},
	{"hid_bpf_ops", " hid_rdesc_fixup hid_hw_request hid_hw_output_report "},
};

bool
vs_has_word(const char *words, const char *word)
{
	const char *at = strstr(words, word);
	size_t n = strlen(word);

	for (; at; at = strstr(at + 1, word))
		if (at[-1] == ' ' && at[n] == ' ')
			return true;
	return false;
}

void
vs_find_ops(struct vs_env *env, const char *target)
{
	struct vs_rules *r = env->rules;
	const struct btf *b = vs_vmlinux(env);
	const char *dot = strchr(target, '.');
	struct btf_field m;
	uint32_t id, type;

	if (!b || !dot)
		return;
	r->ops = arena_strndup(env->tmp, target, (size_t)(dot - target));
	r->attach_name = dot + 1;
	id = vs_kernel_struct(env, r->ops);
	if (!id || !vs_kernel_struct(env, arena_printf(env->tmp, "bpf_struct_ops_%s", r->ops)))
		return;
	r->attach_btf_id = id;
	/* The kernel goes by the member's number, where one was given. */
	if (env->attach ? !btf_member(b, id, env->attach, &m)
			: !btf_find_member(b, id, str_of(r->attach_name), &m))
		return;
	r->attach_name = m.name;
	type = btf_resolve(b, btf_target(b, btf_resolve(b, m.type)));
	if (btf_kind(btf_type(b, btf_resolve(b, m.type))) != BTF_KIND_PTR ||
	    btf_kind(btf_type(b, type)) != BTF_KIND_FUNC_PROTO)
		return;
	r->attach_proto = type;
	r->attach_void = !btf_return_type(b, type);
	r->stub = btf_find((struct btf *)(uintptr_t)b,
			   str_of(arena_printf(env->tmp, "%s__%s", r->ops, r->attach_name)),
			   BTF_KIND_FUNC);
}

int
vs_check_ops(struct vs_env *env)
{
	const struct vs_rules *r = env->rules;
	struct btf_field m;

	if (!vs_vmlinux(env))
		return vs_unknown(env, "a program of type struct_ops without the kernel's BTF");
	if (!env->gpl)
		return vs_reject(env, VS_E_OPS_GPL);
	if (!r->attach_btf_id && (!r->ops || !vs_kernel_struct(env, r->ops)))
		return vs_reject(env, VS_E_OPS_NONE, 0);
	if (!r->attach_btf_id)
		return vs_reject(env, VS_E_OPS_STRUCT, vs_kernel_struct(env, r->ops));
	if (env->attach && !btf_member(vs_vmlinux(env), r->attach_btf_id, env->attach, &m))
		return vs_reject(env, VS_E_OPS_INDEX, env->attach, r->ops);
	if (!r->attach_proto)
		return vs_reject(env, VS_E_OPS_MEMBER, r->attach_name, env->attach, r->ops);
	for (size_t i = 0; i < sizeof unsupported / sizeof *unsupported; i++)
		if (!strcmp(unsupported[i].ops, r->ops) &&
		    !strcmp(unsupported[i].member, r->attach_name))
			return vs_reject(env, VS_E_OPS_UNSUPPORTED, r->attach_name, r->ops);
	for (size_t i = 0; i < sizeof sleepers / sizeof *sleepers && env->sleepable; i++)
		if (!strcmp(sleepers[i].ops, r->ops) &&
		    !vs_has_word(sleepers[i].members, r->attach_name))
			return vs_reject(env, VS_E_OPS_SLEEP, r->attach_name, r->ops);
	return 0;
}

/* ---- arguments -------------------------------------------------------------------------- */

static bool
ends_with(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n > m && !strcmp(s + n - m, suffix);
}

static const char *
stub_param(const struct vs_env *env, uint32_t arg)
{
	struct btf_param_of p = {0};

	if (env->rules->stub)
		btf_param(vs_vmlinux(env), env->rules->stub, arg, &p);
	return p.name ? p.name : "";
}

/* What the stub and the struct add to a pointer argument. */
void
vs_ops_arg(struct vs_env *env, uint32_t arg, struct vs_ctx_info *info)
{
	const char *name = stub_param(env, arg);
	const char *to = btf_name(vs_vmlinux(env), info->btf_id);

	if (ends_with(name, "__nullable"))
		info->reg_type |= TF_MAYBE_NULL;
	if (ends_with(name, "__ref"))
		info->ref_id = env->rules->ops_ref[arg];
	/* Sockets of congestion control are TCP's. */
	if (!strcmp(env->rules->ops, "tcp_congestion_ops") && !strcmp(to, "sock"))
		info->btf_id = vs_kernel_struct(env, "tcp_sock");
}

void
vs_ops_entry(struct vs_env *env)
{
	for (uint32_t i = 0; env->rules->stub && i < OPS_ARGS; i++)
		if (ends_with(stub_param(env, i), "__ref"))
			env->rules->ops_ref[i] = vs_acquire_ref(env, 0);
}

/* ---- what each struct's programs may call ----------------------------------------------- */

bool
vs_ops_helper_ok(const struct vs_env *env, uint32_t helper)
{
	const struct vs_rules *r = env->rules;
	bool tcp = r->ops && !strcmp(r->ops, "tcp_congestion_ops");

	switch (helper) {
	case FACT_FN_setsockopt:	/* it would take the socket's lock a second time */
		return tcp && strcmp(r->attach_name, "release");
	case FACT_FN_tcp_send_ack:
	case FACT_FN_sk_storage_get:
	case FACT_FN_sk_storage_delete:
	case FACT_FN_getsockopt:
		return tcp;
	case FACT_FN_task_storage_get:
	case FACT_FN_task_storage_delete:
		return env->prof.kernel >= KVER(6, 16) ||
		       (r->ops && !strcmp(r->ops, "sched_ext_ops"));
	default:
		return true;
	}
}

/* ---- stores into kernel objects --------------------------------------------------------- */

static const struct store {
	uint32_t type;		/* of the program */
	const char *ops;	/* struct_ops: of which struct; else null */
	const char *object;
	const char *field;	/* path; null: all of it */
	uint16_t since;
} stores[] = {
	{FACT_PROG_XDP, NULL, "nf_conn", "mark"},
	{FACT_PROG_SCHED_CLS, NULL, "nf_conn", "mark"},
	{FACT_PROG_SCHED_ACT, NULL, "nf_conn", "mark"},
	{FACT_PROG_XDP, NULL, "nf_conn___init", "ct.mark"},
	{FACT_PROG_SCHED_CLS, NULL, "nf_conn___init", "ct.mark"},
	{FACT_PROG_SCHED_ACT, NULL, "nf_conn___init", "ct.mark"},
	{FACT_PROG_STRUCT_OPS, "bpf_dummy_ops", "bpf_dummy_ops_state", NULL},
	{FACT_PROG_STRUCT_OPS, "sched_ext_ops", "task_struct", "scx.slice"},
	{FACT_PROG_STRUCT_OPS, "sched_ext_ops", "task_struct", "scx.dsq_vtime"},
	{FACT_PROG_STRUCT_OPS, "sched_ext_ops", "task_struct", "scx.disallow"},
	{FACT_PROG_STRUCT_OPS, "sched_ext_ops_cid", "task_struct", "scx.disallow"},
	{FACT_PROG_STRUCT_OPS, "io_uring_bpf_ops", "iou_loop_params", "cq_wait_idx"},
	{FACT_PROG_STRUCT_OPS, "hid_bpf_ops", "hid_bpf_ctx", "retval"},
	{FACT_PROG_STRUCT_OPS, "hid_bpf_ops", "hid_device", "name"},
	{FACT_PROG_STRUCT_OPS, "hid_bpf_ops", "hid_device", "uniq"},
	{FACT_PROG_STRUCT_OPS, "hid_bpf_ops", "hid_device", "phys"},
	{FACT_PROG_STRUCT_OPS, "Qdisc_ops", "Qdisc", "limit"},
	{FACT_PROG_STRUCT_OPS, "Qdisc_ops", "Qdisc", "q.qlen"},
	{FACT_PROG_STRUCT_OPS, "Qdisc_ops", "Qdisc", "qstats"},
	{FACT_PROG_STRUCT_OPS, "Qdisc_ops", "sk_buff", "tstamp"},
	{FACT_PROG_STRUCT_OPS, "Qdisc_ops", "sk_buff", "cb"},
#define TCP(...) {FACT_PROG_STRUCT_OPS, "tcp_congestion_ops", "tcp_sock", __VA_ARGS__}
	TCP("inet_conn.icsk_inet.sk.sk_pacing_rate"),
	TCP("inet_conn.icsk_inet.sk.sk_pacing_status"),
	TCP("inet_conn.icsk_ca_priv"), TCP("inet_conn.icsk_ack.pending"), TCP("snd_cwnd"),
	TCP("snd_cwnd_cnt"), TCP("snd_ssthresh"), TCP("ecn_flags"),
	TCP("app_limited", KVER(6, 4)), TCP("snd_cwnd_stamp", KVER(6, 4)),
#undef TCP
};

/* Offset and size of a field named by its path. */
static bool
find_path(const struct btf *b, uint32_t id, const char *path, int64_t *off, int64_t *size)
{
	struct btf_field m;

	for (*off = 0;; path++) {
		size_t n = strcspn(path, ".");

		if (!btf_find_member(b, id, (str){path, n}, &m))
			return false;
		*off += m.bit_offset / 8;
		*size = btf_size(b, m.type);
		id = btf_resolve(b, m.type);
		path += n;
		if (!*path)
			return true;
	}
}

static bool
is_for(const struct vs_env *env, const struct store *s)
{
	return s->type == env->type && s->since <= env->prof.kernel &&
	       (!s->ops || (env->rules->ops && !strcmp(s->ops, env->rules->ops)));
}

int
vs_check_object_store(struct vs_env *env, const struct vs_reg *r, int32_t off, int size)
{
	const struct btf *b = vs_vmlinux(env);
	const char *name = btf_name(vs_btf_of(env, r->btf_space), r->btf_id);
	bool known = false;
	int64_t at, bytes;

	for (size_t i = 0; i < sizeof stores / sizeof *stores; i++) {
		const struct store *s = &stores[i];

		if (!is_for(env, s) || strcmp(s->object, name))
			continue;
		known = true;
		if (!s->field)
			return 0;
		if (!find_path(b, r->btf_id, s->field, &at, &bytes) || off < at ||
		    off >= at + bytes)
			continue;
		if (off + size <= at + bytes)
			return 0;
		return vs_reject(env, VS_E_OBJ_STORE_END, off, size, name,
				 (unsigned long)(at + bytes));
	}
	if (!known)
		return vs_reject(env, VS_E_BTF_READ_ONLY);
	return vs_reject(env, VS_E_OBJ_STORE, name, off);
}

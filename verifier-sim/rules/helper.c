/* SPDX-License-Identifier: MIT */
/* helper.c: calls of helper functions.
 *
 * vs_check_helper() goes as the kernel does: may this program call it; arguments one by one
 * (arg.c); effects (references, callbacks, tail calls); the return value; whether helper
 * and map belong together, asked last because the kernel asks it last. */
#include "rules.h"

#define FN(name) FACT_FN_##name

/* ---- may it be called --------------------------------------------------------------- */

static bool
has_caps(const struct vs_env *env, uint16_t flags)
{
	uint32_t need = 0;

	if (env->caps & VCAP_SYS_ADMIN)
		return true;
	if (flags & FACT_HELPER_CAP_ADMIN)
		return false;
	need |= flags & FACT_HELPER_CAP_BPF ? VCAP_BPF : 0;
	need |= flags & FACT_HELPER_CAP_PERFMON ? VCAP_PERFMON : 0;
	return !(need & ~env->caps);
}

static int
reject_unavailable(struct vs_env *env, uint32_t id)
{
	return vs_reject(env, env->prof.kernel >= KVER(6, 8) ? VS_E_HELPER_TYPE
							      : VS_E_HELPER_UNKNOWN,
			 vs_helper_name(id), id);
}

/* Helpers that only some kernel functions, or only sleepable programs, may call. */
static int
check_place(struct vs_env *env, uint32_t id, const struct fact_proto *p)
{
	bool sleepable = vs_in_sleepable(env);
	bool stack = env->prof.stack_sleeps && env->sleepable &&
		(id == FN(get_stack) || id == FN(get_task_stack));

	if (stack && !sleepable)
		return vs_reject(env, VS_E_HELPER_SLEEP);
	if ((p->flags & FACT_HELPER_SLEEPS) && !sleepable) {
		if (env->prof.kernel < KVER(6, 13) && id != FN(sys_bpf) && id != FN(sys_close))
			return reject_unavailable(env, id);
		return vs_reject(env, VS_E_HELPER_SLEEP);
	}
	if (!stack && !(p->flags & FACT_HELPER_SLEEPS))
		return 0;
	if (env->cur->active_rcu)
		return vs_reject(env, VS_E_SLEEP_RCU, vs_helper_name(id), id);
	if (env->cur->active_preempt)
		return vs_reject(env, VS_E_SLEEP_PREEMPT, vs_helper_name(id), id);
	if (env->cur->active_irq_id)
		return vs_reject(env, VS_E_SLEEP_IRQ, vs_helper_name(id), id);
	return 0;
}

static bool
iterates_sockets(const struct vs_env *env)
{
	const char *name = env->rules->attach_name;

	return env->type == FACT_PROG_TRACING && env->attach == FACT_ATTACH_TRACE_ITER &&
	       name && (!strcmp(name, "tcp") || !strcmp(name, "unix"));
}

/* Is it known whether the kernel was built with the helper? The one that overrides returns is
 * a function of its own then. */
static bool
configured(struct vs_env *env, uint32_t id, bool *missing)
{
	struct btf *b = vs_vmlinux(env);

	if (id != FN(override_return) || !b)
		return false;
	*missing = !btf_find(b, STR("bpf_override_return"), BTF_KIND_FUNC);
	return true;
}

/* Where programs are attached to many functions at once, which one it was is no secret. */
static bool
needs_gpl(const struct vs_env *env, uint32_t id, const struct fact_proto *p)
{
	bool many = env->attach == FACT_ATTACH_TRACE_KPROBE_MULTI ||
		    env->attach == FACT_ATTACH_TRACE_UPROBE_MULTI ||
		    env->attach == FACT_ATTACH_TRACE_KPROBE_SESSION ||
		    env->attach == FACT_ATTACH_TRACE_UPROBE_SESSION;

	if (id == FN(get_func_ip) && env->type == FACT_PROG_KPROBE && many)
		return false;
	return p->flags & FACT_HELPER_GPL;
}

static int
check_allowed(struct vs_env *env, uint32_t id, const struct fact_proto **proto)
{
	const struct fact_helper *h = fact_helper(id);
	const struct fact_proto *p;
	uint32_t type = env->type;
	bool missing = false;

	if (!id)
		return reject_unavailable(env, id);
	if (!h || h->since > env->prof.kernel)
		return vs_reject(env, VS_E_HELPER_ID, "unknown", id);
	/* Socket options of sockets that an iterator hands out: as congestion control does. */
	if (iterates_sockets(env) && (id == FN(setsockopt) || id == FN(getsockopt)))
		type = FACT_PROG_STRUCT_OPS;
	p = fact_helper_proto(id, type);
	if ((p->flags & FACT_HELPER_CONFIG) && !configured(env, id, &missing))
		return vs_unknown(env, "helper %s, which depends on how the kernel was configured,",
				  h->name);
	if (missing || !fact_helper_allowed(id, type, env->attach, env->prof.kernel) ||
	    !has_caps(env, h->proto.flags) ||
	    (env->type == FACT_PROG_STRUCT_OPS && !vs_ops_helper_ok(env, id)))
		return reject_unavailable(env, id);
	if (!env->gpl && needs_gpl(env, id, p))
		return vs_reject(env, VS_E_HELPER_GPL);
	if (!vs_hook_allows(env, id))
		return vs_reject(env, VS_E_HELPER_PROBE);
	if (id == FN(get_func_ip) && type != FACT_PROG_TRACING && type != FACT_PROG_KPROBE)
		return vs_reject(env, VS_E_FUNC_IP, h->name, id, type);
	*proto = p;
	return check_place(env, id, p);
}

/* ---- maps --------------------------------------------------------------------------- */

static const uint16_t map_users[] = {
	FN(tail_call), FN(map_lookup_elem), FN(map_update_elem), FN(map_delete_elem),
	FN(map_push_elem), FN(map_pop_elem), FN(map_peek_elem), FN(for_each_map_elem),
	FN(redirect_map), FN(map_lookup_percpu_elem),
};

static int
note_map(struct vs_env *env, uint32_t insn_idx, const struct call_meta *m)
{
	struct vs_operand *f = vs_operand(env, insn_idx);
	bool changes = m->id == FN(map_delete_elem) || m->id == FN(map_update_elem) ||
		       m->id == FN(map_push_elem) || m->id == FN(map_pop_elem);
	bool uses = false;

	for (size_t i = 0; i < sizeof map_users / sizeof *map_users; i++)
		uses = uses || map_users[i] == m->id;
	if (!uses || !m->map)
		return 0;
	if ((m->map->flags & BPF_F_RDONLY_PROG) && changes)
		return vs_reject(env, VS_E_MAP_WRITE);
	if (!f->map)
		f->map = m->map;
	else if (f->map != m->map)
		f->map_poisoned = true;
	return 0;
}

static int
note_tail_call_key(struct vs_env *env, const struct call_meta *m)
{
	const struct vs_reg *r3 = &vs_cur_regs(env)[3];

	if (m->id != FN(tail_call))
		return 0;
	if (!m->map || m->map->type != FACT_MAP_PROG_ARRAY)
		return vs_reject(env, env->prof.kernel >= KVER(6, 12) ? VS_E_TAIL_MAP
								       : VS_E_MISCONFIGURED);
	if (r3->type == RT_SCALAR && vs_is_const(r3, false) &&
	    vs_const_value(r3, false) < m->map->max_entries)
		return vs_mark_precise(env, 3);
	return 0;
}

/* ---- references --------------------------------------------------------------------- */

static bool
acquires(const struct call_meta *m)
{
	switch (m->id) {
	case FN(sk_lookup_tcp):
	case FN(sk_lookup_udp):
	case FN(skc_lookup_tcp):
	case FN(ringbuf_reserve):
	case FN(kptr_xchg):
		return true;
	case FN(map_lookup_elem):
		return m->map && (m->map->type == FACT_MAP_SOCKMAP ||
				  m->map->type == FACT_MAP_SOCKHASH);
	default:
		return false;
	}
}

/* The result is the argument by another name and lives as long. */
static bool
casts(uint32_t id)
{
	switch (id) {
	case FN(tcp_sock):
	case FN(sk_fullsock):
	case FN(skc_to_tcp_sock):
	case FN(skc_to_tcp6_sock):
	case FN(skc_to_udp6_sock):
	case FN(skc_to_mptcp_sock):
	case FN(skc_to_tcp_timewait_sock):
	case FN(skc_to_tcp_request_sock):
		return true;
	default:
		return false;
	}
}

static int
release(struct vs_env *env, const struct call_meta *m)
{
	struct vs_reg *r = &vs_cur_regs(env)[m->release_regno];
	int err = -EINVAL;

	if (!m->release_regno)
		return 0;
	if (m->proto->arg[m->release_regno - 1] == FACT_ARG_DYN_RING_FREE)
		err = vs_unmark_dynptr(env, r);
	else if (m->ref_id)
		err = vs_release_ref(env, m->ref_id);
	else if (vs_reg_is_null(r))
		err = 0;
	if (err && !env->failed)
		return vs_reject(env, VS_E_REF_NOT_ACQUIRED, vs_helper_name(m->id), m->id);
	return err;
}

/* ---- what particular helpers do ----------------------------------------------------- */

static int
check_tail_call(struct vs_env *env)
{
	int err;

	if (env->nsub > 1 && !env->prof.mixed_tail_calls)
		return vs_reject(env, VS_E_TAIL_MIXED);
	if (env->prof.kernel >= KVER(6, 13))
		return vs_check_resource_leak(env, false, true, "tail_call");
	if (env->cur->active_locks)
		return vs_reject(env, VS_E_LOCK_EXIT, "tail_call");
	err = vs_check_ref_leak(env, false);
	if (err)
		return vs_reject(env, VS_E_TAIL_LEAK);
	if (env->cur->active_rcu)
		return vs_reject(env, VS_E_RCU_EXIT, "tail_call");
	if (env->cur->active_preempt)
		return vs_reject(env, VS_E_PREEMPT_EXIT, "tail_call");
	return 0;
}

/* bpf_loop() walks its callback until the count is used up; where the count is not known,
 * until the states repeat. */
static int
enter_loop(struct vs_env *env, const struct bpf_insn *in, uint32_t insn_idx,
	   const struct call_meta *m)
{
	struct vs_frame *f = vs_cur_frame(env);
	const struct vs_reg *flags = &f->regs[4];
	int err;

	if (vs_reg_is_null(flags)) {
		err = vs_mark_precise(env, 4);
		if (err)
			return err;
	}
	/* Newer kernels want to know the count. */
	if (f->regs[1].type != RT_SCALAR && env->prof.kernel >= KVER(6, 7))
		return vs_reject(env, VS_E_LOOP_COUNT);
	err = f->regs[1].type == RT_SCALAR ? vs_mark_precise(env, 1) : 0;
	if (err)
		return err;
	if (env->prof.kernel < KVER(6, 7) || f->callback_depth < f->regs[1].umax)
		return vs_push_callback(env, in, insn_idx, m->subprog, vs_set_loop_callback,
					false, false);
	f->callback_depth = 0;
	if (env->opts->log_level & 2)
		vs_say(env, VS_E_CALLBACK_LIMIT, env->cur->curframe);
	return 0;
}

/* One conversion of a format: how many arguments it takes, and where it ends; -1 if bad. */
static int
conversion(const char **p, const char *end)
{
	const char *s = *p + 1;
	int args = 1;

	if (s < end && *s == '%') {
		*p = s + 1;
		return 0;
	}
	while (s < end && (*s == '0' || *s == '+' || *s == '-' || *s == ' '))
		s++;
	while (s < end && *s >= '0' && *s <= '9')
		s++;
	if (s < end && *s == 'p') {
		s++;
		if (end - s >= 2 && (*s == 'k' || *s == 'u') && s[1] == 's')
			s += 2;
		else if (end - s >= 2 && (*s == 'i' || *s == 'I') &&
			 (s[1] == '4' || s[1] == '6'))
			s += 2;
		else if (s < end && strchr("KxsSB", *s))
			s++;
	} else if (s < end && (*s == 's' || *s == 'c')) {
		s++;
	} else {
		for (int l = 0; l < 2 && s < end && *s == 'l'; l++)
			s++;
		if (s >= end || !strchr("diuxX", *s))
			return -1;
		s++;
	}
	*p = s;
	return args;
}

/* The format of bpf_snprintf is known now: its conversions and the arguments must agree. */
static int
check_snprintf(struct vs_env *env)
{
	const struct vs_reg *fmt = &vs_cur_regs(env)[3], *len = &vs_cur_regs(env)[5];
	uint64_t off = (uint64_t)(int64_t)fmt->off + fmt->var.value;
	const struct image_map *im = fmt->map->im;
	const char *p, *end;
	uint64_t given = len->var.value / 8, used = 0;

	if (len->var.value % 8)
		return -EINVAL;
	if (!im->data || off >= im->data_size)
		return vs_unknown(env, "contents of the map that holds a format");
	p = (const char *)im->data + off;
	end = memchr(p, 0, im->data_size - off);
	end = end ? end : (const char *)im->data + im->data_size;
	while (p < end) {
		int n = 0;

		if ((unsigned char)*p >= 0x80 || (*p < ' ' && !strchr("\t\n\r\v\f", *p)))
			return vs_reject(env, VS_E_FORMAT);
		if (*p == '%')
			n = conversion(&p, end);
		else
			p++;
		if (n < 0 || (used += (uint64_t)n) > given || used > 12)
			return vs_reject(env, VS_E_FORMAT);
	}
	return 0;
}

static int
check_local_storage(struct vs_env *env)
{
	if (!vs_reg_is_null(&vs_cur_regs(env)[2]))
		return vs_reject(env, VS_E_STORAGE_FLAGS);
	return env->prof.null_precise ? vs_mark_precise(env, 2) : 0;
}

static const struct fact_proto *
dynptr_arg(const struct call_meta *m, uint32_t *regno)
{
	for (uint32_t i = 0; i < HELPER_MAX_ARGS; i++) {
		if (m->proto->arg[i] == FACT_ARG_DYN)
			*regno = i + 1;
	}
	return m->proto;
}

static int
particular(struct vs_env *env, const struct bpf_insn *in, uint32_t insn_idx,
	   struct call_meta *m, bool *changes_pkt)
{
	struct vs_reg *regs = vs_cur_regs(env);
	enum dynptr_type dyn;
	uint32_t regno = 1;

	switch (m->id) {
	case FN(tail_call):
		return check_tail_call(env);
	case FN(get_local_storage):
		return check_local_storage(env);
	case FN(for_each_map_elem):
		return vs_push_callback(env, in, insn_idx, m->subprog,
					vs_set_map_elem_callback, false, false);
	case FN(timer_set_callback):
		return vs_push_callback(env, in, insn_idx, m->subprog, vs_set_timer_callback,
					true, false);
	case FN(find_vma):
		return vs_push_callback(env, in, insn_idx, m->subprog,
					vs_set_find_vma_callback, false, false);
	case FN(user_ringbuf_drain):
		return vs_push_callback(env, in, insn_idx, m->subprog,
					vs_set_user_ringbuf_callback, false, false);
	case FN(loop):
		return enter_loop(env, in, insn_idx, m);
	case FN(snprintf):
		return check_snprintf(env);
	case FN(set_retval):
		return vs_check_set_retval(env);
	case FN(dynptr_from_mem):
		if (regs[1].type == RT_MAP_VALUE)
			return 0;
		return vs_reject(env, VS_E_DYN_FROM_MEM, vs_type_name(env, regs[1].type));
	case FN(dynptr_data):
		dynptr_arg(m, &regno);
		m->dynptr_id = vs_dynptr_id(env, &regs[regno]);
		m->ref_id = vs_dynptr_ref(env, &regs[regno]);
		return 0;
	case FN(dynptr_write):
		dynptr_arg(m, &regno);
		dyn = vs_dynptr_type_of(env, &regs[regno]);
		if (dyn == DYNPTR_SKB || dyn == DYNPTR_SKB_META)
			*changes_pkt = true;
		return 0;
	default:
		return 0;
	}
}

/* ---- the return value --------------------------------------------------------------- */

/* Array elements whose index is a known number in range are there: the pointer is not null. */
static bool
surely_found(const struct vs_env *env, const struct call_meta *m)
{
	if (env->prof.inner_may_lack && m->map && (m->map->flags & BPF_F_INNER_MAP))
		return false;	/* another of its kind may be shorter */
	return m->id == FN(map_lookup_elem) && m->map && m->const_key >= 0 &&
	       m->map->key_size == 4 &&
	       (m->map->type == FACT_MAP_ARRAY || m->map->type == FACT_MAP_PERCPU_ARRAY) &&
	       (uint64_t)m->const_key < m->map->max_entries;
}

static int
return_percpu(struct vs_env *env, struct vs_reg *r0, const struct call_meta *m, bool alloc_rcu,
	      uint32_t null)
{
	const struct btf *b = vs_btf_of(env, m->btf_space);
	uint32_t id = btf_resolve(b, m->btf_id);

	if (btf_kind(btf_type(b, id)) == BTF_KIND_VAR)
		id = btf_resolve(b, btf_target(b, id));
	if (btf_kind(btf_type(b, id)) != BTF_KIND_STRUCT) {
		int64_t size = btf_size(b, id);

		if (size < 0)
			return vs_reject(env, VS_E_PERCPU_SIZE, btf_name(b, id), -EINVAL);
		r0->type = RT_MEM | TF_RDONLY | null;
		r0->mem_size = (uint32_t)size;
		return 0;
	}
	r0->type = alloc_rcu ? RT_BTF_ID | TF_ALLOC | TF_RCU : RT_BTF_ID | null;
	r0->btf_id = id;
	r0->btf_space = m->btf_space;
	return 0;
}

static int
return_btf(struct vs_env *env, struct vs_reg *r0, const struct call_meta *m, uint32_t flags)
{
	r0->type = RT_BTF_ID | flags;
	if (m->id == FN(kptr_xchg)) {
		if (!m->kptr)
			return vs_bug(env, "kptr_xchg without its field");
		r0->btf_id = m->kptr->btf_id;
		r0->btf_space = m->kptr->btf_space;
		if (r0->btf_space == BTF_SPACE_PROG)
			r0->type |= TF_ALLOC;
		if (m->kptr->kind == FIELD_KPTR_PERCPU)
			r0->type |= TF_PERCPU;
		return 0;
	}
	r0->btf_id = vs_kernel_struct(env, m->proto->ret_btf);
	r0->btf_space = BTF_SPACE_VMLINUX;
	if (!r0->btf_id)
		return vs_unknown(env, "struct %s, which is not in the kernel's BTF,",
				  m->proto->ret_btf);
	return 0;
}

static void
return_value(struct vs_env *env, struct vs_reg *r0, const struct call_meta *m)
{
	bool null = m->proto->ret == FACT_RET_VALUE_NULL && !surely_found(env, m);

	r0->map = m->map;
	r0->map_uid = m->map_uid;
	r0->type = RT_MAP_VALUE | (null ? TF_MAYBE_NULL : 0);
	if (!null && (vs_record_find(&m->map->record, FIELD_SPIN_LOCK) ||
		      vs_record_find(&m->map->record, FIELD_RES_SPIN_LOCK)))
		r0->id = ++env->next_id;
}

static int
set_return(struct vs_env *env, const struct call_meta *m, bool alloc_rcu)
{
	struct vs_reg *r0 = &vs_cur_regs(env)[0];
	uint8_t ret = m->proto->ret;

	if (ret == FACT_RET_INT) {
		vs_reg_unknown(env, r0);
		return 0;
	}
	vs_reg_not_init(env, r0);
	if (ret == FACT_RET_VOID)
		return 0;
	vs_mark_known_zero(r0);
	switch ((enum fact_ret)ret) {
	case FACT_RET_VALUE:
	case FACT_RET_VALUE_NULL:
		if (!m->map)
			return vs_reject(env, VS_E_MISCONFIGURED);
		return_value(env, r0, m);
		return 0;
	case FACT_RET_SOCKET_NULL: r0->type = RT_SOCKET | TF_MAYBE_NULL; return 0;
	case FACT_RET_SOCK_NULL: r0->type = RT_SOCK_COMMON | TF_MAYBE_NULL; return 0;
	case FACT_RET_TCP_SOCK_NULL: r0->type = RT_TCP_SOCK | TF_MAYBE_NULL; return 0;
	case FACT_RET_RECORD_NULL:
		r0->type = RT_MEM | TF_MAYBE_NULL | TF_RINGBUF;
		r0->mem_size = (uint32_t)m->mem_size;
		return 0;
	case FACT_RET_DYN_MEM_NULL:
		r0->type = RT_MEM | TF_MAYBE_NULL;
		r0->mem_size = (uint32_t)m->mem_size;
		return 0;
	case FACT_RET_PERCPU: return return_percpu(env, r0, m, alloc_rcu, 0);
	case FACT_RET_PERCPU_NULL:
		return return_percpu(env, r0, m, alloc_rcu, TF_MAYBE_NULL);
	case FACT_RET_BTF: return return_btf(env, r0, m, 0);
	case FACT_RET_BTF_NULL: return return_btf(env, r0, m, TF_MAYBE_NULL);
	case FACT_RET_BTF_TRUSTED:
		return return_btf(env, r0, m,
				  env->prof.kernel >= KVER(6, 2) ? TF_TRUSTED : 0);
	default: return vs_bug(env, "return type %u of helper %u", ret, m->id);
	}
}

static void
set_return_ids(struct vs_env *env, uint32_t insn_idx, const struct call_meta *m)
{
	struct vs_reg *r0 = &vs_cur_regs(env)[0];

	if (vs_may_be_null(r0->type) && m->proto->ret != FACT_RET_INT)
		r0->id = ++env->next_id;
	if (env->prof.lookups_refined && vs_base(r0->type) == RT_MAP_VALUE)
		vs_refine_lookup(env, r0);
	if (m->id == FN(dynptr_data))
		r0->dynptr_id = m->dynptr_id;
	if (casts(m->id) || m->id == FN(dynptr_data)) {
		r0->ref_id = m->ref_id;
	} else if (acquires(m)) {
		uint32_t id = vs_acquire_ref(env, insn_idx);

		r0->id = id;
		r0->ref_id = id;
	}
}

/* The number of CPUs a kernel can be built for: an unknown machine has no more. */
enum { MOST_CPUS = 8192 };

static void
set_below(const struct vs_env *env, struct vs_reg *r, uint32_t n)
{
	r->smin = r->s32min = 0;
	r->umin = r->u32min = 0;
	r->smax = r->s32max = (int32_t)n - 1;
	r->umax = r->u32max = n - 1;
	vs_bounds_sync(env, r);
}

/* Sizes that helpers return are bounded by the size asked for. */
static void
refine_return(struct vs_env *env, const struct call_meta *m)
{
	struct vs_reg *r0 = &vs_cur_regs(env)[0];
	int32_t min, max;

	switch (m->id) {
	case FN(get_stack):
	case FN(get_task_stack):
	case FN(probe_read_str):
	case FN(probe_read_kernel_str):
	case FN(probe_read_user_str):
		if (m->id == FN(get_task_stack) && !env->prof.error_ranges)
			break;
		r0->smax = (int64_t)m->size_max;
		r0->s32max = (int32_t)m->size_max;
		if (env->prof.error_ranges)
			r0->smin = r0->s32min = -4095;
		vs_bounds_sync(env, r0);
		break;
	case FN(get_retval):
		if (vs_retval_range(env, &min, &max)) {
			r0->smin = r0->s32min = min;
			r0->smax = r0->s32max = max;
			vs_bounds_sync(env, r0);
		}
		break;
	case FN(get_smp_processor_id):
		if (env->prof.cpu_range)
			set_below(env, r0, env->opts->cpus ? env->opts->cpus : MOST_CPUS);
		break;
	default:
		break;
	}
}

/* ---- the seam ----------------------------------------------------------------------- */

static int
check_args(struct vs_env *env, uint32_t insn_idx, struct call_meta *m)
{
	int err;

	for (uint32_t i = 0; i < HELPER_MAX_ARGS; i++) {
		err = vs_check_arg(env, i, m);
		if (err)
			return err;
	}
	err = note_map(env, insn_idx, m);
	if (!err)
		err = note_tail_call_key(env, m);
	/* What the helper fills was not read, only now it is written. */
	for (uint32_t i = 0; i < m->raw_size && !err; i++)
		err = vs_check_mem_access(env, insn_idx, (uint32_t)m->raw_regno, (int32_t)i, 1,
					  true, -1, false, false);
	return err ? err : release(env, m);
}

int
vs_check_helper(struct vs_env *env, const struct bpf_insn *in, uint32_t *insn_idx)
{
	struct call_meta m = {.id = (uint32_t)in->imm, .const_key = -1};
	bool changes_pkt, alloc_rcu = false;
	uint32_t at = *insn_idx;
	int err = check_allowed(env, m.id, &m.proto);

	if (err)
		return err;
	m.pkt_access = (m.proto->flags & FACT_HELPER_PKT) != 0;
	changes_pkt = (m.proto->flags & FACT_HELPER_CHANGES_PKT) && m.id != FN(tail_call);
	err = check_args(env, at, &m);
	if (!err)
		err = particular(env, in, at, &m, &changes_pkt);
	if (err)
		return err;
	if ((m.id == FN(per_cpu_ptr) || m.id == FN(this_cpu_ptr)) &&
	    (vs_cur_regs(env)[1].type & TF_RCU))
		alloc_rcu = true;
	vs_clobber_args(env);
	vs_check_reg_arg(env, 0, true);
	err = set_return(env, &m, alloc_rcu);
	if (err)
		return err;
	set_return_ids(env, at, &m);
	refine_return(env, &m);
	err = vs_map_helper_compat(env, m.map, m.id);
	if (err)
		return err;
	if (changes_pkt || (m.id == FN(tail_call) && env->prof.kernel >= KVER(6, 13)))
		vs_clear_pkt_pointers(env);
	vs_enter_callback(env, insn_idx);
	return 0;
}

/* ---- asked before the walk ---------------------------------------------------------- */

static bool
is_helper_call(const struct bpf_insn *in)
{
	return in->code == (BPF_JMP | BPF_CALL) && in->src_reg == 0;
}

bool
vs_calls_sync_callback(struct vs_env *env, const struct bpf_insn *in)
{
	(void)env;
	if (!is_helper_call(in))
		return vs_kfunc_calls_sync_callback(env, in);
	return in->imm == FN(for_each_map_elem) || in->imm == FN(find_vma) ||
	       in->imm == FN(loop) || in->imm == FN(user_ringbuf_drain);
}

bool
vs_calls_async_callback(struct vs_env *env, const struct bpf_insn *in)
{
	if (!is_helper_call(in))
		return vs_kfunc_calls_async_callback(env, in);
	return in->imm == FN(timer_set_callback);
}

bool
vs_call_may_sleep(struct vs_env *env, uint32_t insn_idx)
{
	const struct bpf_insn *in = &env->insns[insn_idx];
	const struct fact_helper *h;

	if (!is_helper_call(in))
		return vs_kfunc_may_sleep(env, insn_idx);
	h = fact_helper((uint32_t)in->imm);
	return h && (h->proto.flags & FACT_HELPER_SLEEPS);
}

bool
vs_call_changes_pkt(struct vs_env *env, uint32_t insn_idx)
{
	const struct bpf_insn *in = &env->insns[insn_idx];
	const struct fact_helper *h;

	if (!is_helper_call(in))
		return vs_kfunc_changes_pkt(env, insn_idx);
	h = fact_helper((uint32_t)in->imm);
	return h && (h->proto.flags & FACT_HELPER_CHANGES_PKT);
}

int
vs_call_nargs(struct vs_env *env, const struct bpf_insn *in)
{
	const struct fact_proto *p;
	int n = 0;

	if (!is_helper_call(in))
		return vs_kfunc_nargs(env, in);
	p = fact_helper_proto((uint32_t)in->imm, env->type);
	if (!p)
		return -1;
	for (int i = 0; i < HELPER_MAX_ARGS; i++) {
		if (p->arg[i] != FACT_ARG__ && p->arg[i] != FACT_ARG_OPT)
			n = i + 1;
	}
	return n;
}

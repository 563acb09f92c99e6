/* SPDX-License-Identifier: MIT */
/* kfunc.c: calls of kernel functions.
 *
 * The prototype comes from the kernel's BTF, what BTF does not tell (who may call, what is
 * acquired) from core/facts/kfuncs.def. A pointer argument is sorted by its type and the
 * suffix of its name into one of the kinds below; each kind has one check. Functions this
 * file does not know make the verdict unknown, never a guess. */
#include "rules.h"

enum kind {
	K_CTX, K_NULL, K_ALLOC, K_REFCOUNTED, K_DYNPTR, K_ITER, K_STR, K_MAP, K_WQ, K_BTF,
	K_CALLBACK, K_MEM_SIZE, K_MEM, K_LIST_HEAD, K_LIST_NODE, K_RB_ROOT,
	K_RB_NODE, K_IRQ, K_LOCK, K_TASK_WORK,
};

bool
vs_kfunc_is(const char *name, const char *f)
{
	size_t n = strlen(f);

	return !strncmp(name, f, n) && (!name[n] || !strcmp(name + n, "_impl"));
}

static bool
is(const struct kcall *k, const char *name)
{
	return vs_kfunc_is(k->name, name);
}

static bool
takes_res_lock(const char *name)
{
	return !strcmp(name, "bpf_res_spin_lock") || !strcmp(name, "bpf_res_spin_lock_irqsave");
}

static bool
schedules_task_work(const char *name)
{
	return !strncmp(name, "bpf_task_work_schedule_", 23);
}

static bool
ends_with(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && !strcmp(s + n - m, suffix);
}

/* ---- which function ----------------------------------------------------------------- */

static uint32_t
func_id(const struct vs_env *env, const char *name)
{
	return btf_find((struct btf *)(uintptr_t)vs_vmlinux(env), str_of(name), BTF_KIND_FUNC);
}

int
vs_resolve_kfunc(struct vs_env *env, uint32_t insn_idx)
{
	struct vs_operand *f = vs_operand(env, insn_idx);
	uint32_t imm = (uint32_t)env->insns[insn_idx].imm;

	for (uint32_t i = 0; i < env->prog->relocs.n; i++) {
		const struct image_reloc *r = &env->prog->relocs.at[i];

		if (r->insn == insn_idx && r->kind == RELOC_KFUNC)
			f->kfunc = r->name;
	}
	if (!vs_vmlinux(env))
		return 0;
	if (f->kfunc)
		f->btf_id = func_id(env, f->kfunc);
	else if (btf_kind(btf_type(vs_vmlinux(env), imm)) == BTF_KIND_FUNC)
		f->btf_id = imm;
	if (!f->kfunc && f->btf_id)
		f->kfunc = btf_name(vs_vmlinux(env), f->btf_id);
	if (!env->gpl)
		return vs_reject(env, VS_E_KFUNC_GPL);
	if (f->btf_id && !strncmp(f->kfunc, "bpf_xdp_metadata_rx_", 20) &&
	    !((env->flags | env->prog->flags) & VS_F_XDP_DEV_BOUND))
		return vs_reject(env, VS_E_KFUNC_DEVICE);
	if (!f->kfunc && imm)
		return vs_reject(env, VS_E_KFUNC_ID, imm);
	return 0;
}

/* It may sleep, the program may not. */
static bool
wants_sleep(struct vs_env *env, const struct kcall *k)
{
	return (k->f->flags & FACT_KF_SLEEPABLE) && !vs_in_sleepable(env);
}

static int
meta(struct vs_env *env, uint32_t insn_idx, struct kcall *k)
{
	const struct vs_operand *f = vs_operand(env, insn_idx);

	k->name = f->kfunc;
	if (!vs_vmlinux(env))
		return vs_unknown(env, "kernel function %s without the kernel's BTF", k->name);
	k->func = f->btf_id;
	k->proto = btf_target(vs_vmlinux(env), k->func);
	k->nargs = btf_param_count(vs_vmlinux(env), k->proto);
	k->f = fact_kfunc_on(str_of(k->name), env->prof.kernel);
	/* Functions that are for programs say so in their names, but for some of the table. */
	if (!k->f && !strstr(k->name, "bpf_"))
		return vs_reject(env, VS_E_KFUNC_TYPE, k->name);
	if (!k->f)
		return vs_unknown(env, "kernel function %s", k->name);
	if (!vs_may_call_kfunc(env, k->f))
		return vs_reject(env, VS_E_KFUNC_TYPE, k->name);
	if ((k->f->flags & FACT_KF_PERFMON) && env->prof.kernel >= KVER(7, 3) &&
	    !env->allow_ptr_leaks)
		return vs_reject(env, VS_E_KFUNC_PERFMON, k->name);
	if (wants_sleep(env, k) && env->prof.kernel >= KVER(6, 2))
		return vs_reject(env, VS_E_KFUNC_SLEEP, k->name);
	return 0;
}

/* ---- what an argument is ------------------------------------------------------------ */

static const char *
pointee_name(const struct btf *b, uint32_t type)
{
	return btf_name(b, btf_resolve(b, btf_target(b, btf_resolve(b, type))));
}

static bool
is_ctx_type(const struct vs_env *env, const char *name)
{
	const struct fact_prog_type *t = fact_prog_type(env->type);

	if (t && t->ctx && !strcmp(t->ctx, name))
		return true;
	/* What the kernel itself calls the context. */
	switch (env->type) {
	case FACT_PROG_XDP: return !strcmp(name, "xdp_buff");
	case FACT_PROG_SOCKET_FILTER:
	case FACT_PROG_SCHED_CLS:
	case FACT_PROG_SCHED_ACT:
	case FACT_PROG_CGROUP_SKB:
	case FACT_PROG_SK_SKB: return !strcmp(name, "sk_buff");
	default: return false;
	}
}

/* Newer kernels know from the prototype alone what an argument is. */
static bool
typed_by_btf(const struct vs_env *env)
{
	return env->prof.kernel >= KVER(7, 1);
}

static bool
has_size_after(const struct vs_env *env, const struct kcall *k, uint32_t i,
	       const struct vs_reg *r)
{
	struct btf_param_of p;

	return btf_param(vs_vmlinux(env), k->proto, i + 1, &p) && p.name &&
	       (ends_with(p.name, "__sz") || ends_with(p.name, "__szk")) &&
	       (typed_by_btf(env) || r[1].type == RT_SCALAR);
}

/* What else stands for a struct of the kernel, as newer kernels add to what they expected. */
static const char *
known_as(const char *name)
{
	static const char *const pairs[][2] = {
		{"sock", " or sock"}, {"sock_common", " or sock_common"},
		{"tcp_sock", " or tcp_sock"}, {"bpf_map", " or map_ptr"},
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		if (!strcmp(name, pairs[i][0]))
			return pairs[i][1];
	}
	return "";
}

/* The kernel's struct for pointers that are no BTF pointers to the verifier; null: none. */
static const char *
reg_struct(const struct vs_reg *r)
{
	switch (vs_base(r->type)) {
	case RT_SOCKET: return "sock";
	case RT_SOCK_COMMON: return "sock_common";
	case RT_TCP_SOCK: return "tcp_sock";
	case RT_CONST_MAP: return "bpf_map";
	default: return NULL;
	}
}

/* Structs of the kernel that programs embed in their own: the name tells the kind. */
static const struct {
	const char *name;
	enum kind kind;
} embedded[] = {
	{"bpf_list_head", K_LIST_HEAD}, {"bpf_list_node", K_LIST_NODE},
	{"bpf_rb_root", K_RB_ROOT}, {"bpf_rb_node", K_RB_NODE}, {"bpf_wq", K_WQ},
	{"bpf_task_work", K_TASK_WORK}, {"bpf_res_spin_lock", K_LOCK},
};

static enum kind
kind_of(const struct vs_env *env, const struct kcall *k, uint32_t i,
	const struct btf_param_of *p, const struct vs_reg *r)
{
	const struct btf *b = vs_vmlinux(env);
	const char *to = pointee_name(b, p->type), *name = p->name ? p->name : "";
	uint32_t target = btf_resolve(b, btf_target(b, btf_resolve(b, p->type)));

	if (is(k, "bpf_cast_to_kern_ctx") || is_ctx_type(env, to))
		return K_CTX;
	if ((ends_with(name, "__nullable") || ends_with(name, "__opt")) && vs_reg_is_null(r) &&
	    !ends_with(name, "__opt"))
		return K_NULL;
	if (ends_with(name, "__alloc"))
		return K_ALLOC;
	if (ends_with(name, "__refcounted_kptr"))
		return K_REFCOUNTED;
	if (!strcmp(to, "bpf_dynptr_kern") || !strcmp(to, "bpf_dynptr"))
		return K_DYNPTR;
	if ((i == 0 && (k->f->flags & (FACT_KF_ITER_NEW | FACT_KF_ITER_NEXT |
				       FACT_KF_ITER_DESTROY))) || ends_with(name, "__iter"))
		return K_ITER;
	if (ends_with(name, "__str"))
		return K_STR;
	if (ends_with(name, "__map"))
		return K_MAP;
	if (ends_with(name, "__irq_flag"))
		return K_IRQ;
	for (size_t e = 0; e < sizeof embedded / sizeof *embedded; e++) {
		if (!strcmp(to, embedded[e].name))
			return embedded[e].kind;
	}
	if (!typed_by_btf(env) && (vs_base(r->type) == RT_BTF_ID || reg_struct(r)))
		return K_BTF;
	if (btf_kind(btf_type(b, target)) == BTF_KIND_FUNC_PROTO)
		return K_CALLBACK;
	if (has_size_after(env, k, i, r))
		return K_MEM_SIZE;
	return typed_by_btf(env) && btf_is_composite(btf_type(b, target)) ? K_BTF : K_MEM;
}

/* Functions that give up a reference want trusted pointers too, later all of them. */
static bool
wants_trust(const struct vs_env *env, const struct kcall *k)
{
	return env->prof.all_trust ||
	       (k->f->flags & (FACT_KF_TRUSTED_ARGS | FACT_KF_RELEASE | FACT_KF_RCU));
}

/* ---- one argument of each kind ------------------------------------------------------ */

static int
check_scalar(struct vs_env *env, struct kcall *k, uint32_t regno, const char *name)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];
	bool ro = !strcmp(name, "rdonly_buf_size"), rw = !strcmp(name, "rdwr_buf_size");

	if (r->type != RT_SCALAR)
		return vs_reject(env, VS_E_ARG_SCALAR, regno);
	if (ends_with(name, "__k")) {
		if (!vs_is_const(r, false))
			return vs_reject(env, VS_E_ARG_CONST, regno);
		k->has_const = true;
		k->constant = vs_const_value(r, false);
		return vs_mark_precise(env, regno);
	}
	if (!ro && !rw)
		return 0;
	if (!vs_is_const(r, false))
		return vs_reject(env, VS_E_ARG_NOT_CONST, regno);
	k->r0_size = vs_const_value(r, false);
	k->r0_rdonly = ro;
	return vs_mark_precise(env, regno);
}

/* What the prototype says must fit what is passed, whatever is to be found there. */
static int
check_pointee(struct vs_env *env, const struct kcall *k, uint32_t i, enum kind kind,
	      uint32_t type)
{
	const struct btf *b = vs_vmlinux(env);
	uint32_t to = btf_resolve(b, btf_target(b, btf_resolve(b, type)));
	uint32_t what = btf_kind(btf_type(b, to));

	if (kind == K_BTF && !btf_is_composite(btf_type(b, to)))
		return vs_reject(env, VS_E_ARG_KIND, k->name, i, vs_btf_kind_name(what),
				 btf_name(b, to));
	if ((kind == K_MEM || kind == K_MEM_SIZE) && !vs_all_scalars(b, to, 0) &&
	    !(kind == K_MEM_SIZE && what == BTF_KIND_UNKN))
		return vs_reject(env, VS_E_ARG_MEM_TYPE, i, vs_btf_kind_name(what),
				 btf_name(b, to), kind == K_MEM_SIZE ? "void, " : "", i + 1);
	return 0;
}

static int
check_alloc(struct vs_env *env, struct kcall *k, uint32_t i)
{
	const struct vs_reg *r = &vs_cur_regs(env)[i + 1];

	if (r->type == (RT_BTF_ID | TF_ALLOC)) {
		if (!is(k, "bpf_obj_drop"))
			return vs_reject(env, VS_E_ARG_OBJ_DROP, i, i + 1);
	} else if (r->type == (RT_BTF_ID | TF_ALLOC | TF_PERCPU)) {
		if (!is(k, "bpf_percpu_obj_drop"))
			return vs_reject(env, VS_E_ARG_PERCPU_DROP, i, i + 1);
	} else {
		return vs_reject(env, VS_E_ARG_ALLOC, i, i + 1);
	}
	if (!r->ref_id)
		return vs_reject(env, VS_E_ARG_NO_REF);
	k->obj_id = r->btf_id;
	k->obj_space = r->btf_space;
	return 0;
}

static int
new_dynptr(struct vs_env *env, struct kcall *k, uint32_t regno)
{
	struct vs_reg *r = &vs_cur_regs(env)[regno];
	enum dynptr_type t;
	int err = 0;

	if (is(k, "bpf_dynptr_from_skb"))
		t = DYNPTR_SKB;
	else if (is(k, "bpf_dynptr_from_xdp"))
		t = DYNPTR_XDP;
	else if (is(k, "bpf_dynptr_from_skb_meta"))
		t = DYNPTR_SKB_META;
	else if (is(k, "bpf_dynptr_from_file"))
		t = DYNPTR_FILE;
	else if (is(k, "bpf_dynptr_clone"))
		t = k->dyn_type;
	else
		return vs_unknown(env, "kernel function %s", k->name);
	if (!vs_dynptr_reg_uninit_ok(env, r))
		return vs_reject(env, VS_E_DYN_UNINIT);
	for (int i = 0; i < 16 && !err; i += 8)
		err = vs_check_mem_access(env, env->insn_idx, regno, i, 8, true, -1, false,
					  false);
	return err ? err : vs_mark_dynptr(env, r, t, env->insn_idx, k->dyn_ref);
}

static int
check_dynptr(struct vs_env *env, struct kcall *k, uint32_t regno, const char *name)
{
	struct vs_reg *r = &vs_cur_regs(env)[regno];

	if (r->type != RT_STACK && r->type != RT_CONST_DYNPTR)
		return vs_reject(env, VS_E_DYN_POINTER, regno - 1, regno);
	if (ends_with(name, "__uninit"))
		return new_dynptr(env, k, regno);
	if (!vs_dynptr_reg_init(env, r))
		return vs_reject(env, VS_E_DYN_INIT, regno - 1, regno);
	k->dyn_id = vs_dynptr_id(env, r);
	k->dyn_ref = vs_dynptr_ref(env, r);
	k->dyn_type = vs_dynptr_type_of(env, r);
	return 0;
}

/* "num" of struct bpf_iter_num. */
static const char *
iter_name(const char *struct_name)
{
	return strncmp(struct_name, "bpf_iter_", 9) ? struct_name : struct_name + 9;
}

static int
new_iter(struct vs_env *env, const struct kcall *k, uint32_t regno, uint32_t id,
	 uint32_t slots)
{
	struct vs_reg *r = &vs_cur_regs(env)[regno];
	uint32_t protection = 0;
	int err = 0;

	if (!vs_iter_uninit_ok(env, r, slots))
		return vs_reject(env, VS_E_ITER_UNINIT,
				 iter_name(btf_name(vs_vmlinux(env), id)), regno - 1,
				 regno);
	for (uint32_t i = 0; i < slots * 8 && !err; i += 8)
		err = vs_check_mem_access(env, env->insn_idx, regno, (int32_t)i, 8, true, -1,
					  false, false);
	if (err)
		return err;
	if (k->f->flags & FACT_KF_RCU_PROTECTED)
		protection = vs_in_rcu_section(env) ? TF_RCU : TF_UNTRUSTED;
	return vs_mark_iter(env, r, id, slots, env->insn_idx, protection);
}

static int
check_iter(struct vs_env *env, struct kcall *k, uint32_t regno, uint32_t type)
{
	struct vs_reg *r = &vs_cur_regs(env)[regno];
	const struct btf *b = vs_vmlinux(env);
	uint32_t id = btf_resolve(b, btf_target(b, btf_resolve(b, type)));
	uint32_t slots = (uint32_t)(btf_size(b, id) / 8);
	int err, slot;

	if (is(k, "bpf_iter_css_task_new") && env->type != FACT_PROG_LSM && !env->sleepable &&
	    env->attach != FACT_ATTACH_TRACE_ITER)
		return vs_reject(env, VS_E_ITER_CSS);
	if (r->type != RT_STACK)
		return vs_reject(env, VS_E_ITER_STACK, regno - 1, regno);
	if (k->f->flags & FACT_KF_ITER_NEW)
		return new_iter(env, k, regno, id, slots);
	err = vs_iter_init_ok(env, r, id, slots);
	if (err == -EPROTO)
		return vs_reject(env, VS_E_ITER_RCU, k->name);
	if (err)
		return vs_reject(env, VS_E_ITER_INIT, iter_name(btf_name(b, id)), regno - 1,
				 regno);
	slot = vs_iter_slot(env, r, slots);
	if (slot < 0)
		return env->failed ? slot : vs_bug(env, "iterator without a slot");
	k->iter_arg = true;
	k->iter_frame = r->frameno;
	k->iter_slot = (uint32_t)slot;
	k->ref_id = vs_slot_reg(&vs_frame_of(env, r)->stack[slot])->ref_id;
	if (k->f->flags & FACT_KF_ITER_DESTROY)
		return vs_unmark_iter(env, r, slots);
	return 0;
}

static int
check_trust(struct vs_env *env, const struct kcall *k, uint32_t regno)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];

	if (!wants_trust(env, k) || vs_is_trusted(r))
		return 0;
	if (!(k->f->flags & FACT_KF_RCU))
		return vs_reject(env, VS_E_ARG_TRUSTED, regno);
	if (!(r->type & TF_RCU))
		return vs_reject(env, VS_E_ARG_RCU, regno);
	return 0;
}

/* __sk_buff stands for sk_buff, xdp_md for xdp_buff: the kernel's view may be passed. */
static bool
is_projection(const char *want, const char *got)
{
	static const char *const pairs[][2] = {
		{"__sk_buff", "sk_buff"}, {"xdp_md", "xdp_buff"}, {"bpf_sock", "sock"},
		{"bpf_sock_ops", "bpf_sock_ops_kern"},
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		if (!strcmp(want, pairs[i][0]) && !strcmp(got, pairs[i][1]))
			return true;
	}
	return false;
}

/* The same object before and after it is made ready has two types, one named x___init: what
 * takes the one does not take the other, though their bytes are the same. */
static bool
is_no_cast(const struct vs_env *env, const char *x, const char *y)
{
	static const char suffix[] = "___init";
	size_t n = strlen(x), m = strlen(y);
	const char *rest = n > m ? x + m : y + n;

	return env->prof.no_casts && n != m && !strcmp(rest, suffix) &&
	       !strncmp(x, y, n < m ? n : m);
}

static int
check_btf_struct(struct vs_env *env, const struct kcall *k, uint32_t i, uint32_t want)
{
	const struct vs_reg *r = &vs_cur_regs(env)[i + 1];
	const struct btf *b = vs_vmlinux(env);
	const char *name = reg_struct(r), *wname = btf_name(b, want);
	uint32_t id = r->btf_id, space = r->btf_space;
	bool strict = (k->f->flags & FACT_KF_RELEASE) && r->ref_id;
	uint32_t unsafe = vs_flags(r->type) & ~(uint32_t)(TF_TRUSTED | TF_ALLOC | TF_NON_OWN |
							   TF_RCU);

	if (vs_base(r->type) != RT_BTF_ID) {
		id = vs_kernel_struct(env, name);
		space = BTF_SPACE_VMLINUX;
	} else if (unsafe) {
		return vs_reject(env, VS_E_ARG_UNSAFE, i, vs_type_name(env, r->type),
				 vs_type_name(env, RT_BTF_ID | (r->type & TF_TRUSTED)));
	}
	name = btf_name(vs_btf_of(env, space), id);
	strict |= is_no_cast(env, name, wname);
	if (vs_btf_ids_match(env, space, id, r->off, BTF_SPACE_VMLINUX, want, strict))
		return 0;
	if (is_projection(wname, name))
		return 0;
	return vs_reject(env, VS_E_ARG_STRUCT, k->name, i, wname, i + 1, name);
}


static int
check_mem(struct vs_env *env, uint32_t i, uint32_t type)
{
	const struct btf *b = vs_vmlinux(env);
	uint32_t to = btf_resolve(b, btf_target(b, btf_resolve(b, type)));

	return vs_check_mem_reg(env, i + 1, (uint32_t)btf_size(b, to));
}

static int
check_mem_size(struct vs_env *env, struct kcall *k, uint32_t i, const struct btf_param_of *p)
{
	struct vs_reg *r = &vs_cur_regs(env)[i + 1], *size = &vs_cur_regs(env)[i + 2], saved;
	struct call_meta m = {.const_key = -1};
	struct btf_param_of sp;
	bool null = vs_may_be_null(r->type);
	int err;

	btf_param(vs_vmlinux(env), k->proto, i + 1, &sp);
	if (size->type != RT_SCALAR)
		return vs_reject(env, VS_E_ARG_SCALAR, i + 2);
	if (!vs_reg_is_null(r) || !(ends_with(p->name, "__opt") ||
				    ends_with(p->name, "__nullable"))) {
		saved = *r;
		if (null)
			vs_mark_not_null(env, r);
		err = vs_check_mem_size(env, i + 2, false, true, &m);
		if (!err)
			err = vs_check_mem_size(env, i + 2, true, true, &m);
		if (null)
			vs_cur_regs(env)[i + 1] = saved;
		if (err)
			return vs_reject(env, VS_E_ARG_MEM_LEN, i, i + 1, i + 2);
	}
	if (ends_with(sp.name, "__szk")) {
		if (!vs_is_const(size, false))
			return vs_reject(env, VS_E_ARG_CONST, i + 2);
		k->has_const = true;
		k->constant = vs_const_value(size, false);
	}
	return 0;
}

/* A kernel object; newer kernels take other memory for one that is nothing but numbers. */
static int
check_btf(struct vs_env *env, const struct kcall *k, uint32_t i, uint32_t type)
{
	const struct vs_reg *r = &vs_cur_regs(env)[i + 1];
	const struct btf *b = vs_vmlinux(env);
	uint32_t to = btf_resolve(b, btf_target(b, btf_resolve(b, type)));

	if (vs_base(r->type) == RT_BTF_ID || reg_struct(r))
		return check_btf_struct(env, k, i, to);
	if (vs_all_scalars(b, to, 0))
		return check_mem(env, i, type);
	return vs_reject(env, VS_E_ARG_EXPECTED, i + 1, vs_type_name(env, r->type),
			 vs_btf_kind_name(btf_kind(btf_type(b, to))), btf_name(b, to),
			 known_as(btf_name(b, to)));
}

/* The map that an embedded work item lies in must be the one that is named beside it. The
 * kernel asks at first only whether the register knows a map, or an object's type. */
static int
check_map(struct vs_env *env, struct kcall *k, uint32_t regno)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];
	uint32_t base = vs_base(r->type);
	bool task_work;

	if (base == RT_BTF_ID)		/* a map an iterator handed out */
		return 0;
	if (base != RT_CONST_MAP && base != RT_MAP_VALUE && base != RT_MAP_KEY)
		return vs_reject(env, VS_E_ARG_MAP, regno);
	task_work = vs_record_find(&r->map->record, FIELD_TASK_WORK);
	if (k->map && (k->map != r->map || k->map_uid != r->map_uid) &&
	    (task_work || vs_record_find(&r->map->record, FIELD_WORKQUEUE)))
		return vs_reject(env, task_work ? VS_E_TASK_WORK_MAP : VS_E_WQ_MAP, k->map_uid,
				 r->map_uid);
	k->map = r->map;
	k->map_uid = r->map_uid;
	return 0;
}

static int
check_work(struct vs_env *env, struct kcall *k, uint32_t regno, uint8_t kind)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];

	if (r->type != RT_MAP_VALUE)
		return vs_reject(env, VS_E_ARG_NO_VALUE, regno - 1, regno);
	k->map = r->map;
	k->map_uid = r->map_uid;
	return vs_check_map_field(env, regno, kind);
}

static int
check_kind(struct vs_env *env, struct kcall *k, uint32_t i, enum kind kind,
	   const struct btf_param_of *p)
{
	const struct vs_reg *r = &vs_cur_regs(env)[i + 1];
	const char *name = p->name ? p->name : "";

	switch (kind) {
	case K_CTX:
		return r->type == RT_CTX ? 0 : vs_reject(env, VS_E_ARG_CTX, i,
							 vs_type_name(env, r->type), i + 1);
	case K_NULL: return 0;
	case K_ALLOC: return check_alloc(env, k, i);
	case K_DYNPTR: return check_dynptr(env, k, i + 1, name);
	case K_ITER: return check_iter(env, k, i + 1, p->type);
	case K_BTF: return check_btf(env, k, i, p->type);
	case K_MAP: return check_btf_struct(env, k, i, vs_kernel_struct(env, "bpf_map"));
	case K_REFCOUNTED: return vs_check_refcounted(env, k, i + 1);
	case K_LIST_HEAD: return vs_check_graph_root(env, k, i + 1, FIELD_LIST_HEAD);
	case K_RB_ROOT: return vs_check_graph_root(env, k, i + 1, FIELD_RB_ROOT);
	case K_LIST_NODE:
		return vs_check_graph_node(env, k, i + 1, FIELD_LIST_NODE,
					   ends_with(name, "__nonown_allowed"));
	case K_RB_NODE: return vs_check_graph_node(env, k, i + 1, FIELD_RB_NODE, false);
	case K_WQ: return check_work(env, k, i + 1, FIELD_WORKQUEUE);
	case K_TASK_WORK: return check_work(env, k, i + 1, FIELD_TASK_WORK);
	case K_LOCK: return vs_check_res_lock(env, k, i + 1);
	case K_STR:
		if (r->type != RT_MAP_VALUE)
			return vs_reject(env, VS_E_ARG_NO_STR, i, i + 1);
		return vs_check_const_str(env, i + 1);
	case K_CALLBACK:
		if (r->type != RT_FUNC)
			return vs_reject(env, VS_E_ARG_FUNC, i, i + 1);
		k->subprog = r->subprog;
		return 0;
	case K_MEM: return check_mem(env, i, p->type);
	case K_MEM_SIZE: return check_mem_size(env, k, i, p);
	case K_IRQ: return vs_check_irq_flag(env, k, i + 1);
	}
	return vs_bug(env, "an argument of no kind");
}

static bool
gives_up(const struct kcall *k)
{
	return k->f->flags & FACT_KF_RELEASE;
}

static int
check_ref(struct vs_env *env, struct kcall *k, uint32_t regno)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];
	bool release = gives_up(k);

	if (!r->ref_id)
		return 0;
	if (release && k->ref_id)
		return vs_reject(env, VS_E_TWO_REFS, regno, r->ref_id, k->ref_id);
	k->ref_id = r->ref_id;
	if (release)
		k->release_regno = regno;
	return 0;
}

/* In the kernel's order: trust is asked for before the offset, the rest after it. */
static int
check_pointer(struct vs_env *env, struct kcall *k, uint32_t i, const struct btf_param_of *p,
	      bool *pair)
{
	const struct vs_reg *r = &vs_cur_regs(env)[i + 1];
	enum kind kind = kind_of(env, k, i, p, r);
	bool object = vs_base(r->type) == RT_BTF_ID || !typed_by_btf(env);
	int err;

	if (wants_trust(env, k) && (vs_reg_is_null(r) || vs_may_be_null(r->type)) &&
	    !ends_with(p->name ? p->name : "", "__nullable") &&
	    !ends_with(p->name ? p->name : "", "__opt"))
		return vs_reject(env, VS_E_ARG_NULL, i, i + 1);
	if (i == 0 && gives_up(k) && kind != K_DYNPTR && !r->ref_id && !vs_reg_is_null(r) &&
	    env->prof.kernel >= KVER(7, 2))
		return vs_reject(env, VS_E_KFUNC_UNOWNED, k->name, i + 1);
	err = check_ref(env, k, i + 1);
	if (!err && kind == K_NULL && typed_by_btf(env) && has_size_after(env, k, i, r)) {
		*pair = true;
		return check_mem_size(env, k, i, p);
	}
	if (err || kind == K_NULL)
		return err;
	err = check_pointee(env, k, i, kind, p->type);
	if (!err && kind == K_MAP)
		err = check_map(env, k, i + 1);
	if (!err && object && (kind == K_BTF || kind == K_ALLOC || kind == K_MAP))
		err = check_trust(env, k, i + 1);
	if (!err)
		err = vs_check_arg_off(env, i + 1, k->release_regno == i + 1,
				       kind == K_CTX);
	*pair = kind == K_MEM_SIZE;
	return err ? err : check_kind(env, k, i, kind, p);
}

static int
check_kfunc_args(struct vs_env *env, struct kcall *k)
{
	const struct btf *b = vs_vmlinux(env);

	for (uint32_t i = 0; i < k->nargs && i < HELPER_MAX_ARGS; i++) {
		struct btf_param_of p;
		bool pair = false;
		uint32_t kind;
		int err;

		btf_param(b, k->proto, i, &p);
		if (p.name && (ends_with(p.name, "__ign") || ends_with(p.name, "__prog")))
			continue;
		kind = btf_kind(btf_type(b, btf_resolve(b, p.type)));
		if (kind == BTF_KIND_PTR)
			err = check_pointer(env, k, i, &p, &pair);
		else if (kind == BTF_KIND_INT || kind == BTF_KIND_ENUM ||
			 kind == BTF_KIND_ENUM64)
			err = check_scalar(env, k, i + 1, p.name ? p.name : "");
		else
			err = vs_unknown(env, "argument %u of %s", i + 1, k->name);
		if (err)
			return err;
		i += pair;
	}
	if ((k->f->flags & FACT_KF_RELEASE) && !k->release_regno)
		return vs_reject(env, VS_E_KFUNC_RELEASE, k->name);
	if (wants_sleep(env, k))	/* asked for last by old kernels */
		return vs_reject(env, VS_E_KFUNC_SLEEP_LATE, k->name);
	return 0;
}

/* ---- sections ----------------------------------------------------------------------- */

static void
drop_rcu(void *user, struct vs_reg *r)
{
	(void)user;
	if (r->type & TF_RCU) {
		r->type &= ~(uint32_t)(TF_RCU | TF_MAYBE_NULL);
		r->type |= TF_UNTRUSTED;
	}
}

/* What RCU protected is not any more, iterators among it. */
static void
leave_rcu(struct vs_env *env)
{
	vs_each_reg(env, env->cur, drop_rcu, NULL);
	for (uint32_t i = 0; i <= env->cur->curframe; i++) {
		struct vs_frame *f = env->cur->frame[i];

		for (uint32_t k = 0; k < f->nslots; k++)
			if (f->stack[k].type[0] == SLOT_ITER &&
			    (vs_slot_reg(&f->stack[k])->type & TF_RCU))
				drop_rcu(NULL, vs_slot_edit(env, &f->stack[k]));
	}
}

static int
check_sections(struct vs_env *env, const struct kcall *k)
{
	struct vs_state *st = env->cur;
	bool sleeps = k->f->flags & FACT_KF_SLEEPABLE;
	bool lock = is(k, "bpf_rcu_read_lock"), unlock = is(k, "bpf_rcu_read_unlock");
	bool disable = is(k, "bpf_preempt_disable"), enable = is(k, "bpf_preempt_enable");
	bool nests = env->prof.kernel >= KVER(7, 0);

	if (lock && st->active_rcu && !nests)
		return vs_reject(env, VS_E_RCU_NESTED, k->name);
	if (unlock && !st->active_rcu)
		return vs_reject(env, VS_E_RCU_UNMATCHED, k->name);
	if (st->active_rcu && sleeps)
		return vs_reject(env, VS_E_KFUNC_SLEEP_RCU, k->name);
	st->active_rcu += lock;
	if (unlock && --st->active_rcu == 0)
		leave_rcu(env);
	if (enable && !st->active_preempt)
		return vs_reject(env, VS_E_PREEMPT_UNMATCHED, k->name);
	if (st->active_preempt && sleeps)
		return vs_reject(env, VS_E_KFUNC_SLEEP_PREEMPT, k->name);
	st->active_preempt += disable;
	st->active_preempt -= enable;
	if (st->active_irq_id && sleeps)
		return vs_reject(env, VS_E_KFUNC_SLEEP_IRQ, k->name);
	if ((lock || unlock) && vs_in_tree_callback(env))
		return vs_reject(env, VS_E_RCU_CB);
	if ((k->f->flags & FACT_KF_RCU_PROTECTED) && !vs_in_rcu_section(env) &&
	    (!(k->f->flags & FACT_KF_ITER_NEW) || env->prof.iters_in_rcu))
		return vs_reject(env, VS_E_KFUNC_NO_RCU, k->name);
	return 0;
}

/* ---- the return value --------------------------------------------------------------- */

enum { PERCPU_OBJECT_MAX = 512, ERRNO_MAX = 4095 };

static int
return_new_object(struct vs_env *env, struct kcall *k, struct vs_reg *r0)
{
	uint32_t id = (uint32_t)k->constant;

	if (id != k->constant)
		return vs_reject(env, VS_E_OBJ_RANGE);
	if (!env->btf)
		return vs_reject(env, VS_E_OBJ_NO_BTF);
	if (btf_kind(btf_type(env->btf, id)) != BTF_KIND_STRUCT)
		return vs_reject(env, VS_E_OBJ_STRUCT);
	r0->type = RT_BTF_ID | TF_ALLOC;
	if (is(k, "bpf_percpu_obj_new")) {
		if (btf_size(env->btf, id) > PERCPU_OBJECT_MAX)
			return vs_reject(env, VS_E_OBJ_SIZE, (int)btf_size(env->btf, id),
					 PERCPU_OBJECT_MAX);
		if (!vs_all_scalars(env->btf, id, 0))
			return vs_reject(env, VS_E_OBJ_SCALARS);
		if (vs_prog_struct_record(env, id))
			return vs_reject(env, VS_E_OBJ_SPECIAL);
		r0->type |= TF_PERCPU;
	}
	r0->btf_id = id;
	r0->btf_space = BTF_SPACE_PROG;
	return 0;
}

/* 1: done; 0: nothing special; negative: rejected. */
static int
return_special(struct vs_env *env, struct kcall *k, struct vs_reg *r0)
{
	if (is(k, "bpf_obj_new") || is(k, "bpf_percpu_obj_new")) {
		int err = return_new_object(env, k, r0);

		return err ? err : 1;
	}
	if (is(k, "bpf_refcount_acquire")) {
		r0->type = RT_BTF_ID | TF_ALLOC;
		r0->btf_id = k->obj_id;
		r0->btf_space = k->obj_space;
		return 1;
	}
	if (k->root) {
		vs_graph_node_reg(r0, k->root);
		return 1;
	}
	if (is(k, "bpf_cast_to_kern_ctx")) {
		int err = vs_kernel_ctx(env, r0);

		return err ? err : 1;
	}
	if (is(k, "bpf_rdonly_cast")) {
		uint32_t id = (uint32_t)k->constant;

		if (!id && env->prof.kernel >= KVER(6, 17)) {
			r0->type = RT_MEM | TF_RDONLY | TF_UNTRUSTED;
			r0->mem_size = 0;
			return 1;
		}
		if (!btf_is_composite(btf_type(vs_vmlinux(env), id)))
			return vs_reject(env, env->prof.kernel >= KVER(6, 17)
						      ? VS_E_CAST_STRUCT_VOID
						      : VS_E_CAST_STRUCT);
		r0->type = RT_BTF_ID | TF_UNTRUSTED;
		r0->btf_id = id;
		r0->btf_space = BTF_SPACE_VMLINUX;
		return 1;
	}
	if (is(k, "bpf_dynptr_slice") || is(k, "bpf_dynptr_slice_rdwr")) {
		bool rdwr = is(k, "bpf_dynptr_slice_rdwr");

		if (rdwr && !vs_may_access_direct_pkt(env, true, false) &&
		    (k->dyn_type == DYNPTR_SKB || k->dyn_type == DYNPTR_XDP))
			return vs_reject(env, VS_E_SLICE_WRITE);
		r0->type = RT_MEM | (rdwr ? 0 : TF_RDONLY);
		r0->type |= vs_dynptr_flag(k->dyn_type);
		r0->mem_size = (uint32_t)k->constant;
		r0->dynptr_id = k->dyn_id;
		return 1;
	}
	return 0;
}

/* How far a kernel object is trusted that the function returns. */
static uint32_t
returned_trust(struct vs_env *env, const struct kcall *k)
{
	bool next = k->f->flags & FACT_KF_ITER_NEXT;

	if (is(k, "bpf_get_kmem_cache"))
		return TF_UNTRUSTED;
	if ((k->f->flags & FACT_KF_RCU_PROTECTED) && env->prof.iters_in_rcu)
		return TF_RCU;
	return next || env->prof.kernel >= KVER(7, 0) ? TF_TRUSTED : 0;
}

static int
return_pointer(struct vs_env *env, struct kcall *k, struct vs_reg *r0, uint32_t type)
{
	const struct btf *b = vs_vmlinux(env);
	uint32_t to = btf_resolve(b, btf_target(b, type));
	int64_t size;
	int err;

	vs_reg_not_init(env, r0);
	vs_mark_known_zero(r0);
	err = return_special(env, k, r0);
	if (err)
		return err < 0 ? err : 0;
	if (btf_kind(btf_type(b, to)) == BTF_KIND_UNKN) {
		vs_reg_unknown(env, r0);
		return 0;
	}
	if (btf_is_composite(btf_type(b, to))) {
		r0->type = RT_BTF_ID;
		r0->btf_id = to;
		r0->btf_space = BTF_SPACE_VMLINUX;
		r0->type |= returned_trust(env, k);
		return 0;
	}
	if (is(k, "bpf_session_cookie"))
		k->r0_size = sizeof(uint64_t);
	size = k->r0_size ? (int64_t)k->r0_size : btf_size(b, to);
	if (size <= 0)
		return vs_reject(env, VS_E_KFUNC_RETURN, k->name, btf_name(b, to));
	r0->type = RT_MEM | (k->r0_rdonly || !k->r0_size ? TF_RDONLY : 0);
	r0->mem_size = (uint32_t)size;
	r0->ref_id = k->ref_id;
	return 0;
}

static int
set_return(struct vs_env *env, struct kcall *k, uint32_t insn_idx)
{
	const struct btf *b = vs_vmlinux(env);
	struct vs_reg *r0 = &vs_cur_regs(env)[0];
	uint32_t type = btf_resolve(b, btf_return_type(b, k->proto));
	uint32_t kind = btf_kind(btf_type(b, type));
	bool may_be_null;
	int err;

	if (kind == BTF_KIND_UNKN) {
		vs_reg_not_init(env, r0);
		return 0;
	}
	if (kind != BTF_KIND_PTR) {
		vs_reg_unknown(env, r0);
		if (takes_res_lock(k->name))	/* failure is another path */
			vs_mark_const_zero(env, r0);
		return 0;
	}
	err = return_pointer(env, k, r0, type);
	if (err)
		return err;
	may_be_null = (k->f->flags & FACT_KF_RET_NULL) && !k->owning;
	if (may_be_null && r0->type != RT_SCALAR) {
		r0->type |= TF_MAYBE_NULL;
		r0->id = ++env->next_id;
	}
	if (k->f->flags & FACT_KF_ACQUIRE) {
		uint32_t id = vs_acquire_ref(env, insn_idx);

		if (may_be_null)
			r0->id = id;
		r0->ref_id = id;
	} else if (k->root) {
		vs_set_non_owning(env, r0);
	}
	if (!r0->id && vs_record_has_lock(vs_reg_record(env, r0)))
		r0->id = ++env->next_id;
	return 0;
}

/* ---- the seam ----------------------------------------------------------------------- */

static int
check_throw(struct vs_env *env)
{
	env->seen_exception = true;
	return env->exception_cb < 0 ? vs_check_return(env, 1, "R1") : 0;
}

/* Taking such a lock may fail: on a path of its own, with an error for a result. */
static int
push_lock_failure(struct vs_env *env, uint32_t at)
{
	struct vs_state *st = vs_push_branch(env, at + 1, at, false);
	struct vs_reg *regs;

	if (!st)
		return env->r->err;
	regs = st->frame[st->curframe]->regs;
	for (uint32_t i = 0; i <= 5; i++)
		vs_reg_not_init(env, &regs[i]);
	vs_reg_unknown(env, &regs[0]);
	regs[0].smin = regs[0].s32min = -ERRNO_MAX;
	regs[0].smax = regs[0].s32max = -1;
	vs_bounds_sync(env, &regs[0]);
	return 0;
}

static int
push_callback(struct vs_env *env, const struct bpf_insn *in, uint32_t at,
	      const struct kcall *k)
{
	vs_set_callee *set = is(k, "bpf_rbtree_add") ? vs_set_tree_callback :
			     is(k, "bpf_wq_set_callback") ? vs_set_timer_callback :
			     schedules_task_work(k->name) ? vs_set_task_work_callback : NULL;
	bool async = set != vs_set_tree_callback;
	int err;

	if (!set)
		return 0;
	err = vs_push_callback(env, in, at, k->subprog, set, async, async);
	return err < 0 ? vs_reject(env, VS_E_KFUNC_CALLBACK, k->name, k->func) : 0;
}

int
vs_check_kfunc(struct vs_env *env, const struct bpf_insn *in, uint32_t *insn_idx)
{
	struct kcall k = {0};
	uint32_t at = *insn_idx;
	int err;

	/* What the kernel does not have may be called where that is never reached; whether it
	 * is, the end of the verification tells (vs_check_leftover_kfuncs). */
	if (!in->imm && !vs_operand(env, at)->btf_id && vs_vmlinux(env))
		return 0;
	err = meta(env, at, &k);
	if (!err && takes_res_lock(k.name))
		err = push_lock_failure(env, at);
	if (!err && is(&k, "__bpf_trap"))
		err = vs_reject(env, VS_E_KFUNC_TRAP);
	if (!err)
		err = check_kfunc_args(env, &k);
	if (!err)
		err = push_callback(env, in, at, &k);
	if (!err)
		err = check_sections(env, &k);
	if (!err && k.release_regno) {
		err = vs_release_ref(env, vs_cur_regs(env)[k.release_regno].ref_id);
		if (err && !env->failed)
			return vs_reject(env, VS_E_KFUNC_NOT_ACQUIRED, k.name, k.func);
	}
	if (!err)
		err = vs_graph_insert(env, &k);
	if (!err && is(&k, "bpf_throw"))
		err = check_throw(env);
	if (err)
		return err;
	vs_clobber_args(env);
	vs_check_reg_arg(env, 0, true);
	err = set_return(env, &k, at);
	if (err)
		return err;
	if (k.f->flags & FACT_KF_ITER_NEXT) {
		if (!k.iter_arg)
			return vs_bug(env, "%s without its iterator", k.name);
		return vs_iter_next(env, at, k.iter_frame, k.iter_slot);
	}
	return 0;
}

/* Calls of functions this kernel lacks, that the walk has reached. */
int
vs_check_leftover_kfuncs(struct vs_env *env)
{
	for (uint32_t i = 0; i < env->n; i++) {
		const struct bpf_insn *in = &env->insns[i];

		if (in->code != (BPF_JMP | BPF_CALL) ||
		    in->src_reg != BPF_PSEUDO_KFUNC_CALL || !env->fact[i].seen || in->imm ||
		    vs_operand(env, i)->btf_id)
			continue;
		env->insn_idx = i;
		return vs_reject(env, VS_E_KFUNC_LEFT);
	}
	return 0;
}

/* ---- asked before the walk ---------------------------------------------------------- */

static const char *
called(struct vs_env *env, const struct bpf_insn *in)
{
	const char *name;

	if (in->src_reg != BPF_PSEUDO_KFUNC_CALL)
		return "";
	name = vs_operand(env, (uint32_t)(in - env->insns))->kfunc;
	return name ? name : "";
}

static uint16_t
called_flags(struct vs_env *env, uint32_t insn_idx)
{
	const struct fact_kfunc *f =
		fact_kfunc_on(str_of(called(env, &env->insns[insn_idx])), env->prof.kernel);

	return f ? f->flags : 0;
}

bool
vs_kfunc_calls_sync_callback(struct vs_env *env, const struct bpf_insn *in)
{
	return vs_kfunc_is(called(env, in), "bpf_rbtree_add");
}

bool
vs_kfunc_calls_async_callback(struct vs_env *env, const struct bpf_insn *in)
{
	const char *name = called(env, in);

	return vs_kfunc_is(name, "bpf_wq_set_callback") || schedules_task_work(name);
}

bool
vs_kfunc_may_sleep(struct vs_env *env, uint32_t insn_idx)
{
	return called_flags(env, insn_idx) & FACT_KF_SLEEPABLE;
}

bool
vs_kfunc_changes_pkt(struct vs_env *env, uint32_t insn_idx)
{
	return !strcmp(called(env, &env->insns[insn_idx]), "bpf_xdp_pull_data");
}

int
vs_kfunc_nargs(struct vs_env *env, const struct bpf_insn *in)
{
	uint32_t id;

	if (in->src_reg != BPF_PSEUDO_KFUNC_CALL || !vs_vmlinux(env))
		return -1;
	id = vs_operand(env, (uint32_t)(in - env->insns))->btf_id;
	return id ? (int)btf_param_count(vs_vmlinux(env), id) : -1;
}

bool
vs_kfunc_ok_locked(struct vs_env *env, uint32_t insn_idx)
{
	return called_flags(env, insn_idx) & FACT_KF_LOCK_SAFE;
}

bool
vs_is_iter_next(struct vs_env *env, uint32_t insn_idx)
{
	return called_flags(env, insn_idx) & FACT_KF_ITER_NEXT;
}

bool
vs_is_throw(struct vs_env *env, uint32_t insn_idx)
{
	return !strcmp(called(env, &env->insns[insn_idx]), "bpf_throw");
}

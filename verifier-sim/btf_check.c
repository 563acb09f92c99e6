/* SPDX-License-Identifier: MIT */
/* btf_check.c: the program's own BTF: which functions it describes, its lines, and the
 * arguments of global functions, which are verified by their prototype alone. */
#include "env.h"
#include "image/btf.h"

const char *
vs_btf_text(struct vs_env *env, uint32_t offset)
{
	return env->btf ? btf_str(env->btf, offset) : "";
}

/* ---- func_info and line_info ----------------------------------------------------------------- */

static int
check_funcs(struct vs_env *env)
{
	const struct image_prog *p = env->prog;

	if (p->nfunc_info != env->nsub)
		return vs_reject(env, VS_E_FUNC_INFO_COUNT);
	for (uint32_t i = 0; i < p->nfunc_info; i++) {
		const struct bpf_func_info *f = &p->func_info[i];
		struct vs_subprog *s = &env->subprogs[i];
		const struct btf_type *t = btf_type(env->btf, f->type_id);
		uint32_t proto;

		if (!i && f->insn_off)
			return vs_reject(env, VS_E_FUNC_INFO_FIRST, f->insn_off);
		if (i && f->insn_off <= p->func_info[i - 1].insn_off)
			return vs_reject(env, VS_E_FUNC_INFO_ORDER, f->insn_off,
					 p->func_info[i - 1].insn_off);
		if (btf_kind(t) != BTF_KIND_FUNC)
			return vs_reject(env, VS_E_FUNC_INFO_TYPE, f->type_id);
		if (f->insn_off != s->start)
			return vs_reject(env, VS_E_FUNC_INFO_LAYOUT);
		s->func_type_id = f->type_id;
		s->name = btf_name(env->btf, f->type_id);
		s->global = btf_vlen(t) == BTF_FUNC_GLOBAL && i;
		proto = btf_resolve(env->btf, btf_return_type(env->btf, f->type_id));
		if (i && s->has_ld_abs && btf_kind(btf_type(env->btf, proto)) != BTF_KIND_INT)
			return vs_reject(env, VS_E_LD_ABS_INT);
		if (i && s->has_tail_call && btf_kind(btf_type(env->btf, proto)) != BTF_KIND_INT)
			return vs_reject(env, VS_E_TAIL_CALL_INT);
	}
	return 0;
}

static int
check_lines(struct vs_env *env)
{
	const struct image_prog *p = env->prog;
	uint32_t s = 0, prev = 0;

	for (uint32_t i = 0; i < p->nline_info; i++) {
		const struct bpf_line_info *l = &p->line_info[i];

		if ((i && l->insn_off <= prev) || l->insn_off >= env->n)
			return vs_reject(env, VS_E_LINE_OFF, i, l->insn_off, prev, env->n);
		if (!env->insns[l->insn_off].code)
			return vs_reject(env, VS_E_LINE_CODE, i);
		if (!*vs_btf_text(env, l->line_off) && l->line_off)
			return vs_reject(env, VS_E_LINE_NAME, i);
		if (s != env->nsub) {
			if (l->insn_off == env->subprogs[s].start)
				s++;
			else if (env->subprogs[s].start < l->insn_off)
				return vs_reject(env, VS_E_LINE_MISSING, s);
		}
		prev = l->insn_off;
	}
	if (s != env->nsub)
		return vs_reject(env, VS_E_LINE_MISSING_N, env->nsub - s, s);
	return 0;
}

/* Without BTF, functions that end the program or read packets cannot be trusted. */
static int
check_bare(struct vs_env *env)
{
	for (uint32_t s = 1; s < env->nsub; s++) {
		if (env->subprogs[s].has_ld_abs)
			return vs_reject(env, VS_E_LD_ABS_SUBPROG_BTF);
		if (env->subprogs[s].has_tail_call)
			return vs_reject(env, VS_E_TAIL_SUBPROG_BTF);
	}
	return 0;
}

static void
find_exception_callback(struct vs_env *env)
{
	for (uint32_t id = 1; env->subprogs[0].func_type_id && id < btf_count(env->btf); id++) {
		const struct btf_decl_tag *tag = btf_decl_tag_of(env->btf, id);
		const char *text = tag ? btf_name(env->btf, id) : "";
		static const char prefix[] = "exception_callback:";

		if (!tag || btf_target(env->btf, id) != env->subprogs[0].func_type_id ||
		    strncmp(text, prefix, sizeof prefix - 1))
			continue;
		for (uint32_t s = 1; s < env->nsub; s++)
			if (env->subprogs[s].name &&
			    !strcmp(env->subprogs[s].name, text + sizeof prefix - 1)) {
				env->exception_cb = (int)s;
				env->subprogs[s].is_exception_cb = true;
			}
	}
}

int
vs_check_btf(struct vs_env *env)
{
	const struct image_prog *p = env->prog;
	int err;

	if (!env->btf || !p->func_info || !p->nfunc_info)
		return check_bare(env);
	err = check_funcs(env);
	if (err >= 0 && p->line_info && p->nline_info)
		err = check_lines(env);
	if (err >= 0)
		find_exception_callback(env);
	return err;
}

/* ---- arguments of global functions ------------------------------------------------------------- */

static bool
tagged(struct vs_env *env, uint32_t func, int32_t arg, const char *tag)
{
	for (uint32_t id = 1; id < btf_count(env->btf); id++) {
		const struct btf_decl_tag *t = btf_decl_tag_of(env->btf, id);

		if (t && btf_target(env->btf, id) == func && t->component_idx == arg &&
		    !strcmp(btf_name(env->btf, id), tag))
			return true;
	}
	return false;
}

static bool
is_ctx_struct(struct vs_env *env, uint32_t id)
{
	const struct fact_prog_type *pt = fact_prog_type(env->type);
	const char *name = btf_name(env->btf, id);

	if (env->type == BPF_PROG_TYPE_KPROBE)
		return !strcmp(name, "bpf_user_pt_regs_t") || !strcmp(name, "pt_regs");
	if (env->type == BPF_PROG_TYPE_RAW_TRACEPOINT ||
	    env->type == BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE)
		return !strcmp(name, "bpf_raw_tracepoint_args");
	return pt && pt->ctx && !strcmp(name, pt->ctx);
}

static int
classify(struct vs_env *env, uint32_t func, int32_t i, uint32_t type, struct vs_arg *a)
{
	uint32_t id = btf_resolve(env->btf, type), to, raw;
	uint32_t kind = btf_kind(btf_type(env->btf, id));
	int64_t size;

	*a = (struct vs_arg){.kind = ARGK_SCALAR};
	if (kind == BTF_KIND_INT || kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64)
		return 0;
	if (kind != BTF_KIND_PTR)
		return vs_unknown(env, "argument %d of a global function is passed by value",
				  i + 1);
	raw = btf_unqualified(env->btf, btf_target(env->btf, id));
	to = btf_resolve(env->btf, raw);
	if (tagged(env, func, i, "arg:ctx") || is_ctx_struct(env, to) ||
	    is_ctx_struct(env, raw)) {
		a->kind = ARGK_CTX;
		return 0;
	}
	if (!strcmp(btf_name(env->btf, to), "bpf_dynptr")) {
		a->kind = ARGK_DYNPTR;
		return 0;
	}
	if (tagged(env, func, i, "arg:arena")) {
		a->kind = ARGK_ARENA;
		return 0;
	}
	if (tagged(env, func, i, "arg:trusted") || tagged(env, func, i, "arg:untrusted"))
		return vs_unknown(env, "trusted and untrusted arguments of global functions");
	size = btf_size(env->btf, to);
	if (size < 0)
		return vs_unknown(env, "argument %d of a global function has no size", i + 1);
	a->kind = ARGK_MEM;
	a->mem_size = (uint32_t)size;
	a->type_flags = tagged(env, func, i, "arg:nonnull") ? 0 : TF_MAYBE_NULL;
	return 0;
}

int
vs_prepare_args(struct vs_env *env, uint32_t subprog)
{
	struct vs_subprog *s = &env->subprogs[subprog];
	struct btf_param_of param;
	uint32_t n;
	int err = 0;

	if (s->args_cached)
		return 0;
	if (!env->btf || !s->func_type_id)
		return vs_unknown(env, "a global function without BTF");
	n = btf_param_count(env->btf, s->func_type_id);
	if (n > 5)
		return vs_unknown(env, "a global function with more than five arguments");
	for (uint32_t i = 0; i < n && err >= 0; i++) {
		btf_param(env->btf, s->func_type_id, i, &param);
		err = classify(env, s->func_type_id, (int32_t)i, param.type, &s->args[i]);
	}
	s->nargs = (uint8_t)n;
	s->args_cached = err >= 0;
	return err;
}

int
vs_entry_args(struct vs_env *env, struct vs_frame *f, uint32_t subprog)
{
	struct vs_subprog *s = &env->subprogs[subprog];
	int err = vs_prepare_args(env, subprog);

	if (err < 0)
		return err;
	vs_log(env, "Validating %s() func#%u...\n", s->name ? s->name : "", subprog);
	if (s->is_exception_cb) {
		if (s->nargs != 1 || s->args[0].kind != ARGK_SCALAR)
			return vs_reject(env, VS_E_GLOBAL_EXC_CB);
		f->in_exception_callback = true;
		f->callback_ret = (struct vs_range){0, 1, false};
	}
	for (uint32_t i = 0; i < s->nargs; i++) {
		struct vs_reg *r = &f->regs[i + 1];

		vs_reg_unknown(env, r);
		if (s->args[i].kind == ARGK_SCALAR)
			continue;
		vs_mark_known(r, 0);
		switch (s->args[i].kind) {
		case ARGK_CTX:
			r->type = RT_CTX;
			break;
		case ARGK_ARENA:
			vs_reg_unknown(env, r);
			r->type = RT_ARENA;
			break;
		case ARGK_DYNPTR:
			vs_make_dynptr_reg(env, r, DYNPTR_LOCAL);
			break;
		default:
			r->type = RT_MEM | s->args[i].type_flags;
			r->mem_size = s->args[i].mem_size;
			if (vs_may_be_null(r->type))
				r->id = ++env->next_id;
		}
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* btf_check.c: the program's own BTF: which functions it describes, its lines, and which
 * function is called when it throws. */
#include "verifier-sim/env.h"
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
		s->global = btf_vlen(t) == BTF_FUNC_GLOBAL && i && env->prof.global_funcs;
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

/* The function tagged to be called when the main program throws: the name on its tag. */
static int
exception_name(struct vs_env *env, uint32_t main, const char **name)
{
	static const char prefix[] = "exception_callback:";

	*name = NULL;
	for (uint32_t id = 1; id < btf_count(env->btf); id++) {
		const struct btf_decl_tag *tag = btf_decl_tag_of(env->btf, id);
		const char *text = btf_name(env->btf, id);

		if (!tag || tag->component_idx != -1 || btf_target(env->btf, id) != main ||
		    strncmp(text, prefix, sizeof prefix - 1))
			continue;
		if (*name)
			return vs_reject(env, VS_E_EXC_TAGS);
		*name = text + sizeof prefix - 1;
	}
	return 0;
}

int
vs_exception_callback(struct vs_env *env, uint32_t *at)
{
	const struct image_prog *p = env->prog;
	const char *name;
	uint32_t id;
	int err;

	*at = 0;
	if (!env->btf || !p->func_info || !p->nfunc_info)
		return 0;
	err = exception_name(env, p->func_info[0].type_id, &name);
	if (err < 0 || !name)
		return err;
	id = btf_find(env->btf, str_of(name), BTF_KIND_FUNC);
	if (!id)
		return vs_reject(env, VS_E_EXC_MISSING, name);
	if (btf_vlen(btf_type(env->btf, id)) != BTF_FUNC_GLOBAL)
		return vs_reject(env, VS_E_EXC_STATIC, name);
	for (uint32_t i = 0; i < p->nfunc_info; i++) {
		if (p->func_info[i].type_id != id)
			continue;
		*at = p->func_info[i].insn_off;
		if (!*at)
			return vs_reject(env, VS_E_EXC_FIRST);
	}
	return *at ? 0 : vs_reject(env, VS_E_EXC_INFO);
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
	return err;
}

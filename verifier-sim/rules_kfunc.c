/* SPDX-License-Identifier: MIT */
/* rules_kfunc.c: calls of kernel functions. */
#include "rules.h"

int
vs_check_kfunc(struct vs_env *env, const struct bpf_insn *in, uint32_t *insn_idx)
{
	(void)in;
	return vs_unknown(env, "kernel function %s", env->fact[*insn_idx].kfunc
							     ? env->fact[*insn_idx].kfunc
							     : "without a name");
}

int
vs_resolve_kfunc(struct vs_env *env, uint32_t insn_idx)
{
	for (uint32_t i = 0; i < env->prog->relocs.n; i++) {
		const struct image_reloc *r = &env->prog->relocs.at[i];

		if (r->insn == insn_idx && r->kind == RELOC_KFUNC)
			env->fact[insn_idx].kfunc = r->name;
	}
	return 0;
}

bool
vs_kfunc_calls_sync_callback(struct vs_env *env, const struct bpf_insn *in)
{
	(void)env;
	(void)in;
	return false;
}

bool
vs_kfunc_calls_async_callback(struct vs_env *env, const struct bpf_insn *in)
{
	(void)env;
	(void)in;
	return false;
}

bool
vs_kfunc_may_sleep(struct vs_env *env, uint32_t insn_idx)
{
	(void)env;
	(void)insn_idx;
	return false;
}

bool
vs_kfunc_changes_pkt(struct vs_env *env, uint32_t insn_idx)
{
	(void)env;
	(void)insn_idx;
	return false;
}

int
vs_kfunc_nargs(struct vs_env *env, const struct bpf_insn *in)
{
	(void)env;
	(void)in;
	return -1;
}

bool
vs_is_iter_next(struct vs_env *env, uint32_t insn_idx)
{
	const char *name = env->fact[insn_idx].kfunc;
	size_t n = name ? strlen(name) : 0;

	return n > 14 && !strncmp(name, "bpf_iter_", 9) && !strcmp(name + n - 5, "_next");
}

bool
vs_is_throw(struct vs_env *env, uint32_t insn_idx)
{
	const char *name = env->fact[insn_idx].kfunc;

	return name && !strcmp(name, "bpf_throw");
}

int
vs_check_func_arg_type(struct vs_env *env, uint32_t regno, const struct vs_arg *arg)
{
	(void)arg;
	return vs_unknown(env, "argument %u of a global function", regno);
}

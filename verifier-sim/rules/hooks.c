/* SPDX-License-Identifier: MIT */
/* hooks.c: which single functions a program may be attached to, and what may be called
 * in them. Most of it is lists that the kernel keeps: hooks.def. */
#include "rules.h"

enum hook_list {
	HOOK_LSM_SLEEPS, HOOK_LSM_DISABLED, HOOK_LSM_UNTRUSTED, HOOK_LSM_BOOL, HOOK_LSM_NONE,
	HOOK_D_PATH, HOOK_DENY, HOOK_NO_RETURN, HOOK_MODIFIABLE, HOOK_SLEEPS,
};

enum { LATE = UINT16_MAX };

static const struct hook {
	enum hook_list list;
	uint16_t from, until;
	const char *name;
} hooks[] = {
#define HOOK(list, name, from, until) {HOOK_##list, (from), (until), #name},
#include "hooks.def"
#undef HOOK
};

static bool
holds(const struct vs_env *env, const struct hook *h)
{
	bool begun = h->from == LATE ? env->prof.late_fixes : h->from <= env->prof.kernel;
	bool over = h->until == LATE ? env->prof.late_fixes
				     : h->until && h->until <= env->prof.kernel;

	return begun && !over;
}

static bool
listed(const struct vs_env *env, enum hook_list list, const char *name)
{
	for (size_t i = 0; name && i < sizeof hooks / sizeof *hooks; i++)
		if (hooks[i].list == list && !strcmp(hooks[i].name, name) &&
		    holds(env, &hooks[i]))
			return true;
	return false;
}

bool
vs_lsm_untrusted(const struct vs_env *env)
{
	return listed(env, HOOK_LSM_UNTRUSTED, env->rules->attach_name);
}

bool
vs_lsm_yes_or_no(const struct vs_env *env)
{
	return listed(env, HOOK_LSM_BOOL, env->rules->attach_name);
}

static bool
starts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

/* Functions whose result the kernel can be told to replace: with that option, and with newer
 * kernels anyway, every system call. */
static bool
error_injection(struct vs_env *env, const char *name)
{
	struct btf *b = vs_vmlinux(env);

	if (!starts(name, "__") || !strstr(name, "_sys_"))
		return false;
	return env->prof.kernel >= KVER(7, 0) ||
	       (b && btf_find(b, STR("within_error_injection_list"), BTF_KIND_FUNC));
}

/* In the kernel's order: what holds for all hooks, then what the LSM says. */
static int
check_lsm(struct vs_env *env, const char *name)
{
	const char *full = arena_printf(env->tmp, "bpf_lsm_%s", name);

	if (env->sleepable && !listed(env, HOOK_LSM_SLEEPS, name))
		return vs_reject(env, VS_E_HOOK_SLEEP, full);
	if (!env->gpl)
		return vs_reject(env, VS_E_LSM_GPL);
	if ((env->prof.kernel >= KVER(6, 12) || env->prof.late_fixes) &&
	    listed(env, HOOK_LSM_DISABLED, name))
		return vs_reject(env, VS_E_LSM_DISABLED, env->rules->attach_btf_id, full);
	if (listed(env, HOOK_LSM_NONE, name))
		return vs_reject(env, VS_E_LSM_NONE, env->rules->attach_btf_id, full);
	return 0;
}

static int
check_function(struct vs_env *env, const char *name)
{
	bool modifies = env->attach == FACT_ATTACH_MODIFY_RETURN;
	bool after = modifies || env->attach == FACT_ATTACH_TRACE_FEXIT ||
		     env->attach == FACT_ATTACH_TRACE_FSESSION;

	if (env->sleepable && !listed(env, HOOK_SLEEPS, name) && !error_injection(env, name))
		return vs_reject(env, VS_E_HOOK_SLEEP, name);
	if (modifies && !starts(name, "security_") && !listed(env, HOOK_MODIFIABLE, name) &&
	    !error_injection(env, name))
		return vs_reject(env, VS_E_HOOK_MODIFY, name);
	if (listed(env, HOOK_DENY, name))
		return vs_reject(env, VS_E_HOOK_DENIED, name);
	if (after && (env->prof.kernel >= KVER(6, 15) ||
		      (env->prof.kernel >= KVER(6, 12) && env->prof.late_fixes)) &&
	    listed(env, HOOK_NO_RETURN, name))
		return vs_reject(env, VS_E_HOOK_NO_RETURN, name);
	return 0;
}

/* Iterators have a struct of what they hand out. */
static bool
is_iterator(struct vs_env *env, const char *name)
{
	return vs_kernel_struct(env, arena_printf(env->tmp, "bpf_iter__%s", name));
}

int
vs_check_hook(struct vs_env *env)
{
	const char *name = env->rules->attach_name;

	if (env->type == FACT_PROG_LSM)
		return check_lsm(env, name);
	if (env->attach == FACT_ATTACH_TRACE_RAW_TP && env->sleepable &&
	    strcmp(name, "sys_enter") && strcmp(name, "sys_exit"))
		return vs_reject(env, VS_E_HOOK_FAULTABLE, name);
	if (env->attach == FACT_ATTACH_TRACE_ITER && !is_iterator(env, name))
		return vs_reject(env, VS_E_ITER_NONE);
	if (env->attach == FACT_ATTACH_TRACE_RAW_TP || env->attach == FACT_ATTACH_TRACE_ITER)
		return 0;
	return check_function(env, name);
}

void
vs_hook_places(const struct vs_env *env, uint32_t helper, struct buf *out)
{
	bool lsm = env->type == FACT_PROG_LSM;
	unsigned n = 0;

	for (size_t i = 0; helper == FACT_FN_d_path && i < sizeof hooks / sizeof *hooks; i++) {
		if (hooks[i].list != (lsm ? HOOK_LSM_SLEEPS : HOOK_D_PATH) ||
		    !holds(env, &hooks[i]))
			continue;
		if (lsm && strncmp(hooks[i].name, "file_", 5) && strncmp(hooks[i].name, "bprm_", 5))
			continue;	/* of many, those that have a path to show */
		buf_printf(out, "%s%s", n++ ? ", " : "", hooks[i].name);
	}
}

bool
vs_hook_allows(const struct vs_env *env, uint32_t helper)
{
	const char *name = env->rules->attach_name;
	bool iter = env->type == FACT_PROG_TRACING && env->attach == FACT_ATTACH_TRACE_ITER;

	if (!name || iter)
		return true;
	if (helper == FACT_FN_d_path) {
		if (env->type == FACT_PROG_LSM)
			return listed(env, HOOK_LSM_SLEEPS, name);
		return listed(env, HOOK_D_PATH, name);
	}
	if ((helper == FACT_FN_sk_storage_get || helper == FACT_FN_sk_storage_delete) &&
	    env->type == FACT_PROG_TRACING && env->attach != FACT_ATTACH_TRACE_RAW_TP)
		return !starts(name, "bpf_sk_storage");
	return true;
}

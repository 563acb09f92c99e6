/* SPDX-License-Identifier: MIT */
/* hooks.c: which single functions a program may be attached to, and what may be called
 * in them. Most of it is lists that the kernel keeps: hooks.def. */
#include "rules.h"

enum hook_list {
	HOOK_LSM_SLEEPS, HOOK_LSM_DISABLED, HOOK_D_PATH, HOOK_DENY, HOOK_NO_RETURN,
	HOOK_MODIFIABLE, HOOK_SLEEPS,
};

static const struct {
	enum hook_list list;
	const char *name;
} hooks[] = {
#define HOOK(list, name) {HOOK_##list, #name},
#include "hooks.def"
#undef HOOK
};

static bool
listed(enum hook_list list, const char *name)
{
	for (size_t i = 0; name && i < sizeof hooks / sizeof *hooks; i++)
		if (hooks[i].list == list && !strcmp(hooks[i].name, name))
			return true;
	return false;
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

static int
check_lsm(struct vs_env *env, const char *name)
{
	const char *full = arena_printf(env->tmp, "bpf_lsm_%s", name);

	if (!env->gpl)
		return vs_reject(env, VS_E_LSM_GPL);
	if ((env->prof.kernel >= KVER(6, 12) && listed(HOOK_LSM_DISABLED, name)) ||
	    (env->prof.kernel >= KVER(7, 1) && !strcmp(name, "file_alloc_security")))
		return vs_reject(env, VS_E_LSM_DISABLED, env->rules->attach_btf_id, full);
	if (env->sleepable && !listed(HOOK_LSM_SLEEPS, name))
		return vs_reject(env, VS_E_HOOK_SLEEP, full);
	return 0;
}

static int
check_function(struct vs_env *env, const char *name)
{
	bool modifies = env->attach == FACT_ATTACH_MODIFY_RETURN;
	bool after = modifies || env->attach == FACT_ATTACH_TRACE_FEXIT ||
		     env->attach == FACT_ATTACH_TRACE_FSESSION;

	if (env->sleepable && !listed(HOOK_SLEEPS, name) && !error_injection(env, name))
		return vs_reject(env, VS_E_HOOK_SLEEP, name);
	if (modifies && !starts(name, "security_") && !listed(HOOK_MODIFIABLE, name) &&
	    !error_injection(env, name))
		return vs_reject(env, VS_E_HOOK_MODIFY, name);
	if (listed(HOOK_DENY, name))
		return vs_reject(env, VS_E_HOOK_DENIED, name);
	if (after && env->prof.kernel >= KVER(6, 15) && listed(HOOK_NO_RETURN, name))
		return vs_reject(env, VS_E_HOOK_NO_RETURN, name);
	return 0;
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
		if (hooks[i].list != (lsm ? HOOK_LSM_SLEEPS : HOOK_D_PATH))
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
			return listed(HOOK_LSM_SLEEPS, name);
		return listed(HOOK_D_PATH, name);
	}
	if ((helper == FACT_FN_sk_storage_get || helper == FACT_FN_sk_storage_delete) &&
	    env->type == FACT_PROG_TRACING && env->attach != FACT_ATTACH_TRACE_RAW_TP)
		return !starts(name, "bpf_sk_storage");
	return true;
}

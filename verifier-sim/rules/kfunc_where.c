/* SPDX-License-Identifier: MIT */
/* kfunc_where.c: may this program call that kernel function? The program types stand in
 * core/facts/kfuncs.def; of some types not all programs may, which is kfunc_where.def. */
#include "rules.h"

static const struct {
	const char *name;
	uint32_t type;
	uint64_t attach;
} attached[] = {
#define A(NAME) (UINT64_C(1) << FACT_ATTACH_##NAME)
#define ATTACHED(function, TYPE, mask) {(function), FACT_PROG_##TYPE, (mask)},
#define MEMBERS(...)
#include "kfunc_where.def"
#undef ATTACHED
#undef MEMBERS
#undef A
};

static const struct {
	uint16_t since;
	const char *name, *ops, *members;
} implementing[] = {
#define ATTACHED(...)
#define MEMBERS(major, minor, function, ops, members) \
	{KVER(major, minor), (function), (ops), (members)},
#include "kfunc_where.def"
#undef ATTACHED
#undef MEMBERS
};

static bool
fits(const char *pattern, const char *name)
{
	size_t n = strlen(pattern);

	return n && pattern[n - 1] == '*' ? !strncmp(pattern, name, n - 1)
					  : !strcmp(pattern, name);
}

static bool
fits_attachment(const struct vs_env *env, const char *name)
{
	for (size_t i = 0; i < sizeof attached / sizeof *attached; i++)
		if (attached[i].type == env->type && fits(attached[i].name, name))
			return env->attach < 64 && attached[i].attach >> env->attach & 1;
	return true;
}

static bool
fits_member(const struct vs_env *env, const char *name)
{
	const char *ops = env->rules->ops, *member = env->rules->attach_name;

	for (size_t i = 0; ops && i < sizeof implementing / sizeof *implementing; i++)
		if (implementing[i].since <= env->prof.kernel && fits(implementing[i].name, name))
			return fits(implementing[i].ops, ops) &&
			       (!implementing[i].members ||
				(member && vs_has_word(implementing[i].members, member)));
	return true;
}

/* Since when programs of a type may call what others of its kind may. */
static bool
kind_counts(const struct vs_env *env)
{
	switch (env->type) {
	case FACT_PROG_TRACEPOINT:
	case FACT_PROG_PERF_EVENT:
	case FACT_PROG_KPROBE:
	case FACT_PROG_CGROUP_SOCK:
	case FACT_PROG_CGROUP_DEVICE:
	case FACT_PROG_CGROUP_SOCK_ADDR:
	case FACT_PROG_CGROUP_SOCKOPT:
	case FACT_PROG_CGROUP_SYSCTL: return env->prof.kernel >= KVER(6, 10);
	case FACT_PROG_SOCK_OPS: return env->prof.kernel >= KVER(6, 15);
	case FACT_PROG_RAW_TRACEPOINT: return env->prof.kernel >= KVER(7, 1);
	default: return true;
	}
}

bool
vs_may_call_kfunc(const struct vs_env *env, const struct fact_kfunc *f)
{
	/* Sending from where something is sent would go round. */
	bool sends = env->type == FACT_PROG_LSM && !strncmp(f->name, "bpf_ksock_", 10) &&
		     env->rules->attach_name &&
		     !strcmp(env->rules->attach_name, "socket_sendmsg");

	return (f->types >> env->type & 1) && (f->types == ~UINT64_C(0) || kind_counts(env)) &&
	       fits_attachment(env, f->name) && fits_member(env, f->name) && !sends;
}

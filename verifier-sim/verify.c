/* SPDX-License-Identifier: MIT */
/* verify.c: the verdict: set up, the passes in the kernel's order, the walk, clean up.
 * Read this file first. */
#include "verifier-sim/explain/trail.h"
#include "image/btf.h"

#include <setjmp.h>

enum { MEMORY_LIMIT = 1 << 30, MAX_INSNS = 1000000, ALL_RIGHTS = VCAP_BPF | VCAP_PERFMON };

static void
capabilities(struct vs_env *env)
{
	uint32_t c = env->opts->caps;

	/* Before 5.8 there is one right for all of it. */
	if (!env->prof.split_caps)
		c = (c & ALL_RIGHTS) == ALL_RIGHTS || (c & VCAP_SYS_ADMIN)
			? c | VCAP_SYS_ADMIN : c & VCAP_NET_ADMIN;
	if (c & VCAP_SYS_ADMIN)
		c |= VCAP_BPF | VCAP_PERFMON | VCAP_NET_ADMIN;
	env->caps = c;
	env->bpf_capable = c & VCAP_BPF;
	env->allow_ptr_leaks = env->bypass_spec_v1 = env->bypass_spec_v4 = c & VCAP_PERFMON;
	env->allow_uninit_stack = env->allow_ptr_leaks && env->prof.uninit_stack;
}

/* Most programs never ask for kernel types, and opening them takes longer than judging a small
 * program: so only the first question does. */
struct btf *
vs_open_vmlinux(struct vs_env *env)
{
	const struct verify_opts *o = env->opts;

	env->vmlinux_known = true;
	if (o->types && !o->types->btf)
		o->types->btf = btf_open(o->types->arena, o->vmlinux_btf, o->vmlinux_btf_size,
					 NULL, NULL);
	if (o->types)
		return env->vmlinux = o->types->btf;
	env->vmlinux = btf_open(env->tmp, o->vmlinux_btf, o->vmlinux_btf_size, NULL, NULL);
	return env->vmlinux;
}

static void
set_up(struct vs_env *env)
{
	const struct verify_opts *o = env->opts;
	const struct image_prog *p = env->prog;

	vs_profile_fill(&env->prof, o->kernel, o->patch);
	if (o->insn_limit && o->insn_limit < env->prof.insn_limit)
		env->prof.insn_limit = (uint32_t)o->insn_limit;
	capabilities(env);
	env->type = p->type;
	env->attach = p->expected_attach;
	env->flags = o->flags | p->flags;
	env->sleepable = p->sleepable || (env->flags & VS_F_SLEEPABLE);
	env->strict_alignment = (env->flags & VS_F_STRICT_ALIGNMENT) &&
		!(env->flags & VS_F_ANY_ALIGNMENT);
	env->test_state_freq = (env->flags & VS_F_TEST_STATE_FREQ) && env->bpf_capable;
	env->gpl = vs_license_gpl(p->license);
	env->exception_cb = -1;
	env->log = buf_new(env->a);
	env->n = p->ninsns;
	env->insns = arena_array(env->tmp, struct bpf_insn, env->n + 1);
	memcpy(env->insns, p->insns, env->n * sizeof *env->insns);
	env->fact = arena_array(env->tmp, struct vs_fact, env->n + 1);
	env->on_insn = o->on_insn;
	env->on_insn_user = o->on_insn_user;
	env->vmlinux = o->vmlinux;
	env->vmlinux_known = o->vmlinux || !o->vmlinux_btf;
	if (env->im->btf)
		env->btf = btf_open(env->tmp, env->im->btf, env->im->btf_size, NULL, NULL);
	/* Loaders go on without types that the kernel does not take. */
	if (env->btf && env->prof.kernel >= KVER(6, 11) && vs_btf_refused(env))
		env->btf = NULL;
}

static const char *const gpl_licenses[] = {
	"GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL",
	"Dual MPL/GPL",
};

bool
vs_license_gpl(const char *license)
{
	for (size_t i = 0; license && i < sizeof gpl_licenses / sizeof *gpl_licenses; i++)
		if (!strcmp(license, gpl_licenses[i]))
			return true;
	return false;
}

/* Found when the kernel rewrites loads, after the walk (convert_ctx_accesses). */
static int
check_arena_loads(struct vs_env *env)
{
	for (uint32_t i = 0; i < env->n && !env->prof.arena_signs; i++) {
		const struct bpf_insn *in = &env->insns[i];

		if (BPF_CLASS(in->code) == BPF_LDX && BPF_MODE(in->code) == BPF_MEMSX &&
		    env->fact[i].ptr_type == RT_ARENA) {
			env->insn_idx = i;
			return vs_reject(env, VS_E_ARENA_SX);
		}
	}
	return 0;
}

static int
run(struct vs_env *env)
{
	typedef int pass(struct vs_env *env);
	static pass *const before[] = {
		vs_rules_init, vs_check_load, vs_find_subprogs, vs_check_subprogs, vs_check_btf,
		vs_check_insns, vs_check_cfg, vs_check_attach,
	};
	int err;

	for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
		err = before[i](env);
		if (err < 0)
			return err;
	}
	vs_postorder(env);
	vs_fold_branches(env);
	err = vs_check_recursion(env);
	if (err < 0)
		return err;
	vs_scc(env);
	vs_live_regs(env);
	vs_log_live_regs(env);
	vs_live_stack_init(env);
	vs_pools_init(env);
	vs_states_init(env);
	vs_spec_init(env);
	vs_backtrack_init(env);
	err = vs_walk_main(env);
	if (err >= 0)
		err = vs_walk_globals(env);
	if (err >= 0)
		err = vs_check_stack_depth(env);
	if (err >= 0)
		err = check_arena_loads(env);
	return err < 0 ? err : vs_check_leftover_kfuncs(env);
}

static void
finish(struct vs_env *env, int err)
{
	struct verify_result *r = env->r;
	const char *nl;

	if (err >= 0)
		r->verdict = VERDICT_ACCEPT;
	else if (!env->failed)
		vs_bug(env, "a rule failed with %d and said nothing", err);
	r->processed = env->processed;
	r->total_states = env->total_states;
	r->peak_states = env->peak_states;
	r->max_states_per_insn = env->max_states_per_insn;
	vs_log_stats(env);
	r->log = buf_text(&env->log);
	/* Of several lines the last one is what the log ends with. */
	if (r->kernel_message && (nl = strrchr(r->kernel_message, '\n')))
		r->kernel_message = nl + 1;
}

void
verify_prog(const struct image *im, const struct image_prog *p, const struct verify_opts *o,
	    struct arena *a, struct verify_result *r)
{
	vs_verify(im, p, o, NULL, a, r);
}

void
vs_verify(const struct image *im, const struct image_prog *p, const struct verify_opts *o,
	  const struct vs_watch *watch, struct arena *a, struct verify_result *r)
{
	struct arena tmp;
	struct vs_env *env;
	jmp_buf oom, *outer = a->oom;

	memset(r, 0, sizeof *r);
	arena_init(&tmp);
	tmp.limit = MEMORY_LIMIT;
	tmp.oom = &oom;
	if (setjmp(oom)) {
		r->verdict = VERDICT_UNKNOWN;
		r->unknown = "memory: the program needs more than the simulator may take";
		r->err = -ENOMEM;
		arena_free(&tmp);
		a->oom = outer;
		return;
	}
	a->oom = &oom;
	env = arena_new(&tmp, struct vs_env);
	*env = (struct vs_env){.im = im, .prog = p, .opts = o, .r = r, .a = a, .tmp = &tmp,
			       .watch = watch};
	if (!p->ninsns || p->ninsns > MAX_INSNS) {
		env->log = buf_new(a);
		vs_profile_fill(&env->prof, o->kernel, o->patch);
		finish(env, vs_reject(env, VS_E_EMPTY));
	} else {
		set_up(env);
		if (watch)
			vs_trail_init(env);
		finish(env, run(env));
	}
	if (watch)
		watch->end(env, watch->user);
	a->oom = outer;
	arena_free(&tmp);
}

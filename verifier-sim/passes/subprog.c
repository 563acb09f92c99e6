/* SPDX-License-Identifier: MIT */
/* subprog.c: where functions begin and end, and that no jump leaves its function. */
#include "verifier-sim/env.h"

static bool
is_call(const struct bpf_insn *in, uint8_t src)
{
	return in->code == (BPF_JMP | BPF_CALL) && in->src_reg == src;
}

int
vs_subprog_at(const struct vs_env *env, uint32_t start)
{
	int s = vs_subprog_of(env, start);

	return s >= 0 && env->subprogs[s].start == start ? s : -1;
}

int
vs_subprog_of(const struct vs_env *env, uint32_t insn)
{
	uint32_t lo = 0, hi = env->nsub;

	if (insn >= env->n)
		return -1;
	while (hi - lo > 1) {
		uint32_t mid = (lo + hi) / 2;

		if (env->subprogs[mid].start <= insn)
			lo = mid;
		else
			hi = mid;
	}
	return (int)lo;
}

static int
add(struct vs_env *env, int64_t at)
{
	uint32_t i;

	if (at < 0 || at >= env->n)
		return vs_reject(env, VS_E_CALL_DEST);
	for (i = env->nsub; i > 0 && env->subprogs[i - 1].start >= at; i--)
		if (env->subprogs[i - 1].start == at)
			return 0;
	if (env->nsub >= VS_MAX_SUBPROGS)
		return vs_reject(env, VS_E_SUBPROGS);
	memmove(&env->subprogs[i + 1], &env->subprogs[i],
		(env->nsub - i) * sizeof *env->subprogs);
	env->subprogs[i] = (struct vs_subprog){.start = (uint32_t)at};
	env->nsub++;
	return 0;
}

/* Names and linkage come from the image; a callback of exceptions from BTF (btf_check.c). */
static void
name_subprogs(struct vs_env *env)
{
	for (uint32_t k = 0; k < env->prog->subprogs.n; k++) {
		const struct image_subprog *is = &env->prog->subprogs.at[k];
		int s = vs_subprog_at(env, is->start);

		if (s < 0)
			continue;
		env->subprogs[s].name = is->name;
		env->subprogs[s].func_type_id = is->func_type_id;
		env->subprogs[s].global = is->global && env->prof.global_funcs && env->btf;
	}
}

static int
add_exception_callback(struct vs_env *env)
{
	uint32_t at;
	int err = vs_exception_callback(env, &at);

	if (err >= 0 && at)
		err = add(env, at);
	for (uint32_t i = 1; err >= 0 && at && i < env->nsub; i++) {
		if (env->subprogs[i].start != at)
			continue;
		env->exception_cb = (int)i;
		env->subprogs[i].is_exception_cb = true;
		env->subprogs[i].is_cb = env->subprogs[i].is_async_cb = true;
	}
	return err;
}

int
vs_find_subprogs(struct vs_env *env)
{
	uint32_t room = 1;
	int err;

	for (uint32_t i = 0; i < env->n; i++)
		room += is_call(&env->insns[i], BPF_PSEUDO_CALL) ||
			(insn_is_wide(&env->insns[i]) &&
			 env->insns[i].src_reg == BPF_PSEUDO_FUNC);
	room = room < VS_MAX_SUBPROGS ? room : VS_MAX_SUBPROGS;
	env->subprogs = arena_array(env->tmp, struct vs_subprog, room + 2);
	err = add(env, 0);
	for (uint32_t i = 0; i < env->n && err >= 0; i++) {
		const struct bpf_insn *in = &env->insns[i];
		bool func = insn_is_wide(in) && in->src_reg == BPF_PSEUDO_FUNC;
		bool kfunc = is_call(in, BPF_PSEUDO_KFUNC_CALL);

		if (!func && !kfunc && !is_call(in, BPF_PSEUDO_CALL))
			continue;
		env->insn_idx = i;
		if (!env->bpf_capable)
			return vs_reject(env, VS_E_NEED_CAP_BPF);
		err = kfunc ? vs_resolve_kfunc(env, i) : add(env, (int64_t)i + in->imm + 1);
	}
	if (err >= 0)
		err = add_exception_callback(env);
	if (err < 0)
		return err;
	env->insn_idx = 0;
	env->subprogs[env->nsub].start = env->n;
	for (uint32_t i = 0; i < env->nsub; i++) {
		env->subprogs[i].end = env->subprogs[i + 1].start;
		if ((env->opts->log_level & 2) && env->prof.logs_subprogs)
			vs_log(env, "func#%u @%u\n", i, env->subprogs[i].start);
	}
	name_subprogs(env);
	return 0;
}

static int
check_one(struct vs_env *env, struct vs_subprog *s)
{
	for (uint32_t i = s->start; i < s->end; i++) {
		const struct bpf_insn *in = &env->insns[i];
		uint8_t class = BPF_CLASS(in->code), op = BPF_OP(in->code);
		bool jump = (class == BPF_JMP || class == BPF_JMP32) && op != BPF_CALL &&
			op != BPF_EXIT;

		env->insn_idx = i;
		if (is_call(in, 0) && in->imm == BPF_FUNC_tail_call)
			s->has_tail_call = s->tail_call_reachable = true;
		if (class == BPF_LD && (BPF_MODE(in->code) == BPF_ABS ||
					BPF_MODE(in->code) == BPF_IND))
			s->has_ld_abs = true;
		if (in->code == (BPF_JMP | BPF_EXIT))
			s->exit_idx = i;
		if (jump && !(op == BPF_JA && BPF_SRC(in->code) == BPF_X)) {
			int64_t to = (int64_t)i + vs_jmp_off(in) + 1;

			if (to < s->start || to >= s->end)
				return vs_reject(env, VS_E_JMP_RANGE, i, (int)to);
		}
	}
	return 0;
}

int
vs_check_subprogs(struct vs_env *env)
{
	for (uint32_t k = 0; k < env->nsub; k++) {
		struct vs_subprog *s = &env->subprogs[k];
		uint8_t last = env->insns[s->end - 1].code;

		if (check_one(env, s) < 0)
			return env->r->err;
		if (last != (BPF_JMP | BPF_EXIT) && last != (BPF_JMP32 | BPF_JA) &&
		    last != (BPF_JMP | BPF_JA))
			return vs_reject(env, VS_E_LAST_INSN);
	}
	env->insn_idx = 0;
	return 0;
}

/* ---- recursion ------------------------------------------------------------------------------- */

enum { NEW, OPEN, DONE };

struct topo {
	uint8_t *state;		/* per function */
	uint32_t stack[VS_MAX_SUBPROGS], n;
};

static const char *
subprog_name(const struct vs_env *env, uint32_t s)
{
	return env->subprogs[s].name ? env->subprogs[s].name : "";
}

/* Opens the first function that the last open one calls and that is not done, or ends it. */
static int
step(struct vs_env *env, struct topo *t)
{
	uint32_t cur = t->stack[t->n - 1];
	const struct vs_subprog *s = &env->subprogs[cur];

	for (uint32_t k = 0; k < s->postorder_n; k++) {
		uint32_t i = env->postorder[s->postorder_start + k];
		const struct bpf_insn *in = &env->insns[i];
		bool call = is_call(in, BPF_PSEUDO_CALL);
		int callee;

		if (!call && !(insn_is_wide(in) && in->src_reg == BPF_PSEUDO_FUNC))
			continue;
		callee = vs_subprog_at(env, (uint32_t)((int64_t)i + in->imm + 1));
		if (callee < 0 || t->state[callee] == DONE || (t->state[callee] == OPEN && !call))
			continue;
		if (t->state[callee] == OPEN) {
			env->insn_idx = i;
			return vs_reject(env, VS_E_RECURSION, subprog_name(env, cur),
					 subprog_name(env, (uint32_t)callee));
		}
		t->state[callee] = OPEN;
		t->stack[t->n++] = (uint32_t)callee;
		return 0;
	}
	t->state[cur] = DONE;
	t->n--;
	return 0;
}

/* Callers after callees (kernel/bpf/verifier.c, sort_subprogs_topo; 7.1): before, recursion
 * was met as a call stack that is too deep. */
int
vs_check_recursion(struct vs_env *env)
{
	struct topo t = {.n = 0};
	int err = 0;

	if (!env->prof.no_recursion)
		return 0;
	t.state = arena_array(env->tmp, uint8_t, env->nsub);
	for (uint32_t s = 0; s < env->nsub; s++) {
		if (t.state[s] != NEW)
			continue;
		t.state[s] = OPEN;
		t.stack[t.n++] = s;
		while (t.n && err >= 0)
			err = step(env, &t);
		if (err < 0)
			return err;
	}
	env->insn_idx = 0;
	return 0;
}

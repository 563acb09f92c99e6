/* SPDX-License-Identifier: MIT */
/* call.c: into functions and out of them.
 *
 * A call of a static function pushes a frame and walks on inside. A global function is taken
 * at its prototype's word here and walked on its own later. A callback is entered from a
 * pending branch at its calling instruction; when it returns, the path goes back to that very
 * instruction, as if for the next round, and loop convergence (states.c) ends it. */
#include "verifier-sim/env.h"

enum { NO_CALLSITE = UINT32_MAX };

void
vs_init_frame(struct vs_env *env, struct vs_frame *f, uint32_t callsite, uint32_t frameno,
	      uint32_t subprog)
{
	for (uint32_t i = 0; i < VS_REGS; i++)
		vs_reg_not_init(env, &f->regs[i]);
	memset(&f->regs[VS_FP], 0, sizeof f->regs[VS_FP]);
	f->regs[VS_FP].type = RT_STACK;
	f->regs[VS_FP].frameno = frameno;
	f->callsite = callsite;
	f->frameno = frameno;
	f->subprog = subprog;
	env->scratched_regs = ~0u;
	env->scratched_slots = ~(uint64_t)0;
}

/* Push a frame onto `st` and fill it. */
static int
enter(struct vs_env *env, struct vs_state *st, uint32_t subprog, uint32_t callsite,
      vs_set_callee *set)
{
	struct vs_frame *caller = st->frame[st->curframe], *callee;
	int err;

	if (st->curframe + 1 >= env->prof.max_frames)
		return vs_reject(env, VS_E_FRAMES, st->curframe + 2);
	callee = vs_frame_new(env);
	st->frame[st->curframe + 1] = callee;
	vs_init_frame(env, callee, callsite, st->curframe + 1, subprog);
	err = set(env, caller, callee, callsite);
	if (err >= 0)
		st->curframe++;
	return err;
}

static int
pass_args(struct vs_env *env, struct vs_frame *caller, struct vs_frame *callee, uint32_t insn_idx)
{
	(void)env;
	(void)insn_idx;
	for (uint32_t i = 1; i <= 5; i++)
		callee->regs[i] = caller->regs[i];
	return 0;
}

void
vs_clobber_args(struct vs_env *env)
{
	struct vs_reg *regs = vs_cur_regs(env);

	for (uint32_t i = 0; i <= 5; i++) {
		vs_reg_not_init(env, &regs[i]);
		vs_scratch_reg(env, i);
	}
}

bool
vs_in_sleepable(struct vs_env *env)
{
	const struct vs_state *st = env->cur;

	return st->in_sleepable && !st->active_rcu && !st->active_preempt && !st->active_irq_id &&
		!st->active_locks;
}

static int
call_global(struct vs_env *env, uint32_t subprog)
{
	struct vs_subprog *s = &env->subprogs[subprog];
	int err = vs_prepare_args(env, subprog);

	if (env->cur->active_locks)
		return vs_reject(env, VS_E_GLOBAL_LOCKED);
	if (env->cur->active_preempt && !env->prof.global_sleep_rule)
		return vs_reject(env, VS_E_GLOBAL_PREEMPT);
	if (s->might_sleep && !vs_in_sleepable(env) && env->prof.global_sleep_rule)
		return vs_reject(env, VS_E_GLOBAL_SLEEP);
	for (uint32_t i = 0; err >= 0 && i < s->nargs; i++)
		err = vs_check_func_arg_type(env, i + 1, subprog, &s->args[i]);
	if (err < 0)
		return vs_reject(env, VS_E_GLOBAL_ARGS, subprog, s->name ? s->name : "");
	if (vs_logs(env))
		vs_log(env, "Func#%u ('%s') is global and assumed valid.\n", subprog,
		       s->name ? s->name : "");
	if (s->changes_pkt_data)
		vs_clear_pkt_pointers(env);
	s->called = true;
	vs_clobber_args(env);
	if (!vs_returns_void(env, subprog))
		vs_reg_unknown(env, &vs_cur_regs(env)[0]);
	return 0;
}

int
vs_check_call(struct vs_env *env, const struct bpf_insn *in, uint32_t *insn_idx)
{
	int64_t to = (int64_t)*insn_idx + in->imm + 1;
	int subprog = to < 0 ? -1 : vs_subprog_at(env, (uint32_t)to), err;
	struct vs_state *st = env->cur;
	uint32_t caller = st->curframe;

	if (subprog < 0)
		return vs_bug(env, "no function starts at %lld", (long long)to);
	if (env->subprogs[subprog].global)
		return call_global(env, (uint32_t)subprog);
	err = enter(env, st, (uint32_t)subprog, *insn_idx, pass_args);
	if (err < 0)
		return err;
	for (uint32_t i = 0; i <= 5; i++)
		vs_reg_not_init(env, &st->frame[caller]->regs[i]);
	*insn_idx = (uint32_t)to - 1;
	if (vs_logs(env)) {
		vs_log(env, "caller:\n");
		vs_log_state(env, st, caller, true);
		vs_log(env, "callee:\n");
		vs_log_state(env, st, st->curframe, true);
	}
	return 0;
}

static bool
kernel_function(const struct bpf_insn *in)
{
	return in->src_reg == BPF_PSEUDO_KFUNC_CALL;
}

/* Up to 6.6 a helper's callback was walked once, between the call and what follows it. */
void
vs_enter_callback(struct vs_env *env, uint32_t *insn_idx)
{
	struct vs_state *st = env->cur;

	if (!env->enters_callback)
		return;
	env->enters_callback = false;
	st->curframe++;
	*insn_idx = env->subprogs[vs_cur_frame(env)->subprog].start - 1;
}

int
vs_push_callback(struct vs_env *env, const struct bpf_insn *in, uint32_t insn_idx, uint32_t subprog,
		 vs_set_callee *set, bool async, bool async_sleepable)
{
	struct vs_frame *caller = vs_cur_frame(env);
	struct vs_state *st;
	int err;

	if (subprog >= env->nsub)
		return vs_bug(env, "callback %u does not exist", subprog);
	env->subprogs[subprog].is_cb = true;
	if (async) {
		env->subprogs[subprog].is_async_cb = true;
		st = vs_push_async(env, env->subprogs[subprog].start, insn_idx, subprog,
				   async_sleepable);
		if (!st)
			return env->r->err;
		st->frame[0]->async_entry = caller->async_entry + 1;
		return set(env, caller, st->frame[0], insn_idx);
	}
	if (env->prof.callbacks_once && !kernel_function(in)) {
		err = enter(env, env->cur, subprog, insn_idx, set);
		if (err < 0)
			return err;
		env->cur->curframe--;	/* the helper's result is the caller's: see below */
		env->enters_callback = true;
		return 0;
	}
	st = vs_push_branch(env, env->subprogs[subprog].start, insn_idx, false);
	if (!st)
		return env->r->err;
	err = enter(env, st, subprog, insn_idx, set);
	if (err < 0)
		return err;
	st->callback_unroll++;
	st->frame[st->curframe - 1]->callback_depth++;
	caller->callback_depth = 0;
	return 0;
}

/* ---- loops that converge --------------------------------------------------------------------- */

static bool
same_callsites(const struct vs_state *a, const struct vs_state *b)
{
	if (a->curframe != b->curframe)
		return false;
	for (uint32_t f = 0; f <= a->curframe; f++)
		if (a->frame[f]->callsite != b->frame[f]->callsite)
			return false;
	return true;
}

/* The latest checkpoint at this instruction that this path itself went through. */
struct vs_state *
vs_find_prev(struct vs_env *env, const struct vs_state *cur, uint32_t insn_idx)
{
	for (struct vs_explored *e = env->fact[insn_idx].states; e; e = e->next)
		if (e->st.branches && same_callsites(&e->st, cur) && e->st.dfs_depth < cur->dfs_depth)
			return &e->st;
	return NULL;
}

static bool
widens(const struct vs_reg *old, const struct vs_reg *cur)
{
	return old->type == RT_SCALAR && cur->type == RT_SCALAR && !old->precise &&
		!cur->precise && !vs_regs_identical(old, cur);
}

/* Numbers that changed since the last round and of which nothing depends may be anything: so
 * that the next round looks like this one. */
void
vs_widen(struct vs_env *env, const struct vs_state *old, struct vs_state *cur)
{
	for (uint32_t f = 0; f <= old->curframe && f <= cur->curframe; f++) {
		const struct vs_frame *fo = old->frame[f];
		struct vs_frame *fc = cur->frame[f];

		for (uint32_t i = 0; i < VS_REGS; i++)
			if (widens(&fo->regs[i], &fc->regs[i]))
				vs_reg_unknown(env, &fc->regs[i]);
		for (uint32_t i = 0; i < fo->nslots && i < fc->nslots; i++)
			if (vs_slot_is_spilled_scalar(&fo->stack[i]) &&
			    vs_slot_is_spilled_scalar(&fc->stack[i]) &&
			    widens(vs_slot_reg(&fo->stack[i]), vs_slot_reg(&fc->stack[i])))
				vs_reg_unknown(env, vs_slot_edit(env, &fc->stack[i]));
	}
}

int
vs_iter_next(struct vs_env *env, uint32_t insn_idx, uint32_t frameno, uint32_t slot)
{
	struct vs_state *prev, *queued;
	struct vs_slot *it = &env->cur->frame[frameno]->stack[slot];
	struct vs_reg *qit;

	if (vs_slot_reg(it)->iter_state == ITER_ACTIVE) {
		prev = env->cur->parent ? vs_find_prev(env, env->cur->parent, insn_idx) : NULL;
		queued = vs_push_branch(env, insn_idx + 1, insn_idx, false);
		if (!queued)
			return env->r->err;
		qit = vs_slot_edit(env, &queued->frame[frameno]->stack[slot]);
		qit->iter_state = ITER_ACTIVE;
		qit->iter_depth++;
		if (prev)
			vs_widen(env, prev, queued);
		vs_mark_not_null(env, &queued->frame[queued->curframe]->regs[0]);
	}
	vs_slot_edit(env, it)->iter_state = ITER_DRAINED;
	vs_mark_const_zero(env, &vs_cur_regs(env)[0]);
	return 0;
}

/* ---- out ---------------------------------------------------------------------------------------- */

int
vs_check_ref_leak(struct vs_env *env, bool exception)
{
	const struct vs_state *st = env->cur;
	uint32_t returned = 0;
	int err = 0;

	if (!exception && st->curframe)
		return 0;
	if (vs_returns_object(env, &vs_cur_regs(env)[0]))
		returned = vs_cur_regs(env)[0].ref_id;
	for (uint32_t i = 0; i < st->nrefs; i++)
		if (st->refs[i].kind == REF_PTR &&
		    (exception || !returned || returned != st->refs[i].id))
			err = vs_reject(env, VS_E_REF_LEAK, st->refs[i].id, st->refs[i].insn);
	return err;
}

int
vs_check_resource_leak(struct vs_env *env, bool exception, bool check_lock, const char *what)
{
	const struct vs_state *st = env->cur;
	int err;

	if (check_lock && st->active_locks)
		return vs_reject(env, VS_E_LOCK_EXIT, what);
	err = vs_check_ref_leak(env, exception);
	if (err < 0)
		return vs_reject(env, VS_E_REF_LEAK_AT, what);
	if (check_lock && st->active_irq_id)
		return vs_reject(env, VS_E_IRQ_EXIT, what);
	if (check_lock && st->active_rcu)
		return vs_reject(env, VS_E_RCU_EXIT, what);
	if (check_lock && st->active_preempt)
		return vs_reject(env, VS_E_PREEMPT_EXIT, what);
	return 0;
}

const char *
vs_range_text(struct vs_env *env, const struct vs_reg *r)
{
	struct buf b = buf_new(env->tmp);

	if (r->smin > INT64_MIN)
		buf_printf(&b, " smin=%lld", (long long)r->smin);
	if (r->smax < INT64_MAX)
		buf_printf(&b, " smax=%lld", (long long)r->smax);
	if (!b.n)
		buf_puts(&b, " unknown scalar value");
	return b.at;
}

static int
check_callback_return(struct vs_env *env, const struct vs_frame *callee)
{
	const struct vs_reg *r0 = &callee->regs[0];

	if (r0->type != RT_SCALAR)
		return vs_reject(env, VS_E_CB_RET_SCALAR);
	if (vs_mark_precise(env, 0) < 0)
		return env->r->err;
	if (r0->smin < callee->callback_ret.min || r0->smax > callee->callback_ret.max)
		return vs_reject(env, VS_E_CB_RANGE, "At callback return", 0,
				 vs_range_text(env, r0), callee->callback_ret.min,
				 callee->callback_ret.max);
	return 0;
}

static int
leave_function(struct vs_env *env, uint32_t *insn_idx)
{
	struct vs_state *st = env->cur, *prev;
	struct vs_frame *callee = st->frame[st->curframe], *caller = st->frame[st->curframe - 1];
	bool cb = callee->in_callback;

	if (callee->regs[0].type == RT_STACK)
		return vs_reject(env, VS_E_RETURN_STACK);
	if (cb) {
		if (check_callback_return(env, callee) < 0)
			return env->r->err;
		*insn_idx = callee->callsite;
		if (env->prof.callbacks_once && !kernel_function(&env->insns[*insn_idx]))
			++*insn_idx;
	} else {
		caller->regs[0] = callee->regs[0];
		*insn_idx = callee->callsite + 1;
	}
	if (vs_logs(env)) {
		vs_log(env, "returning from callee:\n");
		vs_log_state(env, st, st->curframe, true);
		vs_log(env, "to caller at %u:\n", *insn_idx);
		vs_log_state(env, st, st->curframe - 1, true);
	}
	vs_frame_free(env, callee);
	st->frame[st->curframe--] = NULL;
	prev = cb ? vs_find_prev(env, st, *insn_idx) : NULL;
	if (prev)
		vs_widen(env, prev, st);
	return 0;
}

int
vs_tail_call_paths(struct vs_env *env, uint32_t *insn_idx)
{
	if (!vs_push_branch(env, *insn_idx + 1, *insn_idx, false))
		return env->r->err;
	/* What the other program did to the packet and what it returns is unknown. */
	vs_clear_pkt_pointers(env);
	vs_reg_unknown(env, &vs_cur_regs(env)[0]);
	return leave_function(env, insn_idx);
}

/* A packet load that fails leaves the function at once, with 0. */
int
vs_ld_abs_paths(struct vs_env *env, uint32_t *insn_idx)
{
	if (!vs_push_branch(env, *insn_idx + 1, *insn_idx, false))
		return env->r->err;
	vs_mark_const_zero(env, &vs_cur_regs(env)[0]);
	return leave_function(env, insn_idx);
}

/* Kernels before 6.13 have words of their own for it, and ask before they look for references.
 * The oldest do not let a function leave with a lock that its caller might give back. */
static int
check_sections_left(struct vs_env *env)
{
	const struct vs_state *st = env->cur;

	if (st->active_locks && (!st->curframe || (env->prof.kernel < KVER(6, 9) &&
						   !vs_cur_frame(env)->in_callback)))
		return vs_reject(env, VS_E_LOCK_LEFT);
	if (st->curframe)
		return 0;
	if (st->active_rcu)
		return vs_reject(env, VS_E_RCU_LEFT);
	if (st->active_preempt)
		return vs_reject(env, VS_E_PREEMPT_LEFT, st->active_preempt,
				 st->active_preempt == 1 ? " is" : "(s) are");
	return 0;
}

int
vs_check_exit(struct vs_env *env, uint32_t *insn_idx, bool *end_path, bool exception)
{
	struct vs_state *st = env->cur;
	const char *what = exception ? "bpf_throw" : env->prof.exit_text;
	int err = 0;

	*end_path = true;
	if (!exception && env->prof.kernel < KVER(6, 13))
		err = check_sections_left(env);
	if (!err)
		err = vs_check_resource_leak(env, exception, exception || !st->curframe, what);
	if (err < 0 || exception)
		return err;
	if (!st->curframe)
		return vs_check_return(env, 0, "R0");
	*end_path = false;
	return leave_function(env, insn_idx);
}

/* SPDX-License-Identifier: MIT */
/* stack_depth.c: no chain of calls may need more than 512 bytes of stack or 8 frames.
 *
 * Runs after the walk, which found how deep each function reaches. Every call chain is
 * followed; asynchronous callbacks start chains of their own.
 *
 * Newer kernels give functions of tracing programs stacks of their own, when their JIT can
 * (here: it can, as on x86): then such a function's depth counts alone. What asynchronous
 * callbacks also reach stays on the common stack, since they may interrupt the program; so
 * their chains are followed first. */
#include "verifier-sim/env.h"

enum stack_mode { STACK_UNDECIDED, STACK_COMMON, STACK_PRIVATE };
enum { STACK_PRIVATE_MIN = 64 };	/* less is not worth a stack */

struct chain {
	struct vs_env *env;
	bool priv;		/* functions of this chain may have private stacks */
	uint32_t frame, depth;	/* frame: functions open, the first not counted */
	uint32_t local;		/* frames since the last global function, where those count anew */
	struct {
		uint32_t insn, prog, local;
	} ret[VS_MAX_SUBPROGS];
};

static uint32_t
rounded(const struct vs_env *env, uint32_t depth)
{
	/* JITs keep 16-byte alignment; the interpreter's rule held before 6.8. */
	if (env->prof.stack_round16)
		return (depth + 15) / 16 * 16;
	return ((depth ? depth : 1) + 31) / 32 * 32;
}

static bool
in_callback(const struct chain *c, uint32_t idx)
{
	bool cb = c->env->subprogs[idx].is_cb;

	for (uint32_t i = 0; i < c->frame; i++)
		cb |= c->env->subprogs[c->ret[i].prog].is_cb;
	return cb;
}

static int
enter(struct chain *c, uint32_t idx)
{
	struct vs_env *env = c->env;
	struct vs_subprog *s = &env->subprogs[idx];

	env->insn_idx = s->start;
	if (env->prof.callback_limits && s->has_ld_abs && in_callback(c, idx))
		return vs_reject(env, VS_E_LD_ABS_CB);
	if (env->prof.callback_limits && s->has_tail_call && in_callback(c, idx))
		return vs_reject(env, VS_E_TAIL_CB);
	if (idx && s->has_tail_call && c->depth >= 256)
		return vs_reject(env, VS_E_STACK_TAIL_CALL, c->depth);
	if (!c->priv)
		s->stack_mode = STACK_COMMON;
	if (s->stack_mode == STACK_UNDECIDED &&
	    rounded(env, s->stack_depth) >= STACK_PRIVATE_MIN)
		s->stack_mode = STACK_PRIVATE;
	if (s->stack_mode == STACK_PRIVATE) {
		if (rounded(env, s->stack_depth) > VS_STACK)
			return vs_reject(env, VS_E_STACK_SUBPROG, idx,
					 rounded(env, s->stack_depth));
		return 0;
	}
	c->depth += rounded(env, s->stack_depth);
	if (c->depth > VS_STACK)
		return vs_reject(env, VS_E_STACK_COMBINED, c->frame + 1, c->depth);
	return 0;
}

static void
spread_tail_call(struct chain *c, uint32_t idx)
{
	struct vs_env *env = c->env;

	if (!env->subprogs[idx].tail_call_reachable)
		return;
	for (uint32_t j = 0; j < c->frame; j++)
		env->subprogs[c->ret[j].prog].tail_call_reachable = true;
	if (env->subprogs[0].has_tail_call)
		env->subprogs[0].tail_call_reachable = true;
}

/* The subprogram a call or function address at `i` leads to; -1 when it is no such thing. */
static int
callee_at(struct vs_env *env, uint32_t i)
{
	const struct bpf_insn *in = &env->insns[i];

	if ((in->code == (BPF_JMP | BPF_CALL) && in->src_reg == BPF_PSEUDO_CALL) ||
	    (insn_is_wide(in) && in->src_reg == BPF_PSEUDO_FUNC))
		return vs_subprog_at(env, (uint32_t)((int64_t)i + in->imm + 1));
	return -1;
}

static bool
private_stacks(const struct vs_env *env)
{
	if (env->prof.kernel < KVER(6, 13))
		return false;
	for (uint32_t s = 0; s < env->nsub; s++)
		if (env->subprogs[s].has_tail_call)
			return false;
	switch (env->type) {
	case BPF_PROG_TYPE_KPROBE:
	case BPF_PROG_TYPE_TRACEPOINT:
	case BPF_PROG_TYPE_PERF_EVENT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT:
		return true;
	case BPF_PROG_TYPE_TRACING:
		return env->attach != BPF_TRACE_ITER;
	default:
		return false;
	}
}

static int
check_chain(struct vs_env *env, uint32_t start, bool priv)
{
	struct chain c = {.env = env, .priv = priv};
	uint32_t idx = start, i = env->subprogs[start].start;
	bool func;
	int s, err = enter(&c, idx);

	if (err < 0)
		return err;
	for (;;) {
		if (i >= env->subprogs[idx].end) {
			if (!c.frame)
				return 0;
			if (env->subprogs[idx].stack_mode != STACK_PRIVATE)
				c.depth -= rounded(env, env->subprogs[idx].stack_depth);
			c.frame--;
			i = c.ret[c.frame].insn;
			idx = c.ret[c.frame].prog;
			c.local = c.ret[c.frame].local;
			continue;
		}
		env->insn_idx = i;
		if (vs_is_throw(env, i)) {
			if (in_callback(&c, idx))
				return vs_reject(env, VS_E_THROW_CB, i, idx);
		}
		s = callee_at(env, i);
		func = insn_is_wide(&env->insns[i]);
		if (s < 0 || (func && env->subprogs[s].is_async_cb)) {
			if (s >= 0 && env->subprogs[s].has_tail_call)
				return vs_reject(env, VS_E_TAIL_ASYNC);
			i += func ? 2 : 1;
			continue;
		}
		if (!func && env->subprogs[s].is_exception_cb)
			return vs_reject(env, VS_E_EXC_CB_CALL, i);
		c.ret[c.frame].insn = i + (func ? 2 : 1);
		c.ret[c.frame].local = c.local;
		c.ret[c.frame++].prog = idx;
		idx = (uint32_t)s;
		c.local = env->prof.global_frames && env->subprogs[idx].global ? 0 : c.local + 1;
		if (c.local >= env->prof.max_frames)
			return vs_reject(env, VS_E_FRAMES_DEPTH, c.local);
		i = env->subprogs[idx].start;
		err = enter(&c, idx);
		if (err < 0)
			return err;
		spread_tail_call(&c, idx);
		if (env->subprogs[0].tail_call_reachable && env->subprogs[idx].is_exception_cb)
			return vs_reject(env, VS_E_TAIL_EXC_CB);
	}
}

int
vs_check_stack_depth(struct vs_env *env)
{
	bool priv = private_stacks(env), backwards = env->prof.kernel >= KVER(6, 13);
	int err = 0;

	for (uint32_t i = 0; i < env->nsub && err >= 0; i++) {
		uint32_t s = backwards ? env->nsub - 1 - i : i;

		if (!s || env->subprogs[s].is_async_cb)
			err = check_chain(env, s, priv && !s);
	}
	env->r->stack_depth = env->subprogs[0].stack_depth;
	return err;
}

/* SPDX-License-Identifier: MIT */
/* cfg.c: the shape of the program: what follows what, what is reachable, what loops.
 *
 * vs_check_cfg() walks all edges depth first. It rejects what cannot be reached and, without
 * CAP_BPF, loops; and it marks where states are worth comparing (prune points: both sides
 * of branches, targets, around calls) and where the path is not a straight line (jump points,
 * which the history must record). vs_scc() finds the loops by Tarjan's algorithm. */
#include "verifier-sim/env.h"

enum { DISCOVERED = 0x10, EXPLORED = 0x20, FALLTHROUGH = 1, BRANCH = 2 };
enum { DONE = 0, KEEP = 1 };

struct dfs {
	struct vs_env *env;
	uint8_t *state;
	uint32_t *stack, n;
};

/* The only function that knows which instruction may follow which. Calls return. */
uint32_t
vs_successors(const struct vs_env *env, uint32_t i, uint32_t out[2])
{
	const struct bpf_insn *in = &env->insns[i];
	uint8_t class = BPF_CLASS(in->code), op = BPF_OP(in->code);
	uint32_t n = 0;

	if (class != BPF_JMP && class != BPF_JMP32) {
		out[n++] = i + (insn_is_wide(in) ? 2 : 1);
		return n;
	}
	if (op == BPF_EXIT)
		return 0;
	if (op != BPF_JA)
		out[n++] = i + 1;
	if (op != BPF_CALL)
		out[n++] = (uint32_t)((int64_t)i + vs_jmp_off(in) + 1);
	return n;
}

static void
prune_point(struct dfs *d, uint32_t i)
{
	d->env->fact[i].prune_point = true;
}

static void
jump_point(struct dfs *d, uint32_t i)
{
	d->env->fact[i].prune_point = true;
	d->env->fact[i].jump_point = true;
}

static int
edge(struct dfs *d, uint32_t t, int64_t w, uint8_t kind)
{
	struct vs_env *env = d->env;

	if (d->state[t] >= (DISCOVERED | kind))
		return DONE;
	if (w < 0 || w >= env->n) {
		env->insn_idx = t;
		return vs_reject(env, VS_E_JMP_RANGE, t, (int)w);
	}
	if (kind == BRANCH)
		jump_point(d, (uint32_t)w);
	if (!d->state[w]) {
		d->state[t] = DISCOVERED | kind;
		d->state[w] = DISCOVERED;
		d->stack[d->n++] = (uint32_t)w;
		return KEEP;
	}
	if ((d->state[w] & 0xf0) == DISCOVERED) {
		if (env->bpf_capable && env->prof.bounded_loops)
			return DONE;
		env->insn_idx = t;
		return vs_reject(env, VS_E_BACK_EDGE, t, (int)w);
	}
	d->state[t] = DISCOVERED | kind;
	return DONE;
}

/* To the next instruction of one that does not jump: old kernels let no loop close here. */
static int
fall_through(struct dfs *d, uint32_t t, uint32_t next)
{
	struct vs_env *env = d->env;

	if (env->prof.any_back_edge || next >= env->n ||
	    d->state[t] >= (DISCOVERED | FALLTHROUGH) ||
	    (d->state[next] & 0xf0) != DISCOVERED)
		return edge(d, t, next, FALLTHROUGH);
	env->insn_idx = t;
	return vs_reject(env, VS_E_BACK_EDGE, t, (int)next);
}

static int
after_call(struct dfs *d, uint32_t t, bool visit_callee)
{
	struct vs_env *env = d->env;
	uint32_t next = t + (insn_is_wide(&env->insns[t]) ? 2 : 1);
	int64_t w = (int64_t)t + env->insns[t].imm + 1;
	int r = fall_through(d, t, next), caller, callee;

	if (r)
		return r;
	jump_point(d, next);
	if (!visit_callee)
		return DONE;
	prune_point(d, t);
	/* What a callee does to packets and sleep its caller does: callees finish first. */
	caller = vs_subprog_of(env, t);
	callee = w >= 0 && w < env->n ? vs_subprog_of(env, (uint32_t)w) : -1;
	if (caller >= 0 && callee >= 0) {
		struct vs_subprog *a = &env->subprogs[caller], *b = &env->subprogs[callee];

		a->changes_pkt_data |= b->changes_pkt_data;
		a->might_sleep |= b->might_sleep;
		a->might_throw |= b->might_throw;
	}
	return edge(d, t, w, BRANCH);
}

static int
visit_call(struct dfs *d, uint32_t t)
{
	struct vs_env *env = d->env;
	const struct bpf_insn *in = &env->insns[t];
	struct vs_subprog *s = &env->subprogs[vs_subprog_of(env, t)];
	struct vs_fact *f = &env->fact[t];

	if (vs_calls_async_callback(env, in))
		f->prune_point = true;
	if (vs_calls_sync_callback(env, in))
		f->prune_point = f->jump_point = f->force_checkpoint = f->calls_callback = true;
	if (in->src_reg == BPF_PSEUDO_CALL)
		return after_call(d, t, true);
	if (vs_is_iter_next(env, t))
		f->prune_point = f->force_checkpoint = f->iter_next = true;
	s->might_sleep |= vs_call_may_sleep(env, t);
	s->changes_pkt_data |= vs_call_changes_pkt(env, t);
	s->might_throw |= vs_is_throw(env, t);
	return after_call(d, t, false);
}

static int
visit(struct dfs *d, uint32_t t)
{
	const struct bpf_insn *in = &d->env->insns[t];
	uint8_t class = BPF_CLASS(in->code), op = BPF_OP(in->code);
	int64_t to = (int64_t)t + vs_jmp_off(in) + 1;
	int r;

	if (insn_is_wide(in) && in->src_reg == BPF_PSEUDO_FUNC)
		return after_call(d, t, true);
	if (class != BPF_JMP && class != BPF_JMP32)
		return fall_through(d, t, t + (insn_is_wide(in) ? 2 : 1));
	switch (op) {
	case BPF_EXIT:
		return DONE;
	case BPF_CALL:
		return visit_call(d, t);
	case BPF_JA:
		if (BPF_SRC(in->code) == BPF_X)
			return vs_unknown(d->env, "indirect jumps");
		r = edge(d, t, to, FALLTHROUGH);
		if (r >= 0)
			jump_point(d, (uint32_t)to);
		return r;
	}
	prune_point(d, t);
	if (op == BPF_JCOND)
		d->env->fact[t].force_checkpoint = true;
	r = edge(d, t, t + 1, FALLTHROUGH);
	return r ? r : edge(d, t, to, BRANCH);
}

static int
walk_from(struct dfs *d, uint32_t start)
{
	d->state[start] = DISCOVERED;
	d->stack[0] = start;
	d->n = 1;
	while (d->n) {
		uint32_t t = d->stack[d->n - 1];
		int r = visit(d, t);

		if (r < 0)
			return r;
		if (r == DONE) {
			d->state[t] = EXPLORED;
			d->n--;
		}
	}
	return 0;
}

int
vs_check_cfg(struct vs_env *env)
{
	struct dfs d = {.env = env, .state = arena_array(env->tmp, uint8_t, env->n),
			.stack = arena_array(env->tmp, uint32_t, env->n)};
	int err = walk_from(&d, 0);

	if (err >= 0 && env->exception_cb >= 0 &&
	    !d.state[env->subprogs[env->exception_cb].start])
		err = walk_from(&d, env->subprogs[env->exception_cb].start);
	if (err < 0)
		return err;
	for (uint32_t i = 0; i < env->n; i++) {
		env->insn_idx = i;
		if (d.state[i] != EXPLORED)
			return vs_reject(env, VS_E_UNREACHABLE, i);
		if (insn_is_wide(&env->insns[i])) {
			if (d.state[i + 1])
				return vs_reject(env, VS_E_MIDDLE_OF_WIDE, i);
			i++;
		}
	}
	env->insn_idx = 0;
	env->changes_pkt_data = env->subprogs[0].changes_pkt_data;
	return 0;
}

/* Instructions of each function, successors before predecessors where there is no loop: the
 * order in which backward analyses settle fastest. */
void
vs_postorder(struct vs_env *env)
{
	uint8_t *state = arena_array(env->tmp, uint8_t, env->n);
	uint32_t *stack = arena_array(env->tmp, uint32_t, env->n), out[2];

	env->postorder = arena_array(env->tmp, uint32_t, env->n);
	env->npostorder = 0;
	for (uint32_t s = 0; s < env->nsub; s++) {
		struct vs_subprog *sub = &env->subprogs[s];
		uint32_t sp = 0;

		sub->postorder_start = env->npostorder;
		stack[sp++] = sub->start;
		state[sub->start] = DISCOVERED;
		while (sp) {
			uint32_t t = stack[sp - 1], n;

			if (state[t] & EXPLORED) {
				env->postorder[env->npostorder++] = t;
				sp--;
				continue;
			}
			state[t] |= EXPLORED;
			n = vs_successors(env, t, out);
			for (uint32_t k = 0; k < n; k++)
				if (!state[out[k]]) {
					state[out[k]] = DISCOVERED;
					stack[sp++] = out[k];
				}
		}
		sub->postorder_n = env->npostorder - sub->postorder_start;
	}
}

struct tarjan {
	uint32_t *pre, *low, *stack, *dfs, nstack, ndfs, next;
};

/* All of `t`'s successors are done: it closes a component when nothing below reaches up. */
static void
close_component(struct vs_env *env, struct tarjan *k, uint32_t t)
{
	uint32_t out[2], n = vs_successors(env, t, out), v;
	bool loop;

	k->low[t] = k->pre[t];
	loop = env->fact[t].calls_callback;
	for (uint32_t i = 0; i < n; i++) {
		if (k->low[out[i]] < k->low[t])
			k->low[t] = k->low[out[i]];
		loop |= out[i] == t;
	}
	if (k->low[t] != k->pre[t])
		return;
	loop |= k->stack[k->nstack - 1] != t;
	if (loop)
		env->nscc++;
	do {
		v = k->stack[--k->nstack];
		k->low[v] = UINT32_MAX;
		if (loop)
			env->fact[v].scc = env->nscc;
	} while (v != t);
}

/* A component is numbered when it is a loop: several instructions, one that jumps to itself,
 * or a call that runs a callback many times. */
void
vs_scc(struct vs_env *env)
{
	struct tarjan k = {.pre = arena_array(env->tmp, uint32_t, env->n),
			   .low = arena_array(env->tmp, uint32_t, env->n),
			   .stack = arena_array(env->tmp, uint32_t, env->n),
			   .dfs = arena_array(env->tmp, uint32_t, env->n), .next = 1};
	uint32_t out[2], n, i;

	for (uint32_t r = 0; r < env->n; r++) {
		if (k.pre[r])
			continue;
		k.dfs[k.ndfs++] = r;
		while (k.ndfs) {
			uint32_t t = k.dfs[k.ndfs - 1];

			if (!k.pre[t]) {
				k.pre[t] = k.low[t] = k.next++;
				k.stack[k.nstack++] = t;
			}
			n = vs_successors(env, t, out);
			for (i = 0; i < n && (out[i] >= env->n || k.pre[out[i]]); i++)
				;
			if (i < n) {
				k.dfs[k.ndfs++] = out[i];
				continue;
			}
			close_component(env, &k, t);
			k.ndfs--;
		}
		r += insn_is_wide(&env->insns[r]);
	}
}

/* SPDX-License-Identifier: MIT */
/* walk.c: the main loop: every path, one instruction after another.
 *
 * The walk follows one path to its end (exit, or a state that was seen before), then takes the
 * most recent pending branch. A pending branch holds a copy of the state at the branch. The
 * program is walked from its entry; each global function that is called, once on its own. */
#include "verifier-sim/explain/trail.h"

enum { NO_CALLSITE = UINT32_MAX };

static int
size_of(const struct bpf_insn *in)
{
	static const uint8_t bytes[4] = {[BPF_W >> 3] = 4, [BPF_H >> 3] = 2, [BPF_B >> 3] = 1,
					 [BPF_DW >> 3] = 8};

	return bytes[BPF_SIZE(in->code) >> 3];
}

int
vs_check_reg_arg(struct vs_env *env, uint32_t regno, enum vs_use use)
{
	struct vs_reg *r;

	if (regno >= VS_REGS)
		return vs_reject(env, VS_E_REG_INVALID, regno);
	r = &vs_cur_regs(env)[regno];
	vs_scratch_reg(env, regno);
	if (use == VS_READ)
		return r->type == RT_NOT_INIT ? vs_reject(env, VS_E_NOT_READABLE, regno) : 0;
	if (regno == VS_FP)
		return vs_reject(env, VS_E_FP_READ_ONLY);
	if (use == VS_WRITE)
		vs_reg_unknown(env, r);
	return 0;
}

static bool
mixes(const struct vs_env *env, uint32_t type)
{
	switch (vs_base(type)) {
	case RT_CTX: case RT_SOCKET: case RT_SOCK_COMMON: case RT_TCP_SOCK: case RT_XDP_SOCK:
	case RT_BTF_ID: case RT_ARENA:
		return false;
	case RT_MEM:
		return !env->prof.guarded_types || !(type & TF_UNTRUSTED);
	}
	return true;
}

/* Loads through such pointers get a guard where one of the paths needs it. */
static bool
may_be_guarded(const struct vs_env *env, uint32_t base)
{
	return base == RT_BTF_ID || (base == RT_MEM && env->prof.memory_untrusted);
}

/* What an instruction serves that was given one type and then the other: guarded when one of
 * them is. */
static uint32_t
merged(const struct vs_env *env, uint32_t a, uint32_t b)
{
	bool mem = vs_base(a) == RT_MEM || vs_base(b) == RT_MEM;
	bool guarded = a == RT_BTF_ID || b == RT_BTF_ID || ((a | b) & TF_UNTRUSTED);

	if (!env->prof.guarded_types || !mem)
		return RT_BTF_ID | TF_UNTRUSTED;
	return RT_MEM | (guarded ? TF_RDONLY | TF_UNTRUSTED : (a | b) & TF_RDONLY);
}

int
vs_note_ptr_type(struct vs_env *env, uint32_t type, bool allow_trust_mismatch)
{
	uint32_t *prev = &env->fact[env->insn_idx].ptr_type;
	uint32_t a = vs_base(type), b = vs_base(*prev);

	if (*prev == RT_NOT_INIT) {
		*prev = type;
		return 0;
	}
	if (type == *prev || (mixes(env, type) && mixes(env, *prev)))
		return 0;
	if (!allow_trust_mismatch || !may_be_guarded(env, a) || !may_be_guarded(env, b))
		return vs_reject(env, VS_E_DIFFERENT_PTRS);
	*prev = merged(env, type, *prev);
	return 0;
}

/* ---- pending branches ---------------------------------------------------------------------------- */

static struct vs_pending *
pending_new(struct vs_env *env, uint32_t insn_idx, uint32_t prev)
{
	struct vs_pending *p = env->free_pending;

	if (p)
		env->free_pending = p->next;
	else
		p = arena_new(env->tmp, struct vs_pending);
	*p = (struct vs_pending){.st = vs_state_new(env), .insn_idx = insn_idx, .prev_insn = prev,
				 .log_pos = env->prev_log_end, .trail = vs_trail_mark(env),
				 .next = env->pending};
	env->pending = p;
	env->npending++;
	return p;
}

struct vs_state *
vs_push_branch(struct vs_env *env, uint32_t insn_idx, uint32_t prev, bool speculative)
{
	struct vs_pending *p = pending_new(env, insn_idx, prev);

	vs_state_copy(env, p->st, env->cur);
	p->st->speculative |= speculative;
	if (env->npending > VS_JMP_SEQ) {
		vs_reject(env, VS_E_JMP_SEQ, env->npending);
		return NULL;
	}
	if (p->st->parent)
		p->st->parent->branches++;
	return p->st;
}

struct vs_state *
vs_push_async(struct vs_env *env, uint32_t insn_idx, uint32_t prev, uint32_t subprog,
	      bool sleepable)
{
	struct vs_pending *p = pending_new(env, insn_idx, prev);

	if (env->npending > VS_JMP_SEQ) {
		vs_reject(env, VS_E_JMP_SEQ_ASYNC, env->npending);
		return NULL;
	}
	p->st->branches = 1;
	p->st->in_sleepable = sleepable;
	p->st->frame[0] = vs_frame_new(env);
	vs_init_frame(env, p->st->frame[0], NO_CALLSITE, 0, subprog);
	return p->st;
}

/* Take up the latest pending branch. False when there is none. */
static bool
pop_branch(struct vs_env *env)
{
	struct vs_pending *p = env->pending;

	if (!p)
		return false;
	env->pending = p->next;
	env->npending--;
	vs_state_free(env, env->cur, true);
	env->cur = p->st;
	env->insn_idx = p->insn_idx;
	env->prev_insn_idx = p->prev_insn;
	if (!(env->opts->log_level & 2) && env->log.n > p->log_pos) {
		env->log.n = p->log_pos;
		if (env->log.at)
			env->log.at[env->log.n] = 0;
	}
	if (env->trail)
		vs_trail_rewind(env, p->trail);
	p->next = env->free_pending;
	env->free_pending = p;
	return true;
}

/* ---- one instruction ---------------------------------------------------------------------------- */

static int
check_load(struct vs_env *env, const struct bpf_insn *in)
{
	bool sx = BPF_MODE(in->code) == BPF_MEMSX;
	int err = vs_check_reg_arg(env, in->src_reg, VS_READ);
	uint32_t type;

	if (err >= 0)
		err = vs_check_reg_arg(env, in->dst_reg, VS_WRITE_KEEP);
	if (err < 0)
		return err;
	type = vs_cur_regs(env)[in->src_reg].type;
	err = vs_check_mem_access(env, env->insn_idx, in->src_reg, in->off, size_of(in), false,
				  in->dst_reg, false, sx);
	return err < 0 ? err : vs_note_ptr_type(env, type, true);
}

static int
check_store(struct vs_env *env, const struct bpf_insn *in)
{
	bool reg = BPF_CLASS(in->code) == BPF_STX;
	int err = reg ? vs_check_reg_arg(env, in->src_reg, VS_READ) : 0;
	uint32_t type;

	if (err >= 0)
		err = vs_check_reg_arg(env, in->dst_reg, VS_READ);
	if (err < 0)
		return err;
	type = vs_cur_regs(env)[in->dst_reg].type;
	err = vs_check_mem_access(env, env->insn_idx, in->dst_reg, in->off, size_of(in), true,
				  reg ? in->src_reg : -1, false, false);
	return err < 0 ? err : vs_note_ptr_type(env, type, false);
}

static int
check_wide(struct vs_env *env, const struct bpf_insn *in)
{
	const struct vs_operand *f = env->fact[env->insn_idx].op;
	struct vs_reg *dst;
	int s;

	if (vs_check_reg_arg(env, in->dst_reg, VS_WRITE) < 0)
		return env->r->err;
	dst = &vs_cur_regs(env)[in->dst_reg];
	if (!in->src_reg) {
		vs_mark_known(dst, (uint64_t)(uint32_t)in[1].imm << 32 | (uint32_t)in->imm);
		return 0;
	}
	if (!f)
		return vs_bug(env, "a wide load that names nothing");
	vs_mark_known(dst, 0);
	switch (in->src_reg) {
	case BPF_PSEUDO_BTF_ID:
		dst->type = f->ldimm_type;
		if (vs_base(dst->type) == RT_MEM) {
			dst->mem_size = f->mem_size;
		} else {
			dst->btf_id = f->btf_id;
			dst->btf_space = BTF_SPACE_VMLINUX;
		}
		return 0;
	case BPF_PSEUDO_FUNC:
		s = vs_subprog_at(env, (uint32_t)((int64_t)env->insn_idx + in->imm + 1));
		if (s < 0)
			return vs_bug(env, "no function at a function's address");
		if (!env->btf || !env->prog->func_info)
			return vs_reject(env, VS_E_CB_NO_BTF);
		if (env->subprogs[s].global)
			return vs_reject(env, VS_E_CB_NOT_STATIC);
		dst->type = RT_FUNC;
		dst->subprog = (uint32_t)s;
		return 0;
	}
	if (!f->map)
		return vs_bug(env, "a map load without a map");
	dst->map = f->map;
	if (in->src_reg == BPF_PSEUDO_MAP_FD || in->src_reg == BPF_PSEUDO_MAP_IDX) {
		dst->type = RT_CONST_MAP;
	} else if (f->map->type == VS_MAP_TYPE_ARENA) {
		vs_reg_unknown(env, dst);
		dst->type = RT_SCALAR;
	} else {
		dst->type = RT_MAP_VALUE;
		dst->off = (int32_t)f->map_off;
	}
	return 0;
}

/* `may_goto`: one path goes on in the loop, the other leaves it, whenever the kernel likes. */
static int
check_may_goto(struct vs_env *env, const struct bpf_insn *in, uint32_t *next)
{
	uint32_t idx = env->insn_idx;
	struct vs_state *prev, *queued;

	prev = env->cur->parent ? vs_find_prev(env, env->cur->parent, idx) : NULL;
	queued = vs_push_branch(env, idx + 1, idx, false);
	if (!queued)
		return env->r->err;
	queued->may_goto_depth++;
	if (prev)
		vs_widen(env, prev, queued);
	*next = (uint32_t)((int64_t)idx + in->off + 1);
	return 0;
}

/* Under a lock only what ends it, and what is made for use under it, may be called. */
static bool
call_ok_locked(struct vs_env *env, const struct bpf_insn *in)
{
	if (in->src_reg == BPF_PSEUDO_CALL)
		return env->prof.lock_calls;
	if (!in->src_reg)
		return in->imm == BPF_FUNC_spin_unlock ||
			(in->imm == BPF_FUNC_kptr_xchg && env->prof.kptr_locked);
	return vs_kfunc_ok_locked(env, env->insn_idx);
}

static int
check_call(struct vs_env *env, const struct bpf_insn *in, uint32_t *next, bool *end_path)
{
	int err;

	*next = env->insn_idx;
	if (env->cur->active_locks && !call_ok_locked(env, in))
		return vs_reject(env, VS_E_LOCK_CALL);
	if (in->src_reg == BPF_PSEUDO_CALL)
		err = vs_check_call(env, in, next);
	else if (in->src_reg == BPF_PSEUDO_KFUNC_CALL)
		err = vs_check_kfunc(env, in, next);
	else
		err = vs_check_helper(env, in, next);
	vs_scratch_reg(env, 0);
	if (err >= 0 && !in->src_reg && in->imm == BPF_FUNC_tail_call && env->cur->curframe &&
	    env->prof.tail_call_returns) {
		if (env->prof.callback_stays && vs_cur_frame(env)->in_callback)
			return vs_reject(env, VS_E_TAIL_CB);
		return vs_tail_call_paths(env, next);
	}
	++*next;
	if (err >= 0 && vs_is_throw(env, env->insn_idx))
		return vs_check_exit(env, next, end_path, true);
	return err;
}

static int
check_jump_class(struct vs_env *env, const struct bpf_insn *in, uint32_t *next, bool *end_path)
{
	int err;

	env->jmps_processed++;
	switch (BPF_OP(in->code)) {
	case BPF_CALL:
		return check_call(env, in, next, end_path);
	case BPF_JA:
		*next = (uint32_t)((int64_t)env->insn_idx + vs_jmp_off(in) + 1);
		return 0;
	case BPF_EXIT:
		return vs_check_exit(env, next, end_path, false);
	case BPF_JCOND:
		return check_may_goto(env, in, next);
	}
	*next = env->insn_idx;
	err = vs_check_jump(env, in, next);
	++*next;
	return err;
}

static int
step(struct vs_env *env, uint32_t *next, bool *end_path)
{
	const struct bpf_insn *in = &env->insns[env->insn_idx];
	uint8_t class = BPF_CLASS(in->code);
	struct vs_fact *f = &env->fact[env->insn_idx];
	int err;

	*next = env->insn_idx + 1;
	if (!f->fields_ok) {
		err = vs_check_fields(env, in);
		if (err < 0)
			return err;
		f->fields_ok = true;
	}
	switch (class) {
	case BPF_ALU: case BPF_ALU64:
		return vs_check_alu(env, in);
	case BPF_LDX:
		return check_load(env, in);
	case BPF_STX:
		if (BPF_MODE(in->code) == BPF_ATOMIC)
			return vs_check_atomic(env, in);
		return check_store(env, in);
	case BPF_ST:
		return check_store(env, in);
	case BPF_JMP: case BPF_JMP32:
		return check_jump_class(env, in, next, end_path);
	}
	if (BPF_MODE(in->code) == BPF_IMM) {
		++*next;
		return check_wide(env, in);
	}
	err = vs_check_ld_abs(env, in);
	if (err < 0 || !env->cur->curframe || !env->prof.ld_abs_returns)
		return err;
	*next = env->insn_idx;
	return vs_ld_abs_paths(env, next);
}

/* ---- the loop ------------------------------------------------------------------------------------- */

static void
log_safe(struct vs_env *env, bool new_path)
{
	if (!vs_logs(env))
		return;
	if (new_path)
		vs_log(env, "\nfrom %u to %u%s: safe\n", env->prev_insn_idx, env->insn_idx,
		       env->cur->speculative ? " (speculative execution)" : "");
	else
		vs_log(env, "%u: safe\n", env->insn_idx);
}

static void
log_before(struct vs_env *env, bool *new_path)
{
	if ((env->opts->log_level & 2) && *new_path) {
		vs_log(env, "\nfrom %u to %u%s:", env->prev_insn_idx, env->insn_idx,
		       env->cur->speculative ? " (speculative execution)" : "");
		vs_log_state(env, env->cur, env->cur->curframe, true);
		*new_path = false;
	}
	if (!vs_logs(env))
		return;
	if (env->scratched_regs || env->scratched_slots)
		vs_log_insn_state(env, env->cur, env->cur->curframe);
	vs_log_insn(env, env->insn_idx);
}

/* Before the instruction: limits, checkpoints, history. 1: the path ends here. */
static int
arrive(struct vs_env *env, bool new_path)
{
	const struct vs_fact *f;
	int r;

	env->cur_jmp = 0;
	if (env->insn_idx >= env->n)
		return vs_reject(env, VS_E_INSN_INDEX, env->insn_idx, env->n);
	f = &env->fact[env->insn_idx];
	if (++env->processed > env->prof.insn_limit) {
		vs_reject(env, VS_E_TOO_COMPLEX, (unsigned long long)env->processed);
		env->r->insn = env->prev_insn_idx;	/* the last one that was walked */
		return env->r->err;
	}
	env->cur->last_insn = env->prev_insn_idx;
	env->cur->insn_idx = env->insn_idx;
	if (f->prune_point) {
		r = vs_is_visited(env, env->insn_idx);
		if (r > 0)
			log_safe(env, new_path);
		if (r)
			return r;
	}
	if (f->jump_point)
		vs_push_history(env, 0, 0);
	return 0;
}

/* A step; in speculation barriers end the path. */
static int
perform(struct vs_env *env, uint32_t *next, bool *end_path)
{
	int r;

	*next = env->insn_idx + 1;
	if (vs_spec_blocked(env)) {
		*end_path = true;
		return 0;
	}
	r = step(env, next, end_path);
	if (r < 0 ? vs_spec_forgives(env, r) : vs_spec_ends(env)) {
		*end_path = true;
		return 0;
	}
	return r;
}

static int
walk(struct vs_env *env)
{
	bool new_path = false, end_path;
	uint32_t next;
	int r;

	for (;;) {
		r = arrive(env, new_path);
		if (r < 0)
			return r;
		end_path = r > 0;
		if (!end_path) {
			log_before(env, &new_path);
			if (env->on_insn)
				env->on_insn(env->on_insn_user, env);
			env->fact[env->insn_idx].seen |= !env->cur->speculative;
			if (env->trail)
				vs_trail_step(env);
			r = perform(env, &next, &end_path);
			if (r < 0)
				return r;
			if (env->trail)
				vs_trail_effect(env);
			env->prev_insn_idx = env->insn_idx;
			env->insn_idx = next;
		}
		if (!end_path)
			continue;
		env->scratched_regs = ~0u;
		env->scratched_slots = ~(uint64_t)0;
		r = vs_update_branches(env, env->cur);
		if (r < 0)
			return r;
		if (!pop_branch(env))
			return 0;
		new_path = true;
	}
}

/* Walk one function from its entry with registers as they come there. */
static int
walk_from(struct vs_env *env, uint32_t subprog)
{
	struct vs_frame *f;
	int err;

	env->cur = vs_state_new(env);
	env->cur->branches = 1;
	env->cur->in_sleepable = env->sleepable;
	env->cur->first_insn = env->subprogs[subprog].start;
	env->cur->last_insn = UINT32_MAX;
	f = env->cur->frame[0] = vs_frame_new(env);
	vs_init_frame(env, f, NO_CALLSITE, 0, subprog);
	env->subprog = subprog;
	env->insn_idx = env->subprogs[subprog].start;
	env->prev_insn_idx = UINT32_MAX;
	env->prev_line = NULL;
	if (subprog || env->type == BPF_PROG_TYPE_EXT) {
		err = vs_entry_args(env, f, subprog);
	} else {
		vs_log_main_args(env);
		vs_mark_known(&f->regs[1], 0);
		f->regs[1].type = RT_CTX;
		err = vs_entry_ctx(env, &f->regs[1]);
	}
	if (err < 0)
		return err;
	if (env->trail)
		vs_trail_entry(env);
	err = walk(env);
	if (err >= 0 && !(env->opts->log_level & 2))
		env->log.n = 0;
	vs_states_reset(env);
	return err;
}

int
vs_walk_main(struct vs_env *env)
{
	return walk_from(env, 0);
}

int
vs_walk_globals(struct vs_env *env)
{
	bool again = env->nsub > 1;
	int err;

	if (env->exception_cb >= 0)
		env->subprogs[env->exception_cb].called = true;
	while (again) {
		again = false;
		for (uint32_t i = 1; i < env->nsub; i++) {
			struct vs_subprog *s = &env->subprogs[i];

			if (!s->global || !s->called || s->verified)
				continue;
			err = walk_from(env, i);
			if (err < 0)
				return err;
			s->verified = again = true;
			if (vs_logs(env))
				vs_log(env, "Func#%u ('%s') is safe for any args that match its "
				       "prototype\n", i, s->name ? s->name : "");
		}
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* backtrack.c: where did this number come from?
 *
 * When a decision rests on a number (a branch settled, an offset added to a pointer), the
 * number is precise: states that differ in it are different. Which earlier registers and slots
 * made it is found by walking the path backwards over the recorded history, from the current
 * instruction to the last checkpoint, where the set is marked, and on to that one's parent,
 * until the set is empty. What cannot be followed makes everything precise. */
#include "verifier-sim/env.h"

enum { GIVE_UP = -1000 };

/* In `touches`, beside the registers that an instruction is concerned with. */
enum { ALWAYS = 1 << 15 };

struct vs_backtrack {
	uint16_t *touches;	/* per instruction: wanting none of these, it can be passed over */
	uint32_t frame;
	uint32_t regs[VS_FRAMES];
	uint64_t slots[VS_FRAMES];
};

enum { REG_ARGS = 0x3e };

static uint16_t
touches(const struct bpf_insn *in)
{
	uint8_t op = BPF_OP(in->code);
	uint16_t d = (uint16_t)(1u << in->dst_reg), s = (uint16_t)(1u << in->src_reg);

	switch (BPF_CLASS(in->code)) {
	case BPF_JMP: case BPF_JMP32:
		if (op == BPF_CALL || op == BPF_EXIT)
			return ALWAYS;
		return op == BPF_JA || op == BPF_JCOND || BPF_SRC(in->code) != BPF_X ? 0 : d | s;
	case BPF_STX:
		return d | s;
	case BPF_LD:
		return in->code ? d : 0;	/* the second half of a wide load is nothing */
	}
	return d;
}

void
vs_backtrack_init(struct vs_env *env)
{
	env->bt = arena_new(env->tmp, struct vs_backtrack);
	env->bt->touches = arena_array(env->tmp, uint16_t, env->n);
	for (uint32_t i = 0; i < env->n; i++)
		env->bt->touches[i] = touches(&env->insns[i]);
}

static bool
empty(const struct vs_backtrack *b)
{
	for (uint32_t f = 0; f <= b->frame; f++)
		if (b->regs[f] || b->slots[f])
			return false;
	return true;
}

static void
clear(struct vs_backtrack *b)
{
	memset(b->regs, 0, sizeof b->regs);
	memset(b->slots, 0, sizeof b->slots);
	b->frame = 0;
}

static bool
has(const struct vs_backtrack *b, uint32_t reg)
{
	return b->regs[b->frame] >> reg & 1;
}

static void
want(struct vs_backtrack *b, uint32_t reg)
{
	b->regs[b->frame] |= 1u << reg;
}

static void
found(struct vs_backtrack *b, uint32_t reg)
{
	b->regs[b->frame] &= ~(1u << reg);
}

static void
force(struct vs_env *env, uint32_t f, const char *what, int n, bool *precise)
{
	if (*precise)
		return;
	*precise = true;
	if (vs_logs_all(env))
		buf_printf(&env->log, "force_precise: frame%u: forcing %s%d to be precise\n", f,
			   what, n);
}

void
vs_mark_all_precise(struct vs_env *env, struct vs_state *st)
{
	if (vs_logs_all(env))
		buf_printf(&env->log, "mark_precise: frame%u: falling back to forcing all scalars "
			   "precise\n", st->curframe);
	for (st = st->parent; st; st = st->parent)
		for (uint32_t f = 0; f <= st->curframe; f++) {
			struct vs_frame *fr = st->frame[f];

			for (uint32_t i = 0; i < VS_FP; i++)
				if (fr->regs[i].type == RT_SCALAR)
					force(env, f, "r", (int)i, &fr->regs[i].precise);
			for (uint32_t i = 0; i < fr->nslots; i++)
				if (vs_slot_is_spilled_scalar(&fr->stack[i]) &&
				    !vs_slot_reg(&fr->stack[i])->precise)
					force(env, f, "fp", -8 * (int)(i + 1),
					      &vs_slot_edit(env, &fr->stack[i])->precise);
		}
}

/* Registers narrowed together are needed together. */
static void
sync_links(const struct vs_env *env, struct vs_backtrack *b, const struct vs_jmp *h)
{
	struct vs_links l;
	bool any = false;

	if (!h || !h->linked)
		return;
	vs_unpack_links(env, h->linked, &l);
	for (uint32_t i = 0; i < l.n; i++)
		any |= l.at[i].is_reg ? b->regs[l.at[i].frame] >> l.at[i].index & 1
			: b->slots[l.at[i].frame] >> l.at[i].index & 1;
	for (uint32_t i = 0; any && i < l.n; i++)
		if (l.at[i].is_reg)
			b->regs[l.at[i].frame] |= 1u << l.at[i].index;
		else
			b->slots[l.at[i].frame] |= (uint64_t)1 << l.at[i].index;
}

static int
leave_callee(struct vs_env *env, struct vs_backtrack *b)
{
	if (!b->frame)
		return vs_bug(env, "backtracking left the first frame");
	b->frame--;
	return 0;
}

/* The call of a static function: its arguments are the caller's. */
static int
over_call(struct vs_env *env, struct vs_backtrack *b, uint32_t idx)
{
	int s = vs_subprog_at(env, (uint32_t)((int64_t)idx + env->insns[idx].imm + 1));
	uint32_t args;

	if (s < 0 || env->subprogs[s].global) {
		if (b->regs[b->frame] & REG_ARGS)
			return vs_bug(env, "backtracking wants an argument after its call");
		found(b, 0);
		return 0;
	}
	if ((b->regs[b->frame] & ~(uint32_t)REG_ARGS) || b->slots[b->frame])
		return vs_bug(env, "backtracking wants a local before its function");
	args = b->regs[b->frame];
	b->regs[b->frame] = 0;
	if (leave_callee(env, b) < 0)
		return env->r->err;
	b->regs[b->frame] |= args;
	return 0;
}

static int
over_exit(struct vs_env *env, struct vs_backtrack *b, int64_t later)
{
	const struct bpf_insn *prev = later > 0 ? &env->insns[later - 1] : NULL;
	bool r0;

	if (later >= 0 && env->fact[later].calls_callback)
		b->regs[b->frame] &= ~(uint32_t)REG_ARGS;
	if (b->regs[b->frame] & REG_ARGS)
		return vs_bug(env, "backtracking wants an argument after a call");
	r0 = prev && prev->code == (BPF_JMP | BPF_CALL) && prev->src_reg == BPF_PSEUDO_CALL &&
		has(b, 0);
	found(b, 0);
	if (++b->frame >= VS_FRAMES)
		return vs_bug(env, "backtracking entered too many frames");
	if (r0)
		want(b, 0);
	return 0;
}

static int
over_jump(struct vs_env *env, struct vs_backtrack *b, uint32_t idx, int64_t later,
	  const struct vs_jmp *h)
{
	const struct bpf_insn *in = &env->insns[idx];
	uint8_t op = BPF_OP(in->code);

	if (op == BPF_CALL && in->src_reg == BPF_PSEUDO_CALL)
		return over_call(env, b, idx);
	if (op == BPF_CALL && env->fact[idx].calls_callback && (int64_t)idx != later - 1) {
		/* Out of a callback, into the call that runs it. */
		if (b->regs[b->frame] & ~(uint32_t)REG_ARGS)
			return vs_reject(env, VS_E_CB_PRECISION, b->regs[b->frame]);
		if (b->slots[b->frame])
			return vs_bug(env, "backtracking wants a local before its callback");
		b->regs[b->frame] = 0;
		return leave_callee(env, b);
	}
	if (op == BPF_CALL) {
		found(b, 0);
		if (b->regs[b->frame] & REG_ARGS)
			return vs_bug(env, "backtracking wants an argument after a call");
		/* A tail call that was taken left its function here. */
		if (!in->src_reg && in->imm == BPF_FUNC_tail_call && later - (int64_t)idx != 1 &&
		    ++b->frame >= VS_FRAMES)
			return vs_bug(env, "backtracking entered too many frames");
		return 0;
	}
	if (op == BPF_EXIT)
		return over_exit(env, b, later);
	if (op == BPF_JA || BPF_SRC(in->code) != BPF_X || op == BPF_JCOND)
		return 0;
	if (!has(b, in->dst_reg) && !has(b, in->src_reg))
		return 0;
	if (!h || !(h->flags & JMP_SRC_STACK))
		want(b, in->src_reg);
	if (!h || !(h->flags & JMP_DST_STACK))
		want(b, in->dst_reg);
	return 0;
}

static void
over_alu(struct vs_backtrack *b, const struct bpf_insn *in)
{
	uint8_t op = BPF_OP(in->code);

	if (!has(b, in->dst_reg) || op == BPF_END || op == BPF_NEG)
		return;
	if (op == BPF_MOV)
		found(b, in->dst_reg);
	if (BPF_SRC(in->code) == BPF_X && in->src_reg != VS_FP)
		want(b, in->src_reg);
}

static int
over_memory(struct vs_backtrack *b, const struct bpf_insn *in, const struct vs_jmp *h)
{
	bool on_stack = h && (h->flags & JMP_STACK_ACCESS);
	uint32_t frame = h ? h->flags & 15 : 0;
	uint64_t slot = h ? (uint64_t)1 << (h->flags >> 4 & 63) : 0;
	bool load = BPF_CLASS(in->code) == BPF_LDX ||
		(BPF_CLASS(in->code) == BPF_STX && BPF_MODE(in->code) == BPF_ATOMIC &&
		 in->imm == BPF_LOAD_ACQ);

	if (load) {
		if (!has(b, in->dst_reg))
			return 0;
		found(b, in->dst_reg);
		if (on_stack)
			b->slots[frame] |= slot;
		return 0;
	}
	if (has(b, in->dst_reg))
		return GIVE_UP;		/* a difference of pointers */
	if (!on_stack || !(b->slots[frame] & slot))
		return 0;
	b->slots[frame] &= ~slot;
	if (BPF_CLASS(in->code) == BPF_STX)
		want(b, in->src_reg);
	return 0;
}

/* One instruction backwards; `later` is the one that ran after it, -1 at the start. */
static int
over(struct vs_env *env, struct vs_backtrack *b, uint32_t idx, int64_t later,
     const struct vs_jmp *h)
{
	const struct bpf_insn *in = &env->insns[idx];
	int err = 0;

	if (!in->code)
		return 0;	/* second half of a wide load */
	if (vs_logs_all(env)) {
		vs_log_precise(env, b->frame, "", b->regs[b->frame], b->slots[b->frame]);
		vs_log_precise_insn(env, idx);
	}
	sync_links(env, b, h);
	switch (BPF_CLASS(in->code)) {
	case BPF_ALU: case BPF_ALU64:
		over_alu(b, in);
		break;
	case BPF_LDX: case BPF_ST: case BPF_STX:
		err = over_memory(b, in, h);
		break;
	case BPF_JMP: case BPF_JMP32:
		err = over_jump(env, b, idx, later, h);
		break;
	default:
		if (!has(b, in->dst_reg))
			return 0;
		found(b, in->dst_reg);
		if (BPF_MODE(in->code) == BPF_IND || BPF_MODE(in->code) == BPF_ABS)
			return GIVE_UP;
	}
	if (err >= 0)
		sync_links(env, b, h);
	return err;
}

/* Mark what is wanted in a checkpoint; what is no number or already precise is settled. */
static void
mark(struct vs_env *env, struct vs_backtrack *b, struct vs_state *st, bool *changed)
{
	for (uint32_t f = 0; f <= b->frame && f <= st->curframe; f++) {
		struct vs_frame *fr = st->frame[f];

		for (uint32_t left = b->regs[f]; left; left &= left - 1) {
			uint32_t i = (uint32_t)__builtin_ctz(left);

			if (fr->regs[i].type != RT_SCALAR || fr->regs[i].precise)
				b->regs[f] &= ~(1u << i);
			else
				fr->regs[i].precise = *changed = true;
		}
		for (uint64_t left = b->slots[f]; left; left &= left - 1) {
			uint32_t i = (uint32_t)__builtin_ctzll(left);

			if (i >= fr->nslots || !vs_slot_is_spilled_scalar(&fr->stack[i]) ||
			    vs_slot_reg(&fr->stack[i])->precise)
				b->slots[f] &= ~((uint64_t)1 << i);
			else
				vs_slot_edit(env, &fr->stack[i])->precise = *changed = true;
		}
	}
}

/* Most instructions of a path have nothing to do with what is wanted. */
static bool
concerned(const struct vs_backtrack *b, uint32_t i, const struct vs_jmp *h)
{
	return (b->touches[i] & (b->regs[b->frame] | ALWAYS)) ||
		(h && (h->linked || (h->flags & JMP_STACK_ACCESS)));
}

/* Backwards through the instructions of one state's stretch of the path. 1: all is settled. */
static int
stretch(struct vs_env *env, struct vs_backtrack *b, struct vs_state *st, uint32_t last,
	int64_t *later, bool skip)
{
	uint32_t hist = st->njmps, i = last;
	int err;

	for (;;) {
		const struct vs_jmp *h = hist && st->jmps[hist - 1].idx == i
			? &st->jmps[hist - 1] : NULL;

		if (!skip && (concerned(b, i, h) || vs_logs_all(env))) {
			err = over(env, b, i, *later, h);
			if (err < 0)
				return err;
			if (empty(b))
				return 1;
		}
		skip = false;
		*later = i;
		if (i == st->first_insn && (!hist || (hist == 1 && st->jmps[0].idx == i)))
			return 0;
		if (h) {
			i = h->prev;
			hist--;
		} else {
			i--;
		}
		/* Before an asynchronous callback or a global function there is no path of its
		 * own: whatever is still wanted is made precise everywhere. */
		if (i >= env->n)
			return GIVE_UP;
	}
}

static void
log_parent(struct vs_env *env, const struct vs_backtrack *b, const struct vs_state *st)
{
	for (uint32_t f = b->frame + 1; f-- > 0;) {
		vs_log_precise(env, f, "parent state ", b->regs[f], b->slots[f]);
		buf_puts(&env->log, ": ");
		vs_log_state(env, st, f, true);
	}
}

static int
chase(struct vs_env *env, struct vs_state *start, bool *changed)
{
	struct vs_backtrack *b = env->bt;
	struct vs_state *st = start;
	uint32_t last = start->insn_idx;
	int64_t later = -1;
	bool skip = true;
	int r;

	while (!empty(b)) {	/* stretch() is only asked with something wanted */
		if (vs_logs_all(env))
			buf_printf(&env->log, "mark_precise: frame%u: last_idx %d first_idx %d "
				   "subseq_idx %d \n", b->frame, (int)last,
				   (int)st->first_insn, (int)later);
		if (last >= env->n) {
			/* The entry of a global function: arguments are what they are. */
			mark(env, b, st, changed);
			clear(b);
			return 0;
		}
		r = stretch(env, b, st, last, &later, skip);
		if (r == GIVE_UP)
			break;
		if (r)
			return r < 0 ? r : 0;
		skip = false;
		later = st->first_insn;
		st = st->parent;
		if (!st)
			break;
		mark(env, b, st, changed);
		if (vs_logs_all(env))
			log_parent(env, b, st);
		last = st->last_insn;
	}
	if (!empty(b)) {
		vs_mark_all_precise(env, start);
		clear(b);
	}
	return 0;
}

int
vs_mark_slots_precise(struct vs_env *env, uint32_t frame, uint64_t slots)
{
	struct vs_backtrack *b = env->bt;
	bool changed = false;

	if (!env->bpf_capable)
		return 0;
	clear(b);
	b->frame = env->cur->curframe;
	b->slots[frame] |= slots;
	return chase(env, env->cur, &changed);
}

int
vs_mark_precise(struct vs_env *env, uint32_t regno)
{
	struct vs_backtrack *b = env->bt;
	bool changed = false;

	if (!env->bpf_capable)
		return 0;
	clear(b);
	b->frame = env->cur->curframe;
	if (vs_cur_regs(env)[regno].type != RT_SCALAR)
		return vs_bug(env, "a pointer cannot be precise");
	want(b, regno);
	return chase(env, env->cur, &changed);
}

int
vs_propagate_precision(struct vs_env *env, const struct vs_state *old, struct vs_state *cur,
		       bool *changed)
{
	struct vs_backtrack *b = env->bt;
	bool dummy = false;

	if (!env->bpf_capable)
		return 0;
	clear(b);
	b->frame = old->curframe;
	for (uint32_t f = 0; f <= old->curframe; f++) {
		const struct vs_frame *fr = old->frame[f];

		for (uint32_t i = 0; i < VS_FP; i++)
			if (fr->regs[i].type == RT_SCALAR && fr->regs[i].precise)
				b->regs[f] |= 1u << i;
		for (uint32_t i = 0; i < fr->nslots; i++)
			if (vs_slot_is_spilled_scalar(&fr->stack[i]) &&
			    vs_slot_reg(&fr->stack[i])->precise)
				b->slots[f] |= (uint64_t)1 << i;
	}
	for (uint32_t f = old->curframe + 1; vs_logs_all(env) && f-- > 0;)
		vs_log_propagating(env, f, b->regs[f], b->slots[f]);
	return chase(env, cur, changed ? changed : &dummy);
}

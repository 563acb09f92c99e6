/* SPDX-License-Identifier: MIT */
/* stack.c: loads and stores on the stack, byte by byte.
 *
 * The stack of a frame is an array of 8-byte slots. Each byte has a kind (enum slot_type); a
 * slot whose bytes are SPILL carries a whole register, or the low 4, 2 or 1 bytes of a scalar.
 * Pointers are saved and restored whole or not at all. Offsets are negative: byte b of slot i
 * is at fp - 8*i - 1 - b, so type[7] is the byte at the slot's lowest address. */
#include "verifier-sim/env.h"

static uint32_t
stack_flags(uint32_t frameno, uint32_t slot)
{
	return JMP_STACK_ACCESS | slot << 4 | frameno;
}

static void
grow(struct vs_env *env, struct vs_frame *f, int64_t bytes)
{
	struct vs_subprog *s = &env->subprogs[f->subprog];

	if (bytes <= 0 || bytes > VS_STACK)
		return;
	vs_frame_grow(env, f, (uint32_t)(bytes + 7) / 8);
	bytes = (bytes + 7) / 8 * 8;
	if (s->stack_depth < bytes)
		s->stack_depth = (uint32_t)bytes;
}

static uint8_t *
byte_at(struct vs_frame *f, int64_t off)
{
	uint32_t b = (uint32_t)(-off - 1);

	return &f->stack[b / 8].type[b % 8];
}

void
vs_slot_scrub(struct vs_env *env, struct vs_slot *s)
{
	(void)env;
	for (int b = 0; b < 8; b++)
		if (s->type[b] != SLOT_INVALID)
			s->type[b] = SLOT_MISC;
}

static bool
is_null(const struct vs_reg *r)
{
	return r->type == RT_SCALAR && tnum_is_const_of(r->var, 0);
}

static int
width(const struct vs_reg *r)
{
	return r->umax ? 64 - __builtin_clzll(r->umax) : 0;
}

/* Before a scalar is copied: give it an id, so that what is learned of one copy holds for the
 * other. Constants need none. */
void
vs_scalar_id(struct vs_env *env, struct vs_reg *r)
{
	if (r->type != RT_SCALAR)
		return;
	if (r->id & VS_ADD_CONST) {	/* the copy would need the constant too: start afresh */
		r->id = 0;
		r->off = 0;
	}
	if (!r->id && !tnum_is_const(r->var))
		r->id = ++env->next_id;
}

static void
slot_id(struct vs_env *env, struct vs_slot *s)
{
	const struct vs_reg *r = vs_slot_reg(s);

	if (r->type == RT_SCALAR && ((r->id & VS_ADD_CONST) || (!r->id && r->var.mask)))
		vs_scalar_id(env, vs_slot_edit(env, s));
}

static bool
spillable(uint32_t type)
{
	switch (vs_base(type)) {
	case RT_NOT_INIT: case RT_SCALAR: case RT_TP_BUFFER: case RT_CONST_DYNPTR:
		return false;
	}
	return true;
}

static void
save(struct vs_env *env, struct vs_slot *s, const struct vs_reg *r, int size)
{
	int b;

	vs_slot_set(env, s, r);
	for (b = 8; b > 8 - size; b--)
		s->type[b - 1] = SLOT_SPILL;
	for (; b > 0; b--)
		if (s->type[b - 1] != SLOT_ZERO && s->type[b - 1] != SLOT_INVALID)
			s->type[b - 1] = SLOT_MISC;
}

/* A slot that held a register or an object holds bytes from here on. */
static void
scrub_special(struct vs_env *env, struct vs_slot *s)
{
	vs_slot_drop(env, s);
	if (s->type[7] == SLOT_SPILL || s->type[7] == SLOT_DYNPTR || s->type[7] == SLOT_ITER ||
	    s->type[7] == SLOT_IRQ)
		vs_slot_scrub(env, s);
}

/* Bytes that are no register any more. */
static int
write_bytes(struct vs_env *env, struct vs_frame *f, int32_t off, int size, bool zero,
	    int value_regno)
{
	struct vs_slot *s = &f->stack[vs_slot_of(off)];

	scrub_special(env, s);
	/* Zero bytes are a promise about the register they came from. */
	if (zero && value_regno >= 0 && vs_mark_precise(env, (uint32_t)value_regno) < 0)
		return env->r->err;
	for (int i = 0; i < size; i++)
		*byte_at(f, off + i) = zero ? SLOT_ZERO : SLOT_MISC;
	return 0;
}

static void
constant(struct vs_reg *r, int32_t imm)
{
	memset(r, 0, sizeof *r);
	r->type = RT_SCALAR;
	vs_mark_known(r, (uint64_t)(int64_t)imm);
}

static bool
unbounded(const struct vs_reg *r)
{
	return tnum_is_unknown(r->var) && r->smin == INT64_MIN && r->smax == INT64_MAX &&
		!r->umin && r->umax == UINT64_MAX && r->s32min == INT32_MIN &&
		r->s32max == INT32_MAX && !r->u32min && r->u32max == UINT32_MAX;
}

/* Does the slot remember the number, or only that bytes were written? */
static bool
saved_whole(const struct vs_env *env, const struct vs_reg *r)
{
	return env->bpf_capable && (env->prof.spills_unbounded || !unbounded(r)) &&
		(env->prof.spills_zero || !vs_reg_is_null(r));
}

static int
write_fixed(struct vs_env *env, struct vs_frame *f, int32_t off, int size, int value_regno,
	    uint32_t insn_idx)
{
	struct vs_frame *cur = vs_cur_frame(env);
	struct vs_reg *r = value_regno >= 0 ? &cur->regs[value_regno] : NULL, imm;
	const struct bpf_insn *in = &env->insns[insn_idx];
	bool st = BPF_CLASS(in->code) == BPF_ST && BPF_MODE(in->code) == BPF_MEM;
	uint32_t slot = vs_slot_of(off);
	struct vs_slot *s;
	int err;

	if (!r && st)
		constant(&imm, in->imm);
	grow(env, f, -off);
	s = &f->stack[slot];
	if (!env->allow_ptr_leaks && vs_slot_is_spill(s) && vs_slot_reg(s)->type != RT_SCALAR && size != 8)
		return vs_reject(env, VS_E_STACK_CORRUPT);
	vs_spec_store(env, s, size, r && spillable(r->type), insn_idx);
	err = vs_destroy_if_dynptr(env, f, slot);
	if (err < 0)
		return err;
	s = &f->stack[slot];
	vs_scratch_slot(env, slot);
	if (size == 8)
		vs_live_stack_write(env, f->frameno, slot);
	if (r && off % 8 == 0 && r->type == RT_SCALAR && saved_whole(env, r)) {
		bool fits = width(r) <= size * 8;

		/* Old backtracking finds no more than what r10 itself saved. */
		if (!env->prof.spills_zero && in->dst_reg != VS_FP &&
		    vs_mark_precise(env, (uint32_t)value_regno) < 0)
			return env->r->err;
		if (fits)
			vs_scalar_id(env, r);
		save(env, s, r, size);
		if (!fits)
			vs_slot_edit(env, s)->id = 0;
	} else if (!r && off % 8 == 0 && st && env->prof.spills_constants &&
		   saved_whole(env, &imm)) {
		save(env, s, &imm, size);
	} else if (r && spillable(r->type)) {
		if (size != 8) {
			vs_log_line(env, insn_idx, "; ");
			return vs_reject(env, VS_E_SPILL_SIZE);
		}
		if (f != cur && r->type == RT_STACK)
			return vs_reject(env, VS_E_SPILL_CALLER);
		save(env, s, r, size);
	} else {
		return write_bytes(env, f, off, size, r ? is_null(r) : st && !in->imm,
				   value_regno);
	}
	vs_push_history(env, stack_flags(f->frameno, slot), 0);
	return 0;
}

static int
write_variable(struct vs_env *env, struct vs_frame *f, const struct vs_reg *ptr, int32_t off,
	       int size, int value_regno, uint32_t insn_idx)
{
	const struct bpf_insn *in = &env->insns[insn_idx];
	const struct vs_reg *v = value_regno >= 0 ? &vs_cur_regs(env)[value_regno] : NULL;
	int64_t min = ptr->smin + off, max = ptr->smax + off + size;
	bool zero = v ? is_null(v) : BPF_CLASS(in->code) == BPF_ST && !in->imm, used = false;
	int err;

	grow(env, f, -min);
	for (int64_t i = min; i < max; i++) {
		err = vs_destroy_if_dynptr(env, f, vs_slot_of((int32_t)i));
		if (err < 0)
			return err;
	}
	for (int64_t i = min; i < max; i++) {
		uint32_t slot = vs_slot_of((int32_t)i);
		struct vs_slot *s = &f->stack[slot];
		uint8_t *t = byte_at(f, i);

		vs_scratch_slot(env, slot);
		if (!env->allow_ptr_leaks && *t != SLOT_MISC && *t != SLOT_ZERO)
			return vs_reject(env, VS_E_STACK_VAR_SPILL, insn_idx, (int)i);
		if (zero && *t == SLOT_SPILL && is_null(vs_slot_reg(s))) {
			used = true;
			continue;
		}
		/* Old kernels left the slot's other bytes as those of the register. */
		if (env->prof.scrubs_variable)
			scrub_special(env, s);
		else
			vs_slot_drop(env, s);
		if (*t == SLOT_INVALID && !env->allow_uninit_stack)
			return vs_reject(env, VS_E_STACK_VAR_UNINIT, insn_idx, (int)i);
		if (zero && *t == SLOT_ZERO)
			used = true;
		else
			*t = SLOT_MISC;
	}
	return used && value_regno >= 0 ? vs_mark_precise(env, (uint32_t)value_regno) : 0;
}

int
vs_stack_write(struct vs_env *env, uint32_t regno, int32_t off, int size, int value_regno,
	       uint32_t insn_idx)
{
	const struct vs_reg *ptr = &vs_cur_regs(env)[regno];
	struct vs_frame *f = vs_frame_of(env, ptr);

	if (tnum_is_const(ptr->var))
		return write_fixed(env, f, off + (int32_t)ptr->var.value, size, value_regno,
				   insn_idx);
	if (!env->prof.variable_stack)
		return vs_reject(env, VS_E_STACK_VAR_ACCESS, vs_tnum_text(env, ptr->var),
				 ptr->off, size);
	return write_variable(env, f, ptr, off, size, value_regno, insn_idx);
}

/* ---- loads ------------------------------------------------------------------------------- */

/* The bytes are no register: known zeros, or an unknown number. */
static int
read_bytes(struct vs_env *env, struct vs_frame *f, int64_t min, int64_t max, int dst)
{
	struct vs_reg *r = &vs_cur_regs(env)[dst];
	uint64_t saved = 0;

	for (int64_t i = min; i < max; i++) {
		uint32_t slot = vs_slot_of((int32_t)i);
		uint8_t t = *byte_at(f, i);

		vs_scratch_slot(env, slot);
		if (t == SLOT_SPILL && env->prof.zero_spills &&
		    vs_reg_is_null(vs_slot_reg(&f->stack[slot]))) {
			saved |= (uint64_t)1 << slot;
		} else if (t != SLOT_ZERO) {
			vs_reg_unknown(env, r);
			return 0;
		}
	}
	vs_mark_const_zero(env, r);
	return saved ? vs_mark_slots_precise(env, f->frameno, saved) : 0;
}

static int
readable(struct vs_env *env, struct vs_frame *f, int32_t off, int size, bool spill_ok,
	 int *spills, int *zeros)
{
	*spills = *zeros = 0;
	for (int i = 0; i < size; i++) {
		uint8_t t = *byte_at(f, off + i);

		if (t == SLOT_SPILL && spill_ok) {
			++*spills;
			continue;
		}
		*zeros += t == SLOT_ZERO;
		if (t == SLOT_MISC || t == SLOT_ZERO ||
		    (t == SLOT_INVALID && env->allow_uninit_stack))
			continue;
		return vs_reject(env, VS_E_STACK_UNINIT, off, i, size);
	}
	return 0;
}

/* Part of a spilled register, or all of a partly spilled one. */
static int
fill_part(struct vs_env *env, struct vs_frame *f, int32_t off, int size, int dst,
	  int spill_size)
{
	struct vs_slot *s = &f->stack[vs_slot_of(off)];
	struct vs_reg *r;
	int spills, zeros;

	if (vs_slot_reg(s)->type != RT_SCALAR) {
		vs_log_line(env, env->insn_idx, "; ");
		return vs_reject(env, VS_E_FILL_SIZE);
	}
	if (dst < 0)
		return 0;
	r = &vs_cur_regs(env)[dst];
	if (off % 8 == 0 && (size == spill_size || (size < spill_size && env->prof.narrow_fill))) {
		if (env->bpf_capable && size == 4 && spill_size == 4 && width(vs_slot_reg(s)) <= 32)
			slot_id(env, s);
		*r = *vs_slot_reg(s);
		if (width(vs_slot_reg(s)) > size * 8)
			r->id = 0;
	} else {
		if (readable(env, f, off, size, true, &spills, &zeros) < 0)
			return env->r->err;
		if (spills == size && tnum_is_const_of(vs_slot_reg(s)->var, 0)) {
			vs_mark_const_zero(env, r);
		} else {
			if (zeros == size)
				vs_mark_const_zero(env, r);
			else
				vs_reg_unknown(env, r);
			return 0;
		}
	}
	vs_push_history(env, stack_flags(f->frameno, vs_slot_of(off)), 0);
	return 0;
}

static int
read_fixed(struct vs_env *env, struct vs_frame *f, int32_t off, int size, int dst)
{
	uint32_t slot = vs_slot_of(off);
	struct vs_slot *s;
	int spill_size = 1, spills, zeros;

	grow(env, f, -off);
	s = &f->stack[slot];
	vs_scratch_slot(env, slot);
	vs_live_stack_read(env, f->frameno, slot);
	if (!vs_slot_is_spill(s)) {
		if (readable(env, f, off, size, false, &spills, &zeros) < 0)
			return env->r->err;
		return dst >= 0 ? read_bytes(env, f, off, off + size, dst) : 0;
	}
	while (spill_size < 8 && s->type[7 - spill_size] == SLOT_SPILL)
		spill_size++;
	if (size != 8 || spill_size != 8)
		return fill_part(env, f, off, size, dst, spill_size);
	if (dst >= 0) {
		if (env->bpf_capable)
			slot_id(env, s);
		vs_cur_regs(env)[dst] = *vs_slot_reg(s);
	} else if (!env->allow_ptr_leaks && vs_slot_reg(s)->type != RT_SCALAR) {
		return vs_reject(env, VS_E_STACK_LEAK, off);
	}
	vs_push_history(env, stack_flags(f->frameno, slot), 0);
	return 0;
}

int
vs_stack_read(struct vs_env *env, uint32_t regno, int32_t off, int size, int dst)
{
	const struct vs_reg *ptr = &vs_cur_regs(env)[regno];
	struct vs_stack_args a = {.regno = regno, .off = off, .size = (uint32_t)size};
	struct vs_frame *f = vs_frame_of(env, ptr);
	int64_t min, max;

	if (tnum_is_const(ptr->var))
		return read_fixed(env, f, off + (int32_t)ptr->var.value, size, dst);
	if (!env->prof.variable_stack)
		return vs_reject(env, VS_E_STACK_VAR_ACCESS, vs_tnum_text(env, ptr->var),
				 ptr->off, size);
	if (dst < 0)
		return vs_reject(env, VS_E_STACK_HELPER_VAR, vs_tnum_text(env, ptr->var), off, size);
	if (vs_check_stack_range(env, &a) < 0)
		return env->r->err;
	min = ptr->smin + off;
	max = ptr->smax + off;
	return read_bytes(env, f, min, max + size, dst);
}

/* ---- bounds ------------------------------------------------------------------------------- */

int
vs_stack_access_in_bounds(struct vs_env *env, uint32_t regno, int32_t off, int size, bool helper,
			  bool write)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];
	struct vs_frame *f = vs_frame_of(env, r);
	const char *what = helper && env->prof.indirect_text ? " indirect access to"
		: write ? " write to" : " read from";
	int64_t min, max, least = -VS_STACK;
	bool fixed = tnum_is_const(r->var);

	if (fixed) {
		min = (int64_t)r->var.value + off;
		max = min + size;
	} else {
		if (r->smax >= VS_MAX_VAR_OFF || r->smin <= -VS_MAX_VAR_OFF)
			return vs_reject(env, VS_E_STACK_UNBOUNDED, what, regno);
		min = r->smin + off;
		max = r->smax + off + size;
	}
	if (!write && !(env->allow_uninit_stack && env->prof.reads_grow_stack))
		least = -(int64_t)f->nslots * 8;
	if (min < least || min > -1 || max > 0 || size < 0) {
		if (fixed)
			return vs_reject(env, VS_E_STACK_OOB, what, regno, (long long)off, size);
		return vs_reject(env, VS_E_STACK_OOB_VAR, what, regno, vs_tnum_text(env, r->var), off,
				 size);
	}
	grow(env, f, -min);
	return 0;
}

/* One byte of a range that a helper reads or fills. False when it is not initialised. */
static bool
range_byte(struct vs_env *env, struct vs_frame *f, int64_t i, bool clobber)
{
	struct vs_slot *s = &f->stack[vs_slot_of((int32_t)i)];
	uint8_t *t = byte_at(f, i);

	if (*t == SLOT_MISC)
		return true;
	if (*t == SLOT_ZERO || (*t == SLOT_INVALID && env->allow_uninit_stack)) {
		if (clobber)
			*t = SLOT_MISC;
		return true;
	}
	if (!vs_slot_is_spill(s) || (vs_slot_reg(s)->type != RT_SCALAR && !env->allow_ptr_leaks))
		return false;
	if (clobber) {
		vs_slot_drop(env, s);
		vs_slot_scrub(env, s);
	}
	return true;
}

static int
raw_range(struct vs_env *env, const struct vs_stack_args *a, struct vs_frame *f, int64_t min)
{
	for (int64_t i = min; i < min + a->size; i++)
		if (vs_slot_of((int32_t)i) < f->nslots && *byte_at(f, i) == SLOT_DYNPTR)
			return vs_reject(env, VS_E_DYNPTR_OVERWRITE, (int)i);
	if (a->raw_size)
		*a->raw_size = a->size;
	if (a->raw_regno)
		*a->raw_regno = (int32_t)a->regno;
	return 0;
}

int
vs_check_stack_range(struct vs_env *env, const struct vs_stack_args *a)
{
	const struct vs_reg *r = &vs_cur_regs(env)[a->regno];
	struct vs_frame *f = vs_frame_of(env, r);
	bool old = env->prof.indirect_text && a->helper, fixed = tnum_is_const(r->var);
	const char *extra = old ? " indirect" : "";
	/* Older kernels took every helper for a writer. */
	bool write = a->write || old, raw = a->raw && *a->raw;
	int64_t min, max, room = env->prof.reads_grow_stack ? VS_STACK : f->nslots * 8;

	if (!a->size && !a->zero_ok)
		return vs_reject(env, VS_E_ZERO_READ);
	if (vs_stack_access_in_bounds(env, a->regno, a->off, (int)a->size, a->helper, write) < 0)
		return env->r->err;
	if (fixed) {
		min = max = (int64_t)r->var.value + a->off;
	} else {
		if (!env->bypass_spec_v1)
			return vs_reject(env, VS_E_STACK_VAR_PRIV, a->regno, extra,
					 vs_tnum_text(env, r->var));
		raw = false;
		min = r->smin + a->off;
		max = r->smax + a->off;
	}
	if (raw)
		return raw_range(env, a, f, min);
	for (int64_t i = min; i < max + a->size; i++) {
		if (i < -room || !range_byte(env, f, i, write)) {
			if (fixed)
				return vs_reject(env, VS_E_STACK_INDIRECT, extra, a->regno,
						 (int)min, (int)(i - min), a->size);
			return vs_reject(env, VS_E_STACK_INDIRECT_VAR, extra, a->regno,
					 vs_tnum_text(env, r->var), (int)(i - min), a->size);
		}
		vs_live_stack_read(env, f->frameno, vs_slot_of((int32_t)i));
	}
	return 0;
}

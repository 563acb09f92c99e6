/* SPDX-License-Identifier: MIT */
/* objects.c: dynptrs, iterators and irq flags, which live on the program's stack but belong
 * to the kernel: slots of their own kinds, touched by no ordinary load or store.
 *
 * A dynptr takes two slots; `first_slot` marks the one of the higher index (lower address is
 * first in memory, and slot indices grow downwards). An iterator takes as many as its struct;
 * its first slot holds the reference and the state. */
#include "verifier-sim/env.h"

/* -ERANGE: below what the frame has used so far; whether it may lie there is for the access
 * to say. The kernel takes offset 0 for the first slot, and so does this. */
static int
object_slot(struct vs_env *env, const struct vs_reg *r, const char *what, uint32_t nslots)
{
	int64_t off, slot;

	if (!tnum_is_const(r->var))
		return vs_reject(env, VS_E_DYNPTR_CONST_OFF, what);
	off = (int32_t)((uint32_t)r->off + (uint32_t)r->var.value);
	slot = (-off - 1) / 8;
	if (off % 8 || slot + 1 < nslots || (env->prof.whole_offset && off >= 0))
		return vs_reject(env, VS_E_DYNPTR_BAD_OFF, what, (int)off);
	return slot < vs_frame_of(env, r)->nslots ? (int)slot : -ERANGE;
}

static bool
all_of(const struct vs_slot *s, enum slot_type t)
{
	for (int b = 0; b < 8; b++)
		if (s->type[b] != t)
			return false;
	return true;
}

static void
set_slot(struct vs_env *env, struct vs_frame *f, uint32_t slot, enum slot_type t)
{
	memset(f->stack[slot].type, t, 8);
	if (t == SLOT_INVALID)
		vs_slot_drop(env, &f->stack[slot]);
	vs_scratch_slot(env, slot);
	vs_live_stack_write(env, f->frameno, slot);
}

/* A call that takes the object reads all of its slots, from `slot` down. */
static void
read_slots(struct vs_env *env, const struct vs_reg *r, uint32_t slot, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		vs_live_stack_read(env, r->frameno, slot - i);
}

/* ---- dynptrs --------------------------------------------------------------------------------- */

static bool
refcounted(uint8_t type)
{
	return type == DYNPTR_RINGBUF || type == DYNPTR_FILE;
}

int
vs_dynptr_slot(struct vs_env *env, const struct vs_reg *r)
{
	return object_slot(env, r, "dynptr", 2);
}

struct slices {
	struct vs_env *env;
	uint32_t id;
};

static void
drop_slice(void *user, struct vs_reg *r)
{
	struct slices *s = user;

	if (vs_base(r->type) == RT_MEM && r->dynptr_id == s->id)
		vs_invalidate_reg(s->env, r);
}

/* How many dynptrs on the stacks of this path hold the reference. */
static uint32_t
holders(const struct vs_env *env, uint32_t ref)
{
	const struct vs_state *st = env->cur;
	uint32_t n = 0;

	for (uint32_t i = 0; i <= st->curframe; i++)
		for (uint32_t k = 0; k < st->frame[i]->nslots; k++) {
			const struct vs_slot *s = &st->frame[i]->stack[k];

			n += s->type[0] == SLOT_DYNPTR && vs_slot_reg(s)->first_slot &&
				vs_slot_reg(s)->ref_id == ref;
		}
	return n;
}

int
vs_destroy_if_dynptr(struct vs_env *env, struct vs_frame *f, uint32_t slot)
{
	struct slices s = {env, 0};

	if (slot >= f->nslots || f->stack[slot].type[0] != SLOT_DYNPTR)
		return 0;
	if (!vs_slot_reg(&f->stack[slot])->first_slot)
		slot++;
	if (slot >= f->nslots || !slot)
		return vs_bug(env, "half a dynptr on the stack");
	if (refcounted(vs_slot_reg(&f->stack[slot])->dynptr_type) &&
	    (!env->prof.clones_hold || holders(env, vs_slot_reg(&f->stack[slot])->ref_id) < 2))
		return vs_reject(env, VS_E_DYNPTR_REF);
	s.id = vs_slot_reg(&f->stack[slot])->id;
	vs_each_reg(env, env->cur, drop_slice, &s);
	set_slot(env, f, slot, SLOT_INVALID);
	set_slot(env, f, slot - 1, SLOT_INVALID);
	return 0;
}

bool
vs_dynptr_reg_uninit_ok(struct vs_env *env, const struct vs_reg *r)
{
	int slot;

	if (r->type == RT_CONST_DYNPTR)
		return false;
	slot = vs_dynptr_slot(env, r);
	return slot >= 0 || slot == -ERANGE;
}

bool
vs_dynptr_reg_init(struct vs_env *env, const struct vs_reg *r)
{
	struct vs_frame *f;
	int slot;

	if (r->type == RT_CONST_DYNPTR)
		return true;
	slot = vs_dynptr_slot(env, r);
	if (slot < 1)
		return false;
	f = vs_frame_of(env, r);
	read_slots(env, r, (uint32_t)slot, 2);
	return vs_slot_reg(&f->stack[slot])->first_slot && all_of(&f->stack[slot], SLOT_DYNPTR) &&
		all_of(&f->stack[slot - 1], SLOT_DYNPTR);
}

/* What a dynptr register says of its dynptr: on the stack, or itself. */
static const struct vs_reg *
dynptr_of(struct vs_env *env, const struct vs_reg *r)
{
	int slot;

	if (r->type == RT_CONST_DYNPTR)
		return r;
	slot = vs_dynptr_slot(env, r);
	return slot < 0 ? NULL : vs_slot_reg(&vs_frame_of(env, r)->stack[slot]);
}

static enum dynptr_type
type_of_flags(uint32_t flags)
{
	switch (flags & TF_DYNPTR_ANY) {
	case TF_DYNPTR_LOCAL: return DYNPTR_LOCAL;
	case TF_DYNPTR_RINGBUF: return DYNPTR_RINGBUF;
	case TF_DYNPTR_SKB: return DYNPTR_SKB;
	case TF_DYNPTR_XDP: return DYNPTR_XDP;
	case TF_DYNPTR_SKB_META: return DYNPTR_SKB_META;
	case TF_DYNPTR_FILE: return DYNPTR_FILE;
	}
	return DYNPTR_NONE;
}

uint32_t
vs_dynptr_flag(enum dynptr_type t)
{
	static const uint32_t flags[] = {
		[DYNPTR_LOCAL] = TF_DYNPTR_LOCAL, [DYNPTR_RINGBUF] = TF_DYNPTR_RINGBUF,
		[DYNPTR_SKB] = TF_DYNPTR_SKB, [DYNPTR_XDP] = TF_DYNPTR_XDP,
		[DYNPTR_SKB_META] = TF_DYNPTR_SKB_META, [DYNPTR_FILE] = TF_DYNPTR_FILE,
	};

	return flags[t];
}

bool
vs_dynptr_type_ok(struct vs_env *env, const struct vs_reg *r, uint32_t arg_flags)
{
	enum dynptr_type want = type_of_flags(arg_flags);

	return want == DYNPTR_NONE || want == vs_dynptr_type_of(env, r);
}

enum dynptr_type
vs_dynptr_type_of(struct vs_env *env, const struct vs_reg *r)
{
	const struct vs_reg *d = dynptr_of(env, r);

	return d ? d->dynptr_type : DYNPTR_NONE;
}

uint32_t
vs_dynptr_id(struct vs_env *env, const struct vs_reg *r)
{
	const struct vs_reg *d = dynptr_of(env, r);

	return d ? d->id : 0;
}

uint32_t
vs_dynptr_ref(struct vs_env *env, const struct vs_reg *r)
{
	const struct vs_reg *d = dynptr_of(env, r);

	return d ? d->ref_id : 0;
}

static void
dynptr_reg(struct vs_reg *r, enum dynptr_type t, bool first, uint32_t id, uint32_t ref)
{
	memset(r, 0, sizeof *r);
	r->type = RT_CONST_DYNPTR;
	r->id = id;
	r->ref_id = ref;
	r->dynptr_type = (uint8_t)t;
	r->first_slot = first;
}

void
vs_make_dynptr_reg(struct vs_env *env, struct vs_reg *r, enum dynptr_type t)
{
	dynptr_reg(r, t, true, ++env->next_id, 0);
}

int
vs_mark_dynptr(struct vs_env *env, const struct vs_reg *r, enum dynptr_type t, uint32_t insn_idx,
	       uint32_t clone_ref)
{
	struct vs_frame *f = vs_frame_of(env, r);
	int slot = vs_dynptr_slot(env, r);
	uint32_t id, ref = 0;

	if (slot < 1)
		return slot < 0 ? slot : -EINVAL;
	if (vs_destroy_if_dynptr(env, f, (uint32_t)slot) < 0 ||
	    vs_destroy_if_dynptr(env, f, (uint32_t)slot - 1) < 0)
		return env->r->err;
	id = ++env->next_id;
	if (refcounted((uint8_t)t))
		ref = clone_ref ? clone_ref : vs_acquire_ref(env, insn_idx);
	dynptr_reg(vs_slot_edit(env, &f->stack[slot]), t, true, id, ref);
	dynptr_reg(vs_slot_edit(env, &f->stack[slot - 1]), t, false, id, ref);
	set_slot(env, f, (uint32_t)slot, SLOT_DYNPTR);
	set_slot(env, f, (uint32_t)slot - 1, SLOT_DYNPTR);
	return 0;
}

static void
drop_dynptr(struct vs_env *env, struct vs_frame *f, uint32_t slot)
{
	set_slot(env, f, slot, SLOT_INVALID);
	set_slot(env, f, slot - 1, SLOT_INVALID);
}

int
vs_unmark_dynptr(struct vs_env *env, const struct vs_reg *r)
{
	struct vs_frame *f = vs_frame_of(env, r);
	int slot = vs_dynptr_slot(env, r);
	uint32_t ref;

	if (slot < 1)
		return slot < 0 ? slot : -EINVAL;
	ref = vs_slot_reg(&f->stack[slot])->ref_id;
	if (!refcounted(vs_slot_reg(&f->stack[slot])->dynptr_type)) {
		drop_dynptr(env, f, (uint32_t)slot);
		return 0;
	}
	/* Clones share the reference and die with it, as do slices. */
	if (vs_release_ref(env, ref) < 0)
		return vs_bug(env, "a dynptr without its reference");
	for (uint32_t i = 1; i < f->nslots; i++)
		if (all_of(&f->stack[i], SLOT_DYNPTR) && vs_slot_reg(&f->stack[i])->ref_id == ref &&
		    vs_slot_reg(&f->stack[i])->first_slot)
			drop_dynptr(env, f, i);
	return 0;
}

/* ---- iterators ------------------------------------------------------------------------------- */

int
vs_iter_slot(struct vs_env *env, const struct vs_reg *r, uint32_t nslots)
{
	if (r->type != RT_STACK)
		return -EINVAL;
	return object_slot(env, r, "iter", nslots);
}

bool
vs_iter_uninit_ok(struct vs_env *env, const struct vs_reg *r, uint32_t nslots)
{
	int slot = vs_iter_slot(env, r, nslots);

	if (slot == -ERANGE)
		return true;
	if (slot < 0)
		return false;
	for (uint32_t i = 0; i < nslots; i++)
		for (int b = 0; b < 8; b++)
			if (vs_frame_of(env, r)->stack[(uint32_t)slot - i].type[b] == SLOT_ITER)
				return false;
	return true;
}

int
vs_iter_init_ok(struct vs_env *env, const struct vs_reg *r, uint32_t btf_id, uint32_t nslots)
{
	int slot = vs_iter_slot(env, r, nslots);

	if (slot < 0)
		return -EINVAL;
	for (uint32_t i = 0; i < nslots; i++) {
		const struct vs_slot *s = &vs_frame_of(env, r)->stack[(uint32_t)slot - i];

		if (!all_of(s, SLOT_ITER))
			return -EINVAL;
		if (vs_slot_reg(s)->type & TF_UNTRUSTED)
			return -EPROTO;
		if (!vs_slot_reg(s)->ref_id != (i != 0) || vs_slot_reg(s)->iter_btf_id != btf_id)
			return -EINVAL;
	}
	read_slots(env, r, (uint32_t)slot, nslots);
	return 0;
}

int
vs_mark_iter(struct vs_env *env, const struct vs_reg *r, uint32_t btf_id, uint32_t nslots,
	     uint32_t insn_idx, uint32_t reg_flags)
{
	int slot = vs_iter_slot(env, r, nslots);
	uint32_t ref;

	if (slot < 0)
		return slot;
	ref = vs_acquire_ref(env, insn_idx);
	for (uint32_t i = 0; i < nslots; i++) {
		struct vs_frame *f = vs_frame_of(env, r);
		struct vs_reg *it = vs_slot_edit(env, &f->stack[(uint32_t)slot - i]);

		memset(it, 0, sizeof *it);
		it->type = RT_STACK | (reg_flags & (TF_RCU | TF_UNTRUSTED));
		it->ref_id = i ? 0 : ref;
		it->iter_btf_id = btf_id;
		it->iter_space = BTF_SPACE_VMLINUX;
		it->iter_state = ITER_ACTIVE;
		set_slot(env, f, (uint32_t)slot - i, SLOT_ITER);
	}
	return 0;
}

int
vs_unmark_iter(struct vs_env *env, const struct vs_reg *r, uint32_t nslots)
{
	int slot = vs_iter_slot(env, r, nslots);
	struct vs_frame *f = vs_frame_of(env, r);

	if (slot < 0)
		return slot;
	if (vs_release_ref(env, vs_slot_reg(&f->stack[slot])->ref_id) < 0)
		return vs_bug(env, "an iterator without its reference");
	for (uint32_t i = 0; i < nslots; i++)
		set_slot(env, f, (uint32_t)slot - i, SLOT_INVALID);
	return 0;
}

/* ---- saved interrupt flags -------------------------------------------------------------------- */

static int
irq_slot(struct vs_env *env, const struct vs_reg *r)
{
	return object_slot(env, r, "irq_flag", 1);
}

bool
vs_irq_uninit_ok(struct vs_env *env, const struct vs_reg *r)
{
	int slot = irq_slot(env, r);

	if (slot < 0)
		return slot == -ERANGE;
	for (int b = 0; b < 8; b++)
		if (vs_frame_of(env, r)->stack[slot].type[b] == SLOT_IRQ)
			return false;
	return true;
}

bool
vs_irq_init_ok(struct vs_env *env, const struct vs_reg *r)
{
	int slot = irq_slot(env, r);

	if (slot >= 0)
		read_slots(env, r, (uint32_t)slot, 1);
	return slot >= 0 && vs_slot_reg(&vs_frame_of(env, r)->stack[slot])->ref_id &&
		all_of(&vs_frame_of(env, r)->stack[slot], SLOT_IRQ);
}

int
vs_mark_irq(struct vs_env *env, const struct vs_reg *r, uint32_t insn_idx, uint8_t kind)
{
	int slot = irq_slot(env, r);
	struct vs_reg *s;

	if (slot < 0)
		return slot;
	s = vs_slot_edit(env, &vs_frame_of(env, r)->stack[slot]);
	memset(s, 0, sizeof *s);
	s->type = RT_STACK;
	s->ref_id = vs_acquire_irq(env, insn_idx);
	s->irq_kind = kind;
	set_slot(env, vs_frame_of(env, r), (uint32_t)slot, SLOT_IRQ);
	return 0;
}

int
vs_unmark_irq(struct vs_env *env, const struct vs_reg *r, uint8_t kind)
{
	int slot = irq_slot(env, r), err;
	const struct vs_state *st = env->cur;
	const struct vs_reg *s;

	if (slot < 0)
		return slot;
	s = vs_slot_reg(&vs_frame_of(env, r)->stack[slot]);
	if (s->irq_kind != kind)
		return vs_reject(env, VS_E_IRQ_KIND,
				 kind == IRQ_LOCK ? "lock" : "native",
				 s->irq_kind == IRQ_LOCK ? "lock" : "native");
	err = vs_release_irq(env, s->ref_id);
	if (err == -EACCES) {
		for (uint32_t i = 0; i < st->nrefs; i++)
			if (st->refs[i].id == st->active_irq_id)
				return vs_reject(env, VS_E_IRQ_ORDER, st->active_irq_id,
						 st->refs[i].insn);
		return vs_bug(env, "interrupt sections are out of order");
	}
	set_slot(env, vs_frame_of(env, r), (uint32_t)slot, SLOT_INVALID);
	return err;
}

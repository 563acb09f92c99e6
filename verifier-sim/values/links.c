/* SPDX-License-Identifier: MIT */
/* links.c: registers and slots that hold the same number, or the same plus a constant.
 *
 * A copied number shares its id with the copy. When a branch narrows one of them, all of them
 * are narrowed; so that backtracking can undo this, the branch's history entry names up to six
 * of them (five where frames may be sixteen), packed into 64 bits: a count of 4, then 10 or 11
 * each for frame, register or slot. */
#include "verifier-sim/env.h"

static uint32_t
plain_id(uint32_t id)
{
	return id & ~(uint32_t)VS_ADD_CONST;
}

static uint32_t
frame_bits(const struct vs_env *env)
{
	return env->prof.max_frames > 8 ? 4 : 3;
}

/* False when it is linked but one too many: it goes its own way from here. */
static bool
note(const struct vs_env *env, struct vs_links *l, const struct vs_reg *r, uint32_t id,
     uint32_t frame, uint32_t index, bool is_reg)
{
	if (r->type != RT_SCALAR || plain_id(r->id) != id)
		return true;
	if (l->n == (frame_bits(env) > 3 ? VS_MAX_LINKS - 1 : VS_MAX_LINKS))
		return false;
	l->at[l->n++] = (struct vs_link){(uint8_t)frame, (uint8_t)index, is_reg};
	return true;
}

void
vs_collect_links(struct vs_env *env, struct vs_state *st, uint32_t id, struct vs_links *l)
{
	id = plain_id(id);
	for (uint32_t f = st->curframe + 1; f-- > 0;) {
		struct vs_frame *fr = st->frame[f];
		uint32_t at = f == st->curframe ? env->insn_idx : st->frame[f + 1]->callsite;
		uint16_t live = env->fact[at].live_before;

		for (uint32_t i = 0; i < VS_FP; i++)
			if ((live >> i & 1) && !note(env, l, &fr->regs[i], id, f, i, true))
				fr->regs[i].id = 0;
		for (uint32_t i = 0; i < fr->nslots; i++)
			if (vs_slot_is_spill(&fr->stack[i]) &&
			    !note(env, l, vs_slot_reg(&fr->stack[i]), id, f, i, false))
				vs_slot_edit(env, &fr->stack[i])->id = 0;
	}
}

uint64_t
vs_pack_links(const struct vs_env *env, const struct vs_links *l)
{
	uint32_t frame = frame_bits(env);
	uint64_t v = 0;

	for (uint32_t i = l->n; i-- > 0;)
		v = v << (frame + 7) | l->at[i].frame | (uint64_t)l->at[i].index << frame |
			(uint64_t)l->at[i].is_reg << (frame + 6);
	return v << 4 | l->n;
}

void
vs_unpack_links(const struct vs_env *env, uint64_t v, struct vs_links *l)
{
	uint32_t frame = frame_bits(env);

	l->n = v & 15;
	v >>= 4;
	for (uint32_t i = 0; i < l->n && i < VS_MAX_LINKS; i++, v >>= frame + 7)
		l->at[i] = (struct vs_link){(uint8_t)(v & ((1u << frame) - 1)), v >> frame & 63,
					    v >> (frame + 6) & 1};
}

void
vs_sync_links(struct vs_env *env, struct vs_state *st, const struct vs_reg *known,
	      const struct vs_links *l)
{
	for (uint32_t i = 0; i < l->n; i++) {
		const struct vs_link *k = &l->at[i];
		struct vs_frame *f = st->frame[k->frame];
		const struct vs_reg *was = k->is_reg ? &f->regs[k->index]
			: vs_slot_reg(&f->stack[k->index]);
		int32_t off = was->off;
		uint32_t id = was->id;
		struct vs_reg *r, delta;

		if (was->type != RT_SCALAR || was == known || plain_id(id) != plain_id(known->id))
			continue;
		/* Sums of different widths say nothing of each other. */
		if (((id ^ known->id) & VS_ADD_CONST) == VS_ADD_CONST)
			continue;
		r = k->is_reg ? &f->regs[k->index] : vs_slot_edit(env, &f->stack[k->index]);
		if ((!(id & VS_ADD_CONST) && !(known->id & VS_ADD_CONST)) || off == known->off) {
			*r = *known;
			continue;
		}
		memset(&delta, 0, sizeof delta);
		delta.type = RT_SCALAR;
		vs_mark_known(&delta, (uint64_t)((int64_t)off - known->off));
		*r = *known;
		r->off = off;
		r->id = id;
		vs_add_ranges(r, &delta);
		if ((id | known->id) & VS_ADD_CONST32)
			vs_zext_32(r);
		if (env->prof.linked_subs)
			vs_bounds_sync(env, r);
	}
}

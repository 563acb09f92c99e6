/* SPDX-License-Identifier: MIT */
/* frame.c: the stack frame: objects first, by rising alignment so that little is lost between
 * them, then spill slots, which values with disjoint lives share. */
#include "compile/regs/ra.h"

#include <stdlib.h>

static void
place(struct ra *ra, struct ir_slot *s)
{
	uint32_t align = s->align > 8 ? 8 : s->align;

	ra->frame = (ra->frame + s->size + align - 1) / align * align;
	s->off = -(int32_t)ra->frame;
}

static uint32_t
end_of(const struct ra_value *x)
{
	const struct ra_ival *iv = x->first;

	while (iv->next)
		iv = iv->next;
	return ra_to(iv);
}

/* A spill slot that is free again at `end`. */
struct spill {
	uint32_t end;
	int32_t off;
};

static void
spill_slots(struct ra *ra)
{
	VEC(struct spill) slots = {0};

	ra->frame = (ra->frame + 7) & ~7u;
	for (uint32_t i = 0; i < ra->order.n; i++) {
		struct ra_value *x = &ra->val[ra->order.at[i]->v];
		uint32_t start = ra_from(x->first), k = 0;

		if (!x->spilled)
			continue;
		while (k < slots.n && slots.at[k].end > start)
			k++;
		if (k == slots.n) {
			ra->frame += 8;
			vec_push(ra->arena, &slots, ((struct spill){0, -(int32_t)ra->frame}));
		}
		slots.at[k].end = end_of(x);
		x->slot = slots.at[k].off;
	}
}

void
ra_frame(struct ra *ra)
{
	struct ir_fn *f = ra->f;

	for (uint32_t align = 1; align <= 8; align *= 2)
		for (uint32_t i = 0; i < f->slots.n; i++)
			if (!f->slots.at[i].dead &&
			    (f->slots.at[i].align > 8 ? 8 : f->slots.at[i].align) == align)
				place(ra, &f->slots.at[i]);
	spill_slots(ra);
}

/* SPDX-License-Identifier: MIT */
/* moves.c: parallel moves, one after the other.
 *
 * A move whose destination no other pending move still reads can go first. When every
 * pending destination is still read, the moves form cycles: one value is put aside in a
 * temporary, which opens its cycle. Memory to memory goes through the temporary too. With no
 * register free, one is parked in a scratch slot of the stack meanwhile. */
#include "compile/regs/ra.h"

static bool
same(struct ra_loc a, struct ra_loc b)
{
	return a.place == b.place && a.at == b.at;
}

static bool
is_read(const struct ra_move *m, uint32_t n, uint32_t except, struct ra_loc at)
{
	for (uint32_t i = 0; i < n; i++)
		if (i != except && same(m[i].from, at))
			return true;
	return false;
}

static uint32_t
drop_idle(struct ra_move *m, uint32_t n)
{
	uint32_t k = 0;

	for (uint32_t i = 0; i < n; i++)
		if (!same(m[i].to, m[i].from))
			m[k++] = m[i];
	return k;
}

static bool
through_memory(const struct ra_move *m)
{
	return m->to.place == RA_MEM && m->from.place != RA_REG;
}

bool
ra_needs_temp(const struct ra_move *moves, uint32_t n)
{
	struct ra_move copy[64];
	uint32_t left;

	for (uint32_t i = 0; i < n; i++)
		if (through_memory(&moves[i]))
			return true;
	if (n > 64)
		return true;
	memcpy(copy, moves, n * sizeof *moves);
	left = drop_idle(copy, n);
	for (uint32_t i = 0; i < left; ) {
		if (is_read(copy, left, i, copy[i].to)) {
			i++;
			continue;
		}
		copy[i] = copy[--left];
		i = 0;
	}
	return left != 0;
}

struct mover {
	ra_move_fn emit;
	void *ud;
	int temp;
	int32_t scratch;
};

/* Memory (or a leaf) to memory, or parking: with a temporary, or by way of a parked one. */
static void
emit_move(const struct mover *mv, const struct ra_move *m)
{
	struct ra_loc t = {RA_REG, mv->temp}, park = {RA_MEM, mv->scratch + 8};

	if (!through_memory(m)) {
		mv->emit(mv->ud, m->to, m->from);
		return;
	}
	if (mv->temp != RA_NONE) {
		mv->emit(mv->ud, t, m->from);
		mv->emit(mv->ud, m->to, t);
		return;
	}
	t.at = 0;
	mv->emit(mv->ud, park, t);
	mv->emit(mv->ud, t, m->from);
	mv->emit(mv->ud, m->to, t);
	mv->emit(mv->ud, t, park);
}

void
ra_parallel(struct ra_move *m, uint32_t n, int temp, int32_t scratch, ra_move_fn emit,
	    void *ud)
{
	struct mover mv = {emit, ud, temp, scratch};

	n = drop_idle(m, n);
	while (n) {
		bool moved = false;

		for (uint32_t i = 0; i < n; i++) {
			if (is_read(m, n, i, m[i].to))
				continue;
			emit_move(&mv, &m[i]);
			m[i] = m[--n];
			moved = true;
			i--;
		}
		if (!moved) {
			/* Cycles only: put one value aside and read it from there. */
			struct ra_loc aside = temp != RA_NONE
						      ? (struct ra_loc){RA_REG, temp}
						      : (struct ra_loc){RA_MEM, scratch};
			struct ra_loc was = m[0].from;

			emit_move(&mv, &(struct ra_move){aside, was});
			for (uint32_t i = 0; i < n; i++)
				if (same(m[i].from, was))
					m[i].from = aside;
			/* The temporary is taken until the cycle is done. */
			mv.temp = RA_NONE;
		}
	}
}

/* SPDX-License-Identifier: MIT */
/* fn.h: one function while it is emitted; for emit.c and returns.c. */
#ifndef VEERY_EMIT_FN_H
#define VEERY_EMIT_FN_H

#include "compile/emit/emit.h"

struct em_moves {
	struct ra_move *at;
	uint32_t n;
};

struct em_blk {
	struct em_moves in, out;	/* on entry, and before leaving */
	bool empty;			/* nothing but the jump: goes to its successor */
	uint32_t same_as;		/* another block that does the same, or 0 */
	bool gone;			/* returns.c: its value is in r0 before it is reached */
	ref early;			/* returns.c: the return whose value is put in r0 here,
					 * before the branch; or 0 */
	uint32_t start;
};

struct em_fix {
	uint32_t insn, blk;
};

struct fn_em {
	struct em *em;
	struct ir_fn *f;
	struct ra *ra;
	struct em_blk *blk;		/* [f->blk.n]: any exit of the function */
	VEC(struct em_fix) fixes;
	VEC(struct part_move { uint32_t pos; struct ra_move m; }) parts;
	uint32_t part;			/* next of parts */
	span at;
	bool long_jumps, r0_held;	/* some block is gone */
	int32_t scratch;		/* 16 bytes for cyclic moves, 0 while not needed */
	uint32_t *insn_at;		/* first instruction of each position / 2 */
};

/* returns.c: find constants that can be returned early. Registers are allocated and the moves
 * of the edges are known. */
void em_early_returns(struct fn_em *e);

#endif

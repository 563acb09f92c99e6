/* SPDX-License-Identifier: MIT */
/* ra.h: register allocation: live ranges, intervals, the scan, and where each value is.
 *
 * Instructions are numbered in block order; number i reads its operands at position 2i and
 * writes its result at 2i + 1. A value dying at i and the result of i may share a register;
 * an operand that must survive the write is kept until 2i + 2 ("late"). */
#ifndef VEERY_RA_H
#define VEERY_RA_H

#include "compile/ir/ir.h"

enum { RA_NREGS = 10, RA_NONE = -1 };

struct ra_range {
	uint32_t from, to;	/* [from, to) */
	struct ra_range *next;
};

struct ra_use {
	uint32_t pos;
	bool must;		/* needs a register; others may come from memory */
	struct ra_use *next;
};

struct ra_ival {		/* a value, or a part of one after splitting */
	ref v;
	int8_t reg;		/* RA_NONE: in memory */
	struct ra_range *ranges, *last;
	struct ra_range *cursor;	/* first range not yet passed by the scan */
	struct ra_use *uses;
	struct ra_ival *next;	/* the part after this one */
	struct ra_ival *prev;
	struct ra_ival *chain;	/* link in the inactive list */
};

struct ra_value {
	struct ra_ival *first;	/* null for leaves and unused values */
	struct ra_ival *near;	/* where the last question was answered */
	int8_t hint;		/* register preferred by users, or RA_NONE */
	ref like;		/* value whose register is preferred, or 0 */
	bool spilled;		/* lives in memory somewhere: stored where it is defined */
	int32_t slot;		/* offset from r10 when spilled */
	uint32_t def;
};

struct ra_block {
	uint32_t from, to;	/* positions */
	VEC(ref) in;		/* values live at the start, without the phis */
};

struct ra {
	struct ir_fn *f;
	struct arena *arena;
	struct ra_value *val;	/* by ref */
	struct ra_block *blk;	/* by block */
	uint32_t *pos;		/* by ref */
	VEC(uint32_t) calls;	/* positions where r0..r5 are overwritten */
	VEC(uint32_t) r0;	/* positions where only r0 is */
	VEC(struct ra_ival *) order;	/* by start */
	uint32_t frame;		/* bytes of stack used so far */
};

/* live.c: numbering, live sets, intervals, hints */
void ra_live(struct ra *ra);
/* scan.c */
void ra_scan(struct ra *ra);
/* Where v is at a position: a register, or RA_NONE for its stack slot. */
int ra_where(const struct ra *ra, ref v, uint32_t pos);
static inline uint32_t
ra_from(const struct ra_ival *iv)
{
	return iv->ranges->from;
}
static inline uint32_t
ra_to(const struct ra_ival *iv)
{
	return iv->last->to;
}

/* frame.c: offsets of stack objects and spill slots */
void ra_frame(struct ra *ra);

/* moves.c: many moves at once */
enum ra_place { RA_REG, RA_MEM, RA_LEAF };
struct ra_loc {
	uint8_t place;
	int32_t at;		/* register, offset from r10, or leaf */
};
struct ra_move {
	struct ra_loc to, from;
};
typedef void (*ra_move_fn)(void *ud, struct ra_loc to, struct ra_loc from);
/* Emits moves one after the other with the effect of all at once. `temp` is a register that
 * may be overwritten, or RA_NONE: then `scratch` is the offset of 16 free bytes of stack. */
void ra_parallel(struct ra_move *moves, uint32_t n, int temp, int32_t scratch, ra_move_fn emit,
		 void *ud);
/* True when ra_parallel would need the temporary. */
bool ra_needs_temp(const struct ra_move *moves, uint32_t n);

#endif

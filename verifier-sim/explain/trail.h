/* SPDX-License-Identifier: MIT */
/* trail.h: the path that failed, with everything that changed on it; and the value at fault
 * followed backwards through it. What explanations are made of.
 *
 * A location ("loc") is a register or a stack slot of one frame. The trail is a journal: for
 * each step (one instruction walked) the locations it changed, with their new contents, each
 * record linked to the one before it for the same location. Taking up a pending branch cuts
 * the journal back to where the paths parted, so what stands in it is one path from the
 * program's entry to the present. */
#ifndef VEERY_VS_TRAIL_H
#define VEERY_VS_TRAIL_H

#include "verifier-sim/env.h"

enum { TR_FRAME = VS_REGS + VS_SLOTS, TR_LOCS = VS_FRAMES * TR_FRAME, TR_NONE = UINT32_MAX };

struct tr_rec {
	uint32_t step;
	uint32_t prev;		/* index + 1 of the location's record before this one; 0: none */
	uint16_t loc;
	bool only_id;		/* the value is the same, it merely got an id */
	uint8_t slot[8];	/* slots: enum slot_type of each byte */
	struct vs_reg reg;
};

struct tr_step {
	uint32_t insn;		/* TR_NONE: the entry (or where a very long path was cut) */
	uint32_t recs;		/* index of its first record */
	uint32_t acquired, released;	/* reference ids, 0: none */
	uint8_t frame;		/* of the instruction */
	uint8_t frame_after;
	uint8_t locks, rcu, preempt;	/* depths after it */
};

struct vs_trail {
	VEC(struct tr_step) steps;
	VEC(struct tr_rec) recs;
	uint32_t last[TR_LOCS];	/* index + 1 of the newest record */
	uint32_t high[VS_FRAMES];	/* slots ever seen in use */
	uint32_t cut;		/* steps forgotten at the front */
	uint32_t *visits;	/* per instruction, on all paths */
	uint32_t *forks;	/* per instruction: how often it left a second way to be walked */
	bool acquires;		/* references were ever taken */
	uint32_t nref;
	uint32_t refs[64];	/* ids held */
};

/* A location of a frame. */
static inline uint16_t
tr_reg(uint32_t frame, uint32_t reg)
{
	return (uint16_t)(frame * TR_FRAME + reg);
}
static inline uint16_t
tr_slot(uint32_t frame, uint32_t slot)
{
	return (uint16_t)(frame * TR_FRAME + VS_REGS + slot);
}
static inline bool
tr_is_slot(uint16_t loc)
{
	return loc % TR_FRAME >= VS_REGS;
}

/* ---- trail.c ---- */
void vs_trail_init(struct vs_env *env);
void vs_trail_entry(struct vs_env *env);	/* a walk begins */
void vs_trail_step(struct vs_env *env);		/* before an instruction */
void vs_trail_effect(struct vs_env *env);	/* after it */
uint32_t vs_trail_mark(struct vs_env *env);	/* a branch is left pending */
void vs_trail_rewind(struct vs_env *env, uint32_t mark);	/* a pending branch was taken up */
/* The record that holds a location's contents before step `step`; null: never written. */
const struct tr_rec *tr_before(const struct vs_trail *t, uint16_t loc, uint32_t step);

/* ---- slice.c: where a value comes from ---- */

enum tr_how {
	HOW_NEVER,		/* nothing was ever written there */
	HOW_ENTRY,		/* as the program, global function or callback found it */
	HOW_CONST,		/* a constant, or the address of a map or function */
	HOW_COPY,
	HOW_CUT,		/* copied with fewer bits: 32-bit move, sign extension */
	HOW_ALU,		/* computed in place */
	HOW_LOAD,		/* read from memory */
	HOW_FILL,		/* read back from the stack */
	HOW_STORE,		/* a slot: written from a register, or with a constant */
	HOW_CALL,		/* what a helper or kernel function returned */
	HOW_ARG,		/* a function's parameter: the caller's register */
	HOW_RETURN,		/* what a function of the program returned */
	HOW_GONE,		/* destroyed by a call: r1 to r5 */
	HOW_LOST,		/* the call took it away: packet moved, reference released */
};

struct tr_node {
	uint16_t loc;
	uint32_t at;		/* the contents before this step ... */
	uint32_t def;		/* ... were made by this one (index into steps) */
	enum tr_how how;
	const struct tr_rec *rec;	/* as it was made; null with HOW_NEVER */
	uint32_t used_by;	/* index of the node it went into */
	bool same;		/* the very value in question: only copied, saved, handed over */
	bool index;		/* a number added to a pointer on the way */
};

enum { TR_NODES = 48, TR_NARROWS = 32 };

struct tr_slice {
	uint32_t n, nnarrow;
	struct tr_node nodes[TR_NODES];	/* [0] is the value in question */
	struct tr_node narrow[TR_NARROWS];	/* conditions that told something: def is the
						 * jump, rec what was known after it */
};

void tr_follow(const struct vs_env *env, uint16_t loc, uint32_t step, struct tr_slice *s);
/* What made the contents of a location, conditions passed over. */
struct tr_node tr_origin(const struct vs_env *env, uint16_t loc, uint32_t step);
/* The same value in both slices: indices of the nodes, or false. */
bool tr_meet(const struct tr_slice *a, const struct tr_slice *b, uint32_t *ia, uint32_t *ib);
/* Two loads read the same place: the same bytes of the same object. */
bool tr_same_load(const struct vs_env *env, const struct tr_node *a, const struct tr_node *b);
/* The store at `step` writes the place that a load reads. */
bool tr_same_place(const struct vs_env *env, const struct tr_node *load, uint32_t step);
/* The way a conditional jump at this step went: true when it jumped. */
bool tr_jumped(const struct vs_env *env, uint32_t step);
bool tr_is_test(const struct bpf_insn *in);	/* a conditional jump */

#endif

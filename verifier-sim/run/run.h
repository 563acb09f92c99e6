/* SPDX-License-Identifier: MIT */
/* run.h: the reference interpreter: executes a program of an image on given input, checking
 * every access against the object it must lie in.
 *
 * It knows nothing of the verifier. It exists to show that a rejected program really fails
 * on some input, and to test that what the verifier claims about accepted programs is true:
 * `step` sees every register before every instruction. */
#ifndef VEERY_RUN_H
#define VEERY_RUN_H

#include "base/arena.h"
#include "image/image.h"

enum { RUN_MAX_FRAMES = 8, RUN_STACK = 512 };

enum run_end {
	RUN_EXIT,		/* returned; r0 holds the value */
	RUN_FAULT,		/* did what no accepted program may do: `what` says */
	RUN_STEPS,		/* out of steps */
	RUN_UNSUPPORTED,	/* needs something that is not modelled: `what` names it */
};

/* What a faulting access went through: an object (or it was no access), null (the first page),
 * or a number that is no address here and may be one in a kernel. */
enum run_through { RUN_OBJECT, RUN_NULL, RUN_WILD };

/* What an address or register refers to. */
enum run_kind { RUN_NONE, RUN_STACK_FRAME, RUN_CTX, RUN_PACKET, RUN_MAP, RUN_VALUE, RUN_RECORD };

/* What is up to the world around the program. */
enum run_choice {
	RUN_NUMBER,	/* what a helper returns: n bytes */
	RUN_BYTES,	/* what a helper writes: n bytes */
	RUN_CONTENTS,	/* a map element that comes to be there */
	RUN_MISSING,	/* one byte: 1 when what was asked for is not to be had */
};

struct run_step {		/* what `step` is shown */
	uint32_t insn;		/* about to be executed */
	uint32_t frame;		/* 0 is the entry program's */
	const uint64_t *regs;	/* r0..r10 of this frame */
	uint16_t written;	/* bit r: this register has been given a value in this frame */
};

struct run_opts {
	uint64_t max_steps;		/* 0: one million */
	uint64_t seed;			/* of random numbers, clocks and the like */
	const void *packet;		/* for program types that have one; copied */
	uint32_t packet_len;
	const void *ctx;		/* bytes of the context struct (data pointers are filled
					 * in); null: zeroes */
	uint32_t ctx_len;
	/* Called before each instruction; false ends the run as RUN_FAULT with `what` kept. */
	bool (*step)(void *user, const struct run_step *s);
	/* Shown every such choice with the answer the run would give; may change it. */
	void (*choose)(void *user, enum run_choice what, void *bytes, uint32_t n);
	void *user;
	bool strict_stack;		/* reading stack bytes that were never written is a fault */
};

struct run_result {
	enum run_end end;
	uint64_t r0;
	uint32_t insn;			/* where it ended */
	uint64_t steps;
	const char *what;		/* of a fault or the unsupported thing; or null */
	enum run_through through;	/* of a fault */
	const uint8_t *packet;		/* as the program left it */
	uint32_t packet_len;
};

/* The program's maps, kept from run to run: contents stay. */
struct run_maps;
struct run_maps *run_maps_new(const struct image *im, struct arena *a);
/* The value of a key in map `map`, or null. For tests. */
const void *run_map_lookup(struct run_maps *m, uint32_t map, const void *key);

/* Memory comes from `a`, as much as the program's objects need; nothing outlives it. */
void run_prog(const struct image *im, const struct image_prog *p, struct run_maps *maps,
	      const struct run_opts *o, struct arena *a, struct run_result *r);
/* What a 64-bit value would point to, and the offset into it, as this run laid memory out;
 * valid inside `step`. */
enum run_kind run_address_kind(uint64_t value, uint32_t *offset);

#endif

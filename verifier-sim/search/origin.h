/* SPDX-License-Identifier: MIT */
/* origin.h: where values come from during a run; private to this folder.
 *
 * Beside each register of a run stands its origin: the input bytes it was read from and the
 * operations done to them since, each with the other operand as the number it was in this
 * run. Turned round, they say which input would have made the register another value. */
#ifndef VEERY_SEARCH_ORIGIN_H
#define VEERY_SEARCH_ORIGIN_H

#include "verifier-sim/run/vm.h"
#include "search.h"

enum origin_kind {
	FROM_NOWHERE,
	FROM_PACKET,	/* bytes of the packet from `off` */
	FROM_CTX,
	FROM_LENGTH,	/* the packet's end: its length plus a constant */
	FROM_CHOICE,	/* bytes of choice `id` */
	FROM_PRESENCE,	/* 0 when choice `id` is "missing"; `off` 1: the other way round */
	FROM_ARRAY,	/* bytes of object `id`, an array's values */
};

enum { NO_HELPER = UINT32_MAX };	/* a kernel function is called */
enum { MAX_PAIRS = 32 };
enum { MAX_OPS = 8, MAX_CHOICES = 64, MAX_PACKET = 1600, MAX_CTX = 512 };

struct origin {
	uint8_t kind, size, nops;
	uint32_t id, off;
	struct {
		uint8_t code, width;
		bool swapped;
		uint8_t pair;	/* the other operand has an origin too: its number, plus one */
		uint64_t with;
	} ops[MAX_OPS];
};

/* One answer of the world. */
struct choice {
	enum run_choice what;
	uint32_t insn;
	uint32_t n;
	bool decided;			/* else as the run would have it */
	uint8_t *bytes;
};

struct array_poke {
	uint32_t object, off, size;
	uint64_t v;
};

/* An input: everything the world decides. */
struct world {
	uint8_t packet[MAX_PACKET];
	bool packet_set[MAX_PACKET];
	uint32_t len;
	uint8_t ctx[MAX_CTX];
	bool ctx_set[MAX_CTX];
	struct choice choices[MAX_CHOICES];
	struct array_poke pokes[8];
	uint32_t npokes;
};

struct byte_origin {
	uint8_t kind;
	uint32_t id, off;
};

struct flow {			/* origins in one run */
	struct origin regs[RUN_MAX_FRAMES][11];
	struct origin slots[RUN_MAX_FRAMES][RUN_STACK / 8];	/* of spilled registers */
	uint8_t slot_size[RUN_MAX_FRAMES][RUN_STACK / 8];
	struct byte_origin bytes[RUN_MAX_FRAMES][RUN_STACK];
	uint32_t frame;
	uint32_t call;			/* helper called by the instruction before, or 0 */
	uint32_t lasting;		/* objects below this one are the maps' */
	uint64_t args[6];		/* its arguments */
	uint32_t number, presence;	/* choices made during it, plus one */
	uint32_t contents;
	uint32_t elements[64], element_of[64], nelements;	/* objects, and their choice */
	bool presence_inverted;
	/* What was stored elsewhere than on the stack, latest last. */
	struct { uint64_t addr; uint32_t n; struct origin o; } cells[32];
	uint32_t ncells;
	struct origin pairs[MAX_PAIRS];	/* what was joined to other values, bit by bit */
	uint32_t npairs;
	uint32_t ctx_load;	/* register just read from the context, plus one */
	uint64_t packet_base;	/* address of the packet's first byte, once seen */
};

/* flow.c */
/* Before each instruction: what the one before did is concluded. */
void flow_arrive(struct flow *f, const struct run_step *s);
void flow_step(struct flow *f, const struct bpf_insn *in, const struct run_step *s,
	       const struct run_maps *maps);
/* Choice number `seq` was made for the call under way. */
void flow_choice(struct flow *f, const struct choice *c, uint32_t seq);
/* Change the world so that what has this origin is v; false when it cannot be. */
bool world_set(struct world *w, const struct flow *f, const struct origin *o, uint64_t v);

/* words.c: `packet` says whether the run looked at it. */
const char *world_words(const struct image *im, const struct image_prog *p,
			const struct world *w, uint32_t nchoices, bool packet,
			struct arena *a);

/* loop.c: does the loop whose turns pass `head` go round for ever? */
struct turns {
	uint32_t head;
	uint32_t *trace, n, cap;	/* instructions since it was last there */
	uint64_t regs[11];		/* as they were then */
	uint32_t frame;
	bool begun, endless;
};
/* Before each instruction; true when it is certain. */
bool turns_step(struct turns *t, const struct image_prog *p, const struct run_step *s);
const char *world_listing(const struct image *im, const struct image_prog *p,
			  const struct world *w, uint32_t nchoices, struct arena *a);

#endif

/* SPDX-License-Identifier: MIT */
/* explain.h: why a program was rejected, as data: what the failing instruction needed, what
 * was known instead, and the steps by which it came to be so.
 *
 * The first walk keeps nothing for this, so accepted programs pay nothing. An explanation
 * walks the path that failed a second time with everything recorded (trail.c), follows the
 * value at fault backwards through the record (slice.c), and puts what is left into words
 * (explain.c and one file per family of faults). Places are instructions: whoever has the
 * source turns them into spans by image_prog.src. */
#ifndef VEERY_EXPLAIN_H
#define VEERY_EXPLAIN_H

#include "verifier-sim/verify.h"

/* What a value, place or thing must be for the instruction to be allowed: the unit that
 * fixes and searches for an input work from. */
enum vs_need_kind {
	NEED_NONE,
	NEED_NOT_NULL,		/* the pointer tested before this use */
	NEED_BYTES,		/* bytes [lo, hi) from the start of an object of `size` bytes */
	NEED_RANGE,		/* a scalar within [lo, hi] */
	NEED_INIT,		/* a register, or bytes [lo, hi) of the stack, written before */
	NEED_POINTER,		/* a pointer, where a plain number is */
	NEED_SCALAR,		/* a number, where a pointer is */
	NEED_RELEASE,		/* reference, record, lock, section to be given back on this path */
	NEED_HELD,		/* lock, RCU section or reference to be held here */
	NEED_BOUND,		/* a loop, to be shown to end; or less work */
	NEED_ABSENT,		/* the instruction, helper or map may not be used here at all */
};

struct vs_need {
	enum vs_need_kind kind;
	int reg;		/* register at the failing instruction, -1: none */
	const char *name;	/* the value in the user's words, or null */
	const char *object;	/* the memory meant: "the packet", "value of `counts`", or null */
	uint32_t made;		/* instruction that made the value */
	int64_t lo, hi;		/* what is needed (see kind) */
	int64_t have_lo, have_hi;	/* what is known of the value or offset */
	int64_t size;		/* bytes of the object known to be there, -1: unknown */
	bool is_array;		/* the memory is a whole array of the source's */
	/* Packets: a variable that holds a position, and how far behind it the access ends. */
	const char *base;
	int64_t reach;
	bool is_checked;	/* the end of the access was compared, to no avail */
	bool is_bounded;	/* have_lo and have_hi mean anything */
	const char *varying;	/* the number that says how many bytes are meant, or null */
	const char *release;	/* the function that gives back what is held, or null */
};

enum vs_step_kind {
	STEP_MADE,		/* the value came into being: call, load, constant, argument */
	STEP_MOVED,		/* copied, computed from another */
	STEP_BRANCH,		/* a condition on the path, and the way it went */
	STEP_NARROWED,		/* a condition that told something about the value */
	STEP_MISSED,		/* a condition on a relative of the value, that told nothing */
	STEP_LOST,		/* knowledge ended: truncation, call that moved the packet, ... */
	STEP_SPILLED, STEP_RELOADED,
	STEP_ACQUIRED, STEP_RELEASED,
	STEP_HOT,		/* walked often: `count` times */
};

struct vs_step {
	enum vs_step_kind kind;
	uint32_t insn;
	uint64_t count;
	const char *label;	/* a few words that fit beside the place */
};

struct vs_explanation {
	const char *code;	/* as in verify_result */
	const char *headline;	/* in the user's words where there are any */
	uint32_t at;		/* the failing instruction */
	const char *at_label;
	uint32_t root;		/* the place to change: often `at`, often an earlier step */
	const char *root_label;
	/* In a C source: a place that no instruction has, in the file of root; 0: root's own. */
	uint32_t root_line, root_col;
	VEC(struct vs_step) steps;	/* in the order executed */
	VEC(const char *) facts;	/* decimal, with units */
	VEC(const char *) helps;
	VEC(struct vs_need) needs;	/* the first is the one that failed */
	/* The whole path: every instruction executed up to the fault, in order (bounded: the
	 * last ones of very long paths), to direct the search for an input. */
	const uint32_t *path;
	uint32_t npath;
	const char *kernel_message;
	bool rule;		/* only the verifier forbids it: no run goes wrong by it */
	VEC(const char *) state;	/* what is known of each variable where it failed */
	const char *unseen;	/* what the verifier does not see if it is wrong here; or null */
	bool is_holding;	/* references, locks or the like are held at the fault */
	bool is_prototype;	/* a global function's prototype is at fault, not what it does */
	const char *packet_end;	/* a variable that holds the packet's end, or null */
};

/* Explain a rejection that verify_prog() reported for the same arguments. Always fills *x,
 * with less when less can be known. Memory comes from `a`. */
void verify_explain(const struct image *im, const struct image_prog *p,
		    const struct verify_opts *o, const struct verify_result *r,
		    struct arena *a, struct vs_explanation *x);

#endif

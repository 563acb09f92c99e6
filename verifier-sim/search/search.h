/* SPDX-License-Identifier: MIT */
/* search.h: is a rejected program really wrong? Looks for an input on which it fails.
 *
 * The interpreter (run/run.h) is led along the path on which the verifier found the fault: where
 * a branch would go another way, the input that its operand came from is changed so that it
 * goes the right way. At the failing instruction the operand's input is then driven to its
 * extremes. Only what the interpreter itself meets as a fault, at that instruction, counts. */
#ifndef VEERY_SEARCH_H
#define VEERY_SEARCH_H

#include "verifier-sim/explain/explain.h"

struct vs_input {
	bool found;
	uint32_t tries;		/* runs made */
	const char *missing;	/* not found: what the interpreter does not model, or null */
	const char *text;	/* found: the input in words: "a 20-byte packet" */
	const char *fault;	/* ... and what happens then */
	const uint8_t *packet;	/* null when none is part of it */
	uint32_t packet_len;
	const char *listing;	/* everything chosen, one line each, for keeping */
};

/* `x` explains `r`, a rejection of the program. Deterministic; `steps` bounds the work in
 * instructions executed (0: a million, some ten milliseconds). */
void verify_search(const struct image *im, const struct image_prog *p,
		   const struct verify_result *r, const struct vs_explanation *x,
		   uint64_t steps, struct arena *a, struct vs_input *out);

#endif

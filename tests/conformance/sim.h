/* SPDX-License-Identifier: MIT */
/* sim.h: the simulator's verdicts on many programs, safe from its crashes. */
#ifndef VEERY_CONFORMANCE_SIM_H
#define VEERY_CONFORMANCE_SIM_H

#include "outcome.h"
#include "verifier-sim/verify.h"

/* The program to judge as number i: made in the arena, which is emptied afterwards. */
struct sim_source {
	uint32_t count;
	void (*get)(void *self, uint32_t i, struct arena *a, const struct image **im,
		    const struct image_prog **p);
	void *self;
};

struct outcome sim_try(const struct image *im, const struct image_prog *p,
		       const struct verify_opts *opts, struct arena *a);
/* Judges all in child processes: one that dies or takes longer than `seconds` costs its
 * program a BUG outcome and the rest go on in a new child. out[i] for each i, messages in
 * the arena. */
void sim_try_all(const struct sim_source *src, const struct verify_opts *opts,
		 unsigned seconds, struct outcome *out, struct arena *a);

#endif

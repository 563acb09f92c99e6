/* SPDX-License-Identifier: MIT */
/* timing.h: how long verification takes, here and in the kernel, in the same run. */
#ifndef VEERY_CONFORMANCE_TIMING_H
#define VEERY_CONFORMANCE_TIMING_H

#include "corpus.h"
#include "kernel.h"
#include "sim.h"

struct timing {
	uint64_t kernel_ns, sim_ns;
};

struct timing_opts {
	struct kernel *kernel;
	const struct verify_opts *verify;
	uint64_t heavy_ns;	/* programs that take the kernel this long get a line */
};

/* One program: {0, 0} when the kernel does not judge it. */
struct timing timing_of(const struct timing_opts *o, const struct image *im,
			const struct image_prog *p, struct arena *a);
void timing_print_line(const char *name, struct timing t);
/* Every program of the corpus; lines for the heavy ones and the sum. */
void timing_print(const struct timing_opts *o, const struct corpus *corpus);

#endif

/* SPDX-License-Identifier: MIT */
/* gen.h: random programs with a structure, most of which mean to be right. */
#ifndef VEERY_GEN_H
#define VEERY_GEN_H

#include "base/arena.h"
#include "image/image.h"

struct gen_case {
	struct image *im;
	struct image_prog *prog;
};

/* The same seed gives the same program. */
void gen_program(uint64_t seed, struct arena *a, struct gen_case *out);

#endif

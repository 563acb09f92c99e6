/* SPDX-License-Identifier: MIT */
/* shrink.h: makes a program small while something stays true of it. */
#ifndef VEERY_SHRINK_H
#define VEERY_SHRINK_H

#include "base/arena.h"
#include "image/image.h"

/* Asks about a candidate; the arena is emptied after each question. */
typedef bool shrink_keeps(void *user, const struct image *im, const struct image_prog *p,
			  struct arena *a);

/* Deletes instructions (jumps, relocations and functions follow) and flattens constants as
 * long as `keeps` says yes. `p` is replaced by the smallest program found, made in `a`. */
void shrink_prog(const struct image *im, struct image_prog **p, shrink_keeps *keeps, void *user,
		 struct arena *a);

#endif

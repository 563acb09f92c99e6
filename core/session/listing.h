/* SPDX-License-Identifier: MIT */
/* listing.h: a program's instructions as text, each run under the source line it came from. */
#ifndef VEERY_LISTING_H
#define VEERY_LISTING_H

#include "base/buf.h"
#include "image/image.h"

/* `12: (b7) r0 = 0` lines; before the first instruction of a source line, `; file:line  text`.
 * Calls into maps show the map's name, subprogram starts their label. */
void program_listing(struct buf *out, const struct image *im, const struct image_prog *p);

#endif

/* SPDX-License-Identifier: MIT */
/* gen.h: a file's structs and constants for programs in other languages. */
#ifndef VEERY_GEN_H
#define VEERY_GEN_H

#include "work.h"

/* Is it a language of `veery compile --gen`, or "all"? */
bool gen_knows(const char *language);
/* Write the definitions beside `object`, the object's path: NAME.h, NAME_types.go...; a status.
 * `languages` is a list between commas. */
int gen_write(struct work *w, const char *languages, const char *object);

#endif

/* SPDX-License-Identifier: MIT */
/* logs.h: what the kernel said of a program, as loaders and loggers show it, is read back the
 * same: the words, the row of errors.def, the instruction and the path before it. */
#ifndef VEERY_REJECTIONS_LOGS_H
#define VEERY_REJECTIONS_LOGS_H

#include "base/arena.h"
#include "base/str.h"
#include "verifier-sim/verify.h"

/* Null, or what is read differently. */
const char *logs_check(str log, const struct verify_result *v, struct arena *a);

#endif

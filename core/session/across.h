/* SPDX-License-Identifier: MIT */
/* across.h: where a program's verdict changes: from kernel to kernel, and with the value of a
 * switch that is set before loading. */
#ifndef VEERY_SESSION_ACROSS_H
#define VEERY_SESSION_ACROSS_H

#include "base/buf.h"
#include "check.h"

/* What a rejected program wants that the kernel it was judged for lacks, when a later one has
 * it: "`bpf_loop` does not exist there". Sets *since. Null when nothing is missing that the
 * tables know of. */
const char *across_missing(struct arena *a, const struct checked *c, uint16_t *since);

/* Two kernels judged a program differently; the first version of the newer behaviour, found by
 * judging what lies between. `old` and `newer` hold verdicts by rules of their own kernel. */
uint16_t across_change(const struct checked *old, const struct checked *newer);

/* "rejected before 5.17: `bpf_loop` does not exist there", one line for each change between
 * neighbours of `all` (n verdicts on the same program, by rising kernel). */
void across_kernels(struct buf *out, const struct checked *all, unsigned n);

/* For each read-only boolean of the object: a line when the verdict would change if it were
 * set the other way. */
void across_switches(struct buf *out, const struct checked *c);

#endif

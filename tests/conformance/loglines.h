/* SPDX-License-Identifier: MIT */
/* loglines.h: two logs line by line. */
#ifndef VEERY_CONFORMANCE_LOGLINES_H
#define VEERY_CONFORMANCE_LOGLINES_H

#include <stdint.h>

struct loglines {
	uint64_t lines, same;		/* of the kernel's log; found again, in order */
	char ours[400], theirs[400];	/* where they first part; empty when nowhere */
	uint32_t at;			/* line of the kernel's log, from 1 */
};

/* Addresses and times are no difference: no two runs have the same. */
void loglines_compare(const char *kernel, const char *ours, struct loglines *r);

#endif

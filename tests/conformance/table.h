/* SPDX-License-Identifier: MIT */
/* table.h: comparing the simulator's outcomes with a kernel's. */
#ifndef VEERY_CONFORMANCE_TABLE_H
#define VEERY_CONFORMANCE_TABLE_H

#include "outcome.h"

/* X(name, option text): what one comparison can be. The first of the rejections that
 * applies is it. */
#define MATCH_CLASSES(X) \
	X(SAME, "same") \
	X(SKIPPED, "skipped") \
	X(FALSE_ACCEPT, "false-accept") \
	X(FALSE_REJECT, "false-reject") \
	X(NOT_MODELLED, "unknown") \
	X(OUR_BUG, "bug") \
	X(OTHER_INSN, "insn")		/* both reject, at different instructions */ \
	X(OTHER_MESSAGE, "message")	/* both reject there, with different words */ \
	X(OTHER_WORK, "processed")	/* both accept, work differs by more than 20 % */

enum match {
#define X(name, text) MATCH_##name,
	MATCH_CLASSES(X)
#undef X
	MATCH_COUNT
};

const char *match_name(enum match m);
/* MATCH_COUNT when there is no such class. */
enum match match_named(const char *name);
enum match match_of(const struct outcome *kernel, const struct outcome *sim);

struct tally {
	uint32_t n[MATCH_COUNT];
	uint32_t both_accept, both_reject, same_message;
	uint64_t kernel_ns, sim_ns;	/* of programs that have both times */
};

void tally_add(struct tally *t, const struct outcome *kernel, const struct outcome *sim);
void tally_print(const struct tally *t, const char *title);
/* The goals as tests in TAP: verdicts, instructions, messages, work. True when all are met. */
bool tally_tap(const struct tally *t, const char *with);

#endif

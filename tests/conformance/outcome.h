/* SPDX-License-Identifier: MIT */
/* outcome.h: what became of one program, in the kernel or in the simulator. */
#ifndef VEERY_OUTCOME_H
#define VEERY_OUTCOME_H

#include "base/arena.h"
#include "base/str.h"

#include <stdio.h>

/* X(name, text in result files) */
#define OUTCOME_KINDS(X) \
	X(NONE, "none")		/* not tried */ \
	X(ACCEPT, "accept") \
	X(REJECT, "reject") \
	X(SKIP, "skip")		/* not permitted, or a map it needs cannot be made */ \
	X(UNKNOWN, "unknown")	/* the simulator does not model something */ \
	X(BUG, "bug")		/* the simulator's own fault; crashes too */

enum outcome_kind {
#define X(name, text) OUTCOME_##name,
	OUTCOME_KINDS(X)
#undef X
};

struct outcome {
	uint64_t key;		/* of the program it belongs to */
	enum outcome_kind kind;
	int err;		/* negative errno of BPF_PROG_LOAD */
	int32_t insn;		/* where it was rejected; -1 when nothing says so */
	uint64_t processed;	/* instructions walked; 0 when unknown */
	uint64_t ns;		/* time of verification */
	const char *message;	/* last line of the log before the statistics, or "" */
};

const char *outcome_kind_name(enum outcome_kind k);
/* Message, failing instruction, amount of work and time from a kernel log. */
void outcome_read_log(struct outcome *o, const char *log, struct arena *a);

/* Results of many programs: one line each, tab-separated, `key` first. */
struct outcomes {
	struct arena arena;
	VEC(struct outcome) all;
};

void outcome_write(FILE *f, const struct outcome *o);
/* Reads one line as written; false when it is not one. */
bool outcome_parse(char *line, struct outcome *o, struct arena *a);
/* Appends what a file holds; false when there is no such file. */
bool outcomes_read(struct outcomes *os, const char *path);
const struct outcome *outcomes_find(const struct outcomes *os, uint64_t key);

#endif

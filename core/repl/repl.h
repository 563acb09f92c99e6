/* SPDX-License-Identifier: MIT */
/* repl.h: the prompt. */
#ifndef VEERY_REPL_H
#define VEERY_REPL_H

#include "session/session.h"

struct repl_opts {
	bool terminal;		/* standard input is one: edit lines, keep history */
	bool colour_out, colour_err;
	unsigned width;
};

/* Read, evaluate and print until the input ends; 0, or 1 when input is no terminal and a
 * form failed. */
int repl_run(struct session *s, const struct repl_opts *o);

/* complete.c: names that begin with the n bytes at `prefix`, most likely first, in the
 * arena; 0 when there are none. `head` is the symbol that opens the innermost form and
 * `keyword` the option the cursor stands behind (each may be empty): after `:type` only
 * program or map types are offered, inside (ctx ...) context fields. */
uint32_t repl_complete(struct session *s, struct arena *a, str prefix, str head, str keyword,
		       const char ***names);

#endif

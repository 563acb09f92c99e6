/* SPDX-License-Identifier: MIT */
/* case.h: one faulty program: its text, and what its author says is wrong with it.
 *
 * The header comment gives `code: V0101`, `real: yes` (an input exists that does harm) or
 * `real: no` (the verifier cannot see that it is sound), and `kind:`, one of kinds.def. In
 * Lisp a line that ends in `;-` is only in the faulty program and a line that begins with
 * `;+` only in the fixed one; a comment line below the place to change points at it with
 * `^ root`, or `< root` for column 1. In C the fixed program is the one with FIXED defined,
 * and the line ends in `root`. */
#ifndef VEERY_REJECTIONS_CASE_H
#define VEERY_REJECTIONS_CASE_H

#include "base/arena.h"
#include "base/str.h"

enum { CASE_MAX_ROOTS = 4 };

struct case_root {
	uint32_t line, col;	/* col 0: the whole line */
};

struct test_case {
	const char *path, *name;	/* name: "lisp/null-counter" */
	bool is_c;
	char code[8];
	bool real;
	struct case_root roots[CASE_MAX_ROOTS];	/* [0] is the place; others would do as well */
	uint32_t nroots;
	bool unprivileged;	/* `caps: bpf`: loaded without CAP_PERFMON */
	const char *kind;		/* a row of kinds.def */
	const char *no_kernel;		/* `kernel: no, REASON`: why this kernel is not asked */
	const char *folder;		/* where its file is */
	str faulty, fixed;		/* Lisp text; lines keep their numbers. C: the file's */
};

/* Null, or what is wrong with the file. */
const char *case_read(struct test_case *t, const char *path, struct arena *a);

#endif

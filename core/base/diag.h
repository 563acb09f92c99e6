/* SPDX-License-Identifier: MIT */
/* diag.h: one structure for every complaint from any part.
 *
 * Code that finds a fault fills a diag; nobody below main.c or the prompt prints. Text is
 * rendered once, at the edge (render.h). Codes are stable: one letter for the part that
 * complains and four digits. R reader, L Lisp machine, C compiler, V verifier, O object
 * files, K kernel interface, U usage. */
#ifndef VEERY_DIAG_H
#define VEERY_DIAG_H

#include "source.h"

enum diag_severity { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

struct diag_label {
	span at;
	const char *text;	/* shown beside the place; may be empty */
};

struct diag_edit {
	span at;		/* replaced; an empty span inserts */
	const char *text;
};

struct diag_fix {
	const char *title;
	VEC(struct diag_edit) edits;
	bool verified;		/* applied, recompiled, and the program was then accepted */
};

struct diag {
	enum diag_severity severity;
	const char *code;	/* "C0012" */
	const char *message;	/* one line, no full stop */
	span at;
	const char *at_label;	/* what stands under the carets; may be null */
	VEC(struct diag_label) labels;		/* other places, in the order to show */
	VEC(const char *) notes;
	VEC(const char *) helps;
	VEC(struct diag_fix) fixes;
	const char *real;	/* an input that triggers the fault, in words, or null */
	const char *kernel;	/* the kernel's own words, complete, or null */
	/* For programs that handle it as a condition: */
	int err;		/* the system call's errno; 0: it was none's */
	const char *log;	/* the verifier's, complete, or null */
};

/* Collects in the order found. Strings are copied into the arena. */
struct diags {
	struct arena *arena;
	VEC(struct diag *) all;
	uint32_t errors;
};

void diags_init(struct diags *ds, struct arena *arena);
struct diag *diag_add(struct diags *ds, enum diag_severity severity, const char *code, span at,
		      const char *fmt, ...) __attribute__((format(printf, 5, 6)));
#define diag_error(ds, code, at, ...) diag_add((ds), DIAG_ERROR, (code), (at), __VA_ARGS__)
#define diag_warning(ds, code, at, ...) diag_add((ds), DIAG_WARNING, (code), (at), __VA_ARGS__)
void diag_label(struct diags *ds, struct diag *d, span at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* The words under the primary place. */
void diag_here(struct diags *ds, struct diag *d, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void diag_note(struct diags *ds, struct diag *d, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void diag_help(struct diags *ds, struct diag *d, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
struct diag_fix *diag_fix(struct diags *ds, struct diag *d, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void diag_edit(struct diags *ds, struct diag_fix *f, span at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* A rejection or failure that is our own fault; asks the user for a report. */
#define diag_bug(ds, at, ...) diag_add((ds), DIAG_ERROR, "B0001", (at), __VA_ARGS__)

#endif

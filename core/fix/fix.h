/* SPDX-License-Identifier: MIT */
/* fix.h: edits of the user's source that make a rejected program acceptable, each tried
 * before it is offered.
 *
 * fix_offer() makes candidates by the kind of fault (fixes.def), applies each to a copy of
 * the source, compiles that in the session's environment and has the simulator judge it; the
 * first that is accepted is offered as verified. Nothing of the session changes. A rejected
 * program from a compiled object gets a suggestion in C instead, which nobody can try. */
#ifndef VEERY_FIX_H
#define VEERY_FIX_H

#include "base/diag.h"
#include "session/session.h"
#include "verifier-sim/explain/explain.h"

struct fix_request {
	struct session *session;
	const struct image *im;
	const struct image_prog *prog;		/* as it was judged */
	const struct verify_opts *opts;
	const struct verify_result *result;	/* a rejection */
	const struct vs_explanation *why;	/* of it; may be null */
};

/* Adds to d->fixes; true when there is a verified one. */
bool fix_offer(const struct fix_request *rq, struct diags *ds, struct diag *d);

/* The same for a program from an object: a line of C, never verified. Needs rq->why. */
void fix_suggest_c(const struct fix_request *rq, struct diags *ds, struct diag *d);

/* A text with a fix's edits in file `file` applied. */
str fix_apply(const struct sources *s, uint32_t file, const struct diag_fix *f,
	      struct arena *a);
/* Replace a file's contents at one moment: readers see the old text or the new one, never a
 * part. Permissions stay. 0 or a negative errno. */
int fix_write_file(const char *path, str text);

#endif

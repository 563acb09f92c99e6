/* SPDX-License-Identifier: MIT */
/* check.h: a program judged by the simulated verifier, and the verdict as a diagnostic. */
#ifndef VEERY_CHECK_H
#define VEERY_CHECK_H

#include "verifier-sim/explain/explain.h"

struct session;

/* The kernel that runs here, as KVER; 0 when uname does not say. */
uint16_t check_running_kernel(void);
/* That kernel, with what else is known of it: patch level, configuration, processors. */
void check_as_running(struct verify_opts *o);
/* verify_prog() with the clock around it. */
void check_program(const struct image *im, const struct image_prog *p,
		   const struct verify_opts *o, struct arena *a, struct verify_result *r);
/* What was judged, and the verdict. */
struct checked {
	const struct image *image;
	const struct image_prog *prog;
	const struct verify_opts *opts;
	const struct verify_result *result;
	struct session *session;	/* whose source it is, to try fixes in; or null */
};
/* Add what a verdict other than "accept" means to the user: an error for a rejection,
 * explained, with the explanation as data in *x when x is not null; a warning for "unknown"
 * and for a fault of ours. Null when it was accepted. */
struct diag *check_report(struct diags *ds, const struct checked *c, struct vs_explanation *x);

#endif

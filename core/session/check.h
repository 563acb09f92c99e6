/* SPDX-License-Identifier: MIT */
/* check.h: a program judged by the simulated verifier, and the verdict as a diagnostic. */
#ifndef VEERY_CHECK_H
#define VEERY_CHECK_H

#include "verifier-sim/verify.h"

/* The kernel that runs here, as KVER; 0 when uname does not say. */
uint16_t check_running_kernel(void);
/* verify_prog() with the clock around it. */
void check_program(const struct image *im, const struct image_prog *p,
		   const struct verify_opts *o, struct arena *a, struct verify_result *r);
/* Add what a verdict other than "accept" means to the user: an error for a rejection, a
 * warning for "unknown" and for a fault of ours. Null when it was accepted. */
struct diag *check_report(struct diags *ds, const struct image_prog *p,
			  const struct verify_result *r);

#endif

/* SPDX-License-Identifier: MIT */
/* logged.h: a kernel's verifier log as a diagnostic, alone or with the program it is about;
 * and failures that came before the verifier, told from what a loader printed. */
#ifndef VEERY_SESSION_LOGGED_H
#define VEERY_SESSION_LOGGED_H

#include "base/diag.h"
#include "image/image.h"
#include "verifier-sim/log/read.h"

struct logged {
	const struct log_read *log;
	/* The program the log is about, or null: gives places, names, maps. */
	const struct image *image;
	const struct image_prog *prog;
	struct sources *sources;
	uint32_t file;		/* of the log itself, for places that nothing else names */
};

/* An error that says what the log says. Null when it neither refuses anything nor names
 * another failure. */
struct diag *logged_report(struct diags *ds, const struct logged *l);

/* Is this program the one whose instructions the log shows? */
bool logged_matches(const struct log_read *log, const struct image_prog *p);

/* A call that CO-RE put in the place of something the kernel lacks: what it is, by the
 * program's source ("struct foo.bar"); null when instruction `insn` is none. */
const char *logged_core_missing(struct arena *a, const struct image *im,
				const struct image_prog *p, uint32_t insn);

#endif

/* SPDX-License-Identifier: MIT */
/* verdicts.h: what `veery check` found, as one line of text or one JSON object each. */
#ifndef VEERY_CLI_VERDICTS_H
#define VEERY_CLI_VERDICTS_H

#include "base/buf.h"
#include "session/check.h"

/* One program judged by one kernel's rules. */
struct judged {
	const char *file;
	const struct image *image;
	const struct image_prog *prog;
	struct verify_opts opts;
	struct verify_result result;
	/* Of a rejection: what was explained, as data and as it is shown. */
	struct vs_explanation why;
	const struct diag *diag;	/* null when accepted */
};

/* "FILE: PROGRAM: accept on 6.1 (12 instructions, 12 processed, 20 us)". `kernel` and `caps`
 * say whether to name them. */
void verdict_text(struct buf *b, const struct judged *j, bool kernel, bool caps);
/* The object README.md of this folder describes, with no newline. */
void verdict_json(struct buf *b, const struct judged *j);
/* "CAP_BPF and CAP_PERFMON", "no capability (unprivileged)". */
const char *verdict_caps(struct arena *a, uint32_t caps);

#endif

/* SPDX-License-Identifier: MIT */
/* try.h: a program's text made into an image, and the two verdicts on it. */
#ifndef VEERY_REJECTIONS_TRY_H
#define VEERY_REJECTIONS_TRY_H

#include "object/elf_read.h"
#include "session/session.h"
#include "verifier-sim/explain/explain.h"

/* A text, and everything made from it. */
struct attempt {
	struct arena arena;
	struct diags ds;
	struct session *session;
	struct image *im;		/* null: does not compile; ds says why */
	const struct image_prog *prog;	/* the last of the image: its only one, or the one meant */
	const void *btf;		/* the running kernel's */
	size_t btf_size;
	bool lisp;			/* of our language: fixes can be tried in the session */
	bool unprivileged;		/* judged and loaded without CAP_PERFMON */
};

void attempt_lisp(struct attempt *t, const char *name, str text);
void attempt_object(struct attempt *t, const char *path);
void attempt_end(struct attempt *t);
/* The first complaint, for a person. */
const char *attempt_complaint(const struct attempt *t);

/* What judging took, and what it took to say why: alone, and with fixes and inputs tried. */
struct costs {
	uint64_t check_ns, explain_ns, report_ns;
};
/* The simulator, for this kernel; `c` may be null. */
void attempt_simulate(struct attempt *t, struct verify_result *r, struct costs *c);

enum kernel_answer { KERNEL_ACCEPTS, KERNEL_REJECTS, KERNEL_REFUSES };
/* Rejected: by the verifier, with its log. Refused: something else failed first; *why says. */
enum kernel_answer attempt_kernel(struct attempt *t, str *log, const char **why);

#endif

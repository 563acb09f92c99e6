/* SPDX-License-Identifier: MIT */
/* check.c: see check.h. */
#include "check.h"

#include "facts/facts.h"
#include "internal.h"

#include <stdio.h>
#include <sys/utsname.h>

uint16_t
check_running_kernel(void)
{
	struct utsname u;
	unsigned major = 0, minor = 0;

	if (uname(&u) < 0 || sscanf(u.release, "%u.%u", &major, &minor) != 2)
		return 0;
	return KVER(major, minor);
}

void
check_program(const struct image *im, const struct image_prog *p, const struct verify_opts *o,
	      struct arena *a, struct verify_result *r)
{
	uint64_t start = session_clock_ns();

	verify_prog(im, p, o, a, r);
	r->ns = session_clock_ns() - start;
}

static struct diag *
report_rejection(struct diags *ds, const struct image_prog *p, const struct verify_result *r,
		 span at)
{
	const char *headline = r->code ? verify_headline(r->code) : NULL;
	const char *help = r->code ? verify_help(r->code) : NULL;
	struct diag *d = diag_error(ds, r->code ? r->code : "V0000", at, "%s",
				    headline ? headline : "the verifier would reject this");

	diag_note(ds, d, "the verifier stops at instruction %u of `%s`", r->insn, p->lisp_name);
	if (help)
		diag_help(ds, d, "%s", help);
	if (r->kernel_message && *r->kernel_message)	/* some refusals are silent */
		d->kernel = arena_strdup(ds->arena, r->kernel_message);
	return d;
}

struct diag *
check_report(struct diags *ds, const struct image_prog *p, const struct verify_result *r)
{
	span at = p->src && r->insn < p->ninsns ? p->src[r->insn] : p->at;
	struct diag *d;

	switch (r->verdict) {
	case VERDICT_ACCEPT:
		return NULL;
	case VERDICT_REJECT:
		return report_rejection(ds, p, r, at);
	case VERDICT_UNKNOWN:
		d = diag_warning(ds, "V9000", at, "cannot judge `%s`: %s is not modelled",
				 p->lisp_name, r->unknown ? r->unknown : "something");
		diag_help(ds, d, "only the kernel itself can tell; loading the program asks it");
		return d;
	case VERDICT_BUG:
		break;
	}
	d = diag_warning(ds, "B0002", at, "the simulated verifier failed on `%s`: %s",
			 p->lisp_name, r->unknown ? r->unknown : "?");
	diag_help(ds, d, "this is a fault in veery, not in the program; please report it");
	return d;
}

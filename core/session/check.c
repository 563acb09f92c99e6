/* SPDX-License-Identifier: MIT */
/* check.c: see check.h. */
#include "check.h"

#include "facts/facts.h"
#include "fix/fix.h"
#include "internal.h"
#include "logged.h"
#include "syscalls/cpus.h"
#include "syscalls/kconfig.h"
#include "verifier-sim/search/search.h"

#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Version and patch level; 0 when it cannot be told. */
static uint16_t
running_release(uint16_t *patch)
{
	struct utsname u;
	unsigned major = 0, minor = 0, third = 0;

	*patch = 0;
	if (uname(&u) < 0 || sscanf(u.release, "%u.%u.%u", &major, &minor, &third) < 2)
		return 0;
	*patch = (uint16_t)third;
	return KVER(major, minor);
}

uint16_t
check_running_kernel(void)
{
	uint16_t patch;

	return running_release(&patch);
}

static int
configured(void *user, const char *option)
{
	(void)user;
	switch (sys_kconfig(option)) {
	case SYS_KCONFIG_YES: case SYS_KCONFIG_MODULE: return 1;
	case SYS_KCONFIG_NO: return 0;
	case SYS_KCONFIG_UNKNOWN: break;
	}
	return -1;
}

void
check_as_running(struct verify_opts *o)
{
	o->kernel = running_release(&o->patch);
	o->cpus = sys_cpus_possible();
	o->config = configured;
}

void
check_program(const struct image *im, const struct image_prog *p, const struct verify_opts *o,
	      struct arena *a, struct verify_result *r)
{
	uint64_t start = session_clock_ns();

	verify_prog(im, p, o, a, r);
	r->ns = session_clock_ns() - start;
}

static span
place_of(const struct image_prog *p, uint32_t insn)
{
	return p->src && insn < p->ninsns ? p->src[insn] : p->at;
}

/* The place to change. */
static span
root_of(const struct checked *c, const struct vs_explanation *x)
{
	span at = place_of(c->prog, x->root);
	struct sources *s = c->image->sources;

	return x->root_line && s && span_place(s, at).by_line
		? span_line(s, span_place(s, at).file, x->root_line, x->root_col) : at;
}

static bool
same_place(const struct checked *c, span a, span b)
{
	const struct sources *s = c->image->sources;
	struct place x, y;

	if (a == b || !s)
		return a == b;
	x = span_place(s, span_user(s, a));
	y = span_place(s, span_user(s, b));
	return x.file == y.file && x.start == y.start && x.end == y.end;
}

/* A place of the path; not where the same is said already. */
static void
add_label(struct diags *ds, struct diag *d, const struct checked *c, const struct vs_step *st)
{
	span at = place_of(c->prog, st->insn);
	bool here = same_place(c, at, d->at);

	if (here && (st->kind == STEP_BRANCH || (d->at_label && !strcmp(d->at_label, st->label))))
		return;
	for (uint32_t i = 0; i < d->labels.n; i++)
		if (same_place(c, at, d->labels.at[i].at) &&
		    (st->kind == STEP_BRANCH || !strcmp(d->labels.at[i].text, st->label)))
			return;
	diag_label(ds, d, at, "%s", st->label);
}

/* Is it really wrong, or only beyond what the verifier can see? */
static void
report_input(struct diags *ds, struct diag *d, const struct checked *c,
	     const struct vs_explanation *x)
{
	struct vs_input in;

	verify_search(c->image, c->prog, c->result, x, 0, ds->arena, &in);
	if (in.found)
		d->real = arena_printf(ds->arena, "%s: %s", in.text, in.fault);
	else if (in.tries && !in.missing && x->unseen)
		diag_note(ds, d, "no input that fails here was found in %u runs; %s", in.tries,
			  x->unseen);
}

static struct diag *
report_rejection(struct diags *ds, const struct checked *judged, struct vs_explanation *x)
{
	/* The program is judged again and again from here on: kernel types are opened once. */
	struct verify_types types = {.arena = ds->arena};
	struct verify_opts o = *judged->opts;
	struct checked with_types = *judged, *c = &with_types;
	const struct image_prog *p = c->prog;
	const char *missing;
	struct fix_request rq;
	struct diag *d;

	if (!o.types)
		o.types = &types;
	c->opts = &o;
	verify_explain(c->image, p, c->opts, c->result, ds->arena, x);
	d = diag_error(ds, x->code ? x->code : "V0000", root_of(c, x), "%s", x->headline);
	missing = logged_core_missing(ds->arena, c->image, p, x->at);
	if (missing) {
		d->code = "K0026";
		d->message = arena_printf(ds->arena, "the kernel has no `%s`", missing);
	}
	if (x->root_label)
		diag_here(ds, d, "%s", x->root_label);
	else if (x->root == x->at && x->at_label)
		diag_here(ds, d, "%s", x->at_label);
	for (uint32_t i = 0; i < x->steps.n; i++)
		add_label(ds, d, c, &x->steps.at[i]);
	if (x->root != x->at && !same_place(c, d->at, place_of(p, x->at)))
		add_label(ds, d, c, &(struct vs_step){.insn = x->at, .kind = STEP_MOVED,
						      .label = x->at_label ? x->at_label
						      : "rejected here"});
	for (uint32_t i = 0; i < x->facts.n; i++)
		diag_note(ds, d, "%s", x->facts.at[i]);
	for (uint32_t i = 0; i < x->helps.n; i++)
		diag_help(ds, d, "%s", x->helps.at[i]);
	if (x->kernel_message && *x->kernel_message)	/* some refusals are silent */
		d->kernel = arena_strdup(ds->arena, x->kernel_message);
	report_input(ds, d, c, x);
	rq = (struct fix_request){c->session, c->image, p, c->opts, c->result, x};
	if (c->session)
		fix_offer(&rq, ds, d);
	else
		fix_suggest_c(&rq, ds, d);
	return d;
}

struct diag *
check_report(struct diags *ds, const struct checked *c, struct vs_explanation *x)
{
	const struct image_prog *p = c->prog;
	const struct verify_result *r = c->result;
	struct vs_explanation mine;
	struct diag *d;

	if (!x)
		x = &mine;
	memset(x, 0, sizeof *x);
	switch (r->verdict) {
	case VERDICT_ACCEPT:
		return NULL;
	case VERDICT_REJECT:
		return report_rejection(ds, c, x);
	case VERDICT_UNKNOWN:
		d = diag_warning(ds, "V9000", place_of(p, r->insn),
				 "cannot judge `%s`: %s is not modelled", p->lisp_name,
				 r->unknown ? r->unknown : "something");
		diag_help(ds, d, "only the kernel itself can tell; loading the program asks it");
		return d;
	case VERDICT_BUG:
		break;
	}
	d = diag_warning(ds, "B0002", place_of(p, r->insn),
			 "the simulated verifier failed on `%s`: %s", p->lisp_name,
			 r->unknown ? r->unknown : "?");
	diag_help(ds, d, "this is a fault in veery, not in the program; please report it");
	return d;
}

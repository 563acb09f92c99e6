/* SPDX-License-Identifier: MIT */
/* explain.c: see explain.h. */
#include "env.h"
#include "explain.h"

static void
told(struct vs_env *env, void *user)
{
	struct vs_explanation *x = user;

	(void)env;
	(void)x;
}

void
verify_explain(const struct image *im, const struct image_prog *p, const struct verify_opts *o,
	       const struct verify_result *r, struct arena *a, struct vs_explanation *x)
{
	const char *headline = r->code ? verify_headline(r->code) : NULL;
	const char *help = r->code ? verify_help(r->code) : NULL;
	struct vs_watch watch = {.end = told, .user = x};
	struct verify_opts again = *o;
	struct verify_result r2;

	memset(x, 0, sizeof *x);
	x->code = r->code;
	x->at = x->root = r->insn < p->ninsns ? r->insn : 0;
	x->kernel_message = r->kernel_message;
	again.log_level = 0;
	if (r->verdict == VERDICT_REJECT)
		vs_verify(im, p, &again, &watch, a, &r2);
	if (!x->headline)
		x->headline = headline ? headline : "the verifier would reject this";
	if (help && !x->helps.n)
		vec_push(a, &x->helps, help);
}

/* SPDX-License-Identifier: MIT */
/* pages.c: what `veery explain CODE` shows is true: the failing program fails with that code,
 * the other one is accepted. */
#include "facts/facts.h"
#include "session/internal.h"
#include "session/check.h"
#include "session/session.h"

#include <criterion/criterion.h>

/* The code a source text's first rejected program fails with; "" when all are accepted. */
static const char *
judge(const char *text, struct arena *a)
{
	struct session *s = session_new(&(struct session_opts){0});
	struct verify_opts o = session_profile(s);
	const char *code = "";
	struct reader r = {0};
	struct diags ds;
	struct image im;
	value v;

	diags_init(&ds, a);
	r.file = sources_add(session_sources(s), "page", str_of(text));
	while (session_step(s, &r, &v, &ds) == STEP_VALUE)
		;
	o.kernel = KVER(6, 18);
	if (!session_build(s, a, &im, &ds) || ds.errors)
		code = ds.all.n ? arena_printf(a, "%s: %s", ds.all.at[0]->code,
					       ds.all.at[0]->message) : "no program";
	for (uint32_t i = 0; !*code && i < im.progs.n; i++) {
		struct verify_result res;

		verify_prog(&im, im.progs.at[i], &o, a, &res);
		if (res.verdict == VERDICT_REJECT)
			code = res.code;
		else if (res.verdict != VERDICT_ACCEPT)
			code = arena_printf(a, "not judged: %s", res.unknown);
	}
	session_free(s);
	return code;
}

Test(pages, every_code_has_a_page_or_a_reason)
{
	const char *code;

	for (uint32_t i = 0; (code = verify_code_at(i)); i++)
		cr_expect(!verify_page(code) == !!verify_no_page(code), "%s", code);
}

Test(pages, programs_fail_and_pass_as_the_pages_say, .timeout = 60)
{
	const struct vs_page *p;

	for (uint32_t i = 0; (p = verify_page_at(i)); i++) {
		struct arena a;

		arena_init(&a);
		cr_expect(verify_headline(p->code), "%s is no code", p->code);
		cr_expect(verify_page(p->code) == p, "%s has two pages", p->code);
		cr_expect_str_eq(judge(p->fails, &a), p->code, "%s fails with %s", p->code,
				 judge(p->fails, &a));
		cr_expect_str_eq(judge(p->passes, &a), "", "%s, mended: %s", p->code,
				 judge(p->passes, &a));
		arena_free(&a);
	}
}

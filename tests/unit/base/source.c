/* SPDX-License-Identifier: MIT */
#include "base/source.h"

#include <criterion/criterion.h>

Test(source, lines_and_columns)
{
	struct sources s;
	uint32_t f;
	struct line_col lc;

	sources_init(&s);
	f = sources_add(&s, "x", STR("ab\ncd\r\n\nlast"));
	lc = span_line_col(&s, span_new(&s, f, 4, 5));
	cr_assert(lc.line == 2 && lc.col == 2 && lc.end_line == 2 && lc.end_col == 3);
	lc = span_line_col(&s, span_new(&s, f, 0, 12));
	cr_assert(lc.line == 1 && lc.end_line == 4 && lc.end_col == 5);
	cr_assert(str_is(source_line(&s, f, 2), "cd"));
	cr_assert(str_is(source_line(&s, f, 4), "last"));
	cr_assert_null(source_line(&s, f, 5).p);
	cr_assert_eq(span_line_col(&s, 0).line, 0);
	sources_free(&s);
}

Test(source, derived_spans_lead_back_to_the_user)
{
	struct sources s;
	span user, mac, inner, twice;

	sources_init(&s);
	user = span_new(&s, sources_add(&s, "u", STR("(m)")), 0, 3);
	mac = span_new(&s, sources_add(&s, "m", STR("(n (o))")), 0, 7);
	inner = span_derive(&s, mac, user);
	twice = span_derive(&s, mac, inner);
	cr_assert_eq(span_user(&s, twice), user);
	cr_assert_eq(span_user(&s, user), user);
	sources_free(&s);
}

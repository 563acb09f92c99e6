/* SPDX-License-Identifier: MIT */
#include "base/suggest.h"

#include <criterion/criterion.h>

static str
nearest(const char *wanted, const char *const *names, size_t n)
{
	struct suggest s = suggest_start(str_of(wanted));

	for (size_t i = 0; i < n; i++)
		suggest_offer(&s, str_of(names[i]));
	return s.best;
}

Test(suggest, finds_the_nearest_and_nothing_far)
{
	static const char *const names[] = {"map-lookup", "map-update", "map-delete", "getmap"};

	cr_assert(str_is(nearest("map-lokup", names, 4), "map-lookup"));
	cr_assert(str_is(nearest("map_update", names, 4), "map-update"));
	cr_assert(str_is(nearest("gtemap", names, 4), "getmap"));
	cr_assert_null(nearest("zzzzzz", names, 4).p);
}

/* SPDX-License-Identifier: MIT */
/* suggest.h: "did you mean": the nearest of a set of known names. */
#ifndef VEERY_SUGGEST_H
#define VEERY_SUGGEST_H

#include "str.h"

struct suggest {
	str wanted;
	str best;		/* .p null while nothing is near enough */
	unsigned distance;	/* of best */
};

struct suggest suggest_start(str wanted);
/* Offer one known name; `_` and `-` and the cases of letters count as equal. */
void suggest_offer(struct suggest *s, str name);

#endif

/* SPDX-License-Identifier: MIT */
/* suggest.c: optimal string alignment distance (insert, delete, replace, swap neighbours),
 * cut off at a third of the wanted name's length. */
#include "suggest.h"

enum { LONGEST = 64 };

struct suggest
suggest_start(str wanted)
{
	return (struct suggest){.wanted = wanted,
				.distance = (unsigned)(wanted.n < 3 ? 1 : wanted.n / 3) + 1};
}

static char
fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c == '_' ? '-' : c;
}

static unsigned
distance(str a, str b)
{
	unsigned rows[3][LONGEST + 1];

	for (size_t j = 0; j <= b.n; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned *now = rows[i % 3], *up = rows[(i + 2) % 3], *upup = rows[(i + 1) % 3];

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			bool same = fold(a.p[i - 1]) == fold(b.p[j - 1]);
			unsigned d = up[j - 1] + !same;

			if (up[j] + 1 < d)
				d = up[j] + 1;
			if (now[j - 1] + 1 < d)
				d = now[j - 1] + 1;
			if (i > 1 && j > 1 && fold(a.p[i - 1]) == fold(b.p[j - 2]) &&
			    fold(a.p[i - 2]) == fold(b.p[j - 1]) && upup[j - 2] + 1 < d)
				d = upup[j - 2] + 1;
			now[j] = d;
		}
	}
	return rows[a.n % 3][b.n];
}

void
suggest_offer(struct suggest *s, str name)
{
	unsigned d;

	if (name.n > LONGEST || s->wanted.n > LONGEST || name.n == 0)
		return;
	if (name.n >= s->wanted.n + s->distance || s->wanted.n >= name.n + s->distance)
		return;		/* the lengths alone are too far apart */
	d = distance(s->wanted, name);
	if (d < s->distance) {
		s->distance = d;
		s->best = name;
	}
}

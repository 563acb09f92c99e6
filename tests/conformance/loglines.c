/* SPDX-License-Identifier: MIT */
/* loglines.c: two logs line by line: where they part, the nearest place where they meet again
 * is looked for, so that one line too many counts as one. */
#include "loglines.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_AHEAD = 60 };

struct lines {
	const char **at;
	uint32_t n;
};

static struct lines
split(const char *log)
{
	struct lines l = {0};
	uint32_t cap = 1;

	for (const char *s = log; *s; s++)
		cap += *s == '\n';
	l.at = malloc((cap + 1) * sizeof *l.at);
	for (const char *s = log; l.at && *s; s = strchrnul(s, '\n'), s += *s == '\n')
		l.at[l.n++] = s;
	return l;
}

/* A kernel address, whose digits nobody can know: its length, else 0. */
static size_t
address(const char *s)
{
	size_t n = 2;

	if (strncmp(s, "0xffff", 6) != 0)
		return 0;
	while (isxdigit((unsigned char)s[n]))
		n++;
	return n == 18 ? n : 0;
}

/* A line without what differs from run to run. */
static void
normal(const char *s, char *out, size_t size)
{
	bool wide = strstr(s, "(18) r") && strstr(s, "(18) r") < strchrnul(s, '\n');
	size_t n = 0;

	for (; *s && *s != '\n' && n + 1 < size; s++) {
		if ((wide && !strncmp(s, "= 0x", 4)) || address(s)) {
			s += wide ? 4 : 0;
			while (isxdigit((unsigned char)*s) || *s == 'x')
				s++;
			wide = false;
			out[n++] = '@';
			/* The column of what follows depends on the address's length. */
			while (*s == ' ')
				s++;
			s--;
		} else if (!strncmp(s, "verification time ", 18)) {
			s += 17 + strspn(s + 18, "0123456789");
			out[n++] = 'T';
		} else {
			out[n++] = *s;
		}
	}
	while (n && out[n - 1] == ' ')
		n--;
	out[n] = 0;
}

static bool
same(const struct lines *a, uint32_t i, const struct lines *b, uint32_t j)
{
	char x[2000], y[2000];

	if (i >= a->n || j >= b->n)
		return false;
	normal(a->at[i], x, sizeof x);
	normal(b->at[j], y, sizeof y);
	return !strcmp(x, y);
}

/* The nearest lines from here on that are the same. */
static bool
meet(const struct lines *a, uint32_t *i, const struct lines *b, uint32_t *j)
{
	for (uint32_t d = 1; d < LOOK_AHEAD; d++)
		for (uint32_t x = 0; x <= d; x++)
			if (same(a, *i + x, b, *j + d - x)) {
				*i += x;
				*j += d - x;
				return true;
			}
	return false;
}

void
loglines_compare(const char *kernel, const char *ours, struct loglines *r)
{
	struct lines a = split(kernel), b = split(ours);
	uint32_t i = 0, j = 0;

	*r = (struct loglines){.lines = a.n};
	while (i < a.n) {
		if (same(&a, i, &b, j)) {
			r->same++;
			i++;
			j++;
			continue;
		}
		if (!r->at) {
			r->at = i + 1;
			normal(a.at[i], r->theirs, sizeof r->theirs);
			if (j < b.n)
				normal(b.at[j], r->ours, sizeof r->ours);
		}
		if (!meet(&a, &i, &b, &j)) {
			i++;
			j += j < b.n;
		}
	}
	free(a.at);
	free(b.at);
}

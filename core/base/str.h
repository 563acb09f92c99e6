/* SPDX-License-Identifier: MIT */
/* str.h: a slice of text: pointer and length, not owned, not null-terminated. */
#ifndef VEERY_STR_H
#define VEERY_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
	const char *p;
	size_t n;
} str;

#define STR(lit) ((str){(lit), sizeof(lit) - 1})
/* For printf's %.*s. */
#define STR_ARG(s) (int)(s).n, (s).p

static inline str
str_of(const char *z)
{
	return (str){z, z ? strlen(z) : 0};
}

static inline bool
str_eq(str a, str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool
str_is(str a, const char *z)
{
	return str_eq(a, str_of(z));
}

static inline bool
str_starts(str a, const char *z)
{
	size_t n = strlen(z);

	return a.n >= n && memcmp(a.p, z, n) == 0;
}

/* FNV-1a, 64 bits. */
static inline uint64_t
str_hash(str s)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
	return h;
}

#endif

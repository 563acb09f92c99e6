/* SPDX-License-Identifier: MIT */
/* arena.c: chunks that double in size up to a ceiling; big objects get a chunk of their own.
 *
 * Chunks of the size from which malloc maps memory are asked for at once: a fault for each page
 * costs several times as much. Smaller ones are mostly used again, their pages with them, and
 * asking would cost every compilation two system calls.
 *
 * Chunks from 2 MiB on ask for huge pages: a large program's tables are touched from end to
 * end, and taking them a page fault at a time costs several times what filling them does. */
#include "arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <stdint.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE	/* before glibc 2.35 */
#define MADV_POPULATE_WRITE 23
#endif

enum { FIRST_CHUNK = 16 << 10, LARGEST_CHUNK = 4 << 20, HUGE = 2 << 20, MANY = 128 << 10 };

struct arena_chunk {
	struct arena_chunk *next;
	size_t size;		/* of data, in bytes */
	_Alignas(16) char data[];
};

void
arena_init(struct arena *a)
{
	*a = (struct arena){0};
}

static void
out_of_memory(struct arena *a)
{
	if (a->oom)
		longjmp(*a->oom, 1);
	fputs("veery: out of memory\n", stderr);
	abort();
}

void
memory_populate(void *p, size_t n)
{
	uintptr_t page = 4096, from = ((uintptr_t)p + page - 1) / page * page;
	uintptr_t to = ((uintptr_t)p + n) / page * page;

	/* A kernel before 5.14, or with larger pages, does not do it: they fault one by one. */
	if (to > from)
		madvise((void *)from, to - from, MADV_POPULATE_WRITE);
}

static void *
get_memory(size_t n)
{
	void *p;

	if (n < HUGE) {
		p = malloc(n);
		if (p && n >= MANY)
			memory_populate(p, n);
		return p;
	}
	n = (n + HUGE - 1) & ~(size_t)(HUGE - 1);
	p = aligned_alloc(HUGE, n);
	if (p)
		madvise(p, n, MADV_HUGEPAGE);
	return p;
}

static struct arena_chunk *
new_chunk(struct arena *a, size_t need)
{
	size_t size = a->chunks ? a->chunks->size * 2 : FIRST_CHUNK;
	struct arena_chunk *c = NULL;

	if (size > LARGEST_CHUNK)
		size = LARGEST_CHUNK;
	if (size < need)
		size = need;
	if (need < SIZE_MAX / 2 && (!a->limit || a->used + size <= a->limit))
		c = get_memory(sizeof *c + size);
	if (!c)
		out_of_memory(a);
	c->size = size;
	a->used += size;
	return c;
}

void *
arena_alloc_slow(struct arena *a, size_t n)
{
	struct arena_chunk *c = new_chunk(a, n);

	/* A large object must not waste the rest of the current chunk. */
	if (a->chunks && n > LARGEST_CHUNK / 4) {
		c->next = a->chunks->next;
		a->chunks->next = c;
		return memset(c->data, 0, n);
	}
	c->next = a->chunks;
	a->chunks = c;
	a->cur = c->data + n;
	a->end = c->data + c->size;
	return memset(c->data, 0, n);
}

void
arena_reset(struct arena *a)
{
	struct arena_chunk *first = NULL;

	for (struct arena_chunk *c = a->chunks, *next; c; c = next) {
		next = c->next;
		if (next)
			free(c);
		else
			first = c;
	}
	a->chunks = first;
	a->cur = a->end = NULL;
	a->used = 0;
	if (first) {
		first->next = NULL;
		a->cur = first->data;
		a->end = first->data + first->size;
		a->used = first->size;
	}
}

void
arena_free(struct arena *a)
{
	for (struct arena_chunk *c = a->chunks, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	a->chunks = NULL;
	a->cur = a->end = NULL;
	a->used = 0;
}

void *
arena_grow(struct arena *a, void *old, uint32_t *cap, uint32_t need, size_t size)
{
	uint32_t want = *cap ? *cap : 8;
	size_t had = *cap * size;
	char *p = old;

	while (want < need) {
		if (want > UINT32_MAX / 2)
			out_of_memory(a);
		want *= 2;
	}
	/* The newest object of a chunk grows in place. */
	if (p && p + ((had + 15) & ~(size_t)15) == a->cur) {
		size_t more = ((want * size + 15) & ~(size_t)15) -
			      ((had + 15) & ~(size_t)15);

		if (more <= (size_t)(a->end - a->cur)) {
			a->cur += more;
			*cap = want;
			return p;
		}
	}
	p = arena_alloc(a, want * size);
	if (old)
		memcpy(p, old, had);
	*cap = want;
	return p;
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	if (n)		/* an empty string may be nowhere */
		memcpy(p, s, n);
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *p;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	p = arena_alloc(a, (size_t)(n < 0 ? 0 : n) + 1);
	if (n > 0)
		vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

/* SPDX-License-Identifier: MIT */
/* arena.h: memory with one lifetime, and the growable vectors that live in it.
 *
 * An arena belongs to one compilation, one verification, one session. Nothing in it is
 * freed alone; arena_reset() or arena_free() ends all of it. Memory comes zeroed and
 * 16-byte aligned. When memory runs out (malloc fails, or the limit the owner set is
 * reached) the arena jumps to its `oom` target, or aborts when it has none: callers never
 * see a null pointer. */
#ifndef VEERY_ARENA_H
#define VEERY_ARENA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena_chunk;

struct arena {
	char *cur, *end;		/* free part of the newest chunk */
	struct arena_chunk *chunks;	/* newest first */
	size_t used;			/* bytes taken from malloc so far */
	size_t limit;			/* 0: none */
	jmp_buf *oom;			/* where to go when memory runs out */
};

void arena_init(struct arena *a);
/* Forget every object but keep the first chunk for reuse. */
void arena_reset(struct arena *a);
void arena_free(struct arena *a);
void *arena_alloc_slow(struct arena *a, size_t n);
/* Grow an array of `size`-byte elements to hold at least `need`; returns its new place. */
void *arena_grow(struct arena *a, void *old, uint32_t *cap, uint32_t need, size_t size);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

static inline void *
arena_alloc(struct arena *a, size_t n)
{
	n = (n + 15) & ~(size_t)15;
	if (n <= (size_t)(a->end - a->cur)) {
		void *p = a->cur;

		a->cur += n;
		return memset(p, 0, n);
	}
	return arena_alloc_slow(a, n);
}

#define arena_new(a, T) ((T *)arena_alloc((a), sizeof(T)))
#define arena_array(a, T, n) ((T *)arena_alloc((a), sizeof(T) * (size_t)(n)))

/* The pages wholly within are going to be written soon. */
void memory_populate(void *p, size_t n);

/* A growable array in an arena: VEC(int) v = {0}; vec_push(a, &v, 7); v.at[0]. */
#define VEC(T) struct { T *at; uint32_t n, cap; }

#define vec_reserve(a, v, need) \
	((need) > (v)->cap ? (void)((v)->at = arena_grow((a), (v)->at, &(v)->cap, (need), \
						     sizeof *(v)->at)) : (void)0)
#define vec_push(a, v, x) \
	(vec_reserve((a), (v), (v)->n + 1), (void)((v)->at[(v)->n++] = (x)))
/* Append one zeroed element and give its address (valid until the next push). */
#define vec_add(a, v) \
	(vec_reserve((a), (v), (v)->n + 1), \
	 memset(&(v)->at[(v)->n], 0, sizeof *(v)->at), &(v)->at[(v)->n++])
#define vec_last(v) (&(v)->at[(v)->n - 1])

#endif

/* SPDX-License-Identifier: MIT */
/* buf.h: growing text or bytes in an arena. */
#ifndef VEERY_BUF_H
#define VEERY_BUF_H

#include "arena.h"
#include "str.h"

struct buf {
	struct arena *arena;
	char *at;		/* always null-terminated once written to */
	uint32_t n, cap;
};

static inline struct buf
buf_new(struct arena *a)
{
	return (struct buf){.arena = a};
}

void buf_bytes(struct buf *b, const void *p, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_str(struct buf *b, str s);
void buf_putc(struct buf *b, char c);
void buf_fill(struct buf *b, char c, size_t n);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A JSON string with its quotes (RFC 8259); bytes that are not UTF-8 become U+FFFD. */
void buf_json_str(struct buf *b, str s);

static inline str
buf_text(const struct buf *b)
{
	return (str){b->at ? b->at : "", b->n};
}

#endif

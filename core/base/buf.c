/* SPDX-License-Identifier: MIT */
/* buf.c: see buf.h. */
#include "buf.h"

#include "utf8.h"

#include <stdio.h>

void
buf_bytes(struct buf *b, const void *p, size_t n)
{
	if (b->n + n + 1 > b->cap)
		b->at = arena_grow(b->arena, b->at, &b->cap, b->n + (uint32_t)n + 1, 1);
	if (n)
		memcpy(b->at + b->n, p, n);
	b->n += (uint32_t)n;
	b->at[b->n] = 0;
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_bytes(b, s, strlen(s));
}

void
buf_str(struct buf *b, str s)
{
	buf_bytes(b, s.p, s.n);
}

void
buf_putc(struct buf *b, char c)
{
	buf_bytes(b, &c, 1);
}

void
buf_fill(struct buf *b, char c, size_t n)
{
	while (n--)
		buf_putc(b, c);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	char small[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof small, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n < sizeof small) {
		buf_bytes(b, small, (size_t)n);
		return;
	}
	va_start(ap, fmt);
	buf_puts(b, arena_vprintf(b->arena, fmt, ap));
	va_end(ap);
}

static void
json_char(struct buf *b, unsigned char c)
{
	switch (c) {
	case '"': buf_puts(b, "\\\""); break;
	case '\\': buf_puts(b, "\\\\"); break;
	case '\n': buf_puts(b, "\\n"); break;
	case '\t': buf_puts(b, "\\t"); break;
	case '\r': buf_puts(b, "\\r"); break;
	default:
		if (c < 0x20 || c == 0x7f)
			buf_printf(b, "\\u%04x", c);
		else
			buf_putc(b, (char)c);
	}
}

void
buf_json_str(struct buf *b, str s)
{
	buf_putc(b, '"');
	for (size_t i = 0; i < s.n;) {
		unsigned n = utf8_len(s.p + i, s.n - i);

		if (n == 0) {
			buf_puts(b, "\\ufffd");
			i++;
		} else if (n == 1) {
			json_char(b, (unsigned char)s.p[i++]);
		} else {
			buf_bytes(b, s.p + i, n);
			i += n;
		}
	}
	buf_putc(b, '"');
}

/* SPDX-License-Identifier: MIT */
/* printf.c: what programs say with (printf "format" arg...), formatted and written out. The
 * ring is read whenever the session waits, and after every form. */
#include "internal.h"

#include "base/buf.h"
#include "syscalls/ring.h"

#include <stdio.h>

enum { HEAD = 8 };

struct reader_state {
	struct session *session;
	struct buf line;
};

static void
put_directive(struct buf *b, const struct format_piece *p, const unsigned char *arg, uint32_t size)
{
	char spec[16];
	long n;

	if (p->conversion == 's') {
		int most = (int)strnlen((const char *)arg, size);

		if (p->precision >= 0 && p->precision < most)
			most = p->precision;
		buf_printf(b, strchr(p->flags, '-') ? "%-*.*s" : "%*.*s", p->width, most,
			   (const char *)arg);
		return;
	}
	memcpy(&n, arg, 8);
	if (p->conversion == 'c') {
		buf_printf(b, strchr(p->flags, '-') ? "%-*c" : "%*c", p->width, (int)n);
		return;
	}
	snprintf(spec, sizeof spec, "%%%s%s*.*l%c", p->flags, p->conversion == 'p' ? "#" : "",
		 p->conversion == 'p' ? 'x' : p->conversion);
	buf_printf(b, spec, p->width, p->precision, n);
}

static int
on_record(void *ud, const void *data, size_t size)
{
	struct reader_state *r = ud;
	const unsigned char *at = data, *end = at + size;
	const struct kenv_format *f;
	struct format_piece p;
	uint64_t number;
	uint32_t i = 0;
	str rest;

	memcpy(&number, at, HEAD);
	f = kenv_format(r->session->kenv, (uint32_t)number);
	if (!f)
		return 0;
	at += HEAD;
	rest = f->text;
	while (format_next(&rest, &p)) {
		uint32_t room;

		if (!p.conversion) {
			buf_str(&r->line, p.text);
			continue;
		}
		room = i < f->nargs && f->sizes[i] ? f->sizes[i] : 8;
		if (i++ >= f->nargs || at + room > end)
			break;
		put_directive(&r->line, &p, at, room);
		at += (room + 7) & ~7u;
	}
	return 0;
}

void
session_printf_flush(struct session *s)
{
	struct reader_state r = {.session = s};
	struct arena a;

	if (!s->printf_ring || !s->printf_ring->ring)
		return;
	arena_init(&a);
	r.line = buf_new(&a);
	sys_ring_poll(s->printf_ring->ring, 0, on_record, &r);
	if (r.line.n) {
		session_fresh_line(s);
		session_write(s, "%.*s", (int)r.line.n, r.line.at);
	}
	arena_free(&a);
}

bool
session_printf_start(struct session *s, span at, struct diags *ds)
{
	struct map *m = session_map_named(s, STR(FORMAT_RING));

	if (!m || !session_ring(s, m, at, ds))
		return false;
	s->printf_ring = m;
	return true;
}

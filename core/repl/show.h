/* SPDX-License-Identifier: MIT */
/* show.h: maps as pictures: (show m), (bars m), (show-hist m), (live-table m). */
#ifndef VEERY_SHOW_H
#define VEERY_SHOW_H

#include "session/session.h"

struct show_opts {
	bool terminal;		/* standard output is one: tables are redrawn in place */
	bool colour;
	unsigned width;
};

/* Define the functions in the session's Lisp; the options are copied. */
void show_define(struct session *s, const struct show_opts *o);

/* What is typed at the prompt and names an aggregation is shown; false when it names none. */
bool show_value(struct session *s, value v);

/* A bar of eighths of a column. */
struct buf;
void show_bar(struct buf *b, uint64_t n, uint64_t most, unsigned columns);
/* show_agg.c: at most `top` groups. */
struct agg_table;
void show_aggregation(struct buf *b, struct session *s, struct arena *a,
		      const struct agg_table *t, uint32_t top);

/* help.c: (help) and (doc NAME). */
void help_define(struct session *s);

#endif

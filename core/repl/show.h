/* SPDX-License-Identifier: MIT */
/* show.h: maps as pictures: (bars m), (show-hist m), (live-table m). */
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

/* help.c: (help) and (doc NAME). */
void help_define(struct session *s);

#endif

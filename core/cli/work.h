/* SPDX-License-Identifier: MIT */
/* work.h: what the commands that take a source file share: a session fed with it. */
#ifndef VEERY_CLI_WORK_H
#define VEERY_CLI_WORK_H

#include "cli.h"
#include "session/session.h"

struct work {
	struct cli *cli;
	struct session *session;
	struct arena arena;	/* for ds */
	struct diags ds;	/* of every form so far */
	unsigned failed;	/* forms */
};

/* Feed `path` (or `text` when path is null) to a new session. Every form is evaluated even
 * after one fails, except in a live session, where the first failure ends it. Printing by
 * Lisp code goes to standard output in a live session and nowhere otherwise. Returns
 * STATUS_OK, STATUS_FAILED when a form failed, STATUS_USAGE when the file is unusable (after
 * saying so). `value` receives the last form's value; may be null. Call work_end after. */
int work_begin(struct work *w, struct cli *c, const struct session_opts *o);
int work_feed(struct work *w, const char *path, const char *text, value *last);
void work_end(struct work *w);

/* Let Ctrl-C stop what runs in w->session until work_end. */
void work_catch_interrupts(struct work *w);

#endif

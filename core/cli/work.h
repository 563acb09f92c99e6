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

int work_begin(struct work *w, struct cli *c, const struct session_opts *o);
/* Feed a file, or text that messages call `name`, to the session. Every form is evaluated
 * even after one fails, except where interrupts are caught (a live session): there the first
 * failure ends it. STATUS_OK, STATUS_FAILED when a form failed, STATUS_USAGE when the file is
 * unusable (after saying so). `last` receives the last form's value; may be null. */
int work_feed(struct work *w, const char *path, value *last);
int work_feed_text(struct work *w, const char *name, str text, value *last);
bool work_is_object(str bytes);	/* it begins as ELF does */
/* An object against these types, for the running kernel; null after adding a diag. */
struct image *work_read_object(struct work *w, const char *path, str bytes, const void *btf,
			       size_t btf_size);
/* For elf_opts.source (user: the work): the text of a source file that an object names. */
bool work_read_source(void *work, const char *name, str *text);
void work_end(struct work *w);

/* Let Ctrl-C stop what runs in w->session until work_end. */
void work_catch_interrupts(struct work *w);

#endif

/* SPDX-License-Identifier: MIT */
/* cmd_run.c: `veery run FILE`, `veery -e FORMS` and the prompt. */
#include "repl/repl.h"
#include "work.h"

#include <stdio.h>
#include <unistd.h>

static int
begin_live(struct work *w, struct cli *c, bool report)
{
	struct session_opts o = {.live = true, .strict = c->opt[OPT_STRICT] != NULL,
				 .report = report && !c->opt[OPT_QUIET]};
	int status = work_begin(w, c, &o);

	if (status)
		return status;
	work_catch_interrupts(w);
	return STATUS_OK;
}

int
cmd_run(struct cli *c)
{
	struct work w;
	int status = begin_live(&w, c, false);

	if (status)
		return status;
	setvbuf(stdout, NULL, _IOLBF, 0);
	status = work_feed(&w, c->files[0], NULL);
	fflush(stdout);
	cli_print_diags(c, session_sources(w.session), &w.ds);
	work_end(&w);
	return status;
}

static int
run_forms(struct cli *c)
{
	struct work w;
	value last = NIL;
	int status = begin_live(&w, c, false);

	if (status)
		return status;
	status = work_feed_text(&w, "<-e>", str_of(c->opt[OPT_EVAL]), &last);
	if (status == STATUS_OK && last != NIL)
		printf("%.*s\n",
		       STR_ARG(lisp_print(session_lisp(w.session), &w.arena, last, true)));
	fflush(stdout);
	cli_print_diags(c, session_sources(w.session), &w.ds);
	work_end(&w);
	return status;
}

int
cmd_prompt(struct cli *c)
{
	struct repl_opts o = {.terminal = isatty(STDIN_FILENO), .colour_out = c->colour_out,
			      .colour_err = c->colour_err, .width = c->width};
	struct work w;
	int status;

	if (c->opt[OPT_EVAL])
		return run_forms(c);
	status = begin_live(&w, c, true);
	if (status)
		return status;
	if (o.terminal && !c->opt[OPT_QUIET])
		printf("veery %s. (help) tells what can be typed; Ctrl-D leaves.\n", VEERY_VERSION);
	status = repl_run(w.session, &o);
	work_end(&w);
	return status;
}

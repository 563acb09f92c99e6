/* SPDX-License-Identifier: MIT */
/* cmd_dis.c: `veery dis FILE`: instructions under their source lines, or the IR after one
 * pass. */
#include "base/suggest.h"
#include "session/listing.h"
#include "work.h"

#include <stdio.h>

static bool
wanted(const struct cli *c, const char *name)
{
	return !c->opt[OPT_PROG] || strcmp(c->opt[OPT_PROG], name) == 0;
}

static int
no_such_program(struct work *w)
{
	struct suggest near = suggest_start(str_of(w->cli->opt[OPT_PROG]));

	for (uint32_t i = 0; session_program(w->session, i); i++)
		suggest_offer(&near, str_of(session_program(w->session, i)->name));
	if (near.best.p)
		return cli_usage("%s defines no program `%s`; did you mean `%.*s`?",
				 w->cli->files[0], w->cli->opt[OPT_PROG], STR_ARG(near.best));
	return cli_usage("%s defines no program `%s`", w->cli->files[0], w->cli->opt[OPT_PROG]);
}

static int
unknown_pass(const char *name)
{
	if (strcmp(name, "help") != 0)
		fprintf(stderr, "veery: no pass `%s`; the passes, in order:\n", name);
	for (uint32_t i = 0; compile_pass_name(i); i++)
		fprintf(strcmp(name, "help") ? stderr : stdout, "  %s\n", compile_pass_name(i));
	return strcmp(name, "help") ? STATUS_USAGE : STATUS_OK;
}

static bool
pass_exists(const char *name)
{
	for (uint32_t i = 0; compile_pass_name(i); i++)
		if (strcmp(compile_pass_name(i), name) == 0)
			return true;
	return false;
}

static int
print_programs(struct work *w)
{
	unsigned shown = 0;

	for (uint32_t i = 0; session_program(w->session, i); i++) {
		struct program *p = session_program(w->session, i);
		struct buf out = buf_new(&w->arena);

		if (!wanted(w->cli, p->name))
			continue;
		if (w->cli->opt[OPT_PASS]) {
			str ir = session_ir(w->session, p, w->cli->opt[OPT_PASS], &w->arena,
					    &w->ds);

			buf_printf(&out, "; %s after %s\n%.*s", p->name, w->cli->opt[OPT_PASS],
				   STR_ARG(ir));
		} else {
			program_listing(&out, &p->image, p->prog);
		}
		printf("%s%s", shown++ ? "\n" : "", out.at);
	}
	if (!shown && w->cli->opt[OPT_PROG])
		return no_such_program(w);
	return STATUS_OK;
}

int
cmd_dis(struct cli *c)
{
	struct work w;
	int status;

	if (c->opt[OPT_PASS] && !pass_exists(c->opt[OPT_PASS]))
		return unknown_pass(c->opt[OPT_PASS]);
	status = work_begin(&w, c, &(struct session_opts){0});
	if (status)
		return status;
	status = work_feed(&w, c->files[0], NULL);
	if (status != STATUS_USAGE && print_programs(&w))
		status = STATUS_USAGE;
	cli_print_diags(c, session_sources(w.session), &w.ds);
	work_end(&w);
	return status;
}

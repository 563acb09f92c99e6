/* SPDX-License-Identifier: MIT */
/* cmd_dis.c: `veery dis FILE`: instructions under their source lines, of source or of an
 * object; or the IR after one pass. */
#include "base/suggest.h"
#include "session/listing.h"
#include "work.h"

#include <stdio.h>
#include <stdlib.h>

static bool
wanted(const struct cli *c, const char *name)
{
	return !c->opt[OPT_PROG] || strcmp(c->opt[OPT_PROG], name) == 0;
}

/* `im`: of an object; null when the session has the programs. */
static int
no_such_program(struct work *w, const struct image *im)
{
	struct suggest near = suggest_start(str_of(w->cli->opt[OPT_PROG]));

	for (uint32_t i = 0; im && i < im->progs.n; i++)
		suggest_offer(&near, str_of(im->progs.at[i]->name));
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
		return no_such_program(w, NULL);
	return STATUS_OK;
}

static int
print_object(struct work *w, str bytes)
{
	unsigned shown = 0;
	const void *btf = NULL;
	size_t size = 0;
	struct image *im;

	if (w->cli->opt[OPT_PASS])
		return cli_usage("%s is an object: only source goes through the passes",
				 w->cli->files[0]);
	session_kernel_btf(w->session, &btf, &size);
	im = work_read_object(w, w->cli->files[0], bytes, btf, size);
	if (!im)
		return STATUS_USAGE;
	for (uint32_t i = 0; i < im->progs.n; i++) {
		struct buf out = buf_new(&w->arena);

		if (!wanted(w->cli, im->progs.at[i]->name))
			continue;
		program_listing(&out, im, im->progs.at[i]);
		printf("%s%s", shown++ ? "\n" : "", out.at);
	}
	if (!shown && w->cli->opt[OPT_PROG])
		return no_such_program(w, im);
	return w->ds.errors ? STATUS_FAILED : STATUS_OK;
}

static int
print_file(struct work *w)
{
	const char *path = w->cli->files[0];
	size_t n = 0;
	char *bytes = cli_read_file(path, &n);
	int status = STATUS_USAGE;

	if (bytes && work_is_object((str){bytes, n})) {
		status = print_object(w, (str){bytes, n});
	} else if (bytes) {
		status = work_feed_text(w, path, (str){bytes, n}, NULL);
		if (print_programs(w))
			status = STATUS_USAGE;
	}
	free(bytes);
	return status;
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
	status = print_file(&w);
	cli_print_diags(c, session_sources(w.session), &w.ds);
	work_end(&w);
	return status;
}

/* SPDX-License-Identifier: MIT */
/* work.c: see work.h. */
#include "work.h"

#include "object/elf_read.h"
#include "session/check.h"

#include "repl/show.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The session that Ctrl-C means. */
static struct session *volatile interruptible;

static void
on_interrupt(int sig)
{
	(void)sig;
	if (interruptible)
		session_interrupt(interruptible);
}

void
work_catch_interrupts(struct work *w)
{
	struct sigaction sa = {.sa_handler = on_interrupt};

	interruptible = w->session;
	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

static void
write_out(void *ud, str text)
{
	(void)ud;
	fwrite(text.p, 1, text.n, stdout);
}

int
work_begin(struct work *w, struct cli *c, const struct session_opts *o)
{
	struct session_opts opts = *o;

	*w = (struct work){.cli = c};
	arena_init(&w->arena);
	diags_init(&w->ds, &w->arena);
	if (opts.live && !opts.write)
		opts.write = write_out;
	opts.kernel_btf = c->opt[OPT_BTF];
	w->session = session_new(&opts);
	if (!w->session)
		return cli_usage("out of memory");
	for (unsigned i = 0; i < c->nreads; i++)
		session_allow_read(w->session, c->reads[i]);
	for (unsigned i = 0; i < c->nwrites; i++)
		session_allow_write(w->session, c->writes[i]);
	if (c->opt[OPT_RUN])
		session_allow_run(w->session);
	show_define(w->session, &(struct show_opts){
		.terminal = isatty(STDOUT_FILENO), .colour = c->colour_out, .width = c->width});
	help_define(w->session);
	return STATUS_OK;
}

int
work_feed_text(struct work *w, const char *name, str text, value *last)
{
	struct reader r = {.file = sources_add(session_sources(w->session), name, text)};
	value v = NIL;

	for (;;) {
		enum session_step step = session_step(w->session, &r, &v, &w->ds);

		if (step == STEP_END || step == STEP_INCOMPLETE)
			break;
		w->failed += step == STEP_FAILED;
		if (step == STEP_FAILED && interruptible)
			break;
	}
	if (last)
		*last = v;
	return w->failed ? STATUS_FAILED : STATUS_OK;
}

int
work_feed(struct work *w, const char *path, value *last)
{
	size_t n = 0;
	char *text = cli_read_file(path, &n);
	int status;

	if (!text)
		return STATUS_USAGE;
	status = work_feed_text(w, path, (str){text, n}, last);
	free(text);
	return status;
}

bool
work_read_source(void *user, const char *name, str *text)
{
	struct work *w = user;
	char *bytes;
	size_t n;

	if (access(name, R_OK) || !(bytes = cli_read_file(name, &n)))
		return false;
	*text = (str){arena_strndup(&w->arena, bytes, n), n};
	free(bytes);
	return true;
}

bool
work_is_object(str bytes)
{
	return str_starts(bytes, "\177ELF");
}

struct image *
work_read_object(struct work *w, const char *path, str bytes, const void *btf, size_t btf_size)
{
	struct elf_opts o = {.target_btf = btf, .target_btf_size = btf_size,
			     .kernel = check_running_kernel(),
			     .source = work_read_source, .source_user = w};

	return elf_read(bytes.p, bytes.n, path, &o, session_sources(w->session), &w->arena,
			&w->ds);
}

void
work_end(struct work *w)
{
	fflush(stdout);
	session_free(w->session);
	interruptible = NULL;
	arena_free(&w->arena);
}

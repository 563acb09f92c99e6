/* SPDX-License-Identifier: MIT */
/* cmd_explain.c: `veery explain CODE`, a page about a code; `veery explain --log FILE
 * [OBJECT]`, a kernel's verifier log in words. With the object (or the source) the simulator
 * is asked first: when it refuses the same instruction, its explanation is the fuller one. */
#include "facts/facts.h"
#include "object/elf_read.h"
#include "session/check.h"
#include "session/logged.h"
#include "page.h"
#include "work.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct explain {
	struct cli *cli;
	struct work w;
	struct log_read log;
	uint32_t file;		/* of the log, among the sources */
	const void *btf;
	size_t btf_size;
};

/* ---- the log ------------------------------------------------------------------------- */

static char *
read_all(const char *path, size_t *n)
{
	return cli_read_file(strcmp(path, "-") ? path : "/dev/stdin", n);
}

/* ---- the program it is about --------------------------------------------------------- */

static struct image *
read_program(struct explain *e, const char *path, const char *bytes, size_t n)
{
	struct image *im;

	if (work_is_object((str){bytes, n}))
		return work_read_object(&e->w, path, (str){bytes, n}, e->btf, e->btf_size);
	im = arena_new(&e->w.arena, struct image);
	if (work_feed_text(&e->w, path, (str){bytes, n}, NULL) != STATUS_OK ||
	    !session_build(e->w.session, &e->w.arena, im, &e->w.ds))
		return NULL;
	return im;
}

static const struct image_prog *
program_of_log(const struct image *im, const struct log_read *log)
{
	for (uint32_t i = 0; i < im->progs.n; i++)
		if (logged_matches(log, im->progs.at[i]))
			return im->progs.at[i];
	return NULL;
}

/* ---- asking the simulator ------------------------------------------------------------ */

/* How well a verdict agrees with the log: 2 the same words, 1 the same instruction. */
static int
agreement(const struct log_read *log, const struct verify_result *r)
{
	if (r->verdict != VERDICT_REJECT || (log->insn != LOG_NO_INSN && r->insn != log->insn))
		return 0;
	if (log->message && r->kernel_message && !strcmp(log->message, r->kernel_message))
		return 2;
	return log->message && log->code && strcmp(log->code, r->code) != 0 ? 0 : 1;
}

/* The rules of the kernel that says what the log says; the running one's when several do. */
static bool
simulate(struct explain *e, const struct image *im, const struct image_prog *p,
	 struct verify_opts *best)
{
	const struct fact_kernel *k;
	int found = 0;

	for (uint32_t i = 0; found < 2 && (i == 0 || fact_kernel_at(i - 1)); i++) {
		struct verify_opts o = {.caps = VCAP_DEFAULT, .vmlinux_btf = e->btf,
					.vmlinux_btf_size = e->btf_size};
		struct verify_result r;
		struct arena a;
		int agrees;

		k = i ? fact_kernel_at(i - 1) : NULL;
		o.kernel = k ? k->version : check_running_kernel();
		arena_init(&a);
		verify_prog(im, p, &o, &a, &r);
		agrees = agreement(&e->log, &r);
		arena_free(&a);
		if (agrees > found) {
			found = agrees;
			*best = o;
		}
	}
	return found > 0;
}

static bool
explain_by_simulator(struct explain *e, const struct image *im, const struct image_prog *p)
{
	struct verify_opts o;
	struct verify_result r;
	struct checked c = {im, p, &o, &r};
	struct diag *d;

	if (!simulate(e, im, p, &o))
		return false;
	check_program(im, p, &o, &e->w.arena, &r);
	d = check_report(&e->w.ds, &c, NULL);
	if (e->log.message)
		d->kernel = arena_strdup(&e->w.arena, e->log.message);
	diag_note(&e->w.ds, d, "judged again from the program itself by the rules of Linux %u.%u",
		  o.kernel >> 8, o.kernel & 0xff);
	return true;
}

/* ---- all of it ----------------------------------------------------------------------- */

static void
print(struct explain *e)
{
	struct sources *s = session_sources(e->w.session);

	if (!e->cli->opt[OPT_JSON]) {
		cli_print_diags(e->cli, s, &e->w.ds);
		return;
	}
	for (uint32_t i = 0; i < e->w.ds.all.n; i++) {
		struct buf b = buf_new(&e->w.arena);

		render_json(&b, s, e->w.ds.all.at[i]);
		puts(b.at);
	}
}

static int
explain_log(struct explain *e, const char *path, const char *object)
{
	struct logged l = {.log = &e->log, .sources = session_sources(e->w.session)};
	size_t n = 0, size = 0;
	char *text = read_all(path, &n), *bytes = object ? cli_read_file(object, &size) : NULL;
	int status = STATUS_USAGE;

	if (!text || (object && !bytes))
		goto out;
	log_parse(text, n, &e->w.arena, &e->log);
	l.file = sources_add(l.sources, strcmp(path, "-") ? path : "<standard input>", e->log.text);
	session_kernel_btf(e->w.session, &e->btf, &e->btf_size);
	l.image = bytes ? read_program(e, object, bytes, size) : NULL;
	l.prog = l.image ? program_of_log(l.image, &e->log) : NULL;
	if (l.image && !l.prog)
		diag_warning(&e->w.ds, "K0019", 0, "the log is not about any program of `%s`", object);
	if (!(l.prog && explain_by_simulator(e, l.image, l.prog)) && !logged_report(&e->w.ds, &l)) {
		cli_usage("%s: neither a verifier log nor a loader's error that is known", path);
		goto out;
	}
	print(e);
	status = STATUS_OK;
out:
	free(text);
	free(bytes);
	return status;
}

int
cmd_explain(struct cli *c)
{
	struct explain e = {.cli = c};
	int status;

	if (!c->opt[OPT_LOGFILE])
		return c->nfiles == 1 ? page_print(c, c->files[0])
				      : cli_usage("explain wants a code, or --log FILE");
	if (work_begin(&e.w, c, &(struct session_opts){0}))
		return STATUS_USAGE;
	status = explain_log(&e, c->opt[OPT_LOGFILE], c->nfiles ? c->files[0] : NULL);
	work_end(&e.w);
	return status;
}

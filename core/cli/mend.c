/* SPDX-License-Identifier: MIT */
/* mend.c: see mend.h. */
#include "mend.h"

#include "base/buf.h"
#include "session/check.h"
#include "fix/fix.h"
#include "work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ROUNDS = 32 };

struct mend {
	struct cli *cli;
	const char *file;
	const struct verify_opts *opts;
	struct arena arena;
	str text;		/* as mended so far */
	unsigned applied;
};

static void
say(struct mend *m, struct sources *s, const struct diag *d, const struct diag_fix *f)
{
	struct line_col lc = span_line_col(s, f->edits.at[0].at);
	struct buf b = buf_new(&m->arena);

	buf_printf(&b, "%s:%u:%u: %s[%s]: %s\n", m->file, lc.line, lc.col,
		   f->verified ? "fixed" : "changed", d->code, f->title);
	if (!m->cli->opt[OPT_BRIEF])
		render_fix(&b, s, f, &(struct render_opts){m->cli->colour_err, m->cli->width});
	fwrite(b.at, 1, b.n, stderr);
}

/* The first rejection that can be mended is; false when there is none. */
static bool
mend_one(struct mend *m, struct work *w, const struct image *im, uint32_t file)
{
	struct verify_opts o = *m->opts;

	if (!o.vmlinux_btf)
		session_kernel_btf(w->session, &o.vmlinux_btf, &o.vmlinux_btf_size);
	for (uint32_t i = 0; i < im->progs.n; i++) {
		struct verify_result r;
		struct checked c = {im, im->progs.at[i], &o, &r, w->session};
		struct diag *d;
		str text;

		check_program(im, im->progs.at[i], &o, &w->arena, &r);
		d = r.verdict == VERDICT_REJECT ? check_report(&w->ds, &c, NULL) : NULL;
		if (!d || !d->fixes.n)
			continue;
		text = fix_apply(session_sources(w->session), file, &d->fixes.at[0], &m->arena);
		if (!text.p)
			continue;
		say(m, session_sources(w->session), d, &d->fixes.at[0]);
		m->text = text;
		m->applied++;
		return true;
	}
	return false;
}

static bool
mend_round(struct mend *m)
{
	struct image im;
	struct work w;
	bool again = false;
	uint32_t file;

	if (work_begin(&w, m->cli, &(struct session_opts){0}))
		return false;
	file = session_sources(w.session)->files.n;
	if (work_feed_text(&w, m->file, m->text, NULL) == STATUS_OK &&
	    session_build(w.session, &w.arena, &im, &w.ds))
		again = mend_one(m, &w, &im, file);
	work_end(&w);
	return again;
}

int
mend_file(struct cli *c, const char *file, const struct verify_opts *o)
{
	struct mend m = {.cli = c, .file = file, .opts = o};
	size_t n = 0;
	char *bytes = cli_read_file(file, &n);
	int err = 0;

	if (!bytes)
		return STATUS_USAGE;
	arena_init(&m.arena);
	m.text = (str){bytes, n};
	if (n < 4 || memcmp(bytes, "\177ELF", 4) != 0)
		for (unsigned i = 0; i < MAX_ROUNDS && mend_round(&m); i++)
			;
	if (m.applied)
		err = fix_write_file(file, m.text);
	if (err)
		cli_usage("cannot write %s: %s; it is unchanged", file, strerror(-err));
	else if (m.applied)
		fprintf(stderr, "%s: %u change%s written\n", file, m.applied,
			m.applied == 1 ? "" : "s");
	arena_free(&m.arena);
	free(bytes);
	return err ? STATUS_USAGE : STATUS_OK;
}

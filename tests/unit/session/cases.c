/* SPDX-License-Identifier: MIT */
/* cases.c: sessions as text, tests/cases/session. A file is a list of cases, each begun by a
 * line `;;; NAME`; its forms are evaluated one after the other in a live session. Lines say
 * what is expected:
 *
 *   ;;| text           a line of what the session writes, in order and complete, blank lines
 *                      and spaces at the end left out
 *   ;; error C0012 text  the last form fails with that error, its text holding `text`
 *
 * Each case has a session of its own. */
#include "base/buf.h"
#include "base/render.h"
#include "repl/show.h"
#include "session/session.h"
#include "tests/unit/syscalls/kit.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#define MARK ";;; "
#define LINE ";;|"
#define ERROR ";; error "

struct text_case {
	const char *file;
	str name, body;
	struct arena arena;
	struct buf written, wanted;
	str error;		/* "C0012 text", or empty */
};

TestSuite(session_cases, .init = kit_need_bpf, .timeout = 120);

static str
next_line(str *text)
{
	const char *nl = memchr(text->p, '\n', text->n);
	str line = {text->p, nl ? (size_t)(nl - text->p) : text->n};

	text->p += line.n + (nl != NULL);
	text->n -= line.n + (nl != NULL);
	return line;
}

/* Lines without trailing spaces, blank ones left out. */
static str
essence(struct arena *a, str text)
{
	struct buf out = buf_new(a);

	while (text.n) {
		str line = next_line(&text);

		while (line.n && line.p[line.n - 1] == ' ')
			line.n--;
		if (!line.n)
			continue;
		buf_str(&out, line);
		buf_putc(&out, '\n');
	}
	return buf_text(&out);
}

static void
take_output(void *ud, str text)
{
	struct text_case *c = ud;

	buf_str(&c->written, text);
}

static void
read_expectations(struct text_case *c)
{
	str rest = c->body;

	while (rest.n) {
		str line = next_line(&rest);

		if (str_starts(line, LINE)) {
			size_t skip = strlen(LINE);

			if (line.n > skip && line.p[skip] == ' ')
				skip++;
			buf_bytes(&c->wanted, line.p + skip, line.n - skip);
			buf_putc(&c->wanted, '\n');
		} else if (str_starts(line, ERROR)) {
			c->error = (str){line.p + strlen(ERROR), line.n - strlen(ERROR)};
		}
	}
}

static bool
is_wanted(const struct text_case *c, const struct diags *ds)
{
	const char *space = memchr(c->error.p, ' ', c->error.n);
	size_t n = space ? (size_t)(space - c->error.p) : c->error.n;

	for (uint32_t i = 0; i < ds->all.n; i++) {
		const struct diag *d = ds->all.at[i];

		if (d->severity == DIAG_ERROR && strlen(d->code) == n &&
		    memcmp(d->code, c->error.p, n) == 0 &&
		    (!space || memmem(d->message, strlen(d->message), space + 1,
				      c->error.n - n - 1)))
			return true;
	}
	return false;
}

static void
judge(struct text_case *c, struct session *s, const struct diags *ds)
{
	struct buf shown = buf_new(&c->arena);

	render_diags(&shown, session_sources(s), ds, NULL);
	if (c->error.n)
		cr_expect(is_wanted(c, ds), "%s: %.*s: expected error %.*s, got: %s", c->file,
			  STR_ARG(c->name), STR_ARG(c->error), shown.n ? shown.at : "none");
	else
		cr_expect(!ds->errors, "%s: %.*s: %s", c->file, STR_ARG(c->name), shown.at);
	cr_expect(str_eq(essence(&c->arena, buf_text(&c->written)),
			 essence(&c->arena, buf_text(&c->wanted))),
		  "%s: %.*s: wrote\n%.*s", c->file, STR_ARG(c->name), (int)c->written.n,
		  c->written.n ? c->written.at : "");
}

static void
run_case(struct text_case *c)
{
	struct session *s = session_new(&(struct session_opts){.live = true, .write = take_output,
							       .ud = c});
	struct reader r = {0};
	struct diags ds;
	enum session_step step;
	value v;

	session_allow_write(s, "/tmp");
	show_define(s, &(struct show_opts){0});
	diags_init(&ds, &c->arena);
	c->written = buf_new(&c->arena);
	c->wanted = buf_new(&c->arena);
	read_expectations(c);
	r.file = sources_add(session_sources(s), "case", c->body);
	do {
		step = session_step(s, &r, &v, &ds);
	} while (step == STEP_VALUE);
	judge(c, s, &ds);
	session_free(s);
}

static void
run_file(const char *path)
{
	FILE *f = fopen(path, "re");
	struct arena a;
	struct buf all;
	char part[4096];
	size_t n;
	str rest;

	cr_assert_not_null(f, "%s", path);
	arena_init(&a);
	all = buf_new(&a);
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		buf_bytes(&all, part, n);
	fclose(f);
	rest = buf_text(&all);
	for (const char *at = rest.p, *end = rest.p + rest.n; at && at < end;) {
		const char *next = memmem(at + 1, (size_t)(end - at) - 1, "\n" MARK, strlen(MARK) + 1);
		struct text_case c = {.file = path};

		c.body = (str){at, (size_t)((next ? next + 1 : end) - at)};
		at = next ? next + 1 : NULL;
		if (!str_starts(c.body, MARK))
			continue;
		c.name = (str){c.body.p + strlen(MARK),
			       (size_t)((const char *)memchr(c.body.p, '\n', c.body.n) - c.body.p) -
				       strlen(MARK)};
		arena_init(&c.arena);
		run_case(&c);
		arena_free(&c.arena);
	}
	arena_free(&a);
}

Test(session_cases, all)
{
	glob_t g;

	cr_assert_eq(glob("tests/cases/session/*.lisp", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++)
		run_file(g.gl_pathv[i]);
	globfree(&g);
}

/* SPDX-License-Identifier: MIT */
/* The text cases of tests/cases/lisp: a form, then what it must give:
 *   form ;=> printed value        form ;! part of the error message
 *   form ;>> printed output, with | for a newline
 * A form without a mark must only not fail. Each file runs in a machine of its own, once as
 * usual and once collecting garbage at every safe point (but for large-*.lisp, whose size
 * would make that take hours). */
#include <criterion/criterion.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "lang/lisp.h"

struct run {
	struct lisp *l;
	struct arena arena;
	struct sources sources;
	struct buf out;
	const char *name;
	uint32_t checked;
};

static void
collect_output(void *ud, str text)
{
	struct run *r = ud;

	buf_str(&r->out, text);
}

static str
read_whole(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf b = buf_new(a);
	char chunk[4096];
	size_t n;

	cr_assert(f, "cannot open %s", path);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		buf_bytes(&b, chunk, n);
	fclose(f);
	return buf_text(&b);
}

/* The mark after byte `pos` of the text, on the same line or the next; kind is the
 * character after the semicolon, 0 when there is none. */
static str
expectation(str text, uint32_t pos, char *kind)
{
	size_t i = pos, start;

	*kind = 0;
	while (i < text.n && strchr(" \t\n", text.p[i]))
		i++;
	if (i + 2 >= text.n || text.p[i] != ';' || !strchr("=!>", text.p[i + 1]))
		return (str){0};
	*kind = text.p[i + 1];
	start = i + (*kind == '!' ? 2 : 3);
	while (start < text.n && text.p[start] == ' ')
		start++;
	for (i = start; i < text.n && text.p[i] != '\n'; i++)
		;
	return (str){text.p + start, i - start};
}

static void
check(struct run *r, str text, struct reader *rd, value form)
{
	struct diags ds;
	char kind;
	str want = expectation(text, rd->pos, &kind), got;
	uint32_t mark = lisp_root(r->l, form);
	struct line_col at = span_line_col(&r->sources, form_span(form));
	value v;
	bool ok;

	diags_init(&ds, &r->arena);
	r->out.n = 0;
	ok = lisp_eval(r->l, form, &v, &ds);
	lisp_unroot(r->l, mark);
	r->checked++;
	if (kind == '!') {
		cr_expect(!ok && ds.all.n && memmem(ds.all.at[0]->message,
						    strlen(ds.all.at[0]->message), want.p, want.n),
			  "%s:%u: wanted the error \"%.*s\", got %s", r->name, at.line,
			  STR_ARG(want), ok ? "none" : ds.all.n ? ds.all.at[0]->message : "?");
		return;
	}
	cr_expect(ok, "%s:%u: error: %s", r->name, at.line,
		  ds.all.n ? ds.all.at[0]->message : "without a diagnostic");
	if (!ok || !kind)
		return;
	got = kind == '=' ? lisp_print(r->l, &r->arena, v, true) : buf_text(&r->out);
	for (uint32_t i = 0; kind == '>' && i < r->out.n; i++)
		if (r->out.at[i] == '\n')
			r->out.at[i] = '|';
	cr_expect(str_eq(got, want), "%s:%u: wanted %.*s got %.*s", r->name, at.line,
		  STR_ARG(want), STR_ARG(got));
}

static void
run_file(const char *path, bool stress)
{
	struct lisp_limits limits = {.gc_stress = stress, .heap = 64 << 20};
	struct run r = {.name = path};
	struct reader rd = {0};
	struct diags ds;
	enum read_status s;
	value form;
	str text;

	sources_init(&r.sources);
	arena_init(&r.arena);
	diags_init(&ds, &r.arena);
	r.out = buf_new(&r.arena);
	r.l = lisp_new(&r.sources, &limits);
	lisp_set_output(r.l, collect_output, &r);
	text = read_whole(&r.arena, path);
	rd.file = sources_add(&r.sources, path, text);
	while ((s = lisp_read(r.l, &rd, &form, &ds)) == READ_FORM)
		check(&r, text, &rd, form);
	cr_expect(s == READ_END, "%s: %s", path, ds.all.n ? ds.all.at[0]->message : "?");
	cr_expect(r.checked > 0, "%s holds no case", path);
	lisp_free(r.l);
	arena_free(&r.arena);
	sources_free(&r.sources);
}

static void
run_all(bool stress)
{
	const char *dir = "tests/cases/lisp";
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[400];
	int n = 0;

	cr_assert(d, "no %s here", dir);
	while ((e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name);

		if (len < 6 || strcmp(e->d_name + len - 5, ".lisp") != 0)
			continue;
		if ((stress || getenv("VEERY_GC_STRESS")) && strncmp(e->d_name, "large-", 6) == 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		run_file(path, stress);
		n++;
	}
	closedir(d);
	cr_expect(n > 0);
}

Test(cases, lisp)
{
	run_all(false);
}

Test(cases, lisp_collecting_at_every_safe_point)
{
	run_all(true);
}

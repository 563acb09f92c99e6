/* SPDX-License-Identifier: MIT */
#include "base/render.h"

#include <criterion/criterion.h>

static struct arena arena;
static struct sources sources;
static struct diags diags;

static void
setup(void)
{
	arena_init(&arena);
	sources_init(&sources);
	diags_init(&diags, &arena);
}

static void
teardown(void)
{
	sources_free(&sources);
	arena_free(&arena);
}

TestSuite(render, .init = setup, .fini = teardown);

static span
find(uint32_t file, const char *what)
{
	const char *text = sources.files.at[file].text.p;
	const char *p = strstr(text, what);

	cr_assert_not_null(p);
	return span_new(&sources, file, (uint32_t)(p - text),
			(uint32_t)(p - text + (ptrdiff_t)strlen(what)));
}

static void
expect(const struct diag *d, unsigned width, const char *want)
{
	struct buf out = buf_new(&arena);

	render_diag(&out, &sources, d, &(struct render_opts){.width = width});
	cr_assert_str_eq(out.at, want, "got:\n%s\nwanted:\n%s", out.at, want);
}

Test(render, one_line)
{
	uint32_t f = sources_add(&sources, "count.lisp", STR("(defprog p ()\n  (getmap pkst 0))\n"));
	struct diag *d = diag_error(&diags, "C0012", find(f, "pkst"), "unknown map `%s`", "pkst");

	diag_here(&diags, d, "no map of this name");
	diag_help(&diags, d, "did you mean `pkts`?");
	expect(d, 80,
	       "error[C0012]: unknown map `pkst`\n"
	       "  --> count.lisp:2:11\n"
	       "   |\n"
	       " 2 |   (getmap pkst 0))\n"
	       "   |           ^^^^ no map of this name\n"
	       "   |\n"
	       "   = help: did you mean `pkts`?\n");
}

Test(render, places_in_order_with_gap)
{
	uint32_t f = sources_add(&sources, "a.lisp", STR("(a\n b\n c\n d\n e)\n"));
	struct diag *d = diag_error(&diags, "V0101", find(f, "e"), "late");

	diag_label(&diags, d, find(f, "a"), "first");
	diag_label(&diags, d, find(f, "c"), "then");
	expect(d, 80,
	       "error[V0101]: late\n"
	       "  --> a.lisp:5:2\n"
	       "   |\n"
	       " 1 | (a\n"
	       "   |  - first\n"
	       " 2 |  b\n"
	       " 3 |  c\n"
	       "   |  - then\n"
	       " 4 |  d\n"
	       " 5 |  e)\n"
	       "   |  ^\n");
}

Test(render, carets_align_under_tabs_and_wide_characters)
{
	uint32_t f = sources_add(&sources, "w.lisp", STR("\t(\"\xe6\xbc\xa2\xe5\xad\x97\" bad)\n"));
	struct diag *d = diag_error(&diags, "R0001", find(f, "bad"), "m");

	expect(d, 80,
	       "error[R0001]: m\n"
	       "  --> w.lisp:1:12\n"
	       "   |\n"
	       " 1 |         (\"\xe6\xbc\xa2\xe5\xad\x97\" bad)\n"
	       "   |                 ^^^\n");
}

Test(render, long_lines_are_cut_to_the_width)
{
	char line[600];
	uint32_t f;
	struct buf out = buf_new(&arena);
	const char *nl;

	memset(line, 'x', sizeof line);
	memcpy(line + 400, " here ", 6);
	f = sources_add(&sources, "l.lisp", (str){line, sizeof line});
	render_diag(&out, &sources, diag_error(&diags, "R0001", find(f, "here"), "m"),
		    &(struct render_opts){.width = 60});
	for (const char *p = out.at; *p; p = nl + 1) {
		nl = strchr(p, '\n');
		cr_assert_leq(nl - p, 66, "line too long: %.*s", (int)(nl - p), p);
	}
	cr_assert_not_null(strstr(out.at, "here"));
}

Test(render, expansion_shows_the_users_form_first)
{
	uint32_t user = sources_add(&sources, "u.lisp", STR("(my-macro 1)\n"));
	uint32_t mac = sources_add(&sources, "m.lisp", STR("(defmacro my-macro (x) `(boom ,x))\n"));
	span call = find(user, "(my-macro 1)");
	span at = span_derive(&sources, find(mac, "(boom ,x)"), call);
	struct diag *d = diag_error(&diags, "C0001", at, "unknown form `boom`");

	expect(d, 80,
	       "error[C0001]: unknown form `boom`\n"
	       "  --> u.lisp:1:1\n"
	       "   |\n"
	       " 1 | (my-macro 1)\n"
	       "   | ^^^^^^^^^^^^\n"
	       "  ::: m.lisp:1:25\n"
	       "   |\n"
	       " 1 | (defmacro my-macro (x) `(boom ,x))\n"
	       "   |                         --------- in the macro, here\n");
}

Test(render, edits_are_shown_as_a_diff)
{
	uint32_t f = sources_add(&sources, "f.lisp", STR("(a (b))\n"));
	struct diag *d = diag_error(&diags, "V0101", find(f, "(b)"), "m");
	struct diag_fix *fix = diag_fix(&diags, d, "test it first");

	diag_edit(&diags, fix, find(f, "(b)"), "(when p (b))");
	fix->verified = true;
	expect(d, 80,
	       "error[V0101]: m\n"
	       "  --> f.lisp:1:4\n"
	       "   |\n"
	       " 1 | (a (b))\n"
	       "   |    ^^^\n"
	       "   |\n"
	       "   = fix (verified): test it first\n"
	       "   | - (a (b))\n"
	       "   | + (a (when p (b)))\n");
}

Test(render, words_keep_to_the_width)
{
	struct arena a;
	struct sources s;
	struct diags ds;
	struct buf out;
	struct diag *d;
	uint32_t f;

	arena_init(&a);
	sources_init(&s);
	diags_init(&ds, &a);
	out = buf_new(&a);
	f = sources_add(&s, "w.lisp", STR("(a form that takes most of a narrow line)\n"));
	d = diag_error(&ds, "V0106", span_new(&s, f, 0, 41), "too long");
	diag_here(&ds, d, "words that would not fit beside the mark at all");
	diag_note(&ds, d, "a note of more words than a narrow terminal has room for on a line");
	render_diag(&out, &s, d, &(struct render_opts){.width = 60});
	for (char *line = out.at, *nl; (nl = strchr(line, '\n')); line = nl + 1)
		cr_expect(nl - line <= 60, "%.*s", (int)(nl - line), line);
	cr_expect(strstr(out.at, "on a line"));
	sources_free(&s);
	arena_free(&a);
}

Test(render, brief_and_json)
{
	uint32_t f = sources_add(&sources, "b.lisp", STR("(x \"\\\n\")\n"));
	struct diag *d = diag_error(&diags, "C0009", find(f, "x"), "say \"hi\"");
	struct buf out = buf_new(&arena);

	render_brief(&out, &sources, d);
	cr_assert_str_eq(out.at, "b.lisp:1:2: error[C0009]: say \"hi\"\n");
	out = buf_new(&arena);
	render_json(&out, &sources, d);
	cr_assert_str_eq(out.at, "{\"severity\":\"error\",\"code\":\"C0009\",\"message\":\"say \\\"hi\\\"\","
			 "\"at\":{\"file\":\"b.lisp\",\"line\":1,\"column\":2,\"end_line\":1,"
			 "\"end_column\":3},\"in_macro\":null,\"labels\":[],\"notes\":[],\"helps\":[],"
			 "\"fixes\":[],\"real\":null,\"kernel_message\":null}");
}

Test(render, json_replaces_bytes_that_are_not_utf8)
{
	struct buf out = buf_new(&arena);

	buf_json_str(&out, STR("a\xff\x01z"));
	cr_assert_str_eq(out.at, "\"a\\ufffd\\u0001z\"");
}

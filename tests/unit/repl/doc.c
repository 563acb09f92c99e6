/* SPDX-License-Identifier: MIT */
/* (doc NAME): of everything that can be typed something is known. */
#include "repl/repl.h"
#include "repl/show.h"

#include <criterion/criterion.h>

static struct arena arena;
static struct session *session;
static struct buf said;

static void
hear(void *ud, str text)
{
	(void)ud;
	buf_str(&said, text);
}

static void
set_up(void)
{
	struct session_opts o = {.write = hear};

	arena_init(&arena);
	said = buf_new(&arena);
	session = session_new(&o);
	help_define(session);
}

static void
tear_down(void)
{
	session_free(session);
	arena_free(&arena);
}

/* What (doc NAME) says; empty when it is an error. */
static str
doc(const char *name)
{
	struct reader r = {0};
	struct diags ds;
	value v;

	said = buf_new(&arena);
	diags_init(&ds, &arena);
	r.file = sources_add(session_sources(session), "doc",
			     str_of(arena_printf(&arena, "(doc %s)", name)));
	return session_step(session, &r, &v, &ds) == STEP_VALUE ? buf_text(&said) : (str){0};
}

/* A name that only code made by our own macros uses begins with %. Variables and readers of
 * records have their values to show. */
static bool
is_operator(const struct symbol *s)
{
	return s->name.p[0] != '%' && s->name.p[0] != '(' &&
	       (s->kform || s->uform || s->function != UNBOUND || s->macro != UNBOUND);
}

Test(doc, everything_that_can_be_called_is_documented, .init = set_up, .fini = tear_down)
{
	struct symbol *sym;
	unsigned asked = 0;

	for (uint32_t id = 1; (sym = lisp_symbol_at(session_lisp(session), id)); id++) {
		const char *name = arena_strndup(&arena, sym->name.p, sym->name.n);

		if (!is_operator(sym))
			continue;
		cr_expect_gt(doc(name).n, 0, "(doc %s) knows nothing", name);
		asked++;
	}
	cr_assert_gt(asked, 400, "only %u names", asked);
}

Test(doc, macros_of_the_prelude, .init = set_up, .fini = tear_down)
{
	cr_expect(str_is(doc("with-udp"),
			 "(with-udp (data end udp) &body body)\n"
			 "udp points to the UDP header; other packets skip the body.\n"));
}

Test(doc, own_definitions, .init = set_up, .fini = tear_down)
{
	value v;
	struct diags ds;
	struct reader r = {0};

	diags_init(&ds, &arena);
	r.file = sources_add(session_sources(session), "own",
			     STR("(defun area (width &optional (height 1))"
				 " \"Of a rectangle.\" (* width height))"
				 "(defmacro swap ((a b) &body body) `(,b ,a ,@body))"));
	cr_assert_eq(session_step(session, &r, &v, &ds), STEP_VALUE);
	cr_assert_eq(session_step(session, &r, &v, &ds), STEP_VALUE);
	cr_expect(str_is(doc("area"), "(area width &optional (height 1))\nOf a rectangle.\n"));
	cr_expect(str_is(doc("swap"), "(swap (a b) &body body)\n"));
	cr_expect(str_is(doc("cadr"), "cadr: a function of 1 argument\n"));
	cr_expect_eq(doc("no-such-thing").n, 0);
}

/* SPDX-License-Identifier: MIT */
/* Reading and printing back. */
#include <criterion/criterion.h>

#include "base/buf.h"
#include "lang/lisp.h"

static struct sources sources;
static struct arena arena;
static struct diags diags;
static struct lisp *l;

static void
setup(void)
{
	sources_init(&sources);
	arena_init(&arena);
	diags_init(&diags, &arena);
	l = lisp_new(&sources, NULL);
}

static void
teardown(void)
{
	lisp_free(l);
	sources_free(&sources);
	arena_free(&arena);
}

TestSuite(reader, .init = setup, .fini = teardown);

/* Every form of the text, printed, separated by spaces; "!CODE" for an error. */
static const char *
echo(const char *text)
{
	struct reader r = {.file = sources_add(&sources, "t", str_of(text))};
	struct buf b = buf_new(&arena);
	enum read_status s;
	value v;

	buf_puts(&b, "");
	while ((s = lisp_read(l, &r, &v, &diags)) != READ_END) {
		if (b.n)
			buf_putc(&b, ' ');
		if (s == READ_FORM)
			buf_str(&b, lisp_print(l, &arena, v, true));
		else
			buf_printf(&b, "!%s", diags.all.at[diags.all.n - 1]->code);
	}
	return b.at;
}

#define ECHO(text, want) cr_expect_str_eq(echo(text), want)

Test(reader, atoms)
{
	ECHO("foo FOO Foo", "foo foo foo");
	ECHO("|Foo bar| a\\B", "|Foo bar| |aB|");
	ECHO(":key cl:incf whistler::getmap bpf:map kw::x", ":key incf getmap bpf:map x");
	ECHO("nil () t", "nil nil t");
	ECHO("#:g", "#:g");
	ECHO("1+ 1- + - -x ...", "1+ 1- + - -x !R0008");
	ECHO("\"a\\\"b\\\\\" \"\"", "\"a\\\"b\\\\\" \"\"");
	ECHO("#\\a #\\Space #\\( #\\newline #\\x41", "#\\a #\\Space #\\( #\\Newline #\\A");
}

Test(reader, numbers)
{
	ECHO("0 -1 +7 10. 007", "0 -1 7 10 7");
	ECHO("#xFF #b101 #o17 #x-1", "255 5 15 -1");
	ECHO("18446744073709551615 -9223372036854775808",
	     "18446744073709551615 -9223372036854775808");
	ECHO("18446744073709551616", "!R0006");
	ECHO("-9223372036854775809", "!R0006");
	ECHO("#x10000000000000000", "!R0006");
	ECHO("1.5 -.5 1e3 2.5d0 0.1", "1.5 -0.5 1000.0 2.5 0.1");
	ECHO("#xzz", "!R0006");
}

Test(reader, lists)
{
	ECHO("(a (b . c) d)", "(a (b . c) d)");
	ECHO("(1 . (2 . (3 . nil)))", "(1 2 3)");
	ECHO("'a #'b `(a ,b ,@c)", "'a #'b `(a ,b ,@c)");
	ECHO("#(1 2 (3))", "#(1 2 (3))");
	ECHO("(a #| #| x |# |# b ; c\n d)", "(a b d)");
	ECHO("#+sbcl a #-sbcl b (c #+(and linux (not sbcl)) d #+sbcl (e))", "b (c d)");
	ECHO("''a", "''a");
}

Test(reader, errors)
{
	ECHO("(a (b c", "!R0001");
	ECHO("a)\n(b)", "a !R0002 (b)");
	ECHO("\"abc", "!R0007");
	ECHO("#| x", "!R0007");
	ECHO("(a . )", "!R0008");
	ECHO("( . a)", "!R0008");
	ECHO("(a . b c)", "!R0008");
	ECHO("#<x>", "!R0003");
	ECHO("#\\nosuch", "!R0009");
	ECHO("(a ')", "!R0010");
	ECHO("'", "!R0010");
	ECHO("a\001b", "a !R0004");
}

Test(reader, nul_byte_is_an_error)
{
	struct reader r = {.file = sources_add(&sources, "t", (str){"a\0b", 3})};
	value v;

	cr_expect_eq(lisp_read(l, &r, &v, &diags), READ_FORM);
	cr_expect_eq(lisp_read(l, &r, &v, &diags), READ_ERROR);
	cr_expect_str_eq(diags.all.at[0]->code, "R0004");
}

Test(reader, depth_is_bounded)
{
	char *deep = arena_alloc(&arena, 200001);

	memset(deep, '(', 200000);
	cr_expect_str_eq(echo(deep), "!R0005");
	memset(deep, '\'', 200000);
	cr_expect_str_eq(echo(deep), "!R0005");
	memset(deep, 0, 200000);
	memset(deep, '(', 9000);
	memset(deep + 9000, ')', 9000);
	cr_expect_neq(echo(deep)[0], '!');
}

Test(reader, unclosed_form_says_where_it_began)
{
	struct diag *d;

	echo("(defun f (x)\n  (let ((y 1)\n   (+ x y)))");
	d = diags.all.at[0];
	cr_expect_str_eq(d->code, "R0001");
	cr_expect_str_eq(d->at_label, "`defun` opens here");
	cr_expect_eq(span_line_col(&sources, d->at).line, 1);
}

Test(reader, interactive_asks_for_more)
{
	struct reader r = {.file = sources_add(&sources, "t", STR("1 (a \"b")),
			   .interactive = true};
	value v;

	cr_expect_eq(lisp_read(l, &r, &v, &diags), READ_FORM);
	cr_expect_eq(lisp_read(l, &r, &v, &diags), READ_INCOMPLETE);
	cr_expect_eq(diags.errors, 0);
	cr_expect_eq(r.pos, 1);
	r = (struct reader){.file = sources_add(&sources, "t", STR("(a '")),
			    .interactive = true};
	cr_expect_eq(lisp_read(l, &r, &v, &diags), READ_INCOMPLETE);
}

static str
text_of(span at)
{
	return span_text(&sources, at);
}

Test(reader, every_cons_knows_its_place)
{
	struct reader r = {.file = sources_add(&sources, "t", STR(" (foo (Bar 1) 'x . \"y\")"))};
	value v, rest;

	cr_assert_eq(lisp_read(l, &r, &v, &diags), READ_FORM);
	cr_expect(str_is(text_of(form_span(v)), "(foo (Bar 1) 'x . \"y\")"));
	cr_expect(str_is(text_of(car_span(v)), "foo"));
	rest = cdr(v);
	cr_expect(str_is(text_of(form_span(rest)), "(Bar 1) 'x . \"y\")"));
	cr_expect(str_is(text_of(form_span(car(rest))), "(Bar 1)"));
	cr_expect(str_is(text_of(car_span(car(rest))), "Bar"));
	cr_expect(str_is(text_of(car_span(cdr(car(rest)))), "1"));
	rest = cdr(rest);
	cr_expect(str_is(text_of(car_span(rest)), "'x"));
	cr_expect(str_is(text_of(car_span(cdr(car(rest)))), "x"));
}

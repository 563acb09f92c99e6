/* SPDX-License-Identifier: MIT */
/* The machine as its host sees it: places of expansions, limits, interrupts, builtins of the
 * host, powers, memory. What the language computes is in tests/cases/lisp. */
#include <criterion/criterion.h>

#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "lang/lisp.h"
#include "lang/machine.h"

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

TestSuite(machine, .init = setup, .fini = teardown);

static value
read1(const char *text)
{
	struct reader r = {.file = sources_add(&sources, "t", str_of(text))};
	value v = NIL;

	cr_assert_eq(lisp_read(l, &r, &v, &diags), READ_FORM);
	return v;
}

/* Printed value of the last form of a text, or "!message". */
static const char *
run(const char *text)
{
	struct reader r = {.file = sources_add(&sources, "t", str_of(text))};
	value form, v = NIL;

	diags_init(&diags, &arena);
	while (lisp_read(l, &r, &form, &diags) == READ_FORM) {
		uint32_t mark = lisp_root(l, form);
		bool ok = lisp_eval(l, form, &v, &diags);

		lisp_unroot(l, mark);
		if (!ok)
			return arena_printf(&arena, "!%s", diags.all.n ?
					    diags.all.at[0]->message : "?");
	}
	return arena_printf(&arena, "%.*s", STR_ARG(lisp_print(l, &arena, v, true)));
}

/* Of the processor: what else the machine does is not ours to bound. */
static uint64_t
spent_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- expansions ----------------------------------------------------------------------- */

static str
text_of(span at)
{
	return span_text(&sources, at);
}

Test(machine, an_expansion_knows_both_places)
{
	value form, out;
	bool expanded;

	run("(defmacro twice (x) `(progn (first-of ,x) ,x))");
	form = read1("  (twice (foo 1))");
	cr_assert(lisp_expand1(l, form, NIL, &out, &expanded, &diags));
	cr_expect(expanded);
	/* the template's form: its own text, reached through the call */
	cr_expect(str_is(text_of(form_span(out)), "(progn (first-of ,x) ,x)"));
	cr_expect(str_is(text_of(span_user(&sources, form_span(out))), "(twice (foo 1))"));
	cr_expect(str_is(text_of(form_span(car(cdr(out)))), "(first-of ,x)"));
	cr_expect(str_is(text_of(car_span(out)), "progn"));
	/* what the user wrote is the user's own */
	cr_expect(str_is(text_of(form_span(car(cdr(car(cdr(out)))))), "(foo 1)"));
	cr_expect_eq(span_place(&sources, form_span(car(cdr(cdr(out))))).parent, 0);
}

Test(machine, conses_made_by_functions_get_the_call)
{
	value form, out;
	bool expanded;

	run("(defmacro m (x) (list 'if x (list 'f 1) ''k))");
	form = read1("(m y)");
	cr_assert(lisp_expand1(l, form, NIL, &out, &expanded, &diags));
	cr_expect(str_is(text_of(form_span(out)), "(m y)"));
	cr_expect(str_is(text_of(car_span(cdr(out))), "(m y)"));
}

Test(machine, constants_of_a_macro_are_not_shared)
{
	value form, a, b;
	bool expanded;

	run("(defmacro k () '(f (g 1)))");
	form = read1("(k)");
	cr_assert(lisp_expand1(l, form, NIL, &a, &expanded, &diags));
	cr_assert(lisp_expand1(l, form, NIL, &b, &expanded, &diags));
	cr_expect_neq(a, b);
	cr_expect(str_is(text_of(span_user(&sources, form_span(a))), "(k)"));
}

Test(machine, a_form_that_is_no_macro_is_left_alone)
{
	value form = read1("(no-macro 1)"), out;
	bool expanded = true;

	cr_assert(lisp_expand1(l, form, NIL, &out, &expanded, &diags));
	cr_expect_not(expanded);
	cr_expect_eq(out, form);
}

Test(machine, macrolet_environment)
{
	value fn, env, out, form = read1("(m 1)");
	bool expanded;

	cr_assert(lisp_macro_function(l, read1("(m (x) `(list ,x 2))"), &fn, &diags));
	env = cons(l, cons(l, make_symbol(l, STR("m")), fn), NIL);
	cr_assert(lisp_expand1(l, form, env, &out, &expanded, &diags));
	cr_expect(expanded);
	cr_expect(str_is(lisp_print(l, &arena, out, true), "(list 1 2)"));
	/* a function of that name hides the macro */
	env = cons(l, cons(l, make_symbol(l, STR("m")), NIL), env);
	cr_assert(lisp_expand1(l, form, env, &out, &expanded, &diags));
	cr_expect_not(expanded);
}

Test(machine, an_error_while_expanding_shows_the_call_first)
{
	struct diag *d;

	run("(defmacro bad (x) (car x))");
	cr_expect_str_eq(run("(list (bad 5))"), "!5 is not a list");
	d = diags.all.at[0];
	cr_expect(str_is(text_of(d->at), "(bad 5)"));
	cr_assert_eq(d->labels.n, 1);
	cr_expect(str_is(text_of(d->labels.at[0].at), "(car x)"));
}

Test(machine, wrong_arguments_of_a_macro_show_where_it_is_defined)
{
	struct diag *d;

	run("(defmacro pair (a b) `(list ,a ,b))");
	cr_expect_str_eq(run("(list (pair 5))"), "!too few arguments for: (pair a b)");
	d = diags.all.at[0];
	cr_expect(str_is(text_of(d->at), "(pair 5)"));
	cr_assert_eq(d->labels.n, 1);
	cr_expect_str_eq(d->labels.at[0].text, "defined here");
	/* Of one that lies in the prelude there is no line to show, and none is made up. */
	cr_expect_eq(run("(list (with-tcp (a b c d)))")[0], '!');
	d = diags.all.at[0];
	cr_expect(str_is(text_of(d->at), "(with-tcp (a b c d))"));
	cr_assert_eq(d->labels.n, 0);
}

Test(machine, an_error_in_expanded_code_leads_to_the_user)
{
	run("(defmacro half (x) `(car ,x))");
	run("(defun f () (half 5))");
	run("(list (f))");
	cr_assert_eq(diags.errors, 1);
	cr_expect(str_is(text_of(span_user(&sources, diags.all.at[0]->at)), "(half 5)"));
	/* What a macro of the prelude made is its call's, wherever in the form that stands. */
	run("(when t (check-type no-such integer))");
	cr_assert_eq(diags.errors, 1);
	cr_expect(str_is(text_of(diags.all.at[0]->at), "(check-type no-such integer)"));
}

/* ---- limits --------------------------------------------------------------------------- */

static void
expect_stopped(const char *text)
{
	uint64_t start = spent_ms();

	cr_expect_eq(run(text)[0], '!');
	/* 200 ms is the promise; sanitizers and valgrind take their share. */
	cr_expect_lt(spent_ms() - start, 600, "%s took too long", text);
	cr_expect_str_eq(diags.all.at[0]->code, "L0010");
	cr_expect_str_eq(run("(+ 1 2)"), "3");
}

Test(machine, expansions_are_bounded)
{
	run("(defmacro loops () (loop))");
	expect_stopped("(loops)");
	run("(defmacro eats () (let ((x nil)) (loop (push x x))))");
	expect_stopped("(eats)");
	run("(defmacro grows () (let ((x nil)) (loop (push (make-array 1000) x))))");
	expect_stopped("(grows)");
	run("(defmacro stubborn () (unwind-protect (loop) (loop)))");
	expect_stopped("(stubborn)");
	run("(defmacro handled () (handler-case (loop) (t () 1)))");
	expect_stopped("(handled)");
}

Test(machine, a_macro_that_expands_into_itself_ends)
{
	run("(defmacro again (x) `(again (,x)))");
	cr_expect_eq(run("(again 1)")[0], '!');
	cr_expect_str_eq(run("(+ 1 2)"), "3");
}

static void *
interrupt_soon(void *arg)
{
	usleep(20000);
	lisp_interrupt(arg);
	return NULL;
}

static const char *
run_interrupted(const char *text)
{
	pthread_t t;
	const char *r;

	cr_assert_eq(pthread_create(&t, NULL, interrupt_soon, l), 0);
	r = run(text);
	pthread_join(t, NULL);
	return r;
}

Test(machine, interrupts)
{
	cr_expect_str_eq(run_interrupted("(loop)"), "!interrupted");
	cr_expect_str_eq(run_interrupted("(sleep 10)"), "!interrupted");
	cr_expect_str_eq(run_interrupted("(handler-case (loop) (sb-sys:interactive-interrupt () "
					 "'stopped))"), "stopped");
	cr_expect_str_eq(run_interrupted("(handler-case (loop) (error () 1))"), "!interrupted");
	cr_expect_str_eq(run("(defvar *log* nil)"), "*log*");
	run_interrupted("(unwind-protect (loop) (push 'cleaned *log*))");
	cr_expect_str_eq(run("*log*"), "(cleaned)");
}

Test(machine, memory_stays_bounded)
{
	if (l->gc_stress)
		cr_skip_test("a collection for each of 13 million allocations takes minutes");
	run("(defun churn (n) (let ((x nil)) (dotimes (i n) (setq x (cons i nil))) x))");
	cr_expect_str_eq(run("(churn 10000000)"), "(9999999)");
	cr_expect_lt(l->heap.bytes, 64u << 20);
	run("(defun strings (n) (dotimes (i n) (make-string 1000)))");
	run("(strings 1000000)");
	cr_expect_lt(l->heap.bytes, 64u << 20);
	run("(defun syms (n) (dotimes (i n) (gensym)))");
	run("(syms 2000000)");
	cr_expect_lt(l->heap.bytes, 64u << 20);
	cr_expect_lt(l->nsymbols, 1000000u);
}

/* ---- the host ------------------------------------------------------------------------- */

static bool
host_add(struct lisp *lisp, void *ud, struct lisp_args a, value *out)
{
	__int128 n = 0, m;

	for (uint32_t i = 0; i < a.n; i++) {
		if (!as_int128(a.at[i], &m))
			return lisp_error(lisp, a.call, "host-add wants integers");
		n += m;
	}
	++*(int *)ud;
	*out = make_int128(lisp, n);
	return true;
}

static bool
host_form(struct lisp *lisp, void *ud, value form, value *out)
{
	(void)ud;
	(void)lisp;
	*out = car(cdr(form));
	return true;
}

static bool
host_diag(struct lisp *lisp, void *ud, struct lisp_args a, value *out)
{
	(void)ud;
	(void)out;
	diag_error(lisp_diags(lisp), "K0001", a.call, "the kernel said no");
	return false;
}

Test(machine, functions_and_forms_of_the_host)
{
	int calls = 0;

	lisp_define(l, "host-add", 1, -1, host_add, &calls, "adds");
	lisp_define_form(l, "host-quote", host_form, NULL, "quotes");
	lisp_define(l, "host-diag", 0, 0, host_diag, NULL, NULL);
	cr_expect_str_eq(run("(host-add 1 2 3)"), "6");
	cr_expect_str_eq(run("(mapcar #'host-add '(1 2))"), "(1 2)");
	cr_expect_eq(calls, 3);
	cr_expect_str_eq(run("(host-add)"), "!host-add needs at least 1 argument, here are 0");
	cr_expect_str_eq(run("(host-add 'x)"), "!host-add wants integers");
	cr_expect_str_eq(run("(handler-case (host-add 'x) (error (e) (format nil \"~a\" e)))"),
			 "\"host-add wants integers\"");
	cr_expect_str_eq(run("(let ((x 1)) (host-quote (+ 1 x)))"), "(+ 1 x)");
	cr_expect_str_eq(run("(host-diag)"), "!the kernel said no");
	cr_expect_str_eq(diags.all.at[0]->code, "K0001");
	cr_expect_str_eq(run("(handler-case (host-diag) (bpf-error () 'no))"), "no");
	cr_expect_eq(diags.errors, 0);
	cr_expect_str_eq(run("(handler-case (host-diag) (type-error () 'no))"),
			 "!the kernel said no");
	cr_expect_str_eq(diags.all.at[0]->code, "K0001");
	cr_expect(str_is(lisp_doc(l, &arena, STR("host-add")), "adds"));
}

Test(machine, the_host_calls_lisp)
{
	value f, out, args[2] = {make_int(l, 3), make_int(l, 4)};
	uint32_t mark;

	run("(defun scale (a b) (* a b))");
	f = make_symbol(l, STR("scale"));
	mark = lisp_root(l, f);
	for (int i = 0; i < 100000; i++)
		cr_assert(lisp_call(l, f, args, 2, &out, &diags));
	cr_expect(str_is(lisp_print(l, &arena, out, true), "12"));
	cr_expect_not(lisp_call(l, f, args, 1, &out, &diags));
	cr_expect_eq(diags.errors, 1);
	lisp_unroot(l, mark);
}

static bool
give_file(void *ud, str path, struct arena *a, str *out, const char **why)
{
	(void)ud;
	(void)a;
	*why = "not that one";
	*out = STR("(defvar *loaded* 5) line");
	return str_is(path, "ok");
}

static bool
file_there(void *ud, str path)
{
	(void)ud;
	return str_is(path, "ok");
}

Test(machine, files_only_when_granted)
{
	struct lisp_powers p = {.read_file = give_file, .file_exists = file_there};

	cr_expect_str_eq(run("(read-file \"ok\")"), "!cannot read ok: reading files was not granted");
	lisp_grant(l, &p);
	cr_expect_str_eq(run("(subseq (read-file \"ok\") 0 7)"), "\"(defvar\"");
	cr_expect_str_eq(run("(read-file \"no\")"), "!cannot read no: not that one");
	cr_expect_str_eq(run("(probe-file \"ok\")"), "\"ok\"");
	cr_expect_str_eq(run("(probe-file \"no\")"), "nil");
	cr_expect_str_eq(run("(with-open-file (s \"ok\") (length (read-line s)))"), "24");
	run("(defmacro peek () (read-file \"ok\"))");
	cr_expect_eq(run("(peek)")[0], '!', "no file is read while a macro is expanded");
}

Test(machine, several_machines_live_side_by_side)
{
	struct sources other_sources;
	struct lisp *other;

	sources_init(&other_sources);
	other = lisp_new(&other_sources, NULL);
	run("(defvar *here* 1)");
	cr_expect_neq(as_symbol(make_symbol(l, STR("*here*")))->global, UNBOUND);
	cr_expect_eq(as_symbol(make_symbol(other, STR("*here*")))->global, UNBOUND);
	lisp_free(other);
	sources_free(&other_sources);
}

Test(machine, a_condition_carries_its_place)
{
	cr_expect_str_eq(run("(handler-case\n  (car 5) (error (e) (condition-place e)))"),
			 "(2 3)");
}

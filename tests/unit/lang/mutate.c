/* SPDX-License-Identifier: MIT */
/* Damaged sources: cut, flipped, doubled and nested at random. Whatever comes of it, the
 * machine neither crashes nor hangs, and works afterwards. The sequence is the same in every
 * run; a failing round prints its number. */
#include <criterion/criterion.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>

#include "base/buf.h"
#include "lang/lisp.h"

enum { ROUNDS = 10000, PER_MACHINE = 500 };

static const char *const seeds[] = {
	"(defun fact (n) (if (< n 2) 1 (* n (fact (1- n))))) (fact 10)",
	"(defmacro m (a &optional (b 2) &rest c &key d) `(list ,a ,b ,@c ',d)) (m 1 2 :d 3)",
	"(loop for x in '(1 2 3) for i from 0 when (oddp x) collect (cons i x) into l "
	"finally (return l))",
	"(let ((h (make-hash-table :test 'equal))) (setf (gethash \"a\" h) 1) "
	"(incf (gethash \"b\" h 0) 5) (maphash (lambda (k v) (format nil \"~a=~5,'0d~%\" k v)) h))",
	"(handler-case (unwind-protect (error \"x ~a\" 1) (push 1 *l*)) (error (e) (princ e)) "
	"(type-error () 2))",
	"(block nil (tagbody top (when (> 1 2) (go top)) (return (values 1 2 3))))",
	"(format nil \"~{~a~^, ~} ~:[no~;yes~] ~10,3f ~@r ~(ABC~) ~v,'*d\" '(1 2) t 3.14 14 5 42)",
	"(labels ((ev (n) (if (= n 0) t (od (- n 1)))) (od (n) (if (= n 0) nil (ev (- n 1))))) "
	"(ev 10))",
	"(destructuring-bind (a (b . c) &key d) '(1 (2 3) :d 4) (list a b c d))",
	"(defstruct p x (y 2)) (let ((s (make-p :x 1))) (setf (p-x s) 5) (list s (p-y s)))",
	"(mapcar #'(lambda (x) (* x #xff)) (sort (list 3 1 2) #'< :key #'-))",
	"`(1 `(2 ,(3 ,(+ 1 2))) #(a ,@(list 1 2)) . ,(car '(1)))",
	"(catch 'a (throw 'a (multiple-value-list (floor 17 5)))) #| c |# #\\a \"str\\\"ing\" |Sym|",
	"(symbol-macrolet ((x (car l))) (let ((l (list 1))) (setf x 2) (incf x) (push 1 x) l))",
	"(reduce #'+ (map 'vector #'1+ (subseq \"hello\" 1 3)) :initial-value 18446744073709551615)",
	"(macrolet ((w (&body b) `(progn ,@b))) (flet ((f (&rest r) (apply #'list r))) (w (f 1))))",
};

static uint64_t state;

static uint32_t
rnd(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return n ? (uint32_t)(state >> 16) % n : 0;
}

static void
mutate(struct buf *b, const char *text)
{
	static const char bytes[] = "()'`,@#\"\\;|:. 019abnil&*~\n\t\x01\x80\xff";
	uint32_t n = (uint32_t)strlen(text), i = rnd(n), j = rnd(n), k, depth;

	if (i > j)
		k = i, i = j, j = k;
	switch (rnd(7)) {
	case 0:		/* cut off */
		buf_bytes(b, text, i);
		break;
	case 1:		/* a part missing */
		buf_bytes(b, text, i);
		buf_puts(b, text + j);
		break;
	case 2:		/* a part twice */
		buf_bytes(b, text, j);
		buf_puts(b, text + i);
		break;
	case 3:		/* bytes replaced */
		buf_puts(b, text);
		for (k = 0; k <= rnd(4); k++)
			b->at[rnd(n)] = bytes[rnd(sizeof bytes - 1)];
		break;
	case 4:		/* nested */
		depth = rnd(rnd(20) == 0 ? 20000 : 50);
		buf_fill(b, "('`"[rnd(3)], depth);
		buf_puts(b, text);
		buf_fill(b, ')', depth);
		break;
	case 5:		/* a part of another one inside */
		buf_bytes(b, text, i);
		buf_puts(b, seeds[rnd(sizeof seeds / sizeof *seeds)]);
		buf_puts(b, text + i);
		break;
	default:	/* a part moved to the end */
		buf_bytes(b, text, i);
		buf_puts(b, text + j);
		buf_bytes(b, text + i, j - i);
		break;
	}
}

static void
run_text(struct lisp *l, struct sources *sources, struct arena *arena, str text)
{
	struct reader r = {.file = sources_add(sources, "m", text)};
	struct diags diags;
	enum read_status s;
	value form, v;

	diags_init(&diags, arena);
	while ((s = lisp_read(l, &r, &form, &diags)) != READ_END && diags.errors < 20) {
		uint32_t mark = lisp_root(l, form), errors = diags.errors;
		struct arena scratch;

		if (s == READ_FORM) {
			if (lisp_eval(l, form, &v, &diags)) {
				arena_init(&scratch);
				lisp_print(l, &scratch, v, true);
				arena_free(&scratch);
			} else {
				cr_expect_gt(diags.errors, errors,
					     "a failure without a diagnostic");
			}
		}
		lisp_unroot(l, mark);
	}
}

/* A form that runs on is interrupted ten times a second. */
static struct lisp *volatile running;

static void
on_alarm(int sig)
{
	(void)sig;
	if (running)
		lisp_interrupt(running);
}

Test(mutate, damaged_sources, .timeout = 300)
{
	struct lisp_limits limits = {.heap = 32 << 20};
	struct itimerval every = {{0, 100000}, {0, 100000}};
	struct sources sources;
	struct lisp *l = NULL;

	state = 88172645463325252u;
	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &every, NULL);
	for (int round = 0; round < ROUNDS; round++) {
		struct arena arena;
		struct buf b, c;

		if (round % PER_MACHINE == 0) {
			sources_init(&sources);
			l = lisp_new(&sources, &limits);
			running = l;
		}
		arena_init(&arena);
		b = buf_new(&arena);
		mutate(&b, seeds[rnd(sizeof seeds / sizeof *seeds)]);
		if (rnd(3) == 0 && b.n) {
			c = buf_new(&arena);
			mutate(&c, b.at);
			b = c;
		}
		run_text(l, &sources, &arena, buf_text(&b));
		run_text(l, &sources, &arena, STR("(+ 1 2)"));
		arena_free(&arena);
		if (round % PER_MACHINE == PER_MACHINE - 1) {
			running = NULL;
			lisp_free(l);
			sources_free(&sources);
		}
	}
	setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
}

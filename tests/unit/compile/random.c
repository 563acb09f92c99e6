/* SPDX-License-Identifier: MIT */
/* random.c: random programs, optimised against unoptimised, run in the kernel.
 *
 * A program computes with eight variables, a 32-byte stack object and a map entry; it
 * branches, loops a constant number of times, and calls helpers so that values must survive
 * calls. Both builds must load and return the same. */
#include <criterion/criterion.h>

#include "base/buf.h"
#include "compile/compile.h"
#include "image/disasm.h"
#include "session/load.h"
#include "syscalls/bpf.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct gen {
	struct buf b;
	uint64_t state;
	int loops, size;	/* size: top-level statements, less up to 5 */
};

static uint32_t
rnd(struct gen *g, uint32_t n)
{
	g->state = g->state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(g->state >> 33) % n;
}

static const char *const vars[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
static const char *const constants[] = {"0",          "1",           "2",
					"7",          "255",         "256",
					"65535",      "#x7fffffff",  "#x80000000",
					"#xffffffff", "#x100000000", "#x123456789abcdef0"};
static const char *const types[] = {"u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"};
static const int sizes[] = {1, 2, 4, 8, 1, 2, 4, 8};

static void expression(struct gen *g, int depth);

static void
test(struct gen *g, int depth)
{
	static const char *const ops[] = {"=",  "/=", "<",   "<=",    ">",
					  ">=", "s<", "s>=", "logand"};

	buf_printf(&g->b, "(%s ", ops[rnd(g, 9)]);
	expression(g, depth - 1);
	buf_putc(&g->b, ' ');
	expression(g, depth - 1);
	buf_putc(&g->b, ')');
}

static void
operation(struct gen *g, int depth)
{
	static const char *const ops[] = {"+",   "-",  "*",  "logand", "logior", "logxor", "/",
					  "mod", "<<", ">>", ">>>",    "min",    "max"};
	uint32_t op = rnd(g, 13);

	buf_printf(&g->b, "(%s ", ops[op]);
	expression(g, depth - 1);
	buf_putc(&g->b, ' ');
	if (op == 6 || op == 7) {
		buf_puts(&g->b, "(logior 1 ");
		expression(g, depth - 1);
		buf_putc(&g->b, ')');
	} else if (op >= 8 && op <= 10) {
		buf_printf(&g->b, "%u", rnd(g, 64));
	} else {
		expression(g, depth - 1);
	}
	buf_putc(&g->b, ')');
}

static void
special(struct gen *g, int depth)
{
	uint32_t t = rnd(g, 8);

	switch (rnd(g, 7)) {
	case 0:
		buf_printf(&g->b, "(cast %s ", types[t]);
		expression(g, depth - 1);
		break;
	case 1:
		buf_printf(&g->b, "(load %s m %u)", types[t],
			   rnd(g, 32u / sizes[t]) * sizes[t]);
		return;
	case 2:
		buf_printf(&g->b, "(%s ", rnd(g, 2) ? "ntohs" : "ntohl");
		expression(g, depth - 1);
		break;
	case 3:
		buf_puts(&g->b, "(if ");
		test(g, depth - 1);
		buf_putc(&g->b, ' ');
		expression(g, depth - 1);
		buf_putc(&g->b, ' ');
		expression(g, depth - 1);
		break;
	case 4:
		buf_printf(&g->b, "(%s ", rnd(g, 2) ? "and" : "or");
		expression(g, depth - 1);
		buf_putc(&g->b, ' ');
		expression(g, depth - 1);
		break;
	case 5:
		buf_puts(&g->b, "(progn (ktime-get-ns) ");
		expression(g, depth - 1);
		break;
	default:
		buf_printf(&g->b, "(setf %s ", vars[rnd(g, 8)]);
		expression(g, depth - 1);
		break;
	}
	buf_putc(&g->b, ')');
}

static void
expression(struct gen *g, int depth)
{
	uint32_t pick = rnd(g, 10);

	if (depth <= 0 || pick < 2)
		buf_puts(&g->b, rnd(g, 3) ? vars[rnd(g, 8)] : constants[rnd(g, 12)]);
	else if (pick < 6)
		operation(g, depth);
	else
		special(g, depth);
}

static void
statement(struct gen *g, int depth)
{
	uint32_t t = rnd(g, 8);

	switch (rnd(g, 8)) {
	case 0: case 1: case 2:
		buf_printf(&g->b, "(setf %s ", vars[rnd(g, 8)]);
		expression(g, 3);
		break;
	case 3:
		buf_printf(&g->b, "(store %s m %u ", types[t],
			   rnd(g, 32u / sizes[t]) * sizes[t]);
		expression(g, 2);
		break;
	case 4:
		buf_puts(&g->b, "(when ");
		test(g, 2);
		for (uint32_t i = rnd(g, 3); depth && i < 3; i++)
			statement(g, depth - 1);
		break;
	case 5:
		if (g->loops || !depth) {
			buf_puts(&g->b, "(ktime-get-ns");
			break;
		}
		g->loops++;
		buf_printf(&g->b, "(dotimes (i%d %u) ", depth, 1 + rnd(g, 4));
		for (uint32_t i = rnd(g, 3); i < 3; i++)
			statement(g, depth - 1);
		g->loops--;
		break;
	case 6:
		buf_puts(&g->b, "(incf (getmap mm 0) ");
		expression(g, 1);
		break;
	default:
		buf_printf(&g->b, "(let ((%s %s ", vars[rnd(g, 8)], types[t]);
		buf_puts(&g->b, vars[rnd(g, 8)]);
		buf_puts(&g->b, "))");
		for (uint32_t i = rnd(g, 2); depth && i < 2; i++)
			statement(g, depth - 1);
		break;
	}
	buf_puts(&g->b, ")\n");
}

static void
program(struct gen *g)
{
	buf_puts(&g->b, "(defprog p (:type :xdp)\n(let* ((z (ctx rx-queue-index)) "
			"(m (struct-alloc 32))");
	for (int i = 0; i < 8; i++)
		buf_printf(&g->b, " (%s (%s z %s))", vars[i], rnd(g, 2) ? "+" : "-",
			   constants[rnd(g, 12)]);
	buf_puts(&g->b, ")\n");
	for (uint32_t i = rnd(g, 6); i < (uint32_t)g->size; i++)
		statement(g, 3);
	buf_puts(
		&g->b,
		"(let ((r (logxor (getmap mm 0) a b c d e f g h (load u64 m 0) (load u64 m 8) "
		"(load u64 m 16) (load u64 m 24))))\n(logxor r (>> r 32)))))\n");
}


static bool
build(struct arena *a, struct sources *s, struct lisp *l, struct kenv *k, uint32_t file,
      bool optimise, struct image *im, struct diags *ds)
{
	struct reader r = {.file = file};
	struct compile_opts opts = {.no_optimise = !optimise};
	const char *without =
		getenv("VEERY_WITHOUT"); /* passes to leave out, to find the culprit */
	value form;

	for (uint32_t i = 0; without && compile_pass_name(i); i++)
		if (strstr(without, compile_pass_name(i)))
			opts.disabled_passes |= 1ull << i;
	*im = (struct image){.arena = a, .sources = s};
	if (lisp_read(l, &r, &form, ds) != READ_FORM)
		return false;
	return compile_prog(k, form, a, im, &opts, NULL, ds);
}

/* -1 when it does not load. */
static int64_t
run(struct arena *a, struct image *im, struct diags *ds)
{
	int map = load_map(im->maps.at[0], -1, 0, ds);
	struct load_request rq = {.image = im, .prog = im->progs.at[0], .map_fds = &map,
				  .btf_fd = -1, .arena = a};
	struct load_result res = {.fd = -1};
	uint8_t packet[64] = {0};
	struct sys_test_run_attr t = {.data_in = (uintptr_t)packet, .data_size_in = 64};

	load_program(&rq, &res, ds);
	close(map);
	if (res.fd < 0) {
		if (getenv("VEERY_LOG"))
			fprintf(stderr, "%.*s\n", STR_ARG(res.log));
		return -1;
	}
	t.prog_fd = (uint32_t)res.fd;
	cr_expect(sys_prog_test_run(&t) == 0);
	close(res.fd);
	return t.retval;
}

static void
one(uint64_t seed)
{
	struct arena a;
	struct sources s;
	struct diags ds;
	struct gen g;
	struct lisp *l;
	struct kenv *k;
	struct image fast, slow;
	value form;
	struct reader r = {0};
	uint32_t file;

	arena_init(&a);
	sources_init(&s);
	diags_init(&ds, &a);
	g = (struct gen){.b = buf_new(&a), .state = seed,
			 .size = getenv("VEERY_SIZE") ? atoi(getenv("VEERY_SIZE")) : 10};
	program(&g);
	l = lisp_new(&s, NULL);
	k = kenv_new(l, NULL);
	r.file = sources_add(&s, "map", STR("(defmap mm :type :array :key u32 :value u64 "
					     ":max-entries 1)"));
	cr_assert(lisp_read(l, &r, &form, &ds) == READ_FORM && kenv_declare(k, form, &ds));
	file = sources_add(&s, "random", buf_text(&g.b));
	if (build(&a, &s, l, k, file, true, &fast, &ds) &&
	    build(&a, &s, l, k, file, false, &slow, &ds)) {
		int64_t x = run(&a, &fast, &ds), y = run(&a, &slow, &ds);

		/* The verifier may run out of patience with the unoptimised one. */
		if (y >= 0 || x < 0)
			cr_expect(x == y, "seed %llu: optimised %lld, unoptimised %lld\n%s",
				  (unsigned long long)seed, (long long)x, (long long)y,
				  g.b.at);
	} else if (strcmp(ds.all.at[0]->code, "C0015") != 0 &&
		   strcmp(ds.all.at[0]->code, "C0009") != 0) {
		cr_expect(false, "seed %llu: %s\n%s", (unsigned long long)seed,
			  ds.all.at[0]->message, g.b.at);
	}
	kenv_free(k);
	lisp_free(l);
	sources_free(&s);
	arena_free(&a);
}

Test(random, optimised_equals_unoptimised)
{
	struct arena a;
	const char *why, *n = getenv("VEERY_RANDOM"), *first = getenv("VEERY_SEED");
	uint64_t seed = first ? strtoull(first, NULL, 10) : 1;
	bool ok;

	arena_init(&a);
	ok = load_allowed(&a, &why);
	arena_free(&a);
	if (!ok)
		cr_skip_test("needs CAP_BPF");
	for (uint64_t i = 0; i < (n ? strtoull(n, NULL, 10) : 300); i++)
		one(seed + i);
}

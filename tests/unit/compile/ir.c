/* SPDX-License-Identifier: MIT */
/* ir.c: the IR's text form, its checker, and single passes on text.
 *
 * A case in tests/cases/ir is a line `;;; NAME`, a line `;; PASS...`, IR text, `---`, and the
 * IR text expected after the passes. */
#include <criterion/criterion.h>

#include "base/buf.h"
#include "compile/passes/passes.h"
#include "compile/regs/ra.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

static bool
run_pass(struct ir_fn *f, str name)
{
	for (uint32_t i = 0; i < ir_npasses; i++) {
		if (str_is(name, ir_passes[i].name)) {
			ir_passes[i].run(f);
			return true;
		}
	}
	return false;
}

static void
run_passes(struct ir_fn *f, char *names)
{
	for (char *p = strtok(names, " "); p; p = strtok(NULL, " "))
		cr_assert(run_pass(f, str_of(p)), "no pass %s", p);
}

/* Printed, parsed and printed again: numbers settle. */
static char *
normal(struct arena *a, struct ir_fn *f)
{
	const char *error = NULL;
	struct buf b = buf_new(a), c = buf_new(a);
	struct ir_fn *g;

	ir_print(f, &b);
	g = ir_parse(a, buf_text(&b), &error);
	cr_assert(g, "%s\n%s", error, b.at);
	ir_print(g, &c);
	return c.at;
}

static void
one_case(const char *file, char *text)
{
	struct arena a;
	const char *error = NULL, *why;
	char *passes = strstr(text, ";; "), *sep = strstr(text, "\n---\n"), *eol;
	struct ir_fn *f, *want;

	arena_init(&a);
	cr_assert(passes && sep, "%s: %s", file, text);
	eol = strchr(passes, '\n');
	*eol = 0;
	*sep = 0;
	f = ir_parse(&a, str_of(eol + 1), &error);
	cr_assert(f, "%s: %s: %s", file, text, error);
	ir_flow(f);
	why = ir_check(f, &a);
	cr_assert(!why, "%s: %s", file, why);
	run_passes(f, passes + 3);
	why = ir_check(f, &a);
	cr_assert(!why, "%s: after the passes: %s", file, why);
	want = ir_parse(&a, str_of(sep + 5), &error);
	cr_assert(want, "%s: expectation: %s\n%s", file, error, sep + 5);
	cr_expect(strcmp(normal(&a, f), normal(&a, want)) == 0,
		  "%s: passes %s made\n%swant\n%s", file, passes + 3, normal(&a, f),
		  normal(&a, want));
	arena_free(&a);
}

static void
run_file(const char *path)
{
	static char text[1 << 16];
	FILE *fp = fopen(path, "r");
	size_t n;
	char *at, *next;

	cr_assert(fp);
	n = fread(text, 1, sizeof text - 1, fp);
	text[n] = 0;
	fclose(fp);
	for (at = strstr(text, ";;; "); at; at = next) {
		next = strstr(at + 4, "\n;;; ");
		if (next)
			*next++ = 0;
		at = strchr(at, '\n') + 1;
		one_case(path, at);
	}
}

Test(ir, passes_on_text)
{
	glob_t g;

	cr_assert(glob("tests/cases/ir/*.ir", 0, NULL, &g) == 0);
	for (size_t i = 0; i < g.gl_pathc; i++)
		run_file(g.gl_pathv[i]);
	globfree(&g);
}

Test(ir, text_errors_name_the_line)
{
	static const struct { const char *text, *error; } cases[] = {
		{"b1:\n\tv1 = frob 1\n", "line 2: unknown operation"},
		{"b1:\n\tv1 = add v9, 1\n\tret v1\n", "line 2: no such value"},
		{"b1:\n\tv1 = add 1, 2\n", "block 1 does not end"},
		{"\tret 1\n", "line 1: an instruction outside of a block"},
	};
	struct arena a;

	arena_init(&a);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *error = NULL;

		cr_expect(!ir_parse(&a, str_of(cases[i].text), &error));
		cr_expect_str_eq(error, cases[i].error);
	}
	arena_free(&a);
}

Test(ir, checker_finds_use_before_definition)
{
	struct arena a;
	const char *error = NULL, *why;
	struct ir_fn *f;

	arena_init(&a);
	f = ir_parse(&a, STR("b1:\n\tv2 = add v3, 1\n\tv3 = add v2, 1\n\tret v3\n"), &error);
	cr_assert(f);
	ir_flow(f);
	why = ir_check(f, &a);
	cr_expect(why && strstr(why, "used before it is defined"));
	arena_free(&a);
}

/* ---- parallel moves: every configuration of four places --------------------------------- */

enum { PLACES = 4, TEMP = 9 };

struct machine {
	int value[10];		/* registers */
	int memory[8];		/* by -offset / 8 */
};

static int *
place(struct machine *m, struct ra_loc l)
{
	return l.place == RA_REG ? &m->value[l.at] : &m->memory[-l.at / 8];
}

static void
apply(void *ud, struct ra_loc to, struct ra_loc from)
{
	struct machine *m = ud;

	cr_expect(to.place == RA_REG || from.place == RA_REG, "memory to memory");
	*place(m, to) = *place(m, from);
}

/* Two registers and two stack slots: all 4^4 ways to fill them from each other. */
static void
try_moves(unsigned code, int temp)
{
	struct ra_loc at[PLACES] = {{RA_REG, 1}, {RA_REG, 2}, {RA_MEM, -8}, {RA_MEM, -16}};
	struct ra_move m[PLACES];
	struct machine x = {0};
	int want[PLACES];

	for (int i = 0; i < PLACES; i++)
		*place(&x, at[i]) = 100 + i;
	for (int i = 0; i < PLACES; i++, code /= PLACES) {
		m[i] = (struct ra_move){at[i], at[code % PLACES]};
		want[i] = 100 + (int)(code % PLACES);
	}
	ra_parallel(m, PLACES, temp, -40, apply, &x);
	for (int i = 0; i < PLACES; i++)
		cr_expect(*place(&x, at[i]) == want[i], "code %u place %d", code, i);
}

Test(ir, parallel_moves_exhaustively)
{
	for (unsigned code = 0; code < 256; code++) {
		try_moves(code, TEMP);
		try_moves(code, RA_NONE);
	}
}

/* SPDX-License-Identifier: MIT */
/* mutate.c: broken source files. Every example and language case is cut, flipped, duplicated,
 * emptied and nested at random, 10,000 times in all, and fed to an offline session: it ends
 * with programs or with diagnostics that have a code and a message, within a second of CPU
 * time each, and renders without a fault. The seed is fixed; a failure prints its number. */
#include "base/render.h"
#include "session/check.h"
#include "session/session.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MUTANTS = 10000, WORKERS = 4, LARGEST = 1 << 18 };

struct text {
	char *p;
	size_t n;
};

static uint64_t seed;

static uint32_t
random_below(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return n ? (uint32_t)(seed >> 33) % n : 0;
}

static struct text
read_text(const char *path)
{
	FILE *f = fopen(path, "r");
	struct text t = {malloc(LARGEST), 0};

	cr_assert(f && t.p, "%s", path);
	t.n = fread(t.p, 1, LARGEST / 4, f);
	fclose(f);
	return t;
}

static void
insert(struct text *t, size_t at, const char *p, size_t n)
{
	if (t->n + n > LARGEST)
		return;
	memmove(t->p + at + n, t->p + at, t->n - at);
	memcpy(t->p + at, p, n);
	t->n += n;
}

static void
nest(struct text *t, size_t at)
{
	static const char opens[] = "(('`#";
	size_t depth = 1 + random_below(random_below(8) ? 50 : 20000);
	char c = opens[random_below(4)];

	for (size_t i = 0; i < depth && t->n < LARGEST; i++)
		insert(t, at, &c, 1);
}

static void
mutate(struct text *t)
{
	static const char *const bits[] = {"(", ")", "\"", "|", "#|", "0", "-1", " nil ", "`", ",@",
					   "18446744073709551616", "(loop)", "u8", "\xff", "(return)"};
	size_t at = random_below((uint32_t)t->n), len = random_below(200);
	char copy[200];

	if (at + len > t->n)
		len = t->n - at;
	switch (random_below(7)) {
	case 0: t->n = at; break;
	case 1: t->p[at] ^= (char)(1 << random_below(8)); break;
	case 2:
		memcpy(copy, t->p + at, len);
		insert(t, random_below((uint32_t)t->n), copy, len);
		break;
	case 3:
		memmove(t->p + at, t->p + at + len, t->n - at - len);
		t->n -= len;
		break;
	case 4: nest(t, at); break;
	case 5: t->p[at] = (char)random_below(256); break;
	default: {
		const char *bit = bits[random_below(sizeof bits / sizeof *bits)];

		insert(t, at, bit, strlen(bit));
	}
	}
}

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
feed(str text, unsigned number)
{
	struct session *s = session_new(&(struct session_opts){0});
	struct reader r = {.file = sources_add(session_sources(s), "mutant", text)};
	double start = cpu_seconds();
	enum session_step step;
	struct arena a;
	struct diags ds;
	struct buf out;
	value v;

	arena_init(&a);
	diags_init(&ds, &a);
	out = buf_new(&a);
	do {
		step = session_step(s, &r, &v, &ds);
	} while (step != STEP_END && step != STEP_INCOMPLETE && ds.errors < 50);
	for (uint32_t i = 0; i < ds.all.n; i++) {
		cr_assert(ds.all.at[i]->code[0] && ds.all.at[i]->message[0], "mutant %u", number);
		render_diag(&out, session_sources(s), ds.all.at[i], NULL);
	}
	for (uint32_t i = 0; session_program(s, i); i++) {
		struct program *p = session_program(s, i);
		struct verify_opts o = {.kernel = check_running_kernel(), .caps = VCAP_DEFAULT};
		struct verify_result result;

		check_program(&p->image, p->prog, &o, &a, &result);
		cr_assert_neq(result.verdict, VERDICT_BUG, "mutant %u: %s", number, result.unknown);
	}
	arena_free(&a);
	session_free(s);
	cr_assert_lt(cpu_seconds() - start, 1.0, "mutant %u took %.2f s", number,
		     cpu_seconds() - start);
}

/* One of WORKERS processes, so that the whole fits in a minute. */
static void
work(unsigned worker)
{
	glob_t files;

	cr_assert_eq(glob("tests/examples/*.lisp", 0, NULL, &files), 0);
	glob("tests/cases/lang/*.lisp", GLOB_APPEND, NULL, &files);
	for (unsigned i = worker; i < MUTANTS; i += WORKERS) {
		struct text t = read_text(files.gl_pathv[i / WORKERS % files.gl_pathc]);
		unsigned times;

		seed = i * 0x9e3779b97f4a7c15u + 1;
		/* A window of the file, so that mutations are dense and runs short. */
		if (t.n > 3000) {
			size_t from = random_below((uint32_t)t.n - 2000);

			while (from && t.p[from - 1] != '\n')
				from--;
			memmove(t.p, t.p + from, 2000);
			t.n = 2000;
		}
		for (times = 1 + random_below(4); times && t.n; times--)
			mutate(&t);
		feed((str){t.p, t.n}, i);
		free(t.p);
	}
	globfree(&files);
}

Test(mutate, first_quarter, .timeout = 300) { work(0); }
Test(mutate, second_quarter, .timeout = 300) { work(1); }
Test(mutate, third_quarter, .timeout = 300) { work(2); }
Test(mutate, last_quarter, .timeout = 300) { work(3); }

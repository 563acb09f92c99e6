/* SPDX-License-Identifier: MIT */
/* cmd_bench.c: `veery bench FILE`: every phase from text to the loaded program, measured on
 * each program of the file. The text of one defprog form is read, compiled, checked by the
 * simulated verifier and (where bpf(2) is allowed) loaded --runs times; the declarations around
 * it are made once. */
#include "session/check.h"
#include "session/load.h"
#include "work.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { DEFAULT_RUNS = 300, LEAST_RUNS = 200, MOST_RUNS = 1000000 };
enum { COL_CHECK = PH_COUNT, COL_LOAD, COL_TOTAL, COLUMNS };

static const char *const names[COLUMNS] = {"read", "expand", "lower", "passes", "registers",
					    "emit", "check", "load", "text_to_bytes"};

struct samples {
	uint64_t *at[COLUMNS];
	uint32_t n;
	bool loaded;
};

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t
check_once(struct work *w, struct image *im, struct arena *a)
{
	struct verify_opts o = {.caps = VCAP_DEFAULT};
	struct verify_result r;

	check_as_running(&o);
	session_kernel_btf(w->session, &o.vmlinux_btf, &o.vmlinux_btf_size);
	check_program(im, im->progs.at[0], &o, a, &r);
	return r.ns;
}

/* One load of the image's program with the session's maps; its nanoseconds, 0 on failure. */
static uint64_t
load_once(struct work *w, struct image *im, struct arena *a, struct diags *ds)
{
	struct load_request rq = {.image = im, .prog = im->progs.at[0], .arena = a};
	struct load_result got = {.fd = -1};
	int *fds = arena_array(a, int, im->maps.n + 1);

	for (uint32_t i = 0; i < im->maps.n; i++) {
		struct map *m = session_map_named(w->session, str_of(im->maps.at[i]->lisp_name));

		fds[i] = m ? session_map_fd(w->session, m, 0, ds) : -1;
		if (fds[i] < 0)
			return 0;
	}
	rq.map_fds = fds;
	session_kernel_btf(w->session, &rq.vmlinux_btf, &rq.vmlinux_btf_size);
	rq.btf_fd = load_btf(im);
	if (!load_program(&rq, &got, ds))
		got.ns = 0;
	if (got.fd >= 0)
		close(got.fd);
	if (rq.btf_fd >= 0)
		close(rq.btf_fd);
	return got.ns;
}

static bool
sample(struct work *w, span text, struct samples *s, uint32_t run)
{
	struct place p = span_place(session_sources(w->session), text);
	struct reader r = {.file = p.file, .pos = p.start};
	struct compile_stats st = {{0}};
	struct arena a;
	struct diags ds;
	struct image im = {.arena = &a, .sources = session_sources(w->session)};
	uint64_t start, read_done, done;
	uint32_t mark;
	value form;
	bool ok;

	arena_init(&a);
	diags_init(&ds, &a);
	start = now();
	ok = lisp_read(session_lisp(w->session), &r, &form, &ds) == READ_FORM;
	read_done = now();
	mark = lisp_root(session_lisp(w->session), form);
	ok = ok && compile_prog(session_kenv(w->session), form, &a, &im, NULL, &st, &ds);
	done = now();
	for (int i = 0; i < PH_COUNT; i++)
		s->at[i][run] = st.ns[i];
	s->at[PH_READ][run] = read_done - start;
	s->at[COL_TOTAL][run] = done - start;
	if (ok)
		s->at[COL_CHECK][run] = check_once(w, &im, &a);
	if (ok && s->loaded) {
		s->at[COL_LOAD][run] = load_once(w, &im, &a, &ds);
		s->loaded = s->at[COL_LOAD][run] != 0;
	}
	lisp_unroot(session_lisp(w->session), mark);
	arena_free(&a);
	return ok;
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void
print_json(const char *file, const struct program *p, const struct samples *s)
{
	struct arena a;
	struct buf out;

	arena_init(&a);
	out = buf_new(&a);
	buf_puts(&out, "{\"file\":");
	buf_json_str(&out, str_of(file));
	buf_puts(&out, ",\"prog\":");
	buf_json_str(&out, str_of(p->name));
	buf_printf(&out, ",\"insns\":%u,\"runs\":%u,\"phases\":{", p->prog->ninsns, s->n);
	for (int i = 0; i < COLUMNS; i++) {
		if (i == COL_LOAD && !s->loaded)
			continue;
		buf_printf(&out, "%s\"%s\":{\"min\":%lu,\"median\":%lu,\"p99\":%lu}",
			   i == COL_TOTAL ? "}," : i ? "," : "", names[i], s->at[i][0],
			   s->at[i][s->n / 2], s->at[i][(uint64_t)s->n * 99 / 100]);
	}
	printf("%s}\n", out.at);
	arena_free(&a);
}

static void
print_table(const struct program *p, const struct samples *s)
{
	printf("%s: %u instructions, %u runs (microseconds)\n", p->name, p->prog->ninsns, s->n);
	printf("  %-14s %10s %10s %10s\n", "phase", "min", "median", "p99");
	for (int i = 0; i < COLUMNS; i++) {
		if (i == COL_LOAD && !s->loaded) {
			printf("  %-14s %10s\n", names[i], "not allowed here");
			continue;
		}
		printf("  %-14s %10.2f %10.2f %10.2f\n", names[i], (double)s->at[i][0] / 1e3,
		       (double)s->at[i][s->n / 2] / 1e3,
		       (double)s->at[i][(uint64_t)s->n * 99 / 100] / 1e3);
	}
}

static int
bench_program(struct work *w, struct program *p, uint32_t runs, bool may_load)
{
	struct samples s = {.n = runs, .loaded = may_load};

	for (int i = 0; i < COLUMNS; i++)
		s.at[i] = arena_array(&w->arena, uint64_t, runs);
	for (uint32_t run = 0; run < runs; run++)
		if (!sample(w, p->prog->at, &s, run))
			return cli_usage("%s no longer compiles on its own", p->name);
	for (int i = 0; i < COLUMNS; i++)
		qsort(s.at[i], runs, sizeof **s.at, compare);
	if (w->cli->opt[OPT_JSON])
		print_json(w->cli->files[0], p, &s);
	else
		print_table(p, &s);
	return STATUS_OK;
}

static void
discard(void *ud, str text)
{
	(void)ud;
	(void)text;
}

int
cmd_bench(struct cli *c)
{
	uint64_t runs = DEFAULT_RUNS;
	const char *why;
	struct work w;
	bool may_load;
	int status;

	if (c->opt[OPT_RUNS] && !cli_number(c, OPT_RUNS, &runs))
		return STATUS_USAGE;
	if (runs < LEAST_RUNS || runs > MOST_RUNS)
		return cli_usage("--runs wants a number from %d to %d", LEAST_RUNS, MOST_RUNS);
	status = work_begin(&w, c, &(struct session_opts){.write = discard});
	if (status)
		return status;
	may_load = load_allowed(&w.arena, &why);
	status = work_feed(&w, c->files[0], NULL);
	session_set_live(w.session, may_load);
	for (uint32_t i = 0; status == STATUS_OK && session_program(w.session, i); i++) {
		struct program *p = session_program(w.session, i);

		if (!c->opt[OPT_PROG] || strcmp(c->opt[OPT_PROG], p->name) == 0)
			status = bench_program(&w, p, (uint32_t)runs, may_load);
	}
	cli_print_diags(c, session_sources(w.session), &w.ds);
	work_end(&w);
	return status;
}

/* SPDX-License-Identifier: MIT */
/* verdict.c: random programs through the kernel and the simulator; every kind of
 * disagreement is shrunk and shown.
 *
 *   fuzz-verdict N [FIRST-SEED] [--profile X.Y] [--btf FILE] [--show N] [--messages]
 *                [--log] [--caps bpf|none]
 *
 * Exit status 1 when the simulator accepted what the kernel refuses, or refused more than one
 * in a thousand of what it accepts, or had no verdict. */
#include "gen.h"
#include "shrink.h"

#include "facts/facts.h"
#include "image/disasm.h"
#include "tests/conformance/kernel.h"
#include "tests/conformance/sim.h"
#include "tests/conformance/table.h"

#include <getopt.h>
#include <stdlib.h>

enum { BATCH = 2000, SECONDS = 20 };

struct fuzz {
	uint64_t seed;
	uint32_t n, show;
	bool messages;		/* show differing instructions and messages too */
	bool log;		/* show both logs of what is shown */
	struct verify_opts opts;
	struct kernel kernel;
	struct tally tally;
	uint32_t shown[MATCH_COUNT];
	uint32_t accepted;
};

static void
get(void *self, uint32_t i, struct arena *a, const struct image **im,
    const struct image_prog **p)
{
	struct gen_case g;

	gen_program(*(uint64_t *)self + i, a, &g);
	*im = g.im;
	*p = g.prog;
}

/* ---- one disagreement ------------------------------------------------------------------------ */

struct same_class {
	struct fuzz *f;
	enum match match;
	const struct image *im;
	const struct image_prog *p;
};

static void
get_one(void *self, uint32_t i, struct arena *a, const struct image **im,
	const struct image_prog **p)
{
	struct same_class *c = self;

	(void)i;
	(void)a;
	*im = c->im;
	*p = c->p;
}

static enum match
classify(struct same_class *c, const struct image *im, const struct image_prog *p,
	 struct arena *a, struct outcome *k, struct outcome *s)
{
	struct sim_source one = {1, get_one, c};

	c->im = im;
	c->p = p;
	*k = kernel_try(&c->f->kernel, im, p, 5, a);
	sim_try_all(&one, &c->f->opts, SECONDS, s, a);
	return match_of(k, s);
}

static bool
keeps_class(void *user, const struct image *im, const struct image_prog *p, struct arena *a)
{
	struct same_class *c = user;
	struct outcome k, s;

	return classify(c, im, p, a, &k, &s) == c->match;
}

static void
show_logs(struct fuzz *f, const struct gen_case *g, struct arena *a)
{
	struct verify_opts opts = f->opts;
	struct verify_result v = {0};

	kernel_try(&f->kernel, g->im, g->prog, 2, a);
	opts.log_level = 2;
	verify_prog(g->im, g->prog, &opts, a, &v);
	printf("--- kernel\n%s--- simulator\n%.*s\n", f->kernel.log, STR_ARG(v.log));
}

static void
show(struct fuzz *f, uint64_t seed, enum match m)
{
	struct same_class c = {.f = f, .match = m};
	struct outcome k, s;
	struct gen_case g;
	struct arena a;
	struct buf text;

	if (f->shown[m]++ >= f->show)
		return;
	arena_init(&a);
	gen_program(seed, &a, &g);
	shrink_prog(g.im, &g.prog, keeps_class, &c, &a);
	classify(&c, g.im, g.prog, &a, &k, &s);
	text = buf_new(&a);
	disasm_prog(&text, g.prog->insns, g.prog->ninsns, NULL);
	printf("%s: seed %llu, program type %u\n%.*s", match_name(m), (unsigned long long)seed,
	       g.prog->type, STR_ARG(buf_text(&text)));
	for (uint32_t i = 0; i < g.prog->relocs.n; i++)
		printf("   @%u map %s\n", g.prog->relocs.at[i].insn,
		       g.im->maps.at[g.prog->relocs.at[i].map]->name);
	printf("   kernel %s @%d %llu: %s\n   sim    %s @%d %llu: %s\n\n",
	       outcome_kind_name(k.kind), k.insn, (unsigned long long)k.processed, k.message,
	       outcome_kind_name(s.kind), s.insn, (unsigned long long)s.processed, s.message);
	if (f->log)
		show_logs(f, &g, &a);
	fflush(stdout);
	arena_free(&a);
}

/* ---- many ---------------------------------------------------------------------------------------- */

static void
batch(struct fuzz *f, uint64_t first, uint32_t n)
{
	struct sim_source src = {n, get, &first};
	struct outcome *sim;
	struct arena keep, a;

	arena_init(&keep);
	arena_init(&a);
	sim = arena_array(&keep, struct outcome, n);
	sim_try_all(&src, &f->opts, SECONDS, sim, &keep);
	for (uint32_t i = 0; i < n; i++) {
		struct outcome k;
		struct gen_case g;
		enum match m;

		arena_reset(&a);
		gen_program(first + i, &a, &g);
		k = kernel_try(&f->kernel, g.im, g.prog, 5, &a);
		f->accepted += k.kind == OUTCOME_ACCEPT;
		tally_add(&f->tally, &k, &sim[i]);
		m = match_of(&k, &sim[i]);
		if (m != MATCH_SAME && (m < MATCH_OTHER_INSN || f->messages))
			show(f, first + i, m);
	}
	arena_free(&a);
	arena_free(&keep);
}

static uint16_t
kver_of(const char *s)
{
	unsigned major = 0, minor = 0;

	sscanf(s, "%u.%u", &major, &minor);
	return KVER(major, minor);
}

static bool
parse(struct fuzz *f, int argc, char **argv)
{
	static const struct option options[] = {
		{"profile", required_argument, NULL, 'p'}, {"show", required_argument, NULL, 's'},
		{"messages", no_argument, NULL, 'm'}, {"log", no_argument, NULL, 'l'},
		{"caps", required_argument, NULL, 'c'}, {0},
	};

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (c) {
		case 'p': f->opts.kernel = kver_of(optarg); break;
		case 's': f->show = (uint32_t)strtoul(optarg, NULL, 10); break;
		case 'm': f->messages = true; break;
		case 'l': f->log = true; break;
		case 'c':
			if (!kernel_caps_named(optarg, &f->opts.caps))
				return false;
			break;
		default: return false;
		}
	}
	if (optind < argc)
		f->n = (uint32_t)strtoul(argv[optind++], NULL, 10);
	if (optind < argc)
		f->seed = strtoull(argv[optind], NULL, 10);
	return f->n > 0;
}

int
main(int argc, char **argv)
{
	struct fuzz f = {.show = 5, .opts = {.caps = VCAP_DEFAULT}};
	const uint32_t *n = f.tally.n;

	if (!parse(&f, argc, argv)) {
		fprintf(stderr, "usage: fuzz-verdict N [SEED] [--profile X.Y] [--show N] "
				"[--messages] [--log] [--caps bpf|none]\n");
		return 2;
	}
	if (!kernel_open(&f.kernel, f.opts.caps)) {
		printf("fuzz-verdict: skipped: needs permission to load BPF programs\n");
		return 0;
	}
	if (!f.opts.kernel)
		f.opts.kernel = kver_of(f.kernel.release);
	f.opts.cpus = (uint32_t)strtoul(f.kernel.cpus, NULL, 10);
	f.opts.vmlinux_btf = f.kernel.btf;
	f.opts.vmlinux_btf_size = f.kernel.btf_size;
	for (uint32_t i = 0; i < f.n; i += BATCH)
		batch(&f, f.seed + i, f.n - i < BATCH ? f.n - i : BATCH);
	printf("seeds %llu to %llu, %.1f %% accepted by the kernel\n",
	       (unsigned long long)f.seed, (unsigned long long)(f.seed + f.n - 1),
	       100.0 * f.accepted / f.n);
	tally_print(&f.tally, "random programs");
	kernel_close(&f.kernel);
	return n[MATCH_FALSE_ACCEPT] || n[MATCH_OUR_BUG] || n[MATCH_NOT_MODELLED] ||
	       n[MATCH_FALSE_REJECT] > f.n / 1000;
}

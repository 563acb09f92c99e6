/* SPDX-License-Identifier: MIT */
/* main.c: the conformance command: run the corpus in the kernel and in the simulator, and
 * say where they differ.
 *
 *   conformance kernel DIR           run in this kernel; DIR/results.tsv and DIR/vmlinux.btf
 *   conformance compare DIR          the simulator against what `kernel` wrote there
 *   conformance time DIR             both on this machine, now: how long verification takes
 *   conformance unpriv               the simulator without capabilities, as kernel 6.1,
 *                                    against what the tests' authors expect
 *   conformance log DIR              line by line: both logs of level 2, on this kernel
 *   --list CLASS     names of the programs in a class (false-accept, false-reject, unknown,
 *                    bug, insn, message, processed, skipped; any: all but the skipped)
 *   --only NAME      one program (or #NUMBER): its text, both verdicts, both logs
 *   --dump DIR       each program as DIR/NUMBER.bin
 *   --profile X.Y    judge as that kernel (default: the release that DIR was made on)
 *   --seconds N      time for one program in the simulator (10)
 *   --caps bpf|none as a process with these capabilities only (default: all)
 *   --objects DIR    the programs of the objects there instead of the arrays
 *   --mutate N       N broken variants of every program instead of the program (mutate.c)
 *   --seed S         other variants (1)
 *   --slowest N      the programs that take the simulator longest
 *   --tap            the goals as tests instead of the table
 */
#include "image/btf.h"
#include "corpus.h"
#include "facts/facts.h"
#include "image/disasm.h"
#include "kernel.h"
#include "loglines.h"
#include "sim.h"
#include "syscalls/kconfig.h"
#include "table.h"
#include "timing.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <sys/stat.h>

enum {
	HEAVY_NS = 20000000,
	LOG_COMPARED = 1 << 20,		/* bytes; a longer log only repeats itself */
};

struct run {
	const char *dir, *list, *only, *dump;
	unsigned seconds;
	uint32_t slowest;
	bool tap;
	struct verify_opts opts;
	const char *objects;		/* directory; else the kernel's arrays */
	uint32_t mutate;		/* variants of each program; 0: the program itself */
	uint64_t seed;
	struct corpus corpus;
	char release[65];
	str config;			/* of that kernel; null when it is not known */
	struct arena arena;
	struct outcomes known;		/* the kernel's, from DIR */
	struct outcome *sim;
};

static void
get_case(void *self, uint32_t i, struct arena *a, const struct image **im,
	 const struct image_prog **p)
{
	const struct corpus *corpus = self;
	struct corpus_case c;

	corpus->get(corpus->self, i, a, &c);
	*im = c.im;
	*p = c.prog;
}

static int
fail(const char *what, const char *name)
{
	fprintf(stderr, "conformance: %s %s: %s\n", what, name, strerror(errno));
	return 1;
}

static char *
in_dir(struct run *r, const char *file)
{
	return arena_printf(&r->arena, "%s/%s", r->dir, file);
}

/* ---- files --------------------------------------------------------------------------------- */

static bool
write_file(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");
	bool ok = f && fwrite(p, 1, n, f) == n;

	return f && fclose(f) == 0 && ok;
}

static uint16_t
kver_of(const char *release, uint16_t *patch)
{
	unsigned major = 0, minor = 0, last = 0;

	sscanf(release, "%u.%u.%u", &major, &minor, &last);
	*patch = (uint16_t)last;
	return KVER(major, minor);
}

static int
configured(void *user, const char *option)
{
	const struct run *r = user;

	if (!r->config.p)
		return -1;
	return sys_kconfig_in(r->config.p, r->config.n, option) != SYS_KCONFIG_NO;
}

static bool
open_dir(struct run *r)
{
	size_t n;
	char *release = corpus_read_file(&r->arena, in_dir(r, "release"), &n), *cpus;

	if (!release)
		return false;
	release[strcspn(release, "\n")] = 0;
	snprintf(r->release, sizeof r->release, "%s", release);
	if (!r->opts.kernel) {
		r->opts.kernel = kver_of(release, &r->opts.patch);
		r->config.p = corpus_read_file(&r->arena, in_dir(r, "config"), &r->config.n);
		r->opts.config = configured;
		r->opts.config_user = r;
	}
	r->opts.vmlinux_btf = corpus_read_file(&r->arena, in_dir(r, "vmlinux.btf"), &n);
	r->opts.vmlinux_btf_size = n;
	if (r->opts.vmlinux_btf)
		r->opts.vmlinux = btf_open(&r->arena, r->opts.vmlinux_btf, n, NULL, NULL);
	if (r->opts.vmlinux)	/* its index is made at the first lookup: not once per child */
		btf_find(r->opts.vmlinux, STR("sk_buff"), BTF_KIND_STRUCT);
	cpus = corpus_read_file(&r->arena, in_dir(r, "cpus"), &n);
	r->opts.cpus = cpus ? (uint32_t)strtoul(cpus, NULL, 10) : 0;
	return outcomes_read(&r->known, in_dir(r, "results.tsv"));
}

static void
choose_corpus(struct run *r)
{
	struct objects_opts o = {r->objects, r->opts.vmlinux_btf, r->opts.vmlinux_btf_size,
				 r->opts.kernel};

	r->corpus = r->objects ? corpus_of_objects(&o, &r->arena) : corpus_of_arrays();
	if (r->mutate) {
		struct corpus *base = arena_new(&r->arena, struct corpus);

		*base = r->corpus;
		r->corpus = corpus_of_mutants(base, r->mutate, r->seed, &r->arena);
	}
}

/* ---- kernel ---------------------------------------------------------------------------------- */

/* Programs that the file has a result for, by key, are not run again. An object's image lasts
 * until the next object, so its maps are made once. */
static void
run_programs(struct run *r, struct kernel *k, FILE *f)
{
	struct kernel_image ki = {0};
	struct arena a, held;
	const char *file = NULL;

	arena_init(&a);
	arena_init(&held);
	for (uint32_t i = 0; i < r->corpus.count; i++) {
		struct corpus_case c;
		struct outcome o;

		arena_reset(&a);
		r->corpus.get(r->corpus.self, i, &a, &c);
		if (outcomes_find(&r->known, corpus_key(&c)))
			continue;
		if (!r->objects) {
			o = kernel_try(k, c.im, c.prog, 0, &a);
		} else {
			if (file != c.file || ki.im != c.im) {
				kernel_image_close(&ki);
				arena_reset(&held);
				kernel_image_open(&ki, c.im, &held);
				file = c.file;
			}
			o = kernel_image_try(k, &ki, c.prog, 0, &a);
		}
		o.key = corpus_key(&c);
		outcome_write(f, &o);
	}
	kernel_image_close(&ki);
	arena_free(&held);
	arena_free(&a);
}

static int
run_kernel(struct run *r)
{
	struct kernel k;
	char *text;
	size_t n;
	FILE *f;

	mkdir(r->dir, 0777);
	if (!kernel_open(&k, r->opts.caps))
		return fail("this kernel does not let us load programs", "");
	write_file(in_dir(r, "release"), k.release, strlen(k.release));
	write_file(in_dir(r, "vmlinux.btf"), k.btf, k.btf_size);
	write_file(in_dir(r, "cpus"), k.cpus, strlen(k.cpus));
	text = sys_kconfig_text(&n);
	if (text)
		write_file(in_dir(r, "config"), text, n);
	free(text);
	open_dir(r);
	choose_corpus(r);
	f = fopen(in_dir(r, "results.tsv"), "a");
	if (!f)
		return fail("cannot write", in_dir(r, "results.tsv"));
	run_programs(r, &k, f);
	kernel_close(&k);
	return fclose(f) == 0 ? 0 : fail("cannot write", in_dir(r, "results.tsv"));
}

/* ---- compare ---------------------------------------------------------------------------------- */

static void
sim_all(struct run *r)
{
	struct sim_source src = {r->corpus.count, get_case, &r->corpus};

	r->sim = arena_array(&r->arena, struct outcome, src.count);
	sim_try_all(&src, &r->opts, r->seconds, r->sim, &r->arena);
}

static void
print_outcome(const char *who, const struct outcome *o)
{
	printf("    %s %s %d @%d, %llu processed in %llu us: %s\n", who,
	       outcome_kind_name(o->kind), o->err, o->insn, (unsigned long long)o->processed,
	       (unsigned long long)o->ns / 1000, o->message);
}

static void
print_case(uint32_t i, const struct corpus_case *c, const struct outcome *k,
	   const struct outcome *s)
{
	printf("#%u %s: %s\n", i, c->file, c->name);
	print_outcome("kernel", k);
	print_outcome("sim   ", s);
}

/* Where the simulator's time goes, and what the kernel took for the same. */
static void
print_slowest(struct run *r)
{
	static const struct outcome none = {.message = ""};
	struct arena a;

	arena_init(&a);
	for (uint32_t n = 0; n < r->slowest; n++) {
		struct corpus_case c;
		const struct outcome *k;
		uint32_t at = 0;

		for (uint32_t i = 1; i < r->corpus.count; i++)
			if (r->sim[i].ns > r->sim[at].ns)
				at = i;
		arena_reset(&a);
		r->corpus.get(r->corpus.self, at, &a, &c);
		k = outcomes_find(&r->known, corpus_key(&c));
		k = k ? k : &none;
		print_case(at, &c, k, &r->sim[at]);
		r->sim[at].ns = 0;
	}
	arena_free(&a);
}

static const char *
with_caps(const struct run *r)
{
	return r->opts.caps == VCAP_DEFAULT ? "" : r->opts.caps ? " with CAP_BPF alone"
								: " without capabilities";
}

static bool
is_listed(const struct run *r, enum match m)
{
	if (!r->list)
		return false;
	return m == match_named(r->list) ||
	       (!strcmp(r->list, "any") && m != MATCH_SAME && m != MATCH_SKIPPED);
}

static int
compare(struct run *r)
{
	static const struct outcome none = {.message = ""};
	struct tally t = {0};
	struct arena a;

	if (r->list && match_named(r->list) == MATCH_COUNT && strcmp(r->list, "any")) {
		errno = EINVAL;
		return fail("no class", r->list);
	}
	sim_all(r);
	arena_init(&a);
	for (uint32_t i = 0; i < r->corpus.count; i++) {
		struct corpus_case c;
		const struct outcome *k;

		arena_reset(&a);
		r->corpus.get(r->corpus.self, i, &a, &c);
		k = outcomes_find(&r->known, corpus_key(&c));
		k = k ? k : &none;
		tally_add(&t, k, &r->sim[i]);
		if (is_listed(r, match_of(k, &r->sim[i])))
			print_case(i, &c, k, &r->sim[i]);
	}
	arena_free(&a);
	if (r->slowest)
		print_slowest(r);
	if (r->tap)
		return tally_tap(&t, with_caps(r)) ? 0 : 1;
	tally_print(&t, arena_printf(&r->arena, "kernel %s%s", r->release, with_caps(r)));
	return 0;
}

/* ---- unprivileged, and the authors' expectation --------------------------------------------- */

/* The expected words, in order, somewhere in the log? */
static bool
log_has(const char *log, const char *text)
{
	while (text && *text) {
		size_t n = strcspn(text, "\t");
		const char *at = memmem(log, strlen(log), text, n);

		if (!at)
			return false;
		log = at + n;
		text += n + (text[n] == '\t');
	}
	return true;
}

static int
compare_unpriv(struct run *r)
{
	struct arena a;
	uint32_t tried = 0, same = 0, words = 0, rejected = 0;

	r->opts.caps = 0;
	r->opts.kernel = KVER(6, 1);
	sim_all(r);
	arena_init(&a);
	for (uint32_t i = 0; i < r->corpus.count; i++) {
		const struct outcome *s = &r->sim[i];
		struct corpus_case c;
		bool ok, said;

		arena_reset(&a);
		r->corpus.get(r->corpus.self, i, &a, &c);
		if (!c.unpriv)
			continue;
		tried++;
		ok = s->kind == (c.expect_unpriv == EXPECT_REJECT ? OUTCOME_REJECT
								   : OUTCOME_ACCEPT);
		said = log_has(s->message, c.text_unpriv);
		same += ok;
		if (ok && c.expect_unpriv == EXPECT_REJECT) {
			rejected++;
			words += said;
		}
		if (r->list && (!ok || (c.expect_unpriv == EXPECT_REJECT && !said)))
			printf("#%u %s: %s\n    wanted %s: %s\n    sim    %s @%d: %s\n", i,
			       c.file, c.name,
			       c.expect_unpriv == EXPECT_REJECT ? "reject" : "accept",
			       c.text_unpriv ? c.text_unpriv : "",
			       outcome_kind_name(s->kind), s->insn, s->message);
	}
	arena_free(&a);
	printf("without privilege, as 6.1: same verdict %u of %u, expected words %u of %u\n",
	       same, tried, words, rejected);
	return 0;
}

/* ---- time --------------------------------------------------------------------------------------- */

static int
time_all(struct run *r)
{
	struct kernel k;
	struct timing_opts o = {&k, &r->opts, HEAVY_NS};

	if (!kernel_open(&k, r->opts.caps))
		return fail("this kernel does not let us load programs", "");
	timing_print(&o, &r->corpus);
	kernel_close(&k);
	return 0;
}

/* ---- one program ------------------------------------------------------------------------------- */

static void
show_one(struct run *r, uint32_t i)
{
	struct buf text = buf_new(&r->arena);
	struct verify_result v = {0};
	struct corpus_case c;
	struct kernel k;

	r->corpus.get(r->corpus.self, i, &r->arena, &c);
	printf("#%u %s: %s\n", i, c.file, c.name);
	printf("type %u attach %u flags %#x expects %s: %s\n", c.prog->type,
	       c.prog->expected_attach, c.prog->flags, c.expect ? "reject" : "accept",
	       c.text ? c.text : "");
	disasm_prog(&text, c.prog->insns, c.prog->ninsns, NULL);
	printf("%.*s", STR_ARG(buf_text(&text)));
	if (kernel_open(&k, r->opts.caps)) {
		struct outcome o = kernel_try(&k, c.im, c.prog, 7, &r->arena);

		printf("---- kernel %s: %s %d\n%s", k.release, outcome_kind_name(o.kind), o.err,
		       k.log);
		kernel_close(&k);
	}
	r->opts.log_level = 7;
	fflush(stdout);
	verify_prog(c.im, c.prog, &r->opts, &r->arena, &v);
	printf("---- simulator: %s %d @%u %s %s\n%.*s\n",
	       outcome_kind_name(v.verdict == VERDICT_ACCEPT   ? OUTCOME_ACCEPT
				 : v.verdict == VERDICT_REJECT ? OUTCOME_REJECT
				 : v.verdict == VERDICT_BUG    ? OUTCOME_BUG
							       : OUTCOME_UNKNOWN),
	       v.err, v.insn, v.kernel_message ? v.kernel_message : "",
	       v.unknown ? v.unknown : "", STR_ARG(v.log));
}

static int
show_named(struct run *r)
{
	uint32_t shown = 0;

	if (r->only[0] == '#') {
		uint32_t i = (uint32_t)strtoul(r->only + 1, NULL, 10);

		if (i < r->corpus.count) {
			show_one(r, i);
			return 0;
		}
	}
	for (uint32_t i = 0; i < r->corpus.count; i++) {
		if (!strstr(r->corpus.name(r->corpus.self, i), r->only))
			continue;
		show_one(r, i);
		shown++;
	}
	errno = ENOENT;
	return shown ? 0 : fail("no program named", r->only);
}

static int
dump_all(struct run *r)
{
	mkdir(r->dump, 0777);
	for (uint32_t i = 0; i < r->corpus.count; i++) {
		struct corpus_case c;
		struct arena a;
		char *path;

		arena_init(&a);
		r->corpus.get(r->corpus.self, i, &a, &c);
		path = arena_printf(&a, "%s/%04u.bin", r->dump, i);
		if (!write_file(path, c.prog->insns, c.prog->ninsns * sizeof *c.prog->insns))
			return fail("cannot write", path);
		arena_free(&a);
	}
	return 0;
}

/* ---- logs ----------------------------------------------------------------------------------------- */

static void
log_one(struct run *r, struct kernel *k, uint32_t i, struct loglines *sum)
{
	struct verify_result v = {0};
	struct corpus_case c;
	struct loglines l;
	struct outcome o;
	struct arena a;

	arena_init(&a);
	r->corpus.get(r->corpus.self, i, &a, &c);
	o = kernel_try(k, c.im, c.prog, 6, &a);
	/* A log that fills the buffer is cut: no text to compare with. */
	if ((o.kind == OUTCOME_ACCEPT || o.kind == OUTCOME_REJECT) && o.err != -ENOSPC &&
	    k->log[0] && strlen(k->log) < LOG_COMPARED) {
		verify_prog(c.im, c.prog, &r->opts, &a, &v);
		loglines_compare(k->log, arena_printf(&a, "%.*s", STR_ARG(v.log)), &l);
		sum->lines += l.lines;
		sum->same += l.same;
		sum->at += l.at == 0;
		if (r->list && l.at)
			printf("#%u %s: %s: %llu of %llu, line %u\n    kernel %s\n    sim    %s\n",
			       i, c.file, c.name, (unsigned long long)l.same,
			       (unsigned long long)l.lines, l.at, l.theirs, l.ours);
	}
	arena_free(&a);
}

static int
compare_logs(struct run *r)
{
	struct loglines sum = {0};
	struct kernel k;

	if (!kernel_open(&k, r->opts.caps))
		return fail("this kernel does not let us load programs", "");
	k.name_maps = true;
	r->opts.log_level = 6;
	for (uint32_t i = 0; i < r->corpus.count; i++)
		if (!r->only || strstr(r->corpus.name(r->corpus.self, i), r->only))
			log_one(r, &k, i, &sum);
	kernel_close(&k);
	if (r->tap)
		printf("%sok - lines of the logs: ", sum.same * 100 < sum.lines * 95 ? "not " : "");
	printf("logs, kernel %s: %llu of %llu lines the same (%.1f %%), %u of %u programs all\n",
	       r->release, (unsigned long long)sum.same, (unsigned long long)sum.lines,
	       sum.lines ? 100.0 * (double)sum.same / (double)sum.lines : 100.0, sum.at,
	       r->corpus.count);
	return r->tap && sum.same * 100 < sum.lines * 95;
}

/* ---- options ----------------------------------------------------------------------------------- */

static int
usage(void)
{
	fprintf(stderr, "usage: conformance kernel DIR | compare DIR | time DIR | log DIR | unpriv\n"
			"       [--list CLASS] [--only NAME] [--dump DIR] [--profile X.Y] "
			"[--seconds N] [--objects DIR] [--mutate N] [--seed S]\n"
			"       [--caps bpf|none]\n");
	return 2;
}

static bool
parse_options(struct run *r, int argc, char **argv)
{
	static const struct option options[] = {
		{"list", required_argument, NULL, 'l'}, {"only", required_argument, NULL, 'o'},
		{"dump", required_argument, NULL, 'd'}, {"profile", required_argument, NULL, 'p'},
		{"seconds", required_argument, NULL, 's'}, {"tap", no_argument, NULL, 't'},
		{"objects", required_argument, NULL, 'b'},
		{"mutate", required_argument, NULL, 'm'}, {"seed", required_argument, NULL, 'e'},
		{"slowest", required_argument, NULL, 'w'},
		{"caps", required_argument, NULL, 'c'}, {0},
	};

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (c) {
		case 'l': r->list = optarg; break;
		case 'o': r->only = optarg; break;
		case 'd': r->dump = optarg; break;
		case 'p': r->opts.kernel = kver_of(optarg, &r->opts.patch); break;
		case 's': r->seconds = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'w': r->slowest = (uint32_t)strtoul(optarg, NULL, 10); break;
		case 't': r->tap = true; break;
		case 'b': r->objects = optarg; break;
		case 'm': r->mutate = (uint32_t)strtoul(optarg, NULL, 10); break;
		case 'e': r->seed = strtoull(optarg, NULL, 10); break;
		case 'c':
			if (!kernel_caps_named(optarg, &r->opts.caps))
				return false;
			break;
		default: return false;
		}
	}
	return optind < argc;
}

static int
perform(struct run *r, int argc, char **argv)
{
	const char *mode;
	bool timing, needs_dir;

	if (!parse_options(r, argc, argv))
		return usage();
	mode = argv[optind];
	r->dir = argv[optind + 1];
	if (!strcmp(mode, "kernel") && r->dir)
		return run_kernel(r);
	timing = !strcmp(mode, "time");
	needs_dir = timing || !strcmp(mode, "compare") || !strcmp(mode, "log");
	if (needs_dir ? !r->dir : strcmp(mode, "unpriv") != 0)
		return usage();
	if (r->dir && !open_dir(r))
		return fail("no results in", r->dir);
	choose_corpus(r);
	if (r->dump)
		return dump_all(r);
	if (!strcmp(mode, "log"))
		return compare_logs(r);
	if (r->only)
		return show_named(r);
	if (timing)
		return time_all(r);
	return strcmp(mode, "unpriv") ? compare(r) : compare_unpriv(r);
}

int
main(int argc, char **argv)
{
	struct run r = {.seconds = 10, .seed = 1, .opts = {.caps = VCAP_DEFAULT}};
	int status;

	arena_init(&r.arena);
	arena_init(&r.known.arena);
	status = perform(&r, argc, argv);
	arena_free(&r.known.arena);
	arena_free(&r.arena);
	return status;
}

/* SPDX-License-Identifier: MIT */
/* main.c: runs the corpus of rejections:
 * rejections VEERY OBJECTS [--list] [--goals] [--times] [--clang=NAME] [-O2] [-mcpu=v3] FILE...
 *
 * Per program (one test each): it compiles; simulator and running kernel reject it with the
 * same words; the code is the expected one; both accept the fixed program; every verified fix
 * that `veery check --json` offers makes the kernel accept; no real input is claimed for a
 * program that has none. Over all programs (one test per goal): how often the root is exact,
 * a verified fix is offered, a real input is found. The table also says what explaining costs. */
#include "case.h"
#include "json.h"
#include "logs.h"
#include "try.h"

#include "base/buf.h"
#include "session/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct score {
	unsigned cases, lisp, real;
	unsigned code, root, fixed, found;	/* of them: right */
	uint64_t check_ns, explain_ns;
};

static const char *const kinds[] = {
#define KIND(words) words,
#include "kinds.def"
};

enum { KINDS = sizeof kinds / sizeof *kinds };
/* What else C is compiled by with --compare: compilers differ in what they make of it. */
#define OTHER_CLANG "clang-19"
/* A program is of ordinary size when judging it takes no longer than explaining it may. */
enum { SCREEN_LINES = 40, SCREEN_COLUMNS = 100 };
enum { ORDINARY_NS = 5000000, MAX_TIMES = 1024 };

struct runner {
	const char *veery, *objects;
	const char *clang, *level, *cpu;	/* how C is compiled */
	const char *suffix;		/* of its objects and of the names of tests */
	bool list, goals, may_load, may_compile;
	bool may_compile_other;
	bool other;	/* compiled in another way than the files are written for */
	struct score score[3];		/* Lisp, C, C by another compiler */
	unsigned of_kind[KINDS];
	uint64_t times[MAX_TIMES];	/* of whole reports, for programs of ordinary size */
	unsigned ntimes;
	unsigned tests;
	bool is_bad;
};

static struct score *
score_of(struct runner *r, const struct test_case *t)
{
	return &r->score[!t->is_c ? 0 : *r->suffix ? 2 : 1];
}

/* What `veery check --json` says about one program. */
struct answer {
	const char *code, *message, *real;
	struct case_root root, at;
	const char *fixes;
};

static void
report(struct runner *r, bool ok, const char *name, const char *why)
{
	r->tests++;
	r->is_bad |= !ok;
	printf("%s - %s\n", ok ? "ok" : "not ok", name);
	if (!ok)
		printf("  # %s\n", why);
}

/* ---- asking veery ------------------------------------------------------------------------ */

/* What a command says: on standard output, or on both outputs. */
static const char *
output_of(const char *const *argv, bool both, struct arena *a)
{
	struct buf b = buf_new(a);
	char piece[4096];
	ssize_t n;
	int ends[2];
	pid_t pid;

	if (pipe(ends) < 0)
		return "";
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], 1);
		if (both)
			dup2(ends[1], 2);
		close(ends[0]);
		close(ends[1]);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(ends[1]);
	while ((n = read(ends[0], piece, sizeof piece)) > 0)
		buf_bytes(&b, piece, (size_t)n);
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return b.at ? b.at : "";
}

static struct case_root
place_of(const char *place)
{
	return (struct case_root){(uint32_t)json_number(json_member(place, "line")),
				  (uint32_t)json_number(json_member(place, "column"))};
}

/* The last line that is a rejection: the programs before the one meant are accepted. */
static bool
ask(struct runner *r, const struct test_case *t, const char *path, struct arena *a,
    struct answer *out)
{
	const char *argv[] = {r->veery, "check", "--json", path,
			      t->unprivileged ? "--caps" : NULL, "bpf", NULL};
	const char *line = output_of(argv, false, a);

	*out = (struct answer){.code = "", .message = ""};
	for (; *line == '{'; line += strcspn(line, "\n") + 1) {
		if (strcmp(json_string(json_member(line, "verdict"), a), "reject") == 0) {
			out->code = json_string(json_member(line, "code"), a);
			out->message = json_string(json_member(line, "kernel_message"), a);
			out->root = place_of(json_member(line, "root"));
			out->at = place_of(json_member(line, "at"));
			out->fixes = json_member(line, "fixes");
			out->real = json_member(line, "real");
		}
		if (!strchr(line, '\n'))
			break;
	}
	return *out->code;
}

/* A report is read on one screen, also where there are no colours. Null or what is wrong. */
static const char *
check_screen(struct runner *r, const struct test_case *t, const char *path, struct arena *a)
{
	const char *argv[] = {r->veery, "check", path, t->unprivileged ? "--caps" : NULL, "bpf",
			      NULL};
	const char *text = output_of(argv, true, a);
	unsigned lines = 0;

	if (strchr(text, '\033'))
		return "its report has escape sequences in spite of NO_COLOR";
	for (const char *p = text; *p; lines++) {
		size_t n = strcspn(p, "\n"), wide = 0;

		for (size_t i = 0; i < n; i++)
			wide += ((unsigned char)p[i] & 0xc0) != 0x80;
		/* Source that a fix changes, the kernel's words, and the verdict are not cut. */
		if (wide > SCREEN_COLUMNS && strncmp(p, "    | ", 6) && !strstr(p, "= kernel:") && lines > 1)
			return arena_printf(a, "line %u of its report has %zu columns", lines + 1, wide);
		p += n + (p[n] == '\n');
	}
	return lines <= SCREEN_LINES ? NULL
		: arena_printf(a, "its report has %u lines: more than one screen", lines);
}

/* ---- one case ------------------------------------------------------------------------------ */

/* A source by path, which may be an edited copy: what it includes lies beside the original. */
static bool
compile_c(const struct runner *r, const struct test_case *t, const char *source,
	  const char *object, bool fixed)
{
	const char *argv[] = {r->clang, "-target", "bpf", r->level, "-g", r->cpu, "-Wall",
			      "-Wno-unused", "-iquote", t->folder, "-c", source, "-o", object,
			      fixed ? "-DFIXED" : NULL, NULL};
	struct stat src, obj;
	struct arena a;

	if (stat(source, &src) == 0 && stat(object, &obj) == 0 && obj.st_mtime > src.st_mtime)
		return true;
	arena_init(&a);
	unlink(object);
	output_of(argv, false, &a);
	arena_free(&a);
	return access(object, R_OK) == 0;
}

/* The faulty or the fixed program as an image; *path is what the command is to be given. */
static const char *
make(struct runner *r, const struct test_case *t, bool fixed, struct attempt *out)
{
	struct arena a;
	const char *why = NULL;
	char *object;

	arena_init(&a);
	object = arena_printf(&a, "%s/%s%s%s.o", r->objects, t->name + 2, r->suffix,
			      fixed ? ".fixed" : "");
	if (!t->is_c)
		attempt_lisp(out, t->path, fixed ? t->fixed : t->faulty);
	else if (compile_c(r, t, t->path, object, fixed))
		attempt_object(out, object);
	else
		why = "clang does not compile it";
	out->unprivileged = t->unprivileged;
	arena_free(&a);
	return why;
}

static bool
has_line(str log, const char *message)
{
	const char *at = message && *message ? memmem(log.p, log.n, message, strlen(message)) : NULL;
	const char *end = at ? at + strlen(message) : NULL;

	/* Of too much work the kernel speaks behind the instruction it has just logged. */
	return at && (at == log.p || at[-1] == '\n' || str_starts(str_of(message), "BPF program is")) &&
		(end == log.p + log.n || *end == '\n' ||	/* one message has no line end */
		 str_starts((str){end, (size_t)(log.p + log.n - end)}, "processed "));
}

/* The last line of a log that is not statistics, for a person. */
static const char *
last_line(str log, struct arena *a)
{
	const char *best = "nothing";

	while (log.n) {
		const char *nl = memchr(log.p, '\n', log.n);
		str line = {log.p, nl ? (size_t)(nl - log.p) : log.n};

		if (line.n && !str_starts(line, "processed ") &&
		    !str_starts(line, "verification time") && !str_starts(line, "stack depth"))
			best = arena_strndup(a, line.p, line.n);
		log.p += line.n + (nl != NULL);
		log.n -= line.n + (nl != NULL);
	}
	return best;
}

/* Both verdicts on the program as it stands in the file; null or what is wrong. */
static const char *
check_faulty(struct runner *r, const struct test_case *t, const struct answer *said,
	     bool *absent, struct arena *a)
{
	struct score *score = score_of(r, t);
	struct costs costs = {0};
	struct verify_result v;
	struct attempt got;
	const char *why = make(r, t, false, &got), *words;
	str log;

	if (why)
		return why;
	if (!got.im) {
		why = arena_strndup(a, attempt_complaint(&got), strlen(attempt_complaint(&got)));
		attempt_end(&got);
		return arena_printf(a, "does not compile: %s", why);
	}
	attempt_simulate(&got, &v, &costs);
	score->check_ns += costs.check_ns;
	score->explain_ns += costs.explain_ns;
	if (costs.check_ns < ORDINARY_NS && r->ntimes < MAX_TIMES)
		r->times[r->ntimes++] = costs.report_ns;
	*absent = r->other && v.verdict == VERDICT_ACCEPT;
	if (v.verdict != VERDICT_REJECT && !*absent) {
		why = v.verdict == VERDICT_ACCEPT ? "the simulator accepts it" :
		      arena_printf(a, "the simulator cannot tell: %s", v.unknown);
	} else if (!*absent && !r->other && strcmp(said->code, t->code)) {
		why = arena_printf(a, "code %s, expected %s (%s)", said->code, t->code,
				   said->message);
	}
	if (r->may_load && !t->no_kernel) {
		enum kernel_answer k = attempt_kernel(&got, &log, &words);

		if (*absent)
			why = k == KERNEL_ACCEPTS ? NULL : arena_printf(
				a, "the simulator accepts it, the kernel: %s", last_line(log, a));
		else if (k == KERNEL_ACCEPTS)
			why = "the kernel accepts it";
		else if (k == KERNEL_REFUSES)
			why = arena_printf(a, "the kernel did not get to verify it: %s", words);
		else if (!why && !has_line(log, v.kernel_message))
			why = arena_printf(a, "the simulator says \"%s\", the kernel \"%s\"",
					   v.kernel_message, last_line(log, a));
		else if (why)
			why = arena_printf(a, "%s; the kernel: %s", why, last_line(log, a));
		else
			why = logs_check(log, &v, a);
	}
	attempt_end(&got);
	return why;
}

/* Do both accept it? Null or what is wrong. */
static const char *
check_accepted(struct runner *r, const struct test_case *t, struct attempt *got,
	       const char *what, struct arena *a)
{
	struct verify_result v;
	const char *words;
	str log;

	if (!got->im)
		return arena_printf(a, "%s does not compile: %s", what, attempt_complaint(got));
	attempt_simulate(got, &v, NULL);
	if (r->may_load && !t->no_kernel) {
		enum kernel_answer k = attempt_kernel(got, &log, &words);

		if (k == KERNEL_REJECTS)
			return arena_printf(a, "the kernel rejects %s: %s", what, last_line(log, a));
		if (k == KERNEL_REFUSES)
			return arena_printf(a, "the kernel refuses %s: %s", what, words);
	}
	if (v.verdict != VERDICT_ACCEPT)
		return arena_printf(a, "the simulator does not accept %s: %s", what,
				    v.verdict == VERDICT_REJECT ? v.kernel_message : v.unknown);
	return NULL;
}

static const char *
check_fixed(struct runner *r, const struct test_case *t, struct arena *a)
{
	struct attempt got;
	const char *why = make(r, t, true, &got);

	if (why)
		return why;
	why = check_accepted(r, t, &got, "the fixed program", a);
	attempt_end(&got);
	return why;
}

/* The text with a fix's edits made, from the last to the first. */
static str
edited(str text, const char *edits, struct arena *a)
{
	for (unsigned done = 0, n = 0; json_element(edits, done); done++) {
		const char *last = NULL;
		unsigned long from = 0;
		struct buf b = buf_new(a);
		size_t to;

		/* The one that begins last of those not made yet. */
		for (unsigned i = 0; json_element(edits, i); i++) {
			const char *e = json_element(edits, i);
			unsigned long at = json_number(json_member(e, "start")), later = 0;

			for (unsigned j = 0; json_element(edits, j); j++) {
				unsigned long other = json_number(json_member(
					json_element(edits, j), "start"));

				later += other > at || (other == at && j > i);
			}
			if (later == done) {
				last = e;
				from = at;
			}
		}
		n++;
		to = json_number(json_member(last, "end"));
		if (!last || from > to || to > text.n)
			break;
		buf_str(&b, (str){text.p, from});
		buf_puts(&b, json_string(json_member(last, "text"), a));
		buf_str(&b, (str){text.p + to, text.n - to});
		text = buf_text(&b);
	}
	return text;
}

/* A file is written only when its text is another: what was compiled from it stays good. */
static void
keep_file(const char *path, str text, struct arena *a)
{
	FILE *f = fopen(path, "re");
	char *old = arena_array(a, char, text.n + 1);
	bool same = f && fread(old, 1, text.n + 1, f) == text.n && !memcmp(old, text.p, text.n);

	if (f)
		fclose(f);
	if (same || !(f = fopen(path, "we")))
		return;
	fwrite(text.p, 1, text.n, f);
	fclose(f);
}

/* Suggestions in C are not verified by the command, which has no compiler; here is one. */
static const char *
try_suggestion(struct runner *r, const struct test_case *t, const struct answer *said,
	       const char **outcome, struct arena *a)
{
	const char *fix = json_element(said->fixes, 0), *why;
	const char *source = arena_printf(a, "%s/%s%s.mended.c", r->objects, t->name + 2,
					  r->suffix);
	const char *object = arena_printf(a, "%s/%s%s.mended.o", r->objects, t->name + 2,
					  r->suffix);
	struct attempt got;

	*outcome = "none";
	if (!fix)
		return NULL;
	keep_file(source, edited(t->faulty, json_member(fix, "edits"), a), a);
	if (!compile_c(r, t, source, object, false))
		return arena_printf(a, "the suggestion `%s` does not compile",
				    json_string(json_member(fix, "title"), a));
	attempt_object(&got, object);
	got.unprivileged = t->unprivileged;
	why = check_accepted(r, t, &got, "the suggestion", a);
	attempt_end(&got);
	*outcome = why ? why : "accepted";
	score_of(r, t)->fixed += !why;
	return NULL;
}

/* Every fix said to be verified makes both accept. Counts those that do. */
static const char *
check_fixes(struct runner *r, const struct test_case *t, const struct answer *said,
	    unsigned *good, struct arena *a)
{
	const char *why = NULL;

	for (unsigned i = 0; !t->is_c && json_element(said->fixes, i); i++) {
		const char *fix = json_element(said->fixes, i);
		struct attempt got;

		if (!json_true(json_member(fix, "verified")))
			continue;
		attempt_lisp(&got, t->path, edited(t->faulty, json_member(fix, "edits"), a));
		got.unprivileged = t->unprivileged;
		why = check_accepted(r, t, &got,
				     arena_printf(a, "the fix `%s`",
						  json_string(json_member(fix, "title"), a)), a);
		attempt_end(&got);
		if (why)
			return why;
		++*good;
	}
	return NULL;
}

static bool
root_is_exact(const struct test_case *t, struct case_root got)
{
	for (uint32_t i = 0; i < t->nroots; i++)
		if (t->roots[i].line == got.line &&
		    (!t->roots[i].col || t->roots[i].col == got.col))
			return true;
	return false;
}

static bool
count_kind(struct runner *r, const char *kind)
{
	for (unsigned i = 0; i < KINDS; i++)
		if (strcmp(kinds[i], kind) == 0) {
			r->of_kind[i]++;
			return true;
		}
	return false;
}

static void
run_case(struct runner *r, const char *path)
{
	struct test_case t;
	struct answer said = {.code = ""};
	struct score *score;
	unsigned fixes = 0;
	struct arena a;
	const char *why, *file = path, *outcome = "";
	bool exact, absent = false;

	arena_init(&a);
	why = case_read(&t, path, &a);
	if (!why && !*r->suffix && !count_kind(r, t.kind))
		why = "its line `kind:` names none of kinds.def";
	if (why) {
		report(r, false, t.name, why);
		arena_free(&a);
		return;
	}
	score = score_of(r, &t);
	if (t.is_c) {
		file = arena_printf(&a, "%s/%s%s.o", r->objects, t.name + 2, r->suffix);
		if (!compile_c(r, &t, t.path, file, false))
			why = "clang does not compile it";
	}
	if (!why && ask(r, &t, file, &a, &said))
		score->code += strcmp(said.code, t.code) == 0;
	if (!why)
		why = check_faulty(r, &t, &said, &absent, &a);
	if (!why && absent) {
		r->tests++;
		printf("ok - %s%s # SKIP compiled this way it is accepted\n", t.name, r->suffix);
		arena_free(&a);
		return;
	}
	if (!why)
		why = check_fixed(r, &t, &a);
	if (!why)
		why = check_fixes(r, &t, &said, &fixes, &a);
	if (!why)
		why = check_screen(r, &t, file, &a);
	if (!why && t.is_c)
		why = try_suggestion(r, &t, &said, &outcome, &a);
	if (!why && said.real && !t.real)
		why = "a real input is claimed, but the program does no harm";
	report(r, !why, arena_printf(&a, "%s%s", t.name, r->suffix), why);
	exact = root_is_exact(&t, said.root);
	score->cases++;
	score->real += t.real;
	score->root += exact;
	score->fixed += fixes > 0;
	score->found += t.real && said.real;
	if (r->list)
		printf("  # %-5s root %-5s (%u:%u, expected %u:%u) %u fixes, real %s\n", said.code,
		       exact ? "exact" : "wrong", said.root.line, said.root.col,
		       t.roots[0].line, t.roots[0].col, fixes,
		       !t.real ? "none" : said.real ? "found" : "missed");
	if (r->list && *outcome)
		printf("  # suggestion: %s\n", outcome);
	arena_free(&a);
}

/* ---- the sum ------------------------------------------------------------------------------- */

static double
percent(unsigned part, unsigned whole)
{
	return whole ? 100.0 * part / whole : 100.0;
}

static void
print_table(const struct runner *r)
{
	printf("# %-5s %9s %11s %11s %12s %11s %14s\n", "", "programs", "code", "root",
	       "accepted fix", "real input", "explain/check");
	for (int i = 0; i < 3; i++) {
		const struct score *s = &r->score[i];
		char fixed[16];

		if (i && !s->cases)
			continue;
		snprintf(fixed, sizeof fixed, "%.1f %%", percent(s->fixed, s->cases));
		printf("# %-5s %9u %9.1f %% %9.1f %% %12s %9.1f %% %14.1f\n",
		       i == 2 ? "C, 19" : i ? "C" : "Lisp",
		       s->cases, percent(s->code, s->cases), percent(s->root, s->cases), fixed,
		       percent(s->found, s->real),
		       s->check_ns ? (double)s->explain_ns / (double)s->check_ns : 0.0);
	}
}

static int
by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static double
at_percent(const struct runner *r, unsigned percent)
{
	return r->ntimes ? (double)r->times[(r->ntimes - 1) * percent / 100] / 1e6 : 0;
}

/* Explaining with everything: steps, tried fixes, inputs looked for. */
static void
check_times(struct runner *r)
{
	char why[80];

	qsort(r->times, r->ntimes, sizeof *r->times, by_size);
	printf("# a whole report, CPU time of %u programs: median %.2f ms, 90 %% %.2f ms, "
	       "99 %% %.2f ms, worst %.2f ms\n", r->ntimes, at_percent(r, 50), at_percent(r, 90),
	       at_percent(r, 99), at_percent(r, 100));
#ifdef NDEBUG	/* sanitizers take their own time */
	snprintf(why, sizeof why, "median %.2f ms", at_percent(r, 50));
	report(r, at_percent(r, 50) < 5, "a report with fixes and inputs takes less than 5 ms", why);
	snprintf(why, sizeof why, "99 %% take up to %.2f ms", at_percent(r, 99));
	report(r, at_percent(r, 99) < 50, "nearly none takes more than 50 ms", why);
#else
	(void)why;
#endif
}

static void
print_kinds(const struct runner *r)
{
	for (unsigned i = 0; i < KINDS; i++)
		printf("# %-32s %4u\n", kinds[i], r->of_kind[i]);
}

/* One test per promise made over the whole corpus. */
static void
check_goals(struct runner *r)
{
	const struct score *l = &r->score[0], *c = &r->score[1], *c19 = &r->score[2];
	char why[80];

	snprintf(why, sizeof why, "%.1f %%", percent(l->root + c->root, l->cases + c->cases));
	report(r, percent(l->root + c->root, l->cases + c->cases) >= 95,
	       "the root is exact for 95 % of the programs", why);
	if (c19->cases) {
		snprintf(why, sizeof why, "%.1f %%", percent(c19->root, c19->cases));
		report(r, percent(c19->root, c19->cases) >= 95,
		       "the root is exact for 95 % of the C programs by " OTHER_CLANG, why);
	}
	snprintf(why, sizeof why, "%.1f %%", percent(l->fixed, l->cases));
	report(r, percent(l->fixed, l->cases) >= 80,
	       "a fix that was tried is offered for 80 % of the Lisp programs", why);
	for (unsigned i = 0; i < KINDS; i++) {
		char name[80];

		snprintf(name, sizeof name, "two programs or more of: %s", kinds[i]);
		snprintf(why, sizeof why, "there are %u", r->of_kind[i]);
		if (r->of_kind[i] < 2 && !r->may_compile) {
			r->tests++;
			printf("ok - %s # SKIP needs clang\n", name);
			continue;
		}
		report(r, r->of_kind[i] >= 2, name, why);
	}
	for (int i = 0; i < 2; i++) {
		const struct score *s = &r->score[i];
		char name[80];

		snprintf(why, sizeof why, "%.1f %%", percent(s->found, s->real));
		snprintf(name, sizeof name, "an input that does harm is found for 70 %% of the bugs in %s",
			 i ? "C" : "Lisp");
		report(r, percent(s->found, s->real) >= 70, name, why);
	}
	snprintf(why, sizeof why, "%.1f %%", percent(c->fixed, c->cases));
	report(r, !r->may_compile || percent(c->fixed, c->cases) >= 70,
	       "a suggestion that is accepted is made for 70 % of the programs in C", why);
}

/* What `veery explain CODE` shows: does the kernel refuse the one program with the words of
 * the simulator, and take the other? */
static const char *
check_page(struct runner *r, const struct vs_page *p, struct arena *a)
{
	struct test_case t = {.name = p->code};
	struct verify_result v;
	struct attempt got;
	const char *why = NULL, *words;
	str log;

	attempt_lisp(&got, p->code, str_of(p->fails));
	if (got.im) {
		attempt_simulate(&got, &v, NULL);
		if (v.verdict != VERDICT_REJECT)
			why = "the simulator does not reject it";
		else if (r->may_load && attempt_kernel(&got, &log, &words) != KERNEL_REJECTS)
			why = arena_printf(a, "the kernel does not reject it: %s", words);
		else if (r->may_load && !has_line(log, v.kernel_message))
			why = arena_printf(a, "\"%s\" is not what the kernel says: %s", v.kernel_message,
					   last_line(log, a));
	} else {
		why = arena_printf(a, "does not compile: %s", attempt_complaint(&got));
	}
	attempt_end(&got);
	if (why)
		return why;
	attempt_lisp(&got, p->code, str_of(p->passes));
	why = check_accepted(r, &t, &got, "the mended program", a);
	attempt_end(&got);
	return why;
}

static void
check_pages(struct runner *r)
{
	const struct vs_page *p;

	for (uint32_t i = 0; (p = verify_page_at(i)); i++) {
		struct arena a;
		const char *why;

		arena_init(&a);
		why = check_page(r, p, &a);
		report(r, !why, arena_printf(&a, "page of %s", p->code), why);
		arena_free(&a);
	}
}

static bool
may_load(void)
{
	struct arena a;
	const char *why;
	bool may;

	arena_init(&a);
	may = load_allowed(&a, &why);
	arena_free(&a);
	return may;
}

static bool
has_compiler(const char *name)
{
	char command[64];

	snprintf(command, sizeof command, "%s --version >/dev/null 2>&1", name);
	return system(command) == 0;
}

/* With a suffix only those in C. */
static void
run_cases(struct runner *r, char **files)
{
	for (; *files; files++) {
		const char *dot = strrchr(*files, '.');
		bool is_c = dot && strcmp(dot, ".c") == 0;

		if (!is_c && *r->suffix)
			continue;
		if (is_c && !(*r->suffix ? r->may_compile_other : r->may_compile)) {
			r->tests++;
			printf("ok - %s%s # SKIP needs %s\n", *files, r->suffix, r->clang);
		} else {
			run_case(r, *files);
		}
	}
}

int
main(int argc, char **argv)
{
	struct runner r = {0};
	bool times = false, compare = false;
	char columns[8];
	int i = 3;

	if (argc < 4)
		return 2;
	r.veery = argv[1];
	r.objects = argv[2];
	r.clang = "clang";
	r.suffix = "";
	r.level = "-O2";
	r.cpu = "-mcpu=v3";
	for (; i < argc && argv[i][0] == '-'; i++) {
		r.list |= strcmp(argv[i], "--list") == 0;
		r.goals |= strcmp(argv[i], "--goals") == 0;
		times |= strcmp(argv[i], "--times") == 0;
		compare |= strcmp(argv[i], "--compare") == 0;
		if (strncmp(argv[i], "--clang=", 8) == 0)
			r.clang = argv[i] + 8;
		else if (strncmp(argv[i], "-O", 2) == 0)
			r.level = argv[i];
		else if (strncmp(argv[i], "-mcpu=", 6) == 0)
			r.cpu = argv[i];
		r.other |= argv[i][1] != '-' || strncmp(argv[i], "--clang=", 8) == 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	setenv("NO_COLOR", "1", 1);
	snprintf(columns, sizeof columns, "%d", SCREEN_COLUMNS);
	setenv("COLUMNS", columns, 1);
	r.may_load = may_load();
	r.may_compile = has_compiler(r.clang);
	run_cases(&r, argv + i);
	if (compare) {
		r.clang = OTHER_CLANG;
		r.suffix = "." OTHER_CLANG;
		r.other = true;
		r.may_compile_other = has_compiler(r.clang);
		run_cases(&r, argv + i);
	}
	if (r.goals) {
		check_pages(&r);
		check_goals(&r);
		print_kinds(&r);
	}
	if (r.goals || times)
		check_times(&r);
	print_table(&r);
	printf("1..%u\n", r.tests);
	return r.is_bad;
}

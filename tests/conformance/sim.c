/* SPDX-License-Identifier: MIT */
/* sim.c: runs the simulator over many programs in expendable child processes. */
#include "sim.h"

#include "verifier-sim/explain/explain.h"
#include "image/btf.h"

#include <stdlib.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Of this process alone: what others run meanwhile does not count. */
static uint64_t
cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static enum outcome_kind
kind_of(enum verdict v)
{
	switch (v) {
	case VERDICT_ACCEPT: return OUTCOME_ACCEPT;
	case VERDICT_REJECT: return OUTCOME_REJECT;
	case VERDICT_UNKNOWN: return OUTCOME_UNKNOWN;
	case VERDICT_BUG: break;
	}
	return OUTCOME_BUG;
}

struct outcome
sim_try(const struct image *im, const struct image_prog *p, const struct verify_opts *opts,
	struct arena *a)
{
	struct verify_result r = {0};
	uint64_t start = cpu_ns();
	struct vs_explanation x;
	struct outcome o;

	verify_prog(im, p, opts, a, &r);
	o = (struct outcome){
		.kind = kind_of(r.verdict), .err = r.err, .insn = (int32_t)r.insn,
		.processed = r.processed, .ns = cpu_ns() - start,
		.message = r.unknown ? r.unknown : r.kernel_message ? r.kernel_message : "",
	};
	if (o.kind == OUTCOME_ACCEPT)
		o.insn = -1;
	/* Whatever is rejected can be explained; this is where the odd programs are. */
	if (r.verdict == VERDICT_REJECT) {
		verify_explain(im, p, opts, &r, a, &x);
		if (!x.headline || !*x.headline)
			o.kind = OUTCOME_BUG;
	}
	return o;
}

/* Of processor time, so that a busy machine is no fault of the program's. */
static void
limit(unsigned seconds)
{
	setitimer(ITIMER_PROF, &(struct itimerval){.it_value.tv_sec = seconds}, NULL);
}

/* In the child: one line per program, flushed, so the parent knows how far it came. */
static _Noreturn void
child(const struct sim_source *src, const struct verify_opts *opts, unsigned seconds,
      uint32_t from, int fd)
{
	FILE *f = fdopen(fd, "w");
	struct verify_opts o = *opts;
	struct arena a, lasting;

	arena_init(&a);
	arena_init(&lasting);
	if (!o.vmlinux && o.vmlinux_btf_size)
		o.vmlinux = btf_open(&lasting, o.vmlinux_btf, o.vmlinux_btf_size, NULL, NULL);
	for (uint32_t i = from; f && i < src->count; i++) {
		const struct image *im;
		const struct image_prog *p;
		struct outcome result;

		arena_reset(&a);
		src->get(src->self, i, &a, &im, &p);
		limit(seconds);
		result = sim_try(im, p, &o, &a);
		limit(0);
		outcome_write(f, &result);
		fflush(f);
	}
	_exit(0);
}

static const char *
death(int status, struct arena *a)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF)
		return "out of time";
	if (WIFSIGNALED(status))
		return arena_printf(a, "crash: signal %d", WTERMSIG(status));
	return arena_printf(a, "crash: exit status %d", WEXITSTATUS(status));
}

/* One child's run; returns the index after the last program that has an outcome. */
static uint32_t
run_child(const struct sim_source *src, const struct verify_opts *opts, unsigned seconds,
	  uint32_t from, struct outcome *out, struct arena *a)
{
	int p[2], status = 0;
	char *line = NULL;
	size_t cap = 0;
	FILE *f;
	pid_t pid;

	if (pipe(p) < 0)
		abort();
	pid = fork();
	if (pid == 0) {
		close(p[0]);
		child(src, opts, seconds, from, p[1]);
	}
	close(p[1]);
	f = fdopen(p[0], "r");
	while (from < src->count && getline(&line, &cap, f) > 0 &&
	       outcome_parse(line, &out[from], a))
		from++;
	fclose(f);
	free(line);
	waitpid(pid, &status, 0);
	if (from < src->count)
		out[from++] = (struct outcome){.kind = OUTCOME_BUG, .insn = -1,
					       .message = death(status, a)};
	return from;
}

void
sim_try_all(const struct sim_source *src, const struct verify_opts *opts, unsigned seconds,
	    struct outcome *out, struct arena *a)
{
	uint32_t i = 0;

	fflush(NULL);
	while (i < src->count)
		i = run_child(src, opts, seconds, i, out, a);
}

/* SPDX-License-Identifier: MIT */
/* try.c: see try.h. */
#include "try.h"

#include "base/buf.h"
#include "session/check.h"
#include "session/load.h"

#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void
discard(void *ud, str text)
{
	(void)ud;
	(void)text;
}

static void
begin(struct attempt *t)
{
	struct session_opts o = {.write = discard, .fuel = 10000000};

	*t = (struct attempt){0};
	arena_init(&t->arena);
	diags_init(&t->ds, &t->arena);
	t->session = session_new(&o);
	session_kernel_btf(t->session, &t->btf, &t->btf_size);
}

static void
pick_program(struct attempt *t)
{
	if (t->ds.errors || !t->im || !t->im->progs.n)
		t->im = NULL;
	else
		t->prog = t->im->progs.at[t->im->progs.n - 1];
}

void
attempt_lisp(struct attempt *t, const char *name, str text)
{
	struct reader r = {0};
	enum session_step step;
	value v;

	begin(t);
	t->lisp = true;
	r.file = sources_add(session_sources(t->session), name, text);
	do {
		step = session_step(t->session, &r, &v, &t->ds);
	} while (step == STEP_VALUE || step == STEP_FAILED);
	t->im = arena_new(&t->arena, struct image);
	if (!session_build(t->session, &t->arena, t->im, &t->ds))
		t->im = NULL;
	pick_program(t);
}

void
attempt_object(struct attempt *t, const char *path)
{
	struct elf_opts o = {.kernel = check_running_kernel()};
	FILE *f = fopen(path, "re");
	struct buf b;
	char piece[4096];
	size_t n;

	begin(t);
	o.target_btf = t->btf;
	o.target_btf_size = t->btf_size;
	b = buf_new(&t->arena);
	while (f && (n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_bytes(&b, piece, n);
	if (f)
		fclose(f);
	t->im = elf_read(b.at, b.n, path, &o, session_sources(t->session), &t->arena, &t->ds);
	pick_program(t);
}

void
attempt_end(struct attempt *t)
{
	session_free(t->session);
	arena_free(&t->arena);
}

const char *
attempt_complaint(const struct attempt *t)
{
	for (uint32_t i = 0; i < t->ds.all.n; i++)
		if (t->ds.all.at[i]->severity == DIAG_ERROR)
			return t->ds.all.at[i]->message;
	return "no program in it";
}

/* Time spent here, not time that passes: others may be running. */
static uint64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void
attempt_simulate(struct attempt *t, struct verify_result *r, struct costs *c)
{
	struct verify_types types = {.arena = &t->arena};
	struct verify_opts o = {.kernel = check_running_kernel(), .caps = VCAP_DEFAULT,
				.vmlinux_btf = t->btf, .vmlinux_btf_size = t->btf_size,
				.types = &types,
				.cpus = (uint32_t)sysconf(_SC_NPROCESSORS_CONF)};
	struct checked done = {t->im, t->prog, &o, r, t->lisp ? t->session : NULL};
	struct vs_explanation x;
	uint64_t start = now();

	if (t->unprivileged)
		o.caps = VCAP_BPF | VCAP_NET_ADMIN;
	verify_prog(t->im, t->prog, &o, &t->arena, r);
	if (!c)
		return;
	c->check_ns = now() - start;
	if (r->verdict != VERDICT_REJECT)
		return;
	start = now();
	verify_explain(t->im, t->prog, &o, r, &t->arena, &x);
	c->explain_ns = now() - start;
	start = now();
	check_report(&t->ds, &done, NULL);
	c->report_ns = now() - start;
}

static bool
make_maps(struct attempt *t, int *fds, int btf_fd)
{
	for (uint32_t i = 0; i < t->im->maps.n; i++) {
		fds[i] = load_map(t->im->maps.at[i], btf_fd, 0, &t->ds);
		if (fds[i] < 0)
			return false;
	}
	return true;
}

/* ---- capabilities ------------------------------------------------------------------------ */

static void
set_effective(uint64_t caps)
{
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &h, d))
		return;
	d[0].effective = (uint32_t)caps;
	d[1].effective = (uint32_t)(caps >> 32);
	syscall(SYS_capset, &h, d);
}

/* The effective set without what lets a program leak pointers; *all is the set as it is. */
static uint64_t
without_perfmon(uint64_t *all)
{
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[2] = {{0}};

	syscall(SYS_capget, &h, d);
	*all = d[0].effective | (uint64_t)d[1].effective << 32;
	return *all & ~(1ull << CAP_PERFMON | 1ull << CAP_SYS_ADMIN);
}

enum kernel_answer
attempt_kernel(struct attempt *t, str *log, const char **why)
{
	int *fds = arena_array(&t->arena, int, t->im->maps.n + 1);
	struct load_request rq = {.image = t->im, .prog = t->prog, .map_fds = fds,
				  .arena = &t->arena, .btf_fd = load_btf(t->im),
				  .vmlinux_btf = t->btf, .vmlinux_btf_size = t->btf_size};
	struct load_result got = {.fd = -1};
	enum kernel_answer answer;
	uint64_t kept = 0;
	bool loaded;

	memset(fds, -1, (t->im->maps.n + 1) * sizeof *fds);
	loaded = make_maps(t, fds, rq.btf_fd);
	if (t->unprivileged)
		set_effective(without_perfmon(&kept));
	loaded = loaded && load_program(&rq, &got, &t->ds);
	if (t->unprivileged)
		set_effective(kept);
	answer = loaded ? KERNEL_ACCEPTS : got.log.n ? KERNEL_REJECTS : KERNEL_REFUSES;
	*log = got.log;
	*why = loaded ? "" : attempt_complaint(t);
	if (got.fd >= 0)
		close(got.fd);
	if (rq.btf_fd >= 0)
		close(rq.btf_fd);
	for (uint32_t i = 0; i < t->im->maps.n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return answer;
}

/* SPDX-License-Identifier: MIT */
/* attach_trace.c: hooks of tracing: tracepoints, probes, sampling, and what was aimed at load
 * time. */
#include "attach_private.h"

#include "facts/facts.h"
#include "reasons.h"
#include "symbols.h"
#include "syscalls/bpf.h"
#include "syscalls/cpus.h"
#include "syscalls/perf.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { DEFAULT_FREQUENCY = 99 };

/* ---- perf events ----------------------------------------------------------------------- */

/* Join the program to an event: by link where there are such links (5.15), else by ioctl. */
static bool
join_event(struct attempt *t, int event, const char *what)
{
	struct sys_link_create_attr attr = {.prog_fd = (uint32_t)t->prog_fd,
					    .target_fd = (uint32_t)event,
					    .attach_type = BPF_PERF_EVENT};
	int link = sys_link_create(&attr), err;

	if (link >= 0) {
		err = sys_perf_enable(event);
		close(event);	/* the link holds it */
		if (err) {
			close(link);
			return attach_failed(t, err, what);
		}
		return attach_done(t, link, false, what);
	}
	err = sys_perf_set_program(event, t->prog_fd);
	if (!err)
		err = sys_perf_enable(event);
	if (err) {
		close(event);
		return attach_failed(t, err, what);
	}
	return attach_done(t, event, false, what);
}

bool
attach_tracepoint(struct attempt *t)
{
	const char *slash;
	int64_t id;
	int event;
	struct diag *d;

	if (!attach_need_target(t, "a tracepoint", "sched/sched_switch"))
		return false;
	/* A section's spelling of the target is as good. */
	if (str_starts(str_of(t->target), "tracepoint/"))
		t->target += strlen("tracepoint/");
	else if (str_starts(str_of(t->target), "tp/"))
		t->target += strlen("tp/");
	slash = strchr(t->target, '/');
	if (!slash)
		slash = strchr(t->target, ':');
	if (!slash) {
		diag_error(t->ds, "K0033", t->at, "a tracepoint is written category/event, not `%s`",
			   t->target);
		return false;
	}
	id = sys_tracepoint_id(arena_strndup(&t->att->arena, t->target, (size_t)(slash - t->target)),
			       slash + 1);
	if (id < 0) {
		d = diag_error(t->ds, "K0033", t->at, "cannot find tracepoint `%s`: %s", t->target,
			       id == -ENODEV ? "tracefs is not mounted" : strerror((int)-id));
		if (id == -ENODEV)
			diag_help(t->ds, d, "mount -t tracefs tracefs /sys/kernel/tracing");
		else
			diag_help(t->ds, d, "ls %s/events lists the tracepoints of this kernel",
				  sys_tracefs() ? sys_tracefs() : "/sys/kernel/tracing");
		return false;
	}
	event = sys_perf_tracepoint((uint64_t)id);
	if (event < 0)
		return attach_failed(t, event, arena_printf(&t->att->arena, "tracepoint %s", t->target));
	return join_event(t, event, arena_printf(&t->att->arena, "tracepoint %s", t->target));
}

static bool
is_return_probe(const struct attempt *t)
{
	return t->att->rq.retprobe || str_starts(str_of(t->prog->section), "uretprobe") ||
	       str_starts(str_of(t->prog->section), "kretprobe");
}

static void
missing_option(struct attempt *t, const char *option)
{
	const char *no = reason_option(t->ds->arena, option);

	if (no)
		attach_help(t, no);
}

/* ---- many functions by one link -------------------------------------------------------- */

enum { MULTI_RETURN = 1 };	/* BPF_F_KPROBE_MULTI_RETURN, BPF_F_UPROBE_MULTI_RETURN */

static bool
none_match(struct attempt *t, const char *pattern, const char *where)
{
	diag_error(t->ds, "K0034", t->at, "no function matches `%s` in %s", pattern, where);
	return false;
}

/* uprobe.multi (6.6): all functions of a file that match a pattern of * and ?. */
static bool
attach_uprobe_multi(struct attempt *t)
{
	struct arena *a = &t->att->arena;
	const char *colon = t->target ? strrchr(t->target, ':') : NULL, *path;
	struct symbols_found found = {0};
	struct sys_link_create_attr attr = {.prog_fd = (uint32_t)t->prog_fd,
					    .attach_type = t->prog->expected_attach};
	int err;

	if (!colon)
		return attach_need_target(t, "a file and a pattern", "libc.so.6:mem*") &&
		       none_match(t, t->target, "a file: write FILE:PATTERN");
	path = symbols_find_file(a, arena_strndup(a, t->target, (size_t)(colon - t->target)));
	if (!path)
		return none_match(t, colon + 1, "a file that is not there");
	err = symbols_match(a, path, colon + 1, &found);
	if (err || !found.n)
		return none_match(t, colon + 1, path);
	attr.uprobe_multi.path = sys_ptr(path);
	attr.uprobe_multi.offsets = sys_ptr(found.offsets);
	attr.uprobe_multi.cnt = found.n;
	attr.uprobe_multi.pid = (uint32_t)t->att->rq.pid;
	attr.uprobe_multi.flags = is_return_probe(t) ? MULTI_RETURN : 0;
	return attach_by_link(t, &attr, arena_printf(a, "%u functions of %s", found.n, path));
}

/* kprobe.multi (5.18): all functions of the kernel that match. */
static bool
attach_kprobe_multi(struct attempt *t)
{
	struct arena *a = &t->att->arena;
	struct symbols_found found = {0};
	struct sys_link_create_attr attr = {.prog_fd = (uint32_t)t->prog_fd,
					    .attach_type = t->prog->expected_attach};
	int fd;

	if (!attach_need_target(t, "a function or a pattern", "tcp_v4_*"))
		return false;
	if (symbols_match_kernel(a, t->target, &found) || !found.n)
		return none_match(t, t->target, "the kernel");
	attr.kprobe_multi.syms = sys_ptr(found.names);
	attr.kprobe_multi.cnt = found.n;
	attr.kprobe_multi.flags = is_return_probe(t) ? MULTI_RETURN : 0;
	fd = sys_link_create(&attr);

	const char *what = arena_printf(a, "%u kernel function%s", found.n,
					 found.n == 1 ? "" : "s");

	if (fd >= 0)
		return attach_done(t, fd, true, what);
	attach_failed(t, fd, what);
	if (fd == -EOPNOTSUPP || fd == -EINVAL)
		missing_option(t, "CONFIG_FPROBE");
	return false;
}

/* ---- one function by a perf event ------------------------------------------------------ */

static bool
attach_uprobe(struct attempt *t, const char *colon)
{
	struct arena *a = &t->att->arena;
	const char *name = arena_strndup(a, t->target, (size_t)(colon - t->target)), *near;
	const char *path = symbols_find_file(a, name);
	uint64_t offset = 0;
	struct diag *d;
	int event, err;

	if (!path) {
		diag_error(t->ds, "K0034", t->at, "there is no file `%s` to probe", name);
		return false;
	}
	err = symbols_offset(a, path, colon + 1, &offset, &near);
	if (err) {
		d = diag_error(t->ds, "K0034", t->at, "cannot probe `%s` in %s: %s", colon + 1, path,
			       err == -ENOENT ? "no such function in its symbol tables"
			       : err == -ENOEXEC ? "not an ELF file" : strerror(-err));
		if (near)
			diag_help(t->ds, d, "did you mean `%s`?", near);
		return false;
	}
	event = sys_perf_uprobe(path, offset, is_return_probe(t), t->att->rq.pid);
	if (event < 0) {
		attach_failed(t, event, arena_printf(a, "uprobe %s", t->target));
		if (event == -ENOENT)
			missing_option(t, "CONFIG_UPROBE_EVENTS");
		return false;
	}
	return join_event(t, event, arena_printf(a, "%s %s:%s",
						 is_return_probe(t) ? "uretprobe" : "uprobe", path,
						 colon + 1));
}

bool
attach_kprobe(struct attempt *t)
{
	struct arena *a = &t->att->arena;
	const char *plus, *colon;
	int event;

	if (t->prog->expected_attach == SYS_ATTACH_UPROBE_MULTI ||
	    t->prog->expected_attach == SYS_ATTACH_UPROBE_SESSION)
		return attach_uprobe_multi(t);
	if (t->prog->expected_attach == BPF_TRACE_KPROBE_MULTI ||
	    t->prog->expected_attach == SYS_ATTACH_KPROBE_SESSION)
		return attach_kprobe_multi(t);
	if (!attach_need_target(t, "a function", "do_unlinkat\" or \"libc.so.6:malloc"))
		return false;
	colon = strrchr(t->target, ':');
	if (colon)
		return attach_uprobe(t, colon);
	plus = strchr(t->target, '+');
	event = sys_perf_kprobe(plus ? arena_strndup(a, t->target, (size_t)(plus - t->target))
				     : t->target,
				plus ? strtoull(plus + 1, NULL, 0) : 0, is_return_probe(t));
	if (event < 0) {
		attach_failed(t, event, arena_printf(a, "kprobe %s", t->target));
		if (event == -ENOENT && access("/sys/bus/event_source/devices/kprobe", F_OK))
			missing_option(t, "CONFIG_KPROBE_EVENTS");
		else if (event == -ENOENT || event == -EINVAL || event == -EADDRNOTAVAIL)
			attach_help(t, "no function of this name can be probed: "
				       "/proc/kallsyms lists all");
		return false;
	}
	return join_event(t, event, arena_printf(a, "%s %s",
						 is_return_probe(t) ? "kretprobe" : "kprobe",
						 t->target));
}

/* An event that counts, on every processor or on the first alone. */
struct sampling {
	enum sys_perf_clock event;
	uint64_t hz, period;
	bool one_cpu;
};

static bool
sample(struct attempt *t, const struct sampling *what)
{
	const char *name = arena_printf(&t->att->arena, "perf event %s",
					t->target && *t->target ? t->target : "cpu-clock:99");
	uint32_t cpus = what->one_cpu ? 1 : sys_cpus_possible();

	for (uint32_t cpu = 0; cpu < cpus; cpu++) {
		int event;

		if (!sys_cpu_online(cpu))
			continue;
		event = sys_perf_software(what->event, what->hz, what->period, t->att->rq.pid,
					  (int)cpu);
		if (event < 0)
			return attach_failed(t, event, name);
		if (!join_event(t, event, name))
			return false;
	}
	return true;
}

/* "hz:99", "s:1", "ms:100", "us:500": on every processor in sections "profile/...", on one in
 * "interval/...", or with that word and a colon in front. False when it is none of these. */
static bool
read_rate(const struct attempt *t, const char *target, struct sampling *out)
{
	static const struct { const char *unit; uint64_t ns; } units[] = {
		{"s:", 1000000000}, {"ms:", 1000000}, {"us:", 1000}};
	uint64_t n;

	out->event = SYS_PERF_CPU_CLOCK;
	out->one_cpu = strncmp(t->prog->section, "interval", 8) == 0;
	if (strncmp(target, "interval:", 9) == 0 || strncmp(target, "profile:", 8) == 0) {
		out->one_cpu = *target == 'i';
		target = strchr(target, ':') + 1;
	}
	if (strncmp(target, "hz:", 3) == 0) {
		out->hz = strtoull(target + 3, NULL, 0);
		return out->hz > 0;
	}
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		size_t len = strlen(units[i].unit);

		if (strncmp(target, units[i].unit, len) != 0)
			continue;
		n = strtoull(target + len, NULL, 0);
		out->period = n * units[i].ns;
		return n > 0 && n < UINT64_MAX / units[i].ns;
	}
	return false;
}

/* "cpu-clock:99", "page-faults:1000"; a clock's number is samples a second. Or as above. */
bool
attach_sampling(struct attempt *t)
{
	static const struct { const char *name; enum sys_perf_clock what; bool clock; } known[] = {
		{"cpu-clock", SYS_PERF_CPU_CLOCK, true}, {"task-clock", SYS_PERF_TASK_CLOCK, true},
		{"page-faults", SYS_PERF_PAGE_FAULTS, false},
		{"context-switches", SYS_PERF_CONTEXT_SWITCHES, false},
		{"cpu-migrations", SYS_PERF_CPU_MIGRATIONS, false},
	};
	const char *target = t->target && *t->target ? t->target : "cpu-clock:99";
	const char *colon = strchr(target, ':');
	str name = {target, colon ? (size_t)(colon - target) : strlen(target)};
	uint64_t n = colon ? strtoull(colon + 1, NULL, 0) : 0;
	struct sampling what = {0};

	if (read_rate(t, target, &what))
		return sample(t, &what);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (!str_is(name, known[i].name))
			continue;
		what = (struct sampling){known[i].what, known[i].clock ? (n ? n : DEFAULT_FREQUENCY)
								       : 0, n ? n : 1, false};
		return sample(t, &what);
	}
	diag_error(t->ds, "K0035", t->at,
		   "no software event `%.*s`: cpu-clock, task-clock, page-faults, context-switches, "
		   "cpu-migrations; or hz:N, s:N, ms:N, us:N", STR_ARG(name));
	return false;
}

/* ---- by name, or aimed at load time ---------------------------------------------------- */

bool
attach_raw_tracepoint(struct attempt *t)
{
	const char *what;
	int fd;

	if (!attach_need_target(t, "a tracepoint's name", "sys_enter"))
		return false;
	what = arena_printf(&t->att->arena, "raw tracepoint %s", t->target);
	fd = sys_raw_tracepoint_open(t->target, t->prog_fd, 0);
	return fd < 0 ? attach_failed(t, fd, what) : attach_done(t, fd, false, what);
}

/* The target was given at load time. */
bool
attach_tracing(struct attempt *t)
{
	const char *what = arena_printf(&t->att->arena, "%s", t->prog->section);
	struct sys_link_create_attr iter = {.prog_fd = (uint32_t)t->prog_fd,
					    .attach_type = BPF_TRACE_ITER};
	int fd;

	if (t->prog->expected_attach == BPF_TRACE_ITER)
		return attach_by_link(t, &iter, what);
	if (fact_attach_many(t->prog->expected_attach)) {
		attach_failed(t, -EOPNOTSUPP, what);
		attach_help(t, "links to many functions are not made here; a program of section "
			       "\"fentry/NAME\" or \"fexit/NAME\" is attached to one");
		return false;
	}
	fd = sys_raw_tracepoint_open(NULL, t->prog_fd, 0);
	return fd < 0 ? attach_failed(t, fd, what) : attach_done(t, fd, true, what);
}


/* SPDX-License-Identifier: MIT */
/* attach.c: see attach.h. One row of `hooks` per program type says how it is attached; a hook
 * opens one descriptor, or one per CPU for sampling, and closing them detaches. */
#include "attach.h"

#include "base/buf.h"
#include "base/suggest.h"
#include "symbols.h"
#include "syscalls/bpf.h"
#include "syscalls/perf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_CPUS = 1024, DEFAULT_FREQUENCY = 99 };

struct attachment {
	struct arena arena;
	struct attach_request rq;	/* target copied; prog is the one attached now */
	const char *what;		/* "xdp on lo" */
	VEC(int) fds;
	bool link;			/* the one fd is a link that may be updated */
};

/* What a hook works with; it fills fds, link and what, or adds a diag. */
struct attempt {
	struct attachment *att;
	const struct image_prog *prog;
	int prog_fd;
	const char *target;
	struct diags *ds;
	span at;
};

static bool
failed(struct attempt *t, int err, const char *what)
{
	struct diag *d = diag_error(t->ds, "K0030", t->at, "cannot attach `%s` to %s: %s",
				    t->prog->lisp_name, what, strerror(-err));

	d->kernel = arena_printf(t->ds->arena, "%s: %s", what, strerror(-err));
	if (err == -EPERM || err == -EACCES)
		diag_help(t->ds, d, "this needs CAP_NET_ADMIN for network hooks, CAP_PERFMON for "
				    "tracing, or the sandbox around this process forbids it");
	else if (err == -EBUSY || err == -EEXIST)
		diag_help(t->ds, d, "another program is attached there; detach it first");
	return false;
}

static bool
need_target(struct attempt *t, const char *kind, const char *example)
{
	struct diag *d;

	if (t->target && *t->target)
		return true;
	d = diag_error(t->ds, "K0031", t->at, "`%s` needs %s to attach to", t->prog->lisp_name,
		       kind);
	diag_help(t->ds, d, "(attach %s \"%s\")", t->prog->lisp_name, example);
	return false;
}

static bool
done(struct attempt *t, int fd, bool link, const char *what)
{
	vec_push(&t->att->arena, &t->att->fds, fd);
	t->att->link = link;
	t->att->what = what;
	return true;
}

static bool
link_done(struct attempt *t, const struct sys_link_create_attr *attr, const char *what)
{
	int fd = sys_link_create(attr);

	return fd < 0 ? failed(t, fd, what) : done(t, fd, true, what);
}

/* ---- network interfaces --------------------------------------------------------------------- */

static bool
interface(struct attempt *t, uint32_t *index)
{
	struct suggest near;
	struct if_nameindex *all;
	struct diag *d;

	if (!need_target(t, "a network interface", "eth0"))
		return false;
	*index = if_nametoindex(t->target);
	if (*index)
		return true;
	d = diag_error(t->ds, "K0032", t->at, "there is no network interface `%s`", t->target);
	near = suggest_start(str_of(t->target));
	all = if_nameindex();
	if (all) {
		struct buf names = buf_new(t->ds->arena);

		for (struct if_nameindex *i = all; i->if_index; i++) {
			suggest_offer(&near, str_of(i->if_name));
			buf_printf(&names, "%s%s", names.n ? ", " : "", i->if_name);
		}
		if (near.best.p)
			diag_help(t->ds, d, "did you mean `%.*s`?", STR_ARG(near.best));
		if (names.n)
			diag_note(t->ds, d, "here are: %s", names.at);
		if_freenameindex(all);
	}
	return false;
}

static bool
attach_xdp(struct attempt *t)
{
	struct sys_link_create_attr attr = {.prog_fd = (uint32_t)t->prog_fd, .attach_type = BPF_XDP};

	if (!interface(t, &attr.target_ifindex))
		return false;
	return link_done(t, &attr, arena_printf(&t->att->arena, "xdp on %s", t->target));
}

static bool
attach_tc(struct attempt *t)
{
	struct sys_link_create_attr attr = {.prog_fd = (uint32_t)t->prog_fd};
	bool egress = t->att->rq.egress || strstr(t->prog->section, "egress") ||
		      t->prog->expected_attach == SYS_ATTACH_TCX_EGRESS;
	const char *what;
	int fd;

	if (!interface(t, &attr.target_ifindex))
		return false;
	attr.attach_type = egress ? SYS_ATTACH_TCX_EGRESS : SYS_ATTACH_TCX_INGRESS;
	what = arena_printf(&t->att->arena, "tc %s on %s", egress ? "egress" : "ingress", t->target);
	fd = sys_link_create(&attr);
	if (fd == -EINVAL) {
		failed(t, fd, what);
		diag_help(t->ds, *vec_last(&t->ds->all), "tc links (tcx) exist since Linux 6.6");
		return false;
	}
	return fd < 0 ? failed(t, fd, what) : done(t, fd, true, what);
}

static bool
attach_socket(struct attempt *t)
{
	struct sockaddr_ll addr = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	uint32_t index;
	int fd;

	if (!interface(t, &index))
		return false;
	addr.sll_ifindex = (int)index;
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &t->prog_fd, sizeof(int)) < 0 ||
	    bind(fd, (struct sockaddr *)&addr, sizeof addr) < 0) {
		int err = -errno;

		if (fd >= 0)
			close(fd);
		return failed(t, err, arena_printf(&t->att->arena, "a packet socket on %s",
						   t->target));
	}
	return done(t, fd, false, arena_printf(&t->att->arena, "packet socket on %s", t->target));
}

/* ---- perf events ------------------------------------------------------------------------------- */

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
			return failed(t, err, what);
		}
		return done(t, link, false, what);
	}
	err = sys_perf_set_program(event, t->prog_fd);
	if (!err)
		err = sys_perf_enable(event);
	if (err) {
		close(event);
		return failed(t, err, what);
	}
	return done(t, event, false, what);
}

static bool
attach_tracepoint(struct attempt *t)
{
	const char *slash;
	int64_t id;
	int event;
	struct diag *d;

	if (!need_target(t, "a tracepoint", "sched/sched_switch"))
		return false;
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
		return failed(t, event, arena_printf(&t->att->arena, "tracepoint %s", t->target));
	return join_event(t, event, arena_printf(&t->att->arena, "tracepoint %s", t->target));
}

static bool
is_return_probe(const struct attempt *t)
{
	return t->att->rq.retprobe || str_starts(str_of(t->prog->section), "uretprobe") ||
	       str_starts(str_of(t->prog->section), "kretprobe");
}

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
		failed(t, event, arena_printf(a, "uprobe %s", t->target));
		if (event == -ENOENT)
			diag_help(t->ds, *vec_last(&t->ds->all),
				  "this kernel was built without CONFIG_UPROBE_EVENTS");
		return false;
	}
	return join_event(t, event, arena_printf(a, "%s %s:%s",
						 is_return_probe(t) ? "uretprobe" : "uprobe", path,
						 colon + 1));
}

static bool
attach_kprobe(struct attempt *t)
{
	struct arena *a = &t->att->arena;
	const char *plus, *colon;
	int event;

	if (!need_target(t, "a function", "do_unlinkat\" or \"libc.so.6:malloc"))
		return false;
	colon = strrchr(t->target, ':');
	if (colon)
		return attach_uprobe(t, colon);
	plus = strchr(t->target, '+');
	event = sys_perf_kprobe(plus ? arena_strndup(a, t->target, (size_t)(plus - t->target))
				     : t->target,
				plus ? strtoull(plus + 1, NULL, 0) : 0, is_return_probe(t));
	if (event < 0) {
		failed(t, event, arena_printf(a, "kprobe %s", t->target));
		if (event == -ENOENT && access("/sys/bus/event_source/devices/kprobe", F_OK))
			diag_help(t->ds, *vec_last(&t->ds->all),
				  "this kernel was built without CONFIG_KPROBE_EVENTS");
		else if (event == -ENOENT || event == -EINVAL || event == -EADDRNOTAVAIL)
			diag_help(t->ds, *vec_last(&t->ds->all),
				  "no function of this name can be probed: /proc/kallsyms lists all");
		return false;
	}
	return join_event(t, event, arena_printf(a, "%s %s",
						 is_return_probe(t) ? "kretprobe" : "kprobe",
						 t->target));
}

/* "cpu-clock:99", "page-faults:1000"; a clock's number is samples a second. */
static bool
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
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		const char *what = arena_printf(&t->att->arena, "perf event %s", target);
		uint64_t hz = known[i].clock ? (n ? n : DEFAULT_FREQUENCY) : 0;

		if (!str_is(name, known[i].name))
			continue;
		for (int cpu = 0; cpu < cpus && cpu < MAX_CPUS; cpu++) {
			int event = sys_perf_software(known[i].what, hz, n ? n : 1,
						      t->att->rq.pid, cpu);

			if (event == -ENODEV)
				continue;	/* offline */
			if (event < 0)
				return failed(t, event, what);
			if (!join_event(t, event, what))
				return false;
		}
		return true;
	}
	diag_error(t->ds, "K0035", t->at,
		   "no software event `%.*s`: cpu-clock, task-clock, page-faults, "
		   "context-switches or cpu-migrations", STR_ARG(name));
	return false;
}

/* ---- the rest ------------------------------------------------------------------------------------ */

static bool
attach_raw_tracepoint(struct attempt *t)
{
	const char *what;
	int fd;

	if (!need_target(t, "a tracepoint's name", "sys_enter"))
		return false;
	what = arena_printf(&t->att->arena, "raw tracepoint %s", t->target);
	fd = sys_raw_tracepoint_open(t->target, t->prog_fd, 0);
	return fd < 0 ? failed(t, fd, what) : done(t, fd, false, what);
}

/* The target was given at load time. */
static bool
attach_tracing(struct attempt *t)
{
	const char *what = arena_printf(&t->att->arena, "%s", t->prog->section);
	struct sys_link_create_attr iter = {.prog_fd = (uint32_t)t->prog_fd,
					    .attach_type = BPF_TRACE_ITER};
	int fd;

	if (t->prog->expected_attach == BPF_TRACE_ITER)
		return link_done(t, &iter, what);
	fd = sys_raw_tracepoint_open(NULL, t->prog_fd, 0);
	return fd < 0 ? failed(t, fd, what) : done(t, fd, true, what);
}

static bool
attach_directory(struct attempt *t, const char *path, const char *what)
{
	struct sys_link_create_attr attr = {.prog_fd = (uint32_t)t->prog_fd,
					    .attach_type = t->prog->expected_attach};
	int dir = open(path, O_RDONLY | O_CLOEXEC);
	bool ok;

	if (dir < 0) {
		diag_error(t->ds, "K0036", t->at, "cannot open %s: %s", path, strerror(errno));
		return false;
	}
	attr.target_fd = (uint32_t)dir;
	ok = link_done(t, &attr, what);
	close(dir);
	return ok;
}

static bool
attach_cgroup(struct attempt *t)
{
	if (!need_target(t, "a cgroup's directory", "/sys/fs/cgroup"))
		return false;
	return attach_directory(t, t->target, arena_printf(&t->att->arena, "cgroup %s", t->target));
}

static bool
attach_netns(struct attempt *t)
{
	const char *path = t->target && *t->target ? t->target : "/proc/self/ns/net";

	return attach_directory(t, path, arena_printf(&t->att->arena, "network namespace %s", path));
}

static const struct {
	uint32_t type;
	bool (*attach)(struct attempt *t);
} hooks[] = {
	{BPF_PROG_TYPE_XDP, attach_xdp},
	{BPF_PROG_TYPE_SCHED_CLS, attach_tc},
	{BPF_PROG_TYPE_SOCKET_FILTER, attach_socket},
	{BPF_PROG_TYPE_TRACEPOINT, attach_tracepoint},
	{BPF_PROG_TYPE_KPROBE, attach_kprobe},
	{BPF_PROG_TYPE_PERF_EVENT, attach_sampling},
	{BPF_PROG_TYPE_RAW_TRACEPOINT, attach_raw_tracepoint},
	{BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, attach_raw_tracepoint},
	{BPF_PROG_TYPE_TRACING, attach_tracing},
	{BPF_PROG_TYPE_LSM, attach_tracing},
	{BPF_PROG_TYPE_CGROUP_SKB, attach_cgroup},
	{BPF_PROG_TYPE_CGROUP_SOCK, attach_cgroup},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, attach_cgroup},
	{BPF_PROG_TYPE_CGROUP_DEVICE, attach_cgroup},
	{BPF_PROG_TYPE_CGROUP_SYSCTL, attach_cgroup},
	{BPF_PROG_TYPE_CGROUP_SOCKOPT, attach_cgroup},
	{BPF_PROG_TYPE_SOCK_OPS, attach_cgroup},
	{BPF_PROG_TYPE_SK_LOOKUP, attach_netns},
	{BPF_PROG_TYPE_FLOW_DISSECTOR, attach_netns},
};

static void
close_all(struct attachment *att)
{
	for (uint32_t i = 0; i < att->fds.n; i++)
		close(att->fds.at[i]);
	att->fds.n = 0;
}

static bool
dispatch(struct attempt *t)
{
	for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++)
		if (hooks[i].type == t->prog->type)
			return hooks[i].attach(t);
	diag_error(t->ds, "K0037", t->at, "`%s` runs only by (test-run %s ...): programs of its "
		   "type are not attached here", t->prog->lisp_name, t->prog->lisp_name);
	return false;
}

struct attachment *
attach_program(const struct attach_request *rq, struct diags *ds)
{
	struct attachment *att = calloc(1, sizeof *att);
	const char *target;
	struct attempt t;

	if (!att)
		abort();
	arena_init(&att->arena);
	att->rq = *rq;
	target = rq->target ? rq->target : rq->prog->attach_target;
	att->rq.target = target ? arena_strdup(&att->arena, target) : NULL;
	t = (struct attempt){att, rq->prog, rq->prog_fd, att->rq.target, ds, rq->at};
	if (dispatch(&t))
		return att;
	attachment_detach(att);
	return NULL;
}

bool
attachment_replace(struct attachment *att, const struct image_prog *prog, int prog_fd, span at,
		   struct diags *ds)
{
	struct attach_request rq = att->rq;
	struct attachment *fresh;

	if (prog->type != att->rq.prog->type) {
		struct diag *d = diag_error(ds, "K0038", at, "`%s` is attached (%s) as another type "
					    "of program", prog->lisp_name, att->what);

		diag_help(ds, d, "(detach %s) first", prog->lisp_name);
		return false;
	}
	if (att->link && sys_link_update(att->fds.at[0], prog_fd, -1) == 0) {
		att->rq.prog = prog;
		att->rq.prog_fd = prog_fd;
		return true;
	}
	/* This kind of link cannot be updated: the new one first, then the old one off. */
	rq.prog = prog;
	rq.prog_fd = prog_fd;
	rq.at = at;
	fresh = attach_program(&rq, ds);
	if (!fresh)
		return false;
	close_all(att);
	for (uint32_t i = 0; i < fresh->fds.n; i++)
		vec_push(&att->arena, &att->fds, fresh->fds.at[i]);
	fresh->fds.n = 0;
	att->link = fresh->link;
	att->rq.prog = prog;
	att->rq.prog_fd = prog_fd;
	attachment_detach(fresh);
	return true;
}

void
attachment_detach(struct attachment *att)
{
	close_all(att);
	arena_free(&att->arena);
	free(att);
}

const char *
attachment_describe(const struct attachment *att)
{
	return att->what;
}

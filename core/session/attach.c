/* SPDX-License-Identifier: MIT */
/* attach.c: see attach.h. One row of `hooks` per program type says how it is attached; the
 * hooks themselves are in attach_net.c and attach_trace.c. */
#include "attach_private.h"

#include "facts/facts.h"
#include "reasons.h"
#include "syscalls/bpf.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { PROG_TYPE_NETFILTER = 32 };	/* since 6.4 */

bool
attach_failed(struct attempt *t, int err, const char *what)
{
	struct diag *d = diag_error(t->ds, "K0030", t->at, "cannot attach `%s` to %s: %s",
				    t->prog->lisp_name, what, reason_error(err));
	const struct fact_attach_type *attach_type = fact_attach_type(t->prog->expected_attach);
	const char *option = reason_option_of_prog(t->prog->type);
	const char *help = NULL;

	d->err = -err;
	d->kernel = arena_printf(t->ds->arena, "%s: %s", what, reason_error(err));
	if (err == -EPERM || err == -EACCES)
		help = reason_permission(t->ds->arena, sys_caps_for_prog(t->prog->type));
	else if (err == -EBUSY || err == -EEXIST)
		help = "another program is attached there; detach it first";
	else if (err == -EINVAL && attach_type && t->prog->expected_attach)
		help = reason_since(t->ds->arena, attach_type->name, attach_type->since);
	if (!help && option && (err == -EINVAL || err == -EOPNOTSUPP))
		help = reason_option(t->ds->arena, option);
	if (help)
		diag_help(t->ds, d, "%s", help);
	return false;
}

void
attach_help(struct attempt *t, const char *help)
{
	diag_help(t->ds, *vec_last(&t->ds->all), "%s", help);
}

bool
attach_need_target(struct attempt *t, const char *kind, const char *example)
{
	struct diag *d;

	if (t->target && *t->target)
		return true;
	d = diag_error(t->ds, "K0031", t->at, "`%s` needs %s to attach to", t->prog->lisp_name,
		       kind);
	diag_help(t->ds, d, "(attach %s \"%s\")", t->prog->lisp_name, example);
	return false;
}

bool
attach_done(struct attempt *t, int fd, bool link, const char *what)
{
	vec_push(&t->att->arena, &t->att->fds, fd);
	t->att->link = link;
	t->att->what = what;
	return true;
}

bool
attach_by_link(struct attempt *t, const struct sys_link_create_attr *attr, const char *what)
{
	int fd = sys_link_create(attr);

	return fd < 0 ? attach_failed(t, fd, what) : attach_done(t, fd, true, what);
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
	{PROG_TYPE_NETFILTER, attach_netfilter},
};

static void
take_off(struct attachment *att)
{
	attach_net_release(att);
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

/* In place, so that no event falls between the two or meets both. */
static bool
swap(struct attachment *att, const struct image_prog *prog, int prog_fd)
{
	char why[SYS_NL_WHY];

	if (att->held != HELD_BY_FDS) {
		if (attach_net_swap(att, prog_fd, why) < 0)
			return false;
	} else if (!att->link || sys_link_update(att->fds.at[0], prog_fd, -1) < 0) {
		return false;
	}
	att->rq.prog = prog;
	att->rq.prog_fd = prog_fd;
	return true;
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
	if (swap(att, prog, prog_fd))
		return true;
	/* This kind of link cannot be updated: the new one first, then the old one off. */
	rq.prog = prog;
	rq.prog_fd = prog_fd;
	rq.at = at;
	fresh = attach_program(&rq, ds);
	if (!fresh)
		return false;
	take_off(att);
	for (uint32_t i = 0; i < fresh->fds.n; i++)
		vec_push(&att->arena, &att->fds, fresh->fds.at[i]);
	fresh->fds.n = 0;
	att->link = fresh->link;
	att->held = fresh->held;
	att->tc = fresh->tc;
	att->clsact_is_ours = fresh->clsact_is_ours;
	fresh->held = HELD_BY_FDS;
	att->rq.prog = prog;
	att->rq.prog_fd = prog_fd;
	attachment_detach(fresh);
	return true;
}

void
attachment_detach(struct attachment *att)
{
	take_off(att);
	arena_free(&att->arena);
	free(att);
}

const char *
attachment_describe(const struct attachment *att)
{
	return att->what;
}

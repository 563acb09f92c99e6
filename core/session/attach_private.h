/* SPDX-License-Identifier: MIT */
/* attach_private.h: what attach.c (dispatch, swapping, taking off), attach_net.c and
 * attach_trace.c (the hooks) share. */
#ifndef VEERY_ATTACH_PRIVATE_H
#define VEERY_ATTACH_PRIVATE_H

#include "attach.h"
#include "syscalls/netlink.h"

struct sys_link_create_attr;

/* Most hooks are held by descriptors, and closing those takes the program off. On kernels
 * without tcx (before 6.6) and XDP links (before 5.9) the interface itself holds it. */
enum attach_held { HELD_BY_FDS, HELD_BY_CLSACT, HELD_BY_XDP };

struct attachment {
	struct arena arena;
	struct attach_request rq;	/* target copied; prog is the one attached now */
	const char *what;		/* "xdp on lo" */
	VEC(int) fds;
	bool link;			/* the one fd is a link that may be updated */
	enum attach_held held;
	struct sys_tc tc;		/* HELD_BY_CLSACT, HELD_BY_XDP: ifindex and prog */
	bool clsact_is_ours;		/* the qdisc was not there before */
};

/* What a hook works with; it fills the attachment, or adds a diag. */
struct attempt {
	struct attachment *att;
	const struct image_prog *prog;
	int prog_fd;
	const char *target;
	struct diags *ds;
	span at;
};

/* attach.c */

/* The diag for a system call that failed; `what` names the hook. Returns false. */
bool attach_failed(struct attempt *t, int err, const char *what);
/* Adds to the diag just made. */
void attach_help(struct attempt *t, const char *help);
/* False after a diag when there is no target; `kind` and `example` say what it would be. */
bool attach_need_target(struct attempt *t, const char *kind, const char *example);
bool attach_done(struct attempt *t, int fd, bool link, const char *what);
bool attach_by_link(struct attempt *t, const struct sys_link_create_attr *attr,
		    const char *what);

/* attach_net.c */
bool attach_xdp(struct attempt *t);
bool attach_tc(struct attempt *t);
bool attach_socket(struct attempt *t);
bool attach_cgroup(struct attempt *t);
bool attach_netns(struct attempt *t);
bool attach_netfilter(struct attempt *t);
/* Swap or take off what an interface holds. */
int attach_net_swap(struct attachment *att, int prog_fd, char *why);
void attach_net_release(struct attachment *att);

/* attach_trace.c */
bool attach_tracepoint(struct attempt *t);
bool attach_kprobe(struct attempt *t);
bool attach_sampling(struct attempt *t);
bool attach_raw_tracepoint(struct attempt *t);
bool attach_tracing(struct attempt *t);

#endif

/* SPDX-License-Identifier: MIT */
/* netlink.h: rtnetlink, as far as attaching programs needs it on kernels without links: XDP
 * (links since 5.9) and tc classifiers (tcx links since 6.6); and interfaces to try them on.
 *
 * What is attached this way belongs to the interface and outlives the process: who attaches
 * detaches. Functions return 0 or a negative errno; `why`, when not null, receives the
 * kernel's own words (extended acknowledgement) or an empty string. */
#ifndef VEERY_SYSCALLS_NETLINK_H
#define VEERY_SYSCALLS_NETLINK_H

#include <stdbool.h>
#include <stdint.h>

enum { SYS_NL_WHY = 160 };

/* ---- interfaces ------------------------------------------------------------------------ */

/* A pair of virtual interfaces, both down. CAP_NET_ADMIN. */
int sys_veth_create(const char *name, const char *peer, char *why);
int sys_interface_up(uint32_t ifindex, char *why);
/* Deleting one of a pair deletes both. */
int sys_interface_delete(uint32_t ifindex, char *why);

/* ---- XDP ------------------------------------------------------------------------------- */

/* prog -1 detaches. flags: XDP_FLAGS_* of linux/if_link.h. With expected >= 0 (5.7) only if
 * that program is there (-EEXIST otherwise). */
int sys_xdp_set(uint32_t ifindex, int prog, uint32_t flags, int expected, char *why);

/* ---- tc -------------------------------------------------------------------------------- */

struct sys_tc {
	uint32_t ifindex;
	bool egress;
	int prog;
	const char *name;	/* shown by `tc filter show` */
	uint32_t handle;	/* 0: the kernel chooses, and it is written here */
	uint16_t priority;	/* likewise */
};

/* The qdisc that carries classifiers on both ways. *created: it was not there before. */
int sys_tc_clsact_add(uint32_t ifindex, bool *created, char *why);
/* Takes every classifier on it along. */
int sys_tc_clsact_delete(uint32_t ifindex, char *why);
/* Add a direct-action BPF classifier; with `replace`, swap the program of the one that has
 * this handle and priority: no packet passes unseen between the two. */
int sys_tc_attach(struct sys_tc *tc, bool replace, char *why);
int sys_tc_detach(const struct sys_tc *tc, char *why);
/* How many classifiers there are on one way; negative errno. */
int sys_tc_count(uint32_t ifindex, bool egress);

#endif

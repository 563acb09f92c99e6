/* SPDX-License-Identifier: MIT */
/* attach_net.c: hooks of interfaces, sockets, cgroups and network namespaces. */
#include "attach_private.h"

#include "base/buf.h"
#include "base/suggest.h"
#include "reasons.h"
#include "syscalls/bpf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/magic.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

/* ---- network interfaces ---------------------------------------------------------------- */

static bool
interface(struct attempt *t, uint32_t *index)
{
	struct suggest near;
	struct if_nameindex *all;
	struct diag *d;

	if (!attach_need_target(t, "a network interface", "eth0"))
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

/* What the interface now holds, for swapping and taking off. */
static bool
held_by_interface(struct attempt *t, enum attach_held held, const struct sys_tc *tc,
		  const char *what)
{
	t->att->held = held;
	t->att->tc = *tc;
	t->att->what = what;
	return true;
}

static bool
net_failed(struct attempt *t, int err, const char *what, const char *why)
{
	attach_failed(t, err, what);
	if (why[0])
		(*vec_last(&t->ds->all))->kernel = arena_strdup(t->ds->arena, why);
	return false;
}

/* The kernel takes the driver's own XDP where there is one, and its generic XDP elsewhere. */
bool
attach_xdp(struct attempt *t)
{
	struct sys_link_create_attr attr = {.prog_fd = (uint32_t)t->prog_fd,
					    .attach_type = BPF_XDP};
	struct sys_tc old = {.prog = t->prog_fd};
	char why[SYS_NL_WHY];
	const char *what;
	int fd, err;

	if (!interface(t, &attr.target_ifindex))
		return false;
	what = arena_printf(&t->att->arena, "xdp on %s", t->target);
	fd = sys_link_create(&attr);
	if (fd != -EINVAL)
		return fd < 0 ? attach_failed(t, fd, what) : attach_done(t, fd, true, what);
	/* No XDP links before 5.9. */
	old.ifindex = attr.target_ifindex;
	err = sys_xdp_set(old.ifindex, t->prog_fd, XDP_FLAGS_UPDATE_IF_NOEXIST, -1, why);
	return err ? net_failed(t, err, what, why)
		   : held_by_interface(t, HELD_BY_XDP, &old, what);
}

/* A classifier on the clsact qdisc, for kernels without tcx. */
static bool
attach_clsact(struct attempt *t, uint32_t ifindex, bool egress, const char *what)
{
	struct sys_tc tc = {.ifindex = ifindex, .egress = egress, .prog = t->prog_fd,
			    .name = t->prog->name};
	char why[SYS_NL_WHY];
	bool created;
	int err = sys_tc_clsact_add(ifindex, &created, why);

	if (!err) {
		err = sys_tc_attach(&tc, false, why);
		if (err && created)
			sys_tc_clsact_delete(ifindex, NULL);
	}
	if (err) {
		net_failed(t, err, what, why);
		if (err == -ENOENT || err == -EOPNOTSUPP) {
			const char *no = reason_option(t->ds->arena, "CONFIG_NET_CLS_BPF");

			if (!no)
				no = reason_option(t->ds->arena, "CONFIG_NET_SCH_INGRESS");
			if (no)
				attach_help(t, no);
		}
		return false;
	}
	t->att->clsact_is_ours = created;
	return held_by_interface(t, HELD_BY_CLSACT, &tc, what);
}

bool
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
	if (t->prog->expected_attach == SYS_ATTACH_NETKIT_PRIMARY ||
	    t->prog->expected_attach == SYS_ATTACH_NETKIT_PEER)
		attr.attach_type = t->prog->expected_attach;
	what = arena_printf(&t->att->arena, "tc %s on %s", egress ? "egress" : "ingress",
			    t->target);
	fd = sys_link_create(&attr);
	/* No tcx before 6.6. */
	if (fd == -EINVAL)
		return attach_clsact(t, attr.target_ifindex, egress, what);
	return fd < 0 ? attach_failed(t, fd, what) : attach_done(t, fd, true, what);
}

int
attach_net_swap(struct attachment *att, int prog_fd, char *why)
{
	int old = att->tc.prog, err;

	att->tc.prog = prog_fd;
	if (att->held == HELD_BY_CLSACT)
		err = sys_tc_attach(&att->tc, true, why);
	else
		err = sys_xdp_set(att->tc.ifindex, prog_fd, 0, old, why);
	/* Programs cannot be expected before 5.7. */
	if (err == -EINVAL && att->held == HELD_BY_XDP)
		err = sys_xdp_set(att->tc.ifindex, prog_fd, 0, -1, why);
	if (err)
		att->tc.prog = old;
	return err;
}

void
attach_net_release(struct attachment *att)
{
	uint32_t ifindex = att->tc.ifindex;

	if (att->held == HELD_BY_XDP)
		sys_xdp_set(ifindex, -1, 0, att->tc.prog, NULL);
	if (att->held == HELD_BY_CLSACT) {
		sys_tc_detach(&att->tc, NULL);
		/* Others may have put theirs on our qdisc by now. */
		if (att->clsact_is_ours && sys_tc_count(ifindex, false) == 0 &&
		    sys_tc_count(ifindex, true) == 0)
			sys_tc_clsact_delete(ifindex, NULL);
	}
	att->held = HELD_BY_FDS;
}

bool
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
		return attach_failed(t, err, arena_printf(&t->att->arena, "a packet socket on %s",
						   t->target));
	}
	return attach_done(t, fd, false,
			   arena_printf(&t->att->arena, "packet socket on %s", t->target));
}

/* ---- directories: cgroups and network namespaces --------------------------------------- */

static bool
attach_directory(struct attempt *t, const char *path, const char *what)
{
	struct sys_link_create_attr attr = {.prog_fd = (uint32_t)t->prog_fd,
					    .attach_type = t->prog->expected_attach};
	int dir = open(path, O_RDONLY | O_CLOEXEC);
	bool ok;

	if (dir < 0) {
		int err = errno;

		diag_error(t->ds, "K0036", t->at, "cannot open %s: %s", path,
			   strerror(err))->err = err;
		return false;
	}
	attr.target_fd = (uint32_t)dir;
	ok = attach_by_link(t, &attr, what);
	close(dir);
	return ok;
}

static bool
is_cgroup2(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

/* Scripts say /sys/fs/cgroup, where most systems have the version 2 hierarchy. Where it is
 * mounted elsewhere (systemd's hybrid layout) the same directory is meant there. */
static const char *
cgroup_directory(struct attempt *t)
{
	static const char usual[] = "/sys/fs/cgroup";
	char line[512], root[256];
	const char *found = t->target;
	FILE *mounts;

	if (is_cgroup2(t->target) || strncmp(t->target, usual, sizeof usual - 1) != 0)
		return t->target;
	mounts = fopen("/proc/self/mounts", "re");
	while (mounts && fgets(line, sizeof line, mounts)) {
		const char *there;

		if (sscanf(line, "%*s %255s cgroup2 ", root) != 1 || !strstr(line, " cgroup2 "))
			continue;
		there = arena_printf(&t->att->arena, "%s%s", root, t->target + sizeof usual - 1);
		if (is_cgroup2(there))
			found = there;
	}
	if (mounts)
		fclose(mounts);
	return found;
}

bool
attach_cgroup(struct attempt *t)
{
	uint32_t before = t->ds->all.n;
	const char *path;

	if (!attach_need_target(t, "a cgroup's directory", "/sys/fs/cgroup"))
		return false;
	path = cgroup_directory(t);
	if (attach_directory(t, path, arena_printf(&t->att->arena, "cgroup %s", path)))
		return true;
	if (t->ds->all.n > before)
		diag_help(t->ds, *vec_last(&t->ds->all),
			  "the directory must be of the version 2 hierarchy: findmnt -t cgroup2 tells "
			  "where that is");
	return false;
}

bool
attach_netns(struct attempt *t)
{
	const char *path = t->target && *t->target ? t->target : "/proc/self/ns/net";

	return attach_directory(t, path, arena_printf(&t->att->arena, "network namespace %s", path));
}


/* ---- netfilter ------------------------------------------------------------------------- */

/* "ipv4/prerouting" or "ipv6/forward:100"; what follows the colon is the priority. */
bool
attach_netfilter(struct attempt *t)
{
	static const char *const points[] = {"prerouting", "input", "forward", "output",
					     "postrouting"};
	enum { PF_INET4 = 2, PF_INET_6 = 10, DEFAULT_PRIORITY = -128 };
	struct sys_link_create_attr attr = {.prog_fd = (uint32_t)t->prog_fd,
					    .attach_type = SYS_ATTACH_NETFILTER};
	const char *slash, *colon;

	if (!attach_need_target(t, "a point of netfilter", "ipv4/input"))
		return false;
	slash = strchr(t->target, '/');
	colon = strchr(t->target, ':');
	attr.netfilter.pf = str_starts(str_of(t->target), "ipv4/") ? PF_INET4 :
			    str_starts(str_of(t->target), "ipv6/") ? PF_INET_6 : 0;
	attr.netfilter.priority = colon ? (int32_t)strtol(colon + 1, NULL, 0)
					: DEFAULT_PRIORITY;
	for (uint32_t i = 0; slash && attr.netfilter.pf && i < 5; i++) {
		str point = {slash + 1, colon ? (size_t)(colon - slash - 1)
					      : strlen(slash + 1)};

		attr.netfilter.hooknum = i;
		if (str_is(point, points[i]))
			return attach_by_link(t, &attr, arena_printf(&t->att->arena,
						"netfilter %s", t->target));
	}
	diag_error(t->ds, "K0039", t->at,
		   "netfilter has no point `%s`: ipv4/ or ipv6/, then prerouting, input, "
		   "forward, output or postrouting, then perhaps :PRIORITY", t->target);
	return false;
}

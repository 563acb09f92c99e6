/* SPDX-License-Identifier: MIT */
/* netlink.c: see netlink.h. A request is built in a buffer, sent on a socket of its own, and
 * the answers are read up to the acknowledgement. */
#include "netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST = 1024, ANSWER = 32768, SEQ = 1 };

struct request {
	union {
		struct nlmsghdr h;
		char bytes[REQUEST];
	};
};

/* Called with each answer that is no acknowledgement. */
typedef void (*answer_fn)(const struct nlmsghdr *h, void *user);

/* ---- building -------------------------------------------------------------------------- */

static void *
begin(struct request *r, uint16_t type, uint16_t flags, size_t body)
{
	memset(r, 0, sizeof *r);
	r->h.nlmsg_len = (uint32_t)NLMSG_LENGTH(body);
	r->h.nlmsg_type = type;
	r->h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	r->h.nlmsg_seq = SEQ;
	return NLMSG_DATA(&r->h);
}

/* Attributes here are few and short: all requests of this file fit REQUEST. */
static struct nlattr *
add(struct request *r, uint16_t type, const void *data, size_t size)
{
	struct nlattr *a = (void *)(r->bytes + NLMSG_ALIGN(r->h.nlmsg_len));

	a->nla_type = type;
	a->nla_len = (uint16_t)(NLA_HDRLEN + size);
	if (size)
		memcpy((char *)a + NLA_HDRLEN, data, size);
	r->h.nlmsg_len = NLMSG_ALIGN(r->h.nlmsg_len) + NLA_ALIGN(a->nla_len);
	return a;
}

static void
add_u32(struct request *r, uint16_t type, uint32_t value)
{
	add(r, type, &value, sizeof value);
}

static void
add_text(struct request *r, uint16_t type, const char *text)
{
	add(r, type, text, strlen(text) + 1);
}

/* What is added from here to end_nested() is inside. */
static struct nlattr *
begin_nested(struct request *r, uint16_t type)
{
	return add(r, type, NULL, 0);
}

static void
end_nested(struct request *r, struct nlattr *a)
{
	a->nla_len = (uint16_t)(r->bytes + r->h.nlmsg_len - (char *)a);
}

/* ---- asking ---------------------------------------------------------------------------- */

/* The kernel's words stand in an attribute behind the (shortened) copy of our request. */
static void
read_why(const struct nlmsghdr *h, char *why)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);
	size_t at = NLMSG_HDRLEN + sizeof *e;

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		at += e->msg.nlmsg_len - NLMSG_HDRLEN;
	for (at = NLMSG_ALIGN(at); at + NLA_HDRLEN <= h->nlmsg_len;) {
		const struct nlattr *a = (const void *)((const char *)h + at);
		size_t n = a->nla_len;

		if (n < NLA_HDRLEN || at + n > h->nlmsg_len)
			return;
		if ((a->nla_type & NLA_TYPE_MASK) == NLMSGERR_ATTR_MSG) {
			n -= NLA_HDRLEN;
			if (n > SYS_NL_WHY - 1)
				n = SYS_NL_WHY - 1;
			memcpy(why, (const char *)a + NLA_HDRLEN, n);
			why[n] = 0;
			return;
		}
		at += NLA_ALIGN(n);
	}
}

/* Reads answers up to the acknowledgement or the end of a dump. */
static int
read_answers(int fd, answer_fn fn, void *user, char *why)
{
	_Alignas(struct nlmsghdr) char buf[ANSWER];

	for (;;) {
		ssize_t n = recv(fd, buf, sizeof buf, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		for (const struct nlmsghdr *h = (const void *)buf; NLMSG_OK(h, (size_t)n);
		     h = (const void *)NLMSG_NEXT(h, n)) {
			if (h->nlmsg_type == NLMSG_DONE)
				return 0;
			if (h->nlmsg_type == NLMSG_ERROR) {
				const struct nlmsgerr *e = NLMSG_DATA(h);

				if (e->error && why)
					read_why(h, why);
				return e->error;
			}
			if (fn)
				fn(h, user);
		}
	}
}

static int
ask(struct request *r, answer_fn fn, void *user, char *why)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), on = 1, result;

	if (why)
		why[0] = 0;
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
	if (sendto(fd, r, r->h.nlmsg_len, 0, (void *)&kernel, sizeof kernel) < 0)
		result = -errno;
	else
		result = read_answers(fd, fn, user, why);
	close(fd);
	return result;
}

/* ---- interfaces ------------------------------------------------------------------------ */

int
sys_veth_create(const char *name, const char *peer, char *why)
{
	struct ifinfomsg none = {.ifi_family = AF_UNSPEC};
	struct request r;

	if (strlen(name) >= IFNAMSIZ || strlen(peer) >= IFNAMSIZ)
		return -ENAMETOOLONG;
	memcpy(begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof none), &none,
	       sizeof none);
	add_text(&r, IFLA_IFNAME, name);

	struct nlattr *info = begin_nested(&r, IFLA_LINKINFO);

	add_text(&r, IFLA_INFO_KIND, "veth");

	struct nlattr *data = begin_nested(&r, IFLA_INFO_DATA);
	struct nlattr *other = add(&r, VETH_INFO_PEER, &none, sizeof none);

	add_text(&r, IFLA_IFNAME, peer);
	end_nested(&r, other);
	end_nested(&r, data);
	end_nested(&r, info);
	return ask(&r, NULL, NULL, why);
}

int
sys_interface_up(uint32_t ifindex, char *why)
{
	struct request r;
	struct ifinfomsg *m = begin(&r, RTM_NEWLINK, 0, sizeof *m);

	m->ifi_index = (int)ifindex;
	m->ifi_flags = m->ifi_change = IFF_UP;
	return ask(&r, NULL, NULL, why);
}

int
sys_interface_delete(uint32_t ifindex, char *why)
{
	struct request r;
	struct ifinfomsg *m = begin(&r, RTM_DELLINK, 0, sizeof *m);

	m->ifi_index = (int)ifindex;
	return ask(&r, NULL, NULL, why);
}

int
sys_xdp_set(uint32_t ifindex, int prog, uint32_t flags, int expected, char *why)
{
	struct request r;
	struct ifinfomsg *m = begin(&r, RTM_SETLINK, 0, sizeof *m);

	m->ifi_index = (int)ifindex;
	if (expected >= 0)
		flags |= XDP_FLAGS_REPLACE;

	struct nlattr *xdp = begin_nested(&r, IFLA_XDP | NLA_F_NESTED);

	add_u32(&r, IFLA_XDP_FD, (uint32_t)prog);
	if (flags)
		add_u32(&r, IFLA_XDP_FLAGS, flags);
	if (expected >= 0)
		add_u32(&r, IFLA_XDP_EXPECTED_FD, (uint32_t)expected);
	end_nested(&r, xdp);
	return ask(&r, NULL, NULL, why);
}

/* ---- tc -------------------------------------------------------------------------------- */

static uint32_t
parent_of(bool egress)
{
	return TC_H_MAKE(TC_H_CLSACT, egress ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS);
}

static int
clsact(uint32_t ifindex, uint16_t type, uint16_t flags, char *why)
{
	struct request r;
	struct tcmsg *m = begin(&r, type, flags, sizeof *m);

	m->tcm_ifindex = (int)ifindex;
	m->tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0);
	m->tcm_parent = TC_H_CLSACT;
	add_text(&r, TCA_KIND, "clsact");
	return ask(&r, NULL, NULL, why);
}

int
sys_tc_clsact_add(uint32_t ifindex, bool *created, char *why)
{
	int r = clsact(ifindex, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, why);

	*created = r == 0;
	return r == -EEXIST ? 0 : r;
}

int
sys_tc_clsact_delete(uint32_t ifindex, char *why)
{
	return clsact(ifindex, RTM_DELQDISC, 0, why);
}

static struct tcmsg *
begin_filter(struct request *r, const struct sys_tc *tc, uint16_t type, uint16_t flags)
{
	struct tcmsg *m = begin(r, type, flags, sizeof *m);

	m->tcm_family = AF_UNSPEC;
	m->tcm_ifindex = (int)tc->ifindex;
	m->tcm_handle = tc->handle;
	m->tcm_parent = parent_of(tc->egress);
	m->tcm_info = TC_H_MAKE((uint32_t)tc->priority << 16, htons(ETH_P_ALL));
	return m;
}

/* The echoed filter, with the handle and priority it got. */
static void
read_filter(const struct nlmsghdr *h, void *user)
{
	struct sys_tc *tc = user;
	const struct tcmsg *m = NLMSG_DATA(h);

	if (h->nlmsg_type != RTM_NEWTFILTER || h->nlmsg_len < NLMSG_LENGTH(sizeof *m))
		return;
	tc->handle = m->tcm_handle;
	tc->priority = (uint16_t)(TC_H_MAJ(m->tcm_info) >> 16);
}

int
sys_tc_attach(struct sys_tc *tc, bool replace, char *why)
{
	struct request r;
	char name[64] = "";

	strncpy(name, tc->name, sizeof name - 1);
	begin_filter(&r, tc, RTM_NEWTFILTER,
		     NLM_F_CREATE | NLM_F_ECHO | (replace ? NLM_F_REPLACE : NLM_F_EXCL));
	add_text(&r, TCA_KIND, "bpf");

	struct nlattr *options = begin_nested(&r, TCA_OPTIONS);

	add_u32(&r, TCA_BPF_FD, (uint32_t)tc->prog);
	add_text(&r, TCA_BPF_NAME, name);
	add_u32(&r, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	end_nested(&r, options);
	return ask(&r, read_filter, tc, why);
}

int
sys_tc_detach(const struct sys_tc *tc, char *why)
{
	struct request r;

	begin_filter(&r, tc, RTM_DELTFILTER, 0);
	add_text(&r, TCA_KIND, "bpf");
	return ask(&r, NULL, NULL, why);
}

/* A dump also names each chain's empty head: that one has handle 0. */
static void
count_filter(const struct nlmsghdr *h, void *user)
{
	const struct tcmsg *m = NLMSG_DATA(h);
	int *n = user;

	if (h->nlmsg_type == RTM_NEWTFILTER && h->nlmsg_len >= NLMSG_LENGTH(sizeof *m) &&
	    m->tcm_handle)
		++*n;
}

int
sys_tc_count(uint32_t ifindex, bool egress)
{
	struct request r;
	struct tcmsg *m = begin(&r, RTM_GETTFILTER, NLM_F_DUMP, sizeof *m);
	int n = 0, result;

	m->tcm_ifindex = (int)ifindex;
	m->tcm_parent = parent_of(egress);
	result = ask(&r, count_filter, &n, NULL);
	return result < 0 ? result : n;
}

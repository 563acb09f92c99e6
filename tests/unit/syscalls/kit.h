/* SPDX-License-Identifier: MIT */
/* kit.h: what the tests of syscalls/ share: programs from text, places of their own. */
#ifndef VEERY_TEST_KIT_H
#define VEERY_TEST_KIT_H

#include "image/asm.h"
#include "image/btf.h"
#include "syscalls/bpf.h"
#include "syscalls/netlink.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

struct kit_map {
	const char *name;
	int fd;
};

struct kit_prog {
	uint32_t type, attach_type, btf_id;
	const char *text;
	struct kit_map maps[4];
};

static inline void
kit_need_bpf(void)
{
	struct sys_map_create_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4,
					   .value_size = 8, .max_entries = 1};
	int fd = sys_map_create(&attr);

	if (fd < 0)
		cr_skip_test("needs bpf(2): %s", strerror(-fd));
	close(fd);
}

/* Is this kernel at least that new? */
static inline bool
kit_kernel(unsigned major, unsigned minor)
{
	struct utsname u;
	unsigned a = 0, b = 0;

	cr_assert_eq(uname(&u), 0);
	sscanf(u.release, "%u.%u", &a, &b);
	return a > major || (a == major && b >= minor);
}

static inline void
kit_need_kernel(unsigned major, unsigned minor)
{
	if (!kit_kernel(major, minor))
		cr_skip_test("needs Linux %u.%u", major, minor);
}

static inline int
kit_map(uint32_t type, uint32_t key, uint32_t size, uint32_t entries)
{
	struct sys_map_create_attr attr = {.map_type = type, .key_size = key,
					   .value_size = size, .max_entries = entries};

	return sys_map_create(&attr);
}

/* A one-element array of a counter. */
static inline int
kit_counter(void)
{
	int fd = kit_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1);

	cr_assert_geq(fd, 0);
	return fd;
}

static inline uint64_t
kit_count(int map)
{
	uint32_t key = 0;
	uint64_t n = 0;

	cr_assert_eq(sys_map_lookup(map, &key, &n, 0), 0);
	return n;
}

/* Callbacks are only taken with function information: `main` and one `fn` at `callback`. */
static inline void
kit_func_info(struct arena *a, struct sys_prog_load_attr *attr, uint32_t callback)
{
	struct btf_builder *bb = btf_builder_new(a);
	uint32_t i = btf_add_int(bb, "int", 4, BTF_INT_SIGNED), size;
	uint32_t proto = btf_add_func_proto(bb, i);
	struct bpf_func_info *info = arena_array(a, struct bpf_func_info, 2);

	info[0] = (struct bpf_func_info){0, btf_add_func(bb, "main", proto,
							 BTF_FUNC_STATIC)};
	info[1] = (struct bpf_func_info){callback, btf_add_func(bb, "fn", proto,
								BTF_FUNC_STATIC)};

	const void *raw = btf_serialise(bb, &size);
	int fd = sys_btf_load(raw, size, NULL);

	cr_assert_geq(fd, 0);
	attr->prog_btf_fd = (uint32_t)fd;
	attr->func_info = sys_ptr(info);
	attr->func_info_cnt = 2;
	attr->func_info_rec_size = sizeof *info;
}

/* Loads, and fails the test with the verifier's log when that fails. */
static inline int
kit_load(const struct kit_prog *p)
{
	struct arena arena;
	struct asm_out out;
	struct sys_log log = {0};
	uint32_t callback = 0;
	int fd;

	arena_init(&arena);
	cr_assert(asm_text(str_of(p->text), &arena, &out), "line %u: %s", out.line,
		  out.error);
	for (uint32_t i = 0; i < out.refs.n; i++) {
		struct bpf_insn *in = &out.insns.at[out.refs.at[i].insn];

		if (out.refs.at[i].kind == RELOC_FUNC) {
			in->src_reg = BPF_PSEUDO_FUNC;
			callback = out.refs.at[i].insn + 1 + (uint32_t)in->imm;
		}
		for (int j = 0; j < 4; j++) {
			if (!p->maps[j].name || !out.refs.at[i].name ||
			    strcmp(p->maps[j].name, out.refs.at[i].name))
				continue;
			in->src_reg = BPF_PSEUDO_MAP_FD;
			in->imm = p->maps[j].fd;
		}
	}

	struct sys_prog_load_attr attr = {
		.prog_type = p->type, .expected_attach_type = p->attach_type,
		.attach_btf_id = p->btf_id, .insns = sys_ptr(out.insns.at),
		.insn_cnt = out.insns.n, .license = sys_ptr("GPL"),
	};

	sys_name(attr.prog_name, "kit");
	if (callback)
		kit_func_info(&arena, &attr, callback);
	fd = sys_prog_load_log(&attr, SYS_LOG_ON_FAILURE, &log);
	cr_assert_geq(fd, 0, "%s\n%s", strerror(-fd), log.text ? log.text : "");
	sys_log_free(&log);
	arena_free(&arena);
	return fd;
}

/* Text that adds 1 to the counter map `counter`; r6 to r9 stay. */
#define KIT_COUNT \
	"r1 = 0\n*(u32 *)(r10 -4) = r1\nr2 = r10\nr2 += -4\nr1 = map counter\n" \
	"call map_lookup_elem\nif r0 == 0 goto full\nr1 = 1\n" \
	"lock *(u64 *)(r0 +0) += r1\nfull:\n"

/* A network namespace for this test, which goes with its process. */
static inline void
kit_own_network(void)
{
	char why[SYS_NL_WHY];

	if (unshare(CLONE_NEWNET) < 0)
		cr_skip_test("needs CAP_SYS_ADMIN for a network namespace");
	cr_assert_eq(sys_interface_up(if_nametoindex("lo"), why), 0, "%s", why);
}

static inline void
kit_own_mounts(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		cr_skip_test("needs CAP_SYS_ADMIN for a mount namespace");
}

enum { KIT_ETHERTYPE = 0x88b5 };	/* for local experiments: nobody else sends it */

/* A packet socket for KIT_ETHERTYPE frames on one interface. */
static inline int
kit_packet_socket(uint32_t ifindex)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(KIT_ETHERTYPE));
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_ifindex = (int)ifindex,
				 .sll_protocol = htons(KIT_ETHERTYPE)};

	cr_assert_geq(fd, 0);
	cr_assert_eq(bind(fd, (void *)&at, sizeof at), 0);
	return fd;
}

/* A frame whose first byte after the Ethernet header is `mark`. */
static inline void
kit_send(int socket_fd, uint8_t mark)
{
	uint8_t frame[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1,
			     KIT_ETHERTYPE >> 8, KIT_ETHERTYPE & 0xff};

	frame[14] = mark;
	cr_assert_eq(send(socket_fd, frame, sizeof frame, 0), (ssize_t)sizeof frame);
}

/* Frames sent before the kernel has noticed that both ends are up are lost: send until one
 * arrives, then let the rest of them arrive. */
static inline void
kit_wait_ready(uint32_t from, uint32_t to)
{
	int out = kit_packet_socket(from), in = kit_packet_socket(to), got = 0;
	uint8_t frame[128];

	for (int i = 0; i < 3000 && got == 0; i++) {
		kit_send(out, 0);
		usleep(1000);
		got += recv(in, frame, sizeof frame, MSG_DONTWAIT) > 0;
	}
	cr_assert_eq(got, 1, "no frame passes between the two interfaces");
	usleep(20000);
	close(out);
	close(in);
}

/* veth pair v0, v1, both up; *a and *b are their indices. */
static inline void
kit_veth(uint32_t *a, uint32_t *b)
{
	char why[SYS_NL_WHY];

	kit_own_network();

	int r = sys_veth_create("v0", "v1", why);

	if (r == -EOPNOTSUPP || r == -EPERM)
		cr_skip_test("needs virtual interfaces: %s", strerror(-r));
	cr_assert_eq(r, 0, "%s: %s", strerror(-r), why);
	*a = if_nametoindex("v0");
	*b = if_nametoindex("v1");
	cr_assert_eq(sys_interface_up(*a, why), 0, "%s", why);
	cr_assert_eq(sys_interface_up(*b, why), 0, "%s", why);
	kit_wait_ready(*a, *b);
}

#endif

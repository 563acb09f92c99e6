/* SPDX-License-Identifier: MIT */
/* netlink.c: attaching without links, in a network namespace of the test's own. */
#include "kit.h"

#include "syscalls/caps.h"
#include "syscalls/cpus.h"
#include "syscalls/kconfig.h"

#include <linux/if_link.h>
#include <stdlib.h>
#include <sys/syscall.h>

TestSuite(netlink, .init = kit_need_bpf);

static void
send_many(int from, int n)
{
	for (int i = 0; i < n; i++)
		kit_send(from, (uint8_t)i);
}

static int
counting_tc(int counter)
{
	return kit_load(&(struct kit_prog){
		.type = BPF_PROG_TYPE_SCHED_CLS,
		.text = "r2 = *(u32 *)(r1 +16)\nif r2 != 0xb588 goto out\n" KIT_COUNT
			"out:\nr0 = -1\nexit\n",
		.maps = {{"counter", counter}}});
}

Test(netlink, interfaces)
{
	char why[SYS_NL_WHY];
	uint32_t v0, v1;

	kit_veth(&v0, &v1);
	cr_assert_eq(sys_veth_create("v0", "v2", why), -EEXIST);
	cr_assert_eq(sys_veth_create("much-too-long-a-name", "x", why), -ENAMETOOLONG);
	cr_assert_eq(sys_interface_delete(v0, why), 0);
	cr_assert_eq(if_nametoindex("v1"), 0, "the peer goes too");
	cr_assert_eq(sys_interface_up(9999, why), -ENODEV);
}

Test(netlink, xdp)
{
	char why[SYS_NL_WHY];
	uint32_t v0, v1;
	int a = kit_load(&(struct kit_prog){.type = BPF_PROG_TYPE_XDP,
					    .text = "r0 = 2\nexit\n"});
	int b = kit_load(&(struct kit_prog){.type = BPF_PROG_TYPE_XDP,
					    .text = "r0 = 1\nexit\n"});

	kit_veth(&v0, &v1);
	cr_assert_eq(sys_xdp_set(v1, a, XDP_FLAGS_UPDATE_IF_NOEXIST, -1, why), 0, "%s", why);
	cr_assert_eq(sys_xdp_set(v1, b, XDP_FLAGS_UPDATE_IF_NOEXIST, -1, why), -EBUSY);
	cr_assert_not_null(strstr(why, "already attached"), "the kernel says why: '%s'", why);
	cr_assert_eq(sys_xdp_set(v1, b, 0, b, why), -EEXIST);
	cr_assert_eq(sys_xdp_set(v1, b, 0, a, why), 0, "%s", why);
	cr_assert_eq(sys_xdp_set(v1, -1, 0, -1, why), 0);
}

Test(netlink, tc_attach_replace_detach)
{
	char why[SYS_NL_WHY];
	uint32_t v0, v1;
	int c1 = kit_counter(), c2 = kit_counter();
	bool created;

	kit_veth(&v0, &v1);

	int from = kit_packet_socket(v0);
	struct sys_tc tc = {.ifindex = v1, .prog = counting_tc(c1), .name = "veery"};

	cr_assert_lt(sys_tc_attach(&tc, false, why), 0, "no clsact yet");
	cr_assert_eq(sys_tc_clsact_add(v1, &created, why), 0, "%s", why);
	cr_assert(created);
	cr_assert_eq(sys_tc_clsact_add(v1, &created, why), 0);
	cr_assert_not(created);
	cr_assert_eq(sys_tc_attach(&tc, false, why), 0, "%s", why);
	cr_assert_gt(tc.handle, 0);
	cr_assert_gt(tc.priority, 0);
	cr_assert_eq(sys_tc_count(v1, false), 1);
	cr_assert_eq(sys_tc_count(v1, true), 0);
	send_many(from, 40);
	cr_assert_eq(kit_count(c1), 40);

	tc.prog = counting_tc(c2);
	cr_assert_eq(sys_tc_attach(&tc, true, why), 0, "%s", why);
	cr_assert_eq(sys_tc_count(v1, false), 1);
	send_many(from, 30);
	cr_assert_eq(kit_count(c1), 40);
	cr_assert_eq(kit_count(c2), 30);
	cr_assert_eq(sys_tc_detach(&tc, why), 0, "%s", why);
	cr_assert_eq(sys_tc_count(v1, false), 0);
	cr_assert_eq(sys_tc_clsact_delete(v1, why), 0);
	send_many(from, 5);
	cr_assert_eq(kit_count(c2), 30);
}

/* ---- caps, cpus, kconfig: what this machine is ----------------------------------------- */

Test(machine, capabilities)
{
	sys_caps xdp = sys_caps_for_prog(BPF_PROG_TYPE_XDP);

	cr_assert_str_eq(sys_cap_name(CAP_BPF), "CAP_BPF");
	cr_assert_null(sys_cap_name(64));
	for (unsigned i = 0; i <= CAP_LAST_CAP; i++)
		cr_assert_not_null(sys_cap_name(i), "capability %u has no name", i);
	cr_assert_eq(sys_caps_missing(xdp, SYS_CAP(CAP_BPF)), SYS_CAP(CAP_NET_ADMIN));
	cr_assert_eq(sys_caps_missing(xdp, SYS_CAP(CAP_SYS_ADMIN)), 0);
	cr_assert_eq(sys_caps_for_map(BPF_MAP_TYPE_HASH), SYS_CAP(CAP_BPF));
}

/* The kernel asks for what the table says: drop one capability and see. */
Test(machine, capabilities_are_the_kernels)
{
	static const uint32_t types[] = {BPF_PROG_TYPE_XDP, BPF_PROG_TYPE_TRACEPOINT,
					 BPF_PROG_TYPE_SCHED_CLS,
					 BPF_PROG_TYPE_RAW_TRACEPOINT,
					 BPF_PROG_TYPE_SK_LOOKUP, BPF_PROG_TYPE_SK_REUSEPORT};
	static const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 1}, {.code = BPF_JMP | BPF_EXIT},
	};
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[2] = {{0}};
	sys_caps keep = SYS_CAP(CAP_BPF) | SYS_CAP(CAP_NET_ADMIN) | SYS_CAP(CAP_PERFMON);

	if (sys_caps_missing(keep, sys_caps_held()) || (sys_caps_held() & keep) != keep)
		cr_skip_test("needs CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON");
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		for (int drop = 0; drop < 2; drop++) {
			sys_caps have = keep & ~(drop ? SYS_CAP(CAP_NET_ADMIN)
						      : SYS_CAP(CAP_PERFMON));
			struct sys_prog_load_attr attr = {
				.prog_type = types[i], .insns = sys_ptr(insns), .insn_cnt = 2,
				.license = sys_ptr("GPL"),
				.expected_attach_type = types[i] == BPF_PROG_TYPE_SK_LOOKUP
					? BPF_SK_LOOKUP : 0,
			};

			d[0].permitted = d[0].effective = (uint32_t)keep;
			d[1].permitted = d[1].effective = (uint32_t)(keep >> 32);
			d[0].effective = (uint32_t)have;
			d[1].effective = (uint32_t)(have >> 32);
			cr_assert_eq(syscall(SYS_capset, &h, d), 0);

			int fd = sys_prog_load(&attr);
			bool lacks = sys_caps_missing(sys_caps_for_prog(types[i]), have);

			cr_assert_eq(fd == -EPERM, lacks, "type %u without %s: %d", types[i],
				     drop ? "CAP_NET_ADMIN" : "CAP_PERFMON", fd);
			if (fd >= 0)
				close(fd);
		}
	}
}

Test(machine, cpu_lists)
{
	bool found;

	cr_assert_eq(sys_cpu_list("0-3,5,7-8\n", 6, &found), 9);
	cr_assert_not(found);
	cr_assert_eq(sys_cpu_list("0-3,5,7-8\n", 7, &found), 9);
	cr_assert(found);
	cr_assert_eq(sys_cpu_list("0\n", 0, &found), 1);
	cr_assert_eq(sys_cpu_list("x", 0, &found), 0);
	cr_assert_eq(sys_cpu_list("4-2", 0, &found), 0);
	cr_assert_geq(sys_cpus_possible(), 1);
	cr_assert(sys_cpu_online((uint32_t)sched_getcpu()));
}

Test(machine, kernel_options)
{
	static const char text[] = "CONFIG_BPF=y\n# CONFIG_KPROBES is not set\nCONFIG_XDP=m\n"
				   "CONFIG_HZ=250\nCONFIG_BPF_JIT=y";

	cr_assert_eq(sys_kconfig_in(text, sizeof text - 1, "CONFIG_BPF"), SYS_KCONFIG_YES);
	cr_assert_eq(sys_kconfig_in(text, sizeof text - 1, "CONFIG_KPROBES"), SYS_KCONFIG_NO);
	cr_assert_eq(sys_kconfig_in(text, sizeof text - 1, "CONFIG_XDP"), SYS_KCONFIG_MODULE);
	cr_assert_eq(sys_kconfig_in(text, sizeof text - 1, "CONFIG_HZ"), SYS_KCONFIG_YES);
	cr_assert_eq(sys_kconfig_in(text, sizeof text - 1, "CONFIG_BPF_JIT"),
		     SYS_KCONFIG_YES);
	cr_assert_eq(sys_kconfig_in(text, sizeof text - 1, "CONFIG_BP"), SYS_KCONFIG_NO);
	if (sys_kconfig("CONFIG_BPF_SYSCALL") == SYS_KCONFIG_UNKNOWN)
		cr_skip_test("needs the kernel's configuration");
	cr_assert_eq(sys_kconfig("CONFIG_BPF_SYSCALL"), SYS_KCONFIG_YES);
}

/* gzip of each level, stored blocks included, and damage of every kind. */
Test(machine, gunzip)
{
	char packed[8192];
	size_t n = 0, size = 0;
	FILE *p = popen("seq 1 400 | gzip -9n", "r");

	cr_assert_not_null(p);
	n = fread(packed, 1, sizeof packed, p);
	if (pclose(p) != 0)
		cr_skip_test("needs gzip");

	char *text = sys_gunzip(packed, n, &size);

	cr_assert_not_null(text);
	cr_assert_eq(size, 9 * 2 + 90 * 3 + 301 * 4);
	cr_assert_eq(strncmp(text, "1\n2\n3\n", 6), 0);
	cr_assert_str_eq(text + size - 8, "399\n400\n");
	free(text);
	for (size_t cut = 0; cut < n - 4; cut++)
		cr_assert_null(sys_gunzip(packed, cut, &size), "cut at %zu", cut);
	for (size_t bit = 0; bit < (n - 4) * 8; bit++) {
		packed[bit / 8] = (char)(packed[bit / 8] ^ 1 << bit % 8);
		free(sys_gunzip(packed, n, &size));	/* must end, and in bounds */
		packed[bit / 8] = (char)(packed[bit / 8] ^ 1 << bit % 8);
	}
	text = sys_gunzip("\x1f\x8b\x08\0\0\0\0\0\0\3\1\2\0\xfd\xff" "ab" "\x6d\x48\x83\x9e"
			  "\2\0\0\0", 25, &size);
	cr_assert_not_null(text, "a stored block");
	cr_assert_str_eq(text, "ab");
	free(text);
}

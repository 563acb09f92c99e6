/* SPDX-License-Identifier: MIT */
/* core/facts against the running kernel: every helper is tried in every program type, with
 * every attach type that can make a difference. No difference is allowed. */
#include "facts/facts.h"
#include "syscalls/bpf.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

enum answer { NO, YES, CANNOT_TELL };

/* `call id; r0 = 0; exit`: whatever the kernel has to say against it, but for "this program
 * may not call that", means that it may. */
static enum answer
ask(uint32_t type, uint32_t attach, uint32_t flags, uint32_t id)
{
	static char log[65536];
	struct bpf_insn insns[] = {
		{.code = BPF_JMP | BPF_CALL, .imm = (__s32)id},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K},
		{.code = BPF_JMP | BPF_EXIT},
	};
	struct sys_prog_load_attr attr = {
		.prog_type = type, .insns = (uintptr_t)insns, .insn_cnt = 3,
		.license = (uintptr_t)"GPL", .log_buf = (uintptr_t)log, .log_size = sizeof log,
		.log_level = 1, .expected_attach_type = attach, .prog_flags = flags,
	};
	int fd;

	log[0] = 0;
	fd = sys_prog_load(&attr);
	if (fd >= 0) {
		close(fd);
		return YES;
	}
	if (strstr(log, "unknown func") || strstr(log, "cannot use helper") ||
	    strstr(log, "invalid func"))
		return NO;
	return log[0] ? YES : CANNOT_TELL;
}

static uint16_t
running_kernel(void)
{
	struct utsname u;
	unsigned major = 0, minor = 0;

	uname(&u);
	sscanf(u.release, "%u.%u", &major, &minor);
	return (uint16_t)(major << 8 | minor);
}

static bool
has_cap(int cap)
{
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[2] = {0};

	syscall(SYS_capget, &h, d);
	return d[cap / 32].effective >> cap % 32 & 1;
}

/* Types that attach to a function need one; those are judged by other tests. */
static bool
needs_target(uint32_t type)
{
	return type == FACT_PROG_TRACING || type == FACT_PROG_STRUCT_OPS ||
	       type == FACT_PROG_EXT || type == FACT_PROG_LSM;
}

static int
compare(uint32_t type, uint32_t attach, uint16_t kernel, bool admin)
{
	uint32_t flags = type == FACT_PROG_SYSCALL ? 16 /* BPF_F_SLEEPABLE */ : 0;
	int wrong = 0;

	for (uint32_t id = 1; id <= fact_helper_count(); id++) {
		const struct fact_helper *h = fact_helper(id);
		enum answer a = ask(type, attach, flags, id);
		bool ours = fact_helper_allowed(id, type, attach, kernel);

		if (a == CANNOT_TELL || (h->proto.flags & FACT_HELPER_CONFIG) ||
		    (!admin && (h->proto.flags & FACT_HELPER_CAP_ADMIN)))
			continue;
		/* Kernels before 6.13 hide helpers that sleep from programs that may not. */
		if (a == NO && ours && (h->proto.flags & FACT_HELPER_SLEEPS) && !flags &&
		    kernel < KVER(6, 13))
			continue;
		if ((a == YES) == ours)
			continue;
		cr_log_error("%s, attach type %u: bpf_%s: kernel says %s",
			     fact_prog_type(type)->name, attach, h->name,
			     a == YES ? "yes" : "no");
		wrong++;
	}
	return wrong;
}

Test(probe, helpers_by_program_and_attach_type, .timeout = 120)
{
	uint16_t kernel = running_kernel();
	uint32_t get_prandom = fact_helper_named(STR("get_prandom_u32"))->id;
	bool admin = has_cap(CAP_SYS_ADMIN);
	uint32_t pairs = 0;
	int wrong = 0;

	if (ask(FACT_PROG_XDP, 0, 0, get_prandom) != YES)
		cr_skip_test("needs CAP_BPF");
	for (uint32_t type = 1; type < FACT_PROG_END; type++) {
		uint32_t flags = type == FACT_PROG_SYSCALL ? 16 : 0;

		for (uint32_t attach = 0; attach < FACT_ATTACH_END; attach++) {
			bool attach_matters = type == FACT_PROG_CGROUP_SOCK ||
					      type == FACT_PROG_CGROUP_SOCK_ADDR ||
					      type == FACT_PROG_CGROUP_SOCKOPT;

			if (needs_target(type) ||
			    ask(type, attach, flags, get_prandom) != YES)
				continue;
			wrong += compare(type, attach, kernel, admin);
			pairs += fact_helper_count();
			if (!attach_matters)
				break;
		}
	}
	cr_assert_gt(pairs, 20 * fact_helper_count());
	cr_assert_eq(wrong, 0, "%d of %u pairs differ", wrong, pairs);
}

/* SPDX-License-Identifier: MIT */
/* Context accesses against the running kernel: every byte of every context, read and written
 * with every size, in every program type and with every attach type that has its own rules. */
#include "verifier-sim/env.h"
#include "syscalls/bpf.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

static char log_text[65536];

/* 1 allowed, 0 refused for the access, -1 refused for something else before that. */
static int
kernel_says(uint32_t type, uint32_t attach, int off, int size, bool write)
{
	static const uint8_t sizes[9] = {[1] = BPF_B, [2] = BPF_H, [4] = BPF_W, [8] = BPF_DW};
	struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2},
		{.code = (uint8_t)(BPF_LDX | BPF_MEM | sizes[size]), .src_reg = 1,
		 .off = (int16_t)off},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 1},
		{.code = BPF_JMP | BPF_EXIT},
	};
	struct sys_prog_load_attr attr = {
		.prog_type = type, .insns = (uintptr_t)insns, .insn_cnt = 4,
		.license = (uintptr_t)"GPL", .log_buf = (uintptr_t)log_text,
		.log_size = sizeof log_text, .log_level = 1, .expected_attach_type = attach,
		.prog_flags = type == FACT_PROG_SYSCALL ? BPF_F_SLEEPABLE : 0,
	};
	int fd;

	if (write)
		insns[1] = (struct bpf_insn){
			.code = (uint8_t)(BPF_STX | BPF_MEM | sizes[size]), .dst_reg = 1,
			.src_reg = 2, .off = (int16_t)off,
		};
	log_text[0] = 0;
	fd = sys_prog_load(&attr);
	if (fd >= 0) {
		close(fd);
		return 1;
	}
	if (strstr(log_text, "invalid bpf_context access"))
		return 0;
	return log_text[0] ? 1 : -1;
}

static uint16_t
running_kernel(void)
{
	struct utsname u;
	unsigned major = 0, minor = 0;

	uname(&u);
	sscanf(u.release, "%u.%u", &major, &minor);
	return KVER(major, minor);
}

static int
compare(uint32_t type, uint32_t attach, uint16_t kernel, uint32_t *tried)
{
	struct vs_env env = {.type = type, .attach = attach, .bpf_capable = true};
	int wrong = 0, end = (int)fact_ctx_size(fact_prog_type(type)->ctx) + 12;

	vs_profile_fill(&env.prof, kernel, 0);
	for (int off = 0; off < end; off++) {
		for (int how = 0; how < 8; how++) {
			int size = 1 << how % 4;
			bool write = how >= 4;
			struct vs_ctx_info info = {0};
			int k = kernel_says(type, attach, off, size, write);
			int ours = vs_ctx_access(&env, 0, off, size, write, &info) == 0;

			if (k < 0)
				return wrong;
			++*tried;
			if (k == ours)
				continue;
			if (wrong++ < 20)
				cr_log_error("%s, attach %u: %s %d bytes at %d: kernel %s",
					     fact_prog_type(type)->name, attach,
					     write ? "write" : "read", size, off,
					     k ? "allows" : "refuses");
		}
	}
	return wrong;
}

static bool
has_table(uint32_t type)
{
	return type != FACT_PROG_TRACING && type != FACT_PROG_STRUCT_OPS &&
	       type != FACT_PROG_EXT && type != FACT_PROG_LSM && type != FACT_PROG_NETFILTER;
}

static bool
attach_matters(uint32_t type)
{
	return type == FACT_PROG_CGROUP_SOCK || type == FACT_PROG_CGROUP_SOCK_ADDR ||
	       type == FACT_PROG_CGROUP_SOCKOPT || type == FACT_PROG_XDP;
}

Test(rules_ctx, as_the_kernel, .timeout = 300)
{
	uint16_t kernel = running_kernel();
	uint32_t tried = 0;
	int wrong = 0;

	if (kernel_says(FACT_PROG_XDP, 0, 0, 4, false) != 1)
		cr_skip_test("needs CAP_BPF");
	for (uint32_t type = 1; type < FACT_PROG_END; type++) {
		if (!has_table(type))
			continue;
		for (uint32_t attach = 0; attach < FACT_ATTACH_END; attach++) {
			/* The kernel takes 0 for SOCK_CREATE. */
			if (kernel_says(type, attach, 0, 4, false) < 0 ||
			    (type == FACT_PROG_CGROUP_SOCK && !attach))
				continue;
			wrong += compare(type, attach, kernel, &tried);
			if (!attach_matters(type))
				break;
		}
	}
	cr_assert_gt(tried, 30000);
	cr_assert_eq(wrong, 0, "%d of %u accesses differ", wrong, tried);
}

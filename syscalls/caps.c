/* SPDX-License-Identifier: MIT */
/* caps.c: see caps.h. */
#include "caps.h"

#include <linux/bpf.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

sys_caps
sys_caps_held(void)
{
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3] = {{0}};

	if (syscall(SYS_capget, &h, d) < 0)
		return 0;
	return d[0].effective | (sys_caps)d[1].effective << 32;
}

const char *
sys_cap_name(unsigned cap)
{
	switch (cap) {
#define X(name, number) case number: return #name;
#include "caps.def"
	}
	return NULL;
}

sys_caps
sys_caps_for_prog(uint32_t prog_type)
{
	switch (prog_type) {
	case BPF_PROG_TYPE_SCHED_CLS:
	case BPF_PROG_TYPE_SCHED_ACT:
	case BPF_PROG_TYPE_XDP:
	case BPF_PROG_TYPE_LWT_IN:
	case BPF_PROG_TYPE_LWT_OUT:
	case BPF_PROG_TYPE_LWT_XMIT:
	case BPF_PROG_TYPE_LWT_SEG6LOCAL:
	case BPF_PROG_TYPE_SK_SKB:
	case BPF_PROG_TYPE_SK_MSG:
	case BPF_PROG_TYPE_FLOW_DISSECTOR:
	case BPF_PROG_TYPE_CGROUP_DEVICE:
	case BPF_PROG_TYPE_CGROUP_SOCK:
	case BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
	case BPF_PROG_TYPE_CGROUP_SOCKOPT:
	case BPF_PROG_TYPE_CGROUP_SYSCTL:
	case BPF_PROG_TYPE_SOCK_OPS:
	case 32: /* netfilter, since 6.4 */
		return SYS_CAP(CAP_BPF) | SYS_CAP(CAP_NET_ADMIN);
	case BPF_PROG_TYPE_KPROBE:
	case BPF_PROG_TYPE_TRACEPOINT:
	case BPF_PROG_TYPE_PERF_EVENT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
	case BPF_PROG_TYPE_TRACING:
	case BPF_PROG_TYPE_LSM:
	case BPF_PROG_TYPE_STRUCT_OPS:
		return SYS_CAP(CAP_BPF) | SYS_CAP(CAP_PERFMON);
	case BPF_PROG_TYPE_EXT:
		return SYS_CAP(CAP_BPF) | SYS_CAP(CAP_NET_ADMIN) | SYS_CAP(CAP_PERFMON);
	}
	return SYS_CAP(CAP_BPF);
}

sys_caps
sys_caps_for_map(uint32_t map_type)
{
	switch (map_type) {
	case BPF_MAP_TYPE_SOCKMAP:
	case BPF_MAP_TYPE_SOCKHASH:
	case BPF_MAP_TYPE_DEVMAP:
	case BPF_MAP_TYPE_DEVMAP_HASH:
	case BPF_MAP_TYPE_XSKMAP:
		return SYS_CAP(CAP_BPF) | SYS_CAP(CAP_NET_ADMIN);
	}
	return SYS_CAP(CAP_BPF);
}

sys_caps
sys_caps_missing(sys_caps needed, sys_caps held)
{
	return held & SYS_CAP(CAP_SYS_ADMIN) ? 0 : needed & ~held;
}

bool
sys_unprivileged_allowed(void)
{
	FILE *f = fopen("/proc/sys/kernel/unprivileged_bpf_disabled", "re");
	int value = -1;

	if (!f)
		return false;
	if (fscanf(f, "%d", &value) != 1)
		value = -1;
	fclose(f);
	return value == 0;
}

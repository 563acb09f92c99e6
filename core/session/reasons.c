/* SPDX-License-Identifier: MIT */
/* reasons.c: see reasons.h. */
#include "reasons.h"

#include "base/buf.h"
#include "facts/facts.h"
#include "syscalls/kconfig.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <sys/utsname.h>

enum { PROG_TYPE_NETFILTER = 32 };

const char *
reason_error(int err)
{
	return err == -KERNEL_ENOTSUPP ? "Operation not supported" : strerror(-err);
}

static bool
file_says(const char *path, const char *text)
{
	char line[128] = "";
	FILE *f = fopen(path, "re");

	if (!f)
		return false;
	if (!fgets(line, sizeof line, f))
		line[0] = 0;
	fclose(f);
	return strstr(line, text) != NULL;
}

const char *
reason_permission(struct arena *a, sys_caps needed)
{
	sys_caps missing = sys_caps_missing(needed, sys_caps_held());
	struct buf b = buf_new(a), names = buf_new(a);

	for (unsigned cap = 0; sys_cap_name(cap); cap++) {
		if (!(missing & SYS_CAP(cap)))
			continue;
		buf_printf(&b, "%s%s", b.n ? " and " : "this process lacks ",
			   sys_cap_name(cap));
		for (const char *p = sys_cap_name(cap); *p; p++)
			buf_putc(&names, *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p);
		buf_putc(&names, ',');
	}
	if (b.n) {
		buf_printf(&b, ": run as root, or setcap %.*s+ep on the veery binary",
			   (int)names.n - 1, names.at);
		return b.at;
	}
	if (file_says("/sys/kernel/security/lockdown", "[confidentiality]"))
		return "kernel lockdown is in confidentiality mode";
	return "the needed capabilities are there, so a security module, a seccomp filter or "
	       "the sandbox around this process refuses it";
}

const char *
reason_option(struct arena *a, const char *option)
{
	switch (sys_kconfig(option)) {
	case SYS_KCONFIG_YES:
		return NULL;
	case SYS_KCONFIG_MODULE:
		return arena_printf(a, "%s is a module of this kernel that may not be loaded",
				    option);
	case SYS_KCONFIG_NO:
		return arena_printf(a, "this kernel was built without %s", option);
	case SYS_KCONFIG_UNKNOWN:
		break;
	}
	return arena_printf(a, "this needs a kernel built with %s", option);
}

const char *
reason_since(struct arena *a, const char *what, uint16_t since)
{
	struct utsname u;
	unsigned major, minor;

	if (uname(&u) < 0 || sscanf(u.release, "%u.%u", &major, &minor) != 2 ||
	    KVER(major, minor) >= since)
		return NULL;
	return arena_printf(a, "%s exists since Linux %u.%u; this is %u.%u", what, since >> 8,
			    since & 0xff, major, minor);
}

const char *
reason_option_of_prog(uint32_t prog_type)
{
	switch (prog_type) {
	case BPF_PROG_TYPE_KPROBE:
	case BPF_PROG_TYPE_TRACEPOINT:
	case BPF_PROG_TYPE_PERF_EVENT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
		return "CONFIG_BPF_EVENTS";
	case BPF_PROG_TYPE_CGROUP_SKB:
	case BPF_PROG_TYPE_CGROUP_SOCK:
	case BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
	case BPF_PROG_TYPE_CGROUP_DEVICE:
	case BPF_PROG_TYPE_CGROUP_SYSCTL:
	case BPF_PROG_TYPE_CGROUP_SOCKOPT:
	case BPF_PROG_TYPE_SOCK_OPS:
		return "CONFIG_CGROUP_BPF";
	case BPF_PROG_TYPE_LSM:
		return "CONFIG_BPF_LSM";
	case BPF_PROG_TYPE_LIRC_MODE2:
		return "CONFIG_BPF_LIRC_MODE2";
	case BPF_PROG_TYPE_LWT_IN:
	case BPF_PROG_TYPE_LWT_OUT:
	case BPF_PROG_TYPE_LWT_XMIT:
		return "CONFIG_LWTUNNEL_BPF";
	case BPF_PROG_TYPE_LWT_SEG6LOCAL:
		return "CONFIG_IPV6_SEG6_BPF";
	case BPF_PROG_TYPE_SK_SKB:
	case BPF_PROG_TYPE_SK_MSG:
		return "CONFIG_BPF_STREAM_PARSER";
	case BPF_PROG_TYPE_STRUCT_OPS:
	case BPF_PROG_TYPE_TRACING:
	case BPF_PROG_TYPE_EXT:
		return "CONFIG_DEBUG_INFO_BTF";
	case PROG_TYPE_NETFILTER:
		return "CONFIG_NETFILTER_BPF_LINK";
	}
	return NULL;
}

const char *
reason_option_of_map(uint32_t map_type)
{
	switch (map_type) {
	case BPF_MAP_TYPE_XSKMAP:
		return "CONFIG_XDP_SOCKETS";
	case BPF_MAP_TYPE_STACK_TRACE:
	case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
		return "CONFIG_PERF_EVENTS";
	case BPF_MAP_TYPE_CGROUP_ARRAY:
		return "CONFIG_CGROUPS";
	case BPF_MAP_TYPE_CGROUP_STORAGE:
	case BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE:
		return "CONFIG_CGROUP_BPF";
	case BPF_MAP_TYPE_INODE_STORAGE:
		return "CONFIG_BPF_LSM";
	case BPF_MAP_TYPE_STRUCT_OPS:
		return "CONFIG_BPF_JIT";
	}
	return NULL;
}

/* SPDX-License-Identifier: MIT */
/* perf.c: see perf.h. */
#include "perf.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
event_open(struct perf_event_attr *attr, int pid, int cpu)
{
	long fd;

	attr->size = sizeof *attr;
	fd = syscall(SYS_perf_event_open, attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : (int)fd;
}

int
sys_perf_tracepoint(uint64_t id)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT, .config = id,
				       .sample_period = 1, .wakeup_events = 1};

	return event_open(&attr, -1, 0);
}

/* A number from sysfs, "config:0" style prefixes skipped; -1 when there is none. */
static long
sysfs_number(const char *path, const char *format)
{
	FILE *f = fopen(path, "re");
	long n = -1;

	if (!f)
		return -1;
	if (fscanf(f, format, &n) != 1)
		n = -1;
	fclose(f);
	return n;
}

/* The kprobe and uprobe PMUs (kernel/events/core.c): type and the bit for "at return". */
static int
open_probe(const char *pmu, uint64_t name_or_path, uint64_t offset, bool retprobe, int pid)
{
	struct perf_event_attr attr = {0};
	char path[96];
	long type, bit = 0;

	snprintf(path, sizeof path, "/sys/bus/event_source/devices/%s/type", pmu);
	type = sysfs_number(path, "%ld");
	if (type < 0)
		return -ENOENT;
	if (retprobe) {
		snprintf(path, sizeof path, "/sys/bus/event_source/devices/%s/format/retprobe", pmu);
		bit = sysfs_number(path, "config:%ld");
		if (bit < 0)
			return -ENOENT;
		attr.config = 1ull << bit;
	}
	attr.type = (uint32_t)type;
	attr.config1 = name_or_path;
	attr.config2 = offset;
	return event_open(&attr, pid > 0 ? pid : -1, pid > 0 ? -1 : 0);
}

int
sys_perf_kprobe(const char *symbol, uint64_t offset, bool retprobe)
{
	return open_probe("kprobe", (uint64_t)(uintptr_t)symbol, offset, retprobe, 0);
}

int
sys_perf_uprobe(const char *path, uint64_t offset, bool retprobe, int pid)
{
	return open_probe("uprobe", (uint64_t)(uintptr_t)path, offset, retprobe, pid);
}

int
sys_perf_software(enum sys_perf_clock what, uint64_t frequency, uint64_t period, int pid,
		  int cpu)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .config = (uint64_t)what};

	attr.freq = frequency != 0;
	attr.sample_freq = frequency ? frequency : period;
	return event_open(&attr, pid > 0 ? pid : -1, cpu);
}

int
sys_perf_set_program(int event, int prog)
{
	return ioctl(event, PERF_EVENT_IOC_SET_BPF, prog) < 0 ? -errno : 0;
}

int
sys_perf_enable(int event)
{
	return ioctl(event, PERF_EVENT_IOC_ENABLE, 0) < 0 ? -errno : 0;
}

const char *
sys_tracefs(void)
{
	static const char *const places[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};

	for (size_t i = 0; i < 2; i++) {
		char path[64];

		snprintf(path, sizeof path, "%s/events", places[i]);
		if (access(path, F_OK) == 0)
			return places[i];
	}
	return NULL;
}

int64_t
sys_tracepoint_id(const char *category, const char *event)
{
	const char *root = sys_tracefs();
	char path[512];
	long id;

	if (!root)
		return -ENODEV;
	if (snprintf(path, sizeof path, "%s/events/%s/%s/id", root, category, event) >=
	    (int)sizeof path)
		return -ENAMETOOLONG;
	errno = 0;
	id = sysfs_number(path, "%ld");
	if (id >= 0)
		return id;
	return errno ? -errno : -ENOENT;
}

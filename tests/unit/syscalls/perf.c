/* SPDX-License-Identifier: MIT */
/* perf.c: programs on perf events: tracepoint, uprobe, uretprobe, sampling; by link and by
 * ioctl. Each counts what this process does, exactly. */
#include "kit.h"

#include "syscalls/perf.h"

#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>

TestSuite(perf, .init = kit_need_bpf);

enum { CALLS = 1234 };

/* The hook must be one that KIT_COUNT programs of `type` fit. */
static int
counting(uint32_t type, int counter, bool own_thread_only)
{
	char text[512];

	if (own_thread_only)
		snprintf(text, sizeof text,
			 "call get_current_pid_tgid\nw0 = w0\nif r0 != %ld goto out\n" KIT_COUNT
			 "out:\nr0 = 0\nexit\n", (long)syscall(SYS_gettid));
	else
		snprintf(text, sizeof text, KIT_COUNT "r0 = 0\nexit\n");
	return kit_load(&(struct kit_prog){.type = type, .text = text,
					   .maps = {{"counter", counter}}});
}

static int
link_to(int event, int prog)
{
	struct sys_link_create_attr attr = {.prog_fd = (uint32_t)prog,
					    .target_fd = (uint32_t)event,
					    .attach_type = BPF_PERF_EVENT};

	return sys_link_create(&attr);
}

static int
getppid_event(void)
{
	int64_t id;
	int event;

	kit_own_mounts();
	if (mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL) < 0 && errno != EBUSY)
		cr_skip_test("needs tracefs");
	id = sys_tracepoint_id("syscalls", "sys_enter_getppid");
	if (id == -ENOENT)
		cr_skip_test("needs CONFIG_FTRACE_SYSCALLS");
	cr_assert_gt(id, 0, "%s", strerror((int)-id));
	cr_assert_eq(sys_tracepoint_id("syscalls", "no_such"), -ENOENT);
	event = sys_perf_tracepoint((uint64_t)id);
	cr_assert_geq(event, 0, "%s", strerror(-event));
	return event;
}

Test(perf, tracepoint_by_link)
{
	int counter = kit_counter(), event = getppid_event();
	int prog = counting(BPF_PROG_TYPE_TRACEPOINT, counter, true);

	kit_need_kernel(5, 15);

	int link = link_to(event, prog);
	struct sys_link_info info = {0};

	cr_assert_geq(link, 0, "%s", strerror(-link));
	cr_assert_eq(sys_perf_enable(event), 0);
	close(event);
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
	cr_assert_eq(sys_obj_info(link, &info, sizeof info), 0);
	cr_assert_eq(info.type, BPF_LINK_TYPE_PERF_EVENT);
	close(link);
	syscall(SYS_getppid);
	cr_assert_eq(kit_count(counter), CALLS);
}

Test(perf, tracepoint_by_ioctl)
{
	int counter = kit_counter(), event = getppid_event();
	int prog = counting(BPF_PROG_TYPE_TRACEPOINT, counter, true);

	cr_assert_eq(sys_perf_set_program(event, prog), 0);
	cr_assert_eq(sys_perf_enable(event), 0);
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
	close(event);
	syscall(SYS_getppid);
	cr_assert_eq(kit_count(counter), CALLS);
}

/* What the uprobes count. */
__attribute__((noinline)) static int
probed(int x)
{
	__asm__ volatile("" : "+r"(x));
	return x + 1;
}

/* Where a function of this program stands in its file. */
static uint64_t
file_offset(const void *function)
{
	uint64_t at = (uint64_t)(uintptr_t)function, start, end, offset, result = 0;
	char line[512];
	FILE *f = fopen("/proc/self/maps", "re");

	cr_assert_not_null(f);
	while (fgets(line, sizeof line, f)) {
		if (sscanf(line, "%lx-%lx %*s %lx", &start, &end, &offset) == 3 && at >= start &&
		    at < end)
			result = at - start + offset;
	}
	fclose(f);
	cr_assert_neq(result, 0);
	return result;
}

static void
count_uprobe(bool retprobe, int pid, uint64_t expected)
{
	int counter = kit_counter(), sum = 0;
	/* Other tests run this file at the same time: only our own calls count. */
	int prog = counting(BPF_PROG_TYPE_KPROBE, counter, true);
	int event = sys_perf_uprobe("/proc/self/exe", file_offset((const void *)probed),
				    retprobe, pid);

	if (event == -ENOENT)
		cr_skip_test("needs CONFIG_UPROBE_EVENTS");
	cr_assert_geq(event, 0, "%s", strerror(-event));
	kit_need_kernel(5, 15);

	int link = link_to(event, prog);

	cr_assert_geq(link, 0, "%s", strerror(-link));
	cr_assert_eq(sys_perf_enable(event), 0);
	close(event);
	for (int i = 0; i < CALLS; i++)
		sum += probed(i);
	close(link);
	sum += probed(1);
	cr_assert_eq(sum, CALLS * (CALLS + 1) / 2 + 2);
	cr_assert_eq(kit_count(counter), expected);
}

Test(perf, uprobe_counts_exactly)
{
	count_uprobe(false, 0, CALLS);
}

Test(perf, uretprobe_counts_exactly)
{
	count_uprobe(true, 0, CALLS);
}

Test(perf, uprobe_of_one_process)
{
	count_uprobe(false, getpid(), CALLS);
	count_uprobe(false, 1, 0);
}

Test(perf, sampling_fires)
{
	int counter = kit_counter(), cpu = sched_getcpu();
	int prog = counting(BPF_PROG_TYPE_PERF_EVENT, counter, false);
	int event = sys_perf_software(SYS_PERF_CPU_CLOCK, 1000, 0, 0, cpu);
	cpu_set_t one;
	struct timespec now, end;

	if (event == -EACCES || event == -EPERM)
		cr_skip_test("needs CAP_PERFMON");
	cr_assert_geq(event, 0, "%s", strerror(-event));
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof one, &one);
	cr_assert_eq(sys_perf_set_program(event, prog), 0);
	cr_assert_eq(sys_perf_enable(event), 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec++;
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (kit_count(counter) < 10 &&
		 (now.tv_sec < end.tv_sec || now.tv_nsec < end.tv_nsec));
	close(event);
	cr_assert_geq(kit_count(counter), 10);
}

Test(perf, kprobes_say_when_they_are_missing)
{
	int event = sys_perf_kprobe("vfs_read", 0, false);

	if (access("/sys/bus/event_source/devices/kprobe", F_OK) == 0)
		cr_assert_geq(event, 0, "%s", strerror(-event));
	else
		cr_assert_eq(event, -ENOENT);
}

/* SPDX-License-Identifier: MIT */
/* perf.h: perf events as hooks for programs (perf_event_open(2)): tracepoints, kprobes,
 * uprobes, timers. Each function returns a descriptor (close-on-exec, owned by the caller)
 * or a negative errno. A program is joined to it by a link (BPF_PERF_EVENT, since 5.15) or
 * sys_perf_set_program(). */
#ifndef VEERY_SYSCALLS_PERF_H
#define VEERY_SYSCALLS_PERF_H

#include <stdbool.h>
#include <stdint.h>

/* Tracepoint by its number (events/CATEGORY/EVENT/id in tracefs). All processes, and all
 * CPUs though the descriptor names CPU 0: probes fire wherever they are hit. */
int sys_perf_tracepoint(uint64_t id);
/* Kernel function entry (or return) at symbol + offset. -ENOENT: no kprobe support here, or
 * no such symbol. */
int sys_perf_kprobe(const char *symbol, uint64_t offset, bool retprobe);
/* Byte `offset` of the file at `path`; pid 0 for all processes. -ENOENT: no uprobe support. */
int sys_perf_uprobe(const char *path, uint64_t offset, bool retprobe, int pid);

enum sys_perf_clock {		/* PERF_COUNT_SW_* */
	SYS_PERF_CPU_CLOCK = 0, SYS_PERF_TASK_CLOCK = 1, SYS_PERF_PAGE_FAULTS = 2,
	SYS_PERF_CONTEXT_SWITCHES = 3, SYS_PERF_CPU_MIGRATIONS = 4,
};
/* Software event on one CPU, `frequency` samples a second (clocks) or one per `period`
 * events when frequency is 0; pid 0 for all processes. */
int sys_perf_software(enum sys_perf_clock what, uint64_t frequency, uint64_t period, int pid,
		      int cpu);

/* Older kernels: join a program to the event, and let it run. */
int sys_perf_set_program(int event, int prog);
int sys_perf_enable(int event);

/* Where tracefs is mounted, or null: "/sys/kernel/tracing". */
const char *sys_tracefs(void);
/* The number of a tracepoint; negative errno: -ENODEV without tracefs, -ENOENT unknown. */
int64_t sys_tracepoint_id(const char *category, const char *event);

#endif

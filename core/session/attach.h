/* SPDX-License-Identifier: MIT */
/* attach.h: a loaded program on its hook, swapped, and off again.
 *
 * The mechanism is chosen from the program's type, attach type and the target, by links
 * where the kernel has them: xdp, tcx, cgroup, netns (sk_lookup), perf events for tracepoint,
 * kprobe, uprobe, sampling; raw tracepoints; socket filters on a socket of ours. Every
 * failure adds one diag as in load.h. */
#ifndef VEERY_ATTACH_H
#define VEERY_ATTACH_H

#include "base/diag.h"
#include "image/image.h"

struct attachment;

struct attach_request {
	const struct image_prog *prog;
	int prog_fd;
	/* "eth0", "sched/sched_switch", "sys_enter", "/lib/x86_64-linux-gnu/libc.so.6:malloc",
	 * "do_unlinkat", "/sys/fs/cgroup/x", "cpu-clock:99" (perf event: software event and
	 * samples per second). Null: from prog->attach_target; xdp and tc then want a target. */
	const char *target;
	bool retprobe;		/* uretprobe, kretprobe (also set by the section) */
	bool egress;		/* tc: egress instead of ingress (also set by the section) */
	int pid;		/* uprobe, perf event: only this process; 0 all */
	span at;
};

/* Null after adding a diag. Free with attachment_detach. */
struct attachment *attach_program(const struct attach_request *rq, struct diags *ds);
/* Swap the program: BPF_LINK_UPDATE where the kernel can, else attach the new before
 * detaching the old. On failure the old one keeps running, and a diag says why. */
bool attachment_replace(struct attachment *att, const struct image_prog *prog, int prog_fd,
			span at, struct diags *ds);
void attachment_detach(struct attachment *att);
/* "xdp on veth0 (link 17)"; lives as long as the attachment. */
const char *attachment_describe(const struct attachment *att);

#endif

/* SPDX-License-Identifier: MIT */
/* caps.h: which capabilities this process has, and which bpf(2) asks for (kernel/bpf/
 * syscall.c), so that "operation not permitted" can be said by name. */
#ifndef VEERY_SYSCALLS_CAPS_H
#define VEERY_SYSCALLS_CAPS_H

#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>

/* A set of capabilities: bit CAP_x. */
typedef uint64_t sys_caps;

#define SYS_CAP(cap) ((sys_caps)1 << (cap))

/* The effective set. */
sys_caps sys_caps_held(void);
/* "CAP_BPF"; null past the last. */
const char *sys_cap_name(unsigned cap);

/* Needed to load a program, or create a map, of this type. Socket filters, cgroup_skb
 * programs and the plain map types need none where sys_unprivileged_allowed(). */
sys_caps sys_caps_for_prog(uint32_t prog_type);
sys_caps sys_caps_for_map(uint32_t map_type);
/* Those of `needed` that `held` lacks; CAP_SYS_ADMIN stands for all that bpf(2) asks for. */
sys_caps sys_caps_missing(sys_caps needed, sys_caps held);
/* kernel.unprivileged_bpf_disabled is 0. */
bool sys_unprivileged_allowed(void);

#endif

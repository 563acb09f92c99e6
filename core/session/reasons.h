/* SPDX-License-Identifier: MIT */
/* reasons.h: why the kernel said no, in words a person can act on: capabilities, kernel
 * options and system settings by name. Texts live in the arena. */
#ifndef VEERY_SESSION_REASONS_H
#define VEERY_SESSION_REASONS_H

#include "base/arena.h"
#include "syscalls/caps.h"

/* The kernel's own, include/linux/errno.h: it should not, but does reach user space. */
enum { KERNEL_ENOTSUPP = 524 };

/* strerror() of a negative errno, and of ENOTSUPP, which libc does not know. */
const char *reason_error(int err);
/* Why EPERM came where `needed` is asked for: one reason a line. */
const char *reason_permission(struct arena *a, sys_caps needed);
/* "this kernel was built without CONFIG_X", or that it is a module; null when the option is
 * there, and a guess when the configuration cannot be read. */
const char *reason_option(struct arena *a, const char *option);
/* "attach type X exists since Linux 6.6; this is 6.1"; null when this kernel is as new. */
const char *reason_since(struct arena *a, const char *what, uint16_t since);
/* The option a program or map type stands or falls with; null when BPF itself suffices. */
const char *reason_option_of_prog(uint32_t prog_type);
const char *reason_option_of_map(uint32_t map_type);

#endif

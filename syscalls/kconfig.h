/* SPDX-License-Identifier: MIT */
/* kconfig.h: how the running kernel was configured, from /proc/config.gz or
 * /boot/config-RELEASE, so that "not supported" can name the option that is missing. */
#ifndef VEERY_SYSCALLS_KCONFIG_H
#define VEERY_SYSCALLS_KCONFIG_H

#include <stddef.h>
#include <stdint.h>

enum sys_kconfig {
	SYS_KCONFIG_UNKNOWN,	/* no configuration to be found */
	SYS_KCONFIG_NO,
	SYS_KCONFIG_MODULE,
	SYS_KCONFIG_YES,	/* also for numbers and strings */
};

/* `option` as in "CONFIG_KPROBES". Reads the file anew each time (some 10 ms). */
enum sys_kconfig sys_kconfig(const char *option);
/* All of it, malloc'ed, *size bytes and a null behind; null when there is none. */
char *sys_kconfig_text(size_t *size);
/* The same in a text already at hand. */
enum sys_kconfig sys_kconfig_in(const char *text, size_t size, const char *option);

/* ---- inflate.c ------------------------------------------------------------------------- */

/* Unpack a gzip member (RFC 1952, 1951). The result is malloc'ed, *size bytes and a null
 * behind; null when malformed, cut off, too large (16 MiB) or out of memory. The checksum is
 * verified. */
char *sys_gunzip(const void *data, size_t n, size_t *size);

#endif

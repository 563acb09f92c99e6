/* SPDX-License-Identifier: MIT */
/* symbols.h: where in a file a function's code is, for uprobes. */
#ifndef VEERY_SESSION_SYMBOLS_H
#define VEERY_SESSION_SYMBOLS_H

#include "base/arena.h"

#include <stdint.h>

/* "libc.so.6", "libc" or a path to a path that exists: as given, in $PATH for commands, in
 * the library directories for names that begin with "lib". Null when there is none. */
const char *symbols_find_file(struct arena *a, const char *name);
/* File offset of `symbol` ("malloc", "main+4", "0x1234") in an ELF file. 0 done, -ENOENT no
 * such symbol, -ENOEXEC not ELF, other negative errno. `near` receives the nearest name. */
int symbols_offset(struct arena *a, const char *path, const char *symbol, uint64_t *offset,
		   const char **near);

struct symbols_found {
	const char **names;
	uint64_t *offsets;	/* in the file; null for the kernel's */
	uint32_t n;
};

/* All functions of an ELF file, or of the kernel, whose names match a pattern of * and ?.
 * Those at one address count once. Negative errno as above. */
int symbols_match(struct arena *a, const char *path, const char *pattern,
		  struct symbols_found *out);
int symbols_match_kernel(struct arena *a, const char *pattern, struct symbols_found *out);

#endif

/* SPDX-License-Identifier: MIT */
/* kconfig.c: see kconfig.h. */
#include "kconfig.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

enum { FILE_MAX = 4 << 20 };

/* The whole file, malloc'ed; null when unreadable. */
static char *
read_all(const char *path, size_t *size)
{
	FILE *f = fopen(path, "re");
	char *data = f ? malloc(FILE_MAX) : NULL;

	if (data) {
		*size = fread(data, 1, FILE_MAX - 1, f);
		data[*size] = 0;
	}
	if (f)
		fclose(f);
	return data;
}

enum sys_kconfig
sys_kconfig_in(const char *text, size_t size, const char *option)
{
	size_t n = strlen(option);
	const char *end = text + size;

	for (const char *line = text; line < end;) {
		const char *nl = memchr(line, '\n', (size_t)(end - line));
		const char *stop = nl ? nl : end;

		if ((size_t)(stop - line) > n + 1 && memcmp(line, option, n) == 0 &&
		    line[n] == '=')
			return line[n + 1] == 'm' ? SYS_KCONFIG_MODULE :
			       line[n + 1] == 'n' ? SYS_KCONFIG_NO : SYS_KCONFIG_YES;
		line = stop + 1;
	}
	return SYS_KCONFIG_NO;
}

char *
sys_kconfig_text(size_t *size)
{
	size_t packed_size = 0;
	char *packed = read_all("/proc/config.gz", &packed_size);
	char *text = packed ? sys_gunzip(packed, packed_size, size) : NULL;
	struct utsname u;

	free(packed);
	if (!text && uname(&u) == 0) {
		char path[sizeof u.release + 32];

		snprintf(path, sizeof path, "/boot/config-%s", u.release);
		text = read_all(path, size);
	}
	return text;
}

enum sys_kconfig
sys_kconfig(const char *option)
{
	size_t size = 0;
	char *text = sys_kconfig_text(&size);
	enum sys_kconfig result = text ? sys_kconfig_in(text, size, option) : SYS_KCONFIG_UNKNOWN;

	free(text);
	return result;
}

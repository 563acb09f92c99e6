/* SPDX-License-Identifier: MIT */
/* cpus.c: see cpus.h. */
#include "cpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

uint32_t
sys_cpu_list(const char *text, long wanted, bool *found)
{
	uint32_t count = 0;
	char *end;

	*found = false;
	for (const char *p = text; *p && *p != '\n'; p = *end == ',' ? end + 1 : end) {
		long from = strtol(p, &end, 10), to = from;

		if (end == p || from < 0)
			return 0;
		if (*end == '-') {
			p = end + 1;
			to = strtol(p, &end, 10);
			if (end == p || to < from)
				return 0;
		}
		if (*end && *end != ',' && *end != '\n')
			return 0;
		*found |= wanted >= from && wanted <= to;
		if (to + 1 > (long)count)
			count = (uint32_t)(to + 1);
	}
	return count;
}

static uint32_t
read_list(const char *path, long wanted, bool *found)
{
	char text[4096];
	FILE *f = fopen(path, "re");
	uint32_t n = 0;

	*found = false;
	if (!f)
		return 0;
	if (fgets(text, sizeof text, f))
		n = sys_cpu_list(text, wanted, found);
	fclose(f);
	return n;
}

uint32_t
sys_cpus_possible(void)
{
	/* Fixed when the kernel starts; every look at a per-CPU map asks. */
	static _Atomic uint32_t known;
	uint32_t n = known;
	bool found;
	long conf;

	if (n)
		return n;
	n = read_list("/sys/devices/system/cpu/possible", -1, &found);
	conf = n ? 0 : sysconf(_SC_NPROCESSORS_CONF);
	known = n ? n : conf > 0 ? (uint32_t)conf : 1;
	return known;
}

bool
sys_cpu_online(uint32_t cpu)
{
	bool found;

	return read_list("/sys/devices/system/cpu/online", (long)cpu, &found) == 0 || found;
}

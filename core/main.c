/* SPDX-License-Identifier: MIT */
/* main.c: the `veery` command; see core/cli. */
#include "cli/cli.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* What a session allocates before its first prompt, about 600 KiB in small pieces, is asked
 * of the kernel at once: page by page the faults cost more than all the work. Where the
 * kernel does not know the request (before 5.14), they happen as ever. */
static void
warm_heap(void)
{
	enum { START = 640 << 10 };
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	void *first;

	mallopt(M_TOP_PAD, START);
	first = malloc(page);
	if (first)
		madvise((void *)((uintptr_t)first / page * page), START, MADV_POPULATE_WRITE);
	free(first);
}

int
main(int argc, char **argv)
{
	warm_heap();
	return cli_main(argc, argv);
}

/* SPDX-License-Identifier: MIT */
/* main.c: the `veery` command; see core/cli. */
#include "base/arena.h"
#include "cli/cli.h"

#include <malloc.h>
#include <stdlib.h>

/* What a session allocates before its first prompt, about 600 KiB in small pieces, is asked
 * of the kernel at once: page by page the faults cost more than all the work. */
static void
warm_heap(void)
{
	enum { START = 640 << 10 };
	void *first;

	mallopt(M_TOP_PAD, START);
	first = malloc(16);	/* the heap begins with it, and with START bytes to spare */
	if (first)
		memory_populate(first, START);
	free(first);
}

int
main(int argc, char **argv)
{
	warm_heap();
	return cli_main(argc, argv);
}

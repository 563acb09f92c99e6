/* SPDX-License-Identifier: MIT */
/* main.c: the `veery` command; see core/cli. */
#include "cli/cli.h"

int
main(int argc, char **argv)
{
	return cli_main(argc, argv);
}

/* SPDX-License-Identifier: MIT */
/* page.h: the page of a code, `veery explain V0106`. */
#ifndef VEERY_CLI_PAGE_H
#define VEERY_CLI_PAGE_H

#include "cli.h"

/* Print the page; STATUS_USAGE after saying that there is no such code. */
int page_print(struct cli *c, const char *code);

#endif

/* SPDX-License-Identifier: MIT */
/* mend.h: `veery check --fix`: a source file's rejected programs mended in place. */
#ifndef VEERY_CLI_MEND_H
#define VEERY_CLI_MEND_H

#include "cli.h"
#include "verifier-sim/verify.h"

/* Apply the fixes that are offered, one after the other, until nothing is rejected or
 * nothing applies; then write the file, if it changed, at one moment. What was done is said
 * on standard error. `o` is how to judge; its BTF may be null: the running kernel's. Returns
 * an exit status: STATUS_USAGE when the file cannot be read or written. */
int mend_file(struct cli *c, const char *file, const struct verify_opts *o);

#endif

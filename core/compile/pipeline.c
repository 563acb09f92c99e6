/* SPDX-License-Identifier: MIT */
/* pipeline.c: the passes, in order. The first file to read.
 *
 *   forms -> lower/ -> IR -> the table below -> live, scan, frame (registers) -> emit
 *
 * Every pass takes any well-formed IR and leaves well-formed IR (ir/check.c says what that
 * is; debug builds check after each). Passes not marked `required` can be switched off one by
 * one; the program must mean the same. */
#include "compile/passes/passes.h"

const struct ir_pass ir_passes[] = {
	{"fold", opt_fold, false, "constants, copies, identities, address offsets"},
	{"branch", opt_branch, false, "decided branches, threading, merging of blocks"},
	{"cse", opt_cse, false, "one computation for equal values, loads included"},
	{"mem", opt_mem, false, "stack objects: forward stores to loads, drop dead stores"},
	{"fold2", opt_fold, false, "again, on what the others laid open"},
	{"branch2", opt_branch, false, "again"},
	{"dce", opt_dce, true, "values nobody uses"},
	{"legal", opt_legal, true, "operands the instruction set can encode"},
};
const uint32_t ir_npasses = sizeof ir_passes / sizeof *ir_passes;

/* SPDX-License-Identifier: MIT */
/* check.h: what is wrong with a program as a whole, told at its forms instead of by the
 * verifier. */
#ifndef VEERY_CHECK_H
#define VEERY_CHECK_H

#include "compile/lower/lower.h"

/* refs.c: references never given back, results that may be null and are not tested. */
void cg_check_references(struct cg *c, struct ir_fn *f);
/* calls.c: false when functions call each other in a circle. */
bool cg_check_recursion(struct cg *c);
/* A function's frame alone, then those along calls, by function. */
void cg_check_frame(struct cg *c, const struct ir_fn *f, uint32_t bytes);
void cg_check_stack(struct cg *c, const uint32_t *frames);
/* returns.c: return codes. */
void cg_check_returns(struct cg *c);

#endif

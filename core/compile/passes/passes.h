/* SPDX-License-Identifier: MIT */
/* passes.h: the passes over the IR. pipeline.c says in which order they run. */
#ifndef VEERY_PASSES_H
#define VEERY_PASSES_H

#include "compile/ir/ir.h"

/* fold.c */
void opt_fold(struct ir_fn *f);
uint64_t opt_fold_binary(enum ir_op op, uint64_t a, uint64_t b, bool w32);
uint64_t opt_fold_unary(enum ir_op op, uint64_t a, unsigned size);
bool opt_fold_cc(enum ir_cc cc, uint64_t a, uint64_t b);
uint64_t opt_swap(uint64_t v, unsigned size);

/* branch.c */
void opt_branch(struct ir_fn *f);
/* cse.c */
void opt_cse(struct ir_fn *f);
/* mem.c */
void opt_mem(struct ir_fn *f);
/* dce.c */
void opt_dce(struct ir_fn *f);
/* legal.c: after it every operand can be encoded where it stands */
void opt_legal(struct ir_fn *f);

/* pipeline.c */
struct ir_pass {
	const char *name;
	void (*run)(struct ir_fn *f);
	bool required;		/* cannot be switched off */
	const char *what;	/* one line for people */
};
extern const struct ir_pass ir_passes[];
extern const uint32_t ir_npasses;

#endif

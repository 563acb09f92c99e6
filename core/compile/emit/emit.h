/* SPDX-License-Identifier: MIT */
/* emit.h: IR with registers to instructions. */
#ifndef VEERY_EMIT_H
#define VEERY_EMIT_H

#include "image/image.h"
#include "compile/regs/ra.h"

struct em_call {		/* a call whose callee's place is not known yet */
	uint32_t insn, fn;
	bool address;		/* a wide load of the address, not a call */
};

struct em_core {		/* an instruction with a CO-RE record */
	uint32_t insn;
	struct ir_core core;
};

struct em {
	struct arena *arena;
	VEC(struct bpf_insn) insns;
	VEC(span) src;
	VEC(struct image_reloc) relocs;
	VEC(struct image_var) vars;
	VEC(struct em_call) calls;
	VEC(struct em_core) cores;
	VEC(uint32_t) starts;		/* first instruction of each function */
	uint32_t stack_bytes;		/* of the largest frame */
	bool want_vars;			/* fill vars */
	uint64_t (*clock)(void);	/* nanoseconds; null: do not time */
	uint64_t registers_ns;		/* of it, spent on registers */
};

/* Allocate registers and append the function's code. `f` must be legal (passes/legal.c). */
void em_function(struct em *em, struct ir_fn *f);
/* All functions are there: resolve calls between them. */
void em_finish(struct em *em);

#endif

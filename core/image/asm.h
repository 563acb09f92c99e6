/* SPDX-License-Identifier: MIT */
/* asm.h: the assembler, which reads what disasm.h prints, with labels instead of distances.
 *
 * One instruction a line; `;`, `#` at the start of a line, and `//` begin comments. What the
 * disassembler puts in front (`12:`, `(b7)`) may stay. Beyond the disassembler's forms:
 *
 *	loop:                       a label; `goto loop`, `if r1 > 5 goto loop`, `call loop`
 *	r1 = map NAME               wide load of a map; `r1 = map NAME[8]` of its value plus 8
 *	r1 = ksym NAME              wide load of a kernel variable's address
 *	r1 = func LABEL             wide load of a subprogram's address
 *	r1 = 5 ll                   wide load of a constant (`r1 = 0x..` of hex always is wide)
 *	call map_lookup_elem        helper by name, `bpf_` optional; `call #1` by number
 *	call kfunc NAME             kernel function
 *	.raw 0x07 1 0 -4 16         any encoding: code dst src off imm
 */
#ifndef VEERY_ASM_H
#define VEERY_ASM_H

#include "base/arena.h"
#include "base/str.h"
#include "image.h"

struct asm_label {
	str name;
	uint32_t insn;
};

struct asm_ref {		/* an operand for the caller to turn into an image_reloc */
	uint32_t insn;
	enum image_reloc_kind kind;
	const char *name;	/* map, kernel function or variable */
	uint32_t addend;
};

struct asm_out {
	VEC(struct bpf_insn) insns;
	VEC(struct asm_label) labels;
	VEC(struct asm_ref) refs;
	const char *error;	/* null when all was well */
	uint32_t line;		/* of the error, from 1 */
};

/* Assemble; true when out->error is null. Memory comes from `a`. */
bool asm_text(str text, struct arena *a, struct asm_out *out);

#endif

/* SPDX-License-Identifier: MIT */
/* disasm.h: one instruction as text, exactly as the kernel's verifier log prints it:
 * `(b7) r0 = 0`, `(85) call bpf_map_lookup_elem#1`, `(61) r2 = *(u32 *)(r1 +76)`. */
#ifndef VEERY_DISASM_H
#define VEERY_DISASM_H

#include "base/buf.h"
#include "isa.h"

struct disasm {
	/* Name of a kernel function (a call with src_reg 2), or null when unknown. */
	const char *(*kfunc)(void *user, const struct bpf_insn *in);
	void *user;
	bool hide_pointers;	/* print 0x0 for map and other addresses, as the kernel does
				 * for loaders without CAP_PERFMON */
};

/* Append the text of in[0], without a newline. A wide load reads in[1] too: the caller has
 * made sure that it exists. `d` may be null. */
void disasm_insn(struct buf *out, const struct bpf_insn *in, const struct disasm *d);
/* A whole listing, one line per instruction: `   0: (b7) r0 = 0`. A wide load that lacks
 * its second slot is printed as such, never read past. */
void disasm_prog(struct buf *out, const struct bpf_insn *in, uint32_t n,
		 const struct disasm *d);

/* The operator texts, shared with the assembler. Null where an opcode has none. */
extern const char *const disasm_alu[16], *const disasm_jmp[16], *const disasm_size[4],
	*const disasm_ssize[4], *const disasm_atomic[16];

#endif

/* SPDX-License-Identifier: MIT */
/* insn.h: instruction constructors under the names that the kernel's test arrays use.
 *
 * Each expands to one braced initialiser (two for wide loads), so they can stand in the
 * initialiser of an array; as an expression, write (struct bpf_insn)BPF_MOV64_IMM(...). */
#ifndef VEERY_CONFORMANCE_INSN_H
#define VEERY_CONFORMANCE_INSN_H

#include "image/isa.h"

enum {
	BPF_REG_ARG1 = BPF_REG_1, BPF_REG_ARG2 = BPF_REG_2, BPF_REG_ARG3 = BPF_REG_3,
	BPF_REG_ARG4 = BPF_REG_4, BPF_REG_ARG5 = BPF_REG_5, BPF_REG_FP = BPF_REG_10,
};

#define BPF_RAW_INSN(code_, dst_, src_, off_, imm_) \
	{.code = (code_), .dst_reg = (dst_), .src_reg = (src_), .off = (__s16)(off_), \
	 .imm = (__s32)(imm_)}

#define BPF_ALU64_REG(op, dst, src) BPF_RAW_INSN(BPF_ALU64 | BPF_OP(op) | BPF_X, dst, src, 0, 0)
#define BPF_ALU64_IMM(op, dst, imm) BPF_RAW_INSN(BPF_ALU64 | BPF_OP(op) | BPF_K, dst, 0, 0, imm)
#define BPF_ALU32_REG(op, dst, src) BPF_RAW_INSN(BPF_ALU | BPF_OP(op) | BPF_X, dst, src, 0, 0)
#define BPF_ALU32_IMM(op, dst, imm) BPF_RAW_INSN(BPF_ALU | BPF_OP(op) | BPF_K, dst, 0, 0, imm)
#define BPF_MOV64_REG(dst, src) BPF_ALU64_REG(BPF_MOV, dst, src)
#define BPF_MOV64_IMM(dst, imm) BPF_ALU64_IMM(BPF_MOV, dst, imm)
#define BPF_MOV32_REG(dst, src) BPF_ALU32_REG(BPF_MOV, dst, src)
#define BPF_MOV32_IMM(dst, imm) BPF_ALU32_IMM(BPF_MOV, dst, imm)
#define BPF_ENDIAN(type, dst, bits) \
	BPF_RAW_INSN(BPF_ALU | BPF_END | BPF_SRC(type), dst, 0, 0, bits)

#define BPF_LDX_MEM(size, dst, src, off) \
	BPF_RAW_INSN(BPF_LDX | BPF_SIZE(size) | BPF_MEM, dst, src, off, 0)
#define BPF_STX_MEM(size, dst, src, off) \
	BPF_RAW_INSN(BPF_STX | BPF_SIZE(size) | BPF_MEM, dst, src, off, 0)
#define BPF_ST_MEM(size, dst, off, imm) \
	BPF_RAW_INSN(BPF_ST | BPF_SIZE(size) | BPF_MEM, dst, 0, off, imm)
#define BPF_ATOMIC_OP(size, op, dst, src, off) \
	BPF_RAW_INSN(BPF_STX | BPF_SIZE(size) | BPF_ATOMIC, dst, src, off, op)
#define BPF_LD_ABS(size, imm) BPF_RAW_INSN(BPF_LD | BPF_SIZE(size) | BPF_ABS, 0, 0, 0, imm)
#define BPF_LD_IND(size, src, imm) BPF_RAW_INSN(BPF_LD | BPF_SIZE(size) | BPF_IND, 0, src, 0, imm)

#define BPF_JMP_REG(op, dst, src, off) BPF_RAW_INSN(BPF_JMP | BPF_OP(op) | BPF_X, dst, src, off, 0)
#define BPF_JMP_IMM(op, dst, imm, off) BPF_RAW_INSN(BPF_JMP | BPF_OP(op) | BPF_K, dst, 0, off, imm)
#define BPF_JMP32_REG(op, dst, src, off) \
	BPF_RAW_INSN(BPF_JMP32 | BPF_OP(op) | BPF_X, dst, src, off, 0)
#define BPF_JMP32_IMM(op, dst, imm, off) \
	BPF_RAW_INSN(BPF_JMP32 | BPF_OP(op) | BPF_K, dst, 0, off, imm)
#define BPF_JMP_A(off) BPF_RAW_INSN(BPF_JMP | BPF_JA, 0, 0, off, 0)
#define BPF_EMIT_CALL(id) BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, id)
#define BPF_CALL_REL(target) BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, target)
#define BPF_EXIT_INSN() BPF_RAW_INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

#define BPF_LD_IMM64_RAW_FULL(dst, src, off1, off2, imm1, imm2) \
	BPF_RAW_INSN(BPF_LD | BPF_DW | BPF_IMM, dst, src, off1, imm1), \
	BPF_RAW_INSN(0, 0, 0, off2, imm2)
#define BPF_LD_IMM64(dst, imm) \
	BPF_LD_IMM64_RAW_FULL(dst, 0, 0, 0, (__u32)(imm), (__u64)(imm) >> 32)
#define BPF_LD_MAP_FD(dst, fd) BPF_LD_IMM64_RAW_FULL(dst, BPF_PSEUDO_MAP_FD, 0, 0, fd, 0)
#define BPF_LD_MAP_VALUE(dst, fd, off) \
	BPF_LD_IMM64_RAW_FULL(dst, BPF_PSEUDO_MAP_VALUE, 0, 0, fd, off)

#endif

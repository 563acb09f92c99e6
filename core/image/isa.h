/* SPDX-License-Identifier: MIT */
/* isa.h: the BPF instruction set (RFC 9669 and the kernel's linux/bpf.h), with the values
 * that older uapi headers lack. */
#ifndef VEERY_ISA_H
#define VEERY_ISA_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

#ifndef BPF_MEMSX
#define BPF_MEMSX 0x80		/* sign-extending load, cpu v4 */
#endif
#ifndef BPF_JCOND
#define BPF_JCOND 0xe0		/* may_goto */
#endif
#ifndef BPF_LOAD_ACQ
#define BPF_LOAD_ACQ 0x100	/* in imm of BPF_ATOMIC */
#define BPF_STORE_REL 0x110
#endif
#ifndef BPF_ADDR_SPACE_CAST
#define BPF_ADDR_SPACE_CAST 1	/* off of a 64-bit register move */
#endif
#ifndef BPF_PSEUDO_KFUNC_CALL
#define BPF_PSEUDO_KFUNC_CALL 2
#endif

/* A 16-byte load of a 64-bit constant, map or address: two slots. */
static inline bool
insn_is_wide(const struct bpf_insn *i)
{
	return i->code == (BPF_LD | BPF_IMM | BPF_DW);
}

#endif

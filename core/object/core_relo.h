/* SPDX-License-Identifier: MIT */
/* core_relo.h: CO-RE: one access of a program, as its compiler's types saw it, made to fit
 * the types of the kernel it is to run on. */
#ifndef VEERY_CORE_RELO_H
#define VEERY_CORE_RELO_H

#include "image/btf.h"
#include "image/image.h"

struct core_request {
	struct btf *local, *target;	/* the program's types, the kernel's */
	uint32_t type;			/* in `local` */
	const char *access;		/* "0:1:2": indexes of elements, members, enumerators */
	uint32_t kind;			/* enum bpf_core_relo_kind */
	struct bpf_insn *insn;		/* two slots when it is a wide load */
	struct arena *arena;
};

enum core_result {
	CORE_DONE,
	CORE_POISONED,	/* the kernel has no such thing: the instruction now is a call that the
			 * verifier refuses if it can be reached, as libbpf makes it */
	CORE_BAD,	/* the record contradicts itself or the instruction */
};

/* What libbpf puts into a poisoned instruction: `call unknown#195896080`. */
enum { CORE_POISON = 0xbad2310 };

enum core_result core_relocate(const struct core_request *rq, const char **why);

/* core_name.c: "struct task_struct.comm[0]", "enum bpf_map_type: BPF_MAP_TYPE_ARENA". */
const char *core_name(struct arena *a, const struct btf *btf, uint32_t type, const char *access,
		      uint32_t kind);

#endif

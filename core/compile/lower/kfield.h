/* SPDX-License-Identifier: MIT */
/* kfield.h: fields of the kernel's structs, and how accesses to them are remembered. */
#ifndef VEERY_KFIELD_H
#define VEERY_KFIELD_H

#include "compile/lower/lower.h"

#include "image/btf.h"

#include <linux/bpf.h>

struct core_member {
	const char *name;
	uint32_t type;		/* in the kernel's BTF */
	uint32_t bit_offset, bit_size;
	uint32_t size;		/* of an absent one */
	bool absent;		/* the kernel has no such member */
	int64_t value;		/* of an enumerator */
	uint32_t place;		/* among the sorted members */
};

/* What a program's BTF must say about a type of the kernel: the members it uses. */
struct core_type {
	uint32_t id;		/* in the kernel's BTF; 0: the kernel has no such type */
	uint32_t kind;		/* BTF_KIND_STRUCT, _UNION or _ENUM */
	const char *name;
	uint32_t size;
	VEC(struct core_member) members;
	uint32_t local;		/* its id in the program's BTF, once it is there */
};

/* Its number in cg.core_types, described from now on. */
uint32_t kfield_core_type(struct cg *c, const struct btf *b, uint32_t id);

struct core_step {
	uint32_t type, member;	/* cg.core_types and its members */
	bool element;		/* of an array: `member` is the index */
};

/* From the start of a type to what is accessed. */
struct core_path {
	uint32_t root;			/* number in cg.core_types */
	VEC(struct core_step) steps;
};

/* What a BTF type is here: integers by size and sign, pointers to structs by struct. *prov is
 * what reading it from memory that the verifier knows gives. */
kty kfield_type(struct cg *c, const struct btf *b, uint32_t id, enum ir_prov *prov);

/* (NAME-FIELD ptr [index]): C name of the field. */
struct lval kfield_place(struct cg *c, struct kval ptr, uint32_t strukt, const char *field,
			 bool indexed, struct kval index, span at);
struct kval kfield_get(struct cg *c, const struct lval *p);
struct kval kfield_address(struct cg *c, const struct lval *p);

/* (core-load TYPE P OFF STRUCT FIELD), with STRUCT at argument `at`: puts this kernel's offset into
 * *p, and the path that cg_core_access() records. A struct that the user declared, or that the
 * kernel lacks with that field, leaves *p alone. False: said why not. */
bool kfield_recorded(struct cg *c, value form, unsigned at, struct lval *p);

/* ctx fields by the names of the hooked function's parameters: kctx.c. The second says whether
 * the program has a function whose types are known. */
bool kctx_place(struct cg *c, str name, span at, struct lval *p);
bool kctx_known(struct cg *c);

#endif

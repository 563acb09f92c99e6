/* SPDX-License-Identifier: MIT */
/* ir.h: the compiler's intermediate form: SSA instructions in basic blocks.
 *
 * A value is the number of the instruction that makes it (`ref`; 0 is none). Instructions
 * live in one array and are chained within their block by number, so removing and inserting
 * move nothing. Leaves (constants, addresses of stack objects, maps) float outside the
 * blocks, exist once per distinct value, and are made again where they are used: they never
 * hold a register on their own account.
 *
 * All arithmetic is 64 bits wide, or 32 when IR_W32 is set (upper half of the result zero).
 * `bits` is an upper bound on a value's significant bits; a value is below 2^bits. `prov`
 * tells what a pointer points to. It decides which rewrites are allowed: a pass may not
 * change the arithmetic or comparison of a pointer into a form the kernel's verifier would
 * not follow, so folding leaves pointer operations as the source has them.
 *
 * The IR has a text form (print.c, parse.c) that tests use as a language. */
#ifndef VEERY_IR_H
#define VEERY_IR_H

#include "base/arena.h"
#include "base/diag.h"
#include "image/image.h"

typedef uint32_t ref;

enum ir_op {
#define OP(name, text, n, flags) IR_##name,
#include "compile/ir/ops.def"
	IR_NOPS
};

enum { IRF_L = 1, IRF_P = 2, IRF_R = 4, IRF_W = 8, IRF_C = 16, IRF_T = 32, IRF_K = 64,
       IRF_A = 128, IRF_M = 256 };

struct ir_op_info {
	const char *name;
	uint8_t nargs;
	uint16_t flags;
};
extern const struct ir_op_info ir_ops[IR_NOPS];

/* Comparisons; pairs differ in the lowest bit and are each other's negation. */
enum ir_cc { CC_EQ, CC_NE, CC_ULT, CC_UGE, CC_ULE, CC_UGT, CC_SLT, CC_SGE, CC_SLE, CC_SGT,
	     CC_SET, CC_CLR };
enum { CC_COUNT = CC_CLR + 1 };
extern const char *const ir_cc_names[CC_COUNT];

/* What a value points to. */
enum ir_prov { PV_SCALAR, PV_CTX, PV_STACK, PV_PACKET, PV_PACKET_END, PV_MAP, PV_MAP_VALUE,
	       PV_RING, PV_KERNEL, PV_BTF, PV_USER, PV_POINTER, PV_COUNT };
/* PV_BTF: the kernel's, and the verifier knows its type: plain loads may go through it. */
extern const char *const ir_prov_names[PV_COUNT];

enum { IR_W32 = 1, IR_SIGNED = 2, IR_VOLATILE = 4 };

struct ir_ins {
	uint8_t op, prov, bits, size;	/* size: bytes of an access or extension */
	uint8_t cc, flags;
	uint16_t nargs;		/* operands, wherever they are */
	union {
		ref arg[2];
		ref *args;	/* when ir_ops[op].flags has IRF_A */
	} u;
	int64_t imm;
	int32_t off;
	uint32_t blk;
	ref prev, next;
	uint32_t uses;		/* counted by ir_count_uses */
	uint32_t core;		/* of a load or store: fn.cores + 1, whose offset is `off` */
	span at;
};

struct ir_blk {
	ref first, last;	/* last is the terminator once the block is finished */
	uint32_t succ[2];
	uint8_t nsucc;
	bool sealed;		/* all predecessors are known (construction) */
	bool dead;
	uint32_t fork, fork_seq; /* a join: where control parted, and assignments then */
	VEC(uint32_t) pred;
	/* flow.c */
	uint32_t idom, order, loop; /* order: place in fn.rpo; loop: innermost header, or 0 */
	uint32_t depth;			/* loop nesting */
};

struct ir_slot {		/* a stack object */
	const char *name;	/* for messages: variable, struct, "key of M" */
	uint32_t size, align;
	int32_t off;		/* from r10, set by the frame layout */
	bool dead;
	span at;
};

struct ir_var {			/* a source variable */
	const char *name;
	span at;
	ref init;		/* its only value while `assigned` is 0 */
	uint32_t assigned;	/* number of its latest assignment, counted over all */
	uint32_t loop;		/* the loop it was bound in */
	uint8_t prov;		/* of phis made for it */
	bool weak;		/* described by us, until a name of the user's is found */
};

struct core_path;
struct ir_core {		/* something that other kernels have elsewhere: kfield.h */
	uint32_t kind;		/* enum bpf_core_relo_kind */
	const struct core_path *path;
};

struct ir_asm {			/* instructions written by hand */
	struct bpf_insn *insns;
	uint32_t n;
	VEC(struct image_reloc) relocs;	/* insn counts from its first */
};

struct ir_fn {
	struct arena *arena;
	const char *name;
	uint32_t index;		/* 0: entry; subprograms count from 1 */
	uint8_t nparams;
	VEC(struct ir_ins) ins;		/* [0] unused */
	VEC(struct ir_blk) blk;		/* [0] unused, [1] entry */
	VEC(struct ir_slot) slots;
	VEC(struct ir_var) vars;	/* [0] unused */
	VEC(const char *) names;	/* kernel functions, variables */
	VEC(struct ir_asm) asms;
	VEC(struct ir_core) cores;
	VEC(uint32_t) rpo;		/* blocks in reverse post-order, loops contiguous */
	ref *leaves;			/* hash table of floating values */
	uint32_t leaf_mask, nleaves;
	struct ir_def { uint32_t blk, var; ref val; } *defs;	/* hash: variable in block */
	uint32_t def_mask, ndefs;
	VEC(struct ir_def) pending;	/* phis of unsealed blocks */
	uint32_t seq;			/* assignments so far */
	VEC(uint32_t) value_var; /* variable a value was bound to, by ref; may be short */
	span at;			/* place given to new instructions */
	uint32_t loop;			/* innermost loop under construction */
};

/* A program: the entry and its subprograms. */
struct ir_prog {
	struct arena *arena;
	VEC(struct ir_fn *) fns;
};

/* ir.c */
struct ir_fn *ir_fn_new(struct arena *a, const char *name);
ref ir_const(struct ir_fn *f, int64_t v);
ref ir_leaf(struct ir_fn *f, enum ir_op op, int64_t imm, int32_t off, enum ir_prov prov);
uint32_t ir_slot_new(struct ir_fn *f, const char *name, uint32_t size, uint32_t align);
uint32_t ir_name(struct ir_fn *f, const char *name);
uint32_t ir_blk_new(struct ir_fn *f);
/* Append to a block. */
ref ir_add(struct ir_fn *f, uint32_t blk, enum ir_op op, ref a, ref b);
ref ir_add_n(struct ir_fn *f, uint32_t blk, enum ir_op op, const ref *args, uint32_t n);
/* The same before an instruction. */
ref ir_before(struct ir_fn *f, ref where, enum ir_op op, ref a, ref b);
void ir_jmp(struct ir_fn *f, uint32_t blk, uint32_t to);
ref ir_br(struct ir_fn *f, uint32_t blk, enum ir_cc cc, ref a, ref b, uint32_t yes,
	  uint32_t no);
void ir_ret(struct ir_fn *f, uint32_t blk, ref v);
void ir_edge(struct ir_fn *f, uint32_t from, uint32_t to);
void ir_remove(struct ir_fn *f, ref r);
/* Drop one predecessor (and its phi operands). */
void ir_drop_pred(struct ir_fn *f, uint32_t blk, uint32_t pred);
/* From now on `r` is another name for `with`. */
void ir_forward(struct ir_fn *f, ref r, ref with);
void ir_count_uses(struct ir_fn *f);
uint8_t ir_bits(const struct ir_fn *f, const struct ir_ins *in);
bool ir_finished(const struct ir_fn *f, uint32_t blk);

/* vars.c: variables to SSA, on the fly */
uint32_t ir_var_new(struct ir_fn *f, const char *name, span at);
void ir_var_set(struct ir_fn *f, uint32_t blk, uint32_t var, ref v);
ref ir_var_get(struct ir_fn *f, uint32_t blk, uint32_t var);
/* Reports call the value by the variable's name, unless it has one already. */
void ir_name_value(struct ir_fn *f, uint32_t var, ref v);
/* All predecessors are there: complete its phis. */
void ir_seal(struct ir_fn *f, uint32_t blk);
/* A block where the paths that parted at the end of `fork` will meet again. Make it before
 * anything on those paths is built. */
uint32_t ir_join_new(struct ir_fn *f, uint32_t fork);

/* flow.c */
void ir_flow(struct ir_fn *f);		/* rpo, dominators, loops; drops unreachable blocks */
void ir_split_critical(struct ir_fn *f);
bool ir_dominates(const struct ir_fn *f, uint32_t a, uint32_t b);

/* check.c: null when the IR is well formed, else what is wrong */
const char *ir_check(struct ir_fn *f, struct arena *a);

/* print.c, parse.c */
struct buf;
void ir_print(const struct ir_fn *f, struct buf *out);
struct ir_fn *ir_parse(struct arena *a, str text, const char **error);

static inline struct ir_ins *
ir_at(const struct ir_fn *f, ref r)
{
	return &f->ins.at[r];
}

static inline ref *
ir_args(struct ir_ins *in)
{
	return ir_ops[in->op].flags & IRF_A ? in->u.args : in->u.arg;
}

/* The value itself, past copies. */
static inline ref
ir_val(const struct ir_fn *f, ref r)
{
	while (f->ins.at[r].op == IR_COPY)
		r = f->ins.at[r].u.arg[0];
	return r;
}

static inline bool
ir_is_leaf(const struct ir_fn *f, ref r)
{
	return (ir_ops[f->ins.at[r].op].flags & IRF_L) != 0;
}

static inline bool
ir_is_const(const struct ir_fn *f, ref r, int64_t *v)
{
	if (f->ins.at[r].op != IR_CONST)
		return false;
	if (v)
		*v = f->ins.at[r].imm;
	return true;
}

static inline bool
ir_has_value(const struct ir_ins *in)
{
	return !(ir_ops[in->op].flags & IRF_T) && in->op != IR_STORE;
}

#endif

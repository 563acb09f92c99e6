/* SPDX-License-Identifier: MIT */
/* lower.h: forms to IR, inside view.
 *
 * lower.c drives; the other files hold the forms by family; ../forms.def is the table of all
 * forms. A form that is wrong adds a diagnostic and yields a poison value, which every
 * consumer accepts silently, so one run reports all independent errors. */
#ifndef VEERY_LOWER_H
#define VEERY_LOWER_H

#include "compile/env/kenv.h"
#include "compile/forms.h"
#include "compile/ir/ir.h"
#include "facts/facts.h"

struct core_type;
struct em_core;
struct core_path;

struct kval {
	ref v;
	kty ty;
	bool lit;		/* written as a number */
};

struct binding {
	uint32_t sym;		/* symbol id */
	uint32_t shadowed;	/* its binding before */
	uint32_t var;		/* IR variable; 0 for a symbol macro */
	kty ty;
	bool typed;		/* declared narrower: assignments truncate */
	value expansion;	/* symbol-macrolet */
	span at;
};

struct loop {			/* for break and continue */
	uint32_t exit, again;
	struct loop *outer;
	const char *iterator;	/* a kernel iterator's kind, and its state on the stack */
	ref state;
};

struct named_block {		/* for return-from */
	value name;
	struct meet *meet;
	struct loop *loop;	/* around it */
	struct named_block *outer;
};

enum { SLOT_KEY, SLOT_VALUE, SLOT_KINDS };

struct cg {
	struct kenv *k;
	struct lisp *l;
	struct arena *a;	/* forgotten after the compilation: kenv.work */
	struct diags *ds;
	struct image *image;
	struct image_prog *prog;
	const char *ctx_struct;	/* name in ctx_fields.def, or null */
	struct ir_prog *ir;
	struct ir_fn *f;
	uint32_t blk;		/* being filled */
	ref ctx;		/* the context parameter; 0 in functions without one */
	VEC(struct binding) binds;
	struct loop *loop;
	struct named_block *block;
	value env;		/* macrolet environment */
	uint32_t depth;		/* of forms, against runaway nesting */
	span last;		/* the form lowered last: the place of its value; 0 none */
	VEC(struct cg_ret { int64_t v; uint32_t blk; }) rets;	/* shared constant returns */
	uint32_t tmp[SLOT_KINDS][9];	/* slot + 1 by size */
	VEC(uint32_t) map_ids;	/* kenv map -> image map + 1 */
	VEC(const struct kfunction *) fns;	/* called, by number - 1 in ir */
	VEC(struct core_type) core_types;
	VEC(struct em_core) cores;	/* what the instructions emitted refer to */
	uint32_t absent;	/* in code that this kernel never reaches: fields may be absent */
	VEC(struct cg_struct { const struct kstruct *st; uint32_t id; }) struct_types;
	uint64_t expand_ns;
	kty returns;		/* of the function being lowered */
	bool timed;
	bool for_object;	/* compile_opts */
};

/* lower.c */
struct kval lower(struct cg *c, value form);
struct kval lower_at(struct cg *c, value form, span at);
/* The i-th element of a list form, with its own place. */
struct kval lower_arg(struct cg *c, value form, unsigned i);
struct kval lower_body(struct cg *c, value forms);
/* Branch on the truth of a form; the current block is finished afterwards. */
void lower_test(struct cg *c, value form, uint32_t yes, uint32_t no);
/* Expand macros at the head until something else is there; false after an error. */
bool lower_expand(struct cg *c, value *form);
struct kval poison(struct cg *c);
struct kval void_value(struct cg *c);
static inline bool
is_poison(struct kval v)
{
	return v.ty.kind == KT_POISON;
}
struct diag *cg_error(struct cg *c, const char *code, span at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
uint64_t cg_now(void);		/* nanoseconds */
str cg_spelled(const struct cg *c, str name, span at);

/* Iterators of the loops around, up to `outer`, are destroyed: before a return, or the exit of a
 * block. loop.c */
void cg_leave_loops(struct cg *c, const struct loop *outer);

/* values */
struct kval int_value(struct cg *c, int64_t v);
struct kval val(ref v, kty ty);
ref cg_bin(struct cg *c, enum ir_op op, ref a, ref b);
ref cg_un(struct cg *c, enum ir_op op, ref a, unsigned size);
ref cg_load(struct cg *c, ref base, int32_t off, unsigned size);
void cg_store(struct cg *c, ref base, int32_t off, unsigned size, ref v);
/* op: BPF_ADD and the like, with BPF_FETCH or without. */
ref cg_atomic(struct cg *c, ref base, int32_t off, unsigned size, ref v, int32_t op);
ref cg_call(struct cg *c, uint32_t helper, const ref *args, uint32_t n, enum ir_prov prov);
/* The value as its type says it is: truncated, then sign- or zero-extended. */
ref cg_convert(struct cg *c, struct kval v, kty to, span at);
struct kval cg_load_typed(struct cg *c, ref base, int32_t off, kty ty);
/* A constant operand: literals, constants, and what folds to one. */
bool cg_constant(struct cg *c, value form, int64_t *out);
void cg_return(struct cg *c, ref v);
/* Start filling `blk`, all of whose predecessors exist. */
void cg_begin(struct cg *c, uint32_t blk);
/* Go on in a block that nothing reaches (after return, break). */
void cg_unreachable(struct cg *c);
uint32_t cg_tmp(struct cg *c, unsigned kind, uint32_t size);
bool cg_type(struct cg *c, value form, span at, kty *out);

/* What reports call a value that has no name of the user's. */
ref cg_describe(struct cg *c, ref v, const char *what, const char *of);

/* variables */
uint32_t cg_bind(struct cg *c, value name, span at, kty ty, bool typed, ref init);
void cg_unbind(struct cg *c, uint32_t mark);
struct binding *binding_of(struct cg *c, value sym);

/* places: place.c */
enum place_kind { PLACE_BAD, PLACE_VAR, PLACE_MEM, PLACE_MAP };
struct lval {
	enum place_kind kind;
	uint32_t bind;		/* PLACE_VAR: index into binds */
	ref base;		/* PLACE_MEM */
	int32_t off;
	kty ty;
	bool net;		/* stored big endian */
	const struct kmap *map;	/* PLACE_MAP */
	struct kval key;	/* as written; put into memory right before the call */
	uint8_t bit_off, bit_size;	/* bit field */
	bool kernel;		/* kernel memory: read through probe_read_kernel */
	uint16_t of;		/* struct the value points to, 0 unknown */
	uint8_t prov;		/* enum ir_prov of the value; 0: a scalar */
	const struct core_path *path;	/* of a kernel struct's field, for CO-RE: kfield.c */
	uint32_t text;		/* an array of characters: how many */
	bool shared;		/* a global: added to atomically */
	span at;		/* PLACE_MAP: the key */
	span where;		/* the place itself */
};
struct lval place_of(struct cg *c, value form, span at);
struct kval place_get(struct cg *c, const struct lval *p);
void place_set(struct cg *c, const struct lval *p, struct kval v, span at);
/* (any STRUCT ptr FIELD ...) */
struct lval place_of_field(struct cg *c, value form);
struct lval field_place(struct cg *c, value form, const struct ksym *s);
struct lval header_place(struct cg *c, value form, const struct ksym *s);
struct lval ctx_place(struct cg *c, value form);

/* Places of the program's own: setf.c. *five is nil when it is none of them, else the
 * five values of its expansion; false after an error. */
bool cg_user_place(struct cg *c, value place, span at, value *five);
struct kval cg_set_user_place(struct cg *c, value five, value v, span at);
struct kval cg_add_user_place(struct cg *c, value five, value delta, bool negate, span at);

/* maps: map.c */
const struct kmap *cg_map(struct cg *c, value name, span at);
ref cg_map_ref(struct cg *c, const struct kmap *m);
/* Address of memory holding the key (or value): a scalar goes to a stack slot that all keys
 * of its size share, so nothing else may be computed between this and the call. */
ref cg_key(struct cg *c, const struct kmap *m, struct kval v, span at);
ref cg_value(struct cg *c, const struct kmap *m, struct kval v, span at);
void incf_map(struct cg *c, const struct kmap *m, struct kval key, span at, ref delta);
struct kval map_get(struct cg *c, const struct kmap *m, struct kval key, span at);

/* Argument 1 as a format, C escapes understood; `line`: ended by a newline. printf.c */
bool cg_format(struct cg *c, value form, bool line, str *out);
/* @name? agg.c */
bool cg_is_agg_name(value v);
ref cg_log2(struct cg *c, ref v);
/* One more that `m` had no room for. lost.c */
void cg_lost(struct cg *c, const struct kmap *m);
/* Zeroed stack memory: mem.c. */
struct kval cg_stack_object(struct cg *c, const char *name, int64_t size, uint32_t align, kty ty,
			    span at);
/* The text and zeros up to `size` bytes: text.c. */
void cg_store_text(struct cg *c, ref base, int32_t off, str s, uint32_t size);

/* calls: call.c */
struct kval lower_helper(struct cg *c, value form, const struct fact_helper *h);
/* Lower the functions that were called; the list grows as they call others. */
void lower_functions(struct cg *c);
ref cg_global(struct cg *c, const struct kglobal *g);
ref cg_kernel_call(struct cg *c, const struct kkfunc *f, const ref *args, uint32_t n);
struct kval lower_kfunc(struct cg *c, value form, const struct ksym *s);
struct kval lower_user_call(struct cg *c, value form, const struct ksym *s);
struct kval lower_trace(struct cg *c, value form, const struct ksym *s);
struct kval lower_make(struct cg *c, value form, const struct ksym *s);
struct kval lower_accessor(struct cg *c, value form, const struct ksym *s);

/* kfield.c */
void cg_core_access(struct cg *c, ref r, const struct lval *p);
/* A question about the kernel that is answered here and now: 1 yes, 0 no; -1 it is none. What
 * follows the other answer may name what this kernel lacks. */
int cg_core_answer(struct cg *c, value test);
/* Offset of argument n (from 1; 0: the result) in struct pt_regs; -1 when not in a register. */
int32_t cg_register_offset(uint32_t n);

#endif

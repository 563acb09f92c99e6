/* SPDX-License-Identifier: MIT */
/* explaining.h: what the files that explain share: the failing instruction with its trail,
 * and words for values, memory and ranges. */
#ifndef VEERY_VS_EXPLAINING_H
#define VEERY_VS_EXPLAINING_H

#include "explain.h"
#include "trail.h"

struct vx_step {
	uint32_t step;		/* index into the trail, for the order */
	struct vs_step s;
};

/* One explanation being made. */
struct vx {
	struct vs_env *env;
	const struct vs_trail *t;
	struct arena *a;		/* the caller's: what is said lives there */
	struct vs_explanation *x;
	const struct vs_fault *f;
	const struct bpf_insn *in;	/* the failing instruction; null when none was walked */
	uint32_t step, frame;		/* its index in the trail, its frame */
	int reg;			/* the operand at fault, or -1 */
	const struct vs_reg *val;	/* what was known of it; null: never written */
	struct tr_slice sl;		/* where it came from (when reg >= 0) */
	bool lisp;			/* places are forms with text, not C lines */
	struct vx_source *source;	/* the C source read last */
	VEC(struct vx_step) steps;
};

/* ---- words.c: names and descriptions. Backquotes are included where a name is meant. ---- */

/* The user's variable that holds the location's contents at this step; null: none. */
const char *vx_var(const struct vx *e, uint16_t loc, uint32_t step);
/* The value in words: its variable, or where it came from. Never null. */
const char *vx_value(const struct vx *e, uint16_t loc, uint32_t step);
/* The variable of a value, followed through copies; null when it never had one. */
const char *vx_value_var(const struct vx *e, uint16_t loc, uint32_t step);
/* The memory a pointer points to: "the packet", "the value of `counts`". */
const char *vx_object(const struct vx *e, const struct vs_reg *r);
/* Of a kernel object or one made by the program: the name of its struct, or "". */
const char *vx_struct_name(const struct vx *e, const struct vs_reg *r);
/* Bytes of it that are there; -1: unknown. */
int64_t vx_object_size(const struct vx *e, const struct vs_reg *r);
/* "0 to 255", "5", "any number". */
const char *vx_range(const struct vx *e, const struct vs_reg *r);
/* What kind of thing a value is: "a number", "a pointer to the packet". */
const char *vx_kind(const struct vx *e, const struct vs_reg *r);
/* The instruction's form in the user's text, when it is short; else null. */
const char *vx_form(const struct vx *e, uint32_t insn);
/* A function of the kernel by its C name: "bpf_task_release()", "`bpf-task-release`". */
const char *vx_function(const struct vx *e, const char *name);
/* What a call instruction calls: "bpf_map_lookup_elem()", "`map-lookup-elem`". */
const char *vx_callee(const struct vx *e, uint32_t insn);
/* A function of the program by its name in the source; null when it has none. */
const char *vx_subprog(const struct vx *e, uint32_t s);
/* The member of the object at this offset: "`hdr.len`"; null when not known. */
const char *vx_field(const struct vx *e, const struct vs_reg *base, int64_t off, int64_t size);
const char *vx_bytes(const struct vx *e, int64_t n);		/* "1 byte", "8 bytes" */
const char *vx_span(const struct vx *e, int64_t lo, int64_t n);	/* "byte 7", "bytes 4 to 7" */
const char *vx_program(const struct vx *e);			/* "xdp programs" */
const char *vx_map_name(const struct vx *e, const struct vs_map *m);

/* The variable or array that lies at an offset of an object, as far as BTF tells. */
struct vx_part {
	const char *name;	/* "`counts`", "`hist.slots`"; null: the whole object */
	int64_t start, size;	/* bytes in the object */
	int64_t elem;		/* of an array: bytes of an element; else 0 */
};
struct vx_part vx_part(const struct vx *e, const struct vs_reg *r, int64_t off, int64_t scale);

/* ---- cwords.c: what the C source says there, quoted; null when it cannot be told ---- */

struct ctext;
struct vx_source *vx_source_new(struct arena *a);
/* The source's text and the token an instruction comes from; null: no C source. */
const struct ctext *vx_c_text(const struct vx *e, uint32_t insn, uint32_t *tok);
const char *vx_c_access(const struct vx *e, uint32_t insn);	/* "`ip->protocol`" */
const char *vx_c_base(const struct vx *e, uint32_t insn);	/* "`ip`" of `ip->protocol` */
/* "`n - 1`" of `a[n - 1]` and of `f(a + n - 1)` */
const char *vx_c_index(const struct vx *e, uint32_t insn);
const char *vx_c_argument(const struct vx *e, uint32_t insn, uint32_t reg);
/* How a parameter of the function that is called there is declared: "`struct stats *s`". */
const char *vx_c_parameter(const struct vx *e, uint32_t insn, uint32_t reg);
/* Make the place to change the statement by which a path left that went away at this test,
 * the `return` of a constant, the loop around an instruction. False: not found. */
bool vx_c_root_leaves(struct vx *e, uint32_t step);
bool vx_c_root_returns(struct vx *e, uint32_t step, int32_t value);
bool vx_c_root_computed(struct vx *e, uint32_t insn);
bool vx_c_root_loop(struct vx *e, uint32_t insn);
/* The same for the member of this name, when the instruction's line has none such. */
bool vx_c_root_member(struct vx *e, const char *name);

/* ---- explain.c ---- */

void vx_headline(struct vx *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void vx_at(struct vx *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void vx_root(struct vx *e, uint32_t step, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void vx_step(struct vx *e, uint32_t step, enum vs_step_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* The same for a place of no path: an instruction. */
void vx_step_at(struct vx *e, uint32_t insn, enum vs_step_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void vx_fact(struct vx *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void vx_help(struct vx *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Nothing goes wrong by this in a run: only the verifier forbids it. */
void vx_rule(struct vx *e);
/* What the verifier does not see, if no input fails here after all. */
void vx_unseen(struct vx *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct vs_need *vx_need(struct vx *e, enum vs_need_kind kind);
static inline uint32_t
vx_insn(const struct vx *e, uint32_t step)
{
	return step < e->t->steps.n ? e->t->steps.at[step].insn : e->env->r->insn;
}
/* What was known of a register of the failing frame before the failing instruction. */
const struct vs_reg *vx_reg(const struct vx *e, uint32_t reg);
/* How the value at fault was made, moved, narrowed and lost, as steps. */
void vx_history(struct vx *e, const struct tr_slice *s);
/* Conditions on relatives of the value that told nothing about it. Returns how many. */
uint32_t vx_missed(struct vx *e, const struct tr_slice *s);
/* "reads 8 bytes through", "writes 4 bytes to": the access of the failing instruction. */
const char *vx_access(const struct vx *e);
int vx_access_size(const struct vx *e);

/* One file per family of faults: false leaves the row's own words. */
bool vx_pointer(struct vx *e);		/* mem.c */
bool vx_uninit(struct vx *e);
bool vx_nullable(struct vx *e);
bool vx_arith(struct vx *e);
bool vx_fixed(struct vx *e);
bool vx_readonly(struct vx *e);
bool vx_object_access(struct vx *e);
/* The value is what is left of a pointer that a call has ended; false when it is not. */
bool vx_lost(struct vx *e);
bool vx_bounds(struct vx *e);		/* bounds.c */
/* The number in register `added` is too much to be added to the pointer e->val. */
bool vx_added(struct vx *e, uint32_t added);
bool vx_size(struct vx *e);
bool vx_stack(struct vx *e);
bool vx_stack_init(struct vx *e);
bool vx_ctx(struct vx *e);
bool vx_align(struct vx *e);
bool vx_arg(struct vx *e);		/* call.c */
bool vx_unavailable(struct vx *e);
bool vx_left_open(struct vx *e);
bool vx_release(struct vx *e);
bool vx_lock(struct vx *e);
bool vx_section(struct vx *e);
bool vx_leak(struct vx *e);
bool vx_return(struct vx *e);
bool vx_loop(struct vx *e);		/* flow.c */
bool vx_complex(struct vx *e);
bool vx_stack_size(struct vx *e);
bool vx_calls(struct vx *e);
bool vx_global(struct vx *e);		/* global.c */
bool vx_life(struct vx *e);		/* life.c */
bool vx_shape(struct vx *e);		/* rules.c */
bool vx_end(struct vx *e);
bool vx_reach(struct vx *e);
bool vx_callback(struct vx *e);
bool vx_tail(struct vx *e);
bool vx_kptr(struct vx *e);
bool vx_map_use(struct vx *e);
bool vx_caps(struct vx *e);
bool vx_hook(struct vx *e);
bool vx_symbol(struct vx *e);
bool vx_types(struct vx *e);
bool vx_number(struct vx *e);
bool vx_saved(struct vx *e);

#endif

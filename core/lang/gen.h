/* SPDX-License-Identifier: MIT */
/* gen.h: between gen.c (values, variables, calls) and gen_control.c (everything that jumps,
 * and several values). */
#ifndef VEERY_LANG_GEN_H
#define VEERY_LANG_GEN_H

#include "lang/compiler.h"

struct gen {
	struct compiler *c;
	struct func *f;
};

/* ---- gen.c -------------------------------------------------------------------------- */

struct insn *gen_emit(struct gen *g, enum op op, span at, uint32_t a, uint32_t b,
	uint32_t c);
void gen_emit_d(struct gen *g, enum op op, span at, uint32_t a, int32_t d);
int32_t gen_constant(struct gen *g, value v);
uint16_t gen_reg(struct gen *g);
void gen_jump_to(struct gen *g, struct label *l);
struct label gen_label(void);
void gen_place(struct gen *g, struct label *l);
void gen_jump(struct gen *g, span at, struct label *l);
void gen_load_var(struct gen *g, const struct var *v, uint16_t dst, span at);
void gen_enter_var(struct gen *g, struct var *v, span at);
void gen_unbind_to(struct gen *g, uint32_t depth, span at);
void gen_finish(struct gen *g, enum ctx ctx, uint16_t dst, span at);
void gen_test(struct gen *g, struct node *n, bool sense, struct label *l);
void gen_bound_body(struct gen *g, struct node *body, uint32_t depth, enum ctx ctx,
	uint16_t dst);
void gen_node(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst);

/* ---- gen_control.c ------------------------------------------------------------------ */

void gen_if(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst);
void gen_and_or(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst);
void gen_progn(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst);
void gen_block(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst);
void gen_return(struct gen *g, struct node *n);
void gen_tagbody(struct gen *g, struct node *n);
void gen_go(struct gen *g, struct node *n);
void gen_catch(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst);
void gen_throw(struct gen *g, struct node *n);
void gen_unwind(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst);
void gen_case(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst);
void gen_handler_bind(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst);
void gen_values(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst);
void gen_mvlist(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst);
void gen_template(struct gen *g, struct node *n, uint16_t dst);

#endif

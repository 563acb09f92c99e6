/* SPDX-License-Identifier: MIT */
/* vm.h: between the interpreter (vm.c), its exits (control.c) and numbers (number.c). */
#ifndef VEERY_LANG_VM_H
#define VEERY_LANG_VM_H

#include "lang/compiler.h"

/* Call f with the n arguments at window[1].., window at or above the top of the stack. */
bool vm_run(struct lisp *l, value f, value *window, uint32_t n, value *out);
bool vm_safepoint(struct lisp *l);
bool vm_grow(struct lisp *l, value *top);
span vm_span(const struct lisp *l);	/* of the instruction being executed */

/* ---- control.c ---------------------------------------------------------------------- */

void vm_push_handler(struct lisp *l, enum handler_kind kind, uint16_t reg, value tag,
		     const struct insn *ext);
void vm_unbind(struct lisp *l, uint32_t depth);
/* Set what is pending. */
void vm_exit(struct lisp *l, value number, value v);
void vm_throw(struct lisp *l, value tag, value v);
void vm_resume(struct lisp *l, const value *regs);
/* Stop without running any handler or cleanup. Always false. */
bool vm_abort(struct lisp *l, const char *message);
/* Find who takes what is pending, above handler `floor` and at this level. True: the saved
 * state of the machine is that of the landing. */
bool vm_unwind(struct lisp *l, uint32_t floor);
bool vm_undefined_function(struct lisp *l, const struct symbol *s);
bool vm_unbound_variable(struct lisp *l, struct symbol *s, value *out);
bool vm_eql(value a, value b);
bool vm_aref(struct lisp *l, value v, value index, value *out);
bool vm_puthash(struct lisp *l, value table, value key, value v);
bool vm_set_aref(struct lisp *l, value v, value index, value x);

/* ---- number.c ----------------------------------------------------------------------- */

enum { NUM_UNORDERED = 2 };

bool num_add(struct lisp *l, value a, value b, value *out);
bool num_sub(struct lisp *l, value a, value b, value *out);
bool num_mul(struct lisp *l, value a, value b, value *out);
bool num_mod(struct lisp *l, value a, value b, value *out);
bool num_ash(struct lisp *l, value a, value b, value *out);
bool num_logand(struct lisp *l, value a, value b, value *out);
bool num_logior(struct lisp *l, value a, value b, value *out);
bool num_logxor(struct lisp *l, value a, value b, value *out);
/* *r is below, equal to or above 0, or NUM_UNORDERED. */
bool num_compare(struct lisp *l, value a, value b, int *r);
bool is_number(value v);
double num_double(value v);		/* v is a number */

#endif

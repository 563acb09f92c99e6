/* SPDX-License-Identifier: MIT */
/* c.h: what the files of the C suggestions share; private to c_*.c.
 *
 * A suggestion is an edit of the C source that belongs to an object: found by the place of
 * the failing instruction in the text, with the names and the indentation that are there. It
 * is one somebody has to compile, so nothing here is ever called verified. */
#ifndef VEERY_FIX_C_H
#define VEERY_FIX_C_H

#include "fix.h"
#include "base/buf.h"
#include "base/ctext.h"

struct cfix {
	const struct fix_request *rq;
	const struct vs_explanation *why;
	const struct vs_need *need;	/* the first */
	struct diags *ds;
	struct diag *d;
	struct arena *a;
	struct sources *s;
	uint32_t file;
	struct ctext c;
	uint32_t at;			/* token of the failing place */
	uint32_t root;			/* of the place to change; both in `file` */
	struct ct_statement st;		/* that the failing place is part of */
	struct ct_function fn;
	const char *kernel;		/* the kernel's words, never null */
};

/* ---- c.c ---- */

/* The token an instruction comes from; CT_NONE when it is not of this file. */
uint32_t cfix_token(struct cfix *f, uint32_t insn);
/* Make a token the place of the diagnostic. */
void cfix_place(struct cfix *f, uint32_t tok);
/* A name or expression of the explanation without its quotes; null when it is a description. */
const char *cfix_plain(struct cfix *f, const char *quoted);
const char *cfix_text(struct cfix *f, struct ct_range r);
/* Is the failing place part of a statement? */
bool cfix_has_statement(const struct cfix *f);
/* A word, or a path of members: what may be tested without doing anything. */
bool cfix_is_path(const char *text);
/* `wanted`, or something like it that the function has no use for yet. */
const char *cfix_fresh(struct cfix *f, str wanted);
/* The white space before a statement's line. */
const char *cfix_indent(struct cfix *f, uint32_t tok);
/* How a loop is left that the place is in, when it is left so elsewhere or reads on through a
 * pointer; else cfix_leave(). */
const char *cfix_leave_loop(struct cfix *f);
bool cfix_is_in_loop(struct cfix *f);
/* That loop, not across a switch; false when there is none. */
bool cfix_loop_around(struct cfix *f, struct ct_statement *s);
/* How this function leaves elsewhere, or what lets things go on: "return XDP_PASS;". */
const char *cfix_leave(struct cfix *f);
/* Is a word used in the function? */
bool cfix_uses(struct cfix *f, const char *word);
struct diag_fix *cfix_new(struct cfix *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void cfix_replace(struct cfix *f, struct diag_fix *x, struct ct_range r, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Whole lines before or after a statement, at its depth: braces are added where it stands
 * without them. Every line of `text` gets the indentation. */
void cfix_before(struct cfix *f, struct diag_fix *x, const struct ct_statement *s,
		 const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void cfix_after(struct cfix *f, struct diag_fix *x, const struct ct_statement *s,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* All lines but the first get the indentation of the statement with this token. */
const char *cfix_indented(struct cfix *f, const char *text, uint32_t tok);
/* A statement with its line. */
void cfix_remove(struct cfix *f, struct diag_fix *x, const struct ct_statement *s);
/* "if (COND)" and what leaves, before the statement. */
void cfix_guard(struct cfix *f, struct diag_fix *x, const struct ct_statement *s,
		const char *cond, const char *leave);
/* "if (COND)" around a statement alone. */
void cfix_around(struct cfix *f, struct diag_fix *x, const struct ct_statement *s,
		 const char *cond);
/* Is the place in the head of a loop, where a check before it would run only once? */
bool cfix_in_loop_head(struct cfix *f, uint32_t tok, const struct ct_statement *s);
/* The call at the failing place: its name's token, or CT_NONE. */
uint32_t cfix_call(struct cfix *f);
/* The token of the latest step of this kind; CT_NONE. */
uint32_t cfix_step(struct cfix *f, enum vs_step_kind kind);

/* ---- one function per idea: true when it has offered something ---- */

bool cfix_null(struct cfix *f);			/* c_guard.c */
bool cfix_range(struct cfix *f);
bool cfix_size(struct cfix *f);
bool cfix_bound(struct cfix *f);
bool cfix_constant(struct cfix *f);
bool cfix_array(struct cfix *f);
bool cfix_packet(struct cfix *f);		/* c_packet.c */
bool cfix_moved(struct cfix *f);
bool cfix_map(struct cfix *f);			/* c_map.c */
bool cfix_larger(struct cfix *f);
bool cfix_left_open(struct cfix *f);		/* c_order.c */
bool cfix_ended(struct cfix *f);
bool cfix_hoist(struct cfix *f);
bool cfix_loop(struct cfix *f);
bool cfix_returned(struct cfix *f);
bool cfix_uninit(struct cfix *f);		/* c_operand.c */
bool cfix_probe(struct cfix *f);
bool cfix_license(struct cfix *f);
bool cfix_context(struct cfix *f);
bool cfix_atomic(struct cfix *f);
bool cfix_callee(struct cfix *f);
bool cfix_static(struct cfix *f);
bool cfix_field(struct cfix *f);
bool cfix_substitute(struct cfix *f);		/* c_instead.c */
bool cfix_task(struct cfix *f);
bool cfix_pointer_unset(struct cfix *f);
bool cfix_stack(struct cfix *f);		/* c_stack.c */

#endif

/* SPDX-License-Identifier: MIT */
/* ctext.h: the surface of a C source: tokens, brackets, statements, expressions.
 *
 * Objects from a C compiler name lines and columns of their source, no more. To say what
 * stands there (the argument of a call, the pointer behind an access), and to place an edit,
 * the text is split into tokens and its brackets are matched. Nothing is parsed that is not
 * asked for, and nothing is expanded: of conditional parts the one is read that a compiler
 * without further options would take. */
#ifndef VEERY_CTEXT_H
#define VEERY_CTEXT_H

#include "arena.h"
#include "str.h"

#define CT_NONE UINT32_MAX

enum ct_kind { CT_WORD, CT_NUMBER, CT_STRING, CT_PUNCT };

struct ct_token {
	uint32_t start, end;	/* bytes */
	uint32_t up;		/* the bracket it lies in, or CT_NONE */
	uint32_t match;		/* of a bracket: its partner, or CT_NONE */
	uint8_t kind;
};

struct ctext {
	str text;
	VEC(struct ct_token) toks;
};

struct ct_range {
	uint32_t first, last;	/* tokens, both included; first CT_NONE: nothing */
};

void ctext_read(struct ctext *c, str text, struct arena *a);

static inline str
ct_str(const struct ctext *c, uint32_t i)
{
	const struct ct_token *t = &c->toks.at[i];

	return (str){c->text.p + t->start, t->end - t->start};
}
static inline bool
ct_is(const struct ctext *c, uint32_t i, const char *s)
{
	return i < c->toks.n && str_is(ct_str(c, i), s);
}
static inline bool
ct_is_word(const struct ctext *c, uint32_t i)
{
	return i < c->toks.n && c->toks.at[i].kind == CT_WORD;
}

/* The token at this byte, or CT_NONE. */
uint32_t ct_at(const struct ctext *c, uint32_t byte);
/* The text of some tokens; line breaks and comments between them become one space. */
const char *ct_print(const struct ctext *c, struct ct_range r, struct arena *a);

/* The memory access that a compiler describes by this token: the member of `a->b`, the start
 * of `a[i]`, the `*` of `*p`, or an assignment's operator (then what it assigns to). */
struct ct_range ct_access(const struct ctext *c, uint32_t tok);
/* The postfix expression that ends with this token: "a->b[i].c", "f(x)". */
struct ct_range ct_postfix(const struct ctext *c, uint32_t last);
/* Argument n, from 0, of the call whose function's name this token is. */
struct ct_range ct_argument(const struct ctext *c, uint32_t callee, unsigned n);

struct ct_statement {
	uint32_t first, last;	/* tokens, both included */
	bool is_bare;		/* the unbraced body of an if, else or loop */
	bool has_value;		/* stands in an expression's ({ }) or is a label's */
};
/* The statement a token is part of; false when it is in none. */
bool ct_statement(const struct ctext *c, uint32_t tok, struct ct_statement *s);
/* The last token of the statement that begins here. */
uint32_t ct_statement_end(const struct ctext *c, uint32_t first);

struct ct_function {
	uint32_t first;		/* of its definition */
	uint32_t name;
	uint32_t params;	/* the ( of its parameters */
	uint32_t body;		/* the { of its body */
};
bool ct_function(const struct ctext *c, uint32_t tok, struct ct_function *f);
/* The name of a function's parameter n, from 0; CT_NONE when it has none. */
uint32_t ct_parameter(const struct ctext *c, const struct ct_function *f, unsigned n);
/* Where a variable that is seen at `tok` is declared: the name's token, or CT_NONE. */
uint32_t ct_declaration(const struct ctext *c, uint32_t tok, str name);
/* What a declared name is set to at once: "name = ...". */
struct ct_range ct_initial(const struct ctext *c, uint32_t name);

#endif

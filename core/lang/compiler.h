/* SPDX-License-Identifier: MIT */
/* compiler.h: from forms to bytecode, inside core/lang.
 *
 * Two steps. analyse.c (with forms.c, macros.c, setf.c, lambda.c) turns a form into a tree of
 * nodes in an arena: macros expanded, names resolved, and for each variable known whether a
 * closure captures it and whether it is ever assigned. gen.c then writes instructions. Only
 * a variable that is both captured and assigned lives in a box.
 *
 * A complaint leaves the compiler by longjmp (comp_error), after raising a condition. */
#ifndef VEERY_LANG_COMPILER_H
#define VEERY_LANG_COMPILER_H

#include <setjmp.h>

#include "lang/machine.h"

enum op {
#define X(name) OP_##name,
#include "lang/ops.def"
	OP_COUNT
};

struct func;

struct var {
	value sym;
	struct func *owner;
	bool captured, mutated, special, letrec;
	uint16_t reg;
};

struct label {
	int32_t at;		/* instruction, -1 while unknown */
	VEC(uint32_t) from;	/* jumps to patch */
};

/* A block or tagbody. `dynamic` when left from inside another function or a protected form:
 * then `tag` holds the number of its handler. */
struct block {
	value name;
	struct func *owner;
	uint32_t protect;	/* unwind-protects around it in its function */
	bool dynamic;
	struct var *tag;
	/* tagbody */
	value *tags;
	struct label *labels;
	uint32_t ntags;
	/* while generating */
	enum ctx { CTX_VALUE, CTX_MV, CTX_TAIL, CTX_EFFECT } ctx;
	uint16_t dst;
	uint32_t bindings, handlers;
	struct label end;
};

enum node_kind {
	N_CONST,	/* v */
	N_LOCAL,	/* var */
	N_SETLOCAL,	/* var, kid 0 */
	N_GLOBAL,	/* v: symbol */
	N_SETGLOBAL,	/* v, kid 0 */
	N_FUNCTION,	/* v: symbol whose function is wanted */
	N_IF,		/* kids: test then else */
	N_AND, N_OR, N_PROGN,
	N_LET,		/* vars[i] = kids[i]; last kid body */
	N_LETREC,	/* the same, kids closures that see the vars */
	N_LAMBDA,	/* func */
	N_CALL,		/* kids: function, arguments */
	N_CALLG,	/* v: symbol; kids: arguments */
	N_APPLY,	/* kids: function, arguments, last a list */
	N_PRIM,		/* op, kids */
	N_BLOCK,	/* block, kid */
	N_RETURN,	/* block, kid */
	N_TAGBODY,	/* block; kids: statements; tag positions in `at_` */
	N_GO,		/* block, index */
	N_CATCH,	/* kids: tag, body */
	N_THROW,	/* kids: tag, value */
	N_UNWIND,	/* kids: protected, cleanup */
	N_CASE,		/* handler-case: v: list of type specifiers; kid 0: form; then one
			 * kid per clause, vars[i] its variable */
	N_BIND,		/* handler-bind: v: list of types; kids: functions, then body */
	N_VALUES,	/* kids */
	N_MVBIND,	/* vars; kids: form, body */
	N_MVLIST,	/* kid */
	N_MVPROG1,	/* kids: form, rest */
	N_TEMPLATE,	/* backquote: kids; splice[i]; spans[i]; last kid the tail or null */
	N_HOST,		/* v: (builtin . form) */
};

struct node {
	enum node_kind kind;
	uint16_t op;		/* N_PRIM */
	span at;
	value v;
	struct var *var;
	struct func *fn;
	struct block *block;
	struct node **kids;
	struct var **vars;
	uint32_t nkids, nvars;
	uint32_t index;		/* N_GO: which tag */
	uint32_t *positions;	/* N_TAGBODY: kid before which each tag stands */
	bool *splice;
	span *spans;
};

/* An optional or keyword parameter. */
struct param {
	struct var *var, *supplied;	/* supplied may be null */
	struct node *init;		/* may be null: nil */
	value key;
};

struct capture {
	struct var *var;
	bool from_capture;	/* of the enclosing function; else a register of it */
	uint16_t index;
};

struct func {
	struct func *parent;
	value name;
	span at;
	VEC(struct var *) req;
	VEC(struct param) opt, key;
	struct var *rest;
	bool has_keys, allow_other;
	struct node *body;
	VEC(struct var *) caps;
	uint32_t protect;
	/* while generating */
	VEC(struct insn) insns;
	VEC(span) spans;
	VEC(value) consts;
	uint32_t nregs, top;
	uint32_t bindings, handlers;	/* on the stacks here */
};

enum env_kind { ENV_VAR, ENV_SYMBOL_MACRO, ENV_FUNCTION, ENV_MACRO, ENV_BLOCK, ENV_TAG };

struct env {
	struct env *up;
	enum env_kind kind;
	value name;
	value v;		/* expansion, or expander */
	struct var *var;	/* null for a special variable */
	struct block *block;
	uint32_t index;
};

struct compiler {
	struct lisp *l;
	struct arena *a;
	struct func *fn;
	struct env *env;
	uint32_t depth;
	jmp_buf fail;
	struct compiler *outer;
};

/* ---- analysis ----------------------------------------------------------------------- */

struct node *analyse(struct compiler *c, value form, span at);
/* The element in cell's car. */
struct node *analyse_car(struct compiler *c, value cell, span at);
struct node *analyse_body(struct compiler *c, value forms, span at);	/* progn */
struct node *analyse_lambda(struct compiler *c, value name, value params, value body,
			    span at);
struct node *node_new(struct compiler *c, enum node_kind kind, span at, uint32_t nkids);
struct node *node_const(struct compiler *c, value v, span at);
struct node *node_callg(struct compiler *c, const char *name, span at, uint32_t nargs);
struct node *node_template(struct compiler *c, value form, int depth, span at);
struct var *var_new(struct compiler *c, value name);
struct env *env_push(struct compiler *c, enum env_kind kind, value name);
struct env *env_find(struct compiler *c, value name, enum env_kind kind);
void env_variable(struct compiler *c, struct var *v);
struct node *local_ref(struct compiler *c, struct var *v, span at);
/* Skips declarations (and a docstring when `doc`); notes special ones. */
value skip_declarations(struct compiler *c, value body, bool doc);
bool is_special(value sym);
_Noreturn void comp_error(struct compiler *c, span at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A condition is already raised: leave. */
_Noreturn void comp_fail(struct compiler *c);
/* Macros in scope as an alist, for &environment. */
value env_macros(struct compiler *c);

/* Special forms: nodes. */
typedef struct node *(*form_fn)(struct compiler *c, value form, span at);
/* Built-in macros: forms from forms. */
typedef value (*macro_fn)(struct compiler *c, value form, span at);

struct form_row {
	const char *name;
	int min, max;		/* arguments; -1 any */
	form_fn form;
	macro_fn macro;
	const char *doc;
};

/* Those of macros.c and setf.c. */
#define F(name, min, max, fn, doc)
#define M(name, min, max, fn, doc) value m_##fn(struct compiler *c, value form, span at);
#include "lang/forms.def"

const struct form_row *form_row(uint32_t index);	/* from 1; null past the end */
/* A place being set: the form that stores `v`. */
value setf_expand(struct compiler *c, value place, value v, span at);
/* (lambda (form env) ...) of a macro definition. */
value macro_lambda(struct lisp *l, value name, value params, value body, span at);
/* let* bindings that take `list` apart as `pattern` says, around body. */
value destructure(struct lisp *l, value pattern, value list, value who, value body, span at);

/* (bindings . body) helpers */
value make_let_form(struct compiler *c, value bindings, value body, span at);
/* Lists of forms, for the makers of forms. */
value list_of(struct lisp *l, span at, int n, ...);
#define FORM2(...) list_of(c->l, at, 2, __VA_ARGS__)
#define FORM3(...) list_of(c->l, at, 3, __VA_ARGS__)
#define FORM4(...) list_of(c->l, at, 4, __VA_ARGS__)

/* ---- generation --------------------------------------------------------------------- */

struct code *generate(struct compiler *c, struct func *f);

/* ---- the machine's entry ------------------------------------------------------------ */

/* Compile `form` to a function of no arguments. False: a condition is pending. */
bool compile_form(struct lisp *l, value form, span at, value *out);
bool compile_lambda(struct lisp *l, value name, value params, value body, span at, value *out);
/* One step: *expanded false when the head is no macro. False: a condition is pending. */
bool expand_macro(struct lisp *l, value form, value env, span at, value *out, bool *expanded);
bool expand_with(struct lisp *l, value expander, value form, value env, span at, value *out);

#endif

/* SPDX-License-Identifier: MIT */
/* work.h: what the files of the fixer share; private to this folder.
 *
 * The source is a tree of nodes: every list as the reader saw it, and every atom, with its
 * place in the text. Node 0 is the whole file. What begins with a quote, a string or another
 * reader macro is an atom here. */
#ifndef VEERY_FIX_WORK_H
#define VEERY_FIX_WORK_H

#include "fix.h"
#include "base/buf.h"
#include "session/internal.h"

struct fix_node {
	uint32_t start, end;		/* bytes in the text */
	uint32_t parent, first, next;	/* 0: none */
	uint32_t index;			/* among its parent's children */
	bool list;
};

struct fix_tree {
	str text;
	VEC(struct fix_node) nodes;
};

enum { FIX_MAX_EDITS = 6 };

struct fix_edit {
	uint32_t start, end;
	const char *text;
};

/* One way to change the source. */
struct fix_candidate {
	const char *title;
	struct fix_edit edits[FIX_MAX_EDITS];	/* ascending, apart from each other */
	unsigned n;
};

struct fix {
	const struct fix_request *rq;
	struct arena *a;		/* of the diags: what is offered lives on */
	struct arena scratch;		/* of this call */
	struct diags *ds;
	struct diag *d;
	struct sources *s;
	uint32_t file;
	struct fix_tree tree;
	uint32_t top;			/* top-level form that holds the program */
	uint32_t at;			/* node of the failing form */
	uint32_t root;			/* and of the place to change; 0: not in this file */
	const char *code;
	const char *kernel;		/* the kernel's words, never null */
	const struct bpf_insn *insn;	/* the failing one */
	uint64_t work;			/* instructions that attempts may still cost */
	unsigned tried;
	bool probing;			/* what is accepted is not offered yet */
	struct fix_candidate second;	/* ends this fault but meets another; n 0: none */
	const char *second_fault;	/* headline of the other */
};

/* tree.c */
bool fix_tree_read(struct fix *f);
/* The smallest node that covers a place. */
uint32_t fix_node_at(const struct fix_tree *t, uint32_t start, uint32_t end);
str fix_text(const struct fix *f, uint32_t node);
const char *fix_copy(struct fix *f, uint32_t node);
uint32_t fix_child(const struct fix *f, uint32_t node, uint32_t i);	/* 0: none */
uint32_t fix_count(const struct fix *f, uint32_t node);
static inline const struct fix_node *
fix_at(const struct fix *f, uint32_t node)
{
	return &f->tree.nodes.at[node];
}
/* Does the atom have this name? Case is folded and a package ignored, as the reader does. */
bool fix_is(const struct fix *f, uint32_t node, const char *name);
bool fix_head_is(const struct fix *f, uint32_t list, const char *name);
bool fix_head_in(const struct fix *f, uint32_t list, const char *const *names);
bool fix_is_symbol(const struct fix *f, uint32_t node);
bool fix_number(const struct fix *f, uint32_t node, int64_t *out);
bool fix_inside(const struct fix *f, uint32_t node, uint32_t outer);
/* First node in document order within `root`, from `after` (0: the start) on, that is an
 * atom of that name; 0 when none. */
uint32_t fix_find(const struct fix *f, uint32_t root, uint32_t after, const char *name);
/* Where a form stands: what may be put around it. */
enum fix_position {
	FIX_OPERAND,	/* a value goes into something else */
	FIX_STATEMENT,	/* in a body: other forms may stand before and after */
	FIX_LAST,	/* the same, and its value is the body's */
	FIX_TEST,	/* decides a branch */
	FIX_BRANCH,	/* the one form of an if's arm */
	FIX_BINDING,	/* initial value of a variable */
	FIX_OTHER,	/* not a form: a name, type, list of bindings, clause */
};
enum fix_position fix_position(const struct fix *f, uint32_t node);
/* First index of the body forms of a list with this head, 0 when it has no body. */
uint32_t fix_body(const struct fix *f, uint32_t list);
/* The statement, branch or last form that `node` is part of. */
uint32_t fix_statement(const struct fix *f, uint32_t node);
/* Where a variable seen at `node` is bound: the name's node; 0 when it is not in the text. */
uint32_t fix_binding(const struct fix *f, uint32_t node, const char *name);
/* The form that binds it: beyond it the name means nothing. */
uint32_t fix_scope(const struct fix *f, uint32_t binding);
/* The binding's initial value, 0 when it has none. */
uint32_t fix_initial(const struct fix *f, uint32_t binding);
uint32_t fix_column(const struct fix *f, uint32_t pos);	/* 0-based */
/* A node's text as it reads when it begins `delta` columns further right. */
const char *fix_shifted(struct fix *f, uint32_t node, int delta);

/* try.c */
struct fix_candidate fix_new(struct fix *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void fix_replace(struct fix *f, struct fix_candidate *c, uint32_t start, uint32_t end,
		 const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* before...after around a node, its further lines shifted with it. */
void fix_around(struct fix *f, struct fix_candidate *c, uint32_t node, const char *before,
		const char *after);
/* Try it. True when the search is over: it was accepted (and is offered), or time is up. */
bool fix_try(struct fix *f, const struct fix_candidate *c);
void fix_add(struct fix *f, const struct fix_candidate *c, bool verified, const char *note);

/* guard.c: the value of `test` decides whether a form is evaluated; tried around the
 * failing form, then around what encloses it, as far as the names in `test` mean the same. */
bool fix_guard(struct fix *f, uint32_t node, const char *test, const char *title);
/* Around the failing statement and all that follow it in its body. */
bool fix_guard_rest(struct fix *f, uint32_t node, const char *test, const char *title);
/* The same by leaving the program when the test fails. */
bool fix_leave(struct fix *f, uint32_t node, const char *unless, const char *title);
/* The failing statement is taken away, or becomes 0. */
bool fix_leave_out(struct fix *f, const char *title);
/* Is the value of this form what the program returns? */
bool fix_is_result(const struct fix *f, uint32_t node);
/* A form and the line it stands on alone. */
void fix_remove(struct fix *f, struct fix_candidate *c, uint32_t node);
/* What a program of this type returns to let things go on: "XDP_PASS". */
const char *fix_harmless(const struct fix *f);
/* The packet's bounds as forms around `at` call them, and the form that reads one. */
void fix_packet_names(struct fix *f, uint32_t at, const char **data, const char **end);
const char *fix_packet_bound(const struct fix *f, bool end);

/* One function per family of faults, named in fixes.def: true as fix_try is. */
#define FIX(code, fn) bool fn(struct fix *f);
#include "fixes.def"

#endif

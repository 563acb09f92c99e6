/* SPDX-License-Identifier: MIT */
/* fn.h: what the builtin functions (fn_*.c, format.c) share.
 *
 * A builtin's result slot `out` is a register, and so a root: what is being built may stand
 * there while functions of the program are called. */
#ifndef VEERY_LANG_FN_H
#define VEERY_LANG_FN_H

#include "lang/vm.h"

#define UNUSED __attribute__((unused))
#define FN(name) \
static bool \
name(UNUSED struct lisp *l, UNUSED void *ud, UNUSED struct lisp_args a, UNUSED value *out)

struct fn_row {
	const char *name;
	int min, max;
	lisp_fn fn;
	intptr_t ud;
	const char *doc;
};

void fn_define(struct lisp *l, const struct fn_row *rows, size_t n);
#define FN_DEFINE(l, rows) fn_define((l), (rows), sizeof (rows) / sizeof *(rows))

void fn_list_init(struct lisp *l);
void fn_map_init(struct lisp *l);
void fn_seq_init(struct lisp *l);
void fn_array_init(struct lisp *l);
void fn_sort_init(struct lisp *l);
void fn_string_init(struct lisp *l);
void fn_symbol_init(struct lisp *l);
void fn_number_init(struct lisp *l);
void fn_math_init(struct lisp *l);
void fn_table_init(struct lisp *l);
void fn_io_init(struct lisp *l);
void fn_file_init(struct lisp *l);
void fn_type_init(struct lisp *l);
void fn_system_init(struct lisp *l);

/* "VALUE is not WHAT" at the call. Always false. */
bool fn_wrong(struct lisp *l, struct lisp_args a, uint32_t i, const char *what);
/* Argument i as a small count or index; nil or missing gives `otherwise`. */
bool fn_count(struct lisp *l, struct lisp_args a, uint32_t i, uint32_t otherwise,
	      uint32_t *out);
/* A string designator: string, symbol or character (its bytes in `text`). */
bool fn_text(value v, char text[4], str *out);
/* The value after keyword `name` among arguments from `first` on, or `otherwise`. */
value fn_key(struct lisp_args a, uint32_t first, const char *name, value otherwise);

/* Append to a list being built at *head, whose last cons is *tail (NIL at first). */
static inline void
fn_append(struct lisp *l, value *head, value *tail, value v)
{
	value c = fast_cons(l, v, NIL);

	if (*tail == NIL)
		*head = c;
	else
		as_cons(*tail)->cdr = c;
	*tail = c;
}

bool value_equal(value a, value b, int depth);
bool value_equalp(value a, value b, int depth);
uint64_t value_hash(value v, enum table_test test, int depth);
value table_new(struct lisp *l, enum table_test test);
bool table_get(value table, value key, value *out);
bool table_put(struct lisp *l, value table, value key, value v);

/* Walking any sequence; safe against its being changed on the way. */
struct seq_iter {
	value seq, list;
	uint32_t i;		/* element, or byte of a string */
};

bool is_sequence(value v);
uint32_t sequence_length(value v);
struct seq_iter seq_start(value v);
bool seq_next(struct seq_iter *it, value *out);
/* An empty sequence of the type that argument i names. */
bool seq_prototype(struct lisp *l, struct lisp_args a, uint32_t i, value *out);
/* The elements of a list as a sequence of the kind of `like`. */
bool seq_from_list(struct lisp *l, value list, value like, span at, value *out);

/* format(1) into a buffer; args from index `first` of a. */
bool format_into(struct lisp *l, struct buf *b, str control, const value *args, uint32_t n,
		 uint32_t column, span at);

/* :test, :test-not, :key of the sequence and list functions. */
struct test_opts {
	value test, key;	/* NIL: eql, identity */
	bool negate;
};

bool fn_test_opts(struct lisp *l, struct lisp_args a, uint32_t first, struct test_opts *o);
/* key applied to v; v itself when there is none. */
bool fn_apply_key(struct lisp *l, const struct test_opts *o, value v, value *out);
/* Does (test item (key v)) hold? */
bool fn_matches(struct lisp *l, const struct test_opts *o, value item, value v, bool *yes);
/* Call with one argument; builtins directly. */
bool fn_call1(struct lisp *l, value f, value x, value *out);
bool fn_call2(struct lisp *l, value f, value x, value y, value *out);

#endif

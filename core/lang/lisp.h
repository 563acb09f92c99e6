/* SPDX-License-Identifier: MIT */
/* lisp.h: the Lisp machine as its users see it: values, reading, evaluating, expanding.
 *
 * A `value` is a tagged 64-bit word. Small integers, nil, t and characters are immediate;
 * everything else points into the heap, whose objects never move. Values held only by C
 * must be rooted (lisp_root) across anything that may allocate and run Lisp code; the forms
 * of a top-level form being compiled are rooted by the machine until it is done.
 *
 * One `struct lisp` per session, no global state. No function here prints; complaints go to
 * the diags given at call time. */
#ifndef VEERY_LISP_H
#define VEERY_LISP_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/str.h"

typedef uint64_t value;
struct lisp;

/* Symbols are interned by folded name; packages are parsed and dropped, except that
 * keywords are symbols of their own. */
struct symbol {
	uint64_t header;
	str name;		/* folded to lower case */
	uint32_t id;		/* dense, from 1 */
	bool keyword;
	bool interned;		/* false for gensyms and #: */
	uint16_t kform;		/* the compiler's: index of the kernel-side form, or 0 */
	uint16_t uform;		/* the machine's: index of the user-side special form, or 0 */
	value global;		/* UNBOUND when not bound */
	value function;		/* UNBOUND, a closure or a builtin */
	value macro;		/* UNBOUND, or the expander function */
	value plist;		/* property list, for whoever needs one */
};

/* ---- values -------------------------------------------------------------------------
 *
 * Low three bits: xx1 a 63-bit integer, 000 an object, 010 nil, t, characters and marks,
 * 100 a cons, 110 a symbol. */

static const value NIL = 0x02, T = 0x0a, UNBOUND = 0x12;

/* header: bits 0-7 type, 8-15 flags, 16-31 type's own, 32-63 span of a cons */
struct cons {
	uint64_t header;
	value car, cdr;
};

static inline bool is_nil(value v) { return v == NIL; }
static inline bool is_cons(value v) { return (v & 7) == 4; }
static inline struct cons *as_cons(value v) { return (struct cons *)(v - 4); }
static inline bool is_symbol(value v) { return (v & 7) == 6 || v == NIL || v == T; }
bool is_keyword(value v);
bool is_integer(value v);
bool is_float(value v);
bool is_string(value v);
/* nil of nil; nil of what is no cons */
static inline value car(value v) { return is_cons(v) ? as_cons(v)->car : NIL; }
static inline value cdr(value v) { return is_cons(v) ? as_cons(v)->cdr : NIL; }
value cons(struct lisp *l, value a, value d);
value cons_at(struct lisp *l, value a, value d, span at);	/* at: a reader's pair */
span form_span(value v);		/* of the whole list form; 0 for atoms */
span car_span(value v);			/* of the element in v's car; form_span of a list
					 * element wins when it has one */
struct symbol *as_symbol(value v);	/* v must be a symbol; nil's and t's are read-only */
value symbol_value(struct symbol *s);	/* back again */
str as_string(value v);			/* v must be a string; not null-terminated */
bool as_int128(value v, __int128 *out);	/* false when v is no integer */
double as_float(value v);		/* v must be a float */
value make_int128(struct lisp *l, __int128 n);	/* -2^127 .. 2^127-1 */
value make_int(struct lisp *l, int64_t n);
value make_float(struct lisp *l, double d);
value make_string(struct lisp *l, str s);
value make_symbol(struct lisp *l, str name);	/* interned, folded */
value make_keyword(struct lisp *l, str name);
value make_vector(struct lisp *l, const value *at, uint32_t n);	/* at null: all nil */
bool is_vector(value v);		/* of values; strings are not */
value *vector_at(value v, uint32_t *n);	/* v must be a vector */
/* Structures: instances of a type, which is a symbol. `names` lists the slots, for printing. */
void lisp_define_record(struct lisp *l, value type, value names);
value lisp_record(struct lisp *l, value type, const value *slots, uint32_t n); /* n too large: nil */
/* The slots of an instance of just that type, else null; `n` may be null. */
value *lisp_record_slots(value v, value type, uint32_t *n);
value gensym(struct lisp *l, const char *prefix);
/* Length of a proper list; -1 when v is dotted, circular or no list. */
int list_length(value v);

/* ---- life, reading, evaluating ------------------------------------------------------ */

struct lisp_limits {
	uint64_t fuel;		/* VM steps per macro expansion; 0 default */
	size_t heap;		/* bytes; 0 default */
	bool gc_stress;		/* collect at the safe point after every allocation, to find rooting
				 * bugs; so does VEERY_GC_STRESS in the environment */
};

struct lisp *lisp_new(struct sources *sources, const struct lisp_limits *limits);
void lisp_free(struct lisp *l);

enum read_status { READ_FORM, READ_END, READ_INCOMPLETE, READ_ERROR };
struct reader {
	uint32_t file;		/* index in sources */
	uint32_t pos;		/* next byte to read; moved past each form */
	bool interactive;	/* an open form at the end is READ_INCOMPLETE, not an error */
};
/* Next form of the file. After READ_ERROR pos stands where reading can go on. */
enum read_status lisp_read(struct lisp *l, struct reader *r, value *out, struct diags *ds);

/* Evaluate one top-level form; false when a diag was added. */
bool lisp_eval(struct lisp *l, value form, value *out, struct diags *ds);
/* The same on behalf of the compiler or reader: what is outside cannot be touched. */
bool lisp_eval_sealed(struct lisp *l, value form, value *out, struct diags *ds);
bool lisp_call(struct lisp *l, value function, const value *args, uint32_t n, value *out,
	       struct diags *ds);

/* One step of macro expansion of `form` when its head is a macro (global, or in the
 * macrolet environment `env`, NIL for none). Fresh conses get spans whose parent is the
 * call. *expanded tells whether anything happened; false is returned on a located error. */
bool lisp_expand1(struct lisp *l, value form, value env, value *out, bool *expanded,
		  struct diags *ds);

/* What a program said about setting a place, by defsetf or define-setf-expander: the five values
 * of its expansion, (variables values (new) store-form read-form); nil when it said nothing. */
bool lisp_setf_expansion(struct lisp *l, value place, value env, value *out, struct diags *ds);
/* The symbol that names the setter of a function: (setf NAME). */
value lisp_setf_name(struct lisp *l, value name);

/* The expander of a macrolet definition (name lambda-list body...), for an environment:
 * env is a list of (name . expander); an expander of nil hides a macro. Environments and
 * fresh forms held by C are safe during expansion, which never collects garbage; beyond one
 * top-level form they must be rooted. */
bool lisp_macro_function(struct lisp *l, value definition, value *fn, struct diags *ds);

/* ---- what the host adds ------------------------------------------------------------- */

/* A builtin function: reads its arguments, returns true and *out, or false after adding a
 * diag with lisp_error. */
struct lisp_args { const value *at; uint32_t n; span call; };
typedef bool (*lisp_fn)(struct lisp *l, void *ud, struct lisp_args args, value *out);
void lisp_define(struct lisp *l, const char *name, int min, int max /* -1: any */, lisp_fn fn,
		 void *ud, const char *doc);
/* A form that receives itself unevaluated (defmap, defprog, time ...). */
typedef bool (*lisp_form_fn)(struct lisp *l, void *ud, value form, value *out);
void lisp_define_form(struct lisp *l, const char *name, lisp_form_fn fn, void *ud,
		      const char *doc);
/* From inside a builtin: raise an error located at the call. Always returns false. */
bool lisp_error(struct lisp *l, span at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The diags of the evaluation under way. */
struct diags *lisp_diags(struct lisp *l);
struct sources *lisp_sources(struct lisp *l);

/* A program to run, and what came of it. */
struct lisp_process {
	const char **argv;		/* null-terminated; the first is looked for along PATH */
	str input;			/* what it reads */
	bool show_output, show_errors;	/* as they come, to the host's output */
	const char *directory;		/* to run in; null: here */
	struct buf output, errors;	/* what was written and not shown */
	int status;			/* 128 + N when signal N ended it */
};

/* What the host lets Lisp code do outside; all null at first: no ambient authority. Never
 * usable while a macro is being expanded, or code read or compiled. */
struct lisp_powers {
	void *ud;
	/* Whole contents of a file into the arena; false with *why set when not granted. */
	bool (*read_file)(void *ud, str path, struct arena *a, str *out, const char **why);
	/* Whether a file exists; what is not granted does not. */
	bool (*file_exists)(void *ud, str path);
	/* Replace or extend a file; false with *why set, in `a` or static. */
	bool (*write_file)(void *ud, str path, str text, bool append, struct arena *a,
			   const char **why);
	/* False with *why set when it could not be started or waited for, null: interrupted. */
	bool (*run)(void *ud, struct lisp_process *p, const char **why);
	/* Called while sleeping and waiting, so that the host's events go on; may be null.
	 * Returns false after lisp_interrupted or adding a diag. */
	bool (*sleep)(void *ud, double seconds);
};
void lisp_grant(struct lisp *l, const struct lisp_powers *powers);
/* Why a builtin must not touch anything outside now; null when it may. */
const char *lisp_sealed(const struct lisp *l);

/* From inside a builtin: return n values, `*out = lisp_values(l, vals, n)`; the first is
 * given back, the others are there for multiple-value-bind and the prompt. */
value lisp_values(struct lisp *l, const value *at, uint32_t n);
/* How a function, macro or special form of the Lisp side is called, and what it does as far as
 * its author said; empty when there is none of that name. */
str lisp_doc(struct lisp *l, struct arena *a, str name);

/* Rooting: `mark = lisp_root(l, v)` keeps v alive until lisp_unroot(l, mark). */
uint32_t lisp_root(struct lisp *l, value v);
void lisp_unroot(struct lisp *l, uint32_t mark);
/* Keep v alive as long as the machine lives. */
void lisp_keep(struct lisp *l, value v);
/* Nothing is collected between these: forms that only C holds stay. They nest; the heap's limit
 * holds all the same. */
void lisp_hold(struct lisp *l);
void lisp_release(struct lisp *l);
/* Abandon any evaluation that still runs after `ns` more of work, with an error no handler
 * catches; 0: no bound. */
void lisp_give_up_after(struct lisp *l, uint64_t ns);
uint64_t lisp_work_left(const struct lisp *l);	/* ns; 0: no bound */
/* What this thread has worked, ns: bounds on code must not depend on what else the machine does. */
uint64_t lisp_cpu_clock(void);
/* Has that happened since? */
bool lisp_gave_up(const struct lisp *l);
/* Ask a running evaluation to stop at the next safe point; callable from a signal handler. */
void lisp_interrupt(struct lisp *l);
/* From inside a builtin: end as interrupted; always false. Or go on as if it had not been. */
bool lisp_interrupted(struct lisp *l);
void lisp_forget_interrupt(struct lisp *l);

/* Text of a value as the printer writes it (readably when `escape`). */
str lisp_print(struct lisp *l, struct arena *a, value v, bool escape);
/* Where `format t` and `print` go: the host's writer. */
void lisp_set_output(struct lisp *l, void (*write)(void *ud, str text), void *ud);
/* Is it a constant that the program itself defined? */
bool lisp_user_constant(const struct symbol *s);
/* Constants of the host, asked for when a variable has no value. */
void lisp_set_constants(struct lisp *l, bool (*find)(void *ud, const struct symbol *s, value *out),
			void *ud);
/* "did you mean" and completion: every interned symbol, in order of id. */
struct symbol *lisp_symbol_at(struct lisp *l, uint32_t id);	/* null past the end */
/* Does the symbol name a macro, the user's or one the prelude would load? */
bool lisp_has_macro(const struct lisp *l, const struct symbol *s);
/* Or one of those that are known in C, as `do` is. */
bool lisp_is_macro(const struct lisp *l, const struct symbol *s);
/* The same of functions of the user side. */
bool lisp_has_function(const struct lisp *l, const struct symbol *s);

#endif

/* SPDX-License-Identifier: MIT */
/* machine.h: the Lisp machine from inside: objects, heap, stacks. Private to core/lang.
 *
 * Garbage is collected only at safe points of the interpreter (calls and backward jumps),
 * never inside an allocation, and not at all while a form is being expanded or compiled.
 * So C code may hold values in locals freely as long as it does not run Lisp code; when it
 * does (calling a function it was given), what it holds beside its arguments must be rooted.
 *
 * A stack slot never holds a dangling value: the collector marks all slots below the top and
 * clears those above, so whatever an unused register still contains is either live or was
 * allocated since the last collection. */
#ifndef VEERY_LANG_MACHINE_H
#define VEERY_LANG_MACHINE_H

#include "base/buf.h"
#include "lang/lisp.h"

/* ---- objects ------------------------------------------------------------------------ */

enum object_type {
	OBJ_FREE,		/* a cell of a free list */
	OBJ_CONS, OBJ_SYMBOL, OBJ_INT128, OBJ_FLOAT, OBJ_STRING, OBJ_VECTOR, OBJ_TABLE,
	OBJ_CLOSURE, OBJ_BUILTIN, OBJ_CODE, OBJ_BOX, OBJ_RECORD, OBJ_STREAM, OBJ_ARRAY,
	OBJ_COUNT
};

enum {
	FLAG_COLOUR = 3 << 8,	/* 1 or 2: equal to heap.live when reached */
	FLAG_FRESH = 1 << 10,	/* cons: made by an expansion under way */
	FLAG_QUOTED = 1 << 11,	/* cons: part of a constant of compiled code */
	FLAG_PLAIN = 1 << 12,	/* cons: its span has no second span for the car */
	FLAG_COPY = 1 << 13,	/* cons: copied by ,@ in an expansion under way */
	FLAG_WIDE = 1 << 10,	/* string: holds non-ASCII characters */
	FLAG_BOUND = 1 << 10,	/* symbol: special (defvar) */
	FLAG_CONST = 1 << 11,	/* symbol: defconstant */
	FLAG_OURS = 1 << 14,	/* symbol: a constant the program defined */
	FLAG_MACRO = 1 << 13,	/* symbol: stands for a form (its %symbol-macro property) */
	FLAG_INDEXED = 1 << 12,	/* symbol: the prelude knows it (see prelude.c) */
};

struct object {
	uint64_t header;
};

struct int128_obj {
	uint64_t header;
	uint64_t lo, hi;
};

struct float_obj {
	uint64_t header;
	double d;
};

/* Text is UTF-8. `p` is malloc'ed, or points to the `inline_` bytes of the object. */
struct string_obj {
	uint64_t header;
	char *p;
	uint32_t n, cap;
	char inline_[];
};

struct vector_obj {
	uint64_t header;
	value *at;		/* malloc'ed or inline_ */
	uint32_t n, cap;
	bool fill;		/* has a fill pointer: vector-push works */
	value inline_[];
};

/* Of other than one dimension: the elements, row by row, and the dimensions. */
struct array_obj {
	uint64_t header;
	value data;		/* a vector */
	uint32_t rank, dims[];
};

/* Insertion-ordered: entries in a dense array, found through an open-addressed index. */
struct table_entry {
	value key, val;		/* key UNBOUND: removed */
};

enum table_test { TABLE_EQL, TABLE_EQUAL, TABLE_EQUALP };

struct table_obj {
	uint64_t header;
	struct table_entry *at;
	uint32_t *index;	/* entry number + 1; 0 free */
	uint32_t n, used, cap;	/* live entries, slots in use in `at`, room in `at` */
	uint32_t mask;		/* size of index - 1 */
	uint32_t hit;		/* entry found or made last: what is read is often written */
	enum table_test test;
};

struct code;

struct closure {
	uint64_t header;
	struct code *code;
	uint32_t ncaps;
	value caps[];
};

struct builtin {
	uint64_t header;
	const char *name;
	lisp_fn fn;
	lisp_form_fn form;	/* when it takes its form unevaluated; fn is then null */
	void *ud;
	int min, max;
	const char *doc;
};

struct box {
	uint64_t header;
	value v;
};

/* Instances of defstruct and conditions. */
struct record {
	uint64_t header;
	value type;		/* symbol */
	span at;		/* conditions: where it was raised */
	uint32_t n;
	value slots[];
};

struct stream {
	uint64_t header;
	value text;		/* string: what was written, or what is to be read */
	uint32_t pos;		/* of reading */
	uint32_t column;	/* of writing */
	value path;		/* file that what was written goes to; nil: none */
	bool input, closed;
};

#define OBJ(T, v) ((struct T *)(uintptr_t)(v))

static inline bool
is_object(value v, enum object_type type)
{
	return (v & 7) == 0 && (OBJ(object, v)->header & 0xff) == (uint64_t)type;
}

static inline bool is_fixnum(value v) { return v & 1; }
static inline int64_t fixnum(value v) { return (int64_t)v >> 1; }
static inline value make_fixnum(int64_t n) { return ((uint64_t)n << 1) | 1; }
static inline bool fits_fixnum(int64_t n) { return n >= -(1LL << 62) && n < 1LL << 62; }
static inline bool is_char(value v) { return (v & 0xff) == 0x1a; }
static inline value make_char(uint32_t cp) { return ((value)cp << 8) | 0x1a; }
static inline uint32_t char_code(value v) { return (uint32_t)(v >> 8); }
static inline value make_bool(bool b) { return b ? T : NIL; }

/* ---- heap --------------------------------------------------------------------------- */

/* Cells of 16, 24, 32, 40, 48, 64, 96, 128, 192, 256, 384, 512 bytes. Up to HEAP_SLACK is made
 * before the first collection; more of it would be memory that is touched for the first time, which
 * costs more than collecting. */
enum { HEAP_CLASSES = 12, HEAP_CELL_MAX = 512, HEAP_BLOCK = 64 << 10, HEAP_SLACK = 2 << 20 };

struct free_cell {
	uint64_t header;
	struct free_cell *next;
};

struct heap_block {
	struct heap_block *next;	/* of its class */
	uint32_t size, count;		/* of cells: bytes, and how many were handed out */
	_Alignas(16) char cells[];
};

struct heap {
	struct free_cell *free[HEAP_CLASSES];
	struct free_cell *settled[HEAP_CLASSES];	/* free as heap_settle left it */
	struct heap_block *blocks[HEAP_CLASSES];
	struct heap_block *unswept[HEAP_CLASSES];
	uint64_t live;			/* colour of reached objects, in place (1<<8, 2<<8) */
	size_t bytes;			/* blocks and payloads */
	size_t since;			/* handed out since the last collection */
	size_t threshold;		/* collect when `since` passes it */
	size_t limit;
	size_t marked;			/* bytes reached by the last collection, about */
	uint64_t collections;
	value *marks;			/* mark stack */
	uint32_t nmarks, marks_cap;
};

extern const uint16_t heap_sizes[HEAP_CLASSES];
void *heap_slow(struct lisp *l, unsigned cls);
unsigned heap_class(size_t size);
/* A payload of an object, counted; null when the limit does not allow it. */
void *heap_payload(struct lisp *l, void *old, size_t had, size_t want);
void heap_release(struct lisp *l, void *p, size_t n);
void heap_collect(struct lisp *l);
size_t heap_live(struct lisp *l);	/* bytes in use just after a collection */
/* Of a machine under stress: sweep all and take note; was anything allocated since? */
void heap_settle(struct lisp *l);
bool heap_touched(const struct lisp *l);
void heap_free(struct lisp *l);
/* For walkers of the roots (vm.c, gc of the machine): */
void heap_mark(struct lisp *l, value v);
void heap_mark_object(struct lisp *l, struct object *o);
void lisp_mark_roots(struct lisp *l);

/* ---- code and the interpreter ------------------------------------------------------- */

struct insn {
	uint16_t op, a;
	union {
		struct { uint16_t b, c; };
		int32_t d;
	};
};

struct key_arg {
	value name;		/* keyword */
	uint16_t reg;
};

/* A compiled function. Its arrays are one malloc'ed block (`mem`). */
struct code {
	uint64_t header;
	struct insn *insns;
	value *consts;
	span *spans;		/* one per instruction */
	struct key_arg *keys;
	value name;		/* symbol or nil */
	span at;
	uint32_t ninsns, nconsts;
	uint32_t exact;		/* number of arguments when fixed, else ~0 */
	uint16_t nregs, nreq, nopt, nkeys;
	int16_t rest;		/* register of &rest, or -1 */
	bool has_keys, allow_other;
	void *mem;
	size_t mem_size;
};

struct frame {
	const struct insn *pc;	/* null: the bottom of an interpreter invocation */
	value *base;
	struct closure *fn;
};

enum handler_kind { HANDLE_EXIT, HANDLE_CATCH, HANDLE_UNWIND, HANDLE_CASE, HANDLE_BIND };

struct handler {
	enum handler_kind kind;
	uint16_t reg;		/* where the value goes on landing */
	uint32_t frame;		/* index of the frame to return to */
	uint32_t level;		/* interpreter invocation */
	uint32_t bindings;	/* depth of the binding stack */
	value tag;		/* EXIT: unique number; CATCH: tag; CASE, BIND: type list */
	value *base;
	struct closure *fn;
	const struct insn *pc;
};

struct binding {
	struct symbol *sym;
	value old;
};

/* A non-local exit on its way. */
enum pending_kind { PENDING_NONE, PENDING_RAISE, PENDING_EXIT, PENDING_TOP, PENDING_ABORT };

enum { MAX_VALUES = 64, MAX_RUN_LEVEL = 400, STACK_SLOTS = 1 << 20, MAX_FRAMES = 150000,
       SLICE = 4096,
       STACK_RESERVE = 4096 };

struct lisp {
	/* What the interpreter touches most comes first. */
	int64_t steps;			/* to the next safe point */
	value *stack, *stack_soft, *stack_end;
	struct frame *fp, *frames, *frames_end;
	value *base;			/* of the running frame, when saved */
	value *top;			/* end of the slots in use, when saved */
	const struct insn *pc;
	struct closure *fn;
	uint32_t nvalues;
	value values[MAX_VALUES];	/* [0] is not kept up to date */
	struct heap heap;

	struct sources *sources;
	struct diags *diags;
	VEC(struct handler) handlers;
	VEC(struct binding) bindings;
	VEC(value) roots;
	VEC(value) kept;
	struct arena arena;		/* vectors above, symbol names: as long as the machine */
	uint32_t level;			/* nested interpreter invocations */
	uint64_t exit_serial;

	enum pending_kind pending;
	uint32_t pending_handler;	/* EXIT: index of the handler to land on */
	value pending_value;		/* condition, or value carried */
	value pending_values;		/* further values, as a list */

	struct diag *host_diag;		/* of the host's builtin that failed last, and */
	value host_condition;		/* what the program saw of it */

	volatile int interrupted;
	int gc_off;			/* > 0: expanding or compiling */
	bool gc_stress;
	bool gc_wanted;
	uint64_t fuel, fuel_limit;	/* slices; 0 none */
	uint64_t give_up;	/* lisp_cpu_clock() at which evaluation ends; 0 never */
	bool gave_up;
	uint64_t deadline;		/* ns; 0 none */
	int bounded;			/* expansions under way */
	int sealed;			/* evaluations on behalf of reader or compiler */
	size_t bound_heap;		/* heap bytes an expansion may reach */
	span bound_span;		/* the call being expanded */
	span form_span;			/* the user's top-level form under evaluation */
	bool interpreting_prelude;

	struct symbol **symbols;	/* by id */
	uint32_t nsymbols, symbols_cap;
	uint32_t *symbol_index;		/* open addressing by hash of name */
	uint32_t symbol_mask, ninterned;
	uint32_t free_ids;		/* head of the list of freed gensym ids, or 0 */
	uint64_t gensym_serial;

	struct compiler *compiling;	/* innermost function compiler (compile.c) */
	struct prelude *prelude;
	value macro_env;		/* macrolet environment of the expansion under way */

	void (*write)(void *ud, str text);
	void *write_ud;
	bool (*find_constant)(void *ud, const struct symbol *s, value *out);
	void *constants_ud;
	uint32_t column;		/* of the host's output */
	struct lisp_powers powers;
	uint64_t random;
	uint64_t started;		/* ns */

	/* symbols C code needs by value */
#define X(id, name) value s_##id;
#include "lang/symbols.def"
};

static inline void *
heap_cell(struct lisp *l, unsigned cls)
{
	struct free_cell *c = l->heap.free[cls];

	if (!c)
		return heap_slow(l, cls);
	l->heap.free[cls] = c->next;
	return c;
}

enum { CLASS_16, CLASS_24, CLASS_32, CLASS_40, CLASS_48, CLASS_64, CLASS_96, CLASS_128 };

static inline value
fast_cons(struct lisp *l, value a, value d)
{
	struct cons *c = heap_cell(l, CLASS_24);

	c->header = OBJ_CONS | l->heap.live;
	c->car = a;
	c->cdr = d;
	return (value)(uintptr_t)c + 4;
}

uint64_t lisp_clock(void);		/* monotonic, ns */
void builtins_init(struct lisp *l);	/* builtins.c: every family */
void prelude_init(struct lisp *l);

/* ---- symbols, readers, printers ----------------------------------------------------- */

void symbols_init(struct lisp *l);
value symbol_intern(struct lisp *l, str folded, bool keyword);
void symbol_release(struct lisp *l, struct symbol *s);	/* the collector's */
value make_uninterned(struct lisp *l, str name);

value string_new(struct lisp *l, str s, uint32_t cap);
bool string_append(struct lisp *l, value v, str s);
void string_clear(value v);
void string_check_wide(struct string_obj *s);
value vector_new(struct lisp *l, uint32_t n, uint32_t cap, bool fill);
bool vector_push(struct lisp *l, value v, value x);
value record_new(struct lisp *l, value type, uint32_t n);
span lisp_users_place(struct lisp *l, span at);
void lisp_raise_host(struct lisp *l, const struct diag *d);
value box_new(struct lisp *l, value v);

static inline struct string_obj *as_str_obj(value v) { return OBJ(string_obj, v); }
static inline struct vector_obj *as_vec(value v) { return OBJ(vector_obj, v); }

/* Appends the text of v. */
void print_exponent(struct buf *b, double d, int places, bool plus);
void print_value(struct lisp *l, struct buf *b, value v, bool escape);
const char *lisp_char_name(uint32_t cp);	/* null: none */
value lisp_get_property(struct lisp *l, value symbol, value name);
void lisp_set_property(struct lisp *l, value symbol, value name, value v);
/* Load what the prelude defines under a name: unless it is only functions; anything. */
void prelude_require(struct lisp *l, struct symbol *s);
/* How a function or macro of the prelude is called, and the comment above it. */
void prelude_doc(struct lisp *l, const struct symbol *s, struct buf *out);
void prelude_demand(struct lisp *l, struct symbol *s);
bool prelude_load(struct lisp *l, struct symbol *s);	/* the same, at run time */
/* Write text where `format t` goes now. */
bool lisp_output(struct lisp *l, str text);

/* Call a function; false when something is pending. Arguments are rooted by the call. */
bool lisp_apply(struct lisp *l, value f, const value *args, uint32_t n, value *out);
bool lisp_eval_form(struct lisp *l, value form, span at, value *out);
value lisp_string_output(struct lisp *l);	/* a stream that collects text */
value lisp_string_input(struct lisp *l, value text);	/* one that gives it out */
/* To its file what a stream collected. */
bool lisp_file_flush(struct lisp *l, struct stream *s, span at);
enum { FILE_BUFFER = 65536 };
bool lisp_in_prelude(const struct lisp *l, span at);

/* Conditions (condition.c). Raising makes one pending; these return false. */
bool lisp_raise(struct lisp *l, value type, span at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* "VALUE text" */
bool lisp_raise_value(struct lisp *l, value type, span at, value v, const char *text);
bool lisp_raise_object(struct lisp *l, value condition, span at);
bool lisp_type_matches(struct lisp *l, value condition, value type);
/* Before unwinding: who handles the pending condition? Runs handler-bind functions. */
void lisp_find_handler(struct lisp *l);
void conditions_init(struct lisp *l);
bool lisp_is_condition(struct lisp *l, value type);
void lisp_condition_text(struct lisp *l, struct buf *b, value condition);
double lisp_strtod(str s, bool *ok);

#endif

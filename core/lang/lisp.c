/* SPDX-License-Identifier: MIT */
/* lisp.c: a machine's life, its roots, and the small entry points of lisp.h. */
#include "lang/vm.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum { DEFAULT_FUEL = 20000 /* slices */, DEFAULT_HEAP = 512 << 20 };

uint64_t
lisp_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t
lisp_cpu_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Address space only: pages appear when they are used. */
static void *
reserve(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

static void
stacks_init(struct lisp *l)
{
	l->stack = reserve(STACK_SLOTS * sizeof *l->stack);
	l->stack_soft = l->stack;
	l->stack_end = l->stack + STACK_SLOTS - STACK_RESERVE;
	l->frames = reserve(MAX_FRAMES * sizeof *l->frames);
	l->frames_end = l->frames + MAX_FRAMES - 8;
	l->fp = l->frames;
	l->base = l->stack;
	l->top = l->stack;
	l->pending_value = l->pending_values = l->host_condition = NIL;
	l->macro_env = NIL;
}

struct lisp *
lisp_new(struct sources *sources, const struct lisp_limits *limits)
{
	struct lisp *l = calloc(1, sizeof *l);

	if (!l)
		abort();
	l->sources = sources;
	arena_init(&l->arena);
	l->heap.live = 1 << 8;
	l->heap.threshold = HEAP_SLACK;
	l->heap.limit = limits && limits->heap ? limits->heap : DEFAULT_HEAP;
	l->fuel_limit = limits && limits->fuel ? limits->fuel / SLICE + 1 : DEFAULT_FUEL;
	l->gc_stress = (limits && limits->gc_stress) || getenv("VEERY_GC_STRESS");
	l->started = lisp_clock();
	l->random = 0x853c49e6748fea9bu;
	l->steps = SLICE;
	stacks_init(l);
	symbols_init(l);
	builtins_init(l);
	prelude_init(l);
	return l;
}

void
lisp_free(struct lisp *l)
{
	if (!l)
		return;
	heap_free(l);
	munmap(l->stack, STACK_SLOTS * sizeof *l->stack);
	munmap(l->frames, MAX_FRAMES * sizeof *l->frames);
	free(l->symbols);
	free(l->symbol_index);
	arena_free(&l->arena);
	free(l);
}

/* ---- roots -------------------------------------------------------------------------- */

uint32_t
lisp_root(struct lisp *l, value v)
{
	vec_push(&l->arena, &l->roots, v);
	return l->roots.n - 1;
}

void
lisp_unroot(struct lisp *l, uint32_t mark)
{
	if (mark < l->roots.n)
		l->roots.n = mark;
}

void
lisp_hold(struct lisp *l)
{
	l->gc_off++;
}

void
lisp_release(struct lisp *l)
{
	l->gc_off--;
}

void
lisp_keep(struct lisp *l, value v)
{
	vec_push(&l->arena, &l->kept, v);
}

void
lisp_mark_roots(struct lisp *l)
{
	/* The top of the stack: the running frame's registers and what a call may be using
	 * beyond them. Everything above is cleared, see machine.h. */
	value *top = l->top;

	for (uint32_t i = 3; i < l->nsymbols; i++) {
		struct symbol *s = lisp_symbol_at(l, i);

		if (s->id == i && s->interned)
			heap_mark(l, (value)(uintptr_t)s + 6);
	}
	for (value *v = l->stack; v < top; v++)
		heap_mark(l, *v);
	for (value *v = top; v < l->stack_soft; v++)
		*v = NIL;
	for (struct frame *f = l->frames; f < l->fp; f++)
		heap_mark(l, (value)(uintptr_t)f->fn);
	heap_mark(l, (value)(uintptr_t)l->fn);
	for (uint32_t i = 0; i < l->handlers.n; i++) {
		heap_mark(l, l->handlers.at[i].tag);
		heap_mark(l, (value)(uintptr_t)l->handlers.at[i].fn);
	}
	for (uint32_t i = 0; i < l->bindings.n; i++) {
		heap_mark(l, symbol_value(l->bindings.at[i].sym));
		heap_mark(l, l->bindings.at[i].old);
	}
	for (uint32_t i = 0; i < l->roots.n; i++)
		heap_mark(l, l->roots.at[i]);
	for (uint32_t i = 0; i < l->kept.n; i++)
		heap_mark(l, l->kept.at[i]);
	for (uint32_t i = 0; i < l->nvalues && i < MAX_VALUES; i++)
		heap_mark(l, l->values[i]);
	heap_mark(l, l->pending_value);
	heap_mark(l, l->pending_values);
	heap_mark(l, l->host_condition);
	heap_mark(l, l->macro_env);
}

/* ---- small entry points ------------------------------------------------------------- */

struct diags *
lisp_diags(struct lisp *l)
{
	return l->diags;
}

struct sources *
lisp_sources(struct lisp *l)
{
	return l->sources;
}

void
lisp_give_up_after(struct lisp *l, uint64_t ns)
{
	l->gave_up = false;
	l->give_up = ns ? lisp_cpu_clock() + ns : 0;
}

uint64_t
lisp_work_left(const struct lisp *l)
{
	uint64_t now = lisp_cpu_clock();

	return l->give_up > now ? l->give_up - now : l->give_up ? 1 : 0;
}

bool
lisp_gave_up(const struct lisp *l)
{
	return l->gave_up;
}

void
lisp_interrupt(struct lisp *l)
{
	l->interrupted = 1;
}

bool
lisp_interrupted(struct lisp *l)
{
	l->interrupted = 0;
	return lisp_raise(l, l->s_interactive_interrupt, vm_span(l), "interrupted");
}

void
lisp_forget_interrupt(struct lisp *l)
{
	l->interrupted = 0;
}

void
lisp_grant(struct lisp *l, const struct lisp_powers *powers)
{
	l->powers = *powers;
}

void
lisp_set_constants(struct lisp *l, bool (*find)(void *ud, const struct symbol *s, value *out),
		   void *ud)
{
	l->find_constant = find;
	l->constants_ud = ud;
}

void
lisp_set_output(struct lisp *l, void (*write)(void *ud, str text), void *ud)
{
	l->write = write;
	l->write_ud = ud;
}

value
lisp_get_property(struct lisp *l, value symbol, value name)
{
	(void)l;
	for (value p = as_symbol(symbol)->plist; is_cons(p); p = cdr(cdr(p)))
		if (car(p) == name)
			return car(cdr(p));
	return NIL;
}

void
lisp_set_property(struct lisp *l, value symbol, value name, value v)
{
	struct symbol *s = as_symbol(symbol);

	if (symbol == NIL || symbol == T)
		return;
	for (value p = s->plist; is_cons(p); p = cdr(cdr(p)))
		if (car(p) == name) {
			as_cons(cdr(p))->car = v;
			return;
		}
	s->plist = cons(l, name, cons(l, v, s->plist));
}

static void
define(struct lisp *l, const char *name, struct builtin b)
{
	struct builtin *o = heap_cell(l, heap_class(sizeof *o));
	value sym = symbol_intern(l, str_of(name), false);

	*o = b;
	o->header = OBJ_BUILTIN | l->heap.live;
	if (b.form)
		as_symbol(sym)->macro = (value)(uintptr_t)o;
	else
		as_symbol(sym)->function = (value)(uintptr_t)o;
}

void
lisp_define(struct lisp *l, const char *name, int min, int max, lisp_fn fn, void *ud,
	    const char *doc)
{
	define(l, name, (struct builtin){.name = name, .fn = fn, .ud = ud, .min = min,
					 .max = max, .doc = doc});
}

void
lisp_define_form(struct lisp *l, const char *name, lisp_form_fn fn, void *ud, const char *doc)
{
	define(l, name, (struct builtin){.name = name, .form = fn, .ud = ud, .doc = doc});
}

value
lisp_values(struct lisp *l, const value *at, uint32_t n)
{
	for (uint32_t i = 0; i < n && i < MAX_VALUES; i++)
		l->values[i] = at[i];
	l->nvalues = n < MAX_VALUES ? n : MAX_VALUES;
	return n ? at[0] : NIL;
}

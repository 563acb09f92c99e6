/* SPDX-License-Identifier: MIT */
/* vm.c: the interpreter.
 *
 * Registers of all frames lie on one stack. A call's window is [a]: function and later the
 * result, [a+1]...: arguments, which become the first registers of the callee: no copying.
 * Lisp functions calling each other do not use the C stack; a builtin that calls back (sort,
 * mapcar) starts another invocation of `run` on the same stacks, to a bounded depth.
 *
 * Safe points are backward jumps and calls: there the step counter runs out now and then and
 * the machine looks for interrupts, spent fuel and garbage. */
#include "lang/fn.h"

#include <stdio.h>

/* Each instruction ends in a jump of its own, which branch predictors need; gcc would
 * merge them all into one. */
#ifndef __clang__
#pragma GCC optimize("no-gcse", "no-crossjumping")
#endif

/* ---- safe points -------------------------------------------------------------------- */

bool
vm_safepoint(struct lisp *l)
{
	l->steps = l->gc_stress ? 0 : SLICE;
	if (l->interrupted)
		return lisp_interrupted(l);
	if (l->bounded) {
		if (l->heap.bytes > l->bound_heap)
			return vm_abort(l, "the expansion of this macro needs too much memory");
		if (l->fuel_limit && ++l->fuel > l->fuel_limit)
			return vm_abort(l, "the expansion of this macro does not end");
		if (lisp_cpu_clock() > l->deadline)
			return vm_abort(l, "the expansion of this macro takes too long");
	} else if (l->give_up && lisp_cpu_clock() > l->give_up) {
		l->gave_up = true;
		return vm_abort(l, "this takes too long");
	}
	if (l->gc_off ? l->heap.bytes <= l->heap.limit * 2 :
	    !l->gc_wanted && !(l->gc_stress && heap_touched(l)))
		return true;
	if (!l->gc_off) {
		heap_collect(l);
		if (l->gc_stress)
			heap_settle(l);
	}
	if (l->gc_off || (l->heap.bytes > l->heap.limit && heap_live(l) > l->heap.limit))
		return lisp_raise(l, l->s_storage_condition, vm_span(l),
				  "the heap is full (%zu MiB)", l->heap.limit >> 20);
	return true;
}

/* Make sure that `top` is within the stack, clearing what becomes usable. */
bool
vm_grow(struct lisp *l, value *top)
{
	if (top >= l->stack_end)
		return false;
	l->stack_soft = top + 1024 < l->stack_end ? top + 1024 : l->stack_end;
	return true;
}

/* ---- calls -------------------------------------------------------------------------- */

static str
function_name(const struct code *c)
{
	return c->name == NIL ? STR("this function") : as_symbol(c->name)->name;
}

static bool
wrong_count(struct lisp *l, const struct code *c, uint32_t n)
{
	uint32_t max = c->nreq + c->nopt;
	str name = function_name(c);

	if (n < c->nreq)
		return lisp_raise(l, l->s_program_error, vm_span(l),
				  "%.*s needs %s%u argument%s, here %s %u", STR_ARG(name),
				  c->exact == UINT32_MAX ? "at least " : "", c->nreq,
				  c->nreq == 1 ? "" : "s", n == 1 ? "is" : "are", n);
	return lisp_raise(l, l->s_program_error, vm_span(l),
			  "%.*s takes %s%u argument%s, here %s %u", STR_ARG(name),
			  c->nopt ? "at most " : "", max, max == 1 ? "" : "s",
			  n == 1 ? "is" : "are", n);
}

static bool
bind_keys(struct lisp *l, const struct code *c, value *base, const value *keys, uint32_t n)
{
	bool allow = c->allow_other;
	str name = function_name(c);

	for (uint32_t i = 0; i < c->nkeys; i++)
		base[c->keys[i].reg] = UNBOUND;
	for (uint32_t i = 0; i + 1 < n && !allow; i += 2)
		if (is_keyword(keys[i]) &&
		    str_is(as_symbol(keys[i])->name, "allow-other-keys"))
			allow = keys[i + 1] != NIL;
	for (uint32_t i = n & ~1u; i >= 2; ) {
		uint32_t k = 0;

		i -= 2;
		while (k < c->nkeys && c->keys[k].name != keys[i])
			k++;
		if (k < c->nkeys)
			base[c->keys[k].reg] = keys[i + 1];
		else if (!allow)
			return lisp_raise(l, l->s_program_error, vm_span(l),
					  "%.*s has no keyword argument %s%.*s",
					  STR_ARG(name), is_keyword(keys[i]) ? ":" : "",
					  STR_ARG(is_symbol(keys[i]) ?
						  as_symbol(keys[i])->name : STR("(?)")));
	}
	if (n & 1)
		return lisp_raise(l, l->s_program_error, vm_span(l),
				  "a keyword argument without a value");
	return true;
}

/* The n arguments at `base` become parameters that are optional, rest or keywords. */
static bool
bind_arguments(struct lisp *l, const struct code *c, value *base, uint32_t n)
{
	uint32_t fixed = c->nreq + c->nopt;
	value copy[256], rest = NIL;
	uint32_t extra = n > fixed ? n - fixed : 0;

	if (n < c->nreq || (extra && c->rest < 0 && !c->has_keys))
		return wrong_count(l, c, n);
	for (uint32_t i = n; i < fixed; i++)
		base[i] = UNBOUND;
	if (c->rest >= 0)
		for (uint32_t i = n; i-- > fixed; )
			rest = fast_cons(l, base[i], rest);
	if (c->has_keys) {
		if (extra > 256)
			return lisp_raise(l, l->s_program_error, vm_span(l),
					  "too many keyword arguments");
		memcpy(copy, base + fixed, extra * sizeof *copy);
		if (!bind_keys(l, c, base, copy, extra))
			return false;
	}
	if (c->rest >= 0)
		base[c->rest] = rest;
	return true;
}

/* What a call of v really calls: symbols and setf names stand for their functions. */
static bool
callee(struct lisp *l, value *v)
{
	struct symbol *s;

	if ((*v & 7) == 0 && *v)
		return true;
	if (!is_symbol(*v) || *v == NIL)
		return lisp_raise_value(l, l->s_type_error, vm_span(l), *v,
					"is not a function");
	s = as_symbol(*v);
	if (s->function == UNBOUND && !prelude_load(l, s))
		return false;
	if (s->function == UNBOUND)
		return vm_undefined_function(l, s);
	*v = s->function;
	return true;
}

static bool
call_builtin(struct lisp *l, const struct builtin *b, value *window, uint32_t n)
{
	struct lisp_args args = {window + 1, n, vm_span(l)};

	if ((int)n < b->min || (b->max >= 0 && (int)n > b->max)) {
		bool few = (int)n < b->min;
		int want = few ? b->min : b->max;

		return lisp_raise(l, l->s_program_error, args.call,
				  "%s %s %s%d argument%s, here %s %u", b->name,
				  few ? "needs" : "takes",
				  b->min == b->max ? "" : few ? "at least " : "at most ", want,
				  want == 1 ? "" : "s", n == 1 ? "is" : "are", n);
	}
	l->nvalues = 1;
	return b->fn(l, b->ud, args, window);
}

/* Spread the list in the last of n arguments over the stack; the new count in *n. */
static bool
spread_list(struct lisp *l, value *window, uint32_t *n)
{
	value list = window[*n];
	uint32_t count = *n - 1;

	for (; is_cons(list); list = cdr(list)) {
		if (window + count + 64 >= l->stack_soft && !vm_grow(l, window + count + 64))
			return lisp_raise(l, l->s_stack_exhausted, vm_span(l),
					  "too many arguments");
		window[++count] = car(list);
	}
	if (list != NIL)
		return lisp_raise(l, l->s_type_error, vm_span(l),
				  "the last argument of apply must be a proper list");
	*n = count;
	if (l->top < window + count + 1)
		l->top = window + count + 1;
	return true;
}

/* ---- the loop ----------------------------------------------------------------------- */

#define SAVE() (l->pc = pc, l->base = base, l->fn = fn, l->fp = fp, \
		l->top = base + fn->code->nregs)
#define LOAD() (pc = l->pc, base = l->base, fn = l->fn, fp = l->fp, k = fn->code->consts)
#define A base[i.a]
#define B base[i.b]
#define C base[i.c]
#define FIXNUMS(x, y) ((x) & (y) & 1)

#define SAFEPOINT() do { \
		if (__builtin_expect(--l->steps < 0, 0)) { \
			SAVE(); \
			if (!vm_safepoint(l)) \
				goto failed; \
		} \
	} while (0)

/* Compare and jump: integers here, the rest out of line. */
#define COMPARE(op, x, y, name) do { \
		value x_ = (x), y_ = (y); \
		if (__builtin_expect(FIXNUMS(x_, y_), 1)) { \
			if ((int64_t)x_ op (int64_t)y_) \
				pc += (int16_t)i.c; \
		} else { \
			int r_; \
			SAVE(); \
			if (!num_compare(l, x_, y_, &r_)) \
				goto failed; \
			if (r_ != NUM_UNORDERED ? r_ op 0 : (name)) \
				pc += (int16_t)i.c; \
		} \
	} while (0)

#define ARITH(builtin, fallback, x, y, z) do { \
		__attribute__((unused)) int64_t r_; \
		value x_ = (x), y_ = (y); \
		if (__builtin_expect(FIXNUMS(x_, y_) && !builtin, 1)) { \
			A = (value)(z); \
		} else { \
			SAVE(); \
			if (!fallback(l, x_, y_, &A)) \
				goto failed; \
		} \
	} while (0)

#define IMM(x) make_fixnum((int16_t)(x))

bool
vm_run(struct lisp *l, value f, value *window, uint32_t nargs, value *out)
{
	static const void *const labels[] = {
#define X(name) &&op_##name,
#include "lang/ops.def"
	};
	const struct insn *pc = l->pc, *const saved_pc = l->pc;
	struct closure *fn = l->fn, *const saved_fn = l->fn;
	struct frame *fp = l->fp, *const saved_fp = l->fp;
	value *base = l->base, *const saved_base = l->base, *const saved_top = l->top;
	const value *k = NULL;
	const struct builtin *builtin;
	const uint32_t handlers = l->handlers.n, bindings = l->bindings.n;
	const struct code *code;
	struct insn i;
	uint32_t n;
	bool ok = true;

	if (l->level >= MAX_RUN_LEVEL || fp + 2 >= l->frames_end)
		return lisp_raise(l, l->s_stack_exhausted, vm_span(l),
				  "functions called from builtins nest too deeply");
	l->level++;
	l->fp = fp;
	window[0] = f;
	if (l->top < window + nargs + 1)
		l->top = window + nargs + 1;
	n = nargs;
	f = window[0];
	if (!callee(l, &f))
		goto entry_failed;
	if (is_object(f, OBJ_BUILTIN)) {
		ok = call_builtin(l, OBJ(builtin, f), window, n);
		goto entry_done;
	}
	if (!is_object(f, OBJ_CLOSURE)) {
		lisp_raise_value(l, l->s_type_error, vm_span(l), f, "is not a function");
		goto entry_failed;
	}
	/* The bottom frame of this invocation: returning to it ends the loop. */
	*fp++ = (struct frame){.pc = NULL, .base = base, .fn = fn};
	l->fp = fp;
	base = window + 1;
	fn = OBJ(closure, f);
	goto enter;

#define NEXT() do { i = *pc++; goto *labels[i.op]; } while (0)
	NEXT();

#include "lang/vm_ops.inc"

too_deep:
	SAVE();
stack_full:
	lisp_raise(l, l->s_stack_exhausted, vm_span(l), "recursion is too deep");
failed:
	/* The condition or exit is in l->pending. Somewhere here, or out. */
	if (vm_unwind(l, handlers)) {
		LOAD();
		NEXT();
	}
	ok = false;
	goto out_failed;

entry_failed:
	ok = false;
entry_done:
	if (!ok) {
out_failed:
		vm_unbind(l, bindings);
		l->handlers.n = handlers;
	} else {
		*out = window[0];
	}
	goto restore;
done:
	*out = base[-1];
restore:
	l->level--;
	l->pc = saved_pc;
	l->fn = saved_fn;
	l->fp = saved_fp;
	l->base = saved_base;
	l->top = saved_top;
	return ok;
}

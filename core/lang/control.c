/* SPDX-License-Identifier: MIT */
/* control.c: leaving: blocks, catch, unwind-protect and the way of a condition.
 *
 * One stack of handlers, shared by all invocations of the interpreter, tells who can take an
 * exit. What is on its way is described by l->pending:
 *   RAISE  a condition looks for its handler; nothing is unwound yet, so that handler-bind
 *          functions run where it happened. It becomes EXIT (to a handler-case) or TOP.
 *   EXIT   to the handler with a given index
 *   TOP    to whoever called the machine; cleanups run on the way
 *   ABORT  the same, but nothing of the program runs any more
 * An invocation that finds no handler of its own returns false to its C caller, which
 * passes that on to the invocation below, which goes on unwinding. */
#include "lang/vm.h"

#include <stdio.h>

span
vm_span(const struct lisp *l)
{
	const struct code *c;

	if (!l->fn || !l->pc || l->fn->header == 0)
		return l->bound_span;
	c = l->fn->code;
	if (l->pc <= c->insns || l->pc > c->insns + c->ninsns)
		return c->at;
	return c->spans[l->pc - c->insns - 1];
}

void
vm_push_handler(struct lisp *l, enum handler_kind kind, uint16_t reg, value tag,
		const struct insn *ext)
{
	struct handler *h = vec_add(&l->arena, &l->handlers);

	h->kind = kind;
	h->reg = reg;
	h->frame = (uint32_t)(l->fp - l->frames);
	h->level = l->level;
	h->bindings = l->bindings.n;
	h->tag = tag;
	h->base = l->base;
	h->fn = l->fn;
	h->pc = kind == HANDLE_BIND ? NULL : ext + ext->d + 1;
}

void
vm_unbind(struct lisp *l, uint32_t depth)
{
	while (l->bindings.n > depth) {
		struct binding *b = vec_last(&l->bindings);

		b->sym->global = b->old;
		l->bindings.n--;
	}
}

/* The values beyond the first, as a list. */
static value
further_values(struct lisp *l)
{
	value list = NIL;

	for (uint32_t i = l->nvalues < MAX_VALUES ? l->nvalues : MAX_VALUES; i-- > 1; )
		list = fast_cons(l, l->values[i], list);
	return list;
}

static void
set_exit(struct lisp *l, uint32_t handler, value v)
{
	l->pending = PENDING_EXIT;
	l->pending_handler = handler;
	l->pending_value = v;
	l->pending_values = further_values(l);
}

void
vm_exit(struct lisp *l, value number, value v)
{
	for (uint32_t i = l->handlers.n; i-- > 0; )
		if (l->handlers.at[i].kind == HANDLE_EXIT && l->handlers.at[i].tag == number) {
			set_exit(l, i, v);
			return;
		}
	lisp_raise(l, l->s_control_error, vm_span(l),
		   "the block or loop this leaves has already ended");
}

void
vm_throw(struct lisp *l, value tag, value v)
{
	for (uint32_t i = l->handlers.n; i-- > 0; )
		if (l->handlers.at[i].kind == HANDLE_CATCH &&
		    vm_eql(l->handlers.at[i].tag, tag)) {
			set_exit(l, i, v);
			return;
		}
	lisp_raise_value(l, l->s_control_error, vm_span(l), tag, "is caught by no catch");
}

/* After a cleanup: [0] holds kind and handler, [1] the value, [2] further values. */
void
vm_resume(struct lisp *l, const value *regs)
{
	int64_t n = fixnum(regs[0]);

	l->pending = (enum pending_kind)(n & 7);
	l->pending_handler = (uint32_t)(n >> 3);
	l->pending_value = regs[1];
	l->pending_values = regs[2];
}

bool
vm_abort(struct lisp *l, const char *message)
{
	if (l->diags) {
		struct diag *d = diag_error(l->diags, "L0010", l->bound_span ? l->bound_span :
					    vm_span(l), "%s", message);
		span at = vm_span(l);

		if (at && at != d->at)
			diag_label(l->diags, d, at, "it was here");
	}
	l->pending = PENDING_ABORT;
	l->pending_value = l->pending_values = NIL;
	return false;
}

static void
restore_values(struct lisp *l)
{
	uint32_t n = 1;

	for (value v = l->pending_values; is_cons(v) && n < MAX_VALUES; v = cdr(v))
		l->values[n++] = car(v);
	l->nvalues = n;
	l->pending_values = NIL;
}

static void
land(struct lisp *l, const struct handler *h)
{
	l->fp = l->frames + h->frame;
	l->base = h->base;
	l->fn = h->fn;
	l->pc = h->pc;
	l->top = h->base + h->fn->code->nregs;
}

/* A builtin of the host added a diagnostic by itself and returned false. When the program
 * may want to handle that, it becomes a condition with the same message; should nobody
 * take it, report() shows the diagnostic as it was. */
static void
host_failed(struct lisp *l)
{
	struct diag *d = l->diags && l->diags->all.n ? *vec_last(&l->diags->all) : NULL;
	bool handlers = false;

	for (uint32_t i = 0; i < l->handlers.n; i++)
		handlers |= l->handlers.at[i].kind == HANDLE_CASE ||
			    l->handlers.at[i].kind == HANDLE_BIND;
	l->pending = PENDING_TOP;
	if (d)
		d->at = lisp_users_place(l, d->at);
	if (!handlers || !d || d->severity != DIAG_ERROR)
		return;
	l->diags->all.n--;
	l->diags->errors--;
	lisp_raise_host(l, d);
	l->host_diag = d;
	l->host_condition = l->pending_value;
}

bool
vm_unwind(struct lisp *l, uint32_t floor)
{
	if (l->pending == PENDING_NONE)
		host_failed(l);
	if (l->pending == PENDING_RAISE)
		lisp_find_handler(l);
	while (l->handlers.n > floor) {
		struct handler h = l->handlers.at[--l->handlers.n];

		if (l->pending == PENDING_ABORT || h.kind == HANDLE_BIND)
			continue;
		if (h.kind == HANDLE_UNWIND) {
			vm_unbind(l, h.bindings);
			land(l, &h);
			h.base[h.reg] = make_fixnum((int64_t)l->pending_handler << 3 |
						    (int64_t)l->pending);
			h.base[h.reg + 1] = l->pending_value;
			h.base[h.reg + 2] = l->pending_values;
			l->pending = PENDING_NONE;
			return true;
		}
		if (l->pending == PENDING_EXIT && l->pending_handler == l->handlers.n) {
			vm_unbind(l, h.bindings);
			land(l, &h);
			h.base[h.reg] = l->pending_value;
			if (h.kind == HANDLE_CASE)
				h.base[h.reg + 1] = car(l->pending_values);
			else
				restore_values(l);
			l->pending = PENDING_NONE;
			l->pending_value = l->pending_values = NIL;
			return true;
		}
	}
	return false;
}

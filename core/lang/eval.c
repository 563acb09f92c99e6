/* SPDX-License-Identifier: MIT */
/* eval.c: the ways in: evaluate a form, call a function, expand a macro. */
#include "lang/vm.h"

enum { EXPANSION_NS = 120 * 1000 * 1000, EXPANSION_HEAP = 96 << 20 };

/* ---- calling ------------------------------------------------------------------------ */

bool
lisp_apply(struct lisp *l, value f, const value *args, uint32_t n, value *out)
{
	value *window = l->top;

	if (window + n + 64 >= l->stack_soft && !vm_grow(l, window + n + 64))
		return lisp_raise(l, l->s_stack_exhausted, vm_span(l), "the stack is full");
	for (uint32_t i = 0; i < n; i++)
		window[i + 1] = args[i];
	return vm_run(l, f, window, n, out);
}

/* What is pending reached the top: nothing of it may stay. */
static void
settle(struct lisp *l)
{
	if (l->pending == PENDING_RAISE)
		lisp_find_handler(l);
	l->pending = PENDING_NONE;
	if (l->level == 0) {
		l->pending_value = l->pending_values = NIL;
		l->handlers.n = 0;
		vm_unbind(l, 0);
	}
}

bool
lisp_call(struct lisp *l, value function, const value *args, uint32_t n, value *out,
	  struct diags *ds)
{
	struct diags *saved = l->diags;
	bool ok;

	l->diags = ds;
	if (l->level == 0)
		l->interrupted = 0;
	ok = lisp_apply(l, function, args, n, out);
	if (!ok)
		settle(l);
	l->diags = saved;
	return ok;
}

/* ---- compiling ---------------------------------------------------------------------- */

/* Runs `make` with a compiler; its node is a lambda, which becomes a closure. */
static bool
compile_node(struct lisp *l, struct node *(*make)(struct compiler *c, void *ud), void *ud,
	     value *out)
{
	struct arena a;
	struct compiler c = {.l = l, .a = &a, .outer = l->compiling};
	struct func top = {.name = NIL};
	struct closure *fn;
	struct node *n;

	arena_init(&a);
	l->gc_off++;
	l->compiling = &c;
	c.fn = &top;
	if (setjmp(c.fail)) {
		l->compiling = c.outer;
		l->gc_off--;
		arena_free(&a);
		return false;
	}
	n = make(&c, ud);
	fn = heap_cell(l, heap_class(sizeof *fn));
	fn->header = OBJ_CLOSURE | l->heap.live;
	fn->ncaps = 0;
	fn->code = NULL;
	fn->code = generate(&c, n->fn);
	*out = (value)(uintptr_t)fn;
	l->compiling = c.outer;
	l->gc_off--;
	arena_free(&a);
	return true;
}

struct lambda_parts {
	value name, params, body;
	span at;
};

static struct node *
make_lambda(struct compiler *c, void *ud)
{
	struct lambda_parts *p = ud;

	return analyse_lambda(c, p->name, p->params, p->body, p->at);
}

bool
compile_lambda(struct lisp *l, value name, value params, value body, span at, value *out)
{
	struct lambda_parts p = {name, params, body, at};

	return compile_node(l, make_lambda, &p, out);
}

bool
compile_form(struct lisp *l, value form, span at, value *out)
{
	return compile_lambda(l, NIL, NIL, list_of(l, at, 1, form), at, out);
}

/* ---- evaluating --------------------------------------------------------------------- */

/* progn at top level: each form is compiled after the one before it has run, so that macros
 * and special variables are known. */
bool
lisp_eval_form(struct lisp *l, value form, span at, value *out)
{
	value fn, head = car(form);
	uint32_t mark;
	bool ok;

	if (form_span(form))
		at = form_span(form);
	if (is_symbol(head) && (head == l->s_progn || str_is(as_symbol(head)->name, "eval-when"))) {
		value body = head == l->s_progn ? cdr(form) : cdr(cdr(form));

		*out = NIL;
		mark = lisp_root(l, form);
		for (; is_cons(body); body = cdr(body))
			if (!lisp_eval_form(l, car(body), car_span(body), out))
				break;
		lisp_unroot(l, mark);
		return !is_cons(body);
	}
	if (at && !lisp_in_prelude(l, at))
		l->form_span = at;
	mark = lisp_root(l, form);
	ok = compile_form(l, form, at, &fn);
	ok = ok && lisp_apply(l, fn, NULL, 0, out);
	lisp_unroot(l, mark);
	return ok;
}

bool
lisp_eval(struct lisp *l, value form, value *out, struct diags *ds)
{
	struct diags *saved = l->diags;
	bool ok;

	l->diags = ds;
	if (l->level == 0) {
		l->interrupted = 0;
		l->steps = 0;
	}
	*out = NIL;
	ok = lisp_eval_form(l, form, form_span(form), out);
	if (!ok)
		settle(l);
	l->diags = saved;
	return ok;
}

bool
lisp_eval_sealed(struct lisp *l, value form, value *out, struct diags *ds)
{
	bool ok;

	l->sealed++;
	ok = lisp_eval(l, form, out, ds);
	l->sealed--;
	return ok;
}

/* ---- expanding ---------------------------------------------------------------------- */

struct walk {
	struct lisp *l;
	span call;
	int depth;
};

/* A pair of places like that of `at`, reached through the call. */
static span
derive_pair(struct walk *w, span at, bool plain)
{
	struct sources *s = w->l->sources;
	span first = span_derive(s, at, w->call);

	if (!plain)
		span_derive(s, at + 1, w->call);
	return first;
}

/* Give the conses the expansion made their places: what comes from a template is derived
 * from the template's place, constants of the macro are copied first, conses without a place
 * get the call's. What the user wrote is left alone. */
static void
place_expansion(struct walk *w, value *slot)
{
	if (++w->depth > 4000) {
		w->depth--;
		return;
	}
	while (is_cons(*slot)) {
		struct cons *c = as_cons(*slot);
		uint64_t flags = c->header & (FLAG_FRESH | FLAG_COPY | FLAG_QUOTED | FLAG_PLAIN);
		span at = (span)(c->header >> 32);

		if (at && !(flags & (FLAG_FRESH | FLAG_COPY | FLAG_QUOTED)))
			break;
		if (flags & FLAG_QUOTED) {
			*slot = fast_cons(w->l, c->car, c->cdr);
			c = as_cons(*slot);
		}
		if (!at) {
			at = w->call;
			flags |= FLAG_PLAIN;
		} else if (!(flags & FLAG_COPY)) {
			at = derive_pair(w, at, flags & FLAG_PLAIN);
		}
		c->header = (c->header & 0xffffffff &
			     ~(uint64_t)(FLAG_FRESH | FLAG_COPY | FLAG_PLAIN)) |
			    (flags & FLAG_PLAIN) | (uint64_t)at << 32;
		place_expansion(w, &c->car);
		slot = &c->cdr;
	}
	w->depth--;
}

/* Limits for the outermost expansion; those inside share them. */
static void
bound(struct lisp *l, span at)
{
	if (l->bounded++)
		return;
	l->fuel = 0;
	l->deadline = lisp_cpu_clock() + EXPANSION_NS;
	l->bound_heap = l->heap.bytes + EXPANSION_HEAP;
	l->bound_span = at;
	l->steps = 0;
}

bool
expand_with(struct lisp *l, value expander, value form, value env, span at, value *out)
{
	value args[2] = {form, env}, saved_env = l->macro_env;
	struct walk w = {l, form_span(form) ? form_span(form) : at, 0};
	span saved_span = l->bound_span;
	bool ok;

	l->gc_off++;
	bound(l, w.call);
	l->bound_span = l->bounded == 1 ? w.call : l->bound_span;
	l->macro_env = env;
	ok = lisp_apply(l, expander, args, 2, out);
	l->macro_env = saved_env;
	if (ok)
		place_expansion(&w, out);
	else if (l->pending == PENDING_RAISE)
		lisp_find_handler(l);
	l->bounded--;
	l->bound_span = saved_span;
	l->gc_off--;
	return ok;
}

/* The macrolet environment: an alist from names to expanders, nil where a function hides. */
static bool
local_macro(value env, value head, value *expander)
{
	for (; is_cons(env); env = cdr(env))
		if (car(car(env)) == head) {
			*expander = cdr(car(env));
			return true;
		}
	return false;
}

struct rewrite {
	value form, out;
	const struct form_row *row;
	span at;
};

static struct node *
make_rewrite(struct compiler *c, void *ud)
{
	struct rewrite *r = ud;

	r->out = r->row->macro(c, r->form, r->at);
	return analyse_lambda(c, NIL, NIL, NIL, r->at);
}

bool
expand_macro(struct lisp *l, value form, value env, span at, value *out, bool *expanded)
{
	value head = car(form), fn;
	const struct form_row *row;
	struct symbol *s;
	int n;

	*out = form;
	*expanded = false;
	if (!is_symbol(head) || head == NIL)
		return true;
	at = form_span(form) ? form_span(form) : at;
	s = as_symbol(head);
	if (local_macro(env, head, &fn)) {
		if (fn == NIL)
			return true;
		*expanded = true;
		return expand_with(l, fn, form, env, at, out);
	}
	if (s->macro == UNBOUND && s->function == UNBOUND && !s->uform)
		prelude_require(l, s);
	if (s->macro != UNBOUND) {
		if (is_object(s->macro, OBJ_BUILTIN))
			return true;
		*expanded = true;
		return expand_with(l, s->macro, form, env, at, out);
	}
	row = form_row(s->uform);
	n = list_length(form) - 1;
	if (row && row->macro && n >= row->min && (row->max < 0 || n <= row->max)) {
		struct rewrite r = {form, NIL, row, at};
		struct walk w = {l, at, 0};

		*expanded = true;
		if (!compile_node(l, make_rewrite, &r, &fn))
			return false;
		place_expansion(&w, &r.out);
		*out = r.out;
	}
	return true;
}

bool
lisp_expand1(struct lisp *l, value form, value env, value *out, bool *expanded,
	     struct diags *ds)
{
	struct diags *saved = l->diags;
	bool ok;

	l->diags = ds;
	ok = expand_macro(l, form, env, form_span(form), out, expanded);
	if (!ok)
		settle(l);
	l->diags = saved;
	return ok;
}

/* All but the last element. */
static value
lisp_butlast(struct lisp *l, value list, span at)
{
	return is_cons(cdr(list)) ? cons_at(l, car(list), lisp_butlast(l, cdr(list), at), at) : NIL;
}

bool
lisp_setf_expansion(struct lisp *l, value place, value env, value *out, struct diags *ds)
{
	value head = car(place), fn = lisp_get_property(l, head, l->s_setf_expander), update, args = NIL;
	value setter = lisp_setf_name(l, head), new;
	struct diags *saved = l->diags;
	span at = form_span(place);
	bool ok = true;

	*out = NIL;
	update = lisp_get_property(l, setter, l->s_setf_expander);
	if (fn != NIL) {
		l->diags = ds;
		ok = expand_with(l, fn, place, env, at, out);
		if (!ok)
			settle(l);
		l->diags = saved;
	} else if (update != NIL) {
		for (value v = cdr(place); is_cons(v); v = cdr(v))
			args = cons(l, gensym(l, "a"), args);
		new = gensym(l, "new");
		*out = list_of(l, at, 1, new);
		for (value v = args; is_cons(v); v = cdr(v))	/* (update args... new) */
			*out = cons_at(l, car(v), *out, at);
		args = *out;
		update = cons_at(l, update, args, at);
		args = lisp_butlast(l, args, at);
		*out = list_of(l, at, 5, args, cdr(place), list_of(l, at, 1, new), update,
			       cons_at(l, head, args, at));
	}
	return ok;
}

bool
lisp_macro_function(struct lisp *l, value definition, value *fn, struct diags *ds)
{
	struct diags *saved = l->diags;
	span at = form_span(definition);
	value lambda = macro_lambda(l, car(definition), car(cdr(definition)),
				    cdr(cdr(definition)), at);
	bool ok;

	l->diags = ds;
	ok = compile_lambda(l, car(definition), car(cdr(lambda)), cdr(cdr(lambda)), at, fn);
	if (!ok)
		settle(l);
	l->diags = saved;
	return ok;
}

/* SPDX-License-Identifier: MIT */
/* condition.c: conditions: records whose type has a parent. Slot 0 is the message (a string,
 * or nil when a report function makes it), slot 1 a datum; slots a program defines follow. */
#include "lang/vm.h"

#include <stdio.h>

enum { SLOT_MESSAGE, SLOT_DATUM, SLOTS };

static const struct { const char *name, *parent, *code; } known[] = {
#define X(name, parent, code) {name, parent, code},
#include "lang/conditions.def"
};

/* What a failure of the host tells beside its message, for (%condition-slot c 'errno). */
static const char *const host_slot_names[] = {"context", "errno", "log"};
enum { HOST_CONTEXT = SLOTS, HOST_ERRNO, HOST_LOG, HOST_SLOTS };

static void
host_slots(struct lisp *l)
{
	value list = NIL;

	for (size_t i = HOST_SLOTS - SLOTS; i-- > 0;)
		list = cons(l, cons(l, symbol_intern(l, str_of(host_slot_names[i]), false),
				    cons(l, NIL, NIL)), list);
	lisp_set_property(l, symbol_intern(l, STR("bpf-error"), false), l->s_condition_slots, list);
}

void
conditions_init(struct lisp *l)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		lisp_set_property(l, symbol_intern(l, str_of(known[i].name), false),
				  l->s_condition_parent,
				  symbol_intern(l, str_of(known[i].parent), false));
	host_slots(l);
}

bool
lisp_is_condition(struct lisp *l, value type)
{
	return is_symbol(type) && lisp_get_property(l, type, l->s_condition_parent) != NIL;
}

static bool
descends(struct lisp *l, value type, value ancestor)
{
	for (int i = 0; i < 100 && type != NIL && type != T; i++) {
		if (type == ancestor)
			return true;
		type = lisp_get_property(l, type, l->s_condition_parent);
	}
	return ancestor == T;
}

bool
lisp_type_matches(struct lisp *l, value condition, value type)
{
	if (!is_object(condition, OBJ_RECORD))
		return false;
	if (is_cons(type) && car(type) == l->s_or) {
		for (value t = cdr(type); is_cons(t); t = cdr(t))
			if (lisp_type_matches(l, condition, car(t)))
				return true;
		return false;
	}
	if (is_cons(type) && car(type) == l->s_and) {
		for (value t = cdr(type); is_cons(t); t = cdr(t))
			if (!lisp_type_matches(l, condition, car(t)))
				return false;
		return true;
	}
	return is_symbol(type) && descends(l, OBJ(record, condition)->type, type);
}

static const char *
code_of(struct lisp *l, value type)
{
	for (int depth = 0; depth < 100 && type != NIL && type != T; depth++) {
		for (size_t i = 0; i < sizeof known / sizeof *known; i++)
			if (str_is(as_symbol(type)->name, known[i].name))
				return known[i].code;
		type = lisp_get_property(l, type, l->s_condition_parent);
	}
	return "L0001";
}

/* ---- raising ------------------------------------------------------------------------ */

bool
lisp_raise_object(struct lisp *l, value condition, span at)
{
	struct record *r = OBJ(record, condition);

	if (!r->at)
		r->at = at;
	l->pending = PENDING_RAISE;
	l->pending_value = condition;
	l->pending_values = NIL;
	return false;
}

static bool
raise_text(struct lisp *l, value type, span at, const char *text, value datum)
{
	value c = record_new(l, type, SLOTS);

	OBJ(record, c)->slots[SLOT_MESSAGE] = make_string(l, str_of(text));
	OBJ(record, c)->slots[SLOT_DATUM] = datum;
	return lisp_raise_object(l, c, at);
}

bool
lisp_raise(struct lisp *l, value type, span at, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return raise_text(l, type, at, text, NIL);
}

bool
lisp_raise_value(struct lisp *l, value type, span at, value v, const char *text)
{
	struct arena a;
	str s;
	char out[400];

	arena_init(&a);
	s = lisp_print(l, &a, v, true);
	snprintf(out, sizeof out, "%.*s%s %s", s.n > 80 ? 77 : (int)s.n, s.p,
		 s.n > 80 ? "..." : "", text);
	arena_free(&a);
	return raise_text(l, type, at, out, v);
}

bool
lisp_error(struct lisp *l, span at, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return raise_text(l, l->s_simple_error, at, text, NIL);
}

/* The compiler's faults are whistler-errors, a rejection is a bpf-verifier-error; all else that
 * the host reports is a bpf-error. */
void
lisp_raise_host(struct lisp *l, const struct diag *d)
{
	bool compiler = d->code[0] == 'C';
	const char *type = compiler ? "whistler-error" : d->log ? "bpf-verifier-error" : "bpf-error";
	value c = record_new(l, symbol_intern(l, str_of(type), false), HOST_SLOTS);
	value *slots = OBJ(record, c)->slots;

	slots[SLOT_MESSAGE] = slots[HOST_CONTEXT] = make_string(l, str_of(d->message));
	slots[HOST_ERRNO] = make_fixnum(d->err < 0 ? -d->err : d->err);
	if (d->log)
		slots[HOST_LOG] = make_string(l, str_of(d->log));
	lisp_raise_object(l, c, d->at);
}

/* ---- handling ----------------------------------------------------------------------- */

/* The message of a condition; a report made by a program's function may itself fail. */
void
lisp_condition_text(struct lisp *l, struct buf *b, value condition)
{
	struct record *r = OBJ(record, condition);
	value report = NIL, type = r->type;

	if (r->n > SLOT_MESSAGE && is_string(r->slots[SLOT_MESSAGE])) {
		buf_str(b, as_string(r->slots[SLOT_MESSAGE]));
		return;
	}
	for (int i = 0; i < 100 && report == NIL && type != NIL && type != T; i++) {
		report = lisp_get_property(l, type, l->s_condition_report);
		type = lisp_get_property(l, type, l->s_condition_parent);
	}
	if (is_string(report)) {
		buf_str(b, as_string(report));
	} else if (report != NIL) {
		value stream = lisp_string_output(l), out, args[2] = {condition, stream};
		uint32_t mark = lisp_root(l, stream);
		enum pending_kind pending = l->pending;
		value v = l->pending_value, vs = l->pending_values;

		lisp_root(l, condition);
		lisp_root(l, vs);
		if (lisp_apply(l, report, args, 2, &out))
			buf_str(b, as_string(OBJ(stream, stream)->text));
		lisp_unroot(l, mark);
		l->pending = pending;
		l->pending_value = v;
		l->pending_values = vs;
	} else {
		buf_printf(b, "%.*s was signalled", STR_ARG(as_symbol(r->type)->name));
	}
}

/* From what a macro of the prelude made to its call. */
static span
out_of_expansion(const struct lisp *l, span at)
{
	while (at && lisp_in_prelude(l, at) && span_place(l->sources, at).parent)
		at = span_place(l->sources, at).parent;
	return at;
}

/* The nearest place outside the prelude that led to `at`. */
span
lisp_users_place(struct lisp *l, span at)
{
	at = out_of_expansion(l, at);
	for (const struct frame *f = l->fp; lisp_in_prelude(l, at) && f > l->frames; f--) {
		const struct code *c = f[-1].fn ? f[-1].fn->code : NULL;

		if (c && f[-1].pc > c->insns && f[-1].pc <= c->insns + c->ninsns)
			at = out_of_expansion(l, c->spans[f[-1].pc - c->insns - 1]);
	}
	/* Tail calls leave no frame. */
	return lisp_in_prelude(l, at) && l->form_span ? l->form_span : at;
}

/* Nobody handles it: it becomes a diagnostic, at the user's own line when the fault was
 * found inside the prelude, and with the macro call first when one is being expanded. */
static void
report(struct lisp *l, value condition)
{
	struct record *r = OBJ(record, condition);
	struct arena a;
	struct buf b;
	struct diag *d;
	span at = r->at;

	l->pending = PENDING_TOP;
	if (!l->diags)
		return;
	if (l->host_diag && l->host_condition == condition) {
		vec_push(l->diags->arena, &l->diags->all, l->host_diag);
		l->diags->errors++;
		l->host_diag = NULL;
		return;
	}
	arena_init(&a);
	b = buf_new(&a);
	lisp_condition_text(l, &b, condition);
	if (!b.n)
		buf_puts(&b, "error");
	at = lisp_users_place(l, at);
	d = diag_error(l->diags, code_of(l, r->type), l->bounded && l->bound_span ?
		       l->bound_span : at, "%.*s", STR_ARG(buf_text(&b)));
	/* A macro of the prelude has no line to show; the form around it would be said to be one. */
	if (l->bounded && l->bound_span && at && at != l->bound_span && at != l->form_span)
		diag_label(l->diags, d, at, "%s", r->type == l->s_lambda_list_error ?
			   "defined here" : "while expanding this, in the macro here");
	l->pending = PENDING_TOP;
	arena_free(&a);
}

/* handler-case lists its clauses' types; true with the number of the first that matches. */
static bool
match_clause(struct lisp *l, value condition, value types, int *which)
{
	*which = 0;
	for (; is_cons(types); types = cdr(types), ++*which)
		if (lisp_type_matches(l, condition, car(types)))
			return true;
	return false;
}

/* Call a handler-bind function with the handlers above and including its own out of the
 * way. True when it left by an exit of its own, now pending. */
static bool
call_handler(struct lisp *l, uint32_t i, value condition)
{
	VEC(struct handler) saved = {0};
	uint32_t n = l->handlers.n - i;
	value fn = cdr(l->handlers.at[i].tag), out;
	uint32_t mark = lisp_root(l, condition);
	struct arena a;
	bool ok;

	arena_init(&a);
	vec_reserve(&a, &saved, n);
	memcpy(saved.at, l->handlers.at + i, n * sizeof *saved.at);
	for (uint32_t j = 0; j < n; j++) {
		lisp_root(l, saved.at[j].tag);
		lisp_root(l, (value)(uintptr_t)saved.at[j].fn);
	}
	/* Masked, not removed: exits to blocks further in must still find them. */
	for (uint32_t j = i; j < l->handlers.n; j++)
		if (l->handlers.at[j].kind == HANDLE_CASE || l->handlers.at[j].kind == HANDLE_BIND)
			l->handlers.at[j].tag = NIL;
	ok = lisp_apply(l, fn, &condition, 1, &out);
	memcpy(l->handlers.at + i, saved.at, n * sizeof *saved.at);
	lisp_unroot(l, mark);
	arena_free(&a);
	return !ok;
}

void
lisp_find_handler(struct lisp *l)
{
	value condition = l->pending_value;
	int which;

	for (uint32_t i = l->handlers.n; i-- > 0; ) {
		struct handler *h = &l->handlers.at[i];

		if (h->kind == HANDLE_CASE && match_clause(l, condition, h->tag, &which)) {
			l->pending = PENDING_EXIT;
			l->pending_handler = i;
			l->pending_value = condition;
			l->pending_values = fast_cons(l, make_fixnum(which), NIL);
			return;
		}
		if (h->kind == HANDLE_BIND && h->tag != NIL &&
		    lisp_type_matches(l, condition, car(h->tag))) {
			l->pending = PENDING_NONE;
			l->pending_value = l->pending_values = NIL;
			if (call_handler(l, i, condition))
				return;
		}
	}
	l->pending = PENDING_RAISE;
	l->pending_value = condition;
	report(l, condition);
}

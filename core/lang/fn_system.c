/* SPDX-License-Identifier: MIT */
/* fn_system.c: evaluation, conditions, time, and what concerns the machine itself. */
#include "lang/fn.h"

#include <stdio.h>

#include "base/suggest.h"

#include <time.h>

/* ---- unknown names ------------------------------------------------------------------ */

static str
nearest(struct lisp *l, str name, bool functions)
{
	struct suggest s = suggest_start(name);
	const struct symbol *sym;

	for (uint32_t i = 1; (sym = lisp_symbol_at(l, i)) != NULL; i++) {
		bool has = functions ? sym->function != UNBOUND || sym->macro != UNBOUND ||
			   sym->uform || sym->header & FLAG_INDEXED : sym->global != UNBOUND;

		if (has && sym->interned && !sym->keyword && sym->name.p[0] != '%')
			suggest_offer(&s, sym->name);
	}
	return s.best;
}

/* The condition being raised is about this name: cell-error-name. */
static bool
about(struct lisp *l, const struct symbol *s)
{
	if (l->pending == PENDING_RAISE)
		OBJ(record, l->pending_value)->slots[1] = symbol_value((struct symbol *)(uintptr_t)s);
	return false;
}

bool
vm_undefined_function(struct lisp *l, const struct symbol *s)
{
	str best = nearest(l, s->name, true);

	if (s->macro != UNBOUND || s->uform)
		return lisp_raise(l, l->s_undefined_function, vm_span(l),
				  "`%.*s` is a macro, not a function", STR_ARG(s->name));
	lisp_raise(l, l->s_undefined_function, vm_span(l), best.p ?
		   "no function is named `%.*s`; did you mean `%.*s`?" :
		   "no function is named `%.*s`", STR_ARG(s->name), STR_ARG(best));
	return about(l, s);
}

bool
vm_unbound_variable(struct lisp *l, struct symbol *s, value *out)
{
	str best;

	if (prelude_load(l, s) && s->global != UNBOUND) {
		*out = s->global;
		return true;
	}
	if (l->pending != PENDING_NONE)
		return false;
	if (l->find_constant && l->find_constant(l->constants_ud, s, out)) {
		s->global = *out;
		return true;
	}
	best = nearest(l, s->name, false);
	lisp_raise(l, l->s_unbound_variable, vm_span(l), best.p ?
		   "the variable `%.*s` has no value; did you mean `%.*s`?" :
		   "the variable `%.*s` has no value", STR_ARG(s->name), STR_ARG(best));
	return about(l, s);
}

/* ---- evaluation --------------------------------------------------------------------- */

FN(fn_eval)
{
	return lisp_eval_form(l, a.at[0], form_span(a.at[0]) ? form_span(a.at[0]) : a.call, out);
}

/* As functions: (mapcar #'funcall ...) */
FN(fn_funcall)
{
	return lisp_apply(l, a.at[0], a.at + 1, a.n - 1, out);
}

FN(fn_apply)
{
	value args[256], list = a.at[a.n - 1];
	uint32_t n = 0;

	for (uint32_t i = 1; i + 1 < a.n && n < 256; i++)
		args[n++] = a.at[i];
	for (; is_cons(list) && n < 256; list = cdr(list))
		args[n++] = car(list);
	if (list != NIL)
		return fn_wrong(l, a, a.n - 1, "a proper list of fewer than 256 elements");
	return lisp_apply(l, a.at[0], args, n, out);
}

FN(fn_values)
{
	*out = lisp_values(l, a.at, a.n);
	return true;
}

FN(fn_values_list)
{
	uint32_t n = 0;

	*out = car(a.at[0]);
	for (value v = a.at[0]; is_cons(v) && n < MAX_VALUES; v = cdr(v))
		l->values[n++] = car(v);
	l->nvalues = n;
	return true;
}

FN(fn_identity)
{
	*out = a.at[0];
	return true;
}

/* (macroexpand-1 form [env]); macroexpand with ud. Second value: whether anything happened */
FN(fn_macroexpand)
{
	value env = a.n > 1 ? a.at[1] : NIL;
	bool expanded, any = false;

	*out = a.at[0];
	do {
		if (!expand_macro(l, *out, env, a.call, out, &expanded))
			return false;
		any |= expanded;
	} while (ud && expanded && is_cons(*out));
	l->values[1] = make_bool(any);
	l->nvalues = 2;
	return true;
}

FN(fn_function_name)
{
	*out = is_object(a.at[0], OBJ_CLOSURE) ? OBJ(closure, a.at[0])->code->name : NIL;
	return true;
}

/* ---- conditions --------------------------------------------------------------------- */

/* A condition from a designator: a condition, a type with slots, or a control string. */
static bool
make_condition(struct lisp *l, struct lisp_args a, value plain, value *out)
{
	value type = plain, slots, names;
	struct arena ar;
	struct buf b;
	bool ok;

	if (is_object(a.at[0], OBJ_RECORD)) {
		*out = a.at[0];
		return true;
	}
	if (is_string(a.at[0])) {
		arena_init(&ar);
		b = buf_new(&ar);
		buf_puts(&b, "");
		ok = format_into(l, &b, as_string(a.at[0]), a.at + 1, a.n - 1, 0, a.call);
		*out = record_new(l, plain, 2);
		OBJ(record, *out)->slots[0] = make_string(l, buf_text(&b));
		arena_free(&ar);
		return ok;
	}
	type = a.at[0];
	if (!is_symbol(type) || !lisp_is_condition(l, type))
		return fn_wrong(l, a, 0, "a condition, a type of condition or a string");
	names = NIL;
	for (value t = type; names == NIL && t != NIL && t != T; )
		names = lisp_get_property(l, t, l->s_condition_slots),
		t = lisp_get_property(l, t, l->s_condition_parent);
	slots = names;
	*out = record_new(l, type, 2 + (uint32_t)list_length(names));
	for (uint32_t i = 2; is_cons(slots); slots = cdr(slots), i++)
		OBJ(record, *out)->slots[i] = car(cdr(car(slots)));
	for (uint32_t i = 1; i + 1 < a.n; i += 2) {
		uint32_t at = 2;

		if (is_symbol(a.at[i]) && (str_is(as_symbol(a.at[i])->name, "datum") ||
					   str_is(as_symbol(a.at[i])->name, "name")))
			OBJ(record, *out)->slots[1] = a.at[i + 1];
		if (is_symbol(a.at[i]) && str_is(as_symbol(a.at[i])->name, "format-control")) {
			struct lisp_args f = {a.at + i + 1, 1, a.call};
			value text;

			if (make_condition(l, f, plain, &text))
				OBJ(record, *out)->slots[0] = OBJ(record, text)->slots[0];
			continue;
		}
		for (slots = names; is_cons(slots); slots = cdr(slots), at++)
			if (is_symbol(a.at[i]) && str_eq(as_symbol(a.at[i])->name,
							 as_symbol(car(car(slots)))->name))
				OBJ(record, *out)->slots[at] = a.at[i + 1];
	}
	return true;
}

FN(fn_make_condition)
{
	return make_condition(l, a, l->s_simple_error, out);
}

/* (error designator...) */
FN(fn_error)
{
	return make_condition(l, a, l->s_simple_error, out) &&
	       lisp_raise_object(l, *out, a.call);
}

/* (signal designator...): nil when nobody handles it */
FN(fn_signal)
{
	struct diags *ds = l->diags;

	if (!make_condition(l, a, l->s_simple_condition, out))
		return false;
	lisp_raise_object(l, *out, a.call);
	l->diags = NULL;
	lisp_find_handler(l);
	l->diags = ds;
	if (l->pending != PENDING_TOP)
		return false;
	l->pending = PENDING_NONE;
	l->pending_value = NIL;
	*out = NIL;
	return true;
}

/* (warn designator...): goes to the output unless handled */
FN(fn_warn)
{
	struct arena ar;
	struct buf b;
	bool ok;

	value c;

	if (!make_condition(l, a, l->s_simple_warning, &c))
		return false;
	*out = c;
	if (!fn_signal(l, ud, (struct lisp_args){&c, 1, a.call}, out))
		return false;
	arena_init(&ar);
	b = buf_new(&ar);
	buf_puts(&b, "warning: ");
	lisp_condition_text(l, &b, c);
	buf_putc(&b, '\n');
	ok = lisp_output(l, buf_text(&b));
	arena_free(&ar);
	*out = NIL;
	return ok;
}

/* (%define-condition name parent slots report) */
FN(fn_define_condition)
{
	value parent = a.at[1], inherited = NIL, tail = NIL, slots = NIL;

	if (!is_symbol(a.at[0]) || !lisp_is_condition(l, parent))
		return fn_wrong(l, a, 1, "a type of condition");
	lisp_set_property(l, a.at[0], l->s_condition_parent, parent);
	for (value t = parent; inherited == NIL && t != NIL && t != T; )
		inherited = lisp_get_property(l, t, l->s_condition_slots),
		t = lisp_get_property(l, t, l->s_condition_parent);
	for (; is_cons(inherited); inherited = cdr(inherited))
		fn_append(l, &slots, &tail, car(inherited));
	for (value s = a.at[2]; is_cons(s); s = cdr(s))
		fn_append(l, &slots, &tail, car(s));
	lisp_set_property(l, a.at[0], l->s_condition_slots, slots);
	if (a.at[3] != NIL)
		lisp_set_property(l, a.at[0], l->s_condition_report, a.at[3]);
	*out = a.at[0];
	return true;
}

/* (%condition-slot condition name) */
FN(fn_condition_slot)
{
	value names = NIL;
	uint32_t i = 2;

	if (!is_object(a.at[0], OBJ_RECORD))
		return fn_wrong(l, a, 0, "a condition");
	for (value t = OBJ(record, a.at[0])->type; names == NIL && t != NIL && t != T; )
		names = lisp_get_property(l, t, l->s_condition_slots),
		t = lisp_get_property(l, t, l->s_condition_parent);
	for (; is_cons(names); names = cdr(names), i++)
		if (car(car(names)) == a.at[1]) {
			/* What the machine itself raises has but the first two. */
			*out = i < OBJ(record, a.at[0])->n ? OBJ(record, a.at[0])->slots[i] : NIL;
			return true;
		}
	return fn_wrong(l, a, 0, "a condition with that slot");
}

/* The message; simple-condition-format-control and condition-message */
FN(fn_condition_message)
{
	struct arena ar;
	struct buf b;

	if (!is_object(a.at[0], OBJ_RECORD))
		return fn_wrong(l, a, 0, "a condition");
	arena_init(&ar);
	b = buf_new(&ar);
	buf_puts(&b, "");
	lisp_condition_text(l, &b, a.at[0]);
	*out = make_string(l, buf_text(&b));
	arena_free(&ar);
	return true;
}

/* type-error-datum, cell-error-name ... */
FN(fn_condition_datum)
{
	if (!is_object(a.at[0], OBJ_RECORD) || OBJ(record, a.at[0])->n < 2)
		return fn_wrong(l, a, 0, "a condition");
	*out = OBJ(record, a.at[0])->slots[1];
	return true;
}

/* Where a condition was raised: line and column, or nil */
FN(fn_condition_place)
{
	struct line_col lc;

	if (!is_object(a.at[0], OBJ_RECORD))
		return fn_wrong(l, a, 0, "a condition");
	lc = span_line_col(l->sources, span_user(l->sources, OBJ(record, a.at[0])->at));
	*out = lc.line ? list_of(l, 0, 2, make_fixnum(lc.line), make_fixnum(lc.col)) : NIL;
	return true;
}

/* (%no-case key form-name) */
FN(fn_no_case)
{
	char text[80];

	snprintf(text, sizeof text, "is none of the cases of `%.*s`",
		 STR_ARG(as_symbol(a.at[1])->name));
	return lisp_raise_value(l, l->s_type_error, a.call, a.at[0], text);
}

/* ---- time and the machine ----------------------------------------------------------- */

FN(fn_real_time)
{
	*out = make_fixnum((int64_t)(lisp_clock() / 1000));
	return true;
}

FN(fn_run_time)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	*out = make_fixnum((int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000);
	return true;
}

/* Seconds since 1900, as Common Lisp counts; since 1970 with ud */
FN(fn_universal_time)
{
	*out = make_fixnum((int64_t)time(NULL) + (ud ? 0 : 2208988800));
	return true;
}

FN(fn_sleep)
{
	double s;

	if (!is_number(a.at[0]) || (s = num_double(a.at[0])) < 0)
		return fn_wrong(l, a, 0, "a number of seconds");
	*out = NIL;
	if (lisp_sealed(l))
		return lisp_error(l, a.call, "no sleeping: %s", lisp_sealed(l));
	if (l->powers.sleep)
		return l->powers.sleep(l->powers.ud, s);
	/* In slices, so that an interrupt ends it. */
	for (uint64_t end = lisp_clock() + (uint64_t)(s * 1e9), now;
	     !l->interrupted && (now = lisp_clock()) < end; ) {
		uint64_t left = end - now < 50000000 ? end - now : 50000000;

		nanosleep(&(struct timespec){0, (long)left}, NULL);
	}
	return !l->interrupted || lisp_interrupted(l);
}

FN(fn_gc)
{
	l->gc_wanted = true;
	l->steps = 0;
	*out = NIL;
	return true;
}

/* (room): bytes of heap, collections so far */
FN(fn_room)
{
	*out = make_fixnum((int64_t)l->heap.bytes);
	l->values[1] = make_fixnum((int64_t)l->heap.collections);
	l->nvalues = 2;
	return true;
}

static const struct fn_row rows[] = {
	{"eval", 1, 1, fn_eval, 0, "(eval form)"},
	{"funcall", 1, -1, fn_funcall, 0, "(funcall f arg...)"},
	{"apply", 2, -1, fn_apply, 0, "(apply f arg... list)"},
	{"values", 0, -1, fn_values, 0, NULL}, {"values-list", 1, 1, fn_values_list, 0, NULL},
	{"identity", 1, 1, fn_identity, 0, NULL},
	{"macroexpand-1", 1, 2, fn_macroexpand, 0, "(macroexpand-1 form)"},
	{"macroexpand", 1, 2, fn_macroexpand, 1, "(macroexpand form)"},
	{"function-name", 1, 1, fn_function_name, 0, NULL},
	{"make-condition", 1, -1, fn_make_condition, 0, NULL},
	{"error", 1, -1, fn_error, 0, "(error control arg...) or (error type slot value...)"},
	{"signal", 1, -1, fn_signal, 0, NULL},
	{"%warn", 1, -1, fn_warn, 0, NULL},
	{"%define-condition", 4, 4, fn_define_condition, 0, NULL},
	{"%condition-slot", 2, 2, fn_condition_slot, 0, NULL},
	{"condition-message", 1, 1, fn_condition_message, 0, "(condition-message c): its text"},
	{"simple-condition-format-control", 1, 1, fn_condition_message, 0, NULL},
	{"type-error-datum", 1, 1, fn_condition_datum, 0, NULL},
	{"cell-error-name", 1, 1, fn_condition_datum, 0, NULL},
	{"condition-place", 1, 1, fn_condition_place, 0, "(condition-place c): (line column)"},
	{"%no-case", 2, 2, fn_no_case, 0, NULL},
	{"get-internal-real-time", 0, 0, fn_real_time, 0, "microseconds"},
	{"get-internal-run-time", 0, 0, fn_run_time, 0, "microseconds"},
	{"get-universal-time", 0, 0, fn_universal_time, 0, NULL},
	{"unix-time", 0, 0, fn_universal_time, 1, NULL},
	{"sleep", 1, 1, fn_sleep, 0, "(sleep seconds)"}, {"gc", 0, -1, fn_gc, 0, NULL},
	{"room", 0, 1, fn_room, 0, NULL},
};

void
fn_system_init(struct lisp *l)
{
	static const struct { const char *name; int64_t v; } constants[] = {
		{"internal-time-units-per-second", 1000000},
		{"most-positive-fixnum", (1LL << 62) - 1}, {"most-negative-fixnum", -(1LL << 62)},
	};

	for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
		struct symbol *s = as_symbol(symbol_intern(l, str_of(constants[i].name), false));

		s->global = make_int(l, constants[i].v);
		s->header |= FLAG_CONST;
	}
	lisp_set_property(l, l->s_type_error, l->s_condition_slots,
			  list_of(l, 0, 1, list_of(l, 0, 2, make_symbol(l, STR("expected-type")),
						   NIL)));
	FN_DEFINE(l, rows);
}

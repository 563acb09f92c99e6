/* SPDX-License-Identifier: MIT */
/* help.c: (help) and (doc NAME): what can be typed, from the tables that implement it. */
#include "show.h"

#include "base/buf.h"
#include "base/suggest.h"
#include "facts/facts.h"
#include "session/internal.h"

static const char overview[] =
	"Define:   (defmap NAME :type :hash :key-size 4 :value-size 8 :max-entries 1024)\n"
	"          (defprog NAME (:type :xdp) BODY...)   (defstruct NAME (FIELD TYPE)...)\n"
	"          Defining again replaces what runs; maps keep their contents.\n"
	"Run:      (attach PROG \"eth0\")  (detach PROG)  (test-run PROG BYTES)  (run-for SECONDS)\n"
	"Look:     (programs)  (maps)  (dis PROG)\n"
	"Maps:     (map-ref M KEY)  (setf (map-ref M KEY) V)  (map-keys M)  (dump M)  (ring-poll M)\n"
	"          (bars M)  (show-hist M)  (live-table M :seconds 5)\n"
	"Others':  (load-object \"x.o\")  (open-map 'M PATH-OR-ID)  (kernel-maps)  (pin M PATH)\n"
	"Ask:      (doc NAME) for any form, helper, function, map or program; Tab completes.\n"
	"Leave:    Ctrl-D. Ctrl-C stops what is running.\n";

static bool
fn_help(struct lisp *l, void *ud, struct lisp_args args, value *out)
{

	(void)l;
	(void)args;
	*out = NIL;
	session_write(ud, "%s", overview);
	return true;
}

static bool
doc_kernel_form(struct session *s, str name)
{
	const char *syntax, *text;

	if (!compile_doc(name, &syntax, &text))
		return false;
	session_write(s, "%s\n  in programs: %s\n", syntax, text);
	return true;
}

static bool
doc_helper(struct session *s, str name)
{
	const struct fact_helper *h = fact_helper_named(name);

	if (!h)
		return false;
	session_write(s, "kernel helper bpf_%s (number %u): %u argument%s, since Linux %u.%u\n",
		      h->name, h->id, h->nargs, h->nargs == 1 ? "" : "s", h->since >> 8,
		      h->since & 0xff);
	return true;
}

static bool
doc_defined(struct session *s, str name)
{
	struct program *p = session_program_named(s, name);
	struct map *m = session_map_named(s, name);
	int64_t n;

	if (p)
		session_write(s, "program %s: section %s, %u instructions\n", p->name,
			      p->prog->section, p->prog->ninsns);
	if (m)
		session_write(s, "map %s: key %u bytes, value %u bytes, at most %u\n", m->name,
			      m->spec.key_size, m->spec.value_size, m->spec.max_entries);
	if (fact_constant(name, &n))
		session_write(s, "constant %.*s = %ld\n", STR_ARG(name), (long)n);
	return p || m || fact_constant(name, &n);
}

static struct suggest
nearest(struct session *s, str name)
{
	struct suggest near = suggest_start(name);
	struct symbol *sym;

	for (uint32_t id = 1; fact_helper(id); id++)
		suggest_offer(&near, str_of(fact_helper(id)->name));
	for (uint32_t i = 0; compile_form_name(i); i++)
		suggest_offer(&near, str_of(compile_form_name(i)));
	for (uint32_t id = 1; (sym = lisp_symbol_at(s->lisp, id)); id++)
		if (sym->function != UNBOUND || sym->macro != UNBOUND)
			suggest_offer(&near, sym->name);
	return near;
}

/* (doc NAME), NAME unevaluated. */
static bool
form_doc(struct lisp *l, void *ud, value form, value *out)
{
	struct session *s = ud;
	value arg = car(cdr(form));
	struct suggest near;
	struct arena a;
	unsigned found = 0;
	str name, text;

	if (is_cons(arg))	/* (doc 'name) */
		arg = car(cdr(arg));
	if (!is_symbol(arg) && !is_string(arg))
		return lisp_error(l, form_span(form), "(doc NAME) wants a name");
	name = is_string(arg) ? as_string(arg) : as_symbol(arg)->name;
	*out = NIL;
	found += doc_kernel_form(s, name);
	arena_init(&a);
	text = lisp_doc(l, &a, name);
	if (text.n) {
		session_write(s, "%.*s\n", STR_ARG(text));
		found++;
	}
	arena_free(&a);
	found += doc_helper(s, name);
	found += doc_defined(s, name);
	if (found)
		return true;
	near = nearest(s, name);
	if (near.best.p)
		return lisp_error(l, form_span(form), "nothing is known of `%.*s`; did you mean `%.*s`?",
				  STR_ARG(name), STR_ARG(near.best));
	return lisp_error(l, form_span(form), "nothing is known of `%.*s`", STR_ARG(name));
}

void
help_define(struct session *s)
{
	lisp_define(s->lisp, "help", 0, 0, fn_help, s, "(help)\nWhat can be typed.");
	lisp_define_form(s->lisp, "doc", form_doc, s, "(doc NAME)\nWhat NAME is and how to use it.");
}

/* SPDX-License-Identifier: MIT */
/* session.c: making, stepping and ending a session. */
#include "internal.h"

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { OFFLINE_FORM_NS = 300000000 };	/* what a form does beside defining */

uint64_t
session_clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void
lisp_output(void *ud, str text)
{
	struct session *s = ud;

	if (!s->opts.write || !text.n)
		return;
	s->opts.write(s->opts.ud, text);
	s->mid_line = text.p[text.n - 1] != '\n';
}

/* What programs know by name, the prompt knows too. */
static bool
find_constant(void *ud, const struct symbol *name, value *out)
{
	struct session *s = ud;
	int64_t n;

	if (!kenv_constant(s->kenv, name, &n))
		return false;
	*out = make_int(s->lisp, n);
	return true;
}

struct session *
session_new(const struct session_opts *o)
{
	struct session *s = calloc(1, sizeof *s);
	struct compile_host host;

	if (!s)
		return NULL;
	if (o)
		s->opts = *o;
	arena_init(&s->arena);
	sources_init(&s->sources);
	s->lisp = lisp_new(&s->sources, NULL);
	host = session_host(s);
	s->kenv = kenv_new(s->lisp, &host);
	session_host_init(s);
	lisp_set_output(s->lisp, lisp_output, s);
	lisp_set_constants(s->lisp, find_constant, s);
	session_define_forms(s);
	session_define_operations(s);
	session_define_objects(s);
	session_define_pins(s);
	session_define_kernel_types(s);
	session_define_map_operations(s);
	session_define_events(s);
	return s;
}

void
session_free(struct session *s)
{
	if (!s)
		return;
	for (uint32_t i = 0; i < s->programs.n; i++) {
		session_detach(s, s->programs.at[i]);
		program_free(s->programs.at[i]);
	}
	if (s->rejected)
		program_free(s->rejected);
	session_printf_flush(s);
	session_tell_losses(s);
	for (uint32_t i = 0; i < s->maps.n; i++)
		map_close(s->maps.at[i]);
	kenv_free(s->kenv);
	lisp_free(s->lisp);
	session_host_free(s);
	sources_free(&s->sources);
	arena_free(&s->arena);
	free(s);
}

struct sources *
session_sources(struct session *s)
{
	return &s->sources;
}

struct lisp *
session_lisp(struct session *s)
{
	return s->lisp;
}

struct kenv *
session_kenv(struct session *s)
{
	return s->kenv;
}

void
session_set_live(struct session *s, bool live)
{
	s->opts.live = live;
}

bool
session_kernel_btf(struct session *s, const void **data, size_t *size)
{
	return session_vmlinux(s, data, size);
}

/* Reads the text for its outcome only: what the reading added to the sources is dropped. */
bool
session_complete(struct session *s, const char *text)
{
	uint32_t files = s->sources.files.n, places = s->sources.places.n;
	struct reader r = {.interactive = true};
	enum read_status status;
	struct arena a;
	struct diags ds;
	value form;

	arena_init(&a);
	diags_init(&ds, &a);
	r.file = sources_add(&s->sources, "<prompt>", str_of(text));
	do {
		status = lisp_read(s->lisp, &r, &form, &ds);
	} while (status == READ_FORM);
	s->sources.files.n = files;
	s->sources.places.n = places;
	arena_free(&a);
	return status != READ_INCOMPLETE;
}

void
session_write(struct session *s, const char *fmt, ...)
{
	struct arena a;
	va_list ap;

	if (!s->opts.write)
		return;
	arena_init(&a);
	va_start(ap, fmt);
	lisp_output(s, str_of(arena_vprintf(&a, fmt, ap)));
	va_end(ap);
	arena_free(&a);
}

void
session_fresh_line(struct session *s)
{
	if (s->mid_line)
		session_write(s, "\n");
}

void
session_interrupt(struct session *s)
{
	s->interrupted = true;
	lisp_interrupt(s->lisp);
}

static bool
refuse_effect(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;

	s->effect_refused = true;
	*out = NIL;
	return lisp_error(l, args.call, "this session does not touch the kernel");
}

struct effect {
	const struct session_fn *fn;
	void *ud;
};

static bool
do_effect(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	const struct effect *e = ud;
	const char *why = lisp_sealed(l);

	if (why)
		return lisp_error(l, args.call, "no `%s` here: %s", e->fn->name, why);
	return e->fn->fn(l, e->ud, args, out);
}

void
session_define_effects(struct session *s, const struct session_fn *fns, size_t n, void *ud)
{
	for (size_t i = 0; i < n; i++) {
		struct effect *e = arena_new(&s->arena, struct effect);

		*e = (struct effect){fns + i, ud};
		lisp_define(s->lisp, fns[i].name, fns[i].min, fns[i].max,
			    s->opts.live ? do_effect : refuse_effect, s->opts.live ? (void *)e : s,
			    fns[i].doc);
	}
}

/* What a definition evaluates (sizes, first values) is bounded as well, and that it was is told.
 * A tenth of its work counts: a script that does nothing but define ends too. */
struct script_bound
session_begin_definition(struct session *s)
{
	struct script_bound b = {lisp_work_left(s->lisp), lisp_cpu_clock()};

	if (b.left)
		lisp_give_up_after(s->lisp, OFFLINE_FORM_NS);
	return b;
}

void
session_end_definition(struct session *s, struct script_bound b)
{
	uint64_t spent = (lisp_cpu_clock() - b.start) / 10;

	if (b.left)
		lisp_give_up_after(s->lisp, b.left > spent ? b.left - spent : 1);
}

/* Evaluate in an offline session: definitions count, what a script does with them does not. */
static bool
eval_offline(struct session *s, value form, value *out, struct diags *ds)
{
	uint32_t before = ds->all.n, errors = ds->errors;
	bool ok, gave_up;

	s->effect_refused = false;
	lisp_give_up_after(s->lisp, OFFLINE_FORM_NS);
	ok = lisp_eval(s->lisp, form, out, ds);
	gave_up = lisp_gave_up(s->lisp);
	lisp_give_up_after(s->lisp, 0);
	if (ok || (!s->effect_refused && !gave_up))
		return ok;
	ds->all.n = before;
	ds->errors = errors;
	*out = NIL;
	return true;
}

/* Atoms carry no place: what is wrong with one that stands alone is where the reader just was. */
static void
place_atom(struct session *s, const struct reader *r, struct diags *ds, uint32_t before)
{
	str text = s->sources.files.at[r->file].text;
	uint32_t end = r->pos < text.n ? r->pos : (uint32_t)text.n, start = end;

	while (start && !strchr(" \t\r\n()'`,\";", text.p[start - 1]))
		start--;
	for (uint32_t i = before; i < ds->all.n; i++)
		if (!ds->all.at[i]->at)
			ds->all.at[i]->at = span_new(&s->sources, r->file, start, end);
}

enum session_step
session_step(struct session *s, struct reader *r, value *out, struct diags *ds)
{
	uint32_t mark, before = ds->all.n;
	value form;
	bool ok;

	s->interrupted = false;
	switch (lisp_read(s->lisp, r, &form, ds)) {
	case READ_END: return STEP_END;
	case READ_INCOMPLETE: return STEP_INCOMPLETE;
	case READ_ERROR: return STEP_FAILED;
	case READ_FORM: break;
	}
	mark = lisp_root(s->lisp, form);
	ok = s->opts.live ? lisp_eval(s->lisp, form, out, ds) : eval_offline(s, form, out, ds);
	lisp_unroot(s->lisp, mark);
	if (!ok && !is_cons(form))
		place_atom(s, r, ds, before);
	session_printf_flush(s);
	session_tell_losses(s);
	return ok ? STEP_VALUE : STEP_FAILED;
}

struct program *
session_program(struct session *s, uint32_t i)
{
	return i < s->programs.n ? s->programs.at[i] : NULL;
}

struct program *
session_program_named(struct session *s, str name)
{
	for (uint32_t i = 0; i < s->programs.n; i++)
		if (str_is(name, s->programs.at[i]->name))
			return s->programs.at[i];
	return NULL;
}

struct map *
session_map(struct session *s, uint32_t i)
{
	return i < s->maps.n ? s->maps.at[i] : NULL;
}

struct map *
session_map_named(struct session *s, str name)
{
	for (uint32_t i = 0; i < s->maps.n; i++)
		if (str_is(name, s->maps.at[i]->name))
			return s->maps.at[i];
	return NULL;
}

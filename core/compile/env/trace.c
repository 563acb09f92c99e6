/* SPDX-License-Identifier: MIT */
/* trace.c: (deftracepoint CATEGORY/EVENT [FIELD...]).
 *
 * Reads the event's format as tracefs gives it, lines of
 *     field:TYPE NAME[COUNT];	offset:N;	size:N;	signed:N;
 * and defines (tp-FIELD) for each field asked for, or for all but the common ones. */
#include "compile/env/kenv.h"

#include "base/suggest.h"
#include "image/btf.h"

#include <ctype.h>
#include <stdlib.h>

struct line {
	str name;
	struct ktrace_field f;
};

static bool
number_after(str line, const char *key, uint32_t *out)
{
	const char *p = memmem(line.p, line.n, key, strlen(key));

	if (!p)
		return false;
	*out = (uint32_t)strtoul(p + strlen(key), NULL, 10);
	return true;
}

/* One `field:` line. */
static bool
parse_line(str line, struct line *out)
{
	const char *p = memmem(line.p, line.n, "field:", 6), *semi, *e, *b;
	uint32_t off, size, sign = 0;

	if (!p || !(semi = memchr(p, ';', (size_t)(line.p + line.n - p))) ||
	    !number_after(line, "offset:", &off) || !number_after(line, "size:", &size))
		return false;
	number_after(line, "signed:", &sign);
	*out = (struct line){0};
	e = semi;
	if (e[-1] == ']') {
		while (e > p && *e != '[')
			e--;
		out->f.count = (uint32_t)strtoul(e + 1, NULL, 10);
	}
	for (b = e; b > p && (isalnum((unsigned char)b[-1]) || b[-1] == '_'); b--)
		;
	out->name = (str){b, (size_t)(e - b)};
	out->f.off = (uint16_t)off;
	out->f.size = size;
	out->f.is_signed = sign != 0;
	out->f.data_loc = str_starts((str){p + 6, (size_t)(semi - p - 6)}, "__data_loc");
	if (out->f.data_loc)
		out->f.count = 0;
	else if (e != semi || size > 8)
		out->f.size = out->f.count ? size / out->f.count : 1;
	if (e != semi && !out->f.count)
		out->f.count = 1;
	return out->name.n != 0;
}

static bool
same_name(str kernel, str lisp)
{
	if (kernel.n != lisp.n)
		return false;
	for (size_t i = 0; i < lisp.n; i++)
		if (tolower((unsigned char)kernel.p[i]) !=
		    (lisp.p[i] == '-' ? '_' : lisp.p[i]))
			return false;
	return true;
}

static void
define_field(struct kenv *k, const struct line *ln, span at)
{
	char *name = arena_printf(&k->arena, "tp-%.*s", STR_ARG(ln->name));
	struct ktrace_field f = ln->f;
	struct ksym *s;

	for (char *p = name; *p; p++)
		*p = *p == '_' ? '-' : (char)tolower((unsigned char)*p);
	f.name = name;
	vec_push(&k->arena, &k->traces, f);
	s = kenv_sym(k, kenv_intern(k, name));
	s->fn = KF_TRACE;
	s->index = k->traces.n - 1;
	s->at = at;
	if (f.count || f.data_loc) {
		s = kenv_sym(k, kenv_intern(k, arena_printf(&k->arena, "%s-ptr", name)));
		s->fn = KF_TRACE_PTR;
		s->index = k->traces.n - 1;
		s->at = at;
	}
}

static bool
next_line(str *text, str *line)
{
	const char *nl;

	if (!text->n)
		return false;
	nl = memchr(text->p, '\n', text->n);
	*line = (str){text->p, nl ? (size_t)(nl - text->p) : text->n};
	text->p += line->n + (nl != NULL);
	text->n -= line->n + (nl != NULL);
	return true;
}

static bool
one_field(struct kenv *k, str format, str wanted, span at, struct diags *ds)
{
	struct suggest s = suggest_start(wanted);
	struct buf list = buf_new(ds->arena);
	struct line ln;
	struct diag *d;
	str text = format, l;

	while (next_line(&text, &l)) {
		if (!parse_line(l, &ln))
			continue;
		if (same_name(ln.name, wanted)) {
			define_field(k, &ln, at);
			return true;
		}
		suggest_offer(&s, ln.name);
	}
	d = diag_error(ds, "C0008", at, "the tracepoint has no field `%.*s`", STR_ARG(wanted));
	if (s.best.p)
		diag_help(ds, d, "did you mean `%.*s`?", STR_ARG(s.best));
	for (text = format; next_line(&text, &l); )
		if (parse_line(l, &ln) && !str_starts(ln.name, "common_"))
			kenv_list_name(&list, ln.name);
	diag_note(ds, d, "it has %.*s", STR_ARG(buf_text(&list)));
	return false;
}

static bool
fetch_format(struct kenv *k, value event, span at, str *format, struct diags *ds)
{
	const char *why = NULL, *slash;
	char *text;

	if (!is_symbol(event) && !is_string(event)) {
		diag_error(ds, "C0001", at, "a tracepoint is CATEGORY/EVENT");
		return false;
	}
	text = is_string(event)
		       ? arena_strndup(ds->arena, as_string(event).p, as_string(event).n)
		       : arena_strndup(ds->arena, as_symbol(event)->name.p,
				       as_symbol(event)->name.n);
	for (char *p = text; *p; p++)
		if (*p == '-')
			*p = '_';
	slash = strchr(text, '/');
	if (!slash) {
		diag_error(ds, "C0001", at, "a tracepoint is CATEGORY/EVENT");
		return false;
	}
	text[slash - text] = 0;
	*format = (str){0};
	if (k->host.tracepoint_format)
		*format = k->host.tracepoint_format(k->host.ud, text, slash + 1, &why);
	if (format->p)
		return true;
	diag_error(ds, "C0021", at, "the format of tracepoint %s/%s is not readable%s%s", text,
		   slash + 1, why ? ": " : "", why ? why : "");
	return false;
}

/* ---- from BTF ------------------------------------------------------------------------------
 *
 * Without tracefs the record of an event is known from struct trace_event_raw_EVENT of the
 * kernel's BTF (events of a class share that of the class, which BTF does not tell). */

static bool
btf_line(struct btf *b, const struct btf_field *m, struct line *out)
{
	uint32_t t = btf_resolve(b, m->type);
	const struct btf_array *arr = btf_array_of(b, t);
	const char *name = m->name;
	int64_t size;

	*out = (struct line){0};
	if (str_starts(str_of(name), "__data_loc_")) {
		out->f.data_loc = true;
		name += 11;
	}
	if (!*name || str_is(str_of(name), "ent") || str_is(str_of(name), "__data"))
		return false;
	size = btf_size(b, arr ? btf_resolve(b, arr->type) : t);
	if (size <= 0)
		return false;
	out->name = str_of(name);
	out->f.off = (uint16_t)(m->bit_offset / 8);
	out->f.size = (uint32_t)size;
	out->f.count = arr ? arr->nelems : size > 8 ? 1 : 0;
	out->f.is_signed = btf_is_signed(b, t);
	return true;
}

static uint32_t
event_struct(struct kenv *k, struct btf *b, const char *event)
{
	static const char *const calls[] = {"sys_enter_", "sys_exit_"};
	static const char *const records[] = {"syscall_trace_enter", "syscall_trace_exit"};

	for (int i = 0; i < 2; i++)
		if (str_starts(str_of(event), calls[i]))
			return btf_find(b, str_of(records[i]), BTF_KIND_STRUCT);
	return btf_find(b, str_of(arena_printf(&k->arena, "trace_event_raw_%s", event)),
			BTF_KIND_STRUCT);
}

static bool
one_btf_field(struct kenv *k, struct btf *b, uint32_t id, str wanted, span at,
	      struct diags *ds)
{
	struct suggest s = suggest_start(wanted);
	struct buf list = buf_new(ds->arena);
	struct btf_field m;
	struct line ln;
	struct diag *d;

	for (uint32_t i = 0; btf_member(b, id, i, &m); i++) {
		if (!btf_line(b, &m, &ln))
			continue;
		if (same_name(ln.name, wanted)) {
			define_field(k, &ln, at);
			return true;
		}
		suggest_offer(&s, ln.name);
		kenv_list_name(&list, ln.name);
	}
	d = diag_error(ds, "C0008", at, "the kernel's BTF has no field `%.*s` for the tracepoint",
		       STR_ARG(wanted));
	if (s.best.p)
		diag_help(ds, d, "did you mean `%.*s`?", STR_ARG(s.best));
	diag_note(ds, d, "it has %.*s", STR_ARG(buf_text(&list)));
	diag_help(ds, d, "arguments of system calls by name are in tracefs only: mount -t tracefs "
			 "tracefs /sys/kernel/tracing");
	return false;
}

/* False when BTF does not know the event either; then nothing was reported. */
static bool
from_btf(struct kenv *k, value form, bool *ok, struct diags *ds)
{
	value event = nth(form, 1), fields = cdr(cdr(form));
	struct diags quiet;
	struct btf *b;
	struct btf_field m;
	struct line ln;
	const char *slash;
	uint32_t id;

	diags_init(&quiet, ds->arena);
	b = kenv_vmlinux(k, 0, &quiet);
	if (!b || !is_symbol(event))
		return false;
	slash = memchr(as_symbol(event)->name.p, '/', as_symbol(event)->name.n);
	if (!slash)
		return false;
	id = event_struct(
		k, b,
		kenv_c_name(&k->arena,
			    (str){slash + 1,
				  as_symbol(event)->name.n -
					  (size_t)(slash + 1 - as_symbol(event)->name.p)}));
	if (!id)
		return false;
	*ok = true;
	for (uint32_t i = 0; is_nil(fields) && btf_member(b, id, i, &m); i++)
		if (btf_line(b, &m, &ln))
			define_field(k, &ln, form_span(form));
	for (; is_cons(fields); fields = cdr(fields))
		if (is_symbol(car(fields)))
			*ok &= one_btf_field(k, b, id, as_symbol(car(fields))->name,
					     car_span(fields), ds);
	return true;
}

bool
kenv_deftracepoint(struct kenv *k, value form, struct diags *ds)
{
	value fields = cdr(cdr(form));
	struct diags tried;
	struct line ln;
	bool ok = true;
	str format, l;

	diags_init(&tried, ds->arena);

	if (!fetch_format(k, car(cdr(form)), car_span(cdr(form)), &format, &tried)) {
		if (from_btf(k, form, &ok, ds))
			return ok;
		return fetch_format(k, car(cdr(form)), car_span(cdr(form)), &format, ds);
	}
	if (is_nil(fields)) {
		while (next_line(&format, &l))
			if (parse_line(l, &ln) && !str_starts(ln.name, "common_"))
				define_field(k, &ln, form_span(form));
		return true;
	}
	for (; is_cons(fields); fields = cdr(fields)) {
		if (!is_symbol(car(fields))) {
			diag_error(ds, "C0001", car_span(fields), "a field name is needed");
			ok = false;
			continue;
		}
		ok &= one_field(k, format, as_symbol(car(fields))->name, car_span(fields), ds);
	}
	return ok;
}

/* SPDX-License-Identifier: MIT */
/* diag.c: filling diagnostics; see render.c for showing them. */
#include "diag.h"

void
diags_init(struct diags *ds, struct arena *arena)
{
	*ds = (struct diags){.arena = arena};
}

#define FORMAT(out, fmt) do { \
		va_list ap_; \
		va_start(ap_, fmt); \
		(out) = arena_vprintf(ds->arena, fmt, ap_); \
		va_end(ap_); \
	} while (0)

struct diag *
diag_add(struct diags *ds, enum diag_severity severity, const char *code, span at,
	 const char *fmt, ...)
{
	struct diag *d = arena_new(ds->arena, struct diag);

	d->severity = severity;
	d->code = arena_strdup(ds->arena, code);
	d->at = at;
	FORMAT(d->message, fmt);
	vec_push(ds->arena, &ds->all, d);
	ds->errors += severity == DIAG_ERROR;
	return d;
}

void
diag_label(struct diags *ds, struct diag *d, span at, const char *fmt, ...)
{
	struct diag_label *l = vec_add(ds->arena, &d->labels);

	l->at = at;
	FORMAT(l->text, fmt);
}

void
diag_here(struct diags *ds, struct diag *d, const char *fmt, ...)
{
	FORMAT(d->at_label, fmt);
}

void
diag_note(struct diags *ds, struct diag *d, const char *fmt, ...)
{
	char *text;

	FORMAT(text, fmt);
	vec_push(ds->arena, &d->notes, text);
}

void
diag_help(struct diags *ds, struct diag *d, const char *fmt, ...)
{
	char *text;

	FORMAT(text, fmt);
	vec_push(ds->arena, &d->helps, text);
}

struct diag_fix *
diag_fix(struct diags *ds, struct diag *d, const char *fmt, ...)
{
	struct diag_fix *f = vec_add(ds->arena, &d->fixes);

	FORMAT(f->title, fmt);
	return f;
}

void
diag_edit(struct diags *ds, struct diag_fix *f, span at, const char *fmt, ...)
{
	struct diag_edit *e = vec_add(ds->arena, &f->edits);

	e->at = at;
	FORMAT(e->text, fmt);
}

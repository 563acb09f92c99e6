/* SPDX-License-Identifier: MIT */
/* render_json.c: diagnostics for machines; field names are stable. */
#include "render.h"

void
render_json_place(struct buf *out, struct sources *s, span at)
{
	struct line_col lc = span_line_col(s, at);

	if (!lc.line) {
		buf_puts(out, "null");
		return;
	}
	buf_puts(out, "{\"file\":");
	buf_json_str(out, str_of(s->files.at[span_place(s, at).file].name));
	buf_printf(out, ",\"line\":%u,\"column\":%u,\"end_line\":%u,\"end_column\":%u}", lc.line,
		   lc.col, lc.end_line, lc.end_col);
}

static void
strings(struct buf *out, const char *key, const char *const *at, uint32_t n)
{
	buf_printf(out, ",\"%s\":[", key);
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			buf_putc(out, ',');
		buf_json_str(out, str_of(at[i]));
	}
	buf_putc(out, ']');
}

static void
string_or_null(struct buf *out, const char *key, const char *text)
{
	buf_printf(out, ",\"%s\":", key);
	if (text)
		buf_json_str(out, str_of(text));
	else
		buf_puts(out, "null");
}

void
render_json_fixes(struct buf *out, struct sources *s, const struct diag *d)
{
	buf_putc(out, '[');
	for (uint32_t i = 0; i < d->fixes.n; i++) {
		const struct diag_fix *f = &d->fixes.at[i];

		buf_puts(out, i ? ",{\"title\":" : "{\"title\":");
		buf_json_str(out, str_of(f->title));
		buf_printf(out, ",\"verified\":%s,\"edits\":[", f->verified ? "true" : "false");
		for (uint32_t j = 0; j < f->edits.n; j++) {
			struct place p = span_place(s, f->edits.at[j].at);

			buf_puts(out, j ? ",{\"file\":" : "{\"file\":");
			buf_json_str(out, str_of(s->files.at[p.file].name));
			buf_printf(out, ",\"start\":%u,\"end\":%u,\"text\":", p.start, p.end);
			buf_json_str(out, str_of(f->edits.at[j].text));
			buf_putc(out, '}');
		}
		buf_puts(out, "]}");
	}
	buf_putc(out, ']');
}

void
render_json(struct buf *out, struct sources *s, const struct diag *d)
{
	static const char *const severity[] = {"error", "warning", "note"};
	span user = span_user(s, d->at);

	buf_printf(out, "{\"severity\":\"%s\",\"code\":\"%s\",\"message\":", severity[d->severity],
		   d->code);
	buf_json_str(out, str_of(d->message));
	buf_puts(out, ",\"at\":");
	render_json_place(out, s, user);
	buf_puts(out, ",\"in_macro\":");
	render_json_place(out, s, user == d->at ? 0 : d->at);
	buf_puts(out, ",\"labels\":[");
	for (uint32_t i = 0; i < d->labels.n; i++) {
		buf_puts(out, i ? ",{\"at\":" : "{\"at\":");
		render_json_place(out, s, span_user(s, d->labels.at[i].at));
		buf_puts(out, ",\"text\":");
		buf_json_str(out, str_of(d->labels.at[i].text));
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
	strings(out, "notes", d->notes.at, d->notes.n);
	strings(out, "helps", d->helps.at, d->helps.n);
	buf_puts(out, ",\"fixes\":");
	render_json_fixes(out, s, d);
	string_or_null(out, "real", d->real);
	string_or_null(out, "kernel_message", d->kernel);
	buf_putc(out, '}');
}

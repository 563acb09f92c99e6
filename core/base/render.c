/* SPDX-License-Identifier: MIT */
/* render.c: the terminal form of a diagnostic.
 *
 *   error[C0012]: unknown map `pkst`
 *     --> count.lisp:4:17
 *      |
 *    4 |   (incf (getmap pkst 0))
 *      |                 ^^^^ no map of this name
 *      |
 *      = help: did you mean `pkts`?
 *
 * Places of one file share a snippet, in order of line; columns are counted as the terminal
 * shows them (tabs to the next multiple of 8, wide characters as two). A line longer than
 * the terminal is cut to a window around its marks. */
#include "render.h"

#include "utf8.h"

#include <stdlib.h>

enum { DEFAULT_WIDTH = 100, TAB = 8, MAX_MARKS = 64 };

struct mark {
	uint32_t file, line, col, end_col;	/* bytes, 1-based; col 0: the line only */
	const char *text;
	bool primary;
	bool goes_on;		/* the form continues on later lines */
};

struct view {
	struct buf *out;
	struct sources *s;
	bool colour;
	unsigned width, gutter;
	struct mark marks[MAX_MARKS];
	unsigned n;
};

static void
paint(struct view *v, const char *code)
{
	if (v->colour)
		buf_printf(v->out, "\033[%sm", code);
}

static const char *
severity_name(enum diag_severity s)
{
	return s == DIAG_ERROR ? "error" : s == DIAG_WARNING ? "warning" : "note";
}

static const char *
severity_colour(enum diag_severity s)
{
	return s == DIAG_ERROR ? "1;31" : s == DIAG_WARNING ? "1;33" : "1;36";
}

static void
add_mark(struct view *v, span at, const char *text, bool primary)
{
	struct line_col lc = span_line_col(v->s, at);
	struct mark *m;

	if (!at || !lc.line || v->n == MAX_MARKS)
		return;
	m = &v->marks[v->n++];
	*m = (struct mark){span_place(v->s, at).file, lc.line, lc.col, lc.end_col,
			   text ? text : "", primary, false};
	if (lc.end_line != lc.line) {
		m->end_col = (uint32_t)source_line(v->s, m->file, lc.line).n + 1;
		m->goes_on = true;
	}
}

/* Primary's file first, then by file; by line and column inside. */
static int
compare_marks(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return (x->col > y->col) - (x->col < y->col);
}

/* Columns that bytes [from, to) of a line take when the first starts at column `at`. */
static unsigned
columns(str line, size_t from, size_t to, unsigned at)
{
	unsigned start = at;

	for (size_t i = from; i < to && i < line.n;) {
		unsigned n = utf8_len(line.p + i, line.n - i);

		if (line.p[i] == '\t')
			at += TAB - at % TAB;
		else
			at += n ? utf8_width(utf8_decode(line.p + i, n)) : 1;
		i += n ? n : 1;
	}
	return at - start;
}

static void
gutter(struct view *v, uint32_t line)
{
	paint(v, "1;34");
	if (line)
		buf_printf(v->out, "%*u |", v->gutter, line);
	else
		buf_printf(v->out, "%*s |", v->gutter, "");
	paint(v, "0");
}

struct window {
	unsigned from, to;	/* terminal columns of the line that are shown */
};

/* Print one source line with tabs expanded and only the window's columns. */
static void
print_line(struct view *v, str line, struct window w)
{
	unsigned at = 0;

	if (w.from)
		buf_puts(v->out, "…");
	for (size_t i = 0; i < line.n;) {
		unsigned n = utf8_len(line.p + i, line.n - i), step = n ? n : 1;
		unsigned cols = columns(line, i, i + step, at);

		if (at >= w.from && at + cols <= w.to) {
			if (line.p[i] == '\t')
				buf_fill(v->out, ' ', cols);
			else if (n == 0 || (unsigned char)line.p[i] < 0x20)
				buf_puts(v->out, "?");
			else
				buf_bytes(v->out, line.p + i, step);
		}
		at += cols;
		i += step;
	}
	if (at > w.to)
		buf_puts(v->out, "…");
	buf_putc(v->out, '\n');
}

static struct window
choose_window(struct view *v, str line, const struct mark *m)
{
	unsigned room = v->width > v->gutter + 8 ? v->width - v->gutter - 6 : 20;
	unsigned all = columns(line, 0, line.n, 0);
	unsigned start = columns(line, 0, m->col ? m->col - 1 : 0, 0);

	if (all <= room)
		return (struct window){0, all};
	if (start + 20 < room)
		return (struct window){0, room};
	start -= room / 3;
	return (struct window){start, start + room};
}

/* Text broken at spaces to keep to the width; `indent` columns are taken on each line, on
 * further ones by spaces, after the gutter when there is a colour to go on with. */
static void
print_wrapped(struct view *v, str text, unsigned indent, const char *colour)
{
	size_t room = v->width > indent + 20 ? v->width - indent : 20;

	while (columns(text, 0, text.n, 0) > room) {
		size_t n = room < text.n ? room : text.n;

		while (n && text.p[n] != ' ')
			n--;
		while (!n || (n < text.n && text.p[n] != ' '))	/* a long word stays whole */
			n++;
		buf_bytes(v->out, text.p, n);
		text = (str){text.p + n, text.n - n};
		while (text.n && *text.p == ' ')
			text.p++, text.n--;
		if (!text.n)
			return;
		buf_putc(v->out, '\n');
		if (colour) {
			paint(v, "0");
			gutter(v, 0);
			paint(v, colour);
			buf_fill(v->out, ' ', indent - v->gutter - 2);
		} else {
			buf_fill(v->out, ' ', indent);
		}
	}
	buf_str(v->out, text);
}

/* The words beside a mark; below it where the line has no room left for them. */
static void
print_label(struct view *v, const char *text, unsigned column, unsigned end, const char *colour)
{
	if (v->width > v->gutter + 4 + end + 30 ||
	    v->gutter + 4 + end + columns(str_of(text), 0, strlen(text), 0) <= v->width) {
		buf_putc(v->out, ' ');
		print_wrapped(v, str_of(text), v->gutter + 4 + end, colour);
		return;
	}
	if (column > v->width / 3)
		column = v->width / 3;
	buf_putc(v->out, '\n');
	paint(v, "0");
	gutter(v, 0);
	paint(v, colour);
	buf_fill(v->out, ' ', column + 1);
	print_wrapped(v, str_of(text), v->gutter + 3 + column, colour);
}

static void
print_mark(struct view *v, str line, const struct mark *m, struct window w,
	   enum diag_severity severity)
{
	unsigned start = columns(line, 0, m->col - 1, 0);
	unsigned len = m->end_col > m->col ? columns(line, m->col - 1, m->end_col - 1, start) : 1;

	if (len == 0)
		len = 1;
	if (start + len > w.to)
		len = w.to > start ? w.to - start : 1;
	start = start > w.from ? start - w.from : 0;
	gutter(v, 0);
	buf_fill(v->out, ' ', start + 1 + (w.from ? 1 : 0));
	paint(v, m->primary ? severity_colour(severity) : "1;34");
	buf_fill(v->out, m->primary ? '^' : '-', len);
	if (m->goes_on)
		buf_puts(v->out, "...");
	if (*m->text)
		print_label(v, m->text, start, start + len + (m->goes_on ? 3 : 0),
			    m->primary ? severity_colour(severity) : "1;34");
	paint(v, "0");
	buf_putc(v->out, '\n');
}

/* The marks [from, to) share a file. */
static void
print_snippet(struct view *v, unsigned from, unsigned to, bool first,
	      enum diag_severity severity)
{
	const struct mark *lead = &v->marks[from];
	uint32_t last = 0;

	for (unsigned i = from; i < to; i++)
		if (v->marks[i].primary)
			lead = &v->marks[i];
	paint(v, "1;34");
	buf_printf(v->out, "%*s%s ", v->gutter, "", first ? "-->" : ":::");
	paint(v, "0");
	buf_printf(v->out, "%s:%u", v->s->files.at[lead->file].name, lead->line);
	if (lead->col)
		buf_printf(v->out, ":%u", lead->col);
	buf_putc(v->out, '\n');
	if (!source_line(v->s, lead->file, lead->line).p)
		return;
	gutter(v, 0);
	buf_putc(v->out, '\n');
	for (unsigned i = from; i < to;) {
		uint32_t line = v->marks[i].line;
		str text = source_line(v->s, v->marks[i].file, line);
		struct window w = choose_window(v, text, &v->marks[i]);

		if (last && line > last + 1) {
			if (line == last + 2) {
				str between = source_line(v->s, v->marks[i].file, last + 1);

				gutter(v, last + 1);
				buf_putc(v->out, ' ');
				print_line(v, between,
					   choose_window(v, between, &(struct mark){.col = 1}));
			} else {
				buf_puts(v->out, "...\n");
			}
		}
		gutter(v, line);
		buf_putc(v->out, ' ');
		print_line(v, text, w);
		for (; i < to && v->marks[i].line == line; i++)
			if (v->marks[i].col)
				print_mark(v, text, &v->marks[i], w, severity);
		last = line;
	}
}

static unsigned
digits(uint32_t n)
{
	unsigned d = 1;

	while (n >= 10) {
		n /= 10;
		d++;
	}
	return d;
}

static void
print_snippets(struct view *v, const struct diag *d)
{
	uint32_t main_file = v->n ? v->marks[0].file : 0;	/* the primary was added first */
	unsigned groups = 0;

	qsort(v->marks, v->n, sizeof *v->marks, compare_marks);
	for (int pass = 0; pass < 2; pass++) {
		for (unsigned i = 0, j; i < v->n; i = j) {
			for (j = i; j < v->n && v->marks[j].file == v->marks[i].file;)
				j++;
			if ((v->marks[i].file == main_file) == (pass == 0))
				print_snippet(v, i, j, groups++ == 0, d->severity);
		}
	}
}

/* "   = note: text", continuation lines indented below the text. `verbatim`: lines are not
 * broken, so that the kernel's words can be searched for. */
static void
print_note(struct view *v, const char *head, const char *text, bool verbatim)
{
	unsigned indent = v->gutter + 3 + (unsigned)strlen(head) + 2;

	paint(v, "1;34");
	buf_printf(v->out, "%*s =", v->gutter, "");
	paint(v, "1");
	buf_printf(v->out, " %s: ", head);
	paint(v, "0");
	while (*text) {
		size_t n = strcspn(text, "\n");

		if (verbatim)
			buf_bytes(v->out, text, n);
		else
			print_wrapped(v, (str){text, n}, indent, NULL);
		text += n + (text[n] == '\n');
		buf_putc(v->out, '\n');
		if (*text)
			buf_fill(v->out, ' ', indent);
	}
}

/* ---- fixes as a diff: lines taken away, lines put in ------------------------------------- */

static void
diff_lines(struct view *v, char sign, const char *colour, str text)
{
	while (text.n) {
		const char *nl = memchr(text.p, '\n', text.n);
		size_t n = nl ? (size_t)(nl - text.p) : text.n;

		paint(v, colour);
		buf_printf(v->out, "%*s | %c %.*s\n", v->gutter, "", sign, (int)n, text.p);
		paint(v, "0");
		text.p += nl ? n + 1 : n;
		text.n -= nl ? n + 1 : n;
	}
}

/* Lines that both texts begin or end with are not shown. */
static void
diff_common(struct view *v, str before, str after)
{
	size_t head = 0, tail = 0;

	for (size_t i = 0; i < before.n && i < after.n && before.p[i] == after.p[i]; i++)
		if (before.p[i] == '\n')
			head = i + 1;
	for (size_t i = 1; i + head <= before.n && i + head <= after.n &&
			   before.p[before.n - i] == after.p[after.n - i]; i++)
		if (before.p[before.n - i] == '\n')
			tail = i;
	diff_lines(v, '-', "31", (str){before.p + head, before.n - head - tail});
	diff_lines(v, '+', "32", (str){after.p + head, after.n - head - tail});
}

/* The lines from..to as they are, and with the edits first..last in them. */
static void
print_hunk(struct view *v, const struct diag_fix *f, uint32_t first, uint32_t last,
	   uint32_t from, uint32_t to)
{
	uint32_t file = span_place(v->s, f->edits.at[first].at).file;
	struct buf after = buf_new(v->out->arena), before = buf_new(v->out->arena);
	str top = source_line(v->s, file, from), bottom = source_line(v->s, file, to);
	const char *base = v->s->files.at[file].text.p;
	uint32_t at = (uint32_t)(top.p - base), end = (uint32_t)(bottom.p + bottom.n - base);

	buf_bytes(&before, base + at, end - at);
	for (uint32_t i = first; i <= last; i++) {
		struct place p = span_place(v->s, f->edits.at[i].at);

		buf_bytes(&after, base + at, p.start - at);
		buf_puts(&after, f->edits.at[i].text);
		at = p.end;
	}
	buf_bytes(&after, base + at, end > at ? end - at : 0);
	buf_putc(&before, '\n');
	buf_putc(&after, '\n');
	diff_common(v, buf_text(&before), buf_text(&after));
}

static void
print_fix(struct view *v, const struct diag_fix *f)
{
	uint32_t shown = 0;	/* the last line of the hunk before */

	for (uint32_t i = 0, j; i < f->edits.n; i = j) {
		struct line_col lc = span_line_col(v->s, f->edits.at[i].at);
		uint32_t to = lc.end_line;

		if (!lc.col || !source_line(v->s, span_place(v->s, f->edits.at[i].at).file, lc.line).p)
			return;
		for (j = i + 1; j < f->edits.n; j++) {
			struct line_col next = span_line_col(v->s, f->edits.at[j].at);

			if (next.line > to)
				break;
			to = next.end_line > to ? next.end_line : to;
		}
		if (i && lc.line > shown + 1)
			buf_printf(v->out, "%*s | ...\n", v->gutter, "");
		shown = to;
		print_hunk(v, f, i, j - 1, lc.line, to);
	}
}

static void
collect_marks(struct view *v, const struct diag *d)
{
	span user = span_user(v->s, d->at);

	add_mark(v, user, d->at_label, true);
	for (uint32_t i = 0; i < d->labels.n; i++)
		add_mark(v, span_user(v->s, d->labels.at[i].at), d->labels.at[i].text, false);
	if (user != d->at)
		add_mark(v, d->at, "in the macro, here", false);
	v->gutter = 2;
	for (unsigned i = 0; i < v->n; i++)
		if (digits(v->marks[i].line) + 1 > v->gutter)
			v->gutter = digits(v->marks[i].line) + 1;
}

void
render_diag(struct buf *out, struct sources *s, const struct diag *d,
	    const struct render_opts *o)
{
	struct view v = {.out = out, .s = s, .colour = o && o->colour,
			 .width = o && o->width ? o->width : DEFAULT_WIDTH};

	collect_marks(&v, d);
	paint(&v, severity_colour(d->severity));
	buf_printf(out, "%s[%s]", severity_name(d->severity), d->code);
	paint(&v, "0");
	paint(&v, "1");
	buf_printf(out, ": %s\n", d->message);
	paint(&v, "0");
	print_snippets(&v, d);
	if (!v.n && span_whole_file(s, d->at))
		buf_printf(out, "%*s--> %s\n", v.gutter, "", span_whole_file(s, d->at));
	if (v.n && (d->notes.n || d->helps.n || d->fixes.n || d->kernel)) {
		gutter(&v, 0);
		buf_putc(out, '\n');
	}
	for (uint32_t i = 0; i < d->notes.n; i++)
		print_note(&v, "note", d->notes.at[i], false);
	for (uint32_t i = 0; i < d->helps.n; i++)
		print_note(&v, "help", d->helps.at[i], false);
	if (d->real)
		print_note(&v, "real", d->real, false);
	for (uint32_t i = 0; i < d->fixes.n; i++) {
		const struct diag_fix *f = &d->fixes.at[i];

		print_note(&v, f->verified ? "fix (verified)" : "fix", f->title, false);
		print_fix(&v, f);
	}
	if (d->kernel)
		print_note(&v, "kernel", d->kernel, true);
}

void
render_fix(struct buf *out, struct sources *s, const struct diag_fix *f,
	   const struct render_opts *o)
{
	struct view v = {.out = out, .s = s, .colour = o && o->colour, .gutter = 1};

	print_fix(&v, f);
}

void
render_diags(struct buf *out, struct sources *s, const struct diags *ds,
	     const struct render_opts *o)
{
	for (uint32_t i = 0; i < ds->all.n; i++) {
		if (i)
			buf_putc(out, '\n');
		render_diag(out, s, ds->all.at[i], o);
	}
}

void
render_brief(struct buf *out, struct sources *s, const struct diag *d)
{
	span at = span_user(s, d->at);
	struct line_col lc = span_line_col(s, at);

	if (lc.line)
		buf_printf(out, "%s:%u:%u: ", s->files.at[span_place(s, at).file].name, lc.line,
			   lc.col ? lc.col : 1);
	else if (span_whole_file(s, at))
		buf_printf(out, "%s: ", span_whole_file(s, at));
	buf_printf(out, "%s[%s]: %s\n", severity_name(d->severity), d->code, d->message);
}

/* SPDX-License-Identifier: MIT */
/* source.c: the tables behind spans. */
#include "source.h"

void
sources_init(struct sources *s)
{
	*s = (struct sources){0};
	arena_init(&s->arena);
	(void)vec_add(&s->arena, &s->places);
	sources_add_name(s, "<unknown>");
}

void
sources_free(struct sources *s)
{
	arena_free(&s->arena);
}

uint32_t
sources_add(struct sources *s, const char *name, str text)
{
	struct source *f = vec_add(&s->arena, &s->files);

	f->name = arena_strdup(&s->arena, name);
	f->text = (str){arena_strndup(&s->arena, text.p ? text.p : "", text.n), text.n};
	return s->files.n - 1;
}

uint32_t
sources_add_name(struct sources *s, const char *name)
{
	struct source *f;

	for (uint32_t i = 0; i < s->files.n; i++)
		if (!s->files.at[i].text.p && strcmp(s->files.at[i].name, name) == 0)
			return i;
	f = vec_add(&s->arena, &s->files);
	f->name = arena_strdup(&s->arena, name);
	return s->files.n - 1;
}

static span
add_place(struct sources *s, struct place p)
{
	vec_push(&s->arena, &s->places, p);
	return s->places.n - 1;
}

span
span_new(struct sources *s, uint32_t file, uint32_t start, uint32_t end)
{
	return add_place(s, (struct place){.file = file, .start = start, .end = end});
}

span
span_line(struct sources *s, uint32_t file, uint32_t line, uint32_t column)
{
	return add_place(s, (struct place){.file = file, .start = line, .end = column,
					   .by_line = true});
}

span
span_derive(struct sources *s, span at, span parent)
{
	struct place p = span_place(s, at);

	p.parent = parent;
	return add_place(s, p);
}

span
span_user(const struct sources *s, span at)
{
	for (struct place p = span_place(s, at); p.parent; p = span_place(s, at))
		at = p.parent;
	return at;
}

span
span_join(struct sources *s, span a, span b)
{
	struct place p = span_place(s, a), q = span_place(s, b);

	if (p.file != q.file || p.by_line || q.by_line || q.end < p.start)
		return a;
	p.end = q.end;
	return add_place(s, p);
}

static void
index_lines(struct sources *s, struct source *f)
{
	VEC(uint32_t) lines = {0};

	vec_push(&s->arena, &lines, 0);
	for (size_t i = 0; i < f->text.n; i++)
		if (f->text.p[i] == '\n')
			vec_push(&s->arena, &lines, (uint32_t)i + 1);
	f->lines = lines.at;
	f->nlines = lines.n;
}

/* Index of the line that holds byte `at`. */
static uint32_t
line_of(struct sources *s, struct source *f, uint32_t at)
{
	uint32_t lo = 0, hi;

	if (!f->lines)
		index_lines(s, f);
	hi = f->nlines;
	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (f->lines[mid] <= at)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

/* Past the bracket that closes the one at `i`, or the line's end. */
static size_t
past_bracket(str l, size_t i)
{
	size_t depth = 0;

	for (; i < l.n; i++) {
		depth += l.p[i] == '(' || l.p[i] == '[';
		depth -= l.p[i] == ')' || l.p[i] == ']';
		if (!depth)
			return i + 1;
	}
	return l.n;
}

static size_t
run_of(str l, size_t i, char c)
{
	size_t n = 0;

	while (i + n < l.n && l.p[i + n] == c)
		n++;
	return n;
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		c == '_' || (unsigned char)c >= 0x80;
}

/* Line records name where an expression of C or Rust begins; it is taken to end with the
 * names, calls, indices and members that follow each other there:
 * (prefix)* (name | bracket) (bracket | ("." | "->" | "::" | "!") name?)* */
static size_t
expression_end(str l, size_t i)
{
	size_t from = i;

	while (i < l.n && strchr("*&!~-+", l.p[i]))
		i++;
	if (i + 6 < l.n && !memcmp(l.p + i, "return ", 7)) {
		const char *end = memchr(l.p + i, ';', l.n - i);

		return end ? (size_t)(end - l.p) : l.n;
	}
	for (;;) {
		size_t was = i, gap;

		while (i < l.n && is_word(l.p[i]))
			i++;
		gap = i + run_of(l, i, ' ');
		if (gap < l.n && (l.p[gap] == '(' || l.p[gap] == '['))
			i = past_bracket(l, gap);
		while (i + 1 < l.n && ((l.p[i] == '-' && l.p[i + 1] == '>') ||
				       (l.p[i] == ':' && l.p[i + 1] == ':')))
			i += 2;
		if (i + 1 < l.n && (l.p[i] == '.' || l.p[i] == '!') && l.p[i + 1] != '=')
			i++;
		if (i == was)
			break;
	}
	return i > from ? i : from + 1;
}

/* A place known by line and column; where it ends is read off the text when there is one. */
static struct line_col
line_col_of_line(struct sources *s, struct place p)
{
	struct line_col r = {p.start, p.end, p.start, p.end ? p.end + 1 : 0};
	str line = source_line(s, p.file, p.start);

	if (p.end && p.end <= line.n)
		r.end_col = (uint32_t)expression_end(line, p.end - 1) + 1;
	return r;
}

struct line_col
span_line_col(struct sources *s, span at)
{
	struct place p = span_place(s, at);
	struct line_col r = {0};
	struct source *f;
	uint32_t line;

	if (!at || p.file >= s->files.n)
		return r;
	if (p.by_line)
		return line_col_of_line(s, p);
	f = &s->files.at[p.file];
	if (!f->text.p)
		return r;
	line = line_of(s, f, p.start);
	r.line = line + 1;
	r.col = p.start - f->lines[line] + 1;
	line = line_of(s, f, p.end > p.start ? p.end - 1 : p.end);
	r.end_line = line + 1;
	r.end_col = p.end - f->lines[line] + 1;
	return r;
}

const char *
span_whole_file(const struct sources *s, span at)
{
	struct place p = span_place(s, at);

	return at && p.by_line && !p.start && p.file < s->files.n ? s->files.at[p.file].name : NULL;
}

str
span_text(const struct sources *s, span at)
{
	struct place p = span_place(s, at);
	const struct source *f;

	if (!at || p.by_line || p.file >= s->files.n)
		return (str){0};
	f = &s->files.at[p.file];
	if (!f->text.p || p.end > f->text.n || p.start > p.end)
		return (str){0};
	return (str){f->text.p + p.start, p.end - p.start};
}

str
source_line(struct sources *s, uint32_t file, uint32_t line)
{
	struct source *f;
	uint32_t start, end;

	if (file >= s->files.n)
		return (str){0};
	f = &s->files.at[file];
	if (!f->text.p)
		return (str){0};
	if (!f->lines)
		index_lines(s, f);
	if (line == 0 || line > f->nlines)
		return (str){0};
	start = f->lines[line - 1];
	end = line < f->nlines ? f->lines[line] - 1 : (uint32_t)f->text.n;
	if (end > start && f->text.p[end - 1] == '\r')
		end--;
	return (str){f->text.p + start, end - start};
}

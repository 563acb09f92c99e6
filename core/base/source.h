/* SPDX-License-Identifier: MIT */
/* source.h: source texts, and places in them.
 *
 * A `span` is a small number that names a place: which file, from which byte to which. Every
 * form, IR value, instruction and diagnostic carries one; 0 is "nowhere". A span made by a
 * macro expansion has a parent: the span itself is the line inside the macro, the parent is
 * the form the user wrote (which may have a parent in turn).
 *
 * The reader gives every cons two consecutive spans: cons.span is the list from this cons on
 * (for the first cons of a list: the whole form with its parentheses), cons.span + 1 is the
 * element in its car. */
#ifndef VEERY_SOURCE_H
#define VEERY_SOURCE_H

#include "arena.h"
#include "str.h"

typedef uint32_t span;

struct source {
	const char *name;	/* as the user wrote it; "<prompt 3>", "<-e>" for others */
	str text;		/* .p null: only line numbers are known (compiled objects) */
	bool is_quoted;		/* not the file's text: single lines, where they are known */
	uint32_t *lines;	/* byte offset of each line's start, made on demand */
	uint32_t nlines;
};

struct place {
	uint32_t file;		/* index into sources.files */
	uint32_t start, end;	/* bytes; or line and column when by_line */
	span parent;		/* the user's form this was expanded from, or 0 */
	bool by_line;		/* start is a line (1-based), end a column (1-based, 0 unknown) */
};

/* Owned by a session; files and places live as long as it does. */
struct sources {
	struct arena arena;
	VEC(struct source) files;
	VEC(struct place) places;	/* [0] is nowhere */
};

void sources_init(struct sources *s);
void sources_free(struct sources *s);
/* Text is copied (and null-terminated). Returns the file's index. */
uint32_t sources_add(struct sources *s, const char *name, str text);
/* A file known by name and line numbers only; found again by name. */
uint32_t sources_add_name(struct sources *s, const char *name);
span span_new(struct sources *s, uint32_t file, uint32_t start, uint32_t end);
span span_line(struct sources *s, uint32_t file, uint32_t line, uint32_t column);
/* The same place as `at`, reached through an expansion of the form at `parent`. */
span span_derive(struct sources *s, span at, span parent);
/* The form in the user's own text: the outermost parent. */
span span_user(const struct sources *s, span at);
/* From the start of `a` to the end of `b` (same file). */
span span_join(struct sources *s, span a, span b);

struct line_col {
	uint32_t line, col;		/* 1-based; col counts bytes; 0 unknown */
	uint32_t end_line, end_col;	/* end_col is one past the last byte */
};
struct line_col span_line_col(struct sources *s, span at);
/* The file of a place that is all of it (line 0: an object file); null for others. */
const char *span_whole_file(const struct sources *s, span at);
/* The text a span covers; .p null when unknown. */
str span_text(const struct sources *s, span at);
/* One line without its newline; .p null when there is none. */
str source_line(struct sources *s, uint32_t file, uint32_t line);

static inline struct place
span_place(const struct sources *s, span at)
{
	return at < s->places.n ? s->places.at[at] : (struct place){0};
}

#endif

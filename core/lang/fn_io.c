/* SPDX-License-Identifier: MIT */
/* fn_io.c: streams, printing and reading. A stream collects text or gives it out; the host's
 * output is the symbol t. Streams of files are made in fn_file.c. */
#include "lang/fn.h"

#include <stdio.h>

#include "base/utf8.h"

value
lisp_string_output(struct lisp *l)
{
	struct stream *s = heap_cell(l, heap_class(sizeof *s));

	*s = (struct stream){.header = OBJ_STREAM | l->heap.live, .path = NIL};
	s->text = NIL;		/* in case making the string collects: it does not, but */
	s->text = make_string(l, STR(""));
	return (value)(uintptr_t)s;
}

value
lisp_string_input(struct lisp *l, value text)
{
	struct stream *s = heap_cell(l, heap_class(sizeof *s));

	*s = (struct stream){.header = OBJ_STREAM | l->heap.live, .text = text, .path = NIL,
			     .input = true};
	return (value)(uintptr_t)s;
}

static void
count_columns(uint32_t *column, str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n')
			*column = 0;
		else if ((text.p[i] & 0xc0) != 0x80)
			++*column;
	}
}

static bool
write_to(struct lisp *l, value stream, str text)
{
	if (stream == T || stream == NIL)
		stream = as_symbol(l->s_standard_output)->global;
	if (is_object(stream, OBJ_STREAM) && !OBJ(stream, stream)->input) {
		struct stream *s = OBJ(stream, stream);

		if (s->closed)
			return lisp_raise(l, l->s_stream_error, vm_span(l),
					  "this stream has been closed");
		count_columns(&s->column, text);
		if (!string_append(l, s->text, text))
			return lisp_raise(l, l->s_storage_condition, vm_span(l),
					  "the text collected is too long");
		return s->path == NIL || as_string(s->text).n < FILE_BUFFER ||
		       lisp_file_flush(l, s, vm_span(l));
	}
	if (is_string(stream))
		return string_append(l, stream, text);
	if (stream != T)
		return lisp_raise_value(l, l->s_type_error, vm_span(l), stream,
					"is not a stream to write to");
	count_columns(&l->column, text);
	if (l->write)
		l->write(l->write_ud, text);
	return true;
}

bool
lisp_output(struct lisp *l, str text)
{
	return write_to(l, T, text);
}

static uint32_t
column_of(struct lisp *l, value stream)
{
	if (stream == T || stream == NIL)
		stream = as_symbol(l->s_standard_output)->global;
	return is_object(stream, OBJ_STREAM) ? OBJ(stream, stream)->column : l->column;
}

enum { PRINT_ESCAPE = 1, PRINT_NEWLINE_BEFORE = 2, PRINT_SPACE_AFTER = 4 };

/* princ prin1 print write */
FN(fn_print)
{
	uintptr_t how = (uintptr_t)ud;
	struct arena ar;
	struct buf b;
	bool ok;

	arena_init(&ar);
	b = buf_new(&ar);
	if (how & PRINT_NEWLINE_BEFORE)
		buf_putc(&b, '\n');
	print_value(l, &b, a.at[0], how & PRINT_ESCAPE);
	if (how & PRINT_SPACE_AFTER)
		buf_putc(&b, ' ');
	ok = write_to(l, a.n > 1 ? a.at[1] : T, buf_text(&b));
	arena_free(&ar);
	*out = a.at[0];
	return ok;
}

/* princ-to-string, prin1-to-string */
FN(fn_to_string)
{
	struct arena ar;

	arena_init(&ar);
	*out = make_string(l, lisp_print(l, &ar, a.at[0], ud != NULL));
	arena_free(&ar);
	return true;
}

/* Where character n of the text begins; its end when it is shorter. */
static size_t
character_at(str t, int64_t n)
{
	size_t i = 0;

	for (; n > 0 && i < t.n; n--) {
		unsigned len = utf8_len(t.p + i, t.n - i);

		i += len ? len : 1;
	}
	return i;
}

/* (write-string string [stream] :start :end), write-line */
FN(fn_write_string)
{
	value start = fn_key(a, 2, "start", make_fixnum(0)), end = fn_key(a, 2, "end", NIL);
	__int128 from, to = INT32_MAX;
	size_t skipped;
	str t;

	if (!is_string(a.at[0]))
		return fn_wrong(l, a, 0, "a string");
	if (!as_int128(start, &from) || (end != NIL && !as_int128(end, &to)) || from < 0 ||
	    to < from || to > INT32_MAX)
		return lisp_raise(l, l->s_type_error, a.call,
				  ":start and :end are positions in the string");
	t = as_string(a.at[0]);
	if (end != NIL)
		t.n = character_at(t, (int64_t)to);
	skipped = character_at(t, (int64_t)from);
	t = (str){t.p + skipped, t.n - skipped};
	*out = a.at[0];
	return write_to(l, a.n > 1 ? a.at[1] : T, t) &&
	       (!ud || write_to(l, a.n > 1 ? a.at[1] : T, STR("\n")));
}

FN(fn_write_char)
{
	char text[4];

	if (!is_char(a.at[0]))
		return fn_wrong(l, a, 0, "a character");
	*out = a.at[0];
	return write_to(l, a.n > 1 ? a.at[1] : T,
			(str){text, utf8_encode(char_code(a.at[0]), text)});
}

/* terpri; fresh-line with ud */
FN(fn_terpri)
{
	value stream = a.n ? a.at[0] : T;

	*out = NIL;
	return (ud && column_of(l, stream) == 0) || write_to(l, stream, STR("\n"));
}

/* (format destination control arg...) */
FN(fn_format)
{
	value to = a.at[0];
	struct arena ar;
	struct buf b;
	bool ok;

	if (!is_string(a.at[1]))
		return fn_wrong(l, a, 1, "a control string");
	arena_init(&ar);
	b = buf_new(&ar);
	ok = format_into(l, &b, as_string(a.at[1]), a.at + 2, a.n - 2,
			 to == NIL ? 0 : column_of(l, to), a.call);
	*out = NIL;
	if (ok && to == NIL)
		*out = make_string(l, buf_text(&b));
	else if (ok)
		ok = write_to(l, to, buf_text(&b));
	arena_free(&ar);
	return ok;
}

FN(fn_make_string_output)
{
	*out = lisp_string_output(l);
	return true;
}

FN(fn_get_output)
{
	struct stream *s = OBJ(stream, a.at[0]);

	if (!is_object(a.at[0], OBJ_STREAM) || s->input)
		return fn_wrong(l, a, 0, "a string stream");
	*out = s->text;
	s->text = make_string(l, STR(""));
	return true;
}

FN(fn_make_string_input)
{
	*out = lisp_string_input(l, a.at[0]);
	return is_string(a.at[0]) || fn_wrong(l, a, 0, "a string");
}

/* ---- reading ------------------------------------------------------------------------ */

static bool
at_end(struct lisp *l, struct lisp_args a, value *out)
{
	if (a.n > 1 && a.at[1] == NIL) {
		*out = a.n > 2 ? a.at[2] : NIL;
		return true;
	}
	return lisp_raise(l, l->s_end_of_file, a.call, "the text has ended");
}

static bool
input_arg(struct lisp *l, struct lisp_args a)
{
	return (is_object(a.at[0], OBJ_STREAM) && OBJ(stream, a.at[0])->input) ||
	       fn_wrong(l, a, 0, "a stream to read from");
}

/* (read-line stream [eof-error [eof-value]]) */
FN(fn_read_line)
{
	struct stream *s = OBJ(stream, a.at[0]);
	const char *nl;
	str t;

	if (!input_arg(l, a))
		return false;
	t = as_string(s->text);
	if (s->pos >= t.n)
		return at_end(l, a, out);
	nl = memchr(t.p + s->pos, '\n', t.n - s->pos);
	t = (str){t.p + s->pos, nl ? (size_t)(nl - t.p) - s->pos : t.n - s->pos};
	s->pos += (uint32_t)t.n + (nl != NULL);
	*out = make_string(l, t);
	return true;
}

FN(fn_read_char)
{
	struct stream *s = OBJ(stream, a.at[0]);
	struct seq_iter it;

	if (!input_arg(l, a))
		return false;
	it = (struct seq_iter){s->text, s->text, s->pos};
	if (!seq_next(&it, out))
		return at_end(l, a, out);
	s->pos = it.i;
	return true;
}

static bool
is_blank(uint32_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* (peek-char [nil, or t: past blanks, or up to that character] stream [eof-error [eof-value]]) */
FN(fn_peek_char)
{
	value skip = NIL;
	struct stream *s;

	if (a.n > 1 && !is_object(a.at[0], OBJ_STREAM)) {
		skip = a.at[0];
		a.at++;
		a.n--;
	}
	if (!input_arg(l, a))
		return false;
	s = OBJ(stream, a.at[0]);
	for (;;) {
		struct seq_iter it = {s->text, s->text, s->pos};

		if (!seq_next(&it, out))
			return at_end(l, a, out);
		if (skip == T ? !is_blank(char_code(*out)) : skip == NIL || *out == skip)
			return true;
		s->pos = it.i;
	}
}

/* (unread-char character stream): the one read last */
FN(fn_unread_char)
{
	char text[4];
	struct stream *s = a.n > 1 && is_object(a.at[1], OBJ_STREAM) ? OBJ(stream, a.at[1]) : NULL;
	uint32_t n = is_char(a.at[0]) ? utf8_encode(char_code(a.at[0]), text) : 0;

	*out = NIL;
	if (!s || !s->input || !n || s->pos < n)
		return lisp_raise(l, l->s_type_error, a.call,
				  "a character and the stream it was read from are needed");
	s->pos -= n;
	return true;
}

/* Read one form from text as a source of its own. */
static bool
read_text(struct lisp *l, str text, struct lisp_args a, uint32_t *used, value *out)
{
	struct arena ar;
	struct diags ds;
	struct reader r = {.interactive = true};	/* to be told of an end in the middle */
	enum read_status s;

	arena_init(&ar);
	diags_init(&ds, &ar);
	r.file = sources_add(l->sources, "<string>", text);
	s = lisp_read(l, &r, out, &ds);
	*used = r.pos;
	/* A blank that ended a token is read with it. */
	if (r.pos && r.pos < text.n && strchr(" \t\n", text.p[r.pos]) &&
	    !strchr(")\"", text.p[r.pos - 1]))
		++*used;
	if (s == READ_ERROR)
		lisp_raise(l, l->s_reader_error, a.call, "%s", ds.all.at[0]->message);
	arena_free(&ar);
	if (s == READ_INCOMPLETE)
		return lisp_raise(l, l->s_end_of_file, a.call, "the text ends in the middle of a form");
	if (s == READ_END)
		return at_end(l, a, out);
	return s == READ_FORM;
}

/* (read-from-string string [eof-error [eof-value]]): form and where it ended */
FN(fn_read_from_string)
{
	uint32_t used;

	if (!is_string(a.at[0]))
		return fn_wrong(l, a, 0, "a string");
	if (!read_text(l, as_string(a.at[0]), a, &used, out))
		return false;
	l->values[1] = make_fixnum(used);
	l->nvalues = 2;
	return true;
}

FN(fn_read)
{
	struct stream *s = OBJ(stream, a.at[0]);
	uint32_t used;
	str t;

	if (!input_arg(l, a))
		return false;
	t = as_string(s->text);
	if (!read_text(l, (str){t.p + s->pos, t.n - s->pos}, a, &used, out))
		return false;
	s->pos += used;
	return true;
}

static const struct fn_row rows[] = {
	{"princ", 1, 2, fn_print, 0, "(princ x): print for people"},
	{"prin1", 1, 2, fn_print, PRINT_ESCAPE, "(prin1 x): print so that it can be read"},
	{"write", 1, -1, fn_print, PRINT_ESCAPE, NULL},
	{"print", 1, 2, fn_print, PRINT_ESCAPE | PRINT_NEWLINE_BEFORE | PRINT_SPACE_AFTER, NULL},
	{"princ-to-string", 1, 1, fn_to_string, 0, NULL},
	{"prin1-to-string", 1, 1, fn_to_string, 1, NULL},
	{"write-to-string", 1, 1, fn_to_string, 1, NULL},
	{"write-string", 1, -1, fn_write_string, 0, NULL},
	{"write-line", 1, -1, fn_write_string, 1, NULL},
	{"write-char", 1, 2, fn_write_char, 0, NULL},
	{"terpri", 0, 1, fn_terpri, 0, NULL}, {"fresh-line", 0, 1, fn_terpri, 1, NULL},
	{"format", 2, -1, fn_format, 0, "(format t|nil|stream control arg...)"},
	{"make-string-output-stream", 0, -1, fn_make_string_output, 0, NULL},
	{"get-output-stream-string", 1, 1, fn_get_output, 0, NULL},
	{"make-string-input-stream", 1, 3, fn_make_string_input, 0, NULL},
	{"read-line", 1, 4, fn_read_line, 0, NULL}, {"read-char", 1, 4, fn_read_char, 0, NULL},
	{"peek-char", 1, 5, fn_peek_char, 0, NULL}, {"unread-char", 2, 2, fn_unread_char, 0, NULL},
	{"read", 1, 4, fn_read, 0, NULL},
	{"read-from-string", 1, -1, fn_read_from_string, 0, NULL},
};

void
fn_io_init(struct lisp *l)
{
	struct symbol *s = as_symbol(l->s_standard_output);

	s->global = T;
	s->header |= FLAG_BOUND;
	FN_DEFINE(l, rows);
}

/* SPDX-License-Identifier: MIT */
/* fn_file.c: files and other programs: what code may do outside, when the host grants it. */
#include "lang/fn.h"

#include <stdio.h>

/* Why nothing outside may be touched now; null when it may. */
const char *
lisp_sealed(const struct lisp *l)
{
	if (l->bounded)
		return "not while a macro is being expanded";
	return l->sealed ? "not while code is being read or compiled" : NULL;
}

static bool
read_file(struct lisp *l, struct lisp_args a, struct arena *ar, str *text)
{
	const char *why = lisp_sealed(l);

	if (!is_string(a.at[0]))
		return fn_wrong(l, a, 0, "a file name");
	if (!why && !l->powers.read_file)
		why = "reading files was not granted";
	if (!why && l->powers.read_file(l->powers.ud, as_string(a.at[0]), ar, text, &why))
		return true;
	return lisp_raise(l, l->s_file_error, a.call, "cannot read %.*s: %s",
			  STR_ARG(as_string(a.at[0])), why);
}

static bool
write_file(struct lisp *l, value path, str text, bool append, span at)
{
	const char *why = lisp_sealed(l);
	struct arena ar;
	bool ok = false;

	arena_init(&ar);
	if (!why && !l->powers.write_file)
		why = "writing files was not granted";
	if (!why)
		ok = l->powers.write_file(l->powers.ud, as_string(path), text, append, &ar, &why);
	if (!ok)
		lisp_raise(l, l->s_file_error, at, "cannot write %.*s: %s",
			   STR_ARG(as_string(path)), why);
	arena_free(&ar);
	return ok;
}

/* (probe-file name): what was not granted does not exist */
FN(fn_probe_file)
{
	if (!is_string(a.at[0]))
		return fn_wrong(l, a, 0, "a file name");
	*out = l->powers.file_exists && l->powers.file_exists(l->powers.ud, as_string(a.at[0])) ?
	       a.at[0] : NIL;
	return true;
}

/* (read-file name): the contents */
FN(fn_read_file)
{
	struct arena ar;
	str text;
	bool ok;

	arena_init(&ar);
	ok = read_file(l, a, &ar, &text);
	if (ok)
		*out = make_string(l, text);
	arena_free(&ar);
	if (ok && *out == NIL)
		return lisp_raise(l, l->s_storage_condition, a.call, "the file is too long");
	return ok;
}

/* ---- streams of files ------------------------------------------------------------------ */

/* Does keyword argument `key` name `name`? */
static bool
key_is(struct lisp_args a, const char *key, const char *name)
{
	value v = fn_key(a, 1, key, UNBOUND);

	if (v == UNBOUND || !is_symbol(v))
		return false;
	return v == NIL ? !name : name && str_is(as_symbol(v)->name, name);
}

/* What is there is replaced, unless the program says otherwise. */
static bool
open_output(struct lisp *l, struct lisp_args a, value *out)
{
	bool append = key_is(a, "if-exists", "append");
	bool there = l->powers.file_exists &&
		     l->powers.file_exists(l->powers.ud, as_string(a.at[0]));

	if (there && key_is(a, "if-exists", NULL))
		return true;	/* nil */
	if (there && key_is(a, "if-exists", "error"))
		return lisp_raise(l, l->s_file_error, a.call, "%.*s is there already",
				  STR_ARG(as_string(a.at[0])));
	if (!write_file(l, a.at[0], STR(""), append, a.call))
		return false;
	*out = lisp_string_output(l);
	OBJ(stream, *out)->path = a.at[0];
	return true;
}

/* (open name [:direction :input | :output] [:if-exists ...] [:if-does-not-exist nil]) */
FN(fn_open)
{
	*out = NIL;
	if (!is_string(a.at[0]))
		return fn_wrong(l, a, 0, "a file name");
	if (key_is(a, "direction", "output"))
		return open_output(l, a, out);
	if (key_is(a, "if-does-not-exist", NULL) && l->powers.file_exists &&
	    !l->powers.file_exists(l->powers.ud, as_string(a.at[0])))
		return true;
	if (!fn_read_file(l, NULL, a, out))
		return false;
	*out = lisp_string_input(l, *out);
	return true;
}

bool
lisp_file_flush(struct lisp *l, struct stream *s, span at)
{
	if (!as_string(s->text).n)
		return true;
	if (!write_file(l, s->path, as_string(s->text), true, at))
		return false;
	string_clear(s->text);
	return true;
}

/* (close stream), (finish-output stream): what was written to a file is there */
FN(fn_close)
{
	struct stream *s = a.n && is_object(a.at[0], OBJ_STREAM) ? OBJ(stream, a.at[0]) : NULL;

	*out = ud ? T : NIL;
	if (!s)
		return true;
	if (s->path != NIL && !lisp_file_flush(l, s, a.call))
		return false;
	s->closed |= ud && s->path != NIL;
	return true;
}

/* (load name): evaluate every form of a file */
FN(fn_load)
{
	struct reader r = {.pos = 0};
	struct arena ar;
	char name[256];
	enum read_status s;
	str text;
	value v, form;

	arena_init(&ar);
	if (!read_file(l, a, &ar, &text)) {
		arena_free(&ar);
		return false;
	}
	snprintf(name, sizeof name, "%.*s", STR_ARG(as_string(a.at[0])));
	r.file = sources_add(l->sources, name, text);
	arena_free(&ar);
	while ((s = lisp_read(l, &r, &form, l->diags)) == READ_FORM)
		if (!lisp_eval_form(l, form, 0, &v))
			return false;
	*out = T;
	return s == READ_END ||
	       lisp_raise(l, l->s_reader_error, a.call, "the file could not be read as Lisp");
}

/* ---- other programs --------------------------------------------------------------------- */

/* The words of the command: a list as the first argument, or a name and a list. */
static bool
command_words(struct lisp *l, struct lisp_args a, struct arena *ar, struct lisp_process *p,
	      uint32_t *keys)
{
	value words = a.at[0];
	uint32_t n = 0, most;

	*keys = 1;
	if (is_string(words)) {
		words = NIL;
		if (a.n > 1 && !is_keyword(a.at[1])) {
			words = a.at[1];
			*keys = 2;
		}
	}
	if (list_length(words) < 0)
		return fn_wrong(l, a, *keys - 1, "a list of arguments");
	most = (uint32_t)list_length(words) + 2;
	p->argv = arena_alloc(ar, most * sizeof *p->argv);
	if (is_string(a.at[0]))
		p->argv[n++] = arena_strndup(ar, as_string(a.at[0]).p, as_string(a.at[0]).n);
	for (; is_cons(words); words = cdr(words)) {
		char small[4];
		str s;

		if (is_integer(car(words)))
			s = lisp_print(l, ar, car(words), false);
		else if (!fn_text(car(words), small, &s))
			return fn_wrong(l, a, *keys - 1, "a list of strings and numbers");
		p->argv[n++] = arena_strndup(ar, s.p, s.n);
	}
	p->argv[n] = NULL;
	return n || fn_wrong(l, a, 0, "the name of a program");
}

/* What came, as the keyword asks: a string, a list of lines, or nothing. */
static value
as_asked(struct lisp *l, str text, value how)
{
	value head = NIL, tail = NIL;

	if (!is_keyword(how))
		return NIL;
	if (!str_is(as_symbol(how)->name, "lines"))
		return make_string(l, text);
	while (text.n) {
		const char *nl = memchr(text.p, '\n', text.n);
		size_t n = nl ? (size_t)(nl - text.p) : text.n;

		fn_append(l, &head, &tail, make_string(l, (str){text.p, n}));
		text.p += n + (nl != NULL);
		text.n -= n + (nl != NULL);
	}
	return head;
}

static bool
process_failed(struct lisp *l, const struct lisp_process *p, span at)
{
	str said = buf_text(&p->errors);
	const char *nl = said.n ? memchr(said.p, '\n', said.n) : NULL;

	if (nl)
		said.n = (size_t)(nl - said.p);
	return lisp_raise(l, l->s_simple_error, at, "%s ended with status %d%s%.*s", p->argv[0],
			  p->status, said.n ? ": " : "", STR_ARG(said));
}

/* (run-program NAME (ARG...) &key input output error-output directory ignore-error-status) */
FN(fn_run_program)
{
	struct lisp_process p = {.status = 0};
	const char *why = lisp_sealed(l);
	value output, errors, dir, input, three[3];
	uint32_t keys;
	struct arena ar;
	bool ok;

	arena_init(&ar);
	ok = command_words(l, a, &ar, &p, &keys);
	output = fn_key(a, keys, "output", NIL);
	errors = fn_key(a, keys, "error-output", fn_key(a, keys, "error", NIL));
	dir = fn_key(a, keys, "directory", NIL);
	input = fn_key(a, keys, "input", NIL);
	p.show_output = output == T;
	p.show_errors = errors == T;
	p.input = is_string(input) ? as_string(input) : STR("");
	p.directory = is_string(dir) ? arena_strndup(&ar, as_string(dir).p, as_string(dir).n) : NULL;
	p.output = buf_new(&ar);
	p.errors = buf_new(&ar);
	if (ok && !why && !l->powers.run)
		why = "starting programs was not granted";
	if (ok && (why || !l->powers.run(l->powers.ud, &p, &why)))
		ok = why && lisp_raise(l, l->s_simple_error, a.call, "cannot run %s: %s",
				       p.argv[0], why);
	if (ok && p.status && fn_key(a, keys, "ignore-error-status", NIL) == NIL)
		ok = process_failed(l, &p, a.call);
	if (ok) {
		three[0] = *out = as_asked(l, buf_text(&p.output), output);
		three[1] = as_asked(l, buf_text(&p.errors), errors);
		three[2] = make_fixnum(p.status);
		*out = lisp_values(l, three, 3);
	}
	arena_free(&ar);
	if (!ok && l->pending == PENDING_NONE)	/* interrupted */
		return lisp_interrupted(l);
	return ok;
}

static const struct fn_row rows[] = {
	{"probe-file", 1, 1, fn_probe_file, 0, NULL},
	{"open", 1, -1, fn_open, 0,
	 "(open NAME [:direction :output] [:if-exists :append])\nA stream of a file, where reading "
	 "or writing is granted (--allow-read, --allow-write)."},
	{"read-file", 1, 1, fn_read_file, 0,
	 "(read-file NAME)\nIts text, where reading is granted (--allow-read DIR)."},
	{"load", 1, -1, fn_load, 0, NULL}, {"close", 1, -1, fn_close, 1, NULL},
	{"force-output", 0, 1, fn_close, 0, NULL}, {"finish-output", 0, 1, fn_close, 0, NULL},
	{"run-program", 1, -1, fn_run_program, 0,
	 "(run-program NAME (ARG...) [:output :string|:lines|t] [:error-output ...]\n"
	 "             [:input STRING] [:directory DIR] [:ignore-error-status t])\nRun a program "
	 "and wait for it, where that is granted (--allow-run): what it wrote,\nits errors, its "
	 "exit status. No shell is between; a status other than 0 is an error."},
};

void
fn_file_init(struct lisp *l)
{
	FN_DEFINE(l, rows);
}

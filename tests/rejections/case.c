/* SPDX-License-Identifier: MIT */
/* case.c: see case.h. */
#include "case.h"

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

static str
read_file(const char *path, struct arena *a)
{
	FILE *f = fopen(path, "re");
	struct buf b = buf_new(a);
	char piece[4096];
	size_t n;

	if (!f)
		return (str){0};
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_bytes(&b, piece, n);
	fclose(f);
	return buf_text(&b);
}

static str
next_line(str *text)
{
	const char *nl = memchr(text->p, '\n', text->n);
	size_t n = nl ? (size_t)(nl - text->p) : text->n;
	str line = {text->p, n};

	text->p += n + (nl != NULL);
	text->n -= n + (nl != NULL);
	return line;
}

static bool
ends_with(str line, const char *end)
{
	size_t n = strlen(end);

	return line.n >= n && memcmp(line.p + line.n - n, end, n) == 0;
}

static void
add_root(struct test_case *t, uint32_t line, uint32_t col, bool also)
{
	if (t->nroots == CASE_MAX_ROOTS)
		return;
	if (also) {
		t->roots[t->nroots++] = (struct case_root){line, col};
		return;
	}
	memmove(t->roots + 1, t->roots, t->nroots * sizeof *t->roots);
	t->roots[0] = (struct case_root){line, col};
	t->nroots++;
}

/* `;   ^ root` and `;   ^ also` point at the line above that is part of the program. */
static bool
lisp_mark(struct test_case *t, str line, uint32_t above)
{
	size_t at = 1;

	if (line.n < 2 || line.p[0] != ';')
		return false;
	while (at < line.n && line.p[at] == ' ')
		at++;
	if (at == line.n || (line.p[at] != '^' && line.p[at] != '<'))
		return false;
	if (!ends_with(line, " root") && !ends_with(line, " also"))
		return false;
	add_root(t, above, line.p[at] == '<' ? 1 : (uint32_t)at + 1, ends_with(line, " also"));
	return true;
}

static void
read_lisp(struct test_case *t, str text, struct arena *a)
{
	struct buf fixed = buf_new(a);
	uint32_t n = 0, above = 0;

	while (text.n) {
		str line = next_line(&text);

		n++;
		if (str_starts(line, ";+")) {
			buf_str(&fixed, (str){line.p + 2, line.n - 2});
		} else if (!lisp_mark(t, line, above)) {
			if (!ends_with(line, ";-"))
				buf_str(&fixed, line);
			above = n;
		}
		buf_putc(&fixed, '\n');
	}
	t->fixed = buf_text(&fixed);
}

static void
read_c(struct test_case *t, str text)
{
	for (uint32_t n = 1; text.n; n++) {
		str line = next_line(&text);

		if (ends_with(line, "// root") || ends_with(line, "// also"))
			add_root(t, n, 0, ends_with(line, "also"));
	}
}

/* `key: value` of the comment that begins the file; empty when there is none. */
static str
header(str text, const char *key)
{
	while (text.n) {
		str line = next_line(&text);

		while (line.n && strchr(";/* ", *line.p))
			line.p++, line.n--;
		if (str_starts(line, "#include") || str_starts(line, "("))
			break;
		if (str_starts(line, key))
			return (str){line.p + strlen(key), line.n - strlen(key)};
	}
	return (str){0};
}

const char *
case_read(struct test_case *t, const char *path, struct arena *a)
{
	str text = read_file(path, a), code, real, kernel, kind;
	const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');

	*t = (struct test_case){.path = path, .name = path};
	if (!text.p || !slash || !dot)
		return "cannot be read";
	t->is_c = strcmp(dot, ".c") == 0;
	t->name = arena_printf(a, "%s/%.*s", t->is_c ? "c" : "lisp", (int)(dot - slash - 1),
			       slash + 1);
	t->faulty = text;
	t->folder = arena_strndup(a, path, (size_t)(slash - path));
	if (t->is_c)
		read_c(t, text);
	else
		read_lisp(t, text, a);
	code = header(text, "code: ");
	real = header(text, "real: ");
	kernel = header(text, "kernel: no, ");
	kind = header(text, "kind: ");
	t->kind = arena_strndup(a, kind.p ? kind.p : "", kind.n);
	if (code.n < 5 || code.n > 7)
		return "has no line `code: V....`";
	memcpy(t->code, code.p, code.n);
	if (!str_starts(real, "yes") && !str_starts(real, "no"))
		return "has no line `real: yes` or `real: no`";
	t->real = str_starts(real, "yes");
	t->unprivileged = header(text, "caps: bpf").p != NULL;
	if (kernel.n)
		t->no_kernel = arena_strndup(a, kernel.p, kernel.n);
	return t->nroots ? NULL : "does not mark its root";
}

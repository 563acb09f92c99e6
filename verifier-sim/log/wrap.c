/* SPDX-License-Identifier: MIT */
/* wrap.c: takes off what loggers and loaders put around a verifier log.
 *
 * Three mechanisms cover them. Lines that are JSON objects are replaced by the member that holds
 * the log's text. A line that quotes line ends (JSON, Go's %q, Rust's {:?}) is opened: \n
 * becomes a line end, and so on, as often as it was quoted. A prefix that a logger
 * puts before every line (time, host, process) has a constant shape: the text that stands
 * before instructions ("12: (bf) r6 = r1"), with digits taken as alike, is counted, and the
 * most frequent one is cut off all lines of that shape. */
#include "read.h"

#include "base/buf.h"

#include <ctype.h>

enum { MAX_PREFIX = 160, MAX_SHAPES = 16, MAX_QUOTING = 4 };

/* ---- quoting ------------------------------------------------------------------------------ */

static unsigned
quoted_ends(str s)
{
	unsigned n = 0;

	for (size_t i = 0; i + 1 < s.n; i++)
		n += s.p[i] == '\\' && s.p[i + 1] == 'n';
	return n;
}

static void
unquote_line(struct buf *b, str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c != '\\' || i + 1 >= s.n) {
			buf_putc(b, c);
			continue;
		}
		c = s.p[++i];
		buf_putc(b, c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? ' ' : c);
	}
}

static str
next_line(str *rest)
{
	const char *nl = memchr(rest->p, '\n', rest->n);
	str line = {rest->p, nl ? (size_t)(nl - rest->p) : rest->n};

	rest->p += line.n + (nl != NULL);
	rest->n -= line.n + (nl != NULL);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* One line of the log in each JSON object, as containers and collectors keep it: the text of
 * the member that holds it; .p null when there is none. */
static str
json_text(str line)
{
	static const char *const keys[] = {"\"log\"", "\"MESSAGE\"", "\"message\"", "\"msg\""};
	const char *last = line.p + line.n;

	if (!line.n || *line.p != '{')
		return (str){0};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const char *p = memmem(line.p, line.n, keys[i], strlen(keys[i])), *end;

		if (!p)
			continue;
		p += strlen(keys[i]);
		while (p < last && (*p == ' ' || *p == ':'))
			p++;
		if (p == last || *p++ != '"')
			continue;
		for (end = p; end < last && *end != '"'; end++)
			end += *end == '\\';
		if (end < last)
			return (str){p, (size_t)(end - p)};
	}
	return (str){0};
}

static bool
open_json(str *text, struct arena *a)
{
	struct buf b = buf_new(a);
	bool any = false;

	for (str rest = *text; rest.n;) {
		str line = next_line(&rest), inner = json_text(line);

		any |= inner.p != NULL;
		if (!inner.p)
			buf_str(&b, line);
		else
			unquote_line(&b, inner);
		if (!b.n || b.at[b.n - 1] != '\n')
			buf_putc(&b, '\n');
	}
	if (any)
		*text = buf_text(&b);
	return any;
}

static bool
unquote(str *text, struct arena *a)
{
	struct buf b = buf_new(a);
	bool any = false;

	for (str rest = *text; rest.n;) {
		str line = next_line(&rest);

		if (quoted_ends(line) >= 2) {
			unquote_line(&b, line);
			any = true;
		} else {
			buf_str(&b, line);
		}
		buf_putc(&b, '\n');
	}
	if (any)
		*text = buf_text(&b);
	return any;
}

/* ---- prefixes ----------------------------------------------------------------------------- */

/* Where "12: (bf) " begins in the line; its length when nowhere. */
static size_t
insn_at(str s)
{
	for (size_t i = 0; i + 6 < s.n; i++) {
		size_t k = i;

		if (!isdigit((unsigned char)s.p[i]) || (i && isalnum((unsigned char)s.p[i - 1])))
			continue;
		while (k < s.n && isdigit((unsigned char)s.p[k]))
			k++;
		if (k + 6 < s.n && s.p[k] == ':' && s.p[k + 1] == ' ' && s.p[k + 2] == '(' &&
		    isxdigit((unsigned char)s.p[k + 3]) && isxdigit((unsigned char)s.p[k + 4]) &&
		    s.p[k + 5] == ')')
			return i;
	}
	return s.n;
}

/* Of logs that end before any instruction: where "processed 0 insns (limit" begins. */
static size_t
stats_at(str s)
{
	const char *p = memmem(s.p, s.n, "processed ", 10);
	size_t at = p ? (size_t)(p - s.p) : s.n;

	return p && memmem(p, s.n - at, " insns (limit ", 14) ? at : s.n;
}

struct shape {
	str text;
	unsigned seen;
};

static bool
same_shape(str line, str shape)
{
	if (line.n < shape.n)
		return false;
	for (size_t i = 0; i < shape.n; i++) {
		bool digit = isdigit((unsigned char)shape.p[i]);

		if (digit ? !isdigit((unsigned char)line.p[i]) && line.p[i] != ' '
			  : line.p[i] != shape.p[i])
			return false;
	}
	return true;
}

/* Loggers print a marker of backtracking before some instructions: no logger's prefix. */
static bool
is_marker(str prefix)
{
	return memmem(prefix.p, prefix.n, "before ", 7) || memmem(prefix.p, prefix.n, "regs=", 5);
}

static str
common_prefix(str text, size_t (*begin)(str line))
{
	struct shape shapes[MAX_SHAPES];
	unsigned n = 0, insns = 0, best = 0;

	for (str rest = text; rest.n;) {
		str line = next_line(&rest);
		size_t at = begin(line);
		unsigned i = 0;

		if (at == line.n)
			continue;
		insns++;
		if (at == 0 || at > MAX_PREFIX || is_marker((str){line.p, at}))
			continue;
		while (i < n && (shapes[i].text.n != at || !same_shape(line, shapes[i].text)))
			i++;
		if (i == n && n < MAX_SHAPES)
			shapes[n++] = (struct shape){{line.p, at}, 0};
		if (i < n)
			shapes[i].seen++;
	}
	for (unsigned i = 1; i < n; i++)
		if (shapes[i].seen > shapes[best].seen)
			best = i;
	return n && shapes[best].seen * 2 >= insns ? shapes[best].text : (str){0};
}

static str
cut_prefix(str text, str prefix, struct arena *a)
{
	struct buf b = buf_new(a);

	for (str rest = text; rest.n;) {
		str line = next_line(&rest);
		size_t at = insn_at(line);

		if (same_shape(line, prefix))
			at = prefix.n;
		else if (at > MAX_PREFIX || is_marker((str){line.p, at}))
			at = 0;
		/* Numbers of another width make a prefix longer: then the instruction decides. */
		if (at == line.n && at > prefix.n)
			at = 0;
		buf_bytes(&b, line.p + at, line.n - at);
		buf_putc(&b, '\n');
	}
	return buf_text(&b);
}

static bool
has_insn(str text)
{
	for (str rest = text; rest.n;) {
		str line = next_line(&rest);

		if (insn_at(line) < line.n)
			return true;
	}
	return false;
}

str
log_unwrap(str text, struct arena *a)
{
	str prefix;

	open_json(&text, a);
	for (int i = 0; i < MAX_QUOTING && unquote(&text, a); i++)
		;
	prefix = common_prefix(text, insn_at);
	if (!prefix.n && !has_insn(text))
		prefix = common_prefix(text, stats_at);
	return prefix.n ? cut_prefix(text, prefix, a) : text;
}

/* SPDX-License-Identifier: MIT */
/* logs.c: see logs.h. */
#include "logs.h"

#include "base/buf.h"
#include "verifier-sim/log/read.h"

#include <ctype.h>

/* How a loader or logger shows a log: text before it, before each of its lines, behind it. */
static const struct wrapping {
	const char *name, *head, *prefix, *tail;
	bool is_escaped;	/* on one line, with \n and \" */
} wrappings[] = {
	{"plain", "", "", "", false},
	{"libbpf", "libbpf: prog 'p': BPF program load failed: Permission denied\n"
	 "libbpf: prog 'p': -- BEGIN PROG LOAD LOG --\n", "", "-- END PROG LOAD LOG --\n"
	 "libbpf: prog 'p': failed to load: -13\nlibbpf: failed to load object 'p.o'\n", false},
	{"bpftool on journald", "", "Nov 27 01:02:03 host agent[1234]: ", "", false},
	{"Go", "2026/11/27 01:02:03 loading objects: field P: program p: load program: permission "
	 "denied:\n", "\t", "", false},
	{"Rust", "Error: the BPF_PROG_LOAD syscall failed. Verifier output: ", "",
	 "\n\nCaused by:\n    Permission denied (os error 13)\n", false},
	{"Rust, for debugging", "Error: LoadError { io_error: Os { code: 13, kind: PermissionDenied, "
	 "message: \"Permission denied\" }, verifier_log: VerifierLog(\"", "", "\") }\n", true},
	{"container", "", "2026-11-27T01:02:03.123456789Z stderr F ", "", false},
	{"JSON", "{\"level\":\"error\",\"msg\":\"load failed\",\"log\":\"", "", "\"}\n", true},
};

static void
put_wrapped(struct buf *b, const struct wrapping *w, str log)
{
	buf_puts(b, w->head);
	for (size_t i = 0; i < log.n; i++) {
		char c = log.p[i];

		if (*w->prefix && (i == 0 || log.p[i - 1] == '\n'))
			buf_puts(b, w->prefix);
		if (w->is_escaped && (c == '\n' || c == '\t' || c == '"' || c == '\\')) {
			buf_putc(b, '\\');
			c = c == '\n' ? 'n' : c == '\t' ? 't' : c;
		}
		buf_putc(b, c);
	}
	buf_puts(b, w->tail);
}

static str
trimmed(str s)
{
	while (s.n && isspace((unsigned char)*s.p))
		s.p++, s.n--;
	while (s.n && isspace((unsigned char)s.p[s.n - 1]))
		s.n--;
	return s;
}

/* One line of Go: the last words, the instruction before them when they name a register. */
static str
summary(str log, struct arena *a)
{
	str last = {0}, before = {0};
	struct buf b = buf_new(a);
	unsigned lines = 0;

	while (log.n) {
		const char *nl = memchr(log.p, '\n', log.n), *glued;
		str line = {log.p, nl ? (size_t)(nl - log.p) : log.n};

		log.p += line.n + (nl != NULL);
		log.n -= line.n + (nl != NULL);
		glued = memmem(line.p, line.n, "processed ", 10);
		if (glued && glued > line.p && memmem(line.p, line.n, " insns (limit ", 14))
			line.n = (size_t)(glued - line.p);	/* statistics behind words */
		line = trimmed(line);
		if (!line.n || str_starts(line, "processed ") || str_starts(line, "verification time") ||
		    str_starts(line, "stack depth"))
			continue;
		before = last;
		last = line;
		lines++;
	}
	buf_printf(&b, "program p: load program: permission denied: ");
	if (last.n > 2 && last.p[0] == 'R' && isdigit((unsigned char)last.p[1]))
		buf_printf(&b, "%.*s: ", STR_ARG(before));
	buf_printf(&b, "%.*s (%u line(s) omitted)\n", STR_ARG(last), lines);
	return buf_text(&b);
}

/* Does a summary hold the words by which the row is known? */
static bool
is_whole(str one, const char *last, const struct log_read *plain, struct arena *a)
{
	struct log_match m;
	str words = str_of(arena_strdup(a, last));

	if (memmem(one.p, one.n, "value_size=", 11))
		return true;
	return memmem(one.p, one.n, last, words.n) && log_match(words, &m) &&
		!strcmp(m.code, plain->code);
}

/* Logs of programs that are too complex have a line for each of a million instructions. */
enum { LONGEST = 1 << 18 };

const char *
logs_check(str log, const struct verify_result *v, struct arena *a)
{
	struct log_read plain, r;
	str one;

	if (log.n > LONGEST)
		return NULL;
	log_parse(log.p, log.n, a, &plain);
	if (!plain.message || !plain.code || !strstr(plain.message, v->kernel_message))
		return arena_printf(a, "reading the kernel's log finds \"%s\" (%s)",
				    plain.message ? plain.message : "nothing",
				    plain.code ? plain.code : "no code");
	for (size_t i = 1; i < sizeof wrappings / sizeof *wrappings; i++) {
		struct buf b = buf_new(a);

		put_wrapped(&b, &wrappings[i], log);
		log_parse(b.at, b.n, a, &r);
		if (!r.message || strcmp(r.message, plain.message) || !r.code ||
		    strcmp(r.code, plain.code) || r.insn != plain.insn || r.path.n != plain.path.n)
			return arena_printf(a, "its log as shown by %s reads \"%s\" at instruction %u, "
					    "not \"%s\" at %u", wrappings[i].name,
					    r.message ? r.message : "", r.insn, plain.message, plain.insn);
	}
	one = summary(log, a);
	log_parse(one.p, one.n, a, &r);
	/* Of several lines of words it may have left out those that tell the row. */
	if (is_whole(one, v->kernel_message, &plain, a) && (!r.code || strcmp(r.code, plain.code)))
		return arena_printf(a, "the summary `%.*s` reads as %s, not %s", (int)one.n - 1, one.p,
				    r.code ? r.code : "nothing", plain.code);
	return NULL;
}

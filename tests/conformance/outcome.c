/* SPDX-License-Identifier: MIT */
/* outcome.c: reading verdicts out of kernel logs, and keeping them in files. */
#include "outcome.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

const char *
outcome_kind_name(enum outcome_kind k)
{
	static const char *const names[] = {
#define X(name, text) text,
		OUTCOME_KINDS(X)
#undef X
	};

	return names[k];
}

/* ---- kernel logs ------------------------------------------------------------------------ */

/* "12: (85) call bpf_..." gives 12, anything else -1. Of instructions that it has no words for
 * the kernel prints "12: BUG_db", without brackets. */
static int32_t
insn_line(const char *s)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);

	if (!isdigit((unsigned char)*s) || end[0] != ':' || end[1] != ' ')
		return -1;
	if (strncmp(end + 2, "BUG_", 4) &&
	    (end[2] != '(' || !isxdigit((unsigned char)end[3]) || end[5] != ')'))
		return -1;
	return (int32_t)n;
}

/* Checks before the walk name the instruction in the message. */
static int32_t
insn_in_message(const char *m)
{
	const char *p = strstr(m, "insn ");
	const char *q = strstr(m, "at insn ");

	p = q ? q + 3 : p;
	return p && isdigit((unsigned char)p[5]) ? (int32_t)strtoul(p + 5, NULL, 10) : -1;
}

/* Where kernels from 7.3 on begin to explain what they have just said. */
static const char report[] = "Verification failed: ";

/* What follows the complaint: statistics, and the two states of an endless loop. */
static bool
is_trailer(const char *s)
{
	static const char *const starts[] = {
		"processed ", "verification time ", "stack depth ", "subprog ", "cur state:",
		"old state:",
	};

	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (!strncmp(s, starts[i], strlen(starts[i])))
			return true;
	return false;
}

static void
read_statistics(struct outcome *o, const char *s)
{
	if (!strncmp(s, "processed ", 10))
		o->processed = strtoull(s + 10, NULL, 10);
	else if (!strncmp(s, "verification time ", 18))
		o->ns = strtoull(s + 18, NULL, 10) * 1000;
}

void
outcome_read_log(struct outcome *o, const char *log, struct arena *a)
{
	const char *message = "", *glued;
	size_t len = 0;
	int32_t at = -1;
	bool explained = false;

	for (const char *s = log, *nl; *s; s = *nl ? nl + 1 : nl) {
		nl = strchrnul(s, '\n');
		if (nl == s)
			continue;
		if (is_trailer(s)) {
			read_statistics(o, s);
			continue;
		}
		explained |= !strncmp(s, report, strlen(report));
		if (explained)
			continue;
		message = s;
		len = (size_t)(nl - s);
		if (insn_line(s) >= 0)
			at = insn_line(s);
	}
	/* Where a text lacks its newline, statistics follow at once. */
	glued = memmem(message, len, "processed ", 10);
	if (glued && glued > message) {
		read_statistics(o, glued);
		len = (size_t)(glued - message);
	}
	o->message = insn_line(message) >= 0 ? "" : arena_strndup(a, message, len);
	/* An endless loop is found on the way to an instruction that is not printed any more. */
	if (at < 0 || !strncmp(o->message, "infinite loop detected", 22))
		at = insn_in_message(o->message);
	o->insn = at;
}

/* ---- result files ------------------------------------------------------------------------ */

void
outcome_write(FILE *f, const struct outcome *o)
{
	fprintf(f, "%016" PRIx64 "\t%s\t%d\t%d\t%" PRIu64 "\t%" PRIu64 "\t", o->key,
		outcome_kind_name(o->kind), o->err, o->insn, o->processed, o->ns);
	for (const char *p = o->message ? o->message : ""; *p; p++)
		fputc(*p == '\t' || *p == '\n' ? ' ' : *p, f);
	fputc('\n', f);
}

static enum outcome_kind
kind_named(const char *s)
{
	for (unsigned k = OUTCOME_NONE; k <= OUTCOME_BUG; k++)
		if (!strcmp(s, outcome_kind_name(k)))
			return k;
	return OUTCOME_NONE;
}

bool
outcome_parse(char *line, struct outcome *o, struct arena *a)
{
	enum { FIELDS = 7 };
	char *f[FIELDS], *save = line;

	for (int i = 0; i < FIELDS; i++) {
		f[i] = strsep(&save, i == FIELDS - 1 ? "\n" : "\t");
		if (!f[i])
			return false;
	}
	*o = (struct outcome){
		.key = strtoull(f[0], NULL, 16), .kind = kind_named(f[1]), .err = atoi(f[2]),
		.insn = atoi(f[3]), .processed = strtoull(f[4], NULL, 10),
		.ns = strtoull(f[5], NULL, 10), .message = arena_strdup(a, f[6]),
	};
	return true;
}

bool
outcomes_read(struct outcomes *os, const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0;
	struct outcome o;

	if (!f)
		return false;
	while (getline(&line, &cap, f) > 0)
		if (outcome_parse(line, &o, &os->arena))
			vec_push(&os->arena, &os->all, o);
	free(line);
	fclose(f);
	return true;
}

const struct outcome *
outcomes_find(const struct outcomes *os, uint64_t key)
{
	for (uint32_t i = 0; i < os->all.n; i++)
		if (os->all.at[i].key == key)
			return &os->all.at[i];
	return NULL;
}

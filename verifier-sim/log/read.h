/* SPDX-License-Identifier: MIT */
/* read.h: a kernel verifier's log, read back: what was refused, where, and the path that
 * led there, as far as the text tells. Any kernel from 5.4 on; cut at either end; as loggers
 * and loaders wrap it. Pure: text in, facts out. */
#ifndef VEERY_LOGREAD_H
#define VEERY_LOGREAD_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>

enum { LOG_NO_INSN = UINT32_MAX };

struct log_source {		/* "; if (x > y) @ file.c:12" */
	const char *text;
	const char *file;	/* null before Linux 6.9 */
	uint32_t line;
	uint32_t at;		/* line of the log, from 1 */
};

struct log_event {		/* an instruction on the path */
	uint32_t insn;
	uint8_t opcode;
	const char *text;	/* "r1 = *(u8 *)(r0 +12)" */
	const char *before;	/* registers as printed before it, and after it; or null */
	const char *after;
	uint32_t source;	/* index into sources, plus 1; 0: none printed */
	uint32_t at;		/* line of the log, from 1 */
};

struct log_read {
	const char *message;	/* the verifier's last words; null when the log ends before them */
	const char *code;	/* of the row of errors.def whose text this is; or null */
	uint32_t insn;		/* the instruction refused; LOG_NO_INSN */
	int reg;		/* the register the message names; -1 */
	int64_t args[8];	/* numbers in the message, by the row's text */
	uint32_t nargs;
	uint32_t at;		/* line of the log where the message stands */
	const char *program;	/* as the loader named it; or null */
	VEC(struct log_event) path;	/* that ended with the refusal */
	VEC(struct log_source) sources;
	bool cut_start, cut_end;	/* the log does not show the beginning, the end */
	uint64_t processed;
	/* The report of Linux 7.3 and later; null without one. */
	const char *problem, *reason, *suggestion;
	/* A field that CO-RE did not find, as libbpf names it; or null. */
	const char *core;
	str text;		/* the log as the kernel wrote it, as far as it can be told */
};

void log_parse(const char *text, size_t n, struct arena *a, struct log_read *out);

/* ---- wrap.c: what loggers and loaders put around a log ------------------------------- */

/* The log's own lines: prefixes of loggers gone, quoted and escaped text opened. */
str log_unwrap(str text, struct arena *a);

/* ---- match.c: messages and states --------------------------------------------------- */

struct log_match {
	const char *code;
	uint32_t literal;	/* characters of the row's text that had to be there */
	uint32_t from;		/* where in the line the message begins */
	int reg;
	int64_t args[8];
	uint32_t nargs;
};
/* The row of errors.def whose text this line ends with; false when it is none's. What follows
 * the line in memory must end a number: a line end or a null. */
bool log_match(str line, struct log_match *out);
/* What the log knows of register `reg`, in words: "a packet pointer, 14 bytes from the start;
 * 14 bytes are known to be there". Null when it was not printed. `events` are looked through
 * backwards from `n`. */
const char *log_register(struct arena *a, const struct log_event *events, uint32_t n, int reg);

#endif

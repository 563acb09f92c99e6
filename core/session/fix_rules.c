/* SPDX-License-Identifier: MIT */
/* fix_rules.c: what a program may do at all: its license, what it returns, loops that end. */
#include "fix_work.h"

#include <stdio.h>

/* The program's options: the third element of (defprog NAME (OPTIONS) ...). */
static uint32_t
options(const struct fix *f)
{
	uint32_t o = fix_head_is(f, f->top, "defprog") ? fix_child(f, f->top, 2) : 0;

	return o && fix_at(f, o)->list ? o : 0;
}

static uint32_t
option(const struct fix *f, const char *name)
{
	uint32_t o = options(f);

	for (uint32_t e = o ? fix_at(f, o)->first : 0; e; e = fix_at(f, e)->next)
		if (fix_is(f, e, name))
			return fix_at(f, e)->next;
	return 0;
}

bool
fix_license(struct fix *f)
{
	struct fix_candidate c = fix_new(f, "put the program under a license the kernel takes "
					    "for GPL-compatible");
	uint32_t v = option(f, ":license"), o = options(f);

	if (v)
		fix_replace(f, &c, fix_at(f, v)->start, fix_at(f, v)->end, "\"GPL\"");
	else if (o)
		fix_replace(f, &c, fix_at(f, o)->end - 1, fix_at(f, o)->end - 1,
			    "%s:license \"GPL\"", fix_at(f, o)->first ? " " : "");
	return fix_try(f, &c);
}

/* ---- what is returned ----------------------------------------------------------------------- */

/* The top-level form that fails: the program, or a function it hands out as a callback. */
static uint32_t
holder(const struct fix *f)
{
	uint32_t n = f->at;

	while (fix_at(f, n)->parent)
		n = fix_at(f, n)->parent;
	return n;
}

static const char *
answer(const struct fix *f)
{
	return holder(f) == f->top ? fix_harmless(f) : "0";
}

static bool
return_instead(struct fix *f, uint32_t what)
{
	const char *good = answer(f);
	struct fix_candidate c = fix_new(f, "return %s, which lets things go on", good);
	int64_t n;

	if (!fix_at(f, what)->list) {
		fix_replace(f, &c, fix_at(f, what)->start, fix_at(f, what)->end, "%s", good);
		if (fix_try(f, &c))
			return true;
		if (fix_number(f, what, &n))
			return false;
	}
	/* any other value: as a truth, 0 or 1 */
	c = fix_new(f, "return 1 for anything but 0");
	fix_around(f, &c, what, "(if ", " 1 0)");
	return fix_try(f, &c);
}

bool
fix_return(struct fix *f)
{
	struct fix_candidate c = fix_new(f, "end with %s", answer(f));
	uint32_t top = holder(f), last = 0, end = fix_at(f, top)->end;

	for (uint32_t e = fix_child(f, top, 3); e; e = fix_at(f, e)->next)
		last = e;
	if (!last)
		return false;
	if (fix_head_is(f, f->at, "return") && fix_child(f, f->at, 1) &&
	    return_instead(f, fix_child(f, f->at, 1)))
		return true;
	for (uint32_t i = top; i < f->tree.nodes.n && fix_at(f, i)->start < end; i++)
		if (fix_head_is(f, i, "return") && fix_child(f, i, 1) &&
		    return_instead(f, fix_child(f, i, 1)))
			return true;
	if (!fix_at(f, last)->list && return_instead(f, last))
		return true;
	/* What is computed last is not meant as the answer: answer after it. */
	fix_replace(f, &c, fix_at(f, last)->end, fix_at(f, last)->end, "\n%*s%s",
		    (int)fix_column(f, fix_at(f, last)->start), "", answer(f));
	return fix_try(f, &c) || return_instead(f, last);
}

/* ---- loops ------------------------------------------------------------------------------------ */

/* (while test body...) becomes (dotimes (i N) (unless test (break)) body...). */
static bool
bound_while(struct fix *f, uint32_t loop, unsigned turns)
{
	struct fix_candidate c = fix_new(f, "end after %u turns at the latest", turns);
	uint32_t head = fix_child(f, loop, 0), test = fix_child(f, loop, 1);
	int col = (int)fix_column(f, fix_at(f, loop)->start) + 2;
	const char *name = fix_find(f, f->top, 0, "turn") ? "turn-no" : "turn";

	if (!test)
		return false;
	fix_replace(f, &c, fix_at(f, head)->start, fix_at(f, test)->end,
		    "dotimes (%s %u)\n%*s(unless %s\n%*s(break))", name, turns, col, "",
		    fix_copy(f, test), col + 2, "");
	return fix_try(f, &c);
}

/* The count of a dotimes, cut down. */
static bool
bound_dotimes(struct fix *f, uint32_t loop, unsigned turns)
{
	struct fix_candidate c = fix_new(f, "at most %u turns", turns);
	uint32_t spec = fix_child(f, loop, 1), count = spec ? fix_child(f, spec, 1) : 0;
	int64_t n;

	if (!count || !fix_number(f, count, &n) || n <= turns)
		return false;
	fix_replace(f, &c, fix_at(f, count)->start, fix_at(f, count)->end, "%u", turns);
	return fix_try(f, &c);
}

bool
fix_loop(struct fix *f)
{
	static const unsigned turns[] = {1024, 256, 64, 16};
	uint32_t end = fix_at(f, f->top)->end;

	for (size_t k = 0; k < sizeof turns / sizeof *turns; k++) {
		for (uint32_t i = f->tree.nodes.n; i-- > f->top;) {
			if (fix_at(f, i)->start >= end)
				continue;
			if (fix_head_is(f, i, "while") && bound_while(f, i, turns[k]))
				return true;
			if (fix_head_is(f, i, "dotimes") && bound_dotimes(f, i, turns[k]))
				return true;
		}
	}
	return false;
}

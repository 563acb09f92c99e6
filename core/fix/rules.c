/* SPDX-License-Identifier: MIT */
/* rules.c: what a program may do at all: its license, what it returns, loops that end. */
#include "work.h"

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

	if (fix_number(f, what, &n) && n < 0) {		/* as C code says no */
		struct fix_candidate no = fix_new(f, "return 0, which says no here");

		fix_replace(f, &no, fix_at(f, what)->start, fix_at(f, what)->end, "0");
		if (fix_try(f, &no))
			return true;
	}

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

/* The place where the value was made: it, or what a setf gives the variable. */
static uint32_t
value_made(const struct fix *f)
{
	uint32_t last = 0;

	if (!fix_head_is(f, f->root, "setf") && !fix_head_is(f, f->root, "setq"))
		return fix_at(f, f->root)->list ? 0 : f->root;
	for (uint32_t e = fix_child(f, f->root, 2); e; e = fix_at(f, e)->next)
		last = e;
	return last && !fix_at(f, last)->list ? last : 0;
}

/* Is a form there for what it does, or for its value? */
static bool
is_action(const struct fix *f, uint32_t form)
{
	static const char *const actions[] = {
		"setf", "setq", "incf", "decf", "store", "atomic-add", "when", "unless", "while",
		"dotimes", "do-range", "remmap", "map-update", "map-delete", "ringbuf-submit",
		"ringbuf-discard", "ringbuf-output", "printf", "with-ringbuf", NULL,
	};

	return fix_head_in(f, form, actions);
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
	if (f->root && f->root != f->at && fix_inside(f, f->root, top) && value_made(f) &&
	    return_instead(f, value_made(f)))
		return true;
	if (fix_head_is(f, f->at, "return") && fix_child(f, f->at, 1) &&
	    return_instead(f, fix_child(f, f->at, 1)))
		return true;
	for (uint32_t i = top; i < f->tree.nodes.n && fix_at(f, i)->start < end; i++)
		if (fix_head_is(f, i, "return") && fix_child(f, i, 1) &&
		    return_instead(f, fix_child(f, i, 1)))
			return true;
	if ((!fix_at(f, last)->list ||
	     (top == f->top && !is_action(f, last) && !fix_body(f, last))) &&
	    return_instead(f, last))
		return true;
	/* What is computed last is not meant as the answer: answer after it. */
	fix_replace(f, &c, fix_at(f, last)->end, fix_at(f, last)->end, "\n%*s%s",
		    (int)fix_column(f, fix_at(f, last)->start), "", answer(f));
	return fix_try(f, &c) || return_instead(f, last);
}

/* ---- loops ------------------------------------------------------------------------------------ */

static const char *
turn_name(const struct fix *f)
{
	return fix_find(f, f->top, 0, "turn") ? "turn-no" : "turn";
}

/* (while test body...) becomes (dotimes (turn N) (unless test (break)) body...). */
static bool
bound_while(struct fix *f, uint32_t loop, unsigned turns)
{
	struct fix_candidate c = fix_new(f, "end after %u turns at the latest", turns);
	uint32_t head = fix_child(f, loop, 0), test = fix_child(f, loop, 1);
	int col = (int)fix_column(f, fix_at(f, loop)->start) + 2;

	if (!test)
		return false;
	fix_replace(f, &c, fix_at(f, head)->start, fix_at(f, test)->end,
		    "dotimes (%s %u)\n%*s(unless %s\n%*s(break))", turn_name(f), turns, col, "",
		    fix_copy(f, test), col + 2, "");
	return fix_try(f, &c);
}

/* The variable of (while (< V LIMIT) ...), and the limit. */
static uint32_t
counter(const struct fix *f, uint32_t loop, uint32_t *limit)
{
	uint32_t test = fix_child(f, loop, 1), var = test ? fix_child(f, test, 1) : 0;

	if (!fix_head_is(f, loop, "while") || !fix_head_is(f, test, "<") || !var ||
	    !fix_is_symbol(f, var) || fix_count(f, test) != 3)
		return 0;
	*limit = fix_child(f, test, 2);
	return fix_at(f, *limit)->list ? 0 : var;
}

/* Forms in the loop that change the variable; *step becomes a last (incf V) among them. */
static unsigned
changes(struct fix *f, uint32_t loop, const char *var, uint32_t *step)
{
	static const char *const changing[] = {"setf", "setq", "incf", "decf", "stack-addr", NULL};
	unsigned n = 0;

	*step = 0;
	for (uint32_t i = loop; i < f->tree.nodes.n && fix_at(f, i)->start < fix_at(f, loop)->end;
	     i++) {
		if (!fix_at(f, i)->list || !fix_head_in(f, i, changing) ||
		    !fix_is(f, fix_child(f, i, 1), var))
			continue;
		n++;
		if (fix_head_is(f, i, "incf") && fix_count(f, i) == 2 && !fix_at(f, i)->next &&
		    fix_at(f, i)->parent == loop)
			*step = i;
	}
	return n;
}

/* Nothing counts: (while (< i 8) ...) without a step gets one. */
static bool
add_step(struct fix *f, uint32_t loop)
{
	uint32_t limit, var = counter(f, loop, &limit), last = 0, step;
	struct fix_candidate c;
	int64_t n;

	if (!var || !fix_number(f, limit, &n) || changes(f, loop, fix_copy(f, var), &step))
		return false;
	for (uint32_t e = fix_child(f, loop, 2); e; e = fix_at(f, e)->next)
		last = e;
	if (!last)
		return false;
	c = fix_new(f, "count `%s` at every turn", fix_copy(f, var));
	fix_replace(f, &c, fix_at(f, last)->end, fix_at(f, last)->end, "\n%*s(incf %s)",
		    (int)fix_column(f, fix_at(f, last)->start), "", fix_copy(f, var));
	return fix_try(f, &c);
}

/* Turns handed out by an iterator of the kernel: the verifier walks the body until nothing new
 * comes of it, and not once for each turn. */
static bool
iterate(struct fix *f, uint32_t loop)
{
	struct fix_candidate c = fix_new(f, "let an iterator count the turns: its body is walked a few "
					    "times, not once for each");
	uint32_t spec = fix_child(f, loop, 1), limit = 0, step, b, init;
	uint32_t var = counter(f, loop, &limit), head = fix_child(f, loop, 0);
	bool later = false;
	const char *name;

	if (fix_head_is(f, loop, "dotimes") && spec && fix_count(f, spec) == 2) {
		fix_replace(f, &c, fix_at(f, head)->start, fix_at(f, head)->end, "do-range");
		fix_replace(f, &c, fix_at(f, fix_child(f, spec, 1))->start,
			    fix_at(f, fix_child(f, spec, 1))->start, "0 ");
		return fix_try(f, &c);
	}
	if (!var)
		return false;
	name = fix_copy(f, var);
	b = fix_binding(f, loop, name);
	init = b ? fix_initial(f, b) : 0;
	if (!init || fix_at(f, init)->list || changes(f, loop, name, &step) != 1 || !step)
		return false;
	for (uint32_t i = step; (i = fix_find(f, fix_scope(f, b), i, name)) && !later;)
		later = fix_at(f, i)->start >= fix_at(f, loop)->end;
	/* What is read after the loop goes on counting. */
	fix_replace(f, &c, fix_at(f, head)->start, fix_at(f, spec)->end, "do-range (%s %s %s)",
		    later ? turn_name(f) : name, fix_copy(f, init), fix_copy(f, limit));
	if (!later)
		fix_remove(f, &c, step);
	return fix_try(f, &c);
}

static bool
each_loop(struct fix *f, bool (*act)(struct fix *f, uint32_t loop))
{
	for (uint32_t i = f->tree.nodes.n; i-- > f->top;)
		if (fix_at(f, i)->start < fix_at(f, f->top)->end && fix_at(f, i)->list && act(f, i))
			return true;
	return false;
}

bool
fix_loop(struct fix *f)
{
	static const unsigned turns[] = {4096, 1024, 256, 64, 16};
	uint32_t end = fix_at(f, f->top)->end;

	if (each_loop(f, add_step) || each_loop(f, iterate))
		return true;
	for (size_t k = 0; k < sizeof turns / sizeof *turns; k++) {
		for (uint32_t i = f->tree.nodes.n; i-- > f->top;) {
			if (fix_at(f, i)->start >= end)
				continue;
			if (fix_head_is(f, i, "while") && bound_while(f, i, turns[k]))
				return true;
		}
	}
	return false;
}

/* SPDX-License-Identifier: MIT */
/* fix_guard.c: a test put around forms, and leaving the program when a test fails. */
#include "fix_work.h"

enum { MAX_LEVELS = 8, ROOM = 92 };

const char *
fix_harmless(const struct fix *f)
{
	switch (f->rq->prog->type) {
	case BPF_PROG_TYPE_XDP: return "XDP_PASS";
	case BPF_PROG_TYPE_SCHED_CLS: case BPF_PROG_TYPE_SCHED_ACT: return "TC_ACT_OK";
	case BPF_PROG_TYPE_SK_SKB: case BPF_PROG_TYPE_SK_MSG: case BPF_PROG_TYPE_SK_LOOKUP:
	case BPF_PROG_TYPE_SK_REUSEPORT:
		return "SK_PASS";
	case BPF_PROG_TYPE_CGROUP_SKB: case BPF_PROG_TYPE_CGROUP_SOCK:
	case BPF_PROG_TYPE_CGROUP_SOCK_ADDR: case BPF_PROG_TYPE_CGROUP_DEVICE:
	case BPF_PROG_TYPE_CGROUP_SYSCTL: case BPF_PROG_TYPE_CGROUP_SOCKOPT:
		return "1";
	}
	return "0";
}

/* Is the value of this form what the program returns? */
static bool
is_result(const struct fix *f, uint32_t node)
{
	for (uint32_t n = node; n; n = fix_at(f, n)->parent) {
		enum fix_position p = fix_position(f, n);
		uint32_t up = fix_at(f, n)->parent;

		if (up && fix_head_is(f, up, "defprog"))
			return p == FIX_LAST;
		if (p == FIX_OTHER && fix_at(f, up)->list && fix_body(f, up) == 0)
			continue;	/* the clause of a cond */
		if ((p != FIX_LAST && p != FIX_BRANCH) || fix_head_is(f, up, "dotimes") ||
		    fix_head_is(f, up, "while"))
			return false;
	}
	return false;
}

/* A new line and `col` blanks. */
static const char *
line(struct fix *f, uint32_t col)
{
	return arena_printf(f->a, "\n%*s", (int)col, "");
}

static bool
guard_statement(struct fix *f, uint32_t node, const char *test, const char *title)
{
	struct fix_candidate c = fix_new(f, "%s", title);
	uint32_t col = fix_column(f, fix_at(f, node)->start);
	bool result = is_result(f, node) && strcmp(fix_harmless(f), "0") != 0;

	if (result)
		fix_around(f, &c, node, arena_printf(f->a, "(if %s%s", test, line(f, col + 4)),
			   arena_printf(f->a, "%s%s)", line(f, col + 4), fix_harmless(f)));
	else
		fix_around(f, &c, node, arena_printf(f->a, "(when %s%s", test, line(f, col + 2)),
			   ")");
	return fix_try(f, &c);
}

static bool
guard_test(struct fix *f, uint32_t node, const char *test, const char *title)
{
	struct fix_candidate c = fix_new(f, "%s", title);
	uint32_t up = fix_at(f, node)->parent;
	uint32_t start = fix_at(f, node)->start, col = fix_column(f, start);

	if (fix_head_is(f, up, "unless"))
		return false;	/* the body would run in the very case */
	if (fix_head_is(f, up, "and"))
		fix_replace(f, &c, start, start, "%s ", test);
	else if (fix_head_is(f, node, "and"))
		fix_replace(f, &c, fix_at(f, fix_at(f, node)->first)->end,
			    fix_at(f, fix_at(f, node)->first)->end, " %s", test);
	else if (col + strlen(test) + fix_text(f, node).n + 7 < ROOM)
		fix_around(f, &c, node, arena_printf(f->a, "(and %s ", test), ")");
	else
		fix_around(f, &c, node, arena_printf(f->a, "(and %s%s", test, line(f, col + 5)),
			   ")");
	return fix_try(f, &c);
}

static bool
guard_value(struct fix *f, uint32_t node, const char *test, const char *title)
{
	struct fix_candidate c = fix_new(f, "%s", title);

	fix_around(f, &c, node, arena_printf(f->a, "(if %s ", test), " 0)");
	return fix_try(f, &c);
}

bool
fix_guard(struct fix *f, uint32_t node, uint32_t limit, const char *test, const char *title)
{
	unsigned level = 0;

	for (uint32_t n = node; n && n != limit && level < MAX_LEVELS; n = fix_at(f, n)->parent) {
		enum fix_position p = fix_position(f, n);
		bool in_and = fix_head_is(f, fix_at(f, n)->parent, "and") && p == FIX_OPERAND;
		bool done = false;

		if (p == FIX_STATEMENT || p == FIX_LAST || p == FIX_BRANCH)
			done = guard_statement(f, n, test, title);
		else if (p == FIX_TEST || in_and)
			done = guard_test(f, n, test, title);
		else if (p == FIX_BINDING)
			done = guard_value(f, n, test, title);
		else
			continue;
		level++;
		if (done)
			return true;
	}
	return false;
}

bool
fix_guard_rest(struct fix *f, uint32_t node, uint32_t limit, const char *test,
	       const char *title)
{
	uint32_t first = fix_statement(f, node), last = first;
	struct fix_candidate c = fix_new(f, "%s", title);
	int col;

	if (!first || first == limit || fix_position(f, first) == FIX_BRANCH)
		return false;
	while (fix_at(f, last)->next)
		last = fix_at(f, last)->next;
	if (first == last || (is_result(f, last) && strcmp(fix_harmless(f), "0") != 0))
		return false;
	col = (int)fix_column(f, fix_at(f, first)->start);
	for (uint32_t n = first; n; n = n == last ? 0 : fix_at(f, n)->next)
		fix_replace(f, &c, fix_at(f, n)->start, fix_at(f, n)->end, "%s%*s%s%s",
			    n == first ? arena_printf(f->a, "(when %s%s", test, line(f, col + 2))
				       : "", n == first ? 0 : 2, "", fix_shifted(f, n, 2),
			    n == last ? ")" : "");
	return fix_try(f, &c);
}

bool
fix_leave(struct fix *f, uint32_t node, uint32_t limit, const char *unless, const char *title)
{
	unsigned level = 0;

	for (uint32_t n = node; n && n != limit && level < MAX_LEVELS; n = fix_at(f, n)->parent) {
		enum fix_position p = fix_position(f, n);
		uint32_t start = fix_at(f, n)->start, col = fix_column(f, start);
		struct fix_candidate c = fix_new(f, "%s", title);

		if (p != FIX_STATEMENT && p != FIX_LAST)
			continue;
		level++;
		fix_replace(f, &c, start, start, "(unless %s%s(return %s))%s", unless,
			    line(f, col + 2), fix_harmless(f), line(f, col));
		if (fix_try(f, &c))
			return true;
	}
	return false;
}

void
fix_remove(struct fix *f, struct fix_candidate *c, uint32_t node)
{
	uint32_t start = fix_at(f, node)->start, end = fix_at(f, node)->end;
	const char *t = f->tree.text.p;

	while (start > 0 && (t[start - 1] == ' ' || t[start - 1] == '\t'))
		start--;
	if (start > 0 && t[start - 1] == '\n')
		start--;
	fix_replace(f, c, start, end, "%s", "");
}

/* ---- packets ---------------------------------------------------------------------- */

const char *
fix_packet_bound(const struct fix *f, bool end)
{
	bool xdp = f->rq->prog->type == BPF_PROG_TYPE_XDP;

	return end ? (xdp ? "(xdp-data-end)" : "(ctx data-end)")
		   : (xdp ? "(xdp-data)" : "(ctx data)");
}

void
fix_packet_names(struct fix *f, uint32_t at, const char **data, const char **end)
{
	for (uint32_t n = f->top; n < f->tree.nodes.n; n++) {
		uint32_t b = fix_at(f, n)->list ? fix_child(f, n, 1) : 0;

		if (!fix_at(f, n)->list || !fix_inside(f, at, n))
			continue;
		if (str_starts(fix_text(f, fix_child(f, n, 0)), "with-") && b &&
		    fix_at(f, b)->list && fix_count(f, b) >= 2) {
			*data = fix_copy(f, fix_child(f, b, 0));
			*end = fix_copy(f, fix_child(f, b, 1));
		}
		for (uint32_t v = b && fix_at(f, b)->list && fix_body(f, n) == 2
					  ? fix_at(f, b)->first : 0; v; v = fix_at(f, v)->next) {
			uint32_t init = fix_at(f, v)->first ? fix_initial(f, fix_at(f, v)->first) : 0;
			str t = init ? fix_text(f, init) : STR("");

			if (str_is(t, "(xdp-data)") || str_is(t, "(tc-data)") ||
			    str_is(t, "(ctx data)"))
				*data = fix_copy(f, fix_at(f, v)->first);
			if (str_is(t, "(xdp-data-end)") || str_is(t, "(tc-data-end)") ||
			    str_is(t, "(ctx data-end)"))
				*end = fix_copy(f, fix_at(f, v)->first);
		}
	}
}

/* SPDX-License-Identifier: MIT */
/* guard.c: a test put around forms, and leaving the program when a test fails. */
#include "work.h"

enum { MAX_LEVELS = 8, ROOM = 92 };

const char *
fix_harmless(const struct fix *f)
{
	uint32_t top = f->at;

	while (fix_at(f, top)->parent)
		top = fix_at(f, top)->parent;
	if (fix_head_is(f, top, "defn"))	/* a function's caller is not known */
		return "0";
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

bool
fix_is_result(const struct fix *f, uint32_t node)
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
	bool result = fix_is_result(f, node) && strcmp(fix_harmless(f), "0") != 0;

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

/* Does form `n`, which encloses `node`, bind a name that `test` mentions? Around it the test
 * would mean nothing, or something else. */
static bool
binds(struct fix *f, uint32_t n, uint32_t node, const char *test)
{
	static const char apart[] = " ()'`,\n";

	while (*test) {
		size_t len = strcspn(test, apart);
		uint32_t b = len ? fix_binding(f, node, arena_strndup(f->a, test, len)) : 0;

		if (b && fix_scope(f, b) == n)
			return true;
		test += len;
		test += strspn(test, apart);
	}
	return false;
}

bool
fix_guard(struct fix *f, uint32_t node, const char *test, const char *title)
{
	unsigned level = 0;

	for (uint32_t n = node; n && level < MAX_LEVELS && !binds(f, n, node, test);
	     n = fix_at(f, n)->parent) {
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
fix_guard_rest(struct fix *f, uint32_t node, const char *test, const char *title)
{
	uint32_t first = fix_statement(f, node), last = first;
	struct fix_candidate c = fix_new(f, "%s", title);
	int col;

	if (!first || binds(f, first, node, test) || fix_position(f, first) == FIX_BRANCH)
		return false;
	while (fix_at(f, last)->next)
		last = fix_at(f, last)->next;
	if (first == last || (fix_is_result(f, last) && strcmp(fix_harmless(f), "0") != 0))
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
fix_leave(struct fix *f, uint32_t node, const char *unless, const char *title)
{
	unsigned level = 0;

	for (uint32_t n = node; n && level < MAX_LEVELS && !binds(f, n, node, unless);
	     n = fix_at(f, n)->parent) {
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

static bool
only_blanks(const struct fix *f, uint32_t from, uint32_t to)
{
	while (from < to && (f->tree.text.p[from] == ' ' || f->tree.text.p[from] == '\t'))
		from++;
	return from == to;
}

/* Past blanks and a comment to the end of the line; `pos` when something else stands there. */
static uint32_t
rest_of_line(const struct fix *f, uint32_t pos)
{
	const str t = f->tree.text;
	uint32_t at = pos;

	while (at < t.n && (t.p[at] == ' ' || t.p[at] == '\t'))
		at++;
	if (at < t.n && t.p[at] == ';')
		while (at < t.n && t.p[at] != '\n')
			at++;
	return at == t.n || t.p[at] == '\n' ? at : pos;
}

/* A form that stands alone on its lines goes with them, its comment included; parentheses that
 * close what is around it go to the form before it. */
void
fix_remove(struct fix *f, struct fix_candidate *c, uint32_t node)
{
	const struct fix_node *n = fix_at(f, node);
	uint32_t first = n->start - fix_column(f, n->start), close = n->end, end, before = 0;

	while (close < f->tree.text.n && f->tree.text.p[close] == ')')
		close++;
	end = rest_of_line(f, close);
	for (uint32_t e = fix_at(f, n->parent)->first; e != node; e = fix_at(f, e)->next)
		before = e;
	if (first && before && only_blanks(f, first, n->start) &&
	    (end > close || end == f->tree.text.n || f->tree.text.p[end] == '\n')) {
		if (close > n->end)
			fix_replace(f, c, fix_at(f, before)->end, fix_at(f, before)->end, "%.*s",
				    (int)(close - n->end), f->tree.text.p + n->end);
		fix_replace(f, c, first - 1, end, "%s", "");
		return;
	}
	first = n->start;
	while (first > 0 && f->tree.text.p[first - 1] == ' ')
		first--;
	fix_replace(f, c, first, n->end, "%s", "");
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

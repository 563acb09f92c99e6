/* SPDX-License-Identifier: MIT */
/* held.c: what is acquired and must be given back: records, sockets, locks, sections. */
#include "work.h"

/* How things are acquired, and how they are given back: by the name that holds them, or by
 * what `argument` says: "$1" is the acquiring form's first operand, "$2.1" the first element
 * of its second, what follows stands as it is. */
static const struct {
	const char *acquire, *release;	/* heads of forms */
	const char *argument;		/* null: the variable it was bound to */
} pairs[] = {
	{"ringbuf-reserve", "ringbuf-discard", NULL},
	{"sk-lookup-tcp", "sk-release", NULL},
	{"sk-lookup-udp", "sk-release", NULL},
	{"skc-lookup-tcp", "sk-release", NULL},
	{"spin-lock", "spin-unlock", "$1"},
	{"bpf-rcu-read-lock", "bpf-rcu-read-unlock", ""},
	{"bpf-preempt-disable", "bpf-preempt-enable", ""},
	{"bpf-task-from-pid", "bpf-task-release", NULL},
	{"bpf-task-acquire", "bpf-task-release", NULL},
	{"bpf-cgroup-from-id", "bpf-cgroup-release", NULL},
	{"bpf-cgroup-acquire", "bpf-cgroup-release", NULL},
	{"bpf-cgroup-ancestor", "bpf-cgroup-release", NULL},
	{"bpf-cpumask-create", "bpf-cpumask-release", NULL},
	{"with-ringbuf", "ringbuf-discard", "$2.1"},
	{"ringbuf-reserve-dynptr", "ringbuf-discard-dynptr", "$4 0"},
	{"rcu-read-lock", "rcu-read-unlock", ""},
	{"preempt-disable", "preempt-enable", ""},
	{"bpf-local-irq-save", "bpf-local-irq-restore", "$1"},
	{"bpf-iter-num-new", "bpf-iter-num-destroy", "$1"},
	{"iter-num-new", "iter-num-destroy", "$1"},
};

struct held {
	uint32_t acquire;	/* the acquiring form */
	uint32_t scope;		/* the form in whose body it is held */
	const char *release;	/* "(ringbuf-discard e)" */
	const char *name;	/* what holds it, or null */
	size_t pair;
};

/* The variable a form's value is bound to. */
static uint32_t
bound_to(const struct fix *f, uint32_t form)
{
	uint32_t up = fix_at(f, form)->parent;

	if (fix_position(f, form) == FIX_BINDING)
		return fix_child(f, up, 0);
	if (fix_head_is(f, up, "setf") || fix_head_is(f, up, "setq"))
		return fix_child(f, up, fix_at(f, form)->index - 1);
	return 0;
}

static bool
describe(struct fix *f, uint32_t n, size_t pair, struct held *h)
{
	const char *arg = pairs[pair].argument;
	uint32_t name = bound_to(f, n), s = n, operand;

	if (arg && arg[0] == '$') {
		operand = fix_child(f, n, (uint32_t)(arg[1] - '0'));
		if (arg[2] == '.')	/* (with-ringbuf (e ...)): the name in the list */
			operand = fix_child(f, fix_child(f, n, 1), 0);
		if (!operand)
			return false;
		arg = arena_printf(f->a, "%s%s", fix_copy(f, operand),
				   arg[2] == ' ' ? arg + 2 : "");
	}
	if (!arg && (!name || !fix_is_symbol(f, name)))
		return false;
	*h = (struct held){.acquire = n, .pair = pair, .name = arg ? NULL : fix_copy(f, name)};
	h->release = arg ? arena_printf(f->a, *arg ? "(%s %s)" : "(%s%s)", pairs[pair].release, arg)
			 : arena_printf(f->a, "(%s %s)", pairs[pair].release, h->name);
	while (s && !fix_body(f, s) && !fix_head_is(f, s, "if-let"))
		s = fix_at(f, s)->parent;
	h->scope = s;
	return s != 0;
}

/* The n-th thing acquired in the program. */
static bool
acquired(struct fix *f, unsigned n, struct held *h)
{
	uint32_t end = fix_at(f, f->top)->end;

	for (uint32_t i = f->top; i < f->tree.nodes.n && fix_at(f, i)->start < end; i++)
		for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++)
			if (fix_head_is(f, i, pairs[k].acquire) && describe(f, i, k, h) && n-- == 0)
				return true;
	return false;
}

static const char *
guarded(struct fix *f, const struct held *h, bool may_be_null)
{
	return h->name && may_be_null ? arena_printf(f->a, "(when %s %s)", h->name, h->release)
				      : h->release;
}

/* Before a form that leaves. */
static bool
release_before(struct fix *f, const struct held *h, uint32_t node, bool may_be_null)
{
	struct fix_candidate c = fix_new(f, "give it back on this path too");
	uint32_t start = fix_at(f, node)->start;
	int col = (int)fix_column(f, start);
	const char *release = guarded(f, h, may_be_null);

	if (fix_position(f, node) == FIX_STATEMENT || fix_position(f, node) == FIX_LAST)
		fix_replace(f, &c, start, start, "%s\n%*s", release, col, "");
	else
		fix_around(f, &c, node, arena_printf(f->a, "(progn %s\n%*s", release, col + 7, ""),
			   ")");
	return fix_try(f, &c);
}

/* After the last form of a body; the form's value is kept when it is a plain one. */
static bool
release_last(struct fix *f, const struct held *h, uint32_t list, bool may_be_null)
{
	struct fix_candidate c = fix_new(f, "give it back at the end");
	uint32_t last = 0;
	const char *release = guarded(f, h, may_be_null);

	for (uint32_t e = fix_child(f, list, fix_body(f, list)); e; e = fix_at(f, e)->next)
		last = e;
	if (!last)
		return false;
	if (!fix_at(f, last)->list)
		return release_before(f, h, last, may_be_null);
	fix_replace(f, &c, fix_at(f, last)->end, fix_at(f, last)->end, "\n%*s%s",
		    (int)fix_column(f, fix_at(f, last)->start), "", release);
	return fix_try(f, &c);
}

static bool
is_release(const struct fix *f, uint32_t node, const struct held *h)
{
	static const char *const also[] = {"ringbuf-submit", NULL};

	return fix_head_is(f, node, pairs[h->pair].release) ||
	       (h->pair == 0 && fix_head_in(f, node, also));
}

/* The branch of a conditional inside the scope that gives it back while the other does not:
 * the other gets its own release. */
static bool
release_otherwise(struct fix *f, const struct held *h)
{
	uint32_t end = fix_at(f, h->scope)->end;

	for (uint32_t i = h->acquire; i < f->tree.nodes.n && fix_at(f, i)->start < end; i++) {
		for (uint32_t up = is_release(f, i, h) ? fix_at(f, i)->parent : 0;
		     up && up != h->scope; up = fix_at(f, up)->parent) {
			struct fix_candidate c = fix_new(f, "give it back otherwise");
			bool when = fix_head_is(f, up, "when"), unless = fix_head_is(f, up, "unless");
			int col = (int)fix_column(f, fix_at(f, up)->start);

			if (fix_head_is(f, up, "if") && fix_count(f, up) == 3) {
				fix_replace(f, &c, fix_at(f, up)->end - 1, fix_at(f, up)->end - 1,
					    "\n%*s%s", col + 4, "", h->release);
			} else if ((when || unless) &&
				   !(h->name && fix_is(f, fix_child(f, up, 1), h->name))) {
				fix_replace(f, &c, fix_at(f, up)->end, fix_at(f, up)->end,
					    "\n%*s(%s %s %s)", col, "", when ? "unless" : "when",
					    fix_copy(f, fix_child(f, up, 1)), h->release);
			} else if (fix_head_is(f, up, "cond")) {
				fix_replace(f, &c, fix_at(f, up)->end - 1, fix_at(f, up)->end - 1,
					    "\n%*s(t %s)", col + 6, "", h->release);
			}
			if (fix_try(f, &c))
				return true;
		}
	}
	return false;
}

static bool
release(struct fix *f, const struct held *h)
{
	uint32_t end = fix_at(f, h->scope)->end;
	uint32_t body = fix_child(f, h->scope, fix_body(f, h->scope));

	/* where it left, if it did so inside the scope */
	for (int null = 0; null < 2; null++) {
		uint32_t at = f->at;

		while (at && fix_position(f, at) != FIX_STATEMENT && fix_position(f, at) != FIX_LAST &&
		       fix_position(f, at) != FIX_BRANCH)
			at = fix_at(f, at)->parent;
		if (at && fix_inside(f, at, h->scope) && at != h->scope && at > h->acquire &&
		    fix_head_is(f, at, "return") && release_before(f, h, at, null))
			return true;
	}
	if (release_otherwise(f, h))
		return true;
	/* inside the test that it is there, else at the end of where it is held */
	for (uint32_t i = h->acquire; i < f->tree.nodes.n && fix_at(f, i)->start < end; i++)
		if (h->name && fix_at(f, i)->list && fix_head_is(f, i, "when") &&
		    fix_is(f, fix_child(f, i, 1), h->name) && release_last(f, h, i, false))
			return true;
	if (body && (release_last(f, h, h->scope, false) || release_last(f, h, h->scope, true)))
		return true;
	/* every way out */
	for (uint32_t i = h->acquire; i < f->tree.nodes.n && fix_at(f, i)->start < end; i++)
		if (fix_head_is(f, i, "return") && release_before(f, h, i, false))
			return true;
	return false;
}

/* (when test (spin-lock l)): taken on some ways only, given back on all. */
static bool
unconditional(struct fix *f)
{
	struct held h;

	for (unsigned n = 0; strcmp(f->code, "V0546") == 0 && acquired(f, n, &h); n++) {
		struct fix_candidate c = fix_new(f, "take it on every way");
		uint32_t up = fix_at(f, h.acquire)->parent;

		if (!fix_head_is(f, up, "when") || fix_count(f, up) != 3)
			continue;
		fix_replace(f, &c, fix_at(f, up)->start, fix_at(f, up)->end, "%s",
			    fix_shifted(f, h.acquire, (int)fix_column(f, fix_at(f, up)->start) -
						      (int)fix_column(f, fix_at(f, h.acquire)->start)));
		if (fix_try(f, &c))
			return true;
	}
	return false;
}

/* A call that may not be made while a lock is held, but whose value is wanted there: made
 * before, its value named. */
bool
fix_hoist(struct fix *f)
{
	struct held h;

	for (unsigned n = 0; acquired(f, n, &h); n++) {
		struct fix_candidate c = fix_new(f, "call it before the lock is taken");
		uint32_t first = fix_statement(f, h.acquire), last = first;
		const struct fix_node *call = fix_at(f, f->at), *s;
		int col;

		if (!first || f->at < h.acquire || fix_position(f, f->at) != FIX_OPERAND)
			continue;
		while (fix_at(f, last)->next)
			last = fix_at(f, last)->next;
		if (!fix_inside(f, f->at, fix_at(f, first)->parent))
			continue;
		col = (int)fix_column(f, fix_at(f, first)->start);
		for (uint32_t m = first; m; m = m == last ? 0 : fix_at(f, m)->next) {
			struct buf b = buf_new(f->a);
			str t = fix_text(f, m);

			s = fix_at(f, m);
			if (call->start >= s->start && call->end <= s->end) {
				buf_bytes(&b, t.p, call->start - s->start);
				buf_puts(&b, "value");
				buf_bytes(&b, f->tree.text.p + call->end, s->end - call->end);
			} else {
				buf_str(&b, t);
			}
			fix_replace(f, &c, s->start, s->end, "%s%*s%s%s",
				    m == first ? arena_printf(f->a, "(let ((value %s))\n%*s",
							      fix_copy(f, f->at), col + 2, "") : "",
				    m == first ? 0 : 2, "", buf_text(&b).p, m == last ? ")" : "");
		}
		if (fix_try(f, &c))
			return true;
	}
	return false;
}

bool
fix_leak(struct fix *f)
{
	struct held h;

	if (unconditional(f) || (fix_head_is(f, f->at, "tail-call") && fix_released(f)))
		return true;
	for (unsigned n = 0; acquired(f, n, &h); n++)
		if (release(f, &h))
			return true;
	/* The call that leaves or is forbidden while it is held: after the release. */
	return fix_released(f);
}

/* ---- given back too early, or twice ------------------------------------------------------------- */

static const char *const releases[] = {
	"ringbuf-submit", "ringbuf-discard", "sk-release", "bpf-task-release",
	"bpf-cgroup-release", "bpf-cpumask-release", "spin-unlock",
	"ringbuf-submit-dynptr", "ringbuf-discard-dynptr", "rcu-read-unlock",
	"bpf-rcu-read-unlock", "preempt-enable", "bpf-iter-num-destroy", "iter-num-destroy", NULL,
};

/* Without this release; and without the test around it, when that decided nothing else. */
static bool
release_once(struct fix *f, uint32_t release)
{
	struct fix_candidate c = fix_new(f, "once is enough: remove this one");
	uint32_t up = fix_at(f, release)->parent;

	if ((fix_head_is(f, up, "when") || fix_head_is(f, up, "unless")) && fix_count(f, up) == 3 &&
	    fix_position(f, up) != FIX_BRANCH)
		fix_remove(f, &c, up);
	else if (fix_position(f, release) != FIX_BRANCH)
		fix_remove(f, &c, release);
	return fix_try(f, &c);
}

/* The release moved behind statement `s`, or in front of it when it stands behind. */
static bool
release_elsewhere(struct fix *f, uint32_t release, uint32_t s)
{
	bool later = fix_at(f, release)->start < fix_at(f, s)->start;
	struct fix_candidate c = fix_new(f, later ? "give it back after its last use"
						  : "give it back before this");
	int col = (int)fix_column(f, fix_at(f, s)->start);

	if (fix_position(f, s) == FIX_BRANCH)
		return false;
	fix_remove(f, &c, release);
	if (later)
		fix_replace(f, &c, fix_at(f, s)->end, fix_at(f, s)->end, "\n%*s%s", col, "",
			    fix_copy(f, release));
	else
		fix_replace(f, &c, fix_at(f, s)->start, fix_at(f, s)->start, "%s\n%*s",
			    fix_copy(f, release), col, "");
	return fix_try(f, &c);
}

/* Once is enough; or: after the use, or before what may not be done while it is held. */
bool
fix_released(struct fix *f)
{
	uint32_t s = fix_statement(f, f->at), end = fix_at(f, f->top)->end;

	if (!s)
		return false;
	if (fix_head_in(f, s, releases)) {
		if (release_once(f, s))
			return true;
		for (uint32_t i = f->top; i < f->tree.nodes.n && fix_at(f, i)->start < end; i++)
			if (i != s && fix_head_in(f, i, releases) && release_once(f, i))
				return true;
	}
	for (uint32_t i = f->top; i < f->tree.nodes.n && fix_at(f, i)->start < end; i++) {
		if (i == s || !fix_head_in(f, i, releases) || fix_inside(f, i, s) ||
		    fix_inside(f, s, i) || fix_position(f, i) == FIX_BRANCH)
			continue;
		if (release_elsewhere(f, i, s))
			return true;
	}
	return false;
}

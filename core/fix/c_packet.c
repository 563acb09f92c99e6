/* SPDX-License-Identifier: MIT */
/* c_packet.c: checks against the packet's end in C: missing, too short, the wrong way
 * round, lost when the packet moved. */
#include "c.h"

#include <stdlib.h>

/* ---- packets -------------------------------------------------------------------------------- */

static bool
is_void(struct cfix *f, uint32_t decl)
{
	for (uint32_t i = decl; i > f->fn.params; i--) {
		if (ct_is(&f->c, i, "void"))
			return true;
		if (ct_is(&f->c, i, ";") || ct_is(&f->c, i, "{"))
			return false;
	}
	return false;
}

/* What the packet's end is called here: a variable of this function, or the context's field. */
static const char *
end_name(struct cfix *f, bool meta)
{
	const char *end = meta ? NULL : cfix_plain(f, f->why->packet_end);
	uint32_t ctx = ct_parameter(&f->c, &f->fn, 0), decl;

	if (!end && !meta && cfix_uses(f, "data_end"))
		end = "data_end";
	decl = end ? ct_declaration(&f->c, f->at, str_of(end)) : CT_NONE;
	if (decl != CT_NONE)	/* compared with a void pointer */
		return is_void(f, decl) ? end : arena_printf(f->a, "(void *)%s", end);
	if (ctx != CT_NONE && f->rq->prog->type == BPF_PROG_TYPE_CGROUP_SOCKOPT)
		return arena_printf(f->a, "%.*s->optval_end", STR_ARG(ct_str(&f->c, ctx)));
	if (ctx != CT_NONE && f->rq->prog->type == BPF_PROG_TYPE_SK_MSG)
		return arena_printf(f->a, "%.*s->data_end", STR_ARG(ct_str(&f->c, ctx)));
	for (uint32_t i = f->fn.params; i < f->fn.body; i++)
		if (ctx != CT_NONE && (ct_is(&f->c, i, "xdp_md") || ct_is(&f->c, i, "__sk_buff") ||
				       ct_is(&f->c, i, "__ctx_buff")))
			return arena_printf(f->a, "(void *)(long)%.*s->%s",
					    STR_ARG(ct_str(&f->c, ctx)), meta ? "data" : "data_end");
	return NULL;
}

/* The largest constant index this statement uses on the same array. */
static uint64_t
largest_index(struct cfix *f, const char *base, uint64_t most)
{
	for (uint32_t i = f->st.first; i + 2 <= f->st.last; i++) {
		struct ct_range r;
		const char *text;
		char *end;
		uint64_t n;

		if (!ct_is(&f->c, i, "[") || f->c.toks.at[i + 1].kind != CT_NUMBER ||
		    !ct_is(&f->c, i + 2, "]"))
			continue;
		r = ct_postfix(&f->c, i - 1);
		text = cfix_text(f, r);
		n = strtoull(cfix_text(f, (struct ct_range){i + 1, i + 1}), &end, 0);
		if (text && !strcmp(text, base) && n > most)
			most = n;
	}
	return most;
}

/* The end of what is accessed, as an expression; null when the text does not tell. */
static const char *
end_of_access(struct cfix *f)
{
	struct ct_range r = ct_access(&f->c, f->at);
	uint32_t arrow = CT_NONE, bracket = CT_NONE;
	const char *base;

	if (r.first == CT_NONE || r.first == r.last)
		return NULL;
	if (ct_is(&f->c, r.first, "*")) {
		base = cfix_text(f, (struct ct_range){r.first + 1, r.last});
		return strstr(base, "++") || strstr(base, "--") ? NULL :
			cfix_is_path(base) || f->c.toks.at[r.first + 1].match == r.last - 1
			? arena_printf(f->a, "%s + 1", base)
			: arena_printf(f->a, "&%s + 1", cfix_text(f, r));
	}
	for (uint32_t i = r.first; i <= r.last; i++) {
		if (f->c.toks.at[i].up != f->c.toks.at[r.first].up)
			continue;
		if (ct_is(&f->c, i, "->"))
			arrow = i;
		if (ct_is(&f->c, i, "["))
			bracket = i;
	}
	if (bracket != CT_NONE && (arrow == CT_NONE || bracket > arrow) &&
	    f->c.toks.at[bracket].match == r.last && bracket > r.first) {
		base = cfix_text(f, (struct ct_range){r.first, bracket - 1});
		if (bracket + 2 == r.last && f->c.toks.at[bracket + 1].kind == CT_NUMBER)
			return arena_printf(f->a, "%s + %llu", base, (unsigned long long)
					    largest_index(f, base, 0) + 1);
		if (arrow == CT_NONE)
			return arena_printf(f->a, "&%s + 1", cfix_text(f, r));
	}
	if (arrow == CT_NONE || arrow == r.first)
		return NULL;
	return arena_printf(f->a, "%s + 1", cfix_text(f, (struct ct_range){r.first, arrow - 1}));
}

/* Of a helper's argument that lies in the packet. */
static const char *
end_of_argument(struct cfix *f)
{
	struct ct_range r = ct_argument(&f->c, f->at, (unsigned)(f->need->reg - 1));
	const char *text = cfix_text(f, r);
	long long n = (long long)(f->need->hi - f->need->lo);

	if (!text || f->need->reg < 1)
		return NULL;
	for (uint32_t i = r.first; ct_is(&f->c, r.first, "&") && i < r.last; i++)
		if (ct_is(&f->c, i, "->") && f->c.toks.at[i].up == f->c.toks.at[r.first].up)
			return arena_printf(f->a, "%s + 1",
					    cfix_text(f, (struct ct_range){r.first + 1, i - 1}));
	return arena_printf(f->a, cfix_is_path(text) ? "(void *)%s + %lld" : "(void *)(%s) + %lld", text,
			    n);
}

/* The statement that moved the pointer last: "p += 2 + n;", "T *p = q + n;"; false when none
 * is found before the failing one. */
static bool
moved_by(struct cfix *f, str name, struct ct_statement *s)
{
	for (uint32_t i = f->st.first; i > f->fn.body; i--) {
		if (!ct_is_word(&f->c, i) || !str_eq(ct_str(&f->c, i), name) ||
		    ct_is(&f->c, i - 1, "->") || ct_is(&f->c, i - 1, ".") ||
		    (!ct_is(&f->c, i + 1, "=") && !ct_is(&f->c, i + 1, "+=")))
			continue;
		return ct_statement(&f->c, i, s) && s->last < f->st.first && !s->is_bare;
	}
	return false;
}

/* The number a statement adds: the last of its terms that is a variable. */
static const char *
added_number(struct cfix *f, const struct ct_statement *s)
{
	const char *name = NULL;

	for (uint32_t i = s->first + 1; i <= s->last; i++) {
		bool ends = ct_is(&f->c, i + 1, ";") || ct_is(&f->c, i + 1, "+");

		if (ct_is_word(&f->c, i) && ends && ct_is(&f->c, i - 1, "+"))
			name = cfix_text(f, (struct ct_range){i, i});
		else if (ct_is_word(&f->c, i) && ends && ct_is(&f->c, i - 1, "+="))
			name = cfix_text(f, (struct ct_range){i, i});
	}
	return name;
}

/* A position of which nothing is known: its number has to be bounded first. */
static struct diag_fix *
bound_position(struct cfix *f)
{
	const struct vs_need *n = f->why->needs.n > 1 ? &f->why->needs.at[1] : NULL;
	const char *name = n && n->kind == NEED_RANGE ? cfix_plain(f, n->name) : NULL;
	uint32_t made = name && cfix_is_path(name) ? cfix_token(f, n->made) : CT_NONE;
	struct ct_range r = ct_access(&f->c, f->at);
	struct ct_statement s;
	struct diag_fix *x;
	uint32_t base = r.first;

	if (!n || n->kind != NEED_RANGE)
		return NULL;
	if (made != CT_NONE && ct_statement(&f->c, made, &s)) {
		x = cfix_new(f, "bound `%s` before it moves a pointer", name);
		cfix_after(f, x, &s, "if (%s > %lld)\n\t%s", name, (long long)n->hi,
			   cfix_leave_loop(f));
		return x;
	}
	if (base == CT_NONE)
		return NULL;
	base += ct_is(&f->c, base, "*");
	while (ct_is(&f->c, base, "(") && f->c.toks.at[base].match < r.last)	/* casts */
		base = f->c.toks.at[base].match + 1;
	if (!moved_by(f, ct_str(&f->c, base), &s) ||
	    !(name = added_number(f, &s)))
		return NULL;
	x = cfix_new(f, "bound `%s` before it moves a pointer", name);
	cfix_guard(f, x, &s, arena_printf(f->a, "%s > %lld", name, (long long)n->hi),
		   cfix_leave_loop(f));
	return x;
}

/* ---- tests that are there ------------------------------------------------------------------- */

/* The packet's end as an operand that begins at this token: "end", "(void *)end",
 * "ctx->data_end"; the token behind it, or CT_NONE. */
static uint32_t
past_end_operand(struct cfix *f, uint32_t i)
{
	const char *end = cfix_plain(f, f->why->packet_end);

	while (ct_is(&f->c, i, "(") && f->c.toks.at[i].match != CT_NONE)
		i = f->c.toks.at[i].match + 1;	/* casts */
	if (ct_is_word(&f->c, i) && ct_is(&f->c, i + 1, "->"))
		i += 2;
	return ct_is(&f->c, i, "data_end") || (end && ct_is(&f->c, i, end)) ? i + 1 : CT_NONE;
}

/* `if (data + n < data_end) return;` before the access: the comparison turned round. */
static bool
turn_comparison(struct cfix *f)
{
	for (uint32_t i = f->fn.body; i < f->st.first; i++) {
		bool less = ct_is(&f->c, i, "<") || ct_is(&f->c, i, "<=");
		uint32_t past = less ? past_end_operand(f, i + 1) : CT_NONE, body;
		struct ct_statement s;
		struct diag_fix *x;

		if (past == CT_NONE || !ct_is(&f->c, past, ")") || !ct_statement(&f->c, i, &s) ||
		    !ct_is(&f->c, s.first, "if") || f->c.toks.at[i].up != s.first + 1 ||
		    f->st.first <= s.last)
			continue;
		body = past + 1 + ct_is(&f->c, past + 1, "{");
		if (!ct_is(&f->c, body, "return") && !ct_is(&f->c, body, "goto") &&
		    !ct_is(&f->c, body, "break") && !ct_is(&f->c, body, "continue"))
			continue;
		x = cfix_new(f, "turn the comparison round: leave when the packet is too short");
		cfix_replace(f, x, (struct ct_range){i, i}, ">");
		return true;
	}
	return false;
}

/* In the condition the access is part of: `p + off <= end && p[off]`. */
static bool
lengthen_test(struct cfix *f)
{
	long long missing = (long long)(f->need->hi - f->need->size);
	uint32_t up = f->c.toks.at[f->at].up, from;
	struct diag_fix *x;

	if (missing <= 0 || up == CT_NONE)
		return false;
	for (uint32_t i = f->at; i > up; i--) {
		if (f->c.toks.at[i].up != up || (!ct_is(&f->c, i, "<=") && !ct_is(&f->c, i, "<")) ||
		    past_end_operand(f, i + 1) == CT_NONE)
			continue;
		for (from = i; from - 1 > up && !(f->c.toks.at[from - 1].up == up &&
		     (ct_is(&f->c, from - 1, "&&") || ct_is(&f->c, from - 1, ";"))); from--)
			;
		x = cfix_new(f, "compare where the bytes end with the packet's end");
		cfix_replace(f, x, (struct ct_range){from, i - 1}, "(void *)(%s) + %lld",
			     cfix_text(f, (struct ct_range){from, i - 1}), missing);
		return true;
	}
	return false;
}

static const char *
packet_test(struct cfix *f)
{
	bool meta = strstr(f->need->object ? f->need->object : "", "metadata") != NULL;
	const char *end = end_name(f, meta), *reach, *base;

	if (!end)
		return NULL;
	reach = cfix_call(f) != CT_NONE ? end_of_argument(f) : end_of_access(f);
	base = cfix_plain(f, f->need->base);
	if (!reach && base && cfix_is_path(base) && f->need->reach > 0)
		reach = arena_printf(f->a, "(void *)%s + %lld", base, (long long)f->need->reach);
	if (!reach)
		return NULL;
	return strncmp(reach, "(void *)", 8) ? arena_printf(f->a, "(void *)(%s) > %s", reach, end)
		: arena_printf(f->a, "%s > %s", reach, end);
}

/* "p + 3 > end" between these tokens, which is enough for p[2]? */
static bool
is_compared(struct cfix *f, uint32_t from, uint32_t to, uint32_t base, uint64_t index)
{
	for (uint32_t i = from; i < to; i++)
		if (str_eq(ct_str(&f->c, i), ct_str(&f->c, base)) && ct_is(&f->c, i + 1, "+") &&
		    f->c.toks.at[i + 2].kind == CT_NUMBER &&
		    strtoull(cfix_text(f, (struct ct_range){i + 2, i + 2}), NULL, 0) > index)
			return true;
	return false;
}

/* Other elements of the same pointer in the loop, which this check does nothing for:
 * "if (kind == 3) return p[2]; p += p[1];" */
static void
check_others(struct cfix *f, struct diag_fix *x)
{
	struct ct_range r = ct_access(&f->c, f->at);
	const char *end = end_name(f, false);
	struct ct_statement loop, s;
	uint32_t from = f->fn.body, to = f->c.toks.at[f->fn.body].match, done = CT_NONE;

	if (!end || r.first == CT_NONE || !ct_is(&f->c, r.first + 1, "["))
		return;
	if (cfix_loop_around(f, &loop)) {
		from = loop.first;
		to = loop.last;
	}
	for (uint32_t i = from; i + 3 < to; i++) {
		uint64_t index;

		if (!str_eq(ct_str(&f->c, i), ct_str(&f->c, r.first)) || !ct_is(&f->c, i + 1, "[") ||
		    f->c.toks.at[i + 2].kind != CT_NUMBER || !ct_is(&f->c, i + 3, "]") ||
		    !ct_statement(&f->c, i, &s) || s.first == f->st.first || s.first == done ||
		    cfix_in_loop_head(f, i, &s))
			continue;
		index = strtoull(cfix_text(f, (struct ct_range){i + 2, i + 2}), NULL, 0);
		if (!index || is_compared(f, from, i, r.first, index))
			continue;
		cfix_guard(f, x, &s, arena_printf(f->a, "(void *)(%s + %llu) > %s",
						  cfix_text(f, (struct ct_range){i, i}),
						  (unsigned long long)index + 1, end), cfix_leave_loop(f));
		done = s.first;
	}
}

bool
cfix_packet(struct cfix *f)
{
	const char *test;
	struct diag_fix *x;

	if (!f->need->object || !strstr(f->need->object, "packet") || !cfix_has_statement(f) ||
	    f->need->varying)
		return false;
	if (lengthen_test(f))
		return true;
	if (cfix_in_loop_head(f, f->at, &f->st))
		return false;
	test = packet_test(f);
	x = bound_position(f);
	if (x && (f->need->is_checked || !test))
		return true;
	if (!x && turn_comparison(f))
		return true;
	if (!test)
		return false;
	if (!x)
		x = cfix_new(f, "check that the packet reaches this far");
	cfix_guard(f, x, &f->st, test, cfix_leave_loop(f));
	check_others(f, x);
	return true;
}

/* "end" of "end" or "(void *)end"; null for the context's field. */
static const char *
end_word(const char *end)
{
	const char *word = strncmp(end, "(void *)", 8) ? end : end + 8;

	return cfix_is_path(word) && !strchr(word, '>') ? word : NULL;
}

/* ---- packets that have moved ---------------------------------------------------------------- */

/* How a local pointer was computed: its initial value, or the last assignment before `tok`. */
static struct ct_range
computed(struct cfix *f, uint32_t tok, str name)
{
	uint32_t decl = ct_declaration(&f->c, tok, name);
	struct ct_range r = ct_initial(&f->c, decl);

	for (uint32_t i = tok; decl != CT_NONE && i > decl; i--) {
		struct ct_statement s;

		if (!ct_is_word(&f->c, i) || !str_eq(ct_str(&f->c, i), name) ||
		    !ct_is(&f->c, i + 1, "=") || !ct_statement(&f->c, i, &s) || s.first != i)
			continue;
		return (struct ct_range){i + 2, s.last - 1};
	}
	return r;
}

enum { MOST_POINTERS = 8 };

struct pointers {
	str names[MOST_POINTERS];
	unsigned n;
	struct buf text;
	bool from_ctx;		/* one of them is read from the context */
};

/* Statements that compute `name` again, what it is computed from first. */
static void
compute_again(struct cfix *f, uint32_t tok, str name, struct pointers *p, int depth)
{
	struct ct_range r = computed(f, tok, name);
	uint32_t ctx = ct_parameter(&f->c, &f->fn, 0);

	for (unsigned i = 0; i < p->n; i++)
		if (str_eq(p->names[i], name))
			return;
	if (r.first == CT_NONE || depth > 4 || p->n == MOST_POINTERS)
		return;
	p->names[p->n++] = name;
	for (uint32_t i = r.first; i <= r.last; i++) {
		if (ctx != CT_NONE && str_eq(ct_str(&f->c, i), ct_str(&f->c, ctx)))
			p->from_ctx = true;
		else if (ct_is_word(&f->c, i) && !ct_is(&f->c, i - 1, "->") &&
			 !ct_is(&f->c, i - 1, "."))
			compute_again(f, tok, ct_str(&f->c, i), p, depth + 1);
	}
	buf_printf(&p->text, "%.*s = %s;\n", STR_ARG(name), cfix_text(f, r));
}

bool
cfix_moved(struct cfix *f)
{
	uint32_t call = cfix_step(f, STEP_LOST);
	struct pointers p = {.text = buf_new(f->a)};
	struct ct_range r = ct_access(&f->c, f->at);
	struct ct_statement s;
	const char *test, *end = end_name(f, false);
	struct diag_fix *x;

	if (call == CT_NONE || r.first == CT_NONE || !strstr(f->d->message, "into the packet") ||
	    !ct_statement(&f->c, call, &s) || !cfix_has_statement(f) || f->st.first <= s.last)
		return false;
	r.first += ct_is(&f->c, r.first, "*");
	test = packet_test(f);
	if (!test)
		test = end_of_access(f) && end
			? arena_printf(f->a, "(void *)(%s) > %s", end_of_access(f), end) : NULL;
	if (!test)
		return false;
	if (end && end_word(end))
		compute_again(f, call, str_of(end_word(end)), &p, 0);
	compute_again(f, call, ct_str(&f->c, r.first), &p, 0);
	if (!p.from_ctx)
		return false;
	x = cfix_new(f, "take the packet's pointers again after the call, and repeat the check");
	cfix_after(f, x, &s, "%sif (%s)\n\t%s", p.text.at, test, cfix_leave(f));
	return true;
}


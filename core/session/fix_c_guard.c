/* SPDX-License-Identifier: MIT */
/* fix_c_guard.c: checks that are missing in C: null, the packet's end, bounds of numbers. */
#include "fix_c.h"

#include <stdlib.h>

static bool
has_statement(const struct cfix *f)
{
	return f->st.first != CT_NONE;
}

/* A word, or a path of members: what may be tested without doing anything. */
static bool
is_path(const char *text)
{
	for (; *text; text++)
		if (!((*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'z') ||
		      (*text >= 'A' && *text <= 'Z') || *text == '_' || *text == '.' ||
		      (*text == '-' && text[1] == '>') || (*text == '>' && text[-1] == '-')))
			return false;
	return true;
}

/* ---- null ----------------------------------------------------------------------------------- */

/* The test before let only null through: turn it round. */
static bool
turn_test(struct cfix *f, const char *name)
{
	uint32_t tok = CT_NONE;
	struct ct_statement s;
	struct diag_fix *x;

	for (uint32_t i = 0; i < f->why->steps.n; i++)
		if (f->why->steps.at[i].kind == STEP_NARROWED)
			tok = cfix_token(f, f->why->steps.at[i].insn);
	if (tok == CT_NONE || !ct_statement(&f->c, tok, &s) || !ct_is(&f->c, s.first, "if"))
		return false;
	/* if (!p) { ...p... } */
	if (ct_is(&f->c, s.first + 2, "!") && ct_is(&f->c, s.first + 3, name) &&
	    ct_is(&f->c, s.first + 4, ")") && f->at > s.first + 4 && f->at <= s.last) {
		x = cfix_new(f, "go on when `%s` is not null", name);
		cfix_replace(f, x, (struct ct_range){s.first + 2, s.first + 3}, "%s", name);
		return true;
	}
	/* if (p) return; ...p... */
	if (ct_is(&f->c, s.first + 2, name) && ct_is(&f->c, s.first + 3, ")") &&
	    (ct_is(&f->c, s.first + 4, "return") || ct_is(&f->c, s.first + 5, "return")) &&
	    f->at > s.last) {
		x = cfix_new(f, "leave when `%s` is null", name);
		cfix_replace(f, x, (struct ct_range){s.first + 2, s.first + 2}, "!%s", name);
		return true;
	}
	return false;
}

/* The compiler joined `!a && !b`. */
static bool
part_tests(struct cfix *f)
{
	uint32_t open = f->c.toks.at[f->at].up, close;
	struct diag_fix *x = NULL;

	if (!strstr(f->kernel, "pointer |= pointer") || open == CT_NONE)
		return false;
	close = f->c.toks.at[open].match;
	for (uint32_t i = open; close != CT_NONE && i < close; i++) {
		if (!ct_is(&f->c, i, "&&"))
			continue;
		if (!x)
			x = cfix_new(f, "leave when either is null");
		cfix_replace(f, x, (struct ct_range){i, i}, "||");
	}
	return x != NULL;
}

/* Compilers change the order: the first statement behind the one that made the pointer, in the
 * block of the failing one, that goes through it. */
static struct ct_statement
first_use(struct cfix *f, const char *name)
{
	uint32_t made = cfix_token(f, f->need->made), block;
	struct ct_statement s;

	if (made == CT_NONE || !ct_statement(&f->c, made, &s) || s.last >= f->st.first)
		return f->st;
	block = f->c.toks.at[f->st.first].up;
	for (uint32_t i = s.last + 1; i < f->st.first; i++) {
		if (!ct_is(&f->c, i, name) || ct_is(&f->c, i - 1, "->") || ct_is(&f->c, i - 1, ".") ||
		    (!ct_is(&f->c, i + 1, "->") && !ct_is(&f->c, i + 1, "[") &&
		     !ct_is(&f->c, i - 1, "*")) || !ct_statement(&f->c, i, &s))
			continue;
		if (f->c.toks.at[s.first].up == block && !s.is_bare)
			return s;
	}
	return f->st;
}

/* "f(x);" or "a = b;": no declaration, no branch, no loop. */
static bool
is_plain_statement(const struct cfix *f, const struct ct_statement *s)
{
	static const char *const not[] = {"if", "for", "while", "switch", "do", "return", "goto"};

	for (size_t i = 0; i < sizeof not / sizeof *not; i++)
		if (ct_is(&f->c, s->first, not[i]))
			return false;
	return !ct_is_word(&f->c, s->first) || !ct_is_word(&f->c, s->first + 1);
}

bool
cfix_null(struct cfix *f)
{
	const char *name = cfix_plain(f, f->need->name);
	uint32_t call = cfix_call(f);
	struct ct_statement s;
	struct diag_fix *x;

	if (!has_statement(f) || part_tests(f))
		return has_statement(f);
	if (!name || !is_path(name) || cfix_in_loop_head(f, f->at, &f->st))
		return false;
	if (strstr(f->d->message, "is null here") && turn_test(f, name))
		return true;
	if (call == f->st.first && strstr(cfix_text(f, (struct ct_range){call, call}), "release")) {
		x = cfix_new(f, "release it only when there is one");
		cfix_around(f, x, &f->st, name);
		return true;
	}
	s = first_use(f, name);
	if (f->why->is_holding && is_plain_statement(f, &s)) {	/* leaving would leak */
		x = cfix_new(f, "do this only when `%s` is not null", name);
		cfix_around(f, x, &s, name);
		return true;
	}
	x = cfix_new(f, "leave when `%s` is null", name);
	cfix_guard(f, x, &s, arena_printf(f->a, "!%s", name), cfix_leave(f));
	return true;
}

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
		return is_path(base) ? arena_printf(f->a, "%s + 1", base)
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
	return arena_printf(f->a, is_path(text) ? "(void *)%s + %lld" : "(void *)(%s) + %lld", text,
			    n);
}

/* A position of which nothing is known: its number has to be bounded first. */
static bool
bound_position(struct cfix *f)
{
	const struct vs_need *n = f->why->needs.n > 1 ? &f->why->needs.at[1] : NULL;
	const char *name = n && n->kind == NEED_RANGE ? cfix_plain(f, n->name) : NULL;
	uint32_t made = n ? cfix_token(f, n->made) : CT_NONE;
	struct ct_statement s;
	struct diag_fix *x;

	if (!name || !is_path(name) || made == CT_NONE || !ct_statement(&f->c, made, &s))
		return false;
	x = cfix_new(f, "bound `%s` before it moves a pointer", name);
	cfix_after(f, x, &s, "if (%s > %lld)\n\t%s", name, (long long)n->hi, cfix_leave_loop(f));
	return true;
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
	if (!reach && base && is_path(base) && f->need->reach > 0)
		reach = arena_printf(f->a, "(void *)%s + %lld", base, (long long)f->need->reach);
	if (!reach)
		return NULL;
	return strncmp(reach, "(void *)", 8) ? arena_printf(f->a, "(void *)(%s) > %s", reach, end)
		: arena_printf(f->a, "%s > %s", reach, end);
}

bool
cfix_packet(struct cfix *f)
{
	const char *test;
	struct diag_fix *x;

	if (!f->need->object || !strstr(f->need->object, "packet") || !has_statement(f) ||
	    cfix_in_loop_head(f, f->at, &f->st))
		return false;
	if (bound_position(f))
		return true;
	test = packet_test(f);
	if (!test)
		return false;
	x = cfix_new(f, "check that the packet reaches this far");
	cfix_guard(f, x, &f->st, test, cfix_leave_loop(f));
	return true;
}

/* "end" of "end" or "(void *)end"; null for the context's field. */
static const char *
end_word(const char *end)
{
	const char *word = strncmp(end, "(void *)", 8) ? end : end + 8;

	return is_path(word) && !strchr(word, '>') ? word : NULL;
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
	    !ct_statement(&f->c, call, &s) || !has_statement(f) || f->st.first <= s.last)
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

/* ---- numbers -------------------------------------------------------------------------------- */

static bool
is_unsigned(struct cfix *f, const char *name)
{
	static const char *const words[] = {"unsigned", "size_t", "bool", "u8", "u16", "u32", "u64"};
	uint32_t decl = ct_declaration(&f->c, f->at, str_of(name));
	struct ct_statement s;

	if (decl == CT_NONE)
		return f->need->have_lo >= 0 && f->need->is_bounded;
	if (decl > f->fn.params && decl < f->fn.body)
		s.first = f->fn.params;
	else if (!ct_statement(&f->c, decl, &s))
		return false;
	for (uint32_t i = s.first; i < decl; i++) {
		str w = ct_str(&f->c, i);

		for (size_t k = 0; k < sizeof words / sizeof *words; k++)
			if (memmem(w.p, w.n, words[k], strlen(words[k])) ||
			    (str_starts(w, "uint") && w.n > 4))
				return true;
	}
	return false;
}

/* A check was there, but the compiler made it on another register. */
static bool
was_checked(const struct cfix *f)
{
	for (uint32_t i = 0; i < f->why->steps.n; i++)
		if (f->why->steps.at[i].kind == STEP_MISSED)
			return true;
	return false;
}

/* The range of tokens in the failing statement that reads like the expression. */
static struct ct_range
occurrence(struct cfix *f, const char *text)
{
	uint32_t call = cfix_call(f);
	struct ct_range r = ct_access(&f->c, f->at);

	if (call != CT_NONE && f->need->reg > 0) {
		struct ct_range arg = ct_argument(&f->c, call, (unsigned)f->need->reg - 1);
		const char *t = cfix_text(f, arg);

		if (t && !strcmp(t, text))
			return arg;
	}
	for (uint32_t i = f->st.first; i <= f->st.last; i++) {
		if (!ct_is(&f->c, i, "[") || f->c.toks.at[i].match == CT_NONE)
			continue;
		r = (struct ct_range){i + 1, f->c.toks.at[i].match - 1};
		if (r.first <= r.last && !strcmp(cfix_text(f, r), text))
			return r;
	}
	return (struct ct_range){CT_NONE, CT_NONE};
}

/* The bound in words: the array's own size where the text shows that it is one. */
static const char *
bound_words(struct cfix *f, bool is_size)
{
	uint32_t call = cfix_call(f), decl;
	struct ct_range dst;
	const char *text;

	if (!is_size || call == CT_NONE || f->need->reg < 2)
		return NULL;
	dst = ct_argument(&f->c, call, (unsigned)f->need->reg - 2);
	text = cfix_text(f, dst);
	if (!text || f->need->size < 0)
		return NULL;
	if (ct_is(&f->c, dst.first, "&") && is_path(text + 1))
		text++;
	decl = dst.first == dst.last ? ct_declaration(&f->c, f->at, str_of(text)) : CT_NONE;
	if (decl != CT_NONE && ct_is(&f->c, decl + 1, "["))
		return arena_printf(f->a, "sizeof(%s)", text);
	if (dst.first != dst.last && is_path(text) && f->need->is_array)
		return arena_printf(f->a, "sizeof(%s)", text);
	return NULL;
}

/* Through a variable of its own: check and use are then one register, and never negative. */
static bool
by_variable(struct cfix *f, const char *name, const char *limit, bool zero)
{
	struct ct_range use = occurrence(f, name);
	const char *var = cfix_call(f) != CT_NONE ? "size" : "index", *leave;
	struct diag_fix *x;

	if (use.first == CT_NONE)
		return false;
	while (cfix_uses(f, var))
		var = arena_printf(f->a, "%s_ok", var);
	x = cfix_new(f, "check an unsigned copy of `%s`, and use that", name);
	/* Leaving would leak what is held: cut it down instead. */
	leave = f->why->is_holding ? arena_printf(f->a, "%s = %s;", var, limit) : cfix_leave(f);
	cfix_before(f, x, &f->st, "unsigned long %s = %s;\n\nasm volatile(\"\" : \"+r\"(%s));\n"
		    "if (%s%s > %s)\n\t%s", var, name, var,
		    zero ? arena_printf(f->a, "%s == 0 || ", var) : "", var, limit, leave);
	cfix_replace(f, x, use, "%s", var);
	return true;
}

static bool
check_number(struct cfix *f, bool is_size)
{
	const char *name = cfix_plain(f, f->need->name), *limit, *test;
	bool zero = f->need->lo > 0, is_signed;
	struct diag_fix *x;

	if (!name || f->need->hi < f->need->lo || !f->need->hi || !has_statement(f) ||
	    cfix_in_loop_head(f, f->at, &f->st))
		return false;
	limit = bound_words(f, is_size);
	if (!limit)
		limit = arena_printf(f->a, "%lld", (long long)f->need->hi);
	is_signed = !is_path(name) || !is_unsigned(f, name);
	if (zero && f->need->is_bounded && f->need->have_lo >= 0 &&
	    f->need->have_hi <= f->need->hi && is_path(name)) {
		x = cfix_new(f, "leave when `%s` is 0", name);
		cfix_guard(f, x, &f->st, arena_printf(f->a, "%s == 0", name), cfix_leave(f));
		return true;
	}
	if ((is_signed || was_checked(f) || f->why->is_holding) && by_variable(f, name, limit, zero))
		return true;
	if (!is_path(name))
		return false;
	test = arena_printf(f->a, "%s%s > %s", zero ? arena_printf(f->a, "%s == 0 || ", name)
			    : is_signed ? arena_printf(f->a, "%s < 0 || ", name) : "", name, limit);
	x = cfix_new(f, "leave when `%s` is out of bounds", name);
	cfix_guard(f, x, &f->st, test, cfix_leave(f));
	return true;
}

bool
cfix_range(struct cfix *f)
{
	return check_number(f, false);
}

bool
cfix_size(struct cfix *f)
{
	uint32_t call = cfix_call(f);
	struct ct_range arg;
	const char *limit;
	struct diag_fix *x;

	/* Of memory that is too short the size behind it is at fault. */
	if (f->need->kind == NEED_BYTES) {
		struct vs_need *n = arena_new(f->a, struct vs_need);

		*n = *f->need;
		n->reg++;
		n->size = n->hi;
		f->need = n;
	}
	if (call == CT_NONE || f->need->reg < 2)
		return false;
	/* A constant that is too large. */
	arg = ct_argument(&f->c, call, (unsigned)f->need->reg - 1);
	if (f->need->kind == NEED_BYTES &&
	    (arg.first == CT_NONE || f->c.toks.at[arg.first].kind != CT_NUMBER))
		return false;
	if (arg.first != CT_NONE && arg.first == arg.last &&
	    f->c.toks.at[arg.first].kind == CT_NUMBER) {
		limit = bound_words(f, true);
		x = cfix_new(f, "give the size of what is there");
		cfix_replace(f, x, arg, "%s", limit ? limit
			     : arena_printf(f->a, "%lld", (long long)f->need->hi));
		return true;
	}
	return check_number(f, true);
}

/* SPDX-License-Identifier: MIT */
/* c_guard.c: checks that are missing in C: null, the packet's end, bounds of numbers. */
#include "c.h"

#include <stdlib.h>

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

	if (made == CT_NONE || made < f->fn.body || !ct_statement(&f->c, made, &s) ||
	    s.last >= f->st.first)
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

/* The variable that holds what is read by "ctx->task", where there is one: testing the member
 * would read it once more. */
static const char *
held_by(struct cfix *f, const char *path)
{
	for (uint32_t i = f->fn.body; path && strchr(path, '>') && i < f->at; i++) {
		struct ct_statement s;

		if (!ct_is(&f->c, i, "=") || !ct_is_word(&f->c, i - 1) || ct_is(&f->c, i - 2, "->") ||
		    ct_is(&f->c, i - 2, ".") || !ct_statement(&f->c, i, &s) || s.last < i + 2)
			continue;
		if (!strcmp(cfix_text(f, (struct ct_range){i + 1, s.last - 1}), path))
			return cfix_text(f, (struct ct_range){i - 1, i - 1});
	}
	return path;
}

bool
cfix_null(struct cfix *f)
{
	const char *name = held_by(f, cfix_plain(f, f->need->name));
	uint32_t call = cfix_call(f);
	struct ct_statement s;
	struct diag_fix *x;

	if (!cfix_has_statement(f) || part_tests(f))
		return cfix_has_statement(f);
	if (!name || !cfix_is_path(name) || cfix_in_loop_head(f, f->at, &f->st))
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

/* Compilers compare numbers of few bits in a register of their own, masked once more. */
static bool
is_narrow(struct cfix *f, const char *name)
{
	static const char *const words[] = {"char", "short", "u8", "u16", "s8", "s16", "__u8",
					    "__u16", "uint8_t", "uint16_t", "__be16"};
	uint32_t decl = ct_declaration(&f->c, f->at, str_of(name));
	struct ct_statement s;

	if (decl == CT_NONE || decl <= f->fn.body || !ct_statement(&f->c, decl, &s))
		return false;
	for (uint32_t i = s.first; i < decl; i++)
		for (size_t k = 0; k < sizeof words / sizeof *words; k++)
			if (ct_is(&f->c, i, words[k]))
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
	if (ct_is(&f->c, dst.first, "&") && cfix_is_path(text + 1))
		text++;
	decl = dst.first == dst.last ? ct_declaration(&f->c, f->at, str_of(text)) : CT_NONE;
	if (decl != CT_NONE && ct_is(&f->c, decl + 1, "["))
		return arena_printf(f->a, "sizeof(%s)", text);
	if (dst.first != dst.last && cfix_is_path(text) && f->need->is_array)
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

/* Can these tokens be evaluated once more, and earlier? No assignments, no calls. */
static bool
is_pure(struct cfix *f, struct ct_range r)
{
	for (uint32_t i = r.first; i <= r.last; i++)
		if (ct_is(&f->c, i, "++") || ct_is(&f->c, i, "--") || ct_is(&f->c, i, "=") ||
		    ct_is(&f->c, i, "+=") || ct_is(&f->c, i, "-=") ||
		    (ct_is_word(&f->c, i) && ct_is(&f->c, i + 1, "(") && !ct_is(&f->c, i, "sizeof")))
			return false;
	return true;
}

/* Does an expression name a variable of the function? */
static bool
varies(struct cfix *f, struct ct_range r)
{
	for (uint32_t i = r.first; r.first != CT_NONE && i <= r.last; i++) {
		if (ct_is(&f->c, i, "sizeof") && ct_is(&f->c, i + 1, "(") &&
		    f->c.toks.at[i + 1].match != CT_NONE) {
			i = f->c.toks.at[i + 1].match;
			continue;
		}
		if (ct_is_word(&f->c, i) && !ct_is(&f->c, i - 1, "->") &&
		    ct_declaration(&f->c, f->at, ct_str(&f->c, i)) != CT_NONE)
			return true;
	}
	return false;
}

/* Do both name the same variable? */
static bool
share_word(struct cfix *f, struct ct_range a, struct ct_range b)
{
	for (uint32_t i = a.first; i <= a.last; i++)
		for (uint32_t k = b.first; k <= b.last; k++)
			if (ct_is_word(&f->c, i) && str_eq(ct_str(&f->c, i), ct_str(&f->c, k)) &&
			    ct_declaration(&f->c, f->at, ct_str(&f->c, i)) != CT_NONE)
				return true;
	return false;
}

/* Of "buf + at" or "&buf[at]": what is added, and the memory it is added to. */
static bool
place_in(struct cfix *f, struct ct_range dst, struct ct_range *base, struct ct_range *at)
{
	uint32_t plus = CT_NONE;

	for (uint32_t i = dst.first; dst.first != CT_NONE && i <= dst.last; i++)
		if (f->c.toks.at[i].up == f->c.toks.at[dst.first].up &&
		    (ct_is(&f->c, i, "+") || ct_is(&f->c, i, "[")))
			plus = i;
	if (plus == CT_NONE || plus == dst.first)
		return false;
	*base = (struct ct_range){dst.first + ct_is(&f->c, dst.first, "&"), plus - 1};
	*at = (struct ct_range){plus + 1, dst.last - ct_is(&f->c, plus, "[")};
	return base->first <= base->last && at->first <= at->last && is_pure(f, *at) &&
		f->c.toks.at[at->first].kind != CT_NUMBER;
}

/* How large the memory is, in words; null: not known. */
static const char *
room_of(struct cfix *f, struct ct_range base)
{
	const char *text = cfix_text(f, base);
	uint32_t decl = base.first == base.last ? ct_declaration(&f->c, f->at, str_of(text))
		: CT_NONE;

	if (decl != CT_NONE && ct_is(&f->c, decl + 1, "["))
		return arena_printf(f->a, "sizeof(%s)", text);
	if (f->need->is_array && cfix_is_path(text) && base.first != base.last)
		return arena_printf(f->a, "sizeof(%s)", text);
	return f->need->size > 1 ? arena_printf(f->a, "%lld", (long long)f->need->size) : NULL;
}

/* Memory at a place that varies, with a size that varies: the verifier adds the largest of
 * both, so that half of the room is left for each. A size that says what room is left becomes
 * that half. `arg` is the memory's argument, from 0. */
static bool
by_halves(struct cfix *f, unsigned arg)
{
	uint32_t call = cfix_call(f);
	struct ct_range dst, size, base, at;
	const char *room, *place, *bytes, *leave = cfix_leave_loop(f);
	struct diag_fix *x;

	if (call == CT_NONE || f->why->is_holding)
		return false;
	dst = ct_argument(&f->c, call, arg);
	size = ct_argument(&f->c, call, arg + 1);
	if (dst.first == CT_NONE || size.first == CT_NONE || !place_in(f, dst, &base, &at) ||
	    !varies(f, size) || !is_pure(f, size) || !(room = room_of(f, base)))
		return false;
	place = cfix_fresh(f, str_of("at"));
	bytes = cfix_fresh(f, str_of("size"));
	x = cfix_new(f, "bound place and size, so that both together fit");
	if (share_word(f, at, size)) {
		cfix_before(f, x, &f->st, "unsigned long %s = %s;\n\n"
			    "asm volatile(\"\" : \"+r\"(%s));\nif (%s > %s / 2)\n\t%s", place,
			    cfix_text(f, at), place, place, room, leave);
		cfix_replace(f, x, size, "%s / 2", room);
	} else {
		cfix_before(f, x, &f->st, "unsigned long %s = %s, %s = %s;\n\n"
			    "asm volatile(\"\" : \"+r\"(%s), \"+r\"(%s));\n"
			    "if (%s%s > %s / 2 || %s > %s / 2)\n\t%s", place, cfix_text(f, at), bytes,
			    cfix_text(f, size), place, bytes, f->need->lo > 0
			    ? arena_printf(f->a, "%s == 0 || ", bytes) : "", place, room, bytes, room,
			    leave);
		cfix_replace(f, x, size, "%s", bytes);
	}
	cfix_replace(f, x, at, "%s", place);
	return true;
}

/* Is every variable of an expression known where the edit would be? */
static bool
is_in_scope(struct cfix *f, const char *text)
{
	struct ctext c;

	ctext_read(&c, str_of(text), f->a);
	for (uint32_t i = 0; i < c.toks.n; i++)
		if (ct_is_word(&c, i) && !ct_is(&c, i - 1, "->") && !ct_is(&c, i - 1, ".") &&
		    !ct_is(&c, i, "sizeof") && !ct_is(&c, i - 1, "struct") &&
		    !ct_is(&c, i + 1, "(") && ct_str(&c, i).p[0] >= 'a' &&
		    ct_declaration(&f->c, f->at, ct_str(&c, i)) == CT_NONE)
			return false;
	return true;
}

/* `if (n > MAX)` before an array of MAX elements: one too many passes. */
static bool
one_too_many(struct cfix *f, const char *name)
{
	struct ct_statement s;
	struct diag_fix *x;

	if (!f->need->is_bounded || f->need->have_hi != f->need->hi + 1 || !cfix_is_path(name))
		return false;
	for (uint32_t i = 1; i + 2 < f->c.toks.n; i++) {
		if (!ct_is(&f->c, i, ">") || f->c.toks.at[i].up == CT_NONE ||
		    !ct_is(&f->c, f->c.toks.at[i].up - 1, "if") || !ct_statement(&f->c, i, &s) ||
		    strcmp(cfix_text(f, ct_postfix(&f->c, i - 1)), name) ||
		    !(ct_is(&f->c, i + 2, ")") || ct_is(&f->c, i + 2, "||")))
			continue;
		uint32_t body = f->c.toks.at[f->c.toks.at[i].up].match + 1;

		body += ct_is(&f->c, body, "{");
		if (!ct_is(&f->c, body, "return") && !ct_is(&f->c, body, "break") &&
		    !ct_is(&f->c, body, "goto") && !ct_is(&f->c, body, "continue"))
			continue;
		x = cfix_new(f, "leave at the end already, not one behind it");
		cfix_replace(f, x, (struct ct_range){i, i}, ">=");
		return true;
	}
	return false;
}

static bool
check_number(struct cfix *f, bool is_size)
{
	const char *name = cfix_plain(f, f->need->name), *limit, *test;
	bool zero = f->need->lo > 0, is_signed;
	struct diag_fix *x;

	if (!name || f->need->hi < f->need->lo || !f->need->hi || !cfix_has_statement(f) ||
	    cfix_in_loop_head(f, f->at, &f->st))
		return false;
	if (one_too_many(f, name))
		return true;
	if (!is_in_scope(f, name))
		return false;
	limit = bound_words(f, is_size);
	if (!limit)
		limit = arena_printf(f->a, "%lld", (long long)f->need->hi);
	is_signed = !cfix_is_path(name) || !is_unsigned(f, name);
	if (zero && f->need->is_bounded && f->need->have_lo >= 0 &&
	    f->need->have_hi <= f->need->hi && cfix_is_path(name)) {
		if (f->why->is_holding && is_plain_statement(f, &f->st)) {	/* leaving would leak */
			x = cfix_new(f, "do this only when `%s` is not 0", name);
			cfix_around(f, x, &f->st, name);
			return true;
		}
		x = cfix_new(f, "leave when `%s` is 0", name);
		cfix_guard(f, x, &f->st, arena_printf(f->a, "%s == 0", name), cfix_leave(f));
		return true;
	}
	if (is_size && by_halves(f, (unsigned)f->need->reg - 2))
		return true;
	if ((is_signed || was_checked(f) || f->why->is_holding || is_narrow(f, name)) &&
	    by_variable(f, name, limit, zero))
		return true;
	if (!cfix_is_path(name))
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
	if (f->need->reg > 0 && by_halves(f, (unsigned)f->need->reg - 1))
		return true;
	return !f->need->varying && check_number(f, false);
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

/* ---- bounds that are there ------------------------------------------------------------------- */

/* `i <= 16` in the head of a loop over 16 elements: one turn too many. */
bool
cfix_bound(struct cfix *f)
{
	const char *name = cfix_plain(f, f->need->name);
	struct diag_fix *x;

	if (!name || !cfix_is_path(name) || !cfix_has_statement(f) ||
	    !cfix_in_loop_head(f, f->at, &f->st))
		return false;
	for (uint32_t i = f->at; i > f->st.first; i--) {
		long long n;

		if ((!ct_is(&f->c, i, "<=") && !ct_is(&f->c, i, "<")) || !ct_is(&f->c, i - 1, name) ||
		    f->c.toks.at[i + 1].kind != CT_NUMBER)
			continue;
		n = strtoll(cfix_text(f, (struct ct_range){i + 1, i + 1}), NULL, 0);
		if (n <= f->need->hi)
			continue;
		x = cfix_new(f, "end the loop at the last element");
		if (n == f->need->hi + 1)
			cfix_replace(f, x, (struct ct_range){i, i}, "<");
		else
			cfix_replace(f, x, (struct ct_range){i + 1, i + 1}, "%lld",
				     (long long)f->need->hi + ct_is(&f->c, i, "<"));
		return true;
	}
	return false;
}

/* `name[n++] = c` past the end of an array: its size is in the text. */
bool
cfix_array(struct cfix *f)
{
	struct ct_range r = ct_access(&f->c, f->at), in;
	uint32_t open, decl;
	const char *index, *array;
	struct diag_fix *x;

	if (r.first == CT_NONE || !f->need->object || strcmp(f->need->object, "the stack") ||
	    !cfix_has_statement(f) || !ct_is(&f->c, r.last, "]"))
		return false;
	open = f->c.toks.at[r.last].match;
	in = (struct ct_range){open + 1, r.last - 1};
	in.last -= ct_is(&f->c, in.last, "++");
	if (open == CT_NONE || open != r.first + 1 || in.first > in.last)
		return false;
	index = cfix_text(f, in);
	array = cfix_text(f, (struct ct_range){r.first, r.first});
	decl = ct_declaration(&f->c, f->at, str_of(array));
	if (!cfix_is_path(index) || decl == CT_NONE || !ct_is(&f->c, decl + 1, "["))
		return false;
	x = cfix_new(f, "stop at the end of `%s`", array);
	cfix_guard(f, x, &f->st, arena_printf(f->a, "%s >= sizeof(%s) / sizeof(*%s)", index, array,
					      array), cfix_leave_loop(f));
	return true;
}

/* What a variable is compared with before this, or masked by: its largest value, in words. */
static const char *
largest_value(struct cfix *f, const char *name)
{
	for (uint32_t i = f->at; i > f->fn.body; i--) {
		bool above = ct_is(&f->c, i, ">") || ct_is(&f->c, i, "&");

		if (!above || !ct_is(&f->c, i + 2, i && ct_is(&f->c, i, ">") ? ")" : ";") ||
		    ct_is(&f->c, i + 1, "("))
			continue;
		if (ct_is(&f->c, i, ">") ? ct_is(&f->c, i - 1, name)
		    : ct_declaration(&f->c, f->at, str_of(name)) != CT_NONE)
			return cfix_text(f, (struct ct_range){i + 1, i + 1});
	}
	return NULL;
}

/* A size that has to be a constant: the largest it can be. */
bool
cfix_constant(struct cfix *f)
{
	uint32_t call = cfix_call(f);
	struct buf b = buf_new(f->a);
	struct diag_fix *x;
	struct ct_range r;
	bool varies = false;

	if (!strstr(f->kernel, "is not a known constant") || call == CT_NONE || f->need->reg < 1)
		return false;
	r = ct_argument(&f->c, call, (unsigned)f->need->reg - 1);
	for (uint32_t i = r.first; r.first != CT_NONE && i <= r.last; i++) {
		const char *word = cfix_text(f, (struct ct_range){i, i}), *most;
		bool local = ct_is_word(&f->c, i) && !ct_is(&f->c, i - 1, "sizeof") &&
			!(i > 1 && ct_is(&f->c, i - 2, "sizeof")) && !ct_is(&f->c, i - 1, "*") &&
			ct_declaration(&f->c, f->at, ct_str(&f->c, i)) != CT_NONE;

		if (!local) {
			buf_printf(&b, "%s%s", b.n && (ct_is(&f->c, i, "+") || ct_is(&f->c, i - 1, "+"))
				   ? " " : "", word);
			continue;
		}
		most = largest_value(f, word);
		if (!most)
			return false;
		varies = true;
		buf_printf(&b, "%s%s", b.n ? " " : "", most);
	}
	if (!varies)
		return false;
	x = cfix_new(f, "ask for the largest size there may be");
	cfix_replace(f, x, r, "%s", b.at);
	return true;
}

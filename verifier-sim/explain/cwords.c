/* SPDX-License-Identifier: MIT */
/* cwords.c: what the C source says at an instruction: the access, its index, an argument.
 *
 * Compilers give a line and a column, and name variables only as long as they live in one
 * place. What the user wrote there names a value better than its history can: `ip->protocol`,
 * `sizeof(hdr) + len`. Taken only where text and instruction agree: the call names this
 * helper, the column points at an access. */
#include "explaining.h"
#include "base/ctext.h"

#include <stdlib.h>

enum { LONGEST = 40 };

struct vx_source {
	struct ctext c;
	uint32_t file;
	bool is_read;
};

struct vx_source *
vx_source_new(struct arena *a)
{
	return arena_new(a, struct vx_source);
}

const struct ctext *
vx_c_text(const struct vx *e, uint32_t insn, uint32_t *tok)
{
	const struct image_prog *p = e->env->prog;
	struct sources *s = e->env->im->sources;
	struct vx_source *src = e->source;
	struct place at;
	str line;

	if (e->lisp || !s || !p->src || insn >= p->ninsns)
		return NULL;
	at = span_place(s, p->src[insn]);
	if (!at.by_line || !at.end || at.file >= s->files.n)
		return NULL;
	line = source_line(s, at.file, at.start);
	if (!line.p || at.end > line.n)
		return NULL;
	if (!src->is_read || src->file != at.file) {
		src->is_read = true;
		src->file = at.file;
		ctext_read(&src->c, s->files.at[at.file].text, e->a);
	}
	*tok = ct_at(&src->c, (uint32_t)(line.p - s->files.at[at.file].text.p) + at.end - 1);
	return *tok == CT_NONE ? NULL : &src->c;
}

static const char *
quoted(const struct vx *e, const struct ctext *c, struct ct_range r)
{
	const char *text = ct_print(c, r, e->a);

	return text && strlen(text) <= LONGEST ? arena_printf(e->a, "`%s`", text) : NULL;
}

/* What is accessed: by an expression of its own, or as a builtin's first argument. */
static struct ct_range
accessed(const struct vx *e, uint32_t insn, const struct ctext *c, uint32_t tok)
{
	if (ct_is_word(c, tok) && ct_is(c, tok + 1, "(")) {
		struct ct_range r = ct_argument(c, tok, 0);

		if (!str_starts(ct_str(c, tok), "__sync") && !str_starts(ct_str(c, tok), "__atomic"))
			return (struct ct_range){CT_NONE, CT_NONE};
		r.first += r.first != CT_NONE && ct_is(c, r.first, "&");
		return r;
	}
	/* A plain assignment's place is where it stores. */
	if (ct_is(c, tok, "=") && BPF_CLASS(e->env->insns[insn].code) == BPF_LDX)
		return (struct ct_range){CT_NONE, CT_NONE};
	return ct_access(c, tok);
}

static bool
is_access(const struct vx *e, uint32_t insn)
{
	uint8_t class = BPF_CLASS(e->env->insns[insn].code);

	return class == BPF_LDX || class == BPF_ST || class == BPF_STX;
}

const char *
vx_c_access(const struct vx *e, uint32_t insn)
{
	uint32_t tok;
	const struct ctext *c = vx_c_text(e, insn, &tok);
	struct ct_range r;

	if (!c || !is_access(e, insn))
		return NULL;
	r = accessed(e, insn, c, tok);
	/* One word is a variable; what is loaded for it is something else. */
	return r.first == CT_NONE || r.first == r.last ? NULL : quoted(e, c, r);
}

/* Does this word name what the instruction calls? */
static bool
names_callee(const struct vx *e, str word, uint32_t insn)
{
	const char *callee = vx_callee(e, insn);
	size_t n = strcspn(callee, "(");

	if (*callee == '`')
		return str_eq(word, (str){callee + 1, strcspn(callee + 1, "`")});
	return n == word.n && !memcmp(callee, word.p, n);
}

/* A number, or the name of a macro or enumerator: nothing at run time decides what it is. */
static bool
is_fixed_word(const struct ctext *c, uint32_t tok)
{
	str word = ct_str(c, tok);

	if (c->toks.at[tok].kind == CT_NUMBER)
		return true;
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] >= 'a' && word.p[i] <= 'z')
			return false;
	return c->toks.at[tok].kind == CT_WORD;
}

/* Of an argument "buf + at" or "&buf[at]". */
static const char *
place_in_argument(const struct vx *e, const struct ctext *c, uint32_t tok)
{
	struct ct_range r = e->reg > 0 ? ct_argument(c, tok, (unsigned)e->reg - 1)
		: (struct ct_range){CT_NONE, CT_NONE};
	uint32_t plus = CT_NONE;

	for (uint32_t i = r.first; r.first != CT_NONE && i <= r.last; i++)
		if (c->toks.at[i].up == c->toks.at[r.first].up && (ct_is(c, i, "+") || ct_is(c, i, "[")))
			plus = i;
	if (plus == CT_NONE || plus == r.first)
		return NULL;
	r = (struct ct_range){plus + 1, r.last - ct_is(c, plus, "[")};
	return r.first <= r.last ? quoted(e, c, r) : NULL;
}

const char *
vx_c_index(const struct vx *e, uint32_t insn)
{
	uint32_t tok, at = CT_NONE, fixed = CT_NONE;
	const struct ctext *c = vx_c_text(e, insn, &tok);
	struct ct_range r;

	if (!c)
		return NULL;
	if (insn < e->env->n && e->env->insns[insn].code == (BPF_JMP | BPF_CALL) &&
	    ct_is_word(c, tok) && names_callee(e, ct_str(c, tok), insn))
		return place_in_argument(e, c, tok);
	r = accessed(e, insn, c, tok);
	for (uint32_t i = r.first; r.first != CT_NONE && i <= r.last; i++) {
		if (!ct_is(c, i, "[") || c->toks.at[i].up != c->toks.at[r.first].up ||
		    c->toks.at[i].match == CT_NONE)
			continue;
		if (c->toks.at[i].match == i + 2 && is_fixed_word(c, i + 1)) {
			fixed = i;
			continue;
		}
		if (at != CT_NONE)
			return NULL;	/* of several it may be any */
		at = i;
	}
	at = at == CT_NONE ? fixed : at;
	if (at == CT_NONE)
		return NULL;
	return quoted(e, c, (struct ct_range){at + 1, c->toks.at[at].match - 1});
}

const char *
vx_c_base(const struct vx *e, uint32_t insn)
{
	uint32_t tok, last = CT_NONE;
	const struct ctext *c = vx_c_text(e, insn, &tok);
	struct ct_range r;

	if (!c || !is_access(e, insn))
		return NULL;
	r = accessed(e, insn, c, tok);
	if (r.first == CT_NONE)
		return NULL;
	if (ct_is(c, r.first, "*"))	/* *p, *p++ */
		return r.last == r.first + 1 ? quoted(e, c, (struct ct_range){r.last, r.last}) : NULL;
	for (uint32_t i = r.first; i <= r.last; i++)
		if (ct_is(c, i, "->") && c->toks.at[i].up == c->toks.at[r.first].up)
			last = i;
	if (last == CT_NONE && ct_is_word(c, r.first) && ct_is(c, r.first + 1, "[") &&
	    c->toks.at[r.first + 1].match == r.last)
		last = r.first + 1;
	/* A longer path is a load of its own, with a name of its own perhaps. */
	if (last == CT_NONE || last != r.first + 1 || !ct_is_word(c, r.first))
		return NULL;
	return quoted(e, c, (struct ct_range){r.first, last - 1});
}

const char *
vx_c_argument(const struct vx *e, uint32_t insn, uint32_t reg)
{
	uint32_t tok;
	const struct ctext *c;

	if (insn >= e->env->n || e->env->insns[insn].code != (BPF_JMP | BPF_CALL) || reg < 1)
		return NULL;
	c = vx_c_text(e, insn, &tok);
	if (!c || !ct_is_word(c, tok) || !names_callee(e, ct_str(c, tok), insn))
		return NULL;
	return quoted(e, c, ct_argument(c, tok, reg - 1));
}

const char *
vx_c_parameter(const struct vx *e, uint32_t insn, uint32_t reg)
{
	uint32_t tok;
	const struct ctext *c = vx_c_text(e, insn, &tok);

	if (!c || !ct_is_word(c, tok) || !names_callee(e, ct_str(c, tok), insn))
		return NULL;
	for (uint32_t i = 0; i < c->toks.n; i++) {
		struct ct_function fn;

		if (c->toks.at[i].up == CT_NONE && str_eq(ct_str(c, i), ct_str(c, tok)) &&
		    ct_function(c, i, &fn) && fn.name == i)
			return quoted(e, c, ct_argument(c, i, reg - 1));
	}
	return NULL;
}

/* ---- places that no instruction has ------------------------------------------------------- */

static uint32_t
line_of(struct vx *e, uint32_t insn)
{
	const struct image_prog *p = e->env->prog;
	struct place at = insn < p->ninsns ? span_place(e->env->im->sources, p->src[insn])
		: (struct place){0};

	return at.by_line && at.file == e->source->file ? at.start : 0;
}

static uint32_t
line_at(const struct ctext *c, uint32_t tok)
{
	uint32_t line = 1;

	for (uint32_t b = 0; b < c->toks.at[tok].start; b++)
		line += c->text.p[b] == '\n';
	return line;
}

/* The root becomes a token of the file that the instruction at `insn` comes from. */
static void
root_at_token(struct vx *e, const struct ctext *c, uint32_t insn, uint32_t tok)
{
	uint32_t line = line_at(c, tok);
	str text = source_line(e->env->im->sources, e->source->file, line);

	e->x->root = insn;
	e->x->root_line = line;
	e->x->root_col = c->toks.at[tok].start + 1 - (uint32_t)(text.p - c->text.p);
}

/* The statement that leaves, at the beginning of a guarded one. */
static uint32_t
leaving(const struct ctext *c, uint32_t first, uint32_t last)
{
	static const char *const words[] = {"return", "continue", "break", "goto"};

	if (ct_is(c, first, "{"))
		first++;
	while (first < last) {
		uint32_t end = ct_statement_end(c, first);

		for (size_t k = 0; k < sizeof words / sizeof *words; k++)
			if (ct_is(c, first, words[k]))
				return first;
		if (end == CT_NONE)
			break;
		first = end + 1;
	}
	return CT_NONE;
}

/* Did the path meet nothing behind the statement, although there is something? Then it left
 * from within. */
static bool
passed_nothing(struct vx *e, uint32_t step, uint32_t end_line)
{
	uint32_t exit_line = line_of(e, vx_insn(e, e->step)), here = vx_insn(e, step);
	int subprog = vs_subprog_of(e->env, here);
	bool more = false;

	for (uint32_t i = step + 1; i < e->step; i++) {
		uint32_t line = line_of(e, vx_insn(e, i));

		if (line > end_line && line != exit_line)
			return false;
	}
	for (uint32_t i = 0; i < e->env->n && !more; i++) {
		uint32_t line = line_of(e, i);

		more = line > end_line && line != exit_line && vs_subprog_of(e->env, i) == subprog;
	}
	return more;
}

bool
vx_c_root_leaves(struct vx *e, uint32_t step)
{
	uint32_t tok, out, insn = vx_insn(e, step);
	const struct ctext *c = insn < e->env->n ? vx_c_text(e, insn, &tok) : NULL;
	struct ct_statement st;

	if (!c || !tr_is_test(&e->env->insns[insn]) || !ct_statement(c, tok, &st) ||
	    !ct_is(c, st.first, "if") || !ct_is(c, st.first + 1, "(") ||
	    c->toks.at[st.first + 1].match == CT_NONE)
		return false;
	out = leaving(c, c->toks.at[st.first + 1].match + 1, st.last);
	if (out == CT_NONE || !passed_nothing(e, step, line_at(c, st.last)))
		return false;
	root_at_token(e, c, insn, out);
	return true;
}

/* "return -1;": the number, if it is one. */
static bool
returned_number(const struct ctext *c, uint32_t tok, int32_t *value)
{
	bool minus = ct_is(c, tok + 1, "-");
	uint32_t n = tok + 1 + minus;
	char text[16] = "";
	str s;

	if (!ct_is(c, tok, "return") || n >= c->toks.n || c->toks.at[n].kind != CT_NUMBER ||
	    !ct_is(c, n + 1, ";"))
		return false;
	s = ct_str(c, n);
	memcpy(text, s.p, s.n < sizeof text - 1 ? s.n : sizeof text - 1);
	*value = (int32_t)strtoul(text, NULL, 0);
	if (minus)
		*value = -*value;
	return true;
}

bool
vx_c_root_returns(struct vx *e, uint32_t step, int32_t value)
{
	uint32_t tok, hit = CT_NONE, insn = vx_insn(e, step);
	const struct ctext *c = insn < e->env->n ? vx_c_text(e, insn, &tok) : NULL;
	struct ct_function f;
	int32_t n;

	if (!c || !ct_function(c, tok, &f) || c->toks.at[f.body].match == CT_NONE)
		return false;
	for (uint32_t i = f.body; i < c->toks.at[f.body].match; i++) {
		if (!returned_number(c, i, &n) || n != value)
			continue;
		if (hit != CT_NONE)
			return false;
		hit = i;
	}
	if (hit != CT_NONE)
		root_at_token(e, c, insn, hit);
	return hit != CT_NONE;
}

/* The only `return` of the function that gives something other than a number or constant. */
bool
vx_c_root_computed(struct vx *e, uint32_t insn)
{
	uint32_t tok, hit = CT_NONE;
	const struct ctext *c = insn < e->env->n ? vx_c_text(e, insn, &tok) : NULL;
	struct ct_function f;

	if (!c || !ct_function(c, tok, &f) || tok > f.body || c->toks.at[f.body].match == CT_NONE)
		return false;
	for (uint32_t i = f.body; i < c->toks.at[f.body].match; i++) {
		if (!ct_is(c, i, "return") || ct_is(c, i + 1, ";") ||
		    (ct_is(c, i + 2, ";") && is_fixed_word(c, i + 1)))
			continue;
		if (hit != CT_NONE)
			return false;
		hit = i;
	}
	if (hit != CT_NONE)
		root_at_token(e, c, insn, hit);
	return hit != CT_NONE;
}

bool
vx_c_root_loop(struct vx *e, uint32_t insn)
{
	uint32_t tok;
	const struct ctext *c = insn < e->env->n ? vx_c_text(e, insn, &tok) : NULL;
	struct ct_statement st;

	while (c && tok != CT_NONE && ct_statement(c, tok, &st)) {
		if (ct_is(c, st.first, "for") || ct_is(c, st.first, "while") ||
		    ct_is(c, st.first, "do")) {
			root_at_token(e, c, insn, st.first);
			return true;
		}
		if (st.is_bare)		/* its loop stands before it */
			tok = st.first - 1;
		else
			tok = c->toks.at[st.first].up;
	}
	return false;
}

/* Compilers read members early, and then name the line they do it at. */
bool
vx_c_root_member(struct vx *e, const char *name)
{
	uint32_t tok, insn = vx_insn(e, e->step), end, found = CT_NONE;
	const struct ctext *c = vx_c_text(e, insn, &tok);
	struct ct_function fn;

	if (!c || !ct_function(c, tok, &fn) || c->toks.at[fn.body].match == CT_NONE)
		return false;
	end = c->toks.at[fn.body].match;
	for (uint32_t i = fn.body + 1; i < end; i++) {
		if (!ct_is(c, i, name) || !ct_is(c, i - 1, "->"))
			continue;
		if (line_at(c, i) == line_at(c, tok))
			return false;
		if (found == CT_NONE || (found < tok && i > tok))
			found = i;
	}
	if (found == CT_NONE)
		return false;
	root_at_token(e, c, insn, found);
	return true;
}

/* SPDX-License-Identifier: MIT */
/* ctext.c: see ctext.h. */
#include "ctext.h"

#include "buf.h"

#include <ctype.h>

/* ---- tokens ------------------------------------------------------------------------------- */

struct lexer {
	struct ctext *c;
	struct arena *a;
	size_t at;
	VEC(str) defined;		/* names of #define seen so far */
	VEC(bool) taken;		/* of each open conditional: a part was taken already */
	unsigned skipping;		/* open conditionals inside a part that is left out */
};

static bool
is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$';
}

static char
peek(const struct lexer *l, size_t by)
{
	return l->at + by < l->c->text.n ? l->c->text.p[l->at + by] : 0;
}

/* To the end of the line, joined lines included. */
static str
directive_line(struct lexer *l)
{
	size_t from = l->at;

	while (l->at < l->c->text.n && peek(l, 0) != '\n')
		l->at += peek(l, 0) == '\\' && peek(l, 1) ? 2 : 1;
	return (str){l->c->text.p + from, (l->at < l->c->text.n ? l->at : l->c->text.n) - from};
}

static str
next_word(str *line)
{
	str w;

	while (line->n && !is_word(*line->p))
		line->p++, line->n--;
	w.p = line->p;
	while (line->n && is_word(*line->p))
		line->p++, line->n--;
	w.n = (size_t)(line->p - w.p);
	return w;
}

static bool
is_defined(const struct lexer *l, str name)
{
	for (uint32_t i = 0; i < l->defined.n; i++)
		if (str_eq(l->defined.at[i], name))
			return true;
	return false;
}

/* Does the condition of #if, #ifdef, #ifndef hold, as far as the file alone tells? */
static bool
holds(const struct lexer *l, str word, str rest)
{
	str what = next_word(&rest);

	if (str_is(word, "ifdef"))
		return is_defined(l, what);
	if (str_is(word, "ifndef"))
		return !is_defined(l, what);
	return !str_is(what, "0");
}

/* A part that is left out, up to the #else, #elif or #endif that ends it. */
static void
directive(struct lexer *l)
{
	str line = directive_line(l), word = next_word(&line);
	bool begins = str_is(word, "if") || str_is(word, "ifdef") || str_is(word, "ifndef");

	if (l->skipping) {
		if (begins) {
			l->skipping++;
		} else if (str_is(word, "endif")) {
			if (--l->skipping == 0 && l->taken.n)
				l->taken.n--;
		} else if (l->skipping == 1 && l->taken.n && !*vec_last(&l->taken) &&
			   (str_is(word, "else") || str_is(word, "elif"))) {
			*vec_last(&l->taken) = true;
			l->skipping = 0;
		}
		return;
	}
	if (str_is(word, "define")) {
		vec_push(l->a, &l->defined, next_word(&line));
	} else if (begins) {
		vec_push(l->a, &l->taken, holds(l, word, line));
		l->skipping = !*vec_last(&l->taken);
	} else if (str_is(word, "else") || str_is(word, "elif")) {
		l->skipping = l->taken.n > 0;
	} else if (str_is(word, "endif") && l->taken.n) {
		l->taken.n--;
	}
}

static bool
skip_space(struct lexer *l)
{
	char c = peek(l, 0);

	if (isspace((unsigned char)c) || (c == '\\' && peek(l, 1) == '\n')) {
		l->at++;
	} else if (c == '/' && peek(l, 1) == '/') {
		while (l->at < l->c->text.n && peek(l, 0) != '\n')
			l->at++;
	} else if (c == '/' && peek(l, 1) == '*') {
		l->at += 2;
		while (l->at < l->c->text.n && !(peek(l, 0) == '*' && peek(l, 1) == '/'))
			l->at++;
		l->at += 2;
	} else {
		return false;
	}
	return true;
}

static uint8_t
one_token(struct lexer *l)
{
	static const char *const longer[] = {"<<=", ">>=", "...", "->", "++", "--", "<<", ">>",
					     "<=", ">=", "==", "!=", "&&", "||", "+=", "-=",
					     "*=", "/=", "%=", "&=", "|=", "^="};
	char c = peek(l, 0);

	if (is_word(c)) {
		while (is_word(peek(l, 0)) || (isdigit((unsigned char)c) && peek(l, 0) == '.'))
			l->at++;
		return isdigit((unsigned char)c) ? CT_NUMBER : CT_WORD;
	}
	if (c == '"' || c == '\'') {
		l->at++;
		while (l->at < l->c->text.n && peek(l, 0) != c && peek(l, 0) != '\n')
			l->at += peek(l, 0) == '\\' && peek(l, 1) ? 2 : 1;
		l->at += peek(l, 0) == c;
		return CT_STRING;
	}
	for (size_t i = 0; i < sizeof longer / sizeof *longer; i++) {
		size_t n = strlen(longer[i]);

		if (l->at + n <= l->c->text.n && !memcmp(l->c->text.p + l->at, longer[i], n)) {
			l->at += n;
			return CT_PUNCT;
		}
	}
	l->at++;
	return CT_PUNCT;
}

static bool
closes(char open, char close)
{
	return (open == '(' && close == ')') || (open == '[' && close == ']') ||
		(open == '{' && close == '}');
}

/* Brackets that do not fit are left without a partner. */
static void
match_brackets(struct ctext *c)
{
	uint32_t open = CT_NONE;

	for (uint32_t i = 0; i < c->toks.n; i++) {
		struct ct_token *t = &c->toks.at[i];
		char ch = t->kind == CT_PUNCT ? c->text.p[t->start] : 0;

		if (ch && t->end - t->start == 1 && strchr(")]}", ch)) {
			uint32_t o = open;

			while (ch == '}' && o != CT_NONE &&
			       c->text.p[c->toks.at[o].start] != '{')
				o = c->toks.at[o].up;
			if (o != CT_NONE && closes(c->text.p[c->toks.at[o].start], ch)) {
				c->toks.at[o].match = i;
				t->match = o;
				open = c->toks.at[o].up;
			}
		}
		t->up = open;
		if (ch && t->end - t->start == 1 && strchr("([{", ch))
			open = i;
	}
}

void
ctext_read(struct ctext *c, str text, struct arena *a)
{
	struct lexer l = {.c = c, .a = a};
	bool fresh = true;	/* only blanks so far on this line */

	*c = (struct ctext){.text = text};
	while (l.at < text.n) {
		char ch = peek(&l, 0);

		if (fresh && ch == '#') {
			directive(&l);
		} else if (l.skipping) {
			while (l.at < text.n && peek(&l, 0) != '\n')
				l.at++;
			l.at++;
		} else if (skip_space(&l)) {
			fresh |= ch == '\n';
			continue;
		} else {
			struct ct_token *t = vec_add(a, &c->toks);

			t->start = (uint32_t)l.at;
			t->kind = one_token(&l);
			t->end = (uint32_t)(l.at < text.n ? l.at : text.n);
			t->match = CT_NONE;
			fresh = false;
			continue;
		}
		fresh = true;
		while (l.skipping && l.at < text.n && (peek(&l, 0) == ' ' || peek(&l, 0) == '\t' ||
						       peek(&l, 0) == '\n'))
			l.at++;
	}
	match_brackets(c);
}

uint32_t
ct_at(const struct ctext *c, uint32_t byte)
{
	uint32_t lo = 0, hi = c->toks.n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (c->toks.at[mid].end <= byte)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < c->toks.n && c->toks.at[lo].start <= byte ? lo : CT_NONE;
}

const char *
ct_print(const struct ctext *c, struct ct_range r, struct arena *a)
{
	struct buf b = buf_new(a);

	if (r.first == CT_NONE || r.last >= c->toks.n)
		return NULL;
	for (uint32_t i = r.first; i <= r.last; i++) {
		if (i > r.first && c->toks.at[i].start > c->toks.at[i - 1].end)
			buf_putc(&b, ' ');
		buf_str(&b, ct_str(c, i));
	}
	return b.at;
}

/* ---- expressions -------------------------------------------------------------------------- */

static const struct ct_range nothing = {CT_NONE, CT_NONE};

static bool
is_one_of(const struct ctext *c, uint32_t i, const char *const *list)
{
	for (; *list; list++)
		if (ct_is(c, i, *list))
			return true;
	return false;
}

static const char *const member[] = {"->", ".", NULL};
static const char *const control[] = {"if", "for", "while", "switch", NULL};
static const char *const not_operand[] = {"return", "case", "else", "do", "sizeof", "goto", NULL};

struct ct_range
ct_postfix(const struct ctext *c, uint32_t last)
{
	uint32_t i = last;

	for (;;) {
		while (i < c->toks.n && (ct_is(c, i, ")") || ct_is(c, i, "]"))) {
			uint32_t open = c->toks.at[i].match;
			bool index = ct_is(c, i, "]");

			if (open == CT_NONE)
				return nothing;
			if (open && (index || (ct_is_word(c, open - 1) &&
					       !is_one_of(c, open - 1, not_operand) &&
					       !is_one_of(c, open - 1, control))))
				i = open - 1;
			else
				return (struct ct_range){open, last};
		}
		if (i >= c->toks.n || c->toks.at[i].kind == CT_PUNCT)
			return nothing;
		if (i < 2 || !is_one_of(c, i - 1, member))
			return (struct ct_range){i, last};
		i -= 2;
	}
}

/* From the first token of a postfix expression to its last. */
static uint32_t
postfix_end(const struct ctext *c, uint32_t first)
{
	uint32_t i = ct_is(c, first, "(") ? c->toks.at[first].match : first;

	while (i != CT_NONE && i + 1 < c->toks.n) {
		if (ct_is(c, i + 1, "[") || ct_is(c, i + 1, "("))
			i = c->toks.at[i + 1].match;
		else if (is_one_of(c, i + 1, member) && ct_is_word(c, i + 2))
			i += 2;
		else
			break;
	}
	return i;
}

/* "*p", "*p++": what is read through. */
static struct ct_range
dereference(const struct ctext *c, uint32_t star)
{
	uint32_t i = star + 1, last;

	while (ct_is(c, i, "*") || ct_is(c, i, "&"))
		i++;
	/* a cast before the operand */
	while (ct_is(c, i, "(") && c->toks.at[i].match != CT_NONE &&
	       (ct_is_word(c, c->toks.at[i].match + 1) || ct_is(c, c->toks.at[i].match + 1, "&") ||
		ct_is(c, c->toks.at[i].match + 1, "(")) && !is_one_of(c, i + 1, member)) {
		i = c->toks.at[i].match + 1;
		if (ct_is(c, i, "&"))
			i++;
	}
	last = i < c->toks.n ? postfix_end(c, i) : CT_NONE;
	return last == CT_NONE ? nothing : (struct ct_range){star, last};
}

static bool
is_unary(const struct ctext *c, uint32_t i)
{
	return i == 0 || (c->toks.at[i - 1].kind == CT_PUNCT && !ct_is(c, i - 1, ")") &&
			  !ct_is(c, i - 1, "]")) || is_one_of(c, i - 1, not_operand) ||
		(ct_is(c, i - 1, ")") && c->toks.at[i - 1].match != CT_NONE &&
		 c->toks.at[i - 1].match && is_one_of(c, c->toks.at[i - 1].match - 1, control));
}

/* What is assigned to, or stepped, when the compiler names the operator. */
static struct ct_range
assigned(const struct ctext *c, uint32_t op)
{
	struct ct_range r;

	if (!op)
		return nothing;
	r = ct_postfix(c, op - 1);
	if (r.first == CT_NONE)
		return ct_access(c, op + 1);
	if (r.first && ct_is(c, r.first - 1, "*") && is_unary(c, r.first - 1))
		r.first--;
	if (ct_is(c, r.first, "(") && c->toks.at[r.first].match == r.last)
		return (struct ct_range){r.first + 1, r.last - 1};	/* (*p)++ */
	return r;
}

struct ct_range
ct_access(const struct ctext *c, uint32_t tok)
{
	static const char *const assigns[] = {"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=",
					      "<<=", ">>=", "++", "--", NULL};
	uint32_t last;

	if (tok >= c->toks.n)
		return nothing;
	if (ct_is(c, tok, "*") && is_unary(c, tok))
		return dereference(c, tok);
	if (is_one_of(c, tok, assigns))
		return assigned(c, tok);
	if (ct_is(c, tok, "("))
		tok = c->toks.at[tok].match != CT_NONE ? c->toks.at[tok].match : tok;
	else if (!ct_is_word(c, tok) || is_one_of(c, tok, not_operand) ||
		 is_one_of(c, tok, control))
		return nothing;
	if (tok && is_one_of(c, tok - 1, member)) {
		struct ct_range r = ct_postfix(c, tok);

		/* An element of the member is the same access. */
		while (ct_is(c, r.last + 1, "[") && c->toks.at[r.last + 1].match != CT_NONE)
			r.last = c->toks.at[r.last + 1].match;
		return r;
	}
	last = postfix_end(c, tok);
	if (last == CT_NONE || last == tok)
		return ct_is_word(c, tok) && last == tok ? (struct ct_range){tok, tok} : nothing;
	return ct_postfix(c, last);
}

struct ct_range
ct_argument(const struct ctext *c, uint32_t callee, unsigned n)
{
	uint32_t open = callee + 1, close, i, from;

	if (!ct_is(c, open, "(") || c->toks.at[open].match == CT_NONE)
		return nothing;
	close = c->toks.at[open].match;
	for (i = from = open + 1; i <= close; i++) {
		if (i != close && !(ct_is(c, i, ",") && c->toks.at[i].up == open))
			continue;
		if (n-- == 0)
			return from < i ? (struct ct_range){from, i - 1} : nothing;
		from = i + 1;
	}
	return nothing;
}

/* ---- statements --------------------------------------------------------------------------- */

/* A { that holds values, not statements. */
static bool
is_initial_brace(const struct ctext *c, uint32_t i)
{
	uint32_t up = c->toks.at[i].up;

	return i && (ct_is(c, i - 1, "=") ||
		     ((ct_is(c, i - 1, ",") || ct_is(c, i - 1, "{")) && up != CT_NONE &&
		      ct_is(c, up, "{") && is_initial_brace(c, up)) ||
		     (ct_is(c, i - 1, ")") && c->toks.at[i - 1].match && c->toks.at[i - 1].match !=
		      CT_NONE && (ct_is(c, c->toks.at[i - 1].match - 1, "=") ||
				  ct_is(c, c->toks.at[i - 1].match - 1, "&") ||
				  ct_is(c, c->toks.at[i - 1].match - 1, "("))));
}

/* Out of brackets that belong to an expression, to a token that stands in a block. */
static uint32_t
climb(const struct ctext *c, uint32_t tok)
{
	uint32_t up;

	while ((up = c->toks.at[tok].up) != CT_NONE &&
	       (!ct_is(c, up, "{") || is_initial_brace(c, up)))
		tok = up;
	return up == CT_NONE ? CT_NONE : tok;
}

static bool
begins_after(const struct ctext *c, uint32_t i, struct ct_statement *s)
{
	uint32_t open;

	if (ct_is(c, i, ";") || ct_is(c, i, "{") ||
	    (ct_is(c, i, "}") && !is_initial_brace(c, c->toks.at[i].match)))
		return true;
	if (ct_is(c, i, "else") || ct_is(c, i, "do"))
		return s->is_bare = true;
	if (ct_is(c, i, ":"))
		return s->has_value = true;
	if (!ct_is(c, i, ")") || (open = c->toks.at[i].match) == CT_NONE || !open)
		return false;
	if (is_one_of(c, open - 1, control))
		return s->is_bare = true;
	return false;
}

/* A ':' of "case 1:", "label:"; not of "a ? b : c". */
static bool
is_label_colon(const struct ctext *c, uint32_t i)
{
	uint32_t k = i;

	while (k-- > 0 && c->toks.at[k].up == c->toks.at[i].up) {
		if (ct_is(c, k, "?"))
			return false;
		if (ct_is(c, k, "case") || ct_is(c, k, "default") || ct_is(c, k, ";") ||
		    ct_is(c, k, "{") || ct_is(c, k, "}"))
			break;
	}
	return true;
}

bool
ct_statement(const struct ctext *c, uint32_t tok, struct ct_statement *s)
{
	uint32_t i, up;

	*s = (struct ct_statement){0};
	if (tok >= c->toks.n || (tok = climb(c, tok)) == CT_NONE)
		return false;
	up = c->toks.at[tok].up;
	if (c->toks.at[tok].match != CT_NONE && c->toks.at[tok].match < tok)
		tok = c->toks.at[tok].match;
	for (i = tok; i > up + 1; i--) {
		uint32_t p = i - 1;

		if (ct_is(c, p, ":") && !is_label_colon(c, p))
			continue;
		if (begins_after(c, p, s))
			break;
		if ((ct_is(c, p, ")") || ct_is(c, p, "]") || ct_is(c, p, "}")) &&
		    c->toks.at[p].match != CT_NONE && c->toks.at[p].match > up)
			i = c->toks.at[p].match + 1;
	}
	s->first = i;
	s->last = ct_statement_end(c, i);
	if (up && ct_is(c, up - 1, "("))
		s->has_value = true;
	return s->last != CT_NONE && s->last >= tok;
}

uint32_t
ct_statement_end(const struct ctext *c, uint32_t first)
{
	uint32_t i = first, up, end;

	if (i >= c->toks.n)
		return CT_NONE;
	up = c->toks.at[i].up;
	if (ct_is(c, i, "{"))
		return c->toks.at[i].match;
	if (is_one_of(c, i, control) && ct_is(c, i + 1, "(")) {
		if (c->toks.at[i + 1].match == CT_NONE)
			return CT_NONE;
		end = ct_statement_end(c, c->toks.at[i + 1].match + 1);
		if (end != CT_NONE && ct_is(c, i, "if") && ct_is(c, end + 1, "else"))
			return ct_statement_end(c, end + 2);
		return end;
	}
	if (ct_is(c, i, "do")) {
		end = ct_statement_end(c, i + 1);
		return end == CT_NONE ? end : ct_statement_end(c, end + 1);
	}
	for (; i < c->toks.n; i++) {
		if (c->toks.at[i].up == up && ct_is(c, i, ";"))
			return i;
		if (up != CT_NONE && i == c->toks.at[up].match)
			return CT_NONE;
	}
	return CT_NONE;
}

/* ---- functions and variables -------------------------------------------------------------- */

bool
ct_function(const struct ctext *c, uint32_t tok, struct ct_function *f)
{
	uint32_t i, up;

	if (tok >= c->toks.n)
		return false;
	while ((up = c->toks.at[tok].up) != CT_NONE)
		tok = up;
	if (ct_is(c, tok, "}") && c->toks.at[tok].match != CT_NONE)
		tok = c->toks.at[tok].match;
	/* On the way from the definition's line the body is still ahead. */
	while (tok < c->toks.n && !ct_is(c, tok, "{")) {
		if (ct_is(c, tok, ";"))
			return false;
		tok = ct_is(c, tok, "(") && c->toks.at[tok].match != CT_NONE
			? c->toks.at[tok].match + 1 : tok + 1;
	}
	if (tok >= c->toks.n || !tok || !ct_is(c, tok - 1, ")") ||
	    c->toks.at[tok - 1].match == CT_NONE)
		return false;
	f->body = tok;
	f->params = c->toks.at[tok - 1].match;
	if (!f->params || !ct_is_word(c, f->params - 1))
		return false;
	f->name = f->params - 1;
	for (i = f->name; i > 0; i--) {
		if (ct_is(c, i - 1, ";") || ct_is(c, i - 1, "}"))
			break;
		if (ct_is(c, i - 1, ")") && c->toks.at[i - 1].match != CT_NONE)
			i = c->toks.at[i - 1].match + 1;
	}
	f->first = i;
	return true;
}

uint32_t
ct_parameter(const struct ctext *c, const struct ct_function *f, unsigned n)
{
	struct ct_range r = ct_argument(c, f->name, n);

	return r.first != CT_NONE && r.last > r.first && ct_is_word(c, r.last) ? r.last : CT_NONE;
}

/* Is the word at i a name being declared: a type's word or a * before it, and behind it what
 * ends a declarator? */
static bool
is_declarator(const struct ctext *c, uint32_t i)
{
	static const char *const ends[] = {"=", ";", ",", "[", ")", NULL};
	uint32_t p = i - 1;

	if (!is_one_of(c, i + 1, ends))
		return false;
	while (p && ct_is(c, p, "*"))
		p--;
	if (ct_is_word(c, p) && !is_one_of(c, p, not_operand))
		return p + 1 == i || ct_is(c, i - 1, "*");
	/* A further one of a list: the statement begins with a declaration. */
	if (ct_is(c, p, ",")) {
		struct ct_statement s;

		return ct_statement(c, i, &s) && ct_is_word(c, s.first) &&
			(ct_is_word(c, s.first + 1) || ct_is(c, s.first + 1, "*")) &&
			!is_one_of(c, s.first, not_operand) && c->toks.at[i].up == c->toks.at[s.first].up;
	}
	return ct_is(c, p, "}");	/* struct { ... } name */
}

uint32_t
ct_declaration(const struct ctext *c, uint32_t tok, str name)
{
	struct ct_function f;
	uint32_t i;

	if (!ct_function(c, tok, &f))
		return CT_NONE;
	for (i = tok; i > f.params; i--)
		if (ct_is_word(c, i) && str_eq(ct_str(c, i), name) && is_declarator(c, i))
			return i;
	for (i = 1; i < f.first; i++)
		if (c->toks.at[i].up == CT_NONE && ct_is_word(c, i) &&
		    str_eq(ct_str(c, i), name) && is_declarator(c, i))
			return i;
	return CT_NONE;
}

struct ct_range
ct_initial(const struct ctext *c, uint32_t name)
{
	uint32_t i, up;

	if (name == CT_NONE || !ct_is(c, name + 1, "="))
		return nothing;
	up = c->toks.at[name].up;
	for (i = name + 2; i < c->toks.n; i++)
		if (c->toks.at[i].up == up && (ct_is(c, i, ",") || ct_is(c, i, ";")))
			return i > name + 2 ? (struct ct_range){name + 2, i - 1} : nothing;
	return nothing;
}

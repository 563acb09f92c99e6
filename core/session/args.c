/* SPDX-License-Identifier: MIT */
/* args.c: what the prompt's functions accept as arguments. Programs and maps are named by a
 * symbol (their own names evaluate to themselves) or a string. */
#include "internal.h"

#include "base/suggest.h"

static bool
name_of(value v, str *name)
{
	if (is_symbol(v) && v != NIL)
		*name = as_symbol(v)->name;
	else if (is_string(v))
		*name = as_string(v);
	else
		return false;
	return true;
}

static void *
unknown(struct session *s, span at, const char *kind, str name, struct suggest near)
{
	if (near.best.p)
		lisp_error(s->lisp, at, "no %s `%.*s` is defined; did you mean `%.*s`?", kind,
			   STR_ARG(name), STR_ARG(near.best));
	else
		lisp_error(s->lisp, at, "no %s `%.*s` is defined", kind, STR_ARG(name));
	return NULL;
}

/* By its name, or by the one the kernel knows. */
static struct program *
find_program(struct session *s, str name)
{
	struct program *p = session_program_named(s, name);

	for (uint32_t k = 0; !p && k < s->programs.n; k++)
		if (str_is(name, s->programs.at[k]->prog->name))
			p = s->programs.at[k];
	return p;
}

static struct map *
find_map(struct session *s, str name)
{
	struct map *m = session_map_named(s, name);

	for (uint32_t k = 0; !m && k < s->maps.n; k++)
		if (str_is(name, s->maps.at[k]->spec.name))
			m = s->maps.at[k];
	return m;
}

bool
fn_program_named_p(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	str name;

	(void)l;
	*out = name_of(args.at[0], &name) && find_program(ud, name) ? T : NIL;
	return true;
}

bool
fn_map_named_p(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	str name;
	const struct map *m = name_of(args.at[0], &name) ? find_map(ud, name) : NULL;

	(void)l;
	*out = m && !m->forgotten ? T : NIL;
	return true;
}

struct program *
arg_program(struct session *s, struct lisp_args args, uint32_t i)
{
	struct suggest near;
	struct program *p;
	str name;

	if (!name_of(args.at[i], &name)) {
		lisp_error(s->lisp, args.call, "argument %u must name a program", i + 1);
		return NULL;
	}
	p = find_program(s, name);
	if (p)
		return p;
	near = suggest_start(name);
	for (i = 0; i < s->programs.n; i++)
		suggest_offer(&near, str_of(s->programs.at[i]->name));
	return unknown(s, args.call, "program", name, near);
}

struct map *
arg_map(struct session *s, struct lisp_args args, uint32_t i)
{
	struct suggest near;
	struct map *m;
	str name;

	if (!name_of(args.at[i], &name)) {
		lisp_error(s->lisp, args.call, "argument %u must name a map", i + 1);
		return NULL;
	}
	m = find_map(s, name);
	if (m)
		return m;
	near = suggest_start(name);
	for (i = 0; i < s->maps.n; i++)
		suggest_offer(&near, str_of(s->maps.at[i]->name));
	return unknown(s, args.call, "map", name, near);
}

bool
arg_keyword(struct lisp_args args, uint32_t from, const char *name, value *out)
{
	for (uint32_t i = from; i + 1 < args.n; i += 2)
		if (is_keyword(args.at[i]) && str_is(as_symbol(args.at[i])->name, name)) {
			*out = args.at[i + 1];
			return true;
		}
	return false;
}

bool
arg_integer(struct session *s, struct lisp_args args, uint32_t i, int64_t lowest,
	    int64_t highest, int64_t *out)
{
	__int128 n;

	if (!as_int128(args.at[i], &n) || n < lowest || n > highest)
		return lisp_error(s->lisp, args.call,
				  "argument %u must be an integer from %lld to %lld", i + 1,
				  (long long)lowest, (long long)highest);
	*out = (int64_t)n;
	return true;
}

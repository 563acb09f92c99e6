/* SPDX-License-Identifier: MIT */
/* c_stack.c: variables too large for the stack in C: the largest moves into a map of its own,
 * one value for each CPU. */
#include "c.h"

#include <stdlib.h>

enum { WORTH_IT = 64 };		/* bytes */

/* Bytes of a plain array "T name[N]", T of a known size; 0: not one. */
static uint64_t
array_bytes(struct cfix *f, uint32_t decl, const struct ct_statement *s)
{
	static const struct { const char *type; unsigned size; } sizes[] = {
		{"char", 1}, {"u8", 1}, {"__u8", 1}, {"uint8_t", 1}, {"short", 2}, {"u16", 2},
		{"__u16", 2}, {"int", 4}, {"u32", 4}, {"__u32", 4}, {"uint32_t", 4}, {"long", 8},
		{"u64", 8}, {"__u64", 8}, {"uint64_t", 8},
	};

	if (!ct_is(&f->c, decl + 1, "[") || f->c.toks.at[decl + 2].kind != CT_NUMBER ||
	    !ct_is(&f->c, decl + 3, "]"))
		return 0;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		if (ct_is(&f->c, decl - 1, sizes[i].type) && decl - 1 >= s->first)
			return sizes[i].size * strtoull(cfix_text(f, (struct ct_range){decl + 2, decl + 2}),
							NULL, 0);
	return 0;
}

/* The largest array declared in any function of the file, alone in its statement. */
static uint32_t
largest_array(struct cfix *f, uint64_t *bytes)
{
	uint32_t best = CT_NONE;

	*bytes = WORTH_IT - 1;
	for (uint32_t i = 1; i + 3 < f->c.toks.n; i++) {
		struct ct_statement s;
		struct ct_function fn;
		uint64_t n;

		if (!ct_is_word(&f->c, i) || !ct_is(&f->c, i + 1, "[") || f->c.toks.at[i].up == CT_NONE ||
		    !ct_statement(&f->c, i, &s) || ct_is(&f->c, s.first, "static") ||
		    (n = array_bytes(f, i, &s)) <= *bytes || !ct_function(&f->c, i, &fn) || i < fn.body)
			continue;
		if (!ct_is(&f->c, i + 4, ";") && !(ct_is(&f->c, i + 4, "=") && ct_is(&f->c, i + 5, "{") &&
						   f->c.toks.at[i + 5].match == i + 6))
			continue;	/* others are declared with it, or it is set to something */
		best = i;
		*bytes = n;
	}
	return best;
}

bool
cfix_stack(struct cfix *f)
{
	const char *name, *map, *key, *type;
	struct ct_function fn;
	struct ct_statement s, top;
	uint64_t bytes;
	uint32_t decl, block;
	struct diag_fix *x;

	if (!strstr(f->kernel, "combined stack size") && !strstr(f->kernel, "stack size is"))
		return false;
	decl = largest_array(f, &bytes);
	if (decl == CT_NONE || !ct_function(&f->c, decl, &fn) || !ct_statement(&f->c, decl, &s))
		return false;
	f->fn = fn;	/* from here on it is about that function */
	name = cfix_text(f, (struct ct_range){decl, decl});
	type = cfix_text(f, (struct ct_range){s.first, decl - 1});
	map = arena_printf(f->a, "%s_of_cpu", name);
	key = cfix_fresh(f, str_of("zero"));
	top = (struct ct_statement){fn.first, fn.first, false, false};
	while (top.first && ct_is(&f->c, top.first - 1, ")") && f->c.toks.at[top.first - 1].match > 0 &&
	       ct_is(&f->c, f->c.toks.at[top.first - 1].match - 1, "SEC"))
		top.first = f->c.toks.at[top.first - 1].match - 1;
	x = cfix_new(f, "keep `%s`, %llu bytes, in a map with a value for each CPU, not on the stack",
		     name, (unsigned long long)bytes);
	cfix_before(f, x, &top, "struct {\n\t__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);\n"
		    "\t__uint(max_entries, 1);\n\t__type(key, unsigned int);\n"
		    "\t__type(value, %s[%s]);\n} %s SEC(\".maps\");\n", type,
		    cfix_text(f, (struct ct_range){decl + 2, decl + 2}), map);
	cfix_replace(f, x, (struct ct_range){s.first, s.last}, "%s", cfix_indented(
		f, arena_printf(f->a, "unsigned int %s = 0;\n"
				"%s (*%s)[%s] = bpf_map_lookup_elem(&%s, &%s);\n\n"
				"if (!%s)\n\t%s%s", key, type, name,
				cfix_text(f, (struct ct_range){decl + 2, decl + 2}), map, key, name,
				cfix_leave(f), ct_is(&f->c, decl + 4, "=")
				? arena_printf(f->a, "\n__builtin_memset(%s, 0, sizeof(*%s));", name, name)
				: ""), s.first));
	block = f->c.toks.at[decl].up;
	for (uint32_t i = s.last + 1; i < f->c.toks.at[block].match; i++)
		if (str_eq(ct_str(&f->c, i), ct_str(&f->c, decl)) && !ct_is(&f->c, i - 1, "->") &&
		    !ct_is(&f->c, i - 1, "."))
			cfix_replace(f, x, (struct ct_range){i, i}, "(*%s)", name);
	return true;
}

/* SPDX-License-Identifier: MIT */
/* complete.c: what Tab offers, by where the cursor stands. */
#include "repl.h"

#include "facts/facts.h"

#include <stdlib.h>

struct matches {
	struct arena *arena;
	str prefix;
	const char *lead;	/* put before each name: ":" for keywords */
	VEC(const char *) names;
};

static void
offer(struct matches *m, const char *name)
{
	char *text = arena_printf(m->arena, "%s%s", m->lead, name);

	for (char *p = text; *p; p++)
		if (*p == '_')
			*p = '-';
	if (str_starts(str_of(text), arena_strndup(m->arena, m->prefix.p, m->prefix.n)))
		vec_push(m->arena, &m->names, text);
}

static void
offer_ctx_fields(struct matches *m)
{
	static const char *const contexts[] = {"xdp_md", "__sk_buff", "bpf_sock_addr",
					       "bpf_sock_ops", "bpf_sk_lookup"};

	for (size_t i = 0; i < sizeof contexts / sizeof *contexts; i++) {
		uint32_t n = 0;
		const struct fact_ctx_field *f = fact_ctx_fields(contexts[i], &n);

		for (uint32_t j = 0; j < n; j++)
			offer(m, f[j].name);
	}
}

static void
offer_types(struct matches *m, str head)
{
	m->lead = ":";
	for (uint32_t i = 0; i < 64; i++) {
		const struct fact_map_type *mt = fact_map_type(i);
		const struct fact_prog_type *pt = fact_prog_type(i);

		if (mt && !str_is(head, "defprog"))
			offer(m, mt->name);
		if (pt && !str_is(head, "defmap"))
			offer(m, pt->name);
	}
}

static void
offer_symbols(struct matches *m)
{
	for (uint32_t id = 1; fact_helper(id); id++)
		offer(m, fact_helper(id)->name);
	for (uint32_t i = 0; fact_constant_name(i); i++) {
		const char *name = fact_constant_name(i);

		if (str_starts(str_of(name), arena_strndup(m->arena, m->prefix.p, m->prefix.n)))
			vec_push(m->arena, &m->names, name);
	}
}

static void
offer_session(struct matches *m, struct session *s)
{
	struct symbol *sym;

	for (uint32_t i = 0; session_program(s, i); i++)
		offer(m, session_program(s, i)->name);
	for (uint32_t i = 0; session_map(s, i); i++)
		offer(m, session_map(s, i)->name);
	for (uint32_t id = 1; (sym = lisp_symbol_at(session_lisp(s), id)); id++) {
		bool useful = sym->kform || sym->function != UNBOUND || sym->macro != UNBOUND ||
			      sym->global != UNBOUND;

		if (useful && !sym->keyword)
			offer(m, arena_strndup(m->arena, sym->name.p, sym->name.n));
	}
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

uint32_t
repl_complete(struct session *s, struct arena *a, str prefix, str head, str keyword,
	      const char ***names)
{
	struct matches m = {.arena = a, .prefix = prefix, .lead = ""};
	uint32_t n = 0;

	if (str_is(keyword, ":type")) {
		offer_types(&m, head);
	} else if (str_is(head, "ctx")) {
		offer_ctx_fields(&m);
	} else {
		offer_session(&m, s);
		offer_symbols(&m);
	}
	if (!m.names.n)
		return 0;
	qsort(m.names.at, m.names.n, sizeof *m.names.at, compare);
	for (uint32_t i = 0; i < m.names.n; i++)
		if (!n || strcmp(m.names.at[n - 1], m.names.at[i]) != 0)
			m.names.at[n++] = m.names.at[i];
	*names = m.names.at;
	return n;
}

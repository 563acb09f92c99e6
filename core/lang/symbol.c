/* SPDX-License-Identifier: MIT */
/* symbol.c: interning. One table for symbols and keywords (which hash apart); ids are dense,
 * and those of dead gensyms are handed out again. */
#include "lang/machine.h"

#include <stdio.h>
#include <stdlib.h>

/* nil and t are immediate values; these stand for them where a symbol is looked at. */
static const struct symbol nil_symbol = {
	.name = {"nil", 3}, .id = 1, .interned = true, .global = 0x02, .function = 0x12,
	.macro = 0x12, .plist = 0x02,
};
static const struct symbol t_symbol = {
	.name = {"t", 1}, .id = 2, .interned = true, .global = 0x0a, .function = 0x12,
	.macro = 0x12, .plist = 0x02,
};

struct symbol *
as_symbol(value v)
{
	if (v == NIL)
		return (struct symbol *)&nil_symbol;
	if (v == T)
		return (struct symbol *)&t_symbol;
	return (struct symbol *)(v - 6);
}

value
symbol_value(struct symbol *s)
{
	return s->id == 1 ? NIL : s->id == 2 ? T : (value)(uintptr_t)s + 6;
}

bool
is_keyword(value v)
{
	return (v & 7) == 6 && ((struct symbol *)(v - 6))->keyword;
}

static uint64_t
name_hash(str s, bool keyword)
{
	uint64_t h = str_hash(s) ^ (keyword ? 0x9e3779b97f4a7c15u : 0);

	return h ^ h >> 29;
}

static struct symbol **
add_id(struct lisp *l, uint32_t *id)
{
	if (l->free_ids) {
		*id = l->free_ids;
		l->free_ids = (uint32_t)(uintptr_t)l->symbols[*id] >> 1;
		return &l->symbols[*id];
	}
	if (l->nsymbols == l->symbols_cap) {
		l->symbols_cap = l->symbols_cap ? l->symbols_cap * 2 : 4096;
		l->symbols = realloc(l->symbols, l->symbols_cap * sizeof *l->symbols);
		if (!l->symbols)
			abort();
	}
	*id = l->nsymbols++;
	return &l->symbols[*id];
}

static struct symbol *
new_symbol(struct lisp *l, str name, bool keyword, bool interned)
{
	struct symbol *s = heap_cell(l, CLASS_96);
	struct symbol **slot;
	uint32_t id;

	slot = add_id(l, &id);
	*s = (struct symbol){
		.header = OBJ_SYMBOL | l->heap.live, .name = name, .id = id,
		.keyword = keyword, .interned = interned, .global = UNBOUND,
		.function = UNBOUND, .macro = UNBOUND, .plist = NIL,
	};
	if (keyword)
		s->global = (value)(uintptr_t)s + 6;
	*slot = s;
	return s;
}

static void
index_put(struct lisp *l, const struct symbol *s)
{
	uint64_t h = name_hash(s->name, s->keyword);

	while (l->symbol_index[h & l->symbol_mask])
		h++;
	l->symbol_index[h & l->symbol_mask] = s->id;
}

static void
grow_index(struct lisp *l)
{
	l->symbol_mask = l->symbol_mask * 2 + 1;
	free(l->symbol_index);
	l->symbol_index = calloc((size_t)l->symbol_mask + 1, sizeof *l->symbol_index);
	if (!l->symbol_index)
		abort();
	for (uint32_t i = 1; i < l->nsymbols; i++) {
		const struct symbol *s = lisp_symbol_at(l, i);

		if (s && s->interned)
			index_put(l, s);
	}
}

value
symbol_intern(struct lisp *l, str folded, bool keyword)
{
	uint64_t h = name_hash(folded, keyword);
	struct symbol *s;

	for (uint32_t id; (id = l->symbol_index[h & l->symbol_mask]) != 0; h++) {
		s = l->symbols[id];
		if (s->keyword == keyword && str_eq(s->name, folded))
			return symbol_value(s);
	}
	if (++l->ninterned * 2 > l->symbol_mask)
		grow_index(l);
	folded.p = arena_strndup(&l->arena, folded.p, folded.n);
	s = new_symbol(l, folded, keyword, true);
	index_put(l, s);
	return symbol_value(s);
}

void
symbols_init(struct lisp *l)
{
	uint32_t id;

	l->symbol_mask = 4095;
	l->symbol_index = calloc((size_t)l->symbol_mask + 1, sizeof *l->symbol_index);
	if (!l->symbol_index)
		abort();
	*add_id(l, &id) = NULL;
	*add_id(l, &id) = (struct symbol *)&nil_symbol;
	*add_id(l, &id) = (struct symbol *)&t_symbol;
	index_put(l, &nil_symbol);
	index_put(l, &t_symbol);
	l->ninterned = 2;
#define X(field, text) l->s_##field = symbol_intern(l, STR(text), false);
#include "lang/symbols.def"
}

static str
fold(str s, char *out, size_t cap)
{
	if (s.n > cap)
		s.n = cap;
	for (size_t i = 0; i < s.n; i++)
		out[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]);
	return (str){out, s.n};
}

value
make_symbol(struct lisp *l, str name)
{
	char text[512];

	return symbol_intern(l, fold(name, text, sizeof text), false);
}

value
make_keyword(struct lisp *l, str name)
{
	char text[512];

	return symbol_intern(l, fold(name, text, sizeof text), true);
}

/* A symbol of no package. Its name, when short, lives in the rest of its cell. */
value
make_uninterned(struct lisp *l, str name)
{
	struct symbol *s = new_symbol(l, (str){0}, false, false);
	char *rest = (char *)(s + 1);

	_Static_assert(sizeof *s + 24 <= 96, "a gensym's name fits in its cell");
	if (name.n <= 24)
		s->name = (str){memcpy(rest, name.p, name.n), name.n};
	else
		s->name = (str){arena_strndup(&l->arena, name.p, name.n), name.n};
	return symbol_value(s);
}

value
gensym(struct lisp *l, const char *prefix)
{
	char text[64];
	int n = snprintf(text, sizeof text, "%.40s%llu", prefix,
			 (unsigned long long)++l->gensym_serial);

	return make_uninterned(l, (str){text, (size_t)n});
}

void
symbol_release(struct lisp *l, struct symbol *s)
{
	/* A number with the low bit set marks the slot as free. */
	l->symbols[s->id] = (struct symbol *)(((uintptr_t)l->free_ids << 1) | 1);
	l->free_ids = s->id;
}

struct symbol *
lisp_symbol_at(struct lisp *l, uint32_t id)
{
	if (id >= l->nsymbols)
		return NULL;
	if (id == 0 || (uintptr_t)l->symbols[id] & 1)
		return (struct symbol *)&nil_symbol;
	return l->symbols[id];
}

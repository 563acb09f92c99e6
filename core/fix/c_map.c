/* SPDX-License-Identifier: MIT */
/* c_map.c: maps in C, and what is handed over to functions that work on them: a map of the
 * wrong type, memory that is too small for its keys or values, or no memory at all. */
#include "c.h"

#include <stdlib.h>

/* ---- definitions of maps ---------------------------------------------------------------------- */

/* The { of the definition of a map: "struct { ... } name SEC(".maps");" */
static uint32_t
definition(struct cfix *f, str name)
{
	for (uint32_t i = 1; i < f->c.toks.n; i++)
		if (f->c.toks.at[i].up == CT_NONE && str_eq(ct_str(&f->c, i), name) &&
		    ct_is(&f->c, i - 1, "}") && ct_is(&f->c, i + 1, "SEC"))
			return f->c.toks.at[i - 1].match;
	return CT_NONE;
}

/* What a definition gives for an attribute: "__type(value, struct event)". */
static struct ct_range
attribute(struct cfix *f, uint32_t open, const char *macro, const char *name)
{
	uint32_t close = open == CT_NONE ? CT_NONE : f->c.toks.at[open].match;

	for (uint32_t i = open; close != CT_NONE && i < close; i++)
		if (ct_is(&f->c, i, macro) && ct_is(&f->c, i + 1, "(") && ct_is(&f->c, i + 2, name))
			return ct_argument(&f->c, i, 1);
	return (struct ct_range){CT_NONE, CT_NONE};
}

/* "&counts" or "&counts, ..." as an argument: the map's name. */
static uint32_t
map_argument(struct cfix *f, uint32_t call)
{
	for (unsigned i = 0; i < 3; i++) {
		struct ct_range r = ct_argument(&f->c, call, i);

		if (r.first != CT_NONE && r.last == r.first + 1 && ct_is(&f->c, r.first, "&") &&
		    definition(f, ct_str(&f->c, r.last)) != CT_NONE)
			return r.last;
	}
	return CT_NONE;
}

/* ---- the wrong map ----------------------------------------------------------------------------- */

static bool
is_keyed(struct cfix *f, struct ct_range type)
{
	static const char *const types[] = {"ARRAY", "HASH", "LRU_HASH", "PERCPU_HASH",
					    "PERCPU_ARRAY", "LRU_PERCPU_HASH", "LPM_TRIE"};
	const char *text = cfix_text(f, type);

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (!strcmp(text, arena_printf(f->a, "BPF_MAP_TYPE_%s", types[i])))
			return true;
	return false;
}

/* The only other map of the file that is of this type; null: one with keys. */
static uint32_t
other_map(struct cfix *f, uint32_t not, const char *type)
{
	uint32_t found = CT_NONE;

	for (uint32_t i = 1; i < f->c.toks.n; i++) {
		struct ct_range t;

		if (f->c.toks.at[i].up != CT_NONE || !ct_is_word(&f->c, i) ||
		    str_eq(ct_str(&f->c, i), ct_str(&f->c, not)) ||
		    definition(f, ct_str(&f->c, i)) == CT_NONE || !ct_is(&f->c, i - 1, "}"))
			continue;
		t = attribute(f, definition(f, ct_str(&f->c, i)), "__uint", "type");
		if (t.first == CT_NONE || (type ? strcmp(cfix_text(f, t), type) != 0 : !is_keyed(f, t)))
			continue;
		if (found != CT_NONE)
			return CT_NONE;
		found = i;
	}
	return found;
}

/* bpf_perf_event_output(ctx, &rb, flags, p, n) on a ring buffer. */
static bool
output_to_ring(struct cfix *f, uint32_t call, uint32_t map)
{
	struct ct_range t = attribute(f, definition(f, ct_str(&f->c, map)), "__uint", "type");
	struct ct_range data = ct_argument(&f->c, call, 3), size = ct_argument(&f->c, call, 4);
	struct diag_fix *x;

	if (!ct_is(&f->c, call, "bpf_perf_event_output") || t.first == CT_NONE ||
	    !ct_is(&f->c, t.first, "BPF_MAP_TYPE_RINGBUF") || size.first == CT_NONE)
		return false;
	x = cfix_new(f, "call bpf_ringbuf_output(), which is for ring buffers");
	cfix_replace(f, x, (struct ct_range){call, f->c.toks.at[call + 1].match},
		     "bpf_ringbuf_output(&%s, %s, %s, 0)", cfix_text(f, (struct ct_range){map, map}),
		     cfix_text(f, data), cfix_text(f, size));
	return true;
}

/* Helpers that work on one type of map only. */
static const char *
type_for(struct cfix *f, uint32_t call)
{
	static const struct { const char *helper, *type; } table[] = {
		{"bpf_perf_event_output", "BPF_MAP_TYPE_PERF_EVENT_ARRAY"},
		{"bpf_ringbuf_output", "BPF_MAP_TYPE_RINGBUF"},
		{"bpf_ringbuf_reserve", "BPF_MAP_TYPE_RINGBUF"},
		{"bpf_tail_call", "BPF_MAP_TYPE_PROG_ARRAY"},
		{"bpf_get_stackid", "BPF_MAP_TYPE_STACK_TRACE"},
		{"bpf_redirect_map", "BPF_MAP_TYPE_DEVMAP"},
		{"bpf_sk_storage_get", "BPF_MAP_TYPE_SK_STORAGE"},
		{"bpf_task_storage_get", "BPF_MAP_TYPE_TASK_STORAGE"},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (ct_is(&f->c, call, table[i].helper))
			return table[i].type;
	return NULL;
}

static bool
wrong_map(struct cfix *f, uint32_t call)
{
	bool keys = strstr(f->kernel, "zero-sized read") != NULL;
	const char *type = type_for(f, call);
	uint32_t map = map_argument(f, call), other;
	struct ct_range t;
	struct diag_fix *x;

	if (map == CT_NONE || (!keys && !strstr(f->kernel, "cannot pass map_type") &&
			       !strstr(f->kernel, "expected prog array")))
		return false;
	if (output_to_ring(f, call, map))
		return true;
	if (!type && !keys && !strstr(f->kernel, "map_lookup_elem"))
		return false;
	other = other_map(f, map, type);
	if (other != CT_NONE) {
		x = cfix_new(f, "use `%s`, which is made for this",
			     cfix_text(f, (struct ct_range){other, other}));
		cfix_replace(f, x, (struct ct_range){map, map}, "%s",
			     cfix_text(f, (struct ct_range){other, other}));
		return true;
	}
	t = attribute(f, definition(f, ct_str(&f->c, map)), "__uint", "type");
	/* Programs, stacks and devices are kept in maps that are declared as others are. */
	if (!type || t.first == CT_NONE || !strstr("BPF_MAP_TYPE_PROG_ARRAY BPF_MAP_TYPE_STACK_TRACE "
						   "BPF_MAP_TYPE_DEVMAP", type))
		return false;
	x = cfix_new(f, "make `%s` a map of the type that is needed",
		     cfix_text(f, (struct ct_range){map, map}));
	cfix_replace(f, x, t, "%s", type);
	return true;
}

/* ---- values that are not what the program takes them for ------------------------------------------ */

/* "struct v2 *t = lookup(&totals, ...)" where the map's values are of another, smaller type. */
static bool
value_type(struct cfix *f)
{
	struct ct_range r = ct_access(&f->c, f->at), init, type;
	uint32_t decl, call = CT_NONE, map;
	struct ct_statement s;
	struct diag_fix *x;

	if (!strstr(f->kernel, "outside of the allowed memory") || r.first == CT_NONE ||
	    !f->need->object || !strstr(f->need->object, "the value of"))
		return false;
	decl = ct_declaration(&f->c, f->at, ct_str(&f->c, r.first));
	if (decl == CT_NONE || decl < f->fn.body || !ct_is(&f->c, decl - 1, "*") ||
	    !ct_statement(&f->c, decl, &s))
		return false;
	init = ct_initial(&f->c, decl);
	for (uint32_t i = init.first; init.first != CT_NONE && i <= init.last; i++)
		if (ct_is(&f->c, i, "bpf_map_lookup_elem"))
			call = i;
	map = call == CT_NONE ? CT_NONE : map_argument(f, call);
	if (map == CT_NONE)
		return false;
	type = attribute(f, definition(f, ct_str(&f->c, map)), "__type", "value");
	init = (struct ct_range){s.first, decl - 2};
	if (type.first == CT_NONE || !strcmp(cfix_text(f, type), cfix_text(f, init)))
		return false;
	x = cfix_new(f, "give the map values of the type they are used as");
	cfix_replace(f, x, type, "%s", cfix_text(f, init));
	return true;
}

/* Sizes where types are needed: timers, locks and the like are found by the types of a map. */
static bool
types_of_map(struct cfix *f)
{
	uint32_t call = cfix_call(f), map = CT_NONE, open;
	struct ct_range keys, values;
	struct diag_fix *x;

	if (!strstr(f->kernel, "has to have BTF") || call == CT_NONE)
		return false;
	for (uint32_t i = f->fn.body; i < f->st.last && map == CT_NONE; i++)
		if (ct_is(&f->c, i, "&") && definition(f, ct_str(&f->c, i + 1)) != CT_NONE)
			map = i + 1;
	open = map == CT_NONE ? CT_NONE : definition(f, ct_str(&f->c, map));
	keys = attribute(f, open, "__uint", "key_size");
	values = attribute(f, open, "__uint", "value_size");
	if (values.first == CT_NONE || !ct_is(&f->c, values.first, "sizeof"))
		return false;
	x = cfix_new(f, "declare the types of the map's keys and values, not their sizes");
	if (keys.first != CT_NONE)
		cfix_replace(f, x, (struct ct_range){keys.first - 4, keys.last}, "__type(key, %s",
			     ct_is(&f->c, keys.first, "8") ? "unsigned long long" : "unsigned int");
	cfix_replace(f, x, (struct ct_range){values.first - 4, values.last}, "__type(value, %s",
		     cfix_text(f, (struct ct_range){values.first + 2, values.last - 1}));
	return true;
}

/* ---- numbers where memory is wanted ---------------------------------------------------------------- */

/* Of a function on maps: the type of what its argument points to. */
static const char *
pointee(struct cfix *f, uint32_t call, int reg)
{
	uint32_t map = map_argument(f, call);
	struct ct_range t;

	if (map == CT_NONE || reg < 2 || reg > 3)
		return NULL;
	t = attribute(f, definition(f, ct_str(&f->c, map)), "__type", reg == 2 ? "key" : "value");
	return cfix_text(f, t);
}

static bool
number_for_memory(struct cfix *f, uint32_t call)
{
	struct ct_range arg;
	const char *type, *var = "copy";
	uint32_t decl, last;
	struct diag_fix *x;

	if (!strstr(f->kernel, "type=scalar expected=fp") || f->need->reg < 1 ||
	    !cfix_has_statement(f))
		return false;
	arg = ct_argument(&f->c, call, (unsigned)f->need->reg - 1);
	if (arg.first == CT_NONE || !ct_is_word(&f->c, last = arg.last) ||
	    (arg.first != last && f->c.toks.at[arg.first].match != last - 1))
		return false;
	decl = ct_declaration(&f->c, f->at, ct_str(&f->c, last));
	if (decl == CT_NONE)
		return false;
	type = pointee(f, call, f->need->reg);
	if (!ct_is(&f->c, decl - 1, "*")) {	/* the number itself is meant */
		x = cfix_new(f, "hand over the address of `%s`",
			     cfix_text(f, (struct ct_range){last, last}));
		cfix_replace(f, x, arg, "&%s", cfix_text(f, (struct ct_range){last, last}));
		return true;
	}
	if (!type)
		return false;
	while (cfix_uses(f, var))
		var = arena_printf(f->a, "%s_", var);
	x = cfix_new(f, "hand over a copy of what it points to");
	cfix_before(f, x, &f->st, "%s %s = {};\n\nbpf_probe_read_kernel(&%s, sizeof(%s), %s);", type, var,
		    var, var, cfix_text(f, arg));
	cfix_replace(f, x, arg, "&%s", var);
	return true;
}

bool
cfix_map(struct cfix *f)
{
	uint32_t call = cfix_call(f);

	return types_of_map(f) || value_type(f) ||
		(call != CT_NONE && (wrong_map(f, call) || number_for_memory(f, call)));
}

/* ---- memory that is too small ---------------------------------------------------------------------- */

/* An array gets as many elements as are read, a number becomes what the map holds. */
bool
cfix_larger(struct cfix *f)
{
	uint32_t call = cfix_call(f), decl, last;
	long long want = (long long)(f->need->hi - f->need->lo), have;
	struct ct_range arg, init;
	struct ct_statement s;
	const char *type;
	struct diag_fix *x;

	if (call == CT_NONE || f->need->reg < 1 ||
	    (f->need->kind == NEED_BYTES && f->need->size <= 0))
		return false;
	have = (long long)f->need->size;
	arg = ct_argument(&f->c, call, (unsigned)f->need->reg - 1);
	if (arg.first == CT_NONE || !ct_is_word(&f->c, last = arg.last))
		return false;
	decl = ct_declaration(&f->c, f->at, ct_str(&f->c, last));
	if (decl == CT_NONE || decl < f->fn.body || !ct_statement(&f->c, decl, &s) ||
	    (f->need->kind == NEED_BYTES && want <= have))
		return false;
	if (f->need->kind == NEED_BYTES && ct_is(&f->c, decl + 1, "[") &&
	    f->c.toks.at[decl + 2].kind == CT_NUMBER) {
		long long n = strtoll(cfix_text(f, (struct ct_range){decl + 2, decl + 2}), NULL, 0);

		if (n < 1 || have % n)
			return false;
		x = cfix_new(f, "make it as large as what is read");
		cfix_replace(f, x, (struct ct_range){decl + 2, decl + 2}, "%lld",
			     (want + have / n - 1) / (have / n));
		return true;
	}
	type = pointee(f, call, f->need->reg);
	init = ct_initial(&f->c, decl);
	if (!type || decl != s.first + 1 || !ct_is(&f->c, s.last, ";") ||
	    ct_is(&f->c, s.first, type))
		return false;
	x = cfix_new(f, "give it the type that the map holds");
	cfix_replace(f, x, (struct ct_range){s.first, s.first}, "%s", type);
	if (init.first != CT_NONE && !ct_is(&f->c, init.first, "{"))
		cfix_replace(f, x, init, "{%s}", cfix_text(f, init));
	return true;
}

/* SPDX-License-Identifier: MIT */
/* operand.c: another operand, another function, another place for memory. */
#include "work.h"

#include <stdio.h>

static bool
replace(struct fix *f, uint32_t node, const char *with)
{
	struct fix_candidate c = fix_new(f, "`%s` instead of `%s`", with, fix_copy(f, node));

	if (str_is(fix_text(f, node), with))
		return false;
	fix_replace(f, &c, fix_at(f, node)->start, fix_at(f, node)->end, "%s", with);
	return fix_try(f, &c);
}

/* ---- arguments of the wrong kind ------------------------------------------------------------ */

/* Forms that take memory, and the same that take the value itself. */
static const char *const by_value[][2] = {
	{"map-lookup-ptr", "map-lookup"}, {"map-update-ptr", "map-update"},
	{"map-delete-ptr", "map-delete"},
};

/* An accessor of the same struct, for another field. */
static bool
other_field(struct fix *f, uint32_t access)
{
	struct kenv *k = session_kenv(f->rq->session);
	uint32_t head = fix_child(f, access, 0);
	str name = head ? fix_text(f, head) : STR("");

	for (size_t n = name.n; n-- > 1;) {
		const struct kenv_struct *s =
			name.p[n] == '-' ? kenv_struct_named(k, (str){name.p, n}) : NULL;

		for (uint32_t i = 0; s && i < s->nfields; i++)
			if (replace(f, head, arena_printf(f->a, "%.*s-%s", (int)n, name.p,
							  s->fields[i].name)))
				return true;
	}
	return false;
}

static bool
other_map(struct fix *f, uint32_t operand)
{
	const struct image_map *m;
	bool is_map = false;

	for (uint32_t i = 0; (m = kenv_map(session_kenv(f->rq->session), i)); i++)
		is_map |= fix_is(f, operand, m->lisp_name);
	for (uint32_t i = 0; is_map && (m = kenv_map(session_kenv(f->rq->session), i)); i++)
		if (replace(f, operand, m->lisp_name))
			return true;
	return false;
}

static bool
other_operand(struct fix *f, uint32_t call, uint32_t operand)
{
	int64_t n;

	if (other_map(f, operand))
		return true;
	for (uint32_t e = fix_child(f, call, 1); e; e = fix_at(f, e)->next)
		if (e != operand && fix_number(f, e, &n) && n > 0 && n <= 512 &&
		    replace(f, operand, arena_printf(f->a, "(struct-alloc %lld)", (long long)n)))
			return true;
	if (fix_is_symbol(f, operand) &&
	    replace(f, operand, arena_printf(f->a, "(stack-addr %s)", fix_copy(f, operand))))
		return true;
	if (fix_at(f, operand)->list && other_field(f, operand))
		return true;
	return replace(f, operand, "(ctx-ptr)") || replace(f, operand, "0");
}

bool
fix_operand(struct fix *f)
{
	uint32_t head = fix_child(f, f->at, 0);

	if (!fix_at(f, f->at)->list || !head)
		return false;
	for (size_t i = 0; i < sizeof by_value / sizeof *by_value; i++)
		if (fix_is(f, head, by_value[i][0]) && replace(f, head, by_value[i][1]))
			return true;
	for (uint32_t e = fix_child(f, f->at, 1); e; e = fix_at(f, e)->next)
		if (other_operand(f, f->at, e))
			return true;
	return false;
}

/* ---- variables whose address is taken ---------------------------------------------------------- */

/* As many bytes as the maps of the program have in keys and values. */
static bool
as_buffer(struct fix *f, uint32_t address, uint32_t binding)
{
	uint32_t s = fix_statement(f, address), list = fix_at(f, binding)->parent;
	uint32_t init = fix_initial(f, binding);
	int col = (int)fix_column(f, fix_at(f, s)->start);

	for (uint32_t i = 0; s && i < 2 * f->rq->im->maps.n; i++) {
		const struct image_map *m = f->rq->im->maps.at[i / 2];
		uint32_t n = i & 1 ? m->value_size : m->key_size;
		struct fix_candidate c = fix_new(f, "hand over %u bytes, all of them set", n);

		if (n <= 8 || n > 256)
			continue;
		fix_replace(f, &c, fix_at(f, list)->start, fix_at(f, list)->end,
			    "(%s (struct-alloc %u))", fix_copy(f, binding), n);
		if (init)
			fix_replace(f, &c, fix_at(f, s)->start, fix_at(f, s)->start,
				    "(store u64 %s 0 %s)\n%*s", fix_copy(f, binding),
				    fix_copy(f, init), col, "");
		fix_replace(f, &c, fix_at(f, address)->start, fix_at(f, address)->end, "%s",
			    fix_copy(f, binding));
		if (fix_try(f, &c))
			return true;
	}
	return false;
}

bool
fix_wider_variable(struct fix *f)
{
	for (uint32_t n = f->at; n < f->tree.nodes.n; n++) {
		uint32_t var = fix_head_is(f, n, "stack-addr") ? fix_child(f, n, 1) : 0, b, type;
		struct fix_candidate c = fix_new(f, "make it 8 bytes wide");

		if (fix_at(f, n)->start >= fix_at(f, f->at)->end)
			break;
		b = var ? fix_binding(f, f->at, fix_copy(f, var)) : 0;
		type = b ? fix_at(f, b)->next : 0;
		if (!type)
			continue;
		if (fix_at(f, type)->next) {
			fix_replace(f, &c, fix_at(f, type)->start, fix_at(f, type)->end, "u64");
			if (fix_try(f, &c))
				return true;
		}
		if (as_buffer(f, n, b))
			return true;
	}
	return false;
}

/* ---- the context, and other fixed offsets --------------------------------------------------------- */

/* (ctx TYPE OFFSET): the width the field has, at the field's beginning. */
static bool
other_ctx_read(struct fix *f, uint32_t read)
{
	static const struct { const char *type; int64_t size; } types[] = {
		{"u32", 4}, {"u64", 8}, {"u16", 2}, {"u8", 1},
	};
	uint32_t type = fix_child(f, read, 1), off = fix_child(f, read, 2);
	int64_t at;

	if (!off || !fix_number(f, off, &at))
		return false;
	for (size_t i = 0; i < 4; i++) {
		int64_t low = at - at % types[i].size, high = low + types[i].size;

		for (int up = 0; up < 2; up++) {
			int64_t to = up ? high : low;
			struct fix_candidate c = fix_new(f, "read it as the field it is: `%s` at %lld",
							 types[i].type, (long long)to);

			if (up && at % types[i].size == 0)
				continue;
			fix_replace(f, &c, fix_at(f, type)->start, fix_at(f, off)->end, "%s %lld",
				    types[i].type, (long long)to);
			if (fix_try(f, &c))
				return true;
		}
	}
	return false;
}

bool
fix_ctx(struct fix *f)
{
	static const char *const reads[] = {"ctx", "ctx-load", NULL};

	for (uint32_t n = f->at; n < f->tree.nodes.n; n++) {
		if (fix_at(f, n)->start >= fix_at(f, f->at)->end)
			break;
		if (fix_at(f, n)->list && fix_head_in(f, n, reads) && other_ctx_read(f, n))
			return true;
	}
	return fix_leave_out(f, "leave it out: programs of this type may not use this field so");
}

/* (load T (+ (ctx-ptr) (* v K)) OFF), v one of a few: each has a read of its own. */
static bool
ctx_choice(struct fix *f, uint32_t load, const char *v, int64_t scale, int64_t off)
{
	const struct vs_need *need = &f->rq->why->needs.at[0];
	struct fix_candidate c = fix_new(f, "read the context at constant offsets, one for each `%s`",
					 v);
	int64_t lo = need->have_lo / scale, hi = need->have_hi / scale;
	int col = (int)fix_column(f, fix_at(f, load)->start);
	const char *type = fix_copy(f, fix_child(f, load, 1));
	struct buf b = buf_new(f->a);

	if (lo < 0 || hi <= lo || hi - lo > 7)
		return false;
	if (hi - lo == 1 && !lo) {
		buf_printf(&b, "(if %s (ctx %s %lld) (ctx %s %lld))", v, type,
			   (long long)(off + scale), type, (long long)off);
	} else {
		buf_printf(&b, "(case %s", v);
		for (int64_t i = lo; i <= hi; i++)
			buf_printf(&b, "\n%*s(%s (ctx %s %lld))", col + 2, "",
				   i < hi ? arena_printf(f->a, "%lld", (long long)i) : "t", type,
				   (long long)(off + i * scale));
		buf_puts(&b, ")");
	}
	fix_replace(f, &c, fix_at(f, load)->start, fix_at(f, load)->end, "%s", buf_text(&b).p);
	return fix_try(f, &c);
}

bool
fix_ctx_choice(struct fix *f)
{
	const struct vs_explanation *x = f->rq->why;

	for (uint32_t n = f->at; n < f->tree.nodes.n && fix_at(f, n)->start < fix_at(f, f->at)->end;
	     n++) {
		uint32_t sum = fix_head_is(f, n, "load") ? fix_child(f, n, 2) : 0, v;
		int64_t scale = 1, off = 0;

		if (!sum || !fix_head_is(f, sum, "+") || fix_count(f, sum) != 3 ||
		    !fix_head_is(f, fix_child(f, sum, 1), "ctx-ptr") || !x || !x->needs.n ||
		    !x->needs.at[0].is_bounded)
			continue;
		v = fix_child(f, sum, 2);
		if (fix_head_is(f, v, "*") && fix_count(f, v) == 3 &&
		    fix_number(f, fix_child(f, v, 2), &scale))
			v = fix_child(f, v, 1);
		if (fix_child(f, n, 3))
			fix_number(f, fix_child(f, n, 3), &off);
		if (fix_is_symbol(f, v) && scale > 0 && ctx_choice(f, n, fix_copy(f, v), scale, off))
			return true;
	}
	return false;
}

/* Offsets that are multiples of what is accessed. */
bool
fix_fixed_offset(struct fix *f)
{
	for (uint32_t n = f->at; n < f->tree.nodes.n; n++) {
		int64_t old;

		if (fix_at(f, n)->start >= fix_at(f, f->at)->end)
			break;
		if (fix_at(f, n)->index < 2 || !fix_number(f, n, &old) || old <= 0)
			continue;
		for (int64_t size = 2; size <= 8; size *= 2)
			for (int down = 0; old % size && down < 2; down++) {
				int64_t to = old - old % size + (down ? 0 : size);
				struct fix_candidate c = fix_new(f, "at offset %lld, a multiple of %lld",
								 (long long)to, (long long)size);

				fix_replace(f, &c, fix_at(f, n)->start, fix_at(f, n)->end, "%lld",
					    (long long)to);
				if (fix_try(f, &c))
					return true;
			}
	}
	return false;
}

/* (<= (+ p 4) (- end n)): nothing may be subtracted from the packet's end, but what is
 * compared with it can be that much further. */
bool
fix_end_pointer(struct fix *f)
{
	uint32_t up = fix_at(f, f->at)->parent, other = 0;
	struct fix_candidate c = fix_new(f, "add it on the other side");

	if (!fix_head_is(f, f->at, "-") || fix_count(f, f->at) != 3 || fix_count(f, up) != 3)
		return false;
	for (uint32_t e = fix_child(f, up, 1); e; e = fix_at(f, e)->next)
		other = e == f->at ? other : e;
	if (fix_head_is(f, other, "+"))
		fix_replace(f, &c, fix_at(f, other)->end - 1, fix_at(f, other)->end - 1, " %s",
			    fix_copy(f, fix_child(f, f->at, 2)));
	else
		fix_around(f, &c, other, "(+ ", arena_printf(f->a, " %s)",
							      fix_copy(f, fix_child(f, f->at, 2))));
	fix_replace(f, &c, fix_at(f, f->at)->start, fix_at(f, f->at)->end, "%s",
		    fix_copy(f, fix_child(f, f->at, 1)));
	return fix_try(f, &c);
}

/* ---- what may not be done here ----------------------------------------------------------------------- */

/* Helpers that do nearly the same, where the first is not to be had. `drop` operands of the
 * first are left out, counted from the front. */
static const struct { const char *from, *to; uint32_t drop; } instead[] = {
	{"copy-from-user", "probe-read-user", 0},
	{"clone-redirect", "redirect", 1},
	{"probe-read", "probe-read-kernel", 0},
	{"probe-read-str", "probe-read-kernel-str", 0},
	{"get-current-task-btf", "get-current-task", 0},
	{"ktime-get-coarse-ns", "ktime-get-ns", 0},
	{"ktime-get-boot-ns", "ktime-get-ns", 0},
	{"ktime-get-tai-ns", "ktime-get-ns", 0},
	{"skc-lookup-tcp", "sk-lookup-tcp", 0},
};

static bool
other_helper(struct fix *f, uint32_t call)
{
	uint32_t head = fix_child(f, call, 0), to;

	for (size_t i = 0; head && i < sizeof instead / sizeof *instead; i++) {
		struct fix_candidate c = fix_new(f, "`%s` instead", instead[i].to);

		if (!fix_is(f, head, instead[i].from))
			continue;
		to = fix_child(f, call, instead[i].drop);
		fix_replace(f, &c, fix_at(f, head)->start, fix_at(f, to)->end, "%s", instead[i].to);
		if (fix_try(f, &c))
			return true;
	}
	return false;
}

/* Does anything inside a form act beyond the form that fails? */
static bool
does_more(const struct fix *f, uint32_t form)
{
	static const char *const acts[] = {
		"setf", "setq", "incf", "decf", "store", "atomic-add", "return", "tail-call",
		"map-update", "map-delete", "remmap", "ringbuf-submit", "ringbuf-output", "printf",
		"perf-event-output", "skb-store-bytes", "redirect", "spin-lock", NULL,
	};

	for (uint32_t i = form; i < f->tree.nodes.n && fix_at(f, i)->start < fix_at(f, form)->end; i++)
		if (i != f->at && fix_at(f, i)->list && fix_head_in(f, i, acts) &&
		    !(fix_child(f, i, 1) == f->at && !fix_child(f, i, 3)))
			return true;	/* except (setf PLACE value), whose place is what fails */
	return false;
}

/* The statement goes, when it does nothing else; of what cannot go, the value 0 stays. */
bool
fix_leave_out(struct fix *f, const char *title)
{
	for (uint32_t n = f->at; n && n != f->top && !does_more(f, n); n = fix_at(f, n)->parent) {
		struct fix_candidate c = fix_new(f, "%s", title);
		enum fix_position p = fix_position(f, n);

		if (p != FIX_STATEMENT && p != FIX_BRANCH && p != FIX_LAST)
			continue;
		if (p == FIX_STATEMENT || (p == FIX_LAST && !fix_is_result(f, n) &&
					   fix_count(f, fix_at(f, n)->parent) >
					   fix_body(f, fix_at(f, n)->parent) + 1))
			fix_remove(f, &c, n);
		else
			fix_replace(f, &c, fix_at(f, n)->start, fix_at(f, n)->end, "0");
		if (fix_try(f, &c))
			return true;
	}
	return false;
}

/* What is made here is there already. */
bool
fix_made_twice(struct fix *f)
{
	return fix_leave_out(f, "it is there already: leave this one out");
}

/* ---- declarations --------------------------------------------------------------------------------- */

/* The top-level form (HEAD NAME ...). */
static uint32_t
declared(const struct fix *f, const char *head, const char *name)
{
	for (uint32_t t = fix_child(f, 0, 0); t; t = fix_at(f, t)->next)
		if (fix_head_is(f, t, head) && fix_child(f, t, 1) && fix_is(f, fix_child(f, t, 1), name))
			return t;
	return 0;
}

/* (defglobal name type :const t) that is written to: no constant then. */
bool
fix_constant(struct fix *f)
{
	for (uint32_t n = f->at; n < f->tree.nodes.n && fix_at(f, n)->start < fix_at(f, f->at)->end;
	     n++) {
		uint32_t d = fix_is_symbol(f, n) ? declared(f, "defglobal", fix_copy(f, n)) : 0;
		struct fix_candidate c;

		for (uint32_t e = d ? fix_at(f, d)->first : 0; e; e = fix_at(f, e)->next) {
			if (!fix_is(f, e, ":const") || !fix_at(f, e)->next)
				continue;
			c = fix_new(f, "`%s` is written: declare it without `:const`", fix_copy(f, n));
			fix_replace(f, &c, fix_at(f, e)->start - 1, fix_at(f, fix_at(f, e)->next)->end,
				    "%s", "");
			if (fix_try(f, &c))
				return true;
		}
	}
	return false;
}

/* A map whose values have a field that programs of this type may not see, and which nothing in
 * the file uses: the struct does without it. */
bool
fix_field_unused(struct fix *f)
{
	static const char *const types[] = {"bpf-spin-lock", "bpf-timer", "bpf-wq", NULL};
	static const char *const uses[] = {"spin-lock", "timer-init", "wq-init", NULL};

	for (uint32_t n = 1; n < f->tree.nodes.n; n++) {
		for (int i = 0; types[i]; i++) {
			uint32_t field = fix_at(f, fix_at(f, n)->parent)->parent;
			struct fix_candidate c = fix_new(f, "nothing uses the field: leave it out");

			if (!fix_is(f, n, types[i]) || !field ||
			    !fix_head_is(f, fix_at(f, field)->parent, "defstruct") ||
			    fix_find(f, 0, 0, uses[i]))
				continue;
			fix_remove(f, &c, field);
			if (fix_try(f, &c))
				return true;
		}
	}
	return false;
}

/* The address of an entry is returned: its contents are meant. */
bool
fix_contents(struct fix *f)
{
	uint32_t at = f->root ? f->root : f->at, head = fix_at(f, at)->first;

	return head && (fix_is(f, head, "map-lookup") || fix_is(f, head, "map-lookup-ptr")) &&
	       replace(f, head, "getmap");
}

/* A pointer that was stored whole and is read in part. */
bool
fix_whole(struct fix *f)
{
	for (uint32_t n = f->at; n < f->tree.nodes.n && fix_at(f, n)->start < fix_at(f, f->at)->end; n++)
		if ((fix_head_is(f, n, "load") || fix_head_is(f, n, "store")) && fix_child(f, n, 1) &&
		    replace(f, fix_child(f, n, 1), "u64"))
			return true;
	return false;
}

bool
fix_helper(struct fix *f)
{
	for (uint32_t n = f->at; n < f->tree.nodes.n; n++) {
		if (fix_at(f, n)->start >= fix_at(f, f->at)->end)
			break;
		if (fix_at(f, n)->list && other_helper(f, n))
			return true;
	}
	return fix_leave_out(f, "leave it out: it may not be done here");
}

/* ---- too much stack ------------------------------------------------------------------------------------ */

/* A large buffer moves from the stack to a map of its own, one per CPU. */
bool
fix_stack(struct fix *f)
{
	uint32_t best = 0;
	int64_t most = 0, n;

	for (uint32_t i = 1; i < f->tree.nodes.n; i++) {
		uint32_t arg = fix_head_is(f, i, "struct-alloc") ? fix_child(f, i, 1) : 0;

		if (arg && fix_number(f, arg, &n) && n > most &&
		    fix_position(f, i) == FIX_BINDING) {
			most = n;
			best = i;
		}
	}
	if (best) {
		struct fix_candidate c = fix_new(f, "keep the buffer in a map, one per CPU");
		uint32_t let = fix_at(f, fix_at(f, fix_at(f, best)->parent)->parent)->parent;
		uint32_t top = best;

		while (fix_at(f, top)->parent)
			top = fix_at(f, top)->parent;
		if (!fix_head_is(f, let, "let") || fix_count(f, fix_child(f, let, 1)) != 1)
			return false;
		fix_replace(f, &c, fix_at(f, top)->start, fix_at(f, top)->start,
			    "(defmap scratch :type :percpu-array :key u32 :value-size %lld "
			    ":max-entries 1)\n\n", (long long)most);
		fix_replace(f, &c, fix_at(f, fix_child(f, let, 0))->start,
			    fix_at(f, fix_child(f, let, 0))->end, "when-let");
		fix_replace(f, &c, fix_at(f, best)->start, fix_at(f, best)->end,
			    "(map-lookup scratch 0)");
		return fix_try(f, &c);
	}
	return false;
}

/* SPDX-License-Identifier: MIT */
/* bounds.c: accesses outside a packet, a map's value, the stack; sizes given to helpers.
 *
 * The test that is missing has a form that is known, and numbers that are not always: the
 * explanation says them, or the types in the source do, or they are tried. A larger number
 * forbids less, so the largest that is accepted is offered. */
#include "work.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_NUMBERS = 16 };

struct numbers {
	int64_t at[MAX_NUMBERS];
	unsigned n;
};

static void
add_number(struct numbers *l, int64_t v)
{
	for (unsigned i = 0; i < l->n; i++)
		if (l->at[i] == v)
			return;
	if (v > 0 && l->n < MAX_NUMBERS)
		l->at[l->n++] = v;
}

static unsigned
access_size(const struct fix *f)
{
	switch (BPF_CLASS(f->insn->code)) {
	case BPF_LDX: case BPF_STX: case BPF_ST:
		break;
	default:
		return 0;
	}
	switch (BPF_SIZE(f->insn->code)) {
	case BPF_B: return 1;
	case BPF_H: return 2;
	case BPF_W: return 4;
	default: return 8;
	}
}

static const struct vs_need *
need_of(const struct fix *f, enum vs_need_kind kind)
{
	const struct vs_explanation *x = f->rq->why;

	return x && x->needs.n && x->needs.at[0].kind == kind ? &x->needs.at[0] : NULL;
}

/* ---- packets ------------------------------------------------------------------------------- */

/* Bytes that must be there, counted from the pointer, likeliest first. What lies behind the
 * access in the same header is likely wanted next. */
static struct numbers
packet_bytes(const struct fix *f)
{
	static const int64_t headers[] = {8, 14, 20, 28, 34, 40, 42, 54, 74};
	const struct vs_need *need = need_of(f, NEED_BYTES);
	int64_t own = access_size(f) ? f->insn->off + (int64_t)access_size(f) : 0;
	struct numbers l = {0};

	if (need)
		add_number(&l, need->hi);
	add_number(&l, own);
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		if (headers[i] > (need ? need->hi : own))
			add_number(&l, headers[i]);
	return l;
}

/* A number in a test of the packet's length made too small is made larger. */
static bool
widen_check(struct fix *f, uint32_t number, const struct numbers *bytes)
{
	int64_t old;

	if (!fix_number(f, number, &old))
		return false;
	for (unsigned i = 0; i < bytes->n; i++) {
		struct fix_candidate c = fix_new(f, "test for %lld bytes, not %lld",
						 (long long)bytes->at[i], (long long)old);

		if (bytes->at[i] <= old)
			continue;
		fix_replace(f, &c, fix_at(f, number)->start, fix_at(f, number)->end, "%lld",
			    (long long)bytes->at[i]);
		if (fix_try(f, &c))
			return true;
	}
	return false;
}

/* (< (+ data i) end) compares where the bytes begin: (<= (+ data i SIZE) end) where they end. */
static bool
compare_the_end(struct fix *f, uint32_t test, uint32_t sum)
{
	struct fix_candidate c = fix_new(f, "compare where the bytes end, not where they begin");
	uint32_t head = fix_child(f, test, 0);

	if (!fix_head_is(f, test, "<") || !access_size(f))
		return false;
	fix_replace(f, &c, fix_at(f, head)->start, fix_at(f, head)->end, "<=");
	fix_replace(f, &c, fix_at(f, sum)->end - 1, fix_at(f, sum)->end - 1, " %u", access_size(f));
	return fix_try(f, &c);
}

static bool
widen_checks(struct fix *f, const char *data, const char *end, const struct numbers *bytes)
{
	static const char *const compares[] = {"<", "<=", ">", ">=", NULL};

	for (uint32_t n = f->at; n-- > f->top;) {
		uint32_t sum = 0, limit = 0;

		if (fix_is(f, n, ":min-len") && fix_at(f, n)->next &&
		    widen_check(f, fix_at(f, n)->next, bytes))
			return true;
		if (!fix_at(f, n)->list || !fix_head_in(f, n, compares))
			continue;
		for (uint32_t e = fix_child(f, n, 1); e; e = fix_at(f, e)->next) {
			if (fix_head_is(f, e, "+"))
				sum = e;
			else if (end && fix_is(f, e, end))
				limit = e;
		}
		if (sum && limit && sum == fix_child(f, n, 1) && compare_the_end(f, n, sum))
			return true;
		if (sum && limit && data && fix_find(f, sum, 0, data) &&
		    widen_check(f, fix_child(f, sum, fix_count(f, sum) - 1), bytes))
			return true;
	}
	return false;
}

/* The pointer an access goes through, without what is added to it: (+ p 14) is p and 14. */
static const char *
base_of(struct fix *f, uint32_t ptr, int64_t *added)
{
	uint32_t last = fix_at(f, ptr)->list ? fix_child(f, ptr, 2) : 0;

	*added = 0;
	if (fix_head_is(f, ptr, "+") && fix_count(f, ptr) == 3 && fix_number(f, last, added))
		return fix_copy(f, fix_child(f, ptr, 1));
	return fix_copy(f, ptr);
}

/* "(<= (+ p 20) end)" around the access through `ptr`. */
static bool
test_bytes(struct fix *f, const char *base, int64_t bytes, const char *end)
{
	const char *sum = *base == '(' && base[1] == '+' && base[2] == ' '
		? arena_printf(f->a, "%.*s %lld)", (int)strlen(base) - 1, base, (long long)bytes)
		: arena_printf(f->a, "(+ %s %lld)", base, (long long)bytes);
	const char *test = arena_printf(f->a, "(<= %s %s)", bytes ? sum : base, end);

	return fix_guard(f, f->at, test,
			 arena_printf(f->a, "test that the packet has these bytes"));
}

/* The same, with the smallest number below `bytes` that will do: as much as is read. */
static bool
test_pointer(struct fix *f, const char *base, int64_t bytes, const char *end)
{
	int64_t low = 0;
	bool ok;

	f->probing = true;
	ok = test_bytes(f, base, bytes, end);
	for (int i = 0; ok && i < 6 && bytes - low > 1; i++) {
		int64_t middle = (low + bytes) / 2;

		if (test_bytes(f, base, middle, end))
			bytes = middle;
		else
			low = middle;
	}
	f->probing = false;
	return ok && test_bytes(f, base, bytes, end);
}

/* Each access in the failing form: for the bytes that its own type and offset say (`bytes`
 * null), or for each of some numbers. */
static bool
test_pointers(struct fix *f, const char *end, const struct numbers *bytes)
{
	for (uint32_t n = f->at; n < f->tree.nodes.n; n++) {
		uint32_t ptr;
		int64_t added, off = 0;
		const char *base;
		bool load;

		if (fix_at(f, n)->start >= fix_at(f, f->at)->end)
			break;
		load = fix_head_is(f, n, "load") || fix_head_is(f, n, "store");
		ptr = fix_at(f, n)->list ? fix_child(f, n, load ? 2 : 1) : 0;
		if (!ptr || fix_number(f, ptr, &off) || fix_at(f, fix_child(f, n, 0))->list)
			continue;
		base = base_of(f, ptr, &added);
		off = 0;
		if (load && fix_child(f, n, 3))
			fix_number(f, fix_child(f, n, 3), &off);
		if (!bytes && access_size(f) && load &&
		    test_bytes(f, base, added + off + access_size(f), end))
			return true;
		for (unsigned i = 0; bytes && i < bytes->n; i++)
			if (bytes->at[i] > added && test_pointer(f, base, bytes->at[i], end))
				return true;
	}
	return false;
}

bool
fix_packet(struct fix *f)
{
	struct numbers bytes = packet_bytes(f);
	const char *data = NULL, *end = NULL;

	fix_packet_names(f, f->at, &data, &end);
	if (widen_checks(f, data, end, &bytes))
		return true;
	/* The end may have been read before the packet moved: then it must be read again. What
	 * lies before the packet's data ends where the data begins. */
	for (int exact = 1; exact >= 0; exact--) {
		const struct numbers *n = exact ? NULL : &bytes;

		if ((end && test_pointers(f, end, n)) ||
		    test_pointers(f, fix_packet_bound(f, true), n) ||
		    (data && test_pointers(f, data, n)))
			return true;
	}
	return false;
}

/* ---- values and the stack -------------------------------------------------------------------- */

static int
descending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? 1 : x > y ? -1 : 0;
}

static void
add_struct(struct numbers *l, const struct kenv_struct *s)
{
	add_number(l, s->size);
	for (uint32_t i = 0; i < s->nfields; i++)
		if (s->fields[i].is_array)
			add_number(l, s->fields[i].count);
}

/* Where the failing form names an array field, its length is the likeliest by far. */
static void
field_first(struct fix *f, struct numbers *l)
{
	struct kenv *k = session_kenv(f->rq->session);

	for (uint32_t n = f->at; n < f->tree.nodes.n; n++) {
		str name = fix_text(f, n);

		if (fix_at(f, n)->start >= fix_at(f, f->at)->end)
			break;
		for (size_t i = fix_is_symbol(f, n) && !fix_at(f, n)->index ? name.n : 0; i-- > 1;) {
			const struct kenv_struct *s =
				name.p[i] == '-' ? kenv_struct_named(k, (str){name.p, i}) : NULL;

			for (uint32_t j = 0; s && j < s->nfields; j++)
				if (s->fields[j].is_array && l->n &&
				    str_is((str){name.p + i + 1, name.n - i - 1}, s->fields[j].name)) {
					memmove(l->at + 1, l->at, (MAX_NUMBERS - 1) * sizeof *l->at);
					l->at[0] = s->fields[j].count;
					l->n += l->n < MAX_NUMBERS;
				}
		}
	}
}

/* Counts that may be the length of what is indexed: array fields, values, stack buffers. */
static struct numbers
lengths(struct fix *f, bool sizes)
{
	const struct vs_need *need = need_of(f, NEED_BYTES);
	struct kenv *k = session_kenv(f->rq->session);
	unsigned size = access_size(f) ? access_size(f) : 1;
	struct numbers l = {0};
	int64_t n;

	if (need && need->size > 0) {
		add_number(&l, sizes ? need->size : need->size / size);
		add_number(&l, need->size - size + 1);
	}
	for (uint32_t i = 0; i < f->rq->im->maps.n; i++) {
		const struct image_map *m = f->rq->im->maps.at[i];
		const struct kenv_struct *s =
			m->value_struct ? kenv_struct_named(k, str_of(m->value_struct)) : NULL;

		add_number(&l, m->value_size);
		add_number(&l, m->value_size / size);
		add_number(&l, (int64_t)m->value_size - size + 1);
		if (s)
			add_struct(&l, s);
	}
	for (uint32_t i = f->top; i < f->tree.nodes.n; i++) {
		uint32_t arg = fix_at(f, i)->list ? fix_child(f, i, 1) : 0;
		const struct kenv_struct *s;

		if (fix_head_is(f, i, "struct-alloc") && arg && fix_number(f, arg, &n)) {
			add_number(&l, n);
			add_number(&l, n - size + 1);
			add_number(&l, n / size);
		}
		s = fix_head_is(f, i, "sizeof") && arg ? kenv_struct_named(k, fix_text(f, arg)) : NULL;
		if (s)
			add_struct(&l, s);
		s = fix_at(f, i)->list && str_starts(fix_text(f, fix_child(f, i, 0)), "make-")
			    ? kenv_struct_named(k, (str){fix_text(f, fix_child(f, i, 0)).p + 5,
							 fix_text(f, fix_child(f, i, 0)).n - 5})
			    : NULL;
		if (s)
			add_struct(&l, s);
	}
	qsort(l.at, l.n, sizeof *l.at, descending);
	field_first(f, &l);
	return l;
}

/* The variable is compared with, or counted to, a number that is too large. */
static bool
narrow_check(struct fix *f, const char *name, const struct numbers *l)
{
	static const char *const compares[] = {"<", "<=", ">", ">=", "min", "dotimes", NULL};

	for (uint32_t n = f->tree.nodes.n; n-- > f->top;) {
		uint32_t number = 0, var = 0;
		int64_t old;

		if (!fix_at(f, n)->list)
			continue;
		if (!(fix_head_in(f, n, compares) ||
		      fix_head_is(f, fix_at(f, n)->parent, "dotimes")))
			continue;
		for (uint32_t e = fix_at(f, n)->first; e; e = fix_at(f, e)->next) {
			if (fix_is(f, e, name))
				var = e;
			else if (fix_number(f, e, &old))
				number = e;
		}
		if (!number || !var)
			continue;
		fix_number(f, number, &old);
		for (unsigned i = 0; i < 2 * l->n; i++) {
			int64_t to = l->at[i / 2] - (i & 1);
			struct fix_candidate c = fix_new(f, "%lld, not %lld: the last one is %lld",
							 (long long)to, (long long)old,
							 (long long)l->at[i / 2] - 1);

			if (to >= old)
				continue;
			fix_replace(f, &c, fix_at(f, number)->start, fix_at(f, number)->end, "%lld",
				    (long long)to);
			if (fix_try(f, &c))
				return true;
		}
	}
	return false;
}

static bool
is_pointer_form(const struct fix *f, uint32_t form)
{
	static const char *const makers[] = {
		"map-lookup", "map-lookup-ptr", "struct-alloc", "stack-addr",
		"ringbuf-reserve", "xdp-data", "tc-data", "ctx-ptr", NULL,
	};

	return fix_head_in(f, form, makers) ||
	       str_starts(fix_text(f, fix_child(f, form, 0)), "make-");
}

static bool
is_pointer_name(const struct fix *f, uint32_t node)
{
	uint32_t b = fix_binding(f, node, arena_strndup((struct arena *)&f->scratch,
							fix_text(f, node).p, fix_text(f, node).n));
	uint32_t init = b ? fix_initial(f, b) : 0;

	return init && fix_at(f, init)->list && is_pointer_form(f, init);
}

static bool
test_index(struct fix *f, const char *name, const struct numbers *l)
{
	for (int sign = 0; sign < 2; sign++) {
		for (unsigned i = 0; i < l->n; i++) {
			const char *test = arena_printf(f->a, "(< %s %lld)", name,
							(long long)l->at[i]);

			if (sign)
				test = arena_printf(f->a, "(and (>= %s 0) %s)", name, test);
			if (fix_guard(f, f->at, test,
				      arena_printf(f->a, "test `%s` against %lld first", name,
						   (long long)l->at[i])))
				return true;
		}
	}
	return false;
}

static bool
mask(struct fix *f, uint32_t operand, const struct numbers *l)
{
	for (unsigned i = 0; i < l->n; i++) {
		struct fix_candidate c = fix_new(f, "keep it below %lld", (long long)l->at[i]);

		if (l->at[i] & (l->at[i] - 1))
			fix_around(f, &c, operand, "(mod ",
				   arena_printf(f->a, " %lld)", (long long)l->at[i]));
		else
			fix_around(f, &c, operand, "(logand ",
				   arena_printf(f->a, " %lld)", (long long)l->at[i] - 1));
		if (fix_try(f, &c))
			return true;
	}
	return false;
}

/* Operands of the failing form that may be the offset, deepest last. */
static bool
each_index(struct fix *f, const struct numbers *l,
	   bool (*act)(struct fix *f, uint32_t operand, const struct numbers *l))
{
	for (uint32_t n = f->at + 1; n < f->tree.nodes.n; n++) {
		int64_t v;

		if (fix_at(f, n)->start >= fix_at(f, f->at)->end)
			break;
		if (fix_at(f, n)->index == 0 || fix_number(f, n, &v) ||
		    (!fix_at(f, n)->list && !fix_is_symbol(f, n)) ||
		    (fix_at(f, n)->list && is_pointer_form(f, n)) ||
		    (fix_is_symbol(f, n) && (!fix_binding(f, f->at, fix_copy(f, n)) ||
					     is_pointer_name(f, n))))
			continue;
		if (act(f, n, l))
			return true;
	}
	return false;
}

static bool
act_check(struct fix *f, uint32_t operand, const struct numbers *l)
{
	return fix_is_symbol(f, operand) && narrow_check(f, fix_copy(f, operand), l);
}

static bool
act_test(struct fix *f, uint32_t operand, const struct numbers *l)
{
	return fix_is_symbol(f, operand) && test_index(f, fix_copy(f, operand), l);
}

/* ---- fixed offsets -------------------------------------------------------------------------------- */

/* A narrower type, where the offset is right but the access too wide. */
static bool
narrow_type(struct fix *f, uint32_t type)
{
	static const char *const narrower[] = {"u32", "u16", "u8"};

	for (size_t i = 0; i < 3; i++) {
		struct fix_candidate c = fix_new(f, "as `%s`", narrower[i]);

		fix_replace(f, &c, fix_at(f, type)->start, fix_at(f, type)->end, "%s", narrower[i]);
		if (fix_try(f, &c))
			return true;
	}
	return false;
}

/* A map whose values have room for the access. */
static bool
widen_value(struct fix *f, uint32_t map)
{
	const struct vs_need *need = need_of(f, NEED_BYTES);
	int64_t old, want = need ? need->hi : f->insn->off + (int64_t)access_size(f);

	for (uint32_t e = fix_at(f, map)->first; e; e = fix_at(f, e)->next) {
		struct fix_candidate c = fix_new(f, "make the values large enough");
		uint32_t v = fix_at(f, e)->next;

		if (!v)
			break;
		if (fix_is(f, e, ":value-size") && fix_number(f, v, &old) && want > old)
			fix_replace(f, &c, fix_at(f, v)->start, fix_at(f, v)->end, "%lld",
				    (long long)((want + 7) & ~7ll));
		else if (fix_is(f, e, ":value") && !fix_at(f, v)->list && want <= 8)
			fix_replace(f, &c, fix_at(f, v)->start, fix_at(f, v)->end, "u64");
		else if (fix_is(f, e, ":value") && !fix_at(f, v)->list)
			fix_replace(f, &c, fix_at(f, e)->start, fix_at(f, v)->end,
				    ":value-size %lld", (long long)((want + 7) & ~7ll));
		if (c.n && fix_try(f, &c))
			return true;
	}
	return false;
}

/* Memory that the program itself asks for: stack buffers, records. */
static bool
larger_buffer(struct fix *f)
{
	for (uint32_t n = f->top; n < f->tree.nodes.n; n++) {
		uint32_t arg = fix_head_is(f, n, "struct-alloc") ? fix_child(f, n, 1)
			       : fix_head_is(f, n, "ringbuf-reserve") ? fix_child(f, n, 2) : 0;
		int64_t old, last;

		if (!arg || !fix_number(f, arg, &old))
			continue;
		last = old < 128 ? 256 : old;
		for (int64_t want = (old & ~7ll) + 8; want <= last; want += want < 32 ? 8 : want) {
			struct fix_candidate c = fix_new(f, "ask for %lld bytes", (long long)want);

			fix_replace(f, &c, fix_at(f, arg)->start, fix_at(f, arg)->end, "%lld",
				    (long long)want);
			if (fix_try(f, &c))
				return true;
		}
	}
	return false;
}

/* The last element that is there instead of the one behind it. */
static bool
smaller_offset(struct fix *f)
{
	int64_t size = access_size(f) ? access_size(f) : 8;

	for (uint32_t n = f->at; n < f->tree.nodes.n; n++) {
		int64_t old;

		if (fix_at(f, n)->start >= fix_at(f, f->at)->end)
			break;
		if (fix_at(f, n)->index < 2 || !fix_number(f, n, &old))
			continue;
		if (old < 0) {
			struct fix_candidate c = fix_new(f, "the first one is at 0");

			fix_replace(f, &c, fix_at(f, n)->start, fix_at(f, n)->end, "0");
			if (fix_try(f, &c))
				return true;
		}
		for (int64_t to = old - size; to >= 0 && to >= old - 4 * size; to -= size) {
			struct fix_candidate c = fix_new(f, "the last one is at %lld", (long long)to);

			fix_replace(f, &c, fix_at(f, n)->start, fix_at(f, n)->end, "%lld",
				    (long long)to);
			if (fix_try(f, &c))
				return true;
		}
	}
	return false;
}

static bool
fixed_offset(struct fix *f)
{
	static const char *const accesses[] = {"load", "store", NULL};

	for (uint32_t n = f->at; n < f->tree.nodes.n; n++) {
		if (fix_at(f, n)->start >= fix_at(f, f->at)->end)
			break;
		if (fix_at(f, n)->list && fix_head_in(f, n, accesses) && fix_child(f, n, 1) &&
		    narrow_type(f, fix_child(f, n, 1)))
			return true;
	}
	for (uint32_t t = fix_child(f, 0, 0); t; t = fix_at(f, t)->next)
		if (fix_head_is(f, t, "defmap") && widen_value(f, t))
			return true;
	return larger_buffer(f) || smaller_offset(f);
}

static bool
clamp(struct fix *f, uint32_t operand, const struct numbers *l)
{
	for (unsigned i = 0; i < l->n; i++) {
		struct fix_candidate c = fix_new(f, "at most %lld bytes", (long long)l->at[i]);
		int64_t n;

		if (fix_number(f, operand, &n))
			fix_replace(f, &c, fix_at(f, operand)->start, fix_at(f, operand)->end,
				    "%lld", (long long)l->at[i]);
		else
			fix_around(f, &c, operand, "(min ",
				   arena_printf(f->a, " %lld)", (long long)l->at[i]));
		if (fix_try(f, &c))
			return true;
	}
	return false;
}

/* A size given as a number, larger than the memory it is about. */
static bool
clamp_numbers(struct fix *f, const struct numbers *l)
{
	for (uint32_t n = fix_child(f, f->at, 1); n; n = fix_at(f, n)->next) {
		int64_t old;

		if (!fix_number(f, n, &old))
			continue;
		for (unsigned i = 0; i < l->n; i++)
			if (l->at[i] < old && clamp(f, n, l))
				return true;
	}
	return false;
}

bool
fix_offset(struct fix *f)
{
	struct numbers l = lengths(f, false);

	if (BPF_CLASS(f->insn->code) == BPF_JMP && fix_at(f, f->at)->list && clamp_numbers(f, &l))
		return true;
	return each_index(f, &l, act_check) || each_index(f, &l, act_test) ||
	       each_index(f, &l, mask) || fixed_offset(f);
}

/* ---- sizes given to helpers --------------------------------------------------------------------------- */

/* A size that may be negative as it was declared: only when it is above 0. */
static bool
positive(struct fix *f, uint32_t operand, const struct numbers *l)
{
	const char *e = fix_copy(f, operand);

	(void)l;
	return fix_is_symbol(f, operand) &&
	       fix_guard(f, f->at, arena_printf(f->a, "(s> %s 0)", e),
			 arena_printf(f->a, "only when `%s` is above 0", e));
}

static bool
not_zero(struct fix *f, uint32_t operand, const struct numbers *l)
{
	const char *e = fix_copy(f, operand);

	(void)l;
	return fix_is_symbol(f, operand) &&
	       fix_guard(f, f->at, arena_printf(f->a, "(> %s 0)", e),
			 arena_printf(f->a, "only when `%s` is not 0", e));
}

bool
fix_size(struct fix *f)
{
	struct numbers l = lengths(f, true);

	if (strcmp(f->code, "V0511") == 0)
		return each_index(f, &l, not_zero);
	if (strcmp(f->code, "V0510") == 0 && each_index(f, &l, positive))
		return true;
	return each_index(f, &l, act_check) || each_index(f, &l, clamp) ||
	       each_index(f, &l, positive) || each_index(f, &l, act_test) || each_index(f, &l, mask);
}

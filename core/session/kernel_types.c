/* SPDX-License-Identifier: MIT */
/* kernel_types.c: the kernel's types at the prompt and in macros: (btf-find-struct ...) and its
 * like, with the arguments and values that Whistler gave them. A type is its BTF id; the first
 * argument, what (ensure-vmlinux-btf) gave, says whose types: there are only the kernel's. */
#include "internal.h"

#include "image/btf.h"

/* One question: about a name, about a type, or about all there is. */
struct query {
	const char *name, *doc;
	value (*by_name)(struct lisp *l, struct btf *b, str name);
	value (*by_id)(struct lisp *l, struct btf *b, uint32_t id);
	value (*of_all)(struct lisp *l, struct btf *b);
};

struct asked {
	struct session *s;
	const struct query *q;
};

static bool
answer(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	const struct asked *a = ud;
	const struct query *q = a->q;
	struct btf *b = kenv_vmlinux(a->s->kenv, args.call, lisp_diags(l));
	int64_t id;

	if (!b)
		return false;
	if (q->of_all) {
		*out = q->of_all(l, b);
	} else if (q->by_name) {
		if (!is_string(args.at[1]))
			return lisp_error(l, args.call, "argument 2 must be a name as C writes it, a "
					  "string");
		*out = q->by_name(l, b, as_string(args.at[1]));
	} else {
		if (!arg_integer(a->s, args, 1, 0, UINT32_MAX, &id))
			return false;
		*out = q->by_id(l, b, (uint32_t)id);
	}
	return true;
}

static value
id_or_nil(struct lisp *l, uint32_t id)
{
	return id ? make_int(l, id) : NIL;
}

static value
ensure(struct lisp *l, struct btf *b)
{
	(void)b;
	return make_symbol(l, STR(":vmlinux"));
}

static bool
fn_reset(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;

	(void)l;
	(void)args;
	/* The old ones stay mapped: names that were taken from them are in use. */
	s->vmlinux = NULL;
	s->vmlinux_size = 0;
	s->vmlinux_tried = false;
	kenv_reset_vmlinux(s->kenv);
	*out = NIL;
	return true;
}

/* ---- names ------------------------------------------------------------------------------ */

static value
find_struct(struct lisp *l, struct btf *b, str name)
{
	return id_or_nil(l, btf_find(b, name, BTF_KIND_STRUCT));
}

static value
find_var(struct lisp *l, struct btf *b, str name)
{
	return id_or_nil(l, btf_find(b, name, BTF_KIND_VAR));
}

static value
find_func(struct lisp *l, struct btf *b, str name)
{
	uint32_t id = btf_find(b, name, BTF_KIND_FUNC);
	value found[2] = {id_or_nil(l, id), id ? make_int(l, btf_param_count(b, id)) : NIL};

	return lisp_values(l, found, 2);
}

/* ((NAME . OFFSET) ...), as fentry programs find them in their context. */
static value
func_params(struct lisp *l, struct btf *b, str name)
{
	uint32_t id = btf_find(b, name, BTF_KIND_FUNC);
	value list = NIL;

	for (uint32_t i = id ? btf_param_count(b, id) : 0; i-- > 0;) {
		struct btf_param_of p;
		value pair;

		btf_param(b, id, i, &p);
		pair = cons(l, make_string(l, str_of(p.name)), make_int(l, 8 * (int64_t)i));
		list = cons(l, pair, list);
	}
	return list;
}

/* ---- types -------------------------------------------------------------------------------- */

/* The type of the language that reads one: nil for structs and arrays. */
static value
read_as(struct lisp *l, const struct btf *b, uint32_t id)
{
	static const char *const by_size[2][9] = {
		{[1] = "u8", [2] = "u16", [4] = "u32", [8] = "u64"},
		{[1] = "i8", [2] = "i16", [4] = "i32", [8] = "i64"},
	};
	uint32_t t = btf_resolve(b, id);
	int64_t size = btf_size(b, t);

	if (btf_is_composite(btf_type(b, t)) || btf_array_of(b, t))
		return NIL;
	if (size < 1 || size > 8 || !by_size[0][size])
		return make_symbol(l, STR("u64"));
	return make_symbol(l, str_of(by_size[btf_is_signed(b, t)][size]));
}

static value
size_of(struct lisp *l, const struct btf *b, uint32_t id)
{
	int64_t size = btf_size(b, id);

	return size < 0 ? NIL : make_int(l, size);
}

static value
type_name(struct lisp *l, struct btf *b, uint32_t id)
{
	const char *name = btf_name(b, btf_resolve(b, id));

	return *name ? make_string(l, str_of(name)) : NIL;
}

static value
struct_size(struct lisp *l, struct btf *b, uint32_t id)
{
	return btf_is_composite(btf_type(b, id)) ? size_of(l, b, id) : NIL;
}

static value
field_row(struct lisp *l, struct btf *b, const struct btf_field *f, uint32_t bit_offset)
{
	value row[6], list = NIL;

	row[0] = make_string(l, str_of(f->name));
	row[1] = read_as(l, b, f->type);
	row[2] = make_int(l, (bit_offset + f->bit_offset) / 8);
	row[3] = size_of(l, b, f->type);
	row[4] = type_name(l, b, f->type);
	row[5] = make_int(l, f->type);
	for (unsigned i = 6; i-- > 0;)
		list = cons(l, row[i], list);
	return list;
}

/* The members in front of `rows`, those of anonymous ones in their place. */
static value
add_fields(struct lisp *l, struct btf *b, uint32_t id, uint32_t bit_offset, unsigned depth,
	   value rows)
{
	struct btf_field f;

	if (depth > 8 || !btf_is_composite(btf_type(b, id)))
		return rows;
	for (uint32_t i = btf_vlen(btf_type(b, id)); i-- > 0;) {
		btf_member(b, id, i, &f);
		if (*f.name)
			rows = cons(l, field_row(l, b, &f, bit_offset), rows);
		else
			rows = add_fields(l, b, btf_resolve(b, f.type), bit_offset + f.bit_offset,
					  depth + 1, rows);
	}
	return rows;
}

static value
struct_fields(struct lisp *l, struct btf *b, uint32_t id)
{
	return add_fields(l, b, id, 0, 0, NIL);
}

static value
resolve_array(struct lisp *l, struct btf *b, uint32_t id)
{
	const struct btf_array *a = btf_array_of(b, id);
	value found[3] = {NIL, NIL, NIL};

	if (a) {
		found[0] = read_as(l, b, a->type);
		found[1] = make_int(l, a->nelems);
		found[2] = size_of(l, b, a->type);
	}
	return lisp_values(l, found, 3);
}

static value
ptr_target(struct lisp *l, struct btf *b, uint32_t id)
{
	id = btf_resolve(b, id);
	return btf_kind(btf_type(b, id)) == BTF_KIND_PTR
		? id_or_nil(l, btf_resolve(b, btf_target(b, id))) : NIL;
}

static value
raw_type(struct lisp *l, struct btf *b, uint32_t id)
{
	uint32_t raw = btf_resolve(b, id);
	value found[2] = {id_or_nil(l, raw), make_int(l, btf_kind(btf_type(b, raw)))};

	return lisp_values(l, found, 2);
}

/* ((NAME . VALUE) ...) */
static value
enumerators(struct lisp *l, struct btf *b)
{
	value list = NIL, pair;
	const char *name;
	int64_t v;

	for (uint32_t id = 1; id < btf_count(b); id++) {
		for (uint32_t i = 0; btf_enumerator(b, id, i, &name, &v); i++) {
			pair = cons(l, make_string(l, str_of(name)), make_int(l, v));
			list = cons(l, pair, list);
		}
	}
	return list;
}

static const struct query queries[] = {
	{"ensure-vmlinux-btf",
	 "(ensure-vmlinux-btf)\nThe kernel's types, for the functions that ask about them.",
	 .of_all = ensure},
	{"btf-find-struct",
	 "(btf-find-struct (ensure-vmlinux-btf) NAME)\nThe type id of a struct of the kernel, or nil.",
	 .by_name = find_struct},
	{"btf-find-var",
	 "(btf-find-var (ensure-vmlinux-btf) NAME)\nThe id of a variable of the kernel, or nil: for "
	 "ld-btf-id.",
	 .by_name = find_var},
	{"btf-find-func",
	 "(btf-find-func (ensure-vmlinux-btf) NAME)\nThe id of a function of the kernel, or nil, and "
	 "how many arguments it takes.",
	 .by_name = find_func},
	{"btf-func-params",
	 "(btf-func-params (ensure-vmlinux-btf) NAME)\n((NAME . OFFSET) ...): the parameters of a "
	 "function, as fentry programs find them in their\ncontext.",
	 .by_name = func_params},
	{"btf-struct-size",
	 "(btf-struct-size (ensure-vmlinux-btf) ID)\nBytes of a struct or union, nil for others.",
	 .by_id = struct_size},
	{"btf-struct-fields",
	 "(btf-struct-fields (ensure-vmlinux-btf) ID)\n((NAME TYPE OFFSET SIZE TYPE-NAME TYPE-ID) ...), "
	 "through anonymous members.",
	 .by_id = struct_fields},
	{"btf-resolve-array",
	 "(btf-resolve-array (ensure-vmlinux-btf) ID)\nOf an array: the type of its elements, how many, "
	 "and the size of one.",
	 .by_id = resolve_array},
	{"btf-type-name",
	 "(btf-type-name (ensure-vmlinux-btf) ID)\nIts name, past typedefs and qualifiers; or nil.",
	 .by_id = type_name},
	{"btf-ptr-target-type-id",
	 "(btf-ptr-target-type-id (ensure-vmlinux-btf) ID)\nWhat a pointer points to, or nil.",
	 .by_id = ptr_target},
	{"btf-member-raw-type-id",
	 "(btf-member-raw-type-id (ensure-vmlinux-btf) ID)\nThe type behind typedefs and qualifiers, "
	 "and its kind, a number of linux/btf.h.",
	 .by_id = raw_type},
	{"%btf-enumerators", NULL, .of_all = enumerators},
};

void
session_define_kernel_types(struct session *s)
{
	enum { N = sizeof queries / sizeof *queries };
	struct asked *asked = arena_array(&s->arena, struct asked, N);

	for (unsigned i = 0; i < N; i++) {
		const struct query *q = &queries[i];
		int args = q->of_all == ensure ? 0 : q->of_all ? 1 : 2;

		asked[i] = (struct asked){s, q};
		lisp_define(s->lisp, q->name, args, args, answer, &asked[i], q->doc);
	}
	lisp_define(s->lisp, "reset-vmlinux-btf-cache", 0, 0, fn_reset, s,
		    "(reset-vmlinux-btf-cache)\nRead the kernel's types again when they are needed "
		    "next, from *vmlinux-btf-path*.");
}

/* SPDX-License-Identifier: MIT */
/* kernel_types.c: the kernel's types at the prompt and in macros: (btf-find-struct ...) and its
 * like, with the arguments and values that Whistler gave them. A type is its BTF id; the first
 * argument, what (ensure-vmlinux-btf) gave, says whose types: there are only the kernel's. */
#include "internal.h"

#include "image/btf.h"

#include <limits.h>

/* The types, or null after an error. */
static struct btf *
kernel_types(struct session *s, struct lisp_args args)
{
	return kenv_vmlinux(s->kenv, args.call, lisp_diags(s->lisp));
}

static bool
type_arg(struct session *s, struct lisp_args args, struct btf **b, uint32_t *id)
{
	int64_t k;

	*b = kernel_types(s, args);
	if (!*b || !arg_integer(s, args, 1, 0, UINT32_MAX, &k))
		return false;
	*id = (uint32_t)k;
	return true;
}

static bool
name_arg(struct session *s, struct lisp_args args, struct btf **b, str *name)
{
	*b = kernel_types(s, args);
	if (!*b)
		return false;
	if (!is_string(args.at[1]))
		return lisp_error(s->lisp, args.call, "argument 2 must be a name as C writes it, "
				  "a string");
	*name = as_string(args.at[1]);
	return true;
}

static value
id_or_nil(struct lisp *l, uint32_t id)
{
	return id ? make_int(l, id) : NIL;
}

static bool
fn_ensure(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	*out = make_symbol(l, STR(":vmlinux"));
	return kernel_types(ud, args) != NULL;
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

static bool
fn_find_struct(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct btf *b;
	str name;

	if (!name_arg(ud, args, &b, &name))
		return false;
	*out = id_or_nil(l, btf_find(b, name, BTF_KIND_STRUCT));
	return true;
}

static bool
fn_find_var(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct btf *b;
	str name;

	if (!name_arg(ud, args, &b, &name))
		return false;
	*out = id_or_nil(l, btf_find(b, name, BTF_KIND_VAR));
	return true;
}

static bool
fn_find_func(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	value found[2] = {NIL, NIL};
	struct btf *b;
	uint32_t id;
	str name;

	if (!name_arg(ud, args, &b, &name))
		return false;
	id = btf_find(b, name, BTF_KIND_FUNC);
	if (id) {
		found[0] = make_int(l, id);
		found[1] = make_int(l, btf_param_count(b, id));
	}
	*out = lisp_values(l, found, 2);
	return true;
}

/* ((NAME . OFFSET) ...), as fentry programs find them in their context. */
static bool
fn_func_params(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct btf *b;
	uint32_t id;
	str name;

	if (!name_arg(ud, args, &b, &name))
		return false;
	id = btf_find(b, name, BTF_KIND_FUNC);
	*out = NIL;
	for (uint32_t i = id ? btf_param_count(b, id) : 0; i-- > 0;) {
		struct btf_param_of p;
		value pair;

		btf_param(b, id, i, &p);
		pair = cons(l, make_string(l, str_of(p.name)), make_int(l, 8 * (int64_t)i));
		*out = cons(l, pair, *out);
	}
	return true;
}

/* ---- what types are ----------------------------------------------------------------------- */

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
type_name(struct lisp *l, const struct btf *b, uint32_t id)
{
	const char *name = btf_name(b, btf_resolve(b, id));

	return *name ? make_string(l, str_of(name)) : NIL;
}

static bool
fn_type_name(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct btf *b;
	uint32_t id;

	if (!type_arg(ud, args, &b, &id))
		return false;
	*out = type_name(l, b, id);
	return true;
}

static bool
fn_struct_size(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct btf *b;
	uint32_t id;

	if (!type_arg(ud, args, &b, &id))
		return false;
	*out = btf_is_composite(btf_type(b, id)) ? size_of(l, b, id) : NIL;
	return true;
}

static value
field_row(struct lisp *l, const struct btf *b, const struct btf_field *f, uint32_t bit_offset)
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

/* In front of *rows, those of anonymous members in their place; the last member first. */
static void
add_fields(struct lisp *l, const struct btf *b, uint32_t id, uint32_t bit_offset, unsigned depth,
	   value *rows)
{
	struct btf_field f;

	for (uint32_t i = btf_vlen(btf_type(b, id)); i-- > 0;) {
		if (!btf_member(b, id, i, &f))
			continue;
		if (*f.name)
			*rows = cons(l, field_row(l, b, &f, bit_offset), *rows);
		else if (depth < 8 && btf_is_composite(btf_type(b, btf_resolve(b, f.type))))
			add_fields(l, b, btf_resolve(b, f.type), bit_offset + f.bit_offset, depth + 1,
				   rows);
	}
}

static bool
fn_struct_fields(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct btf *b;
	uint32_t id;

	if (!type_arg(ud, args, &b, &id))
		return false;
	*out = NIL;
	if (btf_is_composite(btf_type(b, id)))
		add_fields(l, b, id, 0, 0, out);
	return true;
}

static bool
fn_resolve_array(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	const struct btf_array *a;
	value found[3] = {NIL, NIL, NIL};
	struct btf *b;
	uint32_t id;

	if (!type_arg(ud, args, &b, &id))
		return false;
	a = btf_array_of(b, id);
	if (a) {
		found[0] = read_as(l, b, a->type);
		found[1] = make_int(l, a->nelems);
		found[2] = size_of(l, b, a->type);
	}
	*out = lisp_values(l, found, 3);
	return true;
}

static bool
fn_ptr_target(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct btf *b;
	uint32_t id;

	if (!type_arg(ud, args, &b, &id))
		return false;
	id = btf_resolve(b, id);
	*out = btf_kind(btf_type(b, id)) == BTF_KIND_PTR
		? id_or_nil(l, btf_resolve(b, btf_target(b, id))) : NIL;
	return true;
}

static bool
fn_raw_type(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	value found[2];
	struct btf *b;
	uint32_t id;

	if (!type_arg(ud, args, &b, &id))
		return false;
	id = btf_resolve(b, id);
	found[0] = id_or_nil(l, id);
	found[1] = make_int(l, btf_kind(btf_type(b, id)));
	*out = lisp_values(l, found, 2);
	return true;
}

/* ((NAME . VALUE) ...) of all enums. */
static bool
fn_enumerators(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct btf *b = kernel_types(ud, args);
	const char *name;
	int64_t v;

	if (!b)
		return false;
	*out = NIL;
	for (uint32_t id = 1; id < btf_count(b); id++) {
		value pair;

		for (uint32_t i = 0; btf_enumerator(b, id, i, &name, &v); i++) {
			pair = cons(l, make_string(l, str_of(name)), make_int(l, v));
			*out = cons(l, pair, *out);
		}
	}
	return true;
}

void
session_define_kernel_types(struct session *s)
{
	static const struct session_fn all[] = {
		{"ensure-vmlinux-btf", 0, 0, fn_ensure,
		 "(ensure-vmlinux-btf)\nThe kernel's types, for the functions that ask about them."},
		{"reset-vmlinux-btf-cache", 0, 0, fn_reset,
		 "(reset-vmlinux-btf-cache)\nRead the kernel's types again when they are needed next, from "
		 "*vmlinux-btf-path*."},
		{"btf-find-struct", 2, 2, fn_find_struct,
		 "(btf-find-struct (ensure-vmlinux-btf) NAME)\nThe type id of a struct of the kernel, or "
		 "nil."},
		{"btf-find-var", 2, 2, fn_find_var,
		 "(btf-find-var (ensure-vmlinux-btf) NAME)\nThe id of a variable of the kernel, or nil: for "
		 "ld-btf-id."},
		{"btf-find-func", 2, 2, fn_find_func,
		 "(btf-find-func (ensure-vmlinux-btf) NAME)\nThe id of a function of the kernel, or nil, and "
		 "how many arguments it takes."},
		{"btf-func-params", 2, 2, fn_func_params,
		 "(btf-func-params (ensure-vmlinux-btf) NAME)\n((NAME . OFFSET) ...): the parameters of a "
		 "function, as fentry programs find them in their\ncontext."},
		{"btf-struct-size", 2, 2, fn_struct_size,
		 "(btf-struct-size (ensure-vmlinux-btf) ID)\nBytes of a struct or union, nil for others."},
		{"btf-struct-fields", 2, 2, fn_struct_fields,
		 "(btf-struct-fields (ensure-vmlinux-btf) ID)\n((NAME TYPE OFFSET SIZE TYPE-NAME TYPE-ID) ...), "
		 "through anonymous members."},
		{"btf-resolve-array", 2, 2, fn_resolve_array,
		 "(btf-resolve-array (ensure-vmlinux-btf) ID)\nOf an array: the type of its elements, how "
		 "many, and the size of one."},
		{"btf-type-name", 2, 2, fn_type_name,
		 "(btf-type-name (ensure-vmlinux-btf) ID)\nIts name, past typedefs and qualifiers; or nil."},
		{"btf-ptr-target-type-id", 2, 2, fn_ptr_target,
		 "(btf-ptr-target-type-id (ensure-vmlinux-btf) ID)\nWhat a pointer points to, or nil."},
		{"btf-member-raw-type-id", 2, 2, fn_raw_type,
		 "(btf-member-raw-type-id (ensure-vmlinux-btf) ID)\nThe type behind typedefs and qualifiers, and "
		 "its kind, a number of linux/btf.h."},
		{"%btf-enumerators", 1, 1, fn_enumerators, NULL},
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		lisp_define(s->lisp, all[i].name, all[i].min, all[i].max, all[i].fn, s, all[i].doc);
}

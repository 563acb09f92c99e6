/* SPDX-License-Identifier: MIT */
/* btf.c: what a program says about itself in BTF: its functions, which line of the source
 * each instruction came from, and the types of its maps' keys and values. */
#include "compile/emit/btf.h"
#include "compile/lower/lower.h"

#include "image/btf.h"

static uint32_t
int_type(struct btf_builder *bb, unsigned size, bool is_signed)
{
	static const char *const names[2][4] = {{"u8", "u16", "u32", "u64"},
						{"i8", "i16", "i32", "i64"}};

	return btf_add_int(bb, names[is_signed][__builtin_ctz(size)], size,
			   is_signed ? BTF_INT_SIGNED : 0);
}

static uint32_t struct_type(struct cg *c, uint32_t index);

static uint32_t
field_type(struct cg *c, const struct kenv_field *f)
{
	struct btf_builder *bb = c->image->builder;
	uint32_t t;

	if (f->struct_name)
		t = struct_type(c, kenv_struct_index(c->k, make_symbol(c->l,
						str_of(f->struct_name))));
	else
		t = int_type(bb, f->size, f->is_signed);
	if (f->is_array)
		t = btf_add_array(bb, t, int_type(bb, 4, false), f->count);
	return t;
}

/* Found again by name: a struct is described once per image. */
static uint32_t
struct_type(struct cg *c, uint32_t index)
{
	struct kstruct *st = c->k->structs.at[index];
	struct btf_builder *bb = c->image->builder;
	uint32_t *types, id;

	for (uint32_t i = 0; i < c->struct_types.n; i++)
		if (c->struct_types.at[i].st == st)
			return c->struct_types.at[i].id;
	types = arena_array(c->a, uint32_t, st->fields.n + 1);
	for (uint32_t i = 0; i < st->fields.n; i++)
		types[i] = field_type(c, &st->fields.at[i]);
	id = btf_add_composite(bb, st->is_union ? BTF_KIND_UNION : BTF_KIND_STRUCT,
			       btf_identifier(c->a, st->pub.name), st->pub.size);
	for (uint32_t i = 0; i < st->fields.n; i++) {
		const struct kenv_field *f = &st->fields.at[i];
		const char *name = btf_identifier(c->a, f->name);

		if (f->bit_size)
			btf_add_bitfield(bb, name, types[i], f->offset * 8 + f->bit_offset,
					 f->bit_size);
		else
			btf_add_member(bb, name, types[i], f->offset * 8);
	}
	vec_push(c->a, &c->struct_types, ((struct cg_struct){st, id}));
	return id;
}

static bool
takes_types(uint32_t map_type)
{
	switch (map_type) {
	case BPF_MAP_TYPE_HASH: case BPF_MAP_TYPE_ARRAY: case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY: case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH: case BPF_MAP_TYPE_LPM_TRIE:
		return true;
	default: return false;
	}
}

static uint32_t
data_type(struct cg *c, kty ty, uint16_t strukt)
{
	if (strukt)
		return struct_type(c, strukt);
	return ty.kind == KT_INT && ty.size ? int_type(c->image->builder, ty.size, ty.is_signed) : 0;
}

static void
type_map(struct cg *c, const struct kmap *m, struct image_map *im)
{
	uint32_t key, val;

	if (!takes_types(m->spec.type) || im->value_type_id)
		return;
	key = data_type(c, m->key, m->key_struct);
	val = data_type(c, m->value, m->value_struct);
	if (key && val) {
		im->key_type_id = key;
		im->value_type_id = val;
	}
}

static void
map_types(struct cg *c)
{
	for (uint32_t i = 0; i < c->map_ids.n; i++)
		if (c->map_ids.at[i])
			type_map(c, c->k->maps.at[i], c->image->maps.at[c->map_ids.at[i] - 1]);
}

void
compile_map_types(struct kenv *k, struct image_map *m, struct image *im)
{
	struct cg c = {.k = k, .l = k->l, .a = im->arena, .image = im};
	uint32_t size;

	im->builder = btf_builder_new(im->arena);
	for (uint32_t i = 0; i < k->maps.n; i++)
		if (strcmp(k->maps.at[i]->spec.lisp_name, m->lisp_name) == 0)
			type_map(&c, k->maps.at[i], m);
	if (!m->value_type_id)
		return;
	im->btf = btf_serialise(im->builder, &size);
	im->btf_size = size;
}

/* The kernel knows its context by the struct's name. */
static uint32_t
context_type(struct cg *c)
{
	if (!c->ctx_struct)
		return 0;
	for (uint32_t i = 0; i < c->image->progs.n; i++) {
		const struct fact_prog_type *t = fact_prog_type(c->image->progs.at[i]->type);

		if (t && t->ctx && strcmp(t->ctx, c->ctx_struct) == 0 &&
		    c->image->progs.at[i]->ctx_type_id)
			return c->prog->ctx_type_id = c->image->progs.at[i]->ctx_type_id;
	}
	return c->prog->ctx_type_id = btf_add_composite(c->image->builder, BTF_KIND_STRUCT,
							c->ctx_struct,
							fact_ctx_size(c->ctx_struct));
}

static void
functions(struct cg *c)
{
	struct btf_builder *bb = c->image->builder;
	struct image_prog *p = c->prog;
	struct bpf_func_info *info = arena_array(c->image->arena, struct bpf_func_info,
						 p->subprogs.n);

	for (uint32_t i = 0; i < p->subprogs.n; i++) {
		struct image_subprog *s = &p->subprogs.at[i];
		uint32_t u64_type = int_type(bb, 8, false);
		uint32_t ret = i ? u64_type : btf_add_int(bb, "int", 4, BTF_INT_SIGNED);
		uint32_t proto, ptr = i ? 0 : btf_add_ref(bb, BTF_KIND_PTR, context_type(c));

		proto = btf_add_func_proto(bb, ret);
		if (!i)
			btf_add_param(bb, "ctx", ptr);
		for (uint32_t k = 0; i && k < c->ir->fns.at[i]->nparams; k++)
			btf_add_param(bb, arena_printf(c->a, "a%u", k), u64_type);
		s->func_type_id = btf_add_func(bb, btf_identifier(c->a, s->name), proto,
					       i || !c->ctx_struct ? BTF_FUNC_STATIC
								   : BTF_FUNC_GLOBAL);
		info[i] = (struct bpf_func_info){s->start, s->func_type_id};
	}
	p->func_info = info;
	p->nfunc_info = p->subprogs.n;
}

/* ---- kernel functions that are called: an object names them with their types ------------ */

enum { MAX_PARAMS = 16, MAX_POINTERS = 4 };

/* Pointers to pointers end at `depth`: types that come from a file may go round. */
static uint32_t
kernel_type(struct cg *c, const struct btf *b, uint32_t id, unsigned depth)
{
	struct btf_builder *bb = c->image->builder;
	uint32_t t = btf_resolve(b, id), bits, encoding, kind = btf_kind(btf_type(b, t));

	if (kind == BTF_KIND_PTR)
		return btf_add_ref(bb, BTF_KIND_PTR, depth
				   ? kernel_type(c, b, btf_target(b, t), depth - 1) : 0);
	if (kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION)
		return btf_add_composite(bb, kind, *btf_name(b, t) ? btf_name(b, t) : NULL,
					 (uint32_t)btf_size(b, t));
	if (btf_int(b, t, &bits, &encoding))
		return btf_add_int(bb, btf_name(b, t), (uint32_t)btf_size(b, t), encoding);
	if (kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64)
		return btf_add_enum(bb, btf_name(b, t), (uint32_t)btf_size(b, t),
				    btf_is_signed(b, t));
	return 0;
}

static bool
described(const struct cg *c, const struct image_reloc *r)
{
	for (uint32_t i = 0; i < c->image->progs.n; i++) {
		const struct image_prog *p = c->image->progs.at[i];

		for (uint32_t j = 0; j < p->relocs.n && &p->relocs.at[j] != r; j++)
			if (p->relocs.at[j].kind == RELOC_KFUNC &&
			    strcmp(p->relocs.at[j].name, r->name) == 0)
				return true;
		if (p == c->prog)
			break;
	}
	return false;
}

static void
kernel_functions(struct cg *c)
{
	struct diags quiet = {.arena = c->a};

	for (uint32_t i = 0; i < c->prog->relocs.n; i++) {
		const struct image_reloc *r = &c->prog->relocs.at[i];
		struct btf *b = r->kind == RELOC_KFUNC && !described(c, r)
					? kenv_vmlinux(c->k, c->prog->at, &quiet) : NULL;
		uint32_t id = b ? btf_find(b, str_of(r->name), BTF_KIND_FUNC) : 0, proto;
		uint32_t types[MAX_PARAMS], n = id ? btf_param_count(b, id) : 0, ret;
		struct btf_param_of param;

		if (!id || n > MAX_PARAMS)
			continue;
		ret = kernel_type(c, b, btf_return_type(b, id), MAX_POINTERS);
		for (uint32_t k = 0; k < n; k++)
			types[k] = btf_param(b, id, k, &param)
				? kernel_type(c, b, param.type, MAX_POINTERS) : 0;
		proto = btf_add_func_proto(c->image->builder, ret);
		for (uint32_t k = 0; k < n && btf_param(b, id, k, &param); k++)
			btf_add_param(c->image->builder, param.name, types[k]);
		btf_add_func(c->image->builder, r->name, proto, BTF_FUNC_STATIC);
	}
}

/* The source text as the verifier log shows it: the line, without its indentation. */
static uint32_t
line_text(struct cg *c, uint32_t file, uint32_t line)
{
	str text = source_line(c->image->sources, file, line);

	while (text.n && (*text.p == ' ' || *text.p == '\t')) {
		text.p++;
		text.n--;
	}
	return btf_add_str(c->image->builder,
			   arena_strndup(c->a, text.p ? text.p : "", text.n));
}

static void
lines(struct cg *c)
{
	struct sources *src = c->image->sources;
	struct image_prog *p = c->prog;
	struct bpf_line_info *info = arena_array(c->image->arena, struct bpf_line_info,
						 p->ninsns);
	uint32_t n = 0, sub = 0, name_off = 0, last_file = UINT32_MAX, last_line = 0, text = 0;
	span last = 0;

	for (uint32_t i = 0; i < p->ninsns; i++) {
		bool start = sub < p->subprogs.n && p->subprogs.at[sub].start == i;
		struct line_col at;
		uint32_t file;

		sub += start;
		if (i && insn_is_wide(&p->insns[i - 1]))
			continue;
		if (p->src[i] == last && !start)
			continue;
		last = p->src[i];
		at = span_line_col(src, span_user(src, last));
		file = span_place(src, span_user(src, last)).file;
		if (file != last_file)
			name_off = btf_add_str(c->image->builder, src->files.at[file].name);
		if (file != last_file || at.line != last_line)
			text = line_text(c, file, at.line);
		last_file = file;
		last_line = at.line;
		info[n++] = (struct bpf_line_info){
			.insn_off = i, .file_name_off = name_off, .line_off = text,
			.line_col = at.line << 10 | (at.col < 1023 ? at.col : 1023),
		};
	}
	p->line_info = info;
	p->nline_info = n;
}

void
cg_btf(struct cg *c)
{
	uint32_t size;

	if (!c->image->sources)
		return;
	if (!c->image->builder)
		c->image->builder = btf_builder_new(c->image->arena);
	map_types(c);
	functions(c);
	if (c->for_object)
		kernel_functions(c);
	lines(c);
	cg_btf_cores(c);
	c->image->btf = btf_serialise(c->image->builder, &size);
	c->image->btf_size = size;
}

/* SPDX-License-Identifier: MIT */
/* elf_read_btf.c: the object's BTF made loadable.
 *
 * Compilers leave to the loader what only the linked object shows: sizes of data sections and
 * places of variables in them. Sections of externs (.ksyms, .kconfig) must not reach the
 * kernel as they are: their variables become ordinary ones of a dummy type. Hidden global
 * functions count as static, so that they are verified with their callers. */
#include "elf_private.h"

/* In our copy, which r->btf reads. Null for ids that are no type of it. */
static struct btf_type *
type_for_writing(struct reader *r, uint32_t id)
{
	if (id == 0 || id >= btf_count(r->btf))
		return NULL;
	return (struct btf_type *)(uintptr_t)btf_type(r->btf, id);
}

uint32_t
elf_btf_datasec(const struct reader *r, const char *name)
{
	return r->btf ? btf_find(r->btf, str_of(name), BTF_KIND_DATASEC) : 0;
}

static const struct elf_symbol *
symbol_named(const struct reader *r, uint32_t section, const char *name)
{
	for (uint32_t i = 0; i < r->elf.nsymbols; i++)
		if (r->elf.symbols[i].section == section && !strcmp(r->elf.symbols[i].name, name))
			return &r->elf.symbols[i];
	return NULL;
}

static void
fix_datasec(struct reader *r, uint32_t id)
{
	struct btf_type *t = type_for_writing(r, id);
	struct btf_var_secinfo *v = (struct btf_var_secinfo *)(t + 1);
	uint32_t section = elf_find(&r->elf, btf_name(r->btf, id));

	if (!section)
		return;
	t->size = (uint32_t)r->elf.sections[section].size;
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const struct elf_symbol *s =
			symbol_named(r, section, btf_name(r->btf, v[i].type));

		if (s)
			v[i].offset = (uint32_t)s->value;
	}
	/* The kernel wants them in order. */
	for (uint32_t i = 1; i < btf_vlen(t); i++)
		for (uint32_t k = i; k > 0 && v[k].offset < v[k - 1].offset; k--) {
			struct btf_var_secinfo x = v[k];

			v[k] = v[k - 1];
			v[k - 1] = x;
		}
}

static void
fix_functions(struct reader *r)
{
	for (uint32_t i = 0; i < r->elf.nsymbols; i++) {
		const struct elf_symbol *s = &r->elf.symbols[i];
		struct btf_type *t;
		uint32_t id;

		if (s->type != STT_FUNC || !s->section || s->bind == STB_LOCAL ||
		    (s->visibility != STV_HIDDEN && s->visibility != STV_INTERNAL))
			continue;
		id = btf_find(r->btf, str_of(s->name), BTF_KIND_FUNC);
		if (!id)
			continue;
		t = type_for_writing(r, id);
		t->info = (t->info & ~0xffffu) | BTF_FUNC_STATIC;
	}
}

/* Four more records and a name: an int, a variable of it, and room in the strings. */
static bool
copy_with_dummy(struct reader *r, const struct elf_section *s)
{
	static const char names[] = "veery_int\0veery_extern";
	struct btf_header h;
	uint32_t words[8], name, count = btf_count(r->btf), at;
	uint8_t *p;

	memcpy(&h, s->data, sizeof h);
	name = h.str_len;
	memcpy(words, (uint32_t[]){name, (uint32_t)BTF_KIND_INT << 24, 4,
				   BTF_INT_SIGNED << 24 | 32, name + 10,
				   (uint32_t)BTF_KIND_VAR << 24, count,
				   BTF_VAR_GLOBAL_ALLOCATED}, sizeof words);
	p = arena_array(r->a, uint8_t, sizeof h + h.type_len + sizeof words + h.str_len +
				       sizeof names);
	at = sizeof h;
	memcpy(p + at, s->data + h.hdr_len + h.type_off, h.type_len);
	at += h.type_len;
	memcpy(p + at, words, sizeof words);
	at += sizeof words;
	memcpy(p + at, s->data + h.hdr_len + h.str_off, h.str_len);
	memcpy(p + at + h.str_len, names, sizeof names);
	h.hdr_len = sizeof h;
	h.type_off = 0;
	h.type_len += sizeof words;
	h.str_off = h.type_len;
	h.str_len += sizeof names;
	memcpy(p, &h, sizeof h);
	r->btf_bytes = p;
	r->im->btf_size = (uint32_t)(sizeof h + h.type_len + h.str_len);
	return true;
}

/* Prototypes of externs need not name their arguments; the kernel wants names. */
static void
name_params(struct reader *r, const struct btf_type *func, uint32_t name)
{
	struct btf_type *proto = type_for_writing(r, func->type);
	struct btf_param *p;

	if (!proto || btf_kind(proto) != BTF_KIND_FUNC_PROTO)
		return;
	p = (struct btf_param *)(proto + 1);
	for (uint32_t i = 0; i < btf_vlen(proto); i++)
		if (p[i].type && !p[i].name_off)
			p[i].name_off = name;
}

/* Externs as the kernel takes them: variables of the dummy type, functions that are global. */
void
elf_fix_externs(struct reader *r, const char *section)
{
	uint32_t id = elf_btf_datasec(r, section), dummy = btf_count(r->btf) - 1;
	struct btf_var_secinfo *v;
	struct btf_type *t;

	if (!id)
		return;
	t = type_for_writing(r, id);
	v = (struct btf_var_secinfo *)(t + 1);
	t->size = btf_vlen(t) * 4;
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		struct btf_type *what = type_for_writing(r, v[i].type);

		if (!what)
			continue;
		if (btf_kind(what) == BTF_KIND_VAR) {
			what->type = dummy - 1;
			((struct btf_var *)(what + 1))->linkage = BTF_VAR_GLOBAL_ALLOCATED;
		} else if (btf_kind(what) == BTF_KIND_FUNC) {
			what->info = (what->info & ~0xffffu) | BTF_FUNC_GLOBAL;
			name_params(r, what, btf_type(r->btf, dummy)->name_off);
			v[i].type = dummy;
		}
		v[i].offset = i * 4;
		v[i].size = 4;
	}
}

/* Assemblers do not align these sections as compilers do. */
static struct elf_section
aligned(struct reader *r, uint32_t section)
{
	struct elf_section s = r->elf.sections[section];

	if (s.data && (uintptr_t)s.data % 4)
		s.data = (const void *)arena_strndup(r->a, (const char *)s.data, s.size);
	return s;
}

void
elf_btf_open(struct reader *r)
{
	uint32_t sec = elf_find(&r->elf, ".BTF"), ext = elf_find(&r->elf, ".BTF.ext");
	struct elf_section own = aligned(r, sec), more = aligned(r, ext), *s = &own;
	const char *why = "it has no contents";

	if (r->o->target_btf)
		r->target = btf_open(r->a, r->o->target_btf, r->o->target_btf_size, NULL, NULL);
	if (!sec)
		return;
	r->btf = s->data ? btf_open(r->a, s->data, s->size, NULL, &why) : NULL;
	/* The copy is read anew: what a damaged section hid between its parts is not in it. */
	if (r->btf)
		r->btf = copy_with_dummy(r, s)
			? btf_open(r->a, r->btf_bytes, r->im->btf_size, NULL, &why) : NULL;
	if (!r->btf) {
		r->im->btf_size = 0;
		diag_warning(r->ds, "O0003", r->at, "its BTF cannot be read: %s", why);
		return;
	}
	r->im->btf = r->btf_bytes;
	for (uint32_t id = 1; id < btf_count(r->btf); id++)
		if (btf_kind(btf_type(r->btf, id)) == BTF_KIND_DATASEC)
			fix_datasec(r, id);
	fix_functions(r);
	if (ext && more.data && more.size <= UINT32_MAX) {
		r->ext = more.data;
		r->ext_size = (uint32_t)more.size;
	}
}

/* Kernels take one encoding for an integer, no mixture (kernel/bpf/btf.c): gcc 12 makes `char`
 * signed and a character. Loaders then go on without the types; what maps are made of was read
 * before. */
void
elf_btf_refused(struct reader *r)
{
	struct image *im = r->im;
	uint32_t bits, encoding;

	for (uint32_t id = 1; id < btf_count(r->btf); id++) {
		if (!btf_int(r->btf, id, &bits, &encoding) || !(encoding & (encoding - 1)))
			continue;
		diag_warning(r->ds, "O0003", r->at, "kernels refuse its types: `%s` is an integer of "
			     "more than one encoding; loaders go on without them",
			     btf_name(r->btf, id));
		im->btf = NULL;
		im->btf_size = 0;
		for (uint32_t i = 0; i < im->maps.n; i++)
			im->maps.at[i]->key_type_id = im->maps.at[i]->value_type_id = 0;
		for (uint32_t i = 0; i < im->progs.n; i++) {
			im->progs.at[i]->func_info = NULL;
			im->progs.at[i]->line_info = NULL;
			im->progs.at[i]->nfunc_info = im->progs.at[i]->nline_info = 0;
			im->progs.at[i]->ctx_type_id = 0;
		}
		return;
	}
}

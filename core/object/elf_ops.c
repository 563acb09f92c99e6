/* SPDX-License-Identifier: MIT */
/* elf_ops.c: struct_ops: which member of which kernel struct a program implements.
 *
 * A variable in .struct_ops is a struct of function pointers; its relocations name the
 * programs. The kernel wants the struct's type and the member's number; the image says both as
 * attach_target "STRUCT.MEMBER". */
#include "elf_private.h"

static void
implement(struct reader *r, uint32_t section, const struct elf_reloc *x, uint32_t datasec)
{
	const struct elf_section *s = &r->elf.sections[section];
	const struct elf_symbol *sym = &r->elf.symbols[x->symbol];
	const struct btf_var_secinfo *v;
	uint64_t addend = 0;
	struct function *f;
	struct btf_field m;
	uint32_t n = 0;

	if (!s->data || s->size < 8 || x->offset > s->size - 8)
		return;
	if (sym->type == STT_SECTION)
		memcpy(&addend, s->data + x->offset, 8);
	f = (struct function *)(uintptr_t)elf_function_at(r, sym->section,
							  (sym->value + addend) / 8);
	v = btf_secinfos(r->btf, datasec, &n);
	for (uint32_t i = 0; f && i < n; i++) {
		uint32_t type = btf_resolve(r->btf, btf_target(r->btf, v[i].type));

		if (x->offset < v[i].offset || x->offset - v[i].offset >= v[i].size)
			continue;
		for (uint32_t k = 0; btf_member(r->btf, type, k, &m); k++) {
			if (m.bit_offset != (x->offset - v[i].offset) * 8)
				continue;
			f->ops = btf_name(r->btf, type);
			f->ops_member = m.name;
		}
	}
}

void
elf_read_ops(struct reader *r)
{
	for (uint32_t i = 1; i < r->elf.nsections; i++) {
		uint32_t datasec = elf_btf_datasec(r, r->elf.sections[i].name), n;
		const struct elf_reloc *x;

		if (r->roles[i] != ROLE_STRUCT_OPS || !datasec)
			continue;
		x = elf_relocs(&r->elf, i, &n, r->a);
		for (uint32_t k = 0; k < n; k++)
			implement(r, i, &x[k], datasec);
	}
}

void
elf_set_ops(struct reader *r, const struct function *f, struct image_prog *p)
{
	struct btf_field m;
	uint32_t type;

	if (!f->ops)
		return;
	p->attach_target = arena_printf(r->a, "%s.%s", f->ops, f->ops_member);
	type = r->target ? btf_find(r->target, str_of(f->ops), BTF_KIND_STRUCT) : 0;
	for (uint32_t k = 0; type && btf_member(r->target, type, k, &m); k++)
		if (!strcmp(m.name, f->ops_member))
			p->expected_attach = k;
}

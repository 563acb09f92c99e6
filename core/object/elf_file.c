/* SPDX-License-Identifier: MIT */
/* elf_file.c: sections, symbols and relocations of a little-endian 64-bit BPF object. */
#include "elf_file.h"

#include <elf.h>
#include <stdlib.h>

#ifndef EM_BPF
#define EM_BPF 247
#endif

struct bytes {
	const uint8_t *at;
	size_t n;
};

static const void *
within(struct bytes b, uint64_t off, uint64_t n)
{
	return off <= b.n && n <= b.n - off ? b.at + off : NULL;
}

/* A string inside a string table section, or null when it does not end there. */
static const char *
string_at(const struct elf_section *tab, uint64_t off)
{
	if (tab->type != SHT_STRTAB || off >= tab->size ||
	    !memchr(tab->data + off, 0, tab->size - off))
		return NULL;
	return (const char *)tab->data + off;
}

static const char *
read_sections(struct elf_file *f, struct bytes b, const Elf64_Ehdr *h, struct arena *a)
{
	f->nsections = h->e_shnum;
	f->sections = arena_array(a, struct elf_section, f->nsections + 1);
	for (uint32_t i = 0; i < f->nsections; i++) {
		Elf64_Shdr s;
		const void *p = within(b, h->e_shoff + (uint64_t)i * sizeof s, sizeof s);
		struct elf_section *out = &f->sections[i];

		if (!p)
			return "its section table lies outside the file";
		memcpy(&s, p, sizeof s);
		*out = (struct elf_section){.type = s.sh_type, .flags = s.sh_flags,
					    .size = s.sh_size, .link = s.sh_link,
					    .info = s.sh_info, .entry_size = s.sh_entsize};
		if (s.sh_type == SHT_NOBITS || s.sh_type == SHT_NULL)
			continue;
		out->data = within(b, s.sh_offset, s.sh_size);
		if (!out->data)
			return "a section lies outside the file";
	}
	return NULL;
}

static const char *
name_sections(struct elf_file *f, struct bytes b, const Elf64_Ehdr *h)
{
	for (uint32_t i = 0; i < f->nsections; i++) {
		Elf64_Shdr s;
		const char *name;

		memcpy(&s, within(b, h->e_shoff + (uint64_t)i * sizeof s, sizeof s), sizeof s);
		name = string_at(&f->sections[h->e_shstrndx], s.sh_name);
		if (!name)
			return "the name of a section lies outside the file";
		f->sections[i].name = name;
	}
	return NULL;
}

static const char *
read_symbols(struct elf_file *f, struct arena *a)
{
	const struct elf_section *tab;

	for (uint32_t i = 1; i < f->nsections; i++)
		if (f->sections[i].type == SHT_SYMTAB)
			f->symtab = i;
	tab = &f->sections[f->symtab];
	if (!f->symtab)
		return NULL;
	if (tab->link >= f->nsections)
		return "its symbols have no names";
	f->nsymbols = (uint32_t)(tab->size / sizeof(Elf64_Sym));
	f->symbols = arena_array(a, struct elf_symbol, f->nsymbols + 1);
	for (uint32_t i = 0; i < f->nsymbols; i++) {
		Elf64_Sym s;
		const char *name;

		memcpy(&s, tab->data + i * sizeof s, sizeof s);
		name = string_at(&f->sections[tab->link], s.st_name);
		if (!name)
			return "the name of a symbol lies outside the file";
		f->symbols[i] = (struct elf_symbol){
			.name = name, .bind = ELF64_ST_BIND(s.st_info),
			.type = ELF64_ST_TYPE(s.st_info),
			.visibility = ELF64_ST_VISIBILITY(s.st_other),
			.section = s.st_shndx, .value = s.st_value, .size = s.st_size,
		};
		if (s.st_shndx < f->nsections && s.st_shndx && s.st_name == 0)
			f->symbols[i].name = f->sections[s.st_shndx].name;
	}
	return NULL;
}

const char *
elf_open(struct elf_file *f, const void *bytes, size_t n, struct arena *a)
{
	struct bytes b = {bytes, n};
	const void *p = within(b, 0, sizeof(Elf64_Ehdr));
	const char *why;
	Elf64_Ehdr h;

	*f = (struct elf_file){0};
	if (!p || memcmp(p, ELFMAG, SELFMAG))
		return "it is not an ELF file";
	memcpy(&h, p, sizeof h);
	if (h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_ident[EI_DATA] != ELFDATA2LSB)
		return "it is not a little-endian 64-bit ELF file";
	if (h.e_machine != EM_BPF || h.e_type != ET_REL)
		return "it is not a BPF object file";
	if (h.e_shentsize != sizeof(Elf64_Shdr) || h.e_shstrndx >= h.e_shnum)
		return "it has no section names";
	why = read_sections(f, b, &h, a);
	if (!why)
		why = name_sections(f, b, &h);
	return why ? why : read_symbols(f, a);
}

static int
by_offset(const void *x, const void *y)
{
	const struct elf_reloc *a = x, *b = y;

	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

const struct elf_reloc *
elf_relocs(const struct elf_file *f, uint32_t section, uint32_t *n, struct arena *a)
{
	VEC(struct elf_reloc) out = {0};

	for (uint32_t i = 1; i < f->nsections; i++) {
		const struct elf_section *s = &f->sections[i];

		if (s->type != SHT_REL || s->info != section || s->link != f->symtab)
			continue;
		for (uint64_t k = 0; k < s->size / sizeof(Elf64_Rel); k++) {
			struct elf_reloc r;
			Elf64_Rel e;

			memcpy(&e, s->data + k * sizeof e, sizeof e);
			r = (struct elf_reloc){e.r_offset, (uint32_t)ELF64_R_TYPE(e.r_info),
					       (uint32_t)ELF64_R_SYM(e.r_info)};
			if (r.symbol < f->nsymbols)
				vec_push(a, &out, r);
		}
	}
	if (out.n)
		qsort(out.at, out.n, sizeof *out.at, by_offset);
	*n = out.n;
	return out.at;
}

uint32_t
elf_find(const struct elf_file *f, const char *name)
{
	for (uint32_t i = 1; i < f->nsections; i++)
		if (!strcmp(f->sections[i].name, name))
			return i;
	return 0;
}

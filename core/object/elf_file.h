/* SPDX-License-Identifier: MIT */
/* elf_file.h: the parts of a BPF object file, checked once and read in place.
 *
 * Object files come from anywhere, so nothing is believed: a file that elf_open() takes has
 * all section contents, names, symbols and relocations inside its bytes. */
#ifndef VEERY_ELF_FILE_H
#define VEERY_ELF_FILE_H

#include "base/arena.h"
#include "base/str.h"

struct elf_section {
	const char *name;
	uint32_t type;		/* SHT_* */
	uint64_t flags;		/* SHF_* */
	const uint8_t *data;	/* null for SHT_NOBITS */
	uint64_t size;
	uint32_t link, info;
	uint64_t entry_size;
};

struct elf_symbol {
	const char *name;
	uint8_t bind, type, visibility;
	uint32_t section;	/* 0: undefined; an index past nsections: special (SHN_ABS...) */
	uint64_t value, size;
};

struct elf_reloc {
	uint64_t offset;	/* in the section it applies to */
	uint32_t type, symbol;
};

struct elf_file {
	struct elf_section *sections;
	uint32_t nsections;
	struct elf_symbol *symbols;
	uint32_t nsymbols;
	uint32_t symtab;	/* section of `symbols`, 0 none */
};

/* Null, or what is wrong with it. Everything points into `bytes`. */
const char *elf_open(struct elf_file *f, const void *bytes, size_t n, struct arena *a);
/* The relocations of a section, ordered by offset. */
const struct elf_reloc *elf_relocs(const struct elf_file *f, uint32_t section, uint32_t *n,
				   struct arena *a);
/* Index of the first section of that name; 0 when there is none. */
uint32_t elf_find(const struct elf_file *f, const char *name);

#endif

/* SPDX-License-Identifier: MIT */
/* elf_out.h: an object file while it is being put together. Between elf_write.c (sections,
 * code, symbols, libelf) and elf_btf.c (what .BTF and .BTF.ext say) only. */
#ifndef VEERY_ELF_OUT_H
#define VEERY_ELF_OUT_H

#include "base/buf.h"
#include "base/diag.h"
#include "image/btf.h"
#include "image/image.h"

enum { OUT_UNDEFINED = UINT32_MAX };

struct out_reloc {
	uint64_t offset;
	uint32_t symbol, type;
};

struct out_section {
	const char *name;
	uint32_t flags, align;		/* SHF_* */
	struct buf data;
	VEC(struct out_reloc) relocs;
	VEC(struct bpf_func_info) funcs;	/* insn_off in bytes from the section's start */
	VEC(struct bpf_line_info) lines;
	VEC(struct bpf_core_relo) cores;
};

struct out_symbol {
	const char *name;
	uint32_t section;		/* index in elf_out.sections, or OUT_UNDEFINED */
	uint64_t value, size;
	uint8_t type;			/* STT_* */
	bool global, weak;		/* weak: may be missing where it is loaded */
};

struct out_map {
	uint32_t symbol;		/* of the map, or of its data section */
	bool is_data;
};

struct out_piece {			/* a function's instructions [start, end) */
	uint32_t start, end;
	uint32_t section, offset;	/* where they went */
	uint32_t symbol;
};

struct out_prog {
	const struct image_prog *prog;
	VEC(struct out_piece) pieces;
};

struct elf_out {
	struct arena *arena;
	const struct image *image;
	struct diags *ds;
	struct btf *btf;		/* the image's own; null when it has none */
	struct btf_builder *builder;	/* goes on from it */
	VEC(struct out_section) sections;
	VEC(struct out_symbol) symbols;
	struct out_map *maps;		/* one per image map */
	struct out_prog *progs;		/* one per image program */
};

/* ---- elf_write.c ----------------------------------------------------------------------- */

/* The section of that name, made when there is none. Pointers into sections move. */
uint32_t elf_out_section(struct elf_out *o, const char *name, uint32_t flags);
uint32_t elf_out_symbol(struct elf_out *o, struct out_symbol sym);
/* Where an instruction went; false when it is in no function. */
bool elf_out_place(const struct out_prog *op, uint32_t insn, uint32_t *section,
		   uint32_t *offset);

/* ---- elf_btf.c ------------------------------------------------------------------------- */

bool elf_out_open_btf(struct elf_out *o);
/* .maps: section, symbols and types of all maps that are not data. */
bool elf_out_describe_maps(struct elf_out *o);
/* .ksyms types, then the sections .BTF and .BTF.ext. Last of all. */
bool elf_out_write_btf(struct elf_out *o);

#endif

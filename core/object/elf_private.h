/* SPDX-License-Identifier: MIT */
/* elf_private.h: what the files of the ELF reader share. */
#ifndef VEERY_ELF_PRIVATE_H
#define VEERY_ELF_PRIVATE_H

#include "elf_file.h"
#include "elf_read.h"
#include "image/btf.h"

#include <elf.h>

enum section_role {
	ROLE_NONE,
	ROLE_CODE,		/* programs or subprograms */
	ROLE_DATA,		/* becomes a map: .data, .rodata, .bss, .percpu */
	ROLE_ARENA,		/* .addr_space.1: variables in the arena */
	ROLE_MAPS,		/* legacy definitions */
	ROLE_BTF_MAPS,		/* .maps */
	ROLE_STRUCT_OPS,
};

struct map_place {		/* a symbol that stands for a map */
	uint32_t section;
	uint64_t offset;
	uint32_t map;
	bool bad;		/* its definition is not understood: that has been said */
};

struct extern_var {		/* a variable the kernel or its configuration provides */
	const char *name;
	bool kconfig;
	bool typed;		/* its BTF type is not void: an address with a type */
	bool letter;		/* a char: y, n or m itself */
	uint32_t offset;	/* in the .kconfig map */
};

struct function {
	const char *name;
	uint32_t section, start, n;	/* slots in the section */
	bool global;
	uint32_t btf;		/* FUNC id; 0 none */
	const char *ops, *ops_member;	/* the struct_ops member it implements, or null */
};

struct elf_var_home {	/* where a variable lies, in slots from the function's start */
	uint32_t function;	/* index into reader.functions */
	struct image_var var;
	const char *file;	/* where it is declared; or null */
	uint32_t line, column;
};

struct reader {
	struct image *im;
	struct arena *a;
	struct diags *ds;
	struct sources *sources;
	const struct elf_opts *o;
	struct elf_file elf;
	uint32_t file;		/* of the object, among the sources */
	span at;		/* the object as a place */
	const char *object;	/* its base name without .o, as a prefix for maps */
	/* The object's BTF as it will be loaded, with what compilers leave open filled in. */
	uint8_t *btf_bytes;
	struct btf *btf;	/* null when it has none */
	struct btf *target;
	const uint8_t *ext;
	uint32_t ext_size;
	enum section_role *roles;	/* per section */
	uint32_t *data_map;		/* per section: map index + 1 */
	VEC(struct map_place) places;
	VEC(struct extern_var) externs;
	VEC(struct function) functions;
	VEC(struct elf_var_home) homes;
	uint32_t kconfig_map;		/* index + 1 */
	const char *license;
};

/* elf_btf.c */
void elf_btf_open(struct reader *r);
void elf_btf_refused(struct reader *r);	/* drops types that no kernel takes; last of all */
/* After their types have been read: nothing of them is left. */
void elf_fix_externs(struct reader *r, const char *section);
uint32_t elf_btf_datasec(const struct reader *r, const char *name);

/* elf_maps.c */
void elf_read_maps(struct reader *r);
struct image_map *elf_add_map(struct reader *r, const char *name, uint32_t type);
/* The map that symbol `sym` names; null when it names none. */
const struct map_place *elf_map_of(const struct reader *r, const struct elf_symbol *sym,
				   uint64_t addend);

/* elf_data.c */
void elf_read_data(struct reader *r);
void elf_read_externs(struct reader *r);
void elf_apply_sets(struct reader *r);
const struct extern_var *elf_extern(const struct reader *r, const char *name);

/* elf_prog.c */
/* `bytes`: the whole object. */
void elf_read_programs(struct reader *r, const void *bytes, size_t n);
const struct function *elf_function_at(const struct reader *r, uint32_t section, uint64_t slot);

/* elf_ops.c */
void elf_read_ops(struct reader *r);
void elf_set_ops(struct reader *r, const struct function *f, struct image_prog *p);

/* elf_dwarf.c: homes of variables, for all functions; then those of one that lies at slot `to`. */
void elf_read_homes(struct reader *r, const void *bytes, size_t n);
void elf_take_homes(struct reader *r, const struct function *f, uint32_t to,
		    struct image_prog *p);

/* elf_info.c: records of .BTF.ext for the function that lies at slot `to` of `p`. */
struct elf_info {
	VEC(struct bpf_func_info) funcs;
	VEC(struct bpf_line_info) lines;
};
void elf_take_info(struct reader *r, const struct function *f, uint32_t to,
		   struct elf_info *out);
/* The source line of one slot of a function; the object as a place when it is not known. */
span elf_place(struct reader *r, const struct function *f, uint32_t slot);
/* Spans for the slots of a program from its line records. */
void elf_make_spans(struct reader *r, struct image_prog *p);
/* CO-RE records of the function; false after a diag when one cannot be applied. */
bool elf_apply_core(struct reader *r, const struct function *f, struct image_prog *p,
		    struct bpf_insn *insns, uint32_t to);

#endif

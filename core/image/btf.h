/* SPDX-License-Identifier: MIT */
/* btf.h: BTF, the kernel's type format: reading it where it lies, and building it.
 *
 * Reading. btf_open() looks over the records once (every record lies inside the buffer) and
 * keeps the position of each. Nothing is copied: the buffer must outlive the struct btf.
 * What the walk does not check, accessors check: a type id out of range reads as void (kind
 * 0), a string offset out of range as "", and chains of modifiers are followed to a bounded
 * depth, so hostile BTF gives wrong answers but no crash. Split BTF (a module's) takes its
 * base and then knows the ids of both. Names are found through an index made at the first
 * lookup.
 *
 * Building. A btf_builder hands out ids at once and they stay valid. Structs, enums,
 * prototypes and data sections are opened by their btf_add_ call and then take members until
 * the next type is added. Plain records (ints, pointers, arrays, modifiers, typedefs) that
 * already exist are not added twice.
 *
 * Source of the format: Documentation/bpf/btf.rst of the kernel. */
#ifndef VEERY_BTF_H
#define VEERY_BTF_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#include <linux/btf.h>

/* ---- btf.c: reading -------------------------------------------------------------------- */

struct btf;

/* Lives in the arena, as do the indexes. Null with *why (may be null) set to a fixed text.
 * `base` is null unless this is split BTF. */
struct btf *btf_open(struct arena *a, const void *data, size_t size, struct btf *base,
		     const char **why);
/* Number of ids, void and the base's included: valid ids are 0 to count - 1. */
uint32_t btf_count(const struct btf *b);
/* The first id that is not the base's (1 without a base). */
uint32_t btf_first(const struct btf *b);
/* Never null; kind 0 (void) for ids out of range. */
const struct btf_type *btf_type(const struct btf *b, uint32_t id);
/* Never null. */
const char *btf_str(const struct btf *b, uint32_t offset);
const char *btf_name(const struct btf *b, uint32_t id);

static inline uint32_t
btf_kind(const struct btf_type *t)
{
	return BTF_INFO_KIND(t->info);
}

static inline uint32_t
btf_vlen(const struct btf_type *t)
{
	return BTF_INFO_VLEN(t->info);
}

static inline bool
btf_is_composite(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_STRUCT || btf_kind(t) == BTF_KIND_UNION;
}

/* The first type of this name and kind (BTF_KIND_UNKN: any); 0 when there is none. */
uint32_t btf_find(struct btf *b, str name, uint32_t kind);
/* The next one of the same name and kind after `id`; 0 when there is no other. */
uint32_t btf_find_next(struct btf *b, uint32_t id, uint32_t kind);
/* An enumerator of any enum. */
bool btf_find_enumerator(struct btf *b, str name, int64_t *value);

/* Past typedefs, const, volatile, restrict and type tags. */
uint32_t btf_resolve(const struct btf *b, uint32_t id);
/* Past const, volatile, restrict and type tags only. */
uint32_t btf_unqualified(const struct btf *b, uint32_t id);
/* Bytes; -1 when it has no size (void, functions, forward declarations). */
int64_t btf_size(const struct btf *b, uint32_t id);
/* What a pointer, modifier, typedef, function or variable refers to; 0 for other kinds. */
uint32_t btf_target(const struct btf *b, uint32_t id);

struct btf_field {
	const char *name;	/* "" when anonymous */
	uint32_t type;
	uint32_t bit_offset;	/* from the start of the struct asked about */
	uint32_t bit_size;	/* of a bit field; 0 when it is none */
	uint32_t index;		/* in its own struct */
};

/* The i-th member of a struct or union; false past the end or when it is neither. */
bool btf_member(const struct btf *b, uint32_t id, uint32_t i, struct btf_field *out);
/* By name, through anonymous members too; offsets add up. `id` may be a typedef of it. */
bool btf_find_member(const struct btf *b, uint32_t id, str name, struct btf_field *out);

bool btf_enumerator(const struct btf *b, uint32_t id, uint32_t i, const char **name,
		    int64_t *value);
bool btf_find_enum_value(const struct btf *b, uint32_t id, str name, int64_t *value);

struct btf_param_of {
	const char *name;
	uint32_t type;		/* 0 in last place: variable arguments */
};
/* Of a function or prototype. */
bool btf_param(const struct btf *b, uint32_t id, uint32_t i, struct btf_param_of *out);
uint32_t btf_param_count(const struct btf *b, uint32_t id);
uint32_t btf_return_type(const struct btf *b, uint32_t id);

/* Null when the type is of another kind. */
const struct btf_array *btf_array_of(const struct btf *b, uint32_t id);
const struct btf_var_secinfo *btf_secinfos(const struct btf *b, uint32_t id, uint32_t *n);
const struct btf_decl_tag *btf_decl_tag_of(const struct btf *b, uint32_t id);
const struct btf_var *btf_var_of(const struct btf *b, uint32_t id);
/* Bits, and BTF_INT_* encoding, of an integer. False for other kinds (enums included). */
bool btf_int(const struct btf *b, uint32_t id, uint32_t *bits, uint32_t *encoding);
/* Signed integer or signed enum, past typedefs and modifiers. */
bool btf_is_signed(const struct btf *b, uint32_t id);

/* As C would write it: "const struct sk_buff *", "char[16]", "int (*)(void *)". */
void btf_write_type(const struct btf *b, uint32_t id, struct buf *out);

/* ---- btf.c: .BTF.ext, the tables beside it --------------------------------------------- */

enum btf_ext_kind { BTF_EXT_FUNC, BTF_EXT_LINE, BTF_EXT_CORE, BTF_EXT_KINDS };

/* One section's records of one kind; a record is at least as large as struct bpf_func_info,
 * bpf_line_info, bpf_core_relo. insn_off counts bytes from the section's start. */
struct btf_ext_block {
	uint32_t section;	/* string offset in .BTF */
	uint32_t count, record_size;
	const void *records;
};

/* Walks the blocks of one kind: start with *cursor 0, ends with false. *why is set when it
 * ended because the data is malformed, else null. */
bool btf_ext_next(const void *data, size_t size, enum btf_ext_kind kind, uint32_t *cursor,
		  struct btf_ext_block *out, const char **why);

/* ---- btf_build.c ----------------------------------------------------------------------- */

struct btf_builder;

struct btf_builder *btf_builder_new(struct arena *a);
/* To go on from finished BTF (not split): its ids and string offsets stay valid. Null with
 * *why when it is malformed. */
struct btf_builder *btf_builder_from(struct arena *a, const void *raw, size_t size,
				     const char **why);
/* A string's offset; the same text always has the same one. */
uint32_t btf_add_str(struct btf_builder *bb, const char *s);
/* A C identifier from any name: other characters become '_' ("-" too), a leading digit gets
 * one in front. The kernel refuses types with other names. */
const char *btf_identifier(struct arena *a, const char *name);

uint32_t btf_add_int(struct btf_builder *bb, const char *name, uint32_t bytes,
		     uint32_t encoding);	/* 0 or one of BTF_INT_SIGNED, _CHAR, _BOOL */
uint32_t btf_add_float(struct btf_builder *bb, const char *name, uint32_t bytes);
uint32_t btf_add_array(struct btf_builder *bb, uint32_t elem, uint32_t index_type,
		       uint32_t n);
/* BTF_KIND_PTR, CONST, VOLATILE, RESTRICT. */
uint32_t btf_add_ref(struct btf_builder *bb, uint32_t kind, uint32_t to);
uint32_t btf_add_typedef(struct btf_builder *bb, const char *name, uint32_t to);
uint32_t btf_add_type_tag(struct btf_builder *bb, const char *tag, uint32_t to);
uint32_t btf_add_fwd(struct btf_builder *bb, const char *name, bool is_union);

/* BTF_KIND_STRUCT or _UNION, then its members in order. name null: anonymous. */
uint32_t btf_add_composite(struct btf_builder *bb, uint32_t kind, const char *name,
			   uint32_t bytes);
void btf_add_member(struct btf_builder *bb, const char *name, uint32_t type,
		    uint32_t bit_offset);
/* All members of a struct with a bit field count as such: the builder sees to that. */
void btf_add_bitfield(struct btf_builder *bb, const char *name, uint32_t type,
		      uint32_t bit_offset, uint32_t bits);

uint32_t btf_add_enum(struct btf_builder *bb, const char *name, uint32_t bytes,
		      bool is_signed);		/* 8 bytes: ENUM64 */
void btf_add_enumerator(struct btf_builder *bb, const char *name, int64_t value);

uint32_t btf_add_func_proto(struct btf_builder *bb, uint32_t returns);
void btf_add_param(struct btf_builder *bb, const char *name, uint32_t type);
/* BTF_FUNC_STATIC, _GLOBAL, _EXTERN. */
uint32_t btf_add_func(struct btf_builder *bb, const char *name, uint32_t proto,
		      uint32_t linkage);
/* BTF_VAR_STATIC, _GLOBAL_ALLOCATED, _GLOBAL_EXTERN. */
uint32_t btf_add_var(struct btf_builder *bb, const char *name, uint32_t type,
		     uint32_t linkage);
uint32_t btf_add_datasec(struct btf_builder *bb, const char *name, uint32_t bytes);
void btf_add_datasec_var(struct btf_builder *bb, uint32_t var, uint32_t offset,
			 uint32_t bytes);
/* component -1: the type itself. */
uint32_t btf_add_decl_tag(struct btf_builder *bb, const char *tag, uint32_t type,
			  int32_t component);

/* A function or variable that is there becomes extern; a variable also gets `type`. */
void btf_make_extern(struct btf_builder *bb, uint32_t id, uint32_t type);

/* Header, types, strings in the builder's arena. More may be added afterwards and a new
 * serialisation made. */
const void *btf_serialise(const struct btf_builder *bb, uint32_t *size);

/* Everything one section says; insn_off of every record in bytes from its start. */
struct btf_ext_section {
	uint32_t name;		/* string offset */
	const struct bpf_func_info *funcs;
	const struct bpf_line_info *lines;
	const struct bpf_core_relo *cores;
	uint32_t nfuncs, nlines, ncores;
};
const void *btf_ext_serialise(struct arena *a, const struct btf_ext_section *sections,
			      uint32_t n, uint32_t *size);

#endif

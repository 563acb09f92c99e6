/* SPDX-License-Identifier: MIT */
/* image.h: the program as data, the one thing every part shares.
 *
 * The compiler and the ELF reader make images; the verifier, the ELF writer and the loader
 * take them. Everything lives in the maker's arena. Instructions are as the kernel wants
 * them except for the operands that relocations name: those are patched at load
 * (syscalls/session) or interpreted symbolically (verifier). */
#ifndef VEERY_IMAGE_H
#define VEERY_IMAGE_H

#include "base/source.h"
#include "isa.h"

enum image_reloc_kind {
	RELOC_MAP,		/* wide load of a map: src_reg BPF_PSEUDO_MAP_FD, imm := fd */
	RELOC_MAP_VALUE,	/* wide load of an address inside a map's only value:
				 * BPF_PSEUDO_MAP_VALUE, imm := fd, next imm := addend */
	RELOC_KFUNC,		/* call of kernel function `name`: BPF_PSEUDO_KFUNC_CALL */
	RELOC_KSYM,		/* wide load of kernel variable `name`: BPF_PSEUDO_BTF_ID */
	RELOC_FUNC,		/* wide load of a subprogram's address: BPF_PSEUDO_FUNC; imm is
				 * already the distance from the next instruction */
};

struct image_reloc {
	uint32_t insn;		/* index of the (first) slot */
	enum image_reloc_kind kind;
	uint32_t map;		/* index into image.maps, for RELOC_MAP and _VALUE */
	uint32_t addend;	/* byte offset in the value, for RELOC_MAP_VALUE */
	const char *name;	/* for KFUNC and KSYM */
	bool weak;		/* an absent kernel symbol becomes 0 instead of an error */
};

/* A field access that must be re-resolved against the running kernel's BTF
 * (struct bpf_core_relo in linux/bpf.h). Already applied to insns for the BTF the
 * maker was given; kept so that ELF output and other kernels can apply it again. */
struct image_core {
	uint32_t insn;
	uint32_t type_id;	/* in image.btf */
	const char *access;	/* "0:1:2" */
	uint32_t kind;		/* enum bpf_core_relo_kind */
};

/* What a map counts that an aggregation made: (hist @latency value key...). Its per-CPU slots
 * are merged by whoever reads it. Histograms have the row as the last 8 bytes of the key, or
 * as the index when there are no keys: row 0 is for values below the range. */
enum image_agg_kind {
	AGG_COUNT = 1,		/* u64 */
	AGG_SUM,		/* u64 */
	AGG_AVG,		/* sum, n */
	AGG_MIN, AGG_MAX,	/* value, seen */
	AGG_STATS,		/* n, sum, least, most */
	AGG_HIST,		/* u64: row 1 is 0, row n is from 2^(n-2) on */
	AGG_LHIST,		/* u64: row n is from lo + (n-1) * step on, the last from hi on */
};
struct image_agg {
	uint8_t kind;
	bool is_signed;
	uint32_t nkeys;		/* fields of key_struct, the row not counted */
	int64_t lo, hi, step;	/* AGG_LHIST */
};

struct image_map {
	const char *name;	/* as the kernel sees it, at most 15 characters are kept there */
	const char *lisp_name;	/* as the user wrote it */
	uint32_t type;		/* BPF_MAP_TYPE_* */
	uint32_t key_size, value_size, max_entries, flags;
	uint32_t key_type_id, value_type_id;	/* in image.btf; 0 none */
	const char *key_struct, *value_struct;	/* names of the user's structs, or null */
	bool value_signed;
	const struct image_map *inner;	/* template for map-in-map */
	uint64_t extra;		/* map_extra */
	const void *data;	/* initial contents of the only value (.rodata, .data), or null */
	uint32_t data_size;
	bool read_only;		/* frozen after loading: its values are constants */
	const char *pin;	/* path, or null */
	const struct image_agg *agg;	/* made by an aggregation; or null */
	span at;
};

struct image_subprog {
	uint32_t start;		/* first instruction */
	const char *name;
	uint32_t func_type_id;	/* BTF FUNC in image.btf; 0 none */
	bool global;		/* verified on its own (BTF_FUNC_GLOBAL) */
};

struct image_var {		/* names for registers and slots, for explanations */
	const char *name;
	uint32_t from, to;	/* instruction range [from, to) */
	int16_t reg;		/* 0..10, or -1 when at a stack offset */
	int16_t stack_off;	/* negative, relative to r10 */
	span at;		/* where it was bound */
};

struct image_prog {
	const char *name;	/* kernel's: letters, digits, _ and . */
	const char *lisp_name;
	const char *section;	/* "xdp", "tracepoint/sched/sched_switch" */
	uint32_t type;		/* BPF_PROG_TYPE_* */
	uint32_t expected_attach;	/* BPF_* attach type, 0 when none */
	bool sleepable;
	uint32_t flags;		/* BPF_F_* for prog_flags */
	const char *license;
	const char *attach_target;	/* function, tracepoint, path... from the section or form;
					 * struct_ops: "STRUCT.MEMBER" */
	struct bpf_insn *insns;
	uint32_t ninsns;	/* slots: a wide load counts two */
	span *src;		/* one per slot */
	VEC(struct image_reloc) relocs;
	VEC(struct image_core) cores;
	VEC(struct image_subprog) subprogs;	/* [0] is the entry */
	VEC(struct image_var) vars;
	span at;		/* the whole defprog */
	/* What fills the stack, for "stack too large": name, bytes. */
	uint32_t stack_bytes;
	/* Line and function info in the kernel's layout (struct bpf_func_info,
	 * struct bpf_line_info), string offsets and ids relative to image.btf; may be null. */
	const struct bpf_func_info *func_info;
	uint32_t nfunc_info;
	const struct bpf_line_info *line_info;
	uint32_t nline_info;
	uint32_t ctx_type_id;	/* struct the entry's argument points to, in image.btf; or 0 */
};

struct btf_builder;

struct image {
	struct arena *arena;
	struct sources *sources;	/* what the spans refer to; may be null */
	VEC(struct image_map *) maps;
	VEC(struct image_prog *) progs;
	const void *btf;	/* raw BTF as for BPF_BTF_LOAD; null when none */
	uint32_t btf_size;
	struct btf_builder *builder;	/* the maker's, so that a further program of the same
					 * image adds to the same BTF; null when read from ELF */
};

#endif

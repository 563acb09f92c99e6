/* SPDX-License-Identifier: MIT */
/* facts.h: what the kernel offers, as data and nothing else.
 *
 * Read by the compiler (names, arity, context fields), the verifier (rules) and the session
 * (what to say when a kernel lacks something). Rows live in the .def files; a test compares
 * them with the running kernel. Kernel versions are KVER(5, 17): major * 256 + minor. */
#ifndef VEERY_FACTS_H
#define VEERY_FACTS_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

#define KVER(major, minor) ((uint16_t)((major) << 8 | (minor)))

/* ---- helpers.def ------------------------------------------------------------------- */

enum { HELPER_MAX_ARGS = 5 };

struct fact_helper {
	uint32_t id;		/* BPF_FUNC_* */
	const char *name;	/* "map_lookup_elem" */
	uint8_t nargs;		/* 0..5; trace_printk and friends: minimum below */
	uint8_t min_args;
	uint16_t since;		/* KVER of the first kernel that has it */
	/* Argument and return types, flags and availability stand in further columns that
	 * the verifier reads; see helpers.def. */
};

const struct fact_helper *fact_helper(uint32_t id);	/* null when there is no such id */
/* By kernel name, `-` and `_` alike, without "bpf_". */
const struct fact_helper *fact_helper_named(str name);
uint32_t fact_helper_count(void);			/* ids are 1..count */

/* ---- prog_types.def, attach_types.def, sections.def ----------------------------------- */

struct fact_prog_type {
	uint32_t id;		/* BPF_PROG_TYPE_* */
	const char *name;	/* "xdp", "sched_cls" */
	const char *ctx;	/* name of the context struct in ctx_fields.def, or null */
	uint16_t since;
};

const struct fact_prog_type *fact_prog_type(uint32_t id);
const struct fact_prog_type *fact_prog_type_named(str name);

struct fact_attach_type {
	uint32_t id;		/* enum bpf_attach_type */
	const char *name;	/* "cgroup_inet_ingress" */
	uint16_t since;
};

const struct fact_attach_type *fact_attach_type(uint32_t id);

/* What an ELF section name (or :section) means, as libbpf 1.x reads it. */
struct fact_section {
	const char *prefix;	/* "tracepoint/" or "xdp"; a final '/' or '+' wants a target */
	uint32_t prog_type;
	uint32_t attach_type;	/* 0 when none is needed */
	bool sleepable;
	bool target;		/* what follows the prefix names what to attach to */
	bool attach_optional;	/* expected_attach_type may be left out on old kernels */
};

/* The longest match, and what follows the prefix in *rest. Null when unknown. */
const struct fact_section *fact_section(str section, str *rest);

/* ---- map_types.def ---------------------------------------------------------------------- */

struct fact_map_type {
	uint32_t id;		/* BPF_MAP_TYPE_* */
	const char *name;	/* "lru_hash" */
	uint16_t since;
	bool per_cpu;
	bool no_key;		/* ring buffers, queues: key size must be 0 */
};

const struct fact_map_type *fact_map_type(uint32_t id);
const struct fact_map_type *fact_map_type_named(str name);	/* `-` and `_` alike */

/* ---- ctx_fields.def --------------------------------------------------------------------- */

struct fact_ctx_field {
	const char *ctx;	/* "xdp_md" */
	const char *name;	/* "data_end" */
	uint16_t offset;
	uint8_t size;		/* bytes of one element: 1, 2, 4, 8 */
	uint8_t count;		/* elements; 1 for scalars */
	bool is_signed;
	bool writable;		/* by some program type; the verifier has the exact rule */
};

/* All fields of one context, `*n` rows in layout order; null when it is not in the table. */
const struct fact_ctx_field *fact_ctx_fields(const char *ctx, uint32_t *n);

/* ---- constants.def: integer constants programs may name (XDP_PASS, BPF_ANY, TC_ACT_OK) -- */

bool fact_constant(str name, int64_t *value);
/* For "did you mean" and completion: the i-th name, or null past the end. */
const char *fact_constant_name(uint32_t i);

#endif

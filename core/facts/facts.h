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

enum fact_arg {		/* what an argument must be */
	FACT_ARG__,		/* there is no such argument */
	FACT_ARG_OPT,		/* may be left out, nothing is checked */
	FACT_ARG_ANY,		/* any initialised value */
	FACT_ARG_SCALAR,
	FACT_ARG_MAP,		/* the map the next arguments refer to */
	FACT_ARG_KEY,		/* memory of the map's key size, read */
	FACT_ARG_VALUE,		/* memory of the map's value size, read */
	FACT_ARG_VALUE_NULL,
	FACT_ARG_VALUE_OUT,	/* ... written, need not be initialised */
	FACT_ARG_MEM,		/* memory, its size is the next argument; may be written */
	FACT_ARG_MEM_RO,
	FACT_ARG_MEM_RO_NULL,
	FACT_ARG_MEM_RW,
	FACT_ARG_MEM_RW_NULL,
	FACT_ARG_MEM_OUT,	/* written, need not be initialised */
	FACT_ARG_SIZE,		/* of the memory before: at least 1 */
	FACT_ARG_SIZE0,		/* ... 0 is fine */
	FACT_ARG_ALLOC_SIZE,	/* a constant: how much memory is returned */
	FACT_ARG_IN20,		/* memory of this many bytes: headers read */
	FACT_ARG_IN40,
	FACT_ARG_INOUT4,	/* aligned integer, read and written */
	FACT_ARG_OUT8,		/* aligned integer, written */
	FACT_ARG_CTX,
	FACT_ARG_CTX_NULL,
	FACT_ARG_BTF,		/* kernel object of proto.arg_btf */
	FACT_ARG_BTF_NULL,
	FACT_ARG_BTF_NULL_FREE,
	FACT_ARG_PERCPU_BTF,
	FACT_ARG_SOCK,		/* a socket of any kind that programs know by fields */
	FACT_ARG_SOCKET_NULL,	/* a full socket */
	FACT_ARG_BTF_SOCK,	/* a socket of either world */
	FACT_ARG_BTF_SOCK_NULL,
	FACT_ARG_BTF_SOCK_FREE,
	FACT_ARG_STACK_NULL,
	FACT_ARG_FUNC,		/* callback */
	FACT_ARG_TIMER,
	FACT_ARG_LOCK,
	FACT_ARG_KPTR,
	FACT_ARG_STR,		/* constant text in a read-only map */
	FACT_ARG_RECORD_FREE,	/* ring buffer record, released */
	FACT_ARG_DYN,		/* any initialised dynptr */
	FACT_ARG_DYN_LOCAL,	/* becomes a dynptr over memory */
	FACT_ARG_DYN_RING,	/* becomes a dynptr over a ring buffer record */
	FACT_ARG_DYN_RING_FREE,
};

enum fact_ret {		/* what r0 is afterwards */
	FACT_RET_INT,
	FACT_RET_VOID,
	FACT_RET_VALUE,		/* value of the map argument */
	FACT_RET_VALUE_NULL,
	FACT_RET_SOCKET_NULL,
	FACT_RET_SOCK_NULL,
	FACT_RET_TCP_SOCK_NULL,
	FACT_RET_RECORD_NULL,	/* ring buffer record of the constant size given */
	FACT_RET_DYN_MEM_NULL,	/* slice of a dynptr, of the constant size given */
	FACT_RET_PERCPU,	/* what a per-CPU variable's BTF says */
	FACT_RET_PERCPU_NULL,
	FACT_RET_BTF,		/* kernel object of proto.ret_btf */
	FACT_RET_BTF_NULL,
	FACT_RET_BTF_TRUSTED,
};

enum {
	FACT_HELPER_GPL = 1,		/* only for programs under a GPL-compatible license */
	FACT_HELPER_PKT = 2,		/* memory arguments may be packet memory */
	FACT_HELPER_CHANGES_PKT = 4,	/* packet pointers are invalid afterwards */
	FACT_HELPER_SLEEPS = 8,		/* only in sleepable programs */
	FACT_HELPER_FASTCALL = 16,	/* r1-r5 survive where the JIT inlines it */
	FACT_HELPER_CAP_BPF = 32,	/* the loader needs this capability */
	FACT_HELPER_CAP_PERFMON = 64,
	FACT_HELPER_CAP_ADMIN = 128,
	FACT_HELPER_CONFIG = 256,	/* needs a kernel option that few kernels have */
};

struct fact_proto {
	uint8_t ret;			/* enum fact_ret */
	uint8_t arg[HELPER_MAX_ARGS];	/* enum fact_arg */
	uint16_t flags;			/* FACT_HELPER_* */
	const char *arg_btf, *ret_btf;	/* kernel struct names, or null */
};

struct fact_helper {
	uint32_t id;		/* BPF_FUNC_* */
	const char *name;	/* "map_lookup_elem" */
	uint8_t nargs;		/* 0..5; trace_printk and friends: minimum below */
	uint8_t min_args;
	uint8_t name_len;
	uint16_t since;		/* KVER of the first kernel that has it */
	struct fact_proto proto;
};

enum {				/* BPF_FUNC_*, also those the host's headers lack */
#define HELPER(id, name, ...) FACT_FN_##name = (id),
#define VARIANT(...)
#include "helpers.def"
};

const struct fact_helper *fact_helper(uint32_t id);	/* null when there is no such id */
/* By kernel name, `-` and `_` alike, without "bpf_". */
const struct fact_helper *fact_helper_named(str name);
uint32_t fact_helper_count(void);			/* ids are 1..count */
/* As the given program type sees it. Null when there is no such id. */
const struct fact_proto *fact_helper_proto(uint32_t id, uint32_t prog_type);
/* May a program of this type, with this expected attach type, call it on this kernel, given
 * all capabilities? FACT_PROG_EXT answers yes: what holds for its target is not known here. */
bool fact_helper_allowed(uint32_t id, uint32_t prog_type, uint32_t attach, uint16_t kernel);

/* ---- kfuncs.def --------------------------------------------------------------------- */

enum {
	FACT_KF_ACQUIRE = 1, FACT_KF_RELEASE = 2, FACT_KF_RET_NULL = 4,
	FACT_KF_TRUSTED_ARGS = 8, FACT_KF_RCU = 16, FACT_KF_SLEEPABLE = 32,
	FACT_KF_ITER_NEW = 64, FACT_KF_ITER_NEXT = 128, FACT_KF_ITER_DESTROY = 256,
	FACT_KF_RCU_PROTECTED = 512, FACT_KF_DESTRUCTIVE = 1024,
	FACT_KF_LOCK_SAFE = 2048, FACT_KF_PERFMON = 4096,
};

struct fact_kfunc {
	const char *name;	/* "bpf_task_acquire" */
	uint16_t since;
	uint16_t flags;		/* FACT_KF_* */
	uint64_t types;		/* program types, FACT_T() bits */
};

/* As the first kernel had it; null when the table does not have it: its flags are then
 * unknown. */
const struct fact_kfunc *fact_kfunc_named(str name);
/* As this kernel has it; for older ones, as the first kernel had it. */
const struct fact_kfunc *fact_kfunc_on(str name, uint16_t kernel);
const struct fact_kfunc *fact_kfunc_at(uint32_t i);	/* null past the end */

/* ---- prog_types.def, attach_types.def, sections.def --------------------------------- */

enum {				/* BPF_PROG_TYPE_*, also those the host's headers lack */
	FACT_PROG_UNSPEC,
#define PROG_TYPE(id, NAME, ...) FACT_PROG_##NAME = (id),
#define PROG_ALIAS(...)
#include "prog_types.def"
	FACT_PROG_END
};
/* One bit for each program type. */
#define FACT_T(NAME) (UINT64_C(1) << FACT_PROG_##NAME)

enum {				/* enum bpf_attach_type */
#define ATTACH_TYPE(id, NAME, ...) FACT_ATTACH_##NAME = (id),
#include "attach_types.def"
	FACT_ATTACH_END
};

struct fact_prog_type {
	uint32_t id;		/* BPF_PROG_TYPE_* */
	const char *name;	/* "xdp", "sched_cls" */
	const char *ctx;	/* name of the context struct in ctx_fields.def, or null */
	uint16_t since;
};

const struct fact_prog_type *fact_prog_type(uint32_t id);
/* By name or alias ("tc", "tp"), `-` and `_` alike. */
const struct fact_prog_type *fact_prog_type_named(str name);

struct fact_attach_type {
	uint32_t id;		/* enum bpf_attach_type */
	const char *name;	/* "cgroup_inet_ingress" */
	uint16_t since;
};

const struct fact_attach_type *fact_attach_type(uint32_t id);
const struct fact_attach_type *fact_attach_type_named(str name);
/* Attached to any number of functions, which nobody knows when the program is loaded. */
static inline bool
fact_attach_many(uint32_t id)
{
	return id == FACT_ATTACH_TRACE_FENTRY_MULTI || id == FACT_ATTACH_TRACE_FEXIT_MULTI ||
	       id == FACT_ATTACH_TRACE_FSESSION_MULTI;
}

/* What an ELF section name (or :section) means, as libbpf 1.x reads it. */
struct fact_section {
	const char *prefix;	/* "tracepoint" or "xdp" */
	uint32_t prog_type;
	uint32_t attach_type;	/* 0 when none is needed */
	bool sleepable;
	bool target;		/* what follows the prefix and a '/' is what to attach to */
	bool attach_optional;	/* expected_attach_type may be left out on old kernels */
	bool frags;		/* xdp that takes packets in several buffers */
	bool usdt;
	bool btf_target;	/* the target is a function or type of kernel BTF */
	bool label;		/* anything after a '/' is accepted and means nothing */
};

/* The longest match, and what follows the prefix and its '/' in *rest (which may be null).
 * Null when unknown. */
const struct fact_section *fact_section(str section, str *rest);
/* For "did you mean": the i-th section, or null past the end. */
const struct fact_section *fact_section_at(uint32_t i);

/* ---- map_types.def ------------------------------------------------------------------ */

enum {				/* BPF_MAP_TYPE_* */
	FACT_MAP_UNSPEC,
#define MAP_TYPE(id, NAME, ...) FACT_MAP_##NAME = (id),
#include "map_types.def"
	FACT_MAP_END
};

struct fact_map_type {
	uint32_t id;		/* BPF_MAP_TYPE_* */
	const char *name;	/* "lru_hash" */
	uint16_t since;
	bool per_cpu;
	bool no_key;		/* ring buffers, queues: key size must be 0 */
};

const struct fact_map_type *fact_map_type(uint32_t id);
const struct fact_map_type *fact_map_type_named(str name);	/* `-` and `_` alike */

/* ---- ctx_fields.def ----------------------------------------------------------------- */

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
/* Bytes of the whole struct; 0 when it is not in the table. */
uint32_t fact_ctx_size(const char *ctx);

/* ---- kernels.def: the profiles programs can be judged by, and what came when -------- */

struct fact_kernel {
	uint16_t version;	/* KVER */
	const char *name;	/* "6.12" */
};

/* The i-th profile, rising; null past the end. */
const struct fact_kernel *fact_kernel_at(uint32_t i);

enum fact_feature {
#define KERNEL(...)
#define FEATURE(NAME, ...) FACT_HAS_##NAME,
#include "kernels.def"
	FACT_HAS_END
};

uint16_t fact_feature_since(enum fact_feature f);
const char *fact_feature_what(enum fact_feature f);	/* "bounded loops" */

/* ---- constants.def: integer constants programs may name (XDP_PASS, BPF_ANY, TC_ACT_OK)  */

/* Letter case does not matter, `-` and `_` are alike. */
bool fact_constant(str name, int64_t *value);
/* For "did you mean" and completion: the i-th name, or null past the end. */
const char *fact_constant_name(uint32_t i);

#endif

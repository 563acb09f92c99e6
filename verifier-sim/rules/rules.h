/* SPDX-License-Identifier: MIT */
/* rules.h: what the rule files share among themselves.
 *
 * The rules say what a program of a type may touch and call; the engine (env.h) says how
 * values flow. prog.c: program and attach types. ctx.c: the context, by the table
 * ctx_access.def. btf.c: kernel objects. helper.c, arg.c, callback.c:
 * helpers. kfunc.c: kernel functions. map_compat.c: maps. */
#ifndef VEERY_VS_RULES_H
#define VEERY_VS_RULES_H

#include "verifier-sim/env.h"
#include "image/btf.h"

enum { OPS_ARGS = 12 };

struct vs_rules {		/* private data of the rules, one per verification */
	uint32_t attach_btf_id;	/* function, tracepoint typedef or iterator; 0 none */
	uint32_t attach_proto;	/* its prototype */
	const char *attach_name;
	uint32_t first_arg;	/* tracepoints: the prototype starts with void *__data */
	bool attach_void;	/* the target returns nothing */
	bool many;		/* any number of targets, known when it is attached */
	const char *ops;	/* struct_ops: the struct; null for other programs */
	uint32_t stub;		/* struct_ops: the kernel's function of the same arguments */
	uint32_t ops_ref[OPS_ARGS];	/* references handed over with the arguments */
	/* Records of the program's structs by BTF id, made when first asked for. */
	const struct vs_record **records;
};

/* Some types of programs are there only in kernels built with an option: which; or null. */
const char *vs_prog_option(uint32_t prog_type);

/* What check of one argument leaves for the next and for the call as a whole. */
struct call_meta {
	uint32_t id;			/* helper; 0 for kfuncs */
	const struct fact_proto *proto;
	const struct vs_map *map;
	uint32_t map_uid;
	bool raw;			/* the memory argument need not be initialised */
	bool pkt_access;
	uint32_t raw_size;		/* bytes the helper writes to such memory */
	int32_t raw_regno;
	uint32_t release_regno;
	uint32_t ref_id;		/* of the argument that has one */
	uint64_t mem_size;		/* of what is returned */
	uint64_t size_max;		/* most that the size argument can be */
	uint32_t subprog;		/* callback */
	uint32_t btf_id, btf_space;	/* per-CPU variable */
	uint32_t dynptr_id;
	const struct vs_field *kptr;
	int64_t const_key;		/* -1: not known */
};

/* A call of a kernel function: what it is, and what its arguments leave for what follows. */
struct kcall {
	const struct fact_kfunc *f;
	const char *name;
	uint32_t func, proto;	/* BTF ids */
	uint32_t nargs;
	bool has_const;
	uint64_t constant;	/* the argument that must be a known number */
	uint64_t r0_size;
	bool r0_rdonly;
	uint32_t ref_id, release_regno;
	uint32_t subprog;
	uint32_t dyn_id, dyn_ref;
	enum dynptr_type dyn_type;
	uint32_t iter_frame, iter_slot;
	bool iter_arg;
	uint32_t obj_id, obj_space;	/* program object given */
	const struct vs_map *map;
	uint32_t map_uid;
	const struct vs_field *root;	/* of the list or tree given */
	bool owning;			/* the object to count a reference of is owned */
};

/* Struct ids match, following first members; `strict`: no embedding. */
bool vs_btf_ids_match(struct vs_env *env, uint32_t space, uint32_t id, int32_t off,
		      uint32_t want_space, uint32_t want, bool strict);
const struct btf *vs_btf_of(const struct vs_env *env, uint32_t space);
uint32_t vs_kernel_struct(struct vs_env *env, const char *name);	/* 0: no such */

/* May a register with this offset be an argument, or be given up (arg.c)? */
int vs_check_arg_off(struct vs_env *env, uint32_t regno, bool release, bool wants_ctx);
bool vs_all_scalars(const struct btf *b, uint32_t id, int depth);
const char *vs_btf_kind_name(uint32_t kind);	/* the kernel's: "STRUCT" */

/* What an LSM hook may return (prog.c). */
void vs_lsm_range(const struct vs_env *env, int32_t *min, int32_t *max);

/* arg.c */
int vs_check_arg(struct vs_env *env, uint32_t arg, struct call_meta *m);
int vs_check_helper_mem(struct vs_env *env, uint32_t regno, int size, bool write, bool zero_ok,
			struct call_meta *m);
int vs_check_mem_size(struct vs_env *env, uint32_t regno, bool write, bool zero_ok,
		      struct call_meta *m);
const char *vs_helper_name(uint32_t id);	/* "bpf_map_lookup_elem" */

int vs_check_const_str(struct vs_env *env, uint32_t regno);
/* Arguments of global functions. */
int vs_check_plain_offset(struct vs_env *env, uint32_t regno);
int vs_check_dynptr_arg(struct vs_env *env, uint32_t regno);
int vs_check_object_arg(struct vs_env *env, uint32_t regno, const struct vs_arg *arg);

/* lock.c: locks, saved interrupt flags, fields that must lie in a map's value */
int vs_check_spin_lock(struct vs_env *env, uint32_t regno, bool lock);
int vs_check_res_lock(struct vs_env *env, const struct kcall *k, uint32_t regno);
int vs_check_irq_flag(struct vs_env *env, const struct kcall *k, uint32_t regno);
int vs_check_map_field(struct vs_env *env, uint32_t regno, uint8_t kind);
bool vs_record_has_lock(const struct vs_record *rec);

/* graph.c: lists and trees of objects that programs make */
int vs_check_graph_root(struct vs_env *env, struct kcall *k, uint32_t regno, uint8_t kind);
int vs_check_graph_node(struct vs_env *env, struct kcall *k, uint32_t regno, uint8_t kind,
			bool lent);
int vs_check_refcounted(struct vs_env *env, struct kcall *k, uint32_t regno);
/* After the arguments: what was put in is no longer the program's own. */
int vs_graph_insert(struct vs_env *env, const struct kcall *k);
void vs_graph_node_reg(struct vs_reg *r, const struct vs_field *root);
void vs_set_non_owning(struct vs_env *env, struct vs_reg *r);
bool vs_in_tree_callback(struct vs_env *env);	/* comparing nodes, under the lock */
vs_set_callee vs_set_tree_callback;

/* hooks.c: single functions */
int vs_check_hook(struct vs_env *env);		/* may the program be attached there? */
bool vs_lsm_untrusted(const struct vs_env *env);	/* objects half made or half gone */
bool vs_lsm_yes_or_no(const struct vs_env *env);	/* what the hook answers with */
bool vs_hook_allows(const struct vs_env *env, uint32_t helper);
/* The functions in which a helper may be called, as a list of names; nothing where the list
 * would be long or does not matter. */
void vs_hook_places(const struct vs_env *env, uint32_t helper, struct buf *out);

/* ops.c: struct_ops */
void vs_find_ops(struct vs_env *env, const char *target);	/* "STRUCT.MEMBER" */
int vs_check_ops(struct vs_env *env);
void vs_ops_arg(struct vs_env *env, uint32_t arg, struct vs_ctx_info *info);
void vs_ops_entry(struct vs_env *env);
bool vs_has_word(const char *words, const char *word);	/* blanks around each */
bool vs_ops_helper_ok(const struct vs_env *env, uint32_t helper);
/* May a program of this kind store there? */
int vs_check_object_store(struct vs_env *env, const struct vs_reg *r, int32_t off, int size);

/* callback.c: what a callback finds in its registers */
vs_set_callee vs_set_map_elem_callback, vs_set_loop_callback, vs_set_timer_callback,
	vs_set_find_vma_callback, vs_set_user_ringbuf_callback, vs_set_task_work_callback;

/* kfunc_where.c */
bool vs_may_call_kfunc(const struct vs_env *env, const struct fact_kfunc *f);

/* kfunc.c: the parts of the questions in helper.c that are about kernel functions */
/* Newer kernels have two of some functions: f, and f_impl with arguments programs need not
 * give. */
bool vs_kfunc_is(const char *name, const char *f);
bool vs_kfunc_calls_sync_callback(struct vs_env *env, const struct bpf_insn *in);
bool vs_kfunc_calls_async_callback(struct vs_env *env, const struct bpf_insn *in);
bool vs_kfunc_may_sleep(struct vs_env *env, uint32_t insn_idx);
/* What bpf_cast_to_kern_ctx gives. */
int vs_kernel_ctx(struct vs_env *env, struct vs_reg *r0);
int vs_check_set_retval(struct vs_env *env);
/* What bpf_get_retval may give; false: anything. */
bool vs_retval_range(const struct vs_env *env, int32_t *min, int32_t *max);
bool vs_kfunc_changes_pkt(struct vs_env *env, uint32_t insn_idx);
int vs_kfunc_nargs(struct vs_env *env, const struct bpf_insn *in);

bool vs_in_rcu_section(struct vs_env *env);	/* btf.c */

/* map_compat.c */
const char *vs_field_name(uint8_t kind);	/* "bpf_spin_lock" */
int vs_map_helper_compat(struct vs_env *env, const struct vs_map *map, uint32_t helper);
/* An access of a map value by a helper (not direct) or an instruction: special fields are off
 * limits, but for kernel pointers hit exactly by an instruction (*kptr). */
int vs_map_fields(struct vs_env *env, const struct vs_reg *r, int32_t off, int size,
		  bool direct, const struct vs_field **kptr);
/* May the pointer in the register be kept in this field? */
int vs_check_kptr_match(struct vs_env *env, const struct vs_field *f, uint32_t regno);
/* The record of a struct of the program's BTF; null when nothing in it is special. */
const struct vs_record *vs_prog_struct_record(struct vs_env *env, uint32_t btf_id);

#endif

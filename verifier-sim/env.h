/* SPDX-License-Identifier: MIT */
/* env.h: what the files of this folder share: registers, stack slots, frames, states, facts
 * about instructions, and every prototype under the name of the file that defines it.
 *
 * Conventions. Functions that can reject return 0 or a negative errno; the only way to get
 * one is vs_reject() (the kernel says no: a row of errors.def), vs_unknown() (not modelled)
 * or vs_bug() (our own invariant is broken). A caller that sees a negative value returns it
 * at once, or adds a second row by another vs_reject() as the kernel prints a second line.
 * Instruction indices are slot indices. A register number above 10 never reaches a rule:
 * passes/insn_check.c looks at every instruction before the walk. */
#ifndef VEERY_VS_ENV_H
#define VEERY_VS_ENV_H

#include "base/buf.h"
#include "facts/facts.h"
#include "image/disasm.h"
#include "verifier-sim/values/tnum.h"
#include "verify.h"

#include <errno.h>

#ifndef ENOTSUPP
#define ENOTSUPP 524	/* the kernel's own "not supported", which reaches user space */
#endif

struct btf;		/* image/btf.h */

enum {
	VS_REGS = 11,
	VS_FP = 10,
	VS_FRAMES = 16,			/* the most of any kernel; see vs_profile.max_frames */
	VS_STACK = 512,
	VS_SLOTS = VS_STACK / 8,
	VS_MAX_SUBPROGS = 256,
	VS_MAX_MAPS = 64,
	VS_MAX_VAR_OFF = 1 << 29,	/* of pointers: larger offsets are not believed */
	VS_MAX_PACKET_OFF = 0xffff,
	VS_JMP_SEQ = 8192,		/* pending branches */
	VS_MAP_TYPE_ARENA = 33,		/* newer than our uapi headers */
};

/* ---- register types ---------------------------------------------------------------------- */

/* A type is a base and flags: (type & RT_BASE) and (type & ~RT_BASE). */
enum reg_type {			/* ORDER reg_type: names in types.c */
	RT_NOT_INIT,
	RT_SCALAR,
	RT_CTX,			/* the program's context */
	RT_CONST_MAP,		/* struct bpf_map * (u.map) */
	RT_MAP_VALUE,		/* (u.map) */
	RT_MAP_KEY,		/* key of for_each callbacks (u.map) */
	RT_STACK,		/* frame pointer plus offset (frameno) */
	RT_PACKET_META,
	RT_PACKET,
	RT_PACKET_END,
	RT_FLOW_KEYS,
	RT_SOCKET,
	RT_SOCK_COMMON,
	RT_TCP_SOCK,
	RT_TP_BUFFER,
	RT_XDP_SOCK,
	RT_BTF_ID,		/* kernel or program object (u.btf) */
	RT_MEM,			/* memory region of u.mem.size bytes */
	RT_ARENA,
	RT_BUF,			/* read-only or read-write buffer of iterators and kfuncs */
	RT_FUNC,		/* address of a subprogram (u.subprog) */
	RT_CONST_DYNPTR,	/* dynptr that lives in the kernel, not on our stack */
	RT_LAST,
	RT_BASE = 0xff,

	TF_MAYBE_NULL = 1 << 8,
	TF_RDONLY = 1 << 9,
	TF_RINGBUF = 1 << 10,
	TF_USER = 1 << 11,
	TF_PERCPU = 1 << 12,
	TF_RELEASE = 1 << 13,		/* arguments only: this one is released */
	TF_UNTRUSTED = 1 << 14,
	TF_UNINIT = 1 << 15,		/* arguments only: need not be initialised */
	TF_DYNPTR_LOCAL = 1 << 16,
	TF_DYNPTR_RINGBUF = 1 << 17,
	TF_FIXED_SIZE = 1 << 18,
	TF_ALLOC = 1 << 19,		/* object of the program's own BTF, from bpf_obj_new */
	TF_TRUSTED = 1 << 20,
	TF_RCU = 1 << 21,
	TF_NON_OWN = 1 << 22,
	TF_DYNPTR_SKB = 1 << 23,
	TF_DYNPTR_XDP = 1 << 24,
	TF_ALIGNED = 1 << 25,
	TF_WRITE = 1 << 26,
	TF_DYNPTR_SKB_META = 1 << 27,
	TF_DYNPTR_FILE = 1 << 28,
	TF_DYNPTR_ANY = TF_DYNPTR_LOCAL | TF_DYNPTR_RINGBUF | TF_DYNPTR_SKB | TF_DYNPTR_XDP |
			TF_DYNPTR_SKB_META | TF_DYNPTR_FILE,
};

enum dynptr_type { DYNPTR_NONE, DYNPTR_LOCAL, DYNPTR_RINGBUF, DYNPTR_SKB, DYNPTR_XDP,
		   DYNPTR_SKB_META, DYNPTR_FILE };
enum iter_state { ITER_INVALID, ITER_ACTIVE, ITER_DRAINED };	/* INVALID: second slots */
enum irq_class { IRQ_NATIVE, IRQ_LOCK };

/* The BTF a type id belongs to. */
enum btf_space { BTF_SPACE_NONE, BTF_SPACE_VMLINUX, BTF_SPACE_PROG };

enum {	/* pkt range specials, kept in u.range of the pointer compared with pkt_end */
	VS_AT_PKT_END = -1,
	VS_BEYOND_PKT_END = -2,
	VS_ADD_CONST64 = 1u << 31,	/* in id: linked to id with the constant `off` between, */
	VS_ADD_CONST32 = 1u << 30,	/* added in 64 or in 32 bits */
	VS_ADD_CONST = VS_ADD_CONST64 | VS_ADD_CONST32,
};

struct vs_map;

/* What the verifier knows of one register or of one spilled slot. Everything from `type` to
 * the end of the ranges is compared by walk/states.c; keep the ranges together. */
struct vs_reg {
	uint32_t type;		/* enum reg_type with flags */
	int32_t off;		/* pointers: fixed offset; scalars: distance to linked id */
	union {
		int32_t range;			/* RT_PACKET: bytes known to be there */
		struct {
			const struct vs_map *map;
			uint32_t map_uid;	/* tells lookups of inner maps apart */
		};
		struct {
			uint32_t btf_id;
			uint32_t btf_space;	/* enum btf_space */
		};
		struct {
			uint32_t mem_size;	/* RT_MEM */
			uint32_t dynptr_id;	/* of the dynptr a slice was cut from */
		};
		struct {
			uint8_t dynptr_type;	/* in dynptr slots and RT_CONST_DYNPTR */
			bool first_slot;
		};
		struct {
			uint32_t iter_btf_id;
			uint8_t iter_space;
			uint8_t iter_state;	/* enum iter_state */
			uint32_t iter_depth;
		};
		uint8_t irq_kind;		/* enum irq_class */
		uint32_t subprog;		/* RT_FUNC */
		uint64_t raw[2];
	};
	tnum var;		/* of a pointer: the variable part of its offset */
	int64_t smin, smax;
	uint64_t umin, umax;
	int32_t s32min, s32max;
	uint32_t u32min, u32max;
	uint32_t id;		/* equal ids: equal values; see VS_ADD_CONST */
	uint32_t ref_id;	/* the reference this pointer holds or derives from */
	uint32_t frameno;	/* RT_STACK: whose stack */
	bool precise;		/* its exact value mattered somewhere below */
};

enum slot_type {		/* ORDER slot_type: letters in log/write.c */
	SLOT_INVALID, SLOT_SPILL, SLOT_MISC, SLOT_ZERO, SLOT_DYNPTR, SLOT_ITER, SLOT_IRQ,
};

/* A register saved on the stack, shared by the copies of a state until one of them changes. */
struct vs_spill {
	struct vs_reg reg;
	uint32_t refs;
};

struct vs_slot {		/* 8 bytes of stack; slot i is fp-8*(i+1) */
	uint8_t type[8];	/* type[b] of slot i is the byte at fp - 8*i - 1 - b */
	struct vs_spill *spill;	/* see vs_slot_reg(), vs_slot_edit(); null: no register */
};

struct vs_range {
	int32_t min, max;
	bool low32;		/* judge the low 32 bits only */
};

struct vs_frame {
	struct vs_reg regs[VS_REGS];
	uint32_t callsite;	/* the call instruction in the caller */
	uint32_t frameno;
	uint32_t subprog;
	uint32_t async_entry;	/* counts async callbacks, so that states differ */
	uint32_t callback_depth;	/* iterations simulated of the callback above us */
	struct vs_range callback_ret;
	bool in_callback, in_async_callback, in_exception_callback;
	uint32_t nslots, cap;	/* slots allocated */
	struct vs_slot *stack;
	struct vs_instance *instance;	/* walk/live_stack.c; null until it asks */
};

enum ref_kind { REF_PTR = 1, REF_IRQ = 2, REF_LOCK = 4, REF_RES_LOCK = 8, REF_RES_LOCK_IRQ = 16,
		REF_ANY_LOCK = REF_LOCK | REF_RES_LOCK | REF_RES_LOCK_IRQ };

struct vs_ref {
	uint8_t kind;
	uint32_t id;
	uint32_t insn;		/* where it was acquired */
	const void *ptr;	/* locks: which map or object */
};

struct vs_jmp {			/* one step of the path, for backtracking */
	uint64_t idx : 20, prev : 20;
	uint64_t flags : 13;	/* JMP_* */
	uint64_t linked;	/* registers and slots that shared an id at a branch */
};

enum {
	JMP_STACK_ACCESS = 1 << 10,	/* flags & 15: frame, (flags >> 4) & 63: slot */
	JMP_DST_STACK = 1 << 11,	/* the operand registers were stack pointers (7.x) */
	JMP_SRC_STACK = 1 << 12,
};

struct vs_state {
	uint32_t branches;		/* paths below that are not finished */
	uint32_t curframe;
	uint32_t insn_idx;
	bool speculative, in_sleepable, cleaned;
	struct vs_state *parent;	/* the checkpoint this path last passed */
	struct vs_frame *frame[VS_FRAMES];
	struct vs_ref *refs;
	uint32_t nrefs, refs_cap;	/* every reference, lock and irq section */
	uint32_t active_locks, active_preempt, active_irq_id, active_rcu;
	uint32_t active_lock_id;
	const void *active_lock_ptr;
	uint32_t first_insn, last_insn;
	struct vs_state *equal_state;	/* loop states: what we matched */
	struct vs_jmp *jmps;
	uint32_t njmps, jmps_cap;
	uint32_t dfs_depth, callback_unroll, may_goto_depth;
};

/* ---- facts about instructions and subprograms: written before the walk ------------------- */

struct vs_operand {		/* of wide loads and calls: few instructions have one */
	const struct vs_map *map;	/* wide loads; helper calls: the map argument */
	uint32_t map_off;
	uint32_t ldimm_type;	/* reg_type a wide load yields (ksyms); 0 else */
	uint32_t btf_id;	/* ksyms: variable's type; kfunc calls: the function */
	uint32_t mem_size;
	const char *kfunc;	/* kfunc calls: name from the relocation or BTF */
	bool map_poisoned;	/* called with different maps */
};

struct vs_fact {
	uint16_t live_before;	/* registers that may be read from here on */
	bool jump_point : 1, prune_point : 1, force_checkpoint : 1;
	bool calls_callback : 1;	/* callback-calling helper or kfunc */
	bool iter_next : 1;	/* iterator next call */
	bool seen : 1, fields_ok : 1;	/* walked over; vs_check_fields() was content */
	bool unclean : 1;	/* some checkpoint here is finished but not cleaned */
	uint32_t scc;		/* strongly connected component, 0 none */
	uint32_t ptr_type;	/* of the pointer of a load or store, set by the walk: one
				 * instruction may not serve two kinds of pointers */
	struct vs_operand *op;	/* null for most */
	struct vs_explored *states;	/* checkpoints, newest first */
};

struct vs_subprog {
	uint32_t start, end;
	const char *name;
	uint32_t func_type_id;	/* BTF FUNC id in the program's BTF, 0 none */
	bool global, called, verified;
	bool is_async_cb, is_exception_cb, is_cb;
	bool has_tail_call, tail_call_reachable, has_ld_abs, changes_pkt_data, might_sleep,
	     might_throw;
	bool args_cached;
	uint8_t stack_mode;	/* enum stack_mode, passes/stack_depth.c */
	int8_t stack_arg;
	uint32_t linkage;
	uint32_t stack_depth;	/* bytes used below the frame pointer */
	uint32_t postorder_start, postorder_n;
	uint32_t exit_idx;
	uint8_t nargs;
	struct vs_arg {		/* from BTF, filled by passes/btf_check.c for global functions */
		uint8_t kind;	/* enum vs_arg_kind */
		uint32_t type_flags;
		uint32_t mem_size;
		uint32_t btf_id;
		uint32_t btf_space;
	} args[5];
};

enum vs_arg_kind { ARGK_SCALAR, ARGK_CTX, ARGK_MEM, ARGK_DYNPTR, ARGK_BTF_ID, ARGK_ARENA,
		   ARGK_UNSUPPORTED };

/* ---- maps -------------------------------------------------------------------------------- */

enum vs_field_kind {
	FIELD_SPIN_LOCK, FIELD_RES_SPIN_LOCK, FIELD_TIMER, FIELD_WORKQUEUE, FIELD_TASK_WORK,
	FIELD_KPTR_UNREF, FIELD_KPTR_REF, FIELD_KPTR_PERCPU, FIELD_UPTR,
	FIELD_LIST_HEAD, FIELD_LIST_NODE, FIELD_RB_ROOT, FIELD_RB_NODE, FIELD_REFCOUNT,
};

struct vs_field {
	uint8_t kind;		/* enum vs_field_kind */
	uint32_t off, size;
	uint32_t btf_id, btf_space;	/* pointee of kptrs, node type of roots */
	uint32_t node_off;
};

struct vs_record {		/* special fields of a map value or program-made object */
	uint32_t n;
	struct vs_field *fields;	/* by rising offset */
};

struct vs_map {
	const struct image_map *im;
	uint32_t index;		/* in image.maps; inner templates: of the outer one */
	uint32_t type, key_size, value_size, max_entries, flags;
	const struct vs_map *inner;
	struct vs_record record;
	bool read_only;		/* frozen and BPF_F_RDONLY_PROG: values are constants */
};

/* ---- the profile: what differs between kernels, as data (filled by profile.c) ------------ */

struct vs_profile {
	uint16_t kernel;
	bool split_caps;	/* 5.8: CAP_BPF and CAP_PERFMON, not CAP_SYS_ADMIN alone */
	bool bounded_loops;	/* 5.3 */
	bool global_funcs;	/* 5.6: before, every function is walked where it is called */
	bool ranges32;		/* 5.7: 32-bit halves have ranges of their own */
	bool mixed_tail_calls;	/* 5.10: tail calls in programs with functions */
	bool variable_stack;	/* 5.12, stable 5.10: stack offsets that are not constant */
	bool isa4;		/* 6.6: sign-extending loads and moves, sdiv, bswap, gotol */
	bool may_goto, arena;	/* 6.9 */
	bool load_acq;		/* 6.15: load-acquire, store-release */
	bool gotox;		/* 6.19 */
	bool early_fields;	/* 7.0: reserved fields are checked before the walk */
	bool commuted_whole;	/* 7.2, stable 6.18, 6.12, 6.1: number += pointer is all of the pointer */
	bool inner_may_lack;	/* 6.18: an index in range may lack in inner maps of any length */
	bool memory_untrusted;	/* 6.17: kernel pointers to no struct may be followed, guarded */
	bool objects_written;	/* 6.18: memory given to a function is written, objects too */
	bool folds_branches;	/* 7.1: branches that constants decide are jumps */
	bool whole_offset;	/* 7.1: a pointer's offset is one number, not two */
	bool signed_bits;	/* 7.1: small negative numbers are written as such */
	bool no_recursion;	/* 7.1: functions that call themselves are found before the walk */
	bool lookups_refined;	/* 7.3: what a lookup gives has its type before the null test */
	bool iter_trust;	/* 7.2, stable 6.12: iterators differ when RCU let go of one */
	bool bounded_not_null;	/* 7.2, stable 6.12: a pointer moved without bound may be null */
	bool ptr_halves;	/* 7.2, stable 6.12: half of a pointer may be 0 */
	bool zero_register;	/* 7.2: a null test may be against a register that holds 0 */
	bool atomic_types;	/* 7.2, stable 6.12: atomics, too, serve one kind of pointer */
	bool guarded_types;	/* 7.3: guarded loads and others are different kinds */
	bool arena_types;	/* 7.3: arithmetic is of arena addresses, or never */
	bool end_forgotten;	/* 7.2: a moved pointer was not compared with the packet's end */
	bool unlinks_sign;	/* 7.2: a number extended by its sign leaves its copies */
	bool retval_ranges;	/* 7.2: what bpf_set_retval is given has a range */
	bool global_frames;	/* 7.2: frames are counted anew in a global function */
	bool callback_limits;	/* 7.2: callbacks neither tail call nor read packets by LD_ABS */
	bool keeps_args;	/* 7.2: packets given to a global function stay as they are */
	bool kptr_locked;	/* 6.14: kernel pointers may be exchanged under a lock */
	bool ld_abs_returns;	/* 6.18, stable 6.12: a failed packet load leaves its function */
	bool user_pointers;	/* 6.13: maps of tasks keep pointers to user memory */
	bool may_goto_next;	/* 6.14: may_goto may lead to the next instruction */
	bool mul_signed;	/* 6.14: products of negative numbers have ranges */
	bool mul_bits;		/* 6.18: products keep more bits */
	bool arena_signs;	/* 6.18: loads from arenas may extend the sign */
	bool stack_sleeps;	/* 7.2, stable 6.12: reading a stack may sleep where that is allowed */
	bool callback_stays;	/* 7.3: no path leaves a callback by a tail call */
	bool zero_spills;	/* 7.3: saved zeros are zeros to loads at unknown offsets */
	bool callbacks_once;	/* up to 6.5: callbacks of helpers are walked once */
	bool pointers_compared;	/* 6.2: what equals a pointer that is not null is not null */
	bool gotol;		/* 6.6, stable 6.1: jumps of 32 bits */
	bool trusted_types;	/* 6.2: trust is part of a pointer's type */
	bool exact_loops;	/* 6.7: an endless loop comes back to the very same state */
	bool spills_zero;	/* 6.8: a 0 is saved as a number, not as bytes */
	bool spills_unbounded;	/* 6.9: a number of which nothing is known, too */
	bool mov32_links;	/* 6.4: a 32-bit move of a number that fits keeps the two equal */
	bool objects_as_memory;	/* 6.3: helpers read kernel objects as memory */
	bool spills_constants;	/* 6.1: a constant that is stored, too */
	bool error_ranges;	/* 5.11: what helpers that fail return has a lower bound */
	bool kernel_functions;	/* 5.13: programs may call functions of the kernel */
	bool arena_tags;	/* 7.3: pointers into arenas are known by their type */
	bool clones_hold;	/* 7.2: a dynptr may be overwritten while a clone holds its record */
	bool null_is_null;	/* 7.2: a known 0 is no argument that must not be null */
	bool kptr_rcu;		/* 6.4: RCU keeps what kernel pointers in maps point to */
	bool many_tags;		/* 7.2: of a pointer's tags those that mean something count */
	bool stack_round16;	/* 6.8: stack frames are rounded to 16 bytes, not 32 */
	bool logs_subprogs;	/* "func#0 @0" in the log */
	bool indirect_text;	/* up to 6.12: "invalid indirect read from stack" */
	bool null_precise;	/* 7.0, stable 6.12: arguments that must or may be 0 are precise */
	bool logs_places;	/* 6.9: source lines in the log say where they stand */
	bool logs_loops;	/* 6.17: loops are entered and left in the log */
	bool liveness_marks;	/* up to 6.17: registers in the log carry _w, _r */
	bool uninit_stack;	/* 6.3: privileged programs may read unwritten stack */
	bool reads_grow_stack;	/* 6.8: also below all that was written */
	bool narrow_fill;	/* 6.9: a part of a spilled number is known as it is */
	bool const_left;	/* 6.4: a constant before the comparison decides it, and ranges equality */
	bool atomics;		/* 5.12: atomic operations other than adding */
	bool scrubs_variable;	/* 6.12: variable stack writes end what they may hit */
	bool same_register;	/* 6.19: a register compared with itself decides the jump */
	bool cpu_range;		/* 6.10: bpf_get_smp_processor_id() is below the CPU count */
	bool any_back_edge;	/* 6.7: loops may also close by falling through */
	bool linked_scalars;	/* 6.10: ids survive adding a constant */
	bool linked_subs;	/* 6.18: and subtracting one, and either in 32 bits */
	bool tnum_steps;	/* 6.18: bits and range that share one number decide it */
	bool free_ids;		/* 6.12: a number that was linked to nothing covers any link */
	bool tnum_pairs;	/* up to 6.7: known numbers are written as bits, too */
	bool record_is_alloc;	/* up to 6.1: ring buffer records are called "alloc_mem" */
	bool scalar_is_inv;	/* up to 5.17: a number's type is called "inv" */
	bool forks_masks;	/* 6.12: 0 or -1 is split in two before and, or */
	bool div_ranges;	/* 7.0: division and remainder by a constant keep ranges */
	bool range_vs_range;	/* 6.8: register-register comparisons use ranges of both */
	bool checks_bounds;	/* 6.8 to 7.0: ranges that contradict are forgotten */
	bool return_ranges;	/* 6.8: "has smin=.. should have been in [..]" */
	bool end_ranges;	/* 6.18: byte swaps keep what is known of the bits */
	bool tail_call_returns;	/* 6.18: failed and taken tail calls are two paths */
	bool neg_ranges;	/* 6.16: negation keeps ranges */
	bool ctx_fixed_off;	/* 7.0: the context pointer may be moved by a constant */
	bool global_sleep_rule;	/* 6.13: global functions that may sleep need a sleepable place */
	const char *exit_text;	/* what may not happen inside a locked region, in words */
	bool lock_calls;	/* 6.9: static functions may be called under a lock */
	bool more_not_null;	/* 6.3: also memory, maps and trusted objects cannot be null */
	bool barriers;		/* 6.17: faults of speculation get a barrier, no rejection */
	bool no_casts;		/* 6.2: struct x___init does not pass for struct x */
	bool all_trust;		/* 7.0, stable 6.18: all kernel functions want trusted arguments */
	bool late_fixes;	/* 7.1, and stable kernels of 2026: more tracepoints and hooks known */
	bool iters_in_rcu;	/* 6.18: iterators that RCU protects are begun in its sections */
	bool percpu_data;	/* 7.3: per-CPU arrays of one entry have an address */
	bool packets_keep_sockets;	/* 7.3: programs on packets do not change socket maps */
	uint32_t insn_limit, states_limit;
	uint32_t max_frames;	/* 8; 16 since 7.2 */
};

/* ---- the environment --------------------------------------------------------------------- */

enum vs_err {
#define ERR(code, name, kind, err, text, head, help) VS_E_##name,
#include "errors.def"
#include "errors_rules.def"
#undef ERR
	VS_E_COUNT,
};

enum vs_kind {
#define KIND(name, words, where, explain, no_page) VK_##name,
#include "verifier-sim/explain/kinds.def"
#undef KIND
};

/* A rejection as data, kept when it is to be explained. */
struct vs_fault {
	enum vs_err first, last;	/* rows reported: the specific one, the final words */
	enum vs_kind kind;		/* of the first */
	uint32_t nargs;			/* values in the first row's text, in order */
	int64_t args[8];
	const char *texts[8];		/* those that are text; else null */
	int reg;			/* named by either text ("R%d"), or -1 */
};

/* Walks that are to be explained: what is kept, and who is told at the end, while the
 * verification's memory still stands. */
struct vs_watch {
	void (*end)(struct vs_env *env, void *user);
	void *user;
};
struct vs_trail;	/* explain/trail.c */

/* A checkpoint. Looking for one that covers a state goes through many: what is asked of each
 * lies together, up to the first members of the state. */
struct vs_explored {
	struct vs_explored *next;
	struct vs_explored **dropped_from;	/* the link to it among those dropped, or null */
	uint32_t miss, hit;
	uint32_t callsite;		/* of the innermost frame */
	struct vs_state st;
};

struct vs_pending {		/* a branch to be walked later */
	struct vs_state *st;
	uint32_t insn_idx, prev_insn;
	uint32_t log_pos;
	uint32_t trail;		/* vs_trail_mark() when it was left */
	struct vs_pending *next;
};

struct vs_pools;	/* walk/state.c */
struct vs_live;		/* walk/live_stack.c */
struct vs_loops;	/* walk/states.c */
struct vs_backtrack;	/* walk/backtrack.c */
struct vs_rules;	/* facts' own private data; see vs_rules_init */

struct vs_env {
	const struct image *im;
	const struct image_prog *prog;
	const struct verify_opts *opts;
	struct verify_result *r;
	struct arena *a;		/* caller's: results */
	struct arena *tmp;		/* this verification's */
	struct vs_profile prof;
	uint32_t type, attach;		/* program type, expected attach type */
	uint32_t caps, flags;		/* VCAP_*, prog_flags */
	bool sleepable, gpl;
	bool allow_ptr_leaks, allow_uninit_stack, bpf_capable, bypass_spec_v1, bypass_spec_v4;
	bool strict_alignment, test_state_freq, test_reg_invariants;
	struct bpf_insn *insns;		/* private copy; patched as the kernel does */
	uint32_t n;
	struct vs_fact *fact;		/* per slot */
	struct vs_subprog *subprogs;	/* nsub + 1: the last one is a sentinel at n */
	uint32_t nsub;
	uint32_t *postorder;		/* of all subprograms, see vs_subprog.postorder_start */
	uint32_t npostorder;
	uint32_t nscc;
	struct vs_map *maps[VS_MAX_MAPS];
	uint32_t nmaps;
	struct btf *vmlinux;	/* kernel's; ask vs_vmlinux(), which opens it */
	bool vmlinux_known;	/* opened, or there is none */
	struct btf *btf;	/* the program's; may be null */
	/* the walk */
	struct vs_state *cur;
	uint32_t insn_idx, prev_insn_idx;
	struct vs_pending *pending, *free_pending;
	uint32_t npending;
	uint32_t next_id;
	uint32_t cur_jmp;		/* index + 1 of this insn's entry in jmps, or 0 */
	uint64_t processed;
	uint32_t total_states, peak_states, max_states_per_insn;
	uint32_t prev_jmps_processed, jmps_processed;
	uint64_t prev_insn_processed;
	uint32_t subprog;		/* being verified: 0 or a global function */
	bool seen_exception;
	int exception_cb;		/* subprogram, or -1 */
	bool changes_pkt_data;
	bool enters_callback;		/* the call being checked walks its callback next */
	struct vs_pools *pools;
	struct vs_live *live;
	struct vs_loops *loops;
	struct vs_backtrack *bt;
	struct vs_spec *spec;		/* walk/spec.c; null with CAP_PERFMON */
	bool exact_numbers;		/* states cover only what has the very same numbers */
	struct vs_rules *rules;
	/* explanations */
	const struct vs_watch *watch;	/* null: an ordinary verification */
	struct vs_trail *trail;
	struct vs_fault fault;
	/* errors and log */
	bool failed;
	struct buf log;
	const struct bpf_line_info *prev_line;
	uint32_t prev_log_end, prev_insn_print;
	uint32_t scratched_regs;
	uint64_t scratched_slots;
	/* Called for every instruction about to be walked, for tests and the interpreter. */
	void (*on_insn)(void *user, const struct vs_env *env);
	void *on_insn_user;
};

/* ---- errors.c ---------------------------------------------------------------------------- */

/* Reject: format the row's text with the arguments, remember it as the kernel's last words.
 * Returns the row's errno (negative). */
int vs_reject(struct vs_env *env, enum vs_err e, ...);
/* Print a row's text without rejecting: the kernel says it and goes on. */
void vs_say(struct vs_env *env, enum vs_err e, ...);
int vs_unknown(struct vs_env *env, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int vs_bug(struct vs_env *env, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *vs_errno_name(int err);
const char *vs_kind_words(enum vs_kind kind);
enum vs_kind vs_kind_of(const char *code);	/* SHAPE when there is no such code */
/* Can a run go wrong this way, or does only the verifier forbid it? */
bool vs_kind_runs(enum vs_kind kind);

/* ---- types.c: names of types as the kernel prints them ----------------------------------- */

/* "map_value_or_null", "trusted_ptr_", ... into a buffer that lives in env->tmp. */
const char *vs_type_name(struct vs_env *env, uint32_t type);
static inline uint32_t vs_base(uint32_t type) { return type & RT_BASE; }
static inline uint32_t vs_flags(uint32_t type) { return type & ~(uint32_t)RT_BASE; }
static inline bool vs_may_be_null(uint32_t type) { return type & TF_MAYBE_NULL; }
bool vs_is_pkt_type(uint32_t type);	/* packet or packet_meta */
bool vs_is_sk_type(uint32_t type);	/* socket, sock_common, tcp_sock, xdp_sock */
bool vs_is_alloc_type(uint32_t type);	/* BTF_ID with TF_ALLOC */
bool vs_not_null(struct vs_env *env, const struct vs_reg *reg);	/* cannot be null */
bool vs_is_trusted(const struct vs_reg *reg);
const struct vs_record *vs_reg_record(struct vs_env *env, const struct vs_reg *reg);
const struct vs_field *vs_record_find(const struct vs_record *rec, uint8_t kind);
bool vs_is_pointer_value(struct vs_env *env, uint32_t regno);	/* leaks matter: not a scalar */

/* ---- values/scalar.c: ranges of one register --------------------------------------------- */

void vs_bounds_unknown(struct vs_reg *r);
/* Make tnum and all ranges agree. */
void vs_bounds_sync(const struct vs_env *env, struct vs_reg *r);
void vs_mark_known(struct vs_reg *r, uint64_t v);	/* value, ids untouched */
void vs_mark_known_zero(struct vs_reg *r);	/* var part of a pointer */
/* Becomes a scalar that is exactly zero; keeps `precise`. */
void vs_mark_const_zero(struct vs_env *env, struct vs_reg *r);
void vs_reg_unknown(struct vs_env *env, struct vs_reg *r);	/* unknown scalar */
void vs_reg_not_init(struct vs_env *env, struct vs_reg *r);
bool vs_is_const(const struct vs_reg *r, bool low32);
uint64_t vs_const_value(const struct vs_reg *r, bool low32);
bool vs_bounds_broken(const struct vs_reg *r);	/* ranges contradict: a dead path */
void vs_zext_32(struct vs_reg *r);		/* zero-extend the low half */
/* Zero-extend the low bytes. */
void vs_coerce_size(const struct vs_env *env, struct vs_reg *r, int size);
void vs_coerce_size_sx(struct vs_reg *r, int size, bool to32);
void vs_union_null(struct vs_reg *r, uint64_t v);

/* ---- walk/state.c: states, frames, references -------------------------------------------- */

static inline struct vs_frame *vs_cur_frame(struct vs_env *env)
{
	return env->cur->frame[env->cur->curframe];
}
static inline struct vs_reg *vs_cur_regs(struct vs_env *env)
{
	return vs_cur_frame(env)->regs;
}
/* The frame a stack pointer points into. */
static inline struct vs_frame *vs_frame_of(struct vs_env *env, const struct vs_reg *r)
{
	return env->cur->frame[r->frameno];
}
void vs_pools_init(struct vs_env *env);
struct vs_state *vs_state_new(struct vs_env *env);
void vs_state_copy(struct vs_env *env, struct vs_state *dst, const struct vs_state *src);
void vs_state_free(struct vs_env *env, struct vs_state *st, bool self);
struct vs_frame *vs_frame_new(struct vs_env *env);
void vs_frame_free(struct vs_env *env, struct vs_frame *f);
void vs_frame_grow(struct vs_env *env, struct vs_frame *f, uint32_t nslots);
/* Every register and spilled register of a state, in order. Not copied: `fn` may write. */
void vs_each_reg(struct vs_env *env, struct vs_state *st,
		 void (*fn)(void *user, struct vs_reg *r), void *user);
/* References. Acquire returns the id (never 0). Release invalidates what derives from it. */
uint32_t vs_acquire_ref(struct vs_env *env, uint32_t insn_idx);
int vs_release_ref(struct vs_env *env, uint32_t ref_id);	/* -EINVAL: no such reference */
bool vs_release_ref_nomark(struct vs_state *st, uint32_t ref_id);
void vs_acquire_lock(struct vs_env *env, uint8_t kind, uint32_t id, const void *ptr);
int vs_release_lock(struct vs_env *env, uint8_t kind, uint32_t id, const void *ptr);
const struct vs_ref *vs_find_lock(struct vs_state *st, uint8_t kinds, uint32_t id,
				  const void *ptr);
uint32_t vs_acquire_irq(struct vs_env *env, uint32_t insn_idx);
int vs_release_irq(struct vs_env *env, uint32_t id);
void vs_invalidate_reg(struct vs_env *env, struct vs_reg *r);	/* no longer readable */
void vs_invalidate_non_owning(struct vs_env *env);
void vs_clear_pkt_pointers(struct vs_env *env);
void vs_push_history(struct vs_env *env, uint32_t flags, uint64_t linked);

/* ---- passes/; walk/live_stack.c ---------------------------------------------------------- */

struct vs_operand *vs_operand(struct vs_env *env, uint32_t insn);	/* made when missing */
int vs_check_insns(struct vs_env *env);		/* opcodes exist; what wide loads name */
bool vs_has_arena(const struct vs_env *env);	/* one of the program's maps is an arena */
int vs_check_fields(struct vs_env *env, const struct bpf_insn *in);	/* reserved ones */
int vs_find_subprogs(struct vs_env *env);
int vs_check_subprogs(struct vs_env *env);
int vs_subprog_at(const struct vs_env *env, uint32_t start);	/* -1: none starts there */
int vs_subprog_of(const struct vs_env *env, uint32_t insn);	/* contains */
uint32_t vs_successors(const struct vs_env *env, uint32_t i, uint32_t out[2]);
static inline int32_t vs_jmp_off(const struct bpf_insn *in)
{
	return in->code == (BPF_JMP32 | BPF_JA) ? in->imm : in->off;
}
int vs_check_cfg(struct vs_env *env);
void vs_postorder(struct vs_env *env);
/* passes/const_branch.c: needs the postorder, and makes it anew when a branch is gone. */
void vs_fold_branches(struct vs_env *env);
/* passes/subprog.c: needs the postorder. */
int vs_check_recursion(struct vs_env *env);
void vs_scc(struct vs_env *env);
void vs_live_regs(struct vs_env *env);
void vs_live_stack_init(struct vs_env *env);
void vs_live_stack_read(struct vs_env *env, uint32_t frameno, uint32_t slot);
void vs_live_stack_write(struct vs_env *env, uint32_t frameno, uint32_t slot);
/* The slots of a frame of `st` that may still be read, a bit each. */
uint64_t vs_live_stack(struct vs_env *env, const struct vs_state *st, uint32_t frameno);
int vs_check_stack_depth(struct vs_env *env);
void vs_log_live_regs(struct vs_env *env);
int vs_check_btf(struct vs_env *env);		/* func_info and line_info */
const char *vs_btf_text(struct vs_env *env, uint32_t offset);	/* of the program's BTF */
/* Where the function lies that is called when the program throws; 0: there is none. */
int vs_exception_callback(struct vs_env *env, uint32_t *at);

/* ---- walk/walk.c: the main loop; call.c: subprograms and callbacks ----------------------- */

/* Arguments of a global function, by its prototype (rules/global.c): what they are, registers
 * at its entry, and whether a call's register fits one. */
int vs_prepare_args(struct vs_env *env, uint32_t subprog);
void vs_log_main_args(struct vs_env *env);
bool vs_returns_void(const struct vs_env *env, uint32_t subprog);	/* and may */
int vs_entry_args(struct vs_env *env, struct vs_frame *f, uint32_t subprog);
int vs_walk_main(struct vs_env *env);
int vs_walk_globals(struct vs_env *env);
/* Save the current state to be walked from insn_idx later; null after a rejection. */
struct vs_state *vs_push_branch(struct vs_env *env, uint32_t insn_idx, uint32_t prev,
				bool speculative);
struct vs_state *vs_push_async(struct vs_env *env, uint32_t insn_idx, uint32_t prev,
			       uint32_t subprog, bool sleepable);
/* An operand: is it readable, or may it be written (and becomes an unknown scalar, unless the
 * caller sets it)? */
enum vs_use { VS_READ, VS_WRITE, VS_WRITE_KEEP };
int vs_check_reg_arg(struct vs_env *env, uint32_t regno, enum vs_use use);
int vs_check_call(struct vs_env *env, const struct bpf_insn *in, uint32_t *insn_idx);
/* Enter a frame for subprogram `subprog`; `set` fills the callee's registers. */
/* The pointer type a load or store at the current instruction goes through: two that need
 * different code are rejected. */
int vs_note_ptr_type(struct vs_env *env, uint32_t type, bool allow_trust_mismatch);
typedef int vs_set_callee(struct vs_env *env, struct vs_frame *caller, struct vs_frame *callee,
			  uint32_t insn_idx);
/* After a helper is checked: into the callback it was given, where those are walked once. */
void vs_enter_callback(struct vs_env *env, uint32_t *insn_idx);
int vs_push_callback(struct vs_env *env, const struct bpf_insn *in, uint32_t insn_idx,
		     uint32_t subprog, vs_set_callee *set, bool async, bool async_sleepable);
/* Leave the current function, or the program: then *end_path. A bpf_throw leaves all. */
/* A tail call inside a function: taken, the function never comes back to this point. */
int vs_tail_call_paths(struct vs_env *env, uint32_t *insn_idx);
int vs_ld_abs_paths(struct vs_env *env, uint32_t *insn_idx);
int vs_check_exit(struct vs_env *env, uint32_t *insn_idx, bool *end_path, bool exception);
int vs_check_ref_leak(struct vs_env *env, bool exception);
int vs_check_resource_leak(struct vs_env *env, bool exception_exit, bool check_lock,
			   const char *prefix);
bool vs_in_sleepable(struct vs_env *env);	/* here, with all sections looked at */
/* The entry of the walk of a subprogram: R1.. as its prototype says. */
void vs_init_frame(struct vs_env *env, struct vs_frame *f, uint32_t callsite, uint32_t frameno,
		   uint32_t subprog);
struct vs_state *vs_find_prev(struct vs_env *env, const struct vs_state *cur, uint32_t insn_idx);
/* The values are the same, whatever their ids and marks. */
bool vs_regs_identical(const struct vs_reg *a, const struct vs_reg *b);
/* " smin=.. smax=.." as the kernel says what a return value may be. */
const char *vs_range_text(struct vs_env *env, const struct vs_reg *r);
void vs_widen(struct vs_env *env, const struct vs_state *old, struct vs_state *cur);
/* Open-coded iterators: what happens at a call of a `next` kfunc. */
int vs_iter_next(struct vs_env *env, uint32_t insn_idx, uint32_t frameno, uint32_t slot);
/* A fresh return value for the caller after helper or kfunc: R1-R5 unreadable. */
void vs_clobber_args(struct vs_env *env);

/* ---- values/alu.c, alu_div.c, alu_ptr.c, branch.c; walk/atomic.c ------------------------- */

int vs_check_alu(struct vs_env *env, const struct bpf_insn *in);
int vs_adjust_pointer(struct vs_env *env, const struct bpf_insn *in, const struct vs_reg *ptr,
		      const struct vs_reg *off);
int vs_alu_scalar(struct vs_env *env, const struct bpf_insn *in, struct vs_reg *dst,
		  struct vs_reg src);
void vs_add_ranges(struct vs_reg *dst, const struct vs_reg *src);
/* values/alu_div.c: dst / by or dst % by, for one known number. */
void vs_div_ranges(const struct bpf_insn *in, struct vs_reg *dst, const struct vs_reg *by);
int vs_check_jump(struct vs_env *env, const struct bpf_insn *in, uint32_t *insn_idx);
int vs_check_atomic(struct vs_env *env, const struct bpf_insn *in);
/* Mark every pointer with this id as null or not null. */
void vs_mark_ptr_null(struct vs_env *env, struct vs_state *st, uint32_t id, bool is_null);
/* Where a pointer may point, from its base: on kernels whose pointers have a fixed offset and a
 * range, the range alone. */
struct vs_span {
	int64_t lo, hi;
};
struct vs_span vs_span(const struct vs_env *env, const struct vs_reg *r);
bool vs_reg_is_null(const struct vs_reg *r);	/* a number that is known to be 0 */
/* Syscall programs' context is memory like any other, since 7.1. */
static inline bool
vs_ctx_is_memory(const struct vs_env *env)
{
	return env->prof.whole_offset && env->type == BPF_PROG_TYPE_SYSCALL;
}
/* The type of a pointer once it is known not to be null. */
void vs_mark_not_null(struct vs_env *env, struct vs_reg *r);
/* What a lookup gave, by the map's type: an inner map, a socket. */
void vs_refine_lookup(struct vs_env *env, struct vs_reg *r);

/* ---- walk/spec.c: speculation, without CAP_PERFMON --------------------------------------- */

struct vs_mask {		/* of one move of a pointer by a register */
	bool off_is_dst, left;
	uint8_t state;
	uint32_t room;		/* before the move */
};
void vs_spec_init(struct vs_env *env);
bool vs_spec_blocked(const struct vs_env *env);	/* a barrier before this instruction */
bool vs_spec_ends(const struct vs_env *env);	/* or behind it */
/* The rejection happened in speculation only: a barrier instead, and the path ends. */
bool vs_spec_forgives(struct vs_env *env, int err);
void vs_spec_store(struct vs_env *env, const struct vs_slot *s, int size, bool pointer,
		   uint32_t insn_idx);
/* The side of a decided branch that is not taken. */
int vs_spec_branch(struct vs_env *env, const struct bpf_insn *in, uint32_t to);
int vs_spec_number(struct vs_env *env, const struct bpf_insn *in);	/* number and number */
/* Before and after a pointer moves by `off`. */
int vs_spec_pointer(struct vs_env *env, const struct bpf_insn *in, const struct vs_reg *ptr,
		    const struct vs_reg *off, struct vs_mask *m);
int vs_spec_moved(struct vs_env *env, const struct bpf_insn *in, const struct vs_reg *dst,
		  const struct vs_mask *m);

/* ---- values/links.c ---------------------------------------------------------------------- */

enum { VS_MAX_LINKS = 6 };
struct vs_link {
	uint8_t frame, index;	/* register number or slot */
	bool is_reg;
};
struct vs_links {
	uint32_t n;
	struct vs_link at[VS_MAX_LINKS];
};
void vs_collect_links(struct vs_env *env, struct vs_state *st, uint32_t id, struct vs_links *l);
uint64_t vs_pack_links(const struct vs_env *env, const struct vs_links *l);
void vs_unpack_links(const struct vs_env *env, uint64_t v, struct vs_links *l);
void vs_sync_links(struct vs_env *env, struct vs_state *st, const struct vs_reg *known,
		   const struct vs_links *l);

/* ---- walk/mem.c: loads and stores; stack.c: the stack ------------------------------------ */

/* A number from a frozen map; false: the map or the place does not tell. */
bool vs_frozen_value(const struct vs_map *map, int64_t off, int size, bool sx, uint64_t *v);
/* A load or store of `size` bytes (1..8) through regno + off. value_regno: the register
 * stored or loaded into, or -1. */
int vs_check_mem_access(struct vs_env *env, uint32_t insn_idx, uint32_t regno, int32_t off,
			int size, bool write, int value_regno, bool strict_once, bool sx);
/* off .. off+size inside a region of mem_size bytes, variable part included. */
int vs_check_region(struct vs_env *env, uint32_t regno, int32_t off, int size, uint32_t mem_size,
		    bool zero_ok);
int vs_check_map_access(struct vs_env *env, uint32_t regno, int32_t off, int size, bool zero_ok,
			bool direct);	/* direct: a load or store, not by a helper */
int vs_check_packet_access(struct vs_env *env, uint32_t regno, int32_t off, int size,
			   bool zero_ok);
int vs_check_ptr_off(struct vs_env *env, const struct vs_reg *r, uint32_t regno, bool fixed_ok);
int vs_check_ptr_off_ctx(struct vs_env *env, const struct vs_reg *r, uint32_t regno);
int vs_check_ptr_off_zero(struct vs_env *env, const struct vs_reg *r, uint32_t regno);
int vs_check_ptr_align(struct vs_env *env, const struct vs_reg *r, int32_t off, int size,
		       bool strict_once);
int vs_check_buffer(struct vs_env *env, const struct vs_reg *r, uint32_t regno, int32_t off,
		    int size, bool zero_ok);
int vs_map_check_rw(struct vs_env *env, uint32_t regno, int32_t off, int size, bool write);
bool vs_may_access_direct_pkt(struct vs_env *env, bool write, bool is_helper);

/* Does [regno+off, +size) lie in the frame, initialised? Marks what is read precise.
 * `write`: a helper writes there (raw memory allowed when meta_raw is set). */
struct vs_stack_args {
	uint32_t regno;
	int32_t off;
	uint32_t size;
	bool zero_ok, write, helper;
	bool *raw;		/* in: uninitialised memory is fine; out: cleared when it is not
				 * the stack's business any more. May be null. */
	uint32_t *raw_size;	/* out with raw: how much the helper fills */
	int32_t *raw_regno;
};
int vs_check_stack_range(struct vs_env *env, const struct vs_stack_args *s);
int vs_stack_access_in_bounds(struct vs_env *env, uint32_t regno, int32_t off, int size,
			      bool helper, bool write);
int vs_stack_read(struct vs_env *env, uint32_t regno, int32_t off, int size, int value_regno);
int vs_stack_write(struct vs_env *env, uint32_t regno, int32_t off, int size, int value_regno,
		   uint32_t insn_idx);
void vs_scalar_id(struct vs_env *env, struct vs_reg *r);	/* before copying a scalar */
void vs_slot_scrub(struct vs_env *env, struct vs_slot *s);
/* walk/state.c: what is saved in a slot (one that was never written to, when nothing is): to be
 * read, to be changed, and to be replaced or forgotten. */
extern const struct vs_reg vs_never_written;
static inline const struct vs_reg *vs_slot_reg(const struct vs_slot *s)
{
	return s->spill ? &s->spill->reg : &vs_never_written;
}
static inline bool vs_slot_is_spill(const struct vs_slot *s)	/* of a register, or a part */
{
	return s->type[7] == SLOT_SPILL;
}
static inline bool vs_slot_is_spilled_scalar(const struct vs_slot *s)
{
	return s->type[7] == SLOT_SPILL && vs_slot_reg(s)->type == RT_SCALAR;
}
struct vs_reg *vs_slot_edit(struct vs_env *env, struct vs_slot *s);
void vs_slot_set(struct vs_env *env, struct vs_slot *s, const struct vs_reg *r);
void vs_slot_drop(struct vs_env *env, struct vs_slot *s);
/* Slot index of stack offset `off` (negative): (-off - 1) / 8. */
static inline uint32_t vs_slot_of(int32_t off) { return (uint32_t)(-off - 1) / 8; }
/* Before ordinary writes to slots that hold dynptrs, iterators or irq flags. */
int vs_destroy_if_dynptr(struct vs_env *env, struct vs_frame *f, uint32_t slot);

/* ---- walk/objects.c: dynptrs, iterators and irq flags on the stack ----------------------- */

/* The slot at which the object a RT_STACK register points to begins (its lowest address);
 * rejects when the offset is unknown or odd, -ERANGE without a message when the stack does not
 * reach there yet. */
int vs_dynptr_slot(struct vs_env *env, const struct vs_reg *r);
bool vs_dynptr_reg_uninit_ok(struct vs_env *env, const struct vs_reg *r);
bool vs_dynptr_reg_init(struct vs_env *env, const struct vs_reg *r);
/* Into the packet, or cut from it: gone when the packet may have moved. */
bool vs_is_packet(const struct vs_reg *r);
uint32_t vs_dynptr_flag(enum dynptr_type t);
bool vs_dynptr_type_ok(struct vs_env *env, const struct vs_reg *r, uint32_t arg_flags);
int vs_mark_dynptr(struct vs_env *env, const struct vs_reg *r, enum dynptr_type t,
		   uint32_t insn_idx, uint32_t clone_ref);
void vs_make_dynptr_reg(struct vs_env *env, struct vs_reg *r, enum dynptr_type t);
int vs_unmark_dynptr(struct vs_env *env, const struct vs_reg *r);
uint32_t vs_dynptr_id(struct vs_env *env, const struct vs_reg *r);
uint32_t vs_dynptr_ref(struct vs_env *env, const struct vs_reg *r);
enum dynptr_type vs_dynptr_type_of(struct vs_env *env, const struct vs_reg *r);
int vs_iter_slot(struct vs_env *env, const struct vs_reg *r, uint32_t nslots);
bool vs_iter_uninit_ok(struct vs_env *env, const struct vs_reg *r, uint32_t nslots);
int vs_iter_init_ok(struct vs_env *env, const struct vs_reg *r, uint32_t btf_id,
		    uint32_t nslots);	/* 0, -EINVAL not an iterator, -EPROTO wrong context */
int vs_mark_iter(struct vs_env *env, const struct vs_reg *r, uint32_t btf_id, uint32_t nslots,
		 uint32_t insn_idx, uint32_t reg_flags);	/* TF_RCU or TF_UNTRUSTED or 0 */
int vs_unmark_iter(struct vs_env *env, const struct vs_reg *r, uint32_t nslots);
bool vs_irq_uninit_ok(struct vs_env *env, const struct vs_reg *r);
bool vs_irq_init_ok(struct vs_env *env, const struct vs_reg *r);
int vs_mark_irq(struct vs_env *env, const struct vs_reg *r, uint32_t insn_idx, uint8_t kind);
int vs_unmark_irq(struct vs_env *env, const struct vs_reg *r, uint8_t kind);

/* ---- walk/states.c, backtrack.c ---------------------------------------------------------- */

void vs_states_init(struct vs_env *env);
void vs_states_reset(struct vs_env *env);	/* between functions: forget all checkpoints */
/* 1: this state was seen, end the path; 0: go on; negative: rejected (infinite loop). */
int vs_is_visited(struct vs_env *env, uint32_t insn_idx);
int vs_update_branches(struct vs_env *env, struct vs_state *st);
void vs_backtrack_init(struct vs_env *env);
/* The value of this register decides: mark it precise along the path that made it. */
int vs_mark_precise(struct vs_env *env, uint32_t regno);
int vs_mark_slots_precise(struct vs_env *env, uint32_t frame, uint64_t slots);
void vs_mark_all_precise(struct vs_env *env, struct vs_state *st);	/* in all parents */
int vs_propagate_precision(struct vs_env *env, const struct vs_state *old, struct vs_state *cur,
			   bool *changed);

/* ---- log/write.c: the log, in the kernel's format ---------------------------------------- */

void vs_log(struct vs_env *env, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void vs_log_insn(struct vs_env *env, uint32_t i);
void vs_log_state(struct vs_env *env, const struct vs_state *st, uint32_t frameno, bool all);
void vs_log_insn_state(struct vs_env *env, const struct vs_state *st, uint32_t frameno);
void vs_log_line(struct vs_env *env, uint32_t i, const char *prefix);
void vs_log_stats(struct vs_env *env);
const char *vs_tnum_text(struct vs_env *env, tnum t);	/* "(0x0; 0xff)", or a number */
void vs_reg_text(struct vs_env *env, struct buf *b, const struct vs_reg *r);
/* Precision, at level 2. */
void vs_log_precise(struct vs_env *env, uint32_t frameno, const char *whose, uint32_t regs,
		    uint64_t slots);
void vs_log_precise_insn(struct vs_env *env, uint32_t i);
void vs_log_propagating(struct vs_env *env, uint32_t frameno, uint32_t regs, uint64_t slots);
static inline bool vs_logs_all(const struct vs_env *env) { return env->opts->log_level & 2; }
static inline bool vs_logs(const struct vs_env *env) { return env->opts->log_level & 3; }
static inline void vs_scratch_reg(struct vs_env *env, uint32_t r)
{
	env->scratched_regs |= 1u << r;
}
static inline void vs_scratch_slot(struct vs_env *env, uint32_t slot)
{
	env->scratched_slots |= (uint64_t)1 << (slot & 63);
}

/* ---- verify.c ---------------------------------------------------------------------------- */

enum {	/* prog_flags of BPF_PROG_LOAD; the newer ones are not in our uapi headers */
	VS_F_STRICT_ALIGNMENT = 1, VS_F_ANY_ALIGNMENT = 2, VS_F_TEST_STATE_FREQ = 8,
	VS_F_SLEEPABLE = 16, VS_F_XDP_DEV_BOUND = 64,
};
bool vs_license_gpl(const char *license);
/* verify_prog(), watched for an explanation (or not: null). */
void vs_verify(const struct image *im, const struct image_prog *p, const struct verify_opts *o,
	       const struct vs_watch *watch, struct arena *a, struct verify_result *r);

/* ---- profile.c --------------------------------------------------------------------------- */

void vs_profile_fill(struct vs_profile *p, uint16_t kernel, uint16_t patch);

/* What the walk asks of the rules; what they ask of each other stands in rules/rules.h. */

/* ---- rules/prog.c: program and attach types ---------------------------------------------- */

int vs_rules_init(struct vs_env *env);		/* private data, ctx layout, kfunc tables */
/* Program and attach type available in this kernel with these capabilities; size. */
int vs_check_load(struct vs_env *env);
int vs_check_attach(struct vs_env *env);	/* sleepable, what it attaches to */
/* Type of R1 at entry (RT_CTX for nearly all). */
int vs_entry_ctx(struct vs_env *env, struct vs_reg *r1);
/* At exit: the return register (0, or 1 for bpf_throw) is in the range of the program and
 * attach type. */
int vs_check_return(struct vs_env *env, uint32_t regno, const char *reg_name);
/* What is returned goes to the kernel with its reference (struct_ops). */
bool vs_returns_object(struct vs_env *env, const struct vs_reg *r);
int vs_check_ld_abs(struct vs_env *env, const struct bpf_insn *in);

/* ---- rules/ctx.c: the context and what is reached through it ----------------------------- */

struct vs_ctx_info {
	uint32_t reg_type;	/* what a load yields: RT_SCALAR or a pointer */
	uint32_t btf_id, btf_space;
	uint32_t ref_id;	/* trusted, acquired context argument */
	uint32_t mem_size;	/* for RT_BUF and RT_MEM results */
	bool sx;		/* in: a sign-extending load */
	bool has_range;		/* the scalar lies in min..max (return values of hooks) */
	int32_t min, max;
};
/* 0 when allowed; -EACCES without a message when not: the caller says
 * "invalid bpf_context access off=%d size=%d". */
int vs_ctx_access(struct vs_env *env, uint32_t insn_idx, int32_t off, int size, bool write,
		  struct vs_ctx_info *info);
/* struct bpf_sock, bpf_tcp_sock, bpf_xdp_sock, bpf_flow_keys: 0, or -EACCES without message. */
int vs_sock_access(struct vs_env *env, const struct vs_reg *r, int32_t off, int size, bool write,
		   struct vs_ctx_info *info);
int vs_flow_keys_access(struct vs_env *env, int32_t off, int size, bool write);
/* A load or store through RT_BTF_ID, and through RT_CONST_MAP. They say their own messages. */
int vs_btf_access(struct vs_env *env, uint32_t insn_idx, uint32_t regno, int32_t off, int size,
		  bool write, int value_regno);
int vs_map_ptr_access(struct vs_env *env, uint32_t regno, int32_t off, int size, bool write,
		      int value_regno);

/* ---- rules/helper.c, kfunc.c: what is called --------------------------------------------- */

int vs_check_helper(struct vs_env *env, const struct bpf_insn *in, uint32_t *insn_idx);
int vs_check_kfunc(struct vs_env *env, const struct bpf_insn *in, uint32_t *insn_idx);
/* Asked by the pre-passes; must not report anything. */
/* After the walk: kernel functions that do not exist must not have been reached. */
int vs_check_leftover_kfuncs(struct vs_env *env);
bool vs_calls_sync_callback(struct vs_env *env, const struct bpf_insn *in);
bool vs_calls_async_callback(struct vs_env *env, const struct bpf_insn *in);
bool vs_kfunc_ok_locked(struct vs_env *env, uint32_t insn_idx);	/* while a lock is held */
bool vs_is_iter_next(struct vs_env *env, uint32_t insn_idx);
bool vs_call_may_sleep(struct vs_env *env, uint32_t insn_idx);
bool vs_call_changes_pkt(struct vs_env *env, uint32_t insn_idx);
bool vs_is_throw(struct vs_env *env, uint32_t insn_idx);
/* How many of r1..r5 a call reads, -1 when all may be (unknown helper). */
int vs_call_nargs(struct vs_env *env, const struct bpf_insn *in);
/* The register holds memory a global function or kfunc may access: `size` bytes. */
int vs_check_mem_reg(struct vs_env *env, uint32_t regno, uint32_t size);
int vs_resolve_kfunc(struct vs_env *env, uint32_t insn_idx);	/* name, BTF id, availability */
/* A wide load of a kernel variable: fills fact.ldimm_type, btf_id, mem_size. `rel` may be null. */
int vs_resolve_ksym(struct vs_env *env, uint32_t insn_idx, const struct image_reloc *rel);
int vs_check_func_arg_type(struct vs_env *env, uint32_t regno, uint32_t subprog,
			   const struct vs_arg *arg);
/* ---- rules/map_compat.c ------------------------------------------------------------------ */

/* Fill vs_map.record from BTF (spin locks, timers, kptrs, graph roots), check it. */
int vs_map_record(struct vs_env *env, struct vs_map *m);
/* Does the kernel refuse the program's types? A struct with a pointer to keep in a map and
 * another that it cannot keep makes it (6.11). */
bool vs_btf_refused(struct vs_env *env);
/* May this program use this map at all (sleepable, tracing, offload, locks)? */
int vs_map_prog_compat(struct vs_env *env, const struct vs_map *m);
/* A direct load or store to a map value of `size` at `off`: special fields are off limits,
 * kptr slots have rules. 1: handled as kptr access; 0: ordinary; negative: rejected. */
int vs_map_field_access(struct vs_env *env, uint32_t regno, int32_t off, int size, bool write,
			int value_regno, uint32_t insn_idx);

/* verify.c: the kernel's types, opened by the first question; null when there are none. */
struct btf *vs_open_vmlinux(struct vs_env *env);

static inline struct btf *
vs_vmlinux(const struct vs_env *env)
{
	if (env->vmlinux_known)
		return env->vmlinux;
	return vs_open_vmlinux((struct vs_env *)(uintptr_t)env);
}

/* How the kernel was built: see verify_opts.config. */
static inline int
vs_configured(const struct vs_env *env, const char *option)
{
	return env->opts->config ? env->opts->config(env->opts->config_user, option) : -1;
}

#endif

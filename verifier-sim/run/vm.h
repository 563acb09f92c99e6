/* SPDX-License-Identifier: MIT */
/* vm.h: the interpreter from inside; private to this folder.
 *
 * Memory is a table of objects. The address of byte `off` of object `id` is
 * RUN_BASE | kind << 52 | id << 32 | off, so an address says by itself what it belongs to,
 * arithmetic that leaves an object by less than 2 GiB cannot reach another one, and no
 * address is a host address. */
#ifndef VEERY_RUN_VM_H
#define VEERY_RUN_VM_H

#include "run.h"

#define RUN_BASE 0xf000000000000000u
#define RUN_MARGIN 0x80000000u	/* offset 0 stands in the middle of the 4 GiB of an object */

struct run_object {
	uint8_t *at;		/* null once dead */
	uint32_t size;
	enum run_kind kind;
	bool read_only;
	bool owed;		/* acquired: to be given back before the program ends */
	uint32_t whole, at_off;	/* an element of an array: all its elements, and where */
};

struct run_entry {		/* an element of a hash, queue or stack */
	uint8_t *key;
	uint32_t object;
};

struct run_map {
	const struct image_map *spec;
	uint32_t handle;	/* object that stands for the map itself */
	uint32_t value;		/* arrays: the object with all elements */
	uint32_t stride;	/* arrays: bytes from one element to the next */
	uint32_t *elements;	/* arrays: an object for each element looked up, else 0 */
	VEC(struct run_entry) entries;
};

struct run_maps {
	struct arena *arena;
	VEC(struct run_object) objects;		/* [0] is never used */
	struct run_map *at;
	uint32_t n;
};

struct run_frame {
	uint64_t regs[11];
	uint16_t written;
	uint32_t ret;		/* where the caller goes on */
	bool entered_by_vm;	/* a callback's first frame: exit returns to the helper */
};

struct run_vm {
	const struct image *im;
	const struct image_prog *p;
	const struct run_opts *o;
	struct run_maps *maps;
	struct arena *arena;
	struct run_result *r;
	struct run_frame frames[RUN_MAX_FRAMES];
	uint8_t stack_bytes[RUN_MAX_FRAMES][RUN_STACK];
	uint8_t stack_set[RUN_MAX_FRAMES][RUN_STACK];	/* 1: written; kept when strict */
	uint32_t stacks[RUN_MAX_FRAMES];	/* objects, made when first needed */
	uint32_t depth;		/* index of the current frame */
	uint32_t pc;
	uint32_t ctx, packet;	/* objects; 0 none */
	uint32_t lasting;	/* objects before this one outlive the run */
	uint32_t packet_at;	/* where data begins in the packet object (headroom before) */
	uint64_t seed, clock;
	uint32_t may_goto;	/* rounds left */
	uint64_t lock;		/* address of the lock held; 0 none */
	uint32_t rcu, preempt;	/* sections open */
	bool ended;
};

/* run.c */
/* Does a jump with these operands go? Unconditional ones do. */
bool run_condition(const struct bpf_insn *in, uint64_t a, uint64_t b);
uint32_t run_object_new(struct run_maps *m, enum run_kind kind, uint8_t *at, uint32_t size);
uint64_t run_address(struct run_maps *m, uint32_t object, uint32_t off);
/* `n` readable (or writable) bytes at an address, or null after ending the run. */
uint8_t *run_bytes(struct run_vm *vm, uint64_t addr, uint64_t n, bool write);
/* The map whose handle this is; null after ending the run. */
struct run_map *run_map_of(struct run_vm *vm, uint64_t addr);
void run_end(struct run_vm *vm, enum run_end end, const char *what);
/* Calls a function of the program (an address made by RELOC_FUNC); false when the run
 * ended meanwhile. */
bool run_callback(struct run_vm *vm, uint64_t func, const uint64_t args[5], uint64_t *ret);
uint64_t run_random(struct run_vm *vm);

/* A choice of the world; `bytes` holds what happens unless somebody decides otherwise. */
static inline void
run_choose(struct run_vm *vm, enum run_choice what, void *bytes, uint32_t n)
{
	if (vm->o->choose)
		vm->o->choose(vm->o->user, what, bytes, n);
}
/* The packet moves: pointers into it are pointers to nothing from now on. */
void run_move_packet(struct run_vm *vm);

/* The program ends here: a fault when it holds what it must not. */
void run_settle(struct run_vm *vm);
bool run_holds(const struct run_vm *vm);

/* kfunc.c */
void run_kfunc(struct run_vm *vm, str name);
/* Helpers about dynptrs; false: this is none. */
bool run_dynptr_helper(struct run_vm *vm, uint32_t id, const uint64_t *a, uint64_t *ret);

/* helper.c: performs the helper call; sets r0 and clears r1-r5 unless the run ended. */
void run_helper(struct run_vm *vm, uint32_t id);
void run_maps_init(struct run_maps *m, const struct image *im);

#endif

/* SPDX-License-Identifier: MIT */
/* kfunc.c: kernel functions and dynptrs of the reference interpreter.
 *
 * Modelled are those whose effect follows from their arguments (dynptrs, counting iterators,
 * sections), and those that hand out or take back an object of the kernel: which object is up
 * to the world, that it is owed is not. A dynptr lies in its 16 bytes of stack as address, size
 * and a mark by which it is told from bytes that are none. */
#include "vm.h"

#include "facts/facts.h"

#define ERR(e) ((uint64_t)-(int64_t)(e))
enum { E_FAULT = 14, E_INVAL = 22, E_2BIG = 7 };

/* ---- dynptrs ------------------------------------------------------------------------------- */

enum { DYN_MARK = 0x6479, DYN_RDONLY = 1, DYN_PACKET = 2, DYN_RECORD = 4 };

struct dyn {
	uint64_t data;
	uint32_t size;
	uint16_t mark, flags;
};

static bool
dyn_get(struct run_vm *vm, uint64_t addr, struct dyn *d)
{
	const uint8_t *p = run_bytes(vm, addr, sizeof *d, false);

	if (!p)
		return false;
	memcpy(d, p, sizeof *d);
	if (d->mark == DYN_MARK)
		return true;
	run_end(vm, RUN_FAULT, "a dynptr is used that was never made, or is gone");
	return false;
}

static void
dyn_put(struct run_vm *vm, uint64_t addr, struct dyn d)
{
	uint8_t *p = run_bytes(vm, addr, sizeof d, true);

	d.mark = DYN_MARK;
	if (p)
		memcpy(p, &d, sizeof d);
}

/* Bytes that hold a dynptr with a record in it: overwritten, the record is lost. */
static bool
dyn_in_use(struct run_vm *vm, uint64_t addr)
{
	const uint8_t *p = run_bytes(vm, addr, sizeof(struct dyn), false);
	uint32_t object;
	struct dyn d;

	if (!p)
		return true;
	memcpy(&d, p, sizeof d);
	object = d.data >> 32 & 0xfffff;
	if (d.mark != DYN_MARK || !(d.flags & DYN_RECORD) || object >= vm->maps->objects.n ||
	    !vm->maps->objects.at[object].at)
		return false;
	run_end(vm, RUN_FAULT, "a dynptr is overwritten whose record was not given back");
	return true;
}

static uint64_t
dyn_reserve(struct run_vm *vm, const uint64_t *a)
{
	const struct run_map *m = run_map_of(vm, a[1]);
	uint32_t size = (uint32_t)a[2], object;
	uint8_t missing = 0;

	if (dyn_in_use(vm, a[4]))
		return 0;
	run_choose(vm, RUN_MISSING, &missing, 1);
	if (!m || missing || size > m->spec->max_entries)
		size = 0, missing = 1;
	/* Also the dynptr of no record has to be given back. */
	object = run_object_new(vm->maps, RUN_RECORD, arena_array(vm->arena, uint8_t, size + 1), size);
	vm->maps->objects.at[object].owed = true;
	dyn_put(vm, a[4], (struct dyn){run_address(vm->maps, object, 0), size, 0, DYN_RECORD});
	return missing ? ERR(E_INVAL) : 0;
}

static uint64_t
dyn_give_back(struct run_vm *vm, const uint64_t *a)
{
	struct dyn d;
	uint8_t *p;

	if (!dyn_get(vm, a[1], &d))
		return 0;
	vm->maps->objects.at[d.data >> 32 & 0xfffff].at = NULL;
	p = run_bytes(vm, a[1], sizeof d, true);
	if (p)
		memset(p, 0, sizeof d);
	return 0;
}

static bool
dyn_room(const struct dyn *d, uint64_t off, uint64_t n)
{
	return off <= d->size && n <= d->size - off;
}

static uint64_t
dyn_read(struct run_vm *vm, const uint64_t *a)
{
	uint8_t *to = run_bytes(vm, a[1], (uint32_t)a[2], true);
	const uint8_t *from;
	struct dyn d;

	if (!to || !dyn_get(vm, a[3], &d))
		return 0;
	if (!dyn_room(&d, (uint32_t)a[4], (uint32_t)a[2]))
		return ERR(E_2BIG);
	from = run_bytes(vm, d.data + (uint32_t)a[4], (uint32_t)a[2], false);
	if (from)
		memmove(to, from, (uint32_t)a[2]);
	return 0;
}

static uint64_t
dyn_write(struct run_vm *vm, const uint64_t *a)
{
	const uint8_t *from = run_bytes(vm, a[3], (uint32_t)a[4], false);
	uint8_t *to;
	struct dyn d;

	if (!from || !dyn_get(vm, a[1], &d))
		return 0;
	if (d.flags & DYN_RDONLY)
		return ERR(E_INVAL);
	if (!dyn_room(&d, (uint32_t)a[2], (uint32_t)a[4]))
		return ERR(E_2BIG);
	to = run_bytes(vm, d.data + (uint32_t)a[2], (uint32_t)a[4], true);
	if (to)
		memmove(to, from, (uint32_t)a[4]);
	return 0;
}

/* The bytes themselves: of local memory and records only. */
static uint64_t
dyn_data(struct run_vm *vm, const uint64_t *a)
{
	struct dyn d;

	if (!dyn_get(vm, a[1], &d) || d.flags & (DYN_PACKET | DYN_RDONLY) ||
	    !dyn_room(&d, (uint32_t)a[2], (uint32_t)a[3]) || !d.size)
		return 0;
	return d.data + (uint32_t)a[2];
}

static uint64_t
dyn_slice(struct run_vm *vm, const uint64_t *a)
{
	struct dyn d;

	if (!dyn_get(vm, a[1], &d) || !dyn_room(&d, (uint32_t)a[2], (uint32_t)a[4]) || !d.size)
		return 0;
	return d.data + (uint32_t)a[2];
}

static uint64_t
dyn_of_packet(struct run_vm *vm, const uint64_t *a)
{
	const struct run_object *o = &vm->maps->objects.at[vm->packet];

	if (!vm->packet) {
		run_end(vm, RUN_UNSUPPORTED, "a packet in programs of this type");
		return 0;
	}
	dyn_put(vm, a[3], (struct dyn){run_address(vm->maps, vm->packet, vm->packet_at),
				       o->size - vm->packet_at, 0, DYN_PACKET});
	return 0;
}

static uint64_t
dyn_adjust(struct run_vm *vm, const uint64_t *a)
{
	uint32_t start = (uint32_t)a[2], end = (uint32_t)a[3];
	struct dyn d;

	if (!dyn_get(vm, a[1], &d))
		return 0;
	if (start > end || start > d.size || end > d.size)
		return ERR(E_INVAL);
	d.data += start;
	d.size = end - start;
	dyn_put(vm, a[1], d);
	return 0;
}

static uint64_t
dyn_from_mem(struct run_vm *vm, const uint64_t *a)
{
	if (run_bytes(vm, a[1], (uint32_t)a[2], true))
		dyn_put(vm, a[4], (struct dyn){a[1], (uint32_t)a[2], 0, 0});
	return 0;
}

bool
run_dynptr_helper(struct run_vm *vm, uint32_t id, const uint64_t *a, uint64_t *ret)
{
	switch (id) {
	case BPF_FUNC_ringbuf_reserve_dynptr: *ret = dyn_reserve(vm, a); return true;
	case BPF_FUNC_ringbuf_submit_dynptr: case BPF_FUNC_ringbuf_discard_dynptr:
		*ret = dyn_give_back(vm, a);
		return true;
	case BPF_FUNC_dynptr_from_mem: *ret = dyn_from_mem(vm, a); return true;
	case BPF_FUNC_dynptr_read: *ret = dyn_read(vm, a); return true;
	case BPF_FUNC_dynptr_write: *ret = dyn_write(vm, a); return true;
	case BPF_FUNC_dynptr_data: *ret = dyn_data(vm, a); return true;
	}
	return false;
}

/* ---- what is counted -------------------------------------------------------------------------- */

static uint64_t
iter_num_new(struct run_vm *vm, const uint64_t *a)
{
	int32_t range[2] = {(int32_t)a[2] - 1, (int32_t)a[3]};
	uint8_t *p = run_bytes(vm, a[1], sizeof range, true);

	if (!p)
		return 0;
	if ((int32_t)a[2] > (int32_t)a[3])
		range[0] = range[1] = 0;
	memcpy(p, range, sizeof range);
	return (int32_t)a[2] > (int32_t)a[3] ? ERR(E_INVAL) : 0;
}

static uint64_t
iter_num_next(struct run_vm *vm, const uint64_t *a)
{
	uint8_t *p = run_bytes(vm, a[1], 8, true);
	int32_t range[2];

	if (!p)
		return 0;
	memcpy(range, p, sizeof range);
	if ((int64_t)range[0] + 1 >= range[1])
		range[0] = range[1] = 0;
	else
		range[0]++;
	memcpy(p, range, sizeof range);
	return range[1] > range[0] ? a[1] : 0;
}

static void
leave_section(struct run_vm *vm, uint32_t *depth, const char *none)
{
	if (!*depth)
		run_end(vm, RUN_FAULT, none);
	else
		--*depth;
}

/* Functions by name that do one simple thing; false: not one of them. */
static bool
counted(struct run_vm *vm, str name, const uint64_t *a, uint64_t *ret)
{
	*ret = 0;
	if (str_is(name, "bpf_rcu_read_lock"))
		vm->rcu++;
	else if (str_is(name, "bpf_rcu_read_unlock"))
		leave_section(vm, &vm->rcu, "an RCU section ends that was never begun");
	else if (str_is(name, "bpf_preempt_disable"))
		vm->preempt++;
	else if (str_is(name, "bpf_preempt_enable"))
		leave_section(vm, &vm->preempt, "preemption is enabled that was never disabled");
	else if (str_is(name, "bpf_iter_num_new"))
		*ret = iter_num_new(vm, a);
	else if (str_is(name, "bpf_iter_num_next"))
		*ret = iter_num_next(vm, a);
	else if (str_is(name, "bpf_iter_num_destroy"))
		run_bytes(vm, a[1], 8, true);
	else
		return false;
	return true;
}

static bool
dynptrs(struct run_vm *vm, str name, const uint64_t *a, uint64_t *ret)
{
	struct dyn d = {0};

	*ret = 0;
	if (str_is(name, "bpf_dynptr_from_skb") || str_is(name, "bpf_dynptr_from_xdp"))
		*ret = dyn_of_packet(vm, a);
	else if (str_is(name, "bpf_dynptr_slice") || str_is(name, "bpf_dynptr_slice_rdwr"))
		*ret = dyn_slice(vm, a);
	else if (str_is(name, "bpf_dynptr_adjust"))
		*ret = dyn_adjust(vm, a);
	else if (str_is(name, "bpf_dynptr_size"))
		*ret = dyn_get(vm, a[1], &d) ? d.size : 0;
	else if (str_is(name, "bpf_dynptr_is_null"))
		*ret = dyn_get(vm, a[1], &d) && !d.size;
	else if (str_is(name, "bpf_dynptr_is_rdonly"))
		*ret = dyn_get(vm, a[1], &d) && d.flags & DYN_RDONLY;
	else if (str_is(name, "bpf_dynptr_clone")) {
		if (dyn_get(vm, a[1], &d))
			dyn_put(vm, a[2], d);
	} else
		return false;
	return true;
}

/* ---- objects of the kernel ---------------------------------------------------------------------- */

static uint64_t
hand_out(struct run_vm *vm, const struct fact_kfunc *k)
{
	enum { OBJECT_BYTES = 16 << 10 };	/* more than any struct of the kernel's */
	uint8_t missing = 0;
	uint32_t object;

	if (k->flags & FACT_KF_RET_NULL)
		run_choose(vm, RUN_MISSING, &missing, 1);
	if (missing)
		return 0;
	object = run_object_new(vm->maps, RUN_RECORD, arena_array(vm->arena, uint8_t, OBJECT_BYTES),
				OBJECT_BYTES);
	vm->maps->objects.at[object].owed = true;
	return run_address(vm->maps, object, 0);
}

static void
take_back(struct run_vm *vm, const uint64_t *a)
{
	if (run_bytes(vm, a[1], 0, false))
		vm->maps->objects.at[a[1] >> 32 & 0xfffff].at = NULL;
}

static uint64_t
call(struct run_vm *vm, str name, const uint64_t *a)
{
	const struct fact_kfunc *k = fact_kfunc_named(name);
	uint64_t ret;

	if (counted(vm, name, a, &ret) || dynptrs(vm, name, a, &ret))
		return ret;
	if (str_is(name, "bpf_cast_to_kern_ctx") || str_is(name, "bpf_rdonly_cast"))
		return a[1];
	if (k && k->flags & FACT_KF_RELEASE) {
		take_back(vm, a);
		return 0;
	}
	if (k && k->flags & FACT_KF_ACQUIRE)
		return hand_out(vm, k);
	run_end(vm, RUN_UNSUPPORTED, arena_printf(vm->arena, "%.*s()", STR_ARG(name)));
	return 0;
}

void
run_kfunc(struct run_vm *vm, str name)
{
	struct run_frame *f = &vm->frames[vm->depth];
	uint64_t v = call(vm, name, f->regs);

	if (vm->ended)
		return;
	f->regs[0] = v;
	f->written = (uint16_t)((f->written & ~0x3eu) | 1);
}

/* SPDX-License-Identifier: MIT */
/* run.c: memory and instructions of the reference interpreter. */
#include "vm.h"

/* ---- ending ------------------------------------------------------------------------------ */

void
run_end(struct run_vm *vm, enum run_end end, const char *what)
{
	if (vm->ended)
		return;
	vm->ended = true;
	vm->r->end = end;
	vm->r->what = what;
	vm->r->insn = vm->pc;
}

uint64_t
run_random(struct run_vm *vm)
{
	vm->seed ^= vm->seed << 13;
	vm->seed ^= vm->seed >> 7;
	vm->seed ^= vm->seed << 17;
	return vm->seed;
}

/* ---- memory ------------------------------------------------------------------------------- */

uint32_t
run_object_new(struct run_maps *m, enum run_kind kind, uint8_t *at, uint32_t size)
{
	struct run_object o = {.at = at, .size = size, .kind = kind};

	if (m->objects.n == 0)
		vec_push(m->arena, &m->objects, (struct run_object){0});
	vec_push(m->arena, &m->objects, o);
	return m->objects.n - 1;
}

uint64_t
run_address(struct run_maps *m, uint32_t object, uint32_t off)
{
	return (RUN_BASE | (uint64_t)m->objects.at[object].kind << 52 |
		(uint64_t)object << 32) + RUN_MARGIN + off;
}

enum run_kind
run_address_kind(uint64_t value, uint32_t *offset)
{
	unsigned kind = value >> 52 & 0xff;

	*offset = (uint32_t)value - RUN_MARGIN;
	return (value & RUN_BASE) == RUN_BASE && kind <= RUN_RECORD ? kind : RUN_NONE;
}

/* The object an address lies in or near; null when it is none. */
static struct run_object *
object_of(struct run_vm *vm, uint64_t addr)
{
	uint32_t id = addr >> 32 & 0xfffff;
	uint32_t off;
	enum run_kind kind = run_address_kind(addr, &off);

	if (kind == RUN_NONE || id >= vm->maps->objects.n ||
	    vm->maps->objects.at[id].kind != kind)
		return NULL;
	return &vm->maps->objects.at[id];
}

/* Notes what is written to the stack; false for a read of what was not. */
static bool
stack_access(struct run_vm *vm, const struct run_object *o, uint32_t off, uint64_t n, bool write)
{
	size_t frame = (size_t)(o->at - vm->stack_bytes[0]) / RUN_STACK;

	if (!vm->o->strict_stack)
		return true;
	if (write)
		memset(vm->stack_set[frame] + off, 1, n);
	return write || !memchr(vm->stack_set[frame] + off, 0, n);
}

static void
no_object(struct run_vm *vm, uint64_t addr)
{
	bool null = addr < 4096;

	vm->r->through = null ? RUN_NULL : RUN_WILD;
	run_end(vm, RUN_FAULT, null ? "access through a null pointer"
				    : "access through a value that is no address");
}

uint8_t *
run_bytes(struct run_vm *vm, uint64_t addr, uint64_t n, bool write)
{
	struct run_object *o = object_of(vm, addr);
	uint32_t off = (uint32_t)addr - RUN_MARGIN;

	if (!o)
		no_object(vm, addr);
	else if (o->kind == RUN_MAP)
		run_end(vm, RUN_FAULT, "access to the inside of a map");
	else if (!o->at)
		run_end(vm, RUN_FAULT, "access to an object that is gone");
	else if (off > o->size || n > o->size - off ||
		 (o->kind == RUN_PACKET && off < vm->packet_at))
		run_end(vm, RUN_FAULT, "access outside the object");
	else if (write && o->read_only)
		run_end(vm, RUN_FAULT, "write to read-only memory");
	else if (o->kind == RUN_STACK_FRAME && !stack_access(vm, o, off, n, write))
		run_end(vm, RUN_FAULT, "read of stack bytes that were never written");
	else
		return o->at + off;
	return NULL;
}

struct run_map *
run_map_of(struct run_vm *vm, uint64_t addr)
{
	uint32_t id = addr >> 32 & 0xfffff;

	for (uint32_t i = 0; i < vm->maps->n; i++)
		if (vm->maps->at[i].handle == id && object_of(vm, addr))
			return &vm->maps->at[i];
	run_end(vm, RUN_FAULT, "a map was expected here");
	return NULL;
}

static uint64_t
load_bytes(const uint8_t *p, uint32_t size)
{
	uint64_t v = 0;

	memcpy(&v, p, size);
	return v;
}

/* ---- arithmetic ----------------------------------------------------------------------------- */

static uint64_t
sign_extend(uint64_t v, unsigned bits)
{
	return (uint64_t)((int64_t)(v << (64 - bits)) >> (64 - bits));
}

static uint64_t
divide64(uint64_t a, uint64_t b, bool is_signed)
{
	if (b == 0)
		return 0;
	if (!is_signed)
		return a / b;
	return (int64_t)b == -1 ? 0 - a : (uint64_t)((int64_t)a / (int64_t)b);
}

static uint64_t
modulo64(uint64_t a, uint64_t b, bool is_signed)
{
	if (b == 0)
		return a;
	if (!is_signed)
		return a % b;
	return (int64_t)b == -1 ? 0 : (uint64_t)((int64_t)a % (int64_t)b);
}

static uint64_t
swap_bytes(uint64_t v, unsigned bits)
{
	switch (bits) {
	case 16: return __builtin_bswap16((uint16_t)v);
	case 32: return __builtin_bswap32((uint32_t)v);
	default: return __builtin_bswap64(v);
	}
}

/* Byte order conversion: the host is little-endian, as the images are. */
static uint64_t
endian(const struct bpf_insn *in, uint64_t v)
{
	unsigned bits = (unsigned)in->imm;

	if (BPF_CLASS(in->code) == BPF_ALU64 || BPF_SRC(in->code) == BPF_TO_BE)
		return swap_bytes(v, bits);
	return bits == 64 ? v : v & ((1ull << bits) - 1);
}

/* a OP b, 64 bits wide; narrower operations are given extended operands. */
static uint64_t
alu(const struct bpf_insn *in, uint64_t a, uint64_t b, unsigned width)
{
	unsigned shift = (unsigned)b & (width - 1);

	switch (BPF_OP(in->code)) {
	case BPF_ADD: return a + b;
	case BPF_SUB: return a - b;
	case BPF_MUL: return a * b;
	case BPF_DIV: return divide64(a, b, in->off == 1);
	case BPF_MOD: return modulo64(a, b, in->off == 1);
	case BPF_OR: return a | b;
	case BPF_AND: return a & b;
	case BPF_XOR: return a ^ b;
	case BPF_LSH: return a << shift;
	case BPF_RSH: return a >> shift;
	case BPF_ARSH: return (uint64_t)((int64_t)sign_extend(a, width) >> shift);
	case BPF_NEG: return 0 - a;
	case BPF_MOV: return in->off ? sign_extend(b, (unsigned)in->off) : b;
	default: return endian(in, a);
	}
}

static void
exec_alu(struct run_frame *f, const struct bpf_insn *in)
{
	bool wide = BPF_CLASS(in->code) == BPF_ALU64;
	bool is_signed = in->off == 1 && (BPF_OP(in->code) == BPF_DIV ||
					  BPF_OP(in->code) == BPF_MOD);
	uint64_t a = f->regs[in->dst_reg], v;
	uint64_t b = BPF_SRC(in->code) == BPF_X ? f->regs[in->src_reg]
						 : (uint64_t)(int64_t)in->imm;

	if (BPF_OP(in->code) == BPF_END) {
		f->regs[in->dst_reg] = endian(in, a);
		return;
	}
	if (!wide) {
		a = is_signed ? sign_extend(a, 32) : (uint32_t)a;
		b = is_signed ? sign_extend(b, 32) : (uint32_t)b;
	}
	v = alu(in, a, b, wide ? 64 : 32);
	f->regs[in->dst_reg] = wide ? v : (uint32_t)v;
	f->written |= (uint16_t)(1u << in->dst_reg);
}

/* ---- jumps ----------------------------------------------------------------------------------- */

bool
run_condition(const struct bpf_insn *in, uint64_t a, uint64_t b)
{
	int64_t sa = (int64_t)a, sb = (int64_t)b;

	if (BPF_CLASS(in->code) == BPF_JMP32) {
		a = (uint32_t)a;
		b = (uint32_t)b;
		sa = (int32_t)a;
		sb = (int32_t)b;
	}
	switch (BPF_OP(in->code)) {
	case BPF_JEQ: return a == b;
	case BPF_JNE: return a != b;
	case BPF_JGT: return a > b;
	case BPF_JGE: return a >= b;
	case BPF_JLT: return a < b;
	case BPF_JLE: return a <= b;
	case BPF_JSET: return a & b;
	case BPF_JSGT: return sa > sb;
	case BPF_JSGE: return sa >= sb;
	case BPF_JSLT: return sa < sb;
	case BPF_JSLE: return sa <= sb;
	default: return true;
	}
}

static bool
jump_taken(const struct run_frame *f, const struct bpf_insn *in)
{
	return run_condition(in, f->regs[in->dst_reg],
			     BPF_SRC(in->code) == BPF_X ? f->regs[in->src_reg]
							 : (uint64_t)(int64_t)in->imm);
}

/* ---- loads and stores ------------------------------------------------------------------------- */

static uint32_t
size_of(const struct bpf_insn *in)
{
	switch (BPF_SIZE(in->code)) {
	case BPF_B: return 1;
	case BPF_H: return 2;
	case BPF_W: return 4;
	default: return 8;
	}
}

/* Offsets of data, data_end and data_meta in the context, where reads give addresses. */
static bool
packet_fields(uint32_t type, uint32_t off[3])
{
	switch (type) {
	case BPF_PROG_TYPE_XDP:
		off[0] = offsetof(struct xdp_md, data);
		off[1] = offsetof(struct xdp_md, data_end);
		off[2] = offsetof(struct xdp_md, data_meta);
		return true;
	case BPF_PROG_TYPE_SOCKET_FILTER: case BPF_PROG_TYPE_SCHED_CLS:
	case BPF_PROG_TYPE_SCHED_ACT: case BPF_PROG_TYPE_CGROUP_SKB:
	case BPF_PROG_TYPE_LWT_IN: case BPF_PROG_TYPE_LWT_OUT:
	case BPF_PROG_TYPE_LWT_XMIT: case BPF_PROG_TYPE_SK_SKB:
		off[0] = offsetof(struct __sk_buff, data);
		off[1] = offsetof(struct __sk_buff, data_end);
		off[2] = offsetof(struct __sk_buff, data_meta);
		return true;
	}
	return false;
}

/* A 4-byte read of a packet pointer in the context. */
static bool
ctx_pointer(struct run_vm *vm, uint64_t addr, uint32_t size, uint64_t *v)
{
	uint32_t off, field[3];

	if (run_address_kind(addr, &off) != RUN_CTX || size != 4 || !vm->packet ||
	    !packet_fields(vm->p->type, field))
		return false;
	if (off == field[0] || off == field[2])
		*v = run_address(vm->maps, vm->packet, vm->packet_at);
	else if (off == field[1])
		*v = run_address(vm->maps, vm->packet,
				 vm->maps->objects.at[vm->packet].size);
	else
		return false;
	return true;
}

static void
exec_ldx(struct run_vm *vm, struct run_frame *f, const struct bpf_insn *in)
{
	uint64_t addr = f->regs[in->src_reg] + (uint64_t)(int64_t)in->off, v;
	uint32_t size = size_of(in);
	const uint8_t *p;

	if (!ctx_pointer(vm, addr, size, &v)) {
		p = run_bytes(vm, addr, size, false);
		if (!p)
			return;
		v = load_bytes(p, size);
	}
	if (BPF_MODE(in->code) == BPF_MEMSX)
		v = sign_extend(v, size * 8);
	f->regs[in->dst_reg] = v;
	f->written |= (uint16_t)(1u << in->dst_reg);
}

static uint64_t
atomic_result(int32_t op, uint64_t old, uint64_t v)
{
	switch (op & 0xf0) {
	case BPF_ADD: return old + v;
	case BPF_OR: return old | v;
	case BPF_AND: return old & v;
	default: return old ^ v;
	}
}

static void
exec_atomic(struct run_vm *vm, struct run_frame *f, const struct bpf_insn *in)
{
	uint32_t size = size_of(in);
	bool acquire = in->imm == BPF_LOAD_ACQ;
	uint64_t addr = f->regs[acquire ? in->src_reg : in->dst_reg] +
			(uint64_t)(int64_t)in->off;
	uint8_t *p = run_bytes(vm, addr, size, !acquire);
	uint64_t v = f->regs[in->src_reg], old, cmp = f->regs[0];

	if (!p)
		return;
	old = load_bytes(p, size);
	cmp = size == 4 ? (uint32_t)cmp : cmp;
	if (acquire) {
		f->regs[in->dst_reg] = old;
		f->written |= (uint16_t)(1u << in->dst_reg);
	} else if (in->imm == BPF_STORE_REL || in->imm == BPF_XCHG) {
		memcpy(p, &v, size);
		if (in->imm == BPF_XCHG)
			f->regs[in->src_reg] = old;
	} else if (in->imm == BPF_CMPXCHG) {
		if (old == cmp)
			memcpy(p, &v, size);
		f->regs[0] = old;
	} else {
		v = atomic_result(in->imm, old, v);
		memcpy(p, &v, size);
		if (in->imm & BPF_FETCH)
			f->regs[in->src_reg] = old;
	}
}

static void
exec_store(struct run_vm *vm, struct run_frame *f, const struct bpf_insn *in)
{
	uint64_t v = BPF_CLASS(in->code) == BPF_STX ? f->regs[in->src_reg]
						     : (uint64_t)(int64_t)in->imm;
	uint8_t *p;

	if (BPF_CLASS(in->code) == BPF_STX && BPF_MODE(in->code) == BPF_ATOMIC) {
		exec_atomic(vm, f, in);
		return;
	}
	p = run_bytes(vm, f->regs[in->dst_reg] + (uint64_t)(int64_t)in->off, size_of(in), true);
	if (p)
		memcpy(p, &v, size_of(in));
}

static const struct image_reloc *
reloc_at(const struct run_vm *vm, uint32_t insn)
{
	for (uint32_t i = 0; i < vm->p->relocs.n; i++)
		if (vm->p->relocs.at[i].insn == insn)
			return &vm->p->relocs.at[i];
	return NULL;
}

/* Functions have no object: their "address" is below every object's. */
#define FUNC_BASE 0xe000000000000000u

static void
exec_wide(struct run_vm *vm, struct run_frame *f, const struct bpf_insn *in)
{
	const struct image_reloc *r = reloc_at(vm, vm->pc);
	uint64_t v = (uint32_t)in[0].imm | (uint64_t)(uint32_t)in[1].imm << 32;

	if (r && (r->kind == RELOC_MAP || r->kind == RELOC_MAP_VALUE)) {
		const struct run_map *m = &vm->maps->at[r->map];
		uint32_t object = r->kind == RELOC_MAP ? m->handle : m->value;

		if (!object)
			run_end(vm, RUN_UNSUPPORTED, "the value of a map of this type");
		else
			v = run_address(vm->maps, object, r->kind == RELOC_MAP ? 0 : r->addend);
	} else if (in->src_reg == BPF_PSEUDO_FUNC) {
		v = FUNC_BASE + vm->pc + 1 + (uint64_t)(int64_t)in->imm;
	} else if (in->src_reg) {
		run_end(vm, RUN_UNSUPPORTED, "an address that only the kernel knows");
	}
	f->regs[in->dst_reg] = v;
	f->written |= (uint16_t)(1u << in->dst_reg);
	vm->pc++;
}

/* LD_ABS and LD_IND: big-endian packet reads that leave the program when out of range. */
static void
exec_packet(struct run_vm *vm, struct run_frame *f, const struct bpf_insn *in)
{
	uint32_t size = size_of(in), len, off = (uint32_t)in->imm;
	const struct run_object *o = &vm->maps->objects.at[vm->packet];
	uint64_t v = 0;

	if (BPF_MODE(in->code) == BPF_IND)
		off += (uint32_t)f->regs[in->src_reg];
	len = vm->packet ? o->size - vm->packet_at : 0;
	if (off > len || size > len - off) {
		vm->r->r0 = 0;
		run_end(vm, RUN_EXIT, NULL);
		return;
	}
	memcpy(&v, o->at + vm->packet_at + off, size);
	f->regs[0] = size == 1 ? v : swap_bytes(v, size * 8);
	f->written = (uint16_t)((f->written & ~0x3eu) | 1);
}

/* ---- calls ------------------------------------------------------------------------------------- */

/* A frame for a function that starts at `pc`, with r1-r5 given. */
static bool
push_frame(struct run_vm *vm, uint32_t pc, const uint64_t *args, uint32_t ret)
{
	struct run_frame *f;
	uint32_t *stack;

	if (vm->depth + 1 == RUN_MAX_FRAMES) {
		run_end(vm, RUN_FAULT, "more than eight frames");
		return false;
	}
	f = &vm->frames[++vm->depth];
	stack = &vm->stacks[vm->depth];
	if (!*stack)
		*stack = run_object_new(vm->maps, RUN_STACK_FRAME,
					vm->stack_bytes[vm->depth], RUN_STACK);
	vm->maps->objects.at[*stack].at = vm->stack_bytes[vm->depth];
	memset(vm->stack_set[vm->depth], 0, RUN_STACK);
	*f = (struct run_frame){.ret = ret, .written = 0x43e};
	memcpy(f->regs + 1, args, 5 * sizeof *args);
	f->regs[10] = run_address(vm->maps, *stack, RUN_STACK);
	vm->pc = pc;
	return true;
}

bool
run_holds(const struct run_vm *vm)
{
	for (uint32_t i = vm->lasting; i < vm->maps->objects.n; i++)
		if (vm->maps->objects.at[i].owed && vm->maps->objects.at[i].at)
			return true;
	return vm->lock || vm->rcu || vm->preempt;
}

void
run_settle(struct run_vm *vm)
{
	for (uint32_t i = vm->lasting; i < vm->maps->objects.n; i++) {
		const struct run_object *o = &vm->maps->objects.at[i];

		if (o->owed && o->at)
			run_end(vm, RUN_FAULT, "something acquired is not given back");
	}
	if (vm->lock)
		run_end(vm, RUN_FAULT, "a lock is still held");
	if (vm->rcu)
		run_end(vm, RUN_FAULT, "an RCU section is still open");
	if (vm->preempt)
		run_end(vm, RUN_FAULT, "preemption is still disabled");
}

/* Leave the current frame; true when the program or the callback is over. */
static bool
pop_frame(struct run_vm *vm, uint64_t *value)
{
	struct run_frame *f = &vm->frames[vm->depth];

	*value = f->regs[0];
	vm->maps->objects.at[vm->stacks[vm->depth]].at = NULL;
	if (vm->depth == 0) {
		run_settle(vm);
		return true;
	}
	vm->depth--;
	vm->pc = f->ret;
	if (f->entered_by_vm)
		return true;
	vm->frames[vm->depth].regs[0] = *value;
	vm->frames[vm->depth].written &= (uint16_t)~0x3eu;
	vm->frames[vm->depth].written |= 1;
	return false;
}

static void
call_kfunc(struct run_vm *vm)
{
	const struct image_reloc *r = reloc_at(vm, vm->pc);

	if (r && r->kind == RELOC_KFUNC && r->name)
		run_kfunc(vm, str_of(r->name));
	else
		run_end(vm, RUN_UNSUPPORTED, "a call of a kernel function without a name");
}

static void
exec_call(struct run_vm *vm, struct run_frame *f, const struct bpf_insn *in)
{
	if (in->src_reg == BPF_PSEUDO_CALL)
		push_frame(vm, vm->pc + (uint32_t)in->imm, f->regs + 1, vm->pc);
	else if (in->src_reg == BPF_PSEUDO_KFUNC_CALL)
		call_kfunc(vm);
	else
		run_helper(vm, (uint32_t)in->imm);
}

static void
exec_jump(struct run_vm *vm, struct run_frame *f, const struct bpf_insn *in)
{
	if (BPF_OP(in->code) == BPF_JCOND) {
		if (vm->may_goto)
			vm->may_goto--;
		else
			vm->pc += (uint32_t)in->off;
	} else if (BPF_OP(in->code) == BPF_JA) {
		bool wide = BPF_CLASS(in->code) == BPF_JMP32;

		vm->pc += (uint32_t)(wide ? in->imm : in->off);
	} else if (jump_taken(f, in)) {
		vm->pc += (uint32_t)in->off;
	}
}

/* ---- the loop -------------------------------------------------------------------------------- */

static bool
may_step(struct run_vm *vm)
{
	struct run_step s = {vm->pc, vm->depth, vm->frames[vm->depth].regs,
			     vm->frames[vm->depth].written};
	uint64_t limit = vm->o->max_steps ? vm->o->max_steps : 1000000;

	if (vm->ended)
		return false;
	if (vm->pc >= vm->p->ninsns)
		run_end(vm, RUN_FAULT, "the end of the program was passed");
	else if (vm->r->steps++ >= limit)
		run_end(vm, RUN_STEPS, "too many steps");
	else if (vm->p->insns[vm->pc].dst_reg > 10 || vm->p->insns[vm->pc].src_reg > 10)
		run_end(vm, RUN_UNSUPPORTED, "no such register");
	else if (vm->o->step && !vm->o->step(vm->o->user, &s))
		run_end(vm, RUN_FAULT, "stopped by the observer");
	return !vm->ended;
}

/* Registers an instruction reads, as a mask. */
static uint16_t
regs_read(const struct run_vm *vm, const struct bpf_insn *in)
{
	uint16_t dst = (uint16_t)(1u << in->dst_reg), src = (uint16_t)(1u << in->src_reg);
	uint16_t x = BPF_SRC(in->code) == BPF_X ? src : 0;

	switch (BPF_CLASS(in->code)) {
	case BPF_ALU: case BPF_ALU64:
		if (BPF_OP(in->code) == BPF_END)
			return dst;
		return BPF_OP(in->code) == BPF_MOV ? x : dst | x;
	case BPF_LDX: return src;
	case BPF_ST: return dst;
	case BPF_STX:
		return BPF_MODE(in->code) == BPF_ATOMIC && in->imm == BPF_LOAD_ACQ ? src : dst | src;
	case BPF_JMP: case BPF_JMP32:
		if (in->code == (BPF_JMP | BPF_EXIT))
			return vm->depth == 0 && vm->p->type != BPF_PROG_TYPE_STRUCT_OPS;
		if (BPF_OP(in->code) == BPF_JA || BPF_OP(in->code) == BPF_CALL ||
		    BPF_OP(in->code) == BPF_JCOND)
			return 0;
		return dst | x;
	}
	return 0;
}

/* Executes until the frame it began in (the entry or a callback) exits. */
static uint64_t
exec(struct run_vm *vm)
{
	uint64_t value = 0;

	while (may_step(vm)) {
		const struct bpf_insn *in = &vm->p->insns[vm->pc];
		struct run_frame *f = &vm->frames[vm->depth];
		uint32_t at = vm->pc;

		if (regs_read(vm, in) & ~f->written) {
			run_end(vm, RUN_FAULT, "a register is read that has no value");
			break;
		}
		if (insn_is_wide(in) && at + 1 < vm->p->ninsns) {
			exec_wide(vm, f, in);
			vm->pc = at + 2;
			continue;
		}
		if (in->code == (BPF_JMP | BPF_EXIT)) {
			if (pop_frame(vm, &value))
				return value;
			vm->pc++;
			continue;
		}
		switch (BPF_CLASS(in->code)) {
		case BPF_ALU: case BPF_ALU64: exec_alu(f, in); break;
		case BPF_LDX: exec_ldx(vm, f, in); break;
		case BPF_ST: case BPF_STX: exec_store(vm, f, in); break;
		case BPF_LD: exec_packet(vm, f, in); break;
		default:
			if (in->code == (BPF_JMP | BPF_CALL))
				exec_call(vm, f, in);
			else
				exec_jump(vm, f, in);
		}
		if (!vm->ended)
			vm->pc++;
	}
	return vm->r->r0;
}

bool
run_callback(struct run_vm *vm, uint64_t func, const uint64_t args[5], uint64_t *ret)
{
	uint32_t back = vm->pc;

	if (func < FUNC_BASE || func >= FUNC_BASE + vm->p->ninsns) {
		run_end(vm, RUN_FAULT, "a function was expected here");
		return false;
	}
	if (!push_frame(vm, (uint32_t)(func - FUNC_BASE), args, back))
		return false;
	vm->frames[vm->depth].entered_by_vm = true;
	*ret = exec(vm);
	vm->pc = vm->ended ? vm->pc : back;
	return !vm->ended;
}

/* ---- setting up --------------------------------------------------------------------------------- */

enum { HEADROOM = 256, CTX_SIZE = 512 };

static void
set_up(struct run_vm *vm)
{
	const struct run_opts *o = vm->o;
	uint8_t *ctx = arena_array(vm->arena, uint8_t, CTX_SIZE);
	uint8_t *packet = arena_array(vm->arena, uint8_t, HEADROOM + o->packet_len + 1);
	uint64_t args[5] = {0};

	if (o->ctx)
		memcpy(ctx, o->ctx, o->ctx_len < CTX_SIZE ? o->ctx_len : CTX_SIZE);
	if (o->packet_len)
		memcpy(packet + HEADROOM, o->packet, o->packet_len);
	vm->ctx = run_object_new(vm->maps, RUN_CTX, ctx, CTX_SIZE);
	if (o->packet)
		vm->packet = run_object_new(vm->maps, RUN_PACKET, packet,
					    HEADROOM + o->packet_len);
	vm->packet_at = HEADROOM;
	vm->seed = o->seed * 0x9e3779b97f4a7c15u | 1;
	vm->clock = 1000000000;
	vm->may_goto = 4096;
	args[0] = run_address(vm->maps, vm->ctx, 0);
	vm->lasting = vm->ctx;
	vm->depth = UINT32_MAX;		/* push_frame makes it 0 */
	push_frame(vm, 0, args, 0);
	vm->frames[0].written = 0x402;
}

void
run_move_packet(struct run_vm *vm)
{
	struct run_object *old = &vm->maps->objects.at[vm->packet];
	uint8_t *at = old->at;
	uint32_t size = old->size;

	if (!vm->packet)
		return;
	old->at = NULL;
	vm->packet = run_object_new(vm->maps, RUN_PACKET, at, size);
}

struct run_maps *
run_maps_new(const struct image *im, struct arena *a)
{
	struct run_maps *m = arena_new(a, struct run_maps);

	m->arena = a;
	run_object_new(m, RUN_NONE, NULL, 0);
	run_maps_init(m, im);
	return m;
}

void
run_prog(const struct image *im, const struct image_prog *p, struct run_maps *maps,
	 const struct run_opts *o, struct arena *a, struct run_result *r)
{
	struct run_vm vm = {.im = im, .p = p, .o = o, .maps = maps, .arena = a, .r = r};
	uint32_t lasting = maps->objects.n;
	uint64_t value;

	*r = (struct run_result){0};
	set_up(&vm);
	value = exec(&vm);
	if (!vm.ended) {
		r->end = RUN_EXIT;
		r->r0 = value;
		r->insn = vm.pc;
	}
	if (vm.packet) {
		r->packet = maps->objects.at[vm.packet].at + vm.packet_at;
		r->packet_len = maps->objects.at[vm.packet].size - vm.packet_at;
	}
	/* Stack frames, context and packet end with the run. Elements that it added to maps
	 * stay; they may lie anywhere in the table, so it only shrinks when there are none. */
	while (maps->objects.n > lasting && vec_last(&maps->objects)->kind != RUN_VALUE)
		maps->objects.n--;
}

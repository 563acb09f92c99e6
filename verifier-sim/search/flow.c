/* SPDX-License-Identifier: MIT */
/* flow.c: origins of values through a run, and turned round (origin.h). */
#include "origin.h"

#include "facts/facts.h"

/* ---- forwards ------------------------------------------------------------------------------ */

static void
push_op(struct origin *o, uint8_t code, uint8_t width, bool swapped, uint64_t with)
{
	if (o->kind == FROM_NOWHERE)
		return;
	if (o->nops == MAX_OPS) {
		o->kind = FROM_NOWHERE;
		return;
	}
	o->ops[o->nops].code = code;
	o->ops[o->nops].width = width;
	o->ops[o->nops].swapped = swapped;
	o->ops[o->nops].pair = 0;
	o->ops[o->nops++].with = with;
}

static void
flow_alu(struct flow *f, const struct bpf_insn *in, const struct run_step *s)
{
	struct origin *regs = f->regs[f->frame], *d = &regs[in->dst_reg];
	uint8_t width = BPF_CLASS(in->code) == BPF_ALU64 ? 64 : 32;
	bool x = BPF_SRC(in->code) == BPF_X && BPF_OP(in->code) != BPF_END &&
		 BPF_OP(in->code) != BPF_NEG;
	uint64_t with = x ? s->regs[in->src_reg] : (uint64_t)(int64_t)in->imm;

	switch (BPF_OP(in->code)) {
	case BPF_MOV:
		*d = x ? regs[in->src_reg] : (struct origin){0};
		if (x && (width == 32 || in->off))
			push_op(d, BPF_MOV, width, false, (uint64_t)(int64_t)in->off);
		return;
	case BPF_END:
		push_op(d, BPF_END, (uint8_t)in->imm,
			BPF_CLASS(in->code) == BPF_ALU64 || BPF_SRC(in->code) == BPF_TO_BE, 0);
		return;
	}
	if (x && d->kind == FROM_NOWHERE && regs[in->src_reg].kind) {
		*d = regs[in->src_reg];
		push_op(d, BPF_OP(in->code), width, true, s->regs[in->dst_reg]);
	} else {
		push_op(d, BPF_OP(in->code), width, false, with);
		if (x && d->nops && regs[in->src_reg].kind && f->npairs < MAX_PAIRS) {
			f->pairs[f->npairs++] = regs[in->src_reg];
			d->ops[d->nops - 1].pair = (uint8_t)f->npairs;
		}
	}
}

static uint32_t
bytes_of(const struct bpf_insn *in)
{
	switch (BPF_SIZE(in->code)) {
	case BPF_B: return 1;
	case BPF_H: return 2;
	case BPF_W: return 4;
	default: return 8;
	}
}

/* What a load of the stack gives: a spilled register whole, or input bytes in a row. */
static struct origin
from_stack(const struct flow *f, uint32_t frame, uint32_t off, uint32_t n)
{
	const struct byte_origin *b;
	struct origin o = {0};

	if (off >= RUN_STACK || n > RUN_STACK - off)
		return o;
	if (off % 8 == 0 && f->slot_size[frame][off / 8] == n)
		return f->slots[frame][off / 8];
	b = &f->bytes[frame][off];
	if (!b->kind)
		return o;
	for (uint32_t i = 1; i < n; i++)
		if (b[i].kind != b->kind || b[i].id != b->id || b[i].off != b->off + i)
			return o;
	return (struct origin){.kind = b->kind, .size = (uint8_t)n, .id = b->id, .off = b->off};
}

/* The whole of what was stored, or a part of bytes that a helper delivered. */
static struct origin
of_cell(const struct flow *f, uint32_t i, uint64_t addr, uint32_t n)
{
	struct origin o = f->cells[i].o;
	uint64_t from = f->cells[i].addr;

	if (from == addr && f->cells[i].n == n && o.kind != FROM_CHOICE)
		return o;
	if (o.kind != FROM_CHOICE || (o.nops && (from != addr || f->cells[i].n != n)) ||
	    addr < from || addr + n > from + f->cells[i].n)
		return (struct origin){0};
	if (!o.nops) {
		o.off += (uint32_t)(addr - from);
		o.size = (uint8_t)n;
	}
	return o;
}

static struct origin
from_memory(const struct flow *f, uint64_t addr, uint32_t n, const struct run_step *s,
	    const struct run_maps *maps)
{
	const struct run_object *object;
	struct origin o = {.size = (uint8_t)n, .id = addr >> 32 & 0xfffff};
	enum run_kind kind = run_address_kind(addr, &o.off);

	for (uint32_t i = 0; i < f->ncells; i++)
		if (f->cells[i].addr < addr + n && addr < f->cells[i].addr + f->cells[i].n)
			return of_cell(f, i, addr, n);
	switch (kind) {
	case RUN_PACKET:
		o.kind = FROM_PACKET;
		return o;
	case RUN_CTX:
		o.kind = FROM_CTX;
		return o;
	case RUN_STACK_FRAME:
		/* which frame's: the frames' objects are made in order, but may be reused;
		 * only the current frame's own stack is followed */
		return addr <= s->regs[10] && addr + RUN_STACK >= s->regs[10]
			       ? from_stack(f, f->frame, o.off, n) : (struct origin){0};
	case RUN_VALUE:
		for (uint32_t i = 0; i < f->nelements; i++)
			if (f->elements[i] == o.id) {
				o.kind = FROM_CHOICE;
				o.id = f->element_of[i];
				return o;
			}
		object = o.id < maps->objects.n ? &maps->objects.at[o.id] : NULL;
		if (object && object->whole) {		/* an element */
			o.id = object->whole;
			o.off += object->at_off;
		}
		o.kind = o.id < f->lasting ? FROM_ARRAY : FROM_NOWHERE;
		return o;
	default:
		return (struct origin){0};
	}
}

static void
store_cell(struct flow *f, uint64_t addr, uint32_t n, struct origin o)
{
	uint32_t keep = 0;

	for (uint32_t i = 0; i < f->ncells; i++)	/* what it overwrites is gone */
		if (f->cells[i].addr + f->cells[i].n <= addr || addr + n <= f->cells[i].addr)
			f->cells[keep++] = f->cells[i];
	f->ncells = keep;
	if (f->ncells == 32)
		return;
	f->cells[f->ncells].addr = addr;
	f->cells[f->ncells].n = n;
	f->cells[f->ncells++].o = o;
}

static void
flow_store(struct flow *f, const struct bpf_insn *in, const struct run_step *s)
{
	uint64_t addr = s->regs[in->dst_reg] + (uint64_t)(int64_t)in->off;
	uint32_t off, n = bytes_of(in);
	enum run_kind kind = run_address_kind(addr, &off);

	if (kind == RUN_RECORD || kind == RUN_VALUE || kind == RUN_PACKET) {
		store_cell(f, addr, n, BPF_CLASS(in->code) == BPF_STX &&
				       BPF_MODE(in->code) == BPF_MEM
				       ? f->regs[f->frame][in->src_reg] : (struct origin){0});
		return;
	}
	if (kind != RUN_STACK_FRAME || off >= RUN_STACK ||
	    n > RUN_STACK - off)
		return;
	memset(&f->bytes[f->frame][off], 0, n * sizeof f->bytes[0][0]);
	f->slot_size[f->frame][off / 8] = 0;
	if (BPF_CLASS(in->code) == BPF_STX && BPF_MODE(in->code) == BPF_MEM && off % 8 == 0) {
		f->slots[f->frame][off / 8] = f->regs[f->frame][in->src_reg];
		f->slot_size[f->frame][off / 8] = (uint8_t)n;
	}
}

/* Bytes that a helper fills. */
static void
mark_bytes(struct flow *f, uint64_t addr, uint64_t n, uint8_t kind, uint32_t id, uint32_t from)
{
	uint32_t off;
	enum run_kind where = run_address_kind(addr, &off);

	if ((where == RUN_RECORD || where == RUN_VALUE) && kind == FROM_CHOICE && n <= UINT32_MAX)
		store_cell(f, addr, (uint32_t)n, (struct origin){.kind = kind, .id = id, .off = from});
	if (where != RUN_STACK_FRAME || off >= RUN_STACK)
		return;
	for (uint32_t i = 0; i < n && off + i < RUN_STACK; i++) {
		f->bytes[f->frame][off + i] = (struct byte_origin){kind, id, from + i};
		f->slot_size[f->frame][(off + i) / 8] = 0;
	}
}

static void
flow_call(struct flow *f, const struct bpf_insn *in, const struct run_step *s)
{
	memset(&f->regs[f->frame][1], 0, 5 * sizeof f->regs[0][0]);
	f->regs[f->frame][0] = (struct origin){0};
	f->call = in->src_reg ? NO_HELPER : (uint32_t)in->imm;
	f->number = f->presence = f->contents = 0;
	memcpy(f->args, s->regs, sizeof f->args);
	f->presence_inverted = f->call == FACT_FN_probe_read ||
			       f->call == FACT_FN_probe_read_kernel ||
			       f->call == FACT_FN_probe_read_user ||
			       f->call == FACT_FN_get_current_comm ||
			       f->call == FACT_FN_ringbuf_reserve_dynptr;
	if (f->call == FACT_FN_skb_load_bytes)
		mark_bytes(f, f->args[3], f->args[4], FROM_PACKET, 0,
			   (uint32_t)f->args[2] + 256);
}

void
flow_choice(struct flow *f, const struct choice *c, uint32_t seq)
{
	const struct fact_proto *proto;
	const struct fact_helper *h = fact_helper(f->call);

	if (c->what == RUN_NUMBER)
		f->number = seq + 1;
	else if (c->what == RUN_MISSING)
		f->presence = seq + 1;
	else if (c->what == RUN_CONTENTS)
		f->contents = seq + 1;
	else if (h) {
		proto = &h->proto;
		for (unsigned i = 0; i < HELPER_MAX_ARGS; i++)
			if (proto->arg[i] == FACT_ARG_MEM_OUT || proto->arg[i] == FACT_ARG_MEM) {
				mark_bytes(f, f->args[i + 1], c->n, FROM_CHOICE, seq, 0);
				break;
			}
	}
}

/* A context field that gave an address: the packet's start, or its end. */
static void
packet_bound(struct flow *f, uint32_t reg, const struct run_step *s)
{
	enum { HEADROOM = 256 };
	uint32_t off;

	if (run_address_kind(s->regs[reg], &off) != RUN_PACKET)
		return;
	f->packet_base = s->regs[reg] - off + HEADROOM;
	f->regs[f->frame][reg] = (struct origin){.kind = off != HEADROOM ? FROM_LENGTH
									   : FROM_NOWHERE};
}

void
flow_arrive(struct flow *f, const struct run_step *s)
{
	struct origin *r0;

	if (s->frame > f->frame) {	/* called: arguments go with it */
		memcpy(&f->regs[s->frame][1], &f->regs[f->frame][1], 5 * sizeof f->regs[0][0]);
		memset(f->slot_size[s->frame], 0, sizeof f->slot_size[0]);
		memset(f->bytes[s->frame], 0, sizeof f->bytes[0]);
		memset(&f->regs[s->frame][6], 0, 4 * sizeof f->regs[0][0]);
	} else if (s->frame < f->frame) {
		f->regs[s->frame][0] = f->regs[f->frame][0];
		memset(&f->regs[s->frame][1], 0, 5 * sizeof f->regs[0][0]);
	}
	f->frame = s->frame;
	if (f->ctx_load)
		packet_bound(f, f->ctx_load - 1, s);
	f->ctx_load = 0;
	if (!f->call)
		return;
	r0 = &f->regs[f->frame][0];
	if (f->number)
		*r0 = (struct origin){.kind = FROM_CHOICE, .size = 8, .id = f->number - 1};
	else if (f->presence)
		*r0 = (struct origin){.kind = FROM_PRESENCE, .id = f->presence - 1,
				      .off = f->presence_inverted};
	if (f->contents && f->nelements < 64) {
		f->elements[f->nelements] = s->regs[0] >> 32 & 0xfffff;
		f->element_of[f->nelements++] = f->contents - 1;
	}
	f->call = 0;
}

void
flow_step(struct flow *f, const struct bpf_insn *in, const struct run_step *s,
	  const struct run_maps *maps)
{
	struct origin *regs = f->regs[f->frame];

	switch (BPF_CLASS(in->code)) {
	case BPF_ALU: case BPF_ALU64:
		flow_alu(f, in, s);
		break;
	case BPF_LDX: {
		uint64_t addr = s->regs[in->src_reg] + (uint64_t)(int64_t)in->off;

		regs[in->dst_reg] = from_memory(f, addr, bytes_of(in), s, maps);
		f->ctx_load = regs[in->dst_reg].kind == FROM_CTX ? in->dst_reg + 1u : 0;
		if (BPF_MODE(in->code) == BPF_MEMSX)
			push_op(&regs[in->dst_reg], BPF_MOV, 64, false, bytes_of(in) * 8);
		break;
	}
	case BPF_ST: case BPF_STX:
		flow_store(f, in, s);
		if (BPF_MODE(in->code) == BPF_ATOMIC && (in->imm & BPF_FETCH))
			regs[in->imm == BPF_CMPXCHG ? 0 : in->src_reg] = (struct origin){0};
		break;
	case BPF_LD:
		regs[insn_is_wide(in) ? in->dst_reg : 0] = (struct origin){0};
		break;
	default:
		if (in->code == (BPF_JMP | BPF_CALL) && in->src_reg != BPF_PSEUDO_CALL)
			flow_call(f, in, s);
	}
}

/* ---- backwards --------------------------------------------------------------------------------- */

static uint64_t
mask_of(unsigned bits)
{
	return bits >= 64 ? ~0ull : (1ull << bits) - 1;
}

static uint64_t
swapped_bytes(uint64_t v, unsigned bits)
{
	return bits == 16 ? __builtin_bswap16((uint16_t)v)
	       : bits == 32 ? __builtin_bswap32((uint32_t)v) : __builtin_bswap64(v);
}

/* x such that `x OP with` (or `with OP x`) is v; false when there is none. */
static bool
undo(uint8_t code, unsigned width, bool swapped, uint64_t with, uint64_t *v)
{
	uint64_t m = mask_of(width), x = *v;

	if (code != BPF_END && code != BPF_MOV) {
		if (x & ~m)
			return false;
		with &= m;
	}
	switch (code) {
	case BPF_ADD: x = (x - with) & m; break;
	case BPF_SUB: x = (swapped ? with - x : x + with) & m; break;
	case BPF_MUL:
		if (!with)
			return false;
		x = x / with + (x % with != 0);		/* at least so much */
		break;
	case BPF_DIV:
		x = swapped ? (x ? with / x : 0) : x * with;
		break;
	case BPF_MOD:
		if (swapped || (with && x >= with))
			return false;
		break;
	case BPF_AND:
		if (x & ~with)
			return false;
		break;
	case BPF_OR:
		if ((x & with) != with)
			return false;
		x &= ~with;
		break;
	case BPF_XOR: x ^= with; break;
	case BPF_LSH:
		if (swapped || x & mask_of(with & 63))
			return false;
		x >>= with & 63;
		break;
	case BPF_RSH: case BPF_ARSH:
		if (swapped)
			return false;
		x <<= with & 63;
		x &= m;
		break;
	case BPF_NEG: x = (0 - x) & m; break;
	case BPF_MOV:
		x &= with ? mask_of((unsigned)with) : m;
		if (!with && *v & ~m)
			return false;
		break;
	case BPF_END:
		if (x & ~mask_of(width))
			return false;
		x = swapped ? swapped_bytes(x, width) : x;
		break;
	default: return false;
	}
	*v = x;
	return true;
}

/* The bits that may be set in what has this origin, before operation `n`. */
static uint64_t
possible_bits(const struct flow *f, const struct origin *o, unsigned n)
{
	uint64_t m = mask_of(o->size * 8u);

	if (o->kind == FROM_LENGTH || o->kind == FROM_PRESENCE)
		return ~0ull;
	for (unsigned i = 0; i < n; i++) {
		uint64_t with = o->ops[i].with, w = mask_of(o->ops[i].width);
		const struct origin *p = o->ops[i].pair ? &f->pairs[o->ops[i].pair - 1] : NULL;

		switch (o->ops[i].swapped ? BPF_XOR : o->ops[i].code) {
		case BPF_LSH: m = p ? ~0ull : m << (with & 63); break;
		case BPF_RSH: m = p ? ~0ull : m >> (with & 63); break;
		case BPF_AND: m = p ? m : m & with; break;
		case BPF_OR: m |= p ? possible_bits(f, p, p->nops) : with; break;
		case BPF_MOV: m = with ? ~0ull : m; break;
		default: m = ~0ull;
		}
		m &= w;
	}
	return m;
}

/* v is two values joined, each with bits of its own (bytes put together to a number): the
 * other one gets its bits here, what is left in *v is the first one's. */
static bool
set_joined(struct world *w, const struct flow *f, const struct origin *o, unsigned i, uint64_t *v)
{
	const struct origin *p = &f->pairs[o->ops[i].pair - 1];
	uint64_t ours = possible_bits(f, o, i), theirs = possible_bits(f, p, p->nops);

	if ((ours & theirs) || (*v & ~(ours | theirs)) || !world_set(w, f, p, *v & theirs))
		return false;
	*v &= ours;
	return true;
}

static bool
joins(uint8_t code)
{
	return code == BPF_OR || code == BPF_ADD || code == BPF_XOR;
}

static void
put(uint8_t *bytes, bool *set, uint32_t off, uint32_t n, uint64_t v)
{
	memcpy(bytes + off, &v, n);
	if (set)
		memset(set + off, 1, n);
}

bool
world_set(struct world *w, const struct flow *f, const struct origin *o, uint64_t v)
{
	uint64_t base = f->packet_base;
	uint32_t off = o->off;

	for (unsigned i = o->nops; i-- > 0;)
		if (o->ops[i].pair && joins(o->ops[i].code) && set_joined(w, f, o, i, &v))
			continue;
		else if (!undo(o->ops[i].code, o->ops[i].width, o->ops[i].swapped, o->ops[i].with, &v))
			return false;
	if (o->kind != FROM_LENGTH && o->kind != FROM_PRESENCE && o->size < 8 &&
	    v & ~mask_of(o->size * 8u))
		return false;
	switch (o->kind) {
	case FROM_PACKET:
		if (off < 256 || off - 256 + o->size > MAX_PACKET)
			return false;
		put(w->packet, w->packet_set, off - 256, o->size, v);
		if (w->len < off - 256 + o->size)
			w->len = off - 256 + o->size;
		return true;
	case FROM_CTX:
		if (off + o->size > MAX_CTX)
			return false;
		put(w->ctx, w->ctx_set, off, o->size, v);
		return true;
	case FROM_LENGTH:
		if (v < base + 14 || v - base > MAX_PACKET)
			return false;
		w->len = (uint32_t)(v - base);
		return true;
	case FROM_PRESENCE:
		if (o->id >= MAX_CHOICES)
			return false;
		w->choices[o->id].decided = true;
		w->choices[o->id].bytes[0] = o->off ? v != 0 : v == 0;
		return true;
	case FROM_CHOICE:
		if (o->id >= MAX_CHOICES || off + o->size > w->choices[o->id].n)
			return false;
		w->choices[o->id].decided = true;
		put(w->choices[o->id].bytes, NULL, off, o->size, v);
		return true;
	case FROM_ARRAY:
		for (uint32_t i = 0; i < w->npokes; i++)
			if (w->pokes[i].object == o->id && w->pokes[i].off == off) {
				w->pokes[i].v = v;
				return true;
			}
		if (w->npokes == 8)
			return false;
		w->pokes[w->npokes++] = (struct array_poke){o->id, off, o->size, v};
		return true;
	default:
		return false;
	}
}

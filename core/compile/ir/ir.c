/* SPDX-License-Identifier: MIT */
/* ir.c: making and changing IR. */
#include "compile/ir/ir.h"

#include <linux/bpf.h>

#define L IRF_L
#define P IRF_P
#define R IRF_R
#define W IRF_W
#define C IRF_C
#define T IRF_T
#define K IRF_K
#define A IRF_A
#define M IRF_M
const struct ir_op_info ir_ops[IR_NOPS] = {
#define OP(name, text, n, flags) {text, n, flags},
#include "compile/ir/ops.def"
};
#undef L
#undef P
#undef R
#undef W
#undef C
#undef T
#undef K
#undef A
#undef M

const char *const ir_cc_names[CC_COUNT] = {
	"eq", "ne", "ult", "uge", "ule", "ugt", "slt", "sge", "sle", "sgt", "set", "clr",
};

const char *const ir_prov_names[PV_COUNT] = {
	"scalar", "ctx", "stack", "packet", "packet_end", "map", "map_value", "ring",
	"kernel", "btf", "user", "pointer",
};

struct ir_fn *
ir_fn_new(struct arena *a, const char *name)
{
	struct ir_fn *f = arena_new(a, struct ir_fn);

	f->arena = a;
	f->name = name;
	vec_reserve(a, &f->ins, 128);
	f->ins.n = 1;
	f->ins.at[0] = (struct ir_ins){0};
	vec_reserve(a, &f->blk, 32);
	f->blk.n = 1;
	f->blk.at[0] = (struct ir_blk){0};
	vec_reserve(a, &f->vars, 16);
	f->vars.n = 1;
	f->vars.at[0] = (struct ir_var){0};
	f->leaf_mask = 31;
	f->leaves = arena_array(a, ref, f->leaf_mask + 1);
	f->def_mask = 63;
	f->defs = arena_array(a, struct ir_def, f->def_mask + 1);
	ir_seal(f, ir_blk_new(f));
	return f;
}

static ref
new_ins(struct ir_fn *f, enum ir_op op)
{
	ref r = f->ins.n;
	struct ir_ins *in = vec_add(f->arena, &f->ins);

	in->op = (uint8_t)op;
	in->at = f->at;
	return r;
}

static uint32_t
leaf_hash(const struct ir_ins *in)
{
	uint64_t h = ((uint64_t)in->imm * 31 + (uint32_t)in->off) * 31 + in->op;

	h *= 0x9e3779b97f4a7c15u;
	return (uint32_t)(h >> 32);
}

static void
grow_leaves(struct ir_fn *f)
{
	uint32_t mask = f->leaf_mask * 2 + 1;
	ref *table = arena_array(f->arena, ref, mask + 1);

	for (uint32_t i = 0; i <= f->leaf_mask; i++) {
		ref r = f->leaves[i];
		uint32_t h;

		if (!r)
			continue;
		for (h = leaf_hash(ir_at(f, r)) & mask; table[h]; h = (h + 1) & mask)
			;
		table[h] = r;
	}
	f->leaves = table;
	f->leaf_mask = mask;
}

static uint8_t
const_bits(int64_t v)
{
	return v < 0 ? 64 : v == 0 ? 0 : (uint8_t)(64 - __builtin_clzll((uint64_t)v));
}

ref
ir_leaf(struct ir_fn *f, enum ir_op op, int64_t imm, int32_t off, enum ir_prov prov)
{
	struct ir_ins want = {.op = (uint8_t)op, .imm = imm, .off = off};
	uint32_t h;
	ref r;

	if (f->nleaves * 2 > f->leaf_mask)
		grow_leaves(f);
	for (h = leaf_hash(&want) & f->leaf_mask; (r = f->leaves[h]) != 0;
	     h = (h + 1) & f->leaf_mask) {
		const struct ir_ins *in = ir_at(f, r);

		if (in->op == op && in->imm == imm && in->off == off)
			return r;
	}
	r = new_ins(f, op);
	ir_at(f, r)->imm = imm;
	ir_at(f, r)->off = off;
	ir_at(f, r)->prov = (uint8_t)prov;
	ir_at(f, r)->bits = op == IR_CONST ? const_bits(imm) : 64;
	f->leaves[h] = r;
	f->nleaves++;
	return r;
}

ref
ir_const(struct ir_fn *f, int64_t v)
{
	return ir_leaf(f, IR_CONST, v, 0, PV_SCALAR);
}

uint32_t
ir_slot_new(struct ir_fn *f, const char *name, uint32_t size, uint32_t align)
{
	struct ir_slot *s = vec_add(f->arena, &f->slots);

	s->name = name;
	s->size = size;
	s->align = align ? align : 1;
	s->at = f->at;
	return f->slots.n - 1;
}

uint32_t
ir_name(struct ir_fn *f, const char *name)
{
	for (uint32_t i = 0; i < f->names.n; i++)
		if (strcmp(f->names.at[i], name) == 0)
			return i;
	vec_push(f->arena, &f->names, name);
	return f->names.n - 1;
}

uint32_t
ir_blk_new(struct ir_fn *f)
{
	vec_add(f->arena, &f->blk);
	return f->blk.n - 1;
}

static void
link_last(struct ir_fn *f, uint32_t blk, ref r)
{
	struct ir_blk *b = &f->blk.at[blk];
	struct ir_ins *in = ir_at(f, r);

	in->blk = blk;
	in->prev = b->last;
	if (b->last)
		ir_at(f, b->last)->next = r;
	else
		b->first = r;
	b->last = r;
}

static void
link_before(struct ir_fn *f, ref where, ref r)
{
	struct ir_ins *in = ir_at(f, r), *w = ir_at(f, where);

	in->blk = w->blk;
	in->prev = w->prev;
	in->next = where;
	if (w->prev)
		ir_at(f, w->prev)->next = r;
	else
		f->blk.at[w->blk].first = r;
	w->prev = r;
}

static void
set_operands(struct ir_ins *in, ref a, ref b)
{
	in->nargs = ir_ops[in->op].nargs;
	in->u.arg[0] = a;
	in->u.arg[1] = b;
}

ref
ir_add(struct ir_fn *f, uint32_t blk, enum ir_op op, ref a, ref b)
{
	ref r = new_ins(f, op);

	set_operands(ir_at(f, r), a, b);
	ir_at(f, r)->bits = ir_bits(f, ir_at(f, r));
	link_last(f, blk, r);
	return r;
}

ref
ir_add_n(struct ir_fn *f, uint32_t blk, enum ir_op op, const ref *args, uint32_t n)
{
	ref r = new_ins(f, op);
	struct ir_ins *in = ir_at(f, r);

	in->nargs = (uint16_t)n;
	in->u.args = arena_array(f->arena, ref, n ? n : 1);
	if (n)
		memcpy(in->u.args, args, n * sizeof *args);
	in->bits = 64;
	/* Phis stay together at the head of their block. */
	if (op == IR_PHI) {
		ref first = f->blk.at[blk].first;

		if (first) {
			in->blk = blk;
			link_before(f, first, r);
			return r;
		}
	}
	link_last(f, blk, r);
	return r;
}

ref
ir_before(struct ir_fn *f, ref where, enum ir_op op, ref a, ref b)
{
	ref r = new_ins(f, op);

	set_operands(ir_at(f, r), a, b);
	ir_at(f, r)->at = ir_at(f, where)->at;
	ir_at(f, r)->bits = ir_bits(f, ir_at(f, r));
	link_before(f, where, r);
	return r;
}

void
ir_edge(struct ir_fn *f, uint32_t from, uint32_t to)
{
	struct ir_blk *b = &f->blk.at[from];

	b->succ[b->nsucc++] = to;
	vec_push(f->arena, &f->blk.at[to].pred, from);
}

void
ir_jmp(struct ir_fn *f, uint32_t blk, uint32_t to)
{
	ir_add(f, blk, IR_JMP, 0, 0);
	ir_edge(f, blk, to);
}

ref
ir_br(struct ir_fn *f, uint32_t blk, enum ir_cc cc, ref a, ref b, uint32_t yes, uint32_t no)
{
	ref r = ir_add(f, blk, IR_BR, a, b);

	ir_at(f, r)->cc = (uint8_t)cc;
	ir_edge(f, blk, yes);
	ir_edge(f, blk, no);
	return r;
}

void
ir_ret(struct ir_fn *f, uint32_t blk, ref v)
{
	ir_add(f, blk, IR_RET, v, 0);
}

bool
ir_finished(const struct ir_fn *f, uint32_t blk)
{
	ref last = f->blk.at[blk].last;

	return last && (ir_ops[f->ins.at[last].op].flags & IRF_T);
}

void
ir_remove(struct ir_fn *f, ref r)
{
	struct ir_ins *in = ir_at(f, r);
	struct ir_blk *b = &f->blk.at[in->blk];

	if (in->prev)
		ir_at(f, in->prev)->next = in->next;
	else
		b->first = in->next;
	if (in->next)
		ir_at(f, in->next)->prev = in->prev;
	else
		b->last = in->prev;
	in->blk = 0;
}

void
ir_drop_pred(struct ir_fn *f, uint32_t blk, uint32_t pred)
{
	struct ir_blk *b = &f->blk.at[blk];
	uint32_t k;

	for (k = 0; k < b->pred.n && b->pred.at[k] != pred; k++)
		;
	if (k == b->pred.n)
		return;
	for (uint32_t i = k + 1; i < b->pred.n; i++)
		b->pred.at[i - 1] = b->pred.at[i];
	b->pred.n--;
	for (ref r = b->first; r && ir_at(f, r)->op == IR_PHI; r = ir_at(f, r)->next) {
		struct ir_ins *in = ir_at(f, r);

		for (uint32_t i = k + 1; i < in->nargs; i++)
			in->u.args[i - 1] = in->u.args[i];
		in->nargs--;
	}
}

/* The instruction becomes a copy. It stays in its block until dead code is dropped; only phis
 * leave at once, so that those of a block are always its first instructions. */
void
ir_forward(struct ir_fn *f, ref r, ref with)
{
	struct ir_ins *in = ir_at(f, r);

	if (in->op == IR_PHI && in->blk)
		ir_remove(f, r);
	in->op = IR_COPY;
	in->flags = 0;
	set_operands(in, with, 0);
	in->bits = ir_at(f, with)->bits;
	in->prov = ir_at(f, with)->prov;
	ir_at(f, with)->uses += in->uses;	/* an upper bound until the next count */
	if (r < f->value_var.n && f->value_var.at[r])
		ir_name_value(f, f->value_var.at[r], with);
}

/* Operands are moved past copies first: a copy must not hide how often a value is used. */
void
ir_count_uses(struct ir_fn *f)
{
	for (uint32_t i = 1; i < f->ins.n; i++)
		f->ins.at[i].uses = 0;
	for (uint32_t i = 0; i < f->rpo.n; i++) {
		for (ref r = f->blk.at[f->rpo.at[i]].first; r; r = ir_at(f, r)->next) {
			ref *args = ir_args(ir_at(f, r));

			if (ir_at(f, r)->op == IR_COPY)
				continue;
			for (uint32_t k = 0; k < ir_at(f, r)->nargs; k++) {
				args[k] = ir_val(f, args[k]);
				ir_at(f, args[k])->uses++;
			}
		}
	}
}

static unsigned
min_u(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned
max_u(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/* Bound for operations whose result depends on both operands. */
static unsigned
binary_bits(const struct ir_fn *f, const struct ir_ins *in)
{
	unsigned a = f->ins.at[in->u.arg[0]].bits, b = f->ins.at[in->u.arg[1]].bits;
	int64_t c = 0;
	bool constant = ir_is_const(f, in->u.arg[1], &c);

	switch (in->op) {
	case IR_ADD: return min_u(max_u(a, b) + 1, 64);
	case IR_MUL: return min_u(a + b, 64);
	case IR_AND: return min_u(a, b);
	case IR_OR: case IR_XOR: return max_u(a, b);
	case IR_UDIV: return a;
	case IR_UMOD: return constant && c > 0 ? min_u(a, b) : a;
	case IR_SHL: return constant && c >= 0 && c < 64 ? min_u(a + (unsigned)c, 64) : 64;
	case IR_LSHR: return constant && c >= 0 && c < 64 ? a - min_u(a, (unsigned)c) : a;
	case IR_ASHR: return a < 64 ? a : 64;
	default: return 64;
	}
}

uint8_t
ir_bits(const struct ir_fn *f, const struct ir_ins *in)
{
	unsigned a = in->nargs && !(ir_ops[in->op].flags & IRF_A)
		? f->ins.at[in->u.arg[0]].bits : 64, bits = 64;

	switch (in->op) {
	case IR_CONST: return const_bits(in->imm);
	case IR_SET: return 1;
	case IR_COPY: case IR_MAKE: return (uint8_t)a;
	case IR_ZEXT: bits = min_u(a, in->size * 8u); break;
	case IR_SEXT: bits = a < in->size * 8u ? a : 64; break;
	case IR_BSWAP: bits = in->size * 8u; break;
	case IR_LOAD: bits = in->flags & IR_SIGNED ? 64 : in->size * 8u; break;
	case IR_ADD: case IR_MUL: case IR_AND: case IR_OR: case IR_XOR: case IR_UDIV:
	case IR_UMOD: case IR_SHL: case IR_LSHR: case IR_ASHR:
		bits = binary_bits(f, in);
		break;
	default: break;
	}
	if (in->flags & IR_W32)
		bits = min_u(bits, 32);
	return (uint8_t)bits;
}

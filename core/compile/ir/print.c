/* SPDX-License-Identifier: MIT */
/* print.c: IR as text; parse.c reads the same form.
 *
 *   fn NAME
 *   slot0 8 align 4 "key of m"
 *   b1:
 *       v3 = param 0 ctx
 *       v4 = load.u32 v3 + 4
 *       v5 = add v4, 14
 *       store.u16 slot0 + 2, v5
 *       v6 = call 1 (map0, slot0)
 *       br.ne v6, 0 -> b2, b3
 *   b2: ...
 *       v9 = phi b1 v5, b4 7
 *       ret v9
 *
 * A suffix .32 computes in 32 bits. Provenance other than scalar ends the line. */
#include "compile/ir/ir.h"
#include "base/buf.h"

static void
print_operand(const struct ir_fn *f, struct buf *out, ref r)
{
	const struct ir_ins *in = ir_at(f, r);

	switch (in->op) {
	case IR_CONST: buf_printf(out, "%lld", (long long)in->imm); return;
	case IR_SLOT: case IR_MAP: case IR_MAPVAL: case IR_KSYM: case IR_FUNC:
	case IR_FIELD:
		buf_printf(out, "%s%lld", ir_ops[in->op].name, (long long)in->imm);
		if (in->off)
			buf_printf(out, "%+d", in->off);
		return;
	default: buf_printf(out, "v%u", r); return;
	}
}

static void
print_suffix(struct buf *out, const struct ir_ins *in)
{
	if (in->op == IR_SET || in->op == IR_BR)
		buf_printf(out, ".%s", ir_cc_names[in->cc]);
	if (in->size)
		buf_printf(out, ".%c%d", in->flags & IR_SIGNED ? 'i' : 'u', in->size * 8);
	if (in->flags & IR_W32)
		buf_puts(out, ".32");
}

static void
print_operands(const struct ir_fn *f, struct buf *out, ref r)
{
	struct ir_ins *in = ir_at(f, r);
	const ref *args = ir_args(in);
	bool call = (ir_ops[in->op].flags & IRF_C) != 0;

	if (in->op == IR_PARAM || in->op == IR_ATOMIC || call)
		buf_printf(out, " %lld", (long long)in->imm);
	if (call)
		buf_puts(out, " (");
	for (uint32_t i = 0; i < in->nargs; i++) {
		buf_puts(out, i ? ", " : call ? "" : " ");
		if (in->op == IR_PHI)
			buf_printf(out, "b%u ", f->blk.at[in->blk].pred.at[i]);
		print_operand(f, out, args[i]);
		if (i == 0 && (ir_ops[in->op].flags & IRF_M) && in->off)
			buf_printf(out, " + %d", in->off);
	}
	if (call)
		buf_putc(out, ')');
	if (ir_has_value(in) && in->prov != PV_SCALAR)
		buf_printf(out, " %s", ir_prov_names[in->prov]);
}

static void
print_ins(const struct ir_fn *f, struct buf *out, ref r)
{
	const struct ir_ins *in = ir_at(f, r);
	const struct ir_blk *b = &f->blk.at[in->blk];

	buf_putc(out, '\t');
	if (ir_has_value(in))
		buf_printf(out, "v%u = ", r);
	buf_puts(out, ir_ops[in->op].name);
	print_suffix(out, in);
	print_operands(f, out, r);
	if (in->op == IR_JMP)
		buf_printf(out, " b%u", b->succ[0]);
	else if (in->op == IR_BR)
		buf_printf(out, " -> b%u, b%u", b->succ[0], b->succ[1]);
	buf_putc(out, '\n');
}

void
ir_print(const struct ir_fn *f, struct buf *out)
{
	buf_printf(out, "fn %s\n", f->name);
	for (uint32_t i = 0; i < f->slots.n; i++) {
		const struct ir_slot *s = &f->slots.at[i];

		if (!s->dead)
			buf_printf(out, "slot%u %u align %u \"%s\"\n", i, s->size, s->align,
				   s->name ? s->name : "");
	}
	for (uint32_t b = 1; b < f->blk.n; b++) {
		if (f->blk.at[b].dead || (!f->blk.at[b].first && b != 1))
			continue;
		buf_printf(out, "b%u:\n", b);
		for (ref r = f->blk.at[b].first; r; r = ir_at(f, r)->next)
			print_ins(f, out, r);
	}
}

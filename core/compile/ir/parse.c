/* SPDX-License-Identifier: MIT */
/* parse.c: reads the text form that print.c writes; a test language.
 *
 * Two walks over the lines: the first makes blocks and instructions, so that operands may
 * name what comes later; the second reads operands. Values keep their numbers only in the
 * text. What is malformed is reported with its line; the result is then null. */
#include "compile/ir/ir.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_NUMBER = 1 << 20 };

struct parse {
	struct arena *a;
	struct ir_fn *f;
	const char **error;
	uint32_t line;
	VEC(ref) value;		/* by number in the text */
	VEC(uint32_t) block;
	const char *p;		/* rest of the line */
};

static bool
bad(struct parse *ps, const char *what)
{
	if (!*ps->error)
		*ps->error = arena_printf(ps->a, "line %u: %s", ps->line, what);
	return false;
}

static void
skip(struct parse *ps)
{
	while (*ps->p == ' ' || *ps->p == '\t' || *ps->p == ',')
		ps->p++;
}

static bool
eat(struct parse *ps, const char *word)
{
	size_t n = strlen(word);

	skip(ps);
	if (strncmp(ps->p, word, n) != 0)
		return false;
	ps->p += n;
	return true;
}

static uint32_t
number(struct parse *ps)
{
	char *end;
	unsigned long v = strtoul(ps->p, &end, 10);

	if (end == ps->p || v >= MAX_NUMBER) {
		bad(ps, "a number is expected");
		return 0;
	}
	ps->p = end;
	return (uint32_t)v;
}

static uint32_t
block(struct parse *ps)
{
	uint32_t n;

	if (!eat(ps, "b")) {
		bad(ps, "a block is expected");
		return 1;
	}
	n = number(ps);
	while (ps->block.n <= n)
		vec_push(ps->a, &ps->block, 0);
	if (!ps->block.at[n])
		ps->block.at[n] = n == 1 ? 1 : ir_blk_new(ps->f);
	return ps->block.at[n];
}

/* NAME[.cc][.uN][.32] */
static bool
opcode(struct parse *ps, enum ir_op *op, struct ir_ins *proto)
{
	size_t n = 0;

	skip(ps);
	while (isalpha((unsigned char)ps->p[n]))
		n++;
	for (*op = 0; *op < IR_NOPS; (*op)++)
		if (strlen(ir_ops[*op].name) == n && memcmp(ir_ops[*op].name, ps->p, n) == 0)
			break;
	if (*op == IR_NOPS)
		return bad(ps, "unknown operation");
	ps->p += n;
	while (*ps->p == '.') {
		ps->p++;
		if (*ps->p == '3') {
			ps->p += 2;
			proto->flags |= IR_W32;
		} else if ((*ps->p == 'u' || *ps->p == 'i') &&
			   isdigit((unsigned char)ps->p[1])) {
			proto->flags |= *ps->p == 'i' ? IR_SIGNED : 0;
			ps->p++;
			proto->size = (uint8_t)(number(ps) / 8);
		} else {
			unsigned cc = 0;

			while (cc < CC_COUNT &&
			       strncmp(ps->p, ir_cc_names[cc], strlen(ir_cc_names[cc])) != 0)
				cc++;
			if (cc == CC_COUNT)
				return bad(ps, "unknown suffix");
			ps->p += strlen(ir_cc_names[cc]);
			proto->cc = (uint8_t)cc;
		}
	}
	return true;
}

static ref
leaf(struct parse *ps, enum ir_op op, enum ir_prov prov)
{
	uint32_t n = number(ps);
	int32_t off = 0;

	if (*ps->p == '+' || *ps->p == '-')
		off = (int32_t)strtol(ps->p, (char **)&ps->p, 10);
	return ir_leaf(ps->f, op, n, off, prov);
}

static bool
operand(struct parse *ps, ref *out)
{
	char *end;
	long long v;

	if (eat(ps, "slot")) {
		*out = leaf(ps, IR_SLOT, PV_STACK);
	} else if (eat(ps, "mapval")) {
		*out = leaf(ps, IR_MAPVAL, PV_MAP_VALUE);
	} else if (eat(ps, "map")) {
		*out = leaf(ps, IR_MAP, PV_MAP);
	} else if (eat(ps, "v")) {
		uint32_t n = number(ps);

		if (n >= ps->value.n || !ps->value.at[n])
			return bad(ps, "no such value");
		*out = ps->value.at[n];
	} else {
		v = (long long)strtoull(ps->p, &end, 0);
		if (end == ps->p)
			return bad(ps, "an operand is expected");
		ps->p = end;
		*out = ir_const(ps->f, v);
	}
	return true;
}

static void
provenance(struct parse *ps, struct ir_ins *in)
{
	for (int i = PV_COUNT - 1; i > 0; i--)
		if (eat(ps, ir_prov_names[i])) {
			in->prov = (uint8_t)i;
			in->bits = 64;
			return;
		}
}

static bool
targets(struct parse *ps, ref r, enum ir_op op)
{
	uint32_t b = ir_at(ps->f, r)->blk;

	if (op == IR_JMP) {
		ir_edge(ps->f, b, block(ps));
	} else if (op == IR_BR) {
		if (!eat(ps, "->"))
			return bad(ps, "-> is expected");
		ir_edge(ps->f, b, block(ps));
		ir_edge(ps->f, b, block(ps));
	}
	return !*ps->error;
}

static bool
ends(struct parse *ps)
{
	skip(ps);
	return !*ps->p || *ps->p == ')' || (*ps->p == '-' && ps->p[1] == '>') ||
	       (isalpha((unsigned char)*ps->p) && *ps->p != 'v' && *ps->p != 's' &&
		*ps->p != 'm' && *ps->p != 'b');
}

static bool
operands(struct parse *ps, ref r)
{
	struct ir_ins *in = ir_at(ps->f, r);
	bool call = (ir_ops[in->op].flags & IRF_C) != 0;
	ref args[64];
	uint32_t n = 0;

	if (in->op == IR_PARAM || in->op == IR_ATOMIC || call) {
		skip(ps);
		in->imm = number(ps);
	}
	if (call && !eat(ps, "("))
		return bad(ps, "( is expected");
	while (in->op != IR_JMP && in->op != IR_PARAM && n < 64 && !ends(ps)) {
		if (in->op == IR_PHI)
			block(ps);
		else if (n == ir_ops[in->op].nargs && !(ir_ops[in->op].flags & IRF_A))
			break;
		if (!operand(ps, &args[n++]))
			return false;
		in = ir_at(ps->f, r);
		if (n == 1 && (ir_ops[in->op].flags & IRF_M) && eat(ps, "+"))
			in->off = (int32_t)number(ps);
	}
	if (call && !eat(ps, ")"))
		return bad(ps, ") is expected");
	in->nargs = (uint16_t)n;
	if (ir_ops[in->op].flags & IRF_A) {
		in->u.args = arena_array(ps->a, ref, n + 1);
		memcpy(in->u.args, args, n * sizeof *args);
	} else {
		if (n != ir_ops[in->op].nargs)
			return bad(ps, "wrong number of operands");
		memcpy(in->u.arg, args, n * sizeof *args);
	}
	in->bits = ir_bits(ps->f, in);
	provenance(ps, in);
	return targets(ps, r, in->op);
}

/* First walk: the instruction without operands. */
static bool
declare(struct parse *ps, uint32_t b, ref *made)
{
	struct ir_ins proto = {0};
	uint32_t n = 0;
	enum ir_op op;

	if (*ps->p == 'v' && isdigit((unsigned char)ps->p[1])) {
		ps->p++;
		n = number(ps);
		if (!eat(ps, "="))
			return bad(ps, "= is expected");
	}
	if (!b || !opcode(ps, &op, &proto))
		return bad(ps, "an instruction outside of a block");
	*made = ir_ops[op].flags & IRF_A ? ir_add_n(ps->f, b, op, NULL, 0)
					 : ir_add(ps->f, b, op, 0, 0);
	ir_at(ps->f, *made)->size = proto.size;
	ir_at(ps->f, *made)->flags = proto.flags;
	ir_at(ps->f, *made)->cc = proto.cc;
	while (ps->value.n <= n)
		vec_push(ps->a, &ps->value, 0);
	if (n)
		ps->value.at[n] = *made;
	return true;
}

static bool
slot_line(struct parse *ps)
{
	unsigned n, size, align;

	if (sscanf(ps->p, "slot%u %u align %u", &n, &size, &align) != 3 || size > 512)
		return bad(ps, "a stack object is: slotN SIZE align A");
	while (ps->f->slots.n <= n && n < 64)
		ir_slot_new(ps->f, "", size, align);
	return true;
}

struct ir_fn *
ir_parse(struct arena *a, str text, const char **error)
{
	struct parse ps = {.a = a, .error = error, .f = ir_fn_new(a, "text")};
	char *copy = arena_strndup(a, text.p, text.n), *line = copy, *nl;
	VEC(struct later { const char *p; ref r; uint32_t line; }) later = {0};
	uint32_t b = 0;

	*error = NULL;
	for (; line && !*error; line = nl ? nl + 1 : NULL) {
		ref made = 0;

		nl = strchr(line, '\n');
		if (nl)
			*nl = 0;
		ps.line++;
		ps.p = line;
		skip(&ps);
		if (!*ps.p || *ps.p == ';' || strncmp(ps.p, "fn ", 3) == 0)
			continue;
		if (strncmp(ps.p, "slot", 4) == 0) {
			slot_line(&ps);
		} else if (*ps.p == 'b' && isdigit((unsigned char)ps.p[1])) {
			b = block(&ps);
		} else if (declare(&ps, b, &made)) {
			vec_push(a, &later, ((struct later){ps.p, made, ps.line}));
		}
	}
	for (uint32_t i = 0; i < later.n && !*error; i++) {
		ps.p = later.at[i].p;
		ps.line = later.at[i].line;
		operands(&ps, later.at[i].r);
	}
	if (*error)
		return NULL;
	for (uint32_t i = 1; i < ps.f->blk.n && !*error; i++)
		if (!ir_finished(ps.f, i))
			*error = arena_printf(a, "block %u does not end", i);
	return *error ? NULL : ps.f;
}

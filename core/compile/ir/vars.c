/* SPDX-License-Identifier: MIT */
/* vars.c: source variables to SSA values while the blocks are being built.
 *
 * After Braun et al., "Simple and Efficient Construction of Static Single Assignment Form"
 * (2013): a read looks in its block, then in the predecessors, placing a phi where several
 * meet. A block whose predecessors are not all known yet (a loop head) gets an operandless
 * phi that ir_seal completes. Phis whose operands turn out equal become copies.
 *
 * Most variables are never assigned after their binding; those skip all of it: they have one
 * value, valid wherever the variable is in scope. A variable that is assigned later in a loop
 * that began after its binding needs the phi at the loop head, so the short cut holds only
 * inside the loop the variable was bound in. */
#include "compile/ir/ir.h"

uint32_t
ir_var_new(struct ir_fn *f, const char *name, span at)
{
	struct ir_var *v = vec_add(f->arena, &f->vars);

	v->name = name;
	v->at = at;
	v->loop = f->loop;
	return f->vars.n - 1;
}

static uint32_t
def_hash(uint32_t blk, uint32_t var)
{
	return (uint32_t)(((uint64_t)blk << 32 | var) * 0x9e3779b97f4a7c15u >> 40);
}

static struct ir_def *
find_def(struct ir_fn *f, uint32_t blk, uint32_t var)
{
	uint32_t h = def_hash(blk, var) & f->def_mask;

	while (f->defs[h].val && (f->defs[h].blk != blk || f->defs[h].var != var))
		h = (h + 1) & f->def_mask;
	return &f->defs[h];
}

static void
grow_defs(struct ir_fn *f)
{
	struct ir_def *old = f->defs;
	uint32_t n = f->def_mask + 1;

	f->def_mask = n * 4 - 1;
	f->defs = arena_array(f->arena, struct ir_def, f->def_mask + 1);
	for (uint32_t i = 0; i < n; i++)
		if (old[i].val)
			*find_def(f, old[i].blk, old[i].var) = old[i];
}

static void
put_def(struct ir_fn *f, uint32_t blk, uint32_t var, ref v)
{
	struct ir_def *d = find_def(f, blk, var);

	if (!d->val) {
		if (++f->ndefs * 2 > f->def_mask) {
			grow_defs(f);
			d = find_def(f, blk, var);
		}
		*d = (struct ir_def){blk, var, v};
	}
	d->val = v;
}

void
ir_name_value(struct ir_fn *f, uint32_t var, ref v)
{
	/* A constant may be many things; the place of a global is one. */
	if (ir_is_leaf(f, v) && ir_at(f, v)->op != IR_MAPVAL)
		return;
	while (f->value_var.n <= v)
		vec_push(f->arena, &f->value_var, 0);
	if (!f->value_var.at[v] || !f->vars.at[f->value_var.at[v]].name ||
	    (f->vars.at[f->value_var.at[v]].weak && f->vars.at[var].name &&
	     !f->vars.at[var].weak))
		f->value_var.at[v] = var;
}

void
ir_var_set(struct ir_fn *f, uint32_t blk, uint32_t var, ref v)
{
	struct ir_var *x = &f->vars.at[var];

	if (!x->init) {
		x->init = v;
		x->prov = ir_at(f, v)->prov;
	} else {
		x->assigned = ++f->seq;
	}
	ir_name_value(f, var, v);
	put_def(f, blk, var, v);
}

static ref
new_phi(struct ir_fn *f, uint32_t blk, uint32_t var)
{
	span at = f->at;
	ref phi;

	f->at = f->vars.at[var].at;
	phi = ir_add_n(f, blk, IR_PHI, NULL, 0);
	f->at = at;
	ir_at(f, phi)->prov = f->vars.at[var].prov;
	ir_name_value(f, var, phi);
	return phi;
}

/* A phi that is only itself and one other value is that value. */
static ref
simplify_phi(struct ir_fn *f, ref phi)
{
	struct ir_ins *in = ir_at(f, phi);
	ref same = 0;

	for (uint32_t i = 0; i < in->nargs; i++) {
		ref v = ir_val(f, in->u.args[i]);

		if (v == phi || v == same)
			continue;
		if (same)
			return phi;
		same = v;
	}
	if (!same)
		same = ir_const(f, 0);	/* unreachable, or never given a value */
	ir_forward(f, phi, same);
	return same;
}

static ref
fill_phi(struct ir_fn *f, ref phi, uint32_t blk, uint32_t var)
{
	uint32_t n = f->blk.at[blk].pred.n;
	ref *args = arena_array(f->arena, ref, n ? n : 1);
	uint8_t bits = 0;

	for (uint32_t i = 0; i < n; i++)
		args[i] = ir_var_get(f, f->blk.at[blk].pred.at[i], var);
	for (uint32_t i = 0; i < n; i++) {
		if (ir_at(f, args[i])->prov != PV_SCALAR)
			ir_at(f, phi)->prov = ir_at(f, args[i])->prov;
		if (ir_at(f, args[i])->bits > bits)
			bits = ir_at(f, args[i])->bits;
	}
	ir_at(f, phi)->u.args = args;
	ir_at(f, phi)->nargs = (uint16_t)n;
	ir_at(f, phi)->bits = bits;
	return simplify_phi(f, phi);
}

/* The nearest block that has, or must be given, a definition for `var`: past straight lines
 * and past joins with no assignment since the paths parted. */
static uint32_t
look_up(struct ir_fn *f, uint32_t blk, uint32_t var)
{
	for (;;) {
		const struct ir_blk *b = &f->blk.at[blk];

		if (find_def(f, blk, var)->val || !b->sealed)
			return blk;
		if (b->fork && f->vars.at[var].assigned <= b->fork_seq)
			blk = b->fork;
		else if (b->pred.n == 1)
			blk = b->pred.at[0];
		else
			return blk;
	}
}

ref
ir_var_get(struct ir_fn *f, uint32_t blk, uint32_t var)
{
	struct ir_var *x = &f->vars.at[var];
	uint32_t from;
	ref v;

	if (!x->assigned && x->loop == f->loop)
		return x->init;
	from = look_up(f, blk, var);
	v = find_def(f, from, var)->val;
	if (v) {
		v = ir_val(f, v);
	} else if (!f->blk.at[from].sealed) {
		v = new_phi(f, from, var);
		vec_push(f->arena, &f->pending, ((struct ir_def){from, var, v}));
		put_def(f, from, var, v);
	} else if (f->blk.at[from].pred.n == 0) {
		v = x->init;		/* unreachable code */
	} else {
		ref phi = new_phi(f, from, var);

		put_def(f, from, var, phi);	/* breaks the cycle of a loop */
		v = fill_phi(f, phi, from, var);
		put_def(f, from, var, v);
	}
	put_def(f, blk, var, v);
	return v;
}

uint32_t
ir_join_new(struct ir_fn *f, uint32_t fork)
{
	uint32_t b = ir_blk_new(f);

	f->blk.at[b].fork = fork;
	f->blk.at[b].fork_seq = f->seq;
	return b;
}

void
ir_seal(struct ir_fn *f, uint32_t blk)
{
	f->blk.at[blk].sealed = true;
	for (uint32_t i = 0; i < f->pending.n; ) {
		struct ir_def d = f->pending.at[i];

		if (d.blk != blk) {
			i++;
			continue;
		}
		f->pending.at[i] = f->pending.at[--f->pending.n];
		fill_phi(f, d.val, blk, d.var);
		i = 0;		/* filling may have added more */
	}
}

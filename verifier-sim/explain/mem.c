/* SPDX-License-Identifier: MIT */
/* mem.c: what is wrong with an access to memory: the pointer is none, may be null or
 * has ended; nothing was written there; the kind of pointer may not be moved; the memory is
 * read-only. Bounds are told in bounds.c. */
#include "explaining.h"

/* Of a member in C the pointer that is written there: compilers keep one of several. */
static const char *
subject(const struct vx *e)
{
	const char *base = e->lisp ? NULL : vx_c_base(e, vx_insn(e, e->step));

	if (base)
		return base;
	return vx_value(e, tr_reg(e->frame, (uint32_t)e->reg), e->step);
}

/* "reads 8 bytes through it", "bpf_map_update_elem() gets it". */
static const char *
use(const struct vx *e)
{
	if (e->in && BPF_CLASS(e->in->code) == BPF_JMP && BPF_OP(e->in->code) == BPF_CALL)
		return arena_printf(e->a, "%s is given it", vx_callee(e, vx_insn(e, e->step)));
	if (e->in && BPF_CLASS(e->in->code) >= BPF_LDX && BPF_CLASS(e->in->code) <= BPF_STX)
		return arena_printf(e->a, "%s through it", vx_access(e));
	return "uses it";
}

/* ---- null ------------------------------------------------------------------------------- */

/* Messages that count arguments name no register. */
static void
operand_by_argument(struct vx *e)
{
	if (e->reg >= 0 || !e->f->nargs || !e->in || BPF_OP(e->in->code) != BPF_CALL)
		return;
	/* Helpers count registers from 1, kernel functions and prototypes arguments from 0. */
	e->reg = (int)e->f->args[0] + (e->f->first != VS_E_HELPER_NULL);
	if (e->reg < 1 || e->reg > 5) {
		e->reg = -1;
		return;
	}
	e->val = vx_reg(e, (uint32_t)e->reg);
	tr_follow(e->env, tr_reg(e->frame, (uint32_t)e->reg), e->step, &e->sl);
}

/* Tests of another result of the same kind: a second lookup is another pointer. */
static void
tell_other_tests(struct vx *e)
{
	for (uint32_t i = e->step; i-- > 1;) {
		const struct tr_step *st = &e->t->steps.at[i];
		const struct tr_rec *r;
		const struct bpf_insn *in;
		struct tr_node n;

		if (st->insn == TR_NONE || !tr_is_test(in = &e->env->insns[st->insn]))
			continue;
		r = tr_before(e->t, tr_reg(st->frame, in->dst_reg), i);
		if (!r || !vs_may_be_null(r->reg.type) || r->reg.id == e->val->id ||
		    vs_base(r->reg.type) != vs_base(e->val->type) ||
		    (vs_base(r->reg.type) == RT_MAP_VALUE && r->reg.map != e->val->map))
			continue;
		n = tr_origin(e->env, r->loc, i);
		if (n.how != HOW_CALL && n.how != HOW_FILL && n.how != HOW_COPY)
			continue;
		vx_step(e, i, STEP_MISSED, "this tests another pointer, not %s", subject(e));
		return;
	}
}

/* An array has all its entries: only the verifier does not look at the key. */
static void
tell_array(struct vx *e)
{
	const struct vs_map *m = vs_base(e->val->type) == RT_MAP_VALUE ? e->val->map : NULL;

	if (m && (m->im->type == BPF_MAP_TYPE_ARRAY || m->im->type == BPF_MAP_TYPE_PERCPU_ARRAY))
		vx_unseen(e, "%s has every index below %u, but the verifier does not look at the key",
			  vx_map_name(e, m), m->im->max_entries);
}

/* Null written out as the argument: no test would help. */
static bool
tell_written_null(struct vx *e, const char *name)
{
	if (e->val->type != RT_SCALAR || e->in->code != (BPF_JMP | BPF_CALL) ||
	    (strcmp(name, "`NULL`") && strcmp(name, "`0`") && strcmp(name, "the constant 0")))
		return false;
	vx_rule(e);
	vx_headline(e, "argument %d of %s may not be null", e->reg,
		    vx_callee(e, vx_insn(e, e->step)));
	vx_at(e, "null is given here");
	vx_need(e, NEED_ABSENT);
	vx_help(e, "give it the object that it works on");
	return true;
}

bool
vx_nullable(struct vx *e)
{
	const char *name;

	operand_by_argument(e);
	if (e->reg < 0 || !e->val || !e->in)
		return false;
	name = subject(e);
	if (tell_written_null(e, name))
		return true;
	if (e->val->type == RT_SCALAR)
		vx_headline(e, "%s is null here", name);
	else
		vx_headline(e, "%s may be null here", name);
	if (e->f->kind == VK_ARITH || e->f->kind == VK_RANGE || e->f->first == VS_E_PTR_ARITH_NULL)
		vx_at(e, "moved before any null test");
	else
		vx_at(e, "%s before any null test", use(e));
	vx_history(e, &e->sl);
	if (e->val->type != RT_SCALAR)
		tell_other_tests(e);
	tell_array(e);
	vx_need(e, NEED_NOT_NULL);
	if (e->lisp && *name == '`' && name[1] != '(')
		vx_help(e, "test it first: `(when %.*s ...)` around the use",
			(int)strcspn(name + 1, "`"), name + 1);
	else if (e->lisp)
		vx_help(e, "bind it, and test it first: `(when-let ((p ...)) ...)` around the use");
	else
		vx_help(e, "test it first, and leave or skip the use when it is null");
	return true;
}

/* ---- no pointer ------------------------------------------------------------------------- */

static const struct tr_node *
lost_node(const struct vx *e)
{
	for (uint32_t i = 0; i < e->sl.n; i++)
		if (e->sl.nodes[i].how == HOW_LOST)
			return &e->sl.nodes[i];
	return NULL;
}

/* Does the failing instruction give something back itself? */
static bool
is_release(const struct vx *e)
{
	static const char *const words[] = {"submit", "discard", "_release", "_drop", "_destroy"};
	const char *callee = e->in && BPF_CLASS(e->in->code) == BPF_JMP &&
		BPF_OP(e->in->code) == BPF_CALL ? vx_callee(e, vx_insn(e, e->step)) : "";

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(callee, words[i]))
			return true;
	return false;
}

/* A call took the pointer away: it moved the packet, or gave the object back. */
static bool
tell_lost(struct vx *e, const struct tr_node *n)
{
	const struct tr_rec *was = tr_before(e->t, n->loc, n->def);
	const char *written = e->lisp ? NULL : vx_c_base(e, vx_insn(e, e->step));
	const char *name = written ? written : vx_value_var(e, e->sl.nodes[0].loc, e->step);
	const char *callee = vx_callee(e, vx_insn(e, n->def));
	uint32_t base = was ? vs_base(was->reg.type) : RT_NOT_INIT;

	if (!name)
		name = was && was->reg.type != RT_NOT_INIT ? vx_kind(e, &was->reg) : "a pointer";

	if (base == RT_PACKET || base == RT_PACKET_META || base == RT_PACKET_END) {
		vx_headline(e, "%s no longer points into the packet: %s may have moved it", name,
			    callee);
		vx_step(e, n->def, STEP_LOST, "may move the packet: all pointers into it end here");
		vx_at(e, "%s", use(e));
		vx_help(e, "after the call take the packet's start and end from the context again, "
			   "and repeat the check");
	} else {
		vx_headline(e, is_release(e) ? "%s is given back again: %s has ended it already"
			    : "%s is used after %s has ended it", name, callee);
		vx_step(e, n->def, STEP_RELEASED, "given back here: it must not be used any more");
		vx_at(e, "%s", use(e));
		vx_help(e, "use it before the call, or move the call behind the last use");
	}
	vx_need(e, NEED_POINTER);
	return true;
}

bool
vx_lost(struct vx *e)
{
	const struct tr_node *n = lost_node(e);

	return n && tell_lost(e, n);
}

static const struct tr_node *
last_same(const struct vx *e)
{
	const struct tr_node *n = NULL;

	for (uint32_t i = 0; i < e->sl.n; i++)
		if (e->sl.nodes[i].same)
			n = &e->sl.nodes[i];
	return n;
}

/* Does the other side of the test lead to the failing instruction too? */
static bool
other_side_joins(const struct vx *e, uint32_t test, uint32_t taken)
{
	uint32_t n = e->env->n, top = 0, out[2], many = vs_successors(e->env, test, out);
	uint32_t *todo = arena_array(e->a, uint32_t, n + 1);
	bool *seen = arena_array(e->a, bool, n + 1);

	memset(seen, 0, n + 1);
	for (uint32_t i = 0; i < many; i++)
		if (out[i] != taken && out[i] < n)
			seen[todo[top++] = out[i]] = true;
	while (top) {
		uint32_t at = todo[--top];

		if (at == e->x->at)
			return true;
		many = vs_successors(e->env, at, out);
		for (uint32_t i = 0; i < many; i++)
			if (out[i] < n && !seen[out[i]] && out[i] != test)
				seen[todo[top++] = out[i]] = true;
	}
	return false;
}

/* A test on the path found it null, and the path went on. */
static bool
tell_known_null(struct vx *e)
{
	for (uint32_t i = 0; i < e->sl.nnarrow; i++) {
		const struct tr_node *n = &e->sl.narrow[i];
		const struct tr_rec *was = tr_before(e->t, n->loc, n->def);
		bool joins;

		if (!was || !vs_may_be_null(was->reg.type) || n->rec->reg.type != RT_SCALAR)
			continue;
		joins = n->def + 1 < e->t->steps.n &&
			other_side_joins(e, vx_insn(e, n->def), vx_insn(e, n->def + 1));
		vx_headline(e, joins ? "%s may be null here: the test before does not keep null from it"
			    : "%s is null here: the test before let only null through", subject(e));
		vx_step(e, n->def, STEP_NARROWED, "null on this side");
		vx_history(e, &e->sl);
		vx_at(e, "%s", use(e));
		vx_need(e, NEED_NOT_NULL);
		vx_help(e, joins ? "leave where it is null, or move this to where it is known not to be"
			: "the test is the wrong way round: go on when it is not null");
		return true;
	}
	return false;
}

static bool
is_tracing(const struct vx *e)
{
	switch (e->env->type) {
	case BPF_PROG_TYPE_KPROBE: case BPF_PROG_TYPE_TRACEPOINT: case BPF_PROG_TYPE_PERF_EVENT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT: case BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
	case BPF_PROG_TYPE_TRACING: case BPF_PROG_TYPE_LSM:
		return true;
	}
	return false;
}

static bool
tell_number(struct vx *e)
{
	const struct tr_node *n = last_same(e);
	const char *name = subject(e);

	vx_rule(e);
	vx_headline(e, "%s %s to the verifier, not a pointer", name,
		    strncmp(name, "the ", 4) || !strstr(name, " bytes ") ? "is a number"
									 : "are a number");
	vx_at(e, "%s", use(e));
	vx_history(e, &e->sl);
	vx_need(e, NEED_POINTER);
	if (n && n->how == HOW_ALU)
		vx_fact(e, "arithmetic other than adding and subtracting numbers turns a pointer "
			   "into a number");
	else if (n && n->how == HOW_LOAD)
		vx_fact(e, "%s holds an address perhaps, but the verifier cannot know what lies "
			   "there", name);
	if (tnum_is_const(e->val->var))
		vx_fact(e, "its value is %s here", vx_range(e, e->val));
	if (is_tracing(e))
		vx_help(e, e->lisp ? "read memory at such addresses with `kernel-load` or "
				     "`probe-read-kernel` (`probe-read-user` for the process's own)"
			: "read memory at such addresses with bpf_probe_read_kernel() or "
			  "bpf_probe_read_user(), or use a typed (BTF) pointer");
	else
		vx_help(e, "use the pointer as it was given: the context's fields, a lookup's result, "
			   "the address of a variable");
	return true;
}

bool
vx_pointer(struct vx *e)
{
	uint32_t base;

	if (e->reg < 0 || !e->val || e->f->first == VS_E_DIFFERENT_PTRS)
		return false;
	base = vs_base(e->val->type);
	if (vs_may_be_null(e->val->type))
		return vx_nullable(e);
	if (base == RT_SCALAR)
		return vx_lost(e) || tell_known_null(e) || tell_number(e);
	vx_at(e, "%s", use(e));
	vx_history(e, &e->sl);
	vx_need(e, NEED_POINTER);
	if (base == RT_PACKET_END) {
		vx_headline(e, "%s only marks the end of the packet", subject(e));
		vx_help(e, "compare with it, but read through the packet's start");
		return true;
	}
	vx_headline(e, "%s is %s, which cannot be accessed like this", subject(e),
		    vx_kind(e, e->val));
	return true;
}

/* ---- nothing there ---------------------------------------------------------------------- */

/* r0 after a call of a kernel function that this kernel does not have: nobody set it. */
static bool
tell_absent_call(struct vx *e)
{
	const struct image_prog *p = e->env->prog;

	for (uint32_t i = e->step; i-- > 0 && e->reg == 0;) {
		const struct tr_step *st = &e->t->steps.at[i];
		const struct bpf_insn *in = st->insn == TR_NONE ? NULL : &e->env->insns[st->insn];

		if (!in || st->frame != e->frame || in->code != (BPF_JMP | BPF_CALL))
			continue;
		if (in->src_reg != BPF_PSEUDO_KFUNC_CALL || in->imm)
			return false;
		for (uint32_t k = 0; k < p->relocs.n; k++) {
			if (p->relocs.at[k].insn != st->insn || p->relocs.at[k].kind != RELOC_KFUNC)
				continue;
			vx_headline(e, "this kernel has no `%s`: nothing comes back from its call",
				    p->relocs.at[k].name);
			vx_step(e, i, STEP_MADE, "called here");
			vx_at(e, "what it should have returned is used here");
			vx_need(e, NEED_ABSENT);
			vx_help(e, "declare it weak and test whether it is there, or keep to kernels that "
				   "have it");
			return true;
		}
		return false;
	}
	return false;
}

bool
vx_uninit(struct vx *e)
{
	const struct tr_node *n = e->sl.n ? &e->sl.nodes[0] : NULL;
	const char *name, *callee;

	if (e->reg < 0 || !n || !e->in)
		return false;
	if (tell_absent_call(e))
		return true;
	vx_need(e, NEED_INIT);
	if (vx_lost(e))
		return true;
	name = vx_var(e, n->loc, e->step);
	if (BPF_OP(e->in->code) == BPF_EXIT && BPF_CLASS(e->in->code) == BPF_JMP) {
		vx_headline(e, "no value is returned on this path");
		vx_at(e, "returns, but nothing was set to be returned");
		vx_help(e, "return a value on every path");
		return true;
	}
	if (n->how == HOW_GONE) {
		callee = vx_callee(e, vx_insn(e, n->def));
		if (name)
			vx_headline(e, "%s has no value here: a call has overwritten it", name);
		else
			vx_headline(e, "a value is used that the call of %s has destroyed", callee);
		vx_step(e, n->def, STEP_LOST, "calls keep r6 to r9 only: r%d ends here", e->reg);
		vx_at(e, "used here");
		vx_help(e, "save it before the call");
		return true;
	}
	if (!name && !e->lisp && e->in->code == (BPF_JMP | BPF_CALL))
		name = vx_c_argument(e, vx_insn(e, e->step), (uint32_t)e->reg);
	vx_headline(e, "%s is used before it has a value on this path",
		    name ? name : "something");
	vx_at(e, "read here, never written before");
	vx_help(e, "give it a value where it is declared");
	return true;
}

/* ---- pointers that must stay as they are ------------------------------------------------ */

/* Where the place of a store did not move, what is stored did. */
static void
stored_instead(struct vx *e)
{
	const struct vs_reg *r = e->in && BPF_CLASS(e->in->code) == BPF_STX
		? vx_reg(e, e->in->src_reg) : NULL;

	if (!r || r->type == RT_SCALAR || !tnum_is_const(e->val->var) || e->val->off ||
	    e->val->var.value || e->reg == e->in->src_reg)
		return;
	e->reg = e->in->src_reg;
	e->val = r;
	tr_follow(e->env, tr_reg(e->frame, (uint32_t)e->reg), e->step, &e->sl);
}

bool
vx_fixed(struct vx *e)
{
	const char *name, *object;

	vx_rule(e);
	if (e->reg < 0 || !e->val)
		return false;
	stored_instead(e);
	name = subject(e);
	object = vx_object(e, e->val);
	for (uint32_t i = 0; i < e->sl.n; i++)
		if (e->sl.nodes[i].how == HOW_ALU && !e->sl.nodes[i].index)
			vx_step(e, e->sl.nodes[i].def, STEP_MOVED, "moved here");
	vx_at(e, "%s", use(e));
	vx_need(e, NEED_RANGE);
	if (tnum_is_const(e->val->var) && (e->val->off || e->val->var.value)) {
		vx_headline(e, "%s was moved by %lld, but must be used as it was given", name,
			    (long long)e->val->off + (long long)e->val->var.value);
		if (BPF_CLASS(e->in ? e->in->code : 0) == BPF_JMP)
			vx_help(e, "hand over the pointer itself, not a place in what it points to");
		else if (vs_base(e->val->type) == RT_CTX && !e->lisp)
			vx_help(e, "compilers keep the address of a field that is used twice: read the "
				   "field once into a variable, or read through a volatile pointer");
		else
			vx_help(e, "keep the pointer and put the constant offset into the access "
				   "itself");
	} else {
		vx_headline(e, "%s was moved by a variable amount, which %s does not allow", name,
			    object);
		vx_fact(e, "the offset is %s here", vx_range(e, e->val));
		e->x->needs.at[0].have_lo = e->val->smin;
		e->x->needs.at[0].have_hi = e->val->smax;
		e->x->needs.at[0].is_bounded = e->val->smin >= 0 && e->val->smax < 1 << 16;
		vx_help(e, "access fields at constant offsets only: a `case` over the few that are "
			   "meant, or a copy");
	}
	return true;
}

/* `!a && !b` becomes one test of `a | b`: good on any processor, not to the verifier. */
static bool
tell_joined(struct vx *e)
{
	const struct vs_reg *other = BPF_SRC(e->in->code) == BPF_X
		? vx_reg(e, e->reg == e->in->dst_reg ? e->in->src_reg : e->in->dst_reg) : NULL;
	const char *a, *b;
	struct tr_slice s;

	if (e->lisp || !other || other->type == RT_SCALAR)
		return false;
	a = vx_value(e, tr_reg(e->frame, e->in->dst_reg), e->step);
	b = vx_value(e, tr_reg(e->frame, e->in->src_reg), e->step);
	tr_follow(e->env, tr_reg(e->frame, e->in->src_reg), e->step, &s);
	vx_history(e, &s);
	vx_headline(e, "the compiler has joined the null tests of %s and %s into one: the verifier "
		    "cannot follow it", a, b);
	vx_at(e, "tested together here, as one number");
	vx_need(e, NEED_NOT_NULL);
	vx_help(e, "leave when either is null (`||`), or test them in statements of their own, one "
		   "after the other");
	return true;
}

bool
vx_arith(struct vx *e)
{
	const char *name;

	if (!e->in || BPF_CLASS(e->in->code) > BPF_ALU64 || BPF_CLASS(e->in->code) < BPF_ALU)
		return false;
	/* The message may name either operand: the pointer is the one of interest. */
	if (e->reg < 0 || !e->val || e->val->type == RT_SCALAR) {
		e->reg = e->in->dst_reg;
		e->val = vx_reg(e, e->in->dst_reg);
		if (BPF_SRC(e->in->code) == BPF_X && (!e->val || e->val->type == RT_SCALAR)) {
			e->reg = e->in->src_reg;
			e->val = vx_reg(e, e->in->src_reg);
		}
		if (!e->val || e->reg == VS_FP)
			return false;
		tr_follow(e->env, tr_reg(e->frame, (uint32_t)e->reg), e->step, &e->sl);
	}
	name = subject(e);
	if (e->f->first == VS_E_MATH_PTR_UNBOUNDED || e->f->first == VS_E_PTR_VALUE_OFF ||
	    e->f->first == VS_E_MATH_PTR_OFF) {
		uint32_t reg = BPF_SRC(e->in->code) == BPF_X ? e->in->src_reg : e->in->dst_reg;

		return vx_added(e, reg == (uint32_t)e->reg ? e->in->dst_reg : reg);
	}
	vx_history(e, &e->sl);
	if (e->val->type == RT_SCALAR)
		return false;
	if (BPF_OP(e->in->code) == BPF_OR && tell_joined(e))
		return true;
	vx_need(e, NEED_SCALAR);
	if (strstr(name, vx_kind(e, e->val)))
		vx_headline(e, "arithmetic on %s is not allowed", vx_kind(e, e->val));
	else
		vx_headline(e, "%s is %s: this arithmetic is not allowed on it", name, vx_kind(e, e->val));
	vx_at(e, "computed on the pointer here");
	vx_help(e, BPF_CLASS(e->in->code) == BPF_ALU
		? "this computes with 32 bits and would cut the pointer: use 64-bit arithmetic"
		: "pointers into the stack, packets, map values and memory may be moved by adding "
		  "and subtracting numbers; others must stay as they are");
	return true;
}

bool
vx_readonly(struct vx *e)
{
	if (e->reg < 0 || !e->val || e->val->type == RT_SCALAR)
		return false;
	vx_headline(e, "%s cannot be written by %s", vx_object(e, e->val), vx_program(e));
	if (e->f->first == VS_E_ATOMIC_PTR) {
		vx_headline(e, "atomic operations do not work on %s", vx_object(e, e->val));
		vx_help(e, "use a plain load and store there; atomic ones are for map values, memory and "
			   "the stack");
	}
	if (e->f->first == VS_E_MAP_READ_FORBIDDEN)
		vx_headline(e, "%s cannot be read by programs: the map is write-only to them",
			    vx_object(e, e->val));
	else if (vs_base(e->val->type) == RT_MAP_VALUE)
		vx_headline(e, "%s cannot be written: the map is read-only to programs",
			    vx_object(e, e->val));
	vx_at(e, "%s", use(e));
	vx_history(e, &e->sl);
	vx_need(e, NEED_ABSENT);
	return true;
}

bool
vx_object_access(struct vx *e)
{
	const char *field;
	int64_t size;

	if (e->reg < 0 || !e->val || !e->in || vs_base(e->val->type) == RT_SCALAR)
		return false;
	size = vx_object_size(e, e->val);
	field = vx_field(e, e->val, e->in->off, vx_access_size(e));
	vx_at(e, "%s at offset %lld", vx_access(e), (long long)e->val->off + e->in->off);
	vx_history(e, &e->sl);
	if (field)
		vx_fact(e, "there lies %s of %s", field, vx_object(e, e->val));
	if (size > 0)
		vx_fact(e, "%s has %s", vx_object(e, e->val), vx_bytes(e, size));
	if (e->f->first == VS_E_BTF_BEYOND && size > 0) {
		const char *access = e->lisp ? NULL : vx_c_access(e, vx_insn(e, e->step));

		vx_headline(e, "%s lies past the end of %s", access ? access : "what is accessed here",
			    vx_object(e, e->val));
		vx_help(e, e->lisp ? "read what lies behind it with `kernel-load`"
			: "if it is really part of something larger, read it with BPF_CORE_READ() or "
			  "bpf_probe_read_kernel(), or cast it with bpf_core_cast()");
		vx_need(e, NEED_POINTER);
		return true;
	}
	if (e->f->first == VS_E_BTF_OUTSIDE && size > 0) {
		const char *access = e->lisp ? NULL : vx_c_access(e, vx_insn(e, e->step));

		vx_headline(e, "%s lies past the end of %s", access ? access : "what is accessed here",
			    vx_object(e, e->val));
		vx_help(e, e->lisp ? "read what lies behind it with `kernel-load`"
			: "if it is really part of something larger, read it with BPF_CORE_READ() or "
			  "bpf_probe_read_kernel(), or cast it with bpf_core_cast()");
		vx_need(e, NEED_POINTER);
		return true;
	}
	vx_need(e, NEED_RANGE);
	return true;
}

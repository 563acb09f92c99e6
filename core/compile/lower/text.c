/* SPDX-License-Identifier: MIT */
/* text.c: text on the kernel side. A literal is put on the stack, eight bytes at a time,
 * with its final zero; comparing with a literal compares constants of the widest size that
 * the alignment of the other side allows. */
#include "compile/lower/lower.h"

static uint64_t
chunk(str s, size_t at, unsigned size)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < size && at + i < s.n; i++)
		v |= (uint64_t)(unsigned char)s.p[at + i] << 8 * i;
	return v;
}

void
cg_store_text(struct cg *c, ref base, int32_t to, str s, uint32_t size)
{
	uint32_t off = 0;

	for (unsigned step = 8; step; step /= 2)
		for (; off + step <= size; off += step)
			cg_store(c, base, to + (int32_t)off, step,
				 ir_const(c->f, (int64_t)chunk(s, off, step)));
}

/* Address of a stack copy of `s` with `zeros` bytes after it. */
static ref
stack_text(struct cg *c, str s, unsigned zeros)
{
	uint32_t size = (uint32_t)s.n + zeros;
	ref base = ir_leaf(c->f, IR_SLOT, ir_slot_new(c->f, "text", size, 8), 0, PV_STACK);

	cg_store_text(c, base, 0, s, size);
	return base;
}

static bool
literal_text(struct cg *c, value form, unsigned i, str *out)
{
	value v = nth(form, i);

	if (is_string(v) && as_string(v).n < 512) {
		*out = as_string(v);
		return true;
	}
	cg_error(c, "C0018", arg_span(form, i),
		 is_string(v) ? "this text does not fit on the stack"
			      : "a literal text is needed here");
	return false;
}

struct kval
form_stack_string(struct cg *c, value form, uint32_t tag)
{
	str s;

	(void)tag;
	if (!literal_text(c, form, 1, &s))
		return poison(c);
	return val(stack_text(c, s, 1), TY_PTR(0));
}

struct kval
form_current_comm(struct cg *c, value form, uint32_t tag)
{
	struct kval v = cg_stack_object(c, "name of the thread", 16, 8, TY_PTR(0),
					form_span(form));
	ref args[2] = {v.v, ir_const(c->f, 16)};

	(void)tag;
	cg_call(c, BPF_FUNC_get_current_comm, args, 2, PV_SCALAR);
	return v;
}

struct kval
form_read_string(struct cg *c, value form, uint32_t helper)
{
	struct kval p = lower_arg(c, form, 1), v;
	ref args[3];
	int64_t size = 64;

	if (list_length(form) == 3 && (!cg_constant(c, nth(form, 2), &size) || size < 1)) {
		cg_error(c, "C0010", arg_span(form, 2), "the size is a constant");
		return poison(c);
	}
	v = cg_stack_object(c, "text", size, 8, TY_PTR(0), form_span(form));
	if (is_poison(p) || is_poison(v))
		return poison(c);
	args[0] = v.v;
	args[1] = ir_const(c->f, size);
	args[2] = p.v;
	cg_call(c, helper, args, 3, PV_SCALAR);
	return v;
}

/* (printk "format" arg...): to the trace pipe. */
struct kval
form_printk(struct cg *c, value form, uint32_t tag)
{
	int n = list_length(form) - 2;
	ref args[5], data;
	str s;

	(void)tag;
	if (!cg_format(c, form, false, &s))
		return poison(c);
	if (n <= 3) {
		for (int i = 0; i < n; i++)
			args[2 + i] = lower_arg(c, form, (unsigned)i + 2).v;
		args[0] = stack_text(c, s, 1);
		args[1] = ir_const(c->f, (int64_t)s.n + 1);
		cg_call(c, BPF_FUNC_trace_printk, args, (uint32_t)n + 2, PV_SCALAR);
		return void_value(c);
	}
	data = ir_leaf(c->f, IR_SLOT, ir_slot_new(c->f, "arguments of printk",
						  (uint32_t)n * 8, 8), 0, PV_STACK);
	for (int i = 0; i < n; i++)
		cg_store(c, data, i * 8, 8, lower_arg(c, form, (unsigned)i + 2).v);
	args[0] = stack_text(c, s, 1);
	args[1] = ir_const(c->f, (int64_t)s.n + 1);
	args[2] = data;
	args[3] = ir_const(c->f, n * 8);
	cg_call(c, BPF_FUNC_trace_vprintk, args, 4, PV_SCALAR);
	return void_value(c);
}

static unsigned
readable(const struct cg *c, ref p, unsigned left)
{
	const struct ir_ins *in = ir_at(c->f, p);
	bool wide = in->op == IR_SLOT || in->prov == PV_PACKET ||
		    ((in->prov == PV_MAP_VALUE || in->prov == PV_RING) && in->op != IR_ADD);
	unsigned step = wide ? 8 : 1;

	while (step > left)
		step /= 2;
	return step;
}

/* All differences or-ed together: one comparison, no branches. */
static struct kval
all_equal(struct cg *c, ref diff)
{
	ref r = ir_add(c->f, c->blk, IR_SET, diff, ir_const(c->f, 0));

	ir_at(c->f, r)->cc = CC_EQ;
	return val(r, TY_U64);
}

/* (string= pointer "text"): with the final zero; (starts-with pointer "text"): without. */
struct kval
form_string_eq(struct cg *c, value form, uint32_t prefix)
{
	struct kval p = lower_arg(c, form, 1);
	ref diff = ir_const(c->f, 0);
	str s;

	if (is_poison(p) || !literal_text(c, form, 2, &s))
		return poison(c);
	for (size_t at = 0, n = s.n + !prefix; at < n; ) {
		unsigned step = readable(c, p.v, (unsigned)(n - at));
		ref part = cg_bin(c, IR_XOR, cg_load(c, p.v, (int32_t)at, step),
				  ir_const(c->f, (int64_t)chunk(s, at, step)));

		diff = at ? cg_bin(c, IR_OR, diff, part) : part;
		at += step;
	}
	return all_equal(c, diff);
}

/* (mem= a b count): 1 when the bytes are equal. */
struct kval
form_mem_eq(struct cg *c, value form, uint32_t tag)
{
	struct kval a = lower_arg(c, form, 1), b = lower_arg(c, form, 2);
	ref diff = ir_const(c->f, 0);
	int64_t n;

	(void)tag;
	if (is_poison(a) || is_poison(b))
		return poison(c);
	if (!cg_constant(c, nth(form, 3), &n) || n < 1 || n > 4096) {
		cg_error(c, "C0010", arg_span(form, 3), "mem= needs a constant count");
		return poison(c);
	}
	for (int64_t at = 0; at < n; ) {
		unsigned x = readable(c, a.v, (unsigned)(n - at));
		unsigned y = readable(c, b.v, (unsigned)(n - at)), step = x < y ? x : y;
		ref part = cg_bin(c, IR_XOR, cg_load(c, a.v, (int32_t)at, step),
				  cg_load(c, b.v, (int32_t)at, step));

		diff = at ? cg_bin(c, IR_OR, diff, part) : part;
		at += step;
	}
	return all_equal(c, diff);
}

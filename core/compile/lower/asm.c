/* SPDX-License-Identifier: MIT */
/* asm.c: instructions written by hand.
 *
 * (asm "text" arg...) is a call without a callee: up to five arguments are in r1 to r5, the
 * value is what is left in r0, and r1 to r5 are anybody's afterwards. The text is what the
 * assembler of core/image/asm.h takes; labels are its own. It must come out at its end, and
 * keep r6 to r9, r10 and the stack to the compiler: an address of stack memory is an argument.
 *
 * (ld-btf-id N) is the address of the kernel variable with that BTF id, (kernel-variable NAME)
 * of the one with that name. */
#include "compile/lower/lower.h"

#include "image/asm.h"

enum { MAX_ARGS = 5, MAX_TEXT = 4096 };

static bool
writes_register(struct bpf_insn in, int *reg)
{
	uint8_t cls = BPF_CLASS(in.code);

	*reg = in.dst_reg;
	return cls == BPF_ALU || cls == BPF_ALU64 || cls == BPF_LDX || cls == BPF_LD;
}

/* What would break the code around it; null when nothing does. */
static const char *
trespass(const struct asm_out *out)
{
	for (uint32_t i = 0; i < out->insns.n; i++) {
		struct bpf_insn in = out->insns.at[i];
		uint8_t cls = BPF_CLASS(in.code), op = BPF_OP(in.code);
		bool jump = cls == BPF_JMP || cls == BPF_JMP32;
		int64_t to = (int64_t)i + 1 + (cls == BPF_JMP32 && op == BPF_JA ? in.imm : in.off);
		int reg;

		if (insn_is_wide(&in)) {
			if (in.dst_reg > 5)
				return "only r0 to r5 may be written";
			i++;
			continue;
		}
		if (jump && op == BPF_EXIT)
			return "exit would leave the program: let control reach the end of the text";
		if (jump && op != BPF_CALL && (to < 0 || to > out->insns.n))
			return "a jump leaves the text";
		if (writes_register(in, &reg) && reg > 5)
			return "only r0 to r5 may be written";
		if (in.src_reg == BPF_REG_10 || in.dst_reg == BPF_REG_10)
			return "r10 is the compiler's: pass the address of stack memory as an "
			       "argument";
	}
	return NULL;
}

static bool
resolve(struct cg *c, const struct asm_ref *r, span at, struct ir_asm *out)
{
	struct image_reloc reloc = {.insn = r->insn, .kind = r->kind, .addend = r->addend,
				    .name = arena_strdup(c->image->arena, r->name)};
	const struct kmap *m;

	if (r->kind == RELOC_MAP || r->kind == RELOC_MAP_VALUE) {
		m = cg_map(c, make_symbol(c->l, str_of(r->name)), at);
		if (!m)
			return false;
		reloc.map = (uint32_t)ir_at(c->f, cg_map_ref(c, m))->imm;
	}
	vec_push(c->a, &out->relocs, reloc);
	return true;
}

static ref
add_asm(struct cg *c, const struct ir_asm *text, const ref *args, uint32_t n)
{
	ref r = ir_add_n(c->f, c->blk, IR_ASM, args, n);

	vec_push(c->a, &c->f->asms, *text);
	ir_at(c->f, r)->imm = c->f->asms.n - 1;
	return r;
}

struct kval
form_asm(struct cg *c, value form, uint32_t tag)
{
	struct asm_out out = {0};
	struct ir_asm text = {0};
	uint32_t n = 0;
	ref args[MAX_ARGS];
	const char *why;

	(void)tag;
	if (!is_string(nth(form, 1)) || as_string(nth(form, 1)).n > MAX_TEXT) {
		cg_error(c, "C0018", arg_span(form, 1), "asm needs a literal text of instructions");
		return poison(c);
	}
	for (value at = cdr(cdr(form)); is_cons(at); at = cdr(at))
		args[n++] = lower_arg(c, at, 0).v;
	if (!asm_text(as_string(nth(form, 1)), c->a, &out)) {
		cg_error(c, "C0030", arg_span(form, 1), "line %u of the assembly: %s", out.line,
			 out.error);
		return poison(c);
	}
	why = trespass(&out);
	if (why) {
		cg_error(c, "C0030", arg_span(form, 1), "%s", why);
		return poison(c);
	}
	for (uint32_t i = 0; i < out.refs.n; i++)
		if (!resolve(c, &out.refs.at[i], arg_span(form, 1), &text))
			return poison(c);
	text.insns = out.insns.at;
	text.n = out.insns.n;
	return val(add_asm(c, &text, args, n), TY_U64);
}

struct kval
form_ld_btf_id(struct cg *c, value form, uint32_t tag)
{
	struct bpf_insn *in = arena_array(c->a, struct bpf_insn, 2);
	struct ir_asm text = {.insns = in, .n = 2};
	int64_t id;
	ref r;

	(void)tag;
	if (!cg_constant(c, nth(form, 1), &id) || id < 1 || id > INT32_MAX) {
		cg_error(c, "C0010", arg_span(form, 1), "ld-btf-id needs a constant BTF type id");
		return poison(c);
	}
	in[0] = (struct bpf_insn){.code = BPF_LD | BPF_IMM | BPF_DW, .src_reg = BPF_PSEUDO_BTF_ID,
				  .imm = (int32_t)id};
	r = add_asm(c, &text, NULL, 0);
	ir_at(c->f, r)->prov = PV_KERNEL;
	return val(r, TY_PTR(0));
}

struct kval
form_kernel_variable(struct cg *c, value form, uint32_t tag)
{
	value name = nth(form, 1);
	const char *c_name;

	(void)tag;
	if (!is_symbol(name) && !is_string(name)) {
		cg_error(c, "C0001", arg_span(form, 1), "the name of a kernel variable is needed");
		return poison(c);
	}
	c_name = is_string(name) ? arena_strndup(c->image->arena, as_string(name).p,
						 as_string(name).n)
				 : kenv_c_name(c->image->arena, as_symbol(name)->name);
	return val(ir_leaf(c->f, IR_KSYM, ir_name(c->f, c_name), 0, PV_KERNEL), TY_PTR(0));
}

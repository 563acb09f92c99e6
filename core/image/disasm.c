/* SPDX-License-Identifier: MIT */
/* disasm.c: instructions as the kernel's log prints them. */
#include "disasm.h"

#include "facts/facts.h"

#define OP(x) ((x) >> 4)

const char *const disasm_alu[16] = {
	[OP(BPF_ADD)] = "+=", [OP(BPF_SUB)] = "-=", [OP(BPF_MUL)] = "*=", [OP(BPF_DIV)] = "/=",
	[OP(BPF_OR)] = "|=", [OP(BPF_AND)] = "&=", [OP(BPF_LSH)] = "<<=", [OP(BPF_RSH)] = ">>=",
	[OP(BPF_NEG)] = "neg", [OP(BPF_MOD)] = "%=", [OP(BPF_XOR)] = "^=", [OP(BPF_MOV)] = "=",
	[OP(BPF_ARSH)] = "s>>=", [OP(BPF_END)] = "endian",
};

const char *const disasm_jmp[16] = {
	[OP(BPF_JA)] = "jmp", [OP(BPF_JEQ)] = "==", [OP(BPF_JGT)] = ">", [OP(BPF_JLT)] = "<",
	[OP(BPF_JGE)] = ">=", [OP(BPF_JLE)] = "<=", [OP(BPF_JSET)] = "&", [OP(BPF_JNE)] = "!=",
	[OP(BPF_JSGT)] = "s>", [OP(BPF_JSLT)] = "s<", [OP(BPF_JSGE)] = "s>=",
	[OP(BPF_JSLE)] = "s<=", [OP(BPF_CALL)] = "call", [OP(BPF_EXIT)] = "exit",
};

const char *const disasm_size[4] = {
	[BPF_W >> 3] = "u32", [BPF_H >> 3] = "u16", [BPF_B >> 3] = "u8", [BPF_DW >> 3] = "u64",
};

/* A sign-extending load of 64 bits is no instruction; the kernel prints what printf makes of
 * a null pointer there, since it prints before it checks. */
const char *const disasm_ssize[4] = {
	[BPF_W >> 3] = "s32", [BPF_H >> 3] = "s16", [BPF_B >> 3] = "s8",
	[BPF_DW >> 3] = "(null)",
};

const char *const disasm_atomic[16] = {
	[OP(BPF_ADD)] = "add", [OP(BPF_AND)] = "and", [OP(BPF_OR)] = "or", [OP(BPF_XOR)] = "xor",
};

static const char *const class_name[8] = {
	[BPF_LD] = "ld", [BPF_LDX] = "ldx", [BPF_ST] = "st", [BPF_STX] = "stx",
	[BPF_ALU] = "alu", [BPF_JMP] = "jmp", [BPF_JMP32] = "jmp32", [BPF_ALU64] = "alu64",
};

static const char *
text(const char *s)
{
	return s ? s : "(null)";
}

static const char *
size_text(const struct bpf_insn *in)
{
	return disasm_size[BPF_SIZE(in->code) >> 3];
}

static const char *
alu_operator(const struct bpf_insn *in)
{
	uint8_t op = BPF_OP(in->code);

	if (in->off == 1 && op == BPF_DIV)
		return "s/=";
	if (in->off == 1 && op == BPF_MOD)
		return "s%=";
	return text(disasm_alu[OP(op)]);
}

static const char *
extension(const struct bpf_insn *in)
{
	if (BPF_OP(in->code) != BPF_MOV)
		return "";
	return in->off == 8 ? "(s8)" : in->off == 16 ? "(s16)" : in->off == 32 ? "(s32)" : "";
}

static void
alu(struct buf *b, const struct bpf_insn *in)
{
	char w = BPF_CLASS(in->code) == BPF_ALU ? 'w' : 'r';
	uint8_t op = BPF_OP(in->code);
	bool mov64 = in->code == (BPF_ALU64 | BPF_MOV | BPF_X);

	if (op == BPF_END && w == 'r')
		buf_printf(b, "r%d = bswap%d r%d", in->dst_reg, in->imm, in->dst_reg);
	else if (op == BPF_END)
		buf_printf(b, "r%d = %s%d r%d", in->dst_reg,
			   BPF_SRC(in->code) == BPF_TO_BE ? "be" : "le", in->imm, in->dst_reg);
	else if (op == BPF_NEG)
		buf_printf(b, "%c%d = -%c%d", w, in->dst_reg, w, in->dst_reg);
	else if (mov64 && in->off == BPF_ADDR_SPACE_CAST)
		buf_printf(b, "r%d = addr_space_cast(r%d, %u, %u)", in->dst_reg, in->src_reg,
			   (uint32_t)in->imm >> 16, (uint32_t)in->imm & 0xffff);
	else if (mov64 && in->off == -1)
		buf_printf(b, "r%d = &(void __percpu *)(r%d)", in->dst_reg, in->src_reg);
	else if (BPF_SRC(in->code) == BPF_X)
		buf_printf(b, "%c%d %s %s%c%d", w, in->dst_reg, alu_operator(in),
			   extension(in), w, in->src_reg);
	else
		buf_printf(b, "%c%d %s %d", w, in->dst_reg, alu_operator(in), in->imm);
}

static bool
atomic(struct buf *b, const struct bpf_insn *in)
{
	const char *wide = BPF_SIZE(in->code) == BPF_DW ? "64" : "";
	const char *sz = size_text(in);
	int d = in->dst_reg, s = in->src_reg, off = in->off;

	switch (in->imm) {
	case BPF_ADD: case BPF_AND: case BPF_OR: case BPF_XOR:
		buf_printf(b, "lock *(%s *)(r%d %+d) %s r%d", sz, d, off,
			   disasm_alu[OP(in->imm)], s);
		return true;
	case BPF_ADD | BPF_FETCH: case BPF_AND | BPF_FETCH:
	case BPF_OR | BPF_FETCH: case BPF_XOR | BPF_FETCH:
		buf_printf(b, "r%d = atomic%s_fetch_%s((%s *)(r%d %+d), r%d)", s, wide,
			   disasm_atomic[OP(in->imm & 0xf0)], sz, d, off, s);
		return true;
	case BPF_CMPXCHG:
		buf_printf(b, "r0 = atomic%s_cmpxchg((%s *)(r%d %+d), r0, r%d)", wide, sz, d,
			   off, s);
		return true;
	case BPF_XCHG:
		buf_printf(b, "r%d = atomic%s_xchg((%s *)(r%d %+d), r%d)", s, wide, sz, d,
			   off, s);
		return true;
	case BPF_LOAD_ACQ:
		buf_printf(b, "r%d = load_acquire((%s *)(r%d %+d))", d, sz, s, off);
		return true;
	case BPF_STORE_REL:
		buf_printf(b, "store_release((%s *)(r%d %+d), r%d)", sz, d, off, s);
		return true;
	}
	return false;
}

/* Stores. False when the kernel has no text for it. */
static bool
store(struct buf *b, const struct bpf_insn *in)
{
	uint8_t mode = BPF_MODE(in->code);
	bool reg = BPF_CLASS(in->code) == BPF_STX;

	if (mode == BPF_MEM && reg)
		buf_printf(b, "*(%s *)(r%d %+d) = r%d", size_text(in), in->dst_reg, in->off,
			   in->src_reg);
	else if (mode == BPF_MEM)
		buf_printf(b, "*(%s *)(r%d %+d) = %d", size_text(in), in->dst_reg, in->off,
			   in->imm);
	else if (mode == BPF_ATOMIC && reg)
		return atomic(b, in);
	else if (mode == 0xc0 && !reg)
		buf_puts(b, "nospec");
	else
		return false;
	return true;
}

static bool
load(struct buf *b, const struct bpf_insn *in, const struct disasm *d)
{
	uint8_t mode = BPF_MODE(in->code);

	if (BPF_CLASS(in->code) == BPF_LDX) {
		if (mode != BPF_MEM && mode != BPF_MEMSX)
			return false;
		buf_printf(b, "r%d = *(%s *)(r%d %+d)", in->dst_reg,
			   mode == BPF_MEM ? size_text(in)
			   : disasm_ssize[BPF_SIZE(in->code) >> 3], in->src_reg, in->off);
	} else if (mode == BPF_ABS) {
		buf_printf(b, "r0 = *(%s *)skb[%d]", size_text(in), in->imm);
	} else if (mode == BPF_IND) {
		buf_printf(b, "r0 = *(%s *)skb[r%d + %d]", size_text(in), in->src_reg, in->imm);
	} else if (insn_is_wide(in)) {
		uint64_t v = (uint64_t)(uint32_t)in[1].imm << 32 | (uint32_t)in[0].imm;
		bool ptr = in->src_reg && in->src_reg != BPF_PSEUDO_FUNC;

		buf_printf(b, "r%d = 0x%llx", in->dst_reg,
			   (unsigned long long)(ptr && d && d->hide_pointers ? 0 : v));
	} else {
		return false;
	}
	return true;
}

static void
call(struct buf *b, const struct bpf_insn *in, const struct disasm *d)
{
	const struct fact_helper *h;
	const char *name = NULL;

	if (in->src_reg == BPF_PSEUDO_CALL) {
		buf_printf(b, "call pc%+d", in->imm);
		return;
	}
	if (in->src_reg == BPF_PSEUDO_KFUNC_CALL) {
		name = d && d->kfunc ? d->kfunc(d->user, in) : NULL;
		buf_printf(b, "call %s#%d", name ? name : "kernel-function", in->imm);
		return;
	}
	h = in->src_reg == 0 && in->imm > 0 ? fact_helper((uint32_t)in->imm) : NULL;
	if (h)
		buf_printf(b, "call bpf_%s#%d", h->name, in->imm);
	else
		buf_printf(b, "call unknown#%d", in->imm);
}

static void
jump(struct buf *b, const struct bpf_insn *in, const struct disasm *d)
{
	char w = BPF_CLASS(in->code) == BPF_JMP32 ? 'w' : 'r';
	uint8_t op = BPF_OP(in->code);
	const char *cmp = text(disasm_jmp[OP(op)]);

	if (op == BPF_CALL)
		call(b, in, d);
	else if (in->code == (BPF_JMP | BPF_JA))
		buf_printf(b, "goto pc%+d", in->off);
	else if (in->code == (BPF_JMP | BPF_JA | BPF_X))
		buf_printf(b, "gotox r%d", in->dst_reg);
	else if (in->code == (BPF_JMP | BPF_JCOND) && in->src_reg == 0)
		buf_printf(b, "may_goto pc%+d", in->off);
	else if (in->code == (BPF_JMP32 | BPF_JA))
		buf_printf(b, "gotol pc%+d", in->imm);
	else if (in->code == (BPF_JMP | BPF_EXIT))
		buf_puts(b, "exit");
	else if (BPF_SRC(in->code) == BPF_X)
		buf_printf(b, "if %c%d %s %c%d goto pc%+d", w, in->dst_reg, cmp, w, in->src_reg,
			   in->off);
	else
		buf_printf(b, "if %c%d %s 0x%x goto pc%+d", w, in->dst_reg, cmp,
			   (uint32_t)in->imm, in->off);
}

void
disasm_insn(struct buf *b, const struct bpf_insn *in, const struct disasm *d)
{
	uint8_t class = BPF_CLASS(in->code);
	uint32_t start = b->n;
	bool ok = true;

	buf_printf(b, "(%02x) ", in->code);
	if (class == BPF_ALU || class == BPF_ALU64)
		alu(b, in);
	else if (class == BPF_JMP || class == BPF_JMP32)
		jump(b, in, d);
	else if (class == BPF_ST || class == BPF_STX)
		ok = store(b, in);
	else
		ok = load(b, in, d);
	if (ok)
		return;
	b->n = start;	/* the kernel prints such an encoding without its parentheses */
	buf_printf(b, "BUG_%s%s%02x", class == BPF_STX ? "" : class_name[class],
		   class == BPF_STX ? "" : "_", in->code);
}

void
disasm_prog(struct buf *out, const struct bpf_insn *in, uint32_t n, const struct disasm *d)
{
	for (uint32_t i = 0; i < n; i++) {
		buf_printf(out, "%4u: ", i);
		if (insn_is_wide(&in[i]) && i + 1 == n) {
			buf_puts(out, "half of a 16-byte load");
		} else {
			disasm_insn(out, &in[i], d);
			i += insn_is_wide(&in[i]);
		}
		buf_putc(out, '\n');
	}
}

/* SPDX-License-Identifier: MIT */
/* asm.c: text to instructions, the inverse of disasm.c.
 *
 * A line is parsed left to right by functions that consume what they recognise and say
 * whether they did. The first error sticks; everything after it is ignored. Jumps to labels
 * are noted and patched when the last line is read. */
#include "asm.h"

#include "disasm.h"
#include "facts/facts.h"

#include <ctype.h>

/* gcc sees no difference between `x & 15` and `x` when it goes into a 4-bit field. */
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wconversion"
#endif

struct fixup {
	uint32_t insn, line;
	str label;
	enum { FIX_OFF, FIX_IMM } field;
};

struct as {
	struct arena *a;
	struct asm_out *out;
	const char *p, *end;		/* rest of the line */
	uint32_t line;
	VEC(struct fixup) fixups;
};

static bool
fail(struct as *s, const char *fmt, ...)
{
	va_list ap;

	if (s->out->error)
		return false;
	va_start(ap, fmt);
	s->out->error = arena_vprintf(s->a, fmt, ap);
	va_end(ap);
	s->out->line = s->line;
	return false;
}

static void
space(struct as *s)
{
	while (s->p < s->end && isspace((unsigned char)*s->p))
		s->p++;
}

/* Consume the text `z` if it stands here; words must end where the text does. */
static bool
eat(struct as *s, const char *z)
{
	size_t n = strlen(z);

	space(s);
	if ((size_t)(s->end - s->p) < n || memcmp(s->p, z, n))
		return false;
	if (isalnum((unsigned char)z[n - 1]) && s->p + n < s->end &&
	    (isalnum((unsigned char)s->p[n]) || s->p[n] == '_'))
		return false;
	s->p += n;
	return true;
}

static bool
need(struct as *s, const char *z)
{
	return eat(s, z) || fail(s, "expected `%s` at `%.*s`", z, (int)(s->end - s->p), s->p);
}

static bool
number(struct as *s, int64_t *v, bool *hex)
{
	bool neg = false;
	uint64_t x = 0;
	int base = 10, digits = 0;

	space(s);
	if (s->p < s->end && (*s->p == '-' || *s->p == '+'))
		neg = *s->p++ == '-';
	if (s->end - s->p > 2 && s->p[0] == '0' && (s->p[1] | 32) == 'x') {
		base = 16;
		s->p += 2;
	}
	for (; s->p < s->end && isxdigit((unsigned char)*s->p); s->p++, digits++) {
		int c = *s->p | 32, d = c >= 'a' ? c - 'a' + 10 : c - '0';

		if (d >= base)
			break;
		x = x * (uint64_t)base + (uint64_t)d;
	}
	if (!digits)
		return fail(s, "expected a number at `%.*s`", (int)(s->end - s->p), s->p);
	*v = neg ? (int64_t)(0 - x) : (int64_t)x;
	if (hex)
		*hex = base == 16;
	return true;
}

static bool
number_in(struct as *s, int64_t lo, int64_t hi, int64_t *v)
{
	if (!number(s, v, NULL))
		return false;
	return (*v >= lo && *v <= hi) || fail(s, "%lld is out of range", (long long)*v);
}

/* An immediate: -2^31 to 2^32-1, so that both spellings of a 32-bit value are read. */
static bool
imm32(struct as *s, int32_t *v)
{
	int64_t x;

	if (!number_in(s, INT32_MIN, UINT32_MAX, &x))
		return false;
	*v = (int32_t)(uint32_t)x;
	return true;
}

static bool
name(struct as *s, str *out)
{
	const char *q;

	space(s);
	for (q = s->p; q < s->end && (isalnum((unsigned char)*q) || strchr("_.$-", *q)); q++)
		;
	if (q == s->p)
		return fail(s, "expected a name at `%.*s`", (int)(s->end - s->p), s->p);
	*out = (str){s->p, (size_t)(q - s->p)};
	s->p = q;
	return true;
}

/* r0..r15 or w0..w15: numbers beyond r10 are encodable, and tests need them. */
static bool
is_reg(struct as *s, char *kind, uint8_t *reg)
{
	const char *q;
	int v = 0, n = 0;

	space(s);
	if (s->p >= s->end || (*s->p != 'r' && *s->p != 'w'))
		return false;
	for (q = s->p + 1; q < s->end && isdigit((unsigned char)*q) && n < 2; q++, n++)
		v = v * 10 + (*q - '0');
	if (!n || v > 15 || (q < s->end && (isalnum((unsigned char)*q) || *q == '_')))
		return false;
	*kind = *s->p;
	*reg = (uint8_t)v;
	s->p = q;
	return true;
}

static bool
reg64(struct as *s, uint8_t *reg)
{
	char k;

	return (is_reg(s, &k, reg) && k == 'r') || fail(s, "expected a register r0..r10");
}

static bool
emit(struct as *s, struct bpf_insn in)
{
	vec_push(s->a, &s->out->insns, in);
	return true;
}

static bool
emit_wide(struct as *s, uint8_t dst, uint8_t src, int32_t lo, int32_t hi)
{
	emit(s, (struct bpf_insn){.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = dst & 15,
				  .src_reg = src & 15, .imm = lo});
	return emit(s, (struct bpf_insn){.imm = hi});
}

static bool
reference(struct as *s, enum image_reloc_kind kind, str n, int64_t addend)
{
	struct asm_ref r = {.insn = s->out->insns.n, .kind = kind,
			    .name = arena_strndup(s->a, n.p, n.n),
			    .addend = (uint32_t)addend};

	vec_push(s->a, &s->out->refs, r);
	return true;
}

/* Where a jump goes: `pc+3`, `+3` or a label. */
static bool
target(struct as *s, int field, int32_t *v)
{
	struct fixup f = {.insn = s->out->insns.n, .line = s->line, .field = field};
	int64_t x;

	space(s);
	*v = 0;
	if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
		goto distance;
	if (s->end - s->p > 2 && !memcmp(s->p, "pc", 2) && (s->p[2] == '+' || s->p[2] == '-')) {
		s->p += 2;
		goto distance;
	}
	if (!name(s, &f.label))
		return false;
	vec_push(s->a, &s->fixups, f);
	return true;
distance:
	if (!number_in(s, field == FIX_OFF ? INT16_MIN : INT32_MIN,
		       field == FIX_OFF ? INT16_MAX : INT32_MAX, &x))
		return false;
	*v = (int32_t)x;
	return true;
}

/* `*(u32 *)(r1 +4)` or, without the star, `(u32 *)(r1 +4)`: size, register, offset. */
static bool
memory(struct as *s, uint8_t *size, bool *sx, uint8_t *reg, int16_t *off)
{
	int64_t v = 0;
	int k;

	eat(s, "*");
	if (!need(s, "("))
		return false;
	*sx = false;
	for (k = 0; k < 8; k++) {
		const char *t = k < 4 ? disasm_size[k] : disasm_ssize[k - 4];

		if (t && eat(s, t))
			break;
	}
	if (k == 8)
		return fail(s, "expected u8, u16, u32, u64, s8, s16 or s32");
	*size = (uint8_t)((k & 3) << 3);
	*sx = k >= 4;
	if (!need(s, "*") || !need(s, ")") || !need(s, "(") || !reg64(s, reg))
		return false;
	space(s);
	if (s->p < s->end && *s->p != ')' && !number_in(s, INT16_MIN, INT16_MAX, &v))
		return false;
	*off = (int16_t)v;
	return need(s, ")");
}

/* `atomic64_fetch_add((u64 *)(r1 +0), r2)` and its kin; `dst` stands left of the `=`. */
static bool
atomic_value(struct as *s, uint8_t dst)
{
	static const struct { const char *word; int32_t imm; } form[] = {
		{"fetch_add", BPF_ADD | BPF_FETCH}, {"fetch_and", BPF_AND | BPF_FETCH},
		{"fetch_or", BPF_OR | BPF_FETCH}, {"fetch_xor", BPF_XOR | BPF_FETCH},
		{"xchg", BPF_XCHG}, {"cmpxchg", BPF_CMPXCHG},
	};
	struct bpf_insn in = {.code = BPF_STX | BPF_ATOMIC};
	uint8_t size, base, src;
	size_t i;
	bool sx;

	s->p += strlen("atomic");
	if (s->end - s->p > 2 && !memcmp(s->p, "64", 2))
		s->p += 2;
	if (!need(s, "_"))
		return false;
	for (i = 0; i < sizeof form / sizeof form[0] && !eat(s, form[i].word); i++)
		;
	if (i == sizeof form / sizeof form[0])
		return fail(s, "unknown atomic operation");
	in.imm = form[i].imm;
	if (!need(s, "(") || !memory(s, &size, &sx, &base, &in.off) || !need(s, ","))
		return false;
	if (in.imm == BPF_CMPXCHG && (!reg64(s, &src) || !need(s, ",")))
		return false;
	if (!reg64(s, &src) || !need(s, ")"))
		return false;
	if (in.imm != BPF_CMPXCHG && src != dst)
		return fail(s, "the result goes to the register whose value is stored");
	in.code |= size;
	in.dst_reg = base & 15;
	in.src_reg = src & 15;
	return emit(s, in);
}

static bool
starts(struct as *s, const char *z)
{
	space(s);
	return (size_t)(s->end - s->p) >= strlen(z) && !memcmp(s->p, z, strlen(z));
}

/* skb[14] and skb[r3 + 14]: loads from the packet by way of the context. */
static bool
packet_load(struct as *s)
{
	struct bpf_insn in = {.code = BPF_LD};
	uint8_t reg = 0;
	char k;
	int i;

	eat(s, "*");
	if (!need(s, "("))
		return false;
	for (i = 0; i < 4 && !eat(s, disasm_size[i]); i++)
		;
	if (i == 4 || !need(s, "*") || !need(s, ")") || !need(s, "skb") || !need(s, "["))
		return fail(s, "expected *(u32 *)skb[...]");
	in.code |= (uint8_t)(i << 3);
	if (is_reg(s, &k, &reg)) {
		in.code |= BPF_IND;
		in.src_reg = reg & 15;
		eat(s, "+");
	} else {
		in.code |= BPF_ABS;
	}
	return imm32(s, &in.imm) && need(s, "]") && emit(s, in);
}

/* The right side of `rN = ` when it is no plain operand. */
static bool
special_value(struct as *s, uint8_t dst, bool *done)
{
	struct bpf_insn in = {.dst_reg = dst & 15};
	int64_t add = 0;
	uint8_t size;
	bool sx;
	str n;

	*done = true;
	if (starts(s, "*(") && memchr(s->p, '[', (size_t)(s->end - s->p)))
		return packet_load(s);
	if (starts(s, "*(")) {
		uint8_t base;

		if (!memory(s, &size, &sx, &base, &in.off))
			return false;
		in.code = (uint8_t)(BPF_LDX | size | (sx ? BPF_MEMSX : BPF_MEM));
		in.src_reg = base & 15;
		return emit(s, in);
	}
	if (starts(s, "atomic"))
		return atomic_value(s, dst);
	if (eat(s, "load_acquire")) {
		uint8_t base;

		if (!need(s, "(") || !memory(s, &size, &sx, &base, &in.off) || !need(s, ")"))
			return false;
		in.code = BPF_STX | BPF_ATOMIC | size;
		in.src_reg = base & 15;
		in.imm = BPF_LOAD_ACQ;
		return emit(s, in);
	}
	if (eat(s, "map")) {
		if (!name(s, &n))
			return false;
		if (!eat(s, "["))
			return reference(s, RELOC_MAP, n, 0) &&
				emit_wide(s, dst, BPF_PSEUDO_MAP_FD, 0, 0);
		return number_in(s, 0, UINT32_MAX, &add) && need(s, "]") &&
			reference(s, RELOC_MAP_VALUE, n, add) &&
			emit_wide(s, dst, BPF_PSEUDO_MAP_VALUE, 0, (int32_t)add);
	}
	if (eat(s, "ksym"))
		return name(s, &n) && reference(s, RELOC_KSYM, n, 0) &&
			emit_wide(s, dst, BPF_PSEUDO_BTF_ID, 0, 0);
	if (eat(s, "func")) {
		int32_t v;

		return target(s, FIX_IMM, &v) && reference(s, RELOC_FUNC, STR(""), 0) &&
			emit_wide(s, dst, BPF_PSEUDO_FUNC, v, 0);
	}
	*done = false;
	return true;
}

/* rN = -rN, beN/leN/bswapN rN, addr_space_cast(...), (s8)rM, rM, or a number. */
static bool
assign(struct as *s, char k, uint8_t dst)
{
	uint8_t cls = k == 'w' ? BPF_ALU : BPF_ALU64, src;
	struct bpf_insn in = {.code = cls | BPF_MOV, .dst_reg = dst & 15};
	bool done, hex;
	int64_t v, w;
	char k2;

	if (!special_value(s, dst, &done) || done)
		return !s->out->error;
	for (int i = 0; i < 9; i++) {
		static const char *const word[] = {"be", "le", "bswap"};
		int bits = 16 << i % 3;

		if (!eat(s, arena_printf(s->a, "%s%d", word[i / 3], bits)))
			continue;
		in.code = (uint8_t)(BPF_END | (i >= 6 ? BPF_ALU64 : BPF_ALU) |
				    (i < 3 ? BPF_TO_BE : 0));
		in.imm = bits;
		return is_reg(s, &k2, &src) && emit(s, in);
	}
	if (eat(s, "addr_space_cast")) {
		if (!need(s, "(") || !reg64(s, &src) || !need(s, ",") || !number(s, &v, NULL) ||
		    !need(s, ",") || !number(s, &w, NULL) || !need(s, ")"))
			return false;
		in.code |= BPF_X;
		in.src_reg = src & 15;
		in.off = BPF_ADDR_SPACE_CAST;
		in.imm = (int32_t)((uint32_t)v << 16 | (uint32_t)w);
		return emit(s, in);
	}
	if (starts(s, "-r") || starts(s, "-w")) {
		s->p++;
		in.code = cls | BPF_NEG;
		return is_reg(s, &k2, &src) && emit(s, in);
	}
	in.off = (int16_t)(eat(s, "(s8)") ? 8 : eat(s, "(s16)") ? 16 : eat(s, "(s32)") ? 32 : 0);
	if (is_reg(s, &k2, &src)) {
		in.code |= BPF_X;
		in.src_reg = src & 15;
		return emit(s, in);
	}
	if (!number(s, &v, &hex))
		return false;
	if (eat(s, "ll") || (hex && k == 'r'))
		return emit_wide(s, dst, 0, (int32_t)v, (int32_t)(v >> 32));
	if (v < INT32_MIN || v > UINT32_MAX)
		return fail(s, "%lld does not fit 32 bits: write `ll` after it", (long long)v);
	in.imm = (int32_t)v;
	return emit(s, in);
}

static bool
operate(struct as *s, char k, uint8_t dst)
{
	struct bpf_insn in = {.dst_reg = dst & 15};
	uint8_t cls = k == 'w' ? BPF_ALU : BPF_ALU64, src;
	char k2;
	int op;

	if (eat(s, "="))
		return assign(s, k, dst);
	if (eat(s, "s/="))
		op = BPF_DIV >> 4, in.off = 1;
	else if (eat(s, "s%="))
		op = BPF_MOD >> 4, in.off = 1;
	else
		for (op = 0; op < 16; op++)
			if (op != BPF_NEG >> 4 && op != BPF_END >> 4 && disasm_alu[op] &&
			    eat(s, disasm_alu[op]))
				break;
	if (op == 16)
		return fail(s, "unknown operator at `%.*s`", (int)(s->end - s->p), s->p);
	in.code = (uint8_t)(cls | op << 4);
	if (is_reg(s, &k2, &src)) {
		in.code |= BPF_X;
		in.src_reg = src & 15;
		return emit(s, in);
	}
	return imm32(s, &in.imm) && emit(s, in);
}

/* if r1 s> 0x5 goto L */
static bool
conditional(struct as *s)
{
	/* Longest first: `s>=` before `s>`, `>=` before `>`. */
	static const uint8_t order[] = {BPF_JSGE, BPF_JSLE, BPF_JSGT, BPF_JSLT, BPF_JGE, BPF_JLE,
					BPF_JEQ, BPF_JNE, BPF_JGT, BPF_JLT, BPF_JSET};
	struct bpf_insn in = {0};
	uint8_t dst, src;
	char k, k2;
	size_t i;
	int32_t v;

	if (!is_reg(s, &k, &dst))
		return fail(s, "expected a register after `if`");
	for (i = 0; i < sizeof order && !eat(s, disasm_jmp[order[i] >> 4]); i++)
		;
	if (i == sizeof order)
		return fail(s, "unknown comparison at `%.*s`", (int)(s->end - s->p), s->p);
	in.code = (uint8_t)((k == 'w' ? BPF_JMP32 : BPF_JMP) | order[i]);
	in.dst_reg = dst & 15;
	if (is_reg(s, &k2, &src)) {
		in.code |= BPF_X;
		in.src_reg = src & 15;
	} else if (!imm32(s, &in.imm)) {
		return false;
	}
	if (!need(s, "goto") || !target(s, FIX_OFF, &v))
		return false;
	in.off = (int16_t)v;
	return emit(s, in);
}

/* call pc+3, call LABEL, call bpf_name#12, call name, call #12, call kfunc NAME. A name that
 * is no helper is taken to be a label. */
static bool
call(struct as *s)
{
	struct bpf_insn in = {.code = BPF_JMP | BPF_CALL};
	const struct fact_helper *h;
	int64_t id;
	str n;

	if (eat(s, "#"))
		return imm32(s, &in.imm) && emit(s, in);
	if (eat(s, "kfunc")) {
		in.src_reg = BPF_PSEUDO_KFUNC_CALL;
		return name(s, &n) && reference(s, RELOC_KFUNC, n, 0) && emit(s, in);
	}
	if (!starts(s, "pc+") && !starts(s, "pc-") && !starts(s, "+") && !starts(s, "-")) {
		const char *back = s->p;

		if (!name(s, &n))
			return false;
		if (eat(s, "#")) {
			if (!number_in(s, INT32_MIN, INT32_MAX, &id))
				return false;
			in.imm = (int32_t)id;
			return emit(s, in);
		}
		h = fact_helper_named(str_starts(n, "bpf_") ? (str){n.p + 4, n.n - 4} : n);
		if (h) {
			in.imm = (int32_t)h->id;
			return emit(s, in);
		}
		s->p = back;
	}
	in.src_reg = BPF_PSEUDO_CALL;
	return target(s, FIX_IMM, &in.imm) && emit(s, in);
}

static bool
store(struct as *s)
{
	struct bpf_insn in = {0};
	uint8_t size, base, src;
	bool sx;
	char k;

	if (!memory(s, &size, &sx, &base, &in.off) || !need(s, "="))
		return false;
	in.dst_reg = base & 15;
	if (is_reg(s, &k, &src)) {
		in.code = BPF_STX | BPF_MEM | size;
		in.src_reg = src & 15;
		return emit(s, in);
	}
	in.code = BPF_ST | BPF_MEM | size;
	return imm32(s, &in.imm) && emit(s, in);
}

static bool
locked(struct as *s)
{
	struct bpf_insn in = {.code = BPF_STX | BPF_ATOMIC};
	uint8_t size, base, src;
	bool sx;
	int op;

	if (!memory(s, &size, &sx, &base, &in.off))
		return false;
	for (op = 0; op < 16 && !(disasm_atomic[op] && eat(s, disasm_alu[op])); op++)
		;
	if (op == 16)
		return fail(s, "expected +=, |=, &= or ^=");
	if (!reg64(s, &src))
		return false;
	in.code |= size;
	in.dst_reg = base & 15;
	in.src_reg = src & 15;
	in.imm = op << 4;
	return emit(s, in);
}

static bool
raw(struct as *s)
{
	int64_t v[5];

	for (int i = 0; i < 5; i++)
		if (!number_in(s, INT32_MIN, UINT32_MAX, &v[i]))
			return false;
	return emit(s, (struct bpf_insn){.code = (uint8_t)v[0], .dst_reg = v[1] & 15,
					 .src_reg = v[2] & 15, .off = (int16_t)v[3],
					 .imm = (int32_t)v[4]});
}

static bool
jump(struct as *s, struct bpf_insn in, int field)
{
	int32_t v;

	if (!target(s, field, &v))
		return false;
	if (field == FIX_OFF)
		in.off = (int16_t)v;
	else
		in.imm = v;
	return emit(s, in);
}

static bool
statement(struct as *s)
{
	uint8_t reg, size, src;
	int16_t off;
	bool sx;
	char k;

	if (starts(s, "*(") || starts(s, "* ("))
		return store(s);
	if (eat(s, "if"))
		return conditional(s);
	if (eat(s, "goto"))
		return jump(s, (struct bpf_insn){.code = BPF_JMP | BPF_JA}, FIX_OFF);
	if (eat(s, "gotol"))
		return jump(s, (struct bpf_insn){.code = BPF_JMP32 | BPF_JA}, FIX_IMM);
	if (eat(s, "may_goto"))
		return jump(s, (struct bpf_insn){.code = BPF_JMP | BPF_JCOND}, FIX_OFF);
	if (eat(s, "gotox"))
		return reg64(s, &reg) && emit(s, (struct bpf_insn){
			.code = BPF_JMP | BPF_JA | BPF_X, .dst_reg = reg & 15});
	if (eat(s, "exit"))
		return emit(s, (struct bpf_insn){.code = BPF_JMP | BPF_EXIT});
	if (eat(s, "call"))
		return call(s);
	if (eat(s, "lock"))
		return locked(s);
	if (eat(s, ".raw"))
		return raw(s);
	if (eat(s, "store_release")) {
		if (!need(s, "(") || !memory(s, &size, &sx, &reg, &off) || !need(s, ",") ||
		    !reg64(s, &src) || !need(s, ")"))
			return false;
		return emit(s, (struct bpf_insn){.code = BPF_STX | BPF_ATOMIC | size,
			.dst_reg = reg & 15, .src_reg = src & 15, .off = off,
			.imm = BPF_STORE_REL});
	}
	if (is_reg(s, &k, &reg))
		return operate(s, k, reg);
	return fail(s, "no such instruction: `%.*s`", (int)(s->end - s->p), s->p);
}

/* Labels, and the numbers and opcodes that a listing puts in front. */
static void
prefixes(struct as *s)
{
	for (;;) {
		const char *q;

		space(s);
		for (q = s->p; q < s->end && (isalnum((unsigned char)*q) ||
					      strchr("_.$-", *q)); q++)
			;
		if (q > s->p && q < s->end && *q == ':') {
			struct asm_label l = {{s->p, (size_t)(q - s->p)}, s->out->insns.n};

			if (!isdigit((unsigned char)*s->p))
				vec_push(s->a, &s->out->labels, l);
			s->p = q + 1;
		} else if (s->end - s->p > 3 && s->p[0] == '(' && s->p[3] == ')' &&
			   isxdigit((unsigned char)s->p[1])) {
			s->p += 4;
		} else {
			return;
		}
	}
}

static void
line(struct as *s, str l)
{
	const char *c = memchr(l.p, ';', l.n);

	s->p = l.p;
	s->end = c ? c : l.p + l.n;
	for (const char *q = s->p; q + 1 < s->end; q++)
		if (q[0] == '/' && q[1] == '/')
			s->end = q;
	space(s);
	if (s->p < s->end && *s->p == '#')
		return;
	prefixes(s);
	if (s->p == s->end || !statement(s))
		return;
	space(s);
	if (s->p < s->end)
		fail(s, "unexpected `%.*s` after the instruction", (int)(s->end - s->p), s->p);
}

static bool
patch(struct as *s, const struct fixup *f)
{
	struct bpf_insn *in = &s->out->insns.at[f->insn];

	s->line = f->line;
	for (uint32_t i = 0; i < s->out->labels.n; i++) {
		const struct asm_label *l = &s->out->labels.at[i];
		int64_t d = (int64_t)l->insn - f->insn - 1;

		if (!str_eq(l->name, f->label))
			continue;
		if (f->field == FIX_IMM)
			in->imm = (int32_t)d;
		else if (d >= INT16_MIN && d <= INT16_MAX)
			in->off = (int16_t)d;
		else
			return fail(s, "`%.*s` is too far away", STR_ARG(f->label));
		return true;
	}
	return fail(s, "there is no label or helper `%.*s`", STR_ARG(f->label));
}

bool
asm_text(str text, struct arena *a, struct asm_out *out)
{
	struct as s = {.a = a, .out = out};
	const char *p = text.p, *end = text.p + text.n;

	*out = (struct asm_out){0};
	while (p < end && !out->error) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		const char *stop = nl ? nl : end;

		s.line++;
		line(&s, (str){p, (size_t)(stop - p)});
		p = stop + 1;
	}
	for (uint32_t i = 0; i < s.fixups.n && !out->error; i++)
		patch(&s, &s.fixups.at[i]);
	return !out->error;
}

/* SPDX-License-Identifier: MIT */
/* insn_check.c: does each instruction exist, and what do wide loads name?
 *
 * vs_check_insns() is the kernel's first look at all instructions; fields that must be zero
 * are looked at when the walk reaches the instruction (vs_check_fields), as up to 6.18 an
 * instruction on a path that is never walked may hold anything there. Newer kernels look at
 * all of them first: prof.early_fields. */
#include "verifier-sim/env.h"
#include "image/btf.h"

struct vs_operand *
vs_operand(struct vs_env *env, uint32_t insn)
{
	struct vs_fact *f = &env->fact[insn];

	if (!f->op)
		f->op = arena_new(env->tmp, struct vs_operand);
	return f->op;
}

static bool
in_set(uint8_t op, const uint8_t *set, size_t n)
{
	return memchr(set, op, n) != NULL;
}

static bool
jump_exists(const struct vs_profile *p, uint8_t code)
{
	static const uint8_t cond[] = {BPF_JEQ, BPF_JNE, BPF_JGT, BPF_JLT, BPF_JGE, BPF_JLE,
				       BPF_JSGT, BPF_JSLT, BPF_JSGE, BPF_JSLE, BPF_JSET};
	bool jmp = BPF_CLASS(code) == BPF_JMP;

	if (in_set(BPF_OP(code), cond, sizeof cond))
		return true;
	if (BPF_SRC(code) == BPF_X)
		return p->gotox && code == (BPF_JMP | BPF_JA | BPF_X);
	switch (BPF_OP(code)) {
	case BPF_JA:
		return jmp || p->gotol;
	case BPF_CALL: case BPF_EXIT:
		return jmp;
	case BPF_JCOND:
		return jmp && p->may_goto;
	}
	return false;
}

static bool
alu_exists(const struct vs_profile *p, uint8_t code)
{
	static const uint8_t two[] = {BPF_ADD, BPF_SUB, BPF_AND, BPF_OR, BPF_LSH, BPF_RSH, BPF_XOR,
				      BPF_MUL, BPF_MOV, BPF_ARSH, BPF_DIV, BPF_MOD};

	if (in_set(BPF_OP(code), two, sizeof two))
		return true;
	if (BPF_OP(code) == BPF_NEG)
		return BPF_SRC(code) == BPF_K;
	if (BPF_OP(code) != BPF_END)
		return false;
	return BPF_CLASS(code) == BPF_ALU || (p->isa4 && BPF_SRC(code) == BPF_TO_LE);
}

static bool
exists(const struct vs_profile *p, uint8_t code)
{
	uint8_t mode = BPF_MODE(code), size = BPF_SIZE(code);

	switch (BPF_CLASS(code)) {
	case BPF_ALU: case BPF_ALU64:
		return alu_exists(p, code);
	case BPF_JMP: case BPF_JMP32:
		return jump_exists(p, code);
	case BPF_LDX:
		return mode == BPF_MEM || (mode == BPF_MEMSX && p->isa4 && size != BPF_DW);
	case BPF_ST:
		return mode == BPF_MEM;
	case BPF_STX:
		return mode == BPF_MEM ||
			(mode == BPF_ATOMIC && (size == BPF_W || size == BPF_DW || p->load_acq));
	default:
		if (mode == BPF_IMM)
			return size == BPF_DW;
		return (mode == BPF_ABS || mode == BPF_IND) && size != BPF_DW;
	}
}

static struct vs_map *add_map(struct vs_env *env, const struct image_map *im, uint32_t index);

static struct vs_map *
add_inner(struct vs_env *env, const struct image_map *im, uint32_t index)
{
	struct vs_map *m = add_map(env, im, index);

	vs_map_record(env, m);
	return m;
}

static struct vs_map *
add_map(struct vs_env *env, const struct image_map *im, uint32_t index)
{
	struct vs_map *m = arena_new(env->tmp, struct vs_map);

	*m = (struct vs_map){.im = im, .index = index, .type = im->type, .key_size = im->key_size,
			     .value_size = im->value_size, .max_entries = im->max_entries,
			     .flags = im->flags,
			     .read_only = im->read_only && (im->flags & BPF_F_RDONLY_PROG)};
	if (im->inner && im->inner != im)
		m->inner = add_inner(env, im->inner, index);
	return m;
}

/* The map a relocation names, entered once; null after a rejection. */
static struct vs_map *
use_map(struct vs_env *env, uint32_t index)
{
	struct vs_map *m;

	for (uint32_t i = 0; i < env->nmaps; i++)
		if (env->maps[i]->index == index)
			return env->maps[i];
	m = add_map(env, env->im->maps.at[index], index);
	if (vs_map_record(env, m) < 0 || vs_map_prog_compat(env, m) < 0)
		return NULL;
	if (env->nmaps >= VS_MAX_MAPS) {
		vs_reject(env, VS_E_MAP_TOO_MANY, VS_MAX_MAPS);
		return NULL;
	}
	env->maps[env->nmaps++] = m;
	return m;
}

static const struct image_reloc *
reloc_at(const struct vs_env *env, uint32_t i)
{
	for (uint32_t k = 0; k < env->prog->relocs.n; k++)
		if (env->prog->relocs.at[k].insn == i)
			return &env->prog->relocs.at[k];
	return NULL;
}

static int
resolve_map(struct vs_env *env, uint32_t i, const struct image_reloc *rel)
{
	struct bpf_insn *in = &env->insns[i];
	struct vs_operand *f = vs_operand(env, i);
	uint32_t off = (uint32_t)in[1].imm;
	struct vs_map *m;

	if (!rel || (rel->kind != RELOC_MAP && rel->kind != RELOC_MAP_VALUE) ||
	    rel->map >= env->im->maps.n)
		return in->src_reg == BPF_PSEUDO_MAP_IDX || in->src_reg == BPF_PSEUDO_MAP_IDX_VALUE
			? vs_reject(env, VS_E_FD_IDX) : vs_reject(env, VS_E_LD_FD, in->imm);
	m = use_map(env, rel->map);
	if (!m)
		return env->r->err;
	f->map = m;
	if (in->src_reg == BPF_PSEUDO_MAP_FD || in->src_reg == BPF_PSEUDO_MAP_IDX)
		return 0;
	if (off >= VS_MAX_VAR_OFF && !env->prof.whole_offset)
		return vs_reject(env, VS_E_MAP_VALUE_OFF, off);
	if (m->type != BPF_MAP_TYPE_ARRAY && m->type != VS_MAP_TYPE_ARENA &&
	    (m->type != BPF_MAP_TYPE_PERCPU_ARRAY || !env->prof.percpu_data))
		return vs_reject(env, VS_E_MAP_VALUE_TYPE);
	if (m->type != VS_MAP_TYPE_ARENA && (m->max_entries != 1 || off >= m->value_size))
		return vs_reject(env, VS_E_MAP_VALUE_PTR, m->value_size, off);
	f->map_off = off;
	return 0;
}

static bool
is_percpu(struct vs_env *env, uint32_t var)
{
	uint32_t sec = btf_find(vs_vmlinux(env), STR(".data..percpu"), BTF_KIND_DATASEC), n = 0;
	const struct btf_var_secinfo *s = sec ? btf_secinfos(vs_vmlinux(env), sec, &n) : NULL;

	for (uint32_t i = 0; s && i < n; i++)
		if (s[i].type == var)
			return true;
	return false;
}

/* A kernel variable or function: what a pointer to it may be used for. */
int
vs_resolve_ksym(struct vs_env *env, uint32_t i, const struct image_reloc *rel)
{
	struct vs_operand *f = vs_operand(env, i);
	uint32_t id = (uint32_t)env->insns[i].imm, target;
	const struct btf_type *t;
	int64_t size;

	if (!vs_vmlinux(env))
		return vs_unknown(env, "kernel symbols without kernel BTF");
	if (rel && rel->kind == RELOC_KSYM) {
		id = btf_find(vs_vmlinux(env), str_of(rel->name), BTF_KIND_VAR);
		if (!id)
			id = btf_find(vs_vmlinux(env), str_of(rel->name), BTF_KIND_FUNC);
		if (!id && rel->weak) {	/* absent: the loader puts a zero there */
			env->insns[i].src_reg = 0;
			env->insns[i].imm = env->insns[i + 1].imm = 0;
			return 0;
		}
		if (!id)
			return vs_unknown(env, "kernel symbol `%s`, which is not in the kernel's BTF,",
					  rel->name);
	}
	t = btf_type(vs_vmlinux(env), id);
	if (!btf_kind(t))
		return vs_reject(env, VS_E_KSYM_BTF_ID, id);
	f->ldimm_type = RT_MEM | TF_RDONLY;
	if (btf_kind(t) == BTF_KIND_FUNC)
		return 0;
	if (btf_kind(t) != BTF_KIND_VAR)
		return vs_reject(env, VS_E_KSYM_KIND, id);
	/* Without it the kernel's table of symbols has functions only. */
	if (vs_configured(env, "CONFIG_KALLSYMS_ALL") == 0)
		return vs_reject(env, VS_E_KSYM_ADDRESS, btf_name(vs_vmlinux(env), id));
	target = btf_resolve(vs_vmlinux(env), btf_target(vs_vmlinux(env), id));
	f->btf_id = target;
	if (is_percpu(env, id)) {
		f->ldimm_type = RT_BTF_ID | TF_PERCPU;
	} else if (btf_is_composite(btf_type(vs_vmlinux(env), target))) {
		f->ldimm_type = RT_BTF_ID;
	} else {
		size = btf_size(vs_vmlinux(env), target);
		f->mem_size = size < 0 ? 0 : (uint32_t)size;
	}
	return 0;
}

/* The first kernel that knows what such a wide load names. */
static uint16_t
wide_since(uint8_t src_reg)
{
	switch (src_reg) {
	case BPF_PSEUDO_MAP_VALUE: return KVER(5, 2);
	case BPF_PSEUDO_BTF_ID: return KVER(5, 10);
	case BPF_PSEUDO_FUNC: return KVER(5, 13);
	case BPF_PSEUDO_MAP_IDX: case BPF_PSEUDO_MAP_IDX_VALUE: return KVER(5, 14);
	}
	return 0;
}

static int
resolve_one(struct vs_env *env, uint32_t i)
{
	struct bpf_insn *in = &env->insns[i];
	const struct image_reloc *rel = reloc_at(env, i);

	if (i + 1 >= env->n || in[1].code || in[1].dst_reg || in[1].src_reg || in[1].off)
		return vs_reject(env, VS_E_LD_IMM_HALF);
	if (env->prof.kernel < wide_since(in->src_reg))
		return vs_reject(env, VS_E_LD_IMM_KIND);
	switch (in->src_reg) {
	case 0:
		return 0;
	case BPF_PSEUDO_FUNC:
		vs_operand(env, i)->ldimm_type = RT_FUNC;
		return 0;
	case BPF_PSEUDO_BTF_ID:
		return vs_resolve_ksym(env, i, rel);
	case BPF_PSEUDO_MAP_FD: case BPF_PSEUDO_MAP_IDX:
		if (in[1].imm)
			break;
		return resolve_map(env, i, rel);
	case BPF_PSEUDO_MAP_VALUE: case BPF_PSEUDO_MAP_IDX_VALUE:
		return resolve_map(env, i, rel);
	}
	return vs_reject(env, VS_E_LD_IMM_KIND);
}

/* Arguments beyond the fifth go through a register 11 (7.1): not modelled. */
static int
check_registers(struct vs_env *env, const struct bpf_insn *in)
{
	uint8_t reg = in->dst_reg >= VS_REGS ? in->dst_reg : in->src_reg;

	if (reg < VS_REGS)
		return 0;
	if (reg == VS_REGS && in->off % 8 == 0 && BPF_SIZE(in->code) == BPF_DW &&
	    BPF_MODE(in->code) == BPF_MEM && BPF_CLASS(in->code) >= BPF_LDX &&
	    BPF_CLASS(in->code) <= BPF_STX)
		return vs_unknown(env, "arguments on the stack");
	return vs_reject(env, VS_E_REG_INVALID, reg);
}

int
vs_check_insns(struct vs_env *env)
{
	int err;

	for (uint32_t i = 0; i < env->n; i++) {
		struct bpf_insn *in = &env->insns[i];
		uint8_t class = BPF_CLASS(in->code), mode = BPF_MODE(in->code);

		env->insn_idx = i;
		if (env->prof.whole_offset) {
			err = check_registers(env, in);
			if (err < 0)
				return err;
		} else if (class == BPF_LDX && ((mode != BPF_MEM && mode != BPF_MEMSX) || in->imm))
			return vs_reject(env, VS_E_LDX_RESERVED);
		if (class == BPF_STX && !env->prof.atomics &&
		    ((mode != BPF_MEM && mode != BPF_ATOMIC) || in->imm))
			return vs_reject(env, VS_E_STX_RESERVED);
		if (insn_is_wide(in)) {
			err = resolve_one(env, i);
			if (err < 0)
				return err;
			i++;
			continue;
		}
		if (!exists(&env->prof, in->code))
			return vs_reject(env, VS_E_UNKNOWN_OPCODE, in->code);
		if (env->prof.early_fields && vs_check_fields(env, in) < 0)
			return env->r->err;
	}
	env->insn_idx = 0;
	return 0;
}

/* ---- fields that must be zero --------------------------------------------------------------- */

bool
vs_has_arena(const struct vs_env *env)
{
	for (uint32_t i = 0; i < env->nmaps; i++)
		if (env->maps[i]->type == VS_MAP_TYPE_ARENA)
			return true;
	return false;
}

static int
check_move(struct vs_env *env, const struct bpf_insn *in)
{
	bool alu64 = BPF_CLASS(in->code) == BPF_ALU64;

	if (BPF_SRC(in->code) == BPF_K)
		return in->src_reg || in->off ? vs_reject(env, VS_E_MOV_RESERVED) : 0;
	if (alu64 && in->off == BPF_ADDR_SPACE_CAST && env->prof.arena) {
		if (in->imm != 1 && (uint32_t)in->imm != 1u << 16)
			return vs_reject(env, VS_E_ADDR_SPACE);
		return 0;	/* the arena may be named further down: the walk asks */
	}
	if (in->imm)
		return vs_reject(env, VS_E_MOV_RESERVED);
	if (in->off == 0)
		return 0;
	if (env->prof.isa4 && (in->off == 8 || in->off == 16 || (alu64 && in->off == 32)))
		return 0;
	return vs_reject(env, VS_E_MOV_RESERVED);
}

static int
check_alu_fields(struct vs_env *env, const struct bpf_insn *in)
{
	uint8_t op = BPF_OP(in->code);
	bool alu64 = BPF_CLASS(in->code) == BPF_ALU64;
	bool sdiv = env->prof.isa4 && (op == BPF_MOD || op == BPF_DIV) && in->off == 1;

	switch (op) {
	case BPF_NEG:
		return BPF_SRC(in->code) != BPF_K || in->src_reg || in->off || in->imm
			? vs_reject(env, VS_E_NEG_RESERVED) : 0;
	case BPF_END:
		if (in->src_reg || in->off ||
		    (in->imm != 16 && in->imm != 32 && in->imm != 64) ||
		    (alu64 && BPF_SRC(in->code) != BPF_TO_LE))
			return vs_reject(env, VS_E_END_RESERVED);
		return 0;
	case BPF_MOV:
		return check_move(env, in);
	}
	if (op > BPF_END)
		return vs_reject(env, VS_E_ALU_OPCODE, op);
	if ((in->off && !sdiv) || (BPF_SRC(in->code) == BPF_X ? in->imm : in->src_reg))
		return vs_reject(env, VS_E_ALU_RESERVED);
	return 0;
}

static int
check_jump_fields(struct vs_env *env, const struct bpf_insn *in)
{
	uint8_t op = BPF_OP(in->code);
	bool jmp = BPF_CLASS(in->code) == BPF_JMP;

	switch (op) {
	case BPF_CALL:
		if (BPF_SRC(in->code) != BPF_K ||
		    (in->src_reg != BPF_PSEUDO_KFUNC_CALL && in->off) ||
		    (in->src_reg && in->src_reg != BPF_PSEUDO_CALL &&
		     (in->src_reg != BPF_PSEUDO_KFUNC_CALL || !env->prof.kernel_functions)) ||
		    in->dst_reg || !jmp)
			return vs_reject(env, VS_E_CALL_RESERVED);
		return 0;
	case BPF_JA:
		if (BPF_SRC(in->code) != BPF_K || in->src_reg || in->dst_reg ||
		    (jmp ? in->imm : in->off))
			return vs_reject(env, VS_E_JA_RESERVED);
		return 0;
	case BPF_EXIT:
		if (BPF_SRC(in->code) != BPF_K || in->imm || in->src_reg || in->dst_reg || !jmp)
			return vs_reject(env, VS_E_EXIT_RESERVED);
		return 0;
	case BPF_JCOND:
		if (in->src_reg || in->dst_reg || in->imm)
			return vs_reject(env, VS_E_MAY_GOTO, in->off, in->imm);
		if (!in->off && !env->prof.may_goto_next)
			return vs_reject(env, VS_E_MAY_GOTO, in->off, in->imm);
		return 0;
	}
	if (BPF_SRC(in->code) == BPF_X ? in->imm : in->src_reg)
		return vs_reject(env, VS_E_JMP_RESERVED);
	return 0;
}

int
vs_check_fields(struct vs_env *env, const struct bpf_insn *in)
{
	uint8_t mode = BPF_MODE(in->code);

	switch (BPF_CLASS(in->code)) {
	case BPF_ALU: case BPF_ALU64:
		return check_alu_fields(env, in);
	case BPF_JMP: case BPF_JMP32:
		return check_jump_fields(env, in);
	case BPF_STX:
		if (mode != BPF_ATOMIC && (mode != BPF_MEM || in->imm))
			return vs_reject(env, VS_E_STX_RESERVED);
		return 0;
	case BPF_ST:
		if (mode != BPF_MEM || in->src_reg)
			return vs_reject(env, VS_E_ST_RESERVED);
		return 0;
	case BPF_LD:
		if (mode == BPF_ABS || mode == BPF_IND)
			return 0;	/* rules/prog.c: after the questions of who may use it */
		if (mode != BPF_IMM)
			return vs_reject(env, VS_E_LD_MODE);
		if (BPF_SIZE(in->code) != BPF_DW)
			return vs_reject(env, VS_E_LD_IMM_INVALID);
		return in->off ? vs_reject(env, VS_E_LD_IMM_RESERVED) : 0;
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* atomic.c: atomic operations: a load and a store of the same place. */
#include "verifier-sim/env.h"

static int
bytes_of(const struct bpf_insn *in)
{
	switch (BPF_SIZE(in->code)) {
	case BPF_B: return 1;
	case BPF_H: return 2;
	case BPF_W: return 4;
	}
	return 8;
}

static int
target_ok(struct vs_env *env, uint32_t regno, const struct bpf_insn *in, enum vs_err e)
{
	uint32_t type = vs_cur_regs(env)[regno].type;

	if (type == RT_CTX || vs_is_pkt_type(type) || type == RT_FLOW_KEYS || vs_is_sk_type(type) ||
	    (type == RT_ARENA && BPF_SIZE(in->code) < BPF_W))
		return vs_reject(env, e, regno, vs_type_name(env, type));
	return 0;
}

static int
load_acquire(struct vs_env *env, const struct bpf_insn *in)
{
	int err = vs_check_reg_arg(env, in->src_reg, VS_READ);
	uint32_t type = vs_cur_regs(env)[in->src_reg].type;

	if (err >= 0)
		err = vs_check_reg_arg(env, in->dst_reg, VS_WRITE_KEEP);
	if (err < 0)
		return err;
	if (target_ok(env, in->src_reg, in, VS_E_ATOMIC_LOAD_PTR) < 0)
		return env->r->err;
	err = vs_check_mem_access(env, env->insn_idx, in->src_reg, in->off, bytes_of(in), false,
				  in->dst_reg, true, false);
	return err < 0 ? err : vs_note_ptr_type(env, type, true);
}

static int
store_release(struct vs_env *env, const struct bpf_insn *in)
{
	int err = vs_check_reg_arg(env, in->src_reg, VS_READ);

	if (err >= 0)
		err = vs_check_reg_arg(env, in->dst_reg, VS_READ);
	if (err < 0)
		return err;
	if (target_ok(env, in->dst_reg, in, VS_E_ATOMIC_PTR) < 0)
		return env->r->err;
	return vs_check_mem_access(env, env->insn_idx, in->dst_reg, in->off, bytes_of(in), true,
				   in->src_reg, true, false);
}

/* Where the old value goes, or -1. */
static int
result_reg(const struct bpf_insn *in)
{
	if (!(in->imm & BPF_FETCH))
		return -1;
	return in->imm == BPF_CMPXCHG ? 0 : in->src_reg;
}

static int
read_modify_write(struct vs_env *env, const struct bpf_insn *in)
{
	int err, load = result_reg(in), size = bytes_of(in);

	if (size < 4)
		return vs_reject(env, VS_E_ATOMIC_SIZE);
	err = vs_check_reg_arg(env, in->src_reg, VS_READ);
	if (err >= 0)
		err = vs_check_reg_arg(env, in->dst_reg, VS_READ);
	if (err >= 0 && in->imm == BPF_CMPXCHG) {
		err = vs_check_reg_arg(env, 0, VS_READ);
		if (err >= 0 && vs_is_pointer_value(env, 0))
			return vs_reject(env, VS_E_LEAK_MEM, 0);
	}
	if (err < 0)
		return err;
	if (vs_is_pointer_value(env, in->src_reg))
		return vs_reject(env, VS_E_LEAK_MEM, in->src_reg);
	if (target_ok(env, in->dst_reg, in, VS_E_ATOMIC_PTR) < 0)
		return env->r->err;
	if (load >= 0)
		err = vs_check_reg_arg(env, (uint32_t)load, VS_WRITE_KEEP);
	/* First that it may be read at all, then what is loaded, then that it may be written. */
	if (err >= 0)
		err = vs_check_mem_access(env, env->insn_idx, in->dst_reg, in->off, size, false, -1,
					  true, false);
	if (err >= 0 && load >= 0)
		err = vs_check_mem_access(env, env->insn_idx, in->dst_reg, in->off, size, false,
					  load, true, false);
	if (err < 0)
		return err;
	err = vs_check_mem_access(env, env->insn_idx, in->dst_reg, in->off, size, true, -1, true,
				  false);
	if (err < 0 || !env->prof.atomic_types)
		return err;
	return vs_note_ptr_type(env, vs_cur_regs(env)[in->dst_reg].type, false);
}

int
vs_check_atomic(struct vs_env *env, const struct bpf_insn *in)
{
	switch (in->imm) {
	case BPF_ADD: case BPF_ADD | BPF_FETCH: case BPF_AND: case BPF_AND | BPF_FETCH:
	case BPF_OR: case BPF_OR | BPF_FETCH: case BPF_XOR: case BPF_XOR | BPF_FETCH:
	case BPF_XCHG: case BPF_CMPXCHG:
		return read_modify_write(env, in);
	case BPF_LOAD_ACQ:
		if (env->prof.load_acq)
			return load_acquire(env, in);
		break;
	case BPF_STORE_REL:
		if (env->prof.load_acq)
			return store_release(env, in);
		break;
	}
	return vs_reject(env, VS_E_ATOMIC_OPCODE, (uint32_t)in->imm);
}

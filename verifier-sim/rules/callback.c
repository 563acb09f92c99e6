/* SPDX-License-Identifier: MIT */
/* callback.c: what a callback finds in its registers when a helper enters it. */
#include "rules.h"

/* Registers from `from` to 5 hold nothing. */
static void
clear_from(struct vs_env *env, struct vs_frame *callee, uint32_t from)
{
	for (uint32_t i = from; i <= 5; i++)
		vs_reg_not_init(env, &callee->regs[i]);
}

static void
map_reg(struct vs_reg *r, uint32_t type, const struct vs_map *map, uint32_t uid)
{
	memset(r, 0, sizeof *r);
	vs_mark_known_zero(r);
	r->type = type;
	r->map = map;
	r->map_uid = uid;
}

static void
returns_0_or_1(struct vs_frame *callee)
{
	callee->in_callback = true;
	callee->callback_ret = (struct vs_range){.min = 0, .max = 1};
}

/* callback(map, key, value, ctx) */
int
vs_set_map_elem_callback(struct vs_env *env, struct vs_frame *caller, struct vs_frame *callee,
			 uint32_t insn_idx)
{
	const struct vs_map *map = caller->regs[1].map;
	uint32_t uid = caller->regs[1].map_uid;
	static const uint64_t iterable = UINT64_C(1) << FACT_MAP_HASH |
		UINT64_C(1) << FACT_MAP_ARRAY | UINT64_C(1) << FACT_MAP_PERCPU_HASH |
		UINT64_C(1) << FACT_MAP_PERCPU_ARRAY | UINT64_C(1) << FACT_MAP_LRU_HASH |
		UINT64_C(1) << FACT_MAP_LRU_PERCPU_HASH | UINT64_C(1) << FACT_MAP_RHASH;

	(void)insn_idx;
	if (map->type >= 64 || !(iterable >> map->type & 1))
		return vs_reject(env, VS_E_CALLBACK_MAP);
	callee->regs[1] = caller->regs[1];
	map_reg(&callee->regs[2], RT_MAP_KEY, map, uid);
	map_reg(&callee->regs[3], RT_MAP_VALUE, map, uid);
	callee->regs[4] = caller->regs[3];
	clear_from(env, callee, 5);
	returns_0_or_1(callee);
	return 0;
}

/* callback(index, ctx) */
int
vs_set_loop_callback(struct vs_env *env, struct vs_frame *caller, struct vs_frame *callee,
		     uint32_t insn_idx)
{
	(void)insn_idx;
	vs_reg_unknown(env, &callee->regs[1]);
	callee->regs[2] = caller->regs[3];
	clear_from(env, callee, 3);
	returns_0_or_1(callee);
	return 0;
}

/* callback(map, key, value), run later: of the map `object` points into. */
static int
set_later(struct vs_env *env, const struct vs_reg *object, struct vs_frame *callee,
	  struct vs_range ret)
{
	const struct vs_map *map = object->map;
	uint32_t uid = object->map_uid;

	map_reg(&callee->regs[1], RT_CONST_MAP, map, uid);
	map_reg(&callee->regs[2], RT_MAP_KEY, map, uid);
	map_reg(&callee->regs[3], RT_MAP_VALUE, map, uid);
	clear_from(env, callee, 4);
	callee->in_async_callback = true;
	callee->callback_ret = ret;
	return 0;
}

int
vs_set_timer_callback(struct vs_env *env, struct vs_frame *caller, struct vs_frame *callee,
		      uint32_t insn_idx)
{
	(void)insn_idx;
	return set_later(env, &caller->regs[1], callee, (struct vs_range){.min = 0, .max = 0});
}

/* In the context of a task; what it returns does not matter. */
int
vs_set_task_work_callback(struct vs_env *env, struct vs_frame *caller, struct vs_frame *callee,
			  uint32_t insn_idx)
{
	(void)insn_idx;
	return set_later(env, &caller->regs[3], callee,
			 (struct vs_range){.min = INT32_MIN, .max = INT32_MAX});
}

/* callback(task, vma, ctx) */
int
vs_set_find_vma_callback(struct vs_env *env, struct vs_frame *caller, struct vs_frame *callee,
			 uint32_t insn_idx)
{
	uint32_t id = vs_kernel_struct(env, "vm_area_struct");
	struct vs_reg *vma = &callee->regs[2];

	(void)insn_idx;
	if (!id)
		return vs_unknown(env, "struct vm_area_struct, which is not in the kernel's BTF,");
	callee->regs[1] = caller->regs[1];
	memset(vma, 0, sizeof *vma);
	vs_mark_known_zero(vma);
	vma->type = RT_BTF_ID;
	vma->btf_id = id;
	vma->btf_space = BTF_SPACE_VMLINUX;
	callee->regs[3] = caller->regs[4];
	clear_from(env, callee, 4);
	returns_0_or_1(callee);
	return 0;
}

/* callback(dynptr, ctx) */
int
vs_set_user_ringbuf_callback(struct vs_env *env, struct vs_frame *caller,
			     struct vs_frame *callee, uint32_t insn_idx)
{
	struct vs_reg *dyn = &callee->regs[1];

	(void)insn_idx;
	vs_reg_not_init(env, &callee->regs[0]);
	memset(dyn, 0, sizeof *dyn);
	vs_mark_known_zero(dyn);
	dyn->type = RT_CONST_DYNPTR;
	dyn->dynptr_type = DYNPTR_LOCAL;
	dyn->first_slot = true;
	dyn->id = ++env->next_id;
	callee->regs[2] = caller->regs[3];
	clear_from(env, callee, 3);
	returns_0_or_1(callee);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* btf.c: loads and stores through pointers to kernel objects, and which struct a pointer
 * into a struct points to.
 *
 * A load is followed member by member: an offset and a size select a number (the result is a
 * number), a pointer to a struct (the result points to that), or something no load may take
 * apart. How far the result is trusted follows from how far its parent was. */
#include "rules.h"

enum { DEPTH_MAX = 16 };

/* What the bytes of one access are. */
struct target {
	bool pointer;
	bool memory;		/* a pointer to something else than a struct */
	uint32_t btf_id;	/* pointee */
	uint32_t flags;		/* TF_USER, TF_PERCPU, TF_RCU: tags of the pointer */
	const char *field;
};

/* ---- struct identity ---------------------------------------------------------------- */

/* The member of struct `id` that lies at byte `off`; *off becomes the rest. False: none. */
static bool
member_at(const struct btf *b, uint32_t *id, int32_t *off)
{
	struct btf_field m;

	for (uint32_t i = 0; btf_member(b, *id, i, &m); i++) {
		uint32_t type = btf_resolve(b, m.type);
		int64_t size = btf_size(b, type);
		int32_t start = (int32_t)(m.bit_offset / 8);

		if (*off < start || size <= 0 || *off >= start + size ||
		    !btf_is_composite(btf_type(b, type)))
			continue;
		*id = type;
		*off -= start;
		return true;
	}
	return false;
}

static bool
same_struct(struct vs_env *env, uint32_t space, uint32_t id, uint32_t want_space,
	    uint32_t want)
{
	const struct btf *b = vs_btf_of(env, space), *w = vs_btf_of(env, want_space);

	if (space == want_space)
		return id == want;
	return !strcmp(btf_name(b, id), btf_name(w, want)) &&
	       btf_size(b, id) == btf_size(w, want);
}

bool
vs_btf_ids_match(struct vs_env *env, uint32_t space, uint32_t id, int32_t off,
		 uint32_t want_space, uint32_t want, bool strict)
{
	const struct btf *b = vs_btf_of(env, space);

	if (!b || off < 0)
		return false;
	id = btf_resolve(b, id);
	want = btf_resolve(vs_btf_of(env, want_space), want);
	for (int depth = 0; depth < DEPTH_MAX; depth++) {
		if (off == 0 && same_struct(env, space, id, want_space, want))
			return true;
		if (strict || !member_at(b, &id, &off))
			return false;
	}
	return false;
}

/* ---- the walk along members --------------------------------------------------------- */

static uint32_t
pointer_flags(const struct btf *b, uint32_t ptr)
{
	uint32_t to = btf_target(b, ptr), flags = 0;

	while (btf_kind(btf_type(b, to)) == BTF_KIND_TYPE_TAG) {
		const char *tag = btf_name(b, to);

		flags |= !strcmp(tag, "user") ? TF_USER : !strcmp(tag, "percpu") ? TF_PERCPU :
			 !strcmp(tag, "rcu") ? TF_RCU : 0;
		to = btf_target(b, to);
	}
	return flags;
}

/* Messages name what has no name. */
static const char *
named(const char *name)
{
	return *name ? name : "(anon)";
}

/* Past the end of a struct whose last member is an array of any length. 1 and *id, *off for an
 * element to descend into; 0: a number; negative: rejected. */
static int
walk_past_end(struct vs_env *env, const struct btf *b, uint32_t *id, int32_t *off, int size)
{
	const char *sname = named(btf_name(b, *id));
	const struct btf_array *a;
	struct btf_field last = {0};
	uint32_t elem;
	int32_t start;

	if (btf_vlen(btf_type(b, *id)))
		btf_member(b, *id, btf_vlen(btf_type(b, *id)) - 1, &last);
	a = btf_array_of(b, btf_resolve(b, last.type));
	start = (int32_t)(last.bit_offset / 8);
	if (!a || a->nelems || *off < start)
		return vs_reject(env, VS_E_BTF_OUTSIDE, sname, *off, size);
	elem = btf_resolve(b, a->type);
	if (btf_kind(btf_type(b, elem)) == BTF_KIND_INT)
		return 0;
	if (!btf_is_composite(btf_type(b, elem)) || !btf_size(b, elem))
		return vs_reject(env, VS_E_BTF_OUTSIDE, sname, *off, size);
	*off = (*off - start) % (int32_t)btf_size(b, elem);
	*id = elem;
	return 1;
}

static int
walk_pointer(struct vs_env *env, const struct btf *b, uint32_t type, struct target *t)
{
	uint32_t to = btf_resolve(b, btf_target(b, type));

	t->flags |= pointer_flags(b, type);
	if (btf_is_composite(btf_type(b, to))) {
		t->pointer = true;
		t->btf_id = to;
	}
	t->memory = !t->pointer && env->prof.memory_untrusted;
	return 0;
}

/* 1 and *id, *off for a struct to descend into; 0 with *t filled; negative: rejected. */
static int
walk_member(struct vs_env *env, const struct btf *b, const struct btf_field *m, uint32_t *id,
	    int32_t *off, int size, struct target *t)
{
	const char *sname = named(btf_name(b, *id));
	int32_t start = (int32_t)(m->bit_offset / 8), rest = *off - start, end;
	uint32_t type = btf_resolve(b, m->type);

	end = start + (int32_t)btf_size(b, type);
	while (btf_array_of(b, type)) {
		type = btf_resolve(b, btf_array_of(b, type)->type);
		if (btf_size(b, type) > 0)
			rest %= (int32_t)btf_size(b, type);
	}
	t->field = m->name;
	if (btf_is_composite(btf_type(b, type))) {
		*id = type;
		*off = rest;
		return 1;
	}
	if (btf_kind(btf_type(b, type)) == BTF_KIND_PTR && (rest || size != 8))
		return vs_reject(env, VS_E_BTF_INSIDE_PTR, named(m->name), *off - rest, sname,
				 *off, size);
	if (btf_kind(btf_type(b, type)) == BTF_KIND_PTR)
		return walk_pointer(env, b, type, t);
	if (*off + size > end && !(t->flags & TF_UNTRUSTED))
		return vs_reject(env, VS_E_BTF_BEYOND, named(m->name), end, sname, *off, size);
	return 0;
}

/* Bit fields are read whole, with what is around them, or not at all. */
static bool
covers_bits(const struct btf_field *m, int32_t off, int size)
{
	int32_t start = (int32_t)(m->bit_offset / 8);

	return off <= start &&
	       (int32_t)(m->bit_offset + m->bit_size + 7) / 8 <= off + size;
}

/* One struct. As walk_member. */
static int
walk_struct(struct vs_env *env, const struct btf *b, uint32_t *id, int32_t *off, int size,
	    struct target *t)
{
	struct btf_field m;

	/* Which member of a union is the live one is not known. */
	if (btf_kind(btf_type(b, *id)) == BTF_KIND_UNION && btf_vlen(btf_type(b, *id)) != 1 &&
	    env->prof.kernel >= KVER(6, 3))
		t->flags |= TF_UNTRUSTED;
	if (*off + size > btf_size(b, *id))
		return walk_past_end(env, b, id, off, size);
	for (uint32_t i = 0; btf_member(b, *id, i, &m); i++) {
		int32_t start = (int32_t)(m.bit_offset / 8);

		if (*off + size <= start)
			break;
		if (m.bit_size && covers_bits(&m, *off, size))
			return 0;
		if (m.bit_size)
			continue;
		if (*off < start)
			break;
		if (*off < start + btf_size(b, btf_resolve(b, m.type)))
			return walk_member(env, b, &m, id, off, size, t);
	}
	return vs_reject(env, VS_E_BTF_NO_FIELD, named(btf_name(b, *id)), *off);
}

static int
walk(struct vs_env *env, const struct btf *b, uint32_t id, int32_t off, int size,
     struct target *t)
{
	for (int depth = 0; depth < DEPTH_MAX; depth++) {
		int go = walk_struct(env, b, &id, &off, size, t);

		if (go <= 0)
			return go;
	}
	return vs_unknown(env, "structs nested deeper than %d", DEPTH_MAX);
}

/* ---- trust -------------------------------------------------------------------------- */

bool
vs_in_rcu_section(struct vs_env *env)
{
	return env->cur->active_rcu || env->cur->active_locks || !vs_in_sleepable(env);
}

enum trust { RCU, RCU_OR_NULL, TRUSTED, TRUSTED_OR_NULL };

/* Fields that are trusted as far as the object they are in, or while RCU protects it. */
static const struct {
	const char *parent, *field;
	enum trust trust;
	uint16_t since;
} safe_fields[] = {
	{"task_struct", "cpus_ptr", RCU, KVER(6, 2)},
	{"task_struct", "cgroups", RCU, KVER(6, 4)},
	{"task_struct", "real_parent", RCU, KVER(6, 4)},
	{"task_struct", "group_leader", RCU, KVER(6, 4)},
	{"cgroup", "kn", RCU, KVER(6, 4)},
	{"css_set", "dfl_cgrp", RCU, KVER(6, 4)},
	{"cgroup_subsys_state", "cgroup", RCU, KVER(6, 17)},
	{"mm_struct", "exe_file", RCU_OR_NULL, KVER(6, 4)},
	{"mm_struct", "owner", RCU_OR_NULL, KVER(7, 0)},
	{"sk_buff", "sk", RCU_OR_NULL, KVER(6, 4)},
	{"request_sock", "sk", RCU_OR_NULL, KVER(6, 4)},
	{"bpf_iter_meta", "seq", TRUSTED, KVER(6, 4)},
	{"bpf_iter__task", "meta", TRUSTED, KVER(6, 4)},
	{"bpf_iter__task", "task", TRUSTED, KVER(6, 4)},
	{"linux_binprm", "file", TRUSTED, KVER(6, 4)},
	{"file", "f_inode", TRUSTED, KVER(6, 4)},
	{"dentry", "d_inode", TRUSTED, KVER(6, 4)},
	{"dentry", "d_inode", TRUSTED_OR_NULL, KVER(6, 16)},
	{"socket", "sk", TRUSTED, KVER(6, 4)},
	{"socket", "sk", TRUSTED_OR_NULL, KVER(6, 8)},
	{"vm_area_struct", "vm_mm", TRUSTED_OR_NULL, KVER(7, 0)},
	{"vm_area_struct", "vm_file", TRUSTED_OR_NULL, KVER(7, 0)},
};

/* -1: not in the table. */
static int
safe_field(const struct vs_env *env, const char *parent, const char *field)
{
	for (size_t i = sizeof safe_fields / sizeof *safe_fields; i-- > 0;)
		if (safe_fields[i].since <= env->prof.kernel && field &&
		    !strcmp(safe_fields[i].parent, parent) &&
		    !strcmp(safe_fields[i].field, field))
			return (int)safe_fields[i].trust;
	return -1;
}

static uint32_t
trust_of(struct vs_env *env, const struct vs_reg *parent, const struct target *t)
{
	const struct btf *b = vs_btf_of(env, parent->btf_space);
	bool rcu = vs_in_rcu_section(env) && !vs_may_be_null(parent->type);
	uint32_t keep = t->flags & (TF_PERCPU | TF_USER | TF_UNTRUSTED);

	if (parent->type & TF_UNTRUSTED)
		return TF_UNTRUSTED;
	if (env->prof.kernel < KVER(6, 2))	/* no pointer is trusted more than another */
		return keep & ~(uint32_t)TF_UNTRUSTED;
	if (!vs_is_trusted(parent) && !(parent->type & TF_RCU))
		return keep;
	switch (safe_field(env, btf_name(b, parent->btf_id), t->field)) {
	case TRUSTED: return TF_TRUSTED;
	case TRUSTED_OR_NULL: return TF_TRUSTED | TF_MAYBE_NULL;
	case RCU: if (rcu) return TF_RCU; break;
	case RCU_OR_NULL: if (rcu) return TF_RCU | TF_MAYBE_NULL; break;
	}
	if (!rcu)
		return TF_UNTRUSTED;
	if (t->flags & TF_RCU)
		return TF_RCU | TF_MAYBE_NULL;
	return keep;
}

/* ---- the seams ---------------------------------------------------------------------- */

static void
load_result(struct vs_env *env, int regno, const struct target *t, uint32_t space,
	    uint32_t flags)
{
	struct vs_reg *v;

	if (regno < 0)
		return;
	v = &vs_cur_regs(env)[regno];
	if (!t->pointer && !t->memory) {
		vs_reg_unknown(env, v);
		return;
	}
	vs_reg_not_init(env, v);
	vs_mark_known_zero(v);
	if (t->memory) {
		v->type = RT_MEM | TF_RDONLY | TF_UNTRUSTED;
		return;
	}
	v->type = RT_BTF_ID | flags;
	v->btf_id = t->btf_id;
	v->btf_space = space;
	if (flags & TF_MAYBE_NULL)
		v->id = ++env->next_id;
}

static int
check_pointer(struct vs_env *env, uint32_t regno, const struct vs_reg *r, int32_t off,
	      const char *name)
{
	if (!env->allow_ptr_leaks)
		return vs_reject(env, VS_E_BTF_CAPS, name);
	if (!env->gpl && r->btf_space == BTF_SPACE_VMLINUX &&
	    env->prof.kernel >= KVER(6, 2))
		return vs_reject(env, VS_E_BTF_GPL, name);
	if (off < 0)
		return vs_reject(env, VS_E_BTF_NEGATIVE, regno, name, off);
	if (r->var.mask || r->var.value)
		return vs_reject(env, VS_E_BTF_VAR, regno, name, off,
				 arena_printf(env->tmp, "(0x%llx; 0x%llx)",
					      (unsigned long long)r->var.value,
					      (unsigned long long)r->var.mask));
	if (r->type & TF_USER)
		return vs_reject(env, VS_E_BTF_USER, regno, name, "user", off);
	if (r->type & TF_PERCPU)
		return vs_reject(env, VS_E_BTF_USER, regno, name, "percpu", off);
	return 0;
}

/* Fields of the kernel's inside an object the program made. */
static int
check_object_fields(struct vs_env *env, const struct vs_reg *r, int32_t off, int size)
{
	const struct vs_record *rec = vs_reg_record(env, r);

	for (uint32_t i = 0; rec && i < rec->n; i++) {
		const struct vs_field *f = &rec->fields[i];

		if (off < (int32_t)(f->off + f->size) && (int32_t)f->off < off + size)
			return vs_reject(env, VS_E_OBJ_FIELD, vs_field_name(f->kind));
	}
	return 0;
}

int
vs_btf_access(struct vs_env *env, uint32_t insn_idx, uint32_t regno, int32_t off, int size,
	      bool write, int value_regno)
{
	struct vs_reg *r = &vs_cur_regs(env)[regno];
	const struct btf *b = vs_btf_of(env, r->btf_space);
	struct target t = {0};
	uint32_t flags;
	int err;

	(void)insn_idx;
	if (!b)
		return vs_unknown(env, "a kernel object without the kernel's BTF");
	err = check_pointer(env, regno, r, off, btf_name(b, r->btf_id));
	if (err)
		return err;
	if (write && (r->type & TF_UNTRUSTED))
		return vs_reject(env, VS_E_BTF_READ_ONLY);
	if (write && !(r->type & TF_ALLOC))
		return vs_check_object_store(env, r, off, size);
	err = check_object_fields(env, r, off, size);
	if (!err)
		err = walk(env, b, btf_resolve(b, r->btf_id), off, size, &t);
	if (err)
		return err;
	if (r->type & TF_ALLOC)		/* a pointer in there is a number to the program */
		t.pointer = false;
	flags = trust_of(env, r, &t);
	if (!write)
		load_result(env, value_regno, &t, r->btf_space, flags);
	return 0;
}

int
vs_map_ptr_access(struct vs_env *env, uint32_t regno, int32_t off, int size, bool write,
		  int value_regno)
{
	static const char *const structs[] = {
		[FACT_MAP_ARRAY] = "bpf_array", [FACT_MAP_PERCPU_ARRAY] = "bpf_array",
		[FACT_MAP_PROG_ARRAY] = "bpf_array", [FACT_MAP_PERF_EVENT_ARRAY] = "bpf_array",
		[FACT_MAP_CGROUP_ARRAY] = "bpf_array", [FACT_MAP_ARRAY_OF_MAPS] = "bpf_array",
		[FACT_MAP_RHASH] = "bpf_rhtab", [FACT_MAP_INSN_ARRAY] = "bpf_insn_array",
		[FACT_MAP_HASH] = "bpf_htab", [FACT_MAP_PERCPU_HASH] = "bpf_htab",
		[FACT_MAP_LRU_HASH] = "bpf_htab", [FACT_MAP_LRU_PERCPU_HASH] = "bpf_htab",
		[FACT_MAP_HASH_OF_MAPS] = "bpf_htab", [FACT_MAP_LPM_TRIE] = "lpm_trie",
		[FACT_MAP_STACK_TRACE] = "bpf_stack_map", [FACT_MAP_DEVMAP] = "bpf_dtab",
		[FACT_MAP_DEVMAP_HASH] = "bpf_dtab", [FACT_MAP_CPUMAP] = "bpf_cpu_map",
		[FACT_MAP_XSKMAP] = "xsk_map", [FACT_MAP_SOCKMAP] = "bpf_stab",
		[FACT_MAP_SOCKHASH] = "bpf_shtab", [FACT_MAP_QUEUE] = "bpf_queue_stack",
		[FACT_MAP_STACK] = "bpf_queue_stack", [FACT_MAP_RINGBUF] = "bpf_ringbuf_map",
		[FACT_MAP_SK_STORAGE] = "bpf_local_storage_map",
		[FACT_MAP_TASK_STORAGE] = "bpf_local_storage_map",
		[FACT_MAP_INODE_STORAGE] = "bpf_local_storage_map",
		[FACT_MAP_CGROUP_STORAGE] = "bpf_cgroup_storage_map",
		[FACT_MAP_PERCPU_CGROUP_STORAGE] = "bpf_cgroup_storage_map",
		[FACT_MAP_CGRP_STORAGE] = "bpf_local_storage_map",
		[FACT_MAP_USER_RINGBUF] = "bpf_ringbuf_map", [FACT_MAP_ARENA] = "bpf_arena",
		[FACT_MAP_BLOOM_FILTER] = "bpf_bloom_filter",
		[FACT_MAP_REUSEPORT_SOCKARRAY] = "reuseport_array",
	};
	const struct vs_map *map = vs_cur_regs(env)[regno].map;
	const char *name = map->type < sizeof structs / sizeof *structs ? structs[map->type]
									 : NULL;
	struct target t = {0};
	uint32_t id;
	int err;

	if (!vs_vmlinux(env))
		return vs_unknown(env, "a field of a map without the kernel's BTF");
	id = name ? vs_kernel_struct(env, name) : 0;
	if (!id)
		return vs_unknown(env, "a field of a map of type %u", map->type);
	if (!env->allow_ptr_leaks)
		return vs_reject(env, VS_E_BTF_CAPS, name);
	if (off < 0)
		return vs_reject(env, VS_E_MAP_PTR_NEGATIVE, regno, name, off);
	if (write)
		return vs_reject(env, VS_E_MAP_PTR_WRITE, name);
	err = walk(env, vs_vmlinux(env), id, off, size, &t);
	if (!err)
		load_result(env, value_regno, &t, BTF_SPACE_VMLINUX,
			    t.flags & (TF_USER | TF_PERCPU));
	return err;
}

/* A struct of nothing but numbers, however nested: programs may make such memory. */
bool
vs_all_scalars(const struct btf *b, uint32_t id, int depth)
{
	uint32_t kind;
	struct btf_field m;

	id = btf_resolve(b, id);
	kind = btf_kind(btf_type(b, id));
	if (kind == BTF_KIND_INT || kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64)
		return true;
	if (kind == BTF_KIND_ARRAY)
		return depth > 0 && btf_array_of(b, id)->nelems &&
		       vs_all_scalars(b, btf_array_of(b, id)->type, depth);
	if (!btf_is_composite(btf_type(b, id)) || depth > 3)
		return false;
	for (uint32_t i = 0; btf_member(b, id, i, &m); i++) {
		if (!vs_all_scalars(b, m.type, depth + 1))
			return false;
	}
	return true;
}

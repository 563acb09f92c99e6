/* SPDX-License-Identifier: MIT */
/* map_compat.c: which programs and helpers may use a map, and the special fields of its values
 * (locks, timers, kernel pointers, list and tree heads), found in the program's BTF. */
#include "rules.h"

/* ---- maps and helpers --------------------------------------------------------------- */

#define FN(name) FACT_FN_##name
#define M(NAME) FACT_MAP_##NAME

enum { LIST_MAX = 7 };

static const struct {
	uint16_t type, helper[LIST_MAX];
} map_only[] = {
#define MAP_ONLY(NAME, ...) {FACT_MAP_##NAME, {__VA_ARGS__}},
#define HELPER_ONLY(...)
#include "map_compat.def"
};

static const struct {
	uint16_t helper, type[LIST_MAX];
} helper_only[] = {
#define MAP_ONLY(...)
#define HELPER_ONLY(name, ...) {FACT_FN_##name, {__VA_ARGS__}},
#include "map_compat.def"
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static bool
listed(const uint16_t *list, uint32_t x)
{
	for (int i = 0; i < LIST_MAX && list[i]; i++) {
		if (list[i] == x)
			return true;
	}
	return false;
}

/* Socket maps may be changed where no socket can be locked by the way here. */
static bool
may_update_sockmap(struct vs_env *env, uint32_t helper)
{
	if (helper != FN(map_update_elem) && helper != FN(map_delete_elem))
		return false;
	switch (env->type) {
	case FACT_PROG_TRACING:
		if (env->attach == FACT_ATTACH_TRACE_ITER)
			return true;
		break;
	case FACT_PROG_SOCK_OPS:
		if (helper == FN(map_delete_elem))
			return true;
		break;
	case FACT_PROG_SOCKET_FILTER:
	case FACT_PROG_XDP:
	case FACT_PROG_SCHED_CLS:
	case FACT_PROG_SCHED_ACT:
	case FACT_PROG_FLOW_DISSECTOR:
		if (env->prof.packets_keep_sockets)
			break;
		return true;
	case FACT_PROG_SK_REUSEPORT:
	case FACT_PROG_SK_LOOKUP:
		return true;
	default:
		break;
	}
	vs_say(env, VS_E_SOCKMAP_UPDATE);
	return false;
}

static bool
map_takes(struct vs_env *env, const struct vs_map *map, uint32_t helper)
{
	for (size_t i = 0; i < COUNT(map_only); i++) {
		if (map_only[i].type != map->type)
			continue;
		if (listed(map_only[i].helper, helper))
			return true;
		return (map->type == M(SOCKMAP) || map->type == M(SOCKHASH)) &&
		       may_update_sockmap(env, helper);
	}
	return true;
}

int
vs_map_helper_compat(struct vs_env *env, const struct vs_map *map, uint32_t helper)
{
	bool ok;

	if (!map)
		return 0;
	ok = map_takes(env, map, helper);
	for (size_t i = 0; ok && i < COUNT(helper_only); i++) {
		if (helper_only[i].helper == helper)
			ok = listed(helper_only[i].type, map->type);
	}
	if (!ok)
		return vs_reject(env, VS_E_MAP_HELPER, map->type, vs_helper_name(helper),
				 helper);
	return 0;
}

/* ---- maps and programs -------------------------------------------------------------- */

static bool
is_tracing(const struct vs_env *env)
{
	static const uint64_t tracing = FACT_T(KPROBE) | FACT_T(TRACEPOINT) |
		FACT_T(PERF_EVENT) | FACT_T(RAW_TRACEPOINT) | FACT_T(RAW_TRACEPOINT_WRITABLE);

	return env->type < 64 && (tracing >> env->type & 1);
}

static const struct {
	uint8_t kind;
	const char *name;
	uint16_t until;		/* kernel; 0: still */
} not_in_tracing[] = {
	{FIELD_LIST_HEAD, "bpf_{list_head,rb_root}", 0},
	{FIELD_RB_ROOT, "bpf_{list_head,rb_root}", 0},
	{FIELD_SPIN_LOCK, "bpf_spin_lock", 0}, {FIELD_RES_SPIN_LOCK, "bpf_spin_lock", KVER(7, 3)},
	{FIELD_TIMER, "bpf_timer", KVER(7, 0)}, {FIELD_WORKQUEUE, "bpf_wq", KVER(7, 0)},
};

static bool
sleepable_may_use(const struct vs_env *env, uint32_t type)
{
	static const uint64_t first = UINT64_C(1) << M(HASH) | UINT64_C(1) << M(LRU_HASH) |
		UINT64_C(1) << M(ARRAY);
	const uint64_t always = first | UINT64_C(1) << M(PERCPU_HASH) |
		UINT64_C(1) << M(PERCPU_ARRAY) | UINT64_C(1) << M(LRU_PERCPU_HASH) |
		UINT64_C(1) << M(ARRAY_OF_MAPS) | UINT64_C(1) << M(HASH_OF_MAPS) |
		UINT64_C(1) << M(RINGBUF) | UINT64_C(1) << M(USER_RINGBUF) |
		UINT64_C(1) << M(INODE_STORAGE) | UINT64_C(1) << M(SK_STORAGE) |
		UINT64_C(1) << M(TASK_STORAGE) | UINT64_C(1) << M(CGRP_STORAGE);
	static const uint64_t later = UINT64_C(1) << M(QUEUE) | UINT64_C(1) << M(STACK) |
		UINT64_C(1) << M(ARENA) | UINT64_C(1) << M(INSN_ARRAY) | UINT64_C(1) << M(RHASH);
	static const uint64_t last = UINT64_C(1) << M(PROG_ARRAY) | UINT64_C(1) << M(LPM_TRIE);

	if (env->prof.kernel < KVER(5, 12))
		return type < 64 && first >> type & 1;
	return type < 64 && ((always >> type & 1) ||
			     (env->prof.kernel >= KVER(6, 7) && (later >> type & 1)) ||
			     (env->prof.kernel >= KVER(7, 2) && (last >> type & 1)));
}

int
vs_map_prog_compat(struct vs_env *env, const struct vs_map *m)
{
	bool locks = vs_record_find(&m->record, FIELD_SPIN_LOCK) ||
		     vs_record_find(&m->record, FIELD_RES_SPIN_LOCK);

	if (locks && env->type == FACT_PROG_SOCKET_FILTER)
		return vs_reject(env, VS_E_LOCK_FILTER);
	for (size_t i = 0; is_tracing(env) && i < COUNT(not_in_tracing); i++) {
		uint16_t until = not_in_tracing[i].until;

		if (until && env->prof.kernel >= until)
			continue;
		if (vs_record_find(&m->record, not_in_tracing[i].kind))
			return vs_reject(env, VS_E_TRACING_FIELD, not_in_tracing[i].name);
	}
	if (locks && env->sleepable && env->prof.kernel < KVER(6, 6))
		return vs_reject(env, VS_E_SLEEP_LOCK);
	if (m->type == M(STRUCT_OPS))
		return vs_reject(env, VS_E_STRUCT_OPS_MAP);
	if (env->sleepable && !sleepable_may_use(env, m->type))
		return vs_reject(env, VS_E_SLEEP_MAP);
	return 0;
}

/* ---- special fields ----------------------------------------------------------------- */

static const struct {
	const char *name;
	uint8_t kind;
	uint32_t size;
} special[] = {
	{"bpf_spin_lock", FIELD_SPIN_LOCK, 4},
	{"bpf_res_spin_lock", FIELD_RES_SPIN_LOCK, 4},
	{"bpf_timer", FIELD_TIMER, 16},
	{"bpf_wq", FIELD_WORKQUEUE, 16},
	{"bpf_task_work", FIELD_TASK_WORK, 8},
	{"bpf_list_head", FIELD_LIST_HEAD, 16},
	{"bpf_list_node", FIELD_LIST_NODE, 24},
	{"bpf_rb_root", FIELD_RB_ROOT, 16},
	{"bpf_rb_node", FIELD_RB_NODE, 32},
	{"bpf_refcount", FIELD_REFCOUNT, 4},
};

static const char *const kptr_names[] = {
	[FIELD_KPTR_UNREF] = "kptr", [FIELD_KPTR_REF] = "kptr",
	[FIELD_KPTR_PERCPU] = "percpu_kptr", [FIELD_UPTR] = "uptr",
};

enum { RECORD_MAX = 11, NEST_MAX = 8 };

struct scan {
	struct vs_env *env;
	struct vs_field fields[RECORD_MAX];
	uint32_t n;
	bool broken;		/* the kernel takes no field of such a type */
	bool bad_pointer;	/* among them, a pointer with a tag that says nothing to it */
};

static void
add_field(struct scan *s, struct vs_field f)
{
	if (s->n < RECORD_MAX)
		s->fields[s->n++] = f;
	else
		s->broken = true;
}

/* What a counted pointer holds is given back when the map goes: the kernel must know how. */
static bool
has_destructor(const struct scan *s, const char *name)
{
	static const char *const known[][2] = {
		{"task_struct", "bpf_task_release"}, {"cgroup", "bpf_cgroup_release"},
		{"bpf_cpumask", "bpf_cpumask_release"}, {"sk_buff", "bpf_kfree_skb"},
		{"bpf_crypto_ctx", "bpf_crypto_ctx_release"},
		{"bpf_ksock", "bpf_ksock_release"},
		{"prog_test_ref_kfunc", "bpf_kfunc_call_test_release"},
		{"prog_test_member", "bpf_kfunc_call_memb_release"},
	};
	struct btf *b = vs_vmlinux(s->env);

	for (size_t i = 0; i < COUNT(known); i++) {
		const char *dtor = arena_printf(s->env->tmp, "%s_dtor", known[i][1]);

		if (strcmp(name, known[i][0]))
			continue;
		return btf_find(b, str_of(dtor), BTF_KIND_FUNC) ||	/* since 6.7 */
		       btf_find(b, str_of(known[i][1]), BTF_KIND_FUNC);
	}
	return false;
}

static void
bad_pointer(struct scan *s)
{
	s->broken = s->bad_pointer = true;
}

/* The field that a tag of a pointer makes of it, or -ENOENT. */
static int
kind_of_tag(const struct vs_env *env, const char *tag)
{
	bool renamed = env->prof.kernel >= KVER(6, 4);

	if (!strcmp(tag, renamed ? "kptr_untrusted" : "kptr"))
		return FIELD_KPTR_UNREF;
	if (!strcmp(tag, renamed ? "kptr" : "kptr_ref"))
		return FIELD_KPTR_REF;
	if (!strcmp(tag, "percpu_kptr"))
		return FIELD_KPTR_PERCPU;
	return !strcmp(tag, "uptr") && env->prof.user_pointers ? FIELD_UPTR : -ENOENT;
}

/* The same of all tags and modifiers from `to` on; -EINVAL: two that differ. */
static int
kind_of_tags(const struct vs_env *env, const struct btf *b, uint32_t to)
{
	int found = -ENOENT;

	for (uint32_t end = btf_resolve(b, to); to != end; to = btf_target(b, to)) {
		int kind = btf_kind(btf_type(b, to)) == BTF_KIND_TYPE_TAG
			? kind_of_tag(env, btf_name(b, to)) : -ENOENT;

		if (kind >= 0 && found >= 0 && kind != found)
			return -EINVAL;
		if (kind >= 0)
			found = kind;
	}
	return found;
}

/* A member whose pointer type carries a tag that makes it a kernel pointer. */
static void
scan_pointer(struct scan *s, uint32_t type, uint32_t off)
{
	const struct btf *b = s->env->btf;
	uint32_t to = btf_target(b, type), id;
	struct vs_field f = {.off = off, .size = 8};
	int kind;

	if (s->env->prof.kernel < KVER(5, 19))
		return;
	if (s->env->prof.many_tags) {
		kind = kind_of_tags(s->env, b, to);
	} else if (btf_kind(btf_type(b, to)) != BTF_KIND_TYPE_TAG) {
		return;
	} else {
		kind = kind_of_tag(s->env, btf_name(b, to));
		if (kind < 0 || btf_kind(btf_type(b, btf_target(b, to))) == BTF_KIND_TYPE_TAG)
			kind = -EINVAL;
	}
	if (kind == -ENOENT)
		return;
	id = btf_resolve(b, to);
	if (kind < 0 || btf_kind(btf_type(b, id)) != BTF_KIND_STRUCT) {
		bad_pointer(s);
		return;
	}
	f.kind = (uint8_t)kind;
	f.btf_id = vs_kernel_struct(s->env, btf_name(b, id));
	f.btf_space = BTF_SPACE_VMLINUX;
	if (!f.btf_id) {
		f.btf_id = id;
		f.btf_space = BTF_SPACE_PROG;
	} else if (f.kind == FIELD_KPTR_REF && !has_destructor(s, btf_name(b, id))) {
		s->broken = true;
	}
	add_field(s, f);
}

static bool
scan_special(struct scan *s, const char *name, uint32_t off)
{
	for (size_t i = 0; i < COUNT(special); i++) {
		if (!strcmp(name, special[i].name)) {
			add_field(s, (struct vs_field){.kind = special[i].kind, .off = off,
						       .size = special[i].size});
			return true;
		}
	}
	return false;
}

static void scan_struct(struct scan *s, uint32_t id, uint32_t base, uint32_t depth);

/* What lies at one place: a member of a struct, or a variable of a data section. Structs
 * inside structs, and arrays, are looked into by newer kernels only. */
static void
scan_place(struct scan *s, uint32_t type, uint32_t off, uint32_t depth)
{
	const struct btf *b = s->env->btf;
	uint32_t real = btf_resolve(b, type), n = 1, from = s->n, last;
	int64_t size;

	while (s->env->prof.kernel >= KVER(6, 11) &&
	       btf_kind(btf_type(b, real)) == BTF_KIND_ARRAY) {
		n *= btf_array_of(b, real)->nelems;
		real = btf_resolve(b, btf_array_of(b, real)->type);
	}
	if (!n)
		return;
	size = btf_size(b, real);
	if (btf_kind(btf_type(b, real)) == BTF_KIND_PTR)
		scan_pointer(s, real, off);
	else if (btf_kind(btf_type(b, real)) == BTF_KIND_STRUCT &&
		 !scan_special(s, btf_name(b, real), off) && depth < NEST_MAX &&
		 s->env->prof.kernel >= KVER(6, 11))
		scan_struct(s, real, off, depth + 1);
	last = s->n;
	for (uint32_t i = 1; i < n && from < last && !s->broken; i++) {
		for (uint32_t k = from; k < last; k++) {
			struct vs_field f = s->fields[k];

			f.off += i * (uint32_t)size;
			add_field(s, f);
		}
	}
}

/* The fields found since `from` that are heads learn from the tags of `owner` what they
 * contain; a place that is no member of a struct (component -1) is tagged itself. */
static void resolve_graphs(struct scan *s, uint32_t from, uint32_t owner, int32_t component);

static void
scan_struct(struct scan *s, uint32_t id, uint32_t base, uint32_t depth)
{
	struct btf_field m;

	for (uint32_t i = 0; btf_member(s->env->btf, id, i, &m); i++) {
		uint32_t from = s->n;

		scan_place(s, m.type, base + m.bit_offset / 8, depth);
		resolve_graphs(s, from, id, (int32_t)i);
	}
}

static void
scan_datasec(struct scan *s, uint32_t id)
{
	const struct btf *b = s->env->btf;
	uint32_t n;
	const struct btf_var_secinfo *v = btf_secinfos(b, id, &n);

	for (uint32_t i = 0; v && i < n; i++) {
		uint32_t from = s->n;

		scan_place(s, btf_target(b, v[i].type), v[i].offset, 0);
		resolve_graphs(s, from, v[i].type, -1);
	}
}

/* "contains:NODE:FIELD" on a head or root says what hangs there. */
static bool
read_contains(const struct btf *b, const char *text, struct vs_field *f)
{
	const char *sep = strchr(text, ':');
	const char *want = f->kind == FIELD_LIST_HEAD ? "bpf_list_node" : "bpf_rb_node";
	struct btf_field node;
	uint32_t type;

	if (!sep)
		return false;
	type = btf_find((struct btf *)(uintptr_t)b, (str){text, (size_t)(sep - text)},
			BTF_KIND_STRUCT);
	if (!type || !btf_find_member(b, type, str_of(sep + 1), &node) ||
	    strcmp(btf_name(b, btf_resolve(b, node.type)), want))
		return false;
	f->btf_id = type;
	f->btf_space = BTF_SPACE_PROG;
	f->node_off = node.bit_offset / 8;
	return true;
}

static void
resolve_graphs(struct scan *s, uint32_t from, uint32_t owner, int32_t component)
{
	static const char contains[] = "contains:";
	const struct btf *b = s->env->btf;

	for (uint32_t i = from; i < s->n; i++) {
		struct vs_field *f = &s->fields[i];

		if ((f->kind != FIELD_LIST_HEAD && f->kind != FIELD_RB_ROOT) || f->btf_id)
			continue;
		for (uint32_t id = 1; id < btf_count(b); id++) {
			const struct btf_decl_tag *tag = btf_decl_tag_of(b, id);

			if (!tag || btf_target(b, id) != owner ||
			    tag->component_idx != component ||
			    strncmp(btf_name(b, id), contains, strlen(contains)))
				continue;
			s->broken |= !read_contains(b, btf_name(b, id) + strlen(contains), f);
			break;
		}
		s->broken |= !f->btf_id;
	}
}

static void
sort_fields(struct scan *s)
{
	for (uint32_t i = 1; i < s->n; i++) {
		struct vs_field f = s->fields[i];
		uint32_t k = i;

		for (; k && s->fields[k - 1].off > f.off; k--)
			s->fields[k] = s->fields[k - 1];
		s->fields[k] = f;
	}
}

static bool
has(const struct scan *s, uint8_t kind)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (s->fields[i].kind == kind)
			return true;
	return false;
}

/* Heads need their lock; an object in a list and a tree at once must be counted. */
static bool
fields_agree(const struct scan *s)
{
	bool heads = has(s, FIELD_LIST_HEAD) || has(s, FIELD_RB_ROOT);
	bool lock = has(s, FIELD_SPIN_LOCK) || has(s, FIELD_RES_SPIN_LOCK);

	if (heads && !lock)
		return false;
	return has(s, FIELD_REFCOUNT) || !has(s, FIELD_LIST_NODE) || !has(s, FIELD_RB_NODE);
}

static void
scan_type(struct scan *s, uint32_t id)
{
	uint32_t kind = btf_kind(btf_type(s->env->btf, id));

	if (kind == BTF_KIND_DATASEC)
		scan_datasec(s, id);
	else if (kind == BTF_KIND_STRUCT)
		scan_struct(s, id, 0, 0);
}

bool
vs_btf_refused(struct vs_env *env)
{
	bool tagged = false;

	for (uint32_t id = 1; id < btf_count(env->btf) && !tagged; id++)
		tagged = btf_kind(btf_type(env->btf, id)) == BTF_KIND_TYPE_TAG &&
			 strstr(btf_name(env->btf, id), "kptr");
	for (uint32_t id = 1; tagged && id < btf_count(env->btf); id++) {
		struct scan s = {.env = env};

		if (btf_kind(btf_type(env->btf, id)) != BTF_KIND_STRUCT)
			continue;
		scan_struct(&s, id, 0, 0);
		if (s.n && s.bad_pointer)
			return true;
	}
	return false;
}

static void
record_of_type(struct vs_env *env, uint32_t id, struct vs_record *rec)
{
	struct scan s = {.env = env};

	scan_type(&s, id);
	sort_fields(&s);
	if (!s.n || s.broken || !fields_agree(&s))
		return;
	rec->n = s.n;
	rec->fields = arena_alloc(env->tmp, s.n * sizeof *rec->fields);
	memcpy(rec->fields, s.fields, s.n * sizeof *rec->fields);
}

int
vs_map_record(struct vs_env *env, struct vs_map *m)
{
	uint32_t id = m->im->value_type_id;

	if (env->btf && id)
		record_of_type(env, btf_resolve(env->btf, id), &m->record);
	return 0;
}

/* The record of a struct of the program's own BTF; null when it has no special field. */
const struct vs_record *
vs_prog_struct_record(struct vs_env *env, uint32_t btf_id)
{
	struct vs_rules *rules = env->rules;
	struct vs_record *rec;

	if (!env->btf || btf_id >= btf_count(env->btf))
		return NULL;
	if (!rules->records)
		rules->records = arena_array(env->tmp, const struct vs_record *,
					     btf_count(env->btf));
	if (!rules->records[btf_id]) {
		rec = arena_new(env->tmp, struct vs_record);
		record_of_type(env, btf_resolve(env->btf, btf_id), rec);
		rules->records[btf_id] = rec;
	}
	return rules->records[btf_id]->n ? rules->records[btf_id] : NULL;
}

/* ---- accesses that touch special fields --------------------------------------------- */

const char *
vs_field_name(uint8_t kind)
{
	for (size_t i = 0; i < COUNT(special); i++) {
		if (special[i].kind == kind)
			return special[i].name;
	}
	return kptr_names[kind];
}

static bool
is_kptr(uint8_t kind)
{
	return kind == FIELD_KPTR_UNREF || kind == FIELD_KPTR_REF ||
	       kind == FIELD_KPTR_PERCPU || kind == FIELD_UPTR;
}

/* The kernel pointer an access of [off, off + size) hits exactly, or null. */
int
vs_map_fields(struct vs_env *env, const struct vs_reg *r, int32_t off, int size, bool direct,
	      const struct vs_field **kptr)
{
	const struct vs_record *rec = &r->map->record;

	for (uint32_t i = 0; i < rec->n; i++) {
		const struct vs_field *f = &rec->fields[i];

		if (r->smin + off >= (int64_t)f->off + f->size ||
		    f->off >= r->umax + (uint64_t)(int64_t)off + (uint64_t)size)
			continue;
		if (!is_kptr(f->kind))
			return vs_reject(env, VS_E_FIELD_DIRECT, vs_field_name(f->kind));
		if (!direct)
			return vs_reject(env, VS_E_KPTR_INDIRECT, vs_field_name(f->kind));
		if (r->var.mask)
			return vs_reject(env, VS_E_KPTR_VAR, vs_field_name(f->kind));
		if (f->off != (uint64_t)(int64_t)off + r->var.value)
			return vs_reject(env, VS_E_KPTR_MISALIGNED, vs_field_name(f->kind),
					 f->off, (unsigned long long)(r->var.value + off));
		if (size != 8)
			return vs_reject(env, VS_E_KPTR_SIZE, vs_field_name(f->kind));
		*kptr = f;
	}
	return 0;
}

/* What a pointer in a map points to is given back only after all RCU sections have ended:
 * the program's own objects, and the kernel's that are made so (kernel/bpf/verifier.c,
 * rcu_protected_types). */
static bool
rcu_keeps(struct vs_env *env, const struct vs_field *f)
{
	static const char *const kept[] = {"prog_test_ref_kfunc", "cgroup", "bpf_cpumask",
					   "task_struct", "bpf_crypto_ctx", "bpf_ksock"};

	if (f->kind == FIELD_KPTR_PERCPU)
		return true;
	if (f->kind != FIELD_KPTR_REF || !env->prof.kptr_rcu)
		return false;
	if (f->btf_space == BTF_SPACE_PROG)
		return true;
	for (size_t i = 0; i < COUNT(kept); i++)
		if (!strcmp(kept[i], btf_name(vs_vmlinux(env), f->btf_id)))
			return true;
	return false;
}

static void
load_kptr(struct vs_env *env, int value_regno, const struct vs_field *f)
{
	struct vs_reg *v = &vs_cur_regs(env)[value_regno];

	vs_reg_not_init(env, v);
	vs_mark_known_zero(v);
	v->id = ++env->next_id;
	if (f->kind == FIELD_UPTR) {
		v->type = RT_MEM | TF_MAYBE_NULL;
		v->mem_size = (uint32_t)btf_size(vs_btf_of(env, f->btf_space), f->btf_id);
		return;
	}
	v->type = RT_BTF_ID | TF_MAYBE_NULL;
	if (!rcu_keeps(env, f) || !vs_in_rcu_section(env))
		v->type |= TF_UNTRUSTED;
	else if (f->kind == FIELD_KPTR_PERCPU)
		v->type |= TF_RCU | TF_PERCPU;
	else
		v->type |= TF_RCU | (f->btf_space == BTF_SPACE_PROG ? TF_ALLOC : 0);
	v->btf_id = f->btf_id;
	v->btf_space = f->btf_space;
}

int
vs_check_kptr_match(struct vs_env *env, const struct vs_field *f, uint32_t regno)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];
	uint32_t allowed = r->btf_space == BTF_SPACE_VMLINUX
				   ? TF_MAYBE_NULL | TF_TRUSTED | TF_RCU
				   : TF_MAYBE_NULL | TF_ALLOC;
	const char *want = btf_name(vs_btf_of(env, f->btf_space), f->btf_id), *got = "";
	bool unref = f->kind == FIELD_KPTR_UNREF;
	int err;

	if (r->btf_space == BTF_SPACE_VMLINUX && unref)
		allowed |= TF_UNTRUSTED;
	if (f->kind == FIELD_KPTR_PERCPU)
		allowed |= TF_PERCPU;
	if (vs_base(r->type) == RT_BTF_ID && !(vs_flags(r->type) & ~allowed)) {
		got = btf_name(vs_btf_of(env, r->btf_space), r->btf_id);
		err = vs_check_ptr_off(env, r, regno, true);
		if (err)
			return err;
		if (vs_btf_ids_match(env, r->btf_space, r->btf_id, r->off, f->btf_space,
				     f->btf_id, !unref))
			return 0;
	}
	if (unref)
		return vs_reject(env, VS_E_KPTR_EXPECT_UNREF, regno,
				 vs_type_name(env, r->type), got, want, want);
	return vs_reject(env, VS_E_KPTR_EXPECT, regno, vs_type_name(env, r->type), got, want);
}

int
vs_map_field_access(struct vs_env *env, uint32_t regno, int32_t off, int size, bool write,
		    int value_regno, uint32_t insn_idx)
{
	const struct bpf_insn *in = &env->insns[insn_idx];
	const struct vs_field *f = NULL;
	int err = vs_map_fields(env, &vs_cur_regs(env)[regno], off, size, true, &f);

	if (err || !f)
		return err;
	if (BPF_MODE(in->code) != BPF_MEM)
		return vs_reject(env, VS_E_KPTR_MODE);
	if (write && f->kind == FIELD_UPTR)
		return vs_reject(env, VS_E_UPTR_STORE);
	if (write && f->kind != FIELD_KPTR_UNREF)
		return vs_reject(env, VS_E_KPTR_STORE);
	if (BPF_CLASS(in->code) == BPF_LDX) {
		load_kptr(env, value_regno, f);
		return 1;
	}
	if (BPF_CLASS(in->code) == BPF_ST)
		return in->imm ? vs_reject(env, VS_E_KPTR_IMM, f->off) : 1;
	if (vs_reg_is_null(&vs_cur_regs(env)[value_regno])) {
		err = env->prof.null_precise ? vs_mark_precise(env, (uint32_t)value_regno) : 0;
		return err < 0 ? err : 1;
	}
	err = vs_check_kptr_match(env, f, (uint32_t)value_regno);
	return err ? err : 1;
}

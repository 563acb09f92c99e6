/* SPDX-License-Identifier: MIT */
/* graph.c: lists and trees of objects that programs make (bpf_list_*, bpf_rbtree_*),
 * and counted objects.
 *
 * A head lies in a map's value or in an object beside the lock that protects it, and its type
 * says what hangs there: which struct, by which of its nodes (map_compat.c reads that from
 * BTF). Putting an object in gives up the program's ownership: what is left of its pointers are
 * non-owning ones, good until the lock is released. Taking one out acquires it. */
#include "rules.h"

void
vs_set_non_owning(struct vs_env *env, struct vs_reg *r)
{
	r->type |= TF_NON_OWN;
	/* Counted objects may have other owners: only RCU keeps them there. */
	if (vs_record_find(vs_prog_struct_record(env, r->btf_id), FIELD_REFCOUNT))
		r->type |= TF_RCU;
}

bool
vs_in_tree_callback(struct vs_env *env)
{
	const struct vs_frame *f = vs_cur_frame(env);
	const char *caller;

	if (!env->cur->curframe || !f->in_callback)
		return false;
	caller = vs_operand(env, f->callsite)->kfunc;
	return caller && vs_kfunc_is(caller, "bpf_rbtree_add");
}

static const struct vs_field *
field_at(const struct vs_record *rec, uint8_t kind, uint64_t off)
{
	for (uint32_t i = 0; rec && i < rec->n; i++)
		if (rec->fields[i].kind == kind && rec->fields[i].off == off)
			return &rec->fields[i];
	return NULL;
}

static uint64_t
offset_of(const struct vs_reg *r)
{
	return (uint64_t)(int64_t)r->off + r->var.value;
}

/* The lock beside the head is held. */
static int
check_locked(struct vs_env *env, const struct vs_reg *r, const struct vs_record *rec,
	     const char *name)
{
	const void *owner = r->type == RT_MAP_VALUE ? (const void *)r->map
						    : (const void *)env->btf;
	const struct vs_field *lock = vs_record_find(rec, FIELD_SPIN_LOCK);

	if (env->cur->active_locks && vs_find_lock(env->cur, REF_ANY_LOCK, r->id, owner))
		return 0;
	if (env->cur->active_locks)
		vs_reject(env, VS_E_GRAPH_OTHER_LOCK);
	return vs_reject(env, VS_E_GRAPH_UNLOCKED, lock ? (int)lock->off : -1, name);
}

int
vs_check_graph_root(struct vs_env *env, struct kcall *k, uint32_t regno, uint8_t kind)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];
	const struct vs_record *rec = vs_reg_record(env, r);
	const char *name = vs_field_name(kind);

	if (r->type != RT_MAP_VALUE && r->type != (RT_BTF_ID | TF_ALLOC))
		return vs_reject(env, VS_E_GRAPH_ROOT_ARG, regno - 1, regno);
	if (r->type != RT_MAP_VALUE && !r->ref_id)
		return vs_reject(env, VS_E_ARG_NO_REF);
	if (r->var.mask)
		return vs_reject(env, VS_E_LOCK_CONST, regno, name);
	k->root = field_at(rec, kind, offset_of(r));
	if (!k->root)
		return vs_reject(env, VS_E_GRAPH_FIELD, name, (unsigned)offset_of(r));
	return check_locked(env, r, rec, name);
}

/* May a node of this ownership be handed to the function? `lent`: also one that is in a list. */
static int
check_node_kind(struct vs_env *env, const struct kcall *k, uint32_t regno, uint8_t kind,
		bool lent)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];
	bool borrowed = r->type & TF_NON_OWN, either = env->prof.kernel >= KVER(6, 16);

	if (lent && borrowed && !r->ref_id)
		return 0;
	if (kind == FIELD_LIST_NODE || vs_kfunc_is(k->name, "bpf_rbtree_add")) {
		if (r->type != (RT_BTF_ID | TF_ALLOC))
			return vs_reject(env, VS_E_ARG_ALLOC, regno - 1, regno);
		return r->ref_id ? 0 : vs_reject(env, VS_E_ARG_NO_REF);
	}
	if (!either && (!borrowed || r->ref_id))
		return vs_reject(env, VS_E_GRAPH_REMOVE);
	if (either && !borrowed && !r->ref_id)
		return vs_reject(env, VS_E_GRAPH_NODE_KIND, k->name);
	if (vs_in_tree_callback(env))
		return vs_reject(env, VS_E_GRAPH_CB, either ? k->name : "rbtree_remove");
	return 0;
}

int
vs_check_graph_node(struct vs_env *env, struct kcall *k, uint32_t regno, uint8_t kind, bool lent)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];
	const char *name = vs_field_name(kind), *want;
	uint64_t off = offset_of(r);
	int err = check_node_kind(env, k, regno, kind, lent);

	if (err)
		return err;
	if (!k->root)
		return vs_bug(env, "a node without its list or tree");
	if (r->var.mask)
		return vs_reject(env, VS_E_LOCK_CONST, regno, name);
	if (!field_at(vs_reg_record(env, r), kind, off))
		return vs_reject(env, VS_E_GRAPH_FIELD, name, (unsigned)off);
	want = btf_name(env->btf, k->root->btf_id);
	if (!vs_btf_ids_match(env, r->btf_space, r->btf_id, 0, k->root->btf_space,
			      k->root->btf_id, true))
		return vs_reject(env, VS_E_GRAPH_STRUCT, vs_field_name(k->root->kind), name,
				 (int)k->root->node_off, want, (int)off,
				 btf_name(env->btf, r->btf_id));
	if (off != k->root->node_off)
		return vs_reject(env, VS_E_GRAPH_NODE_OFF, (int)off, name,
				 (int)k->root->node_off, want);
	return 0;
}

int
vs_check_refcounted(struct vs_env *env, struct kcall *k, uint32_t regno)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];

	if (!vs_is_alloc_type(r->type))
		return vs_reject(env, VS_E_REFCOUNT_ARG, regno - 1, regno);
	k->owning = !(r->type & TF_NON_OWN) &&
		    (r->ref_id || env->prof.kernel < KVER(7, 0));
	if (!vs_record_find(vs_reg_record(env, r), FIELD_REFCOUNT))
		return vs_reject(env, VS_E_REFCOUNT_NONE, regno - 1, regno);
	k->obj_id = r->btf_id;
	k->obj_space = r->btf_space;
	return 0;
}

void
vs_graph_node_reg(struct vs_reg *r, const struct vs_field *root)
{
	r->type = RT_BTF_ID | TF_ALLOC;
	r->btf_id = root->btf_id;
	r->btf_space = root->btf_space;
	r->off = (int32_t)root->node_off;
}

/* less(a, b): compares two nodes of the tree that is being put into. */
int
vs_set_tree_callback(struct vs_env *env, struct vs_frame *caller, struct vs_frame *callee,
		     uint32_t insn_idx)
{
	const struct vs_reg *root = &caller->regs[1];
	const struct vs_field *f = field_at(vs_reg_record(env, root), FIELD_RB_ROOT,
					    offset_of(root));

	(void)insn_idx;
	if (!f || !f->btf_id)
		return vs_bug(env, "a tree without its type");
	for (uint32_t i = 1; i <= 5; i++) {
		vs_reg_not_init(env, &callee->regs[i]);
		if (i > 2)
			continue;
		vs_mark_known_zero(&callee->regs[i]);
		vs_graph_node_reg(&callee->regs[i], f);
		vs_set_non_owning(env, &callee->regs[i]);
	}
	callee->in_callback = true;
	callee->callback_ret = (struct vs_range){.min = 0, .max = 1};
	return 0;
}

/* ---- what is put in ----------------------------------------------------------------- */

struct lend {
	struct vs_env *env;
	uint32_t ref;
};

static void
lend(void *user, struct vs_reg *r)
{
	struct lend *l = user;

	if (r->ref_id != l->ref)
		return;
	r->ref_id = 0;
	vs_set_non_owning(l->env, r);
}

int
vs_graph_insert(struct vs_env *env, const struct kcall *k)
{
	struct lend l = {env, vs_cur_regs(env)[2].ref_id};

	if (!vs_kfunc_is(k->name, "bpf_rbtree_add") &&
	    !vs_kfunc_is(k->name, "bpf_list_push_front") &&
	    !vs_kfunc_is(k->name, "bpf_list_push_back") && !vs_kfunc_is(k->name, "bpf_list_add"))
		return 0;
	vs_each_reg(env, env->cur, lend, &l);
	if (!vs_release_ref_nomark(env->cur, l.ref))
		return vs_reject(env, VS_E_KFUNC_NOT_ACQUIRED, k->name, k->func);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* global.c: arguments of global functions, which are verified by their prototype alone.
 *
 * A pointer is the context when its type says so, a kernel object when a tag says so, and
 * memory of the pointee's size otherwise. Tags are BTF declaration tags "arg:NAME" on the
 * argument; what a call passes must fit what the function was verified for. */
#include "rules.h"

enum tag {
	TAG_CTX = 1, TAG_NONNULL = 2, TAG_NULLABLE = 4, TAG_TRUSTED = 8, TAG_UNTRUSTED = 16,
	TAG_ARENA = 32,
};

static const struct {
	const char *name;
	uint32_t tag;
	uint16_t since;
} tag_names[] = {
	{"ctx", TAG_CTX, KVER(6, 8)}, {"nonnull", TAG_NONNULL, KVER(6, 8)},
	{"nullable", TAG_NULLABLE, KVER(6, 9)}, {"trusted", TAG_TRUSTED, KVER(6, 9)},
	{"arena", TAG_ARENA, KVER(6, 9)}, {"untrusted", TAG_UNTRUSTED, KVER(6, 17)},
};

enum { GLOBAL_ARGS = 5 };

const char *
vs_btf_kind_name(uint32_t kind)
{
	static const char *const names[] = {
		"UNKNOWN", "INT", "PTR", "ARRAY", "STRUCT", "UNION", "ENUM", "FWD", "TYPEDEF",
		"VOLATILE", "CONST", "RESTRICT", "FUNC", "FUNC_PROTO", "VAR", "DATASEC", "FLOAT",
		"DECL_TAG", "TYPE_TAG", "ENUM64",
	};

	return kind < sizeof names / sizeof *names ? names[kind] : "UNKNOWN";
}

static int
read_tags(struct vs_env *env, uint32_t func, uint32_t arg, uint32_t *tags)
{
	const struct btf *b = env->btf;

	*tags = 0;
	for (uint32_t id = 1; id < btf_count(b); id++) {
		const struct btf_decl_tag *t = btf_decl_tag_of(b, id);
		const char *text = btf_name(b, id);
		uint32_t before = *tags;

		if (!t || btf_target(b, id) != func || t->component_idx != (int32_t)arg ||
		    strncmp(text, "arg:", 4))
			continue;
		for (size_t i = 0; i < sizeof tag_names / sizeof *tag_names; i++)
			if (!strcmp(text + 4, tag_names[i].name) &&
			    env->prof.kernel >= tag_names[i].since)
				*tags |= tag_names[i].tag;
		if (*tags == before && env->prof.kernel >= KVER(6, 9))
			return vs_reject(env, VS_E_SUB_TAG, arg);
	}
	return 0;
}

static bool
is_ctx_struct(struct vs_env *env, uint32_t id)
{
	const struct fact_prog_type *pt = fact_prog_type(env->type);
	const char *name = btf_name(env->btf, id);

	if (env->type == FACT_PROG_KPROBE)
		return !strcmp(name, "bpf_user_pt_regs_t") || !strcmp(name, "pt_regs");
	if (env->type == FACT_PROG_RAW_TRACEPOINT ||
	    env->type == FACT_PROG_RAW_TRACEPOINT_WRITABLE)
		return !strcmp(name, "bpf_raw_tracepoint_args");
	return pt && pt->ctx && !strcmp(name, pt->ctx);
}

/* The kernel's type of the pointee, whatever flavour ("task_struct___mine") the program uses. */
static int
kernel_pointee(struct vs_env *env, uint32_t arg, uint32_t to, uint32_t *id)
{
	struct btf *b = vs_vmlinux(env);
	uint32_t kind = btf_kind(btf_type(env->btf, to));
	const char *name = btf_name(env->btf, to), *flavour = strstr(name, "___");
	str plain = {name, flavour && flavour != name ? (size_t)(flavour - name) : strlen(name)};

	if (!b)
		return vs_unknown(env, "a kernel object as argument without the kernel's BTF");
	*id = plain.n ? btf_find(b, plain, kind) : 0;
	if (!*id)
		return vs_reject(env, VS_E_SUB_MATCH, arg, vs_btf_kind_name(kind), name,
				 "has no matches");
	if (btf_find_next(b, *id, kind))
		return vs_reject(env, VS_E_SUB_MATCH, arg, vs_btf_kind_name(kind), name,
				 "is ambiguous");
	return 0;
}

static int
classify_object(struct vs_env *env, uint32_t i, uint32_t to, uint32_t tags, struct vs_arg *a)
{
	uint32_t kind = btf_kind(btf_type(env->btf, to));
	int err;

	if (tags & TAG_TRUSTED) {
		if (tags & TAG_NONNULL)
			return vs_reject(env, VS_E_SUB_TAGS, i);
		a->type_flags = TF_TRUSTED | (tags & TAG_NULLABLE ? TF_MAYBE_NULL : 0);
	} else {
		if (tags & ~(uint32_t)TAG_UNTRUSTED)
			return vs_reject(env, VS_E_SUB_TAGS_WITH, i, "untrusted");
		a->type_flags = TF_UNTRUSTED;
		if (!kind || kind == BTF_KIND_INT || kind == BTF_KIND_ENUM ||
		    kind == BTF_KIND_ENUM64 || kind == BTF_KIND_FLOAT) {
			a->kind = ARGK_MEM;
			a->type_flags |= TF_RDONLY;
			return 0;
		}
	}
	a->kind = ARGK_BTF_ID;
	a->btf_space = BTF_SPACE_VMLINUX;
	err = kernel_pointee(env, i, to, &a->btf_id);
	return err;
}

static int
classify_memory(struct vs_env *env, uint32_t i, uint32_t to, uint32_t tags, struct vs_arg *a)
{
	int64_t size = btf_size(env->btf, to);

	if (tags & TAG_NULLABLE)
		return vs_reject(env, VS_E_SUB_TAGS, i);
	if (size < 0)
		return vs_reject(env, VS_E_SUB_SIZE, i,
				 vs_btf_kind_name(btf_kind(btf_type(env->btf, to))),
				 btf_name(env->btf, to), -EINVAL);
	a->kind = ARGK_MEM;
	a->mem_size = (uint32_t)size;
	a->type_flags = tags & TAG_NONNULL ? 0 : TF_MAYBE_NULL;
	return 0;
}

/* Does the pointer's type carry the tag that compilers give arenas? */
static bool
points_into_arena(const struct vs_env *env, uint32_t ptr)
{
	const struct btf *b = env->btf;
	uint32_t to = btf_target(b, ptr);

	if (!env->prof.arena_tags || btf_kind(btf_type(b, ptr)) != BTF_KIND_PTR)
		return false;
	for (uint32_t end = btf_resolve(b, to); to != end; to = btf_target(b, to))
		if (btf_kind(btf_type(b, to)) == BTF_KIND_TYPE_TAG &&
		    !strcmp(btf_name(b, to), "arena"))
			return true;
	return false;
}

static int
classify(struct vs_env *env, const char *func, uint32_t i, uint32_t type, uint32_t tags,
	 struct vs_arg *a)
{
	const struct btf *b = env->btf;
	uint32_t id = btf_resolve(b, type), kind = btf_kind(btf_type(b, id)), to, raw;

	*a = (struct vs_arg){.kind = ARGK_SCALAR};
	if (kind != BTF_KIND_PTR) {
		if (tags)
			return vs_reject(env, VS_E_SUB_NO_POINTER, i);
		if (kind == BTF_KIND_INT || kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64)
			return 0;
		return vs_reject(env, VS_E_SUB_KIND, i, vs_btf_kind_name(kind), func);
	}
	if (points_into_arena(env, id))
		tags |= TAG_ARENA;
	raw = btf_unqualified(b, btf_target(b, id));
	to = btf_resolve(b, raw);
	if ((tags & TAG_CTX) || is_ctx_struct(env, to) || is_ctx_struct(env, raw)) {
		a->kind = ARGK_CTX;
		return tags & ~(uint32_t)TAG_CTX ? vs_reject(env, VS_E_SUB_TAGS, i) : 0;
	}
	if (!strcmp(btf_name(b, to), "bpf_dynptr")) {
		a->kind = ARGK_DYNPTR;
		return tags ? vs_reject(env, VS_E_SUB_TAGS, i) : 0;
	}
	if (tags & (TAG_TRUSTED | TAG_UNTRUSTED))
		return classify_object(env, i, to, tags, a);
	if (tags & TAG_ARENA) {
		a->kind = ARGK_ARENA;
		return tags & ~(uint32_t)TAG_ARENA
			       ? vs_reject(env, VS_E_SUB_TAGS_WITH, i, "arena") : 0;
	}
	return classify_memory(env, i, to, tags, a);
}

bool
vs_returns_void(const struct vs_env *env, uint32_t subprog)
{
	uint32_t func = env->subprogs[subprog].func_type_id;

	return subprog && env->btf && func && env->prof.kernel >= KVER(7, 0) &&
	       !btf_resolve(env->btf, btf_return_type(env->btf, func));
}

static int
check_return_type(struct vs_env *env, const struct vs_subprog *s)
{
	uint32_t id = btf_resolve(env->btf, btf_return_type(env->btf, s->func_type_id));
	uint32_t kind = btf_kind(btf_type(env->btf, id));

	if (kind == BTF_KIND_INT || kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64 ||
	    (!kind && env->prof.kernel >= KVER(7, 0)) ||
	    (s != env->subprogs && points_into_arena(env, id)))
		return 0;
	return vs_reject(env, env->prof.kernel >= KVER(7, 0) ? VS_E_SUB_RETURN_VOID
							     : VS_E_SUB_RETURN, s->name);
}

int
vs_prepare_args(struct vs_env *env, uint32_t subprog)
{
	struct vs_subprog *s = &env->subprogs[subprog];
	struct btf_param_of param;
	uint32_t n, tags = 0;
	int err;

	if (s->args_cached)
		return 0;
	if (!env->btf || !s->func_type_id)
		return vs_unknown(env, "a global function without BTF");
	n = btf_param_count(env->btf, s->func_type_id);
	if (n > GLOBAL_ARGS)
		return vs_reject(env, VS_E_SUB_COUNT, s->name, n, GLOBAL_ARGS);
	err = check_return_type(env, s);
	for (uint32_t i = 0; i < n && err >= 0; i++) {
		btf_param(env->btf, s->func_type_id, i, &param);
		err = read_tags(env, s->func_type_id, i, &tags);
		if (err >= 0)
			err = classify(env, s->name, i, param.type, tags, &s->args[i]);
	}
	s->nargs = (uint8_t)n;
	s->args_cached = err >= 0;
	return err;
}

/* The program's own prototype is read like a function's. What is wrong with it is told in the
 * log and forgotten. */
void
vs_log_main_args(struct vs_env *env)
{
	struct verify_result kept = *env->r;

	if (!vs_logs(env) || env->failed || !env->btf || !env->subprogs[0].func_type_id)
		return;
	vs_prepare_args(env, 0);
	*env->r = kept;
	env->failed = false;
}

/* ---- where the function begins ---------------------------------------------------------- */

static void
set_entry_arg(struct vs_env *env, struct vs_reg *r, const struct vs_arg *a)
{
	vs_reg_unknown(env, r);
	if (a->kind == ARGK_SCALAR || a->kind == ARGK_ARENA)	/* arena: either is passed */
		return;
	vs_mark_known(r, 0);
	switch ((enum vs_arg_kind)a->kind) {
	case ARGK_CTX:
		r->type = RT_CTX;
		break;
	case ARGK_DYNPTR:
		vs_make_dynptr_reg(env, r, DYNPTR_LOCAL);
		break;
	case ARGK_BTF_ID:
		r->type = RT_BTF_ID | a->type_flags;
		r->btf_id = a->btf_id;
		r->btf_space = a->btf_space;
		r->id = ++env->next_id;
		break;
	default:
		r->type = RT_MEM | a->type_flags;
		r->mem_size = a->mem_size;
		if (vs_may_be_null(r->type))
			r->id = ++env->next_id;
	}
}

int
vs_entry_args(struct vs_env *env, struct vs_frame *f, uint32_t subprog)
{
	struct vs_subprog *s = &env->subprogs[subprog];
	int err = vs_prepare_args(env, subprog);

	if (err < 0)
		return err;
	vs_log(env, "Validating %s() func#%u...\n", s->name ? s->name : "", subprog);
	if (s->is_exception_cb) {
		if (s->nargs != 1 || s->args[0].kind != ARGK_SCALAR)
			return vs_reject(env, VS_E_GLOBAL_EXC_CB);
		f->in_exception_callback = true;
		f->callback_ret = (struct vs_range){0, 1, false};
	}
	for (uint32_t i = 0; i < s->nargs; i++)
		set_entry_arg(env, &f->regs[i + 1], &s->args[i]);
	return 0;
}

/* ---- where it is called ----------------------------------------------------------------- */

static int
check_memory_arg(struct vs_env *env, uint32_t regno, uint32_t subprog, const struct vs_arg *arg)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];
	int err = vs_check_plain_offset(env, regno);

	if (!err)
		err = vs_check_mem_reg(env, regno, arg->mem_size);
	if (err)
		return err;
	if (env->prof.keeps_args && env->subprogs[subprog].changes_pkt_data && vs_is_packet(r))
		return vs_reject(env, VS_E_SUB_ARG_PACKET, regno, subprog);
	if (!(arg->type_flags & TF_MAYBE_NULL) &&
	    (vs_may_be_null(r->type) || (env->prof.null_is_null && vs_reg_is_null(r))))
		return vs_reject(env, VS_E_SUB_ARG_NULL, regno - 1);
	return 0;
}

int
vs_check_func_arg_type(struct vs_env *env, uint32_t regno, uint32_t subprog,
		       const struct vs_arg *arg)
{
	const struct vs_reg *r = &vs_cur_regs(env)[regno];
	int err;

	if (arg->type_flags & TF_UNTRUSTED)	/* reads are guarded, nothing else is done */
		return 0;
	switch ((enum vs_arg_kind)arg->kind) {
	case ARGK_SCALAR:
		return r->type == RT_SCALAR ? 0 : vs_reject(env, VS_E_ARG_SCALAR, regno);
	case ARGK_CTX:
		err = vs_check_ptr_off(env, r, regno, false);
		if (err)
			return err;
		return r->type == RT_CTX ? 0 : vs_reject(env, VS_E_SUB_ARG_CTX, regno - 1);
	case ARGK_MEM:
		return check_memory_arg(env, regno, subprog, arg);
	case ARGK_ARENA:
		if (r->type == RT_ARENA || r->type == RT_SCALAR)
			return 0;
		return vs_reject(env, VS_E_SUB_ARG_ARENA, regno);
	case ARGK_DYNPTR:
		return vs_check_dynptr_arg(env, regno);
	case ARGK_BTF_ID:
		return vs_check_object_arg(env, regno, arg);
	case ARGK_UNSUPPORTED:
		break;
	}
	return vs_bug(env, "an argument of no kind");
}

/* SPDX-License-Identifier: MIT */
/* call.c: what is wrong with a call: its arguments, that it may not be made here,
 * that what was acquired is not given back or given back twice, locks and other sections,
 * and what a program or function returns. */
#include "explaining.h"
#include "verifier-sim/rules/rules.h"

static const char *
subject(const struct vx *e)
{
	return vx_value(e, tr_reg(e->frame, (uint32_t)e->reg), e->step);
}

static bool
is_call(const struct vx *e)
{
	return e->in && BPF_CLASS(e->in->code) == BPF_JMP && BPF_OP(e->in->code) == BPF_CALL;
}

/* ---- arguments -------------------------------------------------------------------------- */

static bool
names_all(const char *list, const char *const *words, size_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += strstr(list, words[i]) != NULL;
	return found == n;
}

/* The kernel's list of acceptable types, in words. */
static const char *
expected_words(const struct vx *e, const char *list)
{
	static const char *const memory[] = {"fp", "map_value"};
	static const struct { const char *type, *words; } known[] = {
		{"map_ptr", "a map"}, {"ctx", "the context"}, {"scalar", "a number"},
		{"func", "a function of the program"}, {"ringbuf_mem", "a ring buffer record"},
		{"fp", "the address of a variable on the stack"},
		{"map_value", "a pointer into a map's value"},
		{"percpu_ptr_", "a per-CPU variable of the kernel"},
		{"dynptr_ptr", "a dynptr"}, {"ptr_", "a kernel object"},
		{"trusted_ptr_", "a kernel object"},
	};

	if (names_all(list, memory, 2))
		return "memory: a variable on the stack, a map's value, or the packet";
	if (strstr(list, "sock"))
		return "a socket";
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (!strcmp(list, known[i].type) ||
		    (!strncmp(list, known[i].type, strlen(known[i].type)) &&
		     list[strlen(known[i].type)] == ','))
			return known[i].words;
	return arena_printf(e->a, "%s", list);
}

/* Argument counted from 0 in a message without a register. */
static void
operand_by_argument(struct vx *e)
{
	if (e->reg >= 0 || !e->f->nargs || e->f->texts[0] || !is_call(e) ||
	    e->f->args[0] < 0 || e->f->args[0] > 4)
		return;
	e->reg = (int)e->f->args[0] + 1;
	e->val = vx_reg(e, (uint32_t)e->reg);
	tr_follow(e->env, tr_reg(e->frame, (uint32_t)e->reg), e->step, &e->sl);
}

/* A kernel function wants a kernel object, and gets what is only a number here. */
static void
tell_untyped(struct vx *e, const char *callee)
{
	const char *type = e->f->texts[1] ? e->f->texts[1] : "object";

	vx_headline(e, "argument %d of %s must be a pointer to the kernel's `struct %s`, but %s is a "
		    "number to the verifier", e->reg, callee, type, subject(e));
	vx_help(e, "take the pointer from where its type is known: an argument of a typed program "
		   "(tp_btf, fentry, lsm), a kernel function or a helper that returns one%s",
		!strcmp(type, "task_struct") ? " (bpf_get_current_task_btf())" : "");
}

/* The prototype of the global function that is called is what has to change. */
static void
root_at_callee(struct vx *e)
{
	int s = vs_subprog_at(e->env, (uint32_t)((int64_t)vx_insn(e, e->step) + e->in->imm + 1));

	if (e->in->src_reg != BPF_PSEUDO_CALL || s < 0)
		return;
	e->x->root = e->env->subprogs[s].start;
	e->x->root_label = "how much this points to cannot be seen from the prototype";
	vx_help(e, "give the parameter a type of known size, or make the function static");
}

bool
vx_arg(struct vx *e)
{
	const char *callee, *want = NULL;

	operand_by_argument(e);
	if (e->reg < 1 || e->reg > 5 || !e->val || !is_call(e))
		return false;
	if (e->val->type == RT_SCALAR && vx_lost(e))
		return true;
	callee = vx_callee(e, vx_insn(e, e->step));
	if (vs_may_be_null(e->val->type) && vx_nullable(e))
		return true;
	vx_need(e, e->val->type == RT_SCALAR ? NEED_POINTER : NEED_SCALAR);
	if (e->f->first == VS_E_STACK_TYPE && e->f->nargs >= 3 && e->f->texts[2])
		want = expected_words(e, e->f->texts[2]);
	vx_history(e, &e->sl);
	vx_at(e, "%s is given %s", callee, vx_kind(e, e->val));
	if (want) {
		vx_headline(e, "argument %d of %s must be %s, but %s is %s", e->reg, callee, want,
			    subject(e), vx_kind(e, e->val));
		return true;
	}
	vx_headline(e, "argument %d of %s, %s: %s", e->reg, callee, subject(e),
		    verify_headline(e->env->r->code));
	if (e->f->first == VS_E_SUB_SIZE)
		root_at_callee(e);
	if (e->f->first == VS_E_ARG_MEM_TYPE && e->val->type == RT_SCALAR)
		tell_untyped(e, callee);
	else if (e->f->first == VS_E_ARG_RCU)
		vx_headline(e, "%s is given to %s outside of the RCU section it was read in",
			    subject(e), callee);
	if (e->val->type == RT_SCALAR)
		vx_fact(e, "%s is %s here", subject(e), vx_range(e, e->val));
	else if (strcmp(subject(e), vx_kind(e, e->val)) != 0)
		vx_fact(e, "%s is %s", subject(e), vx_kind(e, e->val));
	return true;
}

/* ---- not here --------------------------------------------------------------------------- */

static const char *
version(const struct vx *e, uint16_t k)
{
	return arena_printf(e->a, "%u.%u", k >> 8, k & 255);
}

/* The kinds of program that may call it, a few of them. */
static void
tell_who_may(struct vx *e, uint32_t id)
{
	struct buf b = buf_new(e->a);
	uint32_t n = 0;

	for (uint32_t t = 1; t < FACT_PROG_END && n < 6; t++) {
		const struct fact_prog_type *p = fact_prog_type(t);

		if (!p || t == FACT_PROG_EXT || !fact_helper_allowed(id, t, 0, e->env->prof.kernel))
			continue;
		buf_printf(&b, "%s%s", n++ ? ", " : "", p->name);
	}
	if (n)
		vx_fact(e, "%s can be called by %s programs%s", vx_callee(e, vx_insn(e, e->step)), b.at,
			n == 6 ? " and others" : "");
}

/* Of a helper that is allowed in a few functions only: which. */
static void
tell_where(struct vx *e, uint32_t id)
{
	struct buf b = buf_new(e->a);

	vs_hook_places(e->env, id, &b);
	if (b.n)
		vx_help(e, "attach to a function in which it may be called: %s", b.at);
}

/* What loaders put where a weak function of the kernel is called that it does not have. */
enum { NO_KFUNC = 2002000000 };

bool
vx_unavailable(struct vx *e)
{
	const struct fact_helper *h;
	const char *callee;
	uint32_t id;

	if (!is_call(e) || e->in->src_reg == BPF_PSEUDO_CALL)
		return false;
	callee = vx_callee(e, vx_insn(e, e->step));
	vx_need(e, NEED_ABSENT);
	vx_at(e, "called here");
	id = (uint32_t)e->in->imm;
	h = e->in->src_reg ? NULL : fact_helper(id);
	switch (e->f->first) {
	case VS_E_HELPER_ID: case VS_E_HELPER_TYPE: case VS_E_HELPER_UNKNOWN:
		if (!h) {
			vx_headline(e, "there is no helper number %u", id);
			if (id == 0xbad2310)
				vx_fact(e, "this number stands where a field or type could not be found "
					   "in the kernel's types (CO-RE)");
			if (id != NO_KFUNC)
				return true;
			vx_headline(e, "this kernel does not have the kernel function called here");
			vx_help(e, "call it only where it is there: under `if (bpf_ksym_exists(f))`");
			return true;
		}
		if (h->since > e->env->prof.kernel) {
			vx_headline(e, "%s does not exist before Linux %s", callee,
				    version(e, h->since));
			vx_fact(e, "the program is judged for Linux %s",
				version(e, e->env->prof.kernel));
			if (strstr(h->name, "probe_read_"))
				vx_help(e, "call bpf_probe_read%s(), which every kernel has",
					strstr(h->name, "_str") ? "_str" : "");
			else if (!e->lisp)
				vx_help(e, "call it only where the kernel has it: under `if (bpf_core_enum_"
					   "value_exists(enum bpf_func_id, BPF_FUNC_%s))`", h->name);
			return true;
		}
		vx_headline(e, "%s cannot call %s", vx_program(e), callee);
		tell_who_may(e, id);
		return true;
	case VS_E_HELPER_GPL: case VS_E_KFUNC_GPL:
		vx_headline(e, "%s is only for programs under a GPL-compatible license", callee);
		vx_fact(e, "this program's license is `%s`",
			e->env->prog->license ? e->env->prog->license : "");
		return false;
	case VS_E_HELPER_SLEEP: case VS_E_KFUNC_SLEEP:
		vx_headline(e, "%s may sleep, but this program may not", callee);
		vx_help(e, "make the program sleepable, where its type can be (section name with a "
			   "dot: \"lsm.s/...\"), or use a function that does not sleep");
		return true;
	case VS_E_KFUNC_TYPE:
		vx_headline(e, "%s cannot call %s", vx_program(e), callee);
		return true;
	case VS_E_HELPER_PROBE:
		vx_headline(e, "%s may not be called in `%s`", callee,
			    e->env->rules->attach_name ? e->env->rules->attach_name : "this function");
		tell_where(e, id);
		return true;
	default:
		return false;
	}
}

/* ---- acquired and given back ------------------------------------------------------------ */

static const char *
kfunc_name(const struct vx *e, uint32_t insn)
{
	const struct vs_operand *op = e->env->fact[insn].op;

	return op && op->kfunc ? op->kfunc : "";
}

static const char *
gives_back(const struct vx *e, uint32_t acquire)
{
	const struct bpf_insn *in = &e->env->insns[acquire];
	const char *name = kfunc_name(e, acquire);

	if (!in->src_reg) {
		switch (in->imm) {
		case BPF_FUNC_ringbuf_reserve:
			return e->lisp ? "`ringbuf-submit` or `ringbuf-discard`"
				: "bpf_ringbuf_submit() or bpf_ringbuf_discard()";
		case BPF_FUNC_sk_lookup_tcp: case BPF_FUNC_sk_lookup_udp:
		case BPF_FUNC_skc_lookup_tcp:
			return e->lisp ? "`sk-release`" : "bpf_sk_release()";
		}
		if (in->imm == BPF_FUNC_ringbuf_reserve_dynptr)
			return e->lisp ? "`ringbuf-submit-dynptr` or `ringbuf-discard-dynptr`"
				: "bpf_ringbuf_submit_dynptr() or bpf_ringbuf_discard_dynptr()";
		return "the function that releases it";
	}
	if (strstr(name, "_acquire"))
		return vx_function(e, arena_printf(e->a, "%.*s_release",
						   (int)(strstr(name, "_acquire") - name), name));
	if (!strncmp(name, "bpf_iter_", 9) && strstr(name, "_new"))
		return vx_function(e, arena_printf(e->a, "%.*s_destroy",
						   (int)(strstr(name, "_new") - name), name));
	if (strstr(name, "_from_"))	/* bpf_task_from_pid() */
		return vx_function(e, arena_printf(e->a, "%.*s_release",
						   (int)(strstr(name, "_from_") - name), name));
	if (!strncmp(name, "bpf_obj_new", 11))
		return vx_function(e, "bpf_obj_drop");
	return "the function that releases it";
}

/* By what is held: kernel functions that give back objects of a type. */
static const char *
releaser(const struct vs_reg *r, const char *type)
{
	static const struct { const char *type, *name; } table[] = {
		{"task_struct", "bpf_task_release"}, {"cgroup", "bpf_cgroup_release"},
		{"bpf_cpumask", "bpf_cpumask_release"}, {"cpumask", "bpf_cpumask_release"},
		{"nf_conn", "bpf_ct_release"}, {"nf_conn___init", "bpf_ct_release"},
		{"file", "bpf_put_file"},
	};

	switch (vs_base(r->type)) {
	case RT_SOCKET: case RT_SOCK_COMMON: case RT_TCP_SOCK: case RT_XDP_SOCK:
	case RT_MAP_VALUE:	/* of a map of sockets, until it is tested for null */
		return "bpf_sk_release";
	case RT_BTF_ID:
		if (r->type & TF_ALLOC)
			return "bpf_obj_drop";
		for (size_t i = 0; i < sizeof table / sizeof *table; i++)
			if (!strcmp(type, table[i].type))
				return table[i].name;
	}
	return NULL;
}

static bool
releases(const struct vx *e, uint32_t acquire, const struct bpf_insn *in, uint32_t insn)
{
	const struct fact_kfunc *k;
	const char *name;

	if (in->code != (BPF_JMP | BPF_CALL) || in->src_reg == BPF_PSEUDO_CALL || insn == acquire)
		return false;
	if (!in->src_reg) {
		bool ring = e->env->insns[acquire].imm == BPF_FUNC_ringbuf_reserve;

		if (ring)
			return in->imm == BPF_FUNC_ringbuf_submit ||
				in->imm == BPF_FUNC_ringbuf_discard;
		return in->imm == BPF_FUNC_sk_release || in->imm == BPF_FUNC_kptr_xchg ||
			in->imm == BPF_FUNC_ringbuf_submit_dynptr ||
			in->imm == BPF_FUNC_ringbuf_discard_dynptr;
	}
	name = kfunc_name(e, insn);
	k = fact_kfunc_named(str_of(name));
	if (strstr(name, "_list_push_") || strstr(name, "_rbtree_add"))	/* takes it over */
		return true;
	return k && (k->flags & (FACT_KF_RELEASE | FACT_KF_ITER_DESTROY));
}

/* Is it given back anywhere? Then this path is what is wrong, else the acquiring. */
static bool
released_elsewhere(const struct vx *e, uint32_t acquire)
{
	for (uint32_t i = 0; i < e->env->n; i++)
		if (releases(e, acquire, &e->env->insns[i], i))
			return true;
	return false;
}

static bool
same_line(const struct vx *e, uint32_t a, uint32_t b)
{
	struct sources *s = e->env->im->sources;
	const span *src = e->env->prog->src;

	return s && src && span_line_col(s, src[vx_insn(e, a)]).line ==
		span_line_col(s, src[vx_insn(e, b)]).line;
}

/* The step at which this path's way out was decided, after `from`: where its return value was
 * set, or (compilers let all paths share one exit) the last test; else the failing
 * instruction. */
static uint32_t
way_out(const struct vx *e, uint32_t from)
{
	struct tr_node n = tr_origin(e->env, tr_reg(e->frame, 0), e->step);
	uint32_t test = TR_NONE;
	bool apart;

	if (!e->in || BPF_OP(e->in->code) != BPF_EXIT)
		return e->step;
	for (uint32_t i = from + 1; i < e->step; i++)
		if (vx_insn(e, i) != TR_NONE && tr_is_test(&e->env->insns[vx_insn(e, i)]))
			test = i;
	apart = n.rec && n.how == HOW_CONST && n.def > from && vx_insn(e, n.def) != TR_NONE &&
		(e->lisp ? e->step - n.def <= 4
		 : (test == TR_NONE || n.def > test) && !same_line(e, n.def, e->step));
	if (apart)
		return n.def;
	return e->lisp || test == TR_NONE ? e->step : test;
}

static void
tell_last_branches(struct vx *e, uint32_t from)
{
	uint32_t said = 0;

	for (uint32_t i = e->step; i-- > from + 1 && said < 2;) {
		uint32_t insn = e->t->steps.at[i].insn;

		if (insn == TR_NONE || !tr_is_test(&e->env->insns[insn]))
			continue;
		vx_step(e, i, STEP_BRANCH, "this test sends it this way");
		said++;
	}
}

bool
vx_left_open(struct vx *e)
{
	uint32_t acquire = e->f->nargs >= 2 ? (uint32_t)e->f->args[1] : TR_NONE, step = TR_NONE, out;
	const char *callee, *back, *releasing;
	const struct tr_rec *held;
	struct vs_need *n;

	if (e->f->first != VS_E_REF_LEAK || acquire >= e->env->n || !e->t->steps.n)
		return false;
	for (uint32_t i = 0; i < e->t->steps.n; i++)
		if (e->t->steps.at[i].acquired == (uint32_t)e->f->args[0])
			step = i;
	if (step == TR_NONE)
		return false;
	if (!strcmp(kfunc_name(e, acquire), "bpf_iter_num_new"))
		vx_rule(e);	/* it holds nothing */
	callee = vx_callee(e, acquire);
	held = tr_before(e->t, tr_reg(e->t->steps.at[step].frame, 0), step + 1);
	releasing = held ? releaser(&held->reg, vx_struct_name(e, &held->reg)) : NULL;
	back = gives_back(e, acquire);
	if (releasing && !strncmp(back, "the function", 12))
		back = vx_function(e, releasing);
	out = way_out(e, step);
	vx_headline(e, e->env->insns[acquire].imm == BPF_FUNC_ringbuf_reserve &&
		       !e->env->insns[acquire].src_reg
		    ? "the ring buffer record is not submitted or discarded on %s"
		    : "what was acquired is not released on %s",
		    released_elsewhere(e, acquire) ? "this path" : "any path");
	n = vx_need(e, NEED_RELEASE);
	n->made = acquire;
	n->release = releasing;
	n->name = vx_value_var(e, tr_reg(e->t->steps.at[step].frame, 0), step + 1);
	vx_at(e, "leaves here without %s", back);
	if (released_elsewhere(e, acquire)) {
		vx_step(e, step, STEP_ACQUIRED, "%s hands it out here", callee);
		tell_last_branches(e, step);
		vx_root(e, out, "leaves here without %s", back);
		vx_c_root_leaves(e, out);
		vx_help(e, "call %s before leaving here", back);
	} else {
		vx_root(e, step, "taken here and never given back");
		vx_help(e, "call %s on every path that leads out from here", back);
	}
	return true;
}

bool
vx_release(struct vx *e)
{
	if (e->reg >= 1 && e->val && e->val->type == RT_SCALAR && vx_lost(e))
		return true;
	for (uint32_t i = 0; i < e->t->steps.n; i++)
		if (e->t->steps.at[i].released)
			vx_step(e, i, STEP_RELEASED, "given back here already");
	if (is_call(e))
		vx_at(e, "%s has nothing to release", vx_callee(e, vx_insn(e, e->step)));
	return false;
}

/* ---- locks and sections ----------------------------------------------------------------- */

/* The latest step that made a depth rise. */
static uint32_t
entered(const struct vx *e, size_t member)
{
	uint32_t at = TR_NONE;
	uint8_t depth = 0;

	for (uint32_t i = 0; i < e->t->steps.n; i++) {
		uint8_t now = *((const uint8_t *)&e->t->steps.at[i] + member);

		if (i + 1 == e->t->steps.n)
			break;
		if (now > depth)
			at = i;
		depth = now;
	}
	return depth ? at : TR_NONE;
}

/* Does anything in the program unlock? */
static bool
unlocks(const struct vx *e)
{
	for (uint32_t i = 0; i < e->env->n; i++) {
		const struct bpf_insn *in = &e->env->insns[i];

		if (in->code != (BPF_JMP | BPF_CALL) || in->src_reg == BPF_PSEUDO_CALL)
			continue;
		if (in->src_reg ? strstr(kfunc_name(e, i), "unlock") != NULL
		    : in->imm == BPF_FUNC_spin_unlock)
			return true;
	}
	return false;
}

bool
vx_lock(struct vx *e)
{
	uint32_t taken = entered(e, offsetof(struct tr_step, locks)), out;

	if (taken != TR_NONE)
		vx_step(e, taken, STEP_ACQUIRED, "the lock is taken here");
	vx_need(e, e->f->first == VS_E_UNLOCK_NONE ? NEED_HELD : NEED_RELEASE);
	switch (e->f->first) {
	case VS_E_LOCK_CALL:
		vx_rule(e);
		if (!is_call(e))
			return false;
		if (!e->in->src_reg && e->in->imm == BPF_FUNC_spin_lock) {
			vx_headline(e, "a second lock is taken while one is held");
			vx_at(e, "one lock at a time");
			vx_help(e, "give the first one back before this");
			return true;
		}
		vx_headline(e, "%s is called while a lock is held",
			    vx_callee(e, vx_insn(e, e->step)));
		vx_at(e, "no calls until the lock is given back");
		vx_help(e, "call it before the lock is taken, or after it is given back");
		return true;
	case VS_E_LOCK_EXIT: case VS_E_LOCK_LEFT:
		if (taken != TR_NONE && !unlocks(e)) {
			vx_headline(e, "the lock is never given back");
			vx_root(e, taken, "taken here, and nothing unlocks it");
			vx_at(e, "leaves here with the lock held");
			vx_help(e, "unlock it on every path that leads out from here");
			return true;
		}
		out = way_out(e, taken != TR_NONE ? taken : 0);
		vx_headline(e, "the lock is still held where this path leaves");
		tell_last_branches(e, taken != TR_NONE ? taken : 0);
		vx_at(e, "leaves here");
		vx_root(e, out, "leaves here with the lock held");
		vx_c_root_leaves(e, out);
		vx_help(e, "unlock it before leaving");
		return true;
	case VS_E_LOCK_TWO:
		vx_rule(e);
		vx_headline(e, "a second lock is taken while one is held");
		vx_at(e, "only one lock at a time");
		return false;
	default:
		return false;
	}
}

bool
vx_section(struct vx *e)
{
	bool rcu = e->f->first == VS_E_RCU_EXIT || e->f->first == VS_E_RCU_LEFT ||
		e->f->first == VS_E_SLEEP_RCU || e->f->first == VS_E_KFUNC_SLEEP_RCU ||
		e->f->first == VS_E_RCU_NESTED;
	bool preempt = e->f->first == VS_E_PREEMPT_EXIT || e->f->first == VS_E_PREEMPT_LEFT ||
		e->f->first == VS_E_SLEEP_PREEMPT || e->f->first == VS_E_KFUNC_SLEEP_PREEMPT;
	uint32_t in = rcu ? entered(e, offsetof(struct tr_step, rcu))
		: preempt ? entered(e, offsetof(struct tr_step, preempt)) : TR_NONE;

	if (in != TR_NONE)
		vx_step(e, in, STEP_ACQUIRED, rcu ? "the RCU section begins here"
			: "preemption is disabled here");
	if (e->f->first == VS_E_RCU_EXIT || e->f->first == VS_E_PREEMPT_EXIT ||
	    e->f->first == VS_E_RCU_LEFT || e->f->first == VS_E_PREEMPT_LEFT ||
	    e->f->first == VS_E_IRQ_EXIT) {
		vx_headline(e, "%s still %s where this path leaves",
			    rcu ? "the RCU section is" : preempt ? "preemption is"
			    : "interrupts are", rcu ? "open" : "disabled");
		tell_last_branches(e, in != TR_NONE ? in : 0);
		vx_at(e, "leaves here");
		vx_root(e, way_out(e, in != TR_NONE ? in : 0), "leaves here");
		vx_c_root_leaves(e, way_out(e, in != TR_NONE ? in : 0));
	} else if (is_call(e)) {
		vx_at(e, "%s is called here", vx_callee(e, vx_insn(e, e->step)));
	}
	vx_need(e, NEED_RELEASE);
	return false;
}

/* ---- what is returned, what leaks ------------------------------------------------------- */

/* Where the value at fault was made, as the place to change. */
static void
root_at_origin(struct vx *e, const char *label)
{
	const struct tr_node *n = NULL;

	for (uint32_t i = 0; i < e->sl.n; i++)
		if (e->sl.nodes[i].same && e->sl.nodes[i].rec)
			n = &e->sl.nodes[i];
	if (n && (n->how == HOW_CONST || n->how == HOW_CALL || n->how == HOW_LOAD ||
		  n->how == HOW_ALU || n->how == HOW_RETURN) && vx_insn(e, n->def) != TR_NONE)
		vx_root(e, n->def, "%s", label);
}

bool
vx_leak(struct vx *e)
{
	if (e->reg < 0 || !e->val || e->val->type == RT_SCALAR)
		return false;
	vx_need(e, NEED_SCALAR);
	if (e->f->first == VS_E_RETURN_LEAK) {
		vx_headline(e, "%s is returned: a kernel address, where a number is wanted",
			    vx_kind(e, e->val));
		vx_at(e, "returned here");
		root_at_origin(e, "this is the value returned");
		vx_help(e, "return a number: a verdict, or what the pointer points to");
		return true;
	}
	vx_headline(e, "%s is %s, and would become readable as a number", subject(e),
		    vx_kind(e, e->val));
	vx_history(e, &e->sl);
	return true;
}

static const char *
verdicts(const struct vx *e, int64_t lo, int64_t hi)
{
	if (lo == hi)
		return arena_printf(e->a, "%lld", (long long)lo);
	if (hi == lo + 1)
		return arena_printf(e->a, "%lld or %lld", (long long)lo, (long long)hi);
	return arena_printf(e->a, "%lld to %lld", (long long)lo, (long long)hi);
}

bool
vx_return(struct vx *e)
{
	const struct vs_fault *f = e->f;
	const struct vs_reg *r0;
	struct vs_need *n;
	int64_t lo, hi;
	const char *who;

	if ((f->first != VS_E_RETURN_RANGE && f->first != VS_E_CB_RANGE &&
	     f->first != VS_E_RETURN_RANGE_OLD) || f->nargs < 2 || !e->t->steps.n)
		return false;
	lo = f->args[f->nargs - 2];
	hi = f->args[f->nargs - 1];
	if (f->first == VS_E_RETURN_RANGE_OLD) {
		hi += lo;	/* value and mask */
	}
	r0 = vx_reg(e, 0);
	if (!r0 || r0->type != RT_SCALAR)
		return false;
	e->reg = 0;
	e->val = r0;
	tr_follow(e->env, tr_reg(e->frame, 0), e->step, &e->sl);
	if (f->first == VS_E_CB_RANGE)	/* who calls it back only looks whether it is 0 */
		vx_rule(e);
	who = strstr(e->env->r->kernel_message, "callback") ? "this callback" : vx_program(e);
	if (tnum_is_const(r0->var))
		vx_headline(e, "%lld is returned, but %s must return %s",
			    r0->umax > INT32_MAX && r0->umax <= UINT32_MAX
			    ? (long long)(int32_t)r0->umax : (long long)r0->smax, who,
			    verdicts(e, lo, hi));
	else
		vx_headline(e, "%s may be returned, but %s must return %s", vx_range(e, r0), who,
			    verdicts(e, lo, hi));
	vx_at(e, "returned here");
	vx_history(e, &e->sl);
	n = vx_need(e, NEED_RANGE);
	n->lo = lo;
	n->hi = hi;
	root_at_origin(e, "this is the value returned");
	if (tnum_is_const(r0->var) && e->sl.n && e->sl.nodes[e->sl.n - 1].how == HOW_CONST)
		vx_c_root_returns(e, e->sl.nodes[e->sl.n - 1].def, (int32_t)r0->umax);
	else
		vx_c_root_computed(e, e->x->root);
	vx_help(e, "return %s", verdicts(e, lo, hi));
	return true;
}

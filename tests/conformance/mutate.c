/* SPDX-License-Identifier: MIT */
/* mutate.c: broken variants of programs that people wrote: one to three changes of the kind
 * that blunders are made of (a check is gone, an access wider, an operand another register, a
 * call another call), and of the kind that no compiler makes (a flipped bit).
 *
 * A change keeps its place: what goes becomes `goto +0`, so that jumps, relocations and BTF
 * stay as they are. */
#include "corpus.h"

#include "base/str.h"

#include <linux/bpf.h>

struct mutant {
	struct image_prog *p;
	const struct image *im;
	struct arena *a;
	uint64_t random;
	bool *second;		/* per slot: the second half of a wide load */
};

static uint32_t
below(struct mutant *m, uint32_t n)
{
	m->random = m->random * 6364136223846793005u + 1442695040888963407u;
	return n ? (uint32_t)(m->random >> 33) % n : 0;
}

/* ---- what an instruction is ------------------------------------------------------------- */

static bool
is_jump(const struct bpf_insn *in)
{
	uint8_t class = BPF_CLASS(in->code), op = BPF_OP(in->code);

	return (class == BPF_JMP || class == BPF_JMP32) && op != BPF_CALL && op != BPF_EXIT;
}

static bool
is_test(const struct bpf_insn *in)
{
	return is_jump(in) && BPF_OP(in->code) != BPF_JA;
}

static bool
is_alu(const struct bpf_insn *in)
{
	return BPF_CLASS(in->code) == BPF_ALU || BPF_CLASS(in->code) == BPF_ALU64;
}

static bool
is_access(const struct bpf_insn *in)
{
	uint8_t class = BPF_CLASS(in->code);

	return (class == BPF_LDX || class == BPF_ST || class == BPF_STX) &&
	       BPF_MODE(in->code) == BPF_MEM;
}

static bool
is_call(const struct bpf_insn *in)
{
	return in->code == (BPF_JMP | BPF_CALL);
}

static bool
is_helper_call(const struct bpf_insn *in)
{
	return is_call(in) && in->src_reg == 0;
}

static bool
is_kfunc_call(const struct bpf_insn *in)
{
	return is_call(in) && in->src_reg == BPF_PSEUDO_KFUNC_CALL;
}

static bool
has_constant(const struct bpf_insn *in)
{
	return BPF_SRC(in->code) == BPF_K && (is_alu(in) || is_test(in));
}

static bool
is_register_move(const struct bpf_insn *in)
{
	return is_alu(in) && BPF_OP(in->code) == BPF_MOV;
}

static bool
is_narrow(const struct bpf_insn *in)
{
	return !insn_is_wide(in);
}

/* For changes of the program, not of an instruction. */
static bool
is_any(const struct bpf_insn *in)
{
	(void)in;
	return true;
}

static bool
is_map_load(const struct bpf_insn *in)
{
	return insn_is_wide(in) &&
	       (in->src_reg == BPF_PSEUDO_MAP_FD || in->src_reg == BPF_PSEUDO_MAP_VALUE);
}

static bool
is_exit(const struct bpf_insn *in)
{
	return in->code == (BPF_JMP | BPF_EXIT);
}

/* ---- changes ------------------------------------------------------------------------------ */

static void
forget_reloc(struct mutant *m, uint32_t at)
{
	struct image_prog *p = m->p;
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->relocs.n; i++)
		if (p->relocs.at[i].insn != at)
			p->relocs.at[n++] = p->relocs.at[i];
	p->relocs.n = n;
}

static struct image_reloc *
reloc_at(struct mutant *m, uint32_t at)
{
	for (uint32_t i = 0; i < m->p->relocs.n; i++)
		if (m->p->relocs.at[i].insn == at)
			return &m->p->relocs.at[i];
	return NULL;
}

static void
drop(struct mutant *m, uint32_t i)
{
	forget_reloc(m, i);
	m->p->insns[i] = (struct bpf_insn){.code = BPF_JMP | BPF_JA};
}

static void
always_jump(struct mutant *m, uint32_t i)
{
	struct bpf_insn *in = &m->p->insns[i];

	*in = (struct bpf_insn){.code = BPF_JMP | BPF_JA, .off = in->off};
}

static void
other_test(struct mutant *m, uint32_t i)
{
	static const uint8_t ops[] = {BPF_JEQ, BPF_JNE, BPF_JGT, BPF_JGE, BPF_JLT, BPF_JLE,
				      BPF_JSGT, BPF_JSGE, BPF_JSLT, BPF_JSLE, BPF_JSET};
	struct bpf_insn *in = &m->p->insns[i];

	in->code = (uint8_t)((in->code & 0x0f) | ops[below(m, sizeof ops)]);
}

/* The halves of 64-bit tests and arithmetic, or the other way round. */
static void
other_width(struct mutant *m, uint32_t i)
{
	struct bpf_insn *in = &m->p->insns[i];

	in->code ^= (uint8_t)(is_alu(in) ? BPF_ALU ^ BPF_ALU64 : BPF_JMP ^ BPF_JMP32);
}

static void
other_target(struct mutant *m, uint32_t i)
{
	m->p->insns[i].off = (int16_t)(m->p->insns[i].off + (int)below(m, 9) - 4);
}

static void
other_constant(struct mutant *m, uint32_t i)
{
	int32_t *imm = &m->p->insns[i].imm;

	switch (below(m, 8)) {
	case 0: *imm = 0; break;
	case 1: *imm = -1; break;
	case 2: *imm = (int32_t)((uint32_t)*imm + 1); break;
	case 3: *imm = (int32_t)((uint32_t)*imm - 1); break;
	case 4: *imm = (int32_t)((uint32_t)*imm << 1); break;
	case 5: *imm = (int32_t)(0u - (uint32_t)*imm); break;
	case 6: *imm = (int32_t)(1u << below(m, 32)); break;
	default: *imm = (int32_t)((uint32_t)*imm + below(m, 600)); break;
	}
}

static void
other_alu(struct mutant *m, uint32_t i)
{
	struct bpf_insn *in = &m->p->insns[i];

	in->code = (uint8_t)((in->code & 0x0f) | below(m, 14) << 4);
}

static void
other_size(struct mutant *m, uint32_t i)
{
	static const uint8_t sizes[] = {BPF_B, BPF_H, BPF_W, BPF_DW};
	struct bpf_insn *in = &m->p->insns[i];

	in->code = (uint8_t)((in->code & ~0x18) | sizes[below(m, 4)]);
}

static void
other_offset(struct mutant *m, uint32_t i)
{
	static const int steps[] = {1, -1, 2, 4, -4, 8, -8, 16, 64, 256, -512, 4096};
	int16_t *off = &m->p->insns[i].off;

	*off = (int16_t)(*off + steps[below(m, sizeof steps / sizeof *steps)]);
}

/* A load becomes a store of what it would have read, and back. */
static void
other_direction(struct mutant *m, uint32_t i)
{
	struct bpf_insn *in = &m->p->insns[i];
	unsigned dst = in->dst_reg;

	if (BPF_CLASS(in->code) == BPF_ST)
		return;
	in->code = (uint8_t)((in->code & ~7) |
			     (BPF_CLASS(in->code) == BPF_LDX ? BPF_STX : BPF_LDX));
	in->dst_reg = in->src_reg;
	in->src_reg = dst & 0xf;
}

static void
other_dst(struct mutant *m, uint32_t i)
{
	m->p->insns[i].dst_reg = below(m, 11) & 0xf;
}

static void
other_src(struct mutant *m, uint32_t i)
{
	m->p->insns[i].src_reg = below(m, 11) & 0xf;
}

/* Another that the program calls anyway, or any. */
static void
other_helper(struct mutant *m, uint32_t i)
{
	struct image_prog *p = m->p;
	uint32_t from = below(m, p->ninsns), end = below(m, 2) ? p->ninsns : 0;

	p->insns[i].imm = (int32_t)(1 + below(m, 211));
	for (uint32_t n = 0; n < end; n++) {
		uint32_t at = (from + n) % p->ninsns;

		if (at != i && !m->second[at] && is_helper_call(&p->insns[at])) {
			p->insns[i].imm = p->insns[at].imm;
			return;
		}
	}
}

static void
other_kfunc(struct mutant *m, uint32_t i)
{
	static const char *const names[] = {
		"bpf_rcu_read_lock", "bpf_rcu_read_unlock", "bpf_obj_new_impl",
		"bpf_obj_drop_impl", "bpf_task_acquire", "bpf_task_release",
		"bpf_task_from_pid", "bpf_cgroup_from_id", "bpf_cgroup_release",
		"bpf_cpumask_create", "bpf_cpumask_release", "bpf_cpumask_set_cpu",
		"bpf_iter_num_new", "bpf_iter_num_next", "bpf_iter_num_destroy",
		"bpf_dynptr_from_skb", "bpf_dynptr_slice", "bpf_dynptr_size",
		"bpf_list_push_front_impl", "bpf_rbtree_first", "bpf_cast_to_kern_ctx",
		"bpf_rdonly_cast", "bpf_preempt_disable", "bpf_preempt_enable", "bpf_throw",
		"bpf_local_irq_save", "bpf_get_kmem_cache", "bpf_skb_ct_lookup",
	};
	struct image_reloc *r = reloc_at(m, i);

	if (r)
		r->name = names[below(m, sizeof names / sizeof *names)];
}

static void
other_map(struct mutant *m, uint32_t i)
{
	struct image_reloc *r = reloc_at(m, i);

	if (r && r->kind == RELOC_MAP)
		r->map = below(m, m->im->maps.n);
	else if (r && r->kind == RELOC_MAP_VALUE)
		m->p->insns[i + 1].imm = (int32_t)(r->addend += below(m, 64));
}

static void
swap_with_next(struct mutant *m, uint32_t i)
{
	struct bpf_insn *in = m->p->insns, old = in[i];

	if (i + 1 >= m->p->ninsns || insn_is_wide(&in[i + 1]) || reloc_at(m, i) ||
	    reloc_at(m, i + 1))
		return;
	in[i] = in[i + 1];
	in[i + 1] = old;
}

static void
repeat_earlier(struct mutant *m, uint32_t i)
{
	uint32_t from = below(m, m->p->ninsns);

	if (m->second[from] || insn_is_wide(&m->p->insns[from]) || reloc_at(m, from))
		return;
	forget_reloc(m, i);
	m->p->insns[i] = m->p->insns[from];
}

static void
load_constant(struct mutant *m, uint32_t i)
{
	unsigned dst = m->p->insns[i].dst_reg;

	forget_reloc(m, i);
	m->p->insns[i] = (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = dst & 0xf,
					   .imm = (int32_t)below(m, 100)};
}

static void
flip_bit(struct mutant *m, uint32_t i)
{
	((uint8_t *)&m->p->insns[i])[below(m, 8)] ^= (uint8_t)(1 << below(m, 8));
}

static void
other_type(struct mutant *m, uint32_t i)
{
	(void)i;
	m->p->type = 1 + below(m, 32);
	if (below(m, 2))
		m->p->expected_attach = below(m, 60);
}

static void
other_attach(struct mutant *m, uint32_t i)
{
	(void)i;
	m->p->expected_attach = below(m, 60);
}

static void
other_licence(struct mutant *m, uint32_t i)
{
	(void)i;
	m->p->license = "Proprietary";
}

static void
other_flags(struct mutant *m, uint32_t i)
{
	(void)i;
	m->p->flags ^= 1u << below(m, 8);
	m->p->sleepable = false;	/* a flag of its own by now */
}

static const struct change {
	const char *name;
	bool (*fits)(const struct bpf_insn *in);
	void (*apply)(struct mutant *m, uint32_t i);
} changes[] = {
	{"drop the test", is_test, drop},
	{"always jump", is_test, always_jump},
	{"other test", is_test, other_test},
	{"other target", is_jump, other_target},
	{"other width of test", is_test, other_width},
	{"other width", is_alu, other_width},
	{"other constant", has_constant, other_constant},
	{"other operation", is_alu, other_alu},
	{"other size", is_access, other_size},
	{"other offset", is_access, other_offset},
	{"other direction", is_access, other_direction},
	{"other destination", is_access, other_dst},
	{"other source", is_access, other_src},
	{"other destination of a move", is_register_move, other_dst},
	{"other source of a move", is_register_move, other_src},
	{"drop the call", is_call, drop},
	{"other helper", is_helper_call, other_helper},
	{"other kernel function", is_kfunc_call, other_kfunc},
	{"other map", is_map_load, other_map},
	{"drop", is_narrow, drop},
	{"swap with the next", is_narrow, swap_with_next},
	{"repeat another", is_narrow, repeat_earlier},
	{"a constant instead", is_narrow, load_constant},
	{"no exit", is_exit, drop},
	{"flip a bit", is_narrow, flip_bit},
	{"other type", is_any, other_type},
	{"other attach type", is_any, other_attach},
	{"other licence", is_any, other_licence},
	{"other flags", is_any, other_flags},
};

/* ---- a variant -------------------------------------------------------------------------------- */

static struct image_prog *
copy_of(const struct image_prog *p, struct arena *a)
{
	struct image_prog *q = arena_new(a, struct image_prog);

	*q = *p;
	q->insns = arena_array(a, struct bpf_insn, p->ninsns + 1);
	memcpy(q->insns, p->insns, p->ninsns * sizeof *p->insns);
	memset(&q->relocs, 0, sizeof q->relocs);
	for (uint32_t i = 0; i < p->relocs.n; i++)
		vec_push(a, &q->relocs, p->relocs.at[i]);
	return q;
}

static void
mark_seconds(struct mutant *m)
{
	m->second = arena_array(m->a, bool, m->p->ninsns + 1);
	for (uint32_t i = 0; i + 1 < m->p->ninsns; i++)
		if (insn_is_wide(&m->p->insns[i]))
			m->second[++i] = true;
}

/* A change of a random kind at a random place that it fits; what it was, for the name. */
static const char *
change(struct mutant *m)
{
	for (;;) {
		const struct change *c = &changes[below(m, sizeof changes / sizeof *changes)];
		uint32_t from = below(m, m->p->ninsns);

		for (uint32_t n = 0; n < m->p->ninsns; n++) {
			uint32_t i = (from + n) % m->p->ninsns;

			if (m->second[i] || !c->fits(&m->p->insns[i]))
				continue;
			c->apply(m, i);
			return c->fits == is_any
				       ? arena_printf(m->a, "%s (%u, %u, %#x)", c->name,
						      m->p->type, m->p->expected_attach,
						      m->p->flags)
				       : arena_printf(m->a, "%s @%u", c->name, i);
		}
	}
}

struct mutants {
	const struct corpus *base;
	uint32_t each;
	uint64_t seed;
};

static const char *
name_of(void *self, uint32_t i)
{
	const struct mutants *ms = self;

	return ms->base->name(ms->base->self, i / ms->each);
}

static void
get(void *self, uint32_t i, struct arena *a, struct corpus_case *c)
{
	const struct mutants *ms = self;
	struct mutant m = {.a = a};
	uint32_t n;

	ms->base->get(ms->base->self, i / ms->each, a, c);
	m.im = c->im;
	m.p = copy_of(c->prog, a);
	m.random = ms->seed * 0x9e3779b97f4a7c15u + i;
	for (n = 0; n < 4; n++)		/* neighbouring seeds begin alike */
		below(&m, 2);
	mark_seconds(&m);
	n = below(&m, 3) ? 1 : 2 + below(&m, 2);
	c->name = arena_printf(a, "%s~%u", c->name, i % ms->each);
	while (m.p->ninsns > 1 && n-- > 0) {
		c->name = arena_printf(a, "%s, %s", c->name, change(&m));
		mark_seconds(&m);
	}
	c->prog = m.p;
}

struct corpus
corpus_of_mutants(const struct corpus *base, uint32_t each, uint64_t seed, struct arena *a)
{
	struct mutants *ms = arena_new(a, struct mutants);

	*ms = (struct mutants){base, each, seed};
	return (struct corpus){base->count * each, name_of, get, ms};
}

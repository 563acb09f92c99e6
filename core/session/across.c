/* SPDX-License-Identifier: MIT */
/* across.c: see across.h. */
#include "across.h"

#include "facts/facts.h"
#include "object/elf_read.h"

enum { MAX_SWITCHES = 16 };

/* ---- what a kernel lacks ------------------------------------------------------------- */

static const char *
lacks(struct arena *a, const char *what, uint16_t has, uint16_t kernel, uint16_t *since)
{
	if (!has || has <= kernel)
		return NULL;
	*since = has;
	return arena_printf(a, "%s not exist there", what);
}

static const char *
feature_lacks(struct arena *a, enum fact_feature f, uint16_t kernel, uint16_t *since)
{
	return lacks(a, arena_printf(a, "%s do", fact_feature_what(f)), fact_feature_since(f),
		     kernel, since);
}

static const struct image_reloc *
reloc_at(const struct image_prog *p, uint32_t insn)
{
	for (uint32_t i = 0; i < p->relocs.n; i++)
		if (p->relocs.at[i].insn == insn)
			return &p->relocs.at[i];
	return NULL;
}

static const char *
call_lacks(struct arena *a, const struct image_prog *p, uint32_t at, uint16_t kernel,
	   uint16_t *since)
{
	const struct bpf_insn *in = &p->insns[at];
	const struct image_reloc *r = reloc_at(p, at);
	const struct fact_helper *h = in->src_reg == 0 ? fact_helper((uint32_t)in->imm) : NULL;
	const struct fact_kfunc *k = r && r->kind == RELOC_KFUNC ? fact_kfunc_named(str_of(r->name))
								 : NULL;

	if (h)
		return lacks(a, arena_printf(a, "`bpf_%s` does", h->name), h->since, kernel, since);
	if (k)
		return lacks(a, arena_printf(a, "`%s` does", k->name), k->since, kernel, since);
	return NULL;
}

/* Instructions that later kernels added. */
static const char *
insn_lacks(struct arena *a, const struct bpf_insn *in, uint16_t kernel, uint16_t *since)
{
	uint8_t class = BPF_CLASS(in->code), op = BPF_OP(in->code);
	bool alu = class == BPF_ALU || class == BPF_ALU64;

	if (class == BPF_STX && BPF_MODE(in->code) == BPF_ATOMIC && in->imm != BPF_ADD)
		return feature_lacks(a, in->imm == 0x100 || in->imm == 0x110
					? FACT_HAS_LOAD_ACQUIRE : FACT_HAS_FETCH_ATOMICS,
				     kernel, since);
	if ((class == BPF_LDX && BPF_MODE(in->code) == 0x80) ||		/* sign-extending load */
	    (class == BPF_JMP32 && op == BPF_JA) ||
	    (class == BPF_ALU64 && op == BPF_END) ||
	    (alu && op == BPF_MOV && BPF_SRC(in->code) == BPF_X && in->off) ||
	    (alu && (op == BPF_DIV || op == BPF_MOD) && in->off))
		return feature_lacks(a, FACT_HAS_CPU_V4, kernel, since);
	if (class == BPF_JMP && op == 0xe0)
		return feature_lacks(a, FACT_HAS_MAY_GOTO, kernel, since);
	if (class == BPF_JMP32)
		return feature_lacks(a, FACT_HAS_JMP32, kernel, since);
	if (class == BPF_JMP && op != BPF_CALL && op != BPF_EXIT && in->off < 0)
		return feature_lacks(a, FACT_HAS_BOUNDED_LOOPS, kernel, since);
	return NULL;
}

static const char *
map_lacks(struct arena *a, const struct checked *c, uint16_t kernel, uint16_t *since)
{
	const struct image_prog *p = c->prog;
	const char *what = NULL;

	for (uint32_t i = 0; !what && i < p->relocs.n; i++) {
		const struct image_reloc *r = &p->relocs.at[i];
		uint32_t type = r->map < c->image->maps.n ? c->image->maps.at[r->map]->type : 0;
		const struct fact_map_type *m = r->kind == RELOC_MAP ? fact_map_type(type) : NULL;

		if (r->kind == RELOC_MAP_VALUE && type == BPF_MAP_TYPE_PERCPU_ARRAY)
			what = feature_lacks(a, FACT_HAS_PERCPU_DATA, kernel, since);
		if (m)
			what = lacks(a, arena_printf(a, "maps of type %s do", m->name), m->since,
				     kernel, since);
	}
	return what;
}

const char *
across_missing(struct arena *a, const struct checked *c, uint16_t *since)
{
	const struct image_prog *p = c->prog;
	const struct fact_prog_type *t = fact_prog_type(p->type);
	const struct fact_attach_type *at = fact_attach_type(p->expected_attach);
	uint16_t kernel = c->opts->kernel;
	uint32_t insn = c->result->insn;
	const char *what = NULL;

	if (t)
		what = lacks(a, arena_printf(a, "programs of type %s do", t->name), t->since,
			     kernel, since);
	if (!what && insn < p->ninsns)
		what = p->insns[insn].code == (BPF_JMP | BPF_CALL)
			? call_lacks(a, p, insn, kernel, since)
			: insn_lacks(a, &p->insns[insn], kernel, since);
	if (!what)
		what = map_lacks(a, c, kernel, since);
	if (!what && p->sleepable && (p->type == BPF_PROG_TYPE_TRACEPOINT ||
				      p->type == BPF_PROG_TYPE_RAW_TRACEPOINT ||
				      p->expected_attach == BPF_TRACE_RAW_TP))
		what = feature_lacks(a, FACT_HAS_SLEEPABLE_TRACEPOINTS, kernel, since);
	/* Last: old kernels ignore attach types that they can do without. */
	if (!what && at)
		what = lacks(a, arena_printf(a, "attach type %s does", at->name), at->since, kernel,
			     since);
	return what;
}

/* ---- between two kernels ------------------------------------------------------------- */

/* Version numbers as one row without gaps: 5.0 to 5.19, 6.0 to 6.19, 7.0 ... */
enum { MINORS = 20 };

static unsigned
ordinal(uint16_t k)
{
	return (k >> 8) * MINORS + ((k & 0xff) < MINORS ? (k & 0xffu) : MINORS - 1);
}

static bool
same_answer(const struct verify_result *x, const struct verify_result *y)
{
	return x->verdict == y->verdict &&
		(x->verdict != VERDICT_REJECT || !strcmp(x->code ? x->code : "",
							 y->code ? y->code : ""));
}

uint16_t
across_change(const struct checked *old, const struct checked *newer)
{
	unsigned lo = ordinal(old->opts->kernel), hi = ordinal(newer->opts->kernel);

	while (hi - lo > 1) {
		unsigned mid = lo + (hi - lo) / 2;
		struct verify_opts o = *old->opts;
		struct verify_result r;
		struct arena a;

		arena_init(&a);
		o.kernel = KVER(mid / MINORS, mid % MINORS);
		o.log_level = 0;
		o.patch = 0;
		o.config = NULL;	/* neither kernel's */
		verify_prog(old->image, old->prog, &o, &a, &r);
		if (same_answer(&r, newer->result))
			hi = mid;
		else
			lo = mid;
		arena_free(&a);
	}
	return KVER(hi / MINORS, hi % MINORS);
}

static const char *
verdict_words(enum verdict v)
{
	return v == VERDICT_ACCEPT ? "accepted" : v == VERDICT_REJECT ? "rejected"
	     : "not judged";
}

/* Why this kernel says no, in as few words as there are. */
static const char *
refusal(struct arena *a, const struct checked *c, uint16_t *since)
{
	const struct verify_result *r = c->result;
	const char *what = across_missing(a, c, since);

	if (!what && r->code)
		what = verify_headline(r->code);
	if (!what)
		what = r->kernel_message;
	return what ? what : "no reason given";
}

static void
one_change(struct buf *out, const struct checked *old, const struct checked *newer)
{
	const struct verify_result *x = old->result, *y = newer->result;
	bool worse = x->verdict == VERDICT_ACCEPT && y->verdict == VERDICT_REJECT;
	uint16_t since = 0;
	const char *why;

	if (worse || x->verdict != VERDICT_REJECT) {
		why = y->verdict == VERDICT_REJECT ? refusal(out->arena, newer, &since) : NULL;
		since = across_change(old, newer);
		buf_printf(out, "%s from %u.%u on", verdict_words(y->verdict), since >> 8,
			   since & 0xff);
	} else {
		why = refusal(out->arena, old, &since);
		if (!since || y->verdict != VERDICT_ACCEPT)
			since = across_change(old, newer);
		buf_printf(out, "rejected before %u.%u", since >> 8, since & 0xff);
	}
	if (why)
		buf_printf(out, ": %s", why);
	if (x->verdict == VERDICT_REJECT && y->verdict == VERDICT_REJECT) {
		uint16_t ignored = 0;

		buf_printf(out, "; then for another reason: %s",
			   refusal(out->arena, newer, &ignored));
	}
	buf_putc(out, '\n');
}

void
across_kernels(struct buf *out, const struct checked *all, unsigned n)
{
	for (unsigned i = 1; i < n; i++)
		if (!same_answer(all[i - 1].result, all[i].result))
			one_change(out, &all[i - 1], &all[i]);
}

/* ---- switches ------------------------------------------------------------------------ */

/* Judge with one byte of a read-only map's contents turned over. */
static void
judge_turned(const struct checked *c, uint32_t map, uint32_t offset, struct arena *a,
	     struct verify_result *r)
{
	struct image im = *c->image;
	struct image_map *m = arena_new(a, struct image_map);
	struct image_map **maps = arena_array(a, struct image_map *, im.maps.n);
	uint8_t *data;
	struct verify_opts o = *c->opts;

	*m = *im.maps.at[map];
	data = arena_alloc(a, m->data_size);
	memcpy(data, m->data, m->data_size);
	data[offset] = !data[offset];
	m->data = data;
	memcpy(maps, im.maps.at, im.maps.n * sizeof *maps);
	maps[map] = m;
	im.maps.at = maps;
	o.log_level = 0;
	verify_prog(&im, c->prog, &o, a, r);
}

static void
try_switch(struct buf *out, const struct checked *c, uint32_t map, uint32_t offset,
	   const char *name)
{
	const struct image_map *m = c->image->maps.at[map];
	bool is_set = ((const uint8_t *)m->data)[offset];
	struct verify_result r;
	struct arena a;

	arena_init(&a);
	judge_turned(c, map, offset, &a, &r);
	if (!same_answer(&r, c->result)) {
		buf_printf(out, "judged with `%s` %s; with --set %s=%d it would be %s", name,
			   is_set ? "true" : "false", name, !is_set, verdict_words(r.verdict));
		if (r.verdict == VERDICT_REJECT && r.code)
			buf_printf(out, ": %s (%s)", verify_headline(r.code), r.code);
		buf_putc(out, '\n');
	}
	arena_free(&a);
}

static bool
uses_map(const struct image_prog *p, uint32_t map, uint32_t offset)
{
	for (uint32_t i = 0; i < p->relocs.n; i++) {
		const struct image_reloc *r = &p->relocs.at[i];

		if (r->kind == RELOC_MAP_VALUE && r->map == map && r->addend == offset)
			return true;
	}
	return false;
}

void
across_switches(struct buf *out, const struct checked *c)
{
	unsigned tried = 0;
	struct elf_var v;

	for (uint32_t i = 0; tried < MAX_SWITCHES && elf_var(c->image, i, &v); i++) {
		if (!v.is_bool || !v.read_only || !v.size || !c->image->maps.at[v.map]->data ||
		    !uses_map(c->prog, v.map, v.offset))
			continue;
		tried++;
		try_switch(out, c, v.map, v.offset, v.name);
	}
}

/* SPDX-License-Identifier: MIT */
/* elf_prog.c: programs: each entry function with the subprograms it reaches, linked.
 *
 * Functions of .text are subprograms, copied behind every program that calls them, in the
 * order in which the calls are met (depth first): the order libbpf uses, so instruction
 * numbers are the kernel's. Operands that name maps, variables and kernel symbols become
 * relocations of the image. */
#include "elf_private.h"

#include "base/suggest.h"
#include "facts/facts.h"

#include <stdlib.h>

enum {
	RELOC_64_64 = 1,	/* R_BPF_64_64: a wide load */
	RELOC_64_32 = 10,	/* R_BPF_64_32: a call */
	MAX_CALL_DEPTH = 64,	/* while linking; the verifier allows eight frames */
	MAX_INSNS = 1000000,
};

struct link {
	struct reader *r;
	struct image_prog *p;
	VEC(struct bpf_insn) insns;
	uint32_t *placed;	/* per function: slot + 1 where it stands, 0 not yet */
	struct elf_info info;
	const struct function *f;	/* whose operands are looked at, and where it stands */
	uint32_t base;
	bool failed;
};

/* ---- functions ------------------------------------------------------------------------------- */

static int
by_place(const void *x, const void *y)
{
	const struct function *a = x, *b = y;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	return a->start < b->start ? -1 : a->start > b->start;
}

static void
collect_functions(struct reader *r)
{
	for (uint32_t i = 0; i < r->elf.nsymbols; i++) {
		const struct elf_symbol *s = &r->elf.symbols[i];
		const struct elf_section *sec;
		struct function f;

		if (s->type != STT_FUNC || !s->section || s->section >= r->elf.nsections ||
		    r->roles[s->section] != ROLE_CODE)
			continue;
		sec = &r->elf.sections[s->section];
		if (s->value % 8 || s->size % 8 || s->size == 0 || s->value > sec->size ||
		    s->size > sec->size - s->value || s->size / 8 > MAX_INSNS) {
			diag_error(r->ds, "O0030", r->at,
				   "function `%s` does not lie in its section", s->name);
			continue;
		}
		f = (struct function){s->name, s->section, (uint32_t)(s->value / 8),
				      (uint32_t)(s->size / 8), s->bind != STB_LOCAL, 0, NULL,
				      NULL};
		f.global &= s->visibility == STV_DEFAULT || s->visibility == STV_PROTECTED;
		if (r->btf)
			f.btf = btf_find(r->btf, str_of(s->name), BTF_KIND_FUNC);
		vec_push(r->a, &r->functions, f);
	}
	if (r->functions.n)
		qsort(r->functions.at, r->functions.n, sizeof *r->functions.at, by_place);
}

const struct function *
elf_function_at(const struct reader *r, uint32_t section, uint64_t slot)
{
	uint32_t lo = 0, hi = r->functions.n;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		const struct function *f = &r->functions.at[mid];

		if (f->section < section || (f->section == section && f->start < slot))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < r->functions.n && r->functions.at[lo].section == section &&
		       r->functions.at[lo].start == slot ? &r->functions.at[lo] : NULL;
}

/* ---- operands ----------------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4)))
static struct diag *
bad_operand(struct link *l, uint32_t slot, const char *fmt, ...)
{
	struct reader *r = l->r;
	struct diag *d;
	va_list ap;

	va_start(ap, fmt);
	d = diag_error(r->ds, "O0031", l->f ? elf_place(r, l->f, slot - l->base) : r->at, "%s",
		       arena_vprintf(r->a, fmt, ap));
	va_end(ap);
	diag_note(r->ds, d, "instruction %u of `%s`", slot, l->p->name);
	l->failed = true;
	return d;
}

static void
not_defined(struct link *l, uint32_t slot, const char *name)
{
	struct diag *d = bad_operand(l, slot, "`%s` is not defined in this object", name);

	diag_help(l->r->ds, d, "where another object defines it, join the two and check what "
		  "comes out: bpftool gen object BOTH.o A.o B.o");
	diag_help(l->r->ds, d, "where the kernel has it, declare it with __ksym, or with "
		  "__kconfig where its configuration tells the value");
}

static void
add_reloc(struct link *l, struct image_reloc x)
{
	vec_push(l->r->a, &l->p->relocs, x);
}

/* A wide load of something undefined: a variable of the configuration or of the kernel. */
static void
load_extern(struct link *l, uint32_t at, const struct elf_symbol *sym)
{
	const struct extern_var *e = elf_extern(l->r, sym->name);
	struct bpf_insn *in = &l->insns.at[at];

	if (!e) {
		not_defined(l, at, sym->name);
		return;
	}
	if (e->kconfig) {
		in->src_reg = BPF_PSEUDO_MAP_VALUE;
		in[1].imm = (__s32)e->offset;
		add_reloc(l, (struct image_reloc){.insn = at, .kind = RELOC_MAP_VALUE,
						  .map = l->r->kconfig_map - 1,
						  .addend = e->offset});
		return;
	}
	/* Without a type (`extern const void x __ksym`) it is a bare address. */
	in->src_reg = e->typed ? BPF_PSEUDO_BTF_ID : 0;
	in->imm = 0;
	in[1].imm = 0;
	add_reloc(l, (struct image_reloc){.insn = at, .kind = RELOC_KSYM, .name = sym->name,
					  .weak = sym->bind == STB_WEAK});
}

static uint32_t place_function(struct link *l, const struct function *f, int depth);

static void
load_function(struct link *l, uint32_t at, const struct elf_symbol *sym, uint64_t addend,
	      int depth)
{
	const struct function *f = elf_function_at(l->r, sym->section,
						   (sym->value + addend) / 8);
	uint32_t to;

	if (!f) {
		bad_operand(l, at, "`%s` is not the start of a function", sym->name);
		return;
	}
	to = place_function(l, f, depth);
	l->insns.at[at].src_reg = BPF_PSEUDO_FUNC;
	l->insns.at[at].imm = (__s32)(to - at - 1);
	l->insns.at[at + 1].imm = 0;
	add_reloc(l, (struct image_reloc){.insn = at, .kind = RELOC_FUNC, .name = f->name});
}

static void
load_address(struct link *l, uint32_t at, const struct elf_symbol *sym, int depth)
{
	struct reader *r = l->r;
	struct bpf_insn *in = &l->insns.at[at];
	uint64_t addend = (uint32_t)in->imm, offset = sym->value + addend;
	const struct map_place *map = elf_map_of(r, sym, addend);
	enum section_role role = sym->section < r->elf.nsections ? r->roles[sym->section]
								 : ROLE_NONE;

	if (!sym->section) {
		load_extern(l, at, sym);
	} else if (map && map->bad) {
		l->failed = true;
	} else if (map) {
		in->src_reg = BPF_PSEUDO_MAP_FD;
		in->imm = 0;
		add_reloc(l, (struct image_reloc){.insn = at, .kind = RELOC_MAP, .map = map->map});
	} else if (role == ROLE_CODE) {
		load_function(l, at, sym, addend, depth);
	} else if ((role == ROLE_DATA || role == ROLE_ARENA) && r->data_map[sym->section] &&
		   offset <= UINT32_MAX) {
		in->src_reg = BPF_PSEUDO_MAP_VALUE;
		in->imm = 0;
		in[1].imm = (__s32)offset;
		add_reloc(l, (struct image_reloc){.insn = at, .kind = RELOC_MAP_VALUE,
						  .map = r->data_map[sym->section] - 1,
						  .addend = (uint32_t)offset});
	} else {
		bad_operand(l, at, "`%s` is neither a map nor a variable", sym->name);
	}
}

/* A call of something undefined: a kernel function. */
static void
call_kernel(struct link *l, uint32_t at, const struct elf_symbol *sym)
{
	enum { POISON_KFUNC = 2002000000 };
	struct reader *r = l->r;
	struct bpf_insn *in = &l->insns.at[at];
	bool weak = sym->bind == STB_WEAK;

	in->src_reg = BPF_PSEUDO_KFUNC_CALL;
	in->imm = 0;
	if (weak && r->target && !btf_find(r->target, str_of(sym->name), BTF_KIND_FUNC)) {
		in->src_reg = 0;
		in->imm = POISON_KFUNC;
		return;
	}
	add_reloc(l, (struct image_reloc){.insn = at, .kind = RELOC_KFUNC, .name = sym->name,
					  .weak = weak});
}

static void
call_function(struct link *l, uint32_t at, uint32_t section, int64_t slot, int depth)
{
	const struct function *f = slot >= 0 ? elf_function_at(l->r, section, (uint64_t)slot)
					     : NULL;
	uint32_t to;

	if (!f) {
		bad_operand(l, at, "this calls what is not the start of a function");
		return;
	}
	to = place_function(l, f, depth);
	l->insns.at[at].imm = (__s32)(to - at - 1);
}

static const struct elf_reloc *
reloc_of(const struct elf_reloc *rel, uint32_t n, uint64_t offset)
{
	uint32_t lo = 0, hi = n;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (rel[mid].offset < offset)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && rel[lo].offset == offset ? &rel[lo] : NULL;
}

/* Resolve the operands of one function, which stands at `base`. */
static void
link_function(struct link *l, const struct function *f, uint32_t base, int depth)
{
	struct reader *r = l->r;
	uint32_t n;
	const struct elf_reloc *rel = elf_relocs(&r->elf, f->section, &n, r->a);

	for (uint32_t i = 0; i < f->n && !l->failed; i++) {
		const struct elf_reloc *x = reloc_of(rel, n, (uint64_t)(f->start + i) * 8);
		const struct elf_symbol *sym = x ? &r->elf.symbols[x->symbol] : NULL;
		struct bpf_insn *in = &l->insns.at[base + i];
		bool call = in->code == (BPF_JMP | BPF_CALL);

		l->f = f;
		l->base = base;
		if (insn_is_wide(in)) {
			if (i + 1 >= f->n)
				bad_operand(l, base + i, "this wide load is cut in the middle");
			else if (x)
				load_address(l, base + i, sym, depth);
			i++;
		} else if (x && call && !sym->section) {
			call_kernel(l, base + i, sym);
		} else if (x && call) {
			call_function(l, base + i, sym->section,
				      (int64_t)(sym->value / 8) + in->imm + 1, depth);
		} else if (call && in->src_reg == BPF_PSEUDO_CALL) {
			call_function(l, base + i, f->section,
				      (int64_t)f->start + i + in->imm + 1, depth);
		} else if (x) {
			bad_operand(l, base + i, "this instruction cannot refer to `%s`", sym->name);
		}
	}
}

/* Where the function stands in the program; put there, with all it calls, when it does not. */
static uint32_t
place_function(struct link *l, const struct function *f, int depth)
{
	struct reader *r = l->r;
	uint32_t *placed = &l->placed[f - r->functions.at], base = l->insns.n;
	struct image_subprog sub = {base, f->name, f->btf, f->global};

	if (*placed)
		return *placed - 1;
	if (depth > MAX_CALL_DEPTH || f->n > MAX_INSNS - base) {
		bad_operand(l, base, "the program is too large or its calls nest too deeply");
		return 0;
	}
	*placed = base + 1;
	vec_reserve(r->a, &l->insns, base + f->n);
	memcpy(l->insns.at + base, r->elf.sections[f->section].data + (size_t)f->start * 8,
	       (size_t)f->n * 8);
	l->insns.n += f->n;
	vec_push(r->a, &l->p->subprogs, sub);
	elf_take_info(r, f, base, &l->info);
	if (!elf_apply_core(r, f, l->p, l->insns.at + base, base))
		l->failed = true;
	link_function(l, f, base, depth + 1);
	return base;
}

/* The function that a tag on the program names to be called when it throws. Null when there
 * is none, or two: then the kernel has the last word. */
static const struct function *
exception_callback(const struct reader *r, const struct function *f)
{
	static const char prefix[] = "exception_callback:";
	const struct function *found = NULL;
	const char *name = NULL;

	for (uint32_t id = 1; r->btf && f->btf && id < btf_count(r->btf); id++) {
		const struct btf_decl_tag *tag = btf_decl_tag_of(r->btf, id);
		const char *text = btf_name(r->btf, id);

		if (!tag || tag->component_idx != -1 || btf_target(r->btf, id) != f->btf ||
		    strncmp(text, prefix, sizeof prefix - 1))
			continue;
		if (name)
			return NULL;
		name = text + sizeof prefix - 1;
	}
	for (uint32_t i = 0; name && i < r->functions.n; i++) {
		const struct function *g = &r->functions.at[i];

		if (!strcmp(g->name, name) && g->global &&
		    !strcmp(r->elf.sections[g->section].name, ".text"))
			found = g;
	}
	return found;
}

static bool
link_program(struct reader *r, const struct function *f, struct image_prog *p)
{
	const struct function *callback = exception_callback(r, f);
	struct link l = {.r = r, .p = p};

	l.placed = arena_array(r->a, uint32_t, r->functions.n);
	place_function(&l, f, 0);
	if (callback)
		place_function(&l, callback, 0);
	p->insns = l.insns.at;
	p->ninsns = l.insns.n;
	p->func_info = l.info.funcs.at;
	p->nfunc_info = l.info.funcs.n == p->subprogs.n ? l.info.funcs.n : 0;
	p->line_info = l.info.lines.at;
	p->nline_info = l.info.lines.n;
	elf_make_spans(r, p);
	if (!p->nfunc_info)	/* kernels take both or neither */
		p->nline_info = 0;
	for (uint32_t i = 0; i < r->functions.n; i++)
		if (l.placed[i])
			elf_take_homes(r, &r->functions.at[i], l.placed[i] - 1, p);
	return !l.failed;
}

/* ---- what kind of program ----------------------------------------------------------------------- */

static void
unknown_section(struct reader *r, const struct function *f, const char *section)
{
	struct suggest near = suggest_start(str_of(section));
	const struct fact_section *s;
	struct diag *d;

	d = diag_error(r->ds, "O0010", elf_place(r, f, 0),
		       "section `%s` does not say what type of program `%s` is", section, f->name);
	for (uint32_t i = 0; (s = fact_section_at(i)); i++)
		suggest_offer(&near, str_of(s->prefix));
	if (near.best.p)
		diag_help(r->ds, d, "did you mean section `%.*s`?", STR_ARG(near.best));
	diag_help(r->ds, d, "name the type: --type xdp, --type tracepoint, ...");
}

static bool
set_type(struct reader *r, const struct function *f, struct image_prog *p)
{
	const char *name = r->elf.sections[f->section].name;
	const struct fact_section *s;
	str rest = {NULL, 0};

	p->section = name;
	if (*name == '?')		/* libbpf: not loaded unless asked for */
		name++;
	s = fact_section(str_of(name), &rest);
	if (r->o->type) {
		p->type = r->o->type;
		p->expected_attach = r->o->attach;
	} else if (!s) {
		unknown_section(r, f, name);
		return false;
	} else {
		p->type = s->prog_type;
		p->expected_attach = s->attach_type;
	}
	if (s && s->sleepable) {
		p->sleepable = true;
		p->flags |= BPF_F_SLEEPABLE;
	}
	if (s && s->frags)
		p->flags |= BPF_F_XDP_HAS_FRAGS;
	if (s && s->target && rest.n)
		p->attach_target = arena_strndup(r->a, rest.p, rest.n);
	elf_set_ops(r, f, p);
	return true;
}

static bool
in_text(const struct reader *r, const struct function *f)
{
	return !strcmp(r->elf.sections[f->section].name, ".text");
}

/* Several functions in .text and none elsewhere are subprograms that no program calls. */
static bool
only_subprograms(struct reader *r, uint32_t entries)
{
	struct diag *d;

	if (entries || r->functions.n < 2 || r->o->type)
		return false;
	d = diag_error(r->ds, "O0010", r->at, "all functions are in section `.text`, which does not "
		       "say what type of program they are");
	diag_help(r->ds, d, "put what is to be attached into a section that says it: SEC(\"xdp\")");
	diag_help(r->ds, d, "or name the type: --type xdp, --type tracepoint, ...");
	return true;
}

void
elf_read_programs(struct reader *r, const void *bytes, size_t n)
{
	uint32_t entries = 0;

	collect_functions(r);
	elf_read_homes(r, bytes, n);
	elf_read_ops(r);
	for (uint32_t i = 0; i < r->functions.n; i++)
		entries += !in_text(r, &r->functions.at[i]);
	if (only_subprograms(r, entries))
		return;
	for (uint32_t i = 0; i < r->functions.n; i++) {
		const struct function *f = &r->functions.at[i];
		struct image_prog *p;

		if (entries && (in_text(r, f) || !f->global))
			continue;
		p = arena_new(r->a, struct image_prog);
		p->name = f->name;
		p->lisp_name = f->name;
		p->license = r->license;
		if (set_type(r, f, p) && link_program(r, f, p))
			vec_push(r->a, &r->im->progs, p);
	}
}

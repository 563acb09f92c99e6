/* SPDX-License-Identifier: MIT */
/* elf_info.c: what .BTF.ext says about a function: types, source lines, CO-RE. */
#include "elf_private.h"

#include "core_relo.h"

/* Does the block speak of the section that the function lies in, and where does record `i`
 * point, in slots from the function's start? */
static bool
record_slot(const struct reader *r, const struct btf_ext_block *b, uint32_t i,
	    const struct function *f, uint32_t *slot, const void **rec)
{
	uint32_t off;

	*rec = (const uint8_t *)b->records + (size_t)i * b->record_size;
	memcpy(&off, *rec, 4);
	if (strcmp(btf_str(r->btf, b->section), r->elf.sections[f->section].name) ||
	    off % 8 || off / 8 < f->start || off / 8 >= f->start + f->n)
		return false;
	*slot = off / 8 - f->start;
	return true;
}

static void
take_lines(struct reader *r, const struct function *f, uint32_t to, struct elf_info *out)
{
	struct btf_ext_block b;
	uint32_t cursor = 0, slot;
	const char *why;
	const void *rec;

	while (btf_ext_next(r->ext, r->ext_size, BTF_EXT_LINE, &cursor, &b, &why)) {
		for (uint32_t i = 0; i < b.count; i++) {
			struct bpf_line_info li;

			if (!record_slot(r, &b, i, f, &slot, &rec))
				continue;
			memcpy(&li, rec, sizeof li);
			li.insn_off = to + slot;
			/* The kernel wants them in order, one per instruction. */
			if (out->lines.n && vec_last(&out->lines)->insn_off >= li.insn_off)
				continue;
			vec_push(r->a, &out->lines, li);
		}
	}
}

void
elf_take_info(struct reader *r, const struct function *f, uint32_t to, struct elf_info *out)
{
	if (!r->btf || !r->ext)
		return;
	if (f->btf)
		vec_push(r->a, &out->funcs, ((struct bpf_func_info){to, f->btf}));
	take_lines(r, f, to, out);
}

/* ---- source lines ----------------------------------------------------------------------------- */

struct quoted {			/* by line number; null where nothing is quoted */
	VEC(const char *) lines;
};

static struct quoted
quoted_lines(struct reader *r, uint32_t name_off)
{
	struct quoted q = {0};
	struct btf_ext_block b;
	uint32_t cursor = 0;
	const char *why;

	while (btf_ext_next(r->ext, r->ext_size, BTF_EXT_LINE, &cursor, &b, &why)) {
		for (uint32_t i = 0; i < b.count; i++) {
			struct bpf_line_info li;
			uint32_t line;

			memcpy(&li, (const uint8_t *)b.records + (size_t)i * b.record_size,
			       sizeof li);
			line = li.line_col >> 10;
			if (li.file_name_off != name_off || line == 0 || line > 1 << 16)
				continue;
			while (q.lines.n <= line)
				vec_push(r->a, &q.lines, NULL);
			q.lines.at[line] = btf_str(r->btf, li.line_off);
		}
	}
	return q;
}

static str
trimmed(str s)
{
	while (s.n && (*s.p == ' ' || *s.p == '\t'))
		s.p++, s.n--;
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t' || s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

/* Is this the text the object was compiled from? Every line quoted has to be there. */
static bool
agrees(str text, const struct quoted *q)
{
	uint32_t line = 1;

	for (size_t at = 0; at <= text.n && line < q->lines.n; line++) {
		const char *nl = memchr(text.p + at, '\n', text.n - at);
		size_t n = nl ? (size_t)(nl - text.p) - at : text.n - at;
		const char *want = q->lines.at[line];

		if (want && *want && !str_eq(trimmed((str){text.p + at, n}), trimmed(str_of(want))))
			return false;
		at += n + 1;
	}
	while (line < q->lines.n && !q->lines.at[line])
		line++;
	return line >= q->lines.n;
}

/* The text of a source file as it is, or else as far as the records quote it: those lines in
 * their places. */
static uint32_t
source_file(struct reader *r, uint32_t name_off)
{
	const char *name = btf_str(r->btf, name_off);
	struct buf text = buf_new(r->a);
	struct quoted q;
	uint32_t i;
	str whole;

	for (i = 1; i < r->sources->files.n; i++)
		if (!strcmp(r->sources->files.at[i].name, name))
			return i;
	q = quoted_lines(r, name_off);
	if (r->o->source && r->o->source(r->o->source_user, name, &whole) && agrees(whole, &q))
		return sources_add(r->sources, name, whole);
	for (i = 1; i < q.lines.n; i++)
		buf_printf(&text, "%s\n", q.lines.at[i] ? q.lines.at[i] : "");
	if (!text.n)
		return sources_add_name(r->sources, name);
	i = sources_add(r->sources, name, buf_text(&text));
	r->sources->files.at[i].is_quoted = true;
	return i;
}

span
elf_place(struct reader *r, const struct function *f, uint32_t slot)
{
	const struct bpf_line_info *at = NULL;
	struct elf_info info = {0};

	if (r->btf && r->ext)
		take_lines(r, f, 0, &info);
	for (uint32_t i = 0; i < info.lines.n && info.lines.at[i].insn_off <= slot; i++)
		if (info.lines.at[i].line_col >> 10)
			at = &info.lines.at[i];
	return at ? span_line(r->sources, source_file(r, at->file_name_off), at->line_col >> 10,
			      at->line_col & 0x3ff) : r->at;
}

void
elf_make_spans(struct reader *r, struct image_prog *p)
{
	uint32_t next = 0, file = 0, file_name = UINT32_MAX;
	span at = r->at;

	p->src = arena_array(r->a, span, p->ninsns);
	for (uint32_t i = 0; i < p->ninsns; i++) {
		while (next < p->nline_info && p->line_info[next].insn_off <= i) {
			const struct bpf_line_info *li = &p->line_info[next++];

			if (li->line_col >> 10 == 0)	/* of the compiler's own making */
				continue;
			if (li->file_name_off != file_name) {
				file_name = li->file_name_off;
				file = source_file(r, file_name);
			}
			at = span_line(r->sources, file, li->line_col >> 10,
				       li->line_col & 0x3ff);
		}
		p->src[i] = at;
	}
	p->at = p->ninsns ? p->src[0] : r->at;
}

/* ---- CO-RE -------------------------------------------------------------------------------------- */

static bool
apply_one(struct reader *r, const struct function *f, const struct bpf_core_relo *c,
	  struct image_prog *p, struct bpf_insn *insns, uint32_t slot, uint32_t to)
{
	struct core_request rq = {r->btf, r->target, c->type_id,
				  btf_str(r->btf, c->access_str_off), c->kind, &insns[slot],
				  r->a};
	struct image_core keep = {to + slot, c->type_id, rq.access, c->kind};
	struct diag *d;
	const char *why;

	vec_push(r->a, &p->cores, keep);
	if (!r->target || core_relocate(&rq, &why) != CORE_BAD)
		return true;
	d = diag_error(r->ds, "O0020", elf_place(r, f, slot),
		       "CO-RE access %s of `%s` cannot be resolved: %s", rq.access,
		       btf_name(r->btf, c->type_id), why);
	diag_note(r->ds, d, "instruction %u of `%s`", to + slot, p->name);
	return false;
}

bool
elf_apply_core(struct reader *r, const struct function *f, struct image_prog *p,
	       struct bpf_insn *insns, uint32_t to)
{
	struct btf_ext_block b;
	uint32_t cursor = 0, slot;
	const char *why;
	const void *rec;
	bool ok = true;

	if (!r->btf || !r->ext)
		return true;
	while (btf_ext_next(r->ext, r->ext_size, BTF_EXT_CORE, &cursor, &b, &why)) {
		for (uint32_t i = 0; i < b.count; i++) {
			struct bpf_core_relo c;

			if (!record_slot(r, &b, i, f, &slot, &rec))
				continue;
			memcpy(&c, rec, sizeof c);
			if (insn_is_wide(&insns[slot]) && slot + 1 >= f->n)
				continue;
			ok &= apply_one(r, f, &c, p, insns, slot, to);
		}
	}
	return ok;
}

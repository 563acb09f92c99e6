/* SPDX-License-Identifier: MIT */
/* listing.c: see listing.h. */
#include "listing.h"

#include "image/disasm.h"

static const struct image_reloc *
reloc_at(const struct image_prog *p, uint32_t insn)
{
	for (uint32_t i = 0; i < p->relocs.n; i++)
		if (p->relocs.at[i].insn == insn)
			return &p->relocs.at[i];
	return NULL;
}

static void
source_head(struct buf *out, struct sources *s, span at, uint32_t *file, uint32_t *line)
{
	struct line_col lc;
	str text;

	at = span_user(s, at);
	lc = span_line_col(s, at);
	if (!lc.line || (lc.line == *line && span_place(s, at).file == *file))
		return;
	*file = span_place(s, at).file;
	*line = lc.line;
	text = source_line(s, *file, *line);
	while (text.n && (*text.p == ' ' || *text.p == '\t')) {
		text.p++;
		text.n--;
	}
	buf_printf(out, "; %s:%u  %.*s\n", s->files.at[*file].name, *line, STR_ARG(text));
}

static void
subprog_head(struct buf *out, const struct image_prog *p, uint32_t insn)
{
	for (uint32_t i = 0; i < p->subprogs.n; i++)
		if (p->subprogs.at[i].start == insn && (insn || p->subprogs.n > 1))
			buf_printf(out, "%s:\n", p->subprogs.at[i].name);
}

static void
operand_note(struct buf *out, const struct image *im, const struct image_reloc *r)
{
	switch (r->kind) {
	case RELOC_MAP:
		buf_printf(out, "  ; map %s", im->maps.at[r->map]->lisp_name);
		break;
	case RELOC_MAP_VALUE:
		buf_printf(out, "  ; %s+%u", im->maps.at[r->map]->lisp_name, r->addend);
		break;
	case RELOC_KFUNC:
	case RELOC_KSYM:
	case RELOC_FUNC:
		if (r->name)
			buf_printf(out, "  ; %s", r->name);
		break;
	}
}

void
program_listing(struct buf *out, const struct image *im, const struct image_prog *p)
{
	uint32_t file = UINT32_MAX, line = 0;

	buf_printf(out, "%s: %s, %u instructions, %u bytes of stack\n", p->lisp_name, p->section,
		   p->ninsns, p->stack_bytes);
	for (uint32_t i = 0; i < p->ninsns; i++) {
		const struct image_reloc *r = reloc_at(p, i);

		subprog_head(out, p, i);
		if (im->sources && p->src)
			source_head(out, im->sources, p->src[i], &file, &line);
		buf_printf(out, "%4u: ", i);
		disasm_insn(out, &p->insns[i], NULL);
		if (r)
			operand_note(out, im, r);
		buf_putc(out, '\n');
		if (insn_is_wide(&p->insns[i]))
			i++;
	}
}

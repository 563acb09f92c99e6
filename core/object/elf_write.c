/* SPDX-License-Identifier: MIT */
/* elf_write.c: an image as an ELF object, laid out as clang lays out BPF objects, since that
 * is what libbpf, bpftool and iproute2 read:
 *
 *   one code section per program section   entry functions one after the other, each a
 *                                          global function symbol
 *   .text                                  the subprograms of all programs, local symbols
 *   .maps                                  one symbol per map, no contents: the shape is in
 *                                          the BTF (elf_btf.c)
 *   .rodata*, .data*                       maps that have initial contents
 *   license, .rel*, .BTF, .BTF.ext, .symtab, .strtab
 *
 * An image keeps a program's subprograms right behind its entry. Here they part: calls from
 * the entry get relocations against .text, calls inside .text keep their distance. The file is
 * built in memory by libelf and written in one go beside the target, then renamed. */
#include "elf_write.h"

#include "elf_out.h"
#include "facts/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef EM_BPF
#define EM_BPF 247
#endif
#ifndef R_BPF_64_64
#define R_BPF_64_64 1
#endif
#ifndef R_BPF_64_32
#define R_BPF_64_32 10
#endif
enum { INSN = sizeof(struct bpf_insn) };

/* ---- sections and symbols -------------------------------------------------------------- */

uint32_t
elf_out_section(struct elf_out *o, const char *name, uint32_t flags)
{
	for (uint32_t i = 0; i < o->sections.n; i++) {
		if (strcmp(o->sections.at[i].name, name) == 0)
			return i;
	}

	struct out_section *s = vec_add(o->arena, &o->sections);

	s->name = name;
	s->flags = flags;
	s->align = flags & SHF_EXECINSTR ? INSN : 1;
	s->data = buf_new(o->arena);
	return o->sections.n - 1;
}

uint32_t
elf_out_symbol(struct elf_out *o, struct out_symbol sym)
{
	vec_push(o->arena, &o->symbols, sym);
	return o->symbols.n - 1;
}

/* The symbol of a kernel function or variable. */
static uint32_t
extern_symbol(struct elf_out *o, const char *name, bool weak)
{
	for (uint32_t i = 0; i < o->symbols.n; i++) {
		if (o->symbols.at[i].section == OUT_UNDEFINED &&
		    strcmp(o->symbols.at[i].name, name) == 0)
			return i;
	}
	return elf_out_symbol(o, (struct out_symbol){.name = name, .section = OUT_UNDEFINED,
						 .type = STT_NOTYPE, .global = true,
						 .weak = weak});
}

static uint32_t
section_symbol(struct elf_out *o, uint32_t section)
{
	for (uint32_t i = 0; i < o->symbols.n; i++) {
		if (o->symbols.at[i].section == section && o->symbols.at[i].type == STT_SECTION)
			return i;
	}
	return elf_out_symbol(o, (struct out_symbol){.section = section, .type = STT_SECTION});
}

/* ---- maps ------------------------------------------------------------------------------ */

static bool
starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* libbpf makes maps of sections called .rodata*, .data* and .bss. */
static const char *
data_section_name(struct elf_out *o, const struct image_map *m)
{
	if (starts(m->name, m->read_only ? ".rodata" : ".data"))
		return m->name;
	return arena_printf(o->arena, "%s.%s", m->read_only ? ".rodata" : ".data", m->name);
}

static bool
lay_out_maps(struct elf_out *o)
{
	const struct image *im = o->image;

	o->maps = arena_array(o->arena, struct out_map, im->maps.n + 1);
	for (uint32_t i = 0; i < im->maps.n; i++) {
		const struct image_map *m = im->maps.at[i];
		struct out_map *om = &o->maps[i];

		if (!m->data || m->type == FACT_MAP_ARENA)
			continue;

		uint32_t at = elf_out_section(o, data_section_name(o, m),
					      SHF_ALLOC | (m->read_only ? 0 : SHF_WRITE));
		struct out_section *s = &o->sections.at[at];

		s->align = 8;
		buf_bytes(&s->data, m->data, m->data_size);
		if (m->value_size > m->data_size)
			buf_fill(&s->data, 0, m->value_size - m->data_size);
		om->is_data = true;
		om->symbol = section_symbol(o, at);
	}
	return elf_out_describe_maps(o);
}

/* ---- programs -------------------------------------------------------------------------- */

/* Copy instructions [start, end) to the end of a section, under a name. */
static void
add_piece(struct elf_out *o, struct out_prog *op, const char *section, struct out_piece piece,
	  struct out_symbol symbol)
{
	piece.section = elf_out_section(o, section, SHF_ALLOC | SHF_EXECINSTR);

	struct buf *code = &o->sections.at[piece.section].data;

	piece.offset = code->n;
	symbol.section = piece.section;
	symbol.type = STT_FUNC;
	symbol.value = code->n;
	symbol.size = (uint64_t)(piece.end - piece.start) * INSN;
	buf_bytes(code, op->prog->insns + piece.start, symbol.size);
	piece.symbol = elf_out_symbol(o, symbol);
	vec_push(o->arena, &op->pieces, piece);
}

static const struct out_piece *
piece_of(const struct out_prog *op, uint32_t insn)
{
	for (uint32_t i = 0; i < op->pieces.n; i++) {
		if (insn >= op->pieces.at[i].start && insn < op->pieces.at[i].end)
			return &op->pieces.at[i];
	}
	return NULL;
}

bool
elf_out_place(const struct out_prog *op, uint32_t insn, uint32_t *section, uint32_t *offset)
{
	const struct out_piece *p = piece_of(op, insn);

	if (!p)
		return false;
	*section = p->section;
	*offset = p->offset + (insn - p->start) * INSN;
	return true;
}

/* Some section names may have a label behind them ("xdp/ipv4"), to tell programs apart.
 * libbpf 1.x refuses those and takes several programs per section instead. */
static const char *
section_name(const struct image_prog *p)
{
	str rest = {0};
	const struct fact_section *s = p->section ? fact_section(str_of(p->section), &rest)
						  : NULL;

	return s && s->label ? s->prefix : p->section ? p->section : p->name;
}

static void
lay_out_program(struct elf_out *o, struct out_prog *op)
{
	const struct image_prog *p = op->prog;
	uint32_t end = p->subprogs.n > 1 ? p->subprogs.at[1].start : p->ninsns;

	add_piece(o, op, section_name(p),
		  (struct out_piece){.start = 0, .end = end},
		  (struct out_symbol){.name = p->name, .global = true});
	for (uint32_t i = 1; i < p->subprogs.n; i++) {
		const struct image_subprog *sub = &p->subprogs.at[i];

		end = i + 1 < p->subprogs.n ? sub[1].start : p->ninsns;
		add_piece(o, op, ".text", (struct out_piece){.start = sub->start, .end = end},
			  (struct out_symbol){.name = sub->name});
	}
}

/* The copied instruction, to be given the operand an object file has there. */
static struct bpf_insn *
copied(struct elf_out *o, const struct out_piece *p, uint32_t insn)
{
	return (void *)(o->sections.at[p->section].data.at + p->offset +
			(size_t)(insn - p->start) * INSN);
}

static void
add_reloc(struct elf_out *o, const struct out_piece *p, uint32_t insn, uint32_t symbol,
	  uint32_t type)
{
	vec_push(o->arena, &o->sections.at[p->section].relocs, ((struct out_reloc){
		.offset = p->offset + (uint64_t)(insn - p->start) * INSN,
		.symbol = symbol, .type = type}));
}

static bool
relocate(struct elf_out *o, const struct out_prog *op, const struct image_reloc *r)
{
	const struct out_piece *p = piece_of(op, r->insn), *to;
	struct bpf_insn *in = p ? copied(o, p, r->insn) : NULL;
	const struct out_map *m = r->kind == RELOC_MAP || r->kind == RELOC_MAP_VALUE
				? &o->maps[r->map] : NULL;

	if (!in)
		return true;
	switch (r->kind) {
	case RELOC_MAP:
		in->src_reg = 0;
		in[0].imm = in[1].imm = 0;
		add_reloc(o, p, r->insn, m->symbol, R_BPF_64_64);
		return true;
	case RELOC_MAP_VALUE:
		if (!m->is_data) {
			diag_error(o->ds, "O0031", op->prog->at,
				   "`%s` uses the address of a value inside map `%s`, which "
				   "object files cannot express for this kind of map",
				   op->prog->name, o->image->maps.at[r->map]->name);
			return false;
		}
		in->src_reg = 0;
		in[0].imm = (int32_t)r->addend;
		in[1].imm = 0;
		add_reloc(o, p, r->insn, m->symbol, R_BPF_64_64);
		return true;
	case RELOC_KFUNC:
		in->src_reg = BPF_PSEUDO_CALL;
		in->imm = -1;
		add_reloc(o, p, r->insn, extern_symbol(o, r->name, r->weak), R_BPF_64_32);
		return true;
	case RELOC_KSYM:
		in->src_reg = 0;
		in[0].imm = in[1].imm = 0;
		add_reloc(o, p, r->insn, extern_symbol(o, r->name, r->weak), R_BPF_64_64);
		return true;
	case RELOC_FUNC:
		to = piece_of(op, (uint32_t)((int64_t)r->insn + 1 + op->prog->insns[r->insn].imm));
		if (!to)
			return true;
		/* libbpf wants a place in .text here, not a local function's symbol. */
		in->src_reg = 0;
		in[0].imm = (int32_t)to->offset;
		in[1].imm = 0;
		add_reloc(o, p, r->insn, section_symbol(o, to->section), R_BPF_64_64);
		return true;
	}
	return true;
}

static int
by_offset(const void *a, const void *b)
{
	const struct out_reloc *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Calls that now lead to another section. */
static void
relocate_calls(struct elf_out *o, const struct out_prog *op)
{
	const struct image_prog *prog = op->prog;

	for (uint32_t i = 0; i < prog->ninsns; i++) {
		const struct bpf_insn *in = &prog->insns[i];

		if (insn_is_wide(in)) {
			i++;
			continue;
		}
		if (in->code != (BPF_JMP | BPF_CALL) || in->src_reg != BPF_PSEUDO_CALL)
			continue;

		const struct out_piece *from = piece_of(op, i);
		const struct out_piece *to =
			piece_of(op, (uint32_t)((int64_t)i + 1 + in->imm));

		if (!to || from->section == to->section)
			continue;
		copied(o, from, i)->imm = -1;
		add_reloc(o, from, i, to->symbol, R_BPF_64_32);
	}
}

/* The object's own types have everything it asks about: that is what loaders expect to find
 * before they put in the kernel's answer. */
static void
answer_cores(struct elf_out *o, const struct out_prog *op)
{
	for (uint32_t i = 0; i < op->prog->cores.n; i++) {
		const struct image_core *c = &op->prog->cores.at[i];
		const struct out_piece *p = piece_of(op, c->insn);

		if (p && (c->kind == BPF_CORE_FIELD_EXISTS || c->kind == BPF_CORE_TYPE_EXISTS ||
			  c->kind == BPF_CORE_ENUMVAL_EXISTS))
			copied(o, p, c->insn)->imm = 1;
	}
}

static bool
lay_out_programs(struct elf_out *o)
{
	const struct image *im = o->image;
	bool good = true;

	o->progs = arena_array(o->arena, struct out_prog, im->progs.n + 1);
	for (uint32_t i = 0; i < im->progs.n; i++) {
		o->progs[i].prog = im->progs.at[i];
		lay_out_program(o, &o->progs[i]);
	}
	for (uint32_t i = 0; i < im->progs.n; i++) {
		const struct image_prog *p = im->progs.at[i];

		for (uint32_t j = 0; j < p->relocs.n; j++)
			good &= relocate(o, &o->progs[i], &p->relocs.at[j]);
		relocate_calls(o, &o->progs[i]);
		answer_cores(o, &o->progs[i]);
	}
	for (uint32_t i = 0; i < o->sections.n; i++) {
		struct out_section *s = &o->sections.at[i];

		if (s->relocs.n)
			qsort(s->relocs.at, s->relocs.n, sizeof *s->relocs.at, by_offset);
	}
	return good;
}

static bool
lay_out_license(struct elf_out *o)
{
	const char *license = NULL;

	for (uint32_t i = 0; i < o->image->progs.n; i++) {
		const struct image_prog *p = o->image->progs.at[i];

		if (!p->license)
			continue;
		if (license && strcmp(license, p->license) != 0) {
			diag_error(o->ds, "O0030", p->at,
				   "`%s` is licensed \"%s\" and an earlier program \"%s\": an "
				   "object file has one license", p->name, p->license, license);
			return false;
		}
		license = p->license;
	}
	if (license) {
		uint32_t s = elf_out_section(o, "license", SHF_ALLOC | SHF_WRITE);

		buf_bytes(&o->sections.at[s].data, license, strlen(license) + 1);
		elf_out_symbol(o, (struct out_symbol){.name = "_license", .section = s,
						  .type = STT_OBJECT, .global = true,
						  .size = strlen(license) + 1});
	}
	return true;
}

/* ---- through libelf -------------------------------------------------------------------- */

/* ELF index of our section i: its own come first, in order, after the null section. */
static uint32_t
elf_index(uint32_t section)
{
	return section + 1;
}

struct strings {
	struct buf text;
};

static uint32_t
add_string(struct strings *s, const char *text)
{
	uint32_t at = s->text.n;

	if (!text || !text[0])
		return 0;
	buf_bytes(&s->text, text, strlen(text) + 1);
	return at;
}

struct emitter {
	struct elf_out *o;
	Elf *elf;
	struct strings strings;
	uint32_t *order;	/* ELF number of each of our symbols: local ones first */
	uint32_t symtab, strtab;
};

static bool
emit_section(struct emitter *e, const char *name, const GElf_Shdr *want, const void *data,
	     size_t size, Elf_Type type)
{
	Elf_Scn *scn = elf_newscn(e->elf);
	Elf_Data *d = scn ? elf_newdata(scn) : NULL;
	GElf_Shdr sh;

	if (!d || !gelf_getshdr(scn, &sh))
		return false;
	sh = *want;
	sh.sh_name = add_string(&e->strings, name);
	d->d_buf = (void *)(uintptr_t)data;
	d->d_size = size;
	d->d_type = type;
	d->d_align = want->sh_addralign;
	return gelf_update_shdr(scn, &sh) != 0;
}

static bool
emit_contents(struct emitter *e)
{
	for (uint32_t i = 0; i < e->o->sections.n; i++) {
		const struct out_section *s = &e->o->sections.at[i];
		GElf_Shdr sh = {.sh_type = SHT_PROGBITS, .sh_flags = s->flags,
				.sh_addralign = s->align};

		if (!emit_section(e, s->name, &sh, s->data.at, s->data.n, ELF_T_BYTE))
			return false;
	}
	return true;
}

static const Elf64_Sym *
make_symbols(struct emitter *e, uint32_t *first_global)
{
	struct elf_out *o = e->o;
	Elf64_Sym *out = arena_array(o->arena, Elf64_Sym, o->symbols.n + 1);
	uint32_t n = 1;

	e->order = arena_array(o->arena, uint32_t, o->symbols.n + 1);
	for (int global = 0; global < 2; global++) {
		*first_global = n;
		for (uint32_t i = 0; i < o->symbols.n; i++) {
			const struct out_symbol *s = &o->symbols.at[i];

			if (s->global != global)
				continue;
			out[n] = (Elf64_Sym){
				.st_name = add_string(&e->strings, s->name),
				.st_info = (unsigned char)ELF64_ST_INFO(
					s->weak ? STB_WEAK : global ? STB_GLOBAL
								    : STB_LOCAL,
					s->type),
				.st_shndx = (Elf64_Half)(s->section == OUT_UNDEFINED
					? SHN_UNDEF : elf_index(s->section)),
				.st_value = s->value,
				.st_size = s->size,
			};
			e->order[i] = n++;
		}
	}
	return out;
}

static bool
emit_relocs(struct emitter *e)
{
	struct elf_out *o = e->o;

	for (uint32_t i = 0; i < o->sections.n; i++) {
		const struct out_section *s = &o->sections.at[i];
		Elf64_Rel *rel = arena_array(o->arena, Elf64_Rel, s->relocs.n + 1);
		GElf_Shdr sh = {.sh_type = SHT_REL, .sh_link = e->symtab,
				.sh_info = elf_index(i), .sh_entsize = sizeof *rel,
				.sh_addralign = 8};

		if (s->relocs.n == 0)
			continue;
		for (uint32_t j = 0; j < s->relocs.n; j++) {
			rel[j].r_offset = s->relocs.at[j].offset;
			rel[j].r_info = ELF64_R_INFO((Elf64_Xword)
				e->order[s->relocs.at[j].symbol], s->relocs.at[j].type);
		}
		if (!emit_section(e, arena_printf(o->arena, ".rel%s", s->name), &sh, rel,
				  s->relocs.n * sizeof *rel, ELF_T_REL))
			return false;
	}
	return true;
}

static uint32_t
count_reloc_sections(const struct elf_out *o)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < o->sections.n; i++)
		n += o->sections.at[i].relocs.n > 0;
	return n;
}

static bool
emit(struct emitter *e)
{
	struct elf_out *o = e->o;
	GElf_Ehdr eh;
	uint32_t first_global, rels = count_reloc_sections(o);

	e->strings.text = buf_new(o->arena);
	buf_putc(&e->strings.text, 0);
	e->symtab = elf_index(o->sections.n) + rels;
	e->strtab = e->symtab + 1;
	if (!gelf_newehdr(e->elf, ELFCLASS64) || !gelf_getehdr(e->elf, &eh))
		return false;
	eh.e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB
								       : ELFDATA2MSB;
	eh.e_machine = EM_BPF;
	eh.e_type = ET_REL;
	eh.e_version = EV_CURRENT;
	eh.e_shstrndx = (Elf64_Half)e->strtab;
	if (!gelf_update_ehdr(e->elf, &eh))
		return false;

	const Elf64_Sym *symbols = make_symbols(e, &first_global);
	GElf_Shdr symtab = {.sh_type = SHT_SYMTAB, .sh_link = e->strtab,
			    .sh_info = first_global, .sh_entsize = sizeof *symbols,
			    .sh_addralign = 8};
	GElf_Shdr strtab = {.sh_type = SHT_STRTAB, .sh_addralign = 1};

	if (!emit_contents(e) || !emit_relocs(e) ||
	    !emit_section(e, ".symtab", &symtab, symbols,
			  (o->symbols.n + 1) * sizeof *symbols, ELF_T_SYM))
		return false;
	/* Its own name must be in it before its size is given. */
	add_string(&e->strings, ".strtab");

	uint32_t size = e->strings.text.n;

	e->strings.text.n = size - (uint32_t)sizeof ".strtab";
	return emit_section(e, ".strtab", &strtab, e->strings.text.at, size, ELF_T_BYTE) &&
	       elf_update(e->elf, ELF_C_WRITE) >= 0;
}

/* The object's bytes in a memory file; negative errno after adding a diag. */
static int
build(struct elf_out *o)
{
	int fd = memfd_create("veery-object", MFD_CLOEXEC);
	struct emitter e = {.o = o};
	const char *why = NULL;

	if (fd < 0) {
		diag_error(o->ds, "O0032", 0, "no memory file for the object: %s",
			   strerror(errno));
		return -1;
	}
	elf_version(EV_CURRENT);
	e.elf = elf_begin(fd, ELF_C_WRITE, NULL);
	if (!e.elf || !emit(&e))
		why = elf_errmsg(-1);
	elf_end(e.elf);
	if (!why)
		return fd;
	diag_bug(o->ds, 0, "libelf does not take the object: %s", why);
	close(fd);
	return -1;
}

/* ---- to its place ---------------------------------------------------------------------- */

static bool
copy_bytes(int from, int to)
{
	char chunk[16384];
	ssize_t n;

	if (lseek(from, 0, SEEK_SET) < 0)
		return false;
	while ((n = read(from, chunk, sizeof chunk)) > 0) {
		for (ssize_t done = 0, k; done < n; done += k) {
			k = write(to, chunk + done, (size_t)(n - done));
			if (k < 0)
				return false;
		}
	}
	return n == 0;
}

static bool
write_failed(struct elf_out *o, const char *path)
{
	diag_error(o->ds, "U0010", 0, "cannot write %s: %s", path, strerror(errno));
	return false;
}

/* A new file beside `path`. Not mkstemp: the umask should decide who may read it. */
static int
open_beside(struct elf_out *o, const char *path, const char **temp)
{
	int fd = -1;

	for (int i = 0; i < 100; i++) {
		*temp = arena_printf(o->arena, "%s.%ld-%d", path, (long)getpid(), i);
		fd = open(*temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	return fd;
}

/* Beside the target, then renamed: whoever looks sees the old file or the whole new one. What
 * is no regular file (/dev/stdout, a pipe) cannot be replaced and is written to. */
static bool
put(struct elf_out *o, int object, const char *path)
{
	struct stat st;
	const char *temp = NULL;
	bool direct = stat(path, &st) == 0 && !S_ISREG(st.st_mode);
	int fd = direct ? open(path, O_WRONLY | O_CLOEXEC) : open_beside(o, path, &temp);

	if (fd < 0)
		return write_failed(o, path);

	int error = copy_bytes(object, fd) ? 0 : errno;

	if (close(fd) < 0 && !error)
		error = errno;
	if (!error && temp && rename(temp, path) < 0)
		error = errno;
	if (!error)
		return true;
	if (temp)
		unlink(temp);
	errno = error;
	return write_failed(o, path);
}

bool
elf_write(const struct image *im, const char *path, struct diags *ds)
{
	struct arena arena;
	struct elf_out o = {.arena = &arena, .image = im, .ds = ds};
	bool good;
	int fd;

	arena_init(&arena);
	good = elf_out_open_btf(&o) && lay_out_license(&o) && lay_out_maps(&o) &&
	       lay_out_programs(&o) && elf_out_write_btf(&o);
	fd = good ? build(&o) : -1;
	good = fd >= 0 && put(&o, fd, path);
	if (fd >= 0)
		close(fd);
	arena_free(&arena);
	return good;
}

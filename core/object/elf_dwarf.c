/* SPDX-License-Identifier: MIT */
/* elf_dwarf.c: which variable lies in which register or stack slot, from the object's DWARF.
 *
 * Compilers describe a variable's home as an expression for a range of addresses. Those that
 * say no more than "this register" or "at this distance from the frame" become names for
 * explanations; computed and split ones are left out, since no single register is the
 * variable then. In an object that is not linked every section begins at address 0, so ranges
 * count only inside the function, found by its name, that the variable belongs to. */
#include "elf_private.h"

#include <dlfcn.h>
#include <dwarf.h>
#include <elfutils/libdw.h>

enum { MAX_DEPTH = 32, MAX_DIES = 1 << 20 };

/* libdw is opened when an object has something for it, and not before: with what it needs in
 * turn it would cost every start more than all the rest. Without it there are no names. Once
 * open it stays for the objects that follow. */
#define LIBDW(X) X(begin_elf) X(end) X(nextcu) X(offdie) X(child) X(siblingof) X(tag) \
	X(diename) X(lowpc) X(attr) X(attr_integrate) X(formstring) X(getlocations) \
	X(formudata) X(getsrcfiles) X(filesrc) X(decl_line) X(decl_column)

struct libdw {
#define FIELD(name) __typeof__(dwarf_##name) *name;
	LIBDW(FIELD)
#undef FIELD
	void *handle;
};

static bool
open_libdw(struct libdw *dw)
{
	bool whole = true;

	dw->handle = dlopen("libdw.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!dw->handle)
		return false;
#define LOOK_UP(fn) \
	*(void **)&dw->fn = dlsym(dw->handle, "dwarf_" #fn); \
	whole &= dw->fn != NULL;
	LIBDW(LOOK_UP)
#undef LOOK_UP
	if (!whole)
		dlclose(dw->handle);
	return whole;
}

struct walk {
	struct reader *r;
	const struct libdw *dw;
	const struct function *f;
	Dwarf_Files *files;	/* of the unit; or null */
	size_t nfiles;
	unsigned dies;
};

/* The register (0..10) an expression names, or -1 with *stack_off for a place in the frame;
 * false when it is anything else. */
static bool
home_of(const Dwarf_Op *e, size_t n, int16_t *reg, int16_t *stack_off)
{
	int64_t off = 0;

	*stack_off = 0;
	if (n == 1 && e->atom >= DW_OP_reg0 && e->atom <= DW_OP_reg10) {
		*reg = (int16_t)(e->atom - DW_OP_reg0);
		return true;
	}
	if (n == 1 && (e->atom == DW_OP_fbreg || e->atom == DW_OP_breg10)) {
		*reg = -1;
		off = (int64_t)e->number;
		*stack_off = (int16_t)off;
		return off < 0 && off >= -512;
	}
	/* The register's value, seen through a change of type. */
	if (n >= 2 && e->atom >= DW_OP_breg0 && e->atom <= DW_OP_breg9 && e->number == 0 &&
	    e[n - 1].atom == DW_OP_stack_value) {
		for (size_t i = 1; i + 1 < n; i++)
			if (e[i].atom != DW_OP_convert)
				return false;
		*reg = (int16_t)(e->atom - DW_OP_breg0);
		return true;
	}
	return false;
}

static void
add_home(struct walk *w, struct elf_var_home h, Dwarf_Addr start, Dwarf_Addr end,
	 const Dwarf_Op *e, size_t n)
{
	uint64_t first = (uint64_t)w->f->start * 8, last = first + (uint64_t)w->f->n * 8;

	if (!home_of(e, n, &h.var.reg, &h.var.stack_off))
		return;
	if (start < first)
		start = first;
	if (end > last)
		end = last;
	if (start >= end)
		return;
	h.var.from = (uint32_t)((start - first) / 8);
	h.var.to = (uint32_t)((end - first + 7) / 8);
	vec_push(w->r->a, &w->r->homes, h);
}

/* dwarf_decl_file() takes number 0 for "none", which in DWARF 5 is the first file. */
static const char *
declared_in(struct walk *w, Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	Dwarf_Word i;

	if (!w->files || !w->dw->attr_integrate(die, DW_AT_decl_file, &attr) ||
	    w->dw->formudata(&attr, &i) || i >= w->nfiles)
		return NULL;
	return w->dw->filesrc(w->files, i, NULL, NULL);
}

static void
take_variable(struct walk *w, Dwarf_Die *die)
{
	struct elf_var_home h = {.function = (uint32_t)(w->f - w->r->functions.at)};
	const char *name = w->dw->diename(die), *file = declared_in(w, die);
	int line = 0, column = 0;
	Dwarf_Addr base, start, end;
	Dwarf_Attribute attr;
	ptrdiff_t at = 0;
	Dwarf_Op *e;
	size_t n;

	if (!name || !w->dw->attr(die, DW_AT_location, &attr))
		return;
	h.var.name = arena_strdup(w->r->a, name);
	if (file && w->dw->decl_line(die, &line) == 0 && line > 0) {
		w->dw->decl_column(die, &column);
		h.file = arena_strdup(w->r->a, file);
		h.line = (uint32_t)line;
		h.column = (uint32_t)(column > 0 ? column : 0);
	}
	while ((at = w->dw->getlocations(&attr, at, &base, &start, &end, &e, &n)) > 0)
		if (n > 0)
			add_home(w, h, start, end, e, n);
}

/* Variables of a function are below it, also in blocks and in functions inlined there. */
static void
walk_scope(struct walk *w, Dwarf_Die *scope, int depth)
{
	Dwarf_Die die;

	if (depth > MAX_DEPTH || w->dw->child(scope, &die))
		return;
	do {
		if (++w->dies > MAX_DIES)
			return;
		switch (w->dw->tag(&die)) {
		case DW_TAG_variable:
		case DW_TAG_formal_parameter:
			take_variable(w, &die);
			break;
		case DW_TAG_lexical_block:
		case DW_TAG_inlined_subroutine:
			walk_scope(w, &die, depth + 1);
			break;
		default:
			break;
		}
	} while (w->dw->siblingof(&die, &die) == 0);
}

/* The function a subprogram entry describes; null for declarations and what is no code. */
static const struct function *
function_of(const struct walk *w, Dwarf_Die *die)
{
	struct reader *r = w->r;
	Dwarf_Attribute attr;
	const char *name = w->dw->diename(die), *linkage = NULL;
	Dwarf_Addr low;

	if (w->dw->lowpc(die, &low))
		return NULL;
	if (w->dw->attr_integrate(die, DW_AT_linkage_name, &attr))
		linkage = w->dw->formstring(&attr);
	for (uint32_t i = 0; i < r->functions.n; i++) {
		const struct function *f = &r->functions.at[i];

		if (((linkage && !strcmp(f->name, linkage)) || (name && !strcmp(f->name, name))) &&
		    low == (uint64_t)f->start * 8)
			return f;
	}
	return NULL;
}

/* Functions stand at the top of a unit, or within a namespace or type (Rust). */
static void
walk_unit(struct walk *w, Dwarf_Die *unit, int depth)
{
	Dwarf_Die die;

	if (depth > MAX_DEPTH || w->dw->child(unit, &die))
		return;
	do {
		if (++w->dies > MAX_DIES)
			return;
		switch (w->dw->tag(&die)) {
		case DW_TAG_subprogram:
			w->f = function_of(w, &die);
			if (w->f)
				walk_scope(w, &die, 0);
			break;
		case DW_TAG_namespace:
		case DW_TAG_structure_type:
			walk_unit(w, &die, depth + 1);
			break;
		default:
			break;
		}
	} while (w->dw->siblingof(&die, &die) == 0);
}

static void
walk_units(struct walk *w, Elf *elf)
{
	Dwarf *dwarf = w->dw->begin_elf(elf, DWARF_C_READ, NULL);
	Dwarf_Off at = 0, next;
	size_t header;

	while (dwarf && w->dw->nextcu(dwarf, at, &next, &header, NULL, NULL, NULL) == 0) {
		Dwarf_Die unit;

		if (w->dw->offdie(dwarf, at + header, &unit)) {
			if (w->dw->getsrcfiles(&unit, &w->files, &w->nfiles))
				w->files = NULL;
			walk_unit(w, &unit, 0);
		}
		at = next;
	}
	if (dwarf)
		w->dw->end(dwarf);
}

void
elf_read_homes(struct reader *r, const void *bytes, size_t n)
{
	struct libdw dw = {0};
	struct walk w = {.r = r, .dw = &dw};
	Elf *elf;

	if (!elf_find(&r->elf, ".debug_info") || !open_libdw(&dw))
		return;
	elf_version(EV_CURRENT);
	elf = elf_memory((char *)(uintptr_t)bytes, n);	/* nothing is written to it */
	if (elf)
		walk_units(&w, elf);
	elf_end(elf);
	dlclose(dw.handle);
}

/* DWARF may put the compiler's working directory in front of a name, BTF not. */
static bool
same_file(const char *a, const char *b)
{
	size_t n = a ? strlen(a) : 0, m = strlen(b);

	if (n > m)
		return same_file(b, a);
	return n && !strcmp(b + m - n, a) && (n == m || *a == '/' || b[m - n - 1] == '/');
}

static span
declared_at(struct reader *r, const struct elf_var_home *h)
{
	struct sources *s = r->sources;

	for (uint32_t i = 1; h->file && i < s->files.n; i++)
		if (same_file(s->files.at[i].name, h->file))
			return span_line(s, i, h->line, h->column);
	return 0;
}

void
elf_take_homes(struct reader *r, const struct function *f, uint32_t to, struct image_prog *p)
{
	uint32_t index = (uint32_t)(f - r->functions.at);

	for (uint32_t i = 0; i < r->homes.n; i++) {
		const struct elf_var_home *h = &r->homes.at[i];
		struct image_var v = h->var;

		if (h->function != index)
			continue;
		v.at = declared_at(r, h);
		v.from += to;
		v.to += to;
		vec_push(r->a, &p->vars, v);
	}
}

/* SPDX-License-Identifier: MIT */
/* elf_read.c: reads an object, part by part: the file to begin with. */
#include "elf_private.h"

static bool
starts(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return !strncmp(s, prefix, n) && (s[n] == 0 || s[n] == '.');
}

static enum section_role
role_of(const struct elf_section *s)
{
	if (s->type == SHT_PROGBITS && (s->flags & SHF_EXECINSTR) && s->size)
		return ROLE_CODE;
	if (!strcmp(s->name, ".maps"))
		return ROLE_BTF_MAPS;
	if (!strcmp(s->name, "maps"))
		return ROLE_MAPS;
	if (starts(s->name, ".struct_ops"))
		return ROLE_STRUCT_OPS;
	if (!(s->flags & SHF_ALLOC))
		return ROLE_NONE;
	if (!strcmp(s->name, ".addr_space.1"))
		return ROLE_ARENA;
	if (starts(s->name, ".data") || starts(s->name, ".rodata") || starts(s->name, ".bss") ||
	    starts(s->name, ".percpu"))
		return ROLE_DATA;
	return ROLE_NONE;
}

static void
read_license(struct reader *r)
{
	uint32_t i = elf_find(&r->elf, "license");
	const struct elf_section *s = &r->elf.sections[i];

	r->license = i && s->data ? arena_strndup(r->a, (const char *)s->data,
						  strnlen((const char *)s->data, s->size))
				  : "";
}

/* "dir/prog.bpf.o" gives "prog.bpf", which names the maps of data sections. */
static const char *
base_name(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t n = strlen(name);

	if (n > 2 && !strcmp(name + n - 2, ".o"))
		n -= 2;
	return arena_strndup(a, name, n);
}

struct image *
elf_read(const void *bytes, size_t n, const char *name, const struct elf_opts *o,
	 struct sources *sources, struct arena *a, struct diags *ds)
{
	struct reader *r = arena_new(a, struct reader);
	const char *why;

	r->im = arena_new(a, struct image);
	r->im->arena = a;
	r->im->sources = sources;
	r->a = a;
	r->ds = ds;
	r->o = o;
	r->sources = sources;
	r->file = sources_add_name(sources, name);
	r->at = span_line(sources, r->file, 0, 0);
	r->object = base_name(a, name);
	why = elf_open(&r->elf, bytes, n, a);
	if (why) {
		diag_error(ds, "O0001", r->at, "cannot read `%s`: %s", name, why);
		return NULL;
	}
	r->roles = arena_array(a, enum section_role, r->elf.nsections + 1);
	r->data_map = arena_array(a, uint32_t, r->elf.nsections + 1);
	for (uint32_t i = 1; i < r->elf.nsections; i++)
		r->roles[i] = role_of(&r->elf.sections[i]);
	read_license(r);
	elf_btf_open(r);
	elf_read_maps(r);
	elf_read_data(r);
	if (r->btf)
		elf_read_externs(r);
	elf_apply_sets(r);
	elf_read_programs(r, bytes, n);
	if (r->im->btf)
		elf_btf_refused(r);
	if (!r->im->progs.n && !ds->errors)
		diag_error(ds, "O0002", r->at, "`%s` has no programs", name);
	return r->im;
}

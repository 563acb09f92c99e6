/* SPDX-License-Identifier: MIT */
/* symbols.c: see symbols.h. The symbol table, then the dynamic one; addresses become file
 * offsets through the program headers that map them. */
#include "symbols.h"

#include "base/suggest.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *
in_directory(struct arena *a, const char *dir, size_t n, const char *name)
{
	const char *path = arena_printf(a, "%.*s/%s", (int)n, dir, name);

	return access(path, R_OK) == 0 ? path : NULL;
}

static const char *
find_library(struct arena *a, const char *name)
{
	static const char *const dirs[] = {
		"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu",
		"/usr/lib/aarch64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib",
		"/usr/local/lib",
	};
	static const char *const ends[] = {"", ".so", ".so.6", ".so.1", ".so.0", ".so.3", ".so.2"};

	for (size_t e = 0; e < sizeof ends / sizeof *ends; e++)
		for (size_t d = 0; d < sizeof dirs / sizeof *dirs; d++) {
			const char *path = in_directory(a, dirs[d], strlen(dirs[d]),
							arena_printf(a, "%s%s", name, ends[e]));

			if (path)
				return path;
		}
	return NULL;
}

const char *
symbols_find_file(struct arena *a, const char *name)
{
	const char *dirs = getenv("PATH"), *path;

	if (strchr(name, '/'))
		return access(name, R_OK) == 0 ? name : NULL;
	if (strncmp(name, "lib", 3) == 0 && (path = find_library(a, name)))
		return path;
	while (dirs && *dirs) {
		size_t n = strcspn(dirs, ":");

		if (n && (path = in_directory(a, dirs, n, name)))
			return path;
		dirs += n + (dirs[n] == ':');
	}
	return access(name, R_OK) == 0 ? name : NULL;
}

/* Offset in the file of the byte that will be mapped at `address`. */
static int
to_file_offset(Elf *elf, uint64_t address, uint64_t *offset)
{
	size_t n = 0;

	elf_getphdrnum(elf, &n);
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr ph;

		if (gelf_getphdr(elf, (int)i, &ph) && ph.p_type == PT_LOAD &&
		    address >= ph.p_vaddr && address - ph.p_vaddr < ph.p_memsz) {
			*offset = address - ph.p_vaddr + ph.p_offset;
			return 0;
		}
	}
	return -ENOENT;
}

/* Calls fn for every function of one kind of symbol table until it answers false. */
typedef bool (*function_fn)(void *user, const char *name, uint64_t address);

static void
each_function(Elf *elf, uint32_t type, function_fn fn, void *user)
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(elf, scn))) {
		GElf_Shdr sh;
		Elf_Data *data;

		if (!gelf_getshdr(scn, &sh) || sh.sh_type != type || !sh.sh_entsize ||
		    !(data = elf_getdata(scn, NULL)))
			continue;
		for (size_t i = 0; i < data->d_size / sh.sh_entsize; i++) {
			GElf_Sym sym;
			const char *s;

			if (!gelf_getsym(data, (int)i, &sym) || sym.st_shndx == SHN_UNDEF ||
			    (GELF_ST_TYPE(sym.st_info) != STT_FUNC &&
			     GELF_ST_TYPE(sym.st_info) != STT_GNU_IFUNC) ||
			    !(s = elf_strptr(elf, sh.sh_link, sym.st_name)))
				continue;
			if (!fn(user, s, sym.st_value))
				return;
		}
	}
}

struct search {
	str name;
	uint64_t address;
	bool found;
	struct suggest near;
};

static bool
is_it(void *user, const char *name, uint64_t address)
{
	struct search *s = user;

	if (!str_is(s->name, name)) {
		suggest_offer(&s->near, str_of(name));
		return true;
	}
	s->address = address;
	s->found = true;
	return false;
}

static int
look_up(struct arena *a, Elf *elf, const char *symbol, uint64_t *offset,
	const char **near_name)
{
	const char *plus = strchr(symbol, '+');
	str name = {symbol, plus ? (size_t)(plus - symbol) : strlen(symbol)};
	struct search s = {.name = name, .near = suggest_start(name)};
	int err;

	if (symbol[0] >= '0' && symbol[0] <= '9') {
		*offset = strtoull(symbol, NULL, 0);
		return 0;
	}
	each_function(elf, SHT_SYMTAB, is_it, &s);
	if (!s.found)
		each_function(elf, SHT_DYNSYM, is_it, &s);
	if (!s.found) {
		if (s.near.best.p)
			*near_name = arena_strndup(a, s.near.best.p, s.near.best.n);
		return -ENOENT;
	}
	err = to_file_offset(elf, s.address, offset);
	*offset += plus ? strtoull(plus + 1, NULL, 0) : 0;
	return err;
}

/* An ELF file for reading; null with *err. Closed with close_elf(). */
static Elf *
open_elf(const char *path, int *fd, int *err)
{
	Elf *elf;

	*fd = open(path, O_RDONLY | O_CLOEXEC);
	*err = *fd < 0 ? -errno : 0;
	if (*fd < 0)
		return NULL;
	elf_version(EV_CURRENT);
	elf = elf_begin(*fd, ELF_C_READ_MMAP, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF)
		return elf;
	*err = -ENOEXEC;
	elf_end(elf);
	close(*fd);
	return NULL;
}

static void
close_elf(Elf *elf, int fd)
{
	elf_end(elf);
	close(fd);
}

int
symbols_offset(struct arena *a, const char *path, const char *symbol, uint64_t *offset,
	       const char **near)
{
	int fd, err;
	Elf *elf = open_elf(path, &fd, &err);

	*near = NULL;
	if (!elf)
		return err;
	err = look_up(a, elf, symbol, offset, near);
	close_elf(elf, fd);
	return err;
}

/* ---- by pattern ------------------------------------------------------------------------ */

struct match {
	struct arena *arena;
	const char *pattern;
	Elf *elf;
	VEC(const char *) names;
	VEC(uint64_t) offsets;
};

static bool
collect(void *user, const char *name, uint64_t address)
{
	struct match *m = user;
	uint64_t offset = 0;

	if (fnmatch(m->pattern, name, 0) != 0 || to_file_offset(m->elf, address, &offset))
		return true;
	for (uint32_t i = 0; i < m->offsets.n; i++) {
		if (m->offsets.at[i] == offset)
			return true;
	}
	vec_push(m->arena, &m->names, arena_strdup(m->arena, name));
	vec_push(m->arena, &m->offsets, offset);
	return true;
}

int
symbols_match(struct arena *a, const char *path, const char *pattern,
	      struct symbols_found *out)
{
	struct match m = {.arena = a, .pattern = pattern};
	int fd, err;

	m.elf = open_elf(path, &fd, &err);
	if (!m.elf)
		return err;
	each_function(m.elf, SHT_SYMTAB, collect, &m);
	each_function(m.elf, SHT_DYNSYM, collect, &m);
	close_elf(m.elf, fd);
	*out = (struct symbols_found){m.names.at, m.offsets.at, m.names.n};
	return 0;
}

/* The names in a list of the kernel's functions; modules' have the module behind them.
 * kallsyms has an address and a kind in front. */
static int
match_in(struct arena *a, const char *path, bool kallsyms, const char *pattern,
	 struct symbols_found *out)
{
	VEC(const char *) names = {0};
	char line[512], name[256], type = 't';
	FILE *f = fopen(path, "re");

	if (!f)
		return -errno;
	while (fgets(line, sizeof line, f)) {
		if (kallsyms ? sscanf(line, "%*s %c %255s", &type, name) != 2
			     : sscanf(line, "%255s", name) != 1)
			continue;
		if (strchr("tTwW", type) && fnmatch(pattern, name, 0) == 0)
			vec_push(a, &names, arena_strdup(a, name));
	}
	fclose(f);
	*out = (struct symbols_found){names.at, NULL, names.n};
	return 0;
}

/* What the function tracer can hook is the better list: one bad name and the kernel refuses
 * all. It has one name of each address, so a name it lacks may yet be another name. */
int
symbols_match_kernel(struct arena *a, const char *pattern, struct symbols_found *out)
{
	if (match_in(a, "/sys/kernel/tracing/available_filter_functions", false, pattern,
		     out) == 0 && out->n)
		return 0;
	return match_in(a, "/proc/kallsyms", true, pattern, out);
}

/* SPDX-License-Identifier: MIT */
/* symbols.c: see symbols.h. The symbol table, then the dynamic one; addresses become file
 * offsets through the program headers that map them. */
#include "symbols.h"

#include "base/suggest.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
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

static bool
search_table(Elf *elf, uint32_t type, str name, uint64_t *address, struct suggest *near)
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
			if (str_is(name, s)) {
				*address = sym.st_value;
				return true;
			}
			suggest_offer(near, str_of(s));
		}
	}
	return false;
}

static int
look_up(struct arena *a, Elf *elf, const char *symbol, uint64_t *offset, const char **near_name)
{
	const char *plus = strchr(symbol, '+');
	str name = {symbol, plus ? (size_t)(plus - symbol) : strlen(symbol)};
	struct suggest near = suggest_start(name);
	uint64_t address, extra = plus ? strtoull(plus + 1, NULL, 0) : 0;
	int err;

	if (symbol[0] >= '0' && symbol[0] <= '9') {
		*offset = strtoull(symbol, NULL, 0);
		return 0;
	}
	if (!search_table(elf, SHT_SYMTAB, name, &address, &near) &&
	    !search_table(elf, SHT_DYNSYM, name, &address, &near)) {
		if (near.best.p)
			*near_name = arena_strndup(a, near.best.p, near.best.n);
		return -ENOENT;
	}
	err = to_file_offset(elf, address, offset);
	*offset += extra;
	return err;
}

int
symbols_offset(struct arena *a, const char *path, const char *symbol, uint64_t *offset,
	       const char **near)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;
	Elf *elf;

	*near = NULL;
	if (fd < 0)
		return -errno;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF)
		err = look_up(a, elf, symbol, offset, near);
	else
		err = -ENOEXEC;
	elf_end(elf);
	close(fd);
	return err;
}

/* SPDX-License-Identifier: MIT */
/* objects.c: the programs of compiled objects as cases.
 *
 * A file's image is kept until a program of another file is asked for: cases come in order. */
#include "corpus.h"

#include "object/elf_read.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct program {
	uint32_t file, index;
	const char *name;	/* "file.o:program" */
};

struct objects {
	struct objects_opts o;
	struct arena *a;
	VEC(const char *) files;
	VEC(struct program) progs;
	/* The file that is open. */
	uint32_t open;
	struct arena open_arena;
	struct sources sources;
	struct image *im;
	uint32_t unreadable;
};

void *
corpus_read_file(struct arena *a, const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	char *p = NULL;

	*n = 0;
	if (f && fstat(fileno(f), &st) == 0) {
		p = arena_array(a, char, (size_t)st.st_size + 1);
		*n = fread(p, 1, (size_t)st.st_size, f);
	}
	if (f)
		fclose(f);
	return p;
}

/* Once per file, when the corpus is listed. */
static void
complain(struct objects *os, const struct diags *ds, const char *file)
{
	os->unreadable += ds->errors;
	for (uint32_t i = 0; i < ds->all.n; i++)
		if (ds->all.at[i]->severity == DIAG_ERROR)
			fprintf(stderr, "%s: %s\n", file, ds->all.at[i]->message);
}

static void
open_file(struct objects *os, uint32_t file, bool aloud)
{
	const struct elf_opts o = {.target_btf = os->o.btf, .target_btf_size = os->o.btf_size,
				   .kernel = os->o.kernel};
	struct arena *a = &os->open_arena;
	const char *path, *bytes;
	struct diags ds;
	size_t n;

	if (os->im && os->open == file)
		return;
	arena_reset(a);
	os->open = file;
	sources_free(&os->sources);
	sources_init(&os->sources);
	diags_init(&ds, a);
	path = arena_printf(a, "%s/%s", os->o.dir, os->files.at[file]);
	bytes = corpus_read_file(a, path, &n);
	os->im = bytes ? elf_read(bytes, n, os->files.at[file], &o, &os->sources, a, &ds) : NULL;
	if (aloud)
		complain(os, &ds, os->files.at[file]);
}

static const char *
name_of(void *self, uint32_t i)
{
	const struct objects *os = self;

	return os->progs.at[i].name;
}

static void
get(void *self, uint32_t i, struct arena *a, struct corpus_case *c)
{
	struct objects *os = self;
	const struct program *p = &os->progs.at[i];

	(void)a;
	open_file(os, p->file, false);
	*c = (struct corpus_case){.name = p->name, .file = os->files.at[p->file], .im = os->im,
				  .prog = os->im->progs.at[p->index]};
}

static int
by_name(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static void
list_files(struct objects *os)
{
	DIR *d = opendir(os->o.dir);

	for (struct dirent *e; d && (e = readdir(d));) {
		size_t n = strlen(e->d_name);

		if (n > 2 && !strcmp(e->d_name + n - 2, ".o"))
			vec_push(os->a, &os->files, arena_strdup(os->a, e->d_name));
	}
	if (d)
		closedir(d);
	if (os->files.n)
		qsort(os->files.at, os->files.n, sizeof *os->files.at, by_name);
}

struct corpus
corpus_of_objects(const struct objects_opts *o, struct arena *a)
{
	struct objects *os = arena_new(a, struct objects);

	os->o = *o;
	os->a = a;
	arena_init(&os->open_arena);
	sources_init(&os->sources);
	list_files(os);
	for (uint32_t f = 0; f < os->files.n; f++) {
		open_file(os, f, true);
		for (uint32_t i = 0; os->im && i < os->im->progs.n; i++) {
			struct program p = {f, i, arena_printf(a, "%s:%s", os->files.at[f],
							       os->im->progs.at[i]->name)};

			vec_push(a, &os->progs, p);
		}
	}
	fprintf(stderr, "%s: %u objects, %u programs, %u faults while reading\n", o->dir,
		os->files.n, os->progs.n, os->unreadable);
	return (struct corpus){os->progs.n, name_of, get, os};
}

/* SPDX-License-Identifier: MIT */
/* cmd_compile.c: `veery compile FILE -o OUT.o`. */
#include "object/elf_write.h"
#include "gen.h"

#include <stdio.h>

static const char *
default_output(struct arena *a, const char *path)
{
	size_t n = strlen(path);

	if (n > 5 && strcmp(path + n - 5, ".lisp") == 0)
		n -= 5;
	return arena_printf(a, "%.*s.bpf.o", (int)n, path);
}

static int
write_object(struct work *w, const char *out)
{
	struct image im;
	uint32_t slots = 0;

	if (!session_build(w->session, &w->arena, &im, &w->ds))
		return STATUS_FAILED;
	if (!im.progs.n)
		return cli_usage("%s defines no program: there is nothing to write",
				 w->cli->files[0]);
	if (!elf_write(&im, out, &w->ds))
		return STATUS_USAGE;
	for (uint32_t i = 0; i < im.progs.n; i++)
		slots += im.progs.at[i]->ninsns;
	printf("%s: %u program%s (%u instructions), %u map%s\n", out, im.progs.n,
	       im.progs.n == 1 ? "" : "s", slots, im.maps.n, im.maps.n == 1 ? "" : "s");
	return STATUS_OK;
}

/* `--gen c go rust`: what looks like files behind the first are more languages. Null after
 * saying which is none. */
static const char *
all_languages(struct cli *c, struct arena *a)
{
	const char *list = c->opt[OPT_GEN], *all = list;
	char *copy, *save, *one;

	for (unsigned i = 1; i < c->nfiles; i++)
		all = arena_printf(a, "%s,%s", list ? all : "", c->files[i]);
	copy = arena_strdup(a, all);
	for (one = strtok_r(copy, ",", &save); one; one = strtok_r(NULL, ",", &save))
		if (!list || !gen_knows(one)) {
			cli_usage(list ? "--gen: there is no language `%s`: c, go, rust, python, lisp, all"
				       : "`compile` has no use for `%s`", one);
			return NULL;
		}
	return all;
}

int
cmd_compile(struct cli *c)
{
	const char *out, *languages = NULL;
	struct work w;
	int status = work_begin(&w, c, &(struct session_opts){0});

	if (status)
		return status;
	out = c->opt[OPT_OUTPUT] ? c->opt[OPT_OUTPUT] : default_output(&w.arena, c->files[0]);
	if (c->opt[OPT_GEN] || c->nfiles > 1) {
		languages = all_languages(c, &w.arena);
		if (!languages) {
			work_end(&w);
			return STATUS_USAGE;
		}
	}
	status = work_feed(&w, c->files[0], NULL);
	if (status == STATUS_OK)
		status = write_object(&w, out);
	if (status == STATUS_OK && languages)
		status = gen_write(&w, languages, out);
	cli_print_diags(c, session_sources(w.session), &w.ds);
	work_end(&w);
	return status;
}

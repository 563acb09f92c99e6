/* SPDX-License-Identifier: MIT */
/* cmd_check.c: `veery check FILE...`: what the kernel's verifier would say, without asking
 * it. A file is an ELF object when it begins like one, and source text otherwise. */
#include "facts/facts.h"
#include "object/elf_read.h"
#include "session/across.h"
#include "verdicts.h"
#include "mend.h"
#include "verifier-sim/search/search.h"
#include "work.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_KERNELS = 32 };

struct check {
	struct cli *cli;
	struct arena arena;
	uint16_t kernels[MAX_KERNELS];
	unsigned nkernels;
	uint32_t caps, flags, type;
	void *btf;			/* of --btf; else the running kernel's, by `work` */
	size_t btf_size;
	struct verify_types types;	/* of that BTF, opened at most once for each file */
	unsigned judged, rejected;
	struct session *session;	/* of the source file being checked; null: an object */
	int status;
};

/* ---- options ------------------------------------------------------------------------- */

static bool
parse_kernels(struct check *k, const char *list)
{
	while (list && *list) {
		unsigned major, minor;
		int n = 0;

		if (strncmp(list, "running", 7) == 0) {
			k->kernels[k->nkernels] = check_running_kernel();
			n = 7;
		} else if (sscanf(list, "%u.%u%n", &major, &minor, &n) == 2 && major < 100) {
			k->kernels[k->nkernels] = KVER(major, minor);
		} else {
			cli_usage("--kernel wants versions like 5.15,6.1,7.3, not `%s`", list);
			return false;
		}
		if (++k->nkernels == MAX_KERNELS)
			break;
		list += n;
		list += strcspn(list, ",");
		list += *list == ',';
	}
	if (!k->nkernels)
		k->kernels[k->nkernels++] = check_running_kernel();
	return true;
}

static bool
parse_caps(struct check *k, const char *list)
{
	static const struct { const char *name; uint32_t bits; } known[] = {
		{"bpf", VCAP_BPF | VCAP_NET_ADMIN}, {"perfmon", VCAP_PERFMON},
		{"net_admin", VCAP_NET_ADMIN}, {"sys_admin", VCAP_SYS_ADMIN}, {"none", 0},
	};

	k->caps = list ? 0 : VCAP_DEFAULT;
	while (list && *list) {
		size_t n = strcspn(list, ","), i;

		for (i = 0; i < sizeof known / sizeof *known; i++)
			if (strlen(known[i].name) == n && strncmp(known[i].name, list, n) == 0)
				break;
		if (i == sizeof known / sizeof *known) {
			cli_usage("--caps knows bpf, perfmon, net_admin, sys_admin and none, not `%.*s`",
				  (int)n, list);
			return false;
		}
		k->caps |= known[i].bits;
		list += n + (list[n] == ',');
	}
	return true;
}

static bool
parse_options(struct check *k)
{
	const struct cli *c = k->cli;
	uint64_t flags = 0;

	if (!parse_kernels(k, c->opt[OPT_KERNEL]) || !parse_caps(k, c->opt[OPT_CAPS]) ||
	    (c->opt[OPT_FLAGS] && !cli_number(c, OPT_FLAGS, &flags)))
		return false;
	k->flags = (uint32_t)flags;
	if (c->opt[OPT_TYPE]) {
		const struct fact_prog_type *t = fact_prog_type_named(str_of(c->opt[OPT_TYPE]));

		if (!t) {
			cli_usage("--type: there is no program type `%s`", c->opt[OPT_TYPE]);
			return false;
		}
		k->type = t->id;
	}
	if (c->opt[OPT_BTF]) {
		k->btf = cli_read_file(c->opt[OPT_BTF], &k->btf_size);
		return k->btf != NULL;
	}
	return true;
}

/* ---- judging ------------------------------------------------------------------------- */

/* One program and its verdicts, one for each kernel. */
struct subject {
	struct arena arena;
	struct diags ds;		/* explanations, shown or turned into JSON */
	struct judged by[MAX_KERNELS];	/* in the order asked for */
};

static void
judge(struct check *k, const char *file, const struct image *im, const struct image_prog *p,
      struct subject *t, unsigned i)
{
	struct judged *j = &t->by[i];

	*j = (struct judged){.file = file, .image = im, .prog = p};
	j->opts = (struct verify_opts){.kernel = k->kernels[i], .caps = k->caps,
				       .flags = k->flags, .vmlinux_btf = k->btf,
				       .vmlinux_btf_size = k->btf_size, .types = &k->types,
				       .log_level = k->cli->opt[OPT_LOG] ? 2 : 0};
	if (j->opts.kernel == check_running_kernel())
		check_as_running(&j->opts);
	check_program(im, p, &j->opts, &t->arena, &j->result);
	k->judged++;
	k->rejected += j->result.verdict == VERDICT_REJECT;
}

static struct checked
checked_of(const struct judged *j)
{
	return (struct checked){j->image, j->prog, &j->opts, &j->result, NULL};
}

/* A fault is explained once, however many kernels find it; machines get it every time. */
static bool
explained_before(const struct subject *t, unsigned i)
{
	const struct verify_result *r = &t->by[i].result;

	for (unsigned n = 0; n < i; n++) {
		const struct verify_result *x = &t->by[n].result;

		if (x->verdict == r->verdict && x->insn == r->insn && x->code && r->code &&
		    !strcmp(x->code, r->code))
			return true;
	}
	return false;
}

/* The input that a rejected program fails on, where one was found. */
static void
save_input(struct check *k, struct subject *t, const struct judged *j)
{
	const char *path = k->cli->opt[OPT_INPUT];
	struct vs_input in;
	FILE *f;
	bool ok;

	verify_search(j->image, j->prog, &j->result, &j->why, 0, &t->arena, &in);
	if (!in.found)
		return;
	f = fopen(path, "we");
	ok = f && fprintf(f, "# %s: %s\n%s", in.text, in.fault, in.listing) >= 0;
	if (f)
		ok = fclose(f) == 0 && ok;
	if (!ok)
		k->status = cli_usage("cannot write %s: %s", path, strerror(errno));
}

static void
explain(struct check *k, struct subject *t, unsigned i)
{
	struct judged *j = &t->by[i];
	struct checked c = checked_of(j);

	if (!k->cli->opt[OPT_JSON] && explained_before(t, i))
		return;
	c.session = k->session;
	j->diag = check_report(&t->ds, &c, &j->why);
	if (k->cli->opt[OPT_INPUT])
		save_input(k, t, j);
}

static int
by_kernel(const void *a, const void *b)
{
	const struct checked *x = a, *y = b;

	return (int)x->opts->kernel - (int)y->opts->kernel;
}

/* What changes from kernel to kernel, and with a switch of the object. */
static void
say_differences(struct check *k, struct subject *t, struct buf *out)
{
	struct checked all[MAX_KERNELS];
	struct buf lines = buf_new(&t->arena);

	for (unsigned i = 0; i < k->nkernels; i++)
		all[i] = checked_of(&t->by[i]);
	qsort(all, k->nkernels, sizeof *all, by_kernel);
	across_kernels(&lines, all, k->nkernels);
	if (!k->cli->nsets)
		across_switches(&lines, &all[k->nkernels - 1]);
	for (char *at = lines.at, *nl; at && (nl = strchr(at, '\n')); at = nl + 1)
		buf_printf(out, "%s: %s: note: %.*s\n", t->by[0].file, t->by[0].prog->lisp_name,
			   (int)(nl - at), at);
}

static void
print(struct check *k, struct subject *t)
{
	struct buf b = buf_new(&t->arena);
	bool text = !k->cli->opt[OPT_JSON];

	for (unsigned i = 0; i < k->nkernels; i++) {
		const struct judged *j = &t->by[i];

		if (!text) {
			verdict_json(&b, j);
			buf_putc(&b, '\n');
		} else if (!k->cli->opt[OPT_BRIEF]) {
			verdict_text(&b, j, k->nkernels > 1 || k->cli->opt[OPT_KERNEL],
				     k->cli->opt[OPT_CAPS]);
		}
		if (k->cli->opt[OPT_LOG] && text)
			buf_str(&b, j->result.log);
	}
	if (text && !k->cli->opt[OPT_BRIEF])
		say_differences(k, t, &b);
	fwrite(b.at, 1, b.n, stdout);
	fflush(stdout);		/* before the explanation on standard error */
}

/* `images` has the file as each kernel would see it; mostly they are all the same. */
static void
examine(struct check *k, const char *file, struct work *w, struct image *const *images,
	uint32_t index)
{
	const char *name = images[0]->progs.at[index]->name;
	struct subject t = {0};

	arena_init(&t.arena);
	diags_init(&t.ds, &t.arena);
	for (unsigned i = 0; i < k->nkernels; i++) {
		const struct image *im = images[i];
		const struct image_prog *p = images[0]->progs.at[index];

		if (im != images[0] && index < im->progs.n &&
		    !strcmp(im->progs.at[index]->name, name))
			p = im->progs.at[index];
		else
			im = images[0];
		judge(k, file, im, p, &t, i);
		explain(k, &t, i);
	}
	print(k, &t);
	if (!k->cli->opt[OPT_JSON])
		cli_print_diags(k->cli, session_sources(w->session), &t.ds);
	arena_free(&t.arena);
}

static bool
wanted(const struct check *k, const struct image_prog *p)
{
	const char *name = k->cli->opt[OPT_PROG];

	return !name || strcmp(name, p->name) == 0 || (p->lisp_name && !strcmp(name, p->lisp_name));
}

static void
json_diags(struct check *k, const char *file, struct sources *s, const struct diags *ds)
{
	for (uint32_t i = 0; i < ds->all.n; i++) {
		struct buf b = buf_new(&k->arena);

		buf_puts(&b, "{\"file\":");
		buf_json_str(&b, str_of(file));
		buf_puts(&b, ",\"prog\":null,\"verdict\":\"error\",\"diagnostic\":");
		render_json(&b, s, ds->all.at[i]);
		printf("%s}\n", b.at);
	}
}

static void
finish(struct check *k, const char *file, struct work *w, uint32_t errors)
{
	if (k->cli->opt[OPT_JSON])
		json_diags(k, file, session_sources(w->session), &w->ds);
	else
		cli_print_diags(k->cli, session_sources(w->session), &w->ds);
	if (errors && k->status == STATUS_OK)
		k->status = STATUS_FAILED;
}

static void
check_source(struct check *k, const char *file, struct work *w, const char *text, size_t n)
{
	struct image im, *images[MAX_KERNELS];

	k->session = w->session;
	for (unsigned i = 0; i < k->nkernels; i++)
		images[i] = &im;
	if (work_feed_text(w, file, (str){text, n}, NULL) == STATUS_OK)
		if (session_build(w->session, &w->arena, &im, &w->ds))
			for (uint32_t i = 0; i < im.progs.n; i++)
				if (wanted(k, im.progs.at[i]))
					examine(k, file, w, images, i);
}

static bool
asks_for_kernel(const struct image *im)
{
	for (uint32_t i = 0; i < im->maps.n; i++)
		if (strstr(im->maps.at[i]->name, ".kconfig"))
			return true;
	return false;
}

static void
check_object(struct check *k, const char *file, struct work *w, const void *bytes, size_t n)
{
	struct elf_opts o = {.target_btf = k->btf, .target_btf_size = k->btf_size,
			     .sets = k->cli->sets, .nsets = k->cli->nsets, .type = k->type,
			     .source = work_read_source, .source_user = w};
	struct image *images[MAX_KERNELS] = {0};
	struct diags again;

	for (unsigned i = 0; i < k->nkernels; i++) {
		o.kernel = k->kernels[i];
		if (i && !asks_for_kernel(images[0])) {
			images[i] = images[0];
			continue;
		}
		diags_init(&again, &w->arena);	/* what the first reading says is enough */
		images[i] = elf_read(bytes, n, file, &o, session_sources(w->session), &w->arena,
				     i ? &again : &w->ds);
		if (!images[i]) {
			k->status = STATUS_USAGE;
			return;
		}
	}
	for (uint32_t i = 0; i < images[0]->progs.n; i++)
		if (wanted(k, images[0]->progs.at[i]))
			examine(k, file, w, images, i);
}

static void
check_file(struct check *k, const char *file)
{
	struct verify_opts o = {.kernel = k->kernels[0], .caps = k->caps, .flags = k->flags,
				.vmlinux_btf = k->btf, .vmlinux_btf_size = k->btf_size};
	bool mended = !k->cli->opt[OPT_FIX] || mend_file(k->cli, file, &o) == STATUS_OK;
	unsigned before = k->judged;
	char *bytes = NULL;
	struct work w;
	size_t n = 0;

	if (mended)
		bytes = cli_read_file(file, &n);

	if (!bytes || work_begin(&w, k->cli, &(struct session_opts){0})) {
		k->status = STATUS_USAGE;
		free(bytes);
		return;
	}
	k->types = (struct verify_types){.arena = &w.arena};
	if (!k->btf)
		session_kernel_btf(w.session, (const void **)&k->btf, &k->btf_size);
	if (work_is_object((str){bytes, n}))
		check_object(k, file, &w, bytes, n);
	else
		check_source(k, file, &w, bytes, n);
	finish(k, file, &w, w.ds.errors);
	if (k->judged == before && k->cli->opt[OPT_PROG] && !w.ds.errors)
		k->status = cli_usage("%s has no program `%s`", file, k->cli->opt[OPT_PROG]);
	if (!k->cli->opt[OPT_BTF])
		k->btf = NULL;		/* it was the session's */
	k->session = NULL;
	work_end(&w);
	free(bytes);
}

int
cmd_check(struct cli *c)
{
	struct check k = {.cli = c};

	arena_init(&k.arena);
	if (!parse_options(&k)) {
		arena_free(&k.arena);
		return STATUS_USAGE;
	}
	for (unsigned i = 0; i < c->nfiles; i++)
		check_file(&k, c->files[i]);
	if (k.rejected && k.status == STATUS_OK)
		k.status = STATUS_FAILED;
	if (c->opt[OPT_BTF])
		free(k.btf);
	arena_free(&k.arena);
	return k.status;
}

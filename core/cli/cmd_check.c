/* SPDX-License-Identifier: MIT */
/* cmd_check.c: `veery check FILE...`: what the kernel's verifier would say, without asking
 * it. A file is an ELF object when it begins like one, and source text otherwise. */
#include "facts/facts.h"
#include "object/elf_read.h"
#include "session/check.h"
#include "work.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_KERNELS = 32 };

struct check {
	struct cli *cli;
	struct arena arena;
	uint16_t kernels[MAX_KERNELS];
	unsigned nkernels;
	uint32_t caps, flags, type;
	const char *caps_text;
	void *btf;			/* of --btf; else the running kernel's, by `work` */
	size_t btf_size;
	unsigned judged, rejected;
	int status;
};

/* ---- options -------------------------------------------------------------------------------- */

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

	k->caps_text = list ? list : "bpf,perfmon";
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

/* ---- output ----------------------------------------------------------------------------------- */

static const char *
verdict_name(enum verdict v)
{
	return v == VERDICT_ACCEPT ? "accept" : v == VERDICT_REJECT ? "reject" : "unknown";
}

static void
json_string(struct buf *b, const char *key, const char *text)
{
	buf_printf(b, ",\"%s\":", key);
	if (text)
		buf_json_str(b, str_of(text));
	else
		buf_puts(b, "null");
}

static void
print_json(struct check *k, const char *file, uint16_t kernel, const struct image *im,
	   const struct image_prog *p, const struct verify_result *r)
{
	const struct fact_prog_type *t = fact_prog_type(p->type);
	struct buf b = buf_new(&k->arena);
	struct sources *s = im->sources;
	span at = r->verdict != VERDICT_ACCEPT && p->src && r->insn < p->ninsns ? p->src[r->insn] : 0;
	struct line_col lc = {0};

	buf_puts(&b, "{\"file\":");
	buf_json_str(&b, str_of(file));
	json_string(&b, "prog", p->lisp_name ? p->lisp_name : p->name);
	json_string(&b, "type", t ? t->name : "unknown");
	buf_printf(&b, ",\"kernel\":\"%u.%u\",\"caps\":\"%s\"", kernel >> 8, kernel & 0xff,
		   k->caps_text);
	json_string(&b, "verdict", verdict_name(r->verdict));
	json_string(&b, "unknown", r->verdict == VERDICT_ACCEPT ? NULL : r->unknown);
	json_string(&b, "code", r->code);
	if (r->verdict == VERDICT_REJECT)
		buf_printf(&b, ",\"insn\":%u", r->insn);
	else
		buf_puts(&b, ",\"insn\":null");
	json_string(&b, "kernel_message", r->kernel_message);
	buf_printf(&b, ",\"processed\":%lu,\"peak_states\":%u,\"usec\":%lu", r->processed,
		   r->peak_states, (unsigned long)(r->ns / 1000));
	if (at && s) {
		at = span_user(s, at);
		lc = span_line_col(s, at);
	}
	json_string(&b, "source_file", lc.line ? s->files.at[span_place(s, at).file].name : NULL);
	if (lc.line)
		buf_printf(&b, ",\"line\":%u,\"column\":%u}", lc.line, lc.col);
	else
		buf_puts(&b, ",\"line\":null,\"column\":null}");
	puts(b.at);
}

/* The kernel's words, or ours where it refuses without any. */
static const char *
rejection(const struct verify_result *r)
{
	const char *headline = r->code ? verify_headline(r->code) : NULL;

	if (r->kernel_message && *r->kernel_message)
		return r->kernel_message;
	return headline ? headline : "";
}

static void
print_text(struct check *k, const char *file, uint16_t kernel, const struct image_prog *p,
	   const struct verify_result *r)
{
	const char *name = p->lisp_name ? p->lisp_name : p->name;

	printf("%s: %s: %s", file, name, verdict_name(r->verdict));
	if (k->nkernels > 1 || k->cli->opt[OPT_KERNEL])
		printf(" on %u.%u", kernel >> 8, kernel & 0xff);
	if (k->cli->opt[OPT_CAPS])
		printf(" with --caps %s", k->caps_text);
	if (r->verdict == VERDICT_ACCEPT)
		printf(" (%u instructions, %lu processed, %.0f us)", p->ninsns, r->processed,
		       (double)r->ns / 1e3);
	else if (r->verdict == VERDICT_REJECT)
		printf(" at instruction %u: %s", r->insn, rejection(r));
	else
		printf(": %s is not modelled", r->unknown ? r->unknown : "something");
	putchar('\n');
}

/* ---- judging ------------------------------------------------------------------------------------- */

static void
judge(struct check *k, const char *file, const struct image *im, const struct image_prog *p,
      struct diags *ds)
{
	for (unsigned i = 0; i < k->nkernels; i++) {
		struct verify_opts o = {.kernel = k->kernels[i], .caps = k->caps, .flags = k->flags,
					.vmlinux_btf = k->btf, .vmlinux_btf_size = k->btf_size,
					.log_level = k->cli->opt[OPT_LOG] ? 2 : 0};
		long cpus = sysconf(_SC_NPROCESSORS_CONF);
		struct verify_result r;
		struct checked c = {im, p, &o, &r};
		struct arena a;

		if (o.kernel == check_running_kernel() && cpus > 0)
			o.cpus = (uint32_t)cpus;
		arena_init(&a);
		check_program(im, p, &o, &a, &r);
		k->judged++;
		k->rejected += r.verdict == VERDICT_REJECT;
		if (k->cli->opt[OPT_JSON])
			print_json(k, file, o.kernel, im, p, &r);
		else
			print_text(k, file, o.kernel, p, &r);
		if (k->cli->opt[OPT_LOG])
			fwrite(r.log.p, 1, r.log.n, stdout);
		if (!k->cli->opt[OPT_JSON] && i == 0)
			check_report(ds, &c, NULL);
		arena_free(&a);
	}
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
	struct image im;

	if (work_feed_text(w, file, (str){text, n}, NULL) == STATUS_OK)
		if (session_build(w->session, &w->arena, &im, &w->ds))
			for (uint32_t i = 0; i < im.progs.n; i++)
				if (wanted(k, im.progs.at[i]))
					judge(k, file, &im, im.progs.at[i], &w->ds);
}

static void
check_object(struct check *k, const char *file, struct work *w, const void *bytes, size_t n)
{
	struct elf_opts o = {.target_btf = k->btf, .target_btf_size = k->btf_size,
			     .kernel = k->kernels[0], .sets = k->cli->sets,
			     .nsets = k->cli->nsets, .type = k->type};
	struct image *im = elf_read(bytes, n, file, &o, session_sources(w->session), &w->arena,
				    &w->ds);

	if (!im)
		k->status = STATUS_USAGE;
	for (uint32_t i = 0; im && i < im->progs.n; i++)
		if (wanted(k, im->progs.at[i]))
			judge(k, file, im, im->progs.at[i], &w->ds);
}

static void
check_file(struct check *k, const char *file)
{
	struct work w;
	size_t n = 0;
	char *bytes = cli_read_file(file, &n);
	unsigned before = k->judged;

	if (!bytes || work_begin(&w, k->cli, &(struct session_opts){0})) {
		k->status = STATUS_USAGE;
		free(bytes);
		return;
	}
	if (!k->btf)
		session_kernel_btf(w.session, (const void **)&k->btf, &k->btf_size);
	if (n >= 4 && memcmp(bytes, "\177ELF", 4) == 0)
		check_object(k, file, &w, bytes, n);
	else
		check_source(k, file, &w, bytes, n);
	finish(k, file, &w, w.ds.errors);
	if (k->judged == before && k->cli->opt[OPT_PROG] && !w.ds.errors)
		k->status = cli_usage("%s has no program `%s`", file, k->cli->opt[OPT_PROG]);
	if (!k->cli->opt[OPT_BTF])
		k->btf = NULL;		/* it was the session's */
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

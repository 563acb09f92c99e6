/* SPDX-License-Identifier: MIT */
/* report.c: (save-report PROGRAM FILE): all that is needed to find out why the kernel and the
 * simulator disagree: the program, its maps, the profile, and both logs. */
#include "internal.h"

#include "object/elf_write.h"

#include "base/buf.h"
#include "check.h"
#include "listing.h"
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

static void
write_program(struct buf *b, const struct program *p)
{
	struct utsname u = {0};

	uname(&u);
	buf_printf(b, "veery %s, Linux %s %s\n\n", VEERY_VERSION, u.release, u.machine);
	program_listing(b, &p->image, p->prog);
	buf_puts(b, "\ninstructions:\n");
	for (uint32_t i = 0; i < p->prog->ninsns; i++) {
		const unsigned char *raw = (const unsigned char *)&p->prog->insns[i];

		for (int j = 0; j < 8; j++)
			buf_printf(b, "%02x", raw[j]);
		buf_putc(b, '\n');
	}
	for (uint32_t i = 0; i < p->image.maps.n; i++) {
		const struct image_map *m = p->image.maps.at[i];

		buf_printf(b, "map %u: %s type %u key %u value %u entries %u flags %#x\n", i, m->name,
			   m->type, m->key_size, m->value_size, m->max_entries, m->flags);
	}
}

static void
write_logs(struct session *s, struct buf *b, struct program *p, span at, struct diags *ds)
{
	struct verify_opts o = session_profile(s);
	struct load_request rq = {.image = &p->image, .prog = p->prog, .arena = b->arena,
				  .log_level = 2, .btf_fd = -1};
	struct load_result got = {.fd = -1};
	struct verify_result r;
	struct diags ignored;
	int *fds = arena_array(b->arena, int, p->image.maps.n + 1);

	o.log_level = 2;
	check_program(&p->image, p->prog, &o, b->arena, &r);
	buf_printf(b, "\nsimulator: verdict %d at %u: %s\n%.*s\n", r.verdict, r.insn,
		   r.kernel_message ? r.kernel_message : "", STR_ARG(r.log));
	for (uint32_t i = 0; i < p->image.maps.n; i++) {
		struct map *m = session_map_named(s, str_of(p->image.maps.at[i]->lisp_name));

		fds[i] = m ? session_map_fd(s, m, at, ds) : -1;
	}
	diags_init(&ignored, b->arena);
	rq.map_fds = fds;
	rq.vmlinux_btf = o.vmlinux_btf;
	rq.vmlinux_btf_size = o.vmlinux_btf_size;
	load_program(&rq, &got, &ignored);
	buf_printf(b, "\nkernel: %s\n%.*s\n", got.fd >= 0 ? "accepted" : "rejected",
		   STR_ARG(got.log));
	if (got.fd >= 0)
		close(got.fd);
}

/* The source lines that the failing path walked, the latest at the end. */
static void
tell_path(struct session *s, const struct program *p, const struct vs_explanation *x)
{
	enum { MOST = 40 };
	struct sources *src = p->image.sources;
	uint32_t lines[MOST], files[MOST], n = 0;

	for (uint32_t i = 0; src && p->prog->src && i < x->npath; i++) {
		span at = span_user(src, p->prog->src[x->path[i]]);
		uint32_t line = span_line_col(src, at).line, file = span_place(src, at).file;

		if (!line || (n && lines[(n - 1) % MOST] == line && files[(n - 1) % MOST] == file))
			continue;
		lines[n % MOST] = line;
		files[n++ % MOST] = file;
	}
	if (n)
		session_write(s, "the path, line by line%s:\n", n > MOST ? " (its end)" : "");
	for (uint32_t i = n > MOST ? n - MOST : 0; i < n; i++)
		session_write(s, "%5u | %.*s\n", lines[i % MOST],
			      STR_ARG(source_line(src, files[i % MOST], lines[i % MOST])));
}

/* (why): more about the last definition that was refused: the path that failed, the facts
 * at its end, and the complete log, with the state after every instruction: the kernel's
 * where it was asked, else the simulator's. */
bool
fn_why(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	struct program *p = s->rejected;
	struct verify_opts o = session_profile(s);
	struct vs_explanation x;
	struct verify_result r;
	struct arena a;

	*out = NIL;
	if (!p || !p->prog)
		return lisp_error(l, args.call, "no definition has been refused by a verifier");
	arena_init(&a);
	o.log_level = 2;
	check_program(&p->image, p->prog, &o, &a, &r);
	if (r.verdict == VERDICT_REJECT) {
		verify_explain(&p->image, p->prog, &o, &r, &a, &x);
		session_write(s, "%s: %s\n", x.code, x.headline);
		tell_path(s, p, &x);
		for (uint32_t i = 0; i < x.facts.n; i++)
			session_write(s, "fact: %s\n", x.facts.at[i]);
		if (x.state.n)
			session_write(s, "there is known:\n");
		for (uint32_t i = 0; i < x.state.n; i++)
			session_write(s, "  %s\n", x.state.at[i]);
	}
	session_write(s, "the %s log:\n%.*s", p->kernel_log.n ? "kernel's" : "simulator's",
		      STR_ARG(p->kernel_log.n ? p->kernel_log : r.log));
	arena_free(&a);
	return true;
}

/* (compile-to-elf PATH): every program of the session as one object. */
bool
fn_compile_to_elf(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	struct arena a;
	struct image im;
	uint32_t slots = 0;
	const char *path, *real, *why;
	bool ok;

	if (!is_string(args.at[0]))
		return lisp_error(l, args.call, "(compile-to-elf FILE) wants a file's name");
	path = arena_strndup(&s->arena, as_string(args.at[0]).p, as_string(args.at[0]).n);
	arena_init(&a);
	if (!session_may_write(s, as_string(args.at[0]), &a, &real, &why)) {
		lisp_error(l, args.call, "cannot write %s: %s", path, why);
		arena_free(&a);
		return false;
	}
	ok = session_build(s, &a, &im, lisp_diags(l));
	if (ok && !im.progs.n)
		ok = lisp_error(l, args.call, "no program is defined: there is nothing to write");
	ok = ok && elf_write(&im, real, lisp_diags(l));
	if (ok)
		vec_push(&s->arena, &s->written, path);
	for (uint32_t i = 0; ok && i < im.progs.n; i++)
		slots += im.progs.at[i]->ninsns;
	if (ok)
		*out = make_int(l, slots);
	arena_free(&a);
	return ok;
}

bool
fn_save_report(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	struct program *p = s->rejected;
	struct arena a;
	struct buf b;
	const char *path, *real, *why;
	FILE *f;
	bool ok;

	/* The definition that was just refused, if it is meant; else one that is there. */
	if (!p || !p->name || !is_symbol(args.at[0]) ||
	    !str_is(as_symbol(args.at[0])->name, p->name))
		p = arg_program(s, args, 0);
	if (!p)
		return false;
	if (!is_string(args.at[1]))
		return lisp_error(l, args.call, "(save-report PROGRAM FILE) wants a file's name");
	arena_init(&a);
	b = buf_new(&a);
	write_program(&b, p);
	write_logs(s, &b, p, args.call, lisp_diags(l));
	path = arena_strndup(&a, as_string(args.at[1]).p, as_string(args.at[1]).n);
	if (!session_may_write(s, as_string(args.at[1]), &a, &real, &why)) {
		lisp_error(l, args.call, "cannot write %s: %s", path, why);
		arena_free(&a);
		return false;
	}
	f = fopen(real, "we");
	ok = f && fwrite(b.at, 1, b.n, f) == b.n;
	if (f)
		ok = fclose(f) == 0 && ok;
	if (!ok)
		lisp_error(l, args.call, "cannot write %s: %s", path, strerror(errno));
	arena_free(&a);
	*out = args.at[1];
	return ok;
}

/* SPDX-License-Identifier: MIT */
/* cases.c: runs the text cases of tests/cases; see cases.h for their form. */
#include <criterion/criterion.h>

#include "cases.h"

#include "base/buf.h"
#include "compile/compile.h"
#include "image/disasm.h"
#include "session/load.h"
#include "syscalls/bpf.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct one {
	const char *file, *name;
	str text;		/* the case's lines, expectations included */
	bool optimise;
	bool may_load;		/* this machine lets us load programs */
	struct arena arena;
	struct sources sources;
	struct lisp *l;
	struct kenv *k;
	struct image image;
	struct diags ds;
	int *map_fds;
};

/* Ethernet, IPv4 10.0.0.1 -> 10.0.0.2, TCP 1234 -> 80 with SYN; padded to 64 bytes. */
static const uint8_t default_packet[64] = {
	2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0,
	0x45, 0, 0, 40, 0x12, 0x34, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
	0x04, 0xd2, 0, 80, 1, 2, 3, 4, 0, 0, 0, 0, 0x50, 2, 0xfa, 0xf0, 0, 0, 0, 0,
};

#define FAIL(o, ...) fail((o), arena_printf(&(o)->arena, __VA_ARGS__))

static void
fail(struct one *o, const char *what)
{
	cr_expect(false, "%s: %s%s: %s", o->file, o->name, o->optimise ? "" : " (unoptimised)",
		  what);
}

static bool
next_line(str *text, str *line)
{
	const char *nl;

	if (!text->n)
		return false;
	nl = memchr(text->p, '\n', text->n);
	*line = (str){text->p, nl ? (size_t)(nl - text->p) : text->n};
	text->p += line->n + (nl != NULL);
	text->n -= line->n + (nl != NULL);
	return true;
}

static bool
has_line(const struct one *o, const char *prefix)
{
	str text = o->text, line;

	while (next_line(&text, &line))
		if (str_starts(line, prefix))
			return true;
	return false;
}

/* ---- compiling -------------------------------------------------------------------------- */

static bool
evaluate(struct one *o, value form)
{
	struct compile_opts opts = {.no_optimise = !o->optimise};
	value out;

	if (is_cons(form) && is_symbol(car(form))) {
		const struct symbol *head = as_symbol(car(form));

		if (kenv_is_declaration(head))
			return kenv_declare(o->k, form, &o->ds);
		if (str_is(head->name, "defprog"))
			return compile_prog(o->k, form, &o->arena, &o->image, &opts, NULL,
					    &o->ds);
	}
	return lisp_eval(o->l, form, &out, &o->ds);
}

static void
compile_case(struct one *o)
{
	struct buf b = buf_new(&o->arena);
	struct reader r = {0};
	enum read_status st;
	bool whole = memmem(o->text.p, o->text.n, "(defprog", 8) != NULL;
	value form;

	/* Declarations stay at the top level; what follows the first other form is the body.
	 */
	if (!whole) {
		str text = o->text, line;
		bool body = false;

		while (next_line(&text, &line)) {
			if (!body && line.n && line.p[0] != ';' && line.p[0] != ' ' &&
			    !str_starts(line, "(def") && !str_starts(line, "(import-")) {
				body = true;
				buf_puts(&b, "(defprog p (:type :xdp) ");
			}
			buf_str(&b, line);
			buf_putc(&b, '\n');
		}
		buf_puts(&b, body ? ")" : "(defprog p (:type :xdp))");
	} else {
		buf_str(&b, o->text);
	}
	r.file = sources_add(&o->sources, o->name, buf_text(&b));
	while ((st = lisp_read(o->l, &r, &form, &o->ds)) == READ_FORM)
		evaluate(o, form);
	if (st == READ_ERROR)
		FAIL(o, "does not read");
}

/* ---- errors ----------------------------------------------------------------------------- */

static bool
says(const struct diag *d, str phrase)
{
	if (memmem(d->message, strlen(d->message), phrase.p, phrase.n))
		return true;
	for (uint32_t i = 0; i < d->helps.n; i++)
		if (memmem(d->helps.at[i], strlen(d->helps.at[i]), phrase.p, phrase.n))
			return true;
	for (uint32_t i = 0; i < d->notes.n; i++)
		if (memmem(d->notes.at[i], strlen(d->notes.at[i]), phrase.p, phrase.n))
			return true;
	for (uint32_t i = 0; i < d->labels.n; i++)
		if (memmem(d->labels.at[i].text, strlen(d->labels.at[i].text), phrase.p,
			   phrase.n))
			return true;
	return false;
}

static void
report_diags(struct one *o)
{
	for (uint32_t i = 0; i < o->ds.all.n; i++) {
		const struct diag *d = o->ds.all.at[i];
		struct line_col at = span_line_col(&o->sources, d->at);

		FAIL(o, "%u:%u %s %s\n%s", at.line, at.col, d->code, d->message,
		     d->kernel ? d->kernel : "");
	}
}

static void
check_error(struct one *o, str rest)
{
	char code[16];
	unsigned line, col;
	int used = 0;
	char *text = arena_strndup(&o->arena, rest.p, rest.n);
	str phrase;

	if (sscanf(text, "%15s %u:%u %n", code, &line, &col, &used) != 3) {
		FAIL(o, "bad expectation: %s", text);
		return;
	}
	phrase = str_of(text + used);
	for (uint32_t i = 0; i < o->ds.all.n; i++) {
		const struct diag *d = o->ds.all.at[i];
		struct line_col at = span_line_col(&o->sources, d->at);

		if (strcmp(d->code, code) == 0 && at.line == line && at.col == col &&
		    says(d, phrase))
			return;
	}
	FAIL(o, "no such error: %s", text);
	report_diags(o);
}

/* ---- running ---------------------------------------------------------------------------- */

static bool
make_maps(struct one *o)
{
	int btf = load_btf(&o->image);

	o->map_fds = arena_array(&o->arena, int, o->image.maps.n + 1);
	for (uint32_t i = 0; i < o->image.maps.n; i++) {
		o->map_fds[i] = load_map(o->image.maps.at[i], btf, 0, &o->ds);
		if (o->map_fds[i] < 0)
			return false;
	}
	if (btf >= 0)
		close(btf);
	return true;
}

/* The kernel's BTF, read once. */
static bool
vmlinux(void *ud, const void **data, size_t *size)
{
	static void *btf;
	static size_t btf_size;
	FILE *f = btf ? NULL : fopen("/sys/kernel/btf/vmlinux", "r");

	(void)ud;
	if (f) {
		btf = malloc(32 << 20);
		btf_size = btf ? fread(btf, 1, 32 << 20, f) : 0;
		fclose(f);
	}
	*data = btf;
	*size = btf_size;
	return btf_size != 0;
}

static int
load_case(struct one *o)
{
	int btf = load_btf(&o->image);
	struct load_request rq = {.image = &o->image, .prog = *vec_last(&o->image.progs),
				  .map_fds = o->map_fds, .btf_fd = btf, .arena = &o->arena};
	struct load_result res = {.fd = -1};
	struct buf b = buf_new(&o->arena);

	vmlinux(NULL, &rq.vmlinux_btf, &rq.vmlinux_btf_size);
	load_program(&rq, &res, &o->ds);
	if (btf >= 0)
		close(btf);
	if (res.fd < 0) {
		disasm_prog(&b, rq.prog->insns, rq.prog->ninsns, NULL);
		FAIL(o, "does not load:\n%s%.*s", b.at, STR_ARG(res.log));
		report_diags(o);
	}
	return res.fd;
}

static uint32_t
read_packet(str hex, uint8_t *out, uint32_t max)
{
	char *p = strndup(hex.p, hex.n), *q = p, *end;
	uint32_t n = 0;

	for (;;) {
		unsigned long v = strtoul(q, &end, 16);

		if (end == q || n == max)
			break;
		out[n++] = (uint8_t)v;
		q = end;
	}
	free(p);
	return n;
}

static void
run_case(struct one *o, int fd)
{
	uint8_t packet[256], back[512];
	uint32_t size = sizeof default_packet;
	str text = o->text, line;
	long long want = -1;
	struct sys_test_run_attr run = {.prog_fd = (uint32_t)fd};
	struct buf b = buf_new(&o->arena);

	memcpy(packet, default_packet, size);
	while (next_line(&text, &line)) {
		if (str_starts(line, ";; packet "))
			size = read_packet((str){line.p + 10, line.n - 10}, packet,
					   sizeof packet);
		if (str_starts(line, ";; => "))
			want = strtoll(line.p + 6, NULL, 0);
	}
	run.data_in = (uintptr_t)packet;
	run.data_size_in = size;
	run.data_out = (uintptr_t)back;
	run.data_size_out = sizeof back;
	cr_expect(sys_prog_test_run(&run) == 0, "%s: %s: test run", o->file, o->name);
	if (run.retval == (uint32_t)want)
		return;
	disasm_prog(&b, (*vec_last(&o->image.progs))->insns,
		    (*vec_last(&o->image.progs))->ninsns, NULL);
	FAIL(o, "returned %u, want %lld\n%s", run.retval, want, b.at);
}

static void
check_map(struct one *o, str rest)
{
	char name[64];
	long long key, want;
	char *text = arena_strndup(&o->arena, rest.p, rest.n);

	if (sscanf(text, "%63[^[][%lld] = %lld", name, &key, &want) != 3) {
		FAIL(o, "bad expectation: %s", text);
		return;
	}
	for (uint32_t i = 0; i < o->image.maps.n; i++) {
		const struct image_map *m = o->image.maps.at[i];
		uint64_t v[64] = {0};
		int r;

		if (strcmp(m->lisp_name, name) != 0)
			continue;
		r = sys_map_lookup(o->map_fds[i], &key, v, 0);
		if (want < 0 ? r == 0 : r < 0 || v[0] != (uint64_t)want)
			FAIL(o, "%s[%lld]: %s %llu, want %lld", name, key,
			     r < 0 ? "absent" : "is", (unsigned long long)v[0], want);
		return;
	}
	FAIL(o, "no map %s", name);
}

static void
run_or_load(struct one *o)
{
	str text = o->text, line;
	int fd;

	if (!make_maps(o)) {
		FAIL(o, "maps");
		report_diags(o);
		return;
	}
	fd = load_case(o);
	if (fd < 0)
		return;
	if (has_line(o, ";; => "))
		run_case(o, fd);
	while (next_line(&text, &line))
		if (str_starts(line, ";; map "))
			check_map(o, (str){line.p + 7, line.n - 7});
	close(fd);
	for (uint32_t i = 0; i < o->image.maps.n; i++)
		close(o->map_fds[i]);
}

/* ---- one case --------------------------------------------------------------------------- */

static void
check_code(struct one *o)
{
	str text = o->text, line;

	for (uint32_t p = 0; p < o->image.progs.n; p++) {
		const struct image_prog *prog = o->image.progs.at[p];

		for (uint32_t i = 0; i < prog->ninsns; i++)
			if (!prog->src[i])
				FAIL(o, "instruction %u has no place in the source", i);
	}
	while (next_line(&text, &line)) {
		if (str_starts(line, ";; insns <= ") && o->optimise &&
		    (*vec_last(&o->image.progs))->ninsns > strtoul(line.p + 12, NULL, 10))
			FAIL(o, "%u instructions, more than %.*s",
			     (*vec_last(&o->image.progs))->ninsns, STR_ARG(line));
	}
}

static void
check_case(struct one *o)
{
	str text = o->text, line;
	bool errors = has_line(o, ";; error ");

	compile_case(o);
	while (next_line(&text, &line))
		if (str_starts(line, ";; error "))
			check_error(o, (str){line.p + 9, line.n - 9});
	if (errors) {
		if (!o->ds.errors)
			FAIL(o, "compiles");
		return;
	}
	if (o->ds.errors || !o->image.progs.n) {
		report_diags(o);
		FAIL(o, "does not compile");
		return;
	}
	check_code(o);
	if (o->may_load)
		run_or_load(o);
}

static void
start_case(const char *file, str name, str text, bool optimise, bool may_load)
{
	struct one o = {
		.file = file, .text = text, .optimise = optimise, .may_load = may_load};

	if (!optimise && has_line(&o, ";; optimised only"))
		return;
	arena_init(&o.arena);
	o.name = arena_strndup(&o.arena, name.p, name.n);
	sources_init(&o.sources);
	diags_init(&o.ds, &o.arena);
	o.image = (struct image){.arena = &o.arena, .sources = &o.sources};
	/* The second time around also looks for forms that nobody keeps alive. */
	o.l = lisp_new(&o.sources, &(struct lisp_limits){.gc_stress = !optimise});
	o.k = kenv_new(o.l, &(struct compile_host){.vmlinux_btf = vmlinux});
	check_case(&o);
	kenv_free(o.k);
	lisp_free(o.l);
	sources_free(&o.sources);
	arena_free(&o.arena);
}

static char *
read_file(const char *path, size_t *n)
{
	FILE *f = fopen(path, "r");
	char *text;

	cr_assert(f, "%s", path);
	fseek(f, 0, SEEK_END);
	*n = (size_t)ftell(f);
	rewind(f);
	text = calloc(1, *n + 1);
	cr_assert(fread(text, 1, *n, f) == *n);
	fclose(f);
	return text;
}

void
run_case_file(const char *path, bool optimise)
{
	size_t n;
	char *text = read_file(path, &n), *at, *next;
	struct arena a;
	const char *why = NULL;
	bool may_load;

	arena_init(&a);
	may_load = load_allowed(&a, &why);
	arena_free(&a);
	for (at = strstr(text, ";;; "); at; at = next) {
		char *eol = strchr(at, '\n');

		next = strstr(at + 4, "\n;;; ");
		if (next)
			*next++ = 0;
		start_case(path, (str){at + 4, (size_t)(eol - at - 4)}, str_of(eol + 1),
			   optimise, may_load);
	}
	free(text);
}

static void
run_folder(const char *pattern, bool optimise)
{
	glob_t g;

	cr_assert(glob(pattern, 0, NULL, &g) == 0, "%s", pattern);
	for (size_t i = 0; i < g.gl_pathc; i++)
		run_case_file(g.gl_pathv[i], optimise);
	globfree(&g);
}

static void
need_bpf(void)
{
	struct arena a;
	const char *why = NULL;
	bool ok;

	arena_init(&a);
	ok = load_allowed(&a, &why);
	arena_free(&a);
	if (!ok)
		cr_skip_test("needs CAP_BPF");
}

Test(cases, language)
{
	need_bpf();
	run_folder("tests/cases/lang/*.lisp", true);
}

Test(cases, language_unoptimised)
{
	need_bpf();
	run_folder("tests/cases/lang/*.lisp", false);
}

Test(cases, errors)
{
	run_folder("tests/cases/errors/*.lisp", true);
}

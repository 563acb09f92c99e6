/* SPDX-License-Identifier: MIT */
/* define.c: what (defmap ...), (defprog ...) and the other declarations do in a session.
 *
 * A definition is compiled, checked and (in a live session) loaded before anything that
 * exists is touched; only then does the new version take the old one's place: its
 * attachments are swapped one by one, and all swapped back if one of them fails. So a bad
 * redefinition leaves the old program running, and a map keeps its contents as long as its
 * shape stays the same. */
#include "internal.h"

#include "attach.h"
#include "check.h"
#include "facts/facts.h"
#include "load.h"
#include "syscalls/cpus.h"
#include "syscalls/ring.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- maps ------------------------------------------------------------------------------- */

static bool
same_shape(const struct image_map *a, const struct image_map *b)
{
	return a->type == b->type && a->key_size == b->key_size &&
	       a->value_size == b->value_size && a->max_entries == b->max_entries &&
	       a->flags == b->flags && a->extra == b->extra;
}

uint32_t
map_transfer_size(const struct map *m)
{
	const struct fact_map_type *t = fact_map_type(m->spec.type);

	if (t && t->per_cpu)
		return ((m->spec.value_size + 7) & ~7u) * sys_cpus_possible();
	return m->spec.value_size;
}

void
map_close(struct map *m)
{
	sys_ring_close(m->ring);
	m->ring = NULL;
	if (m->fd >= 0)
		close(m->fd);
	m->fd = -1;
}

/* The session's map for a declared one, made or brought up to date. */
static struct map *
adopt_map(struct session *s, const struct image_map *spec, struct diags *ds)
{
	struct map *m = session_map_named(s, str_of(spec->lisp_name));

	if (!m) {
		m = arena_new(&s->arena, struct map);
		m->name = arena_strdup(&s->arena, spec->lisp_name);
		m->fd = -1;
		vec_push(&s->arena, &s->maps, m);
	} else if (m->fd >= 0 && !same_shape(&m->spec, spec)) {
		struct diag *d = diag_warning(ds, "S0001", spec->at,
					      "`%s` changed its shape: it starts empty", m->name);

		diag_note(ds, d, "programs that run keep the old map until they are defined again");
		map_close(m);
	}
	m->spec = *spec;
	m->forgotten = false;
	return m;
}

static int
make_map(const struct image_map *spec, int btf_fd, span at, struct diags *ds)
{
	return spec->pin ? load_pinned_map(spec, btf_fd, at, ds) : load_map(spec, btf_fd, at, ds);
}

/* No program has made it, so it gets types of its own: others shall see names too. */
static int
make_map_alone(struct session *s, const struct image_map *spec, span at, struct diags *ds)
{
	struct image_map typed = *spec;
	struct arena a;
	struct image im = {.arena = &a};
	int btf_fd, fd;

	arena_init(&a);
	compile_map_types(s->kenv, &typed, &im);
	btf_fd = load_btf(&im);
	fd = make_map(&typed, btf_fd, at, ds);
	if (btf_fd >= 0)
		close(btf_fd);
	arena_free(&a);
	return fd;
}

int
session_map_fd(struct session *s, struct map *m, span at, struct diags *ds)
{
	if (m->fd >= 0)
		return m->fd;
	if (!s->opts.live) {
		struct diag *d = diag_error(ds, "S0002", at, "`%s` exists only in a live session",
					    m->name);

		diag_help(ds, d, "this command compiles without touching the kernel");
		return -1;
	}
	m->fd = make_map_alone(s, &m->spec, at, ds);
	return m->fd;
}

static void
report_map(struct session *s, const struct map *m)
{
	const struct fact_map_type *t = fact_map_type(m->spec.type);

	if (!s->opts.report)
		return;
	session_write(s, "; %s: %s", m->name, t ? t->name : "map");
	if (m->spec.key_size)
		session_write(s, ", %u-byte keys", m->spec.key_size);
	if (m->spec.value_size)
		session_write(s, ", %u-byte values", m->spec.value_size);
	session_write(s, ", %u %s%s\n", m->spec.max_entries,
		      m->spec.key_size || m->spec.value_size ? "entries" : "bytes",
		      m->fd >= 0 ? ", contents kept" : "");
}

/* For programs and maps: (attach count). */
void
session_bind_name(value name)
{
	if (as_symbol(name)->global == UNBOUND)
		as_symbol(name)->global = name;
}

void
session_adopt_types(struct session *s, struct btf *b, struct image_map *spec)
{
	kenv_adopt_types(s->kenv, b, spec);
	if (spec->key_struct)
		session_define_record(s, str_of(spec->key_struct));
	if (spec->value_struct)
		session_define_record(s, str_of(spec->value_struct));
}

void
session_adopt_map(struct session *s, const struct image_map *spec, int fd)
{
	struct diags ignored;
	struct map *m;

	diags_init(&ignored, &s->arena);	/* that the name meant another map is as asked */
	m = adopt_map(s, spec, &ignored);
	if (fd >= 0) {
		map_close(m);
		m->fd = fd;
	}
	kenv_adopt_map(s->kenv, spec);
	session_bind_name(make_symbol(s->lisp, str_of(m->name)));
}

static bool
declare(struct lisp *l, void *ud, value form, value *out)
{
	struct session *s = ud;
	struct symbol *head = as_symbol(car(form));
	value name = car(cdr(form));
	struct script_bound bound = session_begin_definition(s);
	bool ok;

	ok = kenv_declare(s->kenv, form, lisp_diags(l));
	session_end_definition(s, bound);
	if (!ok)
		return false;
	*out = is_symbol(name) ? name : NIL;
	if ((str_is(head->name, "defmap") || str_is(head->name, "defglobal")) &&
	    is_symbol(name)) {	/* a global is a map of one entry */
		const struct image_map *spec = kenv_map_named(s->kenv, as_symbol(name)->name);

		if (spec)
			report_map(s, adopt_map(s, spec, lisp_diags(l)));
		session_bind_name(name);
	}
	if (str_is(head->name, "defstruct") && is_symbol(name))
		session_define_record(s, as_symbol(name)->name);
	return true;
}

/* ---- programs --------------------------------------------------------------------------- */

void
program_free(struct program *p)
{
	if (p->fd >= 0)
		close(p->fd);
	arena_free(&p->arena);
	free(p);
}

struct program *
program_new(struct session *s)
{
	struct program *p = calloc(1, sizeof *p);

	if (!p)
		abort();
	arena_init(&p->arena);
	p->image = (struct image){.arena = &p->arena, .sources = &s->sources};
	p->fd = -1;
	return p;
}

static bool
compile(struct session *s, struct program *p, value form, struct diags *ds)
{
	uint64_t start = session_clock_ns();

	if (!compile_prog(s->kenv, form, &p->arena, &p->image, NULL, &p->phases, ds))
		return false;
	p->compile_ns = session_clock_ns() - start;
	p->prog = p->image.progs.at[0];
	p->name = p->prog->lisp_name;
	return true;
}

/* Maps the program uses, created where needed, with their types: locks and timers in values
 * need them. Null after adding a diag. */
static int *
map_fds(struct session *s, struct program *p, int btf_fd, span at, struct diags *ds)
{
	int *fds = arena_array(&p->arena, int, p->image.maps.n + 1);

	for (uint32_t i = 0; i < p->image.maps.n; i++) {
		const struct image_map *spec = p->image.maps.at[i];
		struct map *m = session_map_named(s, str_of(spec->lisp_name));

		if (!m || (spec->agg && !same_shape(&m->spec, spec)))
			m = adopt_map(s, spec, ds);
		if (m->fd < 0)
			m->fd = make_map(spec, btf_fd, at, ds);
		fds[i] = m->fd;
		if (fds[i] < 0)
			return NULL;
	}
	return fds;
}

static struct diag *
report(struct session *s, const struct program *p, struct diags *ds)
{
	struct verify_opts o = session_profile(s);
	struct checked c = {&p->image, p->prog, &o, &p->check, p->from_object ? NULL : s};

	return check_report(ds, &c, NULL);
}

/* Judge before asking the kernel. What the simulator says decides nothing by itself unless
 * the session is strict; it is kept to explain a rejection, and to notice disagreement. */
static bool
check(struct session *s, struct program *p, struct diags *ds)
{
	struct verify_opts o = session_profile(s);

	check_program(&p->image, p->prog, &o, &p->arena, &p->check);
	p->check_ns = p->check.ns;
	if (!s->opts.strict || p->check.verdict != VERDICT_REJECT)
		return true;
	report(s, p, ds);
	return false;
}

/* What to show after the kernel has spoken: a rejection that the simulator foresaw is shown
 * as the simulator explains it, with the kernel's words; disagreement is said in one line. */
static bool
conclude(struct session *s, struct program *p, const struct load_result *got,
	 const struct diags *kernel, struct diags *ds)
{
	struct diag *mine = NULL;
	bool loaded = got->fd >= 0, rejected = got->rejected;

	if (rejected && p->check.verdict == VERDICT_REJECT) {
		diag_note(ds, report(s, p, ds),
			  "the kernel was asked and agrees; (why) shows its complete log");
		return false;
	}
	for (uint32_t i = 0; i < kernel->all.n; i++) {
		vec_push(ds->arena, &ds->all, kernel->all.at[i]);
		ds->errors += kernel->all.at[i]->severity == DIAG_ERROR;
	}
	if ((loaded && p->check.verdict == VERDICT_REJECT) ||
	    (rejected && p->check.verdict == VERDICT_ACCEPT)) {
		mine = diag_warning(ds, "B0003", p->prog->at,
				    "the kernel %s `%s`, veery's simulator would %s it",
				    loaded ? "accepts" : "rejects", p->name,
				    loaded ? "reject" : "accept");
		diag_help(ds, mine, "this is a fault in veery: (save-report %s \"report.txt\") keeps "
				    "what is needed to mend it", p->name);
	}
	return loaded;
}

/* Hooks, functions or variables that are found in the kernel's BTF. */
static bool
names_kernel_things(const struct image_prog *p)
{
	for (uint32_t i = 0; i < p->relocs.n; i++)
		if (p->relocs.at[i].kind == RELOC_KFUNC || p->relocs.at[i].kind == RELOC_KSYM)
			return true;
	return p->type == BPF_PROG_TYPE_TRACING || p->type == BPF_PROG_TYPE_LSM;
}

static bool
load(struct session *s, struct program *p, struct diags *ds)
{
	struct load_request rq = {.image = &p->image, .prog = p->prog, .arena = &p->arena};
	struct load_result got = {.fd = -1};
	struct diags kernel;
	uint32_t before = ds->all.n;
	bool ok;

	diags_init(&kernel, ds->arena);
	rq.btf_fd = load_btf(&p->image);
	rq.map_fds = map_fds(s, p, rq.btf_fd, p->prog->at, ds);
	if (!rq.map_fds) {
		if (rq.btf_fd >= 0)
			close(rq.btf_fd);
		return false;
	}
	if (names_kernel_things(p->prog))
		session_vmlinux(s, &rq.vmlinux_btf, &rq.vmlinux_btf_size);
	ok = load_program(&rq, &got, &kernel);
	if (rq.btf_fd >= 0)
		close(rq.btf_fd);
	p->fd = got.fd;
	p->load_ns = got.ns;
	p->kernel_log = got.log;
	if (ok)
		p->state = PROGRAM_LOADED;
	ok = conclude(s, p, &got, &kernel, ds);
	for (uint32_t i = before; !ok && got.rejected && i < ds->all.n; i++)
		ds->all.at[i]->log = got.log.p;
	return ok;
}

/* Swap every attachment of `old` to `p`; all or none. */
static bool
take_over(struct program *p, struct program *old, struct diags *ds)
{
	for (uint32_t i = 0; i < old->attachments.n; i++) {
		if (attachment_replace(old->attachments.at[i], p->prog, p->fd, p->prog->at, ds))
			continue;
		while (i-- > 0)
			attachment_replace(old->attachments.at[i], old->prog, old->fd,
					   old->prog->at, ds);
		return false;
	}
	for (uint32_t i = 0; i < old->attachments.n; i++)
		vec_push(&p->arena, &p->attachments, old->attachments.at[i]);
	return true;
}

static bool
install(struct session *s, struct program *p, struct diags *ds)
{
	for (uint32_t i = 0; i < s->programs.n; i++) {
		struct program *old = s->programs.at[i];

		if (strcmp(old->name, p->name) != 0)
			continue;
		if (!take_over(p, old, ds))
			return false;
		s->programs.at[i] = p;
		program_free(old);
		return true;
	}
	vec_push(&s->arena, &s->programs, p);
	return true;
}

static void
report_program(struct session *s, const struct program *p)
{
	if (!s->opts.report)
		return;
	session_write(s, "; %s: %u insns", p->name, p->prog->ninsns);
	if (!p->from_object)
		session_write(s, ", compile %.1f us", (double)p->compile_ns / 1e3);
	if (p->check_ns)
		session_write(s, ", check %.1f us", (double)p->check_ns / 1e3);
	if (p->state == PROGRAM_LOADED)
		session_write(s, ", load %.1f us", (double)p->load_ns / 1e3);
	else
		session_write(s, ", not loaded");
	for (uint32_t i = 0; i < p->attachments.n; i++)
		session_write(s, "%s %s", i ? "," : "; now running:",
			      attachment_describe(p->attachments.at[i]));
	session_write(s, "\n");
}

/* The forms of all programs, newest first, live in a symbol's value: rooted like any other. */
static void
remember_form(struct session *s, value form, struct arena *scratch)
{
	struct symbol *home = as_symbol(s->forms);
	VEC(value) others = {0};
	value list = NIL;

	for (value f = home->global; is_cons(f); f = cdr(f))
		if (car(cdr(car(f))) != car(cdr(form)))
			vec_push(scratch, &others, car(f));
	while (others.n)
		list = cons(s->lisp, others.at[--others.n], list);
	home->global = cons(s->lisp, form, list);
}

/* Maps that came into being with the program, (count @name), are known at the prompt. */
static void
adopt_aggregations(struct session *s, const struct program *p, struct diags *ds)
{
	for (uint32_t i = 0; i < p->image.maps.n; i++) {
		const struct image_map *spec = kenv_map_named(
			s->kenv, str_of(p->image.maps.at[i]->lisp_name));

		if (!spec || !spec->agg)
			continue;
		if (!session_map_named(s, str_of(spec->lisp_name)))
			adopt_map(s, spec, ds);
		session_bind_name(make_symbol(s->lisp, str_of(spec->lisp_name)));
	}
}

static bool
listen_to(struct session *s, const struct program *p, struct diags *ds)
{
	for (uint32_t i = 0; s->opts.live && i < p->image.maps.n; i++)
		if (strcmp(p->image.maps.at[i]->lisp_name, FORMAT_RING) == 0)
			return session_printf_start(s, p->prog->at, ds);
	return true;
}

bool
session_bring_in(struct session *s, struct program *p, struct diags *ds)
{
	if ((s->opts.live && !(check(s, p, ds) && load(s, p, ds))) || !listen_to(s, p, ds) ||
	    !install(s, p, ds))
		return false;
	report_program(s, p);
	return true;
}

static bool
define_program(struct lisp *l, void *ud, value form, value *out)
{
	struct session *s = ud;
	struct diags *ds = lisp_diags(l);
	struct program *p = program_new(s);
	struct script_bound bound = session_begin_definition(s);
	bool ok;

	ok = compile(s, p, form, ds) && session_bring_in(s, p, ds);
	session_end_definition(s, bound);
	if (!ok) {
		if (s->rejected)
			program_free(s->rejected);
		s->rejected = p;	/* for (save-report) */
		return false;
	}
	remember_form(s, form, &p->arena);
	adopt_aggregations(s, p, ds);
	session_bind_name(car(cdr(form)));
	*out = car(cdr(form));
	return true;
}

bool
session_build(struct session *s, struct arena *a, struct image *out, struct diags *ds)
{
	struct compile_opts o = {.for_object = true};
	VEC(value) forms = {0};

	*out = (struct image){.arena = a, .sources = &s->sources};
	for (value f = as_symbol(s->forms)->global; is_cons(f); f = cdr(f))
		vec_push(a, &forms, car(f));
	while (forms.n) {
		uint32_t said = ds->all.n;

		if (!compile_prog(s->kenv, forms.at[--forms.n], a, out, &o, NULL, ds))
			return false;
		ds->all.n = said;	/* warnings were given when it was defined */
	}
	return true;
}

str
session_ir(struct session *s, struct program *p, const char *pass, struct arena *a,
	   struct diags *ds)
{
	str text = {0};
	struct compile_opts o = {.dump_after = pass, .dump = &text};
	struct image im = {.arena = a, .sources = &s->sources};

	for (value f = as_symbol(s->forms)->global; is_cons(f); f = cdr(f)) {
		value name = car(cdr(car(f)));

		if (is_symbol(name) && str_is(as_symbol(name)->name, p->name))
			compile_prog(s->kenv, car(f), a, &im, &o, NULL, ds);
	}
	return text;
}

/* ---- attaching ---------------------------------------------------------------------------- */

bool
session_attach_with(struct session *s, struct program *p, struct attach_request *rq,
		    struct diags *ds)
{
	struct attachment *att;

	if (p->state != PROGRAM_LOADED) {
		diag_error(ds, "S0003", rq->at, "`%s` is not loaded, so it cannot be attached",
			   p->name);
		return false;
	}
	rq->prog = p->prog;
	rq->prog_fd = p->fd;
	att = attach_program(rq, ds);
	if (!att)
		return false;
	vec_push(&p->arena, &p->attachments, att);
	if (s->opts.report)
		session_write(s, "; %s: %s\n", p->name, attachment_describe(att));
	return true;
}

bool
session_attach(struct session *s, struct program *p, const char *target, span at,
	       struct diags *ds)
{
	return session_attach_with(s, p, &(struct attach_request){.target = target, .at = at}, ds);
}

uint32_t
session_detach(struct session *s, struct program *p)
{
	uint32_t n = p->attachments.n;

	(void)s;
	for (uint32_t i = 0; i < n; i++)
		attachment_detach(p->attachments.at[i]);
	p->attachments.n = 0;
	return n;
}

/* A place in a vector of pointers is given up; order is kept. */
#define REMOVE(v, i) \
	(memmove(&(v)->at[i], &(v)->at[(i) + 1], sizeof *(v)->at * ((v)->n - (i) - 1)), (v)->n--)

/* Nor does compile-to-elf write it any more. */
static void
forget_form(struct session *s, str name)
{
	value *at = &as_symbol(s->forms)->global;

	while (is_cons(*at)) {
		value defined = car(cdr(car(*at)));

		if (is_symbol(defined) && str_eq(as_symbol(defined)->name, name))
			*at = cdr(*at);
		else
			at = &as_cons(*at)->cdr;
	}
}

bool
session_forget(struct session *s, str name)
{
	bool found = false;

	forget_form(s, name);
	for (uint32_t i = 0; i < s->programs.n; i++)
		if (str_is(name, s->programs.at[i]->name)) {
			session_detach(s, s->programs.at[i]);
			program_free(s->programs.at[i]);
			REMOVE(&s->programs, i);
			found = true;
			break;
		}
	for (uint32_t i = 0; i < s->maps.n; i++)
		if (str_is(name, s->maps.at[i]->name)) {
			map_close(s->maps.at[i]);
			s->maps.at[i]->forgotten = true;
			found = true;
			break;
		}
	return found;
}

static bool
is_head(value form, const char *name)
{
	return is_cons(form) && is_symbol(car(form)) && str_is(as_symbol(car(form))->name, name);
}

/* (NAME TYPE): the type a symbol that is no constant, or one of the three composite ones. */
static bool
is_typed_field(value f)
{
	value type = is_cons(f) ? car(cdr(f)) : NIL;

	if (!is_cons(f) || list_length(f) != 2)
		return false;
	if (is_cons(type))
		return is_head(type, "array") || is_head(type, "bits") || is_head(type, "struct");
	return is_symbol(type) && type != NIL && type != T && !is_keyword(type);
}

/* Common Lisp's defstruct, whose slots have no types of memory: (defstruct point x (y 0)). */
static bool
is_lisp_structure(value form)
{
	value name = car(cdr(form)), fields = cdr(cdr(form));

	if (is_cons(name))
		return true;
	for (; is_cons(fields); fields = cdr(fields))
		if (!is_typed_field(car(fields)))
			return true;
	return false;
}

static bool
define_struct(struct lisp *l, void *ud, value form, value *out)
{
	if (!is_lisp_structure(form))
		return declare(l, ud, form, out);
	return lisp_eval(l, cons_at(l, make_symbol(l, STR("defrecord")), cdr(form),
				    form_span(form)), out, lisp_diags(l));
}

void
session_define_forms(struct session *s)
{
	static const struct { const char *name, *doc; } declarations[] = {
		{"defmap",
		 "(defmap NAME :type TYPE :key TYPE :value TYPE :max-entries N &key map-flags inner pin)\n"
		 "TYPE of keys and values: u32, (struct event) ...; :key-size, :value-size and\n"
		 ":value-type STRUCT say the same. A ring buffer's :max-entries is its size in bytes.\n"
		 ":pin PATH is where others find the map, and where it is found again. Defining it again\n"
		 "with the same shape keeps its contents."},
		{"defunion", "(defunion NAME (FIELD TYPE)...)\nA struct whose fields all begin at byte 0."},
		{"defheader",
		 "(defheader NAME (FIELD :offset N :type TYPE [:net-order t])...)\n"
		 "Readers NAME-FIELD of a packet's header; :net-order fields are swapped for you."},
		{"deftracepoint",
		 "(deftracepoint CATEGORY/NAME FIELD...)\n"
		 "Readers (tp-FIELD) of a tracepoint's record, laid out as in this kernel; without fields "
		 "all."},
		{"import-kernel-struct",
		 "(import-kernel-struct NAME FIELD...)\n"
		 "Readers (NAME-FIELD pointer), at the places the fields have in the kernel that runs."},
		{"defn",
		 "(defn NAME (PARAM | (PARAM TYPE) | (PARAM (struct S))...) [:returns TYPE] BODY...)\n"
		 "A function that programs call."},
		{"defglobal",
		 "(defglobal NAME TYPE [INIT] [:const t])\n"
		 "A variable of programs; (map-ref NAME 0) and setf reach it from the prompt."},
		{"defkfunc",
		 "(defkfunc NAME ((PARAM TYPE)...) RETURN-TYPE [:acquire] [:release] [:ret-null])\n"
		 "A function of the kernel that programs call."},
	};

	s->forms = make_symbol(s->lisp, STR("%program-forms"));
	as_symbol(s->forms)->global = NIL;
	for (size_t i = 0; i < sizeof declarations / sizeof *declarations; i++)
		lisp_define_form(s->lisp, declarations[i].name, declare, s, declarations[i].doc);
	lisp_define_form(s->lisp, "defstruct", define_struct, s,
			 "(defstruct NAME (FIELD TYPE)...)\nA struct that programs and maps share: "
			 "u8 to i64, (array TYPE N), (bits TYPE N), structs.\n(defstruct NAME SLOT...), "
			 "without types of memory, is Common Lisp's.");
	lisp_define_form(s->lisp, "sizeof", session_sizeof, s,
			 "(sizeof STRUCT-OR-TYPE)\nIts bytes, as in programs.");
	lisp_define_form(s->lisp, "defprog", define_program, s,
			 "(defprog NAME (&key type section license) BODY...)\n"
			 "Compile, check and load a program. Defining it again while it is attached\n"
			 "replaces the running one; its maps keep their contents.");
}

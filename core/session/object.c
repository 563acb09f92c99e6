/* SPDX-License-Identifier: MIT */
/* object.c: compiled objects (clang, gcc, Rust) at the prompt: their maps and programs become
 * the session's, are judged before they are loaded, attached and replaced like any others. */
#include "internal.h"

#include "check.h"
#include "image/btf.h"
#include "object/elf_read.h"

/* Variables begin with the values the object gives them, whatever an object of the same name
 * left there; programs that run keep the map they have. */
static void
drop_old_data(struct session *s, const struct image *im)
{
	for (uint32_t i = 0; i < im->maps.n; i++) {
		const struct image_map *spec = im->maps.at[i];
		struct map *m = spec->data ? session_map_named(s, str_of(spec->lisp_name)) : NULL;

		if (m)
			map_close(m);
	}
}

static struct image *
read_object(struct session *s, const char *path, str bytes, struct diags *ds)
{
	struct elf_opts o = {.kernel = check_running_kernel()};

	session_vmlinux(s, &o.target_btf, &o.target_btf_size);
	return elf_read(bytes.p, bytes.n, path, &o, &s->sources, &s->arena, ds);
}

/* What its maps hold is shown with the names it has in the object. */
static void
take_types(struct session *s, struct image *im)
{
	struct btf *b = im->btf ? btf_open(&s->arena, im->btf, im->btf_size, NULL, NULL) : NULL;

	for (uint32_t i = 0; b && i < im->maps.n; i++)
		session_adopt_types(s, b, im->maps.at[i]);
}

/* Maps can be named in programs of the prompt; their types are none of those programs' BTF. */
static void
take_maps(struct session *s, const struct image *im)
{
	for (uint32_t i = 0; i < im->maps.n; i++) {
		struct image_map spec = *im->maps.at[i];

		spec.key_type_id = spec.value_type_id = 0;
		kenv_adopt_map(s->kenv, &spec);
		session_bind_name(make_symbol(s->lisp, str_of(spec.lisp_name)));
	}
}

static bool
bring_in(struct session *s, struct image *im, struct image_prog *prog, struct diags *ds)
{
	struct program *p = program_new(s);

	p->image = *im;
	p->prog = prog;
	p->name = prog->lisp_name;
	p->from_object = true;
	if (session_bring_in(s, p, ds)) {
		session_bind_name(make_symbol(s->lisp, str_of(p->name)));
		return true;
	}
	if (s->rejected)
		program_free(s->rejected);
	s->rejected = p;
	return false;
}

/* (load-object FILE): the names of its programs. Those that cannot be loaded are errors; the
 * others are there all the same. */
static bool
fn_load_object(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	struct diags *ds = lisp_diags(l);
	struct image *im;
	const char *why, *path;
	str bytes, name;
	bool ok = true;

	if (!is_string(args.at[0]))
		return lisp_error(l, args.call, "(load-object FILE) wants a file's name");
	name = as_string(args.at[0]);
	path = arena_strndup(&s->arena, name.p, name.n);
	if (!session_read_file(s, name, &s->arena, &bytes, &why))
		return lisp_error(l, args.call, "cannot read %s: %s", path, why);
	im = read_object(s, path, bytes, ds);
	if (!im)
		return false;
	drop_old_data(s, im);
	take_types(s, im);
	*out = NIL;
	for (uint32_t i = im->progs.n; i-- > 0; )
		if (bring_in(s, im, im->progs.at[i], ds))
			*out = cons(l, make_symbol(l, str_of(im->progs.at[i]->lisp_name)), *out);
		else
			ok = false;
	take_maps(s, im);
	return ok;
}

/* What this session wrote it has: there is nothing to read. */
static bool
fn_object_written_here_p(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;

	(void)l;
	*out = NIL;
	for (uint32_t i = 0; i < s->written.n; i++)
		if (is_string(args.at[0]) && str_is(as_string(args.at[0]), s->written.at[i]))
			*out = T;
	return true;
}

void
session_define_objects(struct session *s)
{
	static const struct session_fn all[] = {
		{"load-object", 1, 1, fn_load_object,
		 "(load-object FILE)\nThe maps and programs of a compiled object (clang, gcc, Rust) as "
		 "if defined here:\njudged, loaded, replacing those of the same name; the names of its "
		 "programs.\nReading the file wants --allow-read."},
	};

	session_define_effects(s, all, sizeof all / sizeof *all, s);
	lisp_define(s->lisp, "object-written-here-p", 1, 1, fn_object_written_here_p, s,
		    "(object-written-here-p FILE)\nDid compile-to-elf write it in this session?");
}

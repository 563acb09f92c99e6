/* SPDX-License-Identifier: MIT */
/* elf_read.c: objects that clang makes become images that the kernel loads, and whose runs
 * leave the right values behind. */
#include "object/elf_read.h"
#include "image/btf.h"
#include "session/load.h"
#include "syscalls/bpf.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct object {
	struct arena arena;
	struct sources sources;
	struct diags ds;
	struct image *im;
	void *bytes, *vmlinux;
	size_t n, nvmlinux;
	int maps[16], btf;
};

static void *
slurp(struct arena *a, const char *path, size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *p = NULL;

	*n = 0;
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0) {
		p = arena_array(a, char, (size_t)st.st_size + 1);
		while (*n < (size_t)st.st_size) {
			ssize_t k = read(fd, p + *n, (size_t)st.st_size - *n);

			if (k <= 0)
				break;
			*n += (size_t)k;
		}
	}
	close(fd);
	return p;
}

/* Compiles or assembles tests/objects/FILE; the test is skipped when there is no clang for
 * BPF. */
static void
compile_file(struct object *ob, const char *file, const char *flags)
{
	char path[] = "/tmp/veery-object-XXXXXX", cmd[512];
	int fd = mkstemp(path);

	*ob = (struct object){.btf = -1};
	arena_init(&ob->arena);
	sources_init(&ob->sources);
	diags_init(&ob->ds, &ob->arena);
	cr_assert(fd >= 0);
	close(fd);
	snprintf(cmd, sizeof cmd, "clang -target bpf -O2 %s -Wno-unused -c -o %s "
				  "tests/objects/%s 2>/dev/null", flags, path, file);
	if (system(cmd) == 0)
		ob->bytes = slurp(&ob->arena, path, &ob->n);
	unlink(path);
	if (!ob->bytes || !ob->n)
		cr_skip_test("needs clang with the bpf target");
}

static void
compile(struct object *ob, const char *name, const char *flags)
{
	char file[64];

	snprintf(file, sizeof file, "%s.c", name);
	compile_file(ob, file, flags);
}

static void
read_object(struct object *ob, const char *name, const struct elf_opts *opts)
{
	struct elf_opts o = opts ? *opts : (struct elf_opts){0};

	ob->vmlinux = slurp(&ob->arena, "/sys/kernel/btf/vmlinux", &ob->nvmlinux);
	o.target_btf = ob->vmlinux;
	o.target_btf_size = ob->nvmlinux;
	ob->im = elf_read(ob->bytes, ob->n, name, &o, &ob->sources, &ob->arena, &ob->ds);
	cr_assert(ob->im);
}

static void
no_complaints(struct object *ob)
{
	for (uint32_t i = 0; i < ob->ds.all.n; i++)
		cr_log_error("%s: %s", ob->ds.all.at[i]->code, ob->ds.all.at[i]->message);
	cr_assert(ob->ds.errors == 0);
}

static const struct image_prog *
prog_named(const struct object *ob, const char *name)
{
	for (uint32_t i = 0; i < ob->im->progs.n; i++)
		if (!strcmp(ob->im->progs.at[i]->name, name))
			return ob->im->progs.at[i];
	cr_assert_fail("no program %s", name);
	return NULL;
}

static uint32_t
map_index(const struct object *ob, const char *name)
{
	for (uint32_t i = 0; i < ob->im->maps.n; i++)
		if (!strcmp(ob->im->maps.at[i]->name, name))
			return i;
	cr_assert_fail("no map %s", name);
	return 0;
}

static void
create_maps(struct object *ob)
{
	struct diags ds;

	diags_init(&ds, &ob->arena);
	ob->btf = load_btf(ob->im);
	cr_assert(ob->btf >= 0 || !ob->im->btf, "the kernel refuses the BTF");
	for (uint32_t i = 0; i < ob->im->maps.n; i++) {
		const struct image_map *m = ob->im->maps.at[i];
		uint32_t zero = 0;

		ob->maps[i] = load_map(m, ob->btf, 0, &ds);
		if (ob->maps[i] < 0)
			cr_skip_test("needs CAP_BPF");
		if (m->data)
			sys_map_update(ob->maps[i], &zero, m->data, 0);
		if (m->read_only)
			sys_map_freeze(ob->maps[i]);
	}
}

static int
load(struct object *ob, const char *name, str *log)
{
	struct load_request rq = {
		.image = ob->im, .prog = prog_named(ob, name), .map_fds = ob->maps,
		.btf_fd = ob->btf, .vmlinux_btf = ob->vmlinux,
		.vmlinux_btf_size = ob->nvmlinux, .arena = &ob->arena,
	};
	struct load_result res = {0};
	struct diags ds;

	diags_init(&ds, &ob->arena);
	load_program(&rq, &res, &ds);
	*log = res.log;
	return res.fd;
}

static void
forget(struct object *ob)
{
	sources_free(&ob->sources);
	arena_free(&ob->arena);
}

static void
done(struct object *ob)
{
	for (uint32_t i = 0; i < ob->im->maps.n; i++)
		close(ob->maps[i]);
	close(ob->btf);
	forget(ob);
}

static uint32_t
test_run(int fd, const void *data, uint32_t n)
{
	struct sys_test_run_attr run = {.prog_fd = (uint32_t)fd, .data_in = sys_ptr(data),
					.data_size_in = n};
	int err = sys_prog_test_run(&run);

	cr_assert(err == 0, "test run: %d", err);
	return run.retval;
}

Test(elf_read, maps_and_variables)
{
	const char *sets[] = {"limit=5", "verbose=true"};
	struct elf_opts o = {.sets = sets, .nsets = 2};
	const struct image_map *m;
	struct object ob;
	uint8_t packet[64] = {0};
	uint32_t limit, zero = 0;
	str log;
	int fd;

	compile(&ob, "maps", "-g");
	read_object(&ob, "maps.o", &o);
	no_complaints(&ob);
	m = ob.im->maps.at[map_index(&ob, "flows")];
	cr_assert(m->type == BPF_MAP_TYPE_HASH && m->key_size == 8 && m->value_size == 24);
	cr_assert(m->max_entries == 1024 && m->flags == 1 && m->key_type_id && m->value_type_id);
	m = ob.im->maps.at[map_index(&ob, "events")];
	cr_assert(m->type == BPF_MAP_TYPE_RINGBUF && m->max_entries == 4096 && !m->key_size);
	cr_assert_str_eq(m->pin, "/sys/fs/bpf/events");
	m = ob.im->maps.at[map_index(&ob, "plain")];
	cr_assert(m->key_size == 4 && m->value_size == 16 && m->max_entries == 3);
	m = ob.im->maps.at[map_index(&ob, "outer")];
	cr_assert(m->inner && m->inner->type == BPF_MAP_TYPE_ARRAY);
	cr_assert(m->inner->max_entries == 8 && m->inner->value_size == 8);
	m = ob.im->maps.at[map_index(&ob, "maps.rodata")];
	cr_assert(m->read_only && m->value_type_id);
	memcpy(&limit, m->data, 4);
	cr_assert(limit == 5 || ((const uint8_t *)m->data)[0] == 1);
	create_maps(&ob);
	fd = load(&ob, "count", &log);
	cr_assert(fd >= 0, "%.*s", STR_ARG(log));
	cr_assert(test_run(fd, packet, sizeof packet) == 2);
	{
		uint64_t seen[4] = {0};

		cr_assert(sys_map_lookup(ob.maps[map_index(&ob, "maps.bss")], &zero, seen, 0) == 0);
		cr_assert(seen[0] == 1);
	}
	close(fd);
	done(&ob);
}

Test(elf_read, subprograms_follow_their_callers)
{
	static const char *const names[] = {"first", "second", "third"};
	const struct image_prog *p;
	struct object ob;
	str log;

	compile(&ob, "calls", "-g");
	read_object(&ob, "calls.o", NULL);
	no_complaints(&ob);
	cr_assert(ob.im->progs.n == 3);
	p = prog_named(&ob, "first");
	cr_assert(p->subprogs.n == 4);
	cr_assert_str_eq(p->subprogs.at[1].name, "with_callers");
	cr_assert(!p->subprogs.at[1].global, "hidden functions are verified with callers");
	cr_assert_str_eq(p->subprogs.at[2].name, "checked_alone");
	cr_assert(p->subprogs.at[2].global);
	cr_assert_str_eq(p->license, "Dual MIT/GPL");
	p = prog_named(&ob, "third");
	cr_assert(p->type == BPF_PROG_TYPE_RAW_TRACEPOINT);
	cr_assert_str_eq(p->attach_target, "sys_enter");
	create_maps(&ob);
	for (uint32_t i = 0; i < 3; i++) {
		int fd = load(&ob, names[i], &log);

		cr_assert(fd >= 0, "%s: %.*s", names[i], STR_ARG(log));
		close(fd);
	}
	done(&ob);
}

Test(elf_read, every_instruction_has_a_line)
{
	const struct image_prog *p;
	struct object ob;
	str text;

	compile(&ob, "calls", "-g");
	read_object(&ob, "calls.o", NULL);
	p = prog_named(&ob, "second");
	for (uint32_t i = 0; i < p->ninsns; i++) {
		struct line_col lc = span_line_col(&ob.sources, p->src[i]);

		cr_assert(lc.line > 0, "instruction %u has no line", i);
	}
	cr_assert(strstr(ob.sources.files.at[span_place(&ob.sources, p->src[0]).file].name,
			 "tests/objects/calls.c"));
	text = source_line(&ob.sources, span_place(&ob.sources, p->src[0]).file,
			   span_line_col(&ob.sources, p->src[0]).line);
	cr_assert(text.n > 0, "the text of the line is known");
	forget(&ob);
}

/* Runs `resolve` once by a system call of ours and reads what it saw. */
static bool
calls_source(void *user, const char *name, str *text)
{
	struct object *ob = user;

	return strstr(name, "calls.c") && (text->p = slurp(&ob->arena, "tests/objects/calls.c", &text->n));
}

Test(elf_read, variables_have_names_and_lines_their_text)
{
	struct elf_opts o = {.source = calls_source};
	struct object ob;
	bool named = false, placed = false;

	compile(&ob, "calls", "-g");
	o.source_user = &ob;
	read_object(&ob, "calls.o", &o);
	for (uint32_t i = 0; i < ob.im->progs.n; i++) {
		const struct image_prog *p = ob.im->progs.at[i];

		for (uint32_t j = 0; j < p->vars.n; j++) {
			const struct image_var *v = &p->vars.at[j];

			cr_assert(v->from < v->to && v->to <= p->ninsns);
			named |= !strcmp(v->name, "ctx") && v->reg == 1 && v->from == 0;
			placed |= span_line_col(&ob.sources, v->at).line > 0;
		}
		/* The whole text is there, also lines no instruction came from. */
		cr_assert(source_line(&ob.sources, span_place(&ob.sources, p->src[0]).file, 1).n > 10);
	}
	cr_assert(named && placed);
	forget(&ob);
}

Test(elf_read, core_finds_the_kernels_fields)
{
	uint64_t v[16] = {0};
	struct object ob;
	int fd, link;
	str log;

	compile(&ob, "core", "-g");
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		cr_skip_test("needs kernel BTF");
	read_object(&ob, "core.o", NULL);
	no_complaints(&ob);
	create_maps(&ob);
	fd = load(&ob, "resolve", &log);
	cr_assert(fd >= 0, "%.*s", STR_ARG(log));
	link = sys_raw_tracepoint_open("sys_enter", fd, 0);
	cr_assert(link >= 0);
	for (int tries = 0; tries < 1000 && (v[12] != (uint64_t)getpid() || v[0] != v[12]);
	     tries++)	/* others make calls too */
		for (uint32_t i = 0; i < 16; i++)
			sys_map_lookup(ob.maps[0], &i, &v[i], 0);
	close(link);
	close(fd);
	cr_assert(v[12] == (uint64_t)getpid());
	cr_assert(v[0] == v[12], "tgid");
	cr_assert(v[1] != 0, "group_leader->pid");
	cr_assert(v[2] == 1 && v[3] == 0 && v[4] == 0);
	cr_assert(v[5] == 16, "sizeof comm");
	cr_assert(v[6] > 24, "offset of comm");
	cr_assert(v[7] == 1 && v[8] == 0 && v[9] == 1);
	cr_assert(v[10] == 1, "the kernel's BPF_MAP_TYPE_HASH");
	cr_assert(v[11] == 0);
	cr_assert(v[13] == 0 && v[14] == 1);
	done(&ob);
}

Test(elf_read, what_the_kernel_lacks_is_poisoned)
{
	struct object ob;
	str log;
	int fd;

	compile(&ob, "core", "-g");
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		cr_skip_test("needs kernel BTF");
	read_object(&ob, "core.o", NULL);
	create_maps(&ob);
	fd = load(&ob, "poisoned", &log);
	cr_assert(fd < 0);
	cr_assert(memmem(log.p, log.n, "call unknown#195896080", 22), "%.*s", STR_ARG(log));
	done(&ob);
}

Test(elf_read, externs)
{
	struct elf_opts o = {.kernel = 6 << 8 | 18,
			     .kconfig = STR("CONFIG_HZ=250\nCONFIG_BPF_SYSCALL=y\n")};
	uint8_t packet[64] = {0};
	uint32_t zero = 0;
	struct object ob;
	uint64_t v[3];
	str log;
	int fd;

	compile(&ob, "externs", "-g");
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		cr_skip_test("needs kernel BTF");
	read_object(&ob, "externs.o", &o);
	no_complaints(&ob);
	create_maps(&ob);
	fd = load(&ob, "config", &log);
	cr_assert(fd >= 0, "%.*s", STR_ARG(log));
	test_run(fd, packet, sizeof packet);
	close(fd);
	cr_assert(sys_map_lookup(ob.maps[map_index(&ob, "externs.bss")], &zero, v, 0) == 0);
	cr_assert((v[0] == 0x61200) + (v[1] == 0x61200) + (v[2] == 0x61200) == 1);
	cr_assert((v[0] == 250) + (v[1] == 250) + (v[2] == 250) == 1);
	cr_assert((v[0] == 1) + (v[1] == 1) + (v[2] == 1) == 1);
	fd = load(&ob, "locks", &log);
	cr_assert(fd >= 0, "%.*s", STR_ARG(log));
	close(fd);
	cr_assert(load(&ob, "calls_nothing", &log) < 0);
	done(&ob);
}

Test(elf_read, legacy_maps_and_unknown_sections)
{
	const struct diag *d;
	struct object ob;
	str log;
	int fd;

	compile(&ob, "legacy", "");
	read_object(&ob, "legacy.o", NULL);
	cr_assert(ob.ds.errors == 1 && ob.im->progs.n == 1);
	d = ob.ds.all.at[0];
	cr_assert_str_eq(d->code, "O0010");
	cr_assert_str_eq(d->message,
			 "section `whatever` does not say what type of program `mystery` is");
	cr_assert(strstr(*vec_last(&d->helps), "--type"));
	cr_assert(ob.im->maps.n == 2 && ob.im->maps.at[0]->max_entries == 64);
	create_maps(&ob);
	fd = load(&ob, "on_switch", &log);
	cr_assert(fd >= 0, "%.*s", STR_ARG(log));
	close(fd);
	done(&ob);
}

Test(elf_read, a_fault_is_where_the_source_has_it)
{
	const struct diag *d;
	struct line_col at;
	struct object ob;

	compile(&ob, "halves", "-g");
	read_object(&ob, "halves.o", NULL);
	cr_assert(ob.ds.errors == 2 && ob.im->progs.n == 1);
	cr_assert_str_eq(ob.im->progs.at[0]->name, "whole");
	d = ob.ds.all.at[0];
	cr_assert_str_eq(d->code, "O0012");
	cr_assert_str_eq(d->message, "`type` of map `spelled` cannot be understood");
	cr_assert(strstr(*vec_last(&d->helps), "__uint(type, VALUE)"));
	d = ob.ds.all.at[1];
	cr_assert_str_eq(d->message, "`elsewhere` is not defined in this object");
	at = span_line_col(&ob.sources, d->at);
	cr_assert_eq(at.line, 16, "line %u", at.line);
	cr_assert(strstr(d->helps.at[0], "bpftool gen object"));
	forget(&ob);
}

Test(elf_read, variables_of_each_cpu)
{
	const struct image_map *m;
	struct object ob;

	compile(&ob, "newer", "-g");
	read_object(&ob, "newer.o", NULL);
	no_complaints(&ob);
	m = ob.im->maps.at[map_index(&ob, ".percpu")];
	cr_assert(m->type == BPF_MAP_TYPE_PERCPU_ARRAY && m->max_entries == 1);
	cr_assert(m->value_size == 8 && m->value_type_id && !m->flags);
	cr_assert_eq(*(const uint64_t *)m->data, 7);
	cr_assert(ob.im->maps.at[map_index(&ob, ".percpu.table")]->value_size == 24);
	forget(&ob);
}

/* Subprograms that no program calls: one complaint. */
Test(elf_read, functions_that_no_section_makes_programs)
{
	struct object ob;

	compile(&ob, "text", "");
	read_object(&ob, "text.o", NULL);
	cr_assert(ob.ds.errors == 1 && !ob.im->progs.n);
	cr_assert_str_eq(ob.ds.all.at[0]->code, "O0010");
	cr_assert(strstr(ob.ds.all.at[0]->message, "all functions are in section `.text`"));
	forget(&ob);
	compile(&ob, "text", "");
	read_object(&ob, "text.o", &(struct elf_opts){.type = BPF_PROG_TYPE_XDP});
	no_complaints(&ob);
	cr_assert_eq(ob.im->progs.n, 2);
	forget(&ob);
}

Test(elf_read, a_type_from_outside_decides)
{
	struct elf_opts o = {.type = BPF_PROG_TYPE_XDP};
	struct object ob;

	compile(&ob, "legacy", "");
	read_object(&ob, "legacy.o", &o);
	no_complaints(&ob);
	cr_assert(prog_named(&ob, "mystery")->type == BPF_PROG_TYPE_XDP);
	forget(&ob);
}

Test(elf_read, settings_must_fit)
{
	const char *sets[] = {"verbos=1", "limit=99999999999", "limit=x"};
	struct elf_opts o = {.sets = sets, .nsets = 3};
	struct object ob;

	compile(&ob, "maps", "-g");
	read_object(&ob, "maps.o", &o);
	cr_assert(ob.ds.errors == 3);
	cr_assert_str_eq(ob.ds.all.at[0]->code, "O0015");
	cr_assert_str_eq(ob.ds.all.at[0]->helps.at[0], "did you mean `verbose`?");
	cr_assert_str_eq(ob.ds.all.at[1]->code, "O0016");
	cr_assert_str_eq(ob.ds.all.at[2]->code, "O0016");
	forget(&ob);
}

/* Damaged files: no crash, no endless work, whatever is said about them. */
Test(elf_read, damage_does_no_harm)
{
	static const char *const names[] = {"maps", "calls", "core", "externs"};
	uint64_t seed = 88172645463325252u;

	for (uint32_t k = 0; k < 4; k++) {
		struct object ob;
		uint8_t *copy;

		compile(&ob, names[k], "-g");
		copy = malloc(ob.n);
		for (int round = 0; round < 2000; round++) {
			struct elf_opts o = {0};
			struct sources sources;
			struct arena a;
			struct diags ds;
			size_t n = ob.n;

			memcpy(copy, ob.bytes, ob.n);
			for (int i = 0; i < 1 + round % 8; i++) {
				seed ^= seed << 13;
				seed ^= seed >> 7;
				seed ^= seed << 17;
				copy[seed % ob.n] = (uint8_t)(seed >> 32);
			}
			if (round % 5 == 0)
				n = seed % ob.n;
			arena_init(&a);
			sources_init(&sources);
			diags_init(&ds, &a);
			elf_read(copy, n, "damaged.o", &o, &sources, &a, &ds);
			sources_free(&sources);
			arena_free(&a);
		}
		free(copy);
		forget(&ob);
	}
}

Test(elf_read, struct_ops_programs_know_their_member)
{
	struct object ob;

	compile(&ob, "ops", "-g");
	read_object(&ob, "ops.o", NULL);
	no_complaints(&ob);
	cr_assert(ob.im->progs.n == 3);
	cr_assert_str_eq(prog_named(&ob, "threshold")->attach_target,
			 "tcp_congestion_ops.ssthresh");
	cr_assert_str_eq(prog_named(&ob, "undo")->attach_target, "tcp_congestion_ops.undo_cwnd");
	cr_assert(prog_named(&ob, "avoid")->type == BPF_PROG_TYPE_STRUCT_OPS);
	forget(&ob);
}

static const struct image_var *
variable(const struct image_prog *p, const char *name)
{
	for (uint32_t i = 0; i < p->vars.n; i++)
		if (!strcmp(p->vars.at[i].name, name))
			return &p->vars.at[i];
	return NULL;
}

/* A Rust compiler's object: types, places and names, though no section is aligned. */
Test(elf_read, rust)
{
	struct object ob;
	const struct image_prog *p;
	struct place at;

	compile_file(&ob, "rust.s", "");
	read_object(&ob, "rust.o", NULL);
	cr_assert(ob.im && ob.im->progs.n == 1 && ob.im->btf);
	p = ob.im->progs.at[0];
	cr_expect_str_eq(p->name, "drop_icmp");
	cr_expect_eq(p->type, BPF_PROG_TYPE_XDP);
	cr_expect_str_eq(p->license, "GPL");
	at = span_place(&ob.sources, p->src[6]);
	cr_expect(at.by_line && at.start == 57, "line %u", at.start);
	cr_expect(strstr(ob.sources.files.at[at.file].name, "rust.rs"));
	cr_expect(variable(p, "ctx") && variable(p, "end"));
	forget(&ob);
}

/* The section that `pick` falls on, as a range of the object's bytes, when its name begins so. */
static bool
section_named(const struct object *ob, unsigned long pick, const char *name, size_t *from,
	      size_t *n)
{
	const Elf64_Ehdr *e = ob->bytes;
	const Elf64_Shdr *s = (const void *)((char *)ob->bytes + e->e_shoff);
	const char *names = (char *)ob->bytes + s[e->e_shstrndx].sh_offset;
	const Elf64_Shdr *hit = &s[pick % e->e_shnum];

	*from = hit->sh_offset;
	*n = hit->sh_size;
	return !strncmp(names + hit->sh_name, name, strlen(name)) && *n;
}

/* As gcc 12 writes them: kernels refuse such types, and loaders go on without. */
Test(elf_read, types_that_kernels_refuse)
{
	struct object ob;
	size_t from = 0, n = 0;
	struct btf *b;
	bool spoilt = false;

	compile(&ob, "calls", "-g");
	for (unsigned long i = 0; i < ((Elf64_Ehdr *)ob.bytes)->e_shnum && !n; i++)
		if (!section_named(&ob, i, ".BTF", &from, &n))
			n = 0;
	b = btf_open(&ob.arena, (char *)ob.bytes + from, n, NULL, NULL);
	cr_assert_not_null(b);
	for (uint32_t id = 1; id < btf_count(b); id++) {
		uint32_t *info = (uint32_t *)(btf_type(b, id) + 1);

		if (btf_kind(btf_type(b, id)) != BTF_KIND_INT)
			continue;
		*info |= (BTF_INT_SIGNED | BTF_INT_CHAR) << 24;
		spoilt = true;
	}
	cr_assert(spoilt);
	read_object(&ob, "calls.o", NULL);
	cr_assert(!ob.ds.errors && ob.ds.all.n == 1);
	cr_expect(strstr(ob.ds.all.at[0]->message, "kernels refuse its types"));
	cr_expect_null(ob.im->btf);
	cr_expect_gt(ob.im->progs.n, 1);
	for (uint32_t i = 0; i < ob.im->progs.n; i++)
		cr_expect_null(ob.im->progs.at[i]->func_info);
	forget(&ob);
}

/* Names come from a library that reads DWARF: damage there costs names, nothing else. */
Test(elf_read, damaged_debug_sections)
{
	struct object ob;
	unsigned long seed = 7;
	size_t from, n;

	compile(&ob, "calls", "-g");
	for (int turn = 0; turn < 2000; turn++) {
		struct sources sources;
		struct diags ds;
		struct arena a;
		struct elf_opts o = {0};
		unsigned char *copy;

		arena_init(&a);
		sources_init(&sources);
		diags_init(&ds, &a);
		copy = (unsigned char *)arena_strndup(&a, ob.bytes, ob.n);
		for (int k = 0; k < 1 + turn % 12; k++) {
			do
				seed = seed * 6364136223846793005ul + 1442695040888963407ul;
			while (!section_named(&ob, seed >> 48, ".debug", &from, &n));
			copy[from + (seed >> 20) % n] = (unsigned char)(seed >> 12);
		}
		elf_read(copy, ob.n, "damaged.o", &o, &sources, &a, &ds);
		sources_free(&sources);
		arena_free(&a);
	}
	forget(&ob);
}

/* SPDX-License-Identifier: MIT */
/* elf_write.c: objects written are those other people's tools read: llvm-objdump, bpftool,
 * ip. Each runs in namespaces of its own, so nothing stays. */
#include "object/elf_write.h"

#include "image/asm.h"
#include "facts/facts.h"
#include "image/btf.h"
#include "object/elf_read.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena arena;
static char dir[] = "/tmp/veery-elf-XXXXXX";

static void
setup(void)
{
	arena_init(&arena);
	cr_assert_not_null(mkdtemp(dir));
}

static void
teardown(void)
{
	char cmd[64];

	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	cr_assert_eq(system(cmd), 0);
	arena_free(&arena);
}

TestSuite(elf_write, .init = setup, .fini = teardown);

static const char *
object_path(void)
{
	return arena_printf(&arena, "%s/out.o", dir);
}

/* What a command printed, both streams; its status in *status. */
static const char *
run(int *status, const char *fmt, ...)
{
	va_list ap;
	char chunk[4096];
	struct buf out = buf_new(&arena);
	size_t n;

	va_start(ap, fmt);

	char *cmd = arena_vprintf(&arena, fmt, ap);

	va_end(ap);

	FILE *p = popen(cmd, "r");

	cr_assert_not_null(p);
	while ((n = fread(chunk, 1, sizeof chunk, p)) > 0)
		buf_bytes(&out, chunk, n);

	int r = pclose(p);

	*status = WIFEXITED(r) ? WEXITSTATUS(r) : -1;
	return buf_text(&out).p;
}

static void
need(const char *tool)
{
	int status;

	run(&status, "PATH=$PATH:/usr/sbin command -v %s", tool);
	if (status)
		cr_skip_test("needs %s", tool);
}

static void
need_root(void)
{
	if (geteuid() != 0)
		cr_skip_test("needs root");
}

/* ---- an image with one of everything --------------------------------------------------- */

struct types {
	struct btf_builder *bb;
	uint32_t u32, u64, i32, ctx;
	uint32_t file;		/* string offset of the source's name */
};

static struct types
make_types(void)
{
	struct types t = {.bb = btf_builder_new(&arena)};

	t.u32 = btf_add_int(t.bb, "u32", 4, 0);
	t.u64 = btf_add_int(t.bb, "u64", 8, 0);
	t.i32 = btf_add_int(t.bb, "int", 4, BTF_INT_SIGNED);
	t.ctx = btf_add_ref(t.bb, BTF_KIND_PTR, 0);
	t.file = btf_add_str(t.bb, "probe.lisp");
	return t;
}

static struct image_map *
add_map(struct image *im, const char *name, uint32_t type, uint32_t key, uint32_t value,
	uint32_t entries)
{
	struct image_map *m = arena_new(&arena, struct image_map);

	m->name = name;
	m->type = type;
	m->key_size = key;
	m->value_size = value;
	m->max_entries = entries;
	vec_push(&arena, &im->maps, m);
	return m;
}

static uint32_t
map_index(const struct image *im, const char *name)
{
	uint32_t i = 0;

	while (strcmp(im->maps.at[i]->name, name) != 0)
		i++;
	return i;
}

static uint32_t
add_func_type(const struct types *t, const char *name, uint32_t linkage)
{
	uint32_t proto = btf_add_func_proto(t->bb, t->i32);

	btf_add_param(t->bb, "ctx", t->ctx);
	return btf_add_func(t->bb, name, proto, linkage);
}

/* A label other than the first begins a subprogram when it is called `sub...`. */
static struct image_prog *
add_prog(struct image *im, const struct types *t, const char *name, const char *section,
	 uint32_t type, const char *text)
{
	struct image_prog *p = arena_new(&arena, struct image_prog);
	struct asm_out out;
	VEC(struct bpf_func_info) funcs = {0};
	VEC(struct bpf_line_info) lines = {0};

	cr_assert(asm_text(str_of(text), &arena, &out), "line %u: %s", out.line, out.error);
	*p = (struct image_prog){.name = name, .section = section, .type = type,
				 .license = "GPL", .insns = out.insns.at,
				 .ninsns = out.insns.n};
	vec_push(&arena, &p->subprogs, ((struct image_subprog){.start = 0, .name = name}));
	for (uint32_t i = 0; i < out.labels.n; i++) {
		if (str_starts(out.labels.at[i].name, "sub"))
			vec_push(&arena, &p->subprogs, ((struct image_subprog){
				.start = out.labels.at[i].insn,
				.name = arena_strndup(&arena, out.labels.at[i].name.p,
						      out.labels.at[i].name.n)}));
	}
	for (uint32_t i = 0; i < out.refs.n; i++) {
		const struct asm_ref *r = &out.refs.at[i];
		bool map = r->kind == RELOC_MAP || r->kind == RELOC_MAP_VALUE;

		vec_push(&arena, &p->relocs, ((struct image_reloc){
			.insn = r->insn, .kind = r->kind, .name = r->name,
			.addend = r->addend, .map = map ? map_index(im, r->name) : 0}));
	}
	for (uint32_t i = 0; i < p->subprogs.n; i++) {
		const struct image_subprog *s = &p->subprogs.at[i];

		vec_push(&arena, &funcs, ((struct bpf_func_info){
			s->start, add_func_type(t, s->name, i ? BTF_FUNC_STATIC
							      : BTF_FUNC_GLOBAL)}));
		vec_push(&arena, &lines, ((struct bpf_line_info){
			s->start, t->file,
			btf_add_str(t->bb, arena_printf(&arena, "(defprog %s)", s->name)),
			(10 + i) << 10 | 1}));
	}
	p->func_info = funcs.at;
	p->nfunc_info = funcs.n;
	p->line_info = lines.at;
	p->nline_info = lines.n;
	vec_push(&arena, &im->progs, p);
	return p;
}

static void
finish(struct image *im, const struct types *t)
{
	im->arena = &arena;
	im->btf = btf_serialise(t->bb, &im->btf_size);
}

static const char count_text[] =
	"r1 = 0\n"
	"*(u32 *)(r10 -4) = r1\n"
	"r2 = r10\n"
	"r2 += -4\n"
	"r1 = map counts\n"
	"call map_lookup_elem\n"
	"if r0 == 0 goto out\n"
	"r1 = 1\n"
	"lock *(u64 *)(r0 +0) += r1\n"
	"out:\n"
	"call sub_verdict\n"
	"exit\n"
	"sub_verdict:\n"
	"r0 = 2\n"
	"exit\n";

static void
make_image(struct image *im, struct types *t)
{
	struct image_map *m;

	*im = (struct image){.arena = &arena};
	*t = make_types();
	m = add_map(im, "counts", BPF_MAP_TYPE_HASH, 4, 8, 64);
	m->key_type_id = t->u32;
	m->value_type_id = t->u64;
	m->flags = BPF_F_NO_PREALLOC;
	add_map(im, "events", BPF_MAP_TYPE_RINGBUF, 0, 0, 4096);
	add_prog(im, t, "count", "xdp", BPF_PROG_TYPE_XDP, count_text);
	add_prog(im, t, "second", "xdp/labelled", BPF_PROG_TYPE_XDP,
		 "r6 = r1\ncall sub_a\ncall sub_b\nexit\n"
		 "sub_a:\nr0 = 1\nexit\nsub_b:\ncall sub_a\nr0 = 2\nexit\n");
	add_prog(im, t, "ticks", "raw_tracepoint/sys_enter", BPF_PROG_TYPE_RAW_TRACEPOINT,
		 "r1 = map events\nr2 = 8\nr3 = 0\ncall ringbuf_reserve\n"
		 "if r0 == 0 goto out\nr1 = r0\nr2 = 0\ncall ringbuf_discard\n"
		 "out:\nr0 = 0\nexit\n");
	finish(im, t);
}

static void
write_object(const struct image *im)
{
	struct diags ds;

	diags_init(&ds, &arena);
	cr_assert(elf_write(im, object_path(), &ds), "%s",
		  ds.all.n ? ds.all.at[0]->message : "no diagnostic");
}

/* ---- other people's tools -------------------------------------------------------------- */

Test(elf_write, objdump_disassembles)
{
	struct image im;
	struct types t;
	int status;

	need("llvm-objdump");
	make_image(&im, &t);
	write_object(&im);

	const char *out = run(&status, "llvm-objdump -dr %s 2>&1", object_path());

	cr_assert_eq(status, 0, "%s", out);
	for (const char *const *want = (const char *const[]){
		     "section xdp", "section .text", "section raw_tracepoint/sys_enter",
		     "<count>:", "<second>:", "<sub_verdict>:", "<ticks>:",
		     "R_BPF_64_64\tcounts", "R_BPF_64_64\tevents", "R_BPF_64_32\tsub_b",
		     "lock *(u64 *)(r0 + 0) += r1", NULL};
	     *want; want++)
		cr_assert_not_null(strstr(out, *want), "no \"%s\" in:\n%s", *want, out);
}

/* loadall into a bpffs of our own, which the mount namespace takes with it. */
static const char *
bpftool(int *status, const char *what)
{
	return run(status,
		   "PATH=$PATH:/usr/sbin unshare -m sh -c '"
		   "mount --make-rprivate / && mkdir -p %s/fs && mount -t bpf bpf %s/fs && "
		   "mkdir %s/fs/m && bpftool prog loadall %s %s/fs/p pinmaps %s/fs/m && "
		   "%s' 2>&1",
		   dir, dir, dir, object_path(), dir, dir, what);
}

Test(elf_write, bpftool_loads)
{
	struct image im;
	struct types t;
	int status;

	need("bpftool");
	need_root();
	make_image(&im, &t);
	write_object(&im);

	const char *out = bpftool(&status, arena_printf(&arena,
		"ls %s/fs/p && bpftool map show && "
		"bpftool prog dump xlated pinned %s/fs/p/count linum && "
		"bpftool prog dump xlated pinned %s/fs/p/second", dir, dir, dir));

	cr_assert_eq(status, 0, "%s", out);
	for (const char *const *want = (const char *const[]){
		     "count\n", "second\n", "ticks\n", "name counts  flags 0x1",
		     "key 4B  value 8B  max_entries 64", "ringbuf  name events",
		     "[file:probe.lisp line_num:10 line_col:1]", "sub_verdict", "sub_b", NULL};
	     *want; want++)
		cr_assert_not_null(strstr(out, *want), "no \"%s\" in:\n%s", *want, out);
}

/* A subprogram whose address is taken, behind another in .text. */
Test(elf_write, callbacks)
{
	struct image im = {.arena = &arena};
	struct types t = make_types();
	int status;

	need("bpftool");
	need_root();
	add_prog(&im, &t, "first", "xdp", BPF_PROG_TYPE_XDP,
		 "call sub_one\nexit\nsub_one:\nr0 = 1\nexit\n");
	add_prog(&im, &t, "loops", "xdp", BPF_PROG_TYPE_XDP,
		 "r1 = 10\nr2 = func sub_body\nr3 = 0\nr4 = 0\ncall loop\nexit\n"
		 "sub_body:\nr0 = 0\nexit\n");
	finish(&im, &t);
	write_object(&im);

	const char *out = bpftool(&status, arena_printf(&arena,
		"head -c 64 /dev/zero > %s/pkt && "
		"bpftool prog run pinned %s/fs/p/loops data_in %s/pkt", dir, dir, dir));

	cr_assert_eq(status, 0, "%s", out);
	cr_assert_not_null(strstr(out, "Return value: 10"), "%s", out);
}

Test(elf_write, ip_attaches_xdp)
{
	struct image im;
	struct types t;
	int status;

	need("ip");
	need_root();
	run(&status, "unshare -mn true 2>&1");
	if (status)
		cr_skip_test("needs mount and network namespaces");
	make_image(&im, &t);
	write_object(&im);

	const char *out = run(&status,
		"PATH=$PATH:/usr/sbin unshare -mn sh -c 'mount --make-rprivate / && "
		"mount -t tmpfs tmpfs /sys/fs && mkdir /sys/fs/bpf && "
		"ip link add v0 type veth peer name v1 && "
		"ip link set dev v0 xdp obj %s sec xdp && ip link show v0' 2>&1",
		object_path());

	cr_assert_eq(status, 0, "%s", out);
	cr_assert_not_null(strstr(out, "prog/xdp id"), "%s", out);
}

/* Inner maps, initial data, per-CPU and LRU shapes, numbered sizes. */
Test(elf_write, all_shapes_of_maps)
{
	static const uint64_t data[2] = {7, 9};
	struct image im = {.arena = &arena};
	struct types t = make_types();
	struct image_map *m, inner = {.name = "inner", .type = BPF_MAP_TYPE_ARRAY,
				      .key_size = 4, .value_size = 8, .max_entries = 3};
	int status;

	need("bpftool");
	need_root();
	add_map(&im, "outer", BPF_MAP_TYPE_HASH_OF_MAPS, 4, 4, 5)->inner = &inner;
	add_map(&im, "percpu", BPF_MAP_TYPE_PERCPU_ARRAY, 4, 16, 2);
	add_map(&im, "lru", BPF_MAP_TYPE_LRU_HASH, 12, 3, 100);
	add_map(&im, "stack", BPF_MAP_TYPE_STACK, 0, 8, 10);
	add_map(&im, "trie", BPF_MAP_TYPE_LPM_TRIE, 8, 8, 10)->flags = BPF_F_NO_PREALLOC;
	m = add_map(&im, ".rodata", BPF_MAP_TYPE_ARRAY, 4, sizeof data, 1);
	m->data = data;
	m->data_size = sizeof data;
	m->read_only = true;
	m->flags = BPF_F_RDONLY_PROG;
	add_prog(&im, &t, "reads", "xdp", BPF_PROG_TYPE_XDP,
		 "r1 = map .rodata[8]\nr0 = *(u64 *)(r1 +0)\nexit\n");
	finish(&im, &t);
	write_object(&im);

	const char *out = bpftool(&status, arena_printf(&arena,
		"bpftool map show && head -c 64 /dev/zero > %s/pkt && "
		"bpftool prog run pinned %s/fs/p/reads data_in %s/pkt", dir, dir, dir));

	cr_assert_eq(status, 0, "%s", out);
	for (const char *const *want = (const char *const[]){
		     "hash_of_maps  name outer", "percpu_array  name percpu",
		     "key 12B  value 3B  max_entries 100", "stack  name stack",
		     "lpm_trie  name trie  flags 0x1", "Return value: 9", NULL};
	     *want; want++)
		cr_assert_not_null(strstr(out, *want), "no \"%s\" in:\n%s", *want, out);
}

/* ---- read back ------------------------------------------------------------------------- */

static struct image *
read_back(struct sources *sources, struct diags *ds)
{
	char *bytes = arena_alloc(&arena, 1 << 20);
	FILE *f = fopen(object_path(), "re");

	cr_assert_not_null(f);

	size_t n = fread(bytes, 1, 1 << 20, f);

	fclose(f);

	struct image *im = elf_read(bytes, n, "out.o", &(struct elf_opts){.kernel = KVER(6, 18)},
				    sources, &arena, ds);

	cr_assert_not_null(im, "%s", ds->all.n ? ds->all.at[0]->message : "");
	cr_assert_eq(ds->errors, 0, "%s", ds->all.n ? ds->all.at[0]->message : "");
	return im;
}

static const struct image_prog *
prog_named(const struct image *im, const char *name)
{
	for (uint32_t i = 0; i < im->progs.n; i++) {
		if (strcmp(im->progs.at[i]->name, name) == 0)
			return im->progs.at[i];
	}
	return NULL;
}

/* Programs, maps, relocations and lines survive; a second writing gives the same again. */
Test(elf_write, what_is_written_is_read)
{
	struct image im, *back = &im;
	struct types t;
	struct diags ds;
	struct sources sources;

	diags_init(&ds, &arena);
	sources_init(&sources);
	make_image(&im, &t);
	for (int round = 0; round < 2; round++) {
		write_object(back);
		back = read_back(&sources, &ds);
		cr_assert_eq(back->progs.n, im.progs.n);
		cr_assert_eq(back->maps.n, im.maps.n);
		for (uint32_t i = 0; i < im.maps.n; i++) {
			const struct image_map *m = im.maps.at[i], *b = back->maps.at[i];

			cr_assert_str_eq(b->name, m->name);
			cr_assert(b->type == m->type && b->key_size == m->key_size &&
				  b->value_size == m->value_size &&
				  b->max_entries == m->max_entries && b->flags == m->flags);
		}
		for (uint32_t i = 0; i < im.progs.n; i++) {
			const struct image_prog *p = im.progs.at[i];
			const struct image_prog *b = prog_named(back, p->name);

			cr_assert_not_null(b, "%s", p->name);
			cr_assert_eq(b->type, p->type);
			cr_assert_str_eq(b->license, p->license);
			cr_assert_eq(b->subprogs.n, p->subprogs.n);
			cr_assert_eq(b->ninsns, p->ninsns);
			cr_assert_eq(b->relocs.n, p->relocs.n);
			cr_assert_eq(b->nline_info, p->nline_info);
			for (uint32_t j = 0; j < p->ninsns; j++)
				cr_assert_eq(b->insns[j].code, p->insns[j].code);
		}
	}
	sources_free(&sources);
}

/* ---- the file -------------------------------------------------------------------------- */

Test(elf_write, an_old_file_stays_when_writing_fails)
{
	struct image im;
	struct types t;
	struct diags ds;
	struct stat st;
	int status;

	make_image(&im, &t);
	im.progs.at[1]->license = "MIT";
	run(&status, "echo precious > %s", object_path());
	diags_init(&ds, &arena);
	cr_assert_not(elf_write(&im, object_path(), &ds));
	cr_assert_str_eq(ds.all.at[0]->code, "O0030");
	cr_assert_eq(stat(object_path(), &st), 0);
	cr_assert_eq(st.st_size, 9);

	im.progs.at[1]->license = "GPL";
	cr_assert_not(elf_write(&im, "/nosuch/dir/out.o", &ds));
	cr_assert_not_null(strstr(ds.all.at[1]->message, "No such file"));
	cr_assert_not(elf_write(&im, dir, &ds));
	write_object(&im);
	cr_assert_str_eq(run(&status, "ls %s", dir), "out.o\n", "no temporary file is left");
}

Test(elf_write, a_program_alone_needs_no_types)
{
	struct image im = {.arena = &arena};
	struct types t = make_types();
	struct image_prog *p = add_prog(&im, &t, "pass", "xdp", BPF_PROG_TYPE_XDP,
					"r0 = 2\nexit\n");
	int status;

	p->nfunc_info = p->nline_info = 0;
	write_object(&im);
	need("bpftool");
	need_root();

	const char *out = bpftool(&status, "true");

	cr_assert_eq(status, 0, "%s", out);
}

/* SPDX-License-Identifier: MIT */
/* core.c: CO-RE from our own compiler. A program is compiled against a kernel that lays its
 * structs out otherwise; once it is fitted to the running kernel, by our reader and by libbpf
 * (bpftool), it must be what compiling for the running kernel gives. */
#include "compile/compile.h"
#include "image/btf.h"
#include "image/disasm.h"
#include "object/elf_read.h"
#include "object/elf_write.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena;
static const void *running;
static size_t running_size;

static void
setup(void)
{
	struct stat st;
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY);

	arena_init(&arena);
	if (fd < 0 || fstat(fd, &st) < 0)
		cr_skip_test("needs kernel BTF");

	char *data = arena_alloc(&arena, (size_t)st.st_size);

	while (running_size < (size_t)st.st_size) {
		ssize_t n = read(fd, data + running_size, (size_t)st.st_size - running_size);

		cr_assert_gt(n, 0);
		running_size += (size_t)n;
	}
	close(fd);
	running = data;
}

static struct compiler {
	struct kenv *k;
	struct lisp *l;
} compilers[4];
static uint32_t ncompilers;

static void
teardown(void)
{
	while (ncompilers) {
		kenv_free(compilers[--ncompilers].k);
		lisp_free(compilers[ncompilers].l);
	}
	arena_free(&arena);
}

TestSuite(core, .init = setup, .fini = teardown);

/* ---- a kernel that never was ---------------------------------------------------------------- */

struct other {
	struct btf_builder *bb;
	uint32_t u32, ulong, i32, character;
};

static uint32_t
rlimits(struct other *o)
{
	uint32_t array, t = btf_add_composite(o->bb, BTF_KIND_STRUCT, "rlimit", 24);

	btf_add_member(o->bb, "rlim_max", o->ulong, 0);
	btf_add_member(o->bb, "rlim_cur", o->ulong, 128);
	array = btf_add_array(o->bb, t, o->u32, 16);
	t = btf_add_composite(o->bb, BTF_KIND_STRUCT, "signal_struct", 500);
	btf_add_member(o->bb, "rlim", array, 64);
	return btf_add_ref(o->bb, BTF_KIND_PTR, t);
}

static uint32_t
entity(struct other *o)
{
	uint32_t t = btf_add_composite(o->bb, BTF_KIND_STRUCT, "load_weight", 24);

	btf_add_member(o->bb, "weight", o->ulong, 64);
	uint32_t se = btf_add_composite(o->bb, BTF_KIND_STRUCT, "sched_entity", 64);

	btf_add_member(o->bb, "load", t, 128);
	return se;
}

static void
task(struct other *o)
{
	uint32_t signal = rlimits(o), se = entity(o);
	uint32_t comm = btf_add_array(o->bb, o->character, o->u32, 16);
	uint32_t self = btf_add_ref(o->bb, BTF_KIND_PTR, comm + 2);

	cr_assert_eq(btf_add_composite(o->bb, BTF_KIND_STRUCT, "task_struct", 400), comm + 2);
	btf_add_member(o->bb, "tgid", o->i32, 64);
	btf_add_member(o->bb, "real_parent", self, 128);
	btf_add_member(o->bb, "se", se, 256);
	btf_add_bitfield(o->bb, "in_execve", o->u32, 801, 1);
	btf_add_member(o->bb, "comm", comm, 960);
	btf_add_member(o->bb, "signal", signal, 1280);
	btf_add_member(o->bb, "only_there", o->ulong, 1344);
}

/* Only what the program names. */
static const void *
other_kernel(uint32_t *size)
{
	struct other o = {.bb = btf_builder_new(&arena)};

	o.u32 = btf_add_int(o.bb, "unsigned int", 4, 0);
	o.ulong = btf_add_int(o.bb, "unsigned long", 8, 0);
	o.i32 = btf_add_int(o.bb, "int", 4, BTF_INT_SIGNED);
	o.character = btf_add_int(o.bb, "char", 1, BTF_INT_SIGNED);
	task(&o);
	btf_add_enum(o.bb, "bpf_map_type", 4, false);
	btf_add_enumerator(o.bb, "BPF_MAP_TYPE_LPM_TRIE", 77);
	return btf_serialise(o.bb, size);
}

/* ---- compiling ------------------------------------------------------------------------------ */

struct kernel {
	const void *btf;
	size_t size;
};

static bool
kernel_btf(void *ud, const void **data, size_t *size)
{
	const struct kernel *k = ud;

	*data = k->btf;
	*size = k->size;
	return true;
}

/* Every way to get at a field: probed and plain, a bit field, arrays, embedded structs, through
 * pointers, with an offset that was one kernel's, and what the kernel itself is asked. */
static const char source[] =
	"(import-kernel-struct task_struct tgid real_parent)"
	"(defmap out :type :array :key-size 4 :value-size 8 :max-entries 16)"
	"(defprog p (:section \"raw_tp/sys_enter\")"
	"  (let ((known (get-current-task-btf)) (any (as-task-struct (get-current-task))))"
	"    (setf (getmap out 0) (task-struct-tgid (task-struct-real-parent any)))"
	"    (setf (getmap out 1) (kernel-ref known real-parent real-parent tgid))"
	"    (setf (getmap out 2) (kernel-ref any in-execve))"
	"    (setf (getmap out 3) (kernel-ref known in-execve))"
	"    (setf (getmap out 4) (kernel-ref known se load weight))"
	"    (setf (getmap out 5) (kernel-ref any signal (rlim 3) rlim-cur))"
	"    (setf (getmap out 6) (kernel-ref any signal (rlim (logand (ktime-get-ns) 3)) rlim-cur))"
	"    (setf (getmap out 7) (load u64 (kernel-ref any comm)))"
	"    (setf (getmap out 8) (core-enum-value bpf_map_type BPF_MAP_TYPE_LPM_TRIE))"
	"    (setf (getmap out 9) (core-type-size task-struct))"
	"    (setf (getmap out 10) (core-field-size task-struct se load))"
	"    (setf (getmap out 11) (if (core-field-exists task-struct only-there)"
	"                              (kernel-ref any only-there)"
	"                              (kernel-ref any tgid)))"
	"    (setf (getmap out 12) (core-load i32 known 8 task-struct tgid))"
	"    0))";

static const struct image *
compile_for(struct sources *src, struct kernel *kernel, const char *text)
{
	struct image *im = arena_new(&arena, struct image);
	struct lisp *l = lisp_new(src, NULL);
	struct kenv *k = kenv_new(l, &(struct compile_host){.vmlinux_btf = kernel_btf,
							    .ud = kernel});
	struct reader r = {.file = sources_add(src, "core.lisp", str_of(text))};
	struct diags ds;
	value form;

	diags_init(&ds, &arena);
	*im = (struct image){.arena = &arena, .sources = src};
	while (lisp_read(l, &r, &form, &ds) == READ_FORM) {
		const struct symbol *head = as_symbol(car(form));

		if (kenv_is_declaration(head))
			kenv_declare(k, form, &ds);
		else
			compile_prog(k, form, &arena, im,
				     &(struct compile_opts){.for_object = true}, NULL, &ds);
	}
	cr_assert_eq(ds.errors, 0, "%s", ds.all.at[0]->message);
	/* The image speaks of maps by the names that are kept there. */
	cr_assert(ncompilers < sizeof compilers / sizeof *compilers);
	compilers[ncompilers++] = (struct compiler){k, l};
	return im;
}

static void *
file_bytes(const char *path, size_t *n)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	void *p;

	cr_assert(fd >= 0 && fstat(fd, &st) == 0);
	p = arena_alloc(&arena, (size_t)st.st_size);
	*n = (size_t)st.st_size;
	cr_assert_eq(read(fd, p, *n), (ssize_t)*n);
	close(fd);
	return p;
}

static const struct image *
read_object(struct sources *src, const char *path)
{
	size_t n;
	void *bytes = file_bytes(path, &n);
	struct elf_opts o = {.target_btf = running, .target_btf_size = running_size};
	struct diags ds;
	const struct image *im;

	diags_init(&ds, &arena);
	im = elf_read(bytes, n, path, &o, src, &arena, &ds);
	cr_assert(im && im->progs.n == 1 && !ds.errors);
	return im;
}

/* Of the one instruction that no kernel but the other has, only that it was made a call that
 * the verifier would refuse. */
static void
expect_same(const struct image_prog *got, const struct image_prog *want)
{
	unsigned poisoned = 0;

	cr_assert_eq(got->ninsns, want->ninsns);
	for (uint32_t i = 0; i < got->ninsns; i++) {
		const struct bpf_insn *a = &got->insns[i], *b = &want->insns[i];

		if (a->code == (BPF_JMP | BPF_CALL) && b->code != a->code) {
			poisoned++;
			continue;
		}
		cr_expect(a->code == b->code && a->dst_reg == b->dst_reg && a->off == b->off &&
			  (a->imm == b->imm || insn_is_wide(a)),
			  "instruction %u: code %02x off %d imm %d, expected %02x %d %d", i, a->code,
			  a->off, a->imm, b->code, b->off, b->imm);
	}
	cr_expect_eq(poisoned, 1);
}

static const char *
write_for_another_kernel(struct sources *src)
{
	uint32_t size;
	struct kernel other = {.btf = other_kernel(&size)};
	const char *path = arena_printf(&arena, "/tmp/veery-core-%d.o", (int)getpid());
	struct diags ds;

	other.size = size;
	diags_init(&ds, &arena);
	cr_assert(elf_write(compile_for(src, &other, source), path, &ds));
	return path;
}

Test(core, fitted_by_our_reader)
{
	struct kernel here = {running, running_size};
	struct sources src;
	const struct image *want, *got;
	const char *path;

	sources_init(&src);
	path = write_for_another_kernel(&src);
	got = read_object(&src, path);
	unlink(path);
	want = compile_for(&src, &here, source);
	expect_same(got->progs.at[0], want->progs.at[0]);
}

Test(core, fitted_by_libbpf)
{
	struct sources src;
	const char *path;

	if (geteuid() != 0)
		cr_skip_test("needs root");
	if (system("PATH=$PATH:/usr/sbin command -v bpftool >/dev/null"))
		cr_skip_test("needs bpftool");
	sources_init(&src);
	path = write_for_another_kernel(&src);
	cr_expect_eq(system(arena_printf(&arena,
		"PATH=$PATH:/usr/sbin unshare -m sh -c 'mount -t bpf bpf /sys/fs/bpf && "
		"bpftool prog load %s /sys/fs/bpf/veery-core' >/dev/null 2>/tmp/veery-core.log",
		path)), 0, "see /tmp/veery-core.log");
	unlink(path);
}

/* Types come from files too; a pointer to itself must not be followed for ever. */
Test(core, a_kernel_function_of_a_pointer_that_goes_round)
{
	struct btf_builder *bb = btf_builder_new(&arena);
	uint32_t pointer = btf_add_ref(bb, BTF_KIND_PTR, 1), proto, size;
	struct kernel k;
	struct sources src;

	cr_assert_eq(pointer, 1);
	proto = btf_add_func_proto(bb, 0);
	btf_add_param(bb, "p", pointer);
	btf_add_func(bb, "round", proto, BTF_FUNC_STATIC);
	k = (struct kernel){.btf = btf_serialise(bb, &size)};
	k.size = size;
	sources_init(&src);
	cr_expect_eq(compile_for(&src, &k, "(defkfunc round ((p u64)) void)"
				 "(defprog q (:section \"raw_tp/sys_enter\") (round 0) 0)")->progs.n, 1);
}

/* SPDX-License-Identifier: MIT */
/* objects.c: programs in C that use what only whole objects can: the verdict on each is the
 * first word of its name. */
#include "image/asm.h"
#include "image/btf.h"
#include "object/elf_read.h"
#include "verifier-sim/explain/explain.h"
#include "verifier-sim/verify.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char *
slurp(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	size_t cap = 1 << 24;
	char *p = f ? malloc(cap) : NULL;

	*n = p ? fread(p, 1, cap, f) : 0;
	if (f)
		fclose(f);
	return p;
}

static char *
compiled(const char *name, size_t *n)
{
	char path[] = "/tmp/veery-object-XXXXXX", cmd[512], *bytes = NULL;
	int fd = mkstemp(path);

	cr_assert(fd >= 0);
	close(fd);
	snprintf(cmd, sizeof cmd, "clang -target bpf -mcpu=v3 -O2 -g -w -c -o %s "
				  "tests/objects/%s.c 2>/dev/null", path, name);
	if (system(cmd) == 0)
		bytes = slurp(path, n);
	unlink(path);
	if (!bytes || !*n)
		cr_skip_test("needs clang with the bpf target");
	return bytes;
}

/* Kernels before `since` reject everything. */
static void
judge_since(const char *name, struct verify_opts v, uint16_t since)
{
	struct elf_opts o = {.kernel = 6 << 8 | 18};
	struct sources sources;
	struct arena a;
	struct diags ds;
	struct image *im;
	size_t n, nbtf;
	char *bytes = compiled(name, &n), *btf = slurp("/sys/kernel/btf/vmlinux", &nbtf);

	if (!btf || !nbtf)
		cr_skip_test("needs the kernel's BTF");
	arena_init(&a);
	sources_init(&sources);
	diags_init(&ds, &a);
	o.target_btf = v.vmlinux_btf = btf;
	o.target_btf_size = v.vmlinux_btf_size = nbtf;
	v.vmlinux = btf_open(&a, btf, nbtf, NULL, NULL);
	im = elf_read(bytes, n, name, &o, &sources, &a, &ds);
	cr_assert(im && im->progs.n);
	cr_expect(ds.errors == 0, "%s", ds.errors ? ds.all.at[0]->message : "");
	for (uint32_t i = 0; i < im->progs.n; i++) {
		const struct image_prog *p = im->progs.at[i];
		bool accept = !strncmp(p->name, "accept_", 7) && v.kernel >= since;
		struct verify_result r = {0};

		verify_prog(im, p, &v, &a, &r);
		cr_expect(r.verdict == (accept ? VERDICT_ACCEPT : VERDICT_REJECT),
			  "%s: verdict %d at %u: %s %s", p->name, (int)r.verdict, r.insn,
			  r.kernel_message ? r.kernel_message : "", r.unknown ? r.unknown : "");
	}
	sources_free(&sources);
	arena_free(&a);
	free(bytes);
	free(btf);
}

static void
judge_with(const char *name, struct verify_opts v)
{
	judge_since(name, v, 0);
}

static void
judge(const char *name)
{
	struct verify_opts v = {.kernel = 6 << 8 | 18, .caps = VCAP_DEFAULT};

	judge_with(name, v);
}

static int
small_kernel(void *user, const char *option)
{
	(void)user;
	return strcmp(option, "CONFIG_KALLSYMS_ALL") && strcmp(option, "CONFIG_BPF_LIRC_MODE2");
}

Test(objects, kernel_symbols_and_trust)
{
	struct verify_opts v = {.kernel = 6 << 8 | 18, .caps = VCAP_DEFAULT, .patch = 44,
				.config = small_kernel};

	judge_with("kernel", v);
}

Test(objects, pointers_kept_in_maps)
{
	judge("kptrs");
}

Test(objects, variables_in_an_arena)
{
	judge("arena");
	judge_with("arena", (struct verify_opts){.kernel = 7 << 8 | 3, .caps = VCAP_DEFAULT});
}

Test(objects, lists_trees_exceptions_tags)
{
	judge("graph");
}

Test(objects, recent_features)
{
	judge("recent");
}

Test(objects, hooks_and_struct_ops)
{
	judge("hooks");
}

Test(objects, what_came_with_newer_kernels)
{
	static const uint16_t kernels[] = {6 << 8 | 1, 6 << 8 | 18, 7 << 8 | 3};

	for (int i = 0; i < 3; i++)
		judge_since("newer", (struct verify_opts){.kernel = kernels[i],
							  .caps = VCAP_DEFAULT}, 7 << 8 | 2);
}

Test(objects, iterators_between_steps)
{
	judge("iters");
}

/* Arguments of kernel functions that are wrong in several ways: which the kernel sees first. */
static const struct {
	const char *text, *message;
} kfunc_calls[] = {
	/* registers without a value are found by what the argument is to be */
	{"r1 = r10\nr1 += -8\ncall kfunc bpf_iter_num_new\nr0 = 0\nexit", "R2 is not a scalar"},
	{"call get_smp_processor_id\ncall kfunc bpf_iter_num_next\nr0 = 0\nexit",
	 "variable ? access var_off=(0x0; 0xffffffffffffffff) disallowed"},
	/* iterators beside the stack, and where the frame has nothing yet */
	{"r1 = r10\nr1 += 504\ncall kfunc bpf_iter_num_next\nr0 = 0\nexit",
	 "expected an initialized iter_num as arg #0"},
	{"*(u64 *)(r10 -8) = 0\nr1 = r10\nr2 = 0\nr3 = 9\ncall kfunc bpf_iter_num_new\nr0 = 0\n"
	 "exit", "invalid write to stack R1 off=0 size=8"},
	{"r1 = r10\nr1 += -600\nr2 = 0\nr3 = 9\ncall kfunc bpf_iter_num_new\nr0 = 0\nexit",
	 "invalid write to stack R1 off=-600 size=8"},
	/* the offset counts before what the pointer is */
	{"r1 += -8\ncall kfunc bpf_iter_num_next\nr0 = 0\nexit",
	 "negative offset ctx ptr R1 off=-8 disallowed"},
	/* trust comes before the kind of object */
	{"r1 = r10\nr2 = 0\ncall kfunc bpf_obj_drop_impl\nr0 = 0\nexit",
	 "R1 must be referenced or trusted"},
	/* memory whose size is no number is no pair of memory and size */
	{"r6 = r1\nr1 = r10\nr1 += -16\nr2 = 0\nr3 = r10\nr3 += -32\nr4 = r10\n"
	 "call kfunc bpf_dynptr_slice\nr0 = 0\nexit", "Expected an initialized dynptr as arg #0"},
};

Test(objects, arguments_of_kernel_functions)
{
	size_t nbtf;
	char *btf = slurp("/sys/kernel/btf/vmlinux", &nbtf);

	if (!btf || !nbtf)
		cr_skip_test("needs the kernel's BTF");
	for (size_t i = 0; i < sizeof kfunc_calls / sizeof *kfunc_calls; i++) {
		struct image_prog p = {.name = "p", .license = "GPL", .type = BPF_PROG_TYPE_XDP};
		struct verify_opts v = {.kernel = 6 << 8 | 18, .caps = VCAP_DEFAULT,
					.vmlinux_btf = btf, .vmlinux_btf_size = nbtf};
		struct verify_result r = {0};
		struct asm_out out;
		struct arena a;

		arena_init(&a);
		cr_assert(asm_text(str_of(kfunc_calls[i].text), &a, &out), "%s", out.error);
		p.insns = out.insns.at;
		p.ninsns = out.insns.n;
		for (uint32_t n = 0; n < out.refs.n; n++) {
			struct image_reloc rel = {.insn = out.refs.at[n].insn,
						  .kind = out.refs.at[n].kind,
						  .name = out.refs.at[n].name};

			vec_push(&a, &p.relocs, rel);
		}
		verify_prog(&(struct image){.arena = &a}, &p, &v, &a, &r);
		cr_expect_eq(r.verdict, VERDICT_REJECT, "%s: %s", kfunc_calls[i].text,
			     r.unknown ? r.unknown : "accepted");
		if (r.kernel_message)
			cr_expect_str_eq(r.kernel_message, kfunc_calls[i].message);
		arena_free(&a);
	}
	free(btf);
}

Test(objects, kernel_functions_that_are_not_there)
{
	struct image_prog p = {.name = "p", .license = "GPL", .type = BPF_PROG_TYPE_XDP};
	struct image_reloc rel = {.kind = RELOC_KFUNC, .name = "bpf_not_there"};
	struct verify_result r = {0};
	struct vs_explanation x = {0};
	struct image im = {0};
	struct verify_opts v = {.kernel = 6 << 8 | 18, .caps = VCAP_DEFAULT};
	struct asm_out out;
	struct arena a;
	char *btf = slurp("/sys/kernel/btf/vmlinux", &v.vmlinux_btf_size);

	if (!btf || !v.vmlinux_btf_size)
		cr_skip_test("needs the kernel's BTF");
	arena_init(&a);
	im.arena = &a;
	v.vmlinux_btf = btf;
	cr_assert(asm_text(STR("call kfunc bpf_not_there\nr6 = r0\nr0 = 0\nexit"), &a, &out));
	p.insns = out.insns.at;
	p.ninsns = out.insns.n;
	vec_push(&a, &p.relocs, rel);
	verify_prog(&im, &p, &v, &a, &r);
	cr_assert_eq(r.verdict, VERDICT_REJECT);
	verify_explain(&im, &p, &v, &r, &a, &x);
	cr_expect_str_eq(x.headline, "this kernel has no `bpf_not_there`: nothing comes back from its "
				     "call");
	p.insns[1] = p.insns[2];	/* the result is not used */
	r = (struct verify_result){0};
	verify_prog(&im, &p, &v, &a, &r);
	cr_assert_eq(r.verdict, VERDICT_REJECT);
	cr_expect_eq(r.insn, 0);
	verify_explain(&im, &p, &v, &r, &a, &x);
	cr_expect_str_eq(x.headline, "this kernel has no `bpf_not_there`");
	arena_free(&a);
	free(btf);
}

Test(objects, arguments_of_a_hooked_function)
{
	static const struct { const char *text, *headline; } reads[] = {
		{"r2 = *(u64 *)(r1 +64)\nr0 = 0\nexit",
		 "`vfs_read` has 4 arguments: there is none at offset 64 of the context"},
		{"r2 = *(u32 *)(r1 +0)\nr0 = 0\nexit",
		 "argument 1 of `vfs_read` is a pointer: it is read whole, 8 bytes, not 4"},
	};
	struct verify_opts v = {.kernel = 6 << 8 | 18, .caps = VCAP_DEFAULT};
	char *btf = slurp("/sys/kernel/btf/vmlinux", &v.vmlinux_btf_size);

	if (!btf || !v.vmlinux_btf_size)
		cr_skip_test("needs the kernel's BTF");
	v.vmlinux_btf = btf;
	for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
		struct image_prog p = {.name = "p", .license = "GPL", .type = BPF_PROG_TYPE_TRACING,
				       .expected_attach = BPF_TRACE_FENTRY,
				       .attach_target = "vfs_read"};
		struct verify_result r = {0};
		struct vs_explanation x = {0};
		struct image im = {0};
		struct asm_out out;
		struct arena a;

		arena_init(&a);
		im.arena = &a;
		cr_assert(asm_text(str_of(reads[i].text), &a, &out), "%s", out.error);
		p.insns = out.insns.at;
		p.ninsns = out.insns.n;
		verify_prog(&im, &p, &v, &a, &r);
		cr_assert_eq(r.verdict, VERDICT_REJECT);
		verify_explain(&im, &p, &v, &r, &a, &x);
		cr_expect_str_eq(x.headline, reads[i].headline);
		arena_free(&a);
	}
	free(btf);
}

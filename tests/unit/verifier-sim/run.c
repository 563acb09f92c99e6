/* SPDX-License-Identifier: MIT */
/* run.c: the interpreter computes what the kernel computes, and notices what must not be. */
#include "verifier-sim/run/run.h"
#include "image/asm.h"
#include "syscalls/bpf.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <unistd.h>

struct fixture {
	struct arena arena;
	struct image im;
	struct image_prog p;
	struct image_map map;
	const char *text;
};

static void
make(struct fixture *f, uint32_t type, const char *text)
{
	struct asm_out out;

	*f = (struct fixture){.text = text};
	arena_init(&f->arena);
	f->im.arena = &f->arena;
	cr_assert(asm_text(str_of(text), &f->arena, &out), "line %u: %s\n%s", out.line,
		  out.error, text);
	f->p = (struct image_prog){.name = "t", .type = type, .license = "GPL",
				   .insns = out.insns.at, .ninsns = out.insns.n};
	for (uint32_t i = 0; i < out.refs.n; i++) {
		struct image_reloc r = {.insn = out.refs.at[i].insn, .kind = out.refs.at[i].kind,
					.addend = out.refs.at[i].addend};

		vec_push(&f->arena, &f->p.relocs, r);
	}
}

static void
with_map(struct fixture *f, uint32_t type, uint32_t key, uint32_t value, uint32_t entries)
{
	f->map = (struct image_map){.name = "m", .type = type, .key_size = key,
				    .value_size = value, .max_entries = entries};
	vec_push(&f->arena, &f->im.maps, &f->map);
}

static struct run_result
interpret(struct fixture *f, const void *packet, uint32_t len)
{
	struct run_opts o = {.packet = packet, .packet_len = len, .seed = 7};
	struct run_result r;

	run_prog(&f->im, &f->p, run_maps_new(&f->im, &f->arena), &o, &f->arena, &r);
	return r;
}

/* The kernel's return value for the same program and packet. */
static bool
kernel_value(struct fixture *f, const void *packet, uint32_t len, uint32_t *value)
{
	struct sys_prog_load_attr load = {
		.prog_type = f->p.type, .insns = sys_ptr(f->p.insns), .insn_cnt = f->p.ninsns,
		.license = sys_ptr("GPL"),
	};
	struct sys_test_run_attr run = {.data_in = sys_ptr(packet), .data_size_in = len};
	struct sys_map_create_attr map = {
		.map_type = f->map.type, .key_size = f->map.key_size,
		.value_size = f->map.value_size, .max_entries = f->map.max_entries,
	};
	int fd, mfd = f->im.maps.n ? sys_map_create(&map) : -1, err;

	for (uint32_t i = 0; i < f->p.relocs.n; i++)
		if (f->p.relocs.at[i].kind == RELOC_MAP)
			f->p.insns[f->p.relocs.at[i].insn].imm = mfd;
	fd = sys_prog_load(&load);
	if (mfd >= 0)
		close(mfd);
	if (fd == -EPERM)
		return false;
	cr_assert(fd >= 0, "the kernel refuses (%d):\n%s", fd, f->text);
	run.prog_fd = (uint32_t)fd;
	err = sys_prog_test_run(&run);
	close(fd);
	cr_assert(err == 0, "test run: %d", err);
	*value = run.retval;
	return true;
}

static const uint8_t packet[64] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 8, 0, 0x45};

static const char *const programs[] = {
	"r0 = 7\nexit\n",
	"r1 = 0xdeadbeefcafebabe ll\nr0 = r1\nr0 >>= 32\nw0 ^= w1\nexit\n",
	"r0 = -7\nr1 = 2\nr0 s/= r1\nexit\n",
	"r0 = -7\nr1 = 0\nr0 %= r1\nexit\n",
	"w0 = -7\nw1 = 0\nw0 /= w1\nexit\n",
	"r0 = 0x8000000000000000 ll\nr1 = -1\nr0 s/= r1\nr0 >>= 32\nexit\n",
	"w0 = 0x80000000\nw1 = -1\nw0 s%= w1\nexit\n",
	"r1 = 0xff80\nr0 = (s8)r1\nr0 = bswap32 r0\nexit\n",
	"r0 = 0x1234\nr0 = be16 r0\nexit\n",
	"w0 = 0x80000001\nw1 = 33\nw0 s>>= w1\nexit\n",
	"r0 = 1\nr2 = 70\nr0 <<= r2\nexit\n",
	"r0 = 5\nr0 = -r0\nr0 >>= 60\nexit\n",
	/* Stack, atomics, sign-extending loads. */
	"*(u64 *)(r10 -8) = -2\nr1 = 5\nlock *(u64 *)(r10 -8) += r1\nr0 = *(u64 *)(r10 -8)\nexit\n",
	"*(u64 *)(r10 -8) = 40\nr1 = 2\nr1 = atomic64_fetch_add((u64 *)(r10 -8), r1)\n"
	"r0 = *(u64 *)(r10 -8)\nr0 += r1\nexit\n",
	"*(u32 *)(r10 -4) = 9\nr0 = 9\nr4 = 3\nr0 = atomic_cmpxchg((u32 *)(r10 -4), r0, r4)\n"
	"r1 = *(u32 *)(r10 -4)\nr0 <<= 8\nr0 |= r1\nexit\n",
	"*(u8 *)(r10 -1) = 200\nr0 = *(s8 *)(r10 -1)\nexit\n",
	/* Jumps, loops, calls. */
	"r0 = 0\nr1 = 10\nloop:\nr0 += r1\nr1 += -1\nif r1 != 0 goto loop\nexit\n",
	"r1 = -1\nr0 = 1\nif w1 s< 0 goto out\nr0 = 2\nout:\nexit\n",
	"r1 = 0x100000001 ll\nr0 = 1\nif w1 == 1 goto out\nr0 = 2\nout:\nexit\n",
	"r1 = 3\nr2 = 4\ncall f\nr0 += 1\nexit\nf:\nr0 = r1\nr0 *= r2\nexit\n",
	"r6 = 5\ncall f\nr0 += r6\nexit\nf:\nr6 = 100\nr0 = 1\nexit\n",
	/* Packets. */
	"r0 = 0\nr2 = *(u32 *)(r1 +76)\nr3 = *(u32 *)(r1 +80)\nr4 = r2\nr4 += 14\n"
	"if r4 > r3 goto out\nr0 = *(u16 *)(r2 +12)\nr0 = be16 r0\nout:\nexit\n",
	"r6 = r1\nr0 = *(u16 *)skb[12]\nexit\n",
	"r6 = r1\nr7 = 12\nr0 = *(u8 *)skb[r7 + 2]\nexit\n",
	"r6 = r1\nr0 = *(u32 *)skb[1000]\nr0 = 5\nexit\n",
	"r6 = r1\nr2 = 2\nr3 = r10\nr3 += -8\nr4 = 4\ncall skb_load_bytes\n"
	"r0 = *(u32 *)(r10 -8)\nexit\n",
	/* A map: a miss, a write, a hit. */
	"*(u32 *)(r10 -4) = 1\n*(u64 *)(r10 -16) = 77\nr1 = map m\nr2 = r10\nr2 += -4\n"
	"call map_lookup_elem\nif r0 != 0 goto hit\nr1 = map m\nr2 = r10\nr2 += -4\nr3 = r10\n"
	"r3 += -16\nr4 = 0\ncall map_update_elem\nr1 = map m\nr2 = r10\nr2 += -4\n"
	"call map_lookup_elem\nif r0 == 0 goto miss\nr0 = *(u64 *)(r0 +0)\nexit\n"
	"hit:\nr0 = 1\nexit\nmiss:\nr0 = 2\nexit\n",
};

enum { NPROGRAMS = sizeof programs / sizeof *programs };

Test(run, computes_what_the_kernel_computes)
{
	for (uint32_t i = 0; i < NPROGRAMS; i++) {
		struct run_result r;
		struct fixture f;
		uint32_t value;

		make(&f, BPF_PROG_TYPE_SCHED_CLS, programs[i]);
		with_map(&f, BPF_MAP_TYPE_HASH, 4, 8, 4);
		r = interpret(&f, packet, sizeof packet);
		cr_assert(r.end == RUN_EXIT, "%u ended @%u: %s\n%s", i, r.insn, r.what,
			  programs[i]);
		if (!kernel_value(&f, packet, sizeof packet, &value))
			cr_skip_test("needs CAP_BPF");
		cr_assert(value == (uint32_t)r.r0, "%u: kernel %#x, interpreter %#x\n%s", i,
			  value, (uint32_t)r.r0, programs[i]);
		arena_free(&f.arena);
	}
}

static const struct {
	const char *text, *what;
} faults[] = {
	{"r0 = *(u64 *)(r10 -520)\nexit\n", "access outside the object"},
	{"r0 = *(u64 *)(r10 +0)\nexit\n", "access outside the object"},
	{"r1 = 0\nr0 = *(u8 *)(r1 +4)\nexit\n", "access through a null pointer"},
	{"r1 = 77777\nr0 = *(u8 *)(r1 +0)\nexit\n",
	 "access through a value that is no address"},
	{"r2 = *(u32 *)(r1 +76)\nr0 = *(u8 *)(r2 +64)\nexit\n", "access outside the object"},
	{"r2 = *(u32 *)(r1 +76)\nr0 = *(u8 *)(r2 -1)\nexit\n", "access outside the object"},
	{"call f\nr0 = *(u64 *)(r0 -8)\nexit\nf:\nr0 = r10\nexit\n",
	 "access to an object that is gone"},
	{"call f\nexit\nf:\ncall f\nexit\n", "more than eight frames"},
	{"r0 = 0\n", "the end of the program was passed"},
	{"r1 = map m\nr0 = *(u64 *)(r1 +0)\nexit\n", "access to the inside of a map"},
};

Test(run, notices_what_no_accepted_program_does)
{
	for (uint32_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		struct run_result r;
		struct fixture f;

		make(&f, BPF_PROG_TYPE_SCHED_CLS, faults[i].text);
		with_map(&f, BPF_MAP_TYPE_HASH, 4, 8, 4);
		r = interpret(&f, packet, sizeof packet);
		cr_assert(r.end == RUN_FAULT, "%s: ended as %d", faults[i].text, r.end);
		cr_assert_str_eq(r.what, faults[i].what);
		arena_free(&f.arena);
	}
}

Test(run, endless_loops_end)
{
	struct run_result r;
	struct fixture f;

	make(&f, BPF_PROG_TYPE_SOCKET_FILTER, "loop:\ngoto loop\n");
	r = interpret(&f, NULL, 0);
	cr_assert(r.end == RUN_STEPS);
	cr_assert(r.steps >= 1000000);
	arena_free(&f.arena);
}

Test(run, says_what_it_does_not_model)
{
	struct run_result r;
	struct fixture f;

	make(&f, BPF_PROG_TYPE_SOCKET_FILTER, "call get_current_task_btf\nexit\n");
	r = interpret(&f, NULL, 0);
	cr_assert(r.end == RUN_UNSUPPORTED);
	cr_assert_str_eq(r.what, "helper #158");
	arena_free(&f.arena);
}

Test(run, callbacks_and_map_contents)
{
	/* Sum 0..9 through bpf_loop into the element that the test reads. */
	static const char text[] =
		"*(u64 *)(r10 -8) = 0\nr1 = 10\nr2 = func f\nr3 = r10\nr3 += -8\nr4 = 0\n"
		"call loop\n*(u32 *)(r10 -12) = 2\nr1 = map m\nr2 = r10\nr2 += -12\nr3 = r10\n"
		"r3 += -8\nr4 = 0\ncall map_update_elem\nr0 = *(u64 *)(r10 -8)\nexit\n"
		"f:\nr0 = *(u64 *)(r2 +0)\nr0 += r1\n*(u64 *)(r2 +0) = r0\nr0 = 0\nexit\n";
	struct run_opts o = {.seed = 1};
	struct run_maps *maps;
	struct run_result r;
	uint32_t key = 2;
	struct fixture f;
	const uint64_t *v;

	make(&f, BPF_PROG_TYPE_SOCKET_FILTER, text);
	with_map(&f, BPF_MAP_TYPE_ARRAY, 4, 8, 4);
	maps = run_maps_new(&f.im, &f.arena);
	run_prog(&f.im, &f.p, maps, &o, &f.arena, &r);
	cr_assert(r.end == RUN_EXIT, "@%u: %s", r.insn, r.what);
	cr_assert(r.r0 == 45);
	v = run_map_lookup(maps, 0, &key);
	cr_assert(v && *v == 45);
	arena_free(&f.arena);
}

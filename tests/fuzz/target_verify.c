/* SPDX-License-Identifier: MIT */
/* target_verify.c: libFuzzer target: any bytes as instructions of a program with maps, through
 * the verifier; what it accepts then runs, what it rejects is explained. An accepted program
 * that does what no accepted program may do is a crash, and so is an empty explanation. */
#include "verifier-sim/explain/explain.h"
#include "verifier-sim/run/run.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint32_t types[] = {
	BPF_PROG_TYPE_SOCKET_FILTER, BPF_PROG_TYPE_XDP, BPF_PROG_TYPE_SCHED_CLS,
	BPF_PROG_TYPE_KPROBE, BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_PROG_TYPE_CGROUP_SKB,
	BPF_PROG_TYPE_SK_LOOKUP, BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
};

static void
add_map(struct image *im, uint32_t type, uint32_t key, uint32_t value)
{
	struct image_map *m = arena_new(im->arena, struct image_map);

	*m = (struct image_map){.name = "m", .type = type, .key_size = key,
				.value_size = value, .max_entries = 4};
	vec_push(im->arena, &im->maps, m);
}

/* Wide loads with src_reg 1 name a map by their immediate. */
static void
name_maps(struct image *im, struct image_prog *p)
{
	for (uint32_t i = 0; i + 1 < p->ninsns; i++) {
		struct bpf_insn *in = &p->insns[i];
		struct image_reloc r = {.insn = i, .kind = RELOC_MAP,
					.map = (uint32_t)in->imm % im->maps.n};

		if (insn_is_wide(in) && in->src_reg == BPF_PSEUDO_MAP_FD)
			vec_push(im->arena, &p->relocs, r);
		i += insn_is_wide(in);
	}
}

static void
run_it(struct image *im, struct image_prog *p, struct arena *a)
{
	static const uint8_t packet[64] = {1, 2, 3};
	struct run_opts o = {.packet = packet, .packet_len = sizeof packet, .seed = 5,
			     .max_steps = 20000};
	struct run_result r;

	run_prog(im, p, run_maps_new(im, a), &o, a, &r);
	if (r.end == RUN_FAULT)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verify_opts o = {.kernel = 6 << 8 | 12, .caps = VCAP_DEFAULT,
				.insn_limit = 20000};
	struct vs_explanation x;
	struct verify_result r;
	struct image_prog p = {.name = "fuzz", .license = "GPL"};
	struct image im = {0};
	struct arena a;

	if (size < 9)
		return 0;
	arena_init(&a);
	im.arena = &a;
	p.type = types[data[0] % (sizeof types / sizeof *types)];
	p.ninsns = (uint32_t)((size - 1) / 8);
	p.insns = arena_array(&a, struct bpf_insn, p.ninsns);
	memcpy(p.insns, data + 1, (size_t)p.ninsns * 8);
	p.src = arena_array(&a, span, p.ninsns);
	add_map(&im, BPF_MAP_TYPE_ARRAY, 4, 16);
	add_map(&im, BPF_MAP_TYPE_HASH, 8, 48);
	add_map(&im, BPF_MAP_TYPE_RINGBUF, 0, 0);
	name_maps(&im, &p);
	vec_push(&a, &im.progs, &p);
	verify_prog(&im, &p, &o, &a, &r);
	if (r.verdict == VERDICT_BUG)
		abort();
	if (r.verdict == VERDICT_REJECT) {
		verify_explain(&im, &p, &o, &r, &a, &x);
		if (!x.headline || !x.code || x.at >= p.ninsns || x.root >= p.ninsns)
			abort();
	}
	/* Reading kernel memory through probed pointers has no counterpart in the interpreter. */
	if (r.verdict == VERDICT_ACCEPT && p.type != BPF_PROG_TYPE_KPROBE &&
	    p.type != BPF_PROG_TYPE_RAW_TRACEPOINT)
		run_it(&im, &p, &a);
	arena_free(&a);
	return 0;
}

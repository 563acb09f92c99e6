/* SPDX-License-Identifier: MIT */
/* sound.c: is what the simulator claims about accepted programs true?
 *
 * Random programs are verified without pruning, and every state on every path is written
 * down. The interpreter then runs the accepted ones on random packets; before each
 * instruction its registers must lie inside one of the states claimed there, all of them in
 * the same one, and no access may leave its object.
 *
 *   fuzz-sound N [FIRST-SEED [KERNEL]]       KERNEL: 7.3; 6.18 when not said */
#include "gen.h"

#include "facts/facts.h"
#include "verifier-sim/env.h"
#include "verifier-sim/run/run.h"

#include <stdio.h>
#include <stdlib.h>

enum { INPUTS = 4, PACKET_HEADROOM = 256, LIMIT = 20000 };

struct claim {
	struct claim *next;	/* another one at the same instruction */
	uint32_t depth;
	struct vs_reg regs[10];
	/* The maps of map values: what regs[] points to ends with the verification. */
	const struct image_map *maps[10];
};

struct check {
	struct arena arena;
	struct claim **at;	/* per instruction */
	const struct image_prog *p;
	uint64_t steps;
	uint32_t bad_insn;
	int bad_reg;		/* in the last state looked at */
	uint64_t bad_value;
	bool bad;
};

static void
write_down(void *user, const struct vs_env *env)
{
	struct check *c = user;
	const struct vs_frame *f = env->cur->frame[env->cur->curframe];
	struct claim *x = arena_new(&c->arena, struct claim);

	x->depth = env->cur->curframe;
	memcpy(x->regs, f->regs, sizeof x->regs);
	for (int i = 0; i < 10; i++)
		if (vs_base(x->regs[i].type) == RT_MAP_VALUE)
			x->maps[i] = x->regs[i].map->im;
	x->next = c->at[env->insn_idx];
	c->at[env->insn_idx] = x;
}

static bool
in_ranges(const struct vs_reg *r, uint64_t v)
{
	return (v & ~r->var.mask) == r->var.value && (int64_t)v >= r->smin &&
	       (int64_t)v <= r->smax && v >= r->umin && v <= r->umax &&
	       (uint32_t)v >= r->u32min && (uint32_t)v <= r->u32max &&
	       (int32_t)v >= r->s32min && (int32_t)v <= r->s32max;
}

/* The offset that the verifier speaks of, from the interpreter's. */
static int64_t
offset_in(const struct vs_reg *r, uint32_t off)
{
	switch (vs_base(r->type)) {
	case RT_STACK: return (int64_t)(int32_t)off - RUN_STACK;
	case RT_PACKET: return (int64_t)(int32_t)off - PACKET_HEADROOM;
	default: return (int32_t)off;
	}
}

/* The elements of an array lie in one object, and a pointer may stand outside of the one it
 * was made for: it is as claimed when it is so for some element. */
static bool
some_element(const struct vs_reg *r, const struct image_map *m, uint32_t off)
{
	int64_t stride = (m->value_size + 7) & ~7u, at = (int64_t)(int32_t)off - r->off;

	for (uint32_t i = 0; i < m->max_entries; i++)
		if (in_ranges(r, (uint64_t)(at - i * stride)))
			return true;
	return false;
}

static bool
kind_fits(const struct vs_reg *r, enum run_kind k)
{
	switch (vs_base(r->type)) {
	case RT_CTX: return k == RUN_CTX;
	case RT_CONST_MAP: return k == RUN_MAP;
	case RT_MAP_VALUE: return k == RUN_VALUE;
	case RT_STACK: return k == RUN_STACK_FRAME;
	case RT_PACKET: case RT_PACKET_END: return k == RUN_PACKET;
	case RT_MEM: return k == RUN_RECORD;
	default: return true;
	}
}

/* As an address `far` bytes beyond what its lower half can say. */
static bool
pointer_holds(const struct claim *x, int i, uint64_t v, int64_t far)
{
	const struct vs_reg *r = &x->regs[i];
	uint32_t off;

	if (!kind_fits(r, run_address_kind(v - (uint64_t)far, &off)))
		return false;
	if (vs_base(r->type) == RT_PACKET_END || vs_base(r->type) == RT_CONST_MAP)
		return true;
	if (!far && x->maps[i] && x->maps[i]->type == BPF_MAP_TYPE_ARRAY)
		return some_element(r, x->maps[i], off);
	return in_ranges(r, (uint64_t)(offset_in(r, off) + far - r->off));
}

/* Objects lie four gigabytes apart, an offset being the lower half of an address: what was
 * moved further is out of its object, which is no fault as long as it stays unused. */
static bool
holds(const struct claim *x, int i, uint64_t v)
{
	const struct vs_reg *r = &x->regs[i];
	const int64_t apart = (int64_t)1 << 32;

	if (r->type == RT_NOT_INIT)
		return true;
	if (r->type == RT_SCALAR)
		return in_ranges(r, v);
	if (v == 0 && vs_may_be_null(r->type))
		return true;
	return pointer_holds(x, i, v, 0) || pointer_holds(x, i, v, apart) ||
	       pointer_holds(x, i, v, -apart);
}

static bool
look(void *user, const struct run_step *s)
{
	struct check *c = user;

	c->steps++;
	for (const struct claim *x = c->at[s->insn]; x; x = x->next) {
		bool ok = x->depth == s->frame;

		for (int i = 0; ok && i < 10; i++) {
			ok = !(s->written >> i & 1) || holds(x, i, s->regs[i]);
			c->bad_reg = i;
			c->bad_value = s->regs[i];
		}
		if (ok)
			return true;
	}
	c->bad = true;
	c->bad_insn = s->insn;
	return false;
}

/* Runs an accepted program; false when something was not as claimed. */
static bool
run_all(struct check *c, const struct gen_case *g, uint64_t seed)
{
	struct run_maps *maps = run_maps_new(g->im, &c->arena);
	struct run_result r;
	uint8_t packet[96];

	for (uint32_t i = 0; i < INPUTS; i++) {
		struct run_opts o = {.seed = seed * INPUTS + i, .packet = packet,
				     .packet_len = 14 + 27 * i, .step = look, .user = c,
				     .max_steps = 100000};

		for (uint32_t k = 0; k < sizeof packet; k++)
			packet[k] = (uint8_t)((o.seed * 167 + k * 31) >> 3);
		run_prog(g->im, g->prog, maps, &o, &c->arena, &r);
		if (c->bad) {
			printf("seed %llu: r%d at %u, %#llx, is outside what is claimed there\n",
			       (unsigned long long)seed, c->bad_reg, c->bad_insn,
			       (unsigned long long)c->bad_value);
			return false;
		}
		if (r.end == RUN_FAULT) {
			printf("seed %llu: @%u %s\n", (unsigned long long)seed, r.insn, r.what);
			return false;
		}
	}
	return true;
}

int
main(int argc, char **argv)
{
	uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000;
	uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 0, steps = 0;
	uint32_t ran = 0, violations = 0;
	unsigned major = 6, minor = 18;
	struct check c = {0};

	if (argc > 3 && sscanf(argv[3], "%u.%u", &major, &minor) != 2) {
		fprintf(stderr, "fuzz-sound: `%s` is no kernel version\n", argv[3]);
		return 2;
	}
	arena_init(&c.arena);
	for (uint32_t i = 0; i < n; i++) {
		struct verify_opts o = {.kernel = (uint16_t)KVER(major, minor), .caps = VCAP_DEFAULT,
					.on_insn = write_down, .on_insn_user = &c,
					.no_prune = true, .insn_limit = LIMIT, .cpus = 1};
		struct verify_result r;
		struct gen_case g;

		arena_reset(&c.arena);
		gen_program(first + i, &c.arena, &g);
		c.at = arena_array(&c.arena, struct claim *, g.prog->ninsns);
		c.bad = false;
		c.steps = 0;
		verify_prog(g.im, g.prog, &o, &c.arena, &r);
		if (r.verdict != VERDICT_ACCEPT)
			continue;
		ran++;
		violations += !run_all(&c, &g, first + i);
		steps += c.steps;
	}
	printf("%u programs run on %d inputs each, %llu steps compared, %u violations\n", ran,
	       INPUTS, (unsigned long long)steps, violations);
	arena_free(&c.arena);
	return violations != 0;
}

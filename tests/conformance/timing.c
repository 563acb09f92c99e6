/* SPDX-License-Identifier: MIT */
/* timing.c: the kernel and the simulator on the same programs, one after the other.
 *
 * Both times are verification alone: the kernel's own figure (log level 4), and verify_prog().
 * Short ones are the best of three, so that one interruption does not decide. */
#include "timing.h"

enum { SHORT_NS = 300000000, ROUNDS = 3 };

static uint64_t
better(uint64_t best, uint64_t ns)
{
	return !best || ns < best ? ns : best;
}

struct timing
timing_of(const struct timing_opts *o, const struct image *im, const struct image_prog *p,
	  struct arena *a)
{
	struct timing t = {0};

	for (int i = 0; i < ROUNDS && (!i || t.kernel_ns < SHORT_NS); i++) {
		struct outcome k = kernel_try(o->kernel, im, p, 4, a);

		if (k.kind != OUTCOME_ACCEPT && k.kind != OUTCOME_REJECT)
			return (struct timing){0};
		t.kernel_ns = better(t.kernel_ns, k.ns);
	}
	for (int i = 0; i < ROUNDS && (!i || t.sim_ns < SHORT_NS); i++)
		t.sim_ns = better(t.sim_ns, sim_try(im, p, o->verify, a).ns);
	return t;
}

void
timing_print_line(const char *name, struct timing t)
{
	printf("  %-48.48s %10.1f us / %10.1f us = %5.2f\n", name, (double)t.sim_ns / 1000,
	       (double)t.kernel_ns / 1000, (double)t.sim_ns / (double)t.kernel_ns);
}

void
timing_print(const struct timing_opts *o, const struct corpus *corpus)
{
	struct timing all = {0};
	char sum[40];
	uint32_t n = 0;
	struct arena a;

	arena_init(&a);
	for (uint32_t i = 0; i < corpus->count; i++) {
		struct corpus_case c;
		struct timing t;

		arena_reset(&a);
		corpus->get(corpus->self, i, &a, &c);
		t = timing_of(o, c.im, c.prog, &a);
		if (!t.kernel_ns || !t.sim_ns)
			continue;
		n++;
		all.kernel_ns += t.kernel_ns;
		all.sim_ns += t.sim_ns;
		if (t.kernel_ns >= o->heavy_ns)
			timing_print_line(c.name, t);
	}
	arena_free(&a);
	snprintf(sum, sizeof sum, "all %u programs", n);
	if (n)
		timing_print_line(sum, all);
}

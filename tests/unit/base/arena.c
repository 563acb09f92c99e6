/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <criterion/criterion.h>

Test(arena, memory_is_zeroed_and_aligned_after_reset)
{
	struct arena a;

	arena_init(&a);
	for (int round = 0; round < 3; round++) {
		for (size_t n = 1; n < 5000; n += 37) {
			unsigned char *p = arena_alloc(&a, n);

			cr_assert_eq((uintptr_t)p % 16, 0);
			for (size_t i = 0; i < n; i++)
				cr_assert_eq(p[i], 0);
			memset(p, 0xff, n);
		}
		arena_reset(&a);
	}
	arena_free(&a);
}

Test(arena, vectors_keep_their_elements_while_growing)
{
	struct arena a;
	VEC(uint32_t) v = {0}, w = {0};

	arena_init(&a);
	for (uint32_t i = 0; i < 10000; i++) {
		vec_push(&a, &v, i);
		vec_push(&a, &w, ~i);
	}
	for (uint32_t i = 0; i < 10000; i++) {
		cr_assert_eq(v.at[i], i);
		cr_assert_eq(w.at[i], ~i);
	}
	arena_free(&a);
}

Test(arena, limit_jumps_to_the_owner)
{
	struct arena a;
	jmp_buf oom;
	volatile int jumped = 0;

	arena_init(&a);
	a.limit = 100000;
	a.oom = &oom;
	if (setjmp(oom) == 0) {
		for (int i = 0; i < 1000; i++)
			arena_alloc(&a, 1000);
	} else {
		jumped = 1;
	}
	cr_assert(jumped);
	cr_assert_leq(a.used, a.limit);
	arena_free(&a);
}

Test(arena, large_objects_do_not_waste_the_current_chunk)
{
	struct arena a;
	char *before, *after;

	arena_init(&a);
	before = arena_alloc(&a, 16);
	arena_alloc(&a, 4 << 20);
	after = arena_alloc(&a, 16);
	cr_assert_eq(after - before, 16);
	arena_free(&a);
}

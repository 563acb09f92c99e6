/* SPDX-License-Identifier: MIT */
/* iters.c: iterators kept on the stack over several steps. */
#include "bpf.h"

struct bpf_iter_num {
	u64 opaque[1];
} __attribute__((aligned(8)));

extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

/* Whether the iterator has ended is known of it between two steps: the path on which it has
 * not is another one. */
SEC("tc")
int reject_second_element(void *ctx)
{
	struct bpf_iter_num it;
	int *v, first = 0;

	bpf_iter_num_new(&it, 0, 3);
	v = bpf_iter_num_next(&it);
	if (v)
		first = *v;
	v = bpf_iter_num_next(&it);
	if (v)
		first += *(int *)(long)(*v + first);
	bpf_iter_num_destroy(&it);
	return first;
}

SEC("tc")
int accept_second_element(void *ctx)
{
	struct bpf_iter_num it;
	int *v, first = 0;

	bpf_iter_num_new(&it, 0, 3);
	v = bpf_iter_num_next(&it);
	if (v)
		first = *v;
	v = bpf_iter_num_next(&it);
	if (v)
		first += *v;
	bpf_iter_num_destroy(&it);
	return first & 1;
}

char _license[] SEC("license") = "GPL";

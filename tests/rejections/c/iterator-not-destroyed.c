/* code: V0313
 * real: yes
 * kind: iterator
 * The numbers' iterator is left behind on one way out. */
#include "bpf.h"

extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;
u64 sum;

SEC("raw_tp/sys_enter")
int add(void *ctx)
{
	struct bpf_iter_num it;
	int *v;

	bpf_iter_num_new(&it, 0, 10);
	while ((v = bpf_iter_num_next(&it))) {
		if (bpf_get_prandom_u32() == 7) {
#ifdef FIXED
			bpf_iter_num_destroy(&it);
#endif
			return 0; // root
		}
		sum += *v;
	}
	bpf_iter_num_destroy(&it);
	return 0;
}

/* code: V0654
 * real: no
 * kind: lock
 * A list changes only while the lock beside it is held. */
#include "bpf.h"

struct item { u64 len; struct bpf_list_node node; };

#define together SEC(".bss.A") __hidden __attribute__((aligned(8)))
together struct bpf_spin_lock lock;
together struct bpf_list_head list __attribute__((btf_decl_tag("contains:item:node")));

extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern int bpf_list_push_back_impl(struct bpf_list_head *l, struct bpf_list_node *n, void *meta,
				   u64 off) __ksym;

SEC("tc")
int remember(struct __sk_buff *skb)
{
	struct item *it = bpf_obj_new_impl(__builtin_btf_type_id(*(struct item *)0, 0), NULL);

	if (!it)
		return TC_ACT_OK;
	it->len = skb->len;
#ifdef FIXED
	bpf_spin_lock(&lock);
#endif
	bpf_list_push_back_impl(&list, &it->node, NULL, 0); // root
#ifdef FIXED
	bpf_spin_unlock(&lock);
#endif
	return TC_ACT_OK;
}

/* code: V0313
 * real: yes
 * kind: not released
 * The list takes the object over on one path; the other leaves with it. */
#include "bpf.h"

struct item { u64 len; struct bpf_list_node node; };

#define together SEC(".bss.A") __hidden __attribute__((aligned(8)))
together struct bpf_spin_lock lock;
together struct bpf_list_head list __attribute__((btf_decl_tag("contains:item:node")));

extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *p, void *meta) __ksym;
extern int bpf_list_push_back_impl(struct bpf_list_head *l, struct bpf_list_node *n, void *meta,
				   u64 off) __ksym;
#define bpf_obj_new(type) bpf_obj_new_impl(__builtin_btf_type_id(*(type *)0, 0), NULL)
#define bpf_obj_drop(p) bpf_obj_drop_impl(p, NULL)

SEC("tc")
int remember(struct __sk_buff *skb)
{
	struct item *it = bpf_obj_new(struct item);

	if (!it)
		return TC_ACT_OK;
	it->len = skb->len;
	if (skb->len < 64) {
#ifdef FIXED
		bpf_obj_drop(it);
#endif
		return TC_ACT_SHOT; // root
	}
	bpf_spin_lock(&lock);
	bpf_list_push_back_impl(&list, &it->node, NULL, 0);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* SPDX-License-Identifier: MIT */
/* graph.c: lists and trees of objects, counted objects, exceptions, tagged arguments. What the
 * verifier says of a program is the first word of its name. */
#include "bpf.h"

struct bpf_spin_lock { u32 val; };
struct bpf_list_head { u64 hidden[2]; } __attribute__((aligned(8)));
struct bpf_list_node { u64 hidden[3]; } __attribute__((aligned(8)));
struct bpf_rb_root { u64 hidden[2]; } __attribute__((aligned(8)));
struct bpf_rb_node { u64 hidden[4]; } __attribute__((aligned(8)));
struct bpf_refcount { u32 hidden; };

#define contains(type, node) __attribute__((btf_decl_tag("contains:" #type ":" #node)))
#define arg_tag(name) __attribute__((btf_decl_tag("arg:" #name)))
#define throws(name) __attribute__((btf_decl_tag("exception_callback:" #name)))

extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *p, void *meta) __ksym;
extern int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node,
				    void *meta, u64 off) __ksym;
extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __ksym;
extern int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node, void *less,
			       void *meta, u64 off) __ksym;
extern void *bpf_refcount_acquire_impl(void *p, void *meta) __ksym;
extern void bpf_throw(u64 cookie) __ksym;

static long (*spin_lock)(struct bpf_spin_lock *lock) = (void *)93;
static long (*spin_unlock)(struct bpf_spin_lock *lock) = (void *)94;

struct item {
	struct bpf_list_node link;
	u64 value;
};

struct leaf {
	struct bpf_rb_node node;
	struct bpf_refcount count;
	u64 value;
};

static struct bpf_spin_lock lock SEC(".data.graph");
static struct bpf_list_head list contains(item, link) SEC(".data.graph");
static struct bpf_rb_root tree contains(leaf, node) SEC(".data.graph");

#define make(type) ((type *)bpf_obj_new_impl(__builtin_btf_type_id(*(type *)0, 0), 0))

SEC("tc")
int accept_push(void *ctx)
{
	struct item *it = make(struct item);

	if (!it)
		return 0;
	it->value = 1;
	spin_lock(&lock);
	bpf_list_push_front_impl(&list, &it->link, 0, 0);
	it->value = 2;		/* not the program's any more, but still there */
	spin_unlock(&lock);
	return 0;
}

SEC("tc")
int reject_push_unlocked(void *ctx)
{
	struct item *it = make(struct item);

	if (it)
		bpf_list_push_front_impl(&list, &it->link, 0, 0);
	return 0;
}

SEC("tc")
int reject_push_late_write(void *ctx)
{
	struct item *it = make(struct item);

	if (!it)
		return 0;
	spin_lock(&lock);
	bpf_list_push_front_impl(&list, &it->link, 0, 0);
	spin_unlock(&lock);
	it->value = 2;
	return 0;
}

SEC("tc")
int reject_leak(void *ctx)
{
	struct bpf_list_node *n;

	spin_lock(&lock);
	n = bpf_list_pop_front(&list);
	spin_unlock(&lock);
	return n ? 1 : 0;
}

SEC("tc")
int reject_field(void *ctx)
{
	struct item *it = make(struct item);

	if (!it)
		return 0;
	it->link.hidden[0] = 1;
	bpf_obj_drop_impl(it, 0);
	return 0;
}

static __noinline _Bool
less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return ((struct leaf *)a)->value < ((struct leaf *)b)->value;
}

SEC("tc")
int accept_tree(void *ctx)
{
	struct leaf *l = make(struct leaf), *again;

	if (!l)
		return 0;
	again = bpf_refcount_acquire_impl(l, 0);
	spin_lock(&lock);
	bpf_rbtree_add_impl(&tree, &l->node, less, 0, 0);
	spin_unlock(&lock);
	bpf_obj_drop_impl(again, 0);
	return 0;
}

SEC("tc")
int reject_count(void *ctx)
{
	struct item *it = make(struct item), *again;

	if (!it)
		return 0;
	again = bpf_refcount_acquire_impl(it, 0);
	bpf_obj_drop_impl(it, 0);
	bpf_obj_drop_impl(again, 0);
	return 0;
}

u64 caught(u64 cookie)
{
	return cookie;
}

SEC("tc")
throws(caught)
int accept_throw(void *ctx)
{
	bpf_throw(1);
	return 0;
}

SEC("tc")
throws(caught)
throws(less)
int reject_two_callbacks(void *ctx)
{
	bpf_throw(1);
	return 0;
}

__noinline int
first(int *p arg_tag(nonnull))
{
	return p[0];
}

SEC("tc")
int accept_nonnull(void *ctx)
{
	int x = 3;

	return first(&x);
}

struct {
	__uint(type, MAP_HASH);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, int);
} numbers SEC(".maps");

SEC("tc")
int reject_nonnull(void *ctx)
{
	int key = 1;

	return first(map_lookup(&numbers, &key));
}

/* A 0 that is known passes up to 7.1. */
SEC("tc")
int accept_nonnull_zero(void *ctx)
{
	return first(0);
}

char _license[] SEC("license") = "GPL";

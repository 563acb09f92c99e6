/* SPDX-License-Identifier: MIT */
/* kptrs.c: kernel pointers kept in maps are those with a tag for it, to whole structs. */
#include "bpf.h"

#define TAG(name) __attribute__((btf_type_tag(name)))

struct task_struct { int state; } whole;	/* a variable, so that its type is all there */
struct unseen;

struct counted { struct task_struct TAG("kptr") *p; };
struct declared { struct unseen TAG("kptr") *p; };
struct other_tag { struct task_struct TAG("user") *p; };

#define MAP(type_) struct { __uint(type, MAP_ARRAY); __type(key, int); \
	__type(value, struct type_); __uint(max_entries, 1); } type_ SEC(".maps")
MAP(counted);
MAP(declared);
MAP(other_tag);

#define STORE(map) \
	int key = 0; \
	struct map *v = map_lookup(&map, &key); \
	if (v) \
		*(u32 *)&v->p = 7; \
	return 0

/* Where the tag is not written (clang 14), it is a number like the others. */
#if __clang_major__ >= 15
SEC("tc")
int reject_counted(void *ctx)
{
	STORE(counted);
}
#endif

SEC("tc")
int accept_declared(void *ctx)
{
	STORE(declared);
}

SEC("tc")
int accept_other_tag(void *ctx)
{
	STORE(other_tag);
}

char _license[] SEC("license") = "GPL";

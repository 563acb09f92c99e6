/* SPDX-License-Identifier: MIT */
/* The tables of core/facts: their order, and what the lookups make of them. */
#include "facts/facts.h"

#include <criterion/criterion.h>
#include <linux/bpf.h>

Test(facts, helpers_are_dense)
{
	cr_assert_eq(fact_helper_count(), 211);
	for (uint32_t id = 1; id <= fact_helper_count(); id++) {
		const struct fact_helper *h = fact_helper(id);

		cr_assert(h && h->id == id);
		cr_assert_eq(fact_helper_named(str_of(h->name)), h, "%s", h->name);
		cr_assert_leq(h->min_args, h->nargs);
		cr_assert(id == 1 || h->since >= fact_helper(id - 1)->since, "%s", h->name);
	}
	cr_assert_null(fact_helper(0));
	cr_assert_null(fact_helper(212));
}

Test(facts, helper_ids_are_the_kernels)
{
#define SAME(name) \
	cr_assert_eq(fact_helper_named(str_of(#name))->id, (uint32_t)BPF_FUNC_##name)
	SAME(map_lookup_elem);
	SAME(perf_event_output);
	SAME(sk_lookup_tcp);
	SAME(ringbuf_reserve);
	SAME(loop);
	SAME(user_ringbuf_drain);
#undef SAME
	cr_assert_eq(fact_helper_named(STR("MAP-lookup-Elem"))->id, 1);
	cr_assert_null(fact_helper_named(STR("map_lookup")));
	cr_assert_eq(fact_helper_named(STR("trace_printk"))->min_args, 2);
	cr_assert_eq(fact_helper_named(STR("trace_printk"))->nargs, 5);
}

Test(facts, prototypes_by_program_type)
{
	uint32_t id = fact_helper_named(STR("sk_assign"))->id;

	cr_assert_eq(fact_helper_proto(id, FACT_PROG_SCHED_CLS)->arg[1], FACT_ARG_BTF_SOCK);
	cr_assert_eq(fact_helper_proto(id, FACT_PROG_SK_LOOKUP)->arg[1],
		     FACT_ARG_SOCKET_NULL);
	cr_assert_null(fact_helper_proto(0, FACT_PROG_XDP));
}

Test(facts, types_by_name)
{
	cr_assert_eq(fact_prog_type_named(STR("xdp"))->id, (uint32_t)BPF_PROG_TYPE_XDP);
	cr_assert_eq(fact_prog_type_named(STR("tc"))->id, (uint32_t)BPF_PROG_TYPE_SCHED_CLS);
	cr_assert_eq(fact_prog_type_named(STR("cgroup-skb"))->id,
		     (uint32_t)BPF_PROG_TYPE_CGROUP_SKB);
	cr_assert_null(fact_prog_type_named(STR("unspec")));
	cr_assert_eq(fact_map_type_named(STR("lru-hash"))->id,
		     (uint32_t)BPF_MAP_TYPE_LRU_HASH);
	cr_assert_eq(fact_map_type(BPF_MAP_TYPE_RINGBUF)->no_key, true);
	cr_assert_eq(fact_attach_type_named(STR("xdp"))->id, (uint32_t)BPF_XDP);
	cr_assert_eq(fact_attach_type_named(STR("sk_lookup"))->id, (uint32_t)BPF_SK_LOOKUP);
	cr_assert_eq((uint32_t)FACT_ATTACH_LSM_CGROUP, (uint32_t)BPF_LSM_CGROUP);
}

static void
section_is(const char *name, uint32_t type, uint32_t attach, const char *rest)
{
	str left;
	const struct fact_section *s = fact_section(str_of(name), &left);

	cr_assert_not_null(s, "%s", name);
	cr_assert_eq(s->prog_type, type, "%s", name);
	cr_assert_eq(s->attach_type, attach, "%s", name);
	cr_assert(str_is(left, rest), "%s: %.*s", name, STR_ARG(left));
}

Test(facts, sections)
{
	section_is("xdp", BPF_PROG_TYPE_XDP, BPF_XDP, "");
	section_is("xdp/ipv4", BPF_PROG_TYPE_XDP, BPF_XDP, "ipv4");
	section_is("xdp/devmap", BPF_PROG_TYPE_XDP, BPF_XDP_DEVMAP, "");
	section_is("tracepoint/sched/sched_switch", BPF_PROG_TYPE_TRACEPOINT, 0,
		   "sched/sched_switch");
	section_is("cgroup/connect4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
		   BPF_CGROUP_INET4_CONNECT, "");
	section_is("classifier", BPF_PROG_TYPE_SCHED_CLS, 0, "");
	section_is("sockops", BPF_PROG_TYPE_SOCK_OPS, BPF_CGROUP_SOCK_OPS, "");
	section_is("fentry.s/vfs_read", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, "vfs_read");
	section_is("lsm/file_open", BPF_PROG_TYPE_LSM, BPF_LSM_MAC, "file_open");
	section_is("uprobe//bin/sh:main", BPF_PROG_TYPE_KPROBE, 0, "/bin/sh:main");
	cr_assert(fact_section(STR("fentry.s/x"), NULL)->sleepable);
	cr_assert(fact_section(STR("xdp.frags"), NULL)->frags);
	cr_assert_null(fact_section(STR("xdpx"), NULL));
	cr_assert_null(fact_section(STR("cgroup/connect4/x"), NULL));
	cr_assert_null(fact_section(STR(""), NULL));
}

/* Rows are in layout order, inside their struct and aligned. */
Test(facts, context_layouts)
{
	for (uint32_t t = 1; t < FACT_PROG_END; t++) {
		const char *ctx = fact_prog_type(t)->ctx;
		uint32_t n, size = fact_ctx_size(ctx);
		const struct fact_ctx_field *f = fact_ctx_fields(ctx, &n);

		if (!ctx)
			continue;
		cr_assert_not_null(f, "%s", ctx);
		for (uint32_t i = 0; i < n; i++) {
			cr_assert_eq(f[i].offset % f[i].size, 0, "%s.%s", ctx, f[i].name);
			cr_assert_leq(f[i].offset + f[i].size * f[i].count, size);
			cr_assert(strcmp(f[i].ctx, ctx) == 0);
		}
	}
}

#define FIELD_IS(type, fname) do { \
	uint32_t n; \
	const struct fact_ctx_field *f = fact_ctx_fields(#type, &n); \
	bool found = false; \
	cr_assert_geq(fact_ctx_size(#type), sizeof(struct type)); \
	for (uint32_t i = 0; i < n; i++) { \
		if (strcmp(f[i].name, #fname)) \
			continue; \
		found = true; \
		cr_assert_eq(f[i].offset, offsetof(struct type, fname)); \
		cr_assert_eq((size_t)f[i].size * f[i].count, \
			     sizeof(((struct type *)0)->fname)); \
	} \
	cr_assert(found); \
} while (0)

Test(facts, context_fields_are_the_headers)
{
	FIELD_IS(__sk_buff, cb);
	FIELD_IS(__sk_buff, hwtstamp);
	FIELD_IS(xdp_md, egress_ifindex);
	FIELD_IS(bpf_sock_addr, msg_src_ip6);
	FIELD_IS(bpf_sock_ops, skb_tcp_flags);
	FIELD_IS(bpf_sk_lookup, ingress_ifindex);
	FIELD_IS(sk_msg_md, sk);
	FIELD_IS(sk_reuseport_md, migrating_sk);
	FIELD_IS(bpf_sockopt, retval);
	FIELD_IS(bpf_flow_keys, flow_label);
	FIELD_IS(bpf_tcp_sock, icsk_retransmits);
	FIELD_IS(bpf_fib_lookup, dmac);
}

Test(facts, constants_are_sorted)
{
	int64_t v;

	for (uint32_t i = 0; fact_constant_name(i); i++) {
		const char *name = fact_constant_name(i);

		cr_assert(i == 0 || strcmp(fact_constant_name(i - 1), name) < 0, "%s", name);
		cr_assert(fact_constant(str_of(name), &v));
	}
	cr_assert(fact_constant(STR("xdp_pass"), &v) && v == XDP_PASS);
	cr_assert(fact_constant(STR("BPF-F-CURRENT-CPU"), &v) && v == 0xffffffff);
	cr_assert(fact_constant(STR("NULL"), &v) && v == 0);
	cr_assert(fact_constant(STR("TC_ACT_UNSPEC"), &v) && v == -1);
	cr_assert_not(fact_constant(STR("XDP_PASSX"), &v));
	cr_assert_not(fact_constant(STR("XDP_PAS"), &v));
	cr_assert_not(fact_constant(STR(""), &v));
}

Test(facts, helpers_by_program_type_and_kernel)
{
#define ALLOWED(name, TYPE, attach, ma, mi) \
	fact_helper_allowed(fact_helper_named(str_of(name))->id, FACT_PROG_##TYPE, attach, \
			    KVER(ma, mi))
	cr_assert(ALLOWED("map_lookup_elem", XDP, 0, 5, 4));
	cr_assert_not(ALLOWED("skb_store_bytes", XDP, 0, 6, 18));
	cr_assert(ALLOWED("skb_store_bytes", SCHED_CLS, 0, 6, 18));
	cr_assert_not(ALLOWED("loop", XDP, 0, 5, 15));
	cr_assert(ALLOWED("loop", XDP, 0, 6, 1));
	cr_assert_not(ALLOWED("get_current_comm", XDP, 0, 6, 12));
	cr_assert(ALLOWED("get_current_comm", XDP, 0, 6, 18));
	cr_assert(ALLOWED("bind", CGROUP_SOCK_ADDR, FACT_ATTACH_CGROUP_INET4_CONNECT, 6, 1));
	cr_assert_not(ALLOWED("bind", CGROUP_SOCK_ADDR, FACT_ATTACH_CGROUP_INET4_BIND, 6, 1));
	cr_assert_not(ALLOWED("map_lookup_elem", NETFILTER, 0, 6, 1));
#undef ALLOWED
}

Test(facts, kernels_and_features)
{
	for (uint32_t i = 1; fact_kernel_at(i); i++)
		cr_assert_lt(fact_kernel_at(i - 1)->version, fact_kernel_at(i)->version);
	for (int f = 1; f < FACT_HAS_END; f++)
		cr_assert_leq(fact_feature_since((enum fact_feature)(f - 1)),
			      fact_feature_since((enum fact_feature)f), "%s",
			      fact_feature_what((enum fact_feature)f));
	cr_assert_eq(fact_feature_since(FACT_HAS_BOUNDED_LOOPS), KVER(5, 3));
}

Test(facts, kernel_functions_are_sorted)
{
	const struct fact_kfunc *f, *before = fact_kfunc_at(0);

	for (uint32_t i = 1; (f = fact_kfunc_at(i)); i++, before = f) {
		int c = strcmp(before->name, f->name);

		cr_assert(c < 0 || (c == 0 && before->since < f->since), "%s", f->name);
		cr_assert_eq(fact_kfunc_on(str_of(f->name), f->since), f, "%s", f->name);
		if (c < 0)
			cr_assert_eq(fact_kfunc_named(str_of(f->name)), f);
	}
	cr_assert_null(fact_kfunc_named(STR("bpf_task_acquir")));
	cr_assert_null(fact_kfunc_named(STR("bpf_task_acquirex")));
	cr_assert_null(fact_kfunc_on(STR("zzz"), KVER(7, 3)));
}

/* Memory of arenas was allocated under a mutex before 7.0. */
Test(facts, kernel_functions_change)
{
	str name = STR("bpf_arena_alloc_pages");

	cr_assert_eq(fact_kfunc_named(name)->since, KVER(6, 9));
	cr_assert_eq(fact_kfunc_on(name, KVER(6, 1)), fact_kfunc_named(name));
	cr_assert(fact_kfunc_on(name, KVER(6, 18))->flags & FACT_KF_SLEEPABLE);
	cr_assert_not(fact_kfunc_on(name, KVER(7, 0))->flags & FACT_KF_SLEEPABLE);
}

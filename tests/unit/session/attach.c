/* SPDX-License-Identifier: MIT */
/* attach.c: programs put on every kind of hook of this kernel, swapped and taken off again,
 * counting what this test does; and what is said when that cannot be done. */
#include "session/attach.h"

#include "tests/unit/syscalls/kit.h"

#include "facts/facts.h"
#include "session/reasons.h"
#include "session/symbols.h"
#include "syscalls/perf.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>

static struct arena arena;
static struct diags ds;

static void
setup(void)
{
	kit_need_bpf();
	arena_init(&arena);
	diags_init(&ds, &arena);
}

static void
teardown(void)
{
	arena_free(&arena);
}

TestSuite(attach, .init = setup, .fini = teardown);

enum { CALLS = 777 };

/* A counting program as the session would hold it. */
struct held {
	struct image_prog prog;
	int fd, counter;
};

static struct held
hold(const char *section, uint32_t type, uint32_t attach_type, const char *before,
     const char *after)
{
	struct held h = {.counter = kit_counter()};
	char *text = arena_printf(&arena, "%s" KIT_COUNT "%s", before, after);

	h.fd = kit_load(&(struct kit_prog){.type = type, .attach_type = attach_type,
					   .text = text,
					   .maps = {{"counter", h.counter}}});
	h.prog = (struct image_prog){.name = "kit", .lisp_name = "kit", .section = section,
				     .type = type, .expected_attach = attach_type};
	return h;
}

/* Before the count: only this thread; frames of ours by packet start; frames by protocol. */
static const char *
own_thread(void)
{
	return arena_printf(&arena,
			    "call get_current_pid_tgid\nw0 = w0\nif r0 != %ld goto full\n",
			    (long)syscall(SYS_gettid));
}

static const char xdp_ours[] =
	"r2 = *(u32 *)(r1 +0)\nr3 = *(u32 *)(r1 +4)\nr4 = r2\nr4 += 14\n"
	"if r4 > r3 goto full\nr5 = *(u16 *)(r2 +12)\nif r5 != 0xb588 goto full\n";
static const char skb_ours[] = "r2 = *(u32 *)(r1 +16)\nif r2 != 0xb588 goto full\n";

static struct attachment *
put(const struct held *h, const char *target)
{
	struct attach_request rq = {.prog = &h->prog, .prog_fd = h->fd, .target = target};
	struct attachment *att = attach_program(&rq, &ds);

	cr_assert_not_null(att, "%s: %s", ds.all.at[0]->message,
			   ds.all.at[0]->helps.n ? ds.all.at[0]->helps.at[0] : "");
	return att;
}

/* The diag of a failing attach. */
static const struct diag *
refused(const struct held *h, const char *target)
{
	struct attach_request rq = {.prog = &h->prog, .prog_fd = h->fd, .target = target};

	cr_assert_null(attach_program(&rq, &ds));
	cr_assert_gt(ds.all.n, 0);
	return *vec_last(&ds.all);
}

static void
send_frames(int socket_fd, int n)
{
	for (int i = 0; i < n; i++)
		kit_send(socket_fd, 0);
}

/* Frames are delivered by another thread of the kernel, a moment later. */
static uint64_t
count_soon(int counter, uint64_t wanted)
{
	struct timespec t = {.tv_nsec = 1000000};

	for (int i = 0; i < 1000 && kit_count(counter) < wanted; i++)
		nanosleep(&t, NULL);
	return kit_count(counter);
}

/* Frames 40 with the first program, 60 with the second, 5 with none: each is counted by
 * exactly one. */
static void
swap_on_interface(struct held *a, struct held *b, bool egress)
{
	uint32_t v0, v1;

	kit_veth(&v0, &v1);

	int from = kit_packet_socket(v0);
	struct attach_request rq = {.prog = &a->prog, .prog_fd = a->fd, .egress = egress,
				    .target = egress ? "v0" : "v1"};
	struct attachment *att = attach_program(&rq, &ds);

	cr_assert_not_null(att, "%s", ds.all.at[0]->message);
	send_frames(from, 40);
	cr_assert_eq(count_soon(a->counter, 40), 40);
	cr_assert(attachment_replace(att, &b->prog, b->fd, 0, &ds));
	send_frames(from, 60);
	cr_assert_eq(count_soon(b->counter, 60), 60);
	attachment_detach(att);
	send_frames(from, 5);
	cr_assert_eq(kit_count(a->counter), 40);
	cr_assert_eq(kit_count(b->counter), 60);
	cr_assert_lt(sys_tc_count(v1, false), 1, "nothing is left");
}

Test(attach, xdp)
{
	struct held a = hold("xdp", BPF_PROG_TYPE_XDP, 0, xdp_ours, "r0 = 2\nexit\n");
	struct held b = hold("xdp", BPF_PROG_TYPE_XDP, 0, xdp_ours, "r0 = 2\nexit\n");

	swap_on_interface(&a, &b, false);
}

Test(attach, tc_ingress)
{
	struct held a = hold("tc", BPF_PROG_TYPE_SCHED_CLS, 0, skb_ours, "r0 = -1\nexit\n");
	struct held b = hold("tc", BPF_PROG_TYPE_SCHED_CLS, 0, skb_ours, "r0 = -1\nexit\n");

	swap_on_interface(&a, &b, false);
}

Test(attach, tc_egress)
{
	struct held a = hold("tc", BPF_PROG_TYPE_SCHED_CLS, 0, skb_ours, "r0 = -1\nexit\n");
	struct held b = hold("tc", BPF_PROG_TYPE_SCHED_CLS, 0, skb_ours, "r0 = -1\nexit\n");

	swap_on_interface(&a, &b, true);
}

Test(attach, socket_filter)
{
	struct held h = hold("socket", BPF_PROG_TYPE_SOCKET_FILTER, 0, skb_ours,
			     "r0 = 0\nexit\n");
	uint32_t v0, v1;

	kit_veth(&v0, &v1);

	struct attachment *att = put(&h, "v1");

	send_frames(kit_packet_socket(v0), 12);
	count_soon(h.counter, 12);
	attachment_detach(att);
	cr_assert_eq(kit_count(h.counter), 12, "%lu", kit_count(h.counter));
}

static void
datagrams(int n)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	for (int i = 0; i < n; i++) {
		int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		cr_assert_eq(sendto(s, "x", 1, 0, (void *)&to, sizeof to), 1);
		close(s);
	}
}

Test(attach, netfilter)
{
	struct sys_prog_load_attr probe = {.prog_type = 32};
	struct held h;

	kit_own_network();
	probe.expected_attach_type = SYS_ATTACH_NETFILTER;

	struct bpf_insn insns[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 1},
				   {.code = BPF_JMP | BPF_EXIT}};

	probe.insns = sys_ptr(insns);
	probe.insn_cnt = 2;
	probe.license = sys_ptr("GPL");
	if (sys_prog_load(&probe) < 0)
		cr_skip_test("needs CONFIG_NETFILTER_BPF_LINK");
	h = hold("netfilter", 32, SYS_ATTACH_NETFILTER, "", "r0 = 1\nexit\n");
	cr_assert_str_eq(refused(&h, "ipv4/nowhere")->code, "K0039");

	struct attachment *att = put(&h, "ipv4/output");
	uint64_t before = kit_count(h.counter);

	datagrams(9);
	attachment_detach(att);
	cr_assert_geq(kit_count(h.counter) - before, 9);
}

Test(attach, sk_lookup)
{
	struct held h = hold("sk_lookup", BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP, "",
			     "r0 = 1\nexit\n");

	kit_own_network();

	struct attachment *att = put(&h, NULL);

	datagrams(7);
	count_soon(h.counter, 7);
	attachment_detach(att);
	datagrams(2);
	/* An answer "port unreachable" looks for the socket once more. */
	cr_assert(kit_count(h.counter) == 7 || kit_count(h.counter) == 14, "%lu",
		  kit_count(h.counter));
}

/* ---- tracing ---------------------------------------------------------------------------------- */

static void
call_getppid(void)
{
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
}

Test(attach, raw_tracepoint)
{
	const char *mine = arena_printf(&arena, "r6 = *(u64 *)(r1 +8)\nif r6 != %ld goto full\n%s",
					(long)SYS_getppid, own_thread());
	struct held h = hold("raw_tp", BPF_PROG_TYPE_RAW_TRACEPOINT, 0, mine,
			     "r0 = 0\nexit\n");
	struct attachment *att = put(&h, "sys_enter");

	call_getppid();
	attachment_detach(att);
	call_getppid();
	cr_assert_eq(kit_count(h.counter), CALLS);
}

Test(attach, tracepoint)
{
	struct held h = hold("tracepoint", BPF_PROG_TYPE_TRACEPOINT, 0, own_thread(),
			     "r0 = 0\nexit\n");
	const struct diag *d;

	kit_own_mounts();
	umount("/sys/kernel/tracing");
	if (!sys_tracefs()) {
		d = refused(&h, "syscalls/sys_enter_getppid");
		cr_assert_str_eq(d->code, "K0033");
		cr_assert_not_null(strstr(d->helps.at[0], "mount -t tracefs"));
	}
	if (mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL) < 0 && errno != EBUSY)
		cr_skip_test("needs tracefs");
	if (sys_tracepoint_id("syscalls", "sys_enter_getppid") < 0)
		cr_skip_test("needs CONFIG_FTRACE_SYSCALLS");

	struct attachment *att = put(&h, "syscalls/sys_enter_getppid");

	call_getppid();
	attachment_detach(att);
	call_getppid();
	cr_assert_eq(kit_count(h.counter), CALLS);
	cr_assert_str_eq(refused(&h, "syscalls")->code, "K0033");
}

__attribute__((noinline, visibility("default"))) int veery_probed_one(int x);
__attribute__((noinline, visibility("default"))) int veery_probed_two(int x);

int
veery_probed_one(int x)
{
	__asm__ volatile("" : "+r"(x));
	return x + 1;
}

int
veery_probed_two(int x)
{
	__asm__ volatile("" : "+r"(x));
	return x * 3;
}

static void
call_probed(void)
{
	int sum = 0;

	for (int i = 0; i < CALLS; i++)
		sum += veery_probed_one(i) + veery_probed_two(i);
	cr_assert_gt(sum, 0);
}

static void
count_uprobe(const char *section, uint32_t attach_type, const char *target, uint64_t expected)
{
	struct held a = hold(section, BPF_PROG_TYPE_KPROBE, attach_type, own_thread(),
			     "r0 = 0\nexit\n");
	struct held b = hold(section, BPF_PROG_TYPE_KPROBE, attach_type, own_thread(),
			     "r0 = 0\nexit\n");
	struct attachment *att = put(&a, target);

	call_probed();
	cr_assert(attachment_replace(att, &b.prog, b.fd, 0, &ds), "%s",
		  ds.all.n ? ds.all.at[0]->message : "");
	call_probed();
	attachment_detach(att);
	call_probed();
	cr_assert_eq(kit_count(a.counter), expected);
	cr_assert_eq(kit_count(b.counter), expected);
}

Test(attach, uprobe)
{
	count_uprobe("uprobe", 0, "/proc/self/exe:veery_probed_one", CALLS);
}

Test(attach, uretprobe)
{
	count_uprobe("uretprobe", 0, "/proc/self/exe:veery_probed_two", CALLS);
}

static bool
exists_here(uint32_t attach_type)
{
	return !reason_since(&arena, "x", fact_attach_type(attach_type)->since);
}

Test(attach, uprobe_multi)
{
	struct sys_prog_load_attr probe = {.prog_type = BPF_PROG_TYPE_KPROBE,
					   .expected_attach_type = SYS_ATTACH_UPROBE_MULTI};
	struct bpf_insn insns[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 0},
				   {.code = BPF_JMP | BPF_EXIT}};

	probe.insns = sys_ptr(insns);
	probe.insn_cnt = 2;
	probe.license = sys_ptr("GPL");
	if (sys_prog_load(&probe) < 0)
		cr_skip_test("needs uprobe.multi (Linux 6.6)");
	if (!exists_here(SYS_ATTACH_UPROBE_MULTI)) {
		struct held h = hold("uprobe.multi", BPF_PROG_TYPE_KPROBE,
				     SYS_ATTACH_UPROBE_MULTI, "", "r0 = 0\nexit\n");
		const struct diag *d = refused(&h, "/proc/self/exe:veery_probed_*");

		cr_assert_not_null(strstr(d->helps.at[0], "exists since Linux 6.6"));
		cr_skip_test("needs uprobe.multi (Linux 6.6)");
	}
	count_uprobe("uprobe.multi", SYS_ATTACH_UPROBE_MULTI,
		     "/proc/self/exe:veery_probed_*", 2 * CALLS);
}

Test(attach, kprobe)
{
	struct held h = hold("kprobe", BPF_PROG_TYPE_KPROBE, 0, own_thread(),
			     "r0 = 0\nexit\n");

	if (access("/sys/bus/event_source/devices/kprobe", F_OK) != 0) {
		const struct diag *d = refused(&h, "__x64_sys_getppid");

		cr_assert_str_eq(d->code, "K0030");
		cr_assert_gt(d->helps.n, 0);
		cr_assert_not_null(strstr(d->helps.at[0], "CONFIG_KPROBE_EVENTS"));
		cr_skip_test("needs CONFIG_KPROBE_EVENTS");
	}

	struct attachment *att = put(&h, "__x64_sys_getppid");

	call_getppid();
	attachment_detach(att);
	cr_assert_eq(kit_count(h.counter), CALLS);
}

Test(attach, kprobe_multi)
{
	struct sys_prog_load_attr probe = {.prog_type = BPF_PROG_TYPE_KPROBE,
					   .expected_attach_type = BPF_TRACE_KPROBE_MULTI};
	struct bpf_insn insns[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 0},
				   {.code = BPF_JMP | BPF_EXIT}};

	probe.insns = sys_ptr(insns);
	probe.insn_cnt = 2;
	probe.license = sys_ptr("GPL");
	if (sys_prog_load(&probe) < 0 || !exists_here(BPF_TRACE_KPROBE_MULTI))
		cr_skip_test("needs kprobe.multi (Linux 5.18)");

	struct held h = hold("kprobe.multi", BPF_PROG_TYPE_KPROBE, BPF_TRACE_KPROBE_MULTI,
			     own_thread(), "r0 = 0\nexit\n");
	struct attach_request rq = {.prog = &h.prog, .prog_fd = h.fd,
				    .target = "__x64_sys_getppi?"};
	struct attachment *att = attach_program(&rq, &ds);

	if (!att && ds.all.at[0]->helps.n && strstr(ds.all.at[0]->helps.at[0], "CONFIG_FPROBE"))
		cr_skip_test("needs CONFIG_FPROBE");
	cr_assert_not_null(att, "%s", ds.all.at[0]->message);
	call_getppid();
	attachment_detach(att);
	cr_assert_eq(kit_count(h.counter), CALLS);
}

Test(attach, sampling_on_all_cpus)
{
	struct held h = hold("perf_event", BPF_PROG_TYPE_PERF_EVENT, 0, "", "r0 = 0\nexit\n");
	struct attachment *att = put(&h, "cpu-clock:1000");
	struct timespec t = {.tv_nsec = 1000000};

	for (int i = 0; i < 3000 && kit_count(h.counter) < 5; i++) {
		for (volatile int spin = 0; spin < 100000; spin++)
			continue;
		nanosleep(&t, NULL);
	}
	attachment_detach(att);
	cr_assert_geq(kit_count(h.counter), 5);
	cr_assert_str_eq(refused(&h, "cpu-clok:99")->code, "K0035");
}

/* ---- what is said --------------------------------------------------------------------------- */

Test(attach, unknown_places_are_named)
{
	struct held x = hold("xdp", BPF_PROG_TYPE_XDP, 0, "", "r0 = 2\nexit\n");
	struct held u = hold("uprobe", BPF_PROG_TYPE_KPROBE, 0, "", "r0 = 0\nexit\n");
	const struct diag *d;

	kit_own_network();
	cr_assert_str_eq(refused(&x, NULL)->code, "K0031");
	d = refused(&x, "l");
	cr_assert_str_eq(d->code, "K0032");
	cr_assert_str_eq(d->notes.at[0], "here are: lo");
	d = refused(&u, "/proc/self/exe:veery_probed_onne");
	cr_assert_str_eq(d->code, "K0034");
	cr_assert_str_eq(d->helps.at[0], "did you mean `veery_probed_one`?");
	cr_assert_not_null(strstr(refused(&u, "/nosuch:f")->message, "no file"));
	cr_assert_not_null(strstr(refused(&u, "/etc/passwd:f")->message, "not an ELF file"));
}

Test(attach, two_xdp_programs_are_too_many)
{
	struct held h = hold("xdp", BPF_PROG_TYPE_XDP, 0, "", "r0 = 2\nexit\n");
	uint32_t v0, v1;

	kit_veth(&v0, &v1);

	struct attachment *att = put(&h, "v1");
	const struct diag *d = refused(&h, "v1");

	cr_assert_not_null(strstr(d->helps.at[0], "another program"));
	attachment_detach(att);
	attachment_detach(put(&h, "v1"));
}

Test(symbols, patterns)
{
	struct symbols_found f = {0};
	struct arena a;

	arena_init(&a);
	cr_assert_eq(symbols_match(&a, "/proc/self/exe", "veery_probed_*", &f), 0);
	cr_assert_eq(f.n, 2);
	cr_assert_eq(symbols_match(&a, "/etc/passwd", "*", &f), -ENOEXEC);
	cr_assert_eq(symbols_match(&a, "/nosuch", "*", &f), -ENOENT);
	arena_free(&a);
}

/* SPDX-License-Identifier: MIT */
/* live.c: programs that run: defined from source text, loaded into this kernel, fed with
 * packets and events in namespaces of their own, and counted exactly. */
#include "base/render.h"
#include "session/session.h"
#include "syscalls/bpf.h"
#include "syscalls/ring.h"
#include "tests/unit/syscalls/kit.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct session *session;
static struct arena arena;
static struct diags diags;

static void
setup(void)
{
	kit_need_bpf();
	arena_init(&arena);
	diags_init(&diags, &arena);
	session = session_new(&(struct session_opts){.live = true});
}

static void
teardown(void)
{
	session_free(session);
	session = NULL;
	arena_free(&arena);
}

TestSuite(live, .init = setup, .fini = teardown, .timeout = 60);

/* Evaluate source; the last value. */
static value
eval(const char *fmt, ...)
{
	struct reader r = {0};
	enum session_step step;
	value v = NIL;
	va_list ap;
	const char *text;

	va_start(ap, fmt);
	text = arena_vprintf(&arena, fmt, ap);
	va_end(ap);
	r.file = sources_add(session_sources(session), "test", str_of(text));
	do {
		step = session_step(session, &r, &v, &diags);
	} while (step == STEP_VALUE);
	if (diags.errors) {
		struct buf out = buf_new(&arena);

		render_diags(&out, session_sources(session), &diags, NULL);
		cr_assert_fail("%s", out.at);
	}
	return v;
}

static uint64_t
slot(const char *map, uint32_t key)
{
	struct map *m = session_map_named(session, str_of(map));
	uint64_t v = 0;

	cr_assert_not_null(m);
	cr_assert_eq(sys_map_lookup(m->fd, &key, &v, 0), 0);
	return v;
}

static const char one_counter[] =
	"(defmap hits :type :array :key-size 4 :value-size 8 :max-entries 256)";

/* ---- tracepoints and probes ------------------------------------------------------------------ */

Test(live, raw_tracepoint_counts_our_system_calls_exactly)
{
	enum { CALLS = 1234 };

	eval("%s (defprog count (:type :raw-tracepoint :section \"raw_tp/sys_enter\")"
	     "  (when (and (= (>> (get-current-pid-tgid) 32) %d) (= (ctx u64 8) %d))"
	     "    (incf (getmap hits 0))) 0)"
	     "(attach count)", one_counter, getpid(), SYS_getppid);
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
	eval("(detach count)");
	syscall(SYS_getppid);
	cr_assert_eq(slot("hits", 0), CALLS);
}

Test(live, tracepoint_with_named_fields_counts_exactly)
{
	enum { CALLS = 321 };

	cr_assert_eq(unshare(CLONE_NEWNS), 0);
	mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	if (access("/sys/kernel/tracing/events", F_OK) != 0 &&
	    mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL) != 0)
		cr_skip_test("needs tracefs");
	eval("%s (deftracepoint raw-syscalls/sys-enter id)"
	     "(defprog count (:type :tracepoint :section \"tracepoint/raw_syscalls/sys_enter\")"
	     "  (when (and (= (>> (get-current-pid-tgid) 32) %d) (= (tp-id) %d))"
	     "    (incf (getmap hits 0))) 0)"
	     "(attach count)", one_counter, getpid(), SYS_getppid);
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
	eval("(detach count)");
	cr_assert_eq(slot("hits", 0), CALLS);
}

int live_probe_target(int n);

__attribute__((noinline, used)) int
live_probe_target(int n)
{
	__asm__ volatile("" : "+r"(n));
	return n + 1;
}

Test(live, uprobe_counts_calls_exactly_and_reads_arguments)
{
	enum { CALLS = 777 };
	volatile int n = 0;

	eval("%s (defprog probe (:type :kprobe :section \"uprobe\")"
	     "  (incf (getmap hits 0))"
	     "  (setf (getmap hits 1) (logand (pt-regs-parm1) #xffffffff)) 0)"
	     "(attach probe \"/proc/self/exe:live_probe_target\")", one_counter);
	for (int i = 0; i < CALLS; i++)
		n = live_probe_target(i);
	eval("(detach probe)");
	n = live_probe_target(5);
	cr_assert_eq(n, 6);
	cr_assert_eq(slot("hits", 0), CALLS);
	cr_assert_eq(slot("hits", 1), CALLS - 1);
}

Test(live, perf_event_samples)
{
	uint64_t start;

	eval("%s (defprog tick (:type :perf-event) (incf (getmap hits 0)) 0)"
	     "(attach tick \"cpu-clock:200\")", one_counter);
	for (start = (uint64_t)clock(); (uint64_t)clock() - start < CLOCKS_PER_SEC / 4;)
		live_probe_target(1);
	eval("(detach tick)");
	cr_assert_geq(slot("hits", 0), 10);
}

/* ---- packets ------------------------------------------------------------------------------------ */

/* v0 and v1 are joined in a network namespace of this test alone. */
static void
make_veth(void)
{
	uint32_t a, b;

	kit_veth(&a, &b);
}

static int
packet_socket(const char *ifname)
{
	struct sockaddr_ll addr = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
				   .sll_ifindex = (int)if_nametoindex(ifname)};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

	cr_assert_geq(fd, 0);
	cr_assert_eq(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
	return fd;
}

/* Ethernet, IPv4, UDP to `port`; a marker in the source MAC tells it from the kernel's own. */
static size_t
udp_frame(unsigned char *p, uint16_t port)
{
	static const unsigned char head[] = {
		2, 0, 0, 0, 0, 2, 2, 0, 0, 0xee, 0xee, 1, 8, 0,
		0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
		0x30, 0x39, 0, 0, 0, 26, 0, 0,
	};

	memset(p, 0, 60);
	memcpy(p, head, sizeof head);
	p[36] = (unsigned char)(port >> 8);
	p[37] = (unsigned char)port;
	return 60;
}

static unsigned
receive_marked(int fd)
{
	unsigned char p[2048];
	unsigned n = 0;

	while (recv(fd, p, sizeof p, MSG_DONTWAIT) > 0)
		n += p[9] == 0xee && p[10] == 0xee;
	return n;
}

Test(live, xdp_on_veth_drops_exactly_what_it_should)
{
	unsigned char frame[64];
	unsigned got = 0;
	int in, out;

	make_veth();
	in = packet_socket("v0");
	out = packet_socket("v1");
	eval("%s (defprog filter (:type :xdp)"
	     "  (with-udp (data end udp)"
	     "    (when (= (udp-dst-port udp) 7777)"
	     "      (incf (getmap hits 0)) (return XDP_DROP))"
	     "    (incf (getmap hits 1)))"
	     "  XDP_PASS)"
	     "(attach filter \"v1\")", one_counter);
	for (int i = 0; i < 300; i++) {
		size_t n = udp_frame(frame, i % 3 == 0 ? 7777 : (uint16_t)(1000 + i));

		cr_assert_eq(send(in, frame, n, 0), (ssize_t)n);
		for (int wait = 0; wait < 1000 && slot("hits", 0) + slot("hits", 1) <= (uint64_t)i;
		     wait++)
			usleep(100);
	}
	usleep(20000);
	got = receive_marked(out);
	eval("(detach filter)");
	cr_assert_eq(slot("hits", 0), 100);
	cr_assert_eq(slot("hits", 1), 200);
	cr_assert_eq(got, 200, "%u arrived", got);
}

enum { VERSIONS = 200, FRAMES = 100000, PER_VERSION = FRAMES / VERSIONS };

struct flood {
	int fd, map;
	_Atomic unsigned version;	/* the newest that is attached, or about to be */
	_Atomic bool done;
	uint64_t sent;
};

static uint64_t
total(int map)
{
	uint32_t key = 0;
	uint64_t n = 0;

	sys_map_lookup(map, &key, &n, 0);
	return n;
}

/* How many frames may be out while version v is the newest: half of its share after the share
 * of those before it, so that frames flow during the redefinition and some are left for it. */
static uint64_t
quota(unsigned v)
{
	return v == VERSIONS ? FRAMES : (uint64_t)v * PER_VERSION + PER_VERSION / 2;
}

/* All frames, never more than 100 ahead of what was counted, so that no queue overflows. */
static void *
send_flood(void *arg)
{
	struct flood *f = arg;
	unsigned char frame[64];
	size_t n = udp_frame(frame, 9);

	while (f->sent < FRAMES) {
		for (int wait = 0; wait < 200000 && f->sent >= quota(f->version); wait++)
			usleep(50);
		if (send(f->fd, frame, n, 0) != (ssize_t)n)
			break;
		f->sent++;
		for (int wait = 0; wait < 100000 && f->sent > total(f->map) + 100; wait++)
			sched_yield();
	}
	f->done = true;
	return NULL;
}

static void
define_version(unsigned version)
{
	/* Only the frames of udp_frame(): the kernel sends some of its own on a new interface. */
	eval("(defprog counter (:type :xdp)"
	     "  (with-packet (data end :min-len 14)"
	     "    (when (= (load u8 data 9) #xee)"
	     "      (incf (getmap hits 0)) (incf (getmap hits %u))))"
	     "  XDP_DROP)", version);
}

Test(live, redefinition_under_load_loses_nothing)
{
	struct flood f = {.version = 1};
	uint64_t sum = 0, versions_used = 0;
	pthread_t thread;

	make_veth();
	f.fd = packet_socket("v0");
	eval("%s", one_counter);
	define_version(1);
	eval("(attach counter \"v1\")");
	f.map = session_map_named(session, STR("hits"))->fd;
	cr_assert_eq(pthread_create(&thread, NULL, send_flood, &f), 0);
	for (unsigned v = 1; v < VERSIONS; v++) {
		for (int wait = 0; wait < 200000 && !f.done && total(f.map) < v * PER_VERSION; wait++)
			usleep(50);
		define_version(v + 1);
		f.version = v + 1;
	}
	pthread_join(thread, NULL);
	for (int wait = 0; wait < 1000 && total(f.map) < f.sent; wait++)
		usleep(1000);
	for (uint32_t i = 1; i <= VERSIONS; i++) {
		sum += slot("hits", i);
		versions_used += slot("hits", i) != 0;
	}
	cr_assert_eq(f.sent, FRAMES);
	cr_assert_eq(slot("hits", 0), f.sent, "%lu counted of %lu", slot("hits", 0), f.sent);
	cr_assert_eq(sum, f.sent);
	cr_assert_eq(versions_used, VERSIONS, "only %lu versions saw packets", versions_used);
}

Test(live, a_bad_redefinition_leaves_the_old_one_running)
{
	struct reader r = {0};
	value v;
	int in;
	unsigned char frame[64];

	make_veth();
	in = packet_socket("v0");
	eval("%s", one_counter);
	define_version(1);
	eval("(attach counter \"v1\")");
	r.file = sources_add(session_sources(session), "bad",
			     STR("(defprog counter (:type :xdp) (return (load u32 (xdp-data) 0)))"));
	cr_assert_eq(session_step(session, &r, &v, &diags), STEP_FAILED);
	cr_assert_geq(diags.errors, 1);
	diags_init(&diags, &arena);
	send(in, frame, udp_frame(frame, 9), 0);
	for (int wait = 0; wait < 1000 && slot("hits", 1) == 0; wait++)
		usleep(1000);
	cr_assert_eq(slot("hits", 1), 1);
}

/* ---- test runs: expected return codes and map contents -------------------------------------------- */

static uint32_t
run_packet(const char *prog, const void *packet, uint32_t size)
{
	struct program *p = session_program_named(session, str_of(prog));
	struct sys_test_run_attr attr = {.prog_fd = (uint32_t)p->fd, .data_in = sys_ptr(packet),
					 .data_size_in = size, .repeat = 1};
	int err = sys_prog_test_run(&attr);

	cr_assert_eq(err, 0, "test run on %u bytes: %d", size, err);
	return attr.retval;
}

Test(live, protocols_by_test_run)
{
	unsigned char p[128];

	eval("%s (defprog classify (:type :xdp)"
	     "  (with-packet (data end :min-len 14)"
	     "    (incf (getmap hits 9))"
	     "    (when-let ((tcp (parse-tcp data end))) (return (tcp-dst-port tcp)))"
	     "    (when-let ((udp (parse-udp data end))) (return (+ 100000 (udp-dst-port udp))))"
	     "    (when-let ((ip (parse-ipv4 data end))) (return (+ 200000 (ipv4-protocol ip))))"
	     "    (return (+ 300000 (eth-type data)))))", one_counter);
	udp_frame(p, 53);
	cr_assert_eq(run_packet("classify", p, 60), 100053);
	p[23] = 6;
	memset(p + 54, 0, 20);
	p[36] = 0x1f;
	p[37] = 0x90;
	cr_assert_eq(run_packet("classify", p, 74), 8080);
	p[23] = 1;
	cr_assert_eq(run_packet("classify", p, 60), 200001);
	/* Truncated: IPv4 says UDP, but the header is cut off. */
	p[23] = 17;
	cr_assert_eq(run_packet("classify", p, 36), 200017);
	/* VLAN tag in front: not IPv4 to this program. */
	p[12] = 0x81;
	p[13] = 0x00;
	cr_assert_eq(run_packet("classify", p, 60), 300000 + 0x8100);
	cr_assert_eq(run_packet("classify", p, 14), 300000 + 0x8100);
	cr_assert_eq(slot("hits", 9), 6);
}

Test(live, shortest_packets)
{
	struct program *p;
	unsigned char byte = 0;
	struct sys_test_run_attr attr = {.data_in = sys_ptr(&byte), .data_size_in = 0, .repeat = 1};

	eval("(defprog tiny (:type :xdp) (with-packet (data end :min-len 15) (return 7)) 9)");
	p = session_program_named(session, STR("tiny"));
	attr.prog_fd = (uint32_t)p->fd;
	/* The kernel refuses to run on less than an Ethernet header. */
	cr_assert_eq(sys_prog_test_run(&attr), -EINVAL);
	cr_assert_eq(run_packet("tiny", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 14), 2);
	cr_assert_eq(run_packet("tiny", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15), 7);
}

/* ---- ring buffers ------------------------------------------------------------------------------------ */

struct ring_check {
	uint64_t next, out_of_order;
};

static int
check_record(void *ud, const void *data, size_t size)
{
	struct ring_check *c = ud;
	uint64_t seq;

	cr_assert_eq(size, 8);
	memcpy(&seq, data, 8);
	c->out_of_order += seq != c->next;
	c->next++;
	return 0;
}

static void *
produce(void *arg)
{
	int prog = *(int *)arg;
	unsigned char packet[64] = {0};

	for (int i = 0; i < 1000; i++) {
		struct sys_test_run_attr attr = {.prog_fd = (uint32_t)prog,
						 .data_in = sys_ptr(packet), .data_size_in = 64,
						 .repeat = 100};

		sys_prog_test_run(&attr);
		usleep(10);
	}
	return NULL;
}

Test(live, ring_buffer_carries_100000_records_in_order)
{
	struct ring_check c = {0};
	struct map *ring;
	struct sys_ring *reader;
	pthread_t thread;
	int prog, err, idle = 0;

	eval("%s (defmap events :type :ringbuf :max-entries (* 16 1024 1024))"
	     "(defprog produce (:type :xdp)"
	     "  (when-let ((n (map-lookup hits 0)))"
	     "    (let ((seq (load u64 n 0)))"
	     "      (with-ringbuf (rec events 8)"
	     "        (store u64 rec 0 seq)"
	     "        (store u64 n 0 (+ seq 1)))))"
	     "  XDP_PASS)", one_counter);
	ring = session_map_named(session, STR("events"));
	reader = sys_ring_open(ring->fd, ring->spec.max_entries, &err);
	cr_assert_not_null(reader);
	prog = session_program_named(session, STR("produce"))->fd;
	cr_assert_eq(pthread_create(&thread, NULL, produce, &prog), 0);
	while (c.next < 100000 && idle < 50)
		idle = sys_ring_poll(reader, 100, check_record, &c) ? 0 : idle + 1;
	pthread_join(thread, NULL);
	sys_ring_consume(reader, check_record, &c);
	sys_ring_close(reader);
	cr_assert_eq(c.next, 100000);
	cr_assert_eq(c.out_of_order, 0);
	cr_assert_eq(slot("hits", 0), 100000);
}

/* ---- nothing stays behind ------------------------------------------------------------------------------ */

Test(live, a_finished_session_leaves_nothing_in_the_kernel)
{
	struct sys_prog_info prog = {0};
	struct sys_map_info map = {0};

	eval("%s", one_counter);
	define_version(1);
	cr_assert_eq(sys_obj_info(session_program_named(session, STR("counter"))->fd, &prog,
				  sizeof prog), 0);
	cr_assert_eq(sys_obj_info(session_map_named(session, STR("hits"))->fd, &map, sizeof map), 0);
	session_free(session);
	session = NULL;
	/* The kernel frees both after an RCU grace period. */
	for (int wait = 0; wait < 200; wait++) {
		int p = sys_fd_by_id(SYS_PROG, prog.id, 0), m = sys_fd_by_id(SYS_MAP, map.id, 0);

		if (p >= 0)
			close(p);
		if (m >= 0)
			close(m);
		if (p < 0 && m < 0)
			return;
		usleep(10000);
	}
	cr_assert_fail("program %u or map %u is still there", prog.id, map.id);
}

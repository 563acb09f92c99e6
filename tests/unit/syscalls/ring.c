/* SPDX-License-Identifier: MIT */
/* ring.c: ring buffers, filled by programs that run here. */
#include "kit.h"

#include "syscalls/ring.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

TestSuite(ring, .init = kit_need_bpf);

enum { RECORDS = 100000, RING = 64 * 1024, IN_FLIGHT = 3000 };

/* Each run takes the next number from `counter` and sends it. */
static const char producer_text[] =
	"r1 = 0\n*(u32 *)(r10 -4) = r1\nr2 = r10\nr2 += -4\nr1 = map counter\n"
	"call map_lookup_elem\nif r0 == 0 goto out\nr6 = r0\n"
	"r1 = map ring\nr2 = 8\nr3 = 0\ncall ringbuf_reserve\n"
	"if r0 == 0 goto out\n"
	"r1 = 1\nr1 = atomic64_fetch_add((u64 *)(r6 +0), r1)\n"
	"*(u64 *)(r0 +0) = r1\n"
	"r1 = r0\nr2 = 0\ncall ringbuf_submit\nr0 = 0\nexit\nout:\nr0 = 1\nexit\n";

struct work {
	int prog;
	_Atomic uint64_t read;		/* records the consumer has seen */
	uint64_t next;			/* number the consumer expects */
	bool in_order;
	uint64_t stop_at;
};

static void *
produce(void *arg)
{
	struct work *w = arg;
	uint8_t in[64] = {0};

	for (uint64_t sent = 0; sent < RECORDS; sent += 1000) {
		struct sys_test_run_attr run = {.prog_fd = (uint32_t)w->prog, .repeat = 1000,
						.data_in = sys_ptr(in),
						.data_size_in = sizeof in};

		while (sent + 1000 - atomic_load(&w->read) > IN_FLIGHT)
			sched_yield();
		if (sys_prog_test_run(&run) < 0)
			return w;
	}
	return NULL;
}

static int
consume(void *user, const void *data, size_t size)
{
	struct work *w = user;
	uint64_t number;

	memcpy(&number, data, sizeof number);
	w->in_order &= size == 8 && number == w->next;
	w->next = number + 1;
	atomic_fetch_add(&w->read, 1);
	return w->stop_at && w->next == w->stop_at;
}

static int
producer(int ring, int counter)
{
	kit_need_kernel(5, 12);		/* atomics that fetch */
	return kit_load(&(struct kit_prog){.type = BPF_PROG_TYPE_SOCKET_FILTER,
					   .text = producer_text,
					   .maps = {{"counter", counter}, {"ring", ring}}});
}

/* Some 24 times around a ring that holds 4,096 of them, written and read at the same time. */
Test(ring, a_hundred_thousand_in_order_none_lost)
{
	int map = kit_map(BPF_MAP_TYPE_RINGBUF, 0, 0, RING), err;
	struct work w = {.prog = producer(map, kit_counter()), .in_order = true};
	struct sys_ring *ring = sys_ring_open(map, RING, &err);
	pthread_t thread;
	void *failed;

	cr_assert_not_null(ring, "%s", strerror(-err));
	cr_assert_eq(pthread_create(&thread, NULL, produce, &w), 0);
	while (w.next < RECORDS) {
		long n = sys_ring_poll(ring, 5000, consume, &w);

		cr_assert_gt(n, 0, "after %lu records: %ld", w.next, n);
	}
	pthread_join(thread, &failed);
	cr_assert_null(failed);
	cr_assert(w.in_order);
	cr_assert_eq(atomic_load(&w.read), RECORDS);
	cr_assert_eq(sys_ring_poll(ring, 0, consume, &w), 0);
	sys_ring_close(ring);
}

Test(ring, the_callback_can_stop)
{
	int map = kit_map(BPF_MAP_TYPE_RINGBUF, 0, 0, RING), err;
	struct work w = {.prog = producer(map, kit_counter()), .in_order = true,
			 .stop_at = 10};
	struct sys_ring *ring = sys_ring_open(map, RING, &err);
	uint8_t in[64] = {0};
	struct sys_test_run_attr run = {.prog_fd = (uint32_t)w.prog, .repeat = 100,
					.data_in = sys_ptr(in), .data_size_in = sizeof in};

	cr_assert_not_null(ring);
	cr_assert_eq(sys_ring_poll(ring, 10, consume, &w), 0, "nothing there yet");
	cr_assert_eq(sys_prog_test_run(&run), 0);
	cr_assert_eq(sys_ring_consume(ring, consume, &w), 10);
	w.stop_at = 0;
	cr_assert_eq(sys_ring_consume(ring, consume, &w), 90);
	cr_assert(w.in_order);
	sys_ring_close(ring);
}

Test(ring, discarded_records_are_not_shown)
{
	int map = kit_map(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096), err;
	int prog = kit_load(&(struct kit_prog){
		.type = BPF_PROG_TYPE_SOCKET_FILTER,
		.text = "r1 = map ring\nr2 = 24\nr3 = 0\ncall ringbuf_reserve\n"
			"if r0 == 0 goto out\nr1 = r0\nr2 = 0\ncall ringbuf_discard\n"
			"out:\nr0 = 0\nexit\n",
		.maps = {{"ring", map}}});
	struct work w = {.in_order = true};
	struct sys_ring *ring = sys_ring_open(map, 4096, &err);
	uint8_t in[64] = {0};
	struct sys_test_run_attr run = {.prog_fd = (uint32_t)prog, .repeat = 50,
					.data_in = sys_ptr(in), .data_size_in = sizeof in};

	cr_assert_not_null(ring);
	cr_assert_eq(sys_prog_test_run(&run), 0);
	cr_assert_eq(sys_ring_consume(ring, consume, &w), 0);
	sys_ring_close(ring);
}

Test(ring, only_rings_open)
{
	int err = 0;

	cr_assert_null(sys_ring_open(kit_counter(), 4096, &err));
	cr_assert_lt(err, 0);
}

/* Written here, drained by a program that adds the numbers up in `counter`. Twice around, so
 * records wrap; the discarded ones are not seen. */
Test(ring, a_program_reads_what_we_write)
{
	kit_need_kernel(6, 1);

	int map = kit_map(BPF_MAP_TYPE_USER_RINGBUF, 0, 0, 4096), sum = kit_counter(), err;
	int prog = kit_load(&(struct kit_prog){
		.type = BPF_PROG_TYPE_SOCKET_FILTER,
		.text = "r1 = map ring\nr2 = func each\nr3 = 0\nr4 = 0\n"
			"call user_ringbuf_drain\nexit\n"
			"each:\nr2 = r10\nr2 += -8\nr3 = 0\n*(u64 *)(r10 -8) = r3\n"
			"r3 = r1\nr1 = r2\nr2 = 8\nr4 = 0\nr5 = 0\n"
			"call dynptr_read\nr6 = *(u64 *)(r10 -8)\n"
			"r1 = 0\n*(u32 *)(r10 -12) = r1\nr2 = r10\nr2 += -12\n"
			"r1 = map counter\ncall map_lookup_elem\nif r0 == 0 goto out\n"
			"lock *(u64 *)(r0 +0) += r6\nout:\nr0 = 0\nexit\n",
		.maps = {{"ring", map}, {"counter", sum}}});
	struct sys_user_ring *ring = sys_user_ring_open(map, 4096, &err);
	uint8_t in[64] = {0};
	uint64_t expected = 0, *record;

	cr_assert_not_null(ring, "%s", strerror(-err));
	for (uint64_t round = 0, i = 1; round < 5; round++) {
		struct sys_test_run_attr run = {.prog_fd = (uint32_t)prog,
						.data_in = sys_ptr(in),
						.data_size_in = sizeof in};
		int n = 0;

		while ((record = sys_user_ring_reserve(ring, 8))) {
			*record = i++;
			n++;
			if (i % 7 == 0) {
				sys_user_ring_discard(record);
			} else {
				expected += *record;
				sys_user_ring_submit(record);
			}
		}
		cr_assert_eq(n, 4096 / 16);
		cr_assert_eq(sys_prog_test_run(&run), 0);
		cr_assert_eq(kit_count(sum), expected);
	}
	cr_assert_null(sys_user_ring_reserve(ring, 4096));
	sys_user_ring_close(ring);
}

/* SPDX-License-Identifier: MIT */
/* verify.c: the simulator on programs of known size, against the kernel on the same ones, and
 * the memory it takes. Each runs in a process of its own, so that peaks are its own. */
#include "tests/conformance/timing.h"

#include "facts/facts.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STRAIGHT = 100000, DEEP_SLOTS = 60, TURNS = 8000 / DEEP_SLOTS };

struct code {
	struct bpf_insn *at;
	uint32_t n;
};

#define PUT(c, ...) ((c)->at[(c)->n++] = (struct bpf_insn){__VA_ARGS__})
#define MOV(c, d, v) PUT(c, .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (d), .imm = (v))
#define ADD(c, d, v) PUT(c, .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = (d), .imm = (v))
#define AND(c, d, v) PUT(c, .code = BPF_ALU64 | BPF_AND | BPF_K, .dst_reg = (d), .imm = (v))
#define STORE(c, o, s) PUT(c, .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = 10, .src_reg = (s), \
			   .off = (__s16)(o))
#define LOAD(c, d, o) PUT(c, .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = (d), .src_reg = 10, \
			  .off = (__s16)(o))
#define CALL(c, f) PUT(c, .code = BPF_JMP | BPF_CALL, .imm = (f))
#define EXIT(c) PUT(c, .code = BPF_JMP | BPF_EXIT)
#define JUMP(c, op, d, v, o) PUT(c, .code = BPF_JMP | (op) | BPF_K, .dst_reg = (d), .imm = (v), \
				 .off = (__s16)(o))

/* No branch at all: arithmetic and the stack in turns. */
static void
straight(struct code *c)
{
	MOV(c, 0, 0);
	STORE(c, -8, 0);
	while (c->n < STRAIGHT - 3) {
		ADD(c, 0, 7);
		AND(c, 0, 0xffff);
		STORE(c, -8, 0);
		LOAD(c, 3, -8);
	}
	MOV(c, 0, 0);
	EXIT(c);
}

/* A counted loop that is walked turn by turn: about 990,000 instructions. */
static void
counted(struct code *c)
{
	MOV(c, 6, 0);
	MOV(c, 7, 0);
	ADD(c, 7, 3);
	AND(c, 7, 0xff);
	ADD(c, 6, 1);
	JUMP(c, BPF_JLT, 6, 247000, -4);
	MOV(c, 0, 0);
	EXIT(c);
}

/* Forks on unknown numbers, kept all over the stack, nearly as deep as branches may be pending:
 * it comes to the limit of a million with as many different states as there can be. */
static void
forking(struct code *c)
{
	for (int i = 1; i <= DEEP_SLOTS; i++) {
		CALL(c, BPF_FUNC_get_prandom_u32);
		STORE(c, -8 * i, 0);
	}
	MOV(c, 6, 0);
	MOV(c, 7, 0);
	for (int i = 1; i <= DEEP_SLOTS; i++) {
		CALL(c, BPF_FUNC_get_prandom_u32);
		JUMP(c, BPF_JEQ, 0, i, 2);
		ADD(c, 6, 1);
		STORE(c, -8 * i, 6);
		LOAD(c, 1, -8 * i);
	}
	ADD(c, 7, 1);
	JUMP(c, BPF_JLT, 7, TURNS, -5 * DEEP_SLOTS - 2);
	/* The count decides an address: states that differ in it are different. */
	AND(c, 6, 7);
	PUT(c, .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 10);
	PUT(c, .code = BPF_ALU64 | BPF_ADD | BPF_X, .dst_reg = 1, .src_reg = 6);
	PUT(c, .code = BPF_LDX | BPF_MEM | BPF_B, .dst_reg = 0, .src_reg = 1, .off = -16);
	for (int i = 1; i <= DEEP_SLOTS; i++)
		LOAD(c, 1, -8 * i);
	MOV(c, 0, 0);
	EXIT(c);
}

static const struct subject {
	const char *name;
	void (*write)(struct code *c);
} subjects[] = {
	{"100,000 instructions, none a branch", straight},
	{"a counted loop of a million steps", counted},
	{"forks to the limit, all of the stack in use", forking},
};

/* In a process of its own. */
static void
measure(const struct subject *s)
{
	struct verify_opts v = {.caps = VCAP_DEFAULT, .kernel = KVER(6, 18)};
	struct image_prog p = {.name = "bench", .type = BPF_PROG_TYPE_SOCKET_FILTER,
			       .license = "GPL"};
	struct image im = {0};
	struct rusage u;
	struct outcome o;
	struct code c;
	struct kernel k;
	struct arena a;

	arena_init(&a);
	c = (struct code){arena_array(&a, struct bpf_insn, STRAIGHT), 0};
	s->write(&c);
	p.insns = c.at;
	p.ninsns = c.n;
	/* Memory first: kernel.c reads the kernel's types, which are not ours to count. */
	o = sim_try(&im, &p, &v, &a);
	getrusage(RUSAGE_SELF, &u);
	printf("  %s: %s after %llu, %.1f ms, peak %.1f MiB %s\n", s->name,
	       outcome_kind_name(o.kind), (unsigned long long)o.processed, (double)o.ns / 1e6,
	       (double)u.ru_maxrss / 1024, o.message);
	if (kernel_open(&k, VCAP_DEFAULT)) {
		struct timing_opts t = {&k, &v, 0};

		timing_print_line("  against the kernel", timing_of(&t, &im, &p, &a));
		kernel_close(&k);
	}
	arena_free(&a);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
		pid_t pid;

		fflush(stdout);
		pid = fork();
		if (!pid) {
			measure(&subjects[i]);
			fflush(stdout);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	return 0;
}

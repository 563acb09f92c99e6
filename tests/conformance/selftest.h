/* SPDX-License-Identifier: MIT */
/* selftest.h: what the kernel's arrays tools/testing/selftests/bpf/verifier/ *.c expect to be
 * in scope: the record they initialise, and the names they mention.
 *
 * The arrays themselves are never part of this project; the build takes them from the
 * distribution's kernel source package. Field names are the kernel's, since the arrays use
 * them as designators; the sizes are ours (programs longer than MAX_INSNS come from `fill`). */
#ifndef VEERY_CONFORMANCE_SELFTEST_H
#define VEERY_CONFORMANCE_SELFTEST_H

#include "insn.h"

#include <errno.h>
#include <limits.h>
#include <asm/bpf_perf_event.h>
#include <linux/bpf_perf_event.h>
#include <linux/btf.h>
#include <linux/if_ether.h>
#include <stddef.h>

enum {
	MAX_INSNS = 320,
	MAX_EXPECTED_INSNS = 32,
	MAX_TEST_INSNS = 1000000,	/* what `fill` may write */
	MAX_FIXUPS = 8,
	MAX_TEST_RUNS = 8,
	MAX_FUNC_INFOS = 8,
	MAX_BTF_STRINGS = 256,
	MAX_BTF_TYPES = 256,
	TEST_DATA_LEN = 64,
	MAX_ENTRIES = 11,
	F_NEEDS_EFFICIENT_UNALIGNED_ACCESS = 1,
	F_LOAD_WITH_STRICT_ALIGNMENT = 2,
};

#define POINTER_VALUE 0xcafe4all
#define INSN_OFF_MASK ((__s16)0xffff)
#define INSN_IMM_MASK ((__s32)0xffffffff)
#define SKIP_INSNS() BPF_RAW_INSN(0xde, 0xa, 0xd, 0xbeef, 0xdeadbeef)
#define U32_MAX UINT32_MAX
#define S32_MAX INT32_MAX
#define S32_MIN INT32_MIN
#define U64_MAX UINT64_MAX
#define offsetofend(type, member) (offsetof(type, member) + sizeof(((type *)0)->member))

/* Instruction sequences; the arrays count on their lengths: 13, 7, 4 and 5. */
/* A socket look-up by an empty address; the result is in r0. */
#define BPF_SK_LOOKUP(func) \
	BPF_MOV64_IMM(BPF_REG_2, 0), \
	BPF_STX_MEM(BPF_W, BPF_REG_10, BPF_REG_2, -8), \
	BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_2, -16), \
	BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_2, -24), \
	BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_2, -32), \
	BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_2, -40), \
	BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_2, -48), \
	BPF_MOV64_REG(BPF_REG_2, BPF_REG_10), \
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -48), \
	BPF_MOV64_IMM(BPF_REG_3, sizeof(struct bpf_sock_tuple)), \
	BPF_MOV64_IMM(BPF_REG_4, 0), \
	BPF_MOV64_IMM(BPF_REG_5, 0), \
	BPF_EMIT_CALL(BPF_FUNC_##func)
/* r2 := packet data with 8 bytes checked; r0 is 0. */
#define BPF_DIRECT_PKT_R2 \
	BPF_MOV64_IMM(BPF_REG_0, 0), \
	BPF_LDX_MEM(BPF_W, BPF_REG_2, BPF_REG_1, offsetof(struct __sk_buff, data)), \
	BPF_LDX_MEM(BPF_W, BPF_REG_3, BPF_REG_1, offsetof(struct __sk_buff, data_end)), \
	BPF_MOV64_REG(BPF_REG_4, BPF_REG_2), \
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_4, 8), \
	BPF_JMP_REG(BPF_JLE, BPF_REG_4, BPF_REG_3, 1), \
	BPF_EXIT_INSN()
/* r7 := random, positive, 31 bits. */
#define BPF_RAND_UEXT_R7 \
	BPF_EMIT_CALL(BPF_FUNC_get_prandom_u32), \
	BPF_MOV64_REG(BPF_REG_7, BPF_REG_0), \
	BPF_ALU64_IMM(BPF_LSH, BPF_REG_7, 33), \
	BPF_ALU64_IMM(BPF_RSH, BPF_REG_7, 33)
/* r7 := random, negative, sign-extended from 32 bits. */
#define BPF_RAND_SEXT_R7 \
	BPF_EMIT_CALL(BPF_FUNC_get_prandom_u32), \
	BPF_MOV64_REG(BPF_REG_7, BPF_REG_0), \
	BPF_ALU64_IMM(BPF_OR, BPF_REG_7, 0x80000000), \
	BPF_ALU64_IMM(BPF_LSH, BPF_REG_7, 32), \
	BPF_ALU64_IMM(BPF_ARSH, BPF_REG_7, 32)

/* BTF in words, as the arrays write it. */
#define BTF_END_RAW 0xdeadbeef
#define BTF_INFO_ENC(kind, flag, vlen) ((__u32)!!(flag) << 31 | (kind) << 24 | ((vlen) & 0xffff))
#define BTF_TYPE_ENC(name, info, size_or_type) (name), (info), (size_or_type)
#define BTF_TYPE_INT_ENC(name, encoding, off, bits, size) \
	BTF_TYPE_ENC(name, BTF_INFO_ENC(BTF_KIND_INT, 0, 0), size), \
	(encoding) << 24 | (off) << 16 | (bits)
#define BTF_PTR_ENC(type) BTF_TYPE_ENC(0, BTF_INFO_ENC(BTF_KIND_PTR, 0, 0), type)
#define BTF_STRUCT_ENC(name, members, size) \
	BTF_TYPE_ENC(name, BTF_INFO_ENC(BTF_KIND_STRUCT, 0, members), size)
#define BTF_MEMBER_ENC(name, type, bits) (name), (type), (bits)
#define BTF_FUNC_PROTO_ENC(ret, args) \
	BTF_TYPE_ENC(0, BTF_INFO_ENC(BTF_KIND_FUNC_PROTO, 0, args), ret)
#define BTF_FUNC_PROTO_ARG_ENC(name, type) (name), (type)
#define BTF_FUNC_ENC(name, proto) BTF_TYPE_ENC(name, BTF_INFO_ENC(BTF_KIND_FUNC, 0, 0), proto)
#define BTF_TYPE_TAG_ENC(value, type) \
	BTF_TYPE_ENC(value, BTF_INFO_ENC(BTF_KIND_TYPE_TAG, 0, 0), type)

/* Values of the maps that fixups name; the arrays take offsets into them. */
struct test_val {
	unsigned index;
	int foo[MAX_ENTRIES];
};

struct other_val {
	long long foo, bar;
};

/* X(field suffix): the fixup lists, each a zero-terminated list of instruction indexes. */
#define FIXUP_MAPS(X) \
	X(map_hash_8b) X(map_hash_48b) X(map_hash_16b) X(map_array_48b) X(prog1) X(prog2) \
	X(map_in_map) X(cgroup_storage) X(percpu_cgroup_storage) X(map_sockmap) \
	X(map_sockhash) X(map_xskmap) X(map_stacktrace) X(map_spin_lock) X(map_array_ro) \
	X(map_array_wo) X(map_array_small) X(sk_storage_map) X(map_event_output) \
	X(map_reuseport_array) X(map_ringbuf) X(map_timer) X(map_kptr)

struct kfunc_btf_id_pair {
	const char *kfunc;
	int insn_idx;
};

#define RUN_FIELDS \
	struct { \
		uint32_t retval, retval_unpriv; \
		union { \
			__u8 data[TEST_DATA_LEN]; \
			__u64 data64[TEST_DATA_LEN / 8]; \
		}; \
	}

struct bpf_test {
	const char *descr;
	struct bpf_insn insns[MAX_INSNS];
	struct bpf_insn *fill_insns;
	struct bpf_insn expected_insns[MAX_EXPECTED_INSNS];
	struct bpf_insn unexpected_insns[MAX_EXPECTED_INSNS];
#define X(name) int fixup_##name[MAX_FIXUPS];
	FIXUP_MAPS(X)
#undef X
	struct kfunc_btf_id_pair fixup_kfunc_btf_id[MAX_FIXUPS];
	const char *errstr, *errstr_unpriv;
	uint32_t insn_processed;
	int prog_len;
	enum { UNDEF, ACCEPT, REJECT, VERBOSE_ACCEPT } result, result_unpriv;
	enum bpf_prog_type prog_type;
	uint8_t flags;
	void (*fill_helper)(struct bpf_test *self);
	int runs;
	union {
		RUN_FIELDS;
		RUN_FIELDS retvals[MAX_TEST_RUNS];
	};
	enum bpf_attach_type expected_attach_type;
	const char *kfunc;
	struct bpf_func_info func_info[MAX_FUNC_INFOS];
	int func_info_cnt;
	char btf_strings[MAX_BTF_STRINGS];
	__u32 btf_types[MAX_BTF_TYPES];
};

/* fill.c: programs too long to write down. `retval` says which variant; fill_insns has room
 * for MAX_TEST_INSNS, prog_len is set. */
void bpf_fill_ld_abs_vlan_push_pop(struct bpf_test *t);
void bpf_fill_jump_around_ld_abs(struct bpf_test *t);
void bpf_fill_rand_ld_dw(struct bpf_test *t);
void bpf_fill_scale(struct bpf_test *t);
void bpf_fill_torturous_jumps(struct bpf_test *t);
void bpf_fill_big_prog_with_loop_1(struct bpf_test *t);

#endif

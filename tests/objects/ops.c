/* SPDX-License-Identifier: MIT */
/* ops.c: a congestion control in BPF: programs named by a struct of function pointers. */
#include "bpf.h"

struct sock;

struct tcp_congestion_ops {
	u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, u32 ack, u32 acked);
	u32 (*undo_cwnd)(struct sock *sk);
	char name[16];
};

SEC("struct_ops/ssthresh")
u32 threshold(u64 *ctx)
{
	return 2;
}

SEC("struct_ops/undo")
u32 undo(u64 *ctx)
{
	return 3;
}

SEC("struct_ops/avoid")
void avoid(u64 *ctx)
{
}

SEC(".struct_ops")
struct tcp_congestion_ops control = {
	.ssthresh = (void *)threshold,
	.undo_cwnd = (void *)undo,
	.cong_avoid = (void *)avoid,
	.name = "veery",
};

char _license[] SEC("license") = "GPL";

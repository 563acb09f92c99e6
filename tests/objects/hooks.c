/* SPDX-License-Identifier: MIT */
/* hooks.c: where programs may be attached, and what congestion control may do. What the
 * verifier says of a program is the first word of its name. */
#include "bpf.h"

struct sock {} __core;
struct tcp_sock { u32 snd_cwnd, rcv_nxt; } __core;

struct tcp_congestion_ops {
	u32 (*ssthresh)(struct sock *sk);
	void (*set_state)(struct sock *sk, u8 state);
	void (*cong_avoid)(struct sock *sk, u32 ack, u32 acked);
	void (*get_info)(struct sock *sk);
};

SEC("struct_ops/a")
void accept_window(u64 *ctx)
{
	struct tcp_sock *tp = (void *)ctx[0];

	tp->snd_cwnd = 10;
}

SEC("struct_ops/b")
void reject_other_field(u64 *ctx)
{
	struct tcp_sock *tp = (void *)ctx[0];

	tp->rcv_nxt = 10;
}

SEC("struct_ops/c")
u32 accept_threshold(u64 *ctx)
{
	return 2;
}

SEC("struct_ops/d")
void reject_member(u64 *ctx)
{
}

SEC(".struct_ops")
struct tcp_congestion_ops control = {
	.ssthresh = (void *)accept_threshold,
	.set_state = (void *)reject_other_field,
	.cong_avoid = (void *)accept_window,
	.get_info = (void *)reject_member,
};

SEC("lsm/getprocattr")
int reject_disabled_hook(u64 *ctx)
{
	return 0;
}

SEC("lsm.s/file_open")
int accept_sleepable_hook(u64 *ctx)
{
	return 0;
}

SEC("lsm.s/task_free")
int reject_sleepable_hook(u64 *ctx)
{
	return 0;
}

SEC("fmod_ret/security_file_open")
int accept_modify(u64 *ctx)
{
	return 0;
}

SEC("fmod_ret/vfs_read")
int reject_modify(u64 *ctx)
{
	return 0;
}

SEC("fexit/do_exit")
int reject_after_the_end(u64 *ctx)
{
	return 0;
}

char _license[] SEC("license") = "GPL";

/* SPDX-License-Identifier: MIT */
/* kernel.c: what of the kernel a program can name depends on how it was built, and which of
 * its types pass for one another on the names they have. */
#include "bpf.h"

extern const int bpf_prog_active __ksym;
extern const void bpf_prog_put __ksym;

struct crypto_params;
struct crypto_ctx;
extern struct crypto_ctx *bpf_crypto_ctx_create(const struct crypto_params *p, u32 size,
						int *err) __ksym __weak;
extern void bpf_crypto_ctx_release(struct crypto_ctx *ctx) __ksym __weak;

/* Without CONFIG_KALLSYMS_ALL no variable has an address. */
SEC("tc")
int reject_variable(void *ctx)
{
	return *(volatile const int *)&bpf_prog_active;
}

SEC("tc")
int accept_function(void *ctx)
{
	return &bpf_prog_put != 0;
}

SEC("lirc_mode2")
int reject_type(void *ctx)
{
	return 0;
}

/* A function that makes a reference wants trusted arguments: no null. */
SEC("syscall")
int reject_null(void *ctx)
{
	int err = 0;
	struct crypto_ctx *c;

	if (!bpf_crypto_ctx_create)
		return *(int *)0;
	c = bpf_crypto_ctx_create(0, 0, &err);
	if (c)
		bpf_crypto_ctx_release(c);
	return 0;
}

char _license[] SEC("license") = "GPL";

/* SPDX-License-Identifier: MIT */
/* shrink.c: delta debugging on instructions: runs of them are deleted, large runs first, until
 * no single one can go. */
#include "shrink.h"

static bool
jumps(const struct bpf_insn *in)
{
	uint8_t class = BPF_CLASS(in->code), op = BPF_OP(in->code);

	return (class == BPF_JMP || class == BPF_JMP32) && op != BPF_CALL && op != BPF_EXIT;
}

static bool
calls(const struct bpf_insn *in)
{
	return in->code == (BPF_JMP | BPF_CALL) && in->src_reg == BPF_PSEUDO_CALL;
}

/* Where slot i stands after slots [from, to) are gone; what pointed there goes on behind. */
static uint32_t
moved(uint32_t i, uint32_t from, uint32_t to)
{
	return i <= from ? i : i < to ? from : i - (to - from);
}

static void
retarget(struct bpf_insn *in, uint32_t at, uint32_t from, uint32_t to)
{
	uint32_t now = moved(at, from, to);

	if (jumps(in) && in->code == (BPF_JMP32 | BPF_JA))
		in->imm = (int32_t)(moved(at + 1 + (uint32_t)in->imm, from, to) - now - 1);
	else if (jumps(in))
		in->off = (int16_t)(moved(at + 1 + (uint32_t)in->off, from, to) - now - 1);
	else if (calls(in) || (insn_is_wide(in) && in->src_reg == BPF_PSEUDO_FUNC))
		in->imm = (int32_t)(moved(at + 1 + (uint32_t)in->imm, from, to) - now - 1);
}

static struct image_prog *
without(const struct image_prog *p, uint32_t from, uint32_t to, struct arena *a)
{
	struct image_prog *q = arena_new(a, struct image_prog);
	uint32_t n = 0;

	*q = *p;
	memset(&q->relocs, 0, sizeof q->relocs);
	memset(&q->subprogs, 0, sizeof q->subprogs);
	q->insns = arena_array(a, struct bpf_insn, p->ninsns + 1);
	q->src = arena_array(a, span, p->ninsns + 1);
	for (uint32_t i = 0; i < p->ninsns; i++) {
		bool wide = insn_is_wide(&p->insns[i]) && i + 1 < p->ninsns;

		if (i < from || i >= to) {
			q->insns[n] = p->insns[i];
			retarget(&q->insns[n++], i, from, to);
			if (wide)
				q->insns[n++] = p->insns[i + 1];
		}
		i += wide;
	}
	q->ninsns = n;
	for (uint32_t i = 0; i < p->relocs.n; i++) {
		struct image_reloc r = p->relocs.at[i];

		if (r.insn >= from && r.insn < to)
			continue;
		r.insn = moved(r.insn, from, to);
		vec_push(a, &q->relocs, r);
	}
	for (uint32_t i = 0; i < p->subprogs.n; i++) {
		struct image_subprog s = p->subprogs.at[i];

		s.start = moved(s.start, from, to);
		if (s.start < n && (!q->subprogs.n || vec_last(&q->subprogs)->start != s.start))
			vec_push(a, &q->subprogs, s);
	}
	return q;
}

/* Neither end of a run may cut a wide load. */
static bool
whole(const struct image_prog *p, uint32_t from, uint32_t to)
{
	bool second = false;

	for (uint32_t i = 0; i < p->ninsns; i++) {
		if (second && (i == from || i == to))
			return false;
		second = !second && insn_is_wide(&p->insns[i]);
	}
	return true;
}

void
shrink_prog(const struct image *im, struct image_prog **p, shrink_keeps *keeps, void *user,
	    struct arena *a)
{
	struct arena scratch;
	bool smaller = true;

	arena_init(&scratch);
	while (smaller) {
		smaller = false;
		for (uint32_t n = (*p)->ninsns / 2; n > 0; n /= 2) {
			for (uint32_t at = 0; at + n <= (*p)->ninsns;) {
				struct image_prog *q;

				if (n == (*p)->ninsns || !whole(*p, at, at + n)) {
					at++;
					continue;
				}
				q = without(*p, at, at + n, a);
				arena_reset(&scratch);
				if (q->ninsns && keeps(user, im, q, &scratch)) {
					*p = q;
					smaller = true;
				} else {
					at += n;
				}
			}
		}
	}
	arena_free(&scratch);
}

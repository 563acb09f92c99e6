/* SPDX-License-Identifier: MIT */
/* search.c: see search.h. One world after the other is run; each run says what to change. */
#include "verifier-sim/env.h"
#include "origin.h"

enum {
	MAX_RUNS = 400,
	FOLLOW_RUNS = 40,	/* to get to the end of the path once */
	NEAR = 16,		/* instructions from an address to its use */
	AHEAD = 64,		/* instructions of the path that may be passed over */
	PACKET_FIRST = 60,
};

struct search {
	const struct image *im;
	const struct image_prog *p;
	const struct verify_result *r;
	const struct vs_explanation *x;
	struct arena *a;
	struct arena scratch;		/* of one run */
	struct world *w;		/* being tried */
	struct flow *f;
	uint64_t steps_left;
	uint32_t runs;
	/* of the run under way */
	bool follow;			/* the path; else wherever it goes */
	uint32_t at;			/* next of the path */
	uint32_t nchoices;
	struct run_maps *maps;
	uint32_t reached;		/* of the path */
	bool stopped;			/* by us */
	bool changed;			/* the world, so that the next run goes further */
	bool arrived;			/* the failing instruction was reached */
	uint32_t after;			/* steps since then */
	struct origin last[11];		/* origins there */
	struct flow *origins;		/* that they are part of */
	uint64_t regs[11];
	uint32_t insn;			/* being executed */
	struct turns *turns;		/* when it is a loop that is looked at */
	bool found_on_path;		/* the last run was led along the path */
};

/* ---- faults that count ------------------------------------------------------------------------ */

/* A number used as an address may be a valid one in a kernel: that is not shown here; nor that
 * it is null, unless that is what it may be. */
static bool
fault_counts(const struct search *s, const struct run_result *r)
{
	const struct vs_need *n = s->x->needs.n ? &s->x->needs.at[0] : NULL;

	if (r->end != RUN_FAULT || s->stopped)
		return false;
	/* A pointer that was moved too far does its harm where it is used. */
	if (r->insn != s->r->insn &&
	    !(vs_kind_of(s->r->code) == VK_RANGE && s->arrived && s->after < NEAR))
		return false;
	return r->through == RUN_OBJECT ||
	       (r->through == RUN_NULL && n && n->kind == NEED_NOT_NULL);
}

static bool
return_counts(const struct search *s, const struct run_result *r)
{
	const struct vs_need *n = s->x->needs.n ? &s->x->needs.at[0] : NULL;

	return r->end == RUN_EXIT && n && n->kind == NEED_RANGE && r->insn == s->r->insn &&
	       vs_kind_of(s->r->code) == VK_RETURN &&
	       ((int64_t)(int32_t)r->r0 < n->lo || (int64_t)(int32_t)r->r0 > n->hi);
}

/* ---- branches ------------------------------------------------------------------------------------ */

/* Give one operand a value for which the branch goes as wanted. */
static bool
solve(struct search *s, const struct bpf_insn *in, const struct origin *o, uint64_t other,
      bool first, bool want)
{
	const uint64_t tries[] = {other, other + 1, other - 1, 0, 1, ~other, 0xff, 0xffff,
				  0x7fffffff, 0x80000000, 0xffffffff, ~0ull, 1ull << 63};

	if (!o->kind)
		return false;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		bool got = first ? run_condition(in, tries[i], other) : run_condition(in, other, tries[i]);

		if (got == want && world_set(s->w, s->f, o, tries[i]))
			return true;
	}
	return false;
}

/* False when the run goes another way here than the path, and has to start again. */
static bool
steer(struct search *s, const struct bpf_insn *in, const struct run_step *st)
{
	uint32_t next = s->at < s->x->npath ? s->x->path[s->at] : UINT32_MAX;
	uint32_t taken = st->insn + 1 + (uint32_t)(int32_t)in->off;
	bool reg = BPF_SRC(in->code) == BPF_X;
	uint64_t a = st->regs[in->dst_reg];
	uint64_t b = reg ? st->regs[in->src_reg] : (uint64_t)(int64_t)in->imm;
	const struct origin *regs = s->f->regs[st->frame];
	bool want = next == taken;

	if (taken == st->insn + 1 || (next != taken && next != st->insn + 1) ||
	    run_condition(in, a, b) == want)
		return true;
	s->changed = solve(s, in, &regs[in->dst_reg], b, true, want) ||
		     (reg && solve(s, in, &regs[in->src_reg], a, false, want));
	s->stopped = true;
	return false;
}

/* ---- one run --------------------------------------------------------------------------------------- */

static bool
on_path(struct search *s, uint32_t insn)
{
	for (uint32_t i = s->at; i < s->x->npath && i < s->at + AHEAD; i++)
		if (s->x->path[i] == insn) {
			s->at = i + 1;
			s->reached = s->at > s->reached ? s->at : s->reached;
			return true;
		}
	return s->at >= s->x->npath;
}

static bool
step(void *user, const struct run_step *st)
{
	struct search *s = user;
	const struct bpf_insn *in = &s->p->insns[st->insn];
	bool jump = BPF_CLASS(in->code) == BPF_JMP || BPF_CLASS(in->code) == BPF_JMP32;

	flow_arrive(s->f, st);
	s->insn = st->insn;
	s->after += s->arrived;
	if (s->turns && turns_step(s->turns, s->p, st))
		return false;
	if (s->follow && !on_path(s, st->insn)) {
		s->stopped = true;
		return false;
	}
	if (st->insn == s->r->insn && (!s->follow || s->at >= s->x->npath)) {
		s->arrived = true;
		s->after = 0;
		memcpy(s->last, s->f->regs[st->frame], sizeof s->last);
		memcpy(s->regs, st->regs, sizeof s->regs);
	}
	if (jump && s->follow && BPF_OP(in->code) != BPF_JA && BPF_OP(in->code) != BPF_CALL &&
	    BPF_OP(in->code) != BPF_EXIT && BPF_OP(in->code) != BPF_JCOND && !steer(s, in, st))
		return false;
	flow_step(s->f, in, st, s->maps);
	return true;
}

static void
choose(void *user, enum run_choice what, void *bytes, uint32_t n)
{
	struct search *s = user;
	uint32_t seq = s->nchoices;
	struct choice *c;

	if (seq == MAX_CHOICES)
		return;
	s->nchoices++;
	c = &s->w->choices[seq];
	if (!c->bytes || c->n < n || c->what != what) {
		c->bytes = memcpy(arena_array(s->a, uint8_t, n + 1), bytes, n);
		c->decided = false;
		/* memory that is asked for is there, unless that is what makes it fail */
		if (what == RUN_MISSING && (s->f->call == BPF_FUNC_probe_read ||
					    s->f->call == BPF_FUNC_probe_read_kernel ||
					    s->f->call == BPF_FUNC_probe_read_user ||
					    s->f->call == BPF_FUNC_probe_read_kernel_str ||
					    s->f->call == BPF_FUNC_probe_read_user_str))
			c->bytes[0] = 0;
	}
	c->what = what;
	c->insn = s->insn;
	c->n = n;
	memcpy(bytes, c->bytes, n);
	flow_choice(s->f, c, seq);
}

static bool
has_packet(uint32_t type)
{
	switch (type) {
	case BPF_PROG_TYPE_XDP: case BPF_PROG_TYPE_SOCKET_FILTER: case BPF_PROG_TYPE_SCHED_CLS:
	case BPF_PROG_TYPE_SCHED_ACT: case BPF_PROG_TYPE_CGROUP_SKB: case BPF_PROG_TYPE_LWT_IN:
	case BPF_PROG_TYPE_LWT_OUT: case BPF_PROG_TYPE_LWT_XMIT: case BPF_PROG_TYPE_SK_SKB:
		return true;
	}
	return false;
}

/* Run the world; true when the fault is met. */
static bool
try_world(struct search *s, bool follow, struct run_result *r)
{
	bool strict = !strcmp(s->r->code, "V0126") || !strcmp(s->r->code, "V0136") ||
		      !strcmp(s->r->code, "V0137");
	struct run_opts o = {.max_steps = s->steps_left, .seed = 1, .packet_len = s->w->len,
			     .packet = has_packet(s->p->type) ? s->w->packet : NULL,
			     .ctx = s->w->ctx, .ctx_len = MAX_CTX, .step = step,
			     .choose = choose, .user = s, .strict_stack = strict};
	struct run_maps *maps;

	arena_reset(&s->scratch);
	s->maps = maps = run_maps_new(s->im, &s->scratch);
	for (uint32_t i = 0; i < s->w->npokes; i++) {
		const struct array_poke *k = &s->w->pokes[i];
		const struct run_object *object = &maps->objects.at[k->object];

		if (object->at && !object->read_only && k->off + k->size <= object->size)
			memcpy(object->at + k->off, &k->v, k->size);
	}
	memset(s->f, 0, sizeof *s->f);
	s->f->lasting = maps->objects.n;
	s->follow = follow;
	s->at = s->nchoices = 0;
	s->stopped = s->changed = s->arrived = false;
	s->runs++;
	run_prog(s->im, s->p, maps, &o, &s->scratch, r);
	s->steps_left -= r->steps < s->steps_left ? r->steps : s->steps_left;
	s->found_on_path = follow;
	if (s->turns) {
		s->turns->begun = false;
		return s->turns->endless;
	}
	return fault_counts(s, r) || return_counts(s, r);
}

static bool
exhausted(const struct search *s)
{
	return s->runs >= MAX_RUNS || s->steps_left < 64;
}

/* Along the path to its end; true when the fault is met. */
static bool
follow_path(struct search *s, unsigned runs, struct run_result *r)
{
	for (unsigned i = 0; i < runs && !exhausted(s); i++) {
		if (try_world(s, true, r))
			return true;
		if (!s->changed)
			return false;
	}
	return false;
}

/* ---- the failing operand to its extremes ------------------------------------------------------------- */

/* Registers the failing instruction uses. */
static uint32_t
operands(const struct bpf_insn *in)
{
	switch (BPF_CLASS(in->code)) {
	case BPF_LDX: return 1u << in->src_reg;
	case BPF_ST: return 1u << in->dst_reg;
	case BPF_STX: return 1u << in->dst_reg;
	case BPF_JMP:
		return BPF_OP(in->code) == BPF_CALL ? 0x3e : BPF_OP(in->code) == BPF_EXIT ? 1 : 0;
	}
	return 1u << in->dst_reg | 1u << in->src_reg;
}

/* A packet that ends just before the last byte of the access. */
static bool
shorten(struct search *s, uint64_t addr, uint32_t size, struct run_result *r)
{
	uint32_t off;

	if (run_address_kind(addr, &off) != RUN_PACKET || off < 256)
		return false;
	for (uint32_t n = off - 256 + size; n-- > 14 && n + 40 > off - 256 + size;) {
		if (n > s->w->len)
			continue;
		s->w->len = n;
		if (try_world(s, true, r))
			return true;
		if (s->changed)
			return false;	/* another test wants more */
	}
	return false;
}

static struct world *
copy_of(struct search *s, const struct world *from)
{
	struct world *w = arena_new(s->a, struct world);

	*w = *from;
	for (uint32_t c = 0; c < MAX_CHOICES; c++)
		if (w->choices[c].bytes)
			w->choices[c].bytes = memcpy(arena_array(s->a, uint8_t, w->choices[c].n + 1),
						     from->choices[c].bytes, w->choices[c].n);
	return w;
}

/* With what has this origin made v, along the path. */
static bool
try_value(struct search *s, const struct origin *o, uint64_t v, struct run_result *r)
{
	struct world *before = s->w;

	s->w = copy_of(s, before);
	if (world_set(s->w, s->origins, o, v) && follow_path(s, 8, r))
		return true;
	s->w = before;
	return false;
}

static bool
vary(struct search *s, const struct origin *o, uint64_t now, struct run_result *r)
{
	const struct vs_need *n = s->x->needs.n ? &s->x->needs.at[0] : NULL;
	const uint64_t hi = n ? (uint64_t)n->hi : 0, size = n && n->size > 0 ? (uint64_t)n->size : 64;
	const uint64_t tries[] = {
		0, now + size, now + hi + 1, now + 64, now + 512, now + 4096, now - 1, now - 8,
		now + 0xffff, now + 0xffffff, hi + 1, 65, 513, 4097, 0xff, 0xffff, 0x7fffffff,
		0xffffffff, 0x80000000, ~0ull,
	};
	/* The input itself at its extremes, whatever is computed from it. */
	const uint64_t raw[] = {~0ull, ~0ull >> 1, 1ull << 63, 0};
	struct origin input = *o;
	unsigned bits = o->size && o->size < 8 ? o->size * 8u : 64;

	for (size_t i = 0; i < sizeof tries / sizeof *tries && !exhausted(s); i++)
		if (try_value(s, o, tries[i], r))
			return true;
	input.nops = 0;
	for (size_t i = 0; o->nops && i < sizeof raw / sizeof *raw && !exhausted(s); i++)
		if (try_value(s, &input, raw[i] >> (64 - bits), r))
			return true;
	return false;
}

static uint32_t
access_bytes(const struct bpf_insn *in)
{
	switch (BPF_SIZE(in->code)) {
	case BPF_B: return 1;
	case BPF_H: return 2;
	case BPF_W: return 4;
	default: return 8;
	}
}

static bool
press(struct search *s, struct run_result *r)
{
	const struct bpf_insn *in = &s->p->insns[s->r->insn];
	uint32_t used = operands(in);
	struct origin last[11];
	uint64_t regs[11];

	s->origins = arena_new(s->a, struct flow);
	*s->origins = *s->f;
	memcpy(last, s->last, sizeof last);
	memcpy(regs, s->regs, sizeof regs);
	for (int i = 0; i < 11; i++) {
		if (!(used >> i & 1))
			continue;
		if (BPF_CLASS(in->code) != BPF_JMP &&
		    shorten(s, regs[i] + (uint64_t)(int64_t)in->off, access_bytes(in), r))
			return true;
		if (last[i].kind && vary(s, &last[i], regs[i], r))
			return true;
	}
	return false;
}

/* ---- the smallest input ------------------------------------------------------------------------------- */

/* Is the fault also met with these bytes as they are when nobody chose them? */
static void
do_without(struct search *s, bool packet, uint32_t from, uint32_t to, struct run_result *r)
{
	struct world *before = s->w, *w = copy_of(s, before);
	struct run_result other;
	uint32_t chosen = s->nchoices;

	memset((packet ? w->packet : w->ctx) + from, 0, to - from);
	memset((packet ? w->packet_set : w->ctx_set) + from, 0, to - from);
	s->w = w;
	if (try_world(s, s->found_on_path, &other)) {
		*r = other;
		return;
	}
	s->w = before;
	s->nchoices = chosen;
}

/* Byte by byte where many were chosen together, as far as there are tries left. */
static void
do_without_each(struct search *s, bool packet, uint32_t end, unsigned *tries,
		struct run_result *r)
{
	for (uint32_t i = 0; i < end && *tries; i++) {
		uint32_t to = i;

		while (to < end && to - i < 8 && (packet ? s->w->packet_set : s->w->ctx_set)[to])
			to++;
		if (to == i)
			continue;
		do_without(s, packet, i, to, r);
		--*tries;
		/* The context is made of fields: parts of one say nothing to anybody. */
		for (uint32_t k = i; packet && k < to && to - i > 1 && *tries; k++, --*tries)
			if (s->w->packet_set[k])
				do_without(s, packet, k, k + 1, r);
		i = to - 1;
	}
}

/* What was chosen on the way, or set to see what happens, need not be part of it. */
static void
simplify(struct search *s, struct run_result *r)
{
	unsigned tries = 24;

	if (memchr(s->w->ctx_set, 1, MAX_CTX))
		do_without(s, false, 0, MAX_CTX, r);
	if (memchr(s->w->packet_set, 1, MAX_PACKET))
		do_without(s, true, 0, MAX_PACKET, r);
	do_without_each(s, true, MAX_PACKET, &tries, r);
	do_without_each(s, false, MAX_CTX, &tries, r);
}

/* ---- what is to be had, and what is not -------------------------------------------------------- */

/* Each answer of the world the other way round: present things missing, missing ones there. */
static bool
turn_answers(struct search *s, struct run_result *r)
{
	struct world *first = s->w;
	uint32_t n;

	if (try_world(s, false, r))
		return true;
	n = s->nchoices;
	for (uint32_t i = 0; i < n && i < 16 && !exhausted(s); i++) {
		if (first->choices[i].what != RUN_MISSING || !first->choices[i].bytes)
			continue;
		s->w = copy_of(s, first);
		s->w->choices[i].bytes[0] ^= 1;
		s->w->choices[i].decided = true;
		if (try_world(s, false, r))
			return true;
	}
	s->w = first;
	return false;
}

/* ---- without a path ------------------------------------------------------------------------------------ */

/* Packets of every plausible length, zero or full, whatever way they go. */
static bool
wander(struct search *s, struct run_result *r)
{
	for (uint32_t i = 0; i < 96 && !exhausted(s); i++) {
		memset(s->w, 0, sizeof *s->w);
		s->w->len = has_packet(s->p->type) ? 14 + i / 2 : 0;
		memset(s->w->packet, i & 1 ? 0xff : 0, s->w->len);
		memset(s->w->ctx, i & 1 ? 0xff : 0, MAX_CTX);
		memset(s->w->ctx_set, i & 1, MAX_CTX);
		memset(s->w->packet_set, i & 1, s->w->len);
		if (try_world(s, false, r))
			return true;
		if (!has_packet(s->p->type) && i == 1)
			return false;
	}
	return false;
}

/* A loop not proven to end: does it end? Its turns pass the instruction where it was given up;
 * or, as that may have been anywhere, some instruction of the same loop. */
static bool
look_at_loop(struct search *s, struct run_result *r)
{
	struct turns t = {.trace = arena_array(s->a, uint32_t, 4096)};
	uint64_t left = s->steps_left;

	s->turns = &t;
	for (uint32_t i = s->p->ninsns; i-- > 0;) {
		const struct bpf_insn *in = &s->p->insns[i];
		bool jump = (BPF_CLASS(in->code) == BPF_JMP || BPF_CLASS(in->code) == BPF_JMP32) &&
			    BPF_OP(in->code) != BPF_CALL && BPF_OP(in->code) != BPF_EXIT;

		if (!jump || in->off >= 0)
			continue;
		t.head = (uint32_t)((int32_t)i + 1 + in->off);
		for (int full = 0; full < 2; full++) {
			memset(s->w, 0, sizeof *s->w);
			s->w->len = has_packet(s->p->type) ? PACKET_FIRST : 0;
			memset(s->w->packet, full ? 0xff : 0, s->w->len);
			memset(s->w->packet_set, full, s->w->len);
			memset(s->w->ctx, full ? 0xff : 0, MAX_CTX);
			memset(s->w->ctx_set, full, MAX_CTX);
			s->steps_left = 20000;
			t.begun = t.endless = false;
			if (try_world(s, false, r))
				return true;
		}
	}
	s->turns = NULL;
	s->steps_left = left;
	return false;
}

void
verify_search(const struct image *im, const struct image_prog *p, const struct verify_result *r,
	      const struct vs_explanation *x, uint64_t steps, struct arena *a,
	      struct vs_input *out)
{
	struct search s = {.im = im, .p = p, .r = r, .x = x, .a = a,
			   .steps_left = steps ? steps : 1000000};
	enum vs_kind kind = vs_kind_of(r->code);
	struct run_result end = {0};

	*out = (struct vs_input){0};
	if (r->verdict != VERDICT_REJECT || !r->code || r->insn >= p->ninsns ||
	    !vs_kind_runs(kind) || x->rule)
		return;
	arena_init(&s.scratch);
	s.w = arena_new(a, struct world);
	s.f = arena_new(a, struct flow);
	s.w->len = has_packet(p->type) ? PACKET_FIRST : 0;
	if (kind == VK_LOOP || kind == VK_COMPLEX)
		out->found = look_at_loop(&s, &end);
	else if (x->npath && x->path[0] == 0)
		out->found = follow_path(&s, FOLLOW_RUNS, &end) || (s.arrived && press(&s, &end));
	if (!out->found && !s.turns)
		out->found = turn_answers(&s, &end) || wander(&s, &end);
	out->tries = s.runs;
	out->missing = end.end == RUN_UNSUPPORTED && end.what ? arena_strdup(a, end.what) : NULL;
	if (out->found) {
		if (!s.turns)
			simplify(&s, &end);
		out->fault = s.turns ? "goes round for ever"
			     : end.what ? arena_strdup(a, end.what) : "returns a value out of range";
		out->text = world_words(im, p, s.w, s.nchoices, s.f->packet_base != 0, a);
		out->listing = world_listing(im, p, s.w, s.nchoices, a);
		out->packet = has_packet(p->type) ? s.w->packet : NULL;
		out->packet_len = s.w->len;
	}
	arena_free(&s.scratch);
}

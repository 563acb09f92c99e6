/* SPDX-License-Identifier: MIT */
/* flow.c: loops not shown to end, programs too complex, stacks too large, calls
 * nested too deep.
 *
 * For too much work nothing is wrong with any one value. What helps is where the work was
 * done (visits per instruction, counted on the second walk), which loop or branch makes the
 * states many, and what differs between two states there: that is what keeps the verifier
 * from seeing that it has been there before. */
#include "explaining.h"

enum { MAX_HOT = 3 };

/* "1,234,567" */
static const char *
count_text(const struct vx *e, uint64_t n)
{
	if (n >= 1000000)
		return arena_printf(e->a, "%llu,%03llu,%03llu", (unsigned long long)(n / 1000000),
				    (unsigned long long)(n / 1000 % 1000),
				    (unsigned long long)(n % 1000));
	if (n >= 1000)
		return arena_printf(e->a, "%llu,%03llu", (unsigned long long)(n / 1000),
				    (unsigned long long)(n % 1000));
	return arena_printf(e->a, "%llu", (unsigned long long)n);
}

/* ---- what differs between two states ---------------------------------------------------- */

static const char *
loc_name(const struct vx *e, uint32_t frame, uint32_t index, bool slot, uint32_t insn)
{
	const struct image_prog *p = e->env->prog;
	const struct image_var *best = NULL;

	(void)frame;
	for (uint32_t i = 0; i < p->vars.n; i++) {
		const struct image_var *v = &p->vars.at[i];
		bool here = slot ? v->reg < 0 && v->stack_off < 0 &&
			vs_slot_of(v->stack_off) == index : v->reg == (int)index;

		if (here && insn >= v->from && insn < v->to && v->name && *v->name != '%')
			best = v;
	}
	if (best)
		return arena_printf(e->a, "`%s`", best->name);
	return slot ? arena_printf(e->a, "the variable at stack offset -%u", (index + 1) * 8)
		: arena_printf(e->a, "the value in r%u", index);
}

static bool
tell_reg(struct vx *e, const char *name, const struct vs_reg *a, const struct vs_reg *b)
{
	if (a->type == RT_NOT_INIT || b->type == RT_NOT_INIT || vs_regs_identical(a, b))
		return false;
	if (a->type != b->type) {
		vx_fact(e, "%s is %s one time, %s the next", name, vx_kind(e, a), vx_kind(e, b));
		return true;
	}
	if (a->type != RT_SCALAR) {
		if (a->off == b->off && !memcmp(&a->var, &b->var, sizeof a->var))
			return false;
		vx_fact(e, "%s points to another place of %s each time", name, vx_object(e, a));
		return true;
	}
	if (a->smin == b->smin && a->smax == b->smax && a->umin == b->umin && a->umax == b->umax)
		return false;
	vx_fact(e, "%s is %s one time, %s the next%s", name, vx_range(e, a), vx_range(e, b),
		a->precise || b->precise ? ", and its exact value matters further on" : "");
	return true;
}

/* Say up to two differences of the states; false: none found. */
static bool
tell_difference(struct vx *e, const struct vs_state *a, const struct vs_state *b,
		uint32_t insn)
{
	uint32_t said = 0, f = a->curframe;
	const struct vs_frame *x, *y;
	uint16_t live = e->env->fact[insn].live_before;

	if (a->curframe != b->curframe)
		return false;
	x = a->frame[f];
	y = b->frame[f];
	for (uint32_t r = 0; r < VS_FP && said < 2; r++)
		if (live >> r & 1)
			said += tell_reg(e, loc_name(e, f, r, false, insn), &x->regs[r],
					 &y->regs[r]);
	for (uint32_t s = 0; s < x->nslots && s < y->nslots && said < 2; s++)
		if (vs_slot_is_spill(&x->stack[s]) && vs_slot_is_spill(&y->stack[s]))
			said += tell_reg(e, loc_name(e, f, s, true, insn),
					 vs_slot_reg(&x->stack[s]), vs_slot_reg(&y->stack[s]));
	return said > 0;
}

/* ---- loops that may not end ------------------------------------------------------------- */

/* The tests that could leave the loop: inside its component, with a way out of it. */
static uint32_t
exit_test(const struct vx *e, uint32_t scc)
{
	for (uint32_t i = 0; i < e->env->n; i++) {
		uint32_t out[2], n;

		if (e->env->fact[i].scc != scc || !tr_is_test(&e->env->insns[i]))
			continue;
		n = vs_successors(e->env, i, out);
		for (uint32_t k = 0; k < n; k++)
			if (e->env->fact[out[k]].scc != scc)
				return i;
	}
	return TR_NONE;
}

bool
vx_loop(struct vx *e)
{
	uint32_t head = e->env->insn_idx, scc, test, step = TR_NONE;
	const struct tr_rec *r;

	if (e->f->first != VS_E_INFINITE_LOOP || head >= e->env->n || !e->t->steps.n)
		return false;
	scc = e->env->fact[head].scc;
	test = scc ? exit_test(e, scc) : TR_NONE;
	vx_need(e, NEED_BOUND);
	vx_headline(e, "this loop may never end: a turn of it changes nothing");
	vx_at(e, "goes round with everything as it was");
	for (uint32_t i = 0; test != TR_NONE && i < e->t->steps.n; i++)
		if (e->t->steps.at[i].insn == test)
			step = i;
	if (step == TR_NONE) {
		vx_fact(e, "nothing can leave the loop: what its test looks at never changes, or there "
			   "is no test");
		vx_help(e, "count something in the loop and leave at a bound");
		return true;
	}
	r = tr_before(e->t, tr_reg(e->t->steps.at[step].frame, e->env->insns[test].dst_reg), step);
	vx_root(e, step, "this test decides the same way every time");
	if (!e->lisp && vx_c_root_loop(e, test)) {
		vx_step(e, step, STEP_MISSED, "this test decides the same way every time");
		e->x->root_label = "goes round with everything as it was";
	}
	if (r && r->reg.type == RT_SCALAR)
		vx_fact(e, "%s is %s at every turn", vx_value(e, r->loc, step),
			vx_range(e, &r->reg));
	vx_help(e, "let every turn change what the loop's test looks at");
	return true;
}

/* ---- too much --------------------------------------------------------------------------- */

struct hot {
	uint32_t insn;
	uint32_t visits;
	span src;
};

/* The places walked most often: the busiest instruction of each of the busiest forms. */
static uint32_t
hottest(const struct vx *e, struct hot top[MAX_HOT])
{
	const struct image_prog *p = e->env->prog;
	uint32_t n = 0;

	for (uint32_t i = 0; i < e->env->n; i++) {
		struct hot h = {i, e->t->visits[i], p->src ? p->src[i] : i};
		uint32_t k = 0;

		if (!h.visits || (!tr_is_test(&e->env->insns[i]) &&
				  BPF_OP(e->env->insns[i].code) != BPF_CALL))
			continue;
		while (k < n && top[k].src != h.src)
			k++;
		if (k < n) {
			if (top[k].visits < h.visits)
				top[k] = h;
			continue;
		}
		if (n < MAX_HOT)
			top[n++] = h;
		else if (top[n - 1].visits < h.visits)
			top[n - 1] = h;
		for (k = n - 1; k && top[k].visits > top[k - 1].visits; k--) {
			struct hot t = top[k];

			top[k] = top[k - 1];
			top[k - 1] = t;
		}
	}
	return n;
}

/* Two checkpoints at one instruction that differ: the busiest instruction that has them. */
static bool
tell_states(struct vx *e)
{
	uint32_t at = TR_NONE;

	for (uint32_t i = 0; i < e->env->n; i++) {
		const struct vs_explored *x = e->env->fact[i].states;

		if (x && x->next && (at == TR_NONE || e->t->visits[i] > e->t->visits[at]))
			at = i;
	}
	if (at == TR_NONE)
		return false;
	for (const struct vs_explored *x = e->env->fact[at].states; x && x->next; x = x->next)
		if (tell_difference(e, &x->next->st, &x->st, at))
			return true;
	return false;
}

/* The two latest visits of an instruction on the path under way; false: there are none. */
static bool
two_visits(const struct vx *e, uint32_t insn, uint32_t *before, uint32_t *after)
{
	uint32_t n = 0;

	for (uint32_t i = e->t->steps.n; i-- > 0 && n < 2;)
		if (e->t->steps.at[i].insn == insn) {
			*(n ? before : after) = i;
			n++;
		}
	return n == 2;
}

/* What a turn of the loop changes, of what is still used: that keeps turns apart. */
static bool
tell_turns(struct vx *e, uint32_t insn)
{
	uint32_t a, b, frame, said = 0;
	uint16_t live = e->env->fact[insn].live_before;

	if (!two_visits(e, insn, &a, &b) || e->t->steps.at[a].frame != e->t->steps.at[b].frame)
		return false;
	frame = e->t->steps.at[a].frame;
	for (uint32_t i = 0; i < VS_FP + VS_SLOTS && said < 2; i++) {
		bool slot = i >= VS_FP;
		uint16_t loc = slot ? tr_slot(frame, i - VS_FP) : tr_reg(frame, i);
		const struct tr_rec *x, *y;

		if (!slot && !(live >> i & 1))
			continue;
		x = tr_before(e->t, loc, a);
		y = tr_before(e->t, loc, b);
		if (!x || !y || x == y ||
		    (slot && (x->slot[7] != SLOT_SPILL || y->slot[7] != SLOT_SPILL)))
			continue;
		said += tell_reg(e, loc_name(e, frame, slot ? i - VS_FP : i, slot, insn), &x->reg,
				 &y->reg);
	}
	return said > 0;
}

/* The test that left a second way open most often: it multiplies the ways. */
static uint32_t
most_forks(const struct vx *e)
{
	uint32_t at = TR_NONE;

	for (uint32_t i = 0; i < e->env->n; i++)
		if (e->t->forks[i] && tr_is_test(&e->env->insns[i]) &&
		    (at == TR_NONE || e->t->forks[i] > e->t->forks[at]))
			at = i;
	return at;
}

static void
tell_forks(struct vx *e)
{
	uint32_t at = most_forks(e);
	const char *form;

	if (at == TR_NONE || e->t->forks[at] < 8)
		return;
	form = vx_form(e, at);
	vx_step_at(e, at, STEP_BRANCH, "both ways are walked from here: %s times",
		   count_text(e, e->t->forks[at]));
	vx_fact(e, "%s multiplies the ways: each time both of its outcomes are possible, all that "
		   "follows is walked once more", form ? form : "this test");
}

static uint32_t
last_visit(const struct vx *e, uint32_t insn)
{
	uint32_t at = e->t->steps.n - 1;

	for (uint32_t i = 0; i < e->t->steps.n; i++)
		if (e->t->steps.at[i].insn == insn)
			at = i;
	return at;
}

static bool
in_loop(const struct vx *e, uint32_t insn)
{
	return e->env->fact[insn].scc != 0;
}

bool
vx_complex(struct vx *e)
{
	struct hot top[MAX_HOT];
	uint32_t n, turns = 0;
	bool loop;

	if (!e->t || !e->t->steps.n)
		return false;
	n = hottest(e, top);
	if (!n)
		return false;
	loop = in_loop(e, top[0].insn);
	for (uint32_t i = 0; i < e->t->steps.n; i++)
		turns += e->t->steps.at[i].insn == top[0].insn;
	if (e->f->first == VS_E_JMP_SEQ || e->f->first == VS_E_JMP_SEQ_ASYNC)
		vx_headline(e, "too many branches are open at once: %s",
			    loop ? "each turn of this loop leaves one" : "they follow one another");
	else
		vx_headline(e, "too complex: %s instructions were walked, most of them in this %s",
			    count_text(e, e->env->processed), loop ? "loop" : "place");
	e->x->root = top[0].insn;
	e->x->root_label = arena_printf(e->a, "walked %s times", count_text(e, top[0].visits));
	if (loop && !e->lisp && vx_c_root_loop(e, top[0].insn))
		e->x->root_label = arena_printf(e->a, "turns %s times", count_text(e, top[0].visits));
	e->x->at_label = "the limit is reached here";
	for (uint32_t i = 1; i < n; i++) {
		vx_step(e, last_visit(e, top[i].insn), STEP_HOT, "walked %s times",
			count_text(e, top[i].visits));
		if (e->steps.n) {
			vec_last(&e->steps)->s.insn = top[i].insn;
			vec_last(&e->steps)->s.count = top[i].visits;
		}
	}
	vx_fact(e, "%s instructions walked of at most %s", count_text(e, e->env->processed),
		count_text(e, e->env->prof.insn_limit));
	if (loop && turns > 1)
		vx_fact(e, "one path alone went round %s times or more", count_text(e, turns));
	tell_forks(e);
	if (!(loop && tell_turns(e, top[0].insn)) && !tell_states(e) && !loop)
		vx_fact(e, "the branches double the number of paths one after another");
	vx_need(e, NEED_BOUND);
	vx_help(e, loop ? "bound the loop tighter, or put its body into a callback of bpf_loop() or "
			  "behind an open-coded iterator: those are walked once or twice, not once "
			  "per turn"
		: "join the branches: compute the values first, and test once; or move parts into "
		  "global functions, which are walked on their own");
	if (loop)
		vx_help(e, "turns merge when what they change need not be known exactly: values that are "
			   "only added up do, indices, moved pointers and what is compared do not");
	return true;
}

/* ---- the stack, calls ------------------------------------------------------------------- */

static const char *
function_name(const struct vx *e, uint32_t s)
{
	const char *name = vx_subprog(e, s);

	if (s == 0)
		return arena_printf(e->a, "`%s`", e->env->prog->lisp_name ? e->env->prog->lisp_name
				    : e->env->prog->name);
	return name ? arena_printf(e->a, "`%s`", name) : arena_printf(e->a, "function %u", s);
}

/* The bytes of stack an instruction writes. */
static uint32_t
stack_bytes(const struct bpf_insn *in)
{
	static const uint8_t sizes[4] = {4, 2, 1, 8};
	uint8_t class = BPF_CLASS(in->code);

	if ((class != BPF_ST && class != BPF_STX) || in->dst_reg != VS_FP)
		return 0;
	return sizes[BPF_SIZE(in->code) >> 3];
}

/* The form or line of the function that fills most of its stack: its first instruction. */
static uint32_t
largest_part(const struct vx *e, uint32_t s)
{
	enum { PLACES = 64 };
	const struct vs_subprog *sp = &e->env->subprogs[s];
	const struct image_prog *p = e->env->prog;
	struct { span src; uint32_t insn, bytes; } at[PLACES];
	uint32_t n = 0, most = 0;

	for (uint32_t i = sp->start; i < sp->end; i++) {
		uint32_t bytes = stack_bytes(&e->env->insns[i]), k = 0;
		span src = p->src ? p->src[i] : i;

		if (!bytes)
			continue;
		while (k < n && at[k].src != src)
			k++;
		if (k == PLACES)
			continue;
		if (k == n) {
			at[n].src = src;
			at[n].insn = i;
			at[n++].bytes = 0;
		}
		at[k].bytes += bytes;
		if (at[k].bytes > at[most].bytes)
			most = k;
	}
	return n ? at[most].insn : sp->start;
}

bool
vx_stack_size(struct vx *e)
{
	uint32_t most = 0;

	if (!e->env->nsub)
		return false;
	for (uint32_t i = 0; i < e->env->nsub; i++) {
		if (e->env->subprogs[i].stack_depth > e->env->subprogs[most].stack_depth)
			most = i;
		if (i < 6 && e->env->subprogs[i].stack_depth)
			vx_fact(e, "%s uses %s of stack", function_name(e, i),
				vx_bytes(e, e->env->subprogs[i].stack_depth));
	}
	if (e->f->first == VS_E_STACK_SUBPROG)
		vx_headline(e, "%s needs %lld bytes of stack; there are 512", function_name(e, most),
			    (long long)e->f->args[1]);
	else if (e->f->first == VS_E_STACK_COMBINED)
		vx_headline(e, "%lld functions calling each other need %lld bytes of stack together; "
			    "there are 512", (long long)e->f->args[0], (long long)e->f->args[1]);
	else if (e->f->first == VS_E_STACK_TAIL_CALL)
		vx_headline(e, "a tail call is made below %lld bytes of stack, and %s has most of them; "
			    "256 are allowed there", (long long)e->f->args[0], function_name(e, most));
	else
		return false;
	e->x->root = largest_part(e, most);
	e->x->root_label = "the largest part of it lies here";
	vx_need(e, NEED_BOUND)->size = VS_STACK;
	vx_help(e, "keep large variables in the value of a per-CPU array map of one entry%s",
		e->f->first == VS_E_STACK_TAIL_CALL ? ", or make the tail call from the program itself"
		: "");
	return true;
}

/* A call, found before the walk, that leads back to a function that is not done. */
static bool
recursion(struct vx *e)
{
	const struct bpf_insn *in = &e->env->insns[e->env->insn_idx];
	int callee = vs_subprog_at(e->env, (uint32_t)((int64_t)e->env->insn_idx + in->imm + 1));
	int caller = vs_subprog_of(e->env, e->env->insn_idx);

	vx_headline(e, callee == caller ? "%s calls itself" : "%s is called by a function it called",
		    function_name(e, (uint32_t)callee));
	vx_at(e, "%s is called again", function_name(e, (uint32_t)callee));
	vx_help(e, "write the recursion as a loop with a bound: functions may not call each other "
		   "in a circle");
	return true;
}

bool
vx_calls(struct vx *e)
{
	const struct vs_state *st = e->env->cur;

	if (e->f->first == VS_E_RECURSION)
		return recursion(e);
	for (uint32_t f = 1; st && f <= st->curframe; f++) {
		uint32_t step = 0;

		for (uint32_t i = 0; i < e->t->steps.n; i++)
			if (e->t->steps.at[i].insn == st->frame[f]->callsite)
				step = i;
		if (step)
			vx_step(e, step, STEP_MOVED, "%s is called", function_name(e,
				st->frame[f]->subprog));
	}
	vx_headline(e, "calls nest deeper than the %u frames there are", e->env->prof.max_frames);
	vx_at(e, "one frame too many");
	vx_need(e, NEED_BOUND);
	vx_help(e, "let the compiler inline some of the functions, or call one after another");
	return true;
}

/* SPDX-License-Identifier: MIT */
/* loop.c: (loop ...) as Common Lisp has it, as far as there is something to loop over in
 * a kernel, and loops over the kernel's iterators.
 *
 * (loop [with V = X]... [for V from A to B by C | for V = X then Y | repeat N]...
 *       [while T | until T | do F... | when T clause [else clause] | sum X | count X |
 *        maximize X | minimize X | return X]... [finally F...])
 *
 * A counted loop is tested before its first round, where the test mostly folds away, and after
 * each step; the verifier then sees one comparison per round. What follows `finally` runs when
 * the loop ends by itself or by while, until and (break). The value is what was accumulated.
 *
 * (do-iter (V KIND arg...) body...) goes through one of the kernel's open-coded iterators,
 * bpf_iter_KIND_new, _next and _destroy; (do-range (V from below) body...) is the one of
 * numbers. The verifier looks at the body of such a loop only until nothing new comes of it,
 * so that its length does not matter. A return from inside destroys the iterator first. */
#include "compile/lower/lower.h"

#include "image/btf.h"

/* ---- clauses ------------------------------------------------------------------------------ */

static bool
is_word(value v, const char *word)
{
	return is_symbol(v) && !is_nil(v) && str_is(as_symbol(v)->name, word);
}

static bool
is_one_of(value v, const char *const *words)
{
	for (; *words; words++)
		if (is_word(v, *words))
			return true;
	return false;
}

static const char *const body_words[] = {
	"while", "until", "do", "doing", "when", "if", "unless", "sum", "summing", "count",
	"counting", "maximize", "maximizing", "minimize", "minimizing", "return", "finally",
	"else", "end", "and", "with", "for", "as", "repeat", "initially", NULL,
};

struct counter {		/* for V from A to B by C; repeat N */
	uint32_t bind;
	struct kval by, limit;
	bool limited, down;
	enum ir_cc go_on;	/* V go_on LIMIT */
	value then_at;		/* for V = X then Y: the cons of Y; or nil */
	span at;
};

struct clauses {
	VEC(struct counter) counters;
	uint32_t sum;		/* IR variable of the accumulation; 0 none */
	uint32_t first;		/* variable: is there a value yet? */
	kty ty;
	value finally;
	uint32_t exit;
};

static bool
wrong(struct cg *c, value at, const char *what)
{
	cg_error(c, "C0001", car_span(at), "%s", what);
	return false;
}

/* Forms up to the next word of loop; `at` is left there. */
static void
do_forms(struct cg *c, value *at)
{
	while (is_cons(*at) && !is_one_of(car(*at), body_words)) {
		lower_arg(c, *at, 0);
		*at = cdr(*at);
	}
}

/* FROM A | DOWNFROM A | UPFROM A | TO B | BELOW B | DOWNTO B | ABOVE B | BY C, any order */
static void
range(struct cg *c, value *at, struct counter *k, struct kval *from, bool is_signed)
{
	bool inclusive = true;
	int64_t first;

	while (is_cons(*at) && is_cons(cdr(*at))) {
		value word = car(*at);
		bool limit = is_word(word, "to") || is_word(word, "upto") ||
			     is_word(word, "below") || is_word(word, "downto") ||
			     is_word(word, "above");

		if (is_word(word, "from") || is_word(word, "upfrom") ||
		    is_word(word, "downfrom"))
			*from = lower_arg(c, *at, 1);
		else if (is_word(word, "by"))
			k->by = lower_arg(c, *at, 1);
		else if (limit)
			k->limit = lower_arg(c, *at, 1);
		else
			break;
		k->limited |= limit;
		k->down |= is_word(word, "downfrom") || is_word(word, "downto") ||
			   is_word(word, "above");
		if (limit)
			inclusive = !is_word(word, "below") && !is_word(word, "above");
		*at = cdr(cdr(*at));
	}
	/* Counting down to 0 in unsigned numbers would never end. */
	if (k->down)
		k->go_on = inclusive ? CC_SGE : CC_SGT;
	else if (is_signed || from->ty.is_signed || k->limit.ty.is_signed ||
		 (ir_is_const(c->f, from->v, &first) && first < 0))
		k->go_on = inclusive ? CC_SLE : CC_SLT;
	else
		k->go_on = inclusive ? CC_ULE : CC_ULT;
}

/* for VAR [TYPE] ... */
static bool
for_clause(struct cg *c, value *at, struct clauses *cl)
{
	value name = car(*at);
	span where = car_span(*at);
	struct counter k = {.by = int_value(c, 1), .then_at = NIL, .at = where};
	struct kval from = int_value(c, 0);
	kty ty = TY_U64;
	bool typed = false;

	if (!is_symbol(name) || is_nil(name) || !is_cons(cdr(*at)))
		return wrong(c, *at, "for needs a variable and where it begins");
	*at = cdr(*at);
	if (is_symbol(car(*at)) && kty_named(as_symbol(car(*at))->name, &ty)) {
		typed = true;
		*at = cdr(*at);
	}
	if (is_word(car(*at), "=")) {
		from = lower_arg(c, *at, 1);
		*at = cdr(cdr(*at));
		if (is_word(car(*at), "then")) {
			k.then_at = cdr(*at);
			*at = cdr(cdr(*at));
		}
	} else if (is_word(car(*at), "in") || is_word(car(*at), "on") ||
		   is_word(car(*at), "across") || is_word(car(*at), "being")) {
		return wrong(c, *at, "the kernel side has no lists to loop over; for V from A to B "
				     "counts, (do-iter (V KIND ...)) goes through kernel objects");
	} else {
		range(c, at, &k, &from, typed && ty.is_signed);
	}
	if (!typed)
		ty = from.ty.kind == KT_PTR ? from.ty : TY_INT(8, from.ty.is_signed || k.go_on >= CC_SLT);
	k.bind = cg_bind(c, name, where, ty, typed,
			 typed ? cg_convert(c, from, ty, where) : from.v);
	vec_push(c->a, &cl->counters, k);
	return true;
}

/* with VAR [TYPE] [= X] */
static void
with_clause(struct cg *c, value *at)
{
	value name = car(*at);
	span where = car_span(*at);
	struct kval v = int_value(c, 0);
	kty ty = TY_U64;
	bool typed = false;

	if (!is_symbol(name) || is_nil(name)) {
		wrong(c, *at, "with needs a variable");
		*at = NIL;
		return;
	}
	*at = cdr(*at);
	if (is_symbol(car(*at)) && kty_named(as_symbol(car(*at))->name, &ty)) {
		typed = true;
		*at = cdr(*at);
	}
	if (is_word(car(*at), "=")) {
		v = lower_arg(c, *at, 1);
		*at = cdr(cdr(*at));
	}
	if (!typed)
		ty = v.ty.kind == KT_PTR ? v.ty : TY_INT(8, v.ty.is_signed);
	cg_bind(c, name, where, ty, typed, typed ? cg_convert(c, v, ty, where) : v.v);
}

static void
repeat_clause(struct cg *c, value *at, struct clauses *cl)
{
	struct counter k = {.by = int_value(c, 1), .limited = true, .go_on = CC_ULT,
			    .then_at = NIL, .at = car_span(*at)};

	k.limit = lower_arg(c, *at, 0);
	*at = cdr(*at);
	k.bind = cg_bind(c, make_symbol(c->l, STR("repeat")), k.at, TY_U64, false,
			 ir_const(c->f, 0));
	vec_push(c->a, &cl->counters, k);
}

/* ---- the body ----------------------------------------------------------------------------- */

static bool body_clause(struct cg *c, value *at, struct clauses *cl);

/* when T clause [and clause]... [else clause [and clause]...] [end] */
static bool
conditional(struct cg *c, value *at, struct clauses *cl, bool negate)
{
	uint32_t join = ir_join_new(c->f, c->blk), yes = ir_blk_new(c->f), no = ir_blk_new(c->f);
	bool ok;

	lower_test(c, car(*at), negate ? no : yes, negate ? yes : no);
	*at = cdr(*at);
	cg_begin(c, yes);
	ok = body_clause(c, at, cl);
	while (ok && is_word(car(*at), "and")) {
		*at = cdr(*at);
		ok = body_clause(c, at, cl);
	}
	ir_jmp(c->f, c->blk, join);
	cg_begin(c, no);
	if (ok && is_word(car(*at), "else")) {
		do {
			*at = cdr(*at);
			ok = body_clause(c, at, cl);
		} while (ok && is_word(car(*at), "and"));
	}
	if (is_word(car(*at), "end"))
		*at = cdr(*at);
	ir_jmp(c->f, c->blk, join);
	cg_begin(c, join);
	return ok;
}

/* The best so far: the first value, or a better one. */
static void
accumulate_best(struct cg *c, struct clauses *cl, struct kval v, bool most)
{
	uint32_t join = ir_join_new(c->f, c->blk), take = ir_blk_new(c->f),
		 compare = ir_blk_new(c->f);
	ref first = ir_var_get(c->f, c->blk, cl->first);
	enum ir_cc cc = v.ty.is_signed ? (most ? CC_SGT : CC_SLT) : most ? CC_UGT : CC_ULT;

	ir_br(c->f, c->blk, CC_EQ, first, ir_const(c->f, 0), take, compare);
	cg_begin(c, compare);
	ir_br(c->f, c->blk, cc, v.v, ir_var_get(c->f, c->blk, cl->sum), take, join);
	cg_begin(c, take);
	ir_var_set(c->f, c->blk, cl->sum, v.v);
	ir_var_set(c->f, c->blk, cl->first, ir_const(c->f, 1));
	ir_jmp(c->f, c->blk, join);
	cg_begin(c, join);
}

static void
accumulate(struct cg *c, value *at, struct clauses *cl, value word)
{
	struct kval v;
	uint32_t join, yes;

	if (is_word(word, "count") || is_word(word, "counting")) {
		join = ir_join_new(c->f, c->blk);
		yes = ir_blk_new(c->f);
		lower_test(c, car(*at), yes, join);
		cg_begin(c, yes);
		ir_var_set(c->f, c->blk, cl->sum,
			   cg_bin(c, IR_ADD, ir_var_get(c->f, c->blk, cl->sum),
				  ir_const(c->f, 1)));
		ir_jmp(c->f, c->blk, join);
		cg_begin(c, join);
		*at = cdr(*at);
		return;
	}
	v = lower_arg(c, *at, 0);
	*at = cdr(*at);
	cl->ty = TY_INT(8, v.ty.is_signed);
	if (is_word(word, "sum") || is_word(word, "summing"))
		ir_var_set(c->f, c->blk, cl->sum,
			   cg_bin(c, IR_ADD, ir_var_get(c->f, c->blk, cl->sum), v.v));
	else
		accumulate_best(c, cl, v, is_word(word, "maximize") ||
				is_word(word, "maximizing"));
}

static bool
body_clause(struct cg *c, value *at, struct clauses *cl)
{
	static const char *const sums[] = {"sum", "summing", "count", "counting", "maximize",
					   "maximizing", "minimize", "minimizing", NULL};
	value word = car(*at);
	uint32_t next;

	if (!is_cons(*at) || !is_cons(cdr(*at)))
		return wrong(c, *at, "this clause of loop lacks its form");
	*at = cdr(*at);
	if (is_word(word, "while") || is_word(word, "until")) {
		bool until = is_word(word, "until");

		next = ir_blk_new(c->f);
		lower_test(c, car(*at), until ? cl->exit : next, until ? next : cl->exit);
		cg_begin(c, next);
		*at = cdr(*at);
	} else if (is_word(word, "do") || is_word(word, "doing")) {
		do_forms(c, at);
	} else if (is_word(word, "when") || is_word(word, "if") || is_word(word, "unless")) {
		return conditional(c, at, cl, is_word(word, "unless"));
	} else if (is_word(word, "return")) {
		struct kval v = lower_arg(c, *at, 0);

		*at = cdr(*at);
		cl->ty = v.ty;
		ir_var_set(c->f, c->blk, cl->sum, v.v);
		ir_jmp(c->f, c->blk, cl->exit);
		cg_unreachable(c);
	} else if (is_one_of(word, sums)) {
		accumulate(c, at, cl, word);
	} else {
		cg_error(c, "C0001", 0, "loop has no clause %.*s on the kernel side",
			 STR_ARG(is_symbol(word) ? as_symbol(word)->name : STR("like this")));
		return false;
	}
	return true;
}

static bool
head_clauses(struct cg *c, value *at, struct clauses *cl)
{
	while (is_cons(*at)) {
		value word = car(*at);

		if (is_word(word, "with")) {
			*at = cdr(*at);
			with_clause(c, at);
		} else if (is_word(word, "for") || is_word(word, "as")) {
			*at = cdr(*at);
			if (!for_clause(c, at, cl))
				return false;
		} else if (is_word(word, "repeat")) {
			*at = cdr(*at);
			repeat_clause(c, at, cl);
		} else if (is_word(word, "initially")) {
			*at = cdr(*at);
			do_forms(c, at);
		} else {
			break;
		}
	}
	return true;
}

/* Leave for `no` when a counter is through. */
static void
test_counters(struct cg *c, const struct clauses *cl, uint32_t no)
{
	for (uint32_t i = 0; i < cl->counters.n; i++) {
		const struct counter *k = &cl->counters.at[i];
		uint32_t next;

		if (!k->limited)
			continue;
		next = ir_blk_new(c->f);
		ir_br(c->f, c->blk, k->go_on,
		      ir_var_get(c->f, c->blk, c->binds.at[k->bind].var), k->limit.v, next, no);
		cg_begin(c, next);
	}
}

static void
step_counters(struct cg *c, const struct clauses *cl)
{
	for (uint32_t i = 0; i < cl->counters.n; i++) {
		const struct counter *k = &cl->counters.at[i];
		struct binding b = c->binds.at[k->bind];
		struct kval v;

		if (is_cons(k->then_at)) {
			v = lower_arg(c, k->then_at, 0);
		} else if (k->limited || k->go_on != CC_EQ) {
			ref old = ir_var_get(c->f, c->blk, b.var);

			v = val(cg_bin(c, k->down ? IR_SUB : IR_ADD, old, k->by.v), TY_U64);
		} else {
			continue;
		}
		ir_var_set(c->f, c->blk, b.var, b.typed ? cg_convert(c, v, b.ty, k->at) : v.v);
	}
}

static bool
body(struct cg *c, value at, struct clauses *cl)
{
	bool simple = is_cons(at) && is_cons(car(at));	/* (loop form...) */

	if (simple) {
		do_forms(c, &at);
		return true;
	}
	while (is_cons(at) && !is_word(car(at), "finally"))
		if (!body_clause(c, &at, cl))
			return false;
	cl->finally = cdr(at);
	return true;
}

struct kval
form_loop(struct cg *c, value form, uint32_t tag)
{
	struct clauses cl = {.finally = NIL, .ty = TY_VOID};
	uint32_t mark = c->binds.n, head, outer = c->f->loop;
	struct loop lp = {.outer = c->loop};
	value at = cdr(form);
	bool ok;
	ref v;

	(void)tag;
	cl.sum = ir_var_new(c->f, NULL, c->f->at);
	cl.first = ir_var_new(c->f, NULL, c->f->at);
	ir_var_set(c->f, c->blk, cl.sum, ir_const(c->f, 0));
	ir_var_set(c->f, c->blk, cl.first, ir_const(c->f, 0));
	if (!head_clauses(c, &at, &cl)) {
		cg_unbind(c, mark);
		return poison(c);
	}
	cl.exit = lp.exit = ir_join_new(c->f, c->blk);
	test_counters(c, &cl, lp.exit);
	head = ir_blk_new(c->f);
	lp.again = ir_blk_new(c->f);
	c->loop = &lp;
	c->f->loop = lp.exit;
	ir_jmp(c->f, c->blk, head);
	c->blk = head;
	ok = body(c, at, &cl);
	ir_jmp(c->f, c->blk, lp.again);
	cg_begin(c, lp.again);
	step_counters(c, &cl);
	test_counters(c, &cl, lp.exit);
	ir_jmp(c->f, c->blk, head);
	ir_seal(c->f, head);
	c->loop = lp.outer;
	c->f->loop = outer;
	cg_begin(c, lp.exit);
	lower_body(c, cl.finally);
	v = ir_var_get(c->f, c->blk, cl.sum);
	cg_unbind(c, mark);
	return ok ? val(v, cl.ty.kind == KT_VOID ? TY_U64 : cl.ty) : poison(c);
}

/* ---- the kernel's iterators --------------------------------------------------------------- */

static ref
iterator_call(struct cg *c, const char *kind, const char *what, const ref *args, uint32_t n,
	      span at, kty *ret)
{
	struct symbol *name = kenv_intern(c->k, arena_printf(c->a, "bpf_iter_%s_%s", kind, what));
	const struct ksym *s = kenv_sym(c->k, name);
	struct kkfunc f;
	struct diag *d;

	if (s->fn != KF_KFUNC && !kenv_kernel_function(c->k, name, at, c->ds))
		return 0;
	f = c->k->kfuncs.at[kenv_sym(c->k, name)->index];
	if (f.nargs != n) {
		d = cg_error(c, "C0004", at, "the kernel's iterator %s takes %u argument%s, found %u",
			     kind, f.nargs - 1u, f.nargs == 2 ? "" : "s", n - 1);
		diag_note(c->ds, d, "its form is (do-iter (VAR %s ARGUMENT...) BODY...)", kind);
		return 0;
	}
	if (ret)
		*ret = f.ret;
	return cg_kernel_call(c, &f, args, n);
}

/* Iterators of the loops that are left must not be left behind. */
void
cg_leave_loops(struct cg *c, const struct loop *outer)
{
	for (const struct loop *lp = c->loop; lp != outer; lp = lp->outer)
		if (lp->iterator)
			iterator_call(c, lp->iterator, "destroy", &lp->state, 1, c->f->at, NULL);
}

static uint32_t
state_size(struct cg *c, const char *kind, span at)
{
	struct btf *b = kenv_vmlinux(c->k, at, c->ds);
	uint32_t id = b ? btf_find(b, str_of(arena_printf(c->a, "bpf_iter_%s", kind)),
				   BTF_KIND_STRUCT) : 0;
	int64_t size = id ? btf_size(b, id) : -1;

	if (b && size < 0)
		cg_error(c, "C0025", at, "this kernel has no iterator %s", kind);
	return size > 0 && size <= 256 ? (uint32_t)size : 0;
}

static struct kval
iterate(struct cg *c, value form, const char *kind, value args)
{
	value spec = nth(form, 1);
	struct loop lp = {.outer = c->loop, .iterator = kind};
	uint32_t outer = c->f->loop, mark = c->binds.n, run, n = 1;
	uint32_t size = state_size(c, kind, arg_span(form, 1));
	ref given[5], item;
	kty ty = TY_U64;
	struct kval v;

	if (!size)
		return poison(c);
	lp.state = given[0] = ir_leaf(c->f, IR_SLOT, ir_slot_new(c->f, "iterator", size, 8), 0,
				      PV_STACK);
	for (; is_cons(args) && n < 5; args = cdr(args))
		given[n++] = lower_arg(c, args, 0).v;
	if (!iterator_call(c, kind, "new", given, n, arg_span(form, 1), NULL))
		return poison(c);
	lp.exit = ir_join_new(c->f, c->blk);
	lp.again = ir_blk_new(c->f);
	run = ir_blk_new(c->f);
	ir_jmp(c->f, c->blk, lp.again);
	c->blk = lp.again;
	c->f->loop = lp.exit;
	item = iterator_call(c, kind, "next", &lp.state, 1, arg_span(form, 1), &ty);
	ir_br(c->f, c->blk, CC_NE, item, ir_const(c->f, 0), run, lp.exit);
	cg_begin(c, run);
	v = val(item, ty);
	if (strcmp(kind, "num") == 0 || strcmp(kind, "bits") == 0)
		v = cg_load_typed(c, item, 0, TY_INT(4, kind[0] == 'n'));
	cg_bind(c, car(spec), car_span(spec), v.ty.kind == KT_PTR ? v.ty
		: TY_INT(8, v.ty.is_signed), false, v.v);
	c->loop = &lp;
	lower_body(c, cdr(cdr(form)));
	ir_jmp(c->f, c->blk, lp.again);
	ir_seal(c->f, lp.again);
	c->loop = lp.outer;
	c->f->loop = outer;
	cg_begin(c, lp.exit);
	iterator_call(c, kind, "destroy", &lp.state, 1, arg_span(form, 1), NULL);
	cg_unbind(c, mark);
	return void_value(c);
}

struct kval
form_do_iter(struct cg *c, value form, uint32_t range_only)
{
	value spec = nth(form, 1), kind = nth(spec, 1);

	if (list_length(spec) < 2 || !is_symbol(car(spec)) || is_nil(car(spec)) ||
	    (range_only && list_length(spec) != 3) ||
	    (!range_only && (!is_symbol(kind) || is_nil(kind)))) {
		cg_error(c, "C0001", arg_span(form, 1), range_only
			 ? "do-range begins (VAR FROM BELOW)"
			 : "do-iter begins (VAR KIND ARGUMENT...)");
		return poison(c);
	}
	if (range_only)
		return iterate(c, form, "num", cdr(spec));
	return iterate(c, form, kenv_c_name(c->a,
					    as_symbol(kind)->name), cdr(cdr(spec)));
}

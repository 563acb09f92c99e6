/* SPDX-License-Identifier: MIT */
/* agg.c: aggregations, (count @calls key...), (hist @latency value key...) and the like.
 *
 * A name that begins with @ is a map that comes into being with its first use. Its entries are
 * per CPU, so that programs on different processors do not wait for each other; whoever reads
 * it merges them. Without keys it is an array (of one entry, or of a histogram's rows), with
 * keys a hash whose key is a struct of the keys. A histogram's row is the last field of the
 * key, which costs nothing for rows that are never used.
 *
 * A key is an integer (8 bytes), a text (a literal, (current-comm), (kernel-string p),
 * (stack-string "...")), or a struct on the stack. Every use of a name must count the same
 * thing by the same keys, but a program that is defined again may change its mind. */
#include "compile/lower/lower.h"

enum { AGG_ENTRIES = 4096, AGG_MAX_KEYS = 6, LITERAL_KEY = 32, HIST_ROWS = 66,
       LHIST_MAX_ROWS = 1000, WORDS_OF_STATS = 4 };

struct agg_key {
	struct kval v;
	str literal;		/* a text written in place */
	const char *name;
	uint32_t size;
	uint16_t strukt;
	bool bytes;		/* copied from the stack */
	span at;
};

struct agg_use {
	struct image_agg agg;
	const struct symbol *name;
	struct kval value;
	struct agg_key key[AGG_MAX_KEYS];
	ref row;		/* of a histogram; or 0 */
	span at;
};

bool
cg_is_agg_name(value v)
{
	return is_symbol(v) && !is_nil(v) && as_symbol(v)->name.n > 1 &&
	       as_symbol(v)->name.p[0] == '@';
}

/* ---- what is to be counted --------------------------------------------------------------- */

static const char *
key_name(struct cg *c, value form, const struct agg_use *u, uint32_t i)
{
	value head = is_cons(form) ? car(form) : form;
	str name = is_symbol(head) && !is_nil(head) ? as_symbol(head)->name : STR("key");
	const char *text = arena_strndup(&c->k->arena, name.p, name.n);

	for (uint32_t k = 0; k < i; k++)
		if (strcmp(u->key[k].name, text) == 0)
			return arena_printf(&c->k->arena, "%s-%u", text, i + 1);
	return text;
}

static bool
read_key(struct cg *c, value at, struct agg_use *u, uint32_t i)
{
	struct agg_key *k = &u->key[i];
	const struct ir_ins *in;

	k->at = car_span(at);
	k->name = key_name(c, car(at), u, i);
	if (is_string(car(at))) {
		k->literal = as_string(car(at));
		k->size = LITERAL_KEY;
		if (k->literal.n < LITERAL_KEY)
			return true;
		cg_error(c, "C0018", k->at, "a text that is a key has at most %u bytes",
			 LITERAL_KEY - 1);
		return false;
	}
	k->v = lower_arg(c, at, 0);
	if (is_poison(k->v))
		return false;
	in = ir_at(c->f, k->v.v);
	k->size = 8;
	if (in->op == IR_SLOT && k->v.ty.kind == KT_PTR) {
		k->bytes = true;
		k->strukt = k->v.ty.of;
		k->size = (c->f->slots.at[in->imm].size - (uint32_t)in->off + 7) & ~7u;
	}
	return true;
}

static bool
read_keys(struct cg *c, value at, struct agg_use *u)
{
	bool ok = true;

	for (; is_cons(at); at = cdr(at)) {
		if (u->agg.nkeys == AGG_MAX_KEYS) {
			cg_error(c, "C0004", car_span(at), "an aggregation has at most %u keys",
				 AGG_MAX_KEYS);
			return false;
		}
		ok &= read_key(c, at, u, u->agg.nkeys++);
	}
	return ok;
}

/* LO HI STEP of lhist: constants, at least one row. */
static bool
read_range(struct cg *c, value form, struct agg_use *u)
{
	int64_t v[3];

	for (unsigned i = 0; i < 3; i++) {
		if (!cg_constant(c, nth(form, 3 + i), &v[i])) {
			cg_error(c, "C0010", arg_span(form, 3 + i),
				 "the range of lhist is three constants: LOW HIGH STEP");
			return false;
		}
	}
	u->agg.lo = v[0];
	u->agg.hi = v[1];
	u->agg.step = v[2];
	if (v[2] > 0 && v[1] > v[0] && (v[1] - v[0]) / v[2] <= LHIST_MAX_ROWS)
		return true;
	cg_error(c, "C0011", arg_span(form, 3), "lhist needs LOW below HIGH, a positive STEP, "
		 "and at most %u rows", LHIST_MAX_ROWS);
	return false;
}

static bool
read_use(struct cg *c, value form, struct agg_use *u)
{
	unsigned keys = u->agg.kind == AGG_COUNT ? 2 : u->agg.kind == AGG_LHIST ? 6 : 3;

	u->at = arg_span(form, 1);
	u->name = as_symbol(nth(form, 1));
	if (list_length(form) < (int)keys) {
		cg_error(c, "C0004", form_span(form), "%.*s needs %s",
			 STR_ARG(as_symbol(car(form))->name),
			 u->agg.kind == AGG_LHIST ? "a value and LOW HIGH STEP" : "a value");
		return false;
	}
	if (keys > 2) {
		u->value = lower_arg(c, form, 2);
		if (is_poison(u->value))
			return false;
		u->agg.is_signed = u->value.ty.kind == KT_INT && u->value.ty.is_signed;
	}
	if (u->agg.kind == AGG_LHIST && !read_range(c, form, u))
		return false;
	for (value at = form; ; at = cdr(at))
		if (!keys--)
			return read_keys(c, at, u);
}

/* ---- the map ------------------------------------------------------------------------------ */

static uint32_t
add_struct(struct kenv *k, struct kstruct *st, const char *name)
{
	struct ksym *s = kenv_sym(k, kenv_intern(k, name));

	st->pub.name = name;
	st->pub.fields = st->fields.at;
	st->pub.nfields = st->fields.n;
	st->align = 8;
	if (!s->strukt) {
		vec_push(&k->arena, &k->structs, st);
		s->strukt = k->structs.n - 1;
	} else {
		k->structs.at[s->strukt] = st;
	}
	return s->strukt;
}

static void
add_field(struct kenv *k, struct kstruct *st, struct kenv_field f)
{
	f.offset = st->pub.size;
	st->pub.size += f.size * f.count;
	vec_push(&k->arena, &st->fields, f);
}

static uint32_t
key_struct(struct cg *c, const struct agg_use *u)
{
	struct kenv *k = c->k;
	struct kstruct *st = arena_new(&k->arena, struct kstruct);

	for (uint32_t i = 0; i < u->agg.nkeys; i++) {
		const struct agg_key *key = &u->key[i];
		struct kenv_field f = {.name = key->name, .size = 8, .count = 1,
				       .is_signed = key->v.ty.is_signed};

		if (key->strukt) {
			f.struct_name = k->structs.at[key->strukt]->pub.name;
			f.size = key->size;
		} else if (key->bytes || key->literal.p) {
			f.is_array = true;
			f.size = 1;
			f.count = key->size;
		}
		add_field(k, st, f);
	}
	if (u->row)
		add_field(k, st, (struct kenv_field){.name = "row", .size = 8, .count = 1});
	return add_struct(k, st, arena_printf(&k->arena, "%.*s-key", STR_ARG(u->name->name)));
}

static uint32_t
value_struct(struct cg *c, const struct agg_use *u)
{
	static const char *const names[][WORDS_OF_STATS] = {
		[AGG_AVG] = {"sum", "n"},
		[AGG_MIN] = {"value", "seen"},
		[AGG_MAX] = {"value", "seen"},
		[AGG_STATS] = {"n", "sum", "least", "most"},
	};
	struct kstruct *st = arena_new(&c->k->arena, struct kstruct);

	for (unsigned i = 0; i < WORDS_OF_STATS && names[u->agg.kind][i]; i++)
		add_field(c->k, st, (struct kenv_field){.name = names[u->agg.kind][i], .size = 8,
							.count = 1});
	return add_struct(c->k, st,
			  arena_printf(&c->k->arena, "%.*s-value", STR_ARG(u->name->name)));
}

static bool
is_scalar(uint8_t kind)
{
	return kind == AGG_COUNT || kind == AGG_SUM || kind == AGG_HIST || kind == AGG_LHIST;
}

static uint32_t
entries(const struct agg_use *u)
{
	if (u->agg.nkeys)
		return AGG_ENTRIES;
	if (u->agg.kind == AGG_HIST)
		return HIST_ROWS;
	if (u->agg.kind == AGG_LHIST)
		return (uint32_t)((u->agg.hi - u->agg.lo + u->agg.step - 1) / u->agg.step) + 2;
	return 1;
}

static struct kmap *
new_map(struct cg *c, const struct agg_use *u)
{
	struct kenv *k = c->k;
	struct kmap *m = arena_new(&k->arena, struct kmap);
	struct image_agg *agg = arena_new(&k->arena, struct image_agg);
	str name = u->name->name;

	*agg = u->agg;
	m->name = u->name;
	m->value = is_scalar(agg->kind) ? TY_U64 : TY_VOID;
	m->key = agg->nkeys ? TY_VOID : TY_INT(4, false);
	m->spec = (struct image_map){
		.lisp_name = arena_strndup(&k->arena, name.p, name.n),
		.name = kenv_c_name(&k->arena, (str){name.p + 1, name.n - 1}),
		.type = agg->nkeys ? BPF_MAP_TYPE_PERCPU_HASH : BPF_MAP_TYPE_PERCPU_ARRAY,
		.key_size = 4,
		.value_size = 8,
		.max_entries = entries(u),
		.agg = agg,
		.at = u->at,
	};
	if (agg->nkeys) {
		m->key_struct = (uint16_t)key_struct(c, u);
		m->spec.key_struct = k->structs.at[m->key_struct]->pub.name;
		m->spec.key_size = k->structs.at[m->key_struct]->pub.size;
	}
	if (!is_scalar(agg->kind)) {
		m->value_struct = (uint16_t)value_struct(c, u);
		m->spec.value_struct = k->structs.at[m->value_struct]->pub.name;
		m->spec.value_size = k->structs.at[m->value_struct]->pub.size;
	}
	return m;
}

static bool
same_use(struct cg *c, const struct kmap *m, const struct agg_use *u)
{
	const struct image_agg *a = m->spec.agg;
	const struct kstruct *st = c->k->structs.at[m->key_struct];

	if (a->kind != u->agg.kind || a->nkeys != u->agg.nkeys || a->lo != u->agg.lo ||
	    a->hi != u->agg.hi || a->step != u->agg.step)
		return false;
	for (uint32_t i = 0; i < a->nkeys; i++) {
		const struct kenv_field *f = &st->fields.at[i];
		bool text = !u->key[i].strukt && (u->key[i].bytes || u->key[i].literal.p);

		if (f->size * f->count != u->key[i].size || f->is_array != text)
			return false;
	}
	return true;
}

/* The map of the name, made now when it is not there. One that counts something else is made
 * anew for the program that made it, as long as nothing of that program has used it yet. */
static const struct kmap *
agg_map(struct cg *c, const struct agg_use *u)
{
	struct ksym *s = kenv_sym(c->k, u->name);
	struct kmap *m = s->map ? c->k->maps.at[s->map - 1] : NULL;
	struct diag *d;

	if (m && m->spec.agg && same_use(c, m, u))
		return m;
	if (m && (!m->spec.agg || strcmp(m->maker, c->prog->lisp_name) != 0 ||
		  (c->map_ids.n >= s->map && c->map_ids.at[s->map - 1]))) {
		d = cg_error(c, "C0012", u->at, m->spec.agg ?
			     "%s counts something else, or by other keys, elsewhere" :
			     "%s is an ordinary map", m->spec.lisp_name);
		diag_label(c->ds, d, m->spec.at, "here");
		return NULL;
	}
	m = new_map(c, u);
	m->maker = arena_strdup(&c->k->arena, c->prog->lisp_name);
	kenv_add_map(c->k, m);
	return m;
}

/* ---- code --------------------------------------------------------------------------------- */

static void
copy_key(struct cg *c, ref to, const struct agg_key *k, uint32_t off)
{
	const struct ir_ins *in = ir_at(c->f, k->v.v);
	uint32_t have = k->bytes ? c->f->slots.at[in->imm].size - (uint32_t)in->off : k->size;
	ref from = k->v.v;
	uint32_t done = 0;

	if (k->literal.p) {
		cg_store_text(c, to, (int32_t)off, k->literal, k->size);
		return;
	}
	if (!k->bytes) {
		cg_store(c, to, (int32_t)off, 8, from);
		return;
	}
	for (; done + 8 <= have; done += 8)
		cg_store(c, to, (int32_t)(off + done), 8, cg_load(c, from, (int32_t)done, 8));
	if (done == k->size)
		return;
	cg_store(c, to, (int32_t)(off + done), 8, ir_const(c->f, 0));
	for (unsigned step = 4; step; step /= 2)
		for (; done + step <= have; done += step)
			cg_store(c, to, (int32_t)(off + done), step,
				 cg_load(c, from, (int32_t)done, step));
}

static ref
build_key(struct cg *c, const struct kmap *m, const struct agg_use *u)
{
	uint32_t slot = ir_slot_new(c->f, arena_printf(c->image->arena, "key of %s",
						       m->spec.lisp_name), m->spec.key_size, 8);
	ref base = ir_leaf(c->f, IR_SLOT, slot, 0, PV_STACK);
	uint32_t off = 0;

	if (!u->agg.nkeys) {
		cg_store(c, base, 0, 4, u->row ? u->row : ir_const(c->f, 0));
		return base;
	}
	for (uint32_t i = 0; i < u->agg.nkeys; off += u->key[i++].size)
		copy_key(c, base, &u->key[i], off);
	if (u->row)
		cg_store(c, base, (int32_t)off, 8, u->row);
	return base;
}

static ref
either(struct cg *c, enum ir_cc cc, ref a, ref b, ref yes, ref no)
{
	uint32_t join = ir_join_new(c->f, c->blk), other = ir_blk_new(c->f);
	uint32_t var = ir_var_new(c->f, NULL, c->f->at);

	ir_var_set(c->f, c->blk, var, yes);
	ir_br(c->f, c->blk, cc, a, b, join, other);
	cg_begin(c, other);
	ir_var_set(c->f, c->blk, var, no);
	ir_jmp(c->f, c->blk, join);
	cg_begin(c, join);
	return ir_var_get(c->f, c->blk, var);
}

/* 0 below 0, 1 for 0, then one row for each number of significant bits. */
static ref
hist_row(struct cg *c, const struct agg_use *u)
{
	ref v = u->value.v, zero = ir_const(c->f, 0), one = ir_const(c->f, 1), row;
	uint32_t var, done, positive;

	if (u->agg.is_signed) {
		var = ir_var_new(c->f, NULL, c->f->at);
		done = ir_join_new(c->f, c->blk);
		positive = ir_blk_new(c->f);
		ir_var_set(c->f, c->blk, var, zero);
		ir_br(c->f, c->blk, CC_SLT, v, zero, done, positive);
		cg_begin(c, positive);
	}
	row = cg_bin(c, IR_ADD, cg_log2(c, v), either(c, CC_EQ, v, zero, one,
						      ir_const(c->f, 2)));
	if (!u->agg.is_signed)
		return row;
	ir_var_set(c->f, c->blk, var, row);
	ir_jmp(c->f, c->blk, done);
	cg_begin(c, done);
	return ir_var_get(c->f, c->blk, var);
}

static ref
lhist_row(struct cg *c, const struct agg_use *u)
{
	ref v = u->value.v, lo = ir_const(c->f, u->agg.lo), hi = ir_const(c->f, u->agg.hi), row;
	uint32_t var = ir_var_new(c->f, NULL, c->f->at), done = ir_join_new(c->f, c->blk);
	uint32_t not_below = ir_blk_new(c->f), inside = ir_blk_new(c->f);
	bool sign = u->agg.is_signed || u->agg.lo < 0;
	uint32_t last = (uint32_t)((u->agg.hi - u->agg.lo + u->agg.step - 1) / u->agg.step) + 1;

	ir_var_set(c->f, c->blk, var, ir_const(c->f, 0));
	ir_br(c->f, c->blk, sign ? CC_SLT : CC_ULT, v, lo, done, not_below);
	cg_begin(c, not_below);
	ir_var_set(c->f, c->blk, var, ir_const(c->f, last));
	ir_br(c->f, c->blk, sign ? CC_SGE : CC_UGE, v, hi, done, inside);
	cg_begin(c, inside);
	row = cg_bin(c, IR_UDIV, cg_bin(c, IR_SUB, v, lo), ir_const(c->f, u->agg.step));
	ir_var_set(c->f, c->blk, var, cg_bin(c, IR_ADD, row, ir_const(c->f, 1)));
	ir_jmp(c->f, c->blk, done);
	cg_begin(c, done);
	return ir_var_get(c->f, c->blk, var);
}

static void
add_atomically(struct cg *c, ref p, int32_t off, ref v)
{
	cg_atomic(c, p, off, 8, v, BPF_ADD);
}

/* The better of what is at `off` and `v` stays there. */
static void
keep_better(struct cg *c, ref p, int32_t off, ref v, ref first, enum ir_cc better)
{
	uint32_t done = ir_join_new(c->f, c->blk), store = ir_blk_new(c->f),
		 compare = ir_blk_new(c->f);

	ir_br(c->f, c->blk, CC_EQ, first, ir_const(c->f, 0), store, compare);
	cg_begin(c, compare);
	ir_br(c->f, c->blk, better, v, cg_load(c, p, off, 8), store, done);
	cg_begin(c, store);
	cg_store(c, p, off, 8, v);
	ir_jmp(c->f, c->blk, done);
	cg_begin(c, done);
}

static void
update_entry(struct cg *c, const struct agg_use *u, ref p)
{
	ref one = ir_const(c->f, 1), v = u->value.v, seen;
	bool sign = u->agg.is_signed;
	enum ir_cc less = sign ? CC_SLT : CC_ULT, more = sign ? CC_SGT : CC_UGT;

	switch (u->agg.kind) {
	case AGG_SUM: add_atomically(c, p, 0, v); break;
	case AGG_AVG:
		add_atomically(c, p, 0, v);
		add_atomically(c, p, 8, one);
		break;
	case AGG_MIN: case AGG_MAX:
		keep_better(c, p, 0, v, cg_load(c, p, 8, 8), u->agg.kind == AGG_MIN ? less : more);
		cg_store(c, p, 8, 8, one);
		break;
	case AGG_STATS:
		seen = cg_load(c, p, 0, 8);
		add_atomically(c, p, 0, one);
		add_atomically(c, p, 8, v);
		keep_better(c, p, 16, v, seen, less);
		keep_better(c, p, 24, v, seen, more);
		break;
	default: add_atomically(c, p, 0, one); break;
	}
}

/* A first entry; other processors' slots of it are zero. When another was faster, this sets
 * this processor's slot, which is still zero. Goes on at `done`. */
static void
insert_entry(struct cg *c, const struct kmap *m, const struct agg_use *u, ref key,
	     uint32_t done)
{
	uint32_t full = ir_blk_new(c->f);
	ref r;
	uint32_t slot = ir_slot_new(c->f, arena_printf(c->image->arena, "first of %s",
						       m->spec.lisp_name), m->spec.value_size, 8);
	ref base = ir_leaf(c->f, IR_SLOT, slot, 0, PV_STACK), one = ir_const(c->f, 1);
	ref v = u->value.v ? u->value.v : one, word[WORDS_OF_STATS] = {one};
	ref args[4] = {cg_map_ref(c, m), key, base, ir_const(c->f, BPF_ANY)};

	switch (u->agg.kind) {
	case AGG_SUM: word[0] = v; break;
	case AGG_AVG: case AGG_MIN: case AGG_MAX:
		word[0] = v;
		word[1] = one;
		break;
	case AGG_STATS: word[1] = word[2] = word[3] = v; break;
	default: break;
	}
	for (uint32_t i = 0; i * 8 < m->spec.value_size; i++)
		cg_store(c, base, (int32_t)i * 8, 8, word[i]);
	r = cg_call(c, BPF_FUNC_map_update_elem, args, 4, PV_SCALAR);
	ir_br(c->f, c->blk, CC_SLT, r, ir_const(c->f, 0), full, done);
	cg_begin(c, full);
	cg_lost(c, m);
	ir_jmp(c->f, c->blk, done);
}

struct kval
form_agg(struct cg *c, value form, uint32_t kind)
{
	struct agg_use u = {.agg.kind = (uint8_t)kind};
	const struct kmap *m;
	uint32_t done, there, absent;
	ref args[2], p;

	if (!cg_is_agg_name(nth(form, 1))) {
		cg_error(c, "C0005", arg_span(form, 1),
			 "an aggregation's name begins with @, as in (%.*s @name ...)",
			 STR_ARG(as_symbol(car(form))->name));
		return poison(c);
	}
	if (!read_use(c, form, &u))
		return poison(c);
	if (kind == AGG_HIST)
		u.row = hist_row(c, &u);
	else if (kind == AGG_LHIST)
		u.row = lhist_row(c, &u);
	m = agg_map(c, &u);
	if (!m)
		return poison(c);
	args[1] = build_key(c, m, &u);
	args[0] = cg_map_ref(c, m);
	p = cg_describe(c, cg_call(c, BPF_FUNC_map_lookup_elem, args, 2, PV_MAP_VALUE),
			"entry of ", m->spec.lisp_name);
	done = ir_join_new(c->f, c->blk);
	there = ir_blk_new(c->f);
	absent = u.agg.nkeys ? ir_blk_new(c->f) : done;
	ir_br(c->f, c->blk, CC_NE, p, ir_const(c->f, 0), there, absent);
	cg_begin(c, there);
	update_entry(c, &u, p);
	ir_jmp(c->f, c->blk, done);
	if (u.agg.nkeys) {
		cg_begin(c, absent);
		insert_entry(c, m, &u, args[1], done);
	}
	cg_begin(c, done);
	return void_value(c);
}

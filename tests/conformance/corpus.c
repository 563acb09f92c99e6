/* SPDX-License-Identifier: MIT */
/* corpus.c: turns the kernel's verifier test arrays into images.
 *
 * The arrays are included at build time from an extracted kernel source package
 * (rules.mk writes conformance_tests.h, one #include and one file mark per file). Each test
 * names instructions whose operand is a map ("fixups"); here a fixup becomes a map of the
 * same type, sizes and BTF as the kernel's own test runner makes, and a relocation. */
#include "corpus.h"
#include "selftest.h"

/* A row between files remembers where the rows after it came from. */
#define FILE_MARK(name) {.descr = (name), .prog_len = -1},

static struct bpf_test tests[] = {
#include "conformance_tests.h"
};

enum { NTESTS = sizeof tests / sizeof tests[0] };

/* ---- maps with BTF ------------------------------------------------------------------- */

/* The strings, and each one's offset. */
static const char map_strings[] = "\0bpf_spin_lock\0val\0cnt\0l\0bpf_timer\0timer\0t\0btf_ptr"
				  "\0prog_test_ref_kfunc\0ptr\0kptr\0kptr_ref\0prog_test_member";
enum {
	S_LOCK = 1, S_VAL = 15, S_CNT = 19, S_L = 23, S_BPF_TIMER = 25, S_TIMER = 35, S_T = 41,
	S_BTF_PTR = 43, S_REF = 51, S_PTR = 71, S_KPTR = 75, S_KPTR_REF = 80, S_MEMBER = 89,
};

static const __u32 map_types[] = {
	BTF_TYPE_INT_ENC(0, BTF_INT_SIGNED, 0, 32, 4),	/* 1 int */
	BTF_STRUCT_ENC(S_LOCK, 1, 4),			/* 2 struct bpf_spin_lock */
	BTF_MEMBER_ENC(S_VAL, 1, 0),
	BTF_STRUCT_ENC(S_VAL, 2, 8),			/* 3 a counter and a lock */
	BTF_MEMBER_ENC(S_CNT, 1, 0),
	BTF_MEMBER_ENC(S_L, 2, 32),
	BTF_STRUCT_ENC(S_BPF_TIMER, 0, 16),		/* 4 */
	BTF_STRUCT_ENC(S_TIMER, 1, 16),			/* 5 a timer */
	BTF_MEMBER_ENC(S_T, 4, 0),
	BTF_STRUCT_ENC(S_REF, 0, 0),			/* 6 */
	BTF_STRUCT_ENC(S_MEMBER, 0, 0),			/* 7 */
	BTF_TYPE_TAG_ENC(S_KPTR, 6),			/* 8 */
	BTF_TYPE_TAG_ENC(S_KPTR_REF, 6),		/* 9 */
	BTF_TYPE_TAG_ENC(S_KPTR_REF, 7),		/* 10 */
	BTF_PTR_ENC(8),					/* 11 */
	BTF_PTR_ENC(9),					/* 12 */
	BTF_PTR_ENC(10),				/* 13 */
	BTF_STRUCT_ENC(S_BTF_PTR, 3, 24),		/* 14 three kernel pointers */
	BTF_MEMBER_ENC(S_PTR, 11, 0),
	BTF_MEMBER_ENC(S_PTR, 12, 64),
	BTF_MEMBER_ENC(S_PTR, 13, 128),
};

/* Words of map_types that a map with this value type needs: newer kernels refuse BTF that
 * holds the kernel pointers of type 14. */
static uint32_t
map_type_words(uint32_t value_type)
{
	switch (value_type) {
	case 3: return 4 + 6 + 9;
	case 5: return 4 + 6 + 9 + 3 + 6;
	default: return sizeof map_types / 4;
	}
}

static void
set_btf(struct image *im, const __u32 *types, uint32_t ntypes, const char *strings,
	uint32_t nstrings)
{
	struct btf_header h = {
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof h,
		.type_len = ntypes * 4,
		.str_off = ntypes * 4,
		.str_len = nstrings,
	};
	char *p = arena_array(im->arena, char, sizeof h + h.type_len + nstrings);

	memcpy(p, &h, sizeof h);
	memcpy(p + sizeof h, types, h.type_len);
	memcpy(p + sizeof h + h.type_len, strings, nstrings);
	im->btf = p;
	im->btf_size = (uint32_t)(sizeof h + h.type_len + nstrings);
}

/* ---- fixups ---------------------------------------------------------------------------- */

/* In the order of FIXUP_MAPS. `value_type` makes the map carry map_types. */
static const struct map_shape {
	uint32_t type, key, value, entries, flags, value_type;
} shapes[] = {
	{BPF_MAP_TYPE_HASH, 8, 8, 1, BPF_F_NO_PREALLOC, 0},
	{BPF_MAP_TYPE_HASH, 8, sizeof(struct test_val), 1, BPF_F_NO_PREALLOC, 0},
	{BPF_MAP_TYPE_HASH, 8, sizeof(struct other_val), 1, BPF_F_NO_PREALLOC, 0},
	{BPF_MAP_TYPE_ARRAY, 4, sizeof(struct test_val), 1, 0, 0},
	{BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 4, 0, 0},
	{BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 8, 0, 0},
	{BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 1, 0, 0},
	{BPF_MAP_TYPE_CGROUP_STORAGE, sizeof(struct bpf_cgroup_storage_key), TEST_DATA_LEN, 0, 0,
	 0},
	{BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, sizeof(struct bpf_cgroup_storage_key),
	 TEST_DATA_LEN, 0, 0, 0},
	{BPF_MAP_TYPE_SOCKMAP, 4, 4, 1, 0, 0},
	{BPF_MAP_TYPE_SOCKHASH, 4, 4, 1, 0, 0},
	{BPF_MAP_TYPE_XSKMAP, 4, 4, 1, 0, 0},
	{BPF_MAP_TYPE_STACK_TRACE, 4, 8, 1, 0, 0},
	{BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0, 3},
	{BPF_MAP_TYPE_ARRAY, 4, sizeof(struct test_val), 1, BPF_F_RDONLY_PROG, 0},
	{BPF_MAP_TYPE_ARRAY, 4, sizeof(struct test_val), 1, BPF_F_WRONLY_PROG, 0},
	{BPF_MAP_TYPE_ARRAY, 4, 1, 1, 0, 0},
	{BPF_MAP_TYPE_SK_STORAGE, 4, 8, 0, BPF_F_NO_PREALLOC, 3},
	{BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 1, 0, 0},
	{BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, 4, 8, 1, 0, 0},
	{BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 0, 0},
	{BPF_MAP_TYPE_ARRAY, 4, 16, 1, 0, 5},
	{BPF_MAP_TYPE_ARRAY, 4, 24, 1, 0, 14},
};

static uint32_t
add_map(struct image *im, const struct map_shape *s, const char *name)
{
	struct image_map *m = arena_new(im->arena, struct image_map);

	*m = (struct image_map){
		.name = name, .type = s->type, .key_size = s->key, .value_size = s->value,
		.max_entries = s->entries, .flags = s->flags,
		.key_type_id = s->value_type ? 1 : 0, .value_type_id = s->value_type,
	};
	if (s->value_type && map_type_words(s->value_type) * 4 > im->btf_size)
		set_btf(im, map_types, map_type_words(s->value_type), map_strings,
			sizeof map_strings);
	if (s->type == BPF_MAP_TYPE_ARRAY_OF_MAPS) {
		struct image_map *inner = arena_new(im->arena, struct image_map);

		*inner = (struct image_map){.name = "inner", .type = BPF_MAP_TYPE_ARRAY,
					    .key_size = 4, .value_size = 4, .max_entries = 1};
		m->inner = inner;
	}
	vec_push(im->arena, &im->maps, m);
	return im->maps.n - 1;
}

static void
fix_map(struct image *im, struct image_prog *p, const struct map_shape *s, const char *name,
	const int *list)
{
	uint32_t map;

	if (!list[0])
		return;
	map = add_map(im, s, name);
	for (; *list; list++) {
		struct bpf_insn *in = &p->insns[*list];
		struct image_reloc r = {.insn = (uint32_t)*list, .map = map, .kind = RELOC_MAP};

		if (in->src_reg == BPF_PSEUDO_MAP_VALUE) {
			r.kind = RELOC_MAP_VALUE;
			r.addend = (uint32_t)in[1].imm;
		}
		in->imm = 0;
		vec_push(im->arena, &p->relocs, r);
	}
}

static void
fix_kfuncs(struct image *im, struct image_prog *p, const struct kfunc_btf_id_pair *pair)
{
	for (; pair->kfunc; pair++) {
		struct image_reloc r = {.insn = (uint32_t)pair->insn_idx, .kind = RELOC_KFUNC,
					.name = pair->kfunc, .weak = true};

		p->insns[pair->insn_idx].imm = 0;
		vec_push(im->arena, &p->relocs, r);
	}
}

static void
fix_all(struct image *im, struct image_prog *p, const struct bpf_test *t)
{
	uint32_t i = 0;

#define X(name) fix_map(im, p, &shapes[i++], #name, t->fixup_##name);
	FIXUP_MAPS(X)
#undef X
	fix_kfuncs(im, p, t->fixup_kfunc_btf_id);
}

/* ---- cases ------------------------------------------------------------------------------ */

static const struct bpf_test *
nth_test(uint32_t n, const char **file)
{
	for (uint32_t i = 0; i < NTESTS; i++) {
		if (tests[i].prog_len < 0)
			*file = tests[i].descr;
		else if (n-- == 0)
			return &tests[i];
	}
	return NULL;
}

static uint32_t
count_arrays(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < NTESTS; i++)
		n += tests[i].prog_len >= 0;
	return n;
}

static const char *
array_name(void *self, uint32_t i)
{
	const char *file;

	(void)self;
	return nth_test(i, &file)->descr;
}

/* Arrays are zero-padded: the program ends at the last slot that is not zero. */
static uint32_t
array_length(const struct bpf_insn *in)
{
	uint32_t n = MAX_INSNS - 1;

	while (n > 0 && !in[n].code && !in[n].imm)
		n--;
	return n + 1;
}

static void
set_insns(struct image *im, struct image_prog *p, struct bpf_test *t)
{
	if (t->fill_helper) {
		t->fill_insns = arena_array(im->arena, struct bpf_insn, MAX_TEST_INSNS);
		t->fill_helper(t);
		p->insns = t->fill_insns;
		p->ninsns = (uint32_t)t->prog_len;
		return;
	}
	p->ninsns = array_length(t->insns);
	p->insns = arena_array(im->arena, struct bpf_insn, p->ninsns);
	memcpy(p->insns, t->insns, p->ninsns * sizeof t->insns[0]);
}

static void
set_prog_btf(struct image *im, struct image_prog *p, const struct bpf_test *t)
{
	uint32_t n = 0;
	struct bpf_func_info *fi;

	while (n < MAX_BTF_TYPES && t->btf_types[n] != BTF_END_RAW)
		n++;
	set_btf(im, t->btf_types, n, t->btf_strings, sizeof t->btf_strings);
	fi = arena_array(im->arena, struct bpf_func_info, MAX_FUNC_INFOS);
	memcpy(fi, t->func_info, sizeof t->func_info);
	p->func_info = fi;
	p->nfunc_info = (uint32_t)t->func_info_cnt;
}

static uint32_t
load_flags(uint32_t f)
{
	uint32_t flags = BPF_F_TEST_RND_HI32 | (f & ~3u);

	if (f & F_LOAD_WITH_STRICT_ALIGNMENT)
		flags |= BPF_F_STRICT_ALIGNMENT;
	if (f & F_NEEDS_EFFICIENT_UNALIGNED_ACCESS)
		flags |= BPF_F_ANY_ALIGNMENT;
	return flags;
}

static void
set_expectation(struct corpus_case *c, const struct bpf_test *t)
{
	c->expect = t->result == REJECT ? EXPECT_REJECT : EXPECT_ACCEPT;
	c->text = t->errstr;
	c->expect_unpriv = c->expect;
	if (t->result_unpriv != UNDEF)
		c->expect_unpriv = t->result_unpriv == REJECT ? EXPECT_REJECT : EXPECT_ACCEPT;
	c->text_unpriv = t->errstr_unpriv ? t->errstr_unpriv : t->errstr;
	c->unpriv = !t->prog_type || t->prog_type == BPF_PROG_TYPE_SOCKET_FILTER ||
		    t->prog_type == BPF_PROG_TYPE_CGROUP_SKB;
}

static void
get_array(void *self, uint32_t i, struct arena *a, struct corpus_case *c)
{
	const char *file = NULL;
	struct bpf_test t = *nth_test(i, &file);
	struct image *im = arena_new(a, struct image);
	struct image_prog *p = arena_new(a, struct image_prog);

	(void)self;
	im->arena = a;
	*c = (struct corpus_case){.name = t.descr, .file = file, .im = im, .prog = p};
	set_insns(im, p, &t);
	p->src = arena_array(a, span, p->ninsns);
	p->name = "test";
	p->license = "GPL";
	p->type = t.prog_type ? t.prog_type : BPF_PROG_TYPE_SOCKET_FILTER;
	p->expected_attach = t.expected_attach_type;
	p->flags = load_flags(t.flags);
	p->sleepable = p->flags & BPF_F_SLEEPABLE;
	if (p->type == BPF_PROG_TYPE_TRACING || p->type == BPF_PROG_TYPE_LSM)
		p->attach_target = t.kfunc;
	if (t.btf_types[0])
		set_prog_btf(im, p, &t);
	fix_all(im, p, &t);
	vec_push(a, &im->progs, p);
	set_expectation(c, &t);
}

struct corpus
corpus_of_arrays(void)
{
	return (struct corpus){count_arrays(), array_name, get_array, NULL};
}

uint64_t
corpus_key(const struct corpus_case *c)
{
	const struct image_prog *p = c->prog;
	uint32_t head[] = {p->type, p->expected_attach, p->flags, c->im->maps.n};
	uint64_t h = str_hash((str){(const char *)p->insns, p->ninsns * sizeof *p->insns});

	h = h * 31 + str_hash((str){(const char *)head, sizeof head});
	h = h * 31 + str_hash(str_of(c->name));
	for (uint32_t i = 0; i < p->relocs.n; i++)
		h = h * 31 + (uint64_t)p->relocs.at[i].insn * 64 + p->relocs.at[i].map;
	return h;
}

/* SPDX-License-Identifier: MIT */
/* facts.c: the tables of the .def files, and finding rows in them.
 *
 * Everything is constant data: nothing is built at start-up. Ids index arrays; names are found
 * by comparing lengths first, which over the 211 helpers costs less than hashing would save;
 * the many constants are sorted and halved. */
#include "facts.h"

#include <ctype.h>

#ifdef __aarch64__
#define FACT_PT_REGS "user_pt_regs"
#else
#define FACT_PT_REGS "pt_regs"
#endif

#define COUNT(table) ((uint32_t)(sizeof(table) / sizeof *(table)))

static char
fold(char c)
{
	return c == '-' ? '_' : (char)tolower((unsigned char)c);
}

static bool
same_name(str a, const char *b, size_t n)
{
	if (a.n != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (fold(a.p[i]) != fold(b[i]))
			return false;
	}
	return true;
}

/* ---- helpers ------------------------------------------------------------------------ */

#define F_GPL FACT_HELPER_GPL
#define F_PKT FACT_HELPER_PKT
#define F_CHANGES_PKT FACT_HELPER_CHANGES_PKT
#define F_SLEEPS FACT_HELPER_SLEEPS
#define F_FASTCALL FACT_HELPER_FASTCALL
#define F_CAP_BPF FACT_HELPER_CAP_BPF
#define F_CAP_PERFMON FACT_HELPER_CAP_PERFMON
#define F_CAP_ADMIN FACT_HELPER_CAP_ADMIN
#define F_CONFIG FACT_HELPER_CONFIG
#define T(NAME) FACT_T(NAME)
#define ARGS(a, b, c, d, e) \
	{FACT_ARG_##a, FACT_ARG_##b, FACT_ARG_##c, FACT_ARG_##d, FACT_ARG_##e}
#define IS(a) (FACT_ARG_##a != FACT_ARG__)
#define MUST(a) (IS(a) && FACT_ARG_##a != FACT_ARG_OPT)

static const struct fact_helper helpers[] = {
#define HELPER(hid, hname, major, minor, hret, a, b, c, d, e, abtf, rbtf, hflags) \
	[hid] = { \
		.id = (hid), .name = #hname, .name_len = sizeof(#hname) - 1, \
		.nargs = IS(a) + IS(b) + IS(c) + IS(d) + IS(e), \
		.min_args = MUST(a) + MUST(b) + MUST(c) + MUST(d) + MUST(e), \
		.since = KVER(major, minor), \
		.proto = {FACT_RET_##hret, ARGS(a, b, c, d, e), (hflags), (abtf), (rbtf)}, \
	},
#define VARIANT(...)
#include "helpers.def"
};

static const struct {
	uint16_t id;
	uint64_t types;
	struct fact_proto proto;
} variants[] = {
#define HELPER(...)
#define VARIANT(hname, htypes, hret, a, b, c, d, e, abtf, rbtf, hflags) \
	{FACT_FN_##hname, (htypes), \
	 {FACT_RET_##hret, ARGS(a, b, c, d, e), (hflags), (abtf), (rbtf)}},
#include "helpers.def"
};

const struct fact_helper *
fact_helper(uint32_t id)
{
	return id < COUNT(helpers) && helpers[id].name ? &helpers[id] : NULL;
}

const struct fact_helper *
fact_helper_named(str name)
{
	for (uint32_t i = 1; i < COUNT(helpers); i++) {
		if (helpers[i].name_len == name.n &&
		    same_name(name, helpers[i].name, helpers[i].name_len))
			return &helpers[i];
	}
	return NULL;
}

uint32_t
fact_helper_count(void)
{
	return COUNT(helpers) - 1;
}

const struct fact_proto *
fact_helper_proto(uint32_t id, uint32_t prog_type)
{
	const struct fact_helper *h = fact_helper(id);

	if (!h)
		return NULL;
	for (uint32_t i = 0; i < COUNT(variants); i++) {
		if (variants[i].id == id && prog_type < 64 &&
		    (variants[i].types >> prog_type & 1))
			return &variants[i].proto;
	}
	return &h->proto;
}

static const struct {
	uint16_t id, since;
	uint64_t types;
} available[] = {
#define AVAIL(hname, major, minor, htypes) {FACT_FN_##hname, KVER(major, minor), (htypes)},
#define GONE(...)
#define ATTACH(...)
#include "helper_avail.def"
}, gone[] = {
#define AVAIL(...)
#define GONE(hname, major, minor, htypes) {FACT_FN_##hname, KVER(major, minor), (htypes)},
#define ATTACH(...)
#include "helper_avail.def"
};

#define A(NAME) (UINT64_C(1) << FACT_ATTACH_##NAME)
static const struct {
	uint16_t id, since;
	uint32_t type;
	uint64_t attach;
} attach_only[] = {
#define AVAIL(...)
#define GONE(...)
#define ATTACH(hname, TYPE, major, minor, mask) \
	{FACT_FN_##hname, KVER(major, minor), FACT_PROG_##TYPE, (mask)},
#include "helper_avail.def"
};
#undef A

bool
fact_helper_allowed(uint32_t id, uint32_t prog_type, uint32_t attach, uint16_t kernel)
{
	const struct fact_helper *h = fact_helper(id);
	const struct fact_prog_type *t = fact_prog_type(prog_type);
	uint64_t attach_mask = ~UINT64_C(0);
	bool listed = prog_type == FACT_PROG_EXT;

	if (!h || !t || kernel < h->since || kernel < t->since)
		return false;
	for (uint32_t i = 0; i < COUNT(available) && !listed; i++)
		listed = available[i].id == id && available[i].since <= kernel &&
			 available[i].types >> prog_type & 1;
	for (uint32_t i = 0; i < COUNT(gone) && prog_type != FACT_PROG_EXT; i++)
		listed &= gone[i].id != id || gone[i].since > kernel ||
			  !(gone[i].types >> prog_type & 1);
	for (uint32_t i = 0; i < COUNT(attach_only); i++) {
		if (attach_only[i].id == id && attach_only[i].type == prog_type &&
		    attach_only[i].since <= kernel)
			attach_mask = attach_only[i].attach;
	}
	return listed && attach < 64 && attach_mask >> attach & 1;
}

/* ---- kernel functions --------------------------------------------------------------- */

#define K_ACQUIRE FACT_KF_ACQUIRE
#define K_RELEASE FACT_KF_RELEASE
#define K_RET_NULL FACT_KF_RET_NULL
#define K_TRUSTED_ARGS FACT_KF_TRUSTED_ARGS
#define K_RCU FACT_KF_RCU
#define K_SLEEPABLE FACT_KF_SLEEPABLE
#define K_ITER_NEW FACT_KF_ITER_NEW
#define K_ITER_NEXT FACT_KF_ITER_NEXT
#define K_ITER_DESTROY FACT_KF_ITER_DESTROY
#define K_RCU_PROTECTED FACT_KF_RCU_PROTECTED
#define K_DESTRUCTIVE FACT_KF_DESTRUCTIVE
#define K_LOCK_SAFE FACT_KF_LOCK_SAFE
#define K_PERFMON FACT_KF_PERFMON

static const struct fact_kfunc kfuncs[] = {
#define KFUNC(kname, major, minor, ktypes, kflags) \
	{#kname, KVER(major, minor), (kflags), (ktypes)},
#include "kfuncs.def"
};

static bool
is_kfunc(uint32_t i, str name)
{
	return i < COUNT(kfuncs) && !strncmp(name.p, kfuncs[i].name, name.n) &&
	       !kfuncs[i].name[name.n];
}

const struct fact_kfunc *
fact_kfunc_named(str name)
{
	uint32_t lo = 0, hi = COUNT(kfuncs);

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c = strncmp(name.p, kfuncs[mid].name, name.n);

		if (c <= 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return is_kfunc(lo, name) ? &kfuncs[lo] : NULL;
}

const struct fact_kfunc *
fact_kfunc_on(str name, uint16_t kernel)
{
	const struct fact_kfunc *f = fact_kfunc_named(name);

	while (f && is_kfunc((uint32_t)(f - kfuncs) + 1, name) && f[1].since <= kernel)
		f++;
	return f;
}

const struct fact_kfunc *
fact_kfunc_at(uint32_t i)
{
	return i < COUNT(kfuncs) ? &kfuncs[i] : NULL;
}

/* ---- program, attach and map types -------------------------------------------------- */

static const struct fact_prog_type prog_types[] = {
#define PROG_TYPE(tid, NAME, tname, tctx, major, minor) \
	[tid] = {(tid), #tname, tctx, KVER(major, minor)},
#define PROG_ALIAS(...)
#include "prog_types.def"
};

static const struct {
	const char *name;
	uint32_t id;
} prog_aliases[] = {
#define PROG_TYPE(...)
#define PROG_ALIAS(other, NAME) {#other, FACT_PROG_##NAME},
#include "prog_types.def"
};

static const struct fact_attach_type attach_types[] = {
#define ATTACH_TYPE(tid, NAME, tname, major, minor) \
	[tid] = {(tid), #tname, KVER(major, minor)},
#include "attach_types.def"
};

static const struct fact_map_type map_types[] = {
#define MAP_TYPE(tid, NAME, tname, major, minor, cpu, nokey) \
	[tid] = {(tid), #tname, KVER(major, minor), (cpu), (nokey)},
#include "map_types.def"
};

const struct fact_prog_type *
fact_prog_type(uint32_t id)
{
	return id < COUNT(prog_types) && prog_types[id].name ? &prog_types[id] : NULL;
}

const struct fact_prog_type *
fact_prog_type_named(str name)
{
	for (uint32_t i = 1; i < COUNT(prog_types); i++) {
		if (same_name(name, prog_types[i].name, strlen(prog_types[i].name)))
			return &prog_types[i];
	}
	for (uint32_t i = 0; i < COUNT(prog_aliases); i++) {
		if (same_name(name, prog_aliases[i].name, strlen(prog_aliases[i].name)))
			return &prog_types[prog_aliases[i].id];
	}
	return NULL;
}

const struct fact_attach_type *
fact_attach_type(uint32_t id)
{
	return id < COUNT(attach_types) ? &attach_types[id] : NULL;
}

const struct fact_attach_type *
fact_attach_type_named(str name)
{
	for (uint32_t i = 0; i < COUNT(attach_types); i++) {
		if (same_name(name, attach_types[i].name, strlen(attach_types[i].name)))
			return &attach_types[i];
	}
	return NULL;
}

const struct fact_map_type *
fact_map_type(uint32_t id)
{
	return id < COUNT(map_types) && map_types[id].name ? &map_types[id] : NULL;
}

const struct fact_map_type *
fact_map_type_named(str name)
{
	for (uint32_t i = 1; i < COUNT(map_types); i++) {
		if (same_name(name, map_types[i].name, strlen(map_types[i].name)))
			return &map_types[i];
	}
	return NULL;
}

/* ---- sections ----------------------------------------------------------------------- */

enum {
	S_TARGET = 1, S_OPTIONAL = 2, S_SLEEPS = 4, S_FRAGS = 8, S_USDT = 16, S_BTF = 32,
	S_LABEL = 64,
	FACT_ATTACH_NONE = 0,
};

static const struct fact_section sections[] = {
#define SECTION(sname, TYPE, ATTACH, f) \
	{(sname), FACT_PROG_##TYPE, FACT_ATTACH_##ATTACH, .sleepable = ((f) & S_SLEEPS) != 0, \
	 .target = ((f) & S_TARGET) != 0, .attach_optional = ((f) & S_OPTIONAL) != 0, \
	 .frags = ((f) & S_FRAGS) != 0, .usdt = ((f) & S_USDT) != 0, \
	 .btf_target = ((f) & S_BTF) != 0, .label = ((f) & S_LABEL) != 0},
#include "sections.def"
};

const struct fact_section *
fact_section(str section, str *rest)
{
	const struct fact_section *best = NULL;
	size_t best_len = 0;

	for (uint32_t i = 0; i < COUNT(sections); i++) {
		const struct fact_section *s = &sections[i];
		size_t n = strlen(s->prefix);
		bool whole = section.n == n;
		bool more = (s->target || s->label) && section.n > n && section.p[n] == '/';

		if ((whole || more) && memcmp(section.p, s->prefix, n) == 0 && n >= best_len) {
			best = s;
			best_len = n;
		}
	}
	if (best && rest) {
		size_t skip = section.n > best_len ? best_len + 1 : best_len;

		*rest = (str){section.p + skip, section.n - skip};
	}
	return best;
}

const struct fact_section *
fact_section_at(uint32_t i)
{
	return i < COUNT(sections) ? &sections[i] : NULL;
}

/* ---- context fields ----------------------------------------------------------------- */

/* Each struct's rows are an array of their own; CTX opens it, END_CTX closes it. */
#define CTX(cname, bytes) static const struct fact_ctx_field ctx_##cname[] = {
#define FIELD(cname, fname, off, bytes, n, sign, write) \
	{.ctx = #cname, .name = #fname, .offset = (off), .size = (bytes), .count = (n), \
	 .is_signed = (sign), .writable = (write)},
#define END_CTX };
#include "ctx_fields.def"

static const struct {
	const char *name;
	const struct fact_ctx_field *fields;
	uint32_t n, size;
} ctxs[] = {
#define CTX(cname, bytes) {#cname, ctx_##cname, COUNT(ctx_##cname), (bytes)},
#define FIELD(...)
#define END_CTX
#include "ctx_fields.def"
};

const struct fact_ctx_field *
fact_ctx_fields(const char *ctx, uint32_t *n)
{
	*n = 0;
	for (uint32_t i = 0; ctx && i < COUNT(ctxs); i++) {
		if (strcmp(ctxs[i].name, ctx) == 0) {
			*n = ctxs[i].n;
			return ctxs[i].fields;
		}
	}
	return NULL;
}

uint32_t
fact_ctx_size(const char *ctx)
{
	for (uint32_t i = 0; ctx && i < COUNT(ctxs); i++) {
		if (strcmp(ctxs[i].name, ctx) == 0)
			return ctxs[i].size;
	}
	return 0;
}

/* ---- kernels ------------------------------------------------------------------------ */

static const struct fact_kernel kernels[] = {
#define KERNEL(major, minor) {KVER(major, minor), #major "." #minor},
#define FEATURE(...)
#include "kernels.def"
};

static const struct {
	uint16_t since;
	const char *what;
} features[] = {
#define KERNEL(...)
#define FEATURE(NAME, major, minor, text) {KVER(major, minor), (text)},
#include "kernels.def"
};

const struct fact_kernel *
fact_kernel_at(uint32_t i)
{
	return i < COUNT(kernels) ? &kernels[i] : NULL;
}

uint16_t
fact_feature_since(enum fact_feature f)
{
	return features[f].since;
}

const char *
fact_feature_what(enum fact_feature f)
{
	return features[f].what;
}

/* ---- constants ---------------------------------------------------------------------- */

static const struct {
	const char *name;
	int64_t value;
} constants[] = {
#define CONSTANT(cname, cvalue) {#cname, (cvalue)},
#include "constants.def"
};

/* As strcmp, the name folded to capitals and underscores. */
static int
compare(str a, const char *b)
{
	for (size_t i = 0; i < a.n; i++) {
		int c = a.p[i] == '-' ? '_' : toupper((unsigned char)a.p[i]);
		int d = (unsigned char)b[i];

		if (c != d)
			return c < d ? -1 : 1;
	}
	return b[a.n] ? -1 : 0;
}

bool
fact_constant(str name, int64_t *value)
{
	uint32_t lo = 0, hi = COUNT(constants);

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c = compare(name, constants[mid].name);

		if (c == 0) {
			*value = constants[mid].value;
			return true;
		}
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return false;
}

const char *
fact_constant_name(uint32_t i)
{
	return i < COUNT(constants) ? constants[i].name : NULL;
}

/* SPDX-License-Identifier: MIT */
/* errors.c: the one way to say no.
 *
 * Every rejection is a row of errors.def. The row's text, formatted, is what the kernel's log
 * would end with; its headline and help are what a person reads. When several rows are
 * reported for one fault (the kernel often prints a general line after a specific one), the
 * first gives the code and the last the kernel's final words. */
#include "env.h"

#include <stdio.h>

struct err_row {
	const char *code;
	enum vs_kind kind;
	int err;
	const char *text, *headline, *help;
};

static const struct err_row rows[VS_E_COUNT] = {
#define ERR(code, name, kind, err, text, head, help) \
	[VS_E_##name] = {code, VK_##kind, err, text, head, help},
#include "errors.def"
#include "errors_rules.def"
#undef ERR
};

/* What a kernel says in place of a row's text; null: nothing. */
static const struct variant {
	enum vs_err row;
	uint16_t from, until;
	const char *text;
} variants[] = {
#define SAID(name, from, until, text) {VS_E_##name, from, until, text},
#include "errors_kernels.def"
#undef SAID
};

static const char *
text_of(const struct vs_env *env, enum vs_err e)
{
	uint16_t k = env->prof.kernel;

	for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
		if (variants[i].row == e && k >= variants[i].from &&
		    (!variants[i].until || k < variants[i].until))
			return variants[i].text;
	return rows[e].text;
}

/* The kernel's words, also put into the log. Where it has none, its last words stand. */
static const char *
format(struct vs_env *env, enum vs_err e, va_list ap)
{
	const char *words = text_of(env, e), *text;

	if (!words)
		return env->r->kernel_message;
	text = arena_vprintf(env->a, words, ap);

	if (vs_logs(env)) {
		buf_puts(&env->log, text);
		buf_putc(&env->log, '\n');
	}
	return text;
}

/* The values a text was made of, as data; `R%d` names the register. */
static void
keep_values(struct vs_fault *f, const char *text, va_list ap)
{
	f->nargs = 0;
	for (const char *p = text; (p = strchr(p, '%')) && f->nargs < 8; p++) {
		bool is_reg = p > text && p[-1] == 'R', wide;
		size_t n = strspn(p + 1, "0123456789.-+# ");

		wide = p[n + 1] == 'l';
		p += n + 1 + strspn(p + n + 1, "l");
		if (*p == '%')
			continue;
		f->texts[f->nargs] = NULL;
		f->args[f->nargs] = 0;
		if (*p == 's')
			f->texts[f->nargs] = va_arg(ap, const char *);
		else if (wide)
			f->args[f->nargs] = va_arg(ap, long long);
		else if (*p == 'u' || *p == 'x')
			f->args[f->nargs] = va_arg(ap, unsigned);
		else
			f->args[f->nargs] = va_arg(ap, int);
		if (is_reg && f->args[f->nargs] >= 0 && f->args[f->nargs] < VS_REGS)
			f->reg = (int)f->args[f->nargs];
		f->nargs++;
	}
}

/* Remember a rejection for its explanation. Of several rows the first gives the values; a
 * later one may still name the register. */
static void
keep_fault(struct vs_env *env, enum vs_err e, va_list ap)
{
	struct vs_fault later = {.reg = -1}, *f = env->failed ? &later : &env->fault;

	f->reg = -1;
	keep_values(f, rows[e].text, ap);
	env->fault.last = e;
	if (!env->failed) {
		f->first = e;
		f->kind = rows[e].kind;
	} else if (env->fault.reg < 0) {
		env->fault.reg = later.reg;
	}
}

void
vs_say(struct vs_env *env, enum vs_err e, ...)
{
	va_list ap;

	va_start(ap, e);
	env->r->kernel_message = format(env, e, ap);
	va_end(ap);
}

int
vs_reject(struct vs_env *env, enum vs_err e, ...)
{
	struct verify_result *r = env->r;
	const char *text;
	va_list ap;

	va_start(ap, e);
	text = format(env, e, ap);
	va_end(ap);
	if (env->watch) {
		va_start(ap, e);
		keep_fault(env, e, ap);
		va_end(ap);
	}
	if (env->failed && r->verdict != VERDICT_REJECT)
		return r->err;	/* unknown and bug stand, whatever follows from them */
	r->kernel_message = text;
	if (!env->failed) {
		env->failed = true;
		r->verdict = VERDICT_REJECT;
		r->code = rows[e].code;
		r->insn = env->insn_idx;
		r->err = -rows[e].err;
	}
	return r->err;
}

static int
stop(struct vs_env *env, enum verdict v, const char *fmt, va_list ap)
{
	struct verify_result *r = env->r;

	if (!env->failed || r->verdict == VERDICT_REJECT) {
		env->failed = true;
		r->verdict = v;
		r->unknown = arena_vprintf(env->a, fmt, ap);
		r->insn = env->insn_idx;
		r->err = -ENOTSUP;
		r->code = NULL;
	}
	return r->err;
}

int
vs_unknown(struct vs_env *env, const char *fmt, ...)
{
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = stop(env, VERDICT_UNKNOWN, fmt, ap);
	va_end(ap);
	return err;
}

int
vs_bug(struct vs_env *env, const char *fmt, ...)
{
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = stop(env, VERDICT_BUG, fmt, ap);
	va_end(ap);
	return err;
}

static const struct err_row *
row_of(const char *code)
{
	for (size_t i = 0; code && i < VS_E_COUNT; i++)
		if (!strcmp(rows[i].code, code))
			return &rows[i];
	return NULL;
}

const char *
vs_kind_words(enum vs_kind kind)
{
	static const char *const words[] = {
#define KIND(name, words, where, explain, no_page) [VK_##name] = words,
#include "verifier-sim/explain/kinds.def"
#undef KIND
	};

	return words[kind];
}

const char *
verify_no_page(const char *code)
{
	static const char *const reasons[] = {
#define KIND(name, words, where, explain, no_page) [VK_##name] = no_page,
#include "verifier-sim/explain/kinds.def"
#undef KIND
	};

	return verify_page(code) ? NULL : reasons[vs_kind_of(code)];
}

enum vs_kind
vs_kind_of(const char *code)
{
	const struct err_row *r = row_of(code);

	return r ? r->kind : VK_SHAPE;
}

bool
vs_kind_runs(enum vs_kind kind)
{
	enum { RULE, RUN };
	static const bool runs[] = {
#define KIND(name, words, where, explain, no_page) [VK_##name] = where,
#include "verifier-sim/explain/kinds.def"
#undef KIND
	};

	return runs[kind];
}

const char *
verify_headline(const char *code)
{
	const struct err_row *r = row_of(code);

	return r ? r->headline : NULL;
}

const char *
verify_help(const char *code)
{
	const struct err_row *r = row_of(code);

	return r ? r->help : NULL;
}

const char *
verify_text(const char *code)
{
	const struct err_row *r = row_of(code);

	return r ? r->text : NULL;
}

const char *
verify_code_at(uint32_t i)
{
	return i < VS_E_COUNT ? rows[i].code : NULL;
}

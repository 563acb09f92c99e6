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
	int err;
	const char *text, *headline, *help;
};

static const struct err_row rows[VS_E_COUNT] = {
#define ERR(code, name, err, text, head, help) [VS_E_##name] = {code, err, text, head, help},
#include "errors.def"
#include "errors_rules.def"
#undef ERR
};

static const char *
format(struct vs_env *env, enum vs_err e, va_list ap)
{
	const char *text = arena_vprintf(env->a, rows[e].text, ap);

	if (vs_logs(env)) {
		buf_puts(&env->log, text);
		buf_putc(&env->log, '\n');
	}
	return text;
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
verify_code_at(uint32_t i)
{
	return i < VS_E_COUNT ? rows[i].code : NULL;
}

/* SPDX-License-Identifier: MIT */
/* page.c: see page.h. */
#include "page.h"

#include "base/buf.h"
#include "base/suggest.h"
#include "compile/compile.h"
#include "verifier-sim/verify.h"

#include <ctype.h>
#include <stdio.h>

static void
section(struct buf *b, const char *head, const char *text)
{
	if (!text || !*text)
		return;
	buf_printf(b, "\n%s\n\n", head);
	while (*text) {
		size_t n = strcspn(text, "\n");

		buf_printf(b, n ? "    %.*s\n" : "%.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void
verifier_page(struct buf *b, const char *code)
{
	const struct vs_page *p = verify_page(code);
	const char *help = verify_help(code);

	buf_printf(b, "%s: %s\n", code, verify_headline(code));
	if (p) {
		section(b, "What the rule protects", p->protects);
		section(b, "A program that fails", p->fails);
		section(b, "The same, accepted", p->passes);
		section(b, "Kernels", p->kernels);
	} else {
		section(b, "What helps", help);
		section(b, "Why no program is shown", verify_no_page(code));
	}
	section(b, "In the kernel's log (%d and the like stand for values)", verify_text(code));
}

static int
unknown_code(const char *code)
{
	struct suggest near = suggest_start(str_of(code));
	const char *c;

	for (uint32_t i = 0; (c = verify_code_at(i)); i++)
		suggest_offer(&near, str_of(c));
	if (near.best.p)
		return cli_usage("there is no code `%s`; did you mean %.*s?", code,
				 STR_ARG(near.best));
	return cli_usage("there is no code `%s`: V, C and four digits", code);
}

int
page_print(struct cli *c, const char *given)
{
	char code[16] = "";
	const char *headline, *text;
	struct arena a;
	struct buf b;

	(void)c;
	for (size_t i = 0; given[i] && i + 1 < sizeof code; i++)
		code[i] = (char)toupper((unsigned char)given[i]);
	arena_init(&a);
	b = buf_new(&a);
	if (verify_headline(code)) {
		verifier_page(&b, code);
	} else if (compile_explain(str_of(code), &headline, &text)) {
		buf_printf(&b, "%s: %s\n", code, headline);
		section(&b, "What it means", text);
	} else {
		arena_free(&a);
		return unknown_code(given);
	}
	fwrite(b.at, 1, b.n, stdout);
	arena_free(&a);
	return STATUS_OK;
}

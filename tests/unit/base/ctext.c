/* SPDX-License-Identifier: MIT */
/* ctext.c: places in C sources as compilers give them, and what stands there. */
#include "base/ctext.h"

#include <criterion/criterion.h>

static struct arena arena;

static struct ctext
read_c(const char *text)
{
	struct ctext c;

	ctext_read(&c, str_of(text), &arena);
	return c;
}

/* The token where `needle` begins, at its nth occurrence. */
static uint32_t
at(const struct ctext *c, const char *needle, int nth)
{
	const char *p = c->text.p - 1;

	do {
		p = strstr(p + 1, needle);
	} while (nth-- > 0);
	return ct_at(c, (uint32_t)(p - c->text.p));
}

static const char *
access_at(const char *text, const char *needle)
{
	struct ctext c = read_c(text);
	const char *got = ct_print(&c, ct_access(&c, at(&c, needle, 0)), &arena);

	return got ? got : "";
}

Test(ctext, access)
{
	arena_init(&arena);
	cr_assert_str_eq(access_at("x = ip->protocol;", "protocol"), "ip->protocol");
	cr_assert_str_eq(access_at("counts[ip->protocol]++;", "++"), "counts[ip->protocol]");
	cr_assert_str_eq(access_at("e->name[n - 1] = '/';", "= '"), "e->name[n - 1]");
	cr_assert_str_eq(access_at("*ts = 0;", "= 0"), "*ts");
	cr_assert_str_eq(access_at("(*value)++;", "++"), "*value");
	cr_assert_str_eq(access_at("sum += *word++;", "*word"), "*word");
	cr_assert_str_eq(access_at("if (p[0] == 'a' && p[1] == 'b')", "p[1]"), "p[1]");
	cr_assert_str_eq(access_at("x = f(a)->b.c[3];", "c[3]"), "f(a)->b.c[3]");
	cr_assert_str_eq(access_at("if (sk->family == 10)", "family"), "sk->family");
	cr_assert_str_eq(access_at("return 1;", "return"), "");
	arena_free(&arena);
}

Test(ctext, statements)
{
	struct ct_statement s;
	struct ctext c;

	arena_init(&arena);
	c = read_c("int f(int a)\n{\n\tif (a)\n\t\tg(a);\n\telse if (b)\n\t\treturn 1;\n"
		   "\tfor (int i = 0; i < 3; i++) {\n\t\th(i);\n\t}\n"
		   "\tstruct s x = { .a = 1, .b = f(2) };\n\treturn 0;\n}\n");
	cr_assert(ct_statement(&c, at(&c, "g(a)", 0) + 2, &s));
	cr_assert_str_eq(ct_print(&c, (struct ct_range){s.first, s.last}, &arena), "g(a);");
	cr_assert(s.is_bare);
	cr_assert(ct_statement(&c, at(&c, "(a)\n", 0), &s));
	cr_assert(ct_is(&c, s.first, "if") && ct_is(&c, s.last - 1, "1") && !s.is_bare);
	cr_assert(ct_statement(&c, at(&c, "i < 3", 0), &s));
	cr_assert(ct_is(&c, s.first, "for") && ct_is(&c, s.last, "}"));
	cr_assert(ct_statement(&c, at(&c, "h(i)", 0), &s));
	cr_assert(!s.is_bare && ct_is(&c, s.last, ";"));
	cr_assert(ct_statement(&c, at(&c, "f(2)", 0), &s));
	cr_assert(ct_is(&c, s.first, "struct"));
	arena_free(&arena);
}

Test(ctext, functions_and_names)
{
	struct ct_function f;
	struct ct_range r;
	struct ctext c;

	arena_init(&arena);
	c = read_c("int g;\nSEC(\"xdp\")\nint prog(struct xdp_md *ctx)\n{\n"
		   "\tvoid *data = (void *)(long)ctx->data, *end = g_of(ctx, 1);\n"
		   "\treturn data > end;\n}\n");
	cr_assert(ct_function(&c, at(&c, "return", 0), &f));
	cr_assert(ct_is(&c, f.name, "prog") && ct_is(&c, f.first, "SEC"));
	cr_assert(ct_function(&c, at(&c, "}", 0), &f) && ct_is(&c, f.name, "prog"));
	cr_assert(ct_is(&c, ct_parameter(&c, &f, 0), "ctx"));
	r = ct_initial(&c, ct_declaration(&c, at(&c, "return", 0), str_of("end")));
	cr_assert_str_eq(ct_print(&c, r, &arena), "g_of(ctx, 1)");
	r = ct_argument(&c, r.first, 1);
	cr_assert_str_eq(ct_print(&c, r, &arena), "1");
	cr_assert(ct_is(&c, ct_declaration(&c, at(&c, "return", 0), str_of("g")) - 1, "int"));
	arena_free(&arena);
}

/* What is left out by a condition takes no part in the brackets. */
Test(ctext, conditional_parts)
{
	struct ct_statement s;
	struct ctext c;

	arena_init(&arena);
	c = read_c("int f(void)\n{\n#ifdef OTHER\n\tfor (;;) {\n#else\n\twhile (x) { // {\n#endif\n"
		   "\t\ty();\n\t}\n#if 0\n\t}}}\n#endif\n\tz();\n}\n#define M {\\\n {\nint g;\n");
	cr_assert(ct_statement(&c, at(&c, "y()", 0), &s));
	cr_assert(ct_statement(&c, c.toks.at[s.first].up, &s));
	cr_assert(ct_is(&c, s.first, "{"));
	cr_assert(ct_statement(&c, at(&c, "while", 0), &s));
	cr_assert(ct_is(&c, s.last, "}") && ct_is(&c, s.last + 1, "z"));
	cr_assert_eq(c.toks.at[at(&c, "int g", 0)].up, CT_NONE);
	arena_free(&arena);
}

Test(ctext, damaged_text_is_read_to_its_end)
{
	static const char *const bad[] = {"", ")", "((((", "}}}{", "\"", "'", "/*", "#if", "# else\n#endif",
					  "a[", "*", "->", "f(", "if (", "do", "else", "= {", "\\\n"};

	arena_init(&arena);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct ctext c = read_c(bad[i]);

		for (uint32_t t = 0; t < c.toks.n; t++) {
			struct ct_statement s;
			struct ct_function f;

			ct_access(&c, t);
			ct_postfix(&c, t);
			ct_argument(&c, t, 1);
			ct_statement(&c, t, &s);
			ct_function(&c, t, &f);
			ct_declaration(&c, t, str_of("a"));
			ct_initial(&c, t);
		}
	}
	arena_free(&arena);
}

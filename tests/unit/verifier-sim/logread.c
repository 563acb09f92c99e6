/* SPDX-License-Identifier: MIT */
/* log/read.c: verifier logs as kernels write them and as loggers and loaders wrap them. */
#include "base/buf.h"
#include "verifier-sim/log/read.h"
#include "verifier-sim/verify.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static struct log_read
parse_file(const char *name, struct arena *a)
{
	char path[128];
	char *text = arena_alloc(a, 1 << 16);
	struct log_read r;
	FILE *f;
	size_t n;

	snprintf(path, sizeof path, "tests/cases/logs/%s.log", name);
	f = fopen(path, "re");
	cr_assert(f, "%s", path);
	n = fread(text, 1, (1 << 16) - 1, f);
	fclose(f);
	log_parse(text, n, a, &r);
	return r;
}

static const struct {
	const char *name, *code;
	uint32_t insn;
	int reg;
	const char *message;
} logs[] = {
	{"plain-6.18", "V0106", 12, 6, "R6 offset is outside of the packet"},
	{"plain-5.4", "V0106", 5, 6, "R6 offset is outside of the packet"},
	{"branches-5.15", "V0101", 5, 0, "R0 invalid mem access 'map_value_or_null'"},
	{"report-7.3", "V0102", 0, 0, "R0 !read_ok"},
	{"journald", "V0106", 12, 6, "R6 offset is outside of the packet"},
	{"kubectl", "V0106", 12, 6, "R6 offset is outside of the packet"},
	{"libbpf", "V0106", 12, 6, "R6 offset is outside of the packet"},
	{"go-summary", "V0106", 12, 6, "R6 offset is outside of the packet"},
	{"go-full", "V0101", 1, 2, "R2 invalid mem access 'scalar'"},
	{"aya", "V0101", 1, 2, "R2 invalid mem access 'scalar'"},
	{"rust-debug", "V0106", 12, 6, "R6 offset is outside of the packet"},
	{"json-line", "V0106", 12, 6, "R6 offset is outside of the packet"},
	{"bpftool-7.3-null", "V0101", 8, 6, "R6 invalid mem access 'ringbuf_mem_or_null'"},
	{"bpftool-7.3-leak", "V0313", 61, -1,
	 "BPF_EXIT instruction in main prog would lead to reference leak"},
	{"bpftool-7.3-size", "V0510", 15, 2,
	 "R2 min value is negative, either use unsigned or 'var &= const'"},
	{"bpftool-7.3-return", "V0808", 4, 0,
	 "At program exit the register R0 has smin=4294967295 smax=4294967295 should have been in "
	 "[0, 1]"},
	{"bpftool-6.1-moved", "V0101", 13, 6, "R6 invalid mem access 'scalar'"},
	{"bpftool-5.10-packet", "V0106", 12, 1, "R1 offset is outside of the packet"},
	{"bpftool-5.10-size", "V0510", 15, 2,
	 "R2 min value is negative, either use unsigned or 'var &= const'"},
	{"docker-lines", "V0106", 12, 6, "R6 offset is outside of the packet"},
	{"journal-json", "V0106", 12, 6, "R6 offset is outside of the packet"},
	{"go-joined", "V0106", 12, 6, "R6 offset is outside of the packet"},
	{"attempt-5.15", "V0160", LOG_NO_INSN, -1,
	 "math between map_value pointer and register with unbounded min value is not allowed"},
	{"c-message", "V0024", LOG_NO_INSN, -1, "jump out of range from insn 8 to 584"},
	{"cut-start", "V0106", 12, 6, "R6 offset is outside of the packet"},
};

Test(logread, every_wrapping_is_taken_off)
{
	for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) {
		struct arena a;
		struct log_read r;

		arena_init(&a);
		r = parse_file(logs[i].name, &a);
		cr_expect_str_eq(r.code ? r.code : "", logs[i].code, "%s: %s", logs[i].name, r.code);
		cr_expect(r.insn == logs[i].insn, "%s: instruction %u", logs[i].name, r.insn);
		cr_expect(r.reg == logs[i].reg, "%s: register %d", logs[i].name, r.reg);
		cr_expect_str_eq(r.message ? r.message : "", logs[i].message, "%s", logs[i].name);
		arena_free(&a);
	}
}

Test(logread, a_path_begins_where_it_left_another)
{
	struct arena a;
	struct log_read r;

	arena_init(&a);
	r = parse_file("branches-5.15", &a);
	cr_assert(r.path.n == 4);
	cr_expect(r.path.at[2].insn == 2 && r.path.at[3].insn == 5);
	cr_expect_str_eq(log_register(&a, r.path.at, r.path.n, 0),
			 "a map's value, or null; the value has 8 bytes");
	cr_expect_str_eq(log_register(&a, r.path.at, r.path.n, 6),
			 "a number from 256 to 4294967295");
	arena_free(&a);
}

Test(logread, sources_reports_and_cuts_are_seen)
{
	struct arena a;
	struct log_read r;

	arena_init(&a);
	r = parse_file("report-7.3", &a);
	cr_expect_str_eq(r.problem, "Register Type Safety: Unreadable register");
	cr_expect(r.reason && strstr(r.reason, "never been initialized"));
	cr_expect_str_eq(r.suggestion, "Initialize R0 on every path before this instruction.");
	cr_expect(r.sources.n == 1 && r.sources.at[0].line == 4);
	cr_expect_str_eq(r.sources.at[0].file, "prog.c");
	r = parse_file("bpftool-7.3-leak", &a);
	cr_expect_str_eq(r.problem, "Resource Lifetime Safety: Unreleased resource");
	cr_expect(r.suggestion && !strstr(r.suggestion, "BPF_EXIT"));
	r = parse_file("cut-end", &a);
	cr_expect(r.cut_end && !r.message && !r.cut_start);
	r = parse_file("cut-start", &a);
	cr_expect(r.cut_start && !r.cut_end);
	r = parse_file("core", &a);
	cr_expect(r.core && strstr(r.core, "task_struct.nosuch"));
	r = parse_file("libbpf", &a);
	cr_expect_str_eq(r.program, "prog");
	arena_free(&a);
}

/* A row's text with values put in is found again: as that row, or as one with the same text. */
Test(logread, every_row_is_found_by_its_own_text)
{
	const char *code;

	for (uint32_t i = 0; (code = verify_code_at(i)); i++) {
		const char *fmt = verify_text(code);
		struct log_match m;
		struct arena a;
		struct buf b;

		if (strlen(fmt) < 16 || strchr(fmt, '\n'))
			continue;
		arena_init(&a);
		b = buf_new(&a);
		for (const char *p = fmt; *p; p++) {
			if (*p != '%') {
				buf_putc(&b, *p);
				continue;
			}
			p += 1 + strspn(p + 1, "0123456789.-+# l");
			buf_puts(&b, *p == 's' ? "abc" : *p == 'x' ? "1f" : *p == '%' ? "%" : "7");
		}
		cr_expect(log_match(buf_text(&b), &m), "%s: %s", code, b.at);
		arena_free(&a);
	}
}

/* Damaged logs give less, never a crash. */
Test(logread, damage_does_no_harm)
{
	for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) {
		struct arena a;
		struct log_read r;
		str text;

		arena_init(&a);
		r = parse_file(logs[i].name, &a);
		text = r.text;
		srand(7);
		for (int k = 0; k < 100; k++) {
			char *copy = arena_strndup(&a, text.p, text.n);
			struct log_read again;

			for (int j = 0; j < 8 && text.n; j++)
				copy[(size_t)rand() % text.n] = (char)rand();
			log_parse(copy, (size_t)rand() % (text.n + 1), &a, &again);
			log_register(&a, again.path.at, again.path.n, again.reg);
		}
		arena_free(&a);
	}
}

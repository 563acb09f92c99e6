/* SPDX-License-Identifier: MIT */
/* search.c: inputs are found for programs that fail on one, and for no others. */
#include "verifier-sim/search/search.h"
#include "image/asm.h"

#include <criterion/criterion.h>

static struct arena arena;

static uint32_t map_type = BPF_MAP_TYPE_HASH;

static struct vs_input
look(uint32_t type, const char *text, const char *code)
{
	struct image_map map = {.name = "m", .lisp_name = "m", .type = map_type,
				.key_size = 4, .value_size = 8, .max_entries = 16};
	struct verify_opts o = {.kernel = 6 << 8 | 18, .caps = VCAP_DEFAULT};
	struct image im = {.arena = &arena};
	struct image_prog p = {.name = "t", .lisp_name = "t", .type = type, .license = "GPL"};
	struct vs_explanation x;
	struct verify_result r;
	struct vs_input in;
	struct asm_out out;

	cr_assert(asm_text(str_of(text), &arena, &out), "line %u: %s", out.line, out.error);
	p.insns = out.insns.at;
	p.ninsns = out.insns.n;
	vec_push(&arena, &im.maps, &map);
	for (uint32_t i = 0; i < out.refs.n; i++)
		vec_push(&arena, &p.relocs, ((struct image_reloc){.insn = out.refs.at[i].insn,
								  .kind = out.refs.at[i].kind}));
	verify_prog(&im, &p, &o, &arena, &r);
	cr_assert(r.verdict == VERDICT_REJECT, "accepted:\n%s", text);
	cr_assert_str_eq(r.code, code);
	verify_explain(&im, &p, &o, &r, &arena, &x);
	verify_search(&im, &p, &r, &x, 0, &arena, &in);
	return in;
}

static void
begin(void)
{
	arena_init(&arena);
}

static void
finish(void)
{
	arena_free(&arena);
}

TestSuite(search, .init = begin, .fini = finish);

Test(search, a_packet_one_byte_too_short)
{
	struct vs_input in = look(BPF_PROG_TYPE_XDP,
		"r2 = *(u32 *)(r1 +0)\nr3 = *(u32 *)(r1 +4)\nr4 = r2\nr4 += 20\n"
		"if r4 > r3 goto out\nr0 = *(u8 *)(r2 +20)\nout:\nr0 = 2\nexit\n", "V0106");

	cr_assert(in.found && in.packet_len == 20, "%s", in.found ? in.text : "none");
}

Test(search, bytes_that_lead_past_a_test)
{
	struct vs_input in = look(BPF_PROG_TYPE_XDP,
		"r2 = *(u32 *)(r1 +0)\nr3 = *(u32 *)(r1 +4)\nr4 = r2\nr4 += 20\n"
		"if r4 > r3 goto out\nr5 = *(u16 *)(r2 +12)\nr5 = be16 r5\nif r5 != 0x86dd goto out\n"
		"r0 = *(u8 *)(r2 +53)\nout:\nr0 = 2\nexit\n", "V0106");

	cr_assert(in.found && in.packet[12] == 0x86 && in.packet[13] == 0xdd);
	cr_assert(in.packet_len < 54);
}

Test(search, a_key_that_is_not_there)
{
	struct vs_input in = look(BPF_PROG_TYPE_SOCKET_FILTER,
		"*(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map m\ncall map_lookup_elem\n"
		"r0 = *(u64 *)(r0 +0)\nr0 = 0\nexit\n", "V0101");

	cr_assert(in.found && strstr(in.text, "not in `m`"), "%s", in.found ? in.text : "none");
}

/* Whatever the packet holds, the offset is below the value's end: the verifier loses it in a
 * multiplication that it does not follow through division. */
Test(search, none_for_a_program_that_never_fails)
{
	struct vs_input in = look(BPF_PROG_TYPE_XDP,
		"r6 = r1\n*(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map m\n"
		"call map_lookup_elem\nif r0 == 0 goto out\nr1 = *(u32 *)(r6 +12)\nr2 = r1\n"
		"r2 ^= r1\nr1 &= 7\nr0 += r2\nr0 = *(u8 *)(r0 +0)\nout:\nr0 = 2\nexit\n", "V0110");

	cr_assert(!in.found && in.tries > 0, "%s", in.found ? in.text : "");
}

Test(search, a_loop_without_end)
{
	struct vs_input in = look(BPF_PROG_TYPE_SOCKET_FILTER,
		"r0 = 0\nr1 = 1\nagain:\nr0 += 1\nif r1 != 0 goto again\nexit\n", "V0302");

	cr_assert(in.found && strstr(in.fault, "for ever"));
}

Test(search, bytes_put_together_by_the_program)
{
	struct vs_input in = look(BPF_PROG_TYPE_XDP,
		"r2 = *(u32 *)(r1 +0)\nr3 = *(u32 *)(r1 +4)\nr4 = r2\nr4 += 14\n"
		"if r4 > r3 goto out\nr5 = *(u8 *)(r2 +12)\nr0 = *(u8 *)(r2 +13)\nr5 <<= 8\nr5 |= r0\n"
		"if r5 != 0x86dd goto out\nr0 = *(u8 *)(r2 +53)\nout:\nr0 = 2\nexit\n", "V0106");

	cr_assert(in.found && in.packet[12] == 0x86 && in.packet[13] == 0xdd);
}

Test(search, an_element_of_an_array_ends_where_the_next_begins)
{
	struct vs_input in;

	map_type = BPF_MAP_TYPE_ARRAY;
	in = look(BPF_PROG_TYPE_SOCKET_FILTER,
		"*(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map m\ncall map_lookup_elem\n"
		"if r0 == 0 goto out\nr0 = *(u64 *)(r0 +8)\nout:\nr0 = 0\nexit\n", "V0105");
	cr_assert(in.found, "none");
}

Test(search, what_does_not_matter_is_left_out)
{
	struct vs_input in = look(BPF_PROG_TYPE_XDP,
		"r2 = *(u32 *)(r1 +0)\nr3 = *(u32 *)(r1 +4)\nr4 = r2\nr4 += 34\n"
		"if r4 > r3 goto out\nr5 = *(u8 *)(r2 +14)\nr5 &= 15\nr5 <<= 2\nr2 += r5\n"
		"r0 = *(u8 *)(r2 +14)\nout:\nr0 = 2\nexit\n", "V0106");
	unsigned chosen = 0;

	cr_assert(in.found);
	for (uint32_t i = 0; i < in.packet_len; i++)
		chosen += in.packet[i] != 0;
	cr_assert_eq(chosen, 1, "%s", in.text);
}

Test(search, a_number_taken_for_an_address_is_not_looked_into)
{
	struct vs_input in = look(BPF_PROG_TYPE_RAW_TRACEPOINT,
		"r1 = *(u64 *)(r1 +8)\nr0 = *(u32 *)(r1 +64)\nr0 = 0\nexit\n", "V0101");

	cr_assert(!in.found && !in.tries);
}

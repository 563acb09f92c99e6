/* SPDX-License-Identifier: MIT */
/* target_btf.c: libFuzzer target: any bytes as BTF, every question asked of every type. */
#include "image/btf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
ask(struct btf *b, uint32_t id, struct buf *text)
{
	struct btf_field f;
	struct btf_param_of p;
	const char *name;
	uint32_t n, bits, encoding;
	int64_t v;

	btf_size(b, id);
	btf_resolve(b, id);
	btf_is_signed(b, id);
	btf_int(b, id, &bits, &encoding);
	btf_write_type(b, id, text);
	btf_find(b, str_of(btf_name(b, id)), BTF_KIND_UNKN);
	for (uint32_t i = 0; i < 64 && btf_member(b, id, i, &f); i++)
		btf_find_member(b, id, str_of(f.name), &f);
	for (uint32_t i = 0; i < 64 && btf_enumerator(b, id, i, &name, &v); i++)
		btf_find_enum_value(b, id, str_of(name), &v);
	for (uint32_t i = 0; i < 16 && btf_param(b, id, i, &p); i++)
		btf_size(b, p.type);
	btf_return_type(b, id);
	btf_secinfos(b, id, &n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct btf *b;

	arena_init(&a);
	b = btf_open(&a, data, size, NULL, NULL);
	for (uint32_t id = 0; b && id < btf_count(b) && id < 256; id++) {
		struct buf text = buf_new(&a);

		ask(b, id, &text);
	}
	arena_free(&a);
	return 0;
}

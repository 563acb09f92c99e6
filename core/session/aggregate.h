/* SPDX-License-Identifier: MIT */
/* aggregate.h: what an aggregation (core/compile/lower/agg.c) has gathered, merged over the
 * processors: one group for each combination of keys. */
#ifndef VEERY_AGGREGATE_H
#define VEERY_AGGREGATE_H

#include "internal.h"

struct agg_group {
	const unsigned char *key;	/* as in the map; null without keys */
	uint64_t n;			/* events; only for kinds that count them */
	uint64_t sum, least, most;	/* bits of signed numbers when agg.is_signed */
	uint64_t *rows;			/* histograms: agg_table.nrows of them */
};

struct agg_table {
	const struct image_agg *agg;
	const struct kenv_struct *keys;	/* null without keys */
	struct agg_group *at;		/* in order of key */
	uint32_t n, nrows;
};

bool agg_read(struct session *s, struct map *m, struct arena *a, struct agg_table *out, span at,
	      struct diags *ds);
/* The keys as Lisp has them: nil, the only one, or a list. */
value agg_key(struct session *s, const struct agg_table *t, const struct agg_group *g);
/* A number; for stats ((count . n) (avg . x) (min . x) (max . x) (sum . x)); for histograms
 * a list of (from to count), `from` nil in the row below the range, `to` nil in the last. */
value agg_value(struct session *s, const struct agg_table *t, const struct agg_group *g);
/* The keys as a person reads them. */
const char *agg_label(struct arena *a, const struct agg_table *t, const struct agg_group *g);
/* What orders groups when the largest are wanted; the bits of a signed number when signed. */
uint64_t agg_measure(const struct agg_table *t, const struct agg_group *g);
/* Bounds [from, to) of a histogram's row; false: open below (row 0) or above (the last). */
bool agg_row_from(const struct image_agg *agg, uint32_t row, int64_t *from);
bool agg_row_to(const struct image_agg *agg, uint32_t row, uint32_t nrows, int64_t *to);

#endif

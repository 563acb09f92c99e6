/* SPDX-License-Identifier: MIT */
/* json.h: just enough of a reader for what `veery check --json` prints. A value is the text
 * from its first byte on; null when there is none. */
#ifndef VEERY_REJECTIONS_JSON_H
#define VEERY_REJECTIONS_JSON_H

#include "base/arena.h"

#include <stdbool.h>

/* The member of an object, or null: also when the value is JSON's null. */
const char *json_member(const char *object, const char *key);
/* The i-th element of an array, or null. */
const char *json_element(const char *array, unsigned i);
/* A string without its quotes and escapes; "" for anything else. */
const char *json_string(const char *value, struct arena *a);
/* A number; 0 for anything else. */
unsigned long json_number(const char *value);
bool json_true(const char *value);

#endif

/* SPDX-License-Identifier: MIT */
/* json.c: see json.h. The text is trusted to be JSON: it is our own. */
#include "json.h"

#include "base/buf.h"

#include <stdlib.h>

static const char *
blank(const char *p)
{
	while (*p == ' ' || *p == '\n' || *p == ',' || *p == ':')
		p++;
	return p;
}

static const char *
after_string(const char *p)
{
	for (p++; *p && *p != '"'; p++)
		if (*p == '\\' && p[1])
			p++;
	return *p ? p + 1 : p;
}

/* Past the value that begins at p. */
static const char *
after(const char *p)
{
	int depth = 0;

	if (*p == '"')
		return after_string(p);
	if (*p != '{' && *p != '[') {
		while (*p && !strchr(",]} \n", *p))
			p++;
		return p;
	}
	do {
		if (*p == '"') {
			p = after_string(p);
			continue;
		}
		depth += (*p == '{' || *p == '[') - (*p == '}' || *p == ']');
		p++;
	} while (*p && depth);
	return p;
}

const char *
json_member(const char *object, const char *key)
{
	size_t n = strlen(key);

	if (!object || *object != '{')
		return NULL;
	for (const char *p = blank(object + 1); *p == '"';) {
		const char *name = p + 1, *value;

		p = after_string(p);
		value = blank(p);
		if ((size_t)(p - name) == n + 1 && memcmp(name, key, n) == 0)
			return strncmp(value, "null", 4) ? value : NULL;
		p = blank(after(value));
	}
	return NULL;
}

const char *
json_element(const char *array, unsigned i)
{
	if (!array || *array != '[')
		return NULL;
	for (const char *p = blank(array + 1); *p && *p != ']'; p = blank(after(p)))
		if (i-- == 0)
			return p;
	return NULL;
}

const char *
json_string(const char *value, struct arena *a)
{
	struct buf b = buf_new(a);

	if (!value || *value != '"')
		return "";
	for (const char *p = value + 1; *p && *p != '"'; p++) {
		static const char escapes[] = "n\nt\tr\rb\bf\f";
		const char *e;

		if (*p != '\\') {
			buf_putc(&b, *p);
			continue;
		}
		p++;
		e = strchr(escapes, *p);
		if (*p == 'u') {	/* control characters only: ours writes UTF-8 itself */
			char hex[5] = {p[1], p[2], p[3], p[4], 0};

			buf_putc(&b, (char)strtoul(hex, NULL, 16));
			p += 4;
		} else {
			buf_putc(&b, e && *p ? e[1] : *p);
		}
	}
	return buf_text(&b).p;
}

unsigned long
json_number(const char *value)
{
	return value ? strtoul(value, NULL, 10) : 0;
}

bool
json_true(const char *value)
{
	return value && strncmp(value, "true", 4) == 0;
}

/* SPDX-License-Identifier: MIT */
/* doc.c: how a name of the Lisp side is used, from where it is defined: the tables of C, the
 * text of the prelude, the program's own definitions. */
#include "lang/compiler.h"

/* One the program defined: ((name . params) . docstring or nil). */
static bool
own_doc(struct lisp *l, struct arena *a, value symbol, struct buf *out)
{
	value doc = lisp_get_property(l, symbol, l->s_doc);

	if (!is_cons(doc))
		return false;
	buf_str(out, lisp_print(l, a, car(doc), true));
	if (is_string(cdr(doc))) {
		buf_putc(out, '\n');
		buf_str(out, as_string(cdr(doc)));
	}
	return true;
}

/* Of what Common Lisp's books describe the number of arguments is enough. */
static void
builtin_doc(const struct builtin *b, struct buf *out)
{
	const char *plural = b->max == 1 || (b->max < 0 && b->min == 1) ? "" : "s";

	if (b->doc)
		buf_puts(out, b->doc);
	else if (b->max < 0)
		buf_printf(out, "%s: a function of %d argument%s or more", b->name, b->min, plural);
	else if (b->max > b->min)
		buf_printf(out, "%s: a function of %d to %d arguments", b->name, b->min, b->max);
	else
		buf_printf(out, "%s: a function of %d argument%s", b->name, b->min, plural);
}

str
lisp_doc(struct lisp *l, struct arena *a, str name)
{
	value symbol = make_symbol(l, name);
	struct symbol *s = as_symbol(symbol);
	const struct form_row *row = form_row(s->uform);
	struct buf out = buf_new(a);

	if (own_doc(l, a, symbol, &out))
		return buf_text(&out);
	if (is_object(s->macro, OBJ_BUILTIN))
		builtin_doc(OBJ(builtin, s->macro), &out);
	else if (is_object(s->function, OBJ_BUILTIN))
		builtin_doc(OBJ(builtin, s->function), &out);
	else if (row)
		buf_puts(&out, row->doc);
	/* A macro there may stand before a function of C; the host's forms stand before it. */
	if (!is_object(s->macro, OBJ_BUILTIN))
		prelude_doc(l, s, &out);
	return buf_text(&out);
}

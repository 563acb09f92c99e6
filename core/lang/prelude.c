/* SPDX-License-Identifier: MIT */
#include "lang/machine.h"
void
prelude_init(struct lisp *l)
{
	(void)l;
}
void
builtins_init(struct lisp *l)
{
	(void)l;
}
bool
lisp_eval(struct lisp *l, value form, value *out, struct diags *ds)
{
	(void)l;
	*out = form;
	diag_error(ds, "L0000", form_span(form), "evaluation comes with the machine");
	return false;
}
bool
lisp_is_condition(struct lisp *l, value type)
{
	(void)l; (void)type;
	return false;
}
void
lisp_condition_text(struct lisp *l, struct buf *b, value condition)
{
	(void)l; (void)b; (void)condition;
}

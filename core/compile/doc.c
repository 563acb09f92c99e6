/* SPDX-License-Identifier: MIT */
/* doc.c: what people ask about: forms, error codes, passes. */
#include "compile/compile.h"
#include "compile/forms.h"
#include "compile/passes/passes.h"

bool
compile_doc(str name, const char **syntax, const char **text)
{
	for (uint32_t i = 0; i < nkforms; i++) {
		if (str_is(name, kforms[i].name)) {
			*syntax = kforms[i].syntax;
			*text = kforms[i].doc;
			return true;
		}
	}
	return false;
}

static const struct { const char *code, *headline, *text; } errors[] = {
#define ERROR(code, headline, text) {#code, headline, text},
#include "compile/errors.def"
};

bool
compile_explain(str code, const char **headline, const char **text)
{
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		if (str_is(code, errors[i].code)) {
			*headline = errors[i].headline;
			*text = errors[i].text;
			return true;
		}
	}
	return false;
}

const char *
compile_form_name(uint32_t i)
{
	return i < nkforms ? kforms[i].name : NULL;
}

const char *
compile_pass_name(uint32_t i)
{
	return i < ir_npasses ? ir_passes[i].name : NULL;
}

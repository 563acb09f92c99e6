/* SPDX-License-Identifier: MIT */
/* render.h: diagnostics as text: for a terminal, for machines, for editors and grep. */
#ifndef VEERY_RENDER_H
#define VEERY_RENDER_H

#include "buf.h"
#include "diag.h"

struct render_opts {
	bool colour;
	unsigned width;		/* columns; 0 means 100 */
};

/* Headline, source lines with carets, notes, help, fixes, the kernel's words. */
void render_diag(struct buf *out, struct sources *s, const struct diag *d,
		 const struct render_opts *o);
/* A fix alone: the lines it takes away and those it puts in. */
void render_fix(struct buf *out, struct sources *s, const struct diag_fix *f,
		const struct render_opts *o);
/* Every diag, one blank line between. */
void render_diags(struct buf *out, struct sources *s, const struct diags *ds,
		  const struct render_opts *o);
/* file:line:column: error[CODE]: message */
void render_brief(struct buf *out, struct sources *s, const struct diag *d);
/* One JSON object, no newline: severity, code, message, at, labels, notes, helps, fixes,
 * real, kernel_message. Places are {file, line, column, end_line, end_column}. */
void render_json(struct buf *out, struct sources *s, const struct diag *d);
/* {"file":..., "line":...} of a span, or null. */
void render_json_place(struct buf *out, struct sources *s, span at);
/* [{"title":..., "verified":..., "edits":[{"file", "start", "end", "text"}]}], bytes from 0. */
void render_json_fixes(struct buf *out, struct sources *s, const struct diag *d);

#endif

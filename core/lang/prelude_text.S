/* SPDX-License-Identifier: MIT */
/* prelude_text.S: the prelude's source, in the binary. One line per file. */

	.macro file name, path
	.section .rodata
9:	.incbin "\path"
8:	.byte 0
7:	.asciz "\name"
	.section .data.rel.ro, "aw"
	.balign 8
	.quad 7b, 9b, 8b - 9b
	.endm

	.section .data.rel.ro, "aw"
	.balign 8
	.globl prelude_files
	.hidden prelude_files
prelude_files:
	file "prelude/lisp.lisp", "core/lang/prelude/lisp.lisp"
	file "prelude/kernel.lisp", "core/lang/prelude/kernel.lisp"
	file "prelude/session.lisp", "core/lang/prelude/session.lisp"
	.section .data.rel.ro, "aw"
	.quad 0, 0, 0

	.section .note.GNU-stack, "", @progbits

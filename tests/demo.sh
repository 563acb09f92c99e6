#!/bin/sh
# demo.sh VEERY: count system calls live; where bpf(2) is forbidden, show what would run.
veery=$1
here=$(dirname "$0")
if why=$("$veery" doctor --quiet 2>&1); then
	exec "$veery" run "$here/examples/syscalls.lisp"
fi
echo "This machine does not let us load programs:"
echo "$why" | sed 's/^/  /'
echo
echo "So here is what the demo compiles to, each run of instructions under its source line:"
exec "$veery" dis "$here/examples/syscalls.lisp"

#!/bin/sh
# Records of a ring buffer through a Lisp callback that counts them: bench/rings.sh [veery];
# needs the right to load programs. A million a second is the least.
echo "== ring records counted by a Lisp callback, CPU time"
"${1:-${B:-build}/veery}" run "$(dirname "$0")/rings.lisp"

#!/bin/sh
# SPDX-License-Identifier: MIT
# suite.sh: two thousand random programs through kernel and simulator (TAP).
set -u
B=${B:-build}
make -s B="$B" "$B/fuzz-verdict" >&2 || exit 1
out=$("$B/fuzz-verdict" 2000 --show 1 2>&1)
status=$?
echo "1..1"
case $out in
*skipped*) echo "ok - random programs # SKIP needs permission to load programs" ;;
*)
	[ $status -eq 0 ] && echo "ok - random programs" || echo "not ok - random programs"
	echo "$out" | sed 's/^/  /'
	;;
esac

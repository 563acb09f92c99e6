#!/bin/sh
# SPDX-License-Identifier: MIT
# suite.sh: two thousand random programs through kernel and simulator, and as many run with
# every register compared to what the simulator claimed; first, inputs that once failed (TAP).
set -u
B=${B:-build}
n=$((2000 / ${SLOWNESS:-1}))	# valgrind takes its time
targets=$(ls -d tests/fuzz/corpus-* | sed 's/.*corpus-//')
make -s B="$B" "$B/fuzz-verdict" "$B/fuzz-sound" $(printf "$B/replay-%s " $targets) >&2 || exit 1
echo "1..$((4 + $(echo $targets | wc -w)))"

for t in $targets; do
	set -- tests/fuzz/corpus-"$t"/*
	if out=$("$B/replay-$t" "$@" 2>&1); then
		echo "ok - past findings of the $t target ($#)"
	else
		echo "not ok - past findings of the $t target"
		echo "$out" | sed 's/^/  /'
	fi
done

once_failed()	# NAME PROGRAM SEED...
{
	name=$1 program=$2
	shift 2
	for seed; do
		out=$("$B/$program" 1 "$seed" 2>&1) || {
			echo "not ok - $name"
			echo "$out" | sed 's/^/  /'
			return
		}
		case $out in
		*skipped*) name="$name # SKIP needs permission to load programs" ; break ;;
		esac
	done
	echo "ok - $name"
}
once_failed "claims: seeds that once failed" fuzz-sound 1064278 1003137 1010348
once_failed "verdicts: seeds that once failed" fuzz-verdict 318838 311105

if out=$("$B/fuzz-sound" $n 2>&1); then echo "ok - $out"; else
	echo "not ok - claims hold when programs run"
	echo "$out" | sed 's/^/  /'
fi
out=$("$B/fuzz-verdict" $n --show 1 2>&1)
status=$?
case $out in
*skipped*) echo "ok - random programs # SKIP needs permission to load programs" ;;
*)
	[ $status -eq 0 ] && echo "ok - random programs" || echo "not ok - random programs"
	echo "$out" | sed 's/^/  /'
	;;
esac

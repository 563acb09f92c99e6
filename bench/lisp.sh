#!/bin/sh
# The Lisp machine beside Lua 5.4: bench/lisp.sh [veery] ; seconds of CPU time, best of seven
# rounds. The two take turns, so that what else the machine does hits both.
veery=${1:-build/veery}
dir=$(dirname "$0")/lisp

seconds() {
	bash -c 'TIMEFORMAT=%U; time "$@" >/dev/null 2>&1' x "$@" 2>&1
}

printf '%-10s %8s %8s %6s\n' program veery lua5.4 ratio
for lua in "$dir"/*.lua; do
	name=$(basename "$lua" .lua)
	for _ in 1 2 3 4 5 6 7; do
		echo "$name $(seconds "$veery" run "$dir/$name.lisp") $(seconds lua5.4 "$lua")"
	done | awk '
		NR == 1 || $2 < ours { ours = $2 }
		NR == 1 || $3 < theirs { theirs = $3 }
		END {
			ratio = ours / (theirs > 0 ? theirs : 0.001)
			printf "%-10s %8.3f %8.3f %6.2f\n", $1, ours, theirs, ratio
		}'
done

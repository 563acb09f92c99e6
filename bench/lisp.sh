#!/bin/sh
# The Lisp machine beside Lua 5.4: bench/lisp.sh [veery] ; best of three, seconds of CPU time.
veery=${1:-build/veery}
dir=$(dirname "$0")/lisp

best() {
	for _ in 1 2 3; do
		/usr/bin/env bash -c 'TIMEFORMAT=%U; time "$@" >/dev/null 2>&1' x "$@" 2>&1
	done | sort -n | head -1
}

printf '%-10s %8s %8s %6s\n' program veery lua5.4 ratio
for lua in "$dir"/*.lua; do
	name=$(basename "$lua" .lua)
	ours=$(best $veery run "$dir/$name.lisp")
	theirs=$(best lua5.4 "$lua")
	echo "$name $ours $theirs" |
		awk '{ printf "%-10s %8.3f %8.3f %6.2f\n", $1, $2, $3, $2 / ($3 > 0 ? $3 : 0.001) }'
done

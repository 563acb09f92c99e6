#!/bin/sh
# run.sh: every measurement, each against a named peer in the same run. `make bench`.
#   sh bench/run.sh compile      one of them: see the functions below
B=${B:-build}
veery=$B/veery
set -u
mkdir -p "$B/bench"
${CC:-gcc} -O2 -o "$B/bench/spawn" bench/spawn.c || exit 1

start() {
	echo "== start to first prompt and back, against /bin/true"
	"$B/bench/spawn" 200 "$veery" -e nil -- /bin/true
	echo "== veery check on a one-counter program"
	"$B/bench/spawn" 50 "$veery" check tests/examples/count-xdp.lisp -- /bin/true
}

compile() {
	echo "== text to bytes, against the kernel's BPF_PROG_LOAD of the same bytes"
	for f in tests/examples/count-xdp.lisp; do
		"$veery" bench "$f"
		"$veery" bench --json "$f" | sed -n \
			's/.*"load":{"min":[0-9]*,"median":\([0-9]*\).*"text_to_bytes":{"min":[0-9]*,"median":\([0-9]*\).*/\2 \1/p' |
			while read -r ours kernel; do
				echo "  text to bytes / BPF_PROG_LOAD = $(echo "$ours $kernel" | awk '{printf "%.2f", $1 / $2}')"
			done
	done
}

others() {	# scripts of their own, one subject each
	for s in bench/*.sh; do
		[ "$s" = bench/run.sh ] || B=$B sh "$s"
	done
}

if [ $# -gt 0 ]; then
	"$@"
else
	start
	compile
	others
fi

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

# Medians of every program that may be loaded here.
compile() {
	echo "== text to bytes, and to bytes that are checked, against the kernel's BPF_PROG_LOAD of them"
	printf '%-24s %8s %8s %8s   %6s %6s\n' "program" "bytes" "checked" "load" "b/load" "c/load"
	for f in tests/examples/count-xdp.lisp bench/code/*.lisp; do
		"$veery" bench --json "$f" | sed -n 's/.*"prog":"\([^"]*\)".*"check":{"min":[0-9]*,"median":\([0-9]*\).*"load":{"min":[0-9]*,"median":\([0-9]*\).*"text_to_bytes":{"min":[0-9]*,"median":\([0-9]*\).*/\1 \4 \2 \3/p'
	done | awk '{
		printf "%-24s %8.1f %8.1f %8.1f   %6.2f %6.2f\n", $1, $2 / 1e3, ($2 + $3) / 1e3,
			$4 / 1e3, $2 / $4, ($2 + $3) / $4
		a += log($2 / $4); b += log(($2 + $3) / $4); n++
	} END { if (n) printf "geometric mean %48.2f %6.2f\n", exp(a / n), exp(b / n) }'
}

# Does time grow as the program does? CPU time from text to an object file, the whole command.
growth() {
	echo "== CPU time to compile by size of the program"
	for n in 1000 3000 10000 30000; do
		awk -v n="$n" 'BEGIN {
			print "(defprog p (:type :xdp)\n  (let ((x (ctx rx-queue-index)))"
			for (i = 0; i < n; i++)
				printf "    (setf x (logxor (* x %d) (>> x %d)))\n", 2 * i + 3, i % 31 + 1
			print "    x))"
		}' >"$B/bench/grown.lisp"
		for _ in 1 2 3 4 5; do
			bash -c 'TIMEFORMAT="%U %S"; time "$@" >/dev/null 2>&1' x \
				"$veery" compile "$B/bench/grown.lisp" -o "$B/bench/grown.o" 2>&1
		done | awk -v insns="$("$veery" dis "$B/bench/grown.lisp" |
				sed -n '1s/.*, \([0-9]*\) instr.*/\1/p')" '
			NR == 1 || $1 + $2 < best { best = $1 + $2 }
			END { printf "  %7d instructions %7.1f ms, %4.2f us each\n", insns,
				best * 1e3, best * 1e6 / insns }'
	done
}

explain() {
	echo "== explaining a rejection: steps, tried fixes, inputs looked for"
	make -s B="$B" "$B/rejections" >&2 || exit 1
	mkdir -p "$B/tests/rejections"
	"$B/rejections" "$veery" "$B/tests/rejections" --times tests/rejections/lisp/*.lisp \
		tests/rejections/c/*.c | sed -n '/^not ok/p; s/^# \(a whole report\| *programs\|Lisp\|C\)/\1/p'
}

verify() {
	B=$B sh bench/verify.sh
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
	growth
	explain
	others
fi

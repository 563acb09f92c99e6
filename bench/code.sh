#!/bin/sh
# The code we make beside clang's: bench/code.sh. Each pair in code/ is one program in both
# languages; counted are instructions (eight bytes each), timed BPF_PROG_TEST_RUN over three
# packets, best of five rounds that take turns. CLANG and MCPU choose the peer.
set -u
B=${B:-build}
veery=$B/veery clang=${CLANG:-clang} mcpu=${MCPU:-v3}
dir=$(dirname "$0")/code out=$B/bench/code
command -v "$clang" >/dev/null || { echo "code: needs $clang"; exit 0; }
mkdir -p "$out/ours" "$out/clang"

cat >"$out/measure.lisp" <<'END'
;; Ethernet; then TCP SYN to 8080, UDP, ARP.
(defparameter *packets*
  (list (concatenate 'string "0202020202020606060606060800"
                     "450000280001000040060000" "0a0000010a000002"
                     "c3501f900000000000000000" "5002200000000000" "000000000000")
        (concatenate 'string "0202020202020606060606060800"
                     "450000240001000040110000" "0a0000030a000002"
                     "c350003500100000" "00000000000000000000000000000000000000000000")
        (concatenate 'string "0202020202020606060606060806"
                     "00010800060400010202020202020a000001"
                     "0606060606060a00000200000000000000000000000000000000")))
(defun packet-time (program)
  (loop for packet in *packets*
        sum (nth-value 2 (test-run program packet :repeat 100000))))
(defun rounds (program ours theirs)
  (let ((a nil) (b nil))
    (dotimes (i 5)
      (load-object ours) (push (packet-time program) a)
      (load-object theirs) (push (packet-time program) b))
    (format t "~d ~d~%" (reduce #'min a) (reduce #'min b))))
END

slots() {	# of the code in an object
	"$veery" dis "$1" | sed -n 's/^[^ ].*, \([0-9]*\) instructions,.*/\1/p' |
		awk '{ n += $1 } END { print n }'
}

printf '%-12s %6s %6s %6s   %8s %8s %6s\n' program veery "$clang" ratio 'ns' 'ns' ratio
for c in "$dir"/*.c; do
	name=$(basename "$c" .c)
	"$veery" compile "$dir/$name.lisp" -o "$out/ours/$name.o" >/dev/null || exit 1
	"$clang" -target bpf -O2 -g -mcpu="$mcpu" -Wno-unused-variable \
		-idirafter "/usr/include/$(uname -m)-linux-gnu" \
		-c "$c" -o "$out/clang/$name.o" || exit 1
	times="- -"
	if ! grep -q raw_tracepoint "$c"; then
		printf '(rounds "%s" "%s" "%s")\n' "$(echo "$name" | tr - _)" \
			"$out/ours/$name.o" "$out/clang/$name.o" | cat "$out/measure.lisp" - >"$out/run.lisp"
		times=$("$veery" run --allow-read "$out" "$out/run.lisp") || times="- -"
	fi
	echo "$name $(slots "$out/ours/$name.o") $(slots "$out/clang/$name.o") $times"
done | awk '{
	timed = $4 != "-"
	printf "%-12s %6d %6d %6.2f   %8s %8s %6s\n", $1, $2, $3, $2 / $3, $4, $5,
		timed ? sprintf("%.2f", $4 / $5) : "-"
	size += log($2 / $3); n++
	if (timed) { time += log($4 / $5); m++ }
	if ($2 > $3) longer++
} END {
	printf "geometric mean: instructions %.2f, time %.2f; longer than the peer: %d of %d\n",
		exp(size / n), m ? exp(time / m) : 0, longer, n
}'

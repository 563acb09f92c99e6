#!/bin/sh
# Whole commands beside other tools, those that are here: bpftrace; ply (PLY=PATH); Whistler
# (WHISTLER=its source, run by sbcl). Needs root: the second table loads and attaches.
B=${B:-build}
veery=${1:-$B/veery}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
PLY=${PLY:-$(command -v ply)}
${CC:-gcc} -O2 -o "$B/bench/spawn" bench/spawn.c || exit 1

if [ "$(id -u)" != 0 ]; then
	echo "peers: needs root" && exit 0
fi
# A mount name space of our own with tracefs, which the others need.
if [ -z "${PEERS_INSIDE:-}" ]; then
	PEERS_INSIDE=1 exec unshare -m sh -c 'mount -t tracefs tracefs /sys/kernel/tracing &&
		mount -t debugfs debugfs /sys/kernel/debug; exec sh "$@"' _ "$0" "$@"
fi

row() {	# row NAME RUNS THEIRS... : against $tmp/ours, a script of one line
	name=$1 runs=$2
	shift 2
	# shellcheck disable=SC2046 # the words of our command
	"$B/bench/spawn" "$runs" $(cat "$tmp/ours") -- "$@" | awk -v name="$name" '
		/median/ { for (i = 1; i < NF; i++) {
			if ($i == "median") m[++n] = $(i + 1)
			if ($i == "peak") p[n] = $(i + 1) } }
		END { printf "%-10s %10.1f %10.1f %8.1f %12.1f %10.1f\n", name, m[1] / 1e3, m[2] / 1e3,
			m[2] / m[1], p[1] / 1024, p[2] / 1024 }'
}

head='%-10s %10s %10s %8s %12s %10s\n'
echo "== one counter, from its text to bytes, and out again: milliseconds (median), peak MiB"
printf "$head" against ours theirs times "our peak" "theirs"
echo "$veery compile tests/examples/count-xdp.lisp -o $tmp/ours.o" >"$tmp/ours"
if [ -d "${WHISTLER:-}" ] && command -v sbcl >/dev/null; then
	sbcl --noinform --non-interactive --eval '(require :asdf)' \
		--eval "(push #p\"$WHISTLER/\" asdf:*central-registry*)" \
		--eval '(asdf:load-system "whistler")' --eval "(sb-ext:save-lisp-and-die
			\"$tmp/whistler\" :executable t :toplevel (lambda ()
				(whistler:compile-file* \"$WHISTLER/examples/count-xdp.lisp\" \"$tmp/theirs.o\")
				(sb-ext:exit)))" >/dev/null 2>&1
	[ -x "$tmp/whistler" ] && row whistler 20 "$tmp/whistler"
fi
[ -x "$PLY" ] && row ply 40 "$PLY" -e 'tracepoint:raw_syscalls/sys_enter { @[comm] = count(); }'
command -v bpftrace >/dev/null && row bpftrace 10 bpftrace -d -e \
	'tracepoint:raw_syscalls:sys_enter { @[comm] = count(); }'

echo "== system calls by command while true(1) runs: attach, run, print, leave"
printf "$head" against ours theirs times "our peak" "theirs"
cat >"$tmp/syscalls.lisp" <<'END'
(defstruct command (name (array u8 16)))
(defmap calls :type :hash :key (struct command) :value u64 :max-entries 1024)
(defprog entered (:type :tracepoint :section "tracepoint/raw_syscalls/sys_enter")
  (let ((c (make-command)))
    (get-current-comm c 16)
    (incf (getmap calls c))
    0))
(attach entered)
(run-program "true" nil)
(dump calls)
END
echo "$veery run --allow-run $tmp/syscalls.lisp" >"$tmp/ours"
$(cat "$tmp/ours") >"$tmp/out" 2>&1 || { cat "$tmp/out"; exit 1; }
[ -x "$PLY" ] && row ply 20 "$PLY" -c true 'tracepoint:raw_syscalls/sys_enter { @[comm] = count(); }'
command -v bpftrace >/dev/null && row bpftrace 10 bpftrace -c /bin/true -e \
	'tracepoint:raw_syscalls:sys_enter { @[comm] = count(); }'
exit 0

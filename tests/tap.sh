# tap.sh: for suite.sh scripts to source. Paths are relative to the repository's root.
B=${B:-build}
veery=${VEERY:-$B/veery}	# a wrapper stands in for it under valgrind
tests=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT INT TERM

pass() { tests=$((tests + 1)); echo "ok - $1"; }
fail() { tests=$((tests + 1)); echo "not ok - $1"; sed 's/^/  # /' "$tmp/out" "$tmp/err" 2>/dev/null | head -20; }
skip() { tests=$((tests + 1)); echo "ok - $1 # SKIP $2"; }
plan() { echo "1..$tests"; }

# run COMMAND...: output in $tmp/out and $tmp/err, status in $status.
run() { "$@" >"$tmp/out" 2>"$tmp/err" </dev/null; status=$?; }
# check NAME CONDITION...: the condition is a command.
check() { name=$1; shift; if "$@"; then pass "$name"; else fail "$name"; fi; }
out_has() { grep -qF -- "$1" "$tmp/out"; }
err_has() { grep -qF -- "$1" "$tmp/err"; }
status_is() { [ "$status" -eq "$1" ]; }
# Is bpf(2) to be had? Tests that load programs skip without it.
can_load() { "$veery" doctor --quiet >/dev/null 2>&1; }

#!/bin/sh
# run.sh: every suite, one summary. A suite prints TAP (https://testanything.org): the unit
# tests by Criterion, and every tests/*/suite.sh. B is the build directory; SUITES picks some.
set -u
B=${B:-build}
export B
mkdir -p "$B/tests"
passed=0 failed=0 skipped=0

count() {	# count FILE NAME STATUS
	p=$(grep -c '^ok' "$1") s=$(grep -cE '^ok .*# SKIP' "$1") f=$(grep -c '^not ok' "$1")
	plan=$(sed -n 's/^1\.\.\([0-9][0-9]*\).*/\1/p' "$1" | tail -n 1)
	p=$((p - s))
	# A suite that died, or ran fewer tests than it planned, has failed.
	if [ "$3" -ne 0 ] && [ "$f" -eq 0 ] || [ "$((p + s + f))" -lt "${plan:-1}" ]; then
		echo "not ok - $2 ended early (status $3): $(tail -n 1 "$1")"
		f=$((f + 1))
	fi
	grep -A 8 '^not ok' "$1" | grep -vE '^ok|^#'
	grep -E '^ok .*# SKIP' "$1" | sed 's/^ok - /skipped: /'
	printf '%-12s %5d passed, %d failed, %d skipped\n' "$2" "$p" "$f" "$s"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

suite() {	# suite NAME COMMAND...
	name=$1
	shift
	case " ${SUITES:-$name} " in *" $name "*) ;; *) return ;; esac
	"$@" >"$B/tests/$name.tap" 2>"$B/tests/$name.err"
	count "$B/tests/$name.tap" "$name" $?
}

# How long a test may take before it counts as hung: sanitizers slow it several times, and so
# does a collection after every allocation.
case ${MODE:-} in sanitize | gcstress) patience=900 ;; *) patience=120 ;; esac

unit() {
	"$B/unit" -q -j2 --timeout "$patience" --tap="$B/tests/unit.raw" >&2
	status=$?
	cat "$B/tests/unit.raw"
	return $status
}

suite unit unit
for s in tests/*/suite.sh; do
	[ -e "$s" ] && suite "$(basename "$(dirname "$s")")" sh "$s"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]

#!/bin/sh
# memcheck.sh: the unit tests, suite by suite, and the command-line tests under valgrind. An
# invalid access, a value read before it was written, or a block lost is a failure. Slow: for
# before a release. What valgrind cannot do is skipped with its reason. SUITES picks unit suites.
set -u
B=${B:-build}
logs=$B/tests/memcheck
rm -rf "$logs"
mkdir -p "$logs/bin"
command -v valgrind >/dev/null || { echo "0 passed, 0 failed, 1 skipped"; echo "needs valgrind"; exit 0; }
failed=0 passed=0 skipped=0

# Programs that tests start are not ours to judge.
others='*/ip,*/sh,*/cc,*/gcc*,*/clang*,*/bpftool,*/llvm*,*/unshare,*/mount'
grind() {	# grind LOGS COMMAND...
	name=$1
	shift
	valgrind -q --trace-children=yes --trace-children-skip="$others" --leak-check=full \
		--errors-for-leak-kinds=definite --suppressions=tests/valgrind.supp \
		--log-file="$logs/$name.%p" "$@"
}

verdict() {	# verdict NAME: by what the logs say
	found=$(cat "$logs/$1".* 2>/dev/null | grep -c '^==.*[^ ]')
	if [ "$found" -eq 0 ]; then
		echo "ok - $1 under valgrind"
		passed=$((passed + 1))
	else
		echo "not ok - $1 under valgrind"
		cat "$logs/$1".* | head -n 40 | sed 's/^/  # /'
		failed=$((failed + 1))
	fi
}

for suite in ${SUITES:-$("$B/unit" --list | sed -n 's/^\([a-z_]*\): [0-9].*/\1/p')}; do
	tests="$suite/*"
	case $suite in attach|live)
		# The breakpoints of uprobes are in code that valgrind translates.
		tests="$suite/!(*probe*)"
		echo "ok - uprobes of $suite under valgrind # SKIP needs untranslated code"
		skipped=$((skipped + 1))
	esac
	# The verdict is valgrind's, not that of the tests: bounds on time mean nothing here.
	grind "$suite" "$B/unit" -q -j2 --timeout 900 --filter "$tests" >"$logs/$suite.out" 2>&1
	verdict "$suite"
done

cat >"$logs/bin/veery" <<END
#!/bin/sh
exec valgrind -q --leak-check=full --errors-for-leak-kinds=definite \
	--suppressions=$PWD/tests/valgrind.supp --log-file=$PWD/$logs/cli.%p $PWD/$B/veery "\$@"
END
chmod +x "$logs/bin/veery"
[ -n "${SUITES:-}" ] || {
	VEERY="$logs/bin/veery" sh tests/cli/suite.sh >"$logs/cli.out" 2>&1
	verdict cli
}
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]

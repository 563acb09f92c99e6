#!/bin/sh
# memcheck.sh: the whole suite under valgrind. An invalid access, a value read before it was
# written, or a block lost is a failure; what the tests themselves find is `make test`'s to say.
# Slow: for before a release. What valgrind cannot do is skipped with its reason. SUITES picks
# suites: those of the unit tests by name, the others by their folder under tests/.
set -u
B=${B:-build}
logs=$B/tests/memcheck
rm -rf "$logs"
mkdir -p "$logs"
command -v valgrind >/dev/null || { echo "0 passed, 0 failed, 1 skipped"; echo "needs valgrind"; exit 0; }
failed=0 passed=0 skipped=0

# Programs that tests start are not ours to judge; the wrappers below start a valgrind of their own.
others='*-memcheck/*,*/ip,*/sh,*/cc,*/gcc*,*/clang*,*/bpftool,*/llvm*,*/unshare,*/mount,*/make'
options="-q --trace-children=yes --trace-children-skip=$others --leak-check=full
	--errors-for-leak-kinds=definite --suppressions=$PWD/tests/valgrind.supp"

# An ioctl that valgrind does not know is no finding: it says so in three lines.
findings() { cat "$logs/$1".* 2>/dev/null | sed '/unhandled ioctl/,/README_MISSING/d'; }

verdict() {	# verdict NAME: by what the logs say
	found=$(findings "$1" | grep -c '^==.*[^ ]')
	if [ "$found" -eq 0 ]; then
		echo "ok - $1 under valgrind"
		passed=$((passed + 1))
	else
		echo "not ok - $1 under valgrind"
		findings "$1" | head -n 40 | sed 's/^/  # /'
		failed=$((failed + 1))
	fi
}
chosen() { case " ${SUITES:-$1} " in *" $1 "*) ;; *) return 1 ;; esac; }

for suite in $("$B/unit" --list | sed -n 's/^\([a-z_]*\): [0-9].*/\1/p'); do
	chosen "$suite" || continue
	tests="$suite/*"
	case $suite in attach|live)
		# The breakpoints of uprobes are in code that valgrind translates.
		tests="$suite/!(*probe*)"
		echo "ok - uprobes of $suite under valgrind # SKIP needs untranslated code"
		skipped=$((skipped + 1))
	esac
	# shellcheck disable=SC2086
	valgrind $options --log-file="$logs/$suite.%p" \
		"$B/unit" -q -j2 --timeout 900 --filter "$tests" >"$logs/$suite.out" 2>&1
	verdict "$suite"
done

# The other suites start programs of $B: for them a build directory with wrappers in their place.
# Make finds nothing to do there, since a wrapper is newer than what its program is made of.
wrapped=$B-memcheck
for s in tests/*/suite.sh; do
	name=$(basename "$(dirname "$s")")
	chosen "$name" || continue
	rm -rf "$wrapped"
	mkdir "$wrapped"
	for f in "$B"/* "$B"/.ready; do
		ln -s "$PWD/$f" "$wrapped/"
		[ -f "$f" ] && [ -x "$f" ] || continue
		case $f in *.so) continue ;; esac
		rm "$wrapped/${f##*/}"
		cat >"$wrapped/${f##*/}" <<END
#!/bin/sh
exec valgrind $(echo $options) --log-file=$PWD/$logs/$name.%p $PWD/$f "\$@"
END
		chmod +x "$wrapped/${f##*/}"
	done
	B=$wrapped MODE=debug SLOWNESS=40 sh "$s" >"$logs/$name.out" 2>&1
	verdict "$name"
done
rm -rf "$wrapped"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]

#!/bin/bash
# tools/run_tests.sh in a small tree whose tests only pretend: what it counts and shows, that as many run at once as there
# are cores, and that a signal ends what it began.
set -uo pipefail

source_root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
export TMPDIR=$tree/temporary
build=$tree/build/release
failures=0
fail() {
    echo "run_tests.sh:${BASH_LINENO[-2]}: $*: $(cat "$tree/talk")"
    failures=$((failures + 1))
}
# pretends FILE: a program of the lines on standard input.
pretends() { mkdir -p "$(dirname "$tree/$1")" && { echo '#!/bin/bash' && cat; } >"$tree/$1" && chmod +x "$tree/$1"; }
# ends CODE [ARGUMENT...]: the tests end with this exit code.
ends() {
    local status=0
    "$tree/tools/run_tests.sh" "$build" "${@:2}" >"$tree/talk" 2>&1 || status=$?
    ((status == $1)) || fail "exit code $status instead of $1"
}
last_line() { [[ $(tail -n 1 "$tree/talk") == "$1" ]] || fail "the last line is not '$1'"; }

mkdir -p "$tree"/{tools,examples,temporary}
cp "$source_root/tools/run_tests.sh" "$tree/tools/"
touch "$tree/examples/tour.cpp"
pretends tools/count_lines.sh <<<'echo "counted lines"'
pretends build/release/bin/tapegrad_tests <<<'echo "3 ${FAILED:-0} 1 $FINISHED" >"$TAPEGRAD_TEST_COUNTS"'
pretends build/release/bin/tour <<<'exit 0'
pretends tests/a_test.sh <<<'exit 0'
pretends tests/folder/b_test.sh <<<'echo "it is an abacus"; exit "${CODE:-0}"'
export FINISHED=finished

ends 0
last_line "7 passed, 0 failed" # three unit tests, the example, two scripts and the budgets
grep -qx "1 skipped" "$tree/talk" || fail "the skipped test is not told"
grep -qx "counted lines" "$tree/talk" || fail "the budgets are not shown"
! grep -q "abacus" "$tree/talk" || fail "it shows the output of a test that passed"
CODE=3 ends 1
last_line "6 passed, 1 failed"
[[ $(grep -A 1 "it is an abacus" "$tree/talk") == *"FAILED: tests/folder/b_test.sh" ]] || fail "not what failed, and what it said"
FAILED=2 ends 1
last_line "7 passed, 2 failed"
FINISHED='' ends 1
last_line "7 passed, 1 failed"
ends 0 --run_test='nn_*'
last_line "3 passed, 0 failed"
rm "$tree/tests/a_test.sh"
pretends build/release/bin/tour <<<'exit 1'
ends 1
last_line "5 passed, 1 failed"

# awaits COMMAND...: until it succeeds, or in vain for ten seconds.
awaits() {
    local turn
    for ((turn = 0; turn < 1000; ++turn)); do ! "$@" 2>/dev/null || return 0; sleep 0.01; done
    return 1
}

# Two that wait for each other.
pretends bin/nproc <<<'echo 2'
pretends build/release/bin/tour <<<'touch "$TMPDIR/../one"; for ((i = 0; i < 1000; ++i)); do [[ ! -e $TMPDIR/../other ]] || exit 0; sleep 0.01; done; exit 1'
pretends tests/folder/b_test.sh <<<'touch "$TMPDIR/../other"; for ((i = 0; i < 1000; ++i)); do [[ ! -e $TMPDIR/../one ]] || exit 0; sleep 0.01; done; exit 1'
PATH=$tree/bin:$PATH ends 0

# As from a terminal: the signal goes to the group of run_tests.sh, not to the tests that it has begun.
pretends tests/folder/b_test.sh <<<'sleep 60 & echo $! >"$TMPDIR/../sleeper"; wait'
ended() { ! kill -0 "$(<"$tree/sleeper")"; }
for signal in INT TERM HUP; do
    rm -f "$tree/sleeper"
    set -m
    env --default-signal="$signal" "$tree/tools/run_tests.sh" "$build" >"$tree/talk" 2>&1 &
    group=$!
    set +m
    awaits test -s "$tree/sleeper" || fail "the test did not begin"
    kill -s "$signal" -- "-$group"
    wait "$group" 2>/dev/null
    status=$?
    ((status == 128 + $(kill -l "$signal"))) || fail "exit code $status after SIG$signal"
    awaits ended || fail "a test runs on after SIG$signal"
    [[ -z $(ls "$tree/temporary") ]] || fail "left behind: $(ls "$tree/temporary")"
done

exit $((failures > 0))

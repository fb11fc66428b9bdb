#!/bin/bash
# tools/run_tests.sh in a small tree whose tests only pretend: what it counts and shows, that as many run at once as there
# are cores, and that a signal ends what it began. $TAPEGRAD_BIN is the folder of the programs.
set -uo pipefail

program=train
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/expect.sh"
program=run_tests
tested=$scratch/tools/run_tests.sh
build=$scratch/build/release
# pretends FILE: a program of the lines on standard input.
pretends() { mkdir -p "$(dirname "$1")" && { echo '#!/bin/bash' && cat; } >"$1" && chmod +x "$1"; }
last_line() { [[ $(tail -n 1 out) == "$1" ]] || fail "the last line is not '$1': $(cat out)"; }

mkdir tools examples temporary
export TMPDIR=$scratch/temporary
cp "$root/tools/run_tests.sh" tools/
touch examples/tour.cpp
pretends tools/count_lines.sh <<<'echo "counted lines"'
pretends build/release/bin/tapegrad_tests <<<'echo "3 ${FAILED:-0} 1 $FINISHED" >"$TAPEGRAD_TEST_COUNTS"'
pretends build/release/bin/tour <<<'exit 0'
pretends tests/a_test.sh <<<'exit 0'
pretends tests/folder/b_test.sh <<<'echo "it is an abacus"; exit "${CODE:-0}"'
export FINISHED=finished

expect 0 -- "$build"
last_line "7 passed, 0 failed" # three unit tests, the example, two scripts and the budgets
prints '^1 skipped$'
prints '^counted lines$'
! grep -q "abacus" out || fail "it shows the output of a test that passed: $(cat out)"
CODE=3 expect 1 -- "$build"
last_line "6 passed, 1 failed"
[[ $(grep -A 1 "it is an abacus" out) == *"FAILED: tests/folder/b_test.sh" ]] || fail "not what failed, and what it said: $(cat out)"
FAILED=2 expect 1 -- "$build"
last_line "7 passed, 2 failed"
FINISHED='' expect 1 -- "$build"
last_line "7 passed, 1 failed"
expect 0 -- "$build" --run_test='nn_*'
last_line "3 passed, 0 failed"
rm tests/a_test.sh
pretends build/release/bin/tour <<<'exit 1'
expect 1 -- "$build"
last_line "5 passed, 1 failed"

# Two that wait for each other.
meets() { echo "touch $1; for ((i = 0; i < 1000; ++i)); do [[ ! -e $2 ]] || exit 0; sleep 0.01; done; exit 1"; }
pretends bin/nproc <<<'echo 2'
meets one other | pretends build/release/bin/tour
meets other one | pretends tests/folder/b_test.sh
PATH=$scratch/bin:$PATH expect 0 -- "$build"

# As from a terminal: the signal goes to the group of run_tests.sh, not to the tests that it has begun.
pretends tests/folder/b_test.sh <<<'{ sleep 20; touch survived; } & echo $! >sleeper; wait'
ended() { ! kill -0 "$(<sleeper)" 2>/dev/null; }
for signal in INT TERM HUP; do
    rm -f sleeper survived
    set -m
    env --default-signal="$signal" "$tested" "$build" >out 2>&1 &
    group=$!
    set +m
    await test -s sleeper
    kill -s "$signal" -- "-$group"
    wait "$group" 2>/dev/null
    status=$?
    ((status == 128 + $(kill -l "$signal"))) || fail "exit code $status after SIG$signal: $(cat out)"
    await ended
    [[ ! -e survived ]] || fail "a test ran to its end after SIG$signal"
    [[ -z $(ls temporary) ]] || fail "left behind after SIG$signal: $(ls temporary)"
done

exit $((failures > 0))

#!/bin/bash
# Runs the tests of the build in FOLDER: run_tests.sh FOLDER [arguments of Boost.Test]. After the test executable come
# the examples, the executable scripts in tests/ and the line budgets, side by side, each of them one test more. With --run_test only
# the test executable runs. The last line is "N passed, N failed".
set -uo pipefail

folder=$1
shift
root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
unit_tests=$folder/bin/tapegrad_tests
export TAPEGRAD_BIN=$folder/bin # for the scripts in tests/
everything=true
all_unit_tests=true
for argument in "$@"; do
    case $argument in
        --help=* | --list*) exec "$unit_tests" "$@" ;;
        '--run_test=*') everything=false ;;
        -t* | --run_test*)
            everything=false
            all_unit_tests=false
            ;;
    esac
done

# A sanitizer ends the program at its first finding. That of threads knows nothing of libraries that were built without
# it, and hears of OpenMP's barriers from Archer, a tool beside clang's libraries.
case $folder in
    */sanitizers)
        # As without it: tests ask for memory that there is not.
        export ASAN_OPTIONS=${ASAN_OPTIONS:-allocator_may_return_null=1}
        export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
        ;;
    */coverage) find "$folder" -name '*.gcda' -delete ;;
    */thread-*)
        archer=$(dirname "$(readlink -f "$(command -v clang)")")/../lib/libarcher.so
        [[ -f $archer ]] || {
            echo "libarcher.so is not at $archer: install libomp-dev"
            exit 1
        }
        export OMP_TOOL_LIBRARIES=$archer
        export TSAN_OPTIONS=${TSAN_OPTIONS:-ignore_noninstrumented_modules=1 halt_on_error=1 exitcode=66 allocator_may_return_null=1}
        ;;
esac

# What a person has fetched for themselves must not change what the tests find.
scratch=$(mktemp -d)
export XDG_DATA_HOME=$scratch/nothing_fetched
mkdir "$XDG_DATA_HOME"
trap 'rm -rf "$scratch"' EXIT

passed=0
failed=0
skipped=0

# Prints the table, and is one test more if all unit tests ran.
run_coverage() {
    local table status=0
    table=$("$root/tools/coverage.sh" "$folder") || status=$?
    printf '%s\n' "$table"
    if $all_unit_tests; then begin_check "coverage (tools/coverage.sh)" test "$status" = 0; fi
}

run_unit_tests() {
    local counts=$scratch/counts finished="" color=yes status=0
    [[ -t 1 ]] || color=no
    TAPEGRAD_TEST_COUNTS=$counts BOOST_TEST_COLOR_OUTPUT=$color "$unit_tests" "$@" || status=$?
    if ((status == 200)) && [[ ! -s $counts ]]; then # Boost.Test did not understand the arguments, and said so
        exit 2
    fi
    [[ ! -s $counts ]] || read -r passed failed skipped finished <"$counts"
    if ((failed == 0)) && [[ $status != 0 || -z $finished ]]; then
        echo "FAILED: the test executable ended early, with status $status"
        failed=1
    fi
}

# One test more: passes if the command does; its output is shown if it does not. It begins when a core is free, and counts with
# end_checks. No $(...) meanwhile: a signal that comes during one may be lost (bash 5.2).
cores=$(nproc)
begun=0
running=0
begin_check() {
    local name=$1 output=$scratch/$((begun++))
    shift
    while ((running >= cores)); do
        wait -n
        ((--running))
    done
    set -m # in a process group of its own, with all that it starts
    {
        if "$@" >"$output" 2>&1 </dev/null; then
            : >"$output.passed"
        else
            printf '%s\nFAILED: %s\n' "$(<"$output")" "$name"
        fi
    } &
    set +m
    ((++running))
}

end_checks() {
    local check
    wait
    for ((check = 0; check < begun; ++check)); do
        if [[ -e $scratch/$check.passed ]]; then ((++passed)); else ((++failed)); fi
    done
}

# What reaches this process group, from a terminal or from `timeout`, does not reach the checks.
end_by() {
    local group
    trap - INT TERM HUP EXIT
    for group in $(jobs -rp); do kill -TERM -- "-$group"; done 2>/dev/null # what a script starts with & does not hear of SIGINT
    wait 2>/dev/null
    rm -rf "$scratch"
    kill -s "$1" $$
}
trap 'end_by INT' INT
trap 'end_by TERM' TERM
trap 'end_by HUP' HUP

run_unit_tests "$@"
if [[ $folder == */coverage ]]; then run_coverage; fi
if $everything; then
    mapfile -t scripts < <(find "$root/tests" -name '*.sh' -type f -perm -u+x | sort)
    for example in "$root"/examples/*.cpp; do
        name=${example##*/} name=${name%.cpp}
        begin_check "examples/$name" "$folder/bin/$name"
    done
    for script in "${scripts[@]}"; do begin_check "${script#"$root"/}" "$script"; done
    begin_check "line budgets (tools/count_lines.sh)" "$root/tools/count_lines.sh"
fi
end_checks
if $everything; then "$root/tools/count_lines.sh"; fi

if $everything && ((skipped)); then echo "$skipped skipped"; fi
echo "$passed passed, $failed failed"
((failed == 0))

#!/bin/bash
# Runs a fuzz target that was built, and keeps count: run_fuzz.sh PROGRAM SECONDS JOBS, or run_fuzz.sh --report.
set -uo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
kept=$root/build/fuzz

# A line of a log is "seconds inputs findings" of one run. Seconds are the processor's: a busy machine fuzzes less in an hour.
if [[ $1 == --report ]]; then
    printf '%-14s %9s %12s %9s\n' target seconds inputs findings
    for source in "$root"/tests/fuzz/targets/*.cpp; do
        name=$(basename "$source" .cpp)
        cat "$kept/$name.log" 2>/dev/null |
            awk -v name="$name" '{ s += $1; n += $2; f += $3 } END { printf "%-14s %9d %12d %9d\n", name, s, n, f }'
    done
    exit
fi

program=$1 seconds=$2 jobs=$3
name=$(basename "$program")
name=${name#fuzz_}
crashes=$root/tests/fuzz/crashes/$name
corpus=$kept/corpus/$name
# In memory, where there is such a folder: readers of files get one for each input.
memory=/dev/shm
[[ -d $memory && -w $memory ]] || memory=${TMPDIR:-/tmp}
scratch=$(mktemp -d -p "$memory")
export TMPDIR=$scratch
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$corpus" "$crashes" "$scratch/found"

# Small limits, so that an unchecked size shows: the longest input that is tried has 16 KiB.
arguments=(-max_total_time="$seconds" -max_len=16384 -rss_limit_mb=1024 -malloc_limit_mb=512 -timeout=60
    -print_final_stats=1 -artifact_prefix="$scratch/found/")
dictionary=$root/tests/fuzz/dictionaries/$name.dict
[[ ! -f $dictionary ]] || arguments+=(-dict="$dictionary")
inputs=("$corpus" "$root/tests/fuzz/corpus/$name" "$crashes")

export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}

# Sets $spent to what the children of this process, which may have built the program before, had of the processor. Not in a
# subshell, which has other children.
count_spent() {
    times >"$scratch/times"
    spent=$(awk -F '[ms ]' 'NR == 2 { printf "%d", 60 * $1 + $2 + 60 * $4 + $5 }' "$scratch/times")
}
count_spent
begin=$spent
workers=()
for ((job = 0; job < jobs; ++job)); do
    "$program" "${arguments[@]}" "${inputs[@]}" >"$scratch/talk.$job" 2>&1 &
    workers+=($!)
done
trap 'kill -INT "${workers[@]}" 2>/dev/null; interrupted=true' INT
interrupted=false
failed=false
for worker in "${workers[@]}"; do
    while true; do
        wait "$worker" && break
        kill -0 "$worker" 2>/dev/null || { failed=true && break; } # else only the trap ran
    done
done
count_spent
elapsed=$((spent - begin))

executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$scratch"/talk.* | awk '{ n += $1 } END { print n + 0 }')
findings=0
for found in "$scratch"/found/*; do
    [[ -f $found ]] || continue
    # It is the clock that libFuzzer looks at, and the machine may have been busy: what ends in time alone is no finding.
    [[ $found != */timeout-* ]] || ! timeout 60 "$program" -runs=1 "$found" >/dev/null 2>&1 || continue
    findings=$((findings + 1))
    cp "$found" "$crashes/"
    echo "a finding: tests/fuzz/crashes/$name/$(basename "$found")"
done
echo "$elapsed $executions $findings" >>"$kept/$name.log"
echo "$name: $elapsed seconds, $executions inputs, $findings findings"
! $interrupted || { trap - INT EXIT && rm -rf "$scratch" && kill -INT $$; }
if ((findings)) || $failed; then
    grep -hE -A 14 'FINDING|ERROR: |runtime error: |what\(\)|WARNING: no interesting|Assertion' "$scratch"/talk.* | head -n 60
    ((findings)) || tail -n 20 "$scratch/talk.0"
    exit 1
fi

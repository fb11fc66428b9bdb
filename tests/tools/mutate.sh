#!/bin/bash
# tools/mutate, without building anything: what it refuses, how it draws, and what it makes of a small source where
# clang is there to read it.
set -uo pipefail

root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

# refuses PHRASE ARGUMENTS...: wrong usage, told in one line.
refuses() {
    local phrase=$1 status=0
    shift
    "$root/tools/mutate" "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
    if ((status != 2)) || ! grep -qF -- "$phrase" "$scratch/err" || (($(wc -l <"$scratch/err") != 1)); then
        echo "mutate.sh: exit code $status for: $* -- $(cat "$scratch/out" "$scratch/err")"
        failures=$((failures + 1))
    fi
}
refuses "'--fast' is no option" --fast
refuses "--draw needs a number of at least 1 instead of 'all'" --draw all
refuses "--seed needs a number of at least 1 instead of ''" --seed
refuses "--jobs needs a number of at least 1 instead of '0'" --jobs 0
refuses "--file needs a pattern" --file

command -v python3 >/dev/null || exit $((failures > 0))
PYTHONDONTWRITEBYTECODE=1 python3 "$root/tests/mutants/mutate_test.py" "$root" "$scratch" || failures=$((failures + 1))
exit $((failures > 0))

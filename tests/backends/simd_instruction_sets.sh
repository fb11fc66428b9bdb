#!/bin/bash
# The tests of the simd backend under each instruction set that this processor has, and the refusal of any other.
set -uo pipefail

bin=${TAPEGRAD_BIN:?the folder of the programs is needed}
root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
flags=" $(sed -n 's/^flags[^:]*: *//p' /proc/cpuinfo | head -n 1) "
failures=0

# refuses SET WORDS: a tool that is to use this set fails with these words.
refuses() {
    local talk
    if talk=$(TAPEGRAD_SIMD=$1 "$bin/train" "$root/examples/cora_article.json" --backend simd --set training.epochs=1 \
        --out "$scratch/run" 2>&1); then
        echo "TAPEGRAD_SIMD=$1 was not refused"
        failures=$((failures + 1))
    elif [[ $talk != *"$2"* ]]; then
        echo "TAPEGRAD_SIMD=$1 was refused without the words '$2': $talk"
        failures=$((failures + 1))
    fi
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

for set in sse2 avx2 avx512; do
    case $set in
        sse2) needed=sse2 ;;
        avx2) needed=fma ;;
        avx512) needed=avx512bw ;;
    esac
    if [[ $flags != *" $needed "* ]]; then
        echo "$set skipped: this processor lacks $needed"
        refuses "$set" "this processor's best is"
    elif ! TAPEGRAD_SIMD=$set "$bin/tapegrad_tests" --run_test='backends_simd_*' >"$scratch/talk" 2>&1; then
        echo "$set:"
        cat "$scratch/talk"
        failures=$((failures + 1))
    fi
done
refuses neon "it has to be sse2, avx2 or avx512"

exit $((failures > 0))

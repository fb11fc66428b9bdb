#!/bin/bash
# check-backend and the tests of the simd backend under each instruction set that this processor has, and the refusal of any other.
set -uo pipefail

source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/succeeds.sh"
flags=" $(sed -n 's/^flags[^:]*: *//p' /proc/cpuinfo | head -n 1) "

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

for set in sse2 avx2 avx512; do
    case $set in
        sse2) needed=sse2 ;;
        avx2) needed=fma ;;
        avx512) needed=avx512bw ;;
    esac
    if [[ $flags != *" $needed "* ]]; then
        echo "$set skipped: this processor lacks $needed"
        refuses "$set" "this processor's best is"
    else
        export TAPEGRAD_SIMD=$set
        succeeds "$set, conformance" "$bin/check-backend" simd
        succeeds "$set" "$bin/tapegrad_tests" --run_test='backends_simd_*,tools_simd_training'
        TAPEGRAD_TEST_BACKEND=simd succeeds "$set, tests of the ops and layers" \
            "$bin/tapegrad_tests" --run_test="$ops_and_layers"
        unset TAPEGRAD_SIMD
    fi
done
# A number that is none leaves one thread a core; far too many are cut down.
for threads in 0 1 1000 many; do
    OMP_NUM_THREADS=$threads succeeds "OMP_NUM_THREADS=$threads" "$bin/train" "$root/examples/cora_gat.json" \
        --backend simd --set training.epochs=2 --out "$scratch/threads" --overwrite
done
refuses neon "it has to be sse2, avx2 or avx512"

exit $((failures > 0))

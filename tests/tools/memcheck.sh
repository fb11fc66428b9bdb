#!/bin/bash
# Training under valgrind's memcheck: no read of what nobody wrote, no use of memory that is not there, no leak. To be called by
# hand, as `bash tests/tools/memcheck.sh [PRESET]`, for it takes minutes and needs valgrind.
set -uo pipefail

root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
train=$root/build/${1:-release}/bin/train
[[ -x $train ]] || {
    echo "there is no $train: build it first, by TAPEGRAD_PRESET=${1:-release} tools/bootstrap.sh tools"
    exit 1
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

# is_clean NAME ARGUMENTS: of train. A definite leak counts as an error too.
is_clean() {
    local name=$1
    shift
    if valgrind --quiet --suppressions="$root/tests/tools/memcheck.supp" --error-exitcode=9 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
        "$train" "$@" --quiet --out "$scratch/run" --overwrite >"$scratch/talk" 2>&1; then
        echo "$name: clean"
    else
        echo "$name: not clean"
        tail -n 60 "$scratch/talk"
        failures=$((failures + 1))
    fi
}

for backend in reference simd; do
    is_clean "three epochs of a small GAT, one thread, $backend" "$root/examples/own_graph/books.json" --backend "$backend" --threads 1 \
        --set training.epochs=3
    is_clean "two epochs of the paper's GAT on Cora, two threads, $backend" "$root/examples/cora_gat.json" --backend "$backend" \
        --threads 2 --set training.epochs=2 --no-report
done
exit $((failures > 0))

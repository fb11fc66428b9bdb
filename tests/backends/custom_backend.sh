#!/bin/bash
# The backend in examples/custom_backend under the tests of the reference's kernels, of the ops and of the layers.
set -uo pipefail

source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/succeeds.sh"
plugin=$(dirname "$bin")/custom_backend/libtapegrad_backend_plain.so

TAPEGRAD_TEST_PLUGIN=$plugin succeeds "tests of the kernels" \
    "$bin/tapegrad_tests" --run_test='backends_reference*' --run_test='!backends_reference/describes_itself'
TAPEGRAD_TEST_BACKEND=$plugin succeeds "tests of the ops and layers" \
    "$bin/tapegrad_tests" --run_test="$ops_and_layers"
succeeds "training" "$bin/train" "$root/examples/cora_gat.json" --backend "$plugin" --set training.epochs=2 \
    --out "$scratch/run"

lines=$(wc -l <"$root/examples/custom_backend/plain.c")
if ((lines >= 300)); then
    echo "examples/custom_backend has $lines lines, which is no longer under 300"
    failures=$((failures + 1))
fi

exit $((failures > 0))

#!/bin/bash
# The backend in examples/custom_backend under the tests of the reference's kernels, of the ops and of the layers.
set -uo pipefail

bin=${TAPEGRAD_BIN:?the folder of the programs is needed}
root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
plugin=$(dirname "$bin")/custom_backend/libtapegrad_backend_plain.so
failures=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# succeeds WHAT COMMAND...: its output is shown if it does not.
succeeds() {
    local what=$1
    shift
    if ! "$@" >"$scratch/talk" 2>&1; then
        echo "$what:"
        cat "$scratch/talk"
        failures=$((failures + 1))
    fi
}

TAPEGRAD_TEST_PLUGIN=$plugin succeeds "tests of the kernels" \
    "$bin/tapegrad_tests" --run_test='backends_reference*' --run_test='!backends_reference/describes_itself'
TAPEGRAD_TEST_BACKEND=$plugin succeeds "tests of the ops and layers" \
    "$bin/tapegrad_tests" --run_test='autograd_ops_*,autograd_gradient,nn_gat*,nn_layer*,nn_losses,nn_optimizer'
succeeds "training" "$bin/train" "$root/examples/cora_gat.json" --backend "$plugin" --set training.epochs=2 \
    --out "$scratch/run"

lines=$(wc -l <"$root/examples/custom_backend/plain.c")
if ((lines >= 300)); then
    echo "examples/custom_backend has $lines lines, which is no longer under 300"
    failures=$((failures + 1))
fi

exit $((failures > 0))

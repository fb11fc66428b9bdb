# What the scripts that test backends share, to be sourced: a scratch folder, failures that are counted, and programs that have
# to succeed. $TAPEGRAD_BIN is the folder of the programs; the script ends with `exit $((failures > 0))`.
bin=${TAPEGRAD_BIN:?the folder of the programs is needed}
root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
failures=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
ops_and_layers='autograd_ops_*,autograd_gradient,nn_gat*,nn_layer*,nn_losses,nn_optimizer'

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

# What the tests of the programs share, to be sourced: a scratch folder to be in, failures that are counted, and one
# program run with its output kept. $TAPEGRAD_BIN is the folder of the programs, $program the one under test; the script
# ends with `exit $((failures > 0))`.
root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
tested=${TAPEGRAD_BIN:?}/${program:?}
[[ -x $tested ]] || exit 1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failures=0

fail() {
    echo "$program.sh:${BASH_LINENO[-2]}: $*"
    failures=$((failures + 1))
}
check() { "$@" || fail "failed: $*"; }
prints() { grep -qE -- "$1" out || fail "'$1' is not in: $(cat out)"; }

# await COMMAND...: until it succeeds, for a minute at most.
await() {
    local tries=1200
    until "$@"; do
        ((tries-- > 0)) || { fail "did not come: $*" && return 1; }
        sleep 0.05
    done
}

# expect CODE [PHRASE...] -- ARGUMENTS: the exit code, and what stderr has to contain.
expect() {
    local code=$1 status=0 phrases=() phrase
    shift
    while [[ $1 != -- ]]; do
        phrases+=("$1")
        shift
    done
    shift
    "$tested" "$@" >out 2>err || status=$?
    ((status == code)) || fail "exit code $status instead of $code: $program $* -- $(cat err)"
    for phrase in "${phrases[@]}"; do
        grep -qF -- "$phrase" err || fail "'$phrase' is not in: $(cat err)"
    done
}

#!/bin/bash
# What all tools have in common: help, versions, exit codes, and what they do when stdout takes nothing. A new tool is
# found by its file in tools/. $TAPEGRAD_BIN is the folder of the programs.
set -uo pipefail

: "${TAPEGRAD_BIN:?the folder of the programs is needed}"
root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failures=0

fail() {
    echo "manners.sh: $name: $*"
    failures=$((failures + 1))
}
# ends CODE COMMAND...: runs it, leaves what it says in out and err, and compares the exit code.
ends() {
    local code=$1 status=0
    shift
    "$@" >out 2>err || status=$?
    ((status == code)) || fail "exit code $status instead of $code: $* -- $(cat err)"
}
silent() { [[ ! -s $1 ]] || fail "something on std$1: $(cat "$1")"; }
one_line() { (($(wc -l <"$1") == 1)) || fail "not one line on std$1: $(cat "$1")"; }

# check_help COMMAND...: says what it is, and ends with an example of what to type and the exit codes.
check_help() {
    ends 0 "$@" --help
    silent err
    grep -qE '^Usage: ' out || fail "$* --help shows no usage"
    sed '/^[[:space:]]*$/d' out | tail -n 2 | head -n 1 | grep -qE "^Example: tools/$name( |$)" ||
        fail "$* --help does not end with an example and the exit codes: $(tail -n 3 out)"
    sed '/^[[:space:]]*$/d' out | tail -n 1 | grep -qE '^Exit code: 0 .*, 1 .*, 2 .*, 130 interrupted\.$' ||
        fail "the last line of $* --help does not tell the exit codes: $(tail -n 3 out)"
}

check_version() {
    ends 0 "$@" --version
    silent err
    one_line out
    grep -qE '^tapegrad [0-9]+\.[0-9]+\.[0-9]+$' out || fail "no version: $(cat out)"
}

# Results that do not arrive are a failure, told in one line.
check_lost_output() {
    local option status
    for option in --help --version; do
        status=0
        "$@" $option >/dev/full 2>err || status=$?
        ((status == 1)) || fail "exit code $status instead of 1: $* $option >/dev/full"
        grep -q 'No space left on device' err || fail "no reason for $option >/dev/full: $(cat err)"
        status=0
        "$@" $option >&- 2>err || status=$?
        ((status == 1)) || fail "exit code $status instead of 1: $* $option >&-"
    done
}

# A reader that has seen enough ends the tool, in silence.
check_closed_pipe() {
    local statuses
    {
        sleep 0.1
        exec "$@" --help 2>err
    } | true
    statuses=("${PIPESTATUS[@]}")
    ((statuses[0] == 141 || statuses[0] == 1)) || fail "exit code ${statuses[0]} behind a closed pipe: $*"
    (($(wc -l <err) <= 1)) || fail "several lines about a closed pipe: $(cat err)"
}

check_wrong_usage() {
    ends 2 "$@" --no-such-option
    silent out
    one_line err
    grep -q "^$name: .*--help" err || fail "no word about --help: $(cat err)"
}

# Nobody has to listen to the talk.
check_closed_talk() {
    local status=0
    "$@" --no-such-option >out 2>&- || status=$?
    ((status == 2)) || fail "exit code $status instead of 2 with stderr closed"
    silent out
}

check_talk_options() {
    ends 0 "$@" --help
    for option in --log-level --quiet; do grep -q -- "^  $option" out || fail "$* has no option $option"; done
    ends 2 "$@" --log-level loud
    grep -qF 'loud' err || fail "not told which level is wrong: $(cat err)"
}

# What a tool does and talks about, once it has runs first and second to look at. A DESTINATION is a new one each time.
books=$root/examples/own_graph/books.json
work_of() {
    case $1 in
        bench) echo "dispatch --seconds 0.01" ;;
        check-backend) echo "reference --ops relu" ;;
        check-op) echo "relu" ;;
        compare) echo "first second" ;;
        datasets) echo "convert cora DESTINATION --to planetoid" ;;
        document-config) echo "--schema" ;;
        document-ops) echo "--out DESTINATION" ;;
        inspect) echo "first --node Jam" ;;
        predict) echo "first" ;;
        report) echo "first --out DESTINATION" ;;
        train) echo "$books --set training.epochs=2 --out DESTINATION" ;;
        weights) echo "export first --out DESTINATION" ;;
    esac
}

# Quiet work says nothing, and nobody has to listen to what else is said.
check_quiet_work() {
    local work status=0
    work=$(work_of "$name")
    [[ $work ]] || fail "no work is known to try --quiet with"
    # shellcheck disable=SC2086
    ends 0 "$1" ${work/DESTINATION/$name.quiet} --quiet
    silent err
    # shellcheck disable=SC2086
    "$1" ${work/DESTINATION/$name.closed} >out 2>&- || status=$?
    ((status == 0)) || fail "exit code $status instead of 0 for work with stderr closed"
}

# Its subcommands, as --complete lists them.
subcommands() { "$@" --complete | grep -E '^[a-z]' || true; }

name=train
for run in first second; do ends 0 "$TAPEGRAD_BIN/train" "$books" --set training.epochs=2 --out $run; done

tools=0
for source in "$root"/tools/*.cpp; do
    name=$(basename "$source" .cpp)
    program=$TAPEGRAD_BIN/$name
    tools=$((tools + 1))
    [[ -x $root/tools/$name ]] || fail "tools/$name, which builds and starts it, is missing"
    if [[ ! -x $program ]]; then
        fail "not built"
        continue
    fi
    check_help "$program"
    check_version "$program"
    check_lost_output "$program"
    check_closed_pipe "$program"
    check_wrong_usage "$program"
    check_closed_talk "$program"
    check_talk_options "$program"
    check_quiet_work "$program"
    "$program" --complete | grep -qx -- '--help' || fail "--complete does not list the options"
    while IFS= read -r command; do
        grep -qE "^  $command( |$)" <("$program" --help) || continue # the value of an argument
        check_help "$program" "$command"
        check_wrong_usage "$program" "$command"
    done < <(subcommands "$program")
done
((tools >= 5)) || { name=tools && fail "only $tools of them found"; }

# Those that are scripts by themselves.
for script in "$root"/tools/*; do
    name=$(basename "$script")
    [[ -f $script && -x $script && $name != *.sh && ! -f $script.cpp ]] || continue
    check_help "$script"
    check_version "$script"
    check_closed_pipe "$script"
    for option in --help --version; do
        status=0
        "$script" $option >/dev/full 2>err || status=$?
        ((status == 1)) || fail "exit code $status instead of 1: $option >/dev/full"
    done
done

# Of SIGINT a program that does not handle it dies, which a shell calls 130; so does one that does. As a job of its own,
# for a shell without job control lets its background jobs ignore the signal.
set -m
name=bench
# By env, for whoever started this test may have it ignored, as a shell does with what it runs in the background.
env --default-signal=INT "$TAPEGRAD_BIN/bench" dispatch --seconds 20 >/dev/null 2>err &
job=$!
sleep 0.3
kill -INT $job
wait $job 2>/dev/null
status=$?
((status == 130)) || fail "exit code $status instead of 130 after SIGINT"
silent err

exit $((failures > 0))

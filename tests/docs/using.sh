#!/bin/bash
# What docs/using.md shows is what the programs print: every command of its blocks "console" is run, in order, and each line
# shown below it has to be in the output, but for the digits of numbers. A line "..." stands for some left out.
set -uo pipefail

program=predict
source "$(dirname "$(dirname "$(readlink -f "$0")")")/tools/expect.sh"

ln -s "$root/examples" examples
# Numbers differ between processors in their last digits, and times always.
normalised() { sed -E 's/[0-9]+(\.[0-9]+)?(e-?[0-9]+)?/N/g; s/[ \t]+/ /g'; }

commands=0
while IFS= read -r line; do
    if [[ $line == '$ '* ]]; then
        commands=$((commands + 1))
        command=${line#'$ '}
        bash -c "${command/#tools\//$TAPEGRAD_BIN/}" >printed 2>&1 || fail "failed: $command -- $(cat printed)"
        normalised <printed >out
    elif [[ $line != ... ]]; then
        grep -qxF -- "$(normalised <<<"$line")" out || fail "docs/using.md shows '$line', $command prints: $(cat printed)"
    fi
done < <(awk '/^```console$/ { inside = 1; next } /^```/ { inside = 0 } inside' "$root/docs/using.md")
check test "$commands" -ge 10

# The figures that the walk speaks of.
check test "$(grep -cvE '^(#|paper\b)' "$root/examples/own_graph/books/papers.tsv")" = 50
with_graph=$(sed -n 's/.*"test_accuracy": \([0-9.]*\).*/\1/p' runs/books/result.json)
by_words=$(sed -n 's/.*"test_accuracy": \([0-9.]*\).*/\1/p' runs/words/result.json)
awk -v graph="$with_graph" -v words="$by_words" 'BEGIN { exit !(graph >= 16 / 18 && graph > words) }' ||
    fail "test accuracies $with_graph with edges, $by_words without"

exit $((failures > 0))

#!/bin/bash
# The article's configuration: a line an epoch in exactly its form, and a loss that falls with each from about 1.946.
set -uo pipefail

root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"${TAPEGRAD_BIN:?}/train" "$root/examples/cora_article.json" --backend reference --out "$scratch/run" >"$scratch/out" || exit 1

awk '
    /^Epoch [0-9]+/ {
        if ($0 !~ /^Epoch [0-9][0-9][0-9][0-9][0-9] \| Loss [0-9]+\.[0-9][0-9][0-9][0-9] \| Time\(s\) [0-9]+\.[0-9][0-9][0-9][0-9]$/)
            bad("not the form of the article")
        if ($2 + 0 != epochs) bad("epoch " epochs " was due")
        if (epochs == 0 && ($5 < 1.936 || $5 > 1.956)) bad("the first loss is not about ln 7 = 1.946")
        if (epochs > 0 && $5 >= last) bad("the loss did not fall")
        last = $5
        ++epochs
    }
    function bad(what) { print what ": " $0; failed = 1 }
    END {
        if (epochs != 30) { print epochs " epochs instead of 30"; failed = 1 }
        exit failed
    }' "$scratch/out"

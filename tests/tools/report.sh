#!/bin/bash
# What tools/report makes of a run folder: the page, its data, and bad input. $TAPEGRAD_BIN is the folder of the programs.
set -uo pipefail

program=report
source "$(dirname "$(readlink -f "$0")")/expect.sh"

train() { "$TAPEGRAD_BIN/train" "$@" --quiet >train.out 2>train.err || fail "train $*: $(cat train.err)"; }
train "$root/examples/own_graph/books.json" --out books
rm -f books/report.html

# The page lies in the run folder, and its name is the result.
expect 0 -- books
check test "$(cat out)" = books/report.html
check test ! -s err
check grep -q '"Jam"' books/report.html
check test "$(grep -c '</script>' books/report.html)" = 2
for place in '{{css}}' '{{script}}' '{{data}}'; do grep -qF "$place" books/report.html && fail "$place is left over"; done
# Nothing is fetched from anywhere.
grep -oE "(src|href)=\"[^\"#]*\"" books/report.html | grep -vE '"data:' && fail "the page refers to other files"

# Elsewhere, with the other map, or as data; the run folder stays as it is.
sum=$(cat books/* 2>/dev/null | md5sum)
expect 0 -- books --out elsewhere.html --map tsne
check test "$(cat out)" = elsewhere.html
check grep -qF '"method":"t-SNE"' elsewhere.html
expect 0 -- books --json data.json
check test "$(cat out)" = data.json
check grep -qF '"method": "PCA"' data.json
check test "$(cat books/* 2>/dev/null | md5sum)" = "$sum"
# The accuracy that training wrote is the one of the report.
accuracy=$(sed -n 's/.*"test_accuracy": \([0-9.]*\).*/\1/p' books/result.json)
check test "$(sed -n '/"test": {/,$ s/^ *"accuracy": \([0-9.]*\),\{0,1\}$/\1/p' data.json | head -1)" = "$accuracy"

# What a run lacks is left out: attention, or all that comes from its files.
train "$root/examples/own_graph/books.json" --set 'model=[{"type": "gcn", "out_features": "classes"}]' --out gcn
expect 0 -- gcn --json gcn.json
grep -q '"attention"' gcn.json && fail "a gcn has attention"
mkdir half && cp books/{config,run}.json books/model.safetensors half/
expect 0 -- half --json half.json
grep -qE '"(metrics|result)"' half.json && fail "figures of files that are not there"

# The best checkpoint stands in for weights that are not there yet.
mkdir -p early/checkpoints && cp books/{config,run}.json early/
cp books/model.safetensors early/checkpoints/best.safetensors
expect 0 -- early
check test -s early/report.html

# Bad input leaves no page.
expect 2 "run folder absent" "no folder of that name" -- absent
mkdir nothing
expect 2 "run folder nothing" "one without run.json" -- nothing
mkdir weightless && cp books/{config,run}.json weightless/
expect 2 "trained weights" "none yet" -- weightless
mkdir damaged && cp books/{config,run}.json books/model.safetensors damaged/
printf '{' >damaged/result.json
expect 1 "damaged/result.json" -- damaged
rm damaged/result.json && head -c 300 books/model.safetensors >damaged/model.safetensors
expect 1 "model.safetensors" -- damaged
{ head -c -4 books/model.safetensors && printf '\0\0\300\177'; } >damaged/model.safetensors # the last number is NaN
expect 1 "prediction of node 'Bread at home': expected finite logits" "weights show damaged" -- damaged
for folder in nothing weightless damaged; do check test ! -e "$folder/report.html"; done
cp -r "$root/examples/own_graph" own
train own/books.json --out changed
cp changed/report.html before.html
sed -i 's/\tval\t/\tnone\t/' own/books/papers.tsv
expect 2 "own/books" "the data that the run was trained on" -- changed
check cmp before.html changed/report.html
expect 2 "--out excludes --json" -- books --json data.json --out page.html
expect 2 "--map" -- books --map umap
expect 2 "--out absent/page.html" "folder that exists" -- books --out absent/page.html
mkfifo pipe
expect 2 "--out pipe" -- books --out pipe
expect 2 "--json pipe" -- books --json pipe
check test -p pipe
# A limit on the size of files stands for a full disk: what was there stays.
(
    trap '' XFSZ
    ulimit -f 40
    "$tested" books --out elsewhere.html 2>err >out
) && fail "a page that does not fit is no success"
check grep -qF "elsewhere.html: expected a file that can be written" err
check grep -qF '"method":"t-SNE"' elsewhere.html
check test ! -e elsewhere.html.part

# In a browser, where there is one.
"$root/tests/tools/report_page.sh" books/report.html elsewhere.html || fail "the page shows faults"

exit $((failures > 0))

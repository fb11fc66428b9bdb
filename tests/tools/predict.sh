#!/bin/bash
# What tools/predict says about the nodes of a graph: its forms, its choice of nodes, other graphs, bad input.
# $TAPEGRAD_BIN is the folder of the programs.
set -uo pipefail

program=predict
source "$(dirname "$(readlink -f "$0")")/expect.sh"

train() { "$TAPEGRAD_BIN/train" "$@" --quiet >out 2>err || fail "train $*: $(cat err)"; }
tab=$'\t'
gat=$root/examples/cora_gat.json
train "$gat" --set training.epochs=8 --backend reference --out run

# Every node of the data set it was trained on, in its order, with the probabilities of the classes.
expect 0 "of 140 training nodes, " "of 1000 test nodes, " "of 2708 nodes with a label" -- run
cp out all.tsv
cp err all.err
check test "$(wc -l <all.tsv)" = 2709
check test "$(head -1 all.tsv)" = "node${tab}predicted${tab}probability${tab}Theory${tab}Reinforcement_Learning${tab}Genetic_Algorithms${tab}Neural_Networks${tab}Probabilistic_Methods${tab}Case_Based${tab}Rule_Learning"
diff <(grep -P '^\w+\t\w+\t(train|val|test|none)\t' "$root/datasets/cora/papers.tsv" | cut -f1) <(tail -n +2 all.tsv | cut -f1) >out ||
    fail "other nodes than papers.tsv: $(head -3 out)"
awk -F '\t' 'NR == 1 { split($0, header); next } {
        sum = 0; largest = 4
        for (i = 4; i <= NF; ++i) { sum += $i; if ($i > $largest) largest = i }
        if (sum < 1 - 1e-6 || sum > 1 + 1e-6 || $2 != header[largest] || $3 != $largest) { print; bad = 1 }
    } END { exit bad }' all.tsv >out || fail "no probabilities, or not the largest: $(head -2 out)"

# The accuracy is the one that training wrote, and the one that awk counts.
test_accuracy=$(sed -n 's/.*"test_accuracy": \([0-9.]*\).*/\1/p' run/result.json)
check grep -qF "$(printf '%.4f of 1000 test nodes' "$test_accuracy")" all.err
counted=$(awk -F '\t' 'NR == FNR { label[$1] = $2; split_of[$1] = $3; next }
    split_of[$1] == "test" && label[$1] == $2 { ++right } END { printf "%.4f", right / 1000 }' \
    "$root/datasets/cora/papers.tsv" all.tsv)
check grep -qF "$counted of 1000 test nodes" all.err

# Some of the nodes; the lines are the same.
expect 0 -- run --nodes test
check test "$(wc -l <out)" = 1001
tail -n +2 out | grep -vxFf all.tsv && fail "--nodes test changes lines"
expect 0 -- run --nodes 35,1110563 --nodes 35
check test "$(cut -f1 out | tr '\n' ' ')" = "node 35 1110563 "
expect 0 -- run --nodes 35 --format jsonl
check grep -qE '^\{"node": "35", "predicted": "[A-Za-z_]+", "probability": 0\.[0-9]+, "probabilities": \{"Theory": 0\.[0-9]+, .*\}\}$' out
check test "$(wc -l <out)" = 1
expect 0 -- run --nodes 35 --logits
check test "$(cut -f1-3 out)" = "$(grep -P '^(node|35)\t' all.tsv | cut -f1-3)"
cut -f4- out | tail -1 | awk '{ for (i = 1; i <= NF; ++i) sum += exp($i); printf "%.5f\n", exp($1) / sum }' >first
check test "$(cat first)" = "$(grep -P '^35\t' all.tsv | cut -f4 | xargs printf '%.5f')"

# A node called as a split is has its number.
cp -r "$root/examples/own_graph" own
sed -i 's/^Jam\t/test\t/' own/books/*.tsv
sed -i 's/\tJam$/\ttest/' own/books/citations.tsv
train own/books.json --out own_run
expect 0 -- own_run --nodes '#42,#0'
check test "$(cut -f1 out | tr '\n' ' ')" = "node test Bread at home "

# To a file, whole or not at all.
expect 0 -- run --out written.tsv
check cmp all.tsv written.tsv
check test ! -s out
expect 2 "--out absent/file" "folder that exists" -- run --out absent/file
expect 2 "--out $scratch" -- run --out "$scratch"
if [[ -c /dev/full ]]; then
    expect 2 "--out /dev/full" -- run --out /dev/full
    "$tested" run >/dev/full 2>err && fail "a full disk is no success"
    check grep -qF "predict: stdout: expected room for" err
fi
"$tested" run >&- 2>err && fail "a closed stdout is no success"
# A limit on the size of files stands for a full disk: what was there stays.
(
    trap '' XFSZ
    ulimit -f 100
    "$tested" run --out written.tsv 2>err
) && fail "a file that does not fit is no success"
check grep -qF "written.tsv: expected a file that can be written" err
check cmp all.tsv written.tsv
check test ! -e written.tsv.part

# Another graph: without labels, split and classes it gives the same.
mkdir bare
grep -vE '^# class' "$root/datasets/cora/papers.tsv" | awk -F '\t' -v OFS='\t' \
    '/^#/ || $1 == "paper" { print; next } { print $1, "-", "none", $4 }' >bare/papers.tsv
cp "$root/datasets/cora/citations.tsv" bare/
expect 0 -- run --data ./bare
check cmp all.tsv out
check test ! -s err
expect 2 "--nodes test" "none in bare" -- run --data ./bare --nodes test
expect 2 "--nodes: expected all, train, val, test or a node: its id, or #0 to #2707, got '35x'" "nearest id is '35" -- run --nodes 35x

# Classes in another order are known by their names; others than the model's are refused.
mkdir reversed renamed
awk '/^# class/ { classes = $0 "\n" classes; next } /^paper\t/ { printf "%s", classes } { print }' \
    "$root/datasets/cora/papers.tsv" >reversed/papers.tsv
cp bare/citations.tsv reversed/
expect 0 -- run --data ./reversed
check cmp all.tsv out
check cmp all.err err
sed 's/Rule_Learning/Rule_learning/' "$root/datasets/cora/papers.tsv" >renamed/papers.tsv
cp bare/citations.tsv renamed/
expect 2 "classes of data set renamed: expected classes of the model: Theory" "'Rule_learning'" "nearest is 'Rule_Learning'" \
    -- run --data ./renamed

# Data that has changed since the run was trained on it is told.
sed -i 's/\tval\t/\tnone\t/' own/books/papers.tsv
expect 0 "warning: data set" "has changed since" -- own_run

# What cannot be used.
mkdir wider empty
sed 's/^# features 1433/# features 1434/' bare/papers.tsv >wider/papers.tsv
cp bare/citations.tsv wider/
expect 2 "data set ./wider: expected 1433 features" "got 1434" -- run --data ./wider
expect 1 "absent" -- run --data ./absent
expect 2 'nearest is "cora"' -- run --data coral
expect 2 "run folder empty: expected a folder that tools/train left behind" -- empty
expect 2 "run folder absent" "no folder of that name" -- absent
expect 2 "RUN|CONFIG" --
expect 2 "--format" -- run --format xml
expect 2 "--names" -- run --names dgl

# A run that has no weights yet, one that has a checkpoint, and weights that are damaged.
cp -r run unfinished
rm -r unfinished/model.safetensors unfinished/checkpoints
expect 2 "run folder unfinished: expected trained weights, got none yet" -- unfinished
mkdir unfinished/checkpoints
cp run/model.safetensors unfinished/checkpoints/best.safetensors
expect 0 "the run has not ended" "best.safetensors" -- unfinished
check cmp all.tsv out
cp -r run damaged
head -c 300000 run/model.safetensors >damaged/model.safetensors
expect 1 "damaged/model.safetensors" "damaged" -- damaged
check test ! -s out
{ head -c -4 run/model.safetensors && printf '\0\0\300\177'; } >damaged/model.safetensors # the last number is NaN
expect 1 "prediction of node '1110563': expected finite logits, got" "tools/weights show damaged" -- damaged
check test ! -s out

# Other weights, and a config in place of a run.
train "$gat" --set training.epochs=1 --backend reference --seed 5 --out other
expect 0 -- other --weights run/model.safetensors
check cmp all.tsv out
expect 0 -- "$gat" --weights run/model.safetensors --backend reference
check cmp all.tsv out
expect 2 "expected a file with weights" "--weights FILE" -- "$gat"
expect 1 "absent.safetensors" -- run --weights absent.safetensors
expect 1 "tensor '0.weight': expected shape [1433, 16], got [1433, 64]" -- "$root/examples/cora_article.json" --weights run/model.safetensors

expect 0 -- --help
prints 'Example: tools/predict'

exit $((failures > 0))

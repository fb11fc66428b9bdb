#!/bin/bash
# What tools/inspect shows of a node: figures, drawing, JSON, other graphs, bad input. $TAPEGRAD_BIN is the folder of the
# programs.
set -uo pipefail

program=inspect
source "$(dirname "$(readlink -f "$0")")/expect.sh"

train() { "$TAPEGRAD_BIN/train" "$@" --quiet >train.out 2>train.err || fail "train $*: $(cat train.err)"; }
books=$root/examples/own_graph/books.json
train "$books" --out books
shows() { grep -qF -- "$1" out || fail "'$1' is not in: $(cat out)"; }
misses() { grep -qF -- "$1" out && fail "'$1' is in: $(cat out)"; }

# Name, label, split, prediction; what it hears in each layer.
expect 0 -- books --node "Bread at home"
check test ! -s err
shows "Bread at home (#0 of books, split train)"
shows "label      Cooking"
shows "predicted  Cooking, which is right"
shows "Layer 0 (gat, 2 heads), attention in %"
shows "Layer 2 (gat, 1 head), attention in %"
shows "entropy, nats; of equal weights"
grep -vE '^.{0,80}$' out && fail "lines of more than 80 columns"
grep -qE ' $' out && fail "blanks at the ends of lines"

# The probability is the one that tools/predict says.
expect 0 -- books --node Jam
shows "label      unknown"
probability=$("$TAPEGRAD_BIN/predict" books --nodes Jam 2>/dev/null | tail -1 | cut -f3)
shows "$(awk "BEGIN { printf \"%5.1f %%\", 100 * $probability }")"
# The weights of a table add up to 100 %, and it is sorted by them.
expect 0 -- books --node Jam --layer 2
awk '/^neighbour/ { inside = 1; next } /^entropy/ { inside = 0 }
    inside { if (rows++ && $NF > last) exit 1; last = $NF; sum += $NF } END { exit !(rows == 4 && sum > 99.7 && sum < 100.3) }' out ||
    fail "not sorted, or not 100 %: $(cat out)"
misses "Layer 0"

# One head, some rows, two hops, a number in the place of a name.
expect 0 -- books --node Jam --head 1
shows "Layer 0 (gat, 2 heads), attention in %, head 1"
misses "Layer 2"
expect 0 -- books --node Jam --most 1
shows "3 others, together"
misses "Two hops away"
expect 0 -- books --node Jam --hops 2
shows "Two hops away: through layer 0, then layer 2"
expect 0 -- books --node '#42'
shows "Jam (#42 of books, in no split)"

# JSON, which python reads, and whose weights add up.
expect 0 -- books --node Jam --json --hops 2
if command -v python3 >/dev/null; then
    python3 -c '
import json
shown = json.load(open("out"))
assert shown["node"]["name"] == "Jam" and abs(sum(shown["node"]["probabilities"].values()) - 1) < 1e-6
for layer in shown["layers"]:
    heads = [one["heads"] for one in layer["neighbours"]]
    assert all(abs(sum(head) - 1) < 1e-6 for head in zip(*heads)), heads
    assert len(layer["entropy"]) == len(heads[0]) and max(layer["entropy"]) <= layer["uniform_entropy"] + 1e-6
assert shown["two_hops"]
' 2>checked || fail "the JSON is not as expected: $(cat checked)"
fi

# A drawing beside the text.
expect 0 -- books --node Jam --svg jam.svg --hops 2
shows "Jam (#42"
check grep -q '<svg xmlns="http://www.w3.org/2000/svg"' jam.svg
check grep -q 'prefers-color-scheme: dark' jam.svg
check grep -q 'Orchard fruit' jam.svg
if command -v python3 >/dev/null; then
    check python3 -c 'import xml.dom.minidom; xml.dom.minidom.parse("jam.svg")'
fi

# A node of another graph.
expect 0 -- books --data "$root/examples/own_graph/new_books" --node "Flat breads"
shows "Flat breads (#0 of new_books, in no split)"
expect 2 "12 features" "1433" -- books --data cora --node 35

# Models without attention say so.
train "$books" --set 'model=[{"type": "gcn", "out_features": "classes"}]' --out gcn
expect 0 -- gcn --node Jam
shows "No layer of this model attends; a gcn layer weighs by"
shows "Layer 0 (gcn), fixed weights in %"
train "$books" --set 'model=[{"type": "linear", "out_features": "classes"}]' --out words
expect 0 -- words --node Jam --hops 2 --svg words.svg
shows "No layer of this model attends, and none weighs neighbours"
check grep -q 'the model weighs no neighbours' words.svg
expect 2 "--layer 0" "a model without any" -- words --node Jam --layer 0
expect 2 "--head 0" "a model without heads" -- words --node Jam --head 0

# Every layer that weighs neighbours is there, in the model's order, and one hears through those before it alone.
expect 0 -- gcn --node Jam --hops 2
shows "Two hops away: nothing is heard, as layer 0 is the first that weighs neighbours."
expect 0 -- books --node Jam --hops 2 --layer 0
shows "Two hops away: nothing is heard, as layer 0 is the first that weighs neighbours."
train "$books" --set 'model=[{"type": "gat", "out_features": "classes"}]' --out one_layer
expect 0 -- one_layer --node Jam --hops 2 --svg one_layer.svg
shows "Two hops away: nothing is heard"
expect 0 -- one_layer --node Jam --hops 2 --json
check grep -qF '"two_hops": []' out
two_layers='[{"type": "%s", "out_features": 4}, {"type": "relu"}, {"type": "%s", "out_features": "classes"}]'
for types in "gcn gcn" "gcn gat" "gat gcn"; do
    read -r first last <<<"$types"
    # shellcheck disable=SC2059
    train "$books" --set "model=$(printf "$two_layers" "$first" "$last")" --out "$first-$last"
    expect 0 -- "$first-$last" --node Jam --hops 2
    shows "Layer 0 ($first"
    shows "Layer 2 ($last"
    shows "Two hops away: through layer 0, then layer 2"
done

# What cannot be trusted is told: weights that became NaN, and other data than the run was trained on.
cp -r books damaged
{ head -c -4 books/model.safetensors && printf '\0\0\300\177'; } >damaged/model.safetensors # the last number is NaN
expect 1 "prediction of node 'Bread at home': expected finite logits" "weights show damaged" -- damaged --node Jam
cp -r "$root/examples/own_graph" own
train own/books.json --out on_copy
expect 0 -- on_copy --node Jam
check test ! -s err
sed -i 's/\tval\t/\tnone\t/' own/books/papers.tsv
expect 0 "warning: data set" "has changed since" -- on_copy --node Jam
expect 0 -- on_copy --node Jam --data own/books
check test ! -s err

# Bad input.
expect 2 "--node Jamm" "an unknown name" "nearest names are 'Jam'" -- books --node Jamm
expect 2 "--node #50" "#0 to #49" "a number beyond" -- books --node '#50'
expect 2 "--node" -- books
expect 2 "--layer 1" "Such layers are 0, 2" -- books --node Jam --layer 1
expect 2 "--layer -1" -- books --node Jam --layer -1
expect 2 "--head 1" "1 of layer 2" -- books --node Jam --layer 2 --head 1
expect 2 "--head 2" "2 of layer 0, 1 of layer 2" -- books --node Jam --head 2
expect 2 "--head" -- books --node Jam --head x
expect 2 "--hops" -- books --node Jam --hops 3
expect 2 "run folder absent" "no folder of that name" -- absent --node Jam
mkdir nothing weightless
expect 2 "run folder nothing" "one without run.json" -- nothing --node Jam
cp books/{config,run}.json weightless/
expect 2 "trained weights" "none yet" -- weightless --node Jam
expect 2 "--svg absent/jam.svg" "folder that exists" -- books --node Jam --svg absent/jam.svg
mkfifo pipe
expect 2 "--svg pipe" -- books --node Jam --svg pipe
check test -p pipe
if [[ -c /dev/full ]]; then
    "$tested" books --node Jam >/dev/full 2>err && fail "a full disk is no success"
    check grep -q "No space left" err
fi
"$tested" books --node Jam >&- 2>err && fail "a closed stdout is no success"

exit $((failures > 0))

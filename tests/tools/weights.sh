#!/bin/bash
# Weights under PyG's names and back, what a file of weights holds, bad input. weights_pyg.sh does it with PyG itself.
# $TAPEGRAD_BIN is the folder of the programs.
set -uo pipefail

program=weights
source "$(dirname "$(readlink -f "$0")")/expect.sh"

train() { "$TAPEGRAD_BIN/train" "$@" --backend reference --quiet >out 2>err || fail "train $*: $(cat err)"; }
# shows NAME DTYPE SHAPE: a line of the table that `show` left in out.
shows() { tr -s ' ' <out | grep -qF "$1 $2 $3 " || fail "$1 $2 $3 is not in: $(cat out)"; }

gat=$root/examples/cora_gat.json
train "$gat" --set training.epochs=1 --out run
expect 0 -- show run
shows 0.weight f32 "[1433, 64]"
shows 2.attention_source f32 "[1, 7]"
check grep -qxF "8 tensors with 92373 numbers" out
cp out by_folder
expect 0 -- show run/model.safetensors
check cmp by_folder out

# A norm worked by hand: sqrt(3^2 + 4^2) = 5.
{ printf '\x50\0\0\0\0\0\0\0%-80s' '{"__metadata__":{"a":"b"},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}' &&
    printf '\0\0\x40\x40\0\0\x80\x40'; } >by_hand.safetensors
expect 0 -- show by_hand.safetensors
check grep -qE '^x +f32 +\[2\] +2 +5$' out
check grep -qxF 'metadata a: b' out

# Into PyG's layout and back it is the same file.
expect 0 "8 tensors in pyg.safetensors" -- export run --names pyg --out pyg.safetensors
expect 0 -- show pyg.safetensors
shows conv1.lin.weight f32 "[64, 1433]"
shows conv1.att_src f32 "[1, 8, 8]"
shows conv1.att_dst f32 "[1, 8, 8]"
shows conv1.bias f32 "[64]"
shows conv2.lin.weight f32 "[7, 64]"
shows conv2.att_src f32 "[1, 1, 7]"
check grep -qxF "metadata format: pt" out
norms() { awk '/f32/ { print $NF }' "$1" | sort; }
check diff <(norms by_folder) <(norms out)
expect 0 "'conv1' is model.0 (gat), 'conv2' is model.2 (gat)" -- import pyg.safetensors --names pyg --config "$gat" --out back.safetensors
check cmp run/model.safetensors back.safetensors
expect 0 -- import pyg.safetensors --config run --out back.safetensors
check cmp run/model.safetensors back.safetensors
expect 0 -- export run --names tapegrad --out copy.safetensors
check cmp run/model.safetensors copy.safetensors
expect 0 -- export back.safetensors --config "$gat" --out again.safetensors
check cmp pyg.safetensors again.safetensors

# What predict says by PyG's names is the same.
"$TAPEGRAD_BIN/predict" run >ours.tsv 2>err
"$TAPEGRAD_BIN/predict" "$gat" --backend reference --weights pyg.safetensors --names pyg >pyg.tsv 2>err || fail "predict: $(cat err)"
check cmp ours.tsv pyg.tsv

# A layer of heads apart goes into one GATConv.
sed 's/"gat", "out_features": 8/"multi_head", "out_features": 8/' "$gat" >multi_head.json
train multi_head.json --set training.epochs=1 --out heads
expect 0 -- export heads --out heads.safetensors
expect 0 -- show heads.safetensors
shows conv1.lin.weight f32 "[64, 1433]"
expect 0 "'conv1' is model.0 (multi_head)" -- import heads.safetensors --config heads --out back.safetensors
check cmp heads/model.safetensors back.safetensors
expect 0 "'conv1' is model.0 (gat)" -- import heads.safetensors --config "$gat" --out as_gat.safetensors

# A graph convolution.
train "$root/examples/cora_gcn.json" --set training.epochs=1 --out gcn
expect 0 -- export gcn --out gcn.safetensors
expect 0 -- show gcn.safetensors
shows conv1.lin.weight f32 "[16, 1433]"
expect 0 -- import gcn.safetensors --config gcn --out back.safetensors
check cmp gcn/model.safetensors back.safetensors

# What does not fit is told, and nothing is written.
expect 1 "gcn.safetensors: expected weights of model.0 (gat) with lin.weight [64, 1433]" \
    "got tensors that fit no layer: conv1.lin.weight [16, 1433], conv2.lin.weight [7, 16]" \
    -- import gcn.safetensors --config "$gat" --out wrong.safetensors
expect 1 "expected names such as '0.weight', got such as 'conv1.lin.weight'" "--names pyg" \
    -- import pyg.safetensors --names tapegrad --config "$gat" --out wrong.safetensors
head -c 1000 pyg.safetensors >short.safetensors
expect 1 "short.safetensors" "damaged" -- import short.safetensors --config "$gat" --out wrong.safetensors
expect 1 "short.safetensors" -- show short.safetensors
expect 1 "$gat" -- show "$gat"
expect 1 "absent" -- show absent
expect 2 "run folder $root/examples" -- show "$root/examples"
check test ! -e wrong.safetensors
expect 2 "--out absent/x" -- export run --out absent/x
expect 2 "--out run" -- export run --out run
expect 2 "expected a file with weights" -- export "$gat" --out wrong.safetensors
expect 2 "--config" -- import pyg.safetensors --out wrong.safetensors
expect 2 "--names" -- export run --names dgl --out wrong.safetensors
expect 2 "A command" --
(
    trap '' XFSZ
    ulimit -f 100
    "$tested" export run --out pyg.safetensors 2>err
) && fail "a file that does not fit is no success"
check cmp pyg.safetensors again.safetensors

for command in "" export import show; do
    expect 0 -- $command --help
    prints 'Example: tools/weights'
done

# Python's own package opens the files, where it is there.
if python3 -c 'import numpy, safetensors' 2>/dev/null; then
    python3 - run/model.safetensors <<'END' >python || fail "safetensors of Python does not open it"
import sys
import numpy
import safetensors
with safetensors.safe_open(sys.argv[1], framework="numpy") as file:
    for name in file.keys():
        tensor = file.get_tensor(name)
        print(name, list(tensor.shape), f"{numpy.linalg.norm(tensor.astype(float)):.4g}")
END
    sort python >python_sorted
    awk '/ f32 / { name = $1; norm = $NF; sub(/^[^[]*/, ""); sub(/].*/, "]"); printf "%s %s %.4g\n", name, $0, norm }' \
        by_folder | sort >ours_sorted
    check diff ours_sorted python_sorted
else
    echo "skipped: python3 has no safetensors with numpy, so only our own reader opened the files"
fi

exit $((failures > 0))

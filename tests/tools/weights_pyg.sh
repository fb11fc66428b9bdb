#!/bin/bash
# Models trained here give the same logits in PyTorch Geometric, and the other way round, on the real Cora. Needs a Python
# with torch, torch_geometric and safetensors, which TAPEGRAD_PYTHON may name; without them it is skipped.
# $TAPEGRAD_BIN is the folder of the programs.
set -uo pipefail

program=weights
source "$(dirname "$(readlink -f "$0")")/expect.sh"

python=${TAPEGRAD_PYTHON:-python3}
if ! "$python" -c 'import torch, torch_geometric, safetensors' 2>err; then
    echo "skipped: $python has no torch with torch_geometric and safetensors ($(tail -1 err)); TAPEGRAD_PYTHON may name another"
    exit 0
fi
cora=$root/datasets/cora
train() { "$TAPEGRAD_BIN/train" "$@" --quiet --overwrite >out 2>err || fail "train $*: $(cat err)"; }
predict() { "$TAPEGRAD_BIN/predict" "$@" >table.tsv 2>err || fail "predict $*: $(cat err)"; }
compare() { "$python" -W ignore "$root/tests/tools/pyg/compare.py" "$@" || fail "compare.py $*"; }

# both_ways MODEL CONFIG [--directed]: MODEL is the name in models.py of what CONFIG describes.
both_ways() {
    local model=$1 config=$2 directed=${3-}
    train "$config" --set training.epochs=20 --out run
    expect 0 -- export run --names pyg --out for_pyg.safetensors
    predict run --logits
    compare $directed load "$model" for_pyg.safetensors "$cora" table.tsv

    compare $directed train "$model" from_pyg.safetensors "$cora"
    predict "$config" --weights from_pyg.safetensors --names pyg
    compare saved from_pyg.safetensors table.tsv

    # By way of a file under our names it is the same.
    mv table.tsv direct.tsv
    expect 0 -- import from_pyg.safetensors --config "$config" --out ours.safetensors
    predict run --weights ours.safetensors
    check cmp direct.tsv table.tsv
}

gat=$root/examples/cora_gat.json
gcn=$root/examples/cora_gcn.json
both_ways gat "$gat"
sed 's/"classes", "dropout"/"classes", "heads": 8, "merge": "mean", "dropout"/' "$gat" >gat8.json
both_ways gat8 gat8.json
sed 's/"gat"/"multi_head"/' gat8.json >multi_head.json
both_ways gat8 multi_head.json
sed 's/"name": "cora"/"name": "cora", "symmetrise": false/' "$gat" >gat_directed.json
both_ways gat gat_directed.json --directed
both_ways gcn_no_bias "$gcn"
sed 's/, "bias": false//; s/"name": "cora"/"name": "cora", "symmetrise": false/' "$gcn" >gcn_directed.json
both_ways gcn gcn_directed.json --directed

exit $((failures > 0))

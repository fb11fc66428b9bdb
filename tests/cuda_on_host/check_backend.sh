#!/bin/bash
# check-backend judges the CUDA kernels on the host: all of them with warps of 32 lanes, in another order of blocks and threads each
# time, and those that work in warps with 8 lanes too; then what the backend says where there is no device to compute on.
# $TAPEGRAD_BIN is the folder of the programs.
set -uo pipefail

source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../backends/succeeds.sh"
build=$(dirname "$bin")
if [[ ! -e $build/cuda_on_host/libtapegrad_backend_cuda_on_host.so ]]; then
    echo "skipped: without Boost.Context the kernels do not run on the host"
    exit 0
fi
export TAPEGRAD_BACKEND_PATH=$build/cuda_on_host
export TAPEGRAD_CUDA_ON_HOST_SEED=$RANDOM
echo "TAPEGRAD_CUDA_ON_HOST_SEED=$TAPEGRAD_CUDA_ON_HOST_SEED"

succeeds "warps of 32 lanes" "$bin/check-backend" cuda_on_host
for kernels in 'reduce_*' 'scatter_*' spmm 'attention_*' 'graph_attention*' '*softmax*' '*cross_entropy*'; do
    succeeds "warps of 8 lanes, $kernels" "$bin/check-backend" cuda_on_host_narrow --ops "$kernels"
done

# refuses NAME=VALUE WORDS...: on such a machine the backend is refused with these words, and "auto" computes with another,
# which it tells $told times.
refuses() {
    local setting=$1 talk words
    shift
    talk=$(env "$setting" "$bin/train" "$root/examples/cora_gcn.json" --backend cuda_on_host --set training.epochs=1 \
        --no-report --out "$scratch/refused" --overwrite 2>&1)
    if (($? == 0)); then
        echo "$setting was not refused: $talk"
        failures=$((failures + 1))
    fi
    for words in "$@"; do
        [[ $talk == *"$words"* ]] && continue
        echo "$setting was refused without the words '$words': $talk"
        failures=$((failures + 1))
    done
    succeeds "$setting, auto" env "$setting" "$bin/train" "$root/examples/cora_gcn.json" --backend auto \
        --set training.epochs=1 --no-report --out "$scratch/auto" --overwrite
    grep 'auto takes' "$scratch/talk" >"$scratch/told"
    if (($(wc -l <"$scratch/told") != told)) || ((told)) && ! grep -qF -- "$1" "$scratch/told"; then
        echo "$setting, auto: told $(wc -l <"$scratch/told") times instead of $told, or without '$1': $(cat "$scratch/talk")"
        failures=$((failures + 1))
    fi
}
told=0
refuses TAPEGRAD_CUDA_ON_HOST_DEVICE=no_driver "there is no NVIDIA driver" "--backend simd"
told=1
refuses TAPEGRAD_CUDA_ON_HOST_DEVICE=none "cudaErrorNoDevice" "--backend simd"
refuses TAPEGRAD_CUDA_ON_HOST_DEVICE=old "compute capability 6.0" "needs 7.5" "--backend simd"

# Too little memory is told with what was asked for and what is free.
if talk=$(TAPEGRAD_CUDA_ON_HOST_MEMORY=1000000 "$bin/train" "$root/examples/cora_gcn.json" --backend cuda_on_host \
    --set training.epochs=1 --no-report --out "$scratch/full" 2>&1); then
    echo "1 MB was enough: $talk"
    failures=$((failures + 1))
fi
for words in "no memory for " " of 1000000 are free" "--backend simd"; do
    [[ $talk == *"$words"* ]] && continue
    echo "too little memory was told without the words '$words': $talk"
    failures=$((failures + 1))
done

exit $((failures > 0))

#!/bin/bash
# Plants faults of GPU programming into the CUDA backend, one at a time, and asks check-backend, on the host, to find it.
# $TAPEGRAD_BIN is the folder of the programs.
set -uo pipefail

bin=${TAPEGRAD_BIN:?the folder of the programs is needed}
build=$(dirname "$bin")
root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
if [[ ! -e $build/cuda_on_host/libtapegrad_backend_cuda_on_host.so ]]; then
    echo "skipped: without Boost.Context the kernels do not run on the host"
    exit 0
fi
objects=$build/CMakeFiles/tapegrad_backend_cuda_on_host.dir
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

# is_found NAME FILE SED OPS [SOURCE]: with the change made by SED to FILE, check-backend must not pass. SOURCE is the .cu or .cpp
# that is compiled anew, FILE itself unless that is a header.
is_found() {
    local folder=$scratch/$1 changed=$scratch/$1/include/backends/cuda/$2 status=0
    mkdir -p "$folder/include/backends"
    cp -r "$root/backends/cuda" "$root/backends/backend_abi.h" "$folder/include/backends/"
    sed -i "$3" "$changed"
    if cmp -s "$changed" "$root/backends/cuda/$2"; then
        echo "$1: there is nothing to change in $2, the fault was not planted"
        return 1
    fi
    local source=${5-$2} name others
    name=${source%.*}
    # Kernels are compiled from the build folder's cuda_on_host/, the rest where it stands.
    mapfile -t others < <(find "$objects" -name '*.o' ! -path "*/backends/cuda/$name.cpp.o" ! -path "$objects/cuda_on_host/$name.cpp.o")
    echo "#include \"backends/cuda/$source\"" >"$folder/$name.cpp"
    "${CXX:-c++}" -std=c++20 -O1 -DTAPEGRAD_CUDA_WARP_SIZE=32 -DTAPEGRAD_CUDA_NAME='"cuda_on_host"' -fPIC -shared -Wl,-z,defs -ffp-contract=off -fvisibility=hidden \
        -I "$root/tests/cuda_on_host" -I "$folder/include" -I "$root" "$folder/$name.cpp" "${others[@]}" \
        -lboost_context -o "$folder/libtapegrad_backend_cuda_on_host.so" >"$folder/log" 2>&1 || {
        echo "$1: it does not compile: $(cat "$folder/log")"
        return 1
    }
    "$bin/check-backend" "$folder/libtapegrad_backend_cuda_on_host.so" --ops "$4" >"$folder/out" 2>&1 || status=$?
    ((status == 1)) && grep -q '^Next: mend ' "$folder/out" || {
        echo "$1: not found (exit code $status)"
        return 1
    }
}

finds() { is_found "$@" || failures=$((failures + 1)); }

barrier='0,/__syncthreads();/s/__syncthreads();//'
finds missing_barrier matmul.cu "$barrier" matmul
finds race_between_tiles matmul.cu 's/^\( *\)sum += part;/\1sum += part; continue;/' matmul
finds wrong_mask reduce.cu 's/combine_lanes<Reduction>(value, pass.lanes)/Reduction::combine(value, __shfl_xor_sync(1u, value, 1))/' reduce_sum
finds divergent_shuffle reduce.cu 's/    value = combine_lanes<Reduction>(value, pass.lanes);/    if (exists) &/' reduce_sum
finds shares_not_awaited walk.cuh '/states\[threadIdx.x\] = of_share;/,/__syncthreads();/s/__syncthreads();//' scatter_sum segment.cu
finds row_of_scratch_memory team.cuh '0,/__syncthreads();/s/__syncthreads();//' '*softmax' softmax.cu
finds scratch_memory_used_again team.cuh 's/__syncthreads();  \/\/ the next.*//' '*softmax' softmax.cu
finds tail elementwise.cu 's/if (i < size) y/y/' add
finds row_of_another reduce.cu 's/pass.lanes == 0) y\[at\]/pass.lanes == 0) y[at + (at + 1 < pass.results() ? 1 : 0)]/' reduce_sum
finds behind_shared_memory matmul.cu 's/2 \* tile \* (tile + 1) \* sizeof(T)/tile * (tile + 1) * sizeof(T)/' matmul
finds uninitialised_sum reduce.cu 's/T value = Reduction::template identity<T>();/T value = y[exists ? at : 0];/' reduce_sum
finds equal_logits loss.cu 's/x\[c\] < at_label/x[c] <= at_label/' correct_of_rows
finds sum_of_one_lane attention_scores.cu 's/combine_lanes<Sum>(by_source, rows.row.lanes_of_head)/by_source/' attention_inputs
finds parameter_before optimizer.cu 's/blockIdx.x >= first_blocks\[k + 1\]/blockIdx.x > first_blocks[k + 1]/' adam_step
finds guard_not_read optimizer.cu 's/!exists || !is_finite(\*adam.guard)/!exists/' adam_step
finds arrival_not_awaited transfers.cpp 's/cudaEventSynchronize(finished->place->copied)/cudaSuccess/' memory
finds place_too_small transfers.cpp 's/bytes <= kept_room && !free.empty()/!free.empty()/' memory
given_twice='s/\*result = download.release();/{ *result = download.release(); context->places.free.emplace_back((*result)->place.get()); }/
s/keep_place(\*context, std::move(finished->place));/finished->place.release();/'
finds place_given_twice transfers.cpp "$given_twice" memory
finds upload_overwritten transfers.cpp 's/cudaEventQuery(uploads.front()->copied) == cudaSuccess/true/' memory
finds replay_of_nothing plugin.cpp 's/check(\*context, cudaGraphLaunch(graph->executable, context->stream), "starting a graph")/TG_OK/' recorded

# What nothing is planted into is not found: what is found above is the fault, not the way it is built.
if is_found nothing transfers.cpp '1s/$/ /' memory >/dev/null || ! grep -q 'conforms$' "$scratch/nothing/out"; then
    echo "without a fault: $(tail -n 3 "$scratch/nothing/out")"
    failures=$((failures + 1))
fi

exit $((failures > 0))

#!/bin/bash
# Many runs in one command: which are made, reused, gone on with and refused. $TAPEGRAD_BIN is the folder of the programs.
set -uo pipefail

program=train
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/expect.sh"

gcn=$root/examples/cora_gcn.json
short=(--set epochs=3 --set training.early_stopping=null --no-report)

# A run a seed, each that of a run alone, and a table of all.
expect 0 "3 runs, 0 of them there already" "seed=2: test accuracy" -- "$gcn" "${short[@]}" --seeds 0..2 --jobs 2
check test "$(ls runs/cora_gcn-sweep | tr '\n' ' ')" = "seed=0 seed=1 seed=2 sweep.csv sweep.json "
check test "$(wc -l <runs/cora_gcn-sweep/sweep.csv)" = 4
prints '^ *3 +[0-9]{2}\.[0-9]{2} +[0-9]+\.[0-9]{2} +[0-9.]+ to [0-9.]+ '
prints '^Best run by validation accuracy: seed=[012]$'
expect 0 -- "$gcn" "${short[@]}" --seed 1 --threads 1 --out alone
check cmp alone/model.safetensors runs/cora_gcn-sweep/seed=1/model.safetensors

# The same command reuses what is there and goes on with what is not.
mean=$(sed -n 2p out)
before=$(stat -c %Y%i runs/cora_gcn-sweep/seed=0/model.safetensors)
expect 0 "3 runs, 3 of them there already" -- "$gcn" "${short[@]}" --seeds 0..2
rm runs/cora_gcn-sweep/seed=2/result.json
expect 0 "4 runs, 2 of them there already" -- "$gcn" "${short[@]}" --seeds 0..3
check test "$(stat -c %Y%i runs/cora_gcn-sweep/seed=0/model.safetensors)" = "$before"
expect 0 "4 runs, 0 of them" -- "$gcn" "${short[@]}" --seeds 0..3 --out runs/cora_gcn-sweep --overwrite

# A grid is told point by point, and the best by validation accuracy.
expect 0 -- "$gcn" "${short[@]}" --seeds 0,5 --grid lr=0.001,0.02 --out grid --quiet
check test ! -s err
check test "$(ls grid | tr '\n' ' ')" = "learning_rate=0.001,seed=0 learning_rate=0.001,seed=5 learning_rate=0.02,seed=0 learning_rate=0.02,seed=5 sweep.csv sweep.json "
prints '^optimizer.learning_rate +runs'
prints '^Best by mean validation accuracy: optimizer.learning_rate=0.0'

# What is there of another config, other data or another version is refused before anything is trained.
expect 2 "seed=1" "training.epochs" "--overwrite" -- "$gcn" "${short[@]}" --set epochs=4 --seeds 1,9
check test ! -e runs/cora_gcn-sweep/seed=9
sed -i 's/"version": "[0-9.]*"/"version": "0.0.1"/' grid/learning_rate=0.02,seed=5/run.json
expect 2 "seed=5" "0.0.1" -- "$gcn" "${short[@]}" --seeds 0,5 --grid lr=0.001,0.02 --out grid

# A run that fails is told, ends no other, and makes the exit code 1.
expect 1 "learning_rate=1e+30: training, epoch" "1 of 2 runs failed" \
    -- "$gcn" "${short[@]}" --set epochs=20 --grid lr=0.01,1e30 --out partly
check grep -q '^learning_rate=0.01,0.01,0,0' partly/sweep.csv
check grep -q 'training, epoch' partly/sweep.csv

# Interrupted, it says so, keeps what is done, and the same command ends with the weights of runs never stopped.
long=("$root/examples/cora_gat.json" --no-report --set epochs=400 --set training.early_stopping=null --seeds 0..3 --jobs 2)
expect 0 -- "${long[@]}" --out whole
(trap - INT && exec "$tested" "${long[@]}" --out stopped --checkpoint-seconds 0.05 >out 2>err) &
until [[ -e stopped/seed=1/checkpoints/last.safetensors ]]; do sleep 0.05; done
kill -INT $!
wait $!
check test $? = 130
check grep -q "interrupted after [0-9] of 4 runs, nothing is lost; the same command goes on" err
expect 0 "4 runs" -- "${long[@]}" --out stopped
for seed in 0 1 2 3; do check cmp whole/seed=$seed/model.safetensors stopped/seed=$seed/model.safetensors; done

# Wrong usage.
expect 2 "seeds 5..3" -- "$gcn" --seeds 5..3
expect 2 "seeds 1,1" -- "$gcn" --seeds 1,1
expect 2 "seeds -1" -- "$gcn" --seeds=-1
expect 2 "seeds " -- "$gcn" --seeds a..b
expect 2 "--grid learning_rate" -- "$gcn" --grid learning_rate
expect 2 "learning_rate" "nearest" -- "$gcn" --grid learning_rat=1,2
expect 2 "more than 0" -- "$gcn" --grid lr=0.1,-1
expect 2 "--seed" -- "$gcn" --seeds 0..1 --seed 3
expect 2 "--jobs" -- "$gcn" --seeds 0..1 --jobs 0
expect 2 "--resume" -- --resume alone --seeds 0..1
expect 2 "dataset.name" -- "$gcn" --seeds 0..1 --set dataset.name=coral
check test ! -e runs/cora_gcn-sweep-2

exit $((failures > 0))

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
"$tested" "$gcn" "${short[@]}" --seeds 0..2 --jobs 2 >figures 2>err
before=$(stat -c %Y%i runs/cora_gcn-sweep/seed=0/model.safetensors)
expect 0 "3 runs, 3 of them there already" -- "$gcn" "${short[@]}" --seeds 0..2
check cmp figures out
rm runs/cora_gcn-sweep/seed=2/result.json
expect 0 "4 runs, 2 of them there already" -- "$gcn" "${short[@]}" --seeds 0..3
check test "$(stat -c %Y%i runs/cora_gcn-sweep/seed=0/model.safetensors)" = "$before"
expect 0 -- "$gcn" "${short[@]}" --seeds 3..4 --dry-run
prints '^seed=3 +there already$'
prints '^seed=4 +to begin$'
prints '"epochs": 3'
check test ! -e runs/cora_gcn-sweep/seed=4
expect 0 "4 runs, 0 of them" -- "$gcn" "${short[@]}" --seeds 0..3 --overwrite

# The threads of the machine are shared by the runs that there are at a time, not by those that could be.
OMP_NUM_THREADS=2 expect 0 "1 at a time" -- "$gcn" "${short[@]}" --seeds 7..7 --jobs 2 --out one
check grep -q '"threads": 2' one/seed=7/config.json
OMP_NUM_THREADS=2 expect 0 "2 at a time" -- "$gcn" "${short[@]}" --seeds 7..8 --jobs 2 --out one --overwrite
check grep -q '"threads": 1' one/seed=7/config.json

# What a run warns of is told.
expect 0 "warning: 4096 threads were asked for" -- "$gcn" "${short[@]}" --seeds 1..1 --threads 4096 --out warned
expect 0 -- "$gcn" "${short[@]}" --seeds 1..1 --threads 4096 --out warned --overwrite --quiet
check test ! -s err

# A grid is told point by point, and the best by validation accuracy.
expect 0 -- "$gcn" "${short[@]}" --seeds 0,5 --grid lr=0.001,0.02 --out grid --quiet
check test ! -s err
check test "$(ls grid | tr '\n' ' ')" = "learning_rate=0.001,seed=0 learning_rate=0.001,seed=5 learning_rate=0.02,seed=0 learning_rate=0.02,seed=5 sweep.csv sweep.json "
prints '^optimizer.learning_rate +runs'
prints '^Best by mean validation accuracy: optimizer.learning_rate=0.0'
prints '^Its best run by validation accuracy: learning_rate=0.0.*,seed=[05]$'

# It may grow, whatever its values look like; paths are seen from the folder of the config, as everywhere.
expect 0 -- "$gcn" "${short[@]}" --grid 'betas=[0.9,0.99]' --out betas
expect 0 "2 runs, 1 of them there already" -- "$gcn" "${short[@]}" --grid 'betas=[0.8,0.99],[0.9,0.99]' --out betas
mkdir own
cp -r "$root/examples/own_graph/books" own/
cp "$root/examples/own_graph/books.json" own/
expect 0 -- own/books.json "${short[@]}" --grid dataset.name=./books --out own_grid
expect 0 "ended already" -- --resume own_grid/name=*

# A config has to be right only with the values of the grid.
sed 's/"name": "cora", //; s/"type": "adam",/"momentum": 0.9,/' "$gcn" >part.json
check grep -q momentum part.json
expect 0 -- part.json "${short[@]}" --grid optimizer.type=sgd --grid dataset.name=cora --out part

# What is there of another config, other data or another version is refused before anything is trained.
expect 2 "seed=1" "training.epochs" "--overwrite" -- "$gcn" "${short[@]}" --set epochs=4 --seeds 1,9
check test ! -e runs/cora_gcn-sweep/seed=9
weights=$(echo grid/learning_rate=0.02,seed=5/model.safetensors)
expect 2 "seed=0" "one that began with random weights" -- "$gcn" "${short[@]}" --seeds 0..3 --weights "$weights"
expect 0 -- "$gcn" "${short[@]}" --seeds 0..1 --weights "$weights" --out trained
expect 0 "2 of them there already" -- "$gcn" "${short[@]}" --seeds 0..1 --weights "$weights" --out trained
expect 2 "seed=0" "one that began with the weights" -- "$gcn" "${short[@]}" --seeds 0..1 --out trained
expect 2 "--weights $weights" "does not remove" \
    -- "$gcn" "${short[@]}" --seeds 0,5 --grid lr=0.001,0.02 --out grid --overwrite --weights "$weights"
check test -s "$weights"
sed -i 's/"digest": "./"digest": "x/' trained/seed=1/run.json
expect 2 "seed=1" "one on other data" -- "$gcn" "${short[@]}" --seeds 0..1 --weights "$weights" --out trained
sed -i 's/"version": "[0-9.]*"/"version": "0.0.1"/' grid/learning_rate=0.02,seed=5/run.json
sed -i 's/"seed": 5/"sed": 5/' grid/learning_rate=0.02,seed=5/config.json
expect 2 "seed=5" "0.0.1" -- "$gcn" "${short[@]}" --seeds 0,5 --grid lr=0.001,0.02 --out grid

# Of several backends it is warned, and the table tells them; no run changes its backend on its way.
sed -i 's/"backend": "[a-z]*"/"backend": "other"/' one/seed=7/result.json one/seed=8/run.json
OMP_NUM_THREADS=2 expect 0 "several backends, other and " -- "$gcn" "${short[@]}" --seeds 7..8 --out one
prints ' backend$'
prints ' other, [a-z]+$'
rm one/seed=8/result.json
expect 2 "backend other, which computed the run so far" "1 of 2 runs were refused" \
    -- "$gcn" "${short[@]}" --seeds 7..8 --out one

# A result that was altered is an error with its file.
echo '{}' >one/seed=8/result.json
expect 1 "one/seed=8/result.json" "without test_accuracy" -- "$gcn" "${short[@]}" --seeds 7..8 --out one

# A run that fails is told, ends no other, and makes the exit code 1.
expect 1 "learning_rate=1e+30: training, epoch" "1 of 2 runs failed" \
    -- "$gcn" "${short[@]}" --set epochs=20 --grid lr=0.01,1e30 --out partly
check grep -q '^learning_rate=0.01,0.01,0,0' partly/sweep.csv
check grep -q 'training, epoch' partly/sweep.csv

# That a file cannot be written hides neither the table nor the errors.
rm partly/sweep.json
mkdir partly/sweep.json.part
expect 1 "learning_rate=1e+30: training, epoch" "sweep.json" \
    -- "$gcn" "${short[@]}" --set epochs=20 --grid lr=0.01,1e30 --out partly
prints '^0.01 +1 '
expect 2 "can be written" -- "$gcn" "${short[@]}" --seeds 0..1 --out "$gcn/sweep"

# What is wrong with all runs is told once, with the exit code of a single run.
expect 2 "seed=0 and 2 more: backend: expected one of" "3 of 3 runs were refused" \
    -- "$gcn" "${short[@]}" --seeds 0..2 --backend referenze --out wrong
expect 2 "seed=0 and 2 more: training.evaluate" -- "$gcn" --seeds 0..2 --set evaluate=false --out wrong
check test ! -e wrong/seed=0

# Interrupted, it says so, keeps what is done, and the same command ends with the weights of runs never stopped.
long=("$root/examples/cora_gat.json" --no-report --set epochs=400 --set training.early_stopping=null --seeds 0..3 --jobs 2)
expect 0 -- "${long[@]}" --out whole
(trap - INT && exec "$tested" "${long[@]}" --out stopped --checkpoint-seconds 0.05 >out 2>err) &
await test -e stopped/seed=1/checkpoints/last.safetensors
kill -INT $!
wait $!
check test $? = 130
check grep -q "interrupted after [0-9] of 4 runs, nothing is lost; the same command goes on" err
expect 0 "4 runs" -- "${long[@]}" --out stopped
for seed in 0 1 2 3; do check cmp whole/seed=$seed/model.safetensors stopped/seed=$seed/model.safetensors; done

# What --overwrite removes is gone at once, so that the command without it goes on after an interruption.
(trap - INT && exec "$tested" "${long[@]}" --out stopped --checkpoint-seconds 0.05 --overwrite >out 2>err) &
await test ! -e stopped/seed=3/config.json
await test -e stopped/seed=1/checkpoints/last.safetensors
kill -INT $!
wait $!
check test $? = 130
check test ! -e stopped/seed=3/result.json
check grep -q "nothing is lost; the same command without --overwrite goes on" err

# One sweep at a time has a folder, also while runs of one that was killed are on their way.
"$tested" "${long[@]}" --set epochs=100000 --out locked --checkpoint-seconds 0.05 >/dev/null 2>err &
await test -e locked/seed=1/checkpoints/last.safetensors
expect 2 "one that process $! trains in" "Wait" -- "${long[@]}" --set epochs=100000 --out locked
expect 2 "one that process $! trains in" -- "${long[@]}" --out locked --overwrite
check test -e locked/seed=1/checkpoints/last.safetensors
children=$(cat "/proc/$!/task/$!/children")
{ kill -9 $! && wait $!; } 2>/dev/null
ended() { for child in $children; do [[ ! -e /proc/$child ]] || return 1; done; }
await ended
expect 0 "4 runs" -- "${long[@]}" --out locked --overwrite
for seed in 0 3; do check cmp whole/seed=$seed/model.safetensors locked/seed=$seed/model.safetensors; done

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
expect 2 "--jobs" "several runs" -- "$gcn" --jobs 2
expect 2 "a seed or a range" -- "$gcn" --seeds ""
expect 2 "seeds 5..3" -- "$gcn" --seeds 5..3 --dry-run
expect 2 "nearest" -- "$gcn" --grid learning_rat=1,2 --dry-run
expect 2 "--resume" -- --resume alone --seeds 0..1
expect 2 "dataset.name" -- "$gcn" --seeds 0..1 --set dataset.name=coral
check test ! -e runs/cora_gcn-sweep-2

exit $((failures > 0))

#!/bin/bash
# The program as a person runs it: files, output, exit codes, bad input. $TAPEGRAD_BIN is the folder of the programs.
set -uo pipefail

program=train
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/expect.sh"

gat=$root/examples/cora_gat.json
gcn=$root/examples/cora_gcn.json
short=(--set training.epochs=2 --backend reference)

files="checkpoints config.json events.out.tfevents.tapegrad metrics.csv metrics.jsonl model.safetensors report.html result.json run.json "
files_in() { ls "$1" | sed 's/tfevents.[0-9]*/tfevents/' | tr '\n' ' '; }

# A run makes these files and tells about every epoch on stdout.
expect 0 "files in run" -- "$gat" "${short[@]}" --seed 3 --threads 1 --out run
check test "$(files_in run)" = "$files"
check test "$(ls run/checkpoints | tr '\n' ' ')" = "best.safetensors last.safetensors "
check test "$(wc -l <run/metrics.jsonl)" = 2
check test "$(grep -cE '^Epoch 0000[01] \| Loss [0-9.]+ \| Time\(s\) [0-9.]+ \| Val loss [0-9.]+ \| Val accuracy [0-9.]+ \| Train accuracy [0-9.]+ \| Best [0-9.]+ at 0000[01]( \| [0-9]+ epochs/s \| 0:00 left)?$' out)" = 2
check test "$(grep -cE '^Test accuracy 0\.[0-9]{4} \|' out)" = 1
for key in test_accuracy val_accuracy best_epoch epochs train_seconds step_ms_median eval_ms_median parameters backend \
    peak_tensor_bytes peak_process_bytes tensor_bytes_growth process_bytes_growth threads seed version; do
    grep -q "\"$key\":" run/result.json || fail "$key is not in result.json"
done
for entry in '"epochs": 2' '"seed": 3' '"threads": 1' '"backend": "reference"'; do
    grep -qF "$entry" run/result.json || fail "$entry is not in: $(cat run/result.json)"
done
for entry in '"epochs": 2' '"seed": 3' '"negative_slope": 0.2' '"check_finite": false' '"epsilon": 1e-08'; do
    grep -qF "$entry" run/config.json || fail "$entry is not in: $(cat run/config.json)"
done

# A budget of memory is kept, or refused with an estimate before anything is written.
expect 1 "memory: expected training whose tensors take 1.0 MiB (1048576 bytes) at most" "about" "Allow more with --memory" -- \
    "$gat" "${short[@]}" --memory 1MiB --out refused
check test ! -e refused
expect 1 "about" -- "$gat" "${short[@]}" --memory 1kB --dry-run
expect 1 "3 of 3 runs failed" "seed=0 and 2 more: memory: expected" -- "$gat" "${short[@]}" --memory 1kB --seeds 0..2 --out refused-sweep
expect 0 -- "$gat" "${short[@]}" --seed 3 --threads 1 --memory 1.5GiB --out roomy
check cmp run/model.safetensors roomy/model.safetensors
expect 2 "--memory" -- "$gat" --memory=
for size in lots 5 -1GiB 0B 99999999999TiB; do
    expect 2 "--memory: expected a size from 1B" "got '$size'" -- "$gat" "--memory=$size"
done

# Tensors take no more after the last epoch than after the first ones, with and without checkpoints in between.
for seconds in 0 1000; do
    expect 0 -- "$gat" --set training.epochs=12 --no-report --checkpoint-seconds "$seconds" --out "steady$seconds"
    grep -q '"tensor_bytes_growth": 0,' "steady$seconds/result.json" || fail "tensors grow: $(cat "steady$seconds/result.json")"
    check test "$(sed -n 's/.*"peak_tensor_bytes": \([0-9]*\).*/\1/p' "steady$seconds/result.json")" -gt 1000000
done

# The config that a run leaves behind makes the same run; the weights are the same, bit for bit. Another seed's are not.
expect 0 -- run/config.json --out again
check cmp run/model.safetensors again/model.safetensors
check cmp run/config.json again/config.json
expect 0 -- run/config.json --seed 4 --out other
cmp -s run/model.safetensors other/model.safetensors && fail "seeds 3 and 4 give the same weights"

# Of several configs each changes what those before it say; the first names the run. Keys may be short.
printf '{"training": {"epochs": 1}, "seed": 5}' >changes.json
expect 0 -- "$gat" changes.json --backend reference --set lr=0.01 --set early_stopping=null --quiet
for entry in '"epochs": 1' '"seed": 5' '"learning_rate": 0.01' '"early_stopping": null' '"heads": 8'; do
    grep -qF "$entry" runs/cora_gat/config.json || fail "$entry is not in: $(cat runs/cora_gat/config.json)"
done
rm -r runs
printf '{"training": {"epochs": 0}, "sed": 5}' >wrong.json
expect 2 "wrong.json: training.epochs: " "wrong.json: sed: " "--set lr=-1: optimizer.learning_rate: " \
    -- "$gat" wrong.json --set lr=-1
expect 2 "key dropout: " "model.0.dropout, model.2.dropout" -- "$gat" --set dropout=0.1

# A folder with a run is kept, unless --overwrite says otherwise; without --out every run gets a folder of its own.
cp -r run kept
expect 2 "one that holds config.json" "--overwrite" -- "$gat" "${short[@]}" --out run
check diff -r run kept
mkdir begun
cp run/run.json begun/
expect 0 -- "$gat" "${short[@]}" --out begun --quiet  # did not get as far as config.json
echo mine >run/notes.txt
expect 0 -- "$gat" "${short[@]}" --out run --overwrite --quiet --no-report
check test ! -e run/report.html
check grep -qF '"seed": 0' run/result.json
check test "$(cat run/notes.txt)" = mine
expect 0 -- "$gcn" "${short[@]}" --quiet
expect 0 -- "$gcn" "${short[@]}" --quiet
check test "$(ls runs | tr '\n' ' ')" = "cora_gcn cora_gcn-2 "

# --explain tells about ops and parts on stderr and in explain.json, and leaves stdout to the results.
expect 0 "backend reference with 1 thread: plain C++" "calls/step" "matmul" "outside ops" "load data" "prepare data" \
    -- "$gat" "${short[@]}" --threads 1 --quiet --explain --out explained
check test "$(wc -l <out)" = 1
check test "$(files_in explained)" = "${files/metrics.csv/explain.json metrics.csv}"
check grep -qF '"op": "adam_step"' explained/explain.json
check grep -qF '"part": "open backend"' explained/explain.json
expect 0 -- "$gat" "${short[@]}" --quiet --out explained --overwrite
check test ! -e explained/explain.json

# --quiet prints the last line alone.
check test "$(wc -l <out)" = 1
check grep -qE '^Test accuracy ' out
check test ! -s err

# --dry-run tells what would be trained, and leaves nothing behind.
ls -a >before
expect 0 -- "$gat" --dry-run --backend reference --out dry
for phrase in '"learning_rate": 0.005' '0.weight' '92373' 'kept for backward' 'peak of a step' 'graph_attention'; do
    grep -qF -- "$phrase" out || fail "'$phrase' is not in: $(cat out)"
done
check test ! -s err
check test "$(ls -a)" = "$(cat before)"
check test ! -e runs/cora_gat
expect 2 "training.epochs: " -- "$gat" --dry-run --set epochs=0

# Nothing is trained when the output cannot be written.
expect 2 "output folder" "can be written" -- "$gat" "${short[@]}" --out "$gat/run"
check test ! -s out

# Wrong usage and bad configs end with 2, what fails later with 1; each with a message that says where.
expect 2 "CONFIG" --
expect 2 "--frobnicate" -- "$gat" --frobnicate
expect 2 "--seed" -- "$gat" --seed soon
expect 2 "--out" -- "$gat" --overwrite
expect 2 "--set oops: " "--set model.7.heads=1: " "optimizer.learning_rate: " \
    -- "$gat" --set oops --set model.7.heads=1 --set lr=-1
expect 2 "training.evaluate" -- "$gat" --set evaluate=false --out unstopped
check test ! -e unstopped
expect 2 "absent.json" "no file of that name" -- absent.json
printf '{\n  "seed": 1,\n  oops\n}\n' >broken.json
expect 2 "broken.json, line 3, column 3" -- broken.json
expect 2 "training.epoch: " 'nearest is "epochs"' "optimizer.learning_rate: " \
    -- "$gat" --set training.epoch=3 --set optimizer.learning_rate=-1
expect 2 "model.2.heads: expected an integer of at least 1" "got 0" -- "$gat" --set model.2.heads=0
expect 2 "--set model.7.heads=1" "an entry below 3" -- "$gat" --set model.7.heads=1
expect 2 "--threads: threads: " "got -1" -- "$gat" --threads -1
expect 2 "model: expected 7 numbers a node" "got 14" -- "$gat" --set model.2.heads=2
expect 2 "backend: expected one of auto, " ", reference, " '"referenze"' 'nearest is "reference"' -- "$gat" --backend referenze
expect 2 "dataset.name: expected one of " "cora" 'nearest is "cora"' -- "$gat" --set dataset.name=coral
expect 2 "optimizer.weight_decay_layers" -- "$gat" --set "optimizer.weight_decay_layers=[-1]"
expect 1 "training, epoch 0: expected a finite loss" "the first op that made a value that is not finite: " -- "$gat" --out diverged --set training.epochs=1 --set optimizer.learning_rate=1e300
expect 1 "absent.so" -- "$gat" --load absent.so
check test "$(ls runs | tr '\n' ' ')" = "cora_gcn cora_gcn-2 "

# Layers come from extensions too: seen from the config's folder, or given by --load.
mkdir configs
cp "$TAPEGRAD_BIN/../test_plugins/libswish_extension.so" configs/
printf '{"dataset": {"name": "cora"}, "training": {"epochs": 1}, "model": [{"type": "gcn", "out_features": 4},
    {"type": "swish_layer"}, {"type": "gcn", "out_features": "classes"}] }\n' >configs/plain.json
sed 's/] }$/], "extensions": ["libswish_extension.so"]}/' configs/plain.json >configs/extended.json
expect 2 "model.1.type: " 'got "swish_layer"' -- configs/plain.json
expect 0 -- configs/plain.json --load configs/libswish_extension.so --out loaded
expect 0 -- configs/extended.json --out extended
check cmp loaded/config.json extended/config.json
check cmp loaded/model.safetensors extended/model.safetensors

expect 0 -- --version
check grep -qE '^tapegrad [0-9]+\.[0-9]+\.[0-9]+$' out
expect 0 -- --help
check grep -qF -- '--set' out

exit $((failures > 0))

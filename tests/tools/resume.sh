#!/bin/bash
# Runs that are stopped and gone on with: killed at random moments, interrupted, damaged, in use. $TAPEGRAD_BIN is the
# folder of the programs.
set -uo pipefail

program=train
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/expect.sh"

gat=$root/examples/cora_gat.json
short=(--no-report --threads 1 --set training.epochs=300)

# Killed 30 times at random moments, whenever the run that is going on ends before that in a new one: the weights are
# always those of a run left alone, and no checkpoint is ever unreadable.
expect 0 -- "$gat" "${short[@]}" --out alone
kills=0
for run in $(seq 30); do
    arguments=("$gat" "${short[@]}" --out "killed$run" --checkpoint-seconds 0.01)
    while ((kills < 30)); do
        "$tested" "${arguments[@]}" >/dev/null 2>err &
        sleep "0.$((RANDOM % 3))$((RANDOM % 10))$((RANDOM % 10))"
        kill -9 $! 2>/dev/null
        wait $! 2>/dev/null
        code=$?
        ((code == 0 || code == 137)) || fail "exit code $code of run $run after $kills kills: $(cat err)"
        ((code == 137)) && kills=$((kills + 1))
        ((code == 0)) && break
        [[ -f killed$run/config.json ]] && arguments=(--resume "killed$run" --no-report --checkpoint-seconds 0.01)
    done
    if [[ -f killed$run/config.json ]]; then
        expect 0 -- --resume "killed$run" --no-report
    else
        expect 0 -- "$gat" "${short[@]}" --out "killed$run"
    fi
    check cmp alone/model.safetensors "killed$run/model.safetensors"
    check test "$(sed 's/,"seconds.*//' alone/metrics.jsonl)" = "$(sed 's/,"seconds.*//' "killed$run/metrics.jsonl")"
    check test "$(wc -l <"killed$run/metrics.csv")" = 301
    ((kills < 30)) || break
done
check test "$kills" = 30
((failures)) || echo "killed $kills times in $run runs: the weights and metrics of each are those of a run left alone"

# Ctrl-C writes a checkpoint, says how to go on and ends with 130; so does a request to terminate.
for signal in INT TERM; do
    (trap - INT && exec "$tested" "$gat" "${short[@]}" --set training.epochs=100000 --set training.early_stopping=null --out "$signal" >out 2>err) &
    until [[ -s $signal/metrics.jsonl ]]; do sleep 0.02; done
    sleep 0.1
    kill -s "$signal" $!
    wait $!
    check test $? = 130
    check grep -q "interrupted after [0-9]* epochs, nothing is lost; to go on: .*train --resume $signal" err
    check test -s "$signal/checkpoints/last.safetensors"
    check test ! -e "$signal/result.json"
done

# A folder that is in use is left alone.
"$tested" --resume INT >out 2>err &
until grep -q "going on after" err; do sleep 0.02; done
expect 2 "one that process $! trains in" "Wait" -- --resume INT
expect 2 "one that process $! trains in" -- "$gat" --out INT --overwrite
kill -9 $!
wait $! 2>/dev/null

# A config that changed since is refused with the difference; threads change no bit.
expect 2 "optimizer.learning_rate" "0.005" "0.01" "--resume INT" -- --resume INT --set lr=0.01
expect 2 "model" -- "$root/examples/cora_gcn.json" --resume INT
expect 0 "ended already" -- --resume alone --threads 2
prints '^Test accuracy '

# So are a config.json that was edited since, and a checkpoint of another run.
cp -r INT edited
sed -i 's/"seed": 0/"seed": 7/' edited/config.json
expect 2 "last.safetensors" "seed" "Restore config.json" -- --resume edited
check test "$(wc -l <edited/metrics.jsonl)" = "$(wc -l <INT/metrics.jsonl)"

# Without the last checkpoint training does not begin anew where there is another one.
cp -r INT lost
mv lost/checkpoints/last.safetensors lost/checkpoints/previous.safetensors
expect 1 "no last.safetensors" "is whole" "--from previous" -- --resume lost

# Weights that do not fit, or lie in the folder that is replaced, are read before anything is written or removed.
expect 0 -- "$root/examples/cora_gcn.json" "${short[@]}" --set training.epochs=1 --out gcn
cp -r alone again
expect 1 "gcn/model.safetensors" -- "$gat" "${short[@]}" --out again --overwrite --weights gcn/model.safetensors
check cmp alone/model.safetensors again/model.safetensors
expect 1 "gcn/model.safetensors" -- "$gat" "${short[@]}" --out none --weights gcn/model.safetensors
check test ! -e none
expect 0 -- "$gat" "${short[@]}" --set training.epochs=1 --out again --overwrite --weights again/model.safetensors

# A folder that is removed meanwhile does not come back without half of its files.
"$tested" "$gat" "${short[@]}" --out removed --checkpoint-seconds 0.1 >/dev/null 2>err &
until [[ -s removed/metrics.jsonl ]]; do sleep 0.02; done
rm -r removed
wait $!
check test $? = 1
check grep -q "removed/checkpoints/.*No such file" err
check test ! -e removed

# A result that was altered is an error in words.
cp -r alone altered
echo '{"test_accuracy": "good"}' >altered/result.json
expect 1 "altered/result.json" "Remove it and go on with --resume" -- --resume altered

# Other versions and other data are refused: the same bits could not be promised.
cp -r INT version
sed -i 's/"version": "[0-9.]*"/"version": "0.0.1"/' version/run.json
expect 2 "a run of tapegrad" "one of tapegrad 0.0.1" "Go on with that version" -- --resume version
cp -r INT backend
sed -i 's/"backend": "[a-z]*"/"backend": "other"/' backend/run.json
expect 2 "backend other, which computed the run so far" -- --resume backend
sed -i 's/"digest": "./"digest": "x/; s/"version": "0.0.1"/"version": "'"$("$tested" --version | cut -d' ' -f2)"'"/' version/run.json
expect 2 "data set cora as it was when the run began" -- --resume version
sed -i 's/"format": 1/"format": 7/' version/run.json
expect 2 "format 7" -- --resume version

# A folder from before these were told is gone on with.
cp -r INT older
sed -i '/"backend"/d; /"initial_weights"/d' older/run.json
(trap - INT && exec "$tested" --resume older >out 2>err) &
await grep -q "going on after" err
kill -INT $!
wait $!
check test $? = 130

# Weights that a run began with are in its checkpoint alone.
sed -i 's/"initial_weights": ""/"initial_weights": "0123"/' backend/run.json
sed -i 's/"backend": "other"/"backend": "'"$(sed -n 's/.*"backend": "\([a-z]*\)".*/\1/p' INT/run.json)"'"/' backend/run.json
rm -r backend/checkpoints
expect 1 "did not begin with random weights" -- --resume backend

# A damaged checkpoint is refused, and the one before it offered.
cp -r INT damaged
cp damaged/checkpoints/last.safetensors damaged/checkpoints/previous.safetensors
printf 'x' | dd of=damaged/checkpoints/last.safetensors bs=1 seek=5000 conv=notrunc status=none
expect 1 "a damaged one" "is whole" "--from previous" -- --resume damaged
(trap - INT && exec "$tested" --resume damaged --from previous >out 2>err) &
until grep -q "going on after" err; do sleep 0.02; done
kill -INT $!
wait $!
check test $? = 130
rm -r damaged/checkpoints
expect 2 "--from previous" "none" -- --resume damaged --from previous

# Metrics that lack rows of the checkpoint are an error, not a gap.
cp -r INT torn
head -n 1 INT/metrics.jsonl >torn/metrics.jsonl
expect 1 "metrics.jsonl" -- --resume torn

# A disk that is full: an error that names the file, and what was there stays.
cp -r INT full
before=$(sha256sum full/checkpoints/last.safetensors)
(ulimit -f 8 && trap '' XFSZ && "$tested" --resume full >out 2>err)
check test $? = 1
check grep -q "full/.*: expected a file that can be written, got File too large" err
check test "$(sha256sum full/checkpoints/last.safetensors)" = "$before"
check test -z "$(find full -name '*.part')"

# A loss that is not a number stops training, names the op that made the first one and keeps the last good weights.
expect 1 "the first op that made a value that is not finite: " "last good ones, are in nan/checkpoints/last_good.safetensors" \
    -- "$gat" --out nan --set lr=1e12
check test -s nan/checkpoints/last.safetensors
check test ! -e nan/result.json
expect 0 -- "$gat" --weights nan/checkpoints/last_good.safetensors --set epochs=2 --out after_nan

# Without validation it shows by the last weights.
expect 1 "epoch 0: expected finite weights" "the optimizer's update of 0.weight" "weights before epoch 0" \
    -- "$gat" --out nan_weights --set lr=1e39 --set epochs=1 --set early_stopping=null --set evaluate=false
check test -s nan_weights/checkpoints/last.safetensors

# Where stdout is closed, no file of the run takes its place and gets the lines.
"$tested" "$gat" "${short[@]}" --set training.epochs=2 --out closed >&- 2>err
check test $? = 1
check test "$(wc -l <closed/.lock)" = 0

# Nor does a folder that may not be looked into seem to be without checkpoints (root may look everywhere).
if ((EUID == 0)) && command -v setpriv >/dev/null; then
    cp -r INT locked
    chmod -R a+rwX . && chmod 000 locked/checkpoints
    rows=$(wc -l <locked/metrics.jsonl)
    setpriv --reuid=65534 --clear-groups "$tested" --resume locked >out 2>err
    check test $? = 1
    check grep -q "Permission denied" err
    check test "$(wc -l <locked/metrics.jsonl)" = "$rows"
else
    echo "resume.sh: skipped: only root can be another user"
fi

# Wrong usage.
expect 2 "CONFIG" --
expect 2 "--resume" -- --resume alone --out other
expect 2 "absent" "no folder of that name" -- --resume absent
expect 2 "--from" -- "$gat" --from previous
expect 2 "--from" -- --resume alone --from nowhere
expect 2 "--checkpoint-seconds" -- "$gat" --checkpoint-seconds -1

exit $((failures > 0))

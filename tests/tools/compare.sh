#!/bin/bash
# Runs of tools/train compared, alone and over seeds, and bad input; the page in a browser where there is one. The
# numbers are held against SciPy's in tests/tools/comparisons/. $TAPEGRAD_BIN is the folder of the programs.
set -uo pipefail

program=compare
source "$(dirname "$(readlink -f "$0")")/expect.sh"

train() { "$TAPEGRAD_BIN/train" "$@" --backend reference --quiet >out 2>err || fail "train $*: $(cat err)"; }
says() { grep -qF -- "$1" out || fail "'$1' is not in: $(cat out)"; }

gcn=$root/examples/cora_gcn.json
for seed in 1 2 3; do
    train "$gcn" --set epochs=12 --seed "$seed" --out "sweep/dropout=0.5,seed=$seed"
    train "$gcn" --set epochs=12 --set 0.p=0.1 --seed "$seed" --out "sweep/dropout=0.1,seed=$seed"
    train "$gcn" --set epochs=9 --seed "$seed" --out "short/$seed"
done

# Two folders: what differs is shown, the seed is not.
cp -r sweep two && rm -r two/dropout=0.1*
expect 0 -- two short
check test ! -s err
prints '^training\.epochs +12 +9$'
grep -q seed= out && fail "a seed is among the differences: $(cat out)"
prints '^two +3 +[0-9]+\.[0-9]{2} +[0-9]+\.[0-9]{2} +[0-9.]+ to [0-9.]+ '
says "paired t, 3 pairs"
prints '(better than|No difference can be told).*paired over 3 seeds, p [=<] '

# One folder with two configs, results in files too.
expect 0 -- sweep --metric test_loss --html page.html --json numbers.json
prints '^model\.0\.p +0\.1 +0\.5$'
check grep -qF '</html>' page.html
check grep -qF '"p_wilcoxon"' numbers.json
grep -qE '<script|http:|https:|src=' page.html && fail "the page needs something else than itself"

# Means and differences are those of result.json.
if command -v python3 >/dev/null; then
    python3 - <<'PYTHON' || fail "the numbers are not those of the runs"
import glob, json
groups = json.load(open("numbers.json"))["groups"]
for group, dropout in zip(groups, ("0.1", "0.5")):
    losses = [json.load(open(file))["test_loss"] for file in glob.glob(f"sweep/dropout={dropout},*/result.json")]
    assert abs(group["mean"] - sum(losses) / 3) < 1e-12, (group["mean"], losses)
    assert len(group["curves"]["val_loss"]["mean"]) == 12
PYTHON
fi

# One seed each, seeds that do not meet, several folders.
expect 0 -- short/1 two/dropout=0.5,seed=1
says "with one seed each: that tells nothing about significance"
expect 0 -- short/1 two
says "a test needs at least two of each"
train "$gcn" --set epochs=9 --seed 4 --out other/4
train "$gcn" --set epochs=9 --seed 5 --out other/5
expect 0 "the configs are the same but for the seed" -- short other
says "3 and 2 runs, not paired"
expect 0 -- two short other
says "after Holm's correction for 2 tests"

# Runs that do not count, and files that were cut.
cp -r short damaged
rm damaged/1/result.json
truncate -s -20 damaged/2/metrics.jsonl
expect 0 "left out: damaged/1: not finished" "damaged/2/metrics.jsonl was cut: it holds 8 of 9 epochs" -- two damaged
says "paired t, 2 pairs"
truncate -s -20 damaged/3/result.json
expect 0 "left out: damaged/3: " "damaged/3/result.json" -- two damaged
expect 1 "expected a run that has ended, got 1 without" -- two damaged/1
sed -i 's/"digest": "../"digest": "xx/' damaged/2/run.json
expect 0 "not of the same data" -- two damaged

# Wrong use.
expect 2 "DIR is required" --
expect 2 "expected at least two folders" -- short
expect 2 "got short/1, which short has too" -- short two short/
expect 2 "no folder of that name" -- short nowhere
expect 2 "a folder without either" -- short "$root/docs"
expect 2 "Did you mean test_accuracy?" -- short two --metric test_acuracy
expect 2 "--html" -- short two --html nowhere/page.html
check test ! -e nowhere
expect 2 "Did you mean" -- short two --metric x --html unwritten.html
check test ! -e unwritten.html

# The page at several widths, in both themes.
reports=$root/tests/tools/reports
export PYTHONDONTWRITEBYTECODE=1
if command -v python3 >/dev/null && (cd "$reports" && python3 -c "import browser, sys; sys.exit(browser.find_chromium() is None)"); then
    expect 0 -- sweep short other/4 --html page.html
    python3 "$reports/report_check.py" --layout-only page.html || fail "the page shows faults"
else
    echo "compare.sh: the page was not looked at: it needs python3 and chromium"
fi

exit $((failures > 0))

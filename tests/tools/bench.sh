#!/bin/bash
# tools/bench as a person runs it: figures, JSON, comparisons, wrong usage. $TAPEGRAD_BIN is the folder of the programs.
set -uo pipefail

program=bench
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/expect.sh"

# is_json FILE KEY...: JSON that holds these keys, as Python reads it (where there is one).
is_json() {
    local file=$1 key
    shift
    for key in "$@"; do check grep -qF "\"$key\":" "$file"; done
    if command -v python3 >/dev/null; then check python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$file"; fi
}

machine='^tapegrad [0-9.]+ \| .+, [0-9]+ cores \| 1 thread \| backend reference: '
short=(--backend reference --threads 1)

# gat: the paper's model on Cora, its figures, and the files for other programs.
expect 0 -- gat "${short[@]}" --steps 2 --json gat.json --export cora.edges --export-data cora.data
prints "$machine"
prints '^cora: 2708 nodes, 13264 edges, 1433 features, 7 classes \| 2 layers, hidden 8 x 8, dropout 0.6 .*, 0 on projected'
prints '^training step: median [0-9.]+ ms, quartiles [0-9.]+ to [0-9.]+, minimum [0-9.]+, 2 times$'
prints '^evaluation: median [0-9.]+ ms'
prints '^training steps are computed op by op; tensors take [0-9.]+ MiB at most$'
prints '^whole run: 2 epochs '
prints 'peak memory [0-9]+ MiB, [0-9]+ of it before'
is_json gat.json train_ms evaluation_ms median peak_bytes peak_tensor_bytes whole_run_seconds processor description
check test "$(stat -c %s cora.edges)" = $((8 + 8 * 13264))
check test "$(stat -c %s cora.data)" = $((4 * (7 + 2 * 13264 + 2708 * 1433 + 2 * (140 + 500 + 1000))))
expect 0 -- gat "${short[@]}" --data ./cora.edges --features 4 --classes 3 --steps 1
prints '^\./cora.edges: 2708 nodes, 13264 edges, 4 features, 3 classes'
expect 0 -- gat "${short[@]}" --data synthetic --nodes 50 --edges 100 --features 6 --layers 3 --heads 2 --hidden 3 --steps 1
prints '^synthetic: 50 nodes, 2[0-9]{2} edges, 6 features, 40 classes \| 3 layers, hidden 2 x 3'
first=$(grep -o 'loss after .*' out)
expect 0 -- gat "${short[@]}" --data synthetic --nodes 50 --edges 100 --features 6 --layers 3 --heads 2 --hidden 3 --steps 1
check test "$(grep -o 'loss after .*' out)" = "$first"
expect 0 -- gat "${short[@]}" --data synthetic --nodes 50 --edges 100 --features 6 --layers 3 --heads 2 --hidden 3 --steps 1 --feature-drop 0.6
check test "$(grep -o 'loss after .*' out)" != "$first"

# gat --against: a program that prints a median, one that fails, one that prints nothing.
small=(gat "${short[@]}" --data synthetic --nodes 50 --edges 100 --steps 2)
expect 0 -- "${small[@]}" --rounds 3 --json against.json --against 'echo run >>runs; echo "train-step median 0.500 ms min 0.4"'
check test "$(wc -l <runs)" = 3
check test "$(grep -cE '^round [123]: training step, ms: ours [0-9.]+, theirs 0.500, ours / theirs [0-9.]+$' out)" = 3
prints '^training step, ms .* 0\.500 '
is_json against.json comparisons ours theirs ratios
expect 0 -- "${small[@]}" --rounds 1 --against 'echo "pyg train_ms med=2.000 min=1"'
expect 1 "command 'exit 3'" "exit code 3" -- "${small[@]}" --against 'exit 3'
expect 1 "command 'true'" "median NUMBER ms" "no output at all" -- "${small[@]}" --against true
expect 1 'got "hello"' -- "${small[@]}" --against 'echo hello'
expect 2 "excludes" "--epochs" -- "${small[@]}" --epochs 2 --against true

# dispatch
expect 0 -- dispatch --backend reference --seconds 0.01 --json dispatch.json
prints "$machine"
prints '^mlp_us [0-9.]+ chain_us_per_op [0-9.]+ op_us [0-9.]+$'
is_json dispatch.json op_us record_us chain_us_per_op mlp_us
expect 0 -- dispatch --backend reference --seconds 0.01 --rounds 1 --against 'echo torch mlp_us 450 chain_us_per_op 7.9 op_us 1.2'
check test "$(grep -c '^round 1: ' out)" = 3
expect 1 '"chain_us_per_op NUMBER" in its output' -- dispatch --backend reference --seconds 0.01 --rounds 1 --against 'echo mlp_us 450'

# ops
expect 0 -- ops "${short[@]}" --pattern '*softmax*' --sizes 1e3 --seconds 0.001 --json ops.json
prints "$machine"
prints '^us, on the smallest and the largest sample +runs +forward +GB/s +of a copy +composed'
prints '^scatter_softmax f32 .* (native|composed)( +[0-9.]+){4}'
prints '^log_softmax_rows \[10, 100\] .* GB/s '
prints '^log_softmax_rows \[2708, 7\] '
check grep -qE '^gather, scatter: .* outside the time' <(tail -n 1 out)
is_json ops.json samples forward_us bytes_a_second copy_bytes_a_second
grep -q '^exp ' out && fail "the pattern lets exp through"
expect 0 -- ops "${short[@]}" --pattern 'swish*' --seconds 0.001 --load "$TAPEGRAD_BIN/../test_plugins/libswish_extension.so"
prints '^swish_extension f32 \[7, 3\] +composed( +[0-9.]+){6}'
expect 1 "absent.so" -- ops "${short[@]}" --load absent.so
expect 2 "--pattern frob*" -- ops "${short[@]}" --pattern 'frob*'
expect 2 "pyg/bin/python" "--set-up" -- ops "${short[@]}" --against-torch --peers absent

# scale: two sizes, and one that no memory holds.
expect 0 -- scale "${short[@]}" --edges 1e3,2e3,1e9 --threads-at 1e3 --steps 1 --json scale.json
prints '^[0-9]+ +133 '
prints '^1000000000 edges left out: they would need about '
prints '^1 +[0-9.]+ +1\.00$'
is_json scale.json costs nanoseconds_an_edge skipped
# What fails is no reason to lose the rest; with no size at all there is nothing to report.
(
    ulimit -v 8000000 # should the check of memory be missing, the rest of the machine does not suffer
    expect 0 -- scale "${short[@]}" --edges 1e3 --threads-at 1e9 --steps 1 --json half.json
    prints '^[0-9]+ +67 '
    prints '^1000000000 edges, 1 thread: failed: command .* exit code [12]'
    check grep -q '"train_ms"' half.json
    expect 1 "bench scale: expected a figure" -- scale "${short[@]}" --edges 1e9 --threads-at 1e3 --steps 1 --json threads.json
    prints '^1 +[0-9.]+ +1\.00$'
    check grep -q '"train_ms"' threads.json
    exit "$failures"
) || fail "a size that fails"

# peers: a python3 that only pretends makes environments whose python prints a median.
mkdir stubs
cat >stubs/python3 <<'STUB'
#!/bin/bash
[[ $1 == -m && $2 == venv ]] || exit 1
mkdir -p "$3/bin"
[[ -z $NO_VENV ]] || exit 6
printf '#!/bin/bash\nif [[ $2 == pip ]]; then [[ -z $NO_PIP ]] || exit 7; echo "$@" >>"$0.log"; else echo "train_ms med=100.0"; echo "$@" >>"$0.log"; fi\n' >"$3/bin/python"
chmod +x "$3/bin/python"
STUB
chmod +x stubs/python3
expect 2 "bench peers" "--set-up" -- peers "${short[@]}" --dir envs
for failing in NO_VENV NO_PIP; do
    export "$failing=1"
    PATH=$scratch/stubs:$PATH expect 1 "exit code" -- peers "${short[@]}" --dir envs --set-up --only dgl
    unset "$failing"
    check test ! -e envs/dgl
done
mkdir -p envs/jax/mine
PATH=$scratch/stubs:$PATH expect 2 "envs/jax to be a new folder" -- peers "${short[@]}" --dir envs --set-up --only jax
check test -d envs/jax/mine
PATH=$scratch/stubs:$PATH expect 0 -- peers "${short[@]}" --dir envs --set-up --only dgl --steps 1 --rounds 1 --json peers.json
check grep -qF 'pip install --quiet torch==2.2.1 dgl==2.1.0 numpy<2' envs/dgl/bin/python.log
check grep -qE 'tools/peers/gat_dgl.py /.* --threads 1 --steps 1 --layers 2 --heads 8 --hidden 8 --drop 0.6$' envs/dgl/bin/python.log
check grep -qE -- '--drop 0$' envs/dgl/bin/python.log
prints '^DGL +1 +0\.6 +100\.0 '
prints '^DGL +1 +0 +100\.0 '
prints '^ours keeps Cora.s features sparse; the others get them dense'
is_json peers.json settings times_ours difference
OMP_NUM_THREADS=7 expect 0 -- peers --backend reference --dir envs --only dgl --steps 1 --rounds 1 --drop 0 --json threads.json
check grep -qE '"threads": 1,?$' threads.json
grep -qE '"threads": 7,?$' threads.json && fail "the machine's threads are not the setting's"
sed -i 's/med=100.0/med=0.000/' envs/dgl/bin/python
expect 1 "a median training step" -- peers "${short[@]}" --dir envs --only dgl --steps 1 --rounds 1
expect 2 "--feature-drop: expected 0" -- peers "${short[@]}" --dir envs --feature-drop 0.6
# The peers' own report: steps and evaluations in turn, on all cores that the process got.
cat >report.py <<'PYTHON'
import os, sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv.pop(1))
from gat_options import parse_options, report

cores, order = os.sched_getaffinity(0), ""


def note(letter):
    global order
    order += letter


report("stub", lambda: note("t"), lambda: note("e"), parse_options("").steps)
assert os.sched_getaffinity(0) == cores, "kept to single cores"
assert order == "te" * 5, order
PYTHON
if command -v python3 >/dev/null; then check python3 report.py "$root/tools/peers" graph --threads 1 --steps 2 >/dev/null; fi
for program in gat_pyg.py gat_dgl.py gat_jax.py ops_torch.py small_torch.py; do check test -f "$root/tools/peers/$program"; done

# Wrong usage.
expect 2 "A command is required" --
expect 2 "frobnicate" -- frobnicate
expect 2 "--drop" -- gat --drop 1.5
expect 2 "--steps" -- gat --steps -1
expect 2 "--nodes" "--data cora" -- gat "${short[@]}" --nodes 5
expect 2 "--features" -- gat "${short[@]}" --features 5
expect 2 "--rounds" -- gat --rounds 2
expect 2 "--layers" -- gat --layers 1000000
(
    ulimit -v 8000000 # should the check be missing, the rest of the machine does not suffer
    expect 2 "the graph" "of free memory" "1000000000 nodes" \
        -- gat "${short[@]}" --data synthetic --nodes 1000000000 --edges 1 --features 100000
    # N = 2,000,000 and E = 1,000,000, all of them from node 0 to node 0.
    printf '\x80\x84\x1e\x00\x40\x42\x0f\x00' >large.edges
    head -c 8000000 /dev/zero >>large.edges
    expect 2 "the graph" "of free memory" "2000000 nodes with 100000 features and 1000000 edges" \
        -- gat "${short[@]}" --data large.edges --features 100000
    exit "$failures"
) || fail "a graph that no memory holds"
expect 2 "--steps" "--against" -- gat "${short[@]}" --steps 0 --against true
expect 2 "--json absent/out.json" "a folder that exists" -- gat "${short[@]}" --json absent/out.json
expect 2 "--data: expected one of cora, mid, arxiv, products, synthetic" '"coral"' 'nearest is "cora"' -- gat "${short[@]}" --data coral
expect 2 '"coral"' -- peers "${short[@]}" --dir envs --data coral
expect 1 "absent/edges" "a file of edges" -- gat "${short[@]}" --data absent/edges
expect 1 "absent/edges" "can be written" -- gat "${short[@]}" --steps 0 --export absent/edges
for command in gat dispatch ops scale; do
    expect 2 "backend: expected one of auto, " '"referenze"' 'nearest is "reference"' -- "$command" --backend referenze
done
expect 1 "absent.so" -- gat --backend ./absent.so
expect 0 -- --version
check grep -qE '^tapegrad [0-9]+\.[0-9]+\.[0-9]+$' out
for command in gat dispatch ops peers scale; do
    expect 0 -- "$command" --help
    prints '--json FILE'
done

exit $((failures > 0))

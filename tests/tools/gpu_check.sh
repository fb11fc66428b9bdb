#!/bin/bash
# tools/gpu-check where there is no GPU, on the emulated device, and from a bundle that was carried elsewhere. $TAPEGRAD_BIN is
# the folder of the programs.
set -uo pipefail

program=bench
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/expect.sh"
build=$(readlink -f "$TAPEGRAD_BIN/..")
tested=$root/tools/gpu-check
program=gpu-check
unset TAPEGRAD_BACKEND_PATH

# holds FILE PATTERN...: lines of the results.
holds() { for pattern in "${@:2}"; do check grep -qE -- "$pattern" "$1"; done; }

# Programs of a machine with a GPU, which only pretend.
mkdir stubs
cat >stubs/nvidia-smi <<'STUB'
#!/bin/bash
while [[ $* == *-lms* ]]; do echo "1$((RANDOM % 10))0" && sleep 0.02; done
echo "an abacus"
STUB
cat >stubs/compute-sanitizer <<'STUB'
#!/bin/bash
while [[ $1 != /* ]]; do shift; done
exec "$@"
STUB
cat >stubs/python <<'STUB'
#!/bin/bash
case $* in
    *copy_torch*) echo "a copy of 1 MiB: 7 GB/s, read and written" ;;
    -B*) echo "${0##*/} $*" >>"$0.log" && echo "peer train_ms med=2.000 min=1" ;;
    *jax*) echo "AssertionError: JAX sees no GPU" >&2 && exit 1 ;;
esac
STUB
chmod +x stubs/*

# On the emulated device all of it runs, but for what the machine does not have.
if [[ -e $build/cuda_on_host/libtapegrad_backend_cuda_on_host.so ]]; then
    export TAPEGRAD_BACKEND_PATH=$build/cuda_on_host
    PATH=$scratch/stubs:$PATH expect 0 -- --build "$build" --backend cuda_on_host --quick --python "$scratch/stubs/python"
    holds gpu-check.md '^\$ .*check-backend cuda_on_host --ops scatter_sum' 'cuda_on_host conforms$' '^## A small graph beside simd$' \
        '^training steps are recorded, as ' '^round 1: training step, ms' 'on the device, by the backend.s own kernel$' \
        '^an abacus$' ', device memory in use at most 1[0-9]0 MiB$' '^## racecheck of training$' '^a copy of 1 MiB' \
        '^theirs: .*gat_pyg.py /.*/small.bin --device cuda --steps 2$' '--device cuda --steps 1 --cuda-graph$' \
        '^- passed: Training: the same bits$'
    for part in 'Conformance' 'memcheck of scatter_sum' 'Training' 'Training again' 'A small graph' 'A large graph' 'Ops beside a copy' \
        'Beside PyTorch Geometric as a CUDA graph, large graph'; do
        check grep -qxF -- "- passed: $part" out
    done
    prints '^- not run: Beside JAX, small graph: .*/python: AssertionError: JAX sees no GPU$'
    prints '^[0-9]+ passed, 0 failed, 2 not run: gpu-check.md$'
    # A part that fails or never ends is told, and the rest runs.
    mkdir broken
    cp -rs "$build"/{bin,lib,share} broken/
    printf '#!/bin/bash\necho broken; [[ $* != */first ]] || exec sleep 100; exit 3\n' >stubs/train
    chmod +x stubs/train
    ln -sf "$scratch/stubs/train" broken/bin/train
    expect 1 'Training: FAILED (longer than 15 s)' -- --build broken --backend cuda_on_host --quick --limit 15 --python ./absent
    prints '^- FAILED \(longer than 15 s\): Training$'
    prints '^- FAILED: Training again$'
    prints '^- FAILED: Training: the same bits$'
    prints '^- passed: Ops beside a copy$'
    prints '^- not run: A copy by PyTorch: ./absent: '
    # A device that does not answer.
    TAPEGRAD_CUDA_ON_HOST_DEVICE=none expect 1 'no GPU answers: ' 'cudaErrorNoDevice' \
        -- --build "$build" --backend cuda_on_host --quick --out none.md
    holds none.md '^- not run: Training: no GPU answers$' '^no GPU answers: .*cudaErrorNoDevice'
    unset TAPEGRAD_BACKEND_PATH
else
    echo "not tested on the emulated device, which needs Boost.Context"
fi

# Whatever there is no GPU for: one sentence, and a reason for each part.
expect 1 'no GPU answers: ' "'abacus'" -- --build "$build" --backend abacus --out absent.md
holds absent.md '^## Conformance$' '^not run: no GPU answers$' '^no GPU answers: .*abacus' '^- not run: Beside JAX, large graph: no GPU answers$'
prints '^0 passed, 1 failed|^1 passed, 1 failed'

expect 2 "'--frobnicate'" -- --frobnicate
expect 2 '--limit' -- --limit soon
expect 2 '--out' 'none' -- --out
expect 2 '--build ./absent' -- --build ./absent
expect 1 '--out absent/out.md' -- --build "$build" --out absent/out.md
expect 1 'libtapegrad_backend_abacus.so' -- --build "$build" --backend abacus --bundle bundle.tar.gz

# A bundle, elsewhere, in an empty environment. With a plugin for CUDA where that was built.
if grep -q sanitize "$build/CMakeCache.txt" 2>/dev/null; then
    echo "not tested with a bundle of instrumented programs"
    exit $((failures > 0))
fi
[[ -e $build/lib/libtapegrad_backend_cuda.so ]] && packed=cuda || packed=simd
expect 0 'bundle.tar.gz, ' ' MiB, for x86-64 with glibc 2.' -- --build "$build" --backend "$packed" --bundle bundle.tar.gz
mkdir elsewhere
tar -xzf bundle.tar.gz -C elsewhere
bundle=$scratch/elsewhere/tapegrad-gpu-check
tested=$bundle/gpu-check
apart=(env -i PATH=/usr/bin:/bin HOME="$scratch/home")
there='/(ld-linux-x86-64|lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s|cuda))\.so[.0-9]*$'

check test -e "$bundle/lib/libtapegrad_backend_$packed.so"
! find "$bundle" -type l | grep . || fail "links in the bundle"
# What the system loads, as it tells itself; OpenBLAS and what that needs among it.
for backend in reference simd; do
    "${apart[@]}" LD_DEBUG=files "$bundle/bin/bench" gat --backend $backend --steps 1 --epochs 0 >report 2>loaded || fail "$(tail -n 3 report)"
    check grep -q "^training step: " report
    sed -n 's/.*calling init: //p' loaded | xargs readlink -f | sort -u >libraries
    check grep -qF "$bundle/lib/libtapegrad.so" libraries
    ! grep -vF "$bundle/lib/" libraries | grep -vE "$there" || fail "libraries from elsewhere, with $backend"
done
if [[ -e $bundle/lib/libopenblas.so.0 ]]; then check grep -qF "$bundle/lib/libopenblas.so.0" libraries; fi
if [[ $packed == cuda ]]; then
    ! ldd "$bundle/lib/libtapegrad_backend_cuda.so" | grep '=> /' | awk '{ print $3 }' | grep -vE "$there" || fail "the CUDA plugin needs more"
fi
"${apart[@]}" "$bundle/bin/check-backend" reference --ops add >report 2>&1 || fail "$(cat report)"
"${apart[@]}" "$bundle/bin/train" "$bundle/examples/cora_gat.json" --set training.epochs=3 --out trained >report 2>&1 || fail "$(cat report)"
check test -s trained/model.safetensors
# Its own gpu-check, with a backend that is no GPU's.
if ! "${apart[@]}" "$tested" --backend simd --quick --out carried.md >out 2>err; then fail "$(cat out err)"; fi
prints '^- passed: Training: the same bits$'
expect 2 '--bundle' 'this one can be copied' -- --bundle again.tar.gz
expect 0 -- --version
prints '^tapegrad [0-9.]+$'

exit $((failures > 0))

#!/bin/bash
# Packs what tools/gpu-check needs on a machine without compilers: bundle.sh BUILD BACKEND FILE.tar.gz. The programs look for
# libraries beside themselves; those that neither glibc nor the compiler's runtime nor CUDA brings come along.
set -euo pipefail

build=$1 backend=$2 file=$3
root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
name=tapegrad-gpu-check
bundle=$scratch/$name

say() { printf 'gpu-check: %s\n' "$*" >&2; }
fail() {
    say "$*"
    exit 1
}

[[ -f $build/lib/libtapegrad_backend_$backend.so ]] ||
    fail "--bundle: expected the plugin libtapegrad_backend_$backend.so in $build/lib, got none; cuda is built where nvcc is"
: >"$file" || fail "--bundle $file: expected a file that can be written"

mkdir -p "$bundle"/{bin,lib,examples,share/tapegrad/{datasets,peers}}
cp "$build"/bin/{bench,check-backend,train} "$bundle/bin/"
cp "$build"/lib/libtapegrad{.so.?.?,_backend_{reference,simd,"$backend"}.so,_simd_*.so} "$bundle/lib/" 2>"$scratch/errors" ||
    fail "--bundle: $(head -n 1 "$scratch/errors")"
cp "$root/tools/gpu-check" "$root/LICENSE" "$bundle/"
cp -r "$root"/examples/{cora_gat.json,own_graph} "$bundle/examples/"
cp -r "$root/datasets/cora" "$bundle/share/tapegrad/datasets/"
cp -r "$root/tools/reports/page" "$bundle/share/tapegrad/report"
cp "$root"/tools/peers/*.py "$bundle/share/tapegrad/peers/"

# What the machine has: glibc, the compiler's runtime, the driver and CUDA.
there='^(linux-vdso|ld-linux-x86-64|lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s|cuda|cudart|cublas|cublasLt))\.so'
# carry FILE...: copies the libraries that these need, and those that the copies need.
carry() {
    local library path
    while read -r library _ path _; do
        [[ ! $library =~ $there && $library != libtapegrad* && ! -e $bundle/lib/$library ]] || continue
        [[ $path == /* ]] || fail "--bundle: expected $library, which the programs need, got '$path'"
        cp -L "$path" "$bundle/lib/$library"
        carry "$bundle/lib/$library"
    done < <(LD_LIBRARY_PATH=$build/lib ldd "$@" | grep '=>' || true)
}
carry "$bundle"/bin/* "$bundle"/lib/*
# The simd backend loads it where it finds it.
openblas=$(PATH=$PATH:/sbin ldconfig -p | sed -n 's/.*libopenblas\.so\.0 .*x86-64.* => //p' | head -n 1)
if [[ $openblas ]]; then
    cp -L "$openblas" "$bundle/lib/libopenblas.so.0"
    carry "$bundle/lib/libopenblas.so.0"
else
    say "there is no OpenBLAS here: in the bundle simd computes products by its own loops"
fi

tar -czf "$file" -C "$scratch" "$name"
glibc=$(grep -aohE 'GLIBC_2\.[0-9]+' "$bundle"/bin/* "$bundle"/lib/* | sort -uV | tail -n 1)
say "$file, $(($(stat -c %s "$file") >> 20)) MiB, for x86-64 with glibc ${glibc#GLIBC_} or newer; unpack it there and run $name/gpu-check"

#!/bin/bash
# Plants a fault into each kernel in turn, of the reference and of simd, and asks check-backend to find it:
#
#     planted_faults.sh [all | BACKEND [KERNEL [FAULT...]]]
#
# "all" plants every fault into every kernel, which takes minutes; without an argument, every kernel gets one or two of
# them, in turn, so that a few kernels share each.
set -uo pipefail

bin=${TAPEGRAD_BIN:?the folder of the programs is needed}
build=$(dirname "$bin")
planted=$build/test_plugins/planted/libtapegrad_backend_planted.so
# A flipped sign, an off-by-one at the tail, a skipped last row, an output that is not written, a fourth digit that is
# wrong, a write behind and before the output and into an input, a result that depends on the order, an error, a crash.
faults=(sign tail last_row unwritten digits overrun underrun input order error crash)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

backends=(reference simd)
all=false
case ${1-} in
    '') ;;
    all) all=true ;;
    *) backends=("$1") ;;
esac

# finds BACKEND KERNEL FAULT: prints a line if check-backend does not tell of it.
finds() {
    local status=0 out
    out=$(TAPEGRAD_PLANT_IN=$build/lib/libtapegrad_backend_$1.so TAPEGRAD_PLANT="$2 $3" \
        "$bin/check-backend" "$planted" --ops "$2" 2>&1) || status=$?
    echo planted >>"$scratch/count"
    if ((status != 1)) || ! grep -q "^Next: .*\(kernel\|op\) \`\?$2" <<<"$out"; then
        echo "not found: $3 in $2 of $1 (exit code $status)"
    fi
}

# The kernels that a backend has: mandatory ones, and ops with a kernel of their own.
kernels_of() {
    "$bin/check-backend" "$1" | awk '$2 == "native" || $3 == "native" || $4 == "native" { print $1 }' | sort -u
}

{
    turn=0
    for backend in "${backends[@]}"; do
        for kernel in ${2:-$(kernels_of "$backend")}; do
            some=("${faults[@]}")
            if (($# > 2)); then
                some=("${@:3}")
            elif ! $all && (($# == 0)); then
                some=("${faults[@]:turn++ % ${#faults[@]}:1}")
            fi
            for fault in "${some[@]}"; do
                # No faults: fill has no input, and all of its elements are equal; these losses are one element.
                case "$fault $kernel" in
                    "input fill" | "tail fill" | "tail cross_entropy" | "tail nll_loss") continue ;;
                esac
                while (($(jobs -rp | wc -l) >= $(nproc))); do wait -n; done
                finds "$backend" "$kernel" "$fault" &
            done
        done
    done
    # Functions that are wrong where they were not looked at: results near 0, arguments of 1e30.
    if (($# == 0)) || $all; then
        for backend in "${backends[@]}"; do
            for kernel in exp expm1 log1p tanh erf sqrt mul div; do finds "$backend" "$kernel" small; done
            for kernel in log log1p sqrt tanh erf div mul; do finds "$backend" "$kernel" large; done
        done
        for kernel in sigmoid elu; do finds simd "$kernel" small; done
    fi
    wait
} >"$scratch/missed"

cat "$scratch/missed"
echo "$(wc -l <"$scratch/count") faults planted, $(wc -l <"$scratch/missed") not found"
[[ -s $scratch/count && ! -s $scratch/missed ]]

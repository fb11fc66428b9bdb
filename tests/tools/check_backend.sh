#!/bin/bash
# tools/check-backend as a person meets it: what it says of good plugins, of bad ones and of wrong usage.
set -uo pipefail

program=check-backend
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/expect.sh"
build=$(dirname "$TAPEGRAD_BIN")
plugin() { echo "$build/test_plugins/libtapegrad_backend_$1.so"; }
# plants FAULT PHRASE...: the fault is found, and told in these words.
plants() {
    TAPEGRAD_PLANT=$1 TAPEGRAD_PLANT_IN=$build/lib/libtapegrad_backend_reference.so \
        expect 1 -- "$build/test_plugins/planted/libtapegrad_backend_planted.so" --ops "${1%% *}" --seconds 20
    for phrase in "${@:2}"; do prints "$phrase"; done
}

# Good ones.
expect 0 -- reference
prints '^[0-9]{5,} cases, 0 faults: reference conforms$'
prints '^graph attention, mandatory kernels +2 '
expect 0 -- --help
prints 'Example: tools/check-backend simd --ops'
expect 0 -- reference --ops 'scatter_*' --json report.json
prints '^reference .*plain C\+\+'
prints '^scatter_sum +native +native +- +[0-9]+ '
prints '^scatter_sum +direct +direct +- +[0-9]+ '
prints '^scatter_mean +composed +composed +- +[0-9]+ '
prints '^[0-9]{3,} cases, 0 faults: reference conforms$'
check grep -q '"passes": true' report.json
check grep -q '"subject": "op scatter_mean"' report.json
expect 0 -- "$build/lib/libtapegrad_backend_reference.so" --ops tanh
prints 'reference conforms'
expect 0 -- reference --ops 'swish*' --load "$build/test_plugins/libswish_extension.so"
prints '^swish_extension +composed +composed'

# What does not load, or not well: a sentence, and never a crash.
expect 1 -- ./absent.so
prints '^Next: make it load: there is no such file'
head -c 1000 /dev/zero | tr '\0' x >libtapegrad_backend_text.so
expect 1 -- ./libtapegrad_backend_text.so
prints 'not a shared library'
for bad in 'wrong_abi ABI version' 'short_struct its table has [0-9]+ bytes' 'null_kernel_entry null' 'refusing_probe this machine has no abacus' \
    'throwing_probe threw' 'throwing_entry_point threw' 'no_entry_point not a backend plugin' 'no_table no table' \
    'crashing/libtapegrad_backend_crashing_probe crashed with signal [0-9]+ .* at its probe'; do
    name=${bad%% *}
    if [[ $name == */* ]]; then file=$build/test_plugins/$name.so; else file=$(plugin "$name"); fi
    expect 1 -- "$file"
    prints "refused: .*${bad#* }"
    prints '^Next: make it load: '
done
expect 1 -- "$(plugin throwing_kernel_search)"
prints 'Next: '

# Kernels that are wrong.
expect 1 -- "$(plugin failing_kernel)"
prints 'FAULT memory: open\(0 threads\): it succeeded'
expect 1 -- "$(plugin failing_kernel)" --ops fill
prints 'Next: mend the kernel `fill`: y\[i\] = value'
prints 'the abacus lost a bead'
expect 1 -- "$(plugin overrunning_kernel)" --ops add
prints 'kernel add\(f32 \[1\], f32 \[1\]\) -> f32 \[1\] writes behind the end of output 0'
expect 1 -- "$(plugin missing_kernel)" --ops matmul
prints 'Next: write the kernel `matmul` for f32, f64, and return it from kernel\(\): y\[n, i, j\] = sum over k of'
expect 1 -- "$build/template/libtapegrad_backend_template.so"
prints 'Next: write the kernel `fill` for f64, i32, and return it from kernel\(\): y\[i\] = value'
prints 'It takes no inputs; reals: value'
plants 'tanh sign' 'FAULT kernel tanh: f32 \[1\] -> \[1\], element 0 of f32 \[1\], is -?[0-9.]+ instead of'
plants 'maximum digits' 'instead of .* for [0-9.]+, [0-9.]+$'
plants 'exp unwritten' 'kernel exp\(f32 \[1\]\) -> f32 \[1\] does not write output 0, at byte 0 of 4'
plants 'add last_row' 'does not write output 0'
plants 'mul input' 'kernel mul.* changes input 0'
plants 'sqrt underrun' 'writes before the beginning of output 0'
plants 'log order' 'gives other bits when it is called again'
plants 'erf error' 'backend planted, kernel erf: expected success'
plants 'pow crash' 'crashed with signal 6 .* at kernel pow, f32 \[31\]'
plants 'log1p missing' 'Next: write the kernel `log1p` for f32, f64, and'
TAPEGRAD_PLANT='fill hang' TAPEGRAD_PLANT_IN=$build/lib/libtapegrad_backend_reference.so \
    expect 1 -- "$build/test_plugins/planted/libtapegrad_backend_planted.so" --ops fill --seconds 1
prints 'did not end within 1 s at kernel fill, f32'

# Wrong usage.
expect 2 'BACKEND' -- 
expect 2 "'abacus', and there are: " 'reference' 'simd' 'TAPEGRAD_BACKEND_PATH' -- abacus
expect 2 "The nearest is 'reference'" -- referense
TAPEGRAD_BACKEND_PATH=$build/test_plugins/crashing expect 2 'crashing_probe (refused: it crashed with signal' -- abacus
expect 2 '--ops relux' "The nearest is 'relu'" -- reference --ops relux
expect 2 '--json' -- reference --ops add --json absent/report.json
expect 1 'absent.so' 'no file of that name' -- reference --load absent.so
expect 2 '--seconds' -- reference --seconds 0

exit $((failures > 0))

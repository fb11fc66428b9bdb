#!/bin/bash
# check-op as a person runs it: what it prints, exit codes, ops of an extension, bad input.
set -uo pipefail

program=check-op
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/expect.sh"

plugins=$TAPEGRAD_BIN/../test_plugins

# One op: a line a sample, then the figures.
expect 0 -- elu
check test "$(head -1 out)" = "elu: x where x > 0, else alpha * (e^x - 1)"
prints '^sample +first order +second order +allowed$'
prints '^ 9: x f64 \[61, 17\], alpha=0\.5 +[0-9.]+e-[0-9]+ +[0-9.]+e-[0-9]+ +1e-06  ok$'
prints '^elu: 10 samples, 20 gradients right \(worst [0-9.]+e-[0-9]+ of 1e-06\), [0-9]+ bad calls refused, [0-9]+ accepted and right$'
expect 0 -- greater
prints '^greater: 9 samples, no gradient \(a step: its derivative is 0 wherever it exists\), [0-9]+ bad calls refused'

# Several: a line each. Another seed draws other samples.
expect 0 -- 'scatter_*'
check test "$(wc -l <out)" = 5
check test "$(tail -1 out)" = "4 ops, all right"
expect 0 -- exp --json one.json
expect 0 -- exp --seed 2 --json two.json
cmp -s one.json two.json && fail "seeds 1 and 2 draw the same samples"
check grep -qF '"passes": true' one.json
check grep -qF '"call": "x f64 [61, 17]"' one.json

# Ops of an extension; each mistake is told.
expect 0 -- swish_extension --load "$plugins/libswish_extension.so"
prints '^ 0: x f64 \[\], beta=1\.5 '
wrong=(--load "$plugins/libwrong_ops_extension.so")
expect 1 -- wrong_gradient "${wrong[@]}"
prints '^ 0: x f64 \[7, 3\] .* FAILED$'
prints '^  sample 0 \(x f64 \[7, 3\]\): the gradient is off by [0-9.e-]+ in first and [0-9.e-]+ in second order, 1e-06 is allowed$'
expect 1 -- wrong_infer "${wrong[@]}"
prints '^wrong_infer: 1 fault$'
prints '^  sample 0 with x i32 \[7, 3\] instead of f64 \[7, 3\]: infer accepts it, but the composition fails: mul: '
expect 1 -- wrong_crash "${wrong[@]}"
prints '^  crashed with signal 11 \(.*\) at sample 0 with x f64 \[1, 7, 3\] instead of f64 \[7, 3\]$'
expect 1 -- 'wrong_*' "${wrong[@]}" --json wrong.json
check test "$(tail -1 out)" = "3 ops, 3 not right: wrong_gradient, wrong_infer, wrong_crash"
check grep -qF '"passes": false' wrong.json

# Wrong usage.
expect 2 "OP is required" --
expect 2 "'leaky_rleu'" "The nearest are 'leaky_relu', " -- leaky_rleu
expect 2 "'swish_extension'" "--load" -- swish_extension
expect 2 "--seed" -- elu --seed soon
expect 2 "--json absent/out.json" "a folder that exists" -- elu --json absent/out.json
expect 1 "absent.so" "no file of that name" -- elu --load absent.so
expect 0 -- --help
prints '--load LIB'

exit $((failures > 0))

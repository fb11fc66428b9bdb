#!/bin/bash
# clang-tidy (.clang-tidy says which checks) and cppcheck find nothing. To be called by hand, as `bash tests/lint.sh [FILE...]`,
# for all files take half an hour; it needs clang, clang-tidy and cppcheck.
set -uo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
cd "$root" || exit 1
for program in clang-tidy cppcheck; do
    command -v $program >/dev/null || {
        echo "$program is not installed: apt-get install $program"
        exit 1
    }
done
files=("$@")
# The CUDA code is seen by nvcc alone.
((${#files[@]})) || mapfile -t files < <(git ls-files '*.cpp' | grep -E '^(autograd|backends|datasets|nn|tools)/|^examples/[^/]*$' |
    grep -v '^backends/cuda/')
cmake --preset ci-clang >/dev/null || exit 1
failures=0
talk=$(mktemp)
trap 'rm -f "$talk"' EXIT

# Everything that cppcheck 2.10 tells and that was looked at and is right:
suppressed=(
    syntaxError:backends/simd/kernels/rows.hpp             # a lambda with template parameters
    missingReturn:backends/simd/kernels/random.hpp         # if constexpr: one of both branches is compiled
    uninitdata:autograd/inline_vector.hpp                  # new at a place is followed by a constructor
    danglingTemporaryLifetime:nn/extension.cpp             # the address of a function is no temporary
    accessMoved:tools/comparisons/run_group.cpp            # a range is computed once, not in each round
    returnDanglingLifetime:tools/conformance/check_plugin.cpp # ops live as long as the registry
    danglingTemporaryLifetime:tools/conformance/check_plugin.cpp # the same
    containerOutOfBounds:tools/training/named_nodes.cpp    # of no names, none are taken
    invalidFunctionArg:tools/reports/tsne.cpp              # the nearest row has weight 1
    ctuOneDefinitionRuleViolation                          # each plugin has a tg_context of its own
)
cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --std=c++20 --language=c++ -I . \
    "${suppressed[@]/#/--suppress=}" "${files[@]}" || failures=$((failures + 1))

printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -n 1 clang-tidy -p build/ci-clang --quiet 2>"$talk" || {
    grep -v 'warnings\? generated' "$talk"
    failures=$((failures + 1))
}
((failures == 0)) && echo "${#files[@]} files, nothing found"
exit $((failures > 0))

#!/bin/bash
# check-backend under the thread sanitizer: no race in the backends, and a race planted into each kernel is found. To be
# called by hand, as `bash tests/backends/thread_sanitizer.sh [BACKEND]`, for it builds another tree, with clang.
set -uo pipefail

root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
cd "$root" || exit 1
build=build/thread-sanitizer
cmake --preset thread-sanitizer >/dev/null && cmake --build $build --target check-backend backends tapegrad_backend_planted || exit 1

# LLVM's OpenMP tells the sanitizer of its barriers by the tool Archer, which lies beside the compiler's libraries.
archer=$(dirname "$(readlink -f "$(command -v clang)")")/../lib/libarcher.so
[[ -f $archer ]] || {
    echo "libarcher.so is not at $archer: install libomp-dev"
    exit 1
}
export OMP_TOOL_LIBRARIES=$archer
export TSAN_OPTIONS="ignore_noninstrumented_modules=1 halt_on_error=1 exitcode=66 allocator_may_return_null=1"
planted=$build/test_plugins/planted/libtapegrad_backend_planted.so
failures=0

for backend in ${1:-reference simd}; do
    if $build/bin/check-backend "$backend" >"$build/talk" 2>&1; then
        tail -n 1 "$build/talk"
    else
        echo "$backend has a race or a fault:"
        tail -n 60 "$build/talk"
        failures=$((failures + 1))
    fi
    count=0
    for kernel in $(awk '$2 == "native" || $3 == "native" || $4 == "native" { print $1 }' "$build/talk" | sort -u); do
        talk=$(TAPEGRAD_PLANT_IN=$build/lib/libtapegrad_backend_$backend.so TAPEGRAD_PLANT="$kernel race" \
            $build/bin/check-backend ./$planted --ops "$kernel" 2>&1)
        count=$((count + 1))
        if [[ $talk != *"WARNING: ThreadSanitizer: data race"* || $talk != *"exit code 66"* ]]; then
            echo "not found: a race in $kernel of $backend"
            failures=$((failures + 1))
        fi
    done
    echo "$backend: a race planted into each of $count kernels"
done
echo "$failures failures"
exit $((failures > 0))

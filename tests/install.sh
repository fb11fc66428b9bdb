#!/bin/bash
# Installs the build into a scratch folder, moves that elsewhere and uses it as strangers do: its programs, the projects in
# examples/, find_package and pkg-config. $TAPEGRAD_BIN is the folder of the programs.
set -euo pipefail

build=$(dirname "${TAPEGRAD_BIN:?the folder of the programs is needed}")
root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
unset TAPEGRAD_DATA TAPEGRAD_BACKEND_PATH
# check-backend asks for more memory than there is; the address sanitizer is to refuse it as malloc does.
export ASAN_OPTIONS=allocator_may_return_null=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export XDG_DATA_HOME=$scratch/nothing_fetched
cd "$scratch"

fail() {
    echo "install.sh:${BASH_LINENO[-2]}: $*"
    exit 1
}
run() { "$@" >out 2>&1 || fail "exit code $?: $* -- $(cat out)"; }
# fails CODE COMMAND...: what it says is left in the file out.
fails() {
    local code=$1 status=0
    shift
    "$@" >out 2>&1 || status=$?
    ((status == code)) || fail "exit code $status instead of $code: $* -- $(cat out)"
}
says() { for phrase in "$@"; do grep -qF -- "$phrase" out || fail "'$phrase' is not in: $(cat out)"; done; }
cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }

run cmake --install "$build" --prefix "$scratch/first"
prefix=$scratch/moved
mv first "$prefix"
! grep -rIlF -e "$root" -e "$scratch/first" "$prefix" >out || fail "files that name the folders they came from: $(cat out)"
ldd "$prefix"/bin/* | grep -F libtapegrad >out || fail "no program links libtapegrad"
! grep -vF "=> $prefix/" out || fail "a library from elsewhere"
! grep -rnE '#include <(fmt|CLI|valijson|xtensor|xsimd)/' "$prefix/include" >out || fail "users would need: $(cat out)"

# The programs, without the source tree.
cora=$prefix/share/tapegrad/examples/cora_gat.json
train=("$prefix/bin/tapegrad-train" "$cora" --set training.epochs=2 --out run --overwrite)
run "${train[@]}"
says "Test accuracy"
run "$prefix/bin/tapegrad-bench" ops --pattern relu --seconds 0.001
says "relu f32"
fails 2 "$prefix/bin/tapegrad-bench" peers
says "--set-up" "is not in peers"
run "$prefix/bin/tapegrad-train" --help
says "Example: tapegrad-train examples/"
for program in "$prefix"/bin/tapegrad-*; do
    file=$prefix/share/bash-completion/completions/$(basename "$program")
    run env -i PATH="$prefix/bin:$PATH" bash -c "source '$file'; COMP_WORDS=('$(basename "$program")' --hel); COMP_CWORD=1
        _tapegrad_complete; echo \"<\${COMPREPLY[*]}>\""
    says "<--help>"
done
mv "$prefix/share/tapegrad/datasets" data
fails 2 "${train[@]}"
says "in $prefix/share/tapegrad/datasets, $XDG_DATA_HOME/tapegrad/datasets, got none" "Set TAPEGRAD_DATA"
fails 2 env TAPEGRAD_DATA=absent "${train[@]}"
says "in absent, $prefix/share/tapegrad/datasets, $XDG_DATA_HOME/tapegrad/datasets, got none" "Correct TAPEGRAD_DATA"
run env TAPEGRAD_DATA=data "${train[@]}"
mv data "$prefix/share/tapegrad/datasets"

# The projects, as they are outside the tree. C++ is compiled without optimising, which is quicker in all.
configure=(cmake -G Ninja "-DCMAKE_PREFIX_PATH=$prefix"
    "-DCMAKE_C_COMPILER=$(cached CMAKE_C_COMPILER)" "-DCMAKE_C_FLAGS=$(cached CMAKE_C_FLAGS) -O2"
    "-DCMAKE_CXX_COMPILER=$(cached CMAKE_CXX_COMPILER)"
    "-DCMAKE_CXX_FLAGS=$(cached CMAKE_CXX_FLAGS) -O0 -Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers -Werror")
for list in "$root"/examples/*/CMakeLists.txt; do
    project=$(basename "$(dirname "$list")")
    mkdir "$project"
    (cd "$(dirname "$list")" && tar -c --exclude=./build .) | tar -x -C "$project"
    run "${configure[@]}" -S "$project" -B "$project/build"
    run cmake --build "$project/build"
    run ctest --test-dir "$project/build" --output-on-failure --no-tests=error
done
run "$prefix/bin/tapegrad-train" custom_layer/cosine_gat.json --set training.epochs=5 --out cosine
says "Test accuracy"

# find_package in a C project, which has neither Boost nor C++; another version is refused.
mkdir version
cp "$root/tests/backends/abi_c99.c" version/
cat >version/CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(version LANGUAGES C)
find_package(tapegrad ${wanted} REQUIRED)
add_library(abi OBJECT abi_c99.c)
target_link_libraries(abi PRIVATE tapegrad::backend_abi)
CMAKE
run "${configure[@]}" -Dwanted=0.1 -S version -B version/build
run cmake --build version/build
for wanted in 9.9 0.0; do
    fails 1 cmake -G Ninja "-DCMAKE_PREFIX_PATH=$prefix" "-Dwanted=$wanted" -S version -B "version/$wanted"
    tr -s ' \n' ' ' <out >line && mv line out
    says "compatible with requested version \"$wanted\"" "tapegradConfig.cmake, version: 0."
done

# pkg-config, with a program that includes every header.
if command -v pkg-config >/dev/null; then
    export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
    (cd "$prefix/include/tapegrad" && find . -name '*.h*' -printf '#include "%P"\n') >program.cpp
    cat >>program.cpp <<'CPP'
int main() { return tapegrad::full(tapegrad::open_backend("auto"), {}, 0).item() == 0 ? 0 : 1; }
CPP
    # shellcheck disable=SC2046 # several words
    run "$(cached CMAKE_CXX_COMPILER)" $(cached CMAKE_CXX_FLAGS) -O0 -std=c++20 program.cpp -o program \
        $(pkg-config --cflags --libs tapegrad) "-Wl,-rpath,$(pkg-config --variable=libdir tapegrad)"
    run ./program
else
    echo "pkg-config is not installed: not tested"
fi

#!/bin/bash
# tools/bootstrap.sh in a small tree with a cmake and a dpkg-query that only pretend: when it builds, and when it does not.
set -uo pipefail

source_root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tree="$scratch/a tree" # with a space in its path
failures=0

mkdir -p "$tree"/{autograd,backends,cmake,datasets,examples,nn,tests,tools,build/valijson} "$scratch/bin"
cp "$source_root/tools/bootstrap.sh" "$tree/tools/"
touch "$tree"/{CMakeLists.txt,CMakePresets.json,autograd/tape.cpp,autograd/old.cpp,tools/train.cpp}

cat >"$scratch/bin/dpkg-query" <<'STUB'
#!/bin/bash
for package in "$@"; do echo "$package installed"; done
STUB
cat >"$scratch/bin/cmake" <<'STUB'
#!/bin/bash
# Configures (-S ROOT --preset NAME) or builds (--build FOLDER), or fails if the file "broken" lies beside it.
if [[ $1 == -S ]]; then
    mkdir -p "$2/build/$4"
    echo "CMAKE_HOME_DIRECTORY:INTERNAL=$2" >"$2/build/$4/CMakeCache.txt"
else
    [[ ! -e ${0%/*}/broken ]] || exit 1
    mkdir -p "$2"/{bin,lib}
    printf '#!/bin/bash\necho "trained with $*"\n' >"$2/bin/train"
    chmod +x "$2/bin/train"
    touch "$2"/lib/libtapegrad{,_backend_{reference,simd},_simd_{sse2,avx2,avx512}}.so
    echo built >>"${0%/*}/builds"
fi
STUB
chmod +x "$scratch"/bin/*
export PATH="$scratch/bin:$PATH"
unset TAPEGRAD_PRESET

# builds WANTED REASON: starts the program and checks how often it was built so far, and that it ran.
builds() {
    local output count
    output=$("$tree/tools/bootstrap.sh" train "a b" 2>"$scratch/talk")
    count=$(wc -l <"$scratch/bin/builds")
    if [[ $count != "$1" || $output != "trained with a b" ]]; then
        echo "$2: built $count times instead of $1, and printed '$output': $(cat "$scratch/talk")"
        failures=$((failures + 1))
    fi
    sleep 0.02 # so that the next change is later than the stamp
}

builds 1 "the first start builds"
builds 1 "the second does not"
touch "$tree/autograd/tape.cpp"
builds 2 "an edited source"
rm "$tree/autograd/old.cpp"
builds 3 "a deleted source"
touch "$tree/nn/new.cpp"
builds 4 "a new source"
touch "$tree/tests/tape_test.cpp"
builds 4 "a test is no part of the program"
rm "$tree/build/release/bin/train"
builds 5 "a deleted program"
rm "$tree/build/release/lib/libtapegrad_backend_reference.so"
builds 6 "a deleted plugin"
rm "$tree/build/release/lib/libtapegrad_simd_avx2.so"
builds 7 "deleted kernels"
mv "$tree" "$scratch/another tree"
tree="$scratch/another tree"
builds 8 "a moved tree"

touch "$tree/autograd/tape.cpp" "$scratch/bin/broken"
for start in first second; do
    if "$tree/tools/bootstrap.sh" train >/dev/null 2>"$scratch/talk"; then
        echo "the $start start after a failed build ran an old program"
        failures=$((failures + 1))
    fi
done
grep -q "the build failed" "$scratch/talk" || { echo "no word of the failed build: $(cat "$scratch/talk")"; failures=$((failures + 1)); }
rm "$scratch/bin/broken"
builds 9 "a mended build"

exit $((failures > 0))

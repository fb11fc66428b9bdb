#!/bin/bash
# Makes a bare Debian or Ubuntu ready, builds what PROGRAM needs and becomes PROGRAM:
#
#     bootstrap.sh PROGRAM [arguments]
#
# PROGRAM is a tool (tools/PROGRAM.cpp), "test" (build everything, run all tests), "build" (build everything, stop), "tools"
# (build all tools, stop), "fuzz_NAME" (a target of tests/fuzz, which preset "fuzz" builds) or "mutate" (tools/mutants, which
# builds a tree of its own).
# TAPEGRAD_PRESET names the CMake preset, "release" if unset. When nothing changed since the last start, all this costs
# is one look at the time stamps.
set -euo pipefail

packages=(g++ cmake ninja-build libxtensor-dev nlohmann-json3-dev libcli11-dev libfmt-dev libboost-dev libboost-test-dev
    libxsimd-dev libopenblas0-pthread)

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
program=${1:?the name of a tool, \"test\", \"build\" or \"tools\" is needed}
shift
if [[ $program == test && ${1-} == --preset && $# -ge 2 ]]; then
    TAPEGRAD_PRESET=$2
    shift 2
fi
export TAPEGRAD_PRESET=${TAPEGRAD_PRESET:-release}

preset=$TAPEGRAD_PRESET
folder=$root/build/$preset
log=$root/build/bootstrap.log
watched=("$root"/{CMakeLists.txt,CMakePresets.json,cmake,autograd,backends,datasets,nn,tools})
case $program in
    test | build)
        targets=(all)
        watched+=("$root"/{examples,tests})
        packages+=(libboost-context-dev) # which runs CUDA kernels on the host
        ;;
    fuzz_*)
        targets=("$program" tapegrad_backend_reference)
        watched+=("$root"/tests/{fuzz/targets,fuzz/fuzz.cpp,fuzz/fuzz.hpp,tools/training,temporary_folder.hpp})
        ;;
    mutate) packages+=(clang python3 libboost-context-dev) ;;
    *) targets=("$program" backends) ;;
esac
if [[ $preset == *clang* || $preset == thread-* || $preset == fuzz ]]; then packages+=(clang libomp-dev); fi
if [[ $preset == coverage ]]; then packages+=(gcovr); fi
if [[ $preset == thread-* || $preset == fuzz ]]; then packages+=(libclang-rt-dev); fi # only recommended by clang

say() { printf 'tapegrad: %s\n' "$*" >&2; }
fail() {
    say "$*"
    exit 1
}

# True if nothing that the targets are made of changed since STAMP was written. Comparing the time of change of files and
# folders sees deleted and moved files too; the stamp names the tree, because a build folder does not survive a move.
fresh() {
    local built_at changed
    [[ -f $1 ]] && read -r built_at <"$1" && [[ $built_at == "$root" ]] &&
        changed=$(find "${watched[@]}" -cnewer "$1" -print -quit 2>/dev/null) && [[ -z $changed ]]
}

# True if the files that make the program run are there: somebody may have deleted one.
complete() {
    local file files=("$folder"/lib/libtapegrad{,_backend_{reference,simd},_simd_{sse2,avx2,avx512}}.so)
    case $program in
        fuzz_*) files=("$folder"/lib/libtapegrad{,_backend_reference}.so "$folder/bin/$program") ;;
        test | build) files+=("$folder/bin/tapegrad_tests") ;;
        tools) files+=("$folder"/bin/{bench,check-backend,train}) ;;
        *) files+=("$folder/bin/$program") ;;
    esac
    for file in "${files[@]}"; do [[ -f $file ]] || return 1; done
}

up_to_date() { complete && { fresh "$folder/.stamp-${targets[0]}" || fresh "$folder/.stamp-all"; }; }

as_root() { if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi; }

# Runs a command that needs the package lists, a second time with new lists if it fails.
with_package_lists() {
    "$@" >>"$log" 2>&1 </dev/null || { as_root apt-get update >>"$log" 2>&1 && "$@" >>"$log" 2>&1 </dev/null; }
}

unpack_valijson() {
    rm -rf "$root/build/valijson.part"
    mkdir "$root/build/valijson.part" && (
        cd "$root/build/valijson.part" && apt-get download libvalijson-dev && dpkg-deb -x libvalijson-dev*.deb .
    ) && mv "$root/build/valijson.part" "$root/build/valijson"
}

install_packages() {
    command -v apt-get >/dev/null || return 0 # another system: CMake says what it does not find
    local installed package missing=()
    installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null) || true
    for package in "${packages[@]}"; do
        [[ $installed == *"$package installed"* ]] || missing+=("$package")
    done
    if ((${#missing[@]})); then
        local install=(apt-get install -y --no-install-recommends "${missing[@]}")
        ((EUID == 0)) || sudo -n true 2>/dev/null ||
            fail "packages are missing and may not be installed by this user; run as root: apt-get update && ${install[*]}"
        say "installing ${missing[*]}"
        with_package_lists as_root env DEBIAN_FRONTEND=noninteractive "${install[@]}" -o DPkg::Lock::Timeout=600 ||
            fail "apt-get failed: $log says why"
    fi
    # The package of valijson depends on every JSON library it can read from, Qt and Poco among them: 190 packages
    # for a few headers. They are unpacked into the build folder instead.
    if [[ ! -d /usr/include/valijson && ! -d $root/build/valijson ]]; then
        say "fetching the headers of libvalijson-dev"
        with_package_lists unpack_valijson ||
            fail "libvalijson-dev could not be downloaded: $log says why (without package lists, run as root: apt-get update)"
    fi
}

build() {
    if [[ -f $folder/CMakeCache.txt ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
        say "the tree was moved, building anew"
        rm -rf "$folder"
    fi
    local first_time=""
    [[ -f $folder/build.ninja ]] || first_time=", the first time takes some minutes"
    say "building $program ($preset$first_time)"
    cmake -S "$root" --preset "$preset" >"$log" 2>&1 || {
        cat "$log" >&2
        fail "CMake could not configure preset '$preset'"
    }
    printf '%s\n' "$root" >"$folder/.stamp-new" # before the build, so that an edit during it counts as later
    local quiet=()
    [[ -t 2 ]] || quiet=(-- --quiet)
    cmake --build "$folder" --target "${targets[@]}" "${quiet[@]}" >&2 || fail "the build failed"
    mv "$folder/.stamp-new" "$folder/.stamp-${targets[0]}"
}

if [[ $program == mutate ]]; then
    mkdir -p "$root/build" && : >"$log" || fail "cannot write into $root/build"
    install_packages
    exec python3 -B "$root/tools/mutants/mutate.py" "$@"
fi

if ! up_to_date; then
    mkdir -p "$root/build" && exec 9>"$root/build/.lock" || fail "cannot write into $root/build"
    flock -n 9 || {
        say "waiting for another build in this tree"
        flock 9
    }
    if ! up_to_date; then
        : >"$log"
        install_packages
        build
    fi
    exec 9>&-
fi

case $program in
    build | tools) ;;
    test) exec "$root/tools/run_tests.sh" "$folder" "$@" ;;
    fuzz_*) exec "$root/tools/run_fuzz.sh" "$folder/bin/$program" "$@" ;;
    *) exec "$folder/bin/$program" "$@" ;;
esac

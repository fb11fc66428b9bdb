#!/bin/bash
# Completion in bash, asked as bash asks: COMP_WORDS and COMP_CWORD in, COMPREPLY out. $TAPEGRAD_BIN is the folder of
# the programs; they have to be those of a preset of this tree.
set -uo pipefail

root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
TAPEGRAD_BIN=$(readlink -f "${TAPEGRAD_BIN:?the folder of the programs is needed}")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failures=0
fail() {
    echo "completion.sh:${BASH_LINENO[-2]}: $*"
    failures=$((failures + 1))
}

# A tree of links, in which the preset is the one under test.
mkdir -p tree/build/tested runs/cora_gat 'runs/two words'
cp -r "$root/tools" tree/tools
ln -s "$TAPEGRAD_BIN" tree/build/tested/bin
export TAPEGRAD_PRESET=tested
touch config.json notes.txt extension.so
ln -s "$root/CMakePresets.json" tree/
source tree/tools/completion.bash

# words WORD...: completes the last one; COMP_WORDS as bash makes it, "=" apart. Leaves the answer in $answer, a word
# between spaces, and fails when it took too long.
words() {
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    local turn begin milliseconds
    for turn in 1 2 3; do # a busy machine may have been elsewhere
        COMPREPLY=()
        begin=${EPOCHREALTIME/./}
        _tapegrad_complete
        milliseconds=$(((${EPOCHREALTIME/./} - begin) / 1000))
        ((milliseconds >= limit_ms)) || break
    done
    ((milliseconds < limit_ms)) || fail "$milliseconds ms: $*"
    answer=" ${COMPREPLY[*]} "
}
offers() { for word in "$@"; do [[ $answer == *" $word "* ]] || fail "'$word' is not offered for: ${COMP_WORDS[*]}: $answer"; done; }
omits() { for word in "$@"; do [[ $answer != *" $word "* ]] || fail "'$word' is offered for: ${COMP_WORDS[*]}"; done; }
is() { [[ $answer == " $* " ]] || fail "for ${COMP_WORDS[*]}: $answer instead of: $*"; }
limit_ms=200
# A sanitizer makes starting a program slow.
if grep -q sanitize "$TAPEGRAD_BIN/../CMakeCache.txt" 2>/dev/null; then limit_ms=2000; fi

# Every tool, whatever its name: registered, its options are offered, and its subcommands with theirs.
for tool in "$root"/tools/*; do
    name=$(basename "$tool")
    [[ -f $tool && -x $tool && $name != *.sh ]] || continue
    complete -p "$name" 2>/dev/null | grep -q _tapegrad_complete || fail "$name is not registered"
    words "tree/tools/$name" --
    offers --help --version
    words "tree/tools/$name" --hel
    is --help
    [[ -f $tool.cpp ]] || continue
    # All options that --help shows.
    while IFS= read -r option; do
        words "tree/tools/$name" "$option"
        offers "$option"
    done < <("$TAPEGRAD_BIN/$name" --help | grep -oE '^  (-[a-z],)?--[a-z-]+' | grep -oE -- '--[a-z-]+')
    # All subcommands, and the options of each.
    while IFS= read -r command; do
        words "tree/tools/$name" ""
        offers "$command"
        words "tree/tools/$name" "$command" --
        offers --help
        while IFS= read -r option; do offers "$option"; done < <(
            "$TAPEGRAD_BIN/$name" "$command" --help | grep -oE '^  (-[a-z],)?--[a-z-]+' | grep -oE -- '--[a-z-]+'
        )
    done < <("$TAPEGRAD_BIN/$name" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z-]*\) .*/\1/p')
    words "tree/tools/$name" --log-level ""
    is error warning info
done

# Names.
words tree/tools/train --backend ""
offers auto reference simd
words tree/tools/train --backend si
is simd
words tree/tools/train --backend = si
is simd
words tree/tools/train --backend =
offers auto reference
words tree/tools/check-backend ref
is reference
words tree/tools/check-op scatter_m
is scatter_mean scatter_max
words tree/tools/check-backend simd --ops leaky
is leaky_relu
words tree/tools/bench ga
is gat
words tree/tools/bench gat --data ar
is arxiv
words tree/tools/bench peers --only ""
is pyg dgl jax
words tree/tools/datasets info cor
is cora
words tree/tools/datasets convert cora new --to ""
is text linqs planetoid
words tree/tools/datasets fetch ""
is citeseer pubmed
words tree/tools/test --preset rel
is release

# Keys of a config, but not what stands behind the "=".
words tree/tools/train config.json --set training.ep
is training.epochs=
words tree/tools/train config.json --set training.epochs = 5
is ""
words tree/tools/train config.json --set optimizer.t
is optimizer.type=
words tree/tools/train config.json --grid optimizer.t
is optimizer.type=

# Files and folders: configs where one is read, with the folders on the way to them; run folders.
words tree/tools/train ""
offers config.json runs tree
omits notes.txt extension.so --help
words tree/tools/train config.json --load ""
offers extension.so
omits notes.txt
words tree/tools/train config.json --out runs/
offers runs/cora_gat "runs/two words"
((${#COMPREPLY[@]} == 2)) || fail "a name with a blank is not one answer"
words tree/tools/document-ops --out no
is notes.txt
# What is there already is not asked for a second time.
words tree/tools/predict runs/cora_gat ""
omits runs/cora_gat
# Of what may come repeatedly, more is.
words tree/tools/train config.json ""
offers config.json

# Nothing is built by looking: without a program there is no answer, and names of files are what bash does then.
export TAPEGRAD_PRESET=absent
words tree/tools/train --
is ""
[[ ! -e tree/build/absent ]] || fail "something was built"
export TAPEGRAD_PRESET=tested

# Somebody else's commands of these names are left alone, the builtin `test` among them.
words test -
is ""
mkdir other
printf '#!/bin/bash\ntouch started\n' >other/train
chmod +x other/train
words other/train --
is ""
[[ ! -e started ]] || fail "a program that is not ours was started"

# Installed, a tool is called tapegrad-NAME, and a file of that name is sourced.
mkdir -p prefix/bin prefix/completions
ln -s "$TAPEGRAD_BIN/check-op" prefix/bin/tapegrad-check-op
cp "$root/tools/completion.bash" prefix/completions/tapegrad-check-op
complete -r
PATH=$scratch/prefix/bin:$PATH
source prefix/completions/tapegrad-check-op
complete -p tapegrad-check-op | grep -q _tapegrad_complete || fail "tapegrad-check-op is not registered"
words tapegrad-check-op leak
is leaky_relu

exit $((failures > 0))

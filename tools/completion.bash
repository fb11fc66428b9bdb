# Completion for bash, of tools/NAME in a source tree and of tapegrad-NAME where it is installed:
#
#     source tools/completion.bash
#
# An installation has it where bash-completion looks for it. What may come next is asked of the program itself, by
# `NAME --complete WORDS...`, and only of one that is built already: nothing is built by looking. Where there is none,
# names of files are completed.

# Prints what to ask about the command word: the program behind it, or the script if that answers itself.
_tapegrad_program() {
    local path name folder
    path=$(type -P -- "${1/#\~\//"$HOME/"}") || return
    name=${path##*/}
    if [[ $name == tapegrad-* ]]; then
        echo "$path"
        return
    fi
    path=$(readlink -f -- "$path")
    folder=${path%/*}
    [[ -f $folder/bootstrap.sh && -f $folder/completion.bash ]] || return # somebody else's `test` or `train`
    local program=${folder%/*}/build/${TAPEGRAD_PRESET:-release}/bin/$name
    if grep -qF -- '--complete)' "$path"; then
        echo "$path"
    elif [[ -x $program ]]; then
        echo "$program"
    fi
}

# Adds to COMPREPLY the files that match a pattern, and the folders on the way to them.
_tapegrad_files() {
    local pattern=$1 current=$2 names
    mapfile -t names < <(
        compgen -d -- "$current"
        [[ -z $pattern ]] || compgen -f -X "!$pattern" -- "$current"
    )
    local name
    for name in "${names[@]}"; do
        [[ " ${COMPREPLY[*]} " == *" $name "* ]] || COMPREPLY+=("$name")
    done
    compopt -o filenames 2>/dev/null
}

_tapegrad_complete() {
    COMPREPLY=()
    local program
    program=$(_tapegrad_program "${COMP_WORDS[0]}")
    [[ -n $program ]] || return

    # Bash takes "--backend=simd" for three words. The value is what is completed; "KEY=VALUE" is one word.
    local current="" words=() position word
    for ((position = 1; position <= COMP_CWORD; ++position)); do
        word=${COMP_WORDS[position]}
        if [[ $word == = ]] && ((${#words[@]})) && [[ ${words[-1]} == --* ]]; then
            ((position < COMP_CWORD)) || words+=("")
        elif ((${#words[@]})) && [[ $word == = || ${words[-1]} == ?*= && ${words[-1]} != --* ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
    done
    current=${words[-1]}
    unset 'words[-1]'

    local candidates candidate options=()
    mapfile -t candidates < <("$program" --complete "${words[@]}" 2>/dev/null)
    for candidate in "${candidates[@]}"; do
        case $candidate in
            :folders) _tapegrad_files "" "$current" ;;
            :files*) _tapegrad_files "${candidate#:files }" "$current" ;;
            -*) [[ $candidate != "$current"* ]] || options+=("$candidate") ;;
            *) [[ $candidate != "$current"* ]] || COMPREPLY+=("$candidate") ;;
        esac
    done
    # Options, of which there are many, when they were begun or when there is nothing else.
    if [[ $current == -* ]] || ((${#COMPREPLY[@]} == 0)); then COMPREPLY+=("${options[@]}"); fi
    if [[ ${#COMPREPLY[@]} -gt 0 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
    return 0
}

_tapegrad_register() {
    local folder file names
    mapfile -t names < <(compgen -c tapegrad-)
    folder=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
    if [[ -f $folder/bootstrap.sh ]]; then
        for file in "$folder"/*; do
            [[ -f $file && -x $file && $file != *.sh ]] && names+=("${file##*/}")
        done
    else
        names+=("${BASH_SOURCE[0]##*/}") # bash-completion sources the file that is called as the command is
    fi
    complete -F _tapegrad_complete -o bashdefault -o default "${names[@]}"
}
_tapegrad_register
unset -f _tapegrad_register

#!/bin/bash
# Code that the documents quote is the code that there is. A block that begins with ```LANGUAGE FILE, the file seen from
# the root, holds lines of that file, whatever their indentation; a line of "..." alone stands for some left out.
set -uo pipefail

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." || exit 1
failures=0
quoted=0
while IFS= read -r document; do
    while IFS=$'\t' read -r number file line; do
        quoted=$((quoted + 1))
        if [[ ! -f $file ]]; then
            echo "$document:$number: there is no $file to quote from"
        elif ! sed 's/^ *//' "$file" | grep -xF -- "$line" >/dev/null; then
            echo "$document:$number: no line of $file is '$line'"
        else
            continue
        fi
        failures=$((failures + 1))
    done < <(awk '
        /^```[a-z+]+ [^ ]*[\/.]/ { file = $2; next }
        /^```/ { file = "" }
        file != "" && NF && $1 != "..." { sub(/^ */, ""); print FNR "\t" file "\t" $0 }' "$document")
done < <(find . \( -path ./build -o -path ./runs -o -name '.?*' \) -prune -o -name '*.md' -print | sed 's|^\./||' | sort)
((quoted)) || echo "no document quotes anything: are the blocks still marked?"
exit $((failures > 0 || quoted == 0))

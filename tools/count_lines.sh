#!/bin/bash
# Prints the code lines (neither blank nor comment) of each folder beside its budget. Fails if a folder is over its
# budget and docs/design.md has no sentence with the folder's name and the words "over budget".
set -euo pipefail

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

declare -A budgets=([autograd]=1200 [autograd/ops]=1500 [backends/reference]=500 [backends/simd]=1500 [nn]=1200)

# Prints "folder lines" for each folder that holds code. String literals are emptied first: they may hold comment signs.
count() {
    find autograd backends datasets nn tools examples tests -name '*.[ch]pp' -o -name '*.[ch]' -o -name '*.cu' |
        xargs -d '\n' awk '
            FNR == 1 {
                in_comment = 0
                match(FILENAME, /^(autograd\/ops|backends\/[^\/]+|[^\/]+)\//)
                folder = substr(FILENAME, 1, RLENGTH - 1)
            }
            {
                line = $0
                code = ""
                if (!in_comment) gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
                while (line != "") {
                    block = index(line, in_comment ? "*/" : "/*")
                    slashes = in_comment ? 0 : index(line, "//")
                    if (slashes && (!block || slashes < block)) {
                        code = code substr(line, 1, slashes - 1)
                        break
                    }
                    if (!in_comment) code = code (block ? substr(line, 1, block - 1) : line)
                    if (!block) break
                    line = substr(line, block + 2)
                    in_comment = !in_comment
                }
                if (code ~ /[^ \t\r]/) ++lines[folder]
            }
            END { for (folder in lines) print folder, lines[folder] }' | sort
}

explained() { tr '\n' ' ' <docs/design.md | sed 's/\. /.\n/g' | grep 'over budget' | grep -qE "(^|[^a-z/])$1/?([^a-z/]|\$)"; }

failed=0
printf '%-20s %6s %7s\n' folder lines budget
while read -r folder lines; do
    budget=${budgets[$folder]-}
    note=
    if [[ $budget ]] && ((lines > budget)); then
        note="over budget, see docs/design.md"
        if ! explained "$folder"; then
            note="over budget, and docs/design.md does not say why"
            failed=1
        fi
    fi
    printf '%-20s %6d %7s %s\n' "$folder" "$lines" "${budget:--}" "$note" | sed 's/ *$//'
done < <(count)
exit "$failed"

#!/bin/bash
# Do the links in the documents lead anywhere? links.sh [--fix] [FOLDER]: all *.md files below the folder, the repository
# if none is named. The file that a relative link names has to be there, and its heading in NAME.md#HEADING. A link to
# lines of code carries the code as its text,
#
#     [`gather(z, graph.sources)`](../nn/layers/gat_conv.cpp#L43)
#
# which has to stand on that line, or on a line of #L43-L51. --fix rewrites the numbers of those that moved: to the
# nearest line that holds the text, with as many lines as before. Exit code: 0 all right, 1 a link leads nowhere.
set -uo pipefail

fix=0
if [[ ${1-} == --fix ]]; then
    fix=1
    shift
fi
cd "${1:-$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../..}" || exit 1

# Prints a complaint for each bad link of one document; with `fix`, the document goes to the file `fixed`.
check_document() {
    awk -v fix="$fix" -v fixed="$2" '
        function complain(message) {
            print FILENAME ":" FNR ": " message
            ++bad
        }
        function exists(path) { return system("test -e \"" path "\"") == 0 }
        # Reads a file once: its lines and, where it has some, the anchors of its headings.
        function read_lines(path,    line, anchor, fenced) {
            if (path in line_count) return
            line_count[path] = 0
            while ((getline line <path) > 0) {
                lines[path, ++line_count[path]] = line
                if (line ~ /^ *```/) fenced = !fenced
                if (fenced || line !~ /^#+ /) continue
                anchor = tolower(line)
                sub(/^#+ */, "", anchor)
                gsub(/[^a-z0-9_ -]/, "", anchor)
                gsub(/ /, "-", anchor)
                anchors[path, anchor]
            }
            close(path)
        }
        # The line that holds the code and lies nearest to another; 0 if there is none.
        function nearest_line(path, code, line,    n, found) {
            for (n = 1; n <= line_count[path]; ++n)
                if (index(lines[path, n], code) && (!found || (n > line ? n - line : line - n) < line - found)) found = n
            return found
        }
        # Checks a link and returns its target, which is another one if the link was mended.
        function check_link(text, target,    path, anchor, hash, code, range, first, last, found) {
            if (target ~ /^[a-z]+:/) return target
            hash = index(target, "#")
            path = hash ? substr(target, 1, hash - 1) : target
            anchor = hash ? substr(target, hash + 1) : ""
            path = path == "" ? FILENAME : path ~ /^\// ? "." path : folder path
            if (!exists(path)) {
                complain("[" text "](" target "): there is no " path)
                return target
            }
            if (anchor == "") return target
            read_lines(path)
            if (anchor !~ /^L[0-9]+(-L[0-9]+)?$/) {
                if (path ~ /\.md$/ && !((path, anchor) in anchors))
                    complain("[" text "](" target "): there is no such heading in " path)
                return target
            }
            if (text !~ /^`[^`]+`$/) {
                complain("[" text "](" target "): a link to a line needs the code there as its text, in ` `")
                return target
            }
            code = substr(text, 2, length(text) - 2)
            split(anchor, range, /-?L/)
            first = range[2] + 0
            last = 3 in range ? range[3] + 0 : first
            for (found = first; found <= last; ++found)
                if (index(lines[path, found], code)) return target
            found = nearest_line(path, code, first)
            if (!found)
                complain("[" text "](" target "): no line of " path " holds this text")
            else if (fix)
                return substr(target, 1, hash) "L" found (last > first ? "-L" found + last - first : "")
            else
                complain("[" text "](" target "): is now at line " found "; tests/docs/links.sh --fix changes the number")
            return target
        }
        # What stands outside of links and code, as it is.
        function plain(text) {
            if (text ~ /\]\([^()]*\)/) complain(text ": a link has to stand on one line")
            return text
        }
        BEGIN {
            link = "^\\[(`[^`]+`|[^]`])*\\]\\([^()]*\\)"
            code_span = "^(`[^`]+`|``([^`]|`[^`])+``)"
        }
        FNR == 1 {
            folder = FILENAME
            sub(/[^\/]*$/, "", folder)
        }
        /^ *```/ { in_fence = !in_fence }
        {
            rest = $0
            done = ""
            while (!in_fence && match(rest, /[[`]/)) {
                done = done plain(substr(rest, 1, RSTART - 1))
                rest = substr(rest, RSTART)
                if (match(rest, link)) {
                    whole = substr(rest, 1, RLENGTH)
                    rest = substr(rest, RLENGTH + 1)
                    middle = match(whole, /\]\([^()]*\)$/)
                    text = substr(whole, 2, middle - 2)
                    target = substr(whole, middle + 2, length(whole) - middle - 2)
                    title = match(target, / .*/) ? substr(target, RSTART) : ""
                    target = substr(target, 1, length(target) - length(title))
                    done = done "[" text "](" check_link(text, target) title ")"
                } else {
                    # A span of code is no link, whatever it holds.
                    if (!match(rest, code_span)) RLENGTH = 1
                    done = done substr(rest, 1, RLENGTH)
                    rest = substr(rest, RLENGTH + 1)
                }
            }
            if (!in_fence) plain(rest)
            if (fix) print done rest >fixed
        }
        END { exit bad > 0 }' "$1"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0
while IFS= read -r document; do
    code=0
    check_document "$document" "$scratch/fixed" || code=$?
    ((code == 0)) || status=1
    if ((fix && code < 2)) && [[ -s $scratch/fixed ]] && ! cmp -s "$document" "$scratch/fixed"; then
        diff "$document" "$scratch/fixed" | sed -n "s|^> |$document: now |p"
        cat "$scratch/fixed" >"$document"
    fi
    rm -f "$scratch/fixed"
done < <(find . \( -path ./build -o -path ./runs -o -name '.?*' \) -prune -o -name '*.md' -print | sed 's|^\./||' | sort)
exit "$status"

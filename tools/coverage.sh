#!/bin/bash
# Prints which part of the lines and branches of each folder the tests of a build with preset "coverage" have run:
# coverage.sh FOLDER. Fails if it is less than 95 % of the lines of the folders that all else stands on.
set -euo pipefail

folder=$1
root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
held_to=95

# Branches into exceptions are the compiler's, at every call; and what is only for the eyes of gcov does not count.
gcovr --root "$root" --object-directory "$folder" --exclude-throw-branches --exclude-unreachable-branches \
    --filter "$root/(autograd|backends|datasets|nn|tools)/" -j 2 --csv - "$folder/CMakeFiles" |
    awk -F , -v held_to="$held_to" '
        function part(covered, all) { return all ? sprintf("%6.1f %%", 100 * covered / all) : "       -" }
        NR > 1 && $1 !~ /^build\// {
            folder = $1
            sub("/[^/]*$", "", folder)
            lines[folder] += $2; ran[folder] += $3; branches[folder] += $5; taken[folder] += $6
            split($1, names, "/")
            of_top[names[1]] += $2; ran_of_top[names[1]] += $3
        }
        END {
            printf "%-24s %7s %8s %9s %8s\n", "folder", "lines", "ran", "branches", "taken"
            sorted = "sort"
            for (folder in lines)
                printf "%-24s %7d %8s %9d %8s\n", folder, lines[folder], part(ran[folder], lines[folder]),
                    branches[folder], part(taken[folder], branches[folder]) | sorted
            close(sorted)
            for (i = split("autograd datasets nn", tops, " "); i > 0; --i)
                if (!of_top[tops[i]] || ran_of_top[tops[i]] < held_to / 100 * of_top[tops[i]]) {
                    printf "of %s/ %s of the lines ran, expected %d %%\n", tops[i],
                        part(ran_of_top[tops[i]], of_top[tops[i]]), held_to
                    failed = 1
                }
            exit failed
        }'

#!/bin/bash
# links.sh finds links that lead nowhere, says where a moved line is now, and mends its number.
set -uo pipefail

links=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/links.sh
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/docs" "$scratch/build"
cd "$scratch" || exit 1
failures=0

fail() {
    echo "stale_links.sh:${BASH_LINENO[-2]}: $*"
    failures=$((failures + 1))
}

# check CODE [PHRASE...]: the exit code of links.sh, and lines that it has to print; without any, none at all.
check() {
    local code=$1 status=0 phrase
    shift
    "$links" . >out 2>err || status=$?
    ((status == code)) || fail "exit code $status instead of $code: $(cat out)"
    [[ $(wc -l <out) == "$#" && ! -s err ]] || fail "$# complaints expected, not: $(cat out err)"
    for phrase in "$@"; do
        grep -qF -- "$phrase" out || fail "'$phrase' is not in: $(cat out)"
    done
}

# What is right: files, folders, headings, lines, ranges; several a line; what only looks like a link.
printf '%s\n' 'int one();' 'int two[2];' 'int three();' 'int one();' >code.c
cat >docs/good.md <<'END'
# A heading, with `code`
[code](../code.c) and [docs](.), [from the root](/code.c "a title"), [the web](https://example.org/absent.md)
[heading](#a-heading-with-code) [`one()`](../code.c#L1) [`two[2]`](../code.c#L2), [the `one` op](good.md) ![drawing](../code.c)
[`three`](../code.c#L1-L3) but `[&](absent.md)`, ``[a`b](absent.md)`` and a[1] (absent.md)
```
[fenced](absent.md)
```
END
cp docs/good.md build/ignored.md && printf '[ignored](absent.md)\n' >>build/ignored.md
check 0

# What leads nowhere, each in its own words.
cat >docs/bad.md <<'END'
[file](absent.md)
[heading](good.md#no-such) text
[`two`](../code.c#L3)
[`four()`](../code.c#L2)
[the code](../code.c#L2)
[a link on
two lines](good.md)
[`two`](../code.c#L40) [`three`](../code.c#L1-L2)
END
check 1 "docs/bad.md:1: [file](absent.md): there is no docs/absent.md" \
    "docs/bad.md:2: [heading](good.md#no-such): there is no such heading in docs/good.md" \
    'docs/bad.md:3: [`two`](../code.c#L3): is now at line 2' \
    'docs/bad.md:4: [`four()`](../code.c#L2): no line of docs/../code.c holds this text' \
    "docs/bad.md:5: [the code](../code.c#L2): a link to a line needs the code there as its text" \
    "docs/bad.md:7: two lines](good.md): a link has to stand on one line" \
    'docs/bad.md:8: [`two`](../code.c#L40): is now at line 2' \
    'docs/bad.md:8: [`three`](../code.c#L1-L2): is now at line 3'

# Code that moves: to the nearest line that holds the text, and a range as a whole. Nothing else changes.
rm docs/bad.md
cp docs/good.md before
{ printf '\n%.0s' {1..10} && cat code.c; } >longer && mv longer code.c
check 1 "is now at line 11" "is now at line 12" "is now at line 13"
"$links" --fix . >out || fail "--fix left something: $(cat out)"
check 0
sed 's/#L1-L3/#L13-L15/; s/#L1)/#L11)/; s/#L2)/#L12)/' before | cmp - docs/good.md || fail "wrong: $(cat docs/good.md)"

# What cannot be mended stays, and is told.
printf '%s\n' '[`gone`](../code.c#L1) [`two`](../code.c#L1)' >docs/bad.md
"$links" --fix . >out && fail "--fix is content with a link that leads nowhere"
[[ $(cat docs/bad.md) == '[`gone`](../code.c#L1) [`two`](../code.c#L12)' ]] || fail "wrong: $(cat docs/bad.md)"

exit $((failures > 0))

#!/bin/bash
# docs/operators.md is what the definitions of the ops say, and document-ops tells when it is not.
set -uo pipefail

program=document-ops
source "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")/tools/expect.sh"

expect 0 -- --check "$root/docs/operators.md"
check test ! -s out

expect 0 -- --out written.md
check cmp written.md "$root/docs/operators.md"
expect 0 --
check cmp out written.md

sed 's/^max(x, 0)$/min(x, 0)/' written.md >altered.md
cp altered.md kept.md
expect 1 "altered.md, line " 'expected "max(x, 0)", got "min(x, 0)"' "run tools/document-ops --out altered.md" \
    -- --check altered.md
check cmp altered.md kept.md
head -20 written.md >short.md
expect 1 "short.md, line 21" "got the end of the file" -- --check short.md
(cat written.md && echo more) >long.md
expect 1 "expected the end of the file" -- --check long.md

# The ops of an extension come last.
expect 0 -- --load "$TAPEGRAD_BIN/../test_plugins/libswish_extension.so" --out extended.md
check grep -qF '| [`swish_extension`](#swish_extension) | through its composition | composed | composed |' extended.md
check test "$(grep -E '^## ' extended.md | tail -1)" = "## Extensions"
check grep -qxF 'swish_extension(x; beta = 1.0)' extended.md

expect 2 "--check" -- --check a.md --out b.md
expect 1 "absent.md" -- --check absent.md
expect 1 "absent/out.md" -- --out absent/out.md
expect 1 "absent.so" -- --load absent.so
expect 0 -- --help
prints '--check FILE'

exit $((failures > 0))

#!/bin/bash
# The header of the plugin interface against the one that was frozen as 1.0: the records and the table are the same up to
# the last entry of then, and of the rest of the code only the minor version changes. Comments may be made clearer.
set -euo pipefail

root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
code_of() { sed -e ':a' -e 's|/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/||g' -e '/\/\*/{N;ba' -e '}' "$1" | sed -e 's/ *$//' -e '/^$/d'; }
# Without the names of types that only the plugin looks into, of which there may be more.
records_of() { sed -n '/^typedef struct {/,/graph_size)/p' <<<"$1" | grep -v '^typedef struct tg_[a-z]* tg_[a-z]*;$'; }

frozen=$(code_of "$root/tests/backends/abi_1_0/backends/backend_abi.h")
now=$(code_of "$root/backends/backend_abi.h")
[[ $(records_of "$frozen" | wc -l) -gt 40 ]] || { echo "there are no records in the frozen header: is this test right?"; exit 1; }
changed=$(diff <(records_of "$frozen") <(records_of "$now") | grep '^[<>]' || true)
gone=$(diff <(echo "$frozen") <(echo "$now") | grep '^<' | grep -v '^< #define TG_ABI_MINOR ' || true)
[[ -z $changed$gone ]] || {
    printf 'backend_abi.h differs from ABI 1.0 (<), so plugins built for that would break:\n%s\n' "${changed:-$gone}"
    exit 1
}

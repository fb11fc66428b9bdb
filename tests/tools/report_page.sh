#!/bin/bash
# The page of report.html in a real browser: layout, contrast, console, requests, and what a person does with it. Without
# arguments it looks at made-up runs; with arguments at those reports:  tests/tools/report_page.sh runs/cora_gat/report.html
set -uo pipefail

root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
tests=$root/tests/tools/reports
if ! command -v python3 >/dev/null || ! python3 -c "
import sys
sys.path.insert(0, '$tests')
sys.dont_write_bytecode = True
import browser
sys.exit(browser.find_chromium() is None)"; then
    echo "report_page.sh skipped: it needs python3 and chromium"
    exit 0
fi
export PYTHONDONTWRITEBYTECODE=1
check() { python3 "$tests/report_check.py" "$@"; }
if (($#)); then
    check "$@"
    exit
fi

reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
failures=0
fail() {
    echo "report_page.sh:${BASH_LINENO[0]}: $*"
    failures=$((failures + 1))
}
fixture() { python3 "$tests/report_fixture.py" "$@"; }
assemble() { python3 "$tests/assemble_report.py" "$root/tools/reports/page" >"$reports/$1.html"; }
# changed NAME 'PYTHON': a report of the small run whose data, `run`, the statements have changed.
changed() {
    python3 -c "
import json, sys
run = json.load(sys.stdin)
$2
print(json.dumps(run))" <"$reports/plain.json" | assemble "$1"
}
expect_sound() { check "$@" || fail "something is wrong with $*"; }

# Runs of several sizes, names that are HTML among them, show no fault.
fixture >"$reports/plain.json"
assemble plain <"$reports/plain.json"
fixture --hostile --heads 8 | assemble hostile
fixture --nodes 3000 --classes 40 --edges 20000 --heads 4 | assemble large
expect_sound "$reports"/{plain,hostile,large}.html

# What a run lacks is left out.
changed bare 'for key in ("attention", "metrics", "embedding", "tape", "ops", "evaluation"): del run[key]'
changed unlabelled 'del run["nodes"]["label"], run["evaluation"]'
changed gcn 'del run["attention"]'
changed mean '
for layer in run["attention"]: layer["mean_over_heads"] = layer["heads"] == 1'
changed figures 'run = {key: run[key] for key in ("title", "result")}'
for name in bare unlabelled gcn mean; do
    expect_sound "$reports/$name.html"
done
for section in attention curves map tape time predictions; do
    python3 "$tests/report_check.py" --lacks "$section" "$reports/bare.html" || fail "section $section has no data but is there"
done

# Without data, or with data that is damaged, a sentence says so.
printf '' | assemble empty
printf '{"title": "cut off' | assemble cut
printf '[1, 2]' | assemble list
printf '{}' | assemble nothing
changed short 'run["nodes"]["label"]["data"] = run["nodes"]["label"]["data"][:-8]'
changed letters 'run["edges"]["offsets"]["data"] = "?" * 12'
changed types 'run["evaluation"]["test"]["confusion"] = 7; run["attention"][0]["entropy"]["heads"] = None; run["metrics"] = 3'
changed bins 'run["attention"][1]["entropy"]["uniform"].pop()'
check --trouble "$reports"/{figures,empty,cut,list,nothing,short,letters,types,bins}.html || fail "damaged data is not told in a sentence"

# The check itself finds faults that are planted into a sound report.
planted() {
    local name=$1 finding=$2 change=$3
    sed -e "$change" "$reports/plain.html" >"$reports/$name.html"
    cmp -s "$reports/plain.html" "$reports/$name.html" && fail "$name: nothing was planted"
    check --layout-only "$reports/$name.html" >"$reports/$name.txt" && fail "$name: the check does not see it"
    grep -qF -- "$finding" "$reports/$name.txt" || fail "$name: expected '$finding', got: $(head -3 "$reports/$name.txt")"
}
planted overlap 'overlap: ' 's|</style>|.note { margin-top: -40px; }</style>|'
planted wide 'the page scrolls sideways' 's|</style>|section { min-width: 900px; }</style>|'
planted pale 'contrast ' 's|</style>|.note { color: #bbb; }</style>|'
planted cut_off 'text is cut off' 's|</style>|.theme { width: 40px; overflow: hidden; }</style>|'
planted nameless 'has no name for a screen reader' 's|"aria-label": "Neighbours"|"data-x": "y"|; s|<nav |<select></select><nav |'
planted error 'exception: ' 's|^showReport();|showReport(); setTimeout(() => { throw new Error("planted"); });|'
planted warning 'console: warning' 's|^showReport();|showReport(); console.warn("planted");|'
planted blocked 'Content Security Policy' 's|^<noscript>|<img src="http://127.0.0.1:9/x.png" alt="x"><noscript>|'
planted request 'request: http://127.0.0.1:9/x.png' 's|^<meta http-equiv.*||; s|^<noscript>|<img src="http://127.0.0.1:9/x.png" alt="x"><noscript>|'

exit $((failures > 0))

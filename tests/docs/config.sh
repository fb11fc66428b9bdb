#!/bin/bash
# docs/config.md and docs/config.schema.json are what the schema of configs says, and document-config tells when they are
# not.
set -uo pipefail

program=document-config
source "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")/tools/expect.sh"

expect 0 -- --check "$root/docs/config.md"
check test ! -s out
expect 0 -- --schema --check "$root/docs/config.schema.json"
check test ! -s out

# Only what stands between the marks is written; the prose stays.
sed -e '/^| `seed`/d' -e '1s/.*/# My words/' "$root/docs/config.md" >altered.md
cp altered.md kept.md
expect 1 "altered.md, line " "run tools/document-config --out altered.md" -- --check altered.md
check cmp altered.md kept.md
expect 0 -- --out altered.md
check test "$(diff "$root/docs/config.md" altered.md | grep -c '^[<>]')" = 2
check grep -qxF '# My words' altered.md

sed 's/"maximum": 4096/"maximum": 8192/' "$root/docs/config.schema.json" >altered.json
expect 1 '"maximum": 4096' 'got "' "run tools/document-config --schema --out altered.json" -- --schema --check altered.json
expect 0 -- --schema --out altered.json
check cmp altered.json "$root/docs/config.schema.json"
expect 0 -- --schema
check cmp out altered.json
expect 0 --
prints '^\| `optimizer.learning_rate` \| `0.005` \| a number of more than 0 \|'

grep -v 'end of layers' kept.md >unmarked.md
expect 1 "unmarked.md: " "<!-- end of layers -->" -- --out unmarked.md

# With an extension its layers are in both.
extension=$TAPEGRAD_BIN/../test_plugins/libswish_extension.so
expect 0 -- --schema --load "$extension" --out extended.json
check grep -qF '"const": "swish_layer"' extended.json
expect 0 -- --load "$extension"
prints '^\| `swish_layer` \|'

expect 2 "--check" -- --check a.md --out b.md
expect 1 "absent.md" -- --check absent.md
expect 1 "absent/out.json" -- --schema --out absent/out.json
expect 0 -- --help
prints 'Example'

# Another validator says the same about configs.
if python3 -c 'import jsonschema' 2>err; then
    python3 - "$root" <<'PYTHON' || fail "Python's jsonschema says something else"
import json, pathlib, re, sys
import jsonschema

root = pathlib.Path(sys.argv[1])
schema = json.loads((root / "docs/config.schema.json").read_text())
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
cases = json.loads((root / "tests/tools/configs/verdicts.json").read_text())
wrong = 0
for verdict in "good", "bad":
    for change in cases[verdict]:
        config = {**cases["base"], **change}
        if validator.is_valid(config) != (verdict == "good"):
            print("not", verdict, config)
            wrong += 1
for example in (root / "examples").glob("*.json"):
    for error in validator.iter_errors(json.loads(re.sub(r"^\s*//.*$", "", example.read_text(), flags=re.M))):
        print(example, error)
        wrong += 1
sys.exit(wrong > 0)
PYTHON
else
    echo "not checked with Python's jsonschema, which is not installed"
fi

exit $((failures > 0))

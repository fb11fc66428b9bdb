"""The survivors that are known, with the reason of each: `read(path)`.

The file holds comments, which begin with #, and entries of three lines: file and code, the change, the reason.
"""


def read(path):
    """A dict from what a mutant is called (its `key`) to the reason."""
    with open(path, encoding="utf-8") as opened:
        lines = [line.rstrip("\n") for line in opened]
    lines = [line for line in lines if line.strip() and not line.startswith("#")]
    known = {}
    for position in range(0, len(lines), 3):
        entry = lines[position:position + 3]
        if len(entry) < 3 or entry[0].startswith(" ") or not all(line.startswith("    ") for line in entry[1:]):
            raise SystemExit(f"mutate: {path}: an entry is a line of code, a change and a reason instead of: {entry}")
        known[(entry[0], entry[1].strip())] = entry[2].strip()
    return known

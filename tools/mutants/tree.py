"""Writes the mutated copy of the source tree: `write_tree(root, target, sites)`."""
import os
import shutil

# What the copy is made of: all that tools/mutants/CMakeLists.txt builds from.
FOLDERS = ["autograd", "backends", "cmake", "datasets", "nn", "tests", "tools/checks", "tools/mutants"]


def mutated(text, sites):
    """The text of a file with every one of its sites written as a call of switch.hpp."""
    # At one place what ends comes before what begins. Of what begins there the larger comes first, of what ends the
    # smaller.
    insertions, replaced = [], {}
    for order, site in enumerate(sorted(sites, key=lambda s: (s.begin, -s.end, s.operator is not None))):
        call = f"::tapegrad::mutants::{site.function}({site.numbers[0]}, "
        if site.function == "logical":
            # a || b is !(!a && !b): both are written as one of them, and the switch negates.
            switch = f" != ::tapegrad::mutants::on({site.numbers[0]}))"
            sign = text[site.operator[0]:site.operator[1]]
            before, after = "(((static_cast<bool>(", ")" + switch + ")" + switch
            replaced[site.operator] = f"){switch} {sign} (static_cast<bool>("
        else:
            before, after = call, ")"
            if site.operator == (site.begin, site.operator and site.operator[1]):
                before, replaced[site.operator] = "", call
            elif site.operator and site.operator[1] == site.end:
                replaced[site.operator] = ""
            elif site.operator:
                replaced[site.operator] = ","
        insertions.append((site.begin, 1, order, before))
        insertions.append((site.end, 0, -order, after))
    for (begin, end), new in replaced.items():
        insertions.append((begin, 2, 0, new))
        text = text[:begin] + "\0" * (end - begin) + text[end:]
    parts, position = [], 0
    for place, _, _, new in sorted(insertions):
        parts += [text[position:place], new]
        position = place
    parts.append(text[position:])
    return "".join(parts).replace("\0", "")


def write_if_changed(path, text):
    """What did not change keeps its time, so that it is not built again."""
    try:
        with open(path, encoding="utf-8") as old:
            if old.read() == text:
                return
    except (FileNotFoundError, UnicodeDecodeError):
        pass
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as new:
        new.write(text)


def write_tree(root, target, sites):
    """Copies the tree of `root` to `target`, its sites mutated, and takes away there what is not in `root` any more."""
    of_file = {}
    for site in sites:
        of_file.setdefault(site.file, []).append(site)
    kept = set()
    for folder in FOLDERS:
        for path, _, names in os.walk(os.path.join(root, folder)):
            for name in names:
                source = os.path.join(path, name)
                relative = os.path.relpath(source, root)
                copy = os.path.join(target, relative)
                kept.add(copy)
                if relative in of_file:
                    with open(source, encoding="utf-8") as opened:
                        write_if_changed(copy, mutated(opened.read(), of_file[relative]))
                elif not (os.path.exists(copy) and os.path.getmtime(copy) == os.path.getmtime(source)):
                    os.makedirs(os.path.dirname(copy), exist_ok=True)
                    shutil.copy2(source, copy)
    lists = os.path.join(target, "CMakeLists.txt")
    with open(os.path.join(root, "tools/mutants/CMakeLists.txt"), encoding="utf-8") as opened:
        write_if_changed(lists, opened.read())
    for path, _, names in os.walk(target):
        for name in names:
            if os.path.join(path, name) not in kept | {lists}:
                os.remove(os.path.join(path, name))

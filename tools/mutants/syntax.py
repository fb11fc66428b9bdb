"""The syntax tree of a translation unit, as clang prints it in JSON."""
import json
import os
import subprocess
import sys


def syntax_trees(source, arguments, root):
    """The declarations of namespace tapegrad, each as a tree of dicts."""
    command = ["clang++", "-x", "c++", *arguments, "-fsyntax-only", "-Xclang", "-ast-dump=json", "-Xclang",
               "-ast-dump-filter=tapegrad", source]
    ran = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if ran.returncode != 0:
        sys.exit(f"mutate: clang does not take {source}:\n{ran.stderr}")
    decoder = json.JSONDecoder()
    position = 0
    while position < len(ran.stdout):
        tree, position = decoder.raw_decode(ran.stdout, position)
        yield tree
        while position < len(ran.stdout) and ran.stdout[position].isspace():
            position += 1


def type_of(node):
    """The type of an expression or declaration, aliases looked through; "" where there is none."""
    type = node.get("type", {})
    return type.get("desugaredQualType", type.get("qualType", ""))


class Places:
    """Puts into each location the file and the line, which the printer leaves out while they do not change."""

    def __init__(self, root):
        self.root, self.file, self.line, self.names = root, None, 0, {}

    def relative(self, name):
        if name not in self.names:
            self.names[name] = os.path.relpath(os.path.realpath(os.path.join(self.root, name)), self.root)
        return self.names[name]

    def fill(self, node):
        if isinstance(node, list):
            for child in node:
                self.fill(child)
            return
        if not isinstance(node, dict):
            return
        if "offset" in node:
            self.file = node.get("file", self.file)
            self.line = node.get("line", self.line)
            node["file"], node["line"] = self.relative(self.file), self.line
            return
        for key, child in node.items():
            if key != "includedFrom":
                self.fill(child)

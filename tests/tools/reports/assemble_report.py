#!/usr/bin/env python3
"""Puts data, read from stdin, into the page as tools do it: assemble_report.py PAGE_FOLDER < data.json > report.html"""
import pathlib
import sys

page = pathlib.Path(sys.argv[1])
parts = {"{{css}}": (page / "report.css").read_text(),
         "{{script}}": "".join(path.read_text() for path in sorted(page.glob("*.js"))),
         "{{data}}": sys.stdin.read().replace("<", "\\u003c")}
text = (page / "report.html").read_text()
for placeholder, part in parts.items():
    before, found, after = text.partition(placeholder)
    assert found, f"{placeholder} is not in report.html"
    parts[placeholder] = part
pieces = []
for placeholder in ("{{css}}", "{{data}}", "{{script}}"):
    before, _, text = text.partition(placeholder)
    pieces += [before, parts[placeholder]]
sys.stdout.write("".join(pieces) + text)

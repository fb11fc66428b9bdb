#!/usr/bin/env python3
"""Puts data, read from stdin, into the page as tools do it: assemble_report.py PAGE_FOLDER < data.json > report.html"""
import pathlib
import re
import sys

page = pathlib.Path(sys.argv[1])
parts = {
    "css": (page / "report.css").read_text(),
    "script": "".join(path.read_text() for path in sorted(page.glob("*.js"))),
    "data": sys.stdin.read().replace("<", "\\u003c"),
}
sys.stdout.write(re.sub(r"{{(\w+)}}", lambda found: parts[found[1]], (page / "report.html").read_text()))

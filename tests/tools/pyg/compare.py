"""Holds what tools/predict --logits wrote against PyG.

compare.py load MODEL WEIGHTS GRAPH LOGITS.tsv    PyG loads WEIGHTS (strict) and has to give the same logits
compare.py train MODEL WEIGHTS GRAPH              PyG trains 20 epochs and saves WEIGHTS, with its outputs beside them
compare.py saved WEIGHTS PREDICTIONS.tsv          the outputs of that training against labels and probabilities

--directed before them: the edges as cited, in place of both directions. Prints the largest difference; exit code 1 if
that is above 1e-4 or a label differs.
"""

import sys

import torch
import torch.nn.functional as F
from models import make_model
from safetensors.torch import load_file, save_file
from text_graph import read_text_graph


def read_table(file):
    """Ids, predicted classes, and the numbers of the classes [N, C]."""
    with open(file, encoding="utf-8") as stream:
        header, *rows = [line.rstrip("\n").split("\t") for line in stream]
    assert header[:3] == ["node", "predicted", "probability"], header
    numbers = torch.tensor([[float(field) for field in row[3:]] for row in rows])
    return [row[0] for row in rows], [header[3:].index(row[1]) for row in rows], numbers


def outputs(model, graph):
    model.eval()
    with torch.no_grad():
        return model(graph.x, graph.edge_index)


def report(what, theirs, ours, labels):
    difference = (theirs - ours).abs().max().item()
    wrong = (theirs.argmax(1) != torch.tensor(labels)).sum().item()
    print(f"{what}: largest difference {difference:.1e}, {wrong} of {len(labels)} labels differ")
    sys.exit(int(not difference <= 1e-4 or wrong > 0))


def load(name, weights, folder, table):
    graph = read_text_graph(folder, directed)
    model = make_model(name, graph.x.shape[1], len(graph.classes))
    model.load_state_dict(load_file(weights), strict=True)
    ids, labels, logits = read_table(table)
    assert ids == graph.ids
    report(f"{name} into PyG, logits", outputs(model, graph), logits, labels)


def train(name, weights, folder):
    torch.manual_seed(1)
    graph = read_text_graph(folder, directed)
    model = make_model(name, graph.x.shape[1], len(graph.classes))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-4)
    training = torch.tensor([split == "train" for split in graph.splits])
    for _ in range(20):
        model.train()
        optimizer.zero_grad()
        F.cross_entropy(model(graph.x, graph.edge_index)[training], graph.labels[training]).backward()
        optimizer.step()
    save_file(model.state_dict(), weights)
    save_file({"probabilities": outputs(model, graph).softmax(1)}, weights + ".outputs")


def saved(weights, table):
    _, labels, probabilities = read_table(table)
    report("out of PyG, probabilities", load_file(weights + ".outputs")["probabilities"], probabilities, labels)


directed = sys.argv[1] == "--directed"
command, *arguments = sys.argv[1 + directed :]
{"load": load, "train": train, "saved": saved}[command](*arguments)

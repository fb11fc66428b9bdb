#!/usr/bin/env python3
"""Prints a made-up run in the form that report.html shows: a random graph whose nodes prefer their own class.

    report_fixture.py [--nodes N] [--classes C] [--edges E] [--heads H] [--hostile] > data.json

--hostile puts HTML, quotes and very long words where names come from files. Nothing here was trained.
"""

import argparse
import base64
import json
import math
import random
import struct

FORMATS = {"f32": "f", "i32": "i", "u16": "H", "u8": "B", "i8": "b"}


def array(kind, values, shape=None, fraction=False):
    packed = base64.b64encode(struct.pack(f"<{len(values)}{FORMATS[kind]}", *values)).decode()
    result = {"type": kind, "shape": shape or [len(values)], "data": packed}
    return result | {"fraction": True} if fraction else result


def softmax(scores):
    powers = [math.exp(score - max(scores)) for score in scores]
    return [power / sum(powers) for power in powers]


def entropy(weights):
    return -sum(weight * math.log(weight) for weight in weights if weight > 0)


def metrics(epochs):
    rows = []
    for epoch in range(epochs):
        fade = math.exp(-epoch / 60)
        rows.append(
            {
                "epoch": epoch,
                "train_loss": 0.7 + 1.25 * fade + random.gauss(0, 0.05),
                "val_loss": 1.0 + 0.95 * fade + 0.0002 * epoch,
                "val_accuracy": max(0.1, 0.81 - 0.65 * fade + random.gauss(0, 0.006)),
                "seconds": 0.013,
            }
        )
    return rows


def evaluation(labels, predicted, probabilities, nodes, class_names):
    count = len(class_names)
    confusion = [[0] * count for _ in range(count)]
    bins = [{"from": i / 10, "to": (i + 1) / 10, "count": 0, "confidence": 0, "accuracy": 0} for i in range(10)]
    for node in nodes:
        confusion[labels[node]][predicted[node]] += 1
        best = max(probabilities[node])
        one = bins[min(9, int(best * 10))]
        one["count"] += 1
        one["confidence"] += best
        one["accuracy"] += labels[node] == predicted[node]
    for one in bins:
        for key in ("confidence", "accuracy"):
            one[key] = one[key] / one["count"] if one["count"] else None
    per_class = []
    for c in range(count):
        support, found = sum(confusion[c]), sum(row[c] for row in confusion)
        recall = confusion[c][c] / support if support else None
        precision = confusion[c][c] / found if found else None
        f1 = 2 * precision * recall / (precision + recall) if precision and recall else 0
        per_class.append(
            {"class": class_names[c], "support": support, "precision": precision, "recall": recall, "f1": f1}
        )
    error = sum(one["count"] * abs(one["confidence"] - one["accuracy"]) for one in bins if one["count"])
    return {
        "confusion": confusion,
        "per_class": per_class,
        "loss": 0.7,
        "accuracy": sum(confusion[c][c] for c in range(count)) / len(nodes),
        "calibration": {"bins": bins, "expected_calibration_error": error / len(nodes)},
    }


def attention(layer, offsets, sources, heads):
    """Coefficients of random scores, and their histograms."""
    weights, entropies, uniform = [0] * (len(sources) * heads), [[] for _ in range(heads)], []
    for target in range(len(offsets) - 1):
        begin, end = offsets[target], offsets[target + 1]
        if begin == end:
            continue
        uniform.append(math.log(end - begin))
        for head in range(heads):
            alpha = softmax([random.gauss(0, 0.2 + 0.25 * head) for _ in range(end - begin)])
            entropies[head].append(entropy(alpha))
            for i, value in enumerate(alpha):
                weights[(begin + i) * heads + head] = round(value * 65535)
    top, bins = max(uniform) + 1e-9, 20
    histogram = lambda values: [sum(int(v / top * bins) == b for v in values) for b in range(bins)]
    return {
        "layer": layer,
        "type": "gat",
        "heads": heads,
        "weights": array("u16", weights, [len(sources), heads], fraction=True),
        "entropy": {
            "bins": [top * b / bins for b in range(bins + 1)],
            "uniform": histogram(uniform),
            "heads": [histogram(values) for values in entropies],
        },
        "mean_entropy": [sum(values) / len(values) for values in entropies],
        "mean_uniform_entropy": sum(uniform) / len(uniform),
    }


def tape():
    ops = [
        ("dropout", "x * mask / (1 - p)", [], "f32 [60, 20]", True),
        ("matmul", "sum over k of a[..., i, k] * b[..., k, j]", [0], "f32 [60, 16]", True),
        ("graph_attention", "sum over edges of softmax(leaky_relu(s + t)) * z", [1], "f32 [60, 2, 8]", True),
        ("reshape", "the same elements under another shape", [2], "f32 [60, 16]", True),
        ("elu", "x > 0 ? x : exp(x) - 1", [3], "f32 [60, 16]", False),
        ("matmul", "sum over k of a[..., i, k] * b[..., k, j]", [4], "f32 [60, 5]", True),
        ("add", "a + b", [5, 1], "f32 [60, 5]", True),
        ("cross_entropy", "mean over i of -log softmax(x)[i, label[i]]", [6], "f32 []", True),
    ]
    return {
        "nodes": [
            {
                "op": op,
                "formula": formula,
                "native": native,
                "bytes_saved": 960 * i,
                "seconds": 1e-5 * (i + 1),
                "inputs": [{"spec": ops[n][3], "number": n} for n in inputs],
                "outputs": [{"spec": shape, "number": i}],
            }
            for i, (op, formula, inputs, shape, native) in enumerate(ops)
        ]
    }


def ops():
    rows = [("graph_attention", 0.004, 1), ("matmul", 0.003, 1), ("elu", 0.0006, 0), ("cross_entropy", 0.0002, 1)]
    return {
        "backend": "backend simd with 2 threads",
        "steps": 20,
        "step_seconds": 0.0094,
        "ops": [
            {
                "op": op,
                "native": 40 * native,
                "composed": 40 * (1 - native),
                "seconds": seconds,
                "self_seconds": seconds,
                "bytes_read": 10**6,
                "bytes_written": 10**5,
            }
            for op, seconds, native in rows
        ],
    }


def report(options):
    random.seed(1)
    count, classes, edges = options.nodes, options.classes, options.edges or options.nodes * 2
    class_names = [f"Class_{chr(65 + c % 26)}{'' if c < 26 else c}_Methods" for c in range(classes)]
    names = [str(1000 + 37 * node) for node in range(count)]
    title = "fixture_gat"
    if options.hostile:
        hostile = "<img src=x onerror=alert(1)>"
        title = class_names[0] = names[0] = hostile
        names[1] = "</script><script>alert(2)</script>"
        names[2] = "a\"b'c&amp;d"
        names[3] = class_names[1] = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerk" * 2
        names[4] = "__proto__"
    labels = [random.randrange(classes) for _ in range(count)]
    by_class = [[node for node in range(count) if labels[node] == c] or [0] for c in range(classes)]
    neighbours = [{node} for node in range(count)]
    for edge in range(edges):
        a = min(int(random.paretovariate(0.7)) - 1, count - 1) if edge % 4 == 0 else random.randrange(count)
        b = random.choice(by_class[labels[a]]) if random.random() < 0.8 else random.randrange(count)
        neighbours[a].add(b)
        neighbours[b].add(a)
    offsets, sources = [0], []
    for targets in neighbours:
        sources += sorted(targets)
        offsets.append(len(sources))

    probabilities = []
    for node in range(count):
        scores = [random.gauss(0, 0.5) for _ in range(classes)]
        for other in neighbours[node]:
            scores[labels[other]] += 2.5 / len(neighbours[node])
        probabilities.append(softmax(scores))
    predicted = [row.index(max(row)) for row in probabilities]
    split = [1 if node % 10 == 0 else 2 if node % 10 < 3 else 3 if node % 10 < 8 else 0 for node in range(count)]
    angles = [2 * math.pi * c / classes for c in range(classes)]
    place = lambda node, of: sum(p * of(a) for p, a in zip(probabilities[node], angles)) + random.gauss(0, 0.1)

    data = {
        "title": title,
        "version": "0.1.0",
        "created": "2026-11-25T10:00:00Z",
        "config": {"dataset": {"name": "fixture"}, "model": [{"type": "gat", "heads": options.heads}], "seed": 0},
        "result": {
            "backend": "simd",
            "best_epoch": 180,
            "epochs": 300,
            "parameters": 92373,
            "seed": 0,
            "test_accuracy": 0.83,
            "threads": 2,
            "train_seconds": 18.4847,
            "val_accuracy": 0.822,
        },
        "run": {"dataset": {"name": "fixture", "nodes": count, "features": 20}, "version": "0.1.0"},
        "metrics": metrics(300),
        "best_epoch": 180,
        "classes": class_names,
        "nodes": {
            "count": count,
            "names": names,
            "label": array("i32", labels),
            "predicted": array("i32", predicted),
            "split": array("u8", split),
            "probabilities": array(
                "u16", [round(p * 65535) for row in probabilities for p in row], [count, classes], fraction=True
            ),
        },
        "evaluation": {
            name: evaluation(
                labels, predicted, probabilities, [n for n in range(count) if split[n] == number], class_names
            )
            for number, name in ((3, "test"), (2, "val"))
        },
        "edges": {"offsets": array("i32", offsets), "sources": array("i32", sources)},
        "attention": [attention("0", offsets, sources, options.heads), attention("2", offsets, sources, 1)],
        "embedding": {
            "method": "PCA",
            "of": "input of the last layer",
            "explained": [0.31, 0.22],
            "x": array("f32", [place(node, math.cos) for node in range(count)]),
            "y": array("f32", [place(node, math.sin) for node in range(count)]),
        },
        "tape": tape(),
        "ops": ops(),
    }
    return data


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--nodes", type=int, default=60)
parser.add_argument("--classes", type=int, default=5)
parser.add_argument("--edges", type=int)
parser.add_argument("--heads", type=int, default=2)
parser.add_argument("--hostile", action="store_true")
if __name__ == "__main__":
    print(json.dumps(report(parser.parse_args())))

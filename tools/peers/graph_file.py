"""Reads the file that `bench gat --export-data` writes: what a graph attention network is trained on."""
import dataclasses

import numpy as np


@dataclasses.dataclass
class GraphData:
    features: np.ndarray  # float32 [N, F]
    sources: np.ndarray  # int32 [E], self loops among them
    targets: np.ndarray  # int32 [E], ascending
    classes: int
    train_nodes: np.ndarray  # int32
    train_labels: np.ndarray  # int32, one for each of the training nodes


def read_graph_file(path):
    with open(path, "rb") as file:
        nodes, edges, width, classes, train, _, _ = np.fromfile(file, np.int32, 7).tolist()
        sources, targets = np.fromfile(file, np.int32, edges), np.fromfile(file, np.int32, edges)
        features = np.fromfile(file, np.float32, nodes * width).reshape(nodes, width)
        train_nodes, train_labels = np.fromfile(file, np.int32, train), np.fromfile(file, np.int32, train)
    return GraphData(features, sources, targets, classes, train_nodes, train_labels)

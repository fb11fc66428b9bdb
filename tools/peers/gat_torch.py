"""What the networks of PyTorch Geometric and DGL have in common: loss, Adam, timing."""
import numpy as np
import torch

from gat_options import LEARNING_RATE, WEIGHT_DECAY, report


def train_and_report(name, network, features, data, options):
    """Times training steps and evaluations of a network that maps features to logits."""
    nodes = torch.from_numpy(data.train_nodes.astype(np.int64))
    labels = torch.from_numpy(data.train_labels.astype(np.int64))
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)

    def train_step():
        network.train()
        loss = torch.nn.functional.cross_entropy(network(features)[nodes], labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    def evaluate():
        network.eval()
        with torch.no_grad():
            return network(features)

    report(name, train_step, evaluate, options.steps)

"""What the networks of PyTorch Geometric and DGL have in common: loss, Adam, timing."""
import numpy as np
import torch

from gat_options import LEARNING_RATE, WEIGHT_DECAY, report


def train_and_report(name, network, features, data, options):
    """Times training steps and evaluations of a network that maps features to logits."""
    on_gpu, records = options.device != "cpu", getattr(options, "cuda_graph", False)
    network, features = network.to(options.device), features.to(options.device)
    nodes = torch.from_numpy(data.train_nodes.astype(np.int64)).to(options.device)
    labels = torch.from_numpy(data.train_labels.astype(np.int64)).to(options.device)
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, capturable=records)

    def compute_step():
        network.train()
        loss = torch.nn.functional.cross_entropy(network(features)[nodes], labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    def compute_logits():
        network.eval()
        with torch.no_grad():
            return network(features)

    step, logits = [recorded(f) if records else f for f in (compute_step, compute_logits)]

    def train_step():
        return step().item()

    def evaluate():
        logits()
        if on_gpu:
            torch.cuda.synchronize()

    report(name, train_step, evaluate, options.steps, torch.cuda.max_memory_allocated if on_gpu else lambda: 0)


def recorded(function):
    """The function as one CUDA graph, recorded after calls on another stream as PyTorch's manual asks."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            function()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = function()

    def replay():
        graph.replay()
        return result

    return replay

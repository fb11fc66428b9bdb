"""A graph attention network in PyTorch Geometric, trained like that of `bench gat`."""
from gat_options import hidden_and_output_layers, parse_options

options = parse_options(__doc__, devices=("cpu", "cuda"),
                        flags={"--cuda-graph": "record a step and an evaluation on the GPU, and replay them"})

import numpy as np
import torch
import torch.nn.functional as F
from torch_geometric.nn import GATConv

from gat_torch import train_and_report
from graph_file import read_graph_file

torch.set_num_threads(options.threads)
torch.manual_seed(0)
data = read_graph_file(options.graph)
edges = torch.from_numpy(np.stack([data.sources, data.targets]).astype(np.int64)).to(options.device)


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.ModuleList(
            GATConv(width, features, heads, dropout=options.drop, add_self_loops=False)
            for width, heads, features in hidden_and_output_layers(options, data.features.shape[1], data.classes))

    def forward(self, x):
        for number, layer in enumerate(self.layers):
            x = layer(F.dropout(F.elu(x) if number else x, options.drop, self.training), edges)
        return x


train_and_report("pyg", Network(), torch.from_numpy(data.features), data, options)

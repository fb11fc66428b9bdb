"""A graph attention network in DGL, trained like that of `bench gat`."""
import os

from gat_options import hidden_and_output_layers, parse_options

options = parse_options(__doc__)
os.environ["DGLBACKEND"] = "pytorch"

import dgl
import torch
import torch.nn.functional as F
from dgl.nn import GATConv

from gat_torch import train_and_report
from graph_file import read_graph_file

torch.set_num_threads(options.threads)
torch.manual_seed(0)
data = read_graph_file(options.graph)
graph = dgl.graph((torch.from_numpy(data.sources), torch.from_numpy(data.targets)), num_nodes=data.features.shape[0])
graph.create_formats_()


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.ModuleList(
            GATConv(width, features, heads, feat_drop=options.drop, attn_drop=options.drop)
            for width, heads, features in hidden_and_output_layers(options, data.features.shape[1], data.classes))

    def forward(self, x):
        for number, layer in enumerate(self.layers):
            x = layer(graph, F.elu(x) if number else x).flatten(1)
        return x


train_and_report("dgl", Network(), torch.from_numpy(data.features), data, options)

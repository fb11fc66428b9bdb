"""The models of PyG's examples/gat.py and examples/gcn.py, with their names and layers."""

import torch
import torch.nn.functional as F
from torch_geometric.nn import GATConv, GCNConv


class GAT(torch.nn.Module):
    def __init__(self, in_channels, hidden_channels, out_channels, heads, out_heads=1):
        super().__init__()
        self.conv1 = GATConv(in_channels, hidden_channels, heads, dropout=0.6)
        self.conv2 = GATConv(hidden_channels * heads, out_channels, heads=out_heads, concat=False, dropout=0.6)

    def forward(self, x, edge_index):
        x = F.dropout(x, p=0.6, training=self.training)
        x = F.elu(self.conv1(x, edge_index))
        x = F.dropout(x, p=0.6, training=self.training)
        return self.conv2(x, edge_index)


class GCN(torch.nn.Module):
    def __init__(self, in_channels, hidden_channels, out_channels, bias=True):
        super().__init__()
        self.conv1 = GCNConv(in_channels, hidden_channels, bias=bias)
        self.conv2 = GCNConv(hidden_channels, out_channels, bias=bias)

    def forward(self, x, edge_index):
        x = F.dropout(x, p=0.5, training=self.training)
        x = self.conv1(x, edge_index).relu()
        x = F.dropout(x, p=0.5, training=self.training)
        return self.conv2(x, edge_index)


def make_model(name, features, classes):
    """gat, gat8 (8 output heads, averaged), gcn, gcn_no_bias."""
    if name.startswith("gat"):
        return GAT(features, 8, classes, heads=8, out_heads=8 if name == "gat8" else 1)
    return GCN(features, 16, classes, bias=name == "gcn")

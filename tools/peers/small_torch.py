"""Small work in PyTorch: the same three figures as `bench dispatch`, in microseconds. Threads: OMP_NUM_THREADS, or 1."""
import os

import torch

from clock import median_seconds

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
torch.manual_seed(0)

x, labels = torch.randn(64, 784), torch.randint(10, (64,))
w1, w2 = (torch.randn(784, 128) * 0.05).requires_grad_(), (torch.randn(128, 10) * 0.05).requires_grad_()
b1, b2 = torch.zeros(128, requires_grad=True), torch.zeros(10, requires_grad=True)
optimizer = torch.optim.SGD([w1, b1, w2, b2], lr=0.01)


def mlp():
    """An SGD step of a 784-128-10 network with relu and cross entropy, batch 64."""
    hidden = torch.relu(x @ w1 + b1)
    loss = torch.nn.functional.cross_entropy(hidden @ w2 + b2, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


start = torch.ones(16, requires_grad=True)


def chain():
    """Forward and backward through 1,000 ops on 16 numbers."""
    start.grad = None
    h = start
    for _ in range(500):
        h = h * 0.999 + 0.001
    h.sum().backward()


one = torch.ones(1)


def thousand_ops():
    """1,000 ops that nothing records."""
    for _ in range(1000):
        one + one


print("mlp_us %.1f" % (1e6 * median_seconds(mlp, 200)),
      "chain_us_per_op %.3f" % (1e3 * median_seconds(chain, 50)),
      "op_us %.3f" % (1e3 * median_seconds(thousand_ops, 50)))

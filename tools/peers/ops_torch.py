"""Common ops in PyTorch, as `bench ops --against-torch` plans them: python ops_torch.py PLAN THREADS

PLAN is a JSON file {"seconds": S, "ops": [{"name", "dims", "count"}, ...]}. Prints, for each op, a line of its number and
two medians in seconds: forward, and forward with backward (0 for an op without a gradient)."""
import json
import math
import statistics
import sys
import time

import torch
import torch.nn.functional as F


def seconds_of_block(action, calls):
    start = time.perf_counter()
    for _ in range(calls):
        action()
    return time.perf_counter() - start


def median_of_blocks(action, seconds):
    """The median time of a call, from blocks of calls that last about `seconds` in all."""
    action()
    calls = 1
    while (taken := seconds_of_block(action, calls)) < seconds / 10:
        calls *= 2
    one_call = taken / calls
    blocks = min(max(int(seconds / one_call), 3), 21)
    calls = max(1, int(seconds / blocks / one_call))
    return statistics.median(seconds_of_block(action, calls) / calls for _ in range(blocks))


def unary(function):
    def make(dims, count):
        x = torch.randn(dims)
        return (lambda: function(x)), [x]

    return make


def binary(function, second_is_a_row=False):
    def make(dims, count):
        a, b = torch.randn(dims), torch.randn(dims[1] if second_is_a_row else dims)
        return (lambda: function(a, b)), [a, b]

    return make


def make_cat(dims, count):
    a, b = torch.randn(dims), torch.randn(dims)
    return (lambda: torch.cat([a, b], 1)), [a, b]


def make_matmul(dims, count):
    a, b = torch.randn(dims[0], dims[1]), torch.randn(dims[1], dims[2])
    return (lambda: a @ b), [a, b]


def make_gather(dims, count):
    x, index = torch.randn(dims), torch.randint(dims[0], (count,))
    return (lambda: torch.index_select(x, 0, index)), [x]


def make_scatter_sum(dims, count):
    x, index = torch.randn(dims), torch.randint(count, (dims[0],))
    return (lambda: torch.zeros(count, dims[1]).index_add(0, index, x)), [x]


def make_scatter_max(dims, count):
    x, index = torch.randn(dims), torch.randint(count, (dims[0], 1)).expand(dims)
    return (lambda: torch.zeros(count, dims[1]).scatter_reduce(0, index, x, "amax", include_self=False)), [x]


def make_cross_entropy(dims, count):
    x, labels = torch.randn(dims), torch.randint(dims[1], (dims[0],))
    return (lambda: F.cross_entropy(x, labels)), [x]


def make_adam_step(dims, count):
    w = torch.nn.Parameter(torch.randn(dims))
    w.grad = torch.randn(dims)
    optimizer = torch.optim.Adam([w], lr=1e-3, weight_decay=5e-4, fused=True)
    return optimizer.step, []


MAKERS = {
    "add": binary(torch.add),
    "mul": binary(torch.mul),
    "add_row": binary(torch.add, second_is_a_row=True),
    "exp": unary(torch.exp),
    "tanh": unary(torch.tanh),
    "sigmoid": unary(torch.sigmoid),
    "relu": unary(torch.relu),
    "elu": unary(F.elu),
    "leaky_relu": unary(lambda x: F.leaky_relu(x, 0.2)),
    "sum": unary(torch.sum),
    "sum_rows": unary(lambda x: torch.sum(x, 1)),
    "max_rows": unary(lambda x: torch.amax(x, 1)),
    "softmax_rows": unary(lambda x: torch.softmax(x, 1)),
    "log_softmax_rows": unary(lambda x: torch.log_softmax(x, 1)),
    "transpose": unary(lambda x: x.t().contiguous()),  # a transposed array, not another view of this one
    "cat": make_cat,
    "gather_rows": make_gather,
    "scatter_sum_rows": make_scatter_sum,
    "scatter_max_rows": make_scatter_max,
    "matmul": make_matmul,
    "dropout": unary(lambda x: F.dropout(x, 0.6, True)),
    "cross_entropy": make_cross_entropy,
    "adam_step": make_adam_step,
}


def times_of(op, seconds):
    forward, varied = MAKERS[op["name"]](op["dims"], op["count"])
    if not varied:
        return median_of_blocks(forward, seconds), 0.0
    with torch.no_grad():
        forward_seconds = median_of_blocks(forward, seconds)
    for x in varied:
        x.requires_grad_()
    ones = torch.ones_like(forward())

    def gradient():
        torch.autograd.grad(forward(), varied, ones)

    return forward_seconds, median_of_blocks(gradient, seconds)


def main():
    with open(sys.argv[1]) as file:
        plan = json.load(file)
    torch.set_num_threads(int(sys.argv[2]))
    torch.manual_seed(0)
    for number, op in enumerate(plan["ops"]):
        forward, gradient = times_of(op, plan["seconds"])
        assert math.isfinite(forward) and math.isfinite(gradient)
        print(f"{number} {forward:.9e} {gradient:.9e}", flush=True)


main()

"""The command line and the report that the peers' graph attention networks share."""
import argparse
import os
import resource
import statistics

from clock import seconds_of_calls

LEARNING_RATE, WEIGHT_DECAY = 0.005, 5e-4  # as in the paper and in `bench gat`


def parse_options(description):
    """The options. The process keeps to as many cores as it gets threads, so that no library can take more."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("graph", help="a file written by: bench gat --export-data FILE")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--hidden", type=int, default=8)
    parser.add_argument("--drop", type=float, default=0.6)
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[: options.threads])
    return options


def hidden_and_output_layers(options, features, classes):
    """(width in, heads, width of a head) of each layer."""
    layers, width = [], features
    for _ in range(options.layers - 1):
        layers.append((width, options.heads, options.hidden))
        width = options.heads * options.hidden
    return layers + [(width, 1, classes)]


def report(name, train_step, evaluate, steps):
    """Times both and prints one line."""
    train = seconds_of_calls(train_step, steps, warm_up=3)
    evaluation = seconds_of_calls(evaluate, steps, warm_up=2)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name} train_ms med={1e3 * statistics.median(train):.3f} min={1e3 * min(train):.3f} "
          f"eval_ms med={1e3 * statistics.median(evaluation):.3f} peak_MiB={peak:.0f}", flush=True)

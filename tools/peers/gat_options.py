"""The command line and the report that the peers' graph attention networks share."""
import argparse
import resource
import statistics

from clock import seconds_in_turn

LEARNING_RATE, WEIGHT_DECAY = 0.005, 5e-4  # as in the paper and in `bench gat`


def parse_options(description, devices=("cpu",), flags={}):
    """The options. Each program tells its libraries about the threads; no process is kept to single cores. `flags` are those
    that a program has besides: what each does."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("graph", help="a file written by: bench gat --export-data FILE")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--hidden", type=int, default=8)
    parser.add_argument("--drop", type=float, default=0.6)
    parser.add_argument("--device", choices=devices, default="cpu")
    for name, does in flags.items():
        parser.add_argument(name, action="store_true", help=does)
    return parser.parse_args()


def hidden_and_output_layers(options, features, classes):
    """(width in, heads, width of a head) of each layer."""
    layers, width = [], features
    for _ in range(options.layers - 1):
        layers.append((width, options.heads, options.hidden))
        width = options.heads * options.hidden
    return layers + [(width, 1, classes)]


def report(name, train_step, evaluate, steps, device_peak=lambda: 0):
    """Times both in turn, as in training and as `bench gat` does, and prints one line. `device_peak` tells the most bytes
    that were in use on a device."""
    train, evaluation = seconds_in_turn(train_step, evaluate, steps, warm_up=3)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name} train_ms med={1e3 * statistics.median(train):.3f} min={1e3 * min(train):.3f} "
          f"eval_ms med={1e3 * statistics.median(evaluation):.3f} peak_MiB={peak:.0f}"
          + (f" device_peak_MiB={device_peak() / 2**20:.0f}" if device_peak() else ""), flush=True)

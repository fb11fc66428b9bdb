"""A graph attention network in JAX, compiled as a whole, trained like that of `bench gat`."""
import os

from gat_options import LEARNING_RATE, WEIGHT_DECAY, hidden_and_output_layers, parse_options, report

options = parse_options(__doc__, devices=("cpu", "cuda"))
os.environ["JAX_PLATFORMS"] = options.device
os.environ["NPROC"] = str(options.threads)  # the size of XLA's pool of threads

import jax
import jax.numpy as jnp

from graph_file import read_graph_file

data = read_graph_file(options.graph)
features, sources, targets = jnp.asarray(data.features), jnp.asarray(data.sources), jnp.asarray(data.targets)
train_nodes, train_labels = jnp.asarray(data.train_nodes), jnp.asarray(data.train_labels)
node_count = features.shape[0]
layers = hidden_and_output_layers(options, features.shape[1], data.classes)


def initial_weights(key):
    glorot = jax.nn.initializers.glorot_uniform()
    weights = []
    for width, heads, out in layers:
        key, for_weight, for_source, for_target = jax.random.split(key, 4)
        weights.append({
            "weight": glorot(for_weight, (width, heads * out)),
            "source": glorot(for_source, (heads, out)),
            "target": glorot(for_target, (heads, out)),
            "bias": jnp.zeros(heads * out),
        })
    return weights


def dropout(key, x, training):
    if not training or options.drop == 0:
        return x
    return jnp.where(jax.random.bernoulli(key, 1 - options.drop, x.shape), x / (1 - options.drop), 0)


def reduce_edges(reduce, x):
    return reduce(x, targets, node_count, indices_are_sorted=True)


def attend(parameters, x, heads, out, key, training):
    """Equations 1 to 4 of Velickovic et al. 2018."""
    for_input, for_attention = jax.random.split(key)
    z = (dropout(for_input, x, training) @ parameters["weight"]).reshape(node_count, heads, out)
    source_score, target_score = (z * parameters["source"]).sum(-1), (z * parameters["target"]).sum(-1)
    scores = jax.nn.leaky_relu(source_score[sources] + target_score[targets], 0.2)
    powers = jnp.exp(scores - reduce_edges(jax.ops.segment_max, scores)[targets])
    alpha = powers / reduce_edges(jax.ops.segment_sum, powers)[targets]
    messages = dropout(for_attention, alpha, training)[..., None] * z[sources]
    return reduce_edges(jax.ops.segment_sum, messages).reshape(node_count, heads * out) + parameters["bias"]


def logits(weights, x, key, training):
    for number, (parameters, (_, heads, out)) in enumerate(zip(weights, layers)):
        key, for_layer = jax.random.split(key)
        x = attend(parameters, jax.nn.elu(x) if number else x, heads, out, for_layer, training)
    return x


def loss(weights, x, key):
    log_probabilities = jax.nn.log_softmax(logits(weights, x, key, True)[train_nodes])
    return -jnp.take_along_axis(log_probabilities, train_labels[:, None], 1).mean()


@jax.jit
def adam_step(state, x):
    weights, means, squares, count, key = state
    key, for_step = jax.random.split(key)
    value, gradient = jax.value_and_grad(loss)(weights, x, for_step)
    count = count + 1
    gradient = jax.tree.map(lambda g, w: g + WEIGHT_DECAY * w, gradient, weights)
    means = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, means, gradient)
    squares = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, squares, gradient)
    first, second = 1 / (1 - 0.9**count), 1 / (1 - 0.999**count)
    weights = jax.tree.map(lambda w, m, v: w - LEARNING_RATE * m * first / (jnp.sqrt(v * second) + 1e-8), weights, means,
                           squares)
    return (weights, means, squares, count, key), value


evaluation = jax.jit(lambda weights, x: logits(weights, x, jax.random.key(0), False))
start = initial_weights(jax.random.key(0))
zeros = jax.tree.map(jnp.zeros_like, start)
state = (start, zeros, zeros, jnp.float32(0), jax.random.key(1))


def train_step():
    global state
    state, value = adam_step(state, features)
    return float(value)


report("jax", train_step, lambda: evaluation(state[0], features).block_until_ready(), options.steps,
       lambda: (jax.devices()[0].memory_stats() or {}).get("peak_bytes_in_use", 0))

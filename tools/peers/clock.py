"""How the peers take time."""
import statistics
import time


def median_seconds(action, calls, warm_up=5):
    """The median time of a call, after some that are not counted."""
    for _ in range(warm_up):
        action()
    return statistics.median(seconds_of(action) for _ in range(calls))


def seconds_in_turn(a, b, calls, warm_up):
    """The time of each call of a and of b, which take turns, after some that are not counted."""
    for _ in range(warm_up):
        a()
        b()
    pairs = [(seconds_of(a), seconds_of(b)) for _ in range(calls)]
    return [first for first, _ in pairs], [second for _, second in pairs]


def seconds_of(action):
    """The time of one call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start

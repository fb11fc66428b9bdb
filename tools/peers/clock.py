"""How the peers take time."""
import statistics
import time


def median_seconds(action, calls, warm_up=5):
    """The median time of a call."""
    return statistics.median(seconds_of_calls(action, calls, warm_up))


def seconds_of_calls(action, calls, warm_up):
    """The time of each call, after some that are not counted."""
    for _ in range(warm_up):
        action()
    seconds = []
    for _ in range(calls):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return seconds

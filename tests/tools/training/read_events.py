"""Prints every scalar that the package tensorboard reads in a folder: tag, step, f32 value, time; 77 without it."""

import sys

try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
except ImportError:
    sys.exit(77)

accumulator = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})
accumulator.Reload()
lines = [
    f"{tag} {event.step} {event.value:.9g} {event.wall_time:.1f}"
    for tag in accumulator.Tags()["scalars"]
    for event in accumulator.Scalars(tag)
]
print("\n".join(sorted(lines)))

"""How this process shares its time: set once, when a server begins.

Measured with 200 answers that begin at once (`benchmarks.streams`): see docs/explanation/streaming.md.
"""

import gc
import sys

SWITCH_SECONDS = 0.0005
"""A thread that keeps a question waits this long for its turn, several times over; with Python's
own 0.005 the store fell seconds behind streams that keep the processor busy."""


def prepare_server() -> None:
    """Call it when everything stands and nothing is served yet."""
    sys.setswitchinterval(SWITCH_SECONDS)
    # What is loaded by now stays. Frozen, it is not gone through again by each full collection of
    # garbage, which would stop every stream for some 0.2 seconds.
    gc.collect()
    gc.freeze()

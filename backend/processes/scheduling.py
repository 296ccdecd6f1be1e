"""The scheduling of the server process, set once at the start, and the signal that ends one of several.

Thread switching and garbage collection were measured with 200 answers that begin at once
(`benchmarks.streams`): see docs/explanation/streaming.md.
"""

import gc
import signal
import sys

SWITCH_SECONDS = 0.0005
"""The thread switch interval: a thread that stores a question waits for several of them; with
Python's own 0.005 the store fell seconds behind streams that keep the processor busy.
"""

COLLECT_AFTER = (20_000, 20, 20)
"""The thresholds of garbage collection. A turn makes tens of thousands of objects, nearly all freed
by their reference counts: with Python's own 700 (2,000 from 3.13 on), traversals of the young ones
took a seventh of a turn's processor time.
"""


def prepare_server() -> None:
    """Calls after the start is complete and before the first request."""
    sys.setswitchinterval(SWITCH_SECONDS)
    # Objects loaded by now stay. Frozen, they are not traversed by each full garbage collection,
    # which would stop every stream for some 0.2 seconds.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


END = signal.SIGUSR1
"""The signal that ends one of several processes: a service manager never sends it."""

END_NOW = signal.SIGUSR2
"""The signal that lets such a process stop waiting for its answers. It is another one, because two equal
signals that come at once are delivered as one.
"""

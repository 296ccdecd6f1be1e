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


def prepare_server() -> None:
    """Calls after the start is complete and before the first request."""
    sys.setswitchinterval(SWITCH_SECONDS)
    # Objects loaded by now stay. Frozen, they are not traversed by each full garbage collection,
    # which would stop every stream for some 0.2 seconds.
    gc.collect()
    gc.freeze()


END = signal.SIGUSR1
"""The signal that ends one of several processes: a service manager never sends it."""

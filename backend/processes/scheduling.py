"""The scheduling and the memory of the server process, set at its start, and the signal that ends one of several.

Thread switching and garbage collection were measured with 200 answers that begin at once
(`benchmarks.streams`), memory over 2,000 turns (`benchmarks.endurance`): see docs/explanation/streaming.md.
"""

import ctypes
import gc
import signal
import sys

SWITCH_SECONDS = 0.0005
"""The thread switch interval: a thread that stores a question waits for several of them; with
Python's own 0.005 the store fell seconds behind streams that keep the processor busy.
"""

COLLECT_AFTER = (20_000, 2, 2)
"""The thresholds of garbage collection. A turn makes tens of thousands of objects, nearly all freed
by their reference counts: with Python's own 700 (2,000 from 3.13 on), traversals of the young ones
took a seventh of a turn's processor time. The older ones are soon looked at, too, which takes some
milliseconds, since what was there at the start is frozen: a turn that is under way when the young ones
are looked at is an older one then, and stayed in memory for thousands of turns (36 MB after 800).
"""


_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h
_ARENAS = 2


def share_arenas() -> None:
    """Lets the threads share two arenas of memory; calls before there are threads.

    The GNU library gives each thread one of its own, up to eight for each core, and what one has
    free no other can use: 30 to 45 MB that grew with every turn. Elsewhere this does nothing.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_ARENA_MAX, _ARENAS)


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

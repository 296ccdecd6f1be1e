"""The signals that the processes of one server send each other."""

import signal

END = signal.SIGUSR1
"""The signal that ends one of several processes: a service manager never sends it."""

"""The signals that the processes of one server send each other."""

import signal

END = signal.SIGUSR1
"""By which one of several processes is ended: a service manager never sends it."""

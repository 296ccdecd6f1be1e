"""Several worker processes that serve one address, and their supervisor.

uvicorn's own supervisor starts them, shares the listening socket among them, and replaces one that
died. This module adds the rest: a first signal lets all of them finish their answers, a second one
is passed on, so that they stop waiting; and a failed start is an error. The processes are ended by
a signal of their own, because a service manager, or Ctrl-C, signals all of them at once, and each
signal would count twice; they end by themselves when the supervisor is gone.

Promises: shared state (chats, limits, budgets, metrics) is right across the processes, because it
is in the database, or, for the metrics, in files that all of them share.
"""

import os
import signal
from collections.abc import Mapping
from socket import socket
from tempfile import TemporaryDirectory
from typing import Any

from prometheus_client.multiprocess import (
    mark_process_dead,  # pyright: ignore[reportUnknownVariableType]  (it has no types)
)
from uvicorn import Config
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from backend.observability.log_lines import set_up_server_logs
from backend.processes.scheduling import END
from backend.settings.settings import Settings

_LOOK_AGAIN = 0.1
"""Seconds."""
_SILENT_SECONDS = 30
"""The time after which a process that does not answer its supervisor is killed and replaced."""


class Workers(Multiprocess):
    """The supervisor of the processes."""

    def __init__(self, config: Config, sockets: list[socket], figures: str) -> None:
        super().__init__(config, sockets)
        self._figures = figures

    def keep_subprocess_alive(self) -> None:
        """Replaces those that died, and removes their active work from the metrics."""
        for process in self.processes:
            if not process.process.is_alive():
                mark_process_dead(process.pid, self._figures)
        super().keep_subprocess_alive()

    def handle_signals(self) -> None:
        """Handles one signal: another one that came with it is for `join_all`."""
        if self.signal_queue:
            name = signal.Signals(self.signal_queue.pop(0)).name.removeprefix("SIG").lower()
            getattr(self, f"handle_{name}", self.handle_term)()

    def handle_hup(self) -> None:
        """Ends the server when the terminal closes."""
        self.handle_term()

    def handle_ttin(self) -> None:
        """Ignores the signal: the number of processes is fixed."""

    def handle_ttou(self) -> None:
        """Ignores the signal: the number of processes is fixed."""

    def terminate_all(self) -> None:
        """Lets all of them finish their answers."""
        self._signal_all()

    def join_all(self) -> None:
        """Waits for their end, and passes on another signal."""
        for process in self.processes:
            while process.process.is_alive():
                process.process.join(_LOOK_AGAIN)
                if self.signal_queue:
                    self.signal_queue.clear()
                    self._signal_all()

    def _signal_all(self) -> None:
        for process in self.processes:
            if process.process.is_alive() and process.pid is not None:
                os.kill(process.pid, END)

    @property
    def failed(self) -> bool:
        """True if one of them could not start."""
        return any(process.exitcode == STARTUP_FAILURE for process in self.processes)


def serve_together(settings: Settings, count: int, options: Mapping[str, Any]) -> None:
    """Serves with these options of uvicorn until a signal.

    Raises `SystemExit` when the address or the start fails.
    """
    set_up_server_logs(settings)
    config = Config(**options, workers=count, timeout_worker_healthcheck=_SILENT_SECONDS)
    with TemporaryDirectory(prefix="candor-figures-") as figures:
        # For the processes: the library that counts looks there when it is imported.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = figures
        workers = Workers(config, [config.bind_socket()], figures)
        workers.run()
    if workers.failed:
        raise SystemExit(STARTUP_FAILURE)

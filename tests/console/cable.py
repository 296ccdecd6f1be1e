"""A connection between a browser and a server that can be cut in the middle of an answer, and mended."""

import socket
from contextlib import suppress
from threading import Thread
from types import TracebackType
from urllib.parse import urlsplit


class Cable:
    """Passes bytes on in both directions. Cut, it drops what is connected and what comes."""

    def __init__(self, to: str) -> None:
        self._to = urlsplit(to)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._ends: list[socket.socket] = []
        self._is_cut = False
        self._threads = [Thread(target=self._accept)]

    def __enter__(self) -> "Cable":
        self._threads[0].start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self.cut()
        for thread in self._threads:
            thread.join()
        for each in (self._listening, *self._ends):
            each.close()

    def cut(self) -> None:
        """Drop every connection, and each that comes."""
        self._is_cut = True
        for each in self._ends:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Pass on again what comes from now on."""
        self._is_cut = False

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            if self._is_cut:
                near.close()
                continue
            far = socket.create_connection((self._to.hostname or "", self._to.port or 80))
            self._ends += [near, far]
            for ends in ((near, far), (far, near)):
                thread = Thread(target=_pass_on, args=ends)
                self._threads.append(thread)
                thread.start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)

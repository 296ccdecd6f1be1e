"""The application on a real uvicorn on loopback, in a thread of its own."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

LONGEST_HEAD = 1 << 20
"""The bytes of an address and headers: those that Schemathesis makes up are read whole."""


@contextmanager
def listening(app: FastAPI) -> Generator[str]:
    """Its address, without a path. The socket listens at once, so whoever is early waits."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            http="h11",
            # Of an address that is longer, uvicorn reads only a part: the reply may be lost with the rest.
            h11_max_incomplete_event_size=LONGEST_HEAD,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()

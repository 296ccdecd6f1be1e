"""A server of two processes whose application kills its process at the start, or says that it cannot start."""

import os
import signal
import socket
import sys
from typing import Any

from uvicorn import Config

from backend.processes.workers import Workers

KILLED, REFUSING = "killed", "refusing"


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """An application that does not start."""
    assert scope["type"] == "lifespan"
    await receive()
    if sys.argv[1] == KILLED:
        os.kill(os.getpid(), signal.SIGKILL)
    await send({"type": "lifespan.startup.failed", "message": "no"})


def main() -> None:
    """Serve; the exit code is 1 if the processes could not start."""
    config = Config(app, workers=2, log_config=None)
    config.load()
    died: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        workers = Workers(config, listener, died.append)
        workers.run()
    sys.stdout.write(f"{len(died)}\n")
    raise SystemExit(int(workers.failed))


if __name__ == "__main__":
    main()

"""The parent's handle of the process that renders Jinja2 templates (`jinja_worker.py`).

A loop without an end and a text of a gigabyte can be stopped from outside only: within one process no
check runs while a filter or an empty loop does. The process starts with the first template, is kept
(a rendering costs about 0.2 ms then), and is replaced after a template that had to be stopped.

Promises: an answer or `TemplateInvalid` within `seconds` and the time of a start. Its methods block.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock, Timer
from typing import IO, cast

from pydantic import JsonValue

from use_cases.playground.errors import TemplateInvalid

_INHERITED = ("SYSTEMROOT", "TMPDIR", "TMP", "TEMP", "LD_LIBRARY_PATH")
_START_SECONDS = 30.0


class JinjaProcess:
    """One process, for any thread; `seconds` is the limit of one template."""

    def __init__(self, seconds: float = 2.0) -> None:
        self._seconds = seconds
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def render(self, text: str, values: Mapping[str, JsonValue]) -> str:
        """Returns the template with its values. Raises `TemplateInvalid`."""
        return cast("str", self._ask({"text": text, "values": dict(values)})["text"])

    def names(self, text: str) -> tuple[frozenset[str], frozenset[str]]:
        """Returns the variables it reads and those that it requires. Raises `TemplateInvalid`."""
        answer = self._ask({"text": text})
        return (
            frozenset(cast("list[str]", answer["names"])),
            frozenset(cast("list[str]", answer["required"])),
        )

    def close(self) -> None:
        """Ends the process; the next template starts another."""
        with self._lock:
            self._end()

    def _ask(self, request: Mapping[str, JsonValue]) -> dict[str, object]:
        with self._lock:
            line = self._exchange(json.dumps(request).encode() + b"\n")
        if not line:
            raise TemplateInvalid("The template was stopped: it takes too long or too much memory.")
        answer = cast("dict[str, object]", json.loads(line))
        if "error" in answer:
            raise TemplateInvalid(f"The template fails: {answer['error']}")
        return answer

    def _exchange(self, request: bytes) -> bytes:
        """Returns the answer's line; empty when the process had to be stopped or ended itself."""
        if self._process is None or self._process.poll() is not None:
            self._start()
        line = self._read(request, self._seconds)
        if not line:
            self._end()
        return line

    def _start(self) -> None:
        self._end()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "services.templates.jinja_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,  # Ctrl-C in the terminal is for its parent alone
        )
        # Its imports may take longer than a template may.
        if not self._read(b"", _START_SECONDS):
            self._end()
            raise TemplateInvalid("The process that renders Jinja2 templates did not start.")

    def _read(self, request: bytes, seconds: float) -> bytes:
        """Sends a request and reads a line; empty when the process is killed at the end of the time."""
        process = cast("subprocess.Popen[bytes]", self._process)
        requests, answers = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        timer = Timer(seconds, process.kill)
        timer.start()
        try:
            requests.write(request)
            requests.flush()
            return answers.readline()
        except OSError:
            return b""
        finally:
            timer.cancel()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        cast("IO[bytes]", process.stdout).close()
        with suppress(OSError):  # half a request was still in the buffer
            cast("IO[bytes]", process.stdin).close()


def _environment() -> dict[str, str]:
    """Returns the module path and the system's own variables: no key, no setting."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)  # noqa: PTH100  (a list of strings)
    return {**kept, "PYTHONPATH": path}

"""The port `CodeRunner`: functions of Python files that the operator named, each call in its own process.

Promises: no other file runs, whatever an assertion says; the process gets no environment of ours, and
so no key, nor can it read that of another process in /proc (Linux; before 5.13 only ours is closed, and
not to root); its CPU time, memory and file sizes are limited by the system (`code_worker.py`), its time
and its result here; in the end it is killed with the processes that it started.
Leaves to others: which files an operator named. The limits are against accidents: the code is the
operator's own and has the rights of the user who starts Candor,
files and network included.
"""

import asyncio
import ctypes
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, cast

from pydantic import JsonValue

from use_cases.playground.errors import CodeFailed, CodeNotAllowed

_WORKER = Path(__file__).with_name("code_worker.py")
_ENVIRONMENT = {
    "PATH": os.defpath,
    # The pools of numerical libraries would take the address space.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
_STARTING_SECONDS = 5.0
_SET_DUMPABLE = 4  # linux/prctl.h


class PythonFiles:
    """Runs the files of these names, which are paths from `folder`.

    `seconds` bound the CPU time of one call, and its duration after a start of 5 more;
    `memory_bytes` its memory (Linux) and `most_bytes` its result.
    """

    def __init__(
        self,
        folder: Path,
        files: Collection[str],
        *,
        seconds: float = 10.0,
        memory_bytes: int = 1024 * 1024 * 1024,
        most_bytes: int = 100_000,
    ) -> None:
        self._folder = folder
        self._allowed = frozenset((folder / file).resolve() for file in files)
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._most_bytes = most_bytes

    async def run(
        self, file: str, function: str, output: str, context: Mapping[str, JsonValue]
    ) -> JsonValue:
        """Returns what the function returns. Raises `CodeNotAllowed` and `CodeFailed`."""
        path = (self._folder / file.replace("\0", "")).resolve()
        if "\0" in file or path not in self._allowed:
            raise CodeNotAllowed(f"{file[:200]} is not among the files that may run.")
        if not path.is_file():
            raise CodeFailed(f"There is no file {file}.")
        self._close_environment()
        request = {
            "file": str(path),
            "function": function,
            "output": output,
            "context": dict(context),
            "seconds": self._seconds,
            "memory_bytes": self._memory_bytes,
        }
        # Files and no pipes: a process that the code started, and that is still there, holds up none.
        with TemporaryFile() as asked, TemporaryFile() as answered:
            asked.write(json.dumps(request).encode("ascii"))
            asked.seek(0)
            code = await self._call(path, asked, answered)
            answered.seek(0)
            answer = answered.read(self._most_bytes + 1)
        if len(answer) > self._most_bytes:
            raise CodeFailed(
                f"{file} returned more than {self._most_bytes:,} bytes.", hint="Return less."
            )
        return self._result(file, answer, code)

    @staticmethod
    def _close_environment() -> None:
        """Closes this process's own /proc files to others of its user, for kernels without Landlock."""
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)

    async def _call(self, path: Path, asked: IO[bytes], answered: IO[bytes]) -> int:
        """Runs the worker to its end, and returns its exit code."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", str(_WORKER)),
            stdin=asked,
            stdout=answered,
            stderr=DEVNULL,
            cwd=path.parent,
            env=_ENVIRONMENT,
            start_new_session=True,  # a group of its own, which is killed as a whole
        )
        try:
            async with asyncio.timeout(self._seconds + _STARTING_SECONDS):
                return await process.wait()
        except TimeoutError:
            raise CodeFailed(f"{path.name} took more than {self._seconds:g} s.") from None
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    def _result(self, file: str, line: bytes, code: int) -> JsonValue:
        try:
            answer = cast("dict[str, JsonValue]", json.loads(line))
        except ValueError:
            raise CodeFailed(f"{file} {self._ending(code)}.") from None
        if "error" in answer:
            raise CodeFailed(f"{file}: {answer['error']}")
        return answer["result"]

    def _ending(self, code: int) -> str:
        if code == -signal.SIGXCPU:
            return f"used more than {self._seconds:g} s of CPU time"
        return f"ended without a result (exit code {code})"

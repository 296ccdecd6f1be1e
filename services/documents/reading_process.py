"""The parent's handle of one process that reads files.

Promises: the process shares only two pipes with its parent (no environment, terminal, settings or
open files); it can send only a document or an error; any thread can kill it at any moment, and `end`
leaves nothing of it. The methods block, so they are called in threads.
Leaves to others: deadlines and the start of further processes (`reader.py`).
"""

import os
import pickle
import subprocess
import sys
from contextlib import suppress
from typing import IO, cast

from services.documents.reading_worker import OUT_OF_MEMORY, READY, ReadingAnswer, Request
from use_cases.kernel.errors import CandorError
from use_cases.knowledge.errors import SourceBroken, SourceTooCostly, SourceUnreadable

_INHERITED = ("SYSTEMROOT", "TMPDIR", "TMP", "TEMP", "LD_LIBRARY_PATH")
_ENDING_SECONDS = 5.0
_ALLOWED_TYPES = {
    "use_cases.knowledge.model": {
        "Block", "BlockKind", "ParsedDocument", "PassageDraft", "StatedFacts", "TableData",
    },
    "use_cases.kernel.model": {"Span", "Column", "ColumnType", "Authority"},
    "use_cases.knowledge.errors": {
        "SourceBinary", "SourceBroken", "SourceEmpty", "SourceTooCostly", "SourceTooLarge",
    },
    "datetime": {"date"},
}  # fmt: skip


class ReadingProcess:
    """A process that starts in the background and reads one file at a time, for one thread."""

    def __init__(self, memory_bytes: int) -> None:
        self._memory_bytes = memory_bytes
        self._is_killed = False
        self.is_ready = False
        self._process = subprocess.Popen(  # noqa: S603  (our own Python)
            [sys.executable, "-P", "-m", "services.documents.reading_worker", str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
            start_new_session=True,  # Ctrl-C in the terminal is for its parent alone
        )
        # Both are pipes, as requested above.
        self._requests = cast("IO[bytes]", self._process.stdin)
        self._answers = cast("IO[bytes]", self._process.stdout)

    @property
    def is_alive(self) -> bool:
        """True if the process is running."""
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Waits for the end of its imports. Raises `SourceUnreadable` when it cannot start."""
        if self._answers.read(1) != READY:
            raise SourceUnreadable(
                f"The process that reads files did not start (exit code {self._process.wait()}).",
                hint="Look at the log for the cause.",
            )
        self.is_ready = True

    def exchange(self, request: Request) -> ReadingAnswer:
        """Sends a request and returns its answer.

        When the process ends instead: raises `SourceTooCostly` for lack of memory, `SourceUnreadable`
        after a kill, else `SourceBroken`.
        """
        try:
            pickle.dump(tuple(request), self._requests, pickle.HIGHEST_PROTOCOL)
            self._requests.flush()
            return ReadingAnswer(*_AnswerUnpickler(self._answers).load())
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise self._end_error() from error

    def kill(self) -> None:
        """Ends the process at once; a thread inside `exchange` gets an error."""
        self._is_killed = True
        self._process.kill()

    def end(self) -> None:
        """Kills the process, waits for its end, and closess the pipes."""
        self.kill()
        self._process.wait()
        self._answers.close()
        with suppress(BrokenPipeError):  # half a request was still in the buffer
            self._requests.close()

    def _end_error(self) -> CandorError:
        try:
            code = self._process.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired:  # it did not end, but sent an invalid answer
            self._process.kill()
            code = self._process.wait()
        if self._is_killed:
            return SourceUnreadable("Reading it was stopped.", hint="Try again.")
        if code == OUT_OF_MEMORY:
            return SourceTooCostly(
                f"Reading it needs more than {self._memory_bytes / 2**20:,.0f} MiB of memory.",
                hint="Split the file.",
            )
        return SourceBroken(f"The file makes its reader crash (exit code {code}).")


class _AnswerUnpickler(pickle.Unpickler):
    """An unpickler for answers of known types only: a process that a file controls can send no code."""

    def find_class(self, module_name: str, global_name: str) -> object:
        if global_name not in _ALLOWED_TYPES.get(module_name, ()):
            raise pickle.UnpicklingError(f"{module_name}.{global_name} is no part of an answer")
        return super().find_class(module_name, global_name)


def _environment() -> dict[str, str]:
    """Returns the module path and the system's own variables: no key, no setting."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)  # noqa: PTH100  (a list of strings)
    # One thread each: the pools of numerical libraries would take the address space.
    return {**kept, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

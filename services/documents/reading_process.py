"""One process that reads files, as the process that started it sees it.

Promises: it shares nothing with its parent but two pipes (no environment, terminal, settings or
open files); what it sends can only be a document or an error; it can be killed from any thread at
any moment, and `end` leaves nothing of it. Its methods block, so they are called in threads. It
leaves deadlines, and when to start another one, to `reader.py`.
"""

import os
import pickle
import subprocess
import sys
from contextlib import suppress
from typing import IO, cast

from services.documents.reading_worker import OUT_OF_MEMORY, READY, Answer, Request
from use_cases.kernel.errors import CandorError
from use_cases.knowledge.errors import SourceBroken, SourceTooCostly, SourceUnreadable

_INHERITED = ("SYSTEMROOT", "TMPDIR", "TMP", "TEMP", "LD_LIBRARY_PATH")
_ENDING_SECONDS = 5.0
_ANSWERED = {
    "use_cases.knowledge.model": {
        "Block", "BlockKind", "ParsedDocument", "PassageDraft", "Stated", "TableData",
    },
    "use_cases.kernel.model": {"Span", "Column", "ColumnType", "Authority"},
    "use_cases.knowledge.errors": {
        "SourceBinary", "SourceBroken", "SourceEmpty", "SourceTooCostly", "SourceTooLarge",
    },
    "datetime": {"date"},
}  # fmt: skip


class ReadingProcess:
    """Starts at once, without waiting for it; it reads one file at a time, for one thread."""

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
        # Both are pipes, as asked for above.
        self._requests = cast("IO[bytes]", self._process.stdin)
        self._answers = cast("IO[bytes]", self._process.stdout)

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Wait for the end of its imports. Raises `SourceUnreadable` where it cannot start."""
        if self._answers.read(1) != READY:
            raise SourceUnreadable(
                f"The process that reads files did not start (exit code {self._process.wait()}).",
                hint="Look at the log for the cause; READ_MEMORY_MB may be too low.",
            )
        self.is_ready = True

    def exchange(self, request: Request) -> Answer:
        """The answer to a request.

        Where it ends instead: raises `SourceTooCostly` for want of memory, `SourceUnreadable` when
        it was killed, else `SourceBroken`.
        """
        try:
            pickle.dump(tuple(request), self._requests, pickle.HIGHEST_PROTOCOL)
            self._requests.flush()
            return Answer(*_Answers(self._answers).load())
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise self._why_it_ended() from error

    def kill(self) -> None:
        """End it at once, whatever it does; a thread inside `exchange` gets an error."""
        self._is_killed = True
        self._process.kill()

    def end(self) -> None:
        """Kill it, wait for its end, and close the pipes."""
        self.kill()
        self._process.wait()
        self._answers.close()
        with suppress(BrokenPipeError):  # half a request was still to be sent
            self._requests.close()

    def _why_it_ended(self) -> CandorError:
        try:
            code = self._process.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired:  # it did not end, it answered what is no answer
            self._process.kill()
            code = self._process.wait()
        if self._is_killed:
            return SourceUnreadable("Reading it was stopped.", hint="Try again.")
        if code == OUT_OF_MEMORY:
            return SourceTooCostly(
                f"Reading it needs more than {self._memory_bytes / 2**20:,.0f} MiB of memory.",
                hint="Split the file, or raise READ_MEMORY_MB.",
            )
        return SourceBroken(f"The file makes its reader crash (exit code {code}).")


class _Answers(pickle.Unpickler):
    """Answers may consist of these types alone: a reader that a file has taken over sends no code."""

    def find_class(self, module_name: str, global_name: str) -> object:
        if global_name not in _ANSWERED.get(module_name, ()):
            raise pickle.UnpicklingError(f"{module_name}.{global_name} is no part of an answer")
        return super().find_class(module_name, global_name)


def _environment() -> dict[str, str]:
    """Where modules lie, and what the system itself needs: no key, no setting."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)  # noqa: PTH100  (a list of strings)
    # One thread each: the pools of numerical libraries would take the address space.
    return {**kept, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

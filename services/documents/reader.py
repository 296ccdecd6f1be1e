"""The port `Reader` over a pool of processes, each with a deadline and a memory limit; and, with it, the
port `FileTexts` of attached files.

Promises: no file exceeds the `Bounds`, and the event loop and the threads of other work stay free; a
process beyond them is killed and replaced, and the file is `SourceTooCostly`. A cancelled call kills
its process. Processes start on demand (the first one at `warm`), are reused for the next file, and
end at `close` or by themselves when this process is killed. A process shares only two pipes with its
parent (no environment, terminal, settings or open files), and can send only a document or an error.

Leaves to others: reading (`reading_worker.py`), cutting (the function that it receives).
"""

import os
import pickle
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import IO, BinaryIO, cast

import anyio
from anyio import CapacityLimiter, to_thread
from loguru import logger

from services.documents.decoding import decode
from services.documents.reading_worker import OUT_OF_MEMORY, READY, Cut, ReadingAnswer, Request
from use_cases.conversations.model import PDF_MEDIA_TYPE
from use_cases.kernel.errors import CandorError
from use_cases.knowledge.errors import SourceBroken, SourceTooCostly, SourceUnreadable
from use_cases.knowledge.model import ChunkPolicy, ParsedDocument

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
        if not self.is_ready and self._answers.read(1) != READY:
            raise SourceUnreadable(
                f"The process that reads files did not start (exit code {self._process.wait()}).",
                hint="Look at the log for the cause.",
            )
        self.is_ready = True

    def exchange(self, request: Request) -> ReadingAnswer:
        """Sends a request and returns its answer.

        When the process ends instead: raises `SourceTooCostly` for lack of memory or a costly page,
        `SourceUnreadable` after a kill, else `SourceBroken`.
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
        """Kills the process, waits for its end, and closes the pipes."""
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
        if sys.platform != "win32" and code == -signal.SIGVTALRM:
            return SourceTooCostly(
                "Its elements are nested too deeply, or have too many attributes.",
                hint="Save the page as plain text, or simplify its markup.",
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


_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """The number of concurrent reads, and the limits of each. The time counts from its start."""

    processes: int = 2
    seconds: float = 60.0
    memory_bytes: int = 2**30


class DocumentReader:
    """A reader of Markdown, text, reStructuredText, HTML, PDF, DOCX, CSV, TSV and XLSX. Close it."""

    def __init__(self, bounds: Bounds | None = None, cut: Cut | None = None) -> None:
        self._cut = cut
        self._bounds = bounds or Bounds()
        self._turns = CapacityLimiter(self._bounds.processes)
        self._threads = CapacityLimiter(2 * self._bounds.processes)
        self._processes: set[ReadingProcess] = set()
        self._idle: list[ReadingProcess] = []

    def warm(self) -> None:
        """Starts a process without waiting: it imports while other things are prepared."""
        self._idle.append(self._start())

    async def parse(
        self,
        name: str,
        content: bytes,
        description: bytes | None = None,
        *,
        chunks: ChunkPolicy | None = None,
    ) -> ParsedDocument:
        """Reads by content first, by name second; and cuts into passages, where `chunks` is given.

        Raises `SourceBinary`, `SourceBroken`, `SourceEmpty`, `SourceTooLarge`, `SourceTooCostly`, and
        `SourceUnreadable` where no process can be started.
        """
        cutting = (self._cut, chunks) if self._cut and chunks else None
        request = Request(name, content, description, self._bounds.seconds, cutting)
        async with self._turns:
            answer = await self._answer(request)
        if answer.cause:
            logger.debug("reading {!r} failed: {}", name, answer.cause)
        if isinstance(answer.outcome, CandorError):
            raise answer.outcome
        return answer.outcome

    async def close(self) -> None:
        """Ends all processes at once. A read in progress ends with `SourceUnreadable`."""
        for process in self._processes:
            process.kill()
        while self._idle:
            await self._end(self._idle.pop())

    async def _answer(self, request: Request) -> ReadingAnswer:
        process = await self._take_process()
        keep = False
        in_thread = partial(to_thread.run_sync, abandon_on_cancel=True, limiter=self._threads)
        try:
            with anyio.fail_after(_START_SECONDS):
                await in_thread(process.wait_until_ready)
            with anyio.fail_after(request.seconds):
                answer = await in_thread(process.exchange, request)
            keep = not answer.is_last
        except TimeoutError:
            if not process.is_ready:
                raise SourceUnreadable("The process that reads files does not start.") from None
            logger.warning("reading {!r} was stopped after {:g} s", request.name, request.seconds)
            raise SourceTooCostly(
                f"Reading it takes longer than {request.seconds:g} seconds.",
                hint="Split or simplify the file, or raise READ_TIMEOUT_SECONDS.",
            ) from None
        finally:
            if keep:
                self._idle.append(process)
            else:
                await self._end(process)
        return answer

    async def _take_process(self) -> ReadingProcess:
        """Returns an idle process if possible, else a new one, which may not be ready."""
        while self._idle:
            process = self._idle.pop()
            if process.is_alive:
                return process
            await self._end(process)
        return await to_thread.run_sync(self._start, limiter=self._threads)

    def _start(self) -> ReadingProcess:
        try:
            process = ReadingProcess(self._bounds.memory_bytes)
        except OSError as error:
            raise SourceUnreadable(
                f"The process that reads files cannot be started: {error.strerror}."
            ) from error
        self._processes.add(process)
        return process

    async def _end(self, process: ReadingProcess) -> None:
        self._processes.discard(process)
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(process.end, limiter=self._threads)


class ReadFileTexts:
    """Texts by the readers of documents."""

    def __init__(self, reader: DocumentReader) -> None:
        self._reader = reader

    async def text(self, media_type: str, content: BinaryIO) -> str:
        """Reads the text of a file. Raises the errors of `DocumentReader.parse`."""
        content.seek(0)
        whole = await to_thread.run_sync(content.read)
        if media_type == PDF_MEDIA_TYPE:
            return (await self._reader.parse("attachment.pdf", whole)).text
        return await to_thread.run_sync(decode, whole)

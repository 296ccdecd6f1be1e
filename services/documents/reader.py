"""The port `Reader` over a pool of processes, each with a deadline and a memory limit; and, with it, the
port `FileTexts` of attached files.

Promises: no file exceeds the `Bounds`, and the event loop and the threads of other work stay free; a
process beyond them is killed and replaced, and the file is `SourceTooCostly`. A cancelled call kills
its process. Processes start on demand (the first one at `warm`), are reused for the next file, and
end at `close` or by themselves when this process is killed.
Leaves to others: reading (`reading.py`), cutting (the function that it receives).
"""

from dataclasses import dataclass
from typing import BinaryIO

import anyio
from anyio import CapacityLimiter, to_thread
from loguru import logger

from services.documents.decoding import decode
from services.documents.reading_process import ReadingProcess
from services.documents.reading_worker import Cut, ReadingAnswer, Request
from use_cases.conversations.model import PDF_MEDIA_TYPE
from use_cases.kernel.errors import CandorError
from use_cases.knowledge.errors import SourceTooCostly, SourceUnreadable
from use_cases.knowledge.model import ChunkPolicy, ParsedDocument

_START_SECONDS = 60.0
_MEGABYTE = 2**20


@dataclass(frozen=True, slots=True)
class Bounds:
    """The number of concurrent reads, and the limits of each. The time counts from its start."""

    processes: int = 2
    seconds: float = 60.0
    memory_bytes: int = 1024 * _MEGABYTE


class DocumentReader:
    """A reader of Markdown, text, reStructuredText, HTML, PDF, DOCX, CSV, TSV and XLSX. Close it."""

    def __init__(
        self,
        bounds: Bounds | None = None,
        cut: Cut | None = None,
    ) -> None:
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
        try:
            with anyio.fail_after(request.seconds):
                answer = await to_thread.run_sync(
                    process.exchange, request, abandon_on_cancel=True, limiter=self._threads
                )
            keep = not answer.is_last
        except TimeoutError:
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
        """Returns a process that is ready for a request, an idle one if possible."""
        while self._idle:
            process = self._idle.pop()
            if process.is_alive:
                break
            await self._end(process)
        else:
            process = await to_thread.run_sync(self._start, limiter=self._threads)
        try:
            with anyio.fail_after(_START_SECONDS):
                if not process.is_ready:
                    await to_thread.run_sync(
                        process.wait_until_ready, abandon_on_cancel=True, limiter=self._threads
                    )
        except TimeoutError:
            await self._end(process)
            raise SourceUnreadable("The process that reads files does not start.") from None
        except BaseException:
            await self._end(process)
            raise
        return process

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
        whole = await to_thread.run_sync(_whole, content)
        if media_type == PDF_MEDIA_TYPE:
            return (await self._reader.parse("attachment.pdf", whole)).text
        return await to_thread.run_sync(decode, whole)


def _whole(content: BinaryIO) -> bytes:
    content.seek(0)
    return content.read()

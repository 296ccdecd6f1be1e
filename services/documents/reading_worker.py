"""The process that reads files one after another, within bounds, until its input ends.

`reader.py` starts it as `python -m services.documents.reading_worker MEMORY_BYTES`. After
one byte for readiness, it takes a pickled tuple, a `Request`, from standard input for each `ReadingAnswer`
on standard output. Promises: it ends by itself at the end of its input, after a file that left it
large, when memory is short (with `OUT_OF_MEMORY`), and soon after a request's time is over, even
without its parent. Leaves to others: the deadline (its parent).
"""

import os
import pickle
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, TypeAlias

from services.documents.reading import read_document
from use_cases.kernel.errors import CandorError
from use_cases.knowledge.errors import SourceTooLarge
from use_cases.knowledge.model import ChunkPolicy, ParsedDocument, PassageDraft

READY: Final = b"R"
OUT_OF_MEMORY: Final = 77
"""The exit code for lack of memory."""

MOST_CHARACTERS: Final = 64_000_000
"""The limit of a document's text: the process that stores it holds it several times."""

_ORPHAN_SECONDS = 5.0
"""The delay after the parent's deadline at which the system ends an orphaned process."""

_NICE = 10
"""The niceness of the process: requests for answers and pages come first."""

_LARGE_BYTES = 256 * 1024 * 1024
"""The memory above which a process is replaced, because it keeps much of what a file took."""


Cut: TypeAlias = Callable[[ParsedDocument, ChunkPolicy], Sequence[PassageDraft]]
"""A module-level function, which the process imports by its name."""


class Request(NamedTuple):
    """A file (see `Reader.parse`), the time limit of its reading, and the function that cuts it."""

    name: str
    content: bytes
    description: bytes | None
    seconds: float
    cutting: tuple[Cut, ChunkPolicy] | None = None


class ReadingAnswer(NamedTuple):
    """The document, or an error. `cause` is a library's own error, for the log.

    `is_last`: the process ends after it.
    """

    outcome: ParsedDocument | CandorError
    cause: str
    is_last: bool


def main() -> None:
    """Takes the bounds, then answers requests."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library's prints are no answers
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # sent to the whole service: its parent decides
    if sys.platform != "win32":
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # the parent is gone: end silently
        os.nice(_NICE)
    bound_memory(int(sys.argv[1]))
    answers.write(READY)
    answers.flush()
    try:
        serve(sys.stdin.buffer, answers)
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)


def bound_memory(limit: int) -> None:
    """Bounds the address space. Linux only: elsewhere the limit is absent, or not enforced."""
    if sys.platform == "linux":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answers one request after the other. Raises `MemoryError`."""
    is_last = False
    while not is_last:
        try:
            request = Request(*pickle.load(requests))  # noqa: S301  (the parent's own)
        except EOFError:
            return
        _end_after(request.seconds + _ORPHAN_SECONDS)
        outcome, cause = answer(request)
        is_last = _resident_bytes() > _LARGE_BYTES
        pickle.dump((outcome, cause, is_last), answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()
        _end_after(0)


def answer(request: Request) -> tuple[ParsedDocument | CandorError, str]:
    """Reads and cuts one file; returns the outcome and the cause of a failure. Raises `MemoryError`."""
    try:
        document = read_document(request.name, request.content, request.description)
    except CandorError as error:
        return error, "" if error.__cause__ is None else repr(error.__cause__)
    if len(document.text) > MOST_CHARACTERS:
        error = SourceTooLarge(
            f"Its text has more than {MOST_CHARACTERS:,} characters.", hint="Split the file."
        )
        return error, ""
    if request.cutting is not None:
        cut, chunks = request.cutting
        # Hundreds of thousands of blocks would pause their receiver's garbage collection.
        document = replace(document, passages=cut(document, chunks), blocks=())
    return document, ""


def _end_after(seconds: float) -> None:
    """Lets the system end this process after so many seconds; 0: never."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _resident_bytes() -> int:
    """Returns the resident memory of this process; 0 where the system does not report it."""
    pages = Path("/proc/self/statm")
    return int(pages.read_text().split()[1]) * os.sysconf("SC_PAGESIZE") if pages.exists() else 0


if __name__ == "__main__":
    main()
